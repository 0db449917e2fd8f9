//! Landings of several processes that begin a table at the same time, copies of a store that go on beside each other, and
//! what an earlier version of the program left.

mod packs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::catalogue::schema::{Catalogue, TableSchema};

const WORLD: &str = "UTFALL_TEST_RACE_WORLD";
const RACER: &str = "UTFALL_TEST_RACER";
/// How many processes begin a table in a round: from two to eight.
const RACERS: usize = 8;

fn catalogue() -> Catalogue {
    Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn create(root: &Path) -> Store {
    std::fs::create_dir_all(root).unwrap();
    let (data, zone) = (root.join("data"), root.join("keys"));
    let key = Key::create(&zone, &data).unwrap();
    Store::create(&data, &zone, &key, "test", false).unwrap()
}

fn open(root: &Path) -> Result<Store, Error> {
    Store::open(&root.join("data"), &root.join("keys"))
}

/// A landing of no rows, which leaves a mark.
fn land(store: &Store, table: &TableSchema, mark: &str) -> Result<u64, Error> {
    runtime().block_on(async {
        loop {
            let mut pinned = store.pin_or_create(table).await?;
            let change = Change { marks: vec![(mark.to_owned(), 1)], ..Change::default() };
            if store.commit(table, &mut pinned, change).await? == Commit::Done {
                return Ok(pinned.changes());
            }
        }
    })
}

fn rounds() -> usize {
    std::env::var("UTFALL_AUDIT_RACES").map_or(200, |rounds| rounds.parse().unwrap())
}

fn takes_part(racer: usize, round: usize) -> bool {
    racer < 2 + round % (RACERS - 1)
}

fn wait_for(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", path.display());
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// A child of the next test: lands in each round as soon as all may. Alone it does nothing.
#[test]
fn racing_child() {
    let (Some(world), Ok(racer)) = (std::env::var_os(WORLD), std::env::var(RACER)) else { return };
    let (catalogue, racer): (_, usize) = (catalogue(), racer.parse().unwrap());
    let table = catalogue.table("participation").unwrap();
    for round in (0..rounds()).filter(|round| takes_part(racer, *round)) {
        let root = PathBuf::from(&world).join(round.to_string());
        wait_for(&root.join("go"));
        land(&open(&root).unwrap(), table, &format!("racer {racer}")).unwrap();
        std::fs::write(root.join(format!("landed-{racer}")), "").unwrap();
    }
}

#[test]
fn first_landings_at_once_begin_one_table_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let child = |racer: usize| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["store::tests::racing_child", "--exact"]).env(WORLD, folder.path()).stdout(std::process::Stdio::null());
        command.env(RACER, racer.to_string()).spawn().unwrap()
    };
    let children: Vec<_> = (0..RACERS).map(child).collect();
    let (catalogue, runtime) = (catalogue(), runtime());
    let table = catalogue.table("participation").unwrap();
    for round in 0..rounds() {
        let root = folder.path().join(round.to_string());
        let store = create(&root);
        std::fs::write(root.join("go"), "").unwrap();
        let racers: Vec<usize> = (0..RACERS).filter(|racer| takes_part(*racer, round)).collect();
        racers.iter().for_each(|racer| wait_for(&root.join(format!("landed-{racer}"))));
        let pinned = runtime.block_on(store.pin(table)).unwrap().unwrap();
        assert_eq!(pinned.changes(), u64::try_from(racers.len()).unwrap(), "round {round}");
        let marked = |racer: &usize| pinned.mark(&format!("racer {racer}")).is_some();
        assert!(racers.iter().all(marked), "round {round}");
        std::fs::remove_dir_all(&root).unwrap();
    }
    children.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
}

#[test]
fn a_version_is_read_once_while_nobody_commits() {
    let (catalogue, folder, runtime) = (catalogue(), tempfile::tempdir().unwrap(), runtime());
    let table = catalogue.table("participation").unwrap();
    let (mine, others) = (create(folder.path()), open(folder.path()).unwrap());
    let newest = || runtime.block_on(mine.newest(table)).unwrap();
    assert!(newest().is_none(), "nothing has landed");
    land(&others, table, "first").unwrap();
    let first = newest().unwrap();
    assert!(Arc::ptr_eq(&first, &newest().unwrap()), "it was read again");
    land(&others, table, "second").unwrap();
    let second = newest().unwrap();
    assert_eq!([first.mark("second").is_some(), second.mark("second").is_some()], [false, true]);
}

