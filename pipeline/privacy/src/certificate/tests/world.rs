//! Small worlds: rules are carried out naively, with and without a person, and claims compared with what happened.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

use super::grow::{Query, Step, grow, random};
use super::*;

pub(super) type Row = Vec<Option<i64>>;

/// The tables of a world, and who is in it.
pub(super) struct World {
    tables: BTreeMap<&'static str, Vec<Row>>,
}

impl World {
    /// Persons 1 to 3, with at most 3 participations of at most 3 rows; most of them are there.
    pub(super) fn new(rng: &mut impl Rng) -> Self {
        let dense = random(rng, 2) == 0;
        let (mut parent, mut child) = (vec![], vec![]);
        for person in 1..=3 {
            let mut periods = [0; 3];
            let backwards = random(rng, 2) == 0;
            for step in 1..=3 {
                let contribution = if backwards { 4 - step } else { step };
                if !dense && random(rng, 4) == 0 {
                    continue;
                }
                let project = random(rng, 3);
                let period = &mut periods[usize::try_from(project).unwrap()];
                *period += 1;
                parent.push(vec![Some(person), Some(contribution), Some(*period), Some(project), value(rng)]);
                for ordinal in 1..=3 {
                    if dense || random(rng, 3) > 0 {
                        child.push(vec![Some(person), Some(contribution), Some(ordinal), value(rng)]);
                    }
                }
            }
        }
        let narrow = (0..4).map(|key| vec![Some(key), value(rng)]).collect();
        let wide = (0..9).map(|key| vec![Some(key / 3), Some(key % 3), value(rng)]).collect();
        let tables = [("parent", parent), ("child", child), ("narrow", narrow), ("wide", wide)];
        Self { tables: tables.into_iter().collect() }
    }

    pub(super) fn without(&self, person: i64) -> Self {
        let mut tables = self.tables.clone();
        for table in ["parent", "child"] {
            tables.get_mut(table).unwrap().retain(|row| row[0] != Some(person));
        }
        Self { tables }
    }

    /// Carries out a query by the definition of each rule.
    pub(super) fn run(&self, query: &Query) -> Vec<Row> {
        let inputs: Vec<Vec<Row>> = query.inputs.iter().map(|input| self.run(input)).collect();
        let agree =
            |on: &[(usize, usize)], one: &Row, other: &Row| on.iter().all(|(l, r)| one[*l].is_some() && one[*l] == other[*r]);
        match (&query.node.rule, &query.step) {
            (Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, contribution, second, .. }), _) => {
                let below = |cell: Option<i64>, bound: u64| cell.unwrap() <= i64::try_from(bound).unwrap();
                let keep =
                    |row: &Row| below(row[*contribution], *contributions) && rows.is_none_or(|rows| below(row[*second], rows));
                self.tables[table.as_str()].iter().filter(|row| keep(row)).cloned().collect()
            }
            (Rule::ScanPublic(rule::ScanPublic { table, .. }), _) => self.tables[table.as_str()].clone(),
            (Rule::Filter(_), Step::Where { equal, differ }) => {
                let keep = |row: &Row| {
                    equal.iter().all(|(at, cell)| row[*at] == *cell) && differ.iter().all(|(at, cell)| row[*at] != *cell)
                };
                inputs[0].iter().filter(|row| keep(row)).cloned().collect()
            }
            (Rule::Project(rule::Project { from }), _) => {
                // Each expression is the parity of the row.
                let sum = |row: &Row| Some(row.iter().flatten().sum::<i64>() % 2);
                inputs[0]
                    .iter()
                    .map(|row| from.iter().map(|from| from.map_or_else(|| sum(row), |at| row[at])).collect())
                    .collect()
            }
            (Rule::Join(rule::Join { on, kind }), step) => {
                let mut out = vec![];
                for left in &inputs[0] {
                    let partners = inputs[1].iter().filter(|right| agree(on, left, right));
                    let mut pairs: Vec<Row> = partners.map(|right| [left.as_slice(), right].concat()).collect();
                    if let Step::Where { differ, .. } = step {
                        pairs.retain(|row| differ.iter().all(|(at, cell)| row[*at] != *cell));
                    }
                    if pairs.is_empty() && *kind == JoinKind::Left {
                        let width = query.node.columns.len();
                        pairs.push(left.iter().copied().chain(std::iter::repeat(None)).take(width).collect());
                    }
                    out.extend(pairs);
                }
                out
            }
            (Rule::Semi(rule::Semi { on, anti }), _) => {
                let keep = |row: &&Row| inputs[1].iter().any(|other| agree(on, row, other)) != *anti;
                inputs[0].iter().filter(keep).cloned().collect()
            }
            (Rule::Union(_), _) => inputs.concat(),
            (Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates }), _) => {
                let mut groups: BTreeMap<Row, i64> = BTreeMap::new();
                for row in &inputs[0] {
                    let key = keys.iter().map(|key| row[*key]).collect();
                    *groups.entry(key).or_default() += 1;
                }
                let widen =
                    |(key, count): (Row, i64)| key.into_iter().chain(std::iter::repeat_n(Some(count), *aggregates)).collect();
                groups.into_iter().map(widen).collect()
            }
            (Rule::Filter(_), Step::Plain) => unreachable!("a filter has its condition"),
        }
    }
}

