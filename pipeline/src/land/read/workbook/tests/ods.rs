//! ODS, in the dialects of those who write it.

use super::*;

fn table(rows: &str) -> String {
    format!("<table:table table:name=\"Mars\">{rows}</table:table>")
}

fn read(rows: &str, program: &str) -> Book {
    book(&ods_bytes("", &table(rows), program)).unwrap()
}

/// The text of one cell, beside another one.
fn cell(cell: &str, program: &str) -> String {
    let row =
        format!("<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/>{cell}</table:table-row>");
    let text = shown(&read(&row, program).sheets[0]);
    text.trim_end_matches('\n').split_once('|').map_or_else(String::new, |(_, text)| text.to_owned())
}

const LIBRE: &str = "LibreOffice/7.4.2.3$Linux_X86_64 LibreOffice_project/40$Build-3";

#[test]
fn errors_are_errors_in_every_dialect() {
    for error in [
        // LibreOffice, in the language of whoever saved it.
        "<table:table-cell table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#SAKNAS!</text:p></table:table-cell>",
        "<table:table-cell table:formula=\"of:=#N/A\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"/>",
        "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"float\" office:value=\"0\" calcext:value-type=\"error\"><text:p>#DIVISION/0!</text:p></table:table-cell>",
        // OpenOffice, and LibreOffice before it had a word for errors.
        "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"float\" office:value=\"0\"><text:p>#DIV/0!</text:p></table:table-cell>",
        "<table:table-cell table:formula=\"of:=X(\" office:value-type=\"float\" office:value=\"0\"><text:p>Err:508</text:p></table:table-cell>",
        "<table:table-cell table:formula=\"of:=X(\" office:value-type=\"string\" office:string-value=\"\"><text:p>Fel:508</text:p></table:table-cell>",
        "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\"><text:p>#VÄRDEFEL!</text:p></table:table-cell>",
        // A constant that is an error, without anything shown.
        "<table:table-cell table:formula=\"of:=#N/A\" office:value-type=\"float\" office:value=\"0\"/>",
        "<table:table-cell table:formula=\"msoxl:=#REF!\" office:value-type=\"string\" office:string-value=\"#REF!\"/>",
        "<table:table-cell office:value-type=\"string\"><text:p>#N/A</text:p></table:table-cell>",
    ] {
        assert_eq!(fault(&cell(error, LIBRE)), Some(ValidationRule::ExcelError), "{error}");
    }
}

#[test]
fn formulas_count_by_their_results_and_without_one_are_told() {
    for none in [
        "<table:table-cell table:formula=\"of:=X\"/>",
        "<table:table-cell table:formula=\"of:=X\" office:value-type=\"float\"/>",
        "<table:table-cell table:formula=\"of:=X\" office:value-type=\"float\"><text:p>7</text:p></table:table-cell>",
        "<table:table-cell table:formula=\"of:=X\" office:value-type=\"date\" office:date-value=\"\"/>",
        "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\"/>",
    ] {
        assert_eq!(cell(none, LIBRE), UNCALCULATED, "{none}");
    }
    for empty in [
        "<table:table-cell table:formula=\"of:=&quot;&quot;\" office:value-type=\"string\" office:string-value=\"\"/>",
        "<table:table-cell table:formula=\"of:=&quot;&quot;\" office:value-type=\"string\"><text:p/></table:table-cell>",
    ] {
        assert_eq!(
            [LIBRE, "MicrosoftOffice/16.0 MicrosoftExcel", ""].map(|by| cell(empty, by)),
            ["", "", UNCALCULATED],
            "{empty}"
        );
    }
    for (given, text) in [
        (
            "<table:table-cell table:formula=\"of:=X\" office:value-type=\"float\" office:value=\"0\"><text:p>0</text:p></table:table-cell>",
            "0",
        ),
        (
            "<table:table-cell table:formula=\"of:=X\" office:value-type=\"string\"><text:p>Arbete</text:p></table:table-cell>",
            "Arbete",
        ),
        ("<table:table-cell table:formula=\"of:=X\" office:value-type=\"date\" office:date-value=\"2021-03-01\"/>", "2021-03-01"),
        ("<table:table-cell office:value-type=\"date\" office:date-value=\"2021-03-01T00:00:00\"/>", "2021-03-01"),
        ("<table:table-cell office:value-type=\"date\" office:date-value=\"2021-03-01T08:15:00\"/>", "2021-03-01 08:15:00"),
        ("<table:table-cell office:value-type=\"float\" office:value=\"12.000000000000002\"/>", "12"),
        // What is shown, where no value is given beside it.
        ("<table:table-cell><text:p>a &amp; b</text:p><text:p>c</text:p></table:table-cell>", "a & b c"),
        ("<table:table-cell office:value-type=\"float\"><text:p>12</text:p></table:table-cell>", "12"),
        ("<table:table-cell office:value-type=\"string\" office:string-value=\"\"><text:p>x</text:p></table:table-cell>", "x"),
        // What is noted on a cell is none of its text.
        (
            "<table:table-cell><office:annotation><text:p>not</text:p></office:annotation><text:p>x</text:p></table:table-cell>",
            "x",
        ),
    ] {
        assert_eq!(cell(given, ""), text, "{given}");
    }
}

