//! The modules that read lists, as they are in the program, without its engine and its store: those are included by their
//! paths, and what they name of the rest of the program is replaced by as little as compiles.

#![allow(dead_code, reason = "the targets call what bytes of a sender reach")]

pub mod error;
pub mod key;
pub mod land;
pub mod prepared;
pub mod store;
pub mod zipped;

#[path = "../../../pipeline/src/language.rs"]
pub mod language;
#[path = "../../../pipeline/src/schema.rs"]
pub mod schema;
#[path = "../../../pipeline/src/text.rs"]
pub mod text;
