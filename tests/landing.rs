//! Lists as senders write them: what lands, what is set aside, what is rejected, and that running again is right.

use utfall::catalogue::schema::Catalogue;
use utfall::store::{Change, Commit, Store};

use crate::leaks::numbers;
use crate::world::{RELEASE, Said, World, contents, files, home, said};

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

/// Of a person's participations in a list, the bound keeps those that began first, whatever the register calls their projects and
/// in whatever order the list has them.
#[test]
fn a_bound_keeps_the_participations_that_began_first() {
    let rows: Vec<[String; 3]> = numbers()
        .iter()
        .take(30)
        .map(|n| {
            [("ASAP", "2016-03-01"), ("PROGRESS", "2021-03-01"), ("Nystart", "2013-03-01")]
                .map(|(project, day)| format!("{project};{n};{day}\n"))
        })
        .collect();
    for turned in [false, true] {
        let world = World::new("200");
        let lines: Vec<String> = rows.iter().flat_map(|three| three.iter().cloned()).collect();
        let lines: String = if turned { lines.iter().rev().cloned().collect() } else { lines.concat() };
        let list = world.write("alla.csv", format!("Projekt;Personnr;Startdatum\n{lines}"));
        world.ok(&["land", "--month", "2021-03", &list]);
        let release = RELEASE.replace("\"1\"", "\"50\"").replace("participations = 3", "participations = 1");
        let sql =
            "/*+++\ntitle = { sv = \"P\", en = \"P\" }\n+++*/\nSELECT project, count(*) AS n FROM participation GROUP BY project";
        let home = home(&world, &release, &[("trial", sql)]);
        let told = world.command(&["release"]).env("UTFALL_HOME", home).output().unwrap();
        assert!(told.status.success(), "{told:?}");
        let table = std::fs::read_to_string(world.path("out/trial/trial.csv")).unwrap();
        let number = |project: &str| -> i64 {
            let row = table.lines().find(|line| line.starts_with(&format!("{project},"))).unwrap();
            row.split(',').nth(3).unwrap().parse().unwrap()
        };
        let counted = ["nystart", "asap", "progress"].map(number);
        assert!((counted[0] - 30).abs() < 3 && counted[1].abs() < 3 && counted[2].abs() < 3, "{counted:?}");
    }
}

/// A list is open while it is read and not longer, so that a call takes more lists than a process may have files open.
#[test]
fn any_number_of_lists_land_in_one_call() {
    let world = World::new("200");
    let list = |(at, number): (usize, &String)| {
        world.write(&format!("{at}.csv"), format!("Projekt;Personnr;Startdatum\nPROGRESS;{number};2021-03-{:02}\n", 1 + at % 28))
    };
    let lists: Vec<String> = numbers().iter().take(200).enumerate().map(list).collect();
    let said =
        with_few_files(world.command(&[&["land"], lists.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat()));
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out.matches(": 1 row landed").count(), lists.len(), "{}", said.out);
}

#[test]
fn a_list_of_any_number_of_projects_lands() {
    let world = World::new("200");
    let home = home(&world, RELEASE, &[]);
    let register = home.join("schemas/register/project.csv");
    let project =
        |at: usize| format!("{at},projekt-{at},,Projekt {at},Kommun {at},SE12,2014-2020,,2016-01-01,2020-12-31,,,2,,,,true,,\n");
    let text = std::fs::read_to_string(&register).unwrap() + &(8..158).map(project).collect::<String>();
    std::fs::write(register, text).unwrap();
    let row = |(at, number): (usize, &String)| format!("projekt-{at};{number};2017-03-01\n");
    let rows: String = (8..158).zip(&numbers()).map(row).collect();
    let list = world.write("alla.csv", format!("Projekt;Personnr;Startdatum\n{rows}"));
    let mut land = world.command(&["land", &list]);
    land.env("UTFALL_HOME", home);
    let said = with_few_files(land);
    assert!(said.code == 0 && said.out.contains("150 rows landed"), "{said:?}");
}

