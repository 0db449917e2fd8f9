use calamine::{Data, Reader as _, open_workbook_auto};
use serde_json::{Value, json};

use super::*;
use crate::land::report::{Difference, Inferred, Month, Outcome};
use utfall_ground::text::Lang;

/// The language of the office.
const LANG: Lang = Lang::Sv;
const NUMBER: &str = "19121212-1212";

fn catalogue() -> Catalogue {
    Catalogue::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap()
}

fn report() -> FileReport {
    let at = |row, column: &str, rule: ValidationRule| Finding::row(row, Some(column), rule);
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
            at(2, "Personnr", ValidationRule::CenturyInferred),
            at(3, "=cmd|' /C calc'!A0", ValidationRule::Code("labour_status".into())),
            Finding::row(4, None, ValidationRule::KnownRow),
            at(11, &format!("@SUM(1) {NUMBER}"), ValidationRule::Date),
            Finding::column(
                "+1",
                ValidationRule::NearCode { list: "labour_status".into(), sv: "=Laholm".into(), en: "=Laholm".into() },
            ),
        ],
        controller: vec![Finding::row(7, None, ValidationRule::Forgotten)],
    }
}

/// The cells of a written workbook by sheet.
fn read(path: &Path) -> Vec<Vec<Data>> {
    let mut book = open_workbook_auto(path).unwrap();
    let names = book.sheet_names();
    let expected = Lang::ALL
        .map(|lang| lang.pick(["Att rätta", "Tillåtna värden", "Tolkning"], ["To mend", "Allowed values", "How it was read"]));
    assert!(expected.iter().any(|all| names == *all || names == [all[0], all[2]]), "{names:?}");
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
    let [book, _] = write(&folder.path().join("new"), &report(), &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
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
    for lang in Lang::ALL {
        let [book, _] = write(folder.path(), &report(), &catalogue(), lang, &mut Written::default()).unwrap().unwrap();
        let texts = texts(&book);
        for wrong in ["labour_status", "schemas/", "participation", "undantag", "set aside", "row.known", "landade", "landed"] {
            assert!(texts.iter().all(|text| !text.contains(wrong)), "{wrong}: {texts:?}");
        }
        let waiting = lang.pick("väntar på rättelse", "waiting for correction");
        let counts = format!(
            "{}{waiting} 2",
            lang.pick(
                "månad 2021-03: nya 3, ändrade 0, oförändrade 0, borttagna 0, ",
                "month 2021-03: new 3, changed 0, unchanged 0, withdrawn 0, "
            )
        );
        for right in [
            waiting,
            &counts,
            lang.pick("Deltagande", "Participation"),
            lang.pick("Ställning på arbetsmarknaden", "Labour-market status"),
            lang.pick("3 rader togs emot", "3 rows taken in"),
            "Långtidsarbetslös",
            "Long-term unemployed",
            "long_term_unemployed",
        ] {
            assert!(texts.iter().any(|text| text == right), "{right}: {texts:?}");
        }
    }
}

#[test]
fn the_json_says_the_same_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let [_, json] = write(folder.path(), &report(), &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
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
    assert_eq!(
        (&date["sv"], &date["en"]),
        (&json!(ValidationRule::Date.text(Lang::Sv)), &json!(ValidationRule::Date.text(Lang::En)))
    );
    let allowed = said["allowed"].as_array().unwrap();
    assert_eq!(allowed.iter().map(|one| &one["column"]).collect::<Vec<_>>(), ["=cmd|' /C calc'!A0", "+1"]);
    let second = json!({ "code": "long_term_unemployed", "sv": "Långtidsarbetslös", "en": "Long-term unemployed" });
    assert_eq!(allowed[0]["values"][1], second);
}

#[test]
fn the_same_report_gives_the_same_bytes_and_no_name_is_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = catalogue();
    let written = |so_far: &mut Written| write(folder.path(), &report(), &catalogue, LANG, so_far).unwrap().unwrap();
    let bytes = |paths: &[PathBuf; 2]| paths.clone().map(|path| std::fs::read(path).unwrap());
    let mut names = Written::default();
    let first = written(&mut names);
    let once = bytes(&first);
    let second = written(&mut names);
    assert_ne!(first, second);
    assert!(second[0].display().to_string().ends_with("…-2.fix-list.xlsx"), "{second:?}");
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(written(&mut Written::default()), first);
    assert!(bytes(&first) == once && bytes(&second) == once);
}

