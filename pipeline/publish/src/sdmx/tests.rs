use std::collections::BTreeMap;

use super::*;
use crate::dataset::pack::Pack;
use crate::{Publication, fixture};

/// The files by their names.
fn all(publication: &Publication) -> BTreeMap<String, String> {
    let files = fixture::files_of_a_site(&SdmxCsv, publication).into_iter();
    files.map(|file| (file.path.display().to_string(), String::from_utf8(file.bytes).unwrap())).collect()
}

fn read(publication: &Publication, name: &str) -> String {
    all(publication).remove(name).unwrap()
}

fn records(data: &str) -> Vec<csv::StringRecord> {
    csv::ReaderBuilder::new().has_headers(false).from_reader(data.as_bytes()).records().map(Result::unwrap).collect()
}

#[test]
fn an_observation_has_its_number_and_what_is_said_of_it() {
    let publication = fixture::publication();
    let pack = Pack::of(&publication, &fixture::source());
    let rows = records(&read(&publication, "work_by_region.sdmx.csv"));
    let header = "STRUCTURE STRUCTURE_ID ACTION REGION SEX MEASURE VINTAGE OBS_VALUE OBS_STATUS CONF_STATUS UNIT_MEASURE DECIMALS \
                  LOWER UPPER STD_ERROR";
    assert_eq!(rows[0], header.split_whitespace().collect::<Vec<_>>());
    let set = pack.set("work_by_region").unwrap();
    assert_eq!(rows.len() - 1, set.rows());
    let (at, estimate) = set.estimates().next().unwrap();
    for (row, found) in rows.iter().skip(1).enumerate() {
        let [region, sex] = [0, 1].map(|column| set.columns[column].text(row).unwrap());
        let before = ["datastructure", "UTFALL:OUTCOMES_WORK_BY_REGION(1.0.0)", "I", region, sex, "WORK", "2026-11-30"];
        assert_eq!(found.iter().take(7).collect::<Vec<_>>(), before);
        let text = |column: &crate::dataset::Column| column.text(row).unwrap_or_default().to_owned();
        let about = |what| set.about(at, what).map(text).unwrap_or_default();
        let status = match about(Quality::Status).to_uppercase() {
            none if none.is_empty() => "A".to_owned(),
            status => status,
        };
        let mut expected = vec![text(estimate), status, "F".to_owned(), "SHARE".to_owned(), "3".to_owned()];
        expected.extend([Quality::Lower, Quality::Upper, Quality::StandardError].map(about));
        assert_eq!(found.iter().skip(7).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn what_is_missing_says_so_and_periods_are_time() {
    let publication = fixture::awkward::publication();
    let rate = records(&read(&publication, "work_rate.sdmx.csv"));
    let value = rate[0].iter().position(|name| name == "OBS_VALUE").unwrap();
    let missing: Vec<_> = rate.iter().skip(1).filter(|row| row[value].is_empty()).collect();
    assert_eq!(missing.len(), 2);
    assert!(rate.iter().skip(1).all(|row| row[value].is_empty() == (&row[value + 1] == "O")));
    assert!(rate.iter().any(|row| &row[value] == "1.5e-7") && read(&publication, "work_rate.sdmx.xml").contains("\"Double\""));
    let ages = records(&read(&publication, "by_age_band.sdmx.csv"));
    let time = ages[0].iter().position(|name| name == "TIME_PERIOD").unwrap();
    assert!(ages.iter().skip(1).all(|row| row[time].starts_with("202") && row[time].contains("-Q")));
    let structure = read(&publication, "by_age_band.sdmx.xml");
    assert!(structure.contains("<str:TimeDimension id=\"TIME_PERIOD\">") && !structure.contains("_TIME_PERIOD\""));
}

/// The ids of a structure are valid, every code of the data is in a list, and texts are no markup.
#[test]
fn a_structure_describes_its_data() {
    for publication in [fixture::publication(), fixture::awkward::publication()] {
        let files = all(&publication);
        for set in &Pack::of(&publication, &fixture::source()).sets {
            let structure = &files[&format!("{}.sdmx.xml", set.name)];
            let ids: Vec<&str> = structure.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let valid = |c: char| c.is_ascii_alphanumeric() || "_@$-".contains(c);
            assert!(ids.iter().all(|id| !id.is_empty() && id.chars().all(valid)), "{ids:?}");
            let rows = records(&files[&format!("{}.sdmx.csv", set.name)]);
            for (column, name) in rows[0].iter().enumerate().skip(3).filter(|(_, name)| *name != "TIME_PERIOD") {
                assert!(ids.contains(&name), "{name} is described");
                let is_listed = structure.contains(&format!("id=\"CL_{}_{name}\"", structure_id(&rows)));
                if is_listed {
                    assert!(rows.iter().skip(1).all(|row| row[column].is_empty() || ids.contains(&&row[column])));
                }
            }
            assert!(!structure.contains("<script") && structure.contains(&format!("(1.0.0).{}", &rows[0][3])));
        }
    }
    let structure = read(&fixture::awkward::publication(), "by_project.sdmx.xml");
    assert!(structure.contains("&lt;script&gt;") && structure.contains("Łódź – åäö &amp; ‚x’ [en]"));
    assert!(structure.contains("<com:Name xml:lang=\"sv\">Länsverket</com:Name>"));
    let described = structure.split("<com:Description xml:lang=\"en\">").nth(1).unwrap();
    assert!(described.starts_with("Demonstration: the participants are made up.") && described.contains("epsilon 1, delta 1e-6"));
}

fn structure_id(rows: &[csv::StringRecord]) -> String {
    rows[1][1].trim_start_matches("UTFALL:").split('(').next().unwrap().to_owned()
}

#[test]
fn a_new_version_of_a_release_has_a_new_structure() {
    let publication = fixture::publication();
    let mut pack = Pack::of(&publication, &fixture::source());
    let made = pack.release.made.unwrap();
    pack.release.earlier = vec![crate::dataset::pack::Vintage { id: "00".repeat(32), made }];
    let settings = fixture::settings();
    let files = SdmxCsv.files(Edition { publication: &publication, pack: &pack, settings: &settings }).unwrap();
    assert!(files.iter().all(|file| String::from_utf8_lossy(&file.bytes).contains("1.1.0")));
}
