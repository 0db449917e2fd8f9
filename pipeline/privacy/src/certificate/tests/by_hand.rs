//! Every branch of every rule, worked out on paper.

use super::*;

fn assert_claim(node: &Node, numbers: (u64, u64, u64), roles: (Option<usize>, Option<usize>), unique: &[&[usize]]) {
    assert_eq!(short(node), (numbers, roles));
    assert_eq!(node.claim.unique, unique.iter().map(|set| set.to_vec()).collect::<Vec<_>>());
}

const ROLES: (Option<usize>, Option<usize>) = (Some(0), Some(1));

#[test]
fn scans() {
    assert_claim(&parent(3), (3, 3, 1), ROLES, &[&[1], &[2, 3]]);
    assert_claim(&child(3, 4), (12, 3, 4), ROLES, &[&[1, 2]]);
    let scan = |contributions, rows, [unit, contribution, second]: [usize; 3], project| {
        Rule::ScanPrivate(rule::ScanPrivate { table: "t".into(), contributions, rows, unit, contribution, second, project })
    };
    assert_claim(&node(scan(2, None, [3, 2, 1], None), 4, &[]), (2, 2, 1), (Some(3), Some(2)), &[&[2]]);
    assert_claim(&node(scan(2, Some(1), [3, 2, 1], Some(0)), 4, &[]), (2, 2, 1), (Some(3), Some(2)), &[&[1, 2]]);
    assert!(refused(scan(0, None, [0, 1, 2], None), 3, &[]).contains("no rows"));
    assert!(refused(scan(1, Some(0), [0, 1, 2], None), 3, &[]).contains("no rows"));
    assert!(refused(scan(u64::MAX, Some(2), [0, 1, 2], None), 3, &[]).contains("64 bits"));
    for wrong in [[3, 1, 2], [0, 3, 2], [0, 1, 3]] {
        assert_eq!(refused(scan(1, None, wrong, None), 3, &[]), "names column 3 of 3");
    }
    assert_eq!(refused(scan(1, None, [0, 1, 2], Some(3)), 3, &[]), "names column 3 of 3");
    for (wrong, project) in [([0, 0, 2], None), ([0, 1, 0], None), ([0, 1, 1], None), ([0, 1, 2], Some(2)), ([0, 1, 2], Some(0))]
    {
        assert!(refused(scan(1, None, wrong, project), 3, &[]).contains("two meanings"));
    }
    assert_claim(&wide(), (0, 0, 0), (None, None), &[&[0, 1]]);
    let public = |key: &[usize]| Rule::ScanPublic(rule::ScanPublic { table: "t".into(), key: key.to_vec(), stated: None });
    assert!(refused(public(&[]), 2, &[]).contains("no key") && refused(public(&[2]), 2, &[]).contains("column 2 of 2"));
    assert!(refused(parent_rule(1), 5, &[&narrow()]).contains("1 inputs") && refused(filter(&[]), 5, &[]).contains("0 inputs"));
}

#[test]
fn filters() {
    assert_claim(&node(filter(&[]), 5, &[&parent(3)]), (3, 3, 1), ROLES, &[&[1], &[2, 3]]);
    assert_claim(&node(filter(&[4]), 5, &[&parent(3)]), (3, 3, 1), ROLES, &[&[1], &[2, 3]]);
    // One period of each project: the project tells rows apart.
    assert_claim(&node(filter(&[2]), 5, &[&parent(3)]), (3, 3, 1), ROLES, &[&[1], &[3]]);
    assert_claim(&node(filter(&[2, 3]), 5, &[&parent(3)]), (1, 3, 1), ROLES, &[&[], &[1]]);
    assert_claim(&node(filter(&[1]), 5, &[&parent(3)]), (1, 1, 1), ROLES, &[&[], &[2, 3]]);
    // The first row of each participation; all rows of one; one row.
    assert_claim(&node(filter(&[2]), 4, &[&child(3, 4)]), (12, 3, 1), ROLES, &[&[1]]);
    assert_claim(&node(filter(&[1]), 4, &[&child(3, 4)]), (4, 1, 4), ROLES, &[&[2]]);
    assert_claim(&node(filter(&[2, 1]), 4, &[&child(3, 4)]), (1, 1, 1), ROLES, &[&[]]);
    assert_claim(&node(filter(&[0]), 4, &[&child(3, 4)]), (12, 3, 4), ROLES, &[&[1, 2]]);
    assert_claim(&node(filter(&[1]), 3, &[&wide()]), (0, 0, 0), (None, None), &[&[0]]);
    assert_claim(&node(filter(&[1, 0]), 3, &[&wide()]), (0, 0, 0), (None, None), &[&[]]);
    assert!(refused(filter(&[5]), 5, &[&parent(3)]).contains("column 5 of 5"));
    assert!(refused(filter(&[]), 4, &[&parent(3)]).contains("names 4 columns, the rule gives 5"));
}

