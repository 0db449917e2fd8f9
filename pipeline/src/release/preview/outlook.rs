//! Which tables of a release will say something: a reckoning from public sizes.

use super::Prospect;
use super::statistic::{Statistic, statistics};
use crate::release::sizes::Sizes;
use crate::release::{CheckedTable, Draw};

/// A table of which more than this part of the numbers are expected to be marked says nothing.
const SILENT: f64 = 0.8;

/// So many quantiles stand for the sizes of cells.
const QUANTILES: u32 = 20;
/// In so many steps of an angle they are found.
const STEPS: u32 = 4_000;
/// No coordinate of a random direction is so many times as large as they are on average.
const WIDEST: f64 = 8.0;

/// What is to be expected of a table.
#[derive(Debug)]
pub(crate) struct Outlook<'a> {
    /// The table.
    pub(crate) table: &'a CheckedTable,
    /// Of how many people it is.
    pub(crate) sizes: &'a Sizes,
    /// Its statistics.
    pub(crate) statistics: Vec<Statistic>,
    /// Which part of its cells is left, where keys have fewer codes.
    pub(crate) left: f64,
    /// Which part of its numbers is expected to be marked.
    marked: f64,
}

/// What a table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Enough of its numbers are not marked.
    Something,
    /// Next to nothing.
    Nothing,
}

/// What is to be expected of each table that is paid for, in order; `sizes` are those of all that the release has of its own.
pub(crate) fn outlooks<'a>(prospect: &Prospect<'a>, sizes: &'a [Sizes], tail: f64) -> Vec<Outlook<'a>> {
    let own = prospect.checked.own().zip(sizes);
    let paid = own.filter(|(table, _)| table.measured_with.is_none() && matches!(table.draw, Draw::Noise | Draw::Choice(_)));
    paid.map(|(table, sizes)| Outlook::of(prospect, table, sizes, tail)).collect()
}

impl<'a> Outlook<'a> {
    /// What is to be expected of a table.
    pub(crate) fn of(prospect: &Prospect<'_>, table: &'a CheckedTable, sizes: &'a Sizes, tail: f64) -> Self {
        let left = table.vectors().first().map_or(1.0, |vector| prospect.left(vector));
        let outlook = Self { table, sizes, statistics: statistics(prospect, table, tail), left, marked: 0.0 };
        Self { marked: outlook.marked_of(1.0), ..outlook }
    }

    /// Which part of its numbers is expected to be marked.
    pub(crate) fn marked(&self) -> f64 {
        self.marked
    }

    /// The same if there were so many times as many people, and the noise were as much less.
    pub(crate) fn marked_of(&self, times: f64) -> f64 {
        let (cells, statistics) = (&self.sizes.cells, &self.statistics);
        if cells.is_empty() || statistics.is_empty() {
            return 1.0;
        }
        let spread = self.spread();
        let marked = |people: &f64| -> f64 {
            let each = spread.iter().flat_map(|of| statistics.iter().map(move |statistic| (of, statistic)));
            each.map(|(of, statistic)| statistic.marked(people * of * times / self.left)).sum()
        };
        cells.iter().map(marked).sum::<f64>() / (cells.len() * statistics.len() * spread.len()) as f64
    }

    /// How large its cells are beside the mean of those of their project.
    fn spread(&self) -> Vec<f64> {
        unequal(self.sizes.projects.iter().map(|size| size.cells).max().unwrap_or(1) as f64 * self.left)
    }

    /// Whether it says something.
    pub(crate) fn told(&self) -> Told {
        if self.marked() <= SILENT { Told::Something } else { Told::Nothing }
    }

    /// How many cells it has.
    pub(crate) fn cells(&self) -> usize {
        (self.sizes.cells.len() as f64 * self.left).round().max(1.0) as usize
    }

    /// How many people a cell has on average.
    pub(crate) fn people(&self) -> f64 {
        self.sizes.mean() / self.left
    }

