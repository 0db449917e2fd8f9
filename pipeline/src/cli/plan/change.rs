//! What `--what-if` changes: words of the command line, put on a release before it is checked, or on its plan afterwards.

use utfall_privacy::Budget;

use crate::catalogue::number::{self, decimal};
use crate::catalogue::spec::ReleaseSpec;
use crate::release::preview::Prospect;
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::Message;

/// What it takes, as in its help.
const EXAMPLE: &str = "epsilon=2, delta=1e-5, participations=1, rows.TABLE=20, weight.TABLE=2, drop=TABLE, merge=TABLE.KEY:3";

/// One change, as it was written.
#[derive(Debug, Clone, Copy)]
struct Change<'a> {
    text: &'a str,
    name: &'a str,
    value: &'a str,
}

impl<'a> Change<'a> {
    fn of(text: &'a str) -> Result<Self, Error> {
        match text.split_once('=') {
            Some((name, value)) => Ok(Self { text, name: name.trim(), value: value.trim() }),
            None => {
                let change = Self { text, name: text, value: "" };
                Err(change
                    .wrong(Message::new(format!("skriv till exempel {EXAMPLE}"), format!("expected for instance {EXAMPLE}"))))
            }
        }
    }

    fn wrong(self, why: Message) -> Error {
        Error::usage("what-if", why.after(format!("--what-if {}: ", masked(self.text))))
    }

    /// That a name is not one of those that there are.
    fn unknown(self, name: &str, [sv, en]: [&str; 2], known: &[&str]) -> Error {
        let (name, known) = (masked(name), if known.is_empty() { "–".to_owned() } else { known.join(", ") });
        self.wrong(Message::new(
            format!("{sv} `{name}` finns inte; där finns: {known}"),
            format!("there is no {en} `{name}`; there are: {known}"),
        ))
    }

    fn whole(self, value: &str, most: u64) -> Result<u64, Error> {
        let number = value.parse().ok().filter(|number| (1..=most).contains(number));
        let range = || Message::new(format!("ett heltal från 1 till {most}"), format!("a whole number from 1 to {most}"));
        number.ok_or_else(|| self.wrong(range()))
    }

    fn budget(self, release: &ReleaseSpec) -> Result<Budget, Error> {
        let number = decimal(self.value).map_err(|why| self.wrong(why))?;
        let now = &release.budget;
        let budget = match self.name {
            "epsilon" => Budget::new(number, now.delta().clone()),
            _ => Budget::new(now.epsilon().clone(), number),
        };
        let budget = budget.and_then(|budget| budget.with_keys_delta(now.keys_delta().clone()));
        budget.map_err(|e| self.wrong(number::wrong(&e)))
    }

    /// The place of a table of the release.
    fn table(self, release: &ReleaseSpec, name: &str) -> Result<usize, Error> {
        let known: Vec<&str> = release.queries.iter().map(|query| query.name.as_str()).collect();
        let at = known.iter().position(|known| *known == name);
        at.ok_or_else(|| self.unknown(name, ["tabellen", "table"], &known))
    }

    /// The table, the key and the number of codes of `merge=TABLE.KEY:N`.
    fn merge(self) -> Result<Merge<'a>, Error> {
        let form = || self.wrong(Message::new("skriv merge=TABELL.NYCKEL:ANTAL", "expected merge=TABLE.KEY:NUMBER"));
        let (place, to) = self.value.rsplit_once(':').ok_or_else(form)?;
        let (table, key) = place.split_once('.').ok_or_else(form)?;
        let to = usize::try_from(self.whole(to, 10_000)?).unwrap_or(usize::MAX);
        Ok(Merge { table, key, to })
    }
}

/// A key that is looked at as if it had fewer codes.
struct Merge<'a> {
    table: &'a str,
    key: &'a str,
    to: usize,
}

/// A release with one thing changed. A merging changes its plan alone: see [`merged`].
///
/// # Errors
/// When it names what there is not, or a value that cannot be.
pub(super) fn changed(mut release: ReleaseSpec, text: &str) -> Result<ReleaseSpec, Error> {
    let change = Change::of(text)?;
    match change.name.split_once('.').map_or((change.name, None), |(name, of)| (name, Some(of))) {
        ("epsilon" | "delta", None) => release.budget = change.budget(&release)?,
        ("participations", None) => release.bounds.participations = change.whole(change.value, 1_000)?,
        ("rows", Some(table)) => {
            let rows = change.whole(change.value, 100_000)?;
            if !release.bounds.rows.contains_key(table) {
                let known: Vec<&str> = release.bounds.rows.keys().map(String::as_str).collect();
                return Err(change.unknown(table, ["gränsen för tabellen", "bound on the table"], &known));
            }
            release.bounds.rows.insert(table.to_owned(), rows);
        }
        ("weight", Some(table)) => {
            let at = change.table(&release, table)?;
            let weight = change.value.parse().ok().filter(|weight| (1e-3..=1e3).contains(weight));
            let range = || Message::new("ett tal från 0.001 till 1000", "a number from 0.001 to 1000");
            release.queries[at].weight = weight.ok_or_else(|| change.wrong(range()))?;
        }
        ("drop", None) => {
            let at = change.table(&release, change.value)?;
            release.queries.remove(at);
            if release.queries.is_empty() {
                return Err(change.wrong(Message::new("då finns ingen tabell kvar", "no table would be left")));
            }
        }
        ("merge", None) => drop(change.table(&release, change.merge()?.table)?),
        _ => {
            let name = masked(change.name);
            return Err(change.wrong(Message::new(
                format!("`{name}` kan inte ändras; {EXAMPLE}"),
                format!("`{name}` cannot be changed; {EXAMPLE}"),
            )));
        }
    }
    Ok(release)
}

/// The plan as if keys had fewer codes, where changes say so.
///
/// # Errors
/// When a table has no such key, or the key no more codes.
pub(super) fn merged<'c>(mut prospect: Prospect<'c>, changes: &[String]) -> Result<Prospect<'c>, Error> {
    for text in changes {
        let change = Change::of(text)?;
        if change.name != "merge" {
            continue;
        }
        let Merge { table, key, to } = change.merge()?;
        // What stands on the numbers of another release is merged there.
        let Some(of) = prospect.checked.own().find(|of| of.query.name == table) else {
            let why =
                Message::new("tabellen står på en annan releases tal", "the table stands on the numbers of another release");
            return Err(change.wrong(why));
        };
        let names: Vec<&str> = of.answer.certified.grid().keys.iter().map(|key| key.name.as_str()).collect();
        let Some(at) = names.iter().position(|name| *name == key) else {
            return Err(change.unknown(key, ["nyckeln", "key"], &names));
        };
        prospect = prospect.merged(of, at, to).ok_or_else(|| {
            let codes = of.answer.certified.grid().keys.get(at).map_or(0, |key| key.codes.len());
            change.wrong(Message::new(
                format!("`{key}` har {codes} koder; skriv färre"),
                format!("`{key}` has {codes} codes; write fewer"),
            ))
        })?;
    }
    Ok(prospect)
}
