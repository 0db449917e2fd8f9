//! Queries on the workers of a cluster: the same answers as on this machine, nothing in plain text, and one clear error for
//! whatever goes wrong on the way. The workers are of this process; `tests/cluster.rs` kills and freezes others.

mod demonstration;
#[cfg(feature = "object-store")]
mod in_bucket;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_distributed::{DistributedExec, DistributedLeafExec, NetworkBoundaryExt as _};
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use tokio::net::TcpListener;
use url::Url;

use super::database::{Database, bounds, catalogue, planned, query, repository, scans};
use super::{conformance, dense};
use crate::catalogue::schema::Catalogue;
use crate::engine::cluster::trial;
use crate::engine::cluster::trial::{Fate, Process, Proxy, become_worker, freeze, kill, runtime, settings};
use crate::engine::cluster::worker::{Files, Serving};
use crate::engine::cluster::{Cluster, Settings, Tls};
use crate::engine::{Answer, Engine, LandedFiles, connect};
use crate::store::file::ENDED;
use utfall_ground::error::Error;
use utfall_ground::text::Lang;

const BY_SEX: &str = "SELECT sex, count(*) FROM participation GROUP BY sex";

/// A worker of this process that reads wherever tests write.
async fn worker(tls: Option<Tls>, build: Option<&str>) -> std::net::SocketAddr {
    trial::worker(&std::env::temp_dir(), tls, build).await
}

/// The process of a worker, in tests that stop it. Alone it does nothing.
#[test]
fn a_process_becomes_a_worker() {
    become_worker();
}

/// An engine on the workers at these ports.
fn on(catalogue: &Catalogue, ports: &[u16]) -> Engine {
    connect(catalogue).unwrap().on(Cluster::new(&settings("http", ports, None)).unwrap())
}

/// The fixture, each table in three files.
fn thirds(catalogue: &Catalogue, folder: &Path) -> BTreeMap<String, LandedFiles> {
    conformance::split(&Database::fixture(catalogue), catalogue, folder, 3, None)
}

async fn checked(engine: &Engine, catalogue: &Catalogue, sql: &str) -> Answer {
    engine.check(&query("case", sql), catalogue, &bounds()).await.unwrap()
}

/// The answer on an engine, or what is told and what is logged.
async fn answer(
    engine: &Engine,
    catalogue: &Catalogue,
    files: &BTreeMap<String, LandedFiles>,
    sql: &str,
) -> Result<Vec<Vec<i64>>, (String, String)> {
    let certified = checked(engine, catalogue, sql).await.certified;
    let landed = scans(catalogue, files, None);
    let bound = certified.bound(|name: &str| landed.get(name).cloned(), catalogue).unwrap();
    let found = match bound.physical(engine.planner(), catalogue).await {
        Ok(physical) => engine.vectors(&physical, catalogue).await,
        Err(error) => Err(crate::engine::failed(&error)),
    };
    found.map_err(|error| match &error {
        Error::Engine(failure) => (error.shown(Lang::En), failure.detail().to_owned()),
        other => panic!("{other}"),
    })
}

