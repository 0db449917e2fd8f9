//! `utfall plan`: what a release will be worth before anything is spent.

use clap::Args;
use utfall_privacy::accountant::{admits, compose, remaining, spent};
use utfall_privacy::loss::epsilon_of_fixed_list;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{Budget, Charge, Mechanism};

use super::Places;
use super::releasing::{Names, Prepared, prepare_as};
use crate::account::{charge, down, up};
use crate::derive::interval::Level;
use crate::engine::Engine;
use crate::error::Error;
use crate::language::say;
use crate::query::Release;
use crate::release::preview::{Expected, axes, half, merged, preview};
use crate::release::sizes::{Sizes, column_title, sizes};
use crate::release::{Apart, Checked};
use crate::schema::Catalogue;
use crate::store::Store;

/// Arguments of `utfall plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    names: Names,
    /// Show the plan with another budget or bound: epsilon, delta or participations; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    what_if: Vec<String>,
    /// How many participants to reckon with in a project that states none
    #[arg(long, value_name = "NUMBER")]
    assume: Option<u64>,
}

impl Plan {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let ledger = if Store::exists(&places.data) { Some(places.ledger()?) } else { None };
        let mut charges: Vec<Charge> = ledger.iter().flat_map(|l| l.charges().to_vec()).collect();
        let changed = |release| self.what_if.iter().try_fold(release, changed);
        let Prepared { catalogue, engine, releases } = prepare_as(places, &self.names, changed).await?;
        for checked in &releases {
            println!("{}: {}", checked.release.name, checked.release.title.get(crate::language::current()));
            for change in &self.what_if {
                println!("  {}: {change}", say("om", "what if"));
            }
            let cost = cost(checked)?;
            if let Some(ledger) = &ledger {
                let left = remaining(ledger.limit(), &charges);
                charges.push(cost);
                let fits = if admits(ledger.limit(), &charges) { say("ryms", "fits") } else { say("ryms INTE", "does NOT fit") };
                println!(
                    "  {}: epsilon {}; {fits}",
                    say("kvar av livstidsbudgeten", "left of the lifetime budget"),
                    down(&left.epsilon)
                );
            }
            self.worth(checked, &engine, &catalogue).await?;
        }
        println!("{}", say("Ingenting har förbrukats.", "Nothing has been spent."));
        Ok(())
    }

    /// What the tables will be worth, and the projects in them.
    async fn worth(&self, checked: &Checked, engine: &Engine, catalogue: &Catalogue) -> Result<(), Error> {
        let level = Level::parse(&checked.release.interval).map_err(|e| Error::usage(e.to_string()))?;
        let preview = preview(checked, level.tail());
        println!();
        println!(
            "  {:<26} {:>6} {:>11}  {}",
            say("tabell", "table"),
            say("celler", "cells"),
            say("väntat ±", "expected ±"),
            say("andel av budgeten", "of the budget")
        );
        for (expected, measurement) in preview.vectors.iter().zip(shared(checked)) {
            println!(
                "  {:<26} {:>6} {:>11}  {:>5.1} %{}",
                expected.name,
                measurement.cells(),
                margin(expected, measurement.mechanism()),
                expected.share * 100.0,
                note(expected, measurement.mechanism())
            );
        }
        for (name, why) in &checked.planning.apart {
            println!("  {name}: {}", apart(*why));
        }
        let best = preview.best.map(|best| {
            say(
                format!("; bästa tänkbara normalfördelade brus {best:.2}"),
                format!("; the best possible Gaussian mechanism {best:.2}"),
            )
        });
        println!(
            "  {}{}",
            say(
                format!("medelfel {:.2} per cell; lika delar utan avstämning {:.2}", preview.error, preview.even),
                format!("error {:.2} per cell (root mean square); equal shares unreconciled {:.2}", preview.error, preview.even),
            ),
            best.unwrap_or_default()
        );
        let sizes = sizes(checked, engine, catalogue, self.assume).await?;
        for expected in &preview.vectors {
            if let Some(sizes) = sizes.get(&expected.name) {
                projects(checked, expected, sizes, level.tail());
            }
        }
        println!();
        Ok(())
    }
}

/// The measurements that share the budget.
fn shared(checked: &Checked) -> Vec<&utfall_privacy::Measurement> {
    checked.measurements.iter().filter(|m| checked.planning.units.iter().any(|unit| unit == m.table())).collect()
}

/// Half the width of a noise interval in whole numbers, rounded up.
fn margin(expected: &Expected, mechanism: &Mechanism) -> String {
    let (least, most) = (expected.margin.0.ceil(), expected.margin.1.ceil());
    match mechanism {
        Mechanism::Exponential { .. } => "–".to_owned(),
        _ if least < most => format!("{least:.0}–{most:.0}"),
        _ => format!("{most:.0}"),
    }
}

