//! The rows of some people in a table, looked for once in each of its files. Thousands of lists that land in one call each ask for
//! their own people's: asking every file for every list's would read the table as many times as there are lists.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Pinned;
use super::columns::Landed;
use super::people::Units;
use super::persons;
use super::stored::State;
use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::Pseudonym;
use utfall_ground::error::Error;
use utfall_ground::redacted;

/// Where the rows of some people are, and what they are.
pub struct PersonIndex {
    people: Arc<Units>,
    /// The files that were looked through, by their number.
    files: HashMap<String, usize, RandomState>,
    rows: HashMap<Pseudonym, Vec<Indexed>, RandomState>,
}

/// A row of a file.
struct Indexed {
    file: usize,
    place: usize,
    row: Landed,
}

redacted!(PersonIndex Indexed);

impl PersonIndex {
    /// Of these people; no file has been looked through yet.
    pub fn of(people: Arc<Units>) -> Self {
        Self { people, files: HashMap::default(), rows: HashMap::default() }
    }

    /// Whether it is of somebody.
    pub fn is_of(&self, unit: &Pseudonym) -> bool {
        self.people.contains(unit)
    }

    /// Looks through the files of a version that are new. A file never changes, so that once is enough.
    ///
    /// # Errors
    /// When one is missing or damaged; then nothing is known of it.
    pub fn update(&mut self, table: &TableSchema, pinned: &Pinned) -> Result<(), Error> {
        for file in &pinned.stored {
            if State::named(&file.state).is_none() || self.files.contains_key(&file.path) {
                continue;
            }
            let (number, mut rows) = (self.files.len(), Vec::new());
            let places = persons::places(table, pinned, file, &self.people)?;
            if !places.is_empty() {
                persons::each_row(table, pinned, file, Some(&places), |place, row| {
                    rows.push(Indexed { file: number, place, row: row.clone() });
                    Ok(())
                })?;
            }
            self.files.insert(file.path.clone(), number);
            rows.into_iter().for_each(|row| self.rows.entry(row.row.unit).or_default().push(row));
        }
        Ok(())
    }

    /// Gives `each` the rows of some people in a version that was looked through: the place of its file among the version's, its own
    /// place there, and the row. A person's come in this order.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn rows(
        &self,
        pinned: &Pinned,
        units: &Units,
        mut each: impl FnMut(usize, usize, &Landed) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut files = vec![None; self.files.len()];
        for (at, file) in pinned.stored.iter().enumerate() {
            let place = self.files.get(&file.path).and_then(|number| files.get_mut(*number));
            place.into_iter().for_each(|place| *place = Some(at));
        }
        let at = |row: &Indexed| files.get(row.file).copied().flatten();
        for rows in units.iter().filter_map(|unit| self.rows.get(unit)) {
            let mut here: Vec<_> = rows.iter().filter_map(|row| Some((at(row)?, row.place, &row.row))).collect();
            here.sort_unstable_by_key(|(at, place, _)| (*at, *place));
            here.into_iter().try_for_each(|(at, place, row)| each(at, place, row))?;
        }
        Ok(())
    }
}
