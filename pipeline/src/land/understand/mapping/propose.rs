//! What `utfall map` proposes: which table a list may be, what each heading is, and what is left for the controller to say.

use std::cmp::Reverse;

use super::{Meaning, Saved, meaning, spelled};
use crate::catalogue::schema::{Catalogue, Column, Kind, TableSchema};
use crate::land::finding::{Finding, ValidationRule};
use utfall_ground::text::Text;

/// What is proposed for the headings of a list.
#[derive(Debug)]
pub struct Proposal {
    /// The mapping. It names no table where several fit as well, or none.
    pub mapping: Saved,
    /// Headings that are left for the controller to decide.
    pub open: Vec<String>,
    /// Columns for breakdowns that the list lacks: there, all its people count as not stated.
    pub lacking: Vec<String>,
    /// The tables that fit best; every one where none does.
    pub fits: Vec<Fit>,
}

/// A table that a list may be.
#[derive(Debug)]
pub struct Fit {
    /// Its name.
    pub table: String,
    /// What people call it.
    pub title: Text,
    /// The headings of what it requires.
    pub required: Vec<String>,
    /// What the list lacks of that.
    pub missing: Vec<Missing>,
}

/// A required column that a list lacks.
#[derive(Debug)]
pub struct Missing {
    /// Its heading in most lists.
    pub heading: String,
    /// Its name.
    pub column: String,
    /// How a value may be said for all rows; none where each row must have its own.
    pub example: Option<String>,
}

/// A mapping for headings as they are: what is known as it is known, personal columns dropped, and unknown ones left for
/// the controller to decide. The table is the one of which most required columns are there, then the one that knows most
/// headings, then the one that lacks least; where that is several, it is the controller's to say.
///
/// # Errors
/// When there is no table.
pub fn propose(headings: &[String], catalogue: &Catalogue, saved: &Saved) -> Result<Proposal, Finding> {
    let tables = catalogue.private_tables();
    let rank = |table: &TableSchema| {
        let known = known(table, headings, saved);
        let required = |i: &&usize| table.columns.get_index(**i).is_some_and(|(_, column)| column.required);
        (known.iter().filter(required).count(), known.len(), Reverse(missing(table, &known).count()))
    };
    let best = tables.iter().map(|table| rank(table)).max().ok_or_else(|| Finding::of(ValidationRule::NoTable))?;
    // Of headings that no schema knows, none tells the table.
    let fits: Vec<&TableSchema> = tables.into_iter().filter(|table| best.1 == 0 || rank(table) == best).collect();
    let (mut mapping, mut open) = (Saved::default(), Vec::new());
    for heading in headings.iter().filter(|heading| !heading.is_empty()) {
        let meanings: Vec<Meaning> = fits.iter().map(|table| meaning(table, heading, saved)).collect();
        let mut columns = fits.iter().zip(&meanings).map(|(table, meaning)| match meaning {
            Meaning::Column(column) => table.columns.get_index(*column).map(|(name, _)| name),
            _ => None,
        });
        let first = columns.next().flatten();
        if let Some(name) = first.filter(|name| columns.all(|other| other == Some(*name))) {
            mapping.columns.insert(heading.clone(), name.clone());
        } else if meanings.iter().all(|meaning| matches!(meaning, Meaning::Personal | Meaning::Dropped)) {
            mapping.drop.push(heading.clone());
        } else if meanings.iter().all(|meaning| matches!(meaning, Meaning::Unknown | Meaning::Personal | Meaning::Dropped)) {
            open.push(heading.clone());
        }
    }
    let only = if let [only] = fits.as_slice() { Some(*only) } else { None };
    mapping.table = only.map(|table| table.name.clone());
    let lacking = |(name, column): (&String, &Column)| {
        let lacks = column.breakdown && column.derive.is_none() && !mapping.columns.values().any(|known| known == name);
        only.filter(|_| lacks).map(|table| spelled(table, name).to_owned())
    };
    let lacking = only.iter().flat_map(|table| &table.columns).filter_map(lacking).collect();
    let fits = fits.into_iter().map(|table| fit(table, &known(table, headings, saved), catalogue)).collect();
    Ok(Proposal { mapping, open, lacking, fits })
}

/// The columns of a table that headings are, each once.
fn known(table: &TableSchema, headings: &[String], saved: &Saved) -> Vec<usize> {
    let column =
        |heading: &String| if let Meaning::Column(column) = meaning(table, heading, saved) { Some(column) } else { None };
    let mut known: Vec<usize> = headings.iter().filter_map(column).collect();
    known.sort_unstable();
    known.dedup();
    known
}

/// The required columns that are not known.
fn missing<'t>(table: &'t TableSchema, known: &[usize]) -> impl Iterator<Item = (&'t String, &'t Column)> {
    let columns = table.columns.iter().enumerate();
    columns.filter(|(i, (_, column))| column.required && !known.contains(i)).map(|(_, column)| column)
}

fn fit(table: &TableSchema, known: &[usize], catalogue: &Catalogue) -> Fit {
    let heading = |name: &String| spelled(table, name).to_owned();
    Fit {
        table: table.name.clone(),
        title: table.title.clone(),
        required: table.columns.iter().filter(|(_, column)| column.required).map(|(name, _)| heading(name)).collect(),
        missing: missing(table, known)
            .map(|(name, column)| Missing { heading: heading(name), column: name.clone(), example: example(column, catalogue) })
            .collect(),
    }
}

/// A value of a column, as a mapping says it.
fn example(column: &Column, catalogue: &Catalogue) -> Option<String> {
    let value = match column.kind {
        Kind::Identity => return None,
        Kind::Date => "2021-01-15".to_owned(),
        Kind::Boolean => "ja".to_owned(),
        Kind::Integer => column.minimum.unwrap_or_default().to_string(),
        Kind::String => catalogue.codes_of(column)?.entries.first()?.code.clone(),
    };
    Some(format!("={value}"))
}
