//! The codes by which a counter tells the values of a column apart: 0 for NULL, then one code per value of a small domain, or per
//! interval between the constants with which a query compares the column.

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int16Array, Int32Array, Int64Array};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// A value that has no code lies here or above, whatever is added to it: the row is counted by itself.
pub(super) const BEYOND: u32 = 1 << 26;

/// How a column is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coder {
    /// Nothing that the query gives depends on it.
    Unused,
    /// Each of `size` values from `low` on has a code.
    Values { low: i64, size: u32 },
    /// It is only compared with constants: values between the same two cuts, of which each begins an interval, share a code.
    Cuts(Vec<i64>),
}

impl Coder {
    /// How many codes there are, that of NULL among them.
    pub(super) fn codes(&self) -> u32 {
        match self {
            Self::Unused => 1,
            Self::Values { size, .. } => size.saturating_add(1),
            Self::Cuts(cuts) => u32::try_from(cuts.len()).unwrap_or(u32::MAX).saturating_add(2),
        }
    }

    /// The code of a value; `None` if it has none.
    pub(super) fn code(&self, value: Option<i64>) -> Option<u32> {
        let Some(value) = value else { return Some(0) };
        match self {
            Self::Unused => Some(0),
            Self::Values { low, size } => {
                let at = u32::try_from(value.checked_sub(*low)?).ok()?;
                (at < *size).then(|| at.saturating_add(1))
            }
            Self::Cuts(cuts) => u32::try_from(cuts.partition_point(|cut| *cut <= value)).ok()?.checked_add(1),
        }
    }

    /// A value of that code: of which all comparisons with the constants, or all there is to know, are true that are true of each
    /// other value of it.
    pub(super) fn value(&self, code: u32) -> Option<i64> {
        let at = code.checked_sub(1)?;
        match self {
            Self::Unused => None,
            Self::Values { low, .. } => low.checked_add(at.into()),
            Self::Cuts(cuts) => match usize::try_from(at).ok()?.checked_sub(1) {
                Some(begun) => cuts.get(begun).copied(),
                None => cuts.first()?.checked_sub(1),
            },
        }
    }
}

/// The values of a column of a type; `None` for a type that is not coded.
pub(super) fn array(of: &DataType, values: &[Option<i64>]) -> Option<ArrayRef> {
    let narrow = |value: &Option<i64>| value.and_then(|v| i32::try_from(v).ok());
    Some(match of {
        DataType::Boolean => Arc::new(values.iter().map(|v| v.map(|v| v != 0)).collect::<BooleanArray>()),
        DataType::Int16 => Arc::new(values.iter().map(|v| v.and_then(|v| i16::try_from(v).ok())).collect::<Int16Array>()),
        DataType::Int32 => Arc::new(values.iter().map(narrow).collect::<Int32Array>()),
        DataType::Date32 => Arc::new(values.iter().map(narrow).collect::<Date32Array>()),
        DataType::Int64 => Arc::new(values.iter().copied().collect::<Int64Array>()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_for_values_of_which_the_same_is_true() {
        let coders = [
            Coder::Unused,
            Coder::Values { low: -3, size: 5 },
            Coder::Values { low: i64::MAX - 1, size: 2 },
            Coder::Cuts(vec![0]),
            Coder::Cuts(vec![1, 2, 3, 4]),
            Coder::Cuts(vec![i64::MIN + 1, i64::MAX]),
        ];
        for coder in coders {
            for code in 0..coder.codes() {
                let value = coder.value(code);
                assert_eq!(value.is_none(), code == 0, "{coder:?} {code}");
                assert_eq!(coder.code(value), Some(code), "{coder:?} {value:?}");
            }
        }
        let cuts = Coder::Cuts(vec![1, 4]);
        assert_eq!([i64::MIN, 0, 1, 3, 4, i64::MAX].map(|v| cuts.code(Some(v)).unwrap()), [1, 1, 2, 2, 3, 3]);
        let values = Coder::Values { low: 16, size: 49 };
        assert_eq!(
            [i64::MIN, 15, 16, 64, 65, i64::MAX].map(|v| values.code(Some(v))),
            [None, None, Some(1), Some(49), None, None]
        );
    }
}
