//! The periods of a series as one publication: every quarter beside the others, and what they add up to.
//!
//! Each period was released once and for itself, with noise of its own. Here they are put into one table with the period as a
//! further key. A year, or everything until a quarter, is the sum of the published periods: free, because it sees nothing else.
//! Its interval follows from the distribution of all the noise in it, which grows with the root of the number of periods.
//! Numbers that do not add up over periods (different people, medians) are not added up.

use std::collections::HashMap;
use std::sync::Arc;

use utfall_privacy::{Measurement, Release};

use crate::estimate::interval::Level;
use crate::estimate::noise::KnownNoise;
use crate::estimate::reconciliation::Reconciliation;
use crate::estimate::{Addend, Estimate, Goes};
use crate::publication::{PartOfWhole, numbers, tables};
use crate::{
    AboveColumn, CellIndex, Code, DeriveError, Description, Formula, KeyColumn, Measured, Possible, Publication, Table,
    TableDescription, View, derive_as,
};
use utfall_ground::calendar::{Length, Period, label};
use utfall_ground::text::{Lang, Text};

/// One period as it was released.
#[derive(Debug)]
pub struct ReleasedPeriod {
    /// Its tables, and the views of whoever can run SQL.
    pub publication: Publication,
    period: Period,
    vectors: Vec<PeriodVector>,
}

/// A measured vector, and its estimate if it adds up over periods.
#[derive(Debug)]
struct PeriodVector {
    name: String,
    values: Vec<i64>,
    noise: Arc<KnownNoise>,
    estimate: Option<Estimate>,
}

/// Brings one period of a series into the form that [`series`] reads.
///
/// # Errors
/// As [`super::derive()`]; a release that is no period of a series has none.
pub fn part(release: &Release) -> Result<ReleasedPeriod, DeriveError> {
    part_as(release, Description::from_json(release.description())?)
}

/// The same in other words of the same measurements: see [`Description::in_words_of`].
pub fn part_as(release: &Release, description: Description) -> Result<ReleasedPeriod, DeriveError> {
    let measured: Vec<_> = release.tables().iter().map(Measured::of).collect();
    with_estimates(derive_as(release, description, &[])?, &measured)
}

/// A whole year of periods with made-up numbers, to try what can be published of it.
pub fn rehearsed(
    publication: &Publication,
    measurements: &[Measurement],
    numbers: &[Vec<i64>],
) -> Result<Vec<ReleasedPeriod>, DeriveError> {
    let series = publication.description.series.as_ref().ok_or(DeriveError::Tables)?;
    let first = Period::parse(&series.period).ok_or_else(|| DeriveError::Name(series.period.clone()))?;
    let year = || first.year().parts(first.length()).map(|period| period.to_string());
    let one = |period: String| {
        let mut publication = publication.clone();
        if let Some(series) = &mut publication.description.series {
            series.first = year().next().unwrap_or_default();
            series.period = period;
        }
        made_up(publication, measurements, numbers)
    };
    year().map(one).collect()
}

/// A period with made-up numbers.
pub fn made_up(
    publication: Publication,
    measurements: &[Measurement],
    numbers: &[Vec<i64>],
) -> Result<ReleasedPeriod, DeriveError> {
    let made_up = measurements.iter().zip(numbers).map(|(measurement, values)| Measured::made_up(measurement, values));
    with_estimates(publication, &made_up.collect::<Vec<_>>())
}

