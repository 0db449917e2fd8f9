//! What to do with a table that will say next to nothing.

use super::outlook::Outlook;
use super::{Coarser, Prospect, coarser};
use crate::catalogue::schema::Catalogue;

/// A way out.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// Fewer codes of a key: so many are the most with which half of its numbers say something.
    Merge {
        /// The key.
        key: usize,
        /// How many codes.
        to: usize,
        /// A coarser column of the public table that has no more.
        by: Option<Coarser>,
    },
    /// As many times the epsilon, about.
    Epsilon(f64),
    /// Nothing that is in reach.
    Drop,
}

/// So many times the epsilon is no advice any more.
const OUT_OF_REACH: f64 = 8.0;

/// Advice is good if no more than this part of the numbers is marked afterwards: at the limit a table says hardly more than below it.
const GOOD: f64 = 0.5;

/// What would make a table say something: merging a key if that does, and a larger budget; else it is better left out.
pub(crate) fn ways(prospect: &Prospect<'_>, outlook: &Outlook<'_>, catalogue: &Catalogue, tail: f64) -> Vec<Way> {
    let merged = outlook.keys(prospect).into_iter().filter_map(|key| {
        let to = most(prospect, outlook, key, &|of| of.marked() <= GOOD, tail)?;
        let vector = &outlook.statistics.first()?.vector;
        let by = coarser(prospect.checked, catalogue, vector, key).filter(|by| by.codes <= to);
        Some(Way::Merge { key, to, by })
    });
    // The key that may keep most of its codes.
    let merged = merged.max_by_key(|way| if let Way::Merge { to, .. } = way { *to } else { 0 });
    let epsilon = outlook.needs(GOOD).filter(|times| *times <= OUT_OF_REACH).map(Way::Epsilon);
    let ways: Vec<Way> = merged.into_iter().chain(epsilon).collect();
    if ways.is_empty() { vec![Way::Drop] } else { ways }
}

/// The most codes of a key, fewer than it has, with which a table is good enough; none where not even one would do.
pub(crate) fn most(
    prospect: &Prospect<'_>,
    outlook: &Outlook<'_>,
    key: usize,
    enough: &dyn Fn(&Outlook<'_>) -> bool,
    tail: f64,
) -> Option<usize> {
    let with = |to: usize| {
        let merged = prospect.merged(outlook.table, key, to)?;
        Some(enough(&Outlook::of(&merged, outlook.table, outlook.sizes, tail)))
    };
    let codes = outlook.table.vectors().iter().filter_map(|vector| prospect.codes(vector, key)).max();
    let (mut low, mut high) = (1, codes?);
    if high <= 1 || !with(low)? {
        return None;
    }
    // `low` is enough and `high` is not known to be.
    while high - low > 1 {
        let middle = low.midpoint(high);
        if with(middle)? { low = middle } else { high = middle }
    }
    Some(low)
}
