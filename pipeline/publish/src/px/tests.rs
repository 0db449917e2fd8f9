use std::collections::BTreeMap;

use super::*;
use crate::dataset::pack::Pack;
use crate::{Publication, fixture};

/// The files by their names.
fn all(publication: &Publication) -> BTreeMap<String, String> {
    let files = fixture::files_of_a_site(&Px, publication).into_iter();
    files.map(|file| (file.path.display().to_string(), String::from_utf8(file.bytes).unwrap())).collect()
}

fn read(publication: &Publication, name: &str) -> String {
    all(publication).remove(name).unwrap()
}

/// A file as a reader takes it apart: keywords, each with what is behind its `=`, at semicolons that stand in no text.
fn keywords(file: &str) -> Vec<(String, String)> {
    let (mut all, mut now, mut quoted) = (Vec::new(), String::new(), false);
    for c in file.chars() {
        quoted ^= c == '"';
        if c == ';' && !quoted {
            let at = now.match_indices('=').map(|(at, _)| at).find(|at| now[..*at].matches('"').count() % 2 == 0).unwrap();
            all.push((now[..at].trim().to_owned(), now[at + 1..].to_owned()));
            now.clear();
        } else {
            now.push(c);
        }
    }
    assert!(!quoted && now.trim().is_empty());
    all
}

fn value(keywords: &[(String, String)], keyword: &str) -> String {
    let of = keywords.iter().find(|(name, _)| name == keyword);
    of.unwrap_or_else(|| panic!("{keyword} is missing of {keywords:?}")).1.clone()
}

#[test]
fn keywords_stand_in_the_order_of_the_serializer() {
    let file = read(&fixture::awkward::publication(), "by_age_band.px");
    let mut names: Vec<String> =
        keywords(&file).into_iter().map(|(name, _)| name.split('(').next().unwrap().to_owned()).collect();
    names.dedup();
    let said = "SUBJECT-AREA TITLE CONTENTS STUB HEADING CONTVARIABLE VARIABLECODE VALUES TIMEVAL CODES PRECISION \
                LAST-UPDATED UNITS REFPERIOD CONTACT SOURCE NOTEX NOTE VARIABLE-TYPE";
    let said = |suffix: &'static str| said.split_whitespace().map(move |name| format!("{name}{suffix}"));
    let first = "CHARSET AXIS-VERSION CODEPAGE LANGUAGE LANGUAGES CREATION-DATE DECIMALS SHOWDECIMALS MATRIX AGGREGALLOWED \
                 CONFIDENTIAL COPYRIGHT SUBJECT-CODE";
    let expected = first.split_whitespace().map(str::to_owned).chain(said("")).chain(said("[en]")).chain(["DATA".to_owned()]);
    // What is said of each content stands content by content.
    let per_content = ["LAST-UPDATED", "UNITS", "REFPERIOD", "CONTACT"];
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()) || !per_content.iter().any(|of| name.starts_with(of)));
    assert_eq!(names, expected.collect::<Vec<_>>());
    assert!(file.ends_with(" \r\n;\r\n"));
}

#[test]
fn lines_end_as_px_ends_them_and_are_short() {
    for publication in [fixture::publication(), fixture::awkward::publication()] {
        for file in fixture::files_of_a_site(&Px, &publication) {
            let text = String::from_utf8(file.bytes).unwrap();
            let lines: Vec<&str> = text.split("\r\n").collect();
            assert!(lines.iter().all(|line| line.chars().count() <= 250 && !line.contains(['\r', '\n'])), "{:?}", file.path);
            assert_eq!(text.matches("DATA=").count(), 1, "{:?}", file.path);
        }
    }
}

#[test]
fn every_number_stands_in_its_place() {
    for publication in [fixture::publication(), fixture::awkward::publication()] {
        let (pack, files) = (Pack::of(&publication, &fixture::source()), all(&publication));
        for set in &pack.sets {
            let file = keywords(&files[&format!("{}.px", set.name)]);
            let cube = Cube::of(set, "2026-11-30");
            let selection = Selection::all(&cube);
            let data = value(&file, "DATA");
            let found: Vec<&str> = data.split_whitespace().collect();
            assert_eq!(found.len(), selection.len());
            for (found, (place, content)) in found.iter().zip(selection.cells(&cube)) {
                match cube.number(place, content) {
                    None => assert_eq!(*found, "\"..\""),
                    Some(number) if number.as_str() == "1.5e-7" => assert_eq!(*found, "0.00000015"),
                    Some(number) => assert_eq!(*found, number.as_str()),
                }
            }
        }
    }
    let counts = read(&fixture::publication(), "by_region_and_sex.px");
    assert!(counts.split("DATA=").nth(1).unwrap().contains(" -"), "negative numbers are numbers");
}

