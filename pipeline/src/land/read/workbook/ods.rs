//! ODS: its values table by table, and what a second look at the same part tells of them.

use std::io::Cursor;

use calamine::{Ods, Reader as _, SheetVisible};
use quick_xml::events::BytesStart;

use super::grid::SHEET;
use super::marks::{Area, Mark, Marks};
use super::package::{is_spreadsheet, text_of};
use super::xml::{Event, Part, Zip, add_text, attribute, attributes, plain, whole};
use super::{Book, Sheet, Shelf, damaged, grid_of, is_error_text};
use crate::land::finding::{Finding, ValidationRule};

/// The day that ODS counts days from unless it says otherwise.
const USUAL_DAY: &str = "1899-12-30";

/// Reads the sheets that are shown.
pub(super) fn read(bytes: &[u8], zip: &mut Zip<'_>) -> Result<Book, Finding> {
    let content = zip.index_for_name("content.xml").ok_or_else(|| Finding::of(ValidationRule::WorkbookDamaged))?;
    whole(zip, &[content])?;
    let is_calculated = match zip.index_for_name("meta.xml") {
        Some(meta) => is_spreadsheet(&text_of(Part::open(zip, meta)?, "generator")?),
        None => false,
    };
    let mut shelf = Shelf::new(bytes.len());
    // Side by side, so that the second look takes no time of its own.
    let (seen, values) = std::thread::scope(|scope| {
        let mut zip = zip.clone();
        let room = shelf.room;
        let look = scope.spawn(move || Look { is_calculated, room, ..Look::default() }.over(Part::open(&mut zip, content)?));
        let values = Ods::new(Cursor::new(bytes)).map_err(damaged);
        (look.join().unwrap_or_else(|_| Err(Finding::of(ValidationRule::WorkbookDamaged))), values)
    });
    let (seen, mut values) = (seen?, values?);
    let known = values.sheets_metadata().to_vec();
    if !known.iter().map(|sheet| &sheet.name).eq(seen.tables.iter().map(|table| &table.name)) {
        return Err(Finding::of(ValidationRule::WorkbookDamaged));
    }
    for (sheet, mut table) in known.into_iter().zip(seen.tables) {
        if sheet.visible != SheetVisible::Visible {
            // What another workbook holds is kept as a table too, and nobody sees it as a sheet.
            if !table.is_linked {
                shelf.hide(sheet.name)?;
            }
            continue;
        }
        let mut grid = grid_of(&values.worksheet_range(&sheet.name).map_err(damaged)?, shelf.room)?;
        grid.mark(std::mem::take(&mut table.marks.cells))?;
        table.marks.told.other_days = seen.other_days;
        if let Some(lines) = grid.lines()? {
            shelf.show(Sheet { name: sheet.name, lines, told: table.marks.told })?;
        }
    }
    Ok(shelf.book)
}

/// One table, and what was seen of it.
#[derive(Default)]
struct Table {
    name: String,
    is_linked: bool,
    marks: Marks,
    row: u32,
    column: u32,
    /// How often the row is repeated.
    rows: u32,
    /// Where the columns that are described have come to.
    described: u32,
}

/// How far the look at the content has come.
#[derive(Default)]
struct Look {
    is_calculated: bool,
    /// So many bytes may be told of a table beside its lines.
    room: usize,
    other_days: bool,
    tables: Vec<Table>,
    /// Whether a table is open.
    within: bool,
    /// How deep in groups that are folded away.
    folded: Vec<bool>,
}

