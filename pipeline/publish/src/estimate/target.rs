//! Holding the numbers of a table against what was promised: whether a target was met, how far the number lies from it, and how
//! probable it is that it was met.
//!
//! A target is *met* when the whole noise interval lies within it, and *not met* when no part of it does. Between the two there is a
//! probability: that the exact number, of which the noisy one is all that is known, lies within the target. It is a statement about the
//! noise alone: every number that is possible (a share from 0 to 100 percent, a count from zero) is taken for as probable as any
//! other before the noisy number is looked at, and then each one by how probable the noise is that would lead from it to what was
//! published. It says nothing about chance in who took part, nor about whether a project caused what is counted.
//!
//! It is read off the distributions that the intervals are made of. A share u / (u + v) is at least p if (1 - p) u - p v is not below
//! zero, and a mean or a part of a total likewise (a *balance*): its noise is a sum of the noises of u and v, whose distribution is known
//! (Fieller's intervals are the p that it does not contradict). So P(share >= p) is the probability H(p) that the noise is no larger than
//! the noisy balance; H(0) is the probability that u is not negative, and 1 - H(1) that v is not, so that
//! (H(p) - H(1)) / (H(0) - H(1)) leaves out what is impossible. That u and v are both negative is left out of account: a number has an
//! interval only where that is rarer than what its level leaves. Of a number that was reconciled with others the noise is that of the
//! estimate, and what else the others say is not used.

use serde::{Deserialize, Serialize};

use utfall_estimate::distribution::{Error, Term};
use utfall_estimate::interval::Interval;
use utfall_estimate::share::Margins;
use utfall_ground::text::Text;

use crate::description::formula::Formula;
use crate::estimate::Estimate;
use crate::estimate::distribution::{Along, error};
use crate::{Cell, CellIndex, Code, Measured, Table};

/// A target for one number of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What people call it.
    pub title: Text,
    /// Which row it is for: the project's code, if the table has a row for each, or the code of another key.
    pub code: String,
    /// What kind of number was promised.
    #[serde(default, skip_serializing_if = "Kind::is_share")]
    pub kind: Kind,
    /// Where counts are held against a quota: of which rows the row is a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// The least number that meets it: in percent if it is a share, else in units. None if there is no least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The greatest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// Within how many points (or units) of what was promised it counts as met: the register's choice, not the project's promise.
    #[serde(default, skip_serializing_if = "is_none")]
    pub tolerance: i64,
}

fn is_none(tolerance: &i64) -> bool {
    *tolerance == 0
}

/// What kind of number a target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A share, in percent.
    #[default]
    Share,
    /// A number of people or rows.
    Count,
    /// A mean, in the unit of what it is of.
    Mean,
}

impl Kind {
    fn is_share(&self) -> bool {
        *self == Self::Share
    }
}

/// Which rows of a table of counts a row is a part of: all that differ from it in one key only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The key, by its place among the keys; the target's code is one of its.
    pub key: usize,
    /// The codes of the other keys, in order.
    pub within: Vec<String>,
}

/// Whether a target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval lies within it.
    Met,
    /// The exact number does with a probability of at least [`PROBABLE`].
    ProbablyMet,
    /// The noise leaves both possible.
    CannotBeTold,
    /// The exact number lies outside with a probability of at least [`PROBABLE`].
    ProbablyNot,
    /// No part of the interval lies within it.
    NotMet,
}

/// From this probability on something is said to be probable: nine times of ten. What is said without reserve takes the level of the
/// intervals.
pub const PROBABLE: f64 = 0.9;

/// A number that a target is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The target, by its place among those of the table.
    pub target: usize,
    /// The row that it is for.
    pub cell: CellIndex,
    /// The number, in units of 10^-`decimals`; a share as a part of 1.
    pub value: Option<i64>,
    /// Its noise interval, within what is possible.
    pub ends: Option<Interval<i64>>,
    /// The decimals of both.
    pub decimals: u32,
    /// The probability that the exact number lies within the target and its tolerance, given the noise alone; none where nothing can be
    /// said.
    pub reached: Option<f64>,
}

