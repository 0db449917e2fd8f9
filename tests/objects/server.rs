//! Servers of objects, on loopback, which `make objects` installs below the build's folder: Ceph's gateway (`ceph.sh`), moto, which can be
//! told to fail (`server.py`), and Azurite. Where there is none nothing is tried, and that is said.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that tells the inner half of a test which server its outer half has started.
const WITHIN: &str = "UTFALL_TEST_OBJECTS";

/// The variable that tells it which protocol that speaks.
const SCHEME: &str = "UTFALL_TEST_OBJECTS_SCHEME";

/// A server with one bucket, `bucket`, that ends with the test.
pub(crate) struct Server {
    child: Child,
    kind: Kind,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

/// Which server it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Moto,
    Ceph,
    Azurite,
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has a server of its own ends it when nobody speaks to it any more.
        drop(self.child.stdin.take());
        std::thread::sleep(std::time::Duration::from_millis(100));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file below the folder in which `make objects` installs the servers.
fn installed(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap();
    let file = program.ancestors().nth(3).unwrap().join("objects").join(name);
    file.exists().then_some(file)
}

impl Server {
    /// Starts one; nothing where there is none to start.
    pub(crate) fn start() -> Option<Self> {
        let Some(python) = installed("python/bin/python") else {
            println!("objects: no S3 server is installed (make objects installs one): not tried");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/objects/server.py");
        let requests = folder.path().join("requests");
        let server = Self::of(Command::new(python).arg(script).arg(requests), folder, Kind::Moto);
        server.ask("PUT", "/bucket", b"");
        Some(server)
    }

    /// Starts Ceph's gateway, with nothing in memory but what the test puts there; nothing where there is none to start.
    pub(crate) fn start_ceph() -> Option<Self> {
        let Some(root) = installed("ceph/usr/bin/radosgw").and_then(|file| Some(file.ancestors().nth(3)?.to_owned())) else {
            println!("objects: no Ceph is installed (make objects installs one): not tried");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/objects/ceph.sh");
        let mut command = Command::new(script);
        command.arg(folder.path().join("ceph")).env("CEPH_ROOT", root);
        Some(Self::of(&mut command, folder, Kind::Ceph))
    }

    /// One of each that speaks S3.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        [Self::start, Self::start_ceph].into_iter().filter_map(|start| start())
    }

    /// Starts one that speaks as Azure does; nothing where there is none to start.
    pub(crate) fn start_azure() -> Option<Self> {
        let Some(azurite) = installed("node_modules/azurite/dist/src/blob/main.js") else {
            println!("objects: no Azure server is installed (make objects installs one): not tried");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/objects/azure.js");
        Some(Self::of(Command::new("node").arg(script).arg(azurite), tempfile::tempdir().unwrap(), Kind::Azurite))
    }

    fn of(command: &mut Command, folder: tempfile::TempDir, kind: Kind) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, kind, port: line.trim().parse().unwrap(), folder }
    }

    /// What a client's environment says of it.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        if self.kind == Kind::Azurite {
            let url = format!("http://127.0.0.1:{}", self.port);
            return vec![("AZURE_STORAGE_USE_EMULATOR", "true".to_owned()), ("AZURITE_BLOB_STORAGE_URL", url)];
        }
        vec![
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ACCESS_KEY_ID", "utfall".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "not-to-be-told".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    /// Runs another test of this program as a process of its own whose environment knows this server.
    pub(crate) fn run(test: &str) {
        Self::start().iter().for_each(|server| server.run_with(test));
    }

    /// The same with this server.
    pub(crate) fn run_with(&self, test: &str) {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([test, "--exact", "--nocapture"]).envs(self.environment()).env(WITHIN, self.port.to_string());
        child.env(SCHEME, if self.kind == Kind::Azurite { "az" } else { "s3" });
        let done = child.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{test}: {said}{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Whether this process is such a one: alone, the inner half of a test does nothing.
    pub(crate) fn is_there() -> bool {
        std::env::var_os(WITHIN).is_some()
    }

    /// How addresses of the server of the outer half begin.
    pub(crate) fn scheme() -> String {
        std::env::var(SCHEME).unwrap_or_else(|_| "s3".to_owned())
    }

    /// Every request so far: method, path, conditions. Of others than moto nothing is known.
    pub(crate) fn requests(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("requests")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Loses the answer to the next put of a name that ends so.
    pub(crate) fn lose(&self, name: &str) {
        self.ask("GET", &format!("/-/lose/{name}"), b"");
    }

    /// Passes over conditions from now on, as servers of before do.
    pub(crate) fn pass_over_conditions(&self) {
        self.ask("GET", "/-/unfit", b"");
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        self.ask("PUT", &format!("/bucket/{name}"), bytes);
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        self.ask("GET", &format!("/bucket/{name}"), b"")
    }

    pub(crate) fn delete(&self, name: &str) {
        self.ask("DELETE", &format!("/bucket/{name}"), b"");
    }

    /// The names of all objects.
    pub(crate) fn names(&self) -> Vec<String> {
        let listed = String::from_utf8(self.ask("GET", "/bucket?list-type=2", b"")).unwrap();
        listed.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0.to_owned()).collect()
    }

    fn ask(&self, method: &str, path: &str, bytes: &[u8]) -> Vec<u8> {
        if self.kind == Kind::Ceph { signed(self.port, method, path, bytes) } else { ask(self.port, method, path, bytes) }
    }
}

/// One request, signed.
fn signed(port: u16, method: &str, path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--request", method, "--aws-sigv4", "aws:amz:us-east-1:s3"]);
    curl.args(["--user", "utfall:not-to-be-told", "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
    if method == "PUT" {
        curl.args(["--data-binary", "@-"]);
    }
    let mut child =
        curl.arg(format!("http://127.0.0.1:{port}{path}")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{method} {path}: {done:?}");
    done.stdout
}

/// One request, as somebody with the right credentials.
fn ask(port: u16, method: &str, path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let signed = "AWS4-HMAC-SHA256 Credential=utfall/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";
    let length = bytes.len();
    let head =
        format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: {signed}\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(&[head.as_bytes(), bytes].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let status = String::from_utf8_lossy(&answer[..end]).into_owned();
    assert!(status.contains(" 20"), "{method} {path}: {status}");
    answer.split_off(end + 4)
}

/// Puts an object on the server of the outer half.
pub(crate) fn put_within(name: &str, bytes: &[u8]) {
    let port = std::env::var(WITHIN).unwrap().parse().unwrap();
    ask(port, "PUT", &format!("/bucket/{name}"), bytes);
}
