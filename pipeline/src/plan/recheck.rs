//! The second look: what the engine will plan, after type coercion has added its casts.
//!
//! Coercion makes `age = '30'` into a cast that fails on data, so an accepted plan is checked again as it will run.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use utfall_privacy::certificate::Measure as Kind;

use super::below::{Bounds, Walk, unalias};
use super::check::Accepted;
use super::crossing::Vector;
use super::refusal::Rule;
use crate::schema::Catalogue;

/// Accepts the coerced measured plan of an accepted query if it says the same as what was certified.
///
/// # Errors
/// The rule that the coerced plan breaks.
pub fn recheck(coerced: &LogicalPlan, accepted: &Accepted, catalogue: &Catalogue, bounds: &Bounds) -> Result<(), Rule> {
    let LogicalPlan::Aggregate(aggregate) = coerced else { return Err(Rule::Coerced) };
    let mut walk = Walk::new(catalogue, bounds);
    let relation = walk.below(&aggregate.input)?;
    let scope = walk.scope(&relation);
    for expr in &aggregate.group_expr {
        let keys = if let Expr::GroupingSet(set) = expr { set.distinct_expr() } else { vec![expr] };
        for key in keys {
            scope.value(key)?;
        }
    }
    let crossing = &accepted.crossing;
    for (vector, certificate) in &crossing.vectors {
        if *relation.claim() != certificate.input.claim {
            return Err(Rule::Coerced);
        }
        let Vector::Additive { aggregate: at } = vector else { continue };
        let Some(Expr::AggregateFunction(f)) = aggregate.aggr_expr.get(*at).map(unalias) else { return Err(Rule::Coerced) };
        if let Some(filter) = &f.params.filter {
            scope.predicate(filter)?;
        }
        let [argument] = f.params.args.as_slice() else { return Err(Rule::Coerced) };
        let holds = match (f.func.name(), &certificate.crossing.measure) {
            ("count", Kind::Count) => !f.params.distinct && counted(&scope, argument)?,
            ("count", Kind::DistinctUnits) => f.params.distinct,
            ("sum", Kind::Sum { low, high }) => {
                scope.value(argument)?;
                clamped(argument) == Some((*low, *high))
            }
            _ => false,
        };
        if !holds {
            return Err(Rule::Coerced);
        }
    }
    if walk.private == accepted.scans { Ok(()) } else { Err(Rule::Coerced) }
}

/// The ends of `CASE WHEN x < low THEN low WHEN x > high THEN high ELSE x END`: the clamp stands in the plan itself.
fn clamped(argument: &Expr) -> Option<(i64, i64)> {
    let Expr::Case(case) = unalias(argument) else { return None };
    let [(below, low), (above, high)] = case.when_then_expr.as_slice() else { return None };
    let end = |e: &Expr| if let Expr::Literal(ScalarValue::Int64(Some(end)), _) = e { Some(*end) } else { None };
    let otherwise = case.else_expr.as_deref()?;
    let compared = |condition: &Expr, op: Operator, end: &Expr| matches!(condition, Expr::BinaryExpr(b) if b.op == op && *b.left == *otherwise && *b.right == *end);
    let whole = case.expr.is_none() && compared(below, Operator::Lt, low) && compared(above, Operator::Gt, high);
    if whole { Some((end(low)?, end(high)?)) } else { None }
}

/// A count may look at the unit, which is never null; anything else must be on the allow-list.
fn counted(scope: &super::expression::Scope<'_>, argument: &Expr) -> Result<bool, Rule> {
    match unalias(argument) {
        Expr::Column(column) => scope.relation.any(column).map(|_| true),
        other => scope.value(other).map(|_| true),
    }
}
