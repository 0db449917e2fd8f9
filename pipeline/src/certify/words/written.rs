//! Expressions as their author wrote them.

use datafusion::logical_expr::{Expr, Volatility};

use super::refusal::Violation;

/// An expression as its author would write it.
pub(in crate::certify) fn in_sql(expr: &Expr) -> String {
    let sql = datafusion::sql::unparser::expr_to_sql(expr).map_or_else(|_| expr.to_string(), |sql| sql.to_string());
    sql.strip_prefix('(').and_then(|s| s.strip_suffix(')')).unwrap_or(&sql).to_owned()
}

/// The rule for an expression outside the list, named as its author wrote it.
pub(in crate::certify) fn refuse(expr: &Expr) -> Violation {
    match expr {
        Expr::ScalarFunction(f) if f.func.signature().volatility != Volatility::Immutable => Violation::Volatile,
        Expr::ScalarFunction(f) => Violation::Function(f.name().to_owned()),
        Expr::AggregateFunction(f) => Violation::Function(f.func.name().to_owned()),
        Expr::WindowFunction(_) => Violation::Node("OVER"),
        Expr::Exists(_) => Violation::Subquery("EXISTS"),
        Expr::InSubquery(_) | Expr::SetComparison(_) => Violation::Subquery("IN (SELECT …)"),
        Expr::ScalarSubquery(_) | Expr::OuterReferenceColumn(..) => Violation::Node("(SELECT …)"),
        Expr::Like(_) | Expr::SimilarTo(_) => Violation::Expression("LIKE".into()),
        Expr::Case(_) => Violation::Expression("CASE".into()),
        Expr::Cast(_) | Expr::TryCast(_) => Violation::Expression("CAST".into()),
        Expr::BinaryExpr(b) => Violation::Expression(b.op.to_string()),
        Expr::Negative(_) => Violation::Expression("-".into()),
        Expr::Placeholder(_) | Expr::ScalarVariable(..) => Violation::Expression("$".into()),
        other => Violation::Expression(other.variant_name().to_owned()),
    }
}
