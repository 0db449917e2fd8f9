//! What is computed has one canonical text, however it is spelled, and what is not has another.

use std::collections::HashMap;

use super::database::{accepted_queries, bounds, catalogue, query};
use crate::catalogue::schema::Catalogue;
use crate::certify::words::canonical::{Canonical, canonical};
use crate::engine::{Engine, connect};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

struct World {
    catalogue: Catalogue,
    engine: Engine,
}

impl World {
    fn new() -> Self {
        let catalogue = catalogue();
        let engine = runtime().block_on(async { connect(&catalogue).unwrap() });
        Self { catalogue, engine }
    }

    fn of(&self, sql: &str) -> Canonical {
        let answer = runtime().block_on(self.engine.check(&query("case", sql), &self.catalogue, &bounds()));
        canonical(answer.unwrap_or_else(|refusal| panic!("{sql}: {refusal}")).certified.accepted())
    }
}

/// The same query with comments, other blanks and upper case wherever no text or quoted name stands.
fn respelled(sql: &str) -> String {
    let (mut out, mut within) = (String::from("-- said again\n"), None);
    for letter in sql.chars() {
        match within {
            Some(quote) if quote == letter => within = None,
            None if letter == '\'' || letter == '"' => within = Some(letter),
            _ => {}
        }
        match (within, letter) {
            (None, ' ') => out.push_str(" /* x */\n\t"),
            (None, letter) => out.extend(letter.to_uppercase()),
            (Some(_), letter) => out.push(letter),
        }
    }
    out
}

#[test]
fn every_accepted_query_is_written_in_our_own_words_whatever_its_spelling() {
    let world = World::new();
    let mut known: HashMap<String, String> = HashMap::new();
    for (name, sql) in accepted_queries() {
        let text = world.of(&sql).text;
        assert_eq!(world.of(&respelled(&sql)).text, text, "{name}");
        // Neither a plan of the engine nor one of its types: those are worded otherwise by the next version.
        for foreign in ["TableScan", "Projection", "SubqueryAlias", "Utf8", "Int64", "Int32", "Boolean(", "other:", "(column "] {
            assert!(!text.contains(foreign), "{name}: {foreign}: {text}");
        }
        assert_eq!(text.matches('(').count(), text.matches(')').count(), "{name}: {text}");
        known.entry(text).or_insert(name);
    }
    // A few differ above the door alone.
    assert!(known.len() > 180, "{}", known.len());
}

#[test]
fn names_within_a_query_and_what_stands_above_the_door_are_not_computed() {
    let world = World::new();
    let of = |sql: &str| world.of(sql).text;
    let plain = of("SELECT sex, count(*) AS n FROM participation WHERE age >= 30 GROUP BY sex");
    for same in [
        "SELECT p.sex AS kon, count(*) AS antal FROM participation p WHERE p.age >= 30 GROUP BY p.sex",
        "SELECT s AS sex, count(*) AS n FROM (SELECT sex AS s, age AS a FROM participation) q WHERE a >= 30 GROUP BY s",
        "WITH q AS (SELECT * FROM participation) SELECT sex, count(*) AS n FROM q WHERE age >= 30 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age >= 30 GROUP BY sex HAVING count(*) > 20 ORDER BY n DESC",
        "SELECT sex, count(*) * 100 / sum(count(*)) OVER () AS part FROM participation WHERE age >= 30 GROUP BY sex",
    ] {
        assert_eq!(of(same), plain, "{same}");
    }
}

#[test]
fn what_is_computed_otherwise_is_written_otherwise() {
    let world = World::new();
    let different = [
        "SELECT sex, count(*) AS n FROM participation GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age >= 30 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age > 30 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age >= 31 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE NOT age >= 30 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age BETWEEN 30 AND 40 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE age NOT BETWEEN 30 AND 40 GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE sex = 'female' GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE sex IN ('female') GROUP BY sex",
        "SELECT sex, count(*) AS n FROM participation WHERE sex NOT IN ('female') GROUP BY sex",
        "SELECT sex, count(\"end\") AS n FROM participation GROUP BY sex",
        "SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex",
        "SELECT sex, count(*) FILTER (WHERE age > 30) AS n FROM participation GROUP BY sex",
        "SELECT sex, sum(age) AS n FROM participation GROUP BY sex",
        "SELECT sex, avg(age) AS n FROM participation GROUP BY sex",
        "SELECT sex, median(age) AS n FROM participation GROUP BY sex",
        "SELECT exit_state, count(*) AS n FROM participation GROUP BY exit_state",
        "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state",
        "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY GROUPING SETS ((sex), (exit_state))",
        "SELECT sex, count(*) AS n FROM (SELECT DISTINCT participant, sex FROM participation) GROUP BY sex",
        "SELECT f.sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM milestone m WHERE m.participant = f.participant) GROUP BY f.sex",
        "SELECT f.sex, count(*) AS n FROM participation f WHERE NOT EXISTS (SELECT 1 FROM milestone m WHERE m.participant = f.participant) GROUP BY f.sex",
        "SELECT f.sex, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY f.sex",
        "SELECT p.region, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region",
    ];
    let mut known: HashMap<String, &str> = HashMap::new();
    for sql in different {
        if let Some(other) = known.insert(world.of(sql).text, sql) {
            panic!("{sql} is written as {other}");
        }
    }
}

#[test]
fn only_the_columns_that_are_read_are_told() {
    let world = World::new();
    let told = world.of("SELECT p.region, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region");
    let told: Vec<String> = told.columns.iter().map(|read| format!("{}.{}", read.table, read.column)).collect();
    assert_eq!(told, ["participation.project", "project.project", "project.region"]);
}
