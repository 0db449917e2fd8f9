//! A number of rows or people as a part of another: fewer of the same, by further conditions or in one row of many.

use std::collections::BTreeSet;

use datafusion::common::Column;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, Operator};

/// What a number counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// It is so many times the number.
    scale: f64,
    /// What is counted: rows or people, and which sums it went through.
    of: String,
    /// Only of these, each with the node of the plan where it stands: elsewhere its columns may be others.
    conditions: Vec<(usize, Expr)>,
    /// Of all rows that agree in these, if it is a sum over several rows beside each of them.
    over: Option<Vec<Expr>>,
}

impl Part {
    /// What a measured count counts.
    pub(super) fn measured(expr: &Expr) -> Option<Self> {
        let Expr::AggregateFunction(AggregateFunction { params, .. }) = expr.clone().unalias() else { return None };
        let AggregateFunctionParams { args, distinct, filter, .. } = params;
        let mut conditions: Vec<(usize, Expr)> =
            filter.as_deref().into_iter().flat_map(split_conjunction).map(|condition| (0, condition.clone())).collect();
        match args.as_slice() {
            _ if distinct => {}
            [Expr::Literal(value, _)] if !value.is_null() => {}
            [x] => conditions.push((0, Expr::IsNotNull(Box::new(x.clone())))),
            _ => return None,
        }
        let of = if distinct { "people" } else { "rows" };
        Some(Self { scale: 1.0, of: of.to_owned(), conditions, over: None })
    }

    /// So many times it.
    pub(super) fn scaled(&self, by: f64) -> Option<Self> {
        (by > 0.0 && by.is_finite()).then(|| Self { scale: self.scale * by, ..self.clone() })
    }

    /// It where conditions hold, and nothing elsewhere; they stand at a node of the plan.
    pub(super) fn under(mut self, node: usize, conditions: Vec<Expr>) -> Self {
        self.conditions.extend(conditions.into_iter().map(|condition| (node, condition)));
        self
    }

    /// Its sum over the rows of a group, by a node of the plan, where conditions hold. People in several groups are several.
    pub(super) fn summed(self, node: usize, conditions: Vec<Expr>) -> Option<Self> {
        let of = format!("{} summed at {node}", self.of);
        (self.over.is_none()).then(|| Self { of, ..self }.under(node, conditions))
    }

    /// Its sum over all rows that agree in these, beside each of them.
    pub(super) fn over(self, these: Vec<Expr>) -> Option<Self> {
        (self.over.is_none()).then(|| Self { over: Some(these), ..self })
    }

    /// What it is at most of another, if it is a part of it.
    pub(super) fn most_of(&self, whole: &Self) -> Option<f64> {
        let is_under =
            |(node, condition): &(usize, Expr)| self.conditions.iter().any(|(at, own)| at == node && implies(own, condition));
        let is_within = match (&self.over, &whole.over) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.iter().all(|other| own.contains(other)),
        };
        let is_part = self.of == whole.of && is_within && whole.conditions.iter().all(is_under);
        is_part.then(|| self.scale / whole.scale)
    }
}

/// Which values of a column a condition admits: these, or all but these.
struct Admitted<'e> {
    column: &'e Column,
    values: BTreeSet<String>,
    others: bool,
}

fn admitted(condition: &Expr) -> Option<Admitted<'_>> {
    let text = |expr: &Expr| if let Expr::Literal(value, _) = expr { Some(format!("{value:?}")) } else { None };
    match condition {
        Expr::BinaryExpr(binary) if matches!(binary.op, Operator::Eq | Operator::NotEq) => {
            let (column, value) = match (binary.left.as_ref(), binary.right.as_ref()) {
                (Expr::Column(column), value) | (value, Expr::Column(column)) => (column, text(value)?),
                _ => return None,
            };
            Some(Admitted { column, values: BTreeSet::from([value]), others: binary.op == Operator::NotEq })
        }
        Expr::InList(list) => {
            let Expr::Column(column) = list.expr.as_ref() else { return None };
            let values = list.list.iter().map(text).collect::<Option<_>>()?;
            Some(Admitted { column, values, others: list.negated })
        }
        _ => None,
    }
}

/// Whether what meets one condition meets another.
fn implies(one: &Expr, other: &Expr) -> bool {
    if one == other {
        return true;
    }
    let (Some(one), Some(other)) = (admitted(one), admitted(other)) else { return false };
    let is_so = match (one.others, other.others) {
        (false, false) => one.values.is_subset(&other.values),
        (false, true) => one.values.is_disjoint(&other.values),
        (true, true) => other.values.is_subset(&one.values),
        (true, false) => false,
    };
    one.column == other.column && is_so
}
