//! A data directory in a bucket: S3 and servers that speak as it does, Google Cloud Storage, Azure Blob Storage. The truth is the bucket;
//! readers of files work on a copy of it in a folder of this machine, and what is written goes to the bucket first. In builds with the
//! feature `object-store` alone. Start reading at [`WorkingCopy`], then `bucket`.
//!
//! Two machines are kept apart twice. A lease lets one of them work at a time, so that each finds what the other did. And every step
//! that must happen once is a put under a condition: an entry of the ledger, a commit and an archive are written where nothing was, and
//! what changes is replaced only as it was read. Whoever lost the lease without noticing finds the condition broken.
//!
//! Commits are put by this program's own bytes, which the key zone's witness knows by their digest; Delta's log store would write bytes of
//! its own. It puts a commit as it does: under `PutMode::Create`, at the name of the next version.

mod bucket;
mod copy;
mod index;
mod lease;
#[cfg(feature = "cluster")]
mod reader;
#[cfg(test)]
pub(crate) mod tests;

pub use copy::{Access, WorkingCopy};
#[cfg(feature = "cluster")]
pub use reader::BucketReader;
