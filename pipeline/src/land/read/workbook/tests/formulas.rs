//! Formulas with and without a stored result.

use super::*;

/// The text of a cell, as a workbook of a program is read that asks to be calculated or does not.
fn cell(cell: &str, program: Option<&str>, on_load: bool) -> String {
    let says = if on_load { "<calcPr calcId=\"124519\" fullCalcOnLoad=\"1\"/>" } else { "<calcPr calcId=\"191029\"/>" };
    let rows = format!("<row r=\"1\"><c r=\"A1\"><v>1</v></c>{cell}</row>");
    let text = Xlsx { says, program, ..one(&rows, "") }.text();
    text.trim_end_matches('\n').split_once('|').map_or_else(String::new, |(_, text)| text.to_owned())
}

const EXCEL: Option<&str> = Some("Microsoft Excel");
const OTHERS: [Option<&str>; 3] = [None, Some("Microsoft Excel Compatible / Openpyxl 3.1.5"), Some("SheetJS")];

#[test]
fn a_formula_without_a_result_is_told_whatever_wrote_it() {
    for program in OTHERS.into_iter().chain([EXCEL, Some("LibreOffice/7.4")]) {
        for formula in [
            "<c r=\"B1\"><f>X</f></c>",
            "<c r=\"B1\"><f>X</f><v/></c>",
            "<c r=\"B1\"><f>X</f><v></v></c>",
            "<c r=\"B1\"><f>X</f><v> </v></c>",
            "<c r=\"B1\" t=\"str\"><f>X</f></c>",
            "<c r=\"B1\" t=\"n\"><f/></c>",
            "<c r=\"B1\"><v>5</v><f>X</f></c>",
            "<c r=\"B1\"><f t=\"shared\" si=\"0\"/></c>",
            "<c r=\"B1\"><f t=\"shared\" ref=\"B1:B3\" si=\"0\">X</f></c>",
            "<c r=\"B1\"><f t=\"array\" ref=\"B1\">X</f></c>",
            "<x:c r=\"B1\"><x:f>X</x:f></x:c>",
        ] {
            assert_eq!(cell(formula, program, false), UNCALCULATED, "{formula}, {program:?}");
        }
    }
    let told = |rows: &str| book(&one(rows, "").bytes()).unwrap().sheets[0].told.uncalculated;
    assert!(told("<row><c><f>X</f></c></row>") && !told("<row><c><f>X</f><v>1</v></c></row>"));
}

#[test]
fn an_empty_result_counts_where_a_spreadsheet_program_saved_it() {
    let empty = "<c r=\"B1\" t=\"str\"><f>\"\"</f><v></v></c>";
    for program in [EXCEL, Some("Microsoft Macintosh Excel"), Some("LibreOffice/7.4.2.3$Linux_X86_64 LibreOffice_project/x")] {
        assert_eq!(cell(empty, program, false), "", "{program:?}");
        assert_eq!(cell(empty, program, true), UNCALCULATED, "{program:?}");
    }
    for program in OTHERS {
        assert_eq!(cell(empty, program, false), UNCALCULATED, "{program:?}");
    }
}

#[test]
fn a_zero_is_a_result_unless_the_workbook_asks_to_be_calculated() {
    for (zero, text) in [
        ("<c r=\"B1\"><f>X</f><v>0</v></c>", "0"),
        ("<c r=\"B1\" t=\"n\"><f>X</f><v>0.0</v></c>", "0"),
        ("<c r=\"B1\" t=\"b\"><f>X</f><v>0</v></c>", "nej"),
    ] {
        assert_eq!((cell(zero, EXCEL, false), cell(zero, EXCEL, true)), (text.to_owned(), UNCALCULATED.to_owned()));
    }
    for (given, text) in [
        ("<c r=\"B1\"><f>X</f><v>7</v></c>", "7"),
        ("<c r=\"B1\" t=\"str\"><f>X</f><v>Arbete</v></c>", "Arbete"),
        ("<c r=\"B1\" t=\"b\"><f>X</f><v>1</v></c>", "ja"),
        ("<c r=\"B1\"><v>0</v></c>", "0"),
    ] {
        assert_eq!([cell(given, EXCEL, true), cell(given, None, false)], [text, text], "{given}");
    }
    // As the library writes it that this program writes workbooks with, like the one that it came from.
    let mut made = rust_xlsxwriter::Workbook::new();
    let sheet = made.add_worksheet();
    sheet.write(0, 0, 1).unwrap().write_formula(0, 1, "=A1").unwrap();
    sheet.write_formula(0, 2, rust_xlsxwriter::Formula::new("=A1").set_result("1")).unwrap();
    assert_eq!(shown(&book(&made.save_to_buffer().unwrap()).unwrap().sheets[0]), "1|#=|1\n");
}

#[test]
fn a_formula_of_several_cells_has_a_result_in_each_or_in_none() {
    let row = |n: u32, cell: &str| format!("<row r=\"{n}\"><c r=\"A{n}\"><v>1</v></c>{cell}</row>");
    let over = "<f t=\"array\" ref=\"B1:B3\">X</f>";
    let none = row(1, &format!("<c r=\"B1\">{over}</c>")) + &row(2, "") + &row(3, "<c r=\"B3\"><v>0</v></c>") + &row(4, "");
    assert_eq!(one(&none, "").text(), "1|#=\n1|#=\n1|#=\n1|\n");
    let some = row(1, &format!("<c r=\"B1\">{over}<v>5</v></c>")) + &row(2, "<c r=\"B2\"><v>0</v></c>") + &row(3, "");
    assert_eq!(one(&some, "").text(), "1|5\n1|0\n1|\n");
    let beyond = row(1, "<c r=\"B1\"><f t=\"array\" ref=\"B1:B9999999\">X</f></c>");
    assert!(book(&one(&beyond, "").bytes()).is_err());
    let much = row(1, "<c r=\"B1\"><f t=\"array\" ref=\"B1:XFD1048576\">X</f></c>");
    assert_eq!(book(&one(&much, "").bytes()).unwrap_err().rule, ValidationRule::TooManyRows);
}

#[test]
fn the_name_of_an_error_as_a_result_is_one() {
    let result = |text: &str| cell(&format!("<c r=\"B1\" t=\"str\"><f>X</f><v>{text}</v></c>"), EXCEL, false);
    for error in ["#N/A", "#SAKNAS!", "#VÄRDEFEL!", "Err:508", "Fel:502"] {
        assert_eq!(fault(&result(error)), Some(ValidationRule::ExcelError), "{error}");
    }
    for text in ["Arbete", "Err:5080", "Fel: 508", "Kod:508"] {
        assert_eq!(result(text), text);
    }
    // What somebody has typed is what it is.
    assert_eq!(cell("<c r=\"B1\" t=\"str\"><v>Err:508</v></c>", EXCEL, false), "Err:508");
}
