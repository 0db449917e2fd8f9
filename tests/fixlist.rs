//! Fix-lists as the office of a project gets them: whole counts, its own words, and what its columns may hold.

use std::path::Path;

use calamine::{Data, Reader as _, open_workbook_auto};

use crate::cases::filled;
use crate::world::{Said, World, files};

const HEADINGS: &str = "Projekt;Personnr;Startdatum;Kön;Kommun;Sysselsättning vid start;Utländsk bakgrund";

fn list(rows: &[String]) -> Vec<u8> {
    filled(format!("{HEADINGS}\n{}\n", rows.join("\n")).as_bytes())
}

fn land(world: &World, lang: &str, name: &str, bytes: &[u8]) -> Said {
    let list = world.write(name, bytes);
    world.run(&["land", "--lang", lang, "--fix-list", &world.text("fix"), &list])
}

/// A sheet: its name, and the texts of its rows.
type Sheet = (String, Vec<Vec<String>>);

/// Every text of a workbook, sheet by sheet.
fn texts(book: &Path) -> Vec<Sheet> {
    let mut book = open_workbook_auto(book).unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        _ => String::new(),
    };
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).unwrap();
        sheets.push((name, range.rows().map(|row| row.iter().map(text).collect()).collect()));
    }
    sheets
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn however_many_rows_are_wrong_all_of_them_are_counted() {
    // Five thousand wrong dates, and every second sex misspelt too: more than are listed of any one rule.
    let rows: Vec<String> =
        (0..5_000).map(|i| format!("PROGRESS;{{0}};1/3-21;{};;;", if i % 2 == 0 { "Herre" } else { "Man" })).collect();
    for (lang, more) in [("sv", ["4950", "2450", "rader till"]), ("en", ["4950", "2450", "more rows"])] {
        let world = World::new("10");
        let said = land(&world, lang, "many.csv", &list(&rows));
        assert_eq!(said.code, 3, "{said:?}");
        for n in &more[..2] {
            assert!(said.out.contains(&format!("{n} {}", more[2])), "{n}: {}", said.out);
        }
        let told = json(&world.path("fix/many.fix-list.json"));
        let counts: Vec<u64> = told["findings"].as_array().unwrap().iter().map(|line| line["count"].as_u64().unwrap()).collect();
        assert!(counts.contains(&5_000) && counts.contains(&2_500), "{told}");
        let named: usize = told["findings"].as_array().unwrap().iter().map(|line| line["rows"].as_array().unwrap().len()).sum();
        assert_eq!(named as u64 + told["left_out"].as_u64().unwrap(), counts.iter().sum::<u64>() - file_level(&told), "{told}");
        let sheets = texts(&world.path("fix/many.fix-list.xlsx"));
        let left_out = sheets[0].1.iter().find(|row| ["Utelämnat", "Left out"].contains(&row[0].as_str())).unwrap();
        assert!(left_out[1].contains(&(left_out_of(&sheets[0].1)).to_string()), "{left_out:?}");
    }
}

/// How many findings are about no row.
fn file_level(told: &serde_json::Value) -> u64 {
    told["findings"].as_array().unwrap().iter().filter(|line| line["rows"] == serde_json::json!([])).count() as u64
}

/// How many rows of the lines of a workbook do not stand there with their numbers, by what the lines say.
fn left_out_of(rows: &[Vec<String>]) -> u64 {
    let more = |text: &str| text.rsplit_once(" och ").or_else(|| text.rsplit_once(" and ")).map(|(_, rest)| rest.to_owned());
    let number = |text: String| text.split(' ').next().unwrap().parse::<u64>().unwrap();
    rows.iter().filter(|row| !row[2].is_empty()).filter_map(|row| more(&row[1])).map(number).sum()
}

#[test]
fn a_list_that_is_as_it_was_has_no_fix_list() {
    let world = World::new("10");
    let rows = |count: usize| (0..count).map(|i| format!("PROGRESS;{{{i}}};2021-03-01\n")).collect::<String>();
    let bytes = |count| filled(format!("Projekt;Personnr;Startdatum\n{}", rows(count)).as_bytes());
    assert_eq!(land(&world, "en", "list.csv", &bytes(12)).code, 0);
    let again = land(&world, "en", "list.csv", &bytes(14));
    assert!(again.code == 0 && again.out.contains("unchanged 12") && again.out.matches("row.known").count() == 1, "{again:?}");
    assert!(!world.path("fix").exists(), "{again:?}");
    // A wrong row brings one, which does not speak of the others; mended, it is gone.
    let wrong = [bytes(14), filled(b"PROGRESS;{15};2021-33-01\n")].concat();
    assert_eq!(land(&world, "en", "list.csv", &wrong).code, 3);
    let told = json(&world.path("fix/list.fix-list.json"));
    let rules: Vec<&str> = told["findings"].as_array().unwrap().iter().map(|line| line["rule"].as_str().unwrap()).collect();
    assert_eq!((rules, &told["findings"][0]["rows"]), (vec!["value.date"], &serde_json::json!([16])));
    let mended = [bytes(14), filled(b"PROGRESS;{15};2021-03-01\n")].concat();
    assert_eq!(land(&world, "en", "list.csv", &mended).code, 0);
    assert!(files(&world.path("fix")).is_empty());
}

