//! Releases as their authors write them: `queries/<release>/release.toml` and one `.sql` per published table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use utfall_estimate::workload::Objective;
use utfall_privacy::{Budget, Rational};

use super::bounds::Bounds;
use super::differs::{Differs, DiffersFile};
use super::number::{self, decimal};
use super::quoted;
use utfall_ground::calendar::{self, Periods};
use utfall_ground::durable;
use utfall_ground::error::{Error, system};
use utfall_ground::redact::{self, masked, shown};
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::{Message, Text};
use utfall_ground::{toml, untrusted};

/// One release: its tables, its budget and its bounds.
#[derive(Debug, Clone)]
pub struct ReleaseSpec {
    /// The name, from the folder.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// What it answers and how to read it, for the first lines of its page.
    pub about: Option<Text>,
    /// Epsilon and delta as written.
    pub budget_text: (String, String),
    /// The budget of the whole release.
    pub budget: Budget,
    /// The declared contribution bounds.
    pub bounds: Bounds,
    /// The part of epsilon that is spent on saying how many people exceed the bound on participations.
    pub beyond: Option<Rational>,
    /// The formats to publish.
    pub formats: Vec<String>,
    /// What is least when the budget is divided.
    pub objective: Objective,
    /// The level of the noise intervals, for instance `0.95`.
    pub interval: String,
    /// How many people must approve before budget is spent on it.
    pub approvals: u32,
    /// The periods, if it is a series: each of them is published once.
    pub periods: Option<Periods>,
    /// The tables in order.
    pub queries: Vec<QuerySpec>,
    /// The other releases on whose tables some of them stand, by name.
    pub quoted: BTreeMap<String, Self>,
}

/// A table of another release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuotedTable {
    /// The release that measures it.
    pub release: String,
    /// The name of its query there.
    pub table: String,
}

/// One published table.
#[derive(Debug, Clone)]
pub struct QuerySpec {
    /// The name, from the file.
    pub name: String,
    /// The file as shown to people.
    pub file: String,
    /// What people call it.
    pub title: Text,
    /// Its place among its siblings; those of the same place are sorted by name.
    pub order: u32,
    /// The probability with which a key that only one person has may be shown, if the keys are private.
    pub private_keys: Option<Rational>,
    /// Whether records that belong to nobody in particular are counted too.
    pub anonymous: bool,
    /// How much its error matters beside its siblings.
    pub weight: f64,
    /// The targets of the public register that its number is held against, by name.
    pub targets: Vec<String>,
    /// What people call its columns, where the schemas do not say, by name.
    pub columns: BTreeMap<String, Heading>,
    /// What the queries that it quotes call theirs, where it does not say itself.
    pub inherited: BTreeMap<String, Heading>,
    /// The whole text of the file with what it quotes written out; the front matter is a comment, so lines count as in the file.
    pub sql: String,
    /// The table of another release that it stands on, if it measures nothing of its own.
    pub quotes: Option<QuotedTable>,
    /// A table whose numbers look like some of its own and are others, and why.
    pub differs: Option<Differs>,
}

/// What people call a column of a query, and its codes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
    /// The code list that labels its codes, for a key that is made of constants.
    pub codes: Option<String>,
}

