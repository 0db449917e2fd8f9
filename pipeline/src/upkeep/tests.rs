//! Kill -9 between every two steps of an erasure, a rotation, a merge, and a correction that takes rows within along: the
//! next run finishes it, as if it had never been killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[cfg(feature = "object-store")]
mod objects;

use super::*;
use crate::catalogue::schema::TableSchema;
use crate::keyzone::Aliases;
use crate::keyzone::identity::{Identifier, Identity, parse};
use crate::keyzone::pseudonym::Pseudonymiser;
use crate::land::Landing;
use crate::store::columns;
use crate::store::file;

const WORLD: &str = "UTFALL_TEST_UPKEEP_WORLD";
const WORK: &str = "UTFALL_TEST_UPKEEP_WORK";

fn today() -> chrono::NaiveDate {
    utfall_ground::calendar::iso("2026-01-01").unwrap()
}

/// The repository's schemas, or those that a world has of its own.
fn catalogue(root: &Path) -> Catalogue {
    let (own, repository) = (root.join("schemas"), Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"));
    Catalogue::read(if own.exists() { &own } else { &repository }).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

fn numbers() -> Vec<&'static str> {
    include_str!("../demo/test-identity-numbers.txt").lines().filter(|line| !line.starts_with('#')).collect()
}

fn identity(at: usize) -> Identity {
    match parse(numbers()[at], today()) {
        Ok(Identifier::Number(identity)) => identity,
        other => panic!("{other:?}"),
    }
}

/// Per table and state, how many people have rows there, and their numbers.
type Landed = BTreeMap<(String, String), (usize, Vec<[i32; 2]>)>;

/// A data directory with three people in two projects, ratings and milestones.
struct World {
    store: Store,
    catalogue: Catalogue,
}

impl World {
    fn create(root: &Path) -> Self {
        let (data, keys) = (root.join("data"), root.join("keys"));
        std::fs::create_dir_all(&data).unwrap();
        let key = Key::create(&keys, &data).unwrap();
        Store::create(&data, &keys, &key, "test", false).unwrap();
        let world = Self::open(root);
        let n = numbers();
        let (a, b, c) = (n[0], n[1], n[2]);
        let lists = [
            format!(
                "Projekt;Personnr;Startdatum\nPROGRESS;{a};2021-03-01\nPROGRESS;{b};2021-03-02\nASAP;{a};2016-03-01\nASAP;{c};2016-03-01\n"
            ),
            format!(
                "Projekt;Personnr;Område;Datum;Skattad av;Skattning\nPROGRESS;{a};Hälsa;2021-03-01;Deltagare;3\nPROGRESS;{b};Hälsa;2021-03-02;Deltagare;4\n"
            ),
            format!("Projekt;Personnr;Steg;Datum\nPROGRESS;{a};Handlingsplan;2021-03-02\nASAP;{c};Handlingsplan;2016-03-02\n"),
        ];
        lists.iter().enumerate().for_each(|(i, list)| world.land(root, &format!("{i}.csv"), list).unwrap());
        world
    }

    fn open(root: &Path) -> Self {
        Self { store: Store::open(&root.join("data"), &root.join("keys")).unwrap(), catalogue: catalogue(root) }
    }

    fn key(&self) -> Key {
        Key::read(self.store.zone(), self.store.root()).unwrap()
    }

    fn land(&self, root: &Path, name: &str, list: &str) -> Result<(), Error> {
        let path: PathBuf = root.join(name);
        std::fs::write(&path, list).unwrap();
        let key = self.key();
        let periods = crate::catalogue::register::periods(&self.catalogue).unwrap();
        let landing = Landing::new(&self.store, &key, &self.catalogue, &periods, today());
        let reports = runtime().block_on(landing.land(&[path], |_| {}))?;
        assert!(reports.iter().all(|report| !report.is_defective()), "{reports:?}");
        Ok(())
    }

    /// Does a piece of work, as the command line does.
    fn work(&self, root: &Path, work: &str) -> Result<(), Error> {
        let key = self.key();
        match work {
            "erase" => {
                let aliases = Aliases::read(self.store.zone()).unwrap();
                let unit = Pseudonymiser::new(&key, self.store.domain(), aliases).person(&identity(0));
                let day = utfall_ground::calendar::Day::of(today());
                let order = erase::Order { people: &[unit.into()], project: None, reason: erase::Reason::Erasure, day };
                runtime().block_on(erase::erase(&self.store, &self.catalogue, &key, order)).map(|_| ())
            }
            "migrate" => {
                let participation = self.catalogue.table("participation").unwrap();
                let landed = runtime().block_on(self.store.pin_landed(participation))?.unwrap();
                let forget: Vec<_> = landed.differences.removed.iter().map(|column| format!("participation.{column}")).collect();
                runtime().block_on(migrate::migrate(&self.store, &self.catalogue, &key, &forget)).map(|_| ())
            }
            "rotate" => runtime().block_on(rotate::rotate(&self.store, &self.catalogue, &key)).map(|_| ()),
            "merge" => {
                let replaced =
                    merge::Replaced { line: 1, old: Identifier::Number(identity(1)), new: Identifier::Number(identity(0)) };
                runtime().block_on(merge::merge(&self.store, &self.catalogue, &key, &[replaced])).map(|_| ())
            }
            _ => {
                let wrong =
                    format!("Projekt;Personnr;Startdatum;Resultat\nPROGRESS;{};2021-03-01;Felregistrering\n", numbers()[0]);
                self.land(root, "wrong.csv", &wrong)
            }
        }
    }

    /// What has landed, as it is under every key.
    fn landed(&self) -> Landed {
        let mut found: BTreeMap<_, (Vec<Pseudonym>, Vec<[i32; 2]>)> = BTreeMap::new();
        for table in self.catalogue.private_tables() {
            let Some(pinned) = runtime().block_on(self.store.pin(table)).unwrap() else { continue };
            for stored in &pinned.stored {
                let entry = found.entry((table.name.clone(), stored.state.clone())).or_default();
                for batch in file::read(&pinned.folder.join(&stored.path), table, &columns::names(table), None).unwrap() {
                    let batch = batch.unwrap();
                    entry.0.extend(rewrite::units(table, &batch));
                    let [first, second] = rewrite::numbers(table, &batch);
                    entry.1.extend(first.into_iter().zip(second).map(|(a, b)| [a, b]));
                }
            }
        }
        let people = |(mut units, mut numbers): (Vec<Pseudonym>, Vec<[i32; 2]>)| {
            units.sort_unstable();
            units.dedup();
            numbers.sort_unstable();
            (units.len(), numbers)
        };
        found.into_iter().map(|(name, rows)| (name, people(rows))).collect()
    }

    /// How many Parquet files lie about that no table has.
    fn strays(&self) -> usize {
        let mut strays = 0;
        for table in self.catalogue.private_tables() {
            let Some(pinned) = runtime().block_on(self.store.pin(table)).unwrap() else { continue };
            strays += crate::store::vacuum::parts(&pinned.folder).unwrap().len() - pinned.stored.len();
        }
        strays
    }
}

/// Lands somebody on a table that had no rows: what comes of the commit.
fn land_late(late: &Store, table: &TableSchema) -> Result<crate::store::Commit, Error> {
    let mut pinned = runtime().block_on(late.pin_or_create(table)).unwrap();
    let people = [((Pseudonym([7; 16]), None), crate::store::stored::Numbers::default())].into();
    let added = vec![crate::store::persons::remember(table, &pinned, &people, 0).unwrap()];
    let change = crate::store::Change { added, ..Default::default() };
    let committed = runtime().block_on(late.commit(table, &mut pinned, change));
    if committed.is_err() {
        // As a landing does, to commit what waits.
        let _ = runtime().block_on(late.commit(table, &mut pinned, Default::default()));
    }
    committed
}

/// A machine that stood still while another rotated the key, and lands then on a table that had no rows to be rewritten.
#[test]
fn rows_that_land_under_a_key_of_before_are_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (world, late) = (World::create(folder.path()), World::open(folder.path()));
    world.work(folder.path(), "rotate").unwrap();
    let pin = |table| runtime().block_on(World::open(folder.path()).store.pin(world.catalogue.table(table).unwrap()));
    assert!(pin("participation").unwrap().is_some(), "what was rewritten stands");
    let table = world.catalogue.table("activity").unwrap();
    assert_eq!(land_late(&late.store, table).unwrap_err().code(), "rotated-meanwhile");
    let files = crate::store::vacuum::parts(&late.store.root().join("landed/activity")).unwrap();
    assert_eq!(files.len(), 1, "what a commit names is never discarded");
    let refused = pin("activity").unwrap_err();
    assert_eq!(refused.code(), "landed-under-an-old-key");
    assert!(pin("participation").unwrap().is_some(), "and still stands");
    // The way out that the message shows.
    let commit = late.store.root().join("landed/activity/_delta_log/00000000000000000001.json");
    assert!(refused.shown(utfall_ground::text::Lang::En).contains(&format!("Move the file {} away", commit.display())));
    std::fs::rename(&commit, folder.path().join("aside")).unwrap();
    assert!(pin("activity").unwrap().is_none_or(|pinned| pinned.stored.is_empty()));
    let list = format!("Projekt;Personnr;Insats;Från\nPROGRESS;{};Praktik;2021-03-02\n", numbers()[0]);
    World::open(folder.path()).land(folder.path(), "again.csv", &list).unwrap();
    assert_eq!(pin("activity").unwrap().unwrap().stored.len(), 1);
}

