//! The rows of a landed file, group by group, each column in the form that takes the least time to write and to read: numbers that lie
//! near each other as [`Narrow`], all others by Arrow's own writer. Start reading at [`Groups`].

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowWriterOptions, compute_leaves};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

use super::file::GROUP;
use super::narrow::Narrow;

/// A file that is being written.
pub(crate) struct Groups<W: Write + Send> {
    file: SerializedFileWriter<W>,
    schema: SchemaRef,
    /// How Arrow's writer writes.
    options: ArrowWriterOptions,
    columns: Vec<Column>,
    /// How many rows the group has that is being written.
    rows: usize,
}

/// A column of the group that is being written.
enum Column {
    Narrow(Narrow),
    Other(Box<ArrowColumnWriter>),
}

impl Column {
    fn push(&mut self, rows: &ArrayRef, field: &FieldRef, options: &ArrowWriterOptions) -> Result<()> {
        let narrow = match self {
            Self::Narrow(narrow) => {
                if narrow.push(rows) {
                    return Ok(());
                }
                std::mem::take(narrow)
            }
            Self::Other(writer) => return append(writer, field, rows),
        };
        let mut writer = alone(field, options)?;
        if !narrow.is_empty() {
            append(&mut writer, field, &narrow.array(field.data_type())?)?;
        }
        append(&mut writer, field, rows)?;
        *self = Self::Other(Box::new(writer));
        Ok(())
    }
}

/// Arrow's writer of one column. Those of a whole file would be made all at once, each with what it compresses with, which for a small
/// file is most of the work.
fn alone(field: &FieldRef, options: &ArrowWriterOptions) -> Result<ArrowColumnWriter> {
    let schema = Arc::new(Schema::new(vec![Arc::clone(field)]));
    let (_, writers) = ArrowWriter::try_new_with_options(std::io::sink(), schema, options.clone())?.into_serialized_writer()?;
    writers.create_column_writers(0)?.pop().ok_or_else(|| ParquetError::General("a column without a writer".into()))
}

fn append(writer: &mut ArrowColumnWriter, field: &FieldRef, rows: &ArrayRef) -> Result<()> {
    compute_leaves(field, rows)?.iter().try_for_each(|leaf| writer.write(leaf))
}

impl<W: Write + Send> Groups<W> {
    /// Begins a file of these columns.
    ///
    /// # Errors
    /// When it cannot be written, or the columns cannot be stored.
    pub(crate) fn begin(file: W, schema: &SchemaRef, properties: WriterProperties) -> Result<Self> {
        // Without a second copy of the schema in Arrow's own words, half of a small file: Parquet's types say the same.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, Arc::clone(schema), options.clone())?;
        let (file, _) = writer.into_serialized_writer()?;
        Ok(Self { file, schema: Arc::clone(schema), options, columns: Vec::new(), rows: 0 })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < rows.num_rows() {
            let some = (rows.num_rows() - from).min(GROUP - self.rows);
            self.append(&rows.slice(from, some))?;
            from += some;
            if self.rows == GROUP {
                self.end_group()?;
            }
        }
        Ok(())
    }

    fn append(&mut self, rows: &RecordBatch) -> Result<()> {
        self.rows += rows.num_rows();
        self.columns.resize_with(rows.num_columns(), || Column::Narrow(Narrow::default()));
        let columns = self.columns.iter_mut().zip(rows.columns()).zip(self.schema.fields());
        columns.into_iter().try_for_each(|((column, rows), field)| column.push(rows, field, &self.options))
    }

