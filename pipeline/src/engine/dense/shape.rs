//! TRUSTED: which physical plans the counters may answer, told node by node, and what each scan must give them. Anything that is not
//! named here runs as it was planned.
//!
//! # Privacy
//! A plan is accepted if below its one grouping every row of a private scan becomes at most one row of the result for itself
//! alone, by its values of the scanned columns: filters, projections, joins with tables in memory, unions. Rows with the same
//! values then fare the same, so that it is enough to know how often each combination occurs: the same nodes run on one row for
//! each combination, which carries the number of its rows (`weighted`), and counts and sums of the rows are sums over the
//! combinations. Of a column that is only compared with constants it is enough to know between which of them a value
//! lies. The filter that holds the certified bound is one of the nodes that run, so the rows beyond it are left out there as
//! they would be. `engine::tests::dense` holds that both roads give the same for every query.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::JoinSide;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::logical_expr::{JoinType, Operator};
use datafusion::physical_expr::expressions::{BinaryExpr, Column, IsNotNullExpr, IsNullExpr, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::scalar::ScalarValue;

use super::coder::Coder;
use super::tally::{MOST_CELLS, ScanColumn, cells};
use crate::catalogue::schema::{Catalogue, Kind, TableSchema};
use crate::certify::scanned;

/// A plan that the counters may answer.
#[derive(Debug)]
pub(super) struct Shape {
    /// Projections of plain columns above the grouping, the topmost first.
    pub(super) above: Vec<Arc<dyn ExecutionPlan>>,
    /// The grouping, as it takes in rows.
    pub(super) grouping: Arc<dyn ExecutionPlan>,
    /// The private scans below it, in the order of the plan.
    pub(super) scans: Vec<Scan>,
}

/// What a private scan must give.
#[derive(Debug)]
pub(super) struct Scan {
    /// Path and size of each file.
    pub(super) files: Vec<(PathBuf, u64)>,
    /// Its columns, each with how it is coded.
    pub(super) columns: Vec<ScanColumn>,
    /// The column of the person, where people are counted.
    pub(super) unit: Option<String>,
}

/// What is done with a column further up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Use {
    #[default]
    None,
    /// It is compared with these constants, or with NULL, and nothing else.
    Compared(BTreeSet<i64>),
    /// Its different values are counted, and nothing else.
    Counted,
    Value,
}

impl Use {
    fn and(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::None) | (Self::Value, _) => {}
            (mine @ Self::None, other) => *mine = other.clone(),
            (Self::Compared(mine), Self::Compared(theirs)) => mine.extend(theirs),
            (Self::Counted, Self::Counted) => {}
            (mine, _) => *mine = Self::Value,
        }
    }
}

/// The shape of a plan, if it is one of those.
pub(super) fn shape(plan: &Arc<dyn ExecutionPlan>, catalogue: &Catalogue) -> Option<Shape> {
    let (mut above, mut at) = (Vec::new(), plan);
    let grouping = loop {
        if let Some(projection) = at.downcast_ref::<ProjectionExec>() {
            if !projection.expr().iter().all(|e| e.expr.downcast_ref::<Column>().is_some()) {
                return None;
            }
            above.push(Arc::clone(at));
            at = projection.input();
        } else if let Some(aggregate) = at.downcast_ref::<AggregateExec>() {
            match aggregate.mode() {
                AggregateMode::Single | AggregateMode::SinglePartitioned | AggregateMode::Partial => break at,
                AggregateMode::Final | AggregateMode::FinalPartitioned => at = aggregate.input(),
                AggregateMode::PartialReduce => return None,
            }
        } else {
            at = passed(at)?;
        }
    };
    let aggregate = grouping.downcast_ref::<AggregateExec>()?;
    if aggregate.limit_options().is_some() || !aggregate.aggr_expr().iter().all(|f| adds_up(f)) {
        return None;
    }
    let mut used = vec![Use::None; aggregate.input().schema().fields().len()];
    for function in aggregate.aggr_expr() {
        for argument in function.expressions() {
            match argument.downcast_ref::<Column>() {
                Some(column) if function.is_distinct() => note(&mut used, column.index(), &Use::Counted),
                _ if function.is_distinct() => return None,
                _ => value(&argument, &mut used),
            }
        }
    }
    let filters = aggregate.filter_expr().iter().flatten().cloned();
    aggregate.group_expr().input_exprs().into_iter().chain(filters).for_each(|expr| value(&expr, &mut used));
    let mut scans = Vec::new();
    below(aggregate.input(), &used, catalogue, &mut scans)?;
    // People are counted in one scan: who is in two would be counted twice.
    let people = aggregate.aggr_expr().iter().any(|function| function.is_distinct());
    if people && !matches!(scans.as_slice(), [Scan { unit: Some(_), .. }]) {
        return None;
    }
    let few = scans.iter().all(|scan| cells(&scan.columns) <= MOST_CELLS && scan.columns.len() <= 32);
    (few && !scans.is_empty()).then(|| Shape { above, grouping: Arc::clone(grouping), scans })
}

