//! The vocabularies of which the catalogue is made.

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
pub(super) const DCAT: &str = "http://www.w3.org/ns/dcat#";
pub(super) const DCTERMS: &str = "http://purl.org/dc/terms/";
pub(super) const FOAF: &str = "http://xmlns.com/foaf/0.1/";
pub(super) const VCARD: &str = "http://www.w3.org/2006/vcard/ns#";
pub(super) const ADMS: &str = "http://www.w3.org/ns/adms#";
pub(super) const SPDX: &str = "http://spdx.org/rdf/terms#";
pub(super) const DCATAP: &str = "http://data.europa.eu/r5r/";

/// By what each is abbreviated.
pub(super) const PREFIXES: [(&str, &str); 8] = [
    ("adms", ADMS),
    ("dcat", DCAT),
    ("dcatap", DCATAP),
    ("dcterms", DCTERMS),
    ("foaf", FOAF),
    ("spdx", SPDX),
    ("vcard", VCARD),
    ("xsd", XSD),
];

/// The authority tables of the Publications Office of the European Union, which DCAT-AP prescribes.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority/";

/// An entry of an authority table: `authority("file-type", "CSV")`.
pub(super) fn authority(table: &str, code: &str) -> String {
    format!("{AUTHORITY}{table}/{code}")
}

/// The table of data themes itself.
pub(super) fn themes() -> String {
    format!("{AUTHORITY}data-theme")
}

/// A kind of publisher of ADMS.
pub(super) fn publisher_type(code: &str) -> String {
    format!("http://purl.org/adms/publishertype/{code}")
}

/// A media type as a thing, by IANA's registry.
pub(super) fn media_type(name: &str) -> String {
    format!("https://www.iana.org/assignments/media-types/{name}")
}
