//! The engine: DataFusion, embedded. It plans queries on schemas without data, and computes exact bounded counts that it
//! hands over as [`Exact`] and in no other form.
//!
//! Takes certified queries and landed files; gives answers without rows. It may not decide what is certified: that is
//! [`crate::certify`], which asks it as a `Planner`. Start reading at [`Engine`].

#[cfg(feature = "cluster")]
pub mod cluster;
mod dense;
mod landed;
#[cfg(test)]
pub(crate) mod other_files;
mod vector;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan, ident};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use utfall_privacy::Exact;

use crate::above;
use crate::catalogue::schema::{Catalogue, CodeList, TableSchema};
use crate::catalogue::spec::QuerySpec;
use crate::certify::{
    Bounds, Certified, Checked, Grid, Physical, Planner, PublicScan, PublicTable, Violation, certify, refused_at,
};
use utfall_ground::cores;
use utfall_ground::error::Error;
use utfall_ground::refusal::Refusal;
use utfall_ground::text::Text;
use utfall_publish::description::{Above, AboveColumn, PublicSource};

pub use landed::{LandedFiles, LandedTable};

use landed::lenient;

/// A connected engine that knows every table of a catalogue. What plans and runs is its planner: any that passes
/// `tests::conformance`.
pub struct Engine<P = Embedded> {
    planner: P,
    /// What was accepted, by the query and its bounds: a release that others quote is checked with each of them.
    accepted: Mutex<HashMap<String, Answer>>,
}

/// DataFusion in this process. Where there is a cluster it plans and knows public tables all the same, and what reads landed files
/// runs on the workers.
pub struct Embedded {
    context: SessionContext,
    #[cfg(feature = "cluster")]
    cluster: Option<cluster::Cluster>,
}

impl<P> std::fmt::Debug for Engine<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedded")
    }
}

/// Connects to the embedded engine: private tables by their schema alone, public tables with their rows.
///
/// # Errors
/// When the register does not fit its schema.
pub fn connect(catalogue: &Catalogue) -> Result<Engine, Error> {
    // What a plan learns from the rows of one run (the range of a join's keys) would stay in it: it would be printed with the
    // plan, and wrong for other files.
    let config = SessionConfig::new()
        .with_information_schema(false)
        .set_bool("datafusion.optimizer.enable_dynamic_filter_pushdown", false);
    let context = above::session(config, runtime()?).map_err(Error::engine)?;
    for table in catalogue.tables() {
        let provider: Arc<dyn TableProvider> = match &table.data {
            None => Arc::new(EmptyTable::new(lenient(&table.sql(), table))),
            Some(path) => {
                let batch = crate::catalogue::register::read(table, catalogue, path)?;
                Arc::new(MemTable::try_new(table.sql(), vec![vec![batch]]).map_err(Error::engine)?)
            }
        };
        context.register_table(table.name.as_str(), provider).map_err(Error::engine)?;
    }
    let planner = Embedded {
        context,
        #[cfg(feature = "cluster")]
        cluster: None,
    };
    Ok(Engine::of(planner))
}

/// Where queries run. Nothing private may be left in a temporary file: an aggregation that does not fit in memory fails.
fn runtime() -> Result<Arc<RuntimeEnv>, Error> {
    let no_spilling = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    RuntimeEnvBuilder::new().with_disk_manager_builder(no_spilling).build_arc().map_err(Error::engine)
}

#[cfg(feature = "cluster")]
impl Engine {
    /// The same where what reads landed files runs on these workers.
    #[must_use]
    pub fn on(mut self, cluster: cluster::Cluster) -> Self {
        self.planner.cluster = Some(cluster);
        self
    }

    /// The workers, if there are any.
    pub fn cluster(&self) -> Option<&cluster::Cluster> {
        self.planner.cluster.as_ref()
    }
}

/// An engine's error, whose words may quote data; of what happened between machines something is told.
pub(crate) fn failed(error: &DataFusionError) -> Error {
    #[cfg(feature = "cluster")]
    return cluster::failed(error);
    #[cfg(not(feature = "cluster"))]
    Error::engine(error)
}

/// A certified query, and what stands above the door.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was certified: the query below the door and the cells that are published.
    pub certified: Certified,
    /// What the SQL above the door reads, if it makes a table of its own.
    pub above: Option<Above>,
}

impl Planner for Embedded {
    async fn plan(&self, sql: &str) -> Result<LogicalPlan, DataFusionError> {
        self.context.state().create_logical_plan(sql).await
    }

