//! Schemas and code lists: `schemas/*.toml`, `schemas/codes/*.csv` and the public register.
//!
//! A schema says what a delivery may contain and what its columns mean. Budgets, bounds and domains have no defaults and
//! are never inferred from data, so an unknown key is an error and so is a private column without a closed domain.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::error::Error;
use crate::text::Text;

/// All tables and code lists of an installation.
#[derive(Debug, Default)]
pub struct Catalogue {
    tables: BTreeMap<String, TableSchema>,
    codes: BTreeMap<String, CodeList>,
}

/// One table: what its columns are, who its unit is, how deliveries spell it.
#[derive(Debug)]
pub struct TableSchema {
    /// The name, from the file's name; also its name in SQL.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// What its rows are called where they are counted.
    pub counted: Option<Text>,
    /// Where the rows of a public table are; `None` for a private one.
    pub data: Option<PathBuf>,
    /// The private table whose rows this table's rows belong to.
    pub parent: Option<String>,
    /// The columns that tell two rows apart.
    pub primary_key: Vec<String>,
    /// How deliveries write it.
    pub delivery: Delivery,
    /// The columns in order.
    pub columns: IndexMap<String, Column>,
}

/// One column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What a value is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What the column is to its table, where it is more than an attribute.
    pub role: Option<Role>,
    /// The code list that holds all its values.
    pub codes: Option<String>,
    /// Whether every row must have a value.
    #[serde(default)]
    pub required: bool,
    /// Lowest allowed integer.
    pub minimum: Option<i64>,
    /// Highest allowed integer.
    pub maximum: Option<i64>,
    /// Where most values of an integer are known to lie, from elsewhere than the data: sums for means are taken around it.
    pub centre: Option<i64>,
    /// What people call it; published as the heading of a key.
    pub title: Option<Text>,
    /// The unit of measure of an integer.
    pub unit: Option<String>,
    /// The column (or `identity`) that gives the value where the delivery has none.
    pub derive: Option<String>,
    /// Lowest and highest integer that surprise nobody; others are kept, with a warning.
    pub usual: Option<[i64; 2]>,
    /// How many decimals deliveries may write: an integer with one decimal is stored in tenths.
    #[serde(default)]
    pub decimals: u32,
    /// Whether a row without a value counts in grand totals only, which its sender should hear.
    #[serde(default)]
    pub breakdown: bool,
    /// Whether the values are agreed wordings: another one is another question, and its file is rejected.
    #[serde(default)]
    pub wording: bool,
}

/// How deliveries write a table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Per column, the headings that deliveries use for it.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Headings of names, contact details and free text: never taken in.
    #[serde(default)]
    pub personal: Vec<String>,
    /// What stands in a column when the whole row is a registration by mistake.
    pub void: Option<Marks>,
    /// The column that says whether the person consents, and what it says when the consent is withdrawn.
    pub consent: Option<Consent>,
    /// What becomes of interim and reserve numbers.
    #[serde(default)]
    pub provisional: Provisional,
    /// How many months after the end the follow-up is due.
    pub follow_up_months: Option<u32>,
}

/// Spellings in one column that decide about their row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// The column of the schema.
    pub column: String,
    /// What stands there.
    pub spellings: Vec<String>,
}

/// Spellings of a column that is read but never stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Its headings.
    pub headers: Vec<String>,
    /// What stands there when the consent is withdrawn.
    pub withdrawn: Vec<String>,
}

/// The policy for numbers that are not final.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provisional {
    /// Their rows do not land.
    #[default]
    Refuse,
    /// They land as people of their project, never linked across projects.
    Project,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A personal identity number; lands as a pseudonym.
    Identity,
    /// Text; in a private table always a code.
    String,
    /// A calendar date.
    Date,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
}

/// What a column is to its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The privacy unit.
    Unit,
    /// The day the row begins (or happened).
    Start,
    /// The day the row ended.
    End,
}

/// A closed, public list of values.
#[derive(Debug)]
pub struct CodeList {
    /// The list's name.
    pub name: String,
    /// Its values in the order in which they are published.
    pub entries: Vec<CodeEntry>,
    spellings: HashMap<String, usize>,
}

