//! Which table a list is, and which of its columns is which: by the spellings of the schemas and by what the controller
//! has saved in a mapping, never by guessing.

mod constant;
mod propose;

use std::collections::BTreeMap;
use std::path::Path;

pub use propose::{Fit, Missing, Proposal, propose};
use serde::{Deserialize, Serialize};

use crate::catalogue::schema::headings::{Heading, letters, plain_letters};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::land::accept::said::Said;
use crate::land::finding::{Finding, ValidationRule};
use crate::land::understand::inferred::Inferred;
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::redact::masked;
use utfall_ground::text::{Lang, Message};
use utfall_ground::untrusted;

/// What the controller has said about the headings of a sender's lists; a file that `utfall map` proposes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The table that the lists are.
    pub table: Option<String>,
    /// The projects that the lists report, by their codes or names: what a list of a month replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Whether each list is a part of what its projects report for a month, and replaces nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub part: bool,
    /// Headings that are never read.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Headings and the columns that they are; or a column and, behind an equals sign, the value that it has in every row.
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
    /// The letters of each heading, in order.
    pub letters: Vec<String>,
    /// Per column of the schema, what stands in it in every row, as if the list had said so; empty where nothing does.
    pub constants: Vec<String>,
    /// The positions of columns without a heading, which must be empty.
    pub blank: Vec<usize>,
    /// What was dropped.
    pub findings: Vec<Finding>,
    /// Which heading was read as which column.
    pub inferred: Vec<Inferred>,
}

/// No heading has more bytes, not even one that is a question with its answers: a cell that has is not looked at letter by
/// letter.
const HEADING: usize = 1 << 10;

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
        let text = untrusted::text(path, untrusted::DESCRIPTION).map_err(|e| Error::given(path, e))?;
        // The parser quotes the whole line, and it may be another file than its author thinks.
        let line =
            |e: &toml::de::Error| e.span().and_then(|at| text.get(..at.start)).map_or(1, |before| before.split('\n').count());
        let shown = path.display();
        let told = |e: toml::de::Error| {
            let (at, why) = (line(&e), utfall_ground::toml::said(&e).map(redact::words).map(masked));
            Error::usage(
                "mapping-malformed",
                Message::new(
                    format!(
                        "{shown}, rad {at}: {}; en mappning är TOML med table, projects, part, drop och [columns], se utfall map",
                        why.get(Lang::Sv)
                    ),
                    format!(
                        "{shown}, line {at}: {}; a mapping is TOML with table, projects, part, drop and [columns], see utfall map",
                        why.get(Lang::En)
                    ),
                ),
            )
        };
        let saved: Self = toml::from_str(&text).map_err(told)?;
        let tables: Vec<&TableSchema> = catalogue.private_tables();
        let wrong = |why: Message| {
            let said = |lang| format!("{shown}: {}", masked(&redact::words(why.get(lang))));
            Error::usage("mapping-unusable", Message::new(said(Lang::Sv), said(Lang::En)))
        };
        if let Some(name) = saved.table.as_ref().filter(|name| !tables.iter().any(|t| t.name == **name)) {
            return Err(wrong(Message::new(format!("ingen lista heter `{name}`"), format!("no list is called `{name}`"))));
        }
        let unknown = |name: &&String| catalogue.codes("project").and_then(|list| list.find(name)).is_none();
        if let Some(name) = saved.projects.iter().find(unknown) {
            return Err(wrong(Message::new(
                format!("inget projekt `{name}` i registret"),
                format!("no project `{name}` in the register"),
            )));
        }
        let named = |column: &str| {
            let mut of = tables.iter().filter(|t| saved.table.as_ref().is_none_or(|name| t.name == *name));
            of.any(|t| t.columns.contains_key(column))
        };
        for (heading, column) in &saved.columns {
            if let Some(value) = constant::value(column) {
                constant::check((heading, value), &saved, catalogue).map_err(wrong)?;
            } else if !named(column) {
                return Err(wrong(Message::new(
                    format!("ingen kolumn heter `{column}`"),
                    format!("no column is called `{column}`"),
                )));
            }
        }
        Ok(saved)
    }

    /// What it says of other lists than those of its table: sheets beside them in one workbook.
    pub fn of_others(&self) -> Self {
        let columns = self.columns.iter().filter(|(_, column)| constant::value(column).is_none());
        Self { table: None, columns: columns.map(|(h, c)| (h.clone(), c.clone())).collect(), ..self.clone() }
    }
}

