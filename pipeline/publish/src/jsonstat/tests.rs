use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::*;
use crate::dataset::DataSet;
use crate::dataset::pack::Pack;
use crate::settings::Settings;
use crate::{Publication, fixture};

fn bodies(publication: &Publication) -> Vec<(String, Value)> {
    let files = fixture::files_of_a_site(&JsonStat, publication).into_iter();
    files.map(|file| (file.path.display().to_string(), serde_json::from_slice(&file.bytes).unwrap())).collect()
}

fn body(publication: &Publication, name: &str) -> Value {
    bodies(publication).into_iter().find(|(path, _)| path == name).unwrap().1
}

/// The sets of the made-up publication with those that are hard to write.
fn each(try_on: impl Fn(&DataSet, &Cube<'_>, Excerpt<'_>)) {
    for publication in [fixture::publication(), fixture::awkward::publication()] {
        let (pack, settings) = (Pack::of(&publication, &fixture::source()), fixture::settings());
        for set in &pack.sets {
            let cube = Cube::of(set, "2026-11-30");
            let selection = Selection::all(&cube);
            try_on(set, &cube, Excerpt { cube: &cube, selection: &selection, release: &pack.release, settings: &settings });
        }
    }
}

/// What R's pxweb and pxwebpy assert, and what pyjstat and the toolkit of JSON-stat need.
#[test]
fn every_body_has_what_clients_demand() {
    for (name, body) in [bodies(&fixture::publication()), bodies(&fixture::awkward::publication())].concat() {
        assert_eq!((&body["version"], &body["class"]), (&json!("2.0"), &json!("dataset")), "{name}");
        assert_eq!(body["updated"], "2026-11-30T10:00:01Z");
        let ids: Vec<&str> = body["id"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(ids.ends_with(&["ContentsCode", "Tid"]), "{name}: {ids:?}");
        assert_eq!(body["dimension"].as_object().unwrap().len(), ids.len());
        let sizes: Vec<usize> = body["size"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
        let cells = body["value"].as_array().unwrap().len();
        assert_eq!(sizes.iter().product::<usize>(), cells);
        let statuses = body["status"].as_object().into_iter().flatten();
        assert!(statuses.into_iter().all(|(place, _)| place.parse::<usize>().unwrap() < cells));
        for (id, size) in ids.iter().zip(sizes) {
            let dimension = &body["dimension"][id];
            let [index, label] = ["index", "label"].map(|of| dimension["category"][of].as_object().unwrap());
            assert!(size >= 1 && index.len() == size && label.len() == size, "{name}: {id}");
            assert!(label.keys().all(|code| index.contains_key(code)));
            let places: Vec<u64> = index.values().filter_map(Value::as_u64).collect();
            assert!((0..size as u64).all(|place| places.contains(&place)));
            let of = &dimension["extension"];
            assert!(of["codelists"].is_array() && of["codeLists"].is_array() && of["elimination"].is_boolean());
            let known = ["label", "category", "extension"];
            assert!(dimension.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())));
        }
        assert_eq!((&body["role"]["metric"], &body["role"]["time"]), (&json!(["ContentsCode"]), &json!(["Tid"])));
        assert_eq!(body["extension"]["px"]["official-statistics"], false);
        assert_eq!(body["extension"]["contact"][0]["mail"], "statistik@example.org");
    }
}

#[test]
fn numbers_have_the_digits_of_the_csv() {
    #[derive(serde::Deserialize)]
    struct Numbers {
        value: Vec<Option<Box<RawValue>>>,
    }
    let mut decimals = 0;
    for file in fixture::files_of_a_site(&JsonStat, &fixture::awkward::publication()) {
        let numbers: Numbers = serde_json::from_slice(&file.bytes).unwrap();
        decimals +=
            numbers.value.iter().flatten().filter(|number| number.get().ends_with('0') && number.get().contains('.')).count();
    }
    assert!(decimals > 0, "0.250 stays 0.250");
    each(|set, cube, excerpt| {
        let json = serde_json::to_string(&dataset(excerpt, Lang::Sv, Cells::Shown)).unwrap();
        let numbers: Numbers = serde_json::from_str(&json).unwrap();
        let expected = excerpt.selection.cells(cube).map(|(place, content)| cube.number(place, content));
        for (found, expected) in numbers.value.iter().zip(expected) {
            assert_eq!(found.as_deref().map(RawValue::get), expected.map(|number| number.as_str()), "{}", set.name);
        }
    });
}

