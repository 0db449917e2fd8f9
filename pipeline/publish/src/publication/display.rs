//! What people are shown: whole numbers that are not negative. The files hold the numbers as they were estimated, which are
//! right on average; what is shown here is not, where it was raised to zero.
//!
//! Tables that were reconciled are rounded together, so that whole numbers add up too ([`utfall_estimate::reconcile`]); a cell that
//! is raised to zero breaks that, and the page says so. So would a part be shown that is larger than its whole: it is lowered to that.
//! Intervals are rounded outwards. Grades are those of the numbers in the files.

use std::collections::HashMap;

use crate::{Formula, Publication, TOTAL, Table, View};

/// With more keys that have totals, a table is shown as it is: each choice of them is looked at.
const MOST_TOTALS: usize = 8;

impl Publication {
    /// The publication as people are shown it.
    pub fn for_people(&self) -> Self {
        let (tables, views) = (self.tables.iter().map(Table::for_people), self.views.iter().map(View::for_people));
        Self { tables: tables.collect(), views: views.collect(), ..self.clone() }
    }
}

impl Table {
    /// Whether its numbers are counts or sums, of which nothing is nothing.
    pub fn is_total(&self) -> bool {
        matches!(self.measure().map(|measure| &measure.formula), Some(Formula::Count { .. } | Formula::Sum { .. }))
    }

    /// Whether it adds up with other tables.
    pub fn is_reconciled(&self) -> bool {
        self.whole.is_some()
    }

    fn for_people(&self) -> Self {
        let mut shown = self.clone();
        shown.grades = Some(self.cells().map(|cell| cell.grade).collect());
        if let Some(whole) = &self.whole {
            let unit = 10_i64.saturating_pow(self.decimals);
            shown.values = whole.iter().copied().map(Some).collect();
            let end = |ends: &[Option<i64>], up: i64| {
                ends.iter().map(|end| Some((*end)?.saturating_add(up).div_euclid(unit))).collect()
            };
            shown.lower = end(&self.lower, 0);
            shown.upper = end(&self.upper, unit - 1);
            // What is shown lies within what it is shown with.
            for ((value, lower), upper) in whole.iter().zip(&mut shown.lower).zip(&mut shown.upper) {
                *lower = lower.map(|lower| lower.min(*value));
                *upper = upper.map(|upper| upper.max(*value));
            }
            shown.decimals = 0;
        }
        if matches!(self.measure().map(|measure| &measure.formula), Some(Formula::Count { .. })) {
            // What is raised to zero keeps its width: an interval from zero to zero would look like certainty.
            for (lower, upper) in shown.lower.iter().zip(&mut shown.upper) {
                *upper = upper.zip(*lower).map(|(upper, lower)| upper.max((upper - lower + 1) / 2));
            }
            for number in shown.values.iter_mut().chain(&mut shown.lower).chain(&mut shown.upper).flatten() {
                *number = (*number).max(0);
            }
            if self.is_reconciled() {
                shown.keep_in_order();
            }
        }
        shown
    }

    /// Lowers counts that are larger than the total that they are part of: among numbers that add up, those beside them are negative, and
    /// were raised to zero. A cell whose code of a key is [`TOTAL`] counts all rows that differ from it in that key only.
    fn keep_in_order(&mut self) {
        let keys = self.description.keys.iter().enumerate();
        let totals: Vec<(usize, u16)> = keys
            .filter_map(|(at, key)| Some((at, u16::try_from(key.codes.iter().position(|c| c.code == TOTAL)?).ok()?)))
            .collect();
        if totals.is_empty() || totals.len() > MOST_TOTALS {
            return;
        }
        let values: HashMap<&[u16], i64> = self
            .description
            .cells
            .iter()
            .zip(&self.values)
            .filter_map(|(cell, value)| Some((cell.as_slice(), (*value)?)))
            .collect();
        // The least of a cell and of the totals over every choice of keys that it is part of.
        let least = |cell: &Vec<u16>| {
            let over = |choice: u32| {
                let mut whole = cell.clone();
                for (_, (at, total)) in totals.iter().enumerate().filter(|(bit, _)| choice & (1 << bit) != 0) {
                    *whole.get_mut(*at)? = *total;
                }
                values.get(whole.as_slice()).copied()
            };
            (0..1 << totals.len()).filter_map(over).min()
        };
        let ordered: Vec<Option<i64>> = self.description.cells.iter().map(least).collect();
        self.ordered = ordered != self.values;
        for (lower, value) in self.lower.iter_mut().zip(&ordered) {
            *lower = lower.zip(*value).map(|(lower, value)| lower.min(value));
        }
        self.values = ordered;
    }
}

