//! The published grid: all cells that a table has, known before any data is read.
//!
//! # Privacy
//! Every value in the grid comes from a code list, a declared type or a public table. So the set of published cells says
//! nothing about anybody: a cell without people is published too, with noise around zero.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use utfall_privacy::certificate::Measure;

use super::check::Checked;
use super::crossing::{CertifiedVector, GroupKey, Vector};
use super::domain::{Domain, Origin};
use super::possible::{Possible, listed};
use super::words::label::{code, missing, title};
use super::words::refusal::Violation;
use super::words::written::in_sql;
use crate::catalogue::schema::Catalogue;
use utfall_publish::description::{Code, KeyColumn, MISSING, SEPARATOR, TOTAL};

/// More cells than this in one table are refused.
pub(super) const MOST_CELLS: usize = 200_000;

/// The rows of one public scan that pass its conditions: per row, the value of each asked column as text.
pub type PublicRows = Vec<Vec<Option<String>>>;

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
    pub(crate) fn index(&self) -> CellLookup<'_> {
        let codes = self.keys.iter().map(|k| k.codes.iter().enumerate().map(|(i, c)| (c.code.as_str(), i)).collect());
        let cells = self.cells.iter().enumerate().map(|(i, cell)| (cell.as_slice(), i));
        CellLookup { codes: codes.collect(), cells: cells.collect() }
    }
}

/// A lookup from codes to cells.
#[derive(Debug)]
pub(crate) struct CellLookup<'a> {
    codes: Vec<HashMap<&'a str, usize>>,
    cells: HashMap<&'a [u16], usize>,
}

impl CellLookup<'_> {
    /// The cell of these codes in one grouping set; `None` if they lie outside the grid.
    pub(crate) fn find(&self, row: &[Option<&str>], set: &[usize]) -> Option<usize> {
        let cell: Option<Vec<u16>> = self
            .codes
            .iter()
            .zip(row)
            .enumerate()
            .map(|(key, (codes, code))| {
                let code = if set.contains(&key) { code.unwrap_or(MISSING) } else { TOTAL };
                codes.get(code).and_then(|i| u16::try_from(*i).ok())
            })
            .collect();
        self.cells.get(cell?.as_slice()).copied()
    }
}

/// Builds the grid of an accepted query. `rows` answers for the i-th public scan with the given columns.
///
/// # Errors
/// [`Violation::Key`] for a key without a public list, [`Violation::Cells`] for a grid beyond the limit.
pub(super) fn grid(
    accepted: &Checked,
    catalogue: &Catalogue,
    rows: impl Fn(usize, &[String]) -> Option<PublicRows>,
) -> Result<Grid, Violation> {
    let keys = &accepted.crossing.keys;
    let mut factors: Vec<Factor> = Vec::new();
    let mut columns: Vec<Option<KeyColumn>> = vec![None; keys.len()];
    for (position, key) in keys.iter().enumerate() {
        if public_scan(key).is_none() {
            let column = private_key(key, catalogue)?;
            let combinations = (0..index(column.codes.len())?).map(|i| vec![i]).collect();
            factors.push(Factor { keys: vec![position], combinations });
            set(&mut columns, position, column);
        }
    }
    for (scan, public) in accepted.public.iter().enumerate() {
        let mine: Vec<usize> = (0..keys.len()).filter(|p| keys.get(*p).and_then(public_scan) == Some(scan)).collect();
        if mine.is_empty() {
            continue;
        }
        let named = |p: &usize| keys.get(*p).and_then(|k| Some((k.name.clone(), k.value.origin.clone()?)));
        let named: Vec<(String, Origin)> = mine.iter().filter_map(named).collect();
        let asked: Vec<String> = named.iter().map(|(_, o)| o.column.clone()).collect();
        let mut rows = rows(scan, &asked).ok_or_else(|| Violation::Key(asked.join(", ")))?;
        if public.optional {
            rows.push(vec![None; asked.len()]);
        }
        let possible: Vec<Option<&Possible>> =
            mine.iter().map(|p| keys.get(*p).and_then(|key| key.value.possible.as_ref())).collect();
        rows.retain(|row| row.iter().zip(&possible).all(|(value, possible)| possible.is_none_or(|of| of.has(value.as_deref()))));
        let (found, combinations) = public_keys(&named, &rows, catalogue)?;
        for (position, column) in mine.iter().zip(found) {
            set(&mut columns, *position, column);
        }
        factors.push(Factor { keys: mine, combinations });
    }
    let keys: Option<Vec<KeyColumn>> = columns.into_iter().collect();
    let mut keys = keys.ok_or_else(|| Violation::Key("?".into()))?;
    let cells = cells(&mut keys, &accepted.crossing.sets, &factors)?;
    Ok(Grid { cells, keys })
}

