//! By how much each measured number enters each published count and sum.
//!
//! Estimates are linear in what was measured. Where a vector was reconciled with nothing, each of its numbers is published as it was drawn;
//! otherwise the weights are those of the reconciliation; a sum over periods has those of each of its periods.

use std::collections::HashMap;

use utfall_ground::calendar::{Length, Period};
use utfall_ground::text::Text;

use super::MAP;
use crate::estimate::reconciliation::{Reconciliation, Weight, Weights};
use crate::publication::drawn::Drawn;
use crate::publication::series::{PERIOD, THROUGH, YEAR, within_period};
use crate::{DeriveError, Formula, Publication, PublishError, Table};

/// A family of which more pairs of measured and estimated numbers would have to be listed is left out.
const MOST: usize = 1_000_000;

/// The map, as a file.
pub(super) struct WeightMap {
    pub(super) csv: Vec<u8>,
    /// The data sets that are not in it, each with the reason.
    pub(super) left_out: Vec<(String, Text)>,
}

/// What was drawn once, and the weights of what was reconciled there.
struct Part<'p> {
    drawn: &'p Drawn,
    weights: HashMap<String, Option<Weights>>,
}

/// The map of a publication.
pub(super) fn of(publication: &Publication) -> Result<WeightMap, PublishError> {
    of_at_most(publication, MOST)
}

/// The same with another bound on the pairs of a family.
pub(super) fn of_at_most(publication: &Publication, most: usize) -> Result<WeightMap, PublishError> {
    let parts: Vec<Part<'_>> = publication.drawn.iter().map(|drawn| Part::new(drawn, most)).collect::<Result<_, _>>()?;
    let (mut writer, mut left_out) = (csv::Writer::from_writer(Vec::new()), Vec::new());
    let failed = |error: csv::Error| PublishError::Compose(MAP.to_owned(), error.into());
    writer.write_record(["data_set", "row", "period", "vector", "index", "weight"]).map_err(failed)?;
    for table in &publication.tables {
        let rows = match rows(publication, table, &parts) {
            Ok(rows) => rows,
            Err(why) => {
                left_out.push((table.name.clone(), why));
                continue;
            }
        };
        for (row, weights) in rows.iter().enumerate() {
            for (part, Weight { vector, index, weight }) in weights {
                let period = part.drawn.period().map(|period| period.to_string()).unwrap_or_default();
                let fields = [&table.name, &row.to_string(), &period, vector, &index.to_string(), &weight.to_string()];
                writer.write_record(fields).map_err(failed)?;
            }
        }
    }
    let csv = writer.into_inner().map_err(|error| failed(error.into_error().into()))?;
    Ok(WeightMap { csv, left_out })
}

/// The measured numbers in one published number.
type Of<'p> = Vec<(&'p Part<'p>, Weight)>;

/// Those of each row of a table; else why there are none.
fn rows<'p>(publication: &Publication, table: &Table, parts: &'p [Part<'p>]) -> Result<Vec<Of<'p>>, Text> {
    if let Some(quoted) = &table.description.quotes {
        let release = &quoted.release;
        let why = text("talen är releasens", "its numbers are those of the release");
        return Err(Text { sv: format!("{} {release}", why.sv), en: format!("{} {release}", why.en) });
    }
    let vector = match table.measure().map(|measure| &measure.formula) {
        Some(Formula::Count { vector } | Formula::Sum { vector }) => table.description.vectors.get(*vector),
        _ => None,
    };
    let Some(vector) = vector else { return Err(text("talen är inte antal eller summor", "its numbers are no counts or sums")) };
    let name = if table.summed { within_period(&vector.name) } else { &vector.name };
    if parts.iter().any(|part| matches!(part.weights.get(name), Some(None))) {
        return Err(text("vikterna är fler än en miljon", "there are more than a million weights"));
    }
    let own = |row: usize| parts.iter().map(|part| part.weights(name, row)).collect::<Option<Vec<_>>>().map(|of| of.concat());
    let found: Option<Vec<Of<'p>>> = match publication.description.series {
        None if parts.len() == 1 => (0..table.values.len()).map(own).collect(),
        None => None,
        Some(_) => over_periods(table, name, parts),
    };
    found.ok_or_else(|| text("det som mättes finns inte i releasen", "what was measured is not in the release"))
}

/// Those of each row of a table of a series, found by its codes in every period that it is of.
fn over_periods<'p>(table: &Table, vector: &str, parts: &'p [Part<'p>]) -> Option<Vec<Of<'p>>> {
    let known: Vec<HashMap<Vec<&str>, usize>> = parts.iter().map(|part| part.cells(vector)).collect();
    let keys = &table.description.keys;
    let at = keys.iter().position(|key| [PERIOD, THROUGH, YEAR].contains(&key.name.as_str()))?;
    let of_row = |cell: &[u16]| {
        let mut codes: Vec<&str> = table.description.codes(cell).map(|code| code.code.as_str()).collect();
        let time = Period::parse(codes.remove(at))?;
        let holds = |period: Period| match keys.get(at).map(|key| key.name.as_str()) {
            Some(THROUGH) => period <= time,
            Some(YEAR) => period.length() != Length::Year && period.year() == time,
            _ => period == time,
        };
        let mut all = Vec::new();
        for (part, known) in parts.iter().zip(&known).filter(|(part, _)| part.drawn.period().is_some_and(holds)) {
            // A period may lack what later ones have.
            if let Some(row) = known.get(&codes) {
                all.extend(part.weights(vector, *row)?);
            }
        }
        (!all.is_empty()).then_some(all)
    };
    table.description.cells.iter().map(|cell| of_row(cell)).collect()
}

impl<'p> Part<'p> {
    fn new(drawn: &'p Drawn, most: usize) -> Result<Self, DeriveError> {
        let measured = drawn.measured();
        let weights = Reconciliation::new(&drawn.description, &measured)?.weights(&measured, most)?;
        Ok(Self { drawn, weights })
    }

    /// The measured numbers in the estimate of one number of a vector.
    fn weights(&'p self, vector: &str, number: usize) -> Option<Of<'p>> {
        let weights = match self.weights.get(vector) {
            Some(reconciled) => reconciled.as_ref()?.get(number)?.clone(),
            None => {
                self.drawn.vector(vector)?.values.get(number)?;
                vec![Weight { vector: vector.to_owned(), index: number, weight: 1.0 }]
            }
        };
        Some(weights.into_iter().map(|weight| (self, weight)).collect())
    }

    /// The cells of a vector's table by their codes.
    fn cells(&self, vector: &str) -> HashMap<Vec<&str>, usize> {
        let Some(table) = self.drawn.description.table_of(vector) else { return HashMap::new() };
        let codes = |cell: usize| match self.drawn.vector(vector) {
            Some(drawn) => drawn.codes(table, cell),
            None => table.cells.get(cell).map(|cell| table.codes(cell).map(|code| code.code.as_str()).collect()),
        };
        (0..).map_while(|cell| Some((codes(cell)?, cell))).collect()
    }
}

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}
