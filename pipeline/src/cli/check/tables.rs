//! What queries can use: the tables, and of one that is named every column with its values.

use serde::Serialize;

use crate::catalogue::schema::{Catalogue, Column, Kind, TableSchema};
use crate::cli::summary;
use crate::cli::terminal::{Terminal, tell};
use utfall_ground::error::Error;
use utfall_ground::text::{Message, Text};
use utfall_publish::unit as unit_of;

/// Lists of codes that are longer are cut here; the file has them all.
const MOST_CODES: usize = 40;

/// Lists all tables, or tells of those that are named, by their own name or by what people call them.
///
/// # Errors
/// When there is no such table.
pub(super) fn told(catalogue: &Catalogue, names: &[String], terminal: Terminal) -> Result<(), Error> {
    if names.is_empty() {
        for table in catalogue.tables() {
            summary::push("tables", Described::of(catalogue, table));
            let columns = table.sql().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>().join(", ");
            tell!(terminal, "{}: {columns}", heading(table, terminal));
        }
        let more = "utfall check --tables participation";
        tell!(
            terminal,
            "{}",
            terminal.say(format!("Kolumnerna i en tabell: {more}"), format!("The columns of one table: {more}"))
        );
        return Ok(());
    }
    for name in names {
        let called = |table: &&TableSchema| {
            [&table.name, &table.title.sv, &table.title.en].iter().any(|own| own.to_lowercase() == name.to_lowercase())
        };
        let Some(table) = catalogue.tables().find(called) else { return Err(unknown(catalogue, name)) };
        summary::push("tables", Described::of(catalogue, table));
        described(catalogue, table, terminal);
    }
    Ok(())
}

/// A table, as machines read it.
#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    title: &'a Text,
    private: bool,
    primary_key: &'a [String],
    columns: Vec<DescribedColumn<'a>>,
}

/// A column; of the numbers that landing gives, its name alone.
#[derive(Serialize)]
struct DescribedColumn<'a> {
    name: String,
    title: Option<&'a Text>,
    kind: &'static str,
    required: bool,
    minimum: Option<i64>,
    maximum: Option<i64>,
    unit: Option<&'a str>,
    codes: Vec<DescribedCode<'a>>,
}

#[derive(Serialize)]
struct DescribedCode<'a> {
    code: &'a str,
    label: &'a Text,
}

impl<'a> Described<'a> {
    fn of(catalogue: &'a Catalogue, table: &'a TableSchema) -> Self {
        let column = |name: &str| match table.columns.get(name) {
            Some(column) => DescribedColumn::of(catalogue, name, column),
            None => DescribedColumn::number(name),
        };
        Self {
            name: &table.name,
            title: &table.title,
            private: table.is_private(),
            primary_key: &table.primary_key,
            columns: table.sql().fields().iter().map(|field| column(field.name())).collect(),
        }
    }
}

impl<'a> DescribedColumn<'a> {
    fn of(catalogue: &'a Catalogue, name: &str, column: &'a Column) -> Self {
        let kind = match column.kind {
            Kind::Identity => "identity",
            Kind::Date => "date",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::String => "string",
        };
        let codes = catalogue.codes_of(column).into_iter().flat_map(|list| &list.entries);
        Self {
            name: name.to_owned(),
            title: column.title.as_ref(),
            kind,
            required: column.required,
            minimum: column.minimum,
            maximum: column.maximum,
            unit: column.unit.as_deref(),
            codes: codes.map(|entry| DescribedCode { code: &entry.code, label: &entry.label }).collect(),
        }
    }

    fn number(name: &str) -> Self {
        let (minimum, name) = (Some(1), name.to_owned());
        Self { name, title: None, kind: "number", required: true, minimum, maximum: None, unit: None, codes: Vec::new() }
    }
}

fn unknown(catalogue: &Catalogue, name: &str) -> Error {
    let known = catalogue.tables().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
    let meant = crate::certify::words::meant(catalogue, name).unwrap_or_else(|| Message::same(""));
    let [sv, en] = [utfall_ground::text::Lang::Sv, utfall_ground::text::Lang::En].map(|lang| meant.get(lang).to_owned());
    Error::usage(
        "no-table",
        Message::new(
            format!("ingen tabell `{name}`; tabeller: {known}\n{sv}").trim_end().to_owned(),
            format!("no table `{name}`; tables: {known}\n{en}").trim_end().to_owned(),
        ),
    )
}

