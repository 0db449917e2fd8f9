//! Digits, eight at a time: dates and identity numbers as nearly all cells write them, read in a few steps of the processor
//! instead of digit by digit. Ten million rows have forty million of them. Tests compare each step with the calendar's own
//! types.

/// A day of the calendar: year, month and day in one number, so that days compare as they follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilDate(u32);

impl CivilDate {
    /// The day of these parts, which the calendar need not have.
    #[inline]
    pub const fn new(year: u32, month: u32, day: u32) -> Self {
        Self(year << 9 | month << 5 | day)
    }

    /// The day of eight digits `YYYYMMDD`, if the calendar has it.
    #[inline]
    pub fn of(digits: u64) -> Option<Self> {
        let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
        let [year, month, day] = [pair(pairs, 0) * 100 + pair(pairs, 1), pair(pairs, 2), pair(pairs, 3)];
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = match month {
            2 => 28 + u32::from(leap),
            1..=12 => 30 + ((month + (month >> 3)) & 1),
            _ => 0,
        };
        (1..=length).contains(&day).then_some(Self::new(year, month, day))
    }

    /// Reads `YYYY-MM-DD` of the years 1900 to 2199.
    #[inline]
    pub fn iso(text: &[u8]) -> Option<Self> {
        let [a, b, c, d, b'-', e, f, b'-', g, h] = *text else { return None };
        let day = Self::of(digits(u64::from_le_bytes([a, b, c, d, e, f, g, h]))?)?;
        (Self::new(1900, 0, 0)..Self::new(2200, 0, 0)).contains(&day).then_some(day)
    }

    /// Days since 1970-01-01.
    #[inline]
    pub fn days(self) -> i32 {
        let [year, month, day] = [self.0 >> 9, self.0 >> 5 & 15, self.0 & 31].map(u32::cast_signed);
        // Years that begin in March have their leap day at the end.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let century = year / 100;
        year * 1461 / 4 - century + century / 4 + (153 * month + 2) / 5 + day - 719_469
    }

    /// Completed years from a birth to a day; `None` before birth.
    #[inline]
    pub fn completed(self, at: Self) -> Option<i64> {
        let years = i64::from(at.0 >> 9) - i64::from(self.0 >> 9) - i64::from(at.0 & 511 < self.0 & 511);
        (years >= 0).then_some(years)
    }
}

/// A number of two digits among four.
#[inline]
fn pair(pairs: u64, at: u32) -> u32 {
    u32::from((pairs >> (16 * at)).to_le_bytes()[0])
}

/// The values of eight digits, the first in the lowest byte; `None` if a byte is no digit.
#[inline]
pub fn digits(text: u64) -> Option<u64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let digits = text ^ 0x3030_3030_3030_3030;
    ((digits | digits.wrapping_add(0x0606_0606_0606_0606)) & HIGH == 0).then_some(digits)
}

/// The values of four digits.
#[inline]
pub fn four(text: [u8; 4]) -> Option<u64> {
    digits(u64::from(u32::from_le_bytes(text)) | 0x3030_3030 << 32)
}

/// Whether the last ten of twelve digits have the right check digit: every second one from the first is doubled, the digits
/// of what comes out are added up, and the sum is a multiple of ten.
#[inline]
pub fn is_checked(eight: u64, four: u64) -> bool {
    const ODD: u64 = 0x00ff_00ff_00ff_00ff;
    let twice = |digits: u64| {
        let twice = digits << 1;
        twice - ((twice + 0x0076_0076_0076_0076) >> 7 & 0x0001_0001_0001_0001) * 9
    };
    let six = eight >> 16;
    let sum = twice(six & ODD) + (six >> 8 & ODD) + twice(four & ODD) + (four >> 8 & ODD);
    (sum.wrapping_mul(0x0001_0001_0001_0001) >> 48).is_multiple_of(10)
}

/// The bytes of a word that equal one, each as its highest bit, and perhaps some behind those.
#[inline]
pub fn may_equal(word: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let other = word ^ (u64::from(byte) * ONES);
    other.wrapping_sub(ONES) & !other & (ONES << 7)
}

/// Where a byte is first, among sixteen.
#[inline]
pub fn first(window: &[u8; 16], byte: u8) -> Option<usize> {
    let (low, high) = window.split_first_chunk::<8>()?;
    let (low, high) = (may_equal(u64::from_le_bytes(*low), byte), may_equal(u64::from_le_bytes(*high.first_chunk()?), byte));
    let (mask, from) = if low != 0 { (low, 0) } else { (high, 8) };
    (mask != 0).then_some(from + (mask.trailing_zeros() / 8) as usize)
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike as _, NaiveDate};

    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for year in 1890..2210 {
            for month in 0..=13 {
                for day in 0..=32 {
                    let text = format!("{year:04}-{month:02}-{day:02}");
                    let known = NaiveDate::from_ymd_opt(year, month, day).filter(|date| (1900..2200).contains(&date.year()));
                    let known = known.map(|date| crate::calendar::Day::of(date).0);
                    assert_eq!(CivilDate::iso(text.as_bytes()).map(CivilDate::days), known, "{text}");
                }
            }
        }
        for text in ["2021-02-0x", "2021/02/01", "20210201", "2021-02-1", "2021-02-01 ", ":021-02-01", "/021-02-01"] {
            assert_eq!(CivilDate::iso(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn years_are_completed_on_the_day() {
        let day = |text: &str| CivilDate::iso(text.as_bytes()).unwrap();
        let birth = day("2000-02-29");
        assert_eq!(birth.completed(day("2016-02-28")), Some(15));
        assert_eq!(birth.completed(day("2016-02-29")), Some(16));
        assert_eq!(birth.completed(day("2001-02-28")), Some(0));
        assert_eq!(birth.completed(day("2000-02-28")), None);
    }

    #[test]
    fn only_digits_are_digits_and_every_byte_is_found() {
        for byte in 0..=u8::MAX {
            let text = [b'1', byte, b'9', b'0', b'2', b'3', b'4', b'5'];
            assert_eq!(digits(u64::from_le_bytes(text)).is_some(), byte.is_ascii_digit(), "{byte}");
            for at in 0..16 {
                let mut window = [byte.wrapping_add(1); 16];
                window[at] = byte;
                assert_eq!(first(&window, byte), Some(at));
            }
            assert_eq!(first(&[byte.wrapping_add(1); 16], byte), None);
        }
    }
}
