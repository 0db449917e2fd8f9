//! What is published is signed, what a release cost is told by its name, and a data-protection officer gets all of it in one folder.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::leaks::numbers;
use crate::world::{RELEASE, Said, World, files, home, said};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

/// A place with one small release and five people.
struct Place(World);

impl Place {
    fn new(release: &str) -> Self {
        let place = Self(World::new("10"));
        home(&place.0, release, &[("by_sex", QUERY)]);
        place.land(0..5);
        place
    }

    fn land(&self, people: std::ops::Range<usize>) {
        let rows: String =
            numbers()[people].iter().map(|number| format!("PROGRESS;{number};2021-03-01;2021-05-02;Kvinna\n")).collect();
        let list = self.0.write("in/list.csv", format!("Projekt;Personnr;Startdatum;Slutdatum;Kön\n{rows}"));
        self.ok(&["land", &list]);
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.0.command(arguments).env("UTFALL_HOME", self.0.path("home")).output().map(said).unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.out
    }
}

/// The name of the release in [`RELEASE`].
const NAME: &str = "trial";

/// Whether every file of a folder is in its list with its digest, and the list is signed.
fn holds(folder: &Path, public: &Path) -> Result<usize, String> {
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).map_err(|e| e.to_string())?;
    let text = |path: &Path| std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()));
    let key = minisign_verify::PublicKey::decode(&text(public)?).map_err(|e| e.to_string())?;
    let signature = minisign_verify::Signature::decode(&text(&folder.join("SHA256SUMS.minisig"))?).map_err(|e| e.to_string())?;
    key.verify(sums.as_bytes(), &signature, false).map_err(|e| e.to_string())?;
    let listed: Vec<(&str, &str)> = sums.lines().filter_map(|line| line.split_once("  ")).collect();
    for (digest, name) in &listed {
        let bytes = std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        if hex::encode(Sha256::digest(&bytes)) != *digest {
            return Err(format!("{name} is another"));
        }
    }
    let there = files(folder).len();
    if listed.len() + 2 == there { Ok(there) } else { Err(format!("{there} files, {} listed", listed.len())) }
}

#[test]
fn what_is_published_is_signed_and_stays_as_it_is() {
    let place = Place::new(RELEASE);
    place.ok(&["release"]);
    let out = place.0.path("out");
    let (folder, public) = (out.join(NAME), out.join("minisign.pub"));
    let folder = folder.canonicalize().unwrap();
    holds(&folder, &public).unwrap();
    let line = place.ok(&["key", "signing"]);
    let shown = std::fs::read_to_string(&public).unwrap();
    assert!(shown.lines().nth(1).is_some_and(|key| line.contains(key)), "{line}{shown}");
    // Signatures differ from time to time; what is published does not.
    let before = std::fs::read(folder.join("SHA256SUMS.minisig")).unwrap();
    let again = place.ok(&["publish"]);
    assert!(again.contains("unchanged"), "{again}");
    assert_eq!(std::fs::read(out.join(NAME).join("SHA256SUMS.minisig")).unwrap(), before);
    // Whoever changes a digit is found.
    let table = folder.join("by_sex.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, text.replace("female", "Female")).unwrap();
    assert_eq!(holds(&folder, &public), Err("by_sex.csv is another".to_owned()));
}

/// A place from before there were signatures is published as it was, and signed as soon as it has a key.
#[test]
fn a_place_without_a_key_publishes_unsigned_and_can_get_one() {
    let place = Place::new(RELEASE);
    std::fs::remove_file(place.0.path("keys/minisign.key")).unwrap();
    place.ok(&["release"]);
    let folder = place.0.path("out").join(NAME);
    assert!(folder.join("SHA256SUMS").is_file() && !folder.join("SHA256SUMS.minisig").exists());
    assert!(!place.0.path("out/minisign.pub").exists());
    place.ok(&["key", "signing"]);
    let run = place.ok(&["release"]);
    assert!(run.contains("from the archive, free; published"), "{run}");
    holds(&folder, &place.0.path("out/minisign.pub")).unwrap();
}

#[test]
fn the_ledger_says_which_release_bought_what() {
    let place = Place::new(RELEASE);
    place.ok(&["release"]);
    let ledger = place.ok(&["ledger"]);
    let lines: Vec<&str> = ledger.lines().collect();
    assert!(lines[1].contains(&format!("{NAME}  reserved ")), "{ledger}");
    assert!(lines[2].trim_start().starts_with("measures: by_sex"), "{ledger}");
    assert!(lines[3].contains(&format!("{NAME}  archived ")), "{ledger}");
    // A lost archive does not hide what was spent.
    let archive = place.0.path("data/archive");
    std::fs::rename(&archive, place.0.path("aside")).unwrap();
    let said = place.run(&["ledger"]);
    assert!(said.code == 0 && said.out.contains("reserved ") && !said.out.contains(NAME), "{said:?}");
    assert!(said.err.contains("its archive is gone"), "{said:?}");
}

#[test]
fn a_bundle_holds_all_there_is_to_check() {
    let place = Place::new(RELEASE);
    let bundle = place.0.text("bundle");
    let none = place.run(&["bundle", NAME, &bundle]);
    assert!(none.code == 2 && none.err.contains("no archived release"), "{none:?}");
    place.ok(&["release"]);
    place.ok(&["bundle", NAME, &bundle]);
    let folder = place.0.path("bundle");
    holds(&folder, &folder.join("minisign.pub")).unwrap();
    for file in [
        "README.txt",
        "ledger.txt",
        "ledger/00000000.entry",
        "queries/by_sex.sql",
        "schemas/participation.toml",
        "method/en.html",
    ] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let certificate = folder.join("published/certificate.json").display().to_string();
    assert!(place.ok(&["verify", "--certificate", &certificate]).contains("the proof holds"));
    // The archive is the one that the ledger's copy names.
    let archive = files(&folder.join("archive"));
    let digest = hex::encode(Sha256::digest(std::fs::read(&archive[0]).unwrap()));
    let entries: String = files(&folder.join("ledger")).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert!(archive.len() == 1 && entries.contains(&digest), "{digest}");
    // Nobody's number, and no key.
    let secret = std::fs::read_to_string(place.0.path("keys/pseudonym.key")).unwrap();
    for path in files(&folder) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(secret.trim()) && numbers()[..5].iter().all(|number| !text.contains(number)), "{path:?}");
    }
    let twice = place.run(&["bundle", NAME, &bundle]);
    assert!(twice.code == 2 && twice.err.contains("bundle"), "{twice:?}");
    for within in ["out/trial/b", "data/b", "keys/b"] {
        let refused = place.run(&["bundle", NAME, &place.0.text(within)]);
        assert!(refused.code != 0 && !place.0.path(within).exists(), "{within}: {refused:?}");
    }
}

