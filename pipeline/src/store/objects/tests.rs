//! A bucket keeps what any place, any log and any lease must; on a real server over HTTP, each test in a process whose environment
//! describes it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bucket::{Bucket, Conditional};
use super::lease::Lease;
use super::{Access, WorkingCopy};
use crate::store::address::Address;
use crate::store::ledger::{FileLog, conformance};
use crate::store::place::{self, Folder, Place};
use utfall_ground::durable::{self, Put};
use utfall_ground::error::Error;

#[path = "../../../../tests/objects/server.rs"]
#[allow(dead_code, reason = "tests of the program use the rest")]
pub(crate) mod server;
use server::Server;

pub(crate) fn address(prefix: &str) -> Address {
    Address::of(Path::new(&format!("{}://bucket/{prefix}", Server::scheme()))).unwrap().unwrap()
}

fn open(prefix: &str, cache: &Path, access: Access) -> Result<WorkingCopy, Error> {
    WorkingCopy::open(&address(prefix), cache, access, |_| {})
}

/// Of a bucket alone, without a copy.
impl Place for Bucket {
    fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<Put, Error> {
        Ok(if matches!(self.create(name, bytes)?, Conditional::Put(_)) { Put::Done } else { Put::Exists })
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        loop {
            let put = match Bucket::read(self, name)? {
                Some((_, seen)) => self.update(name, bytes, &seen)?,
                None => self.create(name, bytes)?,
            };
            if matches!(put, Conditional::Put(_)) {
                return Ok(());
            }
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(Bucket::read(self, name)?.map(|(bytes, _)| bytes))
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.list()?.into_iter().map(|object| object.name).collect())
    }
}

#[test]
fn a_bucket_and_its_copy_keep_the_contracts_of_place_and_log() {
    Server::run("store::objects::tests::contracts_within");
}

#[test]
fn a_container_of_azure_and_a_bucket_of_ceph_keep_them_too() {
    for server in [Server::start_azure(), Server::start_ceph()].into_iter().flatten() {
        for test in ["contracts_within", "races_within", "lease_within"] {
            server.run_with(&format!("store::objects::tests::{test}"));
        }
    }
}

#[test]
fn contracts_within() {
    if !Server::is_there() {
        return;
    }
    let bucket = Bucket::open(&address("place")).unwrap();
    place::conformance::store(&bucket);
    bucket.probe().unwrap();
    assert_eq!(bucket.names().unwrap().len(), 4, "a probe leaves nothing");
    let cache = tempfile::tempdir().unwrap();
    let copy = open("copy", cache.path(), Access::Begin).unwrap();
    place::conformance::store(&Folder::new(copy.root().join("archive")));
    conformance::ledger_log(&FileLog::new(copy.root()));
    drop(copy);
    // Another machine reads the same; it fetches all once, and what it has already no more.
    let other = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let copy = open("copy", other.path(), Access::Read).unwrap();
        place_is_read(&Folder::new(copy.root().join("archive")));
        let put = durable::put_if_absent(&copy.root().join("store.toml"), b"1");
        assert_eq!(put.unwrap_err().code(), "objects-read-only");
    }
}

fn place_is_read(place: &Folder) {
    assert_eq!(place.names().unwrap(), ["a", "b", "c", "race"]);
    assert_eq!(place.read("a").unwrap().as_deref(), Some(&b"third"[..]));
}

#[test]
fn of_two_creations_at_once_one_wins_hundreds_of_times() {
    Server::run("store::objects::tests::races_within");
}

#[test]
fn races_within() {
    if !Server::is_there() {
        return;
    }
    let buckets = [0, 1].map(|_| Bucket::open(&address("race")).unwrap());
    for round in 0..200 {
        let name = format!("r{round}");
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for (i, bucket) in buckets.iter().enumerate() {
                let (name, won) = (&name, &won);
                scope.spawn(move || {
                    let put = bucket.create(name, format!("writer {i}").as_bytes()).unwrap();
                    won.fetch_add(usize::from(matches!(put, Conditional::Put(_))), Ordering::SeqCst);
                });
            }
        });
        assert_eq!(won.into_inner(), 1, "{round}");
    }
}

#[test]
fn one_holds_the_lease_and_who_lost_it_writes_no_more() {
    Server::run("store::objects::tests::lease_within");
}

