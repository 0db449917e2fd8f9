//! A published number, written once: every format has the same digits.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::NumberKind;

/// A number as it stands in files: with a decimal point, and with an exponent only where it was computed so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(String);

impl Number {
    /// A number in units of 10^-`decimals`.
    pub fn fixed(value: i64, decimals: u32) -> Self {
        if decimals == 0 {
            return Self(value.to_string());
        }
        let (unit, width) = (10u64.pow(decimals), usize::try_from(decimals).unwrap_or_default());
        let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
        Self(format!("{sign}{}.{:0width$}", size / unit, size % unit))
    }

    /// A number with so many decimals; none if it is not finite.
    pub fn rounded(value: f64, decimals: usize) -> Option<Self> {
        value.is_finite().then(|| Self(format!("{:.decimals$}", value + 0.0)))
    }

    /// A text that is a finite number, as engines write one. What begins with a zero that is none of its digits is a code: `0114` is a
    /// municipality, and a program that took it for a number would show another.
    pub fn parse(text: &str) -> Option<Self> {
        let size = text.strip_prefix('-').unwrap_or(text);
        let whole = size.split(['.', 'e', 'E']).next().unwrap_or_default();
        let is_written =
            whole == "0" || (whole.bytes().all(|b| b.is_ascii_digit()) && !whole.starts_with('0') && !whole.is_empty());
        let is_finite = text.parse().is_ok_and(|value: f64| value.is_finite());
        (is_written && is_finite).then(|| Self(text.to_owned()))
    }

    /// As it stands in files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest number of 64 bits with a fraction, for programs that have no other.
    pub fn to_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// As a number of JSON, with the same digits: what JSON has no form for (`5.`) is written as it has it.
    pub fn to_json(&self) -> Box<RawValue> {
        let written = RawValue::from_string(self.0.clone()).or_else(|_| RawValue::from_string(self.plain()));
        written.unwrap_or_else(|_| RawValue::NULL.to_owned())
    }

    /// Without an exponent, for programs that know none; the same number.
    pub fn plain(&self) -> String {
        let (mantissa, exponent) = self.0.split_once(['e', 'E']).unwrap_or((&self.0, "0"));
        let (sign, size) = match mantissa.strip_prefix('-') {
            Some(size) => ("-", size),
            None => ("", mantissa.trim_start_matches('+')),
        };
        let (whole, decimals) = size.split_once('.').unwrap_or((size, ""));
        // Finite numbers of 64 bits have an exponent of three digits at most.
        let (digits, exponent) = (format!("{whole}{decimals}"), exponent.parse::<i32>().unwrap_or_default());
        let point = i32::try_from(whole.len()).unwrap_or_default().saturating_add(exponent);
        let place = usize::try_from(point).unwrap_or_default();
        let before = usize::try_from(point.saturating_neg()).unwrap_or_default();
        let digits = format!("{}{digits}", "0".repeat(before));
        let (whole, decimals) = digits.split_at_checked(place).unwrap_or((&digits, ""));
        let whole = format!("{whole}{}", "0".repeat(place.saturating_sub(digits.len())));
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
    }

    /// How it is written.
    pub fn kind(&self) -> NumberKind {
        if self.0.parse::<i64>().is_ok() {
            return NumberKind::Integer;
        }
        match self.0.split_once('.') {
            _ if self.0.contains(['e', 'E']) => NumberKind::Double,
            Some((_, decimals)) => NumberKind::Decimal(u32::try_from(decimals.len()).unwrap_or(u32::MAX)),
            // A whole number of more than 64 bits.
            None => NumberKind::Decimal(0),
        }
    }
}

impl NumberKind {
    /// The kind that holds all of some numbers; whole numbers if there are none.
    pub fn of<'n>(numbers: impl Iterator<Item = &'n Number>) -> Self {
        numbers.map(Number::kind).max().unwrap_or(Self::Integer)
    }

    /// How many decimals people are shown at most: two of numbers that have an exponent.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Integer => 0,
            Self::Decimal(decimals) => decimals,
            Self::Double => 2,
        }
    }

    /// Its name in XML Schema, as CSVW and others use it.
    pub fn datatype(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal(_) => "decimal",
            Self::Double => "double",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_once() {
        let written = [(0, 0), (-12, 0), (-5, 2), (1234, 2), (5, 3)].map(|(value, decimals)| Number::fixed(value, decimals));
        assert_eq!(written.each_ref().map(Number::as_str), ["0", "-12", "-0.05", "12.34", "0.005"]);
        assert_eq!(Number::rounded(-0.0, 1).unwrap().as_str(), "0.0");
        assert_eq!([f64::NAN, f64::INFINITY].map(|value| Number::rounded(value, 1)), [None, None]);
        assert_eq!(["", "x", "NaN", "inf", "-", "0114", "-01", "+1", ".5"].map(Number::parse), [const { None }; 9]);
    }

    #[test]
    fn other_forms_have_the_same_digits() {
        let number = |text: &str| Number::parse(text).unwrap();
        let json = ["12.340", "-0.05", "1e-7", "5."].map(|text| number(text).to_json().get().to_owned());
        assert_eq!(json, ["12.340", "-0.05", "1e-7", "5"]);
        let all =
            ["12.340", "-13.80", "0", "1e-7", "-1.25E3", "1.5e1", "123.456e2", "12e-1", "1e5", "-0.5e-2", "99999999999999999999"];
        let plain = all.map(|text| number(text).plain());
        let expected =
            ["12.340", "-13.80", "0", "0.0000001", "-1250", "15", "12345.6", "1.2", "100000", "-0.005", "99999999999999999999"];
        assert_eq!(plain, expected);
    }

    #[test]
    fn the_kind_of_several_holds_each() {
        let kind = |texts: &[&str]| {
            let numbers: Vec<Number> = texts.iter().filter_map(|text| Number::parse(text)).collect();
            NumberKind::of(numbers.iter())
        };
        assert_eq!(kind(&[]), NumberKind::Integer);
        assert_eq!(kind(&["1", "-20"]), NumberKind::Integer);
        assert_eq!(kind(&["1", "2.5", "0.25"]), NumberKind::Decimal(2));
        assert_eq!(kind(&["99999999999999999999"]), NumberKind::Decimal(0));
        assert_eq!(kind(&["2.5", "1e-7"]), NumberKind::Double);
    }
}
