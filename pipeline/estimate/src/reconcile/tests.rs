use super::*;
use crate::tree::Tree;
use crate::tree::tests::inverse;

/// Three regions with two, two and three projects; axes of two and three codes.
fn family() -> Family {
    let tree = Tree::new(&[vec![0, 0, 0], vec![0, 0, 1, 1, 2, 2, 2]]).unwrap();
    let part = |level, axes, unit| Part { level, axes, unit, weight: 1.0 };
    let parts = vec![part(1, 0b10, 0), part(2, 0b10, 1), part(1, 0b11, 2), part(0, 0b01, 3), part(2, 0b11, 4), part(0, 0, 3)];
    Family { tree, axes: vec![2, 3], parts }
}

const PRECISIONS: [f64; 5] = [0.5, 0.25, 0.1, 2.0, 0.05];

/// Each cell of a part as a sum of base cells (project, first axis, second axis).
fn rows(family: &Family, part: &Part) -> Vec<Vec<f64>> {
    let shape = shape(family, part.axes);
    let mut rows = vec![vec![0.0; 7 * 6]; family.tree.nodes(part.level) * shape.iter().product::<usize>()];
    for leaf in 0..7 {
        let node = (part.level + 1..=2).rev().fold(leaf, |node, level| family.tree.parent(level, node));
        for a in 0..2 {
            for b in 0..3 {
                let at = node * shape.iter().product::<usize>() + place(&[a, b], part.axes, &shape);
                rows[at][leaf * 6 + a * 3 + b] = 1.0;
            }
        }
    }
    rows
}

type Matrix = Vec<Vec<f64>>;

/// All measured rows with their units, and the covariance of the base by the normal equations.
fn by_hand(family: &Family) -> (Vec<(usize, Vec<f64>)>, Matrix) {
    let all: Vec<(usize, Vec<f64>)> =
        family.parts.iter().flat_map(|part| rows(family, part).into_iter().map(move |row| (part.unit, row))).collect();
    let mut information = vec![vec![0.0; 42]; 42];
    for (unit, row) in &all {
        for i in (0..42).filter(|i| row[*i] > 0.0) {
            for j in 0..42 {
                information[i][j] += PRECISIONS[*unit] * row[i] * row[j];
            }
        }
    }
    (all, inverse(&information))
}

fn times(row: &[f64], matrix: &[Vec<f64>]) -> Vec<f64> {
    (0..matrix.len()).map(|j| row.iter().zip(matrix).map(|(x, r)| x * r[j]).sum()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[test]
fn estimates_are_those_of_the_normal_equations() {
    let family = family();
    let (all, covariance) = by_hand(&family);
    let measured: Vec<f64> = (0..all.len()).map(|i| ((i * 7919) % 101) as f64 - 20.0).collect();
    let mut right = vec![0.0; 42];
    for ((unit, row), y) in all.iter().zip(&measured) {
        row.iter().zip(&mut right).for_each(|(x, r)| *r += PRECISIONS[*unit] * x * y);
    }
    let exact = times(&right, &covariance);
    let mut parts = Vec::new();
    let mut left = measured.as_slice();
    for part in &family.parts {
        let (own, rest) = left.split_at(rows(&family, part).len());
        parts.push(own.to_vec());
        left = rest;
    }
    let base = Reconciler::new(family.clone(), PRECISIONS.to_vec()).estimate(&mut parts, 42).unwrap();
    for (part, found) in family.parts.iter().zip(&parts) {
        for (row, value) in rows(&family, part).iter().zip(found) {
            assert!((dot(row, &exact) - value).abs() < 1e-8);
            assert!((dot(row, &base) - value).abs() < 1e-8, "the parts are sums of the base");
        }
    }
    assert!(Reconciler::new(family, PRECISIONS.to_vec()).estimate(&mut parts, 41).is_none());
}

#[test]
fn variances_and_factors_are_those_of_the_normal_equations() {
    let family = family();
    let (all, covariance) = by_hand(&family);
    let reconciler = Reconciler::new(family.clone(), PRECISIONS.to_vec());
    for part in &family.parts {
        let width: usize = shape(&family, part.axes).iter().product();
        for (at, row) in rows(&family, part).iter().enumerate() {
            let path = family.tree.path(part.level, at / width);
            let image = times(row, &covariance);
            let variance = dot(row, &image);
            assert!((reconciler.variance(part.axes, path) - variance).abs() < 1e-9);
            let mut expected: Vec<(usize, f64)> =
                all.iter().map(|(u, r)| (*u, (PRECISIONS[*u] * dot(r, &image)).abs())).collect();
            let terms = reconciler.terms(&[(part.axes, 1.0)], path);
            compare(&terms, &mut expected);
        }
    }
}

fn compare(terms: &[Term], expected: &mut [(usize, f64)]) {
    let mut found: Vec<(usize, f64)> = terms.iter().flat_map(|t| vec![(t.unit, t.factor); t.count.round() as usize]).collect();
    let order = |a: &(usize, f64), b: &(usize, f64)| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1));
    expected.sort_by(order);
    found.sort_by(order);
    for unit in 0..PRECISIONS.len() {
        let of = |list: &[(usize, f64)]| list.iter().filter(|(u, _)| *u == unit).map(|(_, f)| *f).collect::<Vec<_>>();
        let (found, expected) = (of(&found), of(expected));
        for (at, e) in expected.iter().enumerate() {
            assert!((found.get(at).copied().unwrap_or(0.0) - e).abs() < 1e-9, "unit {unit}: {found:?} {expected:?}");
        }
    }
}

