//! What a release is: what it computes, and on which rows. Budget is spent on a release once, so it is told from others by nothing
//! else: not by how its queries are spelled or its tables titled, nor by what stands above the door.
//!
//! Not trusted: the ledger charges for every id that is new to it, and what is known is answered from the archive.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use utfall_privacy::{Event, Measurement, ReleaseId};

use super::contents::contents;
use super::planning::bases::is_base;
use super::{CheckedRelease, CheckedTable, Pins};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::ReleaseSpec;
use crate::certify::words::canonical::{Canonical, ReadColumn, canonical};
use crate::certify::{Grid, Planner as _, PublicRows};
use crate::engine::Engine;
use crate::store::Store;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_publish::Description;

/// Fields, each behind its length.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn add(&mut self, text: &str) {
        self.0.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }
}

/// What a release computes, whatever has landed, as a digest: the canonical text of every query with its bounds and its cells, the
/// rows of public tables that it reads, and the noise.
///
/// # Errors
/// When the engine fails.
pub(super) async fn computed(
    engine: &Engine,
    catalogue: &Catalogue,
    name: &str,
    tables: impl Iterator<Item = &CheckedTable>,
    measurements: &[Measurement],
) -> Result<String, Error> {
    let mut fields = Fields::default();
    fields.add("utfall computed 1");
    fields.add(name);
    let (mut read, mut named, mut texts) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for table in tables {
        let accepted = table.answer.certified.accepted();
        let Canonical { text, columns } = canonical(accepted);
        read.extend(columns);
        fields.add(&text);
        fields.add(if table.query.anonymous { "anonymous records too" } else { "" });
        for scan in &accepted.scans {
            fields.add(&format!("{} {} {:?}", scan.table, scan.participations, scan.rows));
        }
        let cells = cells(table.answer.certified.grid());
        fields.add(&format!("{} cells", cells.len()));
        cells.iter().flatten().for_each(|code| fields.add(code));
        named.extend(cells.into_iter().flatten().map(str::to_owned));
        texts.push(text);
    }
    for measurement in measurements {
        fields.add(&measurement.to_text());
    }
    let mut by_table: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ReadColumn { table, column } in &read {
        by_table.entry(table).or_default().push(column);
    }
    // In no order of the lists.
    let mut meanings: BTreeSet<String> = BTreeSet::new();
    for (table, columns) in by_table {
        let Some(schema) = catalogue.table(table) else { continue };
        for column in &columns {
            fields.add(&format!("{table} {column}"));
            // What values the column can have, and what stands for the codes of which anything is said: not for others, so that a list
            // may grow.
            let Some(of) = schema.columns.get(*column) else { continue };
            fields.add(&format!("{:?} {:?} {:?} {:?}", of.kind, of.minimum, of.maximum, of.centre));
            for entry in catalogue.codes_of(of).into_iter().flat_map(|list| &list.entries) {
                let quoted = serde_json::Value::from(entry.code.as_str()).to_string();
                if named.contains(&entry.code) || texts.iter().any(|text| text.contains(&quoted)) {
                    meanings.insert(format!("{} {} {:?}", entry.code, entry.id, entry.range));
                }
            }
            std::mem::take(&mut meanings).iter().for_each(|meaning| fields.add(meaning));
        }
        if !schema.is_private() {
            for value in public_rows(engine, table, &columns).await?.iter().flatten() {
                fields.add(&value.as_ref().map_or_else(String::new, |value| format!("={value}")));
            }
        }
    }
    Ok(hex::encode(Sha256::digest(&fields.0)))
}

/// What the author of a release asks for, as a digest: the canonical text of every query, bounds and budget. Unlike [`computed`], it
/// is the same where a code or a project has come to a list.
pub(super) fn asked<'t>(release: &ReleaseSpec, tables: impl Iterator<Item = &'t CheckedTable>) -> String {
    let mut fields = Fields::default();
    fields.add("utfall asked 1");
    fields.add(&format!("{} {:?} {:?} {:?}", release.name, release.budget_text, release.beyond, release.objective));
    for table in tables {
        let accepted = table.answer.certified.accepted();
        fields.add(&canonical(accepted).text);
        fields.add(&format!("{} {} {:?}", table.query.anonymous, table.query.weight, table.query.private_keys));
        for scan in &accepted.scans {
            fields.add(&format!("{} {} {:?}", scan.table, scan.participations, scan.rows));
        }
    }
    hex::encode(Sha256::digest(&fields.0))
}

/// The cells of a grid, each by its codes, in no order of the lists.
fn cells(grid: &Grid) -> BTreeSet<Vec<&str>> {
    let codes = |cell: &Vec<u16>| {
        let codes = grid.keys.iter().zip(cell).map(|(key, at)| key.codes.get(usize::from(*at)).map(|code| code.code.as_str()));
        codes.map(Option::unwrap_or_default).collect()
    };
    grid.cells.iter().map(codes).collect()
}

/// The rows of a public table in the columns that are read, in no order of its file.
async fn public_rows(engine: &Engine, table: &str, columns: &[&str]) -> Result<PublicRows, Error> {
    let found = engine.planner().public_table(table, &[]).await.map_err(Error::engine)?;
    let at: Vec<usize> = columns.iter().filter_map(|column| found.columns.iter().position(|name| name == column)).collect();
    let mut rows: PublicRows = found.rows.iter().map(|row| at.iter().map(|i| row.get(*i).cloned().flatten()).collect()).collect();
    rows.sort();
    Ok(rows)
}

