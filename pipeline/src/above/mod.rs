//! The SQL above the door, run on published numbers: HAVING, ORDER BY, ratios, ranks. Free, because it reads nothing else.
//!
//! The archive holds the query's text and the columns of the tables that it names. The text is planned again, the aggregate
//! that crossed the door is replaced by the table of noisy numbers, and the rest is run.
//!
//! Takes an archived description and its numbers; gives rows as text. It may not see private rows, files or keys, and runs in a process
//! of its own (`sandbox`). Start reading at [`view`].

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::Column;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, col};

use limits::Limits;
use utfall_publish::description::formula;
use utfall_publish::publication::Ends;
use utfall_publish::{Above, CellIndex, MISSING, Possible, TOTAL, TableDescription};

pub(crate) use carry::has_query;
#[cfg(feature = "cluster")]
pub(crate) use first_day::DateTrunc;
pub use first_day::first_day;
use order::parts;
pub use session::session;
#[cfg(test)]
pub(crate) use simulate::drawn;
pub use simulate::{Numbers, draws};

mod carry;
mod exact;
mod first_day;
mod limits;
mod order;
mod part;
mod possible;
pub mod sandbox;
mod session;
mod simulate;

/// Rows as text; none for NULL.
pub type TextRows = Vec<Vec<Option<String>>>;

/// The rows of a query's own result, as text, from the measured vectors of its table.
///
/// # Errors
/// What DataFusion says; everything it sees is public.
pub async fn view(table: &TableDescription, above: &Above, vectors: &[&[i64]]) -> Result<TextRows, DataFusionError> {
    let limits = Limits::of(table, above, 1);
    let context = limits.context(above)?;
    let plan = context.state().create_logical_plan(&table.sql).await?;
    let mut at = above.crossing;
    let plan = replace(plan, &mut at, &mut |aggregate| noisy(aggregate, table, &[vectors.to_vec()], false))?;
    limits.run(&context, plan).await
}

/// With more numbers and keys in all draws together, none are simulated.
const MOST_CELLS: usize = 2_000_000;

/// The vectors of a table in each draw; none where some are not drawn again, or they are too many.
pub fn vectors<'n>(table: &TableDescription, draws: &'n [Numbers]) -> Vec<Vec<&'n [i64]>> {
    // All draws are in memory at once.
    if draws.len().saturating_mul(table.cells.len().saturating_mul(table.keys.len() + table.measures.len())) > MOST_CELLS {
        return Vec::new();
    }
    let of = |draw: &'n Numbers| table.vectors.iter().map(|v| draw.get(&v.name).map(Vec::as_slice)).collect::<Option<Vec<_>>>();
    draws.iter().map(of).collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// The ends of the intervals of the numbers in these rows, at a level that leaves `tail`, from the [`vectors`] of each draw;
/// empty where none can be given.
///
/// # Errors
/// What DataFusion says.
pub async fn intervals(
    table: &TableDescription,
    above: &Above,
    rows: &TextRows,
    draws: &[Vec<&[i64]>],
    tail: f64,
) -> Result<Vec<Vec<Ends>>, DataFusionError> {
    if draws.is_empty() {
        return Ok(Vec::new());
    }
    let drawn = each(table, above, draws).await?;
    Ok(drawn.map(|drawn| simulate::ends(rows, &drawn.columns, &drawn.draws, tail)).unwrap_or_default())
}

/// What the exact numbers of each column of a query's result can be, whatever was measured; empty where that cannot be told.
///
/// # Errors
/// What DataFusion says.
pub async fn possible(table: &TableDescription, above: &Above) -> Result<Vec<Option<Possible>>, DataFusionError> {
    let context = Limits::of(table, above, 1).context(above)?;
    let plan = context.state().create_logical_plan(&table.sql).await?;
    let columns = possible::possible(&plan, above.crossing, table).unwrap_or_default();
    Ok(columns.into_iter().map(Some).collect())
}

/// The rows of a query in all draws.
struct DrawnRows {
    /// What the noise does to each column.
    columns: Vec<carry::DrawnColumn>,
    /// By the number of the draw, its rows as [`view`] gives them, with what their numbers are divided by behind them.
    draws: BTreeMap<String, TextRows>,
}

/// The rows of each draw; `None` where draws cannot be kept apart.
async fn each(table: &TableDescription, above: &Above, draws: &[Vec<&[i64]>]) -> Result<Option<DrawnRows>, DataFusionError> {
    let limits = Limits::of(table, above, draws.len());
    let context = limits.context(above)?;
    let plan = context.state().create_logical_plan(&table.sql).await?;
    let carried = carry::carried(&plan, above.crossing, &mut |aggregate| noisy(aggregate, table, draws, true))?;
    let Some(carried) = carried else { return Ok(None) };
    let (columns, plan) = (carried.columns(), carried.plan);
    let Some(place) = plan.schema().columns().iter().position(|column| column.name == carry::DRAW) else { return Ok(None) };
    let mut drawn: BTreeMap<String, TextRows> = BTreeMap::new();
    for mut row in limits.run(&context, plan).await? {
        let draw = row.remove(place).unwrap_or_default();
        drawn.entry(draw).or_default().push(row);
    }
    Ok(Some(DrawnRows { columns, draws: drawn }))
}

