//! In place of the store: no target writes.

pub mod durable {
    use std::path::Path;

    use crate::error::Error;

    /// Refuses.
    pub fn replace(path: &Path, _: &[u8]) -> Result<(), Error> {
        Err(Error::storage(path.display().to_string()))
    }
}
