//! What projects promised: shares, counts, means and quotas held against the register, and what cannot be held against it.

use std::path::PathBuf;

use crate::world::{RELEASE, Said, World, home, said};

/// Targets of every kind, as a register states them.
const REGISTER: &str = "\
target,project,name_sv,name_en,kind,numerator,denominator,minimum,maximum,tolerance
left,fler-i-arbete,Av dem som slutat,Of those who left,share,participation.exit_state=work|studies|own_business,participation.exit_state=*,60,100,3
people,fler-i-arbete,Deltagare,People,count,participation.entry=1,,80,,30
rows,fler-i-arbete,Deltaganden,Participations,count,participation,,80,,
kinds,nystart,Motivation,Motivation,count,activity&activity.kind=motivation,,20,90,
age,fler-i-arbete,Ålder,Age,mean,participation.age,participation,30,50,
days,fler-i-arbete,Dagar,Days,mean,participation.end-participation.start[0..1100],participation.end=*,,400,20
women,fler-i-arbete,Kvinnor,Women,share,participation.exit_state=work,participation.sex=female,60,100,
office,traning-ger-fardighet,Stockholm,Stockholm,share,participation.office=af_stockholm,participation.referrer=employment_service&participation.office=*,35,35,5
better,progress,Bättre,Better,share,rating.score=+1,rating.area=health&rating.rater=participant&rating=2+,50,100,
strange,fler-i-arbete,Konstigt,Strange,median,participation.age,participation,30,50,
odd,fler-i-arbete,Konstigt,Odd,share,participation.exit_state=work,participation,60,130,
";

const SUPPORTING: &str = "avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share";

/// How far people's rating of their health rose, of those who rated it twice.
const RISE: &str = "SELECT avg(CASE WHEN s.change > 0 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, last_value(score ORDER BY date, ordinal, contribution)
                                        - first_value(score ORDER BY date, ordinal, contribution) AS change
        FROM   rating WHERE area = 'health' AND rater = 'participant'
        GROUP  BY participant, contribution HAVING count(*) >= 2) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
WHERE  f.project = 'progress' AND f.entry = 1";

/// A home with this register and one query that names a target.
fn at(world: &World, register: &str, target: &str, sql: &str) -> PathBuf {
    let query = format!("/*+++ title = {{ sv = \"a\", en = \"b\" }}\ntargets = [\"{target}\"] +++*/\n{sql}\n");
    let release =
        RELEASE.replace("participations = 3", "participations = 3, rows = { activity = 3, milestone = 4, rating = 60 }");
    let folder = home(world, &release.replace("[\"csv\"]", "[\"html\", \"csv\"]"), &[("number", &query)]);
    std::fs::write(folder.join("schemas/register/target.csv"), register).unwrap();
    folder
}

fn checked(world: &World, target: &str, sql: &str) -> Said {
    let folder = at(world, REGISTER, target, sql);
    let said = said(world.command(&["check"]).env("UTFALL_HOME", &folder).output().unwrap());
    std::fs::remove_dir_all(folder).unwrap();
    said
}

