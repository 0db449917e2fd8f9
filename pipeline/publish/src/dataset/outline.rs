//! A pack without its columns: what lists of releases need, read without taking in millions of cells.

use serde::Deserialize;

use super::comparison::{ComparisonFacts, RegionFacts};
use super::headline::Headline;
use super::pack::{Pack, ReleaseFacts};
use super::target::TargetFacts;
use utfall_ground::text::Text;

/// A release in outline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Outline {
    /// Version of the file, [`Pack::FORMAT`].
    pub format: u32,
    /// What is said of all data sets.
    pub release: ReleaseFacts,
    /// Its data sets.
    pub sets: Vec<SetOutline>,
    /// The number by which it is told in a list.
    #[serde(default)]
    pub headline: Option<Headline>,
    /// What was promised.
    #[serde(default)]
    pub targets: Vec<TargetFacts>,
    /// Which places can be told apart.
    #[serde(default)]
    pub comparisons: Vec<ComparisonFacts>,
    /// Regions of Sweden side by side.
    #[serde(default)]
    pub regions: Vec<RegionFacts>,
}

/// A data set in outline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SetOutline {
    /// Its name.
    pub name: String,
    /// The query that it is of.
    pub query: String,
    /// What it shows.
    pub title: Text,
    /// Whether its numbers were computed above the noisy ones.
    pub computed: bool,
}

impl Outline {
    /// Reads what [`Pack::to_json`] wrote; none if it is of another version, or no pack.
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|of: &Self| of.format == Pack::FORMAT)
    }

    /// Where a data set stands on the page of its release: its own heading if its query has several, else that of the query. The
    /// noisy numbers behind a computed table are folded away below that.
    pub fn anchor<'o>(&'o self, set: &'o str) -> &'o str {
        let Some(of) = self.sets.iter().find(|of| of.name == set) else { return set };
        let siblings = || self.sets.iter().filter(|other| other.query == of.query);
        if siblings().count() == 1 || siblings().any(|other| other.computed) { &of.query } else { &of.name }
    }
}
