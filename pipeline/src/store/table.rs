//! Landed tables: Delta tables of zstd Parquet, a commit for one or several lists, each put in place durably and never rebased.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use deltalake_core::kernel::transaction::CommitData;
use deltalake_core::kernel::{Action, Add, Remove, Transaction};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder, DeltaTableError};

use super::chain::{ACCEPTED, Chain, Next, commit_file};
use super::file::{LandedFiles, STATE, StoredFile};
use super::refusal;
use super::{Store, create, declared, digest, people};
use crate::catalogue::schema::{Differences, TableSchema};
use crate::crash;
use crate::store::stored::State;
use utfall_ground::clock::now_millis;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;
use utfall_ground::redacted;

/// Every landing commit also carries this application id, so that whoever reads the log sees landings as one sequence.
const LANDING: &str = "utfall.landing";
/// How the application ids begin that tell which version last changed a month's report.
pub const REPORT: &str = "utfall.report.";
/// After so many commits the log is summed up, so that opening a table does not grow with its age.
const CHECKPOINT: u64 = 64;

/// One table at one pinned version.
#[derive(Debug)]
pub struct Pinned {
    /// The Delta version; for the controller only.
    version: u64,
    /// The random id of the newest version that changed what counts, part of a release's identity.
    pub snapshot: String,
    /// The files of the rows that count.
    pub files: LandedFiles,
    /// The table's folder.
    pub folder: PathBuf,
    /// Every file of the version.
    pub stored: Vec<StoredFile>,
    /// How today's schema differs from that of what has landed.
    pub differences: Differences,
    chain: Chain,
    /// What is done to it and not committed yet; `stored` and [`Pinned::mark`] tell of it already.
    staged: Change,
}

/// The newest versions that this process has pinned, by table.
#[derive(Default)]
pub(super) struct Seen(Mutex<HashMap<String, Arc<Pinned>>>);

redacted!(Seen);

/// What a commit does.
#[derive(Debug, Default)]
pub struct Change {
    /// Files that come.
    pub added: Vec<StoredFile>,
    /// Files that go.
    pub removed: Vec<StoredFile>,
    /// Application ids and their versions: which delivery it is.
    pub marks: Vec<(String, i64)>,
    /// What is kept of the deliveries that the commit takes in.
    pub accepted: Option<String>,
    /// Whether what counts is other than before: a new snapshot, from which a new release can be made.
    pub counts: bool,
    /// The id of the key under whose pseudonyms all rows are then, where that is not the store's yet.
    pub under: Option<String>,
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
    pub(super) fn folder(&self, table: &TableSchema) -> PathBuf {
        self.root.join("landed").join(&table.name)
    }

    /// Whether a table was begun: something has landed on it, or is about to.
    pub fn is_begun(&self, table: &TableSchema) -> bool {
        self.folder(table).join("_delta_log").exists()
    }

    /// Pins the newest version of a table; `None` if nothing has landed on it.
    ///
    /// # Errors
    /// When its log cannot be read, a file is not what was written, or the table does not descend from what the key zone
    /// remembers.
    pub async fn pin(&self, schema: &TableSchema) -> Result<Option<Pinned>, Error> {
        let Some(pinned) = self.pin_landed(schema).await? else { return Ok(None) };
        declared::accept(schema, &pinned.differences)?;
        Ok(Some(pinned))
    }

    /// The newest version for whoever counts nothing of it: what was pinned before is that while nobody has committed since.
    ///
    /// # Errors
    /// As [`Store::pin`].
    pub async fn newest(&self, schema: &TableSchema) -> Result<Option<Arc<Pinned>>, Error> {
        let seen = || self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = seen().get(&schema.name).cloned();
        if let Some(known) = known.filter(|known| known.is_newest()) {
            return Ok(Some(known));
        }
        let pinned = self.pin(schema).await?.map(Arc::new);
        seen().extend(pinned.clone().map(|pinned| (schema.name.clone(), pinned)));
        Ok(pinned)
    }

