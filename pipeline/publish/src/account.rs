//! The privacy account of a whole site: an extract of the ledger that anybody may read, beside the pages as `account.json`.
//!
//! It says how much may be spent on all releases together, what was spent and on what, and how the chain of the ledger ends. The
//! ledger holds what was asked and decided, never a number of the data, and neither does its extract: everything here is public before
//! it is here. Whoever keeps a copy can see later that the chain has grown and not changed: the entry of the old length must have the
//! old hash.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use utfall_ground::account::{charge, down, up};
use utfall_ground::spending::{losses, remaining, spent_of};
use utfall_privacy::{Entry, Event, Head, Measurement, Rational, ReleaseId};

use crate::Description;
use crate::dataset::pack::Moment;
use utfall_ground::text::Text;

/// The file beside the folders of the releases.
pub(crate) const FILE: &str = "account.json";

/// What a ledger says in public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Version of this file, [`Account::FORMAT`].
    pub format: u32,
    /// The random id of the ledger, in hex.
    pub ledger: String,
    /// The limit for all releases together, as last raised: the guarantee for every person.
    pub limit: Strength,
    /// Every limit that there was, the first first; more than one if it was raised.
    pub limits: Vec<Limit>,
    /// What was spent: an upper bound on epsilon, at the delta of the limit.
    pub spent: Strength,
    /// The epsilon that is left for releases to come, rounded down.
    pub left: String,
    /// What was paid for and archived, in the order of the ledger.
    pub charges: Vec<Charge>,
    /// How many releases are paid for and not archived yet: begun, or ended before anything was drawn.
    pub unfinished: u64,
    /// How the chain ends.
    pub head: ChainHead,
}

/// Epsilon and delta as decimal numbers, rounded up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strength {
    /// Epsilon.
    pub epsilon: String,
    /// Delta.
    pub delta: String,
}

/// A limit from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// When it was set.
    pub set: Moment,
    /// How much it admits.
    pub strength: Strength,
}

/// An archived release, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// Its id, in hex.
    pub id: String,
    /// The SHA-256 of its archive, in hex.
    pub archive: String,
    /// When it was archived.
    pub made: Moment,
    /// What it declares of itself; none where the caller did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// What it cost, in one line: `epsilon 1`, or with Gaussian noise `rho 0.03 (zCDP)`. That of a series is of all its periods, paid
    /// once.
    pub charge: String,
    /// The series that paid, in hex, if it is a period of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Which period of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
}

/// What a release declares of itself in its archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// The budget that it asked for.
    pub budget: Strength,
}

/// The end of a chain of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainHead {
    /// How many entries there are.
    pub length: u64,
    /// The SHA-256 of the last one, in hex; each holds that of the one before it.
    pub hash: String,
}

impl Declared {
    /// What a description says.
    pub fn of(description: &Description) -> Self {
        Self {
            name: description.name.clone(),
            title: description.title.clone(),
            budget: Strength { epsilon: description.epsilon.clone(), delta: description.delta.clone() },
        }
    }
}

impl Strength {
    fn of(budget: &utfall_privacy::Budget) -> Self {
        Self { epsilon: up(budget.epsilon()), delta: up(budget.delta()) }
    }
}

/// What was set aside.
struct Paid<'l> {
    charge: String,
    series: Option<String>,
    period: Option<&'l str>,
}

impl Account {
    /// The version of the file.
    pub const FORMAT: u32 = 1;

    /// The extract of a ledger that was verified: how it ends, its entries and its account, and what each archived release declares.
    pub fn of(
        head: Head,
        entries: &[Entry],
        account: &utfall_privacy::Account,
        declared: impl Fn(ReleaseId) -> Option<Declared>,
    ) -> Self {
        // Many entries share their measurements: what those cost is reckoned once.
        let mut known: HashMap<*const Measurement, String> = HashMap::new();
        let reckoned = |of: &[Measurement]| losses(of, &account.order).map(|of| charge(&of)).unwrap_or_default();
        let mut cost = |of: &[Measurement]| known.entry(of.as_ptr()).or_insert_with(|| reckoned(of)).clone();
        let (mut limits, mut charges, mut last) = (Vec::new(), Vec::new(), None);
        let (mut paid, mut series): (BTreeMap<ReleaseId, Paid<'_>>, BTreeMap<ReleaseId, String>) = Default::default();
        for entry in entries {
            let made = Moment(entry.time());
            match entry.event() {
                Event::Open { limit, .. } | Event::Raise { limit, .. } => {
                    // Almost always epsilon alone is raised.
                    let delta = limits.last().filter(|_| last == Some(limit.delta())).map(|of: &Limit| of.strength.delta.clone());
                    let strength =
                        delta.map_or_else(|| Strength::of(limit), |delta| Strength { epsilon: up(limit.epsilon()), delta });
                    last = Some(limit.delta());
                    limits.push(Limit { set: made, strength });
                }
                Event::Reserve { release, measurements, .. } => {
                    paid.insert(*release, Paid { charge: cost(measurements), series: None, period: None });
                }
                Event::Series { series: id, measurements, .. } => {
                    series.insert(*id, cost(measurements));
                }
                Event::Period { release, series: id, period, .. } => {
                    let charge = series.get(id).cloned().unwrap_or_default();
                    paid.insert(*release, Paid { charge, series: Some(id.to_string()), period: Some(period) });
                }
                Event::Archived { release, hash } => {
                    let of = paid.remove(release);
                    charges.push(Charge {
                        id: release.to_string(),
                        archive: hex::encode(hash),
                        made,
                        declared: declared(*release),
                        period: of.as_ref().and_then(|of| of.period.map(str::to_owned)),
                        series: of.as_ref().and_then(|of| of.series.clone()),
                        charge: of.map(|of| of.charge).unwrap_or_default(),
                    });
                }
            }
        }
        let limit = Strength::of(account.limit());
        Self {
            format: Self::FORMAT,
            ledger: hex::encode(head.ledger),
            spent: Strength { epsilon: up(&spent_of(account)), delta: limit.delta.clone() },
            limit,
            limits,
            left: down(&remaining(account).max(Rational::from_integer(0.into()))),
            charges,
            unfinished: paid.len() as u64,
            head: ChainHead { length: head.length, hash: hex::encode(head.hash) },
        }
    }

    /// As a file.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // Texts and numbers alone: it cannot fail.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Reads what `to_json` wrote; none if it is of another version, or no account.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|of: &Self| of.format == Self::FORMAT)
    }
}

#[cfg(test)]
pub(crate) mod tests;
