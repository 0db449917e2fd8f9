//! The SQL above the door, run on published numbers: HAVING, ORDER BY, ratios, ranks. Free, because it reads nothing else.
//!
//! The archive holds the query's text and the columns of the tables that it names. The text is planned again, the aggregate
//! that crossed the door is replaced by the table of noisy numbers, and the rest is run.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::execution::FunctionRegistry as _;
use datafusion::functions::datetime::planner::DatetimeFunctionPlanner;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, col};
use datafusion::prelude::SessionContext;

use super::description::{Above, MISSING, TOTAL, TableDescription};
use super::formula;

type Rows = Vec<Vec<Option<String>>>;

/// The rows of a query's own result, as text, from the measured vectors of its table.
///
/// # Errors
/// What DataFusion says; everything it sees is public.
pub async fn view(table: &TableDescription, above: &Above, vectors: &[&[i64]]) -> Result<Rows, DataFusionError> {
    let mut found = Vec::new();
    for batch in run(table, above, vectors).await? {
        found.extend(rows(&batch)?);
    }
    Ok(found)
}

/// The same, with the types of its columns.
async fn run(table: &TableDescription, above: &Above, vectors: &[&[i64]]) -> Result<Vec<RecordBatch>, DataFusionError> {
    let context = speaking(SessionContext::new())?;
    for source in &above.sources {
        context.register_table(source.table.as_str(), provider(&source.columns, source.rows.as_ref())?)?;
    }
    let plan = context.state().create_logical_plan(&table.sql).await?;
    let mut at = above.crossing;
    let plan = replace(plan, &mut at, &mut |aggregate| noisy(aggregate, table, vectors))?;
    context.execute_logical_plan(plan).await?.collect().await
}

/// A session in which `extract(year FROM day)` means what it means in SQL.
///
/// # Errors
/// What DataFusion says.
pub fn speaking(mut context: SessionContext) -> Result<SessionContext, DataFusionError> {
    context.register_expr_planner(Arc::new(DatetimeFunctionPlanner))?;
    Ok(context)
}

/// The tables that a plan names, sub-queries included.
///
/// # Errors
/// What DataFusion says.
pub fn tables(plan: &LogicalPlan) -> Result<Vec<String>, DataFusionError> {
    let mut names: Vec<String> = Vec::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            names.push(scan.table_name.table().to_owned());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// Replaces the node at a position, counted from the top down.
fn replace(
    plan: LogicalPlan,
    at: &mut usize,
    with: &mut impl FnMut(&Aggregate) -> Result<LogicalPlan, DataFusionError>,
) -> Result<LogicalPlan, DataFusionError> {
    if *at == 0 {
        *at = usize::MAX;
        let LogicalPlan::Aggregate(aggregate) = &plan else {
            return Err(DataFusionError::Plan("the archived query plans differently here".into()));
        };
        return with(aggregate);
    }
    let mut inputs = Vec::new();
    for input in plan.inputs() {
        if *at != usize::MAX {
            *at -= 1;
        }
        inputs.push(replace(input.clone(), at, with)?);
    }
    if *at == usize::MAX { plan.with_new_exprs(plan.expressions(), inputs) } else { Ok(plan) }
}

/// A public table with its rows, or an empty one of these columns.
fn provider(columns: &[(String, String)], rows: Option<&Rows>) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let fields = columns.iter().map(|(name, kind)| Ok(Field::new(name, kind.parse::<DataType>()?, true)));
    let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<_>, DataFusionError>>()?));
    let Some(rows) = rows else { return Ok(Arc::new(EmptyTable::new(schema))) };
    let column = |(i, field): (usize, &Arc<Field>)| -> Result<ArrayRef, DataFusionError> {
        let text: StringArray = rows.iter().map(|r| r.get(i).cloned().flatten()).collect();
        Ok(cast(&text, field.data_type())?)
    };
    let arrays = schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}

