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

use utfall_privacy::certificate::{Claim, Node, Rule, rule};

use super::relation::Relation;
use super::words::refusal::Violation;
pub use crate::catalogue::bounds::Slice;

/// The relation with the period as the last column of its proof, and the place of that column.
pub(super) fn by_period(relation: &Relation) -> Result<(Relation, usize), Violation> {
    let (proof, period) = lift(&relation.proof).ok_or(Violation::Node("period"))?;
    let period = period.ok_or(Violation::NoPrivateTable)?;
    Ok((Relation { proof, ..relation.clone() }, period))
}

/// A node and its inputs with the period as their last column if they are private, and its place.
fn lift(node: &Node) -> Option<(Node, Option<usize>)> {
    let inputs: Vec<(Node, Option<usize>)> = node.inputs.iter().map(lift).collect::<Option<_>>()?;
    let private: Option<Vec<usize>> = inputs.iter().map(|(_, period)| *period).collect();
    let made = |rule: Rule, columns: Vec<String>, inputs: Vec<(Node, Option<usize>)>| {
        let last = columns.len().checked_sub(1);
        let inputs = inputs.into_iter().map(|(input, _)| input).collect();
        let made = Node::derive(rule, columns, inputs, node.note.clone()).ok()?;
        let period = last.filter(|_| made.claim.rows > 0);
        Some((made, period))
    };
    match (&node.rule, inputs.as_slice(), private.as_deref()) {
        (Rule::ScanPrivate(_), _, _) => made(node.rule.clone(), named(&node.columns), inputs),
        (Rule::ScanPublic(_), _, _) => Some((node.clone(), None)),
        (Rule::Filter(_), [(input, _)], _) => {
            let columns = input.columns.clone();
            made(node.rule.clone(), columns, inputs)
        }
        (Rule::Project(rule::Project { from }), [(_, period)], _) => {
            let from: Vec<Option<usize>> = from.iter().copied().chain(period.map(Some)).collect();
            let columns = if period.is_some() { named(&node.columns) } else { node.columns.clone() };
            made(Rule::Project(rule::Project { from }), columns, inputs)
        }
        (Rule::Join(rule::Join { on, kind }), [(left, _), (right, _)], private) => {
            let mut on = on.clone();
            if let Some([l, r]) = private {
                on.push((*l, *r));
            }
            let columns = [left.columns.as_slice(), &right.columns].concat();
            let periods = [left.columns.len(), right.columns.len()];
            let periods = [inputs.first()?.1.is_some().then_some(periods[0]), inputs.get(1)?.1.is_some().then_some(periods[1])];
            let (joined, _) = made(Rule::Join(rule::Join { on, kind: *kind }), columns, inputs)?;
            last(joined, periods)
        }
        (Rule::Semi(rule::Semi { on, anti }), [(left, _), _], private) => {
            let mut on = on.clone();
            if let Some([l, r]) = private {
                on.push((*l, *r));
            }
            let columns = left.columns.clone();
            made(Rule::Semi(rule::Semi { on, anti: *anti }), columns, inputs)
        }
        (Rule::Union(rule::Union), [(first, _), ..], _) => {
            let columns = first.columns.clone();
            made(Rule::Union(rule::Union), columns, inputs)
        }
        (Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates }), [(input, Some(period))], _) => {
            let numbered = input.claim.contribution;
            if numbered.is_some_and(|contribution| keys.contains(&contribution)) {
                let columns = named(&node.columns);
                let period = columns.len().checked_sub(1);
                return Some((grouped(node, input.clone(), keys, aggregates.checked_add(1)?, columns)?, period));
            }
            // Of a person alone, there are no more groups than participations: one for each of them comes first.
            match (keys.as_slice(), numbered) {
                ([unit], Some(contribution)) => {
                    let name = |at: usize| input.columns.get(at).cloned();
                    let columns = [name(*unit)?, name(contribution)?, "period".to_owned(), "…".to_owned()].to_vec();
                    let first = grouped(node, input.clone(), &[*unit, contribution], 2, columns)?;
                    group(node, first, &[0], *aggregates, 2)
                }
                _ => group(node, input.clone(), keys, *aggregates, *period),
            }
        }
        _ => None,
    }
}

/// The columns with the period behind them.
fn named(columns: &[String]) -> Vec<String> {
    columns.iter().cloned().chain(["period".to_owned()]).collect()
}

/// A join with one period, last: that of the left side if it is private. `widths` are the lengths of its private sides.
fn last(joined: Node, widths: [Option<usize>; 2]) -> Option<(Node, Option<usize>)> {
    let width = joined.columns.len();
    let period = match widths {
        [Some(left), _] => left.checked_sub(1)?,
        [None, Some(_)] => width.checked_sub(1)?,
        [None, None] => return Some((joined, None)),
    };
    let second = if let [Some(_), Some(_)] = widths { width.checked_sub(1) } else { None };
    let kept = (0..width).filter(|column| *column != period && Some(*column) != second);
    let from: Vec<Option<usize>> = kept.map(Some).chain([Some(period)]).collect();
    let columns: Vec<String> = from.iter().flatten().filter_map(|column| joined.columns.get(*column).cloned()).collect();
    let place = columns.len().checked_sub(1);
    let note = "SELECT …, period".to_owned();
    Some((Node::derive(Rule::Project(rule::Project { from }), columns, vec![joined], note).ok()?, place))
}

/// A grouping within the person with these keys and so many aggregates.
fn grouped(node: &Node, input: Node, keys: &[usize], aggregates: usize, columns: Vec<String>) -> Option<Node> {
    let rule = Rule::GroupByUnit(rule::GroupByUnit { keys: keys.to_vec(), aggregates });
    Node::derive(rule, columns, vec![input], node.note.clone()).ok()
}

/// A grouping within the person that has the period as its last key; then the period goes last.
fn group(node: &Node, input: Node, keys: &[usize], aggregates: usize, period: usize) -> Option<(Node, Option<usize>)> {
    let place = node.columns.len();
    let with_period: Vec<usize> = keys.iter().copied().chain([period]).collect();
    let mut columns = node.columns.clone();
    columns.insert(keys.len().min(place), "period".to_owned());
    let grouped = grouped(node, input, &with_period, aggregates, columns)?;
    let from: Vec<Option<usize>> = (0..=place).filter(|column| *column != keys.len()).chain([keys.len()]).map(Some).collect();
    let note = "SELECT …, period".to_owned();
    let rule = Rule::Project(rule::Project { from });
    Some((Node::derive(rule, named(&node.columns), vec![grouped], note).ok()?, Some(place)))
}

/// What a certified tree says, with columns by name and without what people read: rules, constants and claims. Two queries
/// with one skeleton are one query to the proof above, though tables may have gained columns that it does not use.
pub fn skeleton(node: &Node) -> String {
    let mut text = String::new();
    bones(node, &mut text);
    text
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
        Rule::Project(_) | Rule::Union(rule::Union) => String::new(),
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
