//! What an analyst writes cannot hurt: neither the machine, nor the secrets beside it, nor a release that is paid for.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::world::{RELEASE, Said, World, files, home};

const FRONT: &str = "/*+++\ntitle = { sv = \"a\", en = \"b\" }\n+++*/\n";
const QUERY: &str = "SELECT sex, count(*) AS n FROM participation GROUP BY sex";

/// A place with one release of one query.
fn place(world: &World, sql: &str) -> PathBuf {
    let _ = std::fs::remove_dir_all(world.path("home"));
    home(world, RELEASE, &[("trial", &format!("{FRONT}{sql}"))])
}

/// A run that ends within a time, and the most memory that it and the processes that it started took, in mebibytes.
fn watched(world: &World, arguments: &[&str]) -> (Said, u64) {
    let mut command = world.command(arguments);
    let command = command.env("UTFALL_HOME", world.path("home")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, begun, mut most) = (command.spawn().unwrap(), Instant::now(), 0);
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(100) {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        most = most.max(memory(child.id()));
        std::thread::sleep(Duration::from_millis(2));
    }
    (crate::world::said(child.wait_with_output().unwrap()), most)
}

/// The most memory that a process and its children have had.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    let children: Vec<u32> =
        children.flat_map(|c| c.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect();
    peak.unwrap_or_default() / 1024 + children.into_iter().map(memory).sum::<u64>()
}

fn replaced(path: &Path, by: impl FnOnce(&Path)) {
    std::fs::remove_file(path).unwrap();
    by(path);
}

#[test]
fn only_regular_files_below_the_home_are_read_and_no_secret_is_shown() {
    let world = World::new("10");
    let keys: Vec<(PathBuf, String)> = files(&world.path("keys"))
        .into_iter()
        .filter_map(|file| Some((file.clone(), std::fs::read_to_string(&file).ok().filter(|text| text.len() > 30)?)))
        .collect();
    assert!(!keys.is_empty());
    let names = [
        "queries/trial/release.toml",
        "queries/trial/trial.sql",
        "schemas/participation.toml",
        "schemas/codes/sex.csv",
        "schemas/register/project.csv",
        "schemas/register/target.csv",
    ];
    for name in names {
        let refused = |by: &dyn Fn(&Path)| {
            let file = place(&world, QUERY).join(name);
            replaced(&file, by);
            let (said, most) = watched(&world, &["check"]);
            assert_eq!(said.code, 2, "{name}: {said:?}");
            assert!(said.err.contains(&file.display().to_string()), "{name}: {said:?}");
            assert!(most < 300 && said.err.len() < 500, "{name}: {most} MB, {said:?}");
            said
        };
        for (key, text) in &keys {
            let said = refused(&|file| symlink(key, file).unwrap());
            let runs: Vec<String> = text.as_bytes().windows(8).map(|run| String::from_utf8_lossy(run).into_owned()).collect();
            assert!(!runs.iter().any(|run| said.err.contains(run.as_str())), "{name}: {said:?}");
        }
        refused(&|file| symlink("/dev/zero", file).unwrap());
        refused(&|file| assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success()));
        refused(&|file| std::fs::create_dir(file).unwrap());
        refused(&|file| std::fs::write(file, b"title = \"\xFF\"").unwrap());
    }
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let world = World::empty();
    for (name, length) in [
        ("queries/trial/release.toml", 600 << 10),
        ("queries/trial/trial.sql", 20 << 10),
        ("schemas/participation.toml", 8 << 30),
        ("schemas/codes/sex.csv", 8 << 30),
        ("schemas/register/target.csv", 8 << 30),
    ] {
        let file = place(&world, QUERY).join(name);
        std::fs::OpenOptions::new().append(true).open(&file).unwrap().set_len(length).unwrap();
        let (said, most) = watched(&world, &["check"]);
        assert!(said.code == 2 && said.err.contains("longer than") && most < 400, "{name}: {most} MB, {said:?}");
    }
}

