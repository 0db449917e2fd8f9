//! A family: the grouping sets of its members, as places of one tree of places crossed with flat keys.

use datafusion::logical_expr::Expr;
use std::collections::{BTreeMap, HashMap};

use utfall_estimate::family::{MOST_AXES, MOST_AXES_OF_A_PART};
use utfall_publish::description::nesting::{FamilyDescription, PartDescription};
use utfall_publish::{KeyColumn, MISSING, TOTAL};

use super::Standalone;
use super::member::{Member, Split};
use super::places::{PlaceLevel, nested, partitions};
use crate::catalogue::schema::Catalogue;
use crate::certify::PublicScan;
use crate::engine::Engine;
use crate::release::choice::Choice;
use utfall_ground::error::Error;

/// A CUBE of more grouping sets than this is not reconciled: every one of them is weighed against every other.
const MOST_SETS: usize = 64;

/// A family that was found among some vectors.
pub(super) struct Found {
    pub(super) description: FamilyDescription,
    /// Those that stand apart from it, and why.
    pub(super) left: Vec<(String, Standalone)>,
    /// What each axis is grouped by; none for the distances from both ends.
    pub(super) axes: Vec<Option<Expr>>,
    /// What the places of each level are grouped by.
    pub(super) levels: Vec<Vec<Expr>>,
}

/// What two grouping sets have in common if it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Axis {
    /// What is grouped by; none for the distances from both ends.
    expr: Option<Expr>,
    /// Its codes, without the total.
    codes: Vec<String>,
}

impl Axis {
    /// The axis of the two numbers of a cell.
    fn of_split(split: &Split) -> Self {
        let expr = if let Split::Condition(expr) = split { Some(expr.clone()) } else { None };
        Self { expr, codes: ["0", "1"].map(str::to_owned).to_vec() }
    }
}

/// One grouping set of a member, by what its keys are.
pub(super) struct Set<'m, 'a> {
    member: &'m Member<'a>,
    /// Key columns of public tables: position, and column there.
    places: Vec<(usize, String)>,
    /// The public scan that they are of, and which of its query's it is: a table that is joined twice is two scans.
    scan: Option<(usize, &'a PublicScan)>,
    /// Whether they are of several scans.
    mixed: bool,
    /// The other key columns.
    flat: Vec<usize>,
}

impl<'m, 'a> Set<'m, 'a> {
    fn all(member: &'m Member<'a>) -> Vec<Self> {
        let accepted = &member.table.answer.certified.accepted();
        let of = |set: &Vec<usize>| {
            let (mut places, mut flat, mut scans) = (Vec::new(), Vec::new(), Vec::new());
            for key in set {
                let origin = accepted.crossing.keys.get(*key).and_then(|key| key.value.origin.as_ref());
                match origin.and_then(|origin| Some((origin, origin.public?, accepted.public.get(origin.public?)?))) {
                    Some((origin, at, public)) => {
                        places.push((*key, origin.column.clone()));
                        scans.push((at, public));
                    }
                    None => flat.push(*key),
                }
            }
            places.sort_by(|a, b| a.1.cmp(&b.1));
            let mixed = scans.iter().any(|scan| Some(scan) != scans.first());
            Self { member, places, scan: scans.first().copied(), mixed, flat }
        };
        accepted.crossing.sets.iter().map(of).collect()
    }

    /// Whether a flat key is the private twin of the public table's key: it says the same, but its codes are those of the list.
    fn has_own(&self, scan: &PublicScan, catalogue: &Catalogue) -> bool {
        let keys = catalogue.table(&scan.table).map(|table| table.primary_key.as_slice()).unwrap_or_default();
        let crossing = &self.member.table.answer.certified.accepted().crossing;
        let column = |key: &usize| crossing.keys.get(*key).and_then(|key| Some(&key.value.origin.as_ref()?.column));
        self.flat.iter().any(|key| column(key).is_some_and(|column| keys == std::slice::from_ref(column)))
    }

    pub(super) fn columns(&self) -> Vec<&str> {
        self.places.iter().map(|(_, column)| column.as_str()).collect()
    }

    fn key(&self, position: usize) -> Option<&'a KeyColumn> {
        self.member.table.answer.certified.grid().keys.get(position)
    }

    /// What tells the axis of a key from others.
    fn axis(&self, position: usize) -> Option<Axis> {
        let expr = self.expr(position);
        let codes: Vec<String> =
            self.key(position)?.codes.iter().map(|code| code.code.clone()).filter(|code| code != TOTAL).collect();
        match expr.and_then(Choice::of) {
            // By whatever its codes are called, it is the axis of its condition.
            Some(choice) if choice.constants.as_slice() == codes.as_slice() => {
                Some(Axis::of_split(&Split::Condition(choice.flag())))
            }
            _ => Some(Axis { expr: expr.cloned(), codes }),
        }
    }

    /// What a key is.
    fn expr(&self, position: usize) -> Option<&'m Expr> {
        self.member.keys.get(position)
    }

    /// The axis along which it has the first code only, if it counts some of the rows.
    fn slice(&self) -> Option<Axis> {
        self.member.slice.clone().map(|expr| Axis::of_split(&Split::Condition(expr)))
    }

    /// Its axes: that of the two numbers of a cell first.
    fn axes(&self) -> Vec<Axis> {
        let split = self.member.split.iter().map(Axis::of_split);
        split.chain(self.flat.iter().filter_map(|key| self.axis(*key))).chain(self.slice()).collect()
    }
}