#[test]
fn projections() {
    let from = [Some(3), None, Some(2), Some(1), Some(0)];
    assert_claim(&node(project(&from), 5, &[&parent(3)]), (3, 3, 1), (Some(4), Some(3)), &[&[0, 2], &[3]]);
    // The first copy is followed.
    let from = [Some(0), Some(0), Some(1), Some(1)];
    assert_claim(&node(project(&from), 4, &[&parent(3)]), (3, 3, 1), (Some(0), Some(2)), &[&[2]]);
    assert_claim(&node(project(&[Some(0), Some(2)]), 2, &[&child(3, 4)]), (12, 0, 0), (Some(0), None), &[]);
    assert_claim(&node(project(&[Some(1), Some(2)]), 2, &[&child(3, 4)]), (12, 3, 4), (None, Some(0)), &[&[0, 1]]);
    assert_claim(&node(project(&[None; 2]), 2, &[&child(3, 4)]), (12, 0, 0), (None, None), &[]);
    assert_claim(&node(project(&[Some(1)]), 1, &[&wide()]), (0, 0, 0), (None, None), &[]);
    assert!(refused(project(&[Some(5)]), 1, &[&parent(3)]).contains("column 5 of 5"));
    assert!(refused(project(&[Some(0)]), 2, &[&parent(3)]).contains("names 2 columns, the rule gives 1"));
}

#[test]
fn joins_of_public_tables() {
    let none = (None, None);
    assert_claim(&node(inner(&[(0, 0), (2, 1)]), 6, &[&wide(), &wide()]), (0, 0, 0), none, &[&[0, 1], &[0, 1, 3, 4]]);
    assert_claim(&node(inner(&[(0, 0), (1, 2)]), 6, &[&wide(), &wide()]), (0, 0, 0), none, &[&[0, 1, 3, 4], &[3, 4]]);
    assert_claim(&node(left(&[(0, 0), (1, 2)]), 6, &[&wide(), &wide()]), (0, 0, 0), none, &[&[0, 1, 3, 4]]);
    assert_claim(&node(left(&[(2, 0)]), 5, &[&wide(), &narrow()]), (0, 0, 0), none, &[&[0, 1], &[0, 1, 3]]);
    assert_claim(&node(inner(&[]), 5, &[&wide(), &narrow()]), (0, 0, 0), none, &[&[0, 1, 3]]);
}

#[test]
fn joins_with_public_tables() {
    let unique: [&[usize]; 2] = [&[1], &[2, 3]];
    for rule in [inner(&[(4, 0)]), left(&[(4, 0)])] {
        assert_claim(&node(rule, 7, &[&parent(3), &narrow()]), (3, 3, 1), ROLES, &unique);
    }
    let shifted = node(inner(&[(0, 4), (1, 3)]), 8, &[&wide(), &parent(3)]);
    assert_claim(&shifted, (3, 3, 1), (Some(3), Some(4)), &[&[4], &[5, 6]]);
    for (rule, private_first) in [
        (inner(&[]), true),
        (inner(&[(4, 0)]), true),
        (left(&[(3, 1), (4, 2)]), true),
        (inner(&[(0, 4)]), false),
        (inner(&[(2, 1), (1, 2)]), false),
    ] {
        let (one, other) = (parent(3), wide());
        let inputs = if private_first { [&one, &other] } else { [&other, &one] };
        assert!(refused(rule, 8, &inputs).contains("cover"));
    }
    assert!(refused(left(&[(0, 4)]), 7, &[&narrow(), &parent(3)]).contains("keeps the rows of its public side"));
    // A public side of one row needs no columns to be covered.
    let one_row = node(filter(&[0]), 2, &[&narrow()]);
    assert_claim(&node(inner(&[]), 7, &[&parent(3), &one_row]), (3, 3, 1), ROLES, &unique);
}

