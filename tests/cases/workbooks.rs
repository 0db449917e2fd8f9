//! Workbooks mean what a person sees in them.

pub(super) mod made;

use made::Kind::{Ods, Xlsx};
use made::{Kind, Sheet, merge, sheet};

use super::{Heard, Place, filled};
use crate::world::World;

const EMPTY: [&str; 4] = [""; 4];

/// Lands a workbook of a kind; what is said of it is the same for both but for the file's name.
fn land(kind: Kind, place: &Place, sheets: &[Sheet], says: &str) -> Heard {
    let mut heard = place.land_bytes(&[], &[(&kind.file("lista"), kind.book(sheets, says))]);
    heard.out.iter_mut().for_each(|out| *out = out.replace(&kind.file("lista"), "lista"));
    heard
}

#[test]
fn hidden_sheets_are_named_and_not_read() {
    for kind in [Xlsx, Ods] {
        let place = Place::new();
        let shown = sheet("Deltagare", &[["{0}", "PROGRESS", "2021-03-01", "Laholm"]]);
        let old = Sheet { hidden: true, ..sheet("Gammal kopia", &[["{0}", "PROGRESS", "2020-01-01", "Halmstad"]]) };
        let template = Sheet { hidden: true, ..sheet("Mall", &[]) };
        land(kind, &place, &[old, shown, template], "").says(
            0,
            "
            lista, blad Deltagare (participation): 1 rad landade
              varning: dolda blad lästes inte: Gammal kopia, Mall; är något av dem en lista, visa det (högerklicka på en flik, Ta fram) och skicka filen på nytt; annars behöver inget göras [file.hidden-sheets]
            ",
            "
            lista, sheet Deltagare (participation): 1 row landed
              warning: hidden sheets were not read: Gammal kopia, Mall; if one of them is a list, show it (right-click a tab, Unhide) and send the file again; otherwise nothing needs doing [file.hidden-sheets]
            ",
        );
        place.has_landed("participation", "current", &["start", "municipality"], &["2021-03-01;1381"]);
        // A list that nobody sees is none, alone and beside a sheet of something else.
        let hidden = || Sheet { hidden: true, ..sheet("Deltagare", &[["{1}", "PROGRESS", "2021-03-01", "Laholm"]]) };
        let other = Sheet { rows: vec![("", vec!["Läs detta".into(), "först".into()])], ..sheet("Instruktion", &[]) };
        for sheets in [vec![hidden()], vec![other, hidden()]] {
            land(kind, &place, &sheets, "").says(
                3,
                "
                lista: avvisad, inget landade
                  avvisad: inget blad som visas har rubrikerna till en känd lista, och dolda blad läses inte: Deltagare; visa det som är listan (högerklicka på en flik, Ta fram), eller rätta rubrikerna [file.only-hidden]
                ",
                "
                lista: rejected, nothing landed
                  rejected: no sheet that is shown has the headings of a known list, and hidden sheets are not read: Deltagare; show the one that is the list (right-click a tab, Unhide), or correct the headings [file.only-hidden]
                ",
            );
        }
        place.has_landed("participation", "current", &["start", "municipality"], &["2021-03-01;1381"]);
    }
}

#[test]
fn hidden_rows_and_columns_are_read_and_counted() {
    for (kind, filtered, folded, columns) in [
        (Xlsx, "hidden=\"1\"", "hidden=\"true\"", "<cols><col min=\"3\" max=\"9\" hidden=\"1\"/></cols>"),
        (
            Ods,
            "table:visibility=\"filter\"",
            "table:visibility=\"collapse\"",
            "<table:table-column table:number-columns-repeated=\"2\"/><table:table-column table:number-columns-repeated=\"7\" table:visibility=\"collapse\"/>",
        ),
    ] {
        let place = Place::new();
        let mut list = sheet(
            "Deltagare",
            &[
                ["{0}", "PROGRESS", "2021-03-01", "Laholm"],
                ["{1}", "PROGRESS", "2021-03-02", "Laholm"],
                ["{2}", "PROGRESS", "2021-03-03", "Laholm"],
                EMPTY,
            ],
        );
        (list.rows[2].0, list.rows[3].0, list.rows[4].0) = (filtered, folded, filtered);
        list.before = columns.to_owned();
        land(kind, &place, &[list], "").says(
            0,
            "
            lista, blad Deltagare (participation): 3 rader landade
              varning: dolda eller bortfiltrerade rader som lästes: 2; hör de inte till listan, ta bort dem och skicka filen på nytt; annars behöver inget göras [file.hidden-rows]
              varning: dolda kolumner som lästes: 2; visa dem och kontrollera att de stämmer [file.hidden-columns]
            ",
            "
            lista, sheet Deltagare (participation): 3 rows landed
              warning: hidden or filtered rows that were read: 2; if they are not of the list, delete them and send the file again; otherwise nothing needs doing [file.hidden-rows]
              warning: hidden columns that were read: 2; show them and check that they are right [file.hidden-columns]
            ",
        );
        let days = ["2021-03-01", "2021-03-02", "2021-03-03"];
        place.has_landed("participation", "current", &["start"], &days);
    }
}

