//! Numbers as people read them in a terminal: in groups of three digits, with the decimal sign of the language.

use crate::cli::terminal::Terminal;

/// A number with so many decimals.
pub(super) fn number(value: f64, decimals: usize, terminal: Terminal) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = whole.trim_start_matches('-');
    let mut grouped = if whole.starts_with('-') { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push_str(terminal.say("\u{a0}", ","));
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}{}{fraction}", terminal.say(",", ".")))
}

/// A number with two digits that say something, and all before the decimal sign.
pub(super) fn short(value: f64, terminal: Terminal) -> String {
    let decimals = if value >= 10.0 || value == 0.0 { 0 } else { (1.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize };
    number(value, decimals, terminal)
}

/// A part of one in percent.
pub(super) fn percent(part: f64, terminal: Terminal) -> String {
    format!("{} %", number(part * 100.0, 0, terminal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_have_two_digits_that_say_something() {
        let told = |value| short(value, Terminal::ENGLISH);
        assert_eq!([1_606_434.2, 12.6, 3.46, 0.0123, 0.0].map(told), ["1,606,434", "13", "3.5", "0.012", "0"]);
        assert_eq!(number(-1234.5, 1, Terminal::ENGLISH), "-1,234.5");
    }
}