/// One value of a code list.
#[derive(Debug)]
pub struct CodeEntry {
    /// The small integer that is stored in landed data; never reused.
    pub id: i16,
    /// The value in SQL and in published files.
    pub code: String,
    /// The value for people.
    pub label: Text,
    /// For lists of intervals: the lowest and highest integer, inclusive.
    pub range: Option<(i64, i64)>,
    /// Codes by which it was known before, in lower case: read as this one, with a warning.
    pub former: Vec<String>,
}

impl CodeList {
    /// The entry that a delivery's spelling means: code, label or alias, ignoring case and outer spaces.
    pub fn find(&self, spelling: &str) -> Option<&CodeEntry> {
        self.spellings.get(&normalise(spelling)).and_then(|i| self.entries.get(*i))
    }

    /// The entry whose interval holds `value`.
    pub fn band(&self, value: i64) -> Option<&CodeEntry> {
        self.entries.iter().find(|e| e.range.is_some_and(|(low, high)| (low..=high).contains(&value)))
    }

    /// Every spelling that means an entry, in lower case, and whether it is a former code.
    pub fn spellings(&self) -> impl Iterator<Item = (&str, &CodeEntry, bool)> {
        self.spellings.iter().filter_map(|(spelling, i)| {
            let entry = self.entries.get(*i)?;
            Some((spelling.as_str(), entry, entry.former.contains(spelling)))
        })
    }
}

impl TableSchema {
    /// Whether its rows are about people.
    pub fn is_private(&self) -> bool {
        self.data.is_none()
    }

    /// The column that holds the privacy unit.
    pub fn unit(&self) -> Option<&str> {
        self.column_with(Role::Unit)
    }

    /// The first column with a role.
    pub fn column_with(&self, role: Role) -> Option<&str> {
        self.columns.iter().find(|(_, c)| c.role == Some(role)).map(|(name, _)| name.as_str())
    }

    /// The names of the numbers that landing adds: which participation of the person it is, and which row within it
    /// (for participations: which period in the same project).
    pub fn numbers(&self) -> [&'static str; 2] {
        if self.parent.is_some() { ["contribution", "ordinal"] } else { ["contribution", "entry"] }
    }

    /// The schema of the landed files: codes as their small integers, the unit as a pseudonym of 16 bytes.
    pub fn landed(&self) -> SchemaRef {
        self.arrow(&DataType::Int16, &DataType::Int32)
    }

    /// The schema that SQL sees: codes as text.
    pub fn sql(&self) -> SchemaRef {
        self.arrow(&DataType::Utf8, &DataType::Int64)
    }

    /// The columns in Arrow, with text and landing's numbers as these types.
    fn arrow(&self, text: &DataType, number: &DataType) -> SchemaRef {
        let columns = self.columns.iter().map(|(name, column)| {
            let kind = match column.kind {
                Kind::Identity => DataType::Binary,
                Kind::String => text.clone(),
                Kind::Date => DataType::Date32,
                Kind::Integer => DataType::Int64,
                Kind::Boolean => DataType::Boolean,
            };
            Field::new(name, kind, !column.required)
        });
        let numbers = if self.is_private() { self.numbers().to_vec() } else { Vec::new() };
        let numbers = numbers.into_iter().map(|name| Field::new(name, number.clone(), false));
        Arc::new(Schema::new(columns.chain(numbers).collect::<Vec<_>>()))
    }
}

impl Catalogue {
    /// Reads every schema and code list below `folder`.
    ///
    /// # Errors
    /// Names the file and what is wrong in it: these are public files, so the message may quote them.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut catalogue = Self { tables: BTreeMap::new(), codes: BTreeMap::new() };
        for path in files(folder, "toml")? {
            let (name, bytes) = take(&path)?;
            catalogue.tables.insert(name.clone(), parse_table(folder, &path, name, &bytes)?);
        }
        for path in files(&folder.join("codes"), "csv")? {
            let (name, bytes) = take(&path)?;
            catalogue.codes.insert(name.clone(), parse_codes(&path, name, &bytes, "code")?);
        }
        let public: Vec<(String, PathBuf)> =
            catalogue.tables.values().filter_map(|t| Some((t.name.clone(), t.data.clone()?))).collect();
        for (name, path) in public {
            if name == "project" {
                let (_, bytes) = take(&path)?;
                catalogue.codes.insert(name.clone(), parse_codes(&path, name.clone(), &bytes, &name)?);
            }
        }
        catalogue.validate()?;
        Ok(catalogue)
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&TableSchema> {
        self.tables.get(name)
    }

