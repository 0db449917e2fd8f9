use std::collections::{BTreeMap, BTreeSet};

use oxrdf::{Term, Triple};

use super::vocabulary::{DCAT, DCTERMS, SPDX};
use super::*;
use crate::dataset::pack::SeriesFacts;
use crate::settings::{Api, Contact, Kind};
use crate::{Imprint, Publication, Recorded, Source, fixture, publish};
use utfall_ground::text::Lang;
use utfall_privacy::ReleaseId;

const BASE: &str = "https://example.org/statistik/";

fn text(sv: &str, en: &str) -> Text {
    Text { sv: sv.to_owned(), en: en.to_owned() }
}

fn settings() -> Settings {
    Settings {
        base: Some(BASE.to_owned()),
        publisher: Some(Publisher {
            name: text("Samordningsförbundet Exempel", "Example Coordination Association"),
            url: "https://example.org/".to_owned(),
            kind: Some(Kind::RegionalAuthority),
        }),
        contact: Some(Contact {
            name: text("Statistiken", "Statistics"),
            email: "statistik@example.org".to_owned(),
            phone: Some("+46 10 123 45 67".to_owned()),
        }),
        licence: Some(Licence {
            name: "CC0 1.0".to_owned(),
            url: "https://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
        }),
        ..Settings::default()
    }
}

fn site(settings: &Settings) -> Site<'_> {
    let (publisher, licence) = (settings.publisher.as_ref().unwrap(), settings.licence.as_ref().unwrap());
    Site { base: BASE, publisher, licence, contact: settings.contact.as_ref(), settings }
}

/// A source of 30 November 2026, with a version before it.
fn source() -> Source {
    let of = |id: &str, made| Recorded { id: id.repeat(32).parse::<ReleaseId>().unwrap(), archive: [1; 32], made: Some(made) };
    Source::of([7; 16], &[of("7e", 1_796_000_000)], &[], &[of("5a", 1_790_000_000)])
}

/// The files of the catalogue of a site with one release, and the folder that it is of.
fn catalogue(publication: &Publication, settings: &Settings) -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let out = tempfile::tempdir().unwrap();
    let imprint = Imprint { settings, ..fixture::imprint() };
    publish(publication, &source(), imprint, out.path()).unwrap();
    crate::publish_site(imprint, out.path()).unwrap();
    let names = ["catalog.rdf", "catalog.ttl", "catalog.jsonld"];
    let read = |name: &&str| Some(((*name).to_owned(), fs::read(out.path().join(name)).ok()?));
    let files = names.iter().filter_map(read).collect();
    (out, files)
}

/// The triples of each form.
fn parsed(files: &BTreeMap<String, Vec<u8>>) -> [BTreeSet<String>; 3] {
    let written = |triple: Triple| triple.to_string();
    let rdf = oxrdfxml::RdfXmlParser::new().for_slice(&files["catalog.rdf"]).map(|triple| written(triple.unwrap())).collect();
    let ttl = oxttl::TurtleParser::new().for_slice(&files["catalog.ttl"]).map(|triple| written(triple.unwrap())).collect();
    let json = oxjsonld::JsonLdParser::new().for_slice(&files["catalog.jsonld"]).map(|quad| written(Triple::from(quad.unwrap())));
    [rdf, ttl, json.collect()]
}

fn triples(files: &BTreeMap<String, Vec<u8>>) -> Vec<Triple> {
    oxttl::TurtleParser::new().for_slice(&files["catalog.ttl"]).map(Result::unwrap).collect()
}

/// The values that things of a class have of a property, per thing.
fn values(triples: &[Triple], class: &str, property: &str) -> BTreeMap<String, Vec<String>> {
    let is_of =
        |triple: &&Triple| triple.predicate.as_str().ends_with("#type") && triple.object.to_string() == format!("<{class}>");
    let things = triples.iter().filter(is_of).map(|triple| triple.subject.to_string());
    let of = |thing: &String| {
        let own = triples.iter().filter(|triple| triple.subject.to_string() == *thing && triple.predicate.as_str() == property);
        own.map(|triple| match &triple.object {
            Term::Literal(literal) => literal.value().to_owned(),
            other => other.to_string().trim_matches(['<', '>']).to_owned(),
        })
        .collect()
    };
    things.map(|thing| (thing.clone(), of(&thing))).collect()
}