/// Mostly 0 and 1, so that values meet; sometimes null.
fn value(rng: &mut impl Rng) -> Option<i64> {
    [Some(0), Some(0), Some(1), Some(1), Some(2), Some(3), None][usize::try_from(random(rng, 7)).unwrap()]
}

fn counted(rows: &[Row]) -> BTreeMap<&Row, i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    counts
}

/// The rows of the person: what is there with and not without. Nothing else may move.
pub(super) fn rows_of(with: &[Row], without: &[Row]) -> Result<Vec<Row>, String> {
    let mut counts = counted(with);
    for (row, count) in counted(without) {
        *counts.entry(row).or_default() -= count;
    }
    if counts.values().any(|count| *count < 0) {
        return Err("another person's row came or changed".to_owned());
    }
    Ok(counts.into_iter().flat_map(|(row, count)| std::iter::repeat_n(row.clone(), usize::try_from(count).unwrap())).collect())
}

/// What the person really has: rows, contributions, rows per contribution.
fn truth(claim: &Claim, mine: &[Row]) -> (u64, u64, u64) {
    let length = |number: usize| u64::try_from(number).unwrap();
    let Some(contribution) = claim.contribution else { return (length(mine.len()), 0, 0) };
    let mut numbers: BTreeMap<Option<i64>, u64> = BTreeMap::new();
    for row in mine {
        *numbers.entry(row[contribution]).or_default() += 1;
    }
    (length(mine.len()), length(numbers.len()), numbers.values().copied().max().unwrap_or(0))
}

/// Whether the claim is true of what happened.
fn holds(claim: &Claim, person: i64, with: &[Row], without: &[Row]) -> Result<(u64, u64, u64), String> {
    let mine = rows_of(with, without)?;
    let truth = truth(claim, &mine);
    if truth.0 > claim.rows || truth.1 > claim.contributions || truth.2 > claim.per_contribution {
        return Err(format!("{truth:?} against {claim:?}"));
    }
    if claim.unit.is_some_and(|unit| {
        mine.iter().any(|row| row[unit] != Some(person)) || without.iter().any(|row| row[unit] == Some(person))
    }) {
        return Err("a row does not show its person".to_owned());
    }
    let rows = if claim.rows == 0 { with } else { &mine };
    for set in &claim.unique {
        let keys: BTreeSet<Row> = rows.iter().map(|row| set.iter().map(|column| row[*column]).collect()).collect();
        if keys.len() < rows.len() {
            return Err(format!("rows agree in {set:?}"));
        }
    }
    Ok(truth)
}

/// Random trees over random worlds: no claim is ever false.
#[test]
fn no_claim_is_false() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut seen = BTreeMap::new();
    for _ in 0..30_000 {
        let query = grow(&mut rng, 4);
        let world = World::new(&mut rng);
        let with = world.run(&query);
        for person in 1..=3 {
            let truth = holds(&query.node.claim, person, &with, &world.without(person).run(&query));
            let (rows, _, _) = truth.unwrap_or_else(|why| panic!("{why}: {query:#?}"));
            if rows == query.node.claim.rows && rows > 1 {
                *seen.entry(query.node.rule.name()).or_insert(0) += 1;
            }
        }
    }
    // And claims are not idle: every rule's was reached, often.
    assert!(seen.len() == 7 && seen.values().all(|count| *count > 50), "{seen:?}");
}

