//! JSON-stat 2.0, one file per data set and language, for programs read one language: `NAME.sv.json`, `NAME.en.json`.
//!
//! A file is what PxWebApi 2 answers with for the whole table (json-stat.org/full; PxTools/PxApiSpecs 2.2), so that programs for one read
//! the other. Numbers have the digits of every other file; what a float would do to them is for those who read them. Labels are text,
//! never markup.

mod body;

use std::path::PathBuf;

pub use body::{Category, Contact, Dataset, Dimension, DimensionExtension, Extension, Px, Role, Unit};

use crate::dataset::cube::Cube;
use crate::dataset::selection::{Excerpt, Selection};
use crate::{Edition, Format, OutputFile, PublishError};
use utfall_ground::text::Lang;

/// The format `json-stat`.
#[derive(Debug)]
pub(crate) struct JsonStat;

impl Format for JsonStat {
    fn name(&self) -> &'static str {
        "json-stat"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let (release, settings) = (&edition.pack.release, edition.settings);
        let vintage = release.vintage();
        let mut files = Vec::new();
        for set in &edition.pack.sets {
            let cube = Cube::of(set, &vintage);
            let selection = Selection::all(&cube);
            if selection.is_empty() {
                continue;
            }
            let excerpt = Excerpt { cube: &cube, selection: &selection, release, settings };
            for lang in Lang::ALL {
                let name = file_name(&set.name, lang);
                let json = serde_json::to_vec(&dataset(excerpt, lang, Cells::Shown));
                let bytes = json.map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
                files.push(OutputFile { path: PathBuf::from(name), bytes });
            }
        }
        Ok(files)
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        Lang::ALL.map(|lang| file_name(stem, lang)).into()
    }
}

fn file_name(set: &str, lang: Lang) -> String {
    format!("{set}.{}.json", lang.tag())
}

/// Whether a body has the numbers of its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// All of them: a file, or an answer with data.
    Shown,
    /// None: an answer with metadata.
    LeftOut,
}

/// The body of an excerpt in a language. Who serves it may add links and code lists to what is public in it.
pub fn dataset(excerpt: Excerpt<'_>, lang: Lang, cells: Cells) -> Dataset {
    body::dataset(excerpt, lang, cells)
}

#[cfg(test)]
mod tests;
