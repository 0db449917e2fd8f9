//! Rows that are none: totals, the headings once more, a text below the table. And rows that end early.

use super::reader::yes_or_no;
use super::{Validator, workbook};
use crate::catalogue::schema::headings::letters;
use crate::catalogue::schema::{Kind, Scheme, normalise};
use crate::keyzone::identity::{self, Identifier};
use crate::land::cell::{dates, numbers};
use crate::land::finding::ValidationRule;
use crate::land::read::decode::Fields;
use crate::land::understand::mapping;
use chrono::Datelike as _;

/// How many fields a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As many as there are headings; more may follow if they are empty.
    Whole,
    /// Fewer, but all that must have a value are there.
    Short,
    Other,
}

/// What a row of totals says somewhere, perhaps with a number behind it.
const TOTALS: [&str; 9] = [
    "summa",
    "totalt",
    "total",
    "totalsumma",
    "antal",
    "antal deltagare",
    "antal personer",
    "totalt antal",
    "totalt antal deltagare",
];

impl Validator<'_> {
    pub(super) fn width(&self, fields: &Fields<'_>) -> Width {
        let (has, wide) = (fields.len(), self.mapping.width);
        match has {
            _ if has == wide => Width::Whole,
            _ if has > wide && (wide..has).all(|i| fields.get(i).is_empty()) => Width::Whole,
            // Columns without a heading are none.
            _ if has < wide && (has..wide).all(|i| self.mapping.blank.contains(&i)) => Width::Whole,
            _ if has < wide && has >= self.least => Width::Short,
            _ => Width::Other,
        }
    }

    /// Whether a cell of a row took in what lies behind a quotation mark that was never meant to be open: other rows.
    pub fn has_swallowed(&self, fields: &Fields<'_>, separator: u8) -> bool {
        if !fields.has_breaks() {
            return false;
        }
        let cells = || (0..fields.len()).map(|i| fields.get(i)).filter(|cell| cell.contains('\n'));
        let separators = |cell: &str| cell.bytes().filter(|byte| *byte == separator).count();
        if self.width(fields) != Width::Whole && (fields.len() > self.mapping.width || cells().any(|cell| separators(cell) > 0)) {
            return true;
        }
        let named = |part: &str| self.mapping.table.identity == Scheme::Opaque || identity::is_one(part);
        let parts = |cell: &str| cell.split(|c| c == char::from(separator) || c == '\n').any(named);
        cells().any(|cell| separators(cell) + 1 >= self.mapping.width && parts(cell))
    }

    /// Whether a row may be none: it has no number, or what may be anything.
    pub(super) fn is_doubtful(&self, reading: Option<&Identifier>) -> bool {
        matches!(reading, None | Some(Identifier::Token(_)))
    }

    /// What a row is that is none of a person.
    pub(super) fn none(&self, fields: &Fields<'_>) -> Option<ValidationRule> {
        if let Some(same) = self.headings(fields) {
            return Some(if same { ValidationRule::HeadingsRepeated } else { ValidationRule::HeadingsAgain });
        }
        let nobody = || !(0..fields.len()).any(|i| identity::is_one(fields.get(i)));
        let opaque = self.mapping.table.identity == Scheme::Opaque;
        let unit = self.readers.get(self.unit).and_then(|reader| reader.position).map_or("", |p| fields.get(p));
        if is_totals(fields) && nobody() && (!opaque || unit.is_empty() || is_total(unit)) {
            return Some(ValidationRule::TotalsRow);
        }
        self.is_footer(fields, if opaque { 1 } else { 2 }).then_some(ValidationRule::Footer)
    }

    /// Whether a row is one of headings, and then whether they are the list's own, each in its place.
    fn headings(&self, fields: &Fields<'_>) -> Option<bool> {
        let cells = || (0..fields.len()).map(|i| (i, fields.get(i))).filter(|(_, cell)| !cell.is_empty());
        let head = |cell: &str| {
            let digits = cell.bytes().any(|b| b.is_ascii_digit());
            mapping::headed(self.mapping, cell).filter(|_| !digits || cell.contains(' '))
        };
        let known: Vec<Option<usize>> = cells().filter_map(|(_, cell)| head(cell)).collect();
        let unit = known.contains(&Some(self.unit))
            || (2 * known.len() > cells().count() && !cells().any(|(_, cell)| names_somebody(cell)));
        if known.len() < 2 || !unit {
            return None;
        }
        Some(cells().all(|(i, cell)| self.mapping.letters.get(i).is_some_and(|own| *own == letters(cell))))
    }

    /// Whether a row is a text in one or two cells, of which none could be a participant's.
    fn is_footer(&self, fields: &Fields<'_>, most: usize) -> bool {
        let cells = || (0..fields.len()).map(|i| (i, fields.get(i))).filter(|(_, cell)| !cell.is_empty());
        // Several words, or a rule: what is left of a row that was cut off is neither.
        let worded = |(_, cell): (usize, &str)| match cell.contains(char::is_alphanumeric) {
            true => cell.contains(char::is_alphabetic) && cell.contains(' ') && !cell.contains(char::is_control),
            false => !cell.contains(char::is_control),
        };
        (1..=most).contains(&cells().count())
            && cells().any(worded)
            && !cells().any(|(i, cell)| cell.starts_with(workbook::ERROR) || names_somebody(cell) || self.is_value(i, cell))
    }

    /// Whether a cell is a value of its column.
    fn is_value(&self, position: usize, cell: &str) -> bool {
        let Some((i, reader)) = self.readers.iter().enumerate().find(|(_, reader)| reader.position == Some(position)) else {
            return self.mapping.consent == Some(position);
        };
        match reader.column.kind {
            Kind::Identity => false,
            Kind::String => self.is_void(cell, i) || reader.codes.contains_key(normalise(cell).as_str()),
            Kind::Date => dates::delivered(cell, self.context.today.year()).is_ok(),
            Kind::Integer => numbers::delivered(cell, reader.column.decimals).is_ok(),
            Kind::Boolean => yes_or_no(cell).is_some(),
        }
    }
}

/// Whether a text holds somebody's number, perhaps with a space in it.
fn names_somebody(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().any(|word| identity::is_one(word)) || words.windows(2).any(|pair| identity::is_one(&pair.concat()))
}

/// Whether a row that has no identity number says that it is one of totals.
fn is_totals(fields: &Fields<'_>) -> bool {
    (0..fields.len()).any(|i| is_total(fields.get(i)))
}

fn is_total(field: &str) -> bool {
    let short = field.len() <= 40 && !field.is_empty();
    let words = field.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || ":=.,".contains(c));
    short && TOTALS.contains(&normalise(words).as_str())
}
