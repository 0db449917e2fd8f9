//! What people are shown: whole numbers that are not negative. The files hold the numbers as they were estimated, which are
//! right on average; what is shown here is not, where it was raised to zero.
//!
//! Tables that were reconciled are rounded together, so that whole numbers add up too ([`utfall_estimate::reconcile`]); a cell that
//! is raised to zero breaks that, and the page says so. Intervals are rounded outwards.

use crate::{Formula, Publication, Table};

impl Publication {
    /// The publication as people are shown it.
    pub fn for_people(&self) -> Self {
        Self { tables: self.tables.iter().map(Table::for_people).collect(), ..self.clone() }
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
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use utfall_estimate::interval::Interval;

    use crate::fixture;

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
