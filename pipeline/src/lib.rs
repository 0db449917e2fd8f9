//! utfall: from a project's participant list to public statistics that cannot expose a participant.
//!
//! The modules stand in the order in which data flows: [`schema`] and [`query`] are what people declare, [`land`] and
//! [`store`] keep private rows, [`upkeep`] erases them and rotates their key, [`plan`] decides what may cross, [`engine`] computes, [`release`] calls the door in
//! `utfall_privacy`, and [`mod@derive`] and [`publish`] see only what came out of it.

pub mod above;
pub mod catalogue;
pub mod certify;
pub mod cli;
mod crash;
#[cfg(feature = "demo")]
pub mod demo;
pub mod engine;
pub mod keyzone;
pub mod land;
pub mod present;
pub mod release;
pub mod settle;
pub mod store;
pub mod upkeep;
