//! What has landed, on disks that change a bit or are full: it is found before anything is made of it, and the next run is
//! right.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::campaign::rounds;
use crate::robust::{Chance, run};
use crate::world::{Said, World, copy, files, said};

/// The landed files of a table.
fn parquet(world: &World, table: &str) -> Vec<PathBuf> {
    let all = files(&world.path("data/landed").join(table));
    all.into_iter().filter(|path| path.extension().is_some_and(|x| x == "parquet")).collect()
}

#[test]
fn a_changed_bit_of_what_has_landed_is_found_before_anything_is_made_of_it() {
    let (world, mut chance) = (World::landed("10"), Chance(3));
    let kept = world.path("kept");
    copy(&world.path("data"), &kept.join("data"));
    copy(&world.path("keys"), &kept.join("keys"));
    let restore = || {
        for folder in ["data", "keys"] {
            std::fs::remove_dir_all(world.path(folder)).unwrap();
            copy(&kept.join(folder), &world.path(folder));
        }
    };
    let list = std::fs::read_to_string(world.path("lists/progress-participation.csv")).unwrap();
    let again = world.write("again.csv", format!("{list}\n"));
    let (land, release) = (["land", again.as_str()], ["release", "outcomes"]);
    // All of them read the same files in the same way: each is tried with some of the damage.
    let found = |place: &str, others_too: bool| {
        let commands: [&[&str]; 3] = [&land, &["status"], &release];
        for command in &commands[..if others_too { 3 } else { 1 }] {
            let said = run(&world, command);
            assert_eq!(said.code, 5, "{place}, {command:?}: {said:?}");
            assert!(said.err.contains("damaged; restore it from a backup"), "{place}, {command:?}: {said:?}");
        }
    };
    let of = |table: &str, part: &str| {
        let part = format!("/{part}/");
        parquet(&world, table).into_iter().find(|path| path.display().to_string().contains(&part)).unwrap()
    };
    let participation = of("participation", "6");
    let bytes = std::fs::read(&participation).unwrap();
    for i in 0..25 {
        restore();
        let cut = bytes.len() * i / 25;
        std::fs::write(&participation, &bytes[..cut]).unwrap();
        found(&format!("cut at {cut}"), true);
    }
    for i in 0..100 {
        restore();
        let at = if i < 30 { bytes.len() - 1 - i * 20 } else { chance.below(bytes.len()) };
        let mut changed = bytes.clone();
        changed[at] ^= 1 << chance.below(8);
        std::fs::write(&participation, &changed).unwrap();
        found(&format!("bit of byte {at} of {}", bytes.len()), i % 4 == 0);
    }
    for table in ["activity", "answer", "milestone", "rating"] {
        for path in parquet(&world, table).into_iter().take(2) {
            restore();
            let mut changed = std::fs::read(&path).unwrap();
            let from = chance.below(changed.len());
            changed.iter_mut().skip(from).take(64).for_each(|b| *b = !*b);
            std::fs::write(&path, changed).unwrap();
            let said = run(&world, &["status"]);
            assert!(said.code == 5 && said.err.contains("damaged"), "{table}: {said:?}");
        }
    }
}

#[test]
fn a_changed_bit_of_the_log_of_what_has_landed_is_found() {
    let (world, mut chance) = (World::landed("10"), Chance(4));
    let list = std::fs::read_to_string(world.path("lists/progress-participation.csv")).unwrap();
    let again = world.write("again.csv", format!("{list}\n"));
    let kept = world.path("kept");
    let restore = || {
        for folder in ["data", "keys"] {
            std::fs::remove_dir_all(world.path(folder)).unwrap();
            copy(&kept.join(folder), &world.path(folder));
        }
    };
    ["data", "keys"].iter().for_each(|folder| copy(&world.path(folder), &kept.join(folder)));
    let landing = |world: &World| run(world, &["land", &again]);
    let whole = landing(&world);
    assert_eq!(whole.code, 0, "{whole:?}");
    let mut logs = files(&kept.join("data/landed/participation/_delta_log"));
    logs.sort();
    for i in 0..60 {
        restore();
        let log = &logs[i % logs.len()];
        let mut changed = std::fs::read(log).unwrap();
        let at = chance.below(changed.len());
        changed[at] ^= 1 << chance.below(8);
        std::fs::write(world.folder.path().join(log.strip_prefix(&kept).unwrap()), changed).unwrap();
        let said = landing(&world);
        assert!(said.code == 5 && said.err.contains("damaged"), "byte {at} of {}: {said:?}", log.display());
    }
}

/// The program where no file may grow beyond so many blocks: what a full disk answers, wherever it strikes.
fn run_cramped(world: &World, arguments: &[&str], blocks: usize) -> Said {
    let told = world.command(arguments);
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    command.args(["-c", &script, "sh"]).arg(told.get_program()).args(told.get_args());
    command.envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
    said(command.output().unwrap())
}

