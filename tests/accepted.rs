//! Queries that evaluators write and that pass: checked, planned and released.

use crate::world::{RELEASE, World, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";

fn accepted(sql: &str) -> String {
    let world = World::empty();
    let release = RELEASE.replace("participations = 3", "participations = 3, rows = { milestone = 2 }");
    let home = home(&world, &release, &[("trial", &format!("{FRONT}{sql}"))]);
    let said = said(world.command(&["check"]).env("UTFALL_HOME", &home).output().unwrap());
    assert_eq!(said.code, 0, "{sql}: {said:?}");
    said.out
}

#[test]
fn what_an_evaluator_writes_is_accepted_with_the_right_number_of_cells() {
    for (sql, cells, rows) in [
        ("SELECT sex, count(*) AS n FROM participation GROUP BY sex", 3, 3),
        ("SELECT count(*) AS n FROM participation", 1, 3),
        ("SELECT count(*) AS n, sex AS kon FROM participation WHERE sex IS NOT NULL GROUP BY kon", 2, 3),
        ("SELECT foreign_background, count(*) AS n FROM participation GROUP BY foreign_background", 3, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE age BETWEEN 16 AND 24 AND sex = 'female' GROUP BY sex", 1, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE office IN ('af_solna', 'af_huddinge') GROUP BY sex", 3, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE start >= DATE '2021-02-01' GROUP BY sex", 3, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE NOT (sex = 'male' OR age < 20) GROUP BY sex", 3, 3),
        (
            "WITH women AS (SELECT * FROM participation WHERE sex = 'female') SELECT age_band, count(*) AS n FROM women GROUP BY age_band",
            8,
            3,
        ),
        ("SELECT s, count(*) AS n FROM (SELECT sex AS s FROM participation) AS q GROUP BY s", 3, 3),
        ("SELECT p.region, count(*) AS n FROM project p JOIN participation f ON p.project = f.project GROUP BY p.region", 5, 3),
        ("SELECT p.objective, count(*) AS n FROM participation JOIN project p USING (project) GROUP BY p.objective", 3, 3),
        ("SELECT office, count(*) AS n FROM participation WHERE '~' NOT BETWEEN office AND exit_state GROUP BY office", 14, 3),
        ("SELECT t.sex AS kon, t.n FROM (SELECT count(*) AS n, sex FROM participation GROUP BY sex) t", 3, 3),
        ("SELECT sex, count(*) FROM participation GROUP BY sex", 3, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE contribution = 1 AND entry = 1 GROUP BY sex", 3, 1),
        ("SELECT step, count(*) AS n FROM milestone GROUP BY step", 9, 6),
        // The engine merges these with the bound, or prunes the scan.
        ("SELECT sex, count(*) AS n FROM participation WHERE contribution <= 2 GROUP BY sex", 3, 3),
        ("SELECT sex, count(*) AS n FROM participation WHERE contribution BETWEEN 1 AND 2 GROUP BY sex", 3, 3),
        ("SELECT step, count(*) AS n FROM milestone WHERE ordinal < 2 GROUP BY step", 9, 6),
        ("SELECT sex, count(*) AS n FROM participation WHERE FALSE GROUP BY sex", 3, 3),
    ] {
        let said = accepted(sql);
        assert!(said.contains(&format!("accepted, {cells} cells, at most {rows} rows per person")), "{sql}: {said}");
    }
}

/// One row of each person, of four offices.
const WITHIN: &str = "SELECT k, count(*) AS n FROM (SELECT participant, max(CASE WHEN sex = 'female' THEN office END) AS k FROM participation WHERE office LIKE 'af%' GROUP BY participant) AS q GROUP BY k";

const STEPPED: &str = "SELECT m.step AS k, count(*) AS n FROM participation f LEFT JOIN (SELECT participant, contribution, step FROM milestone WHERE step = 'trust') AS m USING (participant, contribution) GROUP BY k";

/// What WHERE leaves of a code, a number, a day or a yes, however it says so, is what the table has cells for.
#[test]
fn a_table_has_cells_for_what_its_conditions_leave() {
    let of = |column: &str, condition: &str| {
        format!("SELECT {column} AS k, count(*) AS n FROM participation WHERE {condition} GROUP BY k")
    };
    let halland = "('1315', '1380', '1381', '1382', '1383', '1384')";
    for (sql, cells) in [
        (of("municipality", &format!("municipality IN {halland}")), 6),
        (of("municipality", "municipality = '1315' OR municipality = '1380' OR municipality IS NULL"), 3),
        (of("municipality", "municipality LIKE '13%' AND municipality <> '1315'"), 5),
        (of("municipality", "municipality IN (SELECT municipality FROM municipality WHERE county = '13')"), 6),
        (of("municipality", "EXISTS (SELECT 1 FROM municipality m WHERE m.municipality = participation.municipality AND m.county = '13')"), 6),
        (of("exit_state", "NOT exit_state IN ('work', 'studies')"), 8),
        (of("sex", "CASE sex WHEN 'female' THEN true ELSE false END"), 1),
        (of("foreign_background", "foreign_background"), 1),
        (of("foreign_background", "foreign_background IS NOT TRUE"), 2),
        (of("age", "age BETWEEN 16 AND 64 AND age <> 30"), 48),
        (of("age / 10 * 10", "age BETWEEN 16 AND 64"), 6),
        (of("CASE WHEN age < 25 THEN 'young' WHEN age > 54 THEN 'old' ELSE 'others' END", "age BETWEEN 16 AND 54"), 2),
        (of("CASE WHEN age < 25 THEN 'young' WHEN age <= 120 THEN 'others' END", "age IS NOT NULL"), 2),
        (of("date_trunc('month', start)", "start BETWEEN '2021-01-01' AND '2022-12-31'"), 24),
        (of("date_trunc('quarter', \"end\")", "\"end\" >= DATE '2021-01-15' AND \"end\" < DATE '2021-04-01'"), 1),
        (of("date_part('year', start) * 100 + date_part('month', start)", "start BETWEEN DATE '2021-11-01' AND DATE '2022-02-28'"), 4),
        (
            "SELECT f.municipality AS k, count(*) AS n FROM participation f JOIN municipality m USING (municipality) WHERE m.county = '13' GROUP BY k".to_owned(),
            6,
        ),
        (
            "SELECT m.county AS k, count(*) AS n FROM participation f JOIN municipality m USING (municipality) WHERE f.municipality IN ('1315', '0114') GROUP BY k".to_owned(),
            2,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT municipality AS k FROM participation WHERE municipality LIKE '138%') AS q JOIN municipality m ON q.k = m.municipality WHERE m.county = '13' GROUP BY k".to_owned(),
            5,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, last_value(office ORDER BY contribution) AS k FROM participation WHERE office LIKE 'team%' GROUP BY participant) AS q GROUP BY k".to_owned(),
            5,
        ),
        // What is made of a narrowed column can be none where the column cannot.
        (WITHIN.to_owned(), 5),
        (WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "min(nullif(office, 'af_solna'))"), 4),
        (WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "last_value(nullif(office, 'af_solna') ORDER BY contribution)"), 4),
        (WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "max(office) FILTER (WHERE sex = 'female')"), 5),
        (WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "min(coalesce(nullif(office, 'af_solna'), 'team_1'))"), 4),
        (WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "max(office)"), 4),
        // Whoever has no partner in a LEFT JOIN has a cell too, whatever the right side leaves.
        (STEPPED.to_owned(), 2),
        (STEPPED.replace("m.step AS k", "f.sex AS k").replace("GROUP BY", "WHERE m.step IS NULL GROUP BY"), 3),
        (STEPPED.replace("contribution, step FROM", "contribution, 'yes' AS step FROM"), 2),
        (STEPPED.replace("m.step AS k", "CASE WHEN m.step IS NULL THEN 'none' ELSE 'some' END AS k"), 2),
        (STEPPED.replace("GROUP BY k", "GROUP BY ROLLUP (k)"), 3),
        (
            "SELECT m.county AS k, count(*) AS n FROM participation f LEFT JOIN (SELECT municipality, county FROM municipality WHERE county = '13') AS m ON f.municipality = m.municipality GROUP BY k".to_owned(),
            2,
        ),
        (
            "SELECT m.county AS k, count(*) AS n FROM (SELECT * FROM participation WHERE municipality IN ('1380', '1961')) AS x JOIN municipality m ON m.municipality = x.municipality GROUP BY k".to_owned(),
            2,
        ),
        (of("date_part('year', start)", "date_part('year', start) BETWEEN 2012 AND 2014"), 3),
        (of("date_trunc('month', start)", "date_part('year', start) = 2021"), 12),
        (of("exit_state", "coalesce(exit_state, 'work') = 'work'"), 2),
        (
            "SELECT k, count(*) AS n FROM (SELECT sex AS k FROM participation WHERE sex = 'female' UNION ALL SELECT sex AS k FROM participation WHERE sex = 'male') AS q GROUP BY k".to_owned(),
            2,
        ),
    ] {
        let said = accepted(&sql);
        assert!(said.contains(&format!("accepted, {cells} cells,")), "{sql}: {said}");
    }
}

