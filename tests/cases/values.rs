//! What stands in a cell.

use super::Place;

#[test]
fn case_04_decimals() {
    let place = Place::with(
        "participation.toml",
        "[columns]\n",
        "[columns]\n\"timmar per vecka\" = { type = \"integer\", minimum = 0, maximum = 400, decimals = 1 }\n",
    );
    place.land(&["04-decimals.csv"]).says(
        3,
        "
        04-decimals.csv (participation): 3 rader landade
          nya 3, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon; Timmar per vecka = timmar per vecka
          undantagen, rad 4, kolumn Timmar per vecka: punkten kan läsas på två sätt: 1.234 kan vara 1234 eller 1,234; skriv tusental utan punkt och decimaler med komma [value.number]
          undantagen, rad 6, kolumn Timmar per vecka: utanför 0–40; rätta värdet [value.range]
        ",
        "
        04-decimals.csv (participation): 3 rows landed
          new 3, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon; Timmar per vecka = timmar per vecka
          set aside, row 4, column Timmar per vecka: the point can be read in two ways: 1.234 may be 1234 or 1,234; write thousands without it and decimals with a comma [value.number]
          set aside, row 6, column Timmar per vecka: outside 0 to 40; correct the value [value.range]
        ",
    );
    place.has_landed("participation", "current", &["timmar per vecka"], &["125", "125", "200"]);
}

#[test]
fn case_17_education_or_status_missing() {
    let place = Place::new();
    place.land(&["17-missing.csv"]).says(
        0,
        "
        17-missing.csv (participation): 3 rader landade
          läst som: semikolon; Status vid start = labour_status
          varning, rad 3, kolumn Utbildning: uppgiften saknas; raden räknas bara i totalsummor, inte i uppdelningar efter kolumnen; fyll i den om den är känd [value.incomplete] (och 1 rad till)
          varning, rad 4, kolumn Status vid start: uppgiften saknas; raden räknas bara i totalsummor, inte i uppdelningar efter kolumnen; fyll i den om den är känd [value.incomplete]
        ",
        "
        17-missing.csv (participation): 3 rows landed
          read as: semicolon; Status vid start = labour_status
          warning, row 3, column Utbildning: no value; the row counts in grand totals only, not in breakdowns by this column; fill it in if it is known [value.incomplete] (and 1 more row)
          warning, row 4, column Status vid start: no value; the row counts in grand totals only, not in breakdowns by this column; fill it in if it is known [value.incomplete]
        ",
    );
    place.has_landed("participation", "current", &["education", "labour_status"], &[";", ";unemployed", "isced_3_4;unemployed"]);
}

#[test]
fn case_18_age_outside_working_life() {
    let place = Place::new();
    place.land(&["18-age.csv"]).says(
        0,
        "
        18-age.csv (participation): 3 rader landade
          läst som: semikolon
          varning, rad 3, kolumn Ålder: utanför det vanliga, 16–64; värdet behölls; kontrollera det [value.unusual] (och 1 rad till)
        ",
        "
        18-age.csv (participation): 3 rows landed
          read as: semicolon
          warning, row 3, column Ålder: outside the usual 16 to 64; the value was kept; check it [value.unusual] (and 1 more row)
        ",
    );
    place.has_landed("participation", "current", &["age"], &["15", "56", "65"]);
}

#[test]
fn case_19_rating_outside_its_scale() {
    let place = Place::new();
    place.land(&["19-scale.csv", "00-people.csv"]).says(
        3,
        "
        00-people.csv (participation): 2 rader landade
          läst som: semikolon
        19-scale.csv (rating): 2 rader landade
          nya 2, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 4, kolumn Skattning: utanför 1–5; rätta värdet [value.range]
          undantagen, rad 5, kolumn Skattning: utanför 1–5; rätta värdet [value.range]
        ",
        "
        00-people.csv (participation): 2 rows landed
          read as: semicolon
        19-scale.csv (rating): 2 rows landed
          new 2, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 4, column Skattning: outside 1 to 5; correct the value [value.range]
          set aside, row 5, column Skattning: outside 1 to 5; correct the value [value.range]
        ",
    );
    place.has_landed("rating", "current", &["area", "score"], &["competence;5", "health;1"]);
}

