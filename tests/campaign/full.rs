//! A disk that is full, at any place of any command that writes: it says so, and the next run, with room, is right. The data
//! lie in memory, in a file system of their own size; where no such one may be mounted nothing is tried, and that is said.

use std::process::Command;

use super::*;

const DEEDS: [&[&str]; 4] =
    [&["land", "news/progress-2021-04.csv"], &["run", "--inbox", "news"], &["release"], &["key", "rotate"]];

/// Mounts a file system of `$1` KiB over the data, which it holds then, runs the rest, and keeps what the data have become.
const SCRIPT: &str =
    "size=$1; shift; cp -a data kept && mount -t tmpfs -o size=${size}k utfall data && cp -a kept/. data/ || exit 99
    \"$@\"; code=$?; rm -rf kept; cp -a data kept; exit $code";

/// The command on a disk of so many KiB; nothing where none may be mounted.
fn cramped(world: &World, arguments: &[&str], size: u64) -> Option<Said> {
    let told = command(world, arguments);
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", SCRIPT, "sh", &size.to_string()]).arg(told.get_program()).args(told.get_args());
    command.env_remove("UTFALL_KEY").envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let said = crate::world::said(command.current_dir(world.folder.path()).output().ok()?);
    if !world.path("kept").exists() || said.code == 99 {
        return None;
    }
    std::fs::remove_dir_all(world.path("data")).unwrap();
    std::fs::rename(world.path("kept"), world.path("data")).unwrap();
    Some(said)
}

#[test]
fn on_a_full_disk_it_says_so_and_the_next_run_is_right() {
    let mut chance = chance(14);
    for arguments in DEEDS {
        let (whole, mut failed) = (ready(arguments), 0);
        let used: u64 = files(&whole.path("data")).iter().map(|path| path.metadata().unwrap().len().div_ceil(4_096) * 4).sum();
        ok(&whole, arguments);
        let expected = Kept::of(&whole);
        for round in 0..rounds(2) {
            let world = ready(arguments);
            let room = chance.below(28);
            let place = format!("{arguments:?}, round {round}, {room} KiB of room");
            let Some(said) = cramped(&world, arguments, used + u64::try_from(room).unwrap()) else {
                return println!("full disks: no file system may be mounted here: not tried");
            };
            assert!(said.code == 0 || (said.code == 5 && !said.err.is_empty()), "{place}: {said:?}");
            failed += usize::from(said.code != 0);
            ok(&world, &["key", "show-id"]);
            if said.code != 0 {
                ok(&world, if arguments == ["key", "rotate"] { &["status"] } else { arguments });
            }
            let kept = Kept::of(&world);
            assert!(kept == expected, "{place}: {said:?}: {kept:#?}, not {expected:#?}");
            assert!(left_over(&world).is_empty(), "{place}: {:?}", left_over(&world));
        }
        println!("full disks: {arguments:?}: {failed} of {} failed; after the next run all were right", rounds(2));
    }
}
