//! The files of a table as distributions: what they are, how large, and their checksum.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::graph::Graph;
use super::vocabulary::{self, DCAT, DCATAP, DCTERMS, SPDX, authority};
use super::{Entry, PublishError, Site, address, page};
use crate::folder::at;
use utfall_ground::text::Text;

/// A file of a table, as it lies in the folder of its release.
#[derive(Debug)]
pub(super) struct DataFile {
    pub(super) name: String,
    pub(super) kind: &'static Kind,
    size: usize,
    sha256: String,
    /// The file that says what its columns are, if there is one.
    schema: Option<String>,
}

/// What a file is.
#[derive(Debug)]
pub(super) struct Kind {
    /// How its name ends, behind the name of its table.
    ending: &'static str,
    /// Its code in the authority table of file types; of one that is not in it, that of what it is for a program.
    file_type: &'static str,
    /// Its name in IANA's registry.
    media_type: &'static str,
    /// The specification that it conforms to.
    pub(super) standard: Option<Standard>,
    /// Its language; none of a file of both.
    language: Option<&'static str>,
    sv: &'static str,
    en: &'static str,
}

/// A specification: its address and its name.
pub(super) type Standard = (&'static str, &'static str);

const CSVW: Standard = ("https://www.w3.org/TR/tabular-data-model/", "Model for Tabular Data and Metadata on the Web");
const JSON_STAT: Standard = ("https://json-stat.org/full/", "JSON-stat 2.0");
const SDMX_CSV: Standard = ("https://github.com/sdmx-twg/sdmx-csv", "SDMX-CSV 2.0");

/// The ending of the metadata of CSV.
const CSV_METADATA: &str = "csv-metadata.json";

/// Every kind of file that tables have: a format adds its own. What is none of these is no distribution, for it is not known what it says.
static KINDS: &[Kind] = &[
    Kind {
        ending: "csv",
        file_type: "CSV",
        media_type: "text/csv",
        standard: Some(CSVW),
        language: None,
        sv: "Text med en rad per cell, med koder, namn och brusintervall; decimalpunkt.",
        en: "Text with a row per cell, with codes, labels and noise intervals; decimal point.",
    },
    Kind {
        ending: "sv.csv",
        file_type: "CSV",
        media_type: "text/csv",
        standard: None,
        language: None,
        sv: "Samma rader för svenska kalkylprogram: semikolon och decimalkomma.",
        en: "The same rows for Swedish spreadsheets: semicolons and decimal commas.",
    },
    Kind {
        ending: "sdmx.csv",
        file_type: "CSV",
        media_type: "text/csv",
        standard: Some(SDMX_CSV),
        language: None,
        sv: "Kuben som SDMX-CSV.",
        en: "The cube as SDMX-CSV.",
    },
    Kind {
        ending: "sv.json",
        file_type: "JSON",
        media_type: "application/json",
        standard: Some(JSON_STAT),
        language: Some("SWE"),
        sv: "Kuben som JSON-stat, på svenska.",
        en: "The cube as JSON-stat, in Swedish.",
    },
    Kind {
        ending: "en.json",
        file_type: "JSON",
        media_type: "application/json",
        standard: Some(JSON_STAT),
        language: Some("ENG"),
        sv: "Kuben som JSON-stat, på engelska.",
        en: "The cube as JSON-stat, in English.",
    },
    Kind {
        ending: "px",
        file_type: "TXT",
        media_type: "text/plain",
        standard: None,
        language: None,
        sv: "Kuben som PX, för PxWeb och PxWin.",
        en: "The cube as PX, for PxWeb and PxWin.",
    },
    Kind {
        ending: "xlsx",
        file_type: "XLSX",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        standard: None,
        language: None,
        sv: "Arbetsbok för Excel.",
        en: "Workbook for Excel.",
    },
    Kind {
        ending: "ods",
        file_type: "ODS",
        media_type: "application/vnd.oasis.opendocument.spreadsheet",
        standard: None,
        language: None,
        sv: "Arbetsbok i öppet format.",
        en: "Workbook in an open format.",
    },
    Kind {
        ending: "parquet",
        file_type: "PARQUET",
        media_type: "application/vnd.apache.parquet",
        standard: None,
        language: None,
        sv: "Kolumner med typer, för analysprogram.",
        en: "Typed columns, for programs of analysis.",
    },
];

/// What every dataset of JSON-stat says of itself.
#[derive(Deserialize)]
struct JsonStat {
    version: String,
    class: String,
}

