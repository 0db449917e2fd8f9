//! A release before anything is read: its queries certified, its budget divided, its pages rehearsed. What it decides about noise
//! is decided by public sizes, and the core charges for whatever it decides.

use std::collections::BTreeSet;

use utfall_ground::calendar::Periods;
use utfall_ground::error::Error;
use utfall_ground::refused::message;
use utfall_ground::text::Message;
use utfall_privacy::{Measurement, Proved};
use utfall_publish::KeyColumn;
use utfall_publish::estimate::compare::Target;

use super::measurements::{Draw, Shape, measurements};
use super::planning::bases::Chosen;
use super::planning::{self, Planning};
use super::{beyond, headings, identity, rehearsal, targets};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{QuerySpec, ReleaseSpec};
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
    /// The targets that its shares are held against.
    pub targets: Vec<Target>,
    /// How much its error matters, with that of those that are measured with it.
    pub weight: f64,
    /// The table before it that counts the same, so that it is measured once: by its place and its name.
    pub measured_with: Option<(usize, String)>,
    /// Its vectors that are not measured, but follow from what is, by name.
    pub follows: BTreeSet<String>,
}

impl CheckedRelease {
    /// The tables that are measured, or follow from others: of those that count the same, the first; then those that are measured for
    /// others.
    pub fn measured(&self) -> impl Iterator<Item = &CheckedTable> {
        measured(&self.tables).chain(&self.bases)
    }
}

fn measured(tables: &[CheckedTable]) -> impl Iterator<Item = &CheckedTable> {
    tables.iter().filter(|table| table.measured_with.is_none())
}

impl CheckedTable {
    /// A query that was accepted.
    pub(crate) fn new(query: QuerySpec, answer: Answer, draw: Draw, targets: Vec<Target>) -> Self {
        Self { weight: query.weight, query, answer, draw, targets, measured_with: None, follows: BTreeSet::new() }
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

    /// The names of its vectors in ledger and archive: the query's own (or of the one that it is measured with), numbered if there
    /// are several.
    pub fn vectors(&self) -> Vec<String> {
        self.named(self.measured_with.as_ref().map_or(&self.query.name, |(_, name)| name))
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
pub async fn check(engine: &Engine, catalogue: &Catalogue, mut release: ReleaseSpec) -> Result<CheckedRelease, Error> {
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
    let (mut tables, mut refusals) = (Vec::new(), Vec::new());
    for query in &release.queries {
        match engine.check(query, catalogue, &release.bounds).await {
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
    measure_once(&mut tables);
    let Planned { planning, bases, shapes } = planned(engine, catalogue, &release, &mut tables).await?;
    let measurements = measurements(&release.budget, &shapes, &planning.choice)
        .map_err(|e| Error::usage("release-budget", message(&e).after(format!("queries/{}/release.toml: ", release.name))))?;
    let computed = identity::computed(engine, catalogue, &release.name, &tables, &measurements).await?;
    let asked = identity::asked(&release, &tables);
    let checked = CheckedRelease { measurements, tables, bases, release, planning, computed, asked };
    rehearsal::rehearse(catalogue, &checked).await?;
    Ok(checked)
}

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
    let plain = Planned { planning, bases: Vec::new(), shapes };
    let Some(Chosen { bases, follows, noise, shares }) = chosen else { return Ok(plain) };
    follow(tables, &follows);
    let all: Vec<&CheckedTable> = measured(tables).chain(&bases).collect();
    let shapes: Vec<Shape> = all.iter().flat_map(|table| table.shapes()).collect();
    let planning = planning::plan(engine, catalogue, release, &all, &shapes, Some((noise, shares))).await?;
    // What is certified decides: a key may have other codes in a table that is measured for others.
    if !planning.is_covered() || planning.planned.error >= plain.planning.planned.error {
        follow(tables, &BTreeSet::new());
        return Ok(plain);
    }
    Ok(Planned { planning, bases, shapes })
}

/// Marks the vectors that follow from others.
fn follow(tables: &mut [CheckedTable], follows: &BTreeSet<String>) {
    for table in tables {
        table.follows = table.vectors().into_iter().filter(|name| follows.contains(name)).collect();
    }
}

/// Finds tables that count the same: the first is measured for all of them, and its error matters as much as all of theirs.
fn measure_once(tables: &mut [CheckedTable]) {
    let counts: Vec<_> = tables.iter().map(CheckedTable::counts).collect();
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
