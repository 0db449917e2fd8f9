//! What has not changed since it was published is known by its id and left alone; whatever has changed is seen.

use crate::world::{RELEASE, Said, World, contents, home, said};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

/// A place where one small release is published.
struct Place(World);

impl Place {
    fn published() -> Self {
        let world = World::new("10");
        home(&world, RELEASE, &[("by_sex", QUERY)]);
        world.ok(&["demo", &world.text("lists")]);
        let place = Self(world);
        let first = place.run(&[]);
        assert!(
            first.code == 0 && first.out.contains("trial: budget spent: epsilon 1, left epsilon 9; published: "),
            "{first:?}"
        );
        assert!(place.0.path("data/known/trial.json").is_file());
        place
    }

    fn run(&self, more: &[&str]) -> Said {
        let (home, lists) = (self.0.text("home"), self.0.text("lists"));
        let arguments = [&["run", "--home", &home, "--inbox", &lists], more].concat();
        said(self.0.command(&arguments).output().unwrap())
    }

    /// A run that finds nothing to do and says nothing.
    fn rests(&self) {
        let said = self.run(&[]);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    }

    fn query(&self, text: &str) {
        self.0.write("home/queries/trial/by_sex.sql", text);
    }
}

#[test]
fn what_was_changed_or_lost_among_the_published_files_comes_back() {
    let place = Place::published();
    let (out, ledger) = (place.0.path("out"), place.0.path("data/ledger"));
    let all = || contents(&out).into_iter().filter(|(path, _)| !path.ends_with("lock")).collect::<Vec<_>>();
    let (published, spent) = (all(), contents(&ledger));
    place.rests();
    let file = || std::fs::canonicalize(out.join("trial/by_sex.csv")).unwrap();
    let losses: [&dyn Fn(); 5] = [
        &|| std::fs::write(file(), "changed by hand").unwrap(),
        &|| std::fs::remove_file(file()).unwrap(),
        &|| std::fs::write(file().with_file_name("more.csv"), "added by hand").unwrap(),
        &|| std::fs::remove_file(out.join("index.html")).unwrap(),
        &|| std::fs::remove_dir_all(&out).unwrap(),
    ];
    for (at, lose) in losses.into_iter().enumerate() {
        lose();
        let said = place.run(&[]);
        // The pages of the site are no release's: they come back without a word.
        let told = if at == 3 { "" } else { "trial: from the archive, free; published: " };
        assert!(said.code == 0 && said.out.contains(told) && said.out.is_empty() == told.is_empty(), "{at}: {said:?}");
        let names = |files: &[(std::path::PathBuf, Vec<u8>)]| files.iter().map(|(_, bytes)| bytes.clone()).collect::<Vec<_>>();
        assert!(names(&all()) == names(&published), "{at}: byte by byte");
        place.rests();
    }
    assert!(contents(&ledger) == spent);
    let elsewhere = place.run(&["--out", &place.0.text("other")]);
    assert!(elsewhere.out.contains("published: ") && place.0.path("other/trial/by_sex.csv").is_file(), "{elsewhere:?}");
}

#[test]
fn a_note_that_is_damaged_costs_nothing_and_hides_nothing() {
    let place = Place::published();
    let (note, archive) = (place.0.path("data/known/trial.json"), place.0.path("data/archive"));
    let written = std::fs::read(&note).unwrap();
    for damaged in
        ["", "{}", "not json", "{\"made_from\":\"\",\"releases\":[],\"folder\":\"trial-0000000000000000\",\"series\":null}"]
    {
        std::fs::write(&note, damaged).unwrap();
        place.rests();
        assert_eq!(std::fs::read(&note).unwrap(), written, "written anew");
    }
    // What is known is still held against ledger and archive.
    let (path, bytes) = contents(&archive).remove(0);
    for loss in [None, Some(b"something else".as_slice())] {
        loss.map_or_else(|| std::fs::remove_file(&path).unwrap(), |bytes| std::fs::write(&path, bytes).unwrap());
        let said = place.run(&[]);
        assert_eq!((said.code, said.out.as_str()), (5, ""), "{said:?}");
        std::fs::write(&path, &bytes).unwrap();
        place.rests();
    }
}

/// A later vintage that was published elsewhere is published here by the next run.
#[test]
fn a_vintage_that_was_not_published_here_is_published_by_the_next_run() {
    let (world, series) = (World::landed("10"), "outcomes-by-quarter");
    world.ok(&["release", series]);
    let unchanged = world.ok(&["release", series]);
    assert!(unchanged.contains("all periods are published; unchanged"), "{unchanged}");
    world.ok(&["release", series, "--vintage", "2", "--out", &world.text("elsewhere")]);
    let next = world.ok(&["release", series]);
    assert!(next.contains("all periods are published; published"), "{next}");
    assert!(world.ok(&["release", series]).contains("all periods are published; unchanged"));
}

/// A register that lies outside schemas/ is what releases are made from too.
#[test]
fn a_register_elsewhere_is_seen_to_change() {
    let place = Place::published();
    let (schemas, elsewhere) = (place.0.path("home/schemas"), place.0.path("home/elsewhere.csv"));
    let table = std::fs::read_to_string(schemas.join("project.toml")).unwrap();
    let line = table.lines().find(|line| line.starts_with("data ")).unwrap();
    let own = line.split('"').nth(1).unwrap();
    std::fs::rename(schemas.join(own), &elsewhere).unwrap();
    place.0.write("home/schemas/project.toml", table.replace(own, "../elsewhere.csv"));
    let moved = place.run(&[]);
    assert_eq!(moved.code, 0, "{moved:?}");
    place.rests();
    let note = || std::fs::read(place.0.path("data/known/trial.json")).unwrap();
    let before = note();
    std::fs::write(&elsewhere, std::fs::read_to_string(&elsewhere).unwrap() + "\n").unwrap();
    assert_eq!(place.run(&[]).code, 0);
    assert_ne!(note(), before, "it was made from another register");
}

#[test]
fn another_question_is_another_release_and_the_old_one_comes_back_for_free() {
    let place = Place::published();
    place.query(&QUERY.replace("GROUP BY", "WHERE contribution = 1 GROUP BY"));
    let waits = place.run(&[]);
    assert!(waits.code == 0 && waits.err.contains("trial: its queries count something else"), "{waits:?}");
    let other = place.run(&["--queries-changed"]);
    assert!(other.out.contains("budget spent: epsilon 1, left epsilon 8"), "{other:?}");
    place.rests();
    place.query(QUERY);
    let back = place.run(&[]);
    assert!(back.out.contains("trial: from the archive, free; published: "), "{back:?}");
    place.rests();
    place.query("SELECT participant FROM participation");
    assert_eq!(place.run(&[]).code, 2, "a query that is refused now is not known any more");
    place.query(QUERY);
    // Another title costs nothing and is shown, once.
    place.0.write("home/queries/trial/release.toml", RELEASE.replace("Trial", "Experiment"));
    let titled = place.run(&[]);
    assert!(titled.code == 0 && titled.out.contains("trial: from the archive, free; published: "), "{titled:?}");
    assert!(place.0.path("out/trial").join("description.json").exists());
    place.rests();
}
