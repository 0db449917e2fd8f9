//! The ledger's entries: a header that chains them, and one of six events. Events are never removed and never change
//! meaning; a new need is a new event.
//!
//! ```text
//! utfall ledger 1
//! index: 1
//! previous: 2d3c...           SHA-256 of the entry before; zeros in the first
//! nonce: 91b4...              random, so that a writer recognises its own entry
//! time: 1767225600            seconds since 1970, for people; nothing depends on it
//! event: reserve
//! release: 0f1e...
//! charge: pure 1/2
//! measurement: outcomes cells 63 l1 3 l2-squared 9 discrete-laplace scale 6/1
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use num_traits::Zero;

use crate::domain::Measurement;
use crate::measure::{Budget, Loss};
use crate::rational::{Rational, to_text};
use crate::request::{ReleaseId, Request, sha256};
use crate::text::{Fields, to_hex};

/// The first line of every entry.
const VERSION: &str = "utfall ledger 1";
/// How a line of a measurement begins, and the line before it ends.
const MEASUREMENT: &[u8] = b"\nmeasurement: ";

/// Something that happened to the budget.
///
/// # Privacy
/// Events hold what was asked and decided, all of it public: no count, no statistic, no version of the data.
///
/// # Checked by
/// `ledger::tests::damage::impossible_events_are_found`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The ledger begins: the first entry and no other.
    Open {
        /// A random id.
        ledger: [u8; 16],
        /// Whom the budget protects: [`UNIT`](crate::UNIT).
        unit: String,
        /// The lifetime limit.
        limit: Budget,
        /// The id of the pseudonymisation key under which persons are counted.
        key_id: String,
    },
    /// Budget is set aside for a release, for ever; what it will measure is fixed.
    Reserve {
        /// The release.
        release: ReleaseId,
        /// What it costs, in one line for people.
        charge: String,
        /// Its tables: a run that resumes must ask for the same.
        measurements: Arc<[Measurement]>,
    },
    /// Budget is set aside for a series, for ever: it pays for each of its periods once.
    Series {
        /// The series: the content address of its queries, bounds and period, and which vintage it is.
        series: ReleaseId,
        /// What all periods cost together, in one line for people.
        charge: String,
        /// Its tables, with the sensitivity of all periods together.
        measurements: Arc<[Measurement]>,
    },
    /// One period of a series is reserved as a release; it costs nothing more.
    Period {
        /// The release.
        release: ReleaseId,
        /// The series.
        series: ReleaseId,
        /// The period: a public label such as `2021-Q3`.
        period: String,
        /// Its tables: those of the series, over the cells that the period has.
        measurements: Arc<[Measurement]>,
    },
    /// The release was drawn and its archive stored: from now on it is these bytes or nothing.
    Archived {
        /// The release.
        release: ReleaseId,
        /// The SHA-256 of its archive.
        hash: [u8; 32],
    },
    /// The lifetime limit is raised.
    Raise {
        /// The new limit, not below the old one.
        limit: Budget,
        /// Who decided it and why, in one line.
        reason: String,
    },
}

/// One entry of the ledger.
///
/// # Checked by
/// `ledger::tests::damage::a_changed_byte_is_found`, `ledger::tests::life::the_entry_format_stands_still`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) index: u64,
    pub(super) previous: [u8; 32],
    pub(super) nonce: [u8; 16],
    pub(super) time: u64,
    pub(super) event: Event,
}

impl Entry {
    /// Its place in the ledger, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Seconds since 1970 by the writer's clock.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The SHA-256 of the entry's bytes.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&self.encode())
    }

    /// The one encoding of this entry.
    pub(super) fn encode(&self) -> Vec<u8> {
        let lines = self.event.measurements().map(|measurements| in_lines(measurements)).unwrap_or_default();
        (self.head() + &lines).into_bytes()
    }

    /// Its lines up to those of measurements.
    fn head(&self) -> String {
        let Self { index, previous, nonce, time, event } = self;
        let (previous, nonce) = (to_hex(previous), to_hex(nonce));
        let lines = event.lines();
        format!("{VERSION}\nindex: {index}\nprevious: {previous}\nnonce: {nonce}\ntime: {time}\n{lines}")
    }

    /// Reads what [`Entry::encode`] writes, and nothing else: unknown keys, events and versions are refused. With it comes what its
    /// measurements cost, if they can be paid for.
    pub(super) fn parse(bytes: &[u8], known: &mut Stated) -> Option<(Self, Option<Cost>)> {
        let lines = bytes.windows(MEASUREMENT.len()).position(|bytes| bytes == MEASUREMENT).and_then(|at| at.checked_add(1));
        let (head, lines) = bytes.split_at_checked(lines.unwrap_or(bytes.len()))?;
        let (measurements, cost) = known.read(lines)?;
        let fields = &mut Fields::of_lines(head);
        if fields.next()? != VERSION {
            return None;
        }
        let entry = Self {
            index: fields.take("index")?,
            previous: fields.hex("previous")?,
            nonce: fields.hex("nonce")?,
            time: fields.take("time")?,
            event: Event::read(fields, measurements)?,
        };
        let is_whole = lines.is_empty() || entry.event.measurements().is_some();
        (is_whole && entry.head().as_bytes() == head).then_some((entry, cost))
    }
}

