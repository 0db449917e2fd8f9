//! The least error that any Gaussian mechanism can have on a family, to measure a plan by.
//!
//! A mechanism that adds Gaussian noise to any linear measurements with information X (on base cells) publishes tables of
//! total weighted variance tr(L X^-1), L the weighted sum of the squared tables. If k rows of one person move a vector e of
//! base cells, e'X e <= 2 rho must hold for every such e, hence tr(V X) <= 2 rho for the mean V of ee' over any distribution
//! of e. The least trace under this one condition is (tr (V^1/2 L V^1/2)^1/2)^2 / (2 rho): *every V gives a lower bound* for all
//! Gaussian mechanisms (the dual of the matrix mechanism; Li and Miklau 2013 for k = 1 and V in proportion to the identity,
//! where it is the *SVD bound*). With k = 1, the best V that weighs whole regions attains the optimum.
//!
//! V is here: a region by its weight, a place in it at random, all rows of the person in different places of the region but
//! with the same codes. It commutes with every permutation of alike places, so that the eigenvalues are few.

use crate::family::Family;
use crate::tree::Tree;

/// The bound for all mechanisms of this kind, and the SVD bound; both in units of 1 / (2 rho).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum {
    /// The bound with the best weights of regions.
    pub best: f64,
    /// The bound with equal weights and one row per person.
    pub svd: f64,
}

/// The least weighted sum of variances; `weights` says how much a cell of each part matters, `rows` how many rows one person
/// has.
pub fn optimum(family: &Family, weights: &[f64], rows: f64) -> Optimum {
    let leaves: Vec<usize> = leaves(&family.tree);
    let svd = bound(family, weights, 1.0, &vec![1.0; leaves.len()]);
    let mut regions = vec![1.0; leaves.len()];
    let mut best = bound(family, weights, rows, &regions);
    let (mut step, rounds) = (2.0_f64, if leaves.len() == 1 { 0 } else { 14 });
    for _ in 0..rounds {
        for at in 0..regions.len() {
            for factor in [step, step.recip()] {
                let mut tried = regions.clone();
                tried[at] *= factor;
                let found = bound(family, weights, rows, &tried);
                if found > best {
                    (best, regions) = (found, tried);
                }
            }
        }
        step = step.sqrt();
    }
    // All rows in cells of their own move every table by the square root of their number, whatever V else.
    Optimum { best: best.max(rows * svd), svd }
}

/// The paths of the deepest level.
fn leaves(tree: &Tree) -> Vec<usize> {
    (0..tree.paths().len()).filter(|&path| tree.paths()[path].level + 1 == tree.depth()).collect()
}

/// The bound for regions weighed so.
fn bound(family: &Family, weights: &[f64], rows: f64, regions: &[f64]) -> f64 {
    let leaves = leaves(&family.tree);
    let paths = family.tree.paths();
    let mut sum = 0.0;
    for set in family.sets() {
        let mut matters = vec![0.0; family.tree.depth()];
        for (part, weight) in family.parts.iter().zip(weights).filter(|(part, _)| set & !part.axes == 0) {
            matters[part.level] += weight * family.fold(part.axes);
        }
        for (path, at) in paths.iter().zip(0..) {
            // The contrasts between the alike places of this path; and everything that is the same for all of them.
            let alike = path.parent.map_or(1, |parent| (path.each - 1) * paths[parent].total) as f64;
            if alike > 0.0 {
                sum += family.contrasts(set) * alike * roots(&family.tree, at, &matters, rows, (&leaves, regions));
            }
        }
    }
    let total: f64 = leaves.iter().zip(regions).map(|(&leaf, weight)| paths[leaf].total as f64 * weight).sum();
    let flat: f64 = family.axes.iter().map(|&size| size as f64).product();
    sum * sum / (flat * total)
}

