//! What a file is, and what its headings are.

use super::{Place, filled, fixture, fixture_path};
use crate::world::contents;

#[test]
fn case_01_cp1252() {
    let place = Place::new();
    place.land(&["01-cp1252.csv"]).says(
        0,
        "
        01-cp1252.csv (participation): 2 rader landade
          läst som: Windows-1252, semikolon
          varning: filen är inte i UTF-8 och lästes som Windows-1252; spara den helst som CSV UTF-8 [file.cp1252]
        ",
        "
        01-cp1252.csv (participation): 2 rows landed
          read as: Windows-1252, semicolon
          warning: the file is not UTF-8 and was read as Windows-1252; preferably save it as CSV UTF-8 [file.cp1252]
        ",
    );
    let lines = ["traning-ger-fardighet;0117;male", "traning-ger-fardighet;0181;female"];
    place.has_landed("participation", "current", &["project", "municipality", "sex"], &lines);
}

#[test]
fn case_02_byte_order_mark() {
    let place = Place::new();
    assert!(fixture("02-bom.csv").starts_with(b"\xEF\xBB\xBFPersonnr;"));
    place.land(&["02-bom.csv"]).says(
        0,
        "
        02-bom.csv (participation): 1 rad landade
          läst som: semikolon
        ",
        "
        02-bom.csv (participation): 1 row landed
          read as: semicolon
        ",
    );
    place.has_landed("participation", "current", &["start", "sex"], &["2021-03-01;female"]);
}

#[test]
fn case_03_separator() {
    let place = Place::new();
    place.land(&["03-separator.csv"]).says(
        3,
        "
        03-separator.csv: avvisad, inget landade
          avvisad: det går inte att se vad som skiljer kolumnerna åt; använd semikolon [file.separator]
        ",
        "
        03-separator.csv: rejected, nothing landed
          rejected: it is unclear what separates the columns; use semicolons [file.separator]
        ",
    );
    place.has_landed("participation", "current", &["start"], &[]);
}

#[test]
fn case_05_headings() {
    let place = Place::new();
    place.land(&["05-pnr.csv", "05-fodelsenr.csv", "05-unknown.csv"]).says(
        3,
        "
        05-unknown.csv: avvisad, inget landade
          avvisad, rad 1, kolumn D: okänd kolumn; ta bort den, eller be den personuppgiftsansvarige koppla eller utelämna den (`utfall map`) [column.unknown]
        05-pnr.csv (participation): 1 rad landade
          läst som: semikolon; Projektnamn = project, Pnr = participant, Inskriven = start, Utskriven = end
        05-fodelsenr.csv (participation): 1 rad landade
          läst som: semikolon; DIARIENUMMER = project, födelsenr = participant, Inskrivnings-datum = start
        ",
        "
        05-unknown.csv: rejected, nothing landed
          rejected, row 1, column D: unknown column; remove it, or have the controller map or drop it (`utfall map`) [column.unknown]
        05-pnr.csv (participation): 1 row landed
          read as: semicolon; Projektnamn = project, Pnr = participant, Inskriven = start, Utskriven = end
        05-fodelsenr.csv (participation): 1 row landed
          read as: semicolon; DIARIENUMMER = project, födelsenr = participant, Inskrivnings-datum = start
        ",
    );
    place.has_landed("participation", "current", &["start", "end"], &["2021-03-01;", "2021-03-01;2021-09-01"]);

    let mapping = fixture_path("05-mapping.toml").display().to_string();
    place.land_with(&["--map", &mapping], &["05-unknown.csv"]).says(
        0,
        "
        05-unknown.csv (participation): 1 rad landade
          läst som: semikolon
          varning, rad 1, kolumn D: kolumnen utelämnades, som kopplingen säger; inget behöver göras [column.dropped]
        ",
        "
        05-unknown.csv (participation): 1 row landed
          read as: semicolon
          warning, row 1, column D: the column was dropped, as the mapping says; nothing needs doing [column.dropped]
        ",
    );
    place.has_landed("participation", "current", &["start", "end"], &["2021-03-01;", "2021-03-01;", "2021-03-01;2021-09-01"]);
}

#[test]
fn case_06_title_rows() {
    let place = Place::new();
    place.land(&["06-title-rows.csv"]).says(
        3,
        "
        06-title-rows.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon, rubriker på rad 4
          undantagen, rad 6, kolumn Kön: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          varning: rader ovanför rubrikerna som hoppades över: 2; står ingen deltagare där behöver inget göras [file.title-rows]
        ",
        "
        06-title-rows.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon, headings on row 4
          set aside, row 6, column Kön: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          warning: rows above the headings that were skipped: 2; if no participant is among them, nothing needs doing [file.title-rows]
        ",
    );
    place.has_landed("participation", "current", &["sex"], &["female"]);
}

