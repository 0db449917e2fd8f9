//! Places within places: how the rows of a public table are divided by some of its columns, and which divisions lie within others.

use std::collections::BTreeMap;

use super::family::Set;
use crate::certify::PublicScan;
use crate::engine::Engine;
use utfall_ground::error::Error;

/// How some columns divide the rows of a public table into blocks: each combination of their values is one.
pub(super) struct Blocks {
    /// Per row, its block.
    of: Vec<usize>,
    /// Per block, the combination.
    combinations: Vec<Vec<Option<String>>>,
}

/// How each set of columns divides the rows of a public table.
pub(super) async fn partitions(
    engine: &Engine,
    scan: &PublicScan,
    sets: &[Set<'_, '_>],
) -> Result<BTreeMap<Vec<String>, Blocks>, Error> {
    let mut columns: Vec<&str> = sets.iter().flat_map(Set::columns).collect();
    columns.sort_unstable();
    columns.dedup();
    let rows = engine.combinations(scan, &columns).await?;
    let mut all = BTreeMap::new();
    for set in sets {
        let at: Vec<usize> = set.columns().iter().filter_map(|c| columns.iter().position(|other| other == c)).collect();
        let mut combinations: Vec<Vec<Option<String>>> = Vec::new();
        let mut known = std::collections::HashMap::new();
        let mut of = Vec::new();
        for row in &rows {
            let combination: Vec<Option<String>> = at.iter().map(|i| row.get(*i).cloned().flatten()).collect();
            let next = combinations.len();
            let block = *known.entry(combination.clone()).or_insert(next);
            if block == next {
                combinations.push(combination);
            }
            of.push(block);
        }
        all.insert(set.columns().into_iter().map(str::to_owned).collect(), Blocks { of, combinations });
    }
    Ok(all)
}

/// One level of places, and which sets of columns name its places.
pub(super) struct PlaceLevel {
    pub(super) parents: Vec<usize>,
    of: Vec<usize>,
    /// Per set of columns, the combination of each place.
    pub(super) named: BTreeMap<Vec<String>, Vec<Vec<Option<String>>>>,
}

impl PlaceLevel {
    pub(super) fn holds(&self, columns: &[&str]) -> bool {
        self.named.keys().any(|named| named.iter().map(String::as_str).eq(columns.iter().copied()))
    }
}

/// The longest chain of partitions from the finest up, each of whose blocks lies in one block of the next; the whole first.
pub(super) fn nested(partitions: &BTreeMap<Vec<String>, Blocks>) -> Vec<PlaceLevel> {
    let rows = partitions.values().next().map_or(1, |blocks| blocks.of.len());
    let whole = PlaceLevel { parents: Vec::new(), of: vec![0; rows], named: BTreeMap::from([(Vec::new(), vec![Vec::new()])]) };
    let mut levels: Vec<PlaceLevel> = Vec::new();
    let mut sorted: Vec<(&Vec<String>, &Blocks)> = partitions.iter().filter(|(columns, _)| !columns.is_empty()).collect();
    sorted.sort_by_key(|(columns, blocks)| (std::cmp::Reverse(blocks.combinations.len()), columns.len()));
    for (columns, Blocks { of, combinations }) in sorted {
        let Some(finest) = levels.last_mut() else {
            let named = BTreeMap::from([(columns.clone(), combinations.clone())]);
            levels.push(PlaceLevel { parents: Vec::new(), of: of.clone(), named });
            continue;
        };
        let Some(parents) = parents(&finest.of, of) else { continue };
        if finest.of == *of {
            finest.named.insert(columns.clone(), combinations.clone());
        } else {
            finest.parents = parents;
            levels.push(PlaceLevel {
                parents: Vec::new(),
                of: of.clone(),
                named: BTreeMap::from([(columns.clone(), combinations.clone())]),
            });
        }
    }
    match levels.last_mut() {
        // The coarsest has one place: it is the whole.
        Some(last) if last.of.iter().all(|block| *block == 0) => {
            last.named.extend(whole.named);
        }
        Some(last) => {
            last.parents = parents(&last.of, &whole.of).unwrap_or_default();
            levels.push(whole);
        }
        None => levels.push(whole),
    }
    levels.reverse();
    levels
}

/// Per block of the finer partition, the block of the coarser one that it lies in, if it lies in one.
fn parents(finer: &[usize], coarser: &[usize]) -> Option<Vec<usize>> {
    let mut parents = vec![None; finer.iter().max().map_or(0, |last| last + 1)];
    for (block, parent) in finer.iter().zip(coarser) {
        match parents.get_mut(*block)? {
            slot @ None => *slot = Some(*parent),
            Some(known) if known != parent => return None,
            Some(_) => {}
        }
    }
    parents.into_iter().collect()
}
