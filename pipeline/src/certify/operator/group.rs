//! GROUP BY and DISTINCT within one person, below the door: first and last rating, "has any", counts.
//!
//! Groups hold rows of one person only, because the unit is among the keys. Every aggregate allowed here gives the same
//! answer whatever the order in which rows arrive: counts, extremes, sums of bounded whole numbers, and first and last in an
//! order that is total within the person.

use super::*;
use crate::certify::possible::Possible;
use crate::certify::sets::each_once;
use datafusion::common::DFSchemaRef;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams, NullTreatment};

impl Walk<'_> {
    /// GROUP BY with the unit among the keys.
    pub(in crate::certify) fn group_by_unit(&mut self, aggregate: &Aggregate, inner: Relation) -> Result<Relation, Violation> {
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
            columns.push(self.within_person(expr, &inner, &keys, rows)?);
        }
        let distinct = {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            sorted.dedup();
            sorted.len() == keys.len()
        };
        each_once(aggregate)?;
        if !distinct || columns.len() != aggregate.schema.fields().len() {
            return Err(Violation::Node("GROUP BY"));
        }
        let names = keys.iter().filter_map(|k| inner.schema.fields().get(*k)).map(|f| f.name().clone()).collect::<Vec<_>>();
        let note = format!("GROUP BY {}", names.join(", "));
        let step = Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates: aggregate.aggr_expr.len() });
        Relation::new(&aggregate.schema, columns, step, note, vec![inner.proof]).ok_or(Violation::Node("GROUP BY"))
    }

    /// The value of an aggregate over at most `rows` rows of one person that agree in these columns.
    fn within_person(&self, expr: &Expr, inner: &Relation, keys: &[usize], rows: u64) -> Result<Value, Violation> {
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
        let some = |low: i128| Domain::Integer(ValueRange::new(low, rows.into()));
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
                let value = scope.tried(argument)?;
                let domain = match value.domain {
                    Domain::Labels(_) | Domain::Codes(_) | Domain::Integer(_) | Domain::Date(_) => value.domain,
                    Domain::Unit | Domain::Boolean | Domain::Other => return Err(refused()),
                };
                Ok(Value {
                    domain,
                    nullable: value.nullable || emptied,
                    origin: None,
                    possible: emptied_too(value.possible, emptied),
                })
            }
            "sum" if plain && !*distinct => {
                let value = scope.value(argument)?;
                let each = value.interval().ok_or_else(|| Violation::Clamp(in_sql(argument)))?;
                let total = each.corners(ValueRange::new(1, rows.into()), i128::checked_mul);
                let total = total.filter(|t| t.fits(62)).ok_or_else(|| Violation::Range(in_sql(argument)))?;
                Ok(Value::computed(Domain::Integer(total), value.nullable || emptied))
            }
            "bool_or" | "bool_and" if plain && !*distinct => {
                let value = scope.predicate(argument)?;
                Ok(Value::computed(Domain::Boolean, value.nullable || emptied))
            }
            "first_value" | "last_value" if !*distinct => {
                // What the group has in common tells none of its rows apart, and needs no place in the order.
                let mut order = keys.to_vec();
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
                let value = scope.tried(argument)?;
                Ok(Value {
                    nullable: value.nullable || emptied,
                    origin: None,
                    possible: emptied_too(value.possible, emptied),
                    ..value
                })
            }
            _ => Err(refused()),
        }
    }

    /// `SELECT DISTINCT` with the unit among its columns: one row per person and values.
    pub(in crate::certify) fn distinct(&mut self, inner: Relation) -> Result<Relation, Violation> {
        if inner.claim().unit.is_none() {
            return Err(Violation::Node("DISTINCT"));
        }
        let keys: Vec<usize> = (0..inner.columns.len()).collect();
        let (schema, columns): (DFSchemaRef, _) = (inner.schema.clone(), inner.columns.clone());
        let step = Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates: 0 });
        Relation::new(&schema, columns, step, "DISTINCT".into(), vec![inner.proof]).ok_or(Violation::Node("DISTINCT"))
    }
}

