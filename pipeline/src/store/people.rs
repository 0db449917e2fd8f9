//! Some people, and which files may hold rows of theirs. Of each file that was once searched it is kept, while the process lives,
//! whose its rows are, or of large ones how the pseudonyms begin: a call that lands thousands of lists reads that once, and not once
//! a list.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::RecordBatch;
use foldhash::fast::RandomState;

use super::columns::Landed;
use super::file;
use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::Pseudonym;
use utfall_ground::error::Error;
use utfall_ground::redacted;

/// People, quickly told apart.
#[derive(Default)]
pub struct Units {
    all: HashSet<Pseudonym, RandomState>,
    /// How their pseudonyms begin, sorted.
    beginnings: OnceLock<Vec<u32>>,
}

redacted!(Units);

impl From<HashSet<Pseudonym, RandomState>> for Units {
    fn from(all: HashSet<Pseudonym, RandomState>) -> Self {
        Self { all, beginnings: OnceLock::new() }
    }
}

impl FromIterator<Pseudonym> for Units {
    fn from_iter<T: IntoIterator<Item = Pseudonym>>(people: T) -> Self {
        Self::from(people.into_iter().collect::<HashSet<_, _>>())
    }
}

impl Units {
    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Pseudonym> {
        self.all.iter()
    }

    /// Whether somebody is one of them.
    pub fn contains(&self, unit: &Pseudonym) -> bool {
        self.all.contains(unit)
    }

    fn beginnings(&self) -> &[u32] {
        self.beginnings.get_or_init(|| sorted(self.all.iter().map(|unit| beginning(&unit.0)).collect()))
    }

    /// The rows of these people in a file, by their place in it.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub(super) fn places(&self, path: &Path, table: &TableSchema) -> Result<Vec<usize>, Error> {
        if self.all.is_empty() {
            return Ok(Vec::new());
        }
        let known = known(path);
        match &known {
            Some(Seen::Whole(units, sorted)) => return Ok(self.among(units, *sorted)),
            Some(Seen::Beginnings(known)) if !meet(known, self.beginnings()) => return Ok(Vec::new()),
            Some(Seen::Beginnings(_)) | None => {}
        }
        // What is known of a file is not gathered again.
        let (mut seen, mut worth_keeping) = (Vec::new(), known.is_none());
        let places = file::places(path, table, |unit| match unit.try_into() {
            Ok(unit) => {
                if worth_keeping {
                    seen.push(Pseudonym(unit));
                }
                self.all.contains(&Pseudonym(unit))
            }
            Err(_) => {
                worth_keeping = false;
                false
            }
        })?;
        if worth_keeping {
            remember(path, seen);
        }
        Ok(places)
    }

    /// The places of these people among those whose rows follow each other.
    fn among(&self, units: &[Pseudonym], sorted: bool) -> Vec<usize> {
        // Few people are looked up in many rows that are sorted by person, as landing writes them.
        if self.all.len().saturating_mul(FEW) > units.len() || !sorted {
            return (0..).zip(units).filter(|(_, unit)| self.all.contains(unit)).map(|(place, _)| place).collect();
        }
        let of = |unit: &Pseudonym| {
            let first = units.partition_point(|other| other < unit);
            (first..units.len()).take_while(|at| units.get(*at) == Some(unit)).collect::<Vec<_>>()
        };
        let mut places: Vec<usize> = self.all.iter().flat_map(of).collect();
        places.sort_unstable();
        places
    }
}

/// Among so many times as many rows people are looked up one by one.
const FEW: usize = 32;

/// How a pseudonym begins: few bytes of each row, by which most files are passed over. Those that are not are read.
fn beginning(unit: &[u8]) -> u32 {
    unit.first_chunk().map_or(0, |first| u32::from_be_bytes(*first))
}

fn sorted(mut beginnings: Vec<u32>) -> Vec<u32> {
    beginnings.sort_unstable();
    beginnings.dedup();
    beginnings
}

/// Whether two sorted lists have something in common. The steps grow while nothing is found: few people are looked up in a large
/// file without going through it.
fn meet(a: &[u32], b: &[u32]) -> bool {
    let (few, mut many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().any(|one| {
        let mut step = 1;
        while many.get(step).is_some_and(|other| other < one) {
            step *= 2;
        }
        let near = many.get(..many.len().min(step + 1)).unwrap_or(many);
        many = many.get(near.partition_point(|other| other < one)..).unwrap_or_default();
        many.first() == Some(one)
    })
}

/// What was seen of a file. They are never changed, so that once is enough.
#[derive(Clone)]
enum Seen {
    /// Whose each row is, and whether they are sorted.
    Whole(Arc<[Pseudonym]>, bool),
    /// How the pseudonyms of its rows begin, sorted.
    Beginnings(Arc<[u32]>),
}

redacted!(Seen);

/// What was seen of files, and of how many rows whole.
static SEEN: Mutex<Option<(HashMap<PathBuf, Seen>, usize)>> = Mutex::new(None);
/// Of no more rows it is kept whose they are: some tens of megabytes.
const MOST_WHOLE: usize = 2 << 20;

fn known(path: &Path) -> Option<Seen> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.0.get(path).cloned()
}

