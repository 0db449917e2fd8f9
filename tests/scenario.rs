//! The whole way as a person or a cron job walks it.

use std::collections::BTreeMap;

use crate::world::{World, contents, files, said};

/// Modification times: a second run must not touch what it does not change.
fn times(world: &World, folder: &str) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    files(&world.path(folder)).into_iter().map(|p| (p.clone(), p.metadata().unwrap().modified().unwrap())).collect()
}

#[test]
fn the_second_run_changes_no_byte_and_spends_nothing() {
    let world = World::new("10");
    let lists = world.text("lists");
    world.ok(&["demo", &lists]);
    let first = world.ok(&["run", "--inbox", &lists, "outcomes"]);
    assert!(first.contains("outcomes: budget spent: epsilon 1, left epsilon 9; published: "), "{first}");
    for page in ["index.html", "outcomes/index.html", "outcomes/en.html", "outcomes/by_project.csv"] {
        assert!(world.path("out").join(page).is_file(), "{page}");
    }
    let (out, ledger, archive) =
        (contents(&world.path("out")), contents(&world.path("data/ledger")), contents(&world.path("data/archive")));
    let before = times(&world, "out");
    let second = world.ok(&["run", "--inbox", &lists, "outcomes"]);
    assert_eq!(second, "", "nothing happened, so cron has nothing to mail");
    assert!(
        contents(&world.path("out")) == out
            && contents(&world.path("data/ledger")) == ledger
            && contents(&world.path("data/archive")) == archive
    );
    assert_eq!(times(&world, "out"), before);

    // Pages that were lost come back byte by byte, without data, key or budget being touched.
    std::fs::remove_dir_all(world.path("out")).unwrap();
    world.ok(&["publish"]);
    let again: Vec<_> = contents(&world.path("out")).into_iter().filter(|(p, _)| !p.ends_with("lock")).collect();
    assert!(again == out.into_iter().filter(|(p, _)| !p.ends_with("lock")).collect::<Vec<_>>());
    assert!(contents(&world.path("data/ledger")) == ledger);
}

#[test]
fn status_says_what_to_do_next_at_every_stage() {
    let world = World::empty();
    assert!(world.ok(&["status"]).contains("next: utfall init"));
    world.ok(&["init", "--epsilon", "10", "--delta", "1e-5"]);
    assert!(world.ok(&["status"]).contains("next: utfall land"));
    world.ok(&["demo", &world.text("lists")]);
    let lists = world.lists();
    world.ok(&[&["land"], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
    let landed = world.ok(&["status"]);
    assert!(
        landed.contains("next: utfall plan (says what costs and what is free), then utfall release\n")
            && landed.contains("participation   5"),
        "{landed}"
    );
    world.ok(&["release", "outcomes"]);
    let released = world.ok(&["status"]);
    assert!(released.contains("spent: epsilon 1\n  left: epsilon 9") && released.contains("archived releases: 1"), "{released}");
    let swedish = world.ok(&["status", "--lang", "sv"]);
    assert!(swedish.contains("förbrukat: epsilon 1") && swedish.contains("nästa steg: "), "{swedish}");
    // No stage tells how many people there are.
    for said in [landed, released, swedish] {
        assert!(!["51", "300", "871", "841"].iter().any(|n| said.split_whitespace().any(|w| w == *n)), "{said}");
    }
}

#[test]
fn tables_are_listed_with_their_columns_in_the_order_of_the_schema() {
    let tables = World::empty().ok(&["check", "--tables"]);
    assert!(
        tables.contains(
            "participation (Deltagande / Participation, private): participant, project, start, end, sex, age, age_band"
        ),
        "{tables}"
    );
}

/// The numbers of a published file, by the codes of some of its columns.
fn published(world: &World, table: &str, keys: &[&str], value: &str) -> BTreeMap<Vec<String>, i64> {
    let mut reader = csv::Reader::from_path(world.path(&format!("out/outcomes/{table}.csv"))).unwrap();
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|h| h == name).unwrap();
    let mut sums = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let key = keys.iter().map(|key| row[at(key)].to_owned()).collect();
        let hundredths: i64 = row[at(value)].replace('.', "").parse().unwrap();
        *sums.entry(key).or_insert(0) += hundredths;
    }
    sums
}

#[test]
fn the_published_tables_add_up_to_the_last_digit() {
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let by = |table| published(&world, table, &["outcome"], "participations");
    let totals = by("by_project");
    assert_eq!(totals.len(), 2);
    assert_eq!(by("by_region_and_sex"), totals);
    assert_eq!(by("by_age_band"), totals);
}

#[test]
fn new_data_make_a_new_release_and_a_new_charge() {
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let before = contents(&world.path("out/outcomes"));
    let number = crate::leaks::numbers()[0].clone();
    let late = world.write("late.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{number};2021-04-01\n"));
    world.ok(&["land", &late]);
    assert!(world.ok(&["release", "outcomes"]).contains("budget spent"));
    assert!(contents(&world.path("out/outcomes")) != before);
    let account = world.ok(&["ledger"]);
    assert!(account.contains("spent: epsilon 2\n"), "{account}");
}

