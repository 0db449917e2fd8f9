//! The bound: `contribution <= k` on every private scan, and the period if the query is one of a series; and whether it
//! is in what physically runs.
//!
//! # Privacy
//! Landing numbers each person's participations 1, 2, …; a number is given once and never reused, so the predicate
//! leaves at most `k` participations of one person. A child row carries the number of its participation and its own
//! `ordinal` in it, so `contribution <= k AND ordinal <= r` leaves at most `k r` rows. That what physically runs has this
//! predicate on every scan, with that `k`, is checked on the physical plan: [`stands`].

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::provider_as_source;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Case, Expr, GroupingSet, LogicalPlan, LogicalPlanBuilder, Operator, TableScan, cast, ident, lit};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{self, BinaryExpr, Literal};
use datafusion::physical_expr::split_conjunction;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::scalar::ScalarValue;

use super::below::PrivateScan;
use super::check::Checked;
use super::encode::{Coded, Encoder};
use super::series::Slice;
use super::split;
use crate::catalogue::schema::{Catalogue, Column, TableSchema};
use crate::store::file::{BEGAN, ENDED};
use utfall_ground::calendar::{Day, Days};

/// The plan whose rows answer the vectors: keys, values of quantiles, aggregates, in this order.
///
/// # Errors
/// What DataFusion says about it; it is built from public things only.
pub fn measured(accepted: &Checked) -> Result<LogicalPlan, DataFusionError> {
    let crossing = &accepted.crossing;
    if crossing.by_set {
        let key = |k: &usize| crossing.keys.get(*k).map(|key| key.expr.clone());
        let sets = crossing.sets.iter().map(|set| set.iter().filter_map(key).collect()).collect();
        let sets = Expr::GroupingSet(GroupingSet::GroupingSets(sets));
        return LogicalPlanBuilder::from(crossing.input.clone()).aggregate(vec![sets], crossing.aggregates.clone())?.build();
    }
    let named = |prefix: &str, exprs: Vec<&Expr>| {
        exprs.into_iter().enumerate().map(|(i, e)| e.clone().alias(format!("{prefix}{i}"))).collect::<Vec<_>>()
    };
    let mut keys = named("k", crossing.keys.iter().map(|k| &k.expr).collect());
    keys.extend(named("v", crossing.valued.iter().collect()));
    let aggregates = named("a", crossing.aggregates.iter().collect());
    LogicalPlanBuilder::from(crossing.input.clone()).aggregate(keys, aggregates)?.build()
}

/// Replaces the private scans of an accepted plan by landed tables, bounded, and all of it by the same plan on stored codes; gives with
/// it the code list of each column that holds codes.
///
/// # Errors
/// What DataFusion says about the new plan.
pub(super) fn bound(
    accepted: &Checked,
    landed: impl Fn(&str) -> Option<Arc<dyn TableProvider>>,
    catalogue: &Catalogue,
) -> Result<Coded, DataFusionError> {
    let lost = |what: &str| DataFusionError::Plan(format!("no bound for {what}"));
    let replaced = std::cell::Cell::new(0_usize);
    let scan = |scan: &TableScan| match catalogue.table(scan.table_name.table()) {
        Some(schema) if schema.is_private() => {
            replaced.set(replaced.get().saturating_add(1));
            let bounds = accepted.scans.iter().find(|s| s.table == schema.name).ok_or_else(|| lost(&schema.name))?;
            let provider = landed(&schema.name).ok_or_else(|| lost(&schema.name))?;
            bounded_scan(scan, bounds, &provider, schema)
        }
        Some(schema) => coded_scan(scan, schema, catalogue),
        None => Err(lost(scan.table_name.table())),
    };
    let coded = Encoder { catalogue, scan: &scan }.plan(&measured(accepted)?, None)?;
    if replaced.get() != accepted.scans.len() {
        return Err(lost("every private table"));
    }
    Ok(coded)
}

