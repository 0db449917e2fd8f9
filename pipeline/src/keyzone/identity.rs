//! What a cell of an identity column says: a Swedish personal identity or coordination number, a protected identity, or a
//! provisional number. Every cell of a delivery passes here, so nothing is allocated.

use chrono::{Datelike as _, NaiveDate};
use zeroize::Zeroizing;

use crate::catalogue::schema::Scheme;
use utfall_ground::digits;
use utfall_ground::redacted;
use utfall_ground::visible::{hyphened, is_dash, is_hidden};

/// Twelve characters without separators, overwritten when they are dropped.
pub type Twelve = Zeroizing<[u8; 12]>;

/// What is wrong with a cell that is to name a person; never the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFault {
    /// It has not the form of a number.
    Form,
    /// It has a digit too few or too many.
    Length,
    /// It holds no possible day of birth.
    Date,
    /// Its check digit is wrong.
    CheckDigit,
    /// A spreadsheet has rewritten it.
    Rewritten,
}

/// What a cell says. It exists only between its cell and its pseudonym, and its Debug withholds it.
pub enum Identifier {
    /// A personal identity number or a coordination number.
    Number(Identity),
    /// `YYYYMMDDTf19` or `YYYYMMDDTf29`: several protected people share it, so it never tells one person from another.
    Protected {
        /// Whether it stands for a man (`Tf19`) rather than a woman (`Tf29`).
        male: bool,
        /// The eight digits of the day as it is written; they need not be those of a birth.
        day: [u8; 8],
    },
    /// An interim or a reserve number: one person, but not the same number everywhere.
    Provisional(Provisional),
    /// Whatever names a person in lists that have no Swedish numbers: its text, of which nothing is told.
    Token(Zeroizing<String>),
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

impl Identity {
    /// The year of birth, which every number tells.
    pub fn year(&self) -> i32 {
        i32::try_from(Written::read(&self.digits).year).unwrap_or_default()
    }

    /// The same ten digits in the century after (`ahead`) or before.
    pub fn in_century(&self, ahead: bool) -> Twelve {
        let mut digits = self.digits.clone();
        let year = if ahead { self.year() + 100 } else { self.year() - 100 };
        if let ([c1, c2, ..], Ok(century)) = (&mut *digits, u8::try_from(year / 100)) {
            (*c1, *c2) = (b'0' + century / 10, b'0' + century % 10);
        }
        digits
    }

    /// Whether it may have been a Danish number: those begin with the day and the month and have no century, so that the
    /// year of somebody born there from 1961 to 1991 looks like the day of a coordination number.
    pub fn may_be_danish(&self) -> bool {
        self.inferred && self.coordination && (1..=31).contains(&(self.year() % 100))
    }
}

redacted!(Identifier Identity Provisional);

/// A day as written, which the calendar need not have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Written {
    year: u32,
    month: u32,
    day: u32,
}

/// Nobody older is in a register; the official test numbers begin in 1890.
const EARLIEST: Written = Written { year: 1880, month: 0, day: 0 };

impl Written {
    /// Years outside 0 to 9999 cannot be written in a number and are cut.
    fn of(day: NaiveDate) -> Self {
        Self { year: day.year().clamp(0, 9999).unsigned_abs(), month: day.month(), day: day.day() }
    }

