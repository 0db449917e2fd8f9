//! Certificates with one thing changed: each is refused, and the error names the node.

use super::*;

/// Participations that have a child, with the child's rows, by region: every rule is in it.
pub(super) fn example() -> Certificate {
    let first = node(filter(&[2]), 5, &[&parent(3)]);
    let named = node(left(&[(4, 0)]), 7, &[&first, &narrow()]);
    let both = node(union(&[]), 4, &[&child(2, 4), &child(3, 1)]);
    let summed = node(group(&[0, 1], 1), 3, &[&both]);
    let joined = node(inner(&[(0, 0), (1, 1)]), 10, &[&named, &summed]);
    let present = node(semi(&[(0, 0)]), 10, &[&joined, &child(1, 1)]);
    let input = node(project(&[Some(0), Some(1), Some(3), None, Some(9)]), 5, &[&present]);
    let sensitivity = Sensitivity::new(6, 12).unwrap();
    let crossing = Crossing { sets: vec![vec![2], vec![3]], measure: Measure::Count, sensitivity };
    Certificate { table: "by_project".to_owned(), crossing, input }
}

fn why(certificate: &Certificate) -> String {
    let Error::Certificate { table, place, why } = certificate.clone().verify().unwrap_err() else { panic!("another error") };
    format!("certificate of {table}, {place}: {why}")
}

/// All nodes of the example, each by the places that lead to it.
fn paths(node: &Node, path: &[usize]) -> Vec<Vec<usize>> {
    let below = |(place, input): (usize, &Node)| paths(input, &[path, &[place]].concat());
    let deeper = node.inputs.iter().enumerate().flat_map(below);
    std::iter::once(path.to_vec()).chain(deeper).collect()
}

fn at<'a>(certificate: &'a mut Certificate, path: &[usize]) -> &'a mut Node {
    path.iter().fold(&mut certificate.input, |node, place| &mut node.inputs[*place])
}

#[test]
fn the_example_is_accepted() {
    // By project, the first periods are distinct.
    assert_eq!(example().verify().unwrap().sensitivity(), Sensitivity::new(6, 12).unwrap());
}

#[test]
fn every_changed_claim_is_refused_by_its_node() {
    let changes: [fn(&mut Claim); 13] = [
        |claim| claim.rows += 1,
        |claim| claim.rows = claim.rows.wrapping_sub(1),
        |claim| claim.contributions += 1,
        |claim| claim.contributions = claim.contributions.wrapping_sub(1),
        |claim| claim.per_contribution += 1,
        |claim| claim.per_contribution = claim.per_contribution.wrapping_sub(1),
        |claim| claim.unit = claim.unit.map_or(Some(0), |_| None),
        |claim| claim.unit = Some(claim.unit.map_or(1, |unit| unit + 1)),
        |claim| claim.contribution = claim.contribution.map_or(Some(0), |_| None),
        |claim| claim.contribution = Some(claim.contribution.map_or(0, |contribution| contribution + 1)),
        |claim| claim.unique.push(vec![]),
        |claim| claim.unique.push(vec![99]),
        |claim| {
            if claim.unique.pop().is_none() {
                claim.unique.push(vec![0]);
            }
        },
    ];
    let paths = paths(&example().input, &[]);
    assert_eq!(paths.len(), 12);
    for path in paths {
        for change in changes {
            let mut forged = example();
            let node = at(&mut forged, &path);
            change(&mut node.claim);
            let place = path.iter().fold("0".to_owned(), |text, place| format!("{text}.{place}"));
            let expected = format!("certificate of by_project, node {place} ({}): claims ", node.rule.name());
            let why = why(&forged);
            assert!(why.starts_with(&expected), "{why} instead of {expected}");
        }
    }
}

#[test]
fn errors_say_what_differs() {
    let mut forged = example();
    forged.input.inputs[0].inputs[0].inputs[1].claim.rows = 9;
    let found = why(&forged);
    assert!(found.starts_with("certificate of by_project, node 0.0.0.1 (group-by-unit): claims Claim { rows: 9,"), "{found}");
    assert!(found.contains("the rule gives Claim { rows: 5,"), "{found}");
    let mut forged = example();
    forged.input.claim.unique.clear();
    let found = why(&forged);
    assert!(found.contains("unique: [] }, the rule gives") && found.ends_with("unique: [[1], [2]] }"), "{found}");
}

/// The order of sets, and of columns in a set, is no claim.
#[test]
fn sets_are_compared_as_sets() {
    let mut same = example();
    for path in paths(&same.input, &[]) {
        let unique = &mut at(&mut same, &path).claim.unique;
        unique.reverse();
        unique.iter_mut().for_each(|set| set.reverse());
    }
    assert_ne!(same, example());
    assert_eq!(same.verify().unwrap().sensitivity(), example().verify().unwrap().sensitivity());
}

