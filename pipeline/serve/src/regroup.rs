//! A data set whose key is read by a code list: by the groups of an aggregation, or by some of its own codes.
//!
//! The number of a group is the sum of those of its codes. Their noise adds up too, but how much of it the sum has depends on how the
//! noise of one goes with that of another, which is not published: so a sum has no interval, no standard error and no observation status,
//! and the statement says so. A group of one code has what that code has.

use std::collections::{BTreeMap, HashSet};

use utfall_ground::text::Text;
use utfall_publish::Code;
use utfall_publish::dataset::{Column, DataSet, Number, NumberKind, Role, Values};

use crate::library::codelist::{CodeList, Kind};

/// Makes it; none if the data set has no such key. Whether its numbers add up is for the caller to know, and which codes of the key are
/// `reported` in any table.
pub(crate) fn by(set: &DataSet, list: &CodeList, reported: &HashSet<&str>) -> Option<DataSet> {
    let at = set.columns.iter().position(|column| column.name == list.dimension && column.role == Role::Key)?;
    let Values::Codes { codes, cells } = &set.columns.get(at)?.values else { return None };
    let group_of: Vec<Option<usize>> = codes.iter().map(|code| list.group(&code.code)).collect();
    // The codes of a set of values stay in the order of the key, those of an aggregation are in the order of the list.
    let groups: Vec<usize> = match list.kind {
        Kind::Aggregation => (0..list.values.len()).filter(|group| group_of.contains(&Some(*group))).collect(),
        Kind::Valueset => group_of.iter().flatten().copied().collect(),
    };
    // Every code of the group that anybody reports, those that the table does not have among them: a part of a region is no region.
    let is_reported = |code: &&String| reported.contains(code.as_str());
    let members = |group: usize| list.values.get(group).map(|group| group.value_map.iter().filter(is_reported).count());
    let mut rows: BTreeMap<Vec<Option<usize>>, Vec<usize>> = BTreeMap::new();
    for row in 0..set.rows() {
        let code = cells.get(row).copied().flatten();
        let Some(place) =
            code.and_then(|code| group_of.get(code).copied().flatten()).and_then(|of| groups.iter().position(|g| *g == of))
        else {
            continue;
        };
        let keys = set.keys().map(|(column, of)| if column == at { Some(place) } else { cell(of, row) });
        // What is not summed stays as many rows as it was, whatever else tells them apart.
        let own = (list.kind == Kind::Valueset).then_some(Some(row));
        rows.entry(keys.chain(own).collect()).or_default().push(row);
    }
    let key_at = set.keys().position(|(column, _)| column == at)?;
    let rows: Vec<Sum> = rows
        .into_iter()
        .filter_map(|(key, rows)| {
            let place = key.get(key_at).copied().flatten()?;
            let whole = Some(rows.len()) == members(*groups.get(place)?);
            Some(Sum { place, rows, whole })
        })
        .collect();
    let named = |group: &usize| {
        let of = list.values.get(*group)?;
        Some(Code { code: of.code.clone(), label: of.label.clone() })
    };
    let codes = groups.iter().filter_map(named).collect();
    let columns = set.columns.iter().enumerate().map(|(column, of)| {
        let values = if column == at {
            Values::Codes { codes: Clone::clone(&codes), cells: rows.iter().map(|sum| Some(sum.place)).collect() }
        } else {
            summed(of, &rows)
        };
        Column { values, ..of.clone() }
    });
    let columns = columns.collect();
    let statement = if list.kind == Kind::Valueset { set.statement.clone() } else { stated(set, list) };
    Some(DataSet { columns, statement: statement.clone(), method: method(set, &statement), ..set.clone() })
}

/// A row of the new data set: the place of its group, the rows that it is made of, and whether each code of the group has one.
struct Sum {
    place: usize,
    rows: Vec<usize>,
    whole: bool,
}

fn cell(column: &Column, row: usize) -> Option<usize> {
    let Values::Codes { cells, .. } = &column.values else { return None };
    cells.get(row).copied().flatten()
}

/// The cells of a column: those of its one row, sums of several, and nothing of what is said of numbers that were summed.
fn summed(column: &Column, rows: &[Sum]) -> Values {
    let one = |sum: &Sum| sum.rows.first().copied().filter(|_| sum.rows.len() == 1 && sum.whole);
    match &column.values {
        Values::Codes { codes, .. } => {
            let first = |sum: &Sum| sum.rows.first().and_then(|row| cell(column, *row));
            Values::Codes { codes: codes.clone(), cells: rows.iter().map(first).collect() }
        }
        Values::Numbers { kind, .. } => {
            let number = |sum: &Sum| match one(sum) {
                Some(row) => column.number(row).cloned(),
                None if column.role == Role::Estimate && sum.whole => {
                    total(sum.rows.iter().map(|row| column.number(*row)), *kind)
                }
                None => None,
            };
            Values::Numbers { kind: *kind, cells: rows.iter().map(number).collect() }
        }
        Values::Texts(_) => Values::Texts(rows.iter().map(|sum| column.text(one(sum)?).map(str::to_owned)).collect()),
    }
}

/// The sum of numbers, exactly; none if one is missing, has an exponent, or if it is too large.
fn total<'n>(numbers: impl Iterator<Item = Option<&'n Number>>, kind: NumberKind) -> Option<Number> {
    let decimals = match kind {
        NumberKind::Integer => 0,
        NumberKind::Decimal(decimals) => decimals,
        NumberKind::Double => return None,
    };
    let sum = numbers.map(|number| units(number?.as_str(), decimals)).try_fold(0i64, |sum, number| sum.checked_add(number?))?;
    Some(Number::fixed(sum, decimals))
}

/// A number in units of 10^-`decimals`.
fn units(text: &str, decimals: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let width = usize::try_from(decimals).ok().filter(|width| fraction.len() <= *width)?;
    format!("{whole}{fraction:0<width$}").parse().ok()
}

/// What is to be known of the sums.
fn stated(set: &DataSet, list: &CodeList) -> Text {
    Text {
        sv: format!(
            "{} Här är talen summor av tabellens publicerade tal, efter {}. Bruset i dem läggs ihop, men hur mycket det blir \
             publiceras inte, så en summa har varken intervall eller standardfel. En grupp som tabellen bara har en del av har inget tal.",
            set.statement.sv, list.label.sv
        ),
        en: format!(
            "{} Here the numbers are sums of the table's published numbers, by {}. Their noise adds up, but how much it comes to is not \
             published, so a sum has neither an interval nor a standard error. A group that the table has only a part of has no number.",
            set.statement.en, list.label.en
        ),
    }
}

/// The notes of the method, with what is said of the sums in place of what was said of the numbers.
fn method(set: &DataSet, statement: &Text) -> serde_json::Value {
    let mut method = set.method.clone();
    if let Some(texts) = method.get_mut("statement").and_then(|texts| texts.as_array_mut()) {
        for text in texts {
            let (old, new) = match text["@language"].as_str() {
                Some("sv") => (&set.statement.sv, &statement.sv),
                _ => (&set.statement.en, &statement.en),
            };
            let said = text["@value"].as_str().map(|said| match said.strip_suffix(old.as_str()) {
                Some(before) => format!("{before}{new}"),
                None => format!("{said} {new}"),
            });
            text["@value"] = said.into();
        }
    }
    method
}

#[cfg(test)]
mod tests;
