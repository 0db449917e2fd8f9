//! UNION ALL: rows of several relations of one kind.

use super::*;
use arrow::datatypes::DataType;
use datafusion::common::{Column, ScalarValue};
use std::sync::Arc;

impl Walk<'_> {
    pub(in crate::certify) fn union(&mut self, union: &Union, inputs: Vec<Relation>) -> Result<Relation, Violation> {
        let mut columns = Vec::new();
        for (at, field) in union.schema.fields().iter().enumerate() {
            let values: Option<Vec<&Value>> = inputs.iter().map(|i| i.columns.get(at)).collect();
            let values = values.ok_or(Violation::Node("UNION"))?;
            let units = values.iter().filter(|v| v.domain == Domain::Unit).count();
            if units != 0 && units != values.len() {
                return Err(Violation::Unit(field.name().clone()));
            }
            let domains = values.iter().map(|v| v.domain.clone()).reduce(|a, b| a.or(b, self.catalogue));
            let possible = values.iter().map(|v| v.possible.clone()).reduce(|a, b| Some(a?.or(b.as_ref()?))).flatten();
            let nullable = values.iter().any(|v| v.nullable);
            columns.push(Value { possible, ..Value::computed(domains.unwrap_or(Domain::Other), nullable) });
        }
        let tags = (0..columns.len()).filter(|at| tells_apart(union, *at)).collect();
        let proofs = inputs.into_iter().map(|i| i.proof).collect();
        Relation::new(&union.schema, columns, Rule::Union(rule::Union { tags }), "UNION ALL".into(), proofs)
            .ok_or(Violation::Node("UNION"))
    }
}

impl Encoder<'_> {
    /// Branches whose columns have one list stay coded there; others are decoded.
    pub(in crate::certify) fn united(&self, union: &Union, outer: Option<Outer<'_>>) -> Result<Coded, DataFusionError> {
        let inputs = union.inputs.iter().map(|i| self.plan(i, outer)).collect::<Result<Vec<_>, _>>()?;
        let width = union.schema.fields().len();
        let common = |at: usize| {
            let first = inputs.first().and_then(|input| input.lists.get(at).cloned().flatten());
            first.filter(|list| inputs.iter().all(|input| input.lists.get(at).is_some_and(|l| l.as_ref() == Some(list))))
        };
        let lists: Vec<Option<String>> = (0..width).map(common).collect();
        let mut plans = Vec::new();
        for Coded { plan, lists: own } in &inputs {
            let column = |(at, column): (usize, Column)| match (own.get(at).cloned().flatten(), lists.get(at).cloned().flatten())
            {
                (Some(list), None) => {
                    Ok(self.decoded(Expr::Column(column.clone()), &list)?.alias_qualified(column.relation, column.name))
                }
                _ => Ok(Expr::Column(column)),
            };
            let columns =
                plan.schema().columns().into_iter().enumerate().map(column).collect::<Result<Vec<_>, DataFusionError>>()?;
            plans.push(Arc::new(LogicalPlanBuilder::from(plan.clone()).project(columns)?.build()?));
        }
        let union = LogicalPlan::Union(Union::try_new(plans)?);
        Ok(Coded { plan: union, lists })
    }
}

/// Whether each branch has constants of its own in a column: `SELECT 'trust' AS step … UNION ALL SELECT 'inventory' …`. Only what is
/// written as a text or a whole number in every branch: no cast makes two of these equal that differ.
fn tells_apart(union: &Union, at: usize) -> bool {
    let branches: Option<Vec<Vec<Constant>>> = union.inputs.iter().map(|input| constants(input, at)).collect();
    let Some(branches) = branches else { return false };
    let texts = branches.iter().flatten().filter(|constant| matches!(constant, Constant::Text(_))).count();
    let alike = texts == 0 || texts == branches.iter().flatten().count();
    let mut seen: Vec<&Constant> = Vec::new();
    alike
        && branches.iter().all(|own| {
            let new = own.iter().all(|constant| !seen.contains(&constant));
            seen.extend(own);
            new
        })
}

/// What is written in a column.
#[derive(Debug, PartialEq, Eq)]
enum Constant {
    Text(String),
    Integer(i64),
}

/// The constants in a column of a plan, if nothing else is there: one, or those of the branches of a UNION ALL.
fn constants(plan: &LogicalPlan, at: usize) -> Option<Vec<Constant>> {
    match plan {
        LogicalPlan::SubqueryAlias(alias) => constants(&alias.input, at),
        LogicalPlan::Filter(filter) => constants(&filter.input, at),
        LogicalPlan::Projection(projection) => written(projection.expr.get(at)?, projection),
        LogicalPlan::Union(union) => {
            let branches: Vec<Vec<Constant>> = union.inputs.iter().map(|input| constants(input, at)).collect::<Option<_>>()?;
            Some(branches.into_iter().flatten().collect())
        }
        _ => None,
    }
}

fn written(expr: &Expr, projection: &Projection) -> Option<Vec<Constant>> {
    match unalias(expr) {
        Expr::Column(column) => constants(&projection.input, projection.input.schema().index_of_column(column).ok()?),
        Expr::Cast(cast) => {
            let (inner, to) = (written(&cast.expr, projection)?, cast.field.data_type());
            let keeps = |constant: &Constant| match constant {
                Constant::Text(_) => to.is_string(),
                Constant::Integer(_) => *to == DataType::Int64,
            };
            inner.iter().all(keeps).then_some(inner)
        }
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => Some(vec![Constant::Integer(*number)]),
        Expr::Literal(text, _) => Some(vec![Constant::Text(text.try_as_str()??.to_owned())]),
        _ => None,
    }
}

/// The period is last in all of them.
pub(in crate::certify) fn lifted(node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    Lifted::derive(node.rule.clone(), inputs.first()?.node.columns.clone(), inputs, node)
}
