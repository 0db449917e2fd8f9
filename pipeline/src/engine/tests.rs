//! What needs the exact vectors: the answer of every accepted query, and every query on neighbouring databases.

mod accepted;
mod bench;
mod canonical;
mod conditions;
mod conformance;
pub(crate) mod database;
mod dense;
mod neighbours;
mod sensitivity;
mod series;
mod standing;
