//! `utfall check`, `plan`, `release`, `publish` and `run`.

use std::path::PathBuf;

use clap::Args;
use utfall_privacy::accountant::{admits, compose, remaining};
use utfall_privacy::{Charge, Mechanism};

use super::{Places, account, landing, progress};
use crate::derive::{derive, interval};
use crate::error::Error;
use crate::land::Outcome;
use crate::language::say;
use crate::query;
use crate::release::{self, Checked};
use crate::store::Store;
use crate::store::ledger::{FileLedger, open};

/// Which releases; all if none is named.
#[derive(Debug, Args)]
pub(super) struct Names {
    /// Releases (folders below queries/); all if none is named
    #[arg(value_name = "RELEASE")]
    names: Vec<String>,
}

/// Arguments of `utfall check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    names: Names,
    /// List the tables and columns that queries can use
    #[arg(long)]
    tables: bool,
}

/// Arguments of `utfall run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Folder whose CSV files are taken in
    #[arg(long, value_name = "DIR")]
    inbox: PathBuf,
    #[command(flatten)]
    names: Names,
}

impl Names {
    fn all(&self, places: &Places) -> Result<Vec<String>, Error> {
        if self.names.is_empty() { query::names(&places.queries()) } else { Ok(self.names.clone()) }
    }
}

/// Reads and checks releases; all refusals of all releases come together.
async fn checked(places: &Places, names: &Names) -> Result<Vec<Checked>, Error> {
    let (catalogue, engine) = places.engine()?;
    let (mut releases, mut refusals) = (Vec::new(), Vec::new());
    for name in names.all(places)? {
        match release::check(&engine, &catalogue, query::read(&places.queries(), &name)?).await {
            Ok(checked) => releases.push(checked),
            Err(Error::Refused(more)) => refusals.extend(more),
            Err(other) => return Err(other),
        }
    }
    for format in releases.iter().flat_map(|c| &c.release.formats) {
        crate::publish::format(format).map_err(|e| Error::usage(e.to_string()))?;
    }
    if refusals.is_empty() { Ok(releases) } else { Err(Error::Refused(refusals)) }
}

impl Check {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        if self.tables {
            let catalogue = places.catalogue()?;
            for table in catalogue.tables() {
                let kind = if table.is_private() { say("privat", "private") } else { say("offentlig", "public") };
                println!("{} ({kind}): {}", table.name, table.columns.keys().cloned().collect::<Vec<_>>().join(", "));
            }
            return Ok(());
        }
        for checked in checked(places, &self.names).await? {
            for table in &checked.tables {
                println!(
                    "{}: {}",
                    table.query.file,
                    say(
                        format!(
                            "godkänd, {} celler, högst {} rader per person",
                            table.grid.cells.len(),
                            table.accepted.stability.rows()
                        ),
                        format!(
                            "accepted, {} cells, at most {} rows per person",
                            table.grid.cells.len(),
                            table.accepted.stability.rows()
                        )
                    )
                );
            }
        }
        Ok(())
    }
}

/// Shows cost and expected error of releases from public sizes only.
pub(super) async fn plan(places: &Places, names: &Names) -> Result<(), Error> {
    for checked in checked(places, names).await? {
        println!("{}: {}", checked.release.name, checked.release.title.get(crate::language::current()));
        let level = &checked.release.interval;
        let mut charges = Vec::new();
        for measurement in &checked.measurements {
            let mechanism = measurement.mechanism();
            let margin = interval::margin(mechanism, level).map_err(|e| Error::usage(e.to_string()))?;
            charges.push(mechanism.charge(measurement.sensitivity())?);
            println!(
                "  {:<24} {:>5} {}  ±{margin} ({} {level})  {}",
                measurement.table(),
                measurement.cells(),
                say("celler", "cells"),
                say("brusintervall", "noise interval"),
                told(mechanism),
            );
        }
        let total = compose(&charges);
        println!("  {}: {}", say("kostar", "costs"), account::charge(&total));
        println!(
            "  {}: {} {}",
            say("gräns per person", "bound per person"),
            checked.release.bounds.participations,
            say("deltaganden; fler räknas inte", "participations; more are not counted")
        );
        if Store::exists(&places.data) {
            afford(&open(&places.data, &places.keys()?)?, &total);
        }
    }
    println!("{}", say("Ingenting har förbrukats.", "Nothing has been spent."));
    Ok(())
}

