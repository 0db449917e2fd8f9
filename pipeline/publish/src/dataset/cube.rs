//! A data set as a cube, for formats that know dimensions and contents: JSON-stat, PX, SDMX and the interface that PxWeb's clients speak.
//!
//! The dimensions are what rows are told apart by, then `Tid`; the contents are the estimates and what is said of each in numbers.
//! Programs for such files know time as `Tid` and contents as `ContentsCode`, whatever a query calls its columns, and make tables whose
//! columns are named by labels: so labels are unique in each language. Where a key is empty its code is [`NONE`]; where rows are
//! alike in all keys a dimension `row` numbers them; a key without any code has the code [`NONE`]. A combination that no row has is an empty cell.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Column, DataSet, Number, Quality, Role, Unit, Values};
use crate::Code;
use utfall_ground::calendar::{Length, Period};
use utfall_ground::text::{Lang, Text};

/// The dimension of time.
pub const TIME: &str = "Tid";

/// The dimension of contents.
pub const CONTENTS: &str = "ContentsCode";

/// The code of a key that is empty.
pub const NONE: &str = "none";

/// A cube has at most so many combinations of codes: where texts that SQL computes would make more, rows are numbered instead.
const MOST: usize = 4_000_000;

/// The dimension that numbers rows which nothing else tells apart.
const ROW: &str = "row";

/// A data set as a cube.
#[derive(Debug, Clone)]
pub struct Cube<'d> {
    /// What it is a view of.
    pub set: &'d DataSet,
    /// Its dimensions but that of contents, the slowest first; the last is [`TIME`] unless the periods stand elsewhere.
    pub dimensions: Vec<Dimension>,
    /// Its contents; at least one.
    pub contents: Vec<Content<'d>>,
    /// Which row each combination of codes has, the last dimension running fastest.
    rows: Vec<Option<usize>>,
}

/// A dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Its name for programs.
    pub id: String,
    /// Its name for people, unlike those of the others.
    pub label: Text,
    /// Its codes in order, with labels that are unlike each other.
    pub codes: Vec<Code>,
    /// Whether it is time.
    pub is_time: bool,
    /// The place of the code that stands for all others together, if it has one.
    pub total: Option<usize>,
}

/// What is told of each combination of codes.
#[derive(Debug, Clone)]
pub struct Content<'d> {
    /// Its name for programs: `participants`, `participants_lower`.
    pub id: String,
    /// Its name for people, unlike those of the others.
    pub label: Text,
    /// What it is counted in.
    pub unit: Option<&'d Unit>,
    /// Its decimals.
    pub decimals: u32,
    /// The numbers.
    pub column: &'d Column,
    /// The observation status of the number, if it is an estimate that has any.
    pub status: Option<&'d Column>,
}

impl<'d> Cube<'d> {
    /// The cube of a data set. Where it has no periods of its own, its time is this one `vintage`: the day on which its numbers were made.
    pub fn of(set: &'d DataSet, vintage: &str) -> Self {
        let mut keys: Vec<Key> = keys(set);
        if !keys.iter().any(|key| key.dimension.is_time) {
            let code = Code { code: vintage.to_owned(), label: Text { sv: vintage.to_owned(), en: vintage.to_owned() } };
            let label = Text { sv: "Version".to_owned(), en: "Version".to_owned() };
            let dimension = Dimension::new(TIME, label, vec![code], true);
            keys.push(Key { name: TIME.to_owned(), dimension, places: vec![0; set.rows()] });
        }
        let mut dimensions: Vec<Dimension> = keys.iter().map(|key| key.dimension.clone()).collect();
        unlike(dimensions.iter_mut().map(|of| (of.id.clone(), &mut of.label)));
        unlike_ids(&mut dimensions);
        dimensions.iter_mut().for_each(|of| unlike(of.codes.iter_mut().map(|code| (code.code.clone(), &mut code.label))));
        let sizes: Vec<usize> = dimensions.iter().map(|of| of.codes.len()).collect();
        let mut rows = vec![None; sizes.iter().product()];
        for row in 0..set.rows() {
            let place = keys.iter().zip(&sizes).fold(0, |place, (key, size)| place * size + key.places[row]);
            rows[place] = Some(row);
        }
        Self { set, dimensions, contents: contents(set), rows }
    }

    /// What the dimension of contents is called, unlike the others.
    pub fn contents_label(&self) -> Text {
        let named = |lang: Lang| {
            let label = lang.pick("Innehåll", "Contents");
            let is_taken = self.dimensions.iter().any(|of| of.label.get(lang).to_lowercase() == label.to_lowercase());
            if is_taken { format!("{label} ({CONTENTS})") } else { label.to_owned() }
        };
        Text { sv: named(Lang::Sv), en: named(Lang::En) }
    }