#[test]
fn joins_of_private_tables() {
    let (p, c, d) = (parent(3), child(2, 4), child(5, 6));
    // All pairs of a person.
    assert_claim(&node(inner(&[(0, 0)]), 8, &[&c, &d]), (240, 2, 120), ROLES, &[&[1, 2, 5, 6]]);
    assert_claim(&node(left(&[(0, 0)]), 8, &[&c, &d]), (240, 2, 120), ROLES, &[&[1, 2, 5, 6]]);
    // By participation.
    assert_claim(&node(inner(&[(0, 0), (1, 1)]), 8, &[&d, &c]), (48, 2, 24), ROLES, &[&[1, 2, 5, 6]]);
    assert_claim(&node(left(&[(0, 0), (1, 1)]), 8, &[&d, &c]), (120, 5, 24), ROLES, &[&[1, 2, 5, 6]]);
    // The right is covered: a child with its parent.
    let unique: [&[usize]; 3] = [&[1, 2], &[1, 2, 5], &[1, 2, 6, 7]];
    assert_claim(&node(left(&[(0, 0), (1, 1)]), 9, &[&d, &p]), (30, 5, 6), ROLES, &unique);
    assert_claim(&node(inner(&[(0, 0), (1, 1)]), 9, &[&d, &p]), (18, 3, 6), ROLES, &unique);
    assert_claim(&node(inner(&[(0, 0), (3, 1)]), 9, &[&d, &p]), (30, 5, 6), ROLES, &unique);
    // The left is covered: a parent with its children.
    let unique: [&[usize]; 3] = [&[1, 6, 7], &[2, 3, 6, 7], &[6, 7]];
    assert_claim(&node(inner(&[(1, 1), (0, 0)]), 9, &[&p, &d]), (18, 3, 6), ROLES, &unique);
    assert_claim(&node(inner(&[(1, 3), (0, 0)]), 9, &[&p, &d]), (30, 3, 30), ROLES, &unique);
    let unique: [&[usize]; 2] = [&[1, 6, 7], &[2, 3, 6, 7]];
    assert_claim(&node(left(&[(1, 1), (0, 0)]), 9, &[&p, &d]), (18, 3, 6), ROLES, &unique);
    assert_claim(&node(left(&[(1, 3), (0, 0)]), 9, &[&p, &d]), (90, 3, 30), ROLES, &unique);
    // Without the left's number there is none.
    let anonymous = node(project(&[Some(0), Some(2)]), 2, &[&c]);
    assert_claim(&node(inner(&[(0, 0)]), 7, &[&anonymous, &p]), (24, 0, 0), (Some(0), None), &[]);
    // A covering that rests on the person alone is one row of the person.
    let grouped = node(group(&[0], 1), 2, &[&d]);
    assert_claim(&node(left(&[(0, 0)]), 6, &[&c, &grouped]), (8, 2, 4), ROLES, &[&[1, 2]]);
    for wrong in [inner(&[(1, 1)]), left(&[]), inner(&[(0, 1), (1, 0)]), left(&[(1, 1), (2, 2)])] {
        assert!(refused(wrong, 8, &[&c, &d]).contains("compare the persons"));
    }
    let faceless = node(project(&[None, Some(1), Some(2), None]), 4, &[&c]);
    assert!(refused(inner(&[(0, 0), (1, 1)]), 8, &[&faceless, &d]).contains("compare the persons"));
    assert!(refused(inner(&[(0, 0), (1, 1)]), 8, &[&d, &faceless]).contains("compare the persons"));
    assert!(refused(inner(&[(0, 4)]), 8, &[&c, &d]).contains("column 4 of 4"));
    assert!(refused(inner(&[(4, 0)]), 8, &[&c, &d]).contains("column 4 of 4"));
    assert!(refused(inner(&[(0, 0)]), 7, &[&c, &d]).contains("names 7 columns, the rule gives 8"));
    let huge = child(1, u64::MAX);
    assert!(refused(inner(&[(0, 0)]), 8, &[&huge, &d]).contains("64 bits"));
}

#[test]
fn semi_joins() {
    let (p, c) = (parent(3), child(2, 4));
    for anti in [false, true] {
        let semi = |on: &[(usize, usize)]| Rule::Semi(rule::Semi { on: on.to_vec(), anti });
        assert_claim(&node(semi(&[(0, 0)]), 5, &[&p, &c]), (3, 3, 1), ROLES, &[&[1], &[2, 3]]);
        assert_claim(&node(semi(&[(4, 1)]), 5, &[&p, &narrow()]), (3, 3, 1), ROLES, &[&[1], &[2, 3]]);
        assert_claim(&node(semi(&[]), 2, &[&narrow(), &wide()]), (0, 0, 0), (None, None), &[&[0]]);
        assert!(refused(semi(&[(0, 0)]), 2, &[&narrow(), &c]).contains("public relation depend on a private"));
        assert!(refused(semi(&[(1, 1)]), 5, &[&p, &c]).contains("compare the persons"));
        assert!(refused(semi(&[(0, 4)]), 5, &[&p, &c]).contains("column 4 of 4"));
        assert!(refused(semi(&[(0, 0)]), 4, &[&p, &c]).contains("the rule gives 5"));
    }
}