impl Look {
    fn over(mut self, mut part: Part<'_, '_>) -> Result<Self, Finding> {
        loop {
            let cell = match part.next()? {
                Event::Start(e) => self.start(&e)?,
                Event::End(e) => {
                    self.end(e.name().as_ref());
                    None
                }
                Event::Eof => return Ok(self),
                _ => None,
            };
            if let Some(mut cell) = cell {
                cell.read(&mut part)?;
                self.judge(cell)?;
            }
        }
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Result<Option<Cell>, Finding> {
        match (e.name().as_ref(), self.tables.last_mut().filter(|_| self.within)) {
            ("table:null-date", _) => {
                self.other_days |= attribute(e, "table:date-value").is_some_and(|day| !day.starts_with(USUAL_DAY));
            }
            ("table:table", None) => {
                if let Some(name) = attribute(e, "table:name") {
                    self.tables.push(Table { name: plain(name)?, ..Table::default() });
                    self.within = true;
                }
            }
            ("table:table-source", Some(table)) => table.is_linked = true,
            ("table:table-row-group" | "table:table-column-group", Some(_)) => {
                self.folded.push(attribute(e, "table:display") == Some("false"));
            }
            ("table:table-column", Some(table)) => {
                let hidden = is_hidden(e) || self.folded.contains(&true);
                table.describe(times(e, "table:number-columns-repeated"), hidden);
            }
            ("table:table-row", Some(table)) => {
                table.column = 0;
                table.rows = times(e, "table:number-rows-repeated");
                if is_hidden(e) || self.folded.contains(&true) {
                    table.marks.told.hide_rows(table.row, table.rows);
                }
            }
            (CELL | COVERED, Some(_)) => return Cell::of(e).map(Some),
            _ => {}
        }
        Ok(None)
    }

    fn end(&mut self, name: &str) {
        match (name, self.tables.last_mut().filter(|_| self.within)) {
            ("table:table", Some(_)) => self.within = false,
            ("table:table-row", Some(table)) => table.row = table.row.saturating_add(table.rows),
            ("table:table-row-group" | "table:table-column-group", _) => drop(self.folded.pop()),
            _ => {}
        }
    }

    /// Puts down what a cell is beside its value.
    fn judge(&mut self, cell: Cell) -> Result<(), Finding> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let (row, column) = (table.row, table.column);
        table.column = column.saturating_add(cell.times);
        let to = |rows: u32, columns: u32| Area {
            top: row,
            left: column,
            bottom: row.saturating_add(rows.max(1) - 1).min(SHEET.0 - 1),
            right: column.saturating_add(columns.max(1) - 1).min(SHEET.1 - 1),
        };
        if row >= SHEET.0 || column >= SHEET.1 {
            return Ok(());
        }
        if cell.spans != (1, 1) {
            table.marks.told.merged.push(to(cell.spans.0, cell.spans.1));
            table.marks.within(self.room)?;
        }
        let matrix = cell.matrix != (1, 1);
        let Some(mark) = cell.mark(self.is_calculated) else { return Ok(()) };
        let area = if matrix { to(cell.matrix.0, cell.matrix.1) } else { to(table.rows, cell.times) };
        table.marks.mark(area, if matrix && mark == Mark::Uncalculated { Mark::Spill } else { mark });
        Ok(())
    }
}

impl Table {
    fn describe(&mut self, columns: u32, hidden: bool) {
        let (first, after) = (self.described, self.described.saturating_add(columns));
        self.described = after;
        if hidden {
            self.marks.told.hidden_columns.push((first, after - 1));
        }
    }
}

const CELL: &str = "table:table-cell";
const COVERED: &str = "table:covered-table-cell";

/// Whether a cell is one of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    Text,
    #[default]
    Other,
}

/// One cell as it is written.
#[derive(Default)]
struct Cell {
    is_covered: bool,
    times: u32,
    spans: (u32, u32),
    matrix: (u32, u32),
    formula: Option<String>,
    kind: Kind,
    is_error: bool,
    /// Whether it has a value, and the text if that is one.
    value: Option<String>,
    /// What it shows.
    shown: Option<String>,
}

