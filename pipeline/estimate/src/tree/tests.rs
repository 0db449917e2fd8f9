use super::Tree;

/// A nation of three regions with two, two and three projects.
fn tree() -> Tree {
    Tree::new(&[vec![0, 0, 0], vec![0, 0, 1, 1, 2, 2, 2]]).unwrap()
}

/// The inverse of a symmetric matrix, by Gauss and Jordan.
pub(crate) fn inverse(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = matrix.len();
    let mut rows: Vec<Vec<f64>> =
        (0..n).map(|i| matrix[i].iter().copied().chain((0..n).map(|j| if i == j { 1.0 } else { 0.0 })).collect()).collect();
    for i in 0..n {
        let pivot = (i..n).max_by(|a, b| rows[*a][i].abs().total_cmp(&rows[*b][i].abs())).unwrap();
        rows.swap(i, pivot);
        let scale = rows[i][i];
        rows[i].iter_mut().for_each(|x| *x /= scale);
        for j in (0..n).filter(|j| *j != i) {
            let (factor, pivot) = (rows[j][i], rows[i].clone());
            rows[j].iter_mut().zip(pivot).for_each(|(x, p)| *x -= factor * p);
        }
    }
    rows.into_iter().map(|row| row[n..].to_vec()).collect()
}

/// Per node, level by level, which leaves it holds.
fn members(tree: &Tree) -> Vec<(usize, Vec<f64>)> {
    let deepest = tree.depth() - 1;
    let mut all = Vec::new();
    for level in 0..tree.depth() {
        for node in 0..tree.nodes(level) {
            let of = |leaf: usize| {
                let mut at = leaf;
                for l in (level + 1..=deepest).rev() {
                    at = tree.parent(l, at);
                }
                if at == node { 1.0 } else { 0.0 }
            };
            all.push((level, (0..tree.nodes(deepest)).map(of).collect()));
        }
    }
    all
}

/// The covariance of the leaves by the normal equations.
fn by_hand(tree: &Tree, precision: &[f64]) -> Vec<Vec<f64>> {
    let n = tree.nodes(tree.depth() - 1);
    let mut information = vec![vec![0.0; n]; n];
    for (level, of) in members(tree) {
        for i in 0..n {
            for j in 0..n {
                information[i][j] += precision[level] * of[i] * of[j];
            }
        }
    }
    inverse(&information)
}

fn quadratic(a: &[f64], matrix: &[Vec<f64>], b: &[f64]) -> f64 {
    a.iter().zip(matrix).map(|(x, row)| x * row.iter().zip(b).map(|(m, y)| m * y).sum::<f64>()).sum()
}

const PRECISIONS: [[f64; 3]; 4] = [[0.5, 0.2, 1.0], [0.0, 0.0, 0.7], [3.0, 0.0, 0.1], [0.0, 5.0, 0.3]];

#[test]
fn alike_nodes_are_one_path() {
    let tree = tree();
    let paths: Vec<_> = tree.paths().iter().map(|p| (p.level, p.each, p.total)).collect();
    assert_eq!(paths, [(0, 1, 1), (1, 2, 2), (1, 1, 1), (2, 2, 4), (2, 3, 3)]);
    assert_eq!((0..7).map(|leaf| tree.path(2, leaf)).collect::<Vec<_>>(), [3, 3, 3, 3, 4, 4, 4]);
    assert_eq!(Tree::new(&[]), Some(Tree::whole()));
    assert!(Tree::new(&[vec![0, 0], vec![0, 0]]).is_none(), "a region without projects");
    assert!(Tree::new(&[vec![0], vec![1]]).is_none(), "a region that there is not");
}

#[test]
fn variances_and_covariances_are_those_of_the_normal_equations() {
    let tree = tree();
    for precision in PRECISIONS {
        let (solved, exact) = (tree.solve(&precision).unwrap(), by_hand(&tree, &precision));
        let members = members(&tree);
        let mut at = 0;
        for level in 0..3 {
            for node in 0..tree.nodes(level) {
                let own = &members[at].1;
                at += 1;
                let path = tree.path(level, node);
                let variance = quadratic(own, &exact, own);
                assert!((solved.variance[path] - variance).abs() < 1e-9, "{precision:?} {level} {node}");
                let mut expected: Vec<(usize, f64)> = members.iter().map(|(l, of)| (*l, quadratic(own, &exact, of))).collect();
                let found = tree.covariances(&solved, path);
                let mut found: Vec<(usize, f64)> = found.iter().flat_map(|of| vec![(of.level, of.value); of.nodes]).collect();
                let order = |a: &(usize, f64), b: &(usize, f64)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
                expected.sort_by(order);
                found.sort_by(order);
                assert_eq!(found.len(), expected.len());
                for (f, e) in found.iter().zip(&expected) {
                    assert!(f.0 == e.0 && (f.1 - e.1).abs() < 1e-9, "{precision:?} {level} {node}: {f:?} {e:?}");
                }
            }
        }
    }
}

#[test]
fn estimates_are_those_of_the_normal_equations_and_add_up() {
    let tree = tree();
    for precision in PRECISIONS {
        let solved = tree.solve(&precision).unwrap();
        let mut values = vec![vec![31.0], vec![11.0, 8.5, 14.0], vec![5.0, 4.0, -1.0, 7.0, 3.0, 6.5, 2.0]];
        let measured: Vec<f64> = values.concat();
        let exact = by_hand(&tree, &precision);
        let members = members(&tree);
        let right: Vec<f64> =
            (0..7).map(|leaf| members.iter().zip(&measured).map(|((l, of), y)| precision[*l] * of[leaf] * y).sum()).collect();
        let leaves: Vec<f64> = exact.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum()).collect();
        tree.estimate(&solved, &mut values);
        for ((_, of), found) in members.iter().zip(values.concat()) {
            let expected: f64 = of.iter().zip(&leaves).map(|(a, b)| a * b).sum();
            assert!((expected - found).abs() < 1e-9, "{precision:?}: {expected} {found}");
        }
    }
}

#[test]
fn what_was_not_measured_below_is_not_known() {
    let tree = tree();
    let solved = tree.solve(&[1.0, 1.0, 0.0]).unwrap();
    assert_eq!(solved.deepest, 1);
    assert!(solved.variance[tree.path(2, 0)].is_infinite() && solved.variance[tree.path(1, 0)].is_finite());
    assert!(tree.solve(&[0.0; 3]).is_none());
}
