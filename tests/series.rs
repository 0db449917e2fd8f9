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
    let keys: Vec<usize> = ["period", "through", "year", "sex", "exit_state"].into_iter().filter_map(at).collect();
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
    assert!(said.out.contains("new periods: 2021-Q1–2023-Q1 (9); budget spent: epsilon 1, left epsilon 9"), "{said:?}");
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
        assert!(sums.len() > 10);
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
    assert!(said.out.contains("new periods: 2022-Q3; budget spent: epsilon 1, left epsilon 8"), "{said:?}");
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
        (&["release", SERIES, "--period", "2023-Q2"], "2023-Q2 is not complete, or is no period of the series"),
        (&["release", SERIES, "--period", "2021-05"], "2021-05 is not complete, or is no period of the series"),
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
