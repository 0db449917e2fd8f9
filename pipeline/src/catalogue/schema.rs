//! Schemas and code lists: `schemas/*.toml`, `schemas/codes/*.csv` and the public register.
//!
//! A schema says what a delivery may contain and what its columns mean. Budgets, bounds and domains have no defaults and
//! are never inferred from data, so an unknown key is an error and so is a private column without a closed domain.

mod codes;
mod delivery;
pub mod headings;
mod meaning;
mod sound;
mod spelled;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
pub use delivery::{Consent, Delivery, Marks, ProvisionalPolicy, Scheme};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub(crate) use codes::unreadable_at;

use codes::parse_codes;
use headings::Headings;
pub use meaning::{Differences, Meaning};
pub use spelled::{Spelled, Spelling, words};

use utfall_ground::error::Error;
use utfall_ground::text::{Message, Text};
use utfall_ground::toml;
use utfall_ground::untrusted;
use utfall_ground::visible::{may_hide, visible};
use utfall_publish::description::words::Words;

/// The stored column of the first day of a row's participation, as it was first known.
pub const BEGAN: &str = "began";
/// The stored column of the last day of a row's participation, as it was first known; none before.
pub const ENDED: &str = "ended";

/// All tables and code lists of an installation.
#[derive(Debug, Default)]
pub struct Catalogue {
    tables: BTreeMap<String, TableSchema>,
    codes: BTreeMap<String, CodeList>,
    /// The folder below which all of it lies.
    home: PathBuf,
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
    /// Whom and what it is about, in the words of its domain; without them, participations of people.
    pub words: Option<Words>,
    /// Where the rows of a public table are; `None` for a private one.
    pub data: Option<PathBuf>,
    /// The private table whose rows this table's rows belong to.
    pub parent: Option<String>,
    /// The columns that tell two rows apart.
    pub primary_key: Vec<String>,
    /// What names its people.
    pub identity: Scheme,
    /// How deliveries write it.
    pub delivery: Delivery,
    /// The columns in order.
    pub columns: IndexMap<String, Column>,
    /// What its deliveries call them.
    pub headings: Headings,
    /// What its stored values mean.
    pub meaning: Meaning,
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
    /// Words that deliveries may write behind a name of the code list, also in the genitive: `kommun`, `stad`.
    #[serde(default)]
    pub endings: Vec<String>,
    /// How many decimals deliveries may write: an integer with one decimal is stored in tenths.
    #[serde(default)]
    pub decimals: u32,
    /// Whether a row without a value counts in grand totals only, which its sender should hear.
    #[serde(default)]
    pub breakdown: bool,
    /// Whether the values are agreed wordings: another one is another question, and its file is rejected.
    #[serde(default)]
    pub wording: bool,
    /// Whether the file of a public table may lack the column, which is then empty in every row.
    #[serde(default)]
    pub optional: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    codes: HashMap<String, usize>,
    ids: HashMap<i16, usize>,
    made: spelled::Made,
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

    /// The entry of a code, as it is stored in tables.
    pub fn entry(&self, code: &str) -> Option<&CodeEntry> {
        self.codes.get(code).and_then(|i| self.entries.get(*i))
    }

