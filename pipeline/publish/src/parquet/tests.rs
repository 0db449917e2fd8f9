use std::collections::HashMap;

use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use arrow::array::{Array, RecordBatch, cast::AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};

use super::*;
use crate::dataset::pack::Pack;
use crate::{Publication, Source, fixture};

/// The rows of a file, and its texts by name.
fn read(bytes: Vec<u8>) -> (RecordBatch, HashMap<String, String>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let about = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    assert_eq!(builder.metadata().file_metadata().created_by(), Some("utfall version 1"));
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    let about = about.into_iter().map(|of| (of.key, of.value.unwrap_or_default())).collect();
    (arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap(), about)
}

/// A cell as the tidy CSV has it.
fn text(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    Some(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        _ => {
            let words = column.as_dictionary::<Int32Type>();
            words.values().as_string::<i32>().value(words.key(row).unwrap()).to_owned()
        }
    })
}

#[test]
fn every_cell_is_that_of_the_tidy_csv() {
    let publication = fixture::publication();
    let pack = Pack::of(&publication, &Source::default());
    for (set, file) in pack.sets.iter().zip(fixture::files(&Parquet, &publication).unwrap()) {
        let (batch, about) = read(file.bytes);
        let fields = fields(set).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (set.rows(), fields.len()));
        for (at, field) in fields.iter().enumerate() {
            assert_eq!(batch.schema().field(at).name(), &field.name);
            for row in 0..set.rows() {
                let expected = field.label.map_or_else(|| field.column.text(row), |lang| field.column.label(row, lang));
                assert_eq!(text(batch.column(at), row).as_deref(), expected, "{} {} {row}", set.name, field.name);
            }
        }
        assert_eq!(about["title_sv"], set.title.sv);
        assert_eq!(serde_json::from_str::<Value>(&about["method"]).unwrap(), set.method);
    }
}

#[test]
fn columns_have_the_types_of_their_numbers() {
    let publication = fixture::publication();
    let files = fixture::files(&Parquet, &publication).unwrap();
    let batch = |name: &str| read(files.iter().find(|file| file.path.to_str() == Some(name)).unwrap().bytes.clone()).0;
    let counts = batch("by_project.parquet");
    let kind = |name: &str| counts.schema().field_with_name(name).unwrap().data_type().clone();
    assert_eq!((kind("participants"), kind("standard_error")), (DataType::Int64, DataType::Decimal128(18, 2)));
    assert!(matches!(kind("project"), DataType::Dictionary(..)));
    let shares = batch("work_by_region.parquet");
    assert_eq!(shares.schema().field_with_name("work").unwrap().data_type(), &DataType::Decimal128(18, 3));
}

#[test]
fn texts_are_as_they_are_and_bytes_are_the_same() {
    let mut publication = fixture::publication();
    publication.tables[0].description.keys[0].codes[0].label.sv = "=1;<b>\r\nå".to_owned();
    let files = |publication: &Publication| fixture::files(&Parquet, publication).unwrap();
    let first = files(&publication);
    // Maps whose order is by chance have another one each time.
    assert!((0..4).all(|_| files(&publication) == first));
    let batch = read(first[0].bytes.clone()).0;
    assert_eq!(text(batch.column(1), 0).as_deref(), Some("=1;<b>\r\nå"));
}

#[test]
fn an_empty_table_is_a_file() {
    let mut publication = fixture::publication();
    publication.views[0].rows.clear();
    publication.views[0].ends.clear();
    publication.views[0].possible.clear();
    let files = fixture::files(&Parquet, &publication).unwrap();
    let file = files.into_iter().find(|file| file.path.to_str() == Some("work_rate.parquet")).unwrap();
    let metadata = ArrowReaderMetadata::load(&bytes::Bytes::from(file.bytes), Default::default()).unwrap();
    assert_eq!(metadata.metadata().file_metadata().num_rows(), 0);
}
