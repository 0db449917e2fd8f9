//! Brings a list's rows together with what has landed of the same people, and writes what comes of it: files sorted by person and
//! number, so that a query's bound is a plain predicate. Each core settles its part of the partitions, one person after the other
//! ([`crate::settle`]), and writes files of its own. Small files of the list's projects are written anew with what comes, so that
//! a project does not grow a file a month; of large ones, and of those that several projects share, only those from which a row
//! goes.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::Pseudonym;
use crate::land::accept::month::Month;
use crate::land::finding::ValidationRule;
use crate::land::partition::{Partition, Partitions};
use crate::settle::{Person, Settled, Settling, Tallies, Tally};
use crate::store::codec::{self, Cell, Packing};
use crate::store::columns::{Columns, Landed};
use crate::store::file::{FileWriter, SMALL, StoredFile};
use crate::store::index::PersonIndex;
use crate::store::persons::{self, Participations, Units, copy_without, places, places_of};
use crate::store::stored::{Forgotten, Known, State, Stored};
use crate::store::{Pinned, discard};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// So many rows go to a file at a time.
const BATCH: usize = 32 << 10;

/// What had landed of the people and projects of a list.
#[derive(Debug, Default)]
pub struct LandedRows {
    stored: Vec<Stored>,
    /// Per row, its file and its place there.
    places: Vec<(u32, u32)>,
    /// Per file of the table, whether it is written anew whole.
    whole: Vec<bool>,
    /// Which project has reported which month.
    reports: HashSet<(i16, i16)>,
}

impl LandedRows {
    /// Takes a row of a file in, which joins those of the list.
    fn add(
        &mut self,
        (file, place): (usize, usize),
        row: &Landed,
        project: Option<usize>,
        packing: &Packing,
        partitions: &mut Partitions,
    ) -> Result<(), Error> {
        let number = u32::try_from(self.stored.len()).map_err(|_| too_many())?;
        if let Some(Cell::Code(project)) = project.and_then(|at| row.cells.get(at)) {
            self.reports.insert((*project, row.stored.month));
        }
        self.stored.push(row.stored);
        self.places.push((u32::try_from(file).unwrap_or(u32::MAX), u32::try_from(place).unwrap_or(u32::MAX)));
        partitions.add(packing, row.unit, number, codec::KNOWN, &row.cells);
        Ok(())
    }

    /// The months after this one that the replaced projects have reported.
    pub fn months_after(&self, month: i16, replaced: &[i16]) -> Vec<Month> {
        let mut later: Vec<i16> =
            self.reports.iter().filter(|(p, m)| replaced.contains(p) && *m > month).map(|(_, m)| *m).collect();
        later.sort_unstable();
        later.dedup();
        later.into_iter().map(|month| Month::from_number(month.into())).collect()
    }
}

/// What comes of a list.
#[derive(Debug, Default)]
pub struct Clustered {
    /// Files that come.
    pub added: Vec<StoredFile>,
    /// Files that go.
    pub removed: Vec<StoredFile>,
    /// What was found, and in which rows of the list.
    pub found: BTreeMap<ValidationRule, Vec<u32>>,
    /// What only the controller may hear, and of which rows.
    pub controller: BTreeMap<ValidationRule, Vec<u32>>,
    /// The counts, per list of the report.
    pub tallies: Tallies,
    /// People of whom a participation was withdrawn, came back or has ended.
    pub turned: Vec<Pseudonym>,
    /// Erased people, and the projects from which their rows came for the first time.
    pub first: Vec<(Pseudonym, i16)>,
    /// How many rows are written or go: none if all is as it was.
    changes: usize,
}

/// The people of some rows.
///
/// # Errors
/// When rows that memory has no room for cannot be read.
pub fn people<'p>(all: impl IntoIterator<Item = &'p Partitions>) -> Result<Units, Error> {
    let mut people = HashSet::default();
    for partitions in all {
        partitions.each_row(|row| {
            people.insert(codec::unit(row));
        })?;
    }
    Ok(Units::from(people))
}

/// What of the landed rows is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Of these people everything.
    pub units: &'a Units,
    /// Of these projects everything: their report is replaced.
    pub replaced: &'a [i16],
    /// Of these projects the small files, which are written anew.
    pub touched: &'a [i16],
}

