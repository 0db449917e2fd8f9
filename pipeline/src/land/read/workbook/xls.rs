//! XLS: its values sheet by sheet. The reader of values tells hidden sheets, merged cells and the first day, but neither hidden
//! rows nor whether a result was ever calculated.

use std::io::Cursor;

use calamine::{Reader as _, SheetType, SheetVisible, Xls};

use super::marks::{Area, Told};
use super::{Book, Sheet, Shelf, damaged, grid_of};
use crate::land::finding::Finding;

/// Reads the sheets that are shown.
pub(super) fn read(bytes: &[u8]) -> Result<Book, Finding> {
    let mut values = Xls::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut shelf = Shelf::new(bytes.len());
    for sheet in values.sheets_metadata().to_vec() {
        if sheet.visible != SheetVisible::Visible {
            if sheet.typ == SheetType::WorkSheet {
                shelf.hide(sheet.name)?;
            }
            continue;
        }
        let merged = values.merge_cells_by_sheet_name(&sheet.name).map_err(damaged)?.into_iter();
        let merged =
            merged.map(|cells| Area { top: cells.start.0, left: cells.start.1, bottom: cells.end.0, right: cells.end.1 });
        let told = Told { merged: merged.collect(), other_days: values.has_1904_epoch(), is_old: true, ..Told::default() };
        let grid = grid_of(&values.worksheet_range(&sheet.name).map_err(damaged)?, shelf.room)?;
        if let Some(lines) = grid.lines()? {
            shelf.show(Sheet { name: sheet.name, lines, told })?;
        }
    }
    Ok(shelf.book)
}
