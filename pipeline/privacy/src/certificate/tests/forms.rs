//! The certificate as JSON.

use super::forged::example;
use super::*;

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
        assert_eq!(Certificate::parse(&certificate.to_json()).unwrap(), certificate);
    }
    let mut empty = example();
    empty.input = parent(u64::MAX);
    empty.crossing.sets = vec![vec![], vec![]];
    assert_eq!(Certificate::parse(&empty.to_json()).unwrap(), empty);
    assert!(!example().to_json().contains('\n'), "one line");
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
    assert!(certificate.verify().is_ok());
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
    assert_eq!(certificate.to_json(), expected);
    assert_eq!(Certificate::parse(expected).unwrap(), certificate);
    let spaced = expected.replace(',', " ,\n\t").replace(':', " :\r ").replace("utfall certificate 1 ", "utfall certificate 1");
    assert_eq!(Certificate::parse(&format!(" {spaced} ")).unwrap(), certificate);
}

#[test]
fn garbage_is_refused() {
    let json = example().to_json();
    for end in 0..json.len() {
        if let Some(cut) = json.get(..end) {
            assert!(Certificate::parse(cut).is_err(), "cut at {end}");
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
        assert!(Certificate::parse(&changed).is_err(), "{from} to {to}");
    }
    for more in ["}", " 1", ","] {
        assert!(Certificate::parse(&format!("{json}{more}")).is_err());
    }
    let escaped = json.replace(r#"\"å\""#, r#"\"\u00E5\""#);
    assert_eq!(Certificate::parse(&escaped).unwrap(), example());
    let escaped = json.replace('å', r"\ud83d\ude00\b\f\r\t\/");
    assert!(Certificate::parse(&escaped).unwrap().input.note.contains("😀\u{8}\u{c}\r\t/"));
}

#[test]
fn nesting_ends() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(json::Json::parse(&nested(200)).is_ok());
    assert!(json::Json::parse(&nested(202)).is_err());
    assert!(json::Json::parse(&nested(1_000_000)).is_err());
    assert!(Certificate::parse(&nested(200)).unwrap_err().to_string().contains("an object is missing"));
}
