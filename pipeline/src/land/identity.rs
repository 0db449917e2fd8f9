//! Swedish personal identity numbers and coordination numbers: the canonical twelve digits, and what they say.

use chrono::{Datelike as _, NaiveDate};
use zeroize::Zeroizing;

use super::finding::Rule;

/// A well-formed number. It exists only between its cell and its pseudonym, and its Debug withholds it.
pub struct Identity {
    /// The twelve digits YYYYMMDDNNNN, with the day as written (a coordination number keeps its + 60).
    pub digits: Zeroizing<[u8; 12]>,
    /// The day of birth, where the number tells it.
    pub birth: Option<NaiveDate>,
    /// Whether the ninth of the ten digits is odd.
    pub male: bool,
    /// Whether the century was not written and had to be inferred.
    pub inferred: bool,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(withheld)")
    }
}

/// Reads a number: `YYYYMMDD-NNNN`, `YYMMDD-NNNN`, with `+` at a hundred years, or without a sign. Without a century the
/// latest one that is not after `today` is meant.
///
/// # Errors
/// The rule that the number breaks; never the number.
pub fn parse(text: &str, today: NaiveDate) -> Result<Identity, Rule> {
    let text: Zeroizing<String> = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let lower = Zeroizing::new(text.to_lowercase());
    if lower.ends_with("tf19") || lower.ends_with("tf29") {
        return Err(Rule::IdentityProtected);
    }
    let plus = text.contains('+');
    // A sign stands only before the last four; elsewhere it stays and makes the number malformed.
    let sign = text.char_indices().rev().nth(4).filter(|(_, c)| matches!(c, '-' | '+' | '\u{2013}' | '\u{2212}'));
    let digits: Zeroizing<String> =
        Zeroizing::new(text.char_indices().filter(|(i, _)| sign.is_none_or(|(at, _)| at != *i)).map(|(_, c)| c).collect());
    if interim(&digits) {
        return Err(Rule::IdentityInterim);
    }
    let only_digits = digits.bytes().all(|b| b.is_ascii_digit());
    let (full, inferred) = match digits.len() {
        12 if only_digits => (digits.clone(), false),
        10 if only_digits => (Zeroizing::new(with_century(&digits, plus, today).ok_or(Rule::IdentityDate)?), true),
        9 | 11 if only_digits => return Err(Rule::IdentityLength),
        _ if excel(&digits) => return Err(Rule::IdentityLength),
        _ => return Err(Rule::IdentityForm),
    };
    let mut twelve = Zeroizing::new([0_u8; 12]);
    for (slot, byte) in twelve.iter_mut().zip(full.bytes()) {
        *slot = byte - b'0';
    }
    if !luhn(&twelve[2..]) {
        return Err(Rule::IdentityCheckDigit);
    }
    let birth = birth(&twelve, today)?;
    let male = twelve[10] % 2 == 1;
    for digit in twelve.iter_mut() {
        *digit += b'0';
    }
    Ok(Identity { digits: twelve, birth, male, inferred })
}

/// A number as Excel writes it when it takes the column for numbers: `1.99006E+11`, `199006011234.0`.
fn excel(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 5 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'E' | b'e' | b'+'))
}

/// Whether a letter of the interim series stands where the serial number begins.
fn interim(digits: &str) -> bool {
    let Some(serial) = digits.len().checked_sub(4).filter(|at| matches!(at, 6 | 8)) else { return false };
    let others = digits.bytes().enumerate().all(|(i, b)| i == serial || b.is_ascii_digit());
    others && digits.as_bytes().get(serial).is_some_and(|b| b"TRSUWXJKLMN".contains(&b.to_ascii_uppercase()))
}

