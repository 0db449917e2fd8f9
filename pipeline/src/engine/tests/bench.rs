//! `make bench`: what each kind of query costs beside plain DataFusion and plain DuckDB on the same landed files.
//!
//! utfall's time is the whole of it: planning, the check, the bound, the scan, folding into cells, and the noise. The plain
//! queries have no bound and read the stored small integers: the least that any engine has to do.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, BinaryArray, BooleanArray, Date32Array, Int16Array, Int32Array, Int64Array, RecordBatch};
use datafusion::catalog::TableProvider;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rand::rngs::ChaCha20Rng;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::Distribution as _;
use utfall_privacy::{DiscreteLaplace, Rational};

use super::database::{bounds, catalogue, query, repository};
use crate::catalogue::schema::{Catalogue, Kind, TableSchema};
use crate::engine::{Engine, LandedFiles, LandedTable, connect};

/// A kind of query: its name, as an evaluator writes it, and plainly on the stored codes.
struct Case {
    name: &'static str,
    private: &'static str,
    plain: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "count by two codes",
        private: "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state",
        plain: "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state",
    },
    Case {
        name: "count, filtered",
        private: "SELECT sex, count(*) AS n FROM participation WHERE exit_state IN ('work', 'studies') AND age BETWEEN 16 AND 24 GROUP BY sex",
        plain: "SELECT sex, count(*) AS n FROM participation WHERE exit_state IN (1, 2) AND age BETWEEN 16 AND 24 GROUP BY sex",
    },
    Case {
        name: "share (avg of CASE)",
        private: "SELECT sex, avg(CASE WHEN exit_state = 'work' THEN 1 ELSE 0 END) AS share FROM participation GROUP BY sex",
        plain: "SELECT sex, avg(CASE WHEN exit_state = 1 THEN 1 ELSE 0 END) AS share FROM participation GROUP BY sex",
    },
    Case {
        name: "sum, avg, stddev",
        private: "SELECT sex, sum(age) AS s, avg(age) AS m, stddev(age) AS d FROM participation GROUP BY sex",
        plain: "SELECT sex, sum(age) AS s, avg(age) AS m, stddev(age) AS d FROM participation GROUP BY sex",
    },
    Case {
        name: "median",
        private: "SELECT sex, median(age) AS m FROM participation GROUP BY sex",
        plain: "SELECT sex, median(age) AS m FROM participation GROUP BY sex",
    },
    Case {
        name: "count of people",
        private: "SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex",
        plain: "SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex",
    },
    Case {
        name: "rollup of two keys",
        private: "SELECT sex, education, count(*) AS n FROM participation GROUP BY ROLLUP (sex, education)",
        plain: "SELECT sex, education, count(*) AS n FROM participation GROUP BY ROLLUP (sex, education)",
    },
    Case {
        name: "join with public table",
        private: "SELECT p.region, f.sex, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region, f.sex",
        plain: "SELECT p.region, f.sex, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region, f.sex",
    },
    Case {
        name: "join of private tables",
        private: "SELECT a.kind, f.exit_state, count(*) AS n FROM participation f JOIN activity a USING (participant, contribution) GROUP BY a.kind, f.exit_state",
        plain: "SELECT a.kind, f.exit_state, count(*) AS n FROM participation f JOIN activity a USING (participant, contribution) GROUP BY a.kind, f.exit_state",
    },
    Case {
        name: "EXISTS",
        private: "SELECT f.sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM activity a WHERE a.participant = f.participant AND a.kind = 'course') GROUP BY f.sex",
        plain: "SELECT f.sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM activity a WHERE a.participant = f.participant AND a.kind = 5) GROUP BY f.sex",
    },
    Case {
        name: "per-person counts",
        private: "SELECT k, count(*) AS n FROM (SELECT participant, contribution, count(*) AS k FROM activity GROUP BY participant, contribution) AS q GROUP BY k",
        plain: "SELECT k, count(*) AS n FROM (SELECT participant, contribution, count(*) AS k FROM activity GROUP BY participant, contribution) AS q GROUP BY k",
    },
    Case {
        name: "UNION ALL",
        private: "SELECT project, count(*) AS n FROM (SELECT project FROM participation UNION ALL SELECT project FROM activity) AS q GROUP BY project",
        plain: "SELECT project, count(*) AS n FROM (SELECT project FROM participation UNION ALL SELECT project FROM activity) AS q GROUP BY project",
    },
];

/// Seconds, seconds of processor, and the most memory in megabytes.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    processor: f64,
    memory: f64,
}