    /// How many combinations of codes there are, contents apart.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of a content at a combination of codes, by its place.
    pub fn number(&self, place: usize, content: usize) -> Option<&'d Number> {
        self.contents.get(content)?.column.number((*self.rows.get(place)?)?)
    }

    /// The observation status of that number; none where it has none.
    pub fn status(&self, place: usize, content: usize) -> Option<&'d str> {
        self.contents.get(content)?.status?.text((*self.rows.get(place)?)?)
    }

    /// The place of a combination of codes, by the place of each.
    pub fn place(&self, codes: &[usize]) -> usize {
        self.dimensions.iter().zip(codes).fold(0, |place, (of, code)| place * of.codes.len() + code)
    }

    /// The place of each code of a combination.
    pub fn codes(&self, mut place: usize) -> Vec<usize> {
        let mut codes = vec![0; self.dimensions.len()];
        for (at, of) in codes.iter_mut().zip(&self.dimensions).rev() {
            *at = place % of.codes.len().max(1);
            place /= of.codes.len().max(1);
        }
        codes
    }

    /// Whether some row has a combination of codes.
    pub fn has_row(&self, place: usize) -> bool {
        self.rows.get(place).is_some_and(Option::is_some)
    }
}

impl Content<'_> {
    /// What it is counted in, for people; a figure where that is not known.
    pub fn unit_label(&self, lang: Lang) -> &str {
        self.unit.map_or(lang.pick("tal", "figure"), |unit| unit.label.get(lang))
    }
}

impl Dimension {
    /// The length of its periods, if it is time and every code is a period, all of one length.
    pub fn periods(&self) -> Option<Length> {
        let mut lengths = self.codes.iter().map(|code| Period::parse(&code.code).map(Period::length));
        let first = lengths.next()??;
        (self.is_time && lengths.all(|length| length == Some(first))).then_some(first)
    }

    /// Whether it is of places: by its name, for which every query and schema has the same words.
    pub fn is_geographic(&self) -> bool {
        ["region", "county", "municipality", "kommun", "lan"].contains(&self.id.as_str())
    }

    fn new(id: &str, label: Text, codes: Vec<Code>, is_time: bool) -> Self {
        let total = codes.iter().position(|code| code.code == crate::TOTAL);
        Self { id: id.to_owned(), label, codes, is_time, total }
    }
}

/// A dimension, and the place of the code of each row.
#[derive(Clone)]
struct Key {
    /// The name of its column.
    name: String,
    dimension: Dimension,
    places: Vec<usize>,
}

/// What rows are told apart by: the keys that have a list, of the others as many as it takes, and at last their numbers.
fn keys(set: &DataSet) -> Vec<Key> {
    let rows = set.rows();
    let listed = |column: &&Column| matches!((column.role, &column.values), (Role::Key | Role::Period, Values::Codes { .. }));
    let mut keys: Vec<Key> = set.columns.iter().filter(listed).map(key).collect();
    // One dimension is time; what else is of time is told apart by its own name.
    let first = keys.iter().position(|key| key.dimension.is_time);
    for (_, more) in keys.iter_mut().enumerate().filter(|(at, key)| key.dimension.is_time && Some(*at) != first) {
        more.dimension.is_time = false;
        more.dimension.id.clone_from(&more.name);
    }
    let texts = set.columns.iter().filter(|column| column.role == Role::Key && !listed(column));
    let numbers = set.columns.iter().filter(|column| column.role == Role::Public);
    for column in texts.chain(numbers) {
        if are_apart(&keys, rows) {
            break;
        }
        let (before, more) = (combinations(&keys, rows), key(column));
        keys.push(more);
        if combinations(&keys, rows) == before {
            // It tells nothing apart.
            keys.pop();
        }
    }
    let size = keys.iter().try_fold(1_usize, |size, key| size.checked_mul(key.dimension.codes.len()));
    if !are_apart(&keys, rows) || size.is_none_or(|size| size > MOST) {
        let named = |lang, row: usize| {
            let labels = keys.iter().filter_map(|key| key.dimension.codes.get(key.places[row])).map(|code| code.label.get(lang));
            labels.collect::<Vec<_>>().join(" · ")
        };
        let code =
            |row: usize| Code { code: (row + 1).to_string(), label: Text { sv: named(Lang::Sv, row), en: named(Lang::En, row) } };
        let codes: Vec<Code> = (0..rows).map(code).collect();
        let label = Text { sv: "Rad".to_owned(), en: "Row".to_owned() };
        let dimension = Dimension::new(ROW, label, codes, false);
        keys = vec![Key { name: ROW.to_owned(), dimension, places: (0..rows).collect() }];
    }
    keys
}

fn combinations(keys: &[Key], rows: usize) -> usize {
    (0..rows).map(|row| keys.iter().map(|key| key.places[row]).collect::<Vec<_>>()).collect::<HashSet<_>>().len()
}

fn are_apart(keys: &[Key], rows: usize) -> bool {
    combinations(keys, rows) == rows
}

