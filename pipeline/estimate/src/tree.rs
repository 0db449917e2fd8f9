//! Places within places (nation > region > project), and least squares on them.
//!
//! A quantity that adds up along the tree was measured with noise, at some levels: every node of a level with the same
//! precision. [`Tree::solve`] gives the variances of the best linear estimates and how to compute them; [`Tree::estimate`]
//! computes them in two passes, up and down, which is exact least squares (Hay et al. 2010, section 4, for unequal trees).
//!
//! Nodes that no permutation of the tree tells apart have the same variance. They are one [`Path`], so that the cost of
//! planning grows with the number of different sizes, not of nodes.

use std::collections::HashMap;

/// A tree of levels, the root first. Every node but the deepest has children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Per level and node, the node's parent in the level above.
    parents: Vec<Vec<usize>>,
    /// Per level and node, its path.
    path_of: Vec<Vec<usize>>,
    paths: Vec<Path>,
}

/// Nodes that are alike: of one level, below alike parents, with alike subtrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its level, 0 for the root.
    pub level: usize,
    /// The path of the parents.
    pub parent: Option<usize>,
    /// How many of its nodes one parent has.
    pub each: usize,
    /// How many nodes it has.
    pub total: usize,
    /// The paths below it.
    pub children: Vec<usize>,
}

/// The covariance of an estimate with those of some nodes that are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Covariance {
    /// The level of the nodes.
    pub level: usize,
    /// The covariance with each; 0 below the deepest level that was measured.
    pub value: f64,
    /// How many they are.
    pub nodes: usize,
}

/// The solution for given precisions, per path.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// The deepest level that was measured; nothing is known below it.
    pub deepest: usize,
    /// The precision of each level's own measurements.
    own: Vec<f64>,
    /// The variance of the estimate from the node's own subtree.
    up: Vec<f64>,
    /// Which part of a parent's correction goes to the node.
    gain: Vec<f64>,
    /// The variance of the final estimate.
    pub variance: Vec<f64>,
}

impl Tree {
    /// The root alone.
    pub fn whole() -> Self {
        let root = Path { level: 0, parent: None, each: 1, total: 1, children: Vec::new() };
        Self { parents: vec![vec![0]], path_of: vec![vec![0]], paths: vec![root] }
    }

    /// A tree from the parents of each level below the root; `None` if a node has no child though the tree goes deeper,
    /// or a parent does not exist.
    pub fn new(levels: &[Vec<usize>]) -> Option<Self> {
        let mut parents = vec![vec![0]];
        for level in levels {
            let above = parents.last().map_or(0, Vec::len);
            let mut has_child = vec![false; above];
            for &parent in level {
                *has_child.get_mut(parent)? = true;
            }
            if has_child.contains(&false) {
                return None;
            }
            parents.push(level.clone());
        }
        let kinds = kinds(&parents);
        let mut tree = Self { path_of: Vec::new(), paths: Vec::new(), parents };
        for (level, parents) in tree.parents.iter().enumerate() {
            let above = level.checked_sub(1).and_then(|l| tree.path_of.get(l)).cloned().unwrap_or_else(|| vec![usize::MAX]);
            let mut known: HashMap<(usize, usize), usize> = HashMap::new();
            let mut of = Vec::with_capacity(parents.len());
            for (node, &parent) in parents.iter().enumerate() {
                let key = (above[parent], kinds[level][node]);
                let path = *known.entry(key).or_insert_with(|| {
                    let parent = (level > 0).then_some(key.0);
                    tree.paths.push(Path { level, parent, each: 0, total: 0, children: Vec::new() });
                    tree.paths.len() - 1
                });
                tree.paths[path].total += 1;
                of.push(path);
            }
            tree.path_of.push(of);
        }
        for path in 0..tree.paths.len() {
            if let Some(parent) = tree.paths[path].parent {
                tree.paths[path].each = tree.paths[path].total / tree.paths[parent].total;
                tree.paths[parent].children.push(path);
            } else {
                tree.paths[path].each = 1;
            }
        }
        Some(tree)
    }

