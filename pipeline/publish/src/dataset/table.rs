//! The data set of a noisy table: one measure of one query.

use utfall_estimate::interval::Interval;

use super::{Column, DataSet, Number, NumberKind, Quality, Role, Unit, Values};
use crate::explain::{self, marks};
use crate::publication::series;
use crate::{Formula, Publication, Table};
use utfall_ground::text::{Lang, Text};

/// Makes it, if the table has a measure; `method` is what its metadata say of how it was computed.
pub(super) fn data_set(publication: &Publication, table: &Table, method: serde_json::Value) -> Option<DataSet> {
    let mut columns: Vec<Column> =
        (0..table.description.keys.len()).filter_map(|key| key_column(publication, table, key)).collect();
    let measure = table.measure()?;
    let at = columns.len();
    columns.push(Column {
        name: measure.name.clone(),
        title: measure.title.clone(),
        role: Role::Estimate,
        unit: unit(table),
        values: fixed(&table.values, table.decimals),
    });
    columns.extend(qualities(table, at));
    let statement =
        Text { sv: explain::statement(Lang::Sv, table).to_owned(), en: explain::statement(Lang::En, table).to_owned() };
    let (name, query, title) = (table.name.clone(), table.description.name.clone(), table.title.clone());
    Some(DataSet { name, query, title, statement, computed: false, columns, method }.told_apart())
}

fn key_column(publication: &Publication, table: &Table, key: usize) -> Option<Column> {
    let of = table.description.keys.get(key)?;
    let cells = table.description.cells.iter().map(|cell| cell.get(key).copied().map(usize::from));
    Some(Column {
        name: of.name.clone(),
        title: of.title.clone(),
        role: role(publication, &of.name),
        unit: None,
        values: Values::Codes { codes: of.codes.clone(), cells: cells.collect() },
    })
}

/// Whether a key of this name is time: in a series, which names it itself.
pub(super) fn role(publication: &Publication, key: &str) -> Role {
    if publication.description.series.is_some() && series::is_period(key) { Role::Period } else { Role::Key }
}

/// What the numbers are counted in.
fn unit(table: &Table) -> Option<Unit> {
    let measure = table.measure()?;
    match &measure.unit {
        Some(declared) => Some(Unit::declared(declared)),
        None if measure.formula.is_share() => Some(Unit::share()),
        None => matches!(measure.formula, Formula::Count { .. }).then(Unit::number),
    }
}

/// What is said of the estimate in the column `at`.
fn qualities(table: &Table, at: usize) -> Vec<Column> {
    let column = |name: &str, (sv, en): (&str, &str), what, values| Column {
        name: name.to_owned(),
        title: Text { sv: sv.to_owned(), en: en.to_owned() },
        role: Role::About(at, what),
        unit: None,
        values,
    };
    let ends = |ends: &[Option<i64>]| fixed(ends, table.decimals);
    let mut columns = vec![
        column("lower", LOWER, Quality::Lower, ends(&table.lower)),
        column("upper", UPPER, Quality::Upper, ends(&table.upper)),
    ];
    if table.errors.iter().any(Option::is_some) {
        let decimals = usize::try_from(table.decimals).unwrap_or_default() + 2;
        let cells = table.errors.iter().map(|error| Number::rounded((*error)?, decimals)).collect();
        let values = Values::Numbers { kind: NumberKind::Decimal(table.decimals + 2), cells };
        columns.push(column("standard_error", STANDARD_ERROR, Quality::StandardError, values));
    }
    if let Some(sampling) = &table.sampling {
        let end = |pick: fn(Interval<i64>) -> i64| sampling.iter().map(|of| of.map(pick)).collect::<Vec<_>>();
        columns.push(column("sampling_lower", SAMPLING_LOWER, Quality::SamplingLower, ends(&end(|of| of.low))));
        columns.push(column("sampling_upper", SAMPLING_UPPER, Quality::SamplingUpper, ends(&end(|of| of.high))));
    }
    if let Some(margin) = table.margin {
        columns.push(column("margin", MARGIN, Quality::Margin, ends(&vec![Some(margin); table.values.len()])));
    }
    let status = table.cells().map(|cell| cell.grade.map(|grade| grade.status().to_owned()).filter(|status| !status.is_empty()));
    let title = (marks::status(Lang::Sv), marks::status(Lang::En));
    columns.push(column("obs_status", title, Quality::Status, Values::Texts(status.collect())));
    columns
}

const LOWER: (&str, &str) = ("Brusintervallets nedre gräns", "Lower end of the noise interval");
const UPPER: (&str, &str) = ("Brusintervallets övre gräns", "Upper end of the noise interval");
const STANDARD_ERROR: (&str, &str) = ("Standardfel, av bruset", "Standard error, of the noise");
const MARGIN: (&str, &str) = ("Brusintervallets marginal", "Margin of the noise interval");
const SAMPLING_LOWER: (&str, &str) = (
    "Intervall för brus och för slumpen i vilka som deltog, nedre gräns",
    "Interval for noise and for chance in who took part, lower end",
);
const SAMPLING_UPPER: (&str, &str) = (
    "Intervall för brus och för slumpen i vilka som deltog, övre gräns",
    "Interval for noise and for chance in who took part, upper end",
);

/// Numbers in units of 10^-`decimals`.
fn fixed(values: &[Option<i64>], decimals: u32) -> Values {
    let kind = if decimals == 0 { NumberKind::Integer } else { NumberKind::Decimal(decimals) };
    Values::Numbers { kind, cells: values.iter().map(|value| value.map(|value| Number::fixed(value, decimals))).collect() }
}
