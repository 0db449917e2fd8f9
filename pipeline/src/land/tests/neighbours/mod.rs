//! Neighbours begin at the lists. Random histories of deliveries are landed twice, with and without one person's *lines*:
//! every other row, with its numbers and frozen days, is the same, and so is every report of a sender in whose projects she
//! was in no list. Reports and rows are compared as they are, so that nothing has to be foreseen that could differ.
//!
//! `UTFALL_AUDIT_HISTORIES` says how many histories; `make audit` lands ten thousand.

mod history;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use history::{History, Step};
use world::{Compared, World};

/// How many histories are landed where nobody says how many.
const HISTORIES: u64 = 200;

/// What of a world is compared.
struct Ended {
    rows: Compared,
    /// Per step and list, what its sender was told.
    told: BTreeMap<(usize, String), String>,
}

fn land(history: &History, without: &BTreeSet<usize>, of: Option<usize>) -> Ended {
    let mut world = World::new();
    let mut told = BTreeMap::new();
    for (at, step) in history.steps.iter().enumerate() {
        match step {
            Step::Land(lists) => {
                let files: Vec<(String, String)> = lists
                    .iter()
                    .filter_map(|list| history.lists.get(*list))
                    .map(|list| {
                        let gone = |who: &usize| without.contains(who) && of.is_none_or(|sender| sender == list.sender);
                        (list.name.clone(), list.text(gone))
                    })
                    .collect();
                for (name, report) in world.land(&files) {
                    told.insert((at, name), report);
                }
            }
            Step::Forget(who) => world.forget(*who),
            Step::Alias(old, new) => world.alias(*old, *new),
            Step::Rotate => world.rotate(),
        }
    }
    Ended { rows: world.rows(), told }
}

/// Lands one history with and without somebody's lines; gives what differs and must not.
fn differs(seed: u64) -> Option<String> {
    let history = History::random(seed);
    let group = history.group();
    let with = land(&history, &BTreeSet::new(), None);
    let own = world::of(&with.rows, &group);
    // Of all lists, or of those of one sender.
    let sender = seed.is_multiple_of(3).then(|| history.a_sender_with(&group)).flatten();
    let without = land(&history, &group, sender);
    let (a, b) = (world::others(&with.rows, &group), world::others(&without.rows, &group));
    if a != b {
        return Some(format!("seed {seed}, rows of others:\n{}\n{}\n{history}", world::difference(&a, &b), group.len()));
    }
    let most = history.records(&group);
    let [more, less] = world::anonymous(&with.rows, &without.rows);
    if more > most || less > most {
        return Some(format!("seed {seed}: {more} and {less} anonymous rows differ where {most} may\n{history}"));
    }
    let touched = history.projects_with(&group, sender);
    for ((step, name), report) in &with.told {
        let Some(list) = history.lists.iter().find(|list| list.name == *name) else { continue };
        if history.projects_of(list).is_disjoint(&touched) && without.told.get(&(*step, name.clone())) != Some(report) {
            let other = without.told.get(&(*step, name.clone()));
            return Some(format!("seed {seed}, step {step}, {name}:\n{report}\n{other:?}\n{history}"));
        }
    }
    (own > 40).then(|| format!("seed {seed}: {own} rows of one person"))
}

