//! A data directory in a bucket: where its working copy lies, and that it is open while a command runs.

#[cfg(feature = "object-store")]
use std::path::PathBuf;

use super::Places;
#[cfg(feature = "object-store")]
use crate::cli::terminal::Terminal;
#[cfg(feature = "cluster")]
use crate::engine::cluster::worker::Files;
use crate::store::address::Address;
#[cfg(feature = "object-store")]
use crate::store::objects::{Access, WorkingCopy};
use utfall_ground::error::Error;
#[cfg(feature = "object-store")]
use utfall_ground::text::Message;

impl Places {
    /// The data directory as people know it: its address, or its folder.
    pub(in crate::cli) fn shown_data(&self) -> String {
        self.bucket.as_ref().map_or_else(|| self.data.display().to_string(), Address::to_string)
    }

    /// Takes the working copy's folder for the data directory, where that is in a bucket.
    ///
    /// # Errors
    /// When there can be none.
    pub(in crate::cli) fn locate(&mut self) -> Result<(), Error> {
        let Some(address) = Address::of(&self.data)? else { return Ok(()) };
        #[cfg(not(feature = "object-store"))]
        return Err(crate::store::address::not_built(&address));
        #[cfg(feature = "object-store")]
        {
            // A worker reads in the bucket, and needs no folder.
            self.bucket = Some(address.clone());
            self.data = WorkingCopy::place(&address, &self.cache()?);
            Ok(())
        }
    }
}

#[cfg(feature = "cluster")]
impl Places {
    /// The files that a worker reads.
    ///
    /// # Errors
    /// When the environment describes no client of their bucket.
    pub(in crate::cli) fn files(&self) -> Result<Files, Error> {
        #[cfg(feature = "object-store")]
        if let Some(address) = &self.bucket {
            return Ok(Files::Bucket(std::sync::Arc::new(crate::store::objects::BucketReader::open(address)?)));
        }
        Ok(Files::Folder(self.data.clone()))
    }
}

#[cfg(feature = "object-store")]
impl Places {
    /// The folder below which working copies lie: as given, or below the user's cache.
    fn cache(&self) -> Result<PathBuf, Error> {
        if let Some(cache) = &self.cache {
            return Ok(cache.clone());
        }
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
        cache.map(|cache| cache.join("utfall")).ok_or_else(|| {
            Error::usage(
                "no-home-folder",
                Message::new(
                    "ingen hemkatalog; säg var kopian av objektlagringen ska ligga med --cache KATALOG",
                    "no home folder; say where the copy of the object store is to lie with --cache DIR",
                ),
            )
        })
    }

    /// Opens the working copy, where the data directory is in a bucket: it is what the bucket is as long as this lives.
    ///
    /// # Errors
    /// When the bucket cannot be reached, denies access or is unfit, or another machine does not end.
    pub(in crate::cli) fn open_copy(&self, access: Access, terminal: Terminal) -> Result<Option<WorkingCopy>, Error> {
        let Some(address) = &self.bucket else { return Ok(None) };
        crate::keyzone::require_separate(&self.keys()?, &self.data)?;
        self.require_apart(&self.out, "--out")?;
        crate::store::placeable(&self.data)?;
        let waiting = |who: Option<&str>| {
            let (sv, en) = who.map_or(("en annan körning", "another run"), |who| (who, who));
            let words =
                Message::new(format!("{sv} arbetar i {address}; väntar"), format!("{en} is at work in {address}; waiting"));
            terminal.aside("waiting", &words);
        };
        WorkingCopy::open(address, &self.cache()?, access, waiting).map(Some)
    }
}
