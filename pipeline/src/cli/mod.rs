//! The command line: arguments, what is printed, exit codes; nothing else.

mod account;
mod forget;
mod keys;
mod landing;
mod map;
mod out;
mod plan;
mod publishing;
mod register;
mod releasing;
mod status;
mod stopped;
mod store;
mod unchanged;
mod unfinished;
mod verify;
mod views;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Once;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::error::{Error, aside};
use utfall_ground::language::{self, current, say};
use utfall_ground::redact::masked_whole;
use utfall_ground::text::Lang;

const AFTER_HELP: &str = "\
The way through, once:
  utfall init --epsilon 10 --delta 1e-5   make key, data directory and lifetime budget
  utfall land lists/*.csv                 take participant lists in
  utfall check                            may these queries be published?
  utfall plan                             what do they cost, how exact are they? (spends nothing)
  utfall release                          spend the budget, archive, publish into out/
From cron:
  utfall run --inbox lists                all of it; quiet, one line per outcome. Each run that
                                          lands new rows makes a new release and spends its
                                          budget again; a run that lands none is free

Lists become pseudonymised Parquet in --data; the key lies in --keys, apart from it.
BACK UP THE KEY: without it nobody who comes back can be recognised, and the ledger cannot be
opened.

Exit codes:
  0  done
  2  refused, wrong usage, or a wrong file
  3  a delivery has something to mend; the list says what
  4  the budget does not suffice
  5  storage, key, ledger or engine failed; safe to run again once mended
  129, 130, 143  stopped by a signal; run again, nothing is lost";

/// Outcome statistics of labour-market projects, published with differential privacy.
#[derive(Debug, Parser)]
#[command(name = "utfall", version, after_help = AFTER_HELP, max_term_width = 120)]
struct Arguments {
    #[command(flatten)]
    places: Places,
    /// Language of messages [default: from the locale]
    #[arg(long, global = true, value_enum, help_heading = "Everywhere")]
    lang: Option<LangArgument>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LangArgument {
    /// Swedish
    Sv,
    /// English
    En,
}

/// Where things are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Places {
    /// Data directory: landed tables, ledger, archive (private; back it up)
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_DATA", default_value = "data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Key zone: pseudonymisation key and the ledger's witness; must lie apart from the data [default: ~/.config/utfall]
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_KEYS", value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Folder that holds schemas/ and queries/
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_HOME", default_value = ".", value_name = "DIR")]
    pub(crate) home: PathBuf,
    /// Folder to publish into
    #[arg(long, global = true, help_heading = "Everywhere", env = "UTFALL_OUT", default_value = "out", value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the key, the data directory and the ledger with its lifetime budget (once)
    Init(store::Init),
    /// Write made-up participant lists of five real projects, with official test identity numbers
    Demo(landing::Demo),
    /// Take participant lists in: decode, validate, pseudonymise, number, commit
    ///
    /// Files are told apart by their headings; participations land before what belongs to them. A list of a month and of a
    /// project that somebody said replaces what was reported before; lists of one project and month in one call are one
    /// report. The same file twice is a no-op, but for rows that were set aside. A file that cannot be trusted is rejected and
    /// lands nothing; a faulty row is set aside and the rest of its file lands. Both are listed with file, row, column and
    /// rule, never with a value.
    Land(landing::Land),
    /// Propose a mapping of a list's headings, to be kept and given to land with --map
    ///
    /// Known headings are mapped, names and free text are dropped, and unknown headings are left for you to decide: map
    /// each to a column of the table, or drop it.
    Map(map::Map),
    /// Erase people; reads their identity numbers from standard input, never from the command line
    ///
    /// Every row of theirs in every table, and every file that held one, is gone when this ends. A keyed tag and the
    /// highest numbers given stay, so that what is sent again does not land and no number is given twice. Published tables
    /// and the ledger are untouched. Prints a receipt that names nobody.
    Forget(forget::Forget),
    /// Show, rotate or back up the pseudonymisation key; tell that a person's number changed
    Key(keys::KeyArguments),
    /// Add projects to the public register, from pages of the project bank or a CSV
    Register(register::Register),
    /// Say what landed, which key, what budget is left, and what to do next
    Status,
    /// Accept or refuse the queries of releases, with the reason and the way out; reads no data
    Check(releasing::Check),
    /// Show what releases would cost and how exact they would be; spends nothing, reads no data
    Plan(plan::Plan),
    /// Reserve budget, draw noise, archive and publish; the same release again is free
    ///
    /// A series (a release with [period] in its release.toml) reserves its budget once; each period is then published once,
    /// when it is complete, without another charge.
    Release(releasing::ReleaseArguments),
    /// Publish archived releases again, byte by byte; free
    Publish(releasing::Names),
    /// Check the proofs of archived releases, or of a published certificate.json, with the trusted core's own checker
    Verify(verify::Verify),
    /// Verify the ledger's chain and show what was spent and what is left
    Ledger(account::LedgerArguments),
    /// Land, check, release and publish in one go, for cron: quiet, one line per outcome
    ///
    /// A run that finds nothing new changes nothing, spends nothing and says nothing. A run that lands something new makes a
    /// new release and spends its budget (a series publishes the periods that are complete, and spends nothing more):
    /// put new lists into the inbox when a new publication is wanted, not before. A rejected file stops the run before
    /// any budget is spent, and so does what cannot be followed: a folder, or a link that leads nowhere.
    Run(releasing::Run),
    /// Write a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether all it does is to print: who reads no further than the first lines, as `| head` does, has missed nothing.
    fn only_tells(&self) -> bool {
        match self {
            Self::Status | Self::Check(_) | Self::Plan(_) | Self::Verify(_) | Self::Map(_) | Self::Completions { .. } => true,
            Self::Ledger(ledger) => ledger.only_tells(),
            Self::Init(_) | Self::Demo(_) | Self::Land(_) | Self::Forget(_) | Self::Key(_) | Self::Register(_) => false,
            Self::Release(_) | Self::Publish(_) | Self::Run(_) => false,
        }
    }
}

/// Parses the arguments and runs the command, all of it on a thread with room for deep plans.
pub fn main() -> ExitCode {
    if let Some(done) = crate::land::read::sandbox::begin().or_else(crate::above::sandbox::begin) {
        return done;
    }
    utfall_ground::permissions::private();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(command).map_err(threadless);
    match thread.map(|thread| thread.join().unwrap_or_else(|_| Err(Error::panicked()))) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) | Err(error) => {
            aside(format!("{}: {}", say("fel", "error"), error.shown(current())));
            ExitCode::from(error.exit_code())
        }
    }
}

/// One command, from its arguments to its exit code.
fn command() -> Result<ExitCode, Error> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() => {
            // Somebody may have written an identity number where none belongs; it must not stand in a log.
            aside(error.to_string().lines().map(masked_whole).collect::<Vec<_>>().join("\n"));
            return Ok(ExitCode::from(2));
        }
        Err(help) => {
            return match help.print() {
                // Who has read enough of it has read it.
                Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(unprinted(e)),
                _ => Ok(ExitCode::SUCCESS),
            };
        }
    };
    if let Some(lang) = arguments.lang {
        language::set(match lang {
            LangArgument::Sv => Lang::Sv,
            LangArgument::En => Lang::En,
        });
    }
    let data = arguments.places.data.clone();
    quiet_panics(&data, arguments.command.only_tells());
    stopped::listen();
    room()?;
    execute(arguments).inspect_err(|error| error.log(&data))?;
    std::io::stdout().flush().map(|()| ExitCode::SUCCESS).map_err(unprinted)
}

fn threadless(error: impl std::fmt::Display) -> Error {
    Error::storage(
        "usage",
        say(
            format!("kan inte börja en tråd: {error}; höj gränsen (ulimit -u)"),
            format!("cannot begin a thread: {error}; raise the limit (ulimit -u)"),
        ),
    )
}

/// What could not be printed is not done: whoever reads the rest of it would take it for all.
fn unprinted(error: impl std::fmt::Display) -> Error {
    Error::storage(
        "usage",
        say(
            format!("det som skrivs ut går inte att skriva ({error}); det som gjordes är gjort, kör igen: det kostar inget mer"),
            format!("what is printed cannot be written ({error}); what was done is done, run again: it costs nothing more"),
        ),
    )
}

/// Refuses a machine that gives too few threads: the runtime would wait for ever for one that never comes.
fn threads(cores: usize) -> Result<(), Error> {
    let gate = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        // All of them at once: each waits until the last has begun.
        let _closed = gate.lock();
        let begun = |_| std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, || drop(gate.lock())).map(drop);
        (0..cores + 8).try_for_each(begun).map_err(threadless)
    })
}

/// Refuses an address space in which memory would end in the middle of something: then there is no going on and no message.
fn room() -> Result<(), Error> {
    use rustix::process::{Resource, getrlimit};
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let least = (1 << 30) + u64::try_from(cores).unwrap_or(1) * (128 << 20);
    threads(cores)?;
    match getrlimit(Resource::As).current {
        Some(most) if most < least => Err(Error::storage(
            "usage",
            say(
                format!("minnet är begränsat till {} MB, minst {} behövs; höj gränsen (ulimit -v)", most >> 20, least >> 20),
                format!(
                    "memory is limited to {} MB, at least {} are needed; raise the limit (ulimit -v)",
                    most >> 20,
                    least >> 20
                ),
            ),
        )),
        _ => Ok(()),
    }
}

/// A panic's words may quote data, as the engine's errors may: they go to the controller's log, and nowhere else. Of a pipe
/// that nobody reads a command says something unless it `only_tells`.
fn quiet_panics(data: &Path, only_tells: bool) {
    let data = data.to_path_buf();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.to_string();
        if let Some((_, why)) = words.split_once("failed printing to std") {
            // Somebody closed the pipe to which we print, as `| head` does: nothing failed but nobody reads on.
            if why.contains("Broken pipe") {
                if only_tells {
                    std::process::exit(5);
                }
                aside(
                    say(
                        "ingen läser det som skrivs ut: avbrutet; kör igen, inget är förlorat",
                        "nobody reads what is printed: stopped; run again, nothing is lost",
                    )
                    .to_owned(),
                );
            } else {
                let why = why.split_once(": ").map_or(why, |(_, why)| why).lines().next().unwrap_or_default();
                aside(format!("{}: {}", say("fel", "error"), unprinted(why)));
            }
            std::process::exit(5);
        }
        // A runtime that could begin only some of its threads waits for the others for ever.
        if ["can't spawn worker thread", "failed to spawn thread"].iter().any(|begun| words.contains(begun)) {
            let why = words.lines().last().and_then(|line| line.split_once(": ")).map_or("", |(_, why)| why);
            aside(format!("{}: {}", say("fel", "error"), threadless(why)));
            std::process::exit(5);
        }
        Error::engine(words).log(&data);
    }));
}

const STACK: usize = 64 << 20;

fn execute(arguments: Arguments) -> Result<(), Error> {
    if let Command::Completions { shell } = arguments.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Arguments::command(), "utfall", &mut script);
        print!("{}", String::from_utf8_lossy(&script));
        return Ok(());
    }
    if !matches!(arguments.command, Command::Demo(_) | Command::Map(_) | Command::Register(_)) {
        crate::store::placeable(&arguments.places.data)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK >> 2).enable_all().build();
    let runtime = runtime.map_err(|e| Error::storage("usage", e.to_string()))?;
    let places = &arguments.places;
    runtime.block_on(async {
        match arguments.command {
            Command::Init(init) => init.run(places),
            Command::Demo(demo) => demo.run(),
            Command::Land(land) => land.run(places).await,
            Command::Map(map) => map.run(places),
            Command::Forget(forget) => forget.run(places).await,
            Command::Key(arguments) => arguments.run(places).await,
            Command::Register(register) => register.run(places),
            Command::Status => status::run(places).await,
            Command::Check(check) => check.run(places).await,
            Command::Plan(plan) => plan.run(places).await,
            Command::Release(release) => release.run(places).await,
            Command::Publish(names) => publishing::publish(places, &names).await,
            Command::Verify(verify) => verify.run(places),
            Command::Ledger(arguments) => arguments.run(places),
            Command::Run(run) => run.run(places).await,
            Command::Completions { .. } => Ok(()),
        }
    })
}

impl Places {
    /// The key zone: as given, or below the user's configuration folder.
    pub(crate) fn keys(&self) -> Result<PathBuf, Error> {
        if let Some(keys) = &self.keys {
            return Ok(keys.clone());
        }
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
        config
            .map(|c| c.join("utfall"))
            .ok_or_else(|| Error::usage("usage", "no home folder; say where the key lies with --keys DIR"))
    }

    /// The store; the folder to publish into must lie apart from it and from the keys.
    pub(crate) fn store(&self) -> Result<Store, Error> {
        let keys = self.keys()?;
        for private in [&self.data, &keys] {
            crate::keyzone::apart(&self.out, private).map_err(|_| {
                Error::usage(
                    "usage",
                    say(
                        format!(
                            "det som publiceras måste ligga skilt från data och nycklar: {}; välj en annan katalog med --out",
                            self.out.display()
                        ),
                        format!(
                            "what is published must lie apart from data and keys: {}; choose another folder with --out",
                            self.out.display()
                        ),
                    ),
                )
            })?;
        }
        let store = Store::open(&self.data, &keys)?;
        self.warn_of_wide(&keys);
        Ok(store)
    }

    /// Tells once that others may enter data or keys.
    fn warn_of_wide(&self, keys: &Path) {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            [self.data.as_path(), keys]
                .into_iter()
                .filter_map(utfall_ground::permissions::wide)
                .for_each(|wide| warn(wide.get(current()).to_owned()))
        });
    }

    /// Tells once of a clock that may be ahead.
    fn remark(wrong: Option<utfall_ground::text::Message>) {
        static TOLD: Once = Once::new();
        if let Some(wrong) = wrong {
            TOLD.call_once(|| warn(wrong.get(utfall_ground::language::current()).to_owned()));
        }
    }

    /// The store and its key, with what an interrupted erasure, rotation or merge left finished.
    pub(crate) async fn ready(&self, catalogue: &Catalogue) -> Result<(Store, crate::keyzone::Key), Error> {
        crate::keyzone::harden();
        let store = self.store()?;
        // A copy whose ledger is behind must not land either: the other, which is ahead, could no longer be used.
        Self::remark(crate::store::clock::check(&store, &self.ledger()?)?);
        let resumed = crate::upkeep::resume(&store, catalogue).await?;
        resumed.finished.iter().for_each(|finished| forget::tell_finished(&store, finished));
        Ok((store.again()?, resumed.key))
    }

    /// The ledger of the store.
    pub(crate) fn ledger(&self) -> Result<FileLedger, Error> {
        crate::store::ledger::open(&self.data, &self.keys()?)
    }

    pub(crate) fn schemas(&self) -> PathBuf {
        self.home.join("schemas")
    }

    pub(crate) fn catalogue(&self) -> Result<Catalogue, Error> {
        let folder = self.schemas();
        if !folder.is_dir() {
            return Err(Error::usage(
                "usage",
                say(
                    format!(
                        "inga scheman i {}; kör i katalogen som innehåller schemas/ och queries/, eller ange den med --home",
                        folder.display()
                    ),
                    format!(
                        "no schemas at {}; run in the folder that holds schemas/ and queries/, or name it with --home",
                        folder.display()
                    ),
                ),
            ));
        }
        Catalogue::read(&folder)
    }

    pub(crate) fn queries(&self) -> PathBuf {
        self.home.join("queries")
    }

    pub(crate) fn engine(&self) -> Result<(Catalogue, Engine), Error> {
        let catalogue = self.catalogue()?;
        let engine = crate::engine::connect(&catalogue)?;
        Ok((catalogue, engine))
    }
}

/// What is to look at, and stops nothing.
fn warn(words: String) {
    aside(format!("{}: {words}", say("varning", "warning")));
}

/// A progress bar on a terminal, nothing elsewhere.
pub(crate) fn progress(steps: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}
