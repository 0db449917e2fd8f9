//! Workbooks (XLSX, ODS, XLS): each sheet as lines of text, so that everything after this reads one form only.
//!
//! Rows keep their numbers. Dates become ISO dates; a number keeps its digits, so that what a spreadsheet has rewritten can
//! still be told from what somebody typed; a formula counts by its value, and its error is told as one.

use std::io::{Cursor, Read as _};

use calamine::{Data, ExcelDateTime, Ods, Range, Reader, Xls, Xlsx, XlsxError};
use zip::ZipArchive;

use super::finding::{Finding, Rule};

/// What separates the fields of a sheet's lines: no cell holds it, because control characters are taken out.
pub const SEPARATOR: u8 = 0x1F;
/// How a cell that holds an error of the spreadsheet begins; the rest is the error.
pub const ERROR: char = '#';
/// More cells than this (empty ones inside the used area and before it count) are no list.
const MOST_CELLS: usize = 200_000_000;
/// No spreadsheet has more rows and columns.
const SHEET: (u32, u32) = (1 << 20, 1 << 14);
/// So many bytes a workbook may say that it has when it is unpacked.
const UNPACKED: u64 = 1 << 30;
/// So many bytes of text a sheet may have.
const TEXT: usize = 512 << 20;

/// One sheet: its name, and its rows as lines.
pub type Sheet = (String, Vec<u8>);

/// Reads every sheet that has a value.
///
/// # Errors
/// When the workbook is damaged or locked, or too large.
pub fn sheets(bytes: &[u8]) -> Result<Vec<Sheet>, Finding> {
    // The reader is told hostile files too: should it panic, the file is damaged, and nothing else happens. Where it takes all
    // memory, see [`super::apart`].
    let read = std::panic::catch_unwind(|| {
        let file = Cursor::new(bytes);
        if !bytes.starts_with(b"PK") {
            return ranges(&mut Xls::new(file).map_err(damaged)?);
        }
        whole(bytes)?;
        match Xlsx::new(file.clone()) {
            Ok(mut book) => cells(&mut book),
            Err(_) => ranges(&mut Ods::new(file).map_err(damaged)?),
        }
    });
    read.unwrap_or_else(|_| Err(Finding::of(Rule::WorkbookDamaged)))
}

fn damaged<E>(_: E) -> Finding {
    Finding::of(Rule::WorkbookDamaged)
}

/// Reads every part of a zip to its end, where its checksum is compared: the reader of sheets stops at the last cell, before
/// it, and would take a digit that has changed for what was written.
///
/// A few packed bytes may be a thousand times as many: what says that it is too large is not unpacked, and what is larger than
/// it says is damaged.
fn whole(bytes: &[u8]) -> Result<(), Finding> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let says = (0..zip.len()).try_fold(0, |sum, i| Ok(sum + u128::from(zip.by_index_raw(i).map_err(damaged)?.size())))?;
    if says > u128::from(UNPACKED) {
        return Err(Finding::of(Rule::TooManyRows));
    }
    for i in 0..zip.len() {
        let mut part = zip.by_index(i).map_err(damaged)?;
        let size = part.size();
        let read = std::io::copy(&mut part.by_ref().take(size + 1), &mut std::io::sink()).map_err(damaged)?;
        if read != size {
            return Err(Finding::of(Rule::WorkbookDamaged));
        }
    }
    Ok(())
}

/// The sheets of a reader that gives them whole.
fn ranges<B: Reader<F>, F: std::io::Read + std::io::Seek>(book: &mut B) -> Result<Vec<Sheet>, Finding> {
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let (mut grid, range) = (Grid::default(), book.worksheet_range(&name).map_err(damaged)?);
        let (above, left) = Range::start(&range).unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let place = |first: u32, i: usize| u32::try_from(i).unwrap_or(u32::MAX).saturating_add(first);
            grid.push(place(above, row), place(left, column), cell)?;
        }
        sheets.extend(grid.lines()?.map(|lines| (name, lines)));
    }
    Ok(sheets)
}

/// The sheets of an XLSX, cell by cell: what lies between two cells that are far apart is not made before it is known how
/// much it is.
fn cells<F: std::io::Read + std::io::Seek>(book: &mut Xlsx<F>) -> Result<Vec<Sheet>, Finding> {
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut grid = Grid::default();
        let mut reader = match book.worksheet_cells_reader(&name) {
            Err(XlsxError::NotAWorksheet(_)) => continue, // a sheet that is a chart
            reader => reader.map_err(damaged)?,
        };
        while let Some(cell) = reader.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            grid.push(row, column, &Data::from(cell.get_value().clone()))?;
        }
        sheets.extend(grid.lines()?.map(|lines| (name, lines)));
    }
    Ok(sheets)
}

/// The cells of a sheet that have a value, in the order in which they were read: mostly that of rows and columns.
#[derive(Default)]
struct Grid {
    /// Row, column, and where the text ends; it begins where that of the cell before ends.
    cells: Vec<(u32, u32, usize)>,
    text: String,
}

impl Grid {
    fn push(&mut self, row: u32, column: u32, cell: &Data) -> Result<(), Finding> {
        if *cell == Data::Empty {
            return Ok(());
        }
        if row >= SHEET.0 || column >= SHEET.1 {
            return Err(Finding::of(Rule::WorkbookDamaged));
        }
        push(&mut self.text, cell);
        self.cells.push((row, column, self.text.len()));
        if self.text.len() > TEXT || self.cells.len() > MOST_CELLS {
            return Err(Finding::of(Rule::TooManyRows));
        }
        Ok(())
    }

