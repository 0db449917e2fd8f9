//! Budget is spent by news alone: what a query is called, how it is spelled and what stands above the door cost nothing and are shown
//! in new words; what it counts costs.

use crate::world::{RELEASE, Said, World, contents, home, said};

const FRONT: &str = "/*+++\ntitle = { sv = \"Efter kön\", en = \"By sex\" }\n+++*/\n";
const SQL: &str = "SELECT sex, count(*) AS n FROM participation WHERE age >= 30 AND sex IS NOT NULL GROUP BY sex";

struct Released {
    world: World,
}

impl Released {
    fn new() -> Self {
        let released = Self { world: World::landed("100") };
        let told = released.release(&pages(), &format!("{FRONT}{SQL}"));
        assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
        released
    }

    fn release(&self, release: &str, sql: &str) -> Said {
        let home = home(&self.world, release, &[("trial", sql)]);
        said(self.world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap())
    }

    /// Releases otherwise worded; nothing may be charged, and what is shown without the queries is the same.
    fn free(&self, release: &str, sql: &str) {
        let ledger = contents(&self.world.path("data/ledger"));
        let told = self.release(release, sql);
        assert!(told.code == 0 && told.out.contains("from the archive, free"), "{sql}: {told:?}");
        assert_eq!(contents(&self.world.path("data/ledger")), ledger, "{sql}");
        let shown = self.page();
        // What the site says of itself is read where it is; all else stands in the archive.
        let published = self.world.command(&["publish"]).env("UTFALL_HOME", self.world.path("home")).output().unwrap();
        assert!(published.status.success(), "{published:?}");
        assert_eq!(self.page(), shown, "{sql}");
    }

    fn page(&self) -> String {
        std::fs::read_to_string(self.world.path("out/trial/en.html")).unwrap()
    }

    fn numbers(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.world.path("out/trial").join(file)).unwrap();
        let rows = text.lines().skip(1).map(|line| line.split(',').nth(3).unwrap_or_default().to_owned());
        rows.collect()
    }
}

fn pages() -> String {
    RELEASE.replace("[\"csv\"]", "[\"html\", \"csv\"]")
}

#[test]
fn words_cost_nothing_and_are_shown() {
    let released = Released::new();
    let numbers = released.numbers("trial.csv");
    released.free(&pages(), &format!("{FRONT}-- a comment\n{SQL}\n"));
    released
        .free(&pages(), &format!("{FRONT}{}", SQL.replace("SELECT", "select").replace("count", "COUNT").replace(' ', "\n  ")));
    released.free(
        &pages(),
        &format!("{FRONT}{}", SQL.replace("FROM participation", "FROM participation p").replace("age >=", "p.age >=")),
    );
    released.free(&pages(), &format!("{}{SQL}", FRONT.replace("By sex", "Women and men")));
    assert!(released.page().contains("Women and men"));
    released.free(&pages().replace("0.95", "0.9").replace("Trial", "Another title"), &format!("{FRONT}{SQL}"));
    assert!(released.page().contains("Another title"));
    assert_eq!(released.numbers("trial.csv"), numbers);
    // A format added later reaches what is paid for; one that is left out is no longer published.
    released.free(&pages().replace(", \"csv\"", ""), &format!("{FRONT}{SQL}"));
    assert!(!released.world.path("out/trial/trial.csv").exists());
    // Above the door.
    released.free(&pages(), &format!("{FRONT}{SQL} HAVING count(*) > -1000 ORDER BY n DESC LIMIT 1"));
    assert_eq!(released.numbers("trial_n.csv"), numbers);
    assert_eq!(released.numbers("trial.csv").len(), 1);
    // And as it was.
    released.free(&pages(), &format!("{FRONT}{SQL}"));
    assert!(released.page().contains("By sex") && released.numbers("trial.csv") == numbers);
    assert!(contents(&released.world.path("data/renditions")).is_empty());
}