#[test]
#[ignore = "minutes long, and worth something only in an optimised build: make bench"]
fn bench() {
    let rows: usize = std::env::var("UTFALL_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000_000);
    let folder =
        PathBuf::from(std::env::var("UTFALL_BENCH_DATA").expect("UTFALL_BENCH_DATA names a folder for the landed files"));
    let catalogue = catalogue();
    for name in ["participation", "activity"] {
        generate(catalogue.table(name).unwrap(), &catalogue, &folder.join(format!("{name}-{rows}.parquet")), rows);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    println!("{rows} landed rows in each of two tables, {threads} threads; best of three, seconds (processor; peak MB)");
    println!("{:<24} {:>22} {:>22} {:>22}  {:>9} {:>9}", "", "utfall", "DataFusion", "DuckDB", "/ DataF.", "/ DuckDB");
    let engine = connect(&catalogue).unwrap();
    for case in CASES {
        let (whole, parts) = runtime.block_on(private(&engine, &catalogue, case.private, &folder, rows));
        let plain = runtime.block_on(datafusion(case.plain, &folder, rows, &catalogue));
        let duck = duckdb(case.plain, &folder, rows, threads);
        let told = |c: Cost| format!("{:.3} ({:.2}; {:.0})", c.wall, c.processor, c.memory);
        let ratio = |other: Option<Cost>| other.map_or_else(|| "-".to_owned(), |o| format!("{:.2}", whole.wall / o.wall));
        let duck_told = duck.map_or_else(|| "-".to_owned(), told);
        println!(
            "{:<24} {:>22} {:>22} {:>22}  {:>9} {:>9}  {parts}",
            case.name,
            told(whole),
            told(plain),
            duck_told,
            ratio(Some(plain)),
            ratio(duck)
        );
    }
}

/// The whole of a private answer, and where its time goes.
async fn private(engine: &Engine, catalogue: &Catalogue, sql: &str, folder: &Path, rows: usize) -> (Cost, String) {
    let landed = |name: &str| -> Option<Arc<dyn TableProvider>> {
        let path = folder.join(format!("{name}-{rows}.parquet"));
        let size = std::fs::metadata(&path).ok()?.len();
        let table = catalogue.table(name)?;
        Some(Arc::new(LandedTable::new(table, LandedFiles { schema: table.landed(), files: vec![(path, size)] })))
    };
    let mut best: Option<(Cost, String)> = None;
    for _ in 0..3 {
        let clock = Clock::start();
        let answer = engine.check(&query("bench", sql), catalogue, &bounds()).await.unwrap();
        let checked = clock.elapsed();
        let physical = answer.certified.bound(landed, catalogue).unwrap().physical(engine.planner(), catalogue).await.unwrap();
        let vectors = engine.vectors(&physical, catalogue).await.unwrap();
        let scanned = clock.elapsed();
        let noise = DiscreteLaplace::new(Rational::from_integer(9.into())).unwrap();
        let mut random = ChaCha20Rng::seed_from_u64(1);
        let noisy: i64 = vectors.iter().flatten().map(|v| v.wrapping_add(noise.sample(&mut random))).fold(0, i64::wrapping_add);
        let cost = clock.stop();
        std::hint::black_box(noisy);
        let parts = format!("check {checked:.3} scan {:.3} noise {:.3}", scanned - checked, cost.wall - scanned);
        if best.as_ref().is_none_or(|(b, _)| cost.wall < b.wall) {
            best = Some((cost, parts));
        }
    }
    best.unwrap()
}

async fn datafusion(sql: &str, folder: &Path, rows: usize, catalogue: &Catalogue) -> Cost {
    let context = SessionContext::new_with_config(SessionConfig::new());
    for name in ["participation", "activity"] {
        let path = folder.join(format!("{name}-{rows}.parquet"));
        context.register_parquet(name, path.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    }
    context.register_batch("project", projects(catalogue)).unwrap();
    let mut best: Option<Cost> = None;
    for _ in 0..3 {
        let clock = Clock::start();
        let found = context.sql(sql).await.unwrap().collect().await.unwrap();
        let cost = clock.stop();
        std::hint::black_box(found);
        if best.is_none_or(|b| cost.wall < b.wall) {
            best = Some(cost);
        }
    }
    best.unwrap()
}

/// The register with its codes as small integers, as the plain queries join it.
fn projects(catalogue: &Catalogue) -> RecordBatch {
    let ids: Vec<i16> = catalogue.codes("project").unwrap().entries.iter().map(|e| e.id).collect();
    let regions: Vec<i16> = ids.iter().map(|id| id % 3).collect();
    let arrays: [(&str, ArrayRef); 2] =
        [("project", Arc::new(Int16Array::from(ids))), ("region", Arc::new(Int16Array::from(regions)))];
    RecordBatch::try_from_iter(arrays).unwrap()
}

/// DuckDB in a process of its own, if Python has it.
fn duckdb(sql: &str, folder: &Path, rows: usize, threads: usize) -> Option<Cost> {
    let python = std::env::var("UTFALL_BENCH_PYTHON").ok()?;
    let script = repository().join("tests/bench/duckdb_plain.py");
    let output = std::process::Command::new(python)
        .arg(script)
        .arg(folder)
        .arg(rows.to_string())
        .arg(threads.to_string())
        .arg(sql)
        .output();
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let [wall, processor, memory] = numbers.as_slice() else { return None };
    Some(Cost { wall: *wall, processor: *processor, memory: *memory })
}

/// Wall time, processor time and peak memory from now on.
struct Clock {
    start: Instant,
    processor: f64,
}

impl Clock {
    fn start() -> Self {
        // Linux: the peak begins anew.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { start: Instant::now(), processor: processor() }
    }

    fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    fn stop(&self) -> Cost {
        Cost { wall: self.elapsed(), processor: processor() - self.processor, memory: peak() }
    }
}

fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// Writes so many landed rows, sorted by person as landing sorts them, unless they are there.
fn generate(table: &TableSchema, catalogue: &Catalogue, path: &Path, rows: usize) {
    if path.exists() {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let aside = path.with_extension("aside");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap())).build();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&aside).unwrap(), table.landed(), Some(properties)).unwrap();
    let mut random = ChaCha20Rng::seed_from_u64(7);
    let (mut person, mut contribution, mut left) = (0_u128, 0_i32, 1_i32);
    let mut written = 0;
    while written < rows {
        let size = (rows - written).min(1 << 17);
        let numbers: Vec<(u128, i32, i32)> = (0..size)
            .map(|_| {
                left -= 1;
                let ordinal = if table.parent.is_some() && left > 0 && contribution > 0 { left } else { 0 };
                if ordinal == 0 {
                    let next = contribution > 0 && random.random_range(0..4) == 0;
                    contribution = if next { contribution + 1 } else { 1 };
                    person += if next { 0 } else { 0x1234_5678_9abc_def0_1234_5678 };
                    left = random.random_range(1..4);
                }
                (person, contribution, ordinal + 1)
            })
            .collect();
        writer.write(&chunk(table, catalogue, &numbers, &mut random)).unwrap();
        written += size;
    }
    writer.close().unwrap();
    std::fs::rename(aside, path).unwrap();
}

