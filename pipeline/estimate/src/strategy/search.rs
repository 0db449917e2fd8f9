//! The search for what to measure of one family.
//!
//! Which strategy is best is a question of sets, and nobody knows a fast exact answer; the search is local. It begins at many
//! strategies, each of which is good for some families ([`beginnings`]), and makes small changes as long as one of them lowers
//! the error ([`changes`]). With Gaussian noise the error is convex in the precisions, so that one beginning does, and a table
//! is worth measuring only if it lowers the error faster than the budget as a whole does; with Laplace noise there are many
//! ends. Nothing in it depends on chance or on the speed of the machine.

mod beginnings;
mod changes;

use std::collections::{BTreeMap, BTreeSet};

use super::response::{Candidate, Effort, Response, Shape};
use crate::family::{Family, MOST_AXES_OF_A_PART};
use crate::workload::Unit;

/// A change is made if it lowers the error by more than this part of it.
const LEAST_GAIN: f64 = 0.001;
/// A change is looked at closely if it is no worse than this after a few steps.
const PROMISING: f64 = 1.03;
/// So many tables may be thought of.
const MOST_CANDIDATES: usize = 1000;
/// So many unions of published tables are thought of at once, and so many tables are tried as an addition.
const MOST_UNIONS: usize = 100;
/// So many tables are tried in the place of each that is measured.
const MOST_EXCHANGED: usize = 16;
/// So many strategies are improved by small changes.
const MOST_IMPROVED: usize = 10;
/// And so many with Gaussian noise.
const MOST_CONVEX: usize = 3;
/// So much is computed for one family: steps, times measured tables, times numbers in a row.
const MOST_WORK: usize = 60_000_000;
/// The shares of a strategy that is only tried.
const BRIEF: Effort = Effort { steps: 12, least: 1e-3 };
/// The shares of one that may be taken.
const CLOSE: Effort = Effort { steps: 120, least: 1e-5 };

/// What is measured, with its shares: candidates by their number.
pub(super) type Measured = Vec<(usize, f64)>;

/// A strategy that was weighed.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// In the order of their numbers.
    pub measured: Measured,
    /// The error.
    pub error: f64,
}

/// Whether a table can be measured, and how far a person moves it.
pub(super) type May<'a> = dyn Fn(Shape) -> Option<Unit> + 'a;

/// The search in one family.
pub(super) struct Search<'a> {
    response: Response<'a>,
    may: &'a May<'a>,
    /// All that was thought of; first the units of the release.
    pub candidates: Vec<Candidate>,
    known: BTreeMap<Shape, Option<usize>>,
    /// Always measured.
    fixed: BTreeSet<usize>,
    /// What must be measured, or be a sum of what is: the published tables of which no other published one is a finer.
    needs: Vec<Shape>,
    /// The published levels, without axes.
    levels: Vec<Shape>,
    /// What was weighed, and whether closely; none for what does not tell of everything.
    tried: BTreeMap<Vec<usize>, Option<(State, bool)>>,
    /// The strategies of which all changes were tried.
    left: BTreeSet<Vec<usize>>,
    work: usize,
}

impl<'a> Search<'a> {
    /// The units that the family has are candidates; those drawn with an epsilon of their own are always measured.
    pub(super) fn new(family: &Family, units: &[Unit], response: Response<'a>, may: &'a May<'a>) -> Self {
        let (mut by_unit, mut shapes) = (BTreeMap::<usize, Vec<Shape>>::new(), Vec::new());
        for part in &family.parts {
            let shape = Shape { level: part.level, axes: part.axes };
            by_unit.entry(part.unit).or_default().push(shape);
            shapes.extend((!units[part.unit].pure).then_some(shape));
        }
        let levels: BTreeSet<Shape> = shapes.iter().map(|shape| Shape { level: shape.level, axes: 0 }).collect();
        let (needs, levels) = (maximal(shapes), levels.into_iter().collect());
        let (mut candidates, mut known, mut fixed) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        for (unit, shapes) in by_unit.into_iter().filter(|(unit, _)| units[*unit].is_measured) {
            let at = candidates.len();
            match (units[unit].pure, shapes.as_slice()) {
                (true, _) => drop(fixed.insert(at)),
                (false, [shape]) => drop(known.entry(*shape).or_insert(Some(at))),
                (false, _) => {}
            }
            candidates.push(response.candidate(units[unit], Some(unit), shapes));
        }
        Self { response, may, candidates, known, fixed, needs, levels, tried: BTreeMap::new(), left: BTreeSet::new(), work: 0 }
    }

    /// The published tables as they are, with these shares.
    pub(super) fn plain(&mut self, shares: &[f64]) -> State {
        let published = self.candidates.iter().enumerate().filter_map(|(at, of)| Some((at, shares[of.published?])));
        let measured: Measured = published.collect();
        let plain = self.weigh(&measured, CLOSE);
        // Of what does not tell of everything, the error is unknown.
        if self.covers(&measured) { plain } else { State { error: f64::INFINITY, ..plain } }
    }

    /// The best strategy that is found.
    pub(super) fn best(&mut self, plain: State) -> State {
        let mut begins = self.beginnings(&plain);
        begins.sort_by(|a, b| a.error.total_cmp(&b.error));
        begins.dedup_by(|a, b| keys(&a.measured) == keys(&b.measured));
        if self.response.is_convex() {
            begins.truncate(MOST_CONVEX);
        } else {
            begins.truncate(MOST_IMPROVED - 1);
            begins.insert(1.min(begins.len()), plain.clone());
        }
        let ends: Vec<State> = begins.into_iter().map(|begin| self.improve(begin)).collect();
        ends.into_iter().min_by(|a, b| a.error.total_cmp(&b.error)).unwrap_or(plain)
    }