#[cfg(test)]
mod tests {
    use utfall_estimate::interval::Interval;

    use crate::estimate::reliability::Grade;
    use crate::{TOTAL, fixture};

    #[test]
    fn no_part_is_shown_larger_than_its_whole() {
        let mut publication = fixture::publication();
        let table = &mut publication.tables[0];
        // Five projects by ten outcomes, of which the first of each is taken for the total.
        table.description.keys[1].codes[0].code = TOTAL.to_owned();
        let n = table.values.len();
        (table.lower, table.upper) = (vec![Some(1); n], vec![Some(90); n]);
        let mut whole = vec![0; n];
        (whole[0], whole[1], whole[2], whole[3]) = (40, 46, -7, 1);
        (whole[10], whole[11], whole[12]) = (30, 20, 10);
        table.values = whole.iter().copied().map(Some).collect();
        table.whole = Some(whole);
        let shown = |publication: &crate::Publication| publication.for_people().tables.remove(0);
        let table = shown(&publication);
        let values = |at: usize| (table.values[at], table.values[at + 1], table.values[at + 2], table.values[at + 3]);
        assert_eq!(values(0), (Some(40), Some(40), Some(0), Some(1)));
        assert_eq!(values(10), (Some(30), Some(20), Some(10), Some(0)));
        assert!(table.ordered && table.cells().all(|cell| cell.interval.is_some_and(|ends| Some(ends.low) <= cell.value)));
        // What need not add up is shown as it is.
        publication.tables[0].whole = None;
        assert_eq!((shown(&publication).values[1], shown(&publication).ordered), (Some(46), false));
    }

    #[test]
    fn people_are_shown_the_grade_of_the_number_in_the_file() {
        let mut publication = fixture::publication();
        let table = &mut publication.tables[0];
        let n = table.values.len();
        table.decimals = 2;
        // Half of the interval is a little more than a third of the number, and less than a third of what it is rounded to.
        (table.values, table.lower, table.upper) = (vec![Some(5_980); n], vec![Some(4_000); n], vec![Some(8_000); n]);
        table.whole = Some(vec![60; n]);
        for publication in [&publication, &publication.for_people()] {
            assert!(publication.tables[0].cells().all(|cell| cell.grade == Some(Grade::Rough)));
        }
    }

    #[test]
    fn people_are_shown_whole_numbers_that_are_not_negative() {
        let mut publication = fixture::publication();
        let table = &mut publication.tables[0];
        let n = table.values.len();
        table.decimals = 2;
        table.values = vec![Some(1_249); n];
        (table.lower, table.upper) = (vec![Some(-301); n], vec![Some(2_799); n]);
        (table.lower[1], table.upper[1]) = (Some(-4_000), Some(-900));
        table.whole = Some((0..n as i64).map(|i| 12 - 20 * (i % 2)).collect());
        let shown = publication.for_people();
        let cells: Vec<_> = shown.tables[0].cells().take(2).map(|cell| (cell.value, cell.interval)).collect();
        assert_eq!(cells, [(Some(12), Some(Interval::new(0, 28))), (Some(0), Some(Interval::new(0, 16)))]);
        assert_eq!(shown.tables[0].decimals, 0);
        let alone = publication.tables.iter().position(|t| t.margin.is_some() && t.whole.is_none()).unwrap();
        for (before, after) in publication.tables[alone].cells().zip(shown.tables[alone].cells()) {
            assert_eq!(after.value, before.value.map(|value| value.max(0)));
        }
    }
}
