//! What a run of the program was, as one JSON object: for `--json`, which writes it to standard output in place of lines for people,
//! and for `utfall run --summary FILE`. One process runs one command, so there is one summary, which whoever does something adds to.
//!
//! It tells what people are told: numbers of rows and whose rows are wrong of a landing, which are for the controller, and nothing
//! else that depends on private data. Names of fields never change their meaning while `format` is the same. Start reading at
//! [`Summary`]; `pipeline/README.md` lists what each command adds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::terminal::{Level, Terminal};
use crate::store::ledger::FileLedger;
use utfall_ground::account::{Charge, down, up};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::refusal::Refusal;
use utfall_ground::spending::{remaining, spent_of};
use utfall_ground::text::{Lang, Message};

/// The version of what fields mean.
const FORMAT: u8 = 1;

/// What a run was.
#[derive(Serialize)]
struct Summary {
    format: u8,
    program: &'static str,
    command: String,
    /// The moment at which it was written, in UTC.
    time: String,
    /// As the process ends; null while it runs, and for ever if it was killed.
    exit_code: Option<u8>,
    error: Option<Value>,
    messages: Vec<Value>,
    #[serde(flatten)]
    parts: BTreeMap<String, Value>,
    /// Where it is kept too.
    #[serde(skip)]
    file: Option<PathBuf>,
}

static SUMMARY: Mutex<Summary> = Mutex::new(Summary {
    format: FORMAT,
    program: concat!("utfall ", env!("CARGO_PKG_VERSION")),
    command: String::new(),
    time: String::new(),
    exit_code: None,
    error: None,
    messages: Vec::new(),
    parts: BTreeMap::new(),
    file: None,
});

fn summary() -> MutexGuard<'static, Summary> {
    SUMMARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is told of something, beside what was asked for.
#[derive(Serialize)]
struct Told<'a> {
    level: Level,
    code: &'a str,
    message: &'a Message,
}

/// What stopped a command.
#[derive(Serialize)]
struct Stopped<'a> {
    code: &'a str,
    message: Message,
    refusals: Vec<Refused<'a>>,
}

/// A query that was refused.
#[derive(Serialize)]
struct Refused<'a> {
    code: &'a str,
    file: &'a str,
    line: Option<u64>,
    column: Option<u64>,
    reason: &'a Message,
    help: &'a Message,
}

impl<'a> Refused<'a> {
    fn of(Refusal { code, reason, help, file, span }: &'a Refusal) -> Self {
        let [line, column] = [span.as_ref().map(|at| at.line), span.as_ref().map(|at| at.column)];
        Self { code, file, line, column, reason, help }
    }
}

/// What a lifetime limit is, what is spent of it and what is left, in decimals that are never told in favour of the program.
#[derive(Serialize)]
struct Budget {
    limit: Charge,
    spent_epsilon: String,
    left_epsilon: String,
    unfinished: Vec<String>,
}

/// Which command runs, and which of its parts are lists, also where they stay empty.
pub(super) fn begin(command: &str, lists: &[&str]) {
    let mut summary = summary();
    command.clone_into(&mut summary.command);
    lists.iter().for_each(|name| drop(summary.parts.insert((*name).to_owned(), Value::Array(Vec::new()))));
}

fn value(of: impl Serialize) -> Value {
    // Structs of texts and numbers always have a form.
    serde_json::to_value(of).unwrap_or_default()
}

/// Says one part.
pub(super) fn set(name: &str, part: impl Serialize) {
    summary().parts.insert(name.to_owned(), value(part));
}

/// Adds one to a part that is a list.
pub(super) fn push(name: &str, part: impl Serialize) {
    let mut summary = summary();
    match summary.parts.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(list) => list.push(value(part)),
        other => *other = value(part),
    }
}

/// What was told beside what was asked for.
pub(super) fn message(level: Level, code: &str, message: &Message) {
    summary().messages.push(value(Told { level, code, message }));
}

/// What stopped the command.
pub(super) fn stopped(error: &Error) {
    let [sv, en] = Lang::ALL.map(|lang| error.shown(lang));
    let refusals = if let Error::Refused(all) = error { all.iter().map(Refused::of).collect() } else { Vec::new() };
    summary().error = Some(value(Stopped { code: error.code(), message: Message::new(sv, en), refusals }));
}

/// What was wrong with the command line.
pub(super) fn unusable(code: &str, message: Message) {
    summary().error = Some(value(Stopped { code, message, refusals: Vec::new() }));
}

/// The budget as it is now.
pub(super) fn budget(ledger: &FileLedger) {
    let limit = ledger.limit();
    set(
        "budget",
        Budget {
            limit: Charge { epsilon: Some(up(limit.epsilon())), rho: None, delta: up(limit.delta()) },
            spent_epsilon: up(&spent_of(ledger.account())),
            left_epsilon: down(&remaining(ledger.account())),
            unfinished: ledger.open_reservations().iter().map(ToString::to_string).collect(),
        },
    );
}

/// From now on it is kept in a file too, which says at once that the run has begun: what was there told of another.
///
/// # Errors
/// When it cannot be written.
pub(super) fn keep(path: &Path) -> Result<(), Error> {
    let mut summary = summary();
    summary.file = Some(path.to_owned());
    summary.time = utc(utfall_ground::clock::now());
    durable::replace(path, &text(&summary)?)
}

/// The end of the command: the object is printed if standard output is to hold it, and kept if it was to be. Gives the exit code, which
/// is another if that failed.
pub(super) fn conclude(terminal: Terminal, code: u8) -> u8 {
    let mut summary = summary();
    summary.exit_code = Some(code);
    summary.time = utc(utfall_ground::clock::now());
    let kept = summary.file.as_ref().map_or(Ok(()), |path| text(&summary).and_then(|text| durable::replace(path, &text)));
    let printed = if terminal.is_for_people() { Ok(()) } else { text(&summary).and_then(|text| print(&text)) };
    let failed = [kept, printed].into_iter().filter_map(Result::err);
    let failed = failed.inspect(|error| terminal.error(error)).map(|error| error.exit_code()).max();
    match code {
        0 => failed.unwrap_or(0),
        code => code,
    }
}

fn text(summary: &Summary) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec_pretty(summary).map_err(Error::not_encodable)?;
    text.push(b'\n');
    Ok(text)
}

fn print(text: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    out.write_all(text).and_then(|()| out.flush()).map_err(super::process::unprinted)
}

/// Seconds since 1970 as a moment in UTC.
pub(super) fn utc(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| chrono::DateTime::from_timestamp(s, 0));
    time.map_or_else(|| seconds.to_string(), |t| t.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_where_it_is_and_both_languages() {
        let span = Some(utfall_ground::refusal::Span { line: 4, column: 9, text: String::new() });
        let (reason, help) = (Message::new("varför", "why"), Message::new("väg ut", "way out"));
        let refusal = Refusal { code: "window", reason, help, file: "a.sql".into(), span };
        let told = value(Refused::of(&refusal));
        assert_eq!(
            told,
            serde_json::json!({"code": "window", "file": "a.sql", "line": 4, "column": 9,
                "reason": {"sv": "varför", "en": "why"}, "help": {"sv": "väg ut", "en": "way out"}})
        );
    }

    #[test]
    fn a_moment_is_told_as_machines_read_it() {
        assert_eq!(utc(1_790_000_000), "2026-09-21T14:13:20Z");
    }
}