#[test]
fn case_24_names_of_municipalities() {
    let place = Place::new();
    place.land(&["24-near-names.csv"]).says(
        3,
        "
        24-near-names.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 2
          läst som: semikolon
          undantagen, rad 3, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          undantagen, rad 4, kolumn Kommun: inget av kolumnens tillåtna värden (de står i rättelselistan); skriv ett av dem, eller be den personuppgiftsansvarige om ett alias [value.code]
          varning, kolumn Kommun: en stavning i kolumnen liknar ”Hallstahammar”; menas det, skriv så, eller be den personuppgiftsansvarige om ett alias [value.near]
        ",
        "
        24-near-names.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 2
          read as: semicolon
          set aside, row 3, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          set aside, row 4, column Kommun: not one of the column's allowed values (they stand in the fix-list); write one of them, or ask the controller for an alias [value.code]
          warning, column Kommun: a spelling in this column is close to “Hallstahammar”; if it is meant, write it so or ask the controller for an alias [value.near]
        ",
    );
    place.has_landed("participation", "current", &["municipality"], &["1961"]);
}

#[test]
fn case_25_former_municipality_code() {
    let place = Place::new();
    place.land(&["25-former-code.csv"]).says(
        0,
        "
        25-former-code.csv (participation): 2 rader landade
          läst som: semikolon
          varning, rad 2, kolumn Kommun: en tidigare kod; den lästes som den som gäller nu; skriv helst den [value.former-code]
        ",
        "
        25-former-code.csv (participation): 2 rows landed
          read as: semicolon
          warning, row 2, column Kommun: a former code; it was read as its present one; preferably write that [value.former-code]
        ",
    );
    place.has_landed("participation", "current", &["municipality"], &["0331", "0331"]);
}

#[test]
fn case_28_errors_of_a_spreadsheet() {
    let place = Place::new();
    place.land(&["28-errors.csv"]).says(
        3,
        "
        28-errors.csv (participation): 1 rad landade
          nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 5
          läst som: semikolon
          undantagen, rad 3, kolumn Kommun: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
          undantagen, rad 4, kolumn Startdatum: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
          undantagen, rad 5, kolumn Ålder: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
          undantagen, rad 6, kolumn Personnr: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
          undantagen, rad 7, kolumn Samtycke: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
        ",
        "
        28-errors.csv (participation): 1 row landed
          new 1, changed 0, unchanged 0, withdrawn 0, set aside 5
          read as: semicolon
          set aside, row 3, column Kommun: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
          set aside, row 4, column Startdatum: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
          set aside, row 5, column Ålder: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
          set aside, row 6, column Personnr: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
          set aside, row 7, column Samtycke: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
        ",
    );
    place.has_landed("participation", "current", &["municipality"], &["1381"]);

    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Deltagare").unwrap();
    for (i, heading) in (0..).zip(["Projekt", "Personnr", "Startdatum", "Kommun"]) {
        sheet.write(0, i, heading).unwrap();
    }
    let number = super::filling("1");
    sheet.write(1, 0, "PROGRESS").unwrap().write(1, 1, &number).unwrap().write(1, 2, "2021-03-01").unwrap();
    sheet.write(1, 3, rust_xlsxwriter::Formula::new("VLOOKUP(A2,A3:B3,2,FALSE)").set_result("#N/A")).unwrap();
    place.land_bytes(&[], &[("28-errors.xlsx", book.save_to_buffer().unwrap())]).says(
        3,
        "
        28-errors.xlsx, blad Deltagare (participation): 0 rader landade
          nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 1
          undantagen, rad 2, kolumn Kommun: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
        ",
        "
        28-errors.xlsx, sheet Deltagare (participation): 0 rows landed
          new 0, changed 0, unchanged 0, withdrawn 0, set aside 1
          set aside, row 2, column Kommun: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
        ",
    );
}
