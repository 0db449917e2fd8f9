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
    /// The same in units of 10^-`decimals`, rounded so that what adds up still does.
    pub(crate) rounded: Vec<i64>,
    /// The same in whole numbers.
    pub(crate) whole: Vec<i64>,
    /// Whether what adds up does so after rounding too.
    pub(crate) additive: bool,
    /// The decimals of `rounded`.
    pub(crate) decimals: u32,
    /// Whether it was reconciled with other vectors.
    pub(crate) reconciled: bool,
    /// Per number, of which estimates it is the sum: mostly one.
    places: Vec<Vec<Place>>,
    sources: Vec<Arc<Source>>,
}

/// What decides the law of one of the numbers that a number is the sum of. All that have the same have the same law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which of the sources.
    source: usize,
    /// The axes of its part.
    axes: Axes,
    /// Its path in the tree.
    path: usize,
    /// The axis of its two numbers per cell, if it has two.
    split: Option<usize>,
    /// How many such numbers there are, each with noise of its own.
    count: u32,
}

/// Where the noise of a number comes from.
#[derive(Debug)]
enum Source {
    /// A family whose vectors were reconciled.
    Family { description: FamilyDescription, reconciler: Box<Reconciler>, singles: Vec<Single> },
    /// A vector of its own.
    Alone(Single),
}

/// What a law is asked of.
#[derive(Clone, Copy)]
enum Of {
    /// The error of a number.
    Number,
    /// The error of (1 - share) x the first number of a cell - share x the second.
    Share(f64),
}

impl Estimate {
    /// Numbers that were reconciled with nothing, as an estimate: to be added up.
    pub(crate) fn alone(values: &[i64], noise: &Noise) -> Option<Self> {
        let place = Place { source: 0, axes: 0, path: 0, split: None, count: 1 };
        Some(Self {
            values: values.iter().map(|value| *value as f64).collect(),
            rounded: values.to_vec(),
            whole: values.to_vec(),
            additive: true,
            decimals: 0,
            reconciled: false,
            places: vec![vec![place]; values.len()],
            sources: vec![Arc::new(Source::Alone(single(noise)?))],
        })
    }

    /// The sum of estimates whose noises have nothing to do with each other. `parts` say of each which of its numbers goes
    /// to which of the `numbers` of the sum.
    pub(crate) fn sum(parts: &[(&Self, Vec<(usize, usize)>)], numbers: usize) -> Option<Self> {
        let decimals = parts.iter().map(|(part, _)| part.decimals).max()?;
        let mut sum = Self {
            values: vec![0.0; numbers],
            rounded: vec![0; numbers],
            whole: vec![0; numbers],
            additive: parts.iter().all(|(part, _)| part.additive),
            decimals,
            reconciled: parts.iter().any(|(part, _)| part.reconciled),
            places: vec![Vec::new(); numbers],
            sources: Vec::new(),
        };
        for (part, goes) in parts {
            let sources: Vec<usize> = part.sources.iter().map(|source| sum.source(source)).collect();
            let unit = 10_i64.pow(decimals - part.decimals);
            for (from, to) in goes {
                *sum.values.get_mut(*to)? += part.values.get(*from)?;
                *sum.rounded.get_mut(*to)? += part.rounded.get(*from)?.saturating_mul(unit);
                *sum.whole.get_mut(*to)? += part.whole.get(*from)?;
                for place in part.places.get(*from)? {
                    sum.add(*to, Place { source: *sources.get(place.source)?, ..*place })?;
                }
            }
        }
        sum.places.iter_mut().for_each(|places| places.sort_unstable());
        Some(sum)
    }

    /// The place of a source among those of this estimate; one that is the same is one.
    fn source(&mut self, source: &Arc<Source>) -> usize {
        let known = self.sources.iter().position(|known| Arc::ptr_eq(known, source) || known.is_like(source));
        known.unwrap_or_else(|| {
            self.sources.push(Arc::clone(source));
            self.sources.len() - 1
        })
    }

