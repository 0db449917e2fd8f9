//! The published grid: all cells that a table has, known before any data is read.
//!
//! # Privacy
//! Every value in the grid comes from a code list, a declared type or a public table. So the set of published cells says
//! nothing about anybody: a cell without people is published too, with noise around zero.

use std::collections::HashMap;

use super::check::{Accepted, Origin, Output};
use super::refusal::Rule;
use crate::derive::description::{Code, KeyColumn, MISSING};
use crate::schema::{Catalogue, Kind};
use crate::text::Text;

/// More cells than this in one table are refused.
pub(super) const MOST_CELLS: usize = 200_000;

/// The rows of one public scan that pass its conditions: per row, the value of each asked column as text.
pub(crate) type PublicRows = Vec<Vec<Option<String>>>;

/// The keys of a table and its cells in the order of publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// The key columns in the order of SELECT.
    pub keys: Vec<KeyColumn>,
    /// Per cell, the index into each key's codes.
    pub cells: Vec<Vec<u16>>,
}

impl Grid {
    /// Finds a cell by its codes (`None` for NULL).
    pub(crate) fn index(&self) -> CellIndex<'_> {
        let codes = self.keys.iter().map(|k| k.codes.iter().enumerate().map(|(i, c)| (c.code.as_str(), i)).collect());
        let cells = self.cells.iter().enumerate().map(|(i, cell)| (cell.as_slice(), i));
        CellIndex { codes: codes.collect(), cells: cells.collect() }
    }
}

/// A lookup from codes to cells.
#[derive(Debug)]
pub(crate) struct CellIndex<'a> {
    codes: Vec<HashMap<&'a str, usize>>,
    cells: HashMap<&'a [u16], usize>,
}

impl CellIndex<'_> {
    /// The cell of these codes; `None` if they lie outside the grid.
    pub(crate) fn find(&self, row: &[Option<&str>]) -> Option<usize> {
        let cell: Option<Vec<u16>> = self
            .codes
            .iter()
            .zip(row)
            .map(|(codes, code)| codes.get(code.unwrap_or(MISSING)).and_then(|i| u16::try_from(*i).ok()))
            .collect();
        self.cells.get(cell?.as_slice()).copied()
    }
}

/// Builds the grid of an accepted query. `rows` answers for the i-th public scan with the given columns.
///
/// # Errors
/// [`Rule::Key`] for a key without a public list, [`Rule::Cells`] for a grid beyond the limit.
pub fn grid(
    accepted: &Accepted,
    catalogue: &Catalogue,
    rows: impl Fn(usize, &[String]) -> Option<PublicRows>,
) -> Result<Grid, Rule> {
    let keys: Vec<(&String, &Origin)> = accepted
        .output
        .iter()
        .filter_map(|o| if let Output::Key(name, origin) = o { Some((name, origin)) } else { None })
        .collect();
    // Independent factors: each private key alone, the keys of one public scan together. A factor is the positions of
    // its keys and the combinations of codes that occur.
    let mut factors: Vec<(Vec<usize>, Vec<Vec<u16>>)> = Vec::new();
    let mut columns: Vec<Option<KeyColumn>> = vec![None; keys.len()];
    for (position, (name, origin)) in keys.iter().enumerate() {
        if origin.public.is_none() {
            let column = private_key(name, origin, catalogue)?;
            factors.push((vec![position], (0..index(column.codes.len())?).map(|i| vec![i]).collect()));
            if let Some(slot) = columns.get_mut(position) {
                *slot = Some(column);
            }
        }
    }
    for scan in 0..accepted.public.len() {
        let mine: Vec<usize> = (0..keys.len()).filter(|p| keys.get(*p).is_some_and(|(_, o)| o.public == Some(scan))).collect();
        if mine.is_empty() {
            continue;
        }
        let asked: Vec<String> = mine.iter().filter_map(|p| keys.get(*p).map(|(_, o)| o.column.clone())).collect();
        let rows = rows(scan, &asked).ok_or_else(|| Rule::Key(asked.join(", ")))?;
        let (found, combinations) = public_keys(&mine, &keys, &rows, catalogue)?;
        for (position, column) in mine.iter().zip(found) {
            if let Some(slot) = columns.get_mut(*position) {
                *slot = Some(column);
            }
        }
        factors.push((mine, combinations));
    }
    let keys: Option<Vec<KeyColumn>> = columns.into_iter().collect();
    let keys = keys.ok_or_else(|| Rule::Key("?".into()))?;
    Ok(Grid { cells: product(keys.len(), &factors)?, keys })
}

