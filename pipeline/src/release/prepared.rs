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
    /// Checks releases, and does something with each as soon as it is checked: what comes of that is given in the order of the
    /// releases.
    ///
    /// # Errors
    /// The refusals of all of them; what else is wrong with the first.
    pub fn of<R: Send>(
        declared: Declared,
        specs: impl IntoIterator<Item = Result<ReleaseSpec, Error>>,
        then: impl AsyncFn(&Declared, &mut CheckedRelease) -> R + Sync,
    ) -> Result<(Self, Vec<R>), Error> {
        let (mut releases, mut done, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
        // Each on a thread with a runtime of its own: whoever certifies waits for the engine on one thread.
        let one = |spec: Result<ReleaseSpec, Error>| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::threadless)?;
            runtime.block_on(async {
                let mut checked = check(&declared.engine, &declared.catalogue, spec?).await?;
                let then = then(&declared, &mut checked).await;
                Ok::<_, Error>((checked, then))
            })
        };
        // The largest first, so that no core has one left when the others are done.
        let mut specs: Vec<_> = specs.into_iter().enumerate().collect();
        specs.sort_by_key(|(_, spec)| std::cmp::Reverse(spec.as_ref().map_or(0, |spec| spec.queries.len())));
        let mut checked = cores::each(specs, |(at, spec)| (at, one(spec)))?;
        checked.sort_by_key(|(at, _)| *at);
        for (_, checked) in checked {
            match checked {
                Ok((checked, then)) => {
                    releases.push(checked);
                    done.push(then);
                }
                Err(Error::Refused(more)) => refusals.extend(more),
                Err(other) => return Err(other),
            }
        }
        if !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        let Declared { catalogue, engine } = declared;
        Ok((Self { catalogue, engine, releases }, done))
    }
}
