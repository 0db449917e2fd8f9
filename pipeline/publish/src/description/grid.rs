//! The grid of a table whose cells the release names itself.

use std::collections::BTreeSet;

use crate::description::SEPARATOR;
use crate::{Code, DeriveError, KeyColumn, MISSING, Measured, TOTAL, TableDescription};
use utfall_ground::text::Text;

/// The description with its grid: as it stands where the grid is public, otherwise with the cells that the release names,
/// and with the codes among them that no list has.
pub(crate) fn named(table: &TableDescription, vectors: &[Measured<'_>]) -> Result<TableDescription, DeriveError> {
    let mut named = vectors.iter().filter_map(|vector| vector.keys);
    let (first, mut rest) = (named.next(), named);
    match (table.private_keys, first) {
        (false, None) => return Ok(table.clone()),
        (false, Some(_)) => return table.wrong("the release names cells of a public grid"),
        (true, None) => return table.wrong("the release does not name its cells"),
        (true, Some(keys)) if rest.any(|other| other != keys) => return table.wrong("its vectors name different cells"),
        (true, Some(_)) => {}
    }
    let cells: Vec<Vec<&str>> = first.unwrap_or_default().iter().map(|key| split(key, table.keys.len())).collect();
    if cells.iter().any(|cell| cell.len() != table.keys.len()) {
        return table.wrong("a cell that the release names has not one code per key");
    }
    if cells.iter().collect::<BTreeSet<_>>().len() != cells.len() {
        return table.wrong("the release names a cell twice");
    }
    let mut filled = table.clone();
    for (index, key) in filled.keys.iter_mut().enumerate() {
        extend(key, cells.iter().filter_map(|cell| cell.get(index).copied()));
    }
    let places: Vec<_> = filled.keys.iter().map(KeyColumn::places).collect();
    let indexes =
        |cell: &Vec<&str>| places.iter().zip(cell).map(|(places, code)| places.get(*code).copied()).collect::<Option<_>>();
    let Some(grid) = cells.iter().map(indexes).collect() else { return table.wrong("a key has more than 65,536 codes") };
    filled.cells = grid;
    Ok(filled)
}

/// The codes of a cell; a table without keys has one cell, named by nothing.
fn split(key: &str, keys: usize) -> Vec<&str> {
    if keys == 0 && key.is_empty() { Vec::new() } else { key.split(SEPARATOR).collect() }
}

/// Adds the codes that are not listed, sorted, with what is missing and the total last.
fn extend<'a>(key: &mut KeyColumn, found: impl Iterator<Item = &'a str>) {
    let listed: BTreeSet<String> = key.codes.iter().map(|code| code.code.clone()).collect();
    let new: BTreeSet<&str> = found.filter(|code| !listed.contains(*code)).collect();
    let (special, plain): (Vec<&str>, Vec<&str>) = new.into_iter().partition(|code| [MISSING, TOTAL].contains(code));
    key.codes.extend(plain.into_iter().chain(special).map(|code| Code { code: code.to_owned(), label: label(code) }));
}

/// A code that no list has is its own label.
fn label(code: &str) -> Text {
    let (sv, en) = match code {
        MISSING => ("Uppgift saknas", "Not stated"),
        TOTAL => ("Alla", "All"),
        other => (other, other),
    };
    Text { sv: sv.to_owned(), en: en.to_owned() }
}
