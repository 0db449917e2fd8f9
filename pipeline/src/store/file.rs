//! Landed files: sorted zstd Parquet, one per state of the rows (and project), written durably and read exactly.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Int16Type, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::digest::{self, Digesting};
use super::groups::Groups;
use crate::catalogue::schema::TableSchema;
pub use crate::catalogue::schema::{BEGAN, ENDED};
use utfall_ground::clock::now_millis;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;
use utfall_ground::text::{Lang, Message};

/// The columns that are stored beside those of the schema and landing's numbers: the month that reported the row, and the
/// days by which reporting periods are told, [`BEGAN`] and [`ENDED`].
pub const BESIDE: [&str; 3] = ["month", BEGAN, ENDED];
/// The column of Delta's partitions that tells what a file's rows are.
pub const STATE: &str = "state";
/// The rows of [`crate::store::stored::Forgotten`] people.
pub const FORGOTTEN: &str = "forgotten";
/// At most so many rows lie in one group of a file: the least that a reader can read, and what a writer holds. In tests a few rows
/// are several groups.
pub(super) const GROUP: usize = if cfg!(all(test, debug_assertions)) { 40 } else { 256 << 10 };

/// At most so many bytes lie in a page: those of a group's codes, and of its people.
const PAGE: usize = 8 << 20;

/// Files of up to so many bytes are small: written anew when their project is landed on, or put together. In tests some files of
/// a few rows are small and others are not.
pub const SMALL: u64 = if cfg!(all(test, debug_assertions)) { 3_700 } else { 1 << 20 };

/// One file of a landed table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredFile {
    /// Its path below the table's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// What its rows are.
    pub state: String,
    /// Their project; none where rows of several projects share a file, and of records that stay of erased people.
    pub project: Option<i16>,
    /// When it was written, in milliseconds since 1970 by the writer's clock.
    pub written: i64,
}

impl StoredFile {
    /// Whether rows of several projects lie in it.
    pub fn is_shared(&self) -> bool {
        self.project.is_none() && self.state != FORGOTTEN
    }

    /// Whether it may hold a row of a project, or of any.
    pub fn may_hold(&self, project: Option<i16>) -> bool {
        self.project.is_none() || project.is_none() || self.project == project
    }
}

/// The schema of the files: the landed columns and those beside them. Only the unit and the numbers are in every row.
pub fn schema(table: &TableSchema) -> SchemaRef {
    let always = |name: &str| table.unit() == Some(name) || table.numbers().contains(&name);
    let landed = table.landed();
    let fields = landed.fields().iter().map(|f| f.as_ref().clone().with_nullable(!always(f.name())));
    let [month, began, ended] = BESIDE;
    let day = |name| Field::new(name, DataType::Date32, true);
    let beside = [Field::new(month, DataType::Int16, true), day(began), day(ended)];
    Arc::new(Schema::new(fields.chain(beside).collect::<Vec<_>>()))
}

/// Writes one file.
pub struct FileWriter {
    file: StoredFile,
    path: PathBuf,
    /// The file, until its first rows come: how they are written depends on how many they are.
    empty: Option<File>,
    schema: SchemaRef,
    unit: Option<String>,
    writer: Option<Groups<Digesting>>,
    finished: bool,
}

