//! `utfall ledger`, and how budgets are told to people.

use clap::{Args, Subcommand};
use utfall_privacy::accountant::remaining;
use utfall_privacy::{Budget, Charge, Event, Rational};

use super::Places;
use crate::error::Error;
use crate::language::say;
use crate::store::ledger::{FileLedger, open};

/// Arguments of `utfall ledger`.
#[derive(Debug, Args)]
pub(super) struct LedgerArguments {
    #[command(subcommand)]
    command: Option<LedgerCommand>,
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
        /// Who decided it and why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl LedgerArguments {
    pub(super) fn run(self, places: &Places) -> Result<(), Error> {
        let mut ledger = open(&places.data, &places.keys()?)?;
        if let Some(LedgerCommand::Raise { epsilon, delta, reason }) = self.command {
            let limit = Budget::parse(&epsilon, &delta).map_err(|e| Error::usage(e.to_string()))?;
            ledger.raise(&limit, &reason, crate::release::now()).map_err(|e| Error::usage(e.to_string()))?;
        }
        for entry in ledger.entries() {
            println!("{:>4}  {}  {}", entry.index(), utc(entry.time()), event(entry.event()));
        }
        println!();
        println!(
            "{}",
            say(
                "Kedjan är hel och stämmer med nyckelzonens vittne.",
                "The chain is whole and agrees with the witness in the key zone."
            )
        );
        print_budget(&ledger);
        Ok(())
    }
}

/// What the limit is, what is spent and what is left.
pub(super) fn print_budget(ledger: &FileLedger) {
    let limit = ledger.limit();
    let left = remaining(limit, ledger.charges());
    println!("  {}: epsilon {}, delta {}", say("gräns", "limit"), decimal(limit.epsilon()), decimal(limit.delta()));
    println!("  {}: epsilon {}", say("förbrukat", "spent"), decimal(&ledger.spent()));
    println!("  {}: epsilon {}", say("kvar", "left"), decimal(&left.epsilon));
    for release in ledger.open_reservations() {
        println!(
            "{} {release}: {}",
            say("påbörjad release", "unfinished release"),
            say("kör `utfall release` igen; den kostar inget mer", "run `utfall release` again; it costs nothing more")
        );
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::Open { limit, key_id, .. } => format!(
            "{}: epsilon {}, delta {}, {} {key_id}",
            say("öppnad", "opened"),
            decimal(limit.epsilon()),
            decimal(limit.delta()),
            say("nyckel", "key")
        ),
        Event::Reserve { release, charge: c, .. } => format!("{} {release}: {}", say("reserverat", "reserved"), charge(c)),
        Event::Archived { release, .. } => format!("{} {release}", say("arkiverat", "archived")),
        Event::Raise { limit, reason } => {
            format!(
                "{}: epsilon {}, delta {} ({reason})",
                say("höjd", "raised"),
                decimal(limit.epsilon()),
                decimal(limit.delta())
            )
        }
    }
}

/// A charge in the field's own terms.
pub(super) fn charge(charge: &Charge) -> String {
    match charge {
        Charge::Pure(epsilon) => format!("epsilon {}", decimal(epsilon)),
        Charge::Zcdp(rho) => format!("rho {} (zCDP)", decimal(rho)),
    }
}

/// A public rational for people: exact where short, else rounded to six significant digits.
pub(super) fn decimal(number: &Rational) -> String {
    let text = utfall_privacy::rational::to_text(number);
    let parts = text.split_once('/').map(|(n, d)| (n.parse::<f64>(), d.parse::<f64>()));
    match parts {
        Some((Ok(n), Ok(d))) if n == 0.0 || (n / d).abs() >= 1e-3 => {
            let rounded = format!("{:.6}", n / d);
            rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Some((Ok(n), Ok(d))) => format!("{:e}", n / d),
        _ => text,
    }
}

/// Seconds since 1970 as a date and a time.
fn utc(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|s| chrono::DateTime::from_timestamp(s, 0));
    time.map_or_else(|| seconds.to_string(), |t| t.format("%Y-%m-%d %H:%M:%SZ").to_string())
}
