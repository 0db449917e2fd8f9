//! What a release says of itself. Public, and archived beside the noisy integers.
//!
//! A description holds no count: titles, code lists, the published grid, the query texts and the privacy parameters.
//! With the integers it is all that any format needs, so an archived release can be published again years later, without
//! the data, the code lists or the queries of today.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::description::formula::Formula;
use crate::description::nesting::FamilyDescription;
use crate::error::DeriveError;
use crate::estimate::target::Target;
use utfall_ground::text::Text;

pub mod cell_index;
mod check;
pub(crate) mod format1;
pub mod formula;
pub(crate) mod grid;
mod measured;
pub mod nesting;
mod rendition;
pub mod words;

/// The code of a key that stands for "uppgift saknas".
pub const MISSING: &str = "missing";

/// The code of a key that stands for all codes together, where a query rolls the key up (GROUPING SETS).
pub const TOTAL: &str = "total";

/// What stands between the codes of one cell where a release names its cells itself: the unit separator of ASCII.
pub const SEPARATOR: char = '|';

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
    /// What it answers and how to read it, in paragraphs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
    /// What it is about, in its own words; without them it is of participations of people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<words::Words>,
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
    /// Which period of which series it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesDescription>,
    /// The tables, in the order of publication.
    pub tables: Vec<TableDescription>,
    /// What was measured without being published: finer or crossed tables, from which vectors of the tables follow. One count each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<TableDescription>,
    /// Which of their vectors were planned together, and are reconciled with each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<FamilyDescription>,
    /// What it computes, whatever had landed: a digest, by which a changed query is told from new rows. None of a series, which has
    /// its own, and of what an earlier version of this program archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
    /// What its author asked for, whatever codes and projects the lists had: a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
}

/// What a period says of its series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesDescription {
    /// What all vintages and periods of the series share, in hex.
    pub id: String,
    /// Which version of the period it is: 1 is what was known when it was complete.
    pub vintage: u32,
    /// The period: `2021-Q3`.
    pub period: String,
    /// The first period of the series.
    pub first: String,
    /// The last, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// How many days after its end a period is complete.
    pub lag: u32,
    /// Whether a participation lies in the period in which it ended, and not in that in which it began.
    pub ended: bool,
    /// The vectors whose numbers add up over periods.
    pub adds: Vec<String>,
}

/// One query of a release: what was measured, and the tables that readers see, one per measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDescription {
    /// Name of the query: the stem of its files.
    pub name: String,
    /// Title of the query.
    pub title: Text,
    /// The query that was run.
    pub sql: String,
    /// The key columns, the coarsest first.
    pub keys: Vec<KeyColumn>,
    /// The published grid: per cell the index into the codes of each key column. Empty if `private_keys`.
    pub cells: Vec<Vec<u16>>,
    /// Whether the cells are those that the release itself names, each by its codes with [`SEPARATOR`] between them: those
    /// whose noisy count came above a threshold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private_keys: bool,
    /// Whether records that belong to nobody in particular are counted too, each as a person of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// At most so many rows of one participation are counted, per table of which a participation can have several rows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, u64>,
    /// The key columns of the public tables that were joined, which the certificates state: `utfall verify` looks at them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public: Vec<KeyRows>,
    /// The measured vectors, in the order of the release.
    pub vectors: Vec<VectorDescription>,
    /// What readers see, computed from the vectors; at least one.
    pub measures: Vec<Statistic>,
    /// The part of the query above its noisy numbers, if there is more than their columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Above>,
    /// The targets that its numbers are held against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// The table before it that counts the same and was measured for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_with: Option<String>,
    /// The table of another release whose numbers it has; then it is none of the tables that this release measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quotation>,
    /// A table whose numbers look like some of its own and are others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<Differs>,
}

/// That numbers look like those of another table and are others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differs {
    /// The release of the other table.
    pub release: String,
    /// Its name.
    pub table: String,
    /// Its title.
    pub title: Text,
    /// Why its numbers are others, and which are the better ones for what.
    pub why: Text,
    /// Whether its release has pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_pages: bool,
}

