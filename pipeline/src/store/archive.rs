//! The archive: the sealed bytes of each release, under the release's id, written once.

use std::path::Path;

use utfall_privacy::ReleaseId;

use super::place::{Folder, Place as _};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// The archive of one data directory.
#[derive(Debug)]
pub struct Archive {
    place: Folder,
}

impl Archive {
    /// The archive below a data directory.
    pub fn new(root: &Path) -> Self {
        Self { place: Folder::new(root.join("archive")) }
    }

    fn name(id: &ReleaseId) -> String {
        format!("{id}.release")
    }

    /// Archives a release unless it is there already, and gives the bytes that are now in the archive: of two racing runs
    /// the first wins and both publish it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn put(&self, id: &ReleaseId, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        self.place.put_if_absent(&Self::name(id), bytes)?;
        self.get(id)?.ok_or_else(|| {
            Error::storage(
                "archive-lost",
                Message::new(
                    "arkivet har förlorat en release som just skrevs; se efter om skivan är hel",
                    "the archive lost a release that was just written; see whether the disk is sound",
                ),
            )
        })
    }

    /// How many bytes are archived of a release, if any are.
    ///
    /// # Errors
    /// When the file is there and cannot be looked at.
    pub fn size(&self, id: &ReleaseId) -> Result<Option<u64>, Error> {
        let path = self.place.path().join(Self::name(id));
        match std::fs::metadata(&path) {
            Ok(file) => Ok(Some(file.len())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::reading(&path, e)),
        }
    }

    /// The archived bytes of a release, if there are any.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn get(&self, id: &ReleaseId) -> Result<Option<Vec<u8>>, Error> {
        self.place.read(&Self::name(id))
    }
}
