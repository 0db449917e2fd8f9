//! Words and signs as offices and spreadsheets write them, and people who cannot be.

use super::{Place, filled, filling};

/// A list of one column beside number, project and start, one row for each cell.
fn list(heading: &str, cells: &[&str]) -> Vec<u8> {
    let rows = cells.iter().enumerate().map(|(i, cell)| format!("{{{i}}};PROGRESS;2021-03-01;{cell}\n"));
    filled(format!("Personnr;Projekt;Startdatum;{heading}\n{}", rows.collect::<String>()).as_bytes())
}

#[track_caller]
fn lands(heading: &str, cells: &[&str], code: i32, sv: &str, en: &str) -> Place {
    let place = Place::new();
    place.land_bytes(&[], &[("list.csv", list(heading, cells))]).says(code, sv, en);
    place
}

#[test]
fn yes_and_no_as_spreadsheets_write_them() {
    let yes = ["ja", "SANT", "Sant", "TRUE", "1", "x", "J", "y", "Yes", "1.0", "1,0", "✓"];
    let no = ["Nej", "FALSKT", "falskt", "False", "0", "0,0", "n", "No"];
    let cells = [&yes[..], &no[..], &["-", "Vet ej", "t", "2", "kanske"][..]].concat();
    let place = lands("Funktionsnedsättning", &cells, 3, "
        list.csv (participation): 22 rader landade
          nya 22, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
          läst som: semikolon
          undantagen, rad 24, kolumn Funktionsnedsättning: ska vara ja eller nej; rätta värdet [value.boolean]
          undantagen, rad 25, kolumn Funktionsnedsättning: ska vara ja eller nej; rätta värdet [value.boolean]
          undantagen, rad 26, kolumn Funktionsnedsättning: ska vara ja eller nej; rätta värdet [value.boolean]
          varning, rad 23, kolumn Funktionsnedsättning: cellen säger att inget är känt; den lästes som tom; fyll i uppgiften om den finns [value.missing-word]
        ",
        "
        list.csv (participation): 22 rows landed
          new 22, changed 0, unchanged 0, withdrawn 0, set aside 3
          read as: semicolon
          set aside, row 24, column Funktionsnedsättning: must be yes or no; write ja or nej [value.boolean]
          set aside, row 25, column Funktionsnedsättning: must be yes or no; write ja or nej [value.boolean]
          set aside, row 26, column Funktionsnedsättning: must be yes or no; write ja or nej [value.boolean]
          warning, row 23, column Funktionsnedsättning: the cell says that nothing is known; it was read as empty; fill the value in if there is one [value.missing-word]
        ");
    let landed: Vec<&str> = [&["", ""][..], &["false"; 8], &["true"; 12]].concat();
    place.has_landed("participation", "current", &["disability"], &landed);
}

#[test]
fn a_consent_that_is_falskt_is_withdrawn() {
    let place = lands("Samtycke", &["SANT", "ja", "FALSKT"], 0, "
        list.csv (participation): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, uteslutna 1
          läst som: semikolon
          varning, rad 4: samtycket är återkallat; raden landar inte, och vad som landat om personen i projektet raderas; inget behöver göras [row.consent]
        ",
        "
        list.csv (participation): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, excluded 1
          read as: semicolon
          warning, row 4: consent is withdrawn; the row does not land, what the person had in this project is erased; nothing needs doing [row.consent]
        ");
    place.has_landed("participation", "current", &["project"], &["progress", "progress"]);
}

#[test]
fn a_value_that_is_said_to_be_missing_is_missing() {
    let cells = ["Uppgift saknas", "Okänt", "vet ej", "-", "–", "Ej angivet", "NULL", "Gymnasium"];
    let place = lands("Utbildning", &cells, 0, "
        list.csv (participation): 8 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Utbildning: uppgiften saknas; raden räknas bara i totalsummor, inte i uppdelningar efter kolumnen; fyll i den om den är känd [value.incomplete] (och 6 rader till)
        ",
        "
        list.csv (participation): 8 rows landed
          read as: semicolon
          warning, row 2, column Utbildning: no value; the row counts in grand totals only, not in breakdowns by this column; fill it in if it is known [value.incomplete] (and 6 more rows)
        ");
    place.has_landed("participation", "current", &["education"], &["", "", "", "", "", "", "", "isced_3_4"]);
    let place = lands("Kommun", &["Uppgift saknas", "-", "Laholm"], 0, "
        list.csv (participation): 3 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Kommun: cellen säger att inget är känt; den lästes som tom; fyll i uppgiften om den finns [value.missing-word]
        ",
        "
        list.csv (participation): 3 rows landed
          read as: semicolon
          warning, row 2, column Kommun: the cell says that nothing is known; it was read as empty; fill the value in if there is one [value.missing-word]
        ");
    place.has_landed("participation", "current", &["municipality"], &["", "", "1381"]);
    // What a list must have is asked for, and a code that is spelled so is that code.
    let rows = "Uppgift saknas;PROGRESS;2021-03-01\n{0};Okänt;2021-03-01\n{1};PROGRESS;vet ej\n";
    Place::new().land_bytes(&[], &[("list.csv", filled(format!("Personnr;Projekt;Startdatum\n{rows}").as_bytes()))]).says(
        3,
        "
        list.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
          läst som: semikolon
          undantagen, rad 2, kolumn Personnr: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 3, kolumn Projekt: uppgiften måste finnas; fyll i den [value.required]
          undantagen, rad 4, kolumn Startdatum: uppgiften måste finnas; fyll i den [value.required]
        ",
        "
        list.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 3
          read as: semicolon
          set aside, row 2, column Personnr: a value is required; fill it in [value.required]
          set aside, row 3, column Projekt: a value is required; fill it in [value.required]
          set aside, row 4, column Startdatum: a value is required; fill it in [value.required]
        ",
    );
}

#[test]
fn an_end_that_has_not_come_is_none() {
    let cells =
        ["Pågår", "pågående", "tills vidare", "-", "9999-12-31", "2999-12-31 00:00:00", "2099-12-31", "2021-09-01", "sedan"];
    let place = lands("Slutdatum", &cells, 3, "
        list.csv (participation): 8 rader landade
          nya 8, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 10, kolumn Slutdatum: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]
          varning, rad 6, kolumn Slutdatum: ett slutdatum så långt fram (år 9999) står för ett slut som inte är känt; det lästes som tomt; lämna helst cellen tom [value.open-end] (och 2 rader till)
        ",
        "
        list.csv (participation): 8 rows landed
          new 8, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 10, column Slutdatum: not a date (YYYY-MM-DD); correct it [value.date]
          warning, row 6, column Slutdatum: an end so far ahead (the year 9999) stands for one that is not known; it was read as empty; preferably leave the cell empty [value.open-end] (and 2 more rows)
        ");
    place.has_landed("participation", "current", &["end"], &["", "", "", "", "", "", "", "2021-09-01"]);
    lands("Resultatdatum", &["9999-12-31", "2021-09-01"], 3, "
        list.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2, kolumn Resultatdatum: ett datum så långt fram (år 9999) står för att inget är känt; skriv det verkliga datumet [value.date-far]
        ",
        "
        list.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2, column Resultatdatum: a date so far ahead (the year 9999) stands for none that is known; write the real date [value.date-far]
        ");
}

#[test]
fn dates_in_every_dress_and_what_is_none() {
    let dates = ["2021/02/01", "2021.02.01", "2021-2-1", "1 februari 2021", "2021–02–01", "2021-02-01T00:00:00Z", "44228.0"];
    let others = ["2021-02-01 13:37", "februari 2021", "1900-01-00", "0000-00-00", "9999-12-31", "2021-02-29", "31/12/2021"];
    let rows = dates.iter().chain(&others).enumerate().map(|(i, date)| format!("{{{i}}};PROGRESS;{date}\n"));
    let list = format!("Personnr;Projekt;Startdatum\n{}", rows.collect::<String>());
    let place = Place::new();
    place.land_bytes(&[], &[("list.csv", filled(list.as_bytes()))]).says(3, "
        list.csv (participation): 7 rader landade
          nya 7, ändrade 0, oförändrade 0, borttagna 0, undantagna 7
          läst som: semikolon
          undantagen, rad 9, kolumn Startdatum: ett datum med ett klockslag; skriv bara datumet (ÅÅÅÅ-MM-DD) [value.date-time]
          undantagen, rad 10, kolumn Startdatum: en månad utan dag; skriv hela datumet (ÅÅÅÅ-MM-DD) [value.date-day]
          undantagen, rad 11, kolumn Startdatum: en nolla som datum (dag 00, eller år 1899): cellen var tom där listan kommer ifrån; töm den, eller skriv datumet [value.date-zero]
          undantagen, rad 12, kolumn Startdatum: en nolla som datum (dag 00, eller år 1899): cellen var tom där listan kommer ifrån; töm den, eller skriv datumet [value.date-zero]
          undantagen, rad 13, kolumn Startdatum: ett datum så långt fram (år 9999) står för att inget är känt; skriv det verkliga datumet [value.date-far]
          undantagen, rad 14, kolumn Startdatum: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]
          undantagen, rad 15, kolumn Startdatum: dag och månad går inte att skilja åt (d/m-åå eller m/d-åå); skriv ÅÅÅÅ-MM-DD [value.date-order]
        ",
        "
        list.csv (participation): 7 rows landed
          new 7, changed 0, unchanged 0, withdrawn 0, set aside 7
          read as: semicolon
          set aside, row 9, column Startdatum: a date with a time of day; write only the date (YYYY-MM-DD) [value.date-time]
          set aside, row 10, column Startdatum: a month without a day; write the whole date (YYYY-MM-DD) [value.date-day]
          set aside, row 11, column Startdatum: a zero as a date (day 00, or the year 1899): the cell was empty where the list comes from; clear it, or write the date [value.date-zero]
          set aside, row 12, column Startdatum: a zero as a date (day 00, or the year 1899): the cell was empty where the list comes from; clear it, or write the date [value.date-zero]
          set aside, row 13, column Startdatum: a date so far ahead (the year 9999) stands for none that is known; write the real date [value.date-far]
          set aside, row 14, column Startdatum: not a date (YYYY-MM-DD); correct it [value.date]
          set aside, row 15, column Startdatum: day and month cannot be told apart (d/m-yy or m/d-yy); write YYYY-MM-DD [value.date-order]
        ");
    place.has_landed("participation", "current", &["start"], &["2021-02-01"; 7]);
}

#[test]
fn municipalities_as_they_call_themselves() {
    let cells = [
        "Stockholms stad",
        "Göteborgs Stad",
        "Malmö stad",
        "Borås Stad",
        "Halmstads kommun",
        "halmstad kommun",
        "1380 Halmstad",
        "Halmstad (1380)",
        "1380",
        "Region Gotland",
        "114",
        "114 Upplands Väsby",
    ];
    let place = lands("Kommun", &cells, 0, "
        list.csv (participation): 12 rader landade
          läst som: semikolon
          varning, rad 12, kolumn Kommun: koden har förlorat sin inledande nolla och lästes med den; gör kolumnen till text [value.lost-zero] (och 1 rad till)
        ",
        "
        list.csv (participation): 12 rows landed
          read as: semicolon
          warning, row 12, column Kommun: the code has lost its leading zero and was read with it; store the column as text [value.lost-zero] (and 1 more row)
        ");
    let landed = ["0114", "0114", "0180", "0980", "1280", "1380", "1380", "1380", "1380", "1380", "1480", "1490"];
    place.has_landed("participation", "current", &["municipality"], &landed);
    lands("Kommun", &["1380 Laholm", "138", "Laholms stads"], 3, "
        list.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 2, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          undantagen, rad 4, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          varning, rad 3, kolumn Kommun: koden har förlorat sin inledande nolla och lästes med den; gör kolumnen till text [value.lost-zero]
        ",
        "
        list.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 2, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          set aside, row 4, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          warning, row 3, column Kommun: the code has lost its leading zero and was read with it; store the column as text [value.lost-zero]
        ");
}

#[test]
fn headings_without_their_rings_and_dots_and_a_jobseeker() {
    let place = Place::new();
    let rows = "{0};PROGRESS;2021-03-01;Kvinna;30;Arbetssökande\n{1};PROGRESS;2021-03-01;Man;40;Långtidsarbetssökande\n";
    let headings = "Personnr;Projekt;Startdatum;Kon;Alder;Sysselsattning vid start\n";
    place.land_bytes(&[], &[("list.csv", filled(format!("{headings}{rows}").as_bytes()))]).says(0, "
        list.csv (participation): 2 rader landade
          läst som: semikolon; Kon = sex, Alder = age, Sysselsattning vid start = labour_status
          varning, rad 2, kolumn Alder: listan och numret säger olika ålder; listans uppgift behölls; kontrollera raden [identity.age] (och 1 rad till)
        ",
        "
        list.csv (participation): 2 rows landed
          read as: semicolon; Kon = sex, Alder = age, Sysselsattning vid start = labour_status
          warning, row 2, column Alder: the list and the number disagree on the age; what the list says was kept; check the row [identity.age] (and 1 more row)
        ");
    place.has_landed("participation", "current", &["age", "labour_status"], &["30;unemployed", "40;long_term_unemployed"]);
    let named = "Personnr;Projekt;Startdatum;Ovrigt\n{0};PROGRESS;2021-03-01;\n";
    place.land_bytes(&[], &[("named.csv", filled(named.as_bytes()))]).says(3, "
        named.csv: avvisad, inget landade
          avvisad, rad 1, kolumn D: namn, kontaktuppgifter eller fritext; ta bort kolumnen, eller be den personuppgiftsansvarige utelämna den (`utfall map`) [column.personal]
        ",
        "
        named.csv: rejected, nothing landed
          rejected, row 1, column D: names, contact details or free text; remove the column, or have the controller drop it with a mapping (`utfall map`) [column.personal]
        ");
}

/// The official test numbers, those of people who would be over a hundred among them.
fn numbers() -> impl Iterator<Item = &'static str> {
    let files = [include_str!("../fixture/identity/personnummer.txt"), include_str!("../fixture/identity/samordningsnummer.txt")];
    files.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#'))
}

/// An official number of somebody born then, as twelve digits.
fn born(days: std::ops::RangeInclusive<&str>) -> &'static str {
    numbers().find(|n| days.contains(&&n[..8])).unwrap()
}

#[test]
fn nobody_is_older_than_120() {
    let list = format!(
        "Personnr;Projekt;Startdatum\n{};PROGRESS;2021-03-01\n{};PROGRESS;2021-03-01\n{}+{};PROGRESS;2021-03-01\n",
        born("18900101"..="18901231"),
        born("19050101"..="19051231"),
        &born("18990101"..="18991231")[2..8],
        &born("18990101"..="18991231")[8..],
    );
    Place::new().land_bytes(&[], &[("list.csv", list.into_bytes())]).says(3, "
        list.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 2, kolumn Personnr: äldre än 120 år vid startdatumet, enligt numret; rätta numret (seklet) eller datumet [identity.age-impossible]
          undantagen, rad 4, kolumn Personnr: äldre än 120 år vid startdatumet, enligt numret; rätta numret (seklet) eller datumet [identity.age-impossible]
          varning, rad 3, kolumn Personnr: åldern vid start enligt numret är utanför det vanliga, 16–64; den behölls; kontrollera numret och startdatumet [identity.unusual-age]
          varning, rad 4, kolumn Personnr: sekel saknas; det senaste som inte ligger i framtiden antogs; skriv helst tolv siffror [identity.century]
        ",
        "
        list.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 2, column Personnr: older than 120 at the start date, by the number; correct the number (its century) or the date [identity.age-impossible]
          set aside, row 4, column Personnr: older than 120 at the start date, by the number; correct the number (its century) or the date [identity.age-impossible]
          warning, row 3, column Personnr: the age at the start, by the number, is outside the usual 16 to 64; it was kept; check number and start date [identity.unusual-age]
          warning, row 4, column Personnr: no century; the latest that is not in the future was taken; preferably write twelve digits [identity.century]
        ");
    let list = format!(
        "Personnr;Projekt;Datum;Område;Skattad av;Skattning\n{};PROGRESS;2021-03-05;Hälsa;Deltagaren;3\n",
        born("18900101"..="18901231")
    );
    Place::new().land_bytes(&[], &[("ratings.csv", list.into_bytes())]).says(
        3,
        "
        ratings.csv (rating): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2, kolumn Personnr: äldre än 120 år vid startdatumet, enligt numret; rätta numret (seklet) eller datumet [identity.age-impossible]
        ",
        "
        ratings.csv (rating): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2, column Personnr: older than 120 at the start date, by the number; correct the number (its century) or the date [identity.age-impossible]
        ",
    );
}

#[test]
fn two_spellings_of_a_century_are_told() {
    let old = born("19150101"..="19191231");
    let young = born("20150101"..="20191231");
    let list = format!(
        "Personnr;Projekt;Startdatum\n{old};PROGRESS;2021-03-01\n20{};PROGRESS;2021-03-01\n{};PROGRESS;2021-03-01\n",
        &old[2..],
        &young[2..],
    );
    Place::new().land_bytes(&[], &[("list.csv", list.into_bytes())]).says(3, "
        list.csv (participation): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 4, kolumn Personnr: sekel saknas, och personen kan vara ett barn eller över hundra år; skriv tolv siffror [identity.century-unclear]
          varning, rad 2, kolumn Personnr: åldern vid start enligt numret är utanför det vanliga, 16–64; den behölls; kontrollera numret och startdatumet [identity.unusual-age] (och 2 rader till)
          varning, rad 2, kolumn Personnr: listan har samma tio siffror med ett annat sekel, och det räknas som två personer; rätta det sekel som är fel [identity.century-twice]
        ",
        "
        list.csv (participation): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 4, column Personnr: no century, and the person may be a child or over a hundred; write twelve digits [identity.century-unclear]
          warning, row 2, column Personnr: the age at the start, by the number, is outside the usual 16 to 64; it was kept; check number and start date [identity.unusual-age] (and 2 more rows)
          warning, row 2, column Personnr: the list has the same ten digits with another century, and that counts as two people; correct the century that is wrong [identity.century-twice]
        ");
}

#[test]
fn a_danish_number_is_no_coordination_number() {
    let coordination = |years: std::ops::RangeInclusive<&str>| {
        let told = |n: &str| &n[6..8] > "60" && &n[4..6] > "00" && &n[4..6] < "13";
        numbers().find(|n| years.contains(&&n[..4]) && told(n)).unwrap()
    };
    let (young, other) = (coordination("2001"..="2004"), coordination("1965"..="1999"));
    let list = format!(
        "Personnr;Projekt;Startdatum\n{};PROGRESS;2021-03-01\n{young};PROGRESS;2021-03-01\n{};PROGRESS;2021-03-01\n",
        &young[2..],
        &other[2..],
    );
    Place::new().land_bytes(&[], &[("list.csv", list.into_bytes())]).says(3, "
        list.csv (participation): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2, kolumn Personnr: kan vara ett danskt personnummer (CPR, DDMMÅÅ-NNNN); är det ett svenskt samordningsnummer, skriv alla tolv siffror [identity.danish]
          varning, rad 4, kolumn Personnr: sekel saknas; det senaste som inte ligger i framtiden antogs; skriv helst tolv siffror [identity.century]
        ",
        "
        list.csv (participation): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2, column Personnr: may be a Danish number (CPR, DDMMYY-NNNN); if it is a Swedish coordination number, write all twelve digits [identity.danish]
          warning, row 4, column Personnr: no century; the latest that is not in the future was taken; preferably write twelve digits [identity.century]
        ");
}

#[test]
fn names_of_another_kind_are_people_too() {
    let place = Place::with("participation.toml", "identity    = \"se\"", "identity    = \"opaque\"");
    for table in ["activity", "answer", "milestone", "plan_review", "rating"] {
        let file = place.home.join(format!("schemas/{table}.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("identity    = \"se\"", "identity    = \"opaque\"")).unwrap();
    }
    let number = filling("0");
    let rows = [
        "A-17;PROGRESS;2021-03-01;Laholm",
        "\u{200b}A-17 ;PROGRESS;2022-03-01;Laholm",
        "A\u{30a}sa;PROGRESS;2021-03-01;Laholm",
        "Åsa;PROGRESS;2022-03-01;Laholm",
        &format!("{number};PROGRESS;2021-03-01;Laholm"),
        "Okänt;PROGRESS;2021-03-01;Laholm",
        "1,2345E+11;PROGRESS;2021-03-01",
        "Summa;;;4",
        "Personnr;Projekt;Startdatum;Kommun",
        "Utskrivet av systemet;;;",
    ];
    let list = |rows: &[&str]| format!("Personnr;Projekt;Startdatum;Kommun\n{}\n", rows.join("\n")).into_bytes();
    place.land_bytes(&[], &[("rewritten.csv", list(&rows))]).says(3, "
        rewritten.csv (participation): avvisad, inget landade
          avvisad, rad 8, kolumn Personnr: kalkylprogrammet har gjort numren till tal (inledande nolla borta, 1,99E+11); gör kolumnen till text och fyll i den igen [identity.rewritten]
        ",
        "
        rewritten.csv (participation): rejected, nothing landed
          rejected, row 8, column Personnr: the spreadsheet has made numbers of them (a leading zero lost, 1.99E+11); store the column as text and fill it in anew [identity.rewritten]
        ");
    let rows: Vec<&str> = rows.into_iter().filter(|row| !row.contains("E+11")).collect();
    place.land_bytes(&[], &[("list.csv", list(&rows))]).says(3, "
        list.csv (participation): 3 rader landade
          nya 3, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 7, kolumn Personnr: uppgiften måste finnas; fyll i den [value.required]
          varning, rad 3: överlappar en annan period för samma person i projektet; de blev ett enda deltagande; kontrollera datumen [row.merged] (och 1 rad till)
          varning, rad 8: summaraden togs inte med; inget behöver göras [row.totals]
          varning, rad 9: rubrikraden står en gång till; den togs inte med; inget behöver göras [row.headings]
          varning, rad 10: bara text i en eller två celler, inget personnummer; raden togs inte med; hör den till en deltagare, fyll i resten av den [row.footer]
        ",
        "
        list.csv (participation): 3 rows landed
          new 3, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 7, column Personnr: a value is required; fill it in [value.required]
          warning, row 3: overlaps another period of the same person in the project; they became one participation; check the dates [row.merged] (and 1 more row)
          warning, row 8: the totals row was left out; nothing needs doing [row.totals]
          warning, row 9: the row of headings is repeated; it was left out; nothing needs doing [row.headings]
          warning, row 10: only text in one or two cells, no identity number; the row was left out; if it is a participant's, fill in the rest of it [row.footer]
        ");
    place.has_landed("participation", "current", &["start", "participant"], &["2021-03-01;a", "2021-03-01;b", "2021-03-01;c"]);
    // Who is to be forgotten is named so too.
    for world in &place.worlds {
        let names = std::fs::File::open(world.write("names.txt", "A\u{30a}sa\n")).unwrap();
        let mut command = world.command(&["forget", "--lang", "en"]);
        let said = crate::world::said(command.env("UTFALL_HOME", &place.home).stdin(names).output().unwrap());
        assert!(said.code == 0 && said.out.starts_with("erased: 1 of 1 people had landed rows"), "{said:?}");
    }
    place.has_landed("participation", "current", &["start", "participant"], &["2021-03-01;a", "2021-03-01;b"]);
}
