//! The world's clock: one that contradicts what was written stops landing and releasing, before a number without a century
//! becomes somebody else's; one that is ahead is told by the day by which periods were complete.

use std::path::PathBuf;
use std::process::Command;

use crate::leaks::numbers;
use crate::world::{Said, World, contents, said};

/// Puts seconds on the clock that a program reads.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    int answer = (int)syscall(SYS_clock_gettime, id, now);
    const char *set = getenv("TEST_CLOCK");
    if (answer == 0 && id == CLOCK_REALTIME && set) now->tv_sec = atol(set);
    return answer;
}
"#;

/// A world whose clock can be set.
struct Clock {
    world: World,
    shim: PathBuf,
}

impl Clock {
    fn new(world: World) -> Self {
        let (source, shim) = (world.write("clock.c", SHIM), world.path("clock.so"));
        let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).status().unwrap();
        assert!(made.success());
        Self { world, shim }
    }

    fn at(&self, day: &str, arguments: &[&str]) -> Said {
        let day: chrono::NaiveDate = day.parse().unwrap();
        let seconds = day.and_hms_opt(12, 0, 0).unwrap().and_utc().timestamp();
        let mut command = self.world.command(arguments);
        said(command.env("LD_PRELOAD", &self.shim).env("TEST_CLOCK", seconds.to_string()).output().unwrap())
    }
}

fn today() -> chrono::NaiveDate {
    utfall_ground::clock::today()
}

/// Five people, each under all twelve digits and under ten.
fn five(ten: bool) -> String {
    let lines = numbers().into_iter().filter(|number| number.starts_with("19")).take(5).map(|number| {
        let number = if ten { &number[2..] } else { &number };
        format!("PROGRESS;{number};2021-03-01\n")
    });
    format!("Projekt;Personnr;Startdatum\n{}", lines.collect::<String>())
}

