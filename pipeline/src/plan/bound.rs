//! The bound: `contribution <= k` on the private scan, and plan, grid and sensitivity bound into one value.
//!
//! # Privacy
//! Landing numbers each person's participations 1, 2, …; a number is given once and never reused, so the predicate
//! leaves at most `k` participations of one person. A child row carries the number of its participation and its own
//! `ordinal` in it, so `contribution <= k AND ordinal <= r` leaves at most `k r` rows. The rows of one person may all fall
//! into one cell, so the counts move by at most `k` (or `k r`) in L1 and in L2.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableScan, cast, col, lit};
use datafusion::scalar::ScalarValue;
use utfall_privacy::Sensitivity;

use super::check::Accepted;
use super::keys::Grid;
use crate::schema::{Catalogue, TableSchema};

/// A bounded plan, the grid of its counts and their sensitivity. Only the engine takes it apart.
pub struct Bounded {
    plan: LogicalPlan,
    accepted: Accepted,
    grid: Grid,
    sensitivity: Sensitivity,
}

impl std::fmt::Debug for Bounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bounded").field("accepted", &self.accepted).finish_non_exhaustive()
    }
}

impl Bounded {
    pub(crate) fn into_parts(self) -> (LogicalPlan, Accepted, Grid, Sensitivity) {
        (self.plan, self.accepted, self.grid, self.sensitivity)
    }
}

/// Replaces the private scan of an accepted plan by the landed table, bounded and with codes as text.
///
/// # Errors
/// What DataFusion says about the new plan; it is built from public things only.
pub fn bound(
    plan: LogicalPlan,
    accepted: Accepted,
    grid: Grid,
    landed: &Arc<dyn TableProvider>,
    catalogue: &Catalogue,
) -> Result<Bounded, DataFusionError> {
    let Some(schema) = catalogue.table(&accepted.table) else {
        return Err(DataFusionError::Plan(format!("no table {}", accepted.table)));
    };
    let mut replaced = 0_usize;
    let plan = plan.transform_up(|node| match node {
        LogicalPlan::TableScan(scan) if scan.table_name.table() == accepted.table => {
            replaced = replaced.saturating_add(1);
            Ok(Transformed::yes(bounded_scan(&scan, &accepted, landed, schema, catalogue)?))
        }
        other => Ok(Transformed::yes(other.recompute_schema()?)),
    })?;
    if replaced != 1 {
        return Err(DataFusionError::Plan("the private table is not scanned exactly once".into()));
    }
    let sensitivity = accepted.stability.sensitivity_of_counts().map_err(|e| DataFusionError::Plan(e.to_string()))?;
    Ok(Bounded { plan: plan.data, accepted, grid, sensitivity })
}

fn bounded_scan(
    scan: &TableScan,
    accepted: &Accepted,
    landed: &Arc<dyn TableProvider>,
    schema: &TableSchema,
    catalogue: &Catalogue,
) -> Result<LogicalPlan, DataFusionError> {
    let [contribution, ordinal] = schema.numbers();
    let at_most = |name: &str, most: u64| {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        col(name).lt_eq(lit(most)).and(col(name).gt_eq(lit(1_i32)))
    };
    let mut within = at_most(contribution, accepted.participations);
    if let Some(rows) = accepted.rows {
        within = within.and(at_most(ordinal, rows));
    }
    let columns = schema.columns.iter().map(|(name, column)| match catalogue.codes_of(column) {
        Some(list) => decoded(name, list.entries.iter().map(|e| (e.id, e.code.as_str()))).alias(name),
        None => col(name),
    });
    let numbers = schema.numbers().map(|name| cast(col(name), DataType::Int64).alias(name)); // widening cannot fail
    LogicalPlanBuilder::scan(scan.table_name.clone(), provider_as_source(Arc::clone(landed)), None)?
        .filter(within)?
        .project(columns.chain(numbers).collect::<Vec<_>>())?
        .alias(scan.table_name.clone())?
        .build()
}

/// The code of a stored small integer: CASE, which cannot fail and gives NULL for an integer outside the list.
fn decoded<'a>(name: &str, codes: impl Iterator<Item = (i16, &'a str)>) -> Expr {
    let when_then = codes.map(|(id, code)| (Box::new(lit(id)), Box::new(lit(code)))).collect::<Vec<_>>();
    if when_then.is_empty() {
        return lit(ScalarValue::Utf8(None));
    }
    Expr::Case(datafusion::logical_expr::Case::new(Some(Box::new(col(name))), when_then, None))
}
