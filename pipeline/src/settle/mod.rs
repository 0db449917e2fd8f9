//! What becomes of one person's rows when a list lands: the rules of corrections and of numbers. Takes what has landed of the
//! person and the rows of the report; gives numbered rows and what is said of them. Reads and writes nothing, and sees no two
//! people. Start reading at [`Settling::settle`].

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic
    )
)]

mod collapse;
mod fresh;
mod item;
mod place;
mod tally;
mod trial;

use std::borrow::Cow;
use std::collections::HashMap;

use item::{Highest, Item, Version};
pub use tally::{Tallies, Tally};

use crate::catalogue::schema::{Role, TableSchema};
use crate::store::codec::{self, Cell, Packing};
use crate::store::stored::{Forgotten, Frozen, Known, Numbers, Participation, State, Stored};
pub use trial::{Act, RowOf, Trial, Trials};
use utfall_ground::redacted;

/// What is said of a row of a list, seen beside the other rows of its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// It says what had landed.
    Known,
    /// It corrects what had landed.
    Corrected,
    /// A later month has reported otherwise, and that stands.
    ReportedLater,
    /// The same row stands twice.
    Repeated,
    /// It says otherwise than another list of its report.
    Contradicts,
    /// The same key stands twice; the later row is taken.
    LaterWins,
    /// Its period overlaps another, and both are one.
    Merged,
    /// It begins before the first participation of its person in the project.
    BeforeStart,
    /// No participation of its person covers its day.
    NoParticipation,
    /// Its person was erased.
    Forgotten,
}

/// How the rows of one list change what has landed.
///
/// # Privacy
/// Whatever a query counts, it counts at most k of a person's rows because it keeps `contribution <= k`, and a number
/// names one row. So a number is given once and then belongs to its participation (or to its row within one) for ever:
/// a correction keeps it, a withdrawal leaves it unused, an erasure leaves the highest behind. The days by which reporting
/// periods are told are frozen with it. Everything here reads the rows of one person; that is what makes landing
/// person-local, and two histories that differ in one person differ after landing in that person's rows only.
#[derive(Debug)]
pub struct Settling<'a> {
    packing: &'a Packing,
    key: Vec<usize>,
    project: usize,
    start: usize,
    end: Option<usize>,
    is_child: bool,
    report: Report<'a>,
}

/// What a report says of itself, for all its rows.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The month that it reports; 0 for none.
    pub month: i16,
    /// The projects whose report of the month is replaced.
    pub replaced: &'a [i16],
    /// Of which list each row is, and how it acts.
    pub trials: &'a Trials,
}

/// One person's rows.
#[derive(Default)]
pub struct Person<'a, 'p> {
    /// What has landed.
    pub known: Vec<Known<'a>>,
    /// The rows of the report: child rows in its order, participations by start and project.
    pub new: &'p [&'a [u8]],
    /// The participations, for child rows.
    pub participations: &'a [Participation],
    /// What stays of an earlier erasure.
    pub forgotten: Option<&'a Forgotten>,
}

/// What becomes of a person's rows.
#[derive(Default)]
pub struct Settled<'a> {
    /// Rows to be written.
    pub written: Vec<(Cow<'a, [u8]>, Stored)>,
    /// Places of landed rows that are no longer as they were.
    pub gone: Vec<usize>,
    /// What was found, by row of the list.
    pub found: Vec<(u32, Remark)>,
    /// What only the controller may hear: rows of a person who was erased, rows of one person under two numbers.
    pub controller: Vec<(u32, Remark)>,
    /// Projects from which an erased person's rows came for the first time.
    pub first: Vec<i16>,
    /// The counts, per list of the report.
    pub tallies: Tallies,
    /// Whether rows within a participation must follow it: it was withdrawn, came back, or has ended.
    pub turned: bool,
}

redacted!(Person<'a, 'p> Settled<'a>);

impl Settled<'_> {
    /// Tells of a row: its sender, or the controller alone where it would say that two numbers are one person's.
    fn tell(&mut self, row: &[u8], remark: Remark, across: bool) {
        if across { &mut self.controller } else { &mut self.found }.push((codec::number(row), remark));
    }

    /// Counts a row for the list that it is of.
    fn count(&mut self, trials: &Trials, number: u32, tally: Tally) {
        self.tallies.add(trials.row(number).list, tally);
    }
}

impl<'a> Settling<'a> {
    /// For a report of this table.
    pub fn new(table: &TableSchema, packing: &'a Packing, report: Report<'a>) -> Self {
        let at = |role| table.column_with(role).and_then(|name| table.columns.get_index_of(name));
        let unit = at(Role::Unit);
        let key = table.primary_key.iter().filter_map(|name| table.columns.get_index_of(name)).filter(|i| Some(*i) != unit);
        Self {
            packing,
            key: key.collect(),
            project: table.columns.get_index_of("project").unwrap_or_default(),
            start: at(Role::Start).unwrap_or_default(),
            end: at(Role::End),
            is_child: table.parent.is_some(),
            report,
        }
    }

