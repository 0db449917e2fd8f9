//! UNION ALL: rows of several relations of one kind.

use super::*;
use datafusion::common::Column;
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
            columns.push(Value::computed(domains.unwrap_or(Domain::Other), values.iter().any(|v| v.nullable)));
        }
        let proofs = inputs.into_iter().map(|i| i.proof).collect();
        Relation::new(&union.schema, columns, Rule::Union(rule::Union), "UNION ALL".into(), proofs)
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

/// The period is last in all of them.
pub(in crate::certify) fn lifted(node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    Lifted::derive(node.rule.clone(), inputs.first()?.node.columns.clone(), inputs, node)
}
