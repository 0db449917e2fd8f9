//! `utfall worker`, and a release whose queries run on two of them, as an operator sets them up.

mod proxy;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::world::{RELEASE, Said, World, home, repository, said};
use proxy::Proxy;

const QUERY: &str = "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex";

/// A worker that ends with the test.
struct Worker(Child, SocketAddr);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Certificates for two workers and the controller.
fn certificates(world: &World) {
    let made = Command::new(repository().join("tests/cluster/certificates.sh"))
        .arg(world.path("tls"))
        .args(["one=127.0.0.1", "two=localhost", "controller=127.0.0.1"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

/// A configuration with the certificates of a machine, and what else it says.
fn config(world: &World, machine: &str, first: &str) -> String {
    let tls =
        format!("[cluster]\nca = \"tls/ca.pem\"\ncertificate = \"tls/{machine}.pem\"\nkey = \"tls/{machine}.key\"\nwait = 20\n");
    world.write(&format!("{machine}.toml"), format!("{first}\n{tls}"))
}

/// A worker with these certificates, whose temporary folder is `tmp`. It is killed if it writes a single byte to a file.
fn worker(world: &World, machine: &str) -> Worker {
    let config = config(world, machine, "");
    std::fs::create_dir_all(world.path("tmp")).unwrap();
    let program = world.command(&["worker", "--address", "127.0.0.1:0", "--config", &config]);
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -f 0; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("TMPDIR", world.path("tmp")).env("UTFALL_KEYS", "/nowhere").env("UTFALL_HOME", "/nowhere");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    Worker(child, line.rsplit(' ').next().unwrap().parse().unwrap())
}

fn release(world: &World, config: &str) -> Said {
    let mut command = world.command(&["release", "--config", config]);
    said(command.env("UTFALL_HOME", world.path("home")).output().unwrap())
}

#[test]
fn a_release_on_two_workers_is_published_and_nothing_is_said_in_plain_text_or_left_behind() {
    let world = World::landed("10");
    home(&world, RELEASE, &[("by_sex", QUERY)]);
    certificates(&world);
    let (mut one, mut two) = (worker(&world, "one"), worker(&world, "two"));
    let ears = [Proxy::listening(one.1), Proxy::listening(two.1)];
    let engine = format!("engine = [\"https://127.0.0.1:{}\", \"https://localhost:{}\"]", ears[0].port, ears[1].port);
    let before = crate::world::contents(&world.path("data/landed"));
    let released = release(&world, &config(&world, "controller", &engine));
    assert_eq!(released.code, 0, "{released:?}");
    assert!(world.path("out/trial/by_sex.csv").is_file());
    for ear in &ears {
        assert!(ear.bytes() > 1000 && ear.connections() > 1, "both worked, and spoke to each other");
        assert!(["participation", "contribution", ".parquet"].iter().all(|word| !ear.heard(word)));
    }
    assert_eq!(crate::world::files(&world.path("tmp")), Vec::<std::path::PathBuf>::new(), "nothing is at rest on a worker");
    assert_eq!(crate::world::contents(&world.path("data/landed")), before);
    for worker in [&mut one, &mut two] {
        assert!(worker.0.try_wait().unwrap().is_none(), "nothing was written");
    }
    // From the archive it needs no worker.
    drop((one, two));
    let again = release(&world, &config(&world, "controller", &engine));
    assert!(again.code == 0 && again.out.contains("free"), "{again:?}");
}

#[test]
fn a_release_without_workers_keeps_what_it_reserved_and_is_finished_when_they_are_back() {
    let world = World::landed("1");
    home(&world, RELEASE, &[("by_sex", QUERY)]);
    certificates(&world);
    // Nobody listens there.
    let missing = config(&world, "controller", "engine = [\"https://127.0.0.1:1\"]");
    let failed = release(&world, &missing);
    assert!(
        failed.code == 5 && failed.err.contains("no worker answers") && failed.err.contains("costs nothing more"),
        "{failed:?}"
    );
    assert!(!world.path("out/trial/by_sex.csv").exists());
    let one = worker(&world, "one");
    let engine = format!("engine = [\"https://127.0.0.1:1\", \"https://127.0.0.1:{}\"]", one.1.port());
    let finished = release(&world, &config(&world, "controller", &engine));
    assert_eq!(finished.code, 0, "{finished:?}");
    let ledger: serde_json::Value = serde_json::from_str(&world.ok(&["ledger", "--json"])).unwrap();
    let events: Vec<_> = ledger["entries"].as_array().unwrap().iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["open", "reserve", "archived"]);
}

#[test]
fn what_would_be_said_in_plain_text_on_a_network_is_refused() {
    let world = World::landed("1");
    home(&world, RELEASE, &[("by_sex", QUERY)]);
    for (engine, code) in
        [("http://192.0.2.7:7100", "without TLS"), ("https://192.0.2.7:7100", "certificates"), ("ftp://a", "no address")]
    {
        let file = world.write("plain.toml", format!("engine = [\"{engine}\"]\n"));
        let refused = release(&world, &file);
        assert!(refused.code == 2 && refused.err.contains(code), "{engine}: {refused:?}");
    }
    let refused = world.run(&["worker", "--address", "0.0.0.0:0"]);
    assert!(refused.code == 2 && refused.err.contains("without a certificate"), "{refused:?}");
    assert_eq!(world.run(&["ledger", "--json"]).out.matches("\"reserve\"").count(), 0);
}
