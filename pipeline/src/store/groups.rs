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
    Other(ArrowColumnWriter),
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
        *self = Self::Other(writer);
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
