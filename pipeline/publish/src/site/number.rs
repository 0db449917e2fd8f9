//! Numbers as people read them.

use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

/// The minus sign, which is as wide as a digit and never breaks a line.
const MINUS: char = '\u{2212}';

/// A whole number, in groups of three digits.
pub(crate) fn integer(lang: Lang, value: i64) -> String {
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

/// A number in units of 10^-`decimals`, with all its decimals.
pub(crate) fn fixed(lang: Lang, value: i64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    let whole = i64::try_from(value.unsigned_abs() / unit).unwrap_or(i64::MAX);
    let mut text = integer(lang, whole);
    if decimals > 0 {
        let width = usize::try_from(decimals).unwrap_or_default();
        text.push(lang.pick(',', '.'));
        text.push_str(&format!("{:0width$}", value.unsigned_abs() % unit));
    }
    if value < 0 {
        text.insert(0, MINUS);
    }
    text
}

/// From one number to another. A dash would be taken for a sign where one of them is negative.
pub(crate) fn range(lang: Lang, Interval { low, high }: Interval<i64>, decimals: u32) -> String {
    let (low_text, high_text) = (fixed(lang, low, decimals), fixed(lang, high, decimals));
    if low < 0 { format!("{low_text} {} {high_text}", lang.pick("till", "to")) } else { format!("{low_text}–{high_text}") }
}

/// How many decimals a computed number needs on the page; none if the text is no number. Long fractions are cut to three
/// significant digits, of which two decimals at least.
pub(super) fn needed(text: &str) -> Option<u32> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    if text.parse::<i64>().is_ok() {
        return Some(0);
    }
    let leading = value.abs().log10().floor();
    let most = if leading.is_finite() { (2.0 - leading).clamp(2.0, 9.0) as usize } else { 2 };
    let shown = format!("{value:.most$}");
    let fraction = shown.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('0'));
    u32::try_from(fraction.len()).ok()
}

/// A computed number with so many decimals; the text itself where it is no number that this could show.
pub(super) fn computed(lang: Lang, text: &str, decimals: u32) -> String {
    let units = text.parse::<f64>().map(|value| (value * 10f64.powf(decimals.into())).round());
    match (text.parse::<i64>(), units) {
        (Ok(whole), _) if decimals == 0 => integer(lang, whole),
        (_, Ok(units)) if units.abs() < 9e15 => fixed(lang, units as i64, decimals),
        (_, _) => text.to_owned(),
    }
}

/// A decimal number with at most so many decimals, without trailing zeros.
pub(crate) fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
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
pub(crate) fn percent(lang: Lang, value: f64, decimals: usize) -> String {
    format!("{}{}", decimal(lang, value, decimals), lang.pick("\u{a0}%", "%"))
}

/// A margin behind its number.
pub(super) fn margin(lang: Lang, value: i64) -> String {
    format!("±\u{2060}{}", integer(lang, value))
}

/// A declared parameter such as `1`, `0.5` or `1e-6`, without an exponent; as it stands if it is no decimal number.
pub(crate) fn declared(lang: Lang, text: &str) -> String {
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
    fn fixed_numbers() {
        assert_eq!(fixed(Lang::Sv, 123_456, 2), "1\u{202f}234,56");
        assert_eq!(fixed(Lang::En, -5, 3), "−0.005");
        assert_eq!(fixed(Lang::En, -1200, 0), "−1,200");
        assert_eq!(range(Lang::Sv, Interval::new(250, 1000), 2), "2,50–10,00");
        assert_eq!(range(Lang::Sv, Interval::new(-250, 1000), 2), "−2,50 till 10,00");
        assert_eq!(fixed(Lang::En, i64::MIN, 0), "−9,223,372,036,854,775,807", "one less than it is: far beyond any number here");
    }

    #[test]
    fn computed_numbers() {
        let both = |text| Lang::ALL.map(|lang| computed(lang, text, needed(text).unwrap()));
        assert_eq!(both("1234"), ["1\u{202f}234", "1,234"]);
        assert_eq!(both("34.10"), ["34,1", "34.1"]);
        assert_eq!(both("-0.333333333333"), ["−0,333", "−0.333"]);
        assert_eq!(both("0.000123456"), ["0,000123", "0.000123"]);
        assert_eq!(both("0.0"), ["0", "0"]);
        assert_eq!(both("1e-3"), ["0,001", "0.001"]);
        assert_eq!(computed(Lang::Sv, "24.0", 1), "24,0", "as its neighbours in the column");
        assert_eq!((needed("1e300"), computed(Lang::En, "1e300", 0)), (Some(0), "1e300".to_owned()));
        assert_eq!(["NaN", "inf", "Umeå", ""].map(needed), [None; 4]);
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
