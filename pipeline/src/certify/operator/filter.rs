//! WHERE, HAVING below the door: the rows that pass conditions of one row each, and EXISTS or IN with another relation.

use super::semi::is_subquery;
use super::*;
use crate::certify::narrow::{Narrowed, equal_text, is_equality, rejects_null};
use datafusion::logical_expr::utils::split_conjunction;

impl Walk<'_> {
    /// A row-local filter, and EXISTS or IN with another relation. A condition on one public table's columns alone also
    /// narrows the published grid; one that compares a column with a constant narrows the column's values.
    pub(in crate::certify) fn filter(&mut self, filter: &Filter, relation: Relation) -> Result<Relation, Violation> {
        let (subqueries, conditions): (Vec<&Expr>, Vec<&Expr>) =
            split_conjunction(&filter.predicate).into_iter().partition(|c| is_subquery(c));
        let mut relation = self.where_rows(&conditions, relation)?;
        for condition in subqueries {
            relation = self.semi(condition, relation)?;
        }
        Ok(relation)
    }

    /// The rows of which every condition holds.
    pub(in crate::certify) fn where_rows(&mut self, conditions: &[&Expr], mut relation: Relation) -> Result<Relation, Violation> {
        let mut fixed = Vec::new();
        for condition in conditions {
            self.scope(&relation).predicate(condition)?;
        }
        for condition in conditions {
            self.narrow_grid(condition, &relation)?;
            if rejects_null(condition) {
                for column in condition.column_refs() {
                    let index = relation.index(column)?;
                    if let Some(value) = relation.columns.get_mut(index) {
                        value.nullable = false;
                    }
                }
            }
            if let Some(Narrowed { column, interval }) = self.narrowed(condition, &relation)? {
                if interval.low == interval.high && is_equality(condition) {
                    fixed.push(column);
                }
                if let Some(value) = relation.columns.get_mut(column) {
                    value.domain = match value.domain.clone() {
                        Domain::Integer(known) => Domain::Integer(known.meet(interval)),
                        Domain::Date(known) => Domain::Date(known.meet(interval)),
                        other => other,
                    };
                }
            }
            fixed.extend(equal_text(condition, &relation));
            let left = self.scope(&relation).left(condition);
            if let Some((value, possible)) = left.and_then(|(at, left)| Some((relation.columns.get_mut(at)?, left))) {
                if possible.is_empty() {
                    return Err(Violation::Nobody(in_sql(condition)));
                }
                value.possible = Some(possible);
            }
        }
        if conditions.is_empty() {
            return Ok(relation);
        }
        fixed.sort_unstable();
        fixed.dedup();
        let note = conditions.iter().map(|c| in_sql(c)).collect::<Vec<_>>().join(" AND ");
        let schema = relation.schema.clone();
        let filtered = Relation::new(
            &schema,
            relation.columns,
            Rule::Filter(rule::Filter { fixed }),
            format!("WHERE {note}"),
            vec![relation.proof],
        );
        filtered.ok_or(Violation::Node("WHERE"))
    }
}

impl Encoder<'_> {
    pub(in crate::certify) fn filtered(&self, filter: &Filter, outer: Option<Outer<'_>>) -> Result<Coded, DataFusionError> {
        let Coded { plan, lists } = self.plan(&filter.input, outer)?;
        let scope = Scope { schema: filter.input.schema(), lists: &lists, outer };
        let predicate = self.expression(&filter.predicate, scope)?;
        Ok(Coded { plan: LogicalPlanBuilder::from(plan).filter(predicate)?.build()?, lists })
    }
}

/// The period stays where it is.
pub(in crate::certify) fn lifted(node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    Lifted::derive(node.rule.clone(), inputs.first()?.node.columns.clone(), inputs, node)
}
