//! What becomes of rows that later lists correct, take back or report once more.

use crate::cases::{filled, landed};
use crate::upkeep::told;
use crate::world::{Said, World};

/// A participant list of PROGRESS that lands.
fn people(world: &World, name: &str, month: &str, rows: &[&str]) -> Said {
    list(world, name, month, "Projekt;Personnr;Startdatum;Slutdatum;Resultat", rows)
}

fn list(world: &World, name: &str, month: &str, headings: &str, rows: &[&str]) -> Said {
    let text = format!("{headings}\n{}\n", rows.join("\n"));
    let path = world.write(name, filled(text.as_bytes()));
    let month: &[&str] = if month.is_empty() { &[] } else { &["--month", month] };
    world.run(&[&["land"], month, &[&path]].concat())
}

pub(crate) fn rows(world: &World, table: &str, state: &str, columns: &[&str]) -> Vec<String> {
    let folder = world.path("data/landed").join(table);
    if folder.exists() { landed(&folder, state, columns) } else { Vec::new() }
}

#[test]
fn a_wrong_entry_takes_back_what_every_month_so_far_has_reported() {
    for (month, later) in [("2021-04", false), ("", false), ("2021-02", true)] {
        let world = World::new("10");
        for reported in ["2021-02", "2021-03"] {
            people(&world, &format!("{reported}.csv"), reported, &["PROGRESS;{0};2021-02-01;;", "PROGRESS;{1};2021-02-01;;"]);
        }
        let said = people(&world, "wrong.csv", month, &["PROGRESS;{0};2021-02-01;;Felregistrering", "PROGRESS;{1};2021-02-01;;"]);
        assert_eq!(said.code, 0, "{said:?}");
        // A report of a later month stands against it, as it does against any correction.
        assert_eq!(rows(&world, "participation", "current", &["start"]).len(), 1 + usize::from(later), "{month}: {said:?}");
        assert_eq!(said.out.contains("[row.reported-later]"), later, "{month}: {said:?}");
    }
}

#[test]
fn a_wrong_entry_beside_the_right_row_leaves_one_participation() {
    let right = "ASAP;{0};2017-03-07;2017-05-16;";
    let wrong = "ASAP;{0};2017-03-07;;Felregistrering";
    for (month, rows) in
        [("2021-01", [wrong, right]), ("2021-01", [right, wrong]), ("2021-03", [wrong, right]), ("", [wrong, right])]
    {
        let world = World::new("10");
        assert_eq!(people(&world, "a.csv", "2021-03", &["ASAP;{0};2017-03-07;2017-05-06;"]).code, 0);
        assert_eq!(people(&world, "b.csv", month, &rows).code, 0);
        assert_eq!(people(&world, "c.csv", "2021-03", &[right]).code, 0);
        let columns = ["start", "end", "contribution", "entry"];
        assert_eq!(rows_of(&world, &columns), ["2017-03-07;2017-05-16;1;1"], "{month}, {rows:?}");
    }
}

fn rows_of(world: &World, columns: &[&str]) -> Vec<String> {
    rows(world, "participation", "current", columns)
}

#[test]
fn the_same_step_in_two_participations_is_two_rows_however_often_it_comes() {
    let world = World::new("10");
    people(&world, "p.csv", "", &["PROGRESS;{0};2021-03-01;2021-06-01;", "PROGRESS;{0};2021-09-01;2021-12-01;"]);
    let step = |name: &str, month: &str, rows: &[&str]| list(&world, name, month, "Projekt;Personnr;Steg;Datum", rows);
    let [early, late] = ["PROGRESS;{0};KASAM;2021-04-01", "PROGRESS;{0};KASAM;2021-10-01"];
    let both = ["2021-04-01;1;1", "2021-10-01;2;1"];
    let landed = || rows(&world, "milestone", "current", &["date", "contribution", "ordinal"]);
    assert_eq!((step("a.csv", "", &[early]).code, step("b.csv", "", &[late]).code), (0, 0));
    assert_eq!(landed(), both);
    for (name, list) in [("c.csv", &[late][..]), ("d.csv", &[early, late]), ("e.csv", &["", late, "", early])] {
        let said = step(name, "", list);
        assert!(said.code == 0 && !said.out.contains("row.later-wins"), "{said:?}");
        assert_eq!(landed(), both, "{name}");
    }
    for month in ["2021-10", "2021-11"] {
        step(&format!("{month}.csv"), month, &[early, late]);
        assert_eq!(landed(), both, "{month}");
    }
}

