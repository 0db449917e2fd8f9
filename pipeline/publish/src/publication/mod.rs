//! From a release to what is published: a free computation on public numbers.
//!
//! Nothing here costs budget, because nothing here sees more than the released integers and the public description.

pub(crate) mod display;
pub mod drawn;
mod measured;
mod quoted;
pub mod series;
mod view;

use std::collections::{BTreeMap, HashMap};

use utfall_estimate::interval::Interval;
use utfall_estimate::tail::normal_margin;
use utfall_ground::text::Text;
use utfall_privacy::{Measurement, Release};

use crate::description::cell_index::CellIndex;
use crate::description::formula::{self, Formula};
use crate::description::{Description, Statistic, TableDescription, grid};
use crate::error::DeriveError;
use crate::estimate::Estimate;
use crate::estimate::compare::{self, Comparison};
use crate::estimate::interval::{self, Level};
use crate::estimate::noise::Noise;
use crate::estimate::reconciliation::Reconciliation;
use crate::estimate::reliability::Grade;
use crate::estimate::target::{self, Judged};
use drawn::Drawn;
pub use measured::{Measured, completed};
pub use quoted::{Origin, with_quoted};
pub use view::{Ends, PartOfWhole, Possible, View};

/// The intervals of what SQL computes above the door are made of so many draws.
pub const DRAWS: usize = 500;

/// A release, ready for any format.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The id of the release, in hex.
    pub id: String,
    /// What the release says of itself.
    pub description: Description,
    /// Its tables, one per measure, in the order of the description.
    pub tables: Vec<Table>,
    /// The results of the queries that go on above their noisy numbers. [`derive()`] leaves this empty: it runs no SQL.
    pub views: Vec<View>,
    /// The noisy integers that its own tables are computed from: one entry, of a series one for each period. None where nothing was drawn.
    pub drawn: Vec<Drawn>,
}

/// The published tables of one query.
#[derive(Debug, Clone, Copy)]
pub struct PublishedQuery<'a> {
    /// The result of the query above its noisy numbers, if it goes on there.
    pub view: Option<&'a View>,
    /// Its noisy tables, one per measure; at least one.
    pub tables: &'a [Table],
}

/// One measure of one query, with its noisy numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The stem of its files: [`TableDescription::stem`].
    pub name: String,
    /// Its title: the query's, and the measure's where the query has several.
    pub title: Text,
    /// What its query says of itself, with the grid and the codes that the release named.
    pub description: TableDescription,
    /// Which of the measures of the description it is.
    pub measure: usize,
    /// The numbers, one per cell of the description, in units of 10^-`decimals`; none where the noisy integers give none,
    /// such as the mean of nobody.
    pub values: Vec<Option<i64>>,
    /// The lower end of each cell's noise interval, rounded down; none where none can be given.
    pub lower: Vec<Option<i64>>,
    /// The upper end, rounded up.
    pub upper: Vec<Option<i64>>,
    /// How many decimals the numbers and their intervals have.
    pub decimals: u32,
    /// The standard error of each number, for the noise alone: exact of counts and sums, of means and shares to first order, from the
    /// interval; none where that is cut at what is possible, and of all else.
    pub errors: Vec<Option<f64>>,
    /// Half the width of the noise interval, where it is the same whole number for all cells (counts and sums that stand alone).
    pub margin: Option<i64>,
    /// Of shares, and of means whose spread is known: the intervals for noise and for chance in who took part.
    pub sampling: Option<Vec<Option<Interval<i64>>>>,
    /// Which of its places differ, if it compares places.
    pub comparison: Option<Comparison>,
    /// What people are shown instead of the numbers, where these were reconciled with other tables: whole numbers.
    pub whole: Option<Vec<i64>>,
    /// Whether what adds up among reconciled tables does so to the last digit; it does unless there are too many cells.
    pub additive: bool,
    /// Whether people are shown some numbers as small as the total that they are part of, where noise made them larger.
    pub ordered: bool,
    /// Of a quantile that a mechanism chose: by how many ranks it is off at most, at the level of the intervals.
    pub rank: Option<u64>,
    /// The cells of which the noisy count does not say that there is anybody: its interval reaches zero. Empty of counts and sums.
    pub nobody: Vec<bool>,
    /// Of quantiles that a mechanism chose: among how many, where a noisy count was measured beside them. Empty of anything else.
    pub people: Vec<Option<i64>>,
    /// The grades of the numbers as files have them, where people are shown others: one number has one grade.
    pub grades: Option<Vec<Option<Grade>>>,
    /// The number below which a noisy number, and its cell, is not shown.
    pub threshold: Option<i64>,
    /// Whether its numbers are sums of the periods of a series.
    pub summed: bool,
    /// The noise of each vector that the numbers are computed from.
    pub noise: Vec<VectorNoise>,
    /// The numbers that its targets are held against.
    pub judged: Vec<Judged>,
}

