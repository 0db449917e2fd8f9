//! What was ever reported of one participation, or of one row within one; and the numbers given so far.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Settled;
use crate::store::stored::{Forgotten, Frozen, Numbers, State};

/// One participation, or one row within one: everything that was ever reported of it.
pub(super) struct Item<'a> {
    pub(super) numbers: Numbers,
    pub(super) frozen: Frozen,
    pub(super) project: i16,
    pub(super) versions: Vec<Version<'a>>,
    /// The row that a withdrawal left, with its place.
    pub(super) left: Option<(&'a [u8], usize)>,
    pub(super) before: Option<Cow<'a, [u8]>>,
    pub(super) matched: bool,
    /// Whether a list that has landed before, and still counts, reports it.
    pub(super) kept: Option<&'a [u8]>,
    /// Whether a wrong entry of the list has taken it back.
    pub(super) void: bool,
    /// Whether the replaced month reported it.
    pub(super) dropped: bool,
}

/// What one month reports of an item.
pub(super) struct Version<'a> {
    pub(super) month: i16,
    pub(super) row: Cow<'a, [u8]>,
    /// Where and as what it has landed.
    pub(super) landed: Option<(usize, State)>,
}

/// The highest numbers given so far.
pub(super) struct Highest {
    contribution: i32,
    /// Per project the highest entry; per contribution the highest ordinal.
    seconds: HashMap<i32, i32, RandomState>,
    /// The one that was given last, which is not among those: rows of a project come one after the other.
    last: (i32, i32),
}

impl Highest {
    pub(super) fn of(items: &[Item<'_>], forgotten: Option<&Forgotten>, is_child: bool) -> Self {
        let contribution = forgotten.map_or(0, |forgotten| forgotten.contribution);
        let mut highest = Self { contribution, seconds: HashMap::default(), last: (i32::MIN, 0) };
        for (project, entry) in forgotten.iter().filter(|_| !is_child).flat_map(|forgotten| &forgotten.entries) {
            let known = highest.seconds.entry((*project).into()).or_default();
            *known = (*entry).max(*known);
        }
        for item in items {
            let Numbers { contribution, second } = item.numbers;
            highest.contribution = highest.contribution.max(contribution);
            let group = if is_child { contribution } else { item.project.into() };
            let known = highest.seconds.entry(group).or_default();
            *known = second.max(*known);
        }
        highest
    }

    pub(super) fn next_contribution(&mut self) -> i32 {
        self.contribution = self.contribution.saturating_add(1);
        self.contribution
    }

    /// The next entry in a project; the next ordinal within a participation.
    pub(super) fn next_second(&mut self, group: i32) -> i32 {
        let (last, second) = self.last;
        if last != group {
            self.seconds.insert(last, second);
            self.last = (group, self.seconds.get(&group).copied().unwrap_or_default());
        }
        self.last.1 = self.last.1.saturating_add(1);
        self.last.1
    }
}

impl<'a> Item<'a> {
    pub(super) fn new(numbers: Numbers, frozen: Frozen, project: i16) -> Self {
        Self {
            numbers,
            frozen,
            project,
            versions: Vec::new(),
            left: None,
            before: None,
            matched: false,
            kept: None,
            void: false,
            dropped: false,
        }
    }

    /// What counts: the report of the newest month.
    pub(super) fn effective(&self) -> Option<&Version<'a>> {
        self.versions.iter().max_by_key(|version| version.month)
    }

    /// Whether one month alone has reported it.
    pub(super) fn is_of(&self, month: i16) -> bool {
        self.versions.iter().all(|version| version.month == month)
    }

    /// Takes the report of a month away.
    pub(super) fn remove(&mut self, month: i16, settled: &mut Settled<'a>) {
        self.remove_where(|reported| reported == month, settled);
    }

    /// Takes the reports of a month and of those before it away.
    pub(super) fn remove_until(&mut self, month: i16, settled: &mut Settled<'a>) {
        self.remove_where(|reported| reported <= month, settled);
    }

    fn remove_where(&mut self, gone: impl Fn(i16) -> bool, settled: &mut Settled<'a>) {
        self.versions.retain(|version| {
            let stays = !gone(version.month);
            settled.gone.extend(version.landed.filter(|_| !stays).map(|(place, _)| place));
            stays
        });
    }
}