/// The keys of a table whose cells are private: what is listed of their values, and no cells.
///
/// # Errors
/// [`Violation::PrivateKeys`] for anything else than one count by keys.
pub(super) fn private_grid(accepted: &Checked, catalogue: &Catalogue) -> Result<Grid, Violation> {
    let crossing = &accepted.crossing;
    let counts = match crossing.vectors.as_slice() {
        [CertifiedVector { vector: Vector::Additive { .. }, certificate }] => {
            matches!(certificate.crossing.measure, Measure::Count | Measure::DistinctUnits)
        }
        _ => false,
    };
    if !counts || crossing.sets.len() != 1 || crossing.keys.is_empty() || accepted.above.is_some() {
        return Err(Violation::PrivateKeys);
    }
    let mut keys = Vec::new();
    for key in &crossing.keys {
        let codes = key.value.domain.labels(catalogue);
        // What the core would refuse to draw, or the archive could not take apart again, is refused before anything is read.
        let odd = |c: &Code| {
            c.code.is_empty()
                || c.code == MISSING
                || c.code == TOTAL
                || c.code.len() > 100
                || c.code.contains(|x: char| x == SEPARATOR || x.is_control())
        };
        if matches!(key.value.domain, Domain::Unit | Domain::Other) || crossing.keys.len() > 8 || codes.iter().any(odd) {
            return Err(Violation::Key(in_sql(&key.expr)));
        }
        let column = key.value.origin.as_ref().and_then(|o| catalogue.table(&o.table).and_then(|t| t.columns.get(&o.column)));
        keys.push(KeyColumn { name: key.name.clone(), title: title(column.and_then(|c| c.title.as_ref()), &key.name), codes });
    }
    Ok(Grid { keys, cells: Vec::new() })
}

/// Keys that vary together, and the combinations of their codes that are possible.
struct Factor {
    keys: Vec<usize>,
    combinations: Vec<Vec<u16>>,
}

fn set(columns: &mut [Option<KeyColumn>], position: usize, column: KeyColumn) {
    if let Some(slot) = columns.get_mut(position) {
        *slot = Some(column);
    }
}

/// The public scan whose column a key is, unchanged.
fn public_scan(key: &GroupKey) -> Option<usize> {
    key.value.origin.as_ref().and_then(|o| o.public)
}

/// The cells of every grouping set: a key that a set leaves out has the code [`TOTAL`] there.
fn cells(keys: &mut [KeyColumn], sets: &[Vec<usize>], factors: &[Factor]) -> Result<Vec<Vec<u16>>, Violation> {
    let mut totals = Vec::new();
    for (position, key) in keys.iter_mut().enumerate() {
        totals.push(index(key.codes.len())?);
        if sets.iter().any(|set| !set.contains(&position)) {
            key.codes.push(code(TOTAL, "alla", "all"));
        }
    }
    let mut all = Vec::new();
    for set in sets {
        let mut own = Vec::new();
        for factor in factors {
            let kept: Vec<usize> =
                (0..factor.keys.len()).filter(|i| factor.keys.get(*i).is_some_and(|k| set.contains(k))).collect();
            let pick = |row: &Vec<u16>| kept.iter().filter_map(|i| row.get(*i).copied()).collect::<Vec<u16>>();
            let mut combinations: Vec<Vec<u16>> = factor.combinations.iter().map(pick).collect();
            combinations.sort();
            combinations.dedup();
            own.push(Factor { keys: kept.iter().filter_map(|i| factor.keys.get(*i).copied()).collect(), combinations });
        }
        all.extend(product(&totals, &own)?);
        if all.len() > MOST_CELLS {
            return Err(Violation::Cells(all.len()));
        }
    }
    Ok(all)
}

