//! Whose a row is: what its identity cell says, whether such a person can be, and what has become of them.

use chrono::{Datelike as _, NaiveDate};

use super::reader::Derive;
use super::{Scratch, Validator, Whose, day, workbook};
use crate::catalogue::schema::normalise;
use crate::keyzone::identity::{self, Identifier, Identity, IdentityFault};
use crate::keyzone::pseudonym::Pseudonym;
use crate::land::finding::ValidationRule;
use crate::land::read::decode::Fields;
use utfall_ground::calendar::Day;
use utfall_ground::visible::hyphened;

/// Nobody in a list is older.
pub(super) const OLDEST: i64 = 120;

impl Validator<'_> {
    /// What the identity cell says.
    pub(super) fn identity(&self, fields: &Fields<'_>, scratch: &mut Scratch) -> Option<Identifier> {
        let position = self.readers.get(self.unit).and_then(|reader| reader.position);
        let read = match position.map_or("", |p| fields.get(p)) {
            "" => Err(ValidationRule::Required),
            marked if workbook::fault(marked).is_some() => Err(workbook::fault(marked).unwrap_or(ValidationRule::ExcelError)),
            cell => match identity::parse_as(self.mapping.table.identity, cell, self.context.today) {
                Ok(Identifier::Token(name)) if self.is_missing(&name) => Err(ValidationRule::Required),
                Err(IdentityFault::Form) if self.is_missing(cell) => Err(ValidationRule::Required),
                read => read.map_err(ValidationRule::from),
            },
        };
        read.map_err(|rule| scratch.found.push((Some(self.unit), rule))).ok()
    }

    /// Whether a cell says in words that there is no value.
    fn is_missing(&self, cell: &str) -> bool {
        cell.len() < 64 && self.missing.contains(&normalise(&hyphened(cell)))
    }

    /// What a number tells besides who it is.
    pub(super) fn told_by(&self, identity: &Identity, scratch: &mut Scratch) {
        let start = day(&scratch.cells, self.start).and_then(|start| Day(start).date());
        if identity.may_be_danish() {
            scratch.found.push((Some(self.unit), ValidationRule::IdentityDanish));
        } else if self.may_be_older(identity, start) {
            scratch.found.push((Some(self.unit), ValidationRule::IdentityCentury));
        } else if identity.inferred {
            scratch.found.push((Some(self.unit), ValidationRule::CenturyInferred));
        }
        if identity.coordination && identity.birth.is_none() {
            scratch.found.push((Some(self.unit), ValidationRule::BirthUnknown));
        }
        // Of a number without a day only the year is known: the age in it, or one less.
        let least = start.map(|start| i64::from(start.year() - identity.year()) - 1);
        if identity.birth.is_none() && least.is_some_and(|years| years > OLDEST) {
            scratch.found.push((Some(self.unit), ValidationRule::IdentityAge));
        }
        if identity.year() + 100 <= self.context.today.year() {
            scratch.twin = Some(self.context.pseudonyms.digits(&identity.in_century(true)).unit);
        }
    }

    /// Whether a person whose century was inferred is unusually young, so that somebody over a hundred may be meant.
    fn may_be_older(&self, identity: &Identity, start: Option<NaiveDate>) -> bool {
        let ages = self.derived.iter().find(|(_, derive)| matches!(derive, Derive::Age));
        let usual = ages.and_then(|(i, _)| self.readers.get(*i)).and_then(|reader| reader.column.usual);
        let age = start.zip(identity.birth).and_then(|(start, birth)| start.years_since(birth)).map(i64::from);
        identity.inferred && age.zip(usual).is_some_and(|(age, [young, _])| age < young && age + 100 <= OLDEST)
    }

    /// Whose the row is, by the pseudonym; `tags` are those under which the person may have been erased.
    pub(super) fn whose(&self, unit: Pseudonym, tags: impl Fn() -> Vec<Pseudonym>) -> Whose {
        if self.context.forgotten.is_empty() {
            return Whose::Person(unit);
        }
        let tags = tags();
        let mut erased = tags.iter().filter_map(|tag| self.context.forgotten.get(tag));
        let Some(first) = erased.next() else { return Whose::Person(unit) };
        let mut forgotten = first.clone();
        erased.for_each(|other| forgotten.and(other));
        Whose::Erased(unit, Box::new(forgotten))
    }
}
