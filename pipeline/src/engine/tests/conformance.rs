//! What any planner must pass before a query may be certified and computed by it: the suite for whoever brings another engine,
//! and the embedded one held to it. Each claim comes with a planner that breaks it, and is found.
//!
//! The embedded engine's answers are those of `tests/accepted`, which another engine computed; so others are compared with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, col, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;

use super::database::{Database, DayOf, Scans, accepted_queries, bounds, catalogue, query, scans};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::certify::{Planner, PublicTable};
use crate::engine::{Engine, LandedFiles, connect};

/// How a planner's engine reads landed files, without the day of a series.
pub(crate) type Land<'l> = &'l dyn Fn(&Catalogue, &BTreeMap<String, LandedFiles>) -> Scans;

/// Holds a planner to everything that certifying and counting rely on.
///
/// # Errors
/// The first claim that it breaks, with the query.
pub(crate) async fn engine<P: Planner>(engine: &Engine<P>, catalogue: &Catalogue, land: Land<'_>) -> Result<(), String> {
    public_tables(engine).await?;
    let folder = tempfile::tempdir().unwrap();
    let fixture = Database::fixture(catalogue);
    let parts: Vec<_> =
        [(1, "whole"), (3, "thirds")].map(|(n, name)| split(&fixture, catalogue, &folder.path().join(name), n, None)).into();
    let reference = connect(catalogue).unwrap();
    for (name, sql) in accepted_queries().into_iter().step_by(3) {
        let told = |what: &str, why: &dyn std::fmt::Display| Err(format!("{name}: {what}: {why}"));
        let expected = answer(&reference, catalogue, &sql, &scans(catalogue, &parts[0], None)).await.unwrap();
        for files in &parts {
            match answer(engine, catalogue, &sql, &land(catalogue, files)).await {
                Err(why) => return told("it is answered", &why),
                Ok(found) if found != expected => return told("it has its exact answer", &"another"),
                Ok(_) => {}
            }
        }
    }
    missing_files(engine, catalogue, land, &parts[0]).await
}

/// The vectors of a query, certified and computed by one engine.
async fn answer<P: Planner>(
    engine: &Engine<P>,
    catalogue: &Catalogue,
    sql: &str,
    landed: &Scans,
) -> Result<Vec<Vec<i64>>, String> {
    let answer = engine.check(&query("case", sql), catalogue, &bounds()).await.map_err(|refusal| refusal.to_string())?;
    let bound = answer.certified.bound(|name: &str| landed.get(name).cloned(), catalogue).map_err(|e| e.to_string())?;
    let physical = bound.physical(engine.planner(), catalogue).await.map_err(|e| e.to_string())?;
    engine.vectors(&physical, catalogue).await.map_err(|error| error.to_string())
}

/// A public table is its rows, and those that pass conditions; NULL is not text.
async fn public_tables<P: Planner>(engine: &Engine<P>) -> Result<(), String> {
    let all = engine.planner().public_table("project", &[]).await.map_err(|e| e.to_string())?;
    let at = |name: &str| all.columns.iter().position(|column| column == name).unwrap();
    let first = all.rows[0][at("project")].clone().unwrap();
    let one =
        engine.planner().public_table("project", &[col("project").eq(lit(first.as_str()))]).await.map_err(|e| e.to_string())?;
    let expected: Vec<_> = all.rows.iter().filter(|row| row[at("project")].as_deref() == Some(&first)).collect();
    if one.columns != all.columns || one.rows.iter().collect::<Vec<_>>() != expected || all.rows.len() < 2 {
        return Err("a public table has the rows that pass its conditions".to_owned());
    }
    Ok(())
}

/// A file that is not there is an error, and no table without rows.
async fn missing_files<P: Planner>(
    engine: &Engine<P>,
    catalogue: &Catalogue,
    land: Land<'_>,
    files: &BTreeMap<String, LandedFiles>,
) -> Result<(), String> {
    let mut lost = files.clone();
    for file in lost.values_mut().flat_map(|table| &mut table.files) {
        file.0.set_extension("gone");
    }
    let sql = "SELECT sex, count(*) FROM participation GROUP BY sex";
    match answer(engine, catalogue, sql, &land(catalogue, &lost)).await {
        Ok(_) => Err("a missing file is an error".to_owned()),
        Err(_) => Ok(()),
    }
}

