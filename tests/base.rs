//! A release stands on the numbers of another one: one fact is one number on both pages, and is paid for once.

use crate::world::{RELEASE, Said, World, contents, copy, repository, said};

const EXITS: &str = "SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IS NOT NULL GROUP BY exit_state";
const SHARE: &str = "SELECT 1.0 * sum(CASE WHEN exit_state = 'work' THEN n END) / nullif(sum(n), 0) AS share, sum(n) AS exits\n\
                     FROM published.base.exits";
const BY_SEX: &str = "SELECT sex, count(*) AS n FROM participation GROUP BY sex";

fn front(title: &str) -> String {
    format!("/*+++\ntitle = {{ sv = \"{title}\", en = \"{title}\" }}\n+++*/\n")
}

/// A home with these queries of these releases.
fn releases(world: &World, queries: &[(&str, &str, &str)]) {
    let home = world.path("home");
    let _ = std::fs::remove_dir_all(home.join("queries"));
    copy(&repository().join("schemas"), &home.join("schemas"));
    for (release, name, sql) in queries {
        let folder = home.join("queries").join(release);
        std::fs::create_dir_all(&folder).unwrap();
        let declared = RELEASE.replace("[\"csv\"]", "[\"html\", \"csv\"]").replace("Prov", release).replace("Trial", release);
        std::fs::write(folder.join("release.toml"), declared).unwrap();
        std::fs::write(folder.join(format!("{name}.sql")), format!("{}{sql}", front(name))).unwrap();
    }
}

fn run(world: &World, arguments: &[&str]) -> Said {
    said(world.command(arguments).env("UTFALL_HOME", world.path("home")).output().unwrap())
}

fn ok(world: &World, arguments: &[&str]) -> String {
    let told = run(world, arguments);
    assert_eq!(told.code, 0, "{arguments:?}: {told:?}");
    told.out
}

fn column(world: &World, file: &str, column: &str) -> Vec<String> {
    let text = std::fs::read_to_string(world.path("out").join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let at = rows.next().unwrap().iter().position(|name| name == column).unwrap_or_else(|| panic!("{file}: {column}"));
    rows.map(|row| row[at].clone()).collect()
}

/// The vectors that were paid for, release by release.
fn paid(world: &World) -> Vec<Vec<String>> {
    let entries = crate::world::files(&world.path("data/ledger"));
    let texts = entries.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let vectors = texts.map(|text| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("measurement: ")?.split(' ').next());
        lines.map(str::to_owned).collect::<Vec<_>>()
    });
    vectors.filter(|vectors| !vectors.is_empty()).collect()
}

