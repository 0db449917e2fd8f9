//! What marks mean below the headings.

use super::super::seen::{Place, settle};
use super::*;
use crate::land::finding::{Finding, Severity};

/// A sheet of lines, with headings on its second row: title, number, day, place, a column that is not read.
fn settled(lines: &str, told: Told) -> (String, Vec<Finding>) {
    let place = Place { heading_row: 2, identity: Some(0), read: vec![0, 1, 2], dates: vec![1] };
    let mut sheet = Sheet { name: "Mars".into(), lines: lines.replace('|', "\u{1f}").into_bytes(), told };
    let findings = settle(&mut sheet, &place, usize::MAX).unwrap();
    (String::from_utf8(sheet.lines).unwrap().replace('\u{1f}', "|"), findings)
}

fn merged(lines: &str, areas: &[[u32; 4]]) -> (String, Vec<ValidationRule>) {
    let areas = areas.iter().map(|[top, left, bottom, right]| Area { top: *top, left: *left, bottom: *bottom, right: *right });
    let (lines, findings) = settled(lines, Told { merged: areas.collect(), ..Told::default() });
    (lines, findings.into_iter().map(|finding| finding.rule).collect())
}

const TOP: &str = "Lista|||\nNr|Dag|Ort|X\n";

#[test]
fn a_merged_cell_gives_its_value_to_each_of_its_rows() {
    let (lines, said) = merged(&format!("{TOP}1|a|Halmstad|\n2|b||\n3|c|gammal|\n4|d||\n"), &[[2, 2, 4, 2]]);
    assert_eq!(lines, format!("{TOP}1|a|Halmstad|\n2|b|Halmstad|\n3|c|Halmstad|\n4|d||\n"));
    assert_eq!(said, [ValidationRule::MergedRows(2)]);
    // Rows of nothing but what is merged are part of the row above them.
    let (lines, said) = merged(&format!("{TOP}1|a|b|\n|||\n2|c|d|\n"), &[[2, 0, 3, 0], [2, 1, 3, 1], [2, 2, 3, 2]]);
    assert_eq!((lines, said), (format!("{TOP}1|a|b|\n|||\n2|c|d|\n"), vec![]));
    // In a column that is not read nothing needs saying.
    let (lines, said) = merged(&format!("{TOP}1|a|b|x\n2|c|d|\n"), &[[2, 3, 3, 3]]);
    assert_eq!((lines, said), (format!("{TOP}1|a|b|x\n2|c|d|x\n"), vec![]));
}

#[test]
fn titles_and_headings_stay_what_they_are() {
    let lines = format!("{TOP}1|a|b|\n2|c|d|\n");
    assert_eq!(merged(&lines, &[[0, 0, 0, 3], [1, 0, 1, 1]]), (lines.replace("Nr|Dag", "Nr|"), vec![]));
    // A heading over two rows is no value of the second; what is hidden below a merged title is not seen.
    assert_eq!(merged(&format!("{TOP}1|a||\n"), &[[1, 2, 2, 2]]).0, format!("{TOP}1|a||\n"));
    assert_eq!(merged("Lista|x||\nNr|Dag|Ort|X\n1|a|b|\n", &[[0, 0, 0, 3]]).0, format!("{TOP}1|a|b|\n"));
}

#[test]
fn where_a_merged_cell_has_no_meaning_it_is_marked() {
    // Across columns, in one row and in several.
    assert_eq!(merged(&format!("{TOP}1|a||\n"), &[[2, 1, 2, 2]]).0, format!("{TOP}1|a|#+|\n"));
    assert_eq!(merged(&format!("{TOP}1|a||\n2|||x\n"), &[[2, 1, 3, 2]]).0, format!("{TOP}1|a|#+|\n2|a|#+|x\n"));
    assert_eq!(merged(&format!("{TOP}Team 1|||\n"), &[[2, 0, 2, 3]]).0, format!("{TOP}Team 1|#+|#+|\n"));
    // With a column that is not read there is only one that the value can be of; an empty one says nothing.
    assert_eq!(merged(&format!("{TOP}1|a|b|old\n"), &[[2, 2, 2, 3]]).0, format!("{TOP}1|a|b|\n"));
    assert_eq!(merged(&format!("{TOP}1|||\n"), &[[2, 1, 2, 2]]).0, format!("{TOP}1|||\n"));
    // A number over several rows: whose they are is for somebody to say.
    let (lines, said) = merged(&format!("{TOP}1|a|b|\n|c|d|\n3|e|f|\n"), &[[2, 0, 3, 0]]);
    assert_eq!((lines, said), (format!("{TOP}#||a|b|\n#||c|d|\n3|e|f|\n"), vec![]));
}

#[test]
fn hidden_rows_and_columns_are_counted_where_they_are_read() {
    let lines = format!("{TOP}1|a|b|\n2|c|d|\n|||\n3|e|f|\n");
    let told = |rows: &[(u32, u32)], columns: &[(u32, u32)]| {
        let told = Told { hidden_rows: rows.to_vec(), hidden_columns: columns.to_vec(), ..Told::default() };
        let (same, findings) = settled(&lines, told);
        assert_eq!(same, lines);
        findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(told(&[(3, 3), (5, 9), (4, 4)], &[]), [ValidationRule::HiddenRows(2)]);
    assert_eq!(told(&[(0, 1), (4, 4), (6, 1 << 20)], &[]), []);
    assert_eq!(told(&[], &[(1, 2), (3, 16_383)]), [ValidationRule::HiddenColumns(2)]);
    assert_eq!(told(&[], &[(3, 16_383)]), []);
}

#[test]
fn numbers_of_days_that_are_counted_otherwise_are_no_dates() {
    let lines = format!("{TOP}1|42766|42766|\n2|2021-02-01||\n3|210201||\n");
    let (lines, findings) = settled(&lines, Told { other_days: true, ..Told::default() });
    assert_eq!((lines, findings), (format!("{TOP}1|#4|42766|\n2|2021-02-01||\n3|210201||\n"), vec![]));
}

#[test]
fn of_an_old_workbook_it_is_said_what_is_not_seen() {
    let (_, findings) = settled(TOP, Told { is_old: true, ..Told::default() });
    assert_eq!(findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>(), [ValidationRule::OldWorkbook]);
}

#[test]
fn a_title_that_was_not_calculated_rejects_its_list() {
    let (_, findings) = settled("#=|||\nNr|Dag|Ort|X\n1|a|#=|\n", Told { uncalculated: true, ..Told::default() });
    let told: Vec<_> = findings.iter().map(|finding| (finding.row, finding.severity, &finding.rule)).collect();
    assert_eq!(told, [(Some(1), Severity::Rejected, &ValidationRule::Uncalculated)]);
}
