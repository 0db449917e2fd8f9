//! TRUSTED: the nodes of a plan on one row for each combination of values, which carries in a last column which it is, and so of how
//! many landed rows it stands: what they would have answered on all of these rows. See `shape` for why.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::JoinSide;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy, evaluate_group_by};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _, collect};

use super::coder::array;
use super::people::{Classes, NONE, people};
use super::shape::{Scan, Shape, private_side};
use super::tally::{Counted, ScanColumn};

/// How the last column is called.
const COMBINATION: &str = "which combination it is";

fn unknown(what: &str) -> DataFusionError {
    DataFusionError::Internal(format!("{what} is not what was found"))
}

/// What the plan answers on scans of which these combinations were counted, in the order of its scans. `None` where it must run as it
/// is planned.
///
/// # Errors
/// When the engine fails.
pub(super) async fn answer(
    shape: &Shape,
    counted: &[Counted],
    context: Arc<TaskContext>,
) -> Result<Option<Vec<RecordBatch>>, DataFusionError> {
    let grouping = shape.grouping.downcast_ref::<AggregateExec>().ok_or_else(|| unknown("the grouping"))?;
    let (mut tables, mut rows): (Vec<RecordBatch>, Vec<i64>) = (Vec::new(), Vec::new());
    for (scan, counted) in shape.scans.iter().zip(counted) {
        tables.push(table(&scan.columns, &counted.rows(&scan.columns), &mut rows)?);
    }
    let below = below(grouping.input(), &mut tables.into_iter())?;
    let batches = collect(below, Arc::clone(&context)).await?;
    let mut gains = gained(grouping, &batches, &rows)?;
    if let (Some(distinct), [scan], [counted]) = (distinct(grouping), shape.scans.as_slice(), counted) {
        match people_gained(grouping, &distinct, (scan, counted), &batches)? {
            Some(people) => gains.extend(people),
            None => return Ok(None),
        }
    }
    let mut plan = summed(grouping, gains)?;
    for projection in shape.above.iter().rev() {
        let projection = projection.downcast_ref::<ProjectionExec>().ok_or_else(|| unknown("a projection"))?;
        plan = Arc::new(ProjectionExec::try_new(projection.expr().to_vec(), plan)?);
    }
    collect(plan, context).await.map(Some)
}

/// Combinations as a table, last which it is of all; appends of how many landed rows each stands.
fn table(
    columns: &[ScanColumn],
    counted: &[(Vec<Option<i64>>, u64)],
    rows: &mut Vec<i64>,
) -> Result<RecordBatch, DataFusionError> {
    let mut fields: Vec<Field> = columns.iter().map(|c| Field::new(&c.name, c.kind.clone(), true)).collect();
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len().saturating_add(1));
    for (at, column) in columns.iter().enumerate() {
        let values: Vec<Option<i64>> = counted.iter().map(|(values, _)| values.get(at).copied().flatten()).collect();
        arrays.push(match array(&column.kind, &values) {
            Some(array) => array,
            // Nothing depends on it.
            None => arrow::array::new_null_array(&column.kind, counted.len()),
        });
    }
    fields.push(Field::new(COMBINATION, DataType::Int64, false));
    let first = rows.len();
    for (_, number) in counted {
        rows.push(i64::try_from(*number).map_err(|e| DataFusionError::External(e.into()))?);
    }
    let numbers = (first..rows.len()).map(|at| i64::try_from(at).unwrap_or(i64::MAX));
    arrays.push(Arc::new(numbers.collect::<Int64Array>()));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// The nodes below the grouping, with which combination a row is of as one more column behind theirs.
