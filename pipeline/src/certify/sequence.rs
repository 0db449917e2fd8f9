//! TRUSTED: the one way from a query's text to integers that may be drawn on, as a sequence of states. Each state can only be made
//! of the one before it, and only here: [`Checked`] (accepted by the walk), [`Certified`] (proved, with its cells, rehearsed), [`Bound`] (on
//! landed tables) and [`Physical`] (a plan that was found to have the certified bounds), which alone gives [`Exact`].
//!
//! It asks a [`Planner`] for the few things that an engine must do, and believes none of them: what an engine plans is checked.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::sql::parser::{DFParser, Statement};
use utfall_ground::calendar::Days;
use utfall_ground::refusal::Refusal;
use utfall_ground::refused::message;
use utfall_ground::text::Text;
use utfall_privacy::certificate::PublicKey;
use utfall_privacy::{Exact, Proved};
use utfall_publish::KeyRows;

use super::bound::{bound, measured, stands};
use super::check::{Checked, check};
use super::encode::Coded;
use super::grid::{Grid, PublicRows, grid, private_grid};
use super::recheck::recheck;
use super::series::Slice;
use super::stated::{public_keys, state};
use super::words::refusal::Violation;
use super::words::span::{planner_said, refused, refused_at};
use super::{Bounds, syntax, total};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::catalogue::spec::QuerySpec;

/// The rows of a public table as text, with the names of its columns.
#[derive(Debug)]
pub struct PublicTable {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; none for NULL.
    pub rows: PublicRows,
}

/// What certifying asks of an engine.
#[allow(async_fn_in_trait, reason = "whoever certifies waits for it on one thread")]
pub trait Planner {
    /// The plan of a text as it is written, before anything is inferred or optimised.
    async fn plan(&self, sql: &str) -> Result<LogicalPlan, DataFusionError>;