fn bounded_scan(
    scan: &TableScan,
    bounds: &PrivateScan,
    landed: &Arc<dyn TableProvider>,
    schema: &TableSchema,
) -> Result<LogicalPlan, DataFusionError> {
    let [contribution, ordinal] = schema.numbers();
    let at_most = |name: &str, most: u64| {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        ident(name).lt_eq(lit(most)).and(ident(name).gt_eq(lit(1_i32)))
    };
    let mut within = at_most(contribution, bounds.participations);
    if let Some(rows) = bounds.rows {
        within = within.and(at_most(ordinal, rows));
    }
    if let Some(period) = &bounds.period {
        let Days { first, last } = period.days();
        let day = |day: Day| lit(ScalarValue::Date32(Some(day.0)));
        within = within.and(ident(period.column()).gt_eq(day(first))).and(ident(period.column()).lt_eq(day(last)));
    }
    let columns = schema.columns.keys().map(ident);
    let numbers = schema.numbers().map(|name| cast(ident(name), DataType::Int64).alias(name)); // widening cannot fail
    LogicalPlanBuilder::scan(scan.table_name.clone(), provider_as_source(Arc::clone(landed)), None)?
        .filter(within)?
        .project(columns.chain(numbers).collect::<Vec<_>>())?
        .alias(scan.table_name.clone())?
        .build()
}

/// A public table with the stored integers of its codes in place of their text.
fn coded_scan(scan: &TableScan, schema: &TableSchema, catalogue: &Catalogue) -> Result<LogicalPlan, DataFusionError> {
    let coded = |name: &String, column: &Column| {
        let list = catalogue.codes_of(column)?;
        let ids = list.entries.iter().map(|e| (Box::new(lit(e.code.as_str())), Box::new(lit(e.id)))).collect();
        Some(Expr::Case(Case::new(Some(Box::new(ident(name))), ids, None)).alias(name))
    };
    let columns = schema.columns.iter().map(|(name, column)| coded(name, column).unwrap_or_else(|| ident(name)));
    LogicalPlanBuilder::from(LogicalPlan::TableScan(scan.clone()))
        .project(columns.collect::<Vec<_>>())?
        .alias(scan.table_name.clone())?
        .build()
}

/// Whether what will physically run reads private files only below the certified bounds, and no table more often than
/// certified. (The engine may prune a scan, or merge the bound with a tighter one that the query states.)
///
/// Between a scan and its bound stand only nodes that neither add nor combine rows. Of a plan that was split into stages, each
/// stage is looked at as it is sent: see [`super::split`].
pub(crate) fn stands(plan: &Arc<dyn ExecutionPlan>, scans: &[PrivateScan], catalogue: &Catalogue) -> bool {
    let mut found = Vec::new();
    if !bounds_above_scans(plan, None, 1, catalogue, &mut found) {
        return false;
    }
    let mut left: Vec<&PrivateScan> = scans.iter().collect();
    found.into_iter().all(|(table, bounds)| match left.iter().position(|scan| scan.table == table) {
        Some(at) => holds(left.swap_remove(at), &bounds, catalogue),
        None => false,
    })
}

/// Whether the bounds on a scan are at least as tight as those that were certified.
fn holds(scan: &PrivateScan, bounds: &[ColumnBound], catalogue: &Catalogue) -> bool {
    let Some(numbers) = catalogue.table(&scan.table).map(TableSchema::numbers) else { return false };
    let at_most =
        |name: &str, most: i128| bounds.iter().any(|b| b.column == name && b.most.is_some_and(|m| i128::from(m) <= most));
    let at_least = |name: &str, least: i32| bounds.iter().any(|b| b.column == name && b.least.is_some_and(|l| l >= least.into()));
    let lies_in = |period: &Slice| {
        let Days { first, last } = period.days();
        at_least(period.column(), first.0) && at_most(period.column(), last.0.into())
    };
    at_most(numbers[0], scan.participations.into())
        && scan.rows.is_none_or(|rows| at_most(numbers[1], rows.into()))
        && scan.period.as_ref().is_none_or(lies_in)
}

/// What a condition of a filter says of a column: numbers, or days counted from 1970-01-01.
#[derive(Clone)]
struct ColumnBound {
    column: String,
    least: Option<i64>,
    most: Option<i64>,
}

