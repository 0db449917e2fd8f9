//! Campaigns against what is kept: processes are killed at any moment, calls of the operating system fail, bits change. After
//! each the next run is right, or says what is damaged. A few rounds of each are made here; `make audit` makes as many as
//! `UTFALL_AUDIT_CAMPAIGN` says of everything, and prints what came of them.

mod bits;
mod calls;
mod full;
mod kills;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::cases::{live, numbered};
use crate::corrections::rows;
use crate::robust::Chance;
use crate::upkeep::told;
use crate::world::{RELEASE, Said, World, contents, copy, files, home};

/// How many rounds to make of what is done a few times here.
pub(crate) fn rounds(few: usize) -> usize {
    std::env::var("UTFALL_AUDIT_CAMPAIGN").map_or(few, |rounds| rounds.parse().unwrap())
}

/// Where chance begins: a failure names the round, which is the same in each run.
fn chance(seed: u64) -> Chance {
    Chance(seed)
}

const QUERY: &str = "/*+++ title = { sv = \"a\", en = \"b\" } +++*/
SELECT f.sex, count(*) AS n FROM participation f GROUP BY f.sex";

/// Participations that correct one, withdraw another, and report a new one.
const NEWS: &str =
    "Projekt;Personnr;Startdatum;Slutdatum;Kön\nPROGRESS;{0};2021-02-01;2021-05-09;Man\nPROGRESS;{5};2021-02-03;;Man\n";

/// A page of a project that the register does not know.
const PAGE: &str = "Projektnamn: Nya Vägar\nDiarienummer: 2018/00777\nProjektägare: Provköping\nRegion: Östra Mellansverige\n\
                    Projektperiod: 2018-03-01 - 2020-12-31\n";

/// A store in which everything has happened once: lists of all tables, a correction, a withdrawal, an erasure, a rotation, a
/// number that changed, releases.
fn rich() -> World {
    static RICH: OnceLock<World> = OnceLock::new();
    let first = RICH.get_or_init(|| {
        let world = World::new("20");
        home(&world, RELEASE, &[("by_sex", QUERY)]);
        std::fs::write(world.path("page.txt"), PAGE).unwrap();
        let list = |name: &str, text: &str| world.write(name, crate::cases::filled(text.as_bytes()));
        let a = "PROGRESS;{0};2021-02-01;2021-05-01;Man\nPROGRESS;{1};2021-02-02;;Kvinna\nPROGRESS;{2};2021-02-02;;Kvinna\n";
        let b = "PROGRESS;{0};2021-02-01;2021-05-01;Kvinna\nPROGRESS;{1};2021-02-02;;Kvinna\nPROGRESS;{3};2021-03-02;;Kvinna\n";
        let people = "Projekt;Personnr;Startdatum;Slutdatum;Kön\n";
        let lists = [
            list("progress-2021-02.csv", &format!("{people}{a}")),
            list("progress-2021-03.csv", &format!("{people}{b}")),
            list("asap-2016-03.csv", &format!("{people}ASAP;{{4}};2016-03-01;;\n")),
            list("c.csv", "Projekt;Personnr;Område;Datum;Skattad av;Skattning\nPROGRESS;{0};Hälsa;2021-03-01;Deltagare;3\n"),
            list("d.csv", "Projekt;Personnr;Steg;Datum\nPROGRESS;{0};Handlingsplan;2021-03-02\nPROGRESS;{1};KASAM;2021-03-02\n"),
        ];
        ok(&world, &["land", &lists[0]]);
        ok(&world, &["land", &lists[1], &lists[2], &lists[3], &lists[4]]);
        ok(&world, &["release"]);
        list("news/progress-2021-04.csv", NEWS);
        let alias = told(&world, &["key", "alias"], &format!("{} {}\n", numbered(3), numbered(6)));
        assert_eq!(alias.code, 0, "{alias:?}");
        ok(&world, &["key", "rotate"]);
        let forgot = forget(&world, &numbered(4));
        assert_eq!(forgot.code, 0, "{forgot:?}");
        ok(&world, &["release"]);
        world
    });
    copied(first)
}

/// Such a store, with something new for the command to do.
fn ready(arguments: &[&str]) -> World {
    let world = rich();
    if arguments == ["release"] {
        ok(&world, &["land", "news/progress-2021-04.csv"]);
    }
    world
}

fn copied(from: &World) -> World {
    let world = World::empty();
    copy(from.folder.path(), world.folder.path());
    let target = std::fs::read_link(from.path("out/trial")).unwrap();
    std::os::unix::fs::symlink(target, world.path("out/trial")).unwrap();
    world
}

fn command(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = world.command(arguments);
    command.env("UTFALL_HOME", world.path("home")).current_dir(world.folder.path());
    command
}

fn run(world: &World, arguments: &[&str]) -> Said {
    crate::world::said(command(world, arguments).output().unwrap())
}

fn ok(world: &World, arguments: &[&str]) -> String {
    let said = run(world, arguments);
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    said.out
}

fn forget(world: &World, number: &str) -> Said {
    told(world, &["forget"], number)
}

/// What has landed, the budget, the register: what may not depend on what befell a process.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    rows: Vec<(String, Vec<String>)>,
    spent: String,
    register: String,
}

const TABLES: [&str; 5] = ["participation", "activity", "answer", "milestone", "rating"];
const STATES: [&str; 5] = ["current", "superseded", "withdrawn", "anonymous", "detached"];

impl Kept {
    fn of(world: &World) -> Self {
        let mut all = Vec::new();
        for (table, state) in TABLES.iter().flat_map(|table| STATES.map(|state| (*table, state))) {
            let columns: &[&str] = match table {
                "participation" => &["project", "start", "end", "sex", "contribution", "entry", "month", "began", "ended"],
                _ => &["project", "date", "contribution", "ordinal", "month", "began", "ended"],
            };
            all.push((format!("{table} {state}"), rows(world, table, state, columns)));
        }
        let ledger = ok(world, &["ledger"]);
        let spent = ledger.lines().find(|line| line.contains("spent: ")).unwrap().to_owned();
        let register = std::fs::read_to_string(world.path("home/schemas/register/project.csv")).unwrap();
        Self { rows: all, spent, register }
    }
}

/// What nobody needs: files of no version, files of processes that are no more.
fn left_over(world: &World) -> Vec<PathBuf> {
    let live: Vec<PathBuf> = TABLES.iter().flat_map(|table| live(&world.path("data/landed").join(table))).collect();
    let is_part = |path: &Path| path.starts_with(world.path("data/landed")) && path.extension().is_some_and(|x| x == "parquet");
    let is_aside = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".aside-"));
    let all = files(world.folder.path()).into_iter();
    all.filter(|path| is_aside(path) || (is_part(path) && !live.contains(path))).collect()
}

/// What readers see.
fn published(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let out = world.path("out");
    contents(&out.join("trial").canonicalize().unwrap())
        .into_iter()
        .map(|(path, bytes)| (path.file_name().unwrap().into(), bytes))
        .collect()
}
