//! The engine: DataFusion, embedded. It plans queries on schemas without data, and computes exact bounded counts that it
//! hands over as [`Exact`] and in no other form.

mod landed;
mod planned;
mod vector;

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, ident};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParser, Statement};
use utfall_privacy::Exact;
use utfall_privacy::certificate::PublicKey;

use crate::above;
use crate::catalogue::schema::{Catalogue, CodeList};
use crate::catalogue::spec::QuerySpec;
use crate::certify::{Accepted, Bounded, Bounds, Grid, PublicScan, Rule, Slice, heeded, refused, refused_at};
use utfall_ground::error::Error;
use utfall_ground::refusal::Refusal;
use utfall_ground::text::Text;
use utfall_publish::description::{Above, AboveColumn, KeyRows, PublicSource};

pub use landed::{LandedFiles, LandedTable};
pub(crate) use planned::Planned;

use landed::lenient;

/// A connected engine that knows every table of a catalogue.
pub struct Engine {
    context: SessionContext,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
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
    // Nothing private may be left in a temporary file: an aggregation that does not fit in memory fails.
    let no_spilling = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(no_spilling).build_arc().map_err(Error::engine)?;
    let context = above::session(config, runtime).map_err(Error::engine)?;
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
    /// The key columns of the public tables that are joined below the door, as its certificates state them.
    pub keys: Vec<KeyRows>,
}

impl Engine {
    /// Checks a query twice, as written and after type coercion, and rehearses it on tables on which nothing has landed.
    ///
    /// # Errors
    /// The refusal; planning sees no private data, so it can quote the planner.
    pub async fn check(&self, query: &QuerySpec, catalogue: &Catalogue, bounds: &Bounds) -> Result<Answer, Box<Refusal>> {
        let refuse = |rule: Rule| refused(&rule, query);
        let planner = |e: &DataFusionError| {
            let words = e.strip_backtrace().lines().next().unwrap_or_default().to_owned();
            let named: Vec<&str> = named(&words).into_iter().chain(["select"]).collect();
            refused_at(&Rule::Sql(words.clone()), query, &named)
        };
        single_query(query)?;
        let plan = self.plan(query).await.map_err(|e| planner(&e))?;
        let mut accepted = crate::certify::check(&plan, query, catalogue, bounds)?;
        if query.anonymous {
            crate::certify::grand_total(&accepted).map_err(refuse)?;
        }
        let measured = crate::certify::measured(&accepted).map_err(|e| planner(&e))?;
        let state = self.context.state();
        let coerced = state.analyzer().execute_and_check(measured, state.config_options(), |_, _| {}).map_err(|e| planner(&e))?;
        crate::certify::recheck(&coerced, &accepted, catalogue, bounds).map_err(refuse)?;
        let keys = self.keys(&accepted).await.map_err(|e| planner(&e))?;
        let stated = |table: &str, columns: &[String]| {
            let rows = keys.iter().find(|rows| rows.table == table && rows.columns == columns)?;
            PublicKey::of(&rows.rows)
        };
        crate::certify::state(&mut accepted, stated).map_err(refuse)?;
        for (_, certificate) in &accepted.crossing.vectors {
            certificate.verify().map_err(|e| refuse(Rule::Sql(e.to_string())))?;
        }
        let grid = match &query.private_keys {
            Some(_) => crate::certify::private_grid(&accepted, catalogue).map_err(refuse)?,
            None => self.grid(&accepted, catalogue).await.map_err(|e| planner(&e))?.map_err(refuse)?,
        };
        self.rehearse(&accepted, &grid, catalogue).await.map_err(|e| planner(&e))?;
        let above = self.above(&plan, &accepted, &grid, catalogue).await.map_err(|e| planner(&e))?;
        Ok(Answer { accepted, grid, above, keys })
    }

    /// The key columns of the public tables that a query joins below the door.
    async fn keys(&self, accepted: &Accepted) -> Result<Vec<KeyRows>, DataFusionError> {
        let mut keys: Vec<KeyRows> = Vec::new();
        for (table, columns) in accepted.crossing.vectors.iter().flat_map(|(_, c)| crate::certify::public_keys(c)) {
            if keys.iter().any(|known| known.table == table && known.columns == columns) {
                continue;
            }
            let (names, rows) = self.public_rows(&table, &[]).await?;
            let at: Vec<usize> = columns.iter().filter_map(|column| names.iter().position(|name| name == column)).collect();
            let rows = rows.iter().map(|row| at.iter().map(|i| row.get(*i).cloned().flatten()).collect()).collect();
            keys.push(KeyRows { table, columns, rows });
        }
        Ok(keys)
    }

