//! Landed tables: Delta tables of zstd Parquet, one commit per delivery, each put in place durably and never rebased.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::kernel::transaction::CommitData;
use deltalake_core::kernel::{Action, Add, StructType, Transaction};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::{Store, durable};
use crate::crash;
use crate::engine::LandedFiles;
use crate::error::Error;
use crate::key::random_id;
use crate::schema::TableSchema;

/// Every landing commit also carries this application id, so that whoever reads the log sees landings as one sequence.
const LANDING: &str = "utfall.landing";
/// Where a commit carries the random id of its snapshot.
const SNAPSHOT: &str = "utfall.snapshot";

/// One table at one pinned version.
#[derive(Debug)]
pub struct Pinned {
    /// The Delta version; for the controller only.
    version: u64,
    /// The random id of the newest version that changed a row, part of a release's identity.
    pub snapshot: String,
    /// The files of the version.
    pub files: LandedFiles,
    table: DeltaTable,
    /// The deliveries that were committed since the table was read.
    since: HashMap<String, i64>,
}

/// What came of a commit.
#[derive(Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is the next version.
    Done,
    /// Somebody else committed first; read again and number again.
    Conflict,
}

impl Store {
    fn folder(&self, table: &TableSchema) -> PathBuf {
        self.root.join("landed").join(&table.name)
    }

    /// Pins the newest version of a table; `None` if nothing has landed on it.
    ///
    /// # Errors
    /// When its log cannot be read, or the table does not descend from what the key zone remembers.
    pub async fn pin(&self, schema: &TableSchema) -> Result<Option<Pinned>, Error> {
        let folder = self.folder(schema);
        let ancestor = self.descent.of(&schema.name)?;
        let Some(table) = load(&folder).await? else {
            ancestor.check(None, |_| None)?;
            return Ok(None);
        };
        let state = table.snapshot().map_err(|e| delta(&e))?;
        let version = state.version();
        ancestor.check(Some(version), |version| snapshot_id(&folder, version))?;
        same_columns(schema, &table)?;
        match snapshot_id(&folder, version) {
            // A landing that was killed after its commit left the key zone behind; whoever reads the version tells it.
            Some(id) => self.descent.advance(&schema.name, version, &id)?,
            None if version == 0 => {}
            None => {
                return Err(Error::storage(format!(
                    "{} was written by another program; restore it from a backup",
                    folder.display()
                )));
            }
        }
        let files = landed_files(&folder, &table)?;
        let files = LandedFiles { schema: schema.landed(), files };
        Ok(Some(Pinned { version, snapshot: newest_change(&folder, version), files, table, since: HashMap::new() }))
    }

    /// Pins a table for landing, creating it if this is its first delivery.
    ///
    /// # Errors
    /// When its log cannot be read or written.
    pub async fn pin_or_create(&self, schema: &TableSchema) -> Result<Pinned, Error> {
        if let Some(pinned) = self.pin(schema).await? {
            return Ok(pinned);
        }
        let folder = self.folder(schema);
        std::fs::create_dir_all(&folder).map_err(|e| Error::writing(&folder, &e))?;
        let columns: StructType =
            schema.landed().as_ref().try_into_kernel().map_err(|e| Error::storage(format!("schema of {}: {e}", schema.name)))?;
        let created = CreateBuilder::new()
            .with_location(location(&folder)?.as_str())
            .with_table_name(&schema.name)
            .with_columns(columns.fields().cloned())
            .with_save_mode(SaveMode::Ignore)
            .await;
        // Two first deliveries may race to create; whoever loses reads what the other made.
        match (created, self.pin(schema).await?) {
            (_, Some(pinned)) => Ok(pinned),
            (Err(e), None) => Err(delta(&e)),
            (Ok(_), None) => Err(Error::storage(format!("{} was created but cannot be read", folder.display()))),
        }
    }

