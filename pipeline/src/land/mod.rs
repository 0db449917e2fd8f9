//! Landing: from the lists as they are to pseudonymised, numbered Parquet; one commit per delivery.
//!
//! After acceptance everything here is row-local or person-local: one person's rows change no other person's.

pub mod cluster;
pub mod dates;
pub mod decode;
pub mod delivery;
pub mod finding;
pub mod identity;
pub mod pseudonymise;
pub mod validate;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::error::Error;
use crate::key::Key;
use crate::schema::{Catalogue, TableSchema};
use crate::store::{Commit, Pinned, Store};
use decode::Decoded;
use delivery::Mapping;
use finding::{Finding, Rule, Severity};
use validate::{Context, Row};

/// How often a landing numbers again when others commit at the same time.
const TRIES: usize = 50;

/// What came of one file.
#[derive(Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// The table it belongs to, where that could be told.
    pub table: Option<String>,
    /// What happened.
    pub outcome: Outcome,
    /// What is wrong, in order of rows.
    pub findings: Vec<Finding>,
}

/// What a landing tells while it goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// A file is about to land.
    Begins(&'a Path),
    /// A file is done with.
    Done(&'a FileReport),
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows landed.
    Landed(usize),
    /// The same file had landed before; nothing changed.
    Known,
    /// The file cannot be trusted; nothing landed.
    Rejected,
}

impl FileReport {
    /// Whether the sender has something to mend.
    pub fn is_defective(&self) -> bool {
        self.findings.iter().any(|f| f.severity < Severity::Warning)
    }
}

/// Lands files: participations before their child rows, each file one commit. Files are independent; a rejected one
/// does not stop the others, and running again completes what a killed run left.
#[derive(Debug)]
pub struct Landing<'a> {
    /// Where to.
    pub store: &'a Store,
    /// The key, already accepted by the store.
    pub key: &'a Key,
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The project of files without a project column.
    pub project: Option<i16>,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
}

struct Delivery<'a> {
    path: PathBuf,
    bytes: Vec<u8>,
    decoded: Decoded,
    mapping: Mapping<'a>,
}

/// What has been read of the landed tables, kept while one call lands many files.
#[derive(Default)]
struct Tables {
    landing: HashMap<String, (Pinned, Option<cluster::Landed>)>,
    parents: HashMap<String, cluster::Participations>,
}

