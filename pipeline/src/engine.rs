//! The engine: DataFusion, embedded. It plans queries on schemas without data, and computes exact bounded counts that it
//! hands over as [`Exact`] and in no other form.

mod vector;

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::datasource::TableType;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, ident};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParser, Statement};
use object_store::ObjectMeta;
use utfall_privacy::Exact;

use crate::derive::above;
use crate::derive::description::{Above, AboveColumn, Source};
use crate::error::Error;
use crate::plan::{Accepted, Bounded, Bounds, Grid, PublicScan, Refusal, Rule, Slice, heeded};
use crate::query::Query;
use crate::schema::{Catalogue, CodeList, TableSchema};
use crate::text::Text;

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
    let context = above::speaking(SessionContext::new_with_config_rt(config, runtime)).map_err(Error::engine)?;
    for table in catalogue.tables() {
        let provider: Arc<dyn TableProvider> = match &table.data {
            None => Arc::new(EmptyTable::new(lenient(&table.sql(), table))),
            Some(path) => {
                let batch = crate::register::read(table, catalogue, path)?;
                Arc::new(MemTable::try_new(table.sql(), vec![vec![batch]]).map_err(Error::engine)?)
            }
        };
        context.register_table(table.name.as_str(), provider).map_err(Error::engine)?;
    }
    Ok(Engine { context })
}

/// An accepted query with its grid.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the check found.
    pub accepted: Accepted,
    /// The cells that are published.
    pub grid: Grid,
    /// What the SQL above the door reads, if it makes a table of its own.
    pub above: Option<Above>,
}

impl Engine {
    /// Checks a query twice, as written and after type coercion, and rehearses it on tables on which nothing has landed.
    ///
    /// # Errors
    /// The refusal; planning sees no private data, so it can quote the planner.
    pub async fn check(&self, query: &Query, catalogue: &Catalogue, bounds: &Bounds) -> Result<Answer, Refusal> {
        let refuse = |rule: Rule| Refusal::of(rule, query);
        let planner = |e: &DataFusionError| {
            let words = e.strip_backtrace().lines().next().unwrap_or_default().to_owned();
            let named: Vec<&str> = named(&words).into_iter().chain(["select"]).collect();
            Refusal::new(Rule::Sql(words.clone()), &query.file, &query.sql, &named)
        };
        single_query(query)?;
        let plan = self.plan(query).await.map_err(|e| planner(&e))?;
        let accepted = crate::plan::check(&plan, query, catalogue, bounds)?;
        if query.anonymous {
            crate::plan::grand_total(&accepted).map_err(refuse)?;
        }
        let measured = crate::plan::measured(&accepted).map_err(|e| planner(&e))?;
        let state = self.context.state();
        let coerced = state.analyzer().execute_and_check(measured, state.config_options(), |_, _| {}).map_err(|e| planner(&e))?;
        crate::plan::recheck(&coerced, &accepted, catalogue, bounds).map_err(refuse)?;
        for (_, certificate) in &accepted.crossing.vectors {
            certificate.verify().map_err(|e| refuse(Rule::Sql(e.to_string())))?;
        }
        let grid = match &query.private_keys {
            Some(_) => crate::plan::private_grid(&accepted, catalogue).map_err(refuse)?,
            None => self.grid(&accepted, catalogue).await.map_err(|e| planner(&e))?.map_err(refuse)?,
        };
        self.rehearse(&accepted, &grid, catalogue).await.map_err(|e| planner(&e))?;
        let above = self.above(&plan, &accepted, &grid, catalogue).await.map_err(|e| planner(&e))?;
        Ok(Answer { accepted, grid, above })
    }

    /// The plan of a query as it is written, before anything is inferred or optimised.
    ///
    /// # Errors
    /// The planner's words.
    pub async fn plan(&self, query: &Query) -> Result<LogicalPlan, DataFusionError> {
        self.context.state().create_logical_plan(&query.sql).await
    }

