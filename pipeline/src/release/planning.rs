//! Which tables of a release add up, and how its budget is divided among them: from public sizes only.
//!
//! Vectors are of one family when they are the same aggregate of the same rows (the same plan below the door, the same
//! bounds) and differ in their keys alone. Keys of one public table that name places within places (project within region)
//! are levels; all others are flat. What does not fit stands apart, with the reason.

use std::collections::BTreeMap;

use utfall_estimate::family::{Family, MOST_AXES, MOST_AXES_OF_A_PART, Part};
use utfall_estimate::tree::Tree;
use utfall_estimate::workload::{NoiseBudget, Planned, Unit, Workload};
use utfall_privacy::Rational;
use utfall_privacy::certificate::Measure;

use super::CheckedTable;
use super::measurements::{Choice, Draw, NoiseFamily, Shape, SharedBudget, WHOLE, shared};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::ReleaseSpec;
use crate::certify::{CertifiedVector, Checked, PublicScan, Vector};
use crate::engine::Engine;
use utfall_ground::error::Error;
use utfall_publish::description::nesting::{FamilyDescription, PartDescription};
use utfall_publish::{Code, KeyColumn, MISSING, TOTAL};

/// How a release's budget is divided, and why.
#[derive(Debug, Clone)]
pub struct Planning {
    /// The choice that the trusted side turns into noise.
    pub choice: Choice,
    /// Vectors that look as if they belonged to a family and do not, with the reason.
    pub standalone: Vec<(String, Standalone)>,
    /// What was planned: the units are the vectors in order, without those that have an epsilon of their own.
    pub(crate) workload: Workload,
    /// The plan.
    pub(crate) planned: Planned,
    /// Its noise.
    pub(crate) noise: NoiseBudget,
    /// The names of the units.
    pub(crate) units: Vec<String>,
    /// Per family, how far one person moves it.
    pub(crate) moves: Vec<Moves>,
    /// Per family, what its axes are; none for a vector that stands apart.
    pub(crate) described: Vec<Option<FamilyDescription>>,
}

impl Planning {
    /// The families that are reconciled, and archived: those of more than one table.
    pub fn families(&self) -> impl Iterator<Item = &FamilyDescription> {
        self.described.iter().flatten().filter(|family| family.parts.len() > 1)
    }
}

/// How far one person moves a vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moves {
    /// How many rows of theirs it counts.
    pub(crate) rows: f64,
    /// How far each of them moves a cell.
    pub(crate) each: f64,
}

/// Why a vector is not in the family of its siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standalone {
    /// Its places do not lie within those of the others, or those within its.
    Places,
    /// Its places come from another public table, or from several.
    Tables,
    /// It has the private column that the public table was joined on, where others have that table's.
    Own,
    /// There are too many flat keys.
    Keys,
}

/// A vector that may be in a family.
struct Member<'a> {
    name: String,
    unit: usize,
    table: &'a CheckedTable,
    /// Its place among the vectors of the table.
    vector: usize,
    split: bool,
}

/// A CUBE of more grouping sets than this is not reconciled: every one of them is weighed against every other.
const MOST_SETS: usize = 64;

