//! What a query chooses by one condition: `CASE WHEN condition THEN … ELSE … END` of two constants. A share, a key and a target are told
//! by the same condition through it. Looks at expressions only.

use datafusion::logical_expr::{Case, Expr, lit};

use crate::certify::unalias;

/// A choice between two constants by one condition.
pub(super) struct Choice<'e> {
    /// The condition.
    pub(super) condition: &'e Expr,
    /// The constants, that of the condition first.
    pub(super) constants: [String; 2],
}

impl<'e> Choice<'e> {
    /// The choice that an expression is.
    pub(super) fn of(expr: &'e Expr) -> Option<Self> {
        let Expr::Case(case) = unalias(expr) else { return None };
        let ([(condition, then)], Some(otherwise), None) = (case.when_then_expr.as_slice(), &case.else_expr, &case.expr) else {
            return None;
        };
        let constant = |expr: &Expr| match unalias(expr) {
            Expr::Literal(value, _) if !value.is_null() => Some(value.to_string()),
            _ => None,
        };
        Some(Self { condition: condition.as_ref(), constants: [constant(then)?, constant(otherwise)?] })
    }

    /// Whether it is 1 where the condition holds, and 0 where it does not.
    pub(super) fn counts(&self) -> bool {
        self.constants == ["1", "0"]
    }

    /// 0 where the condition holds and 1 where it does not, whatever the constants: so a share by a condition and a key that names it
    /// are told apart by the same.
    pub(super) fn flag(&self) -> Expr {
        flag(self.condition.clone())
    }
}

/// 0 where a condition holds, and 1 where it does not.
pub(super) fn flag(condition: Expr) -> Expr {
    let when = vec![(Box::new(condition), Box::new(lit(0_i64)))];
    Expr::Case(Case { expr: None, when_then_expr: when, else_expr: Some(Box::new(lit(1_i64))) })
}