/// A target with the number that it is held against.
#[derive(Debug, Clone, Copy)]
pub struct Tracked<'t> {
    /// The target.
    pub target: &'t Target,
    /// The row that it is for.
    pub cell: Cell<'t>,
    /// The number.
    pub judged: &'t Judged,
    /// Whether it is met.
    pub verdict: Verdict,
}

/// How far a number lies from what was promised, in points or units: below zero it is short of it, above it is beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    /// That of the number, in units of 10^-`decimals`.
    pub value: i64,
    /// Those of the ends of its interval.
    pub ends: Option<Interval<i64>>,
    /// The decimals of both.
    pub decimals: u32,
}

impl Target {
    /// What was promised, without what cannot be missed: a share of at most 100 percent has no greatest.
    pub fn promised(&self) -> Interval<Option<i64>> {
        let share = self.kind.is_share();
        Interval {
            low: self.minimum.filter(|least| !(share && *least <= 0)),
            high: self.maximum.filter(|most| !(share && *most >= 100)),
        }
    }

    /// The same with the tolerance: what counts as met.
    pub fn tolerated(&self) -> Interval<Option<i64>> {
        let Interval { low, high } = self.promised();
        let wider = Self {
            minimum: low.map(|least| least.saturating_sub(self.tolerance)),
            maximum: high.map(|most| most.saturating_add(self.tolerance)),
            ..self.clone()
        };
        wider.promised()
    }

    /// The verdict on an interval with so many decimals.
    fn verdict(&self, ends: Option<Interval<i64>>, decimals: u32, reached: Option<f64>) -> Verdict {
        let unit = self.unit(decimals);
        let Interval { low: least, high: most } = self.tolerated().map(|end| end.map(|end| end.saturating_mul(unit)));
        let (is_enough, is_little) = (|x: i64| least.is_none_or(|least| x >= least), |x: i64| most.is_none_or(|most| x <= most));
        match (ends, reached) {
            (Some(Interval { low, high }), _) if is_enough(low) && is_little(high) => Verdict::Met,
            (Some(Interval { low, high }), _) if !is_enough(high) || !is_little(low) => Verdict::NotMet,
            (Some(_), Some(reached)) if reached >= PROBABLE => Verdict::ProbablyMet,
            (Some(_), Some(reached)) if reached <= 1.0 - PROBABLE => Verdict::ProbablyNot,
            _ => Verdict::CannotBeTold,
        }
    }

    /// How many units of 10^-`decimals` a point or a unit of it is.
    fn unit(&self, decimals: u32) -> i64 {
        10_i64.saturating_pow(if self.kind.is_share() { decimals.saturating_sub(2) } else { decimals })
    }
}

impl Tracked<'_> {
    /// Whether what is met is met without the tolerance too.
    pub fn is_strict(&self) -> bool {
        let strict = Target { tolerance: 0, ..self.target.clone() };
        strict.verdict(self.judged.ends, self.judged.decimals, self.judged.reached) == self.verdict
    }

    /// How far the number lies from what was promised, without the tolerance.
    pub fn distance(&self) -> Option<Distance> {
        let Judged { value, ends, decimals, .. } = *self.judged;
        let unit = self.target.unit(decimals);
        let Interval { low: least, high: most } = self.target.promised().map(|end| end.map(|end| end.saturating_mul(unit)));
        let of = |x: i64| match (least, most) {
            (Some(least), None) => x.saturating_sub(least),
            (None, Some(most)) => x.saturating_sub(most),
            (Some(least), Some(most)) => x.saturating_sub(x.clamp(least, most.max(least))),
            (None, None) => 0,
        };
        let decimals = if self.target.kind.is_share() { decimals.saturating_sub(2) } else { decimals };
        Some(Distance { value: of(value?), ends: ends.map(|ends| ends.map(of)), decimals })
    }
}

