//! What a delivery means is what was said of it, by options, titles, file names and mappings, and never what a row of it holds.

use crate::cases::filled;
use crate::corrections::rows;
use crate::upkeep::told;
use crate::world::{Said, World, contents};

const HEADINGS: &str = "Projekt;Personnr;Startdatum;Slutdatum;Resultat";

/// A participant list of some people of a project.
fn people(project: &str, day: &str, who: impl IntoIterator<Item = usize>) -> String {
    who.into_iter().map(|who| format!("{project};{{{who}}};{day};;\n")).collect()
}

fn write(world: &World, name: &str, text: &str) -> String {
    world.write(name, filled(text.as_bytes()))
}

fn list(world: &World, name: &str, lines: &str) -> String {
    write(world, name, &format!("{HEADINGS}\n{lines}"))
}

fn land(world: &World, files: &[String]) -> Said {
    world.run(&[&["land"], files.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat())
}

/// How many participations of each project count.
fn counted(world: &World) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for project in rows(world, "participation", "current", &["project"]) {
        match counts.iter_mut().find(|(known, _)| *known == project) {
            Some((_, count)) => *count += 1,
            None => counts.push((project, 1)),
        }
    }
    counts.into_iter().map(|(project, count)| format!("{project} {count}")).collect()
}

#[test]
fn one_persons_line_withdraws_nobody_elses_rows() {
    // Her line of another project, alone, as a wrong entry, or in a list of steps: whatever it says, the others stay.
    let asap = people("ASAP", "2017-03-01", 0..8);
    for second in [
        people("PROGRESS", "2021-03-01", 10..18) + "ASAP;{8};2017-03-01;;\n",
        "ASAP;{8};2017-03-01;;\n".to_owned(),
        "ASAP;{8};2017-03-01;;Felregistrering\n".to_owned(),
    ] {
        for name in ["second.csv", "second-progress.csv"] {
            let world = World::new("10");
            let first = asap.clone() + &people("PROGRESS", "2021-03-01", 10..18) + "ASAP;{8};2017-03-01;;\n";
            for (name, lines) in [("first.csv", &first), (name, &second)] {
                let path = list(&world, name, lines);
                world.run(&["land", "--month", "2021-03", &path]);
            }
            let asap = counted(&world).into_iter().find(|line| line.starts_with("asap")).unwrap();
            assert!(["asap 8", "asap 9"].contains(&asap.as_str()), "{name}: {asap}\n{second}");
        }
    }
    let world = World::new("10");
    land(&world, &[list(&world, "first.csv", &(asap.clone() + "ASAP;{8};2017-03-01;;\n"))]);
    let step = |who: std::ops::Range<usize>| -> String { who.map(|who| format!("ASAP;{{{who}}};KASAM;2017-04-01\n")).collect() };
    for (name, who) in [("steps-1.csv", 0..9), ("steps-2.csv", 8..9)] {
        let path = write(&world, name, &format!("Projekt;Personnr;Steg;Datum\n{}", step(who)));
        world.ok(&["land", "--month", "2021-03", &path]);
    }
    assert_eq!(rows(&world, "milestone", "current", &["step"]).len(), 9);
}

