//! What a release will be worth, from public sizes only: nothing is read and nothing is spent.

mod advice;
mod outlook;
mod prospect;
mod statistic;

use utfall_estimate::distribution::{Single, Term, whole_margin};
use utfall_estimate::family::Family;
use utfall_estimate::interval::Interval;
use utfall_estimate::optimum::optimum;
use utfall_estimate::reconcile::Reconciler;
use utfall_estimate::workload::{NoiseBudget, Objective, Planned, Unit, Workload};

use super::CheckedRelease;
use super::planning::Moves;
use crate::catalogue::schema::Catalogue;
pub(crate) use advice::{Way, most, ways};
pub(crate) use outlook::{Outlook, Told, outlooks};
pub(crate) use prospect::Prospect;
pub(crate) use statistic::{Kind, Range, Statistic};
use utfall_ground::text::Text;

/// What is to be expected of a release.
#[derive(Debug, Clone)]
pub(crate) struct Preview {
    /// Per vector, in order.
    pub(crate) vectors: Vec<Expected>,
    /// The root of the mean variance (or of the largest), in units of what one row adds.
    pub(crate) error: f64,
    /// What no Gaussian mechanism can be below; none without delta, for the largest variance, or where a value is chosen instead.
    pub(crate) best: Option<f64>,
    /// The same for equal shares without reconciliation, with the better noise of the two.
    pub(crate) even: f64,
}

/// What is to be expected of one vector.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    /// The name of its measurement.
    pub(crate) name: String,
    /// The smallest and the largest margin of its cells, after reconciliation.
    pub(crate) margin: Interval,
    /// Its share of the budget.
    pub(crate) share: f64,
    /// The largest margin of its cells if it had the whole budget.
    pub(crate) alone: f64,
}

/// Previews a checked release; `tail` is what the level of its intervals leaves.
pub(crate) fn preview(checked: &CheckedRelease, tail: f64) -> Preview {
    Prospect::of(checked).preview(tail)
}

impl Prospect<'_> {
    /// What is to be expected of it; `tail` is what the level of its intervals leaves.
    pub(crate) fn preview(&self, tail: f64) -> Preview {
        let (checked, planning) = (self.checked, &self.checked.planning);
        let objective = checked.release.objective;
        let expected = expected(&self.workload, &self.planned, planning.noise, tail);
        let budgets = Budgets::of(checked);
        let vectors = planning.units.iter().zip(expected).zip(&self.planned.shares).enumerate();
        let alone = |unit: usize| alone(&self.workload, unit, budgets, tail);
        let terms = terms(&self.workload, &planning.moves, objective);
        let size = |error: f64| (error / terms).sqrt();
        let published = self.published();
        let even = vec![1.0 / published.units.len() as f64; published.units.len()];
        let unplanned = equal_shares(&published, even, budgets, objective);
        Preview {
            vectors: vectors
                .map(|(at, ((name, margin), share))| {
                    let name = name.clone();
                    Expected { name, margin, share: *share, alone: alone(at) }
                })
                .collect(),
            error: size(self.workload.with_shares(planning.noise, objective, self.planned.shares.clone()).error),
            best: best(&self.workload, &planning.moves, objective, budgets.rho).map(size),
            even: size(unplanned),
        }
    }

    /// The workload as it would be if what is published were measured, and nothing for others.
    fn published(&self) -> Workload {
        let mut workload = Workload::clone(&self.workload);
        let bases: usize = self.checked.bases.iter().map(|base| base.vectors().len()).sum();
        workload.units.truncate(workload.units.len().saturating_sub(bases));
        workload.units.iter_mut().for_each(|unit| unit.is_measured = true);
        let units = workload.units.len();
        workload.families.iter_mut().for_each(|family| family.parts.retain(|part| part.unit < units));
        workload
    }
}

/// The axes of a vector: which column of its table each is; none for the two numbers of a cell.
pub(crate) fn axes(checked: &CheckedRelease, vector: &str) -> Vec<(usize, Option<usize>)> {
    let parts = checked.planning.described.iter().flatten().flat_map(|family| &family.parts);
    let Some(part) = parts.into_iter().find(|part| part.vector == vector) else { return Vec::new() };
    part.split.map(|axis| (axis, None)).into_iter().chain(part.axes.iter().map(|(column, axis)| (*axis, Some(*column)))).collect()
}

/// A coarser key.
#[derive(Debug, Clone)]
pub(crate) struct Coarser {
    /// The title of its column.
    pub(crate) title: Text,
    /// The number of its codes.
    pub(crate) codes: usize,
}

/// A coarser key for a key: a column of the public table that the key names the rows of (the county of a municipality), with
/// the fewest codes still above two.
pub(crate) fn coarser(checked: &CheckedRelease, catalogue: &Catalogue, vector: &str, key: usize) -> Option<Coarser> {
    let table = checked.own().find(|table| table.vectors().iter().any(|name| name == vector))?;
    let column = &table.answer.certified.accepted().crossing.keys.get(key)?.value.origin.as_ref()?.column;
    let public = catalogue.tables().find(|t| !t.is_private() && t.primary_key.as_slice() == std::slice::from_ref(column))?;
    let codes = table.answer.certified.grid().keys.get(key)?.codes.len();
    let sized = |column: &crate::catalogue::schema::Column| {
        Some(Coarser { title: column.title.clone()?, codes: catalogue.codes_of(column)?.entries.len() })
    };
    let others = public.columns.iter().filter(|(name, _)| *name != column).filter_map(|(_, column)| sized(column));
    others.filter(|key| (3..codes / 2).contains(&key.codes)).max_by_key(|key| key.codes)
}

