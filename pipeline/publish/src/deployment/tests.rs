use serde_json::{Value, json};

use super::*;
use crate::dataset::pack::{Pack, SeriesFacts};
use crate::settings::Publisher;
use crate::{Publication, Quotation, Recorded, Settings, Source, fixture};
use utfall_ground::text::Text;

fn text(text: &str) -> Text {
    Text { sv: text.to_owned(), en: text.to_owned() }
}

fn settings() -> Settings {
    let publisher =
        Publisher { name: text("Example Coordination Association"), url: "https://example.org/".to_owned(), kind: None };
    Settings { base: Some("https://example.org/statistik/".to_owned()), publisher: Some(publisher), ..Settings::default() }
}

fn source() -> Source {
    let of = |id: &str, made| Recorded { id: id.repeat(32).parse().unwrap(), archive: [1; 32], made: Some(made) };
    Source::of([7; 16], &[of("7e", 1_796_000_000)], &[], &[of("5a", 1_760_000_000)])
}

/// The fields of a card, and the card as a file.
fn card(publication: &Publication, source: &Source, settings: &Settings) -> (Value, String) {
    let pack = Pack::of(publication, source);
    let edition = Edition { publication, pack: &pack, settings };
    let file = Deployment.files(edition).unwrap().remove(0);
    assert_eq!(file.path.to_str(), Some("deployment.yaml"));
    (json!(Record::of(edition)), String::from_utf8(file.bytes).unwrap())
}

#[test]
fn a_card_says_what_the_registry_asks() {
    let (card, yaml) = card(&fixture::publication(), &source(), &settings());
    assert_eq!(
        (&card["url_slug"], &card["status"], &card["tier"]),
        (&json!("example-coordination-association-outcomes-2025"), &json!("Draft"), &json!(3))
    );
    let card = &card["deployment"];
    let basic = &card["basic"];
    assert_eq!(
        (&basic["name"], &basic["data_curators"]),
        (&json!("Outcomes of five projects"), &json!(["Example Coordination Association"]))
    );
    assert_eq!(
        (&basic["publication_date"], &basic["data_product_region"]),
        (&json!("2025-10-09"), &json!("Sweden")),
        "the first version"
    );
    assert_eq!(card["dp_variant"]["variant_name"], "Approximate DP");
    assert_eq!(card["privacy_loss"]["privacy_parameters"], json!({ "epsilon": 1, "delta": "1e-6" }));
    assert!(card["privacy_loss"]["privacy_unit_details"].as_str().unwrap().contains("At most 3 participations of one person"));
    assert_eq!(
        (&card["deployment_model"]["model_name"], &card["deployment_model"]["release_type"]),
        (&json!("Central"), &json!("Many releases"))
    );
    assert!(
        card["administrative"]["sources"].as_str().unwrap().contains("https://example.org/statistik/outcomes/certificate.json")
    );
    // What spans lines is a literal block, which the registry demands for lists.
    assert!(yaml.contains("    mechanisms: |") && !yaml.contains(": >"), "{yaml}");
    assert!(yaml.contains("      epsilon: 1\n") && yaml.contains("publication_date: \"2025-10-09\""), "{yaml}");
}

#[test]
fn every_vector_stands_once_with_its_exact_noise() {
    let publication = fixture::publication();
    let (card, _) = card(&publication, &source(), &settings());
    let told = card["deployment"]["implementation"]["mechanisms"].as_str().unwrap().to_owned();
    let rows: Vec<&str> = told.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), publication.description.measured_vectors().count(), "{told}");
    assert!(told.contains("| Outcomes by project | by\\_project | discrete Laplace noise | scale 9 | 12.72 |"), "{told}");
    assert!(told.contains("| exponential mechanism | scale 4, 601 possible values | a choice |"));
    assert!(told.contains("| discrete Laplace noise with a threshold | scale 9, threshold 90 | 12.72 |"));
}

#[test]
fn a_pure_guarantee_is_called_one() {
    let mut publication = fixture::publication();
    publication.description.delta = "0".to_owned();
    publication.description.epsilon = "1.5".to_owned();
    let (pure, yaml) = card(&publication, &source(), &settings());
    assert_eq!(pure["deployment"]["dp_variant"]["variant_name"], "Pure DP");
    assert!(yaml.contains("epsilon: 1.5\n"), "{yaml}");
    publication.description.epsilon = "1/3".to_owned();
    let (fraction, _) = card(&publication, &source(), &settings());
    let loss = &fraction["deployment"]["privacy_loss"];
    assert_eq!(loss["privacy_parameters"].get("epsilon"), None, "no number is rounded");
    assert!(loss["privacy_parameters_details"].as_str().unwrap().contains("epsilon 1/3"));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let (card, yaml) = card(&fixture::publication(), &Source::default(), &Settings::default());
    let basic = &card["deployment"]["basic"];
    assert_eq!(basic.get("publication_date"), None);
    assert_eq!(basic["data_curators"], json!(["Not stated: the settings of the site name no publisher"]));
    assert_eq!(
        (&card["url_slug"], &card["deployment"]["deployment_model"]["release_type"]),
        (&json!("outcomes"), &json!("One release"))
    );
    assert!(
        !yaml.contains("https://")
            && card["deployment"]["administrative"]["sources"].as_str().unwrap().starts_with("- What the release")
    );
}

#[test]
fn demonstrations_series_and_quotations_are_told() {
    let mut publication = fixture::publication();
    publication.description.demonstration = true;
    publication.description.tables[0].quotes = Some(Quotation {
        release: "across".to_owned(),
        title: text("Across"),
        table: "x".to_owned(),
        id: "ab".to_owned(),
        epsilon: "2".to_owned(),
        delta: "0".to_owned(),
        participations: 1,
        has_pages: true,
    });
    let mut pack = Pack::of(&publication, &source());
    pack.release.series =
        Some(SeriesFacts { first: "2021-Q1".to_owned(), last: "2021-Q4".to_owned(), lag: 60, vintage: 1, next: None });
    let card = json!(Record::of(Edition { publication: &publication, pack: &pack, settings: &settings() }));
    let card = &card["deployment"];
    assert!(card["basic"]["name"].as_str().unwrap().ends_with("(demonstration: made-up participants)"));
    assert!(card["deployment_model"]["release_type_details"].as_str().unwrap().contains("60 days after its end"));
    assert!(
        card["dp_variant"]["unprotected_quantities"].as_str().unwrap().contains("Across show numbers that it published before")
    );
    assert!(card["accounting"]["composition"].as_str().unwrap().contains("Quoted, at no further loss: Across (ab)"));
}

#[test]
fn names_are_text_and_nothing_else() {
    let hostile = "=HYPERLINK(\"x\") </td><script>alert('å')</script> [a](b) | $x$ \\(y\\) `c`\n# d: - e";
    let mut publication = fixture::publication();
    publication.tables[0].title.en = hostile.to_owned();
    publication.description.title.en = hostile.to_owned();
    let (card, yaml) = card(&publication, &source(), &settings());
    let escaped = "=HYPERLINK(\"x\") &lt;/td&gt;&lt;script&gt;alert('å')&lt;/script&gt; \\[a\\](b) \\| \\$x\\$ &#92;(y&#92;) \\`c\\` \\# d: - e";
    assert_eq!(card["deployment"]["basic"]["name"], escaped);
    let told = card["deployment"]["implementation"]["mechanisms"].as_str().unwrap().to_owned();
    assert!(told.contains(&format!("| {escaped} | by\\_project |")), "{told}");
    assert!(!yaml.contains("<script"));
}
