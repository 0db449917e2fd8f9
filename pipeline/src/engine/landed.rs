//! The landed files of a table, as the engine reads them: exactly the files of one pinned version.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use object_store::ObjectMeta;

use crate::catalogue::schema::TableSchema;
pub use crate::store::file::LandedFiles;

impl LandedFiles {
    /// The files as one group of a scan.
    pub(super) fn group(&self) -> Result<FileGroup, DataFusionError> {
        let files = self.files.iter().map(|(path, size)| {
            let location = object_store::path::Path::from_absolute_path(path)?;
            Ok(PartitionedFile::new_from_meta(ObjectMeta {
                location,
                last_modified: DateTime::UNIX_EPOCH,
                size: *size,
                e_tag: None,
                version: None,
            }))
        });
        let files = files.collect::<Result<_, object_store::path::Error>>().map_err(|e| DataFusionError::External(e.into()))?;
        Ok(FileGroup::new(files))
    }
}

/// The same columns, each allowed to be NULL but the unit and the numbers: a value that a function cannot take becomes NULL
/// and never an error that depends on somebody's row.
pub(super) fn lenient(schema: &SchemaRef, table: &TableSchema) -> SchemaRef {
    let strict = |name: &str| table.unit() == Some(name) || table.numbers().contains(&name);
    let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(!strict(f.name())));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// About what a landed row takes on disk.
const BYTES_PER_ROW: usize = 16;

/// Scans exactly the files of a pinned version. A missing file is an error, never an empty table.
#[derive(Debug)]
pub struct LandedTable(LandedFiles);

impl LandedTable {
    /// A provider of these files.
    pub fn new(table: &TableSchema, files: LandedFiles) -> Self {
        Self(LandedFiles { schema: lenient(&files.schema, table), files: files.files })
    }

    /// The same table with the day by which it is told in which period a row lies, behind its columns.
    #[must_use]
    pub fn by(mut self, day: Option<&str>) -> Self {
        if let Some(day) = day {
            let fields = self.0.schema.fields().iter().cloned();
            let day = Arc::new(Field::new(day, DataType::Date32, true));
            self.0.schema = Arc::new(Schema::new(fields.chain([day]).collect::<Vec<_>>()));
        }
        self
    }

    /// A provider of a table on which nothing has landed.
    pub fn empty(table: &TableSchema) -> Self {
        Self::new(table, LandedFiles { schema: table.landed(), files: Vec::new() })
    }
}

#[async_trait]
impl TableProvider for LandedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let source = Arc::new(ParquetSource::new(self.schema()));
        // Nothing is known of any column, on purpose: see `store/file.rs`. About how many rows there are, from the size of the files: by it the engine puts the smaller side of a join into
        // memory. Inexact, so that no answer is ever taken from it.
        let bytes: u64 = self.0.files.iter().map(|(_, size)| size).sum();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let statistics = Statistics::new_unknown(&self.schema())
            .with_num_rows(Precision::Inexact(bytes / BYTES_PER_ROW))
            .with_total_byte_size(Precision::Inexact(bytes));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_file_group(self.0.group()?)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