    async fn grid(&self, accepted: &Accepted, catalogue: &Catalogue) -> Result<Result<Grid, Rule>, DataFusionError> {
        let mut public = Vec::new();
        for scan in &accepted.public {
            public.push(self.public_rows(&scan.table, &scan.conditions).await?);
        }
        let chosen = |scan: usize, columns: &[String]| {
            let (names, rows): &PublicTable = public.get(scan)?;
            let at: Option<Vec<usize>> = columns.iter().map(|c| names.iter().position(|n| n == c)).collect();
            let at = at?;
            Some(rows.iter().map(|r| at.iter().map(|i| r.get(*i).cloned().flatten()).collect()).collect())
        };
        Ok(crate::plan::grid(accepted, catalogue, chosen))
    }

    /// Plans and runs the bounded query on tables on which nothing has landed: what cannot run for anybody is refused
    /// before budget is spent on it.
    async fn rehearse(&self, accepted: &Accepted, grid: &Grid, catalogue: &Catalogue) -> Result<(), DataFusionError> {
        let day = accepted.scans.first().and_then(|scan| scan.period.as_ref()).map(Slice::column);
        let empty = |name: &str| catalogue.table(name).map(|t| Arc::new(LandedTable::empty(t).by(day)) as Arc<dyn TableProvider>);
        let bounded = crate::plan::bound(accepted.clone(), grid.clone(), empty, catalogue)?;
        let (plan, _, accepted, _) = bounded.into_parts();
        let physical = self.physical(&plan, &accepted, catalogue).await?;
        datafusion::physical_plan::collect(physical, self.context.task_ctx()).await?;
        Ok(())
    }

    /// The physical plan, with the certified bound on every scan of private files, or none.
    async fn physical(
        &self,
        plan: &LogicalPlan,
        accepted: &Accepted,
        catalogue: &Catalogue,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let physical = self.context.state().create_physical_plan(plan).await?;
        let crossing = &accepted.crossing;
        let columns = crossing.keys.len() + usize::from(crossing.by_set) + crossing.valued.len() + crossing.aggregates.len();
        if !crate::plan::stands(&physical, &accepted.scans, catalogue) {
            return Err(DataFusionError::Plan("the physical plan lacks a certified bound".into()));
        }
        if physical.schema().fields().len() != columns {
            return Err(DataFusionError::Plan("the plan has other columns than were certified".into()));
        }
        Ok(physical)
    }