#[test]
fn links_within_the_home_are_followed_and_the_home_may_be_one() {
    let world = World::new("10");
    let home = place(&world, QUERY);
    for name in ["queries/trial/trial.sql", "schemas/codes/sex.csv", "schemas/register/project.csv", "schemas/participation.toml"]
    {
        let shared = home.join(format!("shared-{}", name.rsplit('/').next().unwrap()));
        std::fs::rename(home.join(name), &shared).unwrap();
        symlink(&shared, home.join(name)).unwrap();
    }
    // A folder within itself is no way on.
    symlink(home.join("schemas"), home.join("schemas/codes/again")).unwrap();
    symlink(&home, world.path("link")).unwrap();
    let link = world.text("link");
    world.ok(&["check", "--home", &link]);
    world.ok(&["demo", &world.text("lists")]);
    world.ok(&["run", "--home", &link, "--inbox", &world.text("lists")]);
    world.ok(&["run", "--home", &link, "--inbox", &world.text("lists")]);
}

#[test]
fn a_pipe_beside_the_queries_keeps_nobody_waiting() {
    let world = World::new("10");
    let pipe = place(&world, QUERY).join("queries/trial/notes");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    world.ok(&["demo", &world.text("lists")]);
    for _ in 0..2 {
        let (said, _) = watched(&world, &["run", "--inbox", &world.text("lists")]);
        assert_eq!(said.code, 0, "{said:?}");
    }
}

#[test]
fn a_message_shows_little_of_a_long_line() {
    let world = World::empty();
    let long = "å".repeat(5_000);
    for (name, text) in [
        ("queries/trial/release.toml", format!("title = \"{long}")),
        ("queries/trial/release.toml", format!("{RELEASE}\n\"{long}\" = 1")),
        ("queries/trial/release.toml", RELEASE.replace("\"1\"", &format!("\"{long}\""))),
        ("queries/trial/trial.sql", format!("/*+++\ntitle = [\"{long}\"]\n+++*/\n{QUERY}")),
        ("queries/trial/trial.sql", format!("{FRONT}SELECT '{long}', FROM")),
        ("queries/trial/trial.sql", format!("{FRONT}SELECT \"{long}\" FROM participation")),
        ("queries/trial/trial.sql", format!("{FRONT}SELECT count(*) AS n FROM participation WHERE sex = '{long}'")),
        ("queries/trial/trial.sql", format!("{FRONT}SELECT '{long}' || participant AS n FROM participation")),
        ("schemas/participation.toml", format!("title = {{ sv = \"{long}\" }}")),
        ("schemas/codes/sex.csv", format!("id,code,sv\n0,{long},\n1,{long},\n")),
        ("schemas/codes/sex.csv", format!("id,{long},{long}\n")),
        ("schemas/register/target.csv", format!("{long},{long}\n")),
    ] {
        place(&world, QUERY);
        world.write(&format!("home/{name}"), text);
        let (said, _) = watched(&world, &["check"]);
        let shown = said.err.chars().filter(|c| *c == 'å').count();
        assert!(said.code == 2 && shown <= 200 && said.err.len() < 1_500, "{name}: {shown} characters, {said:?}");
    }
    place(&world, QUERY);
    let mapping = world.write("mapping.toml", format!("\"19121212-1212 {long}\" = 1"));
    let list = world.write("list.csv", "a;b\n1;2\n");
    let world = World::new("10");
    place(&world, QUERY);
    let (said, _) = watched(&world, &["land", "--map", &mapping, &list]);
    let shown = said.err.chars().filter(|c| *c == 'å').count();
    assert!(said.code == 2 && shown <= 200 && !said.err.contains("1212-1212"), "{said:?}");
}

/// Doubles a text so many times; none is made of the number 1000.
fn doubled(times: usize, of: &str) -> String {
    let steps: String = (1..=times).map(|i| format!(", a{i} AS (SELECT sex, n, t || t AS t FROM a{})", i - 1)).collect();
    format!("WITH c AS ({QUERY}), a0 AS (SELECT sex, n, {of} AS t FROM c){steps} SELECT sex, n, length(t) AS l FROM a{times}")
}

