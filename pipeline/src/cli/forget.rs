//! `utfall forget`.

use std::io::Read as _;

use clap::Args;
use zeroize::Zeroizing;

use super::places::{Places, Ready};
use super::terminal::Terminal;
use super::{land, unfinished};
use crate::catalogue::schema::Scheme;
use crate::keyzone::identity::{Identifier, Identity, parse};
use crate::keyzone::pseudonym::{Number, Pseudonymiser};
use crate::store::Store;
use crate::upkeep::Finished;
use crate::upkeep::erase::{self, ErasedPerson, Reason};
use crate::upkeep::receipt::Receipt;
use utfall_ground::calendar::Day;
use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;
use utfall_ground::visible::visible;

/// Arguments of `utfall forget`.
#[derive(Debug, Args)]
pub(super) struct Forget {
    /// Why
    #[arg(long, value_enum, default_value = "erasure", conflicts_with = "expired")]
    reason: Reason,
    /// Only what landed in this project
    #[arg(long, value_name = "PROJECT", conflicts_with = "expired")]
    project: Option<String>,
    /// Everybody in the projects whose `keep_until` in the register has passed; reads no numbers
    #[arg(long)]
    expired: bool,
}

impl Forget {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let today = today();
        let project = self.project.as_deref().map(|slug| land::known_project(&catalogue, slug)).transpose()?;
        let opaque = catalogue.private_tables().iter().any(|table| table.identity == Scheme::Opaque);
        let people = if self.expired { Vec::new() } else { numbers(today, opaque)? };
        let Ready { store, key, ledger } = places.ready(&catalogue, terminal).await?;
        // An erasure changes what releases are computed from: what is paid for is drawn first, or it never is.
        unfinished::finish_or_tell(places, terminal, (&store, &ledger)).await;
        let bar = terminal.progress(1);
        bar.set_message(
            terminal.say("väntar ut landningar och releaser, och raderar", "waits for landings and releases, and erases"),
        );
        if self.expired {
            for (project, last) in crate::catalogue::register::keep_until(&catalogue)? {
                if last < Day::of(today) {
                    let people = erase::landed(&store, &catalogue, Some(project)).await?;
                    let people: Vec<ErasedPerson> = people.into_iter().map(ErasedPerson::from).collect();
                    let (reason, day) = (Reason::Retention, Day::of(today));
                    let order = erase::Order { people: &people, project: Some(project), reason, day };
                    let receipt = erase::erase(&store, &catalogue, &key, order).await?;
                    let slug = catalogue.codes("project").and_then(|list| list.entry_of(project));
                    bar.suspend(|| tell(&store, &receipt, slug.map(|entry| entry.code.as_str()), terminal));
                }
            }
            bar.finish_and_clear();
            return Ok(());
        }
        let pseudonyms = Pseudonymiser::new(&key, store.domain(), store.aliases()?);
        let people: Vec<ErasedPerson> = people.iter().map(|who| who.person(&pseudonyms)).collect();
        let order = erase::Order { people: &people, project, reason: self.reason, day: Day::of(today) };
        let receipt = erase::erase(&store, &catalogue, &key, order).await?;
        bar.finish_and_clear();
        tell(&store, &receipt, self.project.as_deref(), terminal);
        Ok(())
    }
}

fn tell(store: &Store, receipt: &Receipt, project: Option<&str>, terminal: Terminal) {
    let Receipt { asked, found, before, .. } = receipt;
    let (i, within) =
        project.map_or((String::new(), String::new()), |p| (format!(" i projektet {p}"), format!(" in project {p}")));
    println!(
        "{}",
        terminal.say(
            format!(
                "raderat{i}: {found} av {asked} personer hade landade rader. Varje sådan rad i varje tabell och varje fil som innehöll någon är borta. Kvar är för var och en som angavs en nycklad märkning, de högsta numren per projekt och dagen, så att inget nummer ges igen och ingen senare lista landar en rad som börjat till och med i dag; publicerade tabeller och huvudboken är orörda."
            ),
            format!(
                "erased{within}: {found} of {asked} people had landed rows. Every such row in every table and every file that held one is gone. Of everybody asked for a keyed tag, the highest numbers per project and the day stay, so that no number is given again and no later list lands a row that began until today; published tables and the ledger are untouched."
            )
        )
    );
    if *before > 0 {
        println!(
            "{}",
            terminal.say(
                format!("{before} av {asked} omfattades av en tidigare radering."),
                format!("{before} of {asked} were covered by an earlier erasure.")
            )
        );
    }
    println!("{}: {} ({})", terminal.say("kvitto", "receipt"), receipt.id, receipt.path(store).display());
    println!(
        "{}",
        terminal.say(
            "Säkerhetskopior av datakatalogen som är äldre än detta innehåller ännu det raderade: förstör dem.",
            "Backups of the data directory that are older than this still hold what was erased: destroy them."
        )
    );
}

/// Tells what was begun by a run that died and is done now, with what is to be told of it.
pub(super) fn tell_finished(store: &Store, finished: &Finished, terminal: Terminal) {
    if matches!(finished, Finished::Follows) {
        return;
    }
    terminal.aside("interrupted", &terminal.both(|terminal| words_of_finished(store, finished, terminal)));
}

