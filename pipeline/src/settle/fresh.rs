//! The rows of somebody of whom nothing has landed, where none is to be put together with another: almost all rows of a first list.

use super::Settling;
use crate::store::codec;
use crate::store::stored::{Numbers, State, Stored};

impl<'a> Settling<'a> {
    /// Gives rows of somebody of whom nothing has landed as [`Self::settle`] would write them, without what it takes to compare them
    /// with others. Where some are to be compared nothing is given, and false is said.
    pub fn fresh(&self, rows: &[&'a [u8]], written: &mut Vec<(&'a [u8], Stored)>) -> bool {
        written.clear();
        if self.is_child || !self.report.trials.are_new() {
            return false;
        }
        let mut projects: Vec<(i16, &[u8], i32)> = Vec::new();
        for row in rows {
            // Whatever the register calls her projects: they are numbered as they began.
            let follows = written.last().is_none_or(|(last, _)| self.time(last) <= self.time(row));
            if !follows || codec::has(row, codec::KNOWN | codec::VOID | codec::ANONYMOUS) {
                return false;
            }
            let project = self.project(row);
            let second = match projects.iter_mut().find(|(known, ..)| *known == project) {
                Some((_, last, _)) if self.meet(last, row) => return false,
                Some((_, last, second)) => {
                    (*last, *second) = (row, second.saturating_add(1));
                    *second
                }
                None => {
                    projects.push((project, row, 1));
                    1
                }
            };
            let contribution = i32::try_from(written.len()).unwrap_or(i32::MAX).saturating_add(1);
            let (numbers, frozen) = (Numbers { contribution, second }, self.frozen(row));
            written.push((row, Stored { state: State::Current, month: self.report.month, numbers, frozen }));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::catalogue::schema::Catalogue;
    use crate::keyzone::pseudonym::Pseudonym;
    use crate::settle::{Person, Report, Settled, Settling, Trial, Trials};
    use crate::store::codec::{self, Cell, Packing};

    #[test]
    fn rows_of_somebody_new_are_numbered_as_if_they_were_compared() {
        let catalogue = Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap();
        let table = catalogue.table("participation").unwrap();
        let packing = Packing::of(table);
        let mut trials = Trials::default();
        trials.add(Trial::All, 0);
        let settling = Settling::new(table, &packing, Report { month: 7, replaced: &[], trials: &trials });
        let at = |name: &str| table.columns.get_index_of(name).unwrap();
        let (mut state, mut short) = (1_u64, 0);
        let mut some = |of: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % of
        };
        for _ in 0..2_000 {
            let mut rows: Vec<Vec<u8>> = (0..1 + some(5))
                .map(|number| {
                    let mut cells = vec![Cell::Null; packing.columns()];
                    let start = i32::try_from(some(60)).unwrap();
                    cells[at("project")] = Cell::Code(i16::try_from(some(4)).unwrap());
                    cells[at("start")] = Cell::Date(start);
                    cells[at("end")] =
                        if some(5) == 0 { Cell::Null } else { Cell::Date(start + i32::try_from(some(9)).unwrap()) };
                    let flags = if some(30) == 0 { codec::VOID } else { 0 };
                    let mut row = Vec::new();
                    packing.pack(Pseudonym([3; 16]), u32::try_from(number).unwrap(), flags, &cells, &mut row);
                    row
                })
                .collect();
            rows.sort_by_key(|row| settling.order(row));
            let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            let (mut fresh, mut settled) = (Vec::new(), Settled::default());
            if !settling.fresh(&rows, &mut fresh) {
                continue;
            }
            short += 1;
            settling.settle(&Person { new: &rows, ..Person::default() }, &mut settled);
            settled.written.sort_by_key(|(_, stored)| (stored.state, stored.numbers, stored.month));
            let written: Vec<_> = settled.written.iter().map(|(row, stored)| (&**row, *stored)).collect();
            assert!(fresh == written && settled.gone.is_empty() && settled.found.is_empty());
        }
        assert!((300..1_900).contains(&short), "{short} of 2000 went the short way");
    }
}
