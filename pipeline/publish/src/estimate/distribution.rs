//! How far the noise moves an estimate: which noises are in each number, with which factors. It follows from the description
//! and the mechanisms alone, so it is made once and serves every draw.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use utfall_estimate::distribution::{Error, Single, Term};
use utfall_estimate::family::Axes;
use utfall_estimate::reconcile::Reconciler;

use crate::description::nesting::FamilyDescription;
use crate::estimate::noise::Noise;
use crate::estimate::{Addend, Goes};

/// What decides the distribution of one of the numbers that a number is the sum of. All that have the same have the same
/// distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Which of the sources.
    pub(crate) source: usize,
    /// The axes of its part.
    pub(crate) axes: Axes,
    /// Its path in the tree.
    pub(crate) path: usize,
    /// The axis of its two numbers per cell, if it has two.
    pub(crate) split: Option<usize>,
    /// How many such numbers there are, each with noise of its own.
    pub(crate) count: u32,
}

/// Where the noise of a number comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A family whose vectors were reconciled.
    Family { description: FamilyDescription, reconciler: Arc<Reconciler>, singles: Vec<Option<Single>> },
    /// A vector of its own.
    Alone(Single),
}

/// What a distribution is asked of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Of {
    /// The error of a number.
    Number,
    /// The error of (1 - share) x the first number of a cell - share x the second.
    Share(f64),
    /// The error of the sum of both.
    Both,
    /// The error of (1 - share) x a number - share x all others along one of its axes, together.
    Part(Along, f64),
    /// The error of the sum of all numbers along an axis.
    All(Along),
}

/// The numbers of a vector along one of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Along {
    /// The axis of the family that the key is, if the vector is in one.
    pub(crate) axis: Option<usize>,
    /// How many numbers there are.
    pub(crate) numbers: usize,
}

/// The distributions of a vector's numbers.
#[derive(Debug)]
pub(crate) struct Distributions {
    sources: Vec<Arc<Source>>,
    /// The different sums of places that numbers are.
    kinds: Vec<Vec<Place>>,
    /// Per number, which of them it is.
    of: Vec<usize>,
    /// What was computed before.
    margins: Mutex<HashMap<MarginOf, Option<f64>>>,
}

/// Which margin: floats by their bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct MarginOf {
    /// The kind of the number.
    kind: usize,
    /// The share that it is of, if it is of one.
    share: Option<u64>,
    /// Whether it is of the sum of both numbers, or of all along an axis.
    both: bool,
    /// The axis that it is along.
    along: Option<Along>,
    /// The probability that it leaves.
    tail: u64,
}

impl Distributions {
    /// The distributions of numbers of which each is the sum of some places.
    pub(crate) fn new(sources: Vec<Arc<Source>>, places: Vec<Vec<Place>>) -> Self {
        let (mut kinds, mut known, mut of) = (Vec::new(), HashMap::new(), Vec::with_capacity(places.len()));
        for places in places {
            of.push(*known.entry(places).or_insert_with_key(|places: &Vec<Place>| {
                kinds.push(places.clone());
                kinds.len() - 1
            }));
        }
        Self { sources, kinds, of, margins: Mutex::default() }
    }

    /// The distributions of so many numbers with noise of their own.
    pub(crate) fn alone(noise: &Noise, numbers: usize) -> Option<Self> {
        let place = Place { source: 0, axes: 0, path: 0, split: None, count: 1 };
        Some(Self {
            sources: vec![Arc::new(Source::Alone(single(noise)?))],
            kinds: vec![vec![place]],
            of: vec![0; numbers],
            margins: Mutex::default(),
        })
    }

