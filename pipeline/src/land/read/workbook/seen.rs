//! What the marks of a sheet mean once its headings are known: merged cells give their value to each of their rows or are
//! findings, rows and columns that nobody sees are counted, and numbers of days that are counted otherwise are no dates.

use std::collections::HashMap;

use super::marks::Area;
use super::{ACROSS, OTHER_DAYS, SEPARATOR, SHARED_NUMBER, Sheet, UNCALCULATED};
use crate::land::finding::{Finding, Severity, ValidationRule};

/// Where in a sheet is what.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The row of the headings, as a spreadsheet counts.
    pub heading_row: u64,
    /// The column of the identity number.
    pub identity: Option<usize>,
    /// The columns that are read.
    pub read: Vec<usize>,
    /// The columns of dates among them.
    pub dates: Vec<usize>,
}

/// So often a row may lie in a merged area: they do not overlap in a sheet that anybody has seen.
const MOST: usize = 50_000_000;

/// Makes the lines of a sheet those that a person sees, of which there may be so many bytes; gives what there is to say of it.
///
/// # Errors
/// When there would be more.
pub fn settle(sheet: &mut Sheet, place: &Place, room: usize) -> Result<Vec<Finding>, Finding> {
    let mut findings = Vec::new();
    if !sheet.told.merged.is_empty() {
        let (spread, given) = Merged::of(sheet, place)?.spread(&sheet.lines, room)?;
        sheet.lines = spread;
        findings.extend((given > 0).then(|| Finding::of(ValidationRule::MergedRows(given))));
    }
    if sheet.told.other_days && !place.dates.is_empty() {
        sheet.lines = without_day_numbers(&sheet.lines, place);
    }
    if sheet.told.uncalculated {
        // A title may say which month the list is of.
        let titles = rows(&sheet.lines)
            .zip(1..place.heading_row)
            .filter(|(line, _)| cells(line).any(|cell| cell == UNCALCULATED.as_bytes()));
        let rejected = |row| Finding { severity: Severity::Rejected, ..Finding::row(row, None, ValidationRule::Uncalculated) };
        findings.extend(titles.map(|(_, row)| rejected(row)));
    }
    findings.extend(sheet.told.is_old.then(|| Finding::of(ValidationRule::OldWorkbook)));
    let hidden = hidden_rows(&sheet.lines, &sheet.told.hidden_rows, place.heading_row);
    findings.extend((hidden > 0).then(|| Finding::of(ValidationRule::HiddenRows(hidden))));
    let is_hidden = |column: &&usize| {
        let column = u32::try_from(**column).unwrap_or(u32::MAX);
        sheet.told.hidden_columns.iter().any(|(first, last)| (first..=last).contains(&&column))
    };
    let hidden = place.read.iter().filter(is_hidden).count();
    findings.extend((hidden > 0).then(|| Finding::of(ValidationRule::HiddenColumns(u64::try_from(hidden).unwrap_or_default()))));
    Ok(findings)
}

fn rows(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines.strip_suffix(b"\n").unwrap_or(lines).split(|b| *b == b'\n')
}

fn cells(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == SEPARATOR)
}

fn is_blank(cell: &[u8]) -> bool {
    cell.iter().all(|b| matches!(*b, SEPARATOR | b' '))
}

fn join(cells: &[&[u8]], out: &mut Vec<u8>) {
    for (i, cell) in cells.iter().enumerate() {
        out.extend((i > 0).then_some(SEPARATOR));
        out.extend_from_slice(cell);
    }
    out.push(b'\n');
}

/// How many rows of people are hidden.
fn hidden_rows(lines: &[u8], hidden: &[(u32, u32)], heading_row: u64) -> u64 {
    if hidden.is_empty() {
        return 0;
    }
    let mut hidden = hidden.to_vec();
    hidden.sort_unstable();
    let (mut ranges, mut count) = (hidden.into_iter().peekable(), 0);
    for (row, line) in (0_u32..).zip(rows(lines)) {
        while ranges.next_if(|(_, last)| *last < row).is_some() {}
        let is_hidden = ranges.peek().is_some_and(|(first, _)| *first <= row);
        count += u64::from(is_hidden && u64::from(row) >= heading_row && !is_blank(line));
    }
    count
}

/// Days are told from numbers by their column: of a number that is not formatted as a day nobody sees which day it is, and
/// where they are counted from another day it is none of those that are read elsewhere.
fn without_day_numbers(lines: &[u8], place: &Place) -> Vec<u8> {
    let mut out = Vec::with_capacity(lines.len());
    for (row, line) in (0_u64..).zip(rows(lines)) {
        let mut fields: Vec<&[u8]> = cells(line).collect();
        for date in place.dates.iter().filter(|_| row >= place.heading_row) {
            if let Some(field) = fields.get_mut(*date)
                && field.trim_ascii().len() == 5
                && field.trim_ascii().iter().all(u8::is_ascii_digit)
            {
                *field = OTHER_DAYS.as_bytes();
            }
        }
        join(&fields, &mut out);
    }
    out
}

