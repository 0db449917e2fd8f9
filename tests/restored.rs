//! What is published tells what data and keys have forgotten: two backups of the same day agree with each other, and only the
//! published folder knows what came after.

use crate::leaks::numbers;
use crate::world::{RELEASE, Said, World, contents, copy, home, said};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

struct Place(World);

impl Place {
    fn landed() -> Self {
        let world = World::new("10");
        home(&world, RELEASE, &[("by_sex", QUERY)]);
        let place = Self(world);
        place.land();
        place
    }

    fn land(&self) {
        let rows: String = numbers()[..5].iter().map(|number| format!("PROGRESS;{number};2021-03-01;Kvinna\n")).collect();
        let list = self.0.write("in/first.csv", format!("Projekt;Personnr;Startdatum;Kön\n{rows}"));
        self.0.write("in/later.csv", format!("Projekt;Personnr;Startdatum;Kön\nPROGRESS;{};2021-03-01;Man\n", numbers()[6]));
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

    /// Copies data and keys.
    fn keep(&self, name: &str) {
        ["data", "keys"].iter().for_each(|part| copy(&self.0.path(part), &self.0.path(name).join(part)));
    }

    /// Puts both back, with the folders that were empty.
    fn restore(&self, name: &str) {
        for part in ["data", "keys"] {
            std::fs::remove_dir_all(self.0.path(part)).unwrap();
            copy(&self.0.path(name).join(part), &self.0.path(part));
        }
        std::fs::create_dir_all(self.0.path("data/archive")).unwrap();
    }

    /// Neither releases nor publishes nor lands, and says what has happened.
    fn refuses(&self) {
        let (before, inbox) = (contents(&self.0.path("data")), self.0.text("in"));
        for command in [&["release"][..], &["release", "trial"], &["publish"], &["run", "--inbox", &inbox]] {
            let [en, sv] = ["en", "sv"].map(|lang| self.run(&[command, &["--lang", lang]].concat()));
            assert_eq!((en.code, sv.code), (5, 5), "{command:?}: {en:?}");
            assert!(en.err.contains("the ledger does not know") && en.err.contains("newest backup"), "{command:?}: {en:?}");
            assert!(sv.err.contains("huvudboken inte känner") && sv.err.contains("nyaste säkerhetskopian"), "{sv:?}");
        }
        assert!(contents(&self.0.path("data")) == before, "nothing is spent and nothing lands");
    }
}

#[test]
fn data_and_keys_from_before_a_release_do_not_spend_its_budget_again() {
    let place = Place::landed();
    place.keep("old");
    place.ok(&["release"]);
    place.keep("new");
    place.restore("old");
    place.refuses();
    place.restore("new");
    assert!(place.ok(&["release"]).contains("unchanged"));
    assert!(place.ok(&["run", "--inbox", &place.0.text("in")]).contains("left epsilon 8"));
}

/// A backup from between the reservation and the archive knows the release and would draw it again, with other noise.
#[test]
fn a_release_that_was_reserved_in_the_backup_is_not_drawn_a_second_time() {
    let place = Place::landed();
    std::fs::remove_dir(place.0.path("data/archive")).unwrap();
    place.0.write("data/archive", "no folder");
    assert_eq!(place.run(&["release"]).code, 5);
    std::fs::remove_file(place.0.path("data/archive")).unwrap();
    std::fs::create_dir(place.0.path("data/archive")).unwrap();
    place.keep("old");
    place.ok(&["release"]);
    place.restore("old");
    place.refuses();
}

#[test]
fn what_another_ledger_has_published_is_replaced_by_nobody() {
    let place = Place::landed();
    place.ok(&["release"]);
    let source = std::fs::read_to_string(place.0.path("out/trial/source.json")).unwrap();
    assert!(source.contains("\"ledger\"") && source.contains("\"archive\""), "{source}");
    let shown = contents(&place.0.path("out"));
    ["data", "keys"].iter().for_each(|part| std::fs::remove_dir_all(place.0.path(part)).unwrap());
    place.ok(&["init", "--epsilon", "10", "--delta", "1e-5"]);
    place.land();
    let inbox = place.0.text("in");
    for command in [&["release"][..], &["run", "--inbox", &inbox]] {
        let [en, sv] = ["en", "sv"].map(|lang| place.run(&[command, &["--lang", lang]].concat()));
        assert!(en.code == 2 && en.err.contains("choose another with --out") && en.err.contains("remove "), "{en:?}");
        assert!(sv.code == 2 && sv.err.contains("välj en annan med --out") && sv.err.contains("ta bort "), "{sv:?}");
    }
    assert!(contents(&place.0.path("out")) == shown && place.ok(&["ledger"]).contains("spent: epsilon 0\n"));
    // A release of another name stands beside it.
    copy(&place.0.path("home/queries/trial"), &place.0.path("home/queries/beside"));
    place.ok(&["release", "beside"]);
    place.ok(&["publish"]);
    assert_eq!(std::fs::read_to_string(place.0.path("out/trial/source.json")).unwrap(), source);
    // Whoever began anew on purpose takes the old pages away.
    std::fs::remove_file(place.0.path("out/trial")).unwrap();
    place.ok(&["release"]);
}

#[test]
fn a_copy_whose_ledger_is_behind_lands_nothing() {
    let place = Place::landed();
    let copy = place.0.text("copy");
    crate::world::copy(&place.0.path("data"), &place.0.path("copy"));
    std::fs::create_dir_all(place.0.path("copy/archive")).unwrap();
    place.ok(&["release"]);
    let list = place.0.write("more.csv", "Projekt;Personnr;Startdatum\n");
    let behind = place.run(&["--data", &copy, "land", &list]);
    assert!(behind.code == 5 && behind.err.contains("old copy"), "{behind:?}");
    assert_ne!(place.run(&["land", &list]).code, 5, "the other goes on");
}

#[test]
fn what_is_shown_and_does_not_say_where_it_comes_from_is_refused() {
    let place = Place::landed();
    place.ok(&["release"]);
    let name = std::fs::read_dir(place.0.path("out")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = name.into_iter().find(|name| place.0.path("out").join(name).join("source.json").exists()).unwrap();
    let source = place.0.path("out").join(name).join("source.json");
    let bytes = std::fs::read(&source).unwrap();
    std::fs::write(&source, "").unwrap();
    for arguments in [&["release"][..], &["publish"]] {
        let said = place.run(arguments);
        assert!(said.code == 5 && said.err.contains("source.json"), "{arguments:?}: {said:?}");
    }
    std::fs::write(&source, bytes).unwrap();
    place.ok(&["publish"]);
}
