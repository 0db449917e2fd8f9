//! How far a published number can be relied on: three grades, decided by the number and its noise interval alone, the same in every
//! format. They are of the noise; of chance in who took part and of errors in what was reported they say nothing.
//!
//! - *Counts, sums and measures of spread* are judged against themselves. Firm is a number of which half the interval is at most a third.
//!   At a level of 95 % that is a coefficient of variation of 1/6, the 16.6 % up to which Statistics Canada releases an estimate
//!   without a warning. Where the interval reaches zero, which is at 1/2, the number says nothing: it is not even known that
//!   there is anything. Between them the number is rough; Statistics Canada warns up to 33.3 % and releases nothing beyond. Here all
//!   is released, since the noise protects already and sums need the small numbers.
//! - *Shares, means and quantiles of a histogram* are judged against what is possible: 100 points for a share, otherwise from the
//!   lowest to the highest value. Firm is an interval of at most a fifth of that, and one of more than half of it says nothing, for it
//!   leaves open on which side of the middle the number lies. Between them lies the 30 points beyond which the National Center for
//!   Health Statistics presents no proportion [Parker et al. 2017, Vital and Health Statistics 2, 175].
//! - *Quantiles that a mechanism chose* have no interval of values but one of ranks, judged likewise against all people there are.
//! - Where there may be nobody, a number says nothing. One without an interval is not firm, unless it is known without measuring.
//!
//! In files a grade is the observation status of SDMX and Eurostat: `u` (low reliability) where the number says nothing, `e` (estimated)
//! where it is rough.

use serde::{Deserialize, Serialize};

use utfall_estimate::interval::Interval;

use crate::description::formula::{Formula, greatest_variance};
use crate::{Cell, Table};

/// How far a number can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It can be read as it stands.
    Firm,
    /// Its interval is to be read, not the number.
    Rough,
    /// It says nothing.
    Open,
}

/// Of a firm number half the interval is at most this part of it.
const FIRM_PART: f64 = 1.0 / 3.0;

/// A firm interval is at most this part of what is possible.
const FIRM_WIDTH: f64 = 1.0 / 5.0;

/// One that says anything is at most this part of it.
const ROUGH_WIDTH: f64 = 1.0 / 2.0;

/// What floating point may add to a number that lies at a border.
const HAIR: f64 = 1e-9;

impl Grade {
    /// Of a number that is judged against itself; where zero is in its interval it says nothing.
    pub fn against_itself(value: f64, Interval { low, high }: Interval) -> Self {
        if low <= 0.0 && high >= 0.0 {
            return Self::Open;
        }
        let half = (high - low) / 2.0;
        if half <= value.abs() * FIRM_PART * (1.0 + HAIR) { Self::Firm } else { Self::Rough }
    }

    /// Of an interval that is judged against what is possible.
    pub fn against_possible(interval: Interval, possible: Interval) -> Self {
        let part = |part: f64| (possible.high - possible.low) * part * (1.0 + HAIR) + HAIR;
        match interval.high - interval.low {
            width if width <= part(FIRM_WIDTH) => Self::Firm,
            width if width <= part(ROUGH_WIDTH) => Self::Rough,
            _ => Self::Open,
        }
    }

    /// Of the quantile of so many people that is off by at most so many ranks.
    fn by_ranks(rank: u64, people: i64, quantile: f64) -> Self {
        if people <= 0 {
            return Self::Open;
        }
        let off = rank as f64 / people as f64;
        let possible = Interval::new(0.0, 1.0);
        let ranks = Interval::new(quantile - off, quantile + off).map(|end| end.clamp(possible.low, possible.high));
        Self::against_possible(ranks, possible)
    }

    /// The observation status in files; empty where there is nothing to say.
    pub fn status(self) -> &'static str {
        match self {
            Self::Firm => "",
            Self::Rough => "e",
            Self::Open => "u",
        }
    }
}

impl Table {
    /// How far a number of it can be relied on, by its interval, whether there may be nobody, and of a chosen quantile among how many it
    /// is; none where there is no number.
    pub(crate) fn judged(
        &self,
        value: Option<i64>,
        interval: Option<Interval<i64>>,
        nobody: bool,
        people: Option<i64>,
    ) -> Option<Grade> {
        let (value, formula) = (value?, &self.measure()?.formula);
        if nobody {
            return Some(Grade::Open);
        }
        if let Formula::Quantile { numerator, denominator, .. } = *formula {
            let ranks = |people| Some(Grade::by_ranks(self.rank?, people, numerator as f64 / denominator as f64));
            return Some(people.and_then(ranks).unwrap_or(Grade::Rough));
        }
        let Some(interval) = interval else { return Some(Grade::Rough) };
        let unit = 10f64.powi(i32::try_from(self.decimals).unwrap_or_default());
        let (value, interval) = (value as f64 / unit, interval.map(|end| end as f64 / unit));
        Some(match possible(formula) {
            Some(possible) => Grade::against_possible(interval, possible),
            None if matches!(formula, Formula::Constant { .. }) => Grade::Firm,
            // A count that is negative even beyond its margin is noise all the same.
            None if matches!(formula, Formula::Count { .. }) && interval.low <= 0.0 => Grade::Open,
            None if fills(formula, interval) => Grade::Open,
            None => Grade::against_itself(value, interval),
        })
    }
}

impl Cell<'_> {
    /// Whether its number says nothing.
    pub fn is_open(&self) -> bool {
        self.grade == Some(Grade::Open)
    }
}

/// What a number can be, where it is judged against that.
fn possible(formula: &Formula) -> Option<Interval> {
    match *formula {
        Formula::Mean { low, high, .. } | Formula::Split { low, high, .. } => Some(Interval::new(low as f64, high as f64)),
        Formula::HistogramQuantile { low, bins, .. } => Some(Interval::new(low as f64, low as f64 + bins as f64 - 1.0)),
        _ => None,
    }
}

