//! `make bench`: what it costs to land the lists of two thousand projects, of which few are large and most are small, in one call;
//! then a list more; and what a query costs on files of so many projects, beside one file of the same rows.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::bench::{Cost, anew, check_digit, child_with, copied, duckdb};
use super::made::mixed;
use crate::catalogue::schema::Catalogue;
use crate::engine::{LandedFiles, LandedTable, connect};
use crate::store::Store;

/// So many projects send a list each.
const PROJECTS: usize = 2_000;
/// About so many rows are in all lists.
const ROWS: usize = 200_000;
/// So many rows has the least of them.
const LEAST: usize = 20;

#[test]
#[ignore = "minutes long, and worth something only in an optimised build: make bench"]
fn bench() {
    let folder = PathBuf::from(std::env::var("UTFALL_BENCH_DATA").expect("UTFALL_BENCH_DATA names a folder for the lists"));
    let schemas = schemas(&folder.join("schemas-many"));
    let (lists, all) = (folder.join("many"), folder.join("many-in-one.csv"));
    let rows = make(&lists, &all);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("landing the lists of {PROJECTS} projects, {rows} rows, in one call, {threads} threads");
    let (world, one) = (folder.join("world-many"), folder.join("world-one"));
    let landed = child_with("whole", &anew(&world), &lists, Some(&schemas));
    let again = child_with("whole", &anew(&one), &all, Some(&schemas));
    println!("{:<28} {:>9} {:>9} {:>9}", "", "seconds", "processor", "peak MB");
    let tell = |name: &str, cost: &Cost| {
        println!("{name:<28} {:>9.2} {:>9.2} {:>9.0}  {}", cost.wall, cost.processor, cost.memory, cost.said);
    };
    tell("utfall, landed", &landed);
    tell("the same rows in one list", &again);
    let duck = duckdb(&lists, &folder.join("duckdb.parquet"), threads);
    super::bench::tell(&format!("landing: {PROJECTS} lists, {rows} rows, in one call"), &landed, duck.as_ref());
    if let Some(duck) = duck {
        tell("DuckDB, copied one by one", &duck);
        println!("{:<28} {:>9.2} {:>9.2}", "ratio", landed.wall / duck.wall, landed.processor / duck.processor);
    }
    let more = folder.join("one-more.csv");
    std::fs::write(&more, list(7, 300, 99)).unwrap();
    tell("300 rows more of one project", &child_with("whole", &world, &more, Some(&schemas)));
    let (many, few) = (query(&schemas, &world), query(&schemas, &one));
    println!(
        "count by two codes: {:.1} ms on {} files of {PROJECTS} projects, {:.1} ms on {} of one list, {:.2} times as much",
        many.0 * 1e3,
        many.1,
        few.0 * 1e3,
        few.1,
        many.0 / few.0
    );
    for world in [world, one] {
        let _ = std::fs::remove_dir_all(world);
    }
}

/// The repository's schemas with a register of so many projects.
fn schemas(folder: &Path) -> PathBuf {
    copied(folder, false);
    let path = folder.join("register/project.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let known = text.lines().count();
    let more: String = (known..=PROJECTS)
        .map(|at| format!("{at},{},,Projekt {at},Kommun {at},SE12,2014-2020,,2016-01-01,2020-12-31,,,2,,,,true,,\n", name(at)))
        .collect();
    std::fs::write(path, text + &more).unwrap();
    folder.to_owned()
}

fn name(project: usize) -> String {
    format!("projekt-{project:04}")
}

/// Writes a list per project, and one with the rows of all; gives how many rows there are.
fn make(lists: &Path, all: &Path) -> usize {
    let _ = std::fs::remove_dir_all(lists);
    std::fs::create_dir_all(lists).unwrap();
    // As Zipf has it: the second has half of the first's, the third a third.
    let first = ROWS as f64 / (8..=PROJECTS).map(|at| 1.0 / (at - 7) as f64).sum::<f64>();
    let (mut whole, mut rows) = (HEAD.to_owned(), 0);
    for project in 8..=PROJECTS {
        let size = ((first / (project - 7) as f64) as usize).max(LEAST);
        let text = list(project, size, 0);
        whole.push_str(text.strip_prefix(HEAD).unwrap());
        std::fs::write(lists.join(format!("{}.csv", name(project))), text).unwrap();
        rows += size;
    }
    std::fs::write(all, whole).unwrap();
    rows
}

const HEAD: &str = "Projekt;Personnr;Startdatum;Slutdatum;Kön;Resultat\n";

/// The list of a project: people whom it may have in common with others.
fn list(project: usize, rows: usize, draw: usize) -> String {
    let mut text = HEAD.to_owned();
    for row in 0..rows {
        let mix = mixed(project, row, draw, 1);
        let some = |bits: u32, of: usize| (mix >> bits) as usize % of;
        let digits = format!("{}{:02}{:02}-{}", 1950 + some(0, 50), 1 + some(8, 12), 1 + some(16, 28), 980 + some(24, 19));
        let (month, day) = (1 + some(32, 6), 1 + some(40, 28));
        let (end, outcome) = (7 + some(48, 6), ["Arbete", "Studier", "Sjuk", ""][some(56, 4)]);
        let (check, sex) = (check_digit(&digits), if some(24, 19) % 2 == 1 { "M" } else { "K" });
        // The year tells rows of one person in one project apart.
        let year = 2016 + row % 5;
        let name = if project == 7 { "projekt-0008".to_owned() } else { name(project) };
        let _ = writeln!(text, "{name};{digits}{check};{year}-{month:02}-{day:02};{year}-{end:02}-01;{sex};{outcome}");
    }
    text
}

/// Seconds of a count by two codes, the least of some, and of how many files.
fn query(schemas: &Path, world: &Path) -> (f64, usize) {
    let catalogue = Catalogue::read(schemas).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&world.join("data"), &world.join("keys")).unwrap();
        let table = catalogue.table("participation").unwrap();
        let files: LandedFiles = store.pin(table).await.unwrap().unwrap().files;
        let engine = connect(&catalogue).unwrap();
        let sql = "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state";
        let mut least = f64::INFINITY;
        for _ in 0..9 {
            let start = Instant::now();
            let query = crate::engine::tests::database::query("bench", sql);
            let answer = engine.check(&query, &catalogue, &crate::engine::tests::database::bounds()).await.unwrap();
            let landed = |name: &str| -> Option<std::sync::Arc<dyn datafusion::catalog::TableProvider>> {
                Some(std::sync::Arc::new(LandedTable::new(catalogue.table(name)?, files.clone())))
            };
            let bound = answer.certified.bound(landed, &catalogue).unwrap();
            let planned = bound.physical(engine.planner(), &catalogue).await.unwrap();
            engine.vectors(&planned, &catalogue).await.unwrap();
            least = least.min(start.elapsed().as_secs_f64());
        }
        (least, files.files.len())
    })
}