/// Certificates of one authority: of a worker, of another, and of the controller.
fn certificates(folder: &Path) -> [Tls; 3] {
    let made = Command::new(repository().join("tests/cluster/certificates.sh"))
        .arg(folder)
        .args(["one=127.0.0.1", "two=127.0.0.1", "controller=127.0.0.1"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    ["one", "two", "controller"].map(|name| Tls {
        ca: folder.join("ca.pem"),
        certificate: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    })
}

#[test]
fn two_workers_conform() {
    let catalogue = catalogue();
    runtime().block_on(async {
        let ports = [worker(None, None).await.port(), worker(None, None).await.port()];
        let land: conformance::Land<'_> = &|catalogue, files| scans(catalogue, files, None);
        conformance::engine(&on(&catalogue, &ports), &catalogue, land).await.unwrap();
    });
}

/// What the leaves of a split plan are, and how many tasks read files.
fn leaves(plan: &Arc<dyn ExecutionPlan>) -> (Vec<String>, usize) {
    let (mut names, mut tasks) = (Vec::new(), 0);
    plan.apply(|node| {
        assert!(node.as_network_boundary().is_none_or(|boundary| boundary.input_stage().local_plan().is_some()));
        if node.children().is_empty() {
            names.push(node.name().to_owned());
            tasks = tasks.max(node.downcast_ref::<DistributedLeafExec>().map_or(0, |leaf| leaf.variants().len()));
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    (names, tasks)
}

#[test]
fn every_query_of_the_library_is_split_and_answered_as_here() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let here = connect(&catalogue).unwrap();
        let ports = [worker(None, None).await.port(), worker(None, None).await.port()];
        let there = on(&catalogue, &ports);
        let queries = dense::certified(&here, &catalogue).await;
        // A participation may lie before, in or after the period, or have no day yet.
        let ended = |person: &str, number: i32| (number != 2).then(|| 13_000 + number * 900 + i32::from(person.as_bytes()[1]));
        for seed in 0..1 {
            let database = Database::random(&catalogue, &mut ChaCha20Rng::seed_from_u64(seed));
            let folder = folder.path().join(seed.to_string());
            let files = conformance::split(&database, &catalogue, &folder, 3, Some((ENDED, &ended)));
            for (name, certified) in &queries {
                let landed = scans(&catalogue, &files, certified.day());
                let bound = || certified.clone().bound(|name: &str| landed.get(name).cloned(), &catalogue).unwrap();
                let [mine, theirs] = [&here, &there].map(|engine| async {
                    let physical = bound().physical(engine.planner(), &catalogue).await.unwrap();
                    let vectors = engine.vectors(&physical, &catalogue).await;
                    (physical, vectors.unwrap_or_else(|error| panic!("{name}: {}", error.shown(Lang::En))))
                });
                let ((_, mine), (split, theirs)) = (mine.await, theirs.await);
                let (leaves, tasks) = leaves(split.plan());
                assert!(split.plan().is::<DistributedExec>() && tasks == 2, "{name}: {leaves:?}");
                assert_eq!(mine, theirs, "{name}, seed {seed}");
            }
        }
    });
}

#[test]
fn a_split_plan_without_its_bound_does_not_stand() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    runtime().block_on(async {
        let ports = [worker(None, None).await.port(), worker(None, None).await.port()];
        let engine = on(&catalogue, &ports);
        let checked = checked(&engine, &catalogue, BY_SEX).await;
        let plan = Arc::clone(planned(&engine, &catalogue, &checked, &scans(&catalogue, &files, None)).await.plan());
        let scans = &checked.certified.accepted().scans;
        assert!(crate::certify::stands(&plan, scans, &catalogue));
        // A worker that reads what another reads too: each row twice.
        let twice = edited(&plan, |leaf| {
            let part = leaf.variants()[0].clone();
            DistributedLeafExec::try_new(leaf.original().clone(), vec![part; leaf.variants().len()]).unwrap()
        });
        assert!(!crate::certify::stands(&twice, scans, &catalogue));
        // Parts for fewer tasks than run.
        let fewer =
            edited(&plan, |leaf| DistributedLeafExec::try_new(leaf.original().clone(), leaf.variants()[..1].to_vec()).unwrap());
        assert!(!crate::certify::stands(&fewer, scans, &catalogue));
    });
}

/// A plan with another leaf.
fn edited(plan: &Arc<dyn ExecutionPlan>, edit: impl Fn(&DistributedLeafExec) -> DistributedLeafExec) -> Arc<dyn ExecutionPlan> {
    use datafusion::common::tree_node::Transformed;
    let edited = Arc::clone(plan).transform_up(|node| match node.downcast_ref::<DistributedLeafExec>() {
        Some(leaf) => Ok(Transformed::yes(Arc::new(edit(leaf)) as Arc<dyn ExecutionPlan>)),
        None => Ok(Transformed::no(node)),
    });
    edited.unwrap().data
}

/// Two workers, each behind an ear, and the answer of a query by people on them.
async fn overheard(catalogue: &Catalogue, files: &BTreeMap<String, LandedFiles>, tls: Option<[Tls; 3]>) -> [Proxy; 2] {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let [one, two, own] = tls.map_or([None, None, None], |tls| tls.map(Some));
    let ears = [Proxy::listening(worker(one, None).await), Proxy::listening(worker(two, None).await)];
    let ports = [ears[0].port, ears[1].port];
    let engine = connect(catalogue).unwrap().on(Cluster::new(&settings(scheme, &ports, own)).unwrap());
    let sql = "SELECT sex, count(DISTINCT participant) FROM participation GROUP BY sex";
    let here = answer(&connect(catalogue).unwrap(), catalogue, files, sql).await.unwrap();
    assert_eq!(answer(&engine, catalogue, files, sql).await.unwrap(), here);
    ears
}

#[test]
fn nobody_on_the_way_hears_a_word() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    let tls = certificates(&folder.path().join("tls"));
    runtime().block_on(async {
        // The path of a file and the name of a column, in a plan.
        let words = ["participation.parquet", "contribution"];
        let plain = overheard(&catalogue, &files, None).await;
        for ear in &plain {
            assert!(words.iter().all(|word| ear.heard(word)), "the ear hears what is said");
            assert!(ear.connections() > 1, "workers speak to each other");
        }
        for ear in overheard(&catalogue, &files, Some(tls)).await {
            assert!(ear.bytes() > 1000 && ear.connections() > 1);
            assert!(words.iter().all(|word| !ear.heard(word)));
        }
    });
}

