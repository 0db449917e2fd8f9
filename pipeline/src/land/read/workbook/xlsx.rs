//! XLSX: its values cell by cell, and what a second look at the same parts tells of them.

use std::io::{Cursor, Read, Seek};

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use quick_xml::events::BytesStart;

use super::grid::Grid;
use super::marks::{Area, Mark, Marks};
use super::package::Package;
use super::plain;
use super::xml::{Event, Part, Zip, add_text, attribute, attributes, is_set, to_end, whole};
use super::{Book, Sheet, Shelf, damaged, is_error_text};
use crate::land::finding::{Finding, ValidationRule};

/// Reads the sheets that are shown.
pub(super) fn read(bytes: &[u8], zip: &mut Zip<'_>, package: &Package) -> Result<Book, Finding> {
    // The reader of values asks for the strings of all sheets at once: no part is left to be found damaged after that.
    let sheets: Vec<usize> = package.sheets.iter().map(|(_, part)| *part).collect();
    whole(zip, &sheets)?;
    let mut values = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let known = values.sheets_metadata().to_vec();
    if !known.iter().map(|sheet| &sheet.name).eq(package.sheets.iter().map(|(name, _)| name)) {
        return Err(Finding::of(ValidationRule::WorkbookDamaged));
    }
    let mut shelf = Shelf::new(bytes.len());
    for (sheet, (_, part)) in known.into_iter().zip(&package.sheets) {
        if sheet.visible != SheetVisible::Visible {
            to_end(zip, *part)?;
            if sheet.typ == SheetType::WorkSheet {
                shelf.hide(sheet.name)?;
            }
            continue;
        }
        // Side by side, so that the second look takes no time of its own.
        let (looked, read) = std::thread::scope(|scope| {
            let (mut zip, room) = (zip.clone(), shelf.room);
            let look = scope.spawn(move || match plain::is_plain(&mut zip, *part)? {
                true => Ok(Marks::default()),
                false => marks(Part::open(&mut zip, *part)?, package, room),
            });
            let read = cells(&mut values, &sheet.name, room);
            (look.join().unwrap_or_else(|_| Err(misplaced())), read)
        });
        let mut marks = looked?;
        let Some((mut grid, unknown)) = read? else { continue };
        if unknown && marks.unplaced {
            return Err(misplaced()); // which cell comes after an error without a name is not known
        }
        grid.mark(std::mem::take(&mut marks.cells))?;
        marks.told.other_days = values.has_1904_epoch();
        if let Some(lines) = grid.lines()? {
            shelf.show(Sheet { name: sheet.name, lines, told: marks.told })?;
        }
    }
    Ok(shelf.book)
}

/// The cells of a sheet one by one: what lies between two that are far apart is not made before it is known how much it is.
/// And whether one was passed over, because it holds an error that the reader has no name for.
fn cells<F: Read + Seek>(book: &mut Xlsx<F>, name: &str, room: usize) -> Result<Option<(Grid, bool)>, Finding> {
    let (mut grid, mut unknown) = (Grid::new(room), false);
    let mut reader = match book.worksheet_cells_reader(name) {
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None), // a sheet that is a chart
        reader => reader.map_err(damaged)?,
    };
    loop {
        match reader.next_cell() {
            Ok(Some(cell)) => {
                let (row, column) = cell.get_position();
                grid.push(row, column, &Data::from(cell.get_value().clone()))?;
            }
            Ok(None) => return Ok(Some((grid, unknown))),
            Err(XlsxError::CellError(_)) => unknown = true,
            Err(error) => return Err(damaged(error)),
        }
    }
}

/// Where the look at a sheet is.
#[derive(Default)]
struct At {
    row: u32,
    column: u32,
    /// What is known of the cell: where it is, its kind and its formula.
    here: (u32, u32),
    kind: Kind,
    formula: Option<Option<Area>>,
    /// Whether the cell has a value after its formula, and what it says.
    value: Option<String>,
    within_value: bool,
}

/// What a cell's value is said to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    /// A text that a formula gave.
    Text,
    Error,
    Other,
}

/// What a sheet tells beside its values, with so much room for it.
fn marks(mut part: Part<'_, '_>, package: &Package, room: usize) -> Result<Marks, Finding> {
    let (mut marks, mut at) = (Marks::default(), At::default());
    loop {
        match part.next()? {
            Event::Start(e) => match e.local_name().as_ref() {
                "c" => at.cell(&e, &mut marks)?,
                "v" => at.within_value = at.formula.is_some(),
                "is" if at.formula.is_some() => at.value = Some("is".to_owned()),
                "f" => at.formula(&e),
                "row" => at.row(&e, &mut marks)?,
                "col" => column(&e, &mut marks),
                "mergeCell" => {
                    marks.told.merged.push(area(attribute(&e, "ref").unwrap_or_default())?);
                    marks.within(room)?;
                }
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "c" => at.judge(package, &mut marks),
                "v" if at.within_value => {
                    at.within_value = false;
                    at.value.get_or_insert_default();
                }
                "row" => (at.row, at.column) = (at.row + 1, 0),
                _ => {}
            },
            Event::Eof => return Ok(marks),
            event if at.within_value => add_text(&event, at.value.get_or_insert_default()),
            _ => {}
        }
    }
}

