//! Whose rows a query reads, as its plan below the door says: of which projects, and how many of one participation.

use std::collections::BTreeSet;

use datafusion::common::Column;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, Operator};

use crate::certify::unalias;

/// The projects to which a plan's conditions confine its rows; none where any may be. `key` is the column that names the project, in
/// tables of people as in the register.
pub(super) fn covered(plan: &LogicalPlan, key: &str) -> Option<BTreeSet<String>> {
    match plan {
        LogicalPlan::Filter(filter) => {
            let conditions = split_conjunction(&filter.predicate);
            let own = conditions.into_iter().filter_map(|condition| named(condition, &filter.input, key));
            own.chain(covered(&filter.input, key)).reduce(|one, other| &one & &other)
        }
        LogicalPlan::Join(join) => {
            let (left, right) = (covered(&join.left, key), covered(&join.right, key));
            match join.join_type {
                JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => {
                    left.into_iter().chain(right).reduce(|one, other| &one & &other)
                }
                JoinType::Right | JoinType::RightAnti => right,
                JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark | JoinType::RightMark => left,
                JoinType::Full => None,
            }
        }
        LogicalPlan::Union(union) => {
            let branches: Option<Vec<_>> = union.inputs.iter().map(|input| covered(input, key)).collect();
            branches?.into_iter().reduce(|one, other| &one | &other)
        }
        other => match other.inputs().as_slice() {
            [input] => covered(input, key),
            _ => None,
        },
    }
}

/// The projects that a condition names: `project = 'code'`, `project IN (…)`, several with OR.
fn named(condition: &Expr, input: &LogicalPlan, key: &str) -> Option<BTreeSet<String>> {
    let text = |expr: &Expr| match unalias(expr) {
        Expr::Literal(value, _) if !value.is_null() => Some(value.to_string()),
        _ => None,
    };
    let is_project = |expr: &Expr| matches!(unalias(expr), Expr::Column(column) if names_project(column, input, key));
    match unalias(condition) {
        Expr::InList(list) if !list.negated && is_project(&list.expr) => list.list.iter().map(text).collect(),
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::Eq if is_project(&binary.left) => Some(BTreeSet::from([text(&binary.right)?])),
            Operator::Eq if is_project(&binary.right) => Some(BTreeSet::from([text(&binary.left)?])),
            Operator::Or => Some(&named(&binary.left, input, key)? | &named(&binary.right, input, key)?),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a column of a plan is that of the project, passed on unchanged.
fn names_project(column: &Column, plan: &LogicalPlan, key: &str) -> bool {
    let Ok(at) = plan.schema().index_of_column(column) else { return false };
    let through = |expr: &Expr, input: &LogicalPlan| match unalias(expr) {
        Expr::Column(column) => names_project(column, input, key),
        _ => false,
    };
    let column_at = |input: &LogicalPlan, at: usize| names_project(&Column::from(input.schema().qualified_field(at)), input, key);
    match plan {
        LogicalPlan::TableScan(_) => column.name == key,
        LogicalPlan::Projection(projection) => projection.expr.get(at).is_some_and(|expr| through(expr, &projection.input)),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.get(at).is_some_and(|expr| through(expr, &aggregate.input)),
        LogicalPlan::Union(union) => union.inputs.iter().all(|input| column_at(input, at)),
        LogicalPlan::Join(join) => names_project(column, &join.left, key) || names_project(column, &join.right, key),
        LogicalPlan::SubqueryAlias(alias) => column_at(&alias.input, at),
        other => match other.inputs().as_slice() {
            [input] => names_project(column, input, key),
            _ => false,
        },
    }
}

/// How many rows one participation has on average: one, and of UNION ALL one for each branch, but half of one for a branch that a
/// condition of its own makes smaller.
pub(super) fn copies(plan: &LogicalPlan) -> f64 {
    match plan {
        LogicalPlan::Union(_) => {
            let branches = branches(plan);
            let own: Vec<BTreeSet<String>> = branches.iter().map(|branch| conditions(branch)).collect();
            let shared = own.iter().cloned().reduce(|one, other| &one & &other).unwrap_or_default();
            let part = |(branch, own): (&&LogicalPlan, &BTreeSet<String>)| {
                copies(branch) * if own.is_subset(&shared) { 1.0 } else { 0.5 }
            };
            branches.iter().zip(&own).map(part).sum()
        }
        other => other.inputs().into_iter().map(copies).reduce(f64::max).unwrap_or(1.0),
    }
}

/// The branches of UNION ALL, which the planner nests.
fn branches(plan: &LogicalPlan) -> Vec<&LogicalPlan> {
    match plan {
        LogicalPlan::Union(union) => union.inputs.iter().flat_map(|input| branches(input)).collect(),
        LogicalPlan::Projection(projection) if matches!(*projection.input, LogicalPlan::Union(_)) => branches(&projection.input),
        other => vec![other],
    }
}

/// The conditions on the rows of a plan, but those that only ask for a value.
fn conditions(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = plan.inputs().into_iter().flat_map(conditions).collect();
    if let LogicalPlan::Filter(filter) = plan {
        let own = split_conjunction(&filter.predicate).into_iter().filter(|condition| !matches!(condition, Expr::IsNotNull(_)));
        found.extend(own.map(ToString::to_string));
    }
    found
}
