//! Lists as senders write them: what lands, what is set aside, what is rejected, and that running again is right.

use crate::leaks::numbers;
use crate::world::{World, contents, files};

fn parquet_files(world: &World, table: &str) -> usize {
    files(&world.path("data/landed").join(table)).iter().filter(|p| p.extension().is_some_and(|x| x == "parquet")).count()
}

#[test]
fn the_same_file_twice_is_a_no_op_under_any_name() {
    let world = World::landed("10");
    let before = contents(&world.path("data"));
    let lists = world.lists();
    let again = world.ok(&[&["land"], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
    assert_eq!(again.matches("landed before, nothing changed").count(), lists.len());
    let renamed = world.write("renamed.csv", std::fs::read(&lists[0]).unwrap());
    assert!(world.ok(&["land", &renamed]).contains("landed before, nothing changed"));
    assert!(contents(&world.path("data")) == before);
}

#[test]
fn a_faulty_row_is_set_aside_and_named_without_its_value() {
    let world = World::new("10");
    let n = numbers();
    let list = format!(
        "Projekt;Personnr;Startdatum;Slutdatum;Kön;Ålder;Kommun;Utländsk bakgrund\n\
         PROGRESS;{};2021-03-01;2021-09-01;Kvinna;30;Laholm;ja\n\
         PROGRESS;{}X;2021-03-01;;Man;;;\n\
         PROGRESS;{};1/2-21;;Man;;;\n\
         PROGRESS;{};2021-03-01;2021-02-28;Man;;;\n\
         PROGRESS;{};2019-01-01;;Man;;;\n\
         PROGRESS;{};2021-03-01;;okänt;;;\n\
         PROGRESS;{};2021-03-01;;Man;250;;\n\
         PROGRESS;{};2021-03-01;;Man;trettio;;\n\
         PROGRESS;{};2021-03-01;;Man;;Hallstahamar;\n\
         PROGRESS;{};2021-03-01;;Man;;;kanske\n\
         PROGRESS;;2021-03-01;;Man;;;\n\
         PROGRESS;19800101Tf29;2021-03-01;;Kvinna;;;\n\
         PROGRESS;{};2021-03-01\n\
         PROGRESS;{};2021-03-01;;Kvinna;30;Laholm;ja\n",
        n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[0]
    );
    let said = world.run(&["land", &world.write("list.csv", list)]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.out.contains("(participation): 1 rows landed"), "{said:?}");
    for line in [
        "row 3, column Personnr: not a personal identity or coordination number (YYYYMMDD-NNNN)",
        "row 4, column Startdatum: not a date (YYYY-MM-DD)",
        "row 5, column Slutdatum: the end is before the start",
        "row 6, column Startdatum: outside the project's period",
        "row 7, column Kön: the value is not in the code list sex",
        "row 8, column Ålder: outside 0 to 120",
        "row 9, column Ålder: not a whole number",
        "row 10, column Kommun: the value is not in the code list municipality",
        "row 11, column Utländsk bakgrund: must be yes or no",
        "row 12, column Personnr: a value is required",
        "row 13, column Personnr: protected identity",
        "row 14: the row does not have as many fields as the headings",
        "row 15: the same row stands earlier in the file",
    ] {
        assert!(said.out.contains(&format!("set aside, {line}")), "{line}\n{}", said.out);
    }
    for value in ["1/2-21", "okänt", "250", "trettio", "Hallstahamar", "kanske", "Tf29", &n[3]] {
        assert!(!said.out.contains(value), "{value} is echoed:\n{}", said.out);
    }
    let swedish =
        world.run(&["land", "--lang", "sv", &world.write("annan.csv", "Projekt;Personnr;Startdatum\nPROGRESS;x;2021-03-01\n")]);
    assert!(swedish.out.contains("undantagen, rad 2, kolumn Personnr: inte ett person- eller samordningsnummer"), "{swedish:?}");
}

#[test]
fn a_file_that_cannot_be_trusted_lands_nothing_and_does_not_stop_the_others() {
    let world = World::new("10");
    let n = numbers();
    let good = world.write("good.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", n[0]));
    for (name, bytes, rule) in [
        ("empty.csv", Vec::new(), "file.empty"),
        ("book.xlsx", b"PK\x03\x04 a workbook".to_vec(), "file.workbook"),
        ("utf16.csv", b"\xFF\xFEP\0".to_vec(), "file.utf16"),
        ("separator.csv", b"Projekt;Personnr,Startdatum\n1;2,3\n".to_vec(), "file.separator"),
        ("foreign.csv", b"date;temperature\n2021-03-01;7\n".to_vec(), "file.no-table"),
        (
            "named.csv",
            format!("Projekt;Personnr;Startdatum;Namn\nPROGRESS;{};2021-03-01;Anna\n", n[1]).into_bytes(),
            "column.unknown",
        ),
        (
            "twice.csv",
            format!("Projekt;Personnr;Pnr;Startdatum\nPROGRESS;{0};{0};2021-03-01\n", n[1]).into_bytes(),
            "column.repeated",
        ),
        ("missing.csv", format!("Projekt;Personnr;Kön\nPROGRESS;{};Man\n", n[1]).into_bytes(), "column.missing"),
    ] {
        let bad = world.write(name, bytes);
        let said = world.run(&["land", &bad, &good]);
        assert_eq!(said.code, 3, "{name}: {said:?}");
        assert!(said.out.contains(&format!("{bad}: rejected, nothing landed")) && said.out.contains(rule), "{name}: {said:?}");
        assert!(said.out.contains("good.csv (participation)"), "{name}: {said:?}");
    }
    assert_eq!(parquet_files(&world, "participation"), 1);
    let absent = world.run(&["land", &world.text("absent.csv")]);
    assert!(absent.code == 2 && absent.err.contains("absent.csv"), "{absent:?}");
}

#[test]
fn child_rows_land_after_their_participations_and_a_rerun_completes_them() {
    let world = World::new("10");
    let n = numbers();
    let people =
        world.write("b-people.csv", format!("Projekt;Personnr;Startdatum;Slutdatum\nPROGRESS;{};2021-03-01;2021-06-01\n", n[0]));
    let steps = world.write(
        "a-steps.csv",
        format!("Projekt;Personnr;Steg;Datum\nPROGRESS;{0};Handlingsplan;2021-03-02\nPROGRESS;{1};Handlingsplan;2021-03-02\nPROGRESS;{0};Trepart;2022-01-01\n", n[0], n[1]),
    );
    let first = world.run(&["land", &steps, &people]);
    assert_eq!(first.code, 3);
    assert!(first.out.find("b-people").unwrap() < first.out.find("a-steps").unwrap(), "participations first: {first:?}");
    assert!(first.out.contains("(milestone): 1 rows landed"), "{first:?}");
    assert_eq!(first.out.matches("row.no-participation").count(), 2, "one person unknown, one date outside: {first:?}");

    // The rows that waited land once their participation is there; what landed before is not said again.
    let late = world.write("late.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", n[1]));
    let second = world.run(&["land", &late, &steps]);
    assert!(second.out.contains("(milestone): 1 rows landed") && !second.out.contains("row.landed"), "{second:?}");
    let before = contents(&world.path("data/landed"));
    let third = world.run(&["land", &steps]);
    assert!(third.code == 3 && third.out.contains("(milestone): 0 rows landed"), "{third:?}");
    assert!(contents(&world.path("data/landed")) == before, "nothing new, no commit");
}

