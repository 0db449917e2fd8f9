//! Publishing: the public numbers of a release as files that a reader can use.
//!
//! A format is a pure function from an [`Edition`] to files. To add one, write its file here and name it in
//! [`FORMATS`]; what it writes are the data sets of the edition, made once. All files of a release appear together: see [`publish`].

pub mod account;
mod bundle;
pub mod catalogue;
mod csv;
mod csv_sv;
pub mod dataset;
mod deployment;
pub mod description;
mod error;
pub mod estimate;
mod explain;
#[cfg(test)]
mod fixture;
mod folder;
mod frictionless;
mod front;
pub mod jsonstat;
mod kolada;
mod measurements;
mod mirror;
mod ods;
mod parquet;
pub mod publication;
pub mod px;
mod schema_org;
mod sdmx;
pub mod settings;
pub mod signature;
mod site;
mod source;
mod trial;
mod workbook;
mod xlsx;

pub use bundle::Bundle;
pub use description::cell_index::CellIndex;
pub use description::formula::Formula;
pub use description::{
    Above, AboveColumn, Code, Description, Differs, KeyColumn, KeyRows, MISSING, PublicSource, Quotation, SEPARATOR,
    SeriesDescription, Statistic, TOTAL, TableDescription, VectorDescription,
};
pub use error::{DeriveError, PublishError};
pub use explain::unit;
pub use mirror::{Mirrored, mirror};
pub use publication::{
    Cell, Measured, PartOfWhole, Possible, Publication, PublishedQuery, Table, VectorNoise, View, derive, derive_as,
};
pub use settings::Settings;
pub use signature::Signer;
pub use source::{Payment, Recorded, ShownRelease, Source, shown};
pub use trial::{place, ready};

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

pub use account::{Account, Declared};
use dataset::pack::{Moment, Pack};
use folder::Shelf;

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// Where it lies, from the folder of the release.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// All that formats are made of.
#[derive(Debug, Clone, Copy)]
pub struct Edition<'e> {
    /// The release as it was derived, for what tells how it was made.
    pub publication: &'e Publication,
    /// Its data sets.
    pub pack: &'e Pack,
    /// What the site says of itself.
    pub settings: &'e Settings,
}

/// What all publications in one folder have in common.
#[derive(Debug, Clone, Copy)]
pub struct Imprint<'i> {
    /// What the site says of itself.
    pub settings: &'i Settings,
    /// Who vouches for the files; none where nobody does.
    pub signer: Option<&'i dyn Signer>,
    /// What the ledger says; where there is none, what was said last stays.
    pub account: Option<&'i Account>,
    /// Code lists by which readers of tables can read keys as fewer, as the file `codelists.json`; where there are none, what is there stays.
    pub codelists: Option<&'i [u8]>,
}

/// A way to publish a release.
pub trait Format: fmt::Debug + Sync {
    /// The name by which a release asks for the format.
    fn name(&self) -> &'static str;

    /// The files of the release in this format. The same edition gives the same bytes.
    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError>;

    /// The files among them that the pages offer for download beside a table or a view of this stem, by file name.
    fn downloads(&self, _stem: &str) -> Vec<String> {
        Vec::new()
    }

    /// The files among them that hold the whole release, by file name; `release` is its name.
    fn whole(&self, _release: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Every format.
pub static FORMATS: &[&dyn Format] = &[
    &site::Html,
    &csv::Csv,
    &csv_sv::SwedishCsv,
    &xlsx::Xlsx,
    &ods::Ods,
    &parquet::Parquet,
    &jsonstat::JsonStat,
    &px::Px,
    &sdmx::SdmxCsv,
    &kolada::Kolada,
    &frictionless::DataPackage,
    &measurements::Measurements,
    &deployment::Deployment,
];

/// The format of a name.
pub fn format(name: &str) -> Result<&'static dyn Format, PublishError> {
    let known = FORMATS.iter().copied().find(|format| format.name() == name);
    known.ok_or_else(|| PublishError::Format(name.to_owned()))
}

/// What a release says of itself, beside its other files.
const DESCRIPTION: &str = "description.json";

/// Why one person moves the measured vectors no further than was paid for, beside its other files.
const CERTIFICATE: &str = "certificate.json";

/// Its data sets, beside its other files.
const DATA_SETS: &str = "datasets.json";

/// Where a release was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// What to open: the first page, or the folder if the release has no pages.
    pub page: PathBuf,
    /// The folder that holds this very publication, named by its contents: [`stands`] finds it again.
    pub folder: String,
    /// How many files the release has.
    pub files: usize,
    /// Whether anything differs from what was there before.
    pub changed: bool,
}

