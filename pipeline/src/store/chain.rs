//! The commits of a landed table as a chain: each tells the digest of all commits before it, and the key zone remembers that
//! of the newest. What a commit says beside its files (which delivery it was, which list was replaced by which) is read from
//! here and from nowhere else: Delta's checkpoints sum commits up in files that nothing guards.
//!
//! The digest of a version is SHA-256(digest of the version before it, bytes of its commit), that of none is 32 zero bytes.
//!
//! Old commits are read from packs, `_utfall/<first>-<last>.commits` beside the log, each the very bytes of 256 of them: the digest of
//! the newest version proves those as well as the files that they were packed from, which stay for readers of Delta tables. A
//! pack that is missing, damaged or of another table costs time: the commits are read from their files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::refusal;
use super::{digest, pack, private_folder};
use crate::crash;
use utfall_ground::durable;
use utfall_ground::error::Error;

/// Where a commit carries what was accepted with it, and how its mark is named.
pub(super) const ACCEPTED: &str = "utfall.accepted";

/// So many commits make a pack.
const PACKED: u64 = 256;

/// What this process has read from packs, by the folder of the table: packs are never changed, so that once is enough.
static READ: Mutex<Option<HashMap<PathBuf, Arc<Commits>>>> = Mutex::new(None);

/// All commits of a table until one version.
#[derive(Debug)]
pub(super) struct Chain {
    folder: PathBuf,
    /// Those that were read from packs.
    old: Arc<Commits>,
    /// Those after them.
    new: Commits,
    /// How many are known to be in packs.
    packed: u64,
    /// What is said of the columns before any commit says something.
    nothing: Declared,
}

/// Commits one after the other, and what they say together.
#[derive(Debug, Default, Clone)]
struct Commits {
    links: Vec<Link>,
    marks: HashMap<String, i64>,
    /// What the newest commit that says so says of the columns.
    declared: Option<Declared>,
}

#[derive(Debug, Clone)]
struct Link {
    told: Told,
    digest: [u8; 32],
    /// Whether it does nothing but make the table.
    creates: bool,
}

/// What a commit tells of itself.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct Told {
    /// The random id of its snapshot.
    #[serde(rename = "utfall.snapshot")]
    pub(super) snapshot: Option<String>,
    /// The random id of the newest snapshot in which what counts is other than before.
    #[serde(rename = "utfall.changed")]
    pub(super) changed: Option<String>,
    /// The pseudonymisation domain.
    #[serde(rename = "utfall.domain")]
    pub(super) domain: Option<String>,
    /// The id of the key under whose pseudonyms its rows are; an earlier version of this program did not write it.
    #[serde(rename = "utfall.under")]
    pub(super) under: Option<String>,
    /// The digest of all files of its version, and of what else it tells here.
    #[serde(rename = "utfall.files")]
    pub(super) files: Option<String>,
    /// The digest of all commits before it; an earlier version of this program did not write it.
    #[serde(rename = "utfall.before")]
    before: Option<String>,
    /// What is kept of the deliveries that it took in, behind its digest.
    #[serde(rename = "utfall.accepted")]
    accepted: Option<String>,
}

/// One line of a commit.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    commit_info: Option<Told>,
    txn: Option<Mark>,
    meta_data: Option<Declared>,
    add: Option<IgnoredAny>,
    remove: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    app_id: String,
    version: i64,
}

/// What a commit says of the table's columns.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declared {
    /// Delta's id of the table.
    pub(super) id: String,
    /// The columns, as Delta writes them.
    pub(super) schema_string: String,
    /// What stands beside them, by names.
    #[serde(default)]
    pub(super) configuration: HashMap<String, String>,
}

/// What a commit that is to come tells of itself.
#[derive(Debug)]
pub(super) struct Next<'a> {
    /// The id of its snapshot.
    pub(super) id: &'a str,
    /// The id of the newest snapshot that changed what counts.
    pub(super) changed: &'a str,
    /// The pseudonymisation domain.
    pub(super) domain: &'a str,
    /// The id of the key that the store has.
    pub(super) key: &'a str,
    /// The id of the key under whose pseudonyms the rows are then.
    pub(super) under: &'a str,
    /// The digest of its files.
    pub(super) files: &'a str,
    /// What was accepted with it.
    pub(super) accepted: Option<&'a str>,
}

impl Chain {
    /// Reads the commits of a table's folder until a version, or all there are, and compares each link.
    ///
    /// # Errors
    /// When one is missing, or they are not what was written.
    pub(super) fn read(folder: &Path, last: Option<u64>) -> Result<Self, Error> {
        let old = packed(folder, last);
        let is_packed = !old.links.is_empty();
        match Self::after(folder, old, last) {
            Err(_) if is_packed => Self::after(folder, Arc::default(), last),
            read => read,
        }
    }

