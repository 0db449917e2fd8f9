//! What a cell of an identity column says: a Swedish personal identity or coordination number, a protected identity, or a
//! provisional number. Every cell of a delivery passes here, so nothing is allocated.

use chrono::{Datelike as _, NaiveDate};
use zeroize::Zeroizing;

use super::eight;
use super::finding::Rule;
use super::withhold::withhold;

/// Twelve characters without separators, overwritten when they are dropped.
pub type Twelve = Zeroizing<[u8; 12]>;

/// What a cell says. It exists only between its cell and its pseudonym, and its Debug withholds it.
pub enum Reading {
    /// A personal identity number or a coordination number.
    Number(Identity),
    /// `YYYYMMDDTf19` or `YYYYMMDDTf29`: several protected people share it, so it never tells one person from another.
    Protected {
        /// Whether it stands for a man (`Tf19`) rather than a woman (`Tf29`).
        male: bool,
        /// The year of birth, where a possible one is written; the month and the day mean nothing.
        year: Option<u16>,
    },
    /// An interim or a reserve number: one person, but not the same number everywhere.
    Provisional(Provisional),
}

/// A well-formed number with the right check digit.
pub struct Identity {
    /// The ASCII digits YYYYMMDDNNNN, with the day as written (a coordination number keeps its + 60).
    pub digits: Twelve,
    /// The day of birth; `None` where a coordination number does not tell it.
    pub birth: Option<NaiveDate>,
    /// Whether the ninth of the ten digits is odd.
    pub male: bool,
    /// Whether the century was not written and had to be inferred.
    pub inferred: bool,
    /// Whether it is a coordination number.
    pub coordination: bool,
}

/// A number that an authority or a region uses until there is a real one. It has no check digit that could be verified.
pub struct Provisional {
    text: Twelve,
    /// The day of birth, where the number holds a possible one.
    pub birth: Option<NaiveDate>,
    /// Whether the century was not written and had to be inferred.
    pub inferred: bool,
}

impl Provisional {
    /// Its one spelling: twelve ASCII digits and capital letters, with the century and without a sign.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_slice()
    }
}

withhold!(Reading Identity Provisional);

/// A day as written, which the calendar need not have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day {
    year: u32,
    month: u32,
    day: u32,
}

/// Nobody older is in a register; the official test numbers begin in 1890.
const EARLIEST: Day = Day { year: 1880, month: 0, day: 0 };

impl Day {
    /// Years outside 0 to 9999 cannot be written in a number and are cut.
    fn of(day: NaiveDate) -> Self {
        Self { year: day.year().clamp(0, 9999).unsigned_abs(), month: day.month(), day: day.day() }
    }

    /// The first eight characters, which are digits.
    fn written(text: &[u8; 12]) -> Self {
        let [c1, c2, y1, y2, m1, m2, d1, d2, ..] = *text;
        let pair = |tens: u8, ones: u8| u32::from(tens & 15) * 10 + u32::from(ones & 15);
        Self { year: pair(c1, c2) * 100 + pair(y1, y2), month: pair(m1, m2), day: pair(d1, d2) }
    }

    /// Without the 60 that is added to the day of a coordination number.
    fn of_birth(self) -> Self {
        Self { day: if self.day >= 60 { self.day - 60 } else { self.day }, ..self }
    }

    fn calendar(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(i32::try_from(self.year).ok()?, self.month, self.day)
    }
}

/// Reads a cell: `YYYYMMDD-NNNN` or `YYMMDD-NNNN`, with `+` for a person of a hundred years, with another dash or without
/// a sign; spaces do not matter. Without a century the latest one that is not after `today` is meant.
///
/// # Errors
/// The rule that the cell breaks (form, length, date, check digit, or rewritten by a spreadsheet); never the number.
pub fn parse(cell: &str, today: NaiveDate) -> Result<Reading, Rule> {
    read(cell, Day::of(today)).map_err(|rule| match rule {
        Rule::IdentityForm | Rule::IdentityLength if rewritten(cell) => Rule::IdentityRewritten,
        rule => rule,
    })
}

