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
    let checked = release_of(&[("a", &one), ("c", &sum), ("d", &people)]);
    assert!(families(&checked).is_empty() && checked.planning.standalone.is_empty());
    // Other rows from the same source are slices of a table of all of them, or nothing to each other.
    let checked = release_of(&[("a", &one), ("b", &other), ("c", &sum), ("d", &people)]);
    let slices = checked.planning.families().flat_map(|family| &family.parts).filter(|part| part.slice.is_some());
    let slices: Vec<&str> = slices.map(|part| part.vector.as_str()).collect();
    assert!(slices == ["a", "b"] || families(&checked).is_empty(), "{:?}", families(&checked));
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
fn the_lists_own_column_is_that_of_the_public_table_that_it_met() {
    let checked = release_of(&[("a", &by("p.region", FROM)), ("b", &by("f.project", FROM)), ("c", &by("f.sex", FROM))]);
    let public = release_of(&[("a", &by("p.region", FROM)), ("b", &by("p.project", FROM)), ("c", &by("f.sex", FROM))]);
    assert_eq!(families(&checked), families(&public));
    assert!(checked.planning.standalone.is_empty(), "{:?}", checked.planning.standalone);
    // Where a partner may be missing, it is not.
    let left = FROM.replace("JOIN", "LEFT JOIN");
    let checked = release_of(&[("a", &by("p.region", &left)), ("b", &by("f.project", &left)), ("c", &by("f.sex", &left))]);
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

/// Sub-queries that only choose, name and compute columns do not make other rows, nor does the place of a condition.
#[test]
fn the_same_rows_in_other_words_are_of_one_family() {
    let plain = by("sex", "FROM participation WHERE project = 'asap' AND entry = 1");
    let inner = "SELECT sex AS s, CASE WHEN age < 25 THEN 'young' ELSE 'old' END AS band, entry AS e FROM participation AS f WHERE f.project = 'asap'";
    let named = format!("SELECT band, count(*) AS n FROM (SELECT * FROM ({inner}) AS x WHERE x.e = 1) AS y GROUP BY band");
    let share =
        format!("SELECT s, avg(CASE WHEN band = 'young' THEN 1 ELSE 0 END) AS share FROM ({inner}) AS x WHERE e = 1 GROUP BY s");
    let other = by("sex", "FROM participation WHERE project = 'asap' AND entry = 2");
    let checked = release_of(&[("a", &plain), ("b", &named), ("c", &share), ("d", &other)]);
    let found = families(&checked);
    let [family] = found.as_slice() else { panic!("{found:?}") };
    let names: Vec<&str> = family.iter().map(|(name, ..)| *name).filter(|name| !name.starts_with("base")).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

/// What is measured for others is certified like any other query, with the bound of the queries that it is for.
#[test]
fn what_is_measured_for_others_has_their_bound() {
    let conditions = ["f.sex = 'male'", "f.rural", "f.homeless", "f.minority", "f.disability", "f.age > 54"];
    let share = |condition: &&str| format!("SELECT avg(CASE WHEN {condition} THEN 1 ELSE 0 END) AS share {FROM}");
    let queries: Vec<String> = conditions.iter().map(share).collect();
    let names = ["a", "b", "c", "d", "e", "g"];
    let checked = release_of(&names.iter().copied().zip(queries.iter().map(String::as_str)).collect::<Vec<_>>());
    assert!(!checked.bases.is_empty() && checked.measurements.len() < 6);
    for measurement in checked.measurements.iter().filter(|m| m.table().starts_with("base")) {
        assert_eq!(measurement.sensitivity().l1(), 2, "{measurement:?}");
        assert!(measurement.cells() >= 4, "{measurement:?}");
    }
    let follows: usize = checked.tables.iter().map(|table| table.follows.len()).sum();
    assert_eq!(follows + checked.measurements.len() - checked.bases.len(), 6);
}

/// Rows under different conditions are slices of one base, where that tells of them with less error; other rows and sums are not.
#[test]
fn rows_under_different_conditions_are_slices_of_one_base() {
    let from = |condition: &str| format!("FROM participation WHERE entry = 1 AND project = 'progress' AND {condition}");
    let count = |condition: &str| format!("SELECT count(*) AS n {}", from(condition));
    let queries = ["disability", "rural", "minority"].map(count);
    let names = ["a", "b", "c"];
    let checked = release_of(&names.iter().copied().zip(queries.iter().map(String::as_str)).collect::<Vec<_>>());
    let measured: Vec<&str> = checked.measurements.iter().map(|m| m.table()).collect();
    assert_eq!(measured, ["base_1"]);
    // Eight cells with scale 1, of which each count sums four; three counts by themselves have scale 3.
    assert!((checked.planning.planned.error - 3.0 * 8.0).abs() < 0.5, "{}", checked.planning.planned.error);
    let family = checked.planning.families().next().unwrap();
    assert_eq!(family.parts.iter().filter(|part| part.slice.is_some()).count(), 3);
    // Under FILTER they are the same, also several in one query.
    let filters = ["disability", "rural", "minority"].map(|of| format!("count(*) FILTER (WHERE {of}) AS {of}"));
    let filtered = format!("SELECT {} FROM participation WHERE entry = 1 AND project = 'progress'", filters.join(", "));
    let other = release_of(&[("a", &filtered)]);
    assert_eq!(other.measurements.iter().map(|m| m.table()).collect::<Vec<_>>(), ["base_1"]);
    assert!((other.planning.planned.error - checked.planning.planned.error).abs() < 1e-6);
    // More rows of a person than the slice has, or sums, are no base for it.
    let wide = "SELECT sex, count(*) AS n FROM participation GROUP BY sex";
    let sum = format!("SELECT sum(age) AS n {}", from("age BETWEEN 16 AND 64"));
    let checked = release_of(&[("a", &queries[0]), ("b", wide), ("c", &sum)]);
    assert!(checked.bases.is_empty() && families(&checked).is_empty());
}

/// What a sub-query in a condition is tells rows apart, also where its text does not say it.
#[test]
fn other_sub_queries_are_other_rows() {
    let exists = |step: &str| {
        format!(
            "FROM participation WHERE EXISTS (SELECT 1 FROM milestone m WHERE m.participant = participation.participant AND m.step = '{step}')"
        )
    };
    let within =
        |step: &str| format!("FROM participation WHERE participant IN (SELECT participant FROM milestone WHERE step = '{step}')");
    let queries = [
        by("sex", &exists("trust")),
        by("education", &exists("inventory")),
        by("sex", &within("trust")),
        by("education", &within("inventory")),
        by("education", &exists("trust")),
    ];
    let names = ["a", "b", "c", "d", "e"];
    let checked = release_of(&names.iter().copied().zip(queries.iter().map(String::as_str)).collect::<Vec<_>>());
    let found = families(&checked);
    let together: Vec<Vec<&str>> = found
        .iter()
        .map(|family| family.iter().map(|(name, ..)| *name).filter(|name| !name.starts_with("base")).collect())
        .collect();
    assert_eq!(together, [["a", "e"]]);
}

/// Two queries whose expressions have one text and other meanings, or other sub-queries under one name.
const ALIKE: &[[&str; 2]] = &[
    [
        "SELECT sex, sum(x) AS n FROM (SELECT sex, age AS x FROM participation) t GROUP BY sex",
        "SELECT education, sum(x) AS n FROM (SELECT education, 80 - age AS x FROM participation WHERE age < 80) t GROUP BY education",
    ],
    [
        "SELECT sex, count(x) AS n FROM (SELECT sex, exit_state AS x FROM participation) t GROUP BY sex",
        "SELECT sex, count(x) AS n FROM (SELECT sex, education AS x FROM participation) t GROUP BY sex",
    ],
    [
        "SELECT sex, avg(x) AS n FROM (SELECT sex, age AS x FROM participation) t GROUP BY sex",
        "SELECT sex, avg(x) AS n FROM (SELECT sex, 120 - age AS x FROM participation) t GROUP BY sex",
    ],
    [
        "SELECT sex, count(*) FILTER (WHERE x) AS n FROM (SELECT sex, rural AS x FROM participation) t GROUP BY sex",
        "SELECT sex, count(*) FILTER (WHERE x) AS n FROM (SELECT sex, homeless AS x FROM participation) t GROUP BY sex",
    ],
    [
        "SELECT sex, count(*) AS n FROM participation WHERE age * (months_unemployed / 10) < 99 GROUP BY sex",
        "SELECT education, count(*) AS n FROM participation WHERE age * months_unemployed / 10 < 99 GROUP BY education",
    ],
    [
        "SELECT sex, count(*) AS n FROM participation WHERE age - (months_unemployed - 10) < 30 GROUP BY sex",
        "SELECT education, count(*) AS n FROM participation WHERE age - months_unemployed - 10 < 30 GROUP BY education",
    ],
];

#[test]
fn what_only_reads_alike_is_not_of_one_family() {
    for [one, other] in ALIKE {
        let checked = release_of(&[("a", one), ("b", other)]);
        let found = families(&checked);
        // Of rows from one source each is a slice by its own condition; else they have nothing to do with each other.
        let slices: BTreeSet<usize> =
            checked.planning.families().flat_map(|family| &family.parts).filter_map(|part| part.slice).collect();
        let has = |family: &Vec<(&str, usize, usize)>, name: &str| family.iter().any(|(of, ..)| *of == name);
        let together = found.iter().any(|family| has(family, "a") && has(family, "b"));
        assert!(!together || slices.len() == 2, "{one}\n{other}\n{found:?}");
        assert!(together || checked.bases.is_empty(), "{one}");
    }
    // Keys of the same rows that only read alike are two axes.
    let keys = [
        "SELECT CASE WHEN NOT (rural AND homeless) THEN 'a' ELSE 'b' END AS k, count(*) AS n FROM participation GROUP BY k",
        "SELECT CASE WHEN (NOT rural) AND homeless THEN 'a' ELSE 'b' END AS k, count(*) AS n FROM participation GROUP BY k",
    ];
    let checked = release_of(&[("a", keys[0]), ("b", keys[1])]);
    let family = checked.planning.families().next().unwrap();
    let axis = |name: &str| family.parts.iter().find(|part| part.vector == name).unwrap().axes[0].1;
    assert!(axis("a") != axis("b"), "{family:?}");
}
