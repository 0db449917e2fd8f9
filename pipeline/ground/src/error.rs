//! Errors and the exit codes that a cron job can trust.
//!
//! Refusals (queries, schemas, budget) depend on public things only and say the way out. Defects of deliveries name file,
//! row, column and rule, never the value. What the engine says may quote data: it goes to the controller's log, and
//! everybody else sees one constant line.

use std::fmt;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::clock;
use crate::refusal::Refusal;
use crate::text::{Lang, Message};

/// Whatever can stop a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wrong usage, a wrong schema or a wrong release file: exit code 2.
    #[error(transparent)]
    Usage(Fault),
    /// Queries that may not cross from private to public: exit code 2.
    #[error("{}", self.shown(Lang::En))]
    Refused(Vec<Refusal>),
    /// Deliveries with something to mend; the list has been printed: exit code 3.
    #[error(transparent)]
    Defective(Fault),
    /// The budget does not suffice: exit code 4.
    #[error(transparent)]
    Budget(Fault),
    /// Storage, keys or ledger are not as they must be: exit code 5.
    #[error(transparent)]
    Storage(Fault),
    /// The engine failed; the detail may quote data and is for the controller's log alone: exit code 5.
    #[error("{}", self.shown(Lang::En))]
    Engine(EngineFailure),
}

/// What went wrong, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// A short stable name: tests and documents refer to it.
    pub code: &'static str,
    /// What happened, and the way out.
    pub message: Message,
    /// The file or folder, if the system refused one.
    pub path: Option<PathBuf>,
    /// What the system said of it.
    source: Option<io::Error>,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<Message>) -> Self {
        Self { code, message: message.into(), path: None, source: None }
    }

    fn of(code: &'static str, sv: &str, en: &str, path: &Path, source: io::Error) -> Self {
        let why = system(&source);
        let shown = path.display();
        let message = Message::new(
            format!("kan inte {sv} {shown}: {}", why.get(Lang::Sv)),
            format!("cannot {en} {shown}: {}", why.get(Lang::En)),
        );
        Self { code, message, path: Some(path.to_owned()), source: Some(source) }
    }
}

/// An engine error; its text is reachable only through [`EngineFailure::detail`], for the controller's log.
pub struct EngineFailure {
    detail: String,
    told: Option<Message>,
}

impl EngineFailure {
    /// The engine's own words, which may quote data.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Debug for EngineFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineFailure(redacted)")
    }
}

impl Error {
    /// Wrong usage, by a stable name, with what to do instead.
    pub fn usage(code: &'static str, message: impl Into<Message>) -> Self {
        Self::Usage(Fault::new(code, message))
    }

    /// A storage failure, by a stable name, with what to do about it.
    pub fn storage(code: &'static str, message: impl Into<Message>) -> Self {
        Self::Storage(Fault::new(code, message))
    }

    /// A delivery with something to mend, by a stable name.
    pub fn defective(code: &'static str, message: impl Into<Message>) -> Self {
        Self::Defective(Fault::new(code, message))
    }

    /// A budget that does not suffice, by a stable name.
    pub fn budget(code: &'static str, message: impl Into<Message>) -> Self {
        Self::Budget(Fault::new(code, message))
    }

    /// What was to be kept cannot be written down: a fault of the program, whose detail only its programmers can use.
    pub fn not_encodable(detail: impl fmt::Display) -> Self {
        let sv = "det som skulle sparas går inte att skriva ned: ett fel i programmet";
        let en = format!("what was to be kept cannot be written down, a fault of the program: {detail}");
        Self::storage("not-encodable", Message::new(sv, en))
    }

    /// A failed engine call.
    pub fn engine(detail: impl fmt::Display) -> Self {
        Self::Engine(EngineFailure { detail: detail.to_string(), told: None })
    }

    /// A failed engine call of which something can be told that depends on no data.
    pub fn engine_told(told: Message, detail: impl fmt::Display) -> Self {
        Self::Engine(EngineFailure { detail: detail.to_string(), told: Some(told) })
    }

    /// That the system gives no thread.
    pub fn threadless(error: std::io::Error) -> Self {
        let why = system(&error);
        Self::storage(
            "no-thread",
            Message::new(
                format!("kan inte börja en tråd: {}; höj gränsen (ulimit -u)", why.get(Lang::Sv)),
                format!("cannot begin a thread: {why}; raise the limit (ulimit -u)"),
            ),
        )
    }

    /// A panic, whose words are in the controller's log already.
    pub fn panicked() -> Self {
        Self::engine("")
    }

    /// A file or folder that could not be read.
    pub fn reading(path: &Path, error: io::Error) -> Self {
        Self::Storage(Fault::of("read", "läsa", "read", path, error))
    }