/// The sum of the roots of the eigenvalues of V^1/2 L V^1/2 below one path, among vectors that treat alike places alike.
fn roots(tree: &Tree, path: usize, matters: &[f64], rows: f64, (leaves, regions): (&[usize], &[f64])) -> f64 {
    let paths = tree.paths();
    let deepest = tree.depth() - 1;
    if paths[path].level == deepest {
        let (own, siblings) = (leaves.iter().position(|&leaf| leaf == path), paths[path].each as f64);
        let rows = rows.min(siblings);
        let spread = if deepest == 0 { rows * rows } else { rows * (siblings - rows) / (siblings - 1.0) };
        return (matters[deepest] * own.map_or(0.0, |own| regions[own]) * spread).sqrt();
    }
    // Per leaf below, its ancestors from itself up to this path.
    let ancestors = |leaf: usize| {
        let mut line = vec![leaf];
        while let Some(parent) = line.last().and_then(|&at| paths[at].parent).filter(|_| line.last() != Some(&path)) {
            line.push(parent);
        }
        line
    };
    let below: Vec<(Vec<usize>, f64)> = leaves
        .iter()
        .zip(regions)
        .map(|(&leaf, weight)| (ancestors(leaf), *weight))
        .filter(|(line, _)| line.last() == Some(&path))
        .collect();
    let entry = |(a, u): &(Vec<usize>, f64), (b, v): &(Vec<usize>, f64)| {
        let common = a.iter().zip(b).filter(|(x, y)| x == y).map(|(&at, _)| matters[paths[at].level] / paths[at].total as f64);
        let size = |line: &[usize]| paths[line[0]].total as f64;
        let rows = |line: &[usize]| rows.min(paths[line[0]].each as f64);
        common.sum::<f64>() * (size(a) * size(b) * u * v).sqrt() * rows(a) * rows(b)
    };
    let matrix = below.iter().map(|a| below.iter().map(|b| entry(a, b)).collect()).collect();
    eigenvalues(matrix).into_iter().map(|value| value.max(0.0).sqrt()).sum()
}

/// The eigenvalues of a symmetric matrix, by rotations (Jacobi 1846).
fn eigenvalues(mut matrix: Vec<Vec<f64>>) -> Vec<f64> {
    let n = matrix.len();
    for _ in 0..30 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| matrix[i][j].powi(2)).sum();
        let diagonal: f64 = (0..n).map(|i| matrix[i][i].powi(2)).sum();
        if off <= 1e-22 * diagonal {
            break;
        }
        for i in 0..n {
            for j in 0..i {
                rotate(&mut matrix, i, j);
            }
        }
    }
    (0..n).map(|i| matrix[i][i]).collect()
}

fn rotate(matrix: &mut [Vec<f64>], i: usize, j: usize) {
    if matrix[i][j] == 0.0 {
        return;
    }
    let theta = (matrix[j][j] - matrix[i][i]) / (2.0 * matrix[i][j]);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = t.hypot(1.0).recip();
    let s = t * c;
    let turned = |a: f64, b: f64| (c * a - s * b, s * a + c * b);
    for row in matrix.iter_mut() {
        (row[i], row[j]) = turned(row[i], row[j]);
    }
    let rows: Vec<(f64, f64)> = matrix[i].iter().zip(&matrix[j]).map(|(a, b)| turned(*a, *b)).collect();
    (matrix[i], matrix[j]) = rows.into_iter().unzip();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_small_matrices() {
        let mut found = eigenvalues(vec![vec![2.0, 1.0, 0.0], vec![1.0, 2.0, 0.0], vec![0.0, 0.0, 7.0]]);
        found.sort_by(f64::total_cmp);
        for (a, b) in found.iter().zip([1.0, 3.0, 7.0]) {
            assert!((a - b).abs() < 1e-9);
        }
        // Trace and trace of the square stay.
        let matrix: Vec<Vec<f64>> = (0..6).map(|i| (0..6).map(|j| 1.0 / f64::from(i + j + 1)).collect()).collect();
        let found = eigenvalues(matrix.clone());
        let trace: f64 = (0..6).map(|i| matrix[i][i]).sum();
        let squares: f64 = matrix.iter().flatten().map(|x| x * x).sum();
        assert!((found.iter().sum::<f64>() - trace).abs() < 1e-12);
        assert!((found.iter().map(|x| x * x).sum::<f64>() - squares).abs() < 1e-12);
    }
}
