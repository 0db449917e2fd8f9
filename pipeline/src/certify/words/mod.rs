//! What is said of queries: why one is refused and the way out, where in its text, the plan as a tree for people, and the
//! certificate as a line of JSON for auditors. Not trusted: nothing here decides.

mod advice;
pub mod canonical;
pub mod explain;
pub mod form;
pub(super) mod join;
pub(super) mod label;
pub(super) mod name;
mod planner;
pub mod refusal;
pub mod span;
pub mod subject;
pub(in crate::certify) mod suggest;
pub(super) mod written;

pub use advice::advice;
pub(crate) use suggest::help as meant;