fn read(cell: &str, today: Day) -> Result<Reading, Rule> {
    let mut text = Zeroizing::new([b'0'; 12]);
    let shape = Shape::plain(cell.as_bytes(), &mut text).map_or_else(|| Shape::of(cell, &mut text), Ok)?;
    let day = Day::written(&text);
    let day = if shape.short { latest(day, shape.plus, today) } else { day };
    if shape.short {
        let (century, [c1, c2, ..]) = (u8::try_from(day.year / 100).unwrap_or(0), &mut *text);
        (*c1, *c2) = (b'0' + century / 10, b'0' + century % 10);
    } else if shape.plus && today.year < day.year + 100 {
        return Err(Rule::IdentityForm);
    }
    // Nobody is born in the years that reserve numbers of Stockholm begin with.
    if shape.letters || day.year >= 9900 {
        special(&text, day, shape.short, today)
    } else {
        number(&text, day, shape.short, today)
    }
}

/// How a number is written.
struct Shape {
    /// Whether the century is not.
    short: bool,
    /// Whether letters are among the last four.
    letters: bool,
    /// Whether the sign is a `+`.
    plus: bool,
}

impl Shape {
    /// Fills `text` from digits with at most a hyphen, as nearly all cells are; that takes a third off the time of a cell.
    #[inline]
    fn plain(cell: &[u8], text: &mut [u8; 12]) -> Option<Self> {
        let (day, serial) = cell.split_last_chunk::<4>()?;
        // Copied in as large parts as it is read again: a number put together byte by byte stalls the processor.
        let (short, first) = match day.strip_suffix(b"-").unwrap_or(day) {
            day @ [_, _, _, _, _, _, _, _] => (false, *day.first_chunk::<8>()?),
            [y3, y4, m1, m2, d1, d2] => (true, [b'0', b'0', *y3, *y4, *m1, *m2, *d1, *d2]),
            _ => return None,
        };
        let (to, rest) = text.split_first_chunk_mut::<8>()?;
        *to = first;
        rest.copy_from_slice(serial);
        let digits = eight::digits(u64::from_le_bytes(first)).and(eight::four(*serial));
        digits.map(|_| Self { short, letters: false, plus: false })
    }

    /// Fills `text` with the digits and the letters as capitals, the century as 00 where there is none.
    fn of(cell: &str, text: &mut [u8; 12]) -> Result<Self, Rule> {
        let (mut length, mut letters, mut plus, mut sign) = (0, false, false, None);
        for c in cell.chars() {
            match c {
                '0'..='9' | 'A'..='Z' | 'a'..='z' => {
                    if let (Some(slot), Ok(byte)) = (text.get_mut(length), u8::try_from(c)) {
                        *slot = byte.to_ascii_uppercase();
                    }
                    letters |= !c.is_ascii_digit();
                    length += 1;
                }
                '-' | '+' | '\u{2013}' | '\u{2212}' if sign.is_none() => (sign, plus) = (Some(length), c == '+'),
                _ if c.is_whitespace() => {}
                _ => return Err(Rule::IdentityForm),
            }
        }
        let placed = sign.is_none_or(|at| at + 4 == length);
        match length {
            10 | 12 if placed => {}
            // A digit too few or too many is worth saying; anything else that is not a number has the wrong form.
            1.. if !letters && (placed || matches!(sign, Some(6 | 8))) => return Err(Rule::IdentityLength),
            _ => return Err(Rule::IdentityForm),
        }
        let short = length == 10;
        if short {
            text.rotate_right(2);
            let [c1, c2, ..] = text;
            (*c1, *c2) = (b'0', b'0');
        }
        let [day @ .., _, _, _, _] = text;
        if day.iter().all(u8::is_ascii_digit) { Ok(Self { short, letters, plus }) } else { Err(Rule::IdentityForm) }
    }
}

