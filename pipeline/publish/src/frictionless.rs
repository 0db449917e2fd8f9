//! The files of a release as one data package: `datapackage.json`, after Frictionless Data Package 2.0 (datapackage.org), with a table
//! schema for every tidy CSV.
//!
//! A package lists files with their size and hash, so it lists those of the formats that the release has, as these formats write them:
//! `csv`, which has schemas, and `parquet`, which carries its own. Without either there is nothing to list, and the release is refused
//! before anything is drawn.

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Edition, Format, OutputFile, PublishError};
use crate::csv::{Field, data_name, fields, harmless};
use crate::dataset::pack::ReleaseFacts;
use crate::dataset::{DataSet, Values};
use crate::settings::Settings;
use utfall_ground::text::{Lang, Text};

/// The file.
const FILE: &str = "datapackage.json";

/// The formats whose files it lists.
const LISTED: [&str; 2] = ["csv", "parquet"];

/// The format `datapackage`.
#[derive(Debug)]
pub(super) struct DataPackage;

impl Format for DataPackage {
    fn name(&self) -> &'static str {
        "datapackage"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let release = &edition.pack.release;
        let listed: Vec<&str> = LISTED.into_iter().filter(|name| release.formats.iter().any(|of| of == name)).collect();
        if listed.is_empty() {
            return Err(PublishError::Lists(self.name(), LISTED[0]));
        }
        let mut resources = Vec::new();
        for name in listed {
            for file in crate::format(name)?.files(edition)? {
                resources.extend(resource(&edition.pack.sets, &file)?);
            }
        }
        let mut package = package(release, edition.settings);
        package.insert("resources".to_owned(), resources.into());
        let bytes = format!("{:#}\n", Value::Object(package)).into_bytes();
        Ok(vec![OutputFile { path: PathBuf::from(FILE), bytes }])
    }

    fn whole(&self, _release: &str) -> Vec<String> {
        vec![FILE.to_owned()]
    }
}

/// What is said of all files.
fn package(release: &ReleaseFacts, settings: &Settings) -> Map<String, Value> {
    let mut package = Map::new();
    let mut add = |name: &str, value: Value| package.insert(name.to_owned(), value);
    add("$schema", json!("https://datapackage.org/profiles/2.0/datapackage.json"));
    add("name", json!(release.name));
    add("id", json!(release.id));
    add("title", json!(both(&release.title)));
    add("description", json!(description(release)));
    add("version", json!(release.vintage()));
    if let Some(made) = release.made {
        add("created", json!(made.instant()));
    }
    if let Some(base) = &settings.base {
        add("homepage", json!(format!("{base}{}/", release.name)));
    }
    if let Some(licence) = &settings.licence {
        add("licenses", json!([{ "title": licence.name, "path": licence.url }]));
    }
    let publisher =
        settings.publisher.iter().map(|of| json!({ "title": both(&of.name), "path": of.url, "roles": ["publisher"] }));
    let contact = settings.contact.iter().map(|of| json!({ "title": both(&of.name), "email": of.email, "roles": ["contact"] }));
    let contributors: Vec<Value> = publisher.chain(contact).collect();
    if !contributors.is_empty() {
        add("contributors", contributors.into());
    }
    add("sources", json!([{ "title": source(release.demonstration) }]));
    package
}

/// What the numbers were made of.
fn source(demonstration: bool) -> &'static str {
    if demonstration {
        "Påhittade deltagare · Made-up participants"
    } else {
        "Deltagarlistor från projekt, som inte publiceras · Lists of participants of projects, which are not published"
    }
}

fn description(release: &ReleaseFacts) -> String {
    let protected = Lang::ALL.map(|lang| {
        let (epsilon, delta) = (&release.epsilon, &release.delta);
        lang.pick(
            format!("Alla tal har ett skyddande brus (differentiell integritet för personer, epsilon {epsilon}, delta {delta})."),
            format!("All numbers carry protective noise (differential privacy of persons, epsilon {epsilon}, delta {delta})."),
        )
    });
    let [sv, en] = protected;
    match &release.about {
        Some(about) => format!("{}\n\n{sv}\n\n{}\n\n{en}", about.sv, about.en),
        None => format!("{sv}\n\n{en}"),
    }
}

/// A file of tables; none of the metadata that a format writes beside them.
fn resource(sets: &[DataSet], file: &OutputFile) -> Result<Option<Value>, PublishError> {
    let path = file.path.display().to_string();
    let Some((stem, ending)) = path.rsplit_once('.') else { return Ok(None) };
    let Some(set) = sets.iter().find(|set| set.name == stem) else { return Ok(None) };
    let mut resource = json!({
        "path": path,
        "title": both(&set.title),
        "description": both(&set.statement),
        "format": ending,
        "bytes": file.bytes.len(),
        "hash": format!("sha256:{}", hex::encode(Sha256::digest(&file.bytes))),
    });
    if path == data_name(&set.name) {
        resource["name"] = json!(set.name);
        resource["type"] = json!("table");
        resource["mediatype"] = json!("text/csv");
        resource["encoding"] = json!("utf-8");
        resource["schema"] = schema(set, &fields(set)?);
    } else {
        resource["name"] = json!(format!("{}-{ending}", set.name));
        resource["mediatype"] = json!(format!("application/vnd.apache.{ending}"));
    }
    Ok(Some(resource))
}