    /// The plan of a query as it is written, before anything is inferred or optimised.
    ///
    /// # Errors
    /// The planner's words.
    pub async fn plan(&self, query: &QuerySpec) -> Result<LogicalPlan, DataFusionError> {
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
        Ok(crate::certify::grid(accepted, catalogue, chosen))
    }

    /// Plans and runs the bounded query on tables on which nothing has landed: what cannot run for anybody is refused
    /// before budget is spent on it.
    async fn rehearse(&self, accepted: &Accepted, grid: &Grid, catalogue: &Catalogue) -> Result<(), DataFusionError> {
        let day = accepted.scans.first().and_then(|scan| scan.period.as_ref()).map(Slice::column);
        let empty = |name: &str| catalogue.table(name).map(|t| Arc::new(LandedTable::empty(t).by(day)) as Arc<dyn TableProvider>);
        let bounded = crate::certify::bound(accepted.clone(), grid.clone(), empty, catalogue)?;
        let planned = self.physical(bounded, catalogue).await?;
        datafusion::physical_plan::collect(Arc::clone(planned.plan()), self.context.task_ctx()).await?;
        Ok(())
    }

    /// The physical plan, with the certified bound on every scan of private files, or none.
    async fn physical(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Planned, DataFusionError> {
        let (plan, lists, accepted, grid) = bounded.into_parts();
        let physical = self.context.state().create_physical_plan(&plan).await?;
        Planned::new(physical, lists, (accepted, grid), catalogue)
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
            let rows = if schema.is_private() { None } else { Some(self.public_rows(&table, &[]).await?.1) };
            sources.push(PublicSource { table, columns: types, rows });
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
        let planned = self.planned(bounded, catalogue).await?;
        let batches = self.batches(&planned).await?;
        let counts =
            vector::keyed(&batches, &listed(&planned.lists, catalogue), &planned.accepted.crossing).map_err(Error::engine)?;
        Ok(Exact::keyed(counts, sensitivity))
    }

    /// The exact vectors, in the order of [`crate::certify::Crossing::vectors`].
    pub(crate) async fn vectors(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Vec<Vec<i64>>, Error> {
        let planned = self.planned(bounded, catalogue).await?;
        self.answer(&planned, catalogue).await
    }

    /// How a bounded plan physically runs.
    ///
    /// # Errors
    /// As [`Engine::collect`].
    pub(crate) async fn planned(&self, bounded: Bounded, catalogue: &Catalogue) -> Result<Planned, Error> {
        self.physical(bounded, catalogue).await.map_err(Error::engine)
    }

    /// The exact vectors of a planned query. A plan runs once; [`Planned::on`] gives another.
    pub(crate) async fn answer(&self, planned: &Planned, catalogue: &Catalogue) -> Result<Vec<Vec<i64>>, Error> {
        let batches = self.batches(planned).await?;
        let lists = listed(&planned.lists, catalogue);
        vector::fold(&batches, &lists, &planned.accepted.crossing, &planned.grid).map_err(Error::engine)
    }

    /// The groups of a planned query.
    async fn batches(&self, planned: &Planned) -> Result<Vec<RecordBatch>, Error> {
        datafusion::physical_plan::collect(Arc::clone(planned.plan()), self.context.task_ctx()).await.map_err(Error::engine)
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
fn single_query(query: &QuerySpec) -> Result<(), Box<Refusal>> {
    let refuse = |rule: &Rule, words: &[&str]| refused_at(rule, query, words);
    let mut statements = DFParser::parse_sql(&query.sql).map_err(|e| refuse(&Rule::Sql(e.strip_backtrace()), &["select"]))?;
    let [Statement::Statement(statement)] = statements.make_contiguous() else {
        return Err(refuse(&Rule::Statement, &["copy", "create", "explain", "reset", "select"]));
    };
    heeded(statement).map_err(|rule| {
        let words = match rule {
            Rule::Statement => ["insert", "delete", "update", "create", "select"].map(str::to_owned).to_vec(),
            _ => rule.words(),
        };
        refuse(&rule, &words.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

#[cfg(test)]
mod tests;