impl Cell {
    fn of(e: &BytesStart<'_>) -> Result<Self, Finding> {
        let mut cell =
            Self { is_covered: e.name().as_ref() == COVERED, times: 1, spans: (1, 1), matrix: (1, 1), ..Self::default() };
        for (key, value) in attributes(e) {
            let count = || value.parse().unwrap_or(1).max(1);
            match key {
                "table:number-columns-repeated" => cell.times = count(),
                "table:number-rows-spanned" => cell.spans.0 = count(),
                "table:number-columns-spanned" => cell.spans.1 = count(),
                "table:number-matrix-rows-spanned" => cell.matrix.0 = count(),
                "table:number-matrix-columns-spanned" => cell.matrix.1 = count(),
                "table:formula" => cell.formula = Some(plain(value)?),
                "office:value-type" => cell.kind = if value == "string" { Kind::Text } else { Kind::Other },
                "calcext:value-type" => cell.is_error |= value == "error",
                "office:value" | "office:string-value" | "office:date-value" | "office:time-value" | "office:boolean-value" => {
                    cell.value = Some(plain(value)?);
                }
                _ => {}
            }
        }
        Ok(cell)
    }

    /// Reads to the end of the cell: what it shows, without what is noted or drawn on it.
    fn read(&mut self, part: &mut Part<'_, '_>) -> Result<(), Finding> {
        let name = if self.is_covered { COVERED } else { CELL };
        let (mut aside, mut paragraphs) = (0_u32, 0_u32);
        loop {
            match part.next()? {
                Event::Start(e) => match e.name().as_ref() {
                    "office:annotation" | "draw:frame" | "table:table" => aside += 1,
                    "text:p" if aside == 0 => {
                        paragraphs += 1;
                        let shown = self.shown.get_or_insert_default();
                        shown.push_str(if paragraphs > 1 { " " } else { "" });
                    }
                    "text:s" | "text:tab" | "text:line-break" if aside == 0 => {
                        self.shown.get_or_insert_default().push(' ');
                    }
                    _ => {}
                },
                Event::End(e) => match e.name().as_ref() {
                    "office:annotation" | "draw:frame" | "table:table" => aside = aside.saturating_sub(1),
                    end if aside == 0 && end == name => return Ok(()),
                    _ => {}
                },
                Event::Eof => return Err(Finding::of(ValidationRule::WorkbookDamaged)),
                event => {
                    if let (0, Some(shown)) = (aside, &mut self.shown) {
                        add_text(&event, shown);
                    }
                }
            }
        }
    }

    fn is_zero(&self) -> bool {
        self.value.as_deref().is_some_and(|value| value == "false" || value.parse() == Ok(0.0_f64))
    }

    /// What its value is instead of what was read, if it is that.
    ///
    /// An error is written as one by some programs, by others as the zero or the empty text that the cell holds, with its name
    /// only in what is shown.
    fn mark(&self, is_calculated: bool) -> Option<Mark> {
        let shown = self.shown.as_deref().unwrap_or_default().trim();
        let constant = |formula: &str| formula.rsplit('=').next().is_some_and(|text| is_error_text(text.trim()));
        let fails = self.formula.as_deref().is_some_and(|formula| is_error_text(shown) || constant(formula));
        if self.is_error || fails {
            return Some(Mark::Error);
        }
        let is_empty = self.value.as_deref().is_none_or(str::is_empty);
        let is_text = self.kind == Kind::Text;
        if is_text && self.value.is_some() && is_empty && !shown.is_empty() {
            return Some(Mark::Text(shown.to_owned()));
        }
        if self.formula.is_some() {
            let has_result = match (is_text, is_empty) {
                (true, _) if !shown.is_empty() => true,
                (true, true) => is_calculated && (self.value.is_some() || self.shown.is_some()),
                // A library writes zero for what it has not calculated, and shows nothing.
                _ if !is_calculated && shown.is_empty() && self.is_zero() => false,
                (_, is_empty) => !is_empty,
            };
            return (!has_result).then_some(Mark::Uncalculated);
        }
        // A value that is not given apart from what is shown is that.
        (!is_text && self.value.is_none() && !shown.is_empty()).then(|| Mark::Text(shown.to_owned()))
    }
}

fn is_hidden(e: &BytesStart<'_>) -> bool {
    attribute(e, "table:visibility").is_some_and(|visibility| matches!(visibility, "collapse" | "filter"))
}

fn times(e: &BytesStart<'_>, name: &str) -> u32 {
    attribute(e, name).and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
}