/// The noisy numbers with the names and types of the aggregate that they stand for. A missing or rolled-up key is NULL, as
/// SQL has it.
fn noisy(aggregate: &Aggregate, table: &TableDescription, vectors: &[&[i64]]) -> Result<LogicalPlan, DataFusionError> {
    let width = table.keys.len();
    let sets = usize::from(matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]));
    let mut measures = table.measures.iter().map(|m| formula::cells(&m.formula, vectors, table.cells.len()));
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (at, field) in aggregate.schema.fields().iter().enumerate() {
        let aggregated = at.checked_sub(width + sets).and_then(|i| aggregate.aggr_expr.get(i));
        let text: StringArray = match aggregated {
            None if at < width => (0..table.cells.len()).map(|cell| key(table, cell, at)).collect(),
            None => (0..table.cells.len()).map(|cell| Some(grouping_id(table, cell).to_string())).collect(),
            Some(expr) => match grouped(expr, aggregate) {
                Some(key) => (0..table.cells.len()).map(|cell| Some(u8::from(is_total(table, cell, key)).to_string())).collect(),
                None => measures
                    .next()
                    .ok_or_else(|| DataFusionError::Plan("an aggregate is not archived".into()))?
                    .into_iter()
                    .map(|value| value.map(|v| number(v, field.data_type())))
                    .collect(),
            },
        };
        arrays.push(cast(&text, field.data_type())?);
    }
    let named = |i: usize| format!("c{i}");
    let fields = aggregate.schema.fields().iter().enumerate().map(|(i, f)| Field::new(named(i), f.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    let source = provider_as_source(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?));
    let renamed = aggregate.schema.iter().enumerate().map(|(i, (qualifier, field))| match qualifier {
        Some(qualifier) => col(named(i)).alias_qualified(Some(qualifier.clone()), field.name()),
        None => col(named(i)).alias(field.name()),
    });
    LogicalPlanBuilder::scan("published", source, None)?.project(renamed.collect::<Vec<_>>())?.build()
}

fn code(table: &TableDescription, cell: usize, key: usize) -> Option<&str> {
    let index = table.cells.get(cell)?.get(key)?;
    Some(table.keys.get(key)?.codes.get(usize::from(*index))?.code.as_str())
}

fn key(table: &TableDescription, cell: usize, key: usize) -> Option<String> {
    code(table, cell, key).filter(|c| *c != MISSING && *c != TOTAL).map(str::to_owned)
}

fn is_total(table: &TableDescription, cell: usize, key: usize) -> bool {
    code(table, cell, key) == Some(TOTAL)
}

/// DataFusion's number of a grouping set: one bit per key, the last key lowest, set where the key is rolled up.
fn grouping_id(table: &TableDescription, cell: usize) -> u64 {
    (0..table.keys.len()).fold(0, |id, key| (id << 1) | u64::from(is_total(table, cell, key)))
}

/// The key that `grouping(key)` asks about.
fn grouped(expr: &Expr, aggregate: &Aggregate) -> Option<usize> {
    let Expr::AggregateFunction(f) = expr.clone().unalias() else { return None };
    let keys: Vec<&Expr> = match aggregate.group_expr.as_slice() {
        [Expr::GroupingSet(set)] => set.distinct_expr(),
        keys => keys.iter().collect(),
    };
    let argument = f.params.args.first()?;
    (f.func.name() == "grouping").then(|| keys.iter().position(|k| *k == argument)).flatten()
}

/// A number as text that casts to the type of its column.
fn number(value: f64, kind: &DataType) -> String {
    if kind.is_integer() { format!("{value:.0}") } else { value.to_string() }
}

/// The rows of a batch as text; fractions with three decimals.
///
/// # Errors
/// When a column has no text form.
pub fn rows(batch: &RecordBatch) -> Result<Rows, DataFusionError> {
    let text = |column: &ArrayRef| -> Result<ArrayRef, DataFusionError> {
        if column.data_type().is_floating() || matches!(column.data_type(), DataType::Decimal128(..) | DataType::Decimal256(..)) {
            let numbers = cast(column, &DataType::Float64)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            // Zero has no sign.
            let rounded = numbers.iter().map(|n| n.map(|n| format!("{n:.3}").replace("-0.000", "0.000")));
            return Ok(Arc::new(rounded.collect::<StringArray>()));
        }
        Ok(cast(column, &DataType::Utf8)?)
    };
    let columns = batch.columns().iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let columns: Vec<&StringArray> = columns.iter().map(|c| c.as_string::<i32>()).collect();
    let cell = |c: &&StringArray, row: usize| c.is_valid(row).then(|| c.value(row).to_owned());
    Ok((0..batch.num_rows()).map(|row| columns.iter().map(|c| cell(c, row)).collect()).collect())
}
