//! A release before anything is read: its queries certified, its budget divided, its pages rehearsed. What it decides about noise
//! is decided by public sizes, and the core charges for whatever it decides.

use std::collections::{BTreeMap, BTreeSet};

use utfall_ground::calendar::Periods;
use utfall_ground::error::Error;
use utfall_ground::refused::message;
use utfall_ground::text::Message;
use utfall_privacy::{Budget, Measurement, Proved};
use utfall_publish::KeyColumn;
use utfall_publish::estimate::target::Target;

use super::measurements::{Draw, Shape, measurements};
use super::planning::bases::Chosen;
use super::planning::{self, Planning};
use super::{beyond, headings, identity, rehearsal, targets};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{QuerySpec, QuotedTable, ReleaseSpec};
use crate::certify::words::canonical::canonical;
use crate::certify::{self, CertifiedVector, Vector};
use crate::engine::{Answer, Engine};

/// A release whose every query was accepted.
#[derive(Debug)]
pub struct CheckedRelease {
    /// What its author declared.
    pub release: ReleaseSpec,
    /// Its tables in order.
    pub tables: Vec<CheckedTable>,
    /// What is measured without being published: tables of which vectors of the others are sums.
    pub bases: Vec<CheckedTable>,
    /// The noise of each vector, table by table.
    pub measurements: Vec<Measurement>,
    /// How the budget was divided.
    pub planning: Planning,
    /// What it computes, whatever has landed and however it is spelled: a digest.
    pub computed: String,
    /// What its author asks for, whatever codes and projects the lists have: a digest.
    pub asked: String,
    /// The other releases on whose tables some of its tables stand, each with what it measures, by name.
    pub quoted: BTreeMap<String, Self>,
}

/// One accepted query.
#[derive(Debug)]
pub struct CheckedTable {
    /// The query.
    pub query: QuerySpec,
    /// What the check found, and the published grid.
    pub answer: Answer,
    /// How its counts and sums are drawn.
    pub draw: Draw,
    /// The targets that its number is held against.
    pub targets: Vec<Target>,
    /// How much its error matters, with that of those that are measured with it.
    pub weight: f64,
    /// The table before it that counts the same, so that it is measured once: by its place and its name.
    pub measured_with: Option<(usize, String)>,
    /// Its vectors that are not measured, but follow from what is, by name.
    pub follows: BTreeSet<String>,
    /// The table of another release whose vectors it has, if it measures nothing.
    pub quotes: Option<QuotedTable>,
}

impl CheckedRelease {
    /// Its tables that stand on no other release.
    pub fn own(&self) -> impl Iterator<Item = &CheckedTable> {
        own(&self.tables)
    }

    /// The tables of its queries that are measured, or follow from others: of those that count the same, the first.
    pub fn measured_tables(&self) -> impl Iterator<Item = &CheckedTable> {
        measured(&self.tables)
    }

    /// The same, then those that are measured for others.
    pub fn measured(&self) -> impl Iterator<Item = &CheckedTable> {
        measured(&self.tables).chain(&self.bases)
    }

    /// Divides another budget among the same tables. No query is checked again, and the release is not another for it: it is to look at.
    ///
    /// # Errors
    /// When the budget does not suffice, or the engine fails.
    pub(crate) async fn divide(&mut self, engine: &Engine, catalogue: &Catalogue, budget: Budget) -> Result<(), Error> {
        self.release.budget = budget;
        follow(&mut self.tables, &BTreeSet::new());
        let Planned { planning, bases, shapes } = planned(engine, catalogue, &self.release, &mut self.tables).await?;
        self.measurements = divided(&self.release, &shapes, &planning)?;
        (self.planning, self.bases) = (planning, bases);
        Ok(())
    }
}

fn own(tables: &[CheckedTable]) -> impl Iterator<Item = &CheckedTable> {
    tables.iter().filter(|table| table.quotes.is_none())
}

fn measured(tables: &[CheckedTable]) -> impl Iterator<Item = &CheckedTable> {
    own(tables).filter(|table| table.measured_with.is_none())
}

impl CheckedTable {
    /// A query that was accepted.
    pub(crate) fn new(query: QuerySpec, answer: Answer, draw: Draw, targets: Vec<Target>) -> Self {
        Self { weight: query.weight, query, answer, draw, targets, measured_with: None, follows: BTreeSet::new(), quotes: None }
    }

