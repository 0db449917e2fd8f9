//! utfall: from a project's participant list to public statistics that cannot expose a participant.
//!
//! Each room uses only those before it: [`catalogue`] (what people declare), [`keyzone`] and [`store`] (keys, and rows under
//! pseudonyms), [`settle`], [`upkeep`] and [`land`] (from lists to numbered rows), [`certify`] (what may cross), [`engine`]
//! (which computes), [`release`] (which calls the door in `utfall_privacy`), [`present`] and [`cli`]. `utfall_ground` is below all;
//! `utfall_publish` sees only what came out of the door, and [`above`] runs SQL on it. `pipeline/README.md` shows the way through.

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

/// Plans and lists are millions of small pieces, on all cores: a tenth less processor than with the system's own.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
