//! What a filter proves of the rows that pass it: columns that are not NULL, numbers within an interval, columns at one
//! constant, and public rows that no cell of the grid can come from.

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, Operator};

use super::below::Walk;
use super::domain::{Domain, ValueRange};
use super::expression::is_comparison;
use super::relation::Relation;
use super::words::refusal::Violation;

/// A column, and the interval in which a condition leaves it.
pub(super) struct Narrowed {
    pub(super) column: usize,
    pub(super) interval: ValueRange,
}

impl Walk<'_> {
    /// A condition on the unchanged columns of one public table removes cells from the grid.
    pub(super) fn narrow_grid(&mut self, condition: &Expr, relation: &Relation) -> Result<(), Violation> {
        let mut owners = Vec::new();
        for column in condition.column_refs() {
            owners.push(relation.attribute(column)?.origin.as_ref().and_then(|o| o.public));
        }
        if let [Some(owner), rest @ ..] = owners.as_slice()
            && rest.iter().all(|o| *o == Some(*owner))
            && let Some(scan) = self.public.get_mut(*owner)
        {
            scan.conditions.push(plain(condition, relation)?);
        }
        Ok(())
    }

    /// The column and the interval in which a comparison with constants leaves it.
    pub(super) fn narrowed(&self, condition: &Expr, relation: &Relation) -> Result<Option<Narrowed>, Violation> {
        let scope = self.scope(relation);
        let is_day = |other: &Expr| scope.value(other).is_ok_and(|value| matches!(value.domain, Domain::Date(_)));
        let of_days = condition.column_refs().into_iter().all(|column| is_day(&Expr::Column(column.clone())));
        let ends = |expr: &Expr| {
            if let Some(day) = scope.day(expr).filter(|_| of_days) {
                return Some(ValueRange::point(day));
            }
            scope.value(expr).ok().filter(|v| expr.column_refs().is_empty() && !v.nullable).and_then(|v| match v.domain {
                Domain::Integer(i) | Domain::Date(i) => Some(i),
                Domain::Unit | Domain::Codes(_) | Domain::Labels(_) | Domain::Boolean | Domain::Other => None,
            })
        };
        let (least, most) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let (column, interval) = match condition {
            Expr::BinaryExpr(b) if is_comparison(b.op) => {
                let (column, op, constant) = match (b.left.as_ref(), b.right.as_ref()) {
                    (Expr::Column(c), constant) => (c, Some(b.op), ends(constant)),
                    (constant, Expr::Column(c)) => (c, b.op.swap(), ends(constant)),
                    _ => return Ok(None),
                };
                let (Some(op), Some(i)) = (op, constant) else { return Ok(None) };
                let interval = match op {
                    Operator::Eq => i,
                    Operator::Lt => ValueRange::new(least, i.high.saturating_sub(1)),
                    Operator::LtEq => ValueRange::new(least, i.high),
                    Operator::Gt => ValueRange::new(i.low.saturating_add(1), most),
                    Operator::GtEq => ValueRange::new(i.low, most),
                    _ => return Ok(None),
                };
                (column, interval)
            }
            Expr::Between(b) if !b.negated => {
                let (Expr::Column(column), Some(low), Some(high)) = (b.expr.as_ref(), ends(&b.low), ends(&b.high)) else {
                    return Ok(None);
                };
                if low.low > high.high {
                    return Ok(None);
                }
                (column, ValueRange::new(low.low, high.high))
            }
            Expr::InList(list) if !list.negated => {
                let Expr::Column(column) = list.expr.as_ref() else { return Ok(None) };
                let items: Option<Vec<ValueRange>> = list.list.iter().map(ends).collect();
                let Some(hull) = items.and_then(|i| i.into_iter().reduce(ValueRange::hull)) else { return Ok(None) };
                (column, hull)
            }
            _ => return Ok(None),
        };
        Ok(Some(Narrowed { column: relation.index(column)?, interval }))
    }
}

/// Whether a condition that holds proves that none of its columns is null.
pub(super) fn rejects_null(condition: &Expr) -> bool {
    let plain = |e: &Expr| matches!(e, Expr::Column(_)) || e.column_refs().is_empty();
    match condition {
        Expr::IsNotNull(inner) => matches!(**inner, Expr::Column(_)),
        Expr::BinaryExpr(b) => is_comparison(b.op) && plain(&b.left) && plain(&b.right),
        // x NOT BETWEEN low AND high holds where one bound is NULL and the other settles it.
        Expr::Between(b) => !b.negated && plain(&b.expr) && plain(&b.low) && plain(&b.high),
        Expr::Column(_) => true,
        Expr::InList(list) => !list.list.is_empty() && plain(&list.expr),
        Expr::Like(like) => plain(&like.expr),
        _ => false,
    }
}

pub(super) fn is_equality(condition: &Expr) -> bool {
    matches!(condition, Expr::BinaryExpr(b) if b.op == Operator::Eq)
}

/// The column that a condition `column = 'text'` leaves at one value.
pub(super) fn equal_text(condition: &Expr, relation: &Relation) -> Option<usize> {
    let Expr::BinaryExpr(b) = condition else { return None };
    match (b.op, b.left.as_ref(), b.right.as_ref()) {
        (Operator::Eq, Expr::Column(c), Expr::Literal(v, _)) | (Operator::Eq, Expr::Literal(v, _), Expr::Column(c))
            if v.try_as_str().flatten().is_some() =>
        {
            relation.index(c).ok()
        }
        _ => None,
    }
}

/// The condition in terms of the public table's own column names.
fn plain(condition: &Expr, relation: &Relation) -> Result<Expr, Violation> {
    use datafusion::common::tree_node::{Transformed, TreeNode as _};
    let renamed = condition.clone().transform(|e| match &e {
        Expr::Column(column) => match relation.attribute(column).ok().and_then(|v| v.origin.clone()) {
            Some(origin) => Ok(Transformed::yes(Expr::Column(Column::from_name(origin.column)))),
            None => Ok(Transformed::no(e)),
        },
        _ => Ok(Transformed::no(e)),
    });
    renamed.map(|t| t.data).map_err(|e| Violation::Sql(e.strip_backtrace()))
}
