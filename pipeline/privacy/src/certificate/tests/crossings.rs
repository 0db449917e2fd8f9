//! From rows to cells: worked out on paper, and against random worlds.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use super::grow::{Query, grow, random};
use super::world::{Row, World, rows_of};
use super::*;

fn derived(input: &Node, sets: &[&[usize]], measure: Measure) -> Result<Sensitivity, String> {
    Crossing::derive(sets.iter().map(|set| set.to_vec()).collect(), measure, input).map(|crossing| crossing.sensitivity)
}

fn norms(input: &Node, sets: &[&[usize]], measure: Measure) -> (u64, u64) {
    let sensitivity = derived(input, sets, measure).unwrap();
    (sensitivity.l1(), sensitivity.l2_squared())
}

fn refused(input: &Node, sets: &[&[usize]], measure: Measure) -> String {
    derived(input, sets, measure).unwrap_err()
}

#[test]
fn every_measure_by_hand() {
    let (p, first) = (parent(3), node(filter(&[2]), 5, &[&parent(3)]));
    // Rows that may share a cell; rows that do not, by project and first period; a superset; both; the total.
    assert_eq!(norms(&p, &[&[3]], Measure::Count), (3, 9));
    assert_eq!(norms(&first, &[&[3]], Measure::Count), (3, 3));
    assert_eq!(norms(&p, &[&[4, 3, 2]], Measure::Count), (3, 3));
    assert_eq!(norms(&first, &[&[3, 4], &[4], &[]], Measure::Count), (9, 3 + 9 + 9));
    assert_eq!(norms(&p, &[&[]], Measure::DistinctUnits), (3, 3));
    assert_eq!(norms(&p, &[&[4], &[]], Measure::DistinctUnits), (6, 6));
    let sum = |low, high| Measure::Sum { low, high };
    assert_eq!(norms(&p, &[&[4]], sum(-5, 2)), (15, 225));
    assert_eq!(norms(&first, &[&[3]], sum(-2, 5)), (15, 75));
    assert_eq!(norms(&first, &[&[3], &[4]], sum(0, 5)), (30, 75 + 225));
    assert_eq!(norms(&p, &[&[4]], sum(7, 8)), (24, 576));
    let split = |low, high| Measure::Split { low, high };
    assert_eq!(norms(&p, &[&[4]], split(0, 1)), (3, 9));
    assert_eq!(norms(&first, &[&[3]], split(0, 1)), (3, 3));
    assert_eq!(norms(&first, &[&[3], &[4]], split(-2, 3)), (30, 75 + 225));
    assert_eq!(norms(&p, &[&[4]], Measure::Scores { weight: 2 }), (6, 36));
    assert_eq!(norms(&first, &[&[3], &[4]], Measure::Scores { weight: 2 }), (12, 144));
    // A cell of the contribution has its rows; a cell whose rows differ in the contribution has as many as there are of these.
    let c = child(3, 4);
    assert_eq!(norms(&c, &[&[3]], Measure::Count), (12, 12 * 12));
    assert_eq!(norms(&c, &[&[1, 3]], Measure::Count), (12, 12 * 4));
    assert_eq!(norms(&c, &[&[2]], Measure::Count), (12, 12 * 3));
    assert_eq!(norms(&c, &[&[1, 2]], sum(-2, 1)), (24, 24 * 2));
    let by_value = node(group(&[0, 1, 3], 1), 4, &[&c]);
    assert_eq!(norms(&by_value, &[&[2]], Measure::Count), (12, 12 * 3));
    let branches = node(union(&[3]), 4, &[&node(filter(&[1, 2]), 4, &[&c]), &node(filter(&[1, 2]), 4, &[&c])]);
    assert_eq!(norms(&branches, &[&[3], &[]], Measure::Count), (4, 2 + 4));
    let grouped = node(group(&[0], 1), 2, &[&p]);
    assert_eq!(norms(&grouped, &[&[]], Measure::Count), (1, 1));
}

#[test]
fn impossible_crossings_are_refused() {
    let p = parent(3);
    assert!(refused(&p, &[], Measure::Count).contains("no grouping set"));
    assert!(refused(&p, &[&[3], &[4, 0]], Measure::Count).contains("person is among the keys"));
    assert!(refused(&p, &[&[3], &[5]], Measure::Count).contains("column 5 of 5"));
    assert!(refused(&narrow(), &[&[0]], Measure::Count).contains("public"));
    let faceless = node(project(&[None, Some(3)]), 2, &[&p]);
    assert!(refused(&faceless, &[&[1]], Measure::DistinctUnits).contains("does not show its person"));
    assert_eq!(norms(&faceless, &[&[0, 1]], Measure::Count), (3, 9));
    assert!(refused(&p, &[&[3]], Measure::Sum { low: 1, high: 0 }).contains("clamp"));
    assert!(refused(&p, &[&[3]], Measure::Sum { low: 0, high: 0 }).contains("moves nothing"));
    assert!(refused(&p, &[&[3]], Measure::Split { low: 1, high: 0 }).contains("clamp"));
    assert!(refused(&p, &[&[3]], Measure::Split { low: 7, high: 7 }).contains("moves nothing"));
    assert!(refused(&p, &[&[3]], Measure::Scores { weight: 0 }).contains("moves nothing"));
    for measure in [Measure::Sum { low: i64::MIN, high: 0 }, Measure::Scores { weight: 1 << 40 }] {
        assert!(refused(&p, &[&[3]], measure).contains("64 bits"));
    }
    assert!(refused(&child(1 << 40, 1), &[&[3]], Measure::Count).contains("64 bits"));
}

