//! What is measured: the vector of a table's cells over keys that are public.
//!
//! A release is a family of tables. Every table has a fixed, public list of cells (zeros are published too), and one
//! integer per cell. The domain of a release is therefore the set of integer vectors of a length that everybody knows;
//! no cell appears or disappears because of a person. The exception says so: a table whose keys are private has no list of
//! cells, and its mechanism pays for what the published keys show.

use crate::certificate::Proved;
use crate::error::Error;
use crate::mechanism::Mechanism;
use crate::metric::Sensitivity;
use crate::rational::Rational;
use crate::text::{self, Fields};

/// The most cells that one table may have.
pub const MAXIMUM_CELLS: u64 = 100_000_000;

/// One table to publish: its name, its number of cells, how far one person can move it, and the noise it gets.
///
/// # Privacy
/// Every part is public and is fixed before any value is read: the ledger records the measurement when it reserves
/// the budget, and the noise is drawn for the recorded measurement. Its sensitivity is that of a [`Proved`] certificate.
///
/// # Checked by
/// `domain::tests::a_measurement_has_one_form`, `domain::tests::impossible_measurements_are_refused`; a bare sensitivity does
/// not compile:
/// ```compile_fail,E0308
/// # use utfall_privacy::{Measurement, Mechanism, Sensitivity};
/// fn claim(sensitivity: Sensitivity, mechanism: Mechanism) {
///     let measurement = Measurement::new("outcomes", 3, &sensitivity, mechanism);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    table: String,
    cells: u64,
    sensitivity: Sensitivity,
    mechanism: Mechanism,
}

impl Measurement {
    /// Describes a table. The name is 1 to 100 of `a-z 0-9 _ -`; a table has 1 to [`MAXIMUM_CELLS`] cells, and one
    /// whose keys are private ([`Mechanism::ThresholdedLaplace`]) states 0.
    pub fn new(table: &str, cells: u64, proved: &Proved, mechanism: Mechanism) -> Result<Self, Error> {
        Self::of(table, cells, proved.sensitivity(), mechanism)
    }

    /// The same of a sensitivity that was proved before the measurement was written down.
    fn of(table: &str, cells: u64, sensitivity: Sensitivity, mechanism: Mechanism) -> Result<Self, Error> {
        if !text::is_name(table) {
            return Err(Error::Request("a table's name is 1 to 100 of a-z, 0-9, _ and -"));
        }
        if mechanism.has_private_keys() && cells > 0 {
            return Err(Error::Request("a table with private keys states 0 cells"));
        }
        if !mechanism.has_private_keys() && cells == 0 || cells > MAXIMUM_CELLS {
            return Err(Error::Request("a table has 1 to 100,000,000 cells"));
        }
        mechanism.loss(sensitivity, &Rational::from_integer(2.into()))?;
        if cells.checked_mul(mechanism.integers_per_cell()).is_none_or(|integers| integers > MAXIMUM_CELLS) {
            return Err(Error::Request("a table has at most 100,000,000 scores; lower its cells or candidates"));
        }
        Ok(Self { table: table.to_owned(), cells, sensitivity, mechanism })
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The number of its cells; 0 if its keys are private.
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// The number of exact integers behind its cells, cell after cell; [`Measurement::new`] has checked the product.
    pub(crate) fn integers(&self) -> u64 {
        self.cells.saturating_mul(self.mechanism.integers_per_cell())
    }

    /// How far one person can move its vector of cells, or for [`Mechanism::Exponential`] its scores.
    pub fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }

    /// What is done to every cell, each with its own draw.
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }

    /// The same table, bound and noise over another number of cells: a period of a series whose public keys have changed.
    ///
    /// # Errors
    /// When no table has so many cells.
    pub fn over(&self, cells: u64) -> Result<Self, Error> {
        Self::of(&self.table, cells, self.sensitivity, self.mechanism.clone())
    }

    /// Whether this is one period of a series that was reserved as `series`: the same table, bound and noise. The number of
    /// cells may be another, for public keys come and go; no charge depends on it.
    pub fn is_period_of(&self, series: &Self) -> bool {
        (&self.table, self.sensitivity, &self.mechanism) == (&series.table, series.sensitivity, &series.mechanism)
    }

    /// One line, e.g. `outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 9/1`.
    pub fn to_text(&self) -> String {
        let Self { table, cells, sensitivity, mechanism } = self;
        let (l1, l2_squared) = (sensitivity.l1(), sensitivity.l2_squared());
        format!("{table} cells {cells} l1 {l1} l2-squared {l2_squared} {}", mechanism.to_text())
    }

    /// Reads what [`Measurement::to_text`] writes.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let (table, cells) = (fields.next()?, fields.take("cells")?);
        let sensitivity = Sensitivity::new(fields.take("l1")?, fields.take("l2-squared")?).ok()?;
        Self::of(table, cells, sensitivity, Mechanism::read(fields)?).ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rational::parse_decimal;

    /// The measurement of a line, if it is in the one form.
    pub(crate) fn measurement(line: &str) -> Option<Measurement> {
        text::tests::of_line(line, Measurement::read, Measurement::to_text)
    }

    fn laplace(scale: &str) -> Mechanism {
        Mechanism::DiscreteLaplace { scale: parse_decimal(scale).unwrap() }
    }

    #[test]
    fn a_measurement_has_one_form() {
        let line = "outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 9/1";
        let outcomes = Measurement::new("outcomes", 63, &Proved::assumed(3, 9), laplace("9")).unwrap();
        assert_eq!(outcomes.to_text(), line);
        assert_eq!(measurement(line).unwrap(), outcomes);
        for wrong in [
            "",
            "outcomes",
            "outcomes cells 063 l1 3 l2-squared 9 discrete-laplace scale 9/1",
            "outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 18/2",
            "outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 9",
            "outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 9/1 ",
            "outcomes  cells 63 l1 3 l2-squared 9 discrete-laplace scale 9/1",
            "outcomes cells 63 l2-squared 9 l1 3 discrete-laplace scale 9/1",
            "outcomes cells 63 l1 3 l2-squared 9 uniform scale 9/1",
        ] {
            assert!(measurement(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn impossible_measurements_are_refused() {
        let proved = &Proved::assumed(1, 1);
        assert!(Measurement::new("Å", 1, proved, laplace("1")).is_err());
        assert!(Measurement::new("a", 0, proved, laplace("1")).is_err());
        assert!(Measurement::new("a", MAXIMUM_CELLS + 1, proved, laplace("1")).is_err());
        assert!(Measurement::new("a", 1, proved, laplace("0")).is_err());
        let keyed = Mechanism::ThresholdedLaplace { scale: parse_decimal("9").unwrap(), threshold: 130 };
        assert!(Measurement::new("a", 0, proved, keyed.clone()).is_ok());
        assert!(Measurement::new("a", 1, proved, keyed).is_err());
        let low = Mechanism::ThresholdedLaplace { scale: parse_decimal("9").unwrap(), threshold: 0 };
        assert!(Measurement::new("a", 0, proved, low).is_err());
        let choice = |candidates| Mechanism::Exponential { candidates, scale: parse_decimal("1").unwrap() };
        assert_eq!(Measurement::new("a", 1_000, proved, choice(100_000)).unwrap().integers(), MAXIMUM_CELLS);
        assert!(Measurement::new("a", 1_001, proved, choice(100_000)).is_err());
    }
}
