//! EXISTS and IN with another relation: a row stays or goes because of rows of the same person, or of public rows.

use std::sync::Arc;

use super::*;
use datafusion::common::Column;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::utils::split_conjunction;

/// Whether a condition is EXISTS or IN with a sub-query, negated or not.
pub(in crate::certify) fn is_subquery(condition: &Expr) -> bool {
    match condition {
        Expr::Exists(_) | Expr::InSubquery(_) => true,
        Expr::Not(inner) => is_subquery(inner),
        _ => false,
    }
}

/// Refuses, wherever it stands, IN (SELECT …) where the engine would take "unknown" for "no": it joins with the sub-query and marks
/// the rows that met one. As a condition of its own, negated or not, it is right; so is a mark that only AND and OR read, since
/// a row that is not marked does not pass either way. Under NOT, CASE or IS NULL the two differ.
pub(in crate::certify) fn understood(plan: &LogicalPlan) -> Result<(), Violation> {
    let mut misread = false;
    let seen = plan.apply_with_subqueries(|node| {
        let filtered = matches!(node, LogicalPlan::Filter(_));
        node.apply_expressions(|expr| {
            misread |= !split_conjunction(expr).into_iter().all(|own| filtered && is_subquery(own) || marked(own, filtered));
            Ok(TreeNodeRecursion::Continue)
        })
    });
    seen.map_err(|e| Violation::Sql(e.strip_backtrace()))?;
    if misread { Err(Violation::Subquery("NOT … IN (SELECT …)")) } else { Ok(()) }
}

/// Whether every IN (SELECT …) in a condition is read by AND and OR alone.
fn marked(expr: &Expr, filtered: bool) -> bool {
    match expr {
        Expr::BinaryExpr(b) if filtered && matches!(b.op, Operator::And | Operator::Or) => {
            marked(&b.left, filtered) && marked(&b.right, filtered)
        }
        Expr::InSubquery(list) => filtered && !list.negated && !has_list(&list.expr),
        other => !has_list(other),
    }
}

/// Whether IN (SELECT …) stands in an expression.
fn has_list(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::InSubquery(_) | Expr::SetComparison(_)))).unwrap_or(true)
}

/// A sub-query: its relation, and which of its columns must equal which column outside.
struct Inner {
    relation: Relation,
    on: Vec<(usize, usize)>,
    note: String,
}

impl Walk<'_> {
    /// The rows for which a sub-query has, or has not, a partner.
    pub(in crate::certify) fn semi(&mut self, condition: &Expr, outer: Relation) -> Result<Relation, Violation> {
        let (condition, mut anti) = peel(condition, false);
        let inner = match condition {
            Expr::Exists(exists) => {
                anti ^= exists.negated;
                self.exists(&exists.subquery.subquery, &outer)?
            }
            Expr::InSubquery(list) => {
                anti ^= list.negated;
                let inner = self.list(&list.expr, &list.subquery.subquery, &outer)?;
                if anti && !never_null(&inner, &outer) {
                    return Err(Violation::Subquery("NOT IN"));
                }
                inner
            }
            other => return Err(Violation::Expression(other.variant_name().to_owned())),
        };
        let unit = |relation: &Relation| relation.claim().unit;
        let on_unit = match (unit(&outer), unit(&inner.relation)) {
            (Some(o), Some(i)) => inner.on.contains(&(o, i)),
            _ => false,
        };
        match (outer.is_private(), inner.relation.is_private()) {
            (true, true) if !on_unit => return Err(Violation::PrivateJoin),
            (false, true) => return Err(Violation::Subquery("EXISTS")),
            _ => {}
        }
        let schema = outer.schema.clone();
        let mut outer = outer;
        if !anti && !inner.relation.is_private() {
            for (at, origin) in in_list(&inner, &outer) {
                self.stands_in(&mut outer.columns, at, origin);
            }
        }
        let note = format!("{}{}", if anti { "NOT " } else { "" }, inner.note);
        let proofs = vec![outer.proof, inner.relation.proof];
        let semi = Relation::new(&schema, outer.columns, Rule::Semi(rule::Semi { on: inner.on, anti }), note, proofs);
        semi.ok_or(Violation::Subquery("EXISTS"))
    }

    /// `EXISTS (SELECT … WHERE inner.unit = outer.unit AND …)`. What is selected does not matter, but must be allowed.
    fn exists(&mut self, plan: &LogicalPlan, outer: &Relation) -> Result<Inner, Violation> {
        match plan {
            LogicalPlan::Projection(projection) => {
                let inner = self.exists(&projection.input, outer)?;
                self.project(projection, inner.relation.clone())?;
                Ok(inner)
            }
            LogicalPlan::SubqueryAlias(alias) if has_outer(&alias.input) => Err(Violation::Subquery("EXISTS")),
            LogicalPlan::Filter(filter) => self.correlated(filter, outer),
            other => {
                let relation = self.below(other)?;
                Ok(Inner { relation, on: Vec::new(), note: "EXISTS".into() })
            }
        }
    }

    /// A filter inside a sub-query: equalities with columns outside, and conditions on its own rows.
    fn correlated(&mut self, filter: &Filter, outer: &Relation) -> Result<Inner, Violation> {
        let relation = self.below(&filter.input)?;
        let (mut on, mut own) = (Vec::new(), Vec::new());
        for condition in split_conjunction(&filter.predicate) {
            if !condition.contains_outer() {
                own.push(condition);
                continue;
            }
            let Expr::BinaryExpr(b) = condition else { return Err(Violation::Subquery("EXISTS")) };
            let pair = match (b.op, b.left.as_ref(), b.right.as_ref()) {
                (Operator::Eq, Expr::Column(i), Expr::OuterReferenceColumn(_, o))
                | (Operator::Eq, Expr::OuterReferenceColumn(_, o), Expr::Column(i)) => (o, i),
                _ => return Err(Violation::Subquery("EXISTS")),
            };
            on.push(self.equal(outer, pair.0, &relation, pair.1)?);
        }
        let names = on.iter().map(|(o, _)| outer.schema.field(*o).name().clone()).collect::<Vec<_>>().join(", ");
        let (subqueries, own): (Vec<&Expr>, Vec<&Expr>) = own.into_iter().partition(|c| is_subquery(c));
        let mut relation = self.where_rows(&own, relation)?;
        for condition in subqueries {
            relation = self.semi(condition, relation)?;
        }
        Ok(Inner { relation, on, note: format!("EXISTS ON {names}") })
    }

    /// `column IN (SELECT column …)`.
    fn list(&mut self, expr: &Expr, plan: &LogicalPlan, outer: &Relation) -> Result<Inner, Violation> {
        let Expr::Column(column) = unalias(expr) else { return Err(Violation::Subquery("IN (SELECT …)")) };
        if let LogicalPlan::Projection(projection) = plan
            && let LogicalPlan::Filter(filter) = projection.input.as_ref()
            && filter.predicate.contains_outer()
        {
            let inner = self.correlated(filter, outer)?;
            let [Expr::Column(selected)] = projection.expr.iter().map(unalias).collect::<Vec<_>>().as_slice() else {
                return Err(Violation::Subquery("IN (SELECT …)"));
            };
            let mut on = inner.on;
            on.push(self.equal(outer, column, &inner.relation, selected)?);
            return Ok(Inner { relation: inner.relation, on, note: format!("IN ON {}", column.name) });
        }
        let relation = self.below(plan)?;
        let [field] = relation.schema.columns().try_into().map_err(|_| Violation::Subquery("IN (SELECT …)"))?;
        let pair = self.equal(outer, column, &relation, &field)?;
        Ok(Inner { relation, on: vec![pair], note: format!("IN ON {}", column.name) })
    }

    /// Two columns that must be equal: of one type, and both the unit or neither.
    fn equal(&self, outer: &Relation, o: &Column, inner: &Relation, i: &Column) -> Result<(usize, usize), Violation> {
        let ((at_outer, left), (at_inner, right)) = (outer.any(o)?, inner.any(i)?);
        let one_type = outer.schema.field(at_outer).data_type() == inner.schema.field(at_inner).data_type();
        if (left.domain == Domain::Unit) != (right.domain == Domain::Unit) {
            return Err(Violation::Unit(if left.domain == Domain::Unit { o.name.clone() } else { i.name.clone() }));
        }
        if one_type { Ok((outer.person(at_outer), inner.person(at_inner))) } else { Err(Violation::Types(format!("{o} = {i}"))) }
    }
}

