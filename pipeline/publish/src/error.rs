//! Why a release cannot be read, and why it could not be published: in both languages, by stable names.

use std::io;
use std::path::PathBuf;

use utfall_ground::error::{Error, system};
use utfall_ground::text::Message;

use crate::FORMATS;

/// Why a release cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
#[non_exhaustive]
pub enum DeriveError {
    /// The description is not JSON of the known form.
    Json(#[from] serde_json::Error),
    /// The description has a format that this program does not know.
    Format(u32),
    /// A name is used twice, or not fit to be one.
    Name(String),
    /// The tables of the description are not those of the release.
    Tables,
    /// A table contradicts itself.
    Shape {
        /// The table.
        table: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The level of the intervals is not a decimal fraction between 0 and 1.
    Level(String),
    /// The noise has no usable width.
    Noise(f64),
    /// A value that a mechanism chose is used as a number with noise added.
    Chosen,
}

impl DeriveError {
    /// What is wrong, and where. Of what contradicts itself the details are for programmers, in English.
    pub fn message(&self) -> Message {
        match self {
            Self::Json(error) => Message::new(
                format!("releasens beskrivning går inte att läsa (rad {}, kolumn {})", error.line(), error.column()),
                format!("the description of the release cannot be read: {error}"),
            ),
            Self::Format(format) => Message::new(
                format!("releasens beskrivning har det okända formatet {format}"),
                format!("the description of the release has the unknown format {format}"),
            ),
            Self::Name(name) => Message::new(
                format!(
                    "namnet {name:?} används två gånger eller kan inte vara ett namn: använd små bokstäver a-z, siffror, _ och -"
                ),
                format!("the name {name:?} is used twice or cannot be a name: use lower case letters a-z, digits, _ and -"),
            ),
            Self::Tables => {
                Message::new("tabellerna som beskrivs är inte de som släpptes", "the tables described are not those released")
            }
            Self::Shape { table, what } => Message::new(
                format!("tabellen {table} motsäger sig själv"),
                format!("the table {table} contradicts itself: {what}"),
            ),
            Self::Level(level) => Message::new(
                format!("intervallens nivå {level:?} är inte av formen 0.95"),
                format!("the interval level {level:?} is not of the form 0.95"),
            ),
            Self::Noise(parameter) => Message::new(
                format!("brus med parametern {parameter} har inget användbart intervall"),
                format!("noise of parameter {parameter} has no usable interval"),
            ),
            Self::Chosen => Message::new(
                "ett värde som en mekanism har valt används som ett tal med tillagt brus",
                "a value that a mechanism chose is used as a number with noise added",
            ),
        }
    }
}

impl From<DeriveError> for Error {
    fn from(error: DeriveError) -> Self {
        Self::storage("description", error.message())
    }
}

/// Why a release could not be published. What was published before is still there.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
#[non_exhaustive]
pub enum PublishError {
    /// A release asks for a format that does not exist.
    Format(String),
    /// A release asks for a format that lists the files of others, and for none of those; the first of them is named.
    Lists(&'static str, &'static str),
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
    Derive(#[from] DeriveError),
    /// A file could not be composed.
    Compose(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file system refused.
    Io(PathBuf, #[source] io::Error),
}

impl PublishError {
    /// What is wrong, and the way out.
    pub fn message(&self) -> Message {
        match self {
            Self::Format(name) => {
                let known: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
                let known = known.join(", ");
                Message::new(
                    format!("det finns inget format {name:?}; formaten är {known}"),
                    format!("there is no format {name:?}; the formats are {known}"),
                )
            }
            Self::Lists(format, other) => Message::new(
                format!(
                    "formatet {format:?} räknar upp andra formats filer, och releasen har inga: lägg till {other:?} i formats"
                ),
                format!(
                    "the format {format:?} lists the files of other formats, and the release has none: add {other:?} to formats"
                ),
            ),
            Self::Path(path) => Message::new(
                format!("{} är ingen egen sökväg inom releasen", path.display()),
                format!("{} is not a path of its own within the release", path.display()),
            ),
            Self::Taken(path) => Message::new(
                format!("{} är i vägen: det är ingen länk som utfall har gjort; flytta den", path.display()),
                format!("{} is in the way: it is not a link that utfall made; move it elsewhere", path.display()),
            ),
            Self::NoFolder(path) => Message::new(
                format!("{} är ingen katalog, så inget kan publiceras där; välj en annan med --out", path.display()),
                format!("{} is not a folder, so nothing can be published there; choose another with --out", path.display()),
            ),
            Self::Source(path) => Message::new(
                format!(
                    "{} kan inte läsas, så det går inte att se vilken huvudbok som har betalat för det som visas; lägg tillbaka filen, eller flytta hela releasen när det är klarlagt",
                    path.display()
                ),
                format!(
                    "{} cannot be read, so it cannot be told which ledger has paid for what is shown; put the file back, or move the whole release away once that is known",
                    path.display()
                ),
            ),
            Self::Column(column) => Message::new(
                format!("två kolumner skulle heta {column}; byt namn på nyckelkolumnen"),
                format!("two columns would be named {column}; rename the key column"),
            ),
            Self::Derive(error) => error.message(),
            Self::Compose(file, error) => Message::new(format!("{file} gick inte att sätta samman"), format!("{file}: {error}")),
            Self::Io(path, error) => system(error).after(format!("{}: ", path.display())),
        }
    }

    /// Its stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Format(_) => "format-unknown",
            Self::Lists(..) => "format-needs",
            Self::Path(_) | Self::Column(_) => "name-collision",
            Self::Taken(_) | Self::NoFolder(_) => "out-taken",
            Self::Source(_) => "out-source",
            Self::Derive(_) => "description",
            Self::Compose(..) => "compose",
            Self::Io(..) => "out-io",
        }
    }
}

impl From<PublishError> for Error {
    fn from(error: PublishError) -> Self {
        Self::storage(error.code(), error.message())
    }
}