/// The noise of one vector, for readers.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorNoise {
    /// The name of the vector's measurement.
    pub name: String,
    /// The plain name of the noise.
    pub mechanism: Text,
    /// The parameters of the noise, by name and exact value.
    pub scale: Text,
    /// The standard deviation of what was added to each integer; none where a value was chosen instead.
    pub standard_deviation: Option<f64>,
    /// The margin of the noise of each integer, taken alone, at the level of the intervals.
    pub margin: Option<i64>,
    /// Whether the numbers were reconciled with others: then this is the noise before that, and may be large where they follow
    /// from the others.
    pub reconciled: bool,
}

/// One cell of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The index of each key column's code.
    pub codes: &'a [u16],
    /// The number.
    pub value: Option<i64>,
    /// Its noise interval.
    pub interval: Option<Interval<i64>>,
    /// Whether it is a statistic where there may be nobody.
    pub nobody: bool,
    /// How far the number can be relied on; none where there is none.
    pub grade: Option<Grade>,
}

impl Publication {
    /// The queries in order, each with its view and its tables.
    pub fn queries(&self) -> impl Iterator<Item = PublishedQuery<'_>> {
        let tables = self.tables.chunk_by(|a, b| a.description.name == b.description.name);
        tables.map(|tables| {
            let name = tables.first().map(|table| &table.description.name);
            PublishedQuery { view: self.views.iter().find(|view| Some(&view.name) == name), tables }
        })
    }

    /// The certificates of all vectors, by the name of the measurement, as one JSON object; none if there are none.
    pub fn certificates(&self) -> Option<Vec<u8>> {
        let vectors = self.description.measured_vectors();
        let vectors: Vec<_> = vectors.filter(|vector| vector.certificate != "null").collect();
        if vectors.is_empty() {
            return None;
        }
        // The texts go in as they are: an auditor compares bytes. Names need no escape.
        let entries = vectors.iter().map(|vector| format!("\"{}\": {}", vector.name, vector.certificate));
        Some(format!("{{\n{}\n}}\n", entries.collect::<Vec<_>>().join(",\n")).into_bytes())
    }
}

impl PublishedQuery<'_> {
    /// What the query says of itself.
    pub fn description(&self) -> Option<&TableDescription> {
        self.tables.first().map(|table| &table.description)
    }
}

impl Table {
    /// What its numbers are.
    pub fn measure(&self) -> Option<&Statistic> {
        self.description.measures.get(self.measure)
    }

    /// Its cells in order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let ends = self.lower.iter().zip(&self.upper);
        let intervals = ends.map(|(lower, upper)| Some(Interval { low: (*lower)?, high: (*upper)? }));
        let numbers = self.values.iter().zip(intervals);
        let nobody = self.nobody.iter().copied().chain(std::iter::repeat(false));
        let cells = self.description.cells.iter().zip(numbers).zip(nobody).enumerate();
        cells.map(|(at, ((codes, (&value, interval)), nobody))| {
            let grade = || self.judged(value, interval, nobody, self.people.get(at).copied().flatten());
            let grade = self.grades.as_ref().map_or_else(grade, |known| known.get(at).copied().flatten());
            Cell { codes, value, interval, nobody, grade }
        })
    }
}

/// Brings a release that stands on no other into the form that the formats read. The views are left to whoever can run SQL.
pub fn derive(release: &Release) -> Result<Publication, DeriveError> {
    derive_as(release, Description::from_json(release.description())?, &[])
}

/// The same in other words of the same measurements (see [`Description::in_words_of`]), beside the releases on whose numbers tables
/// of it stand.
pub fn derive_as(release: &Release, description: Description, quoted: &[Release]) -> Result<Publication, DeriveError> {
    let measured: Vec<_> = release.tables().iter().map(Measured::of).collect();
    let own = tables(&description, &measured)?;
    let drawn = vec![Drawn::of(&description, &measured)];
    let origins = quoted.iter().map(Origin::of).collect::<Result<Vec<_>, _>>()?;
    let tables = with_quoted(&description, own, &origins)?;
    Ok(Publication { id: release.id().to_string(), description, tables, views: Vec::new(), drawn })
}