    /// A file that somebody named or wrote for the program, and that could not be read: theirs to mend, if it is not the
    /// machine that fails.
    pub fn given(path: &Path, error: io::Error) -> Self {
        let theirs = [
            ErrorKind::NotFound,
            ErrorKind::PermissionDenied,
            ErrorKind::IsADirectory,
            ErrorKind::NotADirectory,
            ErrorKind::InvalidData,
            ErrorKind::InvalidInput,
            ErrorKind::InvalidFilename,
            ErrorKind::FileTooLarge,
        ];
        let is_theirs = theirs.contains(&error.kind());
        let fault = Fault::of("read", "läsa", "read", path, error);
        if is_theirs { Self::Usage(fault) } else { Self::Storage(fault) }
    }

    /// A file or folder that could not be written.
    pub fn writing(path: &Path, error: io::Error) -> Self {
        Self::Storage(Fault::of("write", "skriva", "write", path, error))
    }

    /// A file that is not as the program wrote it.
    pub fn damaged(path: &Path) -> Self {
        let shown = path.display();
        let message = Message::new(
            format!("{shown} är skadad; återställ den från en säkerhetskopia"),
            format!("{shown} is damaged; restore it from a backup"),
        );
        Self::Storage(Fault { path: Some(path.to_owned()), ..Fault::new("damaged", message) })
    }

    /// The stable name of what went wrong; of several refusals, of the first.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage(fault) | Self::Defective(fault) | Self::Budget(fault) | Self::Storage(fault) => fault.code,
            Self::Refused(refusals) => refusals.first().map_or("refused", |refusal| refusal.code),
            Self::Engine(_) => "engine",
        }
    }

    /// What a person is told.
    pub fn shown(&self, lang: Lang) -> String {
        match self {
            Self::Usage(fault) | Self::Defective(fault) | Self::Budget(fault) | Self::Storage(fault) => {
                fault.message.get(lang).to_owned()
            }
            Self::Refused(refusals) => refusals.iter().map(|refusal| refusal.shown(lang)).collect::<Vec<_>>().join("\n"),
            Self::Engine(EngineFailure { told: Some(told), .. }) => told.get(lang).to_owned(),
            Self::Engine(_) => lang
                .pick(
                    "motorn misslyckades; den personuppgiftsansvarige finner orsaken i datakatalogens log/engine.log",
                    "the engine failed; the controller finds the cause in log/engine.log of the data directory",
                )
                .to_owned(),
        }
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
        if failure.detail.is_empty() {
            return;
        }
        let folder: PathBuf = data.join("log");
        if !data.is_dir() {
            return aside(failure.detail()); // there is no data directory, so there are no data to quote
        }
        let written = std::fs::create_dir_all(&folder).and_then(|()| {
            use std::os::unix::fs::OpenOptionsExt as _;
            let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("engine.log"));
            file.and_then(|mut file| writeln!(file, "{} {}", clock::now(), failure.detail()))
        });
        if written.is_err() {
            aside("loggen kunde inte skrivas / the controller's log could not be written");
        }
    }
}

/// Tells on standard error, if anybody can be told there.
pub fn aside(words: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// The system's words in both languages: its own are English, and end with a number that says nothing to most.
pub fn system(error: &io::Error) -> Message {
    if let Some(message) = error.get_ref().and_then(|inner| inner.downcast_ref::<Message>()) {
        return message.clone();
    }
    let sv = match error.kind() {
        ErrorKind::NotFound => "finns inte",
        ErrorKind::PermissionDenied => "åtkomst nekad",
        ErrorKind::AlreadyExists => "finns redan",
        ErrorKind::IsADirectory => "är en katalog",
        ErrorKind::NotADirectory => "är ingen katalog",
        ErrorKind::DirectoryNotEmpty => "katalogen är inte tom",
        ErrorKind::InvalidData => "innehållet är inte vad det ska vara",
        ErrorKind::InvalidInput | ErrorKind::InvalidFilename => "det går inte med ett sådant namn",
        ErrorKind::FileTooLarge => "filen är för stor",
        ErrorKind::StorageFull => "skivan är full",
        ErrorKind::QuotaExceeded => "kvoten är slut",
        ErrorKind::ReadOnlyFilesystem => "filsystemet kan bara läsas",
        ErrorKind::CrossesDevices => "de ligger på olika filsystem",
        ErrorKind::BrokenPipe => "ingen läser det som skrivs",
        ErrorKind::UnexpectedEof => "filen slutar för tidigt",
        ErrorKind::WouldBlock | ErrorKind::ResourceBusy => "upptagen; försök igen",
        ErrorKind::TimedOut => "det tog för lång tid",
        ErrorKind::OutOfMemory => "minnet räcker inte",
        ErrorKind::Interrupted => "avbrutet",
        _ => return Message::new(numbered(error), error.to_string()),
    };
    // The system's own words but for their number, which says nothing to most; what is no error of the system is told as it is.
    let words = error.to_string();
    Message::new(sv, words.rsplit_once(" (os error ").map_or_else(|| words.clone(), |(words, _)| words.to_lowercase()))
}

/// A failure that has no words here.
fn numbered(error: &io::Error) -> String {
    error.raw_os_error().map_or_else(|| "okänt systemfel".to_owned(), |number| format!("systemfel {number}"))
}
