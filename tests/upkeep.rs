//! Erasure, key rotation and numbers that changed: what is gone, what stays, and that nobody starts anew.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use arrow::array::AsArray as _;
use arrow::datatypes::{Date32Type, Int16Type, Int32Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::leaks::numbers;
use crate::world::{Said, World, contents, files, said};

/// One landed participation: pseudonym, project, start, contribution, entry and frozen period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) unit: Vec<u8>,
    pub(crate) project: i16,
    pub(crate) start: i32,
    pub(crate) contribution: i32,
    pub(crate) entry: i32,
    pub(crate) period: i32,
}

/// The participations in a state, as they lie on disk.
pub(crate) fn participations(data: &Path, state: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let folder = data.join("landed/participation").join(state);
    let found = if folder.exists() { files(&folder) } else { Vec::new() };
    for path in found.iter().filter(|p| live(data, p)) {
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap().build().unwrap();
        for batch in reader {
            let batch = batch.unwrap();
            let column = |name: &str| batch.column_by_name(name).unwrap();
            let (units, projects) = (column("participant").as_binary::<i32>(), column("project").as_primitive::<Int16Type>());
            let (starts, periods) = (column("start").as_primitive::<Date32Type>(), column("began").as_primitive::<Date32Type>());
            let number = |name: &str| column(name).as_primitive::<Int32Type>().clone();
            let (contributions, entries) = (number("contribution"), number("entry"));
            rows.extend((0..batch.num_rows()).map(|i| Row {
                unit: units.value(i).to_vec(),
                project: projects.value(i),
                start: starts.value(i),
                contribution: contributions.value(i),
                entry: entries.value(i),
                period: periods.value(i),
            }));
        }
    }
    rows.sort();
    rows
}

/// Whether a file is the table's, and not one that a correction replaced and that is soon taken away.
fn live(data: &Path, path: &Path) -> bool {
    let folder = data.join("landed/participation");
    let name = path.strip_prefix(&folder).unwrap().display().to_string();
    let mut live = false;
    for commit in files(&folder.join("_delta_log")).iter().filter(|p| p.extension().is_some_and(|x| x == "json")) {
        for line in std::fs::read_to_string(commit).unwrap().lines().filter(|line| line.contains(&name)) {
            live = line.starts_with("{\"add\"");
        }
    }
    live
}

pub(crate) fn told(world: &World, arguments: &[&str], input: &str) -> Said {
    let mut child = world.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    said(child.wait_with_output().unwrap())
}

fn list(world: &World, name: &str, project: &str, rows: &[(&str, &str)]) -> String {
    let rows: String = rows.iter().map(|(number, days)| format!("{project};{number};{days}\n")).collect();
    world.write(name, format!("Projekt;Personnr;Startdatum;Slutdatum\n{rows}"))
}

