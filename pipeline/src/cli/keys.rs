//! `utfall key`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Places, forget, landing, unfinished};
use crate::keyzone::{Key, apart};
use crate::upkeep::{merge, rotate};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::language::say;

/// Arguments of `utfall key`.
#[derive(Debug, Args)]
pub(super) struct KeyArguments {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Show the key's public id, which stands beside the data; finishes what was interrupted
    ShowId,
    /// Add a new part to the key and rewrite every landed table under it
    ///
    /// Who has only the old key can tie nobody to what has landed; nobody starts anew. The parts before it stay in the key
    /// zone, because lists land through all of them. Back the key zone up again afterwards.
    Rotate,
    /// Copy the key zone (key, aliases, witnesses) into a new folder, apart from the data
    Backup {
        /// The folder to make
        dir: PathBuf,
    },
    /// Tell that people's numbers changed: reads pairs `OLD NEW` from standard input, one a line
    ///
    /// From now on the old number is taken for the new one, and what landed under both becomes one person's. The old one may be
    /// an interim or reserve number: it then stands for the new one in every project. A number that has been replaced cannot
    /// be replaced again; of a chain, each number is replaced by the next.
    Alias,
}

impl KeyArguments {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let pairs = if matches!(self.command, KeyCommand::Alias) { pairs()? } else { Vec::new() };
        let (store, key) = places.ready(&catalogue).await?;
        if matches!(self.command, KeyCommand::Rotate | KeyCommand::Alias) {
            // Both change what releases are computed from.
            unfinished::finish(places, &store).await?;
        }
        match self.command {
            KeyCommand::ShowId => show(&key),
            KeyCommand::Rotate => {
                let rotated = rotate::rotate(&store, &catalogue, &key).await?;
                show(&rotated);
                println!(
                    "{}",
                    say(
                        "SÄKERHETSKOPIERA NYCKELKATALOGEN nu: utan den nya delen kan ingen kännas igen. Äldre kopior av datakatalogen är pseudonymiserade med den gamla nyckeln: förstör dem om den har röjts.",
                        "BACK UP THE KEY FOLDER now: without the new part nobody can be recognised. Older copies of the data directory are pseudonymised under the old key: destroy them if it was disclosed."
                    )
                );
            }
            KeyCommand::Backup { dir } => backup(store.zone(), store.root(), &dir)?,
            KeyCommand::Alias => {
                let new = merge::merge(&store, &catalogue, &key, &pairs).await?;
                println!("{}: {new}", say("nummer som har ersatts", "numbers that were replaced"));
                if new < pairs.len() {
                    let known = say("som redan var ersatta", "that had been replaced before");
                    println!("{known}: {}", pairs.len() - new);
                }
            }
        }
        Ok(())
    }
}

fn show(key: &Key) {
    let ids = key.ids();
    println!("{}: {}", say("nyckelns id", "key id"), ids.last().map_or("", String::as_str));
    if ids.len() > 1 {
        println!("{}: {}", say("rotationer", "rotations"), ids.len() - 1);
    }
}

/// Every file of the key zone, for its owner only, read back and compared.
fn backup(zone: &Path, data: &Path, dir: &Path) -> Result<(), Error> {
    apart(dir, data)?;
    if dir.exists() {
        return Err(Error::usage(
            "usage",
            say(
                format!("{} finns redan; ange en ny katalog", dir.display()),
                format!("{} exists already; name a new folder", dir.display()),
            ),
        ));
    }
    crate::store::private_folder(dir)?;
    let mut copied = 0;
    for entry in std::fs::read_dir(zone).map_err(|e| Error::reading(zone, e))? {
        let path = entry.map_err(|e| Error::reading(zone, e))?.path();
        let Some(name) = path.file_name().filter(|name| path.is_file() && !name.to_string_lossy().starts_with('.')) else {
            continue;
        };
        if name.to_string_lossy().ends_with(".lock") {
            continue;
        }
        let bytes = zeroize::Zeroizing::new(std::fs::read(&path).map_err(|e| Error::reading(&path, e))?);
        let copy = dir.join(name);
        durable::put_if_absent(&copy, &bytes)?;
        let back = zeroize::Zeroizing::new(std::fs::read(&copy).map_err(|e| Error::reading(&copy, e))?);
        if *back != *bytes {
            return Err(Error::storage(
                "usage",
                say(
                    format!("{} blev inte som originalet; säkerhetskopiera igen", copy.display()),
                    format!("{} is not as the original; back up again", copy.display()),
                ),
            ));
        }
        copied += 1;
    }
    println!("{}: {copied} → {}", say("kopierade filer", "files copied"), dir.display());
    Ok(())
}

/// Pairs of identity numbers on standard input.
fn pairs() -> Result<Vec<merge::Replaced>, Error> {
    let today = landing::today();
    let mut pairs = Vec::new();
    for (line, text) in (1..).zip(forget::input()?.lines()) {
        let words: Vec<&str> = text.split([';', '\t', ' ']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => {}
            [old, new] => {
                let [old, new] = [forget::reading(old, line, today)?, forget::reading(new, line, today)?];
                pairs.push(merge::Replaced { line, old, new });
            }
            _ => {
                return Err(Error::usage(
                    "usage",
                    say(
                        format!("rad {line} på standard in: skriv det gamla och det nya numret med mellanslag emellan"),
                        format!("line {line} of standard input: write the old and the new number with a space between"),
                    ),
                ));
            }
        }
    }
    if pairs.is_empty() {
        return Err(Error::usage("usage", say("inga nummer på standard in", "no numbers on standard input")));
    }
    Ok(pairs)
}