/// Whether an aggregate is a count, of rows or of different values, or a sum of integers.
pub(super) fn adds_up(function: &datafusion::physical_expr::aggregate::AggregateFunctionExpr) -> bool {
    let known = match function.fun().name() {
        "count" => true,
        "sum" => *function.field().data_type() == DataType::Int64,
        _ => false,
    };
    let rows = !function.is_distinct() || function.fun().name() == "count";
    known && rows && function.order_bys().is_empty() && function.expressions().len() == 1
}

/// The input of a node that neither adds, drops nor changes rows.
pub(super) fn passed(plan: &Arc<dyn ExecutionPlan>) -> Option<&Arc<dyn ExecutionPlan>> {
    let passes = matches!(
        plan.name(),
        "RepartitionExec" | "CoalesceBatchesExec" | "CooperativeExec" | "CoalescePartitionsExec" | "BufferExec"
    );
    match plan.children().as_slice() {
        [input] if passes && plan.fetch().is_none() => Some(input),
        _ => None,
    }
}

/// Whether a plan reads no private file.
pub(super) fn is_public(plan: &Arc<dyn ExecutionPlan>) -> bool {
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        return source.data_source().downcast_ref::<MemorySourceConfig>().is_some();
    }
    let inputs = plan.children();
    !inputs.is_empty() && inputs.into_iter().all(is_public)
}

/// Finds the scans below the grouping, and how their columns are used; `None` if a node is not known.
fn below(plan: &Arc<dyn ExecutionPlan>, used: &[Use], catalogue: &Catalogue, scans: &mut Vec<Scan>) -> Option<()> {
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        scans.push(scan(source, used, catalogue)?);
        return Some(());
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let mut inner = vec![Use::None; filter.input().schema().fields().len()];
        match filter.projection() {
            Some(columns) => columns.iter().zip(used).for_each(|(at, used)| note(&mut inner, *at, used)),
            None => used.iter().enumerate().for_each(|(at, used)| note(&mut inner, at, used)),
        }
        split_conjunction(filter.predicate()).into_iter().for_each(|condition| compared(condition, &mut inner));
        return if filter.fetch().is_none() { below(filter.input(), &inner, catalogue, scans) } else { None };
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let mut inner = vec![Use::None; projection.input().schema().fields().len()];
        for (expr, used) in projection.expr().iter().zip(used) {
            match (expr.expr.downcast_ref::<Column>(), used) {
                (Some(column), used) => note(&mut inner, column.index(), used),
                (None, _) => value(&expr.expr, &mut inner),
            }
        }
        return below(projection.input(), &inner, catalogue, scans);
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return joined(join, used, catalogue, scans);
    }
    if let Some(union) = plan.downcast_ref::<UnionExec>() {
        return union.inputs().iter().try_for_each(|input| below(input, used, catalogue, scans));
    }
    below(passed(plan)?, used, catalogue, scans)
}

