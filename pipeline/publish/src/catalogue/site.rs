//! What the catalogue says of the site: itself, who publishes, whom to ask, the interface.

use super::graph::Graph;
use super::vocabulary::{DCAT, DCTERMS, FOAF, VCARD, authority, publisher_type, themes};
use super::{Entry, HARVESTED, Site, table};
use crate::settings::{Api, Contact, Kind, Settings, Subject, dialled};
use utfall_ground::text::Text;

/// The languages of texts and files, in the authority table.
pub(super) const LANGUAGES: [&str; 2] = ["SWE", "ENG"];

/// The country that all numbers are of, in the authority table of countries.
const COUNTRY: &str = "SWE";

/// What all numbers are about, for those who look for it: what the settings say, and how people are protected.
pub(super) fn keywords(settings: &Settings) -> Vec<Text> {
    let protected = Text { sv: "differentiell integritet".to_owned(), en: "differential privacy".to_owned() };
    settings.keywords.iter().cloned().chain([protected]).collect()
}

/// The name of something that has no page.
pub(super) fn named(site: Site<'_>, fragment: &str) -> String {
    format!("{}{HARVESTED}#{fragment}", site.base)
}

/// Where all numbers are from.
pub(super) fn country() -> String {
    authority("country", COUNTRY)
}

/// The name of the licence. Catalogues know those of Creative Commons by `http:`, whatever their pages are read by.
pub(super) fn licence(site: Site<'_>) -> String {
    let url = &site.licence.url;
    url.strip_prefix("https://creativecommons.org/")
        .map_or_else(|| url.clone(), |rest| format!("http://creativecommons.org/{rest}"))
}

/// Data themes; population and society if the settings name none.
pub(super) fn subjects(site: Site<'_>) -> Vec<String> {
    let of = &site.settings.subjects;
    let of = if of.is_empty() { &[Subject::Soci] } else { of.as_slice() };
    of.iter().map(|subject| authority("data-theme", subject.code())).collect()
}

/// The catalogue itself and what it stands on.
pub(super) fn describe(graph: &mut Graph, site: Site<'_>, entries: &[Entry<'_>]) {
    catalogue(graph, site, entries);
    let publisher = site.publisher;
    let mut thing = graph.thing(&publisher.url, (FOAF, "Agent"));
    thing.text((FOAF, "name"), &publisher.name).link((FOAF, "homepage"), &publisher.url);
    if let Some(kind) = publisher.kind {
        thing.link((DCTERMS, "type"), &publisher_type(kind.code()));
    }
    if let Some(contact) = site.contact {
        office(graph, site, contact);
    }
    let licence = licence(site);
    graph.thing(&licence, (DCTERMS, "LicenseDocument")).plain((DCTERMS, "title"), &site.licence.name);
    let sweden = Text { sv: "Sverige".to_owned(), en: "Sweden".to_owned() };
    graph.thing(&country(), (DCTERMS, "Location")).text(("http://www.w3.org/2000/01/rdf-schema#", "label"), &sweden);
    if let Some(api) = &site.settings.api {
        interface(graph, site, api, entries);
    }
}

fn catalogue(graph: &mut Graph, site: Site<'_>, entries: &[Entry<'_>]) {
    let settings = site.settings;
    let default = Text { sv: "Publicerad statistik".to_owned(), en: "Published statistics".to_owned() };
    let mut thing = graph.thing(&named(site, "catalogue"), (DCAT, "Catalog"));
    thing
        .text((DCTERMS, "title"), settings.title.as_ref().unwrap_or(&default))
        .text((DCTERMS, "description"), &description(site, entries))
        .link((DCTERMS, "publisher"), &site.publisher.url)
        .link((DCTERMS, "license"), &licence(site))
        .link((FOAF, "homepage"), site.base)
        .link((DCTERMS, "spatial"), &country())
        .link((DCAT, "themeTaxonomy"), &themes());
    for language in LANGUAGES {
        thing.link((DCTERMS, "language"), &authority("language", language));
    }
    if let Some(first) = entries.iter().filter_map(|of| table::issued(of.release)).min() {
        thing.value((DCTERMS, "issued"), &first.day(), "date");
    }
    if let Some(last) = entries.iter().filter_map(|of| of.release.made).max() {
        thing.value((DCTERMS, "modified"), &last.day(), "date");
    }
    for entry in entries {
        thing.link((DCAT, "dataset"), &table::series_name(site, *entry));
        thing.link((DCAT, "dataset"), &table::dataset_name(site, *entry));
    }
    if settings.api.is_some() {
        thing.link((DCAT, "service"), &named(site, "api"));
    }
}