    /// The rows from the first on, also those above the first value, as wide as the widest or empty; none without a value.
    fn lines(self) -> Result<Option<Vec<u8>>, Finding> {
        let begins = std::iter::once(0).chain(self.cells.iter().map(|(.., end)| *end));
        let mut cells: Vec<(u32, u32, &str)> = begins
            .zip(&self.cells)
            .map(|(begin, (row, column, end))| (*row, *column, self.text.get(begin..*end).unwrap_or_default()))
            .collect();
        cells.sort_by_key(|(row, column, _)| (*row, *column)); // stable, and fast where nothing is to do
        let wide = cells.iter().map(|(_, column, _)| *column).max().unwrap_or_default();
        let rows = cells.chunk_by(|(a, ..), (b, ..)| a == b);
        let Some((below, ..)) = cells.last() else { return Ok(None) };
        let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let area = rows.clone().count().saturating_mul(number(wide + 1)).saturating_add(number(*below));
        if area > MOST_CELLS {
            return Err(Finding::of(Rule::TooManyRows));
        }
        let (mut lines, mut next) = (Vec::with_capacity(self.text.len() + area), 0);
        for cells in rows {
            let (row, mut at) = (cells.first().map_or(0, |(row, ..)| *row), 0);
            lines.extend(std::iter::repeat_n(b'\n', number(row - next)));
            for (i, (_, column, text)) in cells.iter().enumerate() {
                if cells.get(i + 1).is_some_and(|(_, after, _)| after == column) {
                    continue; // the cell is there twice: the last one counts
                }
                lines.extend(std::iter::repeat_n(SEPARATOR, number(column - at)));
                lines.extend_from_slice(text.as_bytes());
                at = *column;
            }
            lines.extend(std::iter::repeat_n(SEPARATOR, number(wide - at)));
            lines.push(b'\n');
            next = row + 1;
        }
        Ok(Some(lines))
    }
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

    /// Cells of a sheet as XML, in a workbook.
    fn sheet(cells: &str) -> Result<Vec<Sheet>, Finding> {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(0, 0, 1).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let mut from = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for i in 0..from.len() {
            let mut file = from.by_index(i).unwrap();
            let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
            std::io::Read::read_to_string(&mut file, &mut text).unwrap();
            if name.ends_with("sheet1.xml") {
                text = format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{cells}</sheetData></worksheet>");
            }
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut to, text.as_bytes()).unwrap();
        }
        sheets(&to.finish().unwrap().into_inner())
    }

    fn text(cells: &str) -> String {
        String::from_utf8(sheet(cells).unwrap()[0].1.clone()).unwrap().replace(char::from(SEPARATOR), "|")
    }

    #[test]
    fn cells_are_where_they_say_in_whatever_order_they_come() {
        let cell = |place: &str, value| format!("<c r=\"{place}\"><v>{value}</v></c>");
        let cells = [cell("C2", 3), cell("B5", 5), cell("A2", 1), cell("C2", 4), "<c r=\"D9\"/>".into()].concat();
        assert_eq!(text(&format!("<row>{cells}</row>")), "\n1||4\n\n\n|5|\n");
        assert!(sheet("<row><c r=\"A1\"/></row>").unwrap().is_empty());
    }

    #[test]
    fn cells_far_apart_cost_what_they_are_and_too_many_are_refused() {
        let cell = |row: u32, column: &str| format!("<row><c r=\"{column}{row}\"><v>1</v></c></row>");
        let far = text(&(cell(1, "A") + &cell(1 << 20, "XFD")));
        assert_eq!((far.len(), far.lines().count()), (2 * (1 << 14) + (1 << 20), 1 << 20));
        let many: String = (1..=1 << 14).map(|row| cell(row, "XFD")).collect();
        assert_eq!(sheet(&many).unwrap_err().rule, Rule::TooManyRows);
        for beyond in ["XFE1", "A1048577", "A99999999999"] {
            let damaged = sheet(&format!("<row><c r=\"{beyond}\"><v>1</v></c></row>"));
            assert_eq!(damaged.unwrap_err().rule, Rule::WorkbookDamaged, "{beyond}");
        }
    }

    #[test]
    fn a_digit_that_changed_on_the_way_is_damage() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(0, 0, 19_900_601).unwrap();
        let mut from = ZipArchive::new(Cursor::new(book.save_to_buffer().unwrap())).unwrap();
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for i in 0..from.len() {
            let mut file = from.by_index(i).unwrap();
            to.start_file(file.name().unwrap().into_owned(), stored).unwrap();
            std::io::copy(&mut file, &mut to).unwrap();
        }
        let mut bytes = to.finish().unwrap().into_inner();
        assert!(sheets(&bytes).is_ok());
        let at = bytes.windows(8).position(|w| w == b"19900601").unwrap();
        bytes[at] = b'2';
        assert_eq!(sheets(&bytes).unwrap_err().rule, Rule::WorkbookDamaged);
    }

    #[test]
    fn a_zip_that_says_it_is_enormous_is_not_unpacked() {
        let mut bytes = rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap();
        let directory = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        bytes[directory + 24..directory + 28].copy_from_slice(&(1_u32 << 30).to_le_bytes());
        assert_eq!(sheets(&bytes).unwrap_err().rule, Rule::TooManyRows);
    }
}