#[test]
fn help_teaches_and_completions_exist() {
    let world = World::empty();
    let help = world.ok(&["--help"]);
    for part in ["utfall run --inbox", "BACK UP THE KEY", "0  done\n  2  refused", "utfall plan"] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for command in ["init", "demo", "land", "status", "check", "plan", "release", "publish", "ledger", "run"] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
        assert!(world.ok(&[command, "--help"]).contains("Usage: utfall"), "{command}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(world.ok(&["completions", shell]).contains("utfall"));
    }
}

#[test]
fn nothing_landed_means_nothing_spent() {
    let world = World::new("10");
    std::fs::create_dir(world.path("inbox")).unwrap();
    for arguments in [&["release", "outcomes"][..], &["run", "--inbox", &world.text("inbox"), "outcomes"]] {
        let said = world.run(arguments);
        assert!(said.code == 2 && said.err.contains("nothing has landed in participation"), "{said:?}");
    }
    // A file that is no list is named, not passed over.
    world.write("inbox/lista.xlsx", b"PK\x03\x04");
    let said = world.run(&["run", "--inbox", &world.text("inbox"), "outcomes"]);
    assert!(said.code == 3 && said.out.contains("lista.xlsx: rejected"), "{said:?}");
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
}

#[test]
fn a_delivery_without_new_rows_costs_nothing() {
    let world = World::new("10");
    let inbox = world.text("lists");
    world.ok(&["demo", &inbox]);
    world.ok(&["run", "--inbox", &inbox, "outcomes"]);
    world.write("lists/zz-empty-month.csv", "Projekt;Personnr;Startdatum\n");
    let list = std::fs::read_to_string(world.path("lists/asap-participation.csv")).unwrap();
    world.write("lists/zz-again.csv", format!("{list}\n\n"));
    let said = world.ok(&["run", "--inbox", &inbox, "outcomes"]);
    assert!(!said.contains("budget spent"), "{said}");
    assert_eq!(files(&world.path("data/ledger")).len(), 3);
}

#[test]
fn a_new_spelling_or_title_is_no_new_release() {
    let world = World::landed("20");
    let home = world.path("home");
    for folder in ["schemas", "queries"] {
        crate::world::copy(&crate::world::repository().join(folder), &home.join(folder));
    }
    let release = || said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(release().out.contains("budget spent"));
    let change = |path: &str, from: &str, to: &str| {
        let path = home.join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    change("schemas/codes/outcome.csv", "Annat", "Något annat");
    change("queries/outcomes/release.toml", "Utfall i fem projekt", "Utfall");
    let again = release();
    assert!(again.out.contains("from the archive, free"), "{again:?}");
    assert!(!again.out.contains("budget spent") && again.err.is_empty(), "{again:?}");
    let page = |release: &str| std::fs::read_to_string(world.path("out").join(release).join("index.html")).unwrap();
    assert!(page("asap").contains("Något annat") && page("outcomes").contains("<h1>Utfall</h1>"));
    // What the query counts is another matter.
    change(
        "queries/outcomes/by_age_band.sql",
        "WHERE  f.exit_state IS NOT NULL",
        "WHERE  f.exit_state IS NOT NULL AND f.age > 20",
    );
    assert!(release().out.contains("budget spent"));
}

#[test]
fn a_data_directory_with_any_name_works() {
    let world = World::empty();
    let folder = world.path("Mina åtgärder~1 100 % [x]#");
    let run = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command
            .env("UTFALL_DATA", folder.join("data"))
            .env("UTFALL_KEYS", folder.join("keys"))
            .env("UTFALL_OUT", folder.join("out"));
        said(command.output().unwrap())
    };
    assert_eq!(run(&["init", "--epsilon", "10", "--delta", "0"]).code, 0);
    world.ok(&["demo", &world.text("lists")]);
    let released = run(&["run", "--inbox", &world.text("lists"), "outcomes"]);
    assert_eq!(released.code, 0, "{released:?}");
    assert!(folder.join("out/outcomes/index.html").is_file());
    let refused = world.run(&["init", "--epsilon", "1", "--delta", "0", "--data", &world.text("a%20b")]);
    assert!(refused.code == 2 && !world.path("a%20b").exists(), "{refused:?}");
}

#[test]
fn a_closed_pipe_is_no_engine_failure() {
    let world = World::landed("10");
    let program = env!("CARGO_BIN_EXE_utfall");
    let before_nobody = |arguments: &str| {
        let mut shell = std::process::Command::new("sh");
        // A pipe whose other end is closed before the program begins.
        shell.args(["-c", &format!("(sleep 0.2; '{program}' {arguments}) | true")]);
        for (name, value) in world.command(&[]).get_envs().filter_map(|(n, v)| Some((n, v?))) {
            shell.env(name, value);
        }
        said(shell.output().unwrap()).err
    };
    assert_eq!(before_nobody("check --tables"), "");
    assert_eq!(before_nobody("ledger"), "");
    // What changes something has been stopped in the middle of it, perhaps.
    assert_eq!(before_nobody("key show-id"), "nobody reads what is printed: stopped; run again, nothing is lost\n");
    assert!(!world.path("data/log").exists());
}