    /// The newest version of a table that may have landed by another schema.
    ///
    /// # Errors
    /// As [`Store::pin`].
    pub async fn pin_landed(&self, schema: &TableSchema) -> Result<Option<Pinned>, Error> {
        let folder = self.folder(schema);
        let ancestor = self.witness.of(&schema.name)?;
        let loaded = load(&folder).await;
        let version = match &loaded {
            Ok(None) => {
                ancestor.check(None)?;
                return Ok(None);
            }
            Ok(Some(table)) => Some(table.snapshot().map_err(|e| delta(&e))?.version()),
            Err(_) => None,
        };
        let chain = Chain::read(&folder, version)?;
        ancestor.check(Some(&chain))?;
        let Some(table) = loaded.map_err(|e| unsummed(&folder).unwrap_or(e))? else { return Ok(None) };
        let version = version.unwrap_or_default();
        let differences = declared::differences(schema, &chain)?;
        let folder = folder.canonicalize().map_err(|e| Error::reading(&folder, e))?;
        let mut stored = stored_files(&table)?;
        stored.sort();
        // Before the key zone hears of the version: a damaged one must not take the place of a sound one there.
        let snapshot = self.sound(&folder, &chain, &stored)?;
        match chain.told(version).and_then(|told| told.snapshot.as_ref()) {
            // A landing that was killed after its commit left the key zone behind; whoever reads the version tells it.
            Some(id) => self.witness.advance(&schema.name, version, (id, &chain.newest()))?,
            None if version == 0 => {}
            None => {
                return Err(refusal::foreign(&folder));
            }
        }
        let files = LandedFiles { schema: schema.landed(), files: of_state(&folder, &stored, State::Current) };
        Ok(Some(Pinned { version, snapshot, files, folder, stored, differences, chain, staged: Change::default() }))
    }

    /// Refuses a schema that differs so from what has landed.
    ///
    /// # Errors
    /// When something would be read otherwise than it was landed, with every difference and its way out.
    pub fn accept_schema(schema: &TableSchema, differences: &Differences) -> Result<(), Error> {
        declared::accept(schema, differences)
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
        create::create(&folder, schema)?;
        self.pin(schema).await?.ok_or_else(|| refusal::unreadable(&folder))
    }

    /// Commits a change as the version after `base`, together with what is staged there, or not at all: never rebased, because
    /// its numbers were given against `base`. The commit itself is put in place durably by [`durable::put_if_absent`]. When it
    /// is done, `base` is the new version; after a conflict it is none.
    ///
    /// # Errors
    /// When the file system refuses.
    pub async fn commit(&self, schema: &TableSchema, base: &mut Pinned, change: Change) -> Result<Commit, Error> {
        base.stage(change);
        let (next, change) = (base.version + 1, &base.staged);
        let version = i64::try_from(next).unwrap_or(i64::MAX);
        let adds = change.added.iter().map(|file| Action::Add(add(file, change.counts)));
        let removes = change.removed.iter().map(|file| Action::Remove(remove(file, change.counts)));
        let operation = DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None };
        let id = random_id()?;
        let changed = if change.counts { id.as_str() } else { base.snapshot.as_str() };
        let files = digest::of_all(&base.stored, &[changed, self.domain()]);
        let (domain, key, accepted) = (self.domain(), self.key_id(), change.accepted.as_deref());
        let under = &self.under(base)?.to_owned();
        let info = base.chain.next(Next { id: &id, changed, domain, key, under, files: &files, accepted }).into_iter().collect();
        let marks = change.marks.iter().map(|(id, version)| Transaction::new(id, *version));
        let accepted = change.accepted.iter().map(|_| Transaction::new(ACCEPTED, version));
        let ids = std::iter::once(Transaction::new(LANDING, version)).chain(accepted).chain(marks).collect();
        let declared = declared::renewed(schema, &base.chain)?.map(Action::Metadata);
        let data = CommitData::new(declared.into_iter().chain(removes).chain(adds).collect(), operation, info, ids);
        let bytes = data.get_bytes().map_err(Error::not_encodable)?;
        let come: Vec<PathBuf> = change.added.iter().map(|file| base.folder.join(&file.path)).collect();
        durable::sync_all(&base.folder, &come)?;
        crash::point("written");
        match durable::put_if_absent(&commit_file(&base.folder, next), &bytes)? {
            durable::Put::Done => {
                crash::point("committed");
                // What is committed is nobody's to discard, whatever fails from here on.
                let counts = std::mem::take(&mut base.staged).counts;
                self.still_has_key(under)?;
                base.chain.push(&bytes)?;
                self.witness.advance(&schema.name, next, (&id, &base.chain.newest()))?;
                base.advance(id, counts);
                let _ = base.chain.pack();
                if next.is_multiple_of(CHECKPOINT) {
                    base.sum_up().await;
                }
                Ok(Commit::Done)
            }
            durable::Put::Exists => {
                base.unstage();
                Ok(Commit::Conflict)
            }
        }
    }
}

