#![doc = include_str!("../README.md")]
// Tests say what they expect, and fail by panicking (`clippy.toml`).
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::float_arithmetic, clippy::wildcard_enum_match_arm))]

pub mod accountant;
mod archive;
pub mod certificate;
pub mod conversion;
mod domain;
mod error;
mod ledger;
mod measure;
mod mechanism;
mod metric;
pub mod rational;
mod release;
mod request;
mod sample;
mod text;
mod unit;

pub use accountant::Account;
pub use archive::NoisyTable;
pub use certificate::Proved;
pub use domain::{MAXIMUM_CELLS, Measurement};
pub use error::{Error, Exhausted};
pub use ledger::{Entry, Event, Head, Ledger, Log, LogError, PutError, Reservation, Witness};
pub use measure::{Budget, Loss};
pub use mechanism::{DiscreteGaussian, DiscreteLaplace, Exponential, Mechanism, ThresholdedLaplace};
pub use metric::Sensitivity;
pub use rational::Rational;
pub use release::{Exact, Grant, Release, Sealed};
pub use request::{ReleaseId, Request};
pub use unit::UNIT;
