//! That numbers of a query look like those of another release's table and are others, as its author says in the front matter: a reader
//! who meets both is told why, with a link.

use std::path::Path;

use serde::Deserialize;

use super::spec::{QuotedTable, formats, is_name, read_query};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::{Message, Text};

/// That numbers look like those of another table and are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// The other table.
    pub from: QuotedTable,
    /// What people call it; none if its release is not here.
    pub title: Option<Text>,
    /// Whether its release has pages.
    pub has_pages: bool,
    /// Why its numbers are others, and which are the better ones for what.
    pub why: Text,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiffersFile {
    from: String,
    sv: String,
    en: String,
}

impl DiffersFile {
    /// Its title is that of the query, which is read later.
    pub(super) fn differs(self) -> Result<Differs, Message> {
        let (release, table) =
            self.from.split_once('.').filter(|(release, table)| is_name(release) && is_name(table)).ok_or_else(|| {
                Message::new(
                    format!("`differs` nämner en tabell som \"release.tabell\", inte `{}`", masked(&self.from)),
                    format!("`differs` names a table as \"release.table\", not `{}`", masked(&self.from)),
                )
            })?;
        let (from, why) =
            (QuotedTable { release: release.to_owned(), table: table.to_owned() }, Text { sv: self.sv, en: self.en });
        Ok(Differs { from, title: None, has_pages: false, why })
    }
}

impl Differs {
    /// That numbers of a file are others than those of a table, with the title of that if its release is here.
    pub(super) fn titled(self, folder_of_all: &Path, file: &str) -> Result<Self, Error> {
        let QuotedTable { release, table } = &self.from;
        let folder = folder_of_all.join(release);
        let home = durable::folder(folder_of_all);
        let Some(formats) = formats(home, &folder) else { return Ok(self) };
        let path = folder.join(format!("{table}.sql"));
        let other = read_query(home, &path, release).map_err(|_| {
            let why = Message::new(
                format!("`differs` nämner {release}.{table}; {} går inte att läsa", path.display()),
                format!("`differs` names {release}.{table}; {} cannot be read", path.display()),
            );
            Error::usage("query-file", why.after(format!("{file}: ")))
        })?;
        Ok(Differs { title: Some(other.title), has_pages: formats.iter().any(|format| format == "html"), ..self })
    }
}
