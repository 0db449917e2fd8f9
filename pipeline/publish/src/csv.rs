//! Tidy CSV, one row per cell, with its metadata as "CSV on the Web" (W3C, CSVW).
//!
//! The metadata carry what a number cannot say itself: both languages, how it was computed and how the noise was made.
//! Numbers have a decimal point; where there is no number, the field is empty.

mod metadata;

use std::path::PathBuf;

use super::{Format, OutputFile, PublishError};
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use crate::{Cell, Code, Publication, Table, View};
use utfall_ground::text::{Lang, Text};

/// The format `csv`.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn files(&self, publication: &Publication) -> Result<Vec<OutputFile>, PublishError> {
        let mut files = Vec::new();
        for table in &publication.tables {
            let columns = columns(table)?;
            add(&mut files, &table.name, rows(table, &columns), metadata::table(publication, table, &columns))?;
        }
        for view in &publication.views {
            let columns = view_columns(view)?;
            add(&mut files, &view.name, view_rows(view, &columns), metadata::view(publication, view, &columns))?;
        }
        Ok(files)
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![data_name(stem), metadata_name(stem)]
    }
}

type Composed = Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>;

/// A file of data, and the file of its metadata.
fn add(files: &mut Vec<OutputFile>, stem: &str, data: Composed, metadata: serde_json::Value) -> Result<(), PublishError> {
    let name = data_name(stem);
    files.push(OutputFile { path: PathBuf::from(&name), bytes: data.map_err(|error| PublishError::Compose(name, error))? });
    let name = metadata_name(stem);
    let mut metadata = serde_json::to_vec_pretty(&metadata).map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
    metadata.push(b'\n');
    files.push(OutputFile { path: PathBuf::from(name), bytes: metadata });
    Ok(())
}

fn data_name(table: &str) -> String {
    format!("{table}.csv")
}

fn metadata_name(table: &str) -> String {
    format!("{table}.csv-metadata.json")
}

