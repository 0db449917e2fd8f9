//! The engine: DataFusion, embedded. It plans queries on schemas without data, and computes exact bounded counts that it
//! hands over as [`Exact`] and in no other form.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, col};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParser, Statement};
use object_store::ObjectMeta;
use utfall_privacy::Exact;

use crate::error::Error;
use crate::plan::{Accepted, Bounded, Bounds, Grid, Output, Refusal, Rule, heeded};
use crate::query::Query;
use crate::schema::{Catalogue, TableSchema};

/// A connected engine that knows every table of a catalogue.
pub struct Engine {
    context: SessionContext,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

/// The landed files of one table at one pinned version.
#[derive(Debug, Clone)]
pub struct LandedFiles {
    /// The schema of the files.
    pub schema: SchemaRef,
    /// Absolute path and size in bytes of each file.
    pub files: Vec<(PathBuf, u64)>,
}

/// Connects to the embedded engine: private tables by their schema alone, public tables with their rows.
///
/// # Errors
/// When the register does not fit its schema.
pub fn connect(catalogue: &Catalogue) -> Result<Engine, Error> {
    let config = SessionConfig::new().with_information_schema(false);
    // Nothing private may be left in a temporary file: an aggregation that does not fit in memory fails.
    let no_spilling = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(no_spilling).build_arc().map_err(Error::engine)?;
    let context = SessionContext::new_with_config_rt(config, runtime);
    for table in catalogue.tables() {
        let provider: Arc<dyn TableProvider> = match &table.data {
            None => Arc::new(EmptyTable::new(table.sql())),
            Some(path) => {
                let batch = crate::register::read(table, catalogue, path)?;
                Arc::new(MemTable::try_new(table.sql(), vec![vec![batch]]).map_err(Error::engine)?)
            }
        };
        context.register_table(table.name.as_str(), provider).map_err(Error::engine)?;
    }
    Ok(Engine { context })
}

impl Engine {
    /// Checks a query twice, as written and after type coercion, and gives its plan, what the check found and its grid.
    ///
    /// # Errors
    /// The refusal; planning sees no private data, so it can quote the planner.
    pub async fn check(
        &self,
        query: &Query,
        catalogue: &Catalogue,
        bounds: &Bounds,
    ) -> Result<(LogicalPlan, Accepted, Grid), Refusal> {
        let refuse = |rule: Rule, words: &[&str]| Refusal::new(rule, &query.file, &query.sql, words);
        let planner = |e: &DataFusionError| {
            let words = e.strip_backtrace();
            let named: Vec<&str> = named(&words).into_iter().chain(["select"]).collect();
            refuse(Rule::Sql(words.clone()), &named)
        };
        single_query(query)?;
        let state = self.context.state();
        let plan = state.create_logical_plan(&query.sql).await.map_err(|e| planner(&e))?;
        let accepted = crate::plan::check(&plan, query, catalogue, bounds)?;
        let coerced =
            state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {}).map_err(|e| planner(&e))?;
        let again = crate::plan::check(&coerced, query, catalogue, bounds)?;
        if (again.stability, &again.table, &again.output) != (accepted.stability, &accepted.table, &accepted.output) {
            return Err(refuse(Rule::Sql("type coercion changed the plan".into()), &["select"]));
        }
        let mut public = Vec::new();
        for scan in &accepted.public {
            public.push(self.public_rows(&scan.table, &scan.conditions).await.map_err(|e| planner(&e))?);
        }
        let chosen = |scan: usize, columns: &[String]| {
            let (names, rows): &PublicTable = public.get(scan)?;
            let at: Option<Vec<usize>> = columns.iter().map(|c| names.iter().position(|n| n == c)).collect();
            let at = at?;
            Some(rows.iter().map(|r| at.iter().map(|i| r.get(*i).cloned().flatten()).collect()).collect())
        };
        let grid = crate::plan::grid(&accepted, catalogue, chosen).map_err(|rule| refuse(rule, &["group by", "select"]))?;
        self.rehearse(&plan, &accepted, &grid, catalogue).await.map_err(|e| planner(&e))?;
        Ok((plan, accepted, grid))
    }

