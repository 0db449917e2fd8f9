//! The second look: what the engine will plan, after type coercion has added its casts.
//!
//! Coercion makes `age = '30'` into a cast that fails on data, so an accepted plan is checked again as it will run.

use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, Operator, lit};
use utfall_privacy::Proved;
use utfall_privacy::certificate::Measure;

use super::below::{Bounds, Walk, unalias};
use super::check::Checked;
use super::crossing::{CertifiedVector, CrossingAggregate, Vector};
use super::domain::Domain;
use super::expression::Scope;
use super::series::by_period;
use super::words::refusal::Violation;
use crate::catalogue::schema::Catalogue;

/// A query that was looked at again as the engine coerces it: only of such a one are there proofs.
#[derive(Debug)]
pub(super) struct Rechecked(());

impl Rechecked {
    /// The proofs of its vectors, once the core has verified each.
    ///
    /// # Errors
    /// What the core says of one that does not hold.
    pub(super) fn verify(self, accepted: &Checked) -> Result<Vec<Proved>, utfall_privacy::Error> {
        accepted.crossing.vectors.iter().map(|of| of.certificate.clone().verify()).collect()
    }
}

/// Accepts the coerced measured plan of an accepted query if it says the same as what was certified.
///
/// # Errors
/// The rule that the coerced plan breaks.
pub(super) fn recheck(
    coerced: &LogicalPlan,
    accepted: &Checked,
    catalogue: &Catalogue,
    bounds: &Bounds,
) -> Result<Rechecked, Violation> {
    let LogicalPlan::Aggregate(aggregate) = coerced else { return Err(Violation::Coerced) };
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
    let lifted = bounds.period.as_ref().map(|_| by_period(&relation)).transpose()?;
    let claim = lifted.as_ref().map_or(relation.claim(), |lifted| lifted.relation.claim());
    for CertifiedVector { vector, certificate } in &crossing.vectors {
        if *claim != certificate.input.claim {
            return Err(Violation::Coerced);
        }
        let measure = &certificate.crossing.measure;
        let holds = match vector {
            Vector::Additive { aggregate: at } => {
                let (function, argument) = part(aggregate, *at, &scope)?;
                match (function.func.name(), measure) {
                    ("count", Measure::Count) => !function.params.distinct && counted(&scope, argument)?,
                    ("count", Measure::DistinctUnits) => function.params.distinct && is_unit(&scope, argument)?,
                    ("sum", Measure::Sum { low, high }) => {
                        clamped(argument) == Some((*low, *high)) && scope.value(argument).is_ok()
                    }
                    _ => false,
                }
            }
            Vector::Split { sum, count, low, high } => {
                let (summed, counted) = (part(aggregate, *sum, &scope)?, part(aggregate, *count, &scope)?);
                *measure == (Measure::Split { low: *low, high: *high }) && split(summed, counted, (*low, *high), &scope)?
            }
            Vector::Histogram { column, low, candidates } => {
                *measure == Measure::Count && valued(aggregate, crossing, *column, (*low, *candidates), &scope)?
            }
            Vector::Scores { column, low, candidates, numerator, denominator } => {
                let weight = (*numerator).max(denominator.saturating_sub(*numerator));
                *measure == Measure::Scores { weight } && valued(aggregate, crossing, *column, (*low, *candidates), &scope)?
            }
        };
        if !holds {
            return Err(Violation::Coerced);
        }
    }
    if walk.private == accepted.scans { Ok(Rechecked(())) } else { Err(Violation::Coerced) }
}

/// Whether a value of which each is told apart still has these candidates, and every row of it counts once.
fn valued(
    aggregate: &Aggregate,
    crossing: &CrossingAggregate,
    column: usize,
    (low, candidates): (i64, u64),
    scope: &Scope<'_>,
) -> Result<bool, Violation> {
    let at = crossing.keys.len().checked_add(column).ok_or(Violation::Coerced)?;
    let value = aggregate.group_expr.get(at).ok_or(Violation::Coerced)?;
    let Domain::Integer(range) = scope.value(value)?.domain else { return Ok(false) };
    let same = range.low == i128::from(low) && range.size() == u128::from(candidates);
    let rows = count(lit(1_i64));
    let at = crossing.aggregates.iter().position(|known| *known == rows).ok_or(Violation::Coerced)?;
    let (function, argument) = part(aggregate, at, scope)?;
    let whole = !function.params.distinct && function.params.filter.is_none();
    let each = matches!(unalias(argument), Expr::Literal(one, _) if !one.is_null());
    Ok(same && function.func.name() == "count" && whole && each)
}

/// An aggregate of one argument and its argument; its filter is on the allow-list.
fn part<'a>(aggregate: &'a Aggregate, at: usize, scope: &Scope<'_>) -> Result<(&'a AggregateFunction, &'a Expr), Violation> {
    let Some(Expr::AggregateFunction(f)) = aggregate.aggr_expr.get(at).map(unalias) else { return Err(Violation::Coerced) };
    if let Some(filter) = &f.params.filter {
        scope.predicate(filter)?;
    }
    let [argument] = f.params.args.as_slice() else { return Err(Violation::Coerced) };
    Ok((f, argument))
}

/// Whether a clamped sum and a count are of the same rows: those that pass one filter and have a value. Otherwise a row
/// without a value would move the distances from both ends, and by more than the interval is wide.
fn split(
    (sum, summed): (&AggregateFunction, &Expr),
    (count, counted): (&AggregateFunction, &Expr),
    ends: (i64, i64),
    scope: &Scope<'_>,
) -> Result<bool, Violation> {
    let Expr::Case(case) = unalias(summed) else { return Ok(false) };
    let Some(value) = case.else_expr.as_deref().map(uncast) else { return Ok(false) };
    let nullable = scope.value(value)?.nullable;
    let same = match unalias(counted) {
        Expr::Literal(one, _) => !one.is_null() && !nullable,
        other => uncast(other) == value,
    };
    let functions = (sum.func.name(), count.func.name()) == ("sum", "count");
    let plain = !sum.params.distinct && !count.params.distinct && sum.params.filter == count.params.filter;
    Ok(functions && plain && same && clamped(summed) == Some(ends) && scope.value(summed).is_ok())
}

/// An expression without the casts around it, none of which makes a NULL of a value: they were found infallible.
fn uncast(expr: &Expr) -> &Expr {
    match unalias(expr) {
        Expr::Cast(cast) => uncast(&cast.expr),
        other => other,
    }
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

/// Whether an argument is the person.
fn is_unit(scope: &Scope<'_>, argument: &Expr) -> Result<bool, Violation> {
    match unalias(argument) {
        Expr::Column(column) => scope.relation.any(column).map(|(_, value)| value.domain == Domain::Unit && !value.nullable),
        _ => Ok(false),
    }
}

/// A count may look at the unit, which is never null; anything else must be on the allow-list.
fn counted(scope: &Scope<'_>, argument: &Expr) -> Result<bool, Violation> {
    match unalias(argument) {
        Expr::Column(column) => scope.relation.any(column).map(|_| true),
        other => scope.value(other).map(|_| true),
    }
}

#[cfg(test)]
mod tests;
