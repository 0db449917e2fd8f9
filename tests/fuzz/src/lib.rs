//! The modules that read lists, as they are in the program, without its engine and its store: those are included by their
//! paths, and what they name of the rest of the program is replaced by as little as compiles.

#![allow(dead_code, reason = "the targets call what bytes of a sender reach")]

pub mod error;
pub mod key;
pub mod prepared;
pub mod store;
pub mod zipped;

use program::{given, visible};
pub use program::{brief, child, land, language, schema, text};

/// The program's own, each file with those below it.
#[path = "../../../pipeline/src"]
mod program {
    pub mod brief;
    pub mod child;
    pub mod given;
    pub mod language;
    pub mod schema;
    pub mod text;
    pub mod visible;

    /// Landing as far as the rows of a list are read: everything that sees a sender's bytes.
    pub mod land {
        pub mod accept;
        pub mod apart;
        pub mod dates;
        pub mod decode;
        pub mod delivery;
        pub mod eight;
        pub mod finding;
        pub mod identity;
        pub mod list;
        pub mod month;
        pub mod near;
        pub mod numbers;
        pub mod pack;
        pub mod person;
        pub mod pseudonymise;
        pub mod quotes;
        pub mod read;
        pub mod report;
        pub mod rule;
        pub mod shares;
        pub mod source;
        pub mod validate;
        mod withhold;
        pub mod workbook;
    }
}
