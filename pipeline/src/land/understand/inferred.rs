//! What a list does not say and what was told from what it holds: a reader of it can see that it was read as it was meant.

use serde::Serialize;

use crate::land::accept::month::Month;
use utfall_ground::redact::masked;
use utfall_ground::text::Lang;

/// One thing that the file does not say and that was told from what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inferred {
    /// The encoding, by its name.
    Encoding(&'static str),
    /// What separates the columns.
    Separator(char),
    /// The row of the headings.
    HeadingRow(u64),
    /// Which column a heading means.
    Column {
        /// The heading as written.
        heading: String,
        /// The column of the schema.
        column: String,
    },
    /// The month that the file reports.
    Month(Month),
    /// The project of all its rows, by its code.
    Project(String),
}

/// An inference in two parts, as machines read it.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    value: String,
}

impl Inferred {
    pub(crate) fn told(&self) -> Told {
        let plain = |what, value: String| Told { what, heading: None, value };
        match self {
            Self::Encoding(name) => plain("encoding", (*name).to_owned()),
            Self::Separator(c) => plain("separator", c.to_string()),
            Self::HeadingRow(row) => plain("heading-row", row.to_string()),
            Self::Column { heading, column } => Told { what: "column", heading: Some(masked(heading)), value: column.clone() },
            Self::Month(month) => plain("month", month.to_string()),
            Self::Project(code) => plain("project", code.clone()),
        }
    }

    /// What it is about, and what it was taken for.
    pub(crate) fn parts(&self, lang: Lang) -> [String; 2] {
        let label = |sv: &str, en: &str| lang.pick(sv, en).to_owned();
        match self {
            Self::Encoding(name) => [label("Teckenkodning", "Encoding"), (*name).to_owned()],
            Self::Separator(c) => [label("Skiljetecken", "Separator"), separator(*c, lang)],
            Self::HeadingRow(row) => [label("Rubrikernas rad", "Row of the headings"), row.to_string()],
            Self::Column { heading, column } => {
                [format!("{}: {}", lang.pick("Kolumn", "Column"), masked(heading)), column.clone()]
            }
            Self::Month(month) => [label("Månad", "Month"), month.to_string()],
            Self::Project(code) => [label("Projekt", "Project"), code.clone()],
        }
    }
}

impl Inferred {
    /// As short as it is understood in a line of several.
    pub fn shown(&self, lang: Lang) -> String {
        match self {
            Self::Encoding(name) => (*name).to_owned(),
            Self::Separator(c) => separator(*c, lang),
            Self::HeadingRow(row) => format!("{} {row}", lang.pick("rubriker på rad", "headings on row")),
            Self::Column { heading, column } => format!("{} = {column}", masked(heading)),
            Self::Month(month) => format!("{} {month}", lang.pick("månad", "month")),
            Self::Project(code) => format!("{} {code}", lang.pick("projekt", "project")),
        }
    }
}

fn separator(c: char, lang: Lang) -> String {
    match c {
        ';' => lang.pick("semikolon", "semicolon").to_owned(),
        ',' => lang.pick("komma", "comma").to_owned(),
        '\t' => lang.pick("tabb", "tab").to_owned(),
        other => masked(&other.to_string()),
    }
}
