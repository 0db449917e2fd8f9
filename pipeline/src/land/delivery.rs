//! Which table a list is, and which of its columns is which: by the spellings of the schemas and by what the controller
//! has saved in a mapping, never by guessing.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Rule};
use super::report::Inferred;
use crate::error::Error;
use crate::language::say;
use crate::schema::{Catalogue, Column, TableSchema};

/// What the controller has said about the headings of a sender's lists; a file that `utfall map` proposes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The table that the lists are.
    pub table: Option<String>,
    /// Headings that are never read.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Headings and the columns that they are.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

/// How a list's columns map to a table.
#[derive(Debug, Clone)]
pub struct Mapping<'a> {
    /// The table.
    pub table: &'a TableSchema,
    /// Per column of the schema, its position in the list.
    pub positions: Vec<Option<usize>>,
    /// Per column of the schema, its heading as written, else its first spelling; last that of the consent, if it has one.
    pub headings: Vec<String>,
    /// The position of the column that says whether the person consents.
    pub consent: Option<usize>,
    /// How many fields a row has.
    pub width: usize,
    /// The positions of columns without a heading, which must be empty.
    pub blank: Vec<usize>,
    /// What was dropped.
    pub findings: Vec<Finding>,
    /// Which heading was read as which column.
    pub inferred: Vec<Inferred>,
}

/// What a heading is to a table.
enum Meaning {
    Column(usize),
    Consent,
    Dropped,
    Personal,
    Unknown,
}

impl Saved {
    /// Reads a mapping.
    ///
    /// # Errors
    /// Names what is wrong in it: its author wrote it, so the message may quote it.
    pub fn read(path: &Path, catalogue: &Catalogue) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::reading(path, &e))?;
        let saved: Self = toml::from_str(&text).map_err(|e| Error::usage(format!("{}: {e}", path.display())))?;
        let tables: Vec<&TableSchema> = catalogue.private_tables();
        let wrong = |sv: String, en: String| Error::usage(format!("{}: {}", path.display(), say(sv, en)));
        if let Some(name) = saved.table.as_ref().filter(|name| !tables.iter().any(|t| t.name == **name)) {
            return Err(wrong(format!("ingen lista heter `{name}`"), format!("no list is called `{name}`")));
        }
        let named = |column: &str| {
            let mut of = tables.iter().filter(|t| saved.table.as_ref().is_none_or(|name| t.name == *name));
            of.any(|t| t.columns.contains_key(column))
        };
        match saved.columns.values().find(|column| !named(column)) {
            Some(column) => Err(wrong(format!("ingen kolumn heter `{column}`"), format!("no column is called `{column}`"))),
            None => Ok(saved),
        }
    }
}

/// Whether any table, or the saved mapping, knows a heading.
pub fn is_known(heading: &str, catalogue: &Catalogue, saved: &Saved) -> bool {
    if heading.is_empty() || !heading.chars().any(char::is_alphabetic) {
        return false;
    }
    let mut tables = catalogue.private_tables().into_iter();
    tables.any(|table| matches!(meaning(table, heading, saved), Meaning::Column(_) | Meaning::Consent))
}

/// Finds the one table whose columns the headings are. `project_given` says that the project need not be a column.
///
/// # Errors
/// The findings for which the list is rejected. An unknown heading is named by its position: where a list has no headings
/// at all, its first row is somebody's data.
pub fn map<'a>(
    headings: &[String],
    row: u64,
    catalogue: &'a Catalogue,
    saved: &Saved,
    project_given: bool,
) -> Result<Mapping<'a>, Vec<Finding>> {
    let tables = catalogue.private_tables().into_iter().filter(|t| saved.table.as_ref().is_none_or(|name| t.name == *name));
    let candidates: Vec<(Mapping<'a>, Vec<Finding>)> = tables.map(|t| fit(t, headings, row, saved, project_given)).collect();
    let known = |m: &Mapping<'_>| m.positions.iter().flatten().count();
    if candidates.iter().filter(|(_, broken)| broken.is_empty()).count() > 1 {
        return Err(vec![Finding::of(Rule::NoTable)]);
    }
    let best = candidates.into_iter().max_by_key(|(mapping, broken)| {
        (broken.is_empty(), known(mapping), std::cmp::Reverse(broken.len()), std::cmp::Reverse(mapping.table.name.clone()))
    });
    match best {
        Some((mapping, broken)) if broken.is_empty() => Ok(mapping),
        Some((mapping, broken)) if known(&mapping) > 1 => Err(broken),
        _ => Err(vec![Finding::of(Rule::NoTable)]),
    }
}

