//! SDMX: the numbers as SDMX-CSV 2.0 (`NAME.sdmx.csv`), and what their columns mean as SDMX-ML 3.0 (`NAME.sdmx.xml`).
//!
//! What is estimated is a dimension, `MEASURE`, since the estimates of a data set differ in unit; the interval, the standard error and the
//! margin are attributes of an observation. They are not measures of their own: an end of an interval says something of one number and
//! nothing without it, a table of ends alone has no meaning, and a program that asks for observations must not add ends to estimates.
//!
//! `OBS_STATUS` has the codes of the cross-domain list of SDMX (`A`, `E`, `U`, `O`): `E` and `U` are what other files write as `e` and `u`.
//! `CONF_STATUS` is `F`, free: nothing else is ever published.

mod ids;
mod outline;
mod structure;

use std::path::PathBuf;

use crate::dataset::cube::Cube;
use crate::dataset::{Number, Quality};
use crate::{Edition, Format, OutputFile, PublishError};
use outline::{Key, Outline};

/// The format `sdmx-csv`.
#[derive(Debug)]
pub(crate) struct SdmxCsv;

impl Format for SdmxCsv {
    fn name(&self) -> &'static str {
        "sdmx-csv"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let release = &edition.pack.release;
        let vintage = release.vintage();
        let mut files = Vec::new();
        for set in &edition.pack.sets {
            let cube = Cube::of(set, &vintage);
            if cube.contents.is_empty() {
                continue;
            }
            let outline = Outline::of(&cube, release);
            for (name, bytes) in
                [(data_name(&set.name), rows(&outline)), (structure_name(&set.name), structure::file(&outline, edition))]
            {
                let bytes = bytes.map_err(|error| PublishError::Compose(name.clone(), error))?;
                files.push(OutputFile { path: PathBuf::from(name), bytes });
            }
        }
        Ok(files)
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![data_name(stem), structure_name(stem)]
    }
}

fn data_name(set: &str) -> String {
    format!("{set}.sdmx.csv")
}

fn structure_name(set: &str) -> String {
    format!("{set}.sdmx.xml")
}

/// Why a file could not be composed.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An observation has no number because there is none, or it has one that can be relied on as far as its status says.
fn status(number: Option<&Number>, status: Option<&str>) -> String {
    match (number, status) {
        (None, _) => "O".to_owned(),
        (Some(_), Some(status)) => status.to_uppercase(),
        (Some(_), None) => "A".to_owned(),
    }
}

/// One row per observation. No field is text: a label cannot become a formula here.
fn rows(outline: &Outline<'_>) -> Result<Vec<u8>, Failure> {
    let cube = outline.cube;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let keys = outline.keys.iter().map(|key| key.id.clone());
    let qualities = outline.qualities.iter().map(|what| attribute(*what).to_owned());
    let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let before = fixed(&["STRUCTURE", "STRUCTURE_ID", "ACTION"]);
    let after = fixed(&["OBS_VALUE", "OBS_STATUS", "CONF_STATUS", "UNIT_MEASURE", "DECIMALS"]);
    writer.write_record(before.into_iter().chain(keys).chain(after).chain(qualities))?;
    for place in (0..cube.len()).filter(|place| cube.has_row(*place)) {
        let codes = cube.codes(place);
        for measure in &outline.measures {
            let number =
                |content: usize| cube.number(place, content).map(|number| number.as_str().to_owned()).unwrap_or_default();
            let mut row = vec!["datastructure".to_owned(), outline.reference(), "I".to_owned()];
            row.extend(outline.keys.iter().map(|key: &Key<'_>| key.code(&codes, measure)));
            row.push(number(measure.content));
            row.push(status(cube.number(place, measure.content), cube.status(place, measure.content)));
            row.extend(["F".to_owned(), measure.unit.clone().unwrap_or_default(), measure.decimals.to_string()]);
            row.extend(outline.qualities.iter().map(|what| measure.about(*what).map(number).unwrap_or_default()));
            writer.write_record(row)?;
        }
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// The attribute for what is said of an estimate.
fn attribute(what: Quality) -> &'static str {
    match what {
        Quality::Lower => "LOWER",
        Quality::Upper => "UPPER",
        Quality::StandardError => "STD_ERROR",
        Quality::Margin => "MARGIN",
        Quality::SamplingLower => "SAMPLING_LOWER",
        Quality::SamplingUpper => "SAMPLING_UPPER",
        Quality::Status => "OBS_STATUS",
    }
}

#[cfg(test)]
mod tests;
