//! `utfall plan`: what a release will be worth before anything is spent.

mod account;
mod quoted;
mod standing;
mod worth;

use clap::Args;
use utfall_estimate::workload::Objective;
use utfall_privacy::{Budget, Measurement, Mechanism};

use self::account::{Account, Due};
use self::worth::Worth;
use super::check::prepare;
use super::places::{Names, Places};
use super::terminal::Terminal;
use super::usage;
use crate::catalogue::number::{self, decimal};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::ReleaseSpec;
use crate::certify::Estimator;
use crate::engine::Engine;
use crate::release::news::News;
use crate::release::preview::{Coarser, Expected, Merged, Preview, axes, coarser, half, merged, preview};
use crate::release::series;
use crate::release::sizes::{Sizes, column_title, sizes};
use crate::release::{CheckedRelease, Standalone};
use utfall_ground::account::up;
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::Message;
use utfall_publish::estimate::interval::Level;

/// Arguments of `utfall plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    names: Names,
    /// Show the plan with another budget or bound: epsilon, delta or participations; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    what_if: Vec<String>,
    /// How many participants to reckon with in a project that states none
    #[arg(long, value_name = "NUMBER", value_parser = usage::at_least_one::<u64>)]
    assume: Option<u64>,
}

impl Plan {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let mut account = Account::of(places, terminal)?;
        let changed = |release| self.what_if.iter().try_fold(release, |release, change| changed(release, change));
        let mut prepared = prepare(places, &self.names, changed).await?;
        for mut checked in std::mem::take(&mut prepared.releases) {
            let planned = checked.measurements.clone();
            // Under a condition, what is paid for is not what is asked.
            let declared = account.as_ref().filter(|_| self.what_if.is_empty()).map(Account::ledger);
            if let Some(ledger) = declared.filter(|_| checked.release.periods.is_some()) {
                checked.measurements = series::measurements(ledger, &checked)?;
                if series::is_another(&places.data, ledger, &checked)? {
                    println!("{}: {}", checked.release.name, super::release::another(terminal));
                }
            }
            let checked = &checked;
            println!("{}: {}", checked.release.name, checked.release.title.get(terminal.lang()));
            for change in &self.what_if {
                println!("  {}: {change}", terminal.say("om", "what if"));
            }
            account::cost(checked, terminal)?;
            standing::told(declared, checked, terminal)?;
            if let Some(account) = &mut account {
                let due = if self.what_if.is_empty() { account.due(&prepared, checked).await } else { Due::New(News::Queries) };
                let waits = account.waits(&prepared, checked, terminal).await?;
                if !(waits && due == Due::Paid) {
                    account.tell(checked, &due, terminal)?;
                }
            }
            if planned == checked.measurements {
                self.worth(Priced { checked, catalogue: &prepared.catalogue, terminal }, &prepared.engine).await?;
            } else {
                standing::reserved(checked, terminal)?;
            }
        }
        if let Some(account) = account.filter(|_| self.what_if.is_empty()) {
            account.conclude(terminal);
        }
        println!("{}", terminal.say("Ingenting har förbrukats.", "Nothing has been spent."));
        Ok(())
    }

    /// What the tables will be worth, and the projects in them.
    async fn worth(&self, priced: Priced<'_>, engine: &Engine) -> Result<(), Error> {
        let Priced { checked, catalogue, terminal } = priced;
        let level = level(checked)?;
        let preview = preview(checked, level.tail());
        println!();
        println!(
            "  {:<26} {:>6} {:>11}  {}",
            terminal.say("tabell", "table"),
            terminal.say("celler", "cells"),
            terminal.say("väntat ±", "expected ±"),
            terminal.say("andel av budgeten", "of the budget")
        );
        for expected in &preview.vectors {
            let mechanism = checked.measurements.iter().find(|m| m.table() == expected.name).map(Measurement::mechanism);
            println!(
                "  {:<26} {:>6} {:>11}  {:>5} %{}",
                expected.name,
                cells(checked, &expected.name),
                margin(expected, mechanism, kind(checked, &expected.name)),
                number(expected.share * 100.0, 1, terminal),
                note(checked, expected, mechanism, terminal)
            );
        }
        for (table, of) in checked.tables.iter().filter_map(|table| Some((table, table.quotes.as_ref()?))) {
            self::quoted::told(checked, table, of, level.tail(), terminal);
        }
        for (name, why) in &checked.planning.standalone {
            println!("  {name}: {}", standalone(*why, terminal));
        }
        println!("  {}", errors(checked, &preview, terminal));
        let sizes = sizes(checked, engine, catalogue, self.assume).await?;
        for expected in &preview.vectors {
            if let Some(kind) = kind(checked, &expected.name) {
                priced.projects(expected, kind, sizes.get(&expected.name), level.tail());
            }
        }
        let twice = checked.release.budget.epsilon() * utfall_privacy::Rational::from_integer(2.into());
        let command = format!("utfall plan {} --what-if epsilon={}", checked.release.name, up(&twice));
        println!("\n  {}: {command}\n", terminal.say("större budget", "a larger budget"));
        Ok(())
    }
}