#[test]
fn a_corrected_day_that_lies_in_no_participation_is_set_aside() {
    let world = World::new("10");
    people(&world, "p.csv", "", &["PROGRESS;{0};2021-03-01;2021-06-01;"]);
    let step = |name, row: &str| list(&world, name, "", "Projekt;Personnr;Steg;Datum", &[row]);
    assert_eq!(step("a.csv", "PROGRESS;{0};KASAM;2021-04-01").code, 0);
    let said = step("b.csv", "PROGRESS;{0};KASAM;2001-04-01");
    assert!(said.code == 3 && said.out.contains("[row.before-start]"), "{said:?}");
    assert_eq!(rows(&world, "milestone", "current", &["date"]), ["2021-04-01"]);
}

#[test]
fn a_start_is_taken_for_corrected_only_where_no_other_month_reports_the_old_one() {
    let world = World::new("10");
    let done = "PROGRESS;{0};2021-02-01;2021-03-01;Arbete";
    for (name, month, row) in
        [("a.csv", "2021-03", done), ("b.csv", "2021-10", done), ("c.csv", "2021-10", "PROGRESS;{0};2021-10-01;;")]
    {
        assert_eq!(people(&world, name, month, &[row]).code, 0);
    }
    let two = ["2021-02-01;2021-02-01;1", "2021-10-01;2021-10-01;2"];
    assert_eq!(rows(&world, "participation", "current", &["start", "began", "contribution"]), two);
}

#[test]
fn a_withdrawn_consent_counts_whatever_else_is_wrong_with_the_row() {
    let world = World::new("10");
    people(&world, "a.csv", "", &["PROGRESS;{0};2021-03-01;;", "PROGRESS;{1};2021-03-01;;"]);
    let headings = "Projekt;Personnr;Startdatum;Kommun;Samtycke";
    let said = list(&world, "b.csv", "", headings, &["PROGRESS;{0};2021-03-01;Nergendwo;återkallat"]);
    assert!(said.code == 0 && said.out.contains("[row.consent]") && !said.out.contains("[value.code]"), "{said:?}");
    assert_eq!(rows(&world, "participation", "current", &["start"]).len(), 1);
    // Whose project cannot be told erases nobody, and nobody is told that it did.
    let said = list(&world, "c.csv", "", headings, &["Nowhere;{1};2021-03-01;Laholm;återkallat"]);
    assert!(said.code == 3 && !said.out.contains("[row.consent]"), "{said:?}");
    assert_eq!(rows(&world, "participation", "current", &["start"]).len(), 1);
}

#[test]
fn a_wrong_entry_of_a_protected_identity_is_taken_back_too() {
    let world = World::new("10");
    let row = |result| format!("PROGRESS;{{0 day}}Tf29;2021-03-01;;{result}");
    people(&world, "a.csv", "", &[&row(""), &row("")]);
    assert_eq!(rows(&world, "participation", "anonymous", &["start"]).len(), 2);
    let said = people(&world, "b.csv", "", &[&row("Felregistrering")]);
    assert!(said.code == 0 && said.out.contains("withdrawn 1, excluded 1"), "{said:?}");
    assert_eq!(rows(&world, "participation", "anonymous", &["start"]).len(), 1);
}

#[test]
fn a_list_that_was_replaced_lands_again_when_it_is_asked_for() {
    let world = World::new("10");
    let [a, b] = ["PROGRESS;{0};2021-03-01;;", "PROGRESS;{0};2021-03-01;;Arbete"];
    people(&world, "a.csv", "2021-03", &[a]);
    people(&world, "b.csv", "2021-03", &[b]);
    let outcome = || rows(&world, "participation", "current", &["exit_state"]);
    assert!(people(&world, "a.csv", "2021-03", &[a]).out.contains("landed before, nothing changed"));
    assert_eq!(outcome(), ["work"]);
    world.ok(&["land", "--again", "--month", "2021-03", &world.text("a.csv")]);
    assert_eq!(outcome(), [""]);
}