/// The best of many worlds reaches rows, contributions and rows per contribution of these claims, and of their sets no
/// column can be left out.
#[test]
fn claims_are_attained() {
    let scan = |node: Node| Query { node, step: Step::Plain, inputs: vec![] };
    let (p, c) = (|| scan(parent(3)), |rows| scan(child(2, rows)));
    let constants = |fixed: &[usize]| Step::Where { equal: fixed.iter().map(|at| (*at, Some(1))).collect(), differ: vec![] };
    let make = |rule: Rule, width, inputs: Vec<Query>| Query::new(rule, Step::Plain, width, inputs).unwrap();
    let keep = |fixed: &[usize], width, input| Query::new(filter(fixed), constants(fixed), width, vec![input]).unwrap();
    let cases = [
        p(),
        c(3),
        keep(&[1], 4, c(3)),
        keep(&[1, 2], 4, c(3)),
        keep(&[2], 5, p()),
        keep(&[2, 3], 5, p()),
        make(inner(&[(0, 0)]), 8, vec![c(2), c(3)]),
        make(inner(&[(0, 0), (1, 1)]), 8, vec![c(2), c(3)]),
        make(left(&[(0, 0), (1, 1)]), 9, vec![p(), scan(child(3, 3))]),
        make(inner(&[(0, 0), (1, 1)]), 9, vec![p(), c(3)]),
        make(inner(&[(0, 0), (1, 1)]), 9, vec![c(3), p()]),
        make(left(&[(0, 0), (1, 1)]), 9, vec![c(3), p()]),
        make(left(&[(4, 0)]), 7, vec![p(), scan(narrow())]),
        make(inner(&[(0, 4)]), 7, vec![scan(narrow()), p()]),
        make(semi(&[(0, 0)]), 5, vec![p(), c(1)]),
        make(group(&[0], 1), 2, vec![c(3)]),
        make(group(&[0, 1], 0), 2, vec![c(3)]),
        make(group(&[0, 1, 2], 0), 3, vec![c(3)]),
        make(union(&[]), 4, vec![c(2), c(3)]),
        // Each input has one contribution, the union has two: the maximum of their numbers would be false.
        make(
            union(&[]),
            2,
            vec![make(group(&[0, 1], 0), 2, vec![keep(&[1], 4, c(3))]), {
                let two = Step::Where { equal: vec![(1, Some(2))], differ: vec![] };
                make(group(&[0, 1], 0), 2, vec![Query::new(filter(&[1]), two, 4, vec![c(3)]).unwrap()])
            }],
        ),
    ];
    for (case, query) in cases.iter().enumerate() {
        let claim = &query.node.claim;
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut best = (0, 0, 0);
        let mut smaller: BTreeSet<Vec<usize>> = BTreeSet::new();
        for set in &claim.unique {
            smaller.extend(set.iter().map(|out| set.iter().copied().filter(|column| column != out).collect()));
        }
        for _ in 0..300 {
            let world = World::new(&mut rng);
            let (with, without) = (world.run(query), world.without(1).run(query));
            let truth = holds(claim, 1, &with, &without).unwrap();
            best = (best.0.max(truth.0), best.1.max(truth.1), best.2.max(truth.2));
            smaller.retain(|set| holds(&Claim { unique: vec![set.clone()], ..claim.clone() }, 1, &with, &without).is_ok());
        }
        let bounds = (claim.rows, claim.contributions.min(claim.rows), claim.per_contribution);
        if matches!(query.node.rule, Rule::Union(_)) {
            // The same contributions in each input, or others: not both at once.
            assert!(best.0 == bounds.0 && (best.1 == bounds.1) != (best.2 == bounds.2), "case {case}: {best:?}");
        } else {
            assert_eq!(best, bounds, "case {case}");
        }
        smaller.retain(|set| !rule::contains_a_set(claim, set));
        // A join on more than the person makes columns follow from others.
        let follow = matches!(&query.node.rule, Rule::Join(rule::Join { on, .. }) if *on != [(0, 0)]);
        assert!(follow || smaller.is_empty(), "case {case}: {smaller:?} would do");
    }
}

/// What the rules refuse is false indeed: the neighbours differ by more than any claim about one person's rows.
#[test]
fn refusals_have_their_reason() {
    let scan = |node: Node| Query { node, step: Step::Plain, inputs: vec![] };
    let forced = |rule: Rule, width: usize, claim: &Claim, inputs: Vec<Query>| {
        let columns = vec![String::new(); width];
        let nodes = inputs.iter().map(|input| input.node.clone()).collect();
        assert!(derived(rule.clone(), width, inputs.iter().map(|input| input.node.clone()).collect()).is_err());
        let node = Node { rule, columns, claim: claim.clone(), inputs: nodes, note: String::new() };
        Query { node, step: Step::Plain, inputs }
    };
    let (p, c) = (|| scan(parent(3)), || scan(child(3, 3)));
    let (of_parent, of_child) = (p().node.claim, Claim { unique: vec![], ..c().node.claim });
    let anti = |on: &[(usize, usize)]| Rule::Semi(rule::Semi { on: on.to_vec(), anti: true });
    let cases = [
        // Without (unit, unit), rows meet rows of others.
        forced(inner(&[(1, 1)]), 9, &of_child, vec![c(), p()]),
        forced(anti(&[(1, 1)]), 5, &of_parent, vec![p(), c()]),
        // A public side that is not covered multiplies rows; one that is kept loses its nulls; one that is filtered shows.
        forced(inner(&[(4, 0)]), 8, &of_parent, vec![p(), scan(wide())]),
        forced(
            left(&[(0, 4)]),
            7,
            &Claim { unit: None, contribution: None, contributions: 0, per_contribution: 0, ..of_parent.clone() },
            vec![scan(narrow()), p()],
        ),
        forced(semi(&[(0, 1)]), 2, &scan(narrow()).node.claim, vec![scan(narrow()), p()]),
        // Groups across persons.
        forced(
            group(&[1], 1),
            2,
            &Claim { unit: None, contribution: None, contributions: 0, per_contribution: 0, unique: vec![], ..of_parent },
            vec![p()],
        ),
    ];
    for (case, query) in cases.iter().enumerate() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let false_somewhere = (0..300).any(|_| {
            let world = World::new(&mut rng);
            holds(&query.node.claim, 1, &world.run(query), &world.without(1).run(query)).is_err()
        });
        assert!(false_somewhere, "case {case}");
    }
}