#[test]
fn both_languages_say_the_same() {
    let file = keywords(&read(&fixture::publication(), "work_by_region.px"));
    assert_eq!(
        [value(&file, "TITLE"), value(&file, "TITLE[en]")],
        ["\"Andel med arbete efter region\"", "\"Share in work by region\""]
    );
    assert_eq!([value(&file, "STUB"), value(&file, "STUB[en]")], ["\"Region\",\"Kön\"", "\"Region\",\"Sex\""]);
    assert_eq!(value(&file, "HEADING[en]"), "\"Contents\",\"Version\"");
    assert_eq!([value(&file, "ELIMINATION(\"Kön\")"), value(&file, "ELIMINATION[en](\"Sex\")")], ["\"Alla\"", "\"All\""]);
    assert_eq!(value(&file, "CODES[en](\"Sex\")"), "\"female\",\"male\",\"total\"");
    assert_eq!(
        [value(&file, "UNITS(\"Andel med arbete\")"), value(&file, "UNITS[en](\"Share in work\")")],
        ["\"andel\"", "\"share\""]
    );
    assert_eq!([value(&file, "DECIMALS"), value(&file, "SHOWDECIMALS")], ["5", "3"]);
    assert_eq!(value(&file, "PRECISION[en](\"Contents\",\"Share in work, standard error of the noise\")"), "5");
    assert_eq!([value(&file, "SOURCE"), value(&file, "SOURCE[en]")], ["\"Länsverket\"", "\"The County Office\""]);
    let contact = value(&file, "CONTACT(\"Andel med arbete\")");
    assert_eq!(contact, "\"Statistikenheten#010-123 45 67#statistik@example.org\"");
    assert_eq!(value(&file, "LAST-UPDATED(\"Andel med arbete\")"), "\"20261130 10:00\"");
    assert!(value(&file, "NOTEX[en]").contains("epsilon 1, delta 1e-6"));
    assert!(!file.iter().any(|(name, _)| name.starts_with("TIMEVAL")), "a version is no period");
}

#[test]
fn periods_are_those_of_px() {
    let mut publication = fixture::awkward::publication();
    let timeval = |publication: &Publication| {
        let file = keywords(&read(publication, "by_age_band.px"));
        value(&file, "TIMEVAL(\"Kvartal\")").replace("\r\n", "")
    };
    let quarters = "TLIST(Q1),\"20211\",\"20212\",\"20213\",\"20214\",\"20221\",\"20222\",\"20223\",\"20224\"";
    assert_eq!(timeval(&publication), quarters);
    let table = publication.tables.iter_mut().find(|table| table.name == "by_age_band").unwrap();
    for (code, year) in table.description.keys[0].codes.iter_mut().zip(2015..) {
        code.code = year.to_string();
    }
    assert!(timeval(&publication).starts_with("TLIST(A1),\"2015\",\"2016\""));
    let table = publication.tables.iter_mut().find(|table| table.name == "by_age_band").unwrap();
    for (code, month) in table.description.keys[0].codes.iter_mut().zip(1..) {
        code.code = format!("2021-{month:02}");
    }
    assert!(timeval(&publication).starts_with("TLIST(M1),\"202101\",\"202102\""));
}

#[test]
fn texts_end_no_keyword() {
    let file = keywords(&read(&fixture::awkward::publication(), "by_project.px"));
    let labels = value(&file, "VALUES(\"Projekt; 'namn'\")");
    assert!(
        labels.starts_with("\"=HYPERLINK('http://x');1\",\"<script>alert('x')</script>\",\"rad 1 rad 2; 'DATA =1'\""),
        "{labels}"
    );
    assert_eq!(value(&file, "SUBJECT-AREA"), "\"Svåra 'ord' & <tal>\"");
    assert!(value(&file, "NOTEX").contains("påhittade"));
}

#[test]
fn the_other_encoding_has_the_same_numbers_and_its_own_letters() {
    let publication = fixture::awkward::publication();
    let (pack, settings) = (Pack::of(&publication, &fixture::source()), fixture::settings());
    let cube = Cube::of(pack.set("by_project").unwrap(), "2026-11-30");
    let selection = Selection::all(&cube);
    let excerpt = Excerpt { cube: &cube, selection: &selection, release: &pack.release, settings: &settings };
    let bytes = file(excerpt, Encoding::Latin9);
    assert!(std::str::from_utf8(&bytes).is_err(), "å is one byte");
    let (text, _, wrong) = encoding_rs::ISO_8859_15.decode(&bytes);
    let (latin, unicode) = (keywords(&text), keywords(&read(&publication, "by_project.px")));
    assert!(!wrong);
    assert_eq!([value(&latin, "CODEPAGE"), value(&unicode, "CODEPAGE")], ["\"iso-8859-15\"", "\"utf-8\""]);
    assert_eq!(value(&latin, "DATA"), value(&unicode, "DATA"));
    assert!(value(&latin, "VALUES(\"Projekt; 'namn'\")").contains("\"?ód? - åäö & 'x' [en]\""));
}
