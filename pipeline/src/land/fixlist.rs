//! The fix-list of a file: a workbook for the project's office, and the same as JSON for its systems.
//!
//! It names rows, columns and rules and never a value, so that it may be sent back the way the list came. What only the
//! controller may know is not in it. The same report gives the same bytes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use serde::Serialize;

use super::finding::{Finding, Severity, masked};
use super::report::{FileReport, Inferred, Outcome, Reading};
use crate::error::Error;
use crate::language::say;
use crate::store::durable;
use crate::text::Lang;

/// More findings are of no use to anybody: they have few causes, and the list is run again once those are mended.
const MOST: usize = 100_000;
/// The columns of the table and their widths.
const WIDTHS: [f64; 5] = [13.0, 9.0, 26.0, 90.0, 24.0];

/// Writes the fix-list of a file with findings into `folder`, as a workbook and as JSON. `names` are those written so far:
/// files of one name in different folders, or told apart only by what must not be shown, get a number.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path, report: &FileReport, names: &mut HashSet<String>) -> Result<Option<[PathBuf; 2]>, Error> {
    let name = free(name(report), names);
    let [book, json] = ["xlsx", "json"].map(|kind| folder.join(format!("{name}.fix-list.{kind}")));
    if report.findings.is_empty() {
        // What was to mend when the list came before is mended.
        [&book, &json].into_iter().for_each(|path| drop(std::fs::remove_file(path)));
        return Ok(None);
    }
    std::fs::create_dir_all(folder).map_err(|e| Error::writing(folder, &e))?;
    let (findings, left_out) = listed(&report.findings, MOST);
    let unwritable = |e: String| {
        Error::storage(say(
            format!("kan inte skapa rättelselistan {}: {e}", book.display()),
            format!("cannot make the fix-list {}: {e}", book.display()),
        ))
    };
    let bytes = workbook(report, &findings, left_out).map_err(|e| unwritable(e.to_string()))?;
    durable::replace(&book, &bytes)?;
    let bytes = machine_readable(report, &findings, left_out).map_err(|e| unwritable(e.to_string()))?;
    durable::replace(&json, &bytes)?;
    Ok(Some([book, json]))
}

/// What is to mend before what is to look at, each in order of rows; and how many there was no room for.
fn listed(findings: &[Finding], most: usize) -> (Vec<&Finding>, usize) {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|f| (f.severity, f.row));
    let left_out = sorted.len().saturating_sub(most);
    sorted.truncate(most);
    (sorted, left_out)
}

/// The list's own name, and its sheet's, with what every file system takes and without what must not be shown.
fn name(report: &FileReport) -> String {
    let plain = |name: &str, bytes: usize| -> String {
        let fits = |c: char| if c.is_alphanumeric() || " -_.…()+&,".contains(c) { c } else { '_' };
        masked(name).char_indices().take_while(|(at, c)| at + c.len_utf8() <= bytes).map(|(_, c)| fits(c)).collect()
    };
    let stem = report.path.file_stem().map_or_else(|| "list".into(), |stem| stem.to_string_lossy());
    let sheet = report.sheet.as_ref().map(|sheet| format!("-{}", plain(sheet, 60)));
    // With a number and an ending, less than the 255 bytes that a name may have.
    plain(&stem, 120) + &sheet.unwrap_or_default()
}

/// The name, with a number if it has been used in any case of its letters.
fn free(name: String, names: &mut HashSet<String>) -> String {
    let (mut free, mut number) = (name.clone(), 1);
    while !names.insert(free.to_lowercase()) {
        number += 1;
        free = format!("{name}-{number}");
    }
    free
}

/// The list's file and sheet as the sender knows them: the folder in which it lay is the controller's.
fn file(report: &FileReport) -> String {
    masked(&report.path.file_name().unwrap_or_default().to_string_lossy())
}

#[derive(Serialize)]
struct FixList<'a> {
    format: u8,
    file: String,
    sheet: Option<String>,
    table: Option<&'a str>,
    outcome: &'static str,
    rows: usize,
    difference: Option<Counts>,
    inferred: Vec<Reading>,
    findings: Vec<Line>,
    left_out: usize,
}

#[derive(Serialize)]
struct Counts {
    month: Option<String>,
    new: usize,
    changed: usize,
    unchanged: usize,
    withdrawn: usize,
    excluded: usize,
    set_aside: usize,
}

