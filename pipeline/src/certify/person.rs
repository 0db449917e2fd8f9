//! Aggregation within one person, below the door: first and last rating, "has any", counts.
//!
//! Groups hold rows of one person only, because the unit is among the keys. Every aggregate allowed here gives the same
//! answer whatever the order in which rows arrive: counts, extremes, sums of bounded whole numbers, and first and last in an
//! order that is total within the person.

use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams, NullTreatment};
use datafusion::logical_expr::{Aggregate, Expr};
use utfall_privacy::certificate::{Rule, rule};

use super::below::{Walk, unalias};
use super::domain::{Domain, Interval, Value};
use super::expression::in_sql;
use super::relation::Relation;
use super::words::refusal::Violation;

impl Walk<'_> {
    /// GROUP BY with the unit among the keys.
    pub(super) fn group_by_unit(&mut self, aggregate: &Aggregate, inner: Relation) -> Result<Relation, Violation> {
        let (mut keys, mut columns) = (Vec::new(), Vec::new());
        for expr in &aggregate.group_expr {
            let Expr::Column(column) = unalias(expr) else {
                return Err(match expr {
                    Expr::GroupingSet(_) => Violation::Node("GROUPING SETS"),
                    other => Violation::PersonKey(in_sql(other)),
                });
            };
            let (index, value) = inner.any(column)?;
            keys.push(index);
            columns.push(value.clone());
        }
        // One of the columns that hold the person is enough.
        if let (Some(unit), Some(at)) =
            (inner.claim().unit, keys.iter().position(|key| Some(inner.person(*key)) == inner.claim().unit))
            && !keys.contains(&unit)
            && let Some(key) = keys.get_mut(at)
        {
            *key = unit;
        }
        let rows = rows_per_group(&inner, &keys);
        for expr in &aggregate.aggr_expr {
            columns.push(self.within_person(expr, &inner, rows)?);
        }
        let distinct = {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            sorted.dedup();
            sorted.len() == keys.len()
        };
        super::sets::each_once(aggregate)?;
        if !distinct || columns.len() != aggregate.schema.fields().len() {
            return Err(Violation::Node("GROUP BY"));
        }
        let names = keys.iter().filter_map(|k| inner.schema.fields().get(*k)).map(|f| f.name().clone()).collect::<Vec<_>>();
        let note = format!("GROUP BY {}", names.join(", "));
        let step = Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates: aggregate.aggr_expr.len() });
        Relation::new(&aggregate.schema, columns, step, note, vec![inner.proof]).ok_or(Violation::Node("GROUP BY"))
    }

    /// The value of an aggregate over at most `rows` rows of one person.
    fn within_person(&self, expr: &Expr, inner: &Relation, rows: u64) -> Result<Value, Violation> {
        let Expr::AggregateFunction(AggregateFunction { func, params }) = unalias(expr) else {
            return Err(Violation::Aggregate(in_sql(expr)));
        };
        let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = params;
        let scope = self.scope(inner);
        if let Some(filter) = filter {
            scope.predicate(filter)?;
        }
        if matches!(null_treatment, Some(NullTreatment::IgnoreNulls)) {
            return Err(Violation::PersonAggregate(format!("{} … IGNORE NULLS", func.name())));
        }
        let some = |low: i128| Domain::Integer(Interval::new(low, rows.into()));
        let refused = || Violation::PersonAggregate(func.name().to_owned());
        let [argument] = args.as_slice() else { return Err(refused()) };
        let plain = order_by.is_empty();
        // A filter can leave nothing of a group.
        let emptied = filter.is_some();
        match func.name() {
            "count" if plain => {
                let (unit, nullable) = match unalias(argument) {
                    Expr::Column(column) => {
                        let (_, value) = inner.any(column)?;
                        (value.domain == Domain::Unit, value.nullable)
                    }
                    other => (false, scope.value(other)?.nullable),
                };
                if unit && *distinct {
                    return Err(refused());
                }
                Ok(Value::computed(some(if nullable || emptied { 0 } else { 1 }), false))
            }
            "min" | "max" if plain && !*distinct => {
                let value = scope.value(argument)?;
                let domain = match value.domain {
                    Domain::Labels(_) | Domain::Codes(_) | Domain::Integer(_) | Domain::Date(_) => value.domain,
                    Domain::Unit | Domain::Boolean | Domain::Other => return Err(refused()),
                };
                Ok(Value::computed(domain, value.nullable || emptied))
            }
            "sum" if plain && !*distinct => {
                let value = scope.value(argument)?;
                let each = value.interval().ok_or_else(|| Violation::Clamp(in_sql(argument)))?;
                let total = each.corners(Interval::new(1, rows.into()), i128::checked_mul);
                let total = total.filter(|t| t.fits(62)).ok_or_else(|| Violation::Range(in_sql(argument)))?;
                Ok(Value::computed(Domain::Integer(total), value.nullable || emptied))
            }
            "bool_or" | "bool_and" if plain && !*distinct => {
                let value = scope.predicate(argument)?;
                Ok(Value::computed(Domain::Boolean, value.nullable || emptied))
            }
            "first_value" | "last_value" if !*distinct => {
                let mut order = Vec::new();
                for sort in order_by {
                    if let Expr::Column(column) = unalias(&sort.expr) {
                        order.push(inner.any(column)?.0);
                    }
                    scope.value(&sort.expr)?;
                }
                let total = inner.claim().unique.iter().any(|set| set.iter().all(|c| order.contains(c)));
                if !total {
                    return Err(Violation::Order(func.name().to_owned()));
                }
                let value = scope.value(argument)?;
                Ok(Value::computed(value.domain, value.nullable || emptied))
            }
            _ => Err(refused()),
        }
    }
}

/// The most rows in one group of one person.
fn rows_per_group(inner: &Relation, keys: &[usize]) -> u64 {
    let claim = inner.claim();
    let covered = claim.unique.iter().any(|set| set.iter().all(|c| keys.contains(c)));
    let by_contribution = claim.contribution.is_some_and(|c| keys.contains(&c));
    if covered {
        1
    } else if by_contribution {
        claim.rows.min(claim.per_contribution)
    } else {
        claim.rows
    }
}
