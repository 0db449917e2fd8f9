//! What needs the exact vectors: the answer of every accepted query, and every query on neighbouring databases.

mod accepted;
mod bench;
mod canonical;
#[cfg(feature = "cluster")]
mod cluster;
mod conditions;
mod conformance;
pub(crate) mod database;
mod dense;
mod neighbours;
mod sensitivity;
mod series;
mod standing;
