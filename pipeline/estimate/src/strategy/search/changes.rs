//! The small changes of a strategy.

use super::{CLOSE, LEAST_GAIN, MOST_EXCHANGED, MOST_UNIONS, Measured, Search, keys, pairs};
use crate::strategy::response::{Candidate, Shape};

impl Search<'_> {
    /// All small changes of what is measured.
    pub(super) fn changes(&mut self, measured: &Measured) -> Vec<Measured> {
        let mut all: Vec<Measured> = measured.iter().map(|(at, _)| without(measured, &[*at])).collect();
        let additions: Vec<usize> = self.additions(measured);
        all.extend(additions.iter().map(|at| with(measured.clone(), &[(*at, 0.4)])));
        for at in additions.into_iter().take(MOST_EXCHANGED) {
            all.extend(measured.iter().map(|(out, share)| with(without(measured, &[*out]), &[(at, share.max(0.2))])));
        }
        all.extend(self.deepened(measured));
        all.extend(self.joined(measured));
        let owned = self.owned(measured);
        all.extend(self.moved(measured, &owned));
        all.extend(self.swapped(measured, &owned));
        all
    }

    /// What may be measured too: that which pulls most.
    fn additions(&self, measured: &Measured) -> Vec<usize> {
        let worth = |pull: &(usize, f64)| !self.response.is_convex() || pull.1 > 1.0 + LEAST_GAIN;
        self.pulls(measured).into_iter().filter(worth).map(|(at, _)| at).take(MOST_UNIONS).collect()
    }

    /// What is not measured, with its pull in parts of what the budget as a whole pulls, the largest first.
    pub(super) fn pulls(&self, measured: &Measured) -> Vec<(usize, f64)> {
        let of: Vec<&Candidate> = measured.iter().map(|(at, _)| &self.candidates[*at]).collect();
        let mut shares: Vec<f64> = measured.iter().map(|(_, share)| *share).collect();
        let (error, slopes) = self.response.descend(&of, &mut shares, CLOSE);
        let has = keys(measured);
        let pull = |at: usize| (at, self.response.pull(&self.candidates[at], &slopes) / error);
        let mut pulls: Vec<(usize, f64)> = (0..self.candidates.len()).filter(|at| !has.contains(at)).map(pull).collect();
        pulls.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        pulls
    }

    /// One table at a deeper level.
    fn deepened(&mut self, measured: &Measured) -> Vec<Measured> {
        let mut all = Vec::new();
        for (at, share) in measured {
            for level in self.levels.clone() {
                let deeper = self.union(&[*at]).map(|whole| whole.with(level));
                if let Some(table) = deeper.and_then(|deeper| self.table(deeper)) {
                    all.push(with(without(measured, &[*at]), &[(table, *share)]));
                }
            }
        }
        all
    }

    /// Two tables in one: in the place of these two, or of all that follow from it.
    fn joined(&mut self, measured: &Measured) -> Vec<Measured> {
        let mut all = Vec::new();
        for (i, j) in pairs(measured.len()) {
            let ((one, x), (other, y)) = (measured[i], measured[j]);
            let Some(table) = self.union(&[one, other]).and_then(|union| self.table(union)) else { continue };
            let follows = |at: &usize| self.candidates[*at].shapes.iter().all(|shape| self.holds(table, *shape));
            let following: Vec<usize> = keys(measured).into_iter().filter(follows).collect();
            all.push(with(without(measured, &[one, other]), &[(table, x + y)]));
            all.push(with(without(measured, &following), &[(table, x + y)]));
        }
        all
    }

    /// Per measured table, the published ones that follow from it alone.
    fn owned(&self, measured: &Measured) -> Vec<Vec<Shape>> {
        let holders = |need: &Shape| measured.iter().filter(|(at, _)| self.holds(*at, *need)).count();
        let alone: Vec<Shape> = self.needs.iter().copied().filter(|need| holders(need) == 1).collect();
        measured.iter().map(|(at, _)| alone.iter().copied().filter(|need| self.holds(*at, *need)).collect()).collect()
    }

    /// What follows from one table alone becomes a table of its own, or follows from another.
    fn moved(&mut self, measured: &Measured, owned: &[Vec<Shape>]) -> Vec<Measured> {
        let mut all = Vec::new();
        for ((one, x), owned) in measured.iter().zip(owned) {
            for need in owned {
                let Some(left) = rest(owned, *need).and_then(|left| self.table(left)) else { continue };
                let others = with(without(measured, &[*one]), &[(left, x / 2.0)]);
                all.extend(self.table(*need).map(|table| with(others.clone(), &[(table, x / 2.0)])));
                for (other, y) in measured.iter().filter(|(at, _)| at != one) {
                    let union = self.union(&[*other]).map(|union| union.with(*need));
                    let Some(table) = union.and_then(|union| self.table(union)) else { continue };
                    all.push(with(without(&others, &[*other]), &[(table, x / 2.0 + y)]));
                }
            }
        }
        all
    }

    /// What follows from one table alone and what follows from another change places.
    fn swapped(&mut self, measured: &Measured, owned: &[Vec<Shape>]) -> Vec<Measured> {
        let mut all = Vec::new();
        for (i, j) in pairs(measured.len()) {
            for (p, q) in owned[i].iter().flat_map(|p| owned[j].iter().map(move |q| (*p, *q))) {
                let one = rest(&owned[i], p).map_or(q, |rest| rest.with(q));
                let other = rest(&owned[j], q).map_or(p, |rest| rest.with(p));
                if let (Some(one), Some(other)) = (self.table(one), self.table(other)) {
                    let ((at, x), (away, y)) = (measured[i], measured[j]);
                    all.push(with(without(measured, &[at, away]), &[(one, x), (other, y)]));
                }
            }
        }
        all
    }

    /// The table of which all that these are of are sums; none if one of them is always measured and not crossed.
    fn union(&self, of: &[usize]) -> Option<Shape> {
        if of.iter().any(|at| self.fixed.contains(at)) {
            return None;
        }
        of.iter().flat_map(|at| self.candidates[*at].shapes.iter().copied()).reduce(Shape::with)
    }
}

/// The union of all but one.
fn rest(of: &[Shape], out: Shape) -> Option<Shape> {
    of.iter().copied().filter(|need| *need != out).reduce(Shape::with)
}

fn without(measured: &Measured, out: &[usize]) -> Measured {
    measured.iter().copied().filter(|(at, _)| !out.contains(at)).collect()
}

fn with(mut measured: Measured, new: &[(usize, f64)]) -> Measured {
    measured.extend(new);
    measured
}