#[test]
fn a_forgotten_person_is_gone_from_every_file_and_does_not_land_again() {
    let world = World::new("10");
    let n = numbers();
    let people = list(&world, "a.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-06-01"), (&n[1], "2021-03-02;2021-06-01")]);
    let before = list(&world, "b.csv", "ASAP", &[(&n[0], "2016-03-01;2016-06-01")]);
    let steps = world.write("c.csv", format!("Projekt;Personnr;Steg;Datum\nPROGRESS;{};Handlingsplan;2021-03-02\n", n[0]));
    world.ok(&["land", &people, &before, &steps]);
    let rows = participations(&world.path("data"), "current");
    let unit = rows.iter().find(|row| row.project == 1).unwrap().unit.clone();
    assert_eq!(rows.iter().filter(|row| row.unit == unit).count(), 2);
    let ledger = contents(&world.path("data/ledger"));

    let forgot = told(&world, &["forget"], &format!("{}\n", n[0]));
    assert!(
        forgot.code == 0 && forgot.out.contains("1 of 1 people had landed rows") && forgot.out.contains("receipt"),
        "{forgot:?}"
    );
    assert!(!forgot.out.contains(&n[0]) && !forgot.out.contains(&n[0][2..8]), "{forgot:?}");
    for (path, bytes) in contents(&world.path("data")) {
        let holds = bytes.windows(16).any(|window| window == unit);
        assert!(!holds, "{} still holds the pseudonym", path.display());
    }
    assert_eq!(participations(&world.path("data"), "current").len(), 1);
    assert!(files(&world.path("data/landed/milestone")).iter().all(|p| p.extension().is_none_or(|x| x != "parquet")));
    assert!(contents(&world.path("data/ledger")) == ledger, "the ledger is untouched");
    assert_eq!(files(&world.path("data/receipts")).len(), 1);

    // Sent again with others: the sender hears nothing of it, the controller does, and only the others land.
    let again = list(
        &world,
        "d.csv",
        "PROGRESS",
        &[(&n[0], "2021-03-01;2021-06-01"), (&n[1], "2021-03-02;2021-06-01"), (&n[2], "2021-03-03;")],
    );
    let said = world.ok(&["land", &again]);
    assert!(said.contains("new 1, changed 0, unchanged 2") && said.contains("row.forgotten"), "{said}");
    let rows = participations(&world.path("data"), "current");
    assert!(rows.len() == 2 && rows.iter().all(|row| row.unit != unit));
    // Asked once more, and one line twice: that is one person, who was erased before.
    let nobody = told(&world, &["forget"], &format!("{0}\n{0}\n", n[0]));
    assert!(nobody.out.contains("0 of 1 people had landed rows"), "{nobody:?}");
    assert!(nobody.out.contains("1 of 1 were covered by an earlier erasure"), "{nobody:?}");
    world.ok(&["key", "rotate"]);
    let both = told(&world, &["forget", "--project", "progress"], &format!("{}\n{}\n{}\n", n[0], n[1], n[9]));
    assert!(both.out.contains("1 of 3 people had landed rows") && both.out.contains("1 of 3 were covered"), "{both:?}");
}

/// The receipt cannot be written: everything else is done, as if the run had been killed, and the note still stands.
#[test]
fn whoever_finishes_an_erasure_writes_the_receipt_of_the_one_who_began_it() {
    for (finish, of_one) in [(&["key", "show-id"][..], true), (&["land"], true), (&["forget"], false)] {
        let world = World::new("10");
        let n = numbers();
        let rows = [(n[0].as_str(), "2021-03-01;2021-06-01"), (n[1].as_str(), "2021-03-02;2021-06-01")];
        let people = list(&world, "a.csv", "PROGRESS", &rows);
        world.ok(&["land", &people]);
        world.write("data/receipts", "no folder");
        let arguments: &[&str] = if of_one { &["forget", "--project", "progress", "--reason", "consent"] } else { &["forget"] };
        let cut = told(&world, arguments, &format!("{}\n{}\n{}\n", n[0], n[1], n[2]));
        assert!(cut.code == 5 && cut.out.is_empty(), "{cut:?}");
        assert!(participations(&world.path("data"), "current").is_empty());
        std::fs::remove_file(world.path("data/receipts")).unwrap();
        let finish = [
            finish,
            if finish == ["land"] { std::slice::from_ref(&people) } else { &[] }
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .as_slice(),
        ]
        .concat();
        let said = told(&world, &finish, &n[0]);
        assert!(said.err.contains("an interrupted erasure is finished: 2 of 3 people had landed rows; receipt: "), "{said:?}");
        let receipts = contents(&world.path("data/receipts"));
        assert_eq!(receipts.len(), if finish == ["forget"] { 2 } else { 1 });
        let (path, receipt) = receipts
            .into_iter()
            .map(|(path, bytes)| (path, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()))
            .find(|(_, receipt)| receipt["people_asked_for"] == 3)
            .unwrap();
        assert_eq!((&receipt["people_found"], &receipt["people_erased_before"]), (&2.into(), &0.into()));
        let (reason, of) =
            if of_one { ("consent", ["ett projekt", "one project"]) } else { ("erasure", ["alla projekt", "all projects"]) };
        let told = [&receipt["of"]["sv"], &receipt["of"]["en"]];
        assert_eq!((&receipt["reason"], told), (&reason.into(), of.map(serde_json::Value::from).each_ref()));
        assert!(
            said.err.contains(&path.display().to_string())
                && path.ends_with(format!("{}.json", receipt["receipt"].as_str().unwrap()))
        );
        // Asked again, it says that it was done before.
        if finish == ["forget"] {
            assert!(
                said.out.contains("0 of 1 people") && said.out.contains("1 of 1 were covered by an earlier erasure"),
                "{said:?}"
            );
        }
        let after = world.run(&["key", "show-id"]);
        assert!(after.code == 0 && after.err.is_empty(), "{after:?}");
    }
}

