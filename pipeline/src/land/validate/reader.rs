//! How the cells of one column become values, and what fills the column where a list lacks it.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use foldhash::fast::RandomState;

use super::Scratch;
use super::met::Met;
use crate::land::decode::Fields;
use crate::land::eight::Day;
use crate::land::finding::Rule;
use crate::land::pack::Cell;
use crate::land::{dates, numbers, workbook};
use crate::schema::{Catalogue, CodeEntry, Column, Kind, TableSchema, normalise};

/// Codes by spelling, and whether it is a former one.
type Codes = HashMap<Box<str>, (i16, bool), RandomState>;

/// How the cells of one column are read.
pub(super) struct Reader<'a> {
    pub(super) column: &'a Column,
    pub(super) position: Option<usize>,
    pub(super) codes: Codes,
    list: &'a str,
}

/// What fills a column that the list lacks.
pub(super) enum Derive {
    /// The sex that the number tells: the codes of women and men.
    Sex([Option<Cell>; 2]),
    /// The age at the start.
    Age,
    /// The interval that holds the integer of a column.
    Band(usize, Vec<(i64, i64, i16)>),
}

impl<'a> Reader<'a> {
    pub(super) fn new(column: &'a Column, position: Option<usize>, catalogue: &'a Catalogue) -> Self {
        let list = catalogue.codes_of(column);
        let mut codes = HashMap::default();
        for (spelling, entry, former) in list.into_iter().flat_map(|list| list.spellings()) {
            codes.insert(spelling.into(), (entry.id, former));
        }
        // The spellings as the list has them, so that the common ones are found without being put into lower case.
        for entry in list.into_iter().flat_map(|list| &list.entries) {
            for text in [&entry.code, &entry.label.sv, &entry.label.en] {
                codes.insert(text.as_str().into(), (entry.id, false));
            }
        }
        Self { column, position, codes, list: list.map_or("", |list| list.name.as_str()) }
    }

    /// What fills the column where the list lacks it.
    pub(super) fn derive(&self, table: &TableSchema, catalogue: &Catalogue) -> Option<Derive> {
        match (self.column.derive.as_deref()?, self.column.kind) {
            ("identity", Kind::String) => Some(Derive::Sex(["female", "male"].map(|sex| self.code(sex)))),
            ("identity", Kind::Integer) => Some(Derive::Age),
            (source, Kind::String) => {
                let entries = &catalogue.codes_of(self.column)?.entries;
                let band = |e: &CodeEntry| e.range.map(|(low, high)| (low, high, e.id));
                Some(Derive::Band(table.columns.get_index_of(source)?, entries.iter().filter_map(band).collect()))
            }
            _ => None,
        }
    }

    /// The code of a value that no list spells: only for values of this program's own.
    fn code(&self, code: &str) -> Option<Cell> {
        self.codes.get(code).map(|(id, _)| Cell::Code(*id))
    }

    pub(super) fn fits(&self, value: i64) -> bool {
        self.column.minimum.is_none_or(|m| value >= m) && self.column.maximum.is_none_or(|m| value <= m)
    }

    /// Reads a cell as almost all are: a code that was met before, or a plain date. The value is put in its place at once; a
    /// cell that is copied as a whole after it was written in parts stalls the processor.
    #[inline]
    pub(super) fn plain(&self, fields: &Fields<'_>, at: usize, scratch: &mut Scratch) -> bool {
        let Some(position) = self.position else { return false };
        let Some(cell) = scratch.cells.get_mut(at) else { return false };
        match self.column.kind {
            Kind::String => {
                let key = fields.window(position).and_then(|(window, length)| Met::within(window, length));
                match scratch.met.get(at).zip(key).and_then(|(met, key)| met.get(key)) {
                    Some((id, false)) => *cell = Cell::Code(id),
                    _ => return false,
                }
            }
            Kind::Date => match Day::iso(fields.bytes(position)) {
                Some(day) => *cell = Cell::Date(day.days()),
                None => return false,
            },
            Kind::Identity | Kind::Integer | Kind::Boolean => return false,
        }
        true
    }

    pub(super) fn read(&self, text: &str, today: NaiveDate, at: usize, scratch: &mut Scratch) -> Result<Cell, Rule> {
        if text.starts_with(workbook::ERROR) {
            return Err(Rule::ExcelError);
        }
        match self.column.kind {
            Kind::Identity => Ok(Cell::Null),
            Kind::String => self.coded(text, at, scratch),
            Kind::Date => dates::delivered(text, today.year()).map(Cell::Date),
            Kind::Integer => {
                let number = numbers::delivered(text, self.column.decimals)?;
                if !self.fits(number) {
                    // As people write them: stored are the smallest steps.
                    let steps = 10_i64.saturating_pow(self.column.decimals).max(1);
                    let (low, high) = (self.column.minimum.unwrap_or(i64::MIN), self.column.maximum.unwrap_or(i64::MAX));
                    return Err(Rule::Range(low / steps, high / steps));
                }
                let surprising = self.surprising(Cell::Integer(number));
                scratch.found.extend(surprising.map(|[low, high]| (Some(at), Rule::Unusual(low, high))));
                Ok(Cell::Integer(number))
            }
            Kind::Boolean => match text.to_lowercase().as_str() {
                "ja" | "j" | "yes" | "true" | "1" | "x" => Ok(Cell::Boolean(true)),
                "nej" | "n" | "no" | "false" | "0" => Ok(Cell::Boolean(false)),
                _ => Err(Rule::Boolean),
            },
        }
    }

    fn coded(&self, text: &str, at: usize, scratch: &mut Scratch) -> Result<Cell, Rule> {
        let known = self.codes.get(text).or_else(|| self.codes.get(normalise(text).as_str())).copied();
        if let (Some(known), Some(key), Some(met)) = (known, Met::key(text), scratch.met.get_mut(at)) {
            met.put(key, known);
        }
        match known {
            Some((id, former)) => {
                if former {
                    scratch.found.push((Some(at), Rule::FormerCode));
                }
                Ok(Cell::Code(id))
            }
            None if self.column.wording => Err(Rule::Wording),
            None => Err(Rule::Code(self.list.to_owned())),
        }
    }

    /// The usual values, if a number is not one of them.
    pub(super) fn surprising(&self, cell: Cell) -> Option<[i64; 2]> {
        let (Some([low, high]), Cell::Integer(value)) = (self.column.usual, cell) else { return None };
        (!(low..=high).contains(&value)).then_some([low, high])
    }
}