impl Store {
    /// The key under whose pseudonyms all rows are after the commit of what is staged: that of the rows that stay, and of those that come.
    ///
    /// # Errors
    /// When rows would come under another key than those that stay: another machine has rotated it.
    fn under<'p>(&'p self, base: &'p Pinned) -> Result<&'p str, Error> {
        let (key, Change { added, under, .. }) = (self.key_id(), &base.staged);
        let stays = base.stored.iter().any(|file| !added.contains(file));
        let told = base.chain.last().and_then(|told| told.under.as_deref()).filter(|_| stays);
        match (under, told) {
            (Some(under), _) => Ok(under),
            (None, Some(told)) if told != key && !added.is_empty() => Err(refusal::rotated_meanwhile(key, told)),
            (None, told) => Ok(told.unwrap_or(key)),
        }
    }

    /// Checks that a version has the files that its commit told of, in this domain, and that each of them is what was
    /// written; gives the random id of the newest version that changed what counts: headings alone make no new release.
    fn sound(&self, folder: &Path, chain: &Chain, stored: &[StoredFile]) -> Result<String, Error> {
        let Some(told) = chain.last().filter(|_| chain.version() > 0) else { return Ok("nothing landed".to_owned()) };
        let damaged = || Error::damaged(&commit_file(folder, chain.version()));
        let (changed, domain) = told.changed.as_ref().zip(told.domain.as_ref()).ok_or_else(damaged)?;
        if told.files.as_ref() != Some(&digest::of_all(stored, &[changed, domain])) {
            return Err(unsummed(folder).unwrap_or_else(damaged));
        }
        if domain != self.domain() {
            return Err(refusal::domain_changed(domain, self.domain()));
        }
        // Who landed last may have had the key of before: a machine that stood still while another rotated it.
        if let Some(under) = told.under.as_ref().filter(|under| !stored.is_empty() && self.had_key(under)) {
            return Err(refusal::landed_under_an_old_key(&commit_file(folder, chain.version()), under, self.key_id()));
        }
        digest::check(folder, stored)?;
        Ok(changed.clone())
    }
}

impl Pinned {
    /// The version that a mark was last committed with here, or is about to be; `None` if it never was.
    pub fn mark(&self, id: &str) -> Option<i64> {
        let staged = self.staged.marks.iter().rev().find(|(mark, _)| mark == id);
        staged.map(|(_, version)| *version).or_else(|| self.chain.mark(id))
    }

    /// Does something to the table that the next commit will tell of: what settles after it reads it as if it were committed.
    /// The files need not be durable yet.
    pub fn stage(&mut self, change: Change) {
        let Change { added, removed, marks, accepted, counts, under } = change;
        let gone: HashSet<&StoredFile> = removed.iter().collect();
        self.stored.retain(|file| !gone.contains(file));
        self.stored.extend(added.iter().cloned());
        self.stored.sort();
        // What came and went before anybody was told of it was never the table's.
        let (never, came): (Vec<_>, Vec<_>) = self.staged.added.drain(..).partition(|file| gone.contains(file));
        let never: HashSet<StoredFile> = never.into_iter().collect();
        self.staged.added = came;
        self.staged.added.extend(added);
        self.staged.removed.extend(removed.into_iter().filter(|file| !never.contains(file)));
        discard(&self.folder, never.iter());
        self.staged.marks.extend(marks);
        self.staged.accepted = accepted.or(self.staged.accepted.take());
        self.staged.counts |= counts;
        self.staged.under = under.or(self.staged.under.take());
    }

    /// Whether something is staged.
    pub fn has_staged(&self) -> bool {
        let Change { added, removed, marks, .. } = &self.staged;
        !(added.is_empty() && removed.is_empty() && marks.is_empty())
    }

    /// Removes the files that were staged, after which this is no version of the table.
    pub fn unstage(&mut self) {
        discard(&self.folder, std::mem::take(&mut self.staged).added.iter());
    }

    /// This version and one more commit, as [`Store::commit`] has just made it.
    fn advance(&mut self, snapshot: String, counts: bool) {
        self.version += 1;
        if counts {
            self.snapshot = snapshot;
        }
        self.files.files = of_state(&self.folder, &self.stored, State::Current);
    }

    /// Sums the log up. What fails here is done after later commits; nothing depends on it.
    async fn sum_up(&self) {
        if let Ok(Some(table)) = load(&self.folder).await {
            let _ = deltalake_core::checkpoints::create_checkpoint(&table, None).await;
        }
    }

    /// Whether nobody has committed since.
    pub fn is_newest(&self) -> bool {
        !commit_file(&self.folder, self.version + 1).exists()
    }