#[test]
fn who_is_forgotten_before_anything_landed_does_not_land_later() {
    let world = World::new("10");
    let n = numbers();
    // One in all projects, one in PROGRESS alone; nothing has landed of anybody.
    let all = told(&world, &["forget"], &n[0]);
    let one = told(&world, &["forget", "--project", "progress", "--lang", "sv"], &n[1]);
    assert!(all.code == 0 && all.out.contains("0 of 1 people had landed rows"), "{all:?}");
    assert!(one.code == 0 && one.out.contains("0 av 1 personer hade landade rader"), "{one:?}");
    assert!(one.out.contains("ingen senare lista landar en rad som börjat till och med i dag"), "{one:?}");
    let tags = files(&world.path("data/landed/participation/forgotten"));
    assert_eq!(tags.len(), 2);
    assert_eq!(told(&world, &["forget"], &n[0]).code, 0);
    assert!(files(&world.path("data/landed/participation/forgotten")) == tags, "said twice it is kept once");
    // A release from nobody's rows is still refused.
    assert!(world.run(&["release", "outcomes"]).code == 2);
    world.ok(&["key", "rotate"]);

    let started = |project: &str, day: &str| (0..3).map(|i| format!("{project};{};{day}\n", n[i])).collect::<String>();
    let rows = format!("{}{}", started("PROGRESS", "2021-03-01;2021-06-01"), started("ASAP", "2016-03-01;2016-06-01"));
    let list = |world: &World| world.write("a.csv", format!("Projekt;Personnr;Startdatum;Slutdatum\n{rows}"));
    let said = world.ok(&["land", &list(&world)]);
    let heard =
        |said: &str| said.split("  for the controller").next().unwrap().replace(&world.text(""), "").replace("/a.csv", "a.csv");
    let plain = World::new("10");
    let unerased = plain.ok(&["land", &list(&plain)]).replace(&plain.text(""), "").replace("/a.csv", "a.csv");
    assert!(said.contains("row.forgotten") && heard(&said).starts_with(unerased.trim_end()), "{said}\n{unerased}");
    let mut projects: Vec<i16> = participations(&world.path("data"), "current").iter().map(|row| row.project).collect();
    projects.sort_unstable();
    assert_eq!(projects, [1, 1, 6], "two of three in ASAP, one of three in PROGRESS");
    // Rows within a participation that did not land do not either.
    let steps: String = (0..3).map(|i| format!("PROGRESS;{};Handlingsplan;2021-03-02\n", n[i])).collect();
    let said = world.run(&["land", &world.write("b.csv", format!("Projekt;Personnr;Steg;Datum\n{steps}"))]);
    assert!(said.out.contains("row.forgotten"), "{said:?}");
    assert_eq!(crate::cases::landed(&world.path("data/landed/milestone"), "current", &["project"]), ["progress"]);
}

#[test]
fn what_is_no_number_erases_nothing_and_is_not_repeated() {
    let world = World::landed("10");
    let before = contents(&world.path("data/landed"));
    let n = numbers();
    let wrong = format!("{}{}", &n[1][..11], (n[1].as_bytes()[11] - b'0' + 1) % 10);
    for input in [String::new(), format!("{}\n{wrong}\n", n[0]), "19800101Tf29\n".to_owned()] {
        let said = told(&world, &["forget"], &input);
        assert!(said.code == 2 && !said.err.contains(&wrong) && !said.err.contains(&n[0]), "{said:?}");
    }
    assert!(contents(&world.path("data/landed")) == before);
}

