//! The first commit of a landed table: put in place as every other, durably and once, so that of many who begin a table at
//! the same time one makes it and the others find it made.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::kernel::transaction::CommitData;
use deltalake_core::kernel::{
    Action, DataType, MetadataExt as _, PrimitiveType, Protocol, StructField, StructType, new_metadata,
};
use deltalake_core::protocol::{DeltaOperation, SaveMode};

use super::chain::{Chain, commit_file};
use super::file::{self, STATE};
use super::{private_folder, table};
use crate::catalogue::schema::TableSchema;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Makes a table, unless it is made already.
///
/// # Errors
/// When the file system refuses.
pub(super) fn create(folder: &Path, schema: &TableSchema) -> Result<(), Error> {
    private_folder(&folder.join("_delta_log"))?;
    let wrong = |e: String| not_storable(schema, &e);
    // What any reader and any writer of Delta tables can do.
    let protocol: Protocol = serde_json::from_value(serde_json::json!({ "minReaderVersion": 1, "minWriterVersion": 2 }))
        .map_err(|e| wrong(e.to_string()))?;
    let columns = StructType::try_new(columns(schema)?).map_err(|e| wrong(e.to_string()))?;
    let metadata = new_metadata(&columns, [STATE, "project"], std::iter::empty::<(String, String)>())
        .and_then(|metadata| metadata.with_name(schema.name.clone()))
        .map_err(|e| wrong(e.to_string()))?;
    let operation = DeltaOperation::Create {
        mode: SaveMode::ErrorIfExists,
        location: table::location(folder)?,
        protocol: protocol.clone(),
        metadata: metadata.clone(),
    };
    let actions = vec![Action::Protocol(protocol), Action::Metadata(metadata)];
    let bytes = CommitData::new(actions, operation, HashMap::new(), Vec::new()).get_bytes().map_err(|e| wrong(e.to_string()))?;
    durable::put_if_absent(&commit_file(folder, 0), &bytes).map(|_| ())
}

/// The columns of the Delta table: those of the files, and the state by which they are parted.
fn columns(schema: &TableSchema) -> Result<Vec<StructField>, Error> {
    let stored: StructType = file::schema(schema).as_ref().try_into_kernel().map_err(|e| not_storable(schema, &e.to_string()))?;
    let state = StructField::new(STATE, DataType::Primitive(PrimitiveType::String), false);
    Ok(stored.fields().cloned().chain([state]).collect())
}

/// A schema that Delta cannot hold, in the library's words.
fn not_storable(schema: &TableSchema, why: &str) -> Error {
    let name = &schema.name;
    Error::storage(
        "schema-not-storable",
        Message::new(
            format!("schemas/{name}.toml kan inte bli en tabell: {why}"),
            format!("schemas/{name}.toml cannot become a table: {why}"),
        ),
    )
}

/// The landed columns must be those of today's schema: files without a new column would count as if it were empty.
///
/// # Errors
/// When they are others.
pub(super) fn same_columns(schema: &TableSchema, chain: &Chain) -> Result<(), Error> {
    let landed: Option<StructType> = serde_json::from_str(chain.columns()).ok();
    let told = |f: &StructField| (f.name().clone(), (f.data_type().clone(), f.is_nullable()));
    let wanted: BTreeMap<_, _> = columns(schema)?.iter().map(told).collect();
    let found: Option<BTreeMap<_, _>> = landed.as_ref().map(|landed| landed.fields().map(told).collect());
    if found == Some(wanted) {
        return Ok(());
    }
    Err(Error::usage(
        "schema-changed",
        Message::new(
            format!(
                "schemas/{0}.toml har andra kolumner än den landade tabellen {0}; lägg tillbaka schemat, eller börja en ny datakatalog",
                schema.name
            ),
            format!(
                "schemas/{0}.toml has other columns than the landed table {0}; put the schema back, or begin a new data directory",
                schema.name
            ),
        ),
    ))
}