/// The commit with which Delta's own way of making a table makes it once more.
fn made_again(log: &Path, version: u64) {
    let first = std::fs::read(log.join(format!("{:020}.json", 0))).unwrap();
    std::fs::write(log.join(format!("{version:020}.json")), first).unwrap();
}

#[test]
fn a_table_that_two_first_landings_made_twice_is_mended_by_the_command_that_is_told() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    for (name, rows_before) in [("at once", false), ("after the first had landed", true)] {
        let root = folder.path().join(name);
        let store = create(&root);
        runtime().block_on(store.pin_or_create(table)).unwrap();
        if rows_before {
            land(&store, table, "first").unwrap();
        }
        let log = root.join("data/landed/participation/_delta_log");
        let next = if rows_before { 2 } else { 1 };
        made_again(&log, next);
        made_again(&log, next + 1);
        let said = runtime().block_on(store.pin(table)).unwrap_err().to_string();
        let command = said.split_once("Run: rm ").expect(&said).1;
        assert!(command.lines().count() == 1 && command.matches(".json").count() == 2, "{said}");
        command.replace(&format!("{}/", log.display()), "").split(' ').for_each(|file| {
            std::fs::remove_file(log.join(file)).unwrap();
        });
        assert_eq!(land(&store, table, "second").unwrap(), next);
    }
}

#[test]
fn of_two_copies_under_one_key_zone_one_goes_on() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let root = folder.path();
    let store = create(root);
    land(&store, table, "before").unwrap();
    let copied = Command::new("cp").args(["-a"]).arg(root.join("data")).arg(root.join("copy")).status().unwrap();
    assert!(copied.success());
    let copy = Store::open(&root.join("copy"), &root.join("keys")).unwrap();
    // Both have pinned the same version; then both commit the next.
    let [mut one, mut other] = [&store, &copy].map(|store| runtime().block_on(store.pin(table)).unwrap().unwrap());
    let change = |mark: &str| Change { marks: vec![(mark.to_owned(), 1)], ..Change::default() };
    assert_eq!(runtime().block_on(store.commit(table, &mut one, change("one"))).unwrap(), Commit::Done);
    let refused = runtime().block_on(copy.commit(table, &mut other, change("other"))).unwrap_err();
    assert!(refused.to_string().contains("is a copy"), "{refused}");
    assert!(runtime().block_on(copy.pin(table)).is_err(), "and ever after");
    land(&store, table, "and on").unwrap();
}

#[test]
fn a_key_zone_that_was_emptied_changed_or_lost_is_damage_and_named() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let root = folder.path();
    let store = create(root);
    let witness = root.join("keys/landed.witness");
    let nothing_yet = std::fs::read(&witness).unwrap();
    land(&store, table, "first").unwrap();
    let sound = std::fs::read_to_string(&witness).unwrap();
    for (what, text) in [
        ("emptied", String::new()),
        ("another table", sound.replace("participation", "participatiom")),
        ("cut", sound[..sound.len() / 2].to_owned()),
        ("another version", sound.replace(" 1 ", " 0 ")),
    ] {
        std::fs::write(&witness, &text).unwrap();
        let said = runtime().block_on(store.pin(table)).unwrap_err().to_string();
        assert!(said.contains("landed.witness") && said.contains("restore it from a backup"), "{what}: {said}");
    }
    std::fs::remove_file(&witness).unwrap();
    assert!(runtime().block_on(store.pin(table)).unwrap_err().to_string().contains("landed.witness is missing"));
    // An older copy of the zone alone: nothing had landed then. What has landed since is told to it anew.
    std::fs::write(&witness, nothing_yet).unwrap();
    runtime().block_on(store.pin(table)).unwrap();
    assert_eq!(std::fs::read_to_string(&witness).unwrap(), sound);
}

#[test]
fn one_bit_of_an_older_commit_is_found() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let store = create(folder.path());
    (0..4).for_each(|at| assert!(land(&store, table, &format!("delivery {at}")).is_ok()));
    let log = folder.path().join("data/landed/participation/_delta_log");
    for version in 0..=4 {
        let path = log.join(format!("{version:020}.json"));
        let sound = std::fs::read(&path).unwrap();
        // Where the mark of a delivery stands, and at other places.
        let mark = sound.windows(8).position(|bytes| bytes == b"delivery");
        for at in mark.into_iter().chain((0..sound.len()).step_by(sound.len() / 9)) {
            let mut changed = sound.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            let said = runtime().block_on(store.pin(table)).map(|_| ());
            assert!(matches!(said, Err(Error::Storage(_) | Error::Engine(_))), "byte {at} of version {version}: {said:?}");
        }
        std::fs::write(&path, sound).unwrap();
    }
    runtime().block_on(store.pin(table)).unwrap();
    std::fs::remove_file(log.join(format!("{:020}.json", 2))).unwrap();
    assert!(runtime().block_on(store.pin(table)).is_err(), "a missing one too");
}

