//! Reports of one call that are committed together. Each is settled against what has landed and what the reports before it have
//! staged, as if those had been committed: where one commit ends and the next begins changes no number. What is written
//! meanwhile becomes durable at once, and small files are put together before anybody reads them.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::{self, Pseudonym};
use crate::land::accept::record::Record;
use crate::land::landing::ahead::Ahead;
use crate::land::landing::{Attempt, Ground, Landing, Step};
use crate::land::report::FileReport;
use crate::land::understand::list::List;
use crate::land::understand::together::Together;
use crate::store::vacuum::Writing;
use crate::store::{Change, Commit, Pinned};
use crate::upkeep;
use crate::upkeep::attach::Announced;
use crate::upkeep::compact;
use utfall_ground::error::Error;
use utfall_ground::redact::shown;
use utfall_ground::text::Message;

/// How often a landing numbers again when others commit at the same time.
const TRIES: usize = 50;
/// So many reports are committed together.
pub(in crate::land) const REPORTS: usize = 256;
/// No report waits longer than this for those after it: a process that is killed loses no more.
const WAIT: Duration = Duration::from_secs(2);

/// Lists that land together, and under which ids each is known.
pub(in crate::land) struct Report<'l> {
    /// Which one of the call it is.
    pub(in crate::land) number: usize,
    pub(in crate::land) together: Together<'l>,
    pub(in crate::land) ids: Vec<Vec<String>>,
}

/// What is settled and not committed yet.
#[derive(Default)]
pub(in crate::land) struct Work<'l> {
    /// The newest version of each table that was looked at, and what is staged on it.
    pub(in crate::land) pins: HashMap<String, Pinned>,
    /// Keeps others from taking the files that were written for left-overs.
    pub(in crate::land) writing: Option<Writing>,
    /// What was read of the reports that come next, under the same lock.
    pub(in crate::land) ahead: Option<Ahead>,
    /// The reports, in order, and what is told of them when it is committed.
    reports: Vec<(Report<'l>, Vec<FileReport>)>,
    /// What is told now.
    done: Vec<FileReport>,
    /// The table of what is staged.
    table: Option<&'l TableSchema>,
    /// What is kept of the lists.
    record: Record,
    /// People whose rows within participations must follow.
    turned: Vec<Pseudonym>,
    began: Option<Instant>,
}

impl<'l> Work<'l> {
    /// Tells of the reports that are committed.
    pub(in crate::land) fn told(&mut self, all: &mut Vec<FileReport>, watch: &mut impl FnMut(Step<'_>)) {
        self.done.iter().for_each(|report| watch(Step::Done(report)));
        all.append(&mut self.done);
    }

    /// Takes in what a report does to its table.
    pub(in crate::land) fn stage(
        &mut self,
        table: &'l TableSchema,
        mut change: Change,
        record: Record,
        turned: Vec<Pseudonym>,
    ) -> Result<(), Error> {
        let Some(pinned) = self.pins.get_mut(&table.name) else { return Ok(()) };
        if !change.marks.is_empty() {
            self.record.and(record);
            change.accepted = Some(self.record.text()?);
        }
        pinned.stage(change);
        self.table = Some(table);
        self.turned.extend(turned);
        self.began.get_or_insert_with(Instant::now);
        // What fails here is done after a later report; nothing depends on it.
        let _ = compact::compact(table, pinned);
        Ok(())
    }

    /// Whether a report of a table is to wait for those before it.
    fn is_full(&self, report: &Report<'_>) -> bool {
        let other = |table: &TableSchema| report.together.lists.iter().any(|list| list.reading.mapping.table.name != table.name);
        let waited = self.began.is_some_and(|began| began.elapsed() > WAIT);
        self.reports.len() >= REPORTS || waited || self.table.is_some_and(other)
    }

    /// What is staged is void.
    fn void(&mut self) -> Vec<Report<'l>> {
        self.pins.drain().for_each(|(_, mut pinned)| pinned.unstage());
        self.end().into_iter().map(|(report, _)| report).collect()
    }

