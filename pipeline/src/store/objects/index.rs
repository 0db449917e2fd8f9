//! What a working copy knows of the bucket: which state of each object its files are. Lost, it costs that files are fetched again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::bucket::{Listed, Version};
use utfall_ground::checksum;
use utfall_ground::error::Error;

/// The state of an object that the copy has.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) size: u64,
    pub(super) version: Version,
    /// The digest of bytes that this process put there, and that the file may not have yet.
    #[serde(skip)]
    put: Option<[u8; 32]>,
}

impl Seen {
    /// What was listed, and fetched as that.
    pub(super) fn listed(object: &Listed) -> Self {
        Self { size: object.size, version: object.version.clone(), put: None }
    }

    /// What this process put.
    pub(super) fn put(bytes: &[u8], version: Version) -> Self {
        Self { size: bytes.len() as u64, version, put: Some(Sha256::digest(bytes).into()) }
    }

    /// A file that this process put, whose name tells its bytes.
    pub(super) fn kept(size: u64, version: Version) -> Self {
        Self { size, version, put: None }
    }

    /// Whether it is there in name only: what is removed under a condition is emptied.
    pub(super) fn is_emptied(&self) -> bool {
        self.size == 0
    }

    /// Whether a file of the copy is this state.
    fn is_in(&self, file: &Path) -> bool {
        match self.put {
            Some(put) => std::fs::read(file).is_ok_and(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == put),
            None => is_of_size(file, self.size),
        }
    }
}

/// Whether there is a file of a size.
pub(super) fn is_of_size(file: &Path, size: u64) -> bool {
    file.metadata().is_ok_and(|file| file.is_file() && file.len() == size)
}

/// All that is known, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Index(pub(super) BTreeMap<String, Seen>);

impl Index {
    /// What an earlier process left; nothing if that cannot be read.
    pub(super) fn read(file: &Path) -> Self {
        let lines = checksum::read(file).ok().flatten();
        lines.and_then(|lines| serde_json::from_str(lines.trim_end()).ok()).unwrap_or_default()
    }

    /// Leaves it for the next process: of the files below `root`, those that are what was put or fetched.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn write(&self, file: &Path, root: &Path) -> Result<(), Error> {
        let sound: BTreeMap<_, _> = self.0.iter().filter(|(name, seen)| seen.is_in(&root.join(name))).collect();
        let text = serde_json::to_string(&sound).map_err(Error::not_encodable)?;
        checksum::replace(file, &format!("{text}\n"))
    }
}

/// What is removed under a condition, by being emptied: whoever is late must not remove what another has begun since.
pub(super) const EMPTIED: &str = "pending.toml";

/// Whether a file of the data directory is this machine's alone: locks, the controller's log, what can be made again from commits.
pub(super) fn is_local(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let is_lock = file.ends_with(".lock") || file == "landed.gate";
    let is_aside = file.starts_with(utfall_ground::durable::ASIDE);
    is_lock || is_aside || name.starts_with("log/") || is_derived(name)
}

/// Whether it can be made again from the commits of a table: Delta's checkpoints, and copies of old commits.
pub(super) fn is_derived(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("landed/") else { return false };
    rest.contains("/_utfall/") || rest.contains("/_delta_log/") && rest.contains("checkpoint")
}

/// Whether a name tells the bytes: that of a landed file.
pub(super) fn tells_its_bytes(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let digest = file.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet")?.split_once('-'));
    digest.is_some_and(|(_, digest)| digest.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_this_machines_alone_is_told_by_its_name() {
        let log = "landed/participation/_delta_log";
        for local in [
            "landed.lock",
            "landed.gate",
            "log/engine.log",
            "ledger/.aside-1",
            "landed/participation/_utfall/00000000-00000255.commits",
            &format!("{log}/00000000000000000064.checkpoint.parquet"),
            &format!("{log}/_last_checkpoint"),
        ] {
            assert!(is_local(local), "{local}");
        }
        for kept in ["store.toml", "ledger/00000001.entry", "archive/a.release", &format!("{log}/00000000000000000064.json")] {
            assert!(!is_local(kept), "{kept}");
        }
        let digest = "0".repeat(64);
        assert!(tells_its_bytes(&format!("landed/a/current/6/part-1f-{digest}.parquet")));
        assert!(!tells_its_bytes("landed/a/current/6/part-1f.parquet") && !tells_its_bytes("store.toml"));
    }

    #[test]
    fn a_file_that_was_put_and_never_written_is_not_taken_for_it_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let (root, file) = (folder.path().join("data"), folder.path().join("seen"));
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("old"), b"before").unwrap();
        std::fs::write(root.join("new"), b"behind").unwrap();
        let mut index = Index::default();
        for name in ["old", "new"] {
            index.0.insert(name.to_owned(), Seen::put(b"behind", Version::default()));
        }
        index.write(&file, &root).unwrap();
        assert_eq!(Index::read(&file).0.into_keys().collect::<Vec<_>>(), ["new"]);
    }
}
