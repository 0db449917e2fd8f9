//! What is paid for is drawn and published: nothing is charged where nothing could be, and a reservation that a dead run left
//! is finished before what it would be computed from changes.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::leaks::numbers;
use crate::upkeep::told;
use crate::world::{RELEASE, Said, World, contents, files, home, said};

const QUERY: &str =
    "/*+++\ntitle = { sv = \"Kön\", en = \"Sex\" }\n+++*/\nSELECT sex, count(*) AS n FROM participation GROUP BY sex";

/// A place with one small release and a list of five people that has landed.
struct Place(World);

impl Place {
    fn new() -> Self {
        let world = World::new("10");
        home(&world, RELEASE, &[("by_sex", QUERY)]);
        let place = Self(world);
        place.list("first", 0..5);
        let landed = place.run(&["land", &place.0.text("in/first.csv")]);
        assert_eq!(landed.code, 0, "{landed:?}");
        place
    }

    /// A list of these people.
    fn list(&self, name: &str, people: std::ops::Range<usize>) -> String {
        let rows: String =
            numbers()[people].iter().map(|number| format!("PROGRESS;{number};2021-03-01;2021-05-02;Kvinna\n")).collect();
        self.0.write(&format!("in/{name}.csv"), format!("Projekt;Personnr;Startdatum;Slutdatum;Kön\n{rows}"))
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.0.command(arguments).env("UTFALL_HOME", self.0.path("home")).output().map(said).unwrap()
    }

    fn told(&self, arguments: &[&str], input: &str) -> Said {
        told(&self.0, &[arguments, &["--home", &self.0.text("home")]].concat(), input)
    }

    /// A run that dies between the reservation and the archive, which cannot be written.
    fn reserved(&self, arguments: &[&str]) {
        let (archive, aside) = (self.0.path("data/archive"), self.0.path("aside"));
        std::fs::rename(&archive, &aside).unwrap();
        std::fs::write(&archive, "no folder").unwrap();
        let dead = self.run(arguments);
        assert_eq!(dead.code, 5, "{dead:?}");
        std::fs::remove_file(&archive).unwrap();
        std::fs::rename(&aside, &archive).unwrap();
        assert!(self.ledger().contains("unfinished release"), "{}", self.ledger());
    }

    fn ledger(&self) -> String {
        let said = self.run(&["ledger"]);
        assert_eq!(said.code, 0, "{said:?}");
        said.out
    }

    /// How many charges there are, when every one of them has its archive.
    fn charges(&self) -> usize {
        let ledger = self.ledger();
        assert!(!ledger.contains("unfinished release"), "{ledger}");
        let archived = ledger.lines().filter(|line| line.contains("  archived ")).count();
        assert_eq!(files(&self.0.path("data/archive")).len(), archived);
        ledger.lines().filter(|line| line.contains("  reserved ") && line.contains("epsilon")).count()
    }
}

const FINISHED: &str = "trial: a release that was begun is finished without another charge";

#[test]
fn a_list_that_comes_after_a_dead_run_finds_its_release_finished() {
    let place = Place::new();
    place.reserved(&["release"]);
    place.list("second", 5..8);
    let run = place.run(&["run", "--inbox", &place.0.text("in")]);
    let order: Vec<usize> = [FINISHED, "from the archive, free; published", "second.csv", "budget spent"]
        .iter()
        .map(|words| run.out.find(words).unwrap_or_else(|| panic!("{words}: {run:?}")))
        .collect();
    assert!(run.code == 0 && order.is_sorted(), "{run:?}");
    assert_eq!(place.charges(), 2, "one for each snapshot, and each with its numbers");

    // The same before any other change to what has landed.
    place.list("third", 8..11);
    let people = numbers();
    let pair = format!("{} {}\n", people[0], people[20]);
    let changes: [(&[&str], &str); 4] = [
        (&["land", &place.0.text("in/third.csv")], ""),
        (&["forget"], &people[1]),
        (&["key", "alias"], &pair),
        (&["key", "rotate"], ""),
    ];
    for (at, (change, input)) in changes.into_iter().enumerate() {
        // Another question each time, for the snapshot of a rotation is the same.
        let sql = QUERY.replace("GROUP BY", &format!("WHERE age > {at} GROUP BY"));
        place.0.write("home/queries/trial/by_sex.sql", sql);
        place.reserved(&["release"]);
        let said = place.told(change, input);
        assert!(said.code == 0 && said.out.starts_with(FINISHED), "{change:?}: {said:?}");
        assert_eq!(place.charges(), 3 + at, "{change:?}");
        let again = place.told(change, input);
        assert!(!again.out.contains(FINISHED) && again.err.is_empty(), "{change:?}: {again:?}");
    }
    // It was not published by then; it is when somebody asks.
    let published = place.run(&["publish"]);
    assert!(published.code == 0 && published.out.contains("from the archive, free; published"), "{published:?}");
}

