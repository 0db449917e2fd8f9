//! The cells of a sheet, and how they become lines.

use calamine::Data;

use super::marks::{Area, Mark};
use super::{ERROR, SEPARATOR, UNCALCULATED, cell};
use crate::land::finding::{Finding, ValidationRule};

/// More cells than this (empty ones inside the used area and before it count) are no list.
const MOST_CELLS: usize = 200_000_000;
/// So many cells may be other than what was read of them.
const MOST_MARKS: u64 = 20_000_000;
/// No spreadsheet has more rows and columns.
pub(super) const SHEET: (u32, u32) = (1 << 20, 1 << 14);

/// The cells of a sheet that have a value, in the order in which they were read: mostly that of rows and columns.
pub(super) struct Grid {
    /// Row, column, and where the text ends; it begins where that of the cell before ends.
    cells: Vec<(u32, u32, usize)>,
    text: String,
    /// So many bytes its lines may be.
    room: usize,
}

impl Grid {
    /// Without cells yet, with so much room for its lines.
    pub(super) fn new(room: usize) -> Self {
        Self { cells: Vec::new(), text: String::new(), room }
    }

    /// Adds a cell as it was read.
    pub(super) fn push(&mut self, row: u32, column: u32, cell: &Data) -> Result<(), Finding> {
        if *cell == Data::Empty { Ok(()) } else { self.add(row, column, |text| cell::write(text, cell)) }
    }

    fn add(&mut self, row: u32, column: u32, write: impl FnOnce(&mut String)) -> Result<(), Finding> {
        if row >= SHEET.0 || column >= SHEET.1 {
            return Err(Finding::of(ValidationRule::WorkbookDamaged));
        }
        write(&mut self.text);
        self.cells.push((row, column, self.text.len()));
        // Behind each cell comes a separator or the end of a line.
        if self.text.len() + self.cells.len() > self.room { Err(Finding::of(ValidationRule::TooManyRows)) } else { Ok(()) }
    }

    /// Puts what the cells' own values do not tell in their place.
    pub(super) fn mark(&mut self, marks: Vec<(Area, Mark)>) -> Result<(), Finding> {
        if marks.iter().map(|(area, _)| area.cells()).fold(0, u64::saturating_add) > MOST_MARKS {
            return Err(Finding::of(ValidationRule::TooManyRows));
        }
        let begins = |area: &Area| (area.top, area.left);
        let spills = marks.iter().filter(|(area, mark)| *mark == Mark::Spill && area.cells() > 1).map(|(area, _)| *area);
        let results = self.results(&spills.collect::<Vec<_>>());
        for (area, mark) in marks {
            if area.bottom >= SHEET.0 || area.right >= SHEET.1 {
                return Err(Finding::of(ValidationRule::WorkbookDamaged));
            }
            for (row, column) in area.places() {
                match &mark {
                    Mark::Error => self.add(row, column, |text| text.push(ERROR))?,
                    Mark::Spill if begins(&area) != (row, column) && results.contains(&(row, column)) => {}
                    Mark::Uncalculated | Mark::Spill => self.add(row, column, |text| text.push_str(UNCALCULATED))?,
                    Mark::Text(shown) => self.add(row, column, |text| cell::write_text(text, shown))?,
                }
            }
        }
        Ok(())
    }

    /// The places in some areas that have a value of their own, other than the zero that stands for none.
    fn results(&self, areas: &[Area]) -> std::collections::HashSet<(u32, u32)> {
        if areas.is_empty() {
            return std::collections::HashSet::new();
        }
        let within = |row: u32, column: u32| areas.iter().any(|area| area.contains(row, column));
        let has_value = |text: &str| !matches!(text, "" | "0");
        self.texts().filter(|(row, column, text)| has_value(text) && within(*row, *column)).map(|(r, c, _)| (r, c)).collect()
    }

    fn texts(&self) -> impl Iterator<Item = (u32, u32, &str)> {
        let begins = std::iter::once(0).chain(self.cells.iter().map(|(.., end)| *end));
        begins.zip(&self.cells).map(|(begin, (row, column, end))| (*row, *column, self.text.get(begin..*end).unwrap_or_default()))
    }

    /// The rows from the first on, also those above the first value, as wide as the widest or empty; none without a value.
    pub(super) fn lines(self) -> Result<Option<Vec<u8>>, Finding> {
        let mut cells: Vec<(u32, u32, &str)> = self.texts().collect();
        cells.sort_by_key(|(row, column, _)| (*row, *column)); // stable, and fast where nothing is to do
        let wide = cells.iter().map(|(_, column, _)| *column).max().unwrap_or_default();
        let rows = cells.chunk_by(|(a, ..), (b, ..)| a == b);
        let Some((below, ..)) = cells.last() else { return Ok(None) };
        let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let area = rows.clone().count().saturating_mul(number(wide + 1)).saturating_add(number(*below));
        if area > MOST_CELLS || self.text.len() + area > self.room {
            return Err(Finding::of(ValidationRule::TooManyRows));
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