impl Table {
    /// Its targets with the numbers that are held against them.
    pub fn tracked(&self) -> impl Iterator<Item = Tracked<'_>> {
        let cells: Vec<Cell<'_>> = if self.judged.is_empty() { Vec::new() } else { self.cells().collect() };
        self.judged.iter().filter_map(move |judged| {
            let target = self.description.targets.get(judged.target)?;
            let verdict = target.verdict(judged.ends, judged.decimals, judged.reached);
            Some(Tracked { target, cell: *cells.get(judged.cell.number())?, judged, verdict })
        })
    }

    /// The row that a target is for.
    fn held(&self, target: &Target) -> Option<CellIndex> {
        let codes = |cell: &[u16]| self.description.codes(cell).map(|code: &Code| code.code.clone()).collect::<Vec<_>>();
        let is = |cell: &Vec<u16>| match &target.part {
            Some(part) => {
                let mut within = codes(cell);
                part.key < within.len() && within.remove(part.key) == target.code && within == part.within
            }
            None => self.description.keys.is_empty() || codes(cell).contains(&target.code),
        };
        self.description.cells.iter().position(is).map(CellIndex)
    }

    /// The rows that differ from one in a key only, itself among them.
    fn along(&self, cell: CellIndex, key: usize) -> Vec<CellIndex> {
        let cells = &self.description.cells;
        let Some(own) = cells.get(cell.number()) else { return Vec::new() };
        let is = |other: &&CellIndex| {
            let other = cells.get(other.number());
            other.is_some_and(|other| own.iter().zip(other).enumerate().all(|(at, (a, b))| at == key || a == b))
        };
        CellIndex::all(cells.len()).filter(|other| is(&other)).collect()
    }
}

/// The numbers of a table that its targets are held against.
pub(crate) fn judged(table: &Table, vectors: &[Measured<'_>], estimates: &[Option<&Estimate>], tail: f64) -> Vec<Judged> {
    let one = |(at, target): (usize, &Target)| {
        let cell = table.held(target)?;
        let formula = &table.measure()?.formula;
        let (vector, estimate) = (vectors.get(*formula.vectors().first()?)?, |at: usize| estimates.get(at).copied().flatten());
        let numbers = Numbers { vector, estimate: formula.vectors().first().and_then(|at| estimate(*at)) };
        let (value, ends, decimals, reached) = match (&target.part, formula) {
            (Some(part), Formula::Count { .. }) => numbers.part(table, target, cell, part, tail)?,
            (None, Formula::Count { .. }) => {
                let (value, ends) = numbers.count(table, cell)?;
                (value, ends, 0, numbers.count_reached(cell, target.tolerated()))
            }
            (None, Formula::Split { low, high, .. }) => {
                let value = table.values.get(cell.number()).copied().flatten();
                let ends = table.interval(cell);
                // Where there may be nobody nothing is said.
                let range = if target.kind.is_share() { Interval::new(0, 100) } else { Interval::new(*low, *high) };
                let reached = ends.and_then(|_| numbers.split_reached(cell, range, target.tolerated()));
                (value, ends, table.decimals, reached)
            }
            _ => return None,
        };
        Some(Judged { target: at, cell, value, ends, decimals, reached })
    };
    table.description.targets.iter().enumerate().filter_map(one).collect()
}

impl Table {
    fn interval(&self, cell: CellIndex) -> Option<Interval<i64>> {
        let end = |ends: &[Option<i64>]| ends.get(cell.number()).copied().flatten();
        Some(Interval { low: end(&self.lower)?, high: end(&self.upper)? })
    }
}

/// What is judged of a row: the number, its interval, the decimals of both, and the probability.
type Found = (Option<i64>, Option<Interval<i64>>, u32, Option<f64>);

/// The decimals of a part of a total.
const DECIMALS: u32 = 3;

/// The numbers of a vector.
#[derive(Clone, Copy)]
struct Numbers<'a> {
    vector: &'a Measured<'a>,
    estimate: Option<&'a Estimate>,
}

