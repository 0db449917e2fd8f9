//! TRUSTED: the nodes of a plan on one row for each combination of values, which carries in a last column of how many landed rows
//! it stands: what they would have answered on all of these rows. See `shape` for why.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use datafusion::common::JoinSide;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateExprBuilder;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::projection::ProjectionExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::joins::{HashJoinExec, HashJoinExecBuilder, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _, collect};

use super::coder::array;
use super::shape::{Shape, private_side};
use super::tally::{ScanColumn, Weighted};

/// How the last column is called.
const ROWS: &str = "rows that it stands for";

fn unknown(what: &str) -> DataFusionError {
    DataFusionError::Internal(format!("{what} is not what was found"))
}

/// What the plan answers on scans of which these combinations were counted, in the order of its scans.
///
/// # Errors
/// When the engine fails.
pub(super) async fn answer(
    shape: &Shape,
    counted: Vec<Weighted>,
    context: Arc<TaskContext>,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let grouping = shape.grouping.downcast_ref::<AggregateExec>().ok_or_else(|| unknown("the grouping"))?;
    let tables = shape.scans.iter().zip(counted).map(|(scan, counted)| table(&scan.columns, &counted));
    let mut tables = tables.collect::<Result<Vec<_>, _>>()?.into_iter();
    let rows = below(grouping.input(), &mut tables)?;
    let batches = collect(rows, Arc::clone(&context)).await?;
    let mut plan = summed(grouping, &batches)?;
    for projection in shape.above.iter().rev() {
        let projection = projection.downcast_ref::<ProjectionExec>().ok_or_else(|| unknown("a projection"))?;
        plan = Arc::new(ProjectionExec::try_new(projection.expr().to_vec(), plan)?);
    }
    collect(plan, context).await
}

