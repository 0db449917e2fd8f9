//! The data set of a view: what SQL computes above the noisy numbers.

use super::{Column, DataSet, Number, NumberKind, Quality, Role, Unit, Values, table};
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use crate::{AboveColumn, Code, Possible, Publication, View};
use utfall_ground::text::{Lang, Text};

/// Makes it; `method` is what its metadata say of how it was computed.
pub(super) fn data_set(publication: &Publication, view: &View, method: serde_json::Value) -> DataSet {
    let grades = view.grades();
    let mut columns = Vec::new();
    for (index, of) in view.columns.iter().enumerate() {
        let (role, at) = (role(publication, view, index), columns.len());
        let values = values(view, index, of);
        let unit = if role == Role::Estimate { unit(view, index) } else { None };
        columns.push(Column { name: of.name.clone(), title: of.title.clone(), role, unit, values });
        if role == Role::Estimate {
            columns.extend(qualities(view, index, at, &grades));
        }
    }
    let statement = |lang| format!("{} {}", explain::view(lang), explain::as_computed(lang));
    let statement = Text { sv: statement(Lang::Sv), en: statement(Lang::En) };
    let (name, title) = (view.name.clone(), view.title.clone());
    DataSet { query: name.clone(), name, title, statement, computed: true, columns, method }.told_apart()
}

fn role(publication: &Publication, view: &View, index: usize) -> Role {
    match view.columns.get(index) {
        Some(column) if !column.codes.is_empty() => table::role(publication, &column.name),
        _ if view.has_intervals(index) || view.has_grades(index) => Role::Estimate,
        _ if numbers(view, index).is_none() => Role::Key,
        _ if view.is_public(index) => Role::Public,
        // Nobody knows whether noise is in it.
        _ => Role::Estimate,
    }
}

/// What numbers are counted in, where their query says that they are parts of a whole.
pub(crate) fn unit(view: &View, index: usize) -> Option<Unit> {
    match view.possible(index)? {
        Possible::SHARE => Some(Unit::share()),
        // From 0 to 100 may be anything; it is what the query calls it.
        Possible::PERCENT => {
            let of = view.columns.get(index)?;
            let said = [&of.name, &of.title.sv, &of.title.en].map(|text| text.to_lowercase());
            let is_percent = said.iter().any(|text| ["percent", "procent", "%"].iter().any(|word| text.contains(word)));
            is_percent.then(Unit::percent)
        }
        _ => None,
    }
}

/// The cells of a column: codes where it has a list, numbers where all are numbers, else the texts as they are.
fn values(view: &View, index: usize, of: &AboveColumn) -> Values {
    if of.codes.is_empty() {
        return match numbers(view, index) {
            Some(cells) => Values::Numbers { kind: NumberKind::of(cells.iter().flatten()), cells },
            None => Values::Texts((0..view.rows.len()).map(|row| view.cell(row, index).map(str::to_owned)).collect()),
        };
    }
    let mut codes = of.codes.clone();
    let place = |row: usize| {
        let text = view.cell(row, index)?;
        Some(codes.iter().position(|code| code.code == text).unwrap_or_else(|| {
            // A text that no list has is its own label.
            codes.push(Code { code: text.to_owned(), label: Text { sv: text.to_owned(), en: text.to_owned() } });
            codes.len() - 1
        }))
    };
    let cells = (0..view.rows.len()).map(place).collect();
    Values::Codes { codes, cells }
}

/// The cells of a column if every one that is not empty is a number, and there is one.
fn numbers(view: &View, index: usize) -> Option<Vec<Option<Number>>> {
    let cell = |row: usize| view.cell(row, index).map_or(Some(None), |text| Number::parse(text).map(Some));
    let cells = (0..view.rows.len()).map(cell).collect::<Option<Vec<_>>>()?;
    cells.iter().any(Option::is_some).then_some(cells)
}

/// What is said of the numbers of the column `index` of a view, which is the column `at` of the data set.
fn qualities(view: &View, index: usize, at: usize, grades: &[Vec<Option<Grade>>]) -> Vec<Column> {
    let Some(of) = view.columns.get(index) else { return Vec::new() };
    let column = |suffix: &str, sv: &str, en: &str, what, values| Column {
        name: format!("{}_{suffix}", of.name),
        title: Text { sv: format!("{}{sv}", of.title.sv), en: format!("{}{en}", of.title.en) },
        role: Role::About(at, what),
        unit: None,
        values,
    };
    let mut columns = Vec::new();
    if view.has_intervals(index) {
        let end = |upper: bool| {
            let end = |row| {
                let (low, high) = view.interval_in_files(row, index)?;
                Number::parse(if upper { &high } else { &low })
            };
            let cells: Vec<Option<Number>> = (0..view.rows.len()).map(end).collect();
            Values::Numbers { kind: NumberKind::of(cells.iter().flatten()), cells }
        };
        let (sv, en) = (", brusintervallets nedre gräns", ", lower end of the noise interval");
        columns.push(column("lower", sv, en, Quality::Lower, end(false)));
        let (sv, en) = (", brusintervallets övre gräns", ", upper end of the noise interval");
        columns.push(column("upper", sv, en, Quality::Upper, end(true)));
    }
    if view.has_grades(index) {
        let status = |row: &Vec<Option<Grade>>| {
            let grade = row.get(index).copied().flatten()?;
            Some(grade.status().to_owned()).filter(|status| !status.is_empty())
        };
        let title = |lang| format!(". {}", marks::status(lang));
        let values = Values::Texts(grades.iter().map(status).collect());
        columns.push(column("status", &title(Lang::Sv), &title(Lang::En), Quality::Status, values));
    }
    columns
}