#[test]
fn a_list_with_nothing_to_say_of_has_no_fix_list_and_a_long_name_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let known = vec![Finding { more: 198, ..Finding::row(2, None, ValidationRule::KnownRow) }];
    for findings in [Vec::new(), known] {
        write(folder.path(), &report(), &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
        let clean = FileReport { findings, ..report() };
        assert!(write(folder.path(), &clean, &catalogue(), LANG, &mut Written::default()).unwrap().is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "what was to mend is mended");
    }
    let path = PathBuf::from("å".repeat(120) + ".csv");
    let long = FileReport { path, sheet: Some("ö".repeat(200)), table: None, outcome: Outcome::Rejected, ..report() };
    assert!(write(folder.path(), &long, &catalogue(), LANG, &mut Written::default()).unwrap().unwrap()[0].exists());
}

#[test]
fn equal_findings_are_one_line_with_every_row_or_how_many_there_are() {
    let at = |row| Finding::row(row, Some("Startdatum"), ValidationRule::Date);
    let rows = [3, 7, 9, 10, 11, 12, 13, 14, 20, 21];
    let few: Vec<Finding> = rows.into_iter().rev().map(at).collect();
    // Every second of a thousand rows, and four thousand more that are not listed.
    let mut many: Vec<Finding> = (1..=500).map(|i| at(2 * i)).collect();
    many[499].more = 4_500;
    let (few_said, many_said) = ("3, 7, 9-14, 20, 21", LANG.pick(" och 4850 till", " and 4850 more"));
    for (findings, count, rows, left_out, said) in [(few, 10, 10, 0, few_said), (many, 5_000, 500, 4_500, many_said)] {
        let folder = tempfile::tempdir().unwrap();
        let report = FileReport { findings, ..report() };
        let [book, json] = write(folder.path(), &report, &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
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
    let findings = vec![
        at("Samtycke", ValidationRule::Boolean),
        at("Fråga", ValidationRule::Wording),
        at("Startdatum", ValidationRule::Date),
    ];
    let report = FileReport { table: Some("answer".into()), inferred: Vec::new(), findings, ..report() };
    let catalogue = catalogue();
    let list = FixList::of(&report, &catalogue, LANG, &mut Left::default());
    let told: Vec<(&str, usize)> = list.allowed.iter().map(|one| (one.column, one.values(|_, _, _| ()).len())).collect();
    let questions = catalogue.codes("question").unwrap().entries.len();
    assert_eq!(told, [("Fråga", questions), ("Samtycke", 2)]);
}

#[test]
fn a_list_of_which_everything_is_wrong_has_a_fix_list_that_can_be_read_and_counts_it_all() {
    let folder = tempfile::tempdir().unwrap();
    // A hundred thousand columns that nobody knows, and in sixty pieces five hundred wrong dates each, with as many not listed.
    let unknown = (0..100_000).map(|at| Finding::row(1, Some(&format!("K{at}")), ValidationRule::UnknownColumn));
    let last = |row: u64| if row.is_multiple_of(500) { 500 } else { 0 };
    let dates =
        (1..=30_000).map(|row| Finding { more: last(row), ..Finding::row(row + 1, Some("Startdatum"), ValidationRule::Date) });
    let report = FileReport { findings: unknown.chain(dates).collect(), outcome: Outcome::Rejected, ..report() };
    let mut written = Written::default();
    let [book, json] = write(folder.path(), &report, &catalogue(), LANG, &mut written).unwrap().unwrap();
    for path in [&book, &json] {
        assert!(std::fs::metadata(path).unwrap().len() < 1 << 20, "{}", path.display());
    }
    let told: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let findings = told["findings"].as_array().unwrap();
    assert_eq!(findings.len(), LINES + 2, "a thousand in full, then one line of each rule");
    let counts: u64 = findings.iter().map(|line| line["count"].as_u64().unwrap()).sum();
    assert_eq!(counts, 100_000 + 60_000);
    assert_eq!(findings[LINES]["more"], json!({ "findings": 99_000, "first_row": 1, "last_row": 1 }));
    assert_eq!((&findings[LINES + 1]["count"], &findings[LINES + 1]["rows"]), (&json!(60_000), &json!([])));
    assert_eq!(findings[LINES + 1]["more"], json!({ "findings": 1, "first_row": 2, "last_row": 30_001 }));
    let named: usize = findings.iter().map(|line| line["rows"].as_array().unwrap().len()).sum();
    assert_eq!(named as u64 + told["left_out"].as_u64().unwrap(), counts);
    let rows = LANG.pick("från 2 till 30001", "from 2 to 30001");
    let more = LANG.pick("99000 anmärkningar till som de ovan: ", "99000 more findings like those above: ");
    let said = texts(&book);
    assert!(said.iter().any(|text| text == rows) && said.iter().any(|text| text.starts_with(more)), "{:?}", said.last());
    // What is left for the next sheet of the same file is a line for each rule; another file has all of its own.
    let list = |path: &str, written: &mut Written| {
        let report = FileReport { path: path.into(), sheet: Some("April".into()), ..report.clone() };
        let [_, json] = write(folder.path(), &report, &catalogue(), LANG, written).unwrap().unwrap();
        serde_json::from_slice::<Value>(&std::fs::read(json).unwrap()).unwrap()["findings"].as_array().unwrap().len()
    };
    let same = report.path.display().to_string();
    assert_eq!([list(&same, &mut written), list("another.xlsx", &mut written)], [2, LINES + 2]);
}

#[test]
fn of_one_rule_a_thousand_rows_are_named_however_many_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let column = |at: u64| format!("K{}", at % 30);
    let findings = (0..300_000).map(|at| Finding::row(at + 2, Some(&column(at)), ValidationRule::Date)).collect();
    let report = FileReport { findings, ..report() };
    let [_, json] = write(folder.path(), &report, &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
    assert!(std::fs::metadata(&json).unwrap().len() < 1 << 20);
    let told: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let named = |line: &Value| line["rows"].as_array().unwrap().len();
    let findings = told["findings"].as_array().unwrap();
    assert!(findings.iter().all(|line| line["count"] == 10_000 && (1..=ROWS.0).contains(&named(line))), "{told}");
    let all: usize = findings.iter().map(named).sum();
    assert_eq!((all, &told["left_out"]), (20 * ROWS.0 + 10, &json!(300_000 - all)));
}

#[test]
fn what_turns_or_hides_in_a_senders_names_is_marked_wherever_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let unseen = |text: &str| text.contains(|c: char| "\u{202e}\u{200b}\u{2066}\u{1b}\n\u{7}".contains(c) && c != '\n');
    let name = |text: &str| format!("{text}\u{202e}\u{200b}\u{2066}\u{1b}[31m\u{7}");
    let column = name("Kön");
    let report = FileReport {
        path: name("lista").into(),
        sheet: Some(name("Mars")),
        inferred: vec![Inferred::Column { heading: column.clone(), column: "sex".into() }],
        findings: vec![
            Finding::row(2, Some(&column), ValidationRule::Boolean),
            Finding::of(ValidationRule::HiddenSheets(masked(&column))),
        ],
        ..report()
    };
    let written = write(folder.path(), &report, &catalogue(), LANG, &mut Written::default()).unwrap().unwrap();
    assert!(written.iter().all(|path| !unseen(&path.display().to_string())), "{written:?}");
    let said = texts(&written[0]);
    assert!(said.iter().all(|text| !unseen(text)), "{said:?}");
    assert!(said.contains(&"Kön����[31m�".to_owned()) && said.contains(&"Mars����[31m�".to_owned()), "{said:?}");
    let json = std::fs::read_to_string(&written[1]).unwrap();
    assert!(!unseen(&json) && !json.contains("\\u00"), "{json}");
    assert!(!unseen(&report.name(LANG)) && report.findings.iter().chain(&report.controller).all(|f| !unseen(&f.shown(LANG))));
    assert!(report.inferred.iter().all(|one| !unseen(&one.shown(LANG))));
}
