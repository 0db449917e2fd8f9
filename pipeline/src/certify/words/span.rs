//! Where in a query's text a refusal belongs.

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use utfall_ground::refusal::{Refusal, Span};

use super::refusal::Violation;
use super::{planner, suggest};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuerySpec;

/// A refusal placed in a query by the words that its rule names.
pub fn refused(rule: &Violation, query: &QuerySpec) -> Box<Refusal> {
    let words = rule.words();
    refused_at(rule, query, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A refusal placed at the first of `words` that stands in the query (outside comments and strings).
pub fn refused_at(rule: &Violation, query: &QuerySpec, words: &[&str]) -> Box<Refusal> {
    Box::new(Refusal {
        code: rule.name(),
        reason: rule.reason(),
        help: rule.help(),
        file: query.file.clone(),
        span: placed(rule, query).or_else(|| words.iter().find_map(|word| locate(&query.sql, word))),
    })
}

/// Where the planner itself says that it is.
fn placed(rule: &Violation, query: &QuerySpec) -> Option<Span> {
    let Violation::Sql(words) = rule else { return None };
    planner::span(words, &query.sql)
}

/// What the planner said of a query, placed at what it names.
pub(in crate::certify) fn planner_said(error: &DataFusionError, query: &QuerySpec, catalogue: &Catalogue) -> Box<Refusal> {
    let words = error.strip_backtrace().lines().next().unwrap_or_default().to_owned();
    let names = named(&words);
    let first = names.first().copied();
    let names_one = |words: &str| !words.contains(suggest::NO_FUNCTION);
    let meant = suggest::instead(&words, first)
        .or_else(|| first.filter(|_| names_one(&words)).and_then(|name| suggest::help(catalogue, name)));
    let refusal = refused_at(&Violation::Sql(words.clone()), query, &names.iter().copied().chain(["select"]).collect::<Vec<_>>());
    match meant {
        Some(help) => Box::new(Refusal { help, ..*refusal }),
        None => refusal,
    }
}

/// The names that the planner's words speak of: `No field named x`, `table 'datafusion.public.x' not found`.
fn named(words: &str) -> Vec<&str> {
    let after = words.split_once("named ").map(|(_, rest)| rest.split(|c: char| c.is_whitespace()).next().unwrap_or(""));
    let quoted = words.split('\'').nth(1);
    after
        .into_iter()
        .chain(quoted)
        .filter_map(|name| name.trim_matches(['"', '.', ',']).rsplit('.').next())
        .map(|n| n.trim_matches('"'))
        .collect()
}

/// The place of the first token sequence `phrase` in `sql`, ignoring case, comments and strings.
fn locate(sql: &str, phrase: &str) -> Option<Span> {
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
    Some(Span { line: start.line, column: start.column, text: line.to_owned() })
}
