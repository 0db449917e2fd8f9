//! The best estimate of every table of a family from all of them: exact generalised least squares, and what is known of its
//! error.
//!
//! Along every axis a table is split into its mean and its contrasts by an orthonormal transform; what remains is one problem
//! on the tree for each combination of contrasts ([`crate::family`]), solved in two passes. Together that is linear in the
//! number of cells. The estimates are the linear unbiased ones of least variance given all measurements, and tables that
//! should add up do.
//!
//! *Source*: Hay et al. 2010 for the tree; Xiao et al., NeurIPS 2023, for the residual spaces; both for equal precision within
//! a table, as here.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::distribution::Term;
use crate::family::{Axes, Family, Part};
use crate::tree::{Covariance, Solved};

/// A family with its precisions: all that is needed to estimate, known before anything is measured.
#[derive(Debug, Clone)]
pub struct Reconciler {
    /// The geometry.
    pub family: Family,
    precisions: Vec<f64>,
    solved: BTreeMap<Axes, Solved>,
    /// Where base cells go, once that has been asked.
    sums: OnceLock<Sums>,
}

/// Which cells of the parts each base cell is in.
#[derive(Debug, Clone)]
struct Sums {
    /// The base cells of one place.
    flat: usize,
    /// The leaves, those of one place together, at every level; each with the first cell of its place in every part.
    leaves: Vec<(usize, Vec<usize>)>,
    /// Per base cell of a place, how far behind that first cell it goes in every part.
    goes: Vec<Vec<usize>>,
}

impl Reconciler {
    /// `precisions`: one over the variance of each unit.
    pub fn new(family: Family, precisions: Vec<f64>) -> Self {
        let solved = family.solve(&precisions);
        Self { family, precisions, solved, sums: OnceLock::new() }
    }

    /// The variance of a cell of a part at a place of this path.
    #[cfg(test)]
    pub fn variance(&self, axes: Axes, path: usize) -> f64 {
        self.family.variance(&self.solved, axes, path)
    }

    /// The estimates of every part from the measurements of every part, in place. A part's cells are in the order of its
    /// places, then of the codes of its axes, the last axis fastest.
    ///
    /// Also gives estimates of the base table, of which the parts are sums; what no part tells of it is spread evenly. `None`
    /// if that would have more than `most` cells.
    pub fn estimate(&self, parts: &mut [Vec<f64>], most: usize) -> Option<Vec<f64>> {
        let family = &self.family;
        let shapes: Vec<Vec<usize>> = family.parts.iter().map(|part| shape(family, part.axes)).collect();
        for (part, shape) in parts.iter_mut().zip(&shapes) {
            transform(part, shape);
        }
        let full = shape(family, Axes::MAX);
        let (flat, leaves) = (width(&full), family.tree.nodes(family.tree.depth() - 1));
        let mut base = (flat.saturating_mul(leaves) <= most).then(|| vec![0.0; flat * leaves]);
        for set in family.sets() {
            let Some(solved) = self.solved.get(&set) else { continue };
            let precision = family.precisions(set, &self.precisions);
            for index in contrasts(family, set) {
                let at = |part: &Part, shape: &[usize]| place(&index, part.axes, shape);
                let mut levels = self.gather((set, &precision), (parts, &shapes), &at);
                family.tree.estimate(solved, &mut levels);
                for ((part, values), shape) in family.parts.iter().zip(parts.iter_mut()).zip(&shapes) {
                    if set & !part.axes == 0 {
                        let (width, at, scale) = (width(shape), at(part, shape), family.fold(part.axes).sqrt());
                        for (node, value) in levels[part.level].iter().enumerate() {
                            values[node * width + at] = scale * value;
                        }
                    }
                }
                if let Some(base) = &mut base {
                    let contrast = place(&index, Axes::MAX, &full);
                    for (leaf, value) in self.leaves(solved.deepest, &levels).enumerate() {
                        base[leaf * flat + contrast] = value;
                    }
                }
            }
        }
        for (part, shape) in parts.iter_mut().zip(&shapes) {
            transform(part, shape);
        }
        if let Some(base) = &mut base {
            transform(base, &full);
        }
        base
    }

    /// Every part in whole multiples of 1 / `scale`, so that parts that add up still do: sums of a base table of whole
    /// multiples. Without a base, each number is rounded for itself.
    ///
    /// Each base cell is rounded up or down, whichever leaves the sums that it is in closer to what they are, counted so far
    /// (error diffusion): sums end near what they are, mostly within one multiple, however many cells they have.
    pub fn rounded(&self, parts: &[Vec<f64>], base: Option<&[f64]>, scale: f64) -> Vec<Vec<i64>> {
        let whole = |value: f64| (value * scale).round() as i64;
        let Some(base) = base else { return parts.iter().map(|part| part.iter().map(|value| whole(*value)).collect()).collect() };
        let Sums { flat, leaves, goes } = self.sums.get_or_init(|| self.sums());
        let mut sums: Vec<Vec<i64>> = parts.iter().map(|part| vec![0; part.len()]).collect();
        // By how much each sum is above what it is so far.
        let mut above: Vec<Vec<f64>> = sums.iter().map(|sums| vec![0.0; sums.len()]).collect();
        for (leaf, begins) in leaves {
            for (cell, goes) in goes.iter().enumerate() {
                let exact = base[leaf * flat + cell] * scale;
                let (down, rest) = (exact.floor(), exact - exact.floor());
                let at = |part: usize| begins[part] + goes[part];
                let mean = (0..sums.len()).map(|part| above[part][at(part)]).sum::<f64>() / sums.len() as f64;
                let whole = if mean + 0.5 < rest { down + 1.0 } else { down };
                for part in 0..sums.len() {
                    sums[part][at(part)] += whole as i64;
                    above[part][at(part)] += whole - exact;
                }
            }
        }
        sums
    }

