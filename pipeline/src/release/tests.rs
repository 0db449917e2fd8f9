//! What needs the exact integers or a process that dies: neighbouring databases, kill -9 between every two steps, a lost
//! archive, racing runs.

#[cfg(feature = "cluster")]
mod cluster;
mod documents;
mod families;
mod indicators;
mod least_error;
mod neighbours;
#[cfg(feature = "object-store")]
mod objects;
mod series;
mod shared;
mod statistics;
mod telling;
mod worth;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, BooleanArray, Int32Array, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use parquet::arrow::ArrowWriter;
use utfall_privacy::{Budget, Ledger, Sensitivity};

use super::*;
use crate::certify::Bounds;
use crate::engine::LandedFiles;
use crate::keyzone::Key;
use crate::land::Landing;
use crate::store::file::FileWriter;
use crate::store::ledger::{FileLog, FileWitness, open};
use crate::store::{Change, Commit};
use shared::{each_release, shared};
use utfall_publish::Description;

const CRASH_WORLD: &str = "UTFALL_TEST_WORLD";
const LANDING_WORLD: &str = "UTFALL_TEST_LANDING_WORLD";
const STEPS: [&str; 5] = ["reserved", "collected", "drawn", "archived", "recorded"];

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).enable_all().build().unwrap()
}

/// A data directory and a key zone, with the demo's participation lists landed.
struct World {
    root: PathBuf,
    catalogue: Catalogue,
    engine: Engine,
}

impl World {
    fn create(root: &Path, epsilon: &str) -> Self {
        let (world, files) = Self::bare(root, epsilon);
        let reports = world.land(&files);
        assert!(reports.iter().all(|r| !r.is_defective()), "{reports:?}");
        world
    }

    /// The same with all of the demo's lists landed.
    fn whole(root: &Path, epsilon: &str) -> Self {
        let (world, _) = Self::bare(root, epsilon);
        let lists = std::fs::read_dir(root.join("lists")).unwrap().map(|entry| entry.unwrap().path());
        let reports = world.land(&lists.collect::<Vec<_>>());
        assert!(reports.iter().all(|r| !r.is_defective()), "{reports:?}");
        world
    }

    /// Key, ledger and data directory, and the demo's participation lists, not landed.
    fn bare(root: &Path, epsilon: &str) -> (Self, Vec<PathBuf>) {
        let (data, keys) = (root.join("data"), root.join("keys"));
        std::fs::create_dir_all(data.join("ledger")).unwrap();
        let key = Key::create(&keys, &data).unwrap();
        let limit = Budget::parse(epsilon, "1e-5").unwrap();
        Ledger::create(FileLog::new(&data), FileWitness::new(&keys), limit, &key.id(), 0).unwrap();
        Store::create(&data, &keys, &key, "test", false).unwrap();
        let files = crate::demo::write(&root.join("lists"), 1).unwrap();
        let files: Vec<PathBuf> = files.into_iter().filter(|f| f.to_string_lossy().contains("participation")).collect();
        (Self::open(root), files)
    }

    fn land(&self, files: &[PathBuf]) -> Vec<crate::land::FileReport> {
        let (store, key) = (self.store(), Key::read(&self.root.join("keys"), &self.root.join("data")).unwrap());
        let today = utfall_ground::calendar::iso("2026-01-01").unwrap();
        let periods = crate::catalogue::register::periods(&self.catalogue).unwrap();
        let landing = Landing::new(&store, &key, &self.catalogue, &periods, today);
        runtime().block_on(landing.land(files, |_| {})).unwrap()
    }

    fn open(root: &Path) -> Self {
        let catalogue = Catalogue::read(&repository().join("schemas")).unwrap();
        let engine = crate::engine::connect(&catalogue).unwrap();
        Self { root: root.to_path_buf(), catalogue, engine }
    }

    fn store(&self) -> Store {
        Store::open(&self.root.join("data"), &self.root.join("keys")).unwrap()
    }

    fn ledger(&self) -> Result<FileLedger, Error> {
        open(&self.root.join("data"), &self.root.join("keys"))
    }

    async fn checked(&self, name: &str) -> CheckedRelease {
        let release = crate::catalogue::spec::read(&repository().join("queries"), name).unwrap();
        check(&self.engine, &self.catalogue, release).await.unwrap()
    }

    fn run(&self) -> Result<Released, Error> {
        let store = self.store();
        runtime().block_on(async {
            let checked = self.checked("outcomes").await;
            run(&self.engine, &self.catalogue, &store, &mut self.ledger()?, &checked).await
        })
    }

