use serde_json::{Value, json};

use super::*;
use crate::{Publication, fixture};

fn file(publication: &Publication, name: &str) -> Vec<u8> {
    let files = fixture::files(&Csv, publication).unwrap();
    files.into_iter().find(|file| file.path.as_os_str() == name).unwrap().bytes
}

#[test]
fn round_trip() {
    let publication = fixture::publication();
    let table = &publication.tables[1];
    let data = file(&publication, "by_region_and_sex.csv");
    let mut reader = csv::Reader::from_reader(data.as_slice());
    let header = "region region_sv region_en sex sex_sv sex_en exit_state exit_state_sv exit_state_en participants \
                  lower upper standard_error margin obs_status";
    assert_eq!(reader.headers().unwrap(), header.split_whitespace().collect::<Vec<_>>());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), table.values.len());
    for (row, cell) in rows.iter().zip(table.cells()) {
        let codes: Vec<_> = table.description.codes(cell.codes).map(|code| code.code.as_str()).collect();
        assert_eq!([&row[0], &row[3], &row[6]], codes[..]);
        let numbers: Vec<i64> = [9, 10, 11, 13].map(|column| row[column].parse().unwrap()).into();
        assert_eq!(&row[12], "12.72", "the root of 2q / (1 - q)^2 with q = exp(-1/9)");
        let (value, margin) = (cell.value.unwrap(), table.margin.unwrap());
        assert_eq!(numbers, [value, value - margin, value + margin, margin]);
        // The codes of Eurostat: where the noise drowns the count, and where it is more than a third of it.
        let status = if value - margin <= 0 {
            "u"
        } else if 3 * margin > value {
            "e"
        } else {
            ""
        };
        assert_eq!(&row[14], status);
    }
    assert!(["u", "e"].iter().all(|status| rows.iter().any(|row| row[14] == **status)));
    assert!(rows.iter().any(|row| row[9].starts_with('-')), "negative numbers stay numbers");
}

#[test]
fn no_text_is_a_formula() {
    let mut publication = fixture::publication();
    publication.tables[0].description.keys[0].codes[0].label.sv = "=HYPERLINK(\"x\"),1".to_owned();
    let data = file(&publication, "by_project.csv");
    let row = csv::Reader::from_reader(data.as_slice()).records().next().unwrap().unwrap();
    assert_eq!(&row[1], "'=HYPERLINK(\"x\"),1");
    let ages = String::from_utf8(file(&publication, "by_age_band.csv")).unwrap();
    assert!(ages.contains("\n'-15,Under 16 år,"));
    assert_eq!(["+1", "@x", "-", "=", "16-19"].map(harmless), ["'+1", "'@x", "'-", "'=", "16-19"]);
}

#[test]
fn metadata_say_how_the_noise_was_made() {
    let publication = fixture::publication();
    let metadata: Value = serde_json::from_slice(&file(&publication, "by_project.csv-metadata.json")).unwrap();
    assert_eq!(metadata["url"], "by_project.csv");
    assert_eq!(metadata["tableSchema"]["primaryKey"], json!(["project", "exit_state"]));
    assert_eq!(metadata["tableSchema"]["columns"][6]["datatype"], "integer");
    let note = &metadata["notes"][0];
    assert_eq!((&note["epsilon"], &note["delta"]), (&json!("1"), &json!("1e-6")));
    assert_eq!((&note["unit"], &note["participations"]), (&json!("person"), &json!(3)));
    assert_eq!(note["interval"][0]["@value"], "brusintervall");
    assert_eq!(note["noise"][0]["scale"][1]["@value"], "scale 9");
    assert_eq!((&note["noise"][0]["margin"], &note["formula"]["kind"]), (&json!(27), &json!("count")));
    assert_eq!(note["certificate"], "certificate.json");
}

#[test]
fn means_have_decimals_and_intervals_of_their_own() {
    let publication = fixture::publication();
    let data = String::from_utf8(file(&publication, "days_by_project_mean_days.csv")).unwrap();
    let lines: Vec<_> = data.lines().collect();
    assert_eq!(lines[0], "project,project_sv,project_en,mean_days,lower,upper,standard_error,obs_status");
    let fields: Vec<f64> = lines[2].split(',').skip(3).take(3).map(|field| field.parse().unwrap()).collect();
    assert!(
        fields[1] < fields[0] && fields[0] < fields[2] && lines[2].split(',').skip(3).take(3).all(|f| f.contains('.')),
        "{data}"
    );
    let name = "days_by_project_mean_days.csv-metadata.json";
    let metadata: Value = serde_json::from_slice(&file(&publication, name)).unwrap();
    let columns = &metadata["tableSchema"]["columns"];
    assert_eq!((&columns[3]["datatype"], columns.as_array().unwrap().len()), (&json!("decimal"), 8));
    let note = &metadata["notes"][0];
    assert_eq!((&note["formula"]["centre"], &note["unitOfMeasure"]), (&json!(200), &json!("days")));
    assert_eq!(note["noise"].as_array().unwrap().len(), 2);
    assert!(note["intervalCovers"][1]["@value"].as_str().unwrap().contains("computed from all the noise behind it"));
}