/// A column as a dimension: by its list, or by the texts that there are.
fn key(column: &Column) -> Key {
    let (mut codes, mut cells): (Vec<Code>, Vec<Option<usize>>) = match &column.values {
        Values::Codes { codes, cells } => (codes.clone(), cells.clone()),
        Values::Numbers { .. } | Values::Texts(_) => by_text(column),
    };
    if codes.is_empty() || cells.iter().any(Option::is_none) {
        let none = codes.len();
        let label = Text { sv: "Inget värde".to_owned(), en: "No value".to_owned() };
        let mut code = NONE.to_owned();
        while codes.iter().any(|other| other.code == code) {
            code.push('_');
        }
        codes.push(Code { code, label });
        cells.iter_mut().for_each(|cell| *cell = cell.or(Some(none)));
    }
    let is_time = column.role == Role::Period;
    let id = if is_time { TIME } else { &column.name };
    Key {
        name: column.name.clone(),
        dimension: Dimension::new(id, column.title.clone(), codes, is_time),
        places: cells.into_iter().map(Option::unwrap_or_default).collect(),
    }
}

fn by_text(column: &Column) -> (Vec<Code>, Vec<Option<usize>>) {
    let (mut codes, mut places): (Vec<Code>, HashMap<String, usize>) = Default::default();
    let cell = |row: usize| {
        let text = column.text(row)?.to_owned();
        Some(*places.entry(text).or_insert_with_key(|text| {
            codes.push(Code { code: text.clone(), label: Text { sv: text.clone(), en: text.clone() } });
            codes.len() - 1
        }))
    };
    let cells = (0..column.values.len()).map(cell).collect();
    (codes, cells)
}

/// The estimates, what is said of each in numbers, and the numbers that are known without measuring.
fn contents(set: &DataSet) -> Vec<Content<'_>> {
    let mut contents = Vec::new();
    for (at, column) in set.columns.iter().enumerate() {
        let Values::Numbers { kind, .. } = &column.values else { continue };
        let (id, label, unit) = match column.role {
            Role::Estimate | Role::Public => (column.name.clone(), column.title.clone(), column.unit.as_ref()),
            Role::About(of, what) => {
                let Some(estimate) = set.columns.get(of) else { continue };
                let titled = |lang| format!("{}, {}", estimate.title.get(lang), what.said(lang));
                let label = Text { sv: titled(Lang::Sv), en: titled(Lang::En) };
                (format!("{}_{}", estimate.name, what.name()), label, estimate.unit.as_ref())
            }
            Role::Key | Role::Period => continue,
        };
        let status = if column.role == Role::Estimate { set.about(at, Quality::Status) } else { None };
        contents.push(Content { id, label, unit, decimals: kind.decimals(), column, status });
    }
    let mut taken = BTreeSet::new();
    for of in &mut contents {
        while !taken.insert(of.id.to_lowercase()) {
            of.id.push('_');
        }
    }
    unlike(contents.iter_mut().map(|of| (of.id.clone(), &mut of.label)));
    contents
}

impl Quality {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::StandardError => "se",
            Self::Margin => "margin",
            Self::SamplingLower => "sampling_lower",
            Self::SamplingUpper => "sampling_upper",
            Self::Status => "status",
        }
    }

    /// What it is, behind the title of its estimate.
    pub fn said(self, lang: Lang) -> &'static str {
        match self {
            Self::Lower => lang.pick("brusintervallets nedre gräns", "lower end of the noise interval"),
            Self::Upper => lang.pick("brusintervallets övre gräns", "upper end of the noise interval"),
            Self::StandardError => lang.pick("standardfel av bruset", "standard error of the noise"),
            Self::Margin => lang.pick("brusintervallets marginal", "margin of the noise interval"),
            Self::SamplingLower => lang.pick("nedre gräns för brus och slump", "lower end for noise and chance"),
            Self::SamplingUpper => lang.pick("övre gräns för brus och slump", "upper end for noise and chance"),
            Self::Status => lang.pick("tillförlitlighet", "reliability"),
        }
    }
}

/// Adds the code to labels that are those of another code in the same language.
fn unlike<'t>(labels: impl Iterator<Item = (String, &'t mut Text)>) {
    let mut all: Vec<(String, &mut Text)> = labels.collect();
    for pick in [(|text: &mut Text| &mut text.sv) as fn(&mut Text) -> &mut String, |text| &mut text.en] {
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for (_, label) in &mut all {
            let label = pick(label).to_lowercase();
            if !seen.insert(label.clone()) {
                twice.insert(label);
            }
        }
        for (code, label) in &mut all {
            let label = pick(label);
            if label.is_empty() {
                label.clone_from(code);
            } else if twice.contains(&label.to_lowercase()) {
                *label = format!("{label} ({code})");
            }
        }
    }
}

/// Sees to it that no key is called as time or contents are, in any case of its letters.
fn unlike_ids(dimensions: &mut [Dimension]) {
    let mut taken: BTreeSet<String> = [TIME, CONTENTS].map(str::to_lowercase).into();
    for of in dimensions.iter_mut().filter(|of| !of.is_time) {
        while !taken.insert(of.id.to_lowercase()) {
            of.id.push('_');
        }
    }
}
