//! What the past costs: `status`, `land` of a list and `release` on a store that has grown for years. Measures and prints, and is run by
//! name: `cargo test --release --test main -- --ignored growth --nocapture`.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use utfall::catalogue::schema::Catalogue;
use utfall::store::archive::Archive;
use utfall::store::file::StoredFile;
use utfall::store::ledger::{FileLedger, FileLog, FileWitness};
use utfall::store::{Change, Commit, Store};
use utfall_privacy::{Budget, Event, Head, Ledger, Log, LogError, PutError, ReleaseId, Request, Witness};

use crate::world::{RELEASE, World, home, said};

const QUERY: &str = "/*+++
title = { sv = \"Utfall\", en = \"Outcomes\" }
+++*/
SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IS NOT NULL GROUP BY exit_state";

/// A store on which lists have landed, and a home of one release.
struct Past {
    world: World,
    home: PathBuf,
    rounds: usize,
}

impl Past {
    fn new() -> Self {
        let world = World::landed("1000000");
        let home = home(&world, RELEASE, &[("outcomes", QUERY)]);
        let past = Self { world, home, rounds: 0 };
        past.seconds(&["release"]);
        past
    }

    fn seconds(&self, arguments: &[&str]) -> f64 {
        let begun = Instant::now();
        let said = said(self.world.command(arguments).env("UTFALL_HOME", &self.home).output().unwrap());
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        begun.elapsed().as_secs_f64()
    }

    fn store(&self) -> Store {
        Store::open(&self.world.path("data"), &self.world.path("keys")).unwrap()
    }

    fn ledger(&self) -> FileLedger {
        utfall::store::ledger::open(&self.world.path("data"), &self.world.path("keys")).unwrap()
    }

    /// A list of three hundred rows that nobody has sent yet.
    fn list(&mut self) -> String {
        self.rounds += 1;
        let all = std::fs::read_to_string(self.world.path("lists/progress-participation.csv")).unwrap();
        let mut lines: Vec<&str> = all.lines().take(301).collect();
        let (shift, last) = (self.rounds % (lines.len() - 1), lines.len());
        lines[1..last].rotate_left(shift);
        self.world.write("new/progress-participation.csv", lines.join("\n") + "\n")
    }

    /// What status, land and release take, each the best of three.
    fn measured(&mut self) -> [f64; 3] {
        let mut best = [f64::INFINITY; 3];
        for _ in 0..3 {
            let list = self.list();
            // New rows, so that there is something to draw.
            self.deliver(1, true);
            let status = self.seconds(&["status"]);
            let release = self.seconds(&["release"]);
            let land = self.seconds(&["land", "--part", &list]);
            best.iter_mut().zip([status, land, release]).for_each(|(best, time)| *best = best.min(time));
        }
        best
    }

    /// More deliveries, each of which replaces a file.
    fn deliver(&self, deliveries: u64, counts: bool) {
        let (store, catalogue) = (self.store(), Catalogue::read(&self.home.join("schemas")).unwrap());
        let table = catalogue.table("participation").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut pinned = runtime.block_on(store.pin(table)).unwrap().unwrap();
        for _ in 0..deliveries {
            let version = pinned.next();
            let old = pinned.stored.iter().filter(|file| file.project.is_some()).min_by_key(|file| file.size).unwrap().clone();
            let (folder, digest) = (old.path.rsplit_once("part-").unwrap().0, old.path.rsplit_once('-').unwrap().1);
            let new = StoredFile { path: format!("{folder}part-{version:032x}-{digest}"), ..old.clone() };
            std::fs::copy(pinned.folder.join(&old.path), pinned.folder.join(&new.path)).unwrap();
            let id = format!("{:064x}", version);
            let accepted = Some(format!("{{\"lists\":[{{\"id\":\"{id}\",\"open\":[[3,5]]}}],\"reports\":[]}}"));
            let marks = vec![(id, i64::try_from(version).unwrap())];
            let gone = pinned.folder.join(&old.path);
            let change = Change { added: vec![new], removed: vec![old], marks, accepted, counts, under: None };
            assert_eq!(runtime.block_on(store.commit(table, &mut pinned, change)).unwrap(), Commit::Done);
            std::fs::remove_file(gone).unwrap();
        }
    }

    /// More archived releases, which say the same under other ids.
    fn archive(&self, releases: usize) {
        let (mut ledger, archive) = (self.ledger(), Archive::new(&self.world.path("data")));
        let archived = |entry: &utfall_privacy::Entry| match entry.event() {
            Event::Archived { release, .. } => Some(*release),
            _ => None,
        };
        let first = ledger.entries().iter().find_map(archived).unwrap();
        let measurements = ledger.reserved(first).unwrap().to_vec();
        let text = String::from_utf8(archive.get(&first).unwrap().unwrap()).unwrap();
        let before = ledger.entries().len();
        for at in before..before + releases {
            let id = ReleaseId::of(format!("release {at}").as_bytes());
            let bytes = text.replace(&first.to_string(), &id.to_string()).into_bytes();
            drop(ledger.reserve(&Request::new(id, measurements.clone()).unwrap(), utfall_ground::clock::now()).unwrap());
            archive.put(&id, &bytes).unwrap();
            ledger.record_archived(id, &bytes, utfall_ground::clock::now()).unwrap();
        }
    }

    /// More events, put into files as an earlier version of this program did.
    fn spend(&self, events: usize) {
        let (data, keys) = (self.world.path("data"), self.world.path("keys"));
        let log = FileLog::new(&data);
        let known = log.read(0).unwrap();
        let memory = Memory(Mutex::new((known.clone(), Some(self.ledger().head()))));
        let mut ledger = Ledger::open(&memory, &memory).unwrap();
        for _ in 0..events {
            let at = ledger.entries().len();
            let limit = Budget::parse(&format!("{}", 1_000_000 + at), "1e-5").unwrap();
            let parts = (ledger.limit().keys_delta().clone(), ledger.limit().basic_delta().clone());
            let limit = limit.with_keys_delta(parts.0).unwrap().with_basic_delta(parts.1).unwrap();
            ledger.raise(&limit, "measured", utfall_ground::clock::now()).unwrap();
        }
        let head = ledger.head();
        let entries = memory.0.into_inner().unwrap().0;
        let (last, before) = entries.split_last().unwrap();
        for (at, bytes) in before.iter().enumerate().skip(known.len()) {
            std::fs::write(data.join(format!("ledger/{at:08}.entry")), bytes).unwrap();
        }
        log.put(u64::try_from(before.len()).unwrap(), last).unwrap();
        FileWitness::new(&keys).advance(&head).unwrap();
    }
}

/// A log and a witness in memory.
struct Memory(Mutex<(Vec<Vec<u8>>, Option<Head>)>);

impl Log for &Memory {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        Ok(self.0.lock().unwrap().0[usize::try_from(from).unwrap()..].to_vec())
    }

    fn put(&self, _: u64, bytes: &[u8]) -> Result<(), PutError> {
        self.0.lock().unwrap().0.push(bytes.to_vec());
        Ok(())
    }
}

