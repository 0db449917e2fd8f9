//! TRUSTED: which physical plans may run on some people's rows at a time, told node by node, and the same plan for such rows. Anything
//! that is not named here runs as it was planned.
//!
//! # Privacy
//! A plan is accepted if its one outermost grouping only counts and sums, and what it groups is made of each person's rows for herself:
//! below it, rows of different people only meet in a grouping that has the person among its keys, or in a join on the person. The
//! answers on all rows are then the sums of the answers on any parts of the people, and answers are added up, whatever groups are
//! apart. The nodes are those of the certified plan, the filter that holds its bound among them; each part of a grouping that was
//! planned in two steps is done in one. `engine::tests::dense` holds that both roads give the same for every query.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::JoinSide;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::JoinType;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::{replace_children_if_necessary, reset_plan_states};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _};

use super::shape::{adds_up, is_public, passed, private_side, whole};
use crate::catalogue::schema::Catalogue;
use crate::certify::scanned;

/// A private scan of such a plan.
#[derive(Debug)]
pub(super) struct PeopleScan {
    /// Path and size of each file.
    pub(super) files: Vec<(PathBuf, u64)>,
    /// What it gives.
    pub(super) schema: SchemaRef,
    /// The names of its columns in the files.
    pub(super) names: Vec<String>,
    /// Which of them is the person.
    pub(super) unit: usize,
}

/// Which columns of a node hold the person whose row it is, and whether rows were grouped by her.
#[derive(Debug)]
struct Rows {
    units: Vec<usize>,
    grouped: bool,
}

/// The private scans of a plan that may run on some people at a time and groups by person, in the order of the plan.
pub(super) fn scans(plan: &Arc<dyn ExecutionPlan>, catalogue: &Catalogue) -> Option<Vec<PeopleScan>> {
    let mut at = plan;
    let grouping = loop {
        at = match at.downcast_ref::<ProjectionExec>() {
            Some(projection) if projection.expr().iter().all(|e| e.expr.downcast_ref::<Column>().is_some()) => projection.input(),
            Some(_) => return None,
            None => match at.downcast_ref::<AggregateExec>() {
                Some(_) => break first_step(at)?,
                None => passed(at)?,
            },
        };
    };
    let sums = |f: &Arc<AggregateFunctionExpr>| adds_up(f) && !f.is_distinct();
    if !grouping.aggr_expr().iter().all(sums) {
        return None;
    }
    let mut scans = Vec::new();
    let rows = rows(grouping.input(), catalogue, &mut scans)?;
    (rows.grouped && !scans.is_empty()).then_some(scans)
}

/// The step of a grouping that takes in rows.
fn first_step(plan: &Arc<dyn ExecutionPlan>) -> Option<&AggregateExec> {
    let aggregate = plan.downcast_ref::<AggregateExec>().filter(|aggregate| aggregate.limit_options().is_none())?;
    match aggregate.mode() {
        AggregateMode::Single | AggregateMode::SinglePartitioned => Some(aggregate),
        AggregateMode::Final | AggregateMode::FinalPartitioned => {
            let mut at = aggregate.input();
            loop {
                match at.downcast_ref::<AggregateExec>() {
                    Some(first) => {
                        let takes_in_rows = *first.mode() == AggregateMode::Partial && first.limit_options().is_none();
                        return takes_in_rows.then_some(first);
                    }
                    None => at = passed(at)?,
                }
            }
        }
        AggregateMode::Partial | AggregateMode::PartialReduce => None,
    }
}

/// What the rows of a node are; `None` if it is not known, or rows of different people meet in it.
fn rows(plan: &Arc<dyn ExecutionPlan>, catalogue: &Catalogue, scans: &mut Vec<PeopleScan>) -> Option<Rows> {
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        let scan = scan(source, catalogue)?;
        let units = vec![scan.unit];
        scans.push(scan);
        return Some(Rows { units, grouped: false });
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let Rows { units, grouped } = rows(filter.input(), catalogue, scans)?;
        let kept = match filter.projection() {
            Some(columns) => places(columns, &units),
            None => units,
        };
        return filter.fetch().is_none().then_some(Rows { units: kept, grouped });
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let Rows { units, grouped } = rows(projection.input(), catalogue, scans)?;
        let columns: Vec<usize> = projection.expr().iter().map(|e| place(&e.expr).unwrap_or(usize::MAX)).collect();
        return Some(Rows { units: places(&columns, &units), grouped });
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return joined(join, catalogue, scans);
    }
    if let Some(union) = plan.downcast_ref::<UnionExec>() {
        let all = union.inputs().iter().map(|input| rows(input, catalogue, scans)).collect::<Option<Vec<_>>>()?;
        let first = all.first()?;
        let in_all = |unit: &&usize| all.iter().all(|rows| rows.units.contains(unit));
        let units = first.units.iter().filter(in_all).copied().collect();
        return Some(Rows { units, grouped: all.iter().any(|rows| rows.grouped) });
    }
    if plan.downcast_ref::<AggregateExec>().is_some() {
        let aggregate = first_step(plan)?;
        let keys = aggregate.group_expr();
        let below = rows(aggregate.input(), catalogue, scans)?;
        let columns: Vec<usize> = keys.expr().iter().map(|(e, _)| place(e).unwrap_or(usize::MAX)).collect();
        let units = places(&columns, &below.units);
        return (keys.is_single() && !units.is_empty()).then_some(Rows { units, grouped: true });
    }
    rows(passed(plan)?, catalogue, scans)
}