#[test]
fn sql_above_the_door_that_takes_too_much_is_refused_and_takes_little() {
    let world = World::empty();
    let of = |rest: &str| format!("WITH c AS ({QUERY}) SELECT c.sex, c.n {rest}");
    let ones =
        (1..=40).map(|i| format!(", d{i} AS (SELECT * FROM d{0} UNION ALL SELECT * FROM d{0})", i - 1)).collect::<String>();
    let cube = format!("CUBE(county{})", (1..=15).map(|i| format!(", county || {i}")).collect::<String>());
    for (rule, sql) in [
        ("above-function", of(", repeat('x', 1000000000) AS r FROM c")),
        ("above-function", of(", length(repeat('x', c.n * 1000000)) AS r FROM c")),
        ("above-function", of(", length(lpad('x', 2000000000)) AS r FROM c")),
        ("above-function", of(", length(replace(c.sex, 'e', 'eeeeeeeeeeeeeeee')) AS r FROM c")),
        ("above-function", of(", (SELECT length(string_agg(county, '')) FROM municipality) AS r FROM c")),
        (
            "private-above",
            of(", (WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT max(x) FROM r) AS r FROM c"),
        ),
        ("heavy", of(", a.county AS r FROM c CROSS JOIN municipality a CROSS JOIN municipality b CROSS JOIN municipality d")),
        ("heavy", of(", (SELECT count(*) FROM municipality a, municipality b, municipality d, municipality e) AS r FROM c")),
        (
            "heavy",
            of(
                ", (SELECT count(*) FROM municipality a JOIN municipality b ON a.county < b.county, municipality d, target) AS r FROM c",
            ),
        ),
        (
            "grouping-sets",
            of(&format!(", (SELECT count(*) FROM (SELECT 1 AS x FROM municipality GROUP BY {cube}) k) AS r FROM c")),
        ),
        ("heavy", doubled(30, "'xxxxxxxxxxxxxxxx'")),
        ("heavy", format!("{} WHERE t < 'a'", doubled(31, "sex")).replace("length(t) AS l", "t")),
        ("too-deep", format!("WITH d0 AS (SELECT 1 AS x){ones}, c AS ({QUERY}) SELECT c.sex, c.n, d40.x FROM c CROSS JOIN d40")),
    ] {
        place(&world, &sql);
        let (said, most) = watched(&world, &["check"]);
        assert!(said.code == 2 && said.err.contains(&format!("refused[{rule}]")), "{sql}: {most} MB, {said:?}");
        assert!(said.err.contains("help: ") && most < 1_300, "{sql}: {most} MB, {said:?}");
    }
}

#[test]
fn what_analysts_compute_from_published_numbers_is_accepted() {
    let world = World::empty();
    let sql = "WITH c AS (SELECT sex, age_band, count(*) AS n FROM participation GROUP BY sex, age_band) \
        SELECT upper(left(trim(c.sex), 1)) || right(c.sex, 3) AS who, c.n, \
        round(100.0 * c.n / nullif(sum(c.n) OVER (PARTITION BY c.age_band), 0), 1) AS share, \
        replace(CAST(round(c.n / 7.0, 1) AS VARCHAR), '.', ',') AS comma, \
        CASE WHEN c.n > 10 THEN 'many' ELSE concat('few: ', c.n) END AS how, \
        floor(sqrt(abs(c.n))) AS root, greatest(c.n, 0) AS least_zero, lag(c.n) OVER (ORDER BY c.age_band, c.sex) AS before, \
        rank() OVER (ORDER BY c.n DESC) AS place, to_char(DATE '2021-03-01', '%Y-%m') AS month, \
        (SELECT count(*) FROM municipality a JOIN municipality b USING (municipality)) AS municipalities FROM c ORDER BY place, who";
    place(&world, sql);
    let (said, _) = watched(&world, &["check"]);
    assert_eq!(said.code, 0, "{said:?}");
}