#[test]
fn an_open_list_seen_night_after_night_acts_once() {
    let world = World::new("10");
    let row = |who: usize, result: &str| format!("PROGRESS;{{{who}}};2021-03-01;2021-06-01;{result}\n");
    let first: String = (0..5).map(|who| row(who, "Arbete")).collect::<String>() + &row(5, "Vad som helst");
    let mended: String = (0..9).map(|who| row(who, "Studier")).collect();
    let night = |code: i32, studies: usize, all: usize| {
        let said = world.run(&["run", "--inbox", &world.text("inbox"), "outcomes"]);
        assert_eq!(said.code, code, "{said:?}");
        let states = rows(&world, "participation", "current", &["exit_state"]);
        assert_eq!((states.iter().filter(|state| *state == "studies").count(), states.len()), (studies, all), "{said:?}");
        said.out
    };
    list(&world, "inbox/a.csv", &first);
    night(3, 0, 5);
    list(&world, "inbox/b.csv", &mended);
    night(3, 9, 9);
    let before = contents(&world.path("data/landed"));
    let spent = contents(&world.path("data/ledger"));
    let said = night(3, 9, 9);
    assert!(said.contains("row 7, column Resultat"), "its sender hears of the row until it is mended: {said}");
    night(3, 9, 9);
    assert!(contents(&world.path("data/landed")) == before && contents(&world.path("data/ledger")) == spent);
    // Gone back to on purpose, the whole of it counts again.
    let path = world.text("inbox/a.csv");
    assert_eq!(world.run(&["land", "--again", &path]).code, 3);
    let states = rows(&world, "participation", "current", &["exit_state"]);
    assert_eq!(states.iter().filter(|state| *state == "work").count(), 5, "{states:?}");
}

#[test]
fn a_row_that_was_set_aside_is_tried_again_and_changes_nothing_that_was_reported_since() {
    let world = World::new("10");
    land(&world, &[list(&world, "p.csv", "PROGRESS;{0};2021-03-01;;\n")]);
    let steps = |name: &str, lines: &str| write(&world, name, &format!("Projekt;Personnr;Steg;Datum\n{lines}"));
    let open = steps("a.csv", "PROGRESS;{0};KASAM;2021-04-01\nPROGRESS;{1};KASAM;2021-04-01\n");
    assert_eq!(land(&world, std::slice::from_ref(&open)).code, 3);
    land(&world, &[steps("b.csv", "PROGRESS;{0};KASAM;2021-05-05\n")]);
    land(&world, &[list(&world, "q.csv", "PROGRESS;{1};2021-03-01;;\n")]);
    let said = land(&world, std::slice::from_ref(&open));
    assert!(said.code == 0 && said.out.contains("1 row landed"), "{said:?}");
    assert_eq!(rows(&world, "milestone", "current", &["date"]), ["2021-04-01", "2021-05-05"]);
    assert!(land(&world, &[open]).out.contains("landed before, nothing changed"));
}

#[test]
fn a_month_of_a_said_project_is_replaced_and_of_an_unsaid_one_is_not() {
    let said: [(&str, &str, &[&str]); 5] = [
        ("progress-2021-03", "", &[]),
        ("a", "Deltagarlista PROGRESS mars 2021\n", &[]),
        ("a-2021-03", "", &["--project", "progress"]),
        ("a-2021-03", "", &["--map", "progress.toml"]),
        ("a-2021-03", "", &[]),
    ];
    for (at, (name, title, options)) in said.into_iter().enumerate() {
        let world = World::new("10");
        let map = world.write("progress.toml", "projects = [\"PROGRESS\"]\n");
        let options: Vec<&str> =
            options.iter().map(|option| if *option == "progress.toml" { map.as_str() } else { option }).collect();
        let land = |folder: &str, lines: &str| {
            let path = write(&world, &format!("{folder}/{name}.csv"), &format!("{title}{HEADINGS}\n{lines}"));
            world.run(&[&["land"], options.as_slice(), &[&path]].concat())
        };
        assert_eq!(land("1", &people("PROGRESS", "2021-03-01", 0..4)).code, 0);
        let second = land("2", &people("PROGRESS", "2021-03-01", 0..3));
        let replaced = at < 4;
        assert_eq!(counted(&world), [format!("progress {}", if replaced { 3 } else { 4 })], "{name}: {second:?}");
        assert_eq!(second.out.contains("month 2021-03: new 0, changed 0, unchanged 3, withdrawn 1"), replaced, "{second:?}");
        assert_eq!(second.out.contains("[month.replaces]"), replaced, "{second:?}");
        assert_eq!(second.out.contains("[month.no-project]"), !replaced, "{second:?}");
        // Headings alone withdraw the month that they are said to be of.
        assert_eq!(land("3", "").code, 0);
        assert_eq!(counted(&world).is_empty(), replaced, "{name}");
    }
}

