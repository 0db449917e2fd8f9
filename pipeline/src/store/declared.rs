//! What a landed table says of its columns, and whether today's schema reads them as they were landed.
//!
//! A commit carries the columns and what their values mean; a schema that has grown since is written down with the next one.

use std::collections::BTreeMap;

use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::kernel::{DataType, Metadata, MetadataExt as _, PrimitiveType, StructField, StructType, new_metadata};

use super::Store;
use super::chain::{Chain, Declared};
use super::file::{self, BESIDE, STATE};
use crate::catalogue::schema::{Catalogue, Differences, Kind, Meaning, TableSchema};
use utfall_ground::error::Error;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;

/// How what values mean is named beside the columns.
const MEANING: &str = "utfall.meaning";

/// What a table says of its columns.
///
/// # Errors
/// When Delta cannot hold such columns.
pub(super) fn metadata(schema: &TableSchema) -> Result<Metadata, Error> {
    let wrong = |e: String| not_storable(schema, &e);
    let columns = StructType::try_new(columns(schema)?).map_err(|e| wrong(e.to_string()))?;
    let meaning = serde_json::to_string(&schema.meaning).map_err(Error::not_encodable)?;
    new_metadata(&columns, [STATE, "project"], [(MEANING, meaning)])
        .and_then(|metadata| metadata.with_name(schema.name.clone()))
        .map_err(|e| wrong(e.to_string()))
}

/// The same for a table that says something else so far; nothing if it says just this.
///
/// # Errors
/// When Delta cannot hold such columns.
pub(super) fn renewed(schema: &TableSchema, chain: &Chain) -> Result<Option<Metadata>, Error> {
    let declared = chain.declared();
    if recorded(declared, chain)?.as_ref() == Some(&schema.meaning) {
        return Ok(None);
    }
    let metadata = metadata(schema)?.with_table_id(declared.id.clone());
    metadata.map(Some).map_err(|e| not_storable(schema, &e.to_string()))
}

/// How today's schema differs from what has landed.
///
/// # Errors
/// When the log does not say.
pub(super) fn differences(schema: &TableSchema, chain: &Chain) -> Result<Differences, Error> {
    let landed = match recorded(chain.declared(), chain)? {
        Some(meaning) => meaning,
        // An earlier version of this program wrote down the columns alone.
        None => schema.meaning.with_columns(&kinds(schema, chain)?),
    };
    Ok(landed.differences(&schema.meaning))
}

impl Store {
    /// Refuses to change what has landed where a landed table has no schema: whatever is done to all tables would pass it over.
    ///
    /// # Errors
    /// With the table, and how to have it again.
    pub fn is_declared(&self, catalogue: &Catalogue) -> Result<(), Error> {
        for name in self.landed_tables()? {
            if catalogue.table(&name).is_none_or(|table| !table.is_private()) {
                return Err(Error::usage(
                    "schema-missing",
                    Message::new(
                        format!(
                            "det har landat rader i {name}, men schemas/{name}.toml saknas eller är ingen privat tabell; lägg tillbaka schemat. Ingenting ändrades"
                        ),
                        format!(
                            "rows have landed in {name}, but schemas/{name}.toml is missing or is no private table; put the schema back. Nothing was changed"
                        ),
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The same, and that every schema reads what has landed as it was landed.
    ///
    /// # Errors
    /// With every difference of the first table that would be read otherwise.
    pub fn is_read_as_landed(&self, catalogue: &Catalogue) -> Result<(), Error> {
        self.is_declared(catalogue)?;
        for name in self.landed_tables()? {
            let Some(schema) = catalogue.table(&name) else { continue };
            let chain = Chain::read(&self.folder(schema), None)?;
            accept(schema, &differences(schema, &chain)?)?;
        }
        Ok(())
    }

    /// The names of the tables that were begun, sorted.
    fn landed_tables(&self) -> Result<Vec<String>, Error> {
        let folder = self.root().join("landed");
        let entries = match std::fs::read_dir(&folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|e| Error::reading(&folder, e))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| Error::reading(&folder, e))?;
            if entry.path().join("_delta_log").join(format!("{:020}.json", 0)).exists() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Refuses a schema by which what has landed would be read otherwise.
///
/// # Errors
/// With every difference and its way out.
pub(super) fn accept(schema: &TableSchema, differences: &Differences) -> Result<(), Error> {
    let name = &schema.name;
    let mut told = differences.contradicts.clone();
    told.extend(differences.removed.iter().map(|column| {
        Message::new(
            format!(
                "kolumnen `{column}` har landat; skriv tillbaka den, eller kör `utfall migrate --forget {name}.{column}` som raderar dess landade värden"
            ),
            format!(
                "column `{column}` has landed; put it back, or run `utfall migrate --forget {name}.{column}`, which erases its landed values"
            ),
        )
    }));
    if told.is_empty() {
        return Ok(());
    }
    let list = |lang| told.iter().map(|message| message.get(lang)).collect::<Vec<_>>().join("\n  ");
    Err(Error::usage(
        "schema-changed",
        Message::new(
            format!("schemas/{name}.toml läser inte det som har landat så som det landade; ingenting ändrades\n  {}", list(Sv)),
            format!("schemas/{name}.toml does not read what has landed as it was landed; nothing was changed\n  {}", list(En)),
        ),
    ))
}

/// What the table says its values mean; nothing if an earlier version of this program made it.
fn recorded(declared: &Declared, chain: &Chain) -> Result<Option<Meaning>, Error> {
    let Some(text) = declared.configuration.get(MEANING) else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|_| Error::damaged(&chain.log()))
}

/// The kinds of the landed columns of the schema.
fn kinds(schema: &TableSchema, chain: &Chain) -> Result<BTreeMap<String, Kind>, Error> {
    let landed: StructType = serde_json::from_str(&chain.declared().schema_string).map_err(|_| Error::damaged(&chain.log()))?;
    let beside = |name: &str| BESIDE.contains(&name) || schema.numbers().contains(&name) || name == STATE;
    let of = |field: &StructField| {
        let kind = match field.data_type() {
            DataType::Primitive(PrimitiveType::Binary) => Kind::Identity,
            DataType::Primitive(PrimitiveType::Short) => Kind::String,
            DataType::Primitive(PrimitiveType::Date) => Kind::Date,
            DataType::Primitive(PrimitiveType::Boolean) => Kind::Boolean,
            _ => Kind::Integer,
        };
        (field.name().clone(), kind)
    };
    Ok(landed.fields().filter(|field| !beside(field.name())).map(of).collect())
}

/// The columns of the Delta table: those of the files, and the state by which they are parted.
fn columns(schema: &TableSchema) -> Result<Vec<StructField>, Error> {
    let stored: StructType = file::schema(schema).as_ref().try_into_kernel().map_err(|e| not_storable(schema, &e.to_string()))?;
    let state = StructField::new(STATE, DataType::Primitive(PrimitiveType::String), false);
    Ok(stored.fields().cloned().chain([state]).collect())
}

/// A schema that Delta cannot hold, in the library's words.
pub(super) fn not_storable(schema: &TableSchema, why: &str) -> Error {
    let name = &schema.name;
    Error::storage(
        "schema-not-storable",
        Message::new(
            format!("schemas/{name}.toml kan inte bli en tabell: {why}"),
            format!("schemas/{name}.toml cannot become a table: {why}"),
        ),
    )
}
