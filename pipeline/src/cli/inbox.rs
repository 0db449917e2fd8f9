//! What lies in an inbox: the files that land, and those that a declared pattern leaves aside.
//!
//! Without a pattern everything is taken for a list, and what is none is rejected by name: a list that nobody read would be people
//! whom nobody counts, behind an exit code of 0. So only a pattern that the operator declared leaves anything aside, and each file is
//! told, one that may be a list with a warning. Start reading at [`Inbox::look`].

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::Serialize;

use super::summary;
use super::terminal::Terminal;
use utfall_ground::error::{Error, system};
use utfall_ground::redact::shown;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;

/// How the names of files end that landing can read.
const LISTS: [&str; 9] = ["csv", "tsv", "tab", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods"];

/// What office programs, file managers and file systems leave beside lists.
const LEFT: [&str; 7] =
    ["thumbs.db", "desktop.ini", "lost+found", "__macosx", "@eadir", "$recycle.bin", "system volume information"];

/// What lies in an inbox, in order of names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inbox {
    /// What lands.
    pub(super) files: Vec<PathBuf>,
    /// What the pattern left aside.
    pub(super) left_aside: Vec<PathBuf>,
}

/// Patterns of names of files: `*.csv`, `progress-????-??.xlsx`. Capital and small letters are the same.
///
/// # Errors
/// When one is none, or none of a file in the inbox itself.
pub(super) fn patterns(written: &[String]) -> Result<Vec<Pattern>, Message> {
    let pattern = |text: &String| {
        let pattern = Pattern::new(&text.to_lowercase()).ok().filter(|_| !text.is_empty() && !text.contains('/'));
        pattern.ok_or_else(|| {
            Message::new(
                format!("`{text}` är inget mönster för filnamn; skriv till exempel *.csv"),
                format!("`{text}` is no pattern of file names; write for example *.csv"),
            )
        })
    };
    written.iter().map(pattern).collect()
}

impl Inbox {
    /// What lies in a folder; what is hidden, and what programs leave everywhere, is none of ours. A folder, a pipe, or a link that leads
    /// nowhere is never left aside, since lists may be behind it: landing rejects it by name, and no release is paid for without it.
    ///
    /// # Errors
    /// When the folder cannot be read, or a pattern is none.
    pub(super) fn look(folder: &Path, written: &[String]) -> Result<Self, Error> {
        let patterns = patterns(written).map_err(|why| Error::usage("pattern", why))?;
        let unreadable = |e: std::io::Error| {
            let (why, folder) = (system(&e), shown(folder));
            Error::usage(
                "inbox",
                Message::new(
                    format!("kan inte läsa inkorgen {folder}: {}", why.get(Sv)),
                    format!("cannot read the inbox {folder}: {}", why.get(En)),
                ),
            )
        };
        let options = MatchOptions { case_sensitive: false, ..MatchOptions::new() };
        let mut inbox = Self::default();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
            if name.starts_with(['.', '~']) || LEFT.contains(&name.as_str()) {
                continue;
            }
            let is_meant = patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches_with(&name, options));
            match is_meant || !path.is_file() {
                true => inbox.files.push(path),
                false => inbox.left_aside.push(path),
            }
        }
        inbox.files.sort();
        inbox.left_aside.sort();
        Ok(inbox)
    }

    /// Tells what was left aside, each by its name.
    pub(super) fn tell(&self, terminal: Terminal) {
        #[derive(Serialize)]
        struct LeftAside {
            file: String,
            may_be_list: bool,
        }
        for path in &self.left_aside {
            let (file, may_be_list) = (shown(path), may_be_list(path));
            if may_be_list {
                terminal.warn(
                    "list-left-aside",
                    Message::new(
                        format!("{file} passar inte inkorgens mönster och landade inte; är det en lista räknas ingen i den"),
                        format!("{file} does not fit the pattern of the inbox and did not land; if it is a list, nobody in it is counted"),
                    ),
                );
            } else {
                terminal.aside(
                    "left-aside",
                    &Message::new(
                        format!("{file} passar inte inkorgens mönster och lämnades därhän"),
                        format!("{file} does not fit the pattern of the inbox and was left aside"),
                    ),
                );
            }
            summary::push("left_aside", LeftAside { file, may_be_list });
        }
    }
}

/// Whether landing could read a file, by its name.
fn may_be_list(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_none_or(|ending| LISTS.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_declared_pattern_leaves_files_aside_and_never_what_lists_may_be_behind() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.csv", "B.CSV", "c.xlsx", "README.md", ".hidden", "Thumbs.db", "ÅRET.CSV"] {
            std::fs::write(at(name), "").unwrap();
        }
        std::fs::create_dir(at("more")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dead")).unwrap();
        let look = |patterns: &[&str]| {
            let written: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
            let Inbox { files, left_aside } = Inbox::look(folder.path(), &written).unwrap();
            [files, left_aside].map(|all| {
                all.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
            })
        };
        assert_eq!(look(&[]), ["B.CSV README.md a.csv c.xlsx dead more ÅRET.CSV", ""]);
        assert_eq!(look(&["*.csv"]), ["B.CSV a.csv dead more ÅRET.CSV", "README.md c.xlsx"]);
        assert_eq!(look(&["å*", "?.xls*"]), ["c.xlsx dead more ÅRET.CSV", "B.CSV README.md a.csv"]);
        assert!(["a.TSV", "list", "b.ods"].iter().all(|name| may_be_list(Path::new(name))));
        assert!(!may_be_list(Path::new("README.md")));
        for wrong in ["", "[", "more/*.csv"] {
            assert!(patterns(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