#[test]
fn whoever_has_no_certificate_of_the_same_authority_is_not_answered() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    let [one, _, own] = certificates(&folder.path().join("tls"));
    let [.., stranger] = certificates(&folder.path().join("others"));
    runtime().block_on(async {
        let port = worker(Some(one), None).await.port();
        let ask = async |scheme: &str, tls: Option<Tls>| {
            let engine = connect(&catalogue).unwrap().on(Cluster::new(&settings(scheme, &[port], tls)).unwrap());
            answer(&engine, &catalogue, &files, BY_SEX).await
        };
        assert!(ask("https", Some(own.clone())).await.is_ok());
        // A stranger; one who believes the authority, and shows another's certificate; one who shows none.
        let mixed = Tls { ca: own.ca.clone(), ..stranger.clone() };
        for refused in [ask("https", Some(stranger)).await, ask("https", Some(mixed)).await, ask("http", None).await] {
            assert!(refused.unwrap_err().0.contains("no worker answers"));
        }
    });
}

#[test]
fn plain_text_does_not_leave_the_machine() {
    let [own, ..] = [Tls { ca: PathBuf::new(), certificate: PathBuf::new(), key: PathBuf::new() }];
    let of = |url: &str, tls: Option<Tls>| {
        let workers = vec![Url::parse(url).unwrap()];
        Cluster::new(&Settings { workers, tls, wait: Duration::from_secs(1), limit: Duration::from_secs(1) })
            .map(|_| ())
            .map_err(|error| error.code())
    };
    for here in ["http://127.0.0.1:7100", "http://localhost:7100", "http://[::1]:7100"] {
        assert_eq!(of(here, None), Ok(()), "{here}");
    }
    for there in ["http://192.0.2.7:7100", "http://stat.example.org:7100", "http://[2001:db8::1]:7100"] {
        assert_eq!(of(there, None), Err("cluster-plain"), "{there}");
        assert_eq!(of(there, Some(own.clone())), Err("cluster-plain"), "{there}");
    }
    assert_eq!(of("https://192.0.2.7:7100", None), Err("cluster-certificate"));
    runtime().block_on(async {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let refused = Serving { files: Files::Folder(std::env::temp_dir()), tls: None }.run(listener).await.unwrap_err();
        assert_eq!(refused.code(), "cluster-plain");
    });
}

#[test]
fn the_silent_are_left_out_and_another_build_is_refused() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    runtime().block_on(async {
        // Takes calls, and never answers.
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mute = mute.local_addr().map(|address| (mute, address.port())).unwrap();
        let there = worker(None, None).await.port();
        let here = answer(&connect(&catalogue).unwrap(), &catalogue, &files, BY_SEX).await.unwrap();
        let begun = Instant::now();
        let waiting = Settings { wait: Duration::from_secs(3), ..settings("http", &[mute.1, there], None) };
        let engine = connect(&catalogue).unwrap().on(Cluster::new(&waiting).unwrap());
        assert_eq!(answer(&engine, &catalogue, &files, BY_SEX).await.unwrap(), here);
        let took = begun.elapsed();
        assert!(took > waiting.wait && took < waiting.wait * 4, "{took:?}");
        let left_out = engine.cluster().unwrap().left_out();
        assert!(left_out.len() == 1 && left_out[0].get(Lang::En).contains(&mute.1.to_string()), "{left_out:?}");
        let (told, _) = answer(&on(&catalogue, &[mute.1]), &catalogue, &files, BY_SEX).await.unwrap_err();
        assert!(told.contains("no worker answers") && told.contains("Run again"), "{told}");
        let other = worker(None, Some("utfall 0.1.0 another")).await.port();
        let (told, _) = answer(&on(&catalogue, &[there, other]), &catalogue, &files, BY_SEX).await.unwrap_err();
        assert!(told.contains("another build") && told.contains(&other.to_string()), "{told}");
    });
}

#[test]
fn a_connection_that_breaks_or_freezes_in_mid_query_is_one_error_and_the_next_run_is_right() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    runtime().block_on(async {
        let here = answer(&connect(&catalogue).unwrap(), &catalogue, &files, BY_SEX).await.unwrap();
        let (one, two) = (worker(None, None).await, worker(None, None).await);
        for fate in [Fate::Breaks, Fate::Freezes] {
            // Who it is fits into less; a plan does not.
            let proxy = Proxy::to(two, 2000, Arc::new(move || fate));
            let begun = Instant::now();
            let (told, detail) =
                answer(&on(&catalogue, &[one.port(), proxy.port]), &catalogue, &files, BY_SEX).await.unwrap_err();
            println!("{fate:?}: {:?}: {detail}", begun.elapsed());
            assert_eq!(proxy.fate(), Some(fate));
            assert!(told.starts_with("a worker failed or fell silent") && !told.contains(&detail), "{told}");
            assert!(begun.elapsed() < Duration::from_secs(30), "{fate:?}");
            let again = answer(&on(&catalogue, &[one.port(), two.port()]), &catalogue, &files, BY_SEX).await;
            assert_eq!(again.unwrap(), here);
        }
    });
}

