//! Tables that add up: marginals of one base table, over places within places crossed with flat keys.
//!
//! A base cell is a place of the deepest level and one code of every flat key (an *axis*). A *part* is a table of the
//! family: its cells are the places of one level and the codes of some axes, and it sums the base over the rest.
//!
//! Along each axis a table is split into its mean and its contrasts. For a set S of axes, the contrasts along S of all
//! parts that have S are measurements of one quantity on the tree, and different sets have nothing to do with each other
//! (the residual spaces of ResidualPlanner, Xiao et al., NeurIPS 2023): least squares on the whole family is one small
//! problem on the tree for each S.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Solved, Tree};

/// A set of axes, one bit each.
pub type Axes = u32;

/// More axes than this are not planned together: a set of them is a number of 32 bits.
pub const MOST_AXES: usize = 24;
/// A table of more axes than this is not planned with others: the sets of its axes are counted one by one.
pub const MOST_AXES_OF_A_PART: usize = 8;

/// The geometry of a family.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The places.
    pub tree: Tree,
    /// The number of codes of each axis.
    pub axes: Vec<usize>,
    /// The tables.
    pub parts: Vec<Part>,
}

/// One table of a family.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The level of its places.
    pub level: usize,
    /// Its axes.
    pub axes: Axes,
    /// The measurement that it is, or is in: several parts of one measurement have the same noise. That of a part that is not
    /// measured and follows from others has no precision.
    pub unit: usize,
    /// How much the error of its cells matters, in the inverse of their unit squared.
    pub weight: f64,
}

impl Family {
    /// All sets of axes that some part has.
    pub fn sets(&self) -> BTreeSet<Axes> {
        let mut sets = BTreeSet::new();
        for part in &self.parts {
            // From all of its axes down to none.
            let mut set = part.axes;
            sets.insert(set);
            while set != 0 {
                set = (set - 1) & part.axes;
                sets.insert(set);
            }
        }
        sets
    }

    /// The product over some axes of a function of their size.
    fn product(&self, axes: Axes, of: impl Fn(f64) -> f64) -> f64 {
        self.axes.iter().enumerate().filter(|(i, _)| axes & (1 << i) != 0).map(|(_, &size)| of(size as f64)).product()
    }

    /// How many base cells of one place a cell of these axes sums.
    pub fn fold(&self, axes: Axes) -> f64 {
        self.product(!axes, |size| size)
    }

    /// The number of independent contrasts along exactly these axes.
    pub fn contrasts(&self, set: Axes) -> f64 {
        self.product(set, |size| size - 1.0)
    }

    /// The squared length that a cell of a table with these axes has in the contrasts along `set`.
    pub fn part_of_cell(&self, axes: Axes, set: Axes) -> f64 {
        self.contrasts(set) / self.product(axes, |size| size)
    }

    /// The number of cells of a part.
    pub fn cells(&self, part: &Part) -> f64 {
        self.tree.nodes(part.level) as f64 * self.product(part.axes, |size| size)
    }

    /// The precision with which the contrasts along a set were measured at each level, for given precisions of the units.
    pub fn precisions(&self, set: Axes, units: &[f64]) -> Vec<f64> {
        let mut levels = vec![0.0; self.tree.depth()];
        for part in self.parts.iter().filter(|part| set & !part.axes == 0) {
            levels[part.level] += units[part.unit] * self.fold(part.axes);
        }
        levels
    }

    /// The solution of every set that some part has.
    pub fn solve(&self, units: &[f64]) -> BTreeMap<Axes, Solved> {
        self.sets().into_iter().filter_map(|set| Some((set, self.tree.solve(&self.precisions(set, units))?))).collect()
    }

    /// The variance of a cell of a table at a place of this path.
    pub fn variance(&self, solved: &BTreeMap<Axes, Solved>, axes: Axes, path: usize) -> f64 {
        let known = solved.iter().filter(|(set, _)| **set & !axes == 0);
        self.fold(axes) * known.map(|(set, solved)| self.part_of_cell(axes, *set) * solved.variance[path]).sum::<f64>()
    }

    /// The paths of a part's places.
    pub fn places<'a>(&'a self, part: &Part) -> impl Iterator<Item = usize> + 'a {
        let level = part.level;
        self.tree.paths().iter().enumerate().filter(move |(_, path)| path.level == level).map(|(at, _)| at)
    }
}
