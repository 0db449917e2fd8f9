//! `utfall verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use utfall_privacy::certificate::{Certificate, Node, Rule};
use utfall_privacy::{Release, Sensitivity};

use super::Places;
use crate::derive::Description;
use crate::error::Error;
use crate::language::say;
use crate::release;

/// Arguments of `utfall verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Releases to verify against the ledger; all that are archived if none is named
    #[arg(value_name = "RELEASE")]
    names: Vec<String>,
    /// A published certificate.json, checked alone: no data directory is needed
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    certificate: Option<PathBuf>,
}

impl Verify {
    /// Checks every proof; the first that does not hold ends the run with exit code 5.
    pub(super) fn run(self, places: &Places) -> Result<(), Error> {
        if let Some(path) = &self.certificate {
            return published(path);
        }
        places.store()?;
        let ledger = places.ledger()?;
        let mut found = Vec::new();
        let archived_here = release::archived(&places.data, &ledger)?;
        for release in archived_here.iter().flat_map(release::Archived::releases) {
            let description = Description::from_json(release.description()).map_err(|e| Error::storage(e.to_string()))?;
            if self.names.is_empty() || self.names.contains(&description.name) {
                if let Some(series) = &description.series {
                    println!("{}, {}:", description.name, series.period);
                }
                archived(release, &description)?;
                found.push(description.name);
            }
        }
        if let Some(missing) = self.names.iter().find(|n| !found.contains(n)) {
            return Err(Error::usage(format!("no archived release `{missing}`; make one with `utfall release {missing}`")));
        }
        if found.is_empty() {
            return Err(Error::usage("nothing is archived yet; make a release with `utfall release`"));
        }
        Ok(())
    }
}

/// Every vector of an archived release: its proof holds, and proves the sensitivity that the ledger was charged for.
fn archived(release: &Release, description: &Description) -> Result<(), Error> {
    for table in &description.tables {
        for vector in &table.vectors {
            let measured = release.tables().iter().find(|t| t.measurement().table() == vector.name);
            let charged = measured.map(|t| t.measurement().sensitivity()).ok_or_else(|| broken(&vector.name, "not measured"))?;
            if vector.certificate == "null" {
                println!(
                    "{}: {}",
                    vector.name,
                    say("äldre än bevisen; inget att kontrollera", "older than certificates; nothing to check")
                );
                continue;
            }
            let proved = proved(&vector.name, &vector.certificate)?;
            if proved.0 != charged {
                return Err(broken(&vector.name, "the ledger was charged for another sensitivity than is proved"));
            }
            tell(&vector.name, proved);
        }
    }
    Ok(())
}

/// Every proof of a published file, read as the text it is: one line per vector, its name and its certificate.
fn published(path: &Path) -> Result<(), Error> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::reading(path, &e))?;
    let wrong = || Error::usage(format!("{}: not a certificate.json as utfall publishes it", path.display()));
    let body = text.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}')).ok_or_else(wrong)?;
    let mut seen = std::collections::BTreeSet::new();
    for line in body.trim().lines() {
        let (name, certificate) = line.strip_prefix('"').and_then(|l| l.split_once("\": ")).ok_or_else(wrong)?;
        let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        if !named || !seen.insert(name) {
            return Err(wrong());
        }
        let certificate = certificate.strip_suffix(',').unwrap_or(certificate);
        tell(name, proved(name, certificate)?);
    }
    if seen.is_empty() { Err(wrong()) } else { Ok(()) }
}

/// What a certificate proves, and the bounds on scans that it rests on.
fn proved(name: &str, certificate: &str) -> Result<(Sensitivity, String), Error> {
    let certificate = Certificate::parse(certificate).map_err(|e| broken(name, &e.to_string()))?;
    let mut scans = Vec::new();
    stated(&certificate.input, &mut scans);
    certificate.verify().map(|proved| (proved, scans.join(", "))).map_err(|e| broken(name, &e.to_string()))
}

/// The bounds that a proof states of its scans. They are what it takes for granted.
fn stated(node: &Node, scans: &mut Vec<String>) {
    if let Rule::ScanPrivate { table, contributions, rows, .. } = &node.rule {
        let rows = rows.map_or_else(String::new, |rows| format!(" × {rows}"));
        scans.push(format!("{table} {contributions}{rows}"));
    }
    node.inputs.iter().for_each(|input| stated(input, scans));
}

fn tell(name: &str, (proved, scans): (Sensitivity, String)) {
    let (l1, l2) = (proved.l1(), proved.l2_squared());
    println!(
        "{name}: {}",
        say(
            format!(
                "beviset håller: en person flyttar den högst {l1} (L1), {l2} (L2 i kvadrat), med högst så många rader: {scans}"
            ),
            format!(
                "the proof holds: one person moves it by at most {l1} (L1), {l2} (squared L2), given at most these rows: {scans}"
            )
        )
    );
}

fn broken(name: &str, why: &str) -> Error {
    Error::storage(say(
        format!("beviset för {name} håller inte: {why}. Publicera inte; återställ arkivet från en säkerhetskopia"),
        format!("the proof of {name} does not hold: {why}. Do not publish; restore the archive from a backup"),
    ))
}