#[test]
fn a_damaged_checkpoint_is_told_and_can_be_removed() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let store = create(folder.path());
    (0..64).for_each(|at| assert!(land(&store, table, &format!("delivery {at}")).is_ok()));
    let log = folder.path().join("data/landed/participation/_delta_log");
    let mut told = 0;
    for name in [format!("{:020}.checkpoint.parquet", 64), "_last_checkpoint".to_owned()] {
        let path = log.join(&name);
        let sound = std::fs::read(&path).unwrap();
        for at in (0..sound.len()).step_by((sound.len() / 90).max(1)) {
            let mut changed = sound.clone();
            changed[at] ^= 0x10;
            std::fs::write(&path, &changed).unwrap();
            match runtime().block_on(store.pin(table)) {
                Ok(pinned) => assert!((0..64).all(|at| pinned.as_ref().unwrap().mark(&format!("delivery {at}")).is_some())),
                Err(said) => {
                    let said = said.to_string();
                    assert!(said.contains("summary of the log") && said.contains("Remove it"), "byte {at} of {name}: {said}");
                    told += 1;
                }
            }
        }
        std::fs::write(&path, sound).unwrap();
    }
    assert!(told > 5, "{told}");
    let names = std::fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.display().to_string().contains("checkpoint")).for_each(|path| std::fs::remove_file(path).unwrap());
    assert_eq!(land(&store, table, "after").unwrap(), 65);
}

#[test]
fn a_store_of_the_format_before_is_opened_and_sealed() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let root = folder.path();
    land(&create(root), table, "first").unwrap();
    let unsealed = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect::<String>()
    };
    let (settings, witness) = (root.join("data/store.toml"), root.join("keys/landed.witness"));
    let without_digest = unsealed(&witness).rsplit_once(' ').unwrap().0.to_owned() + "\n";
    let with_digest = unsealed(&witness);
    std::fs::write(&settings, unsealed(&settings).replace("format = 6", "format = 5")).unwrap();
    std::fs::write(&witness, with_digest).unwrap();
    assert!(open(root).unwrap_err().to_string().contains("landed.witness is damaged"), "no such version wrote that");
    std::fs::write(&witness, &without_digest).unwrap();
    let store = open(root).unwrap();
    assert_eq!(land(&store, table, "second").unwrap(), 2);
    let [old, new] = [&settings, &witness].map(|path| std::fs::read_to_string(path).unwrap());
    std::fs::write(&settings, unsealed(&settings).replace("format = 6", "format = 5")).unwrap();
    std::fs::write(&witness, "").unwrap();
    assert!(open(root).unwrap_err().to_string().contains("landed.witness is damaged"), "emptied");
    std::fs::write(&settings, old).unwrap();
    std::fs::write(&witness, new).unwrap();
    assert!(checksum::opened(&std::fs::read_to_string(&settings).unwrap()).is_some());
    assert!(checksum::opened(&std::fs::read_to_string(&witness).unwrap()).is_some());
    // From now on a digest that is missing is damage.
    std::fs::write(&settings, unsealed(&settings)).unwrap();
    assert!(open(root).unwrap_err().to_string().contains("store.toml is damaged"));
}

#[test]
fn a_store_whose_settings_alone_are_lost_is_no_place_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    create(root);
    let settings = root.join("data/store.toml");
    let bytes = std::fs::read(&settings).unwrap();
    std::fs::remove_file(&settings).unwrap();
    std::fs::write(root.join("data/ledger/00000000.entry"), "").unwrap();
    assert!(!Store::exists(&root.join("data")).unwrap(), "an init may go on");
    std::fs::write(root.join("data/ledger/00000001.entry"), "").unwrap();
    assert!(Store::exists(&root.join("data")).unwrap_err().to_string().contains("store.toml is missing; restore it"));
    assert!(open(root).unwrap_err().to_string().contains("store.toml is missing; restore it"));
    std::fs::write(&settings, bytes).unwrap();
    open(root).unwrap();
}
