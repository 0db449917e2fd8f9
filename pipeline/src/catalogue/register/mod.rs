//! Public tables: the register of projects and their targets, read from CSV into Arrow by their schemas.

pub mod add;
pub mod page;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::row::{RowConverter, SortField};

use crate::catalogue::schema::{Catalogue, CodeList, Column, Kind, TableSchema, unreadable_at};
use utfall_ground::calendar::{Day, Days};
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;
use utfall_ground::visible::visible;

/// Reads a public table. Columns of the file that the schema does not name (`id`, `aliases`) belong to its code list.
///
/// # Errors
/// Names line and column of a value that does not fit; the register is public, so the value may be quoted.
pub fn read(table: &TableSchema, catalogue: &Catalogue, path: &Path) -> Result<RecordBatch, Error> {
    parse(table, catalogue, path, &catalogue.data(path)?)
}

/// As [`read`], of bytes that need not be in place yet; messages name `path`.
///
/// # Errors
/// As [`read`].
pub fn parse(table: &TableSchema, catalogue: &Catalogue, path: &Path, bytes: &[u8]) -> Result<RecordBatch, Error> {
    let wrong = |why: Message| Error::usage("register-row", why.map(redact::words).after(format!("{}: ", path.display())));
    let seen = std::str::from_utf8(bytes).map(visible);
    let mut reader = csv::Reader::from_reader(seen.as_ref().map_or(bytes, |text| text.as_bytes()));
    let headers = reader.headers().map_err(|e| wrong(unreadable_at(&e)))?.clone();
    let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(|e| wrong(unreadable_at(&e)))?;
    once(&headers).map_err(wrong)?;
    // The line on which a row begins: a quoted cell may hold several.
    let line = |i: usize| records.get(i).and_then(csv::StringRecord::position).map_or(0, csv::Position::line);
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (name, column) in &table.columns {
        let lacks = || wrong(Message::new(format!("ingen kolumn `{name}`"), format!("no column `{name}`")));
        let at = headers.iter().position(|h| h == name);
        if at.is_none() && !column.optional {
            return Err(lacks());
        }
        // Another spelling of an optional column would be passed over in silence.
        if let Some(odd) = headers.iter().find(|h| at.is_none() && !h.is_empty() && !table.columns.contains_key(*h)) {
            return Err(wrong(Message::new(
                format!("ingen kolumn `{odd}` i schemat; menas `{name}`?"),
                format!("no column `{odd}` in the schema; is `{name}` meant?"),
            )));
        }
        // The list that is made of this very table cannot refuse the table's own codes.
        let list = catalogue.codes_of(column).filter(|list| list.name != table.name);
        let cells: Vec<Option<&str>> = records.iter().map(|r| r.get(at?).map(str::trim).filter(|c| !c.is_empty())).collect();
        for (i, cell) in cells.iter().enumerate() {
            let whole = records.get(i).and_then(|r| r.get(at?));
            let checked = fits(*cell, column, list).and_then(|()| canonical(whole, *cell, column.kind));
            checked.map_err(|why| {
                wrong(Message::new(
                    format!("rad {}, kolumn `{name}`: {}", line(i), why.get(Sv)),
                    format!("line {}, column `{name}`: {}", line(i), why.get(En)),
                ))
            })?;
        }
        columns.push(array(&cells, column));
    }
    let unlike = |e: arrow::error::ArrowError| {
        wrong(Message::new("raderna passar inte schemat; läs om kolumnernas typer i det", e.to_string()))
    };
    let rows = RecordBatch::try_new(table.sql(), columns).map_err(unlike)?;
    if let Some([first, again]) = repeated(&rows, &table.primary_key).map_err(unlike)? {
        let key: Vec<&str> = table.primary_key.iter().filter_map(|k| cell(&headers, records.get(again)?, k)).collect();
        let (key, first, again) = (key.join(", "), line(first), line(again));
        return Err(wrong(Message::new(
            format!("rad {again}: nyckeln {key} finns redan på rad {first}; ta bort den ena"),
            format!("line {again}: the key {key} is on line {first} already; remove one of them"),
        )));
    }
    Ok(rows)
}

/// Two columns under one heading would be one to the reader.
fn once(headers: &csv::StringRecord) -> Result<(), Message> {
    let again = |(at, heading): &(usize, &str)| headers.iter().take(*at).any(|before| before.trim() == heading.trim());
    match headers.iter().enumerate().filter(|(_, heading)| !heading.trim().is_empty()).find(again) {
        Some((_, heading)) => Err(Message::new(
            format!("rad 1: rubriken `{heading}` finns två gånger; ta bort den ena kolumnen"),
            format!("line 1: the heading `{heading}` occurs twice; remove one of the columns"),
        )),
        None => Ok(()),
    }
}

/// The cell of a column, by its heading.
fn cell<'r>(headers: &csv::StringRecord, record: &'r csv::StringRecord, name: &str) -> Option<&'r str> {
    headers.iter().position(|h| h == name).and_then(|at| record.get(at)).map(str::trim)
}

