//! What an association's analyst asks: each question of `tests/questions` is accepted as it was first written, or refused with a way
//! out that, once it is followed, is accepted.
//!
//! Below `-- refused[code]: words` stands the question as it is after the way out was followed: the words are in the help.

use crate::world::{RELEASE, World, files, home, repository, said};

/// A question.
struct Question {
    name: String,
    /// As it was first written.
    asked: String,
    /// Why that is refused, words of the way out, and the question that it leads to.
    refused: Option<(String, String, String)>,
}

fn questions() -> Vec<Question> {
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some((asked, rest)) = text.split_once("-- refused[") else { return Question { name, asked: text, refused: None } };
        let (said, way) = rest.split_once('\n').unwrap();
        let (code, words) = said.split_once("]: ").unwrap();
        let front = format!("{}+++*/\n", asked.split_once("+++*/").unwrap().0);
        let refused = Some((code.to_owned(), words.to_owned(), format!("{front}{way}")));
        Question { name, asked: asked.to_owned(), refused }
    };
    files(&repository().join("tests/questions"))
        .iter()
        .filter(|path| path.extension().is_some_and(|x| x == "sql"))
        .map(read)
        .collect()
}

fn bounded() -> String {
    let rows = "participations = 3, rows = { activity = 5, milestone = 4, rating = 60, answer = 2, plan_review = 8 }";
    RELEASE.replace("participations = 3", rows)
}

#[test]
fn every_question_is_accepted_or_refused_with_a_way_out_that_is() {
    let all = questions();
    assert!(all.len() >= 30);
    let (first, ways): (Vec<_>, Vec<_>) = all.iter().partition(|question| question.refused.is_none());
    let accepted: Vec<(&str, &str)> = first
        .iter()
        .map(|question| (question.name.as_str(), question.asked.as_str()))
        .chain(ways.iter().filter_map(|question| Some((question.name.as_str(), question.refused.as_ref()?.2.as_str()))))
        .collect();
    let world = World::empty();
    let place = home(&world, &bounded(), &accepted);
    let told = said(world.command(&["check"]).env("UTFALL_HOME", &place).output().unwrap());
    assert_eq!((told.code, told.out.matches(": accepted, ").count()), (0, accepted.len()), "{told:?}");

    let world = World::empty();
    let asked: Vec<(&str, &str)> = ways.iter().map(|question| (question.name.as_str(), question.asked.as_str())).collect();
    let place = home(&world, &bounded(), &asked);
    let told = said(world.command(&["check"]).env("UTFALL_HOME", &place).output().unwrap());
    assert_eq!((told.code, told.out.as_str()), (2, ""), "{told:?}");
    for Question { name, refused, .. } in &ways {
        let (code, words, _) = refused.as_ref().unwrap();
        let own = told.err.split("refused[").find(|refusal| refusal.contains(&format!("/{name}.sql")));
        let own = own.unwrap_or_else(|| panic!("{name} was not refused: {}", told.err));
        assert!(own.starts_with(&format!("{code}]")) && own.contains(words.as_str()), "{name} has no `{words}`: {own}");
    }
}

/// What is accepted is told beside what is refused, and a query in a file of its own is checked where it lies.
#[test]
fn what_is_accepted_is_told_beside_what_is_refused() {
    let world = World::empty();
    let front = "/*+++ title = { sv = \"a\", en = \"b\" } +++*/\n";
    let good = format!("{front}SELECT sex, count(*) AS n FROM participation GROUP BY sex");
    let bad = format!("{front}SELECT sex, max(age) AS n FROM participation GROUP BY sex");
    let place = home(&world, RELEASE, &[("good", &good), ("bad", &bad)]);
    let check = |arguments: &[&str]| {
        let arguments = [&["check"], arguments].concat();
        said(world.command(&arguments).env("UTFALL_HOME", &place).current_dir(world.path("")).output().unwrap())
    };
    let told = check(&[]);
    assert_eq!(told.code, 2);
    assert!(
        told.out.contains("good.sql: accepted, 3 cells") && told.err.contains("bad.sql") && !told.err.contains("good.sql"),
        "{told:?}"
    );
    let one = check(&[place.join("queries/trial/good.sql").to_str().unwrap()]);
    assert_eq!((one.code, one.out.lines().count()), (0, 1), "{one:?}");
    std::fs::write(
        world.path("min fråga.sql"),
        "SELECT municipality, count(*) AS n FROM participation WHERE municipality LIKE '13%' GROUP BY municipality",
    )
    .unwrap();
    let lone = check(&["min fråga.sql"]);
    assert_eq!((lone.code, lone.out.as_str()), (0, "min fråga.sql: accepted, 6 cells, at most 3 rows per person\n"), "{lone:?}");
    assert!(lone.err.contains("min fråga.sql: no release.toml beside it: checked with 3 participations"), "{lone:?}");
    assert!(one.err.is_empty(), "{one:?}");
    let none = check(&["ingen.sql"]);
    assert!(none.code == 2 && none.err.contains("ingen.sql"), "{none:?}");
}

