//! A release as it is planned, or as if some of its keys had fewer codes: computed from sizes, without checking a query again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use utfall_estimate::distribution::{Distribution, Single, whole_margin};
use utfall_estimate::family::{Family, Part};
use utfall_estimate::reconcile::Reconciler;
use utfall_estimate::tree::Tree;
use utfall_estimate::workload::{NoiseBudget, Planned, Workload};

use super::single;
use crate::release::planning::float;
use crate::release::{CheckedRelease, CheckedTable};
use utfall_publish::description::nesting::PartDescription;

/// A checked release with what is planned of it.
#[derive(Debug, Clone)]
pub(crate) struct Prospect<'c> {
    /// The release.
    pub(crate) checked: &'c CheckedRelease,
    /// What is measured and follows.
    pub(super) workload: Cow<'c, Workload>,
    /// With which noise.
    pub(super) planned: Cow<'c, Planned>,
}

/// How far the numbers behind a share or a mean can be off, as multiples of what one row adds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    /// The one number less half of both: what a share of one half is worth.
    pub(crate) half: f64,
    /// Both together.
    pub(crate) whole: f64,
}

impl<'c> Prospect<'c> {
    /// As it is planned.
    pub(crate) fn of(checked: &'c CheckedRelease) -> Self {
        let planning = &checked.planning;
        Self { checked, workload: Cow::Borrowed(&planning.workload), planned: Cow::Borrowed(&planning.planned) }
    }

    /// The epsilon that its tables share.
    pub(crate) fn epsilon(&self) -> f64 {
        float(self.checked.release.budget.epsilon())
    }

    /// As if a key of a table had `to` codes, there and in every table that is planned together with it; nothing where it has no more.
    pub(crate) fn merged(&self, table: &CheckedTable, key: usize, to: usize) -> Option<Self> {
        let mut workload = Workload::clone(&self.workload);
        let mut done = BTreeSet::new();
        for vector in table.vectors() {
            self.narrow(&mut workload, &vector, key, to, &mut done);
        }
        if done.is_empty() {
            return None;
        }
        let planned = workload.plan(self.checked.planning.noise, self.checked.release.objective);
        Some(Self { checked: self.checked, workload: Cow::Owned(workload), planned: Cow::Owned(planned) })
    }

    /// Gives a key of a vector fewer codes, once in every family.
    fn narrow(&self, workload: &mut Workload, vector: &str, key: usize, to: usize, done: &mut BTreeSet<usize>) -> Option<()> {
        let (_, at) = self.found(vector)?;
        let codes = self.codes(vector, key).filter(|codes| *codes > to)?;
        let family = workload.families.get_mut(at).filter(|_| !done.contains(&at))?;
        match self.described(vector) {
            Some(part) => match part.axes.iter().find(|(column, _)| *column == key) {
                Some((_, axis)) => *family.axes.get_mut(*axis)? = to,
                None => family.tree = narrowed(&family.tree, part.level, to)?,
            },
            // What stands apart has one axis of all its cells.
            None => {
                let cells = family.axes.first_mut()?;
                *cells = (*cells * to).div_ceil(codes).max(1);
            }
        }
        done.insert(at);
        Some(())
    }

    /// How many codes a key of the table of a vector has now.
    pub(crate) fn codes(&self, vector: &str, key: usize) -> Option<usize> {
        let (_, at) = self.found(vector)?;
        let family = self.workload.families.get(at)?;
        if let Some(part) = self.described(vector) {
            return match part.axes.iter().find(|(column, _)| *column == key) {
                Some((_, axis)) => family.axes.get(*axis).copied(),
                None => part.keys.contains(&key).then(|| family.tree.nodes(part.level)),
            };
        }
        let table = self.checked.own().find(|table| table.vectors().iter().any(|name| name == vector))?;
        let codes = table.answer.certified.grid().keys.get(key)?.codes.len() as f64;
        Some((codes * self.left(vector)).round() as usize)
    }

    /// Which part of the cells of a vector is left, where keys have fewer codes.
    pub(crate) fn left(&self, vector: &str) -> f64 {
        let cells = |workload: &Workload| -> f64 {
            let Some(unit) = self.unit(vector) else { return 1.0 };
            let parts = workload.families.iter().flat_map(|family| family.parts.iter().map(move |part| (family, part)));
            parts.filter(|(_, part)| part.unit == unit).map(|(family, part)| family.cells(part)).sum()
        };
        let before = cells(&self.checked.planning.workload);
        if before > 0.0 { cells(&self.workload) / before } else { 1.0 }
    }