    /// The lists of the report.
    pub fn trials(&self) -> &Trials {
        self.report.trials
    }

    /// What becomes of one person's rows.
    pub fn settle(&self, person: &Person<'a, '_>, settled: &mut Settled<'a>) {
        let mut rest: Vec<Cow<'a, [u8]>> = self.collapsed(person, settled);
        let mut items = self.items(&person.known);
        // Whether a unit is nobody in particular is so for all its rows.
        let anonymous = person.known.iter().any(|known| known.stored.state == State::Anonymous)
            || person.new.iter().any(|row| codec::has(row, codec::ANONYMOUS));
        if !items.is_empty() {
            self.known(&mut items, &mut rest, person, anonymous, settled);
        }
        let mut highest = Highest::of(&items, person.forgotten, self.is_child);
        if !self.is_child {
            // Whatever the register calls her projects: a bound keeps those that began first.
            rest.sort_by_key(|row| self.time(row));
        }
        for row in rest.into_iter().filter(|row| !codec::has(row, codec::VOID)) {
            items.extend(self.begin(row, person, &mut highest, settled));
        }
        for mut item in items {
            // Rows within a participation lie in its period.
            let parent = person.participations.iter().find(|p| p.contribution == item.numbers.contribution);
            item.frozen = parent.map_or(item.frozen, |parent| parent.frozen);
            let counts = match anonymous {
                true => State::Anonymous,
                false if self.is_detached(&item, person) => State::Detached,
                false => State::Current,
            };
            self.write(item, counts, settled);
        }
    }

    fn act(&self, row: &[u8]) -> Act {
        if self.report.trials.are_new() { Act::Reports } else { self.report.trials.act(codec::number(row)) }
    }

    /// What a person's rows are sorted by, in 36 bits: participations by start and project, as far as these bits tell them
    /// apart; others by their place in the list.
    pub fn order(&self, row: &[u8]) -> u64 {
        if self.is_child {
            return codec::number(row).into();
        }
        let project = self.project(row).cast_unsigned() ^ 0x8000;
        let start = self.day(row, self.start).map_or(0, |day| (day.saturating_add(1 << 19)).clamp(1, (1 << 20) - 1));
        u64::from(start.unsigned_abs()) << 16 | u64::from(project)
    }

    /// The order in which rows of a list are put together.
    fn exact(&self, row: &[u8]) -> impl Ord + use<> {
        (self.project(row), self.day(row, self.start), codec::number(row))
    }

    /// The order in which participations of a list are numbered: first day, then place in the list.
    fn time(&self, row: &[u8]) -> impl Ord + use<> {
        (self.day(row, self.start), codec::number(row))
    }

    /// The items of each key that was ever reported: the same step may have been reached in several participations.
    fn keys(&self, items: &[Item<'a>]) -> HashMap<Vec<Cell>, Vec<usize>> {
        let mut keys: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            let rows = item.versions.iter().map(|version| version.row.as_ref());
            for row in rows.chain(item.left.map(|(left, _)| left)) {
                keys.entry(self.key(row)).or_default().push(at);
            }
        }
        keys
    }

    /// What was ever reported, by numbers.
    fn items(&self, known: &[Known<'a>]) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> = Vec::new();
        for Known { row, stored, place } in known {
            let found = items.iter().position(|item| item.numbers == stored.numbers);
            let at = found.unwrap_or_else(|| {
                items.push(Item::new(stored.numbers, stored.frozen, self.project(row)));
                items.len().saturating_sub(1)
            });
            let Some(item) = items.get_mut(at) else { continue };
            // Rows that landed before the last day was known do not have it.
            item.frozen.ended = item.frozen.ended.or(stored.frozen.ended);
            match stored.state {
                State::Withdrawn => item.left = Some((row, *place)),
                state => {
                    let landed = Some((*place, state));
                    item.versions.push(Version { month: stored.month, row: Cow::Borrowed(row), landed });
                }
            }
        }
        for item in &mut items {
            item.before = item.effective().map(|version| Cow::clone(&version.row));
            let reported = item.versions.iter().any(|version| version.month == self.report.month);
            item.dropped = reported && self.report.replaced.contains(&item.project);
        }
        items
    }

    /// Numbers a row that was never reported before.
    fn begin(
        &self,
        row: Cow<'a, [u8]>,
        person: &Person<'a, '_>,
        highest: &mut Highest,
        settled: &mut Settled<'a>,
    ) -> Option<Item<'a>> {
        let number = codec::number(&row);
        let start = self.day(&row, self.start);
        let project = self.project(&row);
        if let Some(forgotten) = person.forgotten.filter(|forgotten| forgotten.covers(project, start)) {
            // Its sender is told what it would be told if nobody had been erased.
            if if self.is_child { forgotten.was_in(project) } else { forgotten.is_known_in(project) } {
                settled.count(self.report.trials, number, Tally::UNCHANGED);
                settled.found.push((number, Remark::Known));
            } else {
                settled.count(self.report.trials, number, Tally::NEW);
                settled.first.extend(Some(project).filter(|_| !self.is_child));
            }
            settled.controller.push((number, Remark::Forgotten));
            return None;
        }
        let (numbers, frozen) = if self.is_child {
            let Some(parent) = self.covering(&row, person.participations) else {
                settled.found.push((number, self.uncovered(&row, person.participations)));
                return None;
            };
            (Numbers { contribution: parent.contribution, second: highest.next_second(parent.contribution) }, parent.frozen)
        } else {
            (
                Numbers { contribution: highest.next_contribution(), second: highest.next_second(project.into()) },
                self.frozen(&row),
            )
        };
        settled.count(self.report.trials, number, Tally::NEW);
        let mut item = Item::new(numbers, frozen, project);
        item.versions.push(Version { month: self.report.month, row, landed: None });
        Some(item)
    }