fn heading(table: &TableSchema, terminal: Terminal) -> String {
    let kind = if table.is_private() { terminal.say("privat", "private") } else { terminal.say("offentlig", "public") };
    format!("{} ({}, {kind})", table.name, both(&table.title))
}

/// A title in both languages, or once where they are the same.
fn both(title: &Text) -> String {
    if title.sv == title.en { title.sv.clone() } else { format!("{} / {}", title.sv, title.en) }
}

fn described(catalogue: &Catalogue, table: &TableSchema, terminal: Terminal) {
    tell!(terminal, "{}", heading(table, terminal));
    let key = table.primary_key.join(", ");
    tell!(terminal, "  {}", terminal.say(format!("en rad per: {key}"), format!("one row per: {key}")));
    let width = table.sql().fields().iter().map(|field| field.name().len()).max().unwrap_or_default();
    for field in table.sql().fields() {
        let name = field.name();
        let told = match table.columns.get(name) {
            Some(column) => of_column(catalogue, column, terminal),
            None => number(name, terminal),
        };
        tell!(terminal, "  {name:<width$}  {told}");
    }
}

/// What a column holds, and what people call it.
fn of_column(catalogue: &Catalogue, column: &Column, terminal: Terminal) -> String {
    let unit = column.unit.as_ref().map_or_else(String::new, |unit| format!(" {}", unit_of(terminal.lang(), unit)));
    let kind = match column.kind {
        Kind::Identity => terminal
            .say("personen; kopplas, räknas med count(DISTINCT …)", "the person; to join, to count(DISTINCT …)")
            .to_owned(),
        Kind::Date => terminal.say("dag, 1900–2199: DATE '2021-02-01'", "day, 1900–2199: DATE '2021-02-01'").to_owned(),
        Kind::Boolean => terminal.say("ja eller nej: true, false", "yes or no: true, false").to_owned(),
        Kind::Integer => match (column.minimum, column.maximum) {
            (Some(low), Some(high)) => {
                terminal.say(format!("heltal {low}–{high}{unit}"), format!("whole number {low}–{high}{unit}"))
            }
            _ => terminal.say(format!("heltal utan gränser{unit}"), format!("whole number without bounds{unit}")),
        },
        Kind::String => codes(catalogue, column, terminal),
    };
    let missing = if column.required { "" } else { terminal.say("; kan saknas", "; may be missing") };
    let title = column.title.as_ref().map_or_else(String::new, |title| format!("  {}", both(title)));
    format!("{kind}{missing}{title}")
}

fn codes(catalogue: &Catalogue, column: &Column, terminal: Terminal) -> String {
    let Some(list) = catalogue.codes_of(column) else { return terminal.say("text", "text").to_owned() };
    let one = |entry: &crate::catalogue::schema::CodeEntry| format!("'{}' {}", entry.code, entry.label.get(terminal.lang()));
    let some: Vec<String> = list.entries.iter().take(MOST_CODES).map(one).collect();
    let more = list.entries.len().saturating_sub(some.len());
    let rest =
        if more > 0 { terminal.say(format!(" … och {more} till"), format!(" … and {more} more")) } else { String::new() };
    format!("{}: {}{rest}", terminal.say("kod", "code"), some.join(", "))
}

/// The numbers that landing gives to rows.
fn number(name: &str, terminal: Terminal) -> String {
    match name {
        "contribution" => terminal.say(
            "nummer: personens deltaganden över alla projekt, 1, 2, …",
            "number: the person’s participations over all projects, 1, 2, …",
        ),
        "entry" => terminal.say(
            "nummer: personens deltaganden i ett projekt; entry = 1 är det första",
            "number: the person’s participations in one project; entry = 1 is the first",
        ),
        _ => terminal.say("nummer: raderna i ett deltagande, 1, 2, …", "number: the rows of one participation, 1, 2, …"),
    }
    .to_owned()
}
