//! In place of the store: no target writes, and nothing has landed.

use crate::error::Error;

/// There is none.
#[derive(Debug)]
pub enum Pinned {}

impl Pinned {
    pub async fn mark(&self, _: &str) -> Result<Option<i64>, Error> {
        match *self {}
    }

    pub fn accepted(&self, _: u64) -> Result<Option<String>, Error> {
        match *self {}
    }

    pub fn damaged(&self) -> Error {
        match *self {}
    }
}

pub mod durable {
    use std::path::Path;

    use crate::error::Error;

    /// Refuses.
    pub fn replace(path: &Path, _: &[u8]) -> Result<(), Error> {
        Err(Error::storage(path.display().to_string()))
    }
}