    /// Which of the entries a code's is.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.codes.get(code).copied()
    }

    /// The entry of a stored integer.
    pub fn entry_of(&self, id: i16) -> Option<&CodeEntry> {
        self.ids.get(&id).and_then(|i| self.entries.get(*i))
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
        let home = utfall_ground::durable::folder(folder).to_owned();
        let mut catalogue = Self { tables: BTreeMap::new(), codes: BTreeMap::new(), home };
        for path in files(folder, "toml")? {
            let (name, bytes) = catalogue.take(&path, untrusted::DESCRIPTION)?;
            catalogue.tables.insert(name.clone(), parse_table(folder, &path, name, &bytes)?);
        }
        for path in files(&folder.join("codes"), "csv")? {
            let (name, bytes) = catalogue.take(&path, untrusted::TABLE)?;
            catalogue.codes.insert(name.clone(), parse_codes(&path, name, &bytes, "code")?);
        }
        let public: Vec<(String, PathBuf)> =
            catalogue.tables.values().filter_map(|t| Some((t.name.clone(), t.data.clone()?))).collect();
        for (name, path) in public {
            if name == "project" {
                let (_, bytes) = catalogue.take(&path, untrusted::TABLE)?;
                catalogue.codes.insert(name.clone(), parse_codes(&path, name.clone(), &bytes, &name)?);
            }
        }
        catalogue.validate()?;
        let meanings: Vec<Meaning> = catalogue.tables().map(|table| Meaning::of(&catalogue, table)).collect();
        catalogue.tables.values_mut().zip(meanings).for_each(|(table, meaning)| table.meaning = meaning);
        Ok(catalogue)
    }

    /// The bytes of the rows of a public table, wherever they lie below the home.
    ///
    /// # Errors
    /// Wrong files: when they lie elsewhere, are no regular file, or are too many.
    pub fn data(&self, path: &Path) -> Result<Vec<u8>, Error> {
        untrusted::bytes_of(&self.home, path, untrusted::TABLE)
    }

    /// A file's stem and bytes, its letters as a person sees them.
    fn take(&self, path: &Path, most: u64) -> Result<(String, Vec<u8>), Error> {
        let mut bytes = untrusted::bytes_of(&self.home, path, most)?;
        if may_hide(&bytes)
            && let Ok(text) = std::str::from_utf8(&bytes)
        {
            bytes = visible(text).into_owned().into_bytes();
        }
        Ok((path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(), bytes))
    }

    /// Whom and what the private tables are about, in the words of their domain.
    pub fn words(&self) -> Option<&Words> {
        self.tables().filter(|table| table.is_private()).find_map(|table| table.words.as_ref())
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

    /// What a table's landed values mean, as earlier versions of this program put it into the ids of releases: names, types and
    /// ranges of its columns, ids and codes of its code lists.
    pub fn meaning_by_text(&self, table: &TableSchema) -> String {
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
}

/// As a person sees it, in lower case, without outer spaces and with one between words: how spellings are compared.
pub fn normalise(text: &str) -> String {
    let lower = visible(text).trim().to_lowercase();
    let spaces = |pair: &[u8]| pair.iter().all(u8::is_ascii_whitespace);
    let plain = !lower.bytes().any(|b| b.is_ascii_whitespace() && b != b' ') && !lower.as_bytes().windows(2).any(spaces);
    if plain { lower } else { lower.split_whitespace().collect::<Vec<_>>().join(" ") }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    title: Text,
    counted: Option<Text>,
    words: Option<Words>,
    unit: Option<String>,
    #[serde(default)]
    public: bool,
    data: Option<PathBuf>,
    parent: Option<String>,
    primary_key: Vec<String>,
    #[serde(default)]
    identity: Scheme,
    delivery: Option<Delivery>,
    columns: IndexMap<String, Column>,
}

fn parse_table(folder: &Path, path: &Path, name: String, bytes: &[u8]) -> Result<TableSchema, Error> {
    let wrong = |why: Message| Error::usage("schema-file", why.after(format!("{}: ", path.display())));
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(wrong(Message::new("ett tabellnamn består av a-z, 0-9 och _", "a table's name is made of a-z, 0-9 and _")));
    }
    let not_text = |_| wrong(Message::new("filen är inte text i UTF-8", "the file is not text in UTF-8"));
    let text = std::str::from_utf8(bytes).map_err(not_text)?;
    let file: TableFile = toml::read(text).map_err(wrong)?;
    let unit_column = file.columns.iter().find(|(_, c)| c.role == Some(Role::Unit)).map(|(n, _)| n.clone());
    if file.unit != unit_column {
        return Err(wrong(Message::new(
            "`unit` ska vara namnet på kolumnen med role = \"unit\"",
            "`unit` must name the column with role = \"unit\"",
        )));
    }
    if file.public != file.data.is_some() || file.public == file.unit.is_some() {
        return Err(wrong(Message::new(
            "en offentlig tabell har `public = true` och `data`, en privat har `unit`; inte båda",
            "a public table has `public = true` and `data`, a private one has `unit`; not both",
        )));
    }
    let delivery = file.delivery.unwrap_or_default();
    Ok(TableSchema {
        name,
        title: file.title,
        counted: file.counted,
        words: file.words,
        data: file.data.map(|d| folder.join(d)),
        parent: file.parent,
        primary_key: file.primary_key,
        identity: file.identity,
        headings: Headings::new(&file.columns, &delivery),
        delivery,
        columns: file.columns,
        meaning: Meaning::default(),
    })
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::given(folder, e))?;
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| p.extension().is_some_and(|x| x == extension)).collect();
    paths.sort();
    Ok(paths)
}
