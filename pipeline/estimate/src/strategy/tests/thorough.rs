//! Searches that take their time: many random beginnings, every table that could be measured, all exchanges of one for another.

use super::*;
use crate::strategy::response::Effort;

const LONG: Effort = Effort { steps: 600, least: 1e-7 };
const SHORT: Effort = Effort { steps: 40, least: 1e-4 };
/// So many steps with Gaussian noise from all that could be measured, which end at the best of all.
const CONVEX: Effort = Effort { steps: 3000, least: 1e-9 };

type Measured = Vec<(usize, f64)>;

/// Everything that could be measured of a family.
pub(super) struct Thorough<'a> {
    response: Response<'a>,
    noise: NoiseBudget,
    shapes: Vec<Shape>,
    tables: Vec<Candidate>,
    published: Vec<Shape>,
}

impl<'a> Thorough<'a> {
    pub(super) fn new(family: &'a Family, noise: NoiseBudget, by_level: &[Unit]) -> Self {
        let published: Vec<Shape> = family.parts.iter().map(|part| Shape { level: part.level, axes: part.axes }).collect();
        let shapes = all(&published);
        let response = Response::new(family, &start(family, Objective::Tables), noise);
        let tables = shapes.iter().map(|shape| response.candidate(by_level[shape.level], None, vec![*shape])).collect();
        Self { response, noise, shapes, tables, published }
    }

    /// The least error that is found.
    pub(super) fn best(&self, rounds: usize, random: &mut ChaCha8Rng) -> f64 {
        let count = self.tables.len();
        let mut best = f64::INFINITY;
        if matches!(self.noise, NoiseBudget::Gaussian(_)) {
            let all: Measured = (0..count).map(|at| (at, 1.0)).collect();
            best = self.thinned(self.weigh(&all, CONVEX)).0;
        }
        for round in 0..rounds {
            let mut measured: Measured = Vec::new();
            for at in 0..count {
                if round % 7 == 6 || random.random_range(0..count) <= round % 6 {
                    measured.push((at, random.random_range(0.01_f64..1.0).powi(3)));
                }
            }
            while !self.covers(&measured) {
                let at = random.random_range(0..count);
                measured.retain(|(other, _)| *other != at);
                measured.push((at, random.random_range(0.01..1.0)));
            }
            best = best.min(self.exchanged(self.thinned(self.weigh(&measured, LONG))));
        }
        best
    }

    fn covers(&self, measured: &Measured) -> bool {
        self.published.iter().all(|table| measured.iter().any(|(at, _)| self.shapes[*at].holds(*table)))
    }

    fn weigh(&self, measured: &Measured, effort: Effort) -> (f64, Measured) {
        let of: Vec<&Candidate> = measured.iter().map(|(at, _)| &self.tables[*at]).collect();
        let mut shares: Vec<f64> = measured.iter().map(|(_, share)| *share).collect();
        let error = self.response.descend(&of, &mut shares, effort).0;
        (error, measured.iter().zip(shares).map(|((at, _), share)| (*at, share)).collect())
    }

    /// Without each small table that does not help.
    fn thinned(&self, mut state: (f64, Measured)) -> (f64, Measured) {
        let mut order = state.1.clone();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (at, _) in order.iter().filter(|(_, share)| *share < 0.05) {
            let rest: Measured = state.1.iter().copied().filter(|(other, _)| other != at).collect();
            if self.covers(&rest) {
                let next = self.weigh(&rest, LONG);
                if next.0 <= state.0 {
                    state = next;
                }
            }
        }
        state
    }

    /// The error after one table is put in the place of another, or in no place, or none in its place, as long as that helps.
    fn exchanged(&self, mut state: (f64, Measured)) -> f64 {
        while let Some(next) = self.exchange(&state) {
            state = self.thinned(self.weigh(&next, LONG));
        }
        state.0
    }

