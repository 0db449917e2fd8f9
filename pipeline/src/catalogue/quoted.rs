//! A query may stand on another one, of its release or of another: `FROM published.<release>.<table>` stands for the text of that
//! query, so that what is counted once is quoted everywhere. Takes the queries of a release as they are written, gives them with
//! every quotation written out, and of what stands on another release says on which of its tables; sees no data, and what it gives
//! is certified like any other query.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::{Keyword, RESERVED_FOR_TABLE_ALIAS};
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer, Word};

use super::spec::{Heading, LONGEST, QuerySpec, QuotedTable, ReleaseSpec};
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::Message;

/// The schema of what is quoted.
const PUBLISHED: &str = "published";
/// Quotations within quotations.
const DEEPEST: usize = 8;

/// Writes out every quotation in the queries of a release. Lines stay where they are. `read` reads another release; those on whose
/// tables queries stand are given, by name.
///
/// # Errors
/// The file and what is wrong with its quotation; or what is wrong with another release.
pub(super) fn written_out(
    release: &str,
    queries: &mut [QuerySpec],
    read: &dyn Fn(&str) -> Result<ReleaseSpec, Error>,
) -> Result<BTreeMap<String, ReleaseSpec>, Error> {
    let of = |query: &QuerySpec| (query.name.clone(), Quotable::of(query));
    let own: BTreeMap<String, Quotable> = queries.iter().map(of).collect();
    let mut others = BTreeMap::new();
    for query in queries.iter_mut() {
        let anonymous = query.anonymous;
        let mut quotes =
            Quotes { release, own: &own, others: &mut others, read, anonymous, from: BTreeSet::new(), columns: BTreeMap::new() };
        let wrong = |why: Wrong| match why {
            Wrong::Here(why) => Error::usage("quotation", why.after(format!("{}: ", query.file))),
            Wrong::There(error) => error,
        };
        query.sql = quotes.written_out(&query.sql, 0).map_err(wrong)?;
        query.inherited = std::mem::take(&mut quotes.columns);
        query.inherited.retain(|name, _| !query.columns.contains_key(name));
        query.quotes = quotes.origin().map_err(|why| wrong(Wrong::Here(why)))?;
    }
    let is_quoted = |name: &String| queries.iter().any(|query| query.quotes.as_ref().is_some_and(|of| of.release == *name));
    others.retain(|name, _| is_quoted(name));
    Ok(others)
}

/// What is wrong with a quotation.
enum Wrong {
    /// In the query that quotes.
    Here(Message),
    /// With the release that it quotes.
    There(Error),
}

impl From<Message> for Wrong {
    fn from(why: Message) -> Self {
        Self::Here(why)
    }
}

/// A query that can be quoted.
struct Quotable {
    text: String,
    /// Whether it counts records that belong to nobody in particular.
    anonymous: bool,
    /// What it calls its columns.
    columns: BTreeMap<String, Heading>,
}

impl Quotable {
    fn of(query: &QuerySpec) -> Self {
        Self { text: query.text().to_owned(), anonymous: query.anonymous, columns: query.columns.clone() }
    }
}

/// What can be quoted, and what was.
struct Quotes<'a> {
    release: &'a str,
    own: &'a BTreeMap<String, Quotable>,
    /// The other releases that were read.
    others: &'a mut BTreeMap<String, ReleaseSpec>,
    read: &'a dyn Fn(&str) -> Result<ReleaseSpec, Error>,
    /// Whether the query that quotes counts records that belong to nobody in particular.
    anonymous: bool,
    /// The tables of other releases that it stands on.
    from: BTreeSet<QuotedTable>,
    /// What the queries that it quotes call their columns; the first that says so.
    columns: BTreeMap<String, Heading>,
}

