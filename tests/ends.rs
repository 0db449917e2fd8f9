//! How the program ends: exit codes by whose the mistake is, output that nobody can take, signals, and paths that cannot be.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::leaks::numbers;
use crate::robust::endless;
use crate::world::{World, home, said};

#[test]
fn a_wrong_file_is_the_users_and_a_missing_key_is_not() {
    let world = World::landed("10");
    let list = world.lists().remove(0);
    let binary = world.write("binary", b"\xFF\xFE\x00\x01");
    let [none, folder] = ["none", "lists"].map(|name| world.text(name));
    for arguments in [
        &["land", none.as_str()][..],
        &["land", "--map", &none, &list],
        &["land", "--map", &folder, &list],
        &["land", "--map", &binary, &list],
        &["land", "--map", "/dev/zero", &list],
        &["map", &none],
        &["register", "add", &none],
        &["register", "add", &folder],
        &["register", "add", &binary],
        &["verify", "--certificate", &none],
        &["verify", "--certificate", &folder],
        &["verify", "--certificate", &binary],
        &["run", "--inbox", &none],
        &["run", "--inbox", &list],
        &["--home", &none, "check"],
        &["--home", &list, "check"],
        &["check", "none"],
        &["--data", &list, "status"],
        &["--data", &list, "land", &list],
        &["--data", &list, "release"],
    ] {
        let said = world.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
    }
    for wrong in ["schemas/participation.toml", "queries/trial/release.toml", "queries/trial/a.sql", "schemas/codes/sex.csv"] {
        let home = home(&world, crate::world::RELEASE, &[("a", "SELECT 1")]);
        std::fs::write(home.join(wrong), b"\xFF\xFE\x00").unwrap();
        let said = world.run(&["--home", &home.display().to_string(), "check"]);
        assert_eq!(said.code, 2, "{wrong}: {said:?}");
        std::fs::remove_dir_all(home).unwrap();
    }
    std::fs::remove_file(world.path("keys/pseudonym.key")).unwrap();
    assert_eq!(world.run(&["land", &list]).code, 5);
}