/// A period with the estimates of what adds up.
fn with_estimates(publication: Publication, measured: &[Measured<'_>]) -> Result<ReleasedPeriod, DeriveError> {
    let series = publication.description.series.as_ref().ok_or(DeriveError::Tables)?;
    let period = Period::parse(&series.period).ok_or_else(|| DeriveError::Name(series.period.clone()))?;
    let mut estimates = Reconciliation::new(&publication.description, measured)?.estimates(measured)?;
    let vectors = measured.iter().map(|vector| {
        let adds = series.adds.iter().any(|name| name == vector.name);
        let own = || Estimate::alone(vector.values, &vector.noise);
        let estimate = if adds { estimates.remove(vector.name).or_else(own) } else { None };
        PeriodVector { name: vector.name.to_owned(), values: vector.values.to_vec(), noise: vector.noise.clone(), estimate }
    });
    let vectors = vectors.collect();
    Ok(ReleasedPeriod { publication, period, vectors })
}

impl ReleasedPeriod {
    /// Its code and its name; a later version says so.
    fn code(&self) -> Code {
        let code = self.period.to_string();
        let vintage = self.publication.description.series.as_ref().map_or(1, |series| series.vintage);
        let version = if vintage > 1 { format!(" (version {vintage})") } else { String::new() };
        let named = |lang| format!("{}{version}", label(lang, &code));
        Code { label: Text { sv: named(Lang::Sv), en: named(Lang::En) }, code }
    }
}

/// What the column of the period is called.
pub(crate) const PERIOD: &str = "period";

/// The same of everything until a period.
pub(crate) const THROUGH: &str = "through";

/// The same of a year.
pub(crate) const YEAR: &str = "year";

/// What is added to the names of a query and its vectors, of sums of everything until a period.
const CUMULATIVE: &str = "cumulative";

/// The same of sums of years.
const YEARLY: &str = "yearly";

/// The name that a vector of sums over periods has in each of its periods.
pub(crate) fn within_period(summed: &str) -> &str {
    let of = |name| summed.strip_suffix(name)?.strip_suffix('-');
    [CUMULATIVE, YEARLY].into_iter().find_map(of).unwrap_or(summed)
}

/// Whether a column of this name, in a series, is time.
pub(crate) fn is_period(column: &str) -> bool {
    [PERIOD, THROUGH, YEAR].contains(&column)
}

/// The publication of a whole series, from its periods in any order.
///
/// # Errors
/// When their tables do not fit each other.
pub fn series(mut parts: Vec<ReleasedPeriod>) -> Result<Publication, DeriveError> {
    parts.sort_by_key(|part| part.period);
    one_level(&mut parts)?;
    let newest = parts.last().ok_or(DeriveError::Tables)?;
    let id = newest.publication.id.clone();
    let mut description = newest.publication.description.clone();
    let level = Level::parse(&description.interval)?;
    let (mut all, mut described, mut views) = (Vec::new(), Vec::new(), Vec::new());
    for table in &description.tables {
        let beside = beside(&parts, table)?;
        described.extend(beside.first().map(|table| table.description.clone()));
        all.extend(beside);
        for sums in [until(&parts), years(&parts)] {
            let summed = summed(&parts, table, &sums, level)?;
            described.extend(summed.first().map(|table| table.description.clone()));
            all.extend(summed);
        }
        views.extend(view(&parts, &table.name));
    }
    // What the page shows has cost as much as its newest vintage.
    let vintages = parts.iter().filter_map(|part| Some(part.publication.description.series.as_ref()?.vintage));
    if let (Some(series), Some(vintage)) = (&mut description.series, vintages.max()) {
        series.vintage = vintage;
    }
    description.tables = described;
    description.families = Vec::new();
    let drawn = parts.into_iter().flat_map(|part| part.publication.drawn).collect();
    Ok(Publication { id, description, tables: all, views, drawn })
}

/// All intervals at the level of the newest period: the level is for display, and one page has one.
fn one_level(parts: &mut [ReleasedPeriod]) -> Result<(), DeriveError> {
    let interval = parts.last().map(|part| part.publication.description.interval.clone()).unwrap_or_default();
    for part in parts.iter_mut().filter(|part| part.publication.description.interval != interval) {
        part.publication.description.interval.clone_from(&interval);
        let measured: Vec<_> = part
            .vectors
            .iter()
            .map(|v| Measured { name: &v.name, values: &v.values, keys: None, noise: v.noise.clone() })
            .collect();
        part.publication.tables = tables(&part.publication.description, &measured)?;
    }
    Ok(())
}

/// Which periods are added up to which codes of a key.
struct Sums {
    /// What is added to the name of a query.
    name: &'static str,
    /// What is added to its title.
    title: Text,
    key: KeyColumn,
    /// Per code, the places of its periods.
    periods: Vec<Vec<usize>>,
}

/// Everything until each period, from the first on, as long as none is missing.
fn until(parts: &[ReleasedPeriod]) -> Sums {
    let unbroken = parts.windows(2).take_while(|pair| pair[0].period.next() == pair[1].period).count() + 1;
    let first = parts.first().is_some_and(|part| {
        let first = part.publication.description.series.as_ref().map(|series| &series.first);
        first == Some(&part.period.to_string())
    });
    let last = if first { unbroken.min(parts.len()) } else { 0 };
    let codes = parts.iter().take(last).map(|part| {
        let code = part.period.to_string();
        let label = Text { sv: format!("t.o.m. {}", label(Lang::Sv, &code)), en: format!("through {}", label(Lang::En, &code)) };
        Code { code, label }
    });
    Sums {
        name: CUMULATIVE,
        title: text("ackumulerat", "cumulative"),
        key: KeyColumn { name: THROUGH.to_owned(), title: text("Till och med", "Through"), codes: codes.collect() },
        periods: (0..last).map(|at| (0..=at).collect()).collect(),
    }
}

/// Every year of which all periods are there, if periods are shorter than that.
fn years(parts: &[ReleasedPeriod]) -> Sums {
    let place = |period: Period| parts.iter().position(|part| part.period == period);
    let mut years: Vec<Period> =
        parts.iter().map(|part| part.period).filter(|p| p.length() != Length::Year).map(Period::year).collect();
    years.dedup();
    let length = parts.first().map_or(Length::Year, |part| part.period.length());
    let whole: Vec<(Period, Vec<usize>)> =
        years.into_iter().filter_map(|year| Some((year, year.parts(length).map(place).collect::<Option<_>>()?))).collect();
    let code = |year: &Period| Code { code: year.to_string(), label: text(&year.to_string(), &year.to_string()) };
    Sums {
        name: YEARLY,
        title: text("per år", "by year"),
        key: KeyColumn {
            name: YEAR.to_owned(),
            title: text("År", "Year"),
            codes: whole.iter().map(|(year, _)| code(year)).collect(),
        },
        periods: whole.into_iter().map(|(_, places)| places).collect(),
    }
}

/// The codes of every key that some period has, in the order of the newest one.
fn keys(parts: &[ReleasedPeriod], table: &TableDescription) -> Vec<KeyColumn> {
    let mut keys = table.keys.clone();
    for other in parts.iter().rev().filter_map(|part| described(part, &table.name)) {
        for (key, other) in keys.iter_mut().zip(&other.keys) {
            let new: Vec<Code> =
                other.codes.iter().filter(|code| !key.codes.iter().any(|k| k.code == code.code)).cloned().collect();
            key.codes.extend(new);
        }
    }
    keys
}

fn described<'p>(part: &'p ReleasedPeriod, name: &str) -> Option<&'p TableDescription> {
    part.publication.description.tables.iter().find(|table| table.name == name)
}