#[test]
fn numbers_of_every_kind_are_held_against_what_was_promised() {
    let world = World::empty();
    let of = "FROM participation WHERE project = 'fler-i-arbete'";
    let offices = "FROM participation WHERE project = 'traning-ger-fardighet' AND office IS NOT NULL";
    for (target, sql) in [
        ("left", format!("SELECT {SUPPORTING} {of} AND exit_state IS NOT NULL AND entry = 1")),
        ("left", format!("SELECT project, {SUPPORTING} FROM participation WHERE exit_state IS NOT NULL GROUP BY project")),
        ("people", format!("SELECT count(*) AS n {of} AND entry = 1")),
        ("people", format!("SELECT count(*) FILTER (WHERE entry = 1) AS n {of}")),
        ("people", format!("SELECT count(DISTINCT participant) AS n {of}")),
        ("people", "SELECT project, count(*) AS n FROM participation WHERE entry = 1 GROUP BY project".to_owned()),
        (
            "people",
            format!("SELECT count(*) AS n FROM (SELECT participant, min(start) AS start {of} GROUP BY participant) AS person"),
        ),
        ("rows", format!("SELECT count(*) AS n {of}")),
        ("kinds", "SELECT count(*) AS n FROM activity WHERE project = 'nystart' AND kind = 'motivation'".to_owned()),
        (
            "kinds",
            "SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant = a.participant AND f.contribution = \
             a.contribution WHERE f.project = 'nystart' AND a.kind = 'motivation'"
                .to_owned(),
        ),
        ("age", format!("SELECT avg(age) AS age {of}")),
        ("age", format!("SELECT avg(age) AS age {of} AND age IS NOT NULL AND entry = 1")),
        ("days", format!("SELECT avg(least(greatest(\"end\" - start, 0), 1100)) AS days {of} AND \"end\" IS NOT NULL")),
        ("women", format!("SELECT sex, avg(CASE WHEN exit_state = 'work' THEN 1 ELSE 0 END) AS share {of} GROUP BY sex")),
        (
            "office",
            format!("SELECT referrer, office, count(*) AS n {offices} AND referrer IS NOT NULL GROUP BY referrer, office"),
        ),
        ("office", format!("SELECT office, count(*) AS n {offices} AND referrer = 'employment_service' GROUP BY office")),
        (
            "office",
            format!(
                "SELECT office, 100 * n / nullif(sum(n) OVER (), 0) AS percent FROM (SELECT office, count(*) AS n {offices} AND \
                 referrer = 'employment_service' GROUP BY office) AS c"
            ),
        ),
        ("better", RISE.to_owned()),
        ("better", RISE.replace("change > 0", "change >= 1").replace("count(*) >= 2", "count(*) > 1")),
        // Above the door rows may be chosen.
        (
            "left",
            format!(
                "SELECT share FROM (SELECT project, {SUPPORTING} FROM participation WHERE exit_state IS NOT NULL GROUP BY project) \
                 AS s WHERE project = 'fler-i-arbete' ORDER BY share"
            ),
        ),
    ] {
        let said = checked(&world, target, &sql);
        assert_eq!(said.code, 0, "{target}: {sql}\n{said:?}");
    }
}

