//! Errors and the exit codes that a cron job can trust.
//!
//! Refusals (queries, schemas, budget) depend on public things only and say the way out. Defects of deliveries name file,
//! row, column and rule, never the value. What the engine says may quote data: it goes to the controller's log, and
//! everybody else sees one constant line.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::account::{charge, up};
use crate::language::say;
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

    /// A panic, whose words are in the controller's log already.
    pub fn panicked() -> Self {
        Self::Engine(EngineFailure(String::new()))
    }

    /// A file or folder that could not be read.
    pub fn reading(path: &Path, error: &std::io::Error) -> Self {
        Self::Storage(say(
            format!("kan inte läsa {}: {error}", path.display()),
            format!("cannot read {}: {error}", path.display()),
        ))
    }

    /// A file that somebody named or wrote for the program, and that could not be read: theirs to mend, if it is not the
    /// machine that fails.
    pub fn given(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let theirs = [
            Kind::NotFound,
            Kind::PermissionDenied,
            Kind::IsADirectory,
            Kind::NotADirectory,
            Kind::InvalidData,
            Kind::InvalidInput,
            Kind::InvalidFilename,
            Kind::FileTooLarge,
        ];
        match Self::reading(path, error) {
            Self::Storage(message) if theirs.contains(&error.kind()) => Self::Usage(message),
            other => other,
        }
    }

    /// A file or folder that could not be written.
    pub fn writing(path: &Path, error: &std::io::Error) -> Self {
        Self::Storage(say(
            format!("kan inte skriva {}: {error}", path.display()),
            format!("cannot write {}: {error}", path.display()),
        ))
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
        if failure.0.is_empty() {
            return;
        }
        let folder: PathBuf = data.join("log");
        if !data.is_dir() {
            return aside(failure.detail()); // there is no data directory, so there are no data to quote
        }
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            use std::os::unix::fs::OpenOptionsExt as _;
            let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("engine.log"));
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
            file.and_then(|mut file| writeln!(file, "{now} {}", failure.detail()))
        });
        if written.is_err() {
            aside("the controller's log could not be written");
        }
    }
}

/// Tells on standard error, if anybody can be told there.
pub fn aside(words: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
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
            Self::Engine(_) => f.write_str(say(
                "motorn misslyckades; den personuppgiftsansvarige finner orsaken i datakatalogens log/engine.log",
                "the engine failed; the controller finds the cause in log/engine.log of the data directory",
            )),
        }
    }
}

impl std::error::Error for Error {}

/// The core speaks English; what people meet most is said in both languages.
impl From<utfall_privacy::Error> for Error {
    fn from(error: utfall_privacy::Error) -> Self {
        use utfall_privacy::Error as Core;
        match &error {
            Core::BudgetExhausted(e) => {
                let (asked, limit, spent) = (charge(&e.asked), up(e.limit.epsilon()), up(&e.spent));
                Self::Budget(say(
                    format!(
                        "releasen kostar {asked}, men av livstidsgränsen epsilon {limit} är {spent} förbrukat; sänk budgeten i release.toml, eller höj gränsen med utfall ledger raise"
                    ),
                    format!(
                        "the release costs {asked}, but of the lifetime limit epsilon {limit}, {spent} is spent; lower the budget in release.toml, or raise the limit with utfall ledger raise"
                    ),
                ))
            }
            Core::LimitLowered => Self::Usage(say("en gräns kan bara höjas", "a limit can only be raised").into()),
            Core::WitnessMissing => Self::Storage(
                say(
                    "huvudbokens vittne saknas i nyckelkatalogen; återställ nyckelkatalogen från dess säkerhetskopia",
                    "the ledger's witness is missing in the key zone; restore the key zone from its backup",
                )
                .into(),
            ),
            Core::LedgerBehind { length, witnessed } => Self::Storage(say(
                format!(
                    "huvudboken (ledger) har {length} poster men {witnessed} är bevittnade: den är en gammal kopia; återställ den nyaste"
                ),
                format!("the ledger has {length} entries but {witnessed} were witnessed: it is an old copy; restore the newest"),
            )),
            Core::Number { .. } | Core::Budget | Core::Request(_) => Self::Usage(error.to_string()),
            _ => Self::Storage(error.to_string()),
        }
    }
}