/// Plans a release.
///
/// # Errors
/// When a public table cannot be read.
pub(super) async fn plan(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    tables: &[CheckedTable],
    shapes: &[Shape],
) -> Result<Planning, Error> {
    let mut groups: BTreeMap<String, Vec<Member<'_>>> = BTreeMap::new();
    let (mut alone, mut units, mut names, mut moved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let all = tables
        .iter()
        .filter(|table| table.measured_with.is_none())
        .flat_map(|table| (0..table.answer.certified.accepted().crossing.vectors.len()).map(move |vector| (table, vector)));
    for ((table, vector), shape) in all.zip(shapes) {
        if matches!(shape.draw, Draw::Own(_)) {
            continue;
        }
        let unit = units.len();
        let (l1, l2_squared) = (shape.proved.sensitivity().l1() as f64, shape.proved.sensitivity().l2_squared() as f64);
        units.push(Unit { l1, l2_squared, pure: shape.draw != Draw::Noise });
        names.push(shape.name.clone());
        match signature(table, vector) {
            Some((signature, split)) => {
                groups.entry(signature).or_default().push(Member { name: shape.name.clone(), unit, table, vector, split });
            }
            None => alone.push(Alone::of(unit, table, vector)),
        }
    }
    let (mut families, mut described, mut apart): (Vec<Family>, Vec<Option<FamilyDescription>>, Vec<_>) = Default::default();
    for members in groups.into_values() {
        let (description, left) = family(engine, catalogue, &members).await?;
        let mut found = vec![description];
        for (name, why) in left {
            // Its grouping sets still add up with each other, unless they do not even fit themselves.
            let Some(at) = members.iter().position(|m| m.name == name) else { continue };
            let member = &members[at];
            match family(engine, catalogue, std::slice::from_ref(member)).await? {
                (own, left) if left.is_empty() => found.push(own),
                _ => alone.push(Alone::of(member.unit, member.table, member.vector)),
            }
            apart.push((name, why));
        }
        let weights: BTreeMap<&str, f64> = members.iter().map(|m| (m.name.as_str(), weight(m.table, m.vector))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for description in found.into_iter().filter(|found| !found.parts.is_empty()) {
            if let Some(family) = description.family(&names, |name| weights.get(name).copied().unwrap_or(1.0)) {
                families.push(family);
                let first = members.iter().find(|m| description.parts.iter().any(|part| part.vector == m.name));
                moved.extend(first.map(|m| moves(m.table, m.vector)));
                described.push(Some(description));
            }
        }
    }
    moved.extend(alone.iter().map(|alone| alone.moves));
    described.extend(alone.iter().map(|_| None));
    families.extend(alone.into_iter().map(Alone::family));
    let workload = Workload { units, families };
    let (noise, planned) = best(release, shapes, &workload);
    let choice = choice(noise, &planned, shapes);
    Ok(Planning { choice, standalone: apart, workload, planned, noise, units: names, moves: moved, described })
}

/// The noise with the lower error, and its shares.
fn best(release: &ReleaseSpec, shapes: &[Shape], workload: &Workload) -> (NoiseBudget, Planned) {
    let SharedBudget { epsilon, rho } = shared(&release.budget, shapes);
    let (laplace, gaussian) = (NoiseBudget::Laplace(float(&epsilon)), NoiseBudget::Gaussian(float(&rho)));
    let plan = |noise| (noise, workload.plan(noise, release.objective));
    if float(&rho) <= 0.0 {
        return plan(laplace);
    }
    let (one, other) = (plan(laplace), plan(gaussian));
    if other.1.error < one.1.error { other } else { one }
}

/// The shares in whole parts; what rounding leaves goes to the largest. Those with an epsilon of their own need none.
fn choice(noise: NoiseBudget, planned: &Planned, shapes: &[Shape]) -> Choice {
    // On a coarse grid, so that the last bit of a logarithm on another machine does not make another release.
    const STEP: u64 = 50;
    let mut shares = planned.shares.iter().map(|share| ((share * (WHOLE / STEP) as f64).floor() as u64 * STEP).max(STEP));
    let own = |shape: &Shape| matches!(shape.draw, Draw::Own(_));
    let mut shares: Vec<u64> = shapes.iter().map(|shape| if own(shape) { 0 } else { shares.next().unwrap_or(STEP) }).collect();
    let total: u64 = shares.iter().sum();
    if let Some(largest) = shares.iter_mut().max() {
        *largest = largest.saturating_add(WHOLE).saturating_sub(total);
    }
    let family = if matches!(noise, NoiseBudget::Laplace(_)) { NoiseFamily::Laplace } else { NoiseFamily::Gaussian };
    Choice { family, shares }
}

/// A budget as a float, for planning: by way of decimal text, and never so large or so small that nothing can be planned.
pub(super) fn float(number: &Rational) -> f64 {
    let part = |integer: String| integer.parse::<f64>().unwrap_or(f64::INFINITY);
    let value = part(number.numer().to_string()) / part(number.denom().to_string());
    if value > 0.0 { value.clamp(1e-15, 1e9) } else { 0.0 }
}

/// What two vectors of one family have in common, and whether they have two numbers per cell; none for what does not add up:
/// numbers of people, choices, private keys, totals that read other files.
fn signature(table: &CheckedTable, vector: usize) -> Option<(String, bool)> {
    if table.draw != Draw::Noise || table.query.anonymous {
        return None;
    }
    let Checked { scans, crossing, .. } = table.answer.certified.accepted();
    let CertifiedVector { vector, certificate } = crossing.vectors.get(vector)?;
    let aggregate = |at: &usize| crossing.aggregates.get(*at).map(ToString::to_string);
    let (what, split) = match (vector, certificate.crossing.measure) {
        (Vector::Additive { aggregate: at }, Measure::Count | Measure::Sum { .. }) => (aggregate(at)?, false),
        (Vector::Split { sum, count, low, high }, _) => (format!("{} {} {low} {high}", aggregate(sum)?, aggregate(count)?), true),
        _ => return None,
    };
    Some((format!("{what}\n{scans:?}\n{}", crossing.input.display_indent_schema()), split))
}

/// How much a cell of a vector matters: by its query's weight, in the inverse square of what one row can add.
fn weight(table: &CheckedTable, vector: usize) -> f64 {
    let size = match table.answer.certified.accepted().crossing.vectors.get(vector).map(|of| of.certificate.crossing.measure) {
        Some(Measure::Sum { low, high }) => low.unsigned_abs().max(high.unsigned_abs()),
        Some(Measure::Split { low, high }) => high.abs_diff(low),
        Some(Measure::Scores { weight }) => weight,
        Some(Measure::Count | Measure::DistinctUnits) | None => 1,
    };
    table.weight / (size.max(1) as f64).powi(2)
}

fn moves(table: &CheckedTable, vector: usize) -> Moves {
    let crossing = &table.answer.certified.accepted().crossing;
    let (rows, sets) = (crossing.rows as f64, crossing.sets.len() as f64);
    let l1 = crossing.vectors.get(vector).map_or(1.0, |of| of.certificate.crossing.sensitivity.l1() as f64);
    Moves { rows, each: l1 / (rows * sets).max(1.0) }
}

/// A vector that is reconciled with nothing.
struct Alone {
    unit: usize,
    cells: usize,
    weight: f64,
    moves: Moves,
}

impl Alone {
    fn of(unit: usize, table: &CheckedTable, vector: usize) -> Self {
        let cells = table.answer.certified.grid().cells.len();
        Self { unit, cells, weight: weight(table, vector), moves: moves(table, vector) }
    }

    fn family(self) -> Family {
        let part = Part { level: 0, axes: 1, unit: self.unit, weight: self.weight };
        Family { tree: Tree::whole(), axes: vec![self.cells.max(1)], parts: vec![part] }
    }
}

/// What two grouping sets have in common if it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Axis<'a> {
    /// What is grouped by.
    expression: String,
    /// Its codes, without the total.
    codes: Vec<&'a Code>,
}

/// One grouping set of a member, by what its keys are.
struct Set<'m, 'a> {
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

    fn columns(&self) -> Vec<&str> {
        self.places.iter().map(|(_, column)| column.as_str()).collect()
    }

    fn key(&self, position: usize) -> Option<&'a KeyColumn> {
        self.member.table.answer.certified.grid().keys.get(position)
    }

    /// What tells the axis of a key from others.
    fn axis(&self, position: usize) -> Option<Axis<'a>> {
        let expression = self.member.table.answer.certified.accepted().crossing.keys.get(position)?.expr.to_string();
        let codes = self.key(position)?.codes.iter().filter(|code| code.code != TOTAL).collect();
        Some(Axis { expression, codes })
    }
}

