//! The modules that read lists, as they are in the program, without its engine and its store: those are included by their
//! paths, and what they name of the rest of the program is replaced by as little as compiles. The ground floor is the program's
//! own crate.

#![allow(dead_code, reason = "the targets call what bytes of a sender reach")]

pub mod prepared;
pub mod stored;
pub mod zipped;

pub use program::{catalogue, keyzone, land, settle, store};

/// The program's own, each file with those below it.
#[path = "../../../pipeline/src"]
mod program {
    pub mod settle;

    pub mod catalogue {
        pub mod schema;
    }

    /// Identity numbers and their pseudonyms, under a key that is not secret.
    pub mod keyzone {
        mod alias;
        pub mod identity;
        #[path = "../../../tests/fuzz/src/key.rs"]
        mod key;
        pub mod pseudonym;
        mod tagger;

        pub use alias::Aliases;
        pub use key::{Key, harden};
        pub use tagger::Tagger;
    }

    /// How a row lies in a few bytes, and what is stored with it.
    pub mod store {
        pub mod codec;
        pub mod stored;

        pub use crate::stored::Pinned;
    }

    /// Landing as far as the rows of a list are read: everything that sees a sender's bytes.
    pub mod land {
        pub mod accept;
        pub mod cell;
        pub mod finding;
        pub mod read;
        pub mod understand;
        pub mod validate;

        pub mod partition {
            mod packed;

            pub use packed::{PARTITIONS, Partition, Partitions};
        }
    }
}
