//! A query may stand on another of its release: `FROM published.<release>.<table>` stands for the text of that query, so that what
//! is counted once is quoted everywhere. Takes the queries of a release as they are written, gives them with every quotation
//! written out; sees no data, and what it gives is certified like any other query.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer, Word};

use super::spec::{LONGEST, QuerySpec};
use utfall_ground::text::Message;

/// The schema of what is quoted.
const PUBLISHED: &str = "published";
/// Quotations within quotations.
const DEEPEST: usize = 8;

/// Writes out every quotation in the queries of a release. Lines stay where they are.
///
/// # Errors
/// The file, and what is wrong with its quotation.
pub(super) fn written_out(release: &str, queries: &mut [QuerySpec]) -> Result<(), (String, Message)> {
    let of = |query: &QuerySpec| (query.name.clone(), (query.text().to_owned(), query.anonymous));
    let texts: BTreeMap<String, (String, bool)> = queries.iter().map(of).collect();
    for query in queries {
        let quotes = Quotes { release, texts: &texts, anonymous: query.anonymous };
        query.sql = quotes.written_out(&query.sql, 0).map_err(|why| (query.file.clone(), why))?;
    }
    Ok(())
}

/// What can be quoted.
struct Quotes<'a> {
    release: &'a str,
    /// By query, its text and whether it counts records that belong to nobody in particular.
    texts: &'a BTreeMap<String, (String, bool)>,
    /// Whether the query that quotes counts them.
    anonymous: bool,
}

impl Quotes<'_> {
    fn written_out(&self, sql: &str, depth: usize) -> Result<String, Message> {
        let is_there = sql.to_ascii_lowercase().contains(PUBLISHED);
        // What cannot be taken apart is refused where it is planned, with its place.
        let Some(tokens) = is_there.then(|| tokens(sql)).flatten() else { return Ok(sql.to_owned()) };
        let (mut text, mut rest) = (String::new(), tokens.as_slice());
        while let [first, after @ ..] = rest {
            match rest {
                [Token::Word(schema), Token::Period, Token::Word(release), Token::Period, Token::Word(table), after @ ..]
                    if word(schema) == PUBLISHED =>
                {
                    text.push_str(&self.quoted(&word(release), &word(table), depth)?);
                    if !is_named(after) {
                        text.push_str(&format!(" AS \"{}\"", word(table)));
                    }
                    rest = after;
                }
                _ => {
                    text.push_str(&first.to_string());
                    rest = after;
                }
            }
            if text.len() > LONGEST {
                return Err(Message::new(
                    format!("med de frågor som den citerar är den längre än {LONGEST} byte; dela den"),
                    format!("with the queries that it quotes it is longer than {LONGEST} bytes; split it"),
                ));
            }
        }
        Ok(text)
    }

    /// The text of a query as a sub-query, on one line.
    fn quoted(&self, release: &str, table: &str, depth: usize) -> Result<String, Message> {
        if release != self.release {
            return Err(Message::new(
                format!(
                    "published.{release}.{table}: bara tabeller i samma release kan citeras; flytta frågan till queries/{release}"
                ),
                format!(
                    "published.{release}.{table}: only tables of the same release can be quoted; move the query to queries/{release}"
                ),
            ));
        }
        let Some((text, anonymous)) = self.texts.get(table) else {
            let known = self.texts.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(Message::new(
                format!("published.{release}.{table}: ingen sådan tabell; här finns {known}"),
                format!("published.{release}.{table}: no such table; there are {known}"),
            ));
        };
        if *anonymous != self.anonymous {
            return Err(Message::new(
                format!(
                    "published.{release}.{table}: skriv anonymous = true i båda frågorna eller i ingen; annars räknas olika poster"
                ),
                format!(
                    "published.{release}.{table}: write anonymous = true in both queries or in neither; they would count other records"
                ),
            ));
        }
        if depth >= DEEPEST {
            return Err(Message::new(
                format!("published.{release}.{table}: den citerar sig själv, eller i för många led"),
                format!("published.{release}.{table}: it quotes itself, or through too many others"),
            ));
        }
        let line: String = match tokens(text) {
            Some(tokens) => {
                let plain = |token: &Token| if let Token::Whitespace(_) = token { " ".to_owned() } else { token.to_string() };
                tokens.iter().map(plain).collect()
            }
            None => text.clone(),
        };
        let line = line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        Ok(format!("({})", self.written_out(line.trim_end_matches(';').trim_end(), depth.saturating_add(1))?))
    }
}

