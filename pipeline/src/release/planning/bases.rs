//! What to measure: finer or crossed tables than are published, where the published ones then follow with less error; and the queries
//! that measure them, certified like any other.
//!
//! Looks at public sizes and declared bounds only. A table that is measured for others counts the rows of a family, grouped by some of
//! the keys and conditions that its members have.

use std::collections::BTreeSet;

use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use utfall_estimate::family::{Axes, Family};
use utfall_estimate::strategy::{Crossing, Strategy};
use utfall_estimate::workload::{NoiseBudget, Unit};

use super::{Planning, Space, float};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::{QuerySpec, ReleaseSpec};
use crate::certify::certify_plan;
use crate::engine::{Answer, Engine};
use crate::release::CheckedTable;
use crate::release::measurements::{Draw, Shape, SharedBudget, shared};
use utfall_ground::error::Error;
use utfall_ground::text::Text;

/// What the names of tables that are measured for others begin with.
const BASE: &str = "base_";

/// Whether a vector may be of a table that was measured for others, by its name.
pub(in crate::release) fn is_base(vector: &str) -> bool {
    vector.strip_prefix(BASE).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// No table of more cells is measured for others.
const MOST_CELLS: usize = 4_096;
/// So often another strategy is looked for where a table cannot be measured.
const TRIES: usize = 4;

/// What is measured in place of some published tables.
pub(in crate::release) struct Chosen {
    /// The tables that are measured for others.
    pub(in crate::release) bases: Vec<CheckedTable>,
    /// The vectors that follow from others.
    pub(in crate::release) follows: BTreeSet<String>,
    /// The noise.
    pub(in crate::release) noise: NoiseBudget,
    /// The shares: of the vectors of the tables in order, then of the bases.
    pub(in crate::release) shares: Vec<f64>,
}

/// A better choice of what to measure than the published tables, if there is one. A series measures what it publishes: what is measured
/// for it must be the same from period to period.
///
/// # Errors
/// When the engine fails.
pub(in crate::release) async fn chosen(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    tables: &[&CheckedTable],
    (plain, shapes): (&Planning, &[Shape]),
) -> Result<Option<Chosen>, Error> {
    if release.periods.is_some() {
        return Ok(None);
    }
    let mut impossible: Vec<Crossing> = Vec::new();
    for _ in 0..TRIES {
        let Some((noise, strategy)) = best(release, plain, shapes, &impossible) else { return Ok(None) };
        let mut bases: Vec<CheckedTable> = Vec::new();
        let mut refused = None;
        for crossing in &strategy.crossings {
            let names: BTreeSet<&str> =
                tables.iter().chain(&bases.iter().collect::<Vec<_>>()).map(|t| t.query.name.as_str()).collect();
            let name = (1..).map(|n| format!("{BASE}{n}")).find(|name| !names.contains(name.as_str())).unwrap_or_default();
            match base(engine, catalogue, release, plain, crossing, &name).await? {
                Some(base) => bases.push(base),
                None => refused = Some(*crossing),
            }
        }
        if let Some(crossing) = refused {
            impossible.push(crossing);
            continue;
        }
        let units = plain.units.iter().zip(&strategy.workload.units);
        let follows = units.filter(|(_, unit)| !unit.is_measured).map(|(name, _)| name.clone()).collect();
        return Ok(Some(Chosen { bases, follows, noise, shares: strategy.planned.shares }));
    }
    Ok(None)
}

/// The better strategy of the two kinds of noise; none if it is to measure what is published.
fn best(release: &ReleaseSpec, plain: &Planning, shapes: &[Shape], impossible: &[Crossing]) -> Option<(NoiseBudget, Strategy)> {
    let SharedBudget { epsilon, rho } = shared(&release.budget, shapes);
    let (epsilon, rho) = (float(&epsilon), float(&rho));
    let may = |crossing: &Crossing| {
        if impossible.contains(crossing) {
            return None;
        }
        unit(plain, crossing)
    };
    let noises = [Some(NoiseBudget::Laplace(epsilon)), (rho > 0.0).then_some(NoiseBudget::Gaussian(rho))];
    let found = noises.into_iter().flatten().map(|noise| (noise, plain.workload.strategy(noise, release.objective, &may)));
    let (noise, strategy) = found.min_by(|a, b| a.1.planned.error.total_cmp(&b.1.planned.error))?;
    let is_plain = strategy.crossings.is_empty() && strategy.workload.units.iter().all(|unit| unit.is_measured);
    (!is_plain && strategy.planned.error < plain.planned.error).then_some((noise, strategy))
}

/// How far one person would move a table, if it could be measured.
fn unit(plain: &Planning, crossing: &Crossing) -> Option<Unit> {
    let space = plain.spaces.get(crossing.family)?.as_ref().filter(|space| space.counts_rows)?;
    let family = plain.workload.families.get(crossing.family)?;
    if cells(family, crossing.level, crossing.axes)? > MOST_CELLS || keys(space, crossing).is_none() {
        return None;
    }
    let moves = plain.moves.get(crossing.family)?;
    // A finer table is moved no further than one that is its sums, in the squares of the parts.
    let coarser = family.parts.iter().filter(|part| part.axes & !crossing.axes == 0 && part.level <= crossing.level);
    // Of a slice, the other half may be moved further.
    let own = coarser.filter_map(|part| plain.workload.units.get(part.unit).filter(|_| !plain.slices.contains(&part.unit)));
    let own = own.map(|unit| unit.l2_squared);
    let l1 = moves.rows * moves.each;
    Some(Unit { l1, l2_squared: own.fold(l1 * l1, f64::min), pure: false, is_measured: true })
}

fn cells(family: &Family, level: usize, axes: Axes) -> Option<usize> {
    let codes = family.axes.iter().enumerate().filter(|(axis, _)| axes & (1 << axis) != 0).map(|(_, codes)| *codes);
    codes.into_iter().try_fold(family.tree.nodes(level), usize::checked_mul)
}

/// What a table is grouped by; none if one of its axes is no key.
fn keys(space: &Space, crossing: &Crossing) -> Option<Vec<Expr>> {
    let places = space.levels.get(crossing.level)?;
    if places.is_empty() && crossing.level > 0 {
        return None;
    }
    let axes = space.axes.iter().enumerate().filter(|(axis, _)| crossing.axes & (1 << axis) != 0).map(|(_, expr)| expr.clone());
    places.iter().cloned().map(Some).chain(axes).collect()
}

/// A table that is measured for others, certified; none if it is refused.
async fn base(
    engine: &Engine,
    catalogue: &Catalogue,
    release: &ReleaseSpec,
    plain: &Planning,
    crossing: &Crossing,
    name: &str,
) -> Result<Option<CheckedTable>, Error> {
    let space = plain.spaces.get(crossing.family).and_then(Option::as_ref);
    let Some((space, keys)) = space.and_then(|space| Some((space, keys(space, crossing)?))) else { return Ok(None) };
    let Ok(plan) = space.rows.plan().and_then(|rows| counted(rows, &keys)) else { return Ok(None) };
    let query = QuerySpec {
        name: name.to_owned(),
        file: format!("queries/{}/release.toml", release.name),
        title: Text { sv: "Mätt för flera tabeller".to_owned(), en: "Measured for several tables".to_owned() },
        order: u32::MAX,
        private_keys: None,
        anonymous: false,
        weight: 0.0,
        targets: Vec::new(),
        columns: std::collections::BTreeMap::new(),
        inherited: std::collections::BTreeMap::new(),
        sql: format!("SELECT count(*) … GROUP BY {}", keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        quotes: None,
        differs: None,
    };
    let Ok(certified) = certify_plan(engine.planner(), &query, plan, catalogue, &release.bounds).await else { return Ok(None) };
    // A key that WHERE narrows in a member has more values where that condition is one of the keys.
    let family = plain.workload.families.get(crossing.family);
    if family.and_then(|family| cells(family, crossing.level, crossing.axes)) != Some(certified.grid().cells.len()) {
        return Ok(None);
    }
    Ok(Some(CheckedTable::new(query, Answer { certified, above: None }, Draw::Noise, Vec::new())))
}

/// The plan that counts rows by some keys, under names of their own.
fn counted(rows: LogicalPlan, keys: &[Expr]) -> Result<LogicalPlan, DataFusionError> {
    let counted = LogicalPlanBuilder::from(rows).aggregate(keys.to_vec(), vec![count(lit(1_i64))])?.build()?;
    let columns = counted.schema().columns();
    let name = |at: usize| if at < keys.len() { format!("key_{}", at + 1) } else { "rows".to_owned() };
    let named = columns.into_iter().enumerate().map(|(at, column)| Expr::Column(column).alias(name(at)));
    LogicalPlanBuilder::from(counted).project(named.collect::<Vec<_>>())?.build()
}