/// All combinations of the factors, sorted by the order of the codes.
fn product(empty: &[u16], factors: &[Factor]) -> Result<Vec<Vec<u16>>, Violation> {
    let size = factors.iter().try_fold(1_usize, |n, f| n.checked_mul(f.combinations.len())).unwrap_or(usize::MAX);
    if size > MOST_CELLS {
        return Err(Violation::Cells(size));
    }
    let mut cells = vec![empty.to_vec()];
    for factor in factors {
        let extend = |cell: &Vec<u16>| {
            let mut extended = Vec::with_capacity(factor.combinations.len());
            for combination in &factor.combinations {
                let mut cell = cell.clone();
                for (position, code) in factor.keys.iter().zip(combination) {
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

/// The codes of a private key: its public list, and "uppgift saknas" where a value may be missing.
fn private_key(key: &GroupKey, catalogue: &Catalogue) -> Result<KeyColumn, Violation> {
    let mut codes = listed(&key.value, catalogue).ok_or_else(|| Violation::Key(in_sql(&key.expr)))?;
    named(&codes, &in_sql(&key.expr))?;
    if key.value.nullable && key.value.possible.as_ref().is_none_or(|possible| possible.null) {
        codes.push(missing());
    }
    let column = key.value.origin.as_ref().and_then(|o| catalogue.table(&o.table).and_then(|t| t.columns.get(&o.column)));
    Ok(KeyColumn { name: key.name.clone(), title: title(column.and_then(|c| c.title.as_ref()), &key.name), codes })
}

/// Refuses a value that published tables use for something else: it would be added to the total, or to what is missing.
fn named(codes: &[Code], what: &str) -> Result<(), Violation> {
    match codes.iter().find(|c| c.code == MISSING || c.code == TOTAL || c.code.is_empty()) {
        Some(code) => Err(Violation::Reserved(code.code.clone(), what.to_owned())),
        None => Ok(()),
    }
}

/// The codes that occur in the rows of a public table, per key, and the combinations in which they occur.
fn public_keys(
    keys: &[(String, Origin)],
    rows: &PublicRows,
    catalogue: &Catalogue,
) -> Result<(Vec<KeyColumn>, Vec<Vec<u16>>), Violation> {
    let mut columns = Vec::new();
    for (i, (name, origin)) in keys.iter().enumerate() {
        let column = catalogue.table(&origin.table).and_then(|t| t.columns.get(&origin.column));
        let list = column.and_then(|c| catalogue.codes_of(c));
        let present: BTreeSet<&str> = rows.iter().filter_map(|r| r.get(i).and_then(Option::as_deref)).collect();
        let mut codes: Vec<Code> = Vec::new();
        match list {
            Some(list) => {
                let listed = list.entries.iter().filter(|e| present.contains(e.code.as_str()));
                codes.extend(listed.map(|e| Code { code: e.code.clone(), label: e.label.clone() }));
            }
            None => {
                let mut named = BTreeSet::new();
                for value in rows.iter().filter_map(|r| r.get(i).and_then(Option::as_deref)) {
                    if named.insert(value) {
                        codes.push(code(value, value, value));
                    }
                }
            }
        }
        self::named(&codes, name)?;
        if rows.iter().any(|r| r.get(i).is_some_and(Option::is_none)) {
            codes.push(missing());
        }
        let title = title(column.and_then(|c| c.title.as_ref()), name);
        columns.push(KeyColumn { name: name.clone(), title, codes });
    }
    let places: Vec<BTreeMap<&str, usize>> =
        columns.iter().map(|column| column.codes.iter().enumerate().rev().map(|(i, k)| (k.code.as_str(), i)).collect()).collect();
    let mut combinations: Vec<Vec<u16>> = Vec::new();
    for row in rows {
        let place = |(places, value): (&BTreeMap<&str, usize>, &Option<String>)| {
            places.get(value.as_deref().unwrap_or(MISSING)).and_then(|i| u16::try_from(*i).ok())
        };
        combinations.extend(places.iter().zip(row).map(place).collect::<Option<_>>());
    }
    combinations.sort();
    combinations.dedup();
    Ok((columns, combinations))
}

fn index(length: usize) -> Result<u16, Violation> {
    u16::try_from(length).map_err(|_| Violation::Cells(length))
}