impl Numbers<'_> {
    fn at(&self, number: usize) -> Option<f64> {
        match self.estimate {
            Some(estimate) => estimate.values.get(number).copied(),
            None => self.vector.values.get(number).map(|value| *value as f64),
        }
    }

    /// The whole number that people are shown.
    fn whole(&self, number: usize) -> Option<i64> {
        self.estimate.map_or(self.vector.values, |estimate| &estimate.whole).get(number).copied()
    }

    fn kind(&self, number: usize) -> Option<usize> {
        self.estimate.map_or(Some(0), |estimate| estimate.distributions.kind(number))
    }

    /// A count as people are shown it, which is not below zero, and its interval in whole numbers.
    fn count(&self, table: &Table, cell: CellIndex) -> Option<(Option<i64>, Option<Interval<i64>>)> {
        let unit = 10_i64.checked_pow(table.decimals)?;
        let value = self.whole(cell.number())?.max(0);
        // What is raised to zero keeps its width.
        let whole = |Interval { low, high }: Interval<i64>| {
            let (low, high) = (low.div_euclid(unit), high.saturating_add(unit - 1).div_euclid(unit));
            Interval { low: low.max(0).min(value), high: high.max(value).max((high - low + 1) / 2) }
        };
        Some((Some(value), table.interval(cell).map(whole)))
    }

    /// The probability that a count lies within an interval.
    fn count_reached(&self, cell: CellIndex, wanted: Interval<Option<i64>>) -> Option<f64> {
        let number = cell.number();
        let (value, kind) = (self.at(number)?, self.kind(number)?);
        let noise = match self.estimate {
            Some(estimate) => estimate.distributions.error(kind)?,
            None => error(&self.vector.noise)?,
        };
        let balance = |bound: i64| Some(Balance { value: value - bound as f64, step: 1.0, noise: noise.clone() });
        probability(balance, wanted, Possible { low: 0, high: None })
    }

    /// The probability that the mean of which a cell's two numbers are the distances from the ends of `range` lies within an interval.
    fn split_reached(&self, cell: CellIndex, range: Interval<i64>, wanted: Interval<Option<i64>>) -> Option<f64> {
        let number = cell.numbers(2).start;
        let (u, v, kind) = (self.at(number)?, self.at(number + 1)?, self.kind(number)?);
        let balance = |bound: i64| {
            let point = Point::of(bound, range)?;
            let noise = match self.estimate {
                Some(estimate) => estimate.distributions.share_error(kind, point.share)?,
                None => combined(error(&self.vector.noise)?, point.share, 1),
            };
            Some(point.balance(u, v, noise))
        };
        probability(balance, wanted, Possible { low: range.low, high: Some(range.high) })
    }

    /// The part that the count of a row is of those of all rows that differ from it in a key only.
    fn part(&self, table: &Table, target: &Target, cell: CellIndex, part: &Part, tail: f64) -> Option<Found> {
        let all = table.along(cell, part.key);
        // The rows that are not published are in no total.
        let codes = table.description.keys.get(part.key)?.codes.len();
        let along = Along {
            axis: self.estimate.and_then(|estimate| estimate.distributions.axis(self.vector.name, part.key)),
            numbers: all.len(),
        };
        let sum = |of: &dyn Fn(usize) -> Option<f64>| all.iter().map(|cell| of(cell.number())).sum::<Option<f64>>();
        let (u, total) = (self.at(cell.number())?, sum(&|number| self.at(number))?);
        // Raised to zero, what is noise alone would add up.
        let whole = |number: usize| self.whole(number).map(|value| value as f64);
        let (shown, of) = (whole(cell.number())?, sum(&whole)?);
        let scale = 10_f64.powi(DECIMALS as i32);
        let value = (of > 0.0).then(|| ((shown / of).clamp(0.0, 1.0) * scale).round() as i64);
        let kind = self.kind(cell.number())?;
        let noise = |share: f64| match self.estimate {
            Some(estimate) => estimate.distributions.part_error(kind, along, share),
            None => Some(combined(error(&self.vector.noise)?, share, all.len().checked_sub(1)?)),
        };
        let margins = || match self.estimate {
            Some(estimate) => {
                let by = &estimate.distributions;
                Margins::by(|share| by.part_margin(kind, along, share, tail), by.all_margin(kind, along, tail)?)
            }
            None => {
                let mut every = error(&self.vector.noise)?;
                every.terms.iter_mut().for_each(|term| term.count *= all.len() as f64);
                Margins::by(|share| Some(noise(share)?.distribution().margin(tail)), every.margin(tail))
            }
        };
        let is_whole = self.estimate.is_none() || all.len() == codes;
        let ends = if is_whole { margins().and_then(|margins| margins.interval(u, total - u, 0.0)) } else { None };
        let ends = ends.zip(value).map(|(Interval { low, high }, value)| Interval {
            low: ((low * scale).floor() as i64).min(value),
            high: ((high * scale).ceil() as i64).max(value),
        });
        let range = Interval::new(0, 100);
        let balance = |bound: i64| {
            let point = Point::of(bound, range)?;
            Some(point.balance(u, total - u, noise(point.share)?))
        };
        let reached = ends.and_then(|_| probability(balance, target.tolerated(), Possible { low: 0, high: Some(100) }));
        Some((value, ends, DECIMALS, reached))
    }
}