impl Quotes<'_> {
    /// The table of another release that a query stands on, if it does.
    fn origin(self) -> Result<Option<QuotedTable>, Message> {
        let named = |of: &QuotedTable| format!("published.{}.{}", of.release, of.table);
        match self.from.iter().collect::<Vec<_>>().as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).clone())),
            [one, other, ..] => Err(Message::new(
                format!("{} och {}: en fråga citerar en tabell; dela den i två", named(one), named(other)),
                format!("{} and {}: a query quotes one table; split it in two", named(one), named(other)),
            )),
        }
    }

    fn written_out(&mut self, sql: &str, depth: usize) -> Result<String, Wrong> {
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
                [Token::Word(schema), Token::Period, Token::Word(part), Token::Minus, ..] if word(schema) == PUBLISHED => {
                    let part = word(part);
                    return Err(Wrong::Here(Message::new(
                        format!(
                            "published.{part}-…: ett namn med bindestreck står inom citattecken: published.\"{part}-…\".tabell"
                        ),
                        format!("published.{part}-…: a name with a hyphen is quoted: published.\"{part}-…\".table"),
                    )));
                }
                _ => {
                    text.push_str(&first.to_string());
                    rest = after;
                }
            }
            if text.len() > LONGEST {
                return Err(Wrong::Here(Message::new(
                    format!("med de frågor som den citerar är den längre än {LONGEST} byte; dela den"),
                    format!("with the queries that it quotes it is longer than {LONGEST} bytes; split it"),
                )));
            }
        }
        Ok(text)
    }

    /// The text of a query as a sub-query, on one line.
    fn quoted(&mut self, release: &str, table: &str, depth: usize) -> Result<String, Wrong> {
        if release != self.release {
            return self.quoted_of(release, table);
        }
        let own = self.own;
        let Some(Quotable { text, anonymous, columns }) = own.get(table) else {
            return Err(missing(release, table, own.keys()).into());
        };
        self.counts_the_same(release, table, *anonymous)?;
        columns.iter().for_each(|(name, heading)| _ = self.columns.entry(name.clone()).or_insert_with(|| heading.clone()));
        if depth >= DEEPEST {
            return Err(Wrong::Here(Message::new(
                format!("published.{release}.{table}: den citerar sig själv, eller i för många led"),
                format!("published.{release}.{table}: it quotes itself, or through too many others"),
            )));
        }
        let line = self.written_out(&line(text), depth.saturating_add(1))?;
        Ok(format!("({line})"))
    }

    /// The same of another release, whose own quotations are written out already.
    fn quoted_of(&mut self, release: &str, table: &str) -> Result<String, Wrong> {
        if !self.others.contains_key(release) {
            let unknown = || {
                let shown = masked(release);
                Message::new(
                    format!("published.{shown}.{table}: ingen release heter så; en release är en katalog i queries/"),
                    format!("published.{shown}.{table}: no release has that name; a release is a folder in queries/"),
                )
            };
            let read = (self.read)(release).map_err(|error| match error.code() {
                "release-missing" => Wrong::Here(unknown()),
                _ => Wrong::There(error),
            })?;
            self.others.insert(release.to_owned(), read);
        }
        let of = &self.others[release];
        if of.periods.is_some() {
            return Err(Wrong::Here(Message::new(
                format!("published.{release}.{table}: en serie kan inte citeras i en annan release; lägg frågan i serien"),
                format!(
                    "published.{release}.{table}: a series cannot be quoted in another release; put the query into the series"
                ),
            )));
        }
        let Some(query) = of.queries.iter().find(|query| query.name == table) else {
            return Err(missing(release, table, of.queries.iter().map(|query| &query.name)).into());
        };
        if query.private_keys.is_some() {
            return Err(Wrong::Here(Message::new(
                format!("published.{release}.{table}: en tabell med private_keys kan inte citeras i en annan release"),
                format!("published.{release}.{table}: a table with private_keys cannot be quoted in another release"),
            )));
        }
        let origin = query.quotes.clone();
        let origin = origin.unwrap_or_else(|| QuotedTable { release: release.to_owned(), table: table.to_owned() });
        let (text, anonymous) = (line(query.text()), query.anonymous);
        let headings = query.columns.iter().chain(&query.inherited);
        headings.for_each(|(name, heading)| _ = self.columns.entry(name.clone()).or_insert_with(|| heading.clone()));
        if let Some(innermost) = of.quoted.get(&origin.release) {
            let innermost = innermost.clone();
            self.others.entry(origin.release.clone()).or_insert(innermost);
        }
        self.from.insert(origin);
        self.counts_the_same(release, table, anonymous)?;
        Ok(format!("({text})"))
    }

    /// Refuses to quote what counts other records.
    fn counts_the_same(&self, release: &str, table: &str, anonymous: bool) -> Result<(), Message> {
        if anonymous == self.anonymous {
            return Ok(());
        }
        Err(Message::new(
            format!(
                "published.{release}.{table}: skriv anonymous = true i båda frågorna eller i ingen; annars räknas olika poster"
            ),
            format!(
                "published.{release}.{table}: write anonymous = true in both queries or in neither; they would count other records"
            ),
        ))
    }
}