/// A sub-query on codes.
pub(in crate::certify) struct CodedSubquery {
    pub(in crate::certify) subquery: Subquery,
    /// The code list of its column, if it has one column that holds codes.
    pub(in crate::certify) list: Option<String>,
}

impl Encoder<'_> {
    /// A sub-query on codes, and the code list of its column if it has one column.
    pub(in crate::certify) fn subquery(&self, subquery: &Subquery, scope: Scope<'_>) -> Result<CodedSubquery, DataFusionError> {
        let outer = Outer { schema: scope.schema, lists: scope.lists };
        let Coded { plan, lists } = self.plan(&subquery.subquery, Some(outer))?;
        let outer_ref_columns = subquery.outer_ref_columns.iter().map(|e| scope.retyped(e)).collect();
        let list = if let [list] = lists.as_slice() { list.clone() } else { None };
        let subquery = Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: subquery.spans.clone() };
        Ok(CodedSubquery { subquery, list })
    }
}

/// Rows of the person in the same period: both sides agree in it, if both are private.
pub(in crate::certify) fn lifted(rule: &rule::Semi, node: &Node, inputs: Vec<Lifted>) -> Option<Lifted> {
    let [left, second] = inputs.as_slice() else { return None };
    let on = rule.on.iter().copied().chain(left.period.zip(second.period)).collect();
    let columns = left.node.columns.clone();
    Lifted::derive(Rule::Semi(rule::Semi { on, anti: rule.anti }), columns, inputs, node)
}

fn peel(condition: &Expr, anti: bool) -> (&Expr, bool) {
    match condition {
        Expr::Not(inner) => peel(inner, !anti),
        other => (other, anti),
    }
}

/// The columns outside that are equal to one of a public table, where they are of none already.
fn in_list(inner: &Inner, outer: &Relation) -> Vec<(usize, Origin)> {
    let public = |relation: &Relation, at: usize| relation.columns.get(at)?.origin.clone().filter(|o| o.public.is_some());
    let of = |(o, i): &(usize, usize)| Some((*o, public(&inner.relation, *i)?)).filter(|_| public(outer, *o).is_none());
    inner.on.iter().filter_map(of).collect()
}

/// Whether neither side of any equality of a list can be NULL: NOT IN would otherwise mean something else than it says.
fn never_null(inner: &Inner, outer: &Relation) -> bool {
    inner.on.iter().all(|(o, i)| {
        let never = |relation: &Relation, at: usize| relation.columns.get(at).is_some_and(|v| !v.nullable);
        never(outer, *o) && never(&inner.relation, *i)
    })
}

/// Whether a plan refers to a column outside of it.
fn has_outer(plan: &LogicalPlan) -> bool {
    let mut found = false;
    let seen = plan.apply_expressions(|e| {
        found |= e.contains_outer();
        Ok(TreeNodeRecursion::Continue)
    });
    seen.is_err() || found || plan.inputs().into_iter().any(has_outer)
}
