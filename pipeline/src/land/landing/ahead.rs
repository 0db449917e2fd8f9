//! Lists of one call that are read before it is their turn: side by side on all cores, and their people looked for together in what
//! has landed. What is read is what a list would be read as when it is its turn, or it is read again then: a list that came before
//! may have changed what it is to what was accepted.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::{Pseudonym, Pseudonymiser};
use crate::land::accept::record::Standing;
use crate::land::landing::batch::{REPORTS, Report};
use crate::land::landing::prepare::{LARGE, Read};
use crate::land::landing::tell::without_news;
use crate::land::landing::{Ground, Landing};
use crate::land::partition::cluster;
use crate::land::report::FileReport;
use crate::store::Pinned;
use crate::store::file::FORGOTTEN;
use crate::store::index::PersonIndex;
use crate::store::persons;
use crate::store::stored::Forgotten;
use utfall_ground::cores;
use utfall_ground::error::Error;

/// Lists of so many bytes together are read before it is their turn.
const MOST: u64 = 4 * LARGE;

/// What lists are read against. It stays as it is while the lock is held that keeps others from adding aliases, and nobody else
/// has been erased.
pub(in crate::land) struct Against {
    /// What stays of people who were erased.
    pub(in crate::land) forgotten: HashMap<Pseudonym, Forgotten>,
    /// From an identity to a pseudonym.
    pub(in crate::land) pseudonyms: Pseudonymiser,
    /// The files in which the erased are remembered.
    files: Vec<String>,
}

/// A report that was read.
struct Early {
    standings: Vec<Standing>,
    /// Whether there is no room in its rows for what its lists lack.
    empty: bool,
    read: Result<Read, Vec<FileReport>>,
}

/// Reports that were read before it was their turn, and the rows of their people.
pub(in crate::land) struct Ahead {
    against: Arc<Against>,
    /// The last of them.
    last: usize,
    early: HashMap<usize, Early>,
    /// By table.
    indexes: HashMap<String, PersonIndex>,
}

impl Against {
    fn files(pinned: Option<&Pinned>) -> Vec<String> {
        let remembered = pinned.into_iter().flat_map(|pinned| &pinned.stored).filter(|file| file.state == FORGOTTEN);
        remembered.map(|file| file.path.clone()).collect()
    }
}

impl Ahead {
    /// What was read of a report, if that is what it is now.
    pub(in crate::land) fn take(
        &mut self,
        report: &Report<'_>,
        standings: &[Standing],
        empty: bool,
    ) -> Option<Result<Read, Vec<FileReport>>> {
        let early = self.early.remove(&report.number)?;
        (early.standings == standings && (empty || !early.empty)).then_some(early.read)
    }

    /// The rows of some people in a version of a table, if they are here.
    ///
    /// # Errors
    /// When a file of it is missing or damaged.
    pub(in crate::land) fn index(&mut self, table: &TableSchema, pinned: &Pinned) -> Result<Option<&PersonIndex>, Error> {
        let Some(index) = self.indexes.get_mut(&table.name) else { return Ok(None) };
        index.update(table, pinned)?;
        Ok(Some(index))
    }

    /// Whether the report is one of them, and the erased are those of a version.
    fn is_of(&self, report: &Report<'_>, pinned: Option<&Pinned>) -> bool {
        report.number <= self.last && self.against.files == Against::files(pinned)
    }
}

impl Landing<'_> {
    /// What the next reports are read against, and what was read of them: now, if it was not before or is void.
    pub(in crate::land) fn ahead<'w>(
        &self,
        (report, next): (&Report<'_>, &VecDeque<Report<'_>>),
        ground: &Ground<'_>,
        (table, parent): (&TableSchema, Option<&TableSchema>),
        pins: &HashMap<String, Pinned>,
        ahead: &'w mut Option<Ahead>,
    ) -> Result<(Arc<Against>, &'w mut Ahead), Error> {
        let root = parent.unwrap_or(table);
        let pinned = pins.get(&root.name);
        ahead.take_if(|ahead| !ahead.is_of(report, pinned));
        let ahead = match ahead {
            Some(ahead) => ahead,
            none => none.insert(self.read_ahead((report, next), ground, (table, parent), pins)?),
        };
        Ok((Arc::clone(&ahead.against), ahead))
    }

    fn against(&self, root: &TableSchema, pinned: Option<&Pinned>) -> Result<Against, Error> {
        Ok(Against {
            forgotten: pinned.map_or(Ok(HashMap::new()), |pinned| persons::forgotten(root, pinned))?,
            // Under the lock that keeps others from adding aliases.
            pseudonyms: Pseudonymiser::new(self.key, self.store.domain(), self.store.aliases()?),
            files: Against::files(pinned),
        })
    }

    fn read_ahead(
        &self,
        (report, next): (&Report<'_>, &VecDeque<Report<'_>>),
        ground: &Ground<'_>,
        (table, parent): (&TableSchema, Option<&TableSchema>),
        pins: &HashMap<String, Pinned>,
    ) -> Result<Ahead, Error> {
        let root = parent.unwrap_or(table);
        let against = Arc::new(self.against(root, pins.get(&root.name))?);
        let reports = together((report, next));
        let last = reports.last().map_or(report.number, |last| last.number);
        let mut ahead = Ahead { against: Arc::clone(&against), last, early: HashMap::new(), indexes: HashMap::new() };
        if reports.len() < 2 {
            return Ok(ahead);
        }
        let pinned = pins.get(&table.name);
        let first = report.number;
        let read = |report: &Report<'_>| {
            let standings = self.standings(&report.together, pinned, &report.ids)?;
            if without_news(&report.together, &report.ids, &standings).is_some() {
                return Ok(None);
            }
            // After the first of them the table is not empty.
            let empty = report.number == first && pinned.is_none_or(|pinned| pinned.stored.is_empty());
            let read = self.read_together(&report.together, ground, &standings, (&against, empty));
            Ok::<_, Error>(Some((report.number, Early { standings, empty, read })))
        };
        for early in cores::each(reports, read)? {
            ahead.early.extend(early?);
        }
        let read = ahead.early.values().filter_map(|early| early.read.as_ref().ok());
        let people = Arc::new(cluster::people(read.map(|read| &read.rows.partitions))?);
        for table in [Some(table), parent].into_iter().flatten() {
            ahead.indexes.insert(table.name.clone(), PersonIndex::of(Arc::clone(&people)));
        }
        Ok(ahead)
    }
}

/// The reports that are read together: those of one table, as long as they are small.
fn together<'r, 'l>((report, next): (&'r Report<'l>, &'r VecDeque<Report<'l>>)) -> Vec<&'r Report<'l>> {
    let table = |report: &Report<'_>| report.together.lists.first().map(|list| list.reading.mapping.table.name.clone());
    let (of, mut room) = (table(report), MOST);
    let fits = |report: &&Report<'_>| {
        let length = report.together.length();
        room = room.saturating_sub(length);
        length < LARGE && room > 0 && table(report) == of
    };
    std::iter::once(report).chain(next).take(REPORTS).take_while(fits).collect()
}
