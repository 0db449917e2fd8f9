//! Landing: from the lists as they are to pseudonymised, numbered Parquet; one commit per delivery.
//!
//! ```text
//! source    the bytes, in pieces of whole lines         validate  text to typed values, row by row (plain rows: eight)
//! workbook  sheets as lines of text                     read      all rows, on all cores, packed by person (pack, shares)
//! list      encoding, separator, headings, month        person    what becomes of one person's rows: corrections, numbers
//! delivery  which table, which column is which          cluster   brings rows together with what has landed; writes files
//! ```
//!
//! After acceptance everything here is row-local or person-local: one person's rows change no other person's.

pub mod apart;
pub mod cluster;
pub mod columns;
pub mod dates;
pub mod decode;
pub mod delivery;
pub mod eight;
pub mod finding;
pub mod fixlist;
pub mod identity;
pub mod list;
pub mod month;
pub mod near;
pub mod numbers;
pub mod pack;
pub mod person;
mod prepare;
pub mod pseudonymise;
pub mod read;
pub mod report;
pub mod rule;
pub mod shares;
pub mod source;
pub mod validate;
mod withhold;
pub mod workbook;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use chrono::NaiveDate;

use crate::error::Error;
use crate::key::Key;
use crate::language::say;
use crate::schema::{Catalogue, TableSchema};
use crate::store::vacuum::Writing;
use crate::store::{Change, Commit, Pinned, Store};
use crate::upkeep;
use crate::upkeep::attach::Announced;
use delivery::Saved;
use finding::{Finding, Rule};
use list::{Given, List};
use month::Month;
use prepare::{COMPLETE, blank, refused, rejected};
use pseudonymise::Pseudonymiser;
pub use report::{FileReport, Outcome};

/// How often a landing numbers again when others commit at the same time.
const TRIES: usize = 50;

/// What a landing tells while it goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// A file is about to land.
    Begins(&'a Path),
    /// A file is done with.
    Done(&'a FileReport),
}

/// Lands files: participations before their child rows, each list one commit. Lists are independent; a rejected one does
/// not stop the others, and running again completes what a killed run left.
#[derive(Debug)]
pub struct Landing<'a> {
    /// Where to.
    pub store: &'a Store,
    /// The key, already accepted by the store.
    pub key: &'a Key,
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The controller's mapping.
    pub saved: Saved,
    /// The project of lists without a project column.
    pub project: Option<i16>,
    /// The month that the lists report.
    pub month: Option<Month>,
    /// Whether a list lands that has landed before: to go back to what another has replaced.
    pub again: bool,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
    /// How many bytes have been read, for whoever watches.
    pub progress: &'a AtomicU64,
}

/// Where the bytes are counted that nobody watches.
static UNWATCHED: AtomicU64 = AtomicU64::new(0);

impl<'a> Landing<'a> {
    /// Lists as they are, without a mapping, a project or a month.
    pub fn new(store: &'a Store, key: &'a Key, catalogue: &'a Catalogue, today: NaiveDate) -> Self {
        Self {
            store,
            key,
            catalogue,
            saved: Saved::default(),
            project: None,
            month: None,
            again: false,
            today,
            progress: &UNWATCHED,
        }
    }
}

/// What does not change while lists land.
struct Ground<'g> {
    periods: &'g HashMap<i16, (i32, i32)>,
    threads: usize,
}

/// What came of trying to land a list.
enum Attempt {
    /// It is done with.
    Done(Box<FileReport>),
    /// These people's rows are to be erased first: they withdrew their consent in these projects.
    Erase(Vec<(pseudonymise::Pseudonym, i16)>),
    /// Others were first.
    Again,
}

impl Attempt {
    fn done(report: FileReport) -> Self {
        Self::Done(Box::new(report))
    }
}

/// With which mark a delivery was committed last, under the newest key or those before it.
async fn last_mark(pinned: Option<&Pinned>, ids: &[String]) -> Result<Option<i64>, Error> {
    let (Some(pinned), mut last) = (pinned, None) else { return Ok(None) };
    for id in ids {
        last = last.max(pinned.mark(id).await?);
    }
    Ok(last)
}

