//! Workers for tests: of this process, and processes of their own that can be stopped.

#[path = "../../../../tests/cluster/proxy.rs"]
mod proxy;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;
use url::Url;

use super::worker::{Files, Serving};
use super::{Settings, Tls};
pub(crate) use proxy::{Fate, Proxy};

/// Below which folder the process of a worker reads.
const DATA: &str = "UTFALL_TEST_WORKER";

/// How it knows the others: its authority, certificate and key.
const TLS: [&str; 3] = ["UTFALL_TEST_WORKER_CA", "UTFALL_TEST_WORKER_CERTIFICATE", "UTFALL_TEST_WORKER_KEY"];

/// What runs queries in these tests.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).enable_all().build().unwrap()
}

/// A worker of this process, of this build if no other is named; where it listens.
pub(crate) async fn worker(data: &Path, tls: Option<Tls>, build: Option<&str>) -> SocketAddr {
    worker_of(Files::Folder(data.to_owned()), tls, build).await
}

/// The same of any files.
pub(crate) async fn worker_of(files: Files, tls: Option<Tls>, build: Option<&str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = Serving { files, tls };
    let build = build.map(str::to_owned);
    tokio::spawn(async move {
        match build {
            None => serving.run(listener).await.unwrap(),
            Some(build) => serving.of_build(listener, build).await.unwrap(),
        }
    });
    address
}

/// Workers at these ports of this machine.
pub(crate) fn settings(scheme: &str, ports: &[u16], tls: Option<Tls>) -> Settings {
    let workers = ports.iter().map(|port| Url::parse(&format!("{scheme}://127.0.0.1:{port}")).unwrap()).collect();
    Settings { workers, tls, wait: Duration::from_secs(10), limit: Duration::from_secs(300) }
}

/// A worker that is a process of its own, and ends with the test.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Begins: this program again, as the test that becomes a worker.
    pub(crate) fn start(data: &Path) -> Self {
        Self::begin(Command::new(std::env::current_exe().unwrap()).env(DATA, data))
    }

    /// The same under mutual TLS.
    pub(crate) fn secured(data: &Path, tls: &Tls) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let tls = TLS.into_iter().zip([&tls.ca, &tls.certificate, &tls.key]);
        Self::begin(command.envs(tls).env(DATA, data))
    }

    fn begin(command: &mut Command) -> Self {
        let arguments = ["engine::tests::cluster::a_process_becomes_a_worker", "--exact", "--nocapture"];
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.filter_map(|line| line.split_once("listening ")?.1.parse().ok()).next().unwrap();
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Stops a process so that it says nothing more and ends nothing.
pub(crate) fn freeze(process: Pid) {
    kill_process(process, Signal::STOP).unwrap();
}

/// Ends a process in the middle of whatever it does.
pub(crate) fn kill(process: Pid) {
    kill_process(process, Signal::KILL).unwrap();
}

/// Becomes a worker, if this process is to be one.
pub(crate) fn become_worker() {
    let Some(data) = std::env::var_os(DATA) else { return };
    let tls = match TLS.map(|name| std::env::var_os(name).map(Into::into)) {
        [Some(ca), Some(certificate), Some(key)] => Some(Tls { ca, certificate, key }),
        _ => None,
    };
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("\nlistening {}", listener.local_addr().unwrap());
        Serving { files: Files::Folder(data.into()), tls }.run(listener).await.unwrap();
    });
}
