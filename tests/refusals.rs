//! Every file in `tests/refusals` is refused with exactly the message beside it.
//!
//! After changing a message on purpose: `UTFALL_WRITE_MESSAGES=1 make test`, then read the diff.

use crate::world::{RELEASE, World, files, home, repository, said};

#[test]
fn every_refusal_shows_file_line_reason_and_way_out() {
    let folder = repository().join("tests/refusals");
    let cases: Vec<_> = files(&folder).into_iter().filter(|p| p.extension().is_some_and(|x| x == "sql")).collect();
    assert!(cases.len() >= 60);
    // Bounds for every child table, so that nothing is refused for lack of one; but for the case that shows it.
    let bounded = RELEASE
        .replace("participations = 3", "participations = 3, rows = { activity = 3, milestone = 4, rating = 4, answer = 2 }");
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_stem().unwrap().to_str().unwrap();
        let sql = std::fs::read_to_string(&case).unwrap();
        let world = World::empty();
        let release = if name == "child_without_bound" { RELEASE } else { &bounded };
        let home = home(&world, release, &[(name, &sql)]);
        let said = said(world.command(&["check"]).env("UTFALL_HOME", ".").current_dir(&home).output().unwrap());
        let message = said.err.replace("./queries/trial/", "");
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{name} was not refused: {said:?}");
        let expected = case.with_extension("txt");
        if std::env::var_os("UTFALL_WRITE_MESSAGES").is_some() {
            std::fs::write(&expected, &message).unwrap();
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != message {
            wrong.push(format!("{name}:\n{message}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn refusals_are_told_in_swedish_too() {
    let world = World::empty();
    let sql = std::fs::read_to_string(repository().join("tests/refusals/unit_in_filter.sql")).unwrap();
    let home = home(&world, RELEASE, &[("trial", &sql)]);
    let said = said(world.command(&["check", "--lang", "sv"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(said.err.contains("vägrad[unit]") && said.err.contains("hjälp:"), "{said:?}");
}

#[test]
fn a_refused_release_reserves_nothing_and_reads_nothing() {
    let world = World::new("10");
    let sql = std::fs::read_to_string(repository().join("tests/refusals/max_at_the_door.sql")).unwrap();
    let home = home(&world, RELEASE, &[("trial", &sql)]);
    let said = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    assert_eq!(said.code, 2);
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
    assert!(!world.path("out").exists());
}

#[test]
fn an_unknown_key_in_a_release_is_an_error_that_names_its_line() {
    let world = World::empty();
    let query = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";
    for (release, word) in [
        (RELEASE.replace("interval", "intervall"), "unknown field `intervall`"),
        (RELEASE.replace("epsilon = \"1\"", "epsilon = \"-1\""), "-1"),
        (RELEASE.replace("bounds = { participations = 3 }", ""), "missing field `bounds`"),
        (RELEASE.replace("participations = 3", "participations = 0"), "from 1 to 1000"),
        (RELEASE.replace("\"csv\"", "\"pdf\""), "pdf"),
        (RELEASE.replace("\"0.95\"", "\"95\""), "95"),
        (RELEASE.replace("epsilon = \"1\", delta = \"1e-6\"", "epsilon = \"0\", delta = \"0\""), "budget"),
    ] {
        let home = home(&world, &release, &[("trial", query)]);
        let said = said(world.command(&["check"]).env("UTFALL_HOME", &home).output().unwrap());
        assert!(said.code == 2 && said.err.contains(word), "{word}: {said:?}");
    }
}