/// The family of some vectors, and those that stand apart from it.
pub(super) async fn family(engine: &Engine, catalogue: &Catalogue, members: &[Member<'_>]) -> Result<Found, Error> {
    let mut sets: Vec<Set<'_, '_>> = members.iter().flat_map(Set::all).collect();
    let mut left = Vec::new();
    let mut leave = |sets: &mut Vec<Set<'_, '_>>, name: &str, why: Standalone| {
        sets.retain(|set| set.member.name != name);
        left.push((name.to_owned(), why));
    };
    let many = |set: &&Set<'_, '_>| set.member.table.answer.certified.accepted().crossing.sets.len() > MOST_SETS;
    for name in names(sets.iter().filter(many)) {
        leave(&mut sets, &name, Standalone::Keys);
    }
    // One public table names the places of all: the first that some member has.
    let scan = sets.iter().filter(|set| !set.mixed).find_map(|set| set.scan);
    for name in names(sets.iter().filter(|set| set.mixed || set.scan.is_some() && set.scan != scan)) {
        leave(&mut sets, &name, Standalone::Tables);
    }
    for name in names(sets.iter().filter(|set| scan.is_some_and(|(_, scan)| set.has_own(scan, catalogue)))) {
        leave(&mut sets, &name, Standalone::Own);
    }
    let partitions = match scan {
        Some((_, scan)) => partitions(engine, scan, &sets).await?,
        None => BTreeMap::new(),
    };
    let levels = nested(&partitions);
    for name in names(sets.iter().filter(|set| !set.places.is_empty() && !levels.iter().any(|l| l.holds(&set.columns())))) {
        leave(&mut sets, &name, Standalone::Places);
    }
    let mut axes: Vec<Axis> = Vec::new();
    let mut index = 0;
    while let Some(set) = sets.get(index) {
        let own = set.axes();
        let new: Vec<_> = own.iter().filter(|axis| !axes.contains(axis)).cloned().collect();
        // A share by its own condition has cells that hold nobody.
        let is_twice = own.iter().enumerate().any(|(at, axis)| own.iter().take(at).any(|other| other == axis));
        if is_twice || axes.len() + new.len() > MOST_AXES || own.len() > MOST_AXES_OF_A_PART {
            let name = set.member.name.clone();
            leave(&mut sets, &name, if is_twice { Standalone::Twice } else { Standalone::Keys });
            index = 0;
            continue;
        }
        axes.extend(new);
        index += 1;
    }
    let parts = sets.iter().filter_map(|set| part(set, &levels, &axes)).collect();
    let places = |level: &PlaceLevel| {
        let named = sets.iter().find(|set| level.holds(&set.columns()));
        named.into_iter().flat_map(|set| set.places.iter().filter_map(|(at, _)| set.expr(*at).cloned())).collect()
    };
    Ok(Found {
        description: FamilyDescription {
            levels: levels.iter().skip(1).map(|level| level.parents.clone()).collect(),
            axes: axes.iter().map(|axis| axis.codes.len()).collect(),
            parts,
        },
        left,
        axes: axes.iter().map(|axis| axis.expr.clone()).collect(),
        levels: levels.iter().map(places).collect(),
    })
}

fn names<'s>(sets: impl Iterator<Item = &'s Set<'s, 's>>) -> Vec<String> {
    let mut names: Vec<String> = sets.map(|set| set.member.name.clone()).collect();
    names.dedup();
    names
}

/// What is archived of one grouping set.
fn part(set: &Set<'_, '_>, levels: &[PlaceLevel], axes: &[Axis]) -> Option<PartDescription> {
    let columns: Vec<String> = set.columns().into_iter().map(str::to_owned).collect();
    let (level, combinations) =
        levels.iter().enumerate().find_map(|(at, level)| level.named.get(&columns).map(|combinations| (at, combinations)))?;
    let codes = |(position, _): &(usize, String)| Some(set.key(*position)?.places());
    let codes: Vec<HashMap<&str, u16>> = set.places.iter().map(codes).collect::<Option<_>>()?;
    let code = |(codes, value): (&HashMap<&str, u16>, &Option<String>)| codes.get(value.as_deref().unwrap_or(MISSING)).copied();
    let place = |values: &Vec<Option<String>>| codes.iter().zip(values).map(code).collect();
    let axis = |key: &usize| axes.iter().position(|axis| Some(axis) == set.axis(*key).as_ref()).map(|axis| (*key, axis));
    Some(PartDescription {
        vector: set.member.name.clone(),
        level,
        keys: set.places.iter().map(|(position, _)| *position).collect(),
        places: combinations.iter().map(place).collect::<Option<_>>()?,
        axes: set.flat.iter().map(axis).collect::<Option<_>>()?,
        split: set.member.split.as_ref().and_then(|split| axes.iter().position(|axis| *axis == Axis::of_split(split))),
        slice: set.slice().and_then(|slice| axes.iter().position(|axis| *axis == slice)),
    })
}
