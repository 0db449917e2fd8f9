//! What a statistic is worth in a cell of so many people, and whether it will be marked there: by the rules of the published pages.

use utfall_estimate::tail::{normal_margin, normal_tail};
use utfall_privacy::certificate::Measure;

use super::Prospect;
use crate::certify::{Estimator, NamedEstimator, ValueRange, Vector};
use crate::release::CheckedTable;

/// A share or a mean is marked if its interval is wider than this part of what is possible. A count is marked if its interval reaches
/// zero, and so are a sum, a spread, and whatever is of the people of such a count.
const WIDE: f64 = 0.5;

/// The least people for whom an interval with this margin, times the people, is not marked.
fn not_wide(margin: f64, possible: f64) -> f64 {
    2.0 * margin / (WIDE * possible)
}

/// What a number is to people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// How many rows or people there are.
    Count,
    /// A sum.
    Sum,
    /// A share.
    Share,
    /// A mean of values within a range.
    Mean(Range),
    /// A standard deviation or variance of values within a range.
    Spread(Range),
    /// A quantile, of which the rank is known: how far it lies in the middle, from 0 to 1.
    Quantile(f64),
}

/// From the lowest to the highest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// The lowest.
    pub(crate) low: f64,
    /// The highest.
    pub(crate) high: f64,
}

impl Range {
    fn of(range: ValueRange) -> Self {
        Self { low: range.low as f64, high: range.high as f64 }
    }

    /// How wide it is.
    pub(crate) fn width(self) -> f64 {
        self.high - self.low
    }
}

/// A statistic of a table.
#[derive(Debug, Clone)]
pub(crate) struct Statistic {
    /// Its name in the table.
    pub(crate) name: String,
    /// The vector that is looked at first.
    pub(crate) vector: String,
    /// What it is.
    pub(crate) kind: Kind,
    /// How far it can be off; of all but counts and sums, times the people of the cell. Of a quantile in ranks.
    pub(crate) margin: f64,
    /// A cell that seems to have fewer people is marked.
    least: f64,
    /// How far off the number of people of a cell is usually.
    deviation: f64,
}

impl Statistic {
    /// How far it can be off in a cell of so many people, in its own unit; of a share and a quantile as a part of one.
    pub(crate) fn off(&self, people: f64) -> f64 {
        match self.kind {
            Kind::Count | Kind::Sum => self.margin,
            Kind::Share | Kind::Mean(_) | Kind::Spread(_) | Kind::Quantile(_) => self.margin / people,
        }
    }

    /// With which probability it is marked in a cell of so many people.
    pub(crate) fn marked(&self, people: f64) -> f64 {
        let beyond = self.least - people;
        if self.deviation <= 0.0 || !self.least.is_finite() {
            return if beyond > 0.0 { 1.0 } else { 0.0 };
        }
        let half = normal_tail(beyond.abs() / self.deviation) / 2.0;
        if beyond > 0.0 { 1.0 - half } else { half }
    }

    /// Whether it can be off by more than half of what is possible.
    pub(crate) fn is_wider_than_possible(&self, people: f64) -> bool {
        match self.kind {
            Kind::Mean(range) => self.off(people) > range.width() / 2.0,
            _ => false,
        }
    }
}

/// The statistics of a table; none that has no share of the budget.
pub(crate) fn statistics(prospect: &Prospect<'_>, table: &CheckedTable, tail: f64) -> Vec<Statistic> {
    let of = Of { prospect, table, vectors: table.vectors(), tail, z: normal_margin(tail) };
    let estimators = &table.answer.certified.accepted().crossing.estimators;
    estimators.iter().filter_map(|named| of.statistic(named)).collect()
}

/// A table whose statistics are looked at.
struct Of<'a> {
    prospect: &'a Prospect<'a>,
    table: &'a CheckedTable,
    vectors: Vec<String>,
    tail: f64,
    z: f64,
}

