//! What a release says of itself. Public, and archived beside the noisy integers.
//!
//! A description holds no count: titles, code lists, the published grid, the query texts and the privacy parameters.
//! With the integers it is all that any format needs, so an archived release can be published again years later, without
//! the data, the code lists or the queries of today.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{DeriveError, interval};
use crate::text::Text;

/// The code of a key that stands for "uppgift saknas".
pub const MISSING: &str = "missing";

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this format, [`Description::FORMAT`].
    pub format: u32,
    /// Name of the release: its folder and its address.
    pub name: String,
    /// Title of the release.
    pub title: Text,
    /// Whether the people are made up; every page then says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demonstration: bool,
    /// Epsilon, as declared.
    pub epsilon: String,
    /// Delta, as declared.
    pub delta: String,
    /// At most so many participations of one person are in the release.
    pub participations: u64,
    /// Level of the noise intervals, such as `0.95`.
    pub interval: String,
    /// The formats to publish, by name.
    pub formats: Vec<String>,
    /// The tables, in the order of publication.
    pub tables: Vec<TableDescription>,
}

/// One table of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDescription {
    /// Name of the table: the stem of its files.
    pub name: String,
    /// Title of the table.
    pub title: Text,
    /// The query that was run.
    pub sql: String,
    /// The key columns, the coarsest first.
    pub keys: Vec<KeyColumn>,
    /// What the numbers are.
    pub measure: Measure,
    /// The published grid: per cell the index into the codes of each key column.
    pub cells: Vec<Vec<u16>>,
    /// At most so many rows of one participation are counted, where a participation can have several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// One key column and the public list of its codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyColumn {
    /// Name of the column.
    pub name: String,
    /// Title of the column.
    pub title: Text,
    /// Its codes, in the order of publication.
    pub codes: Vec<Code>,
}

/// One code of a key column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code itself; [`MISSING`] means "uppgift saknas".
    pub code: String,
    /// What a reader sees.
    pub label: Text,
}

/// What the numbers of a table are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Name of the column.
    pub name: String,
    /// Title of the column.
    pub title: Text,
}

impl Description {
    /// The version of the format that this program writes and reads.
    pub const FORMAT: u32 = 1;

    /// Canonical JSON: the fields in the order of their declaration, nothing between them.
    pub fn to_json(&self) -> Result<Vec<u8>, DeriveError> {
        self.check()?;
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads what [`Description::to_json`] wrote; an unknown field is an error.
    pub fn from_json(json: &[u8]) -> Result<Self, DeriveError> {
        let description: Self = serde_json::from_slice(json)?;
        description.check()?;
        Ok(description)
    }

    /// Checks what the types cannot say: names that are safe as file names and used once, a grid within its code lists.
    fn check(&self) -> Result<(), DeriveError> {
        if self.format != Self::FORMAT {
            return Err(DeriveError::Format(self.format));
        }
        name(&self.name)?;
        interval::Level::parse(&self.interval)?;
        let mut seen = HashSet::new();
        for table in &self.tables {
            if !seen.insert(&table.name) {
                return Err(DeriveError::Name(table.name.clone()));
            }
            table.check()?;
        }
        Ok(())
    }
}

impl TableDescription {
    /// The codes of one cell, one per key column, the coarsest first.
    pub fn codes<'a>(&'a self, cell: &'a [u16]) -> impl Iterator<Item = &'a Code> {
        self.keys.iter().zip(cell).filter_map(|(key, &index)| key.codes.get(usize::from(index)))
    }

    fn check(&self) -> Result<(), DeriveError> {
        let wrong = |what| Err(DeriveError::Shape { table: self.name.clone(), what });
        name(&self.name)?;
        name(&self.measure.name)?;
        let mut columns = HashSet::from([self.measure.name.as_str()]);
        for key in &self.keys {
            name(&key.name)?;
            if !columns.insert(&key.name) {
                return Err(DeriveError::Name(key.name.clone()));
            }
            let codes: HashSet<_> = key.codes.iter().map(|code| &code.code).collect();
            if codes.len() != key.codes.len() {
                return wrong("a code is listed twice");
            }
        }
        if self.cells.iter().any(|cell| cell.len() != self.keys.len() || self.codes(cell).count() != cell.len()) {
            return wrong("a cell is not in the code lists");
        }
        if self.cells.iter().collect::<HashSet<_>>().len() != self.cells.len() {
            return wrong("a cell is listed twice");
        }
        Ok(())
    }
}

/// Names become files, addresses and column names: up to 100 of a-z, 0-9, `_` and `-`, a letter or digit first.
fn name(name: &str) -> Result<(), DeriveError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.len() <= 100 && name.starts_with(plain) && name.chars().all(|c| plain(c) || c == '_' || c == '-') {
        Ok(())
    } else {
        Err(DeriveError::Name(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::example;

    #[test]
    fn json_round_trip() {
        let description = example::description();
        let json = description.to_json().unwrap();
        assert_eq!(Description::from_json(&json).unwrap(), description);
        assert_eq!(Description::from_json(&json).unwrap().to_json().unwrap(), json);
        assert!(json.starts_with(br#"{"format":1,"name":"outcomes","title":{"sv":"#));
    }

    #[test]
    fn unknown_fields_and_versions_are_refused() {
        let json = String::from_utf8(example::description().to_json().unwrap()).unwrap();
        let more = json.replacen("{\"format\":1", "{\"extra\":0,\"format\":1", 1);
        assert!(matches!(Description::from_json(more.as_bytes()), Err(DeriveError::Json(_))));
        let later = json.replacen("{\"format\":1", "{\"format\":2", 1);
        assert!(matches!(Description::from_json(later.as_bytes()), Err(DeriveError::Format(2))));
    }

    #[test]
    fn names_cannot_leave_their_folder() {
        for bad in ["", ".", "..", "a/b", "../a", "A", "a b", "-a", "a.b", "å"] {
            let mut description = example::description();
            description.name = bad.to_owned();
            assert!(description.to_json().is_err(), "{bad}");
            let mut description = example::description();
            description.tables[0].name = bad.to_owned();
            assert!(description.to_json().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_grid_must_fit_its_codes() {
        type Change = fn(&mut TableDescription);
        let changes: [Change; 5] = [
            |table| table.cells[0][0] = 999,
            |table| table.cells[0].truncate(1),
            |table| table.cells[0].push(0),
            |table| table.cells[1] = table.cells[0].clone(),
            |table| table.keys[0].codes[1] = table.keys[0].codes[0].clone(),
        ];
        for change in changes {
            let mut description = example::description();
            change(&mut description.tables[0]);
            assert!(matches!(description.to_json(), Err(DeriveError::Shape { .. })));
        }
    }
}