#[test]
fn a_formula_without_a_stored_result_sets_its_row_aside() {
    let cases = [
        (
            Xlsx,
            "",
            vec![
                "<c><f>X</f></c>",
                "<c><f>X</f><v></v></c>",
                "<c t=\"str\"><f>X</f><v></v></c>",
                "<c><f t=\"shared\" si=\"0\"/></c>",
            ],
        ),
        // As libraries write what they have not calculated.
        (
            Xlsx,
            "<calcPr fullCalcOnLoad=\"1\"/>",
            vec![
                "<c><f>X</f><v>0</v></c>",
                "<c t=\"str\"><f>X</f><v></v></c>",
                "<c><f>X</f><v/></c>",
                "<c><f t=\"array\" ref=\"D5\">X</f><v>0</v></c>",
            ],
        ),
        (
            Ods,
            "",
            vec![
                "<table:table-cell table:formula=\"of:=X\"/>",
                "<table:table-cell table:formula=\"of:=X\" office:value-type=\"float\"/>",
                "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\" office:string-value=\"\"/>",
                "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\"/>",
            ],
        ),
    ];
    for (kind, says, formulas) in cases {
        let place = Place::new();
        let given = match kind {
            Xlsx => "<c t=\"str\"><f>X</f><v>Laholm</v></c>",
            Ods => {
                "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\"><text:p>Laholm</text:p></table:table-cell>"
            }
        };
        let rows: Vec<[&str; 4]> = std::iter::zip(["{1}", "{2}", "{3}", "{4}"], &formulas)
            .map(|(number, formula)| [number, "PROGRESS", "2021-03-01", *formula])
            .chain([["{0}", "PROGRESS", "2021-03-01", given]])
            .collect();
        land(kind, &place, &[sheet("Deltagare", &rows)], says).says(
            3,
            "
            lista, blad Deltagare (participation): 1 rad landade
              nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 4
              undantagen, rad 2, kolumn Kommun: en formel utan sparat resultat; öppna listan i kalkylprogrammet, spara den och skicka den på nytt [value.formula]
              undantagen, rad 3, kolumn Kommun: en formel utan sparat resultat; öppna listan i kalkylprogrammet, spara den och skicka den på nytt [value.formula]
              undantagen, rad 4, kolumn Kommun: en formel utan sparat resultat; öppna listan i kalkylprogrammet, spara den och skicka den på nytt [value.formula]
              undantagen, rad 5, kolumn Kommun: en formel utan sparat resultat; öppna listan i kalkylprogrammet, spara den och skicka den på nytt [value.formula]
            ",
            "
            lista, sheet Deltagare (participation): 1 row landed
              new 1, changed 0, unchanged 0, withdrawn 0, set aside 4
              set aside, row 2, column Kommun: a formula without a stored result; open the list in the spreadsheet program, save it and send it again [value.formula]
              set aside, row 3, column Kommun: a formula without a stored result; open the list in the spreadsheet program, save it and send it again [value.formula]
              set aside, row 4, column Kommun: a formula without a stored result; open the list in the spreadsheet program, save it and send it again [value.formula]
              set aside, row 5, column Kommun: a formula without a stored result; open the list in the spreadsheet program, save it and send it again [value.formula]
            ",
        );
        place.has_landed("participation", "current", &["start", "municipality"], &["2021-03-01;1381"]);
    }
}

