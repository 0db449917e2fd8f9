//! Why a release cannot be read.

use std::fmt;

/// Why a release cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeriveError {
    /// The description is not JSON of the known form.
    Json(serde_json::Error),
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

impl fmt::Display for DeriveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the description of the release cannot be read: {error}"),
            Self::Format(format) => write!(f, "the description of the release has the unknown format {format}"),
            Self::Name(name) => {
                write!(f, "the name {name:?} is used twice or cannot be a name: use lower case letters a-z, digits, _ and -")
            }
            Self::Tables => write!(f, "the tables described are not those released"),
            Self::Shape { table, what } => write!(f, "the table {table} contradicts itself: {what}"),
            Self::Level(level) => write!(f, "the interval level {level:?} is not of the form 0.95"),
            Self::Noise(parameter) => write!(f, "noise of parameter {parameter} has no usable interval"),
            Self::Chosen => write!(f, "a value that a mechanism chose is used as a number with noise added"),
        }
    }
}

impl std::error::Error for DeriveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Format(_) | Self::Name(_) | Self::Tables | Self::Shape { .. } => None,
            Self::Level(_) | Self::Noise(_) | Self::Chosen => None,
        }
    }
}

impl From<serde_json::Error> for DeriveError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}