/// The columns of a table are told with what people call them, in both languages, and what they hold.
#[test]
fn the_columns_of_a_table_are_told() {
    let world = World::empty();
    let place = home(&world, RELEASE, &[]);
    let check = |arguments: &[&str]| {
        let arguments = [&["check", "--tables"], arguments].concat();
        said(world.command(&arguments).env("UTFALL_HOME", &place).output().unwrap())
    };
    for name in ["participation", "Deltagande"] {
        let told = check(&[name]);
        for words in [
            "Kön / Sex",
            "'female' Woman",
            "whole number 0–120 years",
            "may be missing",
            "Bostadslös / Homeless",
            "entry = 1 is the first",
        ] {
            assert!(told.out.contains(words), "{name}: {words}: {told:?}");
        }
    }
    let sv = check(&["rating", "--lang", "sv"]);
    assert!(sv.out.contains("heltal 1–5 skalsteg") && sv.out.contains("en rad per: "), "{sv:?}");
    let wrong = check(&["deltagand"]);
    assert!(wrong.code == 2 && wrong.err.contains("is `participation` (Participation) meant?"), "{wrong:?}");
}

/// What costs noise for nothing is told before it is charged: a range that nobody chose, a join that forgets the participation.
#[test]
fn an_accepted_query_is_told_what_would_make_it_worth_more() {
    let world = World::empty();
    let front = "/*+++ title = { sv = \"a\", en = \"b\" } +++*/\n";
    let days = format!(
        "{front}SELECT project, avg(\"end\" - start) AS days FROM participation WHERE \"end\" IS NOT NULL GROUP BY project"
    );
    let clamped = days.replace("\"end\" - start", "least(greatest(\"end\" - start, 0), 1100)");
    let join =
        format!("{front}SELECT a.kind, count(*) AS n FROM participation p JOIN activity a USING (participant) GROUP BY a.kind");
    let joined = join.replace("(participant)", "(participant, contribution)");
    let by_project = format!(
        "{front}SELECT project, avg(score) AS score FROM (SELECT participant, contribution, project, last_value(score ORDER BY date, ordinal) AS score FROM rating GROUP BY participant, contribution, project) AS r GROUP BY project"
    );
    let of_each = by_project
        .replace("contribution, project, last", "contribution, min(project) AS project, last")
        .replace("contribution, project)", "contribution)");
    let queries = [
        ("days", &days),
        ("clamped", &clamped),
        ("join", &join),
        ("joined", &joined),
        ("by_project", &by_project),
        ("of_each", &of_each),
    ];
    let place = home(&world, &bounded(), &queries.map(|(name, sql)| (name, sql.as_str())));
    let told = said(world.command(&["check"]).env("UTFALL_HOME", &place).output().unwrap());
    assert_eq!(told.code, 0, "{told:?}");
    let warned = |name: &str| told.err.lines().find(|line| line.contains(&format!("/{name}.sql"))).map(str::to_owned);
    assert!(warned("days").unwrap().contains("least(greatest("), "{told:?}");
    assert!(warned("join").unwrap().contains("at most 45 rows") && told.err.contains("15 would give less noise"), "{told:?}");
    assert!(warned("by_project").unwrap().contains("min(project) AS project"), "{told:?}");
    assert_eq!([warned("clamped"), warned("joined"), warned("of_each")], [None, None, None]);
}