    /// Reads the commits that follow those of packs from their files.
    fn after(folder: &Path, old: Arc<Commits>, last: Option<u64>) -> Result<Self, Error> {
        let packed = u64::try_from(old.links.len()).unwrap_or_default();
        let (new, nothing) = Default::default();
        let mut chain = Self { folder: folder.to_path_buf(), old, new, packed, nothing };
        for version in chain.length()..=last.unwrap_or(u64::MAX) {
            let path = commit_file(folder, version);
            match std::fs::read(&path) {
                Ok(bytes) => chain.push(&bytes)?,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound && last.is_none() => break,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                    return Err(refusal::commit_missing(&path));
                }
                Err(e) => return Err(Error::reading(&path, e)),
            }
        }
        chain.made_once()?;
        Ok(chain)
    }

    /// Takes in the next commit.
    ///
    /// # Errors
    /// When it is none, or tells of other commits before it.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let before = self.newest_digest();
        self.new.push(before, bytes).ok_or_else(|| Error::damaged(&self.log()))
    }

    /// Packs the commits of which there are enough and which were not read from packs. What fails here is done after later commits;
    /// nothing depends on it.
    pub(super) fn pack(&mut self) -> Result<(), Error> {
        while let Some(digest) = self.link(self.packed + PACKED - 1).map(|link| link.digest) {
            let (first, last) = (self.packed, self.packed + PACKED - 1);
            let path = pack_file(&self.folder, first);
            if pack::read(&path, PACKED).is_ok_and(|parts| self.reaches(first, &parts) == Some(digest)) {
                self.packed += PACKED;
                continue;
            }
            let file = |version| {
                let path = commit_file(&self.folder, version);
                std::fs::read(&path).map_err(|e| Error::reading(&path, e))
            };
            let parts = (first..=last).map(file).collect::<Result<Vec<_>, Error>>()?;
            if self.reaches(first, &parts) != Some(digest) {
                return Err(Error::damaged(&self.log()));
            }
            private_folder(durable::folder(&path))?;
            durable::replace(&path, &pack::written(&parts))?;
            crash::point("commits packed");
            self.packed += PACKED;
        }
        Ok(())
    }

    /// The digest to which commits from a version on lead.
    fn reaches(&self, first: u64, parts: &[Vec<u8>]) -> Option<[u8; 32]> {
        let before = match first.checked_sub(1) {
            Some(before) => self.link(before)?.digest,
            None => [0; 32],
        };
        Some(parts.iter().fold(before, |before, bytes| chained(before, bytes)))
    }

    /// Refuses a table whose last commits make it once more, which Delta's own way of making one does when two landings begin
    /// it at once; they hold nothing, but nobody else may have had a part in it.
    fn made_once(&self) -> Result<(), Error> {
        let again = |version: &u64| self.link(*version).is_some_and(|link| link.creates && link.told.snapshot.is_none());
        let more: Vec<u64> = (1..self.length()).rev().take_while(again).collect();
        if more.is_empty() {
            return Ok(());
        }
        let files: Vec<String> = more.iter().rev().map(|v| commit_file(&self.folder, *v).display().to_string()).collect();
        Err(refusal::made_twice(&files.join(" ")))
    }

    fn newest_digest(&self) -> [u8; 32] {
        self.length().checked_sub(1).and_then(|last| self.link(last)).map(|link| link.digest).unwrap_or_default()
    }

    /// The folder of the commits.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("_delta_log")
    }

    fn link(&self, version: u64) -> Option<&Link> {
        let at = usize::try_from(version).ok()?;
        let old = &self.old.links;
        old.get(at).or_else(|| self.new.links.get(at.checked_sub(old.len())?))
    }

    /// How many commits there are.
    fn length(&self) -> u64 {
        u64::try_from(self.old.links.len() + self.new.links.len()).unwrap_or(u64::MAX)
    }

    /// The newest version.
    pub(super) fn version(&self) -> u64 {
        self.length().saturating_sub(1)
    }

    /// What the newest version tells of itself.
    pub(super) fn last(&self) -> Option<&Told> {
        self.told(self.version())
    }

    /// What the next commit tells of itself, by names.
    pub(super) fn next(
        &self,
        Next { id, changed, domain, key, under, files, accepted }: Next<'_>,
    ) -> Vec<(String, serde_json::Value)> {
        let before = self.newest();
        let told = [
            ("utfall.snapshot", id),
            ("utfall.changed", changed),
            ("utfall.domain", domain),
            ("utfall.files", files),
            ("utfall.before", &before),
            ("utfall.key", key),
            ("utfall.under", under),
        ];
        let accepted = accepted.map(|record| (ACCEPTED.to_owned(), format!("{} {record}", digest::of_text(record)).into()));
        told.map(|(name, value)| (name.to_owned(), value.into())).into_iter().chain(accepted).collect()
    }

    /// What a version tells of itself.
    pub(super) fn told(&self, version: u64) -> Option<&Told> {
        self.link(version).map(|link| &link.told)
    }

    /// The digest of all commits until a version.
    pub(super) fn digest(&self, version: u64) -> Option<String> {
        self.link(version).map(|link| hex::encode(link.digest))
    }

    /// The digest of all commits.
    pub(super) fn newest(&self) -> String {
        hex::encode(self.newest_digest())
    }

    /// The version that a mark was last committed with; `None` if it never was.
    pub(super) fn mark(&self, id: &str) -> Option<i64> {
        self.new.marks.get(id).or_else(|| self.old.marks.get(id)).copied()
    }

    /// Every mark.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        let once = self.new.marks.keys().filter(|mark| !self.old.marks.contains_key(*mark));
        self.old.marks.keys().chain(once).map(String::as_str)
    }

    /// What the newest commit that says so says of the table's columns.
    pub(super) fn declared(&self) -> &Declared {
        self.new.declared.as_ref().or(self.old.declared.as_ref()).unwrap_or(&self.nothing)
    }

    /// What was kept of the deliveries that a version took in; `None` if it took in none.
    ///
    /// # Errors
    /// When it is not what was written.
    pub(super) fn accepted(&self, version: u64) -> Result<Option<String>, Error> {
        let Some(kept) = self.told(version).and_then(|told| told.accepted.as_ref()) else { return Ok(None) };
        let sound = kept.split_once(' ').filter(|(digest, record)| *digest == digest::of_text(record));
        sound.map(|(_, record)| Some(record.to_owned())).ok_or_else(|| Error::damaged(&commit_file(&self.folder, version)))
    }
}

