//! `make check` holds the dependencies against known advisories where a database of them is at hand, and says of which day it
//! is. `make audit` holds what would be installed against the demonstration.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use crate::world::{World, repository, said};

/// What `make check` says with these stand-ins for programs, and whether it went well.
fn check(world: &World) -> (bool, String) {
    let path = format!("{}:{}", world.text("bin"), std::env::var("PATH").unwrap());
    let mut command = Command::new("make");
    command.args(["--no-print-directory", "check"]).current_dir(repository()).env("PATH", path);
    for name in ["MAKEFLAGS", "MAKELEVEL", "CARGO"] {
        command.env_remove(name);
    }
    let said = said(command.env("CARGO_HOME", world.path("cargo")).output().unwrap());
    (said.code == 0, said.out)
}

fn program(world: &World, name: &str, script: &str) {
    let path = world.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// A database of advisories of one day.
fn database(folder: &Path, day: &str) {
    std::fs::create_dir_all(folder).unwrap();
    for arguments in
        [&["init", "-q"][..], &["-c", "user.name=a", "-c", "user.email=a", "commit", "-q", "--allow-empty", "-m", "a"]]
    {
        let at = format!("{day}T12:00:00Z");
        let mut git = Command::new("git");
        let done = git.arg("-C").arg(folder).args(arguments).env("GIT_COMMITTER_DATE", &at).env("GIT_AUTHOR_DATE", &at).status();
        assert!(done.unwrap().success());
    }
}

#[test]
fn advisories_are_checked_where_a_database_is_and_of_its_day() {
    let world = World::empty();
    program(&world, "cargo", "echo \"cargo $*\"; case \"$*\" in *advisories*) exit ${ADVISED:-0};; esac");
    // A machine on which cargo-deny is installed is a machine as others are.
    program(&world, "cargo-deny", "");
    let (done, out) = check(&world);
    assert!(done && out.contains("cargo deny --offline check bans licenses sources"), "{out}");
    assert!(out.contains("advisories were not checked") && !out.contains("check advisories"), "{out}");
    database(&world.path("cargo/advisory-dbs/old"), "2026-03-04");
    database(&world.path("cargo/advisory-dbs/new"), "2026-10-11");
    let (done, out) = check(&world);
    assert!(done && out.contains("cargo deny --offline check advisories\nadvisories of 2026-10-11 were checked"), "{out}");
    program(&world, "cargo", "echo \"cargo $*\"; case \"$*\" in *advisories*) exit 1;; esac");
    let (done, out) = check(&world);
    assert!(!done && !out.contains("were checked"), "{out}");
}

/// The official test identity numbers, twelve digits each.
fn test_numbers() -> HashSet<Vec<u8>> {
    let lists = ["personnummer.txt", "samordningsnummer.txt"].map(|name| {
        let text = std::fs::read_to_string(repository().join("tests/fixture/identity").join(name)).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>()
    });
    lists.into_iter().flatten().collect()
}

/// How many of these numbers stand in a program, as twelve digits.
fn numbers_within(program: &[u8], numbers: &HashSet<Vec<u8>>) -> usize {
    let runs = program.split(|byte| !byte.is_ascii_digit()).filter(|run| run.len() >= 12);
    runs.flat_map(|run| run.windows(12)).filter(|digits| numbers.contains(*digits)).collect::<HashSet<_>>().len()
}

/// What only the demonstration is called: two of its projects, its code, and what its help says of its numbers.
const DEMONSTRATION: [&str; 4] = ["fler-i-arbete", "traning-ger-fardighet", "src/demo/", "testpersonnummer"];

/// Which of these stand in a program.
fn names_within(program: &[u8]) -> Vec<&'static str> {
    let stands = |name: &&str| memchr::memmem::find(program, name.as_bytes()).is_some();
    DEMONSTRATION.into_iter().filter(stands).collect()
}

#[test]
#[ignore = "holds what `make install` would install; `make audit` builds it"]
fn what_is_installed_holds_nothing_of_the_demonstration() {
    let numbers = test_numbers();
    // The program of the tests has the demonstration: what is not found there would be found nowhere.
    let with = std::fs::read(env!("CARGO_BIN_EXE_utfall")).unwrap();
    assert!(numbers_within(&with, &numbers) > 1_000);
    assert_eq!(names_within(&with), DEMONSTRATION);
    let installed = std::env::var_os("UTFALL_AUDIT_INSTALLED").expect("UTFALL_AUDIT_INSTALLED is the installed program");
    let installed = std::fs::read(installed).unwrap();
    assert!(installed.len() > 1_000_000, "this is no program");
    assert_eq!((numbers_within(&installed, &numbers), names_within(&installed)), (0, Vec::new()));
}