/// A join of private rows with a public table, which keeps each private row or drops it.
fn joined(join: &HashJoinExec, used: &[Use], catalogue: &Catalogue, scans: &mut Vec<Scan>) -> Option<()> {
    let side = private_side(join)?;
    let lefts = join.left().schema().fields().len();
    let private = if side == JoinSide::Left { join.left() } else { join.right() };
    let mut inner = vec![Use::None; private.schema().fields().len()];
    let both = !matches!(join.join_type(), JoinType::LeftSemi | JoinType::LeftAnti | JoinType::RightSemi | JoinType::RightAnti);
    for (at, used) in used.iter().enumerate() {
        let at = match &join.projection {
            Some(projection) => *projection.get(at)?,
            None => at,
        };
        match side {
            JoinSide::Left if at < lefts => note(&mut inner, at, used),
            JoinSide::Right if !both => note(&mut inner, at, used),
            JoinSide::Right if at >= lefts => note(&mut inner, at - lefts, used),
            _ => {}
        }
    }
    for (left, right) in join.on() {
        value(if side == JoinSide::Left { left } else { right }, &mut inner);
    }
    for index in join.filter().iter().flat_map(|filter| filter.column_indices()) {
        if index.side == side {
            note(&mut inner, index.index, &Use::Value);
        }
    }
    below(private, &inner, catalogue, scans)
}

/// On which side of a join the private rows are, if they are on one and the join keeps or drops each for itself.
pub(super) fn private_side(join: &HashJoinExec) -> Option<JoinSide> {
    use JoinType::{Inner, Left, LeftAnti, LeftSemi, Right, RightAnti, RightSemi};
    let sides = (is_public(join.left()), is_public(join.right()));
    match (sides, join.join_type()) {
        ((false, true), Inner | Left | LeftSemi | LeftAnti) => Some(JoinSide::Left),
        ((true, false), Inner | Right | RightSemi | RightAnti) => Some(JoinSide::Right),
        _ => None,
    }
}

/// A scan of landed files, if each of its columns that matters has few values.
fn scan(source: &DataSourceExec, used: &[Use], catalogue: &Catalogue) -> Option<Scan> {
    let table = catalogue.table(&scanned(source, catalogue)?)?;
    let config = source.data_source().downcast_ref::<FileScanConfig>()?;
    if config.limit.is_some() || !config.table_partition_cols().is_empty() {
        return None;
    }
    let schema = config.projected_schema().ok()?;
    let projected: Vec<_> = config.file_source().projection()?.iter().collect();
    if projected.len() != schema.fields().len() || used.len() != projected.len() {
        return None;
    }
    let mut unit = None;
    let mut column = |(expr, used): (&&datafusion::physical_expr::projection::ProjectionExpr, &Use)| {
        let column = expr.expr.downcast_ref::<Column>()?;
        let kind = config.file_schema().field_with_name(column.name()).ok()?.data_type().clone();
        let coder = match used {
            Use::Counted if table.unit() == Some(column.name()) => {
                unit = Some(column.name().to_owned());
                Coder::Unused
            }
            used => coder(column.name(), &kind, used, table, catalogue)?,
        };
        Some(ScanColumn { name: column.name().to_owned(), kind, coder })
    };
    let columns = projected.iter().zip(used).map(&mut column).collect::<Option<Vec<_>>>()?;
    Some(Scan { files: whole(config)?, columns, unit })
}

/// The files of a scan, each once: of a large one the engine deals pieces out to its partitions, and the counters read it whole. None
/// if a piece is missing or in two places.
pub(super) fn whole(config: &FileScanConfig) -> Option<Vec<(PathBuf, u64)>> {
    let mut pieces = Vec::new();
    for file in config.file_groups.iter().flat_map(|group| group.files()) {
        let size = file.object_meta.size;
        let (begin, end) = match &file.range {
            None => (0, size),
            Some(range) => (u64::try_from(range.start).ok()?, u64::try_from(range.end).ok()?),
        };
        pieces.push((PathBuf::from(format!("/{}", file.object_meta.location)), size, begin, end));
    }
    pieces.sort_unstable();
    let mut files: Vec<(PathBuf, u64)> = Vec::new();
    for file in pieces.chunk_by(|one, next| one.0 == next.0) {
        let end = file.iter().try_fold(0, |read, (_, _, begin, end)| (*begin == read).then_some(*end));
        let (path, size, ..) = file.first()?;
        if end != Some(*size) {
            return None;
        }
        files.push((path.clone(), *size));
    }
    Some(files)
}

