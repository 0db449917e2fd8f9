//! Several programs at once on one data directory: nothing is lost, doubled or half done.

use std::collections::HashSet;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::cases::{filled, landed, numbered as number};
use crate::leaks::numbers;
use crate::upkeep::{participations, told};
use crate::world::{Said, World, copy, said};

fn begun(world: &World, arguments: &[&str], input: &str) -> Child {
    use std::io::Write as _;
    let mut command = world.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child
}

fn ended(child: Child) -> Said {
    said(child.wait_with_output().unwrap())
}

/// A place with two people, as often as it is wanted.
fn places(count: usize) -> impl Iterator<Item = World> {
    let first = World::new("10");
    let list = filled(b"Projekt;Personnr;Startdatum\nPROGRESS;{0};2021-03-01\nPROGRESS;{1};2021-03-02\n");
    first.ok(&["land", &first.write("a.csv", list)]);
    (0..count).map(move |_| {
        let world = World::empty();
        ["data", "keys"].iter().for_each(|folder| copy(&first.path(folder), &world.path(folder)));
        ["archive", "ledger"].iter().for_each(|name| std::fs::create_dir_all(world.path("data").join(name)).unwrap());
        world
    })
}

#[test]
fn two_rotations_at_once_leave_one_key_that_fits() {
    for world in places(12) {
        let both = [0, 1].map(|_| begun(&world, &["key", "rotate"], "")).map(ended);
        assert!(both.iter().any(|said| said.code == 0) && both.iter().all(|said| [0, 5].contains(&said.code)), "{both:?}");
        world.ok(&["key", "show-id"]);
        assert_eq!(participations(&world.path("data"), "current").len(), 2);
        let again = filled(b"Projekt;Personnr;Startdatum\nPROGRESS;{0};2021-03-01\n");
        assert!(world.ok(&["land", &world.write("b.csv", again)]).contains("unchanged 1"), "the same person under the new key");
    }
}

#[test]
fn an_erasure_beside_a_rotation_erases_or_says_that_it_did_not() {
    let number = &number(0);
    for world in places(12) {
        let rotation = begun(&world, &["key", "rotate"], "");
        let erasure = ended(begun(&world, &["forget"], number));
        ended(rotation);
        let left = participations(&world.path("data"), "current").len();
        assert!(erasure.code == 5 || (erasure.out.contains("1 of 1 people") && left == 1), "{left}: {erasure:?}");
        assert_eq!(told(&world, &["forget"], number).code, 0);
        assert_eq!(participations(&world.path("data"), "current").len(), 1);
    }
}

#[test]
fn an_alias_that_was_said_is_kept_beside_another() {
    let n: Vec<String> = (0..4).map(number).collect();
    for world in places(10) {
        let pairs = [(&n[0], &n[2]), (&n[1], &n[3])];
        let both = pairs.map(|(old, new)| begun(&world, &["key", "alias"], &format!("{old} {new}"))).map(ended);
        let list: String = pairs.iter().map(|(_, new)| format!("PROGRESS;{new};2021-05-01\n")).collect();
        world.ok(&["land", &world.write("b.csv", format!("Projekt;Personnr;Startdatum\n{list}"))]);
        let people: HashSet<_> = participations(&world.path("data"), "current").into_iter().map(|row| row.unit).collect();
        let refused = both.iter().filter(|said| said.code != 0).count();
        assert_eq!(people.len(), 2 + refused, "whose alias was said to be taken is one person: {both:?}");
    }
}

#[test]
fn rows_within_participations_follow_them_whoever_lands_beside() {
    let n = numbers();
    let world = World::new("10");
    let people = |result: &str| -> String {
        let rows: String = n[..200].iter().map(|number| format!("PROGRESS;{number};2021-03-01;{result}\n")).collect();
        format!("Projekt;Personnr;Startdatum;Resultat\n{rows}")
    };
    let rating = |number: &String, day: usize| {
        format!("PROGRESS;{number};Hälsa;2021-{:02}-{:02};Deltagare;3\n", 3 + day / 28, day % 28 + 1)
    };
    let rows: String = (0..100).flat_map(|day| n[..200].iter().map(move |number| rating(number, day))).collect();
    let first = world.write("people.csv", people(""));
    let ratings = world.write("ratings.csv", format!("Projekt;Personnr;Område;Datum;Skattad av;Skattning\n{rows}"));
    let wrong = world.write("wrong.csv", people("Felregistrering"));
    world.ok(&["land", &first]);
    ["data", "keys"].iter().for_each(|folder| copy(&world.path(folder), &world.path("kept").join(folder)));
    for delay in [0, 50, 100, 200, 300, 450, 600, 900] {
        for folder in ["data", "keys"] {
            std::fs::remove_dir_all(world.path(folder)).unwrap();
            copy(&world.path("kept").join(folder), &world.path(folder));
        }
        let landing = begun(&world, &["land", &ratings], "");
        std::thread::sleep(Duration::from_millis(delay));
        let taken_back = ended(begun(&world, &["land", &wrong], ""));
        let landing = ended(landing);
        assert_eq!(taken_back.code, 0, "{delay}: {taken_back:?}");
        assert!([0, 3].contains(&landing.code), "{delay}: {landing:?}");
        let folder = world.path("data/landed/rating");
        let counting = if folder.exists() { landed(&folder, "current", &["date"]).len() } else { 0 };
        assert_eq!((counting, world.path("data/pending.toml").exists()), (0, false), "{delay}: {landing:?}");
    }
}

#[test]
fn an_erasure_gets_its_turn_while_others_land() {
    for world in places(1) {
        let rows: String = numbers()[..1_000].iter().map(|number| format!("PROGRESS;{number};2021-03-01\n")).collect();
        let list = world.write("b.csv", format!("Projekt;Personnr;Startdatum\n{rows}"));
        world.ok(&["land", &list]);
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        world.run(&["land", "--again", &list]);
                    }
                });
            }
            let begun = std::time::Instant::now();
            let erased = told(&world, &["forget"], &number(0));
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(erased.code == 0 && erased.out.contains("1 of 1 people"), "{erased:?}");
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
        });
    }
}

#[test]
fn what_a_killed_process_left_aside_is_gone_after_the_next_command() {
    for world in places(1) {
        let left = ["data/.aside-dead", "keys/.aside-dead", "data/landed/participation/_delta_log/.aside-dead"];
        left.iter().for_each(|name| std::fs::write(world.path(name), "whom somebody erased").unwrap());
        world.ok(&["key", "show-id"]);
        assert!(left.iter().all(|name| !world.path(name).exists()));
    }
}