#[test]
fn a_merged_cell_gives_its_value_to_each_of_its_rows() {
    for kind in [Xlsx, Ods] {
        let place = Place::new();
        let mut list = sheet(
            "Deltagare",
            &[
                ["{0}", "PROGRESS", "2021-03-01", "Laholm"],
                ["{1}", "", "2021-03-02", ""],
                ["{2}", "", "2021-03-03", ""],
                ["{3}", "PROGRESS", "2021-03-04", "Halmstad"],
            ],
        );
        merge(kind, &mut list, &[("B2:B4", 1, 1, [3, 1]), ("D2:D4", 1, 3, [3, 1])]);
        land(kind, &place, &[list], "").says(
            0,
            "
            lista, blad Deltagare (participation): 4 rader landade
              varning: rader som fick ett värde från en cell som är sammanfogad med en rad ovanför: 2; stämmer det behöver inget göras [file.merged]
            ",
            "
            lista, sheet Deltagare (participation): 4 rows landed
              warning: rows that were given a value by a cell that is merged with a row above: 2; if that is right, nothing needs doing [file.merged]
            ",
        );
        let lines = ["2021-03-01;1381", "2021-03-02;1381", "2021-03-03;1381", "2021-03-04;1380"];
        place.has_landed("participation", "current", &["start", "municipality"], &lines);
    }
}

#[test]
fn a_merged_cell_that_has_no_meaning_is_named() {
    for kind in [Xlsx, Ods] {
        let place = Place::new();
        let mut list = sheet(
            "Deltagare",
            &[
                ["{0}", "PROGRESS", "2021-03-01", "Laholm"],
                ["", "PROGRESS", "2021-04-01", "Laholm"],
                ["{2}", "PROGRESS", "2021-03-03", ""],
                ["Team Laholm", "", "", ""],
                ["{3}", "PROGRESS", "2021-03-04", "Halmstad"],
            ],
        );
        merge(kind, &mut list, &[("A2:A3", 1, 0, [2, 1]), ("C4:D4", 3, 2, [1, 2]), ("A5:D5", 4, 0, [1, 4])]);
        land(kind, &place, &[list], "").says(
            3,
            "
            lista, blad Deltagare (participation): 1 rad landade
              nya 1, ändrade 0, oförändrade 0, borttagna 0, undantagna 4
              undantagen, rad 2, kolumn Personnr: ett nummer är sammanfogat över flera rader; dela upp cellen och skriv varje rads nummer i den [identity.merged]
              undantagen, rad 3, kolumn Personnr: ett nummer är sammanfogat över flera rader; dela upp cellen och skriv varje rads nummer i den [identity.merged]
              undantagen, rad 4, kolumn Kommun: cellen är sammanfogad med cellen i en annan kolumn; dela upp den och fyll i varje cell för sig, eller ta bort raden om den är en mellanrubrik [value.merged]
              undantagen, rad 5, kolumn Projekt: cellen är sammanfogad med cellen i en annan kolumn; dela upp den och fyll i varje cell för sig, eller ta bort raden om den är en mellanrubrik [value.merged]
            ",
            "
            lista, sheet Deltagare (participation): 1 row landed
              new 1, changed 0, unchanged 0, withdrawn 0, set aside 4
              set aside, row 2, column Personnr: one number is merged over several rows; split the cell and write in each row whose it is [identity.merged]
              set aside, row 3, column Personnr: one number is merged over several rows; split the cell and write in each row whose it is [identity.merged]
              set aside, row 4, column Kommun: the cell is merged with that of another column; split it and fill in each cell by itself, or remove the row if it is a heading [value.merged]
              set aside, row 5, column Projekt: the cell is merged with that of another column; split it and fill in each cell by itself, or remove the row if it is a heading [value.merged]
            ",
        );
        place.has_landed("participation", "current", &["start", "municipality"], &["2021-03-04;1380"]);
    }
}