/// The rows of each draw, to be compared with what each gives by itself.
///
/// # Errors
/// What DataFusion says.
#[cfg(test)]
pub(crate) async fn each_draw(
    table: &TableDescription,
    above: &Above,
    draws: &[Vec<&[i64]>],
) -> Result<Option<BTreeMap<String, TextRows>>, DataFusionError> {
    Ok(each(table, above, draws).await?.map(|DrawnRows { columns, mut draws }| {
        draws.values_mut().flatten().for_each(|row| row.truncate(columns.len()));
        draws
    }))
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
fn provider(columns: &[(String, String)], rows: Option<&TextRows>) -> Result<Arc<dyn TableProvider>, DataFusionError> {
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

/// The noisy numbers with the names and types of the aggregate that they stand for, of several draws one after the other. A
/// missing or rolled-up key is NULL, as SQL has it. `numbered` adds the number of the draw.
fn noisy(
    aggregate: &Aggregate,
    table: &TableDescription,
    draws: &[Vec<&[i64]>],
    numbered: bool,
) -> Result<LogicalPlan, DataFusionError> {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for (at, field) in aggregate.schema.fields().iter().enumerate() {
        let texts = text(aggregate, table, draws, at, field.data_type())?;
        arrays.push(cast(&texts, field.data_type())?);
    }
    let named = |i: usize| format!("c{i}");
    let own = aggregate.schema.fields().iter().enumerate().map(|(i, f)| Field::new(named(i), f.data_type().clone(), true));
    let mut fields: Vec<Field> = own.collect();
    let renamed = aggregate.schema.iter().enumerate().map(|(i, (qualifier, field))| match qualifier {
        Some(qualifier) => col(named(i)).alias_qualified(Some(qualifier.clone()), field.name()),
        None => col(named(i)).alias(field.name()),
    });
    let mut renamed: Vec<Expr> = renamed.collect();
    if numbered {
        let number = |draw: usize| std::iter::repeat_n(i64::try_from(draw).unwrap_or(i64::MAX), table.cells.len());
        arrays.push(Arc::new((0..draws.len()).flat_map(number).collect::<Int64Array>()));
        fields.push(Field::new(carry::DRAW, DataType::Int64, true));
        renamed.push(Expr::Column(Column::from_name(carry::DRAW)).alias(carry::DRAW));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    let source = provider_as_source(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?));
    LogicalPlanBuilder::scan(limits::PUBLISHED, source, None)?.project(renamed)?.build()
}

/// A column of the aggregate as text: a key, the number of the grouping set, or a measure.
fn text(
    aggregate: &Aggregate,
    table: &TableDescription,
    draws: &[Vec<&[i64]>],
    at: usize,
    kind: &DataType,
) -> Result<StringArray, DataFusionError> {
    let width = table.keys.len();
    let sets = usize::from(matches!(aggregate.group_expr.as_slice(), [Expr::GroupingSet(_)]));
    let public = |of: &dyn Fn(CellIndex) -> Option<String>| {
        let once: Vec<Option<String>> = CellIndex::all(table.cells.len()).map(of).collect();
        draws.iter().flat_map(|_| once.clone()).collect::<StringArray>()
    };
    let Some(place) = at.checked_sub(width + sets) else {
        let id = |cell: CellIndex| Some(grouping_id(table, cell).to_string());
        return Ok(if at < width { public(&|cell| key(table, cell, at)) } else { public(&id) });
    };
    let asked = |place: usize| aggregate.aggr_expr.get(place).and_then(|expr| grouped(expr, aggregate));
    if let Some(key) = asked(place) {
        return Ok(public(&|cell| Some(u8::from(is_total(table, cell, key)).to_string())));
    }
    let measure = (0..place).filter(|before| asked(*before).is_none()).count();
    let archived = || DataFusionError::Plan("an aggregate is not archived".into());
    let formula = &table.measures.get(measure).ok_or_else(archived)?.formula;
    let numbers = draws.iter().flat_map(|vectors| formula::cells(formula, vectors, table.cells.len()));
    Ok(numbers.map(|value| value.map(|v| number(v, kind))).collect())
}

fn code(table: &TableDescription, cell: CellIndex, key: usize) -> Option<&str> {
    let index = table.cells.get(cell.number())?.get(key)?;
    Some(table.keys.get(key)?.codes.get(usize::from(*index))?.code.as_str())
}

fn key(table: &TableDescription, cell: CellIndex, key: usize) -> Option<String> {
    code(table, cell, key).filter(|c| *c != MISSING && *c != TOTAL).map(str::to_owned)
}

fn is_total(table: &TableDescription, cell: CellIndex, key: usize) -> bool {
    code(table, cell, key) == Some(TOTAL)
}

/// DataFusion's number of a grouping set: one bit per key, the last key lowest, set where the key is rolled up.
fn grouping_id(table: &TableDescription, cell: CellIndex) -> u64 {
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
pub fn rows(batch: &RecordBatch) -> Result<TextRows, DataFusionError> {
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
