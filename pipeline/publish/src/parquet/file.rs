//! A file of columns: the same columns and texts give the same bytes.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

/// Who wrote a file: a constant, so that another version of the library does not make another file of the same numbers.
const WRITTEN_BY: &str = "utfall version 1";

/// Columns of so few rows are not compressed: to begin with a compressor takes longer than their bytes are worth.
const FEW: usize = 256;

/// The bytes of a file with these columns, in their order, and texts by name. A column that has a null somewhere says so.
pub(crate) fn write(columns: Vec<(String, ArrayRef)>, about: &[(&str, String)]) -> Result<Vec<u8>, ParquetError> {
    let field = |(name, array): &(String, ArrayRef)| Field::new(name, array.data_type().clone(), array.null_count() > 0);
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect())?;
    let about = about.iter().map(|(name, text)| KeyValue::new((*name).to_owned(), text.clone())).collect();
    let is_small = batch.num_rows() < FEW;
    let properties = WriterProperties::builder()
        .set_created_by(WRITTEN_BY.to_owned())
        .set_compression(if is_small { Compression::UNCOMPRESSED } else { Compression::ZSTD(ZstdLevel::default()) })
        .set_key_value_metadata(Some(about));
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties.build()))?;
    writer.write(&batch)?;
    writer.into_inner()
}
