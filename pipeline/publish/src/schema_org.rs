//! What search engines are told of a release or of one of its tables: a `Dataset` of schema.org as JSON-LD.
//!
//! Google's guide to datasets names the properties that its search reads; the others are of schema.org's own definition of `Dataset`.

use serde_json::{Map, Value, json};

use crate::Settings;
use crate::catalogue::{address, guarantee, media_type, page, paragraphs};
use crate::dataset::pack::{Pack, ReleaseFacts};
use crate::dataset::{Column, DataSet, Quality, Role, Values};
use utfall_ground::calendar::Period;
use utfall_ground::text::Lang;

/// A release or, if one is given, a data set of it, as the text of a `<script type="application/ld+json">` on a page in `lang`.
///
/// `files` are the names of the files in the folder of the release that readers may take. Addresses are those below the settings' base;
/// without one they are relative to the page. Nothing in the text can end the script or begin a comment: `<`, `>` and `&` are written as
/// JSON's escapes, which mean the same.
pub(crate) fn json_ld(lang: Lang, pack: &Pack, set: Option<&DataSet>, settings: &Settings, files: &[String]) -> String {
    let of = |set: &DataSet| {
        let mut thing = describe(lang, &pack.release, Some(set), settings);
        put(&mut thing, "variableMeasured", Value::Array(variables(lang, set)));
        let own = files.iter().filter(|file| file.strip_prefix(&set.name).is_some_and(|rest| rest.starts_with('.')));
        put(&mut thing, "distribution", own.map(|file| download(&pack.release, settings, file)).collect());
        thing
    };
    let mut thing = match set {
        Some(set) => of(set),
        None => {
            let mut thing = describe(lang, &pack.release, None, settings);
            put(&mut thing, "hasPart", pack.sets.iter().map(|set| Value::Object(of(set))).collect());
            thing
        }
    };
    put(&mut thing, "@context", json!("https://schema.org"));
    harmless(&Value::Object(thing).to_string())
}

/// JSON that no reader of HTML takes for markup.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text
}

/// Adds a property, unless nothing is known of it.
fn put(thing: &mut Map<String, Value>, name: &str, value: Value) {
    let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    if !is_empty {
        thing.insert(name.to_owned(), value);
    }
}

/// What is said of a release and of a data set alike.
fn describe(lang: Lang, release: &ReleaseFacts, set: Option<&DataSet>, settings: &Settings) -> Map<String, Value> {
    let mut thing = Map::new();
    put(&mut thing, "@type", json!("Dataset"));
    put(&mut thing, "name", json!(name(lang, release, set)));
    put(&mut thing, "description", json!(description(lang, release, set)));
    let url = settings.base.as_ref().map(|base| match set {
        Some(set) => page(base, release, set, release.formats.iter().any(|format| format == "html")),
        None => address(base, &release.name, ""),
    });
    put(&mut thing, "url", json!(url));
    let identifier = set.map_or_else(|| release.id.clone(), |set| format!("{}/{}", release.id, set.name));
    put(&mut thing, "identifier", json!(identifier));
    put(&mut thing, "version", json!(release.vintage()));
    put(&mut thing, "license", json!(settings.licence.as_ref().map(|of| &of.url)));
    let publisher = settings.publisher.as_ref();
    let publisher = publisher.map(|of| json!({ "@type": "Organization", "name": of.name.get(lang), "url": of.url }));
    put(&mut thing, "creator", json!(publisher));
    put(&mut thing, "publisher", json!(publisher));
    put(&mut thing, "datePublished", json!(release.made.map(|made| made.day())));
    put(&mut thing, "dateModified", json!(release.made.map(|made| made.day())));
    put(&mut thing, "inLanguage", json!(Lang::ALL.map(Lang::tag)));
    put(&mut thing, "isAccessibleForFree", json!(true));
    put(&mut thing, "temporalCoverage", json!(period(release)));
    let country = lang.pick("Sverige", "Sweden");
    put(&mut thing, "spatialCoverage", json!({ "@type": "Country", "name": country }));
    put(&mut thing, "measurementTechnique", json!(technique(lang, release, set)));
    put(&mut thing, "isBasedOn", json!(set.and_then(|set| quoted(set, settings))));
    thing
}

/// The title; behind it that people are made up.
fn name(lang: Lang, release: &ReleaseFacts, set: Option<&DataSet>) -> String {
    let title = set.map_or(&release.title, |set| &set.title).get(lang);
    let made_up = if release.demonstration { lang.pick(" (påhittade deltagare)", " (made-up participants)") } else { "" };
    format!("{title}{made_up}")
}

