//! Some people, and which files may hold rows of theirs. Of each file that was once searched it is kept, while the process lives,
//! how its pseudonyms begin: a call that lands thousands of lists reads whose rows a file holds once, and not once a list.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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

impl FromIterator<Pseudonym> for Units {
    fn from_iter<T: IntoIterator<Item = Pseudonym>>(people: T) -> Self {
        Self { all: people.into_iter().collect(), beginnings: OnceLock::new() }
    }
}

impl Units {
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
        if self.all.is_empty() || known(path).is_some_and(|known| !meet(&known, self.beginnings())) {
            return Ok(Vec::new());
        }
        if let Some(rows) = in_memory(path) {
            return Ok((0..).zip(rows.iter()).filter(|(_, row)| self.all.contains(&row.unit)).map(|(place, _)| place).collect());
        }
        let mut seen = Vec::new();
        let places = file::places(path, table, |unit| {
            seen.push(beginning(unit));
            unit.try_into().is_ok_and(|unit| self.all.contains(&Pseudonym(unit)))
        })?;
        remember(path, seen);
        Ok(places)
    }
}

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

/// What was seen of files. They are never changed, so that once is enough.
static SEEN: Mutex<Option<HashMap<PathBuf, Arc<[u32]>>>> = Mutex::new(None);

fn known(path: &Path) -> Option<Arc<[u32]>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(path).cloned()
}

fn remember(path: &Path, seen: Vec<u32>) {
    let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().insert(path.to_path_buf(), sorted(seen).into());
}

/// Rows of small files, and how many they are together.
type Kept = (HashMap<PathBuf, Option<Arc<[Landed]>>>, usize);

/// What is kept of files that were read again.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
/// No more rows are kept: some tens of megabytes.
const MOST_KEPT: usize = 1 << 17;

/// The rows of a small file, if it is asked for again; `read` gives them.
///
/// # Errors
/// When they cannot be read.
pub(super) fn kept(path: &Path, read: impl FnOnce() -> Result<Vec<Landed>, Error>) -> Result<Option<Arc<[Landed]>>, Error> {
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let (files, rows) = all.get_or_insert_default();
    match files.get(path) {
        Some(Some(known)) => return Ok(Some(Arc::clone(known))),
        // Once is no reason to keep anything.
        None => {
            files.insert(path.to_path_buf(), None);
            return Ok(None);
        }
        Some(None) => {}
    }
    let read: Arc<[Landed]> = read()?.into();
    if rows.saturating_add(read.len()) > MOST_KEPT {
        (*files, *rows) = (HashMap::new(), 0);
    }
    *rows = rows.saturating_add(read.len());
    files.insert(path.to_path_buf(), Some(Arc::clone(&read)));
    Ok(Some(read))
}

/// The rows of a file that are kept already.
fn in_memory(path: &Path) -> Option<Arc<[Landed]>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.0.get(path).cloned().flatten()
}

/// Forgets a file that is gone.
pub(super) fn forget(path: &Path) {
    let mut all = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    all.as_mut().and_then(|all| all.remove(path));
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((files, rows)) = kept.as_mut()
        && let Some(gone) = files.remove(path).flatten()
    {
        *rows = rows.saturating_sub(gone.len());
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
