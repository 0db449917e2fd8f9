//! Many machines: a certified plan is split into stages, which workers run; what they count comes back as it would here.
//!
//! Takes the addresses of workers, who read the same files as this machine does; gives how a plan runs on them. It may not decide
//! what is certified: the plan that it splits is looked at again by [`crate::certify`], stage by stage, before it is sent. Start
//! reading at [`Cluster`]; [`worker`] is the other side, [`settings`] who may speak to whom.

mod channels;
mod failure;
#[cfg(feature = "object-store")]
mod in_bucket;
mod settings;
#[cfg(test)]
pub(crate) mod trial;
mod version;
pub mod worker;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion_distributed::{
    DesiredTaskCountEvent, DesiredTaskCountEventResponse, DistributedExec, DistributedExt as _, SessionStateBuilderExt as _,
    WorkerResolver,
};
use url::Url;

use channels::{Channels, ask};
pub(super) use failure::failed;
use failure::{Failure, fail};
pub use settings::{Settings, Tls};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// How long an answer to "who is there?" holds.
const ASKED: Duration = Duration::from_secs(10);

/// The workers that run what reads landed files.
pub struct Cluster {
    workers: Vec<Url>,
    wait: Duration,
    limit: Duration,
    channels: Channels,
    there: Mutex<Option<(Instant, Vec<Url>)>>,
    silent: Mutex<BTreeSet<Url>>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("workers", &self.workers).finish_non_exhaustive()
    }
}

/// The workers that answered.
struct There(Vec<Url>);

impl WorkerResolver for There {
    fn get_urls(&self) -> Result<Vec<Url>, DataFusionError> {
        Ok(self.0.clone())
    }
}

impl Cluster {
    /// The workers of these addresses. Nobody is asked yet.
    ///
    /// # Errors
    /// When one of them would be spoken to in plain text on a network, or a certificate cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let channels = Channels::new(settings.client()?);
        let Settings { workers, wait, limit, .. } = settings.clone();
        Ok(Self { workers, wait, limit, channels, there: Mutex::default(), silent: Mutex::default() })
    }

    /// Who was left out since this was asked, for whoever operates them.
    pub fn left_out(&self) -> Vec<Message> {
        let silent = std::mem::take(&mut *self.silent.lock().unwrap_or_else(PoisonError::into_inner));
        let told = |url: Url| {
            Message::new(
                format!("arbetaren {url} svarade inte i tid; de andra gjorde dess del"),
                format!("the worker {url} did not answer in time; the others did its part"),
            )
        };
        silent.into_iter().map(told).collect()
    }

    /// The workers that are there. Whoever does not answer is left out; whoever has another build is an error, since it might
    /// count otherwise.
    async fn there(&self) -> Result<Vec<Url>, DataFusionError> {
        let known = || self.there.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, there)) = &*known()
            && at.elapsed() < ASKED
        {
            return Ok(there.clone());
        }
        let own = version::own().map_err(|e| fail(Failure::Worker(e.to_string())))?;
        let [there, silent] = ask(&self.channels, (&self.workers, self.wait), &own).await?;
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).extend(silent);
        *known() = Some((Instant::now(), there.clone()));
        Ok(there)
    }

    /// The session that plans and runs on these workers, as the one here does on this machine.
    fn state(&self, here: SessionState, workers: Vec<Url>) -> Result<SessionState, DataFusionError> {
        // Where there is one worker, two tasks: so that it works, and not this machine.
        let tasks = workers.len().max(2);
        let spread = move |event: DesiredTaskCountEvent<'_>| {
            reads_files(event.plan).then(|| Ok(DesiredTaskCountEventResponse::desired(tasks)))
        };
        let builder = SessionStateBuilder::new_from_existing(here)
            .with_distributed_planner()
            .with_distributed_worker_resolver(There(workers))
            .with_distributed_channel_resolver(self.channels.clone())
            .with_distributed_desired_task_count_handler(spread)
            .with_distributed_max_tasks_per_stage(tasks)?
            // Each branch of a union is read by all tasks, as everything else is: that is what is checked.
            .with_distributed_children_isolator_unions(false)?
            // How many rows went where is nobody's business.
            .with_distributed_metrics_collection(false)?;
        Ok(builder.build())
    }

    /// How a plan will run, split for the workers that are there; what reads no file runs here.
    pub(super) async fn physical(
        &self,
        here: SessionState,
        plan: &LogicalPlan,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let whole = here.create_physical_plan(plan).await?;
        if !whole.exists(|node| Ok(reads_files(node)))? {
            return Ok(whole);
        }
        let workers = self.there().await?;
        self.state(here, workers)?.create_physical_plan(plan).await
    }

    /// Runs a plan on the workers, within the limit; here, if it was not split.
    pub(super) async fn run(
        &self,
        here: SessionState,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<Vec<RecordBatch>, DataFusionError> {
        if !plan.is::<DistributedExec>() {
            return collect(plan, here.task_ctx()).await;
        }
        let context = self.state(here, self.there().await?)?.task_ctx();
        match tokio::time::timeout(self.limit, collect(plan, context)).await {
            Ok(Ok(batches)) => Ok(batches),
            Ok(Err(error)) => {
                // Who is there is asked again next time.
                *self.there.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(fail(Failure::Worker(error.to_string())))
            }
            Err(_) => Err(fail(Failure::Limit(self.limit))),
        }
    }
}

/// Whether a node reads landed files.
fn reads_files(node: &Arc<dyn ExecutionPlan>) -> bool {
    let source = node.downcast_ref::<DataSourceExec>().and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
    source.is_some_and(|config| config.file_groups.iter().any(|group| !group.is_empty()))
}

/// Calls with each scan of files in a plan.
fn each_scan(
    plan: &Arc<dyn ExecutionPlan>,
    mut with: impl FnMut(&FileScanConfig) -> Result<(), DataFusionError>,
) -> Result<(), DataFusionError> {
    plan.apply(|node| {
        let source =
            node.downcast_ref::<DataSourceExec>().and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
        source.map_or(Ok(()), &mut with)?;
        Ok(TreeNodeRecursion::Continue)
    })
    .map(drop)
}