impl Landing<'_> {
    /// Lands the files, participations first, and tells `watch` of each as soon as it is done: what landed is known even
    /// if a later file fails.
    ///
    /// # Errors
    /// When the store cannot be read or written. What landed before stays; running again is safe.
    pub async fn land(&self, files: &[PathBuf], mut watch: impl FnMut(Step<'_>)) -> Result<Vec<FileReport>, Error> {
        let periods = crate::register::periods(self.catalogue)?;
        let (mut deliveries, mut reports) = (Vec::new(), Vec::new());
        for path in files {
            match self.open(path) {
                Ok(delivery) => deliveries.push(delivery),
                Err(findings) => {
                    reports.push(FileReport { path: path.clone(), table: None, outcome: Outcome::Rejected, findings });
                    reports.last().into_iter().for_each(|report| watch(Step::Done(report)));
                }
            }
        }
        deliveries.sort_by_key(|d| d.mapping.table.parent.is_some());
        let mut tables = Tables::default();
        for delivery in &deliveries {
            watch(Step::Begins(&delivery.path));
            let report = self.land_one(delivery, &periods, &mut tables).await?;
            watch(Step::Done(&report));
            reports.push(report);
        }
        Ok(reports)
    }

    fn open(&self, path: &Path) -> Result<Delivery<'_>, Vec<Finding>> {
        let bytes = std::fs::read(path).map_err(|_| vec![Finding::file(Rule::Unreadable, Severity::Rejected)])?;
        let decoded = decode::decode(&bytes).map_err(|finding| vec![finding])?;
        let mapping = delivery::map(&decoded.headings, self.catalogue, self.project.is_some())?;
        Ok(Delivery { path: path.to_path_buf(), bytes, decoded, mapping })
    }

    async fn land_one(
        &self,
        delivery: &Delivery<'_>,
        periods: &HashMap<i16, (i32, i32)>,
        tables: &mut Tables,
    ) -> Result<FileReport, Error> {
        let table = delivery.mapping.table;
        let report =
            |outcome, findings| FileReport { path: delivery.path.clone(), table: Some(table.name.clone()), outcome, findings };
        // The project of a file without a project column is part of what it says.
        let project = self.project.map(i16::to_le_bytes).unwrap_or_default();
        let message = [project.as_slice(), &delivery.bytes].concat();
        let id = pseudonymise::delivery(self.key, self.store.domain(), &table.name, &message);
        let mut validated: Option<(Vec<Row>, Vec<Finding>)> = None;
        for _ in 0..TRIES {
            self.open_parent(table, tables).await?;
            let Tables { landing, parents } = tables;
            let parents = table.parent.as_ref().and_then(|parent| parents.get(parent));
            let here = match landing.entry(table.name.clone()) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert((self.store.pin_or_create(table).await?, None)),
            };
            let state = here.0.delivery_state(&id).await?;
            if state == Some(COMPLETE) {
                return Ok(report(Outcome::Known, Vec::new()));
            }
            let known = match &mut here.1 {
                Some(known) => known,
                none => none.insert(cluster::landed(table, &here.0)?),
            };
            let (rows, mut findings) = validated.get_or_insert_with(|| self.validate(delivery, periods)).clone();
            let (numbered, more) = cluster::number_rows(table, &rows, known, parents, state.is_some());
            findings.extend(more);
            findings.sort_by_key(|f| (f.row, f.severity));
            // A row that was set aside may fit later (its participation lands, its code is added to a list), and its
            // sender must hear of it until then: the delivery stays open to be run again.
            let open = findings.iter().any(|f| f.severity < Severity::Warning);
            if open && state.is_some() && numbered.is_empty() {
                return Ok(report(Outcome::Landed(0), findings));
            }
            let batch = if numbered.is_empty() { None } else { Some(cluster::batch(table, &numbered)?) };
            let state = if open { OPEN } else { COMPLETE };
            match self.store.append(table, &mut here.0, batch.as_ref(), (&id, state))? {
                Commit::Done => {
                    tables.parents.remove(&table.name);
                    return Ok(report(Outcome::Landed(numbered.len()), findings));
                }
                // Others committed first: what was read is old, and the numbers given against it are void.
                Commit::Conflict => *tables = Tables::default(),
            }
        }
        Err(Error::storage(format!(
            "{} could not land: other landings kept committing first; run again",
            finding::shown(&delivery.path)
        )))
    }

    /// Reads the participations to which the rows of a child table belong, unless they have been read.
    async fn open_parent(&self, table: &TableSchema, tables: &mut Tables) -> Result<(), Error> {
        let Some(name) = table.parent.as_ref().filter(|name| !tables.parents.contains_key(*name)) else { return Ok(()) };
        let Some(parent) = self.catalogue.table(name) else {
            return Err(Error::usage(format!("schemas/{}.toml: no parent table `{name}`", table.name)));
        };
        let participations = match self.store.pin(parent).await? {
            Some(pinned) => cluster::participations(parent, &pinned)?,
            None => cluster::Participations::new(),
        };
        tables.parents.insert(name.clone(), participations);
        Ok(())
    }

    fn validate(&self, delivery: &Delivery<'_>, periods: &HashMap<i16, (i32, i32)>) -> (Vec<Row>, Vec<Finding>) {
        let context = Context {
            catalogue: self.catalogue,
            key: self.key,
            domain: self.store.domain(),
            periods,
            project: self.project,
            today: self.today,
        };
        let (mut rows, mut findings) = (Vec::new(), delivery.decoded.findings.clone());
        let width = delivery.decoded.headings.len();
        for (number, fields) in &delivery.decoded.records {
            match validate::row(*number, fields, &delivery.mapping, width, &context) {
                Ok((row, warnings)) => {
                    rows.push(row);
                    findings.extend(warnings);
                }
                Err(broken) => findings.extend(broken),
            }
        }
        (rows, findings)
    }
}

/// The delivery has landed wholly; its file is a no-op from now on.
const COMPLETE: i64 = 1;
/// Rows of the delivery were set aside.
const OPEN: i64 = 0;