#[test]
fn what_is_not_what_was_promised_is_refused_with_the_way_out() {
    let world = World::empty();
    let of = "FROM participation WHERE project = 'fler-i-arbete'";
    let (shape, others) = ("a target is for one number of participations", "and the query's WHERE leaves other rows out");
    let rows = "and the query counts other rows: table.entry=1 is each person once";
    let offices = "FROM participation WHERE project = 'traning-ger-fardighet'";
    for (target, sql, words) in [
        ("left", format!("SELECT {SUPPORTING} {of}"), others),
        ("left", format!("SELECT {SUPPORTING} {of} AND status_after IS NOT NULL"), others),
        ("people", format!("SELECT count(*) AS n {of}"), rows),
        ("people", format!("SELECT count(DISTINCT participant) AS n {of} AND exit_state = 'work'"), others),
        (
            "people",
            format!("SELECT count(*) AS n FROM (SELECT participant, min(start) AS s {of} AND sex = 'female' GROUP BY participant) AS p"),
            others,
        ),
        ("people", "SELECT count(DISTINCT participant) AS n FROM participation".to_owned(), shape),
        ("rows", format!("SELECT count(*) AS n {of} AND entry = 1"), rows),
        ("rows", format!("SELECT count(*) + 100 AS n {of}"), shape),
        ("rows", format!("SELECT count(*) AS n, count(exit_state) AS m {of}"), shape),
        ("rows", format!("SELECT count(exit_state) AS n {of}"), rows),
        ("kinds", "SELECT count(*) AS n FROM activity WHERE project = 'nystart'".to_owned(), rows),
        (
            "kinds",
            "SELECT count(*) AS n FROM participation f JOIN (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind \
             = 'motivation' GROUP BY participant, contribution) AS a ON f.participant = a.participant AND f.contribution = \
             a.contribution WHERE f.project = 'nystart'"
                .to_owned(),
            rows,
        ),
        ("age", format!("SELECT avg(months_unemployed) AS age {of}"), "and the query's avg is of something else"),
        ("age", format!("SELECT avg(least(greatest(age, 16), 64)) AS age {of} AND age IS NOT NULL"), "and the query's avg is of something else"),
        ("age", format!("SELECT avg(age) AS age {of} AND sex = 'female'"), others),
        ("age", format!("SELECT count(*) AS n {of}"), "and the query's number is a count (kind = count)"),
        ("rows", format!("SELECT avg(age) AS age {of}"), "and the query's number is a mean (kind = mean)"),
        ("rows", format!("SELECT {SUPPORTING} {of}"), "and the query's number is a share (kind = share)"),
        ("days", format!("SELECT avg(least(greatest(\"end\" - start, 0), 365)) AS days {of} AND \"end\" IS NOT NULL"), "and the query's avg is of something else"),
        ("days", format!("SELECT avg(least(greatest(\"end\" - start, 0), 1100)) AS days {of}"), others),
        ("women", format!("SELECT age_band, avg(CASE WHEN exit_state = 'work' THEN 1 ELSE 0 END) AS share {of} GROUP BY age_band"), shape),
        ("office", format!("SELECT office, count(*) AS n {offices} GROUP BY office"), "and the query's rows count others"),
        ("office", format!("SELECT referrer, count(*) AS n {offices} GROUP BY referrer"), "and the query's rows count others"),
        (
            "office",
            format!("SELECT sex, office, count(*) AS n {offices} AND referrer = 'employment_service' AND office IS NOT NULL GROUP BY sex, office"),
            "and the query's rows count others",
        ),
        (
            "left",
            format!("SELECT max(share) AS share FROM (SELECT project, {SUPPORTING} FROM participation WHERE exit_state IS NOT NULL GROUP BY project) AS s"),
            shape,
        ),
        ("women", format!("SELECT sex, 1 - share AS share FROM (SELECT sex, avg(CASE WHEN exit_state = 'work' THEN 1 ELSE 0 END) AS share {of} GROUP BY sex) AS s"), shape),
        ("better", RISE.replace("change > 0", "change > 1"), "and the query's CASE counts others"),
        ("better", RISE.replace("change > 0", "change < 0"), shape),
        ("better", RISE.replace(" HAVING count(*) >= 2", ""), others),
        ("better", RISE.replace("count(*) >= 2", "count(*) >= 3"), others),
        ("better", RISE.replace("'health'", "'competence'"), others),
        ("better", RISE.replace("score ORDER BY date,", "score ORDER BY score, date,"), shape),
        ("better", RISE.replace("score ORDER BY date,", "score ORDER BY date DESC,"), shape),
        (
            "office",
            format!("SELECT office, count(DISTINCT participant) AS n {offices} AND referrer = 'employment_service' AND office IS NOT NULL GROUP BY office"),
            "and the query's rows count others",
        ),
        (
            "office",
            "SELECT f.office, count(*) AS n FROM participation f JOIN activity a ON f.participant = a.participant AND f.contribution = \
             a.contribution WHERE f.project = 'traning-ger-fardighet' AND f.referrer = 'employment_service' AND f.office IS NOT NULL \
             GROUP BY f.office"
                .to_owned(),
            shape,
        ),
        ("strange", format!("SELECT median(age) AS age {of}"), shape),
        ("strange", format!("SELECT avg(age) AS age {of}"), "is of the kind `median`; it is share, count or mean"),
        ("odd", format!("SELECT {SUPPORTING} {of}"), "has no ends that fit"),
    ] {
        let said = checked(&world, target, &sql);
        assert!(said.code == 2 && said.err.contains(words), "{words}: {target}: {sql}\n{said:?}");
    }
}

