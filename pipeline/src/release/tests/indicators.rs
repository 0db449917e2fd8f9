//! The common indicators are what their definitions say: counted a second time from the list as it was sent, without SQL.

use std::collections::BTreeMap;

use super::documents::{Exact, cell};
use super::*;

/// A line of the list by the heading.
type Line = BTreeMap<String, String>;

/// How a person is counted: per table of the release, the codes that the person has.
type Codes = Vec<(&'static str, Vec<&'static str>)>;

fn lines(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().unwrap();
    lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect()
}

fn days(date: &str) -> Option<i32> {
    utfall_ground::calendar::iso(date).map(|date| utfall_ground::calendar::Day::of(date).0)
}

/// What a complete record counts in.
fn counted(line: &Line) -> Codes {
    let is = |column: &str| line[column] == "Ja";
    let age: i32 = line["Ålder"].parse().unwrap();
    let (before, after) = (line["Status vid start"].as_str(), line["Status vid avslut"].as_str());
    let (unemployed, inactive) = (before.ends_with("rbetslös"), before.starts_with("Utanför") || before == "Studerande");
    let months: i32 = line["Månader som arbetslös"].parse().unwrap_or(0);
    let status = match before {
        "Utanför arbetskraften (studerar inte)" => "inactive_not_in_education",
        "Studerande" => "student",
        _ if unemployed && (months > 12 || age < 25 && months > 6) => "long_term_unemployed",
        _ => "unemployed",
    };
    let band = match age {
        ..18 => "under_18",
        18..25 => "18-24",
        25..30 => "25-29",
        30..55 => "30-54",
        _ => "over_54",
    };
    let education = match line["Utbildningsnivå"].as_str() {
        "Ingen formell utbildning" => "no_formal",
        "Grundskola" => "isced_1_2",
        "Gymnasial utbildning" => "isced_3_4",
        _ => "isced_5_8",
    };
    let idle = unemployed || status == "inactive_not_in_education";
    let met = |codes: &[(&'static str, bool)]| codes.iter().filter(|(_, met)| *met).map(|(code, _)| *code).collect::<Vec<_>>();
    let (foreign, minority, worse) = (is("Utländsk bakgrund"), is("Nationell minoritet"), is("Annan utsatthet"));
    let left = days(&line["Slutdatum"]);
    let soon = left.zip(days(&line["Resultatdatum"])).is_some_and(|(left, since)| (0..=28).contains(&(since - left)));
    let (search, studies) = (inactive && after.ends_with("rbetslös"), before != "Studerande" && after == "Studerande");
    let (work, qualified) = (after == "Sysselsatt", is("Yrkesbevis"));
    let later = left.is_some_and(|left| left <= days("2022-08-31").unwrap());
    let employed = later && line["Status efter 6 månader"] == "Sysselsatt";
    vec![
        ("status_n", vec![status]),
        ("age_n", vec![band]),
        ("older_without_work_n", vec![if age > 54 && idle { "true" } else { "false" }]),
        ("education_n", vec![education]),
        (
            "groups_n",
            met(&[
                ("foreign_background", foreign),
                ("foreign_or_minority", foreign || minority),
                ("minority", minority),
                ("third_country", is("Tredjelandsmedborgare")),
                ("disability", is("Funktionsnedsättning")),
                ("disadvantaged", worse),
                ("homeless", is("Hemlöshet")),
                ("rural", is("Landsbygd")),
            ]),
        ),
        (
            "on_leaving_n",
            met(&[
                ("job_search", soon && search),
                ("education", soon && studies),
                ("qualification", soon && qualified),
                ("employed", soon && work),
                ("disadvantaged", soon && worse && (search || studies || qualified || work)),
            ]),
        ),
        (
            "after_six_months_n",
            met(&[
                ("employed", employed),
                ("improved", later && is("Bättre ställning efter sex månader")),
                ("older_employed", employed && age > 54),
                ("disadvantaged_employed", employed && worse),
            ]),
        ),
    ]
}

#[test]
fn every_indicator_is_what_its_definition_says() {
    let shared = shared();
    let world = &shared.world;
    let exact = runtime().block_on(Exact::of(world, "indicators"));
    let tables = exact.tables(&exact.integers);
    let lines = lines(&world.root.join("lists/progress-participation.csv"));
    let complete = |line: &&Line| !line["Utbildningsnivå"].is_empty() && !line["Status vid start"].is_empty();
    let mut expected: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for line in lines.iter().filter(complete) {
        let sex = if line["Kön"] == "Kvinna" { "female" } else { "male" };
        for (table, codes) in counted(line) {
            for code in codes {
                *expected.entry((table, sex, code)).or_default() += 1;
            }
        }
    }
    let names: BTreeSet<&str> = expected.keys().map(|(table, ..)| *table).collect();
    assert_eq!(names.len(), 7);
    for name in names {
        let table = tables.iter().find(|table| table.name == name).unwrap();
        for found in table.cells() {
            let codes: Vec<&str> = table.description.codes(found.codes).map(|code| code.code.as_str()).collect();
            let [sex, code] = codes.as_slice() else { panic!("{name} {codes:?}") };
            let people = expected.remove(&(name, *sex, *code)).unwrap_or(0);
            let value = cell(&tables, name, &codes).0.unwrap();
            // Numbers that are reconciled are rounded so that they add up, to within a hundredth or two.
            assert!((value - people as f64).abs() < 0.025, "{name} {codes:?}: {value} instead of {people}");
        }
    }
    assert!(expected.is_empty(), "counted nowhere: {expected:?}");
    assert!(lines.iter().filter(|line| !complete(line)).count() > 5, "some count in the total only");
}

/// Each row of the register names a cell that some table of the release has.
#[test]
fn every_definition_names_a_cell() {
    let shared = shared();
    let world = &shared.world;
    let checked = runtime().block_on(world.checked("indicators"));
    let mut cells = BTreeSet::from([("everybody".to_owned(), "all".to_owned())]);
    for table in &checked.tables {
        let part = table.query.sql.split("i.part = '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
        let codes = table.answer.certified.grid().keys.iter().filter(|key| key.name == "code").flat_map(|key| &key.codes);
        cells.extend(codes.map(|code| (part.to_owned(), code.code.clone())));
    }
    let register = std::fs::read_to_string(repository().join("schemas/register/indicator.csv")).unwrap();
    let known: BTreeSet<&str> = world.catalogue.codes("indicator").unwrap().entries.iter().map(|e| e.code.as_str()).collect();
    let mut defined = BTreeSet::new();
    for row in register.lines().skip(1) {
        let row: Vec<&str> = row.split(',').collect();
        assert!(cells.contains(&(row[2].to_owned(), row[3].to_owned())), "{row:?}");
        defined.insert(row[0]);
    }
    assert_eq!(defined, known, "every indicator is defined");
}

/// What the queries above the door add up is known without measuring: the long-term unemployed are some of the unemployed, of each
/// sex, in either programme period, and a count is not negative.
#[test]
fn an_indicator_is_known_to_be_a_part_of_another() {
    use crate::above::sandbox::{Room, ViewRequest, computed};
    let shared = shared();
    let exact = runtime().block_on(Exact::of(&shared.world, "indicators"));
    let table = exact.description.tables.iter().find(|table| table.name == "status").unwrap();
    let cells = vec![1_i64; table.cells.len()];
    let request = ViewRequest { table, vectors: vec![cells.as_slice(); table.vectors.len()], draws: Vec::new(), tail: 0.05 };
    let view = runtime().block_on(computed(&[request], Room::REHEARSAL)).unwrap().remove(0).unwrap();
    let columns = &table.above.as_ref().unwrap().columns;
    let at = |name: &str| columns.iter().position(|column| column.name == name).unwrap();
    let of = |row: usize| ["indicator", "sex"].map(|name| view.rows[row][at(name)].clone().unwrap_or_default());
    let parts: BTreeSet<[String; 2]> = view
        .parts
        .iter()
        .filter(|part| part.column == at("participants") && of(part.part)[1] == of(part.whole)[1])
        .map(|part| [of(part.part)[0].clone(), of(part.whole)[0].clone()])
        .collect();
    for (part, whole) in [("CO02", "CO01"), ("EECO03", "EECO02"), ("CO04", "CO03")] {
        assert!(parts.contains(&[part.to_owned(), whole.to_owned()]), "{part} of {whole}: {parts:?}");
        assert!(!parts.contains(&[whole.to_owned(), part.to_owned()]));
    }
    assert_eq!(view.possible[at("participants")].map(|possible| (possible.public, possible.lowest)), Some((false, Some(0.0))));
    assert!(view.possible[at("indicator")].unwrap().public);
}
