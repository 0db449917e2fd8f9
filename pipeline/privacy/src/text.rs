//! Small pieces of the canonical text forms: hexadecimal, `key: value` lines, names.

use std::fmt::Write;

/// Lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
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
mod tests {
    use super::*;

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