    /// The number of levels.
    pub fn depth(&self) -> usize {
        self.parents.len()
    }

    /// The number of nodes of a level.
    pub fn nodes(&self, level: usize) -> usize {
        self.parents[level].len()
    }

    /// The parent of a node.
    pub fn parent(&self, level: usize, node: usize) -> usize {
        self.parents[level][node]
    }

    /// The path of a node.
    pub fn path(&self, level: usize, node: usize) -> usize {
        self.path_of[level][node]
    }

    /// All paths; parents come before their children.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// Variances where every node of level l was measured with precision `precision[l]` (1 / variance; 0 where it was
    /// not). `None` where nothing was.
    pub fn solve(&self, precision: &[f64]) -> Option<Solved> {
        let deepest = precision.iter().rposition(|p| *p > 0.0)?;
        let count = self.paths.len();
        let (mut up, mut gain, mut variance) = (vec![f64::INFINITY; count], vec![0.0; count], vec![f64::INFINITY; count]);
        for at in (0..count).rev().filter(|&at| self.paths[at].level <= deepest) {
            let own = precision[self.paths[at].level];
            up[at] = if self.paths[at].level == deepest { own.recip() } else { (own + self.below(at, &up).recip()).recip() };
        }
        for at in (0..count).filter(|&at| self.paths[at].level <= deepest) {
            variance[at] = match self.paths[at].parent {
                None => up[at],
                Some(parent) => {
                    gain[at] = up[at] / self.below(parent, &up);
                    up[at] * (1.0 - gain[at]) + gain[at] * gain[at] * variance[parent]
                }
            };
        }
        Some(Solved { deepest, own: precision.to_vec(), up, gain, variance })
    }

    /// The variance of the sum of a node's children, each estimated from its own subtree.
    fn below(&self, path: usize, up: &[f64]) -> f64 {
        self.paths[path].children.iter().map(|&child| self.paths[child].each as f64 * up[child]).sum()
    }

    /// The sum of the variances of all nodes, each times what its level matters, and into `slopes` its derivative in the precision
    /// of every level: the chain rule, backwards through [`Tree::solve`].
    ///
    /// Every precision must be above zero; next to nothing stands for a level that is not measured.
    pub(crate) fn weigh(&self, precision: &[f64], matters: &[f64], slopes: &mut [f64]) -> f64 {
        slopes.fill(0.0);
        let count = self.paths.len();
        let (mut up, mut below, mut variance) = (vec![0.0; count], vec![f64::INFINITY; count], vec![0.0; count]);
        for (at, path) in self.paths.iter().enumerate().rev() {
            if !path.children.is_empty() {
                below[at] = self.below(at, &up);
            }
            up[at] = (precision[path.level] + below[at].recip()).recip();
        }
        let mut sum = 0.0;
        for (at, path) in self.paths.iter().enumerate() {
            variance[at] = match path.parent {
                None => up[at],
                Some(parent) => {
                    let gain = up[at] / below[parent];
                    up[at] * (1.0 - gain) + gain * gain * variance[parent]
                }
            };
            sum += matters[path.level] * path.total as f64 * variance[at];
        }
        // How the sum answers to each variance, to what is known from below, and to the sum of the children's variances.
        let (mut by_variance, mut by_up, mut by_below) = (vec![0.0; count], vec![0.0; count], vec![0.0; count]);
        for (at, path) in self.paths.iter().enumerate().rev() {
            by_variance[at] += matters[path.level] * path.total as f64;
            let Some(parent) = path.parent else {
                by_up[at] = by_variance[at];
                continue;
            };
            let gain = up[at] / below[parent];
            let by_gain = by_variance[at] * (2.0 * gain * variance[parent] - up[at]);
            by_up[at] = by_variance[at] * (1.0 - gain) + by_gain / below[parent];
            by_variance[parent] += by_variance[at] * gain * gain;
            by_below[parent] -= by_gain * gain / below[parent];
        }
        for (at, path) in self.paths.iter().enumerate() {
            if let Some(parent) = path.parent {
                by_up[at] += by_below[parent] * path.each as f64;
            }
            slopes[path.level] -= by_up[at] * up[at] * up[at];
            if !path.children.is_empty() {
                by_below[at] += by_up[at] * (up[at] / below[at]).powi(2);
            }
        }
        sum
    }

