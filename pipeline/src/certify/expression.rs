//! The allow-list of expressions on private rows: deterministic and infallible, so that no error can depend on data.
//!
//! Everything not matched here is refused. Both sides of a comparison must already have one type (or both be whole
//! numbers, which only widen): a cast that coercion would insert may fail on a value, so the plan is checked again after
//! coercion and any other cast of a column is refused then. Whole numbers are followed as intervals: a sum, difference or
//! product that could leave its type is refused, because the engine would wrap silently.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{Case, Cast, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, Operator};

use super::below::unalias;
use super::domain::{Domain, Value, ValueRange, label};
use super::function;
use super::relation::Relation;
use super::words::refusal::Violation;
use super::words::suggest;
use super::words::written::{in_sql, refuse};
use crate::catalogue::schema::Catalogue;
use utfall_ground::calendar::Day;

/// What an expression is evaluated on: the columns of one relation, and the public lists.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) relation: &'a Relation,
    pub(super) catalogue: &'a Catalogue,
}

impl Scope<'_> {
    pub(super) fn schema(&self) -> &DFSchema {
        &self.relation.schema
    }

    /// Accepts a condition whose value and whose failure cannot depend on anything but its own row.
    ///
    /// # Errors
    /// The rule that the first offending part breaks.
    pub(super) fn predicate(&self, expr: &Expr) -> Result<Value, Violation> {
        let value = self.value(expr)?;
        match self.type_of(expr)? {
            DataType::Boolean => Ok(value),
            _ => Err(Violation::Types(in_sql(expr))),
        }
    }

    /// Accepts an expression and says what values it can have.
    ///
    /// # Errors
    /// The rule that the first offending part breaks.
    pub(super) fn value(&self, expr: &Expr) -> Result<Value, Violation> {
        let value = self.evaluated(expr)?;
        // What was tried one by one is known of a column as it is: of a part of it, or of none of it, other values are possible.
        Ok(if matches!(unalias(expr), Expr::Column(_)) { value } else { Value { possible: None, ..value } })
    }

    /// The same with the values that it can have, one by one, where they can be tried.
    ///
    /// # Errors
    /// As [`Self::value`].
    pub(super) fn tried(&self, expr: &Expr) -> Result<Value, Violation> {
        let value = self.value(expr)?;
        Ok(if matches!(unalias(expr), Expr::Column(_)) { value } else { Value { possible: self.outcomes(expr), ..value } })
    }

    fn evaluated(&self, expr: &Expr) -> Result<Value, Violation> {
        match expr {
            Expr::Alias(alias) => self.value(&alias.expr),
            Expr::Column(column) => self.relation.attribute(column).cloned(),
            Expr::Literal(value, _) => Ok(constant(value)),
            Expr::Cast(cast) => self.cast(expr, cast),
            Expr::BinaryExpr(b) => self.binary(expr, b),
            Expr::Negative(inner) => {
                let value = self.value(inner)?;
                let negated = value.interval().map(|i| ValueRange::new(i.high.saturating_neg(), i.low.saturating_neg()));
                self.within(expr, negated, value.nullable)
            }
            Expr::Between(b) => self.comparison(expr, &[&b.expr, &b.low, &b.high]),
            Expr::InList(list) => {
                let mut parts = vec![list.expr.as_ref()];
                for item in &list.list {
                    if !matches!(self.folded(item), Some(Ok(_))) {
                        return Err(refuse(item));
                    }
                    self.spelt(&list.expr, item)?;
                    parts.push(item);
                }
                self.comparison(expr, &parts)
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                self.value(inner)?;
                Ok(Value::computed(Domain::Boolean, false))
            }
            Expr::Not(inner) => {
                let value = self.predicate(inner)?;
                Ok(Value::computed(Domain::Boolean, value.nullable))
            }
            Expr::IsTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsNotUnknown(inner) => {
                self.predicate(inner)?;
                Ok(Value::computed(Domain::Boolean, false))
            }
            Expr::Like(like) => {
                let pattern =
                    matches!(like.pattern.as_ref(), Expr::Literal(v, _) if v.try_as_str().flatten().is_some_and(plain_pattern));
                let value = self.value(&like.expr)?;
                let text = matches!(value.domain, Domain::Codes(_) | Domain::Labels(_) | Domain::Other)
                    && matches!(self.type_of(&like.expr)?, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8);
                if pattern && text && like.escape_char.is_none() {
                    Ok(Value::computed(Domain::Boolean, value.nullable))
                } else {
                    Err(Violation::Expression("LIKE".into()))
                }
            }
            Expr::Case(case) => self.case(expr, case),
            Expr::ScalarFunction(f) => self.function(expr, f),
            other => Err(refuse(other)),
        }
    }

    fn binary(&self, whole: &Expr, b: &BinaryExpr) -> Result<Value, Violation> {
        match b.op {
            Operator::And | Operator::Or => {
                let (left, right) = (self.predicate(&b.left)?, self.predicate(&b.right)?);
                Ok(Value::computed(Domain::Boolean, left.nullable || right.nullable))
            }
            op if is_comparison(op) => {
                if matches!(op, Operator::Eq | Operator::NotEq) {
                    self.spelt(&b.left, &b.right)?;
                    self.spelt(&b.right, &b.left)?;
                }
                self.comparison(whole, &[&b.left, &b.right])
            }
            Operator::IsDistinctFrom | Operator::IsNotDistinctFrom => {
                self.comparison(whole, &[&b.left, &b.right])?;
                Ok(Value::computed(Domain::Boolean, false))
            }
            Operator::Plus | Operator::Minus | Operator::Multiply => {
                let (left, right) = (self.value(&b.left)?, self.value(&b.right)?);
                if let (Domain::Date(l), Domain::Date(r), Operator::Minus) = (&left.domain, &right.domain, b.op) {
                    // Whole days, computed in 64 bits.
                    return self.within(whole, l.corners(*r, i128::checked_sub), left.nullable || right.nullable);
                }
                if [&left, &right].iter().any(|v| matches!(v.domain, Domain::Date(_) | Domain::Boolean)) {
                    return Err(refuse(whole));
                }
                let result = left.interval().zip(right.interval()).and_then(|(l, r)| match b.op {
                    Operator::Plus => l.corners(r, i128::checked_add),
                    Operator::Minus => l.corners(r, i128::checked_sub),
                    _ => l.corners(r, i128::checked_mul),
                });
                self.within(whole, result, left.nullable || right.nullable)
            }
            Operator::Divide | Operator::Modulo => {
                let (left, right) = (self.value(&b.left)?, self.value(&b.right)?);
                // The least whole number has no negative: the engine fails where it is divided by -1.
                let divisor = right.interval().filter(|r| r.low == r.high && !matches!(r.low, -1 | 0) && !right.nullable);
                let Some(divisor) = divisor else { return Err(Violation::Expression(b.op.to_string())) };
                let result = left.interval().and_then(|l| match b.op {
                    // Truncated division by a constant is monotone, so the corners are its ends.
                    Operator::Divide => l.corners(divisor, i128::checked_div),
                    _ => {
                        let most = divisor.magnitude().saturating_sub(1).try_into().unwrap_or(i128::MAX);
                        let low = if l.low < 0 { l.low.max(most.saturating_neg()) } else { 0 };
                        let high = if l.high > 0 { l.high.min(most) } else { 0 };
                        Some(ValueRange::new(low, high))
                    }
                });
                self.within(whole, result, left.nullable)
            }
            _ => Err(refuse(whole)),
        }
    }

    /// A whole number that stays within the type of the expression; refused where it could leave it.
    fn within(&self, whole: &Expr, interval: Option<ValueRange>, nullable: bool) -> Result<Value, Violation> {
        let bits = match self.type_of(whole)? {
            DataType::Int64 => 64,
            DataType::Int32 => 32,
            DataType::Int16 => 16,
            of if is_decimal(&of) => return Err(Violation::Decimal(in_sql(whole))),
            _ => return Err(refuse(whole)),
        };
        match interval {
            Some(interval) if interval.fits(bits) => Ok(Value::computed(Domain::Integer(interval), nullable)),
            _ => Err(Violation::Range(in_sql(whole))),
        }
    }

    /// A constant that is compared with a coded column must be one of its codes: another would silently count nobody.
    fn spelt(&self, column: &Expr, constant: &Expr) -> Result<(), Violation> {
        let Domain::Codes(name) = self.value(column)?.domain else { return Ok(()) };
        let Some(Ok(value)) = self.folded(constant) else { return Ok(()) };
        let (Some(text), Some(list)) = (value.try_as_str().flatten(), self.catalogue.codes(&name)) else { return Ok(()) };
        if list.entries.is_empty() || list.entry(text).is_some() {
            return Ok(());
        }
        let some: Vec<&str> = list.entries.iter().take(8).map(|e| e.code.as_str()).collect();
        let more = if list.entries.len() > some.len() { ", …" } else { "" };
        let meant = suggest::code(list, text);
        Err(Violation::Code(text.to_owned(), format!("{name}: {}{more}", some.join(", ")), meant))
    }

    fn comparison(&self, whole: &Expr, parts: &[&Expr]) -> Result<Value, Violation> {
        let mut nullable = false;
        for part in parts {
            nullable |= self.value(part)?.nullable;
        }
        let is_of_days = parts.iter().any(|part| self.type_of(part).is_ok_and(|of| of == DataType::Date32));
        let others: Vec<&Expr> = parts.iter().copied().filter(|part| !is_of_days || self.day(part).is_none()).collect();
        self.same_type(whole, &others)?;
        Ok(Value::computed(Domain::Boolean, nullable))
    }

    /// The day that a constant text is, written '2021-02-01': beside a day the planner takes it for that.
    pub(super) fn day(&self, constant: &Expr) -> Option<i128> {
        let ScalarValue::Utf8(Some(text)) = self.folded(constant)?.ok()? else { return None };
        let day: chrono::NaiveDate = text.parse().ok()?;
        (day.to_string() == text).then(|| i128::from(Day::of(day).0))
    }

    /// A literal cast to another type, tried here; a whole number or boolean that widens; nothing else.
    fn cast(&self, whole: &Expr, cast: &Cast) -> Result<Value, Violation> {
        match self.folded(whole) {
            Some(Ok(value)) => return Ok(constant(&value)),
            Some(Err(())) => return Err(Violation::Constant(in_sql(whole))),
            None => {}
        }
        let value = self.value(&cast.expr)?;
        let from = self.type_of(&cast.expr)?;
        let to = cast.field.data_type();
        if from == *to || (is_text(&from) && is_text(to)) {
            return Ok(value);
        }
        // By the types alone: a damaged file can hold what no declared range allows, and a narrowing cast would fail on it.
        match (&from, width(&from).zip(width(to))) {
            (_, Some((narrow, wide))) if narrow < wide => Ok(Value { origin: None, ..value }),
            (DataType::Boolean, _) if matches!(to, DataType::Int32 | DataType::Int64) => {
                Ok(Value::computed(Domain::Integer(ValueRange::new(0, 1)), value.nullable))
            }
            _ => Err(refuse(whole)),
        }
    }

    /// The value of a literal, or of a cast of one, if the expression is that.
    fn folded(&self, expr: &Expr) -> Option<Result<ScalarValue, ()>> {
        match expr {
            Expr::Literal(value, _) => Some(Ok(value.clone())),
            Expr::Cast(cast) => Some(self.folded(&cast.expr)?.and_then(|v| v.cast_to(cast.field.data_type()).map_err(|_| ()))),
            Expr::Negative(inner) => match self.folded(inner)? {
                Ok(value) => Some(value.arithmetic_negate().map_err(|_| ())),
                Err(()) => Some(Err(())),
            },
            Expr::Alias(alias) => self.folded(&alias.expr),
            _ => None,
        }
    }

    fn case(&self, whole: &Expr, case: &Case) -> Result<Value, Violation> {
        for (when, _) in &case.when_then_expr {
            match &case.expr {
                Some(base) => {
                    self.spelt(base, when)?;
                    self.comparison(whole, &[base, when])?;
                }
                None => {
                    self.predicate(when)?;
                }
            }
        }
        let results: Vec<&Expr> =
            case.when_then_expr.iter().map(|(_, then)| then.as_ref()).chain(case.else_expr.as_deref()).collect();
        let values = self.choices(whole, &results)?;
        Ok(Value { nullable: values.nullable || case.else_expr.is_none(), ..values })
    }

    /// One of several expressions of one type.
    pub(super) fn choices(&self, whole: &Expr, results: &[&Expr]) -> Result<Value, Violation> {
        let typed: Vec<&Expr> = results.iter().copied().filter(|e| !matches!(e, Expr::Literal(v, _) if v.is_null())).collect();
        self.same_type(whole, &typed)?;
        let mut all: Option<Value> = None;
        for result in &typed {
            let value = self.value(result)?;
            all = Some(match all {
                None => Value { origin: None, ..value },
                Some(known) => Value::computed(known.domain.or(value.domain, self.catalogue), known.nullable || value.nullable),
            });
        }
        let all = all.ok_or_else(|| refuse(whole))?;
        Ok(Value { nullable: all.nullable || typed.len() < results.len(), ..all })
    }

    fn function(&self, whole: &Expr, f: &ScalarFunction) -> Result<Value, Violation> {
        function::value(self, whole, f)
    }

    /// The type that the planner gives an expression.
    pub(super) fn type_of(&self, expr: &Expr) -> Result<DataType, Violation> {
        expr.get_type(self.schema()).map_err(|_| Violation::Types(in_sql(expr)))
    }

    /// All parts have one type, or are whole numbers, or texts: what coercion would add can then not fail.
    pub(super) fn same_type(&self, whole: &Expr, parts: &[&Expr]) -> Result<(), Violation> {
        let types = parts.iter().map(|p| self.type_of(p)).collect::<Result<Vec<_>, _>>()?;
        let alike = |a: &DataType, b: &DataType| a == b || (is_whole(a) && is_whole(b)) || (is_text(a) && is_text(b));
        match types.as_slice() {
            [first, rest @ ..] if rest.iter().all(|t| alike(t, first)) => Ok(()),
            _ if types.iter().any(is_decimal) => Err(Violation::Decimal(in_sql(whole))),
            _ => Err(Violation::Types(in_sql(whole))),
        }
    }
}