#[test]
fn what_is_counted_costs() {
    let released = Released::new();
    for (from, to) in
        [(">= 30", "> 30"), ("count(*)", "count(DISTINCT participant)"), ("sex IS", "exit_state IS"), ("sex", "exit_state")]
    {
        let told = released.release(&pages(), &format!("{FRONT}{}", SQL.replace(from, to)));
        assert!(told.code == 0 && told.out.contains("budget spent"), "{to}: {told:?}");
    }
    let told = released.release(&pages().replace("\"1\"", "\"2\""), &format!("{FRONT}{SQL}"));
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
}

/// What a code stands for is counted (and cannot change once it has landed); what else stands in its list, and in which order, is not.
#[test]
fn a_list_that_grows_or_is_sorted_anew_costs_nothing() {
    let released = Released::new();
    let list = "home/schemas/codes/sex.csv";
    let rows = std::fs::read_to_string(released.world.path(list)).unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    let [heading, female, male] = lines.as_slice() else { panic!("{rows}") };
    let release = |list: String| {
        released.world.write("home/schemas/codes/sex.csv", list);
        said(released.world.command(&["release"]).env("UTFALL_HOME", released.world.path("home")).output().unwrap())
    };
    let sorted = release(format!("{heading}\n{male}\n{female}\n"));
    assert!(sorted.code == 0 && sorted.out.contains("from the archive, free"), "{sorted:?}");
    assert!(sorted.err.contains("it is shown as it was archived"), "{sorted:?}");
    // A code more of which the query says nothing.
    let sql = SQL.replace("AND sex IS NOT NULL GROUP BY sex", "AND sex = 'female'").replace("sex, ", "");
    released.world.write(list, rows.clone());
    let first = released.release(&pages(), &format!("{FRONT}{sql}"));
    assert!(first.out.contains("budget spent"), "{first:?}");
    let more = release(format!("{rows}3,other,Annat,Other,\n"));
    assert!(more.code == 0 && more.out.contains("from the archive, free"), "{more:?}");
}

/// A home with releases of this budget, all of one query.
fn releases(world: &World, names: &[&str], sql: &str) -> std::path::PathBuf {
    let home = home(world, RELEASE, &[("trial", sql)]);
    for name in names {
        crate::world::copy(&home.join("queries/trial"), &home.join("queries").join(name));
    }
    std::fs::remove_dir_all(home.join("queries/trial")).unwrap();
    home
}

fn night(world: &World, home: &std::path::Path, more: &[&str]) -> Said {
    let inbox = world.path("inbox");
    std::fs::create_dir_all(&inbox).unwrap();
    let inbox = inbox.display().to_string();
    said(world.command(&[&["run", "--inbox", &inbox], more].concat()).env("UTFALL_HOME", home).output().unwrap())
}

