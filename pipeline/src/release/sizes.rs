//! How many people the cells of a release can be expected to have, as the public register plans its projects. A reckoning: as if all of
//! them took part and were evenly spread over the cells. Nothing that has landed is looked at.

mod covered;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{CheckedRelease, CheckedTable, Draw};
use crate::catalogue::schema::Catalogue;
use crate::certify::{Origin, PublicScan};
use crate::engine::Engine;
use covered::{copies, covered};
use utfall_ground::calendar::Periods;
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Text};
use utfall_publish::{MISSING, TOTAL};

/// The column of a public table that says how many participants a project plans for.
const PLANNED: &str = "planned_participants";
/// The column of the same table that says whether a project has participants of its own.
const ENROLS: &str = "enrols";
/// Its first day.
const START: &str = "start";
/// Its last.
const END: &str = "end";
/// What is reckoned with in a project where nobody says how many, in no project at all.
const USUAL: u64 = 100;

/// How many people a project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// The register states it.
    Stated(u64),
    /// Whoever asks said what to reckon with.
    Assumed(u64),
    /// Nobody says: as many as the others usually have.
    Usual(u64),
}

impl People {
    /// How many.
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Stated(number) | Self::Assumed(number) | Self::Usual(number) => number,
        }
    }
}

/// A project of a table, or everybody in a table that knows no projects.
#[derive(Debug, Clone)]
pub(crate) struct Size {
    /// What people call it; none of everybody.
    pub(crate) label: Option<Text>,
    /// How many people it has.
    pub(crate) people: People,
    /// How many rows of the table they are, evenly spread over periods and branches.
    pub(crate) rows: f64,
    /// Over how many cells these are spread; of several grouping sets, those with most.
    pub(crate) cells: usize,
}

/// How many people a table can be expected to be of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    /// The key that names the project, if there is one.
    pub(crate) column: Option<usize>,
    /// The projects that it covers, in the order of the register; one entry without a name where it knows none.
    pub(crate) projects: Vec<Size>,
    /// How many rows each of its cells has then.
    pub(crate) cells: Vec<f64>,
}

impl Sizes {
    /// The rows of a cell on average.
    pub(crate) fn mean(&self) -> f64 {
        if self.cells.is_empty() { 0.0 } else { self.cells.iter().sum::<f64>() / self.cells.len() as f64 }
    }
}

/// What the register says of a project.
#[derive(Debug)]
struct Project {
    code: String,
    people: People,
    enrols: bool,
    /// Which part of its rows one period of a series has on average; 1 of a release that is none.
    part: f64,
    /// Its other columns, by name.
    columns: BTreeMap<String, Option<String>>,
}

impl Project {
    /// How many rows a table has of it.
    fn rows(&self) -> f64 {
        if self.enrols { self.people.number() as f64 * self.part } else { 0.0 }
    }

    /// What it is in some columns.
    fn place<'p>(&'p self, columns: &[&'p str]) -> Vec<(&'p str, &'p str)> {
        let value = |column: &&'p str| (*column, self.columns.get(*column).and_then(Option::as_deref).unwrap_or(MISSING));
        columns.iter().map(value).collect()
    }
}

/// The public register of projects.
#[derive(Debug)]
struct Register {
    table: String,
    key: String,
    projects: Vec<Project>,
}

/// How many people each table of its own is expected to be of, in the order of [`CheckedRelease::own`]. `assumed` is reckoned with in
/// projects that state no number, and in all together where a table knows no projects.
///
/// # Errors
/// When the register cannot be read.
pub(crate) async fn sizes(
    checked: &CheckedRelease,
    engine: &Engine,
    catalogue: &Catalogue,
    assumed: Option<u64>,
) -> Result<Vec<Sizes>, Error> {
    let register = register(engine, catalogue, checked.release.periods.as_ref(), assumed).await?;
    let mut all = Vec::new();
    for table in checked.own() {
        all.push(of(table, engine, &register, assumed).await?);
    }
    Ok(all)
}

/// Which part of the rows of a project one period of a series has on average, as if they were spread evenly over its own days.
fn part(periods: &Periods, [start, end]: [Option<NaiveDate>; 2]) -> f64 {
    let complete = || periods.complete(utfall_ground::clock::today()).last().copied();
    let last = periods.last.or_else(complete).unwrap_or(periods.first);
    let all = std::iter::successors(Some(periods.first), |period| Some(period.next()));
    let number = all.take_while(|period| *period <= last).take(MOST_PERIODS).count().max(1) as f64;
    let (Some(start), Some(end)) = (start, end) else { return 1.0 / number };
    let days = |first: NaiveDate, last: NaiveDate| (last.signed_duration_since(first).num_days() + 1).max(0) as f64;
    let shared = days(start.max(periods.first.first_day()), end.min(last.last_day()));
    shared / days(start, end).max(1.0) / number
}