fn words_of_finished(store: &Store, finished: &Finished, terminal: Terminal) -> String {
    match finished {
        Finished::Follows => String::new(),
        Finished::Erased(Some(receipt)) => {
            let Receipt { id, asked, found, .. } = receipt;
            let path = receipt.path(store);
            terminal.say(
                format!(
                    "en avbruten radering är slutförd: {found} av {asked} personer hade landade rader; kvitto: {id} ({})",
                    path.display()
                ),
                format!(
                    "an interrupted erasure is finished: {found} of {asked} people had landed rows; receipt: {id} ({})",
                    path.display()
                ),
            )
        }
        Finished::Erased(None) => terminal
            .say(
                "en avbruten radering är slutförd; den version av utfall som påbörjade den skrev inget kvitto",
                "an interrupted erasure is finished; the version of utfall that began it wrote no receipt",
            )
            .to_owned(),
        Finished::Rotated(id) => terminal.say(
            format!("en avbruten nyckelrotation är slutförd: nyckelns id är {id}; säkerhetskopiera nyckelkatalogen"),
            format!("an interrupted key rotation is finished: the key id is {id}; back up the key folder"),
        ),
        Finished::Merged(said) => terminal.say(
            format!("en avbruten sammanslagning är slutförd: nummer som har ersatts: {said}"),
            format!("an interrupted merge is finished: numbers that were replaced: {said}"),
        ),
    }
}

/// Whom a line means: by a number and, where tables have names of another kind, by such a name.
struct Who {
    number: Option<Identity>,
    name: Option<Zeroizing<String>>,
}

impl Who {
    /// All that may have landed of them, and under what they may have been erased before.
    fn person(&self, pseudonyms: &Pseudonymiser) -> ErasedPerson {
        let mut person = ErasedPerson { units: Vec::new(), tags: Vec::new() };
        if let Some(identity) = &self.number {
            person.units.push(pseudonyms.person(identity));
            person.tags.extend(pseudonyms.tags(Number::Identity(identity)));
        }
        if let Some(name) = &self.name {
            person.units.push(pseudonyms.opaque(name).unit);
            person.tags.extend(pseudonyms.tags(Number::Opaque(name)));
        }
        person
    }
}

/// The people on standard input, one a line.
fn numbers(today: chrono::NaiveDate, opaque: bool) -> Result<Vec<Who>, Error> {
    let mut people = Vec::new();
    for (line, text) in (1..).zip(input()?.lines()) {
        let text = Zeroizing::new(visible(text).trim().to_owned());
        if text.is_empty() {
            continue;
        }
        people.push(match number(&text, line, today) {
            Err(wrong) if !opaque => return Err(wrong),
            read => Who { number: read.ok(), name: opaque.then_some(text) },
        });
    }
    if people.is_empty() {
        return Err(Error::usage(
            "no-numbers",
            Message::new(
                "inga personnummer på standard in: skriv ett per rad, till exempel utfall forget < fil",
                "no identity numbers on standard input: write one a line, for instance utfall forget < file",
            ),
        ));
    }
    Ok(people)
}

/// So many bytes of standard input are read: a million numbers.
const LONGEST: u64 = 32 << 20;

/// All of standard input, which may be a file, a pipe or a terminal.
pub(super) fn input() -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text);
    let length = read.map_err(|_| {
        Error::usage("not-text", Message::new("standard in kan inte läsas som text", "standard input is not text"))
    })?;
    if u64::try_from(length).is_ok_and(|length| length <= LONGEST) {
        return Ok(text);
    }
    Err(Error::usage(
        "too-many-numbers",
        Message::new(
            "standard in är längre än en miljon nummer; ingenting ändrades; dela upp det",
            "standard input is longer than a million numbers; nothing was changed; split it",
        ),
    ))
}

/// One identity number; never repeated in a message.
fn number(text: &str, line: u32, today: chrono::NaiveDate) -> Result<Identity, Error> {
    match reading(text, line, today)? {
        Identifier::Number(identity) => Ok(identity),
        Identifier::Protected { .. } | Identifier::Provisional(_) | Identifier::Token(_) => Err(Error::usage(
            "no-number",
            Message::new(
                format!(
                    "rad {line} på standard in: inget person- eller samordningsnummer; sådana rader raderas per projekt med --expired"
                ),
                format!(
                    "line {line} of standard input: not a personal or coordination number; such rows are erased per project with --expired"
                ),
            ),
        )),
    }
}

/// What a number is; never repeated in a message.
pub(super) fn reading(text: &str, line: u32, today: chrono::NaiveDate) -> Result<Identifier, Error> {
    parse(text.trim(), today).map_err(|fault| {
        let rule = crate::land::finding::ValidationRule::from(fault);
        Error::usage(
            "number",
            Message::new(
                format!("rad {line} på standard in: {}; ingenting ändrades", rule.text(Sv)),
                format!("line {line} of standard input: {}; nothing was changed", rule.text(En)),
            ),
        )
    })
}