fn chunk(table: &TableSchema, catalogue: &Catalogue, numbers: &[(u128, i32, i32)], random: &mut ChaCha20Rng) -> RecordBatch {
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for column in table.columns.values() {
        let mut some = |n: usize| (column.required || random.random_range(0..20) != 0).then(|| random.random_range(0..n));
        arrays.push(match column.kind {
            Kind::Identity => Arc::new(numbers.iter().map(|(p, ..)| Some(p.to_be_bytes())).collect::<BinaryArray>()),
            Kind::String => {
                let ids: Vec<i16> = catalogue.codes_of(column).unwrap().entries.iter().map(|e| e.id).collect();
                Arc::new(numbers.iter().map(|_| some(ids.len()).map(|i| ids[i])).collect::<Int16Array>())
            }
            Kind::Date => Arc::new(numbers.iter().map(|_| some(5_000).map(|d| 13_879 + d as i32)).collect::<Date32Array>()),
            Kind::Integer => {
                let (low, high) = (column.minimum.unwrap(), column.maximum.unwrap());
                Arc::new(numbers.iter().map(|_| some((high - low + 1) as usize).map(|v| low + v as i64)).collect::<Int64Array>())
            }
            Kind::Boolean => Arc::new(numbers.iter().map(|_| some(2).map(|b| b == 1)).collect::<BooleanArray>()),
        });
    }
    arrays.push(Arc::new(numbers.iter().map(|n| n.1).collect::<Int32Array>()));
    arrays.push(Arc::new(numbers.iter().map(|n| n.2).collect::<Int32Array>()));
    RecordBatch::try_new(table.landed(), arrays).unwrap()
}