    fn sums(&self) -> Sums {
        let family = &self.family;
        let full = shape(family, Axes::MAX);
        let (flat, last) = (width(&full), family.tree.depth() - 1);
        let shapes: Vec<Vec<usize>> = family.parts.iter().map(|part| shape(family, part.axes)).collect();
        let parts = || family.parts.iter().zip(&shapes);
        let goes = |index: &[usize]| parts().map(|(part, shape)| place(index, part.axes, shape)).collect();
        let begins = |leaf: usize| {
            let node = |level: usize| (level + 1..=last).rev().fold(leaf, |node, level| family.tree.parent(level, node));
            parts().map(|(part, shape)| node(part.level) * width(shape)).collect()
        };
        Sums {
            flat,
            leaves: self.in_order().into_iter().map(|leaf| (leaf, begins(leaf))).collect(),
            goes: (0..flat).map(|at| goes(&split(at, &full))).collect(),
        }
    }

    /// The leaves, those of one place together, at every level.
    fn in_order(&self) -> Vec<usize> {
        let tree = &self.family.tree;
        let last = tree.depth() - 1;
        let mut leaves: Vec<usize> = (0..tree.nodes(last)).collect();
        leaves.sort_by_cached_key(|leaf| {
            let mut line = vec![*leaf];
            for level in (1..=last).rev() {
                line.push(tree.parent(level, *line.last().unwrap_or(&0)));
            }
            line.reverse();
            line
        });
        leaves
    }

    /// What was measured of one contrast at every level, the parts of a level together.
    fn gather(
        &self,
        (set, precision): (Axes, &[f64]),
        (parts, shapes): (&[Vec<f64>], &[Vec<usize>]),
        at: &dyn Fn(&Part, &[usize]) -> usize,
    ) -> Vec<Vec<f64>> {
        let family = &self.family;
        let mut levels: Vec<Vec<f64>> = (0..family.tree.depth()).map(|level| vec![0.0; family.tree.nodes(level)]).collect();
        for ((part, values), shape) in family.parts.iter().zip(parts).zip(shapes).filter(|((part, _), _)| set & !part.axes == 0) {
            let (width, at) = (width(shape), at(part, shape));
            if self.precisions[part.unit] <= 0.0 {
                continue;
            }
            let weight = self.precisions[part.unit] * family.fold(part.axes).sqrt() / precision[part.level];
            for (node, sum) in levels[part.level].iter_mut().enumerate() {
                *sum += weight * values[node * width + at];
            }
        }
        levels
    }

    /// What the deepest estimate says of each leaf: its own, or its even part.
    fn leaves<'a>(&'a self, deepest: usize, levels: &'a [Vec<f64>]) -> impl Iterator<Item = f64> + 'a {
        let tree = &self.family.tree;
        let last = tree.depth() - 1;
        let mut holds = vec![0.0; tree.nodes(deepest)];
        let above = move |leaf: usize| (deepest + 1..=last).rev().fold(leaf, |node, level| tree.parent(level, node));
        (0..tree.nodes(last)).for_each(|leaf| holds[above(leaf)] += 1.0);
        (0..tree.nodes(last)).map(move |leaf| levels[deepest][above(leaf)] / holds[above(leaf)])
    }

    /// How the noise of every measured cell enters a combination of estimates at one place of a path: the unit, the factor,
    /// and how many cells have it.
    ///
    /// `target` is a sum of cells of tables with these axes, each times its factor; all of them have the same codes on the
    /// axes that they share.
    ///
    /// The factor of a measured cell is its precision times the covariance of the two estimates; cells that no permutation
    /// tells apart have the same.
    pub fn terms(&self, target: &[(Axes, f64)], path: usize) -> Vec<Term> {
        let family = &self.family;
        let all = target.iter().fold(0, |all, (axes, _)| all | axes);
        let covariances: Vec<(Axes, Vec<Covariance>)> =
            self.solved.iter().map(|(set, solved)| (*set, family.tree.covariances(solved, path))).collect();
        let relations = covariances.first().map_or(0, |(_, all)| all.len());
        let mut terms = Vec::new();
        for relation in 0..relations {
            for part in &family.parts {
                let shared = part.axes & all;
                for same in subsets(shared) {
                    let mut factor = 0.0;
                    let mut nodes = 0;
                    for (set, covariances) in &covariances {
                        let (set, Covariance { level, value, nodes: alike }) = (*set, covariances[relation]);
                        if level == part.level && set & !part.axes == 0 {
                            nodes = alike;
                            factor += value * self.meeting(part.axes, target, set, same);
                        }
                    }
                    let cells = nodes as f64 * self.cells(part.axes, shared, same);
                    let factor = factor * self.precisions[part.unit];
                    if cells > 0.0 && factor != 0.0 {
                        terms.push(Term { unit: part.unit, factor: factor.abs(), count: cells });
                    }
                }
            }
        }
        terms
    }