/// A cell of a period with the codes of all periods.
fn recoded(keys: &[KeyColumn], table: &TableDescription, cell: &[u16]) -> Option<Vec<u16>> {
    let index = |(key, code): (&KeyColumn, &Code)| u16::try_from(key.codes.iter().position(|k| k.code == code.code)?).ok();
    keys.iter().zip(table.codes(cell)).map(index).collect()
}

/// Where the period goes among the keys: before the last one, so that it heads the rows and the last key the columns.
fn place_of_period(keys: &[KeyColumn]) -> usize {
    keys.len().saturating_sub(1)
}

fn with<T: Clone>(list: &[T], at: usize, one: T) -> Vec<T> {
    let mut list = list.to_vec();
    list.insert(at.min(list.len()), one);
    list
}

/// The tables of a query with all periods beside each other.
fn beside(parts: &[ReleasedPeriod], table: &TableDescription) -> Result<Vec<Table>, DeriveError> {
    let keys = keys(parts, table);
    let at = place_of_period(&keys);
    let codes = parts.iter().map(ReleasedPeriod::code);
    let length = parts.first().map_or(Length::Year, |part| part.period.length()).name();
    let title = Text { sv: capital(&length.sv), en: capital(&length.en) };
    let period = KeyColumn { name: PERIOD.to_owned(), title, codes: codes.collect() };
    let mut all: Option<Vec<Table>> = None;
    for (index, part) in (0..).zip(parts) {
        let mine: Vec<&Table> = part.publication.tables.iter().filter(|t| t.description.name == table.name).collect();
        let cells: Option<Vec<Vec<u16>>> = mine.first().map_or(Some(Vec::new()), |first| {
            let own = &first.description;
            own.cells.iter().map(|cell| Some(with(&recoded(&keys, own, cell)?, at, index))).collect()
        });
        let cells = cells.ok_or(DeriveError::Tables)?;
        let fresh = all.is_none();
        let tables = all.get_or_insert_with(|| mine.iter().copied().cloned().collect());
        if tables.len() != mine.len() {
            return table.wrong("its periods have different measures");
        }
        for (stacked, mine) in tables.iter_mut().zip(mine) {
            if fresh {
                stacked.description.keys = with(&keys, at, period.clone());
                stacked.description.targets = Vec::new();
                stacked.comparison = None;
                stacked.description.cells.clone_from(&cells);
            } else {
                stacked.extend(mine, &cells);
            }
        }
    }
    let mut tables = all.unwrap_or_default();
    // Titles may have been bettered since.
    tables.iter_mut().for_each(|stacked| stacked.description.title.clone_from(&table.title));
    Ok(tables)
}