#[test]
fn three_forms_say_the_same_and_nothing_in_them_is_blank() {
    let (_out, files) = catalogue(&fixture::publication(), &settings());
    let [rdf, ttl, json] = parsed(&files);
    assert!(rdf.len() > 500 && rdf == ttl && ttl == json, "{} {} {}", rdf.len(), ttl.len(), json.len());
    assert!(rdf.iter().all(|triple| !triple.contains("_:")));
    let is_absolute = |name: &str| name.starts_with("http://") || name.starts_with("https://") || name.starts_with("mailto:");
    for triple in triples(&files) {
        assert!(triple.subject.to_string().trim_start_matches('<').starts_with("http"));
        if let Term::NamedNode(name) = &triple.object {
            assert!(is_absolute(name.as_str()) || name.as_str() == "tel:+46101234567", "{name}");
        }
    }
}

#[test]
fn every_file_that_is_offered_is_a_distribution_in_its_language() {
    let offered: Vec<String> = crate::FORMATS.iter().flat_map(|format| format.downloads("by_project")).collect();
    // But what says what is in another file.
    let unknown: Vec<&String> = offered.iter().filter(|name| super::file::media_type(name).is_none()).collect();
    assert_eq!(unknown, ["by_project.csv-metadata.json", "by_project.sdmx.xml"]);
    let mut publication = fixture::publication();
    publication.description.formats.push("json-stat".to_owned());
    let (_out, files) = catalogue(&publication, &settings());
    for (name, languages) in [("sv.json", vec!["SWE"]), ("en.json", vec!["ENG"]), ("csv", vec!["ENG", "SWE"])] {
        let file = format!("{BASE}outcomes/by_project.{name}#distribution>");
        let is_language = |triple: &&String| triple.contains(&file) && triple.contains("dc/terms/language");
        let code = |triple: &String| triple.trim_end_matches(['>', ' ', '.']).rsplit('/').next().map(str::to_owned);
        let said: Vec<String> = parsed(&files)[0].iter().filter(is_language).filter_map(code).collect();
        assert_eq!(said, languages, "{name}");
    }
}

#[test]
fn everything_that_the_profile_demands_or_wants_is_there() {
    let (_out, files) = catalogue(&fixture::publication(), &settings());
    let triples = triples(&files);
    let has = |class: &str, least: usize, properties: &[String]| {
        for property in properties {
            let of = values(&triples, class, property);
            assert!(of.len() >= least && of.values().all(|values| !values.is_empty()), "{class} {property} {of:?}");
        }
    };
    let terms = |names: &str| names.split_whitespace().map(|name| format!("{DCTERMS}{name}")).collect::<Vec<_>>();
    let dcat = |names: &str| names.split_whitespace().map(|name| format!("{DCAT}{name}")).collect::<Vec<_>>();
    let (catalog, dataset, series) = (format!("{DCAT}Catalog"), format!("{DCAT}Dataset"), format!("{DCAT}DatasetSeries"));
    has(&catalog, 1, &terms("title description publisher license issued modified language spatial"));
    has(&catalog, 1, &dcat("dataset themeTaxonomy"));
    has(&catalog, 1, &["http://xmlns.com/foaf/0.1/homepage".to_owned()]);
    has(&dataset, 10, &terms("title description publisher issued modified conformsTo spatial accessRights provenance language"));
    has(&dataset, 10, &dcat("contactPoint keyword theme distribution inSeries version landingPage"));
    has(&series, 10, &terms("title description publisher accrualPeriodicity"));
    let distribution = format!("{DCAT}Distribution");
    has(&distribution, 10, &terms("description format license conformsTo"));
    has(&distribution, 10, &dcat("accessURL downloadURL mediaType byteSize"));
    has(&distribution, 10, &["http://data.europa.eu/r5r/availability".to_owned(), format!("{SPDX}checksum")]);
    has("http://xmlns.com/foaf/0.1/Agent", 1, &["http://xmlns.com/foaf/0.1/name".to_owned(), format!("{DCTERMS}type")]);
}

#[test]
fn a_distribution_is_a_file_that_is_there() {
    let (out, files) = catalogue(&fixture::publication(), &settings());
    let triples = triples(&files);
    let class = format!("{DCAT}Distribution");
    let sizes = values(&triples, &class, &format!("{DCAT}byteSize"));
    let downloads = values(&triples, &class, &format!("{DCAT}downloadURL"));
    let sums = values(&triples, &format!("{SPDX}Checksum"), &format!("{SPDX}checksumValue"));
    assert_eq!(downloads.len(), 11, "one CSV per table and view");
    for (distribution, download) in &downloads {
        let bytes = fs::read(out.path().join(download[0].strip_prefix(BASE).unwrap())).unwrap();
        assert_eq!(sizes[distribution], [bytes.len().to_string()]);
        let sum = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        assert_eq!(sums[&format!("<{}#sha256>", download[0])], [hex::encode(sum)]);
    }
    let page = values(&triples, &class, &format!("{DCAT}accessURL"));
    assert!(page.values().any(|page| page[0] == "https://example.org/statistik/outcomes/#by_project"));
}