impl std::fmt::Debug for FileWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FileWriter {
    /// Begins a file below a table's folder.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(folder: &Path, table: &TableSchema, state: &str, project: Option<i16>) -> Result<Self, Error> {
        let below = project.map_or_else(|| state.to_owned(), |project| format!("{state}/{project}"));
        let place = folder.join(&below);
        durable::create_folder_for_now(&place)?;
        let name = format!("{below}/part-{}.parquet", random_id()?);
        let path = folder.join(&name);
        let file = File::create_new(&path).map_err(|e| Error::writing(&path, e))?;
        Ok(Self {
            file: StoredFile { path: name, size: 0, state: state.to_owned(), project, written: 0 },
            path,
            empty: Some(file),
            schema: schema(table),
            unit: table.unit().map(str::to_owned),
            writer: None,
            finished: false,
        })
    }

    /// The writer, begun for so many rows.
    fn begun(&mut self, rows: usize) -> Result<Option<&mut Groups<Digesting>>, Error> {
        if let Some(file) = self.empty.take() {
            let properties = properties_of(&self.schema, self.unit.as_deref(), rows);
            let writer = Groups::begin(Digesting::new(file), &self.schema, properties);
            self.writer = Some(writer.map_err(|e| failed(&self.path, &e))?);
        }
        Ok(self.writer.as_mut())
    }

    /// Appends rows, which must follow those before them in the order of unit and numbers.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<(), Error> {
        let written = self.begun(rows.num_rows())?.map_or(Ok(()), |writer| writer.write(rows));
        written.map_err(|e| failed(&self.path, &e))
    }

    /// Ends the file and names it by its digest. It becomes durable with the commit that names it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(mut self) -> Result<StoredFile, Error> {
        self.begun(0)?;
        let digest = match self.writer.take() {
            Some(writer) => writer.finish().map_err(|e| failed(&self.path, &e))?.name(),
            None => String::new(),
        };
        let named = |path: &str| format!("{}-{digest}.parquet", path.trim_end_matches(".parquet"));
        let path = PathBuf::from(named(&self.path.to_string_lossy()));
        std::fs::rename(&self.path, &path).map_err(|e| Error::writing(&path, e))?;
        self.finished = true;
        digest::written(&path);
        let size = std::fs::metadata(&path).map_err(|e| Error::reading(&path, e))?.len();
        Ok(StoredFile { path: named(&self.file.path), size, written: now_millis(), ..self.file.clone() })
    }
}

impl Drop for FileWriter {
    /// A file that was not ended is no file of the table.
    fn drop(&mut self) {
        if !self.finished {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A file of some columns of a table, as one of many rows is written.
#[cfg(test)]
pub(crate) fn groups(file: File, table: &TableSchema, schema: &SchemaRef) -> Groups<File> {
    Groups::begin(file, schema, properties_of(schema, table.unit(), usize::MAX)).unwrap()
}

/// Files of so few rows are not compressed: to begin with each of their columns costs more than all of their bytes.
const FEW: usize = 256;

/// zstd; no dictionary on the unit: it would keep pseudonyms, and random bytes have no use for one.
///
/// # Privacy
/// No statistics of any kind: no least and greatest values, no page index, no bloom filters; none in the commits of the table
/// either. They would keep pseudonyms and single people's days. And what a query reads would depend on them: a reader that
/// passes over rows by the least and greatest value of their page takes a decision that other people's rows have a part in, and
/// DataFusion 55.2 looks up what a join found out about its keys by the *name* of a column, which after a renaming may be
/// another one. Files that say nothing can only be read whole: `release::tests::statistics` holds that they do.
fn properties_of(schema: &Schema, unit: Option<&str>, rows: usize) -> WriterProperties {
    let compression = if rows < FEW { Compression::UNCOMPRESSED } else { Compression::ZSTD(ZstdLevel::default()) };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_bloom_filter_enabled(false)
        // A page is as long as its group: opening a page costs more than its few bytes.
        .set_data_page_row_count_limit(GROUP)
        .set_data_page_size_limit(PAGE)
        .set_max_row_group_row_count(Some(GROUP));
    if let Some(unit) = unit {
        let unit = ColumnPath::from(unit);
        properties = properties
            .set_column_dictionary_enabled(unit.clone(), false)
            .set_column_encoding(unit.clone(), Encoding::PLAIN)
            .set_column_compression(unit, Compression::UNCOMPRESSED);
    }
    // Dictionaries of the library take twice the time to write and as much room; where they are worth it they are ours.
    for field in schema.fields().iter().filter(|field| Some(field.name().as_str()) != unit) {
        let encoding = match field.data_type() {
            DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::Date32 => Encoding::BYTE_STREAM_SPLIT,
            // To begin with a compressor takes longer than the few bits are worth.
            DataType::Boolean => {
                properties =
                    properties.set_column_compression(ColumnPath::from(field.name().as_str()), Compression::UNCOMPRESSED);
                continue;
            }
            _ => continue,
        };
        let column = ColumnPath::from(field.name().as_str());
        properties = properties.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, encoding);
    }
    properties.build()
}

fn failed(path: &Path, error: &parquet::errors::ParquetError) -> Error {
    use parquet::errors::ParquetError::External;
    let system = match error {
        External(inner) => inner.downcast_ref().map(utfall_ground::error::system),
        _ => None,
    };
    let (shown, why) = (path.display(), system.unwrap_or_else(|| Message::carried(&error.to_string())));
    Error::storage(
        "write",
        Message::new(
            format!("kan inte skriva {shown}: {}", why.get(Lang::Sv)),
            format!("cannot write {shown}: {}", why.get(Lang::En)),
        ),
    )
}

/// The landed files of one table at one pinned version: exactly what is scanned.
#[derive(Debug, Clone)]
pub struct LandedFiles {
    /// The schema of the files.
    pub schema: SchemaRef,
    /// Absolute path and size in bytes of each file.
    pub files: Vec<(PathBuf, u64)>,
}

/// Reads some columns of a file, and of its rows those that are chosen. A column that the table did not have when the file was
/// written is empty.
///
/// # Errors
/// When the file is missing or damaged.
pub fn read(path: &Path, table: &TableSchema, columns: &[&str], rows: Option<&[usize]>) -> Result<Batches, Error> {
    let file = File::open(path).map_err(|e| Error::reading(path, e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| Error::damaged(path))?;
    let all = schema(table);
    let fields = columns.iter().map(|name| all.field_with_name(name).cloned()).collect::<Result<Vec<_>, _>>();
    let fields = fields.map_err(Error::engine)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let mut builder = builder.with_projection(mask).with_batch_size(16 << 10);
    if let Some(rows) = rows {
        builder = builder.with_row_selection(selection(rows));
    }
    let reader = builder.build().map_err(|_| Error::damaged(path))?;
    Ok(Batches { path: path.to_path_buf(), schema: Arc::new(Schema::new(fields)), reader })
}

/// The rows of a file, batch by batch, their columns in the order that was asked for.
pub struct Batches {
    path: PathBuf,
    /// What is asked for.
    schema: SchemaRef,
    reader: ParquetRecordBatchReader,
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // A damaged page is an error of the reader; should one make it panic instead, it is the same to us.
        let next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.reader.next()));
        let batch = match next {
            Ok(None) => return None,
            Ok(Some(Ok(batch))) => batch,
            Ok(Some(Err(_))) | Err(_) => return Some(Err(Error::damaged(&self.path))),
        };
        let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
            Some(column) => Arc::clone(column),
            None => new_null_array(field.data_type(), batch.num_rows()),
        };
        let columns = self.schema.fields().iter().map(column).collect();
        // Neither a column of another kind nor an empty one that no row is without.
        Some(RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|_| Error::damaged(&self.path)))
    }
}