#[test]
fn a_register_of_targets_as_it_was_before_still_holds() {
    let world = World::empty();
    let old = "target,project,name_sv,name_en,numerator,denominator,minimum,maximum
all,fler-i-arbete,Alla,All,participation.exit_state=work|studies|own_business,participation,65,100\n";
    let sql = format!("SELECT {SUPPORTING} FROM participation WHERE project = 'fler-i-arbete'");
    let folder = at(&world, old, "all", &sql);
    let check = || said(world.command(&["check"]).env("UTFALL_HOME", &folder).output().unwrap());
    assert_eq!(check().code, 0, "{:?}", check());
    // So does its old schema; what is no column of the register at all is told.
    let schema = std::fs::read_to_string(folder.join("schemas/target.toml")).unwrap();
    let older: String = schema.lines().filter(|line| !line.contains("optional = true")).map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.join("schemas/target.toml"), older).unwrap();
    assert_eq!(check().code, 0, "{:?}", check());
    std::fs::write(folder.join("schemas/register/target.csv"), old.replace("minimum", "least")).unwrap();
    let refused = check();
    assert!(refused.code == 2 && refused.err.contains("no column `minimum`"), "{refused:?}");
    // An optional column under another name is not passed over, and no tolerance makes a promise of nothing.
    std::fs::write(folder.join("schemas/target.toml"), &schema).unwrap();
    for (register, words) in [
        (old.replace("maximum\n", "maximum,tolerans\n").replace("100\n", "100,3\n"), "no column `tolerans` in the schema"),
        (old.replace("maximum\n", "maximum,tolerance\n").replace("100\n", "100,21\n"), "above 20 percentage points"),
    ] {
        std::fs::write(folder.join("schemas/register/target.csv"), register).unwrap();
        let refused = check();
        assert!(refused.code == 2 && refused.err.contains(words), "{words}: {refused:?}");
    }
}

/// The row of a target in the table of targets of a page: its cells as text.
fn row(page: &str, name: &str) -> Vec<String> {
    let row = page.split(&format!("{name}</th>")).nth(1).and_then(|rest| rest.split("</tr>").next()).unwrap_or_default();
    let cells = row.split("<td").skip(1).filter_map(|cell| cell.split_once('>')?.1.split('<').next());
    cells.map(str::to_owned).collect()
}

#[test]
fn the_page_tells_the_promise_the_tolerance_the_distance_and_the_probability() {
    let world = World::landed("10");
    let sql = "SELECT project, count(*) AS n FROM participation WHERE entry = 1 GROUP BY project";
    let folder = at(&world, REGISTER, "people", sql);
    let released = said(world.command(&["release"]).env("UTFALL_HOME", &folder).output().unwrap());
    assert_eq!(released.code, 0, "{released:?}");
    let page = |name: &str| std::fs::read_to_string(world.path("out/trial").join(name)).unwrap();
    let [met, promised, number, distance, probability] = row(&page("en.html"), ": People").try_into().unwrap();
    // A hundred people, 80 promised, and noise of a few.
    assert_eq!((met.as_str(), promised.trim()), ("yes", "at least 80"));
    assert!(page("en.html").contains("at least 80 <small class=\"range\">tolerance 30</small>"));
    assert!(number.contains('(') && distance.contains("above (+"), "{number} {distance}");
    assert_eq!(probability, "&gt; 0.99");
    let swedish = page("index.html");
    assert_eq!(row(&swedish, ": Deltagare")[..2], ["ja", "minst 80 "]);
    assert!(swedish.contains("tolerans 30"));
    assert!(swedish.contains("Toleransen är registrets val, inte projektets löfte"));
    // Another promise, and the same numbers under it, for free.
    let register = REGISTER.replace("entry=1,,80,,30", "entry=1,,300,,30");
    std::fs::write(folder.join("schemas/register/target.csv"), register).unwrap();
    let again = said(world.command(&["release"]).env("UTFALL_HOME", &folder).output().unwrap());
    assert!(again.code == 0 && again.out.contains("from the archive, free"), "{again:?}");
    let [met, _, same, distance, probability] = row(&page("en.html"), ": People").try_into().unwrap();
    assert_eq!((met.as_str(), same, probability.as_str()), ("no", number, "&lt; 0.01"));
    assert!(distance.contains("short (−"), "{distance}");
}