    fn exchange(&self, (error, measured): &(f64, Measured)) -> Option<Measured> {
        let outs = std::iter::once(None).chain(measured.iter().copied().map(Some));
        for out in outs {
            for new in std::iter::once(None).chain((0..self.tables.len()).map(Some)) {
                let mut next: Measured = measured.iter().copied().filter(|of| Some(*of) != out).collect();
                if new.is_some_and(|new| measured.iter().any(|(at, _)| *at == new)) {
                    continue;
                }
                next.extend(new.map(|new| (new, out.map_or(0.4, |out| out.1.max(0.4)))));
                if self.covers(&next) {
                    let (tried, next) = self.weigh(&next, SHORT);
                    if tried < error * 0.9995 {
                        return Some(next);
                    }
                }
            }
        }
        None
    }
}

/// Every sum of the union of what is published at the levels of what is, where these are few; else every union of published
/// tables, and each at deeper levels.
fn all(published: &[Shape]) -> Vec<Shape> {
    let union = published.iter().copied().reduce(Shape::with).unwrap();
    let levels: BTreeSet<usize> = published.iter().map(|table| table.level).collect();
    if levels.len() << union.axes.count_ones() <= 32 {
        let of = |level| (0..=union.axes).filter(|axes| axes & !union.axes == 0).map(move |axes| Shape { level, axes });
        return levels.into_iter().flat_map(of).collect();
    }
    let levels: Vec<Shape> = published.iter().map(|table| Shape { level: table.level, axes: 0 }).collect();
    let mut found: BTreeSet<Shape> = published.iter().copied().collect();
    loop {
        let new = found.iter().flat_map(|one| published.iter().chain(&levels).map(|other| one.with(*other)));
        let more: BTreeSet<Shape> = new.chain(found.iter().copied()).collect();
        if more.len() == found.len() {
            return found.into_iter().collect();
        }
        found = more;
    }
}

/// The least error of tables of one key when each is in one of some groups, or in a crossing of all keys of a group: from
/// random groups, keys go to other groups as long as that helps.
pub(super) fn best_groups(family: &Family, noise: NoiseBudget, rounds: usize, random: &mut ChaCha8Rng) -> f64 {
    let response = Response::new(family, &start(family, Objective::Tables), noise);
    let count = family.axes.len();
    let weigh = |group_of: &[usize], effort: Effort| {
        let mut groups: Vec<Axes> =
            (0..count).map(|group| (0..count).filter(|at| group_of[*at] == group).map(|at| 1 << at).sum()).collect();
        groups.retain(|axes| *axes != 0);
        if groups.iter().any(|axes| axes.count_ones() > 8) {
            return f64::INFINITY;
        }
        let tables: Vec<Candidate> =
            groups.iter().map(|axes| response.candidate(ONE, None, vec![Shape { level: 0, axes: *axes }])).collect();
        response.descend(&tables.iter().collect::<Vec<_>>(), &mut vec![1.0; groups.len()], effort).0
    };
    let mut best = f64::INFINITY;
    for round in 0..rounds {
        let groups = 2 + round % (count - 1);
        let mut group_of: Vec<usize> = (0..count).map(|_| random.random_range(0..groups)).collect();
        let mut error = weigh(&group_of, LONG);
        loop {
            let before = error;
            for (at, group) in (0..count).flat_map(|at| (0..count).map(move |group| (at, group))) {
                let mut next = group_of.clone();
                next[at] = group;
                if weigh(&next, SHORT) < error * 0.9999 {
                    (error, group_of) = (weigh(&next, LONG), next);
                }
            }
            for (i, j) in (0..count).flat_map(|i| (0..i).map(move |j| (i, j))) {
                let mut next = group_of.clone();
                next.swap(i, j);
                if weigh(&next, SHORT) < error * 0.9999 {
                    (error, group_of) = (weigh(&next, LONG), next);
                }
            }
            if error >= before {
                break;
            }
        }
        best = best.min(error);
    }
    best
}