/// How a column is coded: by its list, its declared range or the constants that it is compared with. What lies outside is counted by
/// itself, so that this is about speed alone.
fn coder(name: &str, kind: &DataType, used: &Use, table: &TableSchema, catalogue: &Catalogue) -> Option<Coder> {
    /// Numbers of a person's rows are seldom higher.
    const NUMBERS: u32 = 64;
    match used {
        Use::None => return Some(Coder::Unused),
        Use::Counted => return None,
        Use::Compared(_) if !kind.is_integer() && *kind != DataType::Date32 => return None,
        Use::Compared(constants) => {
            let cuts: BTreeSet<i64> = constants.iter().flat_map(|c| [Some(*c), c.checked_add(1)]).flatten().collect();
            // Without constants, whether there is a value is all that matters: any cut will do.
            return Some(Coder::Cuts(if cuts.is_empty() { vec![0] } else { cuts.into_iter().collect() }));
        }
        Use::Value => {}
    }
    let column = table.columns.get(name);
    match (kind, column.map(|column| &column.kind)) {
        (DataType::Int16, Some(Kind::String)) => {
            let most = catalogue.codes_of(column?)?.entries.iter().map(|entry| entry.id).max().unwrap_or_default();
            Some(Coder::Values { low: 0, size: u32::try_from(most).ok()?.checked_add(1)? })
        }
        (DataType::Int64, Some(Kind::Integer)) => {
            let (low, high) = (column?.minimum?, column?.maximum?);
            Some(Coder::Values { low, size: u32::try_from(high.checked_sub(low)?.checked_add(1)?).ok()? })
        }
        (DataType::Boolean, Some(Kind::Boolean)) => Some(Coder::Values { low: 0, size: 2 }),
        (DataType::Int32, None) => Some(Coder::Values { low: 0, size: NUMBERS }),
        _ => None,
    }
}

fn note(uses: &mut [Use], at: usize, used: &Use) {
    uses.get_mut(at).into_iter().for_each(|own| own.and(used));
}

/// An expression needs the values of its columns.
fn value(expr: &Arc<dyn PhysicalExpr>, uses: &mut [Use]) {
    collect_columns(expr).iter().for_each(|column| note(uses, column.index(), &Use::Value));
}

/// What a condition needs of its columns: `column < constant` and the like, or `column IS NULL`, no more than that.
fn compared(condition: &Arc<dyn PhysicalExpr>, uses: &mut [Use]) {
    let null = condition.downcast_ref::<IsNotNullExpr>().map(IsNotNullExpr::arg);
    if let Some(column) =
        null.or(condition.downcast_ref::<IsNullExpr>().map(IsNullExpr::arg)).and_then(|e| e.downcast_ref::<Column>())
    {
        return note(uses, column.index(), &Use::Compared(BTreeSet::new()));
    }
    let constant = condition.downcast_ref::<BinaryExpr>().and_then(|binary| {
        use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        let column = binary.left().downcast_ref::<Column>()?;
        let constant = integer(binary.right().downcast_ref::<Literal>()?.value())?;
        matches!(binary.op(), Eq | NotEq | Lt | LtEq | Gt | GtEq).then_some((column.index(), constant))
    });
    match constant {
        Some((column, constant)) => note(uses, column, &Use::Compared(BTreeSet::from([constant]))),
        None => value(condition, uses),
    }
}

/// A constant as the integer by which it is compared.
fn integer(constant: &ScalarValue) -> Option<i64> {
    match constant {
        ScalarValue::Int16(number) => number.map(i64::from),
        ScalarValue::Int32(number) | ScalarValue::Date32(number) => number.map(i64::from),
        ScalarValue::Int64(number) => *number,
        _ => None,
    }
}
