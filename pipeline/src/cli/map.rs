//! `utfall map`.

use std::path::PathBuf;

use clap::Args;

use super::Places;
use crate::error::Error;
use crate::land::delivery::{self, Proposal, Saved};
use crate::land::finding::{masked, shown};
use crate::land::list;
use crate::language::say;

/// Arguments of `utfall map`.
#[derive(Debug, Args)]
pub(super) struct Map {
    /// A list whose headings are to be mapped
    file: PathBuf,
    /// Where to write the proposal [default: to the terminal]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Map {
    pub(super) fn run(self, places: &Places) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        let nothing = Saved::default();
        let told = |finding: crate::land::finding::Finding| Error::Defective(format!("{}: {finding}", shown(&self.file)));
        let headings = list::headings(&self.file, &catalogue, &nothing).map_err(told)?;
        // A row of somebody's data must not become a mapping.
        if headings.iter().any(|heading| masked(heading) != *heading) {
            return Err(Error::Defective(say(
                format!("{}: en rubrik ser ut som ett personnummer; rubrikraden saknas", shown(&self.file)),
                format!("{}: a heading looks like an identity number; the row of headings is missing", shown(&self.file)),
            )));
        }
        let proposal = delivery::propose(&headings, &catalogue, &nothing).map_err(told)?;
        let text = text(&proposal)?;
        match &self.output {
            None => print!("{text}"),
            Some(path) => {
                let written = crate::store::durable::put_if_absent(path, text.as_bytes())?;
                if written == crate::store::durable::Put::Exists {
                    return Err(Error::usage(say(
                        format!("{} finns redan; ingenting skrevs", path.display()),
                        format!("{} exists already; nothing was written", path.display()),
                    )));
                }
                println!("{}", path.display());
            }
        }
        Ok(())
    }
}

/// The proposal, with what is left to decide as comments.
fn text(Proposal { mapping, open, lacking }: &Proposal) -> Result<String, Error> {
    let mut text = format!(
        "# {}\n",
        say(
            "Rubrikernas mappning: läs igenom, ändra, spara, och landa med utfall land --map DENNA_FIL LISTA",
            "Mapping of headings: read it, change it, keep it, and land with utfall land --map THIS_FILE LIST"
        )
    );
    for heading in open {
        text.push_str(&format!(
            "# {}: {heading:?}\n",
            say("okänd rubrik; lägg den i drop eller under [columns]", "unknown heading; put it into drop or below [columns]")
        ));
    }
    if !lacking.is_empty() {
        let say_so = say(
            "listan saknar dessa; i uppdelningar efter dem räknas alla som uppgift saknas",
            "the list lacks these; in breakdowns by them everybody counts as not stated",
        );
        text.push_str(&format!("# {say_so}: {}\n", lacking.join(", ")));
    }
    text.push_str(&toml::to_string_pretty(mapping).map_err(|e| Error::usage(e.to_string()))?);
    Ok(text)
}
