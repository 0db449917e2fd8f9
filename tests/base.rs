//! A release stands on the numbers of another one: one fact is one number on both pages, and is paid for once.

use std::collections::BTreeMap;

use crate::world::{RELEASE, Said, World, column, contents, copy, repository, said};

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
    assert!(page.contains("are protected by these, and counted within their bounds (base: ε = 1"), "{page}");
    // Its own promise is of its own numbers.
    assert!(
        page.contains("the numbers that this release measured are almost as likely") && !page.contains("by this page"),
        "{page}"
    );
    let metadata = std::fs::read_to_string(world.path("out/a-page/share_n.csv-metadata.json")).unwrap();
    assert!(metadata.contains("\"quotes\"") && !metadata.contains("\"certificate\""), "{metadata}");
    assert!(metadata.contains("Epsilon and delta hold for the whole release whose numbers these are, base."), "{metadata}");
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
    let series = "SELECT outcome, participations FROM published.\"outcomes-by-quarter\".quarterly";
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

/// Whatever becomes of what is quoted, the pages that quote it show what its page shows, or are told to be behind.
#[test]
fn quotations_follow_what_they_quote() {
    let world = World::landed("1000");
    let inbox = world.text("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    let quote = "SELECT exit_state, n FROM published.base.exits";
    // Two quotations of one table, and a third by way of another release.
    let all = |base: &'static str, quote: &'static str| {
        [
            ("base", "exits", base),
            ("b", "by_sex", BY_SEX),
            ("b", "quote", quote),
            ("b", "share", SHARE),
            ("c", "by_age", "SELECT age_band, count(*) AS n FROM participation GROUP BY age_band"),
            ("c", "chain", "SELECT exit_state, n FROM published.b.quote"),
        ]
    };
    let same = || {
        let of = column(&world, "base/exits.csv", "n");
        (of == column(&world, "b/quote.csv", "n"), of == column(&world, "c/chain.csv", "n"))
    };
    releases(&world, &all(EXITS, quote));
    ok(&world, &["release"]);
    assert_eq!(same(), (true, true));
    assert!(ok(&world, &["status"]).contains("published as they would be now, free: b, base, c"));
    assert_eq!(ok(&world, &["run", "--inbox", &inbox]), "", "nothing is new");
    // What another release makes of a quoted table is shown by whoever quotes that.
    releases(&world, &all(EXITS, "SELECT exit_state, n FROM published.base.exits WHERE exit_state = 'work'"));
    let told = ok(&world, &["run", "--inbox", &inbox]);
    assert!(
        told.contains("b: from the archive, free; published") && told.contains("c: from the archive, free; published"),
        "{told}"
    );
    assert_eq!(column(&world, "c/chain.csv", "n").len(), 1);
    releases(&world, &all(EXITS, quote));
    ok(&world, &["release"]);
    // New rows, and only what is quoted is released.
    let number = crate::leaks::numbers()[0].clone();
    let late = world.write(
        "late.csv",
        format!("Projekt;Personnr;Startdatum;Slutdatum;Avslutsorsak\nPROGRESS;{number};2021-04-01;2021-06-01;Arbete\n"),
    );
    assert_eq!(run(&world, &["land", &late]).code, 0);
    let told = run(&world, &["release", "base"]);
    assert!(
        told.code == 0 && told.err.contains("b quotes base and shows the numbers that base had before; run utfall release b"),
        "{told:?}"
    );
    assert_eq!(same(), (false, false));
    ok(&world, &["publish"]);
    assert_eq!(same(), (true, true), "pages that are published together show one number");
    // Another question takes its place and is taken back while other rows have landed: nobody goes back to older numbers.
    let (before, spent) = (column(&world, "b/quote.csv", "n"), paid(&world).len());
    let other =
        "SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IS NOT NULL AND age > 20 GROUP BY exit_state";
    releases(&world, &all(other, quote));
    ok(&world, &["release", "base"]);
    let later = world.write(
        "later.csv",
        format!("Projekt;Personnr;Startdatum;Slutdatum;Avslutsorsak\nASAP;{number};2017-04-01;2017-06-01;Arbete\n"),
    );
    assert_eq!(run(&world, &["land", &later]).code, 0);
    releases(&world, &all(EXITS, quote));
    let told = run(&world, &["run", "--inbox", &inbox, "b", "c"]);
    assert!(told.err.contains("b: it quotes base, which is not published as it is declared now"), "{told:?}");
    assert_eq!((column(&world, "b/quote.csv", "n"), paid(&world).len()), (before, spent + 1));
    // A plan says which comes first.
    assert!(
        ok(&world, &["plan", "b"])
            .contains("quotes base, which is not published as it is declared now: utfall release base first")
    );
}

/// The numbers of a published file by the codes of some columns, those of the same codes added up.
fn numbers(world: &World, file: &str, keys: &[&str], value: &str) -> BTreeMap<Vec<String>, f64> {
    let mut reader = csv::Reader::from_path(world.path(&format!("out/{file}.csv"))).unwrap();
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|h| h == name).unwrap_or_else(|| panic!("{file}: {name}"));
    let mut all = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let key = keys.iter().map(|key| row[at(key)].to_owned()).collect();
        *all.entry(key).or_insert(0.0) += row[at(value)].parse().unwrap_or(f64::NAN);
    }
    all
}

