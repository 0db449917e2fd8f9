//! A series: a query answered period by period, certified as the query that has the period as one more key.
//!
//! # Privacy
//! Let f be an accepted query and D_p the rows whose participation lies in period p: what runs for p is f on D_p, for
//! [`super::bound`] puts the period beside the bound on every scan. Claim: the vectors f(D_p) of all p, one below the other, are
//! what the lifted tree of [`by_period`] describes. It carries the period of every private row as a last column P: a scan
//! has it; two private sides of a join, of EXISTS and of IN agree in it; a grouping within the person has it among its keys, or
//! as an aggregate where the participation is a key, for a participation lies in one period. (A grouping by the person alone
//! first groups by participation, so that the rule sees that there are no more groups than these.) By induction over the nodes,
//! the rows of the lifted relation with P = p are the relation of f on D_p. So the core's rules bound what a person
//! moves in all periods together, and [`utfall_privacy::Ledger::reserve_period`] charges that.
//!
//! Three things make it so whenever a period is read: a participation keeps its number and its period from the landing
//! in which it first had them ([`crate::settle`]); rows within it have the same; and the tree is the same for every
//! period, which the series' identity sees to ([`skeleton`]). Public tables, code lists and conditions on them may change from
//! period to period: they are functions of a row and its P.

use std::fmt::Write as _;

use utfall_privacy::certificate::{Certificate, Claim, Crossing, Measure, Node, Rule, rule};

use super::operator::{filter, group, join, project, scan, semi, union};
use super::relation::Relation;
use super::words::refusal::Violation;
pub use crate::catalogue::bounds::Slice;

/// A node of a tree that has the period of every private row.
pub(super) struct Lifted {
    pub(super) node: Node,
    /// The place of the period among its columns, if it is private: the last.
    pub(super) period: Option<usize>,
}

impl Lifted {
    /// What a rule makes of lifted inputs; `node` is the node that is lifted.
    pub(super) fn derive(rule: Rule, columns: Vec<String>, inputs: Vec<Self>, node: &Node) -> Option<Self> {
        let last = columns.len().checked_sub(1);
        let inputs = inputs.into_iter().map(|input| input.node).collect();
        let node = Node::derive(rule, columns, inputs, node.note.clone()).ok()?;
        let period = last.filter(|_| node.claim.rows > 0);
        Some(Self { node, period })
    }

    /// These columns of a node, of which the last is its period.
    pub(super) fn last(node: Node, columns: Vec<usize>) -> Option<Self> {
        let names: Vec<String> = columns.iter().filter_map(|column| node.columns.get(*column).cloned()).collect();
        let period = names.len().checked_sub(1);
        let rule = Rule::Project(rule::Project { from: columns.into_iter().map(Some).collect() });
        Some(Self { node: Node::derive(rule, names, vec![node], "SELECT …, period".to_owned()).ok()?, period })
    }
}

/// A relation whose proof has the period as a column, and its place.
pub(super) struct ByPeriod {
    pub(super) relation: Relation,
    pub(super) period: usize,
}

/// The relation with the period as the last column of its proof.
pub(super) fn by_period(relation: &Relation) -> Result<ByPeriod, Violation> {
    let Lifted { node, period } = lift(&relation.proof).ok_or(Violation::Node("period"))?;
    let period = period.ok_or(Violation::NoPrivateTable)?;
    Ok(ByPeriod { relation: Relation { proof: node, ..relation.clone() }, period })
}

/// A node and its inputs with the period as their last column if they are private.
fn lift(node: &Node) -> Option<Lifted> {
    let inputs: Vec<Lifted> = node.inputs.iter().map(lift).collect::<Option<_>>()?;
    match &node.rule {
        Rule::ScanPrivate(_) => scan::lifted(node),
        Rule::ScanPublic(_) => Some(Lifted { node: node.clone(), period: None }),
        Rule::Filter(_) => filter::lifted(node, inputs),
        Rule::Project(rule) => project::lifted(rule, node, inputs),
        Rule::Join(rule) => join::lifted(rule, node, inputs),
        Rule::Semi(rule) => semi::lifted(rule, node, inputs),
        Rule::Union(_) => union::lifted(node, inputs),
        Rule::GroupByUnit(rule) => group::lifted(rule, node, inputs),
    }
}

/// The columns with the period behind them.
pub(super) fn with_period(columns: &[String]) -> Vec<String> {
    columns.iter().cloned().chain(["period".to_owned()]).collect()
}

