//! `utfall ledger`, and how budgets are told to people.

use clap::{Args, Subcommand};
use serde::Serialize;
use utfall_ground::spending::{losses, remaining, spent_of};
use utfall_privacy::{Entry, Event, Measurement, Rational};

use super::places::{Form, Places};
use super::summary;
use super::terminal::{Terminal, tell};
use crate::release::History;
use crate::store::ledger::FileLedger;
use utfall_ground::account::{Charge, charge, down, up};
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message};

/// Arguments of `utfall ledger`.
#[derive(Debug, Args)]
pub(super) struct LedgerArguments {
    #[command(subcommand)]
    command: Option<LedgerCommand>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Raise the lifetime limit; the reason stands in the ledger for ever
    Raise {
        /// The new epsilon, not below the old
        #[arg(long, value_name = "NUMBER")]
        epsilon: String,
        /// The new delta, not below the old
        #[arg(long, value_name = "NUMBER")]
        delta: String,
        /// The new part of delta set aside for tables whose keys are private
        #[arg(long, value_name = "NUMBER", default_value = "0")]
        keys_delta: String,
        /// Who decided it and why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Say that the clock is right: what bears later days was written by one that was ahead, and a long silence was one
    Clock,
}

impl LedgerArguments {
    /// Whether nothing is written to the ledger.
    pub(super) fn only_tells(&self) -> bool {
        self.command.is_none()
    }

    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let mut ledger = places.ledger()?;
        match self.command {
            Some(LedgerCommand::Raise { epsilon, delta, keys_delta, reason }) => {
                let limit = super::init::limit(&epsilon, &delta, &keys_delta, Some(ledger.limit()))?;
                ledger.raise(&limit, &reason, utfall_ground::clock::now())?;
            }
            Some(LedgerCommand::Clock) => return clock(places, &ledger, terminal),
            None => {}
        }
        let history = named(places, &ledger, terminal);
        for entry in ledger.entries() {
            summary::push("entries", EntryObject::of(entry, &history));
            tell!(terminal, "{}", line(entry, &history, terminal));
        }
        tell!(terminal);
        tell!(
            terminal,
            "{}",
            terminal.say(
                "Kedjan är hel och stämmer med nyckelzonens vittne.",
                "The chain is whole and agrees with the witness in the key zone."
            )
        );
        print_budget(&ledger, terminal);
        Ok(())
    }
}

fn clock(places: &Places, ledger: &FileLedger, terminal: Terminal) -> Result<(), Error> {
    let (early, today) = (crate::store::clock::is_right(&places.store(terminal)?, ledger)?, utfall_ground::clock::today());
    let told = |terminal: Terminal| {
        match early {
        Some(until) => terminal.say(
            format!(
                "det som är skrivet efter {today}, till och med {until}, räknas som skrivet av en klocka som gick före; det som publicerades då står kvar"
            ),
            format!(
                "what was written after {today}, until {until}, is taken for written by a clock that was ahead; what was published then stays published"
            ),
        ),
        None => terminal.say(format!("klockan går rätt: det är {today}"), format!("the clock is right: it is {today}")),
    }
    };
    tell!(terminal, "{}", told(terminal));
    summary::set("clock", terminal.both(told));
    Ok(())
}

/// What the limit is, what is spent and what is left.
pub(super) fn print_budget(ledger: &FileLedger, terminal: Terminal) {
    summary::budget(ledger);
    let limit = ledger.limit();
    tell!(terminal, "  {}: epsilon {}, delta {}", terminal.say("gräns", "limit"), up(limit.epsilon()), up(limit.delta()));
    tell!(terminal, "  {}: epsilon {}", terminal.say("förbrukat", "spent"), up(&spent_of(ledger.account())));
    tell!(terminal, "  {}: epsilon {}", terminal.say("kvar", "left"), down(&remaining(ledger.account())));
    for release in ledger.open_reservations() {
        tell!(
            terminal,
            "{} {release}: {}",
            terminal.say("påbörjad release", "unfinished release"),
            terminal.say(
                "`utfall release` fullföljer den utan ny kostnad om inget har landat eller ändrats sedan dess (en period i en serie: vad som än har landat)",
                "`utfall release` completes it without another charge if nothing has landed or changed since (a period of a series: whatever has landed)"
            )
        );
    }
}

/// An entry of the ledger, as machines read it. The ledger was verified when it was opened.
#[derive(Serialize)]
struct EntryObject {
    index: u64,
    time: String,
    event: &'static str,
    /// The name under which it is archived.
    name: Option<String>,
    release: Option<String>,
    series: Option<String>,
    period: Option<String>,
    /// What was reserved.
    cost: Option<Charge>,
    /// The limit, where one was set.
    limit: Option<Charge>,
    reason: Option<String>,
}