/// Which column an expression is, if it is no more than that.
fn place(expr: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    expr.downcast_ref::<Column>().map(Column::index)
}

/// Where, among these columns of an input, those of the person are.
fn places(columns: &[usize], units: &[usize]) -> Vec<usize> {
    columns.iter().enumerate().filter(|(_, column)| units.contains(column)).map(|(place, _)| place).collect()
}

/// A join with a public table, which keeps or drops each private row, or with other rows of the same people.
fn joined(join: &HashJoinExec, catalogue: &Catalogue, scans: &mut Vec<PeopleScan>) -> Option<Rows> {
    let side = private_side(join);
    let mut of = |own: JoinSide, input: &Arc<dyn ExecutionPlan>| match side {
        Some(side) if side != own => Some(Rows { units: Vec::new(), grouped: false }),
        None if is_public(input) => None,
        _ => rows(input, catalogue, scans),
    };
    let (left, right) = (of(JoinSide::Left, join.left())?, of(JoinSide::Right, join.right())?);
    let on_the_person = |(one, other): &(Arc<dyn PhysicalExpr>, Arc<dyn PhysicalExpr>)| {
        place(one).is_some_and(|at| left.units.contains(&at)) && place(other).is_some_and(|at| right.units.contains(&at))
    };
    if side.is_none() && !join.on().iter().any(on_the_person) {
        return None;
    }
    let lefts = join.left().schema().fields().len();
    let behind = || right.units.iter().map(|at| at.saturating_add(lefts));
    // A side that may lack its row lacks its person.
    let units: Vec<usize> = match join.join_type() {
        JoinType::Inner => left.units.iter().copied().chain(behind()).collect(),
        JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti => left.units.clone(),
        JoinType::Right => behind().collect(),
        JoinType::RightSemi | JoinType::RightAnti => right.units.clone(),
        JoinType::Full | JoinType::LeftMark | JoinType::RightMark => return None,
    };
    let units = match &join.projection {
        Some(columns) => places(columns, &units),
        None => units,
    };
    Some(Rows { units, grouped: left.grouped || right.grouped })
}

/// A scan of landed files with the person among its columns.
fn scan(source: &DataSourceExec, catalogue: &Catalogue) -> Option<PeopleScan> {
    let table = catalogue.table(&scanned(source, catalogue)?)?;
    let config = source.data_source().downcast_ref::<FileScanConfig>()?;
    if config.limit.is_some() || !config.table_partition_cols().is_empty() {
        return None;
    }
    let schema = config.projected_schema().ok()?;
    let name = |e: &ProjectionExpr| Some(e.expr.downcast_ref::<Column>()?.name().to_owned());
    let names = config.file_source().projection()?.iter().map(name).collect::<Option<Vec<_>>>()?;
    let unit = names.iter().position(|name| table.unit() == Some(name.as_str()))?;
    (names.len() == schema.fields().len()).then_some(PeopleScan { files: whole(config)?, schema, names, unit })
}

/// The plan on some people's rows: those of its private scans, in order.
///
/// # Errors
/// When a node is not what was found.
pub(super) fn on(
    plan: &Arc<dyn ExecutionPlan>,
    tables: &mut impl Iterator<Item = (SchemaRef, Vec<RecordBatch>)>,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    if is_public(plan) {
        return single(reset_plan_states(Arc::clone(plan))?);
    }
    if plan.children().is_empty() {
        let (schema, batches) = tables.next().ok_or_else(|| unknown("a scan"))?;
        return Ok(MemorySourceConfig::try_new_exec(&[batches], schema, None)?);
    }
    if plan.downcast_ref::<AggregateExec>().is_some() {
        let first = first_step(plan).ok_or_else(|| unknown("a grouping"))?;
        let input = on(first.input(), tables)?;
        let (keys, functions) = (first.group_expr().clone(), first.aggr_expr().to_vec());
        let (filters, schema) = (first.filter_expr().to_vec(), first.input_schema());
        return Ok(Arc::new(AggregateExec::try_new(AggregateMode::Single, keys, functions, filters, input, schema)?));
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        let (left, right) = (on(join.left(), tables)?, on(join.right(), tables)?);
        return HashJoinExecBuilder::new(single(left)?, single(right)?, join.on().to_vec(), *join.join_type())
            .with_filter(join.filter().cloned())
            .with_projection(join.projection.as_ref().map(|columns| columns.to_vec()))
            .with_partition_mode(PartitionMode::CollectLeft)
            .with_null_equality(join.null_equality())
            .with_null_aware(join.null_aware)
            .build_exec();
    }
    let kept = plan.downcast_ref::<FilterExec>().is_some()
        || plan.downcast_ref::<ProjectionExec>().is_some()
        || plan.downcast_ref::<UnionExec>().is_some();
    let children = plan.children().into_iter().map(|child| on(child, tables)).collect::<Result<Vec<_>, _>>()?;
    if kept {
        return single(replace_children_if_necessary(Arc::clone(plan), children)?);
    }
    <[_; 1]>::try_from(children).map(|[child]| child).map_err(|_| unknown("a node"))
}

fn single(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    Ok(match plan.output_partitioning().partition_count() {
        1 => plan,
        _ => Arc::new(CoalescePartitionsExec::new(plan)),
    })
}

fn unknown(what: &str) -> DataFusionError {
    DataFusionError::Internal(format!("{what} is not what was found"))
}