#[test]
fn an_error_is_one_in_whatever_way_it_is_written() {
    let ods = |attributes: &str, text: &str| format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>");
    let libre = ods(
        "table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"",
        "#SAKNAS!",
    );
    let open = ods("table:formula=\"of:=1/0\" office:value-type=\"float\" office:value=\"0\"", "#DIV/0!");
    let number = ods("table:formula=\"of:=X(\" office:value-type=\"string\" office:string-value=\"\"", "Err:508");
    let xlsx = [
        "<c t=\"e\"><f>X</f><v>#N/A</v></c>",
        "<c t=\"str\"><f>X</f><v>#SAKNAS!</v></c>",
        "<c t=\"str\"><f>X</f><v>Err:508</v></c>",
    ];
    for (kind, errors) in [(Xlsx, xlsx), (Ods, [libre.as_str(), &open, &number])] {
        let place = Place::new();
        let rows: Vec<[&str; 4]> = std::iter::zip(["{0}", "{1}", "{2}"], errors)
            .map(|(number, error)| [number, "PROGRESS", "2021-03-01", error])
            .collect();
        land(kind, &place, &[sheet("Deltagare", &rows)], "").says(
            3,
            "
            lista, blad Deltagare (participation): 0 rader landade
              nya 0, ändrade 0, oförändrade 0, borttagna 0, undantagna 3
              undantagen, rad 2, kolumn Kommun: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
              undantagen, rad 3, kolumn Kommun: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
              undantagen, rad 4, kolumn Kommun: ett formelfel från kalkylprogrammet, till exempel #SAKNAS!; rätta formeln eller töm cellen [value.error]
            ",
            "
            lista, sheet Deltagare (participation): 0 rows landed
              new 0, changed 0, unchanged 0, withdrawn 0, set aside 3
              set aside, row 2, column Kommun: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
              set aside, row 3, column Kommun: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
              set aside, row 4, column Kommun: a formula error of the spreadsheet, such as #N/A; mend the formula or clear the cell [value.error]
            ",
        );
    }
}

#[test]
fn days_are_those_that_a_person_sees() {
    let day = |value: &str| format!("<table:table-cell office:value-type=\"date\" office:date-value=\"{value}\"/>");
    let null = "<table:calculation-settings><table:null-date table:date-value=\"1904-01-01\"/></table:calculation-settings>";
    let (plain, midnight, zulu, noon) =
        (day("2021-02-01"), day("2021-02-02T00:00:00"), day("2021-02-03T00:00:00Z"), day("2021-02-04T12:00:00"));
    let number = "<table:table-cell office:value-type=\"float\" office:value=\"42770\"/>";
    let xlsx = [
        "<c s=\"1\"><v>42766</v></c>",
        "<c t=\"d\"><v>2021-02-02T00:00:00</v></c>",
        "<c t=\"d\"><v>2021-02-03T00:00:00.000Z</v></c>",
        "<c s=\"1\"><v>42769.5</v></c>",
        "<c><v>42770</v></c>",
    ];
    for (kind, says, days) in
        [(Xlsx, "<workbookPr date1904=\"1\"/>", xlsx), (Ods, null, [plain.as_str(), &midnight, &zulu, &noon, number])]
    {
        let place = Place::new();
        let rows: Vec<[&str; 4]> = std::iter::zip(["{0}", "{1}", "{2}", "{3}", "{4}"], days)
            .map(|(number, day)| [number, "PROGRESS", day, "Laholm"])
            .collect();
        let heard = land(kind, &place, &[sheet("Deltagare", &rows)], says);
        for (out, said) in heard.out.iter().zip([
            "undantagen, rad 6, kolumn Startdatum: ett dagnummer, i en arbetsbok som räknar dagarna från en annan dag än vanligt (1904); ge kolumnen datumformat, kontrollera den och spara [value.day-number]",
            "set aside, row 6, column Startdatum: the number of a day, in a workbook that counts days from another day than usual (1904); format the column as dates, check it and save [value.day-number]",
        ]) {
            // A time of day is told by the reader of dates.
            let aside: Vec<&str> = out.lines().filter(|line| line.contains(" 5, ") || line.contains(" 6, ")).map(str::trim).collect();
            assert!(aside.len() == 2 && aside[1] == said, "{out}");
        }
        assert_eq!(heard.code, 3);
        place.has_landed("participation", "current", &["start"], &["2021-02-01", "2021-02-02", "2021-02-03"]);
    }
}