#[test]
fn output_that_cannot_be_written_is_an_error_and_never_an_abort() {
    let world = World::new("10");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&["status"][..], &["ledger"], &["--help"], &["--version"], &["check", "--tables"], &["completions", "bash"]]
    {
        let told = said(world.command(arguments).stdout(full()).output().unwrap());
        assert_eq!(told.code, 5, "{arguments:?}: {told:?}");
        assert!(told.err.contains("what is printed cannot be written (") && told.err.lines().count() == 1, "{told:?}");
        let nowhere = world.command(arguments).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(nowhere.code(), Some(5), "{arguments:?}");
    }
    // What can be told nowhere is still told by the exit code.
    for (arguments, code) in [(&["land", "none"][..], 2), (&["--none"], 2), (&["--data", "none", "ledger"], 5)] {
        let nowhere = world.command(arguments).stderr(full()).status().unwrap();
        assert_eq!(nowhere.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn few_files_little_memory_and_a_small_stack_are_errors_and_never_aborts() {
    let world = World::landed("10");
    let list = world.lists().remove(0);
    for limit in ["-n 5", "-n 7", "-n 9", "-n 12", "-n 16", "-v 350000", "-v 600000", "-v 900000", "-v 1400000", "-s 100"] {
        for arguments in [&["status"][..], &["land", &list], &["release", "outcomes"]] {
            let told = world.command(arguments);
            let mut command = Command::new("sh");
            command.args(["-c", &format!("ulimit {limit}; exec \"$@\""), "sh"]).arg(told.get_program()).args(told.get_args());
            command.envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let said = said(command.output().unwrap());
            assert!([0, 5].contains(&said.code), "{limit}, {arguments:?}: {said:?}");
            assert!(said.code == 0 || said.err.contains("error["), "{limit}, {arguments:?}: {said:?}");
            assert!(!limit.starts_with("-v") || said.err.contains("ulimit -v"), "{limit}, {arguments:?}: {said:?}");
        }
    }
}

/// Waits until a process hears a signal, as the kernel tells it.
fn hears(child: &Child, signal: u32) {
    let begun = Instant::now();
    while !has(&child.id().to_string(), "SigCgt:", signal) {
        assert!(begun.elapsed() < Duration::from_secs(20), "{signal}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a signal is in a set that the system tells of a process.
fn has(process: &str, set: &str, signal: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let signals = status.lines().find_map(|line| line.strip_prefix(set)).unwrap().trim().to_owned();
    u64::from_str_radix(&signals, 16).unwrap() >> (signal - 1) & 1 == 1
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_signal_is_answered_in_words_and_by_the_usual_code() {
    let world = World::new("10");
    // What these tests were told not to hear (nohup, `&` in a script), the program is not to hear either.
    let heard = [("-HUP", 1), ("-INT", 2), ("-TERM", 15)].into_iter().filter(|(_, number)| !has("self", "SigIgn:", *number));
    for (signal, number) in heard {
        for (lang, words) in [("en", "stopped; run again, nothing is lost\n"), ("sv", "avbrutet; kör igen, inget är förlorat\n")]
        {
            let mut command = world.command(&["--lang", lang, "forget"]);
            let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            hears(&child, number);
            send(&child, signal);
            let ended = said(wait(child));
            assert_eq!((ended.code, ended.err.as_str()), (i32::try_from(128 + number).unwrap(), words), "{signal}");
        }
    }
    // What nohup keeps from it does not end it.
    let told = world.command(&["forget"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(told.get_program()).args(told.get_args());
    command.envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    hears(&child, 15);
    send(&child, "-HUP");
    let ended = said(wait(child));
    assert!(ended.code == 2 && ended.err.contains("no identity numbers on standard input"), "{ended:?}");
}

/// Waits with standard input kept open for a moment, then closed.
fn wait(mut child: Child) -> std::process::Output {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_millis(500) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn a_landing_that_is_stopped_loses_nothing_and_leaves_no_reader_behind() {
    let world = World::new("10");
    world.ok(&["demo", &world.text("lists")]);
    let lists = world.lists();
    let land: Vec<&str> = ["land"].into_iter().chain(lists.iter().map(String::as_str)).collect();
    let rows = |out: &str| out.lines().filter(|line| line.contains("landed")).count();
    for pause in [0, 20, 60, 120] {
        let child = world.command(&land).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        hears(&child, 15);
        std::thread::sleep(Duration::from_millis(pause));
        send(&child, "-TERM");
        let ended = said(child.wait_with_output().unwrap());
        assert!(ended.code == 0 || ended.code == 143 && ended.err.contains("nothing is lost"), "{ended:?}");
    }
    assert_eq!(rows(&world.ok(&land)), lists.len());
    assert!(world.ok(&land).lines().filter(|line| line.contains("nothing changed")).count() >= lists.len());

    // A workbook that takes its reader many seconds.
    let path = world.write("endless.xls", endless());
    let child = world.command(&["land", &path]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let children = format!("/proc/{0}/task", child.id());
    let reader = || {
        let tasks = std::fs::read_dir(&children).ok()?.flatten();
        let of = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        of.flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).next()
    };
    let begun = Instant::now();
    let reader = loop {
        if let Some(reader) = reader() {
            break reader;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "no reader was begun");
        std::thread::sleep(Duration::from_millis(5));
    };
    // It hears of its parent's end once it has begun.
    std::thread::sleep(Duration::from_millis(300));
    send(&child, "-TERM");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(143));
    let begun = Instant::now();
    while std::fs::read_to_string(format!("/proc/{reader}/cmdline")).is_ok_and(|line| line.contains("--read-workbook")) {
        assert!(begun.elapsed() < Duration::from_secs(5), "the reader goes on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_data_directory_where_it_cannot_be_is_refused_by_every_command() {
    let world = World::landed("10");
    let list = world.lists().remove(0);
    let inbox = world.text("lists");
    let people = world.write("people.txt", &numbers()[0]);
    let good = world.path("data");
    for name in [&b"a\nb"[..], b"a%20b", b"a\xFFb", b"a\\b", b"a\tb"] {
        let place = world.path("").join(OsStr::from_bytes(name));
        std::fs::rename(&good, &place).unwrap();
        let link = world.path("link");
        std::os::unix::fs::symlink(&place, &link).unwrap();
        for data in [&place, &link] {
            for arguments in [
                &["init", "--epsilon", "1", "--delta", "1e-5"][..],
                &["land", &list],
                &["status"],
                &["check", "outcomes"],
                &["plan", "outcomes"],
                &["release", "outcomes"],
                &["publish"],
                &["verify"],
                &["ledger"],
                &["run", "--inbox", &inbox],
                &["forget"],
                &["key", "rotate"],
            ] {
                let mut command = world.command(arguments);
                command.env("UTFALL_DATA", data).stdin(File::open(&people).unwrap());
                let output = command.output().unwrap();
                assert_eq!(output.status.signal(), None);
                let said = said(output);
                assert_eq!(said.code, 2, "{data:?}, {arguments:?}: {said:?}");
                assert!(said.err.contains("move or rename the folder, or name another with --data"), "{said:?}");
                assert!(said.out.is_empty() && said.err.lines().count() == 1, "{said:?}");
            }
        }
        std::fs::remove_file(&link).unwrap();
        std::fs::rename(&place, &good).unwrap();
    }
    // What begins with % and is none of that, is a name as others are.
    std::fs::rename(&good, world.path("50%")).unwrap();
    assert_eq!(world.run(&["--data", &world.text("50%"), "status"]).code, 0);
}

#[test]
fn a_file_that_may_not_grow_is_told_and_whoever_reads_no_further_is_no_failure() {
    let world = World::new("10");
    world.ok(&["demo", &world.text("lists")]);
    let told = world.command(&["land", &world.text("lists/progress-participation.csv")]);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 1; exec \"$@\"", "sh"]).arg(told.get_program()).args(told.get_args());
    command.envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let cramped = said(command.output().unwrap());
    assert!(cramped.code == 5 && cramped.err.contains("too large"), "{cramped:?}");
    world.ok(&["land", &world.text("lists/progress-participation.csv")]);

    let mut help = world.command(&["--help"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(help.stdout.take());
    let helped = said(help.wait_with_output().unwrap());
    assert!(helped.code == 0 && helped.err.is_empty(), "{helped:?}");
    let nothing = world.path("home");
    std::fs::create_dir_all(nothing.join("queries")).unwrap();
    std::os::unix::fs::symlink(crate::world::repository().join("schemas"), nothing.join("schemas")).unwrap();
    let checked = world.run(&["--home", &nothing.display().to_string(), "check"]);
    assert!(checked.code == 2 && !checked.err.is_empty(), "{checked:?}");
}