    /// Commits one delivery (its id and its state) as the version after `base`, or not at all: never rebased, because its
    /// numbers were given against `base`. The commit itself is put in place durably by [`durable::put_if_absent`]. When it
    /// is done, `base` is the new version.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn append(
        &self,
        schema: &TableSchema,
        base: &mut Pinned,
        rows: Option<&RecordBatch>,
        delivery: (&str, i64),
    ) -> Result<Commit, Error> {
        let folder = self.folder(schema);
        let mut actions = Vec::new();
        let file = rows.map(|rows| write_parquet(&folder, schema, rows)).transpose()?;
        if let Some((name, size)) = &file {
            actions.push(Action::Add(Add {
                path: name.clone(),
                size: i64::try_from(*size).unwrap_or(i64::MAX),
                modification_time: now_millis(),
                data_change: true,
                ..Add::default()
            }));
        }
        let next = base.version + 1;
        let version = i64::try_from(next).unwrap_or(i64::MAX);
        let operation = DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let id = random_id()?;
        let info = HashMap::from([(SNAPSHOT.to_owned(), id.as_str().into()), ("utfall.key".to_owned(), self.key_id().into())]);
        let ids = vec![Transaction::new(LANDING, version), Transaction::new(delivery.0, delivery.1)];
        let bytes = CommitData::new(actions, operation, info, ids).get_bytes().map_err(|e| Error::storage(e.to_string()))?;
        crash::point("written");
        match durable::put_if_absent(&commit(&folder, next), &bytes)? {
            durable::Put::Done => {
                crash::point("committed");
                self.descent.advance(&schema.name, next, &id)?;
                base.advance(id, delivery, file.map(|(name, size)| (folder.join(name), size)));
                Ok(Commit::Done)
            }
            durable::Put::Exists => {
                if let Some((name, _)) = file {
                    let _ = std::fs::remove_file(folder.join(name));
                }
                Ok(Commit::Conflict)
            }
        }
    }
}

impl Pinned {
    /// The state in which a delivery was last committed here; `None` if it never was.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn delivery_state(&self, delivery: &str) -> Result<Option<i64>, Error> {
        if let Some(state) = self.since.get(delivery) {
            return Ok(Some(*state));
        }
        let state = self.table.snapshot().map_err(|e| delta(&e))?;
        let log = self.table.log_store();
        state.transaction_version(log.as_ref(), delivery).await.map_err(|e| delta(&e))
    }

    /// This version and one more commit, as [`Store::append`] has just made it.
    fn advance(&mut self, snapshot: String, (delivery, state): (&str, i64), file: Option<(PathBuf, u64)>) {
        self.version += 1;
        if file.is_some() {
            self.snapshot = snapshot;
        }
        self.files.files.extend(file);
        self.since.insert(delivery.to_owned(), state);
    }

    /// How many deliveries have landed; for the controller only.
    pub fn deliveries(&self) -> u64 {
        self.version
    }

    /// Reads some columns of all landed rows, in the order of `columns`.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn read(&self, columns: &[&str]) -> Result<Vec<RecordBatch>, Error> {
        let mut batches = Vec::new();
        for (path, _) in &self.files.files {
            let file = File::open(path).map_err(|e| Error::reading(path, &e))?;
            let damaged = |_| Error::storage(format!("{} is damaged; restore it from a backup", path.display()));
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            for batch in builder.with_projection(mask).build().map_err(damaged)? {
                let batch =
                    batch.map_err(|_| Error::storage(format!("{} is damaged; restore it from a backup", path.display())))?;
                let at: Option<Vec<usize>> = columns.iter().map(|c| batch.schema().index_of(c).ok()).collect();
                let at = at.ok_or_else(|| Error::storage(format!("{} lacks a column of its schema", path.display())))?;
                batches.push(batch.project(&at).map_err(|e| Error::storage(e.to_string()))?);
            }
        }
        Ok(batches)
    }
}

