//! Where a series stands: which periods are due, begun and published, what a period says of it, whether it is another than the
//! one of its name. Not trusted: nothing here draws or charges, and the core fills each period once, whatever is asked for.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use utfall_ground::calendar::{Period, Periods};
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_privacy::certificate::{Measure, Node, Rule, rule};
use utfall_privacy::{Release, ReleaseId, Request};
use utfall_publish::SeriesDescription;

use super::super::contents::{Contents, contents};
use super::super::{CheckedRelease, CheckedTable, lost};
use super::{PeriodRequest, content, vintage, vintages};
use crate::certify::{CertifiedVector, Estimator};
use crate::store::Store;
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
pub fn standing(ledger: Option<&FileLedger>, checked: &CheckedRelease, today: NaiveDate) -> Result<SeriesProgress, Error> {
    let (content, all) = (content(ledger, checked), periods(checked)?);
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
pub(in crate::release) fn rehearsed(checked: &CheckedRelease) -> Result<Option<SeriesDescription>, Error> {
    let first = checked.release.periods.as_ref().map(|periods| periods.first);
    first.map(|first| described(checked, &content(None, checked), 1, first)).transpose()
}

/// What a period says of its series.
pub(super) fn described(
    checked: &CheckedRelease,
    content: &[u8],
    vintage: u32,
    period: Period,
) -> Result<SeriesDescription, Error> {
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
        adds: checked.measured().flat_map(adds).collect(),
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
pub fn is_another(data: &Path, ledger: &FileLedger, checked: &CheckedRelease) -> Result<bool, Error> {
    if checked.release.periods.is_none() || vintages(ledger, &content(Some(ledger), checked)) > 0 {
        return Ok(false);
    }
    let of_this_name = |of: &Contents| of.says.declared.name == checked.release.name && of.says.series.is_some();
    Ok(contents(data, ledger)?.iter().any(of_this_name))
}

pub(super) fn periods(checked: &CheckedRelease) -> Result<&Periods, Error> {
    checked.release.periods.as_ref().ok_or_else(|| {
        let name = &checked.release.name;
        Error::usage(
            "not-a-series",
            Message::new(
                format!("{name} är ingen serie: release.toml har ingen [period]"),
                format!("{name} is no series: its release.toml has no [period]"),
            ),
        )
    })
}

/// Whether the period of a vintage is archived.
pub(super) fn is_archived(ledger: &FileLedger, series: ReleaseId, period: Period) -> bool {
    ledger.periods(series).any(|(label, release)| label == period.to_string() && ledger.archived(release).is_some())
}

/// The periods to draw now, and the vintage.
pub(super) fn wanted(
    ledger: &FileLedger,
    content: &[u8],
    checked: &CheckedRelease,
    asked: &PeriodRequest,
    today: NaiveDate,
) -> Result<(u32, Vec<Period>), Error> {
    let all = periods(checked)?;
    let (paid, number) = (vintages(ledger, content), asked.vintage.unwrap_or(1));
    if number == 0 || number > paid.saturating_add(1) {
        return Err(Error::usage(
            "vintage-number",
            Message::new(
                format!("nästa årgång av {} är {}; skriv --vintage {}", checked.release.name, paid + 1, paid + 1),
                format!("the next vintage of {} is {}; write --vintage {}", checked.release.name, paid + 1, paid + 1),
            ),
        ));
    }
    let complete = all.complete(today);
    if let Some(none) = asked.periods.iter().find(|period| !all.holds(**period)) {
        let (first, last) = (all.first, all.last.map(|last| last.to_string()).unwrap_or_default());
        return Err(Error::usage(
            "period-unknown",
            Message::new(
                format!("{none} ingår inte i serien; den går från {first} till {last}"),
                format!("{none} is no period of the series, which goes from {first} to {last}"),
            ),
        ));
    }
    if let Some(early) = asked.periods.iter().find(|period| !complete.contains(period)) {
        let from = all.complete_from(*early);
        return Err(Error::usage(
            "period-early",
            Message::new(
                format!("{early} är inte fullständig än; den räknas som fullständig från {from}"),
                format!("{early} is not complete yet; it counts as complete from {from}"),
            ),
        ));
    }
    let chosen = |period: &Period| asked.periods.is_empty() || asked.periods.contains(period);
    let [before, of] = [number.max(2) - 1, number].map(|number| vintage(content, number));
    let ready = |period: &Period| {
        // A later version of what nobody has seen would be its first.
        (number == 1 || is_archived(ledger, before, *period)) && !is_archived(ledger, of, *period)
    };
    let due: Vec<Period> = complete.into_iter().filter(chosen).filter(ready).collect();
    if number > 1 && due.is_empty() && paid < number {
        return Err(Error::usage(
            "vintage-empty",
            Message::new(
                format!(
                    "ingen period av årgång {} är publicerad, så årgång {number} skulle kosta budget för ingenting",
                    number - 1
                ),
                format!("no period of vintage {} is published, so vintage {number} would spend budget on nothing", number - 1),
            ),
        ));
    }
    Ok((number, due))
}

/// The periods that are reserved and not archived, each with its vintage.
pub(super) fn begun(ledger: &FileLedger, content: &[u8]) -> Vec<(u32, Period)> {
    let of = |number: u32| {
        let periods = ledger.periods(vintage(content, number)).filter(|(_, release)| ledger.archived(*release).is_none());
        periods.filter_map(move |(period, _)| Some((number, Period::parse(period)?))).collect::<Vec<_>>()
    };
    (1..=vintages(ledger, content)).flat_map(of).collect()
}

/// Refuses to go on with a period that was begun when other keys were public: its cells are in the ledger.
pub(super) fn unchanged(ledger: &FileLedger, request: &Request, period: Period) -> Result<(), Error> {
    if ledger.reserved(request.release()).is_none_or(|reserved| reserved == request.measurements()) {
        return Ok(());
    }
    Err(Error::usage(
        "period-begun",
        Message::new(
            format!(
                "{period} påbörjades innan projektregistret eller en kodlista ändrades; lägg tillbaka den gamla, kör utfall release, och ändra sedan igen"
            ),
            format!(
                "{period} was begun before the project register or a code list was changed; put the old one back, run utfall release, then change it again"
            ),
        ),
    ))
}

/// Every period that is published, in its newest vintage, whatever the lag is by now.
pub(super) fn newest(store: &Store, ledger: &FileLedger, content: &[u8]) -> Result<Vec<Release>, Error> {
    let archive = Archive::new(store.root());
    let mut newest: BTreeMap<Period, ReleaseId> = BTreeMap::new();
    for number in 1..=vintages(ledger, content) {
        newest.extend(archived_periods(ledger, vintage(content, number)));
    }
    let open = |id: &ReleaseId| ledger.release(&archive.get(id)?.ok_or_else(|| lost(id))?).map_err(Error::from);
    newest.values().map(open).collect()
}

/// The periods of a vintage that are archived, with their releases.
pub(super) fn archived_periods(ledger: &FileLedger, series: ReleaseId) -> BTreeMap<Period, ReleaseId> {
    let archived = ledger.periods(series).filter(|(_, release)| ledger.archived(*release).is_some());
    archived.filter_map(|(period, release)| Some((Period::parse(period)?, release))).collect()
}
