//! The fields of a card, by the names that the registry gives them.

use serde::Serialize;

use super::words;
use crate::Edition;
use crate::catalogue::address;
use utfall_ground::text::Lang;

/// A record of the registry.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    url_slug: String,
    /// The registry's own word for a record that nobody has reviewed.
    status: &'static str,
    tier: u8,
    deployment: Card,
}

#[derive(Debug, Serialize)]
struct Card {
    basic: Basic,
    dp_variant: Variant,
    privacy_loss: PrivacyLoss,
    deployment_model: Model,
    accounting: Accounting,
    implementation: Implementation,
    administrative: Administrative,
}

#[derive(Debug, Serialize)]
struct Basic {
    name: String,
    data_curators: Vec<String>,
    intended_use: &'static str,
    data_product_type: &'static str,
    data_product_region: &'static str,
    description: String,
    /// That of the first version; left out where no ledger has said when that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication_date: Option<String>,
    data_product_sector: &'static str,
}

#[derive(Debug, Serialize)]
struct Variant {
    variant_name: &'static str,
    data_domain: &'static str,
    unprotected_quantities: String,
}

#[derive(Debug, Serialize)]
struct PrivacyLoss {
    privacy_unit: &'static str,
    privacy_unit_details: String,
    privacy_parameters: Parameters,
    privacy_parameters_details: String,
}

#[derive(Debug, Serialize)]
struct Parameters {
    /// A number for the registry; left out where it is declared as something else than a decimal number, and then in the details only.
    #[serde(skip_serializing_if = "Option::is_none")]
    epsilon: Option<Epsilon>,
    /// As declared: the registry takes texts, and a text has no rounding.
    delta: String,
}

/// Epsilon as it was declared, whole or not.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Epsilon {
    Whole(u64),
    Decimal(f64),
}

#[derive(Debug, Serialize)]
struct Model {
    model_name: &'static str,
    model_name_details: &'static str,
    actors: &'static str,
    release_type: &'static str,
    release_type_details: String,
    data_source_type: &'static str,
    data_source_type_details: &'static str,
    access_type: &'static str,
    access_type_details: &'static str,
}

#[derive(Debug, Serialize)]
struct Accounting {
    post_processing: String,
    composition: String,
}

#[derive(Debug, Serialize)]
struct Implementation {
    preprocessing_and_hyperparameter_tuning: String,
    mechanisms: String,
    justification: &'static str,
}

#[derive(Debug, Serialize)]
struct Administrative {
    sources: String,
    notes: String,
    registry_authors: Vec<String>,
}

impl Record {
    /// The card of a release.
    pub(super) fn of(edition: Edition<'_>) -> Self {
        let curator = edition.settings.publisher.as_ref().map(|of| of.name.get(Lang::En).to_owned());
        let release = &edition.pack.release;
        let first = release.earlier.iter().map(|of| of.made).chain(release.made).min();
        let year = first.map(|made| made.day().chars().take(4).collect::<String>());
        let slug = [curator.as_deref(), Some(&release.name), year.as_deref()];
        Self {
            url_slug: slug.into_iter().flatten().map(slug_of).collect::<Vec<_>>().join("-"),
            status: "Draft",
            tier: 3,
            deployment: Card {
                basic: Basic::of(edition, curator.as_deref(), first.map(|made| made.day())),
                dp_variant: Variant {
                    variant_name: if is_pure(&release.delta) { "Pure DP" } else { "Approximate DP" },
                    data_domain: words::DOMAIN,
                    unprotected_quantities: words::unprotected(edition.publication),
                },
                privacy_loss: PrivacyLoss {
                    privacy_unit: "Person",
                    privacy_unit_details: words::unit(edition.publication),
                    privacy_parameters: Parameters { epsilon: Epsilon::of(&release.epsilon), delta: release.delta.clone() },
                    privacy_parameters_details: words::parameters(edition.publication),
                },
                deployment_model: Model::of(edition),
                accounting: Accounting {
                    post_processing: words::post_processing(edition.publication),
                    composition: words::composition(edition),
                },
                implementation: Implementation {
                    preprocessing_and_hyperparameter_tuning: words::preprocessing(edition.publication),
                    mechanisms: words::mechanisms(edition.publication),
                    justification: words::JUSTIFICATION,
                },
                administrative: Administrative {
                    sources: sources(edition),
                    notes: words::notes(edition.publication),
                    registry_authors: vec![curator.unwrap_or_else(|| words::NO_CURATOR.to_owned())],
                },
            },
        }
    }
}

impl Basic {
    fn of(edition: Edition<'_>, curator: Option<&str>, first: Option<String>) -> Self {
        let release = &edition.pack.release;
        let made_up = if release.demonstration { " (demonstration: made-up participants)" } else { "" };
        Self {
            name: format!("{}{made_up}", words::inline(release.title.get(Lang::En))),
            data_curators: vec![curator.map_or_else(|| words::NO_CURATOR.to_owned(), words::inline)],
            intended_use: words::INTENDED_USE,
            data_product_type: "Summary statistics",
            data_product_region: "Sweden",
            description: words::description(edition),
            publication_date: first,
            data_product_sector: "Government",
        }
    }
}

impl Model {
    fn of(edition: Edition<'_>) -> Self {
        let release = &edition.pack.release;
        let is_one = release.series.is_none() && release.earlier.is_empty();
        Self {
            model_name: "Central",
            model_name_details: words::MODEL,
            actors: words::ACTORS,
            release_type: if is_one { "One release" } else { "Many releases" },
            release_type_details: words::releases(release),
            data_source_type: "Dynamic",
            data_source_type_details: words::DATA_SOURCE,
            access_type: "Non-interactive",
            access_type_details: words::ACCESS,
        }
    }
}

impl Epsilon {
    fn of(declared: &str) -> Option<Self> {
        let is_plain = declared.chars().all(|c| c.is_ascii_digit() || c == '.');
        let whole = declared.parse().ok().map(Self::Whole);
        whole.or_else(|| declared.parse().ok().filter(|_| is_plain).map(Self::Decimal))
    }
}

/// Whether nothing but epsilon is given away.
fn is_pure(delta: &str) -> bool {
    delta.parse::<f64>() == Ok(0.0)
}

/// Where more is to be read.
fn sources(edition: Edition<'_>) -> String {
    let name = &edition.pack.release.name;
    let at = |file: &str| edition.settings.base.as_ref().map_or_else(|| format!("`{file}`"), |base| address(base, name, file));
    let mut lines = vec![
        format!("- The data product: {}", at("")),
        format!("- What the release says of itself: {}", at(crate::DESCRIPTION)),
        format!("- Its data sets with the noise of each number: {}", at(crate::DATA_SETS)),
    ];
    if edition.publication.certificates().is_some() {
        lines.push(format!("- Proofs of the sensitivity of every measurement: {}", at(crate::CERTIFICATE)));
    }
    if edition.settings.base.is_none() {
        lines.retain(|line| !line.ends_with("``"));
    }
    lines.join("\n")
}

/// A name as a part of an address: small letters, digits and hyphens.
fn slug_of(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
