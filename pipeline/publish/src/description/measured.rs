//! Which tables of a release were measured, and which count the same as one of those. Sees descriptions only.

use std::collections::HashSet;

use super::nesting::{FamilyDescription, PartDescription};
use super::{Description, Quotation, TableDescription, VectorDescription};
use crate::DeriveError;

impl Description {
    /// The tables that stand on no other release.
    pub fn own(&self) -> impl Iterator<Item = &TableDescription> {
        self.tables.iter().filter(|table| table.quotes.is_none())
    }

    /// The tables that were measured: of those that count the same, the first.
    pub fn measured(&self) -> impl Iterator<Item = &TableDescription> {
        self.own().filter(|table| table.measured_with.is_none())
    }

    /// The archived releases on whose numbers its tables stand, each once.
    pub fn quotations(&self) -> impl Iterator<Item = &Quotation> {
        let mut known = HashSet::new();
        self.tables.iter().filter_map(|table| table.quotes.as_ref()).filter(move |of| known.insert(&of.release))
    }

    /// Checks that a table that stands on another release claims nothing of its own.
    pub(super) fn check_quotes(&self, table: &TableDescription) -> Result<(), DeriveError> {
        let Some(of) = &table.quotes else { return Ok(()) };
        let is_plain = table.measured_with.is_none() && !table.private_keys && self.series.is_none();
        let has_none = table.vectors.iter().all(|vector| vector.certificate == "null" && !vector.follows);
        // One page shows one archived version of a release.
        let same = |other: &Quotation| other.release != of.release || other.id == of.id;
        if is_plain && has_none && of.release != self.name && self.quotations().all(same) {
            Ok(())
        } else {
            table.wrong("what it quotes does not fit it")
        }
    }

    /// Whether a table of another release has the vectors of this release's table that it names, in the same cells.
    pub(crate) fn fits(&self, table: &TableDescription) -> bool {
        let of = table.quotes.as_ref().and_then(|quoted| self.measured().find(|of| of.name == quoted.table));
        of.is_some_and(|of| is_same(of, table))
    }

    /// The vectors that were measured, in the order of the release: those of the tables, but for what follows from others; then those
    /// of the bases.
    pub fn measured_vectors(&self) -> impl Iterator<Item = &VectorDescription> {
        let vectors = self.measured().chain(&self.bases).flat_map(|table| &table.vectors);
        vectors.filter(|vector| !vector.follows)
    }

    /// Checks that what was not measured is in a family that measured it.
    pub(super) fn check_follows(&self, table: &TableDescription) -> Result<(), DeriveError> {
        let measured = |name: &str| self.measured_vectors().any(|vector| vector.name == name);
        for vector in table.vectors.iter().filter(|vector| vector.follows) {
            let of = |family: &&FamilyDescription| family.parts.iter().any(|part| part.vector == vector.name);
            let Some(family) = self.families.iter().find(of) else { return table.wrong("a vector follows from nothing") };
            let mut own = family.parts.iter().filter(|part| part.vector == vector.name);
            let covers = |part: &PartDescription| family.parts.iter().any(|other| measured(&other.vector) && other.covers(part));
            if !own.all(covers) {
                return table.wrong("a vector does not follow from what its family measured");
            }
        }
        Ok(())
    }

    /// Checks that what a table says it was measured with was measured, in the same cells.
    pub(super) fn check_measured_with(&self, table: &TableDescription) -> Result<(), DeriveError> {
        let Some(name) = &table.measured_with else { return Ok(()) };
        let of = self.measured().take_while(|other| other.name != table.name).find(|other| other.name == *name);
        match of {
            Some(of) if is_same(of, table) => Ok(()),
            _ => table.wrong("it does not count the same as what it was measured with"),
        }
    }
}

/// Whether two tables have the same vectors in the same cells.
fn is_same(one: &TableDescription, other: &TableDescription) -> bool {
    let names = |of: &TableDescription| of.vectors.iter().map(|vector| vector.name.clone()).collect::<Vec<_>>();
    let codes = |of: &TableDescription| {
        of.cells.iter().map(|cell| of.codes(cell).map(|code| code.code.clone()).collect()).collect::<Vec<Vec<_>>>()
    };
    names(one) == names(other) && codes(one) == codes(other)
}