    /// A plan with the casts that the engine would insert.
    fn coerced(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError>;

    /// The rows of a public table that pass some conditions.
    async fn public_table(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError>;

    /// A private table on which nothing has landed, with the day by which a series tells its periods.
    fn nothing(&self, table: &TableSchema, day: Option<&'static str>) -> Arc<dyn TableProvider>;

    /// How a plan will physically run.
    async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, DataFusionError>;

    /// Runs a physical plan.
    async fn run(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Vec<RecordBatch>, DataFusionError>;

    /// What physical plans answer, in order: the rows that each would give, in any order and with any groups apart, since they are
    /// added up.
    async fn answers(
        &self,
        plans: &[&Arc<dyn ExecutionPlan>],
        _catalogue: &Catalogue,
    ) -> Result<Vec<Vec<RecordBatch>>, DataFusionError> {
        let mut answers = Vec::with_capacity(plans.len());
        for plan in plans {
            answers.push(self.run(Arc::clone(plan)).await?);
        }
        Ok(answers)
    }
}

/// An accepted query whose every vector has a verified proof, with the cells that are published; it has run on tables on which
/// nothing had landed.
#[derive(Debug, Clone)]
pub struct Certified {
    accepted: Checked,
    proved: Vec<Proved>,
    grid: Grid,
    keys: Vec<KeyRows>,
    keyed: bool,
}

/// Certifies a query: parse, check, coerce, look again, state the keys of public tables, verify, find the cells, rehearse. Gives
/// the plan of its text too, for what stands above the door.
///
/// # Errors
/// The refusal. Planning sees no private data, so it can quote the planner.
pub async fn certify(
    planner: &impl Planner,
    query: &QuerySpec,
    catalogue: &Catalogue,
    bounds: &Bounds,
) -> Result<(Certified, LogicalPlan), Box<Refusal>> {
    single_query(query, catalogue)?;
    let plan = planner.plan(&query.sql).await.map_err(|e| planner_said(&e, query, catalogue))?;
    Ok((certify_plan(planner, query, plan.clone(), catalogue, bounds).await?, plan))
}

/// Certifies a plan in the same way, whoever made it; the query says what it is called.
///
/// # Errors
/// As [`certify`].
pub async fn certify_plan(
    planner: &impl Planner,
    query: &QuerySpec,
    plan: LogicalPlan,
    catalogue: &Catalogue,
    bounds: &Bounds,
) -> Result<Certified, Box<Refusal>> {
    let refuse = |rule: Violation| refused(&rule, query);
    let planner_says = |e: &DataFusionError| planner_said(e, query, catalogue);
    let mut accepted = check(&plan, query, catalogue, bounds)?;
    if query.anonymous {
        total::grand_total(&accepted).map_err(refuse)?;
    }
    let coerced = measured(&accepted).and_then(|plan| planner.coerced(plan)).map_err(|e| planner_says(&e))?;
    let rechecked = recheck(&coerced, &accepted, catalogue, bounds).map_err(refuse)?;
    let keys = keys(planner, &accepted).await.map_err(|e| planner_says(&e))?;
    let stated = |table: &str, columns: &[String]| {
        let rows = keys.iter().find(|rows| rows.table == table && rows.columns == columns)?;
        PublicKey::of(&rows.rows)
    };
    state(&mut accepted, stated).map_err(refuse)?;
    let proved = rechecked.verify(&accepted).map_err(|e| refuse(Violation::Proof(message(&e))))?;
    let grid = match &query.private_keys {
        Some(_) => private_grid(&accepted, catalogue).map_err(refuse)?,
        None => public_grid(planner, &accepted, catalogue).await.map_err(|e| planner_says(&e))?.map_err(refuse)?,
    };
    let certified = Certified { accepted, proved, grid, keys, keyed: query.private_keys.is_some() };
    rehearse(planner, &certified, catalogue).await.map_err(|e| planner_says(&e))?;
    Ok(certified)
}

/// What cannot run for anybody is refused before budget is spent on it.
async fn rehearse(planner: &impl Planner, certified: &Certified, catalogue: &Catalogue) -> Result<(), DataFusionError> {
    let day = certified.day();
    let nothing = |name: &str| catalogue.table(name).map(|table| planner.nothing(table, day));
    let physical = certified.clone().bound(nothing, catalogue)?.physical(planner, catalogue).await?;
    planner.run(Arc::clone(physical.plan())).await.map(drop)
}

/// The key columns of the public tables that a query joins below the door.
async fn keys(planner: &impl Planner, accepted: &Checked) -> Result<Vec<KeyRows>, DataFusionError> {
    let mut keys: Vec<KeyRows> = Vec::new();
    for (table, columns) in accepted.crossing.vectors.iter().flat_map(|of| public_keys(&of.certificate)) {
        if keys.iter().any(|known| known.table == table && known.columns == columns) {
            continue;
        }
        let found = planner.public_table(&table, &[]).await?;
        let at: Vec<usize> = columns.iter().filter_map(|column| found.columns.iter().position(|name| name == column)).collect();
        let rows = found.rows.iter().map(|row| at.iter().map(|i| row.get(*i).cloned().flatten()).collect()).collect();
        keys.push(KeyRows { table, columns, rows });
    }
    Ok(keys)
}

async fn public_grid(
    planner: &impl Planner,
    accepted: &Checked,
    catalogue: &Catalogue,
) -> Result<Result<Grid, Violation>, DataFusionError> {
    let mut public = Vec::new();
    for scan in &accepted.public {
        public.push(planner.public_table(&scan.table, &scan.conditions).await?);
    }
    let chosen = |scan: usize, columns: &[String]| {
        let found: &PublicTable = public.get(scan)?;
        let at: Option<Vec<usize>> = columns.iter().map(|c| found.columns.iter().position(|n| n == c)).collect();
        let at = at?;
        Some(found.rows.iter().map(|r| at.iter().map(|i| r.get(*i).cloned().flatten()).collect()).collect())
    };
    Ok(grid(accepted, catalogue, chosen))
}

/// What became of another heading for a key.
#[derive(Debug, Clone, Copy)]
pub struct Headed {
    /// Whether there is such a key.
    pub found: bool,
    /// Whether any of its codes got a label.
    pub labelled: bool,
}

impl Certified {
    /// What the check found.
    pub fn accepted(&self) -> &Checked {
        &self.accepted
    }

    /// The proofs, in the order of [`super::CrossingAggregate::vectors`].
    pub fn proved(&self) -> &[Proved] {
        &self.proved
    }

    /// The cells that are published.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The key columns of the public tables that are joined below the door, as the certificates state them.
    pub fn keys(&self) -> &[KeyRows] {
        &self.keys
    }

    /// Whether its cells are those that some row has, and not all that are listed.
    pub fn has_private_keys(&self) -> bool {
        self.keyed
    }

    /// The stored column by which a series tells its periods.
    pub fn day(&self) -> Option<&'static str> {
        self.accepted.scans.first().and_then(|scan| scan.period.as_ref()).map(Slice::column)
    }

    /// Gives a key another title and its codes other labels, for readers; codes and cells stay.
    pub fn head(&mut self, key: &str, title: &Text, label: impl Fn(&str) -> Option<Text>) -> Headed {
        let (mut found, mut labelled) = (false, false);
        for key in self.grid.keys.iter_mut().filter(|column| column.name == key) {
            (key.title, found) = (title.clone(), true);
            for code in &mut key.codes {
                if let Some(label) = label(&code.code) {
                    (code.label, labelled) = (label, true);
                }
            }
        }
        Headed { found, labelled }
    }

    /// The same query on another period of its series; nothing changes of a query that is none.
    #[must_use]
    pub fn at(self, days: Days) -> Self {
        Self { accepted: self.accepted.at(days), ..self }
    }

    /// The query on landed tables, with its bound on each.
    ///
    /// # Errors
    /// What DataFusion says about the new plan.
    pub fn bound(
        self,
        landed: impl Fn(&str) -> Option<Arc<dyn TableProvider>>,
        catalogue: &Catalogue,
    ) -> Result<Bound, DataFusionError> {
        let Coded { plan, lists } = bound(&self.accepted, landed, catalogue)?;
        Ok(Bound { plan, lists, certified: self })
    }
}

/// A certified query on landed tables.
pub struct Bound {
    plan: LogicalPlan,
    lists: Vec<Option<String>>,
    certified: Certified,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound").field("scans", &self.certified.accepted.scans).finish_non_exhaustive()
    }
}

impl Bound {
    /// How it will physically run, once that was found to have the certified bounds.
    ///
    /// # Errors
    /// When it has not, or the engine cannot plan it.
    pub async fn physical(self, planner: &impl Planner, catalogue: &Catalogue) -> Result<Physical, DataFusionError> {
        let plan = planner.physical(&self.plan).await?;
        Physical::of(plan, self.lists, self.certified, catalogue)
    }
}

/// A physical plan that has the certified bound on every scan of private files and the certified columns, and what it answers.
pub struct Physical {
    plan: Arc<dyn ExecutionPlan>,
    lists: Vec<Option<String>>,
    certified: Certified,
}

impl std::fmt::Debug for Physical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Physical").field("scans", &self.certified.accepted.scans).finish_non_exhaustive()
    }
}

