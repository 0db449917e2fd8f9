//! `utfall demo`; not in a production build.

use std::path::PathBuf;

use clap::Args;

use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Arguments of `utfall demo`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Folder to write the lists into
    dir: PathBuf,
    /// Another seed gives other people with the same totals
    #[arg(long, default_value_t = 1, value_parser = whole_number)]
    seed: u64,
}

fn whole_number(text: &str) -> Result<u64, Message> {
    text.parse().map_err(|_| Message::new("skriv ett heltal från 0", "write a whole number from 0"))
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Error> {
        let files = crate::demo::write(&self.dir, self.seed).map_err(|e| Error::writing(&self.dir, e))?;
        for file in files {
            println!("{}", file.display());
        }
        Ok(())
    }
}