fn note(expected: &Expected, mechanism: &Mechanism) -> String {
    let told = match mechanism {
        Mechanism::Exponential { candidates, .. } => {
            say(format!("väljs bland {candidates} värden"), format!("selected among {candidates} values"))
        }
        Mechanism::ThresholdedLaplace { threshold, .. } => {
            say(format!("visas över {threshold}"), format!("shown above {threshold}"))
        }
        _ if expected.share < 0.001 => say("följer av de andra", "follows from the others").to_owned(),
        _ => return String::new(),
    };
    format!("  {told}")
}

fn apart(why: Apart) -> &'static str {
    match why {
        Apart::Places => say(
            "avstäms inte med de andra: dess områden ligger inte inom deras (många till många)",
            "not reconciled with the others: its places do not lie within theirs (many to many)",
        ),
        Apart::Tables => say(
            "avstäms inte med de andra: dess områden kommer ur en annan offentlig tabell",
            "not reconciled with the others: its places come from another public table",
        ),
        Apart::Keys => say("avstäms inte med de andra: för många nycklar", "not reconciled with the others: too many keys"),
    }
}

/// What each project's cells are worth, from how many participants it plans for.
fn projects(checked: &Checked, expected: &Expected, sizes: &Sizes, tail: f64) {
    let axes = axes(checked, &expected.name);
    // The two numbers behind a mean; else the last key that is not the project: the outcome, where queries name it last.
    let is_mean = axes.iter().any(|(_, column)| column.is_none());
    let other = |(_, column): &&(usize, Option<usize>)| *column != Some(sizes.column);
    let axis = if is_mean { axes.iter().find(|(_, column)| column.is_none()) } else { axes.iter().rfind(other) };
    let half = axis.and_then(|(axis, _)| half(checked, &expected.name, *axis, tail));
    let worth = Worth { margin: expected.margin.1, half, is_mean };
    println!();
    println!("  {}: {}", expected.name, worth.told());
    let mut silent = Vec::new();
    for size in &sizes.projects {
        let label = size.label.get(crate::language::current());
        match size.planned {
            None => silent.push(label),
            Some(planned) => println!("    {label}: {}", worth.of(planned as f64, size.cells as f64)),
        }
    }
    if !silent.is_empty() {
        let why = say(
            "planerade deltagare saknas; räkna med ett antal: --assume N",
            "planned participants are not stated; reckon with a number: --assume N",
        );
        println!("    {}: {why}", silent.join(", "));
    }
    if let Some(least) = worth.smallest() {
        println!(
            "    {}",
            say(
                format!("minsta projekt för ±5 procentenheter på en andel: {least:.0} deltagare"),
                format!("smallest project for ±5 percentage points on a share: {least:.0} participants"),
            )
        );
    }
    helps(checked, expected, sizes, tail, is_mean);
}

/// What would make the numbers of a table better.
fn helps(checked: &Checked, expected: &Expected, sizes: &Sizes, tail: f64, is_mean: bool) {
    for (axis, column) in axes(checked, &expected.name) {
        let Some(column) = column.filter(|column| *column != sizes.column && !is_mean) else { continue };
        let Some((codes, margin)) = merged(checked, &expected.name, axis, tail) else { continue };
        let (name, margin, times) = (column_title(checked, &expected.name, column), margin.ceil(), codes as f64 / 2.0);
        println!(
            "    {}",
            say(
                format!("{name} i två grupper: ±{margin:.0}, och {times:.0} gånger så många personer per cell"),
                format!("{name} in two groups: ±{margin:.0}, and {times:.0} times as many people per cell"),
            )
        );
    }
    let times = expected.margin.1 / expected.alone;
    if times > 1.05 {
        println!(
            "    {}",
            say(
                format!("ensam i publiceringen: {times:.1} gånger så säker"),
                format!("alone in the release: {times:.1} times as exact"),
            )
        );
    }
    println!("    {}", say("större budget: utfall plan --what-if epsilon=2", "a larger budget: utfall plan --what-if epsilon=2"));
}

/// What the numbers of a table are worth.
struct Worth {
    /// Of a cell.
    margin: f64,
    /// Of a share of one half, times the people.
    half: Option<f64>,
    /// Whether the table shows means or shares themselves.
    is_mean: bool,
}

impl Worth {
    fn told(&self) -> String {
        let margin = self.margin.ceil();
        match self.half.filter(|_| self.is_mean) {
            Some(half) => say(
                format!("ett medelvärde eller en andel av N personer: ±{:.1}/N", half),
                format!("a mean or a share of N people: ±{:.1}/N", half),
            ),
            None => say(
                format!("en cell med färre än {margin:.0} personer kan inte skiljas från noll"),
                format!("a cell of fewer than {margin:.0} people cannot be told from zero"),
            ),
        }
    }