    /// Plans and runs the bounded query on a table on which nothing has landed: what cannot run for anybody is refused
    /// before budget is spent on it.
    async fn rehearse(
        &self,
        plan: &LogicalPlan,
        accepted: &Accepted,
        grid: &Grid,
        catalogue: &Catalogue,
    ) -> Result<(), DataFusionError> {
        let Some(table) = catalogue.table(&accepted.table) else {
            return Err(DataFusionError::Plan(format!("no table {}", accepted.table)));
        };
        let empty: Arc<dyn TableProvider> = Arc::new(LandedTable::empty(table));
        let (plan, ..) = crate::plan::bound(plan.clone(), accepted.clone(), grid.clone(), &empty, catalogue)?.into_parts();
        let physical = self.context.state().create_physical_plan(&plan).await?;
        let columns = physical.schema().fields().len();
        datafusion::physical_plan::collect(physical, self.context.task_ctx()).await?;
        if columns == accepted.output.len() {
            Ok(())
        } else {
            Err(DataFusionError::Plan("the plan has other columns than were certified".into()))
        }
    }

    /// The rows of a public table that pass some conditions, as text, with the names of its columns.
    async fn public_rows(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError> {
        let mut frame = self.context.table(table).await?;
        for condition in conditions {
            frame = frame.filter(condition.clone())?;
        }
        let names: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
        let frame = frame.select(names.iter().map(|n| col(n.as_str())).collect::<Vec<_>>())?;
        let mut rows = Vec::new();
        for batch in frame.collect().await? {
            let columns = batch.columns().iter().map(|c| cast(c, &DataType::Utf8)).collect::<Result<Vec<_>, _>>()?;
            let columns: Vec<&StringArray> = columns.iter().map(|c| c.as_string::<i32>()).collect();
            rows.extend(
                (0..batch.num_rows()).map(|r| columns.iter().map(|c| c.is_valid(r).then(|| c.value(r).to_owned())).collect()),
            );
        }
        Ok((names, rows))
    }

    /// All rows of a public table as text: part of a release's identity.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn public_text(&self, table: &str) -> Result<String, Error> {
        let rows = self.public_rows(table, &[]).await.map_err(Error::engine)?;
        serde_json::to_string(&rows).map_err(Error::engine)
    }

    /// Computes the exact counts of a bounded plan. They come out as [`Exact`], which only the door can use.
    ///
    /// # Errors
    /// The engine's failure; its words may quote data and go to the controller's log.
    pub async fn collect(&self, bounded: Bounded) -> Result<Exact, Error> {
        let (plan, accepted, grid, sensitivity) = bounded.into_parts();
        let counts = self.counts(plan, &accepted, &grid).await?;
        Ok(Exact::new(counts, sensitivity))
    }

    /// The exact counts in the order of the grid. Rows outside the grid (a required code that was removed from its list) are
    /// left out: that can only lower somebody's influence, and an error here would depend on data.
    async fn counts(&self, plan: LogicalPlan, accepted: &Accepted, grid: &Grid) -> Result<Vec<i64>, Error> {
        let state = self.context.state();
        let physical = state.create_physical_plan(&plan).await.map_err(Error::engine)?;
        let batches = datafusion::physical_plan::collect(physical, self.context.task_ctx()).await.map_err(Error::engine)?;
        let index = grid.index();
        let mut counts = vec![0_i64; grid.cells.len()];
        for batch in &batches {
            if batch.num_columns() != accepted.output.len() {
                return Err(Error::engine("the result does not have the certified columns"));
            }
            let (keys, values) = split(batch, accepted).map_err(Error::engine)?;
            for row in 0..batch.num_rows() {
                let codes: Vec<Option<&str>> = keys.iter().map(|k| k.is_valid(row).then(|| k.value(row))).collect();
                if let Some(count) = index.find(&codes).and_then(|cell| counts.get_mut(cell)) {
                    *count = count.saturating_add(values.value(row));
                }
            }
        }
        Ok(counts)
    }

