//! Random queries that the rules accept.

use rand::Rng;

use super::*;

/// What a rule does not say, for it is free: the condition of a filter or an inner join.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Plain,
    Where { equal: Vec<(usize, Option<i64>)>, differ: Vec<(usize, Option<i64>)> },
}

/// A node that can be carried out.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) node: Node,
    pub(super) step: Step,
    pub(super) inputs: Vec<Query>,
}

impl Query {
    pub(super) fn new(rule: Rule, step: Step, width: usize, inputs: Vec<Query>) -> Result<Self, String> {
        let node = derived(rule, width, inputs.iter().map(|input| input.node.clone()).collect())?;
        Ok(Self { node, step, inputs })
    }

    fn width(&self) -> usize {
        self.node.columns.len()
    }
}

/// One of `0..bound`.
pub(super) fn random(rng: &mut impl Rng, bound: u64) -> i64 {
    i64::try_from(rng.next_u64() % bound).unwrap()
}

fn below(rng: &mut impl Rng, bound: usize) -> usize {
    usize::try_from(random(rng, u64::try_from(bound.max(1)).unwrap())).unwrap()
}

fn chance(rng: &mut impl Rng, percent: i64) -> bool {
    random(rng, 100) < percent
}

/// A tree of at most this depth whose claims the rules derive. What they refuse is tried again.
pub(super) fn grow(rng: &mut impl Rng, depth: u32) -> Query {
    loop {
        if let Ok(query) = attempt(rng, depth)
            && query.width() <= 14
        {
            return query;
        }
    }
}

fn attempt(rng: &mut impl Rng, depth: u32) -> Result<Query, String> {
    if depth <= 1 {
        return Ok(scan(rng));
    }
    let input = |rng: &mut _| {
        let shallower = u32::from(chance(rng, 50)).min(depth - 2);
        grow(rng, depth - 1 - shallower)
    };
    match below(rng, 8) {
        0 => Ok(scan(rng)),
        1 => {
            let input = input(rng);
            let fixed: Vec<usize> = (0..input.width()).filter(|_| chance(rng, 30)).collect();
            let equal = fixed.iter().map(|at| (*at, Some(1 + random(rng, 2) * random(rng, 2)))).collect();
            Query::new(filter(&fixed), Step::Where { equal, differ: conditions(rng, input.width()) }, input.width(), vec![input])
        }
        2 => {
            let input = input(rng);
            let mut from: Vec<Option<usize>> = (0..input.width()).map(|column| chance(rng, 90).then_some(column)).collect();
            for _ in 0..3 {
                let (one, other) = (below(rng, from.len()), below(rng, from.len()));
                from.swap(one, other);
            }
            if chance(rng, 30) {
                let copied = from[below(rng, from.len())];
                from.insert(below(rng, from.len()), copied);
            }
            Query::new(project(&from), Step::Plain, from.len(), vec![input])
        }
        3 | 4 => {
            let (one, other) = (input(rng), input(rng));
            let on = pairs(rng, &one, &other);
            let width = one.width() + other.width();
            let (rule, differ) = if chance(rng, 50) { (inner(&on), conditions(rng, width)) } else { (left(&on), vec![]) };
            Query::new(rule, Step::Where { equal: vec![], differ }, width, vec![one, other])
        }
        5 => {
            let (one, other) = (input(rng), input(rng));
            let on = pairs(rng, &one, &other);
            Query::new(Rule::Semi(rule::Semi { on, anti: chance(rng, 50) }), Step::Plain, one.width(), vec![one, other])
        }
        6 => {
            let one = input(rng);
            let mut other = if chance(rng, 50) { one.clone() } else { input(rng) };
            if let Step::Where { equal, .. } = &mut other.step {
                // The same filter with other constants.
                for (_, cell) in equal {
                    *cell = Some(1 + random(rng, 3));
                }
            }
            let width = one.width();
            if width == 0 || width != other.width() || chance(rng, 50) {
                return Query::new(union(&[]), Step::Plain, width, vec![one, other]);
            }
            // A column at one constant in each, and at another in the other.
            let tag = below(rng, width);
            let at = |constant, input| {
                let equal = vec![(tag, Some(constant))];
                Query::new(filter(&[tag]), Step::Where { equal, differ: vec![] }, width, vec![input])
            };
            Query::new(union(&[tag]), Step::Plain, width, vec![at(1, one)?, at(2, other)?])
        }
        _ => {
            let input = input(rng);
            let claim = &input.node.claim;
            let mut keys: Vec<usize> = claim.unit.into_iter().chain(claim.contribution.filter(|_| chance(rng, 50))).collect();
            let others: Vec<usize> = (0..input.width()).filter(|key| !keys.contains(key)).filter(|_| chance(rng, 15)).collect();
            keys.extend(others);
            keys.reverse();
            let aggregates = below(rng, 2);
            Query::new(group(&keys, aggregates), Step::Plain, keys.len() + aggregates, vec![input])
        }
    }
}

fn scan(rng: &mut impl Rng) -> Query {
    let bound = |rng: &mut _| u64::try_from(1 + random(rng, 3)).unwrap();
    let node = match below(rng, 6) {
        0 | 1 => parent(bound(rng)),
        2 | 3 => child(bound(rng), bound(rng)),
        4 => narrow(),
        _ => wide(),
    };
    Query { node, step: Step::Plain, inputs: vec![] }
}

fn conditions(rng: &mut impl Rng, width: usize) -> Vec<(usize, Option<i64>)> {
    if width > 0 && chance(rng, 30) { vec![(below(rng, width), Some(random(rng, 2)))] } else { vec![] }
}

/// Conditions such as people write: mostly person and number, or what covers a side.
fn pairs(rng: &mut impl Rng, left: &Query, right: &Query) -> Vec<(usize, usize)> {
    let (one, other) = (&left.node.claim, &right.node.claim);
    let mut on: Vec<(usize, usize)> = one.unit.zip(other.unit).filter(|_| chance(rng, 90)).into_iter().collect();
    on.extend(one.contribution.zip(other.contribution).filter(|_| chance(rng, 50)));
    if left.width() == 0 || right.width() == 0 {
        return on;
    }
    if !other.unique.is_empty() && chance(rng, 40) {
        let set = &other.unique[below(rng, other.unique.len())];
        on.extend(set.iter().map(|column| (below(rng, left.width()), *column)));
    }
    if !one.unique.is_empty() && chance(rng, 30) {
        let set = &one.unique[below(rng, one.unique.len())];
        on.extend(set.iter().map(|column| (*column, below(rng, right.width()))));
    }
    if chance(rng, 15) {
        on.push((below(rng, left.width()), below(rng, right.width())));
    }
    on
}