/// What the tables share, in the terms of either noise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budgets {
    /// For Laplace noise.
    pub(crate) epsilon: f64,
    /// For Gaussian noise; 0 without delta.
    pub(crate) rho: f64,
}

impl Budgets {
    fn of(checked: &CheckedRelease) -> Self {
        let shapes: Vec<_> = checked.measured().flat_map(super::CheckedTable::shapes).collect();
        let shared = super::measurements::shared(&checked.release.budget, &shapes);
        Self { epsilon: super::planning::float(&shared.epsilon), rho: super::planning::float(&shared.rho) }
    }
}

/// The margin of a vector that has the whole budget, with the better noise of the two.
fn alone(workload: &Workload, unit: usize, Budgets { epsilon, rho }: Budgets, tail: f64) -> f64 {
    let own = &Unit { is_measured: true, ..workload.units[unit] };
    let margin = |noise: NoiseBudget, single: fn(f64) -> Single| {
        let single = single(noise.precision(own, 1.0).recip());
        whole_margin(&[Term { unit, factor: 1.0, count: 1.0 }], |_| single, tail)
    };
    let laplace = margin(NoiseBudget::Laplace(epsilon), Single::Laplace);
    if rho > 0.0 && !own.pure { laplace.min(margin(NoiseBudget::Gaussian(rho), Single::Gaussian)) } else { laplace }
}

/// What an objective sums over: tables or cells, each by its weight. Errors are then in units of what one row adds.
fn terms(workload: &Workload, moves: &[Moves], objective: Objective) -> f64 {
    let families = workload.families.iter().zip(moves);
    let parts = families
        .flat_map(|(family, moves)| family.parts.iter().map(move |part| (family, part, part.weight * moves.each * moves.each)));
    match objective {
        Objective::Tables => parts.map(|(_, _, weight)| weight).sum(),
        Objective::Cells => parts.map(|(family, part, weight)| weight * family.cells(part)).sum(),
        Objective::Largest => 1.0,
    }
}

/// The error when every vector gets the same share and stands alone, with the better noise of the two.
pub(crate) fn equal_shares(workload: &Workload, even: Vec<f64>, budgets: Budgets, objective: Objective) -> f64 {
    let Budgets { epsilon, rho } = budgets;
    let mut apart = workload.clone();
    // Each part as a family of its own: nothing is learned from the others.
    apart.families = workload
        .families
        .iter()
        .flat_map(|f| f.parts.iter().map(|part| Family { parts: vec![part.clone()], ..f.clone() }))
        .collect();
    let noises = [Some(NoiseBudget::Laplace(epsilon)), (rho > 0.0).then_some(NoiseBudget::Gaussian(rho))];
    let errors = noises.into_iter().flatten().map(|noise| apart.with_shares(noise, objective, even.clone()).error);
    errors.fold(f64::INFINITY, f64::min)
}

/// The least error of any Gaussian mechanism with this rho. The bound is one of a family: tables of different families may still be
/// sums of one that nobody planned, so of several nothing is claimed.
fn best(workload: &Workload, moves: &[Moves], objective: Objective, rho: f64) -> Option<f64> {
    let [_] = workload.families.as_slice() else { return None };
    if rho <= 0.0 || objective == Objective::Largest || workload.units.iter().any(|unit| unit.pure) {
        return None;
    }
    let one = |(family, &Moves { rows, each }): (&Family, &Moves)| {
        let weight = |part| if objective == Objective::Tables { 1.0 / family.cells(part) } else { 1.0 };
        let weights: Vec<f64> = family.parts.iter().map(|part| part.weight * weight(part)).collect();
        // Where the rows of a person may share one cell of every table, they move all tables as one row of that size does.
        let units = &workload.units;
        let together = family.parts.iter().all(|part| units[part.unit].l2_squared >= units[part.unit].l1.powi(2));
        let best =
            if together { rows * rows * optimum(family, &weights, 1.0).best } else { optimum(family, &weights, rows).best };
        (best * each * each).sqrt()
    };
    let roots: f64 = workload.families.iter().zip(moves).map(one).sum();
    Some(roots * roots / (2.0 * rho))
}

/// The distribution of a unit's noise.
fn single(workload: &Workload, planned: &Planned, noise: NoiseBudget, unit: usize) -> Single {
    let variance = planned.precisions[unit].recip();
    match noise {
        NoiseBudget::Gaussian(_) if !workload.units[unit].pure => Single::Gaussian(variance),
        NoiseBudget::Laplace(_) | NoiseBudget::Gaussian(_) => Single::Laplace(variance),
    }
}

/// Per unit, the smallest and the largest margin of a cell.
fn expected(workload: &Workload, planned: &Planned, noise: NoiseBudget, tail: f64) -> Vec<Interval> {
    let mut all = vec![Interval::new(f64::INFINITY, 0.0_f64); workload.units.len()];
    for family in &workload.families {
        let reconciler = Reconciler::new(family.clone(), planned.precisions.clone());
        for part in &family.parts {
            for path in family.places(part) {
                let terms = reconciler.terms(&[(part.axes, 1.0)], path);
                let margin = whole_margin(&terms, |unit| single(workload, planned, noise, unit), tail);
                let slot = &mut all[part.unit];
                *slot = Interval { low: slot.low.min(margin), high: slot.high.max(margin) };
            }
        }
    }
    all
}
