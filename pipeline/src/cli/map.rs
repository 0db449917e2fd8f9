//! `utfall map`.

use std::path::PathBuf;

use clap::Args;

use super::places::Places;
use super::terminal::Terminal;
use crate::land::understand::list;
use crate::land::understand::mapping::{self, Fit, Missing, Proposal, Saved};
use utfall_ground::error::Error;
use utfall_ground::redact::{masked_whole, shown};
use utfall_ground::text::{Lang, Message};

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
    pub(super) fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let catalogue = places.catalogue()?;
        super::land::is_there(&self.file)?;
        let nothing = Saved::default();
        let told = |finding: crate::land::finding::Finding| {
            Error::defective(
                finding.rule.name(),
                Message::new(finding.shown(Lang::Sv), finding.shown(Lang::En)).after(format!("{}: ", shown(&self.file))),
            )
        };
        let headings = list::headings(&self.file, &catalogue, &nothing).map_err(told)?;
        // A row of somebody's data must not become a mapping.
        if headings.iter().any(|heading| masked_whole(heading) != *heading) {
            return Err(Error::defective(
                "no-headings",
                Message::new(
                    format!("{}: en rubrik ser ut som ett personnummer; rubrikraden saknas", shown(&self.file)),
                    format!("{}: a heading looks like an identity number; the row of headings is missing", shown(&self.file)),
                ),
            ));
        }
        let proposal = mapping::propose(&headings, &catalogue, &nothing).map_err(told)?;
        let text = text(&proposal, terminal)?;
        match &self.output {
            None => print!("{text}"),
            Some(path) => {
                let written = utfall_ground::durable::put_if_absent(path, text.as_bytes())?;
                if written == utfall_ground::durable::Put::Exists {
                    return Err(Error::usage(
                        "already-there",
                        Message::new(
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
fn text(Proposal { mapping, open, lacking, fits }: &Proposal, terminal: Terminal) -> Result<String, Error> {
    let mut notes = vec![
        terminal
            .say(
                "Rubrikernas mappning: läs igenom, ändra, spara, och landa med utfall land --map DENNA_FIL LISTA",
                "Mapping of headings: read it, change it, keep it, and land with utfall land --map THIS_FILE LIST",
            )
            .to_owned(),
    ];
    if mapping.table.is_none() {
        let several = terminal.say(
            "vilken lista det är går inte att säga av rubrikerna; ange `table` före [columns], med ett av dessa namn:",
            "the headings do not tell which list it is; give `table` before [columns], with one of these names:",
        );
        notes.push(several.to_owned());
        notes.extend(fits.iter().map(|fit| format!("  {:?} ({})", fit.table, fit.title.get(terminal.lang()))));
    }
    // What every table requires helps nobody who does not know yet which it is.
    if mapping.table.is_some() || !mapping.columns.is_empty() {
        fits.iter().for_each(|fit| notes.extend(required(fit, terminal)));
    }
    let unknown = terminal
        .say("okänd rubrik; lägg den i drop eller under [columns]", "unknown heading; put it into drop or below [columns]");
    notes.extend(open.iter().map(|heading| format!("{unknown}: {heading:?}")));
    if !lacking.is_empty() {
        let say_so = terminal.say(
            "listan saknar dessa; i uppdelningar efter dem räknas alla som uppgift saknas",
            "the list lacks these; in breakdowns by them everybody counts as not stated",
        );
        notes.push(format!("{say_so}: {}", lacking.join(", ")));
    }
    let notes: String = notes.iter().map(|note| format!("# {note}\n")).collect();
    let unwritable =
        |e: toml::ser::Error| Error::usage("mapping", Message::new("mappningen kan inte skrivas som TOML", e.to_string()));
    Ok(notes + &toml::to_string_pretty(mapping).map_err(unwritable)?)
}

/// What a table requires, and what to do about what the list lacks of it.
fn required(fit: &Fit, terminal: Terminal) -> Vec<String> {
    let title = fit.title.get(terminal.lang());
    let mut notes = vec![format!("{title} {}: {}", terminal.say("kräver", "requires"), fit.required.join(", "))];
    for missing in &fit.missing {
        let Missing { heading, column, example } = missing;
        let lacks = format!("{}: {heading}", terminal.say("krävs och saknas", "required and missing"));
        let mapped = terminal.say(
            format!("skriv under [columns] den rubrik som är det = {column:?}"),
            format!("write below [columns] the heading that is it = {column:?}"),
        );
        notes.push(match example {
            Some(example) => {
                let constant = terminal.say("eller ett värde för alla rader", "or one value for all rows");
                format!("{lacks}; {mapped}, {constant}: {column} = {example:?}")
            }
            None => format!("{lacks}; {mapped}"),
        });
    }
    notes
}