/// Whether an interval is all that a measure of spread can be.
fn fills(formula: &Formula, interval: Interval) -> bool {
    let most = match *formula {
        Formula::Variance { low, high, .. } => greatest_variance(low, high),
        Formula::Deviation { low, high, .. } => greatest_variance(low, high).sqrt(),
        _ => return false,
    };
    interval.low <= 0.0 && interval.high >= most
}

#[cfg(test)]
mod tests {
    use super::*;
    use Grade::{Firm, Open, Rough};

    fn of(low: f64, high: f64) -> Interval {
        Interval::new(low, high)
    }

    #[test]
    fn a_number_is_judged_against_itself() {
        let margin = |value: f64, half: f64| Grade::against_itself(value, of(value - half, value + half));
        assert_eq!([margin(81.0, 27.0), margin(80.0, 27.0), margin(28.0, 27.0), margin(27.0, 27.0)], [Firm, Rough, Rough, Open]);
        assert_eq!([margin(-81.0, 27.0), margin(-80.0, 27.0), margin(-27.0, 27.0)], [Firm, Rough, Open], "a sum can be negative");
        assert_eq!([margin(0.3, 0.1), margin(0.3, 0.101), margin(0.0, 0.0)], [Firm, Rough, Open]);
        assert_eq!(Grade::against_itself(30.0, of(29.0, 49.0)), Firm, "the interval need not have its number in the middle");
    }

    #[test]
    fn a_share_is_judged_against_a_hundred_points() {
        let percent = |low: f64, high: f64| Grade::against_possible(of(low, high), of(0.0, 100.0));
        assert_eq!(
            [percent(40.0, 60.0), percent(40.0, 60.1), percent(25.0, 75.0), percent(25.0, 75.1)],
            [Firm, Rough, Rough, Open]
        );
        assert_eq!([percent(0.0, 94.0), percent(0.0, 100.0), percent(97.0, 100.0)], [Open, Open, Firm]);
        let share = |low: f64, high: f64| Grade::against_possible(of(low, high), of(0.0, 1.0));
        assert_eq!([share(0.25, 0.45), share(0.1, 0.6), share(0.1, 0.601)], [Firm, Rough, Open], "whatever floats make of it");
        assert_eq!(Grade::against_possible(of(7.0, 7.0), of(7.0, 7.0)), Firm, "there is only one");
    }

    #[test]
    fn a_chosen_quantile_is_judged_by_its_ranks() {
        let median = |rank, people| Grade::by_ranks(rank, people, 0.5);
        assert_eq!([median(10, 100), median(11, 100), median(25, 100), median(26, 100)], [Firm, Rough, Rough, Open]);
        assert_eq!([median(1, 0), median(0, 5)], [Open, Firm]);
        // Beyond the last there is nobody.
        assert_eq!(Grade::by_ranks(15, 100, 0.95), Firm);
    }

    /// A cell of a table of the example with a number and an interval of the test's choice.
    fn graded(formula: Formula, decimals: u32, cell: (i64, Option<Interval<i64>>)) -> Option<Grade> {
        let mut table = crate::fixture::publication().tables.remove(0);
        table.description.measures[0].formula = formula;
        (table.decimals, table.margin, table.rank) = (decimals, None, Some(20));
        table.judged(Some(cell.0), cell.1, false, Some(200))
    }

    #[test]
    fn every_kind_of_number_has_its_grade() {
        let ends = |low, high| Some(Interval::new(low, high));
        let share = Formula::Split { vector: 0, low: 0, high: 1 };
        let days = Formula::Mean { count: 0, sum: 1, centre: 200, low: 0, high: 600 };
        let spread = Formula::Deviation { count: 0, sum: 1, squares: 2, sample: true, low: 0, high: 10, centre: 5 };
        let rating = Formula::HistogramQuantile { vector: 0, low: 1, bins: 11, numerator: 1, denominator: 2 };
        let median = Formula::Quantile { vector: 0, low: 0, numerator: 1, denominator: 2, count: None, ends: None };
        let known = Formula::Constant { count: 0, value: 0, least: 1 };
        for (formula, decimals, cell, grade) in [
            (Formula::Count { vector: 0 }, 0, (-90, ends(-117, -63)), Open),
            (Formula::Sum { vector: 0 }, 0, (-90, ends(-117, -63)), Firm),
            (Formula::Count { vector: 0 }, 2, (8_100, ends(5_400, 10_800)), Firm),
            (share.clone(), 3, (470, ends(0, 940)), Open),
            (share.clone(), 3, (470, ends(300, 640)), Rough),
            (share.clone(), 3, (470, ends(370, 570)), Firm),
            (share, 3, (470, None), Rough),
            (days.clone(), 2, (17_000, ends(12_000, 24_000)), Firm),
            (days.clone(), 2, (17_000, ends(2_000, 32_001)), Open),
            (days, 2, (17_000, ends(0, 60_000)), Open),
            (spread.clone(), 2, (120, ends(80, 160)), Firm),
            (spread.clone(), 2, (120, ends(70, 170)), Rough),
            (spread, 2, (120, ends(0, 500)), Open),
            (rating.clone(), 0, (5, ends(4, 6)), Firm),
            (rating.clone(), 0, (5, ends(4, 9)), Rough),
            (rating, 0, (5, ends(1, 11)), Open),
            (median, 0, (171, None), Firm),
            (known, 0, (0, ends(0, 0)), Firm),
        ] {
            assert_eq!(graded(formula.clone(), decimals, cell), Some(grade), "{formula:?} {cell:?}");
        }
    }
}