/// A series has at most so many periods.
const MOST_PERIODS: usize = 1_200;

/// The register of the catalogue; empty where there is none.
async fn register(
    engine: &Engine,
    catalogue: &Catalogue,
    periods: Option<&Periods>,
    assumed: Option<u64>,
) -> Result<Register, Error> {
    let empty = Register { table: String::new(), key: String::new(), projects: Vec::new() };
    let found = catalogue.tables().find(|table| !table.is_private() && table.columns.contains_key(PLANNED));
    let Some((table, key)) = found.and_then(|table| Some((table, table.primary_key.first()?))) else { return Ok(empty) };
    let columns: Vec<&str> =
        std::iter::once(key).chain(table.columns.keys().filter(|column| *column != key)).map(String::as_str).collect();
    let scan = PublicScan { table: table.name.clone(), conditions: Vec::new(), optional: false };
    let rows = engine.combinations(&scan, &columns).await?;
    let named = |row: &Vec<Option<String>>| -> BTreeMap<String, Option<String>> {
        columns.iter().map(|column| (*column).to_owned()).zip(row.iter().cloned()).collect()
    };
    let rows: Vec<_> = rows.iter().map(named).collect();
    let text = |row: &BTreeMap<String, Option<String>>, column: &str| row.get(column).cloned().flatten();
    let planned = |row: &_| text(row, PLANNED).and_then(|number| number.parse::<u64>().ok());
    let mut stated: Vec<u64> = rows.iter().filter_map(planned).collect();
    stated.sort_unstable();
    let usual = stated.get(stated.len() / 2).copied().unwrap_or(USUAL);
    let unstated = assumed.map_or(People::Usual(usual), People::Assumed);
    let project = |columns: BTreeMap<String, Option<String>>| {
        let people = planned(&columns).map_or(unstated, People::Stated);
        let enrols = text(&columns, ENROLS).as_deref() != Some("false");
        let day = |column| text(&columns, column).and_then(|day| utfall_ground::calendar::iso(&day));
        let part = periods.map_or(1.0, |periods| part(periods, [START, END].map(day)));
        Some(Project { code: text(&columns, key)?, people, enrols, part, columns })
    };
    let mut projects: Vec<Project> = rows.into_iter().filter_map(project).collect();
    let listed = table.columns.get(key).and_then(|column| catalogue.codes_of(column));
    projects.sort_by_key(|of| listed.and_then(|list| list.place(&of.code)));
    Ok(Register { table: table.name.clone(), key: key.clone(), projects })
}

