//! Packs of old entries and commits: they hold the very bytes, whatever is killed, raced or damaged.

use utfall_privacy::{Log, PutError};

use super::*;
use crate::store::chain;
use crate::store::ledger::FileLog;

const LOG: &str = "UTFALL_TEST_PACKED_LOG";

/// Entries of unlike lengths.
fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}\n").repeat(usize::try_from(index % 7 + 1).unwrap()).into_bytes()
}

fn entries(length: u64) -> Vec<Vec<u8>> {
    (0..length).map(entry).collect()
}

/// A log with a file for each entry, as an earlier version of this program left it.
fn filled(root: &Path, length: u64) -> FileLog {
    std::fs::create_dir_all(root.join("ledger")).unwrap();
    (0..length).for_each(|index| std::fs::write(root.join(format!("ledger/{index:08}.entry")), entry(index)).unwrap());
    FileLog::new(root)
}

fn names(root: &Path) -> Vec<String> {
    let folder = std::fs::read_dir(root.join("ledger")).unwrap();
    let mut names: Vec<String> = folder.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_packed_is_read_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 2_060);
    assert!(FileLog::has_begun(folder.path()));
    log.put(2_060, &entry(2_060)).unwrap();
    let left = names(folder.path());
    assert_eq!(left[..3], ["00000000.entry", "00000001-00001024.pack", "00001025-00002048.pack"]);
    assert_eq!(left.len(), 3 + 12, "{left:?}");
    assert!(FileLog::has_begun(folder.path()));
    let all = entries(2_061);
    for from in [0, 1, 2, 1_024, 1_025, 1_026, 2_048, 2_049, 2_060, 2_061] {
        assert_eq!(log.read(from).unwrap(), all[usize::try_from(from).unwrap()..], "{from}");
    }
    // Taken is taken, in a file or in a pack.
    for index in [0, 1, 1_024, 1_025, 2_048, 2_049, 2_060] {
        assert_eq!(log.put(index, b"later"), Err(PutError::Exists), "{index}");
    }
    assert_eq!(log.read(0).unwrap(), all);
}

#[test]
fn a_pack_that_is_missing_damaged_or_more_is_told_with_its_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let log = filled(folder.path(), 2_060);
    log.put(2_060, &entry(2_060)).unwrap();
    let told = || log.read(0).unwrap_err().0;
    let place = |name: &str| folder.path().join("ledger").join(name);
    let pack = place("00000001-00001024.pack");
    let sound = std::fs::read(&pack).unwrap();
    for at in (0..sound.len()).step_by(sound.len() / 60) {
        let mut changed = sound.clone();
        changed[at] ^= 4;
        std::fs::write(&pack, &changed).unwrap();
        let said = told();
        assert!(said.contains("00000001-00001024.pack is damaged; restore it from a backup"), "byte {at}: {said}");
    }
    std::fs::remove_file(&pack).unwrap();
    let said = told();
    assert!(said.contains("00000001.entry is missing; restore it, or the pack") && said.contains("1024.pack"), "{said}");
    std::fs::write(&pack, &sound).unwrap();
    for name in ["00000002-00001025.pack", "00000001-00001023.pack", "1-1024.pack", "old.pack"] {
        std::fs::write(place(name), &sound).unwrap();
        let said = told();
        assert!(said.contains(name) && said.contains("is not a pack of entries; move it away"), "{said}");
        std::fs::remove_file(place(name)).unwrap();
    }
    std::fs::write(place("00003073-00004096.pack"), &sound).unwrap();
    let said = told();
    assert!(said.contains("00002061.entry is missing"), "{said}");
    std::fs::remove_file(place("00003073-00004096.pack")).unwrap();
    // An entry that came back from a copy is the same, or it is refused.
    std::fs::write(place("00000700.entry"), entry(700)).unwrap();
    assert_eq!(log.read(0).unwrap(), entries(2_061));
    std::fs::write(place("00000700.entry"), entry(701)).unwrap();
    let said = told();
    assert!(said.contains("00000700.entry is not the entry in") && said.contains("move"), "{said}");
    log.put(2_061, &entry(2_061)).unwrap();
    assert!(place("00000700.entry").exists(), "what differs is not removed");
    std::fs::write(place("00000700.entry"), entry(700)).unwrap();
    log.put(2_062, &entry(2_062)).unwrap();
    assert!(!place("00000700.entry").exists());
    assert_eq!(log.read(0).unwrap(), entries(2_063));
}