#[test]
fn a_job_at_night_spends_on_rows_and_not_on_queries() {
    let world = World::landed("100");
    let first = releases(&world, &["one"], &format!("{FRONT}{SQL}"));
    let told = night(&world, &first, &[]);
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
    let (ledger, page) = (contents(&world.path("data/ledger")), contents(&world.path("out/one")));
    let changed = releases(&world, &["one"], &format!("{FRONT}{}", SQL.replace(">= 30", "> 30")));
    let told = night(&world, &changed, &[]);
    assert!(told.code == 0 && told.err.contains("one: its queries count something else"), "{told:?}");
    assert_eq!((contents(&world.path("data/ledger")), contents(&world.path("out/one"))), (ledger, page));
    // New rows change nothing of that; those of a query that is as it was are paid for.
    world.write("inbox/asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    let told = night(&world, &changed, &[]);
    assert!(told.out.contains("1 row") && !told.out.contains("budget spent") && told.err.contains("something else"), "{told:?}");
    let told = night(&world, &releases(&world, &["one"], &format!("{FRONT}{SQL}")), &[]);
    assert!(told.out.contains("budget spent"), "{told:?}");
    let changed = releases(&world, &["one"], &format!("{FRONT}{}", SQL.replace(">= 30", "> 30")));
    let told = night(&world, &changed, &["--queries-changed"]);
    assert!(told.out.contains("budget spent"), "{told:?}");
    let told = night(&world, &changed, &[]);
    assert!(told.err.is_empty() && !told.out.contains("budget spent"), "{told:?}");
}

/// A code that has come to a list is no news; with new rows it is published with them.
#[test]
fn a_job_at_night_waits_for_rows_where_a_list_has_grown() {
    let world = World::landed("100");
    let home = releases(&world, &["one"], &format!("{FRONT}{SQL}"));
    assert!(night(&world, &home, &[]).out.contains("budget spent"));
    let list = world.path("home/schemas/codes/sex.csv");
    let rows = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, format!("{rows}3,other,Annat,Other,\n")).unwrap();
    let told = night(&world, &home, &[]);
    assert!(told.code == 0 && told.err.contains("no new rows have landed") && !told.out.contains("budget"), "{told:?}");
    world.write("inbox/asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    let told = night(&world, &home, &[]);
    assert!(told.out.contains("budget spent") && told.err.is_empty(), "{told:?}");
    let page = std::fs::read_to_string(world.path("out/one/trial.csv")).unwrap();
    assert!(page.contains("other"), "{page}");
    assert!(night(&world, &home, &[]).out.is_empty());
}

/// `plan` and `status` say what is free, what is new and what comes next.
#[test]
fn what_is_free_and_what_comes_next_is_told_beforehand() {
    let world = World::landed("3.5");
    let home = releases(&world, &["a", "b"], &format!("{FRONT}{SQL}"));
    let tell = |arguments: &[&str]| {
        let told = said(world.command(arguments).env("UTFALL_HOME", &home).output().unwrap());
        assert_eq!(told.code, 0, "{told:?}");
        told.out
    };
    let told = tell(&["plan"]);
    assert!(told.contains("new: not published yet") && told.contains("epsilon 2.5 (3.5 now); fits"), "{told}");
    assert!(told.contains("epsilon 1.5 (2.5 now); fits") && told.contains("next: utfall release a b"), "{told}");
    let told = tell(&["release", "a"]);
    assert!(told.contains("left epsilon 2.5;") && !told.contains("000"), "{told}");
    let told = tell(&["plan"]);
    assert!(told.contains("free now: paid for already (utfall release a)") && told.contains("next: utfall release b"), "{told}");
    let told = tell(&["status"]);
    assert!(told.contains("published as they would be now, free: a\n"), "{told}");
    assert!(told.contains("new or changed since they were published: b\n") && told.contains("next: utfall plan b"), "{told}");
    tell(&["release"]);
    assert!(tell(&["plan"]).contains("next: all is paid for"));
    assert!(tell(&["status"]).contains("next: nothing is new"));
    world.write("inbox/asap-2017-01.csv", "Personnummer;Startdatum;Slutdatum\n191212121212;2017-01-10;\n");
    tell(&["land", world.text("inbox/asap-2017-01.csv").as_str()]);
    assert!(tell(&["plan"]).matches("new: rows have landed since it was published").count() == 2);
    releases(&world, &["a", "b"], &format!("{FRONT}{}", SQL.replace(">= 30", "> 30")));
    let told = tell(&["plan", "a"]);
    assert!(told.contains("new: counts something else than what is published"), "{told}");
}

#[test]
fn a_job_at_night_draws_all_that_is_new_or_nothing() {
    let world = World::landed("2.5");
    let home = releases(&world, &["a", "b", "c"], &format!("{FRONT}{SQL}"));
    let ledger = contents(&world.path("data/ledger"));
    let told = night(&world, &home, &[]);
    assert!(
        told.code == 4 && told.err.contains("error[budget-of-run]") && told.err.contains("nothing was drawn: a ("),
        "{told:?}"
    );
    assert_eq!(contents(&world.path("data/ledger")), ledger);
    assert!(!world.path("out/a").exists());
    let told = night(&world, &home, &["--what-fits"]);
    assert!(
        told.code == 4 && told.out.matches("budget spent").count() == 2 && told.err.contains("were not made: c ("),
        "{told:?}"
    );
    assert!(world.path("out/b").exists() && !world.path("out/c").exists());
}