/// What a certified tree says, with columns by name and without what people read: rules, constants and claims. Two queries
/// with one skeleton are one query to the proof above, though tables may have gained columns that it does not use.
///
/// As it was first written, so that a series keeps its identity: unions had no tag, and the norms followed from the unique sets
/// alone. Tag and norms follow from the query and the tree, so they tell no two series apart.
pub fn skeleton(certificate: &Certificate) -> Skeleton {
    let Certificate { crossing, input, .. } = certificate;
    let input = untagged(input);
    let (l1, l2_squared) = first_norms(crossing, &input.claim);
    let measure = format!("{:?} Sensitivity {{ l1: {l1}, l2_squared: {l2_squared} }}", crossing.measure);
    let mut tree = String::new();
    bones(&input, &mut tree);
    Skeleton { measure, tree }
}

/// What [`skeleton`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skeleton {
    /// How the last relation becomes integers.
    pub measure: String,
    /// The relations.
    pub tree: String,
}

/// The tree as it was before unions had tags.
fn untagged(node: &Node) -> Node {
    let rule = if let Rule::Union(_) = node.rule { Rule::Union(rule::Union { tags: Vec::new() }) } else { node.rule.clone() };
    let inputs = node.inputs.iter().map(untagged).collect();
    Node::derive(rule, node.columns.clone(), inputs, node.note.clone()).unwrap_or_else(|_| node.clone())
}

/// L1 and squared L2 as they followed from rows and unique sets alone.
fn first_norms(crossing: &Crossing, claim: &Claim) -> (u64, u64) {
    let (size, never_twice) = match crossing.measure {
        Measure::Count => (1, false),
        Measure::DistinctUnits => (1, true),
        Measure::Sum { low, high } => (low.unsigned_abs().max(high.unsigned_abs()), false),
        Measure::Split { low, high } => (high.abs_diff(low), false),
        Measure::Scores { weight } => (weight, false),
    };
    let most = claim.rows.saturating_mul(size);
    let l1 = most.saturating_mul(u64::try_from(crossing.sets.len()).unwrap_or(u64::MAX));
    let differ = |set: &Vec<usize>| claim.unique.iter().any(|unique| unique.iter().all(|column| set.contains(column)));
    let square = |set| if never_twice || differ(set) { most.saturating_mul(size) } else { most.saturating_mul(most) };
    let scores = matches!(crossing.measure, Measure::Scores { .. });
    let sum = crossing.sets.iter().map(square).fold(0, u64::saturating_add);
    (l1, if scores { l1.saturating_mul(l1) } else { sum })
}

fn bones(node: &Node, text: &mut String) {
    let name = |columns: &[String], at: usize| columns.get(at).cloned().unwrap_or_default();
    let own = |at: &usize| name(&node.columns, *at);
    let of = |input: usize, at: usize| node.inputs.get(input).map(|input| name(&input.columns, at)).unwrap_or_default();
    let list = |columns: &mut dyn Iterator<Item = String>| columns.collect::<Vec<_>>().join(",");
    let pairs = |on: &[(usize, usize)]| list(&mut on.iter().map(|(l, r)| format!("{}={}", of(0, *l), of(1, *r))));
    let constants = match &node.rule {
        Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, unit, contribution, second, project }) => {
            let numbers = list(&mut [unit, contribution, second].into_iter().chain(project).map(own));
            format!("{table} {contributions} {rows:?} {numbers}")
        }
        Rule::ScanPublic(rule::ScanPublic { table, key, stated: _ }) => format!("{table} {}", list(&mut key.iter().map(own))),
        Rule::Filter(rule::Filter { fixed }) => list(&mut fixed.iter().map(own)),
        // A column that is passed on says nothing that its use further up does not say.
        Rule::Project(_) | Rule::Union(rule::Union { .. }) => String::new(),
        Rule::Join(rule::Join { on, kind }) => format!("{kind:?} {}", pairs(on)),
        Rule::Semi(rule::Semi { on, anti }) => format!("{anti} {}", pairs(on)),
        Rule::GroupByUnit(rule::GroupByUnit { keys, .. }) => list(&mut keys.iter().map(|key| of(0, *key))),
    };
    let Claim { rows, contributions, per_contribution, unit, contribution, unique } = &node.claim;
    let named = |at: &Option<usize>| at.as_ref().map(own).unwrap_or_default();
    let unique = list(&mut unique.iter().map(|set| format!("{{{}}}", list(&mut set.iter().map(own)))));
    let _ = write!(
        text,
        "({} {constants} | {rows} {contributions} {per_contribution} {} {} {unique}",
        node.rule.name(),
        named(unit),
        named(contribution)
    );
    node.inputs.iter().for_each(|input| bones(input, text));
    text.push(')');
}
