use calamine::{Data, Reader as _, open_workbook_auto};
use serde_json::{Value, json};

use super::*;
use crate::land::report::{Difference, Inferred, Month, Outcome};
use crate::text::Lang;

const NUMBER: &str = "19121212-1212";

fn catalogue() -> Catalogue {
    Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap()
}

fn report() -> FileReport {
    let at = |row, column: &str, rule: Rule| Finding::row(row, Some(column), rule);
    FileReport {
        path: format!("inbox/anna {NUMBER}: mars.xlsx").into(),
        sheet: Some(format!("Blad/A {NUMBER}")),
        table: Some("participation".into()),
        outcome: Outcome::Landed(3),
        inferred: vec![
            Inferred::Encoding("windows-1252"),
            Inferred::Separator(';'),
            Inferred::HeadingRow(4),
            Inferred::Column { heading: "=cmd|' /C calc'!A0".into(), column: "labour_status".into() },
            Inferred::Column { heading: format!("Kön {NUMBER}"), column: "sex".into() },
        ],
        difference: Some(Difference { month: Month::parse("2021-03"), new: 3, set_aside: 2, ..Difference::default() }),
        findings: vec![
            at(2, "Personnr", Rule::CenturyInferred),
            at(3, "=cmd|' /C calc'!A0", Rule::Code("labour_status".into())),
            Finding::row(4, None, Rule::KnownRow),
            at(11, &format!("@SUM(1) {NUMBER}"), Rule::Date),
            Finding::column("+1", Rule::NearCode { list: "labour_status".into(), label: "=Laholm".into() }),
        ],
        controller: vec![Finding::row(7, None, Rule::Forgotten)],
    }
}

/// The cells of a written workbook by sheet.
fn read(path: &Path) -> Vec<Vec<Data>> {
    let mut book = open_workbook_auto(path).unwrap();
    let names = book.sheet_names();
    let expected = say(["Att rätta", "Tillåtna värden", "Tolkning"], ["To mend", "Allowed values", "How it was read"]);
    assert!(names == expected || names == [expected[0], expected[2]], "{names:?}");
    for name in &names {
        assert!(book.worksheet_formula(name).unwrap().cells().all(|(_, _, formula)| formula.is_empty()));
    }
    names.iter().map(|name| book.worksheet_range(name).unwrap().cells().map(|(_, _, c)| c.clone()).collect()).collect()
}

fn texts(path: &Path) -> Vec<String> {
    let text = |cell| if let Data::String(text) = cell { Some(text) } else { None };
    read(path).into_iter().flatten().filter_map(text).collect()
}

#[test]
fn every_cell_is_a_string_except_row_numbers_and_counts_and_none_is_a_formula() {
    let folder = tempfile::tempdir().unwrap();
    let [book, _] = write(&folder.path().join("new"), &report(), &catalogue(), &mut HashSet::new()).unwrap().unwrap();
    assert_eq!(book.file_name().unwrap(), "anna …_ mars-Blad_A ….fix-list.xlsx");
    let mut numbers = Vec::new();
    for cell in read(&book).into_iter().flatten() {
        match cell {
            Data::Float(number) => numbers.push(number),
            Data::String(_) | Data::Empty => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(numbers, [3.0, 1.0, 11.0, 1.0, 2.0, 1.0], "what is to mend stands first");
    let texts = texts(&book);
    for text in ["=cmd|' /C calc'!A0", "@SUM(1) …", "+1", "anna …: mars.xlsx", "Blad/A …", "value.code"] {
        assert!(texts.iter().any(|t| t == text), "{text}: {texts:?}");
    }
    assert!(texts.iter().all(|t| !t.contains("1212") && !t.contains("row.forgotten")), "{texts:?}");
}

#[test]
fn a_workbook_speaks_the_words_of_the_office() {
    let folder = tempfile::tempdir().unwrap();
    let [book, _] = write(folder.path(), &report(), &catalogue(), &mut HashSet::new()).unwrap().unwrap();
    let texts = texts(&book);
    for wrong in ["labour_status", "schemas/", "participation", "undantag", "set aside", "row.known", "landade", "landed"] {
        assert!(texts.iter().all(|text| !text.contains(wrong)), "{wrong}: {texts:?}");
    }
    let waiting = say("väntar på rättelse", "waiting for correction");
    let counts = format!(
        "{}{waiting} 2",
        say(
            "månad 2021-03: nya 3, ändrade 0, oförändrade 0, borttagna 0, ",
            "month 2021-03: new 3, changed 0, unchanged 0, withdrawn 0, "
        )
    );
    for right in [
        waiting,
        &counts,
        say("Deltagande", "Participation"),
        say("Ställning på arbetsmarknaden", "Labour-market status"),
        say("3 rader togs emot", "3 rows taken in"),
        "Långtidsarbetslös",
        "Long-term unemployed",
        "long_term_unemployed",
    ] {
        assert!(texts.iter().any(|text| text == right), "{right}: {texts:?}");
    }
}

#[test]
fn the_json_says_the_same_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let [_, json] = write(folder.path(), &report(), &catalogue(), &mut HashSet::new()).unwrap().unwrap();
    let text = std::fs::read_to_string(json).unwrap();
    assert!(!text.contains("1212") && !text.contains("row.forgotten") && !text.contains("row.known"), "{text}");
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&said["format"], &said["outcome"], &said["rows"], &said["left_out"]),
        (&json!(2), &json!("landed"), &json!(3), &json!(0))
    );
    assert_eq!(said["difference"]["month"], "2021-03");
    assert_eq!(said["title"], json!({ "sv": "Deltagande", "en": "Participation" }));
    assert_eq!(said["inferred"][4], json!({ "what": "column", "heading": "Kön …", "value": "sex" }));
    let date = &said["findings"][1];
    assert_eq!((&date["severity"], &date["rows"], &date["rule"]), (&json!("set-aside"), &json!([11]), &json!("value.date")));
    assert_eq!((&date["sv"], &date["en"]), (&json!(Rule::Date.text(Lang::Sv)), &json!(Rule::Date.text(Lang::En))));
    let allowed = said["allowed"].as_array().unwrap();
    assert_eq!(allowed.iter().map(|one| &one["column"]).collect::<Vec<_>>(), ["=cmd|' /C calc'!A0", "+1"]);
    let second = json!({ "code": "long_term_unemployed", "sv": "Långtidsarbetslös", "en": "Long-term unemployed" });
    assert_eq!(allowed[0]["values"][1], second);
}

