//! Checks what every bound stands on: a person and their numbers name one landed row, and so do a person, a project and the
//! number of the period in it.
//!
//! Every landed file is sorted by person and numbers, so one pass that merges the files sees equal rows side by side, in
//! memory that does not grow with the table.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::fs::File;
use std::path::Path;

use arrow::array::AsArray as _;
use arrow::datatypes::{Int16Type, Int32Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use super::Pinned;
use super::refusal;
use crate::catalogue::schema::TableSchema;
use utfall_ground::error::Error;

/// What names a row, in the order of the files, and its project.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    unit: Vec<u8>,
    first: i32,
    second: i32,
    project: i16,
}

/// Checks that person and numbers are unique over all files of a pinned version, person, project and entry too, and that each
/// file is sorted.
///
/// # Errors
/// When they are not, or a file is damaged: the landed table is not what landing wrote, and nothing is released from it.
pub fn check(table: &TableSchema, pinned: &Pinned) -> Result<(), Error> {
    let broken = || refusal::numbering_damaged(&table.name);
    let mut files = Vec::new();
    let mut next = BinaryHeap::new();
    let counted = pinned.with_anonymous();
    for (path, _) in &counted.files {
        let mut file = Sorted::open(path, table)?;
        if let Some(number) = file.take()? {
            next.push(Reverse((number, files.len())));
        }
        files.push(file);
    }
    let mut last: Option<Named> = None;
    // The periods of the person at hand.
    let mut entries: BTreeSet<(i16, i32)> = BTreeSet::new();
    while let Some(Reverse((number, from))) = next.pop() {
        // A participation is named by person and contribution; a row below it by its ordinal too.
        let same = last.as_ref().is_some_and(|last| last.unit == number.unit);
        let follows =
            last.as_ref().is_none_or(|last| (&last.unit, last.first, last.second) < (&number.unit, number.first, number.second));
        let twice = same && table.parent.is_none() && last.as_ref().is_some_and(|last| last.first == number.first);
        if number.first < 1 || number.second < 1 || !follows || twice {
            return Err(broken());
        }
        if table.parent.is_none() {
            if !same {
                entries.clear();
            }
            // A query that takes one period in each project has one row of a person per project.
            if !entries.insert((number.project, number.second)) {
                return Err(broken());
            }
        }
        if let Some(file) = files.get_mut(from)
            && let Some(following) = file.take()?
        {
            next.push(Reverse((following, from)));
        }
        last = Some(number);
    }
    Ok(())
}

/// The numbers of one file, batch by batch.
struct Sorted<'a> {
    path: &'a Path,
    columns: [&'a str; 4],
    reader: ParquetRecordBatchReader,
    batch: std::vec::IntoIter<Named>,
}

impl<'a> Sorted<'a> {
    fn open(path: &'a Path, table: &'a TableSchema) -> Result<Self, Error> {
        let [first, second] = table.numbers();
        let columns = [table.unit().unwrap_or_default(), first, second, "project"];
        let file = File::open(path).map_err(|e| Error::reading(path, e))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| Error::damaged(path))?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
        let reader = builder.with_projection(mask).build().map_err(|_| Error::damaged(path))?;
        Ok(Self { path, columns, reader, batch: Vec::new().into_iter() })
    }

    fn take(&mut self) -> Result<Option<Named>, Error> {
        loop {
            if let Some(number) = self.batch.next() {
                return Ok(Some(number));
            }
            let Some(batch) = self.reader.next() else { return Ok(None) };
            let batch = batch.map_err(|_| Error::damaged(self.path))?;
            let [unit, first, second, project] = self.columns.map(|name| batch.column_by_name(name));
            let unit = unit.and_then(|c| c.as_binary_opt::<i32>()).ok_or_else(|| Error::damaged(self.path))?;
            let first = first.and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(|| Error::damaged(self.path))?;
            let second = second.and_then(|c| c.as_primitive_opt::<Int32Type>()).ok_or_else(|| Error::damaged(self.path))?;
            let project = project.and_then(|c| c.as_primitive_opt::<Int16Type>()).ok_or_else(|| Error::damaged(self.path))?;
            let named = |i: usize| Named {
                unit: unit.value(i).to_vec(),
                first: first.value(i),
                second: second.value(i),
                project: project.value(i),
            };
            let numbers = (0..batch.num_rows()).map(named);
            self.batch = numbers.collect::<Vec<_>>().into_iter();
        }
    }
}
