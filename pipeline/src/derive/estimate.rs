//! From the noisy vectors of a release to estimates that add up.

use std::collections::HashMap;
use std::sync::Arc;

use super::family::Axes;
use super::law::{Law, Single, Term};
use super::nesting::FamilyDescription;
use super::noise::Noise;
use super::reconcile::Reconciler;
use super::{DeriveError, Description, Measured};

/// The number of decimals of an estimate where it is published as a number.
pub(crate) const DECIMALS: u32 = 2;

/// A base table with more cells than this is not made: then parts are rounded each for itself.
const MOST_BASE: usize = 2_000_000;

/// The estimates of one vector, in the order of its numbers.
#[derive(Debug, Clone)]
pub(crate) struct Estimate {
    /// The estimates.
    pub(crate) values: Vec<f64>,
    /// The same in units of 10^-[`DECIMALS`], rounded so that what adds up still does.
    pub(crate) rounded: Vec<i64>,
    /// The same in whole numbers.
    pub(crate) whole: Vec<i64>,
    /// Whether what adds up does so after rounding too.
    pub(crate) additive: bool,
    /// Per number, the axes of its part and its path in the tree.
    places: Vec<(Axes, usize)>,
    /// The axis of its two numbers per cell, if it has two.
    split: Option<usize>,
    shared: Arc<Shared>,
}

/// What the vectors of a family share.
#[derive(Debug)]
struct Shared {
    reconciler: Reconciler,
    singles: Vec<Single>,
}

impl Estimate {
    /// The law of the error of one number.
    pub(crate) fn law(&self, number: usize) -> Option<Law> {
        let (axes, path) = *self.places.get(number)?;
        Some(self.shared.law(&[(axes, 1.0)], path))
    }

    /// The law of the error of (1 - share) x the second number of a cell - share x the first.
    pub(crate) fn share_law(&self, cell: usize, share: f64) -> Option<Law> {
        let (axes, path) = *self.places.get(cell.checked_mul(2)?)?;
        let without = axes & !(1 << self.split?);
        Some(self.shared.law(&[(axes, 1.0), (without, -share)], path))
    }

    /// What decides the law: numbers with the same key have the same one.
    pub(crate) fn kind(&self, number: usize) -> Option<(Axes, usize)> {
        self.places.get(number).copied()
    }
}

impl Shared {
    fn law(&self, target: &[(Axes, f64)], path: usize) -> Law {
        Law::new(&merged(self.reconciler.terms(target, path)), |unit| self.singles[unit])
    }
}

/// Terms that are alike, together.
fn merged(mut terms: Vec<Term>) -> Vec<Term> {
    terms.sort_by(|a, b| a.unit.cmp(&b.unit).then(a.factor.total_cmp(&b.factor)));
    let mut all: Vec<Term> = Vec::new();
    for term in terms {
        match all.last_mut() {
            Some(last) if last.unit == term.unit && term.factor - last.factor <= 1e-9 * term.factor => last.count += term.count,
            _ => all.push(term),
        }
    }
    all
}

/// The law of one noise, for vectors that noise is added to.
pub(crate) fn single(noise: &Noise) -> Option<Single> {
    let variance = noise.standard_deviation()?.powi(2);
    match noise {
        Noise::Laplace { .. } => Some(Single::Laplace(variance)),
        Noise::Gaussian { .. } => Some(Single::Gaussian(variance)),
        Noise::Exponential { .. } | Noise::Thresholded { .. } => None,
    }
}

/// The estimates of every vector that is in a family, by the name of its measurement.
pub(crate) fn estimates(description: &Description, measured: &[Measured<'_>]) -> Result<HashMap<String, Estimate>, DeriveError> {
    let mut all = HashMap::new();
    for family in &description.families {
        let vectors: Option<Vec<&Measured<'_>>> =
            family.vectors().into_iter().map(|name| measured.iter().find(|vector| vector.name == name)).collect();
        let wrong = || DeriveError::Shape {
            table: family.parts.first().map_or_else(String::new, |part| part.vector.clone()),
            what: "its family does not fit what was measured",
        };
        let vectors = vectors.ok_or_else(wrong)?;
        all.extend(one(description, family, &vectors).ok_or_else(wrong)?);
    }
    Ok(all)
}

fn one(description: &Description, family: &FamilyDescription, vectors: &[&Measured<'_>]) -> Option<Vec<(String, Estimate)>> {
    let names: Vec<&str> = vectors.iter().map(|vector| vector.name).collect();
    let geometry = family.family(&names, |_| 1.0)?;
    let singles: Vec<Single> = vectors.iter().map(|vector| single(&vector.noise)).collect::<Option<_>>()?;
    // Noise that is as good as none (an enormous epsilon) is still some, so that nothing is divided by nothing.
    let precisions = singles.iter().map(|single| single.variance().max(1e-9).recip()).collect();
    let mut positions = Vec::new();
    let mut parts: Vec<Vec<f64>> = Vec::new();
    for (part, place) in family.parts.iter().zip(&geometry.parts) {
        let at = part.positions(description.table_of(&part.vector)?, &family.axes)?;
        parts.push(at.iter().map(|at| Some(*vectors[place.unit].values.get(*at)? as f64)).collect::<Option<_>>()?);
        positions.push(at);
    }
    let reconciler = Reconciler::new(geometry, precisions);
    let base = reconciler.estimate(&mut parts, MOST_BASE);
    let scale = 10f64.powi(DECIMALS as i32);
    let rounded = reconciler.rounded(&parts, base.as_deref(), scale);
    let whole = reconciler.rounded(&parts, base.as_deref(), 1.0);
    let shared = Arc::new(Shared { reconciler, singles });
    let mut estimates: Vec<Estimate> = vectors
        .iter()
        .map(|vector| {
            let (n, split) = (vector.values.len(), family.parts.iter().find(|p| p.vector == vector.name).and_then(|p| p.split));
            let (zero, none) = (vec![0; n], vec![(0, 0); n]);
            let (values, shared) = (vec![0.0; n], Arc::clone(&shared));
            Estimate { values, rounded: zero.clone(), whole: zero, additive: base.is_some(), places: none, split, shared }
        })
        .collect();
    for (index, (part, at)) in shared.reconciler.family.parts.iter().zip(&positions).enumerate() {
        let estimate = &mut estimates[part.unit];
        let width = at.len() / shared.reconciler.family.tree.nodes(part.level);
        for (number, at) in at.iter().enumerate() {
            estimate.values[*at] = parts[index][number];
            estimate.rounded[*at] = rounded[index][number];
            estimate.whole[*at] = whole[index][number];
            estimate.places[*at] = (part.axes, shared.reconciler.family.tree.path(part.level, number / width));
        }
    }
    Some(names.into_iter().map(str::to_owned).zip(estimates).collect())
}