/// A column: its name in the header, its title and what a reader may expect in it.
struct Column {
    name: String,
    title: Text,
    kind: ColumnKind,
    datatype: &'static str,
    required: bool,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum ColumnKind {
    /// The code of a key or of a column of a view, or its label in a language.
    Code { index: usize, label: Option<Lang> },
    /// A number, or text that has no codes, of a view.
    Plain { index: usize },
    /// The lower or the upper end of the interval of a number of a view.
    End { index: usize, upper: bool },
    /// The number of a cell.
    Value,
    /// The lower end of its noise interval.
    Lower,
    /// The upper end.
    Upper,
    /// Half the width.
    Margin,
    /// The lower or the upper end of the interval for noise and for chance in who took part.
    Sampling(bool),
    /// How far the number can be relied on.
    Status,
    /// The same of a number of a view.
    StatusOf { index: usize },
}

/// A code and its labels in both languages.
fn code_columns(index: usize, name: &str, title: &Text, required: bool) -> [Column; 3] {
    let column = |suffix: &str, sv: &str, en: &str, label| Column {
        name: format!("{name}{suffix}"),
        title: Text { sv: format!("{}{sv}", title.sv), en: format!("{}{en}", title.en) },
        kind: ColumnKind::Code { index, label },
        datatype: "string",
        required,
    };
    [
        column("", ", kod", ", code", None),
        column("_sv", " (svenska)", " (Swedish)", Some(Lang::Sv)),
        column("_en", " (engelska)", " (English)", Some(Lang::En)),
    ]
}

/// Codes and labels of the keys, then the numbers; the margin where it is the same for all cells.
fn columns(table: &Table) -> Result<Vec<Column>, PublishError> {
    let keys = table.description.keys.iter().enumerate();
    let mut columns: Vec<Column> = keys.flat_map(|(index, key)| code_columns(index, &key.name, &key.title, true)).collect();
    let datatype = if table.decimals > 0 { "decimal" } else { "integer" };
    let mut number = |name: &str, title: Text, kind, required| {
        columns.push(Column { name: name.to_owned(), title, kind, datatype, required });
    };
    let text = |sv: &str, en: &str| Text { sv: sv.to_owned(), en: en.to_owned() };
    if let Some(measure) = table.measure() {
        number(&measure.name, measure.title.clone(), ColumnKind::Value, !table.values.contains(&None));
    }
    let known = !table.lower.contains(&None);
    number("lower", text("Brusintervallets nedre gräns", "Lower end of the noise interval"), ColumnKind::Lower, known);
    number("upper", text("Brusintervallets övre gräns", "Upper end of the noise interval"), ColumnKind::Upper, known);
    if table.sampling.is_some() {
        let title = text(
            "Intervall för brus och för slumpen i vilka som deltog, nedre gräns",
            "Interval for noise and for chance in who took part, lower end",
        );
        number("sampling_lower", title, ColumnKind::Sampling(false), false);
        let title = text(
            "Intervall för brus och för slumpen i vilka som deltog, övre gräns",
            "Interval for noise and for chance in who took part, upper end",
        );
        number("sampling_upper", title, ColumnKind::Sampling(true), false);
    }
    if table.margin.is_some() {
        number("margin", text("Brusintervallets marginal", "Margin of the noise interval"), ColumnKind::Margin, true);
    }
    columns.push(status_column("obs_status".to_owned(), ("", ""), ColumnKind::Status));
    told_apart(columns)
}

/// The column of the observation status of numbers, which are those of a column of this title where there are several.
fn status_column(name: String, (sv, en): (&str, &str), kind: ColumnKind) -> Column {
    let of = |lang: Lang, title: &str| match title {
        "" => marks::status(lang).to_owned(),
        _ => format!("{title}. {}", marks::status(lang)),
    };
    let title = Text { sv: of(Lang::Sv, sv), en: of(Lang::En, en) };
    Column { name, title, kind, datatype: "string", required: false }
}

/// The columns of a view as its query gives them, with the labels of those that have codes.
fn view_columns(view: &View) -> Result<Vec<Column>, PublishError> {
    let mut columns = Vec::new();
    for (index, column) in view.columns.iter().enumerate() {
        let cells = || view.rows.iter().map(move |row| row.get(index).and_then(Option::as_deref));
        let required = !cells().any(|cell| cell.is_none());
        if column.codes.is_empty() {
            let (name, title, kind) = (column.name.clone(), column.title.clone(), ColumnKind::Plain { index });
            let datatype = datatype(cells().flatten());
            columns.push(Column { name, title, kind, datatype, required });
            if view.has_intervals(index) {
                columns.extend(end_columns(index, &column.name, &column.title, datatype));
            }
            if view.has_grades(index) {
                let (name, titles) = (format!("{}_status", column.name), (column.title.sv.as_str(), column.title.en.as_str()));
                columns.push(status_column(name, titles, ColumnKind::StatusOf { index }));
            }
        } else {
            columns.extend(code_columns(index, &column.name, &column.title, required));
        }
    }
    told_apart(columns)
}

/// The ends of the intervals of a column of a view.
fn end_columns(index: usize, name: &str, title: &Text, datatype: &'static str) -> [Column; 2] {
    [
        (false, "lower", "brusintervallets nedre gräns", "lower end of the noise interval"),
        (true, "upper", "brusintervallets övre gräns", "upper end of the noise interval"),
    ]
    .map(|(upper, suffix, sv, en)| Column {
        name: format!("{name}_{suffix}"),
        title: Text { sv: format!("{}, {sv}", title.sv), en: format!("{}, {en}", title.en) },
        kind: ColumnKind::End { index, upper },
        datatype,
        required: false,
    })
}

/// The narrowest type of CSVW for all of these cells.
fn datatype<'a>(cells: impl Iterator<Item = &'a str>) -> &'static str {
    const TYPES: [&str; 4] = ["integer", "decimal", "double", "string"];
    let of = |cell: &str| match cell.parse::<f64>() {
        Ok(_) if cell.parse::<i64>().is_ok() => 0,
        Ok(value) if value.is_finite() => {
            if cell.contains(['e', 'E']) {
                2
            } else {
                1
            }
        }
        Ok(_) | Err(_) => 3,
    };
    TYPES.get(cells.map(of).max().unwrap_or(3)).copied().unwrap_or("string")
}