/// What it answers and what must be known of its numbers. Google asks for 50 to 5,000 characters.
fn description(lang: Lang, release: &ReleaseFacts, set: Option<&DataSet>) -> String {
    const MOST: usize = 5_000;
    let made_up = lang.pick("Deltagarna är påhittade.", "The participants are made up.");
    let tables = lang.pick(
        "Tabeller med skyddande brus; varje tal står med sitt brusintervall.",
        "Tables with protective noise; each number stands with its noise interval.",
    );
    let about = release.about.as_ref().unwrap_or(&release.title).get(lang);
    let statement = set.map_or(tables, |set| set.statement.get(lang));
    let texts = [release.demonstration.then_some(made_up), Some(about), Some(statement)];
    paragraphs(texts.into_iter().flatten()).chars().take(MOST).collect()
}

/// The days of the periods of a series, as ISO 8601 writes an interval.
fn period(release: &ReleaseFacts) -> Option<String> {
    let series = release.series.as_ref()?;
    let (first, last) = (Period::parse(&series.first)?, Period::parse(&series.last)?);
    Some(format!("{}/{}", first.first_day(), last.last_day()))
}

/// How the numbers came about.
fn technique(lang: Lang, release: &ReleaseFacts, set: Option<&DataSet>) -> String {
    let own = (release.epsilon.as_str(), release.delta.as_str(), release.participations);
    let (epsilon, delta, participations) = set.map_or(own, |set| guarantee(release, set));
    lang.pick(
        format!(
            "Antal och summor ur listor över deltagare, med differentiell integritet (epsilon {epsilon}, delta {delta}; högst \
             {participations} deltaganden per person)"
        ),
        format!(
            "Counts and sums of lists of participants, with differential privacy (epsilon {epsilon}, delta {delta}; at most \
             {participations} participations per person)"
        ),
    )
}

/// The release whose numbers a data set quotes.
fn quoted(set: &DataSet, settings: &Settings) -> Option<Value> {
    let release = set.method.get("quotes")?.get("release")?.as_str()?;
    let url = settings.base.as_ref().map_or_else(|| format!("../{release}/"), |base| address(base, release, ""));
    Some(json!(url))
}

/// What was measured, and what rows are told apart by.
fn variables(lang: Lang, set: &DataSet) -> Vec<Value> {
    let columns = set.columns.iter().enumerate().filter(|(_, column)| !matches!(column.role, Role::About(..)));
    columns.map(|(at, column)| variable(lang, set, at, column)).collect()
}

fn variable(lang: Lang, set: &DataSet, at: usize, column: &Column) -> Value {
    let has_interval = [Quality::Lower, Quality::Upper].iter().all(|end| set.about(at, *end).is_some());
    let description = match &column.values {
        Values::Codes { codes, .. } => codes.iter().map(|code| code.label.get(lang)).collect::<Vec<_>>().join(" · "),
        _ if has_interval => {
            lang.pick("Med brusintervall i kolumnerna intill.", "With its noise interval in the columns beside.").to_owned()
        }
        _ => String::new(),
    };
    let mut thing = Map::new();
    put(&mut thing, "@type", json!("PropertyValue"));
    put(&mut thing, "name", json!(column.title.get(lang)));
    put(&mut thing, "propertyID", json!(column.name));
    put(&mut thing, "unitText", json!(column.unit.as_ref().map(|unit| unit.label.get(lang))));
    put(&mut thing, "description", json!(Some(description).filter(|text| !text.is_empty())));
    Value::Object(thing)
}