    /// All tables by name.
    pub fn tables(&self) -> impl Iterator<Item = &TableSchema> {
        self.tables.values()
    }

    /// Private tables, parents before their children: the order in which a delivery lands.
    pub fn private_tables(&self) -> Vec<&TableSchema> {
        let mut tables: Vec<_> = self.tables.values().filter(|t| t.is_private()).collect();
        tables.sort_by_key(|t| (t.parent.is_some(), t.name.clone()));
        tables
    }

    /// The code list of that name.
    pub fn codes(&self, name: &str) -> Option<&CodeList> {
        self.codes.get(name)
    }

    /// The code list of a column, if it has one.
    pub fn codes_of(&self, column: &Column) -> Option<&CodeList> {
        column.codes.as_deref().and_then(|name| self.codes(name))
    }

    /// What a table's landed values mean: names, types and ranges of its columns, ids and codes of its code lists. Titles,
    /// labels and spellings are not part of it, so that adding one does not make a new release.
    pub fn meaning(&self, table: &TableSchema) -> String {
        let mut meaning = String::new();
        for (name, c) in &table.columns {
            let codes = self.codes_of(c).map(|l| l.entries.iter().map(|e| (e.id, e.code.as_str(), e.range)).collect::<Vec<_>>());
            meaning.push_str(&format!(
                "{name} {:?} {} {:?} {:?} {:?} {codes:?}\n",
                c.kind, c.required, c.minimum, c.maximum, c.centre
            ));
        }
        meaning
    }

    fn validate(&self) -> Result<(), Error> {
        for table in self.tables.values() {
            for (name, column) in &table.columns {
                let wrong = |why: String| Error::usage(format!("schemas/{}.toml: column `{name}`: {why}", table.name));
                if let Some(list) = &column.codes
                    && !self.codes.contains_key(list)
                {
                    return Err(wrong(format!("no code list `{list}`; add schemas/codes/{list}.csv")));
                }
                if table.is_private() && column.kind == Kind::String && column.codes.is_none() {
                    return Err(wrong("free text cannot be private data here; give it a code list (`codes = ...`)".into()));
                }
                let between = |c: i64| column.minimum.is_some_and(|low| low <= c) && column.maximum.is_some_and(|high| c <= high);
                if column.centre.is_some_and(|centre| !between(centre)) {
                    return Err(wrong("`centre` lies between `minimum` and `maximum`".into()));
                }
                if table.is_private() && column.kind == Kind::Integer && (column.minimum.is_none() || column.maximum.is_none()) {
                    return Err(wrong("an integer needs `minimum` and `maximum`".into()));
                }
            }
            let void = table.delivery.void.iter().map(|void| &void.column);
            for key in table.primary_key.iter().chain(table.delivery.headers.keys()).chain(void) {
                if !table.columns.contains_key(key) {
                    return Err(Error::usage(format!("schemas/{}.toml: no column `{key}`", table.name)));
                }
            }
            if table.is_private() {
                self.validate_private(table).map_err(|why| Error::usage(format!("schemas/{}.toml: {why}", table.name)))?;
            }
        }
        Ok(())
    }
}

impl Catalogue {
    /// What landing relies on: a unit in the key, and for child rows a parent, a project and a date.
    fn validate_private(&self, table: &TableSchema) -> Result<(), String> {
        if table.counted.is_none() {
            return Err("`counted = { sv, en }` must say what its rows are called where they are counted".into());
        }
        let unit = table.unit().ok_or("no column has role = \"unit\"")?;
        for (name, column) in &table.columns {
            if (column.kind == Kind::Identity) != (name == unit) || (name == unit && !column.required) {
                return Err(format!("column `{name}`: the unit, and nothing else, is a required column of type identity"));
            }
            if column.codes.is_some() && column.kind != Kind::String {
                return Err(format!("column `{name}`: only text has a code list"));
            }
        }
        if !table.primary_key.iter().any(|key| key == unit) {
            return Err(format!("the primary key must hold the unit `{unit}`"));
        }
        let project = table.columns.get("project").is_some_and(|c| c.required && c.codes.as_deref() == Some("project"));
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get(name));
        if !project || !start.is_some_and(|c| c.required && c.kind == Kind::Date) {
            return Err("a required `project` column and a required date with role = \"start\" are needed".into());
        }
        match table.parent.as_deref().map(|parent| self.table(parent)) {
            Some(None) => Err(format!("no table `{}` to be its parent", table.parent.as_deref().unwrap_or_default())),
            Some(Some(parent)) if !parent.is_private() || parent.parent.is_some() => {
                Err("its parent must be a private table without a parent".into())
            }
            _ => Ok(()),
        }
    }
}

