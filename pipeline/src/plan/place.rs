//! A refusal in its place: file, line and column, like rustc's.

use std::fmt;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::refusal::Rule;
use crate::brief;
use crate::language::say;
use crate::query::Query;

/// One refusal, placed in its file.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Why.
    pub rule: Rule,
    /// The query's file, as shown to people.
    pub file: String,
    /// Line and column, counted from 1, and the line itself.
    pub place: Option<(u64, u64, String)>,
}

impl Refusal {
    /// A refusal placed in a query by the words that its rule names.
    pub fn of(rule: Rule, query: &Query) -> Self {
        let words = rule.words();
        Self::new(rule, &query.file, &query.sql, &words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A refusal placed at the first of `words` that stands in the query (outside comments and strings).
    pub fn new(rule: Rule, file: &str, sql: &str, words: &[&str]) -> Self {
        Self { rule, file: file.to_owned(), place: words.iter().find_map(|word| locate(sql, word)) }
    }
}

/// Line, column and text of the first token sequence `phrase` in `sql`, ignoring case, comments and strings.
fn locate(sql: &str, phrase: &str) -> Option<(u64, u64, String)> {
    let quoted = phrase.starts_with('\'');
    let wanted: Vec<String> =
        if quoted { vec![phrase.to_lowercase()] } else { phrase.split_whitespace().map(str::to_lowercase).collect() };
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    let words: Vec<_> = tokens
        .iter()
        .filter(|t| !matches!(t.token, Token::Whitespace(_)))
        .filter(|t| quoted || !matches!(t.token, Token::SingleQuotedString(_)))
        .collect();
    let found = words.windows(wanted.len().max(1)).find(|window| {
        window.iter().zip(&wanted).all(|(token, word)| {
            let text = match &token.token {
                Token::Word(w) => w.value.to_lowercase(),
                other => other.to_string().to_lowercase(),
            };
            text == *word
        })
    })?;
    let start = found.first()?.span.start;
    let line = usize::try_from(start.line).ok().and_then(|l| l.checked_sub(1)).and_then(|l| sql.lines().nth(l))?;
    Some((start.line, start.column, line.to_owned()))
}

/// Like rustc's: what, where, and the way out.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}[{}]: {}", say("vägrad", "refused"), self.rule.name(), brief::words(&self.rule.reason()))?;
        if let Some((line, column, text)) = &self.place {
            let width = line.to_string().len();
            let (text, pad) = brief::line(text, usize::try_from(*column).unwrap_or(1));
            writeln!(f, "{:width$}--> {}:{line}:{column}", "", self.file)?;
            writeln!(f, "{:width$} |", "")?;
            writeln!(f, "{line} | {text}")?;
            writeln!(f, "{:width$} | {:pad$}^", "", "")?;
        } else {
            writeln!(f, " --> {}", self.file)?;
        }
        write!(f, " = {}: {}", say("hjälp", "help"), self.rule.help())
    }
}
