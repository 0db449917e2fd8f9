//! Mappings: what is proposed for headings as they are, and values that a mapping says for all rows.

use crate::cases::{filled, landed};
use crate::world::{Said, World};

/// What is proposed for a list of these headings, in both languages.
fn proposed(headings: &str) -> [String; 2] {
    ["sv", "en"].map(|lang| {
        let world = World::empty();
        world.ok(&["map", "--lang", lang, &world.write("a.csv", format!("{headings}\nx;y\n"))])
    })
}

fn land(world: &World, mapping: &str, headings: &str, rows: &[&str]) -> Said {
    let list = world.write("list.csv", filled(format!("{headings}\n{}\n", rows.join("\n")).as_bytes()));
    let mapping = world.write("map.toml", mapping);
    world.run(&["land", "--map", &mapping, &list])
}

fn rows(world: &World, table: &str, columns: &[&str]) -> Vec<String> {
    landed(&world.path("data/landed").join(table), "current", columns)
}

#[test]
fn the_table_of_which_most_is_there_is_proposed() {
    for (headings, table) in [
        ("Personnr;Projekt;Startdatum", "participation"),
        ("Personnr;Projekt;Startdatum;Slutdatum", "participation"),
        ("Personnr;Inskriven;Ort", "participation"),
        ("Personnr;Projekt;Från;Insats", "activity"),
        ("Personnr;Projekt;Område;Datum;Poängen;Av vem", "rating"),
        ("Personnr;Projekt;Datum;Fråga;Svaret", "answer"),
        ("Personnr;Projekt;Steg;När", "milestone"),
        ("Personnr;Projekt;Planen följdes upp", "plan_review"),
    ] {
        for text in proposed(headings) {
            assert!(text.contains(&format!("\ntable = \"{table}\"\n")), "{headings}: {text}");
        }
    }
}

#[test]
fn where_several_fit_as_well_the_controller_says_which() {
    let [sv, en] = proposed("Personnr;Projekt;Namn");
    for (text, said) in [
        (&sv, "ange `table` före [columns], med ett av dessa namn:"),
        (&en, "give `table` before [columns], with one of these names:"),
    ] {
        assert!(text.contains(said) && !text.lines().any(|line| line.starts_with("table")), "{text}");
        assert!(text.contains("#   \"participation\" (") && text.contains("#   \"plan_review\" ("), "{text}");
        assert!(!text.contains("\"rating\"") && text.contains("Personnr = \"participant\""), "{text}");
    }
    // With one of them it is a mapping.
    let world = World::new("10");
    let mapping = format!("table = \"participation\"\n{}", en.replace("drop = []", "drop = [\"Namn\"]"));
    let said = land(&world, &format!("{mapping}\nstart = \"=2021-03-01\"\n"), "Personnr;Projekt;Namn", &["{0};PROGRESS;x"]);
    assert!(said.code == 0 && said.out.contains("1 row landed"), "{said:?}");
}

#[test]
fn what_is_required_and_missing_is_named_with_both_ways_out() {
    let [sv, en] = proposed("Pnr;Projekt;Ort");
    assert!(sv.contains("# Deltagande kräver: Personnr, Projekt, Startdatum\n"), "{sv}");
    assert!(en.contains("# Participation requires: Personnr, Projekt, Startdatum\n"), "{en}");
    let lacks = "# krävs och saknas: Startdatum; skriv under [columns] den rubrik som är det = \"start\", eller ett värde för alla rader: start = \"=2021-01-15\"\n";
    assert!(sv.contains(lacks), "{sv}");
    let lacks = "# required and missing: Startdatum; write below [columns] the heading that is it = \"start\", or one value for all rows: start = \"=2021-01-15\"\n";
    assert!(en.contains(lacks), "{en}");
    // Nobody's number is everybody's.
    let [_, en] = proposed("Projekt;Startdatum;Slutdatum;Kön");
    assert!(
        en.contains("required and missing: Personnr; write below [columns] the heading that is it = \"participant\"\n"),
        "{en}"
    );
}