#[test]
fn rows_of_other_projects_than_the_said_one_are_set_aside() {
    let world = World::new("10");
    let lines = people("PROGRESS", "2021-03-01", 0..2) + &people("ASAP", "2017-03-01", 2..4);
    let said = land(&world, &[list(&world, "progress-2021-03.csv", &lines)]);
    assert!(said.code == 3 && said.out.matches("[row.other-project]").count() == 2, "{said:?}");
    assert_eq!(counted(&world), ["progress 2"]);
    // What an option says goes for every row: a list that says otherwise is the wrong one.
    let world = World::new("10");
    let files = [
        list(&world, "a.csv", &people("ASAP", "2017-03-01", 0..2)),
        list(&world, "b.csv", &people("PROGRESS", "2021-03-01", 2..3)),
    ];
    let said = world.run(&["land", "--project", "progress", "--month", "2021-03", &files[0], &files[1]]);
    assert!(said.code == 3 && said.out.contains("[row.project-option]") && said.out.contains("[file.report]"), "{said:?}");
    assert!(counted(&world).is_empty());
    let asap = list(&world, "asap-2021-03.csv", &people("ASAP", "2017-03-01", 0..2));
    let said = world.run(&["land", "--project", "progress", &asap]);
    assert!(said.code == 3 && said.out.contains("[file.project]"), "{said:?}");
    // Where the option and the column agree, there is nothing to say.
    assert_eq!(world.run(&["land", "--project", "progress", "--month", "2021-03", &files[1]]).code, 0);
}

#[test]
fn what_was_accepted_is_what_was_written_or_nothing_lands() {
    let world = World::new("10");
    let path = list(&world, "progress-2021-03.csv", &(people("PROGRESS", "2021-03-01", 0..1) + "PROGRESS;{1};2021-13-01;;\n"));
    assert_eq!(land(&world, std::slice::from_ref(&path)).code, 3);
    let log = crate::world::files(&world.path("data/landed/participation/_delta_log"));
    let commit = log.iter().find(|file| std::fs::read_to_string(file).unwrap().contains("utfall.accepted\":\"")).unwrap();
    let text = std::fs::read_to_string(commit).unwrap();
    for (from, to) in [("[3,3]", "[2,2]"), ("utfall.accepted\":\"", "utfall.bccepted\":\"")] {
        assert!(text.contains(from), "{text}");
        std::fs::write(commit, text.replace(from, to)).unwrap();
        let said = land(&world, std::slice::from_ref(&path));
        assert!(said.code == 5 && counted(&world) == ["progress 1"], "{from}: {said:?}");
    }
    std::fs::write(commit, &text).unwrap();
    assert_eq!(land(&world, &[path]).code, 3);
}

#[test]
fn a_title_of_several_lines_says_what_it_says() {
    let world = World::new("10");
    for (folder, who) in [("1", 0..3), ("2", 0..2)] {
        let text = format!("\"Deltagare\nPROGRESS\"\n\"mars\n2021\"\n{HEADINGS}\n{}", people("PROGRESS", "2021-03-01", who));
        assert_eq!(land(&world, &[write(&world, &format!("{folder}/lista.csv"), &text)]).code, 0);
    }
    assert_eq!(counted(&world), ["progress 2"]);
}

