//! How much the SQL above the door may take: whoever wrote it may have joined everything with everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::AsArray as _;
use arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{FetchType, JoinType, LogicalPlan};
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt as _;

use super::{TextRows, exact, provider, rows, session};
use utfall_ground::text::Message;
use utfall_publish::{Above, TableDescription};

/// The name of the noisy numbers in a plan.
pub(super) const PUBLISHED: &str = "published";

/// So many bytes for sorting, grouping and joining.
const MEMORY: usize = 512 << 20;
/// So many pairs of rows may be looked at where two tables are joined by nothing that is equal.
const PAIRS: usize = 1_000_000;
/// So many cells may come out, and of all draws together.
const CELLS: usize = 1_000_000;
const DRAWN: usize = 10 * CELLS;
/// So long may one text be, and all together.
const TEXT: usize = 1_000;
const TEXTS: usize = 16 << 20;

/// What the computation of one table may take.
pub(super) struct Limits {
    /// How many draws of it are computed in one go.
    draws: usize,
    /// How many rows its tables have, by name.
    sizes: BTreeMap<String, usize>,
}

impl Limits {
    pub(super) fn of(table: &TableDescription, above: &Above, draws: usize) -> Self {
        let public = above.sources.iter().filter_map(|source| Some((source.table.clone(), source.rows.as_ref()?.len())));
        let own = (PUBLISHED.to_owned(), table.cells.len().saturating_mul(draws));
        Self { draws, sizes: public.chain([own]).collect() }
    }

    /// A session with the tables that a query names.
    pub(super) fn context(&self, above: &Above) -> Result<SessionContext, DataFusionError> {
        let no_spilling = DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled);
        let pool = Arc::new(GreedyMemoryPool::new(MEMORY));
        let runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(no_spilling).with_memory_pool(pool).build_arc()?;
        // Rows that no ORDER BY puts in order come in the same one each time.
        let context = session(SessionConfig::new().with_target_partitions(1), runtime)?;
        for source in &above.sources {
            context.register_table(source.table.as_str(), provider(&source.columns, source.rows.as_ref())?)?;
        }
        Ok(context)
    }

    /// Runs a plan; what comes out is counted as it comes.
    pub(super) async fn run(&self, context: &SessionContext, plan: LogicalPlan) -> Result<TextRows, DataFusionError> {
        let state = context.state();
        let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
        let plan = state.optimize(&exact::exact(plan)?)?;
        self.paired(&plan)?;
        let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
        let mut stream = execute_stream(plan, context.task_ctx())?;
        let (mut found, mut texts) = (Vec::new(), 0);
        let most = if self.draws > 1 { DRAWN } else { CELLS };
        while let Some(batch) = stream.try_next().await? {
            let cells = (found.len() + batch.num_rows()).saturating_mul(batch.num_columns());
            if cells > most {
                return Err(heavy(Message::new(format!("fler än {most} celler"), format!("more than {most} cells"))));
            }
            for column in batch.columns() {
                let text = arrow::compute::cast(column, &DataType::Utf8)?;
                let lengths = || text.as_string::<i32>().offsets().lengths();
                texts += lengths().sum::<usize>();
                if lengths().any(|length| length > TEXT) || texts > TEXTS.saturating_mul(most / CELLS) {
                    return Err(heavy(Message::new(
                        format!("en text längre än {TEXT} byte, eller alla tillsammans längre än {TEXTS}"),
                        format!("a text longer than {TEXT} bytes, or all together longer than {TEXTS}"),
                    )));
                }
            }
            found.extend(rows(&batch)?);
        }
        Ok(found)
    }

    /// Refuses a plan that joins too many rows by nothing that is equal.
    fn paired(&self, plan: &LogicalPlan) -> Result<(), DataFusionError> {
        let most = PAIRS.saturating_mul(self.draws);
        plan.apply_with_subqueries(|node| match node {
            LogicalPlan::Join(join) if join.on.is_empty() => {
                let [left, right] = [self.rows(&join.left), self.rows(&join.right)];
                if left.saturating_mul(right) > most {
                    return Err(heavy(Message::new(
                        format!("{left} rader kopplas med {right} på inget som är lika; högst {most} par"),
                        format!("{left} rows are joined with {right} by nothing that is equal; at most {most} pairs"),
                    )));
                }
                Ok(TreeNodeRecursion::Continue)
            }
            _ => Ok(TreeNodeRecursion::Continue),
        })?;
        Ok(())
    }

    /// About how many rows a plan gives at most: a join by equal columns, as if they were a key of one side.
    fn rows(&self, plan: &LogicalPlan) -> usize {
        let inputs = || plan.inputs().into_iter().map(|input| self.rows(input));
        match plan {
            LogicalPlan::TableScan(scan) => self.sizes.get(scan.table_name.table()).copied().unwrap_or_default(),
            LogicalPlan::Values(values) => values.values.len(),
            LogicalPlan::EmptyRelation(_) => 1,
            LogicalPlan::Union(_) => inputs().fold(0, usize::saturating_add),
            LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => 1,
            LogicalPlan::Limit(limit) => match limit.get_fetch_type() {
                Ok(FetchType::Literal(Some(fetch))) => inputs().max().unwrap_or_default().min(fetch),
                _ => inputs().max().unwrap_or_default(),
            },
            LogicalPlan::Join(join) if join.on.is_empty() && is_product(join.join_type) => {
                inputs().fold(1, usize::saturating_mul)
            }
            _ => inputs().max().unwrap_or_default(),
        }
    }
}

/// Whether every pair of rows may come out.
fn is_product(join: JoinType) -> bool {
    matches!(join, JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full)
}

/// What takes too much; [`super::sandbox`] finds the message again.
fn heavy(what: Message) -> DataFusionError {
    DataFusionError::External(Box::new(what))
}
