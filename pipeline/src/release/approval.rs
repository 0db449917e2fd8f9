//! Who has approved that budget is spent on a release: `approvals/<release>/<seconds>-<number>.json` in the data directory.
//!
//! A `release.toml` may ask for it (`approvals = 2` in `[publish]`): as many people must then be named when the release is made. Who is
//! named is the controller's own note, kept beside the ledger and not in it: the budget is guarded by the ledger alone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::store::private_folder;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_ground::visible::visible;

/// So many approvals of one release are kept of one second.
const MOST: u32 = 1_000;

/// The longest name, in letters.
const LONGEST: usize = 200;

/// That a release was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The release.
    pub release: String,
    /// Who approved, as they were named.
    pub approved: Vec<String>,
    /// When, in seconds since 1970.
    pub time: u64,
}

impl Approval {
    fn folder(data: &Path, release: &str) -> PathBuf {
        data.join("approvals").join(release)
    }

    /// Keeps it, before anything is drawn.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn keep(&self, data: &Path) -> Result<(), Error> {
        let folder = Self::folder(data, &self.release);
        private_folder(&data.join("approvals"))?;
        private_folder(&folder)?;
        let text = serde_json::to_vec_pretty(self).map_err(Error::not_encodable)?;
        // Of two within a second each has a name of its own.
        for more in 0..MOST {
            let path = folder.join(format!("{:012}-{more:03}.json", self.time));
            if durable::put_if_absent(&path, &text)? == durable::Put::Done {
                return Ok(());
            }
        }
        Err(Error::storage(
            "approvals-full",
            Message::new("för många godkännanden på en sekund; försök igen", "too many approvals within a second; try again"),
        ))
    }

    /// Those of a release, the oldest first.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn all(data: &Path, release: &str) -> Result<Vec<Self>, Error> {
        let folder = Self::folder(data, release);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let entries = std::fs::read_dir(&folder).map_err(|e| Error::reading(&folder, e))?;
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let read = |path: PathBuf| {
            let bytes = std::fs::read(&path).map_err(|e| Error::reading(&path, e))?;
            serde_json::from_slice(&bytes).map_err(|_| {
                let shown = path.display();
                Error::storage(
                    "approval-unreadable",
                    Message::new(
                        format!("{shown} är inget godkännande som det här programmet har skrivit; återställ filen"),
                        format!("{shown} is no approval that this program wrote; restore the file"),
                    ),
                )
            })
        };
        paths.into_iter().map(read).collect()
    }
}

/// The names of those who approve, each once.
///
/// # Errors
/// When one is no name.
pub fn names(given: &[String]) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    for name in given.iter().map(|name| visible(name)) {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(Error::usage(
                "approval-name",
                Message::new(
                    "--approve tar ett namn, högst 200 tecken på en rad: --approve \"Anna Ek, dataskyddsombud\"",
                    "--approve takes a name, at most 200 letters on one line: --approve \"Anna Ek, data protection officer\"",
                ),
            ));
        }
        if !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// That more people must approve a release.
pub fn missing(release: &str, needed: u32, given: usize) -> Error {
    Error::usage(
        "approval-missing",
        Message::new(
            format!(
                "{release}: release.toml begär att {needed} personer godkänner innan budget förbrukas, {given} är angivna; inget drogs. Kör utfall release {release} --approve NAMN, en gång per person"
            ),
            format!(
                "{release}: release.toml asks for {needed} people to approve before budget is spent, {given} are named; nothing was drawn. Run utfall release {release} --approve NAME, once per person"
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_in_order() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(Approval::all(data.path(), "x").unwrap(), []);
        let at = |time| Approval { release: "x".to_owned(), approved: vec!["A".to_owned()], time };
        for time in [9, 100, 20, 9] {
            at(time).keep(data.path()).unwrap();
        }
        assert_eq!(Approval::all(data.path(), "x").unwrap(), [at(9), at(9), at(20), at(100)]);
        std::fs::write(data.path().join("approvals/x/000000000009-000.json"), "{}").unwrap();
        assert_eq!(Approval::all(data.path(), "x").unwrap_err().code(), "approval-unreadable");
    }

    #[test]
    fn one_person_named_twice_is_one() {
        let of = |names: &[&str]| super::names(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["Anna Ek", " anna ek ", "Anna\u{200b} Ek", "Bo Ek"]).unwrap(), ["Anna Ek", "Bo Ek"]);
        for wrong in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(of(&[wrong]).unwrap_err().code(), "approval-name");
        }
    }
}
