//! Tables that stand on those of another release: their numbers, the noise of these and what is known of it are that release's, so
//! one fact is one number on every page. Sees descriptions and released integers only.

use utfall_privacy::{Measurement, Release};

use super::{Measured, Table, each};
use crate::description::{Description, TableDescription};
use crate::error::DeriveError;
use crate::estimate::interval::Level;
use crate::estimate::reconciliation::Reconciliation;

/// A release on whose numbers tables of others stand.
#[derive(Debug)]
pub struct Origin<'a> {
    description: Description,
    measured: Vec<Measured<'a>>,
}

impl<'a> Origin<'a> {
    /// An archived one.
    ///
    /// # Errors
    /// When its description cannot be read.
    pub fn of(release: &'a Release) -> Result<Self, DeriveError> {
        let description = Description::from_json(release.description())?;
        Ok(Self { description, measured: release.tables().iter().map(Measured::of).collect() })
    }

    /// One with made-up numbers, to try what can be published.
    pub fn made_up(description: Description, measurements: &'a [Measurement], numbers: &'a [Vec<i64>]) -> Self {
        let measured = measurements.iter().zip(numbers).map(|(measurement, values)| Measured::made_up(measurement, values));
        Self { description, measured: measured.collect() }
    }
}

/// A release's own tables with those that stand on other releases, in the order of the description.
///
/// # Errors
/// When one of these is missing, or does not have the table that is quoted.
pub fn with_quoted(description: &Description, own: Vec<Table>, origins: &[Origin<'_>]) -> Result<Vec<Table>, DeriveError> {
    let level = Level::parse(&description.interval)?;
    let mut all = own;
    for quoted in description.quotations() {
        let of = |table: &&TableDescription| table.quotes.as_ref().is_some_and(|other| other.release == quoted.release);
        let tables: Vec<&TableDescription> = description.tables.iter().filter(of).collect();
        let origin = origins.iter().find(|origin| origin.description.name == quoted.release);
        let Some(Origin { description: archived, measured }) = origin else { return Err(DeriveError::Tables) };
        if let Some(other) = tables.iter().find(|table| !archived.fits(table)) {
            return other.wrong("the release that it quotes has no such table");
        }
        all.extend(each(&Reconciliation::new(archived, measured)?, measured, tables.into_iter(), level)?);
    }
    let place = |table: &Table| description.tables.iter().position(|of| of.name == table.description.name);
    all.sort_by_key(place);
    Ok(all)
}