/// Reads what had landed. The rows join those of the list. An index of the version is of all these people, where there is one.
///
/// # Errors
/// When a file is missing or damaged.
pub fn landed(
    table: &TableSchema,
    pinned: &Pinned,
    packing: &Packing,
    (wanted, index): (Wanted<'_>, Option<&PersonIndex>),
    partitions: &mut Partitions,
) -> Result<LandedRows, Error> {
    let mut landed = LandedRows::default();
    let project = table.columns.get_index_of("project");
    let mut indexed = vec![false; pinned.stored.len()];
    for ((at, file), indexed) in pinned.stored.iter().enumerate().zip(&mut indexed) {
        let of = |projects: &[i16]| file.project.is_some_and(|project| projects.contains(&project));
        let whole = of(wanted.touched) && file.size <= SMALL;
        landed.whole.push(whole);
        if State::named(&file.state).is_none() {
            continue;
        }
        let shares_replaced = file.project.is_none() && !wanted.replaced.is_empty();
        let chosen = if whole || of(wanted.replaced) {
            None
        } else if index.is_some() && !shares_replaced {
            *indexed = true;
            continue;
        } else {
            let mut places = places(table, pinned, file, wanted.units)?;
            if shares_replaced {
                places.extend(places_of(table, pinned, file, wanted.replaced)?);
                places.sort_unstable();
                places.dedup();
            }
            if places.is_empty() {
                continue;
            }
            Some(places)
        };
        persons::each_row(table, pinned, file, chosen.as_deref(), |place, row| {
            landed.add((at, place), row, project, packing, partitions)
        })?;
    }
    if let Some(index) = index {
        index.rows(pinned, wanted.units, |at, place, row| match indexed.get(at) {
            Some(true) => landed.add((at, place), row, project, packing, partitions),
            _ => Ok(()),
        })?;
    }
    Ok(landed)
}

/// More rows have landed than can be numbered.
fn too_many() -> Error {
    Error::storage("rows-too-many", Message::new("för många landade rader", "too many landed rows"))
}

/// What all cores settle together.
#[derive(Debug)]
pub struct Clustering<'a> {
    /// The table.
    pub table: &'a TableSchema,
    /// How its rows are packed.
    pub packing: &'a Packing,
    /// What the list is to what has landed.
    pub settling: Settling<'a>,
    /// What of it was read.
    pub wanted: Wanted<'a>,
    /// What has landed.
    pub pinned: &'a Pinned,
    /// The rows of it that matter.
    pub landed: &'a LandedRows,
    /// The participations, for child rows.
    pub participations: Option<&'a Participations>,
    /// What stays of people who were erased.
    pub erased: &'a HashMap<Pseudonym, Forgotten>,
}