/// The noise of (1 - share) x a number - share x the sum of so many others, each with this noise of its own.
fn combined(one: Error, share: f64, others: usize) -> Error {
    let term = |factor: f64, count: usize| one.terms.iter().map(move |term| Term { factor, count: count as f64, ..*term });
    Error { terms: term(1.0 - share, 1).chain(term(share, others)).collect(), singles: one.singles.clone() }
}

/// A value between two ends, as the share of the way from the one to the other.
#[derive(Clone, Copy)]
struct Point {
    share: f64,
    /// How far apart the balances are that whole numbers can have there.
    step: f64,
}

impl Point {
    fn of(bound: i64, Interval { low, high }: Interval<i64>) -> Option<Self> {
        let (way, width) = (u64::try_from(bound.checked_sub(low)?).ok()?, u64::try_from(high.checked_sub(low)?).ok()?);
        let divisor = std::iter::successors(Some((way, width)), |(a, b)| (*b > 0).then(|| (*b, a % b))).last()?.0;
        (width > 0).then(|| Self { share: way as f64 / width as f64, step: divisor as f64 / width as f64 })
    }

    fn balance(self, u: f64, v: f64, noise: Error) -> Balance {
        Balance { value: (1.0 - self.share) * u - self.share * v, step: self.step, noise }
    }
}

/// A noisy combination of numbers that is at least zero, but for the noise, where what is judged is at least some value.
struct Balance {
    value: f64,
    /// How far apart its exact values are.
    step: f64,
    noise: Error,
}

impl Balance {
    /// The probability that it is at least zero without the noise; above zero, if `strictly`.
    fn positive(&self, strictly: bool) -> Option<f64> {
        let half = self.step / if strictly { -2.0 } else { 2.0 };
        let variance = self.noise.variance();
        // The noise is symmetric: the exact balance is the noisy one less the noise.
        (variance > 0.0 && variance.is_finite()).then(|| self.noise.up_to(self.value + half, self.step))
    }
}

/// What the exact number can be.
#[derive(Clone, Copy)]
struct Possible {
    low: i64,
    high: Option<i64>,
}

/// The probability that what is judged lies within an interval, of all that is possible; `balance` is that of being at least a value.
fn probability(balance: impl Fn(i64) -> Option<Balance>, wanted: Interval<Option<i64>>, possible: Possible) -> Option<f64> {
    let least = wanted.low.map_or(possible.low, |low| low.max(possible.low));
    let most = match (wanted.high, possible.high) {
        (Some(wanted), Some(possible)) => Some(wanted.min(possible)),
        (wanted, possible) => wanted.or(possible),
    };
    let beyond = |bound: Option<i64>| bound.map_or(Some(0.0), |bound| balance(bound)?.positive(true));
    let all = balance(possible.low)?.positive(false)? - beyond(possible.high)?;
    if possible.high.is_some_and(|high| least > high) || most.is_some_and(|most| most < possible.low) {
        return Some(0.0);
    }
    let within = balance(least)?.positive(false)? - beyond(most)?;
    // Of what the noise makes next to impossible nothing is said.
    (all > 1e-6).then(|| (within / all).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