#[test]
fn a_value_that_a_mapping_says_counts_as_if_it_stood_in_every_row() {
    let rows_of = |world: &World| rows(world, "participation", &["project", "start", "municipality", "foreign_background"]);
    let people = ["{0};", "{1};"];
    let constants =
        "[columns]\nstart = \"=2021-03-15\"\nproject = \"=PROGRESS\"\nKommun = \"=Laholm\"\nforeign_background = \"=ja\"\n";
    for table in ["", "table = \"participation\"\n"] {
        let world = World::new("10");
        let said = land(&world, &format!("{table}{constants}"), "Personnr;Slutdatum", &people);
        assert!(said.code == 0 && said.out.contains("2 rows landed"), "{said:?}");
        assert_eq!(rows_of(&world), ["progress;2021-03-15;1381;true"; 2]);
        // As if it stood there: the same list with its columns is the same rows.
        let whole = "Personnr;Projekt;Startdatum;Kommun;Utländsk bakgrund";
        let said = land(&world, "", whole, &["{0};PROGRESS;2021-03-15;Laholm;ja", "{1};PROGRESS;2021-03-15;Laholm;ja"]);
        assert!(said.code == 0 && said.out.contains("0 rows landed") && said.out.contains("unchanged 2"), "{said:?}");
        // Another value is another delivery.
        let other = constants.replace("Laholm", "Halmstad");
        let said = land(&world, &format!("{table}{other}"), "Personnr;Slutdatum", &people);
        assert!(said.code == 0 && said.out.contains("changed 2"), "{said:?}");
    }
    // Rows are checked with it as with any other, and it is no row's own in a list that lands afterwards.
    let world = World::new("10");
    let said = land(&world, "[columns]\nstart = \"=2001-03-15\"\n", "Projekt;Personnr", &["PROGRESS;{0}"]);
    assert!(said.code == 3 && said.out.contains("row 2, column Startdatum: outside the project's period"), "{said:?}");
    // Rows within a participation may have one too.
    let world = World::new("10");
    land(&world, "", "Projekt;Personnr;Startdatum", &["PROGRESS;{0};2021-03-01"]);
    let said = land(
        &world,
        "table = \"milestone\"\n[columns]\nstep = \"=KASAM\"\n",
        "Projekt;Personnr;Datum",
        &["PROGRESS;{0};2021-04-01"],
    );
    assert!(said.code == 0, "{said:?}");
    assert_eq!(rows(&world, "milestone", &["project", "date"]), ["progress;2021-04-01"]);
}

#[test]
fn a_value_that_cannot_be_is_refused_when_the_mapping_is_read() {
    for (line, said) in [
        ("start = \"=1/3-21\"", ["inte ett datum; skriv \"=ÅÅÅÅ-MM-DD\"", "not a date; write \"=YYYY-MM-DD\""]),
        ("start = \"=2021-02-30\"", ["inte ett datum", "not a date"]),
        ("Startdatum = \"=\"", ["inte ett datum", "not a date"]),
        ("sex = \"=Herre\"", ["skriv ett av dem (female, male)", "write one of them (female, male)"]),
        ("project = \"=progres\"", ["inget av kolumnens tillåtna värden", "not one of the column's allowed values"]),
        ("exit_state = \"=Felregistrering\"", ["inget av kolumnens tillåtna värden", "not one of the column's allowed values"]),
        ("age = \"=130\"", ["skriv ett tal från 0 till 120", "write a number from 0 to 120"]),
        ("rural = \"=kanske\"", ["skriv \"=ja\" eller \"=nej\"", "write \"=ja\" or \"=nej\""]),
        ("participant = \"=1\"", ["personnumret kan inte vara ett och samma", "identity number cannot be the same"]),
        ("Personnr = \"=1\"", ["personnumret kan inte vara ett och samma", "identity number cannot be the same"]),
        ("begynnelse = \"=2021-03-01\"", ["ingen kolumn heter `begynnelse`", "no column is called `begynnelse`"]),
    ] {
        let world = World::new("10");
        let list = world.write("list.csv", filled(b"Personnr;Projekt\n{0};PROGRESS\n"));
        let mapping = world.write("map.toml", format!("table = \"participation\"\n[columns]\n{line}\n"));
        for (lang, said) in ["sv", "en"].into_iter().zip(said) {
            let heard = world.run(&["land", "--lang", lang, "--map", &mapping, &list]);
            let key = line.split(' ').next().unwrap();
            let whole = heard.err.contains(said) && heard.err.contains("map.toml") && heard.err.contains(key);
            assert!(heard.code == 2 && whole, "{line}: {heard:?}");
        }
        assert!(!world.path("data/landed/participation").exists());
    }
}

#[test]
fn a_value_for_a_column_that_the_list_has_rejects_the_list_and_two_projects_are_refused() {
    let world = World::new("10");
    let constant = "[columns]\nstart = \"=2021-03-01\"\n";
    let said = land(&world, constant, "Projekt;Personnr;Startdatum", &["PROGRESS;{0};2021-04-01"]);
    assert!(said.code == 3 && said.out.contains("row 1, column C: the mapping says one value"), "{said:?}");
    let list = world.write("list.csv", filled(b"Personnr;Startdatum\n{0};2021-03-01\n"));
    let mapping = world.write("map.toml", "[columns]\nproject = \"=progress\"\n");
    let said = world.run(&["land", "--map", &mapping, "--project", "asap", &list]);
    assert!(said.code == 2 && said.err.contains("--project and the mapping say different projects"), "{said:?}");
    assert!(world.ok(&["land", "--map", &mapping, "--project", "progress", &list]).contains("1 row landed"));
}
