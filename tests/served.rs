//! `utfall serve` shows what is published, and stops when it is told to.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::world::{RELEASE, World, home};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An answer, once somebody gives one.
fn get(port: u16, path: &str) -> String {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            return answer;
        }
        assert!(Instant::now() < until, "nobody answers at {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A port that is free now.
fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn what_is_published_is_served_with_its_tables_and_nothing_else() {
    let world = World::new("10");
    home(&world, RELEASE, &[("by_sex", QUERY)]);
    let list = world.write("in/list.csv", "Projekt;Personnr;Startdatum;Slutdatum;Kön\n");
    world.run(&["land", &list]);
    let run = |arguments: &[&str]| world.command(arguments).env("UTFALL_HOME", world.path("home")).output().unwrap();
    assert!(run(&["release"]).status.success());
    let port = port();
    let mut command = world.command(&["serve", "--address", &format!("127.0.0.1:{port}")]);
    // It needs neither data nor key.
    command.env("UTFALL_HOME", world.path("home")).env("UTFALL_DATA", "/nowhere").env("UTFALL_KEYS", "/nowhere");
    let mut server = Server(command.stdout(Stdio::null()).spawn().unwrap());
    assert!(get(port, "/").contains("200 OK"));
    let tables = get(port, "/api/v2/tables?lang=en");
    assert!(tables.contains("trial.by_sex"), "{tables}");
    let data = get(port, "/api/v2/tables/trial.by_sex/data?lang=en&outputFormat=json-stat2");
    let published = std::fs::read_to_string(world.path("out/trial/by_sex.csv")).unwrap();
    let first = published.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
    assert!(data.contains(&format!("[{first},")), "{first}: {data}");
    let lists = get(port, "/codelists.json");
    assert!(lists.contains("agg_municipality_county"), "{}", &lists[..300]);
    for hidden in ["/.releases/lock", "/../data/store.toml", "/%2e%2e/keys/pseudonym.key"] {
        assert!(!get(port, hidden).contains("200 OK"), "{hidden}");
    }
    // Told to stop, it stops and says that all is well.
    let id = server.0.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
}

#[test]
fn an_address_that_is_taken_is_told() {
    let world = World::new("10");
    std::fs::create_dir(world.path("out")).unwrap();
    for private in ["data", "keys", ""] {
        let said = world.run(&["serve", "--address", "127.0.0.1:0", "--out", &world.text(private)]);
        assert!(said.code == 2 && said.out.is_empty(), "{private}: {said:?}");
    }
    let said = world.run(&["serve", "--address", "127.0.0.1:0", "--base", "javascript:x"]);
    assert!(said.code == 2 && said.err.contains("javascript:x"), "{said:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = world.run(&["serve", "--address", &address]);
    assert!(said.code == 5 && said.err.contains(&address), "{said:?}");
}

/// A hospital's pages speak of visits of patients, and of no project.
#[test]
fn pages_speak_in_the_words_of_the_schema() {
    let world = World::new("10");
    let home = home(&world, &RELEASE.replace("[\"csv\"]", "[\"html\", \"csv\"]"), &[("by_sex", QUERY)]);
    let schema = home.join("schemas/participation.toml");
    let words = r#"
[words]
unit          = { one = { sv = "patient", en = "patient" }, many = { sv = "patienter", en = "patients" } }
participation = { one = { sv = "besök", en = "visit" }, many = { sv = "besök", en = "visits" } }
about         = { sv = "Besök på mottagningen.", en = "Visits to the clinic." }
"#;
    std::fs::write(&schema, std::fs::read_to_string(&schema).unwrap() + words).unwrap();
    let list = world.write("in/list.csv", "Projekt;Personnr;Startdatum;Slutdatum;Kön\n");
    world.run(&["land", &list]);
    let run = |arguments: &[&str]| world.command(arguments).env("UTFALL_HOME", &home).output().unwrap();
    let done = run(&["release"]);
    assert!(done.status.success(), "{done:?}");
    for (page, words) in [("index.html", "besök per patient"), ("en.html", "visits per patient")] {
        let html = std::fs::read_to_string(world.path("out/trial").join(page)).unwrap();
        // The query and the schema's own titles stay as their authors wrote them.
        let text: String = html.split("<pre").map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest)).collect();
        assert!(text.contains(words), "{page}: {words}");
        assert!(!text.to_lowercase().contains("arbetsmarknad") && !text.contains("abour"), "{page}");
    }
}
