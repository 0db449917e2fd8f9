//! Two years of deliveries from forty projects, with corrections, withdrawals, late arrivals, a key rotation and an erasure
//! in the middle; the landed table is compared with a recomputation that knows nothing of files, commits or pseudonyms.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use memchr::memmem;

use crate::leaks::numbers;
use crate::upkeep::{Row, participations};
use crate::world::{World, copy, files, repository, said};

const MONTHS: usize = 24;
const PROJECTS: usize = 40;
/// People of a project, each of whom is in the next project too.
const PEOPLE: usize = 6;

/// A row of a list: who, which day it begins, which day it ends.
type Listed = BTreeMap<(usize, usize), Option<usize>>;

/// The days are counted from 2021-01-01 in months of 28, so that a project's start days name its rows.
fn day(n: usize) -> String {
    format!("{}-{:02}-{:02}", 2021 + n / 336, n / 28 % 12 + 1, n % 28 + 1)
}

fn days(n: usize) -> i32 {
    let date = chrono::NaiveDate::parse_from_str(&day(n), "%Y-%m-%d").unwrap();
    i32::try_from((date - chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()).num_days()).unwrap()
}

/// What a project reports for a month, before anybody corrects it: who has begun, and who has ended by then.
fn report(project: usize, month: usize) -> Listed {
    let mut rows = Listed::new();
    for i in 0..PEOPLE {
        // Two periods each, apart from each other; every third person comes a month late in the lists.
        for period in 0..2 {
            let (start, length) = (i * 3 + period * 280 + project % 3, 56 + 28 * (i % 4));
            let late = usize::from(i % 3 == 0);
            if start / 28 + late <= month {
                let end = start + length;
                rows.insert((project * (PEOPLE - 2) + i, start), (end / 28 <= month).then_some(end));
            }
        }
    }
    rows
}

fn list(project: usize, rows: &Listed, people: &[String]) -> String {
    let mut text = "Projekt;Personnr;Startdatum;Slutdatum\n".to_owned();
    for ((person, start), end) in rows {
        writeln!(text, "p{project:02};{};{};{}", people[*person], day(*start), end.map(day).unwrap_or_default()).unwrap();
    }
    text
}

/// The newest report of each row, as the rules say it: of the months that report it, the last one counts.
fn expected(reports: &BTreeMap<(usize, usize), Listed>, gone: &HashSet<usize>) -> Vec<(i16, i32)> {
    let mut current = BTreeMap::new();
    for ((project, _), rows) in reports {
        for ((person, start), end) in rows.iter().filter(|((person, _), _)| !gone.contains(person)) {
            current.insert((*project, *person, *start), *end);
        }
    }
    let mut rows: Vec<(i16, i32)> =
        current.keys().map(|(project, _, start)| (i16::try_from(project + 10).unwrap(), days(*start))).collect();
    rows.sort_unstable();
    rows
}

fn home(world: &World) -> std::path::PathBuf {
    let home = world.path("home");
    copy(&repository().join("schemas"), &home.join("schemas"));
    let register = home.join("schemas/register/project.csv");
    let mut text = std::fs::read_to_string(&register).unwrap();
    for project in 0..PROJECTS {
        writeln!(text, "{},p{project:02},,Projekt {project},,SE11,2014-2020,,2021-01-01,2023-12-31,,,,,,,true,,", project + 10)
            .unwrap();
    }
    std::fs::write(register, text).unwrap();
    home
}

#[test]
fn two_years_of_deliveries_equal_an_independent_recomputation() {
    let world = World::new("10");
    let (home, people) = (home(&world), numbers());
    let run = |arguments: &[&str], input: &str| {
        let path = world.write("input", input);
        let mut command = world.command(arguments);
        let said = said(command.env("UTFALL_HOME", &home).stdin(std::fs::File::open(path).unwrap()).output().unwrap());
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    };
    let (mut reports, mut gone) = (BTreeMap::new(), HashSet::new());
    // Contribution and frozen period of each row of each person, for ever.
    let mut given: HashMap<(i16, i32), (i32, i32)> = HashMap::new();
    for month in 0..MONTHS {
        let mut sent: Vec<(usize, usize, Listed)> = (0..PROJECTS).map(|p| (p, month, report(p, month))).collect();
        // Corrections: a project sends the month before last again without its first row, and the later ones after it.
        if month % 5 == 4 {
            for project in (month % 7..PROJECTS).step_by(9) {
                for again in month - 2..=month {
                    let mut rows = report(project, again);
                    rows.pop_first();
                    sent.retain(|(p, m, _)| (*p, *m) != (project, again));
                    sent.push((project, again, rows));
                }
            }
        }
        sent.sort_by_key(|(project, month, _)| (*month, *project));
        for months in sent.chunk_by(|a, b| a.1 == b.1) {
            let name = |project: usize, m: usize| format!("lists/{month}/p{project:02}-{}-{:02}.csv", 2021 + m / 12, m % 12 + 1);
            let lists: Vec<String> =
                months.iter().map(|(p, m, rows)| world.write(&name(*p, *m), list(*p, rows, &people))).collect();
            run(&[&["land"], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat(), "");
        }
        for (project, month, rows) in sent {
            reports.insert((project, month), rows);
        }
        if month == 8 {
            run(&["key", "rotate"], "");
        }
        if month == 12 {
            gone.extend([3, 17, 40]);
            run(&["forget"], &[3, 17, 40].map(|person| people[person].clone()).join("\n"));
        }
        let rows = participations(&world.path("data"), "current");
        check(&rows, &mut given);
        let mut found: Vec<(i16, i32)> = rows.iter().map(|row| (row.project, row.start)).collect();
        found.sort_unstable();
        assert_eq!(found, expected(&reports, &gone), "month {month}");
    }
    let rows = participations(&world.path("data"), "current");
    let landed: HashSet<&Vec<u8>> = rows.iter().map(|row| &row.unit).collect();
    let listed: HashSet<usize> = reports.values().flat_map(|rows| rows.keys().map(|(person, _)| *person)).collect();
    assert_eq!(landed.len(), listed.difference(&gone).count(), "everybody has one pseudonym");
    let numbers: Vec<_> = people.iter().take(200).map(memmem::Finder::new).collect();
    for path in [files(&world.path("data")), files(&world.path("keys"))].concat() {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!numbers.iter().any(|number| number.find(&bytes).is_some()), "{}", path.display());
    }
}

/// A number names one row of a person, and a row never changes its number or its period.
fn check(rows: &[Row], given: &mut HashMap<(i16, i32), (i32, i32)>) {
    let mut seen = HashSet::new();
    let mut of_row: HashMap<(i16, i32), usize> = HashMap::new();
    for row in rows {
        assert!(row.contribution > 0 && seen.insert((row.unit.clone(), row.contribution)), "a number twice: {row:?}");
        *of_row.entry((row.project, row.start)).or_default() += 1;
    }
    for row in rows.iter().filter(|row| of_row[&(row.project, row.start)] == 1) {
        let told = given.entry((row.project, row.start)).or_insert((row.contribution, row.period));
        assert_eq!(*told, (row.contribution, row.period), "a number or a period changed: {row:?}");
    }
}
