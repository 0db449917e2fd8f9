//! What a message shows of a file: enough to find the place, and never more. A line may be as long as its file, and a parser's
//! words may hold it all.

mod name;

pub use name::{marked, masked, masked_whole, shown};

/// Gives types a Debug that says their name alone: what a row says, whose it is and which numbers it has must not reach a message
/// or a log by way of `{:?}`.
#[macro_export]
macro_rules! redacted {
    ($($name:ident $(<$($lifetime:lifetime),+>)?)*) => {$(
        impl $(<$($lifetime),+>)? std::fmt::Debug for $name $(<$($lifetime),+>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
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

/// Whether a line holds as many hexadecimal digits on end as half a key has: no title, code or name does.
pub(crate) fn is_secret(line: &str) -> bool {
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
    use super::*;

    #[test]
    fn of_long_words_the_beginning_and_the_end_are_shown() {
        let long = "å".repeat(10_000);
        let words = words(&format!("no column `{long}`, no {long} and nothing else"));
        let shown = words.chars().filter(|c| *c == 'å').count();
        assert!(shown <= 200 && words.ends_with("nothing else"), "{words}");
    }

    #[test]
    fn what_is_short_is_shown_as_it_is() {
        assert_eq!(words("a `b` c's \"d\""), "a `b` c's \"d\"");
        let (part, at) = line(&format!("{}!{}", "a".repeat(500), "b".repeat(500)), 501);
        assert_eq!((part.chars().nth(at), part.chars().count()), (Some('!'), LINE + 2));
        assert_eq!(line("abc", 3), ("abc".to_owned(), 2));
    }
}
