//! Which rows of a report are of what was ever reported: by their key, by the period that they overlap, or, where the start was
//! corrected, by what the new report lacks.

use std::borrow::Cow;

use super::item::{Item, Version};
use super::trial::Act;
use super::{Person, Remark, Settled, Settling, Tally};
use crate::store::codec;

impl<'a> Settling<'a> {
    /// Places rows on what was ever reported; those that are left in `rest` were not.
    pub(super) fn known(
        &self,
        items: &mut [Item<'a>],
        rest: &mut Vec<Cow<'a, [u8]>>,
        person: &Person<'a, '_>,
        anonymous: bool,
        settled: &mut Settled<'a>,
    ) {
        let keys = self.keys(items);
        let of_key = |row: &[u8]| keys.get(&self.key(row)).into_iter().flatten().copied();
        for row in person.new.iter().filter(|row| self.act(row) == Act::Kept) {
            for at in of_key(row) {
                if let Some(item) = items.get_mut(at).filter(|item| self.may_be(item, row, person)) {
                    item.kept = Some(row);
                }
            }
        }
        rest.retain(|row| {
            let mut mine =
                of_key(row).filter(|at| items.get(*at).is_some_and(|item| !item.matched && self.may_be(item, row, person)));
            let item = mine.next().and_then(|at| items.get_mut(at));
            !item.is_some_and(|item| self.refused(row, item, settled) || self.place(row, item, settled))
        });
        if self.is_child {
            return;
        }
        rest.retain(|row| {
            let of = |item: &Item<'a>| (anonymous && !item.void) || self.overlaps(item, row);
            let item = items.iter_mut().find(|item| !item.matched && !item.void && of(item));
            !item.is_some_and(|item| self.place(row, item, settled))
        });
        for row in person.new.iter().filter(|row| self.act(row) == Act::Kept) {
            let its = |item: &&mut Item<'a>| item.kept.is_none() && (anonymous || self.overlaps(item, row));
            items.iter_mut().filter(its).for_each(|item| item.kept = Some(row));
        }
        // The replaced report had a row of this project that the new one lacks: its start was corrected.
        rest.retain(|row| {
            let is_gone = |item: &Item<'a>| {
                !item.matched && item.kept.is_none() && !item.void && item.dropped && item.is_of(self.report.month)
            };
            let item = items.iter_mut().find(|item| is_gone(item) && item.project == self.project(row));
            !item.is_some_and(|item| self.place(row, item, settled))
        });
    }

    /// Whether a list of the same report that landed before says otherwise of a row's person and day: what it says stands until
    /// that is mended.
    fn refused(&self, row: &[u8], item: &mut Item<'a>, settled: &mut Settled<'a>) -> bool {
        let reports = self.act(row) == Act::Reports && !codec::has(row, codec::VOID);
        let landed = item.before.as_deref().is_some_and(|before| self.agrees(row, before));
        let kept = item.kept.filter(|kept| reports && !landed && self.contradicts(kept, row));
        if let Some(kept) = kept {
            let across = codec::has(kept, codec::ALIASED) || codec::has(row, codec::ALIASED);
            settled.tell(row, Remark::Contradicts, across);
            settled.count(self.report.trials, codec::number(row), if across { Tally::UNCHANGED } else { Tally::default() });
        }
        kept.is_some()
    }

    /// Places a row on the item that it reports.
    #[allow(clippy::ptr_arg, reason = "a borrowed row stays borrowed")]
    fn place(&self, row: &Cow<'a, [u8]>, item: &mut Item<'a>, settled: &mut Settled<'a>) -> bool {
        let void = codec::has(row, codec::VOID);
        if self.act(row) == Act::Tried && !void && !item.versions.is_empty() {
            // Whoever reported it since knows better than an old list.
            item.matched = true;
            let agrees = item.before.as_deref().is_some_and(|before| self.agrees(row, before));
            // Under another number of the person, its sender must not learn what has landed.
            let across = codec::has(row, codec::ALIASED);
            let remark = if agrees || across { Remark::Known } else { Remark::Contradicts };
            settled.count(
                self.report.trials,
                codec::number(row),
                if agrees || across { Tally::UNCHANGED } else { Tally::default() },
            );
            settled.found.push((codec::number(row), remark));
            return true;
        }
        // The same list may say that a row never was and what it should have been.
        item.matched = !void;
        let (later, start) = match item.effective() {
            Some(version) => (Some(version.month), self.day(&version.row, self.start)),
            None => (None, None),
        };
        let month = if self.report.month == 0 { later.unwrap_or_default() } else { self.report.month };
        if void {
            // It never was, whichever months reported it; a later report stands against that.
            item.remove_until(if self.report.month == 0 { i16::MAX } else { month }, settled);
            item.void = item.effective().is_none();
            if !item.void {
                settled.found.push((codec::number(row), Remark::ReportedLater));
            }
            return true;
        }
        // A period that begins on another day and is no correction of the same report goes on with what it overlaps.
        let joins = !self.is_child
            && !item.dropped
            && !codec::has(row, codec::ANONYMOUS)
            && start.is_some_and(|start| Some(start) != self.day(row, self.start));
        let row = match item.effective().filter(|_| joins) {
            Some(effective) => {
                settled.tell(row, Remark::Merged, codec::has(row, codec::ALIASED));
                Cow::Owned(self.merged(&effective.row, row))
            }
            None => Cow::clone(row),
        };
        self.tell(item, &row, later.is_some_and(|later| later > month), joins, settled);
        // A landed row that says the same stays as it is.
        if !item.versions.iter().any(|version| version.month == month && self.agrees(&row, &version.row)) {
            item.remove(month, settled);
            item.versions.push(Version { month, row, landed: None });
        }
        true
    }

    /// Counts a row that had landed, and says what is new about it.
    fn tell(&self, item: &Item<'a>, row: &[u8], later: bool, joins: bool, settled: &mut Settled<'a>) {
        let number = codec::number(row);
        match &item.before {
            None => settled.count(self.report.trials, number, Tally::NEW),
            Some(before) if self.agrees(row, before) => {
                settled.count(self.report.trials, number, Tally::UNCHANGED);
                settled.found.push((number, Remark::Known));
            }
            Some(_) if later => {
                settled.count(self.report.trials, number, Tally::UNCHANGED);
                settled.found.push((number, Remark::ReportedLater));
            }
            Some(_) => {
                settled.count(self.report.trials, number, Tally::CHANGED);
                if !joins {
                    settled.found.push((number, Remark::Corrected));
                }
            }
        }
    }

    /// Whether a row with the key of an item reports it. A child row whose participation is another one is another row; in
    /// no participation it is known only if it says what had landed.
    fn may_be(&self, item: &Item<'a>, row: &[u8], person: &Person<'a, '_>) -> bool {
        if !self.is_child {
            return true;
        }
        match self.covering(row, person.participations) {
            Some(participation) => participation.contribution == item.numbers.contribution,
            None => item.before.as_deref().is_some_and(|before| self.agrees(row, before)),
        }
    }

    fn overlaps(&self, item: &Item<'a>, row: &[u8]) -> bool {
        item.before.as_deref().is_some_and(|before| self.meet(before, row) || self.meet(row, before))
    }

    /// Whether a landed row has the values of this one. What was derived does not count: code lists may have changed since.
    pub(super) fn agrees(&self, row: &[u8], landed: &[u8]) -> bool {
        let columns = 0..self.packing.columns();
        self.packing.same(row, landed)
            || columns
                .into_iter()
                .all(|i| codec::has(row, codec::derived(i)) || self.packing.get(row, i) == self.packing.get(landed, i))
    }
}