#[test]
fn a_query_that_fails_on_the_numbers_that_were_drawn_is_left_out_and_the_numbers_are_published() {
    let world = World::landed("10");
    let home = place(&world, QUERY);
    for (name, sql) in [
        ("memory", doubled(30, "CASE WHEN n = 1000 THEN '' ELSE 'xxxxxxxxxxxxxxxx' END")),
        ("error", format!("WITH c AS ({QUERY}) SELECT sex, n, 1 / CASE WHEN n = 1000 THEN 1 ELSE 0 END AS l FROM c")),
        ("text", doubled(12, "CASE WHEN n = 1000 THEN '' ELSE 'x' END").replace("length(t) AS l", "t")),
        ("well", format!("WITH c AS ({QUERY}) SELECT sex, n, 2 * n AS l FROM c")),
    ] {
        std::fs::write(home.join(format!("queries/trial/{name}.sql")), format!("{FRONT}{sql}")).unwrap();
    }
    let (said, most) = watched(&world, &["release"]);
    assert!(said.code == 0 && most < 2_500, "{most} MB: {said:?}");
    let told = |said: &Said| {
        for name in ["memory", "error", "text"] {
            let line = said.err.lines().find(|line| line.starts_with(&format!("trial/{name}: "))).unwrap_or_default();
            assert!(line.contains("the tables below are published without it"), "{name}: {said:?}");
        }
        assert!(!said.err.contains("trial/well") && said.err.lines().count() == 3, "{said:?}");
    };
    told(&said);
    let published = || {
        let out = world.path("out/trial");
        for name in ["memory", "error", "text", "well"] {
            assert!(out.join(format!("{name}_n.csv")).is_file(), "{name}: its numbers are there");
            assert_eq!(out.join(format!("{name}.csv")).is_file(), name == "well", "{name}");
        }
    };
    published();
    let well = std::fs::read_to_string(world.path("out/trial/well.csv")).unwrap();
    assert!(well.contains("l_low"), "with its intervals: {well}");
    let spent = files(&world.path("data/ledger")).len();
    std::fs::remove_dir_all(world.path("out")).unwrap();
    for command in ["publish", "release"] {
        let (said, _) = watched(&world, &[command]);
        assert_eq!(said.code, 0, "{command}: {said:?}");
        told(&said);
        published();
    }
    assert_eq!(files(&world.path("data/ledger")).len(), spent);
}

#[test]
fn of_a_key_that_came_under_another_name_nothing_is_shown() {
    let world = World::new("10");
    let key = std::fs::read_to_string(world.path("keys/pseudonym.key")).unwrap();
    for name in ["queries/trial/release.toml", "queries/trial/trial.sql", "schemas/participation.toml", "schemas/codes/sex.csv"] {
        let file = place(&world, QUERY).join(name);
        replaced(&file, |file| std::fs::hard_link(world.path("keys/pseudonym.key"), file).unwrap());
        let (said, _) = watched(&world, &["check"]);
        assert!(said.code == 2 && !said.err.contains(&key[..8]) && !said.err.contains(&key[40..48]), "{name}: {said:?}");
    }
}

#[test]
fn whole_numbers_above_the_door_are_exact_or_refused() {
    let world = World::landed("10");
    let of = |sql: &str| {
        let cte = format!("WITH c AS ({QUERY}) {sql}");
        place(&world, &cte);
        watched(&world, &["check"]).0
    };
    for (sql, is_exact) in [
        ("SELECT sex, n * n * n * n * n * n * n * n AS v FROM c", false),
        ("SELECT sex, n * 9000000000000000 AS v FROM c", true),
        ("SELECT sex, n * 9000000000000000 + n * 9000000000000000 AS v FROM c", false),
        ("SELECT sex, 0 - n * 9000000000000000 - n * 9000000000000000 AS v FROM c", false),
        ("SELECT sum(n * 9000000000000000) AS v FROM c", false),
        ("SELECT sum(n * 9000000000000000) OVER () AS v, sex FROM c", false),
        ("SELECT sex, sum(n) AS s, sum(n) * 2 - max(n) AS v FROM c GROUP BY sex HAVING sum(n) + 1 > 2 ORDER BY sum(n) * 3", true),
        ("SELECT sex, sum(n) OVER (ORDER BY sex) + 1 AS v FROM c", true),
    ] {
        let said = of(sql);
        assert_eq!(said.code, if is_exact { 0 } else { 2 }, "{sql}: {said:?}");
    }
    // What fits at the rehearsal's numbers and not at those that are drawn is left out.
    place(&world, &format!("SELECT sex, CASE WHEN n = 1000 THEN n ELSE n * 9000000000000000000 END AS v FROM ({QUERY})"));
    let (said, _) = watched(&world, &["release"]);
    assert!(said.code == 0 && said.err.contains("published without it"), "{said:?}");
}
