//! How large a statement may be: what a planner that recurses can take without running out of stack or time. It guards the
//! machine, and no person.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, GroupByExpr, Query, Statement, Visit as _, Visitor, visit_relations};

use super::words::refusal::Violation;

/// The deepest expression, and the most tables after every CTE is put where it is named.
const DEPTH: usize = 200;
const TABLES: usize = 64;

/// Refuses a query that is too deep or that doubles itself.
pub(super) fn sized(statement: &Statement, query: &Query) -> Result<(), Violation> {
    let mut depth = Depth { now: 0, most: 0 };
    let _: ControlFlow<()> = statement.visit(&mut depth);
    if depth.most > DEPTH || tables(query, &mut BTreeMap::new()) > TABLES {
        return Err(Violation::TooDeep);
    }
    Ok(())
}

/// How deep expressions and queries stand in one another.
struct Depth {
    now: usize,
    most: usize,
}

impl Visitor for Depth {
    type Break = ();

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.now = self.now.saturating_add(1);
        self.most = self.most.max(self.now);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.now = self.now.saturating_sub(1);
        ControlFlow::Continue(())
    }
}

/// How many tables a query reads, each CTE counted as often as it is named, and for one at least: it may read none and double
/// all the same. A WITH inside a sub-query counts for all of its
/// names at once, so it cannot double itself unseen.
fn tables(query: &Query, known: &mut BTreeMap<String, usize>) -> usize {
    let mut nested = 0_usize;
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let size = tables(&cte.query, known);
        nested = nested.saturating_add(size);
        known.insert(cte.alias.name.value.to_lowercase(), size.max(1));
    }
    let mut read = 0_usize;
    let _: ControlFlow<()> = visit_relations(&query.body, |name| {
        let name = name.to_string().trim_matches('"').to_lowercase();
        read = read.saturating_add(known.get(&name).copied().unwrap_or(1));
        ControlFlow::Continue(())
    });
    let mut inner = Inner(0);
    let _: ControlFlow<()> = query.body.visit(&mut inner);
    read.max(nested).saturating_mul(1_usize.checked_shl(inner.0).unwrap_or(usize::MAX))
}

/// How many sub-queries bring a WITH of their own.
struct Inner(u32);

impl Visitor for Inner {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.0 = self.0.saturating_add(u32::from(query.with.is_some()));
        ControlFlow::Continue(())
    }
}

/// The most levels of one GROUP BY: the planner writes out each.
const LEVELS: usize = 256;

/// Whether a GROUP BY has more levels than the planner should write out.
pub(super) fn has_many_levels(group_by: &GroupByExpr) -> bool {
    matches!(group_by, GroupByExpr::Expressions(keys, _) if levels(keys) > LEVELS)
}

/// How many levels a GROUP BY has: CUBE doubles them with every key.
fn levels(keys: &[Expr]) -> usize {
    let of = |key: &Expr| match key {
        Expr::Cube(keys) => u32::try_from(keys.len()).ok().and_then(|n| 2_usize.checked_pow(n)).unwrap_or(usize::MAX),
        Expr::Rollup(keys) => keys.len().saturating_add(1),
        Expr::GroupingSets(sets) => sets.len(),
        _ => 1,
    };
    keys.iter().map(of).fold(1, usize::saturating_mul)
}
