//! TRUSTED: a plan that was split into stages for the workers of a cluster. Says how many tasks run what stands below a node, and
//! what each of them reads. In a build without the feature `cluster` nothing is ever split.
//!
//! # Privacy
//! All tasks of a stage run the same nodes. So what is read there is read once per task, unless it was dealt out: then each task has a
//! part of its own. That no piece of a file is in two parts is checked here, and that nothing else is read in a stage of several
//! tasks in [`super::bound`]: no row is read twice, and the bound above it leaves as many rows of a person in all tasks together as
//! in one.

use std::sync::Arc;

use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;

#[cfg(feature = "cluster")]
pub(super) use stages::{parts, tasks};

/// What the tasks of a stage read, each its own.
pub(super) type Parts<'p> = &'p [Arc<dyn ExecutionPlan>];

/// Whether no piece of a file is read by two of these.
pub(super) fn apart(sources: &[&DataSourceExec]) -> bool {
    let configs = sources.iter().filter_map(|source| source.data_source().downcast_ref::<FileScanConfig>());
    let files = configs.flat_map(|config| config.file_groups.iter().flat_map(|group| group.iter()));
    let mut pieces: Vec<_> = files
        .map(|file| {
            let (first, end) = file.range.as_ref().map_or((0, i64::MAX), |range| (range.start, range.end));
            (file.path(), first, end)
        })
        .collect();
    pieces.sort_unstable();
    pieces.iter().zip(pieces.iter().skip(1)).all(|(one, next)| one.0 != next.0 || one.2 <= next.1)
}

#[cfg(not(feature = "cluster"))]
pub(super) fn tasks(_: &Arc<dyn ExecutionPlan>) -> Option<usize> {
    None
}

#[cfg(not(feature = "cluster"))]
pub(super) fn parts(_: &Arc<dyn ExecutionPlan>) -> Option<Parts<'_>> {
    None
}

#[cfg(feature = "cluster")]
mod stages {
    use std::sync::Arc;

    use datafusion::physical_plan::ExecutionPlan;
    use datafusion_distributed::{DistributedLeafExec, NetworkBoundaryExt as _};

    use super::Parts;

    /// How many tasks run what stands below a node, where a stage begins there.
    pub(in super::super) fn tasks(plan: &Arc<dyn ExecutionPlan>) -> Option<usize> {
        plan.as_network_boundary().map(|boundary| boundary.input_stage().task_count())
    }

    /// What each task reads, of a scan that was dealt out.
    pub(in super::super) fn parts(plan: &Arc<dyn ExecutionPlan>) -> Option<Parts<'_>> {
        plan.downcast_ref::<DistributedLeafExec>().map(DistributedLeafExec::variants)
    }
}