/// A cell that is missing loses the rows of the people who belong in it, without a word.
#[test]
fn every_value_that_a_key_can_have_has_its_cell() {
    for (sql, cells) in [
        (
            "SELECT foreign_background AS k, count(*) AS n FROM participation WHERE coalesce(foreign_background, false) = false GROUP BY k",
            2,
        ),
        ("SELECT sex AS k, count(*) AS n FROM participation WHERE coalesce(sex, 'female') IN ('female') GROUP BY k", 2),
        ("SELECT age AS k, count(*) AS n FROM participation WHERE 20 <= age GROUP BY k", 101),
        ("SELECT age AS k, count(*) AS n FROM participation WHERE age NOT BETWEEN 1 AND 118 GROUP BY k", 3),
        ("SELECT age AS k, count(*) AS n FROM participation WHERE age NOT IN (1, 118) GROUP BY k", 119),
        (
            "SELECT p.region AS k, count(*) AS n FROM participation f JOIN project p ON f.project = p.project JOIN project q ON f.project = q.project WHERE p.region <> q.region GROUP BY k",
            5,
        ),
        (
            "SELECT f.age AS k, count(*) AS n FROM participation f LEFT JOIN project p ON f.project = p.project AND f.age < 20 GROUP BY k",
            122,
        ),
        (
            "SELECT sex AS k, count(*) AS n FROM (SELECT sex FROM participation UNION ALL SELECT 'female' AS sex FROM milestone) AS q GROUP BY k",
            3,
        ),
        ("SELECT CASE WHEN age < 20 THEN 'young' ELSE NULL END AS k, count(*) AS n FROM participation GROUP BY k", 2),
        ("SELECT CASE WHEN age < 20 THEN sex ELSE 'female' END AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT age < 20 AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT age < 20 AND sex = 'female' AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT NOT foreign_background AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT office LIKE 'af%' AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT age + 1 AS k, count(*) AS n FROM participation WHERE age < 20 OR age IS NULL GROUP BY k", 21),
        ("SELECT nullif(project, 'asap') AS k, count(*) AS n FROM participation GROUP BY k", 6),
        ("SELECT coalesce(age, nullif(contribution, 1)) AS k, count(*) AS n FROM participation GROUP BY k", 122),
        ("SELECT least(nullif(contribution, 1), age) AS k, count(*) AS n FROM participation GROUP BY k", 122),
        ("SELECT -contribution AS k, count(*) AS n FROM participation GROUP BY k", 3),
        ("SELECT (age - 60) % 5 AS k, count(*) AS n FROM participation GROUP BY k", 10),
        ("SELECT CASE WHEN sex = 'female' THEN 1 ELSE 5 END AS k, count(*) AS n FROM participation GROUP BY k", 2),
        ("SELECT date_part('week', start) AS k, count(*) AS n FROM participation GROUP BY k", 53),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, min(age) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            122,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, min(contribution) FILTER (WHERE sex = 'female') AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            4,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, bool_or(foreign_background) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            3,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, first_value(sex ORDER BY contribution) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            3,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, count(age) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            4,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, count(*) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            3,
        ),
        (
            "SELECT k, count(*) AS n FROM (SELECT participant, sum(contribution) AS k FROM participation GROUP BY participant) AS q GROUP BY k",
            9,
        ),
        (
            "SELECT p.region AS k, p.project AS l, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY ROLLUP (p.region, p.project)",
            12,
        ),
        ("SELECT p.region AS k, count(*) AS n FROM participation f LEFT JOIN project p USING (project) GROUP BY k", 6),
        (
            "SELECT p.planned_participants IS NULL AS a, p.objective AS k, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY a, k",
            6,
        ),
    ] {
        let said = accepted(sql);
        assert!(said.contains(&format!("accepted, {cells} cells,")), "{sql}: {said}");
    }
}