fn afford(ledger: &FileLedger, charge: &Charge) {
    let left = remaining(ledger.limit(), ledger.charges());
    let charges: Vec<Charge> = ledger.charges().iter().cloned().chain([charge.clone()]).collect();
    let fits = if admits(ledger.limit(), &charges) { say("ryms", "fits") } else { say("ryms INTE", "does NOT fit") };
    println!(
        "  {}: epsilon {}; {fits}",
        say("kvar av livstidsbudgeten", "left of the lifetime budget"),
        account::decimal(&left.epsilon)
    );
}

fn told(mechanism: &Mechanism) -> String {
    match mechanism {
        Mechanism::DiscreteLaplace { scale } => {
            format!("{} {}", say("diskret Laplace, skala", "discrete Laplace, scale"), account::decimal(scale))
        }
        Mechanism::DiscreteGaussian { variance } => {
            format!("{} {}", say("diskret Gauss, varians", "discrete Gaussian, variance"), account::decimal(variance))
        }
    }
}

/// Releases and publishes. Says for each whether budget was spent.
pub(super) async fn release(places: &Places, names: &Names) -> Result<(), Error> {
    let checked = checked(places, names).await?;
    let (catalogue, engine) = places.engine()?;
    let store = Store::open(&places.data)?;
    let mut ledger = open(&places.data, &places.keys()?)?;
    let bar = progress(checked.len());
    for checked in &checked {
        bar.set_message(checked.release.name.clone());
        let released = release::run(&engine, &catalogue, &store, &mut ledger, checked).await?;
        let spent = if released.charged {
            say("budget förbrukad, arkiverad", "budget spent, archived")
        } else {
            say("ur arkivet, gratis", "from the archive, free")
        };
        bar.suspend(|| written(places, &released.release, spent))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

fn written(places: &Places, release: &utfall_privacy::Release, how: &str) -> Result<(), Error> {
    let publication = derive(release).map_err(|e| Error::storage(e.to_string()))?;
    let published = crate::publish::publish(&publication, &places.out).map_err(|e| Error::storage(e.to_string()))?;
    let changed = if published.changed { say("publicerad", "published") } else { say("oförändrad", "unchanged") };
    println!("{}: {how}; {changed}: {}", publication.description.name, published.page.display());
    Ok(())
}

/// Publishes archived releases again.
pub(super) fn publish(places: &Places, names: &Names) -> Result<(), Error> {
    let ledger = open(&places.data, &places.keys()?)?;
    let archived = release::archived(&places.data, &ledger)?;
    let mut found = Vec::new();
    for release in &archived {
        let name = derive(release).map_err(|e| Error::storage(e.to_string()))?.description.name;
        if names.names.is_empty() || names.names.contains(&name) {
            written(places, release, say("ur arkivet, gratis", "from the archive, free"))?;
            found.push(name);
        }
    }
    if let Some(missing) = names.names.iter().find(|n| !found.contains(n)) {
        return Err(Error::usage(format!("no archived release `{missing}`; make one with `utfall release {missing}`")));
    }
    if found.is_empty() {
        return Err(Error::usage("nothing is archived yet; make a release with `utfall release`"));
    }
    Ok(())
}

impl Run {
    /// Rejected files stop the run before any budget is spent; rows set aside do not, but the exit code tells of them.
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let files = inbox(&self.inbox)?;
        let reports = landing::land(places, &files, None).await?;
        for report in &reports {
            landing::print(report, true);
        }
        if reports.iter().any(|r| r.outcome == Outcome::Rejected) {
            return landing::verdict(&reports);
        }
        release(places, &self.names).await?;
        landing::verdict(&reports)
    }
}

/// The CSV files of a folder in order of their names.
fn inbox(folder: &std::path::Path) -> Result<Vec<PathBuf>, Error> {
    let entries =
        std::fs::read_dir(folder).map_err(|e| Error::usage(format!("cannot read the inbox {}: {e}", folder.display())))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|x| x.eq_ignore_ascii_case("csv")))
        .collect();
    files.sort();
    Ok(files)
}
