//! `make bench`: what it costs to land ten million rows, beside DuckDB's plain COPY of the same list to zstd Parquet.
//!
//! utfall's time is the whole of [`Landing::land`]: hashing the delivery, reading, validating, pseudonymising, numbering,
//! writing and committing durably. DuckDB only reads and writes. Each landing is a process of its own, so that its peak of
//! memory is what landing needs and nothing else.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::catalogue::schema::Catalogue;
use crate::keyzone::Key;
use crate::land::accept::record::Standing;
use crate::land::accept::said::Said;
use crate::land::landing::tell::Before;
use crate::land::landing::{Ground, by_code};
use crate::land::understand::list::{self, Given};
use crate::land::understand::together::together;
use crate::land::{Landing, Outcome};
use crate::store::{Commit, Store};

use super::made::Maker;
use super::numbered::Numbered;

/// What the child is to do, in which world, with which list or folder of lists, and by which schemas.
const CHILD: &str = "UTFALL_BENCH_CHILD";
const WORLD: &str = "UTFALL_BENCH_WORLD";
const LIST: &str = "UTFALL_BENCH_LIST";
const SCHEMAS: &str = "UTFALL_BENCH_SCHEMAS";

/// Seconds, seconds of processor, the most memory and what was written in megabytes; what else the child says.
#[derive(Clone)]
pub(super) struct Cost {
    pub(super) wall: f64,
    pub(super) processor: f64,
    pub(super) memory: f64,
    written: f64,
    pub(super) said: String,
}

#[test]
#[ignore = "minutes long, and worth something only in an optimised build: make bench"]
fn bench() {
    let rows: usize = std::env::var("UTFALL_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000_000);
    let folder = PathBuf::from(std::env::var("UTFALL_BENCH_DATA").expect("UTFALL_BENCH_DATA names a folder for the lists"));
    std::fs::create_dir_all(&folder).unwrap();
    let schemas = copied(&folder.join("schemas-numbered"), false);
    let maker = Numbered::new(&Catalogue::read(&schemas).unwrap(), rows);
    let list = |name: &str| folder.join(format!("{name}-numbered-{rows}.csv"));
    let [whole, new, changed] = [list("list"), list("new"), list("changed")];
    make(&whole, |out| maker.whole(rows, out));
    make(&new, |out| maker.few(0, out));
    make(&changed, |out| maker.few(100, out));
    let child = |what: &str, world: &Path, list: &Path| child_with(what, world, list, Some(&schemas));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let megabytes = std::fs::metadata(&whole).unwrap().len() as f64 / 1e6;
    println!("landing {rows} rows of CSV, {megabytes:.0} MB, {threads} threads; best of three");

    let world = folder.join("landing");
    let (mut landed, mut stages) = (None, None);
    for _ in 0..3 {
        landed = quicker(landed, child("whole", &anew(&world), &whole));
        stages = quicker(stages, child("stages", &anew(&world), &whole));
    }
    let (landed, stages) = (landed.unwrap(), stages.unwrap());
    let duck = duckdb(&whole, &folder.join("duckdb.parquet"), threads);
    println!("{:<24} {:>9} {:>9} {:>11} {:>9} {:>9}", "", "seconds", "processor", "rows/s", "peak MB", "written");
    for (name, cost) in [("utfall, landed", Some(&landed)), ("DuckDB, copied", duck.as_ref())] {
        let Some(Cost { wall, processor, memory, written, .. }) = cost else { continue };
        let speed = rows as f64 / wall;
        println!("{name:<24} {wall:>9.2} {processor:>9.2} {speed:>11.0} {memory:>9.0} {written:>9.0}");
    }
    if let Some(duck) = &duck {
        println!("{:<24} {:>9.2} {:>9.2}", "ratio", landed.wall / duck.wall, landed.processor / duck.processor);
    }
    tell(&format!("landing: {rows} rows in one list"), &landed, duck.as_ref());
    println!("of its seconds: {}", stages.said);

    child("whole", &anew(&world), &whole);
    for (name, list) in [("300 new people", &new), ("100 of 300 rows changed", &changed)] {
        let cost = child("whole", &world, list);
        let Cost { wall, processor, memory, said, .. } = &cost;
        println!("{name:<24} {wall:>9.2} {processor:>9.2} {:>11} {memory:>9.0}            {said}", "");
        tell(&format!("landing: {name}, where {rows} rows have landed"), &cost, None);
    }
    let _ = std::fs::remove_dir_all(&world);
}

/// Prints a row of the README's table: what was landed, and its cost beside DuckDB's.
pub(super) fn tell(what: &str, ours: &Cost, duck: Option<&Cost>) {
    let of = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
    let (wall, ratio) = (duck.map(|duck| duck.wall), duck.map(|duck| ours.wall / duck.wall));
    let processor = duck.map(|duck| ours.processor / duck.processor);
    println!("| {what} | {:.2} | {} | {} | {} | {:.0} |", ours.wall, of(wall), of(ratio), of(processor), ours.memory);
}

/// A world in which a list of so many rows has landed, and what that cost; then one of so many ratings, if any. People are named by any
/// text: there are not so many numbers that nobody has.
pub(crate) fn landed(folder: &Path, rows: usize, ratings: usize) -> Landed {
    std::fs::create_dir_all(folder).unwrap();
    let schemas = copied(&folder.join("schemas-opaque"), true);
    let catalogue = Catalogue::read(&schemas).unwrap();
    let (world, list) = (folder.join(format!("world-{rows}-{ratings}")), folder.join(format!("list-{rows}.csv")));
    let maker = Maker::new(&catalogue, rows);
    make(&list, |out| maker.whole(rows, out));
    let cost = child_with("whole", &anew(&world), &list, Some(&schemas));
    if ratings > 0 {
        let list = folder.join(format!("ratings-{ratings}.csv"));
        make(&list, |out| maker.ratings(ratings, out));
        child_with("whole", &world, &list, Some(&schemas));
    }
    Landed { world, catalogue, seconds: cost.wall, peak: cost.memory }
}

/// What has landed, where, by which schemas, in how many seconds and with how many megabytes of memory.
pub(crate) struct Landed {
    pub(crate) world: PathBuf,
    pub(crate) catalogue: Catalogue,
    pub(crate) seconds: f64,
    pub(crate) peak: f64,
}

/// The repository's schemas in a folder of their own; there people may be named by any text.
pub(super) fn copied(folder: &Path, opaque: bool) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for below in ["", "codes", "register"] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
        let files = std::fs::read_dir(from.join(below)).unwrap().map(|entry| entry.unwrap().path());
        for file in files.filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&file).unwrap();
            let of_any_text = || text.replace("= \"se\"", "= \"opaque\"").replace(", derive = \"identity\"", "");
            let text = if opaque && below.is_empty() { of_any_text() } else { text };
            std::fs::write(folder.join(below).join(file.file_name().unwrap()), text).unwrap();
        }
    }
    folder.to_owned()
}