/// What is known of a constant.
fn constant(value: &ScalarValue) -> Value {
    let domain = match value {
        ScalarValue::Boolean(Some(_)) => Domain::Boolean,
        ScalarValue::Date32(Some(day)) => Domain::Date(ValueRange::point((*day).into())),
        ScalarValue::Int8(Some(n)) => Domain::Integer(ValueRange::point((*n).into())),
        ScalarValue::Int16(Some(n)) => Domain::Integer(ValueRange::point((*n).into())),
        ScalarValue::Int32(Some(n)) => Domain::Integer(ValueRange::point((*n).into())),
        ScalarValue::Int64(Some(n)) => Domain::Integer(ValueRange::point((*n).into())),
        other => match other.try_as_str().flatten() {
            Some(text) => Domain::Labels(vec![label(text)]),
            None => Domain::Other,
        },
    };
    Value::computed(domain, value.is_null())
}

/// A pattern of LIKE without escapes: nothing in it can be malformed.
fn plain_pattern(pattern: &str) -> bool {
    !pattern.contains('\\') && pattern.len() <= 200
}

fn is_whole(t: &DataType) -> bool {
    width(t).is_some()
}

/// The bits of a whole number.
fn width(t: &DataType) -> Option<u32> {
    match t {
        DataType::Int8 => Some(8),
        DataType::Int16 => Some(16),
        DataType::Int32 => Some(32),
        DataType::Int64 => Some(64),
        _ => None,
    }
}

/// Whether a number can have decimals.
pub(super) fn is_decimal(t: &DataType) -> bool {
    t.is_floating() || t.is_decimal()
}

fn is_text(t: &DataType) -> bool {
    matches!(t, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8)
}

/// Operators that compare, and that are NULL where either side is.
pub(super) fn is_comparison(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
}