/// Collects, for every scan of files, its table and the bounds of the filter above it; false if a scan has none, if several tasks
/// would read the same, or if something else gives rows.
fn bounds_above_scans(
    plan: &Arc<dyn ExecutionPlan>,
    above: Option<Vec<ColumnBound>>,
    tasks: usize,
    catalogue: &Catalogue,
    found: &mut Vec<(String, Vec<ColumnBound>)>,
) -> bool {
    let mut bounded = |table: Option<String>, above: Option<Vec<ColumnBound>>| match (table, above) {
        (Some(table), Some(bounds)) => {
            found.push((table, bounds));
            true
        }
        _ => false,
    };
    if let Some(parts) = split::parts(plan) {
        return bounded(dealt(parts, tasks, catalogue), above);
    }
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        let in_memory = source.data_source().downcast_ref::<MemorySourceConfig>().is_some();
        return tasks == 1 && (in_memory || bounded(scanned(source, catalogue), above));
    }
    if plan.children().is_empty() {
        return tasks == 1 && matches!(plan.name(), "EmptyExec" | "PlaceholderRowExec");
    }
    let own = plan
        .downcast_ref::<FilterExec>()
        .map(|filter| split_conjunction(filter.predicate()).into_iter().filter_map(column_bound).collect());
    let passes = matches!(
        plan.name(),
        "RepartitionExec" | "CoalesceBatchesExec" | "CooperativeExec" | "CoalescePartitionsExec" | "BufferExec"
    );
    let here = own.or(above.filter(|_| passes));
    let tasks = split::tasks(plan).unwrap_or(tasks);
    plan.children().into_iter().all(|child| bounds_above_scans(child, here.clone(), tasks, catalogue, found))
}

/// The private table whose landed files were dealt out to this many tasks, each piece of a file to one of them.
fn dealt(parts: split::Parts<'_>, tasks: usize, catalogue: &Catalogue) -> Option<String> {
    let sources: Vec<&DataSourceExec> = parts.iter().map(|part| part.downcast_ref::<DataSourceExec>()).collect::<Option<_>>()?;
    let tables: Vec<String> = sources.iter().map(|source| scanned(source, catalogue)).collect::<Option<_>>()?;
    let first = tables.first()?;
    (parts.len() == tasks && tables.iter().all(|table| table == first) && split::apart(&sources)).then(|| first.clone())
}

/// The private table whose landed files a source reads, told by its columns.
pub(crate) fn scanned(source: &DataSourceExec, catalogue: &Catalogue) -> Option<String> {
    let schema = source.data_source().downcast_ref::<FileScanConfig>()?.file_schema();
    let names: Vec<&String> = schema.fields().iter().map(|f| f.name()).collect();
    // For a series the table is read with the day of the period behind its columns.
    let day = |rest: &[&String]| rest.is_empty() || matches!(rest, [day] if [BEGAN, ENDED].contains(&day.as_str()));
    let same = |table: &TableSchema| {
        let landed = table.landed();
        let own: Vec<&String> = landed.fields().iter().map(|f| f.name()).collect();
        names.strip_prefix(own.as_slice()).is_some_and(day)
    };
    catalogue.private_tables().into_iter().find(|table| same(table)).map(|table| table.name.clone())
}

/// What `column <= constant`, `<`, `=`, `>=` or `>` says of the column.
fn column_bound(expr: &Arc<dyn PhysicalExpr>) -> Option<ColumnBound> {
    let binary = expr.downcast_ref::<BinaryExpr>()?;
    let column = binary.left().downcast_ref::<expressions::Column>()?;
    let constant = match binary.right().downcast_ref::<Literal>()?.value() {
        ScalarValue::Int32(Some(number)) | ScalarValue::Date32(Some(number)) => i64::from(*number),
        ScalarValue::Int64(Some(number)) => *number,
        _ => return None,
    };
    let (least, most) = match binary.op() {
        Operator::LtEq => (None, Some(constant)),
        Operator::Lt => (None, Some(constant.checked_sub(1)?)),
        Operator::Eq => (Some(constant), Some(constant)),
        Operator::GtEq => (Some(constant), None),
        Operator::Gt => (Some(constant.checked_add(1)?), None),
        _ => return None,
    };
    Some(ColumnBound { column: column.name().to_owned(), least, most })
}