#[test]
fn lease_within() {
    if !Server::is_there() {
        return;
    }
    let bucket = Arc::new(Bucket::open(&address("lease")).unwrap());
    let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for machine in 0..4 {
            let (bucket, working, most) = (&bucket, &working, &most);
            scope.spawn(move || {
                let lease = Lease::take(bucket, &format!("machine {machine}"), |_| {}).unwrap();
                most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(50));
                lease.check().unwrap();
                working.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    assert_eq!(most.into_inner(), 1);
    // One of the same holder is of a process that is no more: it is taken at once, and where that is not so, lost.
    let frozen = Lease::take(&bucket, "one", |_| {}).unwrap();
    let next = Lease::take(&bucket, "one", |_| panic!("nobody waits")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(9));
    assert_eq!(frozen.check().unwrap_err().code(), "lease-lost");
    next.check().unwrap();
    drop(frozen);
    next.check().unwrap();
}

#[test]
fn what_another_put_is_found_and_what_another_replaced_is_not_overwritten() {
    Server::run("store::objects::tests::others_within");
}

#[test]
fn others_within() {
    if !Server::is_there() {
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let copy = open("others", cache.path(), Access::Begin).unwrap();
    let path = |name: &str| copy.root().join(name);
    durable::replace(&path("clock.toml"), b"mine").unwrap();
    // A landed file beyond what one request may carry goes and comes in parts.
    let large: Vec<u8> = (0..20 << 20).map(|at: u32| at.to_le_bytes()[usize::try_from(at % 3).unwrap()]).collect();
    let part = path("landed/large/current/6/part-1.parquet");
    std::fs::create_dir_all(durable::folder(&part)).unwrap();
    std::fs::write(&part, &large).unwrap();
    durable::sync_all(&path("landed/large"), std::slice::from_ref(&part)).unwrap();
    let other = tempfile::tempdir().unwrap();
    let there = open("others", other.path(), Access::Read).unwrap();
    assert!(std::fs::read(there.root().join("landed/large/current/6/part-1.parquet")).unwrap() == large);
    drop(there);
    durable::put_if_absent(&path("pending.toml"), b"work").unwrap();
    let read = |name: &str| std::fs::read(path(name)).ok();
    // Another machine whose lease this one does not know of: a frozen one that woke.
    server::put_within("others/clock.toml", b"theirs");
    server::put_within("others/ledger/00000001.entry", b"theirs");
    server::put_within("others/ledger/00000002.entry", b"theirs");
    assert_eq!(durable::replace(&path("clock.toml"), b"again").unwrap_err().code(), "changed-elsewhere");
    assert_eq!(read("clock.toml").as_deref(), Some(&b"mine"[..]), "nothing changed here either");
    assert_eq!(durable::put_if_absent(&path("ledger/00000001.entry"), b"mine").unwrap(), Put::Exists);
    assert_eq!(read("ledger/00000002.entry").as_deref(), Some(&b"theirs"[..]), "all that is there is here");
    assert_eq!(read("clock.toml").as_deref(), Some(&b"theirs"[..]));
    // The note of a work is removed only as it was read, and may be written anew.
    durable::remove(&path("pending.toml")).unwrap();
    assert_eq!(durable::put_if_absent(&path("pending.toml"), b"next").unwrap(), Put::Done);
    server::put_within("others/pending.toml", b"theirs");
    assert_eq!(durable::remove(&path("pending.toml")).unwrap_err().code(), "changed-elsewhere");
    drop(copy);
    let copy = open("others", cache.path(), Access::Write).unwrap();
    assert_eq!(std::fs::read(copy.root().join("pending.toml")).unwrap(), b"theirs");
    durable::remove(&copy.root().join("pending.toml")).unwrap();
    drop(copy);
    // What lies in the copy and not in the bucket goes, but for what is this machine's own.
    let place = WorkingCopy::place(&address("others"), cache.path());
    std::fs::write(place.join("archive/a.release"), b"left").unwrap();
    std::fs::write(place.join("landed.lock"), b"").unwrap();
    let copy = open("others", cache.path(), Access::Write).unwrap();
    let there = |name: &str| copy.root().join(name).exists();
    assert!(!there("archive/a.release") && !there("pending.toml") && there("landed.lock") && there("clock.toml"));
}

/// Moves a data directory into the bucket, as an operator does: by its files. Gives the folder in which the copy will lie as `data`, beside
/// the keys.
pub(crate) fn moved(from: &Path, prefix: &str, cache: &Path) -> std::path::PathBuf {
    let data = from.join("data");
    for file in super::copy::files(&data).unwrap() {
        let name = file.strip_prefix(&data).unwrap().to_str().unwrap();
        if !super::index::is_local(name) {
            server::put_within(&format!("{prefix}/{name}"), &std::fs::read(&file).unwrap());
        }
    }
    let root = durable::folder(&WorkingCopy::place(&address(prefix), cache)).to_path_buf();
    std::fs::create_dir_all(root.join("keys")).unwrap();
    for file in super::copy::files(&from.join("keys")).unwrap() {
        std::fs::copy(&file, root.join("keys").join(file.file_name().unwrap())).unwrap();
    }
    root
}

/// Runs a test of this program until it is killed at a step, with its data in a bucket.
pub(crate) fn killed(test: &str, (prefix, cache): (&str, &Path), step: &str, work: &str) {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args([test, "--exact"]).env(PREFIX, prefix).env(CACHE, cache).env(WORK, work).env("UTFALL_TEST_CRASH", step);
    let done = child.output().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&done.status), Some(9), "{work} {step}: {done:?}");
}

const PREFIX: &str = "UTFALL_TEST_OBJECTS_PREFIX";
const CACHE: &str = "UTFALL_TEST_OBJECTS_CACHE";
const WORK: &str = "UTFALL_TEST_OBJECTS_WORK";

/// The copy in which such a test works, the folder above it, and what it does; nothing in another process.
pub(crate) fn begun() -> Option<(WorkingCopy, std::path::PathBuf, String)> {
    let (prefix, cache) = (std::env::var(PREFIX).ok()?, std::env::var_os(CACHE)?);
    let copy = open(&prefix, Path::new(&cache), Access::Write).unwrap();
    let root = durable::folder(copy.root()).to_path_buf();
    Some((copy, root, std::env::var(WORK).unwrap()))
}

/// The copy of a bucket for whoever comes after.
pub(crate) fn next(prefix: &str, cache: &Path) -> (WorkingCopy, std::path::PathBuf) {
    let copy = open(prefix, cache, Access::Write).unwrap();
    let root = durable::folder(copy.root()).to_path_buf();
    (copy, root)
}
