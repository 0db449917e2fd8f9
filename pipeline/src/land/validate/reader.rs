//! How the cells of one column become values, and what fills the column where a list lacks it.

use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};

use super::Scratch;
use super::cache::Cache;
use crate::catalogue::schema::{Catalogue, CodeEntry, Column, Kind, Spelled, Spelling, TableSchema, normalise};
use crate::land::cell::{dates, numbers};
use crate::land::finding::ValidationRule;
use crate::land::read::decode::Fields;
use crate::land::read::workbook;
use crate::store::codec::Cell;
use utfall_ground::digits::CivilDate;

/// How the cells of one column are read.
pub(super) struct Reader<'a> {
    pub(super) column: &'a Column,
    pub(super) position: Option<usize>,
    /// What stands in every row, where the list has no such column; empty for nothing.
    pub(super) constant: &'a str,
    pub(super) codes: Arc<Spelled>,
    list: &'a str,
    /// How many digits every code of the list has, if they are numbers.
    digits: Option<usize>,
}

/// A code that was written as a number.
struct Numbered {
    code: Spelling,
    lost_zeros: bool,
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
    pub(super) fn new(column: &'a Column, position: Option<usize>, constant: &'a str, catalogue: &'a Catalogue) -> Self {
        let list = catalogue.codes_of(column);
        let mut lengths = list
            .into_iter()
            .flat_map(|list| &list.entries)
            .map(|entry| entry.code.bytes().all(|b| b.is_ascii_digit()).then_some(entry.code.len()));
        let digits = lengths.next().flatten().filter(|first| lengths.all(|length| length == Some(*first)));
        let codes = list.map(|list| list.spelled(&column.endings)).unwrap_or_default();
        Self { column, position, constant, codes, list: list.map_or("", |list| list.name.as_str()), digits }
    }

    /// Whether the list has the column, or something stands in it in every row.
    pub(super) fn is_told(&self) -> bool {
        self.position.is_some() || !self.constant.is_empty()
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
        self.codes.get(code).map(|code| Cell::Code(code.id))
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
                let key = fields.window(position).and_then(|(window, length)| Cache::within(window, length));
                match scratch.caches.get(at).zip(key).and_then(|(met, key)| met.get(key)) {
                    Some(Spelling { id, is_former: false }) => *cell = Cell::Code(id),
                    _ => return false,
                }
            }
            Kind::Date => match CivilDate::iso(fields.bytes(position)) {
                Some(day) => *cell = Cell::Date(day.days()),
                None => return false,
            },
            Kind::Identity | Kind::Integer | Kind::Boolean => return false,
        }
        true
    }

    pub(super) fn read(&self, text: &str, today: NaiveDate, at: usize, scratch: &mut Scratch) -> Result<Cell, ValidationRule> {
        if let Some(fault) = workbook::fault(text) {
            return Err(fault);
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
                    return Err(ValidationRule::Range(low / steps, high / steps));
                }
                let surprising = self.surprising(Cell::Integer(number));
                scratch.found.extend(surprising.map(|[low, high]| (Some(at), ValidationRule::Unusual(low, high))));
                Ok(Cell::Integer(number))
            }
            Kind::Boolean => yes_or_no(text).map(Cell::Boolean).ok_or(ValidationRule::Boolean),
        }
    }

    fn coded(&self, text: &str, at: usize, scratch: &mut Scratch) -> Result<Cell, ValidationRule> {
        let known = self.codes.get(text).or_else(|| self.codes.get(normalise(text).as_str())).copied();
        if let (Some(known), Some(key), Some(met)) = (known, Cache::key(text), scratch.caches.get_mut(at)) {
            met.put(key, known);
        }
        match known {
            Some(Spelling { id, is_former }) => {
                if is_former {
                    scratch.found.push((Some(at), ValidationRule::FormerCode));
                }
                Ok(Cell::Code(id))
            }
            None if self.column.wording => Err(ValidationRule::Wording),
            None => match self.numbered(&normalise(text)) {
                Some(Numbered { code: Spelling { id, is_former }, lost_zeros }) => {
                    scratch.found.extend(is_former.then_some((Some(at), ValidationRule::FormerCode)));
                    scratch.found.extend(lost_zeros.then_some((Some(at), ValidationRule::LostZero)));
                    Ok(Cell::Code(id))
                }
                None => Err(ValidationRule::Code(self.list.to_owned())),
            },
        }
    }

    /// A code that is a number, as people and spreadsheets write it: with its name (`1380 Halmstad`), without the zeros that it
    /// begins with (`114`), as a quantity (`1380,0`).
    fn numbered(&self, text: &str) -> Option<Numbered> {
        let digits = self.digits?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let code = |number: &str| {
            let whole = self.codes.get(number).map(|code| Numbered { code: *code, lost_zeros: false });
            let lost = || Some(format!("{number:0>digits$}")).filter(|_| number.len() < digits);
            whole.or_else(|| self.codes.get(lost()?.as_str()).map(|code| Numbered { code: *code, lost_zeros: true }))
        };
        if let Some(number) = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")).or(Some(text)).filter(|t| is_number(t))
        {
            return code(number);
        }
        let part = |number: &str, rest: &str| {
            let name = rest.trim_matches(|c: char| c.is_whitespace() || "()[]-–:,./".contains(c));
            let read = code(number).filter(|_| is_number(number) && !name.is_empty())?;
            (self.codes.get(name)?.id == read.code.id).then_some(read)
        };
        let before = text.find(|c: char| !c.is_ascii_digit()).and_then(|at| text.split_at_checked(at));
        let text = text.trim_end_matches([')', ']']);
        let after = text.rfind(|c: char| !c.is_ascii_digit()).and_then(|at| text.split_at_checked(at + 1));
        before.and_then(|(number, name)| part(number, name)).or_else(|| after.and_then(|(name, number)| part(number, name)))
    }

    /// The usual values, if a number is not one of them.
    pub(super) fn surprising(&self, cell: Cell) -> Option<[i64; 2]> {
        let (Some([low, high]), Cell::Integer(value)) = (self.column.usual, cell) else { return None };
        (!(low..=high).contains(&value)).then_some([low, high])
    }
}

/// What people and spreadsheets write for yes and no, a cross or a tick among them.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match normalise(text).as_str() {
        "ja" | "j" | "yes" | "y" | "true" | "sant" | "1" | "x" | "✓" | "✔" | "☑" => Some(true),
        "nej" | "n" | "no" | "false" | "falskt" | "0" => Some(false),
        number => match numbers::delivered(number, 0) {
            Ok(0) => Some(false),
            Ok(1) => Some(true),
            _ => None,
        },
    }
}