#[test]
fn unions() {
    let (c, d) = (child(2, 4), child(5, 6));
    assert_claim(&node(union(&[]), 4, &[&c, &d]), (38, 7, 10), ROLES, &[]);
    assert_claim(&node(union(&[]), 4, &[&c, &d, &c]), (46, 9, 14), ROLES, &[]);
    let turned = node(project(&[Some(1), Some(0), None, None]), 4, &[&c]);
    assert_claim(&node(union(&[]), 4, &[&turned, &d]), (38, 0, 0), (None, None), &[]);
    let faceless = node(project(&[Some(0), None, None, None]), 4, &[&c]);
    assert_claim(&node(union(&[]), 4, &[&d, &faceless]), (38, 0, 0), (Some(0), None), &[]);
    assert_claim(&node(union(&[]), 3, &[&wide(), &wide()]), (0, 0, 0), (None, None), &[]);
    let narrowed = node(project(&[None, None]), 2, &[&c]);
    assert!(refused(union(&[]), 2, &[&narrowed, &narrow()]).contains("mixes"));
    assert!(refused(union(&[]), 2, &[&narrow(), &narrowed]).contains("mixes"));
    assert!(refused(union(&[]), 2, &[&narrow(), &wide()]).contains("different numbers of columns"));
    assert!(refused(union(&[]), 3, &[&narrow(), &narrow()]).contains("names 3 columns"));
    assert!(refused(union(&[]), 4, &[&c]).contains("1 inputs") && refused(union(&[]), 4, &[]).contains("0 inputs"));
    assert!(refused(union(&[]), 4, &[&child(1, u64::MAX), &c]).contains("64 bits"));
    // With a tag: the sets that contain one of each input, and it.
    assert_claim(&node(union(&[3]), 4, &[&c, &d, &c]), (46, 9, 14), ROLES, &[&[1, 2, 3]]);
    let first = node(filter(&[2]), 4, &[&c]);
    assert_claim(&node(union(&[3]), 4, &[&first, &d]), (38, 7, 7), ROLES, &[&[1, 2, 3]]);
    assert_claim(&node(union(&[3]), 4, &[&first, &first]), (16, 4, 2), ROLES, &[&[1, 3]]);
    let one = node(project(&[Some(0), None, None, None]), 4, &[&node(filter(&[1, 2]), 4, &[&c])]);
    assert_claim(&node(union(&[3]), 4, &[&one, &one]), (2, 0, 0), (Some(0), None), &[&[3]]);
    // Either of two tags tells the inputs apart.
    assert_claim(&node(union(&[2, 3]), 4, &[&one, &one]), (2, 0, 0), (Some(0), None), &[&[2], &[3]]);
    // One row has nothing to differ from, whatever its columns are.
    let single = node(project(&[Some(0), None, None, None]), 4, &[&child(1, 1)]);
    assert_claim(&node(union(&[3]), 4, &[&single, &single]), (2, 0, 0), (Some(0), None), &[&[3]]);
    assert_claim(&node(union(&[3]), 4, &[&single, &c]), (9, 0, 0), (Some(0), None), &[&[1, 2, 3]]);
    assert_claim(&node(union(&[3]), 4, &[&d, &faceless]), (38, 0, 0), (Some(0), None), &[]);
    assert_claim(&node(union(&[2]), 3, &[&wide(), &wide()]), (0, 0, 0), (None, None), &[]);
    assert!(refused(union(&[4]), 4, &[&c, &d]).contains("column 4 of 4"));
}

#[test]
fn groups() {
    let c = child(3, 4);
    assert_claim(&node(group(&[0], 2), 3, &[&c]), (1, 0, 0), (Some(0), None), &[&[]]);
    assert_claim(&node(group(&[1, 0], 1), 3, &[&c]), (3, 3, 1), (Some(1), Some(0)), &[&[0]]);
    assert_claim(&node(group(&[3, 0, 1], 0), 3, &[&c]), (12, 3, 4), (Some(1), Some(2)), &[&[0, 2]]);
    assert_claim(&node(group(&[0, 3], 0), 2, &[&c]), (12, 0, 0), (Some(0), None), &[&[1]]);
    let few = node(filter(&[1, 2]), 4, &[&c]);
    assert_claim(&node(group(&[0, 1], 0), 2, &[&few]), (1, 1, 1), ROLES, &[&[1]]);
    assert!(refused(group(&[1], 0), 1, &[&c]).contains("group by the person"));
    assert!(refused(group(&[], 1), 1, &[&c]).contains("group by the person"));
    assert!(refused(group(&[0], 1), 2, &[&narrow()]).contains("group by the person"));
    assert!(refused(group(&[0, 1, 1], 0), 3, &[&c]).contains("twice"));
    assert!(refused(group(&[0, 4], 0), 2, &[&c]).contains("column 4 of 4"));
    assert!(refused(group(&[0, 1], 1), 2, &[&c]).contains("names 2 columns, the rule gives 3"));
}
