//! The program with its data in a bucket: alone, on two machines, killed, lied to and left alone by the server.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::server::Server;
use crate::cases::{filled, live, numbered};
use crate::corrections::rows;
use crate::robust::Chance;
use crate::world::{RELEASE, Said, World, copy, files, home, said};

const QUERY: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";
const TABLES: [&str; 6] = ["participation", "activity", "answer", "milestone", "plan_review", "rating"];

/// A machine that works in the bucket: its own keys, copy and pages. `data` leads to the copy.
struct Machine<'s> {
    server: &'s Server,
    world: World,
}

impl<'s> Machine<'s> {
    fn new(server: &'s Server) -> Self {
        Self { server, world: World::empty() }
    }

    /// One on which a data directory was begun.
    fn begun(server: &'s Server, epsilon: &str) -> Self {
        let machine = Self::new(server);
        machine.ok(&["init", "--epsilon", epsilon, "--delta", "1e-5"]);
        machine
    }

    /// Another with the keys of this one.
    fn another(&self) -> Self {
        let other = Self::new(self.server);
        copy(&self.world.path("keys"), &other.world.path("keys"));
        other
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command(arguments);
        command
            .envs(self.server.environment())
            .env("UTFALL_DATA", "s3://bucket/data")
            .env("UTFALL_CACHE", self.world.path("cache"));
        if self.world.path("home").exists() {
            command.env("UTFALL_HOME", self.world.path("home"));
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.told(arguments, "")
    }

    /// Runs with something on standard input.
    fn told(&self, arguments: &[&str], input: &str) -> Said {
        let said = said(self.start(arguments, input).wait_with_output().unwrap());
        assert!(!format!("{said:?}").contains("not-to-be-told"), "{said:?}");
        if let Some(folder) = self.copy() {
            let _ = std::os::unix::fs::symlink(folder, self.world.path("data"));
        }
        said
    }

    fn start(&self, arguments: &[&str], input: &str) -> Child {
        use std::io::Write as _;
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    }

    fn copy(&self) -> Option<PathBuf> {
        let folder = std::fs::read_dir(self.world.path("cache")).ok()?.next()?.unwrap().path();
        Some(folder.join("data"))
    }

    fn list(&self, name: &str, rows: &str) -> String {
        self.world.write(name, filled(format!("Projekt;Personnr;Startdatum;Slutdatum;Kön\n{rows}").as_bytes()))
    }

    /// What has landed, as this machine sees it now.
    fn landed(&self) -> Vec<(String, Vec<String>)> {
        self.ok(&["status"]);
        landed(&self.world)
    }

    /// The landed files of the bucket that no table has.
    fn strays(&self) -> Vec<String> {
        self.ok(&["status"]);
        let data = self.world.path("data");
        let has: Vec<PathBuf> = TABLES.iter().flat_map(|table| live(&data.join("landed").join(table))).collect();
        let parts = self.server.names().into_iter().filter(|name| name.ends_with(".parquet"));
        parts.filter(|name| !has.contains(&data.join(name.strip_prefix("data/").unwrap()))).collect()
    }
}

fn landed(world: &World) -> Vec<(String, Vec<String>)> {
    let columns = |table: &str| match table {
        "participation" => vec!["project", "start", "end", "sex", "contribution", "entry", "month"],
        _ => vec!["project", "contribution", "ordinal", "month"],
    };
    let states = ["current", "superseded", "withdrawn", "anonymous", "detached"];
    let all = TABLES.iter().flat_map(|table| states.map(|state| (table, state)));
    all.map(|(table, state)| (format!("{table} {state}"), rows(world, table, state, &columns(table)))).collect()
}

fn lists(world: &World) -> Vec<String> {
    world.ok(&["demo", world.text("lists").as_str()]);
    world.lists()
}

#[test]
fn objects_of_a_bucket_are_those_of_a_folder_whichever_machine_works() {
    Server::each().for_each(|server| whichever_machine(&server));
}

fn whichever_machine(server: &Server) {
    let (folder, one) = (World::landed("20"), Machine::begun(server, "20"));
    let lists = lists(&one.world);
    let land: Vec<&str> = ["land"].into_iter().chain(lists.iter().map(String::as_str)).collect();
    let mut counted = Vec::new();
    let mut count = |what: &'static str, run: &mut dyn FnMut() -> Said| {
        let before = server.requests().len();
        let said = run();
        assert_eq!(said.code, 0, "{what}: {said:?}");
        counted.push((what, server.requests().len() - before));
        said
    };
    count("land 15 lists", &mut || one.run(&land));
    assert_eq!(one.landed(), landed(&folder));
    count("land them again", &mut || one.run(&land));
    count("release", &mut || one.run(&["release", "outcomes"]));
    folder.ok(&["release", "outcomes"]);
    let published = |world: &World| {
        let rows = |file: PathBuf| {
            (file.clone(), std::fs::read_to_string(world.path("out/outcomes").join(file)).unwrap().lines().count())
        };
        let root = world.path("out/outcomes").canonicalize().unwrap();
        let all = files(&root).into_iter().filter(|file| file.extension().is_some_and(|x| x == "csv"));
        all.map(|file| rows(file.strip_prefix(&root).unwrap().into())).collect::<Vec<_>>()
    };
    assert!(published(&one.world) == published(&folder) && !published(&folder).is_empty(), "the same tables with the same cells");
    count("release again, free", &mut || one.run(&["release", "outcomes"]));
    count("publish", &mut || one.run(&["publish", "outcomes"]));
    count("ledger", &mut || one.run(&["ledger"]));
    let status = count("status", &mut || one.run(&["status"]));
    assert!(status.out.contains("data directory: s3://bucket/data\n"), "{status:?}");
    count("verify", &mut || one.run(&["verify", "outcomes"]));
    one.ok(&["check", "outcomes"]);
    one.ok(&["plan", "outcomes"]);
    // Another machine begins from what the first did: its list lands on that, and what it publishes is from the same archive.
    let two = one.another();
    count("the first status of another machine", &mut || two.run(&["status"]));
    let news = two.list("news-progress-2024-01.csv", "PROGRESS;{7};2022-02-01;2022-02-05;Man\n");
    let news_here = folder.write("news-progress-2024-01.csv", std::fs::read(&news).unwrap());
    count("land one list", &mut || two.run(&["land", &news]));
    folder.ok(&["land", &news_here]);
    assert!(two.landed() == landed(&folder) && one.landed() == landed(&folder));
    two.ok(&["publish", "outcomes"]);
    let pages = |world: &World| {
        std::fs::read(
            files(&world.path("out/outcomes").canonicalize().unwrap())
                .into_iter()
                .find(|f| f.extension().is_some_and(|x| x == "csv"))
                .unwrap(),
        )
        .unwrap()
    };
    assert_eq!(pages(&two.world), pages(&one.world));
    // Whom one machine erases is gone from the bucket when it says so.
    let number = numbered(7);
    let before = server.names();
    count("forget one person", &mut || one.told(&["forget"], &number));
    assert_eq!(crate::upkeep::told(&folder, &["forget"], &number).code, 0);
    assert!(before.iter().any(|name| name.ends_with(".parquet") && !server.names().contains(name)));
    assert_eq!((one.strays(), two.landed()), (Vec::new(), landed(&folder)));
    count("rotate the key", &mut || one.run(&["key", "rotate"]));
    let refused = two.run(&["land", &news]);
    assert!(refused.code == 5 && refused.err.contains("key"), "the old key: {refused:?}");
    assert_eq!(one.landed(), landed(&folder));
    // The bucket holds what a folder would, and who works there; nowhere lie credentials.
    let data = one.world.path("data");
    let strange = |name: &String| name != "data/lease" && !data.join(name.strip_prefix("data/").unwrap()).is_file();
    let strange: Vec<String> = server.names().into_iter().filter(strange).filter(|name| !server.get(name).is_empty()).collect();
    assert_eq!(strange, Vec::<String>::new());
    for file in files(&one.world.path("cache")) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(14).any(|window| window == b"not-to-be-told"), "{}", file.display());
    }
    let known = counted.iter().filter(|(_, requests)| *requests > 0);
    known.for_each(|(what, requests)| println!("objects: {what}: {requests} requests"));
}

