//! Landing lists: each report against what has landed, again and again until nobody else commits first.
//!
//! Takes files and what was said of them; gives a report of each, and one commit of some reports (`batch`). It sees everything of
//! landing and decides nothing of it: each step is a room's. Start reading at [`Landing::land`].

mod ahead;
mod batch;
pub(in crate::land) mod prepare;
pub(in crate::land) mod tell;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use chrono::NaiveDate;

use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::keyzone::Key;
use crate::keyzone::pseudonym::Pseudonym;
use crate::land::accept::month::Month;
use crate::land::accept::record::{self, Standing};
use crate::land::accept::said::Said;
use crate::land::finding::{Finding, ValidationRule};
use crate::land::landing::batch::{Report, Work};
use crate::land::landing::tell::{Before, refused, rejected};
use crate::land::report::FileReport;
use crate::land::understand::list::{self, Given, List};
use crate::land::understand::mapping::Saved;
use crate::land::understand::together::{Together, together};
use crate::land::validate::rows;
use crate::store::persons;
use crate::store::stored::Numbers;
use crate::store::{Pinned, Store};
use crate::upkeep;
use crate::upkeep::erase::{ErasedPerson, Order, Reason};
use utfall_ground::calendar::{Day, Days};
use utfall_ground::cores;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// What a landing tells while it goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// A file is about to land.
    Begins(&'a Path),
    /// A file is done with.
    Done(&'a FileReport),
}

/// Lands files: participations before their child rows, one report after the other. Reports are independent; a rejected one does
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
    /// The project that the lists report, and of rows that have none.
    pub project: Option<i16>,
    /// The month that the lists report.
    pub month: Option<Month>,
    /// Whether the lists are parts of reports, and replace nothing.
    pub part: bool,
    /// Whether a list lands that has landed before: to go back to what another has replaced.
    pub again: bool,
    /// First and last day of each project, by the project's code, as the register has them.
    pub periods: &'a HashMap<i16, Days>,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
    /// How many bytes have been read, for whoever watches.
    pub progress: &'a AtomicU64,
}

/// Where the bytes are counted that nobody watches.
pub(in crate::land) static UNWATCHED: AtomicU64 = AtomicU64::new(0);

impl<'a> Landing<'a> {
    /// Lists as they are, without a mapping, a project or a month.
    pub fn new(
        store: &'a Store,
        key: &'a Key,
        catalogue: &'a Catalogue,
        periods: &'a HashMap<i16, Days>,
        today: NaiveDate,
    ) -> Self {
        Self {
            store,
            key,
            catalogue,
            saved: Saved::default(),
            project: None,
            month: None,
            part: false,
            again: false,
            periods,
            today,
            progress: &UNWATCHED,
        }
    }
}

/// What does not change while lists land.
pub(in crate::land) struct Ground<'g> {
    pub(in crate::land) periods: &'g [Option<Days>],
    pub(in crate::land) threads: usize,
}

/// The first and last day of each project, at the place of its code.
pub(in crate::land) fn by_code(periods: &HashMap<i16, Days>) -> Vec<Option<Days>> {
    let most = periods.keys().copied().max().unwrap_or_default();
    (0..=most).map(|code| periods.get(&code).copied()).collect()
}

/// What came of trying to settle the lists of a report.
pub(in crate::land) enum Attempt {
    /// They are done with, as soon as what is staged is committed.
    Done(Vec<FileReport>),
    /// These people's rows are to be erased first: they withdrew their consent in these projects.
    Erase(Vec<rows::Withdrawal>),
    /// Others were first.
    Again,
}