    /// Of a project of so many people in so many cells.
    fn of(&self, planned: f64, cells: f64) -> String {
        let (margin, cell) = (self.margin.ceil(), planned / cells);
        if let Some(half) = self.half.filter(|_| self.is_mean) {
            let each = half / cell;
            return say(
                format!("{planned:.0} planerade, {cell:.0} per tal, ±{each:.2}"),
                format!("{planned:.0} planned, {cell:.0} per number, ±{each:.2}"),
            );
        }
        let points = self.half.map(|half| half / planned * 100.0);
        let points =
            points.map(|p| say(format!(", en andel ±{p:.0} procentenheter"), format!(", a share ±{p:.0} percentage points")));
        let points = points.unwrap_or_default();
        let doubt = if cell < margin { say("; de flesta celler OTILLFÖRLITLIGA", "; most cells UNRELIABLE") } else { "" };
        say(
            format!("{planned:.0} planerade, i snitt {cell:.0} per cell, ±{margin:.0}{points}{doubt}"),
            format!("{planned:.0} planned, {cell:.0} per cell on average, ±{margin:.0}{points}{doubt}"),
        )
    }

    /// The smallest project whose share is known to five percentage points.
    fn smallest(&self) -> Option<f64> {
        self.half.filter(|_| !self.is_mean).map(|half| (half / 0.05).ceil())
    }
}

/// Prints what a release costs.
fn cost(checked: &Checked) -> Result<Charge, Error> {
    let charges: Result<Vec<Charge>, _> = checked.measurements.iter().map(|m| m.mechanism().charge(m.sensitivity())).collect();
    let total = compose(&charges?);
    let delta = checked.release.budget.delta();
    let amounts = match (&total, spent(std::slice::from_ref(&total), delta)) {
        (Charge::Zcdp(_) | Charge::ApproximateZcdp { .. }, Some(epsilon)) => format!(
            "{}, {} epsilon {} {} {}",
            charge(&total),
            say("högst", "at most"),
            up(&epsilon),
            say("vid delta", "at delta"),
            up(delta)
        ),
        _ => charge(&total),
    };
    println!(
        "  {}: {amounts} ({})",
        say("kostar", "costs"),
        say("en gång; samma data igen är gratis", "once; the same data again are free")
    );
    if let Some(losses) =
        epsilon_of_fixed_list(&checked.measurements, delta).filter(|losses| losses < checked.release.budget.epsilon())
    {
        println!(
            "  {}",
            say(
                format!(
                    "räknat på fördelningen av förlusten (PLD): epsilon {} vid delta {}; huvudboken räknar summor",
                    up(&losses),
                    up(delta)
                ),
                format!(
                    "by the distribution of the loss (PLD): epsilon {} at delta {}; the ledger counts sums",
                    up(&losses),
                    up(delta)
                ),
            )
        );
    }
    println!(
        "  {}: {} {}",
        say("gräns per person", "bound per person"),
        checked.release.bounds.participations,
        say("deltaganden; fler räknas inte", "participations; more are not counted")
    );
    for (table, rows) in &checked.release.bounds.rows {
        println!("  {} {table}: {rows} {}", say("gräns per deltagande,", "bound per participation,"), say("rader", "rows"));
    }
    Ok(total)
}

/// A release with one thing changed.
fn changed(release: Release, change: &String) -> Result<Release, Error> {
    let wrong = |why: String| Error::usage(format!("--what-if {change}: {why}"));
    let known = "epsilon=2, delta=1e-5 or participations=1";
    let (name, value) = change.split_once('=').ok_or_else(|| wrong(format!("expected for instance {known}")))?;
    let number = || parse_decimal(value).map_err(|e| wrong(e.to_string()));
    let budget = |epsilon, delta, keys: &utfall_privacy::Rational| {
        let budget = Budget::new(epsilon, delta).and_then(|budget| budget.with_keys_delta(keys.clone()));
        budget.map_err(|e| wrong(e.to_string()))
    };
    let (epsilon, delta, keys) =
        (release.budget.epsilon().clone(), release.budget.delta().clone(), release.budget.keys_delta().clone());
    let mut changed = release;
    match name.trim() {
        "epsilon" => changed.budget = budget(number()?, delta, &keys)?,
        "delta" => changed.budget = budget(epsilon, number()?, &keys)?,
        "participations" => {
            let bound = value.parse().ok().filter(|bound| (1..=1_000).contains(bound));
            changed.bounds.participations = bound.ok_or_else(|| wrong("a whole number from 1 to 1000".into()))?;
        }
        other => return Err(wrong(format!("`{other}` cannot be changed; {known}"))),
    }
    Ok(changed)
}
