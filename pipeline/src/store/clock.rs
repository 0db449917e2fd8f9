//! The day, by the world's clock, and what shows that the clock is wrong. A clock that is behind what was written before, or behind
//! this program, is wrong: nothing lands and nothing is released by it. One that is ahead cannot be told from a late day; so
//! publishing says by which day periods were complete, and after a long silence a series publishes nothing until somebody has
//! said that the clock is right.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utfall_privacy::Entry;

use super::ledger::FileLedger;
use utfall_ground::clock::{date, now};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};

use super::Store;

/// The day of this version, set by hand when one is made: a date of the build would make no two builds the same.
const MADE: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
/// The seconds of a day.
const DAY: u64 = 86_400;
/// After so many days without an entry a clock is more likely ahead than right.
const SILENCE: u64 = 400;
/// The file that says that a clock was ahead.
const FILE: &str = "clock.toml";

/// Refuses a clock that is behind what was written in the store or its ledger, or behind this program; gives a warning if
/// nothing was written for so long that it is rather ahead.
///
/// # Errors
/// With what the clock contradicts, and what to do.
pub fn check(store: &Store, ledger: &FileLedger) -> Result<Option<Message>, Error> {
    judge(now(), newest(store.root(), ledger.entries()).as_ref())
}

/// The same, for whoever publishes: of a clock that is ahead, what landed by it says nothing.
///
/// # Errors
/// As [`check`].
pub fn check_publishing(store: &Store, ledger: &FileLedger) -> Result<Option<Message>, Error> {
    check(store, ledger)?;
    judge(now(), paid(store.root(), ledger.entries()).as_ref())
}

/// Refuses a clock that is behind this program.
///
/// # Errors
/// With what to do.
pub fn check_alone() -> Result<(), Error> {
    judge(now(), None).map(|_| ())
}

/// Writes down that the clock is right now: what is dated after today was written by one that was ahead, and a long silence was
/// one. Gives the latest day that was written too early, if any was.
///
/// # Errors
/// When nothing speaks against the clock, or the file system refuses.
pub fn is_right(store: &Store, ledger: &FileLedger) -> Result<Option<NaiveDate>, Error> {
    let (root, entries, now) = (store.root(), ledger.entries(), now());
    let early = newest(root, entries).map(|newest| newest.at).filter(|at| is_behind(now, *at));
    if early.is_none() && judge(now, paid(root, entries).as_ref())?.is_none() {
        return Err(Error::usage(
            "clock-unquestioned",
            Message::new(
                format!("klockan säger {}, och inget talar emot det; ingenting ändrades", date(now)),
                format!("the clock says {}, and nothing speaks against that; nothing was changed", date(now)),
            ),
        ));
    }
    let text = toml::to_string(&Ahead { from: now, until: early.unwrap_or(now) }).map_err(Error::not_encodable)?;
    durable::replace(&root.join(FILE), text.as_bytes())?;
    Ok(early.map(date))
}

/// What was written last.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    /// When, in seconds since 1970.
    at: u64,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Ledger,
    Landing,
    Ahead,
}

/// The times between which everything was written by a clock that was ahead.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ahead {
    from: u64,
    until: u64,
}

impl Ahead {
    fn read(root: &Path) -> Option<Self> {
        toml::from_str(&std::fs::read_to_string(root.join(FILE)).ok()?).ok()
    }

    fn holds(&self, at: u64) -> bool {
        at > self.from.saturating_add(DAY) && at <= self.until
    }
}

