//! What is released beyond plain counts: SQL above the door, private keys, people beyond the bound, proofs.

use crate::world::{RELEASE, Said, World, files, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";

fn release(world: &World, release: &str, sql: &str) -> Said {
    let home = home(world, release, &[("trial", sql)]);
    said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap())
}

fn rows(world: &World, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(world.path("out/trial").join(file)).unwrap();
    text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn sql_above_the_door_is_computed_from_the_published_numbers() {
    let world = World::landed("100");
    let sql = format!(
        "{FRONT}SELECT sex, count(*) AS n, 2 * count(*) AS twice, rank() OVER (ORDER BY count(*) DESC) AS place FROM participation \
         WHERE sex IS NOT NULL GROUP BY sex HAVING count(*) > -1000 ORDER BY n DESC"
    );
    let told = release(&world, &RELEASE.replace("\"1\"", "\"50\""), &sql);
    assert_eq!(told.code, 0, "{told:?}");
    let view = rows(&world, "trial.csv");
    assert_eq!(view[0].iter().filter(|c| ["n", "twice", "place"].contains(&c.as_str())).count(), 3, "{view:?}");
    let at = |name: &str| view[0].iter().position(|c| c == name).unwrap();
    // The noisy table beneath is published too, and the view holds its very numbers.
    let base = rows(&world, "trial_n.csv");
    let noisy = base[0].iter().position(|c| c == "n").unwrap();
    assert_eq!((view.len(), base.len()), (3, 3));
    for row in &view[1..] {
        let below = base[1..].iter().find(|r| r[0] == row[0]).unwrap();
        assert_eq!(row[at("n")], below[noisy]);
        assert_eq!(row[at("twice")].parse::<i64>().unwrap(), 2 * below[noisy].parse::<i64>().unwrap());
    }
    let numbers: Vec<i64> = view[1..].iter().map(|r| r[at("n")].parse().unwrap()).collect();
    assert!(numbers[0] >= numbers[1] && view[1][at("place")] == "1", "{view:?}");
}

#[test]
fn rows_chosen_above_the_door_are_chosen_even_where_every_column_is_plain() {
    let world = World::landed("100");
    let sql = format!(
        "{FRONT}SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IS NOT NULL GROUP BY exit_state \
         HAVING count(*) >= 100 ORDER BY n DESC LIMIT 2"
    );
    let told = release(&world, &RELEASE.replace("\"1\"", "\"50\""), &sql);
    assert_eq!(told.code, 0, "{told:?}");
    let (view, base) = (rows(&world, "trial.csv"), rows(&world, "trial_n.csv"));
    assert_eq!((view.len(), base.len()), (3, 11), "two rows above, all ten outcomes below");
    let n = view[0].iter().position(|c| c == "n").unwrap();
    let numbers: Vec<i64> = view[1..].iter().map(|r| r[n].parse().unwrap()).collect();
    assert!(numbers[0] >= numbers[1] && numbers[1] >= 100, "{view:?}");
}

#[test]
fn what_cannot_be_published_is_refused_before_anything_is_charged() {
    let world = World::new("10");
    for (sql, settings) in [
        ("SELECT sex AS lower, count(*) AS n FROM participation GROUP BY sex", RELEASE.to_owned()),
        ("SELECT sex AS x, age_band AS x_sv, count(*) AS n FROM participation GROUP BY sex, age_band", RELEASE.to_owned()),
        ("SELECT sex, CAST(count(*) AS TINYINT) AS n FROM participation GROUP BY sex", RELEASE.to_owned()),
        ("SELECT sex, count(*) AS n FROM participation GROUP BY sex", RELEASE.replace("[\"csv\"]", "[\"csv\", \"csv\"]")),
        ("SELECT sex, count(*) AS n FROM participation GROUP BY sex", RELEASE.replace("[\"csv\"]", "[]")),
    ] {
        let told = release(&world, &settings, &format!("{FRONT}{sql}"));
        assert_eq!(told.code, 2, "{sql}: {told:?}");
    }
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
}

#[test]
fn private_keys_show_only_what_is_above_the_threshold_and_need_delta_of_their_own() {
    let sql = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\nprivate_keys = { delta = \"1e-6\" }\n+++*/\n\
               SELECT municipality, count(*) AS n FROM participation GROUP BY municipality";
    let settings = RELEASE.replace("\"1\"", "\"2\"").replace("1e-6", "2e-6");
    let world = World::landed("10");
    let told = release(&world, &settings, sql);
    assert_eq!(told.code, 4, "the ledger has no delta for private keys: {told:?}");
    assert!(!world.path("out").exists());
    world.ok(&["ledger", "raise", "--epsilon", "10", "--delta", "2e-5", "--keys-delta", "1e-5", "--reason", "private keys"]);
    let told = release(&world, &settings, sql);
    assert_eq!(told.code, 0, "{told:?}");
    let shown = rows(&world, "trial.csv");
    // About 290 municipalities are possible; a few have many participants, and only those can be shown.
    assert!((2..40).contains(&shown.len()), "{shown:?}");
    let n = shown[0].iter().position(|c| c == "n").unwrap();
    assert!(shown[1..].iter().all(|r| r[n].parse::<i64>().unwrap() > 20), "{shown:?}");
    let metadata = std::fs::read_to_string(world.path("out/trial/trial.csv-metadata.json")).unwrap();
    assert!(metadata.contains("threshold"), "{metadata}");
}

#[test]
fn a_release_can_say_how_many_people_its_bound_leaves_out() {
    let world = World::landed("10");
    let settings =
        RELEASE.replace("[publish]", "beyond = \"0.5\"\n[publish]").replace("participations = 3", "participations = 1");
    let sql = format!("{FRONT}SELECT sex, count(*) AS n FROM participation GROUP BY sex");
    let told = release(&world, &settings, &sql);
    assert_eq!(told.code, 0, "{told:?}");
    let beyond = rows(&world, "people_beyond_bound.csv");
    let people = beyond[0].iter().position(|c| c == "people").unwrap();
    // Scale 2: the demo has some people in two projects.
    assert!(beyond[1][people].parse::<i64>().unwrap().abs() < 120, "{beyond:?}");
    let verified = world.ok(&["verify"]);
    assert!(verified.contains("people_beyond_bound: the proof holds: one person moves it by at most 1 (L1)"), "{verified}");
    let settings = settings.replace("\"0.5\"", "\"1\"");
    assert_eq!(release(&world, &settings, &sql).code, 2, "the part is below the whole");
}

#[test]
fn proofs_are_verified_from_the_archive_and_from_what_is_published() {
    let world = World::landed("10");
    let sql = format!("{FRONT}SELECT sex, count(*) AS n, avg(age) AS age, median(age) AS middle FROM participation GROUP BY sex");
    assert_eq!(release(&world, RELEASE, &sql).code, 0);
    assert_eq!(world.ok(&["verify", "trial"]).lines().count(), 3);
    let path = world.path("out/trial/certificate.json");
    let published = std::fs::read_to_string(&path).unwrap();
    let file = world.write("copy.json", &published);
    assert!(world.ok(&["verify", "--certificate", &file]).contains("trial-1: the proof holds"));
    for (from, to) in [("\"rows\":3", "\"rows\":2"), ("\"l1\":3", "\"l1\":2"), ("\"contributions\":3", "\"contributions\":4")] {
        assert!(published.contains(from), "{published}");
        let forged = world.write("forged.json", published.replacen(from, to, 1));
        let told = world.run(&["verify", "--certificate", &forged]);
        assert!(told.code == 5 && told.err.contains("does not hold"), "{from}: {told:?}");
    }
    assert_eq!(world.run(&["verify", "nothing"]).code, 2);
}

#[test]
fn the_explanation_is_a_tree_that_marks_where_a_refused_query_stops() {
    let world = World::empty();
    let good = format!("{FRONT}SELECT sex, count(*) AS n FROM participation GROUP BY sex");
    let bad = format!("{FRONT}SELECT sex, count(*) AS n FROM (SELECT sex FROM participation LIMIT 5) GROUP BY sex");
    let home = home(&world, RELEASE, &[("good", &good), ("bad", &bad)]);
    let told = said(world.command(&["check", "--explain"]).env("UTFALL_HOME", &home).output().unwrap());
    assert_eq!(told.code, 2);
    let marked: Vec<&str> = told.out.lines().filter(|l| l.contains("<== it stops here")).collect();
    assert!(marked.len() == 1 && marked[0].contains("LIMIT"), "{told:?}");
    std::fs::remove_file(home.join("queries/trial/bad.sql")).unwrap();
    let told = said(world.command(&["check", "--explain"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(
        told.code == 0 && told.out.contains("the door") && told.out.contains("FROM participation  (3 participations"),
        "{told:?}"
    );
}
