//! Parquet, one file per data set: the columns of the tidy CSV with their types, and what must be known of them in its metadata.
//!
//! Whole numbers are of 64 bits, numbers with so many decimals are decimals of that scale, and only numbers that were computed with an
//! exponent are floats: every format has the same digits. Codes and labels are dictionaries, nothing is an empty text.

mod columns;
pub(crate) mod file;

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Edition, Format, OutputFile, PublishError};
use crate::csv::{Field, fields};
use crate::dataset::DataSet;
use crate::dataset::pack::ReleaseFacts;

/// The format `parquet`.
#[derive(Debug)]
pub(super) struct Parquet;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let one = |set: &DataSet| {
            let name = name(&set.name);
            let fields = fields(set)?;
            let columns = fields.iter().map(|field| columns::column(field, set.rows())).collect();
            let about = about(&edition.pack.release, set, &fields);
            let bytes = file::write(columns, &about).map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
            Ok(OutputFile { path: PathBuf::from(name), bytes })
        };
        edition.pack.sets.iter().map(one).collect()
    }

    fn downloads(&self, stem: &str) -> Vec<String> {
        vec![name(stem)]
    }
}

fn name(set: &str) -> String {
    format!("{set}.parquet")
}

/// What is said of a file, by name: texts, or JSON where it has parts.
fn about(release: &ReleaseFacts, set: &DataSet, fields: &[Field<'_>]) -> Vec<(&'static str, String)> {
    let described: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let column = field.column;
            let mut of = json!({ "title": field.title, "role": column.role });
            if let Some(unit) = &column.unit {
                of["unit"] = json!(unit);
            }
            (field.name.clone(), of)
        })
        .collect();
    vec![
        ("title_sv", set.title.sv.clone()),
        ("title_en", set.title.en.clone()),
        ("statement_sv", set.statement.sv.clone()),
        ("statement_en", set.statement.en.clone()),
        ("columns", Value::Object(described).to_string()),
        ("method", set.method.to_string()),
        ("release", json!(release).to_string()),
    ]
}

#[cfg(test)]
mod tests;
