//! Queries as evaluators write them, released with a budget so large that the noise is gone: the published number is the number
//! that the query asks for, or the query is refused before anything is charged.

use std::collections::BTreeMap;

use crate::world::{RELEASE, Said, World, files, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";

/// A demo that has landed, and what is asked of it.
struct Asked {
    world: World,
}

/// The rows of a published file: the heading, then the cells.
type Rows = Vec<BTreeMap<String, String>>;

impl Asked {
    fn new() -> Self {
        Self { world: World::landed("100000") }
    }

    fn release(&self, queries: &[(&str, &str)], lang: &str) -> Said {
        let release = RELEASE.replace("epsilon = \"1\"", "epsilon = \"4000\"");
        let _ = std::fs::remove_dir_all(self.world.path("home"));
        let queries: Vec<(&str, String)> = queries.iter().map(|(name, sql)| (*name, format!("{FRONT}{sql}"))).collect();
        let queries: Vec<(&str, &str)> = queries.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
        let home = home(&self.world, &release, &queries);
        said(self.world.command(&["release", "trial", "--lang", lang]).env("UTFALL_HOME", &home).output().unwrap())
    }

    fn ask(&self, queries: &[(&str, &str)]) -> BTreeMap<String, Rows> {
        let told = self.release(queries, "en");
        assert_eq!(told.code, 0, "{told:?}");
        queries.iter().map(|(name, _)| ((*name).to_owned(), self.rows(&format!("{name}.csv")))).collect()
    }

    fn rows(&self, file: &str) -> Rows {
        let path = self.world.path("out/trial").join(file);
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        let header = reader.headers().unwrap().clone();
        let row =
            |record: csv::StringRecord| header.iter().zip(record.iter()).map(|(h, c)| (h.to_owned(), c.to_owned())).collect();
        reader.records().map(|record| row(record.unwrap())).collect()
    }

    /// Refused in both languages, with this rule, and nothing is charged.
    fn refused(&self, sql: &str, rule: &str, words: [&str; 2]) {
        let before = files(&self.world.path("data/ledger")).len();
        let [en, sv] = ["en", "sv"].map(|lang| self.release(&[("trial", sql)], lang));
        assert!(en.code == 2 && en.err.contains(&format!("refused[{rule}]")) && en.err.contains(words[0]), "{sql}: {en:?}");
        assert!(sv.code == 2 && sv.err.contains(&format!("vägrad[{rule}]")) && sv.err.contains(words[1]), "{sql}: {sv:?}");
        assert_eq!(files(&self.world.path("data/ledger")).len(), before, "{sql}: nothing is charged");
    }
}

/// A published number; what was reconciled has decimals.
fn whole(cell: &str) -> Option<i64> {
    cell.parse::<f64>().ok().map(|n| n.round() as i64)
}

/// What two files say of the same cells.
fn same(a: &Rows, b: &Rows, keys: &[(&str, &str)], numbers: (&str, &str)) {
    let of = |rows: &Rows, keys: &[&str], number: &str| {
        let cell = |row: &BTreeMap<String, String>| {
            (keys.iter().map(|key| row[*key].clone()).collect::<Vec<_>>(), whole(&row[number]).unwrap())
        };
        rows.iter().map(cell).collect::<BTreeMap<_, _>>()
    };
    let (left, right): (Vec<&str>, Vec<&str>) = keys.iter().copied().unzip();
    let (a, b) = (of(a, &left, numbers.0), of(b, &right, numbers.1));
    assert!(a.values().any(|n| *n > 5), "{a:?}");
    assert_eq!(a, b);
}

#[test]
fn a_key_that_is_named_twice_changes_no_number() {
    let asked = Asked::new();
    let years = "start BETWEEN DATE '2021-01-01' AND DATE '2022-12-31'";
    let found = asked.ask(&[
        ("once", "SELECT exit_state, count(*) AS n FROM participation GROUP BY exit_state"),
        ("twice", "SELECT exit_state, count(*) AS n FROM participation GROUP BY exit_state, exit_state"),
        ("places", "SELECT exit_state, count(*) AS n FROM participation GROUP BY 1, 1"),
        ("year", &format!("SELECT date_part('year', start) AS y, count(*) AS n FROM participation WHERE {years} GROUP BY y")),
        (
            "years",
            &format!("SELECT date_part('year', start) AS y, date_part('year', start) AS z, count(*) AS n FROM participation WHERE {years} GROUP BY y, z"),
        ),
        (
            "numbers",
            &format!("SELECT date_part('year', start) AS y, date_part('year', start) AS z, count(*) AS n FROM participation WHERE {years} GROUP BY 1, 2"),
        ),
        (
            "sex_between",
            "SELECT exit_state, sex, count(*) AS n FROM participation WHERE sex IS NOT NULL GROUP BY exit_state, sex, exit_state",
        ),
        ("sex", "SELECT exit_state, sex, count(*) AS n FROM participation WHERE sex IS NOT NULL GROUP BY exit_state, sex"),
        ("age", "SELECT age, count(*) AS n FROM participation WHERE age BETWEEN 20 AND 24 GROUP BY age, age"),
        ("ages", "SELECT age, count(*) AS n FROM participation WHERE age BETWEEN 20 AND 24 GROUP BY age"),
    ]);
    same(&found["once"], &found["twice"], &[("exit_state", "exit_state")], ("n", "n"));
    same(&found["once"], &found["places"], &[("exit_state", "exit_state")], ("n", "n"));
    same(&found["year"], &found["years"], &[("y", "y")], ("n", "n"));
    same(&found["year"], &found["numbers"], &[("y", "z")], ("n", "n"));
    assert!(found["years"].iter().all(|row| row["y"] == row["z"]), "{:?}", found["years"]);
    same(&found["sex"], &found["sex_between"], &[("exit_state", "exit_state"), ("sex", "sex")], ("n", "n"));
    same(&found["ages"], &found["age"], &[("age", "age")], ("n", "n"));
    for sql in [
        "SELECT q.exit_state, sum(q.n) AS n FROM (SELECT exit_state, sex, count(*) AS n FROM participation GROUP BY exit_state, sex) AS q GROUP BY q.exit_state, q.exit_state",
        "SELECT n, count(*) AS m FROM (SELECT participant, count(*) AS n FROM participation GROUP BY participant, participant) AS q GROUP BY n",
    ] {
        asked.refused(sql, "repeated-key", ["GROUP BY names the key", "GROUP BY nämner nyckeln"]);
    }
}

#[test]
fn lists_without_a_value_in_common_count_nobody_who_has_none() {
    let asked = Asked::new();
    let by = |condition: &str| format!("SELECT project, count(*) AS n FROM participation WHERE {condition} GROUP BY project");
    let sql = [
        ("known", by("exit_state IS NOT NULL")),
        ("where_or", by("exit_state NOT IN ('work') OR exit_state NOT IN ('studies')")),
        ("not_and", by("NOT (exit_state IN ('work', 'studies') AND exit_state IN ('sick', 'moved'))")),
        ("longer", by("exit_state NOT IN ('work', 'sick', 'moved', 'job_search') OR exit_state NOT IN ('studies', 'interrupted', 'pension_transition', 'own_business')")),
        ("plain", by("exit_state <> 'work' OR exit_state <> 'studies'")),
        ("unknown", by("(exit_state IN ('work') AND exit_state IN ('studies')) IS UNKNOWN")),
        ("none", by("exit_state IS NULL")),
        (
            "filtered",
            "SELECT project, count(*) AS all_of_them, count(*) FILTER (WHERE exit_state NOT IN ('work', 'sick') OR exit_state NOT IN ('studies', 'moved')) AS m FROM participation GROUP BY project".to_owned(),
        ),
        (
            "chosen",
            "SELECT project, sum(CASE WHEN exit_state NOT IN ('work', 'sick') OR exit_state NOT IN ('studies', 'moved') THEN 1 ELSE 0 END) AS m FROM participation GROUP BY project".to_owned(),
        ),
    ];
    let queries: Vec<(&str, &str)> = sql.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let told = asked.release(&queries, "en");
    assert_eq!(told.code, 0, "{told:?}");
    let known = asked.rows("known.csv");
    for name in ["where_or", "not_and", "longer", "plain"] {
        same(&known, &asked.rows(&format!("{name}.csv")), &[("project", "project")], ("n", "n"));
    }
    same(&known, &asked.rows("filtered_m.csv"), &[("project", "project")], ("n", "m"));
    same(&known, &asked.rows("chosen.csv"), &[("project", "project")], ("n", "m"));
    same(&asked.rows("none.csv"), &asked.rows("unknown.csv"), &[("project", "project")], ("n", "n"));
}

#[test]
fn a_third_table_may_be_joined_through_the_second() {
    let asked = Asked::new();
    let on = |third: &str| {
        format!(
            "SELECT f.project, count(*) AS n FROM participation f JOIN participation g ON f.participant = g.participant JOIN participation h ON {third} WHERE h.project = 'progress' GROUP BY f.project"
        )
    };
    let sql = [
        ("straight", on("h.participant = f.participant AND h.contribution = g.contribution")),
        ("through", on("h.participant = g.participant AND h.contribution = g.contribution")),
        ("turned", on("g.participant = h.participant AND g.contribution = h.contribution")),
        (
            "nested",
            "SELECT f.project, count(*) AS n FROM participation f JOIN (participation g JOIN participation h ON g.participant = h.participant AND g.contribution = h.contribution) ON f.participant = h.participant WHERE h.project = 'progress' GROUP BY f.project".to_owned(),
        ),
        (
            "using_both",
            "SELECT f.project, count(*) AS n FROM participation f JOIN participation g USING (participant) JOIN participation h ON h.participant = g.participant AND h.contribution = g.contribution WHERE h.project = 'progress' GROUP BY f.project".to_owned(),
        ),
        (
            "selected",
            "SELECT q.project, count(*) AS n FROM (SELECT f.project, g.participant AS p, g.contribution AS c FROM participation f JOIN participation g ON f.participant = g.participant) AS q JOIN participation h ON h.participant = q.p AND h.contribution = q.c WHERE h.project = 'progress' GROUP BY q.project".to_owned(),
        ),
        (
            "exists",
            "SELECT f.project, count(*) AS n FROM participation f JOIN participation g ON f.participant = g.participant WHERE EXISTS (SELECT 1 FROM participation h WHERE h.participant = g.participant AND h.contribution = g.contribution AND h.project = 'progress') GROUP BY f.project".to_owned(),
        ),
    ];
    let queries: Vec<(&str, &str)> = sql.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let found = asked.ask(&queries);
    for name in ["through", "turned", "nested", "using_both", "selected", "exists"] {
        same(&found["straight"], &found[name], &[("project", "project")], ("n", "n"));
    }
    // Where g may have no partner, its person is no person: the join says something else, and no rule certifies it.
    asked.refused(
        "SELECT f.project, count(*) AS n FROM participation f LEFT JOIN participation g ON f.participant = g.participant AND g.project = 'asap' JOIN participation h ON h.participant = g.participant GROUP BY f.project",
        "private-join",
        ["the person", "personen"],
    );
}

#[test]
fn what_is_constant_is_answered_and_a_median_of_nobody_is_told() {
    let asked = Asked::new();
    let found = asked.ask(&[
        ("mean", "SELECT project, avg(five) AS m FROM (SELECT project, 5 AS five FROM participation) AS q GROUP BY project"),
        ("middle", "SELECT project, median(five) AS m FROM (SELECT project, 5 AS five FROM participation) AS q GROUP BY project"),
        ("spread", "SELECT project, stddev(five) AS m FROM (SELECT project, 5 AS five FROM participation) AS q GROUP BY project"),
        ("nothing", "SELECT project, sum(0 * age) AS m FROM participation WHERE age IS NOT NULL GROUP BY project"),
        ("fifty", "SELECT project, avg(age) AS m FROM participation WHERE age = 50 GROUP BY project"),
        ("n", "SELECT project, count(*) AS n FROM participation WHERE age = 50 GROUP BY project"),
        ("total", "SELECT project, sum(five) AS m FROM (SELECT project, 5 AS five FROM participation) AS q GROUP BY project"),
        ("rows", "SELECT project, count(*) AS n FROM participation GROUP BY project"),
        (
            "municipality",
            "SELECT municipality, median(months_unemployed) AS m FROM participation WHERE municipality IS NOT NULL AND months_unemployed IS NOT NULL GROUP BY municipality",
        ),
        (
            "people",
            "SELECT municipality, count(*) AS n FROM participation WHERE municipality IS NOT NULL AND months_unemployed IS NOT NULL GROUP BY municipality",
        ),
    ]);
    let number = |row: &BTreeMap<String, String>, name: &str| whole(&row[name]);
    for (name, value) in [("mean", 5), ("middle", 5), ("spread", 0), ("nothing", 0)] {
        let people: Vec<bool> = found["rows"].iter().map(|row| number(row, "n").unwrap() > 1).collect();
        for (row, somebody) in found[name].iter().zip(people) {
            let expected = if somebody || name == "nothing" { Some(value) } else { None };
            assert_eq!(number(row, "m"), expected, "{name}: {row:?}");
            let ends = (row["lower"].parse().ok(), row["upper"].parse().ok());
            assert_eq!(ends, (Some(value), Some(value)), "{name}: {row:?}");
        }
    }
    for (row, n) in found["fifty"].iter().zip(&found["n"]) {
        assert_eq!(number(row, "m"), (number(n, "n").unwrap() > 0).then_some(50), "{row:?}");
    }
    for (row, n) in found["total"].iter().zip(&found["rows"]) {
        assert!((number(row, "m").unwrap() - 5 * number(n, "n").unwrap()).abs() <= 5, "{row:?} {n:?}");
    }
    let (mut nobody, mut somebody) = (0, 0);
    for (row, n) in found["municipality"].iter().zip(&found["people"]) {
        assert_eq!(row["municipality"], n["municipality"]);
        match number(n, "n").unwrap() {
            n if n <= 0 => {
                nobody += 1;
                assert!(row["m"].is_empty() || row["obs_status"] == "u", "a median of nobody: {row:?}");
            }
            n if n > 20 => {
                somebody += 1;
                assert!(!row["m"].is_empty() && row["obs_status"].is_empty(), "{row:?}");
            }
            _ => {}
        }
    }
    assert!(nobody > 100 && somebody > 3, "{nobody} {somebody}");
    let metadata = std::fs::read_to_string(asked.world.path("out/trial/municipality.csv-metadata.json")).unwrap();
    assert!(metadata.contains("For nobody some value is chosen too"), "{metadata}");
}

#[test]
fn what_the_planner_ignores_is_refused_wherever_it_stands() {
    let asked = Asked { world: World::new("10") };
    let exists = |inner: &str| {
        format!(
            "SELECT project, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM activity a {inner}) GROUP BY project"
        )
    };
    for (sql, what) in [
        (exists("TABLESAMPLE (10) WHERE a.participant = f.participant"), "TABLESAMPLE"),
        (exists("WHERE a.participant = f.participant FOR UPDATE"), "FOR UPDATE"),
        ("SELECT project, count(*) AS n FROM participation WHERE participant IN (SELECT participant FROM activity FOR UPDATE) GROUP BY project".into(), "FOR UPDATE"),
        ("SELECT project, count(*) AS n FROM participation WHERE participant NOT IN (SELECT participant FROM activity TABLESAMPLE (5)) GROUP BY project".into(), "TABLESAMPLE"),
        ("WITH a AS (SELECT participant FROM activity FOR SHARE) SELECT project, count(*) AS n FROM participation WHERE participant IN (SELECT participant FROM a) GROUP BY project".into(), "FOR UPDATE"),
        ("SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q WHERE n > (SELECT min(minimum) FROM target TABLESAMPLE (5))".into(), "TABLESAMPLE"),
        ("SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q ORDER BY (SELECT max(minimum) FROM target FOR UPDATE)".into(), "FOR UPDATE"),
        ("SELECT project, count(*) AS n FROM participation GROUP BY project HAVING count(*) > (SELECT max(minimum) FROM target WITH (NOLOCK))".into(), "WITH"),
        ("SELECT project, count(*) AS n FROM participation WHERE coalesce(age, 0) FILTER (WHERE sex = 'male') > 20 GROUP BY project".into(), "FILTER"),
        ("SELECT project, abs(n) OVER (ORDER BY n) AS m FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q".into(), "OVER"),
        ("SELECT project, abs(DISTINCT n) AS m FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q".into(), "DISTINCT"),
        ("SELECT CAST(office AS varchar(2)) AS o, count(*) AS n FROM participation GROUP BY o".into(), "VARCHAR(…)"),
        ("SELECT CAST(office AS char(2)) AS o, count(*) AS n FROM participation GROUP BY o".into(), "VARCHAR(…)"),
        ("SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project ORDER BY n DESC) AS q LIMIT 2".into(), "ORDER BY"),
        ("WITH q AS (SELECT project, count(*) AS n FROM participation GROUP BY project ORDER BY n DESC) SELECT project, n FROM q LIMIT 2".into(), "ORDER BY"),
    ] {
        asked.refused(&sql, "ignored", [&format!("{what} would silently be ignored"), &format!("{what} skulle tyst hoppas över")]);
    }
}

#[test]
fn a_list_of_a_subquery_that_would_be_misread_above_the_door_is_refused() {
    let asked = Asked { world: World::new("10") };
    let above = |condition: &str| {
        format!(
            "SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q WHERE {condition}"
        )
    };
    let list = "(SELECT number FROM project)";
    for condition in [
        format!("NOT (project IN {list} AND n > 0)"),
        format!("project NOT IN {list} OR n > 1000"),
        format!("(project IN {list}) IS NOT TRUE"),
        format!("CASE WHEN project IN {list} THEN n > 3 ELSE n > 5 END"),
    ] {
        asked.refused(&above(&condition), "subquery", ["NOT EXISTS", "NOT EXISTS"]);
    }
}