impl Witness for &Memory {
    fn read(&self) -> Result<Option<Head>, LogError> {
        Ok(self.0.lock().unwrap().1)
    }

    fn advance(&self, head: &Head) -> Result<(), LogError> {
        self.0.lock().unwrap().1 = Some(*head);
        Ok(())
    }
}

/// Prints seconds by size, and with which power of the size each grows from the first to the last.
fn print(of: &str, sizes: &[usize], measured: &[[f64; 3]]) {
    println!("\n| {of} | status | land | release |\n|---|---|---|---|");
    for (size, row) in sizes.iter().zip(measured) {
        println!("| {size} | {} |", row.map(|time| format!("{time:.2}")).join(" | "));
    }
    let grown = (sizes[sizes.len() - 1] as f64 / sizes[0] as f64).ln();
    let (first, last) = (measured[0], measured[measured.len() - 1]);
    let power = |at: usize| format!("*{:.2}*", (last[at] / first[at]).ln() / grown);
    println!("| *power* | {} |\n", [0, 1, 2].map(power).join(" | "));
}

/// Grows a past from size to size.
fn growth(of: &str, sizes: &[usize], grow: impl Fn(&Past, usize)) {
    let most = std::env::var("UTFALL_GROWTH").map_or(usize::MAX, |most| most.parse().unwrap());
    let sizes: Vec<usize> = sizes.iter().copied().filter(|size| *size <= most).collect();
    let (mut past, mut measured, mut size) = (Past::new(), Vec::new(), 0);
    for next in &sizes {
        grow(&past, next - size);
        size = *next;
        measured.push(past.measured());
        println!("{of} {size}: {:?}", measured.last().unwrap());
    }
    print(of, &sizes, &measured);
}

#[test]
#[ignore = "measures"]
fn growth_with_the_events_of_the_ledger() {
    growth("ledger events", &[1_000, 10_000, 100_000], Past::spend);
}

#[test]
#[ignore = "measures"]
fn growth_with_deliveries() {
    growth("deliveries", &[100, 1_000, 10_000], |past, more| past.deliver(u64::try_from(more).unwrap(), false));
}

#[test]
#[ignore = "measures"]
fn growth_with_archived_releases() {
    growth("archived releases", &[10, 100, 1_000], Past::archive);
}
