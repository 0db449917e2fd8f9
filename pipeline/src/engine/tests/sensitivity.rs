//! How far one person moves each vector, for the rules one by one: what a certificate says, pinned.

use super::database::{bounds, catalogue, query};
use crate::engine::connect;

/// SQL, and L1 and squared L2 of each of its vectors. Bounds: 3 participations; 3 activities, 4 milestones, 4 ratings each.
const CASES: &[(&str, &[(u64, u64)])] = &[
    ("SELECT sex, count(*) AS n FROM participation GROUP BY sex", &[(3, 9)]),
    // Rows of one person in distinct cells: L2 is the root.
    ("SELECT project, count(*) AS n FROM participation WHERE entry = 1 GROUP BY project", &[(3, 3)]),
    ("SELECT project, count(*) AS n FROM participation GROUP BY project", &[(3, 9)]),
    ("SELECT contribution, count(*) AS n FROM participation GROUP BY contribution", &[(3, 3)]),
    (
        "SELECT contribution, count(*) AS n FROM participation WHERE contribution = 1 OR sex = 'male' GROUP BY contribution",
        &[(3, 3)],
    ),
    ("SELECT c, count(*) AS n FROM (SELECT contribution + 1 AS c FROM participation) AS q GROUP BY c", &[(3, 9)]),
    ("SELECT sex, count(*) AS n FROM participation WHERE contribution = 1 GROUP BY sex", &[(1, 1)]),
    ("SELECT sex, count(*) AS n FROM participation WHERE contribution = 1 OR contribution = 2 GROUP BY sex", &[(3, 9)]),
    ("SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex", &[(3, 3)]),
    ("SELECT count(DISTINCT participant) AS n FROM milestone", &[(12, 12)]),
    // A key that is computed is no column of the proof: the person can be in several of its cells.
    (
        "SELECT CASE WHEN age < 25 THEN 'young' ELSE 'old' END AS g, count(DISTINCT participant) AS n FROM participation GROUP BY g",
        &[(3, 3)],
    ),
    ("SELECT step, count(*) AS n FROM milestone GROUP BY step", &[(12, 144)]),
    (
        "SELECT f.sex, count(*) AS n FROM participation f JOIN activity a USING (participant, contribution) GROUP BY f.sex",
        &[(9, 81)],
    ),
    ("SELECT f.sex, count(*) AS n FROM participation f JOIN activity a USING (participant) GROUP BY f.sex", &[(27, 729)]),
    (
        "SELECT f.sex, count(*) AS n FROM participation f LEFT JOIN milestone m USING (participant, contribution) GROUP BY f.sex",
        &[(12, 144)],
    ),
    (
        "SELECT a.kind, count(*) AS n FROM activity a JOIN milestone m USING (participant, contribution) GROUP BY a.kind",
        &[(36, 1296)],
    ),
    ("SELECT a.kind, count(*) AS n FROM activity a JOIN milestone m USING (participant) GROUP BY a.kind", &[(108, 11_664)]),
    (
        "SELECT f.sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM rating r WHERE r.participant = f.participant) GROUP BY f.sex",
        &[(3, 9)],
    ),
    (
        "SELECT project, count(*) AS n FROM (SELECT project FROM participation UNION ALL SELECT project FROM activity) AS q GROUP BY project",
        &[(12, 144)],
    ),
    (
        "SELECT c, count(*) AS n FROM (SELECT contribution AS c FROM participation WHERE contribution = 1 UNION ALL SELECT contribution FROM participation WHERE contribution = 2) AS q GROUP BY c",
        &[(2, 4)],
    ),
    (
        "SELECT k, count(*) AS n FROM (SELECT participant, count(*) AS k FROM activity GROUP BY participant) AS q GROUP BY k",
        &[(1, 1)],
    ),
    (
        "SELECT k, count(*) AS n FROM (SELECT participant, contribution, count(*) AS k FROM activity GROUP BY participant, contribution) AS q GROUP BY k",
        &[(3, 9)],
    ),
    ("SELECT kind, count(*) AS n FROM (SELECT DISTINCT participant, kind FROM activity) AS q GROUP BY kind", &[(9, 9)]),
    // Each participation is in a cell once.
    (
        "SELECT kind, count(*) AS n FROM (SELECT participant, contribution, kind FROM activity GROUP BY participant, contribution, kind) AS q GROUP BY kind",
        &[(9, 27)],
    ),
    (
        "SELECT ordinal, contribution, kind, count(*) AS n FROM activity GROUP BY GROUPING SETS ((ordinal), (contribution), (kind))",
        &[(27, 27 + 27 + 81)],
    ),
    // Constants tell branches apart, as deep as they stand; others do not.
    (
        "SELECT c, count(*) AS n FROM (SELECT 'a' AS c FROM participation WHERE contribution = 1 UNION ALL SELECT 'b' FROM participation WHERE contribution = 2 UNION ALL SELECT 'c' FROM participation WHERE contribution = 3) AS q GROUP BY c",
        &[(3, 3)],
    ),
    (
        "WITH p AS (SELECT participant, bool_or(sex = 'male') AS male FROM participation GROUP BY participant) SELECT c, count(*) AS n FROM (SELECT * FROM (SELECT 1 AS c FROM p UNION ALL SELECT 2 FROM p WHERE male) AS r UNION ALL SELECT 3 FROM p) AS q GROUP BY c",
        &[(3, 3)],
    ),
    // Whichever of two such columns is the key.
    (
        "SELECT c, count(*) AS n FROM (SELECT 1 AS place, 'a' AS c FROM participation WHERE contribution = 1 UNION ALL SELECT 2, 'b' FROM participation WHERE contribution = 2) AS q GROUP BY c",
        &[(2, 2)],
    ),
    (
        "SELECT c, count(*) AS n FROM (SELECT 'a' AS c FROM participation WHERE contribution = 1 UNION ALL SELECT 'a' FROM participation WHERE contribution = 2) AS q GROUP BY c",
        &[(2, 4)],
    ),
    (
        "SELECT c, count(*) AS n FROM (SELECT 'a' AS c FROM participation WHERE contribution = 1 UNION ALL SELECT sex FROM participation WHERE contribution = 2) AS q GROUP BY c",
        &[(2, 4)],
    ),
    ("SELECT sex, education, count(*) AS n FROM participation GROUP BY ROLLUP (sex, education)", &[(9, 27)]),
    ("SELECT sex, sum(age) AS s FROM participation GROUP BY sex", &[(360, 129_600)]),
    ("SELECT sum(least(greatest(age, 16), 64)) AS s FROM participation", &[(192, 36_864)]),
    ("SELECT sum(age) AS s FROM participation WHERE age BETWEEN 20 AND 29", &[(87, 7_569)]),
    // A redefined column does not keep the range of the old one.
    ("SELECT sum(age) AS s FROM (SELECT age * 1000 AS age FROM participation) AS q", &[(360_000, 129_600_000_000)]),
    ("SELECT sum(age) AS s FROM (SELECT 5 - age AS age FROM participation WHERE age < 6) AS q", &[(15, 225)]),
    // Alone, by the distances from both ends; beside a count, by the sum of the distances from the middle.
    ("SELECT avg(age) AS m FROM participation", &[(360, 129_600)]),
    ("SELECT avg(age) AS m, count(age) AS n FROM participation", &[(3, 9), (180, 32_400)]),
    ("SELECT avg(age) AS m, count(*) AS n FROM participation", &[(360, 129_600), (3, 9)]),
    ("SELECT avg(CASE WHEN sex = 'male' THEN 1 ELSE 0 END) AS share FROM participation", &[(3, 9)]),
    ("SELECT avg(CASE WHEN sex = 'male' THEN 1 ELSE 0 END) AS share, count(*) AS n FROM participation", &[(3, 9), (3, 9)]),
    // Beside a value that is selected, how many there are to select it from; it is not counted twice.
    ("SELECT median(age) AS m FROM participation", &[(3, 9), (3, 9)]),
    ("SELECT median(age) AS m, count(age) AS n FROM participation", &[(3, 9), (3, 9)]),
    ("SELECT median(age) AS m, avg(age) AS a FROM participation", &[(3, 9), (360, 129_600)]),
    ("SELECT approx_percentile_cont(age, 0.25) AS q FROM participation", &[(9, 81), (3, 9)]),
    // Values that are all the same are counted.
    ("SELECT avg(5) AS m FROM participation", &[(3, 9)]),
    ("SELECT stddev(age) AS s FROM participation WHERE age = 20", &[(3, 9)]),
    ("SELECT sum(0 * contribution) AS s FROM participation", &[(3, 9)]),
    // f, g and h are of one person.
    (
        "SELECT f.sex, count(*) AS n FROM participation f JOIN participation g ON f.participant = g.participant JOIN participation h ON h.participant = g.participant AND h.contribution = g.contribution GROUP BY f.sex",
        &[(9, 81)],
    ),
    // Several quantiles of one expression: one histogram of counts.
    ("SELECT approx_percentile_cont(age, 0.25) AS q, median(age) AS m FROM participation", &[(3, 9)]),
    ("SELECT p.region, count(*) AS n FROM participation f LEFT JOIN project p USING (project) GROUP BY p.region", &[(3, 9)]),
];

