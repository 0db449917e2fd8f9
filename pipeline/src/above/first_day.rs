//! `date_trunc` of a day is a day: the first of its year, quarter, month or week.
//!
//! DataFusion 55 makes a point in time of it, by a cast that fails on days far away; below the door no expression may fail on what is
//! stored. So days have a function of their own under that name, which cannot; points in time keep DataFusion's.

use std::sync::Arc;

use arrow::array::{AsArray as _, Date32Array};
use arrow::datatypes::{DataType, Date32Type, Field, FieldRef};
use chrono::{Datelike as _, Days, NaiveDate};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::datetime;
use datafusion::logical_expr::type_coercion::functions::fields_with_udf;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The first day of the year, quarter, month or week (from Monday) of a day, in days since 1970-01-01; none for another part of a date,
/// and for days that the calendar does not reach.
pub fn first_day(part: &str, day: i32) -> Option<i32> {
    let epoch = NaiveDate::default();
    let date = epoch.checked_add_signed(chrono::TimeDelta::try_days(day.into())?)?;
    let first = match part {
        "year" => date.with_ordinal(1)?,
        "quarter" => NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1)?,
        "month" => date.with_day(1)?,
        "week" => date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into()))?,
        "day" => date,
        _ => return None,
    };
    first.signed_duration_since(epoch).num_days().try_into().ok()
}

/// `date_trunc` of days, and DataFusion's of anything else.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct DateTrunc {
    signature: Signature,
    of_times: Arc<ScalarUDF>,
}

impl DateTrunc {
    pub(crate) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable), of_times: datetime::date_trunc() }
    }
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        "date_trunc"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        if let [_, DataType::Date32] = types {
            return Ok(vec![DataType::Utf8, DataType::Date32]);
        }
        let fields: Vec<FieldRef> = types.iter().map(|of| Arc::new(Field::new("x", of.clone(), true))).collect();
        Ok(fields_with_udf(&fields, self.of_times.as_ref())?.iter().map(|field| field.data_type().clone()).collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.of_times.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        match args.arg_fields {
            [_, date] if *date.data_type() == DataType::Date32 => {
                Ok(Arc::new(Field::new(self.name(), DataType::Date32, date.is_nullable())))
            }
            _ => self.of_times.return_field_from_args(args),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [part, days] = args.args.as_slice() else { return self.of_times.invoke_with_args(args) };
        if days.data_type() != DataType::Date32 {
            return self.of_times.invoke_with_args(args);
        }
        let ColumnarValue::Scalar(part) = part else {
            return Err(DataFusionError::Plan("the part of a date is no constant".into()));
        };
        let part = part.try_as_str().flatten().unwrap_or_default().to_lowercase();
        if first_day(&part, 0).is_none() {
            return Err(DataFusionError::Plan(format!("a day has no {part}: year, quarter, month, week or day")));
        }
        Ok(match days {
            ColumnarValue::Scalar(ScalarValue::Date32(day)) => {
                ColumnarValue::Scalar(ScalarValue::Date32(day.and_then(|day| first_day(&part, day))))
            }
            other => {
                let days = other.to_array(args.number_rows)?;
                let first: Date32Array = days.as_primitive::<Date32Type>().iter().map(|day| first_day(&part, day?)).collect();
                ColumnarValue::Array(Arc::new(first))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        let date: NaiveDate = text.parse().unwrap();
        date.signed_duration_since(NaiveDate::default()).num_days().try_into().unwrap()
    }

    #[test]
    fn the_first_days_of_the_parts_of_a_date() {
        for (part, of, first) in [
            ("year", "2021-12-31", "2021-01-01"),
            ("quarter", "2021-06-30", "2021-04-01"),
            ("month", "2020-02-29", "2020-02-01"),
            ("week", "2021-01-03", "2020-12-28"),
            ("week", "2021-01-04", "2021-01-04"),
            ("day", "1969-12-31", "1969-12-31"),
        ] {
            assert_eq!(first_day(part, day(of)), Some(day(first)), "{part} {of}");
        }
        assert_eq!((first_day("hour", 0), first_day("year", i32::MAX), first_day("year", i32::MIN)), (None, None, None));
    }

    /// Far from where the calendar ends too, a stored day makes nothing fail; points in time are DataFusion's.
    #[test]
    fn no_stored_day_fails() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let context = super::super::session(Default::default(), Default::default()).unwrap();
        let sql =
            "SELECT date_trunc('month', arrow_cast(x, 'Date32')) AS d, date_trunc('year', timestamp '2021-05-06T07:08:09') AS t
                   FROM (VALUES (18700), (2147483647), (-2147483648), (NULL)) AS v (x)";
        let run = async || context.sql(sql).await?.collect().await;
        let rows = arrow::util::pretty::pretty_format_batches(&runtime.block_on(run()).unwrap()).unwrap().to_string();
        assert!(rows.contains("2021-03-01") && rows.contains("2021-01-01T00:00:00"), "{rows}");
    }
}
