//! Tidy CSV, one row per cell, with its metadata as "CSV on the Web" (W3C, CSVW).
//!
//! The metadata carry what a number cannot say itself: both languages, how it was computed and how the noise was made.
//! Numbers have a decimal point; where there is no number, the field is empty.

mod metadata;

use std::path::PathBuf;

use super::{Edition, Format, OutputFile, PublishError};
use crate::dataset::{Column, DataSet, Values};
use utfall_ground::text::{Lang, Text};

/// The format `csv`.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let mut files = Vec::new();
        for set in &edition.pack.sets {
            let (name, fields) = (data_name(&set.name), fields(set)?);
            let bytes = rows(set, &fields).map_err(|error| PublishError::Compose(name.clone(), error))?;
            files.push(OutputFile { path: PathBuf::from(name), bytes });
            let name = metadata_name(&set.name);
            let metadata = metadata::file(&edition.pack.release, set, &fields);
            let bytes = format!("{metadata:#}\n").into_bytes();
            files.push(OutputFile { path: PathBuf::from(name), bytes });
        }
        Ok(files)
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![data_name(stem), metadata_name(stem)]
    }
}

pub(super) fn data_name(set: &str) -> String {
    format!("{set}.csv")
}

fn metadata_name(set: &str) -> String {
    format!("{set}.csv-metadata.json")
}

/// A column of the file: a column of the data set, or the labels of one in a language.
pub(super) struct Field<'d> {
    pub(super) name: String,
    pub(super) title: Text,
    pub(super) column: &'d Column,
    /// The language of its labels; none where it has the values themselves.
    pub(super) label: Option<Lang>,
}

impl Field<'_> {
    /// What a reader may expect in it, in XML Schema.
    pub(super) fn datatype(&self) -> &'static str {
        match &self.column.values {
            Values::Numbers { kind, .. } => kind.datatype(),
            Values::Codes { .. } | Values::Texts(_) => "string",
        }
    }

    /// Whether it is empty nowhere.
    pub(super) fn is_required(&self) -> bool {
        !self.column.has_holes()
    }

    /// The text of a row; a number as it stands, for no spreadsheet takes one for a formula.
    fn text(&self, row: usize) -> String {
        let label = self.label.and_then(|lang| self.column.label(row, lang));
        match (label.or_else(|| self.column.text(row)), &self.column.values) {
            (Some(number), Values::Numbers { .. }) => number.to_owned(),
            (Some(text), _) => harmless(text),
            (None, _) => String::new(),
        }
    }
}

/// The columns of the file of a data set: those of the set, each with codes followed by its labels.
///
/// # Errors
/// When two have one name: a key `sex_sv` beside the labels of `sex`.
pub(super) fn fields(set: &DataSet) -> Result<Vec<Field<'_>>, PublishError> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for column in &set.columns {
        let mut add = |suffix: &str, sv: &str, en: &str, label| {
            let title = Text { sv: format!("{}{sv}", column.title.sv), en: format!("{}{en}", column.title.en) };
            fields.push(Field { name: format!("{}{suffix}", column.name), title, column, label });
        };
        if matches!(column.values, Values::Codes { .. }) {
            add("", ", kod", ", code", None);
            add("_sv", " (svenska)", " (Swedish)", Some(Lang::Sv));
            add("_en", " (engelska)", " (English)", Some(Lang::En));
        } else {
            add("", "", "", None);
        }
    }
    for (index, field) in fields.iter().enumerate() {
        if fields.iter().take(index).any(|other| other.name == field.name) {
            return Err(PublishError::Column(field.name.clone()));
        }
    }
    Ok(fields)
}

fn rows(set: &DataSet, fields: &[Field<'_>]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields.iter().map(|field| &field.name))?;
    for row in 0..set.rows() {
        writer.write_record(fields.iter().map(|field| field.text(row)))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front.
pub(super) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