/// A child that does a piece of work until it is sent a signal at a step.
fn child(root: &Path, work: &str, (step, signal): (&str, &str)) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["upkeep::tests::upkeep_crash_child", "--exact"]).env(WORLD, root).env(WORK, work);
    command.envs([("UTFALL_TEST_CRASH", step), ("UTFALL_TEST_SIGNAL", signal)]);
    command
}

/// Has a child killed at a step of a piece of work.
fn kill(root: &Path, work: &str, step: &str) {
    let killed = child(root, work, (step, "-9")).output().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&killed.status), Some(9), "{work}, {step}: {killed:?}");
}

/// Whoever lands late on a table without rows is there once, under the key of now.
fn is_rotated(root: &Path) {
    let world = World::open(root);
    let table = world.catalogue.table("activity").unwrap();
    let pinned = runtime().block_on(world.store.pin(table)).unwrap().unwrap();
    let rows = rewrite::load(table, &pinned, &pinned.stored[0]).unwrap();
    let rotated =
        Pseudonymiser::new(&world.key(), world.store.domain(), Aliases::default()).newest_rotation()(Pseudonym([7; 16]));
    assert_eq!((pinned.stored.len(), rewrite::units(table, &rows)), (1, vec![rotated]));
}

/// The same where the rotation has looked at the table before, and not yet told which key it is then.
#[test]
fn rows_that_land_while_the_key_is_rotated_are_rewritten_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (world, late) = (World::create(root), World::open(root));
    let mut rotating = child(root, "rotate", ("rewritten", "-STOP")).stdout(std::process::Stdio::null()).spawn().unwrap();
    let stat = format!("/proc/{}/stat", rotating.id());
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(land_late(&late.store, world.catalogue.table("activity").unwrap()).unwrap(), crate::store::Commit::Done);
    // Beside rows that are rewritten already none lands under the key of before.
    let rewritten = world.catalogue.table("participation").unwrap();
    assert_eq!(land_late(&late.store, rewritten).unwrap_err().code(), "rotated-meanwhile");
    assert!(Command::new("kill").args(["-CONT", &rotating.id().to_string()]).status().unwrap().success());
    rotating.wait().unwrap();
    refuse_pending(world.store.root()).unwrap();
    is_rotated(root);
}

