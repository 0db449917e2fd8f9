//! `utfall migrate`.

use clap::Args;

use super::places::{Places, Ready};
use super::terminal::Terminal;
use super::unfinished;
use crate::upkeep::migrate;
use utfall_ground::error::Error;

/// Arguments of `utfall migrate`.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Erase the landed values of a column that is no longer in its schema; may be given several times
    #[arg(long, value_name = "TABLE.COLUMN")]
    forget: Vec<String>,
}

impl Migrate {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let Ready { store, key, ledger } = places.ready_to_migrate(&catalogue, terminal).await?;
        unfinished::finish(places, terminal, (&store, &ledger)).await?;
        let migrated = migrate::migrate(&store, &catalogue, &key, &self.forget).await?;
        for of in &migrated {
            for message in &of.grown {
                println!("{}: {}", of.table, message.get(terminal.lang()));
            }
            for column in &of.erased {
                let erased = terminal.say(
                    format!("de landade värdena i `{column}` är raderade"),
                    format!("the landed values of `{column}` are erased"),
                );
                println!("{}: {erased}", of.table);
            }
        }
        if migrated.is_empty() {
            println!(
                "{}",
                terminal.say(
                    "Scheman och kodlistor läser det som har landat så som det landade; inget behöver göras.",
                    "Schemas and code lists read what has landed as it was landed; nothing needs doing."
                )
            );
        } else {
            println!(
                "{}",
                terminal.say(
                    "Huvudbok, nummer och arkiv är som de var; ingen budget har förbrukats.",
                    "Ledger, numbers and archive are as they were; no budget was spent."
                )
            );
        }
        Ok(())
    }
}
