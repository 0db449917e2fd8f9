//! Which tables of a release add up, and how its budget is divided among them: from public sizes only.
//!
//! Vectors are of one family when they are the same aggregate of the same rows (the same plan below the door, the same
//! bounds) and differ in their keys alone. Keys of one public table that name places within places (project within region)
//! are levels; all others are flat. What does not fit stands apart, with the reason. Shares of rows are of the family of the counts of
//! the same rows, for they are counts by a condition.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::logical_expr::Expr;
use utfall_estimate::family::Family;
use utfall_estimate::workload::{NoiseBudget, Objective, Planned, Unit, Workload};
use utfall_privacy::Rational;

use super::CheckedTable;
use super::measurements::{Choice, Draw, NoiseFamily, Shape, SharedBudget, WHOLE, shared};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::ReleaseSpec;
use crate::engine::Engine;
use family::{Found, family};
use member::{Alone, Group, Member, Signature, Signed, moves, signature, sliced, weight};
use rows::Rows;
use utfall_ground::error::Error;
use utfall_publish::description::nesting::FamilyDescription;

pub(super) mod bases;
mod family;
mod member;
mod places;
mod rows;

pub(crate) use member::{Counted, Moves};

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
    /// Per family, what its tables are grouped by; none for a vector that stands apart.
    spaces: Vec<Option<Space>>,
    /// The units that count some of the rows of their families only.
    slices: BTreeSet<usize>,
}

/// What the tables of a family are grouped by.
#[derive(Debug, Clone)]
struct Space {
    /// The rows that they count.
    rows: Rows,
    /// Whether its members count rows, so that a table of any of its keys could be measured.
    counts_rows: bool,
    /// Per axis, what it is grouped by; none for the distances from both ends.
    axes: Vec<Option<Expr>>,
    /// Per level, what its places are grouped by.
    levels: Vec<Vec<Expr>>,
}

impl Planning {
    /// The families that are reconciled, and archived: those of more than one table.
    pub fn families(&self) -> impl Iterator<Item = &FamilyDescription> {
        self.described.iter().flatten().filter(|family| family.parts.len() > 1)
    }
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
    /// Two of its keys, its share and its rows say the same condition.
    Twice,
}

/// Plans a release: the tables that are measured or follow from others, and what is measured for them; `shapes` are all their
/// vectors. The shares are chosen here unless they are given.
///
/// # Errors
/// When a public table cannot be read.
pub(super) async fn plan(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    tables: &[&CheckedTable],
    shapes: &[Shape],
    given: Option<(NoiseBudget, Vec<f64>)>,
) -> Result<Planning, Error> {
    let grouped = grouped(tables, shapes);
    laid_out(engine, catalogue, release, shapes, grouped, given).await
}

/// The same with vectors of some of the rows of others in one family with these, from which they then must follow; nothing where there
/// are none such.
///
/// # Errors
/// When a public table cannot be read.
pub(super) async fn plan_with_slices(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    tables: &[&CheckedTable],
    shapes: &[Shape],
    given: Option<(NoiseBudget, Vec<f64>)>,
) -> Result<Option<Planning>, Error> {
    let Grouped { groups, units, names, alone, .. } = grouped(tables, shapes);
    let Some(groups) = sliced(groups) else { return Ok(None) };
    let members = groups.iter().flat_map(|(_, members)| members);
    let slices = members.filter(|member| member.slice.is_some()).map(|member| member.unit).collect();
    let grouped = Grouped { groups, units, names, alone, slices };
    laid_out(engine, catalogue, release, shapes, grouped, given).await.map(Some)
}

/// Vectors by what they count.
struct Grouped<'a> {
    groups: Vec<Group<'a>>,
    units: Vec<Unit>,
    names: Vec<String>,
    /// What is like nothing else.
    alone: Vec<Alone>,
    slices: BTreeSet<usize>,
}

fn grouped<'a>(tables: &[&'a CheckedTable], shapes: &[Shape]) -> Grouped<'a> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let (mut alone, mut units, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let all = tables
        .iter()
        .flat_map(|table| (0..table.answer.certified.accepted().crossing.vectors.len()).map(move |vector| (*table, vector)));
    for ((table, vector), shape) in all.zip(shapes) {
        if matches!(shape.draw, Draw::Own(_)) {
            continue;
        }
        let unit = units.len();
        let (l1, l2_squared) = (shape.proved.sensitivity().l1() as f64, shape.proved.sensitivity().l2_squared() as f64);
        units.push(Unit { l1, l2_squared, pure: shape.draw != Draw::Noise, is_measured: !shape.follows });
        names.push(shape.name.clone());
        match signature(table, vector) {
            Some(Signed { signature, split, keys }) => {
                let member = Member { name: shape.name.clone(), unit, table, vector, split, keys, slice: None };
                match groups.iter_mut().find(|(known, _)| *known == signature) {
                    Some((_, members)) => members.push(member),
                    None => groups.push((signature, vec![member])),
                }
            }
            None => alone.push(Alone::of(unit, table, vector)),
        }
    }
    Grouped { groups, units, names, alone, slices: BTreeSet::new() }
}

