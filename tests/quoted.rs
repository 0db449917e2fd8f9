//! What is counted once is measured once, paid once and published as one number, however many queries stand on it.

use crate::world::{RELEASE, Said, World, home, said};

const BASE: &str = "SELECT exit_state, count(*) AS n FROM participation WHERE exit_state IS NOT NULL GROUP BY exit_state";

fn front(order: u32) -> String {
    format!("/*+++\ntitle = {{ sv = \"Prov {order}\", en = \"Trial {order}\" }}\norder = {order}\n+++*/\n")
}

fn run(world: &World, queries: &[(&str, String)], arguments: &[&str]) -> Said {
    let _ = std::fs::remove_dir_all(world.path("home"));
    let texts: Vec<(&str, &str)> = queries.iter().map(|(name, sql)| (*name, sql.as_str())).collect();
    let home = home(world, &RELEASE.replace("[\"csv\"]", "[\"html\", \"csv\"]"), &texts);
    said(world.command(arguments).env("UTFALL_HOME", home).output().unwrap())
}

fn column(world: &World, file: &str, column: &str) -> Vec<String> {
    crate::world::column(world, &format!("trial/{file}"), column)
}

#[test]
fn tables_that_count_the_same_are_measured_once_and_say_the_same() {
    let world = World::landed("100");
    let share = "SELECT 1.0 * sum(CASE WHEN exit_state = 'work' THEN n END) / nullif(sum(n), 0) AS share, sum(n) AS exits";
    let quoted = [
        ("base", format!("{}{BASE}", front(1))),
        ("share", format!("{}{share} FROM published.trial.base", front(2))),
        // Written out, under other names and in other letters.
        ("written", format!("{}{share} FROM ({}) b", front(3), BASE.replace("FROM participation", "from participation AS p"))),
        // The same rows under another title and order.
        (
            "again",
            format!(
                "{}SELECT exit_state, count(*) AS participations FROM participation WHERE exit_state IS NOT NULL GROUP BY 1",
                front(4)
            ),
        ),
        ("other", format!("{}{}", front(5), BASE.replace("count(*)", "count(DISTINCT participant)"))),
    ];
    let plan = run(&world, &quoted, &["plan"]);
    assert_eq!(plan.code, 0, "{plan:?}");
    let planned = |name: &str| plan.out.lines().any(|line| line.starts_with(&format!("  {name} ")));
    assert!(planned("base") && planned("other") && !planned("share") && !planned("written") && !planned("again"), "{}", plan.out);
    let told = run(&world, &quoted, &["release"]);
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
    let entry = std::fs::read_to_string(world.path("data/ledger/00000001.entry")).unwrap();
    let measured: Vec<&str> = entry.lines().filter_map(|line| line.strip_prefix("measurement: ")?.split(' ').next()).collect();
    assert_eq!(measured, ["base", "other"]);
    // One fact, one number.
    let exits = column(&world, "share.csv", "exits");
    assert_eq!(exits, column(&world, "written.csv", "exits"));
    assert_eq!(column(&world, "base.csv", "n"), column(&world, "again.csv", "participations"));
    assert_eq!(column(&world, "base.csv", "n"), column(&world, "share_n.csv", "n"));
    let sum: i64 = column(&world, "base.csv", "n").iter().map(|n| n.parse::<i64>().unwrap()).sum();
    assert_eq!(exits, [sum.to_string()]);
    let page = std::fs::read_to_string(world.path("out/trial/en.html")).unwrap();
    assert_eq!(page.matches("Of the same noisy numbers as in <a href=\"#base\">Trial 1</a>").count(), 3);
    assert_eq!(run(&world, &quoted, &["verify"]).code, 0);
    // The text of the quotation is what counts: written out or quoted, it is the same release.
    let mut turned = quoted.clone();
    turned[1].1 = format!("{}{share} FROM ({BASE}) AS b", front(2));
    let told = run(&world, &turned, &["release"]);
    assert!(told.out.contains("from the archive, free"), "{told:?}");
}

#[test]
fn what_cannot_be_quoted_is_refused_with_the_way_out() {
    let world = World::empty();
    for (sql, why) in [
        ("SELECT sum(n) AS n FROM published.outcomes.by_project", "no release has that name"),
        ("SELECT sum(n) AS n FROM published.trial.nothing", "no such table; there are base, quote"),
        ("SELECT sum(n) AS n FROM published.trial.quote", "quotes itself"),
    ] {
        let queries = [("base", format!("{}{BASE}", front(1))), ("quote", format!("{}{sql}", front(2)))];
        let told = run(&world, &queries, &["check"]);
        assert!(told.code == 2 && told.err.contains("quote.sql") && told.err.contains(why), "{told:?}");
    }
}