/// The child of the bench: lands one list and says what that cost. Alone it does nothing.
#[test]
#[ignore = "a part of the bench"]
fn child_of_the_bench() {
    let Ok(what) = std::env::var(CHILD) else { return };
    let place = |name: &str| PathBuf::from(std::env::var(name).unwrap());
    let (world, path) = (place(WORLD), place(LIST));
    let (data, keys) = (world.join("data"), world.join("keys"));
    let (store, key) = if Store::exists(&data).unwrap() {
        (Store::open(&data, &keys).unwrap(), Key::read(&keys, &data).unwrap())
    } else {
        std::fs::create_dir_all(&data).unwrap();
        let key = Key::create(&keys, &data).unwrap();
        (Store::create(&data, &keys, &key, "bench", true).unwrap(), key)
    };
    let catalogue = catalogue();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let periods = crate::catalogue::register::periods(&catalogue).unwrap();
    let landing = Landing::new(&store, &key, &catalogue, &periods, utfall_ground::calendar::iso("2026-01-01").unwrap());
    let before = size(&data);
    let (start, used) = (Instant::now(), processor());
    let said = match what.as_str() {
        "stages" => runtime.block_on(stages(&landing, &path)),
        _ => {
            let reports = runtime.block_on(landing.land(&lists(&path), |_| {})).unwrap();
            for report in &reports {
                assert!(matches!(report.outcome, Outcome::Landed(_)) && !report.is_defective(), "{:?}", report.findings.first());
            }
            match reports.as_slice() {
                [report] => report.difference.unwrap().shown(utfall_ground::text::Lang::En),
                all => format!("{} lists", all.len()),
            }
        }
    };
    let wall = start.elapsed().as_secs_f64();
    println!("cost {wall} {} {} {} {said}", processor() - used, peak(), (size(&data) - before) / 1e6);
}