/// Writes one zstd Parquet file, synced, without statistics on the unit: they would keep pseudonyms after an erasure.
fn write_parquet(folder: &Path, schema: &TableSchema, rows: &RecordBatch) -> Result<(String, u64), Error> {
    let name = format!("part-{}.parquet", random_id()?);
    let path = folder.join(&name);
    let mut properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
    if let Some(unit) = schema.unit() {
        let unit = ColumnPath::from(unit);
        properties = properties
            .set_column_statistics_enabled(unit.clone(), EnabledStatistics::None)
            .set_column_dictionary_enabled(unit, false);
    }
    let failed = |e: parquet::errors::ParquetError| Error::storage(format!("cannot write {}: {e}", path.display()));
    let file = File::create_new(&path).map_err(|e| Error::writing(&path, &e))?;
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties.build())).map_err(failed)?;
    writer.write(rows).map_err(failed)?;
    writer.close().map_err(failed)?;
    durable::sync_file(&path)?;
    let size = std::fs::metadata(&path).map_err(|e| Error::reading(&path, &e))?.len();
    Ok((name, size))
}

/// Loads the newest version of a Delta table; `None` if there is none.
async fn load(folder: &Path) -> Result<Option<DeltaTable>, Error> {
    if !folder.join("_delta_log").exists() {
        return Ok(None);
    }
    let mut table = DeltaTableBuilder::from_url(location(folder)?).and_then(DeltaTableBuilder::build).map_err(|e| delta(&e))?;
    match table.load().await {
        Ok(()) => Ok(Some(table)),
        Err(DeltaTableError::NotATable(_)) => Ok(None),
        Err(e) => Err(delta(&e)),
    }
}

/// Absolute path and size of every file of a loaded version, in order.
fn landed_files(folder: &Path, table: &DeltaTable) -> Result<Vec<(PathBuf, u64)>, Error> {
    let folder = folder.canonicalize().map_err(|e| Error::reading(folder, &e))?;
    let log = table.snapshot().map_err(|e| delta(&e))?.log_data();
    let mut files: Vec<(PathBuf, u64)> =
        log.iter().map(|f| (folder.join(f.path().as_ref()), u64::try_from(f.size()).unwrap_or_default())).collect();
    files.sort();
    Ok(files)
}

/// The random id of the newest version that changed a row: headings alone make no new release.
fn newest_change(folder: &Path, version: u64) -> String {
    let changed = (0..=version).rev().find(|version| changes_rows(folder, *version));
    changed.and_then(|version| snapshot_id(folder, version)).unwrap_or_else(|| "nothing landed".to_owned())
}

/// The file of one commit.
fn commit(folder: &Path, version: u64) -> PathBuf {
    folder.join("_delta_log").join(format!("{version:020}.json"))
}

/// The random id that landing gave to a version, read from its commit.
fn snapshot_id(folder: &Path, version: u64) -> Option<String> {
    let text = std::fs::read_to_string(commit(folder, version)).ok()?;
    let info = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|a| a.get("commitInfo").cloned())?;
    info.get(SNAPSHOT)?.as_str().map(str::to_owned)
}

/// Whether a commit added or removed rows; one of headings alone did not.
fn changes_rows(folder: &Path, version: u64) -> bool {
    let text = std::fs::read_to_string(commit(folder, version)).unwrap_or_default();
    text.lines().any(|line| line.starts_with("{\"add\"") || line.starts_with("{\"remove\""))
}

/// The landed columns must be those of today's schema: files without a new column would count as if it were empty.
fn same_columns(schema: &TableSchema, table: &DeltaTable) -> Result<(), Error> {
    let wanted: StructType =
        schema.landed().as_ref().try_into_kernel().map_err(|e| Error::storage(format!("schema of {}: {e}", schema.name)))?;
    let landed = table.snapshot().map_err(|e| delta(&e))?.schema();
    let told =
        |s: &StructType| s.fields().map(|f| (f.name().clone(), f.data_type().clone(), f.is_nullable())).collect::<Vec<_>>();
    if told(&wanted) == told(&landed) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "schemas/{0}.toml has other columns than the landed table {0}; put the schema back, or begin a new data directory",
        schema.name
    )))
}

fn location(folder: &Path) -> Result<url::Url, Error> {
    let folder = std::path::absolute(folder).map_err(|e| Error::reading(folder, &e))?;
    url::Url::from_directory_path(&folder)
        .map_err(|()| Error::storage(format!("{} cannot be the place of a table", folder.display())))
}

fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Delta's errors speak of its log and its files, not of rows; still only their kind is told to others.
fn delta(error: &DeltaTableError) -> Error {
    Error::engine(format!("Delta: {error}"))
}
