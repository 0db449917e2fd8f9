//! What is stated of a public table: only where its rows differ, and of these rows alone.

use super::*;

fn rows(rows: &[&[Option<&str>]]) -> Vec<Vec<Option<String>>> {
    rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect()
}

#[test]
fn a_key_is_stated_only_of_rows_that_differ_in_it() {
    let key = PublicKey::of(&rows(&[&[Some("16")], &[Some("17")]])).unwrap();
    assert_eq!(key.rows(), 2);
    assert_eq!(PublicKey::of(&rows(&[&[Some("17")], &[Some("16")]])), Some(key.clone()), "in any order");
    assert_eq!(PublicKey::of(&rows(&[&[Some("16")], &[Some("16")]])), None);
    assert_eq!(PublicKey::of(&rows(&[&[None], &[None]])), None, "what is missing twice is the same");
    assert_eq!(PublicKey::of(&[]).unwrap().rows(), 0);
}

#[test]
fn other_rows_have_another_digest() {
    let tables = [
        rows(&[&[Some("a"), Some("b")]]),
        rows(&[&[Some("ab"), Some("")]]),
        rows(&[&[Some(""), Some("ab")]]),
        rows(&[&[None, Some("ab")]]),
        rows(&[&[Some("ab"), None]]),
        rows(&[&[Some("b"), Some("a")]]),
        rows(&[&[Some("a")], &[Some("b")]]),
        rows(&[&[Some("ab")]]),
        rows(&[&[Some("a")]]),
        rows(&[&[None]]),
        rows(&[&[Some("")]]),
        rows(&[]),
    ];
    let digests: std::collections::BTreeSet<String> =
        tables.iter().map(|table| PublicKey::of(table).unwrap().digest().to_owned()).collect();
    assert_eq!(digests.len(), tables.len());
}
