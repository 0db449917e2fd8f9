//! The certificate as JSON.

use super::*;

/// A node whose claim is what its rule gives.
fn node(rule: Rule, width: usize, inputs: &[&Node]) -> Node {
    let columns = (0..width).map(|column| format!("c{column}")).collect();
    Node::derive(rule, columns, inputs.iter().copied().cloned().collect(), "select \"å\"\n".to_owned()).unwrap()
}

/// Person, contribution, second, project, x: a parent table.
fn parent(contributions: u64) -> Node {
    let rows = None;
    let table = "parent".into();
    node(
        Rule::ScanPrivate(rule::ScanPrivate {
            table,
            contributions,
            rows,
            unit: 0,
            contribution: 1,
            second: 2,
            project: Some(3),
        }),
        5,
        &[],
    )
}

/// Person, contribution, ordinal, y: a child table.
fn child(contributions: u64, rows: u64) -> Node {
    let rows = Some(rows);
    let table = "child".into();
    node(
        Rule::ScanPrivate(rule::ScanPrivate { table, contributions, rows, unit: 0, contribution: 1, second: 2, project: None }),
        4,
        &[],
    )
}

/// Key, v.
fn narrow() -> Node {
    node(Rule::ScanPublic(rule::ScanPublic { table: "narrow".into(), key: vec![0], stated: None }), 2, &[])
}

fn left(on: &[(usize, usize)]) -> Rule {
    Rule::Join(rule::Join { on: on.to_vec(), kind: JoinKind::Left })
}

/// Participations that have a child, with the child's rows, by region: every rule is in it.
fn example() -> Certificate {
    let first = node(Rule::Filter(rule::Filter { fixed: vec![2] }), 5, &[&parent(3)]);
    let named = node(left(&[(4, 0)]), 7, &[&first, &narrow()]);
    let both = node(Rule::Union(rule::Union { tags: vec![] }), 4, &[&child(2, 4), &child(3, 1)]);
    let summed = node(Rule::GroupByUnit(rule::GroupByUnit { keys: vec![0, 1], aggregates: 1 }), 3, &[&both]);
    let joined = node(Rule::Join(rule::Join { on: vec![(0, 0), (1, 1)], kind: JoinKind::Inner }), 10, &[&named, &summed]);
    let present = node(Rule::Semi(rule::Semi { on: vec![(0, 0)], anti: false }), 10, &[&joined, &child(1, 1)]);
    let input = node(Rule::Project(rule::Project { from: vec![Some(0), Some(1), Some(3), None, Some(9)] }), 5, &[&present]);
    let crossing = Crossing::derive(vec![vec![2], vec![3]], Measure::Count, &input).unwrap();
    Certificate { table: "by_project".to_owned(), crossing, input }
}

const MEASURES: [Measure; 5] = [
    Measure::Count,
    Measure::DistinctUnits,
    Measure::Sum { low: i64::MIN, high: i64::MAX },
    Measure::Split { low: i64::MIN, high: i64::MAX },
    Measure::Scores { weight: u64::MAX },
];

#[test]
fn a_certificate_comes_back() {
    for measure in MEASURES {
        let mut certificate = example();
        certificate.crossing.measure = measure;
        certificate.input.note = "\u{0}\t\r\n\\\"/åäö 😀 \u{7f}\u{2028}".to_owned();
        assert_eq!(read(&write(&certificate)).unwrap(), certificate);
    }
    let mut empty = example();
    empty.input = parent(u64::MAX);
    empty.crossing.sets = vec![vec![], vec![]];
    assert_eq!(read(&write(&empty)).unwrap(), empty);
    assert!(!write(&example()).contains('\n'), "one line");
}

