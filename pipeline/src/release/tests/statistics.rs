//! Landed files carry no statistics, and no scan of them claims any: see `store/file.rs` for why.

use std::fs::File;

use datafusion::common::stats::Precision;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::*;

/// Every file below a folder with this ending.
fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let ends = |path: &PathBuf| path.extension().is_some_and(|extension| extension == ending);
    folders.iter().flat_map(|folder| below(folder, ending)).chain(files.into_iter().filter(ends)).collect()
}

#[test]
fn landed_files_say_nothing_of_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let landed = folder.path().join("data/landed");
    let (mut chunks, mut added) = (0, 0);
    for path in below(&landed, "parquet") {
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        for group in reader.metadata().row_groups() {
            for column in group.columns() {
                assert!(column.statistics().is_none(), "{path:?}: {}", column.column_path());
                assert!(column.bloom_filter_offset().is_none() && column.bloom_filter_length().is_none(), "{path:?}");
                assert!(column.column_index_offset().is_none() && column.offset_index_offset().is_none(), "{path:?}");
                assert!(column.repetition_level_histogram().is_none(), "{path:?}");
                assert!(
                    column.definition_level_histogram().is_none() && column.unencoded_byte_array_data_bytes().is_none(),
                    "{path:?}"
                );
                chunks += 1;
            }
        }
    }
    for path in below(&landed, "json") {
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let action: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(add) = action.get("add") {
                assert!(add.get("stats").is_none_or(serde_json::Value::is_null), "{path:?}: {add}");
                added += 1;
            }
        }
    }
    assert!(chunks > 100 && added > 3, "{chunks} {added}");

    // What a scan knows of its files: about how large they are, and nothing of their columns.
    runtime().block_on(async {
        let checked = world.checked("outcomes").await;
        let pinned = pin(&world.catalogue, &world.store(), &checked).await.unwrap();
        let files = pinned["participation"].as_ref().unwrap().files.clone();
        let scan = LandedTable::new(world.catalogue.table("participation").unwrap(), files);
        let state = datafusion::prelude::SessionContext::new().state();
        let plan = datafusion::catalog::TableProvider::scan(&scan, &state, None, &[], None).await.unwrap();
        let known = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new()).unwrap();
        assert!(matches!(known.num_rows, Precision::Inexact(_) | Precision::Absent), "{:?}", known.num_rows);
        assert!(!known.column_statistics.is_empty());
        for column in &known.column_statistics {
            let none = [&column.min_value, &column.max_value, &column.sum_value].iter().all(|value| **value == Precision::Absent);
            assert!(none && column.null_count == Precision::Absent && column.distinct_count == Precision::Absent, "{column:?}");
        }
    });
}
