//! A series by the command line: charged once, published quarter by quarter, with sums over quarters.

use std::collections::BTreeMap;

use crate::world::World;

const SERIES: &str = "outcomes-by-quarter";

/// A published file: per row its codes and its number in hundredths.
fn numbers(world: &World, file: &str) -> BTreeMap<Vec<String>, i64> {
    let path = world.path("out").join(SERIES).join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name);
    let value = at("participations").unwrap();
    let keys: Vec<usize> = ["period", "through", "year", "sex", "outcome"].into_iter().filter_map(at).collect();
    let row = |record: csv::StringRecord| {
        let (whole, cents) = record[value].split_once('.').unwrap();
        let number: i64 = format!("{whole}{cents}").parse().unwrap();
        (keys.iter().map(|key| record[*key].to_owned()).collect(), number)
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn a_series_is_charged_once_and_its_files_add_up() {
    let world = World::landed("10");
    let said = world.run(&["plan", SERIES]);
    assert!(
        said.out.contains("complete and not published: 2021-Q1–2023-Q1 (9)") && said.out.contains("costs: epsilon 1"),
        "{said:?}"
    );
    let said = world.run(&["release", SERIES]);
    assert!(said.out.contains(": 2021-Q1–2023-Q1 (9); budget spent: epsilon 1, left epsilon 9"), "{said:?}");
    let first = numbers(&world, "quarterly.csv");
    let said = world.run(&["release", SERIES]);
    assert!(said.code == 0 && said.out.contains("all periods are published; unchanged"), "{said:?}");

    // Every cell until a quarter, and of a year, is the sum of its quarters; by sex and without.
    for (each, sums, parts) in [
        ("quarterly.csv", "quarterly_cumulative.csv", false),
        ("quarterly_by_sex.csv", "quarterly_by_sex_cumulative.csv", false),
        ("quarterly.csv", "quarterly_yearly.csv", true),
    ] {
        let each = numbers(&world, each);
        let sums = numbers(&world, sums);
        assert!(sums.len() > 3);
        for (key, sum) in &sums {
            let at = key.iter().position(|code| code.starts_with("20")).unwrap();
            let is_in = |quarter: &str| if parts { quarter.starts_with(&key[at]) } else { quarter <= key[at].as_str() };
            let same = |other: &[String]| other.iter().zip(key).enumerate().all(|(i, (a, b))| i == at || a == b);
            let total: i64 = each.iter().filter(|(other, _)| same(other) && is_in(&other[at])).map(|(_, number)| number).sum();
            assert_eq!(*sum, total, "{key:?}");
        }
    }
    // Quarters by sex sum to quarters, to the last digit.
    let by_sex = numbers(&world, "quarterly_by_sex.csv");
    for (key, total) in &first {
        let parts = by_sex.iter().filter(|(other, _)| other.contains(&key[0]) && other.contains(&key[1]));
        assert_eq!(parts.map(|(_, number)| number).sum::<i64>(), *total, "{key:?}");
    }
    assert_eq!(world.run(&["verify", SERIES]).code, 0);
    let certificate = world.text("out") + "/" + SERIES + "/certificate.json";
    assert_eq!(world.run(&["verify", "--certificate", &certificate]).code, 0);

    // A second vintage of one quarter: the others stand, and it costs as much again.
    let said = world.run(&["release", SERIES, "--vintage", "2", "--period", "2022-Q3"]);
    assert!(said.out.contains(": 2022-Q3; budget spent: epsilon 1, left epsilon 8"), "{said:?}");
    let second = numbers(&world, "quarterly.csv");
    let changed: Vec<&str> = first.iter().filter(|(key, n)| second[*key] != **n).map(|(key, _)| key[0].as_str()).collect();
    assert!(!changed.is_empty() && changed.iter().all(|quarter| *quarter == "2022-Q3"), "{changed:?}");
    let page = std::fs::read_to_string(world.path("out").join(SERIES).join("en.html")).unwrap();
    assert!(page.contains("shown here in version 2") && page.contains("2 times as much"), "the page says so");
    std::fs::remove_dir_all(world.path("out")).unwrap();
    assert_eq!(world.run(&["publish", SERIES]).code, 0);
    assert_eq!(numbers(&world, "quarterly.csv"), second);
}

#[test]
fn what_cannot_be_published_is_said_and_costs_nothing() {
    let world = World::landed("10");
    for (arguments, says) in [
        (&["release", SERIES, "--vintage", "2"][..], "the next vintage of outcomes-by-quarter is 1"),
        (&["release", SERIES, "--period", "2023-Q2"], "2023-Q2 is no period of the series, which goes from 2021-Q1 to 2023-Q1"),
        (&["release", SERIES, "--period", "2021-05"], "2021-05 is no period of the series, which goes from 2021-Q1 to 2023-Q1"),
        (&["release", SERIES, "--period", "May"], "May is no period; write 2021-Q3, 2021-07 or 2021"),
        (&["release", "outcomes", "--vintage", "1"], "outcomes is no series: its release.toml has no [period]"),
        (&["release", "--vintage", "1"], "--vintage and --period are about one series; name it"),
    ] {
        let said = world.run(arguments);
        assert!(said.code == 2 && said.err.contains(says), "{arguments:?}: {said:?}");
    }
    assert!(world.run(&["ledger"]).out.contains("left: epsilon 10"));
}

#[test]
fn a_period_that_is_none_is_refused_with_the_way_out() {
    for (was, is, says) in [
        ("column = \"end\"", "column = \"age\"", "age is neither the first nor the last day of participations"),
        ("first  = \"2021-Q1\"", "first  = \"2021Q1\"", "[period] first: 2021Q1 is no period; write 2021-Q3, 2021-07 or 2021"),
        ("last   = \"2023-Q1\"", "last   = \"2020-Q1\"", "`last` is a period as long as `first`, and not before it"),
        ("last   = \"2023-Q1\"", "last   = \"2023-01\"", "`last` is a period as long as `first`, and not before it"),
        ("lag    = \"60 days\"", "lag    = \"60\"", "lag: 60 is no number of days; write \"60 days\""),
        ("lag    = \"60 days\"", "lags   = \"60 days\"", "unknown field `lags`"),
    ] {
        let world = World::empty();
        crate::world::copy(&crate::world::repository().join("queries"), &world.path("home/queries"));
        crate::world::copy(&crate::world::repository().join("schemas"), &world.path("home/schemas"));
        let path = world.path("home/queries").join(SERIES).join("release.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(was), "{was}");
        std::fs::write(&path, text.replace(was, is)).unwrap();
        let said = world.run(&["--home", &world.text("home"), "check", SERIES]);
        assert!(said.code == 2 && said.err.contains(says), "{says}: {said:?}");
    }
}

/// A home of its own with the series, whose files can be changed.
struct Home(World);

impl Home {
    fn new() -> Self {
        let world = World::landed("10");
        crate::world::copy(&crate::world::repository().join("schemas"), &world.path("home/schemas"));
        crate::world::copy(&crate::world::repository().join("queries").join(SERIES), &world.path("home/queries").join(SERIES));
        Self(world)
    }

    fn run(&self, arguments: &[&str]) -> crate::world::Said {
        crate::world::said(self.0.command(arguments).env("UTFALL_HOME", self.0.path("home")).output().unwrap())
    }

    fn change(&self, file: &str, was: &str, is: &str) {
        let path = self.0.path("home/queries").join(SERIES).join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(was), "{was}");
        std::fs::write(&path, text.replace(was, is)).unwrap();
    }
}

#[test]
fn what_was_published_of_a_series_stays_whatever_is_changed_about_it() {
    let home = Home::new();
    home.change("release.toml", "\"2023-Q1\"", "\"2022-Q4\"");
    assert!(home.run(&["release"]).out.contains("2021-Q1–2022-Q4 (8); budget spent: epsilon 1, left epsilon 9"));
    let first = numbers(&home.0, "quarterly.csv");
    let widths = |world: &World| {
        let text = std::fs::read_to_string(world.path("out").join(SERIES).join("quarterly.csv")).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().map(Result::unwrap);
        let width = |row: csv::StringRecord| (row[8].parse::<f64>().unwrap() - row[7].parse::<f64>().unwrap()).round();
        rows.map(|row| (row[0].to_owned(), width(row))).collect::<BTreeMap<String, f64>>()
    };
    // A smaller budget is another series, and says so before it is charged; the first one comes back without a charge.
    home.change("release.toml", "epsilon = \"1\"", "epsilon = \"0.5\"");
    for command in ["plan", "release"] {
        let said = home.run(&[command]);
        assert!(format!("{}{}", said.out, said.err).contains("this is a new series with a cost of its own"), "{said:?}");
    }
    home.change("release.toml", "epsilon = \"0.5\"", "epsilon = \"1\"");
    home.change("release.toml", "last   = \"2022-Q4\"", "last   = \"2023-Q1\"");
    let said = home.run(&["release"]);
    assert!(said.out.contains(": 2023-Q1; paid for already") && said.err.is_empty(), "{said:?}");
    let all = numbers(&home.0, "quarterly.csv");
    assert!(first.iter().all(|(key, number)| all[key] == *number) && all.len() == first.len() / 8 * 9);
    assert_eq!(home.run(&["publish"]).code, 0);
    assert_eq!(numbers(&home.0, "quarterly.csv"), all, "publishing from the archive shows what releasing showed");
    // A longer lag takes nothing back, and the level is that of every interval on the page.
    home.change("release.toml", "\"60 days\"", "\"3000 days\"");
    home.change("release.toml", "\"2023-Q1\"", "\"2031-Q1\"");
    let said = home.run(&["release"]);
    assert!(said.out.contains("no new period; 2023-Q2 is complete from 2031-09-17"), "{said:?}");
    assert_eq!(numbers(&home.0, "quarterly.csv"), all);
    let wide = widths(&home.0);
    assert!(wide.values().all(|width| *width == wide["2021-Q1"]), "{wide:?}");
}

/// Titles, comments and the case of words are free, and shown for every period.
#[test]
fn words_of_a_series_cost_nothing_and_are_shown() {
    let home = Home::new();
    assert!(home.run(&["release"]).out.contains("budget spent: epsilon 1, left epsilon 9"));
    let (before, ledger) = (numbers(&home.0, "quarterly.csv"), crate::world::contents(&home.0.path("data/ledger")));
    home.change("quarterly.sql", "en = \"Exits by outcome\"", "en = \"Where they went\"");
    home.change("quarterly.sql", "SELECT CASE WHEN f.exit_state", "-- a comment\nselect case when F.exit_state");
    home.change("release.toml", "interval = \"0.95\"", "interval = \"0.9\"");
    let said = home.run(&["release"]);
    assert!(said.code == 0 && said.err.is_empty() && said.out.contains("all periods are published"), "{said:?}");
    let page = || std::fs::read_to_string(home.0.path("out").join(SERIES).join("en.html")).unwrap();
    assert_eq!(page().matches("Where they went</h2>").count(), 1, "the sums have titles of their own");
    assert!(page().contains("Where they went") && page().contains("(90%)") && !page().contains("Exits by outcome"));
    assert_eq!((numbers(&home.0, "quarterly.csv"), crate::world::contents(&home.0.path("data/ledger"))), (before, ledger));
    let shown = page();
    assert_eq!(home.run(&["publish"]).code, 0);
    assert_eq!(page(), shown);
}

#[test]
fn what_a_series_could_not_publish_is_refused_before_it_costs() {
    let collisions = [
        ("quarterly.sql", "SELECT CASE", "SELECT f.sex AS year, CASE", "f.sex, outcome"),
        ("quarterly.sql", "SELECT CASE", "SELECT f.sex AS through, CASE", "f.sex, outcome"),
        ("quarterly.sql", "SELECT CASE", "SELECT f.sex AS period, CASE", "f.sex, outcome"),
    ];
    for (file, was, is, keys) in collisions {
        let home = Home::new();
        home.change(file, was, is);
        home.change(file, "BY outcome", &format!("BY {keys}"));
        let said = home.run(&["check"]);
        assert!(said.code == 2 && said.err.contains("is used twice"), "{is}: {said:?}");
    }
    let home = Home::new();
    let folder = home.0.path("home/queries").join(SERIES);
    std::fs::rename(folder.join("quarterly_by_sex.sql"), folder.join("quarterly_yearly.sql")).unwrap();
    assert!(home.run(&["check"]).err.contains("is used twice"));
    let home = Home::new();
    home.change("quarterly.sql", "order = 1", "order = 1\nprivate_keys = { delta = \"1e-7\" }");
    let said = home.run(&["check"]);
    assert!(said.code == 2 && said.err.contains("private_keys cannot be in a series"), "{said:?}");
}

/// Who is counted in two quarters is one person in the year: rows of people are not added up.
#[test]
fn people_are_not_added_up_over_quarters() {
    let home = Home::new();
    let sql = "/*+++\ntitle = { sv = \"a\", en = \"a\" }\n+++*/\nSELECT positive, count(*) AS people FROM (SELECT participant, bool_or(exit_state = 'work') AS positive FROM participation WHERE exit_state IS NOT NULL GROUP BY participant) AS person GROUP BY positive\n";
    std::fs::write(home.0.path("home/queries").join(SERIES).join("ever.sql"), sql).unwrap();
    assert_eq!(home.run(&["release"]).code, 0);
    let out = home.0.path("out").join(SERIES);
    assert!(out.join("ever.csv").is_file() && out.join("quarterly_yearly.csv").is_file());
    assert!(!out.join("ever_yearly.csv").exists() && !out.join("ever_cumulative.csv").exists());
}