#[test]
fn the_format_stands_still() {
    let mut certificate = example();
    certificate.input = node(left(&[(3, 0)]), 6, &[&child(2, 4), &narrow()]);
    certificate.crossing = Crossing {
        sets: vec![vec![1, 2], vec![]],
        measure: Measure::Sum { low: -1, high: 2 },
        sensitivity: Sensitivity::new(32, 288).unwrap(),
    };
    certificate.input.inputs.iter_mut().for_each(|input| input.note.clear());
    assert!(certificate.clone().verify().is_ok());
    let expected = concat!(
        r#"{"format":"utfall certificate 1","table":"by_project","crossing":{"sets":[[1,2],[]],"#,
        r#""measure":{"kind":"sum","low":-1,"high":2},"sensitivity":{"l1":32,"l2_squared":288}},"#,
        r#""input":{"rule":"join","constants":{"on":[[3,0]],"kind":"left"},"columns":["c0","c1","c2","c3","c4","c5"],"#,
        r#""d_in":"1 person","d_out":{"rows":8,"contributions":2,"per_contribution":4,"unit":0,"contribution":1,"#,
        r#""unique":[[1,2]]},"note":"select \"å\"\n","inputs":["#,
        r#"{"rule":"scan-private","constants":{"table":"child","contributions":2,"rows":4,"unit":0,"contribution":1,"#,
        r#""second":2,"project":null},"columns":["c0","c1","c2","c3"],"d_in":"1 person","#,
        r#""d_out":{"rows":8,"contributions":2,"per_contribution":4,"unit":0,"contribution":1,"unique":[[1,2]]},"#,
        r#""note":"","inputs":[]},"#,
        r#"{"rule":"scan-public","constants":{"table":"narrow","key":[0]},"columns":["c0","c1"],"d_in":"1 person","#,
        r#""d_out":{"rows":0,"contributions":0,"per_contribution":0,"unit":null,"contribution":null,"unique":[[0]]},"#,
        r#""note":"","inputs":[]}]}}"#,
    );
    assert_eq!(write(&certificate), expected);
    assert_eq!(read(expected).unwrap(), certificate);
    let spaced = expected.replace(',', " ,\n\t").replace(':', " :\r ").replace("utfall certificate 1 ", "utfall certificate 1");
    assert_eq!(read(&format!(" {spaced} ")).unwrap(), certificate);
}

