//! Budget, ledger and keys: what is refused so that nobody pays twice or not at all.

use crate::world::{RELEASE, World, contents, copy, files, home, said};

const QUERY: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

#[test]
fn of_two_releases_racing_for_the_last_budget_exactly_one_wins() {
    let world = World::landed("1");
    let home = home(&world, RELEASE, &[("one", QUERY)]);
    let other = home.join("queries/other");
    copy(&home.join("queries/trial"), &other);
    let start = |name: &str| {
        world
            .command(&["release", name])
            .env("UTFALL_HOME", &home)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (a, b) = (start("trial"), start("other"));
    let (a, b) = (said(a.wait_with_output().unwrap()), said(b.wait_with_output().unwrap()));
    let mut codes = [a.code, b.code];
    codes.sort_unstable();
    assert_eq!(codes, [0, 4], "{a:?} {b:?}");
    let loser = if a.code == 4 { &a } else { &b };
    assert!(loser.err.contains("epsilon") && loser.out.is_empty(), "{loser:?}");
    assert_eq!(files(&world.path("data/archive")).len(), 1);
}

#[test]
fn racing_runs_of_one_release_publish_the_same_bytes_and_pay_once() {
    let world = World::landed("10");
    let children: Vec<_> = (0..4)
        .map(|_| {
            world
                .command(&["release", "outcomes"])
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let said = said(child.wait_with_output().unwrap());
        assert_eq!(said.code, 0, "{said:?}");
    }
    assert!(world.ok(&["ledger"]).contains("spent: epsilon 1\n"));
    assert_eq!(files(&world.path("data/archive")).len(), 1);
}

#[test]
fn an_exhausted_budget_is_exit_code_four_and_raising_it_needs_a_reason() {
    let world = World::landed("1/2");
    let said = world.run(&["release", "outcomes"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("raise"), "the way out: {said:?}");
    assert_eq!(files(&world.path("data/archive")).len(), 0);
    assert_eq!(world.run(&["ledger", "raise", "--epsilon", "5", "--delta", "1e-5"]).code, 2);
    assert_eq!(world.run(&["ledger", "raise", "--epsilon", "1/4", "--delta", "1e-5", "--reason", "less"]).code, 2);
    let account =
        world.ok(&["ledger", "raise", "--epsilon", "5", "--delta", "1e-5", "--reason", "decided by the board 2026-11-01"]);
    assert!(account.contains("decided by the board 2026-11-01"), "{account}");
    world.ok(&["release", "outcomes"]);
}

#[test]
fn a_ledger_restored_from_yesterday_is_refused() {
    let world = World::landed("10");
    copy(&world.path("data"), &world.path("backup"));
    world.ok(&["release", "outcomes"]);
    std::fs::remove_dir_all(world.path("data")).unwrap();
    copy(&world.path("backup"), &world.path("data"));
    for command in ["release", "ledger", "status", "publish"] {
        let said = world.run(&[command]);
        assert_eq!(said.code, 5, "{command}: {said:?}");
        assert!(said.err.contains("ledger"), "{command}: {said:?}");
    }
}

#[test]
fn landed_tables_restored_from_yesterday_are_refused() {
    let number = |i: usize| crate::leaks::numbers()[i].clone();
    let world = World::new("10");
    world.ok(&["land", &world.write("one.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", number(0)))]);
    copy(&world.path("data/landed"), &world.path("backup"));
    let two = world.write("two.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", number(1)));
    world.ok(&["land", &two]);
    std::fs::remove_dir_all(world.path("data/landed")).unwrap();
    for restored in [true, false] {
        if restored {
            copy(&world.path("backup"), &world.path("data/landed"));
        } else {
            std::fs::remove_dir_all(world.path("data/landed")).unwrap();
        }
        for arguments in [&["land", two.as_str()][..], &["release", "outcomes"], &["status"]] {
            let said = world.run(arguments);
            assert!(said.code == 5 && said.err.contains("older than what landed last"), "{restored} {arguments:?}: {said:?}");
        }
    }
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
}

#[test]
fn nothing_is_published_into_the_data_or_the_keys() {
    let world = World::landed("10");
    std::os::unix::fs::symlink(world.path("data"), world.path("link")).unwrap();
    for out in ["data", "data/pages", "keys", "data2/../data/pages", "link/new/pages"] {
        let said = world.run(&["release", "--out", &world.text(out)]);
        assert!(said.code == 2 && said.err.contains("must lie apart"), "{out}: {said:?}");
    }
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
}

#[test]
fn the_memory_of_landed_tables_cannot_be_lost_or_fall_behind() {
    let list = |world: &World, i: usize| {
        let number = &crate::leaks::numbers()[i];
        world.write(&format!("{i}.csv"), format!("Projekt;Personnr;Startdatum\nPROGRESS;{number};2021-03-01\n"))
    };
    let world = World::new("10");
    world.ok(&["land", &list(&world, 0)]);
    let witness = world.path("keys/landed.witness");
    let (old, landed) = (std::fs::read(&witness).unwrap(), world.path("backup"));
    copy(&world.path("data/landed"), &landed);
    world.ok(&["land", &list(&world, 1)]);
    // A landing that was killed after its commit leaves the memory behind; the next command catches up.
    std::fs::write(&witness, &old).unwrap();
    world.ok(&["status"]);
    assert_ne!(std::fs::read(&witness).unwrap(), old);
    std::fs::remove_dir_all(world.path("data/landed")).unwrap();
    copy(&landed, &world.path("data/landed"));
    assert_eq!(world.run(&["land", &list(&world, 2)]).code, 5);
    std::fs::remove_file(&witness).unwrap();
    let lost = world.run(&["land", &list(&world, 2)]);
    assert!(lost.code == 5 && lost.err.contains("landed.witness is missing"), "{lost:?}");
}

#[test]
fn plan_adds_up_what_several_releases_cost() {
    let world = World::new("3/2");
    let home = home(&world, RELEASE, &[("one", QUERY)]);
    copy(&home.join("queries/trial"), &home.join("queries/second"));
    let said = said(world.command(&["plan"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(said.out.matches("; fits").count() == 1 && said.out.matches("does NOT fit").count() == 1, "{said:?}");
}

#[test]
fn a_limit_that_protects_nobody_or_publishes_nothing_is_refused() {
    let world = World::empty();
    for (epsilon, delta) in [("0", "1e-6"), ("1", "0.5"), ("-1", "0"), ("1,5", "0"), ("1", "1")] {
        let said = world.run(&["init", "--epsilon", epsilon, "--delta", delta]);
        assert_eq!(said.code, 2, "{epsilon} {delta}: {said:?}");
        assert!(!world.path("keys").exists(), "{epsilon} {delta}");
    }
}

#[test]
fn a_changed_reordered_or_missing_entry_is_found() {
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let ledger = world.path("data/ledger");
    let entries = contents(&ledger);
    assert_eq!(entries.len(), 3);
    let text = String::from_utf8(entries[0].1.clone()).unwrap();
    let limit = text.lines().find(|l| l.contains("10/1")).unwrap();
    let attacks: [Vec<(usize, Vec<u8>)>; 3] = [
        vec![(0, text.replace(limit, &limit.replace("10/1", "99/1")).into_bytes())],
        vec![(1, entries[2].1.clone()), (2, entries[1].1.clone())],
        vec![(2, Vec::new())],
    ];
    for attack in attacks {
        for (entry, bytes) in attack {
            std::fs::write(&entries[entry].0, bytes).unwrap();
        }
        assert_eq!(world.run(&["release", "outcomes"]).code, 5);
        for (path, bytes) in &entries {
            std::fs::write(path, bytes).unwrap();
        }
    }
    std::fs::remove_file(&entries[1].0).unwrap();
    let said = world.run(&["ledger"]);
    assert!(said.code == 5 && said.err.contains("00000001.entry is missing"), "{said:?}");
}

#[test]
fn the_key_is_made_once_guarded_and_never_guessed() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new("10");
    let key = world.path("keys/pseudonym.key");
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(world.run(&["init", "--epsilon", "10", "--delta", "1e-5"]).code, 2, "a second init changes nothing");
    let list =
        world.write("list.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", crate::leaks::numbers()[0]));

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = world.run(&["land", &list]);
    assert!(open.code == 5 && open.err.contains("chmod 600"), "{open:?}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    let bytes = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let missing = world.run(&["land", &list]);
    assert!(missing.code == 5 && missing.err.contains("restore it from its backup"), "{missing:?}");
    assert!(!key.exists(), "no key is made silently");

    let wrong = said(world.command(&["land", &list]).env("UTFALL_KEY", "ab".repeat(32)).output().unwrap());
    assert!(wrong.code == 5 && wrong.err.contains("is not this store's key"), "{wrong:?}");
    assert!(!wrong.err.contains("abababab"), "{wrong:?}");

    // The right key may come from the environment.
    let text = String::from_utf8(bytes).unwrap();
    let right = said(world.command(&["land", &list]).env("UTFALL_KEY", text.trim()).output().unwrap());
    assert_eq!(right.code, 0, "{right:?}");
}

#[test]
fn keys_below_the_data_are_refused_and_so_is_a_second_store_on_one_zone() {
    let world = World::empty();
    let below = world.text("data/keys");
    let said = world.run(&["init", "--epsilon", "1", "--delta", "0", "--keys", &below]);
    assert!(said.code == 5 && said.err.contains("must be apart"), "{said:?}");
    let world = World::new("1");
    let second = world.run(&["init", "--epsilon", "1", "--delta", "0", "--data", &world.text("second")]);
    assert!(second.code == 5 && second.err.contains("another data directory"), "{second:?}");
}

#[test]
fn an_init_that_was_killed_is_begun_again() {
    // After the key; after the ledger's first entry; after the witness: what init makes, in its order.
    for (removed, kept) in
        [(&["data", "keys/ledger.witness"][..], 0), (&["data/store.toml", "keys/ledger.witness"], 1), (&["data/store.toml"], 1)]
    {
        let world = World::new("10");
        for path in removed {
            let path = world.path(path);
            if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
        }
        let key = std::fs::read(world.path("keys/pseudonym.key")).unwrap();
        world.ok(&["init", "--epsilon", "10", "--delta", "1e-5"]);
        assert_eq!(std::fs::read(world.path("keys/pseudonym.key")).unwrap(), key, "{kept}");
        assert!(world.ok(&["status"]).contains("next: utfall land"));
    }
}