    fn add(&mut self, number: usize, place: Place) -> Option<()> {
        let places = self.places.get_mut(number)?;
        match places.iter_mut().find(|known| Place { count: place.count, ..**known } == place) {
            Some(known) => known.count += place.count,
            None => places.push(place),
        }
        Some(())
    }

    /// The law of the error of one number.
    pub(crate) fn law(&self, number: usize) -> Option<Law> {
        self.law_of(self.places.get(number)?, Of::Number)
    }

    /// The law of the error of (1 - share) x the first number of a cell - share x the second.
    pub(crate) fn share_law(&self, cell: usize, share: f64) -> Option<Law> {
        self.law_of(self.places.get(cell.checked_mul(2)?)?, Of::Share(share))
    }

    /// What decides the law: numbers with the same have the same one.
    pub(crate) fn kind(&self, number: usize) -> Option<&[Place]> {
        self.places.get(number).map(Vec::as_slice)
    }

    fn law_of(&self, places: &[Place], of: Of) -> Option<Law> {
        let (mut singles, mut terms): (Vec<Single>, Vec<Term>) = (Vec::new(), Vec::new());
        for place in places {
            for (single, factor, count) in self.sources.get(place.source)?.terms(place, of)? {
                let unit = singles.iter().position(|known| *known == single).unwrap_or_else(|| {
                    singles.push(single);
                    singles.len() - 1
                });
                terms.push(Term { unit, factor, count: count * f64::from(place.count) });
            }
        }
        Some(Law::new(&merged(terms), |unit| singles[unit]))
    }
}

impl Source {
    /// Whether its laws are those of another one.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Alone(one), Self::Alone(other)) => one == other,
            (Self::Family { description, singles, .. }, Self::Family { description: other, singles: others, .. }) => {
                description == other && singles == others
            }
            _ => false,
        }
    }

    /// The noises in a number, each with its factor and how many there are.
    fn terms(&self, place: &Place, of: Of) -> Option<Vec<(Single, f64, f64)>> {
        Some(match (self, of) {
            (Self::Alone(single), Of::Number) => vec![(*single, 1.0, 1.0)],
            (Self::Alone(single), Of::Share(share)) => vec![(*single, 1.0 - share, 1.0), (*single, share, 1.0)],
            (Self::Family { reconciler, singles, .. }, of) => {
                let target = match of {
                    Of::Number => vec![(place.axes, 1.0)],
                    Of::Share(share) => vec![(place.axes, 1.0), (place.axes & !(1 << place.split?), -share)],
                };
                let terms = reconciler.terms(&target, place.path).into_iter();
                terms.map(|term| Some((*singles.get(term.unit)?, term.factor, term.count))).collect::<Option<_>>()?
            }
        })
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
    let mut estimates: Vec<Estimate> = vectors
        .iter()
        .map(|vector| {
            let n = vector.values.len();
            let (decimals, zero, places) = (DECIMALS, vec![0; n], vec![Vec::new(); n]);
            let (additive, reconciled, sources) = (base.is_some(), true, Vec::new());
            Estimate { values: vec![0.0; n], rounded: zero.clone(), whole: zero, additive, decimals, reconciled, places, sources }
        })
        .collect();
    let tree = &reconciler.family.tree;
    for (index, (part, at)) in reconciler.family.parts.iter().zip(&positions).enumerate() {
        let (estimate, split) = (&mut estimates[part.unit], family.parts[index].split);
        let width = at.len() / tree.nodes(part.level);
        for (number, at) in at.iter().enumerate() {
            estimate.values[*at] = parts[index][number];
            estimate.rounded[*at] = rounded[index][number];
            estimate.whole[*at] = whole[index][number];
            let path = tree.path(part.level, number / width);
            estimate.places[*at] = vec![Place { source: 0, axes: part.axes, path, split, count: 1 }];
        }
    }
    let source = Arc::new(Source::Family { description: family.clone(), reconciler: Box::new(reconciler), singles });
    estimates.iter_mut().for_each(|estimate| estimate.sources = vec![Arc::clone(&source)]);
    Some(names.into_iter().map(str::to_owned).zip(estimates).collect())
}
