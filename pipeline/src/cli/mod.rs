//! The command line: one file a command, with its arguments and what it prints; nothing else.
//!
//! Here they are parsed and sent on. `process` is what belongs to no command, `places` where things are, `terminal` who is
//! told and in which language, `usage` and `swedish` the help and what is said of a wrong command line. It may not see a row. Start
//! reading at `Arguments`.

mod bundle;
mod check;
mod completions;
mod config;
#[cfg(feature = "demo")]
mod demo;
mod forget;
mod inbox;
mod init;
mod key;
mod land;
mod ledger;
mod manual;
mod map;
mod migrate;
mod new;
mod places;
mod plan;
mod process;
mod publish;
mod register;
mod release;
mod run;
mod serve;
mod status;
mod summary;
mod swedish;
mod terminal;
mod unfinished;
mod usage;
mod verify;
#[cfg(feature = "cluster")]
mod worker;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{FromArgMatches as _, Parser, Subcommand, ValueEnum};

use self::config::Config;
use self::places::Places;
use self::terminal::Terminal;
#[cfg(feature = "object-store")]
use crate::store::objects::{Access, WorkingCopy};
use utfall_ground::error::Error;

const AFTER_HELP: &str = "\
The way through, once:
  utfall new DIR                          schemas, a first release, utfall.toml: a place to work in
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
    // Read by `Terminal::of` before anything else is; here so that it is known, and its values checked.
    /// Language of messages [default: from the locale]
    #[arg(long, global = true, value_enum, help_heading = "Everywhere", env = "UTFALL_LANG")]
    lang: Option<Language>,
    // Read there too.
    /// Form of what goes to standard error: lines for people, or one JSON object a line with time, level, code and message
    #[arg(
        long,
        global = true,
        value_enum,
        help_heading = "Everywhere",
        env = "UTFALL_LOG",
        value_name = "FORM",
        default_value = "human"
    )]
    log: Log,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    /// Swedish
    Sv,
    /// English
    En,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Log {
    /// Lines for people
    Human,
    /// One object a line
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a place of one's own: schemas, a register with an example project, a first release, utfall.toml, and files for systemd and
    /// cron
    ///
    /// Nothing else is needed to work there. The example project is to be replaced before anything lands; README.md in the folder says
    /// what comes next.
    New(new::New),
    /// Make the key, the data directory and the ledger with its lifetime budget (once)
    Init(init::Init),
    /// Write made-up participant lists of five real projects, with official test identity numbers
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Take participant lists in: decode, validate, pseudonymise, number, commit
    ///
    /// Files are told apart by their headings; participations land before what belongs to them. A list of a month and of a
    /// project that somebody said replaces what was reported before; lists of one project and month in one call are one
    /// report. The same file twice is a no-op, but for rows that were set aside. A file that cannot be trusted is rejected and
    /// lands nothing; a faulty row is set aside and the rest of its file lands. Both are listed with file, row, column and
    /// rule, never with a value.
    Land(land::Land),
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
    Key(key::KeyArguments),
    /// Add projects to the public register, from pages of the project bank or a CSV
    Register(register::Register),
    /// Bring what has landed to schemas that have changed: new columns and codes are written down, removed columns erased
    ///
    /// A new optional column, a new code and a new project need no migration: they are written down with the next landing.
    /// What would be read otherwise than it was landed (a code under another id, another range of a band) is refused, each
    /// with a way out. The ledger, the numbers and the archive stay: a new data directory would forget what has been spent
    /// on the same people.
    Migrate(migrate::Migrate),
    /// Say what landed, which key, what budget is left, and what to do next
    Status(status::Status),
    /// Accept or refuse the queries of releases, with the reason and the way out; reads no data
    ///
    /// A query in a file of its own can be named in place of a release: `utfall check my.sql`. Without a release.toml beside it, it is
    /// checked with 3 participations of a person and 10 rows of a child table in each.
    Check(check::Check),
    /// Show what releases would cost and how exact they would be; spends nothing, reads no data
    Plan(plan::Plan),
    /// Reserve budget, draw noise, archive and publish; the same release again is free
    ///
    /// A series (a release with [period] in its release.toml) reserves its budget once; each period is then published once,
    /// when it is complete, without another charge.
    Release(release::ReleaseArguments),
    /// Publish archived releases again, byte by byte; free
    Publish(publish::Publish),
    /// Check the proofs of archived releases, or of a published certificate.json, with the trusted core's own checker
    Verify(verify::Verify),
    /// Serve the folder of pages, and its tables through PxWebApi 2.2 at /api/v2; knows neither data nor key
    ///
    /// Readers' programs (pxwebpy, R's pxweb, PxWeb's own page) read the tables as they read those of a statistics office. It writes
    /// nothing and keeps no record of who asked. Put a proxy with TLS in front of it to serve others than this machine.
    Serve(serve::ServeArguments),
    /// Count in landed files for other machines that run utfall; knows no key
    ///
    /// Queries run here where the utfall.toml of another machine names this one in `engine`. It reads the same data directory, from a
    /// shared file system at the same place, writes nothing and keeps nothing. Other machines are answered only if they show a
    /// certificate of the authority that [cluster] of utfall.toml names.
    #[cfg(feature = "cluster")]
    Worker(worker::WorkerArguments),
    /// Put together what a data-protection officer keeps of an archived release: files, proofs, queries, ledger, method; free
    ///
    /// All of it may be published, but for the ledger's reasons and who approved. Its SHA256SUMS names every file, and is signed if there is a
    /// key (`utfall key signing`).
    Bundle(bundle::BundleArguments),
    /// Verify the ledger's chain and show what each release bought, what was spent and what is left
    Ledger(ledger::LedgerArguments),
    /// Land, check, release and publish in one go, for cron: quiet, one line per outcome
    ///
    /// A run that finds nothing new changes nothing, spends nothing and says nothing. A run that lands something new makes a
    /// new release and spends its budget (a series publishes the periods that are complete, and spends nothing more):
    /// put new lists into the inbox when a new publication is wanted, not before. Queries that were changed wait. Where the
    /// budget does not suffice for all that is new, nothing is drawn. A rejected file stops the run before any budget is
    /// spent, and so does what cannot be followed: a folder, or a link that leads nowhere.
    Run(run::Run),
    /// Write a completion script for a shell
    Completions(completions::Completions),
    /// Write the manual pages, in both languages, into a folder: man1/ and sv/man1/
    #[command(hide = true)]
    Manual(manual::Manual),
}