#[test]
fn a_reservation_that_cannot_be_finished_is_told_once_and_stops_nobody() {
    let place = Place::new();
    place.reserved(&["release"]);
    let query = |text: &str| place.0.write("home/queries/trial/by_sex.sql", text);
    let land = |lang: &str| place.run(&["land", &place.0.text("in/first.csv"), "--lang", lang]);
    query("SELECT participant FROM participation");
    let told = land("en");
    assert!(told.code == 0 && told.err.contains("cannot be finished") && told.err.contains("utfall check trial"), "{told:?}");
    assert!(told.err.contains("its budget (epsilon 1) is spent, and nothing was published for it"), "{told:?}");
    assert_eq!(land("en").err, "");
    query(&QUERY.replace("GROUP", "WHERE sex IS NOT NULL GROUP"));
    let told = land("sv");
    assert!(told.code == 0 && told.err.contains("kan inte slutföras"), "other queries are worth another try: {told:?}");
    assert_eq!(land("sv").err, "");
    // Put back before anything else lands, it is finished after all.
    query(QUERY);
    assert!(land("en").out.starts_with(FINISHED));
    assert_eq!(place.charges(), 1);

    // When other rows have landed it never can be again, and nobody tries.
    place.list("second", 5..8);
    let second = place.run(&["land", &place.0.text("in/second.csv")]);
    assert_eq!(second.code, 0, "{second:?}");
    place.reserved(&["release"]);
    query("SELECT 1");
    place.list("third", 8..11);
    let third = place.run(&["land", &place.0.text("in/third.csv")]);
    assert!(third.code == 0 && third.err.contains("cannot be finished") && third.out.contains("3 rows landed"), "{third:?}");
    query(QUERY);
    assert_eq!(land("en").err, "");
    assert!(place.ledger().contains("unfinished release"), "its charge stands");
}

#[test]
fn a_period_that_was_begun_is_finished_before_more_lands_and_costs_nothing() {
    let place = Place::new();
    let series = RELEASE.replace(
        "[publish]",
        "[period]\ncolumn = \"end\"\nfirst = \"2021-Q2\"\nlast = \"2021-Q3\"\nlag = \"60 days\"\n[publish]",
    );
    place.0.write("home/queries/trial/release.toml", series);
    place.reserved(&["release"]);
    place.list("second", 5..8);
    let landed = place.run(&["land", &place.0.text("in/second.csv")]);
    assert!(landed.code == 0 && landed.out.starts_with(FINISHED), "{landed:?}");
    let released = place.run(&["release"]);
    assert!(released.code == 0 && released.out.contains(": 2021-Q3; paid for already; published"), "{released:?}");
    assert_eq!(place.charges(), 1);
}

#[test]
fn nothing_is_charged_where_nothing_could_be_published() {
    let place = Place::new();
    place.list("second", 5..8);
    let (file, mine, inbox) = (place.0.write("file", "no folder"), place.0.text("mine"), place.0.text("in"));
    place.0.write("mine/trial/mine.txt", "kept");
    let before = contents(&place.0.path("data"));
    for (out, code) in [
        (file.clone(), 2),
        (format!("{file}/out"), 2),
        (place.0.text("data/out"), 2),
        (place.0.text("keys"), 2),
        ("/proc/utfall".to_owned(), 5),
        (mine, 5),
    ] {
        let released = place.run(&["release", "--out", &out]);
        assert_eq!(released.code, code, "{out}: {released:?}");
        let run = place.run(&["run", "--inbox", &inbox, "--out", &out]);
        assert_eq!(run.code, code, "{out}: {run:?}");
        if code == 2 {
            // A path that can be no folder is wrong usage: nothing lands either.
            assert!(run.err.contains("--out") && released.err == run.err, "{out}: {run:?}");
            assert!(contents(&place.0.path("data")) == before, "{out}");
        }
        assert_eq!(place.charges(), 0, "{out}");
    }
    assert_eq!(place.run(&["release"]).code, 0);
    assert_eq!((place.charges(), place.run(&["publish", "--out", &file]).code), (1, 2));
}

