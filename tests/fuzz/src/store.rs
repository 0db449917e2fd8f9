//! In place of the store: no target writes, and nothing has landed.

use crate::error::Error;

/// There is none.
#[derive(Debug)]
pub enum Pinned {}

impl Pinned {
    pub fn mark(&self, _: &str) -> Option<i64> {
        match *self {}
    }

    pub fn accepted(&self, _: u64) -> Result<Option<String>, Error> {
        match *self {}
    }

    pub fn damaged(&self) -> Error {
        match *self {}
    }
}

#[path = "../../../pipeline/src/store/checksum.rs"]
pub mod checksum;

pub mod file {
    use std::path::Path;

    use crate::error::Error;

    pub fn damaged(path: &Path) -> Error {
        Error::storage(path.display().to_string())
    }
}

pub mod durable {
    use std::path::Path;

    use crate::error::Error;

    #[derive(Debug, PartialEq, Eq)]
    pub enum Put {
        Done,
        Exists,
    }

    /// Refuses.
    pub fn replace(path: &Path, _: &[u8]) -> Result<(), Error> {
        Err(Error::storage(path.display().to_string()))
    }

    /// Refuses.
    pub fn put_if_absent(path: &Path, _: &[u8]) -> Result<Put, Error> {
        Err(Error::storage(path.display().to_string()))
    }
}
