//! PX, the format of PxWeb and its kin: one file per data set, in both languages, `NAME.px`.
//!
//! Keywords stand in the order of PCAxis.Serializers 1.12, Swedish first, then again for English. The contents are a dimension
//! (CONTVARIABLE) whatever their number, so that every estimate has its interval beside it. MATRIX is the name of the data set, longer than the
//! twenty characters that old programs had room for: a shorter one would not be its own.

mod keywords;
mod text;

use std::path::PathBuf;

pub use text::Encoding;

use crate::dataset::cube::Cube;
use crate::dataset::selection::{Excerpt, Selection};
use crate::{Edition, Format, OutputFile, PublishError};

/// The format `px`.
#[derive(Debug)]
pub(crate) struct Px;

impl Format for Px {
    fn name(&self) -> &'static str {
        "px"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let (release, settings) = (&edition.pack.release, edition.settings);
        let vintage = release.vintage();
        let file = |set| {
            let cube = Cube::of(set, &vintage);
            let selection = Selection::all(&cube);
            let excerpt = Excerpt { cube: &cube, selection: &selection, release, settings };
            let bytes = (!selection.is_empty()).then(|| file(excerpt, Encoding::Utf8))?;
            Some(OutputFile { path: PathBuf::from(file_name(&set.name)), bytes })
        };
        Ok(edition.pack.sets.iter().filter_map(file).collect())
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![file_name(stem)]
    }
}

fn file_name(set: &str) -> String {
    format!("{set}.px")
}

/// An excerpt as a file.
pub fn file(excerpt: Excerpt<'_>, encoding: Encoding) -> Vec<u8> {
    encoding.bytes(&keywords::file(excerpt, encoding))
}

#[cfg(test)]
mod tests;