/// Plans what was grouped.
async fn laid_out(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    shapes: &[Shape],
    Grouped { groups, mut units, names, mut alone, mut slices }: Grouped<'_>,
    given: Option<(NoiseBudget, Vec<f64>)>,
) -> Result<Planning, Error> {
    let mut layout = Layout { slice: if release.objective == Objective::Cells { 0.5 } else { 1.0 }, ..Layout::default() };
    for (signature, members) in groups {
        layout.group(engine, catalogue, &names, (&signature, &members), &mut alone).await?;
    }
    // A slice that stands apart is measured like anything else.
    slices.retain(|unit| alone.iter().all(|alone| alone.unit != *unit));
    units.iter_mut().enumerate().filter(|(at, _)| slices.contains(at)).for_each(|(_, unit)| unit.is_measured = false);
    layout.moves.extend(alone.iter().map(|alone| alone.moves));
    layout.described.extend(alone.iter().map(|_| None));
    layout.spaces.extend(alone.iter().map(|_| None));
    layout.families.extend(alone.into_iter().map(Alone::family));
    let Layout { families, described, spaces, moves, standalone, .. } = layout;
    let workload = Workload { units, families };
    let (noise, planned) = match given {
        Some((noise, shares)) if workload.is_covered() => (noise, workload.with_shares(noise, release.objective, shares)),
        None if workload.is_covered() => best(release, shapes, &workload),
        // Something does not follow from what is measured.
        _ => (NoiseBudget::Laplace(float(&shared(&release.budget, shapes).epsilon)), workload.unplanned()),
    };
    let choice = choice(noise, &planned, shapes);
    Ok(Planning { choice, standalone, workload, planned, noise, units: names, moves, described, spaces, slices })
}

/// Families as they are found.
#[derive(Default)]
struct Layout {
    families: Vec<Family>,
    described: Vec<Option<FamilyDescription>>,
    spaces: Vec<Option<Space>>,
    moves: Vec<Moves>,
    standalone: Vec<(String, Standalone)>,
    /// How much of the cells of its part a slice has, where these count one by one.
    slice: f64,
}

impl Layout {
    /// Takes in vectors of one signature, with the rows that they have in common.
    async fn group(
        &mut self,
        engine: &Engine,
        catalogue: &Catalogue,
        names: &[String],
        (signature, members): (&Signature, &[Member<'_>]),
        alone: &mut Vec<Alone>,
    ) -> Result<(), Error> {
        let mut found = family(engine, catalogue, members).await?;
        let left = std::mem::take(&mut found.left);
        let mut found = vec![found];
        for (name, why) in left {
            // Its grouping sets still add up with each other, unless they do not even fit themselves.
            let Some(member) = members.iter().find(|m| m.name == name) else { continue };
            let own = family(engine, catalogue, std::slice::from_ref(member)).await?;
            if own.left.is_empty() {
                found.push(own);
            } else {
                alone.push(Alone::of(member.unit, member.table, member.vector));
            }
            self.standalone.push((name, why));
        }
        let own = |m: &Member<'_>| weight(m.table, m.vector) * if m.slice.is_some() { self.slice } else { 1.0 };
        let weights: BTreeMap<&str, f64> = members.iter().map(|m| (m.name.as_str(), own(m))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for Found { description, axes, levels, .. } in found.into_iter().filter(|found| !found.description.parts.is_empty()) {
            let family = description.family(&names, |name| weights.get(name).copied().unwrap_or(1.0));
            let first = members.iter().find(|m| description.parts.iter().any(|part| part.vector == m.name));
            let (Some(family), Some(first)) = (family, first) else { continue };
            self.families.push(family);
            self.moves.push(moves(first.table, first.vector));
            self.described.push(Some(description));
            let (rows, counts_rows) = (signature.rows.clone(), signature.counts_rows());
            self.spaces.push(Some(Space { rows, counts_rows, axes, levels }));
        }
        Ok(())
    }
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
    let share = |shape: &Shape| match shape.draw {
        Draw::Own(_) => 0,
        _ => shares.next().filter(|_| !shape.follows).unwrap_or(if shape.follows { 0 } else { STEP }),
    };
    let mut shares: Vec<u64> = shapes.iter().map(share).collect();
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