#[test]
fn each_rule_gives_the_sensitivity_that_follows_from_it() {
    let catalogue = catalogue();
    let engine = connect(&catalogue).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        for (sql, expected) in CASES {
            let answer = engine.check(&query("case", sql), &catalogue, &bounds()).await.unwrap_or_else(|e| panic!("{sql}\n{e}"));
            let vectors = answer.certified.accepted().crossing.vectors.iter();
            let found: Vec<(u64, u64)> =
                vectors.map(|of| of.certificate.crossing.sensitivity).map(|s| (s.l1(), s.l2_squared())).collect();
            assert_eq!(found, *expected, "{sql}");
        }
    });
}

/// A centre that is declared moves the sum that a mean is computed from; one outside the range is refused.
#[test]
fn a_declared_centre_is_what_sums_are_taken_around() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        std::fs::create_dir_all(to).unwrap();
        for file in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    };
    let schemas = super::database::repository().join("schemas");
    for part in [".", "codes", "register"] {
        copy(&schemas.join(part), &folder.path().join(part));
    }
    let path = folder.path().join("participation.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let with = |centre: &str| {
        std::fs::write(&path, text.replace("maximum = 120,", &format!("maximum = 120, centre = {centre},"))).unwrap();
        crate::catalogue::schema::Catalogue::read(folder.path())
    };
    let catalogue = with("30").unwrap();
    let engine = connect(&catalogue).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    let sql = "SELECT avg(age) AS m, count(age) AS n FROM participation";
    let answer = runtime.block_on(engine.check(&query("case", sql), &catalogue, &bounds())).unwrap();
    let l1: Vec<u64> =
        answer.certified.accepted().crossing.vectors.iter().map(|of| of.certificate.crossing.sensitivity.l1()).collect();
    assert_eq!(l1, [3, 3 * 90]);
    let refused = with("121").unwrap_err().to_string();
    assert!(refused.contains("column `age`") && refused.contains("centre"), "{refused}");
}