/// In a series too, where years and cumulative figures are sums of what was measured once.
#[test]
fn a_series_measures_once_what_it_counts_twice() {
    let world = World::landed("100");
    let _ = std::fs::remove_dir_all(world.path("home"));
    let home = home(&world, "", &[]);
    crate::world::copy(
        &crate::world::repository().join("queries/outcomes-by-quarter"),
        &home.join("queries/outcomes-by-quarter"),
    );
    std::fs::remove_dir_all(home.join("queries/trial")).unwrap();
    let columns = "\n[columns]\noutcome = { sv = \"Utfall\", en = \"Outcome\", codes = \"outcome\" }\n+++*/";
    let front = front(9).replace("\n+++*/", columns);
    let quote = format!("{front}SELECT outcome, participations FROM published.\"outcomes-by-quarter\".quarterly");
    std::fs::write(home.join("queries/outcomes-by-quarter/quote.sql"), quote).unwrap();
    let told = said(world.command(&["release"]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
    let out = world.path("out/outcomes-by-quarter");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let numbers = |text: &str| -> Vec<String> {
        text.lines().skip(1).map(|line| line.rsplit(',').skip(1).take(4).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(numbers(&read("quarterly.csv")), numbers(&read("quote.csv")));
    assert_eq!(numbers(&read("quarterly_cumulative.csv")), numbers(&read("quote_cumulative.csv")));
}

/// Six shares of the same people: crossed tables are measured in place of them, in whatever words the shares are asked.
#[test]
fn shares_of_the_same_rows_are_sums_of_what_is_measured() {
    let world = World::landed("100");
    let share = |condition: &str, from: &str| format!("SELECT avg(CASE WHEN {condition} THEN 1 ELSE 0 END) AS share {from}");
    let from = "FROM participation WHERE entry = 1 AND project = 'progress'";
    let inner = "FROM (SELECT sex, age, disability AS d, project, entry FROM participation WHERE project = 'progress') AS p WHERE p.entry = 1";
    let queries = [
        ("older", format!("{}{}", front(1), share("age > 54", from))),
        ("rural", format!("{}{}", front(2), share("rural", from))),
        ("homeless", format!("{}{}", front(3), share("homeless", from))),
        ("minority", format!("{}{}", front(4), share("minority", from))),
        // The same rows in other words.
        ("disability", format!("{}{}", front(5), share("d", inner))),
        ("young", format!("{}{}", front(6), share("p.age < 25", inner))),
        ("by_sex", format!("{}SELECT sex, count(*) AS n {from} GROUP BY sex", front(7))),
        ("all", format!("{}SELECT count(*) AS n {from}", front(8))),
        ("quote", format!("{}SELECT sum(n) AS n FROM published.trial.by_sex", front(9))),
    ];
    let plan = run(&world, &queries, &["plan"]);
    assert!(
        plan.code == 0 && plan.out.contains("measured for") && plan.out.contains("follows from what is measured"),
        "{plan:?}"
    );
    let told = run(&world, &queries, &["release"]);
    assert!(told.code == 0 && told.out.contains("budget spent"), "{told:?}");
    let entry = std::fs::read_to_string(world.path("data/ledger/00000001.entry")).unwrap();
    let measured: Vec<&str> = entry.lines().filter_map(|line| line.strip_prefix("measurement: ")?.split(' ').next()).collect();
    assert!(measured.contains(&"base_1") && measured.len() < 8, "{measured:?}");
    // What is told is one: the whole, the sum of its parts, and both quoted.
    let all: f64 = column(&world, "all.csv", "n")[0].parse().unwrap();
    let by_sex: f64 = column(&world, "by_sex.csv", "n").iter().map(|n| n.parse::<f64>().unwrap()).sum();
    assert!((all - by_sex).abs() < 0.005, "{all} {by_sex}");
    let quoted: f64 = column(&world, "quote.csv", "n")[0].parse().unwrap();
    assert!((quoted - all).abs() <= 2.0, "{quoted} {all}");
    let (low, high) = (column(&world, "quote.csv", "n_lower"), column(&world, "quote.csv", "n_upper"));
    assert!(low[0].parse::<f64>().unwrap() < all && all < high[0].parse::<f64>().unwrap(), "{low:?} {high:?}");
    assert_eq!(run(&world, &queries, &["verify"]).code, 0);
    let again = run(&world, &queries, &["release"]);
    assert!(again.out.contains("from the archive, free"), "{again:?}");
    let page = std::fs::read_to_string(world.path("out/trial/en.html")).unwrap();
    assert!(page.contains("It was not measured by itself"), "{page}");
    assert!(!page.contains("href=\"#base_1\""), "{page}");
}
