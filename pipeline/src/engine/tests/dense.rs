//! The counters' road and the planned road give the same vectors: for every accepted query and every query of the library, on
//! databases with every value that a column can hold, in files as landing writes them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;

use super::database::{Database, accepted_queries, bounds, catalogue, query, repository, shown};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::certify::{Certified, Physical, Planner, PublicTable};
use crate::engine::{Embedded, Engine, connect, dense, other_files};
use crate::store::file::ENDED;
use utfall_ground::calendar::{Day, Days};

/// The embedded engine without its counters.
struct Planned(Embedded);

impl Planner for Planned {
    async fn plan(&self, sql: &str) -> Result<LogicalPlan, DataFusionError> {
        self.0.plan(sql).await
    }
    fn coerced(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        self.0.coerced(plan)
    }
    async fn public_table(&self, table: &str, conditions: &[Expr]) -> Result<PublicTable, DataFusionError> {
        self.0.public_table(table, conditions).await
    }
    fn nothing(&self, table: &TableSchema, day: Option<&'static str>) -> Arc<dyn TableProvider> {
        self.0.nothing(table, day)
    }
    async fn physical(&self, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        self.0.physical(plan).await
    }
    async fn run(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Vec<RecordBatch>, DataFusionError> {
        self.0.run(plan).await
    }
}

/// Every accepted query, and everything that a release of the library measures; of a series, in one period.
pub(super) async fn certified(engine: &Engine, catalogue: &Catalogue) -> Vec<(String, Certified)> {
    let mut all: Vec<(String, Certified)> = Vec::new();
    for (name, sql) in accepted_queries() {
        let answer = engine.check(&query("case", &sql), catalogue, &bounds()).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        all.push((name, answer.certified));
    }
    for folder in std::fs::read_dir(repository().join("queries")).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.is_dir() {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let spec = crate::catalogue::spec::read(&repository().join("queries"), &name).unwrap();
            let checked = crate::release::check(engine, catalogue, spec).await.unwrap();
            all.extend(checked.measured().map(|t| (format!("{name}.{}", t.query.name), t.answer.certified.clone())));
        }
    }
    let period = Days { first: Day(13_879), last: Day(17_000) };
    all.into_iter().map(|(name, certified)| (name, certified.at(period))).collect()
}

/// The same, planned.
async fn queries(engine: &Engine, catalogue: &Catalogue) -> Vec<(String, Physical)> {
    let mut planned = Vec::new();
    for (name, certified) in certified(engine, catalogue).await {
        let day = certified.day();
        let nothing = |table: &str| catalogue.table(table).map(|table| engine.planner().nothing(table, day));
        let bound = certified.bound(nothing, catalogue).unwrap();
        planned.push((name, bound.physical(engine.planner(), catalogue).await.unwrap()));
    }
    planned
}

#[test]
fn both_roads_give_the_same_for_every_query_on_any_values() {
    let catalogue = catalogue();
    let (engine, planned) = (connect(&catalogue).unwrap(), Engine::of(Planned(connect(&catalogue).unwrap().planner)));
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        let queries = queries(&engine, &catalogue).await;
        let plans: Vec<_> = queries.iter().map(|(_, query)| query.plan()).collect();
        let counted = dense::shapes(&plans, &catalogue);
        let dense: Vec<&str> = queries.iter().zip(&counted).filter(|(_, is)| **is).map(|((name, _), _)| name.as_str()).collect();
        println!("{} of {} queries are counted: {}", dense.len(), queries.len(), dense.join(" "));
        let apart = dense::apart(&plans, &catalogue);
        let apart: Vec<&str> = queries.iter().zip(&apart).filter(|(_, is)| **is).map(|((name, _), _)| name.as_str()).collect();
        println!("{} are answered person by person: {}", apart.len(), apart.join(" "));
        assert!(apart.len() > 50, "{} of {}", apart.len(), queries.len());
        assert!(dense.len() > 100, "{} of {}", dense.len(), queries.len());
        let folder = tempfile::tempdir().unwrap();
        // A participation may lie before, in or after the period, or have no day yet.
        let ended = |person: &str, number: i32| (number != 2).then(|| 13_000 + number * 900 + i32::from(person.as_bytes()[1]));
        for seed in 0..ROUNDS {
            let mut random = ChaCha20Rng::seed_from_u64(seed);
            let files = Database::random(&catalogue, &mut random).write(&catalogue, folder.path(), Some((ENDED, &ended)));
            let here = |(_, query): &(String, Physical)| other_files::on(query, &files, &catalogue).unwrap();
            let [one, other]: [Vec<Physical>; 2] = [(); 2].map(|()| queries.iter().map(here).collect());
            // All at once, as a release asks.
            let answers = shown(engine.answers(&one, &catalogue).await);
            let plainly = shown(planned.answers(&other, &catalogue).await);
            for (((name, query), mine), theirs) in queries.iter().zip(&answers).zip(&plainly) {
                let [mine, theirs] = [mine, theirs].map(|rows| crate::engine::folded(query, rows, &catalogue).unwrap());
                assert_eq!(mine, theirs, "{name}, seed {seed}");
            }
        }
    });
}