fn histories() -> u64 {
    std::env::var("UTFALL_AUDIT_HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(HISTORIES)
}

#[test]
fn no_persons_lines_move_anybody_elses_rows_or_what_others_are_told() {
    let (count, next) = (histories(), std::sync::atomic::AtomicU64::new(0));
    let found = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= count || !found.lock().unwrap().is_empty() {
                        return;
                    }
                    if let Some(what) = differs(seed) {
                        found.lock().unwrap().push(what);
                    }
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
    println!("{count} histories of lists, each landed with and without one person's lines");
}

/// A list with rows that were set aside, another one, and both once more: nothing is otherwise than after the first two.
#[test]
fn old_lists_seen_again_change_nothing() {
    let (mut tried, mut open) = (0, 0);
    for history in (0..60).map(History::random) {
        let lists = |child: bool| history.lists.iter().filter(move |list| list.text(|_| false).contains("Steg;") == child);
        for child in [false, true] {
            let Some([a, b]) = lists(child).collect::<Vec<_>>().first_chunk().copied() else { continue };
            let files = [a, b].map(|list| (list.name.clone(), list.text(|_| false)));
            let (mut once, mut twice) = (World::new(), World::new());
            let first = once.land(&files[..1]);
            once.land(&files[1..]);
            for file in [&files[..1], &files[1..], &files[..1], &files[1..]] {
                twice.land(file);
            }
            assert!(once.rows() == twice.rows(), "{}\n{history}", world::difference(&once.rows(), &twice.rows()));
            (tried, open) = (tried + 1, open + usize::from(first.iter().any(|(_, told)| told.contains("set aside"))));
        }
        if open >= 12 {
            break;
        }
    }
    assert!(open >= 12, "{open} of {tried}");
}

/// Lists of which no two are one report: in one call, in one commit, they become what they become one after the other.
#[test]
fn where_one_commit_ends_changes_no_row_and_no_report() {
    let mut tried = 0;
    for history in (0..120).map(History::random) {
        let mut lists = history.reports_apart();
        lists.sort_by_key(|list| list.text(|_| false).contains("Steg;"));
        let files: Vec<(String, String)> = lists.iter().map(|list| (list.name.clone(), list.text(|_| false))).collect();
        let (mut at_once, mut apart) = (World::new(), World::new());
        let told = at_once.land(&files);
        let told_apart: Vec<_> = files.chunks(1).flat_map(|file| apart.land(file)).collect();
        assert!(at_once.rows() == apart.rows(), "{}\n{history}", world::difference(&at_once.rows(), &apart.rows()));
        assert_eq!(told, told_apart, "{history}");
        tried += usize::from(files.len() > 1);
    }
    assert!(tried > 20, "{tried}");
}

/// Lists are read ahead of their turn; who is erased by one of them is erased for those that come after it.
#[test]
fn who_withdraws_her_consent_in_a_list_is_in_no_list_that_was_read_before_its_turn() {
    let [gone, stays] = [0, 1].map(history::number);
    let row = |who: &str, day: &str| format!("Projekt;Personnr;Startdatum\nPROGRESS;{who};{day}\nPROGRESS;{stays};{day}\n");
    let files: Vec<(String, String)> = [
        row(&gone, "2021-03-01"),
        format!("Projekt;Personnr;Startdatum;Samtycke\nPROGRESS;{gone};2021-03-01;nej\nPROGRESS;{stays};2021-03-08;ja\n"),
        row(&gone, "2021-04-01"),
        row(&gone, "2021-05-03"),
        format!(
            "Projekt;Personnr;Steg;Datum\nPROGRESS;{gone};Handlingsplan;2021-03-02\nPROGRESS;{stays};Handlingsplan;2021-03-02\n"
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, text)| (format!("{at}.csv"), text))
    .collect();
    for first in [0, 1] {
        let (mut at_once, mut apart) = (World::new(), World::new());
        let told = at_once.land(&files[first..]);
        let told_apart: Vec<_> = files[first..].chunks(1).flat_map(|file| apart.land(file)).collect();
        assert_eq!(told, told_apart);
        let rows = at_once.rows();
        assert!(rows == apart.rows(), "{}", world::difference(&rows, &apart.rows()));
        let current = |who: usize| rows.get(&Some(who)).into_iter().flatten().filter(|row| row.contains("Current")).count();
        assert_eq!((current(0), current(1) > 0), (0, true), "{rows:?}");
    }
}

/// The lists must be able to show what the test is about.
#[test]
fn the_histories_hold_what_they_must() {
    let all: Vec<History> = (0..80).map(History::random).collect();
    let count = |is: &dyn Fn(&History) -> bool| all.iter().filter(|history| is(history)).count();
    let steps = |is: fn(&Step) -> bool| count(&|history| history.steps.iter().any(is));
    assert!(steps(|step| matches!(step, Step::Forget(_))) > 5 && steps(|step| matches!(step, Step::Rotate)) > 5);
    assert!(steps(|step| matches!(step, Step::Alias(..))) > 5 && steps(|step| matches!(step, Step::Land(l) if l.len() > 1)) > 20);
    for what in ["Felregistrering", "nej", "Tf29", "T00", "2021-13-01", "Steg", "Titel: PROGRESS", "del-2"] {
        let is =
            |history: &History| history.lists.iter().any(|list| list.name.contains(what) || list.text(|_| false).contains(what));
        assert!(count(&is) > 5, "{what}: {}", count(&is));
    }
}