/// Runs a command in a process that may have few files open.
fn with_few_files(command: std::process::Command) -> Said {
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 100 && exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    said(limited.output().unwrap())
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
         PROGRESS;{};2021-03-01;;herre;;;\n\
         PROGRESS;{};2021-03-01;;Man;250;;\n\
         PROGRESS;{};2021-03-01;;Man;trettio;;\n\
         PROGRESS;{};2021-03-01;;Man;;Hallstahamar;\n\
         PROGRESS;{};2021-03-01;;Man;;;kanske\n\
         PROGRESS;;2021-03-01;;Man;;;\n\
         PROGRESS;19800101Tf29;2021-03-01;;Kvinna;;;\n\
         PROGRESS;{}\n\
         PROGRESS;{};2021-03-01;;Kvinna;30;Laholm;ja\n",
        n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[0]
    );
    let said = world.run(&["land", &world.write("list.csv", list)]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.out.contains("(participation): 2 rows landed"), "the anonymous record is one of them: {said:?}");
    for line in [
        "row 3, column Personnr: not a personal identity or coordination number (YYYYMMDD-NNNN)",
        "row 4, column Startdatum: day and month cannot be told apart",
        "row 5, column Slutdatum: the end is before the start",
        "row 6, column Startdatum: outside the project's period",
        "row 7, column Kön: not one of the column's allowed values",
        "row 8, column Ålder: outside 0 to 120",
        "row 9, column Ålder: not a whole number",
        "row 10, column Kommun: not one of the column's allowed values",
        "row 11, column Utländsk bakgrund: must be yes or no",
        "row 12, column Personnr: a value is required",
        "row 14: the row does not have as many fields as the headings",
    ] {
        assert!(said.out.contains(&format!("set aside, {line}")), "{line}\n{}", said.out);
    }
    for line in [
        "row 13, column Personnr: protected identity",
        "row 15: overlaps another period of the same person in the project; they became one participation",
        "column Kommun: a spelling in this column is close to “Hallstahammar”",
    ] {
        assert!(said.out.contains(&format!("warning, {line}")), "{line}\n{}", said.out);
    }
    for value in ["1/2-21", "herre", "250", "trettio", "Hallstahamar ", "kanske", "Tf29", &n[3]] {
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
        ("utf16.csv", b"\xFF\xFEP\0".to_vec(), "file.separator"),
        ("separator.csv", b"Projekt;Personnr,Startdatum\n1;2,3\n".to_vec(), "file.separator"),
        ("foreign.csv", b"date;temperature\n2021-03-01;7\n".to_vec(), "file.no-table"),
        (
            "named.csv",
            format!("Projekt;Personnr;Startdatum;Namn\nPROGRESS;{};2021-03-01;Anna\n", n[1]).into_bytes(),
            "column.personal",
        ),
        (
            "unknown.csv",
            format!("Projekt;Personnr;Startdatum;Skonummer\nPROGRESS;{};2021-03-01;42\n", n[1]).into_bytes(),
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
    std::fs::create_dir(world.path("folder.csv")).unwrap();
    let other = world.write("other.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-04-01\n", n[2]));
    // A slip in a path is not a delivery's fault: nothing lands until it is mended.
    let said = world.run(&["land", &world.text("absent.csv"), &other]);
    assert!(said.code == 2 && said.err.contains("absent.csv: no such file; nothing landed"), "{said:?}");
    let said = world.run(&["land", &world.text("folder.csv"), &other]);
    assert!(said.code == 3 && said.out.contains("file.folder") && said.out.contains("1 row landed"), "{said:?}");
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
    assert!(first.out.contains("(milestone): 1 row landed"), "{first:?}");
    assert_eq!(first.out.matches("row.no-participation").count(), 2, "one person unknown, one date outside: {first:?}");

    // The rows that waited land once their participation is there; what landed before is not said again.
    let late = world.write("late.csv", format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", n[1]));
    let second = world.run(&["land", &late, &steps]);
    assert!(second.out.contains("(milestone): 1 row landed") && !second.out.contains("row.landed"), "{second:?}");
    let before = contents(&world.path("data/landed"));
    let third = world.run(&["land", &steps]);
    assert!(third.code == 3 && third.out.contains("(milestone): 0 rows landed"), "{third:?}");
    assert!(contents(&world.path("data/landed")) == before, "nothing new, no commit");
}

#[test]
fn a_table_of_many_deliveries_is_summed_up_and_says_the_same() {
    let world = World::new("10");
    let list = |i: usize| {
        let rows = format!("Projekt;Personnr;Startdatum\nPROGRESS;{};2021-03-01\n", numbers()[i]);
        world.write(&format!("{i}.csv"), rows)
    };
    let lists: Vec<String> = (0..70).map(list).collect();
    let land: Vec<&str> = ["land"].into_iter().chain(lists.iter().map(String::as_str)).collect();
    assert!(world.ok(&["land", &lists[0]]).contains("1 row landed"));
    // Commits of a call are few, so that many are made here.
    let (store, catalogue) = (
        Store::open(&world.path("data"), &world.path("keys")).unwrap(),
        Catalogue::read(&crate::world::repository().join("schemas")).unwrap(),
    );
    let table = catalogue.table("participation").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut pinned = runtime.block_on(store.pin(table)).unwrap().unwrap();
    for _ in 0..64 {
        assert_eq!(runtime.block_on(store.commit(table, &mut pinned, Change::default())).unwrap(), Commit::Done);
    }
    let told = world.ok(&land);
    assert_eq!((told.matches("1 row landed").count(), told.matches("landed before, nothing changed").count()), (69, 1));
    let log = world.path("data/landed/participation/_delta_log");
    assert!(
        log.join("_last_checkpoint").exists()
            && files(&log).iter().any(|p| p.display().to_string().contains("checkpoint.parquet"))
    );
    assert_eq!(crate::upkeep::participations(&world.path("data"), "current").len(), 70);
    // Read from the sum, every delivery is still known, and the next one lands above them.
    assert_eq!(world.ok(&land).matches("landed before, nothing changed").count(), 70);
    assert!(world.ok(&["land", &list(70)]).contains("1 row landed"));
    // A sum that was changed is found out: the files are not those that the newest commit told of.
    let sum = files(&log).into_iter().find(|p| p.display().to_string().contains("checkpoint.parquet")).unwrap();
    let mut bytes = std::fs::read(&sum).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 4;
    std::fs::write(&sum, bytes).unwrap();
    let said = world.run(&["land", &list(71)]);
    assert!(said.code == 5 || (said.code == 0 && said.out.contains("1 row landed")), "{said:?}");
    assert_eq!(crate::upkeep::participations(&world.path("data"), "current").len(), 71 + usize::from(said.code == 0));
}

#[test]
fn a_list_that_grew_lands_what_is_new_and_names_what_changed() {
    let world = World::new("10");
    let n = numbers();
    let one = format!("Projekt;Personnr;Startdatum;Resultat\nPROGRESS;{};2021-03-01;\nPROGRESS;{};2021-03-01;\n", n[0], n[1]);
    world.ok(&["land", &world.write("one.csv", &one)]);
    let grown = format!("{one}PROGRESS;{};2021-03-01;\n", n[2]);
    let two = world.ok(&["land", &world.write("two.csv", &grown)]);
    assert!(
        two.contains("1 row landed") && two.contains("row 2: the row was there already, unchanged [row.known] (and 1 more row)"),
        "{two}"
    );
    let changed = world.ok(&["land", &world.write("three.csv", one.replacen("01;\n", "01;Arbete\n", 1))]);
    assert!(changed.contains("new 0, changed 1, unchanged 1, withdrawn 0"), "{changed}");
    assert!(changed.contains("row 2: the row had landed with other values; it is corrected"), "{changed}");
}

#[test]
fn the_fix_list_comes_back_until_it_is_mended() {
    let world = World::new("10");
    let n = numbers();
    let list = world.write(
        "list.csv",
        format!("Projekt;Personnr;Startdatum;Kön\nPROGRESS;{};2021-03-01;Man\nPROGRESS;{};2021-03-01;Herre\n", n[0], n[1]),
    );
    for rows in ["1 row landed", "0 rows landed", "0 rows landed"] {
        let said = world.run(&["land", &list]);
        assert!(said.code == 3 && said.out.contains(rows) && said.out.contains("row 3, column Kön"), "{said:?}");
    }
    // The controller adds the spelling to the code list, and the same file lands wholly.
    let home = world.path("home");
    crate::world::copy(&crate::world::repository().join("schemas"), &home.join("schemas"));
    let codes = home.join("schemas/codes/sex.csv");
    let text = std::fs::read_to_string(&codes).unwrap();
    let male = text.lines().find(|l| l.contains(",male,")).unwrap();
    std::fs::write(&codes, text.replace(male, &format!("{male}|Herre"))).unwrap();
    let said = crate::world::said(world.command(&["land", &list]).env("UTFALL_HOME", &home).output().unwrap());
    assert!(said.code == 0 && said.out.contains("1 row landed"), "{said:?}");
    assert!(world.ok(&["land", &list]).contains("landed before, nothing changed"));
}

#[test]
fn a_changed_code_list_does_not_make_known_rows_look_changed() {
    let world = World::landed("10");
    let home = world.path("home");
    crate::world::copy(&crate::world::repository().join("schemas"), &home.join("schemas"));
    let bands = home.join("schemas/codes/age_band.csv");
    let text = std::fs::read_to_string(&bands).unwrap();
    let young = text.lines().find(|l| l.contains(",16,24")).unwrap();
    // Who has landed stays in the band that was: another range of it, and one within it, are refused.
    let list = std::fs::read_to_string(world.path("lists/asap-participation.csv")).unwrap();
    let again = world.write("again.csv", format!("{list}\n"));
    let land = || crate::world::said(world.command(&["land", &again]).env("UTFALL_HOME", &home).output().unwrap());
    for (changed, why) in [
        (young.replace(",16,24", ",16,19"), "has landed with another range; write it as it was"),
        (format!("{young}\n90,20-24,20–24,20–24,,20,24"), "the ranges of `16-24` and `20-24` overlap"),
    ] {
        std::fs::write(&bands, text.replace(young, &changed)).unwrap();
        let said = land();
        assert!(said.code == 2 && said.err.contains(why), "{said:?}");
    }
    let more = format!("{text}90,over_120,Över 120,Above 120,,121,130\n");
    std::fs::write(&bands, more).unwrap();
    let said = land();
    assert!(said.code == 0 && said.out.contains("0 rows landed"), "{said:?}");
}

#[test]
fn one_persons_cell_does_not_change_how_others_are_read() {
    let world = World::new("10");
    let n = numbers();
    let rows = |cell: &str| {
        format!(
            "Projekt;Personnr;Startdatum;Kön\nTräning ger färdighet!;{};2008-09-01;{cell}\nTräning ger färdighet!;{};2008-09-01;Man\n",
            n[0], n[1]
        )
    };
    for (name, bytes, rule) in [
        ("quote.csv", rows("\"Man").into_bytes(), "file.quote"),
        ("taken.csv", rows("\"Man").replace(";Man\n", ";\"Man\"\n").into_bytes(), "file.quote"),
        (
            "mixed.csv",
            rows("M\u{e4}n").replace("M\u{e4}n", "M#n").bytes().map(|b| if b == b'#' { 0xE4 } else { b }).collect(),
            "file.encoding",
        ),
    ] {
        let said = world.run(&["land", &world.write(name, bytes)]);
        assert!(said.code == 3 && said.out.contains("rejected, nothing landed") && said.out.contains(rule), "{name}: {said:?}");
    }
    assert!(!world.path("data/landed/participation").exists());
    // A line break in a cell is part of it; the row of another is read as it is.
    let said = world.run(&["land", &world.write("break.csv", rows("\"Ma\nn\""))]);
    assert!(said.code == 3 && said.out.contains("1 row landed") && said.out.contains("row 2, column Kön"), "{said:?}");
}

#[test]
fn a_file_without_a_project_column_lands_with_the_project_named() {
    let world = World::new("10");
    let list = world.write("list.csv", format!("Pnr;Inskriven\n{};2021-03-01\n", numbers()[0]));
    assert!(world.run(&["land", &list]).out.contains("missing column: Projekt"));
    assert!(world.ok(&["land", "--project", "progress", &list]).contains("1 row landed"));
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
    let said = world.run(&["run", "--inbox", &world.text("lists"), "outcomes"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(!world.path("out").exists());
    assert_eq!(files(&world.path("data/ledger")).len(), 1);
    std::fs::remove_file(world.path("lists/zz.csv")).unwrap();
    assert!(world.ok(&["run", "--inbox", &world.text("lists"), "outcomes"]).contains("budget spent"));
}

#[test]
fn the_demo_is_the_same_for_a_seed_and_other_people_for_another() {
    let world = World::empty();
    for (folder, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
        world.ok(&["demo", &world.text(folder), "--seed", seed]);
    }
    let bytes = |folder: &str| contents(&world.path(folder)).into_iter().map(|(_, b)| b).collect::<Vec<_>>();
    assert!(bytes("a") == bytes("b") && bytes("a") != bytes("c"));
    assert_eq!(bytes("a").len(), 15);
}