/// The files of the tables of a release, by the place of the table.
pub(super) fn by_table(folder: &Path, tables: &[&str]) -> Result<Vec<Vec<DataFile>>, PublishError> {
    let mut names = Vec::new();
    for entry in at(folder, fs::read_dir(folder))? {
        names.extend(at(folder, entry)?.file_name().into_string().ok());
    }
    names.sort();
    let of = |table: &&str| {
        let files = names.iter().filter(|name| name.strip_prefix(*table).is_some_and(|rest| rest.starts_with('.')));
        files.filter_map(|name| DataFile::read(folder, name, table, &names).transpose()).collect()
    };
    tables.iter().map(of).collect()
}

impl Kind {
    /// Of a file, by its name; none of what is no file of a table. Names of tables have no point.
    fn of(name: &str) -> Option<&'static Self> {
        let (_, ending) = name.split_once('.')?;
        KINDS.iter().find(|kind| kind.ending == ending)
    }
}

/// The media type of a file of a table, by its name.
pub(crate) fn media_type(name: &str) -> Option<&'static str> {
    Kind::of(name).map(|kind| kind.media_type)
}

impl DataFile {
    /// A file by its name; none if it is no distribution of the table.
    fn read(folder: &Path, name: &str, table: &str, all: &[String]) -> Result<Option<Self>, PublishError> {
        let Some(kind) = Kind::of(name) else { return Ok(None) };
        let path = folder.join(name);
        let bytes = at(&path, fs::read(&path))?;
        // Other programs' JSON is something else than its name says.
        let is_json_stat = || {
            let said: Option<JsonStat> = serde_json::from_slice(&bytes).ok();
            said.is_some_and(|said| said.version == "2.0" && said.class == "dataset")
        };
        if kind.standard == Some(JSON_STAT) && !is_json_stat() {
            return Ok(None);
        }
        let schema = format!("{table}.{CSV_METADATA}");
        let schema = (kind.ending == "csv" && all.contains(&schema)).then_some(schema);
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(Some(Self { name: name.to_owned(), kind, size: bytes.len(), sha256, schema }))
    }

    /// The name of its distribution in the catalogue.
    pub(super) fn distribution(&self, site: Site<'_>, entry: Entry<'_>) -> String {
        format!("{}#distribution", address(site.base, &entry.release.name, &self.name))
    }
}

/// One file.
pub(super) fn describe(graph: &mut Graph, site: Site<'_>, entry: Entry<'_>, file: &DataFile) {
    let download = address(site.base, &entry.release.name, &file.name);
    let checksum = format!("{download}#sha256");
    let schema = file.schema.as_ref().map(|schema| address(site.base, &entry.release.name, schema));
    let kind = file.kind;
    let mut thing = graph.thing(&file.distribution(site, entry), (DCAT, "Distribution"));
    thing
        .plain((DCTERMS, "title"), &file.name)
        .text((DCTERMS, "description"), &Text { sv: kind.sv.to_owned(), en: kind.en.to_owned() })
        .link((DCAT, "accessURL"), &page(site.base, entry.release, entry.set, entry.has_page))
        .link((DCAT, "downloadURL"), &download)
        .link((DCTERMS, "format"), &authority("file-type", kind.file_type))
        .link((DCAT, "mediaType"), &vocabulary::media_type(kind.media_type))
        .value((DCAT, "byteSize"), &file.size.to_string(), "nonNegativeInteger")
        .link((SPDX, "checksum"), &checksum)
        .link((DCTERMS, "license"), &super::site::licence(site))
        .link((DCATAP, "availability"), &authority("planned-availability", "STABLE"));
    for language in super::site::LANGUAGES.into_iter().filter(|language| kind.language.is_none_or(|only| only == *language)) {
        thing.link((DCTERMS, "language"), &authority("language", language));
    }
    if let Some(made) = entry.release.made {
        thing.value((DCTERMS, "issued"), &made.day(), "date").value((DCTERMS, "modified"), &made.day(), "date");
    }
    for conforms in kind.standard.map(|(address, _)| address.to_owned()).into_iter().chain(schema.clone()) {
        thing.link((DCTERMS, "conformsTo"), &conforms);
    }
    graph.thing(&checksum, (SPDX, "Checksum")).link((SPDX, "algorithm"), &format!("{SPDX}checksumAlgorithm_sha256")).value(
        (SPDX, "checksumValue"),
        &file.sha256,
        "hexBinary",
    );
    if let Some(schema) = schema {
        let title = Text { sv: "Kolumnernas beskrivning (CSVW)".to_owned(), en: "Description of the columns (CSVW)".to_owned() };
        graph.thing(&schema, (DCTERMS, "Standard")).text((DCTERMS, "title"), &title);
    }
}

/// A specification.
pub(super) fn standard(graph: &mut Graph, (address, title): Standard) {
    graph.thing(address, (DCTERMS, "Standard")).plain((DCTERMS, "title"), title);
}