#[test]
fn numbers_are_read_as_they_are_shown() {
    for kind in [Xlsx, Ods] {
        let place = Place::new();
        let number = |value: &str| match kind {
            Xlsx => format!("<c><v>{value}</v></c>"),
            Ods => format!("<table:table-cell office:value-type=\"float\" office:value=\"{value}\"/>"),
        };
        let mut list = sheet("Deltagare", &[]);
        list.rows[0].1.push("Månader utan arbete".into());
        for (person, months) in
            ["12.000000000000002", "11.999999999999998", "7.000000000000001", "100.0", "1.2E1"].iter().enumerate()
        {
            let cells = [format!("{{{person}}}"), "PROGRESS".into(), "2021-03-01".into(), "Laholm".into(), number(months)];
            list.rows.push(("", cells.to_vec()));
        }
        // An identity number that is one of the spreadsheet's is whole.
        list.rows[1].1[0] = number(&String::from_utf8(filled(b"{0}")).unwrap().replace('-', ""));
        land(kind, &place, &[list], "").says(
            0,
            "
            lista, blad Deltagare (participation): 5 rader landade
            ",
            "
            lista, sheet Deltagare (participation): 5 rows landed
            ",
        );
    }
}

#[test]
fn what_only_has_the_name_of_a_workbook_is_named_for_what_it_is() {
    let place = Place::new();
    let html =
        b"<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><body><table><tr><td>Personnr</td></tr></table></body></html>";
    let xml = b"<?xml version=\"1.0\"?>\r\n<?mso-application progid=\"Excel.Sheet\"?>\r\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>";
    let flat = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\"/>";
    let lists =
        [("webb.xls", html.to_vec()), ("xml.xlsx", xml.to_vec()), ("platt.ods", flat.to_vec()), ("webb.csv", html.to_vec())];
    place.land_bytes(&[], &lists).says(
        3,
        "
        webb.xls: avvisad, inget landade
          avvisad: filen är en webbsida (HTML), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx [file.html]
        xml.xlsx: avvisad, inget landade
          avvisad: filen är ett XML-kalkylark (2003), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx [file.xml-2003]
        platt.ods: avvisad, inget landade
          avvisad: filen är ett platt ODF-kalkylark (.fods), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx eller .ods [file.flat-ods]
        webb.csv: avvisad, inget landade
          avvisad: filen är en webbsida (HTML), vad den än heter; öppna den i kalkylprogrammet och spara den som .xlsx [file.html]
        ",
        "
        webb.xls: rejected, nothing landed
          rejected: the file is a web page (HTML), whatever its name; open it in the spreadsheet program and save it as .xlsx [file.html]
        xml.xlsx: rejected, nothing landed
          rejected: the file is an XML spreadsheet (2003), whatever its name; open it in the spreadsheet program and save it as .xlsx [file.xml-2003]
        platt.ods: rejected, nothing landed
          rejected: the file is a flat ODF spreadsheet (.fods), whatever its name; open it in the spreadsheet program and save it as .xlsx or .ods [file.flat-ods]
        webb.csv: rejected, nothing landed
          rejected: the file is a web page (HTML), whatever its name; open it in the spreadsheet program and save it as .xlsx [file.html]
        ",
    );
}

#[test]
fn a_pipe_in_an_inbox_is_refused_and_not_waited_for() {
    let world = World::new("10");
    std::fs::create_dir_all(world.path("inbox")).unwrap();
    let pipe = world.path("inbox/lista.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Whoever waits for a writer is ended after a minute, with another code.
    for arguments in
        [vec!["land", "--lang", "sv", pipe.to_str().unwrap()], vec!["run", "--lang", "sv", "--inbox", &world.text("inbox")]]
    {
        let told = world.command(&arguments);
        let mut command = std::process::Command::new("timeout");
        command.arg("60").arg(told.get_program()).args(told.get_args()).env("UTFALL_HOME", crate::world::repository());
        for (name, value) in told.get_envs() {
            value.map(|value| command.env(name, value));
        }
        let output = command.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        let said = "avvisad: inte en fil utan ett rör (FIFO) eller en enhet; lägg listan där som en vanlig fil [file.special]";
        assert!(output.status.code() == Some(3) && out.contains(said), "{arguments:?}: {output:?}");
    }
}
