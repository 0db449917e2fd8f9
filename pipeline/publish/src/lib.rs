//! Publishing: the public numbers of a release as files that a reader can use.
//!
//! A format is a pure function from a [`Publication`] to files. To add one, write its file here and name it in
//! [`FORMATS`]. All files of a release appear together: see [`publish`].

mod csv;
pub mod description;
mod error;
pub mod estimate;
mod explain;
#[cfg(test)]
mod fixture;
mod folder;
mod front;
pub mod publication;
mod site;
mod source;
mod trial;

pub use description::formula::Formula;
pub use description::{
    Above, AboveColumn, Code, Description, KeyColumn, KeyRows, MISSING, Measure, PublicSource, SEPARATOR, SeriesDescription,
    TOTAL, TableDescription, VectorDescription,
};
pub use error::DeriveError;
pub use publication::{Cell, Measured, Publication, Query, Table, VectorNoise, View, derive};
pub use source::{Source, Standing, shown};
pub use trial::{place, ready};

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

use folder::Shelf;
use utfall_ground::language::say;

/// A way to publish a release.
pub trait Format: fmt::Debug + Sync {
    /// The name by which a release asks for the format.
    fn name(&self) -> &'static str;

    /// The files of the release in this format, each at a relative path. The same publication gives the same bytes.
    fn files(&self, publication: &Publication) -> Result<Vec<(PathBuf, Vec<u8>)>, PublishError>;

    /// The files among them that the pages offer for download beside a table or a view of this stem, by file name.
    fn downloads(&self, _stem: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Every format.
pub static FORMATS: &[&dyn Format] = &[&site::Html, &csv::Csv];

/// The format of a name.
pub fn format(name: &str) -> Result<&'static dyn Format, PublishError> {
    let known = FORMATS.iter().copied().find(|format| format.name() == name);
    known.ok_or_else(|| PublishError::Format(name.to_owned()))
}

/// What a release says of itself, beside its other files.
const DESCRIPTION: &str = "description.json";

/// Why one person moves the measured vectors no further than was paid for, beside its other files.
const CERTIFICATE: &str = "certificate.json";

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

/// Publishes a release at `out/<name>`, with its source, and lists it in `out/index.html`.
///
/// A reader sees the old release or the new one, never a part: the files are written and synced in a folder of their own,
/// named by their contents, and a symbolic link is switched to it. What was published before stays until the next time, for
/// those who are reading it. Publishing the same again touches nothing. One process at a time publishes into a folder; a second
/// one waits.
pub fn publish(publication: &Publication, source: &Source, out: &Path) -> Result<Published, PublishError> {
    let mut files = collect(publication)?;
    files.add(PathBuf::from(source::FILE), source.to_json())?;
    let name = &publication.description.name;
    let shelf = Shelf::open(out)?;
    let put = shelf.put(name, &files)?;
    let listed = shelf.write(front::PAGE, &front::page(out)?)?;
    shelf.sweep(name)?;
    let folder = shelf.current(name)?.unwrap_or_default();
    Ok(Published { page: page(name, out), folder, files: files.0.len(), changed: put || listed })
}

/// What to open of a published release.
pub fn page(name: &str, out: &Path) -> PathBuf {
    let folder = out.join(name);
    let page = folder.join(front::PAGE);
    if page.is_file() { page } else { folder }
}

/// Whether a release is published as it was: in this folder, with the files by whose contents the folder is named, and
/// listed on the front page.
pub fn stands(name: &str, folder: &str, out: &Path) -> bool {
    // Only reads: nothing is made or locked where nothing is published.
    let published = out.join(front::PAGE).is_file() && folder::holds(out, name, folder);
    published && front::page(out).is_ok_and(|page| std::fs::read(out.join(front::PAGE)).is_ok_and(|found| found == page))
}

/// Tries to compose every file of a release, in memory: names that collide are found before anything is charged.
///
/// # Errors
/// As [`publish`], but for the file system's.
pub fn rehearse(publication: &Publication) -> Result<(), PublishError> {
    collect(publication).map(|_| ())
}

/// All files of a release, in all its formats.
fn collect(publication: &Publication) -> Result<Files, PublishError> {
    let mut files = Files::default();
    files.add(PathBuf::from(DESCRIPTION), publication.description.to_json()?)?;
    if let Some(certificates) = publication.certificates() {
        files.add(PathBuf::from(CERTIFICATE), certificates)?;
    }
    for name in &publication.description.formats {
        for (path, bytes) in format(name)?.files(publication)? {
            files.add(path, bytes)?;
        }
    }
    Ok(files)
}

/// Files by their paths relative to the folder of the release.
#[derive(Debug, Default)]
struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
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

/// Why a release could not be published. What was published before is still there.
#[derive(Debug)]
#[non_exhaustive]
pub enum PublishError {
    /// A release asks for a format that does not exist.
    Format(String),
    /// A file has no path of its own within the folder.
    Path(PathBuf),
    /// Something that utfall did not publish is in the way.
    Taken(PathBuf),
    /// The folder to publish into is none, or lies below something that is none.
    NoFolder(PathBuf),
    /// The file that says where a published release comes from cannot be read.
    Source(PathBuf),
    /// Two columns of a file would have the same name.
    Column(String),
    /// The description of the release contradicts itself.
    Derive(DeriveError),
    /// A file could not be composed.
    Compose(String, Box<dyn std::error::Error + Send + Sync>),
    /// The file system refused.
    Io(PathBuf, io::Error),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(name) => {
                let known: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
                write!(f, "there is no format {name:?}; the formats are {}", known.join(", "))
            }
            Self::Path(path) => write!(f, "{} is not a path of its own within the release", path.display()),
            Self::Taken(path) => f.write_str(&say(
                format!("{} är i vägen: det är ingen länk som utfall har gjort; flytta den", path.display()),
                format!("{} is in the way: it is not a link that utfall made; move it elsewhere", path.display()),
            )),
            Self::NoFolder(path) => f.write_str(&say(
                format!("{} är ingen katalog, så inget kan publiceras där; välj en annan med --out", path.display()),
                format!("{} is not a folder, so nothing can be published there; choose another with --out", path.display()),
            )),
            Self::Source(path) => f.write_str(&say(
                format!(
                    "{} kan inte läsas, så det går inte att se vilken huvudbok som har betalat för det som visas; lägg tillbaka filen, eller flytta hela releasen när det är klarlagt",
                    path.display()
                ),
                format!(
                    "{} cannot be read, so it cannot be told which ledger has paid for what is shown; put the file back, or move the whole release away once that is known",
                    path.display()
                ),
            )),
            Self::Column(column) => write!(f, "two columns would be named {column}; rename the key column"),
            Self::Derive(error) => error.fmt(f),
            Self::Compose(file, error) => write!(f, "{file}: {error}"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Derive(error) => Some(error),
            Self::Compose(_, error) => Some(error.as_ref()),
            Self::Io(_, error) => Some(error),
            Self::Format(_) | Self::Path(_) | Self::Taken(_) | Self::NoFolder(_) | Self::Source(_) | Self::Column(_) => None,
        }
    }
}

impl From<DeriveError> for PublishError {
    fn from(error: DeriveError) -> Self {
        Self::Derive(error)
    }
}

#[cfg(test)]
mod tests;