#[test]
fn objects_of_the_last_budget_go_to_exactly_one_machine() {
    Server::each().for_each(|server| last_budget(&server));
}

fn last_budget(server: &Server) {
    let one = Machine::begun(server, "1");
    one.ok(&["land", &one.list("a-2021-03.csv", "PROGRESS;{0};2021-03-01;2021-03-05;Man\n")]);
    for round in 0..4 {
        let two = one.another();
        for machine in [&one, &two] {
            let home = home(&machine.world, RELEASE, &[("one", QUERY)]);
            let of = if std::ptr::eq(machine, &one) { "this" } else { "that" };
            std::fs::rename(home.join("queries/trial"), home.join(format!("queries/{of}{round}"))).unwrap();
        }
        let (this, that) = (format!("this{round}"), format!("that{round}"));
        let children = [one.start(&["release", &this], ""), two.start(&["release", &that], "")];
        let ended = children.map(|child| said(child.wait_with_output().unwrap()));
        let mut codes = [ended[0].code, ended[1].code];
        codes.sort_unstable();
        assert_eq!(codes, [0, 4], "{round}: {ended:?}");
        let loser = ended.iter().find(|said| said.code == 4).unwrap();
        assert!(loser.out.is_empty() && loser.err.contains("epsilon"), "{loser:?}");
        let archived = server.names().iter().filter(|name| name.starts_with("data/archive/")).count();
        assert_eq!(archived, round + 1);
        // Both agree on what was spent, and there is the budget of one more.
        let epsilon = (round + 2).to_string();
        one.ok(&[
            "ledger",
            "raise",
            "--epsilon",
            &epsilon,
            "--delta",
            &format!("{}e-5", round + 2),
            "--reason",
            "the next round",
        ]);
        assert!(two.ok(&["ledger"]).contains(&format!("spent: epsilon {}\n", round + 1)));
    }
}