#[test]
fn the_factors_of_a_share_are_those_of_the_normal_equations() {
    let family = family();
    let (all, covariance) = by_hand(&family);
    let reconciler = Reconciler::new(family.clone(), PRECISIONS.to_vec());
    // 1 project x both axes, minus 0.3 of the same project x first axis.
    let (whole, both) = (Part { level: 2, axes: 0b01, unit: 0, weight: 1.0 }, &family.parts[4]);
    for leaf in 0..7 {
        let cell: Vec<f64> = rows(&family, both)[leaf * 6 + 4].clone();
        let total = &rows(&family, &whole)[leaf * 2 + 1];
        let row: Vec<f64> = cell.iter().zip(total).map(|(a, b)| a - 0.3 * b).collect();
        let image = times(&row, &covariance);
        let mut expected: Vec<(usize, f64)> = all.iter().map(|(u, r)| (*u, (PRECISIONS[*u] * dot(r, &image)).abs())).collect();
        let terms = reconciler.terms(&[(0b11, 1.0), (0b01, -0.3)], family.tree.path(2, leaf));
        compare(&terms, &mut expected);
        let variance: f64 = terms.iter().map(|t| t.count * t.factor.powi(2) / PRECISIONS[t.unit]).sum();
        assert!((variance - dot(&row, &image)).abs() < 1e-9);
    }
}

#[test]
fn the_transform_is_its_own_inverse_and_keeps_lengths() {
    let values: Vec<f64> = (0..24).map(|i| f64::from(i * i % 7)).collect();
    let mut changed = values.clone();
    transform(&mut changed, &[2, 3, 4]);
    assert!((dot(&values, &values) - dot(&changed, &changed)).abs() < 1e-9);
    assert!((changed[0] - values.iter().sum::<f64>() / 24f64.sqrt()).abs() < 1e-9);
    transform(&mut changed, &[2, 3, 4]);
    assert!(values.iter().zip(&changed).all(|(a, b)| (a - b).abs() < 1e-9));
}

#[test]
fn rounded_parts_still_add_up_and_stay_near() {
    let family = family();
    let measured =
        |part: &Part| (0..rows(&family, part).len()).map(|i| ((i * 7919 + 13) % 97) as f64 / 3.0).collect::<Vec<f64>>();
    let mut parts: Vec<Vec<f64>> = family.parts.iter().map(measured).collect();
    let reconciler = Reconciler::new(family.clone(), PRECISIONS.to_vec());
    let base = reconciler.estimate(&mut parts, 42).unwrap();
    for scale in [1.0, 100.0] {
        let rounded = reconciler.rounded(&parts, Some(&base), scale);
        for (exact, whole) in parts.iter().flatten().zip(rounded.iter().flatten()) {
            assert!((exact * scale - *whole as f64).abs() < 2.0, "{exact} {whole}");
        }
        // Projects within regions, and the second axis within both.
        let (regions, projects, both, nation) = (&rounded[0], &rounded[1], &rounded[4], &rounded[5]);
        let sum = |of: &[i64]| of.iter().sum::<i64>();
        assert_eq!([sum(regions), sum(projects), sum(both)], [nation[0]; 3]);
        assert_eq!(regions[0], projects[0] + projects[3]);
        assert_eq!(projects[4], both[7] + both[10]);
        let apart = reconciler.rounded(&parts, None, scale);
        assert!(parts.iter().flatten().zip(apart.iter().flatten()).all(|(e, w)| (e * scale - *w as f64).abs() <= 0.5));
    }
}

/// Tables that are not measured are estimated from one that has all their axes, and their variances are those of its sums.
#[test]
fn what_is_not_measured_follows_from_what_is() {
    let parts = [(1, 0b11), (0, 0b01), (1, 0b10), (0, 0)];
    let part = |(unit, &(level, axes)): (usize, &(usize, u32))| Part { level, axes, unit, weight: 1.0 };
    let family =
        Family { tree: Tree::new(&[vec![0, 0]]).unwrap(), axes: vec![3, 2], parts: parts.iter().enumerate().map(part).collect() };
    let reconciler = Reconciler::new(family, vec![0.25, 0.0, 0.0, 0.0]);
    let base: Vec<f64> = (0..12).map(|cell| f64::from(cell * cell % 7)).collect();
    let mut values = vec![base.clone(), vec![f64::NAN; 3], vec![f64::NAN; 4], vec![f64::NAN; 1]];
    let found = reconciler.estimate(&mut values, 100).unwrap();
    let close = |one: &[f64], other: &[f64]| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(&found, &base) && close(&values[0], &base), "{found:?}");
    // A cell is place, then the codes of both axes.
    let sum = |of: &dyn Fn(usize, usize, usize) -> bool| -> f64 {
        (0..12).filter(|cell| of(cell / 6, cell % 6 / 2, cell % 2)).map(|cell| base[cell]).sum()
    };
    let first: Vec<f64> = (0..3).map(|code| sum(&|_, a, _| a == code)).collect();
    let second: Vec<f64> = (0..4).map(|at| sum(&|place, _, b| place == at / 2 && b == at % 2)).collect();
    assert!(close(&values[1], &first) && close(&values[2], &second) && close(&values[3], &[base.iter().sum()]), "{values:?}");
    for (axes, path, cells) in [(0b01, 0, 4.0), (0b10, 1, 3.0), (0, 0, 12.0)] {
        assert!((reconciler.variance(axes, path) - cells * 4.0).abs() < 1e-9, "{axes}");
        let terms = reconciler.terms(&[(axes, 1.0)], path);
        let variance: f64 = terms.iter().map(|term| term.factor.powi(2) * term.count * 4.0).sum();
        assert!(terms.iter().all(|term| term.unit == 0) && (variance - cells * 4.0).abs() < 1e-9, "{axes}: {terms:?}");
    }
}
