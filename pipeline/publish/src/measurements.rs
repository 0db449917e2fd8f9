//! What was measured, before anything was computed from it: `measurements.parquet`, every noisy integer as it was drawn with the exact
//! parameters of its noise, and `map.csv`, by how much each of them enters each published count and sum.
//!
//! Published numbers are reconciled, so the errors of several have to do with each other. With these two files an analyst recomputes every
//! estimate, the covariance of any two of them, and estimates of other kinds: of C = W diag(variance) W', with the weights W of the map.
//! It gives nothing away: the budget has paid for these integers, and everything published is computed from them.

mod map;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, StringArray};
use arrow::datatypes::Int32Type;
use serde_json::{Map, Value, json};

use super::{Edition, Format, OutputFile, PublishError};
use crate::TableDescription;
use crate::estimate::noise::Noise;
use crate::parquet::file;
use crate::publication::drawn::{Drawn, DrawnVector};

/// The noisy integers.
const DRAWN: &str = "measurements.parquet";

/// Their weights in what is published.
const MAP: &str = "map.csv";

/// The format `measurements`.
#[derive(Debug)]
pub(super) struct Measurements;

impl Format for Measurements {
    fn name(&self) -> &'static str {
        "measurements"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let map = map::of(edition.publication)?;
        let left_out = map.left_out.iter().map(|(set, why)| json!({ "data_set": set, "sv": why.sv, "en": why.en }));
        let about = [
            ("read_sv", SV.to_owned()),
            ("read_en", EN.to_owned()),
            ("not_in_map", left_out.collect::<Value>().to_string()),
            ("release", json!(edition.pack.release).to_string()),
        ];
        let bytes = file::write(columns(&edition.publication.drawn), &about)
            .map_err(|error| PublishError::Compose(DRAWN.to_owned(), error.into()))?;
        Ok(vec![OutputFile { path: PathBuf::from(DRAWN), bytes }, OutputFile { path: PathBuf::from(MAP), bytes: map.csv }])
    }

    fn whole(&self, _release: &str) -> Vec<String> {
        [DRAWN, MAP].map(str::to_owned).into()
    }
}

/// How the files are read.
const SV: &str = "Varje rad är ett brusigt heltal så som det drogs, före avstämning. I map.csv står med vilken vikt det ingår i varje \
                  publicerat antal och varje publicerad summa: raden row (räknad från 0) i datamängden data_set är summan av vikt gånger tal, \
                  avrundad så att delar summerar till helheten. Variansen är summan av vikt i kvadrat gånger variance, kovariansen av två \
                  rader summan av vikternas produkt gånger variance. Vad som inte står i map.csv, och varför, står i not_in_map.";
const EN: &str = "Every row is a noisy integer as it was drawn, before reconciliation. map.csv tells its weight in every published count and \
                  sum: the row (counted from 0) of data_set is the sum of weight times value, rounded so that parts sum to the whole. The \
                  variance is the sum of weight squared times variance, the covariance of two rows the sum of the product of their weights \
                  times variance. What is not in map.csv, and why, stands in not_in_map.";

/// One noisy integer.
struct Row<'d> {
    drawn: &'d Drawn,
    table: Option<&'d TableDescription>,
    vector: &'d DrawnVector,
    index: usize,
    value: i64,
}

impl Row<'_> {
    /// The codes of its cell, as JSON by the names of the keys.
    fn cell(&self) -> Option<String> {
        let table = self.table?;
        let codes = self.vector.codes(table, self.index / self.vector.width(table))?;
        let named: Map<String, Value> = table.keys.iter().zip(codes).map(|(key, code)| (key.name.clone(), json!(code))).collect();
        Some(Value::Object(named).to_string())
    }

    /// Which of the numbers of its cell it is.
    fn number(&self) -> Option<i64> {
        self.table.and_then(|table| i64::try_from(self.index % self.vector.width(table)).ok())
    }

    /// The exact parameter of the noise.
    fn parameter(&self) -> &utfall_privacy::Rational {
        match &self.vector.noise {
            Noise::Gaussian { variance } => variance,
            Noise::Laplace { scale } | Noise::Exponential { scale, .. } | Noise::Thresholded { scale, .. } => scale,
        }
    }
}

/// The names of a mechanism and of its parameter.
fn named(noise: &Noise) -> (&'static str, &'static str) {
    match noise {
        Noise::Laplace { .. } => ("discrete_laplace", "scale"),
        Noise::Gaussian { .. } => ("discrete_gaussian", "variance"),
        Noise::Exponential { .. } => ("exponential", "scale"),
        Noise::Thresholded { .. } => ("thresholded_discrete_laplace", "scale"),
    }
}

/// All noisy integers, in the order of the archives.
fn columns(drawn: &[Drawn]) -> Vec<(String, ArrayRef)> {
    let vectors = drawn.iter().flat_map(|drawn| drawn.vectors.iter().map(move |vector| (drawn, vector)));
    let rows: Vec<Row<'_>> = vectors
        .flat_map(|(drawn, vector)| {
            let table = drawn.description.table_of(&vector.name);
            vector.values.iter().enumerate().map(move |(index, &value)| Row { drawn, table, vector, index, value })
        })
        .collect();
    let words = |of: &dyn Fn(&Row<'_>) -> Option<String>| -> ArrayRef {
        let texts: Vec<Option<String>> = rows.iter().map(of).collect();
        Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>())
    };
    let integers = |of: &dyn Fn(&Row<'_>) -> Option<i64>| -> ArrayRef { Arc::new(Int64Array::from_iter(rows.iter().map(of))) };
    let variance = |row: &Row<'_>| row.vector.noise.standard_deviation().map(|deviation| deviation * deviation);
    let threshold = |row: &Row<'_>| row.vector.noise.threshold();
    let candidates = |row: &Row<'_>| match row.vector.noise {
        Noise::Exponential { candidates, .. } => i64::try_from(candidates).ok(),
        Noise::Laplace { .. } | Noise::Gaussian { .. } | Noise::Thresholded { .. } => None,
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("period", words(&|row| row.drawn.period().map(|period| period.to_string()))),
        ("table", words(&|row| row.table.map(|table| table.name.clone()))),
        ("vector", words(&|row| Some(row.vector.name.clone()))),
        ("index", integers(&|row| i64::try_from(row.index).ok())),
        ("cell", Arc::new(StringArray::from_iter(rows.iter().map(Row::cell)))),
        ("number", integers(&|row| row.number())),
        ("value", integers(&|row| Some(row.value))),
        ("mechanism", words(&|row| Some(named(&row.vector.noise).0.to_owned()))),
        ("parameter", words(&|row| Some(named(&row.vector.noise).1.to_owned()))),
        ("numerator", words(&|row| Some(row.parameter().numer().to_string()))),
        ("denominator", words(&|row| Some(row.parameter().denom().to_string()))),
        ("variance", Arc::new(Float64Array::from_iter(rows.iter().map(variance)))),
        ("threshold", integers(&threshold)),
        ("candidates", integers(&candidates)),
    ];
    columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect()
}

#[cfg(test)]
mod tests;