#[test]
fn objects_that_two_machines_land_at_once_are_all_there_and_numbered_once() {
    Server::each().for_each(|server| landed_at_once(&server));
}

fn landed_at_once(server: &Server) {
    let one = Machine::begun(server, "10");
    let two = one.another();
    for round in 0..3 {
        let list = |machine: &Machine, name: &str, day: u32| {
            machine.list(
                &format!("{name}{round}.csv"),
                &format!("PROGRESS;{{0}};2021-0{0}-{day}1;2021-0{0}-{day}4;Man\n", round + 3),
            )
        };
        let children = [one.start(&["land", &list(&one, "a", 1)], ""), two.start(&["land", &list(&two, "b", 2)], "")];
        for child in children {
            let said = said(child.wait_with_output().unwrap());
            assert_eq!(said.code, 0, "{said:?}");
        }
    }
    one.ok(&["status"]);
    let numbers = rows(&one.world, "participation", "current", &["contribution"]);
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6"], "one person, six participations");
    assert_eq!((one.strays(), two.landed()), (Vec::new(), one.landed()));
}

#[test]
fn objects_that_are_missing_cut_or_others_are_errors_and_no_zeros() {
    let Some(server) = Server::start() else { return };
    let one = Machine::begun(&server, "10");
    home(&one.world, RELEASE, &[("one", QUERY)]);
    one.ok(&["land", &one.list("a-2021-03.csv", "PROGRESS;{0};2021-03-01;2021-03-05;Man\nPROGRESS;{1};2021-03-01;;Man\n")]);
    one.ok(&["release", "trial"]);
    let find = |end: &str| server.names().into_iter().find(|name| name.ends_with(end)).unwrap();
    for name in [
        find(".parquet"),
        find("0000000001.json"),
        "data/ledger/00000001.entry".to_owned(),
        "data/store.toml".to_owned(),
        find(".release"),
    ] {
        let sound = server.get(&name);
        let mut changed = sound.clone();
        changed[sound.len() / 2] ^= 1;
        for (what, damage) in [("missing", None), ("cut", Some(&sound[..sound.len() / 2])), ("changed", Some(&changed[..]))] {
            match damage {
                Some(bytes) => server.put(&name, bytes),
                None => server.delete(&name),
            }
            for machine in [&one, &one.another()] {
                home(&machine.world, RELEASE, &[("one", QUERY)]);
                let said = machine.run(&["publish", "trial"]);
                let landed = machine.run(&["land", &machine.list("b-2021-04.csv", "PROGRESS;{0};2021-04-01;2021-04-05;Man\n")]);
                let is_told = said.code == 5 || landed.code == 5;
                assert!(is_told && (said.code == 5 || name.contains("/landed/")), "{name} {what}: {said:?} {landed:?}");
                if landed.code == 0 {
                    assert!(name.contains("/archive/"), "{name} {what}: {landed:?}");
                }
            }
            server.put(&name, &sound);
        }
    }
    let said = one.run(&["publish", "trial"]);
    assert_eq!(said.code, 0, "whole again: {said:?}");
}

#[test]
fn objects_of_a_server_that_denies_or_is_away_are_left_as_they_were() {
    let Some(server) = Server::start() else { return };
    let one = Machine::begun(&server, "10");
    let list = one.list("a.csv", "PROGRESS;{0};2021-03-01;2021-03-05;Man\n");
    one.ok(&["land", &list]);
    let before = server.names();
    let with = |name: &str, value: &str, arguments: &[&str]| {
        let said = said(one.command(arguments).env(name, value).output().unwrap());
        assert!(said.code != 0 && !said.err.contains("not-to-be-told"), "{said:?}");
        said
    };
    for command in [&["land", list.as_str()][..], &["status"], &["release"]] {
        let denied = with("AWS_ACCESS_KEY_ID", "somebody", command);
        assert!(denied.code == 5 && denied.err.contains("denies access"), "{denied:?}");
        let away = with("AWS_ENDPOINT", "http://127.0.0.1:1", command);
        assert!(away.code == 5 && away.err.contains("is not reached"), "{away:?}");
        let missing = with("UTFALL_DATA", "s3://another/data", command);
        assert!(missing.code == 5 && missing.err.contains("is not there"), "{missing:?}");
    }
    let plain = with("AWS_ENDPOINT", "http://192.0.2.1:9000", &["status"]);
    assert!(plain.code == 2 && plain.err.contains("https://"), "{plain:?}");
    assert_eq!(server.names(), before);
    one.ok(&["land", &one.list("b.csv", "PROGRESS;{0};2021-04-01;2021-04-05;Man\n")]);
}