/// The id of a release on what is pinned. Snapshots enter by the random ids of their commits, so the id is no hash of private
/// data. A release that an earlier version of this program has reserved keeps the id that it had.
///
/// # Errors
/// When the engine fails.
pub(super) async fn identity(
    engine: &Engine,
    catalogue: &Catalogue,
    (store, ledger): (&Store, &FileLedger),
    pinned: &Pins,
    checked: &CheckedRelease,
) -> Result<ReleaseId, Error> {
    // What is asked for on the same rows is the same release, whatever noise would be planned for it today.
    let name = &checked.release.name;
    for measurements in reserved_for(store, ledger, checked) {
        let earlier = by_text(engine, catalogue, pinned, checked, measurements).await?;
        if is_reserved(ledger, earlier) {
            return Ok(earlier);
        }
        let computed = computed(engine, catalogue, name, checked.own(), measurements).await?;
        if is_reserved(ledger, on(&computed, pinned)) {
            return Ok(on(&computed, pinned));
        }
    }
    Ok(on(&checked.computed, pinned))
}

/// The measurements of a release, and those of archived ones that ask the same, the newest first: an earlier version of this program
/// may have planned other noise, or measured each of two tables that count the same.
fn reserved_for<'m>(store: &Store, ledger: &'m FileLedger, checked: &'m CheckedRelease) -> Vec<&'m [Measurement]> {
    let names: BTreeSet<String> = checked.own().flat_map(CheckedTable::own_vectors).collect();
    let archive = Archive::new(store.root());
    // Where they cannot be told by name, each is opened.
    let named = contents(store.root(), ledger).ok();
    let named: Option<BTreeSet<ReleaseId>> =
        named.map(|all| all.iter().filter(|of| of.says.declared.name == checked.release.name).map(|of| of.id).collect());
    let mut all = vec![checked.measurements.as_slice()];
    for entry in ledger.entries().iter().rev() {
        let Event::Reserve { release, measurements, .. } = entry.event() else { continue };
        // What was measured for others had other names where others were measured.
        let is_of_these = measurements.iter().all(|of| names.contains(of.table()) || is_base(of.table()));
        let is_named = named.as_ref().is_none_or(|named| named.contains(release));
        if !is_named || !is_of_these || ledger.archived(*release).is_none() || all.contains(&&**measurements) {
            continue;
        }
        // One that is damaged is told where it is shown.
        let sealed = archive.get(release).ok().flatten().and_then(|bytes| ledger.release(&bytes).ok());
        let description = sealed.and_then(|sealed| Description::from_json(sealed.description()).ok());
        if description.is_some_and(|of| of.name == checked.release.name && asks_the_same(&of, checked)) {
            all.push(measurements);
        }
    }
    all
}

/// Whether an archived release asked what this one does. Of one that an earlier version of this program archived, what it computed
/// or the texts tell.
pub(super) fn asks_the_same(archived: &Description, checked: &CheckedRelease) -> bool {
    let release = &checked.release;
    let text = || {
        let budget = (&archived.epsilon, &archived.delta, archived.participations);
        let queries = archived.tables.iter().map(|table| table.sql.as_str());
        budget == (&release.budget_text.0, &release.budget_text.1, release.bounds.participations)
            && queries.eq(checked.own().map(|table| table.query.text()))
    };
    match (&archived.asked, &archived.computed) {
        (Some(asked), _) => *asked == checked.asked,
        (None, Some(computed)) => *computed == checked.computed,
        (None, None) => text(),
    }
}

/// The id of what is computed on what is pinned.
pub(super) fn on(computed: &str, pinned: &Pins) -> ReleaseId {
    let mut fields = Fields::default();
    fields.add("utfall release 2");
    fields.add(computed);
    for (table, pinned) in pinned {
        fields.add(table);
        fields.add(pinned.as_ref().map_or("nothing landed", |p| p.snapshot.as_str()));
    }
    ReleaseId::of(&fields.0)
}

/// Whether the ledger has charged for a release.
pub(super) fn is_reserved(ledger: &FileLedger, id: ReleaseId) -> bool {
    ledger.entries().iter().any(|e| matches!(e.event(), Event::Reserve { release, .. } if *release == id))
}

/// The id by the texts of the queries, as earlier versions of this program made it.
async fn by_text(
    engine: &Engine,
    catalogue: &Catalogue,
    pinned: &Pins,
    checked: &CheckedRelease,
    measurements: &[Measurement],
) -> Result<ReleaseId, Error> {
    let mut fields = Fields::default();
    fields.add("utfall release 1");
    fields.add(&checked.release.name);
    for (table, pinned) in pinned {
        fields.add(table);
        fields.add(pinned.as_ref().map_or("nothing landed", |p| p.snapshot.as_str()));
        fields.add(&catalogue.table(table).map(|t| catalogue.meaning_by_text(t)).unwrap_or_default());
    }
    let mut public = BTreeSet::new();
    for table in checked.own() {
        fields.add(table.query.text());
        if table.query.anonymous {
            fields.add("anonymous records too");
        }
        for scan in &table.answer.certified.accepted().scans {
            fields.add(&format!("{} {} {:?}", scan.table, scan.participations, scan.rows));
        }
        public.extend(table.answer.certified.accepted().public.iter().map(|scan| scan.table.as_str()));
        let above = table.answer.above.iter().flat_map(|a| &a.sources);
        public.extend(above.filter(|source| source.rows.is_some()).map(|source| source.table.as_str()));
    }
    for measurement in measurements {
        fields.add(&measurement.to_text());
    }
    for table in public {
        fields.add(table);
        fields.add(&engine.public_text(table).await?);
    }
    Ok(ReleaseId::of(&fields.0))
}
