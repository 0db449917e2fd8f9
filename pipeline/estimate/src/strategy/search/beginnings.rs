//! Where the search begins.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{CLOSE, LEAST_GAIN, MOST_UNIONS, Measured, Search, State, maximal, pairs};
use crate::strategy::response::{Candidate, Shape};

/// So often is something added to what is measured.
const MOST_ADDED: usize = 12;

impl Search<'_> {
    /// Strategies to begin with: what is published, and what is known to be good for some families.
    pub(super) fn beginnings(&mut self, plain: &State) -> Vec<State> {
        self.think();
        let mut begins = vec![plain.clone()];
        begins.extend(self.crossed());
        begins.extend(self.merged());
        begins.extend(self.even());
        begins.extend(self.beside());
        let best = begins.iter().min_by(|a, b| a.error.total_cmp(&b.error)).cloned();
        begins.extend(best.map(|best| self.pulled(best)));
        begins
    }

    /// Everything in one table.
    fn crossed(&mut self) -> Option<State> {
        let all = self.needs.iter().copied().reduce(Shape::with)?;
        let table = self.table(all)?;
        self.try_out(vec![(table, 1.0)], f64::INFINITY)
    }

    /// The strategies that follow from the finest published tables by merging two as long as it is possible, each time the two
    /// with which the error is least.
    fn merged(&mut self) -> Vec<State> {
        let mut shapes = self.needs.clone();
        let mut found: Vec<State> = self.measure(&shapes).into_iter().collect();
        while shapes.len() > 1 {
            let mut best: Option<(State, Vec<Shape>)> = None;
            for (i, j) in pairs(shapes.len()) {
                let mut next = shapes.clone();
                next[i] = next[i].with(next[j]);
                next.remove(j);
                let next = maximal(next);
                let Some(state) = self.measure(&next) else { continue };
                if best.as_ref().is_none_or(|(best, _)| state.error < best.error) {
                    best = Some((state, next));
                }
            }
            let Some((state, next)) = best else { break };
            found.push(state);
            shapes = next;
        }
        found
    }

    /// These tables, all alike at first.
    fn measure(&mut self, shapes: &[Shape]) -> Option<State> {
        let tables: Option<Measured> = shapes.iter().map(|shape| Some((self.table(*shape)?, 1.0))).collect();
        self.try_out(tables?, 0.0)
    }

    /// The finest published tables dealt into groups, the largest first.
    fn even(&mut self) -> Vec<State> {
        let mut needs = self.needs.clone();
        needs.sort_by_key(|need| Reverse((self.response.size(*need), *need)));
        let deal = |groups: usize| {
            let mut dealt: Vec<Option<Shape>> = vec![None; groups];
            for (at, need) in needs.iter().enumerate() {
                // Back and forth, so that no group has all the largest.
                let (round, at) = (at / groups, at % groups);
                let group = if round % 2 == 0 { at } else { groups - 1 - at };
                dealt[group] = Some(dealt[group].map_or(*need, |all| all.with(*need)));
            }
            maximal(dealt.into_iter().flatten().collect())
        };
        let deals: Vec<Vec<Shape>> = (2..needs.len()).map(deal).collect();
        deals.iter().filter_map(|dealt| self.measure(dealt)).collect()
    }

    /// One crossing beside the published tables that do not follow from it, for each that is thought of.
    fn beside(&mut self) -> Vec<State> {
        let is_crossing = |at: &usize| self.candidates[*at].published.is_none();
        let crossings: Vec<usize> = (0..self.candidates.len()).filter(is_crossing).take(MOST_UNIONS).collect();
        let follows = |of: &Candidate, from: usize| of.shapes.iter().all(|shape| self.holds(from, *shape));
        let beside = |crossing: usize| -> Measured {
            let published = self.candidates.iter().enumerate().filter(|(_, of)| of.published.is_some() && !follows(of, crossing));
            published.map(|(at, _)| at).chain([crossing]).map(|at| (at, 1.0)).collect()
        };
        let all: Vec<Measured> = crossings.into_iter().map(beside).collect();
        all.into_iter().filter_map(|measured| self.try_out(measured, 0.0)).collect()
    }

    /// A strategy to which is added what would lower the error fastest, until nothing would. With Gaussian noise it ends near
    /// the best of all; with Laplace noise it is one more beginning.
    fn pulled(&mut self, mut state: State) -> State {
        for _ in 0..MOST_ADDED {
            let mut pulls = self.pulls(&state.measured);
            pulls.retain(|(_, pull)| *pull > 1.0 + LEAST_GAIN);
            pulls.truncate(3);
            if pulls.is_empty() {
                break;
            }
            let added = pulls.into_iter().map(|(at, _)| (at, 0.1)).chain(state.measured.iter().copied());
            let next = self.weigh(&self.tidy(added.collect()), CLOSE);
            let next = self.thinned(next);
            if next.error >= state.error * (1.0 - LEAST_GAIN / 4.0) {
                break;
            }
            state = next;
        }
        state
    }

    /// Thinks of all unions of published tables, and of all at deeper levels, the coarsest first; as many as may be
    /// thought of.
    fn think(&mut self) {
        let published = self.candidates.iter().filter(|of| of.published.is_some() && !of.unit.pure);
        let published: Vec<Shape> = published.flat_map(|of| of.shapes.iter().copied()).collect();
        let mut all: BTreeSet<Shape> = published.iter().copied().collect();
        let mut last: Vec<Shape> = all.iter().copied().collect();
        while !last.is_empty() && all.len() < MOST_UNIONS {
            let unions = last.iter().flat_map(|one| published.iter().chain(&self.levels).map(|other| one.with(*other)));
            let new: BTreeSet<Shape> = unions.filter(|union| !all.contains(union)).collect();
            last = new.into_iter().filter(|shape| self.table(*shape).is_some()).collect();
            all.extend(&last);
        }
    }
}
