//! Who may read what is written: its owner alone, whatever the umask, but for what is published; and what is said to who may
//! not read what is there.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::leaks::numbers;
use crate::world::{Said, World, copy, repository, said};

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Everything below a folder, and the folder, links left out.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_path_buf()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

/// That every folder has one mode and every file another.
fn are(folder: &Path, (folders, files): (u32, u32), umask: &str) {
    for path in all(folder) {
        let expected = if path.is_dir() { folders } else { files };
        assert_eq!(mode(&path), expected, "umask {umask}: {} has {:o}", path.display(), mode(&path));
    }
}

#[test]
fn data_and_keys_are_their_owners_whatever_the_umask() {
    for (umask, published) in [("000", (0o775, 0o664)), ("022", (0o755, 0o644)), ("077", (0o700, 0o600)), ("777", (0o700, 0o600))]
    {
        let world = World::empty();
        let number = &numbers()[0];
        let bad = world.write("bad.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{number};2021-04-01\nPROGRESS;x;y\n"));
        let people = world.write("people.txt", number);
        let [lists, fix, data, keys, backup] = ["lists", "fix", "data", "keys", "backup"].map(|name| world.text(name));
        let run = |arguments: &[&str]| {
            let told = world.command(arguments);
            let mut command = Command::new("sh");
            command.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]).arg(told.get_program()).args(told.get_args());
            command.envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
            said(command.stdin(std::fs::File::open(&people).unwrap()).output().unwrap())
        };
        for (arguments, code) in [
            (&["init", "--epsilon", "10", "--delta", "1e-5"][..], 0),
            (&["demo", &lists], 0),
            (&["run", "--inbox", &lists, "outcomes"], 0),
            (&["land", "--fix-list", &fix, &bad], 3),
            (&["forget"], 0),
            (&["key", "rotate"], 0),
            (&["key", "backup", &backup], 0),
            (&["status"], 0),
        ] {
            let said = run(arguments);
            assert_eq!(said.code, code, "umask {umask}, {arguments:?}: {said:?}");
            assert!(!said.err.contains("warning"), "{said:?}");
        }
        for private in [&data, &keys, &fix, &backup] {
            are(Path::new(private), (0o700, 0o600), umask);
        }
        are(&world.path("out"), published, umask);
    }
}

#[test]
fn wide_folders_are_told_once_with_the_command_that_mends_them() {
    let world = World::landed("10");
    let inbox = world.text("lists");
    let [data, keys] = ["data", "keys"].map(|name| world.path(name));
    assert!(world.run(&["status"]).err.is_empty());
    [&data, &keys].into_iter().for_each(|folder| set(folder, 0o755));
    for arguments in [&["status"][..], &["run", "--inbox", &inbox, "outcomes"], &["ledger", "clock"]] {
        let said = world.run(arguments);
        for folder in [&data, &keys] {
            let told = format!("warning: others may enter {0}; run: chmod 700 {0}\n", folder.display());
            assert_eq!(said.err.matches(&told).count(), 1, "{arguments:?}: {said:?}");
        }
        assert_eq!(said.code, if arguments[0] == "ledger" { 2 } else { 0 }, "it stops nothing: {said:?}");
    }
    [&data, &keys].into_iter().for_each(|folder| set(folder, 0o700));
    assert!(world.run(&["status"]).err.is_empty());

    // A folder that was made for the keys is made narrow; of one that holds other things, it is told.
    for (other, narrow) in [(false, true), (true, false)] {
        let world = World::empty();
        std::fs::create_dir(world.path("keys")).unwrap();
        set(&world.path("keys"), 0o755);
        if other {
            world.write("keys/other", "");
        }
        let said = world.run(&["init", "--epsilon", "1", "--delta", "1e-5"]);
        assert!(said.code == 0 && (mode(&world.path("keys")) == 0o700) == narrow, "{said:?}");
        assert_eq!(said.err.contains("others may enter"), !narrow, "{said:?}");
    }
}

/// A place of a user who is not root: whom modes bind.
struct Bound {
    world: World,
    root: bool,
}

