//! Public tables: the register of projects and their targets, read from CSV into Arrow by their schemas.

pub mod add;
pub mod page;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};

use crate::error::Error;
use crate::schema::{Catalogue, CodeList, Column, Kind, TableSchema};

/// Reads a public table. Columns of the file that the schema does not name (`id`, `aliases`) belong to its code list.
///
/// # Errors
/// Names line and column of a value that does not fit; the register is public, so the value may be quoted.
pub fn read(table: &TableSchema, catalogue: &Catalogue, path: &Path) -> Result<RecordBatch, Error> {
    let bytes = std::fs::read(path).map_err(|e| Error::usage(format!("{}: {e}", path.display())))?;
    parse(table, catalogue, path, &bytes)
}

/// As [`read`], of bytes that need not be in place yet; messages name `path`.
///
/// # Errors
/// As [`read`].
pub fn parse(table: &TableSchema, catalogue: &Catalogue, path: &Path, bytes: &[u8]) -> Result<RecordBatch, Error> {
    let wrong = |why: String| Error::usage(format!("{}: {why}", path.display()));
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|e| wrong(e.to_string()))?;
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (name, column) in &table.columns {
        let at = headers.iter().position(|h| h == name).ok_or_else(|| wrong(format!("no column `{name}`")))?;
        // The list that is made of this very table cannot refuse the table's own codes.
        let list = catalogue.codes_of(column).filter(|list| list.name != table.name);
        let cells: Vec<Option<&str>> = records.iter().map(|r| r.get(at).map(str::trim).filter(|c| !c.is_empty())).collect();
        for (i, cell) in cells.iter().enumerate() {
            fits(cell.as_deref(), column, list).map_err(|why| wrong(format!("line {}, column `{name}`: {why}", i + 2)))?;
        }
        columns.push(array(&cells, column));
    }
    unique(table, &headers, &records).map_err(wrong)?;
    RecordBatch::try_new(table.sql(), columns).map_err(|e| wrong(e.to_string()))
}

/// Whether a value is of its column's type, range and code list.
fn fits(cell: Option<&str>, column: &Column, list: Option<&CodeList>) -> Result<(), String> {
    let Some(cell) = cell else {
        return if column.required { Err("a value is required".into()) } else { Ok(()) };
    };
    if let Some(list) = list
        && !list.entries.iter().any(|e| e.code == cell)
    {
        return Err(format!("`{cell}` is not in the code list `{}`", list.name));
    }
    let whole = |n: i64| column.minimum.is_none_or(|m| n >= m) && column.maximum.is_none_or(|m| n <= m);
    let ok = match column.kind {
        Kind::Integer => cell.parse::<i64>().is_ok_and(whole),
        Kind::Boolean => cell == "true" || cell == "false",
        Kind::Date => crate::land::dates::iso(cell).is_some(),
        Kind::String => true,
        Kind::Identity => false,
    };
    if ok { Ok(()) } else { Err(format!("`{cell}` does not fit the schema")) }
}

fn array(cells: &[Option<&str>], column: &Column) -> ArrayRef {
    match column.kind {
        Kind::Integer => Arc::new(cells.iter().map(|c| c.and_then(|c| c.parse::<i64>().ok())).collect::<Int64Array>()),
        Kind::Boolean => Arc::new(cells.iter().map(|c| c.map(|c| c == "true")).collect::<BooleanArray>()),
        Kind::Date => Arc::new(
            cells.iter().map(|c| c.and_then(crate::land::dates::iso).map(crate::land::dates::days)).collect::<Date32Array>(),
        ),
        Kind::String | Kind::Identity => Arc::new(cells.iter().copied().collect::<StringArray>()),
    }
}

/// The declared key must be unique in the rows: the check of joins relies on it.
fn unique(table: &TableSchema, headers: &csv::StringRecord, records: &[csv::StringRecord]) -> Result<(), String> {
    let at: Vec<usize> = table.primary_key.iter().filter_map(|k| headers.iter().position(|h| h == k)).collect();
    let mut seen = std::collections::HashSet::new();
    for (i, record) in records.iter().enumerate() {
        let key: Vec<&str> = at.iter().map(|c| record.get(*c).unwrap_or_default().trim()).collect();
        if !seen.insert(key.clone()) {
            return Err(format!("line {}: the key {} occurs twice", i + 2, key.join(", ")));
        }
    }
    Ok(())
}

/// The first and last day of every project, by the project's code: what landing compares periods with.
///
/// # Errors
/// When the register does not fit its schema.
pub fn periods(catalogue: &Catalogue) -> Result<HashMap<i16, (i32, i32)>, Error> {
    let ends = days(catalogue, "end")?;
    let starts = days(catalogue, "start")?.into_iter();
    Ok(starts.filter_map(|(project, first)| Some((project, (first, *ends.get(&project)?)))).collect())
}

/// The day until which a project's rows may be kept, for the projects that have one.
///
/// # Errors
/// When the register does not fit its schema.
pub fn keep_until(catalogue: &Catalogue) -> Result<BTreeMap<i16, i32>, Error> {
    days(catalogue, "keep_until").map(|days| days.into_iter().collect())
}

/// A date column of the register, by the project's code.
fn days(catalogue: &Catalogue, name: &str) -> Result<HashMap<i16, i32>, Error> {
    use arrow::array::{Array as _, AsArray as _};
    use arrow::datatypes::Date32Type;
    let (Some(table), Some(list)) = (catalogue.table("project"), catalogue.codes("project")) else {
        return Err(Error::usage("schemas/project.toml: the register of projects is missing"));
    };
    let Some(path) = &table.data else { return Err(Error::usage("schemas/project.toml: `data` is missing")) };
    let rows = read(table, catalogue, path)?;
    let slugs = rows.column_by_name("project").and_then(|c| c.as_string_opt::<i32>());
    let values = rows.column_by_name(name).and_then(|c| c.as_primitive_opt::<Date32Type>());
    let (Some(slugs), Some(values)) = (slugs, values) else { return Ok(HashMap::new()) };
    let project = |row: usize| list.entries.iter().find(|e| e.code == slugs.value(row)).map(|e| e.id);
    Ok((0..rows.num_rows())
        .filter(|row| values.is_valid(*row))
        .filter_map(|row| Some((project(row)?, values.value(row))))
        .collect())
}
