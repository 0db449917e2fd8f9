//! The first commit of a landed table: put in place as every other, durably and once, so that of many who begin a table at
//! the same time one makes it and the others find it made.

use std::collections::HashMap;
use std::path::Path;

use deltalake_core::kernel::transaction::CommitData;
use deltalake_core::kernel::{Action, Protocol};
use deltalake_core::protocol::{DeltaOperation, SaveMode};

use super::chain::commit_file;
use super::declared::{metadata, not_storable};
use super::{private_folder, table};
use crate::catalogue::schema::TableSchema;
use utfall_ground::durable;
use utfall_ground::error::Error;

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
    let metadata = metadata(schema)?;
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
