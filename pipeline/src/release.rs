//! One release from SQL to archive. The only caller of the door, in this order:
//!
//! 1. check every query; nothing has been read yet
//! 2. pin the landed versions; release id = hash of snapshots, schemas, query texts and parameters
//! 3. **reserve** the budget, durably
//! 4. collect the exact counts and **draw**, in memory
//! 5. **archive**, by put-if-absent
//! 6. the ledger **records** the archive's hash
//! 7. publish only what is re-read from the archive and matches that hash
//!
//! A run that dies before 6 has shown nothing to anyone: the next run resumes the reservation, from the archive if it is
//! there, and charges nothing again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::logical_expr::LogicalPlan;
use utfall_privacy::{Grant, Measurement, Release as Sealed, ReleaseId, Request, Reservation};

use crate::crash;
use crate::derive::description::{Description, Measure, TableDescription};
use crate::engine::{Engine, LandedTable};
use crate::error::Error;
use crate::language::say;
use crate::plan::{Accepted, Grid, Output, bound, measurements};
use crate::query::{Query, Release};
use crate::schema::Catalogue;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use crate::store::{Pinned, Store, numbering};
use crate::text::Text;

/// A release whose every query was accepted.
#[derive(Debug)]
pub struct Checked {
    /// What its author declared.
    pub release: Release,
    /// Its tables in order.
    pub tables: Vec<CheckedTable>,
    /// The noise of each table.
    pub measurements: Vec<Measurement>,
}

/// One accepted query.
#[derive(Debug)]
pub struct CheckedTable {
    /// The query.
    pub query: Query,
    /// Its published grid.
    pub grid: Grid,
    /// What the check found.
    pub accepted: Accepted,
    plan: LogicalPlan,
}

/// A release from the archive, and whether this run drew it.
#[derive(Debug)]
pub struct Released {
    /// The release, verified against the ledger.
    pub release: Sealed,
    /// Whether budget was charged by this run.
    pub charged: bool,
}