impl Command {
    /// Whether it works where a data directory is, or will be.
    fn needs_data(&self) -> bool {
        #[cfg(feature = "demo")]
        if matches!(self, Self::Demo(_)) {
            return false;
        }
        #[cfg(feature = "cluster")]
        if matches!(self, Self::Worker(_)) {
            return false;
        }
        !matches!(self, Self::Map(_) | Self::Register(_) | Self::New(_) | Self::Manual(_) | Self::Serve(_) | Self::Completions(_))
    }

    /// The working copy of the data directory, open for what this command does, where that is in a bucket.
    #[cfg(feature = "object-store")]
    fn opened(&self, places: &Places, terminal: Terminal) -> Result<Option<WorkingCopy>, Error> {
        match self {
            command if !command.needs_data() => Ok(None),
            Self::Init(_) => places.open_copy(Access::Begin, terminal),
            command if command.only_tells() => places.open_copy(Access::Read, terminal),
            _ => places.open_copy(Access::Write, terminal),
        }
    }

    /// Whether a file that says where things are matters to it.
    fn is_configured(&self) -> bool {
        !matches!(self, Self::Completions(_) | Self::Manual(_) | Self::New(_))
    }

    /// Its name, and the parts of what it says to machines that are lists.
    fn parts(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Status(_) => ("status", &["tables"]),
            Self::Check(_) => ("check", &["accepted"]),
            Self::Plan(_) => ("plan", &["releases"]),
            Self::Land(_) => ("land", &["files", "finished"]),
            Self::Release(_) => ("release", &["releases", "finished"]),
            Self::Run(_) => ("run", &["files", "left_aside", "releases", "finished"]),
            Self::Ledger(_) => ("ledger", &["entries"]),
            // These speak to people alone.
            _ => ("", &[]),
        }
    }

    /// Whether it answers others until it is told to stop.
    fn serves(&self) -> bool {
        #[cfg(feature = "cluster")]
        if matches!(self, Self::Worker(_)) {
            return true;
        }
        matches!(self, Self::Serve(_))
    }

    /// Whether all it does is to print: who reads no further than the first lines, as `| head` does, has missed nothing.
    fn only_tells(&self) -> bool {
        match self {
            Self::Status(_) | Self::Check(_) | Self::Plan(_) | Self::Verify(_) | Self::Map(_) | Self::Completions(_) => true,
            Self::Ledger(ledger) => ledger.only_tells(),
            #[cfg(feature = "demo")]
            Self::Demo(_) => false,
            Self::Init(_) | Self::Land(_) | Self::Forget(_) | Self::Key(_) | Self::Register(_) | Self::Migrate(_) => false,
            Self::Release(_) | Self::Publish(_) | Self::Bundle(_) | Self::Run(_) => false,
            Self::New(_) | Self::Manual(_) | Self::Serve(_) => false,
            #[cfg(feature = "cluster")]
            Self::Worker(_) => false,
        }
    }
}

