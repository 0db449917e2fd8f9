//! TRUSTED: what may cross from private to public, and how much one person moves it. Takes a query's text; gives a certified
//! query, then a bound, then a physical one. Sees no private row.
//!
//! Start reading at [`certify`], in `sequence`: `syntax` (nothing the planner would ignore), [`check()`] (what stands below the
//! door, which aggregate crosses, what stands above; each vector with its certificate), `recheck` (the same after type
//! coercion), `stated` (the keys of public tables), `grid` (the published cells), `bound` (the contribution bound on every scan,
//! categories as stored codes; and whether it is in what physically runs: `split`, of a plan that workers run).
//!
//! Below the door: `below` (which nodes), `operator` (each node: its rule, its codes, its periods), `expression` and `function`
//! (the allow-list), `narrow` and `domain` (what values a column can have). At the door: `crossing`, `sets`, `quantile`, `total`,
//! `series` (a query answered period by period). Not trusted: `size` and `above` guard the machine and no person, and `words` says
//! what was decided.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic
    )
)]

mod above;
mod below;
mod bound;
mod check;
mod crossing;
mod domain;
mod encode;
mod expression;
mod function;
mod grid;
mod narrow;
mod operator;
mod possible;
mod quantile;
mod recheck;
mod relation;
mod sequence;
mod series;
mod sets;
mod size;
mod split;
mod stated;
mod syntax;
mod total;
pub mod words;

pub use below::{Bounds, PrivateScan, PublicScan, unalias};
pub use bound::measured;
pub(crate) use bound::scanned;
#[cfg(test)]
pub(crate) use bound::stands;
pub use check::{Checked, OutputColumn, check};
pub use crossing::{CertifiedVector, CrossingAggregate, Estimator, GroupKey, NamedEstimator, Vector};
pub use domain::{Domain, Origin, Value, ValueRange};
pub use grid::{Grid, PublicRows};
pub use possible::Possible;
pub use sequence::{Bound, Certified, Headed, Physical, Planner, PublicTable, certify, certify_plan};
pub use series::{Skeleton, Slice, skeleton};
pub use words::explain::{explain, refused as refused_tree, serves};
pub use words::refusal::Violation;
pub use words::span::{refused, refused_at};
pub use words::subject::Subject;