impl Encoder<'_> {
    pub(in crate::certify) fn aggregated(
        &self,
        aggregate: &Aggregate,
        outer: Option<Outer<'_>>,
    ) -> Result<Coded, DataFusionError> {
        let input = self.plan(&aggregate.input, outer)?;
        let scope = Scope { schema: aggregate.input.schema(), lists: &input.lists, outer };
        let mut lists = Vec::new();
        for expr in &aggregate.group_expr {
            match expr {
                Expr::GroupingSet(set) => {
                    lists.extend(set.distinct_expr().into_iter().map(|e| scope.list(unalias(e))));
                    lists.push(None);
                }
                expr => lists.push(scope.list(unalias(expr))),
            }
        }
        let keys = aggregate.group_expr.iter().map(|e| self.named(e, scope)).collect::<Result<Vec<_>, _>>()?;
        let values = aggregate.aggr_expr.iter().map(|e| self.named(e, scope)).collect::<Result<Vec<_>, _>>()?;
        lists.extend(aggregate.aggr_expr.iter().map(|e| scope.chosen(e)));
        let plan = LogicalPlanBuilder::from(input.plan).aggregate(keys, values)?.build()?;
        Ok(Coded { plan, lists })
    }

    pub(in crate::certify) fn distinct(&self, input: &LogicalPlan, outer: Option<Outer<'_>>) -> Result<Coded, DataFusionError> {
        let Coded { plan, lists } = self.plan(input, outer)?;
        Ok(Coded { plan: LogicalPlanBuilder::from(plan).distinct()?.build()?, lists })
    }
}

/// The period is an aggregate where the participation is a key, for a participation lies in one period, and the last key otherwise.
pub(in crate::certify) fn lifted(rule: &rule::GroupByUnit, node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    let [Lifted { node: input, period: Some(period) }] = inputs.as_slice() else { return None };
    let numbered = input.claim.contribution;
    if numbered.is_some_and(|contribution| rule.keys.contains(&contribution)) {
        let columns = with_period(&node.columns);
        let period = columns.len().checked_sub(1);
        return Some(Lifted { node: grouped(node, input, &rule.keys, rule.aggregates.checked_add(1)?, columns)?, period });
    }
    // Of a person alone, there are no more groups than participations: one for each of them comes first.
    match (rule.keys.as_slice(), numbered) {
        ([unit], Some(contribution)) => {
            let name = |at: usize| input.columns.get(at).cloned();
            let columns = [name(*unit)?, name(contribution)?, "period".to_owned(), "…".to_owned()].to_vec();
            let first = grouped(node, input, &[*unit, contribution], 2, columns)?;
            by_period(node, &first, &[0], rule.aggregates, 2)
        }
        _ => by_period(node, input, &rule.keys, rule.aggregates, *period),
    }
}

/// The values of one of the rows of a group, of which a filter may leave none.
fn emptied_too(possible: Option<Possible>, emptied: bool) -> Option<Possible> {
    possible.map(|possible| Possible { null: possible.null || emptied, ..possible })
}

/// A grouping within the person with these keys and so many aggregates.
fn grouped(node: &Node, input: &Node, keys: &[usize], aggregates: usize, columns: Vec<String>) -> Option<Node> {
    let rule = Rule::GroupByUnit(rule::GroupByUnit { keys: keys.to_vec(), aggregates });
    Node::derive(rule, columns, vec![input.clone()], node.note.clone()).ok()
}

/// A grouping within the person that has the period as its last key; then the period goes last.
fn by_period(node: &Node, input: &Node, keys: &[usize], aggregates: usize, period: usize) -> Option<Lifted> {
    let place = node.columns.len();
    let with_period: Vec<usize> = keys.iter().copied().chain([period]).collect();
    let mut columns = node.columns.clone();
    columns.insert(keys.len().min(place), "period".to_owned());
    let grouped = grouped(node, input, &with_period, aggregates, columns)?;
    Lifted::last(grouped, (0..=place).filter(|column| *column != keys.len()).chain([keys.len()]).collect())
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
