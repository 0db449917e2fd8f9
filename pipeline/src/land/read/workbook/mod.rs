//! Workbooks (XLSX, ODS, XLS): each sheet as lines of text, so that everything after this reads one form only, and what a person
//! sees of it is what is read.
//!
//! Rows keep their numbers. Dates become ISO dates; a number keeps its digits, so that what a spreadsheet has rewritten can
//! still be told from what somebody typed; a formula counts by its stored result, and an error, or no result, is told as one.
//!
//! ```text
//! xlsx, ods, xls  values by a reader of such files, and a second look at the same parts for what it passes over
//! package, xml    the parts of the zip (plain: those with nothing more to see)
//! marks           what is hidden, merged, or no value
//! grid, cell      lines of text
//! seen            what the marks mean once it is known where the headings are and which column is which
//! guise           files that only have the name of a workbook
//! ```

mod cell;
mod grid;
pub mod guise;
mod marks;
mod ods;
mod package;
mod plain;
pub mod seen;
mod xls;
mod xlsx;
mod xml;

use std::io::Cursor;

use calamine::{Data, Range};
use grid::Grid;
pub use marks::{Area, Told};
use package::Package;
use xml::Zip;
use zip::ZipArchive;

use crate::land::finding::{Finding, ValidationRule};

/// What separates the fields of a sheet's lines: no cell holds it, because control characters are taken out.
pub const SEPARATOR: u8 = 0x1F;
/// How a cell that has no value to be read begins: with an error of the spreadsheet, or with one of the marks below.
pub const ERROR: char = '#';
/// A formula without a stored result.
pub const UNCALCULATED: &str = "#=";
/// A cell that is merged with one of another column.
pub const ACROSS: &str = "#+";
/// An identity number that is merged over several rows.
pub const SHARED_NUMBER: &str = "#|";
/// The number of a day in a workbook that counts days from another one.
pub const OTHER_DAYS: &str = "#4";
/// So many bytes a workbook may say that it has when it is unpacked.
const UNPACKED: u64 = 1 << 30;
/// No workbook of lists has more sheets.
pub const SHEETS: usize = 1_000;
/// How much the lines of all sheets of a workbook may be: so many times its own bytes, but at least the second and at most the
/// third. Lists are up to ten times as long as the workbook; what is a thousand times as long is made to take all memory.
const ROOM: (usize, usize, usize) = (64, 32 << 20, 512 << 20);

/// How many bytes may be told of a workbook of so many bytes.
pub fn room(length: usize) -> usize {
    length.saturating_mul(ROOM.0).clamp(ROOM.1, ROOM.2)
}

/// The rule that a cell without a value to be read breaks; none if it has one.
pub fn fault(cell: &str) -> Option<ValidationRule> {
    match cell {
        UNCALCULATED => Some(ValidationRule::Uncalculated),
        ACROSS => Some(ValidationRule::MergedAcross),
        SHARED_NUMBER => Some(ValidationRule::MergedNumber),
        OTHER_DAYS => Some(ValidationRule::DayNumber),
        cell => cell.starts_with(ERROR).then_some(ValidationRule::ExcelError),
    }
}

/// One sheet.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows as lines.
    pub lines: Vec<u8>,
    /// What is known of it beside them.
    pub told: Told,
}

/// A workbook: the sheets that are shown and have a value, and the names of those that are hidden and so not read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The sheets that are shown.
    pub sheets: Vec<Sheet>,
    /// The names of the others.
    pub hidden: Vec<String>,
}

utfall_ground::redacted!(Sheet Book);

impl Sheet {
    /// How many bytes are told of it.
    pub fn size(&self) -> usize {
        self.name.len() + self.lines.len() + self.told.size()
    }
}

/// A workbook as its sheets are read, one after the other, and how much room is left in it.
struct Shelf {
    book: Book,
    room: usize,
}

impl Shelf {
    /// For a workbook of so many bytes.
    fn new(length: usize) -> Self {
        Self { book: Book::default(), room: room(length) }
    }

    /// Adds a sheet that is shown.
    fn show(&mut self, sheet: Sheet) -> Result<(), Finding> {
        self.take(sheet.size())?;
        self.book.sheets.push(sheet);
        Ok(())
    }

    /// Adds the name of a hidden one.
    fn hide(&mut self, name: String) -> Result<(), Finding> {
        self.take(name.len())?;
        self.book.hidden.push(name);
        Ok(())
    }

    fn take(&mut self, size: usize) -> Result<(), Finding> {
        let sheets = self.book.sheets.len() + self.book.hidden.len();
        let left = self.room.checked_sub(size).filter(|_| sheets < SHEETS);
        self.room = left.ok_or_else(|| Finding::of(ValidationRule::TooManyRows))?;
        Ok(())
    }
}

/// Reads every sheet that is shown and has a value.
///
/// # Errors
/// When the workbook is damaged or locked, or larger than [`room`].
pub fn book(bytes: &[u8]) -> Result<Book, Finding> {
    // The reader is told hostile files too: should it panic, the file is damaged, and nothing else happens. Where it takes all
    // memory, see [`crate::land::read::sandbox`].
    let read = std::panic::catch_unwind(|| {
        if !bytes.starts_with(b"PK") {
            return xls::read(bytes);
        }
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        // What says that it is too large is not unpacked.
        let size = |zip: &mut Zip<'_>, i| Ok(u128::from(zip.by_index_raw(i).map_err(damaged)?.size()));
        let says = (0..zip.len()).try_fold(0_u128, |sum, i| Ok(sum + size(&mut zip, i)?))?;
        if says > u128::from(UNPACKED) {
            return Err(Finding::of(ValidationRule::TooManyRows));
        }
        match Package::of(&mut zip)? {
            Some(package) => xlsx::read(bytes, &mut zip, &package),
            None => ods::read(bytes, &mut zip),
        }
    });
    let book = read.unwrap_or_else(|_| Err(Finding::of(ValidationRule::WorkbookDamaged)))?;
    // Of two sheets of one name only one would be read, twice.
    let mut names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|two| two.first() == two.last()) {
        return Err(Finding::of(ValidationRule::WorkbookDamaged));
    }
    Ok(book)
}

fn damaged<E>(_: E) -> Finding {
    Finding::of(ValidationRule::WorkbookDamaged)
}

/// The cells of a sheet that comes whole, with so much room.
fn grid_of(range: &Range<Data>, room: usize) -> Result<Grid, Finding> {
    let (mut grid, (above, left)) = (Grid::new(room), Range::start(range).unwrap_or_default());
    for (row, column, cell) in range.used_cells() {
        let place = |first: u32, i: usize| u32::try_from(i).unwrap_or(u32::MAX).saturating_add(first);
        grid.push(place(above, row), place(left, column), cell)?;
    }
    Ok(grid)
}

/// Whether what a formula gave is the name of an error, in whatever language it is shown: `#SAKNAS!`, `#N/A`, `Err:508`.
fn is_error_text(text: &str) -> bool {
    let named = text.strip_prefix(ERROR).is_some_and(|name| name.starts_with(char::is_uppercase));
    let numbered = text.split_once(':').is_some_and(|(word, number)| {
        matches!(word, "Err" | "Fel" | "Error") && number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit())
    });
    named || numbered
}

#[cfg(test)]
mod tests;