impl Of<'_> {
    fn margin(&self, vector: usize) -> Option<f64> {
        self.prospect.margin(self.vectors.get(vector)?, self.tail)
    }

    fn statistic(&self, NamedEstimator { name, estimator, .. }: &NamedEstimator) -> Option<Statistic> {
        let of = |vector: usize, kind, margin, least, people: f64| {
            let vector = self.vectors.get(vector)?.clone();
            Some(Statistic { name: name.clone(), vector, kind, margin, least, deviation: people / self.z })
        };
        match *estimator {
            Estimator::Count(vector) | Estimator::Constant { count: vector, .. } => {
                let margin = self.margin(vector)?;
                of(vector, Kind::Count, margin, margin, margin)
            }
            Estimator::Sum(vector) => {
                let (margin, each) = (self.margin(vector)?, self.usual(vector));
                of(vector, Kind::Sum, margin, margin / each, margin / each)
            }
            Estimator::Split(vector, range) => {
                let (pair, range) = (self.prospect.pair(self.vectors.get(vector)?, None, self.tail)?, Range::of(range));
                let kind = if (range.low, range.high) == (0.0, 1.0) { Kind::Share } else { Kind::Mean(range) };
                let people = pair.whole / range.width();
                of(vector, kind, pair.half, people.max(not_wide(pair.half, range.width())), people)
            }
            Estimator::Mean([count, sum], _, range) => {
                let (people, range) = (self.margin(count)?, Range::of(range));
                // As if the mean lay a quarter of the range from the centre.
                let margin = self.margin(sum)?.hypot(people * range.width() / 4.0);
                of(sum, Kind::Mean(range), margin, people.max(not_wide(margin, range.width())), people)
            }
            Estimator::Spread { vectors: [count, _, squares], range, root, .. } => {
                let (people, range) = (self.margin(count)?, Range::of(range));
                // As if the standard deviation were a quarter of the range: the interval of the root is half as wide beside it.
                let (margin, deviation) = (self.margin(squares)?, range.width() / 4.0);
                let of_number = if root { margin / (2.0 * deviation) } else { margin };
                let number = if root { deviation } else { deviation * deviation };
                of(squares, Kind::Spread(range), of_number, people.max(of_number / number), people)
            }
            Estimator::Quantile { vector, numerator, denominator, histogram, count, ends, range } => {
                let order = numerator as f64 / denominator as f64;
                let (ranks, people) = if histogram {
                    let (margin, bins) = (self.margin(vector)?, Range::of(range).width() + 1.0);
                    // All bins below and above the quantile tell of it.
                    (margin * (bins * order * (1.0 - order)).sqrt(), margin * bins.sqrt())
                } else {
                    let Vector::Scores { candidates, .. } =
                        self.table.answer.certified.accepted().crossing.vectors.get(vector)?.vector
                    else {
                        return None;
                    };
                    let shortfall = self.prospect.shortfall(self.vectors.get(vector)?, candidates, self.tail)?;
                    let counted = count.map(|count| self.margin(count));
                    let by_ends = ends.map(|ends| Some(self.prospect.pair(self.vectors.get(ends)?, None, self.tail)?.whole));
                    let width = Range::of(range).width();
                    let people = counted.unwrap_or_else(|| by_ends.map_or(Some(0.0), |whole| Some(whole? / width)))?;
                    ((shortfall / denominator as f64).ceil(), people)
                };
                of(vector, Kind::Quantile(order), ranks, people.max(not_wide(ranks, 1.0)), people)
            }
            Estimator::Grouping(_) => None,
        }
    }

    /// What a row usually adds to a sum: the middle of what it can add.
    fn usual(&self, vector: usize) -> f64 {
        let vectors = &self.table.answer.certified.accepted().crossing.vectors;
        match vectors.get(vector).map(|of| of.certificate.crossing.measure) {
            Some(Measure::Sum { low, high }) if low >= 0 => f64::midpoint(low as f64, high as f64).max(0.5),
            Some(Measure::Sum { low, high }) => (low.unsigned_abs().max(high.unsigned_abs()) as f64 / 2.0).max(0.5),
            _ => 1.0,
        }
    }
}