/// A release whose worth is told.
#[derive(Clone, Copy)]
struct Priced<'a> {
    checked: &'a CheckedRelease,
    catalogue: &'a Catalogue,
    terminal: Terminal,
}

/// The level of a release's intervals.
fn level(checked: &CheckedRelease) -> Result<Level, Error> {
    Level::parse(&checked.release.interval).map_err(|e| {
        let why = format!("`interval` i release.toml skrivs som 0.95, och inte som `{}`", checked.release.interval);
        Error::usage("interval", Message::new(why, e.to_string()))
    })
}

/// How many cells the table of a vector has.
fn cells(checked: &CheckedRelease, vector: &str) -> usize {
    let table = checked.measured().find(|table| table.vectors().iter().any(|name| name == vector));
    table.map_or(0, |table| table.answer.certified.grid().cells.len())
}

/// Half the width of a noise interval in whole numbers, rounded up; of a mean it depends on the people.
fn margin(expected: &Expected, mechanism: Option<&Mechanism>, kind: Option<NumberKind>) -> String {
    let (least, most) = (expected.margin.low.ceil(), expected.margin.high.ceil());
    match mechanism {
        Some(Mechanism::Exponential { .. }) => "–".to_owned(),
        _ if matches!(kind, Some(NumberKind::Mean | NumberKind::Share)) => "↓".to_owned(),
        _ if least < most => format!("{least:.0}–{most:.0}"),
        _ => format!("{most:.0}"),
    }
}