/// All combinations of the factors, sorted by the order of the codes.
fn product(width: usize, factors: &[(Vec<usize>, Vec<Vec<u16>>)]) -> Result<Vec<Vec<u16>>, Rule> {
    let size = factors.iter().try_fold(1_usize, |n, (_, c)| n.checked_mul(c.len())).unwrap_or(usize::MAX);
    if size > MOST_CELLS {
        return Err(Rule::Cells(size));
    }
    let mut cells = vec![vec![0_u16; width]];
    for (positions, combinations) in factors {
        let extend = |cell: &Vec<u16>| {
            let mut extended = Vec::with_capacity(combinations.len());
            for combination in combinations {
                let mut cell = cell.clone();
                for (position, code) in positions.iter().zip(combination) {
                    if let Some(slot) = cell.get_mut(*position) {
                        *slot = *code;
                    }
                }
                extended.push(cell);
            }
            extended
        };
        cells = cells.iter().flat_map(extend).collect();
    }
    cells.sort();
    Ok(cells)
}

/// The codes of a private key: its code list or yes and no, and "uppgift saknas" where a value may be missing.
fn private_key(name: &str, origin: &Origin, catalogue: &Catalogue) -> Result<KeyColumn, Rule> {
    let column = catalogue.table(&origin.table).and_then(|t| t.columns.get(&origin.column));
    let column = column.ok_or_else(|| Rule::Key(origin.column.clone()))?;
    let mut codes: Vec<Code> = match (catalogue.codes_of(column), column.kind) {
        (Some(list), _) => list.entries.iter().map(|e| Code { code: e.code.clone(), label: e.label.clone() }).collect(),
        (None, Kind::Boolean) => [("false", "nej", "no"), ("true", "ja", "yes")].map(|(c, sv, en)| code(c, sv, en)).to_vec(),
        (None, _) => return Err(Rule::Key(origin.column.clone())),
    };
    if origin.nullable {
        codes.push(missing());
    }
    Ok(KeyColumn { name: name.to_owned(), title: title(column.title.as_ref(), name), codes })
}

/// The codes that occur in the rows of a public table, per key, and the combinations in which they occur.
fn public_keys(
    positions: &[usize],
    keys: &[(&String, &Origin)],
    rows: &PublicRows,
    catalogue: &Catalogue,
) -> Result<(Vec<KeyColumn>, Vec<Vec<u16>>), Rule> {
    let mut columns = Vec::new();
    for (i, position) in positions.iter().enumerate() {
        let Some((name, origin)) = keys.get(*position) else { continue };
        let column = catalogue.table(&origin.table).and_then(|t| t.columns.get(&origin.column));
        let list = column.and_then(|c| catalogue.codes_of(c));
        let present = |code: &str| rows.iter().any(|r| r.get(i).is_some_and(|v| v.as_deref() == Some(code)));
        let mut codes: Vec<Code> = Vec::new();
        match list {
            Some(list) => {
                let listed = list.entries.iter().filter(|e| present(&e.code));
                codes.extend(listed.map(|e| Code { code: e.code.clone(), label: e.label.clone() }));
            }
            None => {
                for value in rows.iter().filter_map(|r| r.get(i).and_then(Option::as_deref)) {
                    if value != MISSING && !codes.iter().any(|c| c.code == value) {
                        codes.push(code(value, value, value));
                    }
                }
            }
        }
        if rows.iter().any(|r| r.get(i).is_some_and(Option::is_none)) {
            codes.push(missing());
        }
        let title = title(column.and_then(|c| c.title.as_ref()), name);
        columns.push(KeyColumn { name: (*name).clone(), title, codes });
    }
    let mut combinations = Vec::new();
    for row in rows {
        let combination: Option<Vec<u16>> = columns
            .iter()
            .zip(row)
            .map(|(c, v)| {
                c.codes.iter().position(|k| k.code == v.as_deref().unwrap_or(MISSING)).and_then(|i| u16::try_from(i).ok())
            })
            .collect();
        combinations.extend(combination);
    }
    combinations.sort();
    combinations.dedup();
    Ok((columns, combinations))
}

fn index(length: usize) -> Result<u16, Rule> {
    u16::try_from(length).map_err(|_| Rule::Cells(length))
}

fn code(code: &str, sv: &str, en: &str) -> Code {
    Code { code: code.to_owned(), label: Text { sv: sv.to_owned(), en: en.to_owned() } }
}

fn missing() -> Code {
    code(MISSING, "uppgift saknas", "not stated")
}

fn title(title: Option<&Text>, name: &str) -> Text {
    title.cloned().unwrap_or_else(|| Text { sv: name.to_owned(), en: name.to_owned() })
}