/// What the site says of itself, and that people are made up where they are.
fn description(site: Site<'_>, entries: &[Entry<'_>]) -> Text {
    let publisher = &site.publisher.name;
    let about = site.settings.about.clone().unwrap_or_else(|| Text {
        sv: format!("Statistik från {}. Alla tal har ett skyddande brus.", publisher.sv),
        en: format!("Statistics from {}. All numbers carry protective noise.", publisher.en),
    });
    if !entries.iter().any(|of| of.release.demonstration) {
        return about;
    }
    let made_up = Text {
        sv: "Deltagarna är påhittade i de datamängder vars titel säger det.".to_owned(),
        en: "The participants are made up in the datasets whose title says so.".to_owned(),
    };
    table::joined(&[&about, &made_up])
}

fn office(graph: &mut Graph, site: Site<'_>, contact: &Contact) {
    let telephone = contact.phone.as_deref().and_then(dialled);
    let voice = named(site, "telephone");
    let mut thing = graph.thing(&named(site, "contact"), (VCARD, "Organization"));
    thing.text((VCARD, "fn"), &contact.name).link((VCARD, "hasEmail"), &format!("mailto:{}", contact.email));
    if let Some(number) = telephone {
        thing.link((VCARD, "hasTelephone"), &voice);
        graph.thing(&voice, (VCARD, "Voice")).link((VCARD, "hasValue"), &format!("tel:{number}"));
    }
}

/// The interface serves what each series has, whatever its present version is.
fn interface(graph: &mut Graph, site: Site<'_>, api: &Api, entries: &[Entry<'_>]) {
    let title = Text { sv: "API för publicerade tabeller".to_owned(), en: "API for published tables".to_owned() };
    let mut thing = graph.thing(&named(site, "api"), (DCAT, "DataService"));
    thing
        .text((DCTERMS, "title"), &title)
        .link((DCAT, "endpointURL"), &api.url)
        .link((DCTERMS, "publisher"), &site.publisher.url)
        .link((DCTERMS, "license"), &licence(site))
        .link((DCTERMS, "accessRights"), &authority("access-right", "PUBLIC"))
        .link((DCTERMS, "format"), &authority("file-type", "JSON"));
    if let Some(description) = &api.description {
        thing.link((DCAT, "endpointDescription"), description);
    }
    if site.contact.is_some() {
        thing.link((DCAT, "contactPoint"), &named(site, "contact"));
    }
    for keyword in keywords(site.settings) {
        thing.text((DCAT, "keyword"), &keyword);
    }
    for subject in subjects(site) {
        thing.link((DCAT, "theme"), &subject);
    }
    for entry in entries {
        thing.link((DCAT, "servesDataset"), &table::series_name(site, *entry));
    }
}

impl Kind {
    /// Its name in ADMS.
    fn code(self) -> &'static str {
        match self {
            Self::NationalAuthority => "NationalAuthority",
            Self::RegionalAuthority => "RegionalAuthority",
            Self::LocalAuthority => "LocalAuthority",
            Self::NonProfitOrganisation => "NonProfitOrganisation",
            Self::Company => "Company",
            Self::Academia => "Academia-ScientificOrganisation",
        }
    }
}

impl Subject {
    /// Its code in the authority table.
    fn code(self) -> &'static str {
        match self {
            Self::Agri => "AGRI",
            Self::Econ => "ECON",
            Self::Educ => "EDUC",
            Self::Ener => "ENER",
            Self::Envi => "ENVI",
            Self::Gove => "GOVE",
            Self::Heal => "HEAL",
            Self::Intr => "INTR",
            Self::Just => "JUST",
            Self::Regi => "REGI",
            Self::Soci => "SOCI",
            Self::Tech => "TECH",
            Self::Tran => "TRAN",
        }
    }
}
