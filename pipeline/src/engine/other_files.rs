//! A physical plan on other files than it was planned on: for tests that ask one query of many databases, since planning costs
//! more than counting a few thousand rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;

use super::landed::LandedFiles;
use crate::catalogue::schema::Catalogue;
use crate::certify::Physical;

/// The same plan on other files of its tables, as if it had never run.
///
/// # Errors
/// When the files of a table are missing.
pub(crate) fn on(
    physical: &Physical,
    files: &BTreeMap<String, LandedFiles>,
    catalogue: &Catalogue,
) -> Result<Physical, DataFusionError> {
    let swapped = |plan: Arc<dyn ExecutionPlan>| {
        let Some(source) = plan.downcast_ref::<DataSourceExec>() else { return Ok(Transformed::no(plan)) };
        let Some(table) = crate::certify::scanned(source, catalogue) else { return Ok(Transformed::no(plan)) };
        let lost = || DataFusionError::Plan(format!("no files of {table}"));
        let config = source.data_source().downcast_ref::<FileScanConfig>().ok_or_else(lost)?;
        // As many groups as before: each is a partition that the nodes above count on.
        let mut groups = vec![FileGroup::default(); config.file_groups.len()];
        *groups.first_mut().ok_or_else(lost)? = files.get(&table).ok_or_else(lost)?.group()?;
        let config = FileScanConfigBuilder::from(config.clone()).with_file_groups(groups).build();
        Ok(Transformed::yes(DataSourceExec::from_data_source(config) as Arc<dyn ExecutionPlan>))
    };
    let plan = reset_plan_states(Arc::clone(physical.plan()).transform_up(swapped)?.data)?;
    physical.with_plan(plan, catalogue)
}