#[test]
fn the_same_report_gives_the_same_bytes_and_no_name_is_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue();
    let written = |names: &mut HashSet<String>| write(folder.path(), &report(), &catalogue, names).unwrap().unwrap();
    let bytes = |paths: &[PathBuf; 2]| paths.clone().map(|path| std::fs::read(path).unwrap());
    let mut names = HashSet::new();
    let first = written(&mut names);
    let once = bytes(&first);
    let second = written(&mut names);
    assert_ne!(first, second);
    assert!(second[0].display().to_string().ends_with("…-2.fix-list.xlsx"), "{second:?}");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(written(&mut HashSet::new()), first);
    assert!(bytes(&first) == once && bytes(&second) == once);
}

#[test]
fn a_list_with_nothing_to_say_of_has_no_fix_list_and_a_long_name_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let known = vec![Finding { more: 198, ..Finding::row(2, None, Rule::KnownRow) }];
    for findings in [Vec::new(), known] {
        write(folder.path(), &report(), &catalogue(), &mut HashSet::new()).unwrap().unwrap();
        let clean = FileReport { findings, ..report() };
        assert!(write(folder.path(), &clean, &catalogue(), &mut HashSet::new()).unwrap().is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "what was to mend is mended");
    }
    let path = PathBuf::from("å".repeat(120) + ".csv");
    let long = FileReport { path, sheet: Some("ö".repeat(200)), table: None, outcome: Outcome::Rejected, ..report() };
    assert!(write(folder.path(), &long, &catalogue(), &mut HashSet::new()).unwrap().unwrap()[0].exists());
}

#[test]
fn equal_findings_are_one_line_with_every_row_or_how_many_there_are() {
    let at = |row| Finding::row(row, Some("Startdatum"), Rule::Date);
    let rows = [3, 7, 9, 10, 11, 12, 13, 14, 20, 21];
    let few: Vec<Finding> = rows.into_iter().rev().map(at).collect();
    // Every second of a thousand rows, and four thousand more that are not listed.
    let mut many: Vec<Finding> = (1..=500).map(|i| at(2 * i)).collect();
    many[499].more = 4_500;
    let (few_said, many_said) = ("3, 7, 9-14, 20, 21", say(" och 4850 till", " and 4850 more"));
    for (findings, count, rows, left_out, said) in [(few, 10, 10, 0, few_said), (many, 5_000, 500, 4_500, many_said)] {
        let folder = tempfile::tempdir().unwrap();
        let report = FileReport { findings, ..report() };
        let [book, json] = write(folder.path(), &report, &catalogue(), &mut HashSet::new()).unwrap().unwrap();
        let texts = texts(&book);
        assert!(texts.iter().any(|text| text.ends_with(said)), "{texts:?}");
        assert_eq!(texts.iter().any(|text| text.contains(": 4850; ")), left_out > 0, "what is left out is said: {texts:?}");
        let told: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
        let [line] = told["findings"].as_array().unwrap().as_slice() else { panic!("{told}") };
        assert_eq!((&line["count"], line["rows"].as_array().unwrap().len()), (&json!(count), rows));
        assert_eq!(told["left_out"], left_out);
    }
}

#[test]
fn yes_and_no_are_allowed_values_and_so_are_agreed_wordings() {
    let at = |column, rule| Finding::row(3, Some(column), rule);
    let findings = vec![at("Samtycke", Rule::Boolean), at("Fråga", Rule::Wording), at("Startdatum", Rule::Date)];
    let report = FileReport { table: Some("answer".into()), inferred: Vec::new(), findings, ..report() };
    let catalogue = catalogue();
    let list = FixList::of(&report, &catalogue);
    let told: Vec<(&str, usize)> = list.allowed.iter().map(|one| (one.column, one.values(|_, _, _| ()).len())).collect();
    let questions = catalogue.codes("question").unwrap().entries.len();
    assert_eq!(told, [("Fråga", questions), ("Samtycke", 2)]);
}