#[test]
fn a_full_disk_is_an_error_and_the_next_run_is_right() {
    let world = World::new("10");
    world.ok(&["demo", &world.text("lists")]);
    let lists: Vec<String> = files(&world.path("lists")).iter().map(|path| path.display().to_string()).collect();
    let land: Vec<&str> = ["land"].into_iter().chain(lists.iter().map(String::as_str)).collect();
    let kept = world.path("kept");
    ["data", "keys"].iter().for_each(|folder| copy(&world.path(folder), &kept.join(folder)));
    let restore = || {
        for folder in ["data", "keys", "out"] {
            let _ = std::fs::remove_dir_all(world.path(folder));
        }
        ["data", "keys"].iter().for_each(|folder| copy(&kept.join(folder), &world.path(folder)));
        ["data/archive", "data/landed"].iter().for_each(|folder| std::fs::create_dir_all(world.path(folder)).unwrap());
    };
    let counts = |said: &Said| said.out.lines().filter(|line| line.contains("landed")).map(str::to_owned).collect::<Vec<_>>();
    let whole = counts(&run(&world, &land));
    let (mut failed, mut published, mut chance) = (0, 0, Chance(5));
    let sizes = [0, 1, 2, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1_024, 4_096].into_iter();
    let sizes: Vec<usize> = sizes.chain((15..rounds(15)).map(|_| chance.below(200))).collect();
    for blocks in sizes.iter().copied() {
        restore();
        let cramped = run_cramped(&world, &land, blocks);
        if cramped.code == 0 {
            assert_eq!(counts(&cramped), whole, "{blocks} blocks");
        } else {
            failed += 1;
            assert_eq!(cramped.code, 5, "{blocks} blocks: {cramped:?}");
            assert!(
                cramped.err.contains("cannot write") || cramped.err.contains("File too large"),
                "{blocks} blocks: {cramped:?}"
            );
        }
        // What landed before it struck is known; the rest lands now.
        let again = run(&world, &land);
        assert_eq!(again.code, 0, "{blocks} blocks: {again:?}");
        let expected: Vec<String> = whole.iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
        let told: Vec<String> = counts(&again).iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
        assert_eq!(told, expected, "{blocks} blocks");
        // The budget is charged before anything is drawn, and once, however often it strikes.
        let cramped = run_cramped(&world, &["release", "outcomes"], blocks);
        assert!(cramped.code == 0 || cramped.code == 5, "{blocks} blocks: {cramped:?}");
        published += usize::from(cramped.code == 0);
        let released = run(&world, &["release", "outcomes"]);
        assert_eq!(released.code, 0, "{blocks} blocks: {released:?}");
        let ledger = run(&world, &["ledger"]);
        assert!(ledger.out.contains("spent: epsilon 1\n"), "{blocks} blocks: {ledger:?}");
    }
    let all = sizes.len();
    println!(
        "full disk: of {all} landings {failed} failed, of {all} releases {published} did not; after the next run all were right"
    );
    assert!(failed > 5 && (1..all).contains(&published), "{failed} landings failed, {published} releases were published");
}

#[test]
fn an_archive_that_is_lost_or_changed_is_told_by_the_status() {
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let archive = files(&world.path("data/archive")).remove(0);
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::remove_file(&archive).unwrap();
    let said = world.run(&["status"]);
    let name = archive.file_name().unwrap().to_string_lossy().into_owned();
    assert!(said.code == 5 && said.err.contains(&name) && said.err.contains("restore"), "{said:?}");
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    std::fs::write(&archive, changed).unwrap();
    assert_eq!(world.run(&["status"]).code, 5);
    std::fs::write(&archive, bytes).unwrap();
    world.ok(&["status"]);
}

#[test]
fn aliases_that_are_lost_are_told_by_the_status() {
    let world = World::landed("10");
    let pair = format!("{} {}\n", crate::cases::numbered(3), crate::cases::numbered(6));
    let said = crate::upkeep::told(&world, &["key", "alias"], &pair);
    assert_eq!(said.code, 0, "{said:?}");
    world.ok(&["status"]);
    std::fs::remove_file(world.path("keys/aliases")).unwrap();
    let said = world.run(&["status"]);
    assert!(said.code == 5 && said.err.contains("alias"), "{said:?}");
}

/// Runs on a thread whose children have a file system without hard links: the call for one fails with this error.
fn without_links<T: Send>(error: i32, run: impl FnOnce() -> T + Send) -> T {
    let rules: BTreeMap<i64, _> = [(libc::SYS_linkat, Vec::new())].into_iter().collect();
    let action = SeccompAction::Errno(error.try_into().unwrap());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, action, std::env::consts::ARCH.try_into().unwrap()).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    let run = move || {
        apply_filter(&filter).unwrap();
        run()
    };
    std::thread::scope(|scope| scope.spawn(run).join().unwrap())
}

#[test]
fn a_file_system_without_hard_links_is_refused_before_anything_is_made() {
    let landed = World::new("10");
    let list = landed.write("a.csv", crate::cases::filled(b"Projekt;Personnr;Startdatum\nPROGRESS;{0};2021-03-01\n"));
    let ledger = crate::world::contents(&landed.path("data/ledger"));
    for error in [libc::EPERM, libc::EOPNOTSUPP, libc::ENOSYS, libc::EXDEV] {
        for (lang, words) in [("en", "has no hard links"), ("sv", "har inga hårda länkar")] {
            let world = World::empty();
            let init = ["init", "--epsilon", "10", "--delta", "1e-5", "--lang", lang];
            let refused = without_links(error, || world.run(&init));
            assert!(refused.code == 5 && refused.err.contains(words) && refused.err.contains("ext4"), "{error}: {refused:?}");
            assert_eq!(files(world.folder.path()), Vec::<PathBuf>::new(), "no key, no ledger");
        }
        // Nor is anything put later, on a disk that was mounted in the place of the other.
        let refused = without_links(error, || landed.run(&["land", &list]));
        assert!(refused.code == 5 && refused.err.contains("has no hard links"), "{error}: {refused:?}");
        assert_eq!(crate::world::contents(&landed.path("data/ledger")), ledger);
    }
    landed.ok(&["land", &list]);
}
