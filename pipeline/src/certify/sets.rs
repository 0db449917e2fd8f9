//! GROUPING SETS, ROLLUP and CUBE: which keys each published level has.

use datafusion::logical_expr::{Aggregate, Expr, GroupingSet};

use super::below::unalias;
use super::words::refusal::Violation;
use super::words::written::in_sql;

/// The keys of GROUP BY without those that it names again (`GROUP BY x, x`, `GROUP BY 1, 1`, two names of SELECT for one
/// expression): the aggregate has one column for all of them.
fn once(group: &[Expr]) -> Vec<Expr> {
    let mut keys: Vec<Expr> = Vec::new();
    for key in group {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

/// Refuses an aggregate that has not one column for each of its keys: what stands above would read another column.
pub(super) fn each_once(aggregate: &Aggregate) -> Result<(), Violation> {
    let again = |at: usize, key: &Expr| aggregate.group_expr.iter().take(at).any(|before| unalias(before) == unalias(key));
    match aggregate.group_expr.iter().enumerate().find(|(at, key)| again(*at, key)) {
        Some((_, key)) => Err(Violation::RepeatedKey(in_sql(unalias(key)))),
        None => Ok(()),
    }
}

/// What GROUP BY says.
pub(super) struct Grouping {
    pub(super) keys: Vec<Expr>,
    /// The sets of keys that are published, as positions of keys.
    pub(super) sets: Vec<Vec<usize>>,
}

/// The keys of GROUP BY, and the sets of them that are published.
pub(super) fn grouping(group: &[Expr]) -> Result<Grouping, Violation> {
    let [Expr::GroupingSet(set)] = group else {
        if group.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
            return Err(Violation::GroupingSets);
        }
        let keys = once(group);
        let all = (0..keys.len()).collect();
        return Ok(Grouping { keys, sets: vec![all] });
    };
    let keys: Vec<Expr> = set.distinct_expr().into_iter().cloned().collect();
    let all: Vec<Vec<Expr>> = match set {
        GroupingSet::GroupingSets(sets) => sets.clone(),
        GroupingSet::Rollup(exprs) => (0..=exprs.len()).map(|n| exprs.iter().take(n).cloned().collect()).collect(),
        GroupingSet::Cube(exprs) if exprs.len() <= 8 => (0..1_usize << exprs.len())
            .map(|mask| exprs.iter().enumerate().filter(|(i, _)| (mask >> i) & 1 == 1).map(|(_, e)| e.clone()).collect())
            .collect(),
        GroupingSet::Cube(_) => return Err(Violation::GroupingSets),
    };
    let mut sets = Vec::new();
    for set in all {
        let mut positions: Vec<usize> = set.iter().filter_map(|e| keys.iter().position(|k| k == e)).collect();
        positions.sort_unstable();
        positions.dedup();
        if sets.contains(&positions) || positions.len() != set.len() {
            return Err(Violation::GroupingSets);
        }
        sets.push(positions);
    }
    sets.sort_by_key(|s: &Vec<usize>| (std::cmp::Reverse(s.len()), s.clone()));
    Ok(Grouping { keys, sets })
}