/// Checks every query of a release.
///
/// # Errors
/// All refusals together, or what is wrong with the release.
pub async fn check(engine: &Engine, catalogue: &Catalogue, release: Release) -> Result<Checked, Error> {
    let (mut tables, mut refusals) = (Vec::new(), Vec::new());
    for query in &release.queries {
        match engine.check(query, catalogue, &release.bounds).await {
            Ok((plan, accepted, grid)) => tables.push(CheckedTable { query: query.clone(), grid, accepted, plan }),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    let mut shapes = Vec::new();
    for table in &tables {
        shapes.push((table.query.name.as_str(), table.grid.cells.len(), table.accepted.stability.sensitivity_of_counts()?));
    }
    let measurements = measurements(&release.budget, &shapes)
        .map_err(|e| Error::usage(format!("queries/{}/release.toml: {e}", release.name)))?;
    let checked = Checked { measurements, tables, release };
    describe(catalogue, &checked, false)?;
    Ok(checked)
}

/// Runs a checked release, or returns it from the archive for free.
///
/// # Errors
/// Budget, storage or engine; nothing has been shown to anyone then.
pub async fn run(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &Checked,
) -> Result<Released, Error> {
    let pinned = pin(catalogue, store, checked).await?;
    let id = identity(engine, catalogue, &pinned, checked).await?;
    let archive = Archive::new(store.root());
    store.sweep()?;
    let request = Request::new(id, checked.measurements.clone())?;
    let unpaid = !reserved(ledger, id);
    if ledger.archived(id).is_none() {
        sound(catalogue, &pinned)?;
    }
    let grant = match ledger.reserve(&request, now())? {
        Reservation::Archived { .. } => {
            let bytes = archive.get(&id)?.ok_or_else(|| lost(&id))?;
            return Ok(Released { release: ledger.release(&bytes)?, charged: false });
        }
        Reservation::Granted(grant) => grant,
    };
    crash::point("reserved");
    let bytes = match archive.get(&id)? {
        Some(bytes) => bytes,
        None => draw(engine, catalogue, &pinned, checked, grant, (&archive, store.is_demonstration())).await?,
    };
    crash::point("archived");
    ledger.record_archived(id, &bytes, now())?;
    crash::point("recorded");
    let bytes = archive.get(&id)?.ok_or_else(|| lost(&id))?;
    Ok(Released { release: ledger.release(&bytes)?, charged: unpaid })
}

/// Collects the exact counts of every table, draws all noise and archives; gives the archive's bytes.
async fn draw(
    engine: &Engine,
    catalogue: &Catalogue,
    pinned: &BTreeMap<String, Option<Pinned>>,
    checked: &Checked,
    grant: Grant,
    (archive, demonstration): (&Archive, bool),
) -> Result<Vec<u8>, Error> {
    let mut exact = Vec::new();
    for table in &checked.tables {
        exact.push(engine.collect(bounded(table, catalogue, pinned)?).await?);
    }
    crash::point("collected");
    let id = grant.release();
    let sealed = grant.draw(exact, &describe(catalogue, checked, demonstration)?)?;
    crash::point("drawn");
    archive.put(&id, sealed.bytes())
}

/// Whether the ledger has charged for a release.
fn reserved(ledger: &FileLedger, id: ReleaseId) -> bool {
    ledger.entries().iter().any(|e| matches!(e.event(), utfall_privacy::Event::Reserve { release, .. } if *release == id))
}

/// What must hold before budget is spent: something has landed, every file is there, and the numbering is whole.
fn sound(catalogue: &Catalogue, pinned: &BTreeMap<String, Option<Pinned>>) -> Result<(), Error> {
    for (name, pinned) in pinned {
        match (catalogue.table(name), pinned) {
            (Some(schema), Some(pinned)) if !pinned.files.files.is_empty() => numbering::check(schema, pinned)?,
            _ => {
                return Err(Error::usage(say(
                    format!("inget har landat i {name}; en release skulle kosta budget för enbart brus. Kör utfall land först"),
                    format!("nothing has landed in {name}; a release would spend budget on noise alone. Run utfall land first"),
                )));
            }
        }
    }
    Ok(())
}

/// The bounded plan of one table on the pinned files.
fn bounded(
    table: &CheckedTable,
    catalogue: &Catalogue,
    pinned: &BTreeMap<String, Option<Pinned>>,
) -> Result<crate::plan::Bounded, Error> {
    let accepted = table.accepted.clone();
    let provider: Arc<dyn TableProvider> = match (pinned.get(&accepted.table), catalogue.table(&accepted.table)) {
        (Some(Some(pinned)), _) => Arc::new(LandedTable::new(pinned.files.clone())),
        (_, Some(schema)) => Arc::new(LandedTable::empty(schema)),
        (_, None) => return Err(Error::usage(format!("no table {}", accepted.table))),
    };
    bound(table.plan.clone(), accepted, table.grid.clone(), &provider, catalogue).map_err(Error::engine)
}

/// The newest version of every private table that the release reads.
async fn pin(catalogue: &Catalogue, store: &Store, checked: &Checked) -> Result<BTreeMap<String, Option<Pinned>>, Error> {
    let mut pinned = BTreeMap::new();
    for table in &checked.tables {
        let name = &table.accepted.table;
        if let (Some(schema), false) = (catalogue.table(name), pinned.contains_key(name)) {
            pinned.insert(name.clone(), store.pin(schema).await?);
        }
    }
    Ok(pinned)
}

/// The release's id: what it is computed from and how, not how it is titled, labelled or formatted. Snapshots enter by the
/// random ids of their commits, so the id is no hash of private data.
async fn identity(
    engine: &Engine,
    catalogue: &Catalogue,
    pinned: &BTreeMap<String, Option<Pinned>>,
    checked: &Checked,
) -> Result<ReleaseId, Error> {
    let mut content = Vec::new();
    let mut field = |bytes: &[u8]| {
        content.extend_from_slice(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        content.extend_from_slice(bytes);
    };
    field(b"utfall release 1");
    field(checked.release.name.as_bytes());
    for (table, pinned) in pinned {
        field(table.as_bytes());
        field(pinned.as_ref().map_or("nothing landed", |p| p.snapshot.as_str()).as_bytes());
        field(catalogue.table(table).map(|t| catalogue.meaning(t)).unwrap_or_default().as_bytes());
    }
    for (table, measurement) in checked.tables.iter().zip(&checked.measurements) {
        field(table.query.text().as_bytes());
        field(table.accepted.participations.to_string().as_bytes());
        field(table.accepted.rows.map_or_else(String::new, |rows| rows.to_string()).as_bytes());
        field(measurement.to_text().as_bytes());
        for scan in &table.accepted.public {
            field(scan.table.as_bytes());
            field(engine.public_text(&scan.table).await?.as_bytes());
        }
    }
    Ok(ReleaseId::of(&content))
}

/// What the release says of itself, as archived; public.
fn describe(catalogue: &Catalogue, checked: &Checked, demonstration: bool) -> Result<Vec<u8>, Error> {
    let release = &checked.release;
    let tables = checked.tables.iter().map(|table| {
        let count =
            table.accepted.output.iter().find_map(|o| if let Output::Count(name) = o { Some(name.clone()) } else { None });
        TableDescription {
            name: table.query.name.clone(),
            title: table.query.title.clone(),
            sql: table.query.text().to_owned(),
            keys: table.grid.keys.clone(),
            measure: Measure { name: count.unwrap_or_default(), title: counted(catalogue, &table.accepted) },
            cells: table.grid.cells.clone(),
            rows: table.accepted.rows,
        }
    });
    let description = Description {
        format: Description::FORMAT,
        name: release.name.clone(),
        title: release.title.clone(),
        demonstration,
        epsilon: release.budget_text.0.clone(),
        delta: release.budget_text.1.clone(),
        participations: release.bounds.participations,
        interval: release.interval.clone(),
        formats: release.formats.clone(),
        tables: tables.collect(),
    };
    description.to_json().map_err(|e| Error::usage(format!("queries/{}: {e}", release.name)))
}

/// What a table counts: the rows of its private table.
fn counted(catalogue: &Catalogue, accepted: &Accepted) -> Text {
    let counted = catalogue.table(&accepted.table).and_then(|t| t.counted.clone());
    counted.unwrap_or_else(|| Text { sv: accepted.table.clone(), en: accepted.table.clone() })
}

/// Every archived release of a data directory, the newest of each name, verified against the ledger.
///
/// # Errors
/// When an archive is missing or was changed.
pub fn archived(data: &Path, ledger: &FileLedger) -> Result<Vec<Sealed>, Error> {
    let archive = Archive::new(data);
    let mut newest: BTreeMap<String, Sealed> = BTreeMap::new();
    for entry in ledger.entries() {
        if let utfall_privacy::Event::Archived { release, .. } = entry.event() {
            let bytes = archive.get(release)?.ok_or_else(|| lost(release))?;
            let sealed = ledger.release(&bytes)?;
            let description = Description::from_json(sealed.description()).map_err(|e| Error::storage(e.to_string()))?;
            newest.insert(description.name, sealed);
        }
    }
    Ok(newest.into_values().collect())
}

fn lost(id: &ReleaseId) -> Error {
    Error::storage(say(
        format!(
            "release {id} står i huvudboken men dess arkiv är borta; återställ archive/{id}.release från en säkerhetskopia. Den dras inte om: det skulle kosta budget två gånger"
        ),
        format!(
            "release {id} is recorded in the ledger but its archive is gone; restore archive/{id}.release from a backup. It is not drawn again: that would spend budget twice"
        ),
    ))
}

/// Seconds since 1970 for the ledger's entries.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