#[test]
fn a_rotation_changes_every_pseudonym_and_nobody_starts_anew() {
    let world = World::new("10");
    let n = numbers();
    let rows = [(n[0].as_str(), "2021-03-01;2021-04-01"), (n[1].as_str(), "2021-03-02;2021-04-01")];
    let first = list(&world, "a.csv", "PROGRESS", &rows);
    world.ok(&["land", &first]);
    let before = participations(&world.path("data"), "current");
    let old = std::fs::read_to_string(world.path("keys/pseudonym.key")).unwrap();
    assert!(world.ok(&["key", "rotate"]).contains("rotations: 1"));
    let after = participations(&world.path("data"), "current");
    let units = |rows: &[Row]| rows.iter().map(|row| row.unit.clone()).collect::<Vec<_>>();
    assert!(units(&before).iter().all(|unit| !units(&after).contains(unit)));
    for (path, bytes) in contents(&world.path("data")) {
        assert!(units(&before).iter().all(|unit| !bytes.windows(16).any(|w| w == unit)), "{}", path.display());
    }
    // The same file is still known; a person who comes back has the same pseudonym and the next number.
    assert!(world.ok(&["land", &first]).contains("landed before, nothing changed"));
    world.ok(&["land", &list(&world, "b.csv", "PROGRESS", &[(&n[0], "2021-05-01;2021-06-01")])]);
    let rows = participations(&world.path("data"), "current");
    let back = rows.iter().find(|row| row.contribution == 2).unwrap();
    assert!(back.entry == 2 && rows.iter().filter(|row| row.unit == back.unit).count() == 2, "{rows:?}");
    // The old key alone is refused, and so is a backup's absence of the new part.
    std::fs::write(world.path("keys/pseudonym.key"), old).unwrap();
    let refused = world.run(&["land", &first]);
    assert!(refused.code == 5 && refused.err.contains("is not this store's key"), "{refused:?}");
}

#[test]
fn a_person_erased_before_a_rotation_stays_erased_after_it() {
    let world = World::new("10");
    let n = numbers();
    let first = list(&world, "a.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-04-01"), (&n[1], "2021-03-02;2021-04-01")]);
    world.ok(&["land", &first]);
    assert_eq!(told(&world, &["forget"], &n[0]).code, 0);
    world.ok(&["key", "rotate"]);
    let again = list(&world, "b.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-04-01"), (&n[2], "2021-03-03;")]);
    let said = world.ok(&["land", &again]);
    assert!(said.contains("row.forgotten"), "{said}");
    assert_eq!(participations(&world.path("data"), "current").len(), 2);
}

#[test]
fn two_numbers_of_one_person_become_one_with_numbers_that_only_rise() {
    let world = World::new("10");
    let n = numbers();
    world
        .ok(&["land", &list(&world, "a.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-04-01"), (&n[1], "2021-05-02;2021-06-01")])]);
    let joined = told(&world, &["key", "alias"], &format!("{} {}\n", n[0], n[1]));
    assert_eq!(joined.code, 0, "{joined:?}");
    let rows = participations(&world.path("data"), "current");
    let mut numbers: Vec<(i32, i32)> = rows.iter().map(|row| (row.contribution, row.entry)).collect();
    numbers.sort_unstable();
    assert!(rows[0].unit == rows[1].unit && numbers == [(1, 1), (2, 2)], "{rows:?}");
    // From now on the old number is the person's, also after a rotation.
    world.ok(&["key", "rotate"]);
    world.ok(&["land", &list(&world, "b.csv", "ASAP", &[(&n[0], "2016-05-01;2016-06-01")])]);
    let units: std::collections::HashSet<_> =
        participations(&world.path("data"), "current").into_iter().map(|row| row.unit).collect();
    assert_eq!(units.len(), 1);
}

#[test]
fn several_old_numbers_of_one_person_never_share_a_number() {
    let world = World::new("10");
    let n = numbers();
    let days = ["2021-03-01;2021-03-10", "2021-04-01;2021-04-10", "2021-05-01;2021-05-10"];
    let rows: Vec<(&str, &str)> = n.iter().map(String::as_str).zip(days).collect();
    world.ok(&["land", &list(&world, "a.csv", "PROGRESS", &rows)]);
    // The first was replaced by the second, and that by the third.
    let joined = told(&world, &["key", "alias"], &format!("{} {}\n{} {}\n", n[0], n[1], n[1], n[2]));
    assert_eq!(joined.code, 0, "{joined:?}");
    let rows = participations(&world.path("data"), "current");
    let mut numbers: Vec<(i32, i32)> = rows.iter().map(|row| (row.contribution, row.entry)).collect();
    numbers.sort_unstable();
    assert!(rows.iter().all(|row| row.unit == rows[0].unit) && numbers == [(1, 1), (2, 2), (3, 3)], "{rows:?}");
}

