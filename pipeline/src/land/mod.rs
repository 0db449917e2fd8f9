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
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::error::Error;
use crate::key::Key;
use crate::schema::{Catalogue, TableSchema};
use crate::store::{Commit, Store};
use decode::Decoded;
use delivery::Mapping;
use finding::{Finding, Severity};
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

impl Landing<'_> {
    /// Lands the files and reports each, in the order in which they landed. `progress` is called before each file with its name.
    ///
    /// # Errors
    /// When the store or a file cannot be read or written. What landed before stays; running again is safe.
    pub async fn land(&self, files: &[PathBuf], mut progress: impl FnMut(&Path)) -> Result<Vec<FileReport>, Error> {
        let periods = crate::register::periods(self.catalogue)?;
        let (mut deliveries, mut reports) = (Vec::new(), Vec::new());
        for path in files {
            match self.open(path)? {
                Ok(delivery) => deliveries.push(delivery),
                Err(findings) => {
                    reports.push(FileReport { path: path.clone(), table: None, outcome: Outcome::Rejected, findings });
                }
            }
        }
        deliveries.sort_by_key(|d| d.mapping.table.parent.is_some());
        for delivery in &deliveries {
            progress(&delivery.path);
            reports.push(self.land_one(delivery, &periods).await?);
        }
        Ok(reports)
    }

    fn open(&self, path: &Path) -> Result<Result<Delivery<'_>, Vec<Finding>>, Error> {
        let bytes = std::fs::read(path).map_err(|e| Error::usage(format!("cannot read {}: {e}", path.display())))?;
        let opened = decode::decode(&bytes).map_err(|f| vec![f]).and_then(|decoded| {
            let mapping = delivery::map(&decoded.headings, self.catalogue, self.project.is_some())?;
            Ok((decoded, mapping))
        });
        Ok(opened.map(|(decoded, mapping)| Delivery { path: path.to_path_buf(), bytes, decoded, mapping }))
    }

    async fn land_one(&self, delivery: &Delivery<'_>, periods: &HashMap<i16, (i32, i32)>) -> Result<FileReport, Error> {
        let table = delivery.mapping.table;
        let report =
            |outcome, findings| FileReport { path: delivery.path.clone(), table: Some(table.name.clone()), outcome, findings };
        // The project of a file without a project column is part of what it says.
        let project = self.project.map(i16::to_le_bytes).unwrap_or_default();
        let message = [project.as_slice(), &delivery.bytes].concat();
        let id = pseudonymise::delivery(self.key, self.store.domain(), &table.name, &message);
        let mut validated: Option<(Vec<Row>, Vec<Finding>)> = None;
        for _ in 0..TRIES {
            let pinned = self.store.pin_or_create(table).await?;
            let state = pinned.delivery_state(&id).await?;
            if state == Some(COMPLETE) {
                return Ok(report(Outcome::Known, Vec::new()));
            }
            let (rows, mut findings) = validated.get_or_insert_with(|| self.validate(delivery, periods)).clone();
            let mut known = cluster::landed(table, &pinned)?;
            let parents = self.parents(table).await?;
            let (numbered, more) = cluster::number_rows(table, &rows, &mut known, parents.as_ref(), state.is_some());
            // Child rows without a participation may find one later, so their delivery stays open to be run again.
            let open = more.iter().any(|f| f.rule == finding::Rule::NoParticipation);
            findings.extend(more);
            findings.sort_by_key(|f| (f.row, f.severity));
            if open && state.is_some() && numbered.is_empty() {
                return Ok(report(Outcome::Landed(0), findings));
            }
            let batch = if numbered.is_empty() { None } else { Some(cluster::batch(table, &numbered)?) };
            let state = if open { OPEN } else { COMPLETE };
            if self.store.append(table, &pinned, batch.as_ref(), (&id, state))? == Commit::Done {
                return Ok(report(Outcome::Landed(numbered.len()), findings));
            }
        }
        Err(Error::storage(format!(
            "{} could not land: other landings kept committing first; run again",
            delivery.path.display()
        )))
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

    async fn parents(&self, table: &TableSchema) -> Result<Option<cluster::Participations>, Error> {
        let Some(parent) = &table.parent else { return Ok(None) };
        let Some(parent) = self.catalogue.table(parent) else {
            return Err(Error::usage(format!("schemas/{}.toml: no parent table `{parent}`", table.name)));
        };
        match self.store.pin(parent).await? {
            Some(pinned) => cluster::participations(&pinned).map(Some),
            None => Ok(Some(cluster::Participations::new())),
        }
    }
}

/// The delivery has landed wholly; its file is a no-op from now on.
const COMPLETE: i64 = 1;
/// Rows of the delivery wait for their participation.
const OPEN: i64 = 0;
