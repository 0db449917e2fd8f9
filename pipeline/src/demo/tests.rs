//! The written lists are valid row by row, and hold the published facts exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use self::read::{Lists, Row, codes, day, lists, member, primary_key};
use super::day::Day;
use super::register::Entry;
use super::{PROJECTS, person, sheets, write};

mod read;

const SEEDS: [u64; 2] = [1, 20_240_601];

/// A directory of its own for one test and seed.
fn directory(test: &str, seed: u64) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("utfall-demo-{}-{test}-{seed}", std::process::id()));
    drop(fs::remove_dir_all(&dir));
    dir
}

/// Writes the lists of each seed, reads them back and looks at them.
fn with_lists(test: &str, look: impl Fn(&Lists)) {
    for seed in SEEDS {
        let dir = directory(test, seed);
        write(&dir, seed).expect("written lists");
        look(&lists(&dir));
        fs::remove_dir_all(&dir).expect("a removed directory");
    }
}

fn rows<'a>(lists: &'a Lists, table: &str, project: &str) -> Vec<&'a Row> {
    lists[table].iter().filter(|row| row["project"] == project).collect()
}

/// How many of these rows have one of these codes in this column.
fn count(rows: &[&Row], column: &str, codes: &[&str]) -> usize {
    rows.iter().filter(|row| codes.contains(&row[column].as_str())).count()
}

const POSITIVE: [&str; 3] = ["work", "studies", "own_business"];

#[test]
fn projects_have_the_stated_number_of_people() {
    with_lists("people", |lists| {
        for project in &PROJECTS {
            assert_eq!(rows(lists, "participation", project.slug).len(), project.people, "{}", project.slug);
        }
        assert!(rows(lists, "participation", "implementera-fia").is_empty());
    });
}

#[test]
fn asap_totals() {
    with_lists("asap", |lists| {
        let people = rows(lists, "participation", "asap");
        assert_eq!(count(&people, "exit_state", &POSITIVE), 32);
        assert_eq!(count(&people, "exit_state", &["special_purpose"]), 7);
        assert_eq!(count(&people, "exit_state", &[""]), 0);
        let steps = rows(lists, "milestone", "asap");
        let stair = ["trust", "sense_of_coherence", "inventory"].map(|step| count(&steps, "step", &[step]));
        assert_eq!(stair, [46, 39, 33]);
        assert_eq!(count(&rows(lists, "activity", "asap"), "workplace", &["bruksam"]), 21);
    });
}

#[test]
fn traning_totals() {
    with_lists("traning", |lists| {
        let people = rows(lists, "participation", "traning-ger-fardighet");
        let steps = rows(lists, "milestone", "traning-ger-fardighet");
        let enhanced: BTreeSet<_> =
            steps.iter().filter(|row| row["step"] == "enhanced_work_training").map(|row| member(row)).collect();
        let positive: BTreeSet<_> =
            people.iter().filter(|row| POSITIVE.contains(&row["exit_state"].as_str())).map(|row| member(row)).collect();
        assert_eq!((enhanced.len(), positive.len()), (210, 84));
        assert!(positive.is_subset(&enhanced));
        assert_eq!(count(&people, "referrer", &["municipality"]), 60);
        let offices = ["af_stockholm", "af_huddinge", "af_sodertalje", "af_solna"];
        assert_eq!(offices.map(|office| count(&people, "office", &[office])), [84, 48, 72, 36]);
        let places = ["sodertalje", "nynashamn", "spanga_tensta", "solna_sundbyberg_jarfalla"];
        let places = places.map(|place| count(&people, "office", &[&format!("municipal_{place}")]));
        assert_eq!(places, [18, 6, 18, 18]);
        assert_eq!(count(&people, "exit_state", &["phase_3"]), 60);
        let first = people.iter().filter_map(|row| day(row, "start")).min().expect("a first start");
        assert!(first.to_string().starts_with("2008-09-"), "{first}");
    });
}