fn agree(what: &str, one: &BTreeMap<Vec<String>, f64>, other: &BTreeMap<Vec<String>, f64>, within: f64) {
    assert!(!one.is_empty() && one.keys().eq(other.keys()), "{what}: {one:?} {other:?}");
    for (key, number) in one {
        let both = (*number, other[key]);
        // A share of nobody is none in both.
        let is_same = (both.0 - both.1).abs() <= within || both.0.is_nan() && both.1.is_nan();
        assert!(is_same, "{what} {key:?}: {} and {}", both.0, both.1);
    }
}

/// What part of the sum over all codes of a column the numbers of one of them are.
fn share(counts: &BTreeMap<Vec<String>, f64>, code: &str) -> BTreeMap<Vec<String>, f64> {
    let (mut part, mut whole) = (BTreeMap::new(), BTreeMap::new());
    for (key, number) in counts {
        let (last, first) = key.split_last().unwrap();
        *whole.entry(first.to_vec()).or_insert(0.0) += number;
        if last == code {
            part.insert(first.to_vec(), *number);
        }
    }
    part.into_iter().map(|(key, part)| (key.clone(), (part / whole[&key]).clamp(0.0, 1.0))).collect()
}

/// The library as it is shipped: whatever states the same fact on two pages, or twice on one, states the same number.
#[test]
fn every_pair_of_numbers_of_the_library_that_states_one_fact_agrees() {
    let world = World::landed("1000");
    world.ok(&["release"]);
    let table = |file: &str, keys: &[&str], value: &str| numbers(&world, file, keys, value);
    // Quoted: to the last digit, with their intervals.
    for column in ["share", "lower", "upper"] {
        let of = |file| table(file, &["project"], column);
        agree("shares by project", &of("across/positive_by_project"), &of("outcomes/positive_by_project"), 0.0);
    }
    for column in ["people", "lower", "upper"] {
        let of = |file| table(file, &["follow_up"], column);
        agree("follow-up", &of("indicators/observable"), &of("progress/follow_up"), 0.0);
    }
    let ways = table("across/stairs_and_side_by_side", &["way"], "share").into_iter();
    let ways = ways.filter(|(way, _)| way[0].starts_with("side_by_side")).collect();
    agree("ways", &table("progress/side_by_side", &["way"], "share"), &ways, 0.0);
    // Totals and parts: hundredths are rounded so that they add up, whole numbers to the nearest.
    let people = table("progress/people", &[], "people");
    agree("people of PROGRESS", &people, &table("progress/follow_up", &[], "people"), 0.025);
    agree("people of PROGRESS", &people, &table("progress/outcomes_by_team", &[], "people"), 0.025);
    let schemes = table("indicators/total", &["scheme"], "participants");
    let twice = schemes.keys().map(|scheme| (scheme.clone(), people[&Vec::new()])).collect();
    agree("people of PROGRESS", &schemes, &twice, 1.0);
    let outcomes = table("outcomes/by_project", &["outcome"], "participations");
    for file in ["outcomes/by_region_and_sex", "outcomes/by_age_band"] {
        agree(file, &table(file, &["outcome"], "participations"), &outcomes, 0.025);
    }
    let by_region = table("across/outcomes_by_region", &["outcome"], "participations");
    for file in ["across/outcomes_by_county", "across/outcomes_by_association"] {
        agree(file, &table(file, &["outcome"], "participations"), &by_region, 0.025);
    }
    // Shares are those of the counts beside them.
    let by_project = share(&table("outcomes/by_project", &["project", "outcome"], "participations"), "work_or_studies");
    agree("shares of counts", &table("outcomes/positive_by_project", &["project"], "share"), &by_project, 0.002);
    let chain = table("traning-ger-fardighet/chain", &["training", "outcome"], "participations");
    let of_these = table("traning-ger-fardighet/positive_of_these", &["training"], "share");
    agree("of these", &of_these, &share(&chain, "work_or_studies"), 0.002);
    let trained = share(&table("traning-ger-fardighet/chain", &["training"], "participations"), "trained");
    agree("into training", &table("traning-ger-fardighet/into_training", &[], "share"), &trained, 0.002);
    let all: f64 = chain.values().sum();
    let of_all = BTreeMap::from([(Vec::new(), chain[&vec!["trained".to_owned(), "work_or_studies".to_owned()]] / all)]);
    agree("of all", &table("traning-ger-fardighet/positive_of_all", &[], "share"), &of_all, 0.005);
    let exits = table("asap/exits", &[], "participations");
    agree("exits of ASAP", &table("asap/rate_of_all", &[], "exits"), &exits, 1.0);
    // What must differ says so once, with a link.
    let quarters = std::fs::read_to_string(world.path("out/outcomes-by-quarter/en.html")).unwrap();
    assert_eq!(quarters.matches("Other numbers than in <a href=\"../outcomes/en.html#by_project\">").count(), 1);
}