impl Commits {
    /// Takes in the next commit, after those that lead to a digest; none if it is no commit, or tells of others before it.
    fn push(&mut self, before: [u8; 32], bytes: &[u8]) -> Option<()> {
        let (mut told, mut moves, mut makes) = (None, false, false);
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            // Of files nothing is told here; their lines are most of what there is.
            if line.starts_with(b"{\"add\":") || line.starts_with(b"{\"remove\":") {
                moves = true;
                continue;
            }
            let line: Line = serde_json::from_slice(line).ok()?;
            if let Some(mark) = line.txn {
                moves = true;
                self.marks.insert(mark.app_id, mark.version);
            }
            if let Some(declared) = line.meta_data {
                makes = true;
                self.declared = Some(declared);
            }
            moves |= line.add.is_some() || line.remove.is_some();
            told = line.commit_info.or(told);
        }
        let told: Told = told.unwrap_or_default();
        if told.before.as_ref().is_some_and(|told| *told != hex::encode(before)) {
            return None;
        }
        self.links.push(Link { told, digest: chained(before, bytes), creates: makes && !moves });
        Some(())
    }
}

/// The digest of a version by that of the one before it and the bytes of its commit.
fn chained(before: [u8; 32], bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update(bytes).finalize().into()
}

/// The commits that packs hold, as far as they go and not beyond a version.
fn packed(folder: &Path, last: Option<u64>) -> Arc<Commits> {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let read = read.get_or_insert_default();
    let until = |commits: &Commits| u64::try_from(commits.links.len()).unwrap_or(u64::MAX);
    let is_asked = |end: u64| last.is_none_or(|last| end <= last);
    let known = read.get(folder).filter(|known| is_asked(until(known))).cloned().unwrap_or_default();
    let mut commits = Arc::clone(&known);
    while is_asked(until(&commits) + PACKED) {
        let Ok(parts) = pack::read(&pack_file(folder, until(&commits)), PACKED) else { break };
        let mut more = Arc::unwrap_or_clone(commits);
        let follows = |bytes: &Vec<u8>| more.push(more.links.last().map(|link| link.digest).unwrap_or_default(), bytes).is_some();
        if !parts.iter().all(follows) {
            return known;
        }
        commits = Arc::new(more);
    }
    read.insert(folder.to_path_buf(), Arc::clone(&commits));
    commits
}

/// The pack of the commits from a version on.
fn pack_file(folder: &Path, first: u64) -> PathBuf {
    folder.join("_utfall").join(format!("{first:08}-{:08}.commits", first + PACKED - 1))
}

/// The file of one commit.
pub(super) fn commit_file(folder: &Path, version: u64) -> PathBuf {
    folder.join("_delta_log").join(format!("{version:020}.json"))
}

/// What a new process knows of packs.
#[cfg(test)]
pub(super) fn forget_packs() {
    READ.lock().unwrap_or_else(PoisonError::into_inner).take();
}
