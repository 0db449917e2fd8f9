//! The functions that private rows may pass through, each with the values it can give. Deny by default: a function that
//! is not named here is refused, whatever its arguments.

use chrono::Datelike as _;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::ScalarFunction;

use super::domain::{DAYS, Domain, Value, ValueRange};
use super::expression::Scope;
use super::words::refusal::Violation;
use super::words::written::{in_sql, refuse};
use utfall_ground::calendar::Day;

/// The value of a function on the allow-list.
///
/// # Errors
/// [`Violation::Function`] for any other, [`Violation::Types`] where a cast would be inserted.
pub(super) fn value(scope: &Scope<'_>, whole: &Expr, f: &ScalarFunction) -> Result<Value, Violation> {
    let arguments: Vec<&Expr> = f.args.iter().collect();
    match f.name() {
        "coalesce" => {
            let some = scope.choices(whole, &arguments)?;
            let mut never_null = false;
            for argument in &arguments {
                never_null |= !scope.value(argument)?.nullable;
            }
            Ok(Value { nullable: !never_null, ..some })
        }
        "nullif" => match arguments.as_slice() {
            [a, b] => {
                scope.value(b)?;
                scope.same_type(whole, &arguments)?;
                Ok(Value { nullable: true, origin: None, ..scope.value(a)? })
            }
            _ => Err(refuse(whole)),
        },
        "greatest" | "least" => extreme(scope, whole, &arguments, f.name() == "greatest"),
        "date_part" => match arguments.as_slice() {
            [Expr::Literal(part, _), date] => {
                let part = part.try_as_str().flatten().unwrap_or_default().to_lowercase();
                let value = scope.value(date)?;
                let Domain::Date(days) = value.domain else { return Err(Violation::Types(in_sql(whole))) };
                let range = date_part(&part, days).ok_or_else(|| Violation::Function(format!("date_part('{part}', …)")))?;
                Ok(Value::computed(Domain::Integer(range), value.nullable))
            }
            _ => Err(refuse(whole)),
        },
        "date_trunc" => match arguments.as_slice() {
            [Expr::Literal(part, _), date] => {
                let part = part.try_as_str().flatten().unwrap_or_default().to_lowercase();
                let value = scope.value(date)?;
                let Domain::Date(days) = value.domain else { return Err(Violation::Types(in_sql(whole))) };
                let first = |day: i128| crate::above::first_day(&part, day.try_into().ok()?).map(i128::from);
                // The first day of a part never falls where its day rises, so the first days of the ends are its ends.
                let ends = first(days.low).zip(first(days.high)).map(|(low, high)| ValueRange::new(low, high));
                let ends = ends.ok_or_else(|| Violation::Function(format!("date_trunc('{part}', …)")))?;
                Ok(Value::computed(Domain::Date(ends), value.nullable))
            }
            _ => Err(refuse(whole)),
        },
        _ => Err(refuse(whole)),
    }
}

/// `greatest` and `least` pass over NULL: the result is NULL only if every argument is.
fn extreme(scope: &Scope<'_>, whole: &Expr, arguments: &[&Expr], greatest: bool) -> Result<Value, Violation> {
    scope.same_type(whole, arguments)?;
    let values = arguments.iter().map(|a| scope.value(a)).collect::<Result<Vec<_>, _>>()?;
    let interval = |v: &Value| match v.domain {
        Domain::Integer(i) | Domain::Date(i) => Some(i),
        Domain::Unit | Domain::Codes(_) | Domain::Labels(_) | Domain::Boolean | Domain::Other => None,
    };
    let intervals: Option<Vec<ValueRange>> = values.iter().map(interval).collect();
    let intervals = intervals.filter(|i| !i.is_empty()).ok_or_else(|| Violation::Types(in_sql(whole)))?;
    let (mut low, mut high) = (None::<i128>, None::<i128>);
    for i in &intervals {
        low = Some(low.map_or(i.low, |l| l.min(i.low)));
        high = Some(high.map_or(i.high, |h| h.max(i.high)));
    }
    let (mut low, mut high) = (low.unwrap_or_default(), high.unwrap_or_default());
    // An argument that is never NULL bounds the result from its side.
    for (i, _) in intervals.iter().zip(&values).filter(|(_, v)| !v.nullable) {
        if greatest {
            low = low.max(i.low);
        } else {
            high = high.min(i.high);
        }
    }
    let nullable = values.iter().all(|v| v.nullable);
    let interval = ValueRange::new(low, high);
    let date = matches!(values.first().map(|v| &v.domain), Some(Domain::Date(_)));
    Ok(Value::computed(if date { Domain::Date(interval) } else { Domain::Integer(interval) }, nullable))
}

/// The values of a part of a date. Every part here exists for every day that can have landed.
fn date_part(part: &str, days: ValueRange) -> Option<ValueRange> {
    if days.low < DAYS.low || days.high > DAYS.high {
        return None;
    }
    let year = |day: i128| Day(day.try_into().ok()?).date().map(|day| i128::from(day.year()));
    match part {
        "year" => Some(ValueRange::new(year(days.low)?, year(days.high)?)),
        "quarter" => Some(ValueRange::new(1, 4)),
        "month" => Some(ValueRange::new(1, 12)),
        "week" => Some(ValueRange::new(1, 53)),
        "day" => Some(ValueRange::new(1, 31)),
        _ => None,
    }
}