/// A file.
fn download(release: &ReleaseFacts, settings: &Settings, file: &str) -> Value {
    let url = settings.base.as_ref().map_or_else(|| file.to_owned(), |base| address(base, &release.name, file));
    let mut thing = Map::new();
    put(&mut thing, "@type", json!("DataDownload"));
    put(&mut thing, "name", json!(file));
    put(&mut thing, "contentUrl", json!(url));
    put(&mut thing, "encodingFormat", json!(media_type(file)));
    Value::Object(thing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::pack::SeriesFacts;
    use crate::settings::{Licence, Publisher};
    use crate::{Recorded, Source, fixture};
    use utfall_ground::text::Text;

    fn settings() -> Settings {
        let name = Text { sv: "Förbundet".to_owned(), en: "The association".to_owned() };
        Settings {
            base: Some("https://example.org/statistik/".to_owned()),
            publisher: Some(Publisher { name, url: "https://example.org/".to_owned(), kind: None }),
            licence: Some(Licence {
                name: "CC0".to_owned(),
                url: "https://creativecommons.org/publicdomain/zero/1.0/".to_owned(),
            }),
            ..Settings::default()
        }
    }

    fn pack() -> Pack {
        let made = Recorded { id: "7e".repeat(32).parse().unwrap(), archive: [1; 32], made: Some(1_796_000_000) };
        Pack::of(&fixture::publication(), &Source::of([7; 16], &[made], &[], &[]))
    }

    fn read(lang: Lang, pack: &Pack, set: Option<&DataSet>, settings: &Settings) -> Value {
        let files: Vec<String> = pack.sets.iter().map(|set| format!("{}.csv", set.name)).collect();
        serde_json::from_str(&json_ld(lang, pack, set, settings, &files)).unwrap()
    }

    #[test]
    fn a_table_says_what_a_search_engine_reads() {
        let mut pack = pack();
        pack.release.series =
            Some(SeriesFacts { first: "2021-Q1".to_owned(), last: "2021-Q4".to_owned(), lag: 60, vintage: 1, next: None });
        let set = pack.set("days_by_project_mean_days").unwrap();
        let told = read(Lang::En, &pack, Some(set), &settings());
        assert_eq!(told["@context"], "https://schema.org");
        assert_eq!((&told["@type"], &told["name"]), (&json!("Dataset"), &json!(set.title.en)));
        assert_eq!(told["url"], "https://example.org/statistik/outcomes/#days_by_project");
        assert_eq!(told["identifier"], format!("{}/days_by_project_mean_days", "7e1d".repeat(16)));
        assert_eq!(told["license"], "https://creativecommons.org/publicdomain/zero/1.0/");
        for role in ["creator", "publisher"] {
            assert_eq!(told[role], json!({ "@type": "Organization", "name": "The association", "url": "https://example.org/" }));
        }
        assert_eq!(
            (&told["version"], &told["datePublished"], &told["dateModified"]),
            (&json!("2026-11-30"), &json!("2026-11-30"), &json!("2026-11-30"))
        );
        assert_eq!(
            (&told["temporalCoverage"], &told["spatialCoverage"]["name"]),
            (&json!("2021-01-01/2021-12-31"), &json!("Sweden"))
        );
        assert!(told["measurementTechnique"].as_str().unwrap().contains("epsilon 1, delta 1e-6; at most 3 participations"));
        let variables = told["variableMeasured"].as_array().unwrap();
        let names: Vec<_> = variables.iter().map(|of| of["propertyID"].as_str().unwrap()).collect();
        assert_eq!(names, ["project", "mean_days"]);
        assert_eq!(
            (&variables[1]["unitText"], &variables[1]["description"]),
            (&json!("days"), &json!("With its noise interval in the columns beside."))
        );
        let file = "https://example.org/statistik/outcomes/days_by_project_mean_days.csv";
        assert_eq!(told["distribution"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&told["distribution"][0]["contentUrl"], &told["distribution"][0]["encodingFormat"]),
            (&json!(file), &json!("text/csv"))
        );
    }

    #[test]
    fn a_release_holds_its_tables() {
        let pack = pack();
        let told = read(Lang::Sv, &pack, None, &settings());
        assert_eq!(
            (&told["name"], &told["url"]),
            (&json!("Utfall i fem projekt"), &json!("https://example.org/statistik/outcomes/"))
        );
        let parts = told["hasPart"].as_array().unwrap();
        assert_eq!(parts.len(), pack.sets.len());
        assert!(parts.iter().all(|part| part["@type"] == "Dataset" && part["distribution"].as_array().unwrap().len() == 1));
        assert!(told["description"].as_str().unwrap().chars().count() >= 50);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let pack = Pack::of(&fixture::publication(), &Source::default());
        let told = read(Lang::Sv, &pack, pack.set("by_project"), &Settings::default());
        for absent in ["url", "license", "creator", "publisher", "datePublished", "dateModified", "temporalCoverage", "isBasedOn"]
        {
            assert!(told.get(absent).is_none(), "{absent}");
        }
        assert_eq!(told["distribution"][0]["contentUrl"], "by_project.csv");
    }

    #[test]
    fn quoted_numbers_name_their_release() {
        let mut pack = pack();
        pack.sets[0].method["quotes"] = json!({ "release": "across", "table": "x", "id": "00" });
        pack.sets[0].method["epsilon"] = json!("0.25");
        pack.sets[0].method["participations"] = json!(2);
        let told = read(Lang::Sv, &pack, pack.sets.first(), &settings());
        assert_eq!(told["isBasedOn"], "https://example.org/statistik/across/");
        let technique = told["measurementTechnique"].as_str().unwrap();
        assert!(technique.contains("epsilon 0.25, delta 1e-6; högst 2 deltaganden"), "its guarantee is that one's: {technique}");
    }

    #[test]
    fn no_text_ends_the_script() {
        let hostile = "</script><!--<script>alert(\"å\")</script> & \u{2028} ]]>";
        let mut pack = pack();
        pack.release.demonstration = true;
        pack.sets[0].title.sv = hostile.to_owned();
        pack.sets[0].columns[0].title.sv = hostile.to_owned();
        let text = json_ld(Lang::Sv, &pack, pack.sets.first(), &settings(), &[]);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let told: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["name"], format!("{hostile} (påhittade deltagare)"));
        assert_eq!(told["variableMeasured"][0]["name"], hostile);
    }
}
