//! Files of settled projects, put together: a table has few files however many projects and lists there are. A query then reads
//! rows and not footers, and a landing looks through few files for its people.
//!
//! The files that were written last stay apart, since the lists that come next write those anew. What is put together keeps its
//! rows as they are, numbers and days with them; it is one change of the table with what lands, or none.

use arrow::compute::concat_batches;

use super::rewrite;
use crate::catalogue::schema::TableSchema;
use crate::store::file::{self, FORGOTTEN, SMALL, StoredFile};
use crate::store::{Change, Pinned, discard};
use utfall_ground::error::Error;

/// So many small files of a state stay apart: those that were written last. In tests nearly all are put together, so that every
/// history of lists goes through it.
const APART: usize = if cfg!(all(test, debug_assertions)) { 1 } else { 64 };
/// As soon as there are so many, the others are put together.
const MANY: usize = 2 * APART;
/// Small files are put together until they have so many bytes.
const SHARED: u64 = 2 * SMALL;
/// So many files that projects share become one.
const FEW: usize = if cfg!(all(test, debug_assertions)) { 3 } else { 16 };
/// They are put together until they have so many bytes: about a group of rows.
const FULL: u64 = 16 * SMALL;

/// Puts small files of a table together, if there are many.
///
/// # Errors
/// When a file cannot be read or written; then the table is as it was.
pub fn compact(table: &TableSchema, pinned: &mut Pinned) -> Result<(), Error> {
    let mut change = Change::default();
    for group in groups(&pinned.stored) {
        match together(table, pinned, &group) {
            Ok(shared) => {
                change.added.push(shared);
                change.removed.extend(group);
            }
            Err(e) => {
                discard(&pinned.folder, &change.added);
                return Err(e);
            }
        }
    }
    if !change.added.is_empty() {
        pinned.stage(change);
    }
    Ok(())
}

/// Which files become one: small ones, and after that shared ones; of these one group at a time, since they are large.
fn groups(stored: &[StoredFile]) -> Vec<Vec<StoredFile>> {
    let small = small(stored);
    if small.is_empty() { shared(stored).into_iter().collect() } else { small }
}

/// The oldest shared files of a state, if there are a few that are not full.
fn shared(stored: &[StoredFile]) -> Option<Vec<StoredFile>> {
    let is_shared = |file: &&StoredFile| file.project.is_none() && (SMALL + 1..FULL / 2).contains(&file.size);
    let mut shared: Vec<&StoredFile> = stored.iter().filter(|file| file.state != FORGOTTEN).filter(is_shared).collect();
    shared.sort_by_key(|file| (&file.state, file.written, &file.path));
    shared.chunk_by(|a, b| a.state == b.state).find_map(|state| {
        let mut size = 0;
        let few = state.iter().take(FEW).take_while(|file| {
            let is_full = size >= FULL;
            size += file.size;
            !is_full
        });
        let few: Vec<StoredFile> = few.map(|file| (*file).clone()).collect();
        let full = few.len() == FEW || few.iter().map(|file| file.size).sum::<u64>() >= FULL;
        (full && few.len() > 1).then_some(few)
    })
}

/// Small files of a state, if there are many.
fn small(stored: &[StoredFile]) -> Vec<Vec<StoredFile>> {
    let mut small: Vec<&StoredFile> = stored.iter().filter(|file| file.size <= SMALL && file.state != FORGOTTEN).collect();
    small.sort_by_key(|file| (&file.state, file.written, &file.path));
    let mut groups: Vec<Vec<StoredFile>> = Vec::new();
    for state in small.chunk_by(|a, b| a.state == b.state).filter(|state| state.len() >= MANY) {
        let settled = state.get(..state.len() - APART).unwrap_or_default();
        let (mut group, mut size) = (Vec::new(), 0);
        for file in settled {
            group.push((*file).clone());
            size += file.size;
            if size >= SHARED {
                groups.push(std::mem::take(&mut group));
                size = 0;
            }
        }
        groups.extend(Some(group).filter(|group| group.len() > 1));
    }
    groups
}

/// One file of the rows of several.
fn together(table: &TableSchema, pinned: &Pinned, group: &[StoredFile]) -> Result<StoredFile, Error> {
    let rows = group.iter().map(|file| rewrite::load(table, pinned, file)).collect::<Result<Vec<_>, _>>()?;
    let rows = concat_batches(&file::schema(table), &rows).map_err(Error::engine)?;
    let state = group.first().map_or("", |file| file.state.as_str());
    rewrite::save(table, pinned, (state, None), &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(state: &str, number: usize, size: u64) -> StoredFile {
        let written = i64::try_from(number).unwrap();
        StoredFile { path: format!("{state}/{number}"), size, state: state.to_owned(), project: Some(1), written }
    }

    #[test]
    fn the_files_that_were_written_last_stay_apart() {
        let few: Vec<_> = (1..MANY).map(|number| file("current", number, 10)).collect();
        assert!(groups(&few).is_empty());
        let many: Vec<_> = (0..MANY).rev().map(|number| file("current", number, 10)).collect();
        assert!(groups(&many).is_empty(), "nothing is put together with nothing");
        let many: Vec<_> = (0..MANY + 1).rev().map(|number| file("current", number, 10)).collect();
        let [group] = groups(&many).try_into().unwrap();
        assert_eq!(group.iter().map(|file| file.written).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn large_files_and_other_states_are_left_alone() {
        let files = |state: &'static str, size| (0..MANY - 1).map(move |number| file(state, number, size));
        let others = files("withdrawn", 10).chain(files("current", SMALL + 1)).chain((0..MANY).map(|n| file(FORGOTTEN, n, 10)));
        assert!(groups(&others.collect::<Vec<_>>()).is_empty());
    }

    #[test]
    fn shared_files_are_put_together_until_they_are_full() {
        let shared = |number, size| StoredFile { project: None, ..file("current", number, size) };
        let sizes = |stored: &[StoredFile]| -> Vec<Vec<u64>> {
            groups(stored).iter().map(|group| group.iter().map(|file| file.size).collect()).collect()
        };
        let few: Vec<_> = (0..FEW).rev().map(|number| shared(number, SMALL + 1 + number as u64)).collect();
        assert!(sizes(&few[1..]).is_empty(), "there are too few");
        assert_eq!(sizes(&few), [(0..FEW as u64).map(|number| SMALL + 1 + number).collect::<Vec<_>>()], "the oldest first");
        let large: Vec<_> = (0..3).map(|number| shared(number, FULL / 2 - 1)).collect();
        assert_eq!(sizes(&large).len(), usize::from(FEW <= 3), "{:?}", sizes(&large));
        let full: Vec<_> = (0..2 * FEW).map(|number| shared(number, FULL / 2)).collect();
        assert!(sizes(&full).is_empty(), "what is full stays as it is");
        let own: Vec<_> = (0..2 * FEW).map(|number| file("current", number, SMALL + 1)).collect();
        assert!(sizes(&own).is_empty(), "a large file of one project stays its own");
    }

    #[test]
    fn a_shared_file_has_a_bounded_size() {
        let files: Vec<_> = (0..101).map(|number| file("current", number, SMALL - u64::from(number % 3 == 0))).collect();
        let sizes: Vec<u64> = groups(&files).iter().map(|group| group.iter().map(|file| file.size).sum()).collect();
        assert!(sizes.len() > 30 && sizes.iter().all(|size| *size <= 3 * SMALL), "{sizes:?}");
    }
}
