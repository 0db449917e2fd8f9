//! A place to run the program in: its own data, keys, lists and pages.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
}

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl World {
    /// An empty place.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place with key, data directory and budget.
    pub(crate) fn new(epsilon: &str) -> Self {
        let world = Self::empty();
        world.ok(&["init", "--epsilon", epsilon, "--delta", "1e-5"]);
        world
    }

    /// A place where the demo's lists have landed.
    pub(crate) fn landed(epsilon: &str) -> Self {
        let world = Self::new(epsilon);
        world.ok(&["demo", world.text("lists").as_str()]);
        let lists = world.lists();
        world.ok(&[&["land"], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn lists(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.path("lists")).unwrap();
        let mut lists: Vec<String> = files.map(|f| f.unwrap().path().display().to_string()).collect();
        lists.sort();
        lists
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// The program in this place, in English, with the repository's schemas and queries.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_utfall"));
        command
            .args(arguments)
            .env_remove("UTFALL_KEY")
            .env("UTFALL_DATA", self.path("data"))
            .env("UTFALL_KEYS", self.path("keys"))
            .env("UTFALL_OUT", self.path("out"))
            .env("UTFALL_HOME", repository())
            .env("LC_ALL", "C.UTF-8");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    /// Runs and expects success; gives what was printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    }
}

pub(crate) fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Every file below a folder, links not followed, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if path.is_file() && !path.is_symlink() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files below a folder with their contents.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files(folder).into_iter().map(|p| (p.clone(), std::fs::read(p).unwrap())).collect()
}

/// Copies a folder; who may enter the copy is as with the original.
pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
    if to.is_dir() {
        std::fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
    }
}

/// The column of a published file, as it stands there.
pub(crate) fn column(world: &World, file: &str, column: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(world.path("out").join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    let headings = reader.headers().unwrap().clone();
    let at = headings.iter().position(|name| name == column).unwrap_or_else(|| panic!("{file}: {column}"));
    reader.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

/// A home folder with the repository's schemas and one release of these query files.
pub(crate) fn home(world: &World, release: &str, queries: &[(&str, &str)]) -> PathBuf {
    let home = world.path("home");
    copy(&repository().join("schemas"), &home.join("schemas"));
    let folder = home.join("queries/trial");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("release.toml"), release).unwrap();
    for (name, text) in queries {
        std::fs::write(folder.join(format!("{name}.sql")), text).unwrap();
    }
    home
}

pub(crate) const RELEASE: &str = r#"
title  = { sv = "Prov", en = "Trial" }
[privacy]
budget = { epsilon = "1", delta = "1e-6" }
bounds = { participations = 3 }
[publish]
formats  = ["csv"]
interval = "0.95"
"#;