/// No two releases of the library count the same rows, each with noise of its own, without saying so; where two do, it is told.
#[test]
fn rows_that_two_releases_count_are_told() {
    let world = World::empty();
    let told = world.run(&["check"]);
    assert!(told.code == 0 && told.err.is_empty(), "{told:?}");
    let again = "SELECT sex AS kind, count(*) AS rows FROM participation AS p GROUP BY sex";
    releases(&world, &[("base", "exits", EXITS), ("b", "by_sex", BY_SEX), ("c", "again", again)]);
    let told = run(&world, &["check"]);
    assert!(told.code == 0 && told.err.contains("again.sql: the same rows are counted in"), "{told:?}");
    assert!(told.err.contains("quote published.b.by_sex") && !told.err.contains("exits.sql"), "{told:?}");
    // Whoever says why they differ is not told.
    let file = world.path("home/queries/c/again.sql");
    let text = std::fs::read_to_string(&file).unwrap();
    let differs = "\ndiffers = { from = \"b.by_sex\", sv = \"annat\", en = \"other\" }\n+++*/";
    std::fs::write(&file, text.replace("\n+++*/", differs)).unwrap();
    assert!(run(&world, &["check"]).err.is_empty());
    std::fs::write(&file, text.replace("\n+++*/", &differs.replace("b.by_sex", "b.nothing"))).unwrap();
    let told = run(&world, &["check"]);
    assert!(told.code == 2 && told.err.contains("`differs` names b.nothing"), "{told:?}");
}