impl Clustering<'_> {
    /// Settles everybody's rows and writes the files that change.
    ///
    /// # Errors
    /// When a file cannot be read or written; what was written then is no file of the table.
    pub fn run(&self, partitions: Partitions, threads: usize) -> Result<Clustered, Error> {
        let mut partitions = partitions.take()?;
        let per_thread = partitions.len().div_ceil(threads.clamp(1, partitions.len().max(1)));
        let mut parts = Vec::new();
        while !partitions.is_empty() {
            parts.push(partitions.drain(..per_thread.min(partitions.len())).collect::<Vec<_>>());
        }
        let results: Vec<Result<(Clustered, Vec<usize>), Error>> = std::thread::scope(|scope| {
            let mine = parts.pop();
            let others: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| self.part(part))).collect();
            let mine = mine.map(|part| self.part(part));
            others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(Error::panicked()))).chain(mine).collect()
        });
        let (mut all, mut gone) = (Clustered::default(), Vec::new());
        let mut failed = None;
        for result in results {
            match result {
                Ok((outcome, places)) => {
                    all.and(outcome);
                    gone.extend(places);
                }
                Err(e) => failed = Some(e),
            }
        }
        let failed = failed.map_or_else(|| self.without(&gone, &mut all), Err);
        if failed.is_err() || all.changes == 0 {
            discard(&self.pinned.folder, &std::mem::take(&mut all.added));
            all.removed.clear();
        }
        failed.map(|()| all)
    }

    /// Takes the rows that are gone out of their files: small files have been written anew, of large ones copies are made.
    fn without(&self, gone: &[usize], all: &mut Clustered) -> Result<(), Error> {
        let mut by_file: BTreeMap<u32, HashSet<usize>> = BTreeMap::new();
        for (file, row) in gone.iter().filter_map(|place| self.landed.places.get(*place)) {
            by_file.entry(*file).or_default().insert(usize::try_from(*row).unwrap_or(usize::MAX));
        }
        for (at, file) in self.pinned.stored.iter().enumerate() {
            let rows = u32::try_from(at).ok().and_then(|at| by_file.get(&at));
            if self.landed.whole.get(at) == Some(&true) {
                all.removed.push(file.clone());
            } else if let Some(rows) = rows {
                all.removed.push(file.clone());
                all.added.extend(copy_without(self.table, self.pinned, file, |row| rows.contains(&row))?);
            }
        }
        Ok(())
    }

    /// One core's part of the partitions.
    fn part(&self, partitions: Vec<Partition>) -> Result<(Clustered, Vec<usize>), Error> {
        let mut out = Out { clustering: self, files: Vec::new(), last: 0 };
        let (mut outcome, mut gone) = (Clustered::default(), Vec::new());
        let written: Result<(), Error> = partitions.into_iter().try_for_each(|partition| {
            let blocks = partition.blocks()?;
            let rows = Partition::sorted(&blocks, self.packing.size(), |row| self.settling.order(row));
            let (mut settled, mut fresh) = (Settled::default(), Vec::new());
            for rows in rows.chunk_by(|a, b| codec::unit(a) == codec::unit(b)) {
                let Some(unit) = rows.first().map(|row| codec::unit(row)) else { continue };
                if self.erased.is_empty() && self.settling.fresh(rows, &mut fresh) {
                    outcome.changes += rows.len();
                    self.fresh(rows, &mut outcome.tallies);
                    fresh.iter().try_for_each(|(row, stored)| out.push(row, stored))?;
                    continue;
                }
                self.person(unit, rows, &mut settled);
                outcome.changes += settled.written.len() + settled.gone.len();
                out.write(rows, &mut settled)?;
                outcome.turned.extend(std::mem::take(&mut settled.turned).then_some(unit));
                outcome.first.extend(settled.first.drain(..).map(|project| (unit, project)));
                outcome.tell(&mut settled);
                gone.append(&mut settled.gone);
            }
            Ok(())
        });
        let finished = written.and_then(|()| out.finish(&mut outcome.added));
        finished.inspect_err(|_| discard(&self.pinned.folder, &outcome.added))?;
        Ok((outcome, gone))
    }

    /// Counts rows of somebody of whom nothing had landed.
    fn fresh(&self, rows: &[&[u8]], tallies: &mut Tallies) {
        let trials = self.settling.trials();
        if trials.len() == 1 {
            return tallies.add(0, Tally { new: rows.len(), ..Tally::default() });
        }
        rows.iter().for_each(|row| tallies.add(trials.row(codec::number(row)).list, Tally::NEW));
    }

    fn person<'r>(&'r self, unit: Pseudonym, rows: &[&'r [u8]], settled: &mut Settled<'r>) {
        let (known, new): (Vec<&[u8]>, Vec<&[u8]>) = rows.iter().partition(|row| codec::has(row, codec::KNOWN));
        // Of who is in no list of the report, only the projects that it replaces were read whole: other rows came along with
        // their files, without what else there is of the same participations, and stay as they are.
        let Wanted { units, replaced, .. } = self.wanted;
        let whole = |row: &&[u8]| units.contains(&unit) || replaced.contains(&self.settling.project(row));
        let known = known.into_iter().filter(whole).filter_map(|row| {
            let place = usize::try_from(codec::number(row)).ok()?;
            Some(Known { row, stored: *self.landed.stored.get(place)?, place })
        });
        let participations = self.participations.and_then(|all| all.get(&unit)).map(Vec::as_slice).unwrap_or_default();
        let person = Person { known: known.collect(), new: &new, participations, forgotten: self.erased.get(&unit) };
        self.settling.settle(&person, settled);
    }

    /// The file of a state and project, begun now if it was not.
    fn begun(&self, (state, project): (State, i16), writer: Option<FileWriter>) -> Result<FileWriter, Error> {
        let begin = || FileWriter::create(&self.pinned.folder, self.table, state.name(), Some(project));
        writer.map_or_else(begin, Ok)
    }

    fn is_whole(&self, place: usize) -> bool {
        let file = self.landed.places.get(place).and_then(|(file, _)| usize::try_from(*file).ok());
        file.and_then(|file| self.landed.whole.get(file)).copied().unwrap_or_default()
    }
}