impl Table {
    /// Takes in the cells of another period.
    fn extend(&mut self, other: &Self, cells: &[Vec<u16>]) {
        self.description.cells.extend_from_slice(cells);
        self.values.extend_from_slice(&other.values);
        self.lower.extend_from_slice(&other.lower);
        self.upper.extend_from_slice(&other.upper);
        self.nobody.extend_from_slice(&other.nobody);
        self.people.extend_from_slice(&other.people);
        self.errors.extend_from_slice(&other.errors);
        self.margin = self.margin.filter(|margin| other.margin == Some(*margin));
        self.additive &= other.additive;
        self.rank = self.rank.max(other.rank);
        self.threshold = self.threshold.max(other.threshold);
        match (&mut self.sampling, &other.sampling) {
            (Some(mine), Some(more)) => mine.extend_from_slice(more),
            (mine, _) => *mine = None,
        }
        match (&mut self.whole, &other.whole) {
            (Some(mine), Some(more)) => mine.extend_from_slice(more),
            (mine, _) => *mine = None,
        }
    }
}

/// The sums of a query's tables over periods; none if there is nothing to add up.
fn summed(parts: &[ReleasedPeriod], table: &TableDescription, sums: &Sums, level: Level) -> Result<Vec<Table>, DeriveError> {
    let adds = |vector: &usize| {
        let name = table.vectors.get(*vector).map(|vector| &vector.name);
        parts.iter().all(|part| part.vectors.iter().any(|v| Some(&v.name) == name && v.estimate.is_some()))
    };
    let is_sum = |formula: &Formula| !matches!(formula, Formula::Quantile { .. } | Formula::HistogramQuantile { .. });
    let measures: Vec<usize> = table
        .measures
        .iter()
        .enumerate()
        .filter(|(_, measure)| is_sum(&measure.formula) && measure.formula.vectors().iter().all(adds))
        .map(|(at, _)| at)
        .collect();
    if measures.is_empty() || sums.periods.is_empty() || table.private_keys {
        return Ok(Vec::new());
    }
    let (mut description, goes) = summed_grid(parts, table, sums).ok_or(DeriveError::Tables)?;
    description.measures = measures.iter().filter_map(|at| table.measures.get(*at).cloned()).collect();
    let mut estimates = Vec::new();
    for (at, vector) in table.vectors.iter().enumerate() {
        let width =
            if table.measures.iter().any(|m| m.formula.width() == 2 && m.formula.vectors().contains(&at)) { 2 } else { 1 };
        estimates.push(sum_of(parts, &vector.name, &goes, width, description.cells.len()));
    }
    let vectors: Vec<Measured<'_>> = table
        .vectors
        .iter()
        .zip(&estimates)
        .filter_map(|(vector, sum)| {
            let one = parts.first()?.vectors.iter().find(|v| v.name == vector.name)?;
            let values = sum.as_ref().map_or(one.values.as_slice(), |sum| sum.whole.as_slice());
            Some(Measured { name: &vector.name, values, keys: None, noise: one.noise.clone() })
        })
        .collect();
    let estimates: Vec<Option<&Estimate>> = estimates.iter().map(Option::as_ref).collect();
    let sum = |measure| {
        let sum = numbers(&description, measure, &vectors, &estimates, level)?;
        Ok(Table { summed: true, comparison: None, ..sum })
    };
    (0..description.measures.len()).map(sum).collect()
}

/// For each period and each of its cells, which cells of the sum it goes to.
type CellsOfSum = Vec<Vec<Vec<CellIndex>>>;

