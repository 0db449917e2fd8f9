//! One published table as typed columns, made once: every format, the pages and the interface are views of it.
//!
//! A data set is a table or a view of a publication, with everything that a reader's program needs and nothing of how it was computed:
//! keys with their codes and labels, numbers with their unit, and beside each number its interval, its standard error and its
//! observation status. [`pack`] puts those of a release together, [`cube`] reads one as dimensions and contents.

pub mod comparison;
pub mod cube;
pub(crate) mod heading;
pub mod headline;
pub(crate) mod method;
pub mod notes;
mod number;
pub mod outline;
pub mod pack;
pub mod place;
pub mod selection;
mod table;
pub mod target;
mod view;

use serde::{Deserialize, Serialize};

use crate::{Code, explain};
pub use number::Number;
use utfall_ground::text::{Lang, Text};
pub(crate) use view::unit as view_unit;

/// A published table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    /// The stem of its files, and its address below that of its release.
    pub name: String,
    /// The query that it is of; several data sets may be of one.
    pub query: String,
    /// What it shows.
    pub title: Text,
    /// What must be known of its numbers, in sentences.
    pub statement: Text,
    /// Whether its numbers were computed by SQL above the noisy ones. Its rows are in the order of its query then.
    pub computed: bool,
    /// Its columns. Every estimate stands before what is said of it.
    pub columns: Vec<Column>,
    /// How its numbers were made and how people are protected, as in the notes of its CSVW metadata.
    pub method: serde_json::Value,
}

/// A column of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: a name of SQL, told apart from all others of the data set.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// What it is in the table.
    pub role: Role,
    /// Of numbers, what they are counted in; none where they are shares, or where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What it holds, row by row.
    pub values: Values,
}

/// What a column is in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What rows are told apart by.
    Key,
    /// The same, and it is time: the periods of a series, or sums of them.
    Period,
    /// A number that was measured, or computed from such; its place among the columns is named by what is said of it.
    Estimate,
    /// Known without measuring: a number or a text of a public table, beside the keys.
    Public,
    /// Something said of the estimate in the column of this place.
    About(usize, Quality),
}

/// What is said of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// The lower end of its noise interval.
    Lower,
    /// The upper end.
    Upper,
    /// Its standard error, for the noise alone.
    StandardError,
    /// Half the width of the noise interval, where it is the same for all.
    Margin,
    /// The lower end of the interval for noise and for chance in who took part.
    SamplingLower,
    /// The upper end.
    SamplingUpper,
    /// Its observation status, a code of SDMX: `e`, `u` or nothing.
    Status,
}

/// What numbers are counted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its name in files: `participants`, `days`, `share`, `percent`.
    pub code: String,
    /// Its name for people.
    pub label: Text,
}

/// The cells of a column, one per row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Codes of a list, by their places in it.
    Codes {
        /// The list, in the order of publication.
        codes: Vec<Code>,
        /// Per row the place of its code; none where the query gives NULL.
        cells: Vec<Option<usize>>,
    },
    /// Numbers.
    Numbers {
        /// How they are written.
        kind: NumberKind,
        /// Per row the number; none where there is none.
        cells: Vec<Option<Number>>,
    },
    /// Texts without a list, such as an observation status.
    Texts(Vec<Option<String>>),
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// Whole numbers within 64 bits.
    Integer,
    /// At most so many decimals.
    Decimal(u32),
    /// With an exponent.
    Double,
}

impl Unit {
    fn new(code: &str, sv: &str, en: &str) -> Self {
        Self { code: code.to_owned(), label: Text { sv: sv.to_owned(), en: en.to_owned() } }
    }

    /// Of parts of a whole, between 0 and 1.
    pub fn share() -> Self {
        Self::new("share", "andel", "share")
    }

    /// Of hundredths of a whole.
    pub fn percent() -> Self {
        Self::new("percent", "procent", "percent")
    }

    /// Of counts, whatever is counted.
    pub fn number() -> Self {
        Self::new("number", "antal", "number")
    }

    /// Of what a schema declares.
    pub fn declared(unit: &str) -> Self {
        Self::new(unit, explain::unit(Lang::Sv, unit), explain::unit(Lang::En, unit))
    }
}

impl DataSet {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The columns that rows are told apart by, with their places.
    pub fn keys(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| matches!(column.role, Role::Key | Role::Period))
    }

    /// The names of the keys, if no two rows have the same ones and none is missing; a row of several keys stands for a total where it
    /// has holes, and programs refuse those in a primary key.
    pub fn primary_key(&self) -> Option<Vec<&str>> {
        let is_one = !self.computed && self.keys().next().is_some() && !self.keys().any(|(_, column)| column.has_holes());
        is_one.then(|| self.keys().map(|(_, column)| column.name.as_str()).collect())
    }

    /// The estimates, with their places.
    pub fn estimates(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.role == Role::Estimate)
    }

    /// What is said of the estimate at a place; none if that is not said.
    pub fn about(&self, estimate: usize, what: Quality) -> Option<&Column> {
        self.columns.iter().find(|column| column.role == Role::About(estimate, what))
    }

    /// Tells columns of one name apart by a number behind those that come later, in whatever case they are written: what is archived
    /// is published, whatever its author called it.
    fn told_apart(mut self) -> Self {
        for at in 0..self.columns.len() {
            let (before, rest) = self.columns.split_at_mut(at);
            let Some(column) = rest.first_mut() else { break };
            let is_taken = |name: &str| before.iter().any(|other| other.name.eq_ignore_ascii_case(name));
            let (name, mut number) = (column.name.clone(), 2);
            while is_taken(&column.name) {
                column.name = format!("{name}_{number}");
                number += 1;
            }
        }
        self
    }
}

impl Column {
    /// The text of a cell in files: the code, the number with a decimal point or the text; none where there is nothing.
    pub fn text(&self, row: usize) -> Option<&str> {
        match &self.values {
            Values::Codes { codes, cells } => codes.get((*cells.get(row)?)?).map(|code| code.code.as_str()),
            Values::Numbers { cells, .. } => cells.get(row)?.as_ref().map(Number::as_str),
            Values::Texts(cells) => cells.get(row)?.as_deref(),
        }
    }

    /// The label of the code of a cell; none of cells that have none.
    pub fn label(&self, row: usize, lang: Lang) -> Option<&str> {
        let Values::Codes { codes, cells } = &self.values else { return None };
        codes.get((*cells.get(row)?)?).map(|code| code.label.get(lang))
    }

    /// The number of a cell; none of cells that are none.
    pub fn number(&self, row: usize) -> Option<&Number> {
        let Values::Numbers { cells, .. } = &self.values else { return None };
        cells.get(row)?.as_ref()
    }

    /// Whether some cell is empty.
    pub fn has_holes(&self) -> bool {
        (0..self.values.len()).any(|row| self.text(row).is_none())
    }
}

impl Values {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Codes { cells, .. } => cells.len(),
            Self::Numbers { cells, .. } => cells.len(),
            Self::Texts(cells) => cells.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
