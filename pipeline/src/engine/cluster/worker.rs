//! The other side: a worker reads landed files and counts in them, for whoever shows a certificate of the same authority. It keeps
//! nothing, writes nothing and knows no key; what it is sent is a plan, and it reads no file that the plan does not name with its
//! size. Where the data directory is in a bucket, it reads there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::common::tree_node::TreeNode as _;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_distributed::{
    DistributedExt as _, Worker, WorkerPlanRewriteEvent, WorkerPlanRewriteEventResponse, WorkerQueryContext,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

use super::channels::{ALIVE, Channels, DEAD};
#[cfg(feature = "object-store")]
use super::in_bucket;
use super::settings::listens;
use super::{Tls, each_scan, version};
#[cfg(feature = "object-store")]
use crate::store::objects::BucketReader;

/// The most bytes of one message to a worker: a plan, with the public tables in it.
const MESSAGE: usize = 256 << 20;

/// The files that a worker reads.
#[derive(Debug, Clone)]
pub enum Files {
    /// Those below a folder.
    Folder(PathBuf),
    /// Those that have landed in a bucket.
    #[cfg(feature = "object-store")]
    Bucket(Arc<BucketReader>),
}

/// A worker that is about to begin.
#[derive(Debug)]
pub struct Serving {
    /// What it reads.
    pub files: Files,
    /// How it knows the others.
    pub tls: Option<Tls>,
}

impl Serving {
    /// Answers on this socket until the process ends.
    ///
    /// # Errors
    /// When it would listen to other machines in plain text, a certificate cannot be read, or the socket fails.
    pub async fn run(self, listener: TcpListener) -> Result<(), Error> {
        self.of_build(listener, version::own()?).await
    }

    pub(in crate::engine) async fn of_build(self, listener: TcpListener, build: String) -> Result<(), Error> {
        let address = listener.local_addr().map_err(broken)?;
        listens(address, self.tls.as_ref())?;
        let mut server = Server::builder().http2_keepalive_interval(Some(ALIVE)).http2_keepalive_timeout(Some(DEAD));
        if let Some(tls) = &self.tls {
            server = server.tls_config(tls.server()?).map_err(broken)?;
        }
        let service = self.worker(build)?.into_worker_server().max_decoding_message_size(MESSAGE);
        server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener)).await.map_err(broken)
    }

    fn worker(self, build: String) -> Result<Worker, Error> {
        let channels = Channels::new(self.tls.as_ref().map(Tls::client).transpose()?);
        // Nothing may lie in a temporary file here either.
        let runtime = super::super::runtime()?;
        let files = match self.files {
            Files::Folder(data) => Files::Folder(data.canonicalize().map_err(|e| Error::given(&data, e))?),
            #[cfg(feature = "object-store")]
            Files::Bucket(reader) => {
                in_bucket::register(&runtime, &reader).map_err(broken)?;
                Files::Bucket(reader)
            }
        };
        let session = move |query: WorkerQueryContext| {
            let state = session(query, channels.clone(), files.clone());
            async move { Ok::<_, DataFusionError>(state) }
        };
        Ok(Worker::from_session_builder(session).with_runtime_env(runtime).with_version(build))
    }
}

/// A session in which a plan means what it means where it was made, and in which other workers are reached with TLS.
fn session(query: WorkerQueryContext, channels: Channels, files: Files) -> SessionState {
    let read = move |event: WorkerPlanRewriteEvent<'_>| Ok(WorkerPlanRewriteEventResponse::new(readable(event.plan, &files)?));
    let mut builder =
        query.builder.with_distributed_channel_resolver(channels).with_distributed_worker_plan_rewrite_handler(read);
    builder.scalar_functions().get_or_insert_default().push(Arc::new(ScalarUDF::from(crate::above::DateTrunc::new())));
    builder.build()
}

/// A plan on the files here. Refuses one that writes, or reads what is not as the plan says.
fn readable(plan: Arc<dyn ExecutionPlan>, files: &Files) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    if plan.exists(|node| Ok(node.name() == "DataSinkExec"))? {
        return Err(DataFusionError::Execution("a worker writes nothing".to_owned()));
    }
    match files {
        Files::Folder(data) => is_in(&plan, data).map(|()| plan),
        #[cfg(feature = "object-store")]
        Files::Bucket(reader) => in_bucket::moved(plan, reader),
    }
}

/// Refuses a plan that reads a file that is missing here, has another size than where the plan was made, or lies outside the data
/// directory. None of them may count as no rows.
fn is_in(plan: &Arc<dyn ExecutionPlan>, data: &Path) -> Result<(), DataFusionError> {
    each_scan(plan, |scan| {
        let local = scan.object_store_url.as_str() == "file:///";
        for file in scan.file_groups.iter().flat_map(|group| group.iter()) {
            let path = PathBuf::from(format!("/{}", file.object_meta.location));
            let told = |what: &str| DataFusionError::Execution(format!("{}: {what}", path.display()));
            let found = path.canonicalize().map_err(|e| told(&e.to_string()))?;
            if !local || !found.starts_with(data) {
                return Err(told("is not below the worker's data directory"));
            }
            let size = found.metadata().map_err(|e| told(&e.to_string()))?.len();
            if size != file.object_meta.size {
                return Err(told("has another size than where the query was planned"));
            }
        }
        Ok(())
    })
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::storage(
        "worker-socket",
        Message::new(format!("arbetaren kan inte lyssna: {error}"), format!("the worker cannot listen: {error}")),
    )
}