impl EntryObject {
    fn of(entry: &Entry, history: &History) -> Self {
        let none = Self {
            index: entry.index(),
            time: summary::utc(entry.time()),
            event: "",
            name: name(entry.event(), history).map(str::to_owned),
            release: None,
            series: None,
            period: None,
            cost: None,
            limit: None,
            reason: None,
        };
        let limit = |limit: &utfall_privacy::Budget| {
            Some(Charge { epsilon: Some(up(limit.epsilon())), rho: None, delta: up(limit.delta()) })
        };
        let cost = |of: &[Measurement]| losses(of, &Rational::from_integer(2.into())).ok().map(|losses| Charge::of(&losses));
        match entry.event() {
            Event::Open { limit: of, .. } => Self { event: "open", limit: limit(of), ..none },
            Event::Reserve { release, measurements, .. } => {
                Self { event: "reserve", release: Some(release.to_string()), cost: cost(measurements), ..none }
            }
            Event::Series { series, measurements, .. } => {
                Self { event: "series", series: Some(series.to_string()), cost: cost(measurements), ..none }
            }
            Event::Period { release, series, period, .. } => Self {
                event: "period",
                release: Some(release.to_string()),
                series: Some(series.to_string()),
                period: Some(period.to_string()),
                ..none
            },
            Event::Archived { release, .. } => Self { event: "archived", release: Some(release.to_string()), ..none },
            Event::Raise { limit: of, reason } => Self { event: "raise", limit: limit(of), reason: Some(reason.clone()), ..none },
        }
    }
}

/// What is archived under which name. A ledger can be read without its archive: then releases go by their ids.
fn named(places: &Places, ledger: &FileLedger, terminal: Terminal) -> History {
    History::read(&places.data, ledger).unwrap_or_else(|error| {
        terminal.warn("no-names", Message::new(error.shown(Lang::Sv), error.shown(Lang::En)));
        History::without_names(ledger)
    })
}

/// An entry of the ledger in a line: its number, when, what happened, to which release and what that bought.
pub(super) fn line(entry: &Entry, history: &History, terminal: Terminal) -> String {
    let event = entry.event();
    let name = name(event, history).map(|name| format!("{name}  ")).unwrap_or_default();
    let told = format!("{:>4}  {}  {name}{}", entry.index(), utc(entry.time()), self::event(event, terminal));
    match event {
        Event::Reserve { measurements, .. } | Event::Series { measurements, .. } => {
            format!("{told}\n{:>28}{}", "", bought(measurements, terminal))
        }
        Event::Open { .. } | Event::Period { .. } | Event::Archived { .. } | Event::Raise { .. } => told,
    }
}

/// The name under which what an event is about is archived.
fn name<'h>(event: &Event, history: &'h History) -> Option<&'h str> {
    match event {
        Event::Reserve { release, .. } | Event::Period { release, .. } | Event::Archived { release, .. } => history.name(release),
        Event::Series { series, .. } => history.name_of_series(series),
        Event::Open { .. } | Event::Raise { .. } => None,
    }
}

/// What is measured for a charge: each vector with its number of numbers.
fn bought(measurements: &[Measurement], terminal: Terminal) -> String {
    let each = measurements.iter().map(|of| format!("{} ({})", of.table(), of.cells()));
    format!("{}: {}", terminal.say("mäter", "measures"), each.collect::<Vec<_>>().join(", "))
}

fn event(event: &Event, terminal: Terminal) -> String {
    match event {
        Event::Open { limit, key_id, .. } => format!(
            "{}: epsilon {}, delta {}, {} {key_id}",
            terminal.say("öppnad", "opened"),
            up(limit.epsilon()),
            up(limit.delta()),
            terminal.say("nyckel", "key")
        ),
        Event::Reserve { release, measurements, .. } => {
            format!("{} {release}: {}", terminal.say("reserverat", "reserved"), cost(measurements))
        }
        Event::Series { series, measurements, .. } => {
            format!("{} {series}: {}", terminal.say("reserverat för serien", "reserved for the series"), cost(measurements))
        }
        Event::Period { release, series, period, .. } => {
            let short = series.to_string().chars().take(16).collect::<String>();
            format!(
                "{} {release}: {}",
                terminal.say("reserverat", "reserved"),
                terminal.say(
                    format!("{period} i serien {short}, redan betald"),
                    format!("{period} of series {short}, paid for already")
                )
            )
        }
        Event::Archived { release, .. } => format!("{} {release}", terminal.say("arkiverat", "archived")),
        Event::Raise { limit, reason } => {
            format!("{}: epsilon {}, delta {} ({reason})", terminal.say("höjd", "raised"), up(limit.epsilon()), up(limit.delta()))
        }
    }
}

/// What tables cost together; the ledger was verified, so each has a cost.
fn cost(measurements: &[Measurement]) -> String {
    losses(measurements, &Rational::from_integer(2.into())).map_or_else(|_| String::new(), |losses| charge(&losses))
}

/// Seconds since 1970 as a date and a time.
fn utc(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| chrono::DateTime::from_timestamp(s, 0));
    time.map_or_else(|| seconds.to_string(), |t| t.format("%Y-%m-%d %H:%M:%SZ").to_string())
}