/// The child of the next test: puts an entry and dies where it is told to. Alone it does nothing.
#[test]
fn packing_crash_child() {
    if let Some(root) = std::env::var_os(LOG) {
        let put = FileLog::new(Path::new(&root)).put(1_024, &entry(1_024));
        panic!("was to be killed, but: {put:?}");
    }
}

#[test]
fn killed_at_any_step_of_packing_all_entries_are_there_and_the_next_goes_on() {
    for step in ["entries packed", "packed entry removed", "packed entry removed#500", "packed entry removed#1024"] {
        let folder = tempfile::tempdir().unwrap();
        let log = filled(folder.path(), 1_024);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["store::tests::packs::packing_crash_child", "--exact"])
            .env(LOG, folder.path())
            .env("UTFALL_TEST_CRASH", step)
            .output()
            .unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.status), Some(9), "{step}: {child:?}");
        assert_eq!(log.read(0).unwrap(), entries(1_025), "{step}");
        assert_eq!(log.put(1_024, b"later"), Err(PutError::Exists), "{step}");
        log.put(1_025, &entry(1_025)).unwrap();
        assert_eq!(names(folder.path()), ["00000000.entry", "00000001-00001024.pack", "00001025.entry"], "{step}");
        assert_eq!(log.read(0).unwrap(), entries(1_026), "{step}");
    }
}

#[test]
fn whoever_reads_while_entries_are_packed_reads_them_all() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let log = filled(folder.path(), 1_024);
        let all = entries(1_025);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..2).map(|_| scope.spawn(|| log.put(1_024, &entry(1_024)).is_ok())).collect();
            while writers.iter().any(|writer| !writer.is_finished()) {
                let read = log.read(0).unwrap();
                assert!(read == all[..1_024] || read == all, "{}", read.len());
                assert_eq!(log.put(7, b"late"), Err(PutError::Exists));
            }
            assert_eq!(writers.into_iter().map(|writer| u8::from(writer.join().unwrap())).sum::<u8>(), 1, "one writer");
        });
        assert_eq!(log.read(0).unwrap(), all);
        assert_eq!(names(folder.path()).len(), 2);
    }
}

#[test]
fn commits_are_read_from_packs_and_as_well_without_them() {
    let (catalogue, folder) = (catalogue(), tempfile::tempdir().unwrap());
    let table = catalogue.table("participation").unwrap();
    let commits = 520;
    let landed = |root: &Path| {
        let store = create(root);
        let mut pinned = runtime().block_on(store.pin_or_create(table)).unwrap();
        for at in 1..=commits {
            let change = Change { marks: vec![(format!("delivery {at}"), at)], ..Change::default() };
            assert_eq!(runtime().block_on(store.commit(table, &mut pinned, change)).unwrap(), Commit::Done);
        }
        store
    };
    let (store, _) = (landed(&folder.path().join("one")), landed(&folder.path().join("other")));
    let place = |name: &str| folder.path().join("one/data/landed/participation/_utfall").join(name);
    let pack = place("00000000-00000255.commits");
    assert!(pack.exists() && place("00000256-00000511.commits").exists() && !place("00000512-00000767.commits").exists());
    let all_there = |what: &str| {
        chain::forget_packs();
        let pinned = runtime().block_on(store.pin(table)).unwrap().unwrap();
        assert_eq!(pinned.changes(), u64::try_from(commits).unwrap(), "{what}");
        assert!((1..=commits).all(|at| pinned.mark(&format!("delivery {at}")) == Some(at)), "{what}");
        // What this process has read is as good.
        runtime().block_on(store.pin(table)).unwrap();
        pinned
    };
    all_there("whole");
    let sound = std::fs::read(&pack).unwrap();
    for at in (0..sound.len()).step_by(sound.len() / 20) {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        std::fs::write(&pack, changed).unwrap();
        all_there(&format!("byte {at}"));
    }
    // A sound pack of another table, and none.
    let another = folder.path().join("other/data/landed/participation/_utfall/00000000-00000255.commits");
    std::fs::copy(another, &pack).unwrap();
    all_there("another's");
    std::fs::remove_file(&pack).unwrap();
    let mut pinned = all_there("missing");
    // It is made again by the next commit, of the very same bytes.
    runtime().block_on(store.commit(table, &mut pinned, Change::default())).unwrap();
    assert_eq!(std::fs::read(&pack).unwrap(), sound);
    // Older files of both are refused: the key zone remembers the newest version.
    let log = folder.path().join("one/data/landed/participation/_delta_log");
    std::fs::remove_file(log.join(format!("{:020}.json", commits + 1))).unwrap();
    chain::forget_packs();
    assert!(runtime().block_on(store.pin(table)).is_err());
}