#[test]
fn nobody_is_told_of_lists_that_others_have_sent() {
    let world = World::new("10");
    let both = people("PROGRESS", "2021-03-01", 0..3) + &people("ASAP", "2017-03-01", 3..5);
    let shared = list(&world, "kansliets-2021-03.csv", &both);
    let first = list(&world, "1-progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..3));
    assert_eq!(land(&world, &[shared, first]).code, 0);
    let said = land(&world, &[list(&world, "2-progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..2))]);
    assert!(said.out.contains("1-progress-2021-03.csv") && !said.out.contains("kansliets"), "{said:?}");
    assert_eq!(counted(&world), ["asap 2", "progress 2"]);
    // A list of nobody's project that cannot be read holds no project's report back.
    let odd = write(&world, "annat-2021-03.csv", "Projekt;Personnr;Startdatum\nASAP;1,99006E+11;2017-03-01\n");
    let said = land(&world, &[odd, list(&world, "3-progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..1))]);
    assert!(said.code == 3 && said.out.contains("[identity.rewritten]"), "{said:?}");
    assert_eq!(counted(&world), ["asap 2", "progress 1"]);
}

#[test]
fn two_places_that_say_different_months_reject_the_list() {
    let world = World::new("10");
    let titled = |name: &str, title: &str| {
        write(&world, name, &format!("{title}\n{HEADINGS}\n{}", people("PROGRESS", "2021-03-01", 0..2)))
    };
    for path in [titled("progress-2021-04.csv", "Deltagare mars 2021"), titled("progress 2021_04.csv", "Period: 2021-03")] {
        let said = land(&world, &[path]);
        assert!(said.code == 3 && said.out.contains("[file.month]"), "{said:?}");
    }
    let said = world.run(&["land", "--month", "2021-05", &titled("progress.csv", "Deltagare mars 2021")]);
    assert!(said.code == 3 && said.out.contains("[file.month]"), "{said:?}");
    assert!(counted(&world).is_empty());
}

#[test]
fn lists_of_one_call_are_one_report_in_whatever_order_they_come() {
    let world = World::new("10");
    let [laholm, falkenberg] = [people("PROGRESS", "2021-03-01", 0..3), people("PROGRESS", "2021-03-01", 3..6)];
    let a = list(&world, "a/progress-2021-03.csv", &laholm);
    let b = list(&world, "b/progress-2021-03.csv", &falkenberg);
    assert_eq!(land(&world, &[a.clone(), b.clone()]).code, 0);
    assert_eq!(counted(&world), ["progress 6"]);
    // One of them comes anew: what the other reports stays, what the new one lacks goes.
    let a2 = list(&world, "a/progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..2));
    let said = land(&world, &[b.clone(), a2.clone()]);
    assert!(said.code == 0 && said.out.contains("withdrawn 1") && said.out.contains("[month.one-report]"), "{said:?}");
    assert_eq!(counted(&world), ["progress 5"]);
    // A file of the report that cannot be read holds the rest back.
    let broken = world.write("c/progress-2021-03.csv", "nonsense\n");
    let fewer = list(&world, "d/progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..1));
    let said = land(&world, &[broken, fewer]);
    assert!(said.code == 3 && said.out.contains("[file.report]"), "{said:?}");
    assert_eq!(counted(&world), ["progress 5"]);
    // Night after night, whichever came first.
    for first in [&a, &b] {
        let world = World::new("10");
        let copy = |path: &String| std::fs::read_to_string(path).unwrap();
        for files in [vec![first.clone()], vec![a.clone(), b.clone()], vec![a.clone(), b.clone()]] {
            let files: Vec<String> =
                files.iter().map(|f| world.write(&format!("{}/progress-2021-03.csv", usize::from(*f == a)), copy(f))).collect();
            assert_eq!(land(&world, &files).code, 0);
        }
        assert_eq!(counted(&world), ["progress 5"]);
    }
}

#[test]
fn in_separate_calls_the_later_list_replaces_unless_it_is_a_part() {
    let parts: [(&str, &[&str]); 4] = [
        ("progress-2021-03", &[]),
        ("progress-2021-03-del-2", &[]),
        ("progress-2021-03", &["--part"]),
        ("progress-2021-03", &["--map"]),
    ];
    for (name, options) in parts {
        let world = World::new("10");
        let map = world.write("part.toml", "part = true\n");
        let options = if options == ["--map"] { vec!["--map", map.as_str()] } else { options.to_vec() };
        land(&world, &[list(&world, "1/progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..3))]);
        let path = list(&world, &format!("2/{name}.csv"), &people("PROGRESS", "2021-03-01", 3..5));
        let said = world.run(&[&["land"], options.as_slice(), &[&path]].concat());
        let whole = options.is_empty() && !name.contains("del");
        assert_eq!(counted(&world), [format!("progress {}", if whole { 2 } else { 5 })], "{said:?}");
        assert_eq!(said.out.contains("replaces what was reported for the month: progress-2021-03.csv"), whole, "{said:?}");
    }
}

#[test]
fn a_list_that_was_replaced_since_says_so_until_it_is_landed_again() {
    let world = World::new("10");
    let right = people("PROGRESS", "2021-03-01", 0..2);
    let first = list(&world, "1-progress-2021-03.csv", &right);
    land(&world, std::slice::from_ref(&first));
    let second = list(&world, "2-progress-2021-03.csv", &(people("PROGRESS", "2021-03-01", 0..1) + "PROGRESS;{1};1/3-21;;\n"));
    assert_eq!(land(&world, std::slice::from_ref(&second)).code, 3);
    assert_eq!(counted(&world), ["progress 1"]);
    let mended = list(&world, "3-progress-2021-03.csv", &right);
    let said = land(&world, std::slice::from_ref(&mended));
    assert!(said.code == 3 && said.out.contains("[month.replaced-since]"), "{said:?}");
    assert!(said.out.contains("2-progress-2021-03.csv") && said.out.contains("--again"), "{said:?}");
    assert_eq!(counted(&world), ["progress 1"]);
    world.ok(&["land", "--again", &mended]);
    assert_eq!(counted(&world), ["progress 2"]);
    // Where what replaced it lies beside it, there is nothing to say of the older one.
    let said = land(&world, &[first, second]);
    assert!(!said.out.contains("1-progress-2021-03.csv: rejected"), "{said:?}");
}

#[test]
fn sheets_and_files_of_one_report_that_contradict_each_other_are_told() {
    let world = World::new("10");
    let a = list(&world, "a-progress-2021-03.csv", "PROGRESS;{0};2021-03-01;2021-06-01;Arbete\nPROGRESS;{1};2021-03-01;;\n");
    let b = list(&world, "b-progress-2021-03.csv", "PROGRESS;{0};2021-03-01;2021-06-01;Studier\nPROGRESS;{1};2021-03-01;;\n");
    let said = land(&world, &[a, b]);
    assert!(said.code == 3 && said.out.matches("[row.contradicts]").count() == 1, "{said:?}");
    let mut book = rust_xlsxwriter::Workbook::new();
    for result in ["Arbete", "Studier"] {
        let sheet = book.add_worksheet();
        let cells = filled(format!("{HEADINGS}\nPROGRESS;{{2}};2021-03-01;2021-06-01;{result}").as_bytes());
        for (row, line) in (0..).zip(String::from_utf8(cells).unwrap().lines()) {
            for (column, cell) in (0..).zip(line.split(';')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    let path = world.write("lista.xlsx", book.save_to_buffer().unwrap());
    let said = land(&world, &[path]);
    assert!(said.code == 3 && said.out.contains("[row.contradicts]"), "{said:?}");
    assert!(!said.out.contains("nothing needs doing [row.corrected]"), "{said:?}");
}

#[test]
fn a_release_asks_whether_a_delivery_was_accepted_and_not_whether_a_row_counts() {
    let world = World::new("10");
    land(&world, &[list(&world, "p.csv", &people("PROGRESS", "2021-03-01", 0..3))]);
    let home = crate::world::home(
        &world,
        &crate::world::RELEASE.replace("participations = 3", "participations = 3, rows = { milestone = 4 }"),
        &[(
            "steps",
            "/*+++ title = { sv = \"a\", en = \"a\" } +++*/\nSELECT project, count(*) AS n FROM milestone GROUP BY project",
        )],
    );
    let refused =
        |world: &World| crate::world::said(world.command(&["release", "trial"]).env("UTFALL_HOME", &home).output().unwrap());
    let before = refused(&world);
    let steps = "Projekt;Personnr;Steg;Datum\nPROGRESS;{9};KASAM;2021-04-01\n";
    assert_eq!(land(&world, &[write(&world, "s.csv", steps)]).code, 3);
    let after = refused(&world);
    assert!(before.err.contains("nothing has landed in milestone"), "{before:?}");
    assert!(!after.err.contains("nothing has landed in milestone"), "{after:?}");
}

#[test]
fn what_was_erased_is_not_taken_in_again_by_an_old_list() {
    let world = World::new("10");
    let path = list(&world, "progress-2021-03.csv", "PROGRESS;{0};2021-03-01;;\nPROGRESS;{1};2021-13-01;;\n");
    assert_eq!(land(&world, std::slice::from_ref(&path)).code, 3);
    assert_eq!(told(&world, &["forget"], &String::from_utf8(filled(b"{0}")).unwrap()).code, 0);
    assert_eq!(land(&world, &[path]).code, 3);
    assert!(counted(&world).is_empty());
}

#[test]
fn the_same_file_said_another_way_is_the_same_delivery() {
    let world = World::new("10");
    let first = list(&world, "progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..4));
    assert_eq!(world.run(&["land", "--project", "progress", &first]).code, 0);
    land(&world, &[list(&world, "rattad-progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 2..8))]);
    let map = world.write("map.toml", "[columns]\nKontoret = \"office\"\n");
    for options in [vec![], vec!["--project", "progress"], vec!["--month", "2021-03"], vec!["--map", map.as_str()]] {
        let said = world.run(&[&["land"], options.as_slice(), &[&first]].concat());
        assert!(said.code == 3 && said.out.contains("[month.replaced-since]"), "{options:?}: {said:?}");
    }
    assert_eq!(counted(&world), ["progress 6"]);
}

#[test]
fn an_open_row_gives_way_to_a_newer_one_of_the_same_call() {
    let world = World::new("10");
    let steps = |name: &str, day: &str| {
        write(
            &world,
            name,
            &format!("Projekt;Personnr;Område;Datum;Skattad av;Skattning\nPROGRESS;{{0}};Hälsa;2021-04-01;Deltagare;{day}\n"),
        )
    };
    let open = steps("a-progress-2021-03.csv", "1");
    assert_eq!(land(&world, std::slice::from_ref(&open)).code, 3);
    let people = list(&world, "p.csv", &people("PROGRESS", "2021-03-01", 0..1));
    let newer = steps("b-progress-2021-03.csv", "5");
    let said = land(&world, &[people, open, newer]);
    assert_eq!(rows(&world, "rating", "current", &["score"]), ["5"], "{said:?}");
}

#[test]
fn a_row_that_ends_early_is_read_whatever_stands_below_it() {
    for below in ["", "19850230-0000;PROGRESS;2021-03-01;\n", ";;;\n", "{7 wrong ten};PROGRESS;2021-03-01;\n"] {
        let world = World::new("10");
        let text = format!(
            "Personnr;Projekt;Startdatum;Slutdatum;Kommun;Resultat\n{{0}};PROGRESS;2021-03-01\n{below}{{1}};PROGRESS;2021-03-01;;;\n"
        );
        land(&world, &[write(&world, "list.csv", &text)]);
        assert_eq!(counted(&world), ["progress 2"], "{below}");
    }
}

#[test]
fn a_list_that_says_its_project_withdraws_nobody_of_one_beside_it() {
    for order in [[0, 1], [1, 0]] {
        let world = World::new("10");
        let files = [
            list(&world, "2021-03.csv", &people("PROGRESS", "2021-03-01", 0..4)),
            list(&world, "progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 4..7)),
        ];
        land(&world, &[files[order[0]].clone()]);
        assert_eq!(land(&world, &files).code, 0);
        assert_eq!(counted(&world), ["progress 7"], "{order:?}");
    }
}

#[test]
fn of_a_list_of_two_projects_what_was_replaced_is_past_and_the_rest_stands() {
    let world = World::new("10");
    let map = world.write("map.toml", "projects = [\"progress\", \"asap\"]\n");
    let both = people("PROGRESS", "2021-03-01", 0..3) + &people("ASAP", "2017-03-01", 3..7);
    let both = list(&world, "lista-2021-03.csv", &both);
    assert_eq!(world.run(&["land", "--map", &map, &both]).code, 0);
    land(&world, &[list(&world, "progress-2021-03.csv", &people("PROGRESS", "2021-03-01", 0..2))]);
    let asap = list(&world, "asap-2021-03.csv", &people("ASAP", "2017-03-01", 7..8));
    world.run(&["land", "--map", &map, &both, &asap]);
    assert_eq!(counted(&world), ["asap 5", "progress 2"]);
}

#[test]
fn a_broken_file_holds_back_the_report_that_it_says_it_is_of_and_no_other() {
    let world = World::new("10");
    let people = |from: usize| people("PROGRESS", "2021-03-01", from..from + 2);
    land(&world, &[list(&world, "progress-2021-03.csv", &(people(0) + &people(2)))]);
    let titled = |name: &str, lines: &str| write(&world, name, &format!("PROGRESS, mars 2021\n{HEADINGS}\n{lines}"));
    let (a, b) = (titled("a.csv", &people(0)), titled("b.csv", "\"{2};PROGRESS;2021-03-01;;\n"));
    let said = land(&world, &[a, b]);
    assert!(said.code == 3 && said.out.contains("[file.report]"), "{said:?}");
    assert_eq!(counted(&world), ["progress 4"]);
    // What is said of nobody's project, or of another one, holds nobody back.
    let empty = world.write("tomt-2021-03.csv", "");
    let asap = write(&world, "asap-2021-03.csv", "\"");
    let said = land(&world, &[empty, asap, list(&world, "ny-progress-2021-03.csv", &people(0))]);
    assert!(said.code == 3 && !said.out.contains("[file.report]"), "{said:?}");
    assert_eq!(counted(&world), ["progress 2"]);
}

#[test]
fn other_headings_below_a_second_consent_and_a_sheet_of_people_without_headings_are_told() {
    let world = World::new("10");
    let head = "Personnr;Projekt;Startdatum;Slutdatum;Funktionsnedsättning\n{0};PROGRESS;2021-03-01;;ja\n";
    for second in [
        "Personnr;Projekt;Startdatum;Planerat slut;Funktionsnedsättning\n",
        "Personnr;Projekt;Startdatum;Slutdatum;Samtycke\n",
        "Personnr;Projekt;Startdatum;Slutdatum;Körkort\n",
        "Pers.nr;Projekt;Slutdatum;Startdatum;Funktionsnedsättning\n",
    ] {
        let said = land(&world, &[write(&world, "list.csv", &format!("{head}{second}{{1}};PROGRESS;2021-03-01;;nej\n"))]);
        assert!(said.code == 3 && said.out.contains("[file.headings-again]"), "{second}: {said:?}");
    }
    let twice = "Personnr;Projekt;Startdatum;Samtycke;Slutdatum;Samtycke\n{0};PROGRESS;2021-03-01;nej;;ja\n";
    let said = land(&world, &[write(&world, "twice.csv", twice)]);
    assert!(said.code == 3 && said.out.contains("[column.repeated]"), "{said:?}");
    let mut book = rust_xlsxwriter::Workbook::new();
    for lines in [format!("{HEADINGS}\n{}", people("PROGRESS", "2021-03-01", 0..2)), people("PROGRESS", "2021-03-01", 2..4)] {
        let sheet = book.add_worksheet();
        for (row, line) in (0..).zip(String::from_utf8(filled(lines.as_bytes())).unwrap().lines()) {
            for (column, cell) in (0..).zip(line.split(';')) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
    let said = land(&world, &[world.write("progress-2021-03.xlsx", book.save_to_buffer().unwrap())]);
    assert!(said.code == 3 && said.out.contains("[file.no-table]"), "{said:?}");
    assert!(said.out.contains("sheet Sheet1: rejected") && said.out.contains("[file.report]"), "the other waits: {said:?}");
    assert!(counted(&world).is_empty());
}
