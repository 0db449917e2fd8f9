//! Errors and the exit codes that a cron job can trust.
//!
//! Refusals (queries, schemas, budget) depend on public things only and say the way out. Defects of deliveries name file,
//! row, column and rule, never the value. What the engine says may quote data: it goes to the controller's log, and
//! everybody else sees one constant line.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::plan::Refusal;

/// Whatever can stop a command.
#[derive(Debug)]
pub enum Error {
    /// Wrong usage, a wrong schema or a wrong release file: exit code 2.
    Usage(String),
    /// Queries that may not cross from private to public: exit code 2.
    Refused(Vec<Refusal>),
    /// Deliveries with something to mend; the list has been printed: exit code 3.
    Defective(String),
    /// The budget does not suffice: exit code 4.
    Budget(String),
    /// Storage, keys or ledger are not as they must be: exit code 5.
    Storage(String),
    /// The engine failed; the detail may quote data and is for the controller's log alone: exit code 5.
    Engine(EngineFailure),
}

/// An engine error; its text is reachable only through [`EngineFailure::detail`], for the controller's log.
pub struct EngineFailure(String);

impl EngineFailure {
    /// The engine's own words, which may quote data.
    pub fn detail(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EngineFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineFailure(withheld)")
    }
}

impl Error {
    /// Wrong usage, with what to do instead.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A storage failure, with what to do about it.
    pub fn storage(message: impl Into<String>) -> Self {
        Self::Storage(message.into())
    }

    /// A failed engine call.
    pub fn engine(detail: impl fmt::Display) -> Self {
        Self::Engine(EngineFailure(detail.to_string()))
    }

    /// A file or folder that could not be read.
    pub fn reading(path: &Path, error: &std::io::Error) -> Self {
        Self::Storage(format!("cannot read {}: {error}", path.display()))
    }

    /// A file or folder that could not be written.
    pub fn writing(path: &Path, error: &std::io::Error) -> Self {
        Self::Storage(format!("cannot write {}: {error}", path.display()))
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Refused(_) => 2,
            Self::Defective(_) => 3,
            Self::Budget(_) => 4,
            Self::Storage(_) | Self::Engine(_) => 5,
        }
    }

    /// Writes an engine failure's detail to the controller's log, `log/engine.log` in the data directory.
    pub fn log(&self, data: &Path) {
        let Self::Engine(failure) = self else { return };
        let folder: PathBuf = data.join("log");
        if !data.is_dir() {
            return eprintln!("{}", failure.detail()); // there is no data directory, so there are no data to quote
        }
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            use std::io::Write as _;
            use std::os::unix::fs::OpenOptionsExt as _;
            let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("engine.log"));
            file.and_then(|mut file| writeln!(file, "{}", failure.detail()))
        });
        if written.is_err() {
            eprintln!("the controller's log could not be written");
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(m) | Self::Defective(m) | Self::Budget(m) | Self::Storage(m) => f.write_str(m),
            Self::Refused(refusals) => {
                for (i, refusal) in refusals.iter().enumerate() {
                    if i > 0 {
                        writeln!(f)?;
                    }
                    write!(f, "{refusal}")?;
                }
                Ok(())
            }
            Self::Engine(_) => {
                f.write_str("the engine failed; the controller finds the cause in log/engine.log of the data directory")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<utfall_privacy::Error> for Error {
    fn from(error: utfall_privacy::Error) -> Self {
        match error {
            utfall_privacy::Error::BudgetExhausted { .. } => Self::Budget(error.to_string()),
            other => Self::Storage(other.to_string()),
        }
    }
}