    async fn participations(&self) -> RecordBatch {
        self.rows("participation").await
    }

    /// All landed rows of a table as one batch.
    async fn rows(&self, table: &str) -> RecordBatch {
        let store = self.store();
        let schema = self.catalogue.table(table).unwrap();
        let names: Vec<String> = schema.landed().fields().iter().map(|f| f.name().clone()).collect();
        let pinned = store.pin(schema).await.unwrap().unwrap();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let files = pinned.files.files.iter().flat_map(|(path, _)| crate::store::file::read(path, schema, &names, None).unwrap());
        let batches: Vec<_> =
            files.map(|b| RecordBatch::try_new(schema.landed(), b.unwrap().columns().to_vec()).unwrap()).collect();
        concat_batches(&schema.landed(), &batches).unwrap()
    }
}

/// The integers that enter the mechanism, computed on these rows instead of the landed files.
async fn integers(world: &World, table: &CheckedTable, rows: RecordBatch) -> (Vec<i64>, Sensitivity) {
    let path = world.root.join("rows.parquet");
    let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    let files = LandedFiles { schema: rows.schema(), files: vec![(path, size)] };
    let provider: Arc<dyn TableProvider> = Arc::new(LandedTable::new(world.catalogue.table("participation").unwrap(), files));
    let certified = table.answer.certified.clone();
    let sensitivity = certified.proved()[0].sensitivity();
    let bound = certified.bound(|_| Some(provider.clone()), &world.catalogue).unwrap();
    let physical = bound.physical(world.engine.planner(), &world.catalogue).await.unwrap();
    let mut vectors = world.engine.vectors(&physical, &world.catalogue).await.unwrap();
    (vectors.remove(0), sensitivity)
}

fn people(rows: &RecordBatch) -> Vec<Vec<u8>> {
    let units = rows.column_by_name("participant").unwrap().as_binary::<i32>();
    (0..rows.num_rows()).map(|i| units.value(i).to_vec()).collect()
}

fn without(rows: &RecordBatch, person: &[u8]) -> RecordBatch {
    let keep: BooleanArray = people(rows).iter().map(|p| Some(p != person)).collect();
    filter_record_batch(rows, &keep).unwrap()
}

/// The demo and one more person who was in ten projects, all with the same outcome: more than any bound allows.
async fn crowded(world: &World) -> (RecordBatch, Vec<u8>) {
    let rows = world.participations().await;
    let person = people(&rows)[0].clone();
    let mine: BooleanArray = people(&rows).iter().map(|p| Some(*p == person)).collect();
    let mine = filter_record_batch(&rows, &mine).unwrap().slice(0, 1);
    let mut all = vec![without(&rows, &person)];
    for number in 1..=10 {
        let mut columns = mine.columns().to_vec();
        let at = rows.schema().index_of("contribution").unwrap();
        columns[at] = Arc::new(Int32Array::from(vec![number]));
        all.push(RecordBatch::try_new(rows.schema(), columns).unwrap());
    }
    (concat_batches(&rows.schema(), &all).unwrap(), person)
}

fn moved(with: &[i64], without: &[i64]) -> (u64, u64) {
    let steps = with.iter().zip(without).map(|(a, b)| a.abs_diff(*b));
    steps.fold((0, 0), |(l1, l2), step| (l1 + step, l2 + step * step))
}

#[test]
fn without_the_bound_the_same_test_would_fail() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    runtime().block_on(async {
        let (rows, hostile) = crowded(&world).await;
        let mut release = crate::catalogue::spec::read(&repository().join("queries"), "outcomes").unwrap();
        release.bounds = Bounds { participations: 10, ..release.bounds };
        let checked = check(&world.engine, &world.catalogue, release).await.unwrap();
        let (with, sensitivity) = integers(&world, &checked.tables[0], rows.clone()).await;
        let (fewer, _) = integers(&world, &checked.tables[0], without(&rows, &hostile)).await;
        assert_eq!((moved(&with, &fewer).0, sensitivity.l1()), (10, 10));
    });
}