impl QuerySpec {
    /// The query itself, without its front matter.
    pub fn text(&self) -> &str {
        self.sql.split_once("+++*/").map_or(self.sql.as_str(), |(_, text)| text).trim()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleaseFile {
    title: Text,
    about: Option<Text>,
    privacy: PrivacyFile,
    period: Option<PeriodFile>,
    publish: PublishFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodFile {
    column: String,
    first: String,
    last: Option<String>,
    lag: String,
}

impl PeriodFile {
    fn periods(self) -> Result<Periods, Message> {
        let named = |key: &str, text: &str| calendar::named(text).map_err(|why| why.after(format!("[period] {key}: ")));
        let (first, last) = (named("first", &self.first)?, self.last.as_deref().map(|text| named("last", text)).transpose()?);
        if last.is_some_and(|last| last.length() != first.length() || last < first) {
            return Err(Message::new(
                "[period] `last` är en period som är lika lång som `first`, och inte före den",
                "[period] `last` is a period as long as `first`, and not before it",
            ));
        }
        let days = self.lag.strip_suffix(" days").or_else(|| self.lag.strip_suffix(" day")).and_then(|n| n.parse().ok());
        let lag = days.filter(|days| *days <= 3_660).ok_or_else(|| {
            Message::new(
                format!("[period] lag: {} är inget antal dagar; skriv \"60 days\"", self.lag),
                format!("[period] lag: {} is no number of days; write \"60 days\"", self.lag),
            )
        })?;
        Ok(Periods { column: self.column, first, last, lag })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivacyFile {
    budget: BudgetFile,
    bounds: BoundsFile,
    beyond: Option<String>,
    #[serde(default)]
    objective: Objective,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetFile {
    epsilon: String,
    delta: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundsFile {
    participations: u64,
    #[serde(default)]
    rows: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishFile {
    formats: Vec<String>,
    interval: String,
    #[serde(default)]
    approvals: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: Text,
    #[serde(default)]
    order: u32,
    private_keys: Option<PrivateKeysFile>,
    #[serde(default)]
    anonymous: bool,
    weight: Option<f64>,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    columns: BTreeMap<String, Heading>,
    differs: Option<DiffersFile>,
}

/// Whether a text can be the name of a table or a release.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivateKeysFile {
    delta: String,
}

/// The names of all releases below a folder, in order.
///
/// # Errors
/// When the folder cannot be read.
pub fn names(queries: &Path) -> Result<Vec<String>, Error> {
    let entries = std::fs::read_dir(queries).map_err(|e| Error::given(queries, e))?;
    // What is no file there is refused by name, rather than passed over.
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|e| e.path().join("release.toml").symlink_metadata().is_ok())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// The releases on whose tables a release stands; none of one that cannot be read, as whoever makes it says.
pub fn quoted_by(queries: &Path, name: &str) -> BTreeSet<String> {
    read(queries, name).map(|spec| spec.quoted.into_keys().collect()).unwrap_or_default()
}

/// Releases in an order in which each comes after those that it quotes, otherwise as they are.
pub fn quoted_first(queries: &Path, names: &[String]) -> Vec<String> {
    let mut left: Vec<_> = names.iter().map(|name| (name, quoted_by(queries, name))).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |of: &BTreeSet<String>| left.iter().any(|(name, _)| of.contains(*name));
        // They quote each other in no circle, or could not be read.
        let at = left.iter().position(|(_, of)| !waits(of)).unwrap_or_default();
        ordered.push(left.remove(at).0.clone());
    }
    ordered
}

/// Reads one release, and those that it quotes.
///
/// # Errors
/// Names file and line of what is missing, unknown or wrong; the files are public, so they may be quoted.
pub fn read(queries: &Path, name: &str) -> Result<ReleaseSpec, Error> {
    read_within(queries, name, &[])
}

/// The same of a release that is quoted by others, the first by the second and so on.
fn read_within(folder_of_all: &Path, name: &str, by: &[&str]) -> Result<ReleaseSpec, Error> {
    let folder = folder_of_all.join(name);
    let path = folder.join("release.toml");
    let home = durable::folder(folder_of_all);
    if let Err(e) = path.symlink_metadata() {
        return Err(missing(folder_of_all, name, &path, &e));
    }
    let text = untrusted::text_of(home, &path, untrusted::DESCRIPTION)?;
    let wrong = |why: Message| Error::usage("release-file", why.after(format!("{}: ", path.display())));
    let file: ReleaseFile = toml::read(&text).map_err(wrong)?;
    let PrivacyFile { budget, bounds, beyond, objective } = file.privacy;
    let budget_text = (budget.epsilon, budget.delta);
    let budget = Budget::new(decimal(&budget_text.0).map_err(wrong)?, decimal(&budget_text.1).map_err(wrong)?)
        .map_err(|e| wrong(number::wrong(&e)))?;
    let bounds = bounds.bounds().map_err(wrong)?;
    let beyond = beyond.as_deref().map(decimal).transpose().map_err(wrong)?;
    if beyond.as_ref().is_some_and(|b| *b >= *budget.epsilon() || *b <= Rational::from_integer(0.into())) {
        return Err(wrong(Message::new(
            "`beyond` är en del av epsilon: över 0 och under det",
            "`beyond` is a part of epsilon: above 0 and below it",
        )));
    }
    let mut queries = sql_files(&folder)?.iter().map(|p| read_query(home, p, name)).collect::<Result<Vec<_>, _>>()?;
    for query in &mut queries {
        query.differs = query.differs.take().map(|differs| differs.titled(folder_of_all, &query.file)).transpose()?;
    }
    queries.sort_by_key(|q| q.order);
    let by = [by, &[name]].concat();
    let quoted = quoted::written_out(name, &mut queries, &|other| match by.contains(&other) {
        true => Err(wrong(in_a_circle(&by, other))),
        false if by.len() > DEEPEST => Err(wrong(too_deep(&by, other))),
        false => read_within(folder_of_all, other, &by),
    })?;
    let keys = queries.iter().filter_map(|q| q.private_keys.clone()).fold(Rational::from_integer(0.into()), |a, b| a + b);
    let budget = budget.with_keys_delta(keys).map_err(|_| {
        wrong(Message::new("de privata nycklarnas delta överstiger delta", "the deltas of private keys exceed delta"))
    })?;
    if file.publish.formats.is_empty() {
        return Err(wrong(Message::new(
            "`formats` nämner inget format, så inget skulle publiceras; till exempel [\"html\", \"csv\"]",
            "`formats` names no format, so nothing would be published; for instance [\"html\", \"csv\"]",
        )));
    }
    let periods = file.period.map(PeriodFile::periods).transpose().map_err(|why| wrong(why.map(redact::words)))?;
    if queries.is_empty() {
        let nothing = Message::new("ingen .sql-fil, så inget skulle publiceras", "no .sql file, so nothing would be published");
        return Err(Error::usage("release-empty", nothing.after(format!("{}: ", folder.display()))));
    }
    Ok(ReleaseSpec {
        name: name.to_owned(),
        title: file.title,
        about: file.about,
        budget_text,
        budget,
        bounds,
        beyond,
        objective,
        formats: file.publish.formats,
        interval: file.publish.interval,
        approvals: file.publish.approvals,
        periods,
        queries,
        quoted,
    })
}

/// Releases within releases that are quoted: each is read once more for every one that quotes it.
const DEEPEST: usize = 4;

/// That releases quote each other through too many others.
fn too_deep(by: &[&str], other: &str) -> Message {
    let chain = by.iter().copied().chain([other]).collect::<Vec<_>>().join(" → ");
    Message::new(
        format!("releaser citerar varandra i för många led: {chain}; citera den som mäter"),
        format!("releases quote each other through too many others: {chain}; quote the one that measures"),
    )
}

/// That releases quote each other.
fn in_a_circle(by: &[&str], other: &str) -> Message {
    let circle = by.iter().copied().chain([other]).collect::<Vec<_>>().join(" → ");
    Message::new(
        format!("releaser citerar varandra i en ring: {circle}; flytta det som räknas till en av dem"),
        format!("releases quote each other in a circle: {circle}; move what is counted to one of them"),
    )
}

/// That there is no such release, and which there are.
fn missing(queries: &Path, name: &str, path: &Path, error: &std::io::Error) -> Error {
    // Whatever was written where a release belongs is not repeated as it is.
    let (name, path, why) = (masked(name), shown(path), system(error));
    let known = names(queries).unwrap_or_default().join(", ");
    Error::usage(
        "release-missing",
        Message::new(
            format!("ingen release `{name}`: kan inte läsa {path} ({}); releaser här: {known}", why.get(Sv)),
            format!("no release `{name}`: cannot read {path} ({}); releases here: {known}", why.get(En)),
        ),
    )
}

/// The formats in which a release is published; none where it is not here.
pub(super) fn formats(home: &Path, folder: &Path) -> Option<Vec<String>> {
    let declared = untrusted::text_of(home, &folder.join("release.toml"), untrusted::DESCRIPTION).ok()?;
    Some(toml::read(&declared).map(|of: ReleaseFile| of.publish.formats).unwrap_or_default())
}

fn sql_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::given(folder, e))?;
    let mut paths: Vec<_> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|x| x == "sql")).collect();
    paths.sort();
    Ok(paths)
}

impl BoundsFile {
    fn bounds(self) -> Result<Bounds, Message> {
        let Self { participations, rows } = self;
        if !(1..=1_000).contains(&participations) || rows.values().any(|r| !(1..=1_000).contains(r)) {
            return Err(Message::new("gränser är heltal från 1 till 1000", "bounds are whole numbers from 1 to 1000"));
        }
        Ok(Bounds { participations, rows, period: None })
    }
}

pub(super) fn read_query(home: &Path, path: &Path, release: &str) -> Result<QuerySpec, Error> {
    let sql = untrusted::text_of(home, path, LONGEST as u64)?;
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let file = path.display().to_string();
    if !is_name(&stem) {
        let why = Message::new("ett tabellnamn består av a-z, 0-9, _ och -", "a table's name is made of a-z, 0-9, _ and -");
        return Err(Error::usage("query-name", why.after(format!("{file}: "))));
    }
    parse(&stem, &file, &sql).map_err(|why| Error::usage("query-file", why.after(format!("{file} (queries/{release}): "))))
}

/// The longest query that is read, in bytes; planning takes room for every term of a condition.
pub(super) const LONGEST: usize = 16 * 1024;

/// Refuses text that people and the planner would read differently: comments that are run, line breaks that are none,
/// characters that turn the direction of writing.
fn legible(sql: &str) -> Result<(), Message> {
    if sql.len() > LONGEST {
        return Err(Message::new(
            format!("filen är längre än {LONGEST} byte; dela frågan"),
            format!("the file is longer than {LONGEST} bytes; split the query"),
        ));
    }
    if sql.contains("/*!") {
        return Err(Message::new(
            "/*! … */ skulle köras fast det läses som en kommentar; ta bort det",
            "/*! … */ would be run though it reads as a comment; remove it",
        ));
    }
    let odd =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match sql.replace("\r\n", "\n").trim_start_matches('\u{feff}').lines().position(|line| line.contains(odd)) {
        Some(line) => {
            let line = line + 1;
            Err(Message::new(
                format!("rad {line}: ett tecken som ser ut som en radbrytning eller ingenting; ta bort det"),
                format!("line {line}: a character that looks like a line break or nothing; remove it"),
            ))
        }
        None => Ok(()),
    }
}

/// Splits a query file into its front matter and its text.
///
/// # Errors
/// What is wrong with the front matter.
pub fn parse(name: &str, file: &str, sql: &str) -> Result<QuerySpec, Message> {
    legible(sql)?;
    let missing = || {
        Message::new(
            "filen ska börja med titeln: /*+++ title = { sv = \"…\", en = \"…\" } +++*/",
            "the file must begin with a front matter: /*+++ title = { sv = \"…\", en = \"…\" } +++*/",
        )
    };
    let rest = sql.trim_start_matches('\u{feff}').trim_start().strip_prefix("/*+++").ok_or_else(missing)?;
    let (front, _) = rest.split_once("+++*/").ok_or_else(missing)?;
    if front.contains("*/") || front.contains("/*") {
        return Err(Message::new(
            "texten mellan /*+++ och +++*/ får inte innehålla /* eller */: SQL skulle läsa en annan fråga än människor",
            "the front matter must not hold /* or */: SQL would read another query than people",
        ));
    }
    let front: FrontMatter = toml::read(front)?;
    let private_keys = front.private_keys.map(|keys| decimal(&keys.delta)).transpose()?;
    let weight = front.weight.unwrap_or(1.0);
    if !(1e-3..=1e3).contains(&weight) {
        return Err(Message::new(
            "`weight` är ett tal från 0.001 till 1000; 1 är vanligt, 2 gör tabellens fel dubbelt så viktigt",
            "`weight` is a number from 0.001 to 1000; 1 is usual, 2 makes the error of the table matter twice as much",
        ));
    }
    let (name, file) = (name.to_owned(), file.to_owned());
    Ok(QuerySpec {
        name,
        file,
        title: front.title,
        order: front.order,
        private_keys,
        anonymous: front.anonymous,
        weight,
        targets: front.targets,
        columns: front.columns,
        inherited: BTreeMap::new(),
        sql: sql.to_owned(),
        quotes: None,
        differs: front.differs.map(DiffersFile::differs).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";

    #[test]
    fn what_people_and_the_planner_would_read_differently_is_refused() {
        let read = |sql: &str| parse("t", "t.sql", &format!("{FRONT}{sql}"));
        for sql in [
            "SELECT 1 /*! WHERE sex = 'male' */",
            "SELECT 1 -- men only\rWHERE sex = 'male'",
            "SELECT 1 -- men only\u{2028}WHERE sex = 'male'",
            "SELECT 1 -- \u{202e}elam = xes",
            "SELECT 1 \u{0}",
        ] {
            assert!(read(sql).is_err(), "{sql:?}");
        }
        assert!(read(&"OR age = 1 ".repeat(2_000)).is_err());
        assert!(read("SELECT 1\r\n\t-- åäö\r\n").is_ok());
        assert_eq!(read("SELECT 1\n").unwrap().text(), "SELECT 1");
        let hidden = "/*+++\ntitle = { sv = \"*/ SELECT 2 /*\", en = \"b\" }\n+++*/\nSELECT 1";
        assert!(parse("t", "t.sql", hidden).is_err());
    }
}
