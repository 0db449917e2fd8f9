//! `utfall manual`: manual pages, for whoever packages or installs the program.

use std::path::PathBuf;

use clap::Args;

use super::usage;
use utfall_ground::error::Error;
use utfall_ground::text::Lang;

/// Arguments of `utfall manual`.
#[derive(Debug, Args)]
pub(super) struct Manual {
    /// Folder to write into
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl Manual {
    /// One page a command: `man1/utfall-land.1`, and `sv/man1/utfall-land.1`, where `man` looks for them below a folder of its path.
    pub(super) fn run(self) -> Result<(), Error> {
        for (lang, below) in [(Lang::En, "man1"), (Lang::Sv, "sv/man1")] {
            let folder = self.dir.join(below);
            let written = utfall_ground::permissions::public_folder(&folder)
                .and_then(|()| clap_mangen::generate_to(usage::in_language(lang), &folder));
            written.map_err(|e| Error::writing(&folder, e))?;
            println!("{}", folder.display());
        }
        Ok(())
    }
}
