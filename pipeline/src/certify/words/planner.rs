//! What the planner says of a query that it cannot plan, in our sentence: its own words are quoted, without the names that it has for
//! its parts, and the place is said in the reader's language.

use utfall_ground::refusal::Span;
use utfall_ground::text::{Message, quoted};

/// What it said, and where.
struct Said {
    words: String,
    /// Line and column, from 1.
    place: Option<(u64, u64)>,
}

/// Why a query cannot be planned.
pub(super) fn reason(words: &str) -> Message {
    let Said { words, place } = said(words);
    let [sv, en] = place.map_or_else(Default::default, |(line, column)| {
        [format!(" (rad {line}, kolumn {column})"), format!(" (line {line}, column {column})")]
    });
    Message::new(format!("frågan kan inte planeras{sv}: {}", quoted(&words)), format!("the query cannot be planned{en}: {words}"))
}

/// The place that it names in a query.
pub(super) fn span(words: &str, sql: &str) -> Option<Span> {
    let (line, column) = said(words).place?;
    let text = sql.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
    Some(Span { line, column, text: text.to_owned() })
}

/// `SQL error: ParserError("Expected: …, found: x at Line: 4, Column: 5")` is what was expected, and a place.
fn said(words: &str) -> Said {
    let words = words.strip_prefix("SQL error: ").unwrap_or(words);
    let inner = ["ParserError(\"", "TokenizerError(\""].iter().find_map(|name| words.strip_prefix(name)?.strip_suffix("\")"));
    let mut words =
        inner.map_or_else(|| words.to_owned(), |inner| inner.replace("\\\"", "\"").replace("\\'", "'").replace("\\n", " "));
    // The parser's own structures say nothing to whoever wrote the query.
    if let Some((before, _)) = words.split_once(" { ") {
        words = format!("{before} …");
    }
    let place = words.find(" at Line: ").and_then(|at| {
        let numbers = words.get(at..)?.strip_prefix(" at Line: ")?;
        let (line, rest) = numbers.split_once(", Column: ")?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (column, after) = rest.split_at_checked(digits)?;
        Some((at, after.to_owned(), (line.parse().ok()?, column.parse().ok()?)))
    });
    let place = place.map(|(at, after, place)| {
        words.truncate(at);
        words += &after;
        place
    });
    Said { words: words.split_whitespace().collect::<Vec<_>>().join(" "), place }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_ground::text::Lang;

    #[test]
    fn the_place_is_told_in_both_languages_and_the_parsers_names_are_not() {
        let words = r#"SQL error: ParserError("Expected: an SQL statement, found: SELEC at Line: 2, Column: 1")"#;
        assert_eq!(
            reason(words).get(Lang::Sv),
            "frågan kan inte planeras (rad 2, kolumn 1): `Expected: an SQL statement, found: SELEC`"
        );
        assert_eq!(
            reason(words).get(Lang::En),
            "the query cannot be planned (line 2, column 1): Expected: an SQL statement, found: SELEC"
        );
        let span = span(words, "-- x\nSELEC 1").unwrap();
        assert_eq!((span.line, span.column, span.text.as_str()), (2, 1, "SELEC 1"));
        let token = r#"SQL error: TokenizerError("Expected close delimiter '\"' before EOF. at Line: 1, Column: 8")"#;
        assert!(reason(token).get(Lang::En).ends_with("(line 1, column 8): Expected close delimiter '\"' before EOF."));
        let parts = "This feature is not implemented: Unsupported JOIN operator AsOf { match_condition: BinaryOp {\n x } }";
        assert!(reason(parts).get(Lang::En).ends_with("This feature is not implemented: Unsupported JOIN operator AsOf …"));
    }
}
