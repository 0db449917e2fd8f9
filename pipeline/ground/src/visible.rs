//! Text as a person sees it: letters have one spelling (Unicode's NFC), every space is a space, and what shows nothing is not
//! there. Whatever is compared, by its letters, with what people wrote goes through here first.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// Bytes are looked at so many at a time.
const BLOCK: usize = 64;

/// Whether some bytes may hold what [`visible`] changes. The letters of western Europe that are written with one character
/// begin with the byte C3; what is looked for begins with a higher one, or with C2.
pub fn may_hide(text: &[u8]) -> bool {
    let odd = |byte: u8| byte == 0xC2 || byte > 0xC3;
    text.chunks(BLOCK).any(|block| block.iter().fold(false, |found, byte| found | odd(*byte)))
}

/// The text without characters that show nothing, with one kind of space, and its letters in NFC. Line ends stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !may_hide(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| !is_hidden(c) && !is_other_space(c);
    if text.chars().all(plain) {
        return composed(text);
    }
    let spaced = |c: char| if is_other_space(c) { ' ' } else { c };
    let shown: String = text.chars().filter(|c| !is_hidden(*c)).map(spaced).collect();
    Cow::Owned(composed(&shown).into_owned())
}

/// The letters in NFC.
fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Characters without a width of their own: byte order marks, joiners, directions, soft hyphens, variants.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}')
}

/// White space beyond ASCII: no-break, narrow, figure and other spaces, line and paragraph separators.
fn is_other_space(c: char) -> bool {
    !c.is_ascii() && c.is_whitespace()
}

/// Dashes and minus signs beyond ASCII, which a number, a date or an identity number may be written with.
pub fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

/// The text with every dash as a hyphen.
pub fn hyphened(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_dash) { Cow::Borrowed(text) } else { Cow::Owned(text.replace(is_dash, "-")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_not_there_and_every_space_is_a_space() {
        for (text, seen) in [
            ("O\u{308}ckero\u{308};a\u{30A};e\u{301}", "Öckerö;å;é"),
            ("\u{feff}\u{200b}Halm\u{ad}stad\u{200e}\u{2060}", "Halmstad"),
            ("\u{202a}1990\u{202c}-\u{2066}x\u{2069}", "1990-x"),
            ("1\u{a0}234\u{202f}5\u{2007}6\u{2009}7\u{3000}8", "1 234 5 6 7 8"),
            ("a\u{2028}b\u{85}c\n\td\r\n", "a b c\n\td\r\n"),
            // A mark and a letter between which something hides belong together.
            ("A\u{200b}\u{30A}", "Å"),
        ] {
            assert_eq!(visible(text), seen, "{text:?}");
            assert_eq!(visible(seen), seen);
            assert!(may_hide(text.as_bytes()));
        }
    }

    #[test]
    fn what_is_plain_is_not_copied() {
        for text in ["", "Halmstad;Kön;Ålder", "Ö\n", "Fältö – x", "é"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert!(!may_hide("Åäö ÅÄÖ é ü".as_bytes()) && may_hide("x\u{a0}".as_bytes()));
        assert!(may_hide(format!("{}\u{200b}", "å".repeat(200)).as_bytes()));
        assert_eq!((hyphened("1\u{2010}2\u{2015}3\u{2212}4\u{ff0d}5"), hyphened("å-b")), ("1-2-3-4-5".into(), "å-b".into()));
    }
}