    /// The integers that would enter the mechanism, for the tests that compare neighbouring databases.
    #[cfg(test)]
    pub(crate) async fn integers(&self, bounded: Bounded) -> (Vec<i64>, utfall_privacy::Sensitivity) {
        let (plan, accepted, grid, sensitivity) = bounded.into_parts();
        let counts = self.counts(plan, &accepted, &grid).await;
        (counts.unwrap_or_else(|e| panic!("{e}")), sensitivity)
    }
}

/// The names of a public table's columns and its rows as text.
type PublicTable = (Vec<String>, Vec<Vec<Option<String>>>);

type Counts<'a> = &'a arrow::array::PrimitiveArray<Int64Type>;

/// The key columns as text and the counts of one batch.
fn split<'a>(batch: &'a RecordBatch, accepted: &Accepted) -> Result<(Vec<StringArray>, Counts<'a>), DataFusionError> {
    let mut keys = Vec::new();
    let mut counts = None;
    for (output, column) in accepted.output.iter().zip(batch.columns()) {
        match output {
            Output::Key(..) => keys.push(cast(column, &DataType::Utf8)?.as_string::<i32>().clone()),
            Output::Count(_) => counts = column.as_primitive_opt::<Int64Type>(),
        }
    }
    let counts = counts.ok_or_else(|| DataFusionError::Internal("no count column".into()))?;
    Ok((keys, counts))
}

/// The names that the planner's words speak of: `No field named x`, `table 'datafusion.public.x' not found`.
fn named(words: &str) -> Vec<&str> {
    let after = words.split_once("named ").map(|(_, rest)| rest.split(|c: char| c.is_whitespace()).next().unwrap_or(""));
    let quoted = words.split('\'').nth(1);
    after
        .into_iter()
        .chain(quoted)
        .filter_map(|name| name.trim_matches(['"', '.', ',']).rsplit('.').next())
        .map(|n| n.trim_matches('"'))
        .collect()
}

/// One statement, and it is a query; nothing in it that the planner would ignore.
fn single_query(query: &Query) -> Result<(), Refusal> {
    let refuse = |rule: Rule, words: &[&str]| Refusal::new(rule, &query.file, &query.sql, words);
    let mut statements = DFParser::parse_sql(&query.sql).map_err(|e| refuse(Rule::Sql(e.strip_backtrace()), &["select"]))?;
    let [Statement::Statement(statement)] = statements.make_contiguous() else {
        return Err(refuse(Rule::Statement, &["copy", "create", "explain", "reset", "select"]));
    };
    heeded(statement).map_err(|rule| {
        let words = match rule {
            Rule::Statement => ["insert", "delete", "update", "create", "select"].map(str::to_owned).to_vec(),
            _ => rule.words(),
        };
        refuse(rule, &words.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

/// Scans exactly the files of a pinned version. A missing file is an error, never an empty table.
#[derive(Debug)]
pub struct LandedTable(LandedFiles);

impl LandedTable {
    /// A provider of these files.
    pub fn new(files: LandedFiles) -> Self {
        Self(files)
    }

    /// A provider of a table on which nothing has landed.
    pub fn empty(table: &TableSchema) -> Self {
        Self(LandedFiles { schema: table.landed(), files: Vec::new() })
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
        let files = self.0.files.iter().map(|(path, size)| {
            let location = object_store::path::Path::from_absolute_path(path)?;
            Ok(PartitionedFile::new_from_meta(ObjectMeta {
                location,
                last_modified: DateTime::UNIX_EPOCH,
                size: *size,
                e_tag: None,
                version: None,
            }))
        });
        let files =
            files.collect::<Result<Vec<_>, object_store::path::Error>>().map_err(|e| DataFusionError::External(e.into()))?;
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_projection_indices(projection.cloned())?
            .with_file_group(FileGroup::new(files))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
