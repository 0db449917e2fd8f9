//! What `utfall plan` says before anything is spent: a verdict on each release, sizes from the public register, ways out, and what
//! another plan would give.

use crate::world::{RELEASE, Said, World, contents, home, repository, said};

const FRONT: &str = "/*+++ title = { sv = \"a\", en = \"b\" } +++*/\n";
/// Who moved closer to work, by municipality of Halland.
const BY_MUNICIPALITY: &str = "SELECT m.municipality, avg(CASE WHEN f.exit_state = 'work' THEN 1 ELSE 0 END) AS share \
     FROM participation f JOIN municipality m ON f.municipality = m.municipality \
     WHERE f.project = 'progress' AND m.county = '13' GROUP BY m.municipality";

/// A place with one release of these queries.
fn place(queries: &[(&str, &str)]) -> World {
    let world = World::empty();
    let files: Vec<(&str, String)> = queries.iter().map(|(name, sql)| (*name, format!("{FRONT}{sql}"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let release = RELEASE.replace("participations = 3", "participations = 3, rows = { rating = 60 }");
    home(&world, &release, &files);
    world
}

fn run(world: &World, arguments: &[&str]) -> Said {
    let all = [&["plan"], arguments].concat();
    said(world.command(&all).env("UTFALL_HOME", world.path("home")).output().unwrap())
}

fn plan(world: &World, arguments: &[&str]) -> String {
    let said = run(world, arguments);
    assert_eq!(said.code, 0, "{said:?}");
    said.out
}

/// The line of a plan that begins so.
fn line<'p>(plan: &'p str, begins: &str) -> &'p str {
    plan.lines().find(|line| line.trim_start().starts_with(begins)).unwrap_or_else(|| panic!("{begins}: {plan}"))
}

/// The n-th word of the line of a table.
fn word(plan: &str, table: &str, n: usize) -> String {
    line(plan, &format!("{table} ")).split_whitespace().nth(n).unwrap().to_owned()
}

#[test]
fn plan_shows_cost_and_error_and_spends_nothing() {
    let world = World::landed("10");
    let before = contents(&world.path("data"));
    let plan = world.ok(&["plan"]);
    for part in [
        "by_project                     10          25      26 %    0.0 %  follows from the others",
        "by_region_and_sex              30          16",
        "root mean square error per cell, all tables alike: 11.31; equal shares unreconciled 18.86; no Gaussian mechanism can be below ",
        "ASAP – As Soon As Possible: 40 planned, evenly spread 20 per cell: ±25, a share ±43 percentage points; mostly UNRELIABLE",
        "Nystart, Fler i Arbete: planned participants are not stated",
        "a share ±5 percentage points: from ",
        "Age band in two groups: ±",
        "costs: epsilon 1 (",
        "3 participations",
        "fits",
        "Nothing has been spent.",
    ] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    assert!(contents(&world.path("data")) == before);
    let world = World::new("1/2");
    assert!(world.ok(&["plan"]).contains("does NOT fit"));
}

#[test]
fn what_if_shows_another_budget_and_changes_nothing() {
    let world = World::landed("10");
    let before = contents(&world.path("data"));
    let twice = world.ok(&["plan", "--what-if", "epsilon=2", "--assume", "300"]);
    assert!(twice.contains("what if: epsilon=2") && twice.contains("costs: epsilon 2 ("), "{twice}");
    assert!(twice.contains("by_project                     10          12"), "{twice}");
    assert!(!twice.contains("not stated"), "{twice}");
    let one = world.ok(&["plan", "--what-if", "participations=1", "--what-if", "delta=0"]);
    assert!(one.contains("by_project                     10           9") && !one.contains("Gaussian"), "{one}");
    for wrong in ["epsilon", "epsilon=x", "interval=0.9", "participations=0", "delta=2"] {
        let said = world.run(&["plan", "--what-if", wrong]);
        assert!(said.code == 2 && said.err.contains(&format!("--what-if {wrong}: ")), "{said:?}");
    }
    assert!(contents(&world.path("data")) == before);
}

#[test]
fn every_shipped_release_has_a_verdict_first() {
    let world = World::empty();
    let queries = std::fs::read_dir(repository().join("queries")).unwrap().map(Result::unwrap);
    let releases: Vec<String> =
        queries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(releases.len() >= 10);
    for (lang, verdict) in [("en", "  VERDICT: "), ("sv", "  UTLÅTANDE: ")] {
        let plan = world.ok(&["plan", "--lang", lang]);
        let lines: Vec<&str> = plan.lines().collect();
        for release in &releases {
            let at = lines.iter().position(|line| line.starts_with(&format!("{release}: "))).unwrap();
            assert!(
                lines[at + 1].starts_with(verdict) && lines[at + 1].contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']),
                "{release}: {plan}"
            );
        }
        assert_eq!(plan.matches(verdict).count(), releases.len());
    }
}

#[test]
fn tables_are_sized_by_the_register_and_by_what_is_assumed() {
    let world = place(&[
        ("named", "SELECT sex, count(*) AS n FROM participation WHERE project = 'asap' AND age > 20 GROUP BY sex"),
        (
            "within",
            "SELECT sex, count(*) AS n FROM (SELECT participant, sex, project FROM participation WHERE project IN ('progress') GROUP BY participant, sex, project) p GROUP BY sex",
        ),
        (
            "joined",
            "SELECT f.sex, count(*) AS n FROM participation f JOIN project p USING (project) WHERE p.region = 'SE33' GROUP BY f.sex",
        ),
        ("silent", "SELECT sex, count(*) AS n FROM participation WHERE project = 'nystart' GROUP BY sex"),
        ("everybody", "SELECT sex, count(*) AS n FROM participation GROUP BY sex"),
        // A condition of its own leaves half of each branch.
        (
            "groups",
            "WITH person AS (SELECT * FROM participation WHERE project = 'asap') SELECT code, count(*) AS n FROM (SELECT 'rural' AS code FROM person WHERE rural UNION ALL SELECT 'homeless' AS code FROM person WHERE homeless UNION ALL SELECT 'minority' AS code FROM person WHERE minority) AS met GROUP BY code",
        ),
    ]);
    let told = plan(&world, &[]);
    let sized = |told: &str, table: &str| {
        let at = told.find(&format!("\n  {table}: ")).unwrap_or_else(|| panic!("{table}: {told}"));
        told[at..].lines().nth(2).unwrap().to_owned()
    };
    assert!(sized(&told, "named").contains("ASAP – As Soon As Possible: 40 planned, evenly spread 13 per cell: ±"), "{told}");
    assert!(sized(&told, "within").contains("PROGRESS: 300 planned, evenly spread 100 per cell: ±"), "{told}");
    assert!(sized(&told, "groups").contains("40 planned, evenly spread 20 per cell: ±"), "{told}");
    assert!(sized(&told, "joined").contains("ASAP – As Soon As Possible: 40 planned, "), "{told}");
    assert!(sized(&told, "silent").contains("Nystart: 300 as others usually have, "), "{told}");
    assert!(told.contains("Nystart: planned participants are not stated; reckoned with 300"), "{told}");
    assert!(sized(&told, "everybody").contains("1,240 people in all, "), "{told}");
    let told = plan(&world, &["--assume", "90"]);
    assert!(sized(&told, "named").contains("40 planned, evenly spread 13 per cell"), "{told}");
    assert!(sized(&told, "silent").contains("Nystart: 90 assumed, evenly spread 30 per cell"), "{told}");
    assert!(sized(&told, "everybody").contains("90 people in all, evenly spread 30 per cell"), "{told}");
    assert!(!told.contains("not stated"), "{told}");
    // More people, fewer numbers that are marked.
    let marked = |assumed: &str| word(&plan(&world, &["--assume", assumed]), "silent", 3).parse::<u32>().unwrap();
    assert!(marked("20") > marked("100") && marked("100") > marked("1000"));
}

#[test]
fn what_says_nothing_is_advised_against_with_a_way_out() {
    let world = place(&[
        ("homes", "SELECT municipality, count(*) AS n FROM participation GROUP BY municipality"),
        ("sexes", "SELECT sex, count(*) AS n FROM participation GROUP BY sex"),
    ]);
    let told = plan(&world, &[]);
    assert!(line(&told, "VERDICT: ").starts_with("  VERDICT: of 2 tables 1 will say something"), "{told}");
    assert!(told.contains("advised against") && !told.contains("\n    sexes: "), "{told}");
    assert!(line(&told, "homes: take ").contains("take county in place of municipality"), "{told}");
    // It is good advice: there are 21 counties.
    let merged = plan(&world, &["--what-if", "merge=homes.municipality:21"]);
    assert!(merged.contains("VERDICT: both tables will say something"), "{merged}");
    let sv = plan(&world, &["--lang", "sv"]);
    assert!(sv.contains("av 2 tabeller kommer 1 att säga något") && sv.contains("ta län i stället för municipality"), "{sv}");
}

#[test]
fn what_cannot_be_told_is_said_in_words() {
    let world = place(&[
        ("days", "SELECT avg(programme_days) AS days FROM participation WHERE project = 'asap' AND programme_days IS NOT NULL"),
        ("clamped", "SELECT avg(least(greatest(age, 20), 50)) AS age FROM participation WHERE age IS NOT NULL"),
        ("middle", "SELECT median(age) AS age FROM participation WHERE age BETWEEN 16 AND 64"),
    ]);
    let told = plan(&world, &[]);
    let wide = "larger than what is possible (0–5,000 days): clamp with least(greatest(programme_days, a), b)";
    assert!(told.contains(wide) && line(&told, "days:").contains("clamp programme_days"), "{told}");
    assert_eq!(told.matches("larger than what is possible").count(), 1, "{told}");
    assert!(told.contains("middle: the value is at most ") && told.contains("within the "), "{told}");
    assert!(told.contains(" percentile (") && told.contains(" of the people either way)"), "{told}");
    let told = plan(&world, &["--lang", "sv"]);
    assert!(told.contains("mer än vad som är möjligt (0–5\u{a0}000 dagar): begränsa med least("), "{told}");
}

#[test]
fn what_if_changes_bounds_weights_tables_and_keys() {
    let world = place(&[
        ("ratings", "SELECT area, count(*) AS n FROM rating GROUP BY area"),
        ("sexes", "SELECT sex, count(*) AS n FROM participation WHERE project = 'progress' GROUP BY sex"),
        ("homes", BY_MUNICIPALITY),
    ]);
    let off = |told: &str, table: &str| word(told, table, 2).replace([',', '>'], "").parse::<f64>().unwrap();
    let now = plan(&world, &[]);
    let fewer = plan(&world, &["--what-if", "rows.rating=10"]);
    assert!(fewer.contains("what if: rows.rating=10") && fewer.contains("rating: 10 rows"), "{fewer}");
    assert!(off(&fewer, "ratings") < off(&now, "ratings") / 4.0, "{now}{fewer}");
    let heavier = plan(&world, &["--what-if", "weight.sexes=100"]);
    assert!(off(&heavier, "sexes") < off(&now, "sexes") && off(&heavier, "ratings") > off(&now, "ratings"), "{now}{heavier}");
    let dropped = plan(&world, &["--what-if", "drop=ratings"]);
    assert!(!dropped.contains("ratings ") && off(&dropped, "sexes") < off(&now, "sexes"), "{dropped}");
    let merged = plan(&world, &["--what-if", "merge=homes.municipality:2", "--what-if", "epsilon=2"]);
    let [before, after] = [&now, &merged].map(|told| word(told, "homes", 1));
    assert_eq!((before.as_str(), after.as_str()), ("6", "2"), "{merged}");
    assert!(off(&merged, "homes") < off(&now, "homes"), "{now}{merged}");
    for (change, known) in [
        ("rows.none=3", "there are: rating"),
        ("weight.none=2", "there are: homes, ratings, sexes"),
        ("drop=none", "there are: homes, ratings, sexes"),
        ("merge=none.sex:2", "there are: homes, ratings, sexes"),
        ("merge=sexes.none:2", "there are: sex"),
        ("merge=sexes.sex:3", "`sex` has 3 codes"),
        ("merge=sexes:3", "merge=TABLE.KEY:NUMBER"),
        ("weight.sexes=0", "from 0.001 to 1000"),
        ("rows.rating=none", "whole number"),
    ] {
        let said = run(&world, &["--what-if", change]);
        assert!(said.code == 2 && said.err.contains(known) && said.err.contains(&format!("--what-if {change}: ")), "{said:?}");
    }
    let said = run(&world, &["--what-if", "drop=homes", "--what-if", "drop=sexes", "--what-if", "drop=ratings"]);
    assert!(said.code == 2 && said.err.contains("no table would be left"), "{said:?}");
}

#[test]
fn what_is_found_gives_what_was_asked_for() {
    let world = place(&[
        ("homes", BY_MUNICIPALITY),
        ("sexes", "SELECT sex, count(*) AS n FROM participation GROUP BY sex"),
        ("days", "SELECT avg(programme_days) AS days FROM participation WHERE project = 'asap' AND programme_days IS NOT NULL"),
    ]);
    let after = |told: &str, part: &str| {
        let rest = told.split(part).nth(1).unwrap_or_else(|| panic!("{part}: {told}"));
        rest.split([' ', '\n', ')']).next().unwrap().to_owned()
    };
    let found = plan(&world, &["--find", "10", "--table", "homes"]);
    assert!(found.contains("homes, share: ±10 percentage points for 300 participants (50 per cell)"), "{found}");
    assert!(found.contains("Nothing has been spent.") && !found.contains("sexes"), "{found}");
    let share = |change: &str| {
        let told = plan(&world, &["--what-if", change]);
        let off = word(&told, "homes", 2);
        off.replace('>', "").parse::<f64>().unwrap()
    };
    let epsilon = after(&found, "smallest epsilon: ");
    let number: f64 = epsilon.parse().unwrap();
    assert!(share(&format!("epsilon={epsilon}")) <= 10.0 && share(&format!("epsilon={}", number * 0.9)) > 10.0, "{found}");
    let merged = plan(&world, &["--find", "15", "--table", "homes"]);
    let merging = after(&merged, "at epsilon 1: utfall plan trial --what-if ");
    let (key, to) = merging.rsplit_once(':').unwrap();
    let (to, more) = (to.parse::<u32>().unwrap(), to.parse::<u32>().unwrap() + 1);
    assert!((1..6).contains(&to) && key == "merge=homes.municipality", "{merged}");
    assert!(share(&format!("{key}:{to}")) <= 15.0, "{merged}");
    assert!(more == 6 || share(&format!("{key}:{more}")) > 14.5, "{merged}");
    // Of a count, people; and what cannot be had is said.
    let counts = plan(&world, &["--find", "10", "--table", "sexes"]);
    let epsilon = after(&counts, "smallest epsilon: ");
    assert_eq!(word(&plan(&world, &["--what-if", &format!("epsilon={epsilon}")]), "sexes", 2), "10", "{counts}");
    assert!(counts.contains("no merging of one key is enough"), "{counts}");
    assert!(plan(&world, &["--find", "0.02", "--table", "days"]).contains("no epsilon below 200 is enough"));
    for (arguments, code) in [
        (["--find", "10", "--table", "none"], "there are: days, homes, sexes"),
        (["--find", "0", "--table", "homes"], "invalid-value"),
    ] {
        let said = run(&world, &arguments);
        assert!(said.code == 2 && said.err.contains(code), "{said:?}");
    }
}

#[test]
fn a_release_warns_of_what_says_nothing_and_goes_on() {
    let world = World::landed("10");
    let sql = format!("{FRONT}SELECT municipality, count(*) AS n FROM participation GROUP BY municipality");
    let home = home(&world, &RELEASE.replace("\"1\"", "\"0.25\""), &[("homes", &sql)]);
    let release = || said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    let told = release();
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
    let warning = "warning: trial: expected to say nothing: homes (1 of 1 tables); utfall plan trial says what helps";
    assert!(told.err.contains(warning), "{told:?}");
    // What is paid for is no matter of advice.
    let again = release();
    assert!(again.code == 0 && again.err.is_empty(), "{again:?}");
}

/// By municipality most cells are too small; the plan says what counting by county would give instead.
#[test]
fn a_plan_by_municipality_says_what_counties_would_give() {
    let world = World::empty();
    let sql = "/*+++ title = { sv = \"a\", en = \"a\" } +++*/\nSELECT f.municipality, count(*) AS n FROM participation f GROUP BY f.municipality";
    let home = home(&world, RELEASE, &[("homes", sql)]);
    for (lang, says) in [("en", "county in place of municipality: ±"), ("sv", "län i stället för kommun: ±")] {
        let said = said(world.command(&["plan", "--lang", lang]).env("UTFALL_HOME", &home).output().unwrap());
        assert_eq!(said.code, 0, "{said:?}");
        let line = said.out.lines().find(|line| line.contains(says)).unwrap_or_else(|| panic!("{}", said.out));
        assert!(line.contains("13 "), "290 municipalities in 21 counties: {line}");
    }
}
