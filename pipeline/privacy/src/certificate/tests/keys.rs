//! What is stated of a public table: only where its rows differ, and of these rows alone.

use super::forged::example;
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

/// Every public scan of the example with its key stated, or the first alone.
fn stated(all: bool) -> Certificate {
    fn state(node: &mut Node, left: &mut usize) {
        if let Rule::ScanPublic { stated, .. } = &mut node.rule
            && *left > 0
        {
            *left -= 1;
            *stated = PublicKey::of(&rows(&[&[Some("å")], &[None]]));
        }
        node.inputs.iter_mut().for_each(|input| state(input, left));
    }
    let mut certificate = example();
    certificate.input.inputs.push(node(Rule::ScanPublic { table: "wide".into(), key: vec![1, 0], stated: None }, 3, &[]));
    state(&mut certificate.input, &mut if all { usize::MAX } else { 1 });
    certificate
}

#[test]
fn what_is_stated_comes_back_and_nothing_else_does() {
    let certificate = stated(true);
    let json = certificate.to_json();
    assert!(json.starts_with(r#"{"format":"utfall certificate 2","#), "{json}");
    assert_eq!(Certificate::parse(&json).unwrap(), certificate);
    // It is no claim of a person's rows: the sensitivity is as it was.
    let mut plain = stated(true);
    plain.input.inputs.pop();
    assert_eq!(plain.verify(), example().verify());
    for (from, to) in [
        ("certificate 2", "certificate 1"),
        ("certificate 2", "certificate 3"),
        (r#""rows":2,"digest""#, r#""digest""#),
        (r#""digest":""#, r#""digest":"0"#),
        (r#""digest":""#, r#""digest":"G"#),
    ] {
        let changed = json.replacen(from, to, 1);
        assert!(changed != json && Certificate::parse(&changed).is_err(), "{from} to {to}");
    }
    assert!(Certificate::parse(&stated(false).to_json()).is_err(), "all of them, or none");
}