#[test]
fn progress_totals() {
    with_lists("progress", |lists| {
        let people = rows(lists, "participation", "progress");
        let teams = [1, 2, 3, 4, 5].map(|team| count(&people, "office", &[&format!("team_{team}")]));
        assert_eq!(teams, [62, 60, 50, 98, 30]);
        assert_eq!(count(&people, "municipality", &["1315", "1380", "1381", "1382", "1383", "1384"]), 300);
        assert_eq!(count(&people, "exit_state", &[""]), 24);
        assert_eq!(count(&people, "end", &[""]), 24);
        let mut days: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        let (mut first, mut last) = (BTreeMap::new(), BTreeMap::new());
        for row in rows(lists, "rating", "progress").iter().filter(|row| row["rater"] == "participant") {
            days.entry(member(row)).or_default().insert(&row["date"]);
            let score: i32 = row["score"].parse().expect("a score");
            assert!((1..=5).contains(&score));
            first.entry((member(row), &row["area"])).or_insert(score);
            last.insert((member(row), &row["area"]), score);
        }
        let occasions = [1, 2, 3, 4, 5, 6, 7].map(|times| days.values().filter(|days| days.len() >= times).count());
        assert_eq!(occasions, [300, 300, 255, 190, 120, 60, 0]);
        let rise = last.values().sum::<i32>() - first.values().sum::<i32>();
        assert!(rise > 300, "the scores of 1800 areas rise by {rise} in all");
    });
}

#[test]
fn nystart_totals() {
    with_lists("nystart", |lists| {
        let people = rows(lists, "participation", "nystart");
        let activities = rows(lists, "activity", "nystart");
        assert_eq!(count(&activities, "workplace", &["employer"]), 80);
        let kinds: BTreeSet<&str> = activities.iter().map(|row| row["kind"].as_str()).collect();
        assert_eq!(kinds.len(), 5);
        let active: BTreeSet<_> = activities.iter().map(|row| member(row)).collect();
        assert_eq!(active.len(), people.len());
        let foreign: BTreeSet<_> = people.iter().filter(|row| row["foreign_background"] == "Ja").map(|row| member(row)).collect();
        let swedish = activities.iter().filter(|row| row["kind"] == "vocational_swedish");
        assert!(swedish.map(|row| member(row)).all(|member| foreign.contains(&member)));
        assert_eq!(rows(lists, "milestone", "nystart").len(), 114);
        assert_eq!(rows(lists, "plan_review", "nystart").len(), 8 + 2 * 20 + 3 * 30 + 4 * 30 + 5 * 20);
    });
}

#[test]
fn fler_i_arbete_totals() {
    with_lists("fler", |lists| {
        let people = rows(lists, "participation", "fler-i-arbete");
        assert_eq!(count(&people, "exit_state", &POSITIVE), 64);
        let steps = rows(lists, "milestone", "fler-i-arbete");
        assert_eq!(["sassam_mapping", "disability_coding"].map(|step| count(&steps, "step", &[step])), [92, 58]);
        let answers = rows(lists, "answer", "fler-i-arbete");
        let (closer, treated): (Vec<&Row>, Vec<&Row>) =
            answers.iter().partition(|row| row["question"] == "closer_to_labour_market");
        let answered = |rows: &[&Row]| ["yes", "partly", "no", "no_answer"].map(|code| count(rows, "answer", &[code]));
        assert_eq!(answered(&closer), [90, 3, 2, 5]);
        assert_eq!(answered(&treated), [93, 0, 0, 7]);
    });
}

