//! What is said of a series: where it stands, what a period says of it, whether it is another than the one of its name. Not
//! trusted: nothing here draws or charges.

use std::path::Path;

use chrono::NaiveDate;
use utfall_ground::calendar::Period;
use utfall_ground::error::Error;
use utfall_privacy::ReleaseId;
use utfall_privacy::certificate::{Measure, Node, Rule, rule};
use utfall_publish::{Description, SeriesDescription};

use super::super::{Checked, CheckedTable, lost};
use super::{archived_periods, content, periods, vintage, vintages};
use crate::certify::{CertifiedVector, Estimator};
use crate::store::archive::Archive;
use crate::store::file::ENDED;
use crate::store::ledger::FileLedger;

/// Where a series stands.
#[derive(Debug, Clone)]
pub struct SeriesProgress {
    /// How many vintages are paid for.
    pub vintages: u32,
    /// The periods that are published in the first vintage.
    pub published: Vec<Period>,
    /// The periods that are complete and not published yet.
    pub due: Vec<Period>,
    /// The next period; none if the series has ended.
    pub next: Option<NextPeriod>,
}

/// A period that is to come.
#[derive(Debug, Clone, Copy)]
pub struct NextPeriod {
    /// The period.
    pub period: Period,
    /// The day from which it is complete.
    pub from: NaiveDate,
}

/// Where a series stands on a day.
///
/// # Errors
/// When the release is none.
pub fn standing(ledger: Option<&FileLedger>, checked: &Checked, today: NaiveDate) -> Result<SeriesProgress, Error> {
    let (content, all) = (content(checked), periods(checked)?);
    let first = ledger.map(|ledger| archived_periods(ledger, vintage(&content, 1))).unwrap_or_default();
    let due = all.complete(today).into_iter().filter(|period| !first.contains_key(period)).collect();
    // What was published under a shorter lag is not to come.
    let mut next = all.next(today);
    while let Some(period) = next.filter(|period| first.contains_key(period)) {
        next = Some(period.next()).filter(|period| all.holds(*period));
    }
    let next = next.map(|period| NextPeriod { period, from: all.complete_from(period) });
    let published = first.into_keys().collect();
    Ok(SeriesProgress { vintages: ledger.map_or(0, |ledger| vintages(ledger, &content)), published, due, next })
}

/// What the first period would say, to try what can be published of it; none of a release that is no series.
pub(in crate::release) fn rehearsed(checked: &Checked) -> Result<Option<SeriesDescription>, Error> {
    let first = checked.release.periods.as_ref().map(|periods| periods.first);
    first.map(|first| described(checked, &content(checked), 1, first)).transpose()
}

/// What a period says of its series.
pub(super) fn described(checked: &Checked, content: &[u8], vintage: u32, period: Period) -> Result<SeriesDescription, Error> {
    let all = periods(checked)?;
    let ended =
        checked.tables.iter().flat_map(|table| &table.answer.certified.accepted().scans).find_map(|scan| scan.period.as_ref());
    Ok(SeriesDescription {
        id: ReleaseId::of(content).to_string(),
        vintage,
        period: period.to_string(),
        first: all.first.to_string(),
        last: all.last.map(|last| last.to_string()),
        lag: all.lag,
        ended: ended.is_some_and(|period| period.column() == ENDED),
        adds: checked.tables.iter().flat_map(adds).collect(),
    })
}

/// The vectors of a table that add up over periods: counts of rows, and sums. Somebody who is counted in two quarters is one
/// person in the year, so numbers of people do not, nor does anything computed from rows of people.
fn adds(table: &CheckedTable) -> Vec<String> {
    let crossing = &table.answer.certified.accepted().crossing;
    let chosen: Vec<usize> = crossing
        .estimators
        .iter()
        .filter_map(|named| if let Estimator::Quantile { vector, .. } = &named.estimator { Some(*vector) } else { None })
        .collect();
    let adds = |(at, (_, CertifiedVector { certificate, .. })): &(usize, (String, &CertifiedVector))| {
        let sums = matches!(certificate.crossing.measure, Measure::Count | Measure::Sum { .. } | Measure::Split { .. });
        sums && !chosen.contains(at) && !is_of_people(&certificate.input)
    };
    let vectors = table.vectors().into_iter().zip(&crossing.vectors).enumerate();
    vectors.filter(adds).map(|(_, (name, _))| name).collect()
}

/// Whether rows of people were made of rows of participations: a grouping by the person without the participation.
fn is_of_people(node: &Node) -> bool {
    let grouped = |keys: &Vec<usize>, input: &Node| input.claim.contribution.is_none_or(|number| !keys.contains(&number));
    let own = match (&node.rule, node.inputs.as_slice()) {
        (Rule::GroupByUnit(rule::GroupByUnit { keys, .. }), [input]) => grouped(keys, input),
        _ => false,
    };
    own || node.inputs.iter().any(is_of_people)
}

/// Whether this is a new series beside one of the same name: its queries, bounds or budget have been changed since, so it costs
/// its budget and begins with its first period.
///
/// # Errors
/// When an archive is missing or was changed.
pub fn is_another(data: &Path, ledger: &FileLedger, checked: &Checked) -> Result<bool, Error> {
    if checked.release.periods.is_none() || vintages(ledger, &content(checked)) > 0 {
        return Ok(false);
    }
    let archive = Archive::new(data);
    for entry in ledger.entries() {
        if let utfall_privacy::Event::Archived { release, .. } = entry.event() {
            let bytes = archive.get(release)?.ok_or_else(|| lost(release))?;
            let description = Description::from_json(ledger.release(&bytes)?.description());
            let description = description.map_err(|e| Error::storage("release", e.message()))?;
            if description.name == checked.release.name && description.series.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