    /// How many people the first cell of a code has; none if no key has it.
    pub(crate) fn people_of(&self, code: &str) -> Option<f64> {
        let grid = self.table.answer.certified.grid();
        let is_it = |cell: &Vec<u16>| {
            let mut codes = grid.keys.iter().zip(cell).filter_map(|(key, at)| key.codes.get(usize::from(*at)));
            codes.any(|of| of.code == code)
        };
        let at = grid.cells.iter().position(is_it)?;
        Some(self.sizes.cells.get(at)? / self.left)
    }

    /// By which factor there would have to be more people, or less noise, for no more than this part of its numbers to be marked; none
    /// where nothing would do.
    pub(crate) fn needs(&self, most: f64) -> Option<f64> {
        let enough = |times: f64| self.marked_of(times) <= most;
        let (mut low, mut high) = (0.0, 1.0);
        while !enough(high) {
            (low, high) = (high, high * 2.0);
            if high > 1e6 {
                return None;
            }
        }
        for _ in 0..16 {
            let middle = f64::midpoint(low, high);
            if enough(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }

    /// The keys by which its cells could be fewer: all but the project.
    pub(crate) fn keys(&self, prospect: &Prospect<'_>) -> Vec<usize> {
        let vectors = self.table.vectors();
        let known = |key: &usize| vectors.iter().any(|vector| prospect.codes(vector, *key).is_some_and(|codes| codes > 1));
        let keys = 0..self.table.answer.certified.grid().keys.len();
        keys.filter(|key| Some(*key) != self.sizes.column && known(key)).collect()
    }
}

/// How large cells are beside the mean of those of their project, where parts of a whole are as unequal as chance makes them: the
/// parts of k are distributed as the squares of the coordinates of a random direction in k dimensions [Dirichlet distribution with
/// parameters 1/2, after Jeffreys 1946], of which one is less than sin(t)^2 with a probability in proportion to the integral of
/// cos^(k-2) up to t. Quantiles of that, k times.
fn unequal(cells: f64) -> Vec<f64> {
    if cells < 1.5 {
        return vec![1.0];
    }
    let widest = std::f64::consts::FRAC_PI_2.min(WIDEST / cells.sqrt());
    let angle = |step: u32| (f64::from(step) + 0.5) / f64::from(STEPS) * widest;
    let density: Vec<f64> = (0..STEPS).map(|step| angle(step).cos().powf(cells - 2.0)).collect();
    let (all, mut below, mut found): (f64, f64, Vec<f64>) = (density.iter().sum(), 0.0, Vec::new());
    for (step, own) in (0..STEPS).zip(&density) {
        below += own;
        while f64::from(QUANTILES) * below > (found.len() as f64 + 0.5) * all && found.len() < QUANTILES as usize {
            found.push(cells * angle(step).sin().powi(2));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of two parts and of many, beside what is known of these distributions.
    #[test]
    fn parts_of_a_whole_are_as_unequal_as_chance_makes_them() {
        assert_eq!(unequal(1.0), [1.0]);
        let two = unequal(2.0);
        // The arcsine distribution: 2 sin(pi q / 2)^2.
        let arcsine = |at: usize| 2.0 * (std::f64::consts::FRAC_PI_2 * (at as f64 + 0.5) / 20.0).sin().powi(2);
        assert!(two.len() == 20 && two.iter().enumerate().all(|(at, of)| (of - arcsine(at)).abs() < 2e-3), "{two:?}");
        let many = unequal(500.0);
        // A chi-squared distribution of one degree of freedom: half of it lies below 0.455.
        assert!((many[9] + many[10]) / 2.0 > 0.44 && (many[9] + many[10]) / 2.0 < 0.47, "{many:?}");
        let mean = many.iter().sum::<f64>() / 20.0;
        assert!((0.9..1.02).contains(&mean), "{mean}");
    }
}