/// Whether a value is of its column's type, range and code list.
fn fits(cell: Option<&str>, column: &Column, list: Option<&CodeList>) -> Result<(), Message> {
    let Some(cell) = cell else {
        return if column.required { Err(Message::new("ett värde krävs", "a value is required")) } else { Ok(()) };
    };
    if let Some(list) = list
        && list.entry(cell).is_none()
    {
        return Err(Message::new(
            format!("`{cell}` finns inte i kodlistan `{}`", list.name),
            format!("`{cell}` is not in the code list `{}`", list.name),
        ));
    }
    let whole = |n: i64| column.minimum.is_none_or(|m| n >= m) && column.maximum.is_none_or(|m| n <= m);
    let ok = match column.kind {
        Kind::Integer => cell.parse::<i64>().is_ok_and(whole),
        Kind::Boolean => cell == "true" || cell == "false",
        Kind::Date => utfall_ground::calendar::iso(cell).is_some(),
        Kind::String => true,
        Kind::Identity => false,
    };
    if ok {
        return Ok(());
    }
    Err(Message::new(format!("`{cell}` passar inte schemat"), format!("`{cell}` does not fit the schema")))
}

fn array(cells: &[Option<&str>], column: &Column) -> ArrayRef {
    match column.kind {
        Kind::Integer => Arc::new(cells.iter().map(|c| c.and_then(|c| c.parse::<i64>().ok())).collect::<Int64Array>()),
        Kind::Boolean => Arc::new(cells.iter().map(|c| c.map(|c| c == "true")).collect::<BooleanArray>()),
        Kind::Date => Arc::new(
            cells.iter().map(|c| c.and_then(utfall_ground::calendar::iso).map(|date| Day::of(date).0)).collect::<Date32Array>(),
        ),
        Kind::String | Kind::Identity => Arc::new(cells.iter().copied().collect::<StringArray>()),
    }
}

/// A number, a day or a yes is written in one way: `016`, `+16`, `-0` and a number with blanks around it are other texts for a
/// value that people would take for another key.
fn canonical(whole: Option<&str>, cell: Option<&str>, kind: Kind) -> Result<(), Message> {
    let (Some(whole), Some(cell)) = (whole, cell) else { return Ok(()) };
    let plain = match kind {
        Kind::Integer => cell.parse::<i64>().map(|n| n.to_string()).unwrap_or_default(),
        Kind::Date | Kind::Boolean => cell.to_owned(),
        Kind::String | Kind::Identity => return Ok(()),
    };
    if whole == plain {
        return Ok(());
    }
    Err(Message::new(format!("`{whole}` skrivs `{plain}`"), format!("write `{plain}` for `{whole}`")))
}

/// The first two rows that have one key: the check of joins relies on it that there are none. Values are compared, as a join
/// compares them, and not how they are spelt; where a value is missing, two that miss it are equal.
///
/// # Errors
/// When a column is of a kind that cannot be compared.
pub(crate) fn repeated(rows: &RecordBatch, key: &[String]) -> Result<Option<[usize; 2]>, arrow::error::ArrowError> {
    let columns: Vec<ArrayRef> = key.iter().filter_map(|k| rows.column_by_name(k).cloned()).collect();
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let values = RowConverter::new(fields)?.convert_columns(&columns)?;
    let mut seen = HashMap::new();
    for (i, value) in values.iter().enumerate() {
        if let Some(first) = seen.insert(value, i) {
            return Ok(Some([first, i]));
        }
    }
    Ok(None)
}

/// The first and last day of every project, by the project's code: what landing compares periods with.
///
/// # Errors
/// When the register does not fit its schema.
pub fn periods(catalogue: &Catalogue) -> Result<HashMap<i16, Days>, Error> {
    let [starts, ends] = days(catalogue, ["start", "end"])?;
    Ok(starts.into_iter().filter_map(|(project, first)| Some((project, Days { first, last: *ends.get(&project)? }))).collect())
}

/// The day until which a project's rows may be kept, for the projects that have one.
///
/// # Errors
/// When the register does not fit its schema.
pub fn keep_until(catalogue: &Catalogue) -> Result<BTreeMap<i16, Day>, Error> {
    days(catalogue, ["keep_until"]).map(|[days]| days.into_iter().collect())
}

/// Date columns of the register, by the project's code.
fn days<const N: usize>(catalogue: &Catalogue, names: [&str; N]) -> Result<[HashMap<i16, Day>; N], Error> {
    use arrow::array::{Array as _, AsArray as _};
    use arrow::datatypes::Date32Type;
    let (Some(table), Some(list)) = (catalogue.table("project"), catalogue.codes("project")) else {
        return Err(Error::usage(
            "register-missing",
            Message::new(
                "schemas/project.toml: registret över projekt saknas",
                "schemas/project.toml: the register of projects is missing",
            ),
        ));
    };
    let Some(path) = &table.data else {
        return Err(Error::usage(
            "register-missing",
            Message::new("schemas/project.toml: `data` saknas", "schemas/project.toml: `data` is missing"),
        ));
    };
    let rows = read(table, catalogue, path)?;
    let slugs = rows.column_by_name("project").and_then(|c| c.as_string_opt::<i32>());
    Ok(names.map(|name| {
        let values = rows.column_by_name(name).and_then(|c| c.as_primitive_opt::<Date32Type>());
        let (Some(slugs), Some(values)) = (slugs, values) else { return HashMap::new() };
        let project = |row: usize| list.entry(slugs.value(row)).map(|e| e.id);
        let told = (0..rows.num_rows()).filter(|row| values.is_valid(*row));
        told.filter_map(|row| Some((project(row)?, Day(values.value(row))))).collect()
    }))
}
