//! The one codec of the text forms (ledger, archive and what their lines hold): fields in a fixed order, each a key and a
//! value; hexadecimal; names.
//!
//! Readers need not be strict: whoever reads a whole text writes it again and compares, so every text has one form.

use std::str::FromStr;

use crate::rational::{Rational, parse_decimal};

/// What is left to read of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    /// What stands between a key and its value.
    between: &'static str,
    /// What ends a field.
    end: u8,
}

impl<'a> Fields<'a> {
    /// Fields of one line: `cells 63 l1 3`.
    pub(crate) fn of_line(line: &'a str) -> Self {
        Self { rest: line.as_bytes(), between: " ", end: b' ' }
    }

    /// Fields that are a line each: `index: 1`.
    pub(crate) fn of_lines(text: &'a [u8]) -> Self {
        Self { rest: text, between: ": ", end: b'\n' }
    }

    /// The next word or line.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        let end = self.rest.iter().position(|byte| *byte == self.end).unwrap_or(self.rest.len());
        str::from_utf8(self.bytes(end)?).ok()
    }

    /// That many bytes, and the end after them.
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, after) = self.rest.split_at_checked(length)?;
        self.rest = after.strip_prefix(&[self.end]).unwrap_or(after);
        Some(bytes)
    }

    /// The value of the next field, as text; nothing is taken if it has another key.
    pub(crate) fn text(&mut self, key: &str) -> Option<&'a str> {
        let rest = self.rest.strip_prefix(key.as_bytes())?.strip_prefix(self.between.as_bytes())?;
        *self = Self { rest, ..*self };
        self.next()
    }

    /// The same, read.
    pub(crate) fn take<T: FromStr>(&mut self, key: &str) -> Option<T> {
        self.text(key)?.parse().ok()
    }

    /// The same, bytes in hexadecimal.
    pub(crate) fn hex<const N: usize>(&mut self, key: &str) -> Option<[u8; N]> {
        from_hex(self.text(key)?)
    }

    /// The same, an exact number.
    pub(crate) fn number(&mut self, key: &str) -> Option<Rational> {
        parse_decimal(self.text(key)?).ok()
    }
}

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Exactly `N` bytes of lower-case hexadecimal.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !text.bytes().all(lower) {
        return None;
    }
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect();
    if rest.is_empty() { bytes?.try_into().ok() } else { None }
}

/// A table's name: 1 to 100 of `a-z 0-9 _ -`.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    (1..=100).contains(&text.len()) && text.bytes().all(plain)
}

/// One line of human text: 1 to 1,000 bytes, no control characters, no blank at either end.
pub(crate) fn is_line(text: &str) -> bool {
    (1..=1_000).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

/// A key of a table with private keys: 1 to 1,000 bytes, no control characters.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=1_000).contains(&text.len()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a line holds, if it is in the one form.
    pub(crate) fn of_line<T>(line: &str, read: fn(&mut Fields<'_>) -> Option<T>, write: fn(&T) -> String) -> Option<T> {
        read(&mut Fields::of_line(line)).filter(|read| write(read) == line)
    }

    #[test]
    fn fields_are_taken_in_order_and_by_key() {
        let mut line = Fields::of_line("a cells 63 scale 1/2 of x");
        assert_eq!((line.next(), line.take::<u8>("l1"), line.take::<u64>("cells")), (Some("a"), None, Some(63)));
        assert_eq!((line.number("scale"), line.text("of")), (parse_decimal("0.5").ok(), Some("x")));
        let mut lines = Fields::of_lines(b"index: 1\nhash: 00ff\n3\nab\n\nend: \n");
        assert_eq!((lines.take::<u64>("index"), lines.hex::<3>("hash")), (Some(1), None));
        let mut lines = Fields::of_lines(b"hash: 00ff\nlength: 3\na\nb\nend: \n");
        assert_eq!((lines.hex("hash"), lines.take("length").and_then(|n| lines.bytes(n))), (Some([0, 255]), Some(&b"a\nb"[..])));
        assert_eq!((lines.text("end"), lines.text("end"), lines.bytes(1)), (Some(""), None, None));
    }

    #[test]
    fn hexadecimal_comes_back_and_has_one_form() {
        assert_eq!(to_hex(&[0, 15, 255]), "000fff");
        assert_eq!(from_hex::<3>("000fff"), Some([0, 15, 255]));
        for wrong in ["000fffa", "000FFF", "000ff", "000ffg", "+00fff", ""] {
            assert_eq!(from_hex::<3>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_and_lines_are_plain() {
        assert!(is_name("outcomes_by-region2"));
        assert!(!is_name("") && !is_name("Å") && !is_name("a b") && !is_name("a\n"));
        assert!(is_line("Ökad ram efter beslut 12") && !is_line("") && !is_line(" a") && !is_line("a\nb"));
        assert!(is_key(" Växjö ") && is_key(&"a".repeat(1_000)) && !is_key(&"a".repeat(1_001)) && !is_key(""));
        assert!(!is_key("a\nb") && !is_key("a\r") && !is_key("\u{85}"));
    }
}
