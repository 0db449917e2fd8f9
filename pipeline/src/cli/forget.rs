//! `utfall forget`.

use std::io::Read as _;

use clap::Args;
use zeroize::Zeroizing;

use super::{Places, landing};
use crate::error::Error;
use crate::land::dates::days;
use crate::land::identity::{Identity, Reading, parse};
use crate::land::pseudonymise::{Pseudonym, Pseudonymiser};
use crate::language::{current, say};
use crate::schema::Scheme;
use crate::upkeep::erase::{self, Reason};
use crate::visible::visible;

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
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let today = landing::today();
        let project = self.project.as_deref().map(|slug| landing::known_project(&catalogue, slug)).transpose()?;
        let opaque = catalogue.private_tables().iter().any(|table| table.identity == Scheme::Opaque);
        let people = if self.expired { Vec::new() } else { numbers(today, opaque)? };
        let (store, key) = places.ready(&catalogue).await?;
        if self.expired {
            for (project, last) in crate::register::keep_until(&catalogue)? {
                if last < days(today) {
                    let people: Vec<Pseudonym> = erase::landed(&store, &catalogue, Some(project)).await?.into_iter().collect();
                    let whom = (people.as_slice(), Some(project));
                    let receipt = erase::erase(&store, &catalogue, &key, whom, (Reason::Retention, days(today))).await?;
                    let slug = catalogue.codes("project").and_then(|list| list.entries.iter().find(|e| e.id == project));
                    tell(&receipt, people.len(), slug.map(|entry| entry.code.as_str()));
                }
            }
            return Ok(());
        }
        let pseudonyms = Pseudonymiser::new(&key, store.domain(), store.aliases()?);
        let asked = people.len();
        let units = people.iter().flat_map(|who| {
            let number = who.number.as_ref().map(|identity| pseudonyms.person(identity));
            number.into_iter().chain(who.name.as_ref().map(|name| pseudonyms.opaque(name).0))
        });
        let people: Vec<Pseudonym> = units.collect();
        let whom = (people.as_slice(), project);
        let receipt = erase::erase(&store, &catalogue, &key, whom, (self.reason, days(today))).await?;
        tell(&receipt, asked, self.project.as_deref());
        Ok(())
    }
}

fn tell(receipt: &erase::Receipt, asked: usize, project: Option<&str>) {
    let (i, within) =
        project.map_or((String::new(), String::new()), |p| (format!(" i projektet {p}"), format!(" in project {p}")));
    println!(
        "{}",
        say(
            format!(
                "raderat{i}: {} av {asked} personer hade landade rader. Varje sådan rad i varje tabell och varje fil som innehöll någon är borta. Kvar är för var och en som angavs en nycklad märkning, de högsta numren per projekt och dagen, så att inget nummer ges igen och ingen senare lista landar en rad som börjat till och med i dag; publicerade tabeller och huvudboken är orörda.",
                receipt.found
            ),
            format!(
                "erased{within}: {} of {asked} people had landed rows. Every such row in every table and every file that held one is gone. Of everybody asked for a keyed tag, the highest numbers per project and the day stay, so that no number is given again and no later list lands a row that began until today; published tables and the ledger are untouched.",
                receipt.found
            )
        )
    );
    println!("{}: {} ({})", say("kvitto", "receipt"), receipt.id, receipt.path.display());
    println!(
        "{}",
        say(
            "Säkerhetskopior av datakatalogen som är äldre än detta innehåller ännu det raderade: förstör dem.",
            "Backups of the data directory that are older than this still hold what was erased: destroy them."
        )
    );
}

/// Whom a line means: by a number and, where tables have names of another kind, by such a name.
struct Who {
    number: Option<Identity>,
    name: Option<Zeroizing<String>>,
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
        return Err(Error::usage(say(
            "inga personnummer på standard in: skriv ett per rad, till exempel utfall forget < fil",
            "no identity numbers on standard input: write one a line, for instance utfall forget < file",
        )));
    }
    Ok(people)
}

/// All of standard input.
pub(super) fn input() -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|_| Error::usage(say("standard in kan inte läsas som text", "standard input is not text")))?;
    Ok(text)
}

/// One identity number; never repeated in a message.
fn number(text: &str, line: u32, today: chrono::NaiveDate) -> Result<Identity, Error> {
    match reading(text, line, today)? {
        Reading::Number(identity) => Ok(identity),
        Reading::Protected { .. } | Reading::Provisional(_) | Reading::Token(_) => Err(Error::usage(say(
            format!(
                "rad {line} på standard in: inget person- eller samordningsnummer; sådana rader raderas per projekt med --expired"
            ),
            format!(
                "line {line} of standard input: not a personal or coordination number; such rows are erased per project with --expired"
            ),
        ))),
    }
}

/// What a number is; never repeated in a message.
pub(super) fn reading(text: &str, line: u32, today: chrono::NaiveDate) -> Result<Reading, Error> {
    parse(text.trim(), today).map_err(|rule| {
        Error::usage(say(
            format!("rad {line} på standard in: {}; ingenting ändrades", rule.text(current())),
            format!("line {line} of standard input: {}; nothing was changed", rule.text(current())),
        ))
    })
}
