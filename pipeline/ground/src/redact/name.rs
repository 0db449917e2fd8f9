//! What others name as they like (files, sheets, headings), as it may be shown: without an identity number, and with a mark for
//! every character that does something and is not seen. Takes any text; gives text that is safe to print.

use crate::visible::{is_dash, is_hidden};

/// A file's path as it may be shown.
pub fn shown(path: &std::path::Path) -> String {
    masked_whole(&path.display().to_string())
}

/// So many characters of a name are shown.
const NAME: usize = 200;

/// What senders name as they like (files, sheets, headings), as it may be shown: what [`masked_whole`] leaves of it, cut where
/// nobody reads on.
pub fn masked(name: &str) -> String {
    // What is long is not looked through to its end; a number that begins before the cut is whole behind it.
    let begins = name.char_indices().nth(2 * NAME).and_then(|(at, _)| name.get(..at));
    let shown = masked_whole(begins.unwrap_or(name));
    match shown.char_indices().nth(NAME) {
        Some((at, _)) => shown.get(..at).unwrap_or_default().to_owned() + "…",
        None => shown,
    }
}

/// The text with a mark for every character that does something and is not seen: ends a line, moves the cursor, turns the
/// direction of what follows, hides. Whoever reads it reads what is there.
pub fn marked(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { MARK } else { c }).collect()
}

/// A text of others as it may be shown: [`marked`], and without an identity number, however it is spelled.
pub fn masked_whole(text: &str) -> String {
    let text: Vec<char> = marked(text).chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(c) = text.get(at) {
        // A run of digits, with signs and spaces between them as people put them into numbers.
        let (mut end, mut digits) = (at, 0);
        while let Some(gap) = text.get(end..).and_then(|rest| rest.iter().position(|c| !is_between(*c)))
            && text.get(end + gap).is_some_and(char::is_ascii_digit)
            && (gap == 0 || digits > 0)
        {
            digits += 1;
            end += gap + 1;
        }
        if digits >= 10 {
            out.push('…');
            at = end;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out
}

/// What stands for a character that is not seen, as it does for bytes that are no text.
const MARK: char = char::REPLACEMENT_CHARACTER;

/// What shows nothing, or does something instead: also what ends a line, and what is blank and no space.
fn is_unseen(c: char) -> bool {
    let blank = matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}');
    c.is_control() || is_hidden(c) || blank
}

/// What may stand between the digits of a number: white space and signs, as the reader of numbers takes them, what file names
/// have instead, and the mark of what is not seen.
fn is_between(c: char) -> bool {
    c.is_whitespace() || "-+_.?".contains(c) || c == MARK || is_dash(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_shown_without_what_must_not_be_shown() {
        for (name, told) in [
            ("lists/asap-2021-03.csv", "lists/asap-2021-03.csv"),
            ("lista 00000000-0000.csv", "lista ….csv"),
            ("00000000_0000.csv", "….csv"),
            ("000000 0000 lista.csv", "… lista.csv"),
            ("0000.00.00.0000.csv", "….csv"),
            ("000000+0000", "…"),
            (" 000000 – 0000.xlsx", " ….xlsx"),
            ("00000000\u{2212}0000\u{a0}", "…\u{a0}"),
            ("0000\u{200b}0000\u{ff0d}00\u{ad}\u{2015}00.csv", "….csv"),
            ("000000--0000 000000\t    0000", "…"),
            ("@SUM(1) 00000000-0000", "@SUM(1) …"),
            ("lists/2021-03/2021-04.csv", "lists/2021-03/2021-04.csv"),
            ("a\n\u{1b}[31mb.csv", "a��[31mb.csv"),
            // What turns the direction of the text, or is not seen: the name would end in .csv.
            ("lista\u{202e}vsc.exe", "lista�vsc.exe"),
            ("\u{2066}a\u{2069}\u{200f}b\u{200b}\u{feff}\u{61c}.csv", "�a��b���.csv"),
            ("a\u{2028}b\u{2029}c\u{85}d\u{2800}\u{e0041}", "a�b�c�d��"),
            ("000000\u{202e}0000.csv", "….csv"),
            ("Räksmörgås – ”mars” ©.csv", "Räksmörgås – ”mars” ©.csv"),
        ] {
            assert_eq!(shown(std::path::Path::new(name)), told);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_marks() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"lista \xFF\xFE 000000\xE5-0000.csv");
        assert_eq!(shown(std::path::Path::new(name)), "lista �� ….csv");
    }

    #[test]
    fn of_a_name_that_is_too_long_to_read_the_beginning_is_shown() {
        let long = masked(&"å".repeat(1 << 20));
        assert_eq!((long.chars().count(), long.ends_with('…')), (NAME + 1, true));
        let number = format!("{}00000000-0000", "a".repeat(NAME - 4));
        assert_eq!(masked(&number), format!("{}…", "a".repeat(NAME - 4)));
        assert_eq!(masked(&"a".repeat(NAME)).len(), NAME);
    }
}