    /// What it counts, cell by cell, whatever its columns are called and whatever stands above the door; none of what is never
    /// shared: a choice, private keys, noise of its own.
    fn counts(&self) -> Option<impl PartialEq + use<>> {
        let (accepted, grid) = (self.answer.certified.accepted(), self.answer.certified.grid());
        let codes = |key: &KeyColumn| key.codes.iter().map(|code| code.code.clone()).collect::<Vec<_>>();
        // Of another proof the noise that was paid for is another.
        let vectors: Vec<_> =
            accepted.crossing.vectors.iter().map(|of| (of.vector.clone(), of.certificate.crossing.sensitivity)).collect();
        let cells = (grid.keys.iter().map(codes).collect::<Vec<_>>(), grid.cells.clone());
        (self.draw == Draw::Noise)
            .then(|| (canonical(accepted).text, accepted.scans.clone(), vectors, self.query.anonymous, cells))
    }

    /// The names of its vectors in ledger and archive: the query's own (or of the one that it is measured with, or quotes), numbered
    /// if there are several.
    pub fn vectors(&self) -> Vec<String> {
        let with = self.measured_with.as_ref().map(|(_, name)| name);
        self.named(self.quotes.as_ref().map(|of| &of.table).or(with).unwrap_or(&self.query.name))
    }

    /// The names that its vectors would have if it were measured for itself.
    pub(super) fn own_vectors(&self) -> Vec<String> {
        self.named(&self.query.name)
    }

    /// Of what there is for each vector, in order, that of those which are drawn.
    pub(super) fn drawn<T>(&self, all: Vec<T>) -> Vec<T> {
        let each = all.into_iter().zip(self.vectors());
        each.filter(|(_, name)| !self.follows.contains(name)).map(|(of, _)| of).collect()
    }

    fn named(&self, own: &str) -> Vec<String> {
        let count = self.answer.certified.accepted().crossing.vectors.len();
        let name = |i: usize| if count > 1 { format!("{own}-{}", i + 1) } else { own.to_owned() };
        (0..count).map(name).collect()
    }

    /// Its vectors before their noise is chosen.
    pub(super) fn shapes(&self) -> Vec<Shape> {
        let crossing = &self.answer.certified.accepted().crossing;
        let cells = self.answer.certified.grid().cells.len();
        let shape = |(name, (certified, proved)): (String, (&CertifiedVector, &Proved))| {
            let (cells, draw) = match &certified.vector {
                Vector::Additive { .. } => (cells, self.draw.clone()),
                Vector::Split { .. } => (cells.saturating_mul(2), self.draw.clone()),
                Vector::Histogram { candidates, .. } => {
                    (cells.saturating_mul(usize::try_from(*candidates).unwrap_or(usize::MAX)), Draw::Noise)
                }
                Vector::Scores { candidates, .. } => (cells, Draw::Choice(*candidates)),
            };
            Shape { follows: self.follows.contains(&name), name, cells, proved: proved.clone(), draw }
        };
        self.vectors().into_iter().zip(crossing.vectors.iter().zip(self.answer.certified.proved())).map(shape).collect()
    }
}

/// Checks every query of a release.
///
/// # Errors
/// All refusals together, or what is wrong with the release.
pub async fn check(engine: &Engine, catalogue: &Catalogue, release: ReleaseSpec) -> Result<CheckedRelease, Error> {
    let checked = certified(engine, catalogue, release).await?;
    rehearsal::rehearse(catalogue, &checked).await?;
    Ok(checked)
}

/// The same without trying what would be published.
async fn certified(engine: &Engine, catalogue: &Catalogue, mut release: ReleaseSpec) -> Result<CheckedRelease, Error> {
    sound_series(catalogue, &mut release)?;
    let mut quoted = BTreeMap::new();
    for (name, mut spec) in std::mem::take(&mut release.quoted) {
        // What it quotes itself is no matter of those that quote it.
        spec.queries.retain(|query| query.quotes.is_none());
        spec.quoted = BTreeMap::new();
        quoted.insert(name, Box::pin(certified(engine, catalogue, spec)).await?);
    }
    let (mut tables, mut refusals) = (Vec::new(), Vec::new());
    // What is quoted is counted within the bounds of the release that counts it.
    let of = |query: &QuerySpec| query.quotes.as_ref().and_then(|of| quoted.get(&of.release));
    let bounds = |query: &QuerySpec| of(query).map_or(&release.bounds, |of| &of.release.bounds);
    let queries = release.queries.iter().map(|query| (query, bounds(query))).collect();
    for (query, checked) in release.queries.iter().zip(engine.check_each(queries, catalogue)?) {
        match checked {
            Ok(answer) => {
                let draw = query.private_keys.clone().map_or(Draw::Noise, Draw::Keys);
                let answer = headings::headed(catalogue, query, answer)?;
                let targets = targets::targets(engine, catalogue, query, &answer).await?;
                tables.push(CheckedTable::new(query.clone(), answer, draw, targets));
            }
            Err(refusal) => refusals.push(*refusal),
        }
    }
    if let Some(epsilon) = &release.beyond {
        tables.push(beyond::beyond(engine, catalogue, &release, epsilon).await?);
    }
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    stand_on(&mut tables, &quoted)?;
    measures(&release, &tables)?;
    measure_once(&mut tables);
    let Planned { planning, bases, shapes } = planned(engine, catalogue, &release, &mut tables).await?;
    let measurements = divided(&release, &shapes, &planning)?;
    let computed = identity::computed(engine, catalogue, &release.name, own(&tables), &measurements).await?;
    let asked = identity::asked(&release, own(&tables));
    Ok(CheckedRelease { measurements, tables, bases, release, planning, computed, asked, quoted })
}