/// Puts the century to a day without one: the latest in which it is not in the future. A `+` is written from the year in
/// which somebody turns a hundred, whatever the day, so there only the years count.
fn latest(short: Day, plus: bool, today: Day) -> Day {
    let this = Day { year: today.year / 100 * 100 + short.year, ..short };
    let future = if plus { this.year > today.year } else { this.of_birth() > today };
    Day { year: this.year.saturating_sub(100 * (u32::from(plus) + u32::from(future))), ..short }
}

/// What is not a plain number: a protected identity, an interim number or a reserve number.
fn special(text: &[u8; 12], day: Day, inferred: bool, today: Day) -> Result<Reading, Rule> {
    let [c1, c2, .., s1, s2, s3, s4] = *text;
    match [s1, s2, s3, s4] {
        [b'T', b'F', sex @ (b'1' | b'2'), b'9'] => {
            let year = u16::try_from(day.year).ok().filter(|_| (EARLIEST.year..=today.year).contains(&day.year));
            Ok(Reading::Protected { male: sex == b'1', year })
        }
        serial if interim(serial) || (!inferred && reserve([c1, c2], serial)) => {
            let birth = day.calendar().filter(|_| (EARLIEST..=today).contains(&day));
            Ok(Reading::Provisional(Provisional { text: Zeroizing::new(*text), birth, inferred }))
        }
        _ => Err(Rule::IdentityForm),
    }
}

/// Twelve digits as a number that somebody can have.
fn number(text: &[u8; 12], written: Day, inferred: bool, today: Day) -> Result<Reading, Rule> {
    let (day, coordination) = (written.of_birth(), written.day >= 60);
    let birth = day.calendar();
    // A coordination number may have the month or the day 00 (unknown). The official test numbers also hold days that
    // their month does not have, such as 30 February.
    let untold = coordination && day.month <= 12 && day.day <= 31;
    if !(EARLIEST..=today).contains(&day) || (birth.is_none() && !untold) {
        return Err(Rule::IdentityDate);
    }
    if !luhn(text) {
        return Err(Rule::IdentityCheckDigit);
    }
    let (digits, male) = (Zeroizing::new(*text), male(text));
    Ok(Reading::Number(Identity { digits, birth, male, inferred, coordination }))
}

/// Whether the ninth of the ten digits is odd.
fn male(text: &[u8; 12]) -> bool {
    let [.., ninth, _] = text;
    ninth & 1 == 1
}

/// The check digit of the last ten digits: every second one doubled, cross sums, a multiple of ten.
fn luhn(text: &[u8; 12]) -> bool {
    let [_, _, ten @ ..] = text;
    let digits = ten.iter().map(|c| u32::from(c & 15)).enumerate();
    let sum: u32 = digits.map(|(i, d)| if i % 2 == 1 { d } else { 2 * d - if d > 4 { 9 } else { 0 } }).sum();
    sum.is_multiple_of(10)
}

/// The serial of an interim number: one of its letters and three digits.
fn interim([letter, digits @ ..]: [u8; 4]) -> bool {
    b"TRSUWXJKLMN".contains(&letter) && digits.iter().all(u8::is_ascii_digit)
}

/// A region's reserve number of twelve characters. These rules are general knowledge and what regions say in public, not a
/// specification: Stockholm writes 99 and ten digits (the year of issue and six more); the others write the date of birth
/// and four digits and letters, of both at least one. What begins like a protected identity is a misspelt one.
fn reserve(first: [u8; 2], serial: [u8; 4]) -> bool {
    match serial.iter().filter(|c| c.is_ascii_digit()).count() {
        4 => first == *b"99",
        1..=3 => !serial.starts_with(b"TF"),
        _ => false,
    }
}