#[test]
fn columns_that_are_swapped_above_the_count_keep_their_numbers() {
    let world = World::landed("100");
    let swapped = "SELECT t.n, t.sex FROM (SELECT sex, count(*) AS n FROM participation WHERE sex IS NOT NULL GROUP BY sex) t";
    let release = RELEASE.replace("\"1\"", "\"50\"");
    let home = home(&world, &release, &[("swapped", &format!("{FRONT}{swapped}"))]);
    let said = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    assert_eq!(said.code, 0, "{said:?}");
    let csv = std::fs::read_to_string(world.path("out/trial/swapped.csv")).unwrap();
    let numbers: Vec<i64> = csv.lines().skip(1).map(|l| l.split(',').nth(3).unwrap().parse().unwrap()).collect();
    assert!(numbers.len() == 2 && numbers.iter().all(|n| (300..600).contains(n)), "{csv}");
}

#[test]
fn a_child_table_is_released_with_both_its_bounds() {
    let world = World::landed("10");
    let release = RELEASE.replace("participations = 3", "participations = 2, rows = { milestone = 3 }");
    let sql = format!("{FRONT}SELECT step, count(*) AS n FROM milestone GROUP BY step");
    let home = home(&world, &release, &[("steps", &sql)]);
    let said = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    assert_eq!(said.code, 0, "{said:?}");
    let csv = std::fs::read_to_string(world.path("out/trial/steps.csv")).unwrap();
    assert_eq!(csv.lines().count(), 10);
    // Scale 6: 2 x 3 rows at epsilon 1. The demo has about 210 such steps, far outside any noise of that scale.
    let page = std::fs::read_to_string(world.path("out/trial/en.html")).unwrap_or_default();
    assert!(page.is_empty(), "this release asks for CSV alone");
    let metadata = std::fs::read_to_string(world.path("out/trial/steps.csv-metadata.json")).unwrap();
    assert!(metadata.contains("\"milestone\": 3") && metadata.contains("Milstolpar"), "{metadata}");
    let row = csv.lines().find(|l| l.starts_with("enhanced_work_training")).unwrap();
    let n: i64 = row.split(',').nth(3).unwrap().parse().unwrap();
    assert!((100..320).contains(&n), "{row}");
}