/// The sizes of one table.
async fn of(table: &CheckedTable, engine: &Engine, register: &Register, assumed: Option<u64>) -> Result<Sizes, Error> {
    if matches!(table.draw, Draw::Own(_) | Draw::Keys(_)) {
        return Ok(Sizes::default());
    }
    let accepted = table.answer.certified.accepted();
    let grid = table.answer.certified.grid();
    let mut named = covered(&accepted.crossing.input, &register.key);
    let mut joins = false;
    for scan in accepted.public.iter().filter(|scan| scan.table == register.table && !scan.optional) {
        let left = engine.combinations(scan, &[register.key.as_str()]).await?;
        let left = left.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect();
        named = Some(named.map_or_else(|| BTreeSet::clone(&left), |named| &named & &left));
        joins = true;
    }
    let column = |origin: &Origin| match origin.public {
        Some(_) => (origin.table == register.table).then(|| origin.column.clone()),
        None => (origin.column == register.key).then(|| register.key.clone()),
    };
    let origin = |at: usize| accepted.crossing.keys.get(at).and_then(|key| key.value.origin.as_ref());
    let places: Vec<(usize, String)> = (0..grid.keys.len()).filter_map(|at| Some((at, origin(at).and_then(column)?))).collect();
    let knows_projects = named.is_some() || joins || !places.is_empty();
    let branches = copies(&accepted.crossing.input);
    let everybody = [everybody(register, assumed)];
    let of_table: Vec<&Project> = match knows_projects {
        true => register.projects.iter().filter(|of| named.as_ref().is_none_or(|named| named.contains(&of.code))).collect(),
        false => everybody.iter().collect(),
    };
    // Cells of one grouping set that name the same place share its people.
    let codes = |cell: &Vec<u16>| {
        let code = |at: usize| grid.keys.get(at)?.codes.get(usize::from(*cell.get(at)?)).map(|code| code.code.as_str());
        let totals: Vec<bool> = (0..grid.keys.len()).map(|at| code(at) == Some(TOTAL)).collect();
        let of = places.iter().map(|(at, column)| (column.as_str(), code(*at).unwrap_or(MISSING)));
        (totals, of.filter(|(_, code)| *code != TOTAL).collect::<Vec<_>>())
    };
    let mut sharing: HashMap<_, usize> = HashMap::new();
    grid.cells.iter().for_each(|cell| *sharing.entry(codes(cell)).or_default() += 1);
    // By which columns a grouping set names places, and how many people each place has then: whoever has many projects has as
    // many cells, and neither is gone through for each of the other.
    let sets: BTreeSet<(Vec<bool>, Vec<&str>)> =
        sharing.keys().map(|(totals, place)| (totals.clone(), place.iter().map(|(column, _)| *column).collect())).collect();
    let mut people: HashMap<Vec<(&str, &str)>, f64> = HashMap::new();
    for columns in sets.iter().map(|(_, columns)| columns).collect::<BTreeSet<_>>() {
        of_table.iter().for_each(|of| *people.entry(of.place(columns)).or_default() += of.rows());
    }
    let rows = |cell: &Vec<u16>| {
        let place = codes(cell);
        let all = people.get(&place.1).copied().unwrap_or_default();
        all * branches / sharing.get(&place).map_or(1.0, |cells| *cells as f64)
    };
    let labels = labels(table, &places, &register.key);
    let size = |project: &&Project| {
        let of_set = |(totals, columns): &(Vec<bool>, Vec<_>)| sharing.get(&(totals.clone(), project.place(columns))).copied();
        let cells = sets.iter().filter_map(of_set).max()?;
        let label = (!project.code.is_empty()).then(|| label(&labels, project));
        let of = Size { label, people: project.people, rows: project.rows() * branches, cells };
        project.enrols.then_some(of)
    };
    let column = places.iter().find(|(_, column)| *column == register.key).map(|(at, _)| *at);
    Ok(Sizes { column, projects: of_table.iter().filter_map(size).collect(), cells: grid.cells.iter().map(rows).collect() })
}

/// All people together: as many as was said, or all that the projects of the register plan for.
fn everybody(register: &Register, assumed: Option<u64>) -> Project {
    let each = || register.projects.iter().filter(|of| of.enrols);
    let planned: u64 = each().map(|of| of.people.number()).sum();
    let people = match assumed {
        Some(number) => People::Assumed(number),
        None if planned > 0 => People::Stated(planned),
        None => People::Usual(USUAL),
    };
    let part = if planned > 0 { each().map(Project::rows).sum::<f64>() / planned as f64 } else { 1.0 };
    Project { code: String::new(), people, enrols: true, part, columns: BTreeMap::new() }
}

/// What people call the projects in the key of a table, by their code.
fn labels<'t>(table: &'t CheckedTable, places: &[(usize, String)], key: &str) -> HashMap<&'t str, &'t Text> {
    let at = places.iter().find(|(_, column)| column == key).map(|(at, _)| *at);
    let column = at.and_then(|at| table.answer.certified.grid().keys.get(at));
    let codes = column.into_iter().flat_map(|column| column.codes.iter().rev());
    codes.map(|code| (code.code.as_str(), &code.label)).collect()
}

/// What people call a project: as the key of the table does, or as the register.
fn label(labels: &HashMap<&str, &Text>, project: &Project) -> Text {
    let name = project.columns.get("name").cloned().flatten().unwrap_or_else(|| project.code.clone());
    labels.get(project.code.as_str()).map_or_else(|| Text { sv: name.clone(), en: name.clone() }, |label| (*label).clone())
}

/// What people call a column of a vector's table.
pub(crate) fn column_title(checked: &CheckedRelease, vector: &str, column: usize, lang: Lang) -> String {
    let table = checked.own().find(|table| table.vectors().iter().any(|name| name == vector));
    let key = table.and_then(|table| table.answer.certified.grid().keys.get(column));
    key.map_or_else(String::new, |key| key.title.get(lang).to_owned())
}