/// Publishes a release at `out/<name>`, with its source; [`publish_site`] lists it.
///
/// A reader sees the old release or the new one, never a part: the files are written and synced in a folder of their own,
/// named by their contents, and a symbolic link is switched to it. What was published before stays until the next time, for
/// those who are reading it. Publishing the same again touches nothing. One process at a time publishes into a folder; a second
/// one waits.
pub fn publish(publication: &Publication, source: &Source, imprint: Imprint<'_>, out: &Path) -> Result<Published, PublishError> {
    let Imprint { settings, signer, .. } = imprint;
    let mut files = collect(publication, source, settings)?;
    files.add(PathBuf::from(source::FILE), source.to_json())?;
    let name = &publication.description.name;
    let shelf = Shelf::open(out)?;
    let comment = format!("{name} {} {}", publication.id, source.made().map(Moment::instant).unwrap_or_default());
    signature::seal(&mut files, signer, &out.join(name), comment.trim_end())?;
    let put = shelf.put(name, &files)?;
    shelf.sweep(name)?;
    let folder = shelf.current(name)?.unwrap_or_default();
    Ok(Published { page: page(name, out), folder, files: files.0.len(), changed: put })
}

/// Writes the files of the whole site, which list and compare what is published in the folder: once, after the releases. False if they
/// were as they are.
///
/// # Errors
/// As [`publish`].
pub fn publish_site(imprint: Imprint<'_>, out: &Path) -> Result<bool, PublishError> {
    let shelf = Shelf::open(out)?;
    let mut changed = false;
    for OutputFile { path, bytes } in front::files(out, imprint)? {
        changed |= shelf.write(&path, &bytes)?;
    }
    Ok(changed)
}

/// Whether a folder shows a release.
pub fn shows_any(out: &Path) -> bool {
    folder::releases(out).is_ok_and(|releases| !releases.is_empty())
}

/// What to open of a published release.
pub fn page(name: &str, out: &Path) -> PathBuf {
    let folder = out.join(name);
    let page = folder.join(front::PAGE);
    if page.is_file() { page } else { folder }
}

/// Whether a release is published as it was: in this folder, with the files by whose contents the folder is named, signed by whoever vouches
/// for it now.
pub fn stands(name: &str, folder: &str, signer: Option<&dyn Signer>, out: &Path) -> bool {
    folder::holds(out, name, folder) && signature::is_by(signer, &out.join(name))
}

/// Tries to compose every file of a release, in memory: names that collide are found before anything is charged.
///
/// # Errors
/// As [`publish`], but for the file system's.
pub fn rehearse(publication: &Publication) -> Result<(), PublishError> {
    collect(publication, &Source::default(), &Settings::default()).map(|_| ())
}

/// All files of a release, in all its formats.
fn collect(publication: &Publication, source: &Source, settings: &Settings) -> Result<Files, PublishError> {
    let chosen = settings.headlines.get(&publication.description.name).map(String::as_str);
    let pack = Pack::headed(publication, source, chosen);
    let edition = Edition { publication, pack: &pack, settings };
    let mut files = Files::default();
    files.add(PathBuf::from(DESCRIPTION), publication.description.to_json()?)?;
    if let Some(certificates) = publication.certificates() {
        files.add(PathBuf::from(CERTIFICATE), certificates)?;
    }
    let json = pack.to_json().map_err(|error| PublishError::Compose(DATA_SETS.to_owned(), error.into()))?;
    files.add(PathBuf::from(DATA_SETS), json)?;
    for name in &publication.description.formats {
        for OutputFile { path, bytes } in format(name)?.files(edition)? {
            files.add(path, bytes)?;
        }
    }
    Ok(files)
}

/// Files by their paths relative to the folder of the release.
#[derive(Debug, Default)]
struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// A file by its name, if it is there.
    fn file(&self, name: &str) -> Option<OutputFile> {
        self.0.get_key_value(Path::new(name)).map(|(path, bytes)| OutputFile { path: path.clone(), bytes: bytes.clone() })
    }

    /// Adds a file. Its path must be new, and must not lead out of the folder.
    fn add(&mut self, path: PathBuf, bytes: Vec<u8>) -> Result<(), PublishError> {
        let inside = path.to_str().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || path.as_os_str().is_empty() || self.0.contains_key(&path) {
            return Err(PublishError::Path(path));
        }
        self.0.insert(path, bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
