//! The data directory: landed Delta tables, the ledger's log, the archive of releases.
//!
//! ```text
//! store.toml            the store's id, pseudonymisation domain and key id
//! landed/<table>/       one Delta table per private schema, one commit per delivery
//! ledger/<index>.entry  the hash-chained log of events
//! archive/<id>.release  noisy integers and their description, content-addressed
//! log/engine.log        the controller's log
//! ```

pub mod archive;
pub mod descent;
pub mod durable;
pub mod ledger;
pub mod numbering;

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
use serde::{Deserialize, Serialize};

use crate::crash;
use crate::engine::LandedFiles;
use crate::error::Error;
use crate::key::{Key, apart, random_id};
use crate::language::say;
use crate::schema::TableSchema;
use descent::Descent;

/// Every landing commit also carries this application id, so that whoever reads the log sees landings as one sequence.
const LANDING: &str = "utfall.landing";
/// Where a commit carries the random id of its snapshot.
const SNAPSHOT: &str = "utfall.snapshot";

/// An open data directory.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    descent: Descent,
    settings: Settings,
}

/// What stands beside the data.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    format: u32,
    store: String,
    domain: String,
    key_id: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    demonstration: bool,
}

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
    /// Makes a data directory for a key. What is published from a `demonstration` says that its people are made up.
    ///
    /// # Errors
    /// When one exists already or the file system refuses.
    pub fn create(root: &Path, zone: &Path, key: &Key, domain: &str, demonstration: bool) -> Result<Self, Error> {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        private_folder(root)?;
        std::fs::set_permissions(root, owner_only).map_err(|e| Error::writing(root, &e))?;
        for folder in [root.join("landed"), root.join("ledger"), root.join("archive")] {
            private_folder(&folder)?;
        }
        let settings = Settings { format: 1, store: random_id()?, domain: domain.to_owned(), key_id: key.id(), demonstration };
        let text = toml::to_string(&settings).map_err(|e| Error::storage(e.to_string()))?;
        probe(root)?;
        Descent::new(zone).begin()?;
        let path = root.join("store.toml");
        match durable::put_if_absent(&path, text.as_bytes())? {
            durable::Put::Done => Ok(Self { root: root.to_path_buf(), descent: Descent::new(zone), settings }),
            durable::Put::Exists => {
                Err(Error::storage(format!("{} is a data directory already; nothing was changed", root.display())))
            }
        }
    }

    /// Whether there is a data directory here.
    pub fn exists(root: &Path) -> bool {
        root.join("store.toml").exists()
    }

    /// Opens a data directory.
    ///
    /// # Errors
    /// When there is none, with how to make one.
    pub fn open(root: &Path, zone: &Path) -> Result<Self, Error> {
        apart(root, zone)?;
        let path = root.join("store.toml");
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Error::storage(say(
                format!("ingen datakatalog i {} ({e}); gör en med `utfall init`", root.display()),
                format!("no data directory at {} ({e}); make one with `utfall init`", root.display()),
            ))
        })?;
        let settings: Settings = toml::from_str(&text).map_err(|e| Error::storage(format!("{}: {e}", path.display())))?;
        if settings.format != 1 {
            return Err(Error::storage(format!(
                "{} was written by another version of utfall (format {})",
                path.display(),
                settings.format
            )));
        }
        Ok(Self { root: root.to_path_buf(), descent: Descent::new(zone), settings })
    }

    /// Refuses a key that is not this store's.
    ///
    /// # Errors
    /// When the ids differ: a second key would give everybody a second pseudonym.
    pub fn accept_key(&self, key: &Key) -> Result<(), Error> {
        if key.id() == self.settings.key_id {
            return Ok(());
        }
        Err(Error::storage(say(
            format!(
                "nyckeln {} är inte datakatalogens nyckel {}; återställ rätt nyckel från säkerhetskopian eller ange dess katalog med --keys",
                key.id(),
                self.settings.key_id
            ),
            format!(
                "the key {} is not this store's key {}; restore the right one from its backup or point --keys at its folder",
                key.id(),
                self.settings.key_id
            ),
        )))
    }

    /// The folder of the store.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The id of the key whose pseudonyms are landed here.
    pub fn key_id(&self) -> &str {
        &self.settings.key_id
    }

    /// The pseudonymisation domain.
    pub fn domain(&self) -> &str {
        &self.settings.domain
    }

    /// Whether its people are made up, so that everything published from it says so.
    pub fn is_demonstration(&self) -> bool {
        self.settings.demonstration
    }

    /// Removes what killed processes left half-written: a drawn release that was never archived must not lie about.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn sweep(&self) -> Result<(), Error> {
        let folders = [self.root.clone(), self.root.join("ledger"), self.root.join("archive"), self.descent.zone().to_path_buf()];
        folders.iter().try_for_each(|folder| durable::sweep(folder))
    }

    fn folder(&self, table: &TableSchema) -> PathBuf {
        self.root.join("landed").join(&table.name)
    }

    /// Pins the newest version of a table; `None` if nothing has landed on it.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub async fn pin(&self, schema: &TableSchema) -> Result<Option<Pinned>, Error> {
        let folder = self.folder(schema);
        let ancestor = self.descent.of(&schema.name)?;
        if !folder.join("_delta_log").exists() {
            ancestor.check(None, |_| None)?;
            return Ok(None);
        }
        let mut table =
            DeltaTableBuilder::from_url(location(&folder)?).and_then(DeltaTableBuilder::build).map_err(|e| delta(&e))?;
        match table.load().await {
            Ok(()) => {}
            Err(DeltaTableError::NotATable(_)) => {
                ancestor.check(None, |_| None)?;
                return Ok(None);
            }
            Err(e) => return Err(delta(&e)),
        }
        let state = table.snapshot().map_err(|e| delta(&e))?;
        ancestor.check(Some(state.version()), |version| snapshot_id(&folder, version))?;
        same_columns(schema, &table)?;
        let log = state.log_data();
        let mut files: Vec<(String, u64)> =
            log.iter().map(|f| (f.path().into_owned(), u64::try_from(f.size()).unwrap_or_default())).collect();
        files.sort();
        let newest = snapshot_id(&folder, state.version());
        match (&newest, state.version()) {
            // A landing that was killed after its commit left the key zone behind; whoever reads the version tells it.
            (Some(id), version) => self.descent.advance(&schema.name, version, id)?,
            (None, 0) => {}
            (None, _) => {
                return Err(Error::storage(format!(
                    "{} was written by another program; restore it from a backup",
                    folder.display()
                )));
            }
        }
        let changed = (0..=state.version()).rev().find(|version| changes_rows(&folder, *version));
        let snapshot = changed.and_then(|version| snapshot_id(&folder, version)).unwrap_or_else(|| "nothing landed".to_owned());
        let folder = folder.canonicalize().map_err(|e| Error::reading(&folder, &e))?;
        let files = files.into_iter().map(|(name, size)| (folder.join(name), size)).collect();
        Ok(Some(Pinned {
            version: state.version(),
            snapshot,
            files: LandedFiles { schema: schema.landed(), files },
            table,
            since: HashMap::new(),
        }))
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

