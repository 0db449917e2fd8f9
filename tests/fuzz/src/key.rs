//! In place of the key: one that is not secret.

use super::Tagger;

/// A fixed key of two parts, so that rotations are passed too.
#[derive(Debug)]
pub struct Key;

impl Key {
    /// A tagger under each part, the oldest first.
    pub fn every(&self, label: &str) -> Vec<Tagger> {
        [[7; 32], [8; 32]].iter().map(|part| Tagger::new(part, label)).collect()
    }
}

/// There is no key to keep.
pub fn harden() {}
