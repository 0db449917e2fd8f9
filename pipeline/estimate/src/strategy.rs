//! Which tables to measure, so that the published ones can be told with the least error.
//!
//! What is published need not be what is measured. A table of two keys holds both tables of one; measured once, with the whole
//! budget, it tells of both, and with Laplace noise that is often better than to divide the budget: six tables of a yes or no
//! have a root mean square error of 6.5 at epsilon 1 when each is measured, and of the root of 24 when two crossed tables of
//! three keys are. Such a *marginals strategy* is that of HDMM (McKenna et al., VLDB 2018, section 5) and of ResidualPlanner;
//! here it is chosen among published tables and unions of their keys, each at a published level that is deep enough, by local
//! search, and the budget is divided among what is measured as in [`crate::workload`].
//!
//! *Families have nothing to do with each other*: the error of a family that has a share s of the budget is what it has with all
//! of it, divided by s squared (Laplace) or s (Gaussian). Hence each is searched alone.
//!
//! Like the shares, a strategy is made from public sizes only.

mod response;
mod search;

use crate::family::{Axes, Part};
use crate::workload::{NoiseBudget, Objective, Planned, Unit, Workload, start};
use response::{Candidate, Response, Shape};
use search::{Search, State};

/// A table that may be measured though it is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crossing {
    /// The family of whose published tables it is a refinement.
    pub family: usize,
    /// The level of its places.
    pub level: usize,
    /// Its axes.
    pub axes: Axes,
}

/// What to measure, and how the budget is divided.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    /// What is measured and not published.
    pub crossings: Vec<Crossing>,
    /// The units as they were, some of them not measured now, and behind them one for each crossing; each crossing is a part of
    /// no weight behind those of its family.
    pub workload: Workload,
    /// The shares of all these units.
    pub planned: Planned,
}

/// A family whose published tables are measured as they are has an error of at most so much of the best that was found.
const AS_GOOD: f64 = 1.005;
/// So often what matters is weighed anew where the largest variance is to be least.
const ROUNDS: usize = 3;

impl Workload {
    /// What to measure, for a kind of noise. `may` says how far a person moves a crossing, or none if it cannot be measured; it
    /// is asked about each at most once in a round.
    ///
    /// Units with an epsilon of their own are always measured, and a unit that is not measured stays so: it must follow from what
    /// is. Every published table is measured or is a sum of one that is, of its family. Where that gains next to nothing, what
    /// is published is measured as it is, unless something does not follow from that.
    pub fn strategy(&self, noise: NoiseBudget, objective: Objective, may: &dyn Fn(&Crossing) -> Option<Unit>) -> Strategy {
        let (mut planned, mut weights) = match self.is_covered() {
            true => self.plan_from(noise, objective, None),
            // What is published does not tell of everything by itself.
            false => (self.unplanned(), self.families.iter().map(|family| start(family, objective)).collect()),
        };
        let plain = planned.shares.clone();
        let mut best = Strategy { crossings: Vec::new(), workload: self.clone(), planned };
        // Where the largest variance is to be least, what matters depends on the strategy, and that on what matters.
        for _ in 0..if objective == Objective::Largest { ROUNDS } else { 1 } {
            let chosen = (0..self.families.len()).map(|at| self.search(noise, at, &weights[at], &plain, may));
            let chosen: Vec<Chosen> = chosen.collect();
            if chosen.iter().all(|chosen| chosen.is_plain) {
                break;
            }
            let (crossings, workload, shares) = self.assembled(noise, &chosen);
            (planned, weights) = workload.plan_from(noise, objective, Some(&shares));
            if planned.error * AS_GOOD >= best.planned.error {
                break;
            }
            best = Strategy { crossings, workload, planned };
        }
        best
    }

    /// What to measure of one family, and the shares if nothing else were.
    fn search(
        &self,
        noise: NoiseBudget,
        at: usize,
        weights: &[f64],
        plain: &[f64],
        may: &dyn Fn(&Crossing) -> Option<Unit>,
    ) -> Chosen {
        let family = &self.families[at];
        let may = |shape: Shape| may(&Crossing { family: at, level: shape.level, axes: shape.axes });
        let mut search = Search::new(family, &self.units, Response::new(family, weights, noise), &may);
        let plain = search.plain(plain);
        let best = search.best(plain.clone());
        let is_plain = best.error * AS_GOOD >= plain.error;
        let State { measured, error } = if is_plain { plain } else { best };
        let tables = measured.into_iter().map(|(table, share)| (search.candidates[table].clone(), share)).collect();
        Chosen { family: at, tables, error, is_plain }
    }

    /// The workload in which that is measured, with shares to begin with.
    fn assembled(&self, noise: NoiseBudget, chosen: &[Chosen]) -> (Vec<Crossing>, Self, Vec<f64>) {
        let (mut crossings, mut workload, mut shares) = (Vec::new(), self.clone(), vec![0.0; self.units.len()]);
        for Chosen { family, tables, error, .. } in chosen {
            let parts = &mut workload.families[*family].parts;
            for part in parts.iter() {
                workload.units[part.unit].is_measured = false;
            }
            // Families that have nothing to do with each other divide the budget so.
            let all = error.powf(if matches!(noise, NoiseBudget::Laplace(_)) { 1.0 / 3.0 } else { 0.5 });
            let mut new = Vec::new();
            for (table, share) in tables {
                match table.published {
                    Some(unit) => {
                        workload.units[unit].is_measured = true;
                        shares[unit] = share * all;
                    }
                    None => new.extend(table.shapes.iter().map(|shape| (*shape, table.unit, share * all))),
                }
            }
            new.sort_by_key(|(shape, ..)| *shape);
            for (Shape { level, axes }, unit, share) in new {
                parts.push(Part { level, axes, unit: workload.units.len(), weight: 0.0 });
                crossings.push(Crossing { family: *family, level, axes });
                workload.units.push(Unit { is_measured: true, ..unit });
                shares.push(share);
            }
        }
        (crossings, workload, shares)
    }
}

/// What to measure of one family.
struct Chosen {
    family: usize,
    /// The measured tables and their shares of what the family has.
    tables: Vec<(Candidate, f64)>,
    error: f64,
    /// Whether that is what is published.
    is_plain: bool,
}

#[cfg(test)]
mod tests;