    fn coerced(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        let state = self.context.state();
        state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})
    }

    async fn public_table(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError> {
        let mut frame = self.context.table(table).await?;
        for condition in conditions {
            frame = frame.filter(condition.clone())?;
        }
        let columns: Vec<String> = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
        let frame = frame.select(columns.iter().map(ident).collect::<Vec<_>>())?;
        let mut rows = Vec::new();
        for batch in frame.collect().await? {
            rows.extend(above::rows(&batch)?);
        }
        Ok(PublicTable { columns, rows })
    }

    fn nothing(&self, table: &TableSchema, day: Option<&'static str>) -> Arc<dyn TableProvider> {
        Arc::new(LandedTable::empty(table).by(day))
    }

    async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = &self.cluster {
            return cluster.physical(self.context.state(), plan).await;
        }
        self.context.state().create_physical_plan(plan).await
    }

    async fn run(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Vec<RecordBatch>, DataFusionError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = &self.cluster {
            return cluster.run(self.context.state(), plan).await;
        }
        datafusion::physical_plan::collect(plan, self.context.task_ctx()).await
    }

    async fn answers(
        &self,
        plans: &[&Arc<dyn ExecutionPlan>],
        catalogue: &Catalogue,
    ) -> Result<Vec<Vec<RecordBatch>>, DataFusionError> {
        // Counters read files here.
        #[cfg(feature = "cluster")]
        if self.cluster.is_some() {
            return each(self, plans).await;
        }
        let dense = dense::batches(plans, catalogue, &self.context.task_ctx()).await?;
        let mut answers = Vec::with_capacity(plans.len());
        for (plan, counted) in plans.iter().zip(dense) {
            answers.push(match counted {
                Some(batches) => batches,
                None => self.run(Arc::clone(plan)).await?,
            });
        }
        Ok(answers)
    }
}

/// Runs one plan after the other.
#[cfg(feature = "cluster")]
async fn each(planner: &Embedded, plans: &[&Arc<dyn ExecutionPlan>]) -> Result<Vec<Vec<RecordBatch>>, DataFusionError> {
    let mut answers = Vec::with_capacity(plans.len());
    for plan in plans {
        answers.push(planner.run(Arc::clone(plan)).await?);
    }
    Ok(answers)
}

impl<P> Engine<P> {
    /// An engine of this planner, which knows a catalogue.
    pub(crate) fn of(planner: P) -> Self {
        Self { planner, accepted: Mutex::default() }
    }
}

impl<P: Planner> Engine<P> {
    /// What plans and runs.
    pub fn planner(&self) -> &P {
        &self.planner
    }

    /// Certifies a query, and finds what the SQL above the door reads. The catalogue is the one that the engine knows.
    ///
    /// # Errors
    /// The refusal; planning sees no private data, so it can quote the planner.
    pub async fn check(&self, query: &QuerySpec, catalogue: &Catalogue, bounds: &Bounds) -> Result<Answer, Box<Refusal>> {
        let asked = format!("{query:?} {bounds:?}");
        let known = || self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known().get(&asked).cloned() {
            return Ok(answer);
        }
        let answer = self.accepted(query, catalogue, bounds).await?;
        known().insert(asked, answer.clone());
        Ok(answer)
    }

