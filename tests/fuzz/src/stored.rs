//! In place of the store: nothing has landed.

use utfall_ground::error::Error;

/// There is none.
#[derive(Debug)]
pub enum Pinned {}

impl Pinned {
    pub fn mark(&self, _: &str) -> Option<i64> {
        match *self {}
    }

    pub fn accepted(&self, _: u64) -> Result<Option<String>, Error> {
        match *self {}
    }

    pub fn damaged(&self) -> Error {
        match *self {}
    }
}
