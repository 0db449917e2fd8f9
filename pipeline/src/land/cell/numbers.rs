//! Numbers as people write them: 12, 1 234, 12,5 or 12.5. What can be read in two ways is set aside rather than guessed.

use crate::land::finding::ValidationRule;
use utfall_ground::visible::is_dash;

/// Reads a number with at most `decimals` decimals, as a whole number of its smallest steps: with one decimal 12,5 is 125.
///
/// # Errors
/// [`ValidationRule::NumberAmbiguous`] where a point or comma may separate thousands or decimals, [`ValidationRule::Decimals`] where there are too
/// many, else [`ValidationRule::Integer`].
pub fn delivered(text: &str, decimals: u32) -> Result<i64, ValidationRule> {
    if decimals == 0 && (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map_err(|_| ValidationRule::Integer);
    }
    let (negative, digits) = match text.strip_prefix(|c| c == '-' || is_dash(c)) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = match digits.find([',', '.']) {
        Some(at) => (digits.get(..at).unwrap_or_default(), digits.get(at + 1..).unwrap_or_default()),
        None => (digits, ""),
    };
    if part.contains([',', '.']) || (part.len() == 3 && whole != "0" && (1..=3).contains(&whole.len())) {
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'));
        return Err(if plain { ValidationRule::NumberAmbiguous } else { ValidationRule::Integer });
    }
    let whole = grouped(whole).ok_or(ValidationRule::Integer)?;
    let kept = part.trim_end_matches('0');
    let places = usize::try_from(decimals).unwrap_or(usize::MAX);
    if decimals > 0 && kept.len() > places && part.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ValidationRule::Decimals(decimals));
    }
    if kept.len() > places || !part.bytes().all(|b| b.is_ascii_digit()) || (part.is_empty() && digits.ends_with([',', '.'])) {
        return Err(ValidationRule::Integer);
    }
    let text = format!("{whole}{kept:0<places$}");
    let value: i64 = text.parse().map_err(|_| ValidationRule::Integer)?;
    Ok(if negative { -value } else { value })
}

/// Digits, with spaces between groups of three if any.
fn grouped(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split([' ', '\u{a0}', '\u{202f}']).collect();
    let three = groups.iter().skip(1).all(|group| group.len() == 3);
    let digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    (digits && three).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_or_refused_but_never_guessed() {
        assert_eq!(delivered("30", 0), Ok(30));
        assert_eq!([delivered("-5", 0), delivered("\u{2013}5", 0), delivered("\u{2212}5", 0)], [Ok(-5), Ok(-5), Ok(-5)]);
        assert_eq!(delivered("1 234 567", 0), Ok(1_234_567));
        assert_eq!(delivered("12,5", 1), Ok(125));
        assert_eq!(delivered("12.5", 1), Ok(125));
        assert_eq!(delivered("12", 1), Ok(120));
        assert_eq!(delivered("12,0", 0), Ok(12));
        assert_eq!(delivered("0,125", 3), Ok(125));
        for text in ["1.234", "1,234", "12.345,6", "1,234.5"] {
            assert_eq!(delivered(text, 1), Err(ValidationRule::NumberAmbiguous), "{text}");
        }
        assert_eq!(delivered("12,55", 1), Err(ValidationRule::Decimals(1)));
        for text in ["12,5", "", "-", "trettio", "1 23", "12,", ",5", "99999999999999999999", "1e3", "=1+1", "٣"] {
            assert_eq!(delivered(text, 0), Err(ValidationRule::Integer), "{text}");
        }
    }
}