#[test]
fn the_exact_table_is_what_the_documents_say() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    runtime().block_on(async {
        let checked = world.checked("outcomes").await;
        let table = checked.tables.iter().find(|t| t.query.name == "by_project").unwrap();
        let (counts, _) = integers(&world, table, world.participations().await).await;
        let sum = |project: &str, outcomes: &[&str]| -> i64 {
            let code =
                |key: usize, cell: &[u16]| table.answer.certified.grid().keys[key].codes[usize::from(cell[key])].code.clone();
            let cells = table.answer.certified.grid().cells.iter().zip(&counts);
            cells
                .filter(|(c, _)| code(0, c) == project && (outcomes.is_empty() || outcomes.contains(&code(1, c).as_str())))
                .map(|(_, n)| n)
                .sum()
        };
        let positive = ["work_or_studies"];
        assert_eq!((sum("asap", &[]), sum("asap", &positive)), (51, 32));
        assert_eq!((sum("traning-ger-fardighet", &[]), sum("traning-ger-fardighet", &positive)), (300, 84));
        // Implementera FiA enrols nobody, so it is not in the grid at all.
        assert!(
            table.answer.certified.grid().keys[0].codes.iter().all(|c| c.code != "implementera-fia")
                && table.answer.certified.grid().keys[0].codes.len() == 5
        );
    });
}

#[test]
fn two_landings_at_once_never_give_a_number_twice() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let store = world.store();
    let key = Key::read(&folder.path().join("keys"), &folder.path().join("data")).unwrap();
    let number = include_str!("../demo/test-identity-numbers.txt").lines().find(|l| l.starts_with("19")).unwrap();
    let files: Vec<PathBuf> = (0..6)
        .map(|i| {
            let path = folder.path().join(format!("race-{i}.csv"));
            let list =
                format!("Projekt;Personnr;Startdatum;Slutdatum;Kön\nPROGRESS;{number};2021-03-0{0};2021-03-0{0};Man\n", i + 1);
            std::fs::write(&path, list).unwrap();
            path
        })
        .collect();
    let today = utfall_ground::calendar::iso("2026-01-01").unwrap();
    std::thread::scope(|scope| {
        for file in &files {
            scope.spawn(|| {
                let catalogue = Catalogue::read(&repository().join("schemas")).unwrap();
                let periods = crate::catalogue::register::periods(&catalogue).unwrap();
                let landing = Landing::new(&store, &key, &catalogue, &periods, today);
                let reports = runtime().block_on(landing.land(std::slice::from_ref(file), |_| {})).unwrap();
                assert_eq!(reports[0].outcome, crate::land::Outcome::Landed(1));
            });
        }
    });
    let rows = runtime().block_on(world.participations());
    let numbers = |name| rows.column_by_name(name).unwrap().as_primitive::<arrow::datatypes::Int32Type>().clone();
    let (contributions, entries) = (numbers("contribution"), numbers("entry"));
    let people = people(&rows);
    let pairs: BTreeSet<_> = (0..rows.num_rows()).map(|i| (people[i].clone(), contributions.value(i))).collect();
    assert_eq!(pairs.len(), rows.num_rows(), "a person and a contribution name one row");
    let highest = (0..rows.num_rows()).map(|i| entries.value(i)).max();
    assert!(highest >= Some(6), "six periods of one person in one project are entries 1 to 6");
}

/// The child of the next test: runs the release and dies where it is told to. Alone it does nothing.
#[test]
fn crash_child() {
    if let Some(root) = std::env::var_os(CRASH_WORLD) {
        let released = World::open(Path::new(&root)).run();
        panic!("was to be killed, but: {released:?}");
    }
}

#[test]
fn killed_at_any_step_a_release_is_charged_once_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    for step in STEPS {
        let root = folder.path().join(step);
        let world = World::create(&root, "1");
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["release::tests::crash_child", "--exact"])
            .env(CRASH_WORLD, &root)
            .env("UTFALL_TEST_CRASH", step)
            .output()
            .unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.status), Some(9), "{step}: {child:?}");

        // Never undercounted: the budget is gone before anything is drawn.
        let ledger = world.ledger().unwrap();
        // The scales are rounded up, so that it costs a little less than its budget.
        let cost = ledger.account().spent().epsilon.unwrap();
        assert_eq!(ledger.account().releases(), 1, "{step}");
        assert!(cost <= "1".parse().unwrap() && cost > "9999/10000".parse().unwrap(), "{step}");
        let id = *ledger.open_reservations().first().unwrap_or(&ReleaseId([0; 32]));
        let left = Archive::new(&root.join("data")).get(&id).unwrap();
        assert_eq!(left.is_some(), step == "archived", "{step}");

        // The limit admits one release, and the next run completes it without another charge.
        let first = world.run().unwrap();
        assert!(!first.charged, "{step}");
        if let Some(left) = left {
            assert_eq!(utfall_privacy::ReleaseId::of(&left).0, first.release.hash(), "what was archived is what is published");
        }
        let again = world.run().unwrap();
        assert_eq!((again.charged, again.release.hash()), (false, first.release.hash()), "{step}");
        assert_eq!(world.ledger().unwrap().account().releases(), 1, "{step}");
    }
}

