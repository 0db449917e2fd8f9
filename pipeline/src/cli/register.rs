//! `utfall register add`.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::places::Places;
use super::terminal::Terminal;
use crate::catalogue::register::add::{self, Change, Merged, Options};
use crate::catalogue::register::page::{self, Found, PERIODS};
use crate::catalogue::schema::Catalogue;
use utfall_ground::error::Error;
use utfall_ground::redact::{self, marked, shown};
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;

/// Arguments of `utfall register`.
#[derive(Debug, Args)]
pub(super) struct Register {
    #[command(subcommand)]
    command: RegisterCommand,
}

#[derive(Debug, Subcommand)]
enum RegisterCommand {
    /// Add a project from a page of the project bank saved as text, or projects from a CSV
    ///
    /// Prints what was read with the lines it came from, and what could not be read. No contact person is kept or shown.
    /// What the file does not say stays empty. A project that is there already is only filled in. The CSV has the register's
    /// own column names (or the labels of the pages) in its first row and a project in each of the others.
    Add(Add),
}

#[derive(Debug, Args)]
struct Add {
    /// The page as plain text, or a CSV
    file: PathBuf,
    /// The project's short name in SQL and lists [default: made from its name]
    #[arg(long, value_name = "SLUG")]
    project: Option<String>,
    /// The programme period, which pages do not show; it is never guessed from dates
    #[arg(long, value_name = "YEARS", value_parser = PossibleValuesParser::new(PERIODS))]
    programme_period: Option<String>,
    /// The project has no participants of its own
    #[arg(long)]
    no_participants: bool,
    /// Where register and file contradict each other, the file is right
    #[arg(long)]
    replace: bool,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
}

impl Register {
    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        match self.command {
            RegisterCommand::Add(add) => add.run(places, terminal),
        }
    }
}

impl Add {
    /// All projects of the file or none: the register is written once, when every row has been merged and checked.
    fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let path = register(&catalogue)?;
        // Two who add at once must not write over each other; the register itself is replaced, its folder stays.
        let folder = utfall_ground::durable::folder(path);
        let lock = std::fs::File::open(folder).map_err(|e| Error::given(folder, e))?;
        lock.lock().map_err(|e| Error::given(folder, e))?;
        let not_text = |_| {
            let why = Message::new(": filen är inte text i UTF-8", ": the file is not text in UTF-8");
            Error::usage("register-row", why.after(path.display()))
        };
        let before = String::from_utf8(catalogue.data(path)?).map_err(not_text)?;
        let all = page::read(&self.file, &catalogue)?;
        if all.len() > 1 && self.project.is_some() {
            return Err(self.wrong(&Message::new(
                "--project gäller ett projekt men filen har flera; skriv kortnamnen i kolumnen `project`",
                "--project is for one project but the file has several; write the slugs in a column `project`",
            )));
        }
        let options = Options {
            slug: self.project.clone(),
            programme_period: self.programme_period.clone(),
            no_participants: self.no_participants,
            replace: self.replace,
        };
        let mut text = before.clone();
        let mut merged = Vec::new();
        for found in &all {
            show(&self.file, found, terminal);
            let one = add::merge(&text, found, &options).map_err(|why| self.wrong(&at(found, all.len(), why)))?;
            text.clone_from(&one.text);
            merged.push(one);
        }
        if text != before {
            add::check(&text, &catalogue, path)?;
            if !self.dry_run {
                add::write(path, &text)?;
            }
        }
        merged.iter().for_each(|one| self.tell(one, path, terminal));
        self.remind(&merged, terminal);
        Ok(())
    }

    fn wrong(&self, why: &Message) -> Error {
        let lines = |words: &str| redact::words(words).split('\n').map(marked).collect::<Vec<_>>().join("\n");
        Error::usage("register-page", why.map(lines).after(format!("{}: ", shown(&self.file))))
    }

    /// What became of a project, and what was assumed of it.
    fn tell(&self, merged: &Merged, path: &Path, terminal: Terminal) {
        let (slug, path) = (&merged.slug, path.display());
        match &merged.change {
            Change::Known => {
                println!(
                    "{slug}: {}",
                    terminal.say("finns redan i registret, inget ändrat", "already in the register, nothing changed")
                );
            }
            Change::Added(id, enrols) => {
                println!("{slug}: {} {id} ({path})", terminal.say("tillagt i registret med id", "added to the register with id"));
                if merged.made {
                    println!(
                        "  project: {}",
                        terminal.say(
                            "gjort av namnet; välj ett annat med --project",
                            "made from the name; choose another with --project"
                        )
                    );
                }
                let without = terminal.say("har inga egna deltagare", "has no participants of its own");
                let with = terminal.say(
                    "har deltagare; skriv --no-participants om det inte har egna",
                    "has participants; say --no-participants if it has none of its own",
                );
                println!("  enrols: {enrols} ({})", if *enrols { with } else { without });
            }
            Change::Changed(filled, replaced) => {
                println!("{slug}: {} ({path})", terminal.say("ändrat i registret", "changed in the register"));
                for (columns, what) in
                    [(filled, terminal.say("ifyllt", "filled in")), (replaced, terminal.say("ersatt", "replaced"))]
                {
                    if !columns.is_empty() {
                        println!("  {what}: {}", columns.join(", "));
                    }
                }
            }
        }
    }

    /// What the change costs, or that there was none.
    fn remind(&self, merged: &[Merged], terminal: Terminal) {
        if merged.iter().all(|one| one.change == Change::Known) {
            return;
        }
        let words = if self.dry_run {
            terminal.say("--dry-run: ingenting skrevs", "--dry-run: nothing was written")
        } else {
            terminal.say(
                "Registret hör till det som publiceras: nästa release är en ny release och kostar hela sin budget.",
                "The register is part of what is published: the next release is a new one and costs its whole budget.",
            )
        };
        println!("{words}");
    }
}