fn fit<'a>(
    table: &'a TableSchema,
    headings: &[String],
    row: u64,
    saved: &Saved,
    project_given: bool,
) -> (Mapping<'a>, Vec<Finding>) {
    let mut broken = Vec::new();
    let mut mapping = Mapping {
        table,
        positions: vec![None; table.columns.len()],
        headings: table.columns.keys().map(|name| spelled(table, name).to_owned()).collect(),
        consent: None,
        width: headings.len(),
        blank: Vec::new(),
        findings: Vec::new(),
        inferred: Vec::new(),
    };
    for (i, heading) in headings.iter().enumerate() {
        let at = |column: &str, rule: Rule| Finding::row(row, Some(column), rule);
        match meaning(table, heading, saved) {
            Meaning::Column(column) => match mapping.positions.get_mut(column) {
                Some(Some(_)) => broken.push(at(heading, Rule::RepeatedColumn)),
                Some(slot) => {
                    *slot = Some(i);
                    mapping.name(column, heading);
                }
                None => {}
            },
            Meaning::Consent => {
                mapping.consent = Some(i);
                mapping.headings.push(heading.clone());
            }
            Meaning::Dropped => mapping.findings.push(at(&place(i), Rule::DroppedColumn)),
            Meaning::Personal => broken.push(at(&place(i), Rule::PersonalColumn)),
            // A column without a heading is none, if its fields are empty: the mark of a trailing separator.
            Meaning::Unknown if heading.is_empty() => mapping.blank.push(i),
            Meaning::Unknown => broken.push(at(&place(i), Rule::UnknownColumn)),
        }
    }
    for (position, (name, column)) in mapping.positions.iter().zip(&table.columns) {
        let given = project_given && name == "project";
        if position.is_none() && column.required && !given {
            broken.push(Finding::of(Rule::MissingColumn(spelled(table, name).to_owned())));
        }
    }
    (mapping, broken)
}

impl Mapping<'_> {
    fn name(&mut self, column: usize, heading: &str) {
        if let (Some(slot), Some((name, _))) = (self.headings.get_mut(column), self.table.columns.get_index(column)) {
            heading.clone_into(slot);
            self.inferred.push(Inferred::Column { heading: heading.to_owned(), column: name.clone() });
        }
    }
}

/// The first spelling of a column's heading.
fn spelled<'a>(table: &'a TableSchema, name: &'a str) -> &'a str {
    table.delivery.headers.get(name).and_then(|s| s.first()).map_or(name, String::as_str)
}

/// What a heading is: the saved mapping goes before the schema.
fn meaning(table: &TableSchema, heading: &str, saved: &Saved) -> Meaning {
    let wanted = spelling(heading);
    let is = |other: &String| spelling(other) == wanted;
    if wanted.is_empty() {
        return Meaning::Unknown;
    }
    if saved.drop.iter().any(is) {
        return Meaning::Dropped;
    }
    let told = saved.columns.iter().find(|(heading, _)| is(heading)).and_then(|(_, column)| table.columns.get_index_of(column));
    let spelt = || {
        table
            .columns
            .keys()
            .position(|name| spelling(name) == wanted || table.delivery.headers.get(name).is_some_and(|s| s.iter().any(is)))
    };
    match told.or_else(spelt) {
        Some(column) => Meaning::Column(column),
        None if table.delivery.consent.as_ref().is_some_and(|consent| consent.headers.iter().any(is)) => Meaning::Consent,
        None if table.delivery.personal.iter().any(is) => Meaning::Personal,
        None => Meaning::Unknown,
    }
}

/// Letters and digits in lower case: spaces and punctuation do not matter in headings.
fn spelling(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A column's position as a spreadsheet names it: A, B, … Z, AA.
pub fn place(index: usize) -> String {
    let mut name = String::new();
    let mut rest = index;
    loop {
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        name.insert(0, char::from(b'A' + letter));
        if rest < 26 {
            return name;
        }
        rest = rest / 26 - 1;
    }
}

/// What is proposed for the headings of a list.
#[derive(Debug)]
pub struct Proposal {
    /// The mapping.
    pub mapping: Saved,
    /// Headings that are left for the controller to decide.
    pub open: Vec<String>,
    /// Columns for breakdowns that the list lacks: there, all its people count as not stated.
    pub lacking: Vec<String>,
}

/// A mapping for headings as they are: what is known as it is known, personal columns dropped, and unknown ones left for
/// the controller to decide.
///
/// # Errors
/// When the headings cannot be told from somebody's data.
pub fn propose(headings: &[String], catalogue: &Catalogue, saved: &Saved) -> Result<Proposal, Finding> {
    let best = catalogue.private_tables().into_iter().max_by_key(|table| {
        headings.iter().filter(|heading| matches!(meaning(table, heading, saved), Meaning::Column(_))).count()
    });
    let table = best.ok_or_else(|| Finding::of(Rule::NoTable))?;
    let mut proposed = Saved { table: Some(table.name.clone()), ..Saved::default() };
    let mut open = Vec::new();
    for heading in headings.iter().filter(|heading| !heading.is_empty()) {
        match meaning(table, heading, saved) {
            Meaning::Column(column) => {
                let name = table.columns.get_index(column).map(|(name, _)| name.clone()).unwrap_or_default();
                proposed.columns.insert(heading.clone(), name);
            }
            Meaning::Personal | Meaning::Dropped => proposed.drop.push(heading.clone()),
            Meaning::Consent => {}
            Meaning::Unknown => open.push(heading.clone()),
        }
    }
    // Of headings that no schema knows, none tells the table: that is the controller's to say too.
    if proposed.columns.is_empty() {
        return Ok(Proposal { mapping: Saved { table: None, ..proposed }, open, lacking: Vec::new() });
    }
    let lacking = |(name, column): (&String, &Column)| {
        let missing = column.breakdown && column.derive.is_none() && !proposed.columns.values().any(|known| known == name);
        missing.then(|| spelled(table, name).to_owned())
    };
    let lacking = table.columns.iter().filter_map(lacking).collect();
    Ok(Proposal { mapping: proposed, open, lacking })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(place), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
