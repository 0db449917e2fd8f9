//! Kill -9 at any moment of any command that writes: the next run of it is right.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::*;

/// A command that changes something, and what makes it ready to be run once more after it was killed.
struct Deed {
    name: &'static str,
    arguments: &'static [&'static str],
    /// What it reads from standard input.
    input: fn() -> String,
}

const NOTHING: fn() -> String = String::new;

const DEEDS: [Deed; 6] = [
    Deed { name: "land", arguments: &["land", "news/progress-2021-04.csv"], input: NOTHING },
    Deed { name: "release", arguments: &["release"], input: NOTHING },
    Deed { name: "run", arguments: &["run", "--inbox", "news"], input: NOTHING },
    Deed { name: "forget", arguments: &["forget"], input: || numbered(0) },
    Deed { name: "rotate", arguments: &["key", "rotate"], input: NOTHING },
    Deed { name: "register", arguments: &["register", "add", "page.txt", "--programme-period", "2014-2020"], input: NOTHING },
];

impl Deed {
    /// Runs it, and kills it after a while if it is still running; gives whether it was.
    fn killed(&self, world: &World, after: Option<Duration>) -> bool {
        use std::io::Write as _;
        let mut command = command(world, self.arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all((self.input)().as_bytes());
        if let Some(after) = after {
            std::thread::sleep(after);
            let _ = child.kill();
        }
        !child.wait().unwrap().success()
    }

    /// Does it again after it was killed, as somebody would who does not know how far it came.
    fn again(&self, world: &World) {
        if self.name == "rotate" {
            // To finish what was begun is not to do it twice.
            ok(world, &["key", "show-id"]);
            return;
        }
        assert!(!self.killed(world, None), "{}", self.name);
    }
}

#[test]
fn killed_at_any_moment_the_next_run_is_right() {
    let mut chance = chance(11);
    for deed in &DEEDS {
        let whole = ready(deed.arguments);
        let begun = Instant::now();
        assert!(!deed.killed(&whole, None), "{}", deed.name);
        let lasts = begun.elapsed();
        let (before, expected) = (Kept::of(&ready(deed.arguments)), Kept::of(&whole));
        let (mut killed, mut done) = (0, 0);
        for round in 0..rounds(2) {
            let world = ready(deed.arguments);
            let after = lasts.mul_f64(chance.below(1_000) as f64 / 1_000.0);
            killed += usize::from(deed.killed(&world, Some(after)));
            deed.again(&world);
            let kept = Kept::of(&world);
            let place = format!("{}, round {round}, killed after {after:?}", deed.name);
            // A rotation that had not begun is not begun by what finishes others.
            assert!(kept == expected || (deed.name == "rotate" && kept == before), "{place}: {kept:#?}, not {expected:#?}");
            done += usize::from(kept == expected);
            if matches!(deed.name, "release" | "run") {
                assert_eq!(published(&world).len(), published(&whole).len(), "{place}");
            }
            let left = left_over(&world);
            assert!(left.is_empty(), "{place}: {left:?}");
        }
        println!(
            "kills: {}: {killed} of {} were killed while running; after the next run all {done} were right",
            deed.name,
            rounds(2)
        );
    }
}
