//! The table of what a release measures: of each vector its cells, how far its numbers can be off, how many of them will be marked, and
//! its share of the budget.

use utfall_privacy::{Measurement, Mechanism};

use super::figures::{number, percent, short};
use super::quoted;
use crate::cli::terminal::{Terminal, tell};
use crate::release::preview::{Expected, Kind, Outlook, Preview, Prospect};
use crate::release::{CheckedRelease, Standalone};
use utfall_estimate::workload::Objective;

/// Prints it.
pub(super) fn told(prospect: &Prospect<'_>, preview: &Preview, outlooks: &[Outlook<'_>], tail: f64, terminal: Terminal) {
    let checked = prospect.checked;
    tell!(terminal);
    tell!(
        terminal,
        "  {:<26} {:>6} {:>11} {:>9}  {}",
        terminal.say("tabell", "table"),
        terminal.say("celler", "cells"),
        terminal.say("väntat ±", "expected ±"),
        terminal.say("märkta u", "marked u"),
        terminal.say("andel av budgeten", "of the budget")
    );
    for expected in &preview.vectors {
        let mechanism = checked.measurements.iter().find(|m| m.table() == expected.name).map(Measurement::mechanism);
        let outlook = outlooks.iter().find(|outlook| outlook.table.vectors().contains(&expected.name));
        let cells = outlook.map_or_else(|| cells(checked, &expected.name), Outlook::cells);
        tell!(
            terminal,
            "  {:<26} {:>6} {:>11} {:>9}  {:>5} %{}",
            expected.name,
            number(cells as f64, 0, terminal),
            off(expected, mechanism, outlook, terminal),
            outlook.map_or_else(|| "–".to_owned(), |outlook| percent(outlook.marked(), terminal)),
            number(expected.share * 100.0, 1, terminal),
            note(checked, expected, mechanism, terminal)
        );
    }
    for (table, of) in checked.tables.iter().filter_map(|table| Some((table, table.quotes.as_ref()?))) {
        quoted::told(checked, table, of, tail, terminal);
    }
    for (name, why) in &checked.planning.standalone {
        tell!(terminal, "  {name}: {}", standalone(*why, terminal));
    }
    tell!(terminal, "  {}", errors(checked, preview, terminal));
}

/// How many cells the table of a vector has.
fn cells(checked: &CheckedRelease, vector: &str) -> usize {
    let table = checked.measured().find(|table| table.vectors().iter().any(|name| name == vector));
    table.map_or(0, |table| table.answer.certified.grid().cells.len())
}

/// How far the numbers of a vector can be off: of counts and sums for all cells, of means and shares for as many people as its cells are
/// expected to have; of chosen values the part of these people by which they are out of place.
fn off(expected: &Expected, mechanism: Option<&Mechanism>, outlook: Option<&Outlook<'_>>, terminal: Terminal) -> String {
    let of = outlook.and_then(|outlook| Some((outlook, outlook.statistics.iter().find(|of| of.vector == expected.name)?)));
    match of {
        Some((outlook, of)) if of.kind == Kind::Share => points(of.off(outlook.people()), terminal),
        Some((outlook, of)) if matches!(of.kind, Kind::Mean(_)) => short(of.off(outlook.people()), terminal),
        Some((outlook, of)) if matches!(of.kind, Kind::Quantile(_)) => {
            let off = of.off(outlook.people());
            if off < 0.5 { percent(off, terminal) } else { format!(">{}", percent(0.5, terminal)) }
        }
        _ if matches!(mechanism, Some(Mechanism::Exponential { .. })) => "–".to_owned(),
        _ => margin(expected, terminal),
    }
}

/// Half the width of the interval of a share, in percentage points.
fn points(share: f64, terminal: Terminal) -> String {
    let unit = terminal.say("p.e.", "pp");
    if share < 0.5 { format!("{} {unit}", short(share * 100.0, terminal)) } else { format!(">50 {unit}") }
}

