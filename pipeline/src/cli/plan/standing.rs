//! What `utfall plan` says of a series beside what it says of any release.

use super::level;
use crate::cli::terminal::{Terminal, tell};
use crate::release::CheckedRelease;
use crate::release::series::{self, NextPeriod, SeriesProgress};
use crate::store::ledger::FileLedger;
use utfall_ground::calendar::Period;
use utfall_ground::error::Error;

/// Where a series stands: what is published, what is due, and what another vintage would cost.
pub(super) fn told(
    ledger: Option<&FileLedger>,
    checked: &CheckedRelease,
    terminal: Terminal,
) -> Result<Option<SeriesProgress>, Error> {
    let Some(periods) = &checked.release.periods else { return Ok(None) };
    let standing = series::standing(ledger, checked, utfall_ground::clock::today())?;
    let span = |all: &[Period]| match all {
        [] => terminal.say("inga", "none").to_owned(),
        [one] => one.to_string(),
        [first, .., last] => format!("{first}–{last} ({})", all.len()),
    };
    let length = periods.first.length().name();
    let length = length.get(terminal.lang());
    tell!(
        terminal,
        "  {}",
        terminal.say(
            format!("serie: varje {length} publiceras en gång; siffrorna nedan gäller en period"),
            format!("series: each {length} is published once; the figures below are for one period"),
        )
    );
    tell!(terminal, "  {}: {}", terminal.say("publicerade perioder", "periods published"), span(&standing.published));
    tell!(
        terminal,
        "  {}: {}",
        terminal.say("fullständiga och inte publicerade", "complete and not published"),
        span(&standing.due)
    );
    if let Some(NextPeriod { period: next, from }) = &standing.next {
        tell!(
            terminal,
            "  {}: {next}, {} {from}",
            terminal.say("nästa period", "next period"),
            terminal.say("fullständig från", "complete from")
        );
    }
    if standing.vintages > 0 {
        let (name, next) = (&checked.release.name, standing.vintages + 1);
        tell!(
            terminal,
            "  {}",
            terminal.say(
                format!(
                    "betald; en ny version av varje period kostar en gång till det som står ovan: utfall release {name} --vintage {next}"
                ),
                format!(
                    "paid for; a new version of every period costs what stands above once more: utfall release {name} --vintage {next}"
                ),
            )
        );
    }
    Ok(Some(standing))
}

/// What the noise of a series is worth that was reserved when other sizes, weights or aims were public: each table alone.
pub(super) fn reserved(checked: &CheckedRelease, terminal: Terminal) -> Result<(), Error> {
    let level = level(checked)?;
    tell!(
        terminal,
        "\n  {}",
        terminal.say(
            "vikter, mål eller register har ändrats sedan serien reserverades; dess brus är det som reserverades då:",
            "weights, aims or the register have changed since the series was reserved; its noise is what was reserved then:",
        )
    );
    for measurement in &checked.measurements {
        let margin = utfall_publish::publication::margin(measurement.mechanism(), level);
        let margin = margin.map_or_else(|| "–".to_owned(), |margin| format!("±{margin}"));
        tell!(terminal, "  {:<26} {:>6} {margin:>11}", measurement.table(), measurement.cells());
    }
    tell!(terminal);
    Ok(())
}