fn remember(path: &Path, seen: Vec<Pseudonym>) {
    let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let (files, rows) = all.get_or_insert_default();
    let whole = rows.saturating_add(seen.len());
    let seen = if whole <= MOST_WHOLE {
        *rows = whole;
        let sorted = seen.is_sorted();
        Seen::Whole(seen.into(), sorted)
    } else {
        Seen::Beginnings(sorted(seen.iter().map(|unit| beginning(&unit.0)).collect()).into())
    };
    files.insert(path.to_path_buf(), seen);
}

/// What was read of files that are asked for again, up to a weight together.
struct Kept<T> {
    files: HashMap<PathBuf, Option<Arc<[T]>>>,
    weight: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { files: HashMap::new(), weight: 0 }
    }
}

impl<T> Kept<T> {
    /// What `read` gives of a file, if it was asked for before: once is no reason to keep anything.
    fn of(
        &mut self,
        path: &Path,
        most: usize,
        weigh: impl Fn(&[T]) -> usize,
        read: impl FnOnce() -> Result<Vec<T>, Error>,
    ) -> Result<Option<Arc<[T]>>, Error> {
        match self.files.get(path) {
            Some(Some(known)) => return Ok(Some(Arc::clone(known))),
            None => {
                self.files.insert(path.to_path_buf(), None);
                return Ok(None);
            }
            Some(None) => {}
        }
        let read: Arc<[T]> = read()?.into();
        let weight = weigh(&read);
        if self.weight.saturating_add(weight) > most {
            *self = Self::default();
        }
        self.weight = self.weight.saturating_add(weight);
        self.files.insert(path.to_path_buf(), Some(Arc::clone(&read)));
        Ok(Some(read))
    }

    fn forget(&mut self, path: &Path, weigh: impl Fn(&[T]) -> usize) {
        if let Some(gone) = self.files.remove(path).flatten() {
            self.weight = self.weight.saturating_sub(weigh(&gone));
        }
    }
}

/// The rows of small files, and how many are kept at most: some tens of megabytes.
static ROWS: Mutex<Option<Kept<Landed>>> = Mutex::new(None);
const MOST_ROWS: usize = 1 << 17;
/// The columns of larger ones, and how many bytes are kept at most.
static COLUMNS: Mutex<Option<Kept<RecordBatch>>> = Mutex::new(None);
const MOST_BYTES: usize = 64 << 20;

fn bytes(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::get_array_memory_size).sum()
}

/// The rows of a small file, if it is asked for again; `read` gives them.
///
/// # Errors
/// When they cannot be read.
pub(super) fn kept(path: &Path, read: impl FnOnce() -> Result<Vec<Landed>, Error>) -> Result<Option<Arc<[Landed]>>, Error> {
    let mut all = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().of(path, MOST_ROWS, <[Landed]>::len, read)
}

/// The columns of a larger file in the same way.
///
/// # Errors
/// When they cannot be read.
pub(super) fn kept_columns(
    path: &Path,
    read: impl FnOnce() -> Result<Vec<RecordBatch>, Error>,
) -> Result<Option<Arc<[RecordBatch]>>, Error> {
    let mut all = COLUMNS.lock().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().of(path, MOST_BYTES, bytes, read)
}

/// Forgets a file that is gone.
pub(super) fn forget(path: &Path) {
    let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((files, rows)) = all.as_mut()
        && let Some(Seen::Whole(gone, _)) = files.remove(path)
    {
        *rows = rows.saturating_sub(gone.len());
    }
    if let Some(kept) = ROWS.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        kept.forget(path, <[Landed]>::len);
    }
    if let Some(kept) = COLUMNS.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        kept.forget(path, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_lists_meet_where_they_have_something_in_common() {
        let many: Vec<u32> = (0..1_000).map(|n| n * 7).collect();
        for few in [vec![], vec![1], vec![0], vec![6_993], vec![6_994], vec![3, 500, 693], vec![3, 500, 694], vec![u32::MAX]] {
            let expected = few.iter().any(|one| many.contains(one));
            assert_eq!((meet(&few, &many), meet(&many, &few)), (expected, expected), "{few:?}");
        }
        for step in 1..40 {
            let (a, b): (Vec<u32>, Vec<u32>) = ((0..97).map(|n| n * step).collect(), (0..89).map(|n| n * 41 + 13).collect());
            assert_eq!(meet(&a, &b), a.iter().any(|one| b.contains(one)), "{step}");
        }
    }
}
