mod by_hand;
mod crossings;
mod forged;
mod grow;
mod keys;
mod world;

use super::*;

/// A node whose claim is what its rule gives.
fn derived(rule: Rule, width: usize, inputs: Vec<Node>) -> Result<Node, String> {
    let columns = (0..width).map(|column| format!("c{column}")).collect();
    Node::derive(rule, columns, inputs, "select \"å\"\n".to_owned())
}

fn node(rule: Rule, width: usize, inputs: &[&Node]) -> Node {
    derived(rule, width, inputs.iter().copied().cloned().collect()).unwrap()
}

impl Proved {
    /// A sensitivity without a proof, for tests of what comes after it.
    pub(crate) fn assumed(l1: u64, l2_squared: u64) -> Self {
        let sensitivity = Sensitivity::new(l1, l2_squared).unwrap();
        let certificate = Certificate { crossing: Crossing { sensitivity, ..count().crossing }, ..count() };
        Self { certificate, sensitivity }
    }
}

/// How many rows there are.
fn count() -> Certificate {
    let input = parent(1);
    let crossing = Crossing::derive(vec![vec![]], Measure::Count, &input).unwrap();
    Certificate { table: "count".to_owned(), crossing, input }
}

/// Why the rule refuses.
fn refused(rule: Rule, width: usize, inputs: &[&Node]) -> String {
    derived(rule, width, inputs.iter().copied().cloned().collect()).unwrap_err()
}

/// Person, contribution, second, project, x: a parent table.
fn parent(contributions: u64) -> Node {
    node(parent_rule(contributions), 5, &[])
}

fn parent_rule(contributions: u64) -> Rule {
    Rule::ScanPrivate(rule::ScanPrivate {
        table: "parent".into(),
        contributions,
        rows: None,
        unit: 0,
        contribution: 1,
        second: 2,
        project: Some(3),
    })
}

/// Person, contribution, ordinal, y: a child table.
fn child(contributions: u64, rows: u64) -> Node {
    node(child_rule(contributions, rows), 4, &[])
}

fn child_rule(contributions: u64, rows: u64) -> Rule {
    let rows = Some(rows);
    Rule::ScanPrivate(rule::ScanPrivate {
        table: "child".into(),
        contributions,
        rows,
        unit: 0,
        contribution: 1,
        second: 2,
        project: None,
    })
}

/// Key, v.
fn narrow() -> Node {
    node(Rule::ScanPublic(rule::ScanPublic { table: "narrow".into(), key: vec![0], stated: None }), 2, &[])
}

/// First key, second key, v.
fn wide() -> Node {
    node(Rule::ScanPublic(rule::ScanPublic { table: "wide".into(), key: vec![1, 0], stated: None }), 3, &[])
}

fn inner(on: &[(usize, usize)]) -> Rule {
    Rule::Join(rule::Join { on: on.to_vec(), kind: JoinKind::Inner })
}

fn left(on: &[(usize, usize)]) -> Rule {
    Rule::Join(rule::Join { on: on.to_vec(), kind: JoinKind::Left })
}

fn filter(fixed: &[usize]) -> Rule {
    Rule::Filter(rule::Filter { fixed: fixed.to_vec() })
}

fn project(from: &[Option<usize>]) -> Rule {
    Rule::Project(rule::Project { from: from.to_vec() })
}

fn group(keys: &[usize], aggregates: usize) -> Rule {
    Rule::GroupByUnit(rule::GroupByUnit { keys: keys.to_vec(), aggregates })
}

fn union(tags: &[usize]) -> Rule {
    Rule::Union(rule::Union { tags: tags.to_vec() })
}

fn semi(on: &[(usize, usize)]) -> Rule {
    Rule::Semi(rule::Semi { on: on.to_vec(), anti: false })
}

/// (rows, contributions, rows per contribution), and the columns of person and contribution.
type Short = ((u64, u64, u64), (Option<usize>, Option<usize>));

fn short(node: &Node) -> Short {
    let Claim { rows, contributions, per_contribution, unit, contribution, unique: _ } = node.claim;
    ((rows, contributions, per_contribution), (unit, contribution))
}