/// The tokens of a text, each written as it stands there.
fn tokens(sql: &str) -> Option<Vec<Token>> {
    Tokenizer::new(&GenericDialect {}, sql).with_unescape(false).tokenize().ok()
}

/// A name as SQL reads it: in lower case unless it is quoted.
fn word(word: &Word) -> String {
    if word.quote_style.is_some() { word.value.clone() } else { word.value.to_lowercase() }
}

/// Whether a name follows, with or without AS.
fn is_named(after: &[Token]) -> bool {
    let next = after.iter().find(|token| !matches!(token, Token::Whitespace(_)));
    matches!(next, Some(Token::Word(word)) if matches!(word.keyword, Keyword::NoKeyword | Keyword::AS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::spec::parse;

    fn queries(all: &[(&str, &str)]) -> Vec<QuerySpec> {
        let front = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";
        all.iter().map(|(name, sql)| parse(name, &format!("{name}.sql"), &format!("{front}{sql}")).unwrap()).collect()
    }

    fn written(all: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let mut queries = queries(all);
        written_out("r", &mut queries).map_err(|(file, why)| format!("{file}: {}", why.get(utfall_ground::text::Lang::En)))?;
        Ok(queries.iter().map(|query| query.text().to_owned()).collect())
    }

    #[test]
    fn a_quotation_stands_for_the_text_of_its_query() {
        let base = "SELECT sex, count(*) AS n -- a 'comment'\nFROM participation\nWHERE office = 'it''s' GROUP BY sex;";
        let line = "(SELECT sex, count(*) AS n FROM participation WHERE office = 'it''s' GROUP BY sex)";
        let texts = written(&[
            ("base", base),
            ("bare", "SELECT sum(n)\nFROM published.r.base\nWHERE n > 1"),
            ("named", "SELECT sum(b.n) FROM Published.R.Base AS b, \"published\".r.\"base\" c JOIN published.r.base ON true"),
            ("twice", "SELECT * FROM published.r.bare"),
            ("none", "SELECT 'published.r.base' AS \"published\" -- published.r.base"),
        ]);
        let texts = texts.unwrap();
        assert_eq!(texts[0], base);
        assert_eq!(texts[1], format!("SELECT sum(n)\nFROM {line} AS \"base\"\nWHERE n > 1"));
        assert_eq!(texts[2], format!("SELECT sum(b.n) FROM {line} AS b, {line} c JOIN {line} AS \"base\" ON true"));
        assert_eq!(texts[3], format!("SELECT * FROM (SELECT sum(n) FROM {line} AS \"base\" WHERE n > 1) AS \"bare\""));
        assert_eq!(texts[4], "SELECT 'published.r.base' AS \"published\" -- published.r.base");
    }

    #[test]
    fn what_cannot_be_quoted_is_told() {
        for (sql, why) in [
            ("SELECT * FROM published.other.base", "only tables of the same release"),
            ("SELECT * FROM published.r.nothing", "no such table; there are a, b"),
            ("SELECT * FROM published.r.a", "quotes itself"),
            ("SELECT * FROM published.r.b", "quotes itself"),
        ] {
            let told = written(&[("a", sql), ("b", "SELECT * FROM published.r.a")]).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        // Each quotes the one before it twice: the text would be as long as all of them together.
        let all: Vec<(String, String)> = (0..9)
            .map(|at| {
                let of = |n: usize| format!("SELECT * FROM published.r.q{n} a, published.r.q{n} b, published.r.q{n} c");
                (format!("q{at}"), if at == 0 { format!("SELECT '{}'", "x".repeat(500)) } else { of(at - 1) })
            })
            .collect();
        let all: Vec<(&str, &str)> = all.iter().map(|(name, sql)| (name.as_str(), sql.as_str())).collect();
        assert!(written(&all).unwrap_err().contains("longer than"));
    }
}
