//! What `--json` says of a release that was asked for.

use serde::Serialize;

use crate::cli::summary;
use utfall_ground::account::Charge;
use utfall_ground::text::Message;

/// What came of a release.
#[derive(Serialize)]
pub(in crate::cli) struct ReleaseOutcome<'a> {
    pub(super) name: &'a str,
    /// `published`: its pages are new or other than they were; `unchanged`: they are as they were; `waits`: it was not made; `not-due`: of
    /// a series, no period is new.
    pub(super) outcome: &'static str,
    /// What was reserved for it now; null where it cost nothing.
    pub(super) charged: Option<Charge>,
    /// Of a series, the periods that are new.
    pub(super) periods: Vec<String>,
    /// What to open.
    pub(super) page: Option<String>,
    /// Why it waits.
    pub(super) why: Option<&'a Message>,
}

impl<'a> ReleaseOutcome<'a> {
    /// Of a release to which nothing more is to be said.
    pub(super) fn of(name: &'a str, outcome: &'static str) -> Self {
        Self { name, outcome, charged: None, periods: Vec::new(), page: None, why: None }
    }

    /// That it was not made.
    pub(super) fn waits(name: &'a str, why: &'a Message) -> Self {
        Self { why: Some(why), ..Self::of(name, "waits") }
    }

    /// Says it.
    pub(super) fn told(&self) {
        summary::push("releases", self);
    }
}