fn both() -> [(&'static str, &'static str, &'static str); 3] {
    // The one that quotes is first by name.
    [("base", "exits", EXITS), ("a-page", "share", SHARE), ("a-page", "by_sex", BY_SEX)]
}

#[test]
fn what_another_release_counts_is_quoted_and_costs_nothing() {
    let world = World::landed("100");
    releases(&world, &both());
    let plan = ok(&world, &["plan", "a-page"]);
    assert!(plan.contains("stands on the numbers of base; costs nothing"), "{plan}");
    ok(&world, &["release"]);
    assert_eq!(paid(&world), [vec!["exits".to_owned()], vec!["by_sex".to_owned()]]);
    // One fact, one number.
    let numbers = column(&world, "base/exits.csv", "n");
    assert_eq!(numbers, column(&world, "a-page/share_n.csv", "n"));
    assert_eq!(column(&world, "base/exits.csv", "margin"), column(&world, "a-page/share_n.csv", "margin"));
    let sum: i64 = numbers.iter().map(|n| n.parse::<i64>().unwrap()).sum();
    assert_eq!(column(&world, "a-page/share.csv", "exits"), [sum.to_string()]);
    assert!(!column(&world, "a-page/share.csv", "share_lower")[0].is_empty());
    let page = std::fs::read_to_string(world.path("out/a-page/en.html")).unwrap();
    assert!(page.contains("Of the same noisy numbers as in <a href=\"../base/en.html#exits\">base</a>"), "{page}");
    assert!(page.contains("are protected by their ε and δ"), "{page}");
    let metadata = std::fs::read_to_string(world.path("out/a-page/share_n.csv-metadata.json")).unwrap();
    assert!(metadata.contains("\"quotes\"") && !metadata.contains("\"certificate\""), "{metadata}");
    let verified = ok(&world, &["verify"]);
    assert!(verified.contains("stands on the numbers of base") && verified.contains("by_sex: the proof holds"), "{verified}");
    // Again, in other words, and from the archive: free, and the same.
    let (ledger, pages) = (contents(&world.path("data/ledger")), contents(&world.path("out/a-page")));
    assert!(ok(&world, &["release"]).matches("from the archive, free; unchanged").count() == 2);
    ok(&world, &["publish"]);
    assert_eq!(contents(&world.path("out/a-page")), pages);
    let turned = SHARE.replace("'work'", "'studies'");
    releases(&world, &[("base", "exits", EXITS), ("a-page", "share", &turned), ("a-page", "by_sex", BY_SEX)]);
    assert!(ok(&world, &["release", "a-page"]).contains("from the archive, free; published"));
    assert_eq!(contents(&world.path("data/ledger")), ledger);
    // A page that quotes nothing any more, and one more that does.
    releases(
        &world,
        &[
            ("base", "exits", EXITS),
            ("a-page", "by_sex", BY_SEX),
            ("a-page", "all", "SELECT sum(n) AS n FROM published.base.exits"),
        ],
    );
    assert!(ok(&world, &["release", "a-page"]).contains("from the archive, free; published"));
    assert_eq!(column(&world, "a-page/all.csv", "n"), [sum.to_string()]);
    assert_eq!(contents(&world.path("data/ledger")), ledger);
}

#[test]
fn nothing_is_paid_where_what_is_quoted_is_not_published() {
    let world = World::landed("100");
    releases(&world, &both());
    let told = run(&world, &["release", "a-page"]);
    assert!(told.code == 2 && told.err.contains("run utfall release base first"), "{told:?}");
    assert!(paid(&world).is_empty());
    let inbox = world.text("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    // A job at night makes the one that is quoted first.
    ok(&world, &["run", "--inbox", &inbox]);
    assert_eq!(paid(&world).len(), 2);
    let (ledger, pages) = (contents(&world.path("data/ledger")), contents(&world.path("out")));
    // Another question waits, and so does whoever quotes it.
    let changed = EXITS.replace("exit_state IS NOT NULL", "exit_state IS NOT NULL AND age > 30");
    releases(&world, &[("base", "exits", &changed), ("a-page", "share", SHARE), ("a-page", "by_sex", BY_SEX)]);
    let told = run(&world, &["run", "--inbox", &inbox]);
    assert!(
        told.code == 0 && told.err.contains("a-page: it quotes base, which is not published as it is declared now"),
        "{told:?}"
    );
    assert_eq!((contents(&world.path("data/ledger")), contents(&world.path("out"))), (ledger, pages));
    let told = run(&world, &["release", "a-page"]);
    assert!(told.code == 2 && told.err.contains("run utfall release base first"), "{told:?}");
    // It is released, and whoever quotes it shows the new numbers for free.
    ok(&world, &["release", "base"]);
    let told = ok(&world, &["run", "--inbox", &inbox]);
    assert!(told.contains("a-page: from the archive, free; published"), "{told}");
    assert_eq!(column(&world, "base/exits.csv", "n"), column(&world, "a-page/share_n.csv", "n"));
    assert_eq!(paid(&world).len(), 3);
}

#[test]
fn what_cannot_be_quoted_of_another_release_is_refused_with_the_way_out() {
    let world = World::empty();
    let own = ("a-page", "by_sex", BY_SEX);
    let series = "SELECT exit_state, participations FROM published.\"outcomes-by-quarter\".quarterly";
    for (queries, why) in [
        (vec![own, ("a-page", "share", "SELECT n FROM published.base.nothing")], "no such table; there are exits"),
        (vec![own, ("a-page", "share", "SELECT n FROM published.missing.exits")], "no release has that name"),
        (vec![("a-page", "share", SHARE)], "it measures nothing of its own"),
        (vec![own, ("a-page", "share", series)], "a series cannot be quoted"),
        (
            vec![own, ("base", "sexes", "SELECT sex, n FROM published.\"a-page\".by_sex"), ("a-page", "share", SHARE)],
            "in a circle: a-page → base → a-page",
        ),
        (
            vec![
                own,
                ("c", "sexes", BY_SEX),
                ("a-page", "share", "SELECT sum(e.n) AS n FROM published.base.exits e CROSS JOIN published.c.sexes s"),
            ],
            "published.base.exits and published.c.sexes: a query quotes one table",
        ),
        (
            vec![
                own,
                (
                    "a-page",
                    "share",
                    "SELECT count(*) AS n FROM participation f WHERE f.participant IN (SELECT n FROM published.base.exits)",
                ),
            ],
            "share.sql",
        ),
    ] {
        releases(&world, &[[("base", "exits", EXITS)].as_slice(), &queries].concat());
        copy(&repository().join("queries/outcomes-by-quarter"), &world.path("home/queries/outcomes-by-quarter"));
        let told = run(&world, &["check", "a-page"]);
        assert!(told.code == 2 && told.err.contains(why), "{why}: {told:?}");
    }
}