impl Physical {
    fn of(
        plan: Arc<dyn ExecutionPlan>,
        lists: Vec<Option<String>>,
        certified: Certified,
        catalogue: &Catalogue,
    ) -> Result<Self, DataFusionError> {
        if !stands(&plan, &certified.accepted.scans, catalogue) {
            return Err(DataFusionError::Plan("the physical plan lacks a certified bound".into()));
        }
        if plan.schema().fields().len() != certified.accepted.crossing.columns() {
            return Err(DataFusionError::Plan("the plan has other columns than were certified".into()));
        }
        Ok(Self { plan, lists, certified })
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.plan
    }

    /// The code list of each of its columns that holds codes.
    pub fn lists(&self) -> &[Option<String>] {
        &self.lists
    }

    /// What it answers.
    pub fn certified(&self) -> &Certified {
        &self.certified
    }

    /// The vectors that it gave, in order, each with the sensitivity that was proved: none if they are not as many.
    pub fn exact(&self, vectors: Vec<Vec<i64>>) -> Option<Vec<Exact>> {
        let proved = &self.certified.proved;
        if vectors.len() != proved.len() {
            return None;
        }
        Some(vectors.into_iter().zip(proved).map(|(values, proved)| Exact::new(values, proved)).collect())
    }

    /// The counts that it gave, of a table whose keys are private; none if it measures anything else.
    pub fn exact_keyed(&self, counts: Vec<(String, i64)>) -> Option<Exact> {
        let [proved] = self.certified.proved.as_slice() else { return None };
        Some(Exact::keyed(counts, proved))
    }

    /// The same query by another plan, if that stands too: to answer on other files.
    ///
    /// # Errors
    /// When it does not.
    #[cfg(test)]
    pub(crate) fn with_plan(&self, plan: Arc<dyn ExecutionPlan>, catalogue: &Catalogue) -> Result<Self, DataFusionError> {
        Self::of(plan, self.lists.clone(), self.certified.clone(), catalogue)
    }
}

/// One statement, and it is a query; nothing in it that the planner would ignore.
fn single_query(query: &QuerySpec, catalogue: &Catalogue) -> Result<(), Box<Refusal>> {
    let refuse = |rule: &Violation, words: &[&str]| refused_at(rule, query, words);
    let mut statements = DFParser::parse_sql(&query.sql).map_err(|e| planner_said(&e, query, catalogue))?;
    let [Statement::Statement(statement)] = statements.make_contiguous() else {
        return Err(refuse(&Violation::Statement, &["copy", "create", "explain", "reset", "select"]));
    };
    syntax::heeded(statement).map_err(|rule| {
        let words = match rule {
            Violation::Statement => ["insert", "delete", "update", "create", "select"].map(str::to_owned).to_vec(),
            _ => rule.words(),
        };
        refuse(&rule, &words.iter().map(String::as_str).collect::<Vec<_>>())
    })
}