/// That a release has no such table.
fn missing<'n>(release: &str, table: &str, known: impl Iterator<Item = &'n String>) -> Message {
    let known = known.map(String::as_str).collect::<Vec<_>>().join(", ");
    Message::new(
        format!("published.{release}.{table}: ingen sådan tabell; där finns {known}"),
        format!("published.{release}.{table}: no such table; there are {known}"),
    )
}

/// A query on one line, without its last semicolon.
fn line(text: &str) -> String {
    // What cannot be taken apart is refused where it is planned.
    let Some(tokens) = tokens(text) else { return text.to_owned() };
    let mut line = String::new();
    for token in &tokens {
        match token {
            Token::Whitespace(_) if line.is_empty() || line.ends_with(' ') => {}
            Token::Whitespace(_) => line.push(' '),
            // Blanks within a constant are part of it.
            token => line.push_str(&token.to_string()),
        }
    }
    line.trim_end_matches([';', ' ']).to_owned()
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
    let names = |word: &Word| word.keyword == Keyword::AS || !RESERVED_FOR_TABLE_ALIAS.contains(&word.keyword);
    matches!(next, Some(Token::Word(word)) if names(word))
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
        let nothing = |name: &str| Err(Error::usage("release-missing", Message::new("", format!("no release {name}"))));
        written_out("r", &mut queries, &nothing).map_err(|why| why.shown(utfall_ground::text::Lang::En))?;
        Ok(queries.iter().map(|query| query.text().to_owned()).collect())
    }

    #[test]
    fn what_is_quoted_says_what_its_columns_are_called_unless_the_query_does() {
        let mut queries = queries(&[("base", ""), ("own", ""), ("far", "")]);
        let heading = |sv: &str| Heading { sv: sv.to_owned(), en: sv.to_owned(), codes: None };
        queries[0].columns = [("a", "base"), ("b", "base")].map(|(name, sv)| (name.to_owned(), heading(sv))).into();
        queries[1].columns = [("a".to_owned(), heading("own"))].into();
        queries[1].sql = "SELECT * FROM published.r.base".to_owned();
        queries[2].sql = "SELECT * FROM published.r.own".to_owned();
        written_out("r", &mut queries, &|_| Err(Error::usage("release-missing", Message::new("", "")))).unwrap();
        let said = |query: &QuerySpec| -> Vec<(String, String)> {
            query.inherited.iter().map(|(name, heading)| (name.clone(), heading.sv.clone())).collect()
        };
        let pair = |name: &str, sv: &str| (name.to_owned(), sv.to_owned());
        assert_eq!(said(&queries[0]), []);
        assert_eq!(said(&queries[1]), [pair("b", "base")]);
        assert_eq!(said(&queries[2]), [pair("a", "own"), pair("b", "base")], "the nearest first");
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
            ("blanks", "SELECT n FROM published.r.spaced"),
            ("spaced", "SELECT count(*)  AS n FROM participation  WHERE office = 'a  b' ;"),
            ("none", "SELECT 'published.r.base' AS \"published\" -- published.r.base"),
        ]);
        let texts = texts.unwrap();
        assert_eq!(texts[0], base);
        assert_eq!(texts[1], format!("SELECT sum(n)\nFROM {line} AS \"base\"\nWHERE n > 1"));
        assert_eq!(texts[2], format!("SELECT sum(b.n) FROM {line} AS b, {line} c JOIN {line} AS \"base\" ON true"));
        assert_eq!(texts[3], format!("SELECT * FROM (SELECT sum(n) FROM {line} AS \"base\" WHERE n > 1) AS \"bare\""));
        assert_eq!(texts[4], "SELECT n FROM (SELECT count(*) AS n FROM participation WHERE office = 'a  b') AS \"spaced\"");
        assert_eq!(texts[6], "SELECT 'published.r.base' AS \"published\" -- published.r.base");
    }

    #[test]
    fn what_cannot_be_quoted_is_told() {
        for (sql, why) in [
            ("SELECT * FROM published.other.base", "no release has that name"),
            ("SELECT * FROM published.r.nothing", "no such table; there are a, b"),
            ("SELECT * FROM published.the-other.base", "a name with a hyphen is quoted"),
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