/// Lands a list step by step, as [`Landing::land`] does a first delivery; says what each step took.
async fn stages(landing: &Landing<'_>, path: &Path) -> String {
    let mut told_of = String::new();
    let mut last = (Instant::now(), processor());
    let mut step = |name: &str| {
        let now = (Instant::now(), processor());
        let _ = write!(told_of, "{name} {:.2} ({:.2}), ", (now.0 - last.0).as_secs_f64(), now.1 - last.1);
        last = now;
    };
    let periods = by_code(&crate::catalogue::register::periods(landing.catalogue).unwrap());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let ground = Ground { periods: &periods, threads };
    let said = Said::default();
    let given = Given { catalogue: landing.catalogue, saved: &landing.saved, said: &said, threads };
    let Ok([lists]) = <[_; 1]>::try_from(together(list::open(path, given).unwrap(), &[])) else { panic!("one file, one list") };
    let whole = landing.report(0, lists);
    let report = &whole.together;
    let table = report.lists[0].reading.mapping.table;
    step("hash and look");
    let (standings, mut ahead) = ([Standing::New], None);
    let (against, ahead) =
        landing.ahead((&whole, &VecDeque::new()), &ground, (table, None), &HashMap::new(), &mut ahead).unwrap();
    let read = landing.read_together(report, &ground, &standings, (&against, true)).unwrap();
    step("decode, validate, pseudonymise");
    let mut pinned = landing.store.pin_or_create(table).await.unwrap();
    let prepared = landing.settle(table, &ground, read, (&pinned, None), ahead).unwrap();
    step("sort, number, encode, write");
    let ids = [vec!["utfall.delivery.bench".to_owned()]];
    let mut told = landing.told_of(report, prepared, &pinned, Before { ids: &ids, standings: &standings }).unwrap();
    told.change.accepted = Some(told.record.text().unwrap());
    assert_eq!(landing.store.commit(table, &mut pinned, told.change).await.unwrap(), Commit::Done);
    step("report, commit");
    format!("{told_of}{:?}", told.reports[0].outcome)
}

fn catalogue() -> Catalogue {
    let own = std::env::var(SCHEMAS).map(PathBuf::from);
    Catalogue::read(&own.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"))).unwrap()
}

/// A list, or those of a folder in the order of their names.
fn lists(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut all: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// A world where nothing has landed.
pub(super) fn anew(world: &Path) -> PathBuf {
    let _ = std::fs::remove_dir_all(world);
    std::fs::create_dir_all(world).unwrap();
    world.to_owned()
}

fn quicker(best: Option<Cost>, other: Cost) -> Option<Cost> {
    Some(best.filter(|best| best.wall <= other.wall).unwrap_or(other))
}

/// Lands a list in a process of its own, by schemas of one's own.
pub(super) fn child_with(what: &str, world: &Path, list: &Path, schemas: Option<&Path>) -> Cost {
    settled();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["land::tests::bench::child_of_the_bench", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, what)
        .env(WORLD, world)
        .env(LIST, list)
        .envs(schemas.map(|schemas| (SCHEMAS, schemas)))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    cost(text.lines().find_map(|line| line.strip_prefix("cost "))).unwrap_or_else(|| panic!("{output:?}"))
}

/// DuckDB in a process of its own, if Python has it; of a folder it copies each list.
pub(super) fn duckdb(list: &Path, out: &Path, threads: usize) -> Option<Cost> {
    settled();
    let python = std::env::var("UTFALL_BENCH_PYTHON").ok()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/duckdb_copy.py");
    let output = Command::new(python).arg(script).arg(list).arg(out).arg(threads.to_string()).output();
    cost(String::from_utf8(output.ok()?.stdout).ok().as_deref())
}

/// Waits until what was written before is on the disk: nobody pays for another's.
fn settled() {
    let _ = Command::new("sync").status();
}

fn cost(line: Option<&str>) -> Option<Cost> {
    let mut fields = line?.trim_end().splitn(5, ' ');
    let mut number = || fields.next()?.parse::<f64>().ok();
    let (wall, processor, memory, written) = (number()?, number()?, number()?, number()?);
    Some(Cost { wall, processor, memory, written, said: fields.next().unwrap_or_default().to_owned() })
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

/// The bytes of all files below a folder.
fn size(folder: &Path) -> f64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(m) if m.is_dir() => size(&entry.path()),
            Ok(m) => m.len() as f64,
            Err(_) => 0.0,
        })
        .sum()
}

/// Writes a list, unless it is there.
fn make(path: &Path, write: impl FnOnce(&mut BufWriter<std::fs::File>)) {
    if path.exists() {
        return;
    }
    let aside = path.with_extension("aside");
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&aside).unwrap());
    write(&mut out);
    out.flush().unwrap();
    std::fs::rename(aside, path).unwrap();
}

/// The check digit of `YYYYMMDD-NNN`.
pub(super) fn check_digit(text: &str) -> u32 {
    let digits = text.chars().skip(2).filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(i, d)| if i % 2 == 1 { d } else { 2 * d - if d > 4 { 9 } else { 0 } }).sum();
    (10 - sum % 10) % 10
}
