//! What a message shows of a file: enough to find the place, and never more. A line may be as long as its file, and a parser's
//! words may hold it all.

mod name;

pub use name::{marked, masked, masked_whole, shown};

use serde::de::DeserializeOwned;

/// Gives types a Debug that says their name alone: what a row says, whose it is and which numbers it has must not reach a message
/// or a log by way of `{:?}`.
#[macro_export]
macro_rules! redacted {
    ($($name:ident $(<$($lifetime:lifetime),+>)?)*) => {$(
        impl $(<$($lifetime),+>)? std::fmt::Debug for $name $(<$($lifetime),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(withheld)"))
            }
        }
    )*};
}

/// The longest part of a line that is shown, in characters.
const LINE: usize = 120;
/// The longest part of what stands between quotation marks.
const QUOTED: usize = 80;
/// The longest words that are shown whole, and how much is shown of longer ones: their beginning and their end.
const WORDS: usize = 400;
const ENDS: (usize, usize) = (140, 50);

/// Reads TOML.
///
/// # Errors
/// What is wrong in it, with the line, as the library shows it; of what is long, a part.
pub fn toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    ::toml::from_str(text).map_err(|e| {
        let Some(before) = e.span().and_then(|span| text.get(..span.start)) else { return words(e.message()) };
        let (number, begin) = (before.matches('\n').count() + 1, before.rfind('\n').map_or(0, |at| at + 1));
        let column = before.get(begin..).unwrap_or_default().chars().count() + 1;
        let found = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
        // A file of another kind may have come here under this name, and what looks like a key is one.
        let (shown, at) = if is_secret(found) { ("…".to_owned(), 0) } else { line(found, column) };
        let width = number.to_string().len();
        let place = format!("TOML parse error at line {number}, column {column}");
        format!("{place}\n{:width$} |\n{number} | {shown}\n{:width$} | {:at$}^\n{}\n", "", "", "", words(e.message()))
    })
}

/// Whether a line holds as many hexadecimal digits on end as half a key has: no title, code or name does.
fn is_secret(line: &str) -> bool {
    line.split(|c: char| !c.is_ascii_hexdigit()).any(|run| run.len() >= 32)
}

/// The part of a line around a column, counted from 1, and how many characters of it stand before the column.
pub fn line(line: &str, column: usize) -> (String, usize) {
    let before = column.saturating_sub(1);
    let length = line.chars().count();
    if length <= LINE {
        return (line.to_owned(), before);
    }
    let first = before.saturating_sub(LINE / 2).min(length - LINE);
    let part: String = line.chars().skip(first).take(LINE).collect();
    let [left, right] = [first > 0, first + LINE < length].map(|cut| if cut { "…" } else { "" });
    (format!("{left}{part}{right}"), (before - first.min(before)).min(LINE) + usize::from(first > 0))
}

/// So many lines of words are shown.
const LINES: usize = 40;

/// Somebody's words about a file, with less of what they quote, and of themselves, if that is long.
pub fn words(words: &str) -> String {
    words.lines().take(LINES).map(shortened).collect::<Vec<_>>().join("\n")
}

fn shortened(words: &str) -> String {
    let (mut out, mut open, mut inside) = (String::new(), None, 0);
    for c in words.chars() {
        if open == Some(c) {
            open = None;
        } else if open.is_some() {
            inside += 1;
            if inside == QUOTED + 1 {
                out.push('…');
            }
            if inside > QUOTED {
                continue;
            }
        } else if matches!(c, '`' | '"' | '\'') {
            (open, inside) = (Some(c), 0);
        }
        out.push(c);
    }
    if is_secret(&out) {
        return "…".to_owned();
    }
    let length = out.chars().count();
    if length <= WORDS {
        return out;
    }
    let begin: String = out.chars().take(ENDS.0).collect();
    let end: String = out.chars().skip(length - ENDS.1).collect();
    format!("{begin} … {end}")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[allow(dead_code)]
        title: String,
    }

    /// How much of a file of one letter a message shows.
    fn shown(message: &str) -> usize {
        message.chars().filter(|c| *c == 'å').count()
    }

    #[test]
    fn of_a_long_line_a_part_is_shown_and_the_place_in_it() {
        let long = "å".repeat(10_000);
        for text in [
            format!("title = \"{long}"),
            format!("{long} = 1"),
            format!("\"{long}\" = 1"),
            format!("title = [\"{long}\"]"),
            format!("title = \"x\"\n\"{long}\" = \"{long}\""),
            format!("title = \"x\" # {long}\ntitle = \"{long}\""),
            format!("# {long}\n{long}"),
        ] {
            let message = toml::<File>(&text).unwrap_err();
            assert!(shown(&message) <= 200 && message.len() < 900, "{}: {message}", shown(&message));
        }
        let words = words(&format!("no column `{long}`, no {long} and nothing else"));
        assert!(shown(&words) <= 200 && words.ends_with("nothing else"), "{words}");
    }

    #[test]
    fn of_what_may_be_a_key_nothing_is_shown() {
        let key = "0123456789abcdef".repeat(4);
        for text in [
            key.clone(),
            format!("{key}\n{key}\n"),
            format!("title = {key}"),
            format!("{key} = 1"),
            format!("title = \"a\"\n{key}"),
        ] {
            let message = toml::<File>(&text).unwrap_err();
            assert!(!message.contains("01234567") && message.contains("line "), "{message}");
        }
    }

    #[test]
    fn what_is_short_is_shown_as_it_is() {
        let ours = toml::<File>("title = \"a\"\nmore = 1\n").unwrap_err();
        let theirs = ::toml::from_str::<File>("title = \"a\"\nmore = 1\n").unwrap_err().to_string();
        let lines = |text: &str| text.lines().map(|line| line.trim_end().replace('^', "")).collect::<Vec<_>>().join("\n");
        assert_eq!(lines(&ours).trim_end(), lines(&theirs).trim_end());
        assert_eq!(words("a `b` c's \"d\""), "a `b` c's \"d\"");
        let (part, at) = line(&format!("{}!{}", "a".repeat(500), "b".repeat(500)), 501);
        assert_eq!((part.chars().nth(at), part.chars().count()), (Some('!'), LINE + 2));
        assert_eq!(line("abc", 3), ("abc".to_owned(), 2));
    }
}
