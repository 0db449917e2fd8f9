//! Comparing places by a share or a mean: which can be told apart, and which cannot.
//!
//! A league table of noisy numbers ranks noise. Here every place gets an interval so wide that *all of them hold together* with
//! the probability of the level; two places whose intervals do not meet differ, and all such statements hold together. Each of
//! m intervals may miss an m-th of what the level leaves (Bonferroni), whatever their noises have to do with each other.
//!
//! So it is with intervals for the noise, which say whether the people of two places differ, and, where they can be told, with those
//! for the noise and chance in who took part, which say whether more people like them would.

use crate::{CellIndex, TableDescription};
use utfall_estimate::interval::Interval;

/// Fewer places are no comparison, and more are no table that anybody reads.
const PLACES: std::ops::RangeInclusive<usize> = 2..=60;

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
}