/// The family of some vectors, and those that stand apart from it.
async fn family(
    engine: &Engine,
    catalogue: &Catalogue,
    members: &[Member<'_>],
) -> Result<(FamilyDescription, Vec<(String, Standalone)>), Error> {
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
    let mut axes: Vec<Axis<'_>> = Vec::new();
    if members.iter().any(|member| member.split) {
        axes.push(Axis { expression: String::new(), codes: Vec::new() });
    }
    let mut index = 0;
    while let Some(set) = sets.get(index) {
        let new: Vec<_> = set.flat.iter().filter_map(|key| set.axis(*key)).filter(|axis| !axes.contains(axis)).collect();
        let own = set.flat.len() + usize::from(set.member.split);
        if axes.len() + new.len() > MOST_AXES || own > MOST_AXES_OF_A_PART {
            let name = set.member.name.clone();
            leave(&mut sets, &name, Standalone::Keys);
            index = 0;
            continue;
        }
        axes.extend(new);
        index += 1;
    }
    let parts = sets.iter().filter_map(|set| part(set, &levels, &axes)).collect();
    let sizes = axes.iter().map(|axis| if axis.expression.is_empty() { 2 } else { axis.codes.len() }).collect();
    Ok((
        FamilyDescription { levels: levels.iter().skip(1).map(|level| level.parents.clone()).collect(), axes: sizes, parts },
        left,
    ))
}

fn names<'s>(sets: impl Iterator<Item = &'s Set<'s, 's>>) -> Vec<String> {
    let mut names: Vec<String> = sets.map(|set| set.member.name.clone()).collect();
    names.dedup();
    names
}

/// How some columns divide the rows of a public table into blocks: each combination of their values is one.
struct Blocks {
    /// Per row, its block.
    of: Vec<usize>,
    /// Per block, the combination.
    combinations: Vec<Vec<Option<String>>>,
}

/// How each set of columns divides the rows of a public table.
async fn partitions(engine: &Engine, scan: &PublicScan, sets: &[Set<'_, '_>]) -> Result<BTreeMap<Vec<String>, Blocks>, Error> {
    let mut columns: Vec<&str> = sets.iter().flat_map(Set::columns).collect();
    columns.sort_unstable();
    columns.dedup();
    let rows = engine.combinations(scan, &columns).await?;
    let mut all = BTreeMap::new();
    for set in sets {
        let at: Vec<usize> = set.columns().iter().filter_map(|c| columns.iter().position(|other| other == c)).collect();
        let mut combinations: Vec<Vec<Option<String>>> = Vec::new();
        let mut known = std::collections::HashMap::new();
        let mut of = Vec::new();
        for row in &rows {
            let combination: Vec<Option<String>> = at.iter().map(|i| row.get(*i).cloned().flatten()).collect();
            let next = combinations.len();
            let block = *known.entry(combination.clone()).or_insert(next);
            if block == next {
                combinations.push(combination);
            }
            of.push(block);
        }
        all.insert(set.columns().into_iter().map(str::to_owned).collect(), Blocks { of, combinations });
    }
    Ok(all)
}

