use super::*;
use crate::fixture::{by_project, text};
use crate::library::codelist::Group;
use utfall_publish::dataset::Quality;

fn list(kind: Kind, groups: &[(&str, &[&str])]) -> CodeList {
    let group = |(code, members): &(&str, &[&str])| Group {
        code: (*code).to_owned(),
        label: text(code),
        value_map: members.iter().map(|member| (*member).to_owned()).collect(),
    };
    let values = groups.iter().map(group).collect();
    CodeList { id: "x".to_owned(), dimension: "project".to_owned(), kind, label: text("Region"), values }
}

/// The projects of some table, of which the one at hand lacks one.
fn reported() -> HashSet<&'static str> {
    HashSet::from(["asap", "nystart", "progress", "elsewhere"])
}

/// Project, sex, number and lower end of every row.
fn rows(set: &DataSet) -> Vec<[String; 4]> {
    let cell = |column: usize, row: usize| set.columns[column].text(row).unwrap_or("-").to_owned();
    (0..set.rows()).map(|row| [0, 1, 2, 3].map(|column| cell(column, row))).collect()
}

#[test]
fn numbers_of_several_codes_are_added_and_those_of_one_stay_what_they_are() {
    let groups: [(&str, &[&str]); 3] = [("south", &["progress"]), ("north", &["nystart", "asap"]), ("none", &["elsewhere"])];
    let set = by(&by_project(), &list(Kind::Aggregation, &groups), &reported()).unwrap();
    let expected = [
        ["south", "f", "30.0", "25.0"],
        // A number that is not there is not 0, and neither is a row.
        ["south", "m", "-", "-"],
        ["south", "total", "30.0", "25.0"],
        ["north", "f", "17.1", "-"],
        ["north", "m", "-", "-"],
        ["north", "total", "3.3", "-"],
    ];
    assert_eq!(rows(&set), expected.map(|row| row.map(str::to_owned)));
    for what in [Quality::Lower, Quality::Upper, Quality::Status] {
        let of = set.about(2, what).unwrap();
        assert!((3..6).all(|row| of.text(row).is_none()), "{what:?}");
    }
    assert!(set.statement.en.contains("sums") && set.statement.sv.contains("summor"));
    let said = set.method["statement"][1]["@value"].as_str().unwrap();
    assert!(said.starts_with("Protection. Numbers have noise. Here") && said.ends_with("has no number."), "{said}");
}

#[test]
fn a_group_that_the_table_has_a_part_of_has_no_number() {
    let set = by(&by_project(), &list(Kind::Aggregation, &[("south", &["progress", "elsewhere"])]), &reported()).unwrap();
    assert_eq!(rows(&set), ["f", "m", "total"].map(|sex| ["south", sex, "-", "-"].map(str::to_owned)));
    assert!(set.statement.en.ends_with("only a part of has no number."), "{}", set.statement.en);
}

#[test]
fn a_code_that_no_table_has_is_no_part_of_a_group() {
    let set = by(&by_project(), &list(Kind::Aggregation, &[("south", &["progress", "without people"])]), &reported()).unwrap();
    assert_eq!(rows(&set)[0], ["south", "f", "30.0", "25.0"].map(str::to_owned));
}

#[test]
fn some_of_the_codes_keep_all_that_is_said_of_them() {
    let set = by(&by_project(), &list(Kind::Valueset, &[("progress", &["progress"]), ("asap", &["asap"])]), &reported()).unwrap();
    let expected = rows(&by_project()).into_iter().filter(|row| row[0] != "nystart").collect::<Vec<_>>();
    assert_eq!(rows(&set), expected);
    assert_eq!(set.statement, by_project().statement);
}

#[test]
fn a_sum_is_exact_or_not_there() {
    let numbers = |texts: &[&str]| texts.iter().map(|text| Number::parse(text)).collect::<Vec<_>>();
    let sum = |texts: &[&str], kind| total(numbers(texts).iter().map(Option::as_ref), kind).map(|sum| sum.as_str().to_owned());
    assert_eq!(sum(&["0.1", "0.2", "-13.80"], NumberKind::Decimal(2)).as_deref(), Some("-13.50"));
    assert_eq!(sum(&["-1", "1"], NumberKind::Integer).as_deref(), Some("0"));
    assert_eq!(sum(&["-0.05", "0"], NumberKind::Decimal(2)).as_deref(), Some("-0.05"));
    assert_eq!(sum(&["9223372036854775807", "1"], NumberKind::Integer), None);
    assert_eq!(sum(&["1", "x"], NumberKind::Integer), None);
    assert_eq!(sum(&["1e5", "1"], NumberKind::Double), None);
}

#[test]
fn only_a_key_with_codes_can_be_read_so() {
    let mut of = list(Kind::Aggregation, &[("a", &["asap"])]);
    of.dimension = "participants".to_owned();
    assert!(by(&by_project(), &of, &reported()).is_none());
    of.dimension = "region".to_owned();
    assert!(by(&by_project(), &of, &reported()).is_none());
}