impl Landing<'_> {
    /// Lands the files, participations first, and tells `watch` of each as soon as it is done: what landed is known even
    /// if a later file fails.
    ///
    /// # Errors
    /// When the store cannot be read or written. What landed before stays; running again is safe.
    pub async fn land(&self, files: &[PathBuf], mut watch: impl FnMut(Step<'_>)) -> Result<Vec<FileReport>, Error> {
        let periods = crate::register::periods(self.catalogue)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let ground = Ground { periods: &periods, threads };
        let (catalogue, saved) = (self.catalogue, &self.saved);
        let given = Given { catalogue, saved, project: self.project.is_some(), month: self.month, threads };
        let (mut lists, mut reports) = (Vec::new(), Vec::new());
        for path in files {
            match list::open(path, given) {
                Ok(opened) => lists.extend(opened),
                Err(broken) => {
                    for (sheet, findings) in broken {
                        let report = rejected(path.clone(), sheet, findings);
                        watch(Step::Done(&report));
                        reports.push(report);
                    }
                }
            }
        }
        lists.sort_by_key(|list| list.mapping.table.parent.is_some());
        let mut pins = HashMap::new();
        for list in &lists {
            watch(Step::Begins(&list.path));
            let report = self.land_one(list, &ground, &mut pins).await?;
            watch(Step::Done(&report));
            reports.push(report);
        }
        Ok(reports)
    }

    async fn land_one(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        pins: &mut HashMap<String, Pinned>,
    ) -> Result<FileReport, Error> {
        let ids = pseudonymise::delivery(self.key, self.store.domain(), &list.mapping.table.name, &self.told(list));
        let mut erased = false;
        for _ in 0..TRIES {
            match self.attempt(list, ground, pins, &ids, erased).await? {
                Attempt::Done(report) => return Ok(*report),
                Attempt::Erase(people) => {
                    // Before the list lands, so that it is done again if this is as far as we get.
                    self.withdraw(&people).await?;
                    erased = true;
                }
                Attempt::Again => {}
            }
            // Others committed first: what was read is old, and the numbers given against it are void.
            pins.clear();
        }
        Err(Error::storage(say(
            format!("{} kunde inte landa: andra landningar hann före; kör igen", finding::shown(&list.path)),
            format!("{} could not land: other landings kept committing first; run again", finding::shown(&list.path)),
        )))
    }

    /// Lands a list against what has landed now, unless others commit first.
    async fn attempt(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        pins: &mut HashMap<String, Pinned>,
        ids: &[String],
        erased: bool,
    ) -> Result<Attempt, Error> {
        let table = list.mapping.table;
        if list.month.is_some_and(|month| month > Month::at(self.today)) {
            return Ok(Attempt::done(refused(list, vec![Finding::of(Rule::MonthAhead)])));
        }
        // Who lands the first rows within participations is alone: nobody who lands participations meanwhile would know that
        // there are rows that must follow them.
        let first_within = table.parent.is_some() && !self.store.is_begun(table);
        let writing = if first_within { self.store.exclusively()? } else { self.store.writing()? };
        if upkeep::is_pending(self.store.root()) {
            drop(writing);
            upkeep::resume(self.store, self.catalogue).await?;
            return Ok(Attempt::Again);
        }
        upkeep::same_key(self.store, self.key)?;
        let parent = self.parent(table)?;
        for table in [Some(table), parent].into_iter().flatten() {
            self.pin(table, pins).await?;
        }
        let state = last_mark(pins.get(&table.name), ids).await?;
        if state == Some(COMPLETE) && !self.again {
            return Ok(Attempt::done(FileReport { outcome: Outcome::Known, ..blank(list) }));
        }
        let root = parent.unwrap_or(table);
        let forgotten = pins.get(&root.name).map_or(Ok(HashMap::new()), |pinned| cluster::forgotten(root, pinned))?;
        let first = pins.get(&table.name).is_none_or(|pinned| pinned.stored.is_empty());
        // Under the lock that keeps others from adding aliases.
        let pseudonyms = Pseudonymiser::new(self.key, self.store.domain(), self.store.aliases()?);
        let rows = match self.read(list, ground, &forgotten, &pseudonyms, &self.packing(list, first)) {
            Ok(rows) if !erased && !rows.withdrawn.is_empty() => return Ok(Attempt::Erase(rows.withdrawn)),
            Ok(rows) => rows,
            Err(findings) => return Ok(Attempt::done(refused(list, findings))),
        };
        let mut pinned = match pins.remove(&table.name) {
            Some(pinned) => pinned,
            None => self.store.pin_or_create(table).await?,
        };
        if first && !pinned.stored.is_empty() {
            // Somebody landed in between, and what they landed has columns that these rows have no room for.
            return Ok(Attempt::Again);
        }
        let of_parent = parent.and_then(|parent| Some((parent, pins.get(&parent.name)?)));
        let mut prepared = self.settle(list, ground, rows, &pinned, of_parent)?;
        let erased = prepared.outcome.first.iter().map(|(unit, project)| ((pseudonyms.forgotten(*unit), Some(*project)), [0, 0]));
        let erased: BTreeMap<_, _> = erased.collect();
        if !erased.is_empty() {
            // Its sender is told next time what it would be told of rows that had landed.
            prepared.outcome.added.push(cluster::remember(table, &pinned, &erased, i32::MIN)?);
        }
        let turned = prepared.outcome.turned.clone();
        let (report, change) = self.told_of(list, prepared, ids.first().cloned().unwrap_or_default());
        // A row that was set aside may fit later (its participation lands, its code is added to a list), and its
        // sender must hear of it until then: the delivery stays open to be run again.
        let unchanged = change.added.is_empty() && change.removed.is_empty();
        let stays = report.is_defective() && state.is_some() && unchanged;
        if stays || self.commit((table, &mut pinned), change, &turned, writing).await? == Commit::Done {
            pins.insert(table.name.clone(), pinned);
            return Ok(Attempt::done(report));
        }
        Ok(Attempt::Again)
    }

    /// Commits a list, and lets the rows within the participations of the people who `turned` follow.
    async fn commit(
        &self,
        (table, pinned): (&TableSchema, &mut Pinned),
        change: Change,
        turned: &[pseudonymise::Pseudonym],
        writing: Writing,
    ) -> Result<Commit, Error> {
        let announced = upkeep::attach::announce(self.store, self.catalogue, table, turned)?;
        if let Announced::Busy = announced {
            return Ok(Commit::Conflict);
        }
        let committed = self.store.commit(table, pinned, change).await?;
        drop(writing);
        match (announced, committed) {
            (Announced::Follows(_), Commit::Done) => upkeep::resume(self.store, self.catalogue).await.map(|_| Commit::Done),
            (Announced::Follows(pending), Commit::Conflict) => pending.end(self.store).map(|()| Commit::Conflict),
            (Announced::Nothing | Announced::Busy, committed) => Ok(committed),
        }
    }

    /// Erases people in the projects in which they have withdrawn their consent.
    async fn withdraw(&self, withdrawn: &[(pseudonymise::Pseudonym, i16)]) -> Result<(), Error> {
        let mut by_project: HashMap<i16, Vec<pseudonymise::Pseudonym>> = HashMap::new();
        for (unit, project) in withdrawn {
            by_project.entry(*project).or_default().push(*unit);
        }
        let day = dates::days(self.today);
        for (project, people) in by_project {
            let whom = (people.as_slice(), Some(project));
            upkeep::erase::erase(self.store, self.catalogue, self.key, whom, (upkeep::erase::Reason::Consent, day)).await?;
        }
        Ok(())
    }

    /// What tells a delivery from others: its bytes, and what was said beside them.
    fn told(&self, list: &List<'_>) -> Vec<u8> {
        let saved = toml::to_string(&self.saved).unwrap_or_default();
        let project = self.project.unwrap_or(-1).to_le_bytes();
        let month = list.month.map_or(0, Month::number).to_le_bytes();
        [project.as_slice(), month.as_slice(), saved.as_bytes(), &[0], &list.digest].concat()
    }

    /// Pins the newest version of a table, if anything has landed on it: what was read before is kept while it is that.
    async fn pin(&self, table: &TableSchema, pins: &mut HashMap<String, Pinned>) -> Result<(), Error> {
        pins.retain(|_, pinned| pinned.is_newest());
        if !pins.contains_key(&table.name)
            && let Some(pinned) = self.store.pin(table).await?
        {
            pins.insert(table.name.clone(), pinned);
        }
        Ok(())
    }

    fn parent(&self, table: &TableSchema) -> Result<Option<&TableSchema>, Error> {
        let Some(name) = &table.parent else { return Ok(None) };
        let parent = self.catalogue.table(name);
        parent.map(Some).ok_or_else(|| Error::usage(format!("schemas/{}.toml: no parent table `{name}`", table.name)))
    }
}

#[cfg(test)]
mod tests {
    mod bench;
    mod plain;
}
