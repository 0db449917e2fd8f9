use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{Array, RecordBatch, cast::AsArray};
use arrow::datatypes::{Float64Type, Int64Type};

use super::*;
use crate::dataset::Quality;
use crate::dataset::pack::Pack;
use crate::description::nesting::{FamilyDescription, PartDescription};
use crate::estimate::noise::KnownNoise;
use crate::estimate::reconciliation::Reconciliation;
use crate::publication::{series, tables_by};
use crate::{Description, Measured, Publication, Source, fixture};

/// The example by project and outcome, and by age and outcome; each with the sums of it that were measured beside it.
fn reconciled() -> Description {
    let mut of = fixture::description();
    of.tables.retain(|table| ["by_project", "by_age_band"].contains(&table.name.as_str()));
    let mut add = |from: usize, name: &str, key: usize| {
        let mut table = of.tables[from].clone();
        (table.name, table.vectors[0].name) = (name.to_owned(), name.to_owned());
        table.keys = vec![table.keys[key].clone()];
        table.cells = (0..table.keys[0].codes.len() as u16).map(|code| vec![code]).collect();
        of.tables.push(table);
    };
    add(0, "exits", 1);
    add(1, "ages", 0);
    let part = |vector: &str, level, keys: &[usize], places: &[Vec<u16>], axes: &[(usize, usize)]| PartDescription {
        vector: vector.to_owned(),
        level,
        keys: keys.to_vec(),
        places: places.to_vec(),
        axes: axes.to_vec(),
        split: None,
        slice: None,
    };
    let projects: Vec<Vec<u16>> = (0..5).map(|project| vec![project]).collect();
    let whole = [Vec::new()];
    of.families = vec![
        FamilyDescription {
            levels: vec![vec![0; 5]],
            axes: vec![10],
            parts: vec![part("by_project", 1, &[0], &projects, &[(1, 0)]), part("exits", 0, &[], &whole, &[(0, 0)])],
        },
        FamilyDescription {
            levels: Vec::new(),
            axes: vec![8, 10],
            parts: vec![part("by_age_band", 0, &[], &whole, &[(0, 0), (1, 1)]), part("ages", 0, &[], &whole, &[(0, 0)])],
        },
    ];
    of
}

/// Its publication with made-up draws, of several mechanisms.
fn publication() -> Publication {
    let description = reconciled();
    description.to_json().unwrap();
    let noises = [fixture::laplace(9, 2), fixture::gaussian(50, 3), fixture::gaussian(7, 1), fixture::laplace(3, 1)];
    let noises = noises.map(|noise| Arc::new(KnownNoise::from(noise)));
    let draws: Vec<Vec<i64>> =
        [50, 80, 10, 8].iter().map(|cells| (0..*cells).map(|at| (at * 7919) % 211 - 40).collect()).collect();
    let names: Vec<String> = description.tables.iter().map(|table| table.name.clone()).collect();
    let measured: Vec<Measured<'_>> = names
        .iter()
        .zip(&draws)
        .zip(&noises)
        .map(|((name, values), noise)| Measured { name, values, keys: None, noise: Arc::clone(noise) })
        .collect();
    let by = Reconciliation::new(&description, &measured).unwrap();
    let tables = tables_by(&by, &description, &measured).unwrap();
    let drawn = vec![Drawn::of(&description, &measured)];
    Publication { id: "7e1d".repeat(16), description, tables, views: Vec::new(), drawn }
}

fn drawn(publication: &Publication) -> (RecordBatch, HashMap<String, String>) {
    let file = fixture::files(&Measurements, publication).unwrap().remove(0);
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(file.bytes)).unwrap();
    let about = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    let about = about.into_iter().map(|of| (of.key, of.value.unwrap_or_default())).collect();
    (arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap(), about)
}

fn text(batch: &RecordBatch, column: &str, row: usize) -> String {
    let column = arrow::compute::cast(batch.column_by_name(column).unwrap(), &arrow::datatypes::DataType::Utf8).unwrap();
    let column = column.as_string::<i32>();
    if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
}

/// A number that was drawn, and the variance of its noise.
type Draw = (f64, f64);

/// What was drawn, by period, vector and index.
fn draws(publication: &Publication) -> HashMap<(String, String, String), Draw> {
    let (batch, _) = drawn(publication);
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let (value, variance) = (column("value").as_primitive::<Int64Type>(), column("variance").as_primitive::<Float64Type>());
    let key = |row| (text(&batch, "period", row), text(&batch, "vector", row), text(&batch, "index", row));
    (0..batch.num_rows()).map(|row| (key(row), (value.value(row) as f64, variance.value(row)))).collect()
}

/// Per data set and row, the sum of weight times draw, and that of weight squared times variance.
fn weighed(publication: &Publication) -> BTreeMap<(String, usize), Draw> {
    let draws = draws(publication);
    let map = fixture::files(&Measurements, publication).unwrap().remove(1);
    let mut sums = BTreeMap::new();
    for record in csv::Reader::from_reader(map.bytes.as_slice()).records().map(Result::unwrap) {
        let (value, variance) = draws[&(record[2].to_owned(), record[3].to_owned(), record[4].to_owned())];
        let weight: f64 = record[5].parse().unwrap();
        let sum: &mut Draw = sums.entry((record[0].to_owned(), record[1].parse().unwrap())).or_default();
        sum.0 += weight * value;
        sum.1 += weight * weight * variance;
    }
    sums
}

