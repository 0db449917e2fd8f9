//! Numbers as people read them.

use crate::text::Lang;

/// The minus sign, which is as wide as a digit and never breaks a line.
const MINUS: char = '\u{2212}';

/// A whole number, in groups of three digits.
pub(super) fn integer(lang: Lang, value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    if value < 0 {
        text.push(MINUS);
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(lang.pick('\u{202f}', ','));
        }
        text.push(digit);
    }
    text
}

/// A decimal number with at most so many decimals, without trailing zeros.
pub(super) fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = match whole.parse::<i64>() {
        Ok(whole) => integer(lang, whole),
        Err(_) => whole.to_owned(),
    };
    if !fraction.is_empty() {
        text.push(lang.pick(',', '.'));
        text.push_str(fraction);
    }
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        text.insert(0, MINUS);
    }
    text
}

/// A percentage.
pub(super) fn percent(lang: Lang, value: f64, decimals: usize) -> String {
    format!("{}{}", decimal(lang, value, decimals), lang.pick("\u{a0}%", "%"))
}

/// A margin behind its number.
pub(super) fn margin(lang: Lang, value: i64) -> String {
    format!("±\u{2060}{}", integer(lang, value))
}

/// A declared parameter such as `1`, `0.5` or `1e-6`, without an exponent; as it stands if it is no decimal number.
pub(super) fn declared(lang: Lang, text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if value == 0.0 || (1e-15..1e15).contains(&value) => decimal(lang, value, decimals(value)),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

/// How many decimals the shortest exact text of a number has.
fn decimals(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        let both = |value| (integer(Lang::Sv, value), integer(Lang::En, value));
        assert_eq!(both(0), ("0".to_owned(), "0".to_owned()));
        assert_eq!(both(-27), ("−27".to_owned(), "−27".to_owned()));
        assert_eq!(both(999), ("999".to_owned(), "999".to_owned()));
        assert_eq!(both(-1000), ("−1\u{202f}000".to_owned(), "−1,000".to_owned()));
        assert_eq!(both(1_234_567), ("1\u{202f}234\u{202f}567".to_owned(), "1,234,567".to_owned()));
        assert_eq!(integer(Lang::En, i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn decimal_numbers() {
        assert_eq!(decimal(Lang::Sv, 12.72, 1), "12,7");
        assert_eq!(decimal(Lang::En, 12.04, 1), "12");
        assert_eq!(decimal(Lang::En, -1234.5, 1), "−1,234.5");
        assert_eq!(decimal(Lang::En, -0.01, 1), "0");
        assert_eq!(percent(Lang::Sv, 99.9, 4), "99,9\u{a0}%");
        assert_eq!(percent(Lang::En, 95.0, 4), "95%");
    }

    #[test]
    fn declared_parameters() {
        assert_eq!(declared(Lang::Sv, "0.5"), "0,5");
        assert_eq!(declared(Lang::En, "1"), "1");
        assert_eq!(declared(Lang::Sv, "1e-6"), "0,000001");
        assert_eq!(declared(Lang::En, "3.25e-7"), "0.000000325");
        assert_eq!(declared(Lang::En, "0"), "0");
        assert_eq!(declared(Lang::En, "1/3"), "1/3");
    }
}