/// The grid of a sum, and where the cells of each period go in it.
fn summed_grid(parts: &[ReleasedPeriod], table: &TableDescription, sums: &Sums) -> Option<(TableDescription, CellsOfSum)> {
    let keys = keys(parts, table);
    let at = place_of_period(&keys);
    let (mut cells, mut known): (Vec<Vec<u16>>, HashMap<Vec<u16>, CellIndex>) = Default::default();
    let mut goes: CellsOfSum = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let own = described(part, &table.name)?;
        let codes: Vec<u16> =
            (0..).zip(&sums.periods).filter(|(_, periods)| periods.contains(&index)).map(|(code, _)| code).collect();
        let mut of = Vec::new();
        for cell in &own.cells {
            let cell = recoded(&keys, own, cell)?;
            let to = codes.iter().map(|code| {
                let cell = with(&cell, at, *code);
                *known.entry(cell).or_insert_with_key(|cell| {
                    cells.push(cell.clone());
                    CellIndex(cells.len() - 1)
                })
            });
            of.push(to.collect());
        }
        goes.push(of);
    }
    // A sum over periods in some of which the cell was not published would be less than it says.
    let mut from = vec![0_usize; cells.len()];
    goes.iter().flatten().flatten().for_each(|to| from[to.number()] += 1);
    let whole = |cell: &Vec<u16>| sums.periods.get(usize::from(*cell.get(at)?)).map(Vec::len);
    let kept: Vec<bool> = cells.iter().zip(&from).map(|(cell, from)| whole(cell) == Some(*from)).collect();
    let mut places = (0..).map(CellIndex);
    let moved: Vec<Option<CellIndex>> = kept.iter().map(|kept| if *kept { places.next() } else { None }).collect();
    goes.iter_mut().flatten().for_each(|to| *to = to.iter().filter_map(|to| moved[to.number()]).collect());
    let mut kept = kept.into_iter();
    cells.retain(|_| kept.next().unwrap_or_default());
    let mut description = table.clone();
    description.name = format!("{}_{}", table.name, sums.name);
    description.title =
        Text { sv: format!("{}, {}", table.title.sv, sums.title.sv), en: format!("{}, {}", table.title.en, sums.title.en) };
    description.keys = with(&keys, at, sums.key.clone());
    (description.cells, description.above, description.targets) = (cells, None, Vec::new());
    // It is said of the periods.
    description.differs = None;
    description.measured_with = table.measured_with.as_ref().map(|with| format!("{with}_{}", sums.name));
    for vector in &mut description.vectors {
        vector.name = format!("{}-{}", vector.name, sums.name);
        vector.certificate = "null".to_owned();
    }
    Some((description, goes))
}

/// The sum of a vector over periods, of so many `cells`, to each of which `width` numbers belong.
fn sum_of(parts: &[ReleasedPeriod], name: &str, goes: &CellsOfSum, width: usize, cells: usize) -> Option<Estimate> {
    let mut terms = Vec::new();
    for (part, goes) in parts.iter().zip(goes) {
        let estimate = part.vectors.iter().find(|vector| vector.name == name)?.estimate.as_ref()?;
        let each = goes.iter().enumerate().flat_map(|(from, to)| {
            let from = CellIndex(from);
            to.iter().flat_map(move |to| from.numbers(width).zip(to.numbers(width)).map(|(from, to)| Goes { from, to }))
        });
        terms.push(Addend { estimate, goes: each.collect() });
    }
    Estimate::sum(&terms, cells * width)
}

/// A view with the rows of all periods.
fn view(parts: &[ReleasedPeriod], name: &str) -> Option<View> {
    let mut all: Option<View> = None;
    let codes: Vec<Code> = parts.iter().map(ReleasedPeriod::code).collect();
    // The columns, and so the labels, of the newest period.
    let columns = parts.iter().rev().find_map(|part| part.publication.views.iter().find(|view| view.name == name));
    let (columns, possible) = columns.map(|view| (&view.columns, &view.possible))?;
    let possible = if possible.is_empty() { Vec::new() } else { with(possible, 0, Some(Possible::PUBLIC)) };
    for part in parts {
        let Some(own) = part.publication.views.iter().find(|view| view.name == name) else { continue };
        let column = AboveColumn { name: PERIOD.to_owned(), title: text("Period", "Period"), codes: codes.clone() };
        let empty = || View {
            columns: with(columns, 0, column),
            rows: Vec::new(),
            ends: Vec::new(),
            possible: possible.clone(),
            parts: Vec::new(),
            ..own.clone()
        };
        let view = all.get_or_insert_with(empty);
        let before = view.rows.len();
        let moved = |of: &PartOfWhole| PartOfWhole { column: of.column + 1, part: of.part + before, whole: of.whole + before };
        view.parts.extend(own.parts.iter().map(moved));
        for (at, row) in own.rows.iter().enumerate() {
            view.rows.push(with(row, 0, Some(part.period.to_string())));
            view.ends.push(with(own.ends.get(at).map_or(&vec![None; row.len()], |ends| ends), 0, None));
        }
    }
    all
}

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
pub(crate) mod tests;
