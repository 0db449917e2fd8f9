//! Writes the files of a table anew, row by row other than before: the one way in which upkeep changes what has landed.

use arrow::array::{Array as _, ArrayRef, AsArray as _, BinaryArray, Int32Array, RecordBatch};
use arrow::compute::{SortColumn, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::{Date32Type, Int32Type};

use crate::catalogue::schema::TableSchema;
use crate::crash;
use crate::keyzone::pseudonym::Pseudonym;
use crate::store::columns;
use crate::store::file::{self, FileWriter, StoredFile};
use crate::store::{Change, Commit, Pinned, Store};
use utfall_ground::error::Error;

/// So many rows go to a file at a time.
const BATCH: usize = 64 << 10;
/// How often a change is made again when others commit at the same time.
const TRIES: usize = 50;

/// When the files that a change replaces are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    /// At once: what was erased must be gone when it says so.
    Now,
    /// As soon as no landing and no release is reading them.
    Later,
}

/// Changes a table in one commit that carries a mark; does nothing if it carries it already, or if no file comes or goes.
/// `change` gives the files that do.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) async fn commit(
    store: &Store,
    table: &TableSchema,
    (mark, gone): (&str, Gone),
    change: impl Fn(&Pinned) -> Result<Change, Error>,
) -> Result<(), Error> {
    for _ in 0..TRIES {
        let writing = store.writing()?;
        let Some(mut pinned) = store.pin(table).await? else { return Ok(()) };
        if pinned.mark(mark).is_some() {
            drop(writing);
            return store.vacuum(table, gone == Gone::Now).await;
        }
        let mut change = change(&pinned)?;
        if change.added.is_empty() && change.removed.is_empty() {
            drop(writing);
            return store.vacuum(table, gone == Gone::Now).await;
        }
        change.marks.push((mark.to_owned(), 1));
        if store.commit(table, &mut pinned, change).await? == Commit::Done {
            drop(writing);
            crash::point("changed");
            return store.vacuum(table, gone == Gone::Now).await;
        }
    }
    Err(crate::store::landings_ahead())
}

/// The people of a file with their numbers and projects, batch by batch: whose rows they are, without what the rows say.
///
/// # Errors
/// When it is missing or damaged.
pub(super) fn named(
    table: &TableSchema,
    pinned: &Pinned,
    stored: &StoredFile,
    mut each: impl FnMut(Pseudonym, [i32; 2], i16),
) -> Result<(), Error> {
    let [first, second] = table.numbers();
    let columns: Vec<&str> = [table.unit().unwrap_or_default(), first, second].into_iter().chain(file::project(table)).collect();
    let path = pinned.folder.join(&stored.path);
    for batch in file::read(&path, table, &columns, None)? {
        let batch = batch?;
        let [first, second] = numbers(table, &batch);
        let named = units(table, &batch).into_iter().zip(first.into_iter().zip(second));
        let projects = file::projects(table, &batch, &path)?;
        named.zip(projects).for_each(|((unit, (a, b)), project)| each(unit, [a, b], project));
    }
    Ok(())
}

/// A whole file in memory.
///
/// # Errors
/// When it is missing or damaged.
pub(super) fn load(table: &TableSchema, pinned: &Pinned, stored: &StoredFile) -> Result<RecordBatch, Error> {
    let path = pinned.folder.join(&stored.path);
    let batches = file::read(&path, table, &columns::names(table), None)?.collect::<Result<Vec<_>, _>>()?;
    let schema = file::schema(table);
    let batches = batches.into_iter().map(|b| b.with_schema(std::sync::Arc::clone(&schema)).map_err(Error::engine));
    concat_batches(&schema, &batches.collect::<Result<Vec<_>, _>>()?).map_err(Error::engine)
}

/// Writes rows as one file, sorted by unit and numbers.
///
/// # Errors
/// When the file system refuses.
pub(super) fn save(
    table: &TableSchema,
    pinned: &Pinned,
    (state, project): (&str, Option<i16>),
    rows: &RecordBatch,
) -> Result<StoredFile, Error> {
    let sort = |name: &str| rows.column_by_name(name).map(|c| SortColumn { values: std::sync::Arc::clone(c), options: None });
    let [first, second] = table.numbers();
    let by = [table.unit().unwrap_or_default(), first, second, file::BESIDE[0]];
    let by: Vec<SortColumn> = by.into_iter().filter_map(sort).collect();
    let order = lexsort_to_indices(&by, None).map_err(Error::engine)?;
    let sorted = take_record_batch(rows, &order).map_err(Error::engine)?;
    let mut writer = FileWriter::create(&pinned.folder, table, state, project)?;
    for at in (0..sorted.num_rows()).step_by(BATCH) {
        writer.write(&sorted.slice(at, BATCH.min(sorted.num_rows() - at)))?;
    }
    writer.finish()
}

/// The units of some rows.
pub(super) fn units(table: &TableSchema, rows: &RecordBatch) -> Vec<Pseudonym> {
    let column = table.unit().and_then(|unit| rows.column_by_name(unit)).and_then(|c| c.as_binary_opt::<i32>());
    let unit = |units: &BinaryArray, i: usize| Pseudonym(units.value(i).try_into().unwrap_or_default());
    column.map(|units| (0..units.len()).map(|i| unit(units, i)).collect()).unwrap_or_default()
}

/// The two numbers of some rows.
pub(super) fn numbers(table: &TableSchema, rows: &RecordBatch) -> [Vec<i32>; 2] {
    table.numbers().map(|name| {
        let column = rows.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int32Type>());
        column.map(|c| c.values().to_vec()).unwrap_or_default()
    })
}

/// The same rows with other units and numbers.
///
/// # Errors
/// When rows and schema do not fit, which would be a defect of this program.
pub(super) fn with(
    table: &TableSchema,
    rows: &RecordBatch,
    units: &[Pseudonym],
    numbers: [Vec<i32>; 2],
) -> Result<RecordBatch, Error> {
    let column: BinaryArray = units.iter().map(|unit| Some(unit.0.as_slice())).collect();
    let mut rows = with_column(rows, table.unit().unwrap_or_default(), std::sync::Arc::new(column))?;
    for (name, values) in table.numbers().into_iter().zip(numbers) {
        rows = with_column(&rows, name, std::sync::Arc::new(Int32Array::from(values)))?;
    }
    Ok(rows)
}

/// When the participations of some rows ended, as it was first known.
pub(super) fn ended(rows: &RecordBatch) -> Vec<Option<i32>> {
    let column = rows.column_by_name(file::ENDED).and_then(|c| c.as_primitive_opt::<Date32Type>());
    column.map(|days| days.iter().collect()).unwrap_or_default()
}

/// The same rows with another column of that name.
///
/// # Errors
/// When rows and column do not fit, which would be a defect of this program.
pub(super) fn with_column(rows: &RecordBatch, name: &str, column: ArrayRef) -> Result<RecordBatch, Error> {
    let mut all = rows.columns().to_vec();
    let at = rows.schema().index_of(name).map_err(Error::engine)?;
    all.get_mut(at).into_iter().for_each(|slot| *slot = std::sync::Arc::clone(&column));
    RecordBatch::try_new(rows.schema(), all).map_err(Error::engine)
}
