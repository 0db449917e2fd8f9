//! Which tables of a release were measured, and which count the same as one of those. Sees descriptions only.

use super::nesting::{FamilyDescription, PartDescription};
use super::{Description, TableDescription, VectorDescription};
use crate::DeriveError;

impl Description {
    /// The tables that were measured: of those that count the same, the first.
    pub fn measured(&self) -> impl Iterator<Item = &TableDescription> {
        self.tables.iter().filter(|table| table.measured_with.is_none())
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
        let names = |of: &TableDescription| of.vectors.iter().map(|vector| vector.name.clone()).collect::<Vec<_>>();
        let codes = |of: &TableDescription| {
            of.cells.iter().map(|cell| of.codes(cell).map(|code| code.code.clone()).collect()).collect::<Vec<Vec<_>>>()
        };
        let of = self.measured().take_while(|other| other.name != table.name).find(|other| other.name == *name);
        match of {
            Some(of) if names(of) == names(table) && codes(of) == codes(table) => Ok(()),
            _ => table.wrong("it does not count the same as what it was measured with"),
        }
    }
}
