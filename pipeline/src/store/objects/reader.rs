//! Landed files read where they are: what a worker counts in is never a file of its machine.

use std::sync::Arc;

use object_store::path::Path as Name;
use object_store::{Error as Failure, ObjectStore, ObjectStoreExt as _};

use super::bucket::{client, failed, reading};
use crate::store::address::Address;
use utfall_ground::error::Error;

/// The landed files of a bucket. Nothing else of it can be read, and nothing written.
pub struct BucketReader {
    store: Arc<dyn ObjectStore>,
    landed: Name,
}

impl std::fmt::Debug for BucketReader {
    /// The folder alone: the client knows credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BucketReader").field(&self.landed.as_ref()).finish()
    }
}

impl BucketReader {
    /// For an address, with credentials from the environment. Nothing is sent yet.
    ///
    /// # Errors
    /// When the environment describes no such client, or one that would speak in plain text to another machine.
    pub fn open(address: &Address) -> Result<Self, Error> {
        let landed = Name::parse(&address.prefix).map_err(|e| failed(address, &e.into()))?.join("landed");
        Ok(Self { store: client(address, reading())?, landed })
    }

    /// What reads.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// The object of a file, by its path below the folder of what has landed; `None` of what is no such path.
    pub fn name(&self, below: &str) -> Option<Name> {
        Name::parse(format!("{}/{below}", self.landed)).ok().filter(|name| name.prefix_match(&self.landed).is_some())
    }

    /// How many bytes an object has.
    ///
    /// # Errors
    /// When it is missing, or the server refuses or cannot be reached.
    pub async fn size(&self, name: &Name) -> Result<u64, Failure> {
        self.store.head(name).await.map(|object| object.size)
    }
}