#[test]
fn a_changed_rule_or_tree_is_refused() {
    type Change = fn(&mut Node);
    let changes: [(&str, Change); 12] = [
        ("node 0.0.0 (join): does not compare the persons", |top| {
            top.inputs[0].inputs[0].rule = inner(&[(1, 1)]);
        }),
        ("node 0.0 (semi): does not compare the persons", |top| top.inputs[0].rule = semi(&[(1, 1)])),
        ("node 0.0.0.0 (join): does not cover", |top| {
            top.inputs[0].inputs[0].inputs[0].rule = left(&[(4, 1)]);
        }),
        ("node 0.0.0 (join): claims", |top| {
            // A left join keeps what the inner join drops.
            let join = &mut top.inputs[0].inputs[0];
            join.inputs.swap(0, 1);
            join.rule = left(&[(0, 0), (1, 1)]);
            join.claim = Claim { rows: 5, ..join.claim.clone() };
        }),
        ("node 0 (project): names column 10 of 10", |top| top.rule = project(&[Some(0), Some(1), Some(3), None, Some(10)])),
        ("node 0 (project): names 4 columns, the rule gives 5", |top| drop(top.columns.pop())),
        ("node 0 (project): names 6 columns, the rule gives 5", |top| top.columns.push(String::new())),
        ("node 0 (project): claims", |top| {
            top.rule = project(&[None, Some(1), Some(3), None, Some(9)]);
        }),
        ("node 0.0.0.0.0 (filter): claims", |top| {
            top.inputs[0].inputs[0].inputs[0].inputs[0].rule = filter(&[]);
        }),
        ("node 0.0.0.0.0.0 (scan-private): claims", |top| {
            top.inputs[0].inputs[0].inputs[0].inputs[0].inputs[0].rule = parent_rule(2);
        }),
        ("node 0.0.0.1.0 (union): has 1 inputs", |top| {
            top.inputs[0].inputs[0].inputs[1].inputs[0].inputs.pop();
        }),
        ("node 0.0.0.1 (group-by-unit): does not group by the person", |top| {
            top.inputs[0].inputs[0].inputs[1].rule = group(&[2, 1], 1);
        }),
    ];
    for (expected, change) in changes {
        let mut forged = example();
        change(&mut forged.input);
        let why = why(&forged);
        assert!(why.contains(expected), "{why} instead of {expected}");
    }
}

#[test]
fn a_changed_crossing_is_refused() {
    let changes: [fn(&mut Crossing); 5] = [
        |it| it.sensitivity = Sensitivity::new(5, 12).unwrap(),
        |it| it.sensitivity = Sensitivity::new(6, 11).unwrap(),
        |it| it.measure = Measure::Sum { low: 0, high: 2 },
        |it| it.sets.push(vec![]),
        |it| it.sets[0] = vec![3],
    ];
    for change in changes {
        let mut forged = example();
        change(&mut forged.crossing);
        let why = why(&forged);
        assert!(why.starts_with("certificate of by_project, crossing: claims L1 = "), "{why}");
    }
    let mut forged = example();
    forged.crossing.sets[1] = vec![0];
    assert_eq!(why(&forged), "certificate of by_project, crossing: the person is among the keys");
}

/// What moves no further than the rule says moves no further than more, and noise is made for what was claimed.
#[test]
fn a_weaker_sensitivity_stands() {
    for (l1, l2_squared) in [(7, 12), (6, 13), (6, 36)] {
        let mut weaker = example();
        weaker.crossing.sensitivity = Sensitivity::new(l1, l2_squared).unwrap();
        assert_eq!(weaker.verify().unwrap().sensitivity(), Sensitivity::new(l1, l2_squared).unwrap());
    }
}

#[test]
fn a_bottomless_tree_is_refused() {
    let chain = |filters: usize| {
        let mut certificate = example();
        let mut top = parent(3);
        for _ in 0..filters {
            let claim = top.claim.clone();
            top = Node { rule: filter(&[]), columns: top.columns.clone(), claim, inputs: vec![top], note: String::new() };
        }
        certificate.input = top;
        certificate.crossing =
            Crossing { sets: vec![vec![1]], measure: Measure::Count, sensitivity: Sensitivity::new(3, 3).unwrap() };
        certificate
    };
    let deepest = chain(89);
    assert!(deepest.verify().is_ok());
    assert!(why(&chain(90)).contains("more than 90 nodes deep"));
}