/// A tag is a format of its own, whether or not public scans state their keys.
#[test]
fn a_union_says_what_tells_its_inputs_apart() {
    let tagged = node(Rule::Union(rule::Union { tags: vec![2, 3] }), 4, &[&child(2, 4), &child(3, 1)]);
    let crossing = Crossing::derive(vec![vec![3]], Measure::Count, &tagged).unwrap();
    let certificate = Certificate { table: "by_step".to_owned(), crossing, input: tagged };
    let written = write(&certificate);
    assert!(
        written.contains("utfall certificate 3") && written.contains(r#""rule":"union","constants":{"tags":[2,3]}"#),
        "{written}"
    );
    assert_eq!(read(&written).unwrap(), certificate);
    for (from, to) in [("certificate 3", "certificate 1"), ("certificate 3", "certificate 2"), (r#"{"tags":[2,3]}"#, "{}")] {
        assert!(read(&written.replace(from, to)).is_err(), "{to}");
    }
    assert!(read(&write(&example()).replace("certificate 1", "certificate 3")).is_err());
}

#[test]
fn garbage_is_refused() {
    let json = write(&example());
    for end in 0..json.len() {
        if let Some(cut) = json.get(..end) {
            assert!(read(cut).is_err(), "cut at {end}");
        }
    }
    for (from, to) in [
        ("certificate 1", "certificate 2"),
        (r#""d_in":"1 person""#, r#""d_in":"2 persons""#),
        (r#""rows":3"#, r#""rows":3.0"#),
        (r#""rows":3"#, r#""rows":3e0"#),
        (r#""rows":3"#, r#""rows":03"#),
        (r#""rows":3"#, r#""rows":+3"#),
        (r#""rows":3"#, r#""rows":-3"#),
        (r#""rows":3"#, r#""rows":-0"#),
        (r#""rows":3"#, r#""rows":18446744073709551616"#),
        (r#""rows":3"#, r#""rows":"3""#),
        (r#""rows":3"#, r#""rows":null"#),
        (r#""rows":3"#, r#""rows":3,"rows":3"#),
        (r#""rows":3"#, r#""rows":3,"more":3"#),
        (r#""rows":3,"#, ""),
        (r#""sets":[[2],[3]]"#, r#""sets":[[2],[3],]"#),
        (r#""sets":[[2],[3]]"#, r#""sets":[[2][3]]"#),
        (r#""sets":[[2],[3]]"#, r#""sets":[[2],[-3]]"#),
        (r#""kind":"count""#, r#""kind":"counts""#),
        (r#""kind":"count""#, r#""kind":"count","weight":1"#),
        (r#""kind":"inner""#, r#""kind":"outer""#),
        (r#""rule":"semi""#, r#""rule":"anti""#),
        (r#""anti":false"#, r#""anti":0"#),
        (r#""on":[[0,0],[1,1]]"#, r#""on":[[0,0,0],[1,1]]"#),
        (r#""on":[[0,0],[1,1]]"#, r#""on":[[0],[1,1]]"#),
        (r#"{"l1":6,"l2_squared":12}"#, r#"{"l1":6,"l2_squared":5}"#),
        (r#"\"å\""#, "\n"),
        (r#"\"å\""#, r"\x41"),
        (r#"\"å\""#, r"\u12"),
        (r#"\"å\""#, r"\u+123"),
        (r#"\"å\""#, r"\ud800"),
        (r#"\"å\""#, r"\ud800\u0041"),
        (r#"\"å\""#, r"\udc00"),
        (r#""table""#, "table"),
    ] {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json, "{from}");
        assert!(read(&changed).is_err(), "{from} to {to}");
    }
    for more in ["}", " 1", ","] {
        assert!(read(&format!("{json}{more}")).is_err());
    }
    let escaped = json.replace(r#"\"å\""#, r#"\"\u00E5\""#);
    assert_eq!(read(&escaped).unwrap(), example());
    let escaped = json.replace('å', r"\ud83d\ude00\b\f\r\t\/");
    assert!(read(&escaped).unwrap().input.note.contains("😀\u{8}\u{c}\r\t/"));
}

#[test]
fn the_deepest_tree_that_is_verified_comes_back() {
    let mut certificate = example();
    certificate.input = (0..89).fold(parent(3), |top, _| node(Rule::Filter(rule::Filter { fixed: Vec::new() }), 5, &[&top]));
    certificate.crossing = Crossing::derive(vec![vec![1]], Measure::Count, &certificate.input).unwrap();
    assert!(certificate.clone().verify().is_ok());
    assert_eq!(read(&write(&certificate)).unwrap(), certificate);
}

#[test]
fn nesting_ends() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(&nested(200)).is_ok());
    assert!(Json::parse(&nested(202)).is_err());
    assert!(Json::parse(&nested(1_000_000)).is_err());
    assert!(read(&nested(200)).unwrap_err().to_string().contains("an object is missing"));
}

/// Every public scan of the example with its key stated, or the first alone.
fn stated(all: bool) -> Certificate {
    fn state(node: &mut Node, left: &mut usize) {
        if let Rule::ScanPublic(rule::ScanPublic { stated, .. }) = &mut node.rule
            && *left > 0
        {
            *left -= 1;
            *stated = PublicKey::of(&[vec![Some("å".to_owned())], vec![None]]);
        }
        node.inputs.iter_mut().for_each(|input| state(input, left));
    }
    let mut certificate = example();
    certificate.input.inputs.push(node(
        Rule::ScanPublic(rule::ScanPublic { table: "wide".into(), key: vec![1, 0], stated: None }),
        3,
        &[],
    ));
    state(&mut certificate.input, &mut if all { usize::MAX } else { 1 });
    certificate
}

#[test]
fn what_is_stated_comes_back_and_nothing_else_does() {
    let certificate = stated(true);
    let json = write(&certificate);
    assert!(json.starts_with(r#"{"format":"utfall certificate 2","#), "{json}");
    assert_eq!(read(&json).unwrap(), certificate);
    // It is no claim of a person's rows: the sensitivity is as it was.
    let mut plain = stated(true);
    plain.input.inputs.pop();
    assert_eq!(plain.verify().unwrap().sensitivity(), example().verify().unwrap().sensitivity());
    for (from, to) in [
        ("certificate 2", "certificate 1"),
        ("certificate 2", "certificate 3"),
        (r#""rows":2,"digest""#, r#""digest""#),
        (r#""digest":""#, r#""digest":"0"#),
        (r#""digest":""#, r#""digest":"G"#),
    ] {
        let changed = json.replacen(from, to, 1);
        assert!(changed != json && read(&changed).is_err(), "{from} to {to}");
    }
    assert!(read(&write(&stated(false))).is_err(), "all of them, or none");
}
