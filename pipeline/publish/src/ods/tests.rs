use std::io::Read;

use super::*;
use crate::fixture;
use crate::workbook::tests::{hostile, with};

fn file(publication: &crate::Publication, made: Option<u64>) -> Vec<u8> {
    with(publication, made, |edition| Ods.files(edition).unwrap().remove(0).bytes)
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn its_kind_stands_at_a_fixed_place() {
    // OpenDocument 1.3, part 2, section 3.3.
    let bytes = file(&fixture::publication(), None);
    assert_eq!((&bytes[30..38], &bytes[38..38 + KIND.len()]), (&b"mimetype"[..], KIND.as_bytes()));
}

#[test]
fn nothing_of_it_is_a_formula_or_markup() {
    let content = part(&file(&hostile(), None), "content.xml");
    assert!(!content.contains("table:formula") && !content.contains("<script>"));
    assert!(content.contains("<text:p>=HYPERLINK(&quot;http://x&quot;;1)</text:p>"));
    assert!(content.contains("table:name=\"1. =x å\""));
}

#[test]
fn numbers_have_all_their_digits() {
    let publication = fixture::publication();
    let content = part(&file(&publication, None), "content.xml");
    for value in publication.tables[0].values.iter().flatten() {
        assert!(content.contains(&format!("office:value-type=\"float\" office:value=\"{value}\"")));
    }
    let share = publication.tables.iter().find(|table| table.name == "work_by_region").unwrap().values[0].unwrap();
    let (exact, shown) = (format!("0.{share:03}"), format!("{},{} %", share / 10, share % 10));
    let cell = format!("office:value-type=\"percentage\" office:value=\"{exact}\"><text:p>{shown}</text:p>");
    assert!(content.contains(&cell), "{cell}");
}

#[test]
fn the_only_time_in_it_is_that_of_its_numbers() {
    let publication = fixture::publication();
    let first = file(&publication, Some(1_767_225_661));
    assert_eq!(first, file(&publication, Some(1_767_225_661)));
    assert!(part(&first, "meta.xml").contains("<meta:creation-date>2026-01-01T00:01:01Z</meta:creation-date>"));
    assert!(!part(&file(&publication, None), "meta.xml").contains("date"));
}
