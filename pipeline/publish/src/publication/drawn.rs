//! What a release drew: its noisy integers before anything is computed from them. They are public as every number made of them is, and
//! whoever has them can weigh them again.

use std::sync::Arc;

use utfall_ground::calendar::Period;

use crate::estimate::noise::Noise;
use crate::{Description, Measured, SEPARATOR, TableDescription};

/// What one archived release drew.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What the release says of itself.
    pub description: Description,
    /// Its measured vectors.
    pub vectors: Vec<DrawnVector>,
}

/// A measured vector.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnVector {
    /// The name of its measurement.
    pub name: String,
    /// The noisy integers, as they were drawn.
    pub values: Vec<i64>,
    /// The cells that the release names, if it does: the codes of each with [`SEPARATOR`] between them.
    pub keys: Option<Vec<String>>,
    /// The noise that is in each.
    pub noise: Noise,
}

impl Drawn {
    /// What was measured, beside what the release says of itself.
    pub(crate) fn of(description: &Description, measured: &[Measured<'_>]) -> Self {
        let vector = |of: &Measured<'_>| DrawnVector {
            name: of.name.to_owned(),
            values: of.values.to_vec(),
            keys: of.keys.map(<[String]>::to_vec),
            noise: (**of.noise).clone(),
        };
        Self { description: description.clone(), vectors: measured.iter().map(vector).collect() }
    }

    /// The period that it is of; none if it is of no series.
    pub(crate) fn period(&self) -> Option<Period> {
        self.description.series.as_ref().and_then(|series| Period::parse(&series.period))
    }

    /// Its vectors, to compute from.
    pub(crate) fn measured(&self) -> Vec<Measured<'_>> {
        let mut all = Vec::new();
        for DrawnVector { name, values, keys, noise } in &self.vectors {
            all.push(Measured { name, values, keys: keys.as_deref(), noise: Arc::new(noise.clone().into()) });
        }
        all
    }

    /// The vector of a name.
    pub(crate) fn vector(&self, name: &str) -> Option<&DrawnVector> {
        self.vectors.iter().find(|vector| vector.name == name)
    }
}

impl DrawnVector {
    /// How many numbers a cell of its table has.
    pub(crate) fn width(&self, table: &TableDescription) -> usize {
        let cells = self.keys.as_ref().map_or(table.cells.len(), Vec::len);
        self.values.len().checked_div(cells).unwrap_or(1).max(1)
    }

    /// The codes of a cell, in the order of its table's keys.
    pub(crate) fn codes<'c>(&'c self, table: &'c TableDescription, cell: usize) -> Option<Vec<&'c str>> {
        match &self.keys {
            Some(keys) if table.keys.is_empty() => keys.get(cell).map(|_| Vec::new()),
            Some(keys) => keys.get(cell).map(|key| key.split(SEPARATOR).collect()),
            None => table.cells.get(cell).map(|cell| table.codes(cell).map(|code| code.code.as_str()).collect()),
        }
    }
}