/// The merged areas of a sheet.
struct Merged<'m> {
    place: &'m Place,
    /// In the order of their first rows.
    areas: Vec<Area>,
    /// Per area how many rows have a value of their own beside it.
    rows: Vec<u32>,
    /// The rows that some area is in, and whether there is a value beside the areas.
    own: HashMap<u32, bool>,
}

impl<'m> Merged<'m> {
    fn of(sheet: &Sheet, place: &'m Place) -> Result<Self, Finding> {
        let mut areas: Vec<Area> = sheet.told.merged.iter().copied().filter(|area| area.cells() > 1).collect();
        areas.sort_unstable();
        let mut merged = Self { place, rows: vec![0; areas.len()], areas, own: HashMap::new() };
        let (mut most, mut rows_of) = (0, vec![0_u32; merged.areas.len()]);
        merged.each(&sheet.lines, |merged, row, fields, active| {
            most += active.len();
            let covered = |column: u32| {
                let area = active.iter().filter_map(|i| merged.areas.get(*i)).find(|area| area.contains(row, column));
                area.is_some_and(|area| (area.top, area.left) != (row, column))
            };
            let own = (0_u32..).zip(fields).any(|(column, field)| !is_blank(field) && !covered(column));
            merged.own.insert(row, own);
            active.iter().filter(|_| own).for_each(|i| rows_of.get_mut(*i).into_iter().for_each(|rows| *rows += 1));
            if most > MOST { Err(Finding::of(ValidationRule::TooManyRows)) } else { Ok(()) }
        })?;
        merged.rows = rows_of;
        Ok(merged)
    }

    /// Visits every row with the areas that it is in.
    fn each<'l>(
        &mut self,
        lines: &'l [u8],
        mut visit: impl FnMut(&mut Self, u32, &[&'l [u8]], &[usize]) -> Result<(), Finding>,
    ) -> Result<(), Finding> {
        let (mut next, mut active, mut fields) = (0, Vec::new(), Vec::new());
        for (row, line) in (0_u32..).zip(rows(lines)) {
            active.retain(|i: &usize| self.areas.get(*i).is_some_and(|area| area.bottom >= row));
            while self.areas.get(next).is_some_and(|area| area.top <= row) {
                active.push(next);
                next += 1;
            }
            fields.clear();
            fields.extend(cells(line));
            visit(self, row, &fields, &active)?;
        }
        Ok(())
    }

    /// Gives each row of an area what a person sees in it; tells how many rows were given a value so.
    fn spread(mut self, lines: &[u8], room: usize) -> Result<(Vec<u8>, u64), Finding> {
        let (mut out, mut given) = (Vec::with_capacity(lines.len()), 0);
        let mut values: HashMap<usize, &[u8]> = HashMap::new();
        self.each(lines, |merged, row, fields, active| {
            let mut fields = fields.to_vec();
            let mut is_given = false;
            for i in active {
                let Some(area) = merged.areas.get(*i) else { continue };
                if area.top == row {
                    values.insert(*i, fields.get(area.left as usize).copied().unwrap_or_default());
                }
                let value = values.get(i).copied().unwrap_or_default();
                is_given |= merged.fill(*i, area, row, value, &mut fields);
            }
            given += u64::from(is_given);
            join(&fields, &mut out);
            if out.len() > room { Err(Finding::of(ValidationRule::TooManyRows)) } else { Ok(()) }
        })?;
        Ok((out, given))
    }

    /// Fills the fields of one row that are in an area; tells whether one that is read got its value from a row above.
    fn fill<'l>(&self, i: usize, area: &Area, row: u32, value: &'l [u8], fields: &mut [&'l [u8]]) -> bool {
        let is_row = self.own.get(&row).is_some_and(|own| *own) && u64::from(area.top) >= self.place.heading_row;
        let several = self.rows.get(i).is_some_and(|rows| *rows > 1);
        let mut given = false;
        for column in area.left..=area.right {
            let at = column as usize;
            let (is_read, is_first) = (self.place.read.contains(&at), column == area.left);
            let Some(field) = fields.get_mut(at) else { break };
            if is_first && row == area.top && !(several && is_row && self.place.identity == Some(at)) {
                continue;
            }
            *field = match () {
                // Titles, headings, and rows that are nothing but what is merged with the row above them.
                () if !is_row || is_blank(value) => b"",
                () if is_first && self.place.identity == Some(at) => SHARED_NUMBER.as_bytes(),
                () if is_first => {
                    given |= is_read;
                    value
                }
                () if is_read => ACROSS.as_bytes(),
                () => b"",
            };
        }
        given
    }
}
