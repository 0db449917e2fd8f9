//! What is measured together says the same as what is measured alone: with next to no noise, each query of a release that chooses what to
//! measure gives the numbers that it gives in a release of its own.

use std::collections::BTreeMap;

use crate::world::{World, copy, repository, said};

const RELEASE: &str = "title = { sv = \"Prov\", en = \"Trial\" }\n[privacy]\nbudget = { epsilon = \"100000000\", delta = \"1e-6\" }\n\
                       bounds = { participations = 3, rows = { milestone = 4 } }\n[publish]\nformats = [\"csv\"]\ninterval = \"0.95\"\n";

/// Queries of the same rows, of some of them, by keys and shares of the same conditions in other words.
const QUERIES: &[(&str, &str)] = &[
    ("by_sex", "SELECT sex, count(*) AS n {from} GROUP BY sex"),
    ("all", "SELECT count(*) AS n {from}"),
    ("disabled", "SELECT sex, count(*) AS n {from} AND disability GROUP BY sex"),
    ("not_disabled", "SELECT count(*) AS n {from} AND NOT disability"),
    ("rural_of_disabled", "SELECT avg(CASE WHEN rural THEN 1 ELSE 0 END) AS share {from} AND disability"),
    ("young_and_disabled", "SELECT education, count(*) AS n {from} AND disability AND age < 30 GROUP BY education"),
    (
        "ended",
        "SELECT CASE WHEN exit_state IN ('work', 'studies') THEN 'work' ELSE 'other' END AS k, count(*) AS n {from} AND exit_state IS NOT NULL GROUP BY k",
    ),
    ("share_of_all", "SELECT avg(CASE WHEN exit_state IN ('work', 'studies') THEN 1 ELSE 0 END) AS share {from}"),
    // The same condition as a key, in the order of its codes and the other way round, and by numbers.
    ("key", "SELECT CASE WHEN disability THEN 'a' ELSE 'b' END AS k, count(*) AS n {from} GROUP BY k"),
    ("turned", "SELECT CASE WHEN disability THEN 'b' ELSE 'a' END AS k, count(*) AS n {from} GROUP BY k"),
    ("number", "SELECT CASE WHEN disability THEN 1 ELSE 0 END AS k, count(*) AS n {from} GROUP BY k"),
    ("number_turned", "SELECT CASE WHEN disability THEN 0 ELSE 1 END AS k, count(*) AS n {from} GROUP BY k"),
    ("not", "SELECT CASE WHEN NOT disability THEN 'a' ELSE 'b' END AS k, count(*) AS n {from} GROUP BY k"),
    ("truth", "SELECT disability, count(*) AS n {from} GROUP BY disability"),
    ("share", "SELECT avg(CASE WHEN disability THEN 1 ELSE 0 END) AS share {from}"),
    ("share_turned", "SELECT avg(CASE WHEN disability THEN 0 ELSE 1 END) AS share {from}"),
    // Under FILTER, alone and in groups.
    ("filtered", "SELECT sex, count(*) FILTER (WHERE rural) AS n {from} GROUP BY sex"),
    ("filtered_twice", "SELECT count(*) FILTER (WHERE rural AND NOT disability) AS n {from} AND age < 50"),
    // A share by its own condition: cells that hold nobody.
    (
        "by_itself",
        "SELECT CASE WHEN disability THEN 'a' ELSE 'b' END AS k, avg(CASE WHEN disability THEN 1 ELSE 0 END) AS share {from} GROUP BY k",
    ),
    ("of_itself", "SELECT avg(CASE WHEN disability THEN 1 ELSE 0 END) AS share {from} AND disability"),
    // Nothing is said of some.
    ("unknown", "SELECT CASE WHEN months_unemployed > 12 THEN 'long' ELSE 'other' END AS k, count(*) AS n {from} GROUP BY k"),
    ("long", "SELECT sex, count(*) AS n {from} AND months_unemployed > 12 GROUP BY sex"),
    ("not_long", "SELECT sex, count(*) AS n {from} AND NOT months_unemployed > 12 GROUP BY sex"),
    ("share_of_long", "SELECT avg(CASE WHEN months_unemployed > 12 THEN 1 ELSE 0 END) AS share {from}"),
    (
        "trained",
        "SELECT sex, count(*) AS n {from} AND EXISTS (SELECT 1 FROM milestone m WHERE m.participant = participation.participant AND m.step = 'trust') GROUP BY sex",
    ),
    ("days", "SELECT sex, sum(least(greatest(age, 16), 64)) AS n {from} AND age IS NOT NULL GROUP BY sex"),
];

fn write(world: &World, release: &str, queries: &[(&str, &str)]) {
    let folder = world.path("home/queries").join(release);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("release.toml"), RELEASE).unwrap();
    for (name, sql) in queries {
        let front = format!("/*+++ title = {{ sv = \"{name}\", en = \"{name}\" }} +++*/\n");
        let sql = sql.replace("{from}", "FROM participation WHERE entry = 1 AND project = 'progress'");
        std::fs::write(folder.join(format!("{name}.sql")), format!("{front}{sql}")).unwrap();
    }
}

/// The numbers of a file, by the codes beside them.
fn numbers(world: &World, release: &str, name: &str) -> BTreeMap<String, f64> {
    let mut reader = csv::Reader::from_path(world.path(&format!("out/{release}/{name}.csv"))).unwrap();
    let headings = reader.headers().unwrap().clone();
    let value = headings.iter().position(|heading| ["n", "share"].contains(&heading)).unwrap();
    let row =
        |row: csv::StringRecord| (row.iter().take(value).collect::<Vec<_>>().join(" "), row[value].parse().unwrap_or(f64::NAN));
    reader.records().map(|of| row(of.unwrap())).collect()
}

#[test]
fn what_is_measured_together_says_the_same_as_alone() {
    let world = World::landed("10000000000");
    copy(&repository().join("schemas"), &world.path("home/schemas"));
    write(&world, "together", QUERIES);
    for (at, query) in QUERIES.iter().enumerate() {
        write(&world, &format!("alone-{at}"), &[*query]);
    }
    let home = |arguments: &[&str]| said(world.command(arguments).env("UTFALL_HOME", world.path("home")).output().unwrap());
    let plan = home(&["plan", "together"]);
    assert!(plan.code == 0 && plan.out.contains("follows from what is measured"), "{plan:?}");
    let released = home(&["release"]);
    assert_eq!(released.code, 0, "{released:?}");
    let mut counted = 0;
    for (at, (name, _)) in QUERIES.iter().enumerate() {
        let (together, alone) = (numbers(&world, "together", name), numbers(&world, &format!("alone-{at}"), name));
        assert!(together.keys().eq(alone.keys()), "{name}: {together:?} {alone:?}");
        for (key, number) in &together {
            // A share of nobody is no number, and hundredths are rounded so that they add up.
            let is_same = (number - alone[key]).abs() < 0.03 || alone[key].is_nan();
            assert!(is_same, "{name} {key}: {number} together, {} alone\n{}", alone[key], plan.out);
            counted += usize::from(alone[key] > 1.0);
        }
    }
    assert!(counted > 30, "{counted} numbers of people");
    assert_eq!(home(&["verify", "together"]).code, 0);
}