fn begun(world: &World, arguments: &[&str], input: &str) -> Child {
    use std::io::Write as _;
    let mut command = world.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child
}

fn ended(children: [Child; 2]) -> [Said; 2] {
    children.map(|child| said(child.wait_with_output().unwrap()))
}

/// People of whom something has landed.
fn landed(world: &World) -> Vec<String> {
    let list = std::fs::read_to_string(world.path("lists/progress-participation.csv")).unwrap();
    list.lines().skip(1).map(|line| line.split(';').nth(1).unwrap().to_owned()).collect()
}

/// A release that has pinned and paid, and is held up before it counts, by the lock on the ledger's witness.
#[test]
fn what_a_release_has_pinned_stays_until_it_is_archived() {
    let (world, entries) = (World::landed("10"), |world: &World| files(&world.path("data/ledger")).len());
    let (before, witness) = (entries(&world), File::create(world.path("keys/ledger.lock")).unwrap());
    witness.lock().unwrap();
    let mut release = begun(&world, &["release", "outcomes"], "");
    while entries(&world) == before {
        assert!(release.try_wait().unwrap().is_none(), "{:?}", release.wait_with_output());
        std::thread::sleep(Duration::from_millis(5));
    }
    let landed_files = File::open(world.path("data/landed.lock")).unwrap();
    assert!(landed_files.try_lock().is_err(), "whoever removes files must wait");
    let mut forget = begun(&world, &["forget"], &landed(&world)[0]);
    std::thread::sleep(Duration::from_millis(700));
    assert!(forget.try_wait().unwrap().is_none() && !world.path("data/pending.toml").exists());
    drop(witness);
    let [release, forget] = ended([release, forget]);
    assert!(release.code == 0 && release.out.contains("budget spent"), "{release:?}");
    assert!(forget.code == 0 && forget.out.contains("1 of 1 people had landed rows"), "{forget:?}");
    // The erasure is what the next release is made from.
    assert!(world.ok(&["release", "outcomes"]).contains("budget spent"));
}

#[test]
fn erasures_and_releases_side_by_side_all_end_well() {
    let world = World::landed("100");
    let people = landed(&world);
    for (round, wait) in [0, 150, 300, 450, 600].into_iter().enumerate() {
        let release = begun(&world, &["release", "outcomes", "outcomes-by-quarter"], "");
        std::thread::sleep(Duration::from_millis(wait));
        let forget = begun(&world, &["forget"], &people[round]);
        let [release, forget] = ended([release, forget]);
        assert!(forget.code == 0 && release.code == 0, "after {wait} ms: {release:?}, {forget:?}");
        let ledger = world.ok(&["ledger"]);
        assert!(!ledger.contains("unfinished release"), "after {wait} ms: {ledger}");
    }
}

#[test]
fn what_storage_keeps_from_being_finished_is_not_given_up_for_a_landing() {
    let place = Place::new();
    place.reserved(&["release"]);
    let list = place.list("second", 5..8);
    let (archive, aside) = (place.0.path("data/archive"), place.0.path("aside"));
    std::fs::rename(&archive, &aside).unwrap();
    std::fs::write(&archive, "no folder").unwrap();
    let landed = contents(&place.0.path("data/landed"));
    let inbox = place.0.text("in");
    for arguments in [&["land", list.as_str()][..], &["run", "--inbox", &inbox], &["key", "rotate"]] {
        let said = place.run(arguments);
        assert!(said.code == 5 && contents(&place.0.path("data/landed")) == landed, "{arguments:?}: {said:?}");
    }
    // An erasure waits for nothing.
    let forgot = place.told(&["forget"], &numbers()[8]);
    assert!(forgot.code == 0 && forgot.err.contains("could not be finished now"), "{forgot:?}");
    std::fs::remove_file(&archive).unwrap();
    std::fs::rename(&aside, &archive).unwrap();
    let said = place.run(&["land", &list]);
    assert!(said.code == 0 && said.out.starts_with(FINISHED), "{said:?}");
    assert_eq!(place.charges(), 1);
}
