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
use crate::measure::{Budget, Charge};
use crate::rational::{parse_decimal, to_text};
use crate::request::{ReleaseId, sha256};
use crate::text::{from_hex, to_hex};

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
        /// What it costs.
        charge: Charge,
        /// Its tables: a run that resumes must ask for the same.
        measurements: Vec<Measurement>,
    },
    /// Budget is set aside for a series, for ever: it pays for each of its periods once.
    Series {
        /// The series: the content address of its queries, bounds and period, and which vintage it is.
        series: ReleaseId,
        /// What all periods cost together.
        charge: Charge,
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
        let text = str::from_utf8(bytes).ok()?;
        let mut fields = Fields(text.split('\n'));
        if fields.0.next()? != VERSION {
            return None;
        }
        let entry = Self {
            index: fields.take("index")?.parse().ok()?,
            previous: from_hex(fields.take("previous")?)?,
            nonce: from_hex(fields.take("nonce")?)?,
            time: fields.take("time")?.parse().ok()?,
            event: read_event(&mut fields)?,
        };
        (entry.encode() == bytes).then_some(entry)
    }
}

impl Event {
    /// Its lines, each a key and a value.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let of = |name: &str, fields: &[&[(&'static str, String)]], measurements: &[Measurement]| {
            let measured = measurements.iter().map(|measurement| ("measurement", measurement.to_text()));
            std::iter::once(("event", name.to_owned())).chain(fields.concat()).chain(measured).collect()
        };
        match self {
            Self::Open { ledger, unit, limit, key_id } => {
                let (ledger, unit) = (("ledger", to_hex(ledger)), ("unit", unit.clone()));
                of("open", &[&[ledger, unit], &limit_lines(limit), &[("key", key_id.clone())]], &[])
            }
            Self::Reserve { release, charge, measurements } => {
                of("reserve", &[&[("release", release.to_string()), ("charge", charge.to_text())]], measurements)
            }
            Self::Series { series, charge, measurements } => {
                of("series", &[&[("series", series.to_string()), ("charge", charge.to_text())]], measurements)
            }
            Self::Period { release, series, period, measurements } => {
                let ids = [("release", release.to_string()), ("series", series.to_string())];
                of("period", &[&ids, &[("period", period.clone())]], measurements)
            }
            Self::Archived { release, hash } => {
                of("archived", &[&[("release", release.to_string()), ("hash", to_hex(hash))]], &[])
            }
            Self::Raise { limit, reason } => of("raise", &[&limit_lines(limit), &[("reason", reason.clone())]], &[]),
        }
    }
}

/// What is set aside for private keys is a line only if it is not zero: a limit without it reads as it always has.
fn limit_lines(limit: &Budget) -> Vec<(&'static str, String)> {
    let all = [("epsilon", limit.epsilon()), ("delta", limit.delta()), ("keys-delta", limit.keys_delta())];
    let written = all.into_iter().filter(|(key, number)| *key != "keys-delta" || !number.is_zero());
    written.map(|(key, number)| (key, to_text(number))).collect()
}

fn read_event(fields: &mut Fields<'_>) -> Option<Event> {
    match fields.take("event")? {
        "open" => Some(Event::Open {
            ledger: from_hex(fields.take("ledger")?)?,
            unit: fields.take("unit")?.to_owned(),
            limit: fields.budget()?,
            key_id: fields.take("key")?.to_owned(),
        }),
        "reserve" => Some(Event::Reserve {
            release: fields.take("release")?.parse().ok()?,
            charge: Charge::parse(fields.take("charge")?).ok()?,
            measurements: fields.measurements()?,
        }),
        "series" => Some(Event::Series {
            series: fields.take("series")?.parse().ok()?,
            charge: Charge::parse(fields.take("charge")?).ok()?,
            measurements: fields.measurements()?,
        }),
        "period" => Some(Event::Period {
            release: fields.take("release")?.parse().ok()?,
            series: fields.take("series")?.parse().ok()?,
            period: fields.take("period")?.to_owned(),
            measurements: fields.measurements()?,
        }),
        "archived" => {
            Some(Event::Archived { release: fields.take("release")?.parse().ok()?, hash: from_hex(fields.take("hash")?)? })
        }
        "raise" => Some(Event::Raise { limit: fields.budget()?, reason: fields.take("reason")?.to_owned() }),
        _ => None,
    }
}

/// The lines of an entry that have not been read yet.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    /// The value of the next line, if it has this key. Whether lines are left over is seen when the entry is written
    /// again and compared.
    fn take(&mut self, key: &str) -> Option<&'a str> {
        self.0.next()?.strip_prefix(key)?.strip_prefix(": ")
    }

    /// All lines that follow.
    fn measurements(&mut self) -> Option<Vec<Measurement>> {
        std::iter::from_fn(|| self.take("measurement")).map(|line| Measurement::parse(line).ok()).collect()
    }

    fn budget(&mut self) -> Option<Budget> {
        let epsilon = parse_decimal(self.take("epsilon")?).ok()?;
        let delta = parse_decimal(self.take("delta")?).ok()?;
        let limit = Budget::new(epsilon, delta).ok()?;
        let mut ahead = self.0.clone();
        match ahead.next()?.strip_prefix("keys-delta: ") {
            Some(keys_delta) => {
                self.0 = ahead;
                limit.with_keys_delta(parse_decimal(keys_delta).ok()?).ok()
            }
            None => Some(limit),
        }
    }
}