impl Landing<'_> {
    /// Lands the files, participations first, and tells `watch` of each as soon as it is done: what landed is known even
    /// if a later file fails.
    ///
    /// # Errors
    /// When the store cannot be read or written. What landed before stays; running again is safe.
    pub async fn land(&self, files: &[PathBuf], mut watch: impl FnMut(Step<'_>)) -> Result<Vec<FileReport>, Error> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let periods = by_code(self.periods);
        let ground = Ground { periods: &periods, threads };
        let (catalogue, saved) = (self.catalogue, &self.saved);
        let said = Said { month: self.month, projects: self.project.into_iter().collect(), part: self.part };
        let given = Given { catalogue, saved, said: &said, threads };
        let (mut lists, mut broken, mut reports) = (Vec::new(), Vec::new(), Vec::new());
        let opened = cores::each(files.iter().collect(), |path: &PathBuf| list::open(path, given))?;
        for (path, opened) in files.iter().zip(opened) {
            match opened {
                Ok(opened) => lists.extend(opened),
                Err(found) => {
                    broken.extend(list::said(path, given));
                    for (sheet, findings) in found {
                        let report = rejected(path.clone(), sheet, findings);
                        watch(Step::Done(&report));
                        reports.push(report);
                    }
                }
            }
        }
        let mut work = Work::default();
        let together = together(lists, &broken).into_iter().enumerate();
        let mut next: VecDeque<Report<'_>> = together.map(|(number, lists)| self.report(number, lists)).collect();
        while let Some(report) = next.pop_front() {
            report.together.lists.iter().for_each(|list| watch(Step::Begins(&list.path)));
            let taken = self.take_in(report, &next, &ground, &mut work).await;
            let ended = if taken.is_err() { self.commit(&ground, &mut work).await } else { Ok(()) };
            work.told(&mut reports, &mut watch);
            taken.and(ended)?;
        }
        let committed = self.commit(&ground, &mut work).await;
        work.told(&mut reports, &mut watch);
        committed?;
        self.store.tidy(work.pins.into_values())?;
        Ok(reports)
    }

    /// Settles the lists of a report against what has landed now and what is staged, unless others commit first.
    async fn attempt<'l>(
        &self,
        (whole, next): (&Report<'l>, &VecDeque<Report<'l>>),
        ground: &Ground<'_>,
        work: &mut Work<'l>,
        erased: bool,
    ) -> Result<Attempt, Error> {
        let (report, ids) = (&whole.together, &whole.ids);
        let Some(first) = report.lists.first() else { return Ok(Attempt::Done(Vec::new())) };
        let table = first.reading.mapping.table;
        if first.accepted.month.is_some_and(|month| month > Month::at(self.today)) {
            let ahead = |list| refused(list, vec![Finding::of(ValidationRule::MonthAhead)]);
            return Ok(Attempt::Done(report.lists.iter().map(ahead).collect()));
        }
        if work.writing.is_none() {
            // Who lands the first rows within participations is alone: nobody who lands participations meanwhile would know
            // that there are rows that must follow them.
            let first_within = table.parent.is_some() && !self.store.is_begun(table);
            work.writing = Some(if first_within { self.store.exclusively()? } else { self.store.writing()? });
        }
        if upkeep::is_pending(self.store.root()) {
            return Ok(Attempt::Again);
        }
        upkeep::same_key(self.store, self.key)?;
        let parent = self.parent(table)?;
        for table in [Some(table), parent].into_iter().flatten() {
            if !self.pin(table, &mut work.pins).await? {
                return Ok(Attempt::Again);
            }
        }
        let pins = &mut work.pins;
        let standings = self.standings(report, pins.get(&table.name), ids)?;
        if let Some(reports) = tell::without_news(report, ids, &standings) {
            return Ok(Attempt::Done(reports));
        }
        let (against, ahead) = self.ahead((whole, next), ground, (table, parent), pins, &mut work.ahead)?;
        let empty = pins.get(&table.name).is_none_or(|pinned| pinned.stored.is_empty());
        let early = ahead.take(whole, &standings, empty);
        let read = match early.unwrap_or_else(|| self.read_together(report, ground, &standings, (&against, empty))) {
            Ok(read) if !erased && !read.rows.withdrawn.is_empty() => return Ok(Attempt::Erase(read.rows.withdrawn)),
            Ok(read) => read,
            Err(reports) => return Ok(Attempt::Done(reports)),
        };
        if !pins.contains_key(&table.name) {
            pins.insert(table.name.clone(), self.store.pin_or_create(table).await?);
        }
        let Some(pinned) = pins.get(&table.name) else { return Ok(Attempt::Again) };
        if empty && !pinned.stored.is_empty() {
            // Somebody landed in between, and what they landed has columns that these rows have no room for.
            return Ok(Attempt::Again);
        }
        let of_parent = parent.and_then(|parent| Some((parent, pins.get(&parent.name)?)));
        let mut prepared = self.settle(table, ground, read, (pinned, of_parent), ahead)?;
        let erased = prepared
            .outcome
            .first
            .iter()
            .map(|(unit, project)| ((against.pseudonyms.forgotten(*unit), Some(*project)), Numbers::default()));
        let erased: BTreeMap<_, _> = erased.collect();
        if !erased.is_empty() {
            // Its sender is told next time what it would be told of rows that had landed.
            prepared.outcome.added.push(persons::remember(table, pinned, &erased, i32::MIN)?);
        }
        let turned = std::mem::take(&mut prepared.outcome.turned);
        let told = self.told_of(report, prepared, pinned, Before { ids, standings: &standings })?;
        work.stage(table, told.change, told.record, turned)?;
        Ok(Attempt::Done(told.reports))
    }

    /// What each list of a report is to what was accepted before.
    fn standings(&self, report: &Together<'_>, pinned: Option<&Pinned>, ids: &[Vec<String>]) -> Result<Vec<Standing>, Error> {
        let projects: Vec<i16> =
            self.catalogue.codes("project").map(|list| list.entries.iter().map(|e| e.id).collect()).unwrap_or_default();
        let mut standings = Vec::new();
        for (at, (list, own)) in report.lists.iter().zip(ids).enumerate() {
            let twice = ids.iter().take(at).any(|other| other == own);
            standings.push(match (twice, self.again) {
                // The same file under two names.
                (true, _) => Standing::known(),
                (false, true) => Standing::New,
                (false, false) => record::standing(pinned, own, &list.accepted, &projects)?,
            });
        }
        Ok(standings)
    }

    /// Erases people in the projects in which they have withdrawn their consent.
    /// What began until today does not land again, nor what is still to begin by the row that withdraws it.
    async fn withdraw(&self, withdrawn: &[rows::Withdrawal]) -> Result<(), Error> {
        let today = Day::of(self.today).0;
        let mut together: BTreeMap<(i16, i32), Vec<Pseudonym>> = BTreeMap::new();
        for one in withdrawn {
            let day = one.start.map_or(today, |start| start.max(today));
            together.entry((one.project, day)).or_default().push(one.unit);
        }
        for ((project, day), people) in together {
            let people: Vec<ErasedPerson> = people.into_iter().map(ErasedPerson::from).collect();
            let order = Order { people: &people, project: Some(project), reason: Reason::Consent, day: Day(day) };
            upkeep::erase::erase(self.store, self.catalogue, self.key, order).await?;
        }
        Ok(())
    }

    /// What tells a delivery from others: its bytes, and what they mean.
    fn told(list: &List<'_>) -> Vec<u8> {
        let column =
            list.reading.mapping.table.columns.get_index_of("project").and_then(|i| *list.reading.mapping.positions.get(i)?);
        // Where the project is a column, an option that fills its empty cells makes no other list of it.
        let project = list.reading.project.filter(|_| column.is_none()).unwrap_or(-1).to_le_bytes();
        let columns = format!(
            "{:?} {:?} {:?}",
            list.reading.mapping.positions, list.reading.mapping.constants, list.reading.mapping.consent
        );
        [list.accepted.bytes().as_slice(), &project, columns.as_bytes(), &[0], &list.digest].concat()
    }

    /// Pins the newest version of a table, if anything has landed on it: what was read before is kept while it is that. Gives
    /// whether it may be gone on with: what is staged on a version that is no longer the newest is void.
    async fn pin(&self, table: &TableSchema, pins: &mut HashMap<String, Pinned>) -> Result<bool, Error> {
        if pins.values().any(|pinned| pinned.has_staged() && !pinned.is_newest()) {
            return Ok(false);
        }
        pins.retain(|_, pinned| pinned.is_newest());
        if !pins.contains_key(&table.name)
            && let Some(pinned) = self.store.pin(table).await?
        {
            pins.insert(table.name.clone(), pinned);
        }
        Ok(true)
    }

    fn parent(&self, table: &TableSchema) -> Result<Option<&TableSchema>, Error> {
        let Some(name) = &table.parent else { return Ok(None) };
        let parent = self.catalogue.table(name);
        parent.map(Some).ok_or_else(|| {
            let of = &table.name;
            Error::usage(
                "parent-missing",
                Message::new(
                    format!("schemas/{of}.toml: överordnad tabell `{name}` finns inte"),
                    format!("schemas/{of}.toml: no parent table `{name}`"),
                ),
            )
        })
    }
}