    /// The largest margin of a cell of a vector.
    pub(crate) fn margin(&self, vector: &str, tail: f64) -> Option<f64> {
        let (unit, at) = self.found(vector)?;
        let family = self.workload.families.get(at)?;
        let reconciler = self.reconciler(family);
        let parts = family.parts.iter().filter(|part| part.unit == unit);
        let paths = parts.flat_map(|part| family.places(part).map(|path| (part.axes, path)));
        let margin = |(axes, path)| whole_margin(&reconciler.terms(&[(axes, 1.0)], path), |unit| self.single(unit), tail);
        paths.map(margin).reduce(f64::max)
    }

    /// The margins of the two numbers of a cell of a vector together, or of what its last key tells apart.
    pub(crate) fn pair(&self, vector: &str, axis: Option<usize>, tail: f64) -> Option<Pair> {
        let (unit, at) = self.found(vector)?;
        let family = self.workload.families.get(at)?;
        let Some(axis) = axis.or_else(|| self.described(vector)?.split) else {
            // Two numbers with noise of their own.
            let margin = self.margin(vector, tail)?;
            return Some(Pair { half: margin / 2_f64.sqrt(), whole: margin * 2_f64.sqrt() });
        };
        let reconciler = self.reconciler(family);
        let parts = family.parts.iter().filter(|part| part.unit == unit && part.axes & (1 << axis) != 0);
        let paths = parts.flat_map(|part: &Part| family.places(part).map(|path| (part.axes, path)));
        let both = |(axes, path)| {
            let target = [(axes, 1.0), (axes & !(1 << axis), -0.5)];
            let half = Distribution::new(&reconciler.terms(&target, path), |unit| self.single(unit)).margin(tail);
            let terms = reconciler.terms(&[(axes & !(1 << axis), 1.0)], path);
            Pair { half, whole: whole_margin(&terms, |unit| self.single(unit), tail) }
        };
        paths.map(both).reduce(|a, b| Pair { half: a.half.max(b.half), whole: a.whole.max(b.whole) })
    }

    /// By how much a value that is chosen among so many falls short of the best at most, in units of the score.
    pub(crate) fn shortfall(&self, vector: &str, candidates: u64, tail: f64) -> Option<f64> {
        let precision = self.planned.precisions.get(self.unit(vector)?).filter(|precision| **precision > 0.0)?;
        // A selection has twice the scale of Laplace noise of the same epsilon, and costs a quarter of its rho.
        let times = if matches!(self.checked.planning.noise, NoiseBudget::Laplace(_)) { 2.0 } else { 1.0 };
        Some(times / (2.0 * precision).sqrt() * (candidates as f64 / tail).ln())
    }

    fn reconciler(&self, family: &Family) -> Reconciler {
        Reconciler::new(family.clone(), self.planned.precisions.clone())
    }

    fn single(&self, unit: usize) -> Single {
        single(&self.workload, &self.planned, self.checked.planning.noise, unit)
    }

    fn unit(&self, vector: &str) -> Option<usize> {
        self.checked.planning.units.iter().position(|name| name == vector)
    }

    /// The unit of a vector and the place of its family.
    fn found(&self, vector: &str) -> Option<(usize, usize)> {
        let unit = self.unit(vector)?;
        Some((unit, self.workload.families.iter().position(|family| family.parts.iter().any(|part| part.unit == unit))?))
    }

    /// What is known of a vector that is in a family: of several grouping sets, that with most keys.
    fn described(&self, vector: &str) -> Option<&'c PartDescription> {
        let parts = self.checked.planning.described.iter().flatten().flat_map(|family| &family.parts);
        parts.filter(|part| part.vector == vector).max_by_key(|part| part.axes.len() + part.keys.len())
    }
}

/// The same places with `to` of them at a level, evenly within those above, of which there are no more.
fn narrowed(tree: &Tree, level: usize, to: usize) -> Option<Tree> {
    let mut above = 1;
    let mut levels = Vec::new();
    for depth in 1..tree.depth() {
        let nodes = if depth <= level { tree.nodes(depth).min(to) } else { tree.nodes(depth).max(above) };
        levels.push((0..nodes).map(|node| node % above).collect::<Vec<_>>());
        above = nodes;
    }
    Tree::new(&levels)
}