fn selection(rows: &[usize]) -> RowSelection {
    let (mut selectors, mut at) = (Vec::new(), 0);
    for row in rows {
        if *row > at {
            selectors.push(RowSelector::skip(row - at));
        }
        selectors.push(RowSelector::select(1));
        at = row + 1;
    }
    selectors.into()
}

/// The column of a table's rows that tells their project, if there is one.
pub fn project(table: &TableSchema) -> Option<&'static str> {
    Some("project").filter(|name| table.columns.contains_key(*name))
}

/// The project of each of some rows, 0 where it has none.
///
/// # Errors
/// When they lack a column that their table has: their file is damaged.
pub fn projects(table: &TableSchema, rows: &RecordBatch, path: &Path) -> Result<Vec<i16>, Error> {
    let Some(name) = project(table) else { return Ok(vec![0; rows.num_rows()]) };
    let column = rows.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int16Type>());
    let column = column.ok_or_else(|| Error::damaged(path))?;
    Ok(column.iter().map(Option::unwrap_or_default).collect())
}

/// The rows of a file whose unit is chosen, by their place in it.
///
/// # Errors
/// When the file is missing or damaged.
pub fn places(path: &Path, table: &TableSchema, mut chosen: impl FnMut(&[u8]) -> bool) -> Result<Vec<usize>, Error> {
    let (mut places, mut at) = (Vec::new(), 0);
    for batch in read(path, table, &[table.unit().unwrap_or_default()], None)? {
        let batch = batch?;
        let units = batch.columns().first().and_then(|c| c.as_binary_opt::<i32>()).ok_or_else(|| Error::damaged(path))?;
        places.extend((0..units.len()).filter(|i| chosen(units.value(*i))).map(|i| at + i));
        at += units.len();
    }
    Ok(places)
}