#[test]
fn a_row_that_has_landed_is_set_aside_in_another_delivery() {
    let world = World::new("10");
    let n = numbers();
    let one = format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", n[0]);
    world.ok(&["land", &world.write("one.csv", &one)]);
    let two = world.run(&["land", &world.write("two.csv", format!("{one}PROGRESS;{};2021-03-01\n", n[1]))]);
    assert!(
        two.code == 3 && two.out.contains("1 rows landed") && two.out.contains("row 2: the row has landed already"),
        "{two:?}"
    );
}

#[test]
fn a_file_without_a_project_column_lands_with_the_project_named() {
    let world = World::new("10");
    let list = world.write("list.csv", format!("Pnr;Inskriven\n{};2021-03-01\n", numbers()[0]));
    assert!(world.run(&["land", &list]).out.contains("missing column: Projekt"));
    assert!(world.ok(&["land", "--project", "progress", &list]).contains("1 rows landed"));
    let said = world.run(&["land", "--project", "progres", &list]);
    assert!(said.code == 2 && said.err.contains("known: asap"), "{said:?}");
}

#[test]
fn a_month_without_participants_is_told_apart_from_an_empty_file() {
    let world = World::new("10");
    let list = world.write("list.csv", "Projekt;Personnr;Startdatum\n");
    let said = world.ok(&["land", &list]);
    assert!(said.contains("0 rows landed") && said.contains("file.no-rows"), "{said}");
    assert!(world.ok(&["land", &list]).contains("landed before"));
}

#[test]
fn a_rejected_list_stops_a_cron_run_before_any_budget_is_spent() {
    let world = World::new("10");
    world.ok(&["demo", &world.text("lists")]);
    world.write("lists/zz.csv", "nonsense\n");
    let said = world.run(&["run", "--inbox", &world.text("lists")]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(!world.path("out").exists());
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
    std::fs::remove_file(world.path("lists/zz.csv")).unwrap();
    assert!(world.ok(&["run", "--inbox", &world.text("lists")]).contains("budget spent"));
}

#[test]
fn the_demo_is_the_same_for_a_seed_and_other_people_for_another() {
    let world = World::empty();
    for (folder, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
        world.ok(&["demo", &world.text(folder), "--seed", seed]);
    }
    let bytes = |folder: &str| contents(&world.path(folder)).into_iter().map(|(_, b)| b).collect::<Vec<_>>();
    assert!(bytes("a") == bytes("b") && bytes("a") != bytes("c"));
    assert_eq!(bytes("a").len(), 14);
}