#[test]
fn a_recorded_release_whose_archive_is_gone_is_refused_and_not_drawn_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let first = world.run().unwrap();
    assert!(first.charged);
    let path = folder.path().join("data/archive").join(format!("{}.release", first.release.id()));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let error = world.run().unwrap_err();
    assert_eq!(error.exit_code(), 5);
    assert!(error.to_string().contains("restore archive/") && !path.exists(), "{error}");

    // Another archive in its place is refused too; the right one is accepted again.
    let text = String::from_utf8(bytes.clone()).unwrap();
    let last = text.trim_end().rsplit('\n').next().unwrap();
    let forged = format!("{}{}\n", text.trim_end().strip_suffix(last).unwrap(), last.parse::<i64>().unwrap() + 1);
    std::fs::write(&path, forged).unwrap();
    assert_eq!(world.run().unwrap_err().exit_code(), 5);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(world.run().unwrap().release.hash(), first.release.hash());
    assert_eq!(world.ledger().unwrap().account().releases(), 1);
}

#[test]
fn a_damaged_numbering_stops_the_release_before_anything_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let landed = folder.path().join("data/landed/participation");
    let file = std::fs::read_dir(landed.join("current/6"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|x| x == "parquet"));
    // The same rows once more under another name, added to the table by hand: that is not what was committed.
    std::fs::copy(file.as_ref().unwrap(), landed.join("again.parquet")).unwrap();
    let newest = std::fs::read_dir(landed.join("_delta_log")).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    let commit = std::fs::read_to_string(&newest).unwrap();
    let size = std::fs::metadata(file.unwrap()).unwrap().len();
    let version: u64 = newest.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let add = format!(
        r#"{{"add":{{"path":"again.parquet","partitionValues":{{"state":"current","project":"6"}},"size":{size},"modificationTime":0,"dataChange":true}}}}"#
    );
    let info = commit.lines().find(|l| l.contains("commitInfo")).unwrap();
    let by_hand = landed.join(format!("_delta_log/{:020}.json", version + 1));
    std::fs::write(&by_hand, format!("{info}\n{add}")).unwrap();
    let error = world.run().unwrap_err();
    assert!(error.exit_code() == 5 && error.to_string().contains("is damaged"), "{error}");
    std::fs::remove_file(by_hand).unwrap();
    // Committed as landing would, every number in it is given twice.
    once_more(&world, |_, columns| columns);
    let error = world.run().unwrap_err();
    assert!(
        error.exit_code() == 5 && error.to_string().contains("numbering of landed table `participation` is damaged"),
        "{error}"
    );
    assert!(std::fs::read_dir(folder.path().join("data/archive")).unwrap().next().is_none());
}

/// Commits the rows of a landed file once more, with other columns.
fn once_more(world: &World, other: impl Fn(&RecordBatch, Vec<ArrayRef>) -> Vec<ArrayRef>) {
    let schema = world.catalogue.table("participation").unwrap();
    let store = world.store();
    let mut pinned = runtime().block_on(store.pin(schema)).unwrap().unwrap();
    let file = pinned.stored.iter().find(|file| file.state == "current").unwrap().clone();
    let names = crate::store::columns::names(schema);
    let mut again = FileWriter::create(&pinned.folder, schema, "current", file.project).unwrap();
    for batch in crate::store::file::read(&pinned.folder.join(&file.path), schema, &names, None).unwrap() {
        let batch = batch.unwrap();
        let columns = other(&batch, batch.columns().to_vec());
        again.write(&RecordBatch::try_new(crate::store::file::schema(schema), columns).unwrap()).unwrap();
    }
    let change = Change { added: vec![again.finish().unwrap()], counts: true, ..Change::default() };
    assert_eq!(runtime().block_on(store.commit(schema, &mut pinned, change)).unwrap(), Commit::Done);
}

#[test]
fn one_contribution_with_two_entries_is_a_damaged_numbering_too() {
    // Two histories of one table merged by hand: person and contribution agree, the entry differs, and the bound on
    // contributions would count both.
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    once_more(&world, |batch, mut columns| {
        columns[batch.schema().index_of("entry").unwrap()] = Arc::new(Int32Array::from(vec![7; batch.num_rows()]));
        columns
    });
    let error = world.run().unwrap_err();
    assert!(error.to_string().contains("numbering of landed table `participation` is damaged"), "{error}");
    assert!(world.ledger().unwrap().account().releases() == 0, "nothing is charged for a release that cannot be made");
}