/// An archived release on whose numbers a table of another one stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotation {
    /// Its name.
    pub release: String,
    /// Its title.
    pub title: Text,
    /// Its table that has the vectors.
    pub table: String,
    /// Its id, in hex.
    pub id: String,
    /// Its epsilon, as declared.
    pub epsilon: String,
    /// Its delta, as declared.
    pub delta: String,
    /// At most so many participations of one person are in it.
    pub participations: u64,
    /// Whether it has pages.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_pages: bool,
}

/// The key columns of a public table, as they were when the query ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRows {
    /// The table.
    pub table: String,
    /// The columns of its key.
    pub columns: Vec<String>,
    /// Their values, row by row.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A vector of integers that was measured, with noise or by choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorDescription {
    /// The name of its measurement in the release.
    pub name: String,
    /// Why one person moves it no further than was paid for: JSON, opaque here, published as it is. `null` if there is none.
    pub certificate: String,
    /// Whether it was not measured, but follows from what its family measured.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub follows: bool,
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

impl KeyColumn {
    /// At which place each code stands: for whoever looks up many.
    pub fn places(&self) -> HashMap<&str, u16> {
        let codes = self.codes.iter().enumerate().rev();
        codes.filter_map(|(at, code)| Some((code.code.as_str(), u16::try_from(at).ok()?))).collect()
    }
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
pub struct Statistic {
    /// Name of the column.
    pub name: String,
    /// Title of the column.
    pub title: Text,
    /// How it is computed from the vectors.
    pub formula: Formula,
    /// Its unit, such as `days`, as the schema declares it; none for counts and shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// The part of a query above its noisy numbers: a free computation on them and on public tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Above {
    /// The tables that it reads.
    pub sources: Vec<PublicSource>,
    /// The aggregate that the noisy numbers stand for: how many nodes of the query's plan stand before it, from the top down.
    pub crossing: usize,
    /// The columns of its result.
    pub columns: Vec<AboveColumn>,
}

/// A table that the part above the noisy numbers reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSource {
    /// Its name in the query.
    pub table: String,
    /// Its columns: name and Arrow type.
    pub columns: Vec<(String, String)>,
    /// The rows of a public table; none for the noisy numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Vec<Option<String>>>>,
}

/// A column of the result above the noisy numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboveColumn {
    /// Name of the column.
    pub name: String,
    /// Title of the column.
    pub title: Text,
    /// The labels of its codes; empty for numbers.
    pub codes: Vec<Code>,
}

impl Description {
    /// The version of the format that this program writes. It reads the earlier ones too.
    pub const FORMAT: u32 = 3;

    /// Canonical JSON: the fields in the order of their declaration, nothing between them.
    pub fn to_json(&self) -> Result<Vec<u8>, DeriveError> {
        self.check()?;
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads what [`Description::to_json`] wrote, now or in an earlier version; an unknown field is an error.
    pub fn from_json(json: &[u8]) -> Result<Self, DeriveError> {
        let Version { format } = serde_json::from_slice(json)?;
        let description: Self = match format {
            1 => serde_json::from_slice::<format1::Description>(json)?.into(),
            // The second knows no families; all else is as it was.
            2 => Self { format: Self::FORMAT, ..serde_json::from_slice(json)? },
            Self::FORMAT => serde_json::from_slice(json)?,
            other => return Err(DeriveError::Format(other)),
        };
        description.check()?;
        Ok(description)
    }
}

/// What the version of a format is read from; all else is read by that version.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl TableDescription {
    /// The codes of one cell, one per key column, the coarsest first.
    pub fn codes<'a>(&'a self, cell: &'a [u16]) -> impl Iterator<Item = &'a Code> {
        self.keys.iter().zip(cell).filter_map(|(key, &index)| key.codes.get(usize::from(index)))
    }

    /// The stem of the files of one measure: the query's name, and the measure's where the query has several or where its
    /// own name belongs to the result above them.
    pub fn stem(&self, measure: &Statistic) -> String {
        if self.measures.len() > 1 || self.above.is_some() {
            format!("{}_{}", self.name, measure.name)
        } else {
            self.name.clone()
        }
    }
}
