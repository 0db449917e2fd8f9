//! `utfall key`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::places::{Places, Ready};
use super::terminal::Terminal;
use super::{forget, unfinished};
use crate::keyzone::{Key, SigningKey, backup};
use crate::upkeep::{merge, rotate};
use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

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
    /// Show the public half of the key with which publications are signed; makes the key if there is none
    ///
    /// Readers hold a folder of pages against it: minisign -Vm SHA256SUMS -p minisign.pub, then sha256sum --check SHA256SUMS. Back
    /// the key zone up again after it was made.
    Signing,
    /// Copy the key zone (keys, aliases, witnesses) into a new folder, apart from the data
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
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let pairs = if matches!(self.command, KeyCommand::Alias) { pairs()? } else { Vec::new() };
        let Ready { store, key, ledger } = places.ready(&catalogue, terminal).await?;
        if matches!(self.command, KeyCommand::Rotate | KeyCommand::Alias) {
            // Both change what releases are computed from.
            unfinished::finish(places, terminal, (&store, &ledger)).await?;
        }
        match self.command {
            KeyCommand::ShowId => show(&key, terminal),
            KeyCommand::Signing => {
                let signing = SigningKey::create(store.zone())?;
                println!("{}: {}", terminal.say("nyckel att verifiera med", "key to verify with"), signing.line());
            }
            KeyCommand::Rotate => {
                let rotated = rotate::rotate(&store, &catalogue, &key).await?;
                show(&rotated, terminal);
                println!(
                    "{}",
                    terminal.say(
                        "SÄKERHETSKOPIERA NYCKELKATALOGEN nu: utan den nya delen kan ingen kännas igen. Äldre kopior av datakatalogen är pseudonymiserade med den gamla nyckeln: förstör dem om den har röjts.",
                        "BACK UP THE KEY FOLDER now: without the new part nobody can be recognised. Older copies of the data directory are pseudonymised under the old key: destroy them if it was disclosed."
                    )
                );
            }
            KeyCommand::Backup { dir } => {
                let copied = backup::backup(store.zone(), store.root(), &dir)?;
                println!("{}: {copied} → {}", terminal.say("kopierade filer", "files copied"), dir.display());
            }
            KeyCommand::Alias => {
                let new = merge::merge(&store, &catalogue, &key, &pairs).await?;
                println!("{}: {new}", terminal.say("nummer som har ersatts", "numbers that were replaced"));
                if new < pairs.len() {
                    let known = terminal.say("som redan var ersatta", "that had been replaced before");
                    println!("{known}: {}", pairs.len() - new);
                }
            }
        }
        Ok(())
    }
}

fn show(key: &Key, terminal: Terminal) {
    let ids = key.ids();
    println!("{}: {}", terminal.say("nyckelns id", "key id"), ids.last().map_or("", String::as_str));
    if ids.len() > 1 {
        println!("{}: {}", terminal.say("rotationer", "rotations"), ids.len() - 1);
    }
}

/// Pairs of identity numbers on standard input.
fn pairs() -> Result<Vec<merge::Replaced>, Error> {
    let today = today();
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
                    "numbers-pair",
                    Message::new(
                        format!("rad {line} på standard in: skriv det gamla och det nya numret med mellanslag emellan"),
                        format!("line {line} of standard input: write the old and the new number with a space between"),
                    ),
                ));
            }
        }
    }
    if pairs.is_empty() {
        return Err(Error::usage("no-numbers", Message::new("inga nummer på standard in", "no numbers on standard input")));
    }
    Ok(pairs)
}