/// The same where the rotation is killed as soon as it has told.
#[test]
fn rows_that_landed_before_a_rotation_was_killed_are_rewritten_by_who_finishes_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (world, late) = (World::create(root), World::open(root));
    let says = world.store.root().join("store.toml");
    let of_before = std::fs::read(&says).unwrap();
    kill(root, "rotate", "told");
    let told = std::fs::read(&says).unwrap();
    std::fs::write(&says, of_before).unwrap();
    assert_eq!(land_late(&late.store, world.catalogue.table("activity").unwrap()).unwrap(), crate::store::Commit::Done);
    std::fs::write(&says, told).unwrap();
    let world = World::open(root);
    runtime().block_on(resume(&world.store, &world.catalogue)).unwrap();
    is_rotated(root);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Whether whoever finishes a piece of work hears what the one who began it would have said, and its receipt lies there.
fn told(world: &World, finished: Option<Finished>, work: &str) -> bool {
    let kept = || std::fs::read_dir(world.store.root().join("receipts")).unwrap().map(|file| file.unwrap().path());
    match finished {
        Some(Finished::Erased(Some(receipt))) => {
            let text = std::fs::read_to_string(receipt.path(&world.store)).unwrap();
            let Receipt { asked, found, before, in_one, .. } = receipt;
            let is_whole = text.contains("\"people_found\": 1") && text.contains("\"reason\": \"erasure\"");
            work == "erase" && (asked, found, before, in_one) == (1, 1, 0, false) && is_whole && kept().count() == 1
        }
        Some(Finished::Rotated(id)) => work == "rotate" && id == world.key().id(),
        Some(Finished::Merged(said)) => work == "merge" && said == 1,
        Some(Finished::Follows) => work == "correction",
        Some(Finished::Erased(None)) | None => false,
    }
}

/// The child of the next test: does the work and dies where it is told to. Alone it does nothing.
#[test]
fn upkeep_crash_child() {
    if let (Some(root), Ok(work)) = (std::env::var_os(WORLD), std::env::var(WORK)) {
        let root = Path::new(&root);
        let done = World::open(root).work(root, &work);
        panic!("was to be killed, but: {done:?}");
    }
}

