//! A bounded query as it physically runs: planned once, run on the files it was planned on or on others of the same tables.
//!
//! Planning costs more than counting a few thousand rows, and of the files a plan holds nothing but their names and sizes: so
//! the same plan answers for other versions of the data.

use std::sync::Arc;

#[cfg(test)]
use std::collections::BTreeMap;

#[cfg(test)]
use datafusion::common::tree_node::{Transformed, TreeNode as _};
#[cfg(test)]
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
#[cfg(test)]
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
#[cfg(test)]
use datafusion::physical_plan::execution_plan::reset_plan_states;

#[cfg(test)]
use super::landed::LandedFiles;
use crate::catalogue::schema::Catalogue;
use crate::certify::{Accepted, Grid, stands};

/// A physical plan that was found to have the certified bound on every scan of private files, and what it answers.
pub(crate) struct Planned {
    plan: Arc<dyn ExecutionPlan>,
    /// The code list of each column that holds codes.
    pub(super) lists: Vec<Option<String>>,
    pub(super) accepted: Accepted,
    pub(super) grid: Grid,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planned").field("scans", &self.accepted.scans).finish_non_exhaustive()
    }
}

impl Planned {
    /// A plan, once it stands: the certified bound is on every scan of private files, and its columns are those certified.
    ///
    /// # Errors
    /// When it does not.
    pub(super) fn new(
        plan: Arc<dyn ExecutionPlan>,
        lists: Vec<Option<String>>,
        (accepted, grid): (Accepted, Grid),
        catalogue: &Catalogue,
    ) -> Result<Self, DataFusionError> {
        let crossing = &accepted.crossing;
        let columns = crossing.keys.len() + usize::from(crossing.by_set) + crossing.valued.len() + crossing.aggregates.len();
        if !stands(&plan, &accepted.scans, catalogue) {
            return Err(DataFusionError::Plan("the physical plan lacks a certified bound".into()));
        }
        if plan.schema().fields().len() != columns {
            return Err(DataFusionError::Plan("the plan has other columns than were certified".into()));
        }
        Ok(Self { plan, lists, accepted, grid })
    }

    /// The plan.
    pub(super) fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.plan
    }

    /// The same plan on other files of its tables, as if it had never run.
    ///
    /// # Errors
    /// When the files of a table are missing.
    #[cfg(test)]
    pub(crate) fn on(&self, files: &BTreeMap<String, LandedFiles>, catalogue: &Catalogue) -> Result<Self, DataFusionError> {
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
        let plan = reset_plan_states(Arc::clone(&self.plan).transform_up(swapped)?.data)?;
        Self::new(plan, self.lists.clone(), (self.accepted.clone(), self.grid.clone()), catalogue)
    }
}