impl Clustered {
    /// Whether a row is written or goes.
    pub fn moves(&self) -> bool {
        self.changes > 0
    }

    fn and(&mut self, other: Self) {
        self.added.extend(other.added);
        self.removed.extend(other.removed);
        for (mine, theirs) in [(&mut self.found, other.found), (&mut self.controller, other.controller)] {
            theirs.into_iter().for_each(|(rule, rows)| mine.entry(rule).or_default().extend(rows));
        }
        self.tallies.and(&other.tallies);
        self.turned.extend(other.turned);
        self.first.extend(other.first);
        self.changes += other.changes;
    }

    fn tell(&mut self, settled: &mut Settled<'_>) {
        for (mine, theirs) in [(&mut self.found, &mut settled.found), (&mut self.controller, &mut settled.controller)] {
            theirs.drain(..).for_each(|(row, remark)| mine.entry(ValidationRule::from(remark)).or_default().push(row));
        }
        self.tallies.and(&std::mem::take(&mut settled.tallies));
    }
}

/// The files that one core writes, one per state and project. One is begun when there is something to write: of thousands of small
/// projects no two are open at once.
struct Out<'s> {
    clustering: &'s Clustering<'s>,
    files: Vec<((State, i16), Option<FileWriter>, Columns)>,
    /// Which of them was written to last.
    last: usize,
}

impl Out<'_> {
    /// Writes a person's rows: those that settling gave, and those that stay of the files that are written anew.
    fn write<'r>(&mut self, rows: &[&'r [u8]], settled: &mut Settled<'r>) -> Result<(), Error> {
        let landed = self.clustering.landed;
        let stay = rows.iter().filter(|row| codec::has(row, codec::KNOWN)).filter_map(|row| {
            let place = usize::try_from(codec::number(row)).ok()?;
            let stays = self.clustering.is_whole(place) && !settled.gone.contains(&place);
            stays.then_some((std::borrow::Cow::Borrowed(*row), *landed.stored.get(place)?))
        });
        let before = settled.written.len();
        let stay: Vec<_> = stay.collect();
        settled.written.extend(stay);
        if settled.written.len() > before || before > 1 {
            settled.written.sort_by_key(|(_, stored)| (stored.state, stored.numbers, stored.month));
        }
        settled.written.drain(..).try_for_each(|(row, stored)| self.push(&row, &stored))
    }

    fn push(&mut self, row: &[u8], stored: &Stored) -> Result<(), Error> {
        let Clustering { table, packing, .. } = self.clustering;
        let of = (stored.state, self.clustering.settling.project(row));
        if self.files.get(self.last).is_none_or(|(last, ..)| *last != of) {
            self.last = match self.files.iter().position(|(known, ..)| *known == of) {
                Some(at) => at,
                None => {
                    self.files.push((of, None, Columns::new(table)));
                    self.files.len() - 1
                }
            };
        }
        let Some((of, writer, columns)) = self.files.get_mut(self.last) else { return Ok(()) };
        columns.push(packing, row, stored);
        if columns.len() >= BATCH {
            let mut begun = self.clustering.begun(*of, writer.take())?;
            begun.write(&columns.take(packing)?)?;
            *writer = Some(begun);
        }
        Ok(())
    }

    fn finish(mut self, added: &mut Vec<StoredFile>) -> Result<(), Error> {
        self.files.sort_by_key(|(of, ..)| *of);
        for (of, writer, mut columns) in self.files {
            let mut writer = self.clustering.begun(of, writer)?;
            if !columns.is_empty() {
                writer.write(&columns.take(self.clustering.packing)?)?;
            }
            added.push(writer.finish()?);
        }
        Ok(())
    }
}