#[test]
fn a_clock_of_1975_makes_nobody_into_somebody_else() {
    let clock = Clock::new(World::new("10"));
    let [twelve, ten] = [("twelve.csv", false), ("ten.csv", true)].map(|(name, is)| clock.world.write(name, five(is)));
    assert!(clock.world.ok(&["land", &twelve]).contains("5 rows landed"));
    let before = contents(&clock.world.path("data"));
    for arguments in [&["land", &ten][..], &["run", "--inbox", &clock.world.text("inbox")], &["release", "outcomes"]] {
        std::fs::create_dir_all(clock.world.path("inbox")).unwrap();
        let said = clock.at("1975-06-01", arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(said.err.contains("the clock says 1975-06-01, but") && said.err.contains("set the clock"), "{said:?}");
    }
    assert!(contents(&clock.world.path("data")) == before);
    let mut told = clock.world.command(&["--lang", "sv", "land", &ten]);
    let told = said(told.env("LD_PRELOAD", &clock.shim).env("TEST_CLOCK", "0").output().unwrap());
    assert!(
        told.code == 2 && told.err.contains("klockan säger 1970-01-01, men") && told.err.contains("ställ klockan"),
        "{told:?}"
    );
    // By a clock that is right the five are the five.
    let said = clock.world.ok(&["land", &ten]);
    assert!(said.contains("new 0") || said.contains("5 rows landed") && said.contains("unchanged 5"), "{said}");
}

#[test]
fn a_clock_behind_what_was_written_stops_landing_and_releasing_and_nothing_else() {
    let clock = Clock::new(World::landed("10"));
    clock.world.ok(&["release", "outcomes"]);
    let list = clock.world.lists().remove(0);
    let day = |days: i64| (today() + chrono::TimeDelta::days(days)).to_string();
    // Time zones, and a clock that drifts.
    assert_eq!(clock.at(&day(-1), &["land", &list]).code, 0);
    for days in [-3, -20] {
        if day(days).as_str() < "2026-11-01" {
            continue; // then this version is what it contradicts
        }
        for arguments in [&["land", list.as_str()][..], &["release", "outcomes"], &["forget"]] {
            let said = clock.at(&day(days), arguments);
            assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        }
        let said = clock.at(&day(days), &["release", "outcomes"]);
        let words = [format!("the clock says {}, but ", day(days)), format!(" was written on {}; set the clock", today())];
        assert!(words.iter().all(|words| said.err.contains(words)), "{said:?}");
    }
    for arguments in [&["status"][..], &["ledger"], &["publish"], &["verify"], &["check", "outcomes"]] {
        let said = clock.at("2001-01-01", arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    }
    let told = clock.at("2001-01-01", &["status"]);
    assert!(told.out.contains("clock: the clock says 2001-01-01, but this version of utfall is of 20"), "{told:?}");
}

#[test]
fn a_clock_ahead_is_told_by_the_day_of_complete_periods_and_can_be_owned_up_to() {
    let clock = Clock::new(World::landed("10"));
    let list = clock.world.lists().remove(0);
    let series = clock.world.run(&["release", "outcomes-by-quarter"]);
    assert!(series.out.contains(&format!("complete by {}: 2021-Q1", today())), "{series:?}");
    std::fs::create_dir_all(clock.world.path("inbox")).unwrap();
    std::fs::write(clock.world.path("inbox/late.csv"), five(false)).unwrap();
    let ahead = clock.at("2042-01-01", &["run", "--inbox", &clock.world.text("inbox"), "outcomes"]);
    let years = " days after ";
    assert!(
        ahead.code == 0 && ahead.err.contains("warning: the clock says 2042-01-01, ") && ahead.err.contains(years),
        "{ahead:?}"
    );
    assert_eq!(ahead.err.matches("warning").count(), 1, "{ahead:?}");

    // Now the clock is right again, and what was written contradicts it until somebody says why.
    for arguments in [&["land", list.as_str()][..], &["release", "outcomes"]] {
        let said = clock.world.run(arguments);
        assert!(
            said.code == 2 && said.err.contains("was written on 2042-01-01") && said.err.contains("utfall ledger clock"),
            "{said:?}"
        );
    }
    let owned = clock.world.ok(&["ledger", "clock"]);
    assert!(owned.contains(&format!("written after {}, until 2042-01-01", today())), "{owned}");
    for arguments in [&["land", list.as_str()][..], &["release", "outcomes"], &["ledger"], &["status"]] {
        let said = clock.world.run(arguments);
        assert!(said.code == 0 && said.err.is_empty(), "{arguments:?}: {said:?}");
    }
    // It says so once, of what there is: a clock further ahead, or behind the word, is as wrong as before.
    assert_eq!(clock.world.run(&["ledger", "clock"]).code, 2);
    assert_eq!(clock.at("2026-11-02", &["land", &list]).code, if today().to_string().as_str() < "2026-11-04" { 0 } else { 2 });
    assert_eq!(clock.at("2043-01-01", &["ledger", "raise", "--epsilon", "11", "--delta", "1e-5", "--reason", "x"]).code, 0);
    assert_eq!(clock.world.run(&["land", &list]).code, 2);
}

#[test]
fn a_landing_by_a_clock_that_is_ahead_does_not_quiet_the_release_after_it() {
    let clock = Clock::new(World::landed("10"));
    let list = clock.world.write("late.csv", five(false));
    for arguments in [&["land", list.as_str()][..], &["release", "outcomes"]] {
        let said = clock.at("2042-01-01", arguments);
        assert!(said.code == 0 && said.err.contains("warning: the clock says 2042-01-01, "), "{arguments:?}: {said:?}");
    }
    let never = Clock::new(World::empty());
    let begun = never.at("1975-07-29", &["init", "--epsilon", "10", "--delta", "1e-5"]);
    assert!(begun.code == 2 && begun.err.contains("set the clock") && !never.world.path("data").exists(), "{begun:?}");
}

#[test]
fn after_a_long_silence_a_series_waits_for_somebody_to_say_that_the_clock_is_right() {
    let clock = Clock::new(World::landed("10"));
    let before = crate::world::contents(&clock.world.path("data/ledger"));
    let later = clock.at("2042-01-01", &["release", "outcomes-by-quarter"]);
    assert!(later.code == 2 && later.err.contains("nothing was published") && later.err.contains("ledger clock"), "{later:?}");
    assert!(crate::world::contents(&clock.world.path("data/ledger")) == before && !clock.world.path("out").exists());
    let said = clock.at("2042-01-01", &["ledger", "clock"]);
    assert!(said.code == 0 && said.out.contains("the clock is right: it is 2042-01-01"), "{said:?}");
    let released = clock.at("2042-01-01", &["release", "outcomes-by-quarter"]);
    assert!(released.code == 0 && released.out.contains("complete by 2042-01-01"), "{released:?}");
}