    /// The number of the table with this shape, if it can be measured.
    fn table(&mut self, shape: Shape) -> Option<usize> {
        if let Some(known) = self.known.get(&shape) {
            return *known;
        }
        let possible = shape.axes.count_ones() as usize <= MOST_AXES_OF_A_PART && self.candidates.len() < MOST_CANDIDATES;
        let unit = if possible { (self.may)(shape) } else { None };
        let at = unit.map(|unit| {
            self.candidates.push(self.response.candidate(unit, None, vec![shape]));
            self.candidates.len() - 1
        });
        self.known.insert(shape, at);
        at
    }

    /// Whether each published table is measured or follows.
    fn covers(&self, measured: &Measured) -> bool {
        self.needs.iter().all(|need| measured.iter().any(|(at, _)| self.holds(*at, *need)))
    }

    fn holds(&self, at: usize, need: Shape) -> bool {
        self.candidates[at].shapes.iter().any(|shape| shape.holds(need))
    }

    /// A strategy with the best shares that are reached from these.
    fn weigh(&mut self, measured: &Measured, effort: Effort) -> State {
        let of: Vec<&Candidate> = measured.iter().map(|(at, _)| &self.candidates[*at]).collect();
        let mut shares: Vec<f64> = measured.iter().map(|(_, share)| *share).collect();
        self.work += (effort.steps + 1) * (of.len() + 2) * (self.response.width() + 4);
        let error = self.response.descend(&of, &mut shares, effort).0;
        State { measured: measured.iter().zip(shares).map(|((at, _), share)| (*at, share)).collect(), error }
    }

    /// A strategy, if it tells of everything; closely if it promises to be better than `than`. Each is weighed once.
    fn try_out(&mut self, measured: Measured, than: f64) -> Option<State> {
        let measured = self.tidy(measured);
        let keys = keys(&measured);
        let (mut state, mut is_close) = match self.tried.get(&keys) {
            Some(tried) => tried.clone()?,
            None if measured.is_empty() || !self.covers(&measured) => {
                self.tried.insert(keys, None);
                return None;
            }
            None => (self.glance(&measured), false),
        };
        if !is_close && state.error < than * PROMISING {
            (state, is_close) = (self.weigh(&state.measured, CLOSE), true);
        }
        self.tried.insert(keys, Some((state.clone(), is_close)));
        Some(state)
    }

    /// A strategy with the shares of a few steps.
    fn glance(&mut self, measured: &Measured) -> State {
        let state = self.weigh(measured, BRIEF);
        if self.response.is_convex() {
            return state;
        }
        // What was best for other tables may lead nowhere here, and a beginning that prefers nothing to the best.
        let alike: Measured = measured.iter().map(|(at, _)| (*at, 1.0)).collect();
        let other = self.weigh(&alike, BRIEF);
        if other.error < state.error { other } else { state }
    }

    /// In order, each once, with all that is always measured.
    fn tidy(&self, measured: Measured) -> Measured {
        let mut all: BTreeMap<usize, f64> = self.fixed.iter().map(|at| (*at, 0.0)).collect();
        measured.into_iter().for_each(|(at, share)| *all.entry(at).or_default() += share);
        all.into_iter().map(|(at, share)| (at, share.max(0.01))).collect()
    }

    /// Without what has next to no share and follows from the rest.
    fn thinned(&mut self, mut state: State) -> State {
        let mut small: Measured =
            state.measured.iter().copied().filter(|(at, x)| *x < 0.02 && !self.fixed.contains(at)).collect();
        small.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (at, _) in small {
            let without: Measured = state.measured.iter().copied().filter(|(other, _)| *other != at).collect();
            if !without.is_empty() && self.covers(&without) {
                let next = self.weigh(&without, CLOSE);
                if next.error <= state.error * (1.0 + LEAST_GAIN / 10.0) {
                    state = next;
                }
            }
        }
        state
    }

    /// Makes small changes as long as one of them lowers the error.
    fn improve(&mut self, mut state: State) -> State {
        state = self.thinned(state);
        // From where a change was looked for before, it leads where it led.
        while self.work < MOST_WORK && self.left.insert(keys(&state.measured)) {
            let mut best: Option<State> = None;
            for change in self.changes(&state.measured) {
                let Some(next) = self.try_out(change, state.error) else { continue };
                if next.error < best.as_ref().map_or(state.error * (1.0 - LEAST_GAIN), |best| best.error) {
                    best = Some(next);
                }
                if self.work > MOST_WORK {
                    break;
                }
            }
            let Some(best) = best else { break };
            state = self.thinned(best);
        }
        state
    }
}

/// The tables of which no other is a finer, each once, in order.
fn maximal(shapes: Vec<Shape>) -> Vec<Shape> {
    let all: BTreeSet<Shape> = shapes.into_iter().collect();
    all.iter().copied().filter(|shape| !all.iter().any(|other| other != shape && other.holds(*shape))).collect()
}

fn keys(measured: &Measured) -> Vec<usize> {
    measured.iter().map(|(at, _)| *at).collect()
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |i| (i + 1..count).map(move |j| (i, j)))
}