    /// Writes what changed of an item: its newest report counts, older ones stay beside it, and without any it is
    /// withdrawn.
    fn write(&self, mut item: Item<'a>, counts: State, settled: &mut Settled<'a>) {
        if item.dropped && !item.matched && item.kept.is_none() {
            item.remove(self.report.month, settled);
        }
        if let Some(effective) = item.effective().filter(|_| !self.is_child && item.frozen.ended.is_none()) {
            item.frozen.ended = self.frozen(&effective.row).ended;
            // Rows within it are to lie in the same period.
            settled.turned |= item.frozen.ended.is_some() && item.before.is_some();
        }
        let Item { numbers, frozen, versions, left, before, .. } = item;
        let newest = versions.iter().map(|version| version.month).max();
        let stored = |state, month| Stored { state, month, numbers, frozen };
        match (newest, left, before) {
            (Some(_), Some((_, place)), _) => {
                settled.turned = true;
                settled.gone.push(place);
            }
            (None, None, Some(before)) => {
                settled.turned = true;
                // The first new list is the one that takes the report's place.
                settled.tallies.add(self.report.trials.first_new(), Tally::WITHDRAWN);
                settled.written.push((self.emptied(&before), stored(State::Withdrawn, 0)));
            }
            _ => {}
        }
        for Version { month, row, landed } in versions {
            let state = if Some(month) == newest { counts } else { State::Superseded };
            match landed {
                Some((_, as_what)) if as_what == state => continue,
                Some((place, _)) => settled.gone.push(place),
                None => {}
            }
            settled.written.push((row, stored(state, month)));
        }
    }

    /// What stays of a row that no report has any more: what names it. What it said has no purpose left.
    fn emptied(&self, row: &[u8]) -> Cow<'a, [u8]> {
        let names = |at: usize| self.key.contains(&at) || at == self.project || at == self.start;
        let cells = self.packing.cells(row).into_iter().enumerate();
        let cells: Vec<Cell> = cells.map(|(at, cell)| if names(at) { cell } else { Cell::Null }).collect();
        let mut bytes = Vec::new();
        self.packing.pack(codec::unit(row), codec::number(row), codec::flags(row), &cells, &mut bytes);
        Cow::Owned(bytes)
    }

    /// Whether an item lies within a participation that does not count. A correction of its days leaves it where it is.
    fn is_detached(&self, item: &Item<'a>, person: &Person<'a, '_>) -> bool {
        self.is_child && !person.participations.iter().any(|p| p.contribution == item.numbers.contribution)
    }

    /// The latest participation in the row's project that covers its day.
    fn covering(&self, row: &[u8], participations: &'a [Participation]) -> Option<&'a Participation> {
        let (project, day) = (self.project(row), self.day(row, self.start)?);
        let covers = |p: &&Participation| p.project == project && p.start <= day && p.end.is_none_or(|end| day <= end);
        participations.iter().filter(covers).max_by_key(|p| p.start)
    }

    fn uncovered(&self, row: &[u8], participations: &[Participation]) -> Remark {
        let (project, day) = (self.project(row), self.day(row, self.start).unwrap_or_default());
        let first = participations.iter().filter(|p| p.project == project).map(|p| p.start).min();
        if first.is_some_and(|first| day < first) { Remark::BeforeStart } else { Remark::NoParticipation }
    }

    /// The project of a row.
    pub fn project(&self, row: &[u8]) -> i16 {
        self.packing.code(row, self.project).unwrap_or_default()
    }

    fn day(&self, row: &[u8], column: usize) -> Option<i32> {
        self.packing.day(row, column)
    }

    /// The days of a participation that is reported for the first time.
    fn frozen(&self, row: &[u8]) -> Frozen {
        let ended = self.end.and_then(|end| self.day(row, end));
        Frozen { began: self.day(row, self.start).unwrap_or_default(), ended }
    }

    fn key(&self, row: &[u8]) -> Vec<Cell> {
        self.key.iter().map(|column| self.packing.get(row, *column)).collect()
    }
}