/// Tables whose keys WHERE narrows are planned with others of other rows, and have the numbers that they have by themselves.
#[test]
fn narrowed_tables_have_the_numbers_that_they_have_alone() {
    let world = World::landed("100000");
    let release =
        RELEASE.replace("\"1\"", "\"2000\"").replace("participations = 3", "participations = 3, rows = { milestone = 4 }");
    let inside = "age BETWEEN 20 AND 59 AND sex = 'female'";
    let queries: [(&str, String); 11] = [
        ("women", format!("SELECT sex, count(*) AS n FROM participation WHERE {inside} GROUP BY sex")),
        ("steps", format!("SELECT age / 10 * 10 AS step, count(*) AS n FROM participation WHERE {inside} GROUP BY step")),
        ("steps_of_all", "SELECT age / 10 * 10 AS step, count(*) AS n FROM participation WHERE age IS NOT NULL GROUP BY step".into()),
        ("crossed", "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state".into()),
        (
            "exits",
            "SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IN ('work', 'studies') AND sex = 'female' GROUP BY exit_state".into(),
        ),
        ("stepped", STEPPED.replace("AS k", "AS step").replace("BY k", "BY step")),
        ("stepped_by_sex", STEPPED.replace("m.step AS k", "f.sex").replace("BY k", "BY f.sex")),
        (
            "places",
            "SELECT m.county, count(*) AS n FROM (SELECT * FROM participation WHERE municipality IN ('1380', '1961')) AS x JOIN municipality m ON m.municipality = x.municipality GROUP BY m.county".into(),
        ),
        ("within", WITHIN.into()),
        ("within_by_any", WITHIN.replace("max(CASE WHEN sex = 'female' THEN office END)", "max(office)")),
        ("months", "SELECT date_trunc('quarter', start) AS quarter, count(*) AS n FROM participation WHERE start BETWEEN '2021-01-01' AND '2021-12-31' GROUP BY quarter".into()),
    ];
    let queries = queries.map(|(name, sql)| (name, format!("{FRONT}{sql}")));
    let numbers = |which: &[(&str, &str)]| {
        let _ = std::fs::remove_dir_all(world.path("home"));
        let home = home(&world, &release, which);
        let told = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
        assert_eq!(told.code, 0, "{told:?}");
        let rounded = |name: &&str| -> Vec<i64> {
            let cells = crate::world::column(&world, &format!("trial/{name}.csv"), "n");
            cells.iter().map(|n| n.parse::<f64>().unwrap().round() as i64).collect()
        };
        which.iter().map(|(name, _)| rounded(name)).collect::<Vec<_>>()
    };
    let together: Vec<(&str, &str)> = queries.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let all = numbers(&together);
    let alone: Vec<Vec<i64>> = together.iter().map(|one| numbers(&[*one]).remove(0)).collect();
    assert_eq!(all, alone);
    assert!(all.iter().map(Vec::len).eq([1, 4, 13, 33, 2, 2, 3, 2, 5, 4, 4]), "{all:?}");
    // The parts of one relation are as many as those of another way to part it, and each is somebody.
    let sums: Vec<i64> = all.iter().map(|of| of.iter().sum()).collect();
    assert!(sums[5] == sums[6] && sums[8] == sums[9] && sums.iter().all(|sum| *sum > 0), "{all:?}");
}
