//! TRUSTED: it draws. A series: the same queries, period by period. The budget is reserved once for all periods; each period
//! that is complete is
//! drawn, archived and recorded as a release of its own, and never again.
//!
//! A *vintage* is one version of every period. The first is what was known when a period was complete; a second shows what was
//! reported and corrected since, and costs as much as the first: the difference of two vintages of a period is two
//! releases of the same people.

use chrono::NaiveDate;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use utfall_privacy::{Loss, Measurement, Release, ReleaseId, Request};

mod standing;

pub(super) use standing::rehearsed;
pub use standing::{NextPeriod, SeriesProgress, is_another, standing};

use super::{CheckedRelease, Pins, describe, draw, finish, held, quoted, sound};
use crate::catalogue::schema::Catalogue;
use crate::certify::{Skeleton, skeleton};
use crate::crash;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use standing::{begun, described, newest, unchanged, wanted};
use utfall_ground::calendar::Period;
use utfall_ground::clock::now;
use utfall_ground::error::Error;
use utfall_publish::SeriesDescription;

/// Which periods are asked for.
#[derive(Debug, Clone, Default)]
pub struct PeriodRequest {
    /// The vintage; the first if none is named.
    pub vintage: Option<u32>,
    /// The periods; all that can be published if none is named.
    pub periods: Vec<Period>,
}

/// What a run has done for a series.
#[derive(Debug)]
pub struct SeriesRun {
    /// Every period that is published, in its newest vintage.
    pub periods: Vec<Release>,
    /// Those that this run has drawn.
    pub new: Vec<Period>,
    /// What this run was charged, if anything.
    pub charge: Option<Vec<Loss>>,
}

/// What all vintages and periods of a series share: its queries as they were certified, their bounds and the period by which
/// participations are told apart; the budget. Titles, code lists, registers and the data may change: see
/// [`crate::certify::Slice`].
fn content(ledger: Option<&FileLedger>, checked: &CheckedRelease) -> Vec<u8> {
    let [now, earlier] = [spelled, spelled_in_its_case].map(|spelled| content_in(spelled, checked));
    // An earlier version of this program told series by the case of their words too.
    if ledger.is_some_and(|ledger| vintages(ledger, &earlier) > 0) { earlier } else { now }
}

/// The same, with each query's words in this spelling.
fn content_in(spelled: fn(&str) -> String, checked: &CheckedRelease) -> Vec<u8> {
    let mut content = Vec::new();
    let mut field = |text: &str| {
        content.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        content.extend_from_slice(text.as_bytes());
    };
    field("utfall series 1");
    field(&checked.release.name);
    let (epsilon, delta) = &checked.release.budget_text;
    field(epsilon);
    field(delta);
    for (table, measured) in
        checked.tables.iter().flat_map(|t| t.answer.certified.accepted().crossing.vectors.iter().map(move |v| (t, v)))
    {
        field(&spelled(table.query.text()));
        field(if table.query.anonymous { "anonymous records too" } else { "" });
        for scan in &table.answer.certified.accepted().scans {
            let column = scan.period.as_ref().map_or("", |period| period.column());
            field(&format!("{} {} {:?} {column}", scan.table, scan.participations, scan.rows));
        }
        let Skeleton { measure, tree } = skeleton(&measured.certificate);
        let length = checked.release.periods.as_ref().map(|periods| periods.first.length());
        field(&format!("{length:?} {measure}"));
        field(&tree);
    }
    content
}

/// A query's words without what says nothing to the planner: comments, blanks, the case of words that are not quoted.
fn spelled(sql: &str) -> String {
    words(sql, |token| match token {
        Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_lowercase(),
        other => other.to_string(),
    })
}

/// The same in the case in which they are written.
fn spelled_in_its_case(sql: &str) -> String {
    words(sql, ToString::to_string)
}

fn words(sql: &str, spelled: impl Fn(&Token) -> String) -> String {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return sql.to_owned() };
    let words = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
    words.map(spelled).collect::<Vec<_>>().join(" ")
}

/// The id that an earlier version of this program would have given a series, to try that it goes on.
#[cfg(test)]
pub(super) fn begun_earlier(checked: &CheckedRelease) -> ReleaseId {
    vintage(&content_in(spelled_in_its_case, checked), 1)
}

/// The same of the series itself, as its periods name it.
#[cfg(test)]
pub(super) fn id_given_earlier(checked: &CheckedRelease) -> ReleaseId {
    ReleaseId::of(&content_in(spelled_in_its_case, checked))
}