fn told_apart(columns: Vec<Column>) -> Result<Vec<Column>, PublishError> {
    for (index, column) in columns.iter().enumerate() {
        if columns.iter().take(index).any(|other| other.name == column.name) {
            return Err(PublishError::Column(column.name.clone()));
        }
    }
    Ok(columns)
}

fn rows(table: &Table, columns: &[Column]) -> Composed {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| &column.name))?;
    for (at, cell) in table.cells().enumerate() {
        let codes: Vec<_> = table.description.codes(cell.codes).collect();
        writer.write_record(columns.iter().map(|column| field(table, (at, &cell), &codes, column.kind)))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// One field of a table.
fn field(table: &Table, (at, cell): (usize, &Cell<'_>), codes: &[&Code], kind: ColumnKind) -> String {
    let decimal = |value: i64| plain(value, table.decimals);
    let number = match kind {
        ColumnKind::Code { index, label } => return codes.get(index).map_or_else(String::new, |code| labelled(code, label)),
        ColumnKind::Plain { .. } | ColumnKind::End { .. } | ColumnKind::StatusOf { .. } => None,
        ColumnKind::Status => cell.grade.map(|grade| grade.status().to_owned()),
        ColumnKind::Value => cell.value.map(decimal),
        ColumnKind::Lower => cell.interval.map(|interval| decimal(interval.low)),
        ColumnKind::Upper => cell.interval.map(|interval| decimal(interval.high)),
        ColumnKind::Margin => table.margin.map(decimal),
        ColumnKind::Sampling(upper) => {
            let interval = table.sampling.as_ref().and_then(|all| all.get(at).copied().flatten());
            interval.map(|interval| decimal(if upper { interval.high } else { interval.low }))
        }
    };
    number.unwrap_or_default()
}

fn labelled(code: &Code, label: Option<Lang>) -> String {
    harmless(label.map_or(code.code.as_str(), |lang| code.label.get(lang)))
}

/// A number in units of 10^-`decimals`, with a decimal point.
fn plain(value: i64, decimals: u32) -> String {
    if decimals == 0 {
        return value.to_string();
    }
    let (unit, width) = (10u64.pow(decimals), usize::try_from(decimals).unwrap_or_default());
    let (sign, size) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    format!("{sign}{}.{:0width$}", size / unit, size % unit)
}

fn view_rows(view: &View, columns: &[Column]) -> Composed {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let grades = view.grades();
    writer.write_record(columns.iter().map(|column| &column.name))?;
    for (at, row) in view.rows.iter().enumerate() {
        let cell = |index: usize| row.get(index).and_then(Option::as_deref);
        writer.write_record(columns.iter().map(|column| match column.kind {
            ColumnKind::Code { index, label } => cell(index).map_or_else(String::new, |text| {
                let codes = view.columns.get(index).map(|column| column.codes.as_slice()).unwrap_or_default();
                codes.iter().find(|code| code.code == text).map_or_else(|| harmless(text), |code| labelled(code, label))
            }),
            ColumnKind::Plain { index } if column.datatype == "string" => harmless(cell(index).unwrap_or_default()),
            ColumnKind::Plain { index } => cell(index).unwrap_or_default().to_owned(),
            ColumnKind::End { index, upper } => {
                view.interval_in_files(at, index).map(|(low, high)| if upper { high } else { low }).unwrap_or_default()
            }
            ColumnKind::StatusOf { index } => grades[at][index].map_or("", Grade::status).to_owned(),
            ColumnKind::Value
            | ColumnKind::Lower
            | ColumnKind::Upper
            | ColumnKind::Margin
            | ColumnKind::Sampling(_)
            | ColumnKind::Status => String::new(),
        }))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