#[test]
fn rows_are_valid() {
    with_lists("valid", |lists| {
        let mut stays: BTreeMap<_, (Day, Day)> = BTreeMap::new();
        for row in &lists["participation"] {
            let project = Entry::of(&row["project"]);
            let start = day(row, "start").expect("a start");
            let end = day(row, "end").unwrap_or(project.end);
            assert!(project.start <= start && start <= end && end <= project.end, "{row:?}");
            assert_eq!(row["exit_state"].is_empty(), row["end"].is_empty(), "{row:?}");
            assert!(stays.insert(member(row), (start, end)).is_none(), "{row:?}");
        }
        for table in ["activity", "milestone", "rating", "answer", "plan_review"] {
            for row in &lists[table] {
                let (start, end) = stays[&member(row)];
                let dates = ["start", "end", "date"].map(|column| day(row, column));
                assert!(dates.iter().flatten().all(|date| start <= *date && *date <= end), "{row:?}");
                assert!(dates[0].is_none() || dates[0] <= dates[1], "{row:?}");
            }
        }
        for (table, rows) in lists {
            let key = primary_key(table);
            let keys: BTreeSet<Vec<&String>> = rows.iter().map(|row| key.iter().map(|name| &row[*name]).collect()).collect();
            assert_eq!(keys.len(), rows.len(), "{table} holds a key twice");
        }
    });
}

#[test]
fn people_are_test_people_of_working_age() {
    let pool = person::pool(&mut super::Draw::new(0));
    let by_number: BTreeMap<&str, _> = pool.iter().map(|person| (person.number, person)).collect();
    assert_eq!(by_number.len(), pool.len());
    with_lists("identity", |lists| {
        for row in &lists["participation"] {
            let person = by_number[row["participant"].as_str()];
            let age = person.age(day(row, "start").expect("a start"));
            assert!((16..=64).contains(&age), "{row:?}");
            assert!(row.get("age").is_none_or(|stated| *stated == age.to_string()), "{row:?}");
            let sex = person.sex(["female", "male"]);
            assert!(row.get("sex").is_none_or(|stated| stated == sex), "{row:?}");
        }
    });
}

#[test]
fn some_people_come_back_later() {
    with_lists("returns", |lists| {
        let mut stays: BTreeMap<&str, Vec<(Day, Option<Day>)>> = BTreeMap::new();
        for row in &lists["participation"] {
            let stay = (day(row, "start").expect("a start"), day(row, "end"));
            stays.entry(&row["participant"]).or_default().push(stay);
        }
        let people = |projects| stays.values().filter(|stays| stays.len() == projects).count();
        assert_eq!((people(2), people(3), people(4)), (25, 5, 0));
        for stays in stays.values_mut() {
            stays.sort();
            assert!(stays.windows(2).all(|pair| pair[0].1.is_some_and(|end| end < pair[1].0)));
        }
    });
}

#[test]
fn test_numbers_carry_their_check_digit() {
    for person in person::pool(&mut super::Draw::new(0)) {
        let weighted = person.number.bytes().skip(2).enumerate().map(|(place, digit)| {
            let product = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        });
        assert_eq!(weighted.sum::<u32>() % 10, 0);
    }
}

#[test]
fn a_seed_decides_every_byte() {
    let bytes = |seed| sheets(seed).iter().map(super::Sheet::bytes).collect::<Vec<_>>();
    assert_eq!(bytes(7), bytes(7));
    for (one, other) in bytes(7).iter().zip(bytes(8)) {
        assert_ne!(*one, other);
        let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines(one), lines(&other));
    }
}

/// The value is a plain FNV-1a of all files; it changes only when the demo does, never with the platform.
#[test]
fn a_seed_means_the_same_everywhere() {
    let bytes = sheets(1).iter().flat_map(super::Sheet::bytes).collect::<Vec<u8>>();
    let hash =
        bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    assert_eq!(format!("{hash:016x}"), "6f0d2a293c9477b4");
}

#[test]
fn an_older_file_is_replaced() {
    let dir = directory("replace", 3);
    let files = write(&dir, 3).expect("written lists");
    let fresh = fs::read(&files[0]).expect("a list");
    fs::write(&files[0], "an older list").expect("an older list");
    assert_eq!(write(&dir, 3).expect("lists written again"), files);
    assert_eq!(fs::read(&files[0]).expect("a list"), fresh);
    assert_eq!(fs::read_dir(&dir).expect("a directory").count(), files.len(), "nothing else is left behind");
    fs::remove_dir_all(&dir).expect("a removed directory");
}

#[test]
fn no_spelling_of_a_project_means_two() {
    assert_eq!(codes("project")["2015/00624"], "asap");
}
