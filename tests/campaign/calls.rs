//! Calls of the operating system that fail, one at a time, at any place of any command that writes: it says so or does without
//! it, and the next run is right. Needs strace; where there is none, nothing is tried, and that is said.

use std::process::Command;

use super::*;

/// Not read and write: threads wake each other by them, which cannot fail. What files answer to them is tried in [`crate::disk`].
const CALLS: [&str; 10] =
    ["openat", "pread64", "fsync", "fdatasync", "rename", "linkat", "unlink", "mkdir", "flock", "getdents64"];
const ERRORS: [&str; 4] = ["EIO", "ENOSPC", "EACCES", "EMFILE"];
const DEEDS: [&[&str]; 5] =
    [&["land", "news/progress-2021-04.csv"], &["run", "--inbox", "news"], &["release"], &["key", "rotate"], &["publish"]];

/// The command with one call failing.
fn failing(world: &World, arguments: &[&str], (call, inject): (&str, &str)) -> Option<Said> {
    let told = command(world, arguments);
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "120", "strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", inject]);
    command.arg(told.get_program()).args(told.get_args()).current_dir(world.folder.path());
    command.env_remove("UTFALL_KEY").envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.output().ok().map(crate::world::said)
}

#[test]
fn whichever_call_fails_the_next_run_is_right() {
    let mut chance = chance(12);
    if Command::new("strace").arg("-V").output().is_err() {
        println!("calls: strace is not installed: not tried");
        return;
    }
    for arguments in DEEDS {
        let (whole, mut failed) = (ready(arguments), 0);
        ok(&whole, arguments);
        let expected = Kept::of(&whole);
        for round in 0..rounds(1) {
            let world = ready(arguments);
            // The loader opens and reads some files before the program begins.
            let (call, error) = (CALLS[chance.below(CALLS.len())], ERRORS[chance.below(ERRORS.len())]);
            let when = if matches!(call, "openat" | "pread64") { 12 } else { 1 } + chance.below(12);
            let inject = format!("inject={call}:error={error}:when={when}");
            let place = format!("{arguments:?}, round {round}, {inject}");
            let Some(said) = failing(&world, arguments, (call, &inject)) else { return };
            assert!([0, 2, 5].contains(&said.code), "{place}: {said:?}");
            assert!(said.code == 0 || !said.err.is_empty(), "{place}: {said:?}");
            failed += usize::from(said.code != 0);
            ok(&world, &["key", "show-id"]);
            if said.code != 0 && arguments != ["key", "rotate"] {
                ok(&world, arguments);
            }
            let kept = Kept::of(&world);
            assert!(kept == expected, "{place}: {said:?}: {kept:#?}, not {expected:#?}");
        }
        println!("calls: {arguments:?}: {failed} of {} failed; after the next run all were right", rounds(1));
    }
}