    /// The reports that were waiting; from now on nothing is.
    fn end(&mut self) -> Vec<(Report<'l>, Vec<FileReport>)> {
        (self.writing, self.ahead, self.table, self.began) = (None, None, None, None);
        self.turned.clear();
        self.record = Record::default();
        std::mem::take(&mut self.reports)
    }
}

impl Landing<'_> {
    /// A report of a call.
    pub(in crate::land) fn report<'l>(&self, number: usize, together: Together<'l>) -> Report<'l> {
        let id = |list: &List<'_>| {
            pseudonym::delivery(self.key, self.store.domain(), &list.reading.mapping.table.name, &Self::told(list))
        };
        let ids = together.lists.iter().map(id).collect();
        Report { number, together, ids }
    }

    /// Settles a report after those that wait to be committed, and before those that come next.
    pub(in crate::land) async fn take_in<'l>(
        &self,
        report: Report<'l>,
        next: &VecDeque<Report<'l>>,
        ground: &Ground<'_>,
        work: &mut Work<'l>,
    ) -> Result<(), Error> {
        if work.is_full(&report) {
            self.commit(ground, work).await?;
        }
        match self.attempt((&report, next), ground, work, false).await? {
            Attempt::Done(told) => {
                work.reports.push((report, told));
                Ok(())
            }
            Attempt::Erase(_) | Attempt::Again => {
                self.commit(ground, work).await?;
                self.alone(report, ground, work).await
            }
        }
    }

    /// Settles and commits one report, again and again until nobody else commits first.
    async fn alone<'l>(&self, report: Report<'l>, ground: &Ground<'_>, work: &mut Work<'l>) -> Result<(), Error> {
        let mut erased = false;
        for _ in 0..TRIES {
            match self.attempt((&report, &VecDeque::new()), ground, work, erased).await? {
                Attempt::Done(told) => {
                    if self.committed(work).await? {
                        work.end();
                        work.done.extend(told);
                        return Ok(());
                    }
                }
                Attempt::Erase(people) => {
                    work.void();
                    // Before the lists land, so that it is done again if this is as far as we get.
                    self.withdraw(&people).await?;
                    erased = true;
                }
                Attempt::Again => {}
            }
            // Others committed first: what was read is old, and the numbers given against it are void.
            work.void();
            if upkeep::is_pending(self.store.root()) {
                upkeep::resume(self.store, self.catalogue).await?;
            }
        }
        let first = report.together.lists.first().map(|list| shown(&list.path)).unwrap_or_default();
        Err(Error::storage(
            "landings-ahead",
            Message::new(
                format!("{first} kunde inte landa: andra landningar hann före; kör igen"),
                format!("{first} could not land: other landings kept committing first; run again"),
            ),
        ))
    }

    /// Commits what is staged; if others were first, each report anew.
    pub(in crate::land) async fn commit<'l>(&self, ground: &Ground<'_>, work: &mut Work<'l>) -> Result<(), Error> {
        if self.committed(work).await? {
            let told = work.end().into_iter().flat_map(|(_, told)| told);
            work.done.extend(told);
            return Ok(());
        }
        for report in work.void() {
            self.alone(report, ground, work).await?;
        }
        Ok(())
    }

    /// Commits what is staged, and lets the rows within the participations of the people who turned follow. Gives whether nobody
    /// was first.
    async fn committed(&self, work: &mut Work<'_>) -> Result<bool, Error> {
        let Some(table) = work.table else { return Ok(true) };
        let Some(pinned) = work.pins.get_mut(&table.name).filter(|pinned| pinned.has_staged()) else { return Ok(true) };
        let announced = upkeep::attach::announce(self.store, self.catalogue, table, &work.turned)?;
        if let Announced::Busy = announced {
            return Ok(false);
        }
        let committed = self.store.commit(table, pinned, Change::default()).await?;
        (work.writing, work.ahead) = (None, None);
        match (announced, committed) {
            (Announced::Follows(_), Commit::Done) => upkeep::resume(self.store, self.catalogue).await.map(|_| true),
            (Announced::Follows(pending), Commit::Conflict) => pending.end(self.store).map(|()| false),
            (Announced::Nothing | Announced::Busy, committed) => Ok(committed == Commit::Done),
        }
    }
}