/// A database whose every table lies in so many files, its rows dealt out to them; one file more is empty.
pub(super) fn split(
    database: &Database,
    catalogue: &Catalogue,
    folder: &Path,
    parts: usize,
    day: Option<(&str, DayOf<'_>)>,
) -> BTreeMap<String, LandedFiles> {
    let mut all: BTreeMap<String, LandedFiles> = BTreeMap::new();
    for part in 0..=parts {
        let deal = |rows: &Vec<_>| rows.iter().skip(part).step_by(parts).filter(|_| part < parts).cloned().collect();
        let dealt = Database { tables: database.tables.iter().map(|(name, rows)| (name.clone(), deal(rows))).collect() };
        let place = folder.join(part.to_string());
        std::fs::create_dir_all(&place).unwrap();
        for (name, files) in dealt.write(catalogue, &place, day) {
            all.entry(name).and_modify(|known| known.files.extend(files.files.clone())).or_insert(files);
        }
    }
    all
}

/// A planner that is like another but for one mistake.
struct Wrong<'p, P> {
    right: &'p P,
    mistake: Mistake,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    ForgetsRows,
    ForgetsBounds,
    ForgetsConditions,
    AnswersTwice,
    PlansAnother,
    SeesNothing,
}

impl<P: Planner> Planner for Wrong<'_, P> {
    async fn plan(&self, sql: &str) -> Result<LogicalPlan, DataFusionError> {
        let sql = if self.mistake == Mistake::PlansAnother { sql.replace("count(*)", "2 * count(*)") } else { sql.to_owned() };
        self.right.plan(&sql).await
    }

    fn coerced(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        self.right.coerced(plan)
    }

    async fn public_table(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError> {
        let forgotten = self.mistake == Mistake::ForgetsConditions;
        self.right.public_table(table, if forgotten { &[] } else { conditions }).await
    }

    fn nothing(&self, table: &TableSchema, day: Option<&'static str>) -> Arc<dyn TableProvider> {
        self.right.nothing(table, day)
    }

    async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let plan = self.right.physical(plan).await?;
        if self.mistake != Mistake::ForgetsBounds {
            return Ok(plan);
        }
        let without = plan.transform_up(|node| match node.downcast_ref::<FilterExec>() {
            Some(filter) if filter.projection().is_none() => Ok(Transformed::yes(Arc::clone(filter.input()))),
            _ => Ok(Transformed::no(node)),
        });
        Ok(without?.data)
    }

    async fn run(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Vec<RecordBatch>, DataFusionError> {
        let batches = self.right.run(plan).await?;
        Ok(match self.mistake {
            Mistake::ForgetsRows => batches.iter().map(|batch| batch.slice(0, batch.num_rows().saturating_sub(1))).collect(),
            Mistake::AnswersTwice => [batches.clone(), batches].concat(),
            Mistake::SeesNothing => Vec::new(),
            _ => batches,
        })
    }
}

#[test]
fn the_embedded_engine_conforms_and_wrong_ones_are_found() {
    let catalogue = catalogue();
    let embedded = connect(&catalogue).unwrap();
    let land: Land<'_> = &|catalogue, files| scans(catalogue, files, None);
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        engine(&embedded, &catalogue, land).await.unwrap();
        for (mistake, found) in [
            (Mistake::None, None),
            (Mistake::ForgetsRows, Some("exact answer")),
            (Mistake::ForgetsBounds, Some("certified bound")),
            (Mistake::ForgetsConditions, Some("pass its conditions")),
            (Mistake::AnswersTwice, Some("exact answer")),
            (Mistake::PlansAnother, Some("")),
            (Mistake::SeesNothing, Some("exact answer")),
        ] {
            let wrong = Engine::of(Wrong { right: embedded.planner(), mistake });
            let told = engine(&wrong, &catalogue, land).await.err();
            assert_eq!(told.is_some(), found.is_some(), "{mistake:?}: {told:?}");
            assert!(told.unwrap_or_default().contains(found.unwrap_or_default()), "{mistake:?}");
        }
    });
}
