//! Reads the written lists back by the schemas and code lists, as landing would.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::super::day::{Day, parse};

macro_rules! schemas {
    ($($file:literal),*) => { [$(($file, include_str!(concat!("../../../../schemas/", $file)))),*] };
}

/// The tables that have lists.
const TABLES: [(&str, &str); 6] =
    schemas!("participation.toml", "activity.toml", "milestone.toml", "rating.toml", "answer.toml", "plan_review.toml");

/// The code lists that have values in a list.
const CODES: [(&str, &str); 15] = schemas!(
    "codes/sex.csv",
    "codes/municipality.csv",
    "codes/office.csv",
    "codes/education.csv",
    "codes/labour_status.csv",
    "codes/referrer.csv",
    "codes/exit_state.csv",
    "codes/activity_kind.csv",
    "codes/workplace.csv",
    "codes/milestone_step.csv",
    "codes/instrument_area.csv",
    "codes/rater.csv",
    "codes/question.csv",
    "codes/answer.csv",
    "codes/income_source.csv"
);

const REGISTER: &str = include_str!("../../../../schemas/register/project.csv");

/// The values of a row by column of the schema; a label is replaced by its code.
pub(crate) type Row = BTreeMap<String, String>;

/// All rows of all tables, by table.
pub(crate) type Lists = BTreeMap<&'static str, Vec<Row>>;

/// Reads every list in the directory.
pub(crate) fn lists(dir: &Path) -> Lists {
    let mut lists = Lists::new();
    for file in fs::read_dir(dir).expect("a directory") {
        let path = file.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let table = TABLES.iter().map(|(file, _)| stem(file)).find(|table| name.ends_with(&format!("-{table}")));
        let table = table.unwrap_or_else(|| panic!("{name} belongs to a table"));
        lists.entry(table).or_default().extend(rows(table, &text(&fs::read(&path).expect("a readable file"))));
    }
    lists
}

/// The day in this column, if it is filled in.
pub(crate) fn day(row: &Row, column: &str) -> Option<Day> {
    let text = row.get(column).filter(|text| !text.is_empty())?;
    Some(parse(text).unwrap_or_else(|| panic!("{text} is a day")))
}

/// How a person in a project is told from others.
pub(crate) fn member(row: &Row) -> (String, String) {
    (row["participant"].clone(), row["project"].clone())
}

/// The primary key of a table.
pub(crate) fn primary_key(table: &str) -> Vec<&'static str> {
    let line = schema(table).lines().find(|line| line.starts_with("primary_key")).expect("a key");
    line.split('"').skip(1).step_by(2).collect()
}

/// The codes of a list by every spelling in lower case. A column of the same name uses it.
pub(crate) fn codes(list: &str) -> BTreeMap<String, &'static str> {
    let (csv, code, spellings) = match list {
        "project" => (REGISTER, 1, vec![1, 2, 3, 17]),
        _ => (CODES.iter().find(|(file, _)| stem(file) == list).expect("a code list").1, 1, vec![1, 2, 3, 4]),
    };
    let mut codes = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        for spelling in spellings.iter().flat_map(|place| cells[*place].split('|')).filter(|text| !text.is_empty()) {
            let earlier = codes.insert(spelling.to_lowercase(), cells[code]);
            assert!(earlier.is_none_or(|earlier| earlier == cells[code]), "{list}: {spelling} means one thing");
        }
    }
    codes
}

fn stem(file: &'static str) -> &'static str {
    Path::new(file).file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

fn schema(table: &str) -> &'static str {
    TABLES.iter().find(|(file, _)| stem(file) == table).expect("a table").1
}

/// UTF-8 if it is, and otherwise the Windows code page, which agrees with Latin-1 for the letters used.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect());
    text.trim_start_matches('\u{feff}').to_owned()
}

fn rows(table: &str, text: &str) -> Vec<Row> {
    let lists: BTreeMap<&str, &str> = listed_columns(table);
    let known: BTreeMap<&str, BTreeMap<String, &str>> = lists.iter().map(|(column, list)| (*column, codes(list))).collect();
    let synonyms = synonyms(table);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(';').map(|title| synonyms[title]).collect();
    assert_eq!(header[0], "project", "a list begins with its project");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(';').collect();
        assert_eq!(cells.len(), header.len(), "{table}: {line}");
        header.iter().zip(cells).map(|(column, cell)| ((*column).to_owned(), value(column, cell, &known))).collect()
    };
    lines.map(row).collect()
}

fn value(column: &str, cell: &str, known: &BTreeMap<&str, BTreeMap<String, &str>>) -> String {
    match known.get(column) {
        _ if column == "participant" => cell.replace('-', ""),
        Some(codes) if !cell.is_empty() => {
            (*codes.get(&cell.to_lowercase()).unwrap_or_else(|| panic!("{column}: {cell} is in the code list"))).to_owned()
        }
        _ => cell.to_owned(),
    }
}

/// The columns with a code list, and the list of each.
fn listed_columns(table: &str) -> BTreeMap<&'static str, &'static str> {
    let columns = schema(table).lines().skip_while(|line| *line != "[columns]").skip(1);
    let listed = columns.filter_map(|line| {
        let (_, codes) = line.split_once("codes = \"")?;
        Some((line.split_once('=')?.0.trim(), codes.split('"').next()?))
    });
    listed.filter(|(_, list)| *list != "age_band").collect()
}

/// The column that a title stands for.
fn synonyms(table: &str) -> BTreeMap<&'static str, &'static str> {
    let line = schema(table).lines().find(|line| line.starts_with("headers")).expect("the titles");
    let (_, columns) = line.split_once('{').expect("an inline table");
    let columns = columns.split("],").map(|column| column.split_once('=').expect("a column"));
    let titled = |(name, titles): (&'static str, &'static str)| {
        titles.split('"').skip(1).step_by(2).map(move |title| (title, name.trim()))
    };
    columns.flat_map(titled).collect()
}