#[test]
fn nobody_hears_whom_another_project_has_had_erased_or_which_numbers_are_one_person() {
    // The same first lists of a project, where one of its people was erased in another, where their number was replaced, and
    // where neither is so.
    let heard = |before: &dyn Fn(&World)| {
        let world = World::new("10");
        people(&world, "progress.csv", "", &["PROGRESS;{0};2021-03-01;;", "PROGRESS;{1};2021-03-01;;"]);
        before(&world);
        let headings = "Projekt;Personnr;Startdatum;Slutdatum";
        let first = list(&world, "asap.csv", "", headings, &["ASAP;{0};2016-03-01;2016-05-01", "ASAP;{1};2016-03-01;2016-05-01"]);
        assert_eq!(first.code, 0, "{first:?}");
        first.out.replace(&world.text(""), "")
    };
    let number = |who: &str| String::from_utf8(filled(who.as_bytes())).unwrap();
    let plain = heard(&|_| ());
    let erased = heard(&|world| assert_eq!(told(world, &["forget"], &number("{0}")).code, 0));
    let joined = heard(&|world| assert_eq!(told(world, &["key", "alias"], &number("{0} {1}")).code, 0));
    for heard in [&erased, &joined] {
        let sender: String = heard.split("for the controller").next().unwrap().to_owned();
        assert!(sender.starts_with(plain.trim_end()), "{plain}\n{heard}");
    }
    // A second list of the project, with one person more, is answered as if nobody had been erased either.
    let second = |erase: bool| {
        let world = World::new("10");
        let headings = "Projekt;Personnr;Startdatum;Slutdatum";
        people(&world, "progress.csv", "", &["PROGRESS;{0};2021-03-01;;"]);
        if erase {
            assert_eq!(told(&world, &["forget"], &number("{0}")).code, 0);
        }
        let [first, more] = ["ASAP;{0};2016-03-01;2016-05-01", "ASAP;{1};2016-03-01;2016-05-01"];
        list(&world, "asap.csv", "", headings, &[first]);
        let said = list(&world, "more.csv", "", headings, &[first, more]);
        said.out.split("  for the controller").next().unwrap().replace(&world.text(""), "")
    };
    assert_eq!(second(true), second(false));
    assert!(erased.contains("[row.forgotten]") && joined.contains("[row.merged]"), "{erased}\n{joined}");
}

#[test]
fn an_alias_neither_undoes_an_erasure_nor_gives_its_numbers_again() {
    let number = |who: &str| String::from_utf8(filled(who.as_bytes())).unwrap();
    let columns = ["project", "contribution", "entry"];
    // Erased under the old number, the person does not land under either.
    let world = World::new("10");
    people(&world, "a.csv", "", &["PROGRESS;{0};2021-03-01;;"]);
    assert_eq!(told(&world, &["forget"], &number("{0}")).code, 0);
    assert_eq!(told(&world, &["key", "alias"], &number("{0} {1}")).code, 0);
    let said = people(&world, "b.csv", "", &["PROGRESS;{0};2021-03-01;2021-04-01;", "PROGRESS;{1};2021-03-01;2021-04-01;"]);
    assert!(said.out.contains("[row.forgotten]"), "{said:?}");
    assert!(rows(&world, "participation", "current", &columns).is_empty());
    // Erased under the new number, its numbers stay given: what the old one has goes above them.
    let world = World::new("10");
    people(
        &world,
        "a.csv",
        "",
        &["PROGRESS;{0};2021-03-01;;", "PROGRESS;{1};2021-03-01;2021-03-05;", "PROGRESS;{1};2021-04-01;;"],
    );
    assert_eq!(told(&world, &["forget"], &number("{1}")).code, 0);
    assert_eq!(told(&world, &["key", "alias"], &number("{0} {1}")).code, 0);
    assert_eq!(rows(&world, "participation", "current", &columns), ["progress;3;3"]);
}

#[test]
fn a_number_that_is_replaced_once_more_takes_its_rows_along() {
    let number = |who: &str| String::from_utf8(filled(who.as_bytes())).unwrap();
    let world = World::new("10");
    people(&world, "a.csv", "", &["PROGRESS;{0};2021-03-01;;"]);
    for pair in ["{0} {1}", "{1} {2}"] {
        assert_eq!(told(&world, &["key", "alias"], &number(pair)).code, 0);
    }
    people(&world, "b.csv", "", &["PROGRESS;{1};2021-05-01;;", "PROGRESS;{2};2021-07-01;;"]);
    let columns = ["participant", "contribution"];
    // The first period goes on, so what overlaps it is one participation with it.
    assert_eq!(rows(&world, "participation", "current", &columns), ["a;1"]);
    let forgot = told(&world, &["forget"], &number("{0}"));
    assert!(forgot.out.contains("1 of 1 people"), "{forgot:?}");
    assert!(rows(&world, "participation", "current", &columns).is_empty());
}