impl At {
    fn row(&mut self, e: &BytesStart<'_>, marks: &mut Marks) -> Result<(), Finding> {
        let mut hidden = false;
        for (key, value) in attributes(e) {
            match key {
                "r" => self.row = number(value).and_then(|row| row.checked_sub(1)).ok_or_else(misplaced)?,
                "hidden" => hidden = is_set(value),
                _ => {}
            }
        }
        if hidden {
            marks.told.hide_row(self.row);
        }
        Ok(())
    }

    fn cell(&mut self, e: &BytesStart<'_>, marks: &mut Marks) -> Result<(), Finding> {
        (self.kind, self.formula, self.value, self.within_value) = (Kind::Number, None, None, false);
        let mut is_placed = false;
        for (key, value) in attributes(e) {
            match key {
                "r" => {
                    self.here = place(value)?;
                    is_placed = true;
                }
                "t" => {
                    self.kind = match value {
                        "n" => Kind::Number,
                        "str" => Kind::Text,
                        "e" => Kind::Error,
                        _ => Kind::Other,
                    }
                }
                _ => {}
            }
        }
        if is_placed {
            self.column = self.here.1;
        } else {
            (self.here, marks.unplaced) = ((self.row, self.column), true);
        }
        Ok(())
    }

    /// What was before the formula is not its result.
    fn formula(&mut self, e: &BytesStart<'_>) {
        let spills = attribute(e, "t") == Some("array");
        let over = attribute(e, "ref").filter(|_| spills).and_then(|over| area(over).ok());
        (self.formula, self.value) = (Some(over), None);
    }

    /// Marks the cell that ends if its value is none.
    ///
    /// Excel, and programs like it, write an empty result as an empty text; libraries that do not calculate write the same, or
    /// nothing, or a zero. So an empty text counts only where a spreadsheet program says that it has saved the workbook, and a
    /// zero does not count where the workbook asks to be calculated when it is opened, which none of these programs leaves in
    /// it. Any other result has been given by somebody who knew it.
    fn judge(&mut self, package: &Package, marks: &mut Marks) {
        let here = Area::cell(self.here.0, self.here.1);
        self.column += 1;
        if self.kind == Kind::Error {
            marks.mark(here, Mark::Error);
        }
        let Some(over) = self.formula.take() else { return };
        let text = self.value.as_deref().map(str::trim);
        let is_calculated = package.is_calculated && !package.calculates_on_load;
        let is_none = match (text, self.kind) {
            (None, _) => true,
            (Some(""), Kind::Text) => !is_calculated,
            (Some(""), _) => true,
            (Some(text), Kind::Number | Kind::Other) => package.calculates_on_load && text.parse() == Ok(0.0_f64),
            (Some(_), _) => false,
        };
        if is_none {
            marks.mark(over.unwrap_or(here), if over.is_some() { Mark::Spill } else { Mark::Uncalculated });
        } else if self.kind == Kind::Text && text.is_some_and(is_error_text) {
            marks.mark(here, Mark::Error);
        }
    }
}

fn column(e: &BytesStart<'_>, marks: &mut Marks) {
    let of = |name| attribute(e, name).and_then(number).and_then(|n| n.checked_sub(1));
    if let (Some(first), Some(last), true) = (of("min"), of("max"), attribute(e, "hidden").is_some_and(is_set)) {
        marks.told.hidden_columns.push((first, last));
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

fn misplaced() -> Finding {
    Finding::of(ValidationRule::WorkbookDamaged)
}

/// A cell's row and column, from `B3`.
fn place(text: &str) -> Result<(u32, u32), Finding> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = text.split_at_checked(letters).ok_or_else(misplaced)?;
    let add = |n: u32, letter: u8| n.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let column = letters.bytes().try_fold(0_u32, add).and_then(|column| column.checked_sub(1));
    let row = number(digits).and_then(|row| row.checked_sub(1));
    row.zip(column).ok_or_else(misplaced)
}

/// The cells of `B3:C5`.
fn area(text: &str) -> Result<Area, Finding> {
    let text = text.replace('$', "");
    let (first, last) = text.split_once(':').unwrap_or((&text, &text));
    let ((top, left), (bottom, right)) = (place(first)?, place(last)?);
    if top > bottom || left > right {
        return Err(misplaced());
    }
    Ok(Area { top, left, bottom, right })
}