#[test]
fn a_series_keeps_its_name_and_tells_of_earlier_versions() {
    let publication = fixture::publication();
    let (_out, files) = catalogue(&publication, &settings());
    let again = Publication { id: "c0de".repeat(16), ..publication };
    let (_again, others) = catalogue(&again, &settings());
    let names =
        |files, class: &str| values(&triples(files), &format!("{DCAT}{class}"), &format!("{DCTERMS}title")).into_keys().collect();
    let [first, second]: [Vec<String>; 2] = [names(&files, "DatasetSeries"), names(&others, "DatasetSeries")];
    assert_eq!(first, second);
    assert_eq!(first[0], "<https://example.org/statistik/catalog.rdf#outcomes/by_age_band>");
    let [first, second]: [Vec<String>; 2] = [names(&files, "Dataset"), names(&others, "Dataset")];
    assert!(first.iter().all(|name| !second.contains(name)));
    let triples = triples(&files);
    let notes = values(&triples, &format!("{DCAT}Dataset"), "http://www.w3.org/ns/adms#versionNotes");
    assert!(notes.values().all(|notes| notes.iter().any(|note| note.contains("made on 2026-09-21"))), "{notes:?}");
    let issued = values(&triples, &format!("{DCAT}DatasetSeries"), &format!("{DCTERMS}issued"));
    assert!(issued.values().all(|days| days == &["2026-09-21"]), "{issued:?}");
}

#[test]
fn numbers_that_are_quoted_have_the_guarantee_of_their_own_release() {
    let (publication, settings) = (fixture::publication(), settings());
    let mut pack = Pack::of(&publication, &source());
    pack.sets.truncate(2);
    pack.sets[1].method["epsilon"] = serde_json::json!("0.25");
    let shown = Shown { files: pack.sets.iter().map(|_| Vec::new()).collect(), has_page: true, pack };
    let triples = graph(site(&settings), &[shown]).triples;
    let said = values(&triples, &format!("{DCTERMS}ProvenanceStatement"), &format!("{DCTERMS}description"));
    let said: Vec<_> = said.values().flatten().filter(|said| said.contains("lists")).collect();
    assert!(
        said.len() == 2
            && said.iter().any(|said| said.contains("epsilon 1,"))
            && said.iter().any(|said| said.contains("epsilon 0.25,")),
        "{said:?}"
    );
}

#[test]
fn a_series_of_periods_says_which_and_how_often() {
    let (publication, settings) = (fixture::publication(), settings());
    let mut pack = Pack::of(&publication, &source());
    let period = |text: &str| text.to_owned();
    pack.release.series =
        Some(SeriesFacts { first: period("2021-Q1"), last: period("2022-Q4"), lag: 60, vintage: 1, next: None });
    let shown = Shown { files: pack.sets.iter().map(|_| Vec::new()).collect(), has_page: true, pack };
    let triples = graph(site(&settings), &[shown]).triples;
    let of = |class: &str, property: &str| values(&triples, class, property).into_values().flatten().collect::<BTreeSet<_>>();
    let period = format!("{DCTERMS}PeriodOfTime");
    assert_eq!(of(&period, &format!("{DCAT}startDate")), BTreeSet::from(["2021-01-01".to_owned()]));
    assert_eq!(of(&period, &format!("{DCAT}endDate")), BTreeSet::from(["2022-12-31".to_owned()]));
    let often = of(&format!("{DCAT}DatasetSeries"), &format!("{DCTERMS}accrualPeriodicity"));
    assert_eq!(often, BTreeSet::from(["http://publications.europa.eu/resource/authority/frequency/QUARTERLY".to_owned()]));
    assert_eq!(of(&format!("{DCAT}Dataset"), &format!("{DCTERMS}temporal")).len(), 11);
}