/// Delta decodes a path once too often: a folder whose name holds `%20` or the like would not be found again.
///
/// # Errors
/// When the path is such a one.
pub fn placeable(root: &Path) -> Result<(), Error> {
    let path = std::path::absolute(root).map_err(|e| Error::reading(root, &e))?.to_string_lossy().into_owned();
    let encoded = path.as_bytes().windows(3).any(|w| matches!(w, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()));
    if !encoded && !path.contains('\\') {
        return Ok(());
    }
    Err(Error::usage(say(
        format!("datakatalogens sökväg får inte innehålla % följt av två hexsiffror eller \\: {path}"),
        format!("the data directory's path must not hold % before two hex digits, nor \\: {path}"),
    )))
}

/// The ledger stands on this: a second put of the same name must fail.
fn probe(root: &Path) -> Result<(), Error> {
    let path = root.join(format!("probe-{}", random_id()?));
    let twice = [durable::put_if_absent(&path, b"1")?, durable::put_if_absent(&path, b"2")?];
    std::fs::remove_file(&path).map_err(|e| Error::writing(&path, &e))?;
    if twice == [durable::Put::Done, durable::Put::Exists] {
        return Ok(());
    }
    Err(Error::storage(format!("the file system of {} lets a file be written twice; choose another", root.display())))
}

/// Makes a folder that only its owner may enter; one that exists keeps its mode.
///
/// # Errors
/// When the file system refuses.
pub fn private_folder(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| Error::writing(folder, &e))
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
