//! A release whose queries run on workers: if one dies in mid-query nothing is shown, what was reserved stays, and the next run
//! finishes it.

use super::*;
use crate::engine::cluster::Cluster;
use crate::engine::cluster::trial::{Fate, Process, Proxy, freeze, kill, settings};
use utfall_ground::text::Lang;

/// The same world on workers at these ports.
fn on(root: &Path, ports: &[u16]) -> World {
    let world = World::open(root);
    let cluster = Cluster::new(&settings("http", ports, None)).unwrap();
    World { engine: world.engine.on(cluster), ..world }
}

#[test]
fn a_release_that_loses_a_worker_is_charged_once_and_finished_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    for (name, stop) in [("killed", kill as fn(_)), ("frozen", freeze)] {
        let root = folder.path().join(name);
        // The limit admits one release.
        World::create(&root, "1");
        let data = root.join("data");
        let [one, two, three] = [(); 3].map(|()| Process::start(&data));
        let pid = two.pid();
        let proxy = Proxy::to(two.address, 2000, Arc::new(move || (stop(pid), Fate::Passes).1));
        let world = on(&root, &[one.address.port(), proxy.port]);
        let error = world.run().unwrap_err();
        assert!(proxy.fate().is_some(), "{name}");
        let told = error.shown(Lang::En);
        assert!(error.exit_code() == 5 && told.starts_with("a worker failed or fell silent"), "{name}: {told}");
        assert!(std::fs::read_dir(root.join("data/archive")).unwrap().next().is_none(), "{name}: nothing is archived");
        let ledger = world.ledger().unwrap();
        assert_eq!((ledger.account().releases(), ledger.open_reservations().len()), (1, 1), "{name}");

        let again = on(&root, &[one.address.port(), three.address.port()]);
        let first = again.run().unwrap();
        assert!(!first.charged, "{name}");
        let ledger = again.ledger().unwrap();
        assert_eq!((ledger.account().releases(), ledger.open_reservations().len()), (1, 0), "{name}");
        // What a cluster released is, on this machine, the same release.
        let here = World::open(&root).run().unwrap();
        assert_eq!((here.charged, here.release.hash()), (false, first.release.hash()), "{name}");
    }
}