#[test]
fn killed_at_any_step_an_upkeep_is_finished_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    World::create(&folder.path().join("before"));
    for (work, steps) in [
        (
            "erase",
            &["noted", "written#1", "committed#1", "changed#1", "written#2", "changed#2", "changed#3", "erased", "receipted"][..],
        ),
        ("rotate", &["drawn part", "noted", "written#1", "committed#2", "changed#3", "told"]),
        ("merge", &["aliased", "noted", "written#1", "committed#1", "changed#2"]),
        ("correction", &["noted", "written#1", "committed#1", "written#2", "committed#2", "changed#1", "changed#2"]),
    ] {
        let (before, whole) = (folder.path().join("before"), folder.path().join(work));
        copy(&before, &whole);
        let world = World::open(&whole);
        world.work(&whole, work).unwrap();
        let expected = World::open(&whole).landed();
        assert_eq!(expected == World::open(&before).landed(), work == "rotate", "a rotation alone changes no number");
        for step in steps {
            let root = folder.path().join(format!("{work} {step}"));
            copy(&before, &root);
            kill(&root, work, step);
            let world = World::open(&root);
            let begun = note(world.store.root()).exists();
            assert_eq!(refuse_pending(world.store.root()).is_err(), begun);
            let unnoted = *step == "drawn part";
            assert_eq!(begun, !unnoted, "{work}, {step}: half of it is never released");
            let finished = runtime().block_on(resume(&world.store, &world.catalogue)).unwrap().finished;
            assert!(told(&world, finished, work) || unnoted, "{work}, {step}");
            refuse_pending(world.store.root()).unwrap();
            let world = World::open(&root);
            // A correction that was noted and not committed has changed nothing, nor has what was not noted.
            let again = matches!((work, *step), ("correction", "noted" | "written#1")) || unnoted;
            assert!(!again || world.landed() == World::open(&before).landed(), "{work}, {step}");
            if again || work == "correction" {
                world.work(&root, work).unwrap();
            }
            let world = World::open(&root);
            assert_eq!(world.landed(), expected, "{work}, {step}");
            assert!(work == "correction" || world.strays() == 0, "{work}, {step}: files that nobody has any more");
        }
    }
}

#[test]
fn killed_at_any_step_a_migration_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before");
    let expected = World::create(&before).landed();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), &before.join("schemas"));
    let schema = before.join("schemas/participation.toml");
    let text = std::fs::read_to_string(&schema).unwrap().replace("homeless = [\"Bostadslös\", \"Hemlöshet\"], ", "");
    let lines = text.lines().filter(|line| !line.starts_with("homeless"));
    std::fs::write(&schema, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let parts = |world: &World| crate::store::vacuum::parts(&world.store.root().join("landed/participation")).unwrap();
    let hold = |world: &World| {
        let holds = |path: &PathBuf| std::fs::read(path).unwrap().windows(8).any(|name| name == b"homeless");
        parts(world).iter().filter(|path| holds(path)).count()
    };
    for step in ["written", "committed"] {
        let root = folder.path().join(step);
        copy(&before, &root);
        assert!(hold(&World::open(&root)) > 0);
        kill(&root, "migrate", step);
        let world = World::open(&root);
        world.work(&root, "migrate").unwrap();
        assert_eq!((world.landed(), world.strays(), hold(&world)), (expected.clone(), 0, 0), "{step}");
    }
}

#[test]
fn a_release_waits_for_who_is_at_work_and_not_for_who_is_dead() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    std::fs::create_dir_all(&data).unwrap();
    let key = Key::create(&keys, &data).unwrap();
    let store = Store::create(&data, &keys, &key, "test", false).unwrap();
    drop(at_rest(&store).unwrap());
    let work = || Work::Attach(attach::Attachment::default());
    let pending = Pending::begin(&store, work()).unwrap().unwrap();
    std::thread::scope(|scope| {
        let (begun, at_work) = std::sync::mpsc::channel();
        let (store, pending) = (&store, &pending);
        scope.spawn(move || {
            let one = one_at_a_time(store).unwrap();
            begun.send(()).unwrap();
            // Longer than anybody looks at work that nobody does.
            std::thread::sleep(2 * LOOK * u32::try_from(LOOKS).unwrap());
            pending.end(store).unwrap();
            drop(one);
        });
        at_work.recv().unwrap();
        drop(at_rest(store).unwrap());
        assert!(!is_pending(store.root()));
    });
    Pending::begin(&store, work()).unwrap().unwrap();
    let refused = at_rest(&store).unwrap_err();
    assert!(refused.exit_code() == 5 && refused.to_string().contains("key show-id"), "{refused}");
}