#[derive(Serialize)]
struct Line {
    severity: &'static str,
    row: Option<u64>,
    column: Option<String>,
    rule: &'static str,
    sv: String,
    en: String,
}

fn machine_readable(report: &FileReport, findings: &[&Finding], left_out: usize) -> serde_json::Result<Vec<u8>> {
    let (outcome, rows) = match report.outcome {
        Outcome::Landed(rows) => ("landed", rows),
        Outcome::Known => ("known", 0),
        Outcome::Rejected => ("rejected", 0),
    };
    let counts = report.difference.map(|d| Counts {
        month: d.month.map(|month| month.to_string()),
        new: d.new,
        changed: d.changed,
        unchanged: d.unchanged,
        withdrawn: d.withdrawn,
        excluded: d.excluded,
        set_aside: d.set_aside,
    });
    let mut bytes = serde_json::to_vec_pretty(&FixList {
        format: 1,
        file: file(report),
        sheet: report.sheet.as_deref().map(masked),
        table: report.table.as_deref(),
        outcome,
        rows,
        difference: counts,
        inferred: report.inferred.iter().map(Inferred::reading).collect(),
        findings: findings.iter().map(|f| line(f)).collect(),
        left_out,
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn line(finding: &Finding) -> Line {
    let severity = match finding.severity {
        Severity::Rejected => "rejected",
        Severity::SetAside => "set-aside",
        Severity::Warning => "warning",
    };
    let [sv, en] = Lang::ALL.map(|lang| finding.rule.text(lang));
    let column = finding.column.as_deref().map(masked);
    Line { severity, row: finding.row, column, rule: finding.rule.name(), sv, en }
}

/// Every text is written as a string: a heading that looks like a formula stays what it is.
fn workbook(report: &FileReport, findings: &[&Finding], left_out: usize) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let sheet = book.add_worksheet().set_name(say("Att rätta", "To mend"))?;
    let headings = heading_block(sheet, report, left_out)?;
    table(sheet, headings, findings)?;
    inferred(book.add_worksheet().set_name(say("Tolkning", "How it was read"))?, report)?;
    book.save_to_buffer()
}

/// File, list, what happened and what to do; gives the row for the table's headings.
fn heading_block(sheet: &mut Worksheet, report: &FileReport, left_out: usize) -> Result<u32, XlsxError> {
    let defective = report.is_defective();
    let title = if defective { say("Att rätta", "To mend") } else { say("För kännedom", "For information") };
    sheet.write_string_with_format(0, 0, title, &Format::new().set_bold().set_font_size(14))?;
    let what = match (report.outcome, defective) {
        (Outcome::Rejected, _) => say(
            "Rätta det som står nedan i er egen lista, och skicka sedan hela listan igen: inget av den har tagits emot.",
            "Mend what stands below in your own list, then send the whole list again: none of it was taken in.",
        ),
        (_, true) => say(
            "Rätta raderna nedan i er egen lista, och skicka sedan hela listan igen. Radnumren är kalkylprogrammets.",
            "Mend the rows below in your own list, then send the whole list again. Row numbers are the spreadsheet's.",
        ),
        (_, false) => say("Inget måste rättas.", "Nothing must be mended."),
    };
    let rest = say(format!("{left_out} till ryms inte här"), format!("{left_out} more have no room here"));
    let lines = [
        (say("Fil", "File"), Some(file(report))),
        (say("Blad", "Sheet"), report.sheet.as_deref().map(masked)),
        (say("Lista", "List"), report.table.clone()),
        (say("Resultat", "Outcome"), Some(report.outcome.to_string())),
        (say("Rader", "Rows"), report.difference.map(|d| d.to_string())),
        (say("Att göra", "To do"), Some(what.to_owned())),
        (say("Utelämnat", "Left out"), (left_out > 0).then_some(rest)),
    ];
    let mut row = 1;
    for (label, text) in lines {
        if let Some(text) = text {
            sheet.write_string_with_format(row, 0, label, &Format::new().set_bold())?;
            sheet.write_string(row, 1, text)?;
            row += 1;
        }
    }
    Ok(row)
}

/// Row numbers are the only cells that are numbers, so that they sort as such.
fn table(sheet: &mut Worksheet, headings: u32, findings: &[&Finding]) -> Result<(), XlsxError> {
    let titles = say(
        ["Allvar", "Rad", "Kolumn", "Vad som är fel och vad man gör", "Regel"],
        ["Severity", "Row", "Column", "What is wrong and what to do", "Rule"],
    );
    let heading = Format::new().set_bold().set_background_color(Color::RGB(0xD9_D9_D9)).set_border_bottom(FormatBorder::Thin);
    for ((column, title), width) in (0..).zip(titles).zip(WIDTHS) {
        sheet.write_string_with_format(headings, column, title, &heading)?;
        sheet.set_column_width(column, width)?;
    }
    let plain = Format::new().set_align(FormatAlign::Top);
    let wrapped = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    // The word says it too, for those who see no colours.
    let coloured = |severity| plain.clone().set_background_color(Color::RGB(colour(severity)));
    let severities = [Severity::Rejected, Severity::SetAside, Severity::Warning].map(|s| (s, s.to_string(), coloured(s)));
    let mut row = headings;
    for finding in findings {
        row += 1;
        if let Some((_, word, format)) = severities.iter().find(|(s, ..)| *s == finding.severity) {
            sheet.write_string_with_format(row, 0, word, format)?;
        }
        if let Some(number) = finding.row {
            sheet.write_number_with_format(row, 1, f64::from(u32::try_from(number).unwrap_or(u32::MAX)), &plain)?;
        }
        if let Some(column) = &finding.column {
            sheet.write_string_with_format(row, 2, cell(&masked(column)), &wrapped)?;
        }
        sheet.write_string_with_format(row, 3, cell(&finding.rule.text(crate::language::current())), &wrapped)?;
        sheet.write_string_with_format(row, 4, finding.rule.name(), &plain)?;
    }
    sheet.autofilter(headings, 0, row, 4)?;
    sheet.set_freeze_panes(headings + 1, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(headings, headings)?;
    Ok(())
}

fn colour(severity: Severity) -> u32 {
    match severity {
        Severity::Rejected => 0xFF_C7_CE,
        Severity::SetAside => 0xFF_EB_9C,
        Severity::Warning => 0xDD_EB_F7,
    }
}

fn inferred(sheet: &mut Worksheet, report: &FileReport) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for ((column, title), width) in (0..).zip(say(["I listan", "Läst som"], ["In the list", "Read as"])).zip([50.0, 40.0]) {
        sheet.write_string_with_format(0, column, title, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, one) in (1..).zip(&report.inferred) {
        let [what, value] = one.parts();
        sheet.write_string(row, 0, cell(&what))?;
        sheet.write_string(row, 1, cell(&value))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// As much of a text as is read in a cell; a workbook refuses very long ones.
fn cell(text: &str) -> String {
    text.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, open_workbook_auto};
    use serde_json::{Value, json};

    use super::*;
    use crate::land::finding::Rule;
    use crate::land::report::{Difference, Month};

    const NUMBER: &str = "19121212-1212";

    fn report() -> FileReport {
        let at = |row, column: &str, rule: Rule| Finding::row(row, Some(column), rule);
        FileReport {
            path: format!("inbox/anna {NUMBER}: mars.xlsx").into(),
            sheet: Some(format!("Blad/A {NUMBER}")),
            table: Some("participation".into()),
            outcome: Outcome::Landed(3),
            inferred: vec![
                Inferred::Encoding("windows-1252"),
                Inferred::Separator(';'),
                Inferred::HeadingRow(4),
                Inferred::Column { heading: "=cmd|' /C calc'!A0".into(), column: "office".into() },
                Inferred::Column { heading: format!("Kön {NUMBER}"), column: "sex".into() },
            ],
            difference: Some(Difference { month: Month::parse("2021-03"), new: 3, set_aside: 2, ..Difference::default() }),
            findings: vec![
                at(2, "Personnr", Rule::CenturyInferred),
                at(3, "=cmd|' /C calc'!A0", Rule::Code("office".into())),
                at(11, &format!("@SUM(1) {NUMBER}"), Rule::Date),
                Finding::column("+1", Rule::NearCode { list: "office".into(), label: "=Laholm".into() }),
            ],
            controller: vec![Finding::row(7, None, Rule::Forgotten)],
        }
    }

    /// The cells of a written workbook by sheet.
    fn read(path: &Path) -> Vec<Vec<Data>> {
        let mut book = open_workbook_auto(path).unwrap();
        let names = book.sheet_names();
        assert_eq!(names, say(["Att rätta", "Tolkning"], ["To mend", "How it was read"]));
        for name in &names {
            assert!(book.worksheet_formula(name).unwrap().cells().all(|(_, _, formula)| formula.is_empty()));
        }
        names.iter().map(|name| book.worksheet_range(name).unwrap().cells().map(|(_, _, c)| c.clone()).collect()).collect()
    }

    #[test]
    fn every_cell_is_a_string_except_the_row_numbers_and_none_is_a_formula() {
        let folder = tempfile::tempdir().unwrap();
        let report = report();
        let [book, _] = write(&folder.path().join("new"), &report, &mut HashSet::new()).unwrap().unwrap();
        assert_eq!(book.file_name().unwrap(), "anna …_ mars-Blad_A ….fix-list.xlsx");
        let mut numbers = Vec::new();
        let mut texts = Vec::new();
        for cell in read(&book).into_iter().flatten() {
            match cell {
                Data::String(text) => texts.push(text),
                Data::Float(number) => numbers.push(number),
                Data::Empty => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(numbers, [3.0, 11.0, 2.0], "what is to mend stands first");
        for text in ["=cmd|' /C calc'!A0", "@SUM(1) …", "+1", "anna …: mars.xlsx", "Blad/A …", "value.code", "office"] {
            assert!(texts.iter().any(|t| t == text), "{text}: {texts:?}");
        }
        assert!(texts.iter().all(|t| !t.contains("1212") && !t.contains("row.forgotten")), "{texts:?}");
    }

    #[test]
    fn the_json_says_the_same_in_both_languages() {
        let folder = tempfile::tempdir().unwrap();
        let [_, json] = write(folder.path(), &report(), &mut HashSet::new()).unwrap().unwrap();
        let text = std::fs::read_to_string(json).unwrap();
        assert!(!text.contains("1212") && !text.contains("row.forgotten"), "{text}");
        let said: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&said["format"], &said["outcome"], &said["rows"], &said["left_out"]),
            (&json!(1), &json!("landed"), &json!(3), &json!(0))
        );
        assert_eq!(said["difference"]["month"], "2021-03");
        assert_eq!(said["inferred"][4], json!({ "what": "column", "heading": "Kön …", "value": "sex" }));
        let date = &said["findings"][1];
        assert_eq!((&date["severity"], &date["row"], &date["rule"]), (&json!("set-aside"), &json!(11), &json!("value.date")));
        assert_eq!((&date["sv"], &date["en"]), (&json!(Rule::Date.text(Lang::Sv)), &json!(Rule::Date.text(Lang::En))));
    }

    #[test]
    fn the_same_report_gives_the_same_bytes_and_no_name_is_used_twice() {
        let folder = tempfile::tempdir().unwrap();
        let written = |names: &mut HashSet<String>| write(folder.path(), &report(), names).unwrap().unwrap();
        let bytes = |paths: &[PathBuf; 2]| paths.clone().map(|path| std::fs::read(path).unwrap());
        let mut names = HashSet::new();
        let first = written(&mut names);
        let once = bytes(&first);
        let second = written(&mut names);
        assert_ne!(first, second);
        assert!(second[0].display().to_string().ends_with("…-2.fix-list.xlsx"), "{second:?}");
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        assert_eq!(written(&mut HashSet::new()), first);
        assert!(bytes(&first) == once && bytes(&second) == once);
    }

    #[test]
    fn a_list_without_findings_has_no_fix_list_and_a_long_name_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let clean = FileReport { findings: Vec::new(), ..report() };
        assert!(write(folder.path(), &clean, &mut HashSet::new()).unwrap().is_none());
        let path = PathBuf::from("å".repeat(120) + ".csv");
        let long = FileReport { path, sheet: Some("ö".repeat(200)), table: None, outcome: Outcome::Rejected, ..report() };
        assert!(write(folder.path(), &long, &mut HashSet::new()).unwrap().unwrap()[0].exists());
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_and_is_the_least_important() {
        let (report, folder) = (report(), tempfile::tempdir().unwrap());
        let (kept, left_out) = listed(&report.findings, 3);
        assert_eq!((kept.iter().map(|f| f.row).collect::<Vec<_>>(), left_out), (vec![Some(3), Some(11), None], 1));
        let path = folder.path().join("a.xlsx");
        std::fs::write(&path, workbook(&report, &kept, left_out).unwrap()).unwrap();
        let said = say("1 till ryms inte här", "1 more have no room here");
        assert!(read(&path).iter().flatten().any(|cell| *cell == Data::String(said.into())));
        assert_eq!(serde_json::from_slice::<Value>(&machine_readable(&report, &kept, 1).unwrap()).unwrap()["left_out"], 1);
    }
}
