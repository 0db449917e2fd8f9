//! Releases read and checked together: all refusals of all of them come at once.

use super::{CheckedRelease, check};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::ReleaseSpec;
use crate::engine::Engine;
use utfall_ground::cores;
use utfall_ground::error::Error;

/// What releases are checked with.
#[derive(Debug)]
pub struct Declared {
    /// What is declared.
    pub catalogue: Catalogue,
    /// An engine that knows it.
    pub engine: Engine,
}

/// Checked releases, and the one catalogue and engine with which they were checked and will be run.
#[derive(Debug)]
pub struct Prepared {
    /// What is declared.
    pub catalogue: Catalogue,
    /// What computes.
    pub engine: Engine,
    /// The releases in the order in which they were named.
    pub releases: Vec<CheckedRelease>,
}

impl Prepared {
    /// Checks releases.
    ///
    /// # Errors
    /// The refusals of all of them; what else is wrong with the first.
    pub fn of(
        Declared { catalogue, engine }: Declared,
        specs: impl IntoIterator<Item = Result<ReleaseSpec, Error>>,
    ) -> Result<Self, Error> {
        let (mut releases, mut refusals) = (Vec::new(), Vec::new());
        // Each on a thread with a runtime of its own: whoever certifies waits for the engine on one thread.
        let one = |spec: Result<ReleaseSpec, Error>| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::threadless)?;
            runtime.block_on(check(&engine, &catalogue, spec?))
        };
        // The largest first, so that no core has one left when the others are done.
        let mut specs: Vec<_> = specs.into_iter().enumerate().collect();
        specs.sort_by_key(|(_, spec)| std::cmp::Reverse(spec.as_ref().map_or(0, |spec| spec.queries.len())));
        let mut checked = cores::each(specs, |(at, spec)| (at, one(spec)))?;
        checked.sort_by_key(|(at, _)| *at);
        for (_, checked) in checked {
            match checked {
                Ok(checked) => releases.push(checked),
                Err(Error::Refused(more)) => refusals.extend(more),
                Err(other) => return Err(other),
            }
        }
        if refusals.is_empty() { Ok(Self { catalogue, engine, releases }) } else { Err(Error::Refused(refusals)) }
    }
}
