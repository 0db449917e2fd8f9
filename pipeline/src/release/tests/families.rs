//! Which tables are planned and reconciled together: those that count the same rows by keys that fit each other, and no others.

use super::*;
use crate::release::Standalone;

const FROM: &str = "FROM participation f JOIN project p ON f.project = p.project WHERE f.exit_state IS NOT NULL AND p.enrols";

/// A checked release of these queries; nothing has landed.
fn release_of(queries: &[(&str, &str)]) -> CheckedRelease {
    let folder = tempfile::tempdir().unwrap();
    let release = folder.path().join("families");
    std::fs::create_dir_all(&release).unwrap();
    let toml = "title = { sv = \"a\", en = \"a\" }\n[privacy]\nbudget = { epsilon = \"1\", delta = \"1e-6\" }\nbounds = { participations = 2, rows = { milestone = 2 } }\n[publish]\nformats = [\"csv\"]\ninterval = \"0.95\"\n";
    std::fs::write(release.join("release.toml"), toml).unwrap();
    for (name, sql) in queries {
        let front = format!("/*+++ title = {{ sv = \"{name}\", en = \"{name}\" }} +++*/\n");
        std::fs::write(release.join(format!("{name}.sql")), format!("{front}{sql}")).unwrap();
    }
    let catalogue = Catalogue::read(&repository().join("schemas")).unwrap();
    let engine = crate::engine::connect(&catalogue).unwrap();
    let release = crate::catalogue::spec::read(folder.path(), "families").unwrap();
    runtime().block_on(check(&engine, &catalogue, release)).unwrap()
}

/// Per family the vectors, their levels and their numbers of flat keys.
fn families(checked: &CheckedRelease) -> Vec<Vec<(&str, usize, usize)>> {
    let families = checked.planning.families().map(|family| &family.parts);
    families.map(|parts| parts.iter().map(|part| (part.vector.as_str(), part.level, part.axes.len())).collect()).collect()
}

fn by(keys: &str, from: &str) -> String {
    format!("SELECT {keys}, count(*) AS n {from} GROUP BY {keys}")
}

#[test]
fn municipalities_lie_in_counties_and_these_in_regions() {
    let from = "FROM participation f LEFT JOIN municipality m ON f.municipality = m.municipality";
    let levels = ["m.municipality, f.sex", "m.county, f.sex", "m.region", "f.sex"].map(|keys| by(keys, from));
    let names = ["a", "b", "c", "d"];
    let queries: Vec<(&str, &str)> = names.iter().copied().zip(levels.iter().map(String::as_str)).collect();
    let checked = release_of(&queries);
    assert_eq!(families(&checked), [[("a", 3, 1), ("b", 2, 1), ("c", 1, 0), ("d", 0, 1)]]);
    assert_eq!(checked.planning.families().next().unwrap().levels[2].len(), 291, "the municipalities, and none");
}

#[test]
fn tables_of_other_rows_or_other_aggregates_are_not_of_the_family() {
    let (one, other) = (by("p.region", FROM), by("p.project", &FROM.replace("IS NOT NULL", "= 'work'")));
    let sum = format!("SELECT p.project, sum(f.age) AS n {FROM} GROUP BY p.project");
    let people = format!("SELECT p.project, count(DISTINCT f.participant) AS n {FROM} GROUP BY p.project");
    let checked = release_of(&[("a", &one), ("b", &other), ("c", &sum), ("d", &people)]);
    assert!(families(&checked).is_empty() && checked.planning.standalone.is_empty());
}

#[test]
fn a_table_that_is_joined_twice_is_two_tables() {
    let from = "FROM participation f JOIN milestone m ON m.participant = f.participant JOIN project p ON f.project = p.project JOIN project q ON m.project = q.project";
    let checked =
        release_of(&[("a", &by("p.region", from)), ("b", &by("q.project", from)), ("c", &by("p.region, q.project", from))]);
    assert!(families(&checked).is_empty(), "{:?}", families(&checked));
    let apart: Vec<_> = checked.planning.standalone.iter().map(|(name, why)| (name.as_str(), *why)).collect();
    assert_eq!(apart, [("b", Standalone::Tables), ("c", Standalone::Tables)]);
}

#[test]
fn the_lists_own_column_beside_the_public_tables_is_said_to_stand_apart() {
    let checked = release_of(&[("a", &by("p.region", FROM)), ("b", &by("f.project", FROM)), ("c", &by("f.sex", FROM))]);
    assert_eq!(families(&checked), [[("a", 1, 0), ("c", 0, 1)]]);
    assert_eq!(checked.planning.standalone, [("b".to_owned(), Standalone::Own)]);
}

#[test]
fn a_rollup_that_stands_apart_still_adds_up_in_itself() {
    let rollup = format!("SELECT p.region, f.sex, count(*) AS n {FROM} GROUP BY ROLLUP (p.region, f.sex)");
    let checked = release_of(&[("a", &rollup), ("b", &by("p.owner", FROM)), ("c", &by("p.programme_period", FROM))]);
    let apart: Vec<&str> = checked.planning.standalone.iter().map(|(name, _)| name.as_str()).collect();
    let together: Vec<&str> = families(&checked).into_iter().flatten().map(|(name, ..)| name).collect();
    assert_eq!(together.iter().filter(|name| **name == "a").count(), 3, "its three levels: {together:?}, apart: {apart:?}");
}

/// The base of these has more cells than there are atoms in a grain of sand; nothing is made of that size.
#[test]
fn many_tables_of_one_key_each_are_planned_at_once() {
    let keys = ["f.age", "f.municipality", "f.education", "f.labour_status", "f.referrer", "f.office", "f.exit_state", "f.sex"];
    let from = "FROM participation f WHERE f.age BETWEEN 16 AND 64";
    let queries: Vec<String> = keys.iter().map(|key| by(key, from)).collect();
    let names = ["a", "b", "c", "d", "e", "g", "h", "i"];
    let begun = std::time::Instant::now();
    let checked = release_of(&names.iter().copied().zip(queries.iter().map(String::as_str)).collect::<Vec<_>>());
    assert_eq!(families(&checked)[0].len(), 8);
    assert!(begun.elapsed().as_secs() < 60, "this took minutes where a base was made");
}