/// What measurements cost together, and as it is told.
pub(super) type Cost = Arc<(Loss, String)>;

/// Measurements, and what they cost, if they can be paid for.
type Read = (Arc<[Measurement]>, Option<Cost>);

/// The measurements that entries state, by their lines, and what they cost. Many entries state the same: those are read once.
#[derive(Clone, Debug, Default)]
pub(super) struct Stated {
    /// The order of the account.
    order: Rational,
    known: BTreeMap<Vec<u8>, Read>,
}

impl Stated {
    /// None yet, in an account of this order.
    pub(super) fn new(order: Rational) -> Self {
        Self { order, known: BTreeMap::new() }
    }

    /// The measurements of lines that are in the one form.
    fn read(&mut self, lines: &[u8]) -> Option<Read> {
        if let Some(known) = self.known.get(lines) {
            return Some(known.clone());
        }
        let fields = &mut Fields::of_lines(lines);
        let each = std::iter::from_fn(|| fields.text("measurement")).map(|line| Measurement::read(&mut Fields::of_line(line)));
        let measurements = each.collect::<Option<Vec<_>>>().filter(|read| in_lines(read).as_bytes() == lines)?;
        let losses = Request::new(ReleaseId([0; 32]), measurements.clone()).and_then(|request| request.losses(&self.order)).ok();
        let read = (measurements.into(), losses.map(|losses| Arc::new((Loss::total(&losses), Loss::told(&losses)))));
        self.known.insert(lines.to_vec(), read.clone());
        Some(read)
    }
}

/// Measurements, each in a line.
fn in_lines(measurements: &[Measurement]) -> String {
    measurements.iter().map(|measurement| format!("measurement: {}\n", measurement.to_text())).collect()
}

impl Event {
    /// What it measures; none if it is of another kind.
    fn measurements(&self) -> Option<&Arc<[Measurement]>> {
        match self {
            Self::Reserve { measurements, .. } | Self::Series { measurements, .. } | Self::Period { measurements, .. } => {
                Some(measurements)
            }
            Self::Open { .. } | Self::Archived { .. } | Self::Raise { .. } => None,
        }
    }

    /// Its lines up to those of measurements.
    fn lines(&self) -> String {
        match self {
            Self::Open { ledger, unit, limit, key_id } => {
                format!("event: open\nledger: {}\nunit: {unit}\n{}key: {key_id}\n", to_hex(ledger), limit_lines(limit))
            }
            Self::Reserve { release, charge, .. } => format!("event: reserve\nrelease: {release}\ncharge: {charge}\n"),
            Self::Series { series, charge, .. } => format!("event: series\nseries: {series}\ncharge: {charge}\n"),
            Self::Period { release, series, period, .. } => {
                format!("event: period\nrelease: {release}\nseries: {series}\nperiod: {period}\n")
            }
            Self::Archived { release, hash } => format!("event: archived\nrelease: {release}\nhash: {}\n", to_hex(hash)),
            Self::Raise { limit, reason } => format!("event: raise\n{}reason: {reason}\n", limit_lines(limit)),
        }
    }

    fn read(fields: &mut Fields<'_>, measurements: Arc<[Measurement]>) -> Option<Self> {
        Some(match fields.text("event")? {
            "open" => Self::Open {
                ledger: fields.hex("ledger")?,
                unit: fields.take("unit")?,
                limit: limit(fields)?,
                key_id: fields.take("key")?,
            },
            "reserve" => Self::Reserve { release: fields.take("release")?, charge: fields.take("charge")?, measurements },
            "series" => Self::Series { series: fields.take("series")?, charge: fields.take("charge")?, measurements },
            "period" => Self::Period {
                release: fields.take("release")?,
                series: fields.take("series")?,
                period: fields.take("period")?,
                measurements,
            },
            "archived" => Self::Archived { release: fields.take("release")?, hash: fields.hex("hash")? },
            "raise" => Self::Raise { limit: limit(fields)?, reason: fields.take("reason")? },
            _ => return None,
        })
    }
}

fn limit(fields: &mut Fields<'_>) -> Option<Budget> {
    let limit = Budget::new(fields.number("epsilon")?, fields.number("delta")?).ok()?;
    let limit = fields.number("keys-delta").map_or(Ok(limit.clone()), |part| limit.with_keys_delta(part)).ok()?;
    fields.number("basic-delta").map_or(Ok(limit.clone()), |part| limit.with_basic_delta(part)).ok()
}

/// What is set aside of delta is a line only if it is not zero: a limit without it reads as it always has.
fn limit_lines(limit: &Budget) -> String {
    let whole = [("epsilon", limit.epsilon()), ("delta", limit.delta())];
    let parts = [("keys-delta", limit.keys_delta()), ("basic-delta", limit.basic_delta())];
    let written = whole.into_iter().chain(parts.into_iter().filter(|(_, number)| !number.is_zero()));
    written.map(|(key, number)| format!("{key}: {}\n", to_text(number))).collect()
}
