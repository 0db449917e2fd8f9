//! Numbers that were replaced: interim ones, chains of them, and what contradicts itself.

use crate::cases::filled;
use crate::leaks::numbers;
use crate::upkeep::{Row, participations, told};
use crate::world::{World, copy, repository, said};

fn number(words: &str) -> String {
    String::from_utf8(filled(words.as_bytes())).unwrap()
}

fn alias(world: &World, pairs: &str) {
    let said = told(world, &["key", "alias"], &number(pairs));
    assert_eq!(said.code, 0, "{said:?}");
}

/// Lands rows of projects and people.
fn land(world: &World, name: &str, month: &str, rows: &[&str]) -> String {
    let list = world.write(name, number(&format!("Personnr;Projekt;Startdatum;Slutdatum\n{}\n", rows.join("\n"))));
    let month: &[&str] = if month.is_empty() { &[] } else { &["--month", month] };
    world.ok(&[&["land"], month, &[&list]].concat())
}

fn landed(world: &World) -> Vec<Row> {
    participations(&world.path("data"), "current")
}

/// How many people there are, and the contributions and entries of all rows.
fn told_apart(world: &World) -> (usize, Vec<(i32, i32)>) {
    let rows = landed(world);
    let people: std::collections::HashSet<_> = rows.iter().map(|row| row.unit.clone()).collect();
    let mut numbers: Vec<_> = rows.iter().map(|row| (row.contribution, row.entry)).collect();
    numbers.sort_unstable();
    (people.len(), numbers)
}

#[test]
fn an_interim_number_becomes_the_persons_in_every_project() {
    let world = World::new("10");
    let first = land(&world, "a.csv", "2021-03", &["{0 day}-K001;PROGRESS;2021-03-01;"]);
    assert!(first.contains("have the controller tie the two (`utfall key alias`)"), "{first}");
    land(&world, "b.csv", "2021-04", &["{0};PROGRESS;2021-03-01;"]);
    land(&world, "c.csv", "", &["{0 day}K001;ASAP;2016-03-01;2016-04-01"]);
    assert_eq!(told_apart(&world), (3, vec![(1, 1), (1, 1), (1, 1)]));
    let said = told(&world, &["key", "alias"], &number("{0 day}K001 {0}\n"));
    assert!(said.code == 0 && said.out.contains("numbers that were replaced: 1"), "{said:?}");
    // One person, and no number is anybody's twice: they have risen.
    let (people, numbers) = told_apart(&world);
    assert_eq!((people, numbers.iter().map(|(contribution, _)| *contribution).collect()), (1, vec![1, 2, 3]));
    // From now on it is the person's, in projects too in which it has not been seen, and after a rotation.
    world.ok(&["key", "rotate"]);
    land(&world, "d.csv", "", &["{0 day}K001;Träning ger färdighet!;2008-09-01;2008-10-01"]);
    assert!(land(&world, "e.csv", "", &["{0};ASAP;2016-03-01;2016-04-01"]).contains("unchanged 1"));
    let (people, numbers) = told_apart(&world);
    assert!(people == 1 && numbers.last().unwrap().0 == 4, "{numbers:?}");
    // Said again it changes nothing.
    let again = told(&world, &["key", "alias"], &number("{0 day}K001 {0}\n"));
    assert!(again.code == 0 && again.out.contains("replaced: 0") && again.out.contains("replaced before: 1"), "{again:?}");
    assert_eq!(told(&world, &["forget"], &number("{0}")).code, 0);
    assert!(landed(&world).is_empty());
}

#[test]
fn an_interim_number_is_the_persons_also_in_a_project_that_comes_later() {
    let world = World::new("10");
    let home = world.path("home");
    copy(&repository().join("schemas"), &home.join("schemas"));
    let register = home.join("schemas/register/project.csv");
    let whole = std::fs::read_to_string(&register).unwrap();
    let without: String = whole.lines().filter(|line| !line.contains(",progress,")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&register, without).unwrap();
    let pair = world.write("pair.txt", number("{0 day}K001 {0}"));
    let input = std::fs::File::open(pair).unwrap();
    let output = world.command(&["key", "alias"]).env("UTFALL_HOME", &home).stdin(input).output().unwrap();
    assert_eq!(said(output).code, 0);
    land(&world, "a.csv", "", &["{0 day}K001;PROGRESS;2021-03-01;2021-04-01", "{0};PROGRESS;2021-05-01;2021-06-01"]);
    assert_eq!(told_apart(&world), (1, vec![(1, 1), (2, 2)]));
}

