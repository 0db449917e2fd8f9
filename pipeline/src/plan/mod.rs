//! TRUSTED: what may cross from private to public, and how much one person moves it.
//!
//! [`check`] walks the logical plan of a query and either refuses it or says its keys and its stability; [`bound`] puts the
//! contribution bound into the plan and binds plan and sensitivity into one value that only the engine consumes.

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

mod below;
mod bound;
mod check;
mod claim;
mod crossing;
mod domain;
mod encode;
mod explain;
mod expression;
mod function;
mod keys;
mod measure;
mod person;
mod recheck;
mod refusal;
mod relation;
mod subquery;
mod syntax;

pub use below::{Bounds, PrivateScan, PublicScan};
pub use bound::{Bounded, bound, measured, stands};
pub use check::{Accepted, OutputColumn, check};
pub use crossing::{Crossing, Key, Measure, Subject, Vector};
pub use domain::{Domain, Interval, Origin, Value};
pub use explain::{explain, refused};
pub use keys::{Grid, grid, private_grid};
pub use measure::{Draw, Shape, measurements};
pub use recheck::recheck;
pub use refusal::{Refusal, Rule};
pub use syntax::heeded;
