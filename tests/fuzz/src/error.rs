//! In place of the program's errors, which name the engine's and the ledger's.

use std::fmt;
use std::path::Path;

/// What is wrong with schemas or a mapping.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub fn usage(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub fn storage(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub fn reading(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }

    pub fn given(path: &Path, error: &std::io::Error) -> Self {
        Self::reading(path, error)
    }

    pub fn writing(path: &Path, error: &std::io::Error) -> Self {
        Self::reading(path, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
