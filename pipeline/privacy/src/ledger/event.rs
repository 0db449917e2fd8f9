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

use num_traits::Zero;

use crate::domain::Measurement;
use crate::measure::Budget;
use crate::rational::{Rational, to_text};
use crate::request::{ReleaseId, sha256};
use crate::text::{Fields, to_hex};

/// The first line of every entry.
const VERSION: &str = "utfall ledger 1";

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
        measurements: Vec<Measurement>,
    },
    /// Budget is set aside for a series, for ever: it pays for each of its periods once.
    Series {
        /// The series: the content address of its queries, bounds and period, and which vintage it is.
        series: ReleaseId,
        /// What all periods cost together, in one line for people.
        charge: String,
        /// Its tables, with the sensitivity of all periods together.
        measurements: Vec<Measurement>,
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
        measurements: Vec<Measurement>,
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
        let Self { index, previous, nonce, time, event } = self;
        let (previous, nonce) = (to_hex(previous), to_hex(nonce));
        let header = format!("{VERSION}\nindex: {index}\nprevious: {previous}\nnonce: {nonce}\ntime: {time}\n");
        event.lines().iter().fold(header, |text, (key, value)| format!("{text}{key}: {value}\n")).into_bytes()
    }

    /// Reads what [`Entry::encode`] writes, and nothing else: unknown keys, events and versions are refused.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let fields = &mut Fields::of_lines(bytes);
        if fields.next()? != VERSION {
            return None;
        }
        let entry = Self {
            index: fields.take("index")?,
            previous: fields.hex("previous")?,
            nonce: fields.hex("nonce")?,
            time: fields.take("time")?,
            event: Event::read(fields)?,
        };
        (entry.encode() == bytes).then_some(entry)
    }
}

impl Event {
    /// Its lines, each a key and a value.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let name = |name: &str| ("event", name.to_owned());
        let id = |key, id: &ReleaseId| (key, id.to_string());
        let paid = |charge: &String| ("charge", charge.clone());
        let mut lines = match self {
            Self::Open { ledger, unit, limit, key_id } => {
                let of = vec![name("open"), ("ledger", to_hex(ledger)), ("unit", unit.clone())];
                [of, limit_lines(limit), vec![("key", key_id.clone())]].concat()
            }
            Self::Reserve { release, charge, .. } => vec![name("reserve"), id("release", release), paid(charge)],
            Self::Series { series, charge, .. } => vec![name("series"), id("series", series), paid(charge)],
            Self::Period { release, series, period, .. } => {
                vec![name("period"), id("release", release), id("series", series), ("period", period.clone())]
            }
            Self::Archived { release, hash } => vec![name("archived"), id("release", release), ("hash", to_hex(hash))],
            Self::Raise { limit, reason } => [vec![name("raise")], limit_lines(limit), vec![("reason", reason.clone())]].concat(),
        };
        if let Self::Reserve { measurements, .. } | Self::Series { measurements, .. } | Self::Period { measurements, .. } = self {
            lines.extend(measurements.iter().map(|measurement| ("measurement", measurement.to_text())));
        }
        lines
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(match fields.text("event")? {
            "open" => Self::Open {
                ledger: fields.hex("ledger")?,
                unit: fields.take("unit")?,
                limit: limit(fields)?,
                key_id: fields.take("key")?,
            },
            "reserve" => Self::Reserve {
                release: fields.take("release")?,
                charge: fields.take("charge")?,
                measurements: measurements(fields)?,
            },
            "series" => Self::Series {
                series: fields.take("series")?,
                charge: fields.take("charge")?,
                measurements: measurements(fields)?,
            },
            "period" => Self::Period {
                release: fields.take("release")?,
                series: fields.take("series")?,
                period: fields.take("period")?,
                measurements: measurements(fields)?,
            },
            "archived" => Self::Archived { release: fields.take("release")?, hash: fields.hex("hash")? },
            "raise" => Self::Raise { limit: limit(fields)?, reason: fields.take("reason")? },
            _ => return None,
        })
    }
}

/// All lines that follow.
fn measurements(fields: &mut Fields<'_>) -> Option<Vec<Measurement>> {
    std::iter::from_fn(|| fields.text("measurement")).map(|line| Measurement::read(&mut Fields::of_line(line))).collect()
}

fn limit(fields: &mut Fields<'_>) -> Option<Budget> {
    let limit = Budget::new(fields.number("epsilon")?, fields.number("delta")?).ok()?;
    let mut part = |name| fields.number(name).unwrap_or_else(Rational::zero);
    limit.with_keys_delta(part("keys-delta")).ok()?.with_basic_delta(part("basic-delta")).ok()
}

/// What is set aside of delta is a line only if it is not zero: a limit without it reads as it always has.
fn limit_lines(limit: &Budget) -> Vec<(&'static str, String)> {
    let whole = [("epsilon", limit.epsilon()), ("delta", limit.delta())];
    let parts = [("keys-delta", limit.keys_delta()), ("basic-delta", limit.basic_delta())];
    let written = whole.into_iter().chain(parts.into_iter().filter(|(_, number)| !number.is_zero()));
    written.map(|(key, number)| (key, to_text(number))).collect()
}
