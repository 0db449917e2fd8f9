//! What a sheet tells beside the values of its cells: what is hidden, what is merged, and where a value is none.

use crate::land::finding::{Finding, ValidationRule};

/// Cells from one corner to another, both of them in it; rows and columns are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// The first row.
    pub top: u32,
    /// The first column.
    pub left: u32,
    /// The last row.
    pub bottom: u32,
    /// The last column.
    pub right: u32,
}

impl Area {
    /// One cell.
    pub(super) fn cell(row: u32, column: u32) -> Self {
        Self { top: row, left: column, bottom: row, right: column }
    }

    /// Whether a cell is in it.
    pub(super) fn contains(&self, row: u32, column: u32) -> bool {
        (self.top..=self.bottom).contains(&row) && (self.left..=self.right).contains(&column)
    }

    /// How many cells it has.
    pub(super) fn cells(&self) -> u64 {
        let side = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
        side(self.top, self.bottom).saturating_mul(side(self.left, self.right))
    }

    /// Its cells, row by row.
    pub(super) fn places(self) -> impl Iterator<Item = (u32, u32)> {
        (self.top..=self.bottom).flat_map(move |row| (self.left..=self.right).map(move |column| (row, column)))
    }
}

/// What stands in cells instead of what was read of them.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// The result is an error.
    Error,
    /// A formula without a stored result.
    Uncalculated,
    /// A formula of several cells without a stored result in the first: those of the others count where there are any.
    Spill,
    /// What the cell shows, where its value is not given otherwise.
    Text(String),
}

/// What is known of a sheet beside its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// First and last rows that are hidden or filtered away, counted from 0.
    pub hidden_rows: Vec<(u32, u32)>,
    /// First and last columns that are hidden.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Cells that are merged into one.
    pub merged: Vec<Area>,
    /// Whether the workbook counts days from another day than usual, mostly from 1904.
    pub other_days: bool,
    /// Whether a formula has no stored result.
    pub uncalculated: bool,
    /// Whether the file is of a kind of which hidden rows and formulas without a result cannot be told.
    pub is_old: bool,
}

/// All that one look at a sheet told.
#[derive(Default)]
pub(super) struct Marks {
    /// What stands in which cells.
    pub(super) cells: Vec<(Area, Mark)>,
    /// What is told of the sheet.
    pub(super) told: Told,
    /// Whether a cell does not say where it is.
    pub(super) unplaced: bool,
}

utfall_ground::redacted!(Mark Marks);

impl Marks {
    /// Stops a sheet that tells more beside its lines than there is room for.
    pub(super) fn within(&self, room: usize) -> Result<(), Finding> {
        if self.told.size() > room { Err(Finding::of(ValidationRule::TooManyRows)) } else { Ok(()) }
    }

    /// Notes what stands in some cells.
    pub(super) fn mark(&mut self, area: Area, mark: Mark) {
        self.told.uncalculated |= matches!(mark, Mark::Uncalculated | Mark::Spill);
        self.cells.push((area, mark));
    }
}

impl Told {
    /// Notes that a row is hidden.
    pub(super) fn hide_row(&mut self, row: u32) {
        self.hide_rows(row, 1);
    }

    /// Notes that so many rows are hidden.
    pub(super) fn hide_rows(&mut self, row: u32, count: u32) {
        let end = row.saturating_add(count.saturating_sub(1));
        match self.hidden_rows.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(row) => *last = end,
            _ => self.hidden_rows.push((row, end)),
        }
    }

    /// How many bytes it is when it is told.
    pub(super) fn size(&self) -> usize {
        8 * (self.hidden_rows.len() + self.hidden_columns.len()) + 16 * self.merged.len() + 4 * 3
    }

    /// Whether there is anything that lines and headings must be looked at for.
    pub fn is_telling(&self) -> bool {
        let hides = !self.hidden_rows.is_empty() || !self.hidden_columns.is_empty();
        hides || !self.merged.is_empty() || self.other_days || self.uncalculated || self.is_old
    }
}