/// One level of places, and which sets of columns name its places.
struct PlaceLevel {
    parents: Vec<usize>,
    of: Vec<usize>,
    /// Per set of columns, the combination of each place.
    named: BTreeMap<Vec<String>, Vec<Vec<Option<String>>>>,
}

impl PlaceLevel {
    fn holds(&self, columns: &[&str]) -> bool {
        self.named.keys().any(|named| named.iter().map(String::as_str).eq(columns.iter().copied()))
    }
}

/// The longest chain of partitions from the finest up, each of whose blocks lies in one block of the next; the whole first.
fn nested(partitions: &BTreeMap<Vec<String>, Blocks>) -> Vec<PlaceLevel> {
    let rows = partitions.values().next().map_or(1, |blocks| blocks.of.len());
    let whole = PlaceLevel { parents: Vec::new(), of: vec![0; rows], named: BTreeMap::from([(Vec::new(), vec![Vec::new()])]) };
    let mut levels: Vec<PlaceLevel> = Vec::new();
    let mut sorted: Vec<(&Vec<String>, &Blocks)> = partitions.iter().filter(|(columns, _)| !columns.is_empty()).collect();
    sorted.sort_by_key(|(columns, blocks)| (std::cmp::Reverse(blocks.combinations.len()), columns.len()));
    for (columns, Blocks { of, combinations }) in sorted {
        let Some(finest) = levels.last_mut() else {
            let named = BTreeMap::from([(columns.clone(), combinations.clone())]);
            levels.push(PlaceLevel { parents: Vec::new(), of: of.clone(), named });
            continue;
        };
        let Some(parents) = parents(&finest.of, of) else { continue };
        if finest.of == *of {
            finest.named.insert(columns.clone(), combinations.clone());
        } else {
            finest.parents = parents;
            levels.push(PlaceLevel {
                parents: Vec::new(),
                of: of.clone(),
                named: BTreeMap::from([(columns.clone(), combinations.clone())]),
            });
        }
    }
    match levels.last_mut() {
        // The coarsest has one place: it is the whole.
        Some(last) if last.of.iter().all(|block| *block == 0) => {
            last.named.extend(whole.named);
        }
        Some(last) => {
            last.parents = parents(&last.of, &whole.of).unwrap_or_default();
            levels.push(whole);
        }
        None => levels.push(whole),
    }
    levels.reverse();
    levels
}

/// Per block of the finer partition, the block of the coarser one that it lies in, if it lies in one.
fn parents(finer: &[usize], coarser: &[usize]) -> Option<Vec<usize>> {
    let mut parents = vec![None; finer.iter().max().map_or(0, |last| last + 1)];
    for (block, parent) in finer.iter().zip(coarser) {
        match parents.get_mut(*block)? {
            slot @ None => *slot = Some(*parent),
            Some(known) if known != parent => return None,
            Some(_) => {}
        }
    }
    parents.into_iter().collect()
}

/// What is archived of one grouping set.
fn part(set: &Set<'_, '_>, levels: &[PlaceLevel], axes: &[Axis<'_>]) -> Option<PartDescription> {
    let columns: Vec<String> = set.columns().into_iter().map(str::to_owned).collect();
    let (level, combinations) =
        levels.iter().enumerate().find_map(|(at, level)| level.named.get(&columns).map(|combinations| (at, combinations)))?;
    let code = |(position, _): &(usize, String), value: &Option<String>| {
        let codes = &set.key(*position)?.codes;
        let at = codes.iter().position(|code| code.code == value.as_deref().unwrap_or(MISSING))?;
        u16::try_from(at).ok()
    };
    let place = |values: &Vec<Option<String>>| set.places.iter().zip(values).map(|(key, value)| code(key, value)).collect();
    let axis = |key: &usize| axes.iter().position(|axis| Some(axis) == set.axis(*key).as_ref()).map(|axis| (*key, axis));
    Some(PartDescription {
        vector: set.member.name.clone(),
        level,
        keys: set.places.iter().map(|(position, _)| *position).collect(),
        places: combinations.iter().map(place).collect::<Option<_>>()?,
        axes: set.flat.iter().map(axis).collect::<Option<_>>()?,
        split: set.member.split.then_some(0),
    })
}
