//! Projects side by side: what can be told, what cannot, and whether they kept what they promised.

use crate::world::{World, home};

const RELEASE: &str = "title = { sv = \"Jämförelse\", en = \"Comparison\" }
[privacy]
budget = { epsilon = \"1\", delta = \"1e-6\" }
bounds = { participations = 1 }
[publish]
formats = [\"html\", \"csv\"]
interval = \"0.95\"
";

fn query(targets: &str) -> String {
    format!(
        "/*+++ title = {{ sv = \"Självförsörjande\", en = \"Self-supporting\" }}\ntargets = [{targets}] +++*/
SELECT p.project, avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS supporting
FROM   participation f JOIN project p USING (project)
WHERE  p.enrols
GROUP  BY p.project\n"
    )
}

#[test]
fn projects_are_compared_with_intervals_that_hold_together_and_with_their_targets() {
    let world = World::landed("10");
    let sql = query("\"fler-i-arbete-self-supporting\"");
    let folder = home(&world, RELEASE, &[("supporting", &sql)]);
    let run = |arguments: &[&str]| {
        let said = crate::world::said(world.command(arguments).env("UTFALL_HOME", &folder).output().unwrap());
        assert_eq!(said.code, 0, "{said:?}");
        said.out
    };
    let plan = run(&["plan"]);
    assert!(plan.contains("supporting: a value for N people: ±") && plan.contains("per cell: a share ±"), "{plan}");
    run(&["release"]);
    let page = std::fs::read_to_string(world.path("out/trial/en.html")).unwrap();
    for part in [
        "Which can be told apart?",
        "Interval, all at once",
        "The order is no ranking",
        "Self-supporting after the project",
        "at least 65%",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let verdict =
        page.split("Self-supporting after the project").nth(1).and_then(|rest| rest.split("<td class=\"text\">").nth(1));
    let verdict = verdict.and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    let csv = std::fs::read_to_string(world.path("out/trial/supporting.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(headings[3..], ["supporting", "lower", "upper", "sampling_lower", "sampling_upper", "obs_status"]);
    for row in reader.records().map(Result::unwrap) {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let (value, [low, high], [wide_low, wide_high]) = (number(3), [number(4), number(5)], [number(6), number(7)]);
        assert!(wide_low <= low && low <= value && value <= high && high <= wide_high, "{row:?}");
        if &row[0] == "fler-i-arbete" {
            let expected = if low >= 0.65 {
                "yes"
            } else if high < 0.65 {
                "no"
            } else {
                "cannot be told"
            };
            assert_eq!(verdict, expected, "{row:?}");
        }
        assert!(high - low < 0.35, "one project of fifty people is told to within some seventeen points: {row:?}");
    }
}

#[test]
fn a_target_that_cannot_be_held_against_anything_is_refused() {
    let world = World::landed("10");
    let own = query("\"fler-i-arbete-self-supporting\"");
    let count = own.replace("avg(", "sum(");
    let elsewhere = query("\"nystart-action-plan\"")
        .replace("p.enrols", "p.region = 'SE11'")
        .replace("nystart-action-plan", "fler-i-arbete-self-supporting");
    for (sql, words) in [
        (query("\"no-such\""), "`no-such` is not in the register; it has: fler-i-arbete-closer"),
        (count, "a target is for one share by project alone"),
        (
            own.replace("p.project,", "p.project, f.sex,").replace("BY p.project", "BY p.project, f.sex"),
            "a target is for one share by project alone",
        ),
        (elsewhere, "is a target of fler-i-arbete, which has no row in the table"),
        (own.replace("'work', ", ""), "and the query's CASE counts others"),
        (own.replace("p.enrols", "p.enrols AND f.exit_state IS NOT NULL"), "and the query's WHERE leaves other rows out"),
        (own.replace("p.enrols", "p.enrols AND f.sex = 'female'"), "and the query's WHERE leaves other rows out"),
        (own.replace("p.enrols", "p.enrols AND f.contribution = 1"), "and the query's WHERE leaves other rows out"),
        (
            own.replace("participation f", "(SELECT project, 'work' AS exit_state FROM participation) AS f"),
            "leaves other rows out",
        ),
        (
            own.replace("USING (project)", "USING (project) JOIN municipality m ON f.municipality = m.municipality"),
            "a target is for one share by project alone",
        ),
        (query("\"traning-municipal\""), "and the query's CASE counts others"),
        (query("\"nystart-action-plan\""), "which are not rows of the table that the query counts"),
    ] {
        let folder = home(&world, RELEASE, &[("supporting", &sql)]);
        let said = crate::world::said(world.command(&["release"]).env("UTFALL_HOME", &folder).output().unwrap());
        assert!(said.code == 2 && said.err.contains(words), "{said:?}");
        let _ = std::fs::remove_dir_all(folder);
    }
    assert!(world.ok(&["ledger"]).contains("spent: epsilon 0\n"));
}

/// The count behind the mean follows from a finer table: the mean must be computed from what it was reconciled to.
#[test]
fn a_mean_is_computed_from_the_reconciled_count() {
    let world = World::landed("10");
    let from = "FROM participation f JOIN project p ON f.project = p.project WHERE f.age BETWEEN 16 AND 64 AND p.enrols";
    let front = "/*+++ title = { sv = \"a\", en = \"a\" } +++*/\n";
    let means = format!("{front}SELECT p.region, avg(f.age) AS age, count(f.age) AS n {from} GROUP BY p.region");
    let finer = format!("{front}SELECT p.region, f.sex, count(f.age) AS n {from} GROUP BY p.region, f.sex");
    let folder = home(&world, &RELEASE.replace("\"1\"", "\"3\""), &[("means", &means), ("finer", &finer)]);
    let said = crate::world::said(world.command(&["release"]).env("UTFALL_HOME", &folder).output().unwrap());
    assert_eq!(said.code, 0, "{said:?}");
    let rows = |file: &str| -> Vec<Vec<f64>> {
        let mut reader = csv::Reader::from_path(world.path(&format!("out/trial/{file}.csv"))).unwrap();
        reader.records().map(|row| row.unwrap().iter().skip(3).map_while(|x| x.parse().ok()).collect()).collect()
    };
    for (mean, count) in rows("means_age").iter().zip(rows("means_n")) {
        assert!(mean[2] - mean[1] < 400.0 / count[0], "{mean:?} of {count:?} people");
    }
}