#[test]
fn a_fix_list_says_in_the_offices_words_what_its_columns_may_hold() {
    let rows = [
        "PROGRESS;{0};2021-03-01;Herre;Laholm;Arbetslös;ja",
        "PROGRESS;{1};2021-03-01;Man;Hallstahamar;Ibland;kanske",
        "PROGRESS;{2};2021-03-01;Dam;Laholm;Ofta;ja",
        "PROGRESS;{3};2021-03-01;Man;Laholm;Arbetslös;ja",
    ]
    .map(str::to_owned);
    let expected = [
        (
            "sv",
            ["Att rätta", "Tillåtna värden", "Tolkning"],
            ["väntar på rättelse", "2, 4", "2", "Kön", "inget av kolumnens tillåtna värden"],
            "Ställning på arbetsmarknaden",
            "Deltagande",
        ),
        (
            "en",
            ["To mend", "Allowed values", "How it was read"],
            ["waiting for correction", "2, 4", "2", "Kön", "not one of the column's allowed values"],
            "Labour-market status",
            "Participation",
        ),
    ];
    for (lang, names, line, status, title) in expected {
        let world = World::new("10");
        let said = land(&world, lang, "list.csv", &list(&rows));
        assert!(said.code == 3 && said.out.contains("(participation)"), "{said:?}");
        let sheets = texts(&world.path("fix/list.fix-list.xlsx"));
        assert_eq!(sheets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
        let all: Vec<&String> = sheets.iter().flat_map(|(_, rows)| rows.iter().flatten()).collect();
        for wrong in ["labour_status", "schemas", "participation", "undantag", "set aside", " 1 rader", " 1 rows"] {
            assert!(all.iter().all(|text| !text.contains(wrong)), "{wrong}: {all:?}");
        }
        assert!(sheets[0].1.iter().any(|row| row[..4] == line[..4] && row[4].starts_with(line[4])), "{:?}", sheets[0]);
        assert!(sheets[0].1.iter().any(|row| row[1] == title) && sheets[2].1.iter().any(|row| row[1] == status), "{sheets:?}");
        let values = &sheets[1].1;
        for value in [
            ["Kön", "Kvinna", "Woman", "female"],
            ["Kommun", "Hallstahammar", "Hallstahammar", "1961"],
            ["Sysselsättning vid start", "Långtidsarbetslös", "Long-term unemployed", "long_term_unemployed"],
            ["Utländsk bakgrund", "nej", "no", "false"],
        ] {
            assert!(values.iter().any(|row| *row == value), "{value:?}: {values:?}");
        }
        let told = json(&world.path("fix/list.fix-list.json"));
        let columns: Vec<&str> = told["allowed"].as_array().unwrap().iter().map(|one| one["column"].as_str().unwrap()).collect();
        assert_eq!(columns.len(), 4, "{columns:?}");
        assert!(!told["findings"].to_string().contains("labour_status") && told["title"]["sv"] == "Deltagande", "{told}");
    }
}

#[test]
fn one_row_is_one_row_in_every_text() {
    for lang in ["sv", "en"] {
        let world = World::new("10");
        let rows = |second: &str| ["PROGRESS;{0};2021-03-01;;;;".to_owned(), format!("PROGRESS;{{1}};{second};;;;")];
        for (name, second) in [("a-progress-2021-03.csv", "2021-03-01"), ("b-progress-2021-03.csv", "2021-33-01")] {
            let titled = [b"Utskrift\n".to_vec(), list(&rows(second))].concat();
            let said = land(&world, lang, name, &titled);
            let out = said.out.replace("21 ", "");
            for wrong in [" 1 rader", " 1 rows", "\n1 rader", ": 1 rader", "(1 rader"] {
                assert!(!out.contains(wrong), "{wrong}: {out}");
            }
            assert_eq!(said.out.contains("month.incomplete"), second == "2021-33-01", "{out}");
        }
    }
}