    /// How many lists were taken in, and works of upkeep done; for the controller only. A commit may tell of several.
    pub fn changes(&self) -> u64 {
        let beside = |mark: &&str| [LANDING, ACCEPTED].contains(mark) || mark.starts_with(REPORT);
        u64::try_from(self.chain.marks().filter(|mark| !beside(mark)).count()).unwrap_or(u64::MAX)
    }

    /// The version that the next commit will make.
    pub fn next(&self) -> u64 {
        self.version + 1
    }

    /// What was kept of the deliveries that a version took in; `None` if it took in none.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn accepted(&self, version: u64) -> Result<Option<String>, Error> {
        if version == self.next() { Ok(self.staged.accepted.clone()) } else { self.chain.accepted(version) }
    }

    /// Whether a delivery was ever accepted here, whatever came of its rows.
    pub fn has_accepted(&self) -> bool {
        self.staged.accepted.is_some() || self.mark(ACCEPTED).is_some()
    }

    /// That the log of the table is not what was written.
    pub fn damaged(&self) -> Error {
        Error::damaged(&commit_file(&self.folder, self.version))
    }

    /// The files of the rows that count, and of the records that belong to nobody in particular.
    pub fn with_anonymous(&self) -> LandedFiles {
        let mut files = self.files.clone();
        files.files.extend(of_state(&self.folder, &self.stored, State::Anonymous));
        files
    }
}

/// Removes files that will not be the table's.
pub fn discard<'f>(folder: &Path, files: impl IntoIterator<Item = &'f StoredFile>) {
    for path in files.into_iter().map(|file| folder.join(&file.path)) {
        people::forget(&path);
        let _ = durable::remove(&path);
    }
}

fn of_state(folder: &Path, stored: &[StoredFile], state: State) -> Vec<(PathBuf, u64)> {
    stored.iter().filter(|file| file.state == state.name()).map(|file| (folder.join(&file.path), file.size)).collect()
}

fn partitions(file: &StoredFile) -> HashMap<String, Option<String>> {
    let project = file.project.map(|project| project.to_string());
    HashMap::from([(STATE.to_owned(), Some(file.state.clone())), ("project".to_owned(), project)])
}

fn add(file: &StoredFile, counts: bool) -> Add {
    Add {
        path: file.path.clone(),
        partition_values: partitions(file),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        modification_time: file.written,
        data_change: counts,
        ..Add::default()
    }
}

fn remove(file: &StoredFile, counts: bool) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change: counts,
        deletion_timestamp: Some(now_millis()),
        extended_file_metadata: Some(true),
        partition_values: Some(partitions(file)),
        size: Some(i64::try_from(file.size).unwrap_or(i64::MAX)),
        ..Remove::default()
    }
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

/// Every file of a loaded version.
fn stored_files(table: &DeltaTable) -> Result<Vec<StoredFile>, Error> {
    let log = table.snapshot().map_err(|e| delta(&e))?.log_data();
    let file = |view: deltalake_core::kernel::LogicalFileView| {
        let mut values = view.partition_values_map();
        StoredFile {
            path: view.path().to_string(),
            size: u64::try_from(view.size()).unwrap_or_default(),
            state: values.remove(STATE).flatten().unwrap_or_default(),
            project: values.remove("project").flatten().and_then(|project| project.parse().ok()),
            written: view.modification_time(),
        }
    };
    Ok(log.iter().map(file).collect())
}

/// Where a table's commits are sound and what sums them up is not: what to do about that. Nothing if nothing sums them up.
fn unsummed(folder: &Path) -> Option<Error> {
    let log = folder.join("_delta_log");
    let names = std::fs::read_dir(&log).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut sums: Vec<String> = names.filter(|name| name.contains("checkpoint")).collect();
    sums.sort();
    let sums: Vec<String> = sums.iter().map(|name| log.join(name).display().to_string()).collect();
    let sums = (!sums.is_empty()).then(|| sums.join(" "))?;
    Some(refusal::summary_damaged(&log, &sums))
}

/// The address of a table's folder.
pub(super) fn location(folder: &Path) -> Result<url::Url, Error> {
    let folder = std::path::absolute(folder).map_err(|e| Error::reading(folder, e))?;
    url::Url::from_directory_path(&folder).map_err(|()| refusal::path_unusable(&folder))
}

/// Delta's errors speak of its log and its files, not of rows; still only their kind is told to others.
fn delta(error: &DeltaTableError) -> Error {
    Error::engine(format!("Delta: {error}"))
}