#[test]
fn a_release_that_asks_for_approval_waits_for_people_and_keeps_their_names() {
    let place = Place::new(&RELEASE.replace("[publish]\n", "[publish]\napprovals = 2\n"));
    let before = place.ok(&["ledger"]);
    let (anna, bo) = ("Anna Ek, data protection officer", "Bo Alm");
    for given in [&[][..], &["--approve", anna], &["--approve", anna, "--approve", "anna ek, DATA protection officer"]] {
        let refused = place.run(&[&["release", NAME], given].concat());
        assert!(refused.code == 2 && refused.err.contains("asks for 2 people"), "{refused:?}");
    }
    let night = place.run(&["run", "--inbox", &place.0.text("in")]);
    assert!(night.code == 0 && night.err.contains("waits to be approved"), "{night:?}");
    assert_eq!(place.ok(&["ledger"]), before, "nothing was spent");
    place.ok(&["release", NAME, "--approve", anna, "--approve", bo]);
    place.ok(&["release", NAME]);
    place.ok(&["bundle", NAME, &place.0.text("bundle")]);
    let approvals = std::fs::read_to_string(place.0.path("bundle/approvals.json")).unwrap();
    assert!([anna, bo].iter().all(|name| approvals.matches(name).count() == 1), "{approvals}");
    // New rows are a new release, which is approved anew.
    place.land(5..9);
    assert_eq!(place.run(&["release", NAME]).code, 2);
}

#[test]
fn a_new_vintage_is_approved_anew() {
    let period =
        "[period]\ncolumn = \"end\"\nfirst = \"2021-Q2\"\nlast = \"2021-Q3\"\nlag = \"60 days\"\n[publish]\napprovals = 1\n";
    let place = Place::new(&RELEASE.replace("[publish]\n", period));
    let again = ["release", NAME, "--vintage", "2", "--period", "2021-Q2"];
    assert_eq!(place.run(&["release", NAME]).code, 2);
    place.ok(&["release", NAME, "--approve", "Anna Ek"]);
    place.ok(&["release", NAME]);
    let before = place.ok(&["ledger"]);
    let refused = place.run(&again);
    assert!(refused.code == 2 && refused.err.contains("asks for 1 "), "{refused:?}");
    assert_eq!(place.ok(&["ledger"]), before, "nothing was spent");
    place.ok(&[&again[..], &["--approve", "Bo Alm"]].concat());
    place.ok(&["bundle", NAME, &place.0.text("bundle")]);
    let approvals = std::fs::read_to_string(place.0.path("bundle/approvals.json")).unwrap();
    assert!(["Anna Ek", "Bo Alm"].iter().all(|name| approvals.matches(name).count() == 1), "{approvals}");
}
