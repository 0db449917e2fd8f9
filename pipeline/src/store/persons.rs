//! Stored rows by person: which file holds whose, the participations of some people, and what stays of those who were erased.
//! Takes a pinned version; gives its rows, or files of it written anew.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use foldhash::fast::RandomState;

use super::Pinned;
use super::codec::{Cell, Packing};
use super::columns::{self, Columns, Landed};
use super::file::{self, FORGOTTEN, FileWriter, SMALL, StoredFile};
use super::index::PersonIndex;
use super::people;
pub use super::people::Units;
use super::stored::{Forgotten, Frozen, Numbers, Participation, State, Stored};
use crate::catalogue::schema::{Role, TableSchema};
use crate::keyzone::pseudonym::Pseudonym;
use utfall_ground::error::Error;

/// Participations by person.
pub type Participations = HashMap<Pseudonym, Vec<Participation>, RandomState>;

/// Per tag of an erased person and project, or all of them, the highest numbers that were given.
pub type Records = BTreeMap<(Pseudonym, Option<i16>), Numbers>;

/// Whether a file holds a row of some people.
///
/// # Errors
/// When it is missing or damaged.
pub fn holds(table: &TableSchema, pinned: &Pinned, stored: &StoredFile, units: &Units) -> Result<bool, Error> {
    places(table, pinned, stored, units).map(|places| !places.is_empty())
}

pub(crate) fn places(table: &TableSchema, pinned: &Pinned, stored: &StoredFile, units: &Units) -> Result<Vec<usize>, Error> {
    units.places(&pinned.folder.join(&stored.path), table)
}

/// The rows of a file, or those at some places, each with its place. A small file that is read again and again, by the lists of one
/// call, is kept.
///
/// # Errors
/// When it is missing or damaged, or `each` fails.
pub(crate) fn each_row(
    table: &TableSchema,
    pinned: &Pinned,
    stored: &StoredFile,
    places: Option<&[usize]>,
    mut each: impl FnMut(usize, &Landed) -> Result<(), Error>,
) -> Result<(), Error> {
    let (path, Some(state)) = (pinned.folder.join(&stored.path), State::named(&stored.state)) else { return Ok(()) };
    let batches = |places| {
        let batches = file::read(&path, table, &columns::names(table), places)?;
        Ok::<_, Error>(batches.map(|batch| columns::rows(table, state, &batch?).ok_or_else(|| Error::damaged(&path))))
    };
    let whole = || Ok(batches(None)?.collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect());
    let kept = if stored.size <= SMALL { people::kept(&path, whole)? } else { None };
    if let (None, Some(places), true) = (&kept, places, (SMALL..=MEDIUM).contains(&stored.size))
        && let Some(kept) = people::kept_columns(&path, || file::read(&path, table, &columns::names(table), None)?.collect())?
    {
        return some_rows(&kept, places, |batch| columns::rows(table, state, batch).ok_or_else(|| Error::damaged(&path)), each);
    }
    match (kept, places) {
        (Some(rows), None) => rows.iter().enumerate().try_for_each(|(place, row)| each(place, row)),
        (Some(rows), Some(places)) => {
            places.iter().try_for_each(|place| each(*place, rows.get(*place).ok_or_else(|| Error::damaged(&path))?))
        }
        (None, places) => {
            let mut at = 0_usize..;
            let mut chosen = places.map(|places| places.iter().copied());
            for rows in batches(places)? {
                for row in rows? {
                    let place = chosen.as_mut().map_or_else(|| at.next(), Iterator::next);
                    each(place.ok_or_else(|| Error::damaged(&path))?, &row)?;
                }
            }
            Ok(())
        }
    }
}

/// Files of up to so many bytes are kept by their columns, where a few rows of each are asked for again and again.
const MEDIUM: u64 = 16 * SMALL;

/// The rows at some places of batches that follow each other.
fn some_rows(
    batches: &[RecordBatch],
    places: &[usize],
    rows: impl Fn(&RecordBatch) -> Result<Vec<Landed>, Error>,
    mut each: impl FnMut(usize, &Landed) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut first, mut places) = (0, places);
    for batch in batches {
        let end = first + batch.num_rows();
        let (here, later) = places.split_at(places.partition_point(|place| *place < end));
        let indices: UInt64Array = here.iter().map(|place| u64::try_from(place - first).unwrap_or(u64::MAX)).collect();
        if !here.is_empty() {
            let taken = take_record_batch(batch, &indices).map_err(Error::engine)?;
            here.iter().zip(rows(&taken)?).try_for_each(|(place, row)| each(*place, &row))?;
        }
        (first, places) = (end, later);
    }
    if places.is_empty() { Ok(()) } else { Err(Error::engine("a row behind the end of its file")) }
}

/// The rows of some projects in a file that several share, by their place in it.
///
/// # Errors
/// When it is missing or damaged.
pub(crate) fn places_of(
    table: &TableSchema,
    pinned: &Pinned,
    stored: &StoredFile,
    projects: &[i16],
) -> Result<Vec<usize>, Error> {
    let path = pinned.folder.join(&stored.path);
    let (mut places, mut at) = (Vec::new(), 0);
    let unit = table.unit().unwrap_or_default();
    let columns: Vec<&str> = std::iter::once(unit).chain(file::project(table)).collect();
    for batch in file::read(&path, table, &columns, None)? {
        let of = file::projects(table, &batch?, &path)?;
        places.extend((at..).zip(&of).filter(|(_, of)| projects.contains(of)).map(|(place, _)| place));
        at += of.len();
    }
    Ok(places)
}