/// The id of a vintage of a series.
fn vintage(content: &[u8], vintage: u32) -> ReleaseId {
    ReleaseId::of(&[content, b"vintage", &vintage.to_le_bytes()].concat())
}

/// The id of a period of a vintage, as a release.
fn slot(series: ReleaseId, period: Period) -> ReleaseId {
    ReleaseId::of(&[b"utfall period 1".as_slice(), &series.0, period.to_string().as_bytes()].concat())
}

/// How many vintages are paid for.
fn vintages(ledger: &FileLedger, content: &[u8]) -> u32 {
    (1..u32::MAX).take_while(|number| ledger.series(vintage(content, *number)).is_some()).last().unwrap_or_default()
}

/// The measurements of a series as they are charged and drawn: with the noise that was reserved, if it is.
///
/// # Errors
/// When what was reserved does not fit the queries, which would be a defect of this program.
pub fn measurements(ledger: &FileLedger, checked: &CheckedRelease) -> Result<Vec<Measurement>, Error> {
    noise(ledger, &content(Some(ledger), checked), checked)
}

/// The noise of a series: what was reserved for its first vintage, whatever would be planned today; else what is planned. The
/// numbers of cells are those of today.
fn noise(ledger: &FileLedger, content: &[u8], checked: &CheckedRelease) -> Result<Vec<Measurement>, Error> {
    let Some(reserved) = ledger.series(vintage(content, 1)) else { return Ok(checked.measurements.clone()) };
    let of = |today: &Measurement| {
        let reserved = reserved.iter().find(|reserved| reserved.table() == today.table()).unwrap_or(today);
        reserved.over(today.cells()).map_err(Error::from)
    };
    checked.measurements.iter().map(of).collect()
}

/// Publishes the periods that are due.
///
/// # Errors
/// Budget, storage or engine; what was archived before stays, and running again goes on.
pub async fn run(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &CheckedRelease,
    (asked, today): (&PeriodRequest, NaiveDate),
) -> Result<SeriesRun, Error> {
    let (_held, pinned) = held::pinned(catalogue, store, ledger, checked).await?;
    store.sweep()?;
    let content = content(Some(ledger), checked);
    let (number, due) = wanted(ledger, &content, checked, asked, today)?;
    let series = vintage(&content, number);
    let mut published = SeriesRun { periods: Vec::new(), new: Vec::new(), charge: None };
    if !due.is_empty() {
        sound(catalogue, &pinned, ledger.series(series).is_some()).await?;
        let measurements = noise(ledger, &content, checked)?;
        if ledger.series(series).is_none() {
            let request = Request::new(series, measurements.clone())?;
            ledger.reserve_series(&request, now())?;
            published.charge = Some(request.losses(&ledger.account().order)?);
        }
        crash::point("series reserved");
        for period in due {
            let request = Request::new(slot(series, period), measurements.clone())?;
            unchanged(ledger, &request, period)?;
            let description = described(checked, &content, number, period)?;
            one(engine, catalogue, (store, &pinned), ledger, (checked, period), (series, &request, description)).await?;
            published.new.push(period);
        }
    }
    published.periods = newest(store, ledger, &content)?;
    Ok(published)
}

/// Finishes the periods that runs that died have begun, in whatever vintage; their series are paid for. Gives whether there
/// were any.
///
/// # Errors
/// As [`run`].
pub(super) async fn resumed(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    (checked, today): (&CheckedRelease, NaiveDate),
) -> Result<bool, Error> {
    let begun = begun(ledger, &content(Some(ledger), checked));
    for (vintage, period) in &begun {
        let asked = PeriodRequest { vintage: Some(*vintage), periods: vec![*period] };
        run(engine, catalogue, store, ledger, checked, (&asked, today)).await?;
    }
    Ok(!begun.is_empty())
}

/// Draws, archives and records one period.
async fn one(
    engine: &Engine,
    catalogue: &Catalogue,
    (store, pinned): (&Store, &Pins),
    ledger: &mut FileLedger,
    (checked, period): (&CheckedRelease, Period),
    (series, request, description): (ReleaseId, &Request, SeriesDescription),
) -> Result<(), Error> {
    let archive = Archive::new(store.root());
    let reservation = ledger.reserve_period(series, &period.to_string(), request, now())?;
    let described = describe(catalogue, checked, store.is_demonstration(), Some(description), &quoted::Ids::new())?;
    let drawn = async |grant| {
        draw(engine, catalogue, pinned, checked, grant, (&archive, described.as_slice()), Some(period.days())).await
    };
    finish(ledger, &archive, request.release(), reservation, drawn).await.map(|_| ())
}