/// The day after: time zones and clocks that drift make no more than that.
fn later(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn is_behind(now: u64, written: u64) -> bool {
    later(date(now)) < date(written)
}

fn judge(now: u64, newest: Option<&Written>) -> Result<Option<Message>, Error> {
    let clock = date(now);
    if later(clock) < MADE {
        return Err(Error::usage(
            "clock-behind",
            Message::new(
                format!("klockan säger {clock}, men den här versionen av utfall är från {MADE}; ställ klockan"),
                format!("the clock says {clock}, but this version of utfall is of {MADE}; set the clock"),
            ),
        ));
    }
    let Some(newest) = newest else { return Ok(None) };
    let (what, day) = (newest.what.name(), date(newest.at));
    let (sv, en) = (what.get(Lang::Sv), what.get(Lang::En));
    if is_behind(now, newest.at) {
        return Err(Error::usage(
            "clock-behind",
            Message::new(
                format!(
                    "klockan säger {clock}, men {sv} är från {day}; ställ klockan, eller kör `utfall ledger clock` om den gick före då och är rätt nu"
                ),
                format!(
                    "the clock says {clock}, but {en} was written on {day}; set the clock, or run `utfall ledger clock` if it was ahead then and is right now"
                ),
            ),
        ));
    }
    let days = now.saturating_sub(newest.at) / DAY;
    Ok((days > SILENCE).then(|| {
        Message::new(
            format!("klockan säger {clock}, {days} dagar efter {sv} ({day}): gör den rätt, eller går den före?"),
            format!("the clock says {clock}, {days} days after {en} ({day}): is it right, or ahead?"),
        )
    }))
}

impl What {
    fn name(&self) -> Message {
        match self {
            Self::Ledger => Message::new("den senaste posten i huvudboken", "the ledger's newest entry"),
            Self::Landing => Message::new("det som landade senast", "what landed last"),
            Self::Ahead => Message::new("beskedet att klockan går rätt", "the word that the clock is right"),
        }
    }
}

/// What was written last. What cannot be read here is damaged, which is for others to say.
fn newest(root: &Path, ledger: &[Entry]) -> Option<Written> {
    let tables = std::fs::read_dir(root.join("landed")).into_iter().flatten().flatten();
    let landed = tables.filter_map(|table| Some(Written { at: committed(&table.path())?, what: What::Landing }));
    last(root, ledger, landed)
}

/// What was written last in the ledger.
fn paid(root: &Path, ledger: &[Entry]) -> Option<Written> {
    last(root, ledger, std::iter::empty())
}

/// The last of all that, leaving out what a clock wrote that was ahead, with the word that it is right.
fn last(root: &Path, ledger: &[Entry], landed: impl Iterator<Item = Written>) -> Option<Written> {
    let ahead = Ahead::read(root);
    let counts = |written: &Written| ahead.as_ref().is_none_or(|ahead| !ahead.holds(written.at));
    let entries = ledger.iter().map(|entry| Written { at: entry.time(), what: What::Ledger });
    let told = ahead.iter().map(|ahead| Written { at: ahead.from, what: What::Ahead });
    entries.chain(landed).filter(counts).chain(told).max_by_key(|written| written.at)
}

/// When the newest commit of a landed table was made, in seconds, as it says itself.
fn committed(table: &Path) -> Option<u64> {
    let files = std::fs::read_dir(table.join("_delta_log")).ok()?.flatten().map(|file| file.path());
    let is_commit =
        |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.len() == 20) && path.extension() == Some("json".as_ref());
    let text = std::fs::read_to_string(files.filter(is_commit).max()?).ok()?;
    let mut actions = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let info = actions.find_map(|mut action| action.get_mut("commitInfo").map(serde_json::Value::take))?;
    info.get("timestamp")?.as_u64().map(|milliseconds| milliseconds / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_ground::clock::today;

    fn seconds(day: &str) -> u64 {
        let midnight = day.parse::<NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap();
        midnight.and_utc().timestamp().try_into().unwrap()
    }

    #[test]
    fn the_day_of_this_version_has_come() {
        assert!(MADE <= today(), "{MADE} is to come: a right clock would be refused");
    }

    #[test]
    fn a_clock_may_be_a_day_behind_and_no_more() {
        let judged = |now: &str, newest: &str| {
            judge(seconds(now), Some(&Written { at: seconds(newest), what: What::Ledger })).map(|warning| warning.is_some())
        };
        assert!(!judged("2027-03-01", "2027-03-01").unwrap() && !judged("2027-03-01", "2027-03-02").unwrap());
        assert!(judged("2027-03-01", "2027-03-03").is_err());
        assert!(!judged("2028-04-04", "2027-03-01").unwrap(), "400 days of silence are none");
        assert!(judged("2028-04-06", "2027-03-01").unwrap());
        // Before anything was written the program's own day is all there is.
        let alone = |now: &str| judge(seconds(now), None).is_ok();
        assert!(alone("2026-11-01") && alone("2026-10-31") && !alone("2026-10-30") && !alone("1975-01-01"));
    }

    #[test]
    fn what_a_clock_wrote_that_was_ahead_counts_no_more_and_the_word_of_it_does() {
        let ahead = Ahead { from: seconds("2027-03-01"), until: seconds("2035-01-01") };
        let holds = |day: &str| ahead.holds(seconds(day));
        assert!(
            holds("2030-01-01") && holds("2035-01-01") && !holds("2035-01-02") && !holds("2027-03-01") && !holds("2026-01-01")
        );
    }
}