/// What a spreadsheet makes of a number when it takes the column for quantities: `1.99006E+11`, nine digits where ten lost
/// their leading zero, `199006011234.0`.
fn rewritten(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) {
        let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
        let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
        return whole.len() == 1 && exponent.len() <= 2 && [whole, fraction, exponent].into_iter().all(digits);
    }
    match cell.split_once(['.', ',']) {
        // A number that begins with zeros has lost up to three of them.
        Some((whole, zeros)) => (7..=12).contains(&whole.len()) && digits(whole) && matches!(zeros, "0" | "00"),
        None => digits(cell) && (cell.len() == 9 || lost_zeros(cell)),
    }
}

/// Whether six to eight digits are a number of ten that began with zeros: somebody born in the first months of 2000.
fn lost_zeros(cell: &str) -> bool {
    let padded = format!("{cell:0>10}");
    let ten: Vec<u8> = padded.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    let pairs = ten.iter().zip([2, 1].into_iter().cycle()).map(|(digit, by)| u32::from(*digit) * by);
    let sum: u32 = pairs.map(|product| product / 10 + product % 10).sum();
    let month = ten.iter().skip(2).take(2).fold(0, |n, digit| n * 10 + digit);
    (6..=8).contains(&cell.len()) && (1..=12).contains(&month) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSONAL: &str = include_str!("../../../tests/fixture/identity/personnummer.txt");
    const COORDINATION: &str = include_str!("../../../tests/fixture/identity/samordningsnummer.txt");

    /// The official test numbers: they belong to nobody.
    fn numbers(file: &'static str) -> impl Iterator<Item = &'static str> {
        file.lines().filter(|l| !l.starts_with('#'))
    }

    fn reading(cell: &str) -> Result<Reading, Rule> {
        parse(cell, NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
    }

    fn identity(cell: &str) -> Option<Identity> {
        if let Ok(Reading::Number(identity)) = reading(cell) { Some(identity) } else { None }
    }

    #[test]
    fn every_official_test_number_is_read_in_every_spelling() {
        assert_eq!((numbers(PERSONAL).count(), numbers(COORDINATION).count()), (41_493, 2_264));
        for n in numbers(PERSONAL).chain(numbers(COORDINATION)) {
            let (ten, serial) = (&n[2..8], &n[8..]);
            let same = |cell: String, inferred: bool| {
                let male = n.as_bytes()[10] % 2 == 1;
                identity(&cell).is_some_and(|i| *i.digits == *n.as_bytes() && (i.male, i.inferred) == (male, inferred))
            };
            let day = Day::written(n.as_bytes().first_chunk().unwrap()).of_birth();
            for sign in ["", "-", "\u{2013}", "\u{2212}", " ", " - ", "\u{a0}-"] {
                assert!(["", " \u{a0}"].iter().all(|s| same(format!("{s}{}{sign}{serial}{s}", &n[..8]), false)));
                assert_eq!(same(format!("{ten}{sign}{serial}"), true), day > Day { year: 1926, month: 11, day: 21 });
            }
            assert_eq!(same(format!("{ten}+{serial}"), true), day.year < 1927);
            assert_eq!(same(format!("{}+{serial}", &n[..8]), false), day.year < 1927);
        }
    }

    #[test]
    fn a_birth_is_told_where_the_number_has_one() {
        assert!(numbers(PERSONAL).filter_map(identity).all(|i| i.birth.is_some() && !i.coordination));
        assert!(numbers(COORDINATION).filter_map(identity).all(|i| i.coordination));
        let untold = || numbers(COORDINATION).filter(|n| identity(n).is_some_and(|i| i.birth.is_none()));
        let unknown = untold().filter(|n| &n[4..6] == "00" || &n[6..8] == "60").count();
        assert_eq!((untold().count(), unknown), (194, 170), "24 have a day that their month does not have");
        let on = |day| parse("231291-2393", NaiveDate::from_ymd_opt(2023, 12, day).unwrap());
        let born = |day, century| matches!(on(day), Ok(Reading::Number(i)) if i.digits.starts_with(century));
        assert!(born(31, b"20") && born(30, b"19"));
    }

    #[test]
    fn one_wrong_digit_is_always_found() {
        for n in numbers(PERSONAL).step_by(97).chain(numbers(COORDINATION).step_by(11)) {
            for (place, add) in (2..12).flat_map(|place| (1..10).map(move |add| (place, add))) {
                let mut wrong = n.as_bytes().to_vec();
                wrong[place] = b'0' + (wrong[place] - b'0' + add) % 10;
                let read = reading(std::str::from_utf8(&wrong).unwrap());
                assert!(matches!(read, Err(Rule::IdentityCheckDigit | Rule::IdentityDate)));
            }
        }
    }

    #[test]
    fn what_says_nothing_has_its_own_rule() {
        for (rule, cells) in [
            (Rule::IdentityForm, "|-|Anna Andersson|2021-03-01 1234|1989-06102382|19890610--2382|8906102382-|19890610+2382"),
            (Rule::IdentityForm, "19890610-TF39|19890610ABCD|890610A123|19890A10T123|89061T123|19890610/2382|12.0|1E-5|å"),
            (Rule::IdentityLength, "1|89061023821|1989061023821|890610-238|19890610-23|890610-890610|89610-2382|890610 238"),
            (Rule::IdentityRewritten, "1.99006E+11|1,99006E+11|2E+11|1.99006e11|199006012| 19900601239,00|199006012398.0 "),
            (Rule::IdentityDate, "198913102382|198902302382|187912312382|202611222382|198906922382|198900102382|198913702382"),
        ] {
            assert!(cells.split('|').all(|cell| reading(cell).is_err_and(|r| r == rule)), "{rule:?}: {cells}");
        }
    }

    #[test]
    fn a_protected_identity_tells_a_sex_and_a_year() {
        let says = |cell: &str, told| matches!(reading(cell), Ok(Reading::Protected { male, year }) if (male, year) == told);
        let spellings = "19890610Tf29|19890000-TF29|890610tf29|891399-tF29| 19890610 \u{2013} Tf29 ";
        assert!(spellings.split('|').all(|cell| says(cell, (false, Some(1989)))));
        assert!(says("260101Tf19", (true, Some(2026))) && says("260101+Tf19", (true, Some(1926))));
        assert!(says("18000101Tf19", (true, None)) && says("20271231Tf19", (true, None)));
    }

    #[test]
    fn a_provisional_number_has_one_spelling() {
        let says = |cell: &str, text: &str, born: bool| {
            let birth = NaiveDate::from_ymd_opt(1989, 6, 10).filter(|_| born);
            matches!(reading(cell), Ok(Reading::Provisional(p)) if p.as_bytes() == text.as_bytes() && p.birth == birth)
        };
        for letter in "TRSUWXJKLMN".chars() {
            let text = format!("19890610{letter}000");
            assert!(says(&text, &text, true) && says(&format!("890610 - {}000", letter.to_ascii_lowercase()), &text, true));
        }
        assert!(says("890600-K000", "19890600K000", false) && says("19890610-a1b2", "19890610A1B2", true));
        assert!(says("22890610IO12", "22890610IO12", false) && says("99999906-1023", "999999061023", false));
    }

    #[test]
    fn no_cell_makes_it_panic_and_no_debug_shows_it() {
        let alphabet: Vec<char> = "0123456789-+ TfXAe.,E\u{a0}å".chars().collect();
        let (mut state, mut cell, mut read) = (0x9e37_79b9_7f4a_7c15_u64, String::new(), 0);
        for _ in 0..2_000_000 {
            let mut next = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % below
            };
            // Half of them only digits, so that many come as far as the date.
            let kinds = if next(2) == 0 { 10 } else { alphabet.len() };
            cell.clear();
            cell.extend((0..next(16)).map(|_| alphabet[next(kinds)]));
            read += usize::from(reading(&cell).is_ok_and(|r| format!("{r:?}") == "Reading(withheld)"));
        }
        assert!(read > 100, "{read}");
    }
}