    /// The first eight characters, which are digits.
    fn read(text: &[u8; 12]) -> Self {
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

/// Reads a cell of a table with this kind of identity.
///
/// # Errors
/// As [`parse`].
pub fn parse_as(scheme: Scheme, cell: &str, today: NaiveDate) -> Result<Identifier, IdentityFault> {
    match scheme {
        Scheme::Se => parse(cell, today),
        // Many names in one cell's worth of digits: whom it meant is lost.
        Scheme::Opaque if exponent(cell).is_some_and(|whole| whole) => Err(IdentityFault::Rewritten),
        Scheme::Opaque => Ok(Identifier::Token(Zeroizing::new(cell.to_owned()))),
    }
}

/// Whether a cell is somebody's number, perhaps with a wrong check digit: what is no row of a list must not have one.
pub fn is_one(cell: &str) -> bool {
    let anybody = Written { year: 2199, month: 12, day: 31 };
    match read(cell, anybody) {
        Ok(_) => true,
        // Ten digits without a sign may be a telephone's.
        Err(IdentityFault::CheckDigit) => cell.trim().len() != 10,
        Err(_) => false,
    }
}

/// Whether a cell that is nobody's number may be a faulty or a rewritten one: nine digits or more, and signs between them.
pub fn resembles_one(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let plain = |c: char| c.is_ascii_digit() || c.is_whitespace() || "-+".contains(c);
    (digits >= 9 && hyphened(cell).chars().all(plain)) || rewritten(cell)
}

/// Reads a cell: `YYYYMMDD-NNNN` or `YYMMDD-NNNN`, with `+` for a person of a hundred years, with another dash or without
/// a sign; spaces do not matter. Without a century the latest one that is not after `today` is meant.
///
/// # Errors
/// What is wrong with the cell (form, length, date, check digit, or rewritten by a spreadsheet); never the number.
pub fn parse(cell: &str, today: NaiveDate) -> Result<Identifier, IdentityFault> {
    read(cell, Written::of(today)).map_err(|fault| match fault {
        IdentityFault::Form | IdentityFault::Length if rewritten(cell) => IdentityFault::Rewritten,
        fault => fault,
    })
}

fn read(cell: &str, today: Written) -> Result<Identifier, IdentityFault> {
    let mut text = Zeroizing::new([b'0'; 12]);
    let shape = Shape::plain(cell.as_bytes(), &mut text).map_or_else(|| Shape::of(cell, &mut text), Ok)?;
    let day = Written::read(&text);
    let day = if shape.short { latest(day, shape.plus, today) } else { day };
    if shape.short {
        let (century, [c1, c2, ..]) = (u8::try_from(day.year / 100).unwrap_or(0), &mut *text);
        (*c1, *c2) = (b'0' + century / 10, b'0' + century % 10);
    } else if shape.plus && today.year < day.year + 100 {
        return Err(IdentityFault::Form);
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
        let digits = digits::digits(u64::from_le_bytes(first)).and(digits::four(*serial));
        digits.map(|_| Self { short, letters: false, plus: false })
    }

    /// Fills `text` with the digits and the letters as capitals, the century as 00 where there is none.
    fn of(cell: &str, text: &mut [u8; 12]) -> Result<Self, IdentityFault> {
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
                _ if sign.is_none() && (matches!(c, '-' | '+') || is_dash(c)) => (sign, plus) = (Some(length), c == '+'),
                _ if c.is_whitespace() || is_hidden(c) => {}
                _ => return Err(IdentityFault::Form),
            }
        }
        let placed = sign.is_none_or(|at| at + 4 == length);
        match length {
            10 | 12 if placed => {}
            // A digit too few or too many is worth saying; anything else that is not a number has the wrong form.
            1.. if !letters && (placed || matches!(sign, Some(6 | 8))) => return Err(IdentityFault::Length),
            _ => return Err(IdentityFault::Form),
        }
        let short = length == 10;
        if short {
            text.rotate_right(2);
            let [c1, c2, ..] = text;
            (*c1, *c2) = (b'0', b'0');
        }
        let [day @ .., _, _, _, _] = text;
        if day.iter().all(u8::is_ascii_digit) { Ok(Self { short, letters, plus }) } else { Err(IdentityFault::Form) }
    }
}

/// Puts the century to a day without one: the latest in which it is not in the future. A `+` is written from the year in
/// which somebody turns a hundred, whatever the day, so there only the years count.
fn latest(short: Written, plus: bool, today: Written) -> Written {
    let this = Written { year: today.year / 100 * 100 + short.year, ..short };
    let future = if plus { this.year > today.year } else { this.of_birth() > today };
    Written { year: this.year.saturating_sub(100 * (u32::from(plus) + u32::from(future))), ..short }
}

/// What is not a plain number: a protected identity, an interim number or a reserve number.
fn special(text: &[u8; 12], day: Written, inferred: bool, today: Written) -> Result<Identifier, IdentityFault> {
    let [c1, c2, .., s1, s2, s3, s4] = *text;
    match [s1, s2, s3, s4] {
        [b'T', b'F', sex @ (b'1' | b'2'), b'9'] => {
            let day = text.first_chunk().copied().unwrap_or_default();
            Ok(Identifier::Protected { male: sex == b'1', day })
        }
        serial if interim(serial) || (!inferred && reserve([c1, c2], serial)) => {
            let birth = day.calendar().filter(|_| (EARLIEST..=today).contains(&day));
            Ok(Identifier::Provisional(Provisional { text: Zeroizing::new(*text), birth, inferred }))
        }
        _ => Err(IdentityFault::Form),
    }
}

/// Twelve digits as a number that somebody can have.
fn number(text: &[u8; 12], written: Written, inferred: bool, today: Written) -> Result<Identifier, IdentityFault> {
    let (day, coordination) = (written.of_birth(), written.day >= 60);
    let birth = day.calendar();
    // A coordination number may have the month or the day 00 (unknown). The official test numbers also hold days that
    // their month does not have, such as 30 February.
    let untold = coordination && day.month <= 12 && day.day <= 31;
    if !(EARLIEST..=today).contains(&day) || (birth.is_none() && !untold) {
        return Err(IdentityFault::Date);
    }
    if !luhn(text) {
        return Err(IdentityFault::CheckDigit);
    }
    let (digits, male) = (Zeroizing::new(*text), male(text));
    Ok(Identifier::Number(Identity { digits, birth, male, inferred, coordination }))
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
    if let Some(number) = exponent(cell) {
        return number;
    }
    match cell.split_once(['.', ',']) {
        // A number that begins with zeros has lost up to three of them.
        Some((whole, zeros)) => (7..=12).contains(&whole.len()) && digits(whole) && matches!(zeros, "0" | "00"),
        None => digits(cell) && (cell.len() == 9 || lost_zeros(cell)),
    }
}

/// Whether a cell with an exponent is a number: `1.99006E+11`. `None` if it has none.
fn exponent(cell: &str) -> Option<bool> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = cell.trim().split_once(['E', 'e'])?;
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    Some(whole.len() == 1 && exponent.len() <= 2 && [whole, fraction, exponent].into_iter().all(digits))
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
mod tests;