#[test]
fn what_is_not_there_is_an_empty_field() {
    let mut publication = fixture::publication();
    let mean = publication.tables.iter_mut().find(|table| table.name == "days_by_project_mean_days").unwrap();
    mean.values[0] = None;
    let data = String::from_utf8(file(&publication, "days_by_project_mean_days.csv")).unwrap();
    assert!(data.lines().nth(1).unwrap().starts_with("asap,ASAP,ASAP,,"), "{data}");
    let data = String::from_utf8(file(&publication, "days_by_project_median_days.csv")).unwrap();
    // No interval, and among how many they were chosen is not known.
    assert!(data.lines().skip(1).all(|line| line.ends_with(",,,e") && !line.ends_with(",,,,e")), "{data}");
    let name = "days_by_project_median_days.csv-metadata.json";
    let metadata: Value = serde_json::from_slice(&file(&publication, name)).unwrap();
    assert_eq!(metadata["tableSchema"]["columns"][3]["required"], true);
    assert_eq!(metadata["tableSchema"]["columns"][4]["required"], false);
    assert_eq!(
        (&metadata["notes"][0]["rank"], &metadata["notes"][0]["noise"][0]["standardDeviation"]),
        (&json!(19), &Value::Null)
    );
}

#[test]
fn a_view_has_the_name_of_its_query() {
    let publication = fixture::publication();
    let data = String::from_utf8(file(&publication, "work_rate.csv")).unwrap();
    let first = "project,project_sv,project_en,participants,percent_work,percent_work_lower,percent_work_upper,percent_work_status\nfler_i_arbete,Fler i Arbete,Fler i Arbete,306,30.3,20.5,44.1,e\n";
    assert!(data.starts_with(first), "{data}");
    let metadata: Value = serde_json::from_slice(&file(&publication, "work_rate.csv-metadata.json")).unwrap();
    let types: Vec<_> = (0..8).map(|i| metadata["tableSchema"]["columns"][i]["datatype"].clone()).collect();
    assert_eq!(types, ["string", "string", "string", "integer", "decimal", "decimal", "decimal", "string"]);
    assert_eq!(metadata["tableSchema"]["columns"][5]["titles"]["en"], "In work, percent, lower end of the noise interval");
    let note = &metadata["notes"][0];
    assert_eq!(note["computedFrom"], json!(["work_rate_participants", "work_rate_work"]));
    assert!(note["statement"][1]["@value"].as_str().unwrap().contains("drawing the noise anew 500 times"));
    assert_eq!(metadata["tableSchema"].get("primaryKey"), None);
    for table in ["work_rate_participants.csv", "work_rate_work.csv"] {
        assert!(!file(&publication, table).is_empty());
    }
}

#[test]
fn cells_of_a_view_are_typed_and_harmless() {
    let mut publication = fixture::publication();
    let row = ["=1+1", "-3.5e-7", "@x"].map(|cell| Some(cell.to_owned())).to_vec();
    publication.views[0].rows = vec![row, vec![None, None, None]];
    publication.views[0].ends.clear();
    publication.views[0].possible.clear();
    let data = String::from_utf8(file(&publication, "work_rate.csv")).unwrap();
    assert!(data.ends_with("\n'=1+1,'=1+1,'=1+1,-3.5e-7,'@x\n,,,,\n"), "{data}");
}

#[test]
fn columns_are_told_apart() {
    let mut publication = fixture::publication();
    publication.tables[0].description.keys[0].name = "margin".to_owned();
    let data = String::from_utf8(file(&publication, "by_project.csv")).unwrap();
    let header = "margin,margin_sv,margin_en,exit_state,exit_state_sv,exit_state_en,participants,lower,upper,standard_error,margin_2,obs_status\n";
    assert!(data.starts_with(header), "{data}");
    let mut publication = fixture::publication();
    publication.tables[0].description.keys[0].name = "exit_state_sv".to_owned();
    let wrong = fixture::files(&Csv, &publication);
    assert!(matches!(wrong, Err(PublishError::Column(name)) if name == "exit_state_sv"), "the labels of another key");
}
