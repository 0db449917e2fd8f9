//! Which tables of a release were measured, and which count the same as one of those. Sees descriptions only.

use super::{Description, TableDescription};
use crate::DeriveError;

impl Description {
    /// The tables that were measured: of those that count the same, the first.
    pub fn measured(&self) -> impl Iterator<Item = &TableDescription> {
        self.tables.iter().filter(|table| table.measured_with.is_none())
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