#[test]
fn one_interim_number_may_be_replaced_by_another_before_there_is_a_real_one() {
    let world = World::new("10");
    let rows = ["{0 day}K001;PROGRESS;2021-03-01;2021-04-01", "{0 day}K002;PROGRESS;2021-05-01;2021-06-01"];
    land(&world, "a.csv", "", &[rows[0], rows[1], "{0};PROGRESS;2021-07-01;2021-08-01"]);
    alias(&world, "{0 day}K001 {0 day}K002");
    assert_eq!(told_apart(&world).0, 2);
    alias(&world, "{0 day}K002 {0}");
    let (people, numbers) = told_apart(&world);
    assert_eq!((people, numbers.len()), (1, 3), "{numbers:?}");
    assert!(numbers.is_sorted_by(|a, b| a.0 < b.0), "{numbers:?}");
}

#[test]
fn an_interim_number_that_was_erased_stays_erased_when_there_is_a_real_one() {
    let world = World::new("10");
    let rows = number("Personnr;Projekt;Startdatum;Samtycke\n{0 day}K001;PROGRESS;2021-03-01;nej\n");
    land(&world, "a.csv", "", &["{0 day}K001;PROGRESS;2021-03-01;", "{0 day}K001;PROGRESS;2021-02-01;2021-02-10"]);
    world.ok(&["land", &world.write("b.csv", rows)]);
    assert!(landed(&world).is_empty());
    alias(&world, "{0 day}K001 {0}");
    let said = land(&world, "c.csv", "", &["{0};PROGRESS;2021-03-01;", "{0};ASAP;2016-03-01;2016-04-01"]);
    assert!(said.contains("row.forgotten"), "{said}");
    let numbers: Vec<i32> = landed(&world).iter().map(|row| row.contribution).collect();
    assert_eq!(numbers, [3], "what was erased had the first two");
}

#[test]
fn what_contradicts_what_was_said_before_is_refused_and_changes_nothing() {
    let interim = "{0 day}K001";
    for (before, pairs, said) in [
        ("", "{0} {0}", ["samma nummer", "the same number"]),
        ("", "{0 day}K001 {0 day}-K001", ["samma nummer", "the same number"]),
        ("{0} {1}", "{0} {2}", ["redan sagts vara ersatt av ett annat", "was said to be replaced by another before"]),
        ("", "{0} {1}\n{0} {2}", ["redan sagts vara ersatt av ett annat", "was said to be replaced by another before"]),
        (
            "{0 day}K001 {1}",
            "{0 day}K001 {2}",
            ["redan sagts vara ersatt av ett annat", "was said to be replaced by another before"],
        ),
        ("{0} {1}", "{1} {0}", ["redan sagts vara ersatt av det gamla", "was said to be replaced by the old one before"]),
        (
            "{0} {1}\n{1} {2}",
            "{2} {0}",
            ["redan sagts vara ersatt av det gamla", "was said to be replaced by the old one before"],
        ),
        (
            "",
            "{0} {1}\n{1} {2}\n{2} {0}",
            ["redan sagts vara ersatt av det gamla", "was said to be replaced by the old one before"],
        ),
        ("", "{0} {0 day}K001", ["ersätts inte av ett interims", "not replaced by an interim"]),
        ("", "{0 day}Tf29 {0}", ["en skyddad identitet delas av flera", "a protected identity is shared by several"]),
    ] {
        let world = World::new("10");
        land(
            &world,
            "a.csv",
            "",
            &["{0};PROGRESS;2021-03-01;", &format!("{interim};PROGRESS;2021-03-02;"), "{1};PROGRESS;2021-03-03;"],
        );
        if !before.is_empty() {
            alias(&world, before);
        }
        let (rows, aliases) = (landed(&world), std::fs::read(world.path("keys/aliases")).ok());
        for (lang, said) in ["sv", "en"].into_iter().zip(said) {
            let heard = told(&world, &["key", "alias", "--lang", lang], &number(pairs));
            let line = pairs.lines().count();
            assert!(heard.code == 2 && heard.err.contains(said), "{pairs}: {heard:?}");
            assert!(heard.err.contains(&format!(" {line} ")), "{pairs}: {heard:?}");
            assert!(numbers().iter().all(|n| !heard.err.contains(&n[2..])), "{heard:?}");
        }
        assert!(landed(&world) == rows && std::fs::read(world.path("keys/aliases")).ok() == aliases, "{pairs}");
    }
}