fn below(
    plan: &Arc<dyn ExecutionPlan>,
    tables: &mut impl Iterator<Item = RecordBatch>,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    if plan.children().is_empty() {
        let table = tables.next().ok_or_else(|| unknown("a scan"))?;
        let schema = table.schema();
        return Ok(MemorySourceConfig::try_new_exec(&[vec![table]], schema, None)?);
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let input = below(filter.input(), tables)?;
        let last = last(&input)?;
        let kept = filter.projection().as_ref().map(|columns| columns.iter().copied().chain([last]).collect::<Vec<_>>());
        let filter = FilterExecBuilder::new(Arc::clone(filter.predicate()), input).apply_projection(kept)?;
        return Ok(Arc::new(filter.build()?));
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let input = below(projection.input(), tables)?;
        let which = ProjectionExpr::new(Arc::new(Column::new(COMBINATION, last(&input)?)), COMBINATION);
        let all = projection.expr().iter().cloned().chain([which]);
        return Ok(Arc::new(ProjectionExec::try_new(all.collect::<Vec<_>>(), input)?));
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return joined(join, tables);
    }
    if let Some(union) = plan.downcast_ref::<UnionExec>() {
        let inputs = union.inputs().iter().map(|input| below(input, tables)).collect::<Result<Vec<_>, _>>()?;
        return UnionExec::try_new(inputs);
    }
    match plan.children().as_slice() {
        [input] => below(input, tables),
        _ => Err(unknown("a node")),
    }
}

/// The same join, with the combination last.
fn joined(
    join: &HashJoinExec,
    tables: &mut impl Iterator<Item = RecordBatch>,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let side = private_side(join).ok_or_else(|| unknown("a join"))?;
    let (left, right) = match side {
        JoinSide::Left => (below(join.left(), tables)?, anew(join.right())?),
        _ => (anew(join.left())?, below(join.right(), tables)?),
    };
    let lefts = join.left().schema().fields().len();
    let all = join.join_schema().fields().len();
    // Behind the columns of its side; those of the other move by one.
    let moved = |at: usize| if side == JoinSide::Left && at >= lefts { at.saturating_add(1) } else { at };
    let which = if side == JoinSide::Left { lefts } else { all };
    let columns: Vec<usize> = match &join.projection {
        Some(columns) => columns.iter().map(|at| moved(*at)).chain([which]).collect(),
        None => (0..all).map(moved).chain([which]).collect(),
    };
    let single = |plan: Arc<dyn ExecutionPlan>| match plan.output_partitioning().partition_count() {
        1 => plan,
        _ => Arc::new(CoalescePartitionsExec::new(plan)) as Arc<dyn ExecutionPlan>,
    };
    HashJoinExecBuilder::new(single(left), single(right), join.on().to_vec(), *join.join_type())
        .with_filter(join.filter().cloned())
        .with_projection(Some(columns))
        .with_partition_mode(PartitionMode::CollectLeft)
        .with_null_equality(join.null_equality())
        .with_null_aware(join.null_aware)
        .build_exec()
}

/// A public side as if it had never run: the plan itself may still have to.
fn anew(plan: &Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    reset_plan_states(Arc::clone(plan))
}

fn last(plan: &Arc<dyn ExecutionPlan>) -> Result<usize, DataFusionError> {
    plan.schema().fields().len().checked_sub(1).ok_or_else(|| unknown("a relation"))
}

/// The combinations of some rows.
fn combinations(batch: &RecordBatch) -> Result<Vec<usize>, DataFusionError> {
    let last = batch.columns().last().and_then(|column| column.as_primitive_opt::<Int64Type>());
    let last = last.filter(|last| last.null_count() == 0).ok_or_else(|| unknown("a combination"))?;
    last.values().iter().map(|at| usize::try_from(*at).map_err(|_| unknown("a combination"))).collect()
}

/// The rows of a table that a filter keeps.
fn kept(batch: &RecordBatch, filter: Option<&Arc<dyn PhysicalExpr>>) -> Result<impl Fn(usize) -> bool + use<>, DataFusionError> {
    let kept = filter.map(|filter| filter.evaluate(batch)?.into_array(batch.num_rows())).transpose()?;
    let kept = match &kept {
        Some(kept) => Some(kept.as_boolean_opt().cloned().ok_or_else(|| unknown("a filter"))?),
        None => None,
    };
    Ok(move |row: usize| kept.as_ref().is_none_or(|kept| kept.is_valid(row) && kept.value(row)))
}

/// The keys of each grouping set, with its number where there are several; one set without keys where nothing is grouped by.
fn sets(grouping: &AggregateExec, batch: &RecordBatch) -> Result<Vec<Vec<ArrayRef>>, DataFusionError> {
    let sets = evaluate_group_by(grouping.group_expr(), batch)?;
    Ok(if sets.is_empty() { vec![Vec::new()] } else { sets })
}