fn note(checked: &CheckedRelease, expected: &Expected, mechanism: Option<&Mechanism>, terminal: Terminal) -> String {
    let told = match mechanism {
        _ if checked.bases.iter().any(|base| base.vectors().contains(&expected.name)) => {
            let of = sums(checked, &expected.name).join(", ");
            terminal.say(format!("mäts för {of}; publiceras inte"), format!("measured for {of}; not published"))
        }
        None => terminal.say("följer av det som mäts", "follows from what is measured").to_owned(),
        Some(Mechanism::Exponential { candidates, .. }) => {
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

/// What the numbers of a vector are to people.
#[derive(Clone, Copy, PartialEq)]
enum NumberKind {
    /// Numbers of rows or people, published as they are.
    Count,
    /// A mean.
    Mean,
    /// A share.
    Share,
}

/// What a vector is, if its numbers can be told apart from zero, or are a mean or a share. (Sums are in units of their own, and
/// what stands behind a spread is not shown.)
fn kind(checked: &CheckedRelease, vector: &str) -> Option<NumberKind> {
    let (table, at) = checked.own().find_map(|table| Some((table, table.vectors().iter().position(|name| name == vector)?)))?;
    table.answer.certified.accepted().crossing.estimators.iter().find_map(|named| match &named.estimator {
        Estimator::Count(of) if *of == at => Some(NumberKind::Count),
        Estimator::Split(of, range) if *of == at => {
            Some(if (range.low, range.high) == (0, 1) { NumberKind::Share } else { NumberKind::Mean })
        }
        _ => None,
    })
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

/// A number as the language writes it.
fn number(value: f64, decimals: usize, terminal: Terminal) -> String {
    let text = format!("{value:.decimals$}");
    terminal.say(text.replace('.', ","), text)
}

impl Priced<'_> {
    /// What the numbers of a table are worth, and those of each project, from how many participants it plans for.
    fn projects(self, expected: &Expected, kind: NumberKind, sizes: Option<&Sizes>, tail: f64) {
        let Self { checked, terminal, .. } = self;
        let axes = axes(checked, &expected.name);
        let column = sizes.map(|sizes| sizes.column);
        // The two numbers behind a mean; else the last key that is not the project: the outcome, where queries name it last.
        let axis = match kind {
            NumberKind::Count => axes.iter().rfind(|(_, of)| of.is_some() && *of != column),
            NumberKind::Mean | NumberKind::Share => axes.iter().find(|(_, column)| column.is_none()),
        };
        let half = axis.and_then(|(axis, _)| half(checked, &expected.name, *axis, tail));
        let worth = Worth { margin: expected.margin.high, half, kind, terminal };
        println!("\n  {}: {}", expected.name, worth.told());
        let mut silent = Vec::new();
        for size in sizes.iter().flat_map(|sizes| &sizes.projects) {
            let label = size.label.get(terminal.lang());
            match size.planned {
                None => silent.push(label),
                Some(planned) => println!("    {label}: {}", worth.of(planned as f64, size.cells as f64)),
            }
        }
        if !silent.is_empty() {
            let why = terminal.say(
                "planerade deltagare saknas; räkna med ett antal: --assume N",
                "planned participants are not stated; reckon with a number: --assume N",
            );
            println!("    {}: {why}", silent.join(", "));
        }
        if let Some(least) = worth.smallest() {
            println!(
                "    {}",
                terminal.say(
                    format!("minsta projekt för ±5 procentenheter på en andel: {least:.0} deltagare"),
                    format!("smallest project for ±5 percentage points on a share: {least:.0} participants"),
                )
            );
        }
        self.helps(expected, kind, column, tail);
    }

    /// What would make the numbers of a table better.
    fn helps(self, expected: &Expected, kind: NumberKind, project: Option<usize>, tail: f64) {
        let Self { checked, catalogue, terminal } = self;
        for (axis, column) in axes(checked, &expected.name) {
            let Some(column) = column.filter(|column| Some(*column) != project && kind == NumberKind::Count) else { continue };
            let name = column_title(checked, &expected.name, column, terminal.lang());
            if let Some(Coarser { title: other, codes: to }) = coarser(checked, catalogue, &expected.name, column)
                && let Some(Merged { codes, margin }) = merged(checked, &expected.name, axis, to, tail)
            {
                let (other, margin, times) = (other.get(terminal.lang()).to_lowercase(), margin.ceil(), codes / to);
                println!(
                    "    {}",
                    terminal.say(
                        format!(
                            "{other} i stället för {}: ±{margin:.0}, och {times} gånger så många personer per cell",
                            name.to_lowercase()
                        ),
                        format!(
                            "{other} in place of {}: ±{margin:.0}, and {times} times as many people per cell",
                            name.to_lowercase()
                        ),
                    )
                );
                continue;
            }
            let two = merged(checked, &expected.name, axis, 2, tail).filter(|merged| merged.codes >= 4);
            let Some(Merged { codes, margin }) = two else { continue };
            let (margin, times) = (margin.ceil(), codes as f64 / 2.0);
            println!(
                "    {}",
                terminal.say(
                    format!("{name} i två grupper: ±{margin:.0}, och {times:.0} gånger så många personer per cell"),
                    format!("{name} in two groups: ±{margin:.0}, and {times:.0} times as many people per cell"),
                )
            );
        }
        let times = expected.margin.high / expected.alone;
        // Alone and with an enormous budget it would have no error at all.
        if times > 1.05 && times.is_finite() {
            let times = number(times, 1, terminal);
            println!(
                "    {}",
                terminal.say(
                    format!("ensam i publiceringen: {times} gånger så små fel"),
                    format!("alone in the release: errors {times} times smaller"),
                )
            );
        }
    }
}

/// A release with one thing changed.
fn changed(release: ReleaseSpec, change: &str) -> Result<ReleaseSpec, Error> {
    let wrong = |why: Message| Error::usage("what-if", why.after(format!("--what-if {}: ", masked(change))));
    let example = "epsilon=2, delta=1e-5";
    let (name, value) = change.split_once('=').ok_or_else(|| {
        wrong(Message::new(
            format!("skriv till exempel {example} eller participations=1"),
            format!("expected for instance {example} or participations=1"),
        ))
    })?;
    let number = || decimal(value).map_err(wrong);
    let budget = |epsilon, delta, keys: &utfall_privacy::Rational| {
        let budget = Budget::new(epsilon, delta).and_then(|budget| budget.with_keys_delta(keys.clone()));
        budget.map_err(|e| wrong(number::wrong(&e)))
    };
    let (epsilon, delta, keys) =
        (release.budget.epsilon().clone(), release.budget.delta().clone(), release.budget.keys_delta().clone());
    let mut changed = release;
    match name.trim() {
        "epsilon" => changed.budget = budget(number()?, delta, &keys)?,
        "delta" => changed.budget = budget(epsilon, number()?, &keys)?,
        "participations" => {
            let bound = value.parse().ok().filter(|bound| (1..=1_000).contains(bound));
            let range = || wrong(Message::new("ett heltal från 1 till 1000", "a whole number from 1 to 1000"));
            changed.bounds.participations = bound.ok_or_else(range)?;
        }
        other => {
            return Err(wrong(Message::new(
                format!("`{other}` kan inte ändras; {example} eller participations=1"),
                format!("`{other}` cannot be changed; {example} or participations=1"),
            )));
        }
    }
    Ok(changed)
}