    /// The rows of a public table that pass some conditions, as text, with the names of its columns.
    async fn public_rows(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError> {
        let mut frame = self.context.table(table).await?;
        for condition in conditions {
            frame = frame.filter(condition.clone())?;
        }
        let names: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
        let frame = frame.select(names.iter().map(ident).collect::<Vec<_>>())?;
        let mut rows = Vec::new();
        for batch in frame.collect().await? {
            rows.extend(above::rows(&batch)?);
        }
        Ok((names, rows))
    }

    /// The combinations of some columns of a public scan, sorted; a row of missing values where it is optional.
    ///
    /// # Errors
    /// When the engine fails.
    pub(crate) async fn combinations(&self, scan: &PublicScan, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>, Error> {
        let (names, rows) = self.public_rows(&scan.table, &scan.conditions).await.map_err(Error::engine)?;
        let at: Vec<usize> = columns.iter().filter_map(|column| names.iter().position(|name| name == column)).collect();
        let mut rows: Vec<Vec<_>> = rows.iter().map(|row| at.iter().map(|i| row.get(*i).cloned().flatten()).collect()).collect();
        if scan.optional {
            rows.push(vec![None; at.len()]);
        }
        rows.sort();
        rows.dedup();
        Ok(rows)
    }

    /// All rows of a public table as text: part of a release's identity.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn public_text(&self, table: &str) -> Result<String, Error> {
        let rows = self.public_rows(table, &[]).await.map_err(Error::engine)?;
        serde_json::to_string(&rows).map_err(Error::engine)
    }

    /// What the SQL above the door reads, and the columns that it publishes.
    async fn above(
        &self,
        plan: &LogicalPlan,
        accepted: &Accepted,
        grid: &Grid,
        catalogue: &Catalogue,
    ) -> Result<Option<Above>, DataFusionError> {
        let Some(columns) = &accepted.above else { return Ok(None) };
        let titled = |c: &crate::plan::OutputColumn| match c.key.and_then(|k| grid.keys.get(k)) {
            Some(key) => AboveColumn { name: c.name.clone(), title: key.title.clone(), codes: key.codes.clone() },
            None => {
                AboveColumn { name: c.name.clone(), title: Text { sv: c.name.clone(), en: c.name.clone() }, codes: Vec::new() }
            }
        };
        let sources = self.sources(plan, catalogue).await?;
        Ok(Some(Above { sources, crossing: accepted.crossing_at, columns: columns.iter().map(titled).collect() }))
    }

    /// The tables that a plan names: their columns, and the rows of public ones.
    pub(crate) async fn sources(&self, plan: &LogicalPlan, catalogue: &Catalogue) -> Result<Vec<Source>, DataFusionError> {
        let mut sources = Vec::new();
        for table in above::tables(plan)? {
            let Some(schema) = catalogue.table(&table) else { continue };
            let types = schema.sql().fields().iter().map(|f| (f.name().clone(), f.data_type().to_string())).collect();
            let rows = if schema.is_private() { None } else { Some(self.public_rows(&table, &[]).await?.1) };
            sources.push(Source { table, columns: types, rows });
        }
        Ok(sources)
    }

    /// Computes the exact vectors of a bounded plan. They come out as [`Exact`], which only the door can use.
    ///
    /// # Errors
    /// The engine's failure; its words may quote data and go to the controller's log.
    pub async fn collect(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Vec<Exact>, Error> {
        let sensitivities = bounded.sensitivities();
        let vectors = self.vectors(bounded, catalogue).await?;
        Ok(vectors.into_iter().zip(sensitivities).map(|(values, sensitivity)| Exact::new(values, sensitivity)).collect())
    }

    /// The exact counts of a table whose keys are private: the codes of each group that some row has, and its count.
    ///
    /// # Errors
    /// As [`Engine::collect`].
    pub async fn collect_keyed(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Exact, Error> {
        let sensitivity = bounded.sensitivities().first().copied().ok_or_else(|| Error::engine("nothing is measured"))?;
        let (plan, lists, accepted, _) = bounded.into_parts();
        let batches = self.batches(&plan, &accepted, catalogue).await?;
        let counts = vector::keyed(&batches, &listed(&lists, catalogue), &accepted.crossing).map_err(Error::engine)?;
        Ok(Exact::keyed(counts, sensitivity))
    }

    /// The exact vectors, in the order of [`crate::plan::Crossing::vectors`].
    pub(crate) async fn vectors(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Vec<Vec<i64>>, Error> {
        let (plan, lists, accepted, grid) = bounded.into_parts();
        let batches = self.batches(&plan, &accepted, catalogue).await?;
        vector::fold(&batches, &listed(&lists, catalogue), &accepted.crossing, &grid).map_err(Error::engine)
    }

    /// The groups of a bounded plan.
    async fn batches(&self, plan: &LogicalPlan, accepted: &Accepted, catalogue: &Catalogue) -> Result<Vec<RecordBatch>, Error> {
        let physical = self.physical(plan, accepted, catalogue).await.map_err(Error::engine)?;
        datafusion::physical_plan::collect(physical, self.context.task_ctx()).await.map_err(Error::engine)
    }
}

/// The code lists of a plan's columns.
fn listed<'c>(lists: &[Option<String>], catalogue: &'c Catalogue) -> Vec<Option<&'c CodeList>> {
    lists.iter().map(|list| list.as_deref().and_then(|name| catalogue.codes(name))).collect()
}

/// The names of a public table's columns and its rows as text.
type PublicTable = (Vec<String>, Vec<Vec<Option<String>>>);

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

/// The same columns, each allowed to be NULL but the unit and the numbers: a value that a function cannot take becomes NULL
/// and never an error that depends on somebody's row.
fn lenient(schema: &SchemaRef, table: &TableSchema) -> SchemaRef {
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
        // About how many rows there are, from the size of the files: by it the engine puts the smaller side of a join into
        // memory. Inexact, so that no answer is ever taken from it.
        let bytes: u64 = self.0.files.iter().map(|(_, size)| size).sum();
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let statistics = Statistics::new_unknown(&self.schema())
            .with_num_rows(Precision::Inexact(bytes / BYTES_PER_ROW))
            .with_total_byte_size(Precision::Inexact(bytes));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_file_group(FileGroup::new(files))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

#[cfg(test)]
mod tests;