impl Bound {
    fn new() -> Self {
        let world = World::landed("10");
        world.ok(&["release", "outcomes"]);
        ["schemas", "queries"].iter().for_each(|name| copy(&repository().join(name), &world.path("home").join(name)));
        let root = world.folder.path().metadata().unwrap().uid() == 0;
        if root {
            // Where the program was built may be closed to others.
            std::fs::copy(env!("CARGO_BIN_EXE_utfall"), world.path("utfall")).unwrap();
            set(&world.path("utfall"), 0o755);
            all(world.folder.path()).iter().for_each(|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
        }
        Self { world, root }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.limited(arguments, &[])
    }

    /// Runs within the limits of `prlimit`, or without any.
    fn limited(&self, arguments: &[&str], limits: &[&str]) -> Said {
        let told = self.world.command(arguments);
        let program = if self.root { self.world.path("utfall") } else { PathBuf::from(told.get_program()) };
        let mut command = Command::new(if limits.is_empty() { program.as_os_str() } else { "prlimit".as_ref() });
        if !limits.is_empty() {
            command.args(limits).arg(&program);
        }
        command.args(arguments).envs(told.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("UTFALL_HOME", self.world.path("home")).current_dir("/");
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        said(command.output().unwrap())
    }

    /// Takes a right from, or gives it to, everything below a folder.
    fn change(&self, folder: &str, mode: impl Fn(u32) -> u32) {
        for path in all(&self.world.path(folder)) {
            set(&path, mode(path.metadata().unwrap().mode() & 0o777));
        }
    }
}

#[test]
fn status_works_where_nothing_may_be_written_and_tells_what_may_not_be_read() {
    let bound = Bound::new();
    let whole = bound.run(&["status"]);
    assert_eq!(whole.code, 0, "{whole:?}");
    for folders in [&["keys"][..], &["data"], &["data", "keys"]] {
        folders.iter().for_each(|folder| bound.change(folder, |mode| mode & !0o222));
        for arguments in [&["status"][..], &["ledger"], &["verify"], &["plan", "outcomes"]] {
            let said = bound.run(arguments);
            assert!(said.code == 0 && said.err.is_empty(), "{folders:?}, {arguments:?}: {said:?}");
        }
        assert_eq!(bound.run(&["status"]).out, whole.out);
        let landing = bound.run(&["land", &bound.world.lists()[0]]);
        assert!(landing.code == 5 && landing.err.contains("cannot write") || folders == ["keys"], "{folders:?}: {landing:?}");
        folders.iter().for_each(|folder| bound.change(folder, |mode| mode | 0o200));
    }

    // Closed by its owner.
    for (closed, at) in
        [("data", "data"), ("data/store.toml", "data/store.toml"), ("keys", "keys"), ("keys/pseudonym.key", "keys")]
    {
        let path = bound.world.path(closed);
        let before = mode(&path);
        set(&path, 0);
        for arguments in [&["status"][..], &["land", &bound.world.lists()[0]], &["ledger"]] {
            let said = bound.run(arguments);
            assert_eq!(said.code, 5, "{closed}, {arguments:?}: {said:?}");
            assert!(said.err.contains(" may not read ") && said.err.contains("chmod u+rwX"), "{at}: {said:?}");
            assert!(!(said.out + &said.err).contains("init"), "{closed}, {arguments:?}");
        }
        set(&path, before);
    }
    // A runtime that cannot begin all its threads ends.
    for most in [1, 2, 3, 4, 6, 9, 12] {
        let said = bound.limited(&["status"], &[&format!("--nproc={most}")]);
        assert!(said.code == 5 && said.err.contains("ulimit -u") || said.code == 0, "{most}: {said:?}");
    }
    // Somebody else's.
    if bound.root {
        for name in ["data", "keys"] {
            let path = bound.world.path(name);
            chown(&path, Some(0), Some(0)).unwrap();
            for arguments in [&["status"][..], &["init", "--epsilon", "1", "--delta", "1e-5"], &["ledger"]] {
                let said = bound.run(arguments);
                if name == "keys" && arguments[0] == "init" {
                    continue; // there is a data directory already
                }
                let told = said.err.contains("may not read") && said.err.contains("it belongs to root; run as root");
                assert!(said.code == 5 && told && !said.out.contains("init"), "{name}, {arguments:?}: {said:?}");
            }
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    assert_eq!(bound.run(&["status"]).out, whole.out);
}
