//! The columns of a data set with their types.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, DictionaryArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, Int32Type};

use crate::csv::Field;
use crate::dataset::{Number, NumberKind, Values};

/// The fewest digits that a column of decimals is said to have: as many as 64 bits hold.
const DIGITS: u8 = 18;

/// A column of the tidy CSV, with so many rows.
pub(super) fn column(field: &Field<'_>, rows: usize) -> (String, ArrayRef) {
    let texts = || {
        (0..rows).map(|row| match field.label {
            Some(lang) => field.column.label(row, lang),
            None => field.column.text(row),
        })
    };
    let array: ArrayRef = match &field.column.values {
        Values::Codes { .. } => Arc::new(texts().collect::<DictionaryArray<Int32Type>>()),
        Values::Texts(_) => Arc::new(StringArray::from_iter(texts())),
        // What no number here can hold stands as it is written.
        Values::Numbers { kind, cells } => numbers(*kind, cells).unwrap_or_else(|| Arc::new(StringArray::from_iter(texts()))),
    };
    (field.name.clone(), array)
}

/// Numbers to their last digit; none if some number has more digits than there are.
fn numbers(kind: NumberKind, cells: &[Option<Number>]) -> Option<ArrayRef> {
    let texts = cells.iter().map(|cell| cell.as_ref().map(Number::as_str));
    Some(match kind {
        NumberKind::Integer => {
            let whole = texts.map(|text| text.map(str::parse::<i64>).transpose().ok()).collect::<Option<Vec<_>>>()?;
            Arc::new(Int64Array::from(whole))
        }
        NumberKind::Double => Arc::new(Float64Array::from_iter(cells.iter().map(|cell| cell.as_ref().map(Number::to_f64)))),
        NumberKind::Decimal(decimals) => {
            let scale = i8::try_from(decimals).ok()?;
            let units = |text: Option<&str>| text.map_or(Some(None), |text| units(text, decimals).map(Some));
            let units = texts.map(units).collect::<Option<Vec<_>>>()?;
            let digits = |units: &i128| units.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
            let most = units.iter().flatten().map(digits).max().unwrap_or(1).max(decimals);
            let precision = u8::try_from(most).ok()?.max(DIGITS);
            if precision > DECIMAL128_MAX_PRECISION {
                return None;
            }
            Arc::new(Decimal128Array::from(units).with_precision_and_scale(precision, scale).ok()?)
        }
    })
}

/// A number without an exponent in units of 10^-`decimals`; none if it has more decimals, or is beyond 128 bits.
fn units(text: &str, decimals: u32) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = usize::try_from(decimals).ok()?.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::DataType;

    fn of(texts: &[&str]) -> Option<ArrayRef> {
        let cells: Vec<Option<Number>> = texts.iter().map(|text| Number::parse(text)).collect();
        numbers(NumberKind::of(cells.iter().flatten()), &cells)
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(["-0.05", "-12", "3.125", "0"].map(|text| units(text, 3)), [Some(-50), Some(-12_000), Some(3125), Some(0)]);
        assert_eq!(units("0.0001", 3), None);
        let big = of(&["99999999999999999999", "-1", ""]).unwrap();
        assert_eq!((big.data_type(), big.null_count()), (&DataType::Decimal128(20, 0), 1));
        let long = format!("0.{}1", "0".repeat(40));
        assert!(of(&[&long]).is_none(), "it stands as a text");
        assert_eq!(of(&["1", ""]).unwrap().data_type(), &DataType::Int64);
        assert_eq!(of(&["1.5", "2e-9"]).unwrap().data_type(), &DataType::Float64);
    }
}