/// A vector over cells: its place is the grouping set, the keys and, for scores, the candidate.
type Vector = BTreeMap<(usize, Row, i64), i64>;

fn vector(sets: &[&[usize]], measure: Measure, value: usize, unit: Option<usize>, rows: &[Row]) -> Vector {
    let mut cells = Vector::new();
    let mut persons = BTreeSet::new();
    for (place, set) in sets.iter().enumerate() {
        for row in rows {
            let key: Row = set.iter().map(|column| row[*column]).collect();
            let mut add = |candidate, amount| *cells.entry((place, key.clone(), candidate)).or_insert(0) += amount;
            match measure {
                Measure::Count => add(0, 1),
                Measure::DistinctUnits if !persons.insert((place, key.clone(), row[unit.unwrap()])) => {}
                Measure::DistinctUnits => add(0, 1),
                Measure::Sum { low, high } => add(0, row[value].map_or(0, |value| (3 * value - 4).clamp(low, high))),
                Measure::Split { low, high } => {
                    if let Some(value) = row[value].map(|value| (3 * value - 4).clamp(low, high)) {
                        add(0, value - low);
                        add(1, high - value);
                    }
                }
                // Each row speaks for some candidates and against others.
                Measure::Scores { weight } => (0..3).for_each(|candidate| {
                    let sign = if row[value].unwrap_or(0) < candidate { -1 } else { 1 };
                    add(candidate, sign * i64::try_from(weight).unwrap());
                }),
            }
        }
    }
    cells
}

/// How far apart two vectors are; of scores, the largest change of each cell.
fn distance(measure: Measure, one: &Vector, other: &Vector) -> (u64, u64) {
    if matches!(measure, Measure::Split { .. }) {
        let at = |vector: &Vector, place| vector.get(place).copied().unwrap_or(0);
        let places: BTreeSet<_> = one.keys().chain(other.keys()).collect();
        let moved: Vec<u64> = places.into_iter().map(|place| at(one, place).abs_diff(at(other, place))).collect();
        return (moved.iter().sum(), moved.iter().map(|cell| cell * cell).sum());
    }
    let mut cells: BTreeMap<(usize, &Row), u64> = BTreeMap::new();
    for place in one.keys().chain(other.keys()) {
        let at = |vector: &Vector| vector.get(place).copied().unwrap_or(0);
        let cell = cells.entry((place.0, &place.1)).or_default();
        *cell = (*cell).max(at(one).abs_diff(at(other)));
    }
    (cells.values().sum(), cells.values().map(|cell| cell * cell).sum())
}

/// No vector moves further than its sensitivity says, and for every measure some move exactly that far.
#[test]
fn no_sensitivity_is_false() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let measures = |weight| {
        [
            Measure::Count,
            Measure::DistinctUnits,
            Measure::Sum { low: -4, high: 2 },
            Measure::Sum { low: -1, high: 5 },
            Measure::Split { low: -4, high: 2 },
            Measure::Scores { weight },
        ]
    };
    let mut attained = [[0, 0]; 6];
    for _ in 0..6_000 {
        let query = grow(&mut rng, 3);
        let width = query.node.columns.len();
        if query.node.claim.rows == 0 || width == 0 {
            continue;
        }
        let sets = sets(&mut rng, &query);
        let sets: Vec<&[usize]> = sets.iter().map(Vec::as_slice).collect();
        let value = usize::try_from(random(&mut rng, u64::try_from(width).unwrap())).unwrap();
        let world = World::new(&mut rng);
        let (with, without) = (world.run(&query), world.without(2).run(&query));
        rows_of(&with, &without).unwrap();
        for (measure, attained) in measures(3).into_iter().zip(&mut attained) {
            let Ok(sensitivity) = derived(&query.node, &sets, measure) else { continue };
            let vector = |rows: &[Row]| vector(&sets, measure, value, query.node.claim.unit, rows);
            let (l1, l2_squared) = distance(measure, &vector(&with), &vector(&without));
            assert!(l1 <= sensitivity.l1() && l2_squared <= sensitivity.l2_squared(), "{measure:?} {sets:?} {query:#?}");
            attained[0] += u32::from(l1 == sensitivity.l1() && l1 > 1);
            attained[1] += u32::from(l2_squared == sensitivity.l2_squared() && l2_squared > 1);
        }
    }
    assert!(attained.iter().flatten().all(|count| *count > 20), "{attained:?}");
}

/// One to three grouping sets, some of them a unique set of the input.
fn sets(rng: &mut ChaCha20Rng, query: &Query) -> Vec<Vec<usize>> {
    let claim = &query.node.claim;
    let mut sets = vec![];
    for place in 0..=random(rng, 3) {
        let some = (0..query.node.columns.len()).filter(|column| Some(*column) != claim.unit && random(rng, 5) == 0);
        let mut set: Vec<usize> = some.collect();
        if place == 0 && random(rng, 2) == 0 {
            set.extend(claim.unique.first().into_iter().flatten());
        }
        sets.push(set);
    }
    sets
}