/// The schema of a tidy CSV. A table that SQL has computed has no key: its rows are in the order of its query.
fn schema(set: &DataSet, fields: &[Field<'_>]) -> Value {
    let mut schema = json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields.iter().map(field).collect::<Vec<_>>(),
        "missingValues": [""],
    });
    if let Some(keys) = set.primary_key() {
        schema["primaryKey"] = json!(keys);
    }
    schema
}

fn field(field: &Field<'_>) -> Value {
    let kind = match field.datatype() {
        "integer" => "integer",
        "string" => "string",
        _ => "number",
    };
    let mut of = json!({ "name": field.name, "title": both(&field.title), "type": kind });
    if field.is_required() {
        of["constraints"] = json!({ "required": true });
    }
    if let (Values::Codes { codes, .. }, None) = (&field.column.values, field.label) {
        // As they stand in the file.
        let category = |code: &crate::Code| json!({ "value": harmless(&code.code), "label": both(&code.label) });
        of["categories"] = codes.iter().map(category).collect();
    }
    of
}

/// Both languages in one text: a package has one.
fn both(text: &Text) -> String {
    if text.sv == text.en { text.sv.clone() } else { format!("{} · {}", text.sv, text.en) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Contact, Licence, Publisher};
    use crate::{Publication, Source, dataset::pack::Pack, fixture};

    fn package(publication: &Publication, settings: &Settings) -> Result<Value, PublishError> {
        let pack = Pack::of(publication, &Source::default());
        let files = DataPackage.files(Edition { publication, pack: &pack, settings })?;
        assert_eq!(files.len(), 1);
        Ok(serde_json::from_slice(&files[0].bytes).unwrap())
    }

    #[test]
    fn it_lists_the_files_that_are_there_as_they_are() {
        let mut publication = fixture::publication();
        for formats in [vec!["csv"], vec!["parquet", "csv", "html"]] {
            publication.description.formats = formats.iter().map(|name| (*name).to_owned()).collect();
            let mut there = Vec::new();
            for name in formats.into_iter().filter(|name| LISTED.contains(name)) {
                there.extend(fixture::files(crate::format(name).unwrap(), &publication).unwrap());
            }
            let package = package(&publication, &Settings::default()).unwrap();
            let listed = package["resources"].as_array().unwrap();
            let data = there.iter().filter(|file| !file.path.to_str().unwrap().ends_with(".json"));
            assert_eq!(listed.len(), data.count());
            for one in listed {
                let file = there.iter().find(|file| file.path.to_str() == one["path"].as_str()).unwrap();
                assert_eq!(one["bytes"], json!(file.bytes.len()));
                assert_eq!(one["hash"], json!(format!("sha256:{}", hex::encode(Sha256::digest(&file.bytes)))));
            }
            let names: std::collections::BTreeSet<_> = listed.iter().map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(names.len(), listed.len());
        }
    }

    #[test]
    fn without_files_to_list_it_is_refused() {
        let mut publication = fixture::publication();
        publication.description.formats = vec!["html".to_owned(), "datapackage".to_owned()];
        let error = package(&publication, &Settings::default()).unwrap_err();
        assert_eq!(error.code(), "format-needs");
        assert!(error.message().get(Lang::En).contains("add \"csv\""), "{error}");
    }

    #[test]
    fn codes_are_categories_and_keys_are_keys() {
        let package = package(&fixture::publication(), &Settings::default()).unwrap();
        let of = |name: &str| package["resources"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
        let ages = of("by_age_band");
        assert_eq!(ages["schema"]["primaryKey"], json!(["age_band", "exit_state"]));
        assert_eq!(ages["schema"]["fields"][0]["categories"][0], json!({ "value": "'-15", "label": "Under 16 år · Below 16" }));
        assert_eq!(ages["schema"]["fields"][1].get("categories"), None);
        let types: Vec<_> = (6..9).map(|at| ages["schema"]["fields"][at]["type"].clone()).collect();
        assert_eq!(types, ["integer"; 3]);
        assert_eq!(of("work_by_region")["schema"]["fields"][6]["type"], "number");
        assert_eq!(of("work_rate")["schema"].get("primaryKey"), None);
    }

    #[test]
    fn a_site_says_who_publishes() {
        let text = |text: &str| Text { sv: text.to_owned(), en: text.to_owned() };
        let settings = Settings {
            base: Some("https://a.se/".to_owned()),
            publisher: Some(Publisher { name: text("A"), url: "https://a.se/om".to_owned(), kind: None }),
            contact: Some(Contact { name: text("B"), email: "b@a.se".to_owned(), phone: None }),
            licence: Some(Licence { name: "CC0".to_owned(), url: "https://c.org/".to_owned() }),
            ..Settings::default()
        };
        let package = package(&fixture::publication(), &settings).unwrap();
        assert_eq!(package["licenses"], json!([{ "title": "CC0", "path": "https://c.org/" }]));
        assert_eq!(package["homepage"], "https://a.se/outcomes/");
        assert_eq!(package["contributors"][1], json!({ "title": "B", "email": "b@a.se", "roles": ["contact"] }));
    }
}