#[test]
fn a_number_on_the_command_line_is_not_repeated() {
    let world = World::new("10");
    let number = String::from_utf8(filled(b"{0}")).unwrap();
    for arguments in [&["forget", &number][..], &["key", "alias", &number, &number], &["land", "--project", &number, "x.csv"]] {
        let said = world.run(arguments);
        assert!(said.code == 2 && !format!("{}{}", said.out, said.err).contains(&number), "{said:?}");
    }
}

#[test]
fn a_mapping_is_proposed_for_headings_that_no_schema_knows_and_names_no_table() {
    let world = World::empty();
    let proposed = world.ok(&["map", &world.write("a.csv", "Verksamhet;Person;Började\nA;B;C\n")]);
    assert!(proposed.contains("\"Verksamhet\"") && !proposed.contains("table ="), "{proposed}");
    // A row of somebody's data has digits and is none.
    let said = world.run(&["map", &world.write("b.csv", "Anna;Testa;2021-03-01\n")]);
    assert!(said.code == 3 && !said.err.contains("Anna"), "{said:?}");
}

#[test]
fn what_cannot_be_is_said() {
    let world = World::new("10");
    let headings = "Projekt;Personnr;Startdatum;Slutdatum";
    let ahead = list(&world, "a.csv", "2099-01", headings, &["PROGRESS;{0};2021-03-01;"]);
    assert!(ahead.code == 3 && ahead.out.contains("[month.ahead]"), "{ahead:?}");
    let unnamed =
        list(&world, "b.csv", "", "Projekt;Personnr;;Startdatum", &["PROGRESS;{0};;2021-03-01", "PROGRESS;{1};x;2021-03-01"]);
    assert!(unnamed.code == 3 && unnamed.out.contains("column C has values but no heading"), "{unnamed:?}");
    let born = list(&world, "c.csv", "", headings, &["ASAP;201701012393;2016-03-01;"]);
    assert!(born.code == 3 && born.out.contains("row 2, column Startdatum: born after the start date"), "{born:?}");
    let consent =
        list(&world, "d.csv", "", "Projekt;Personnr;Startdatum;Samtycke", &["PROGRESS;19800101Tf19;2021-03-01;återkallat"]);
    assert!(consent.code == 3 && consent.out.contains("[row.consent-anonymous]"), "{consent:?}");
    people(&world, "e-progress.csv", "2021-03", &["PROGRESS;{0};2021-03-01;;", "PROGRESS;{1};2021-03-01;;"]);
    let typo = people(&world, "f-progress.csv", "2021-03", &["PROGRESS;{0};2021-03-01;;", "PROGRESS;{1};2021-33-01;;"]);
    assert!(typo.code == 3 && typo.out.contains("[month.incomplete]"), "{typo:?}");
}

#[test]
fn entries_are_counted_in_each_project_after_an_erasure_too() {
    let world = World::new("10");
    people(&world, "a.csv", "", &["PROGRESS;{0};2021-03-01;2021-03-05;", "PROGRESS;{0};2021-04-01;;"]);
    let number = filled(b"{0}");
    assert_eq!(told(&world, &["forget", "--project", "progress"], std::str::from_utf8(&number).unwrap()).code, 0);
    let headings = "Projekt;Personnr;Startdatum;Slutdatum";
    assert_eq!(list(&world, "b.csv", "", headings, &["ASAP;{0};2016-03-01;2016-05-01"]).code, 0);
    assert_eq!(rows(&world, "participation", "current", &["project", "contribution", "entry"]), ["asap;3;1"]);
}