/// The noise of each vector.
fn divided(release: &ReleaseSpec, shapes: &[Shape], planning: &Planning) -> Result<Vec<Measurement>, Error> {
    measurements(&release.budget, shapes, &planning.choice)
        .map_err(|e| Error::usage("release-budget", message(&e).after(format!("queries/{}/release.toml: ", release.name))))
}

/// Marks the tables that stand on those of other releases.
///
/// # Errors
/// Where one counts something else than what it quotes.
fn stand_on(tables: &mut [CheckedTable], quoted: &BTreeMap<String, CheckedRelease>) -> Result<(), Error> {
    for table in tables {
        let Some(QuotedTable { release, table: name }) = table.query.quotes.clone() else { continue };
        let of = quoted.get(&release).and_then(|of| of.tables.iter().find(|of| of.query.name == name));
        let counts = table.counts();
        let Some(of) = of.filter(|of| counts.is_some() && of.counts() == counts) else {
            return Err(Error::usage(
                "quotation",
                Message::new(
                    format!(
                        "{}: den räknar något annat än published.{release}.{name}; citera tabellen som den är, och räkna ovanför den",
                        table.query.file
                    ),
                    format!(
                        "{}: it counts something else than published.{release}.{name}; quote the table as it is, and compute above it",
                        table.query.file
                    ),
                ),
            ));
        };
        let measured = of.measured_with.as_ref().map_or(&of.query.name, |(_, name)| name).clone();
        table.quotes = Some(QuotedTable { release, table: measured });
    }
    Ok(())
}

/// Refuses a release that measures nothing, and a series that quotes others.
fn measures(release: &ReleaseSpec, tables: &[CheckedTable]) -> Result<(), Error> {
    let quoting = tables.iter().find(|table| table.quotes.is_some());
    match quoting {
        Some(table) if release.periods.is_some() => Err(Error::usage(
            "quotation",
            Message::new(
                format!("{}: en serie citerar inga andra releaser; lägg frågan i en release utan [period]", table.query.file),
                format!("{}: a series quotes no other releases; put the query into a release without [period]", table.query.file),
            ),
        )),
        Some(_) if own(tables).next().is_none() => Err(Error::usage(
            "quotation",
            Message::new(
                format!("queries/{}: den mäter inget eget; lägg dess frågor i en release som den citerar", release.name),
                format!(
                    "queries/{}: it measures nothing of its own; put its queries into a release that it quotes",
                    release.name
                ),
            ),
        )),
        _ => Ok(()),
    }
}

/// Says to a series by which period its rows are told apart; refuses what cannot be in one.
fn sound_series(catalogue: &Catalogue, release: &mut ReleaseSpec) -> Result<(), Error> {
    if let Some(periods) = &release.periods {
        release.bounds.period = Some(slice(catalogue, &release.name, periods)?);
        if let Some(anonymous) = release.queries.iter().find(|query| query.anonymous) {
            return Err(Error::usage(
                "series-anonymous",
                Message::new(
                    format!(
                        "{}: anonymous = true går inte i en serie: skyddade poster kan inte följas från period till period, så en rättad början skulle räknas i två perioder; ta bort raden, eller räkna dem i en release utan [period]",
                        anonymous.file
                    ),
                    format!(
                        "{}: anonymous = true cannot be in a series: protected records cannot be followed from period to period, so one whose start is corrected would count in two periods; remove the line, or count them in a release without [period]",
                        anonymous.file
                    ),
                ),
            ));
        }
        if let Some(keyed) = release.queries.iter().find(|query| query.private_keys.is_some()) {
            return Err(Error::usage(
                "series-private-keys",
                Message::new(
                    format!(
                        "{}: private_keys går inte i en serie: vilka celler som finns skulle växla från period till period; ge nyckeln en kodlista",
                        keyed.file
                    ),
                    format!(
                        "{}: private_keys cannot be in a series: which cells there are would change from period to period; give the key a code list",
                        keyed.file
                    ),
                ),
            ));
        }
    }
    Ok(())
}