/// Holds the sums against every published number of the tables of counts, and gives how many there were and the largest difference.
fn held(publication: &Publication) -> (usize, f64) {
    let (sums, pack) = (weighed(publication), Pack::of(publication, &Source::default()));
    let (mut numbers, mut largest) = (0, 0.0_f64);
    for set in &pack.sets {
        let (at, estimate) = set.estimates().next().unwrap();
        for row in 0..set.rows() {
            let (sum, variance) = sums[&(set.name.clone(), row)];
            largest = largest.max((sum - estimate.number(row).unwrap().to_f64()).abs());
            let error = set.about(at, Quality::StandardError).unwrap().number(row).unwrap();
            // To the last of its decimals.
            assert!(
                (variance.sqrt() - error.to_f64()).abs() < 0.6 * 0.1_f64.powi(error.kind().decimals() as i32),
                "{} {row}",
                set.name
            );
            numbers += 1;
        }
    }
    (numbers, largest)
}

#[test]
fn weights_and_draws_give_every_published_number_and_its_error() {
    let publication = publication();
    let (numbers, largest) = held(&publication);
    assert_eq!(numbers, 50 + 80 + 10 + 8);
    // Rounded to hundredths so that parts sum to the whole: a hundredth off at most here.
    assert!(largest < 0.01, "{largest}");
    // Before rounding it is the very number.
    let measured = publication.drawn[0].measured();
    let estimates = Reconciliation::new(&publication.description, &measured).unwrap().estimates(&measured).unwrap();
    for ((set, row), (sum, _)) in weighed(&publication) {
        assert!((sum - estimates[&set].values[row]).abs() < 1e-9, "{set} {row}");
    }
}

#[test]
fn weights_of_parts_sum_to_those_of_the_whole() {
    let publication = publication();
    let map = fixture::files(&Measurements, &publication).unwrap().remove(1);
    let mut sums: BTreeMap<(String, String), [f64; 2]> = BTreeMap::new();
    for record in csv::Reader::from_reader(map.bytes.as_slice()).records().map(Result::unwrap) {
        let row: usize = record[1].parse().unwrap();
        // The first age, and its ten outcomes.
        let of = match &record[0] {
            "ages" if row == 0 => 0,
            "by_age_band" if row < 10 => 1,
            _ => continue,
        };
        sums.entry((record[3].to_owned(), record[4].to_owned())).or_default()[of] += record[5].parse::<f64>().unwrap();
    }
    assert!(sums.len() > 10 && sums.values().all(|[whole, parts]| (whole - parts).abs() < 1e-9), "{sums:?}");
}

#[test]
fn draws_are_as_they_were_with_the_exact_parameters() {
    let publication = publication();
    let (batch, _) = drawn(&publication);
    assert_eq!(batch.num_rows(), 148);
    let values = batch.column_by_name("value").unwrap().as_primitive::<Int64Type>();
    assert!(publication.drawn[0].vectors.iter().flat_map(|vector| &vector.values).eq(values.values()));
    let of = |row: usize| {
        ["vector", "cell", "mechanism", "parameter", "numerator", "denominator"].map(|column| text(&batch, column, row))
    };
    let cell = r#"{"exit_state":"subsidised_work","project":"asap"}"#;
    assert_eq!(of(1), ["by_project", cell, "discrete_laplace", "scale", "9", "2"]);
    assert_eq!(of(50)[2..], ["discrete_gaussian", "variance", "50", "3"]);
}

#[test]
fn what_is_not_in_the_map_is_named() {
    let (batch, about) = drawn(&fixture::publication());
    let left_out: Value = serde_json::from_str(&about["not_in_map"]).unwrap();
    let names: Vec<&str> = left_out.as_array().unwrap().iter().map(|of| of["data_set"].as_str().unwrap()).collect();
    assert_eq!(names, ["days_by_project_mean_days", "days_by_project_median_days", "work_by_region"]);
    let rows = (0..batch.num_rows()).find(|row| text(&batch, "vector", *row) == "by_municipality_count").unwrap();
    assert_eq!(
        (text(&batch, "cell", rows).as_str(), text(&batch, "threshold", rows).as_str()),
        (r#"{"municipality":"Göteborg"}"#, "90")
    );
    // Too many weights: the numbers are there all the same.
    let publication = publication();
    let map = map::of_at_most(&publication, 1000).unwrap();
    let left_out: Vec<&str> = map
        .left_out
        .iter()
        .map(|(name, why)| {
            assert!(why.en.contains("more than"));
            name.as_str()
        })
        .collect();
    assert_eq!(left_out, ["by_project", "by_age_band", "exits", "ages"]);
    assert_eq!(String::from_utf8(map.csv).unwrap(), "data_set,row,period,vector,index,weight\n");
}

#[test]
fn sums_over_periods_are_of_all_their_draws() {
    let family = [series::tests::single()];
    for families in [[&[][..]; 4], [&family[..]; 4]] {
        let year = series::tests::year(families);
        assert_eq!(drawn(&year).1["not_in_map"], "[]");
        assert!(year.tables.iter().filter(|table| table.summed).count() >= 2);
        let (numbers, largest) = held(&year);
        // Four quarters, everything until each of them, and the year.
        assert_eq!((numbers, largest < 1e-9), (80 * 9, true), "{largest}");
        let sum = weighed(&year)[&("by_age_band_cumulative".to_owned(), 3)];
        assert!(sum.0 > 0.0);
    }
}