#[test]
fn what_ties_data_and_keys_together_is_noticed_when_it_is_lost() {
    let world = World::new("10");
    people(&world, "a.csv", "", &["PROGRESS;{0};2021-03-01;;"]);
    let pair = filled(b"{0} {1}");
    assert_eq!(told(&world, &["key", "alias"], std::str::from_utf8(&pair).unwrap()).code, 0);
    let again = filled(b"Projekt;Personnr;Startdatum\nPROGRESS;{0};2021-03-02\n");
    let path = world.write("b.csv", again);
    for (file, change) in [
        ("keys/aliases", Box::new(|_: &str| String::new()) as Box<dyn Fn(&str) -> String>),
        ("keys/aliases", Box::new(|text| text.replacen(['0', '1', '2', '3', '4'], "5", 1))),
        ("data/store.toml", Box::new(|text| text.replace("\"utfall\"", "\"utfalm\""))),
    ] {
        let kept = std::fs::read_to_string(world.path(file)).unwrap();
        let changed = change(&kept);
        assert_ne!(changed, kept, "{file}");
        std::fs::write(world.path(file), changed).unwrap();
        let said = world.run(&["land", &path]);
        assert!(said.code == 5 && said.err.contains("restore ") && said.err.contains("backup"), "{file}: {said:?}");
        std::fs::write(world.path(file), kept).unwrap();
    }
    std::fs::remove_file(world.path("keys/aliases")).unwrap();
    assert_eq!(world.run(&["land", &path]).code, 5);
}

/// The day by which a participation's period is told is the first that was reported; rows within it follow it there, whether
/// they landed before or after, and whatever is corrected later.
#[test]
fn a_participation_and_what_lies_within_it_stay_in_the_period_in_which_it_first_ended() {
    let world = World::new("10");
    let rating = "Projekt;Personnr;Område;Datum;Skattad av;Skattning";
    let rate = |name: &str, row: &str| list(&world, name, "", rating, &[row]);
    people(&world, "1.csv", "2021-03", &["PROGRESS;{0};2021-02-01;;", "PROGRESS;{1};2021-02-01;2021-03-30;Arbete"]);
    assert_eq!(rate("2.csv", "PROGRESS;{0};Hälsa;2021-02-05;Deltagare;2").code, 0);
    let within = || rows(&world, "rating", "current", &["date", "began", "ended"]);
    let all = || rows(&world, "participation", "current", &["end", "ended"]);
    assert_eq!(within(), ["2021-02-05;2021-02-01;"]);
    assert_eq!(all(), [";", "2021-03-30;2021-03-30"]);
    // The end comes: the rating that landed before it gets it too.
    people(
        &world,
        "3.csv",
        "2021-06",
        &["PROGRESS;{0};2021-02-01;2021-06-20;Studier", "PROGRESS;{1};2021-02-01;2021-03-30;Arbete"],
    );
    assert_eq!(within(), ["2021-02-05;2021-02-01;2021-06-20"]);
    // It is corrected into another quarter, taken back, and reported once more: the period stays.
    for (name, month, end) in [("4.csv", "2021-06", "2021-07-02"), ("5.csv", "2021-07", ""), ("6.csv", "2021-08", "2021-12-01")] {
        people(
            &world,
            name,
            month,
            &[&format!("PROGRESS;{{0}};2021-02-01;{end};Arbete"), "PROGRESS;{1};2021-02-01;2021-04-01;Arbete"],
        );
        assert_eq!(within(), ["2021-02-05;2021-02-01;2021-06-20"], "{name}");
        assert!(all().contains(&format!("{end};2021-06-20")) && all().contains(&"2021-04-01;2021-03-30".into()), "{:?}", all());
    }
    // A rating that comes late lies where its participation does.
    assert_eq!(rate("7.csv", "PROGRESS;{0};Hälsa;2021-11-05;Deltagare;4").code, 0);
    assert_eq!(within(), ["2021-02-05;2021-02-01;2021-06-20", "2021-11-05;2021-02-01;2021-06-20"]);
    // Withdrawn by mistake and back again: still there.
    people(&world, "8.csv", "", &["PROGRESS;{0};2021-02-01;;Felregistrering"]);
    assert!(within().is_empty());
    people(
        &world,
        "9.csv",
        "2021-09",
        &["PROGRESS;{0};2021-02-01;2022-01-15;Arbete", "PROGRESS;{1};2021-02-01;2021-04-01;Arbete"],
    );
    assert_eq!(within(), ["2021-02-05;2021-02-01;2021-06-20", "2021-11-05;2021-02-01;2021-06-20"]);
    assert!(all().contains(&"2022-01-15;2021-06-20".into()), "{:?}", all());
}