#[test]
fn a_withdrawn_consent_erases_the_person_in_that_project_only() {
    let world = World::new("10");
    let n = numbers();
    world.ok(&["land", &list(&world, "a.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-04-01")])]);
    world.ok(&["land", &list(&world, "b.csv", "ASAP", &[(&n[0], "2016-05-01;2016-06-01")])]);
    let consent = format!(
        "Projekt;Personnr;Startdatum;Samtycke\nPROGRESS;{};2021-03-01;återkallat\nPROGRESS;{};2021-03-01;ja\n",
        n[0], n[1]
    );
    let said = world.ok(&["land", &world.write("c.csv", consent)]);
    assert!(said.contains("row.consent"), "{said}");
    let rows = participations(&world.path("data"), "current");
    let projects: HashMap<i16, usize> = rows.iter().fold(HashMap::new(), |mut counts, row| {
        *counts.entry(row.project).or_default() += 1;
        counts
    });
    assert_eq!(projects, HashMap::from([(1, 1), (6, 1)]), "{rows:?}");
    // Sent again without the mark it does not land; in the other project the person goes on.
    let again = world.ok(&["land", &list(&world, "d.csv", "PROGRESS", &[(&n[0], "2021-03-01;2021-04-02")])]);
    assert!(again.contains("row.forgotten"), "{again}");
    world.ok(&["land", &list(&world, "e.csv", "ASAP", &[(&n[0], "2016-07-01;2016-08-01")])]);
    let asap: Vec<i32> =
        participations(&world.path("data"), "current").iter().filter(|r| r.project == 1).map(|r| r.contribution).collect();
    assert_eq!(asap, [2, 3]);
}

#[test]
fn a_corrected_start_keeps_number_and_period_and_a_withdrawn_number_is_not_given_again() {
    let world = World::new("10");
    let n = numbers();
    let land = |name: &str, month: &str, rows: &[(&str, &str)]| {
        world.ok(&["land", "--project", "progress", "--month", month, &list(&world, name, "PROGRESS", rows)])
    };
    land("a.csv", "2021-03", &[(&n[0], "2021-03-10;"), (&n[1], "2021-03-11;2021-03-20")]);
    let before = participations(&world.path("data"), "current");
    let said = land("b.csv", "2021-03", &[(&n[0], "2021-02-05;")]);
    assert!(said.contains("month 2021-03: new 0, changed 1, unchanged 0, withdrawn 1"), "{said}");
    let after = participations(&world.path("data"), "current");
    let old = before.iter().find(|row| row.unit == after[0].unit).unwrap();
    assert!(after.len() == 1 && after[0].start != old.start);
    assert_eq!((after[0].contribution, after[0].period), (old.contribution, old.period));
    land("c.csv", "2021-04", &[(&n[0], "2021-02-05;"), (&n[1], "2021-04-11;2021-04-20")]);
    let again = participations(&world.path("data"), "current");
    let second = again.iter().find(|row| row.unit != after[0].unit).unwrap();
    assert_eq!((second.contribution, second.entry), (2, 2), "{again:?}");
}

#[test]
fn a_backup_is_the_key_zone_and_lies_apart() {
    let world = World::landed("10");
    let backup = world.text("backup");
    world.ok(&["key", "backup", &backup]);
    for name in ["pseudonym.key", "ledger.witness", "landed.witness"] {
        assert_eq!(
            std::fs::read(world.path("keys").join(name)).unwrap(),
            std::fs::read(world.path("backup").join(name)).unwrap()
        );
    }
    assert_eq!(world.run(&["key", "backup", &backup]).code, 2, "never over another one");
    assert_eq!(world.run(&["key", "backup", &world.text("data/backup")]).code, 5);
}

#[test]
fn rows_of_a_project_are_erased_when_its_time_is_over() {
    let world = World::landed("10");
    let home = world.path("home");
    crate::world::copy(&crate::world::repository().join("schemas"), &home.join("schemas"));
    let register = home.join("schemas/register/project.csv");
    let text = std::fs::read_to_string(&register).unwrap();
    std::fs::write(&register, text.replace("109,true,,", "109,true,2024-02-29,")).unwrap();
    let said = said(world.command(&["forget", "--expired"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(said.code == 0 && said.out.contains("progress:"), "{said:?}");
    let rows = participations(&world.path("data"), "current");
    assert!(!rows.is_empty() && rows.iter().all(|row| row.project != 6));
}