    fn end_group(&mut self) -> Result<()> {
        self.rows = 0;
        let descriptions = self.file.schema_descr().columns().to_vec();
        let mut group = self.file.next_row_group()?;
        for (column, description) in self.columns.drain(..).zip(descriptions) {
            match column {
                Column::Narrow(narrow) => {
                    let (bytes, close) = narrow.finish(description)?;
                    group.append_column(&Bytes::from(bytes), close)?;
                }
                Column::Other(writer) => writer.close()?.append_to_row_group(&mut group)?,
            }
        }
        group.close().map(|_| ())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(mut self) -> Result<W> {
        if self.rows > 0 {
            self.end_group()?;
        }
        self.file.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array as _, BooleanArray, Date32Array, Int16Array, Int32Array, Int64Array};
    use arrow::datatypes::{DataType, Field};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::{Compression, Encoding, ZstdLevel};
    use parquet::file::properties::EnabledStatistics;

    /// Rows of every type, some without values; `at` says which of them these are.
    fn rows(at: std::ops::Range<i64>, schema: &SchemaRef) -> RecordBatch {
        let some = |each: i64, of: i64, value: i64| (value % each != 0).then_some(value * 7 % of);
        let narrow: Int16Array = at.clone().map(|n| some(5, 6, n).and_then(|n| i16::try_from(n).ok())).collect();
        let negative: Int32Array = at.clone().map(|n| i32::try_from(n % 200 - 150).ok()).collect();
        let days: Date32Array = at.clone().map(|n| some(3, 20_000, n * n).and_then(|n| i32::try_from(n).ok())).collect();
        // Near each other to begin with, and then not.
        let far: Int64Array = at.clone().map(|n| if n % 90 < 60 { some(4, 9, n) } else { Some(i64::MAX - n) }).collect();
        let least: Int64Array = at.clone().map(|n| Some(i64::MIN + n % 3)).collect();
        let none: Int16Array = at.clone().map(|_| None).collect();
        let truth: BooleanArray = at.map(|n| some(2, 2, n).map(|n| n == 0)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(narrow),
            Arc::new(negative),
            Arc::new(days),
            Arc::new(far),
            Arc::new(least),
            Arc::new(none),
            Arc::new(truth),
        ];
        RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
    }

    #[test]
    fn any_reader_of_parquet_finds_what_was_written() {
        let field = |name: &str, kind, nullable| Field::new(name, kind, nullable);
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            field("narrow", DataType::Int16, true),
            field("negative", DataType::Int32, false),
            field("days", DataType::Date32, true),
            field("far", DataType::Int64, true),
            field("least", DataType::Int64, false),
            field("none", DataType::Int16, true),
            field("truth", DataType::Boolean, true),
        ]));
        let properties = || {
            WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_statistics_enabled(EnabledStatistics::None)
                .set_offset_index_disabled(true)
                .set_dictionary_enabled(false)
                .set_max_row_group_row_count(Some(GROUP))
                .build()
        };
        for ends in [&[0][..], &[1], &[7, 30, 39], &[100, 101, 400]] {
            let begins = std::iter::once(0).chain(ends.iter().copied());
            let pieces = begins.zip(ends.iter().copied()).map(|(from, to)| from..to);
            let mut writer = Groups::begin(Vec::new(), &schema, properties()).unwrap();
            let batches: Vec<RecordBatch> = pieces.map(|at| rows(at, &schema)).collect();
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            let file = Bytes::from(writer.finish().unwrap());
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            if let Some(group) = reader.metadata().row_groups().first().filter(|group| group.num_rows() > 1) {
                let packed = |at: usize| group.column(at).encodings().any(|e| e == Encoding::RLE_DICTIONARY);
                assert!(packed(0) && packed(1) && !packed(2), "in the form that takes the least");
            }
            let expected = arrow::compute::concat_batches(&schema, &batches).unwrap();
            let found: Vec<RecordBatch> = reader.build().unwrap().map(|batch| batch.unwrap()).collect();
            let kinds = found.first().map_or_else(|| expected.schema(), RecordBatch::schema);
            let found = arrow::compute::concat_batches(&kinds, &found).unwrap();
            assert_eq!(found.num_rows(), expected.num_rows());
            for (one, other) in found.columns().iter().zip(expected.columns()) {
                let one = arrow::compute::cast(one, other.data_type()).unwrap();
                assert_eq!(one.to_data(), other.to_data());
            }
        }
    }
}