/// For each combination and grouping set its keys, and what it adds to each count and sum of rows.
fn gained(grouping: &AggregateExec, batches: &[RecordBatch], rows: &[i64]) -> Result<Vec<RecordBatch>, DataFusionError> {
    let mut gained = Vec::new();
    for batch in batches {
        let own: Option<Vec<i64>> = combinations(batch)?.into_iter().map(|at| rows.get(at).copied()).collect();
        let own = own.ok_or_else(|| unknown("a combination"))?;
        let mut gains: Vec<ArrayRef> = Vec::new();
        for (function, filter) in grouping.aggr_expr().iter().zip(grouping.filter_expr()) {
            let [argument] = <[_; 1]>::try_from(function.expressions()).map_err(|_| unknown("an aggregate"))?;
            gains.push(match function.is_distinct() {
                true => arrow::array::new_null_array(&DataType::Int64, batch.num_rows()),
                false => adds(batch, &own, (function.fun().name() == "sum", &argument), filter.as_ref())?,
            });
        }
        for keys in sets(grouping, batch)? {
            gained.push(RecordBatch::try_new(schema(grouping)?, keys.into_iter().chain(gains.iter().cloned()).collect())?);
        }
    }
    Ok(gained)
}

/// What each combination adds to a count (its rows, where the argument has a value) or a sum (the argument, as often).
fn adds(
    batch: &RecordBatch,
    rows: &[i64],
    (sum, argument): (bool, &Arc<dyn PhysicalExpr>),
    filter: Option<&Arc<dyn PhysicalExpr>>,
) -> Result<ArrayRef, DataFusionError> {
    let argument = argument.evaluate(batch)?.into_array(batch.num_rows())?;
    let is_kept = kept(batch, filter)?;
    let whole = if sum { Some(argument.as_primitive_opt::<Int64Type>().ok_or_else(|| unknown("a sum"))?) } else { None };
    let of = |(row, rows): (usize, &i64)| {
        // Certified not to overflow: the sum over all rows does not.
        let gain = || whole.map_or(*rows, |whole| whole.value(row).wrapping_mul(*rows));
        (argument.is_valid(row) && is_kept(row)).then(gain)
    };
    Ok(Arc::new(rows.iter().enumerate().map(of).collect::<Int64Array>()))
}

/// The aggregates that count people; none if no aggregate does.
fn distinct(grouping: &AggregateExec) -> Option<Vec<usize>> {
    let functions = grouping.aggr_expr().iter().enumerate();
    let distinct: Vec<usize> = functions.filter(|(_, function)| function.is_distinct()).map(|(at, _)| at).collect();
    (!distinct.is_empty()).then_some(distinct)
}

/// For each group of each grouping set its keys, and how many people have a row in it. `None` where a combination is in two groups
/// of a set, or the files are not as landing writes them.
fn people_gained(
    grouping: &AggregateExec,
    distinct: &[usize],
    (scan, counted): (&Scan, &Counted),
    batches: &[RecordBatch],
) -> Result<Option<Vec<RecordBatch>>, DataFusionError> {
    let keys = batches.iter().map(|batch| sets(grouping, batch)).collect::<Result<Vec<_>, _>>()?;
    let (mut ways, mut firsts) = (Vec::new(), Vec::new());
    for function in distinct {
        let filter = grouping.filter_expr().get(*function).and_then(Option::as_ref);
        for set in 0..grouping.group_expr().groups().len().max(1) {
            let keys: Vec<&[ArrayRef]> = keys.iter().filter_map(|sets| sets.get(set)).map(Vec::as_slice).collect();
            let Some((way, first)) = classes(counted, batches, &keys, filter)? else { return Ok(None) };
            ways.push(way);
            firsts.push((*function, set, first));
        }
    }
    let unit = scan.unit.as_deref().ok_or_else(|| unknown("a person"))?;
    let Some(counts) = people(&scan.files, (&scan.columns, unit), &ways)? else { return Ok(None) };
    let mut gained = Vec::new();
    for ((function, set, first), counts) in firsts.into_iter().zip(counts).filter(|((.., first), _)| !first.is_empty()) {
        let width = keys.first().and_then(|sets| sets.get(set)).map_or(0, Vec::len);
        let mut columns: Vec<ArrayRef> = Vec::new();
        for key in 0..width {
            let arrays = keys.iter().filter_map(|sets| Some(sets.get(set)?.get(key)?.as_ref()));
            columns.push(interleave(&arrays.collect::<Vec<_>>(), &first)?);
        }
        for at in 0..grouping.aggr_expr().len() {
            let own = counts.iter().map(|count| i64::try_from(*count).ok().filter(|_| at == function));
            columns.push(Arc::new(own.collect::<Int64Array>()));
        }
        gained.push(RecordBatch::try_new(schema(grouping)?, columns)?);
    }
    Ok(Some(gained))
}

