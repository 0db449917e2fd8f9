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
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.project\n"
    )
}

#[test]
fn projects_are_compared_with_intervals_that_hold_together_and_with_their_targets() {
    let world = World::landed("10");
    let sql = query("\"fler-i-arbete-self-supporting\", \"traning-municipal\"");
    let folder = home(&world, RELEASE, &[("supporting", &sql)]);
    let run = |arguments: &[&str]| {
        let said = crate::world::said(world.command(arguments).env("UTFALL_HOME", &folder).output().unwrap());
        assert_eq!(said.code, 0, "{said:?}");
        said.out
    };
    let plan = run(&["plan"]);
    assert!(plan.contains("supporting: a mean or a share of N people: ±") && plan.contains("per number, ±0.0"), "{plan}");
    run(&["release"]);
    let page = std::fs::read_to_string(world.path("out/trial/en.html")).unwrap();
    for part in [
        "Which can be told apart?",
        "Interval, all at once",
        "The order is no ranking",
        "Self-supporting after the project",
        "at least 65%",
        "20–30%",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let csv = std::fs::read_to_string(world.path("out/trial/supporting.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(headings[3..], ["supporting", "lower", "upper", "sampling_lower", "sampling_upper"]);
    for row in reader.records().map(Result::unwrap) {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let (value, [low, high], [wide_low, wide_high]) = (number(3), [number(4), number(5)], [number(6), number(7)]);
        assert!(wide_low <= low && low <= value && value <= high && high <= wide_high, "{row:?}");
        assert!(high - low < 0.35, "one project of fifty people is told to within some seventeen points: {row:?}");
    }
}

#[test]
fn a_target_that_cannot_be_held_against_anything_is_refused() {
    let world = World::landed("10");
    let count = query("\"nystart-action-plan\"").replace("avg(", "sum(");
    let elsewhere = query("\"nystart-action-plan\"").replace("AND p.enrols", "AND p.region = 'SE11'");
    for (sql, words) in [
        (query("\"no-such\""), "`no-such` is not in the register; it has: fler-i-arbete-closer"),
        (count, "a target is for a share"),
        (elsewhere, "is a target of nystart, which has no row in the table"),
    ] {
        let folder = home(&world, RELEASE, &[("supporting", &sql)]);
        let said = crate::world::said(world.command(&["release"]).env("UTFALL_HOME", &folder).output().unwrap());
        assert!(said.code == 2 && said.err.contains(words), "{said:?}");
        let _ = std::fs::remove_dir_all(folder);
    }
    assert!(world.ok(&["ledger"]).contains("spent: epsilon 0\n"));
}
