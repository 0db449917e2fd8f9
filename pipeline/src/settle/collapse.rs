//! Rows of one report that are one: the same row twice, the same key twice, overlapping periods in one project.

use std::borrow::Cow;
use std::collections::HashMap;

use super::trial::Act;
use super::{Person, Remark, Settled, Settling, Tally};
use crate::store::codec::{self, Cell};

impl<'a> Settling<'a> {
    /// The rows of the list with those put together that are one: the same row twice, the same key twice, overlapping
    /// periods in one project.
    pub(super) fn collapsed(&self, person: &Person<'a, '_>, settled: &mut Settled<'a>) -> Vec<Cow<'a, [u8]>> {
        let new = person.new;
        let mut rows: Vec<Cow<'a, [u8]>> = Vec::with_capacity(new.len());
        let mut sorted = Cow::Borrowed(new);
        if !self.is_child && !new.is_sorted_by_key(|row| self.exact(row)) {
            sorted.to_mut().sort_by_key(|row| self.exact(row));
        }
        let mut keys = HashMap::new();
        for row in sorted.iter().copied().filter(|row| self.act(row) != Act::Kept) {
            let void = codec::has(row, codec::VOID);
            let at = if self.is_child {
                let within = self.covering(row, person.participations).map(|p| p.contribution);
                let at = *keys.entry((void, within, self.key(row))).or_insert(rows.len());
                (at < rows.len()).then_some(at)
            } else {
                // Sorted by start, a row can only meet the one before it.
                let last = rows.last().is_some_and(|last| void == codec::has(last, codec::VOID) && self.meet(last, row));
                rows.len().checked_sub(1).filter(|_| last)
            };
            let Some(at) = at else {
                rows.push(Cow::Borrowed(row));
                continue;
            };
            let Some(other) = rows.get_mut(at) else { continue };
            let across = codec::has(other, codec::ALIASED) || codec::has(row, codec::ALIASED);
            let [old, is_old] = [&**other, row].map(|row| self.act(row) == Act::Tried);
            if old != is_old {
                // A row of an old list gives way to what is reported now.
                let remark = if self.agrees(row, other) { Remark::Known } else { Remark::Contradicts };
                settled.tell(if old { other } else { row }, remark, across);
                if old {
                    *other = Cow::Borrowed(row);
                }
                continue;
            }
            let apart = self.report.trials.row(codec::number(other)).list != self.report.trials.row(codec::number(row)).list;
            let remark = if self.packing.same(other, row) {
                Remark::Repeated
            } else if apart && self.contradicts(other, row) {
                Remark::Contradicts
            } else if self.is_child {
                *other = Cow::Borrowed(row);
                Remark::LaterWins
            } else {
                *other = Cow::Owned(self.merged(other, row));
                Remark::Merged
            };
            settled.tell(row, remark, across);
            if across {
                // Its sender counts two rows, and must not learn that they are one person's.
                let landed = person.known.iter().any(|known| self.project(known.row) == self.project(row));
                let [new, unchanged] = [usize::from(!landed), usize::from(landed)];
                settled.count(self.report.trials, codec::number(row), Tally { new, unchanged, ..Tally::default() });
            }
        }
        rows
    }

    /// Whether two rows say different things: a value that one of them lacks is no contradiction, nor is one that was derived.
    pub(super) fn contradicts(&self, a: &[u8], b: &[u8]) -> bool {
        let told = |row: &[u8], i: usize| {
            let cell = self.packing.get(row, i);
            (cell != Cell::Null && !codec::has(row, codec::derived(i))).then_some(cell)
        };
        // Periods that overlap may be those of one person in two teams, one after the other.
        if !self.is_child && self.day(a, self.start) != self.day(b, self.start) {
            return false;
        }
        (0..self.packing.columns()).any(|i| told(a, i).zip(told(b, i)).is_some_and(|(a, b)| a != b))
    }

    /// Whether the second of two periods in one project begins before the first has ended.
    pub(super) fn meet(&self, first: &[u8], second: &[u8]) -> bool {
        let (Some(start), Some(from)) = (self.day(first, self.start), self.day(second, self.start)) else { return false };
        let end = self.end.and_then(|end| self.day(first, end));
        self.project(first) == self.project(second) && start <= from && end.is_none_or(|end| from <= end)
    }

    /// One period from two that overlap: the later one's values, the earlier one's where it has none, from the first day
    /// to the last. An end that only one of them has is the end.
    pub(super) fn merged(&self, a: &[u8], b: &[u8]) -> Vec<u8> {
        let (earlier, later) = if self.day(a, self.start) <= self.day(b, self.start) { (a, b) } else { (b, a) };
        let (old, new) = (self.packing.cells(earlier), self.packing.cells(later));
        let mut cells: Vec<Cell> = new.iter().zip(&old).map(|(new, old)| if *new == Cell::Null { *old } else { *new }).collect();
        if let Some(slot) = cells.get_mut(self.start) {
            *slot = self.packing.get(earlier, self.start);
        }
        if let Some(end) = self.end
            && let (Some(x), Some(y), Some(slot)) = (self.day(a, end), self.day(b, end), cells.get_mut(end))
        {
            *slot = Cell::Date(x.max(y));
        }
        let mut bytes = Vec::new();
        self.packing.pack(codec::unit(b), codec::number(b), codec::flags(b) & !codec::KNOWN, &cells, &mut bytes);
        bytes
    }
}