/// Combinations as a table, the number of rows last.
fn table(columns: &[ScanColumn], counted: &Weighted) -> Result<RecordBatch, DataFusionError> {
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
    fields.push(Field::new(ROWS, DataType::Int64, false));
    let rows = counted.iter().map(|(_, rows)| i64::try_from(*rows)).collect::<Result<Vec<_>, _>>();
    arrays.push(Arc::new(Int64Array::from(rows.map_err(|e| DataFusionError::External(e.into()))?)));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// The nodes below the grouping, with the number of rows as one more column behind theirs.
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
        let rows = ProjectionExpr::new(Arc::new(Column::new(ROWS, last(&input)?)), ROWS);
        let all = projection.expr().iter().cloned().chain([rows]);
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

/// The same join, with the number of rows last.
fn joined(
    join: &HashJoinExec,
    tables: &mut impl Iterator<Item = RecordBatch>,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let side = private_side(join).ok_or_else(|| unknown("a join"))?;
    let (left, right) = match side {
        JoinSide::Left => (below(join.left(), tables)?, Arc::clone(join.right())),
        _ => (Arc::clone(join.left()), below(join.right(), tables)?),
    };
    let lefts = join.left().schema().fields().len();
    let all = join.join_schema().fields().len();
    // Behind the columns of its side; those of the other move by one.
    let moved = |at: usize| if side == JoinSide::Left && at >= lefts { at.saturating_add(1) } else { at };
    let rows = if side == JoinSide::Left { lefts } else { all };
    let columns: Vec<usize> = match &join.projection {
        Some(columns) => columns.iter().map(|at| moved(*at)).chain([rows]).collect(),
        None => (0..all).map(moved).chain([rows]).collect(),
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

fn last(plan: &Arc<dyn ExecutionPlan>) -> Result<usize, DataFusionError> {
    plan.schema().fields().len().checked_sub(1).ok_or_else(|| unknown("a relation"))
}

/// The grouping, of which each count and sum is the sum of what each combination adds to it.
fn summed(grouping: &AggregateExec, batches: &[RecordBatch]) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let (inner, functions) = (grouping.input().schema().fields().len(), grouping.aggr_expr());
    let mut added: Vec<RecordBatch> = Vec::with_capacity(batches.len());
    for batch in batches {
        let mut columns: Vec<ArrayRef> = batch.columns().get(..inner).ok_or_else(|| unknown("a row"))?.to_vec();
        let rows = batch.columns().get(inner).and_then(|c| c.as_primitive_opt::<Int64Type>());
        let rows = rows.filter(|rows| rows.null_count() == 0).ok_or_else(|| unknown("a number of rows"))?;
        for (function, filter) in functions.iter().zip(grouping.filter_expr()) {
            let [argument] =
                <[Arc<dyn PhysicalExpr>; 1]>::try_from(function.expressions()).map_err(|_| unknown("an aggregate"))?;
            columns.push(adds(batch, rows, (function.fun().name() == "sum", &argument), filter.as_ref())?);
        }
        added.push(RecordBatch::try_new(schema(batch, inner, functions.len()), columns)?);
    }
    let Some(schema) = added.first().map(RecordBatch::schema) else {
        let input = grouping.input().schema();
        let fields = input.fields().iter().cloned();
        let sums = (0..functions.len()).map(|at| Arc::new(Field::new(name(at), DataType::Int64, true)));
        let schema = Arc::new(Schema::new(fields.chain(sums).collect::<Vec<_>>()));
        return aggregate(grouping, MemorySourceConfig::try_new_exec(&[vec![]], Arc::clone(&schema), None)?, &schema, inner);
    };
    aggregate(grouping, MemorySourceConfig::try_new_exec(&[added], Arc::clone(&schema), None)?, &schema, inner)
}

fn name(at: usize) -> String {
    format!("what aggregate {at} gains")
}

fn schema(batch: &RecordBatch, inner: usize, functions: usize) -> SchemaRef {
    let fields = batch.schema().fields().iter().take(inner).cloned().collect::<Vec<_>>();
    let sums = (0..functions).map(|at| Arc::new(Field::new(name(at), DataType::Int64, true)));
    Arc::new(Schema::new(fields.into_iter().chain(sums).collect::<Vec<_>>()))
}

/// What each combination adds to a count (its rows, where the argument has a value) or a sum (the argument, as often).
fn adds(
    batch: &RecordBatch,
    rows: &Int64Array,
    (sum, argument): (bool, &Arc<dyn PhysicalExpr>),
    filter: Option<&Arc<dyn PhysicalExpr>>,
) -> Result<ArrayRef, DataFusionError> {
    let argument = argument.evaluate(batch)?.into_array(batch.num_rows())?;
    let kept = filter.map(|filter| filter.evaluate(batch)?.into_array(batch.num_rows())).transpose()?;
    let is_kept = |row: usize| {
        kept.as_ref().is_none_or(|kept| kept.as_boolean_opt().is_some_and(|kept| kept.is_valid(row) && kept.value(row)))
    };
    let whole = if sum { Some(argument.as_primitive_opt::<Int64Type>().ok_or_else(|| unknown("a sum"))?) } else { None };
    let of = |row: usize| {
        let rows = (argument.is_valid(row) && is_kept(row)).then(|| rows.value(row))?;
        // Certified not to overflow: the sum over all rows does not.
        Some(whole.map_or(rows, |whole| whole.value(row).wrapping_mul(rows)))
    };
    Ok(Arc::new((0..batch.num_rows()).map(of).collect::<Int64Array>()))
}

/// The grouping by the same keys and sets.
fn aggregate(
    grouping: &AggregateExec,
    input: Arc<dyn ExecutionPlan>,
    schema: &SchemaRef,
    inner: usize,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let sums = grouping.aggr_expr().iter().enumerate().map(|(at, function)| {
        let gains: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&name(at), inner.saturating_add(at)));
        AggregateExprBuilder::new(sum_udaf(), vec![gains]).schema(Arc::clone(schema)).alias(function.name()).build().map(Arc::new)
    });
    let sums = sums.collect::<Result<Vec<_>, _>>()?;
    let filters = vec![None; sums.len()];
    let keys = grouping.group_expr().clone();
    Ok(Arc::new(AggregateExec::try_new(AggregateMode::Single, keys, sums, filters, input, Arc::clone(schema))?))
}
