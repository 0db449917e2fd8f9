//! `make cluster`: the same queries on this machine and on two workers, processes of their own on loopback under mutual TLS; whether
//! they answer the same, and in what time.

use std::time::Instant;

use super::{answer, certificates};
use crate::engine::cluster::Cluster;
use crate::engine::cluster::trial::{Process, Proxy, runtime, settings};
use crate::engine::connect;
use crate::land::tests::bench::{Landed, landed};
use crate::store::Store;

const QUERIES: [(&str, &str); 5] = [
    ("count by two codes", "SELECT sex, exit_state, count(*) AS n FROM participation GROUP BY sex, exit_state"),
    (
        "count by region, joined with the register",
        "SELECT p.region, f.exit_state, count(*) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region, f.exit_state",
    ),
    (
        "count, sum and mean by three keys",
        "SELECT project, sex, exit_state, count(*) AS n, sum(age) AS s, avg(age) AS m FROM participation GROUP BY project, sex, exit_state",
    ),
    (
        "people by region",
        "SELECT p.region, count(DISTINCT f.participant) AS n FROM participation f JOIN project p USING (project) GROUP BY p.region",
    ),
    (
        "where people were last",
        "SELECT project, count(*) AS n FROM (SELECT participant, last_value(project ORDER BY start, contribution) AS project FROM participation GROUP BY participant) AS p GROUP BY project",
    ),
];

#[test]
#[ignore = "worth something only in an optimised build: make cluster"]
fn two_workers_on_loopback() {
    let number = |name: &str, or: usize| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let (rows, rounds) = (number("UTFALL_CLUSTER_ROWS", 1_000_000), number("UTFALL_CLUSTER_ROUNDS", 5));
    let folder = tempfile::tempdir().unwrap();
    let Landed { world, catalogue, .. } = landed(folder.path(), rows, 0);
    let [one, two, own] = certificates(&folder.path().join("tls"));
    let workers = [one, two].map(|tls| Process::secured(&world.join("data"), &tls));
    runtime().block_on(async {
        let store = Store::open(&world.join("data"), &world.join("keys")).unwrap();
        let files = store.pin(catalogue.table("participation").unwrap()).await.unwrap().unwrap().files;
        let files = [("participation".to_owned(), files)].into();
        let here = connect(&catalogue).unwrap();
        let ears = workers.each_ref().map(|worker| Proxy::listening(worker.address));
        let on = |ports: [u16; 2]| {
            let cluster = Cluster::new(&settings("https", &ports, Some(own.clone()))).unwrap();
            connect(&catalogue).unwrap().on(cluster)
        };
        let (there, overheard) = (on(workers.each_ref().map(|w| w.address.port())), on(ears.each_ref().map(|ear| ear.port)));
        println!("| {rows} landed rows; milliseconds, median of {rounds} | this machine | two workers | kB sent | equal |");
        println!("|---|---|---|---|---|");
        for (name, sql) in QUERIES {
            let (mut times, mut answers) = ([Vec::new(), Vec::new()], Vec::new());
            for _ in 0..rounds {
                for (engine, times) in [&here, &there].into_iter().zip(&mut times) {
                    let begun = Instant::now();
                    answers.push(answer(engine, &catalogue, &files, sql).await.unwrap());
                    times.push(begun.elapsed().as_millis());
                }
            }
            let bytes = || ears.iter().map(Proxy::bytes).sum::<usize>();
            let before = bytes();
            answers.push(answer(&overheard, &catalogue, &files, sql).await.unwrap());
            let sent = (bytes() - before) / 1000;
            let [here, there] = times.map(|mut times| {
                times.sort_unstable();
                times[times.len() / 2]
            });
            let equal = answers.iter().all(|answer| answer == &answers[0]);
            println!("| {name} | {here} | {there} | {sent} | {} |", if equal { "yes" } else { "NO" });
            assert!(equal, "{name}: {answers:?}");
        }
    });
}