    /// The part of a set's contrasts in a measured cell times that in the target, the two having the same codes on the axes
    /// `same` and different ones on the others that they share.
    fn meeting(&self, axes: Axes, target: &[(Axes, f64)], set: Axes, same: Axes) -> f64 {
        let family = &self.family;
        let one = |&(of, factor): &(Axes, f64)| {
            if set & !of != 0 {
                return 0.0;
            }
            let mut product = factor * (family.fold(axes) * family.fold(of)).sqrt();
            for (axis, &size) in family.axes.iter().enumerate() {
                let (bit, size) = (1 << axis, size as f64);
                if set & bit != 0 {
                    product *= if same & bit != 0 { 1.0 } else { 0.0 } - size.recip();
                } else {
                    let in_both = [axes, of].iter().filter(|axes| **axes & bit != 0).count();
                    product *= size.sqrt().recip().powi(in_both as i32);
                }
            }
            product
        };
        target.iter().map(one).sum()
    }

    /// How many cells of one place have the target's codes on the axes `same` and others on the rest of `shared`.
    fn cells(&self, axes: Axes, shared: Axes, same: Axes) -> f64 {
        let sizes = self.family.axes.iter().enumerate().filter(|(axis, _)| axes & (1 << axis) != 0);
        sizes
            .map(|(axis, &size)| match (shared & (1 << axis) != 0, same & (1 << axis) != 0) {
                (true, true) => 1.0,
                (true, false) => size as f64 - 1.0,
                (false, _) => size as f64,
            })
            .product()
    }
}

/// All subsets of a set.
fn subsets(set: Axes) -> impl Iterator<Item = Axes> {
    (0..=set).filter(move |part| part & !set == 0)
}

/// The sizes of a table's axes; 1 for those that it does not have.
fn shape(family: &Family, axes: Axes) -> Vec<usize> {
    family.axes.iter().enumerate().map(|(axis, &size)| if axes & (1 << axis) != 0 { size } else { 1 }).collect()
}

/// The number of cells of one place; the greatest there is if it is beyond counting.
fn width(shape: &[usize]) -> usize {
    shape.iter().fold(1, |all: usize, size| all.saturating_mul(*size))
}

/// The indexes of the contrasts along exactly these axes.
fn contrasts(family: &Family, set: Axes) -> impl Iterator<Item = Vec<usize>> {
    let sizes: Vec<usize> =
        family.axes.iter().enumerate().map(|(axis, &size)| if set & (1 << axis) != 0 { size - 1 } else { 1 }).collect();
    (0..width(&sizes)).map(move |at| {
        let index = split(at, &sizes);
        index.iter().enumerate().map(|(axis, i)| if set & (1 << axis) != 0 { i + 1 } else { 0 }).collect()
    })
}

/// The index along each axis of a position in an array of this shape.
fn split(mut position: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (at, size) in index.iter_mut().zip(shape).rev() {
        (*at, position) = (position % size, position / size);
    }
    index
}

/// The position of an index in a table that has some of the axes.
fn place(index: &[usize], axes: Axes, shape: &[usize]) -> usize {
    let having = |axis: usize| axes & (1 << axis) != 0;
    index.iter().zip(shape).enumerate().fold(0, |at, (axis, (i, size))| at * size + if having(axis) { *i } else { 0 })
}

/// An orthonormal transform along every axis, whose first coordinate is the mean times the root of the size.
///
/// It is the reflection that swaps the first unit vector and the even one (Householder), so that it is its own inverse and
/// costs twice the cells.
fn transform(values: &mut [f64], shape: &[usize]) {
    let mut stride: usize = 1;
    for &size in shape.iter().rev() {
        if size > 1 {
            for block in values.chunks_mut(stride * size) {
                for offset in 0..stride {
                    reflect(block, offset, stride, size);
                }
            }
        }
        stride *= size;
    }
}

fn reflect(block: &mut [f64], offset: usize, stride: usize, size: usize) {
    // The vector v = e - 1/sqrt(n) has squared length 2 - 2/sqrt(n).
    let even = (size as f64).sqrt().recip();
    let sum: f64 = (0..size).map(|i| block[offset + i * stride]).sum();
    let along = (block[offset] - even * sum) / (1.0 - even);
    for i in 0..size {
        block[offset + i * stride] -= along * (if i == 0 { 1.0 } else { 0.0 } - even);
    }
}

#[cfg(test)]
mod tests;