#[test]
fn case_26_names_and_free_text() {
    let place = Place::new();
    place.land(&["26-names.csv"]).says(
        3,
        "
        26-names.csv: avvisad, inget landade
          avvisad, rad 1, kolumn B: namn, kontaktuppgifter eller fritext; ta bort kolumnen, eller be den personuppgiftsansvarige utelämna den (`utfall map`) [column.personal]
          avvisad, rad 1, kolumn F: namn, kontaktuppgifter eller fritext; ta bort kolumnen, eller be den personuppgiftsansvarige utelämna den (`utfall map`) [column.personal]
        ",
        "
        26-names.csv: rejected, nothing landed
          rejected, row 1, column B: names, contact details or free text; remove the column, or have the controller drop it with a mapping (`utfall map`) [column.personal]
          rejected, row 1, column F: names, contact details or free text; remove the column, or have the controller drop it with a mapping (`utfall map`) [column.personal]
        ",
    );
    place.has_landed("participation", "current", &["start"], &[]);
    let mapping = fixture_path("26-mapping.toml").display().to_string();
    place.land_with(&["--map", &mapping], &["26-names.csv"]).says(
        0,
        "
        26-names.csv (participation): 1 rad landade
          läst som: semikolon
          varning, rad 1, kolumn B: kolumnen utelämnades, som kopplingen säger; inget behöver göras [column.dropped]
          varning, rad 1, kolumn F: kolumnen utelämnades, som kopplingen säger; inget behöver göras [column.dropped]
        ",
        "
        26-names.csv (participation): 1 row landed
          read as: semicolon
          warning, row 1, column B: the column was dropped, as the mapping says; nothing needs doing [column.dropped]
          warning, row 1, column F: the column was dropped, as the mapping says; nothing needs doing [column.dropped]
        ",
    );
    place.has_landed("participation", "current", &["start", "municipality"], &["2021-03-01;1381"]);
}

#[test]
fn case_27_totals_row() {
    let place = Place::new();
    place.land(&["27-totals.csv"]).says(
        0,
        "
        27-totals.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 4: summaraden togs inte med; inget behöver göras [row.totals]
        ",
        "
        27-totals.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 4: the totals row was left out; nothing needs doing [row.totals]
        ",
    );
    place.has_landed("participation", "current", &["start"], &["2021-03-01", "2021-03-01"]);
}

#[test]
fn case_27_totals_rows_in_other_words() {
    let place = Place::new();
    let rows = ["Summa;1", "Summa 1;;;", ";;;Antal: 12", "Totalt antal;2;;", ";;totalt;"];
    let list = format!("Projekt;Personnr;Startdatum;Resultat\nPROGRESS;{{0}};2021-03-01;\n{}\n", rows.join("\n"));
    place.land_bytes(&[], &[("totals.csv", filled(list.as_bytes()))]).says(
        0,
        "
        totals.csv (participation): 1 rad landade
          läst som: semikolon
          varning, rad 3: summaraden togs inte med; inget behöver göras [row.totals] (och 4 rader till)
        ",
        "
        totals.csv (participation): 1 row landed
          read as: semicolon
          warning, row 3: the totals row was left out; nothing needs doing [row.totals] (and 4 more rows)
        ",
    );
    // A row of somebody is never one of totals, whatever its cells say.
    place.land_bytes(&[], &[("short.csv", filled(b"Projekt;Personnr;Startdatum;Resultat\nSumma;{1}\n"))]).says(
        3,
        "
        short.csv (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          läst som: semikolon
          undantagen, rad 2: raden har inte lika många fält som rubrikraden; kontrollera skiljetecken och citattecken på raden [row.fields]
        ",
        "
        short.csv (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 1
          read as: semicolon
          set aside, row 2: the row does not have as many fields as the headings; check its separators and quotation marks [row.fields]
        ",
    );
}

#[test]
fn case_29_empty_file_or_month_without_participants() {
    let place = Place::new();
    place.land(&["29-empty.csv"]).says(
        3,
        "
        29-empty.csv: avvisad, inget landade
          avvisad: filen är tom; även en månad utan deltagare ska ha rubrikraden [file.empty]
        ",
        "
        29-empty.csv: rejected, nothing landed
          rejected: the file is empty; even a month without participants has its headings [file.empty]
        ",
    );
    place.land_with(&["--project", "progress"], &["29-no-participants-2021-04.csv"]).says(
        0,
        "
        29-no-participants-2021-04.csv (participation): 0 rader landade
          månad 2021-04: nya 0, ändrade 0, oförändrade 0, borttagna 0
          läst som: semikolon, månad 2021-04
          varning: filen har rubriker men inga rader; om det stämmer behöver inget göras [file.no-rows]
        ",
        "
        29-no-participants-2021-04.csv (participation): 0 rows landed
          month 2021-04: new 0, changed 0, unchanged 0, withdrawn 0
          read as: semicolon, month 2021-04
          warning: the file has headings but no rows; if that is right, nothing needs doing [file.no-rows]
        ",
    );
}

#[test]
fn case_30_same_file_twice() {
    let place = Place::new();
    place.land(&["30-twice.csv"]).says(
        0,
        "
        30-twice.csv (participation): 2 rader landade
          läst som: semikolon
        ",
        "
        30-twice.csv (participation): 2 rows landed
          read as: semicolon
        ",
    );
    let before = place.worlds.each_ref().map(|world| contents(&world.path("data")));
    place.land_bytes(&[], &[("30-again.csv", filled(&fixture("30-twice.csv")))]).says(
        0,
        "
        30-again.csv (participation): har landat tidigare, inget ändrat
          läst som: semikolon
        ",
        "
        30-again.csv (participation): landed before, nothing changed
          read as: semicolon
        ",
    );
    assert!(place.worlds.each_ref().map(|world| contents(&world.path("data"))) == before);
}

#[test]
fn case_33_changed_wording() {
    let place = Place::new();
    place.land(&["00-people.csv", "33-wording.csv"]).says(
        3,
        "
        00-people.csv (participation): 2 rader landade
          läst som: semikolon
        33-wording.csv (answer): avvisad, inget landade
          avvisad, rad 3, kolumn Fråga: en fråga lyder inte som överenskommet och är då en annan fråga; använd rätt lydelse, eller be om en ny frågekod [value.wording]
        ",
        "
        00-people.csv (participation): 2 rows landed
          read as: semicolon
        33-wording.csv (answer): rejected, nothing landed
          rejected, row 3, column Fråga: a question is not worded as agreed and so is another question; use the agreed wording, or ask for a new question code [value.wording]
        ",
    );
    place.has_landed("answer", "current", &["question"], &[]);
}