/// Lower case, no outer spaces: how spellings are compared.
pub fn normalise(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A file's stem and bytes.
fn take(path: &Path) -> Result<(String, Vec<u8>), Error> {
    let bytes = std::fs::read(path).map_err(|e| Error::reading(path, &e))?;
    Ok((path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(), bytes))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    title: Text,
    counted: Option<Text>,
    unit: Option<String>,
    #[serde(default)]
    public: bool,
    data: Option<PathBuf>,
    parent: Option<String>,
    primary_key: Vec<String>,
    delivery: Option<Delivery>,
    columns: IndexMap<String, Column>,
}

fn parse_table(folder: &Path, path: &Path, name: String, bytes: &[u8]) -> Result<TableSchema, Error> {
    let wrong = |why: String| Error::usage(format!("{}: {why}", path.display()));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(wrong("a table's name is made of a-z, 0-9 and _".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| wrong(e.to_string()))?;
    let file: TableFile = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let unit_column = file.columns.iter().find(|(_, c)| c.role == Some(Role::Unit)).map(|(n, _)| n.clone());
    if file.unit != unit_column {
        return Err(wrong("`unit` must name the column with role = \"unit\"".into()));
    }
    if file.public != file.data.is_some() || file.public == file.unit.is_some() {
        return Err(wrong("a public table has `public = true` and `data`, a private one has `unit`; not both".into()));
    }
    Ok(TableSchema {
        name,
        title: file.title,
        counted: file.counted,
        data: file.data.map(|d| folder.join(d)),
        parent: file.parent,
        primary_key: file.primary_key,
        delivery: file.delivery.unwrap_or_default(),
        columns: file.columns,
    })
}

/// Reads a code list: `id`, the code (in the column named `key`), the labels, aliases and, where given, an interval.
fn parse_codes(path: &Path, name: String, bytes: &[u8], key: &str) -> Result<CodeList, Error> {
    let wrong = |line: usize, why: &str| Error::usage(format!("{}, line {line}: {why}", path.display()));
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(|e| wrong(1, &e.to_string()))?.clone();
    let at = |column: &str| headers.iter().position(|h| h == column);
    let (Some(id), Some(code)) = (at("id"), at(key)) else { return Err(wrong(1, "columns `id` and `code` are needed")) };
    let mut list = CodeList { name, entries: Vec::new(), spellings: HashMap::new() };
    for (i, record) in reader.records().enumerate() {
        let line = i + 2;
        let record = record.map_err(|e| wrong(line, &e.to_string()))?;
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or_default().trim();
        let id: i16 = cell(Some(id)).parse().map_err(|_| wrong(line, "`id` must be a whole number from 0 to 32767"))?;
        let code = cell(Some(code)).to_owned();
        if id < 0 || code.is_empty() || code == "missing" || list.entries.iter().any(|e| e.id == id) {
            return Err(wrong(line, "ids are unique and not negative; a code is not empty and not `missing`"));
        }
        let or = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
        let sv = or(cell(at("sv")), &or(cell(at("name")), &code));
        let en = or(cell(at("en")), &sv);
        let range = match (cell(at("minimum")).parse(), cell(at("maximum")).parse()) {
            (Ok(low), Ok(high)) => Some((low, high)),
            _ => None,
        };
        let index = list.entries.len();
        let former: Vec<String> = cell(at("former")).split('|').map(normalise).filter(|f| !f.is_empty()).collect();
        let spellings = [code.as_str(), &sv, &en].into_iter().chain(cell(at("aliases")).split('|'));
        let spellings = spellings.chain(former.iter().map(String::as_str));
        for spelling in spellings.map(normalise).filter(|s| !s.is_empty()) {
            if list.spellings.insert(spelling.clone(), index).is_some_and(|other| other != index) {
                return Err(wrong(line, &format!("`{spelling}` already means another entry")));
            }
        }
        list.entries.push(CodeEntry { id, code, label: Text { sv, en }, range, former });
    }
    Ok(list)
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::reading(folder, &e))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|x| x == extension)).collect();
    paths.sort();
    Ok(paths)
}