/// The first row of each class: its batch, and its place there.
type Firsts = Vec<(usize, usize)>;

/// Combinations by the group that they are in, and the first row of each group; `None` where one is in two.
fn classes(
    counted: &Counted,
    batches: &[RecordBatch],
    keys: &[&[ArrayRef]],
    filter: Option<&Arc<dyn PhysicalExpr>>,
) -> Result<Option<(Classes, Firsts)>, DataFusionError> {
    let kinds = keys.first().map(|keys| keys.iter().map(|key| SortField::new(key.data_type().clone())).collect());
    let converter = RowConverter::new(kinds.unwrap_or_default())?;
    let (mut way, mut firsts) = (Classes::default(), Firsts::new());
    let mut known: HashMap<OwnedRow, u32> = HashMap::new();
    for (at, (batch, keys)) in batches.iter().zip(keys).enumerate() {
        let (which, is_kept) = (combinations(batch)?, kept(batch, filter)?);
        let rows = if keys.is_empty() { None } else { Some(converter.convert_columns(keys)?) };
        for (row, combination) in which.into_iter().enumerate().filter(|(row, _)| is_kept(*row)) {
            let next = u32::try_from(firsts.len()).unwrap_or(NONE);
            let class = match &rows {
                Some(rows) => *known.entry(rows.row(row).owned()).or_insert(next),
                None => 0,
            };
            if class == next {
                firsts.push((at, row));
            }
            let before = match counted.cells.get(combination) {
                Some((cell, _)) => way.cells.insert(*cell, class),
                None => {
                    let apart = combination.checked_sub(counted.cells.len()).and_then(|at| counted.apart.get(at));
                    let (values, _) = apart.ok_or_else(|| unknown("a combination"))?;
                    way.apart.insert(values.clone(), class)
                }
            };
            if before.is_some_and(|before| before != class) {
                return Ok(None);
            }
        }
    }
    way.number = firsts.len();
    Ok(Some((way, firsts)))
}

fn name(at: usize) -> String {
    format!("what aggregate {at} gains")
}

/// The keys of the grouping, and what is gained of each aggregate.
fn schema(grouping: &AggregateExec) -> Result<SchemaRef, DataFusionError> {
    let keys = grouping.group_expr().group_schema(&grouping.input().schema())?;
    let keys = keys.fields().iter().map(|key| Arc::new(key.as_ref().clone().with_nullable(true)));
    let gains = (0..grouping.aggr_expr().len()).map(|at| Arc::new(Field::new(name(at), DataType::Int64, true)));
    Ok(Arc::new(Schema::new(keys.chain(gains).collect::<Vec<_>>())))
}

/// The sums of all gains by the keys, under the names of the aggregates.
fn summed(grouping: &AggregateExec, gains: Vec<RecordBatch>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let (schema, width) = (schema(grouping)?, grouping.group_expr().num_group_exprs());
    let input = MemorySourceConfig::try_new_exec(&[gains], Arc::clone(&schema), None)?;
    let keys = schema.fields().iter().take(width).enumerate().map(|(at, key)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(key.name(), at));
        (column, key.name().clone())
    });
    let keys = PhysicalGroupBy::new_single(keys.collect());
    let sums = grouping.aggr_expr().iter().enumerate().map(|(at, function)| {
        let gains: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&name(at), width.saturating_add(at)));
        let sum = AggregateExprBuilder::new(sum_udaf(), vec![gains]).schema(Arc::clone(&schema)).alias(function.name());
        sum.build().map(Arc::new)
    });
    let sums = sums.collect::<Result<Vec<_>, _>>()?;
    let filters = vec![None; sums.len()];
    Ok(Arc::new(AggregateExec::try_new(AggregateMode::Single, keys, sums, filters, input, schema)?))
}
