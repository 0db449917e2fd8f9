//! What would make an accepted query worth more, from its proof alone: an analyst hears of it before anything is charged.

use std::collections::BTreeSet;

use utfall_privacy::certificate::{Measure, Node, Rule, rule};

use crate::certify::check::Checked;
use crate::certify::crossing::Estimator;
use utfall_ground::text::Message;

/// A value that can be from one number to another so far apart has a range that nobody chose: that of two unrelated days, say.
const WIDE: u64 = 50_000;

/// The column of people's rows that names their project.
const PROJECT: &str = "project";

/// What an author should look at, in the order of the query.
pub fn advice(accepted: &Checked) -> Vec<Message> {
    let mut all: Vec<Message> = Vec::new();
    if let Some(first) = accepted.crossing.vectors.first() {
        rows(&first.certificate.input, &mut all);
    }
    for named in &accepted.crossing.estimators {
        let measures = named.estimator.vectors().into_iter().filter_map(|at| accepted.crossing.vectors.get(at));
        let ranges = measures.filter_map(|of| match of.certificate.crossing.measure {
            Measure::Sum { low, high } | Measure::Split { low, high } => Some((low, high)),
            Measure::Count | Measure::DistinctUnits | Measure::Scores { .. } => None,
        });
        let is_of_values = !matches!(named.estimator, Estimator::Count(_) | Estimator::Constant { .. } | Estimator::Grouping(_));
        // Of squares the range is that of the values, squared.
        if let Some((low, high)) = ranges.into_iter().next().filter(|(low, high)| is_of_values && high.abs_diff(*low) > WIDE) {
            all.push(wide(&named.name, low, high));
        }
    }
    all
}

fn wide(name: &str, low: i64, high: i64) -> Message {
    let name = name.rsplit('.').next().unwrap_or(name);
    Message::new(
        format!(
            "`{name}`: värdena får gå från {low} till {high}, och bruset ska dölja det största; klipp till vad som kan vara: least(greatest(x, 0), 1000), med WHERE x IS NOT NULL"
        ),
        format!(
            "`{name}`: its values may go from {low} to {high}, and the noise has to hide the largest; clamp to what can be: least(greatest(x, 0), 1000), with WHERE x IS NOT NULL"
        ),
    )
}

/// The tables of people that a relation is made of. One beside itself is one participation beside another.
fn tables(node: &Node) -> BTreeSet<&str> {
    let own = if let Rule::ScanPrivate(scan) = &node.rule { Some(scan.table.as_str()) } else { None };
    own.into_iter().chain(node.inputs.iter().flat_map(tables)).collect()
}

/// A participation is in one project; as a key beside it, it is taken for one of several.
fn without(node: &Node, input: &Node, group: &rule::GroupByUnit, project: usize) -> Option<Message> {
    let keys = group.keys.iter().copied().filter(|key| *key != project).collect();
    let rule = Rule::GroupByUnit(rule::GroupByUnit { keys, aggregates: group.aggregates.checked_add(1)? });
    let with = Node::derive(rule, node.columns.clone(), vec![input.clone()], node.note.clone()).ok()?;
    let (rows, fewer) = (node.claim.rows, with.claim.rows);
    (fewer < rows).then(|| {
        Message::new(
            format!("{}: högst {rows} rader per person; med min(project) AS project i stället för project i GROUP BY blir det {fewer}, och bruset mindre", node.note),
            format!("{}: at most {rows} rows per person; with min(project) AS project in place of project in GROUP BY it is {fewer}, and less noise", node.note),
        )
    })
}

/// Joins of two tables of people on the person where the participation is there on both sides, and groups by more than a participation.
fn rows(node: &Node, all: &mut Vec<Message>) {
    if let (Rule::Join(join), [left, right]) = (&node.rule, node.inputs.as_slice())
        && let (Some(l), Some(r)) = (left.claim.contribution, right.claim.contribution)
        && !join.on.contains(&(l, r))
        && tables(left).is_disjoint(&tables(right))
    {
        let on = join.on.iter().copied().chain([(l, r)]).collect();
        let rule = Rule::Join(rule::Join { on, kind: join.kind });
        let with = Node::derive(rule, node.columns.clone(), node.inputs.clone(), node.note.clone());
        if let Some(fewer) = with.ok().map(|with| with.claim.rows).filter(|fewer| *fewer < node.claim.rows) {
            let rows = node.claim.rows;
            all.push(Message::new(
                format!("{}: högst {rows} rader per person, för varje deltagande möter alla andra av samma person; med {fewer} blir bruset mindre: JOIN … USING (participant, contribution)", node.note),
                format!("{}: at most {rows} rows per person, since each participation meets all others of the person; {fewer} would give less noise: JOIN … USING (participant, contribution)", node.note),
            ));
        }
    }
    if let (Rule::GroupByUnit(group), [input]) = (&node.rule, node.inputs.as_slice())
        && let (Some(unit), Some(contribution)) = (input.claim.unit, input.claim.contribution)
        && [unit, contribution].iter().all(|key| group.keys.contains(key))
        && let Some(project) = group.keys.iter().copied().find(|key| input.columns.get(*key).is_some_and(|name| name == PROJECT))
    {
        all.extend(without(node, input, group, project));
    }
    node.inputs.iter().for_each(|input| rows(input, all));
}