/// The file of the register.
fn register(catalogue: &Catalogue) -> Result<&Path, Error> {
    let path = catalogue.table("project").and_then(|table| table.data.as_deref());
    path.ok_or_else(|| {
        Error::usage(
            "register-missing",
            Message::new(
                "schemas/project.toml saknas eller saknar `data`; utan det finns inget register att lägga till i",
                "schemas/project.toml, or `data` in it, is missing; without it there is no register to add to",
            ),
        )
    })
}

/// A refusal of one of several rows says which.
fn at(found: &Found, of: usize, why: Message) -> Message {
    if of <= 1 {
        return why;
    }
    let line = found.line;
    Message::new(format!("rad {line}: {}", why.get(Sv)), format!("line {line}: {}", why.get(En)))
}

/// What was read, from which line; what was not read; what is not kept.
fn show(file: &Path, found: &Found, terminal: Terminal) {
    println!("{}", shown(file));
    if found.fields.is_empty() {
        let nothing = terminal.say(
            "  inget värde under en känd etikett; spara projektbankens sida som text, med formuläret",
            "  no value under a known label; save the page of the project bank as text, with its form",
        );
        println!("{nothing}");
    }
    let heads =
        [terminal.say("fält", "field"), terminal.say("läst värde", "value read"), terminal.say("rad", "line")].map(str::to_owned);
    let rows = found.fields.iter().map(|f| [f.column.clone(), marked(&f.value), f.line.to_string()]);
    let table: Vec<[String; 3]> = std::iter::once(heads).chain(rows).collect();
    let width = |of: fn(&[String; 3]) -> &String| table.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let (first, second) = (width(|[a, _, _]| a), width(|[_, b, _]| b));
    for [field, value, line] in table.iter().filter(|_| !found.fields.is_empty()) {
        println!("  {field:first$}  {value:second$}  {line}");
    }
    if !found.unread.is_empty() {
        println!("{}:", terminal.say("inte läst", "not read"));
        found.unread.iter().for_each(|unread| println!("  {}", marked(unread.told().get(terminal.lang()))));
    }
    if !found.redacted.is_empty() {
        let labels =
            found.redacted.iter().map(|(line, label)| format!("{} ({} {line})", marked(label), terminal.say("rad", "line")));
        println!(
            "{}: {}",
            terminal.say("kontaktuppgifter, inte tagna", "contact particulars, not taken"),
            labels.collect::<Vec<_>>().join(", ")
        );
    }
}
