//! A plan that was made on a working copy of a bucket, run on the bucket itself: a worker keeps no row, so it has no copy.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::DefaultParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::ExecutionPlan;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};

use crate::store::objects::BucketReader;

/// What the bucket is called in plans.
const URL: &str = "bucket://landed";
/// So many files are asked for at a time.
const SIDE_BY_SIDE: usize = 16;

/// Lets plans read the bucket.
pub(super) fn register(runtime: &RuntimeEnv, reader: &BucketReader) -> Result<(), DataFusionError> {
    runtime.register_object_store(ObjectStoreUrl::parse(URL)?.as_ref(), reader.store());
    Ok(())
}

/// The plan on the bucket. A file that is missing there, has another size than where the plan was made, or is no landed file is an
/// error: none of them may count as no rows.
pub(super) fn moved(plan: Arc<dyn ExecutionPlan>, reader: &BucketReader) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let mut files = Vec::new();
    let plan = plan.transform_up(|node| {
        let source = node.downcast_ref::<DataSourceExec>();
        let Some(scan) = source.and_then(|source| source.data_source().downcast_ref::<FileScanConfig>()) else {
            return Ok(Transformed::no(node));
        };
        let mut scan = scan.clone();
        // What came with the plan reads files of this machine.
        let parquet = scan.file_source.downcast_ref::<ParquetSource>().cloned();
        let parquet = parquet.ok_or_else(|| DataFusionError::Execution("a worker reads Parquet alone".to_owned()))?;
        let objects = DefaultParquetFileReaderFactory::new(reader.store());
        scan.file_source = Arc::new(parquet.with_parquet_file_reader_factory(Arc::new(objects)));
        scan.object_store_url = ObjectStoreUrl::parse(URL)?;
        for group in &mut scan.file_groups {
            let own = group.iter().map(|file| object(file, reader)).collect::<Result<Vec<_>, _>>()?;
            files.extend(own.iter().map(|file| file.object_meta.clone()));
            *group = FileGroup::new(own);
        }
        Ok(Transformed::yes(DataSourceExec::from_data_source(scan) as Arc<dyn ExecutionPlan>))
    });
    let plan = plan.data()?;
    let sized = futures::stream::iter(files).map(Ok).try_for_each_concurrent(SIDE_BY_SIDE, |file| async move {
        let told = |what: &str| DataFusionError::Execution(format!("{}: {what}", file.location));
        match reader.size(&file.location).await {
            Ok(size) if size == file.size => Ok(()),
            Ok(_) => Err(told("has another size than where the query was planned")),
            Err(NotFound { .. }) => Err(told("is missing in the bucket")),
            // The server's words may quote what was signed.
            Err(Unauthenticated { .. } | PermissionDenied { .. }) => Err(told("the bucket denies it")),
            Err(error) => Err(told(&error.to_string())),
        }
    });
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(sized))?;
    Ok(plan)
}

/// The object of a file that is named as a working copy has it.
fn object(file: &PartitionedFile, reader: &BucketReader) -> Result<PartitionedFile, DataFusionError> {
    let path = file.object_meta.location.as_ref();
    let name = path.rsplit_once("/landed/").and_then(|(_, below)| reader.name(below));
    let mut own = file.clone();
    own.object_meta.location = name.ok_or_else(|| DataFusionError::Execution(format!("/{path}: is not a landed file")))?;
    Ok(own)
}