#[test]
fn a_cell_without_a_number_says_so_and_an_estimate_says_how_far_it_goes() {
    let body = body(&fixture::awkward::publication(), "work_rate.en.json");
    let numbers: Vec<&Value> = body["value"].as_array().unwrap().iter().collect();
    for (place, number) in numbers.iter().enumerate() {
        let status = &body["status"][place.to_string()];
        assert_eq!(number.is_null(), status == "..", "{place}: {number} {status}");
    }
    let body = self::body(&fixture::publication(), "by_region_and_sex.sv.json");
    let statuses = body["status"].as_object().unwrap();
    assert!(["e", "u"].iter().all(|status| statuses.values().any(|found| found == status)));
}

#[test]
fn what_stands_for_all_can_be_left_out() {
    let body = body(&fixture::publication(), "work_by_region.en.json");
    let of = |id: &str| body["dimension"][id]["extension"].clone();
    assert_eq!((&of("sex")["elimination"], &of("sex")["eliminationValueCode"]), (&json!(true), &json!("total")));
    assert_eq!((&of("Tid")["elimination"], of("Tid").get("eliminationValueCode")), (&json!(false), None));
    assert_eq!(body["role"]["geo"], json!(["region"]));
    let unit = &body["dimension"]["ContentsCode"]["category"]["unit"]["work"];
    assert_eq!(unit, &json!({ "base": "share", "decimals": 3 }));
    // A series says of which periods its numbers are.
    let quarters = self::body(&fixture::awkward::publication(), "by_age_band.en.json");
    let of = &quarters["dimension"]["ContentsCode"]["extension"];
    assert!(of["refperiod"]["participants"].as_str().unwrap().starts_with("2021-Q1–"));
    assert_eq!(quarters["dimension"]["Tid"]["category"]["index"]["2022-Q4"], 7);
}

#[test]
fn a_part_has_its_own_cells_in_its_own_order() {
    let pack = Pack::of(&fixture::publication(), &fixture::source());
    let cube = Cube::of(pack.set("work_by_region").unwrap(), "2026-11-30");
    let selection = Selection::of(&cube, vec![vec![3, 1], vec![1], vec![0]], vec![2, 0]).unwrap();
    let settings = Settings::default();
    let excerpt = Excerpt { cube: &cube, selection: &selection, release: &pack.release, settings: &settings };
    let body = serde_json::to_value(dataset(excerpt, Lang::En, Cells::Shown)).unwrap();
    assert_eq!(body["size"], json!([2, 1, 2, 1]));
    let labels: Vec<&str> =
        ["SE23", "SE12"].into_iter().filter_map(|code| body["dimension"]["region"]["category"]["label"][code].as_str()).collect();
    assert_eq!(labels, ["West Sweden", "East Middle Sweden"]);
    let number = |codes: [usize; 3], content| cube.number(cube.place(&codes), content).unwrap().to_f64();
    let expected = [number([3, 1, 0], 2), number([3, 1, 0], 0), number([1, 1, 0], 2), number([1, 1, 0], 0)];
    assert_eq!(body["value"], json!(expected));
    // The code for all is not among them.
    assert_eq!(body["dimension"]["sex"]["extension"]["elimination"], false);
    // Nothing is said of a site that says nothing of itself.
    assert_eq!((body.get("source"), &body["extension"]["contact"]), (None, &json!([])));
    let metadata = serde_json::to_value(dataset(excerpt, Lang::En, Cells::LeftOut)).unwrap();
    assert_eq!((&metadata["value"], metadata.get("status"), &metadata["size"]), (&json!([]), None, &body["size"]));
}

#[test]
fn texts_are_as_they_are_and_notes_must_be_shown() {
    let body = body(&fixture::awkward::publication(), "by_project.sv.json");
    let labels = &body["dimension"]["project"]["category"]["label"];
    assert_eq!(labels["asap"], "=HYPERLINK(\"http://x\");1");
    assert_eq!(labels["fler_i_arbete"], "rad 1\nrad 2; \"DATA=1\"");
    let exits = &body["dimension"]["exit_state"]["category"]["label"];
    assert_ne!(exits["work"], exits["subsidised_work"], "labels are told apart");
    assert!(body["note"][0].as_str().unwrap().contains("påhittade") && body["note"][1].as_str().unwrap().contains("epsilon 1"));
    assert_eq!(body["extension"]["noteMandatory"], json!({ "0": true, "1": true }));
}
