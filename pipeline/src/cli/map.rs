//! `utfall map`.

use std::path::PathBuf;

use clap::Args;

use super::Places;
use crate::land::understand::list;
use crate::land::understand::mapping::{self, Fit, Missing, Proposal, Saved};
use utfall_ground::error::Error;
use utfall_ground::language::{current, say};
use utfall_ground::redact::{masked_whole, shown};

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
        super::landing::is_there(&self.file)?;
        let nothing = Saved::default();
        let told = |finding: crate::land::finding::Finding| {
            Error::defective("delivery", format!("{}: {}", shown(&self.file), finding.shown(current())))
        };
        let headings = list::headings(&self.file, &catalogue, &nothing).map_err(told)?;
        // A row of somebody's data must not become a mapping.
        if headings.iter().any(|heading| masked_whole(heading) != *heading) {
            return Err(Error::defective(
                "delivery",
                say(
                    format!("{}: en rubrik ser ut som ett personnummer; rubrikraden saknas", shown(&self.file)),
                    format!("{}: a heading looks like an identity number; the row of headings is missing", shown(&self.file)),
                ),
            ));
        }
        let proposal = mapping::propose(&headings, &catalogue, &nothing).map_err(told)?;
        let text = text(&proposal)?;
        match &self.output {
            None => print!("{text}"),
            Some(path) => {
                let written = utfall_ground::durable::put_if_absent(path, text.as_bytes())?;
                if written == utfall_ground::durable::Put::Exists {
                    return Err(Error::usage(
                        "usage",
                        say(
                            format!("{} finns redan; ingenting skrevs", path.display()),
                            format!("{} exists already; nothing was written", path.display()),
                        ),
                    ));
                }
                println!("{}", path.display());
            }
        }
        Ok(())
    }
}

/// The proposal, with what is left to decide as comments.
fn text(Proposal { mapping, open, lacking, fits }: &Proposal) -> Result<String, Error> {
    let mut notes = vec![
        say(
            "Rubrikernas mappning: läs igenom, ändra, spara, och landa med utfall land --map DENNA_FIL LISTA",
            "Mapping of headings: read it, change it, keep it, and land with utfall land --map THIS_FILE LIST",
        )
        .to_owned(),
    ];
    if mapping.table.is_none() {
        let several = say(
            "vilken lista det är går inte att säga av rubrikerna; ange `table` före [columns], med ett av dessa namn:",
            "the headings do not tell which list it is; give `table` before [columns], with one of these names:",
        );
        notes.push(several.to_owned());
        notes.extend(fits.iter().map(|fit| format!("  {:?} ({})", fit.table, fit.title.get(current()))));
    }
    // What every table requires helps nobody who does not know yet which it is.
    if mapping.table.is_some() || !mapping.columns.is_empty() {
        fits.iter().for_each(|fit| notes.extend(required(fit)));
    }
    let unknown =
        say("okänd rubrik; lägg den i drop eller under [columns]", "unknown heading; put it into drop or below [columns]");
    notes.extend(open.iter().map(|heading| format!("{unknown}: {heading:?}")));
    if !lacking.is_empty() {
        let say_so = say(
            "listan saknar dessa; i uppdelningar efter dem räknas alla som uppgift saknas",
            "the list lacks these; in breakdowns by them everybody counts as not stated",
        );
        notes.push(format!("{say_so}: {}", lacking.join(", ")));
    }
    let notes: String = notes.iter().map(|note| format!("# {note}\n")).collect();
    Ok(notes + &toml::to_string_pretty(mapping).map_err(|e| Error::usage("usage", e.to_string()))?)
}

/// What a table requires, and what to do about what the list lacks of it.
fn required(fit: &Fit) -> Vec<String> {
    let title = fit.title.get(current());
    let mut notes = vec![format!("{title} {}: {}", say("kräver", "requires"), fit.required.join(", "))];
    for missing in &fit.missing {
        let Missing { heading, column, example } = missing;
        let lacks = format!("{}: {heading}", say("krävs och saknas", "required and missing"));
        let mapped = say(
            format!("skriv under [columns] den rubrik som är det = {column:?}"),
            format!("write below [columns] the heading that is it = {column:?}"),
        );
        notes.push(match example {
            Some(example) => {
                let constant = say("eller ett värde för alla rader", "or one value for all rows");
                format!("{lacks}; {mapped}, {constant}: {column} = {example:?}")
            }
            None => format!("{lacks}; {mapped}"),
        });
    }
    notes
}