#[test]
fn objects_whose_answer_was_lost_are_put_once() {
    let Some(server) = Server::start() else { return };
    let one = Machine::new(&server);
    for name in ["data/lease", "data/ledger/00000000.entry", "data/store.toml"] {
        server.lose(name);
        if name != "data/lease" {
            continue;
        }
        one.ok(&["init", "--epsilon", "10", "--delta", "1e-5"]);
    }
    home(&one.world, RELEASE, &[("one", QUERY)]);
    for (round, lost) in ["_delta_log/00000000000000000001.json", "_delta_log/00000000000000000002.json"].into_iter().enumerate()
    {
        server.lose(lost);
        let said = one.run(&[
            "land",
            &one.list(&format!("{round}.csv"), &format!("PROGRESS;{{0}};2021-0{0}-01;2021-0{0}-04;Man\n", round + 3)),
        ]);
        assert!(said.code == 0 && !said.out.contains("0 rows"), "{said:?}");
    }
    assert_eq!(rows(&one.world, "participation", "current", &["contribution"]), ["1", "2"]);
    for lost in ["ledger/00000001.entry", "ledger/00000002.entry"] {
        server.lose(lost);
    }
    one.ok(&["release", "trial"]);
    let ledger: serde_json::Value = serde_json::from_str(&one.ok(&["ledger", "--json"])).unwrap();
    let events: Vec<_> = ledger["entries"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["open", "reserve", "archived"]);
}

#[test]
fn objects_of_a_killed_process_are_right_after_the_next_run() {
    Server::each().for_each(|server| killed(&server));
}

fn killed(server: &Server) {
    let mut chance = Chance(5);
    let one = Machine::begun(server, "20");
    home(&one.world, RELEASE, &[("one", QUERY)]);
    let mut killed = 0;
    for round in 0..8_usize {
        let list = one
            .list(&format!("{round}.csv"), &format!("PROGRESS;{{{round}}};2021-03-01;;Man\nASAP;{{{round}}};2016-03-01;;Man\n"));
        let number = numbered(round);
        let deeds: [(&[&str], &str); 3] = [(&["land", &list], ""), (&["release", "trial"], ""), (&["forget"], &number)];
        for (arguments, input) in deeds {
            let mut child = one.start(arguments, input);
            std::thread::sleep(Duration::from_millis(40 + chance.below(500) as u64));
            let _ = child.kill();
            killed += usize::from(!child.wait().unwrap().success());
            let said = one.told(arguments, input);
            assert_eq!(said.code, 0, "{round} {arguments:?}: {said:?}");
        }
        assert_eq!(rows(&one.world, "participation", "current", &["contribution"]), Vec::<String>::new(), "{round}");
    }
    println!("objects: killed {killed} of 24");
    // Files of commits that never came lie for a day, and are gone when an erasure says that it is done.
    assert_eq!(one.strays(), Vec::<String>::new());
    // What a machine held that is no more is another's when its lease is over.
    let mut child = one.start(&["release", "trial"], "");
    std::thread::sleep(Duration::from_millis(300));
    let _ = child.kill();
    let _ = child.wait();
    let (two, begun) = (one.another(), Instant::now());
    let list = two.list("last.csv", "PROGRESS;{20};2021-03-01;;Man\n");
    let said = two.run(&["land", &list]);
    assert_eq!(said.code, 0, "{said:?}");
    println!("objects: another machine waited {} s", begun.elapsed().as_secs());
    assert_eq!(rows(&two.world, "participation", "current", &["contribution"]), ["1"]);
}

#[test]
fn objects_of_a_store_that_passes_over_conditions_are_never_begun() {
    let Some(server) = Server::start() else { return };
    server.pass_over_conditions();
    let machine = Machine::new(&server);
    for (lang, words) in [("en", "does not keep what is needed"), ("sv", "håller inte det som krävs")] {
        let refused = machine.run(&["init", "--epsilon", "1", "--delta", "1e-5", "--lang", lang]);
        assert!(refused.code == 5 && refused.err.contains("store-unfit") && refused.err.contains(words), "{refused:?}");
    }
    assert!(server.names().is_empty() && !machine.world.path("keys").exists());
}
