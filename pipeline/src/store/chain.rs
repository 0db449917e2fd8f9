//! The commits of a landed table as a chain: each tells the digest of all commits before it, and the key zone remembers that
//! of the newest. What a commit says beside its files (which delivery it was, which list was replaced by which) is read from
//! here and from nowhere else: Delta's checkpoints sum commits up in files that nothing guards.
//!
//! The digest of a version is SHA-256(digest of the version before it, bytes of its commit), that of none is 32 zero bytes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use super::digest;
use super::refusal;
use utfall_ground::error::Error;

/// Where a commit carries what was accepted with it, and how its mark is named.
pub(super) const ACCEPTED: &str = "utfall.accepted";

/// All commits of a table until one version.
#[derive(Debug)]
pub(super) struct Chain {
    folder: PathBuf,
    commits: Vec<Link>,
    marks: HashMap<String, i64>,
    /// What the newest commit that says so says of its columns.
    declared: Declared,
}

#[derive(Debug)]
struct Link {
    told: Told,
    digest: [u8; 32],
    /// Whether it does nothing but make the table.
    creates: bool,
}

/// What a commit tells of itself.
#[derive(Debug, Default, Deserialize)]
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
#[derive(Debug, Default, Deserialize)]
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
    /// The key's id.
    pub(super) key: &'a str,
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
        let mut chain =
            Self { folder: folder.to_path_buf(), commits: Vec::new(), marks: HashMap::new(), declared: Declared::default() };
        for version in 0..=last.unwrap_or(u64::MAX) {
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
        let log = self.log();
        let damaged = || Error::damaged(&log);
        let (mut told, mut moves, mut makes) = (None, false, false);
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let line: Line = serde_json::from_slice(line).map_err(|_| damaged())?;
            if let Some(mark) = line.txn {
                moves = true;
                self.marks.insert(mark.app_id, mark.version);
            }
            if let Some(declared) = line.meta_data {
                makes = true;
                self.declared = declared;
            }
            moves |= line.add.is_some() || line.remove.is_some();
            told = line.commit_info.or(told);
        }
        let (told, before) = (told.unwrap_or_default(), self.digest_of(self.commits.len().checked_sub(1)));
        if told.before.as_ref().is_some_and(|told| *told != hex::encode(before)) {
            return Err(damaged());
        }
        let digest = Sha256::new().chain_update(before).chain_update(bytes).finalize().into();
        self.commits.push(Link { told, digest, creates: makes && !moves });
        Ok(())
    }

    /// Refuses a table whose last commits make it once more, which Delta's own way of making one does when two landings begin
    /// it at once; they hold nothing, but nobody else may have had a part in it.
    fn made_once(&self) -> Result<(), Error> {
        let more = self.commits.iter().enumerate().skip(1).filter(|(_, link)| link.creates && link.told.snapshot.is_none());
        let more: Vec<u64> = more.filter_map(|(version, _)| u64::try_from(version).ok()).collect();
        let last = u64::try_from(self.commits.len()).unwrap_or_default();
        if more.is_empty() || more.iter().rev().zip((0..last).rev()).any(|(more, last)| *more != last) {
            return Ok(());
        }
        let files: Vec<String> = more.iter().map(|v| commit_file(&self.folder, *v).display().to_string()).collect();
        let files = files.join(" ");
        Err(refusal::made_twice(&files))
    }

    fn digest_of(&self, at: Option<usize>) -> [u8; 32] {
        at.and_then(|at| self.commits.get(at)).map(|link| link.digest).unwrap_or_default()
    }

    /// The folder of the commits.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("_delta_log")
    }

    fn link(&self, version: u64) -> Option<&Link> {
        self.commits.get(usize::try_from(version).ok()?)
    }

    /// The newest version.
    pub(super) fn version(&self) -> u64 {
        u64::try_from(self.commits.len().saturating_sub(1)).unwrap_or_default()
    }

    /// What the newest version tells of itself.
    pub(super) fn last(&self) -> Option<&Told> {
        self.commits.last().map(|link| &link.told)
    }

    /// What the next commit tells of itself, by names.
    pub(super) fn next(&self, Next { id, changed, domain, key, files, accepted }: Next<'_>) -> Vec<(String, serde_json::Value)> {
        let before = self.newest();
        let told = [
            ("utfall.snapshot", id),
            ("utfall.changed", changed),
            ("utfall.domain", domain),
            ("utfall.files", files),
            ("utfall.before", &before),
            ("utfall.key", key),
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
        hex::encode(self.digest_of(self.commits.len().checked_sub(1)))
    }

    /// The version that a mark was last committed with; `None` if it never was.
    pub(super) fn mark(&self, id: &str) -> Option<i64> {
        self.marks.get(id).copied()
    }

    /// Every mark.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        self.marks.keys().map(String::as_str)
    }

    /// What the newest commit that says so says of the table's columns.
    pub(super) fn declared(&self) -> &Declared {
        &self.declared
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

/// The file of one commit.
pub(super) fn commit_file(folder: &Path, version: u64) -> PathBuf {
    folder.join("_delta_log").join(format!("{version:020}.json"))
}
