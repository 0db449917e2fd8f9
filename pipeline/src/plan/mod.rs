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

mod bound;
mod check;
mod expression;
mod keys;
mod measure;
mod refusal;
mod syntax;

pub use bound::{Bounded, bound};
pub use check::{Accepted, Bounds, Output, check};
pub use keys::{Grid, grid};
pub use measure::measurements;
pub use refusal::{Refusal, Rule};
pub use syntax::heeded;
