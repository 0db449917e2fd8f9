//! Workbooks (XLSX, ODS, XLS): each sheet as lines of text, so that everything after this reads one form only.
//!
//! Rows keep their numbers. Dates become ISO dates; a number keeps its digits, so that what a spreadsheet has rewritten can
//! still be told from what somebody typed; a formula counts by its value, and its error is told as one.

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Range, Reader as _, open_workbook_auto_from_rs};

use super::finding::{Finding, Rule};

/// What separates the fields of a sheet's lines: no cell holds it, because control characters are taken out.
pub const SEPARATOR: u8 = 0x1F;
/// How a cell that holds an error of the spreadsheet begins; the rest is the error.
pub const ERROR: char = '#';
/// More cells than this (empty ones inside the used area count) are no list.
const MOST_CELLS: usize = 200_000_000;

/// One sheet: its name, and its rows as lines.
pub type Sheet = (String, Vec<u8>);

/// Reads every sheet that has a value.
///
/// # Errors
/// When the workbook is damaged or locked, or too large.
pub fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Finding> {
    let damaged = || Finding::of(Rule::WorkbookDamaged);
    // The reader is told hostile files too: should it panic, the file is damaged, and nothing else happens.
    let read = std::panic::catch_unwind(|| {
        let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| damaged())?;
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).map_err(|_| damaged())?;
            if range.get_size().0.saturating_mul(range.get_size().1) > MOST_CELLS {
                return Err(Finding::of(Rule::TooManyRows));
            }
            if !range.is_empty() {
                sheets.push((name, lines(&range)));
            }
        }
        Ok(sheets)
    });
    read.unwrap_or_else(|_| Err(damaged()))
}

/// A sheet's rows from the first on, also those above its first value.
fn lines(range: &Range<Data>) -> Vec<u8> {
    let (above, left) = range.start().unwrap_or_default();
    let mut text = "\n".repeat(usize::try_from(above).unwrap_or_default());
    let indent: String = char::from(SEPARATOR).to_string().repeat(usize::try_from(left).unwrap_or_default());
    for row in range.rows() {
        text.push_str(&indent);
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                text.push(char::from(SEPARATOR));
            }
            push(&mut text, cell);
        }
        text.push('\n');
    }
    text.into_bytes()
}

fn push(text: &mut String, cell: &Data) {
    use std::fmt::Write as _;
    let _ = match cell {
        Data::Empty => Ok(()),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => {
            text.extend(s.chars().map(|c| if c.is_control() { ' ' } else { c }));
            Ok(())
        }
        Data::Int(n) => write!(text, "{n}"),
        // Whole numbers as they are shown, without the point that the file format gives them.
        Data::Float(n) if n.fract() == 0.0 && n.abs() < 9e15 => write!(text, "{n:.0}"),
        Data::Float(n) => write!(text, "{n}"),
        Data::Bool(b) => text.write_str(if *b { "ja" } else { "nej" }),
        Data::DateTime(moment) => write_date(text, moment),
        Data::Error(e) => write!(text, "{ERROR}{e:?}"),
    };
}

/// A moment at midnight is a date; any other keeps its time and is no date.
fn write_date(text: &mut String, moment: &ExcelDateTime) -> std::fmt::Result {
    use std::fmt::Write as _;
    if !moment.is_datetime() {
        return write!(text, "{}", moment.as_f64());
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    write!(text, "{year:04}-{month:02}-{day:02}")?;
    if (hour, minute, second, milli) == (0, 0, 0, 0) { Ok(()) } else { write!(text, " {hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_workbook_is_damaged() {
        for bytes in [&b"PK\x03\x04 a workbook"[..], &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], b"PK\x03\x04"] {
            assert_eq!(sheets(bytes).unwrap_err().rule, Rule::WorkbookDamaged);
        }
    }

    #[test]
    fn cells_become_text_that_keeps_rows_and_digits() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write(2, 1, "Personnr").unwrap().write(2, 2, "Start").unwrap();
        sheet.write(3, 1, 199_006_011_234_f64).unwrap().write_with_format(3, 2, 44_228, &date).unwrap();
        sheet.write(4, 1, 1.5).unwrap().write(4, 2, 44_228).unwrap();
        sheet.write(5, 1, "a\nb\u{1f}c").unwrap().write(5, 2, true).unwrap();
        let sheets = sheets(&book.save_to_buffer().unwrap()).unwrap();
        let text = String::from_utf8(sheets[0].1.clone()).unwrap().replace(char::from(SEPARATOR), "|");
        assert_eq!(text, "\n\n|Personnr|Start\n|199006011234|2021-02-01\n|1.5|44228\n|a b c|ja\n");
    }
}