    /// The estimates from measurements, in place: `values[l]` holds what was measured at level l (anything where the
    /// precision is zero), and afterwards the estimates, for levels up to the deepest that was measured.
    pub fn estimate(&self, solved: &Solved, values: &mut [Vec<f64>]) {
        let mut sums: Vec<Vec<f64>> = (0..=solved.deepest).map(|level| vec![0.0; self.nodes(level)]).collect();
        for level in (0..=solved.deepest).rev() {
            for node in 0..self.nodes(level) {
                let path = self.path_of[level][node];
                if level < solved.deepest {
                    // Own measurement and sum of the children, each by its precision.
                    let own = solved.own[level] * solved.up[path];
                    let measured = if own > 0.0 { own * values[level][node] } else { 0.0 };
                    values[level][node] = measured + (1.0 - own) * sums[level][node];
                }
                if level > 0 {
                    sums[level - 1][self.parents[level][node]] += values[level][node];
                }
            }
        }
        for level in 1..=solved.deepest {
            let (above, here) = values.split_at_mut(level);
            for (node, value) in here[0].iter_mut().enumerate() {
                let parent = self.parents[level][node];
                *value += solved.gain[self.path_of[level][node]] * (above[level - 1][parent] - sums[level - 1][parent]);
            }
        }
    }

    /// The covariances of the estimate at one node with those at all nodes. Their order is the same for all solutions; the first
    /// is the node's own variance.
    pub fn covariances(&self, solved: &Solved, path: usize) -> Vec<Covariance> {
        let mut all = Vec::new();
        let known = |at: usize| self.paths[at].level <= solved.deepest;
        self.spread(solved, path, if known(path) { solved.variance[path] } else { 0.0 }, 1, &mut all);
        let (mut at, mut factor) = (path, 1.0);
        while let Some(parent) = self.paths[at].parent {
            let gain = solved.gain[at];
            for &other in &self.paths[parent].children {
                let count = self.paths[other].each - usize::from(other == at);
                if count > 0 {
                    let covariance =
                        if known(at) { gain * (solved.gain[other] * solved.variance[parent] - solved.up[other]) } else { 0.0 };
                    self.spread(solved, other, factor * covariance, count, &mut all);
                }
            }
            factor *= gain;
            let value = if known(parent) { factor * solved.variance[parent] } else { 0.0 };
            all.push(Covariance { level: self.paths[parent].level, value, nodes: 1 });
            at = parent;
        }
        all
    }

    /// A covariance with the nodes of a path, and what follows for those below them.
    fn spread(&self, solved: &Solved, path: usize, covariance: f64, count: usize, all: &mut Vec<Covariance>) {
        all.push(Covariance { level: self.paths[path].level, value: covariance, nodes: count });
        for &child in &self.paths[path].children {
            self.spread(solved, child, covariance * solved.gain[child], count * self.paths[child].each, all);
        }
    }
}

/// Per level and node, which of the level's kinds of subtree it has.
fn kinds(parents: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut kinds: Vec<Vec<usize>> = vec![vec![0; parents.last().map_or(0, Vec::len)]];
    for level in (1..parents.len()).rev() {
        let mut below = vec![Vec::new(); parents[level - 1].len()];
        for (node, &parent) in parents[level].iter().enumerate() {
            below[parent].push(kinds[0][node]);
        }
        let mut known = HashMap::new();
        let of = below.into_iter().map(|mut children| {
            children.sort_unstable();
            let next = known.len();
            *known.entry(children).or_insert(next)
        });
        let of = of.collect();
        kinds.insert(0, of);
    }
    kinds
}

#[cfg(test)]
pub(crate) mod tests;