#[test]
fn one_period_of_a_project_with_two_contributions_is_a_damaged_numbering_too() {
    // Person and contribution agree with nothing else; person, project and entry are those of another row, and a query that
    // takes one period in each project would count both.
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    once_more(&world, |batch, mut columns| {
        let at = batch.schema().index_of("contribution").unwrap();
        let numbers = batch.column(at).as_primitive::<arrow::datatypes::Int32Type>();
        columns[at] = Arc::new(numbers.iter().map(|number| number.map(|number| number + 900)).collect::<Int32Array>());
        columns
    });
    let error = world.run().unwrap_err();
    assert!(error.to_string().contains("numbering of landed table `participation` is damaged"), "{error}");
    assert!(world.ledger().unwrap().account().releases() == 0, "nothing is charged for a release that cannot be made");
}

/// The child of the next test: lands and dies where it is told to. Alone it does nothing.
#[test]
fn landing_crash_child() {
    if let Some(root) = std::env::var_os(LANDING_WORLD) {
        let lists = std::fs::read_dir(Path::new(&root).join("lists")).unwrap();
        let mut files: Vec<PathBuf> =
            lists.map(|e| e.unwrap().path()).filter(|p| p.to_string_lossy().contains("participation")).collect();
        files.sort();
        let reports = World::open(Path::new(&root)).land(&files);
        panic!("was to be killed, but: {reports:?}");
    }
}

#[test]
fn killed_at_any_step_a_landing_is_completed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let whole = World::create(&folder.path().join("whole"), "10");
    let expected = runtime().block_on(whole.participations()).num_rows();
    for step in ["written", "committed"] {
        let root = folder.path().join(step);
        let (world, mut files) = World::bare(&root, "10");
        files.sort();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["release::tests::landing_crash_child", "--exact"])
            .env(LANDING_WORLD, &root)
            .env("UTFALL_TEST_CRASH", step)
            .output()
            .unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.status), Some(9), "{step}: {child:?}");
        let reports = world.land(&files);
        let known = reports.iter().filter(|r| r.outcome == crate::land::Outcome::Known).count();
        // The lists of participants came in one commit.
        let committed = files.iter().filter(|path| path.to_string_lossy().contains("participation")).count();
        let expected_known = if step == "committed" { committed } else { 0 };
        assert_eq!(known, expected_known, "{step}: a commit that stands is not made twice");
        assert_eq!(runtime().block_on(world.participations()).num_rows(), expected, "{step}");
        assert!(world.run().unwrap().charged, "{step}: the numbering is whole");
    }
}

#[test]
fn what_a_killed_process_left_aside_is_swept_and_what_a_living_one_holds_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let archive = folder.path().join("data/archive");
    std::fs::write(archive.join(".aside-dead"), "a drawn release that nobody may see").unwrap();
    let living = std::fs::File::create(archive.join(".aside-living")).unwrap();
    living.lock().unwrap();
    world.run().unwrap();
    assert!(!archive.join(".aside-dead").exists() && archive.join(".aside-living").exists());
}

#[test]
fn a_missing_landed_file_is_an_error_and_never_an_empty_table() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::create(folder.path(), "10");
    let landed = folder.path().join("data/landed/participation");
    let file = std::fs::read_dir(landed.join("current/6"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|x| x == "parquet"));
    std::fs::remove_file(file.unwrap()).unwrap();
    let error = world.run().unwrap_err();
    assert!(error.exit_code() == 5 && error.to_string().contains("cannot read"), "{error}");

    // The engine itself fails too, and its words are for the controller's log alone.
    let store = world.store();
    let error = runtime().block_on(async {
        let checked = world.checked("outcomes").await;
        let pinned = pin(&world.catalogue, &store, &checked).await.unwrap();
        let bound = bound(&checked.tables[0], &world.catalogue, &pinned, None).unwrap();
        let physical = bound.physical(world.engine.planner(), &world.catalogue).await.unwrap();
        world.engine.collect(&[physical], &world.catalogue).await.map(|_| ()).unwrap_err()
    });
    assert_eq!(error.exit_code(), 5);
    assert!(error.to_string().starts_with("the engine failed; the controller finds the cause in log/engine.log"), "{error}");
    assert!(!format!("{error:?}").contains("parquet"), "{error:?}");
}