#[test]
fn marks_are_where_the_cells_are_also_after_repeated_ones() {
    let blank = "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row>";
    let none = "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"2\"/>\
                <table:table-cell table:number-columns-repeated=\"2\" table:formula=\"of:=X\"/></table:table-row>";
    let row =
        "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>a</text:p></table:table-cell></table:table-row>";
    let head = format!("<table:table-header-rows>{row}</table:table-header-rows>");
    let text = shown(&read(&[head.as_str(), blank, none, row].concat(), LIBRE).sheets[0]);
    assert_eq!(text, "a|||\n\n\n\n||#=|#=\n||#=|#=\na|||\n");
    let matrix = "<table:table-row><table:table-cell table:formula=\"of:=X\" table:number-matrix-rows-spanned=\"2\" table:number-matrix-columns-spanned=\"1\"/></table:table-row>";
    assert_eq!(shown(&read(&[matrix, row, row].concat(), LIBRE).sheets[0]), "#=\na\na\n");
    assert_eq!(
        shown(&read(&[row, matrix, "<table:table-row><table:table-cell/></table:table-row>"].concat(), LIBRE).sheets[0]),
        "a\n#=\n#=\n"
    );
}

#[test]
fn hidden_filtered_and_folded_rows_and_columns_are_told() {
    let row = |attributes: &str| {
        format!(
            "<table:table-row {attributes}><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row>"
        )
    };
    let rows = [
        "<table:table-column/><table:table-column table:visibility=\"collapse\" table:number-columns-repeated=\"2\"/>",
        "<table:table-column-group table:display=\"false\"><table:table-column/></table:table-column-group>",
        &row(""),
        &row("table:visibility=\"filter\" table:number-rows-repeated=\"2\""),
        &row("table:visibility=\"collapse\""),
        &row("table:visibility=\"visible\""),
        &format!("<table:table-row-group table:display=\"false\">{}</table:table-row-group>{}", row(""), row("")),
    ];
    let told = read(&rows.concat(), "").sheets[0].told.clone();
    assert_eq!((told.hidden_rows, told.hidden_columns), (vec![(1, 3), (5, 5)], vec![(1, 2), (3, 3)]));
}

#[test]
fn merged_cells_and_another_first_day_are_told() {
    let rows = "<table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/><table:table-cell table:number-rows-spanned=\"2\" \
                table:number-columns-spanned=\"3\" office:value-type=\"float\" office:value=\"2\"/><table:covered-table-cell table:number-columns-repeated=\"2\"/></table:table-row>";
    let told = read(rows, "").sheets[0].told.clone();
    assert_eq!(told.merged, [Area { top: 0, left: 1, bottom: 1, right: 3 }]);
    assert!(!told.other_days);
    for (day, other) in [("1904-01-01", true), ("1900-01-01", true), ("1899-12-30", false)] {
        let settings =
            format!("<table:calculation-settings><table:null-date table:date-value=\"{day}\"/></table:calculation-settings>");
        let read = book(&ods_bytes("", &(settings + &table(rows)), "")).unwrap();
        assert_eq!(read.sheets[0].told.other_days, other, "{day}");
    }
}