#[test]
fn wrong_usage_is_exit_code_two_and_a_missing_store_five() {
    let world = World::empty();
    for arguments in [
        &["fly"][..],
        &["land"],
        &["init", "--epsilon", "x", "--delta", "0"],
        &["init", "--epsilon", "-1", "--delta", "0"],
        &["init"],
    ] {
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
    }
    let said = world.run(&["release", "outcomes"]);
    assert!(said.code == 5 && said.err.contains("make one with `utfall init`"), "{said:?}");
    let elsewhere = crate::world::said(world.command(&["check"]).env("UTFALL_HOME", world.path("nowhere")).output().unwrap());
    assert!(elsewhere.code == 2 && elsewhere.err.contains("--home"), "{elsewhere:?}");
}

#[test]
fn a_release_that_was_published_by_hand_is_not_overwritten() {
    let world = World::landed("10");
    world.write("out/outcomes/mine.txt", "kept");
    let said = world.run(&["release", "outcomes"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert_eq!(std::fs::read_to_string(world.path("out/outcomes/mine.txt")).unwrap(), "kept");
    // Nothing was spent for what could not be shown.
    assert!(world.ok(&["ledger"]).contains("spent: epsilon 0\n"));
    std::fs::remove_dir_all(world.path("out/outcomes")).unwrap();
    assert!(world.ok(&["release", "outcomes"]).contains("budget spent: "));
}

#[test]
fn the_swedish_page_and_the_english_page_show_the_same_numbers_as_the_csv() {
    let world = World::landed("10");
    world.ok(&["release", "outcomes"]);
    let mut csv = csv::Reader::from_path(world.path("out/outcomes/by_region_and_sex.csv")).unwrap();
    let numbers: Vec<f64> = csv.records().map(|row| row.unwrap()[9].parse().unwrap()).collect();
    assert_eq!(numbers.len(), 30);
    let mut far = 0;
    for page in ["index.html", "en.html"] {
        let html = std::fs::read_to_string(world.path("out/outcomes").join(page)).unwrap();
        for n in &numbers {
            // Rounded so that whole numbers add up: to one of the two nearest, or a little further; what is negative to zero.
            let near = |by: i64| {
                let shown = (n.round() as i64 + by).max(0);
                html.contains(&format!(">{shown} <small")) || html.contains(&format!("</span> {shown} <small"))
            };
            far += usize::from(![0, 1, -1].into_iter().any(near));
        }
        assert!(far < 3, "{page}: {far} numbers are shown as others");
        assert!(!html.contains('\u{2212}'), "{page}: no number is negative");
        let run = html.replace("<script type=\"application/ld+json\">", ""); // data for search engines, which nothing runs
        assert!(!run.contains("<script") && !html.contains("http://") && !html.contains("src=\"https"), "{page} stands alone");
    }
}

#[test]
fn what_comes_from_a_demonstration_says_so_everywhere() {
    let made_up = "Demonstration: the participants are made up.";
    for demonstration in [true, false] {
        let world = World::empty();
        let mark: &[&str] = if demonstration { &["--demonstration"] } else { &[] };
        world.ok(&[&["init", "--epsilon", "10", "--delta", "1e-5"], mark].concat());
        world.ok(&["demo", &world.text("lists")]);
        world.ok(&["run", "--inbox", &world.text("lists"), "outcomes"]);
        let read = |name: &str| std::fs::read_to_string(world.path("out").join(name)).unwrap();
        assert_eq!(read("outcomes/en.html").contains(made_up), demonstration);
        assert_eq!(read("index.html").contains("påhittade deltagare"), demonstration);
        assert!(read("outcomes/by_project.csv-metadata.json").contains(&format!("\"demonstration\": {demonstration}")));
    }
}

#[test]
fn a_killed_run_leaves_nothing_half_published() {
    // The process is killed at many different moments; each time what a reader sees is whole or absent.
    let world = World::landed("100");
    for wait in [5, 20, 40, 60, 80, 100, 120, 150, 180, 220, 260, 300] {
        let mut child = world
            .command(&["release", "outcomes"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
        let out = world.path("out/outcomes");
        if out.exists() {
            assert_eq!(files(&out.canonicalize().unwrap()).len(), 11, "a release is whole");
        }
    }
    world.ok(&["release", "outcomes"]);
    let account = world.ok(&["ledger"]);
    assert!(account.contains("spent: epsilon 1\n"), "killed twelve times, charged once: {account}");
    let said = said(world.command(&["release", "outcomes"]).output().unwrap());
    assert!(said.out.contains("from the archive, free; unchanged"), "{said:?}");
}
