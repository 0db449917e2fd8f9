//! From the noisy vectors of a release to estimates that add up. What does not depend on the noise that was drawn (the
//! geometry of the families, their least squares, the distributions of their errors) is made once, and applied to each draw.

use std::collections::HashMap;
use std::sync::Arc;

use utfall_estimate::distribution::Single;
use utfall_estimate::reconcile::Reconciler;

use crate::description::nesting::{FamilyDescription, NOWHERE, PartDescription};
use crate::estimate::Estimate;
use crate::estimate::distribution::{Distributions, Place, Source, single};
use crate::{DeriveError, Description, Measured};

/// The number of decimals of an estimate where it is published as a number.
const DECIMALS: u32 = 2;

/// A base table with more cells than this is not made: then parts are rounded each for itself.
const MOST_BASE: usize = 2_000_000;

/// Per number of a vector, the measured numbers that are in its estimate.
pub(crate) type Weights = Vec<Vec<Weight>>;

/// The numbers of every part, and of the base table if there is one.
type Solution = (Vec<Vec<f64>>, Option<Vec<f64>>);

/// By how much a measured number enters an estimate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight {
    /// The name of its vector.
    pub(crate) vector: String,
    /// Its position there.
    pub(crate) index: usize,
    /// By how much.
    pub(crate) weight: f64,
}

/// Weights below this are errors of rounding.
const LEAST_WEIGHT: f64 = 1e-12;

/// How the vectors of a release are reconciled.
#[derive(Debug)]
pub struct Reconciliation {
    families: Vec<Reconciled>,
    /// A base table with more cells is not made.
    most: usize,
}

/// One family of vectors.
#[derive(Debug)]
struct Reconciled {
    /// The names of its vectors.
    vectors: Vec<String>,
    /// Per part, the position of each of its numbers in its vector.
    positions: Vec<Vec<usize>>,
    reconciler: Arc<Reconciler>,
    /// Per vector, how far its estimates can be off.
    distributions: Vec<Arc<Distributions>>,
    /// Of each vector that was not measured, the first that it follows from.
    follows: HashMap<String, String>,
}