/// The whole numbers that stand for each vector where a query goes on above them: those that were released, or the
/// reconciled ones where there are such, so that the same cell has the same number everywhere.
pub fn numbers_above(release: &Release) -> Result<BTreeMap<String, Vec<i64>>, DeriveError> {
    let description = Description::from_json(release.description())?;
    let released: Vec<_> = release.tables().iter().map(Measured::of).collect();
    numbers_of(&description, &released)
}

/// The same of vectors.
pub fn numbers_of(description: &Description, vectors: &[Measured<'_>]) -> Result<BTreeMap<String, Vec<i64>>, DeriveError> {
    reconciled(&Reconciliation::new(description, vectors)?, vectors)
}

/// The same with a reconciliation that is known.
pub fn reconciled(by: &Reconciliation, vectors: &[Measured<'_>]) -> Result<BTreeMap<String, Vec<i64>>, DeriveError> {
    let mut whole = by.whole(vectors)?;
    let mut number = |vector: &Measured<'_>| whole.remove(vector.name).unwrap_or_else(|| vector.values.to_vec());
    let mut all: BTreeMap<String, Vec<i64>> = vectors.iter().map(|vector| (vector.name.to_owned(), number(vector))).collect();
    // What is left was not measured.
    all.extend(whole);
    Ok(all)
}

/// The tables of a release that stand on no other, with made-up numbers, to try what can be published of it.
pub fn rehearsed(
    description: &Description,
    measurements: &[Measurement],
    numbers: &[Vec<i64>],
) -> Result<Vec<Table>, DeriveError> {
    let measured = measurements.iter().zip(numbers).map(|(measurement, values)| Measured::made_up(measurement, values));
    tables(description, &measured.collect::<Vec<_>>())
}

/// The tables of a release: what it says of itself, and its vectors in the same order.
fn tables(description: &Description, measured: &[Measured<'_>]) -> Result<Vec<Table>, DeriveError> {
    tables_by(&Reconciliation::new(description, measured)?, description, measured)
}

/// The same with a reconciliation that is known.
pub fn tables_by(by: &Reconciliation, description: &Description, measured: &[Measured<'_>]) -> Result<Vec<Table>, DeriveError> {
    let own = description.measured_vectors().map(|vector| vector.name.as_str());
    if !own.eq(measured.iter().map(|vector| vector.name)) {
        return Err(DeriveError::Tables);
    }
    each(by, measured, description.own(), Level::parse(&description.interval)?)
}

/// The tables of these queries, whose vectors were measured, or follow from those that were.
fn each<'t>(
    by: &Reconciliation,
    measured: &[Measured<'_>],
    queries: impl Iterator<Item = &'t TableDescription>,
    level: Level,
) -> Result<Vec<Table>, DeriveError> {
    let estimates = by.estimates(measured)?;
    let all = completed(by, measured, &estimates)?;
    let mut tables = Vec::new();
    for table in queries {
        let named = |name: &str| all.iter().find(|vector| vector.name == name).cloned();
        let vectors: Option<Vec<Measured<'_>>> = table.vectors.iter().map(|vector| named(&vector.name)).collect();
        tables.extend(join(table, &vectors.ok_or(DeriveError::Tables)?, level, &estimates)?);
    }
    Ok(tables)
}

/// The tables of one query: what it says of itself, its noisy vectors and their noise.
pub fn join(
    table: &TableDescription,
    vectors: &[Measured<'_>],
    level: Level,
    estimates: &HashMap<String, Estimate>,
) -> Result<Vec<Table>, DeriveError> {
    let names = table.vectors.iter().map(|vector| vector.name.as_str());
    if !names.eq(vectors.iter().map(|vector| vector.name)) {
        return Err(DeriveError::Tables);
    }
    let description = grid::named(table, vectors)?;
    let measures = 0..description.measures.len();
    let estimates: Vec<_> = vectors.iter().map(|vector| estimates.get(vector.name)).collect();
    measures.map(|measure| numbers(&description, measure, vectors, &estimates, level)).collect()
}

/// One measure: its numbers, their intervals and what they are computed from.
fn numbers(
    description: &TableDescription,
    measure: usize,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    level: Level,
) -> Result<Table, DeriveError> {
    let Some(of) = description.measures.get(measure) else { return description.wrong("it has no such measure") };
    let used: Vec<_> = of.formula.vectors().into_iter().filter_map(|index| vectors.get(index)).collect();
    let cells = description.cells.len();
    if used.iter().any(|vector| Some(vector.values.len()) != cells.checked_mul(of.formula.width())) {
        return description.wrong("it has not one number per cell");
    }
    let estimate = match of.formula {
        Formula::Count { vector } | Formula::Sum { vector } => estimates.get(vector).copied().flatten(),
        _ => None,
    };
    let decimals = estimate.map_or_else(|| of.formula.decimals(), |estimate| estimate.decimals);
    let reconciled = estimate.is_some_and(|estimate| estimate.reconciled);
    let values = values(&of.formula, vectors, estimates, cells);
    let with = |tail| interval::intervals(&of.formula, vectors, estimates, cells, tail, &description.measures);
    let intervals = with(level.tail())?;
    let comparison = match (&of.formula, compare::places(description)) {
        (Formula::Split { .. } | Formula::Mean { .. }, Some(places)) => Some(with(compare::tail_of_each(level.tail(), places))?),
        _ => None,
    };
    let outwards = |ends: Vec<Option<Interval>>| {
        let out =
            |Interval { low, high }| Interval { low: fixed(low, decimals, f64::floor), high: fixed(high, decimals, f64::ceil) };
        ends.into_iter().map(|ends| ends.map(out)).collect::<Vec<_>>()
    };
    // A number of a histogram can fall outside what its histogram allows; then the interval is widened to hold it.
    let end = |pick: fn(Interval) -> f64, round: fn(f64) -> f64, wider: fn(i64, i64) -> i64| {
        let both = intervals.ends.iter().zip(&values);
        both.map(|(ends, value)| {
            let end = fixed(pick((*ends)?), decimals, round);
            Some(value.map_or(end, |value| wider(end, fixed(value, decimals, f64::round))))
        })
        .collect()
    };
    let stem = description.stem(of);
    let title = if stem == description.name { description.title.clone() } else { joined(&description.title, &of.title) };
    let errors = standard_errors(&of.formula, vectors, estimates, (&intervals.ends, level));
    let mut table = Table {
        name: stem,
        errors,
        title,
        measure,
        lower: end(|interval| interval.low, f64::floor, i64::min),
        upper: end(|interval| interval.high, f64::ceil, i64::max),
        values: values.iter().map(|value| value.map(|value| fixed(value, decimals, f64::round))).collect(),
        decimals,
        margin: intervals.margin,
        sampling: intervals.sampling.map(outwards),
        comparison: comparison.map(|found| Comparison { together: outwards(found.ends), sampling: found.sampling.map(outwards) }),
        whole: estimate.filter(|_| reconciled).map(|estimate| estimate.whole.clone()),
        additive: estimate.is_none_or(|estimate| estimate.additive),
        ordered: false,
        rank: intervals.rank,
        nobody: intervals.nobody,
        people: people(&of.formula, vectors, estimates, description),
        grades: None,
        threshold: vectors.iter().find_map(|vector| vector.noise.threshold()),
        summed: false,
        noise: used.iter().map(|vector| VectorNoise { reconciled, ..VectorNoise::of(vector, level) }).collect(),
        description: description.clone(),
        judged: Vec::new(),
    };
    table.judged = target::judged(&table, vectors, estimates, level.tail());
    Ok(table)
}

/// The standard error of each number, for the noise alone.
///
/// Of a count or a sum it is known exactly: that of its own noise, or of all the noises in it where it was reconciled. The interval of a
/// mean or a share is that of Fieller; a normal estimate with the same interval would have its half, divided by the normal margin at
/// that level. Where the interval ends at what is possible its half is no measure of the noise.
fn standard_errors(
    formula: &Formula,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    (ends, level): (&[Option<Interval>], Level),
) -> Vec<Option<f64>> {
    match *formula {
        Formula::Count { vector } | Formula::Sum { vector } => {
            let Some(measured) = vectors.get(vector) else { return Vec::new() };
            let of = |cell: usize| match estimates.get(vector).copied().flatten() {
                Some(estimate) => estimate.distributions.error(estimate.distributions.kind(cell)?).map(|of| of.variance().sqrt()),
                None => measured.noise.standard_deviation(),
            };
            (0..measured.values.len()).map(of).collect()
        }
        Formula::Mean { low, high, .. } | Formula::Split { low, high, .. } => {
            let normal = normal_margin(level.tail());
            let inside = |of: &Interval| of.low > low as f64 && of.high < high as f64;
            ends.iter().map(|of| of.filter(inside).map(|of| (of.high - of.low) / 2.0 / normal)).collect()
        }
        Formula::Quantile { .. } | Formula::HistogramQuantile { .. } | Formula::Constant { .. } => Vec::new(),
        Formula::Variance { .. } | Formula::Deviation { .. } => Vec::new(),
    }
}

/// The whole numbers of a vector, as they were reconciled with others.
fn whole<'a>(at: usize, vector: &'a Measured<'_>, estimates: &[Option<&'a Estimate>]) -> &'a [i64] {
    estimates.get(at).copied().flatten().map_or(vector.values, |estimate| &estimate.whole)
}

/// Among how many a mechanism chose each quantile, by the count beside it, or by the distances of the values from both ends: those of
/// one together are the whole range.
fn people(
    formula: &Formula,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    description: &TableDescription,
) -> Vec<Option<i64>> {
    let Formula::Quantile { count, ends, .. } = *formula else { return Vec::new() };
    let numbers = |at: usize| vectors.get(at).map(|vector| whole(at, vector, estimates));
    let range = |of: &Statistic| match of.formula {
        Formula::Split { vector, low, high } if Some(vector) == ends => high.checked_sub(low).filter(|range| *range > 0),
        _ => None,
    };
    let range = description.measures.iter().find_map(range);
    let one = |cell: CellIndex| match count {
        Some(count) => numbers(count)?.get(cell.number()).copied(),
        None => {
            let [first, second] = cell.pair(numbers(ends?)?)?;
            first.saturating_add(second).checked_div(range?)
        }
    };
    CellIndex::all(description.cells.len()).map(one).collect()
}

/// The number of each cell: from the estimates of its vectors where they were reconciled.
fn values(formula: &Formula, vectors: &[Measured<'_>], estimates: &[Option<&Estimate>], cells: usize) -> Vec<Option<f64>> {
    let estimate = |vector: usize| estimates.get(vector).copied().flatten();
    match *formula {
        Formula::Count { vector } | Formula::Sum { vector } if let Some(estimate) = estimate(vector) => {
            let unit = 10f64.powi(estimate.decimals as i32);
            estimate.rounded.iter().map(|number| Some(*number as f64 / unit)).collect()
        }
        Formula::Split { vector, low, high } if let Some(estimate) = estimate(vector) => {
            let of = |cell: CellIndex| {
                let [first, second] = cell.pair(&estimate.values)?;
                formula::split(first, second, Interval { low, high })
            };
            CellIndex::all(cells).map(of).collect()
        }
        Formula::Mean { .. } | Formula::Variance { .. } | Formula::Deviation { .. }
            if formula.vectors().iter().any(|vector| estimate(*vector).is_some()) =>
        {
            let number = |vector: usize, cell: CellIndex| match estimate(vector) {
                Some(estimate) => estimate.values.get(cell.number()).copied(),
                None => Some(*vectors.get(vector)?.values.get(cell.number())? as f64),
            };
            CellIndex::all(cells).map(|cell| formula::estimated(formula, &|vector| number(vector, cell))).collect()
        }
        Formula::Quantile { count: Some(count), .. } | Formula::Constant { count, .. } => {
            let mut numbers: Vec<&[i64]> = vectors.iter().map(|vector| vector.values).collect();
            if let Some((counts, vector)) = numbers.get_mut(count).zip(vectors.get(count)) {
                *counts = whole(count, vector, estimates);
            }
            formula::cells(formula, &numbers, cells)
        }
        _ => formula::cells(formula, &vectors.iter().map(|vector| vector.values).collect::<Vec<_>>(), cells),
    }
}

/// How far the noise of a mechanism moves a number at most, at a level; none where a value is chosen instead.
pub fn margin(mechanism: &utfall_privacy::Mechanism, level: Level) -> Option<i64> {
    Noise::of(mechanism).margin(level.tail()).ok()
}

impl VectorNoise {
    fn of(vector: &Measured<'_>, level: Level) -> Self {
        Self {
            name: vector.name.to_owned(),
            mechanism: vector.noise.name(),
            scale: vector.noise.parameters(),
            standard_deviation: vector.noise.standard_deviation(),
            margin: vector.noise.margin(level.tail()).ok(),
            reconciled: false,
        }
    }
}

/// A number in units of 10^-`decimals`; what is beyond 64 bits becomes the nearest that is not.
fn fixed(value: f64, decimals: u32, round: fn(f64) -> f64) -> i64 {
    round(value * f64::from(10u32.pow(decimals))) as i64
}

/// Title and subtitle.
fn joined(title: &Text, more: &Text) -> Text {
    Text { sv: format!("{} – {}", title.sv, more.sv), en: format!("{} – {}", title.en, more.en) }
}

#[cfg(test)]
pub(crate) mod tests;
