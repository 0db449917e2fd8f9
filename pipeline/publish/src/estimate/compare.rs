//! Comparing places by a share or a mean, and holding shares against targets: what can be told, and what cannot.
//!
//! A league table of noisy numbers ranks noise. Here every place gets an interval so wide that *all of them hold together* with
//! the probability of the level; two places whose intervals do not meet differ, and all such statements hold together. Each of
//! m intervals may miss an m-th of what the level leaves (Bonferroni), whatever their noises have to do with each other.
//!
//! So it is with intervals for the noise, which say whether the people of two places differ, and, where they can be told, with those
//! for the noise and chance in who took part, which say whether more people like them would.

use serde::{Deserialize, Serialize};

use crate::{Cell, CellIndex, Code, Table, TableDescription};
use utfall_estimate::interval::Interval;
use utfall_ground::text::Text;

/// Fewer places are no comparison, and more are no table that anybody reads.
const PLACES: std::ops::RangeInclusive<usize> = 2..=60;

/// A target for one number of a table, in percent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What people call it.
    pub title: Text,
    /// The project that it is of: the code of its cell, if the table has one for each project.
    pub code: String,
    /// The least share that meets it, in percent.
    pub minimum: i64,
    /// The greatest.
    pub maximum: i64,
}

/// Whether a target is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval lies within it.
    Met,
    /// No part of it does.
    NotMet,
    /// The noise leaves both possible.
    CannotBeTold,
}

/// The places of a table, and which of them differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Per cell, the interval that holds together with all others.
    pub together: Vec<Option<Interval<i64>>>,
    /// The same for the noise and chance in who took part, where that can be told.
    pub sampling: Option<Vec<Option<Interval<i64>>>>,
}

/// That a place is above another, whatever the noise was, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The place that is above.
    pub above: CellIndex,
    /// The one below.
    pub below: CellIndex,
    /// From the smallest difference that the intervals of both allow to the largest. It holds whenever they do, so all differences
    /// hold together.
    pub by: Interval<i64>,
}

impl Comparison {
    /// The pairs that can be told apart, the clearest first: those whose intervals are the furthest from each other.
    pub fn differences(&self) -> Vec<Difference> {
        let places = || CellIndex::all(self.together.len());
        let pairs = places().flat_map(|above| places().map(move |below| (above, below)));
        let of = |(above, below)| Some(Difference { above, below, by: difference(&self.together, above, below)? });
        let mut found: Vec<Difference> = pairs.filter_map(of).collect();
        found.sort_by_key(|pair| std::cmp::Reverse(pair.by.low));
        found
    }

    /// By how much a place is above another when chance in who took part is counted too; none where that cannot be told.
    pub fn by_chance(&self, above: CellIndex, below: CellIndex) -> Option<Interval<i64>> {
        difference(self.sampling.as_ref()?, above, below)
    }

    /// The cells that cannot be told from a cell, in the order of the table.
    pub fn alike(&self, cell: CellIndex) -> Vec<CellIndex> {
        alike(&self.together, cell)
    }

    /// The same when chance in who took part is counted too, where that can be told.
    pub fn alike_by_chance(&self, cell: CellIndex) -> Option<Vec<CellIndex>> {
        self.sampling.as_ref().map(|ends| alike(ends, cell))
    }
}

/// How far a place is above another, if its whole interval is.
fn difference(ends: &[Option<Interval<i64>>], above: CellIndex, below: CellIndex) -> Option<Interval<i64>> {
    let of = |cell: CellIndex| ends.get(cell.number()).copied().flatten();
    let (above, below) = (of(above)?, of(below)?);
    let by = Interval { low: above.low.saturating_sub(below.high), high: above.high.saturating_sub(below.low) };
    (by.low > 0).then_some(by)
}

/// The cells whose intervals meet that of a cell; what has none cannot be told from anything.
fn alike(ends: &[Option<Interval<i64>>], cell: CellIndex) -> Vec<CellIndex> {
    let of = |cell: CellIndex| ends.get(cell.number()).copied().flatten();
    let meets = |other: CellIndex| match (of(cell), of(other)) {
        (Some(one), Some(other)) => one.meets(&other),
        _ => true,
    };
    CellIndex::all(ends.len()).filter(|other| *other != cell && meets(*other)).collect()
}