/// The participations of some people that count; of those whom an index of the version is of, from there.
///
/// # Errors
/// When a file is missing or damaged.
pub fn participations(
    table: &TableSchema,
    pinned: &Pinned,
    units: &Units,
    index: Option<&PersonIndex>,
) -> Result<Participations, Error> {
    let mut found = Participations::default();
    let at = |name: Option<&str>| name.and_then(|name| table.columns.get_index_of(name)).unwrap_or(usize::MAX);
    let (project, start, end) = (at(Some("project")), at(table.column_with(Role::Start)), at(table.column_with(Role::End)));
    let mut add = |row: &Landed| {
        let (Some(Cell::Code(project)), Some(Cell::Date(start))) = (row.cells.get(project), row.cells.get(start)) else {
            return false;
        };
        let end = if let Some(Cell::Date(end)) = row.cells.get(end) { Some(*end) } else { None };
        let (contribution, frozen) = (row.stored.numbers.contribution, row.stored.frozen);
        found.entry(row.unit).or_default().push(Participation { project: *project, start: *start, end, contribution, frozen });
        true
    };
    let mut sound = true;
    let others: Units = units.iter().filter(|unit| index.is_none_or(|index| !index.is_of(unit))).copied().collect();
    if let Some(index) = index {
        index.rows(pinned, units, |_, _, row| {
            sound &= row.stored.state != State::Current || add(row);
            Ok(())
        })?;
    }
    for stored in pinned.stored.iter().filter(|file| file.state == State::Current.name()) {
        let places = places(table, pinned, stored, &others)?;
        if !places.is_empty() {
            each_row(table, pinned, stored, Some(&places), |_, row| {
                sound &= add(row);
                Ok(())
            })?;
        }
    }
    if sound { Ok(found) } else { Err(pinned.damaged()) }
}

/// People who were erased, by their tag.
///
/// # Errors
/// When a file is missing or damaged.
pub fn forgotten(table: &TableSchema, pinned: &Pinned) -> Result<HashMap<Pseudonym, Forgotten>, Error> {
    let mut found: HashMap<Pseudonym, Forgotten> = HashMap::new();
    let project = table.columns.get_index_of("project");
    for stored in pinned.stored.iter().filter(|file| file.state == FORGOTTEN) {
        let path = pinned.folder.join(&stored.path);
        for batch in file::read(&path, table, &columns::names(table), None)? {
            for row in columns::rows(table, State::Withdrawn, &batch?).ok_or_else(|| Error::damaged(&path))? {
                let of = project.and_then(|i| row.cells.get(i)).and_then(|c| if let Cell::Code(p) = c { Some(*p) } else { None });
                let Numbers { contribution, second: entry } = row.stored.numbers;
                let entries = of.map(|project| (project, entry)).into_iter().collect();
                let forgotten = Forgotten { contribution, entries, days: vec![(of, row.stored.frozen.began)] };
                found.entry(row.unit).or_default().and(&forgotten);
            }
        }
    }
    Ok(found)
}

/// What stays of erased people, as a file of its own: per tag and project (or all of them) the highest numbers, and the
/// day until which nothing lands again.
///
/// # Errors
/// When the file system refuses.
pub fn remember(table: &TableSchema, pinned: &Pinned, records: &Records, day: i32) -> Result<StoredFile, Error> {
    let (packing, mut columns) = (Packing::of(table), Columns::new(table));
    let frozen = Frozen { began: day, ended: None };
    let project = table.columns.get_index_of("project");
    let mut packed = Vec::new();
    for ((tag, of), numbers) in records {
        let mut cells = vec![Cell::Null; table.columns.len()];
        if let (Some(slot), Some(code)) = (project.and_then(|i| cells.get_mut(i)), *of) {
            *slot = Cell::Code(code);
        }
        packing.pack(*tag, 0, 0, &cells, &mut packed);
        columns.push(&packing, &packed, &Stored { state: State::Current, month: 0, numbers: *numbers, frozen });
    }
    let mut writer = FileWriter::create(&pinned.folder, table, FORGOTTEN, None)?;
    writer.write(&columns.take(&packing)?)?;
    writer.finish()
}

/// A copy of a file without some of its rows; none if no row is left.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy_without(
    table: &TableSchema,
    pinned: &Pinned,
    stored: &StoredFile,
    gone: impl Fn(usize) -> bool,
) -> Result<Option<StoredFile>, Error> {
    let path = pinned.folder.join(&stored.path);
    let (mut writer, mut at) = (None, 0_usize);
    for batch in file::read(&path, table, &columns::names(table), None)? {
        let batch = batch?;
        let kept: arrow::array::BooleanArray = (at..at + batch.num_rows()).map(|row| Some(!gone(row))).collect();
        at += batch.num_rows();
        let kept = arrow::compute::filter_record_batch(&batch, &kept).map_err(Error::engine)?;
        if kept.num_rows() > 0 {
            let writer = match &mut writer {
                Some(writer) => writer,
                none => none.insert(FileWriter::create(&pinned.folder, table, &stored.state, stored.project)?),
            };
            let kept = kept.with_schema(file::schema(table)).map_err(Error::engine)?;
            writer.write(&kept)?;
        }
    }
    writer.map(FileWriter::finish).transpose()
}