    /// Certifies some queries, each within its bounds, on all cores; the same in their order.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn check_each(
        &self,
        queries: Vec<(&QuerySpec, &Bounds)>,
        catalogue: &Catalogue,
    ) -> Result<Vec<Result<Answer, Box<Refusal>>>, Error>
    where
        P: Sync,
    {
        // Whoever certifies waits for the engine on one thread.
        let one = |(query, bounds): (&QuerySpec, &Bounds)| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::threadless)?;
            Ok(runtime.block_on(self.check(query, catalogue, bounds)))
        };
        cores::each(queries, one)?.into_iter().collect()
    }

    async fn accepted(&self, query: &QuerySpec, catalogue: &Catalogue, bounds: &Bounds) -> Result<Answer, Box<Refusal>> {
        let (certified, plan) = certify(&self.planner, query, catalogue, bounds).await?;
        let above = self.above(&plan, certified.accepted(), certified.grid(), catalogue).await;
        let above = above.map_err(|e| refused_at(&Violation::Sql(e.strip_backtrace()), query, &["select"]))?;
        Ok(Answer { certified, above })
    }

    /// The combinations of some columns of a public scan, sorted; a row of missing values where it is optional.
    ///
    /// # Errors
    /// When the engine fails.
    pub(crate) async fn combinations(&self, scan: &PublicScan, columns: &[&str]) -> Result<Vec<Vec<Option<String>>>, Error> {
        let PublicTable { columns: names, rows } =
            self.planner.public_table(&scan.table, &scan.conditions).await.map_err(Error::engine)?;
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
        let PublicTable { columns, rows } = self.planner.public_table(table, &[]).await.map_err(Error::engine)?;
        serde_json::to_string(&(columns, rows)).map_err(Error::engine)
    }

    /// What the SQL above the door reads, and the columns that it publishes.
    async fn above(
        &self,
        plan: &LogicalPlan,
        accepted: &Checked,
        grid: &Grid,
        catalogue: &Catalogue,
    ) -> Result<Option<Above>, DataFusionError> {
        let Some(columns) = &accepted.above else { return Ok(None) };
        let titled = |c: &crate::certify::OutputColumn| match c.key.and_then(|k| grid.keys.get(k)) {
            Some(key) => AboveColumn { name: c.name.clone(), title: key.title.clone(), codes: key.codes.clone() },
            None => {
                AboveColumn { name: c.name.clone(), title: Text { sv: c.name.clone(), en: c.name.clone() }, codes: Vec::new() }
            }
        };
        let sources = self.sources(plan, catalogue).await?;
        Ok(Some(Above { sources, crossing: accepted.crossing_at, columns: columns.iter().map(titled).collect() }))
    }

    /// The tables that a plan names: their columns, and the rows of public ones.
    pub(crate) async fn sources(&self, plan: &LogicalPlan, catalogue: &Catalogue) -> Result<Vec<PublicSource>, DataFusionError> {
        let mut sources = Vec::new();
        for table in above::tables(plan)? {
            let Some(schema) = catalogue.table(&table) else { continue };
            let types = schema.sql().fields().iter().map(|f| (f.name().clone(), f.data_type().to_string())).collect();
            let rows = if schema.is_private() { None } else { Some(self.planner.public_table(&table, &[]).await?.rows) };
            sources.push(PublicSource { table, columns: types, rows });
        }
        Ok(sources)
    }

    /// Computes the exact vectors of queries on landed tables, of each in order: one count per key of a table whose keys are
    /// private, else as [`crate::certify::CrossingAggregate::vectors`] has them. They come out as [`Exact`], which only the
    /// door can use.
    ///
    /// # Errors
    /// The engine's failure; its words may quote data and go to the controller's log.
    pub async fn collect(&self, queries: &[Physical], catalogue: &Catalogue) -> Result<Vec<Vec<Exact>>, Error> {
        let answers = self.answers(queries, catalogue).await?;
        queries.iter().zip(answers).map(|(query, batches)| exact(query, &batches, catalogue)).collect()
    }

    /// The exact vectors, in the order of [`crate::certify::CrossingAggregate::vectors`]. A plan runs once.
    #[cfg(test)]
    pub(crate) async fn vectors(&self, physical: &Physical, catalogue: &Catalogue) -> Result<Vec<Vec<i64>>, Error> {
        let answers = self.answers(std::slice::from_ref(physical), catalogue).await?;
        answers.first().map_or(Ok(Vec::new()), |batches| folded(physical, batches, catalogue))
    }

    async fn answers(&self, queries: &[Physical], catalogue: &Catalogue) -> Result<Vec<Vec<RecordBatch>>, Error> {
        let plans: Vec<_> = queries.iter().map(Physical::plan).collect();
        let answers = self.planner.answers(&plans, catalogue).await.map_err(|e| failed(&e))?;
        if answers.len() == queries.len() { Ok(answers) } else { Err(Error::engine("not every query was answered")) }
    }
}

fn folded(query: &Physical, batches: &[RecordBatch], catalogue: &Catalogue) -> Result<Vec<Vec<i64>>, Error> {
    let (certified, lists) = (query.certified(), listed(query.lists(), catalogue));
    vector::fold(batches, &lists, &certified.accepted().crossing, certified.grid()).map_err(Error::engine)
}

fn exact(query: &Physical, batches: &[RecordBatch], catalogue: &Catalogue) -> Result<Vec<Exact>, Error> {
    if query.certified().has_private_keys() {
        let crossing = &query.certified().accepted().crossing;
        let counts = vector::keyed(batches, &listed(query.lists(), catalogue), crossing).map_err(Error::engine)?;
        let exact = query.exact_keyed(counts).ok_or_else(|| Error::engine("not one vector was computed"))?;
        return Ok(vec![exact]);
    }
    query.exact(folded(query, batches, catalogue)?).ok_or_else(|| Error::engine("not every vector was computed"))
}

/// The code lists of a plan's columns.
fn listed<'c>(lists: &[Option<String>], catalogue: &'c Catalogue) -> Vec<Option<&'c CodeList>> {
    lists.iter().map(|list| list.as_deref().and_then(|name| catalogue.codes(name))).collect()
}

#[cfg(test)]
pub(crate) mod tests;