impl Saved {
    /// What it says that the lists report.
    pub fn said(&self, catalogue: &Catalogue) -> Said {
        let list = catalogue.codes("project");
        let mut projects: Vec<i16> = self.projects.iter().filter_map(|name| list?.find(name).map(|entry| entry.id)).collect();
        projects.sort_unstable();
        projects.dedup();
        Said { month: None, projects, part: self.part }
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
        return Err(vec![Finding::of(ValidationRule::NoTable)]);
    }
    let best = candidates.into_iter().max_by_key(|(mapping, broken)| {
        (broken.is_empty(), known(mapping), std::cmp::Reverse(broken.len()), std::cmp::Reverse(mapping.table.name.clone()))
    });
    match best {
        Some((mapping, broken)) if broken.is_empty() => Ok(mapping),
        Some((mapping, broken)) if known(&mapping) > 1 => Err(broken),
        _ => Err(vec![Finding::of(ValidationRule::NoTable)]),
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
        letters: headings.iter().map(|heading| letters(heading)).collect(),
        constants: constant::of(table, saved),
        blank: Vec::new(),
        findings: Vec::new(),
        inferred: Vec::new(),
    };
    for (i, heading) in headings.iter().enumerate() {
        let at = |column: &str, rule: ValidationRule| Finding::row(row, Some(column), rule);
        match meaning(table, heading, saved) {
            Meaning::Column(column) => match mapping.positions.get_mut(column) {
                Some(Some(_)) => broken.push(at(heading, ValidationRule::RepeatedColumn)),
                Some(slot) => {
                    *slot = Some(i);
                    mapping.name(column, heading);
                }
                None => {}
            },
            Meaning::Consent if mapping.consent.is_some() => broken.push(at(heading, ValidationRule::RepeatedColumn)),
            Meaning::Consent => {
                mapping.consent = Some(i);
                mapping.headings.push(heading.clone());
            }
            Meaning::Dropped => mapping.findings.push(at(&place(i), ValidationRule::DroppedColumn)),
            Meaning::Personal => broken.push(at(&place(i), ValidationRule::PersonalColumn)),
            // A column without a heading is none, if its fields are empty: the mark of a trailing separator.
            Meaning::Unknown if heading.is_empty() => mapping.blank.push(i),
            Meaning::Unknown => broken.push(at(&place(i), ValidationRule::UnknownColumn)),
        }
    }
    for ((position, constant), (name, column)) in mapping.positions.iter().zip(&mapping.constants).zip(&table.columns) {
        let given = (project_given && name == "project") || !constant.is_empty();
        if position.is_none() && column.required && !given {
            broken.push(Finding::of(ValidationRule::MissingColumn(spelled(table, name).to_owned())));
        }
        if let Some(position) = position.filter(|_| !constant.is_empty()) {
            broken.push(Finding::row(row, Some(&place(position)), ValidationRule::ConstantColumn));
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

/// The column of which a heading is a spelling.
pub fn column(table: &TableSchema, heading: &str) -> Option<usize> {
    if let Meaning::Column(column) = meaning(table, heading, &Saved::default()) { Some(column) } else { None }
}

/// The first spelling of a column's heading.
fn spelled<'a>(table: &'a TableSchema, name: &'a str) -> &'a str {
    table.delivery.headers.get(name).and_then(|s| s.first()).map_or(name, String::as_str)
}

/// What a heading is: the saved mapping goes before the schema. Letters whose marks were lost on the way (`Alder`, `Kon`) are
/// read where only one thing can be meant.
fn meaning(table: &TableSchema, heading: &str, saved: &Saved) -> Meaning {
    if heading.len() > HEADING {
        return Meaning::Unknown;
    }
    let exact = letters(heading);
    if exact.is_empty() {
        return Meaning::Unknown;
    }
    let known = said(table, saved, |other| letters(other) == exact);
    let known = known.or_else(|| of_schema(table.headings.exact(&exact)));
    let plain = || {
        let plain = plain_letters(heading);
        let known = said(table, saved, |other| plain_letters(other) == plain);
        known.or_else(|| of_schema(table.headings.plain(&plain)))
    };
    known.or_else(plain).unwrap_or(Meaning::Unknown)
}

/// What a saved mapping says of a heading.
fn said(table: &TableSchema, saved: &Saved, is: impl Fn(&str) -> bool) -> Option<Meaning> {
    if saved.drop.iter().any(|heading| is(heading)) {
        return Some(Meaning::Dropped);
    }
    let (_, column) = saved.columns.iter().find(|(heading, _)| is(heading))?;
    table.columns.get_index_of(column).map(Meaning::Column)
}

fn of_schema(known: Option<Heading>) -> Option<Meaning> {
    match known? {
        Heading::Column(column) => Some(Meaning::Column(column)),
        Heading::Consent => Some(Meaning::Consent),
        Heading::Personal => Some(Meaning::Personal),
        Heading::Several => None,
    }
}

/// Which column of its table a cell of a list names, if it is a heading; none of them in particular, if it is a heading of
/// something else in the list.
pub fn headed(mapping: &Mapping<'_>, cell: &str) -> Option<Option<usize>> {
    if cell.len() > 100 {
        return None;
    }
    let letters = letters(cell);
    if letters.is_empty() {
        return None;
    }
    let own = mapping.letters.iter().position(|own| *own == letters);
    let column = own.map(|at| mapping.positions.iter().position(|position| *position == Some(at)));
    column.or_else(|| match mapping.table.headings.exact(&letters)? {
        Heading::Column(column) => Some(Some(column)),
        Heading::Consent | Heading::Several => Some(None),
        Heading::Personal => None,
    })
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

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(place), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