#[test]
fn a_worker_killed_or_frozen_in_mid_query_is_one_error_and_the_next_run_is_right() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    runtime().block_on(async {
        let here = answer(&connect(&catalogue).unwrap(), &catalogue, &files, BY_SEX).await.unwrap();
        let one = Process::start(folder.path());
        for stop in [kill as fn(_), freeze] {
            let two = Process::start(folder.path());
            let pid = two.pid();
            // When it has been sent part of its plan.
            let proxy = Proxy::to(two.address, 2000, Arc::new(move || (stop(pid), Fate::Passes).1));
            let begun = Instant::now();
            let ports = [one.address.port(), proxy.port];
            let (told, detail) = answer(&on(&catalogue, &ports), &catalogue, &files, BY_SEX).await.unwrap_err();
            println!("{:?}: {detail}", begun.elapsed());
            assert!(proxy.fate().is_some() && begun.elapsed() < Duration::from_secs(30));
            assert!(told.starts_with("a worker failed or fell silent"), "{told}");
            // It stays as it is: whoever runs again is answered by the other.
            assert_eq!(answer(&on(&catalogue, &ports), &catalogue, &files, BY_SEX).await.unwrap(), here);
        }
    });
}

#[test]
fn a_query_may_take_no_longer_than_its_limit() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let files = thirds(&catalogue, folder.path());
    runtime().block_on(async {
        let one = worker(None, None).await;
        let proxy = Proxy::to(one, 2000, Arc::new(|| Fate::Freezes));
        let limited = Settings { limit: Duration::from_secs(2), ..settings("http", &[proxy.port], None) };
        let engine = connect(&catalogue).unwrap().on(Cluster::new(&limited).unwrap());
        let begun = Instant::now();
        let (told, _) = answer(&engine, &catalogue, &files, BY_SEX).await.unwrap_err();
        assert!(told.contains("longer than 2 s"), "{told}");
        assert!(begun.elapsed() < Duration::from_secs(8));
    });
}

#[test]
fn a_file_that_is_missing_or_another_on_a_worker_is_an_error_and_never_a_zero() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let ports = [worker(None, None).await.port(), worker(None, None).await.port()];
        let engine = on(&catalogue, &ports);
        for (case, damage) in [
            ("gone", &(|path: &Path| std::fs::remove_file(path).unwrap()) as &dyn Fn(&Path)),
            ("longer", &|path| std::fs::write(path, [std::fs::read(path).unwrap(), vec![0]].concat()).unwrap()),
            ("shorter", &|path| {
                let bytes = std::fs::read(path).unwrap();
                std::fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            }),
            ("empty", &|path| std::fs::write(path, []).unwrap()),
        ] {
            let place = folder.path().join(case);
            let files = thirds(&catalogue, &place);
            let answered = checked(&engine, &catalogue, BY_SEX).await;
            let plan = planned(&engine, &catalogue, &answered, &scans(&catalogue, &files, None)).await;
            // After it was listed, and before it is read.
            damage(&files["participation"].files[1].0);
            let Err(Error::Engine(failure)) = engine.vectors(&plan, &catalogue).await else { panic!("{case}: no error") };
            let why = if case == "gone" { "No such file" } else { "another size" };
            assert!(failure.detail().contains(why), "{case}: {}", failure.detail());
        }
    });
}

#[test]
fn a_worker_reads_nothing_outside_its_data_directory() {
    let catalogue = catalogue();
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
    let (own, foreign) = (thirds(&catalogue, &inside), thirds(&catalogue, &outside));
    runtime().block_on(async {
        let engine = on(&catalogue, &[trial::worker(&inside, None, None).await.port()]);
        assert!(answer(&engine, &catalogue, &own, BY_SEX).await.is_ok());
        let (_, detail) = answer(&engine, &catalogue, &foreign, BY_SEX).await.unwrap_err();
        assert!(detail.contains("not below"), "{detail}");
        // Nor by a link.
        let mut linked = own.clone();
        let (path, size) = &mut linked.get_mut("participation").unwrap().files[0];
        let link = inside.join("link.parquet");
        std::os::unix::fs::symlink(&foreign["participation"].files[0].0, &link).unwrap();
        (*path, *size) = (link, foreign["participation"].files[0].1);
        let (_, detail) = answer(&engine, &catalogue, &linked, BY_SEX).await.unwrap_err();
        assert!(detail.contains("not below"), "{detail}");
    });
}