/// Puts the century before ten digits: the latest in which the date is not in the future, a hundred years earlier for `+`.
fn with_century(ten: &str, plus: bool, today: NaiveDate) -> Option<String> {
    let short: i32 = ten.get(..2)?.parse().ok()?;
    let month: u32 = ten.get(2..4)?.parse().ok()?;
    let day: u32 = ten.get(4..6)?.parse().ok()?;
    let day = if day > 60 { day - 60 } else { day };
    let century = today.year() / 100;
    let future = |year: i32| (year, month, day) > (today.year(), today.month(), today.day());
    let mut year = century * 100 + short;
    if future(year) {
        year -= 100;
    }
    if plus {
        year -= 100;
    }
    Some(format!("{year:04}{}", ten.get(2..)?))
}

/// The day of birth; `None` for a coordination number with an unknown month or day.
fn birth(twelve: &[u8; 12], today: NaiveDate) -> Result<Option<NaiveDate>, Rule> {
    let number = |range: std::ops::Range<usize>| twelve[range].iter().fold(0_u32, |n, d| n * 10 + u32::from(*d));
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let coordination = day >= 60;
    let day = if coordination { day - 60 } else { day };
    let year = i32::try_from(year).map_err(|_| Rule::IdentityDate)?;
    if coordination && (month == 0 || day == 0) && month <= 12 && day <= 31 && (1890..=today.year()).contains(&year) {
        return Ok(None);
    }
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Rule::IdentityDate)?;
    if year < 1890 || date > today { Err(Rule::IdentityDate) } else { Ok(Some(date)) }
}

/// The check digit of ten digits: doubled from the left, cross sums, a multiple of ten.
fn luhn(ten: &[u8]) -> bool {
    let sum: u32 =
        ten.iter().enumerate().map(|(i, d)| u32::from(*d) * if i % 2 == 0 { 2 } else { 1 }).map(|d| d / 10 + d % 10).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    /// The official test numbers that ship with the demo: they belong to nobody.
    fn numbers() -> impl Iterator<Item = &'static str> {
        include_str!("../demo/test-identity-numbers.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty())
    }

    #[test]
    fn every_official_test_number_is_read_in_every_spelling() {
        for number in numbers() {
            let plain = parse(number, today()).unwrap_or_else(|r| panic!("{r:?}"));
            let dashed = parse(&format!("{}-{}", &number[..8], &number[8..]), today()).unwrap();
            let short = parse(&format!("{}-{}", &number[2..8], &number[8..]), today()).unwrap();
            assert!(*plain.digits == *dashed.digits && !plain.inferred);
            assert!(*plain.digits == *short.digits && short.inferred);
            assert_eq!(plain.male, (number.as_bytes()[10] - b'0') % 2 == 1);
        }
        assert!(numbers().count() > 1_000);
    }

    #[test]
    fn one_wrong_digit_is_always_found() {
        for number in numbers().take(50) {
            for i in 2..12 {
                let mut wrong = number.as_bytes().to_vec();
                wrong[i] = b'0' + (wrong[i] - b'0' + 1) % 10;
                assert!(parse(std::str::from_utf8(&wrong).unwrap(), today()).is_err());
            }
        }
    }

    #[test]
    fn what_is_no_number_has_its_own_rule() {
        let rule = |t: &str| parse(t, today()).map(|_| ()).unwrap_err();
        assert_eq!(rule("19800101Tf29"), Rule::IdentityProtected);
        assert_eq!(rule("19800101-T123"), Rule::IdentityInterim);
        assert_eq!(rule("1.99006E+11"), Rule::IdentityLength);
        assert_eq!(rule("Anna Andersson"), Rule::IdentityForm);
        assert_eq!(rule("99006011234"), Rule::IdentityLength);
        assert_eq!(rule("2021-03-01 1234"), Rule::IdentityForm);
        assert_eq!(rule(""), Rule::IdentityForm);
    }

    #[test]
    fn a_plus_is_a_hundred_years_older() {
        let number = numbers().find(|n| n.starts_with("19")).unwrap();
        let minus = parse(&format!("{}-{}", &number[2..8], &number[8..]), today()).unwrap();
        let plus = parse(&format!("{}+{}", &number[2..8], &number[8..]), today());
        // A hundred years before 1900 is before the register began: refused, not guessed.
        assert!(minus.birth.is_some() && plus.is_err());
    }
}
