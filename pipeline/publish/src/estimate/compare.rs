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

impl Comparison {
    /// The cells that cannot be told from a cell, in the order of the table.
    pub fn alike(&self, cell: CellIndex) -> Vec<CellIndex> {
        alike(&self.together, cell)
    }

    /// The same when chance in who took part is counted too, where that can be told.
    pub fn alike_by_chance(&self, cell: CellIndex) -> Option<Vec<CellIndex>> {
        self.sampling.as_ref().map(|ends| alike(ends, cell))
    }
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
        assert_eq!(Comparison { sampling: None, ..comparison }.alike_by_chance(CellIndex(0)), None);
    }
}