/// How many places a table compares, if it does: those of one key, by a number that is not a count.
pub(crate) fn places(description: &TableDescription) -> Option<usize> {
    (description.keys.len() == 1 && PLACES.contains(&description.cells.len())).then_some(description.cells.len())
}

/// What each of `count` intervals may miss, so that all hold but for `tail`.
pub(crate) fn tail_of_each(tail: f64, count: usize) -> f64 {
    tail / count as f64
}

impl Table {
    /// Its targets with the cells that they are for, and whether they are met by the intervals of the noise.
    pub fn tracked(&self) -> impl Iterator<Item = (&Target, Cell<'_>, Verdict)> {
        self.description.targets.iter().filter_map(|target| {
            let is = |cell: &Cell<'_>| self.description.codes(cell.codes).any(|code: &Code| code.code == target.code);
            let cell = self.cells().find(|cell| self.description.keys.is_empty() || is(cell))?;
            let unit = 10_i64.checked_pow(self.decimals.checked_sub(2)?)?;
            let (least, most) = (target.minimum.saturating_mul(unit), target.maximum.saturating_mul(unit));
            let verdict = match cell.interval {
                Some(Interval { low, high }) if low >= least && high <= most => Verdict::Met,
                Some(Interval { low, high }) if high < least || low > most => Verdict::NotMet,
                _ => Verdict::CannotBeTold,
            };
            Some((target, cell, verdict))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_whose_intervals_meet_cannot_be_told_apart() {
        let comparison = Comparison {
            together: vec![Some(Interval::new(100, 200)), Some(Interval::new(200, 300)), Some(Interval::new(301, 400)), None],
            sampling: Some(vec![
                Some(Interval::new(90, 210)),
                Some(Interval::new(190, 310)),
                Some(Interval::new(301, 410)),
                Some(Interval::new(0, 80)),
            ]),
        };
        let alike = |cell| comparison.alike(CellIndex(cell)).into_iter().map(CellIndex::number).collect::<Vec<_>>();
        assert_eq!(alike(0), [1, 3]);
        assert_eq!(alike(1), [0, 3]);
        assert_eq!(alike(2), [3]);
        assert_eq!(alike(3), [0, 1, 2]);
        let by_chance = |cell| comparison.alike_by_chance(CellIndex(cell)).unwrap().into_iter().map(CellIndex::number).collect();
        let all: Vec<Vec<usize>> = (0..4).map(by_chance).collect();
        assert_eq!(all, [vec![1], vec![0, 2], vec![1], vec![]]);
        let pairs = |comparison: &Comparison| {
            let pair = |of: &Difference| (of.above.number(), of.below.number(), of.by.low, of.by.high);
            comparison.differences().iter().map(pair).collect::<Vec<_>>()
        };
        assert_eq!(pairs(&comparison), [(2, 0, 101, 300), (2, 1, 1, 200)], "the clearest first, each within what both allow");
        assert_eq!(comparison.by_chance(CellIndex(2), CellIndex(0)), Some(Interval::new(91, 320)));
        assert_eq!(comparison.by_chance(CellIndex(2), CellIndex(1)), None);
        assert_eq!(Comparison { sampling: None, ..comparison }.alike_by_chance(CellIndex(0)), None);
    }

    #[test]
    fn a_target_is_met_missed_or_open() {
        let mut table = crate::fixture::publication().tables.into_iter().find(|t| t.decimals == 3).unwrap();
        let code = table.description.keys[0].codes[usize::from(table.description.cells[0][0])].code.clone();
        let target =
            |minimum, maximum| Target { title: Text { sv: "a".into(), en: "a".into() }, code: code.clone(), minimum, maximum };
        table.lower[0] = Some(600);
        table.upper[0] = Some(720);
        table.description.targets = vec![target(60, 100), target(60, 72), target(65, 100), target(73, 100), target(20, 30)];
        let verdicts: Vec<Verdict> = table.tracked().map(|(_, _, verdict)| verdict).collect();
        use Verdict::*;
        assert_eq!(verdicts, [Met, Met, CannotBeTold, NotMet, NotMet]);
    }
}