/// Parses the arguments and runs the command, all of it on a thread with room for deep plans.
pub fn main() -> ExitCode {
    if let Some(done) = crate::land::read::sandbox::begin().or_else(crate::above::sandbox::begin) {
        return done;
    }
    utfall_ground::permissions::private();
    let line: Vec<OsString> = std::env::args_os().collect();
    let config = Config::find(&line);
    let terminal = Terminal::of(&line, config.as_ref().ok().and_then(|config| config.language));
    let code = process::on_a_thread(move || parsed(&line, config, terminal)).unwrap_or_else(|error| {
        terminal.error(&error);
        summary::stopped(&error);
        Done::With(error.exit_code())
    });
    ExitCode::from(match code {
        Done::Told => 0,
        Done::With(code) => summary::conclude(terminal, code),
    })
}

/// How a command ended.
enum Done {
    /// It said what it is for, and nothing was done.
    Told,
    /// With an exit code.
    With(u8),
}

/// One command, from its line to its exit code.
fn parsed(line: &[OsString], config: Result<Config, Error>, terminal: Terminal) -> Result<Done, Error> {
    let read = || usage::command(terminal).try_get_matches_from(usage::without_language(line));
    let matches = read().and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (mut arguments, matches) = match matches {
        Ok(read) => read,
        Err(error) if error.use_stderr() => {
            usage::tell(&error, line, terminal);
            return Ok(Done::With(2));
        }
        Err(help) => {
            return match help.print() {
                // Who has read enough of it has read it.
                Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(process::unprinted(e)),
                _ => Ok(Done::Told),
            };
        }
    };
    let (name, lists) = arguments.command.parts();
    summary::begin(name, lists);
    let config = if arguments.command.is_configured() { config } else { Ok(Config::default()) };
    let (config, wrong) = config.map_or_else(|wrong| (Config::default(), Err(wrong)), |config| (config, Ok(())));
    arguments.places = arguments.places.configured(&matches, config);
    if let Command::Run(run) = &arguments.command {
        // Whatever stops it from here on is told there, and not what another run did.
        run.keep_summary(&arguments.places)?;
    }
    wrong?;
    process::memory()?;
    if arguments.command.needs_data() {
        arguments.places.locate()?;
    } else if arguments.command.serves() {
        // Whoever serves must know where data lie, and reads none.
        let _ = arguments.places.locate();
    }
    let data = arguments.places.data.clone();
    process::quiet_panics(&data, arguments.command.only_tells(), terminal);
    if !arguments.command.serves() {
        // A server ends when it is told to, which is no interruption.
        process::signals::listen(terminal);
    }
    process::threads()?;
    #[cfg(feature = "object-store")]
    let _copy = arguments.command.opened(&arguments.places, terminal).inspect_err(|error| error.log(&data))?;
    execute(arguments, terminal).inspect_err(|error| error.log(&data))?;
    std::io::stdout().flush().map(|()| Done::With(0)).map_err(process::unprinted)
}

fn execute(arguments: Arguments, terminal: Terminal) -> Result<(), Error> {
    let Arguments { places, command, .. } = arguments;
    if let Command::Completions(completions) = command {
        completions.run(terminal);
        return Ok(());
    }
    if let Command::Serve(serve) = command {
        return serve.run(&places, terminal);
    }
    if command.needs_data() {
        crate::store::placeable(&places.data)?;
    }
    let places = &places;
    process::runtime()?.block_on(async {
        match command {
            Command::New(new) => new.run(terminal),
            Command::Manual(manual) => manual.run(),
            Command::Init(init) => init.run(places, terminal),
            #[cfg(feature = "demo")]
            Command::Demo(demo) => demo.run(),
            Command::Land(land) => land.run(places, terminal).await,
            Command::Map(map) => map.run(places, terminal),
            Command::Forget(forget) => forget.run(places, terminal).await,
            Command::Key(key) => key.run(places, terminal).await,
            Command::Register(register) => register.run(places, terminal),
            Command::Migrate(migrate) => migrate.run(places, terminal).await,
            Command::Status(status) => status.run(places, terminal).await,
            Command::Check(check) => check.run(places, terminal).await,
            Command::Plan(plan) => plan.run(places, terminal).await,
            Command::Release(release) => release.run(places, terminal).await,
            Command::Bundle(bundle) => bundle.run(places, terminal).await,
            Command::Publish(publish) => publish.run(places, terminal).await,
            Command::Verify(verify) => verify.run(places, terminal),
            Command::Ledger(ledger) => ledger.run(places, terminal),
            Command::Run(run) => run.run(places, terminal).await,
            #[cfg(feature = "cluster")]
            Command::Worker(worker) => worker.run(places, terminal).await,
            Command::Completions(_) | Command::Serve(_) => Ok(()),
        }
    })
}
