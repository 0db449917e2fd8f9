//! Brings a list's rows together with what has landed of the same people, and writes what comes of it: files sorted by
//! person and number, so that a query's bound is a plain predicate.
//!
//! Pseudonyms are uniform, so their first byte parts people into equal shares. Each core settles its part of the shares, one
//! person after the other ([`super::person`]), and writes files of its own. Small files of the list's projects are written
//! anew with what comes, so that a project does not grow a file a month; of large ones only those from which a row goes.

use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::columns::{self, Columns};
use super::finding::Rule;
use super::month::Month;
use super::pack::{self, Cell, Packing};
use super::person::{Forgotten, Frozen, Known, Participation, Person, Rules, Settled, State, Stored, Tallies, Tally};
use super::pseudonymise::Pseudonym;
use super::shares::{Share, Shares};
use crate::catalogue::schema::{Role, TableSchema};
use crate::store::Pinned;
use crate::store::file::{self, FORGOTTEN, FileWriter, StoredFile};
use utfall_ground::error::Error;

/// Files of up to so many bytes are written anew when their project is landed on.
const SMALL: u64 = 1 << 20;
/// So many rows go to a file at a time.
const BATCH: usize = 32 << 10;

/// People, quickly told apart.
pub type Units = HashSet<Pseudonym, RandomState>;
/// Participations by person.
pub type Participations = HashMap<Pseudonym, Vec<Participation>, RandomState>;

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
pub struct Outcome {
    /// Files that come.
    pub added: Vec<StoredFile>,
    /// Files that go.
    pub removed: Vec<StoredFile>,
    /// What was found, and in which rows of the list.
    pub found: BTreeMap<Rule, Vec<u32>>,
    /// What only the controller may hear, and of which rows.
    pub controller: BTreeMap<Rule, Vec<u32>>,
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
pub fn people(shares: &Shares) -> Units {
    shares.rows().map(pack::unit).collect()
}

/// Reads what had landed: of `units` everything, of the `replaced` projects everything, and the small files of the
/// `touched` ones. The rows join those of the list.
///
/// # Errors
/// When a file is missing or damaged.
pub fn landed(
    table: &TableSchema,
    pinned: &Pinned,
    packing: &Packing,
    (units, replaced, touched): (&Units, &[i16], &[i16]),
    shares: &mut Shares,
) -> Result<LandedRows, Error> {
    let mut landed = LandedRows::default();
    let names = columns::names(table);
    for (at, file) in pinned.stored.iter().enumerate() {
        let path = pinned.folder.join(&file.path);
        let of = |projects: &[i16]| file.project.is_some_and(|project| projects.contains(&project));
        let whole = of(touched) && file.size <= SMALL;
        landed.whole.push(whole);
        let Some(state) = State::named(&file.state) else { continue };
        let chosen = if whole || of(replaced) {
            None
        } else {
            let places = places(table, pinned, file, units)?;
            if places.is_empty() {
                continue;
            }
            Some(places)
        };
        let mut place = 0_usize..;
        let mut places = chosen.as_ref().map(|places| places.iter().copied());
        for batch in file::read(&path, &names, chosen.as_deref())? {
            for row in columns::rows(table, state, &batch?).ok_or_else(|| Error::damaged(&path))? {
                let number = u32::try_from(landed.stored.len()).map_err(|_| Error::storage("landing", "too many landed rows"))?;
                let here = places.as_mut().map_or_else(|| place.next(), Iterator::next).unwrap_or_default();
                landed.reports.extend(file.project.map(|project| (project, row.stored.month)));
                landed.stored.push(row.stored);
                landed.places.push((u32::try_from(at).unwrap_or(u32::MAX), u32::try_from(here).unwrap_or(u32::MAX)));
                shares.add(packing, row.unit, number, pack::KNOWN, &row.cells);
            }
        }
    }
    Ok(landed)
}

/// Whether a file holds a row of some people.
///
/// # Errors
/// When it is missing or damaged.
pub fn holds(table: &TableSchema, pinned: &Pinned, stored: &StoredFile, units: &Units) -> Result<bool, Error> {
    places(table, pinned, stored, units).map(|places| !places.is_empty())
}

fn places(table: &TableSchema, pinned: &Pinned, stored: &StoredFile, units: &Units) -> Result<Vec<usize>, Error> {
    let path = pinned.folder.join(&stored.path);
    file::places(&path, table, |unit| unit.try_into().is_ok_and(|unit| units.contains(&Pseudonym(unit))))
}

/// The participations of some people that count.
///
/// # Errors
/// When a file is missing or damaged.
pub fn participations(table: &TableSchema, pinned: &Pinned, units: &Units) -> Result<Participations, Error> {
    let mut found = Participations::default();
    let at = |name: Option<&str>| name.and_then(|name| table.columns.get_index_of(name)).unwrap_or(usize::MAX);
    let (project, start, end) = (at(Some("project")), at(table.column_with(Role::Start)), at(table.column_with(Role::End)));
    for stored in pinned.stored.iter().filter(|file| file.state == State::Current.name()) {
        let places = places(table, pinned, stored, units)?;
        if places.is_empty() {
            continue;
        }
        let path = pinned.folder.join(&stored.path);
        for batch in file::read(&path, &columns::names(table), Some(&places))? {
            for row in columns::rows(table, State::Current, &batch?).ok_or_else(|| Error::damaged(&path))? {
                let (Some(Cell::Code(project)), Some(Cell::Date(start))) = (row.cells.get(project), row.cells.get(start)) else {
                    return Err(Error::damaged(&path));
                };
                let end = if let Some(Cell::Date(end)) = row.cells.get(end) { Some(*end) } else { None };
                found.entry(row.unit).or_default().push(Participation {
                    project: *project,
                    start: *start,
                    end,
                    contribution: row.stored.numbers[0],
                    frozen: row.stored.frozen,
                });
            }
        }
    }
    Ok(found)
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
        for batch in file::read(&path, &columns::names(table), None)? {
            for row in columns::rows(table, State::Withdrawn, &batch?).ok_or_else(|| Error::damaged(&path))? {
                let of = project.and_then(|i| row.cells.get(i)).and_then(|c| if let Cell::Code(p) = c { Some(*p) } else { None });
                let [contribution, entry] = row.stored.numbers;
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
pub fn remember(
    table: &TableSchema,
    pinned: &Pinned,
    records: &BTreeMap<(Pseudonym, Option<i16>), [i32; 2]>,
    day: i32,
) -> Result<StoredFile, Error> {
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

/// What all cores settle together.
#[derive(Debug)]
pub struct Settling<'a> {
    /// The table.
    pub table: &'a TableSchema,
    /// How its rows are packed.
    pub packing: &'a Packing,
    /// What the list is to what has landed.
    pub rules: Rules<'a>,
    /// What has landed.
    pub pinned: &'a Pinned,
    /// The rows of it that matter.
    pub landed: &'a LandedRows,
    /// The participations, for child rows.
    pub participations: Option<&'a Participations>,
    /// What stays of people who were erased.
    pub erased: &'a HashMap<Pseudonym, Forgotten>,
}

impl Settling<'_> {
    /// Settles everybody's rows and writes the files that change.
    ///
    /// # Errors
    /// When a file cannot be read or written; what was written then is no file of the table.
    pub fn run(&self, shares: Shares, threads: usize) -> Result<Outcome, Error> {
        let mut shares = shares.take();
        let per_thread = shares.len().div_ceil(threads.clamp(1, shares.len().max(1)));
        let mut parts = Vec::new();
        while !shares.is_empty() {
            parts.push(shares.drain(..per_thread.min(shares.len())).collect::<Vec<_>>());
        }
        let results: Vec<Result<(Outcome, Vec<usize>), Error>> = std::thread::scope(|scope| {
            let mine = parts.pop();
            let others: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| self.part(part))).collect();
            let mine = mine.map(|part| self.part(part));
            others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(Error::panicked()))).chain(mine).collect()
        });
        let (mut all, mut gone) = (Outcome::default(), Vec::new());
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
            discard(self.pinned, &std::mem::take(&mut all.added));
            all.removed.clear();
        }
        failed.map(|()| all)
    }

    /// Takes the rows that are gone out of their files: small files have been written anew, of large ones copies are made.
    fn without(&self, gone: &[usize], all: &mut Outcome) -> Result<(), Error> {
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

    /// One core's part of the shares.
    fn part(&self, shares: Vec<Share>) -> Result<(Outcome, Vec<usize>), Error> {
        let mut out = Out { settling: self, files: Vec::new(), last: 0 };
        let (mut outcome, mut gone) = (Outcome::default(), Vec::new());
        let written: Result<(), Error> = shares.into_iter().try_for_each(|share| {
            let rows = share.sorted(self.packing.size(), |row| self.rules.order(row));
            let mut settled = Settled::default();
            for rows in rows.chunk_by(|a, b| pack::unit(a) == pack::unit(b)) {
                let Some(unit) = rows.first().map(|row| pack::unit(row)) else { continue };
                if let Some(fresh) = self.rules.fresh(rows).filter(|_| self.erased.is_empty()) {
                    outcome.changes += rows.len();
                    self.fresh(rows, &mut outcome.tallies);
                    fresh.zip(rows).try_for_each(|(stored, row)| out.push(row, &stored))?;
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
        finished.inspect_err(|_| discard(self.pinned, &outcome.added))?;
        Ok((outcome, gone))
    }

    /// Counts rows of somebody of whom nothing had landed.
    fn fresh(&self, rows: &[&[u8]], tallies: &mut Tallies) {
        let trials = self.rules.trials();
        if trials.len() == 1 {
            return tallies.add(0, Tally { new: rows.len(), ..Tally::default() });
        }
        rows.iter().for_each(|row| tallies.add(trials.list(pack::number(row)).0, Tally::NEW));
    }

    fn person<'r>(&'r self, unit: Pseudonym, rows: &[&'r [u8]], settled: &mut Settled<'r>) {
        let (known, new): (Vec<&[u8]>, Vec<&[u8]>) = rows.iter().partition(|row| pack::has(row, pack::KNOWN));
        let known = known.into_iter().filter_map(|row| {
            let place = usize::try_from(pack::number(row)).ok()?;
            Some(Known { row, stored: *self.landed.stored.get(place)?, place })
        });
        let participations = self.participations.and_then(|all| all.get(&unit)).map(Vec::as_slice).unwrap_or_default();
        let person = Person { known: known.collect(), new: &new, participations, forgotten: self.erased.get(&unit) };
        self.rules.settle(&person, settled);
    }

    fn is_whole(&self, place: usize) -> bool {
        let file = self.landed.places.get(place).and_then(|(file, _)| usize::try_from(*file).ok());
        file.and_then(|file| self.landed.whole.get(file)).copied().unwrap_or_default()
    }
}

/// Removes files that will not be the table's.
fn discard(pinned: &Pinned, files: &[StoredFile]) {
    for file in files {
        let _ = std::fs::remove_file(pinned.folder.join(&file.path));
    }
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
    for batch in file::read(&path, &columns::names(table), None)? {
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

impl Outcome {
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
            theirs.drain(..).for_each(|(row, rule)| mine.entry(rule).or_default().push(row));
        }
        self.tallies.and(&std::mem::take(&mut settled.tallies));
    }
}

/// The files that one core writes, one per state and project.
struct Out<'s> {
    settling: &'s Settling<'s>,
    files: Vec<((State, i16), FileWriter, Columns)>,
    /// Which of them was written to last.
    last: usize,
}

impl Out<'_> {
    /// Writes a person's rows: those that settling gave, and those that stay of the files that are written anew.
    fn write<'r>(&mut self, rows: &[&'r [u8]], settled: &mut Settled<'r>) -> Result<(), Error> {
        let landed = self.settling.landed;
        let stay = rows.iter().filter(|row| pack::has(row, pack::KNOWN)).filter_map(|row| {
            let place = usize::try_from(pack::number(row)).ok()?;
            let stays = self.settling.is_whole(place) && !settled.gone.contains(&place);
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
        let Settling { table, packing, pinned, .. } = self.settling;
        let of = (stored.state, self.settling.rules.project(row));
        if self.files.get(self.last).is_none_or(|(last, ..)| *last != of) {
            self.last = match self.files.iter().position(|(known, ..)| *known == of) {
                Some(at) => at,
                None => {
                    let writer = FileWriter::create(&pinned.folder, table, of.0.name(), Some(of.1))?;
                    self.files.push((of, writer, Columns::new(table)));
                    self.files.len() - 1
                }
            };
        }
        let Some((_, writer, columns)) = self.files.get_mut(self.last) else { return Ok(()) };
        columns.push(packing, row, stored);
        if columns.len() >= BATCH {
            writer.write(&columns.take(packing)?)?;
        }
        Ok(())
    }

    fn finish(mut self, added: &mut Vec<StoredFile>) -> Result<(), Error> {
        self.files.sort_by_key(|(of, ..)| *of);
        for (_, mut writer, mut columns) in self.files {
            if !columns.is_empty() {
                writer.write(&columns.take(self.settling.packing)?)?;
            }
            added.push(writer.finish()?);
        }
        Ok(())
    }
}