/// How many databases are tried.
const ROUNDS: u64 = 12;

/// A plan whose files were dealt out in pieces, as the engine does with large ones; the pieces come from `cut`, for a file's size.
fn in_pieces(plan: &Arc<dyn ExecutionPlan>, cut: &dyn Fn(i64) -> Vec<[i64; 2]>) -> Arc<dyn ExecutionPlan> {
    let cut = |node: Arc<dyn ExecutionPlan>| {
        let source =
            node.downcast_ref::<DataSourceExec>().and_then(|source| source.data_source().downcast_ref::<FileScanConfig>());
        let Some(config) = source else { return Ok(Transformed::no(node)) };
        // As many groups as before: each is a partition that the nodes above count on.
        let mut groups = vec![FileGroup::default(); config.file_groups.len()];
        for file in config.file_groups.iter().flat_map(|group| group.iter()) {
            for (at, [begin, end]) in cut(file.object_meta.size.try_into().unwrap()).into_iter().enumerate() {
                let at = at % groups.len();
                groups[at].push(file.clone().with_range(begin, end));
            }
        }
        let config = FileScanConfigBuilder::from(config.clone()).with_file_groups(groups).build();
        Ok(Transformed::yes(DataSourceExec::from_data_source(config) as Arc<dyn ExecutionPlan>))
    };
    Arc::clone(plan).transform_up(cut).unwrap().data
}

#[test]
fn a_file_that_was_dealt_out_in_pieces_is_counted_once() {
    let catalogue = catalogue();
    let (engine, planned) = (connect(&catalogue).unwrap(), Engine::of(Planned(connect(&catalogue).unwrap().planner)));
    let folder = tempfile::tempdir().unwrap();
    let landed = Database::fixture(&catalogue).land(&catalogue, folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        for sql in [
            "SELECT sex, count(*) AS n FROM participation GROUP BY sex",
            "SELECT sex, count(DISTINCT participant) AS people FROM participation GROUP BY sex",
            "SELECT p.region, sum(f.age) AS s FROM participation f JOIN project p USING (project) GROUP BY p.region",
        ] {
            let answer = engine.check(&query("case", sql), &catalogue, &bounds()).await.unwrap();
            let whole = super::database::planned(&engine, &catalogue, &answer, &landed).await;
            let expected = shown(planned.vectors(&whole, &catalogue).await);
            let pieces = |cut: &dyn Fn(i64) -> Vec<[i64; 2]>| whole.with_plan(in_pieces(whole.plan(), cut), &catalogue).unwrap();
            let dealt = pieces(&|size| vec![[0, size / 3], [size / 3, size - 1], [size - 1, size]]);
            assert_eq!(dense::shapes(&[dealt.plan()], &catalogue), [true], "{sql}");
            assert_eq!(shown(engine.vectors(&dealt, &catalogue).await), expected, "{sql}");
            // A piece too few, or too many: then what was planned runs, whatever it means.
            for wrong in [vec![[0, 9]], vec![[0, 9], [9, 9999]], vec![[0, 9], [8, 0]]] {
                let wrong = pieces(&|size| wrong.iter().map(|[b, e]| [*b, if *e == 0 { size } else { *e }]).collect());
                assert_eq!(dense::shapes(&[wrong.plan()], &catalogue), [false], "{sql}");
            }
        }
    });
}

#[test]
fn a_file_of_another_size_is_an_error_and_an_unsorted_one_is_read_as_planned() {
    let catalogue = catalogue();
    let engine = connect(&catalogue).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut database = Database::fixture(&catalogue);
    database.tables.get_mut("participation").unwrap().sort_by_key(|row| std::cmp::Reverse(row[0].clone()));
    let unsorted = database.write(&catalogue, folder.path(), None);
    runtime.block_on(async {
        let sql = "SELECT sex, count(DISTINCT participant) AS people FROM participation GROUP BY sex";
        let answer = engine.check(&query("case", sql), &catalogue, &bounds()).await.unwrap();
        let apart = tempfile::tempdir().unwrap();
        let sorted = Database::fixture(&catalogue).land(&catalogue, apart.path());
        let expected = super::database::vectors(&engine, &catalogue, &answer, &sorted).await;
        let scans = super::database::scans(&catalogue, &unsorted, None);
        assert_eq!(super::database::vectors(&engine, &catalogue, &answer, &scans).await, expected);

        let (path, size) = unsorted["participation"].files[0].clone();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().set_len(size + 1).unwrap();
        let physical = super::database::planned(&engine, &catalogue, &answer, &scans).await;
        assert!(engine.answers(&[physical], &catalogue).await.is_err());
    });
}