/// Rows under different conditions are measured as slices of one base only where the error, a variance, is less than this part of what it
/// is without: for less, nobody need learn what a base is.
const WORTH_SLICING: f64 = 0.95;

/// How a release is measured.
struct Planned {
    planning: Planning,
    bases: Vec<CheckedTable>,
    /// All vectors, those that follow from others included.
    shapes: Vec<Shape>,
}

/// Plans what is measured; marks what follows from it.
async fn planned(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    tables: &mut [CheckedTable],
) -> Result<Planned, Error> {
    let all: Vec<&CheckedTable> = measured(tables).collect();
    let shapes: Vec<Shape> = all.iter().flat_map(|table| table.shapes()).collect();
    let planning = planning::plan(engine, catalogue, release, &all, &shapes, None).await?;
    let chosen = planning::bases::chosen(engine, catalogue, release, &all, (&planning, &shapes)).await?;
    let sliced = planning::plan_with_slices(engine, catalogue, release, &all, &shapes, None).await?;
    let sliced = match &sliced {
        Some(sliced) => planning::bases::chosen(engine, catalogue, release, &all, (sliced, &shapes)).await?,
        None => None,
    };
    let mut best = Planned { planning, bases: Vec::new(), shapes };
    let mut follows = BTreeSet::new();
    for (chosen, is_sliced) in [(chosen, false), (sliced, true)] {
        let Some(Chosen { bases, follows: own, noise, shares }) = chosen else { continue };
        follow(tables, &own);
        let all: Vec<&CheckedTable> = measured(tables).chain(&bases).collect();
        let shapes: Vec<Shape> = all.iter().flat_map(|table| table.shapes()).collect();
        let given = Some((noise, shares));
        let planning = match is_sliced {
            false => Some(planning::plan(engine, catalogue, release, &all, &shapes, given).await?),
            true => planning::plan_with_slices(engine, catalogue, release, &all, &shapes, given).await?,
        };
        // What is certified decides: a key may have other codes in a table that is measured for others.
        let least = if is_sliced { best.planning.planned.error * WORTH_SLICING } else { best.planning.planned.error };
        let better = |of: &Planning| of.planned.error < least;
        if let Some(planning) = planning.filter(better) {
            best = Planned { planning, bases, shapes };
            follows = own;
        }
    }
    follow(tables, &follows);
    Ok(best)
}

/// Marks the vectors that follow from others.
fn follow(tables: &mut [CheckedTable], follows: &BTreeSet<String>) {
    for table in tables {
        table.follows = table.vectors().into_iter().filter(|name| follows.contains(name)).collect();
    }
}

/// Finds tables that count the same: the first is measured for all of them, and its error matters as much as all of theirs.
fn measure_once(tables: &mut [CheckedTable]) {
    let own = |table: &CheckedTable| table.counts().filter(|_| table.quotes.is_none());
    let counts: Vec<_> = tables.iter().map(own).collect();
    for (at, own) in counts.iter().enumerate().filter(|(_, own)| own.is_some()) {
        // The first that counts the same: it is itself, or is measured for this one too.
        let Some(first) = counts.iter().position(|other| other == own).filter(|first| *first < at) else { continue };
        let (weight, name) = (tables[at].weight, tables[first].query.name.clone());
        tables[first].weight += weight;
        tables[at].measured_with = Some((first, name));
    }
}

/// The period by which the participations of a series are told apart, as its first.
fn slice(catalogue: &Catalogue, name: &str, periods: &Periods) -> Result<certify::Slice, Error> {
    certify::Slice::of(catalogue, &periods.column, periods.first.days()).ok_or_else(|| {
        Error::usage("period-column", Message::new(
            format!("queries/{name}/release.toml: [period] column: {} är varken första eller sista dagen för deltaganden; skriv \"end\" eller \"start\"", periods.column),
            format!("queries/{name}/release.toml: [period] column: {} is neither the first nor the last day of participations; write \"end\" or \"start\"", periods.column),
        ))
    })
}
