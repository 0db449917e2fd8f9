use std::io::{Cursor, Read};

use super::*;
use crate::fixture;
use crate::workbook::tests::{hostile, with};

/// The parts of a file, by name.
fn parts(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names
        .into_iter()
        .map(|name| {
            let mut text = String::new();
            zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
            (name, text)
        })
        .collect()
}

fn file(publication: &crate::Publication, made: Option<u64>) -> Vec<u8> {
    with(publication, made, |edition| {
        let files = Xlsx.files(edition).unwrap();
        assert_eq!(files[0].path, PathBuf::from("outcomes.xlsx"));
        files[0].bytes.clone()
    })
}

#[test]
fn nothing_of_it_is_a_formula() {
    let parts = parts(&file(&hostile(), None));
    assert!(parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/")).all(|(_, text)| !text.contains("<f>")));
    let strings = &parts["xl/sharedStrings.xml"];
    assert!(strings.contains("=HYPERLINK(\"http://x\";1)") && strings.contains("&lt;script&gt;&amp;amp;"), "{strings}");
    assert!(!parts.values().any(|text| text.contains("<script>")));
    assert!(parts["xl/workbook.xml"].contains("<sheet name=\"1. =x å\""), "{}", parts["xl/workbook.xml"]);
}

#[test]
fn the_only_time_in_it_is_that_of_its_numbers() {
    let publication = fixture::publication();
    let first = file(&publication, Some(1_767_225_661));
    assert_eq!(first, file(&publication, Some(1_767_225_661)));
    let core = &parts(&first)["docProps/core.xml"];
    assert!(core.contains("2026-01-01T00:01:01Z") && core.contains("Utfall i fem projekt"), "{core}");
    assert_ne!(first, file(&publication, Some(1)));
    assert!(parts(&file(&publication, None))["docProps/core.xml"].contains("2000-01-01"));
}

#[test]
fn headings_stay_in_sight_and_can_be_filtered_by() {
    let parts = parts(&file(&fixture::publication(), None));
    let sheet = &parts["xl/worksheets/sheet2.xml"];
    assert!(sheet.contains("<pane ySplit=\"6\"") && sheet.contains("<autoFilter ref=\"A6:J56\"/>"), "{}", &sheet[..900]);
    assert!(
        parts["xl/styles.xml"].contains("formatCode=\"0.0 %\"") && parts["xl/styles.xml"].contains("formatCode=\"#,##0.00\"")
    );
}