/// Half the width of a noise interval in whole numbers, rounded up.
pub(super) fn margin(expected: &Expected, terminal: Terminal) -> String {
    let (least, most) = (number(expected.margin.low.ceil(), 0, terminal), number(expected.margin.high.ceil(), 0, terminal));
    if least == most { most } else { format!("{least}–{most}") }
}

fn note(checked: &CheckedRelease, expected: &Expected, mechanism: Option<&Mechanism>, terminal: Terminal) -> String {
    let told = match mechanism {
        _ if checked.bases.iter().any(|base| base.vectors().contains(&expected.name)) => {
            let of = sums(checked, &expected.name).join(", ");
            terminal.say(format!("mäts för {of}; publiceras inte"), format!("measured for {of}; not published"))
        }
        None => terminal.say("följer av det som mäts", "follows from what is measured").to_owned(),
        Some(Mechanism::Exponential { candidates, .. }) => {
            let candidates = number(*candidates as f64, 0, terminal);
            terminal.say(format!("väljs bland {candidates} värden"), format!("selected among {candidates} values"))
        }
        Some(Mechanism::ThresholdedLaplace { threshold, .. }) => {
            terminal.say(format!("visas över {threshold}"), format!("shown above {threshold}"))
        }
        _ if expected.share < 0.001 => terminal.say("följer av de andra", "follows from the others").to_owned(),
        _ => return String::new(),
    };
    format!("  {told}")
}

/// The vectors whose numbers are sums of those of a table that is measured for others.
fn sums(checked: &CheckedRelease, base: &str) -> Vec<String> {
    let families = checked.planning.families();
    let mut of: Vec<String> = families.flat_map(|family| family.sums_of(base)).map(str::to_owned).collect();
    of.dedup();
    of
}

fn standalone(why: Standalone, terminal: Terminal) -> &'static str {
    match why {
        Standalone::Places => terminal.say(
            "avstäms inte med de andra: dess områden ligger inte inom deras, eller deras inom dess",
            "not reconciled with the others: its places do not lie within theirs, nor theirs within its",
        ),
        Standalone::Own => terminal.say(
            "avstäms inte med de andra: nyckeln är listans egen kolumn; ta den offentliga tabellens, till exempel p.project",
            "not reconciled with the others: its key is the list's own column; use the public table's, such as p.project",
        ),
        Standalone::Tables => terminal.say(
            "avstäms inte med de andra: dess områden kommer ur en annan offentlig tabell",
            "not reconciled with the others: its places come from another public table",
        ),
        Standalone::Twice => terminal.say(
            "avstäms inte med de andra: nyckel, andel eller WHERE säger samma villkor två gånger",
            "not reconciled with the others: its key, share or WHERE say the same condition twice",
        ),
        Standalone::Keys => {
            terminal.say("avstäms inte med de andra: för många nycklar", "not reconciled with the others: too many keys")
        }
    }
}

/// What was minimised, beside equal shares and the best possible.
fn errors(checked: &CheckedRelease, preview: &Preview, terminal: Terminal) -> String {
    let (error, even) = (number(preview.error, 2, terminal), number(preview.even, 2, terminal));
    let what = match checked.release.objective {
        Objective::Tables => {
            terminal.say("medelfel per cell, alla tabeller lika", "root mean square error per cell, all tables alike")
        }
        Objective::Cells => {
            terminal.say("medelfel per cell, alla celler lika", "root mean square error per cell, all cells alike")
        }
        Objective::Largest => terminal.say("största standardfel", "largest standard error"),
    };
    let best = preview.best.map(|best| {
        let best = number(best, 2, terminal);
        terminal.say(
            format!("; inget normalfördelat brus kan ge mindre än {best}"),
            format!("; no Gaussian mechanism can be below {best}"),
        )
    });
    terminal.say(
        format!("{what}: {error}; lika delar utan avstämning {even}{}", best.clone().unwrap_or_default()),
        format!("{what}: {error}; equal shares unreconciled {even}{}", best.unwrap_or_default()),
    )
}