impl Reconciliation {
    /// The reconciliation of vectors with this noise; what was measured does not matter.
    ///
    /// # Errors
    /// When a family does not fit the vectors.
    pub fn new(description: &Description, measured: &[Measured<'_>]) -> Result<Self, DeriveError> {
        let families = description.families.iter();
        families
            .map(|family| Reconciled::new(description, family, measured).ok_or_else(|| wrong(family.vectors().first().copied())))
            .collect::<Result<_, _>>()
            .map(|families| Self { families, most: MOST_BASE })
    }

    /// The same where a base table of more cells than this is not made: then parts are rounded each for itself.
    #[must_use]
    pub fn with_bases_of(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// The estimates of every vector that is in a family, by the name of its measurement.
    ///
    /// # Errors
    /// When the vectors are not those of the families.
    pub fn estimates(&self, measured: &[Measured<'_>]) -> Result<HashMap<String, Estimate>, DeriveError> {
        self.each(measured, |family, vectors| family.estimates(vectors, self.most))
    }

    /// The same as whole numbers.
    ///
    /// # Errors
    /// As [`Reconciliation::estimates`].
    pub fn whole(&self, measured: &[Measured<'_>]) -> Result<HashMap<String, Vec<i64>>, DeriveError> {
        self.each(measured, |family, vectors| family.whole(vectors, self.most))
    }

    /// The vectors that were not measured, each with one that it follows from.
    pub(crate) fn follows(&self) -> impl Iterator<Item = (&String, &String)> {
        self.families.iter().flat_map(|family| &family.follows)
    }

    /// By how much each measured number enters each estimate, by the name of the estimated vector; none of those of families that have
    /// more than `most` pairs of the two.
    pub(crate) fn weights(
        &self,
        measured: &[Measured<'_>],
        most: usize,
    ) -> Result<HashMap<String, Option<Weights>>, DeriveError> {
        let mut all = HashMap::new();
        for family in &self.families {
            let found = family.weights(measured, most);
            let found = found.ok_or_else(|| wrong(family.vectors.first().map(String::as_str)))?;
            let found = found.map_or_else(|| vec![None; family.vectors.len()], |each| each.into_iter().map(Some).collect());
            all.extend(family.vectors.iter().cloned().zip(found));
        }
        Ok(all)
    }

    fn each<T>(
        &self,
        measured: &[Measured<'_>],
        of: impl Fn(&Reconciled, &[&[i64]]) -> Option<Vec<T>>,
    ) -> Result<HashMap<String, T>, DeriveError> {
        let mut all = HashMap::new();
        for family in &self.families {
            let values = |name: &String| match family.follows.contains_key(name) {
                true => Some(&[][..]),
                false => measured.iter().find(|vector| vector.name == name).map(|vector| vector.values),
            };
            let vectors: Option<Vec<&[i64]>> = family.vectors.iter().map(values).collect();
            let found = vectors.and_then(|vectors| of(family, &vectors));
            let found = found.ok_or_else(|| wrong(family.vectors.first().map(String::as_str)))?;
            all.extend(family.vectors.iter().cloned().zip(found));
        }
        Ok(all)
    }
}

/// The vectors of a family that were not measured, each with the first measured one whose sums its cells are.
fn follows(description: &Description, family: &FamilyDescription) -> HashMap<String, String> {
    let measured = |name: &str| description.measured_vectors().any(|vector| vector.name == name);
    let of = |part: &PartDescription| {
        let from = family.parts.iter().find(|other| measured(&other.vector) && other.covers(part))?;
        (!measured(&part.vector)).then(|| (part.vector.clone(), from.vector.clone()))
    };
    family.parts.iter().filter_map(of).collect()
}

fn wrong(vector: Option<&str>) -> DeriveError {
    DeriveError::Shape { table: vector.unwrap_or_default().to_owned(), what: "its family does not fit what was measured" }
}

impl Reconciled {
    fn new(description: &Description, family: &FamilyDescription, measured: &[Measured<'_>]) -> Option<Self> {
        let names = family.vectors();
        let geometry = family.family(&names, |_| 1.0)?;
        let follows = follows(description, family);
        let noise = |name: &&str| match follows.contains_key(*name) {
            // It has none of its own, and no weight.
            true => Some(None),
            false => Some(Some(single(&measured.iter().find(|vector| vector.name == *name)?.noise)?)),
        };
        let singles: Vec<Option<Single>> = names.iter().map(noise).collect::<Option<_>>()?;
        // Noise that is as good as none (an enormous epsilon) is still some, so that nothing is divided by nothing.
        let precision = |single: &Option<Single>| single.map_or(0.0, |single| single.variance().max(1e-9).recip());
        let precisions = singles.iter().map(precision).collect();
        let positions = |part: &PartDescription| part.positions(description.table_of(&part.vector)?, &family.axes);
        let positions: Vec<Vec<usize>> = family.parts.iter().map(positions).collect::<Option<_>>()?;
        let reconciler = Arc::new(Reconciler::new(geometry, precisions));
        let source = Source::Family { description: family.clone(), reconciler: Arc::clone(&reconciler), singles };
        let vectors = names.into_iter().map(str::to_owned).collect();
        let mut reconciled = Self { vectors, positions, reconciler, distributions: Vec::new(), follows };
        let source = Arc::new(source);
        let distributions = |places| Arc::new(Distributions::new(vec![Arc::clone(&source)], places));
        reconciled.distributions = reconciled.scattered(&reconciled.places(family))?.into_iter().map(distributions).collect();
        Some(reconciled)
    }

    /// Per part, what decides the distribution of each of its numbers.
    fn places(&self, family: &FamilyDescription) -> Vec<Vec<Vec<Place>>> {
        let tree = &self.reconciler.family.tree;
        let parts = self.reconciler.family.parts.iter().zip(&family.parts).zip(&self.positions);
        parts
            .map(|((part, described), at)| {
                let width = at.len() / tree.nodes(part.level);
                let path = |number: usize| tree.path(part.level, number / width);
                let place = |path| Place { source: 0, axes: part.axes, path, split: described.split, count: 1 };
                (0..at.len()).map(|number| vec![place(path(number))]).collect()
            })
            .collect()
    }

    /// What is known of each number of each part, vector by vector.
    fn scattered<T: Clone + Default>(&self, parts: &[Vec<T>]) -> Option<Vec<Vec<T>>> {
        let of = |unit: usize| self.reconciler.family.parts.iter().zip(&self.positions).filter(move |(p, _)| p.unit == unit);
        let size = |unit: usize| of(unit).map(|(_, at)| at.iter().filter(|at| **at != NOWHERE).count()).sum();
        let mut vectors: Vec<Vec<T>> = (0..self.vectors.len()).map(|unit| vec![T::default(); size(unit)]).collect();
        for ((part, at), known) in self.reconciler.family.parts.iter().zip(&self.positions).zip(parts) {
            let vector = vectors.get_mut(part.unit)?;
            for (at, known) in at.iter().zip(known).filter(|(at, _)| **at != NOWHERE) {
                *vector.get_mut(*at)? = known.clone();
            }
        }
        Some(vectors)
    }

    /// The estimates of every part, and of the base table unless that is too large.
    fn solved(&self, vectors: &[&[i64]], most: usize) -> Option<Solution> {
        let mut parts: Vec<Vec<f64>> = Vec::new();
        for (part, at) in self.reconciler.family.parts.iter().zip(&self.positions) {
            let vector = vectors.get(part.unit)?;
            let value = |at: &usize| if vector.is_empty() { Some(0.0) } else { vector.get(*at).map(|value| *value as f64) };
            parts.push(at.iter().map(value).collect::<Option<_>>()?);
        }
        let base = self.reconciler.estimate(&mut parts, most);
        Some((parts, base))
    }

    /// Per vector, which measured numbers are in its estimates; none within if there are more than `most` pairs.
    ///
    /// Estimates are linear in what was measured: those of a vector of zeros with a single one are the weights of that number.
    fn weights(&self, measured: &[Measured<'_>], most: usize) -> Option<Option<Vec<Weights>>> {
        let size = |name: &String| match self.follows.contains_key(name) {
            true => Some(0),
            false => measured.iter().find(|vector| vector.name == name).map(|vector| vector.values.len()),
        };
        let sizes: Vec<usize> = self.vectors.iter().map(size).collect::<Option<_>>()?;
        let estimates: usize = self.positions.iter().flatten().filter(|at| **at != NOWHERE).count();
        if sizes.iter().sum::<usize>().saturating_mul(estimates) > most {
            return Some(None);
        }
        let mut ones: Vec<Vec<i64>> = sizes.iter().map(|size| vec![0; *size]).collect();
        let mut weights: Vec<Weights> = Vec::new();
        for (vector, index) in sizes.iter().enumerate().flat_map(|(at, size)| (0..*size).map(move |index| (at, index))) {
            *ones.get_mut(vector)?.get_mut(index)? = 1;
            let (parts, _) = self.solved(&ones.iter().map(Vec::as_slice).collect::<Vec<_>>(), 0)?;
            *ones.get_mut(vector)?.get_mut(index)? = 0;
            let found = self.scattered(&parts)?;
            weights.resize_with(found.len(), Vec::new);
            for (all, found) in weights.iter_mut().zip(found) {
                all.resize_with(found.len(), Vec::new);
                for (all, weight) in all.iter_mut().zip(found).filter(|(_, weight)| weight.abs() > LEAST_WEIGHT) {
                    all.push(Weight { vector: self.vectors.get(vector)?.clone(), index, weight });
                }
            }
        }
        Some(Some(weights))
    }

    /// The estimates of each vector as whole numbers that add up.
    fn whole(&self, vectors: &[&[i64]], most: usize) -> Option<Vec<Vec<i64>>> {
        let (parts, base) = self.solved(vectors, most)?;
        self.scattered(&self.reconciler.rounded(&parts, base.as_deref(), 1.0))
    }

    /// The estimates of each vector.
    fn estimates(&self, vectors: &[&[i64]], most: usize) -> Option<Vec<Estimate>> {
        let (parts, base) = self.solved(vectors, most)?;
        let scale = 10f64.powi(DECIMALS as i32);
        let rounded = |scale| self.scattered(&self.reconciler.rounded(&parts, base.as_deref(), scale));
        let (hundredths, whole) = (rounded(scale)?, rounded(1.0)?);
        let numbers = self.scattered(&parts)?.into_iter().zip(hundredths).zip(whole).zip(&self.distributions);
        let estimate = |(((values, rounded), whole), distributions): (((_, _), _), &Arc<Distributions>)| Estimate {
            values,
            rounded,
            whole,
            additive: base.is_some(),
            decimals: DECIMALS,
            reconciled: true,
            distributions: Arc::clone(distributions),
        };
        Some(numbers.map(estimate).collect())
    }
}
