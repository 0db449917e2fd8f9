//! Workbooks of a few bytes that ask to become as many as there is room for, and more.

use super::*;

/// How a workbook is refused.
fn refused(bytes: &[u8]) -> ValidationRule {
    // Small enough that only the least room is given.
    assert!(bytes.len() < 40_000, "{}", bytes.len());
    book(bytes).err().map(|finding| finding.rule).unwrap()
}

/// Sheets that are all read from the same rows.
fn sheets(count: usize, rows: &str) -> Vec<u8> {
    let inner = format!("<sheetData>{rows}</sheetData>");
    let names: Vec<String> = (0..count).map(|i| format!("Blad {i}")).collect();
    let string = format!("<si><t>{}</t></si>", "lång ".repeat(4_000));
    let sheets = names.iter().map(|name| (name.as_str(), "visible", inner.clone())).collect();
    Xlsx { sheets, says: "", program: None, strings: &string, styles: "" }.bytes()
}

#[test]
fn a_workbook_has_room_by_its_length_within_bounds() {
    assert_eq!([0, 3_500, 1 << 20, usize::MAX].map(room), [32 << 20, 32 << 20, 64 << 20, 512 << 20]);
}

#[test]
fn a_string_that_is_used_again_and_again_does_not_fill_the_memory() {
    let cell = "<c t=\"s\"><v>0</v></c>";
    assert!(book(&sheets(1, &format!("<row>{}</row>", cell.repeat(400)))).is_ok());
    assert_eq!(refused(&sheets(1, &format!("<row>{}</row>", cell.repeat(2_000)))), ValidationRule::TooManyRows);
}

#[test]
fn the_room_is_that_of_all_sheets_together() {
    let rows = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(400));
    assert!(book(&sheets(3, &rows)).is_ok_and(|book| book.sheets.len() == 3));
    assert_eq!(refused(&sheets(5, &rows)), ValidationRule::TooManyRows);
}

#[test]
fn cells_that_are_repeated_by_a_number_are_counted() {
    let cells = format!(
        "<table:table-cell table:number-columns-repeated=\"100\" office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
        "värde ".repeat(100)
    );
    let table = |rows: u32| {
        let row = format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cells}</table:table-row>");
        ods_bytes("", &format!("<table:table table:name=\"Mars\">{row}</table:table>"), "")
    };
    assert!(book(&table(100)).is_ok());
    assert_eq!(refused(&table(600)), ValidationRule::TooManyRows);
}

#[test]
fn nothing_but_separators_is_counted_too() {
    // A value in the last column makes every row as wide as the sheet.
    let rows: String = (1..=3_000).map(|row| format!("<row><c r=\"XFD{row}\"><v>1</v></c></row>")).collect();
    assert_eq!(refused(&sheets(1, &rows)), ValidationRule::TooManyRows);
}

#[test]
fn no_workbook_of_lists_has_thousands_of_sheets_or_millions_of_merged_cells() {
    let bytes = sheets(SHEETS + 1, "<row><c><v>1</v></c></row>");
    assert_eq!(book(&bytes).err().map(|finding| finding.rule), Some(ValidationRule::TooManyRows));
    let merged = |count: usize| Told { merged: vec![Area::cell(0, 0); count], ..Told::default() };
    let shown = |told| Shelf::new(0).show(Sheet { told, ..Sheet::default() });
    assert!(shown(merged(1_000)).is_ok() && shown(merged(2_200_000)).is_err());
    let mut marks = marks::Marks { told: merged(1_000), ..marks::Marks::default() };
    assert!(marks.within(1 << 20).is_ok());
    marks.told = merged(100_000);
    assert!(marks.within(1 << 20).is_err());
}

#[test]
fn what_is_merged_over_many_rows_has_no_more_room_than_the_sheet() {
    let lines: String =
        (0..2_000).map(|row| format!("{row}\u{1f}{}\n", if row == 1 { "x".repeat(30_000) } else { String::new() })).collect();
    let area = Area { top: 1, left: 1, bottom: 1_999, right: 1 };
    let told = Told { merged: vec![area], ..Told::default() };
    let mut sheet = Sheet { name: "Mars".into(), lines: lines.into_bytes(), told };
    let place = super::super::seen::Place { heading_row: 1, identity: Some(0), read: vec![0, 1], dates: vec![] };
    let refused = super::super::seen::settle(&mut sheet, &place, room(3_500));
    assert_eq!(refused.err().map(|finding| finding.rule), Some(ValidationRule::TooManyRows));
    assert!(sheet.lines.len() < 100_000);
}
