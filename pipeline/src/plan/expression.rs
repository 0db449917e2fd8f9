//! The allow-list of predicates on private rows: deterministic and infallible, so that no error can depend on data.
//!
//! Everything not matched here is refused. Both sides of a comparison must already have one type: a cast that coercion
//! would insert may fail on a value, so the plan is checked again after coercion and any cast of a column is refused then.

use arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, ExprSchemable as _, Operator};

use super::check::Relation;
use super::refusal::Rule;

/// Accepts a predicate whose value and whose failure cannot depend on anything but its own row.
///
/// # Errors
/// The rule that the first offending part breaks.
pub(super) fn predicate(expr: &Expr, relation: &Relation<'_>) -> Result<(), Rule> {
    match expr {
        Expr::BinaryExpr(b) if matches!(b.op, Operator::And | Operator::Or) => {
            predicate(&b.left, relation)?;
            predicate(&b.right, relation)
        }
        Expr::BinaryExpr(b) if is_comparison(b.op) => {
            operand(&b.left, relation)?;
            operand(&b.right, relation)?;
            same_type(expr, &[&b.left, &b.right], relation)
        }
        Expr::Between(b) => {
            for part in [&b.expr, &b.low, &b.high] {
                operand(part, relation)?;
            }
            same_type(expr, &[&b.expr, &b.low, &b.high], relation)
        }
        Expr::InList(list) => {
            operand(&list.expr, relation)?;
            for item in &list.list {
                constant(item)?;
                same_type(expr, &[&list.expr, item], relation)?;
            }
            Ok(())
        }
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => operand(inner, relation),
        Expr::Not(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsNotUnknown(inner) => predicate(inner, relation),
        Expr::Column(_) | Expr::Literal(..) => {
            operand(expr, relation)?;
            match expr.get_type(relation.schema) {
                Ok(DataType::Boolean) => Ok(()),
                _ => Err(Rule::Types(in_sql(expr))),
            }
        }
        other => Err(refuse(other)),
    }
}

/// Operators that compare, and that are NULL where either side is.
pub(super) fn is_comparison(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
}

/// A column other than the unit, or a constant.
fn operand(expr: &Expr, relation: &Relation<'_>) -> Result<(), Rule> {
    match expr {
        Expr::Column(column) => relation.origin(column).map(|_| ()),
        _ => constant(expr),
    }
}

/// A literal, or a literal cast to another type, tried here: nothing is left that could fail when the query runs.
fn constant(expr: &Expr) -> Result<(), Rule> {
    match expr {
        Expr::Literal(..) => Ok(()),
        Expr::Cast(cast) => match cast.expr.as_ref() {
            Expr::Literal(value, _) if value.cast_to(cast.field.data_type()).is_ok() => Ok(()),
            Expr::Literal(..) => Err(Rule::Constant(in_sql(expr))),
            _ => Err(refuse(expr)),
        },
        other => Err(refuse(other)),
    }
}

fn same_type(whole: &Expr, parts: &[&Expr], relation: &Relation<'_>) -> Result<(), Rule> {
    let types: Option<Vec<DataType>> = parts.iter().map(|p| p.get_type(relation.schema).ok()).collect();
    match types.as_deref() {
        Some([first, rest @ ..]) if rest.iter().all(|t| t == first) => Ok(()),
        _ => Err(Rule::Types(in_sql(whole))),
    }
}

/// An expression as its author would write it.
pub(super) fn in_sql(expr: &Expr) -> String {
    let sql = datafusion::sql::unparser::expr_to_sql(expr).map_or_else(|_| expr.to_string(), |sql| sql.to_string());
    sql.strip_prefix('(').and_then(|s| s.strip_suffix(')')).unwrap_or(&sql).to_owned()
}

/// The rule for an expression outside the list, named as its author wrote it.
fn refuse(expr: &Expr) -> Rule {
    match expr {
        Expr::ScalarFunction(f) => Rule::Function(f.name().to_owned()),
        Expr::AggregateFunction(f) => Rule::Function(f.func.name().to_owned()),
        Expr::WindowFunction(_) => Rule::Node("OVER"),
        Expr::Exists(_) => Rule::Node("EXISTS"),
        Expr::InSubquery(_) | Expr::SetComparison(_) => Rule::Node("IN (SELECT …)"),
        Expr::ScalarSubquery(_) | Expr::OuterReferenceColumn(..) => Rule::Node("(SELECT …)"),
        Expr::Like(_) | Expr::SimilarTo(_) => Rule::Expression("LIKE".into()),
        Expr::Case(_) => Rule::Expression("CASE".into()),
        Expr::Cast(_) | Expr::TryCast(_) => Rule::Expression("CAST".into()),
        Expr::BinaryExpr(b) => Rule::Expression(b.op.to_string()),
        Expr::Negative(_) => Rule::Expression("-".into()),
        Expr::Placeholder(_) | Expr::ScalarVariable(..) => Rule::Expression("$".into()),
        other => Rule::Expression(other.variant_name().to_owned()),
    }
}