#[test]
fn texts_stay_texts() {
    let hostile = "=HYPERLINK(\"x\"); </dcterms:title><script>alert('å')</script> & \u{1}\r\n\"\"\" \\ ]]> {\"@id\":\"x\"}";
    let mut publication = fixture::publication();
    publication.tables[0].title.sv = hostile.to_owned();
    publication.description.about = Some(text(hostile, hostile));
    let (_out, files) = catalogue(&publication, &settings());
    let [rdf, ttl, json] = parsed(&files);
    assert!(rdf == ttl && ttl == json);
    let titles = values(&triples(&files), &format!("{DCAT}DatasetSeries"), &format!("{DCTERMS}title"));
    let expected = hostile.replace('\u{1}', "").replace("\r\n", "\n");
    assert!(titles.values().flatten().any(|title| *title == expected), "{titles:?}");
    assert!(!String::from_utf8(files["catalog.rdf"].clone()).unwrap().contains("<script"));
}

#[test]
fn names_become_addresses() {
    assert_eq!(address(BASE, "../x", "å b.csv"), "https://example.org/statistik/..%2Fx/%C3%A5%20b.csv");
}

#[test]
fn made_up_people_are_said_to_be() {
    let mut publication = fixture::publication();
    publication.description.demonstration = true;
    let (_out, files) = catalogue(&publication, &settings());
    let triples = triples(&files);
    for class in ["Dataset", "DatasetSeries"] {
        let titles = values(&triples, &format!("{DCAT}{class}"), &format!("{DCTERMS}title"));
        assert!(
            titles
                .values()
                .all(|title| title[0].ends_with(" (påhittade deltagare)") && title[1].ends_with(" (made-up participants)"))
        );
        let said = values(&triples, &format!("{DCAT}{class}"), &format!("{DCTERMS}description"));
        assert!(said.values().flatten().all(|said| said.contains("påhittade") || said.contains("made up")));
    }
    let said = values(&triples, &format!("{DCAT}Catalog"), &format!("{DCTERMS}description"));
    assert!(said.values().flatten().all(|said| said.contains("påhittade") || said.contains("made up")));
}

#[test]
fn without_address_publisher_or_licence_there_is_none_and_the_operator_is_told() {
    let publication = fixture::publication();
    let without = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        (catalogue(&publication, &settings).1.len(), missing(&settings))
    };
    assert_eq!(without(&|_| {}), (3, None));
    let all = without(&|settings| *settings = Settings::default());
    let message = all.1.unwrap();
    assert_eq!(all.0, 0);
    for name in ["`base`", "`publisher`", "`licence`"] {
        assert!(Lang::ALL.iter().all(|lang| message.get(*lang).contains(name)), "{message:?}");
    }
    let (files, message) = without(&|settings| settings.licence = None);
    assert_eq!(files, 0);
    assert_eq!(
        message.unwrap().get(Lang::En),
        "no catalogue for data portals is written; add to site.toml: `licence` (what readers may do)"
    );
}

#[test]
fn an_interface_is_told_of_only_where_one_is_served() {
    let publication = fixture::publication();
    let service = format!("{DCAT}DataService");
    let (_out, files) = catalogue(&publication, &settings());
    assert!(values(&triples(&files), &service, &format!("{DCAT}endpointURL")).is_empty());
    let api = Api { url: "https://example.org/api/v2/".to_owned(), description: Some("https://example.org/api.json".to_owned()) };
    let (_out, files) = catalogue(&publication, &Settings { api: Some(api), ..settings() });
    let triples = triples(&files);
    let endpoints = values(&triples, &service, &format!("{DCAT}endpointURL"));
    assert_eq!(endpoints.into_values().collect::<Vec<_>>(), [["https://example.org/api/v2/"]]);
    let served = values(&triples, &service, &format!("{DCAT}servesDataset"));
    assert_eq!(served.values().map(Vec::len).sum::<usize>(), 11);
}

#[test]
fn the_catalogue_is_one_of_the_files_of_the_site() {
    let publication = fixture::publication();
    let (out, settings) = (tempfile::tempdir().unwrap(), settings());
    let imprint = Imprint { settings: &settings, ..fixture::imprint() };
    publish(&publication, &source(), imprint, out.path()).unwrap();
    assert!(crate::publish_site(imprint, out.path()).unwrap());
    assert!(!crate::publish_site(imprint, out.path()).unwrap(), "the same bytes");
    let whole = fs::read(out.path().join("catalog.ttl")).unwrap();
    fs::write(out.path().join("catalog.ttl"), "").unwrap();
    assert!(crate::publish_site(imprint, out.path()).unwrap());
    assert_eq!(fs::read(out.path().join("catalog.ttl")).unwrap(), whole);
}