    /// The distributions of a sum of estimates, which has so many `numbers`.
    pub(crate) fn sum(parts: &[Addend<'_>], numbers: usize) -> Option<Self> {
        let (mut sources, mut places): (Vec<Arc<Source>>, _) = (Vec::new(), vec![Vec::new(); numbers]);
        for Addend { estimate, goes } in parts {
            let part = &estimate.distributions;
            let own: Vec<usize> = part.sources.iter().map(|source| position(&mut sources, source)).collect();
            for Goes { from, to } in goes {
                for place in part.kinds.get(*part.of.get(*from)?)? {
                    add(places.get_mut(*to)?, Place { source: *own.get(place.source)?, ..*place });
                }
            }
        }
        places.iter_mut().for_each(|places| places.sort_unstable());
        Some(Self::new(sources, places))
    }

    /// Which kind a number is of: numbers of one kind have the same distribution.
    pub(crate) fn kind(&self, number: usize) -> Option<usize> {
        self.of.get(number).copied()
    }

    /// Per kind, the margin that a number's error exceeds with probability `tail`.
    pub(crate) fn margins(&self, tail: f64) -> Vec<Option<f64>> {
        (0..self.kinds.len()).map(|kind| self.margin(kind, Of::Number, tail)).collect()
    }

    /// The same for (1 - share) x the first number of a cell - share x the second; `kind` is that of the first.
    pub(crate) fn share_margin(&self, kind: usize, share: f64, tail: f64) -> Option<f64> {
        self.margin(kind, Of::Share(share), tail)
    }

    /// The same for the sum of the two numbers of a cell.
    pub(crate) fn both_margin(&self, kind: usize, tail: f64) -> Option<f64> {
        self.margin(kind, Of::Both, tail)
    }

    /// The same for (1 - share) x a number - share x all others along a key.
    pub(crate) fn part_margin(&self, kind: usize, along: Along, share: f64, tail: f64) -> Option<f64> {
        self.margin(kind, Of::Part(along, share), tail)
    }

    /// The same for the sum of all of them.
    pub(crate) fn all_margin(&self, kind: usize, along: Along, tail: f64) -> Option<f64> {
        self.margin(kind, Of::All(along), tail)
    }

    /// The noises in a number of a kind.
    pub(crate) fn error(&self, kind: usize) -> Option<Error> {
        self.errors(self.kinds.get(kind)?, Of::Number)
    }

    /// The noises in (1 - share) x the first number of a cell - share x the second; `kind` is that of the first.
    pub(crate) fn share_error(&self, kind: usize, share: f64) -> Option<Error> {
        self.errors(self.kinds.get(kind)?, Of::Share(share))
    }

    /// The noises in (1 - share) x a number - share x all others along a key.
    pub(crate) fn part_error(&self, kind: usize, along: Along, share: f64) -> Option<Error> {
        self.errors(self.kinds.get(kind)?, Of::Part(along, share))
    }

    /// Which axis of its family a key of a vector is; none where it names places, or where the numbers are sums over families.
    pub(crate) fn axis(&self, vector: &str, column: usize) -> Option<usize> {
        let [source] = self.sources.as_slice() else { return None };
        let Source::Family { description, .. } = source.as_ref() else { return None };
        let part = description.parts.iter().find(|part| part.vector == vector)?;
        part.axes.iter().find(|(of, _)| *of == column).map(|(_, axis)| *axis)
    }

    /// Whether the numbers of both were reconciled with the same others, so that their errors have to do with each other.
    pub(crate) fn is_kin(&self, other: &Self) -> bool {
        let family = |source: &Arc<Source>| matches!(**source, Source::Family { .. });
        let mut own = self.sources.iter().filter(|source| family(source));
        own.any(|own| other.sources.iter().any(|source| Arc::ptr_eq(own, source)))
    }

    fn margin(&self, kind: usize, of: Of, tail: f64) -> Option<f64> {
        let share = if let Of::Share(share) | Of::Part(_, share) = of { Some(share.to_bits()) } else { None };
        let along = if let Of::Part(along, _) | Of::All(along) = of { Some(along) } else { None };
        let both = matches!(of, Of::Both | Of::All(_));
        let asked = MarginOf { kind, share, both, along, tail: tail.to_bits() };
        let known = || self.margins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(margin) = known().get(&asked) {
            return *margin;
        }
        let margin = self.errors(self.kinds.get(kind)?, of).map(|error| match of {
            // What is estimated is a whole number.
            Of::Number | Of::Both | Of::All(_) => error.margin(tail),
            Of::Share(_) | Of::Part(..) => error.distribution().margin(tail),
        });
        known().insert(asked, margin);
        margin
    }

    /// The noises in the sum of some places.
    fn errors(&self, places: &[Place], of: Of) -> Option<Error> {
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
        Some(Error { terms: merged(terms), singles })
    }
}

/// The place of a source among others, to which it is added if none is like it.
fn position(sources: &mut Vec<Arc<Source>>, source: &Arc<Source>) -> usize {
    let known = sources.iter().position(|known| Arc::ptr_eq(known, source) || known.is_like(source));
    known.unwrap_or_else(|| {
        sources.push(Arc::clone(source));
        sources.len() - 1
    })
}

/// Adds a place to a sum of places.
fn add(places: &mut Vec<Place>, place: Place) {
    match places.iter_mut().find(|known| Place { count: place.count, ..**known } == place) {
        Some(known) => known.count += place.count,
        None => places.push(place),
    }
}

impl Source {
    /// Whether its distributions are those of another one.
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
            (Self::Alone(single), Of::Both) => vec![(*single, 1.0, 2.0)],
            (Self::Alone(single), Of::Part(along, share)) => {
                vec![(*single, 1.0 - share, 1.0), (*single, share, along.numbers as f64 - 1.0)]
            }
            (Self::Alone(single), Of::All(along)) => vec![(*single, 1.0, along.numbers as f64)],
            (Self::Family { reconciler, singles, .. }, of) => {
                let along = |along: Along| Some(place.axes & !(1 << along.axis.filter(|axis| place.axes & (1 << axis) != 0)?));
                let target = match of {
                    Of::Number => vec![(place.axes, 1.0)],
                    Of::Share(share) => vec![(place.axes, 1.0), (place.axes & !(1 << place.split?), -share)],
                    Of::Both => vec![(place.axes & !(1 << place.split?), 1.0)],
                    Of::Part(of, share) => vec![(place.axes, 1.0), (along(of)?, -share)],
                    Of::All(of) => vec![(along(of)?, 1.0)],
                };
                let terms = reconciler.terms(&target, place.path).into_iter();
                terms.map(|term| Some(((*singles.get(term.unit)?)?, term.factor, term.count))).collect::<Option<_>>()?
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

/// The distribution of one noise, for vectors that noise is added to.
pub(crate) fn single(noise: &Noise) -> Option<Single> {
    match noise {
        Noise::Laplace { .. } => Some(Single::Laplace(noise.standard_deviation()?.powi(2))),
        Noise::Gaussian { .. } => Some(Single::Gaussian(noise.parameter().ok()?)),
        Noise::Exponential { .. } | Noise::Thresholded { .. } => None,
    }
}

/// How far the noise moves each number of a vector; none where values are chosen. With a threshold it is that of the noise as drawn,
/// before it is known which numbers are shown.
pub(crate) fn error(noise: &Noise) -> Option<Error> {
    let single = match noise {
        Noise::Thresholded { .. } => Some(Single::Laplace(noise.standard_deviation()?.powi(2))),
        Noise::Laplace { .. } | Noise::Gaussian { .. } | Noise::Exponential { .. } => single(noise),
    };
    single.map(Error::of)
}
