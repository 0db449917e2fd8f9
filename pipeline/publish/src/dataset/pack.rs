//! The data sets of a release and what is to be said of all of them: what the archive says, when it was made, and what came before.
//!
//! A pack stands beside the pages as `datasets.json`. The front page, the catalogue and the server read it there, so that they need
//! neither the archive nor the ledger.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::comparison::{ComparisonFacts, RegionFacts};
use super::headline::Headline;
use super::target::TargetFacts;
use super::{DataSet, method, table, view};
use crate::Publication;
use crate::description::words::Words;
use crate::estimate::interval::Level;
use crate::publication::series;
use crate::source::Source;
use utfall_ground::calendar::Period;
use utfall_ground::clock;
use utfall_ground::text::Text;

/// A release, ready to be written in any format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Version of this file, [`Pack::FORMAT`].
    pub format: u32,
    /// What is said of all data sets.
    pub release: ReleaseFacts,
    /// One per published table, in the order of publication; a view stands before the noisy tables that it was computed from.
    pub sets: Vec<DataSet>,
    /// The number by which it is told in a list; none where none has an interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Headline>,
    /// What was promised, in the order of the data sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetFacts>,
    /// Which places can be told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<ComparisonFacts>,
    /// Regions of Sweden side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionFacts>,
}

/// What is to be said of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseFacts {
    /// Its id, in hex; of a series that of its newest period.
    pub id: String,
    /// Its name: its folder and its address.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// What it answers, in paragraphs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
    /// Whom and what it is about, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// Whether the people are made up.
    pub demonstration: bool,
    /// Epsilon, as declared.
    pub epsilon: String,
    /// Delta, as declared.
    pub delta: String,
    /// At most so many participations of one person are in it.
    pub participations: u64,
    /// Level of its intervals, such as `0.95`.
    pub interval: String,
    /// The periods that it shows, if it is a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<SeriesFacts>,
    /// When its numbers were made; none where the ledger does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Moment>,
    /// The versions of it that were published before, the newest first: other numbers, of what was known then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Vintage>,
    /// The formats in which it is published.
    pub formats: Vec<String>,
}

/// What is to be said of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesFacts {
    /// The first period that is shown.
    pub first: String,
    /// The last.
    pub last: String,
    /// How many days after its end a period is complete.
    pub lag: u32,
    /// The highest version that any period has.
    pub vintage: u32,
    /// The period that is published next, and the day from which it can be; none if all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<(String, String)>,
}

/// A version of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vintage {
    /// The id of its archive, in hex.
    pub id: String,
    /// When it was made.
    pub made: Moment,
}

/// A moment, in seconds since 1970, in Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub u64);

impl Moment {
    /// The day: `2026-11-30`.
    pub fn day(self) -> String {
        clock::date(self.0).to_string()
    }

    /// Day and time: `2026-11-30T10:00:00Z`.
    pub fn instant(self) -> String {
        let time = self.0 % 86_400;
        format!("{}T{:02}:{:02}:{:02}Z", self.day(), time / 3_600, time / 60 % 60, time % 60)
    }
}

impl Pack {
    /// The version of the file.
    pub const FORMAT: u32 = 1;

    /// Makes the data sets of a publication, once.
    pub fn of(publication: &Publication, source: &Source) -> Self {
        Self::headed(publication, source, None)
    }

    /// The same with the headline that a site chooses, as [`Settings::headlines`](crate::Settings::headlines) names it; one that is not
    /// there is passed over.
    pub(crate) fn headed(publication: &Publication, source: &Source, headline: Option<&str>) -> Self {
        let mut sets = Vec::new();
        for query in publication.queries() {
            if let Some(of) = query.view {
                sets.push(view::data_set(publication, of, method::view(publication, of)));
            }
            sets.extend(query.tables.iter().filter_map(|of| table::data_set(publication, of, method::table(publication, of))));
        }
        // What is told of numbers is told of those that people are shown.
        let shown = publication.for_people();
        let level = Level::parse(&publication.description.interval).ok();
        Self {
            format: Self::FORMAT,
            release: ReleaseFacts::of(publication, source),
            sets,
            headline: Headline::of(&shown, headline),
            targets: shown.tables.iter().flat_map(TargetFacts::of).collect(),
            comparisons: shown.tables.iter().filter_map(|table| ComparisonFacts::of(table, level?)).collect(),
            regions: shown.tables.iter().filter_map(RegionFacts::of).collect(),
        }
    }

    /// As a file.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads what [`Pack::to_json`] wrote.
    ///
    /// # Errors
    /// When it is of another version, or no pack.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        let pack: Self = serde_json::from_slice(json)?;
        let expected = Self::FORMAT;
        if pack.format != expected {
            return Err(serde::de::Error::custom(format!("format {}; expected {expected}", pack.format)));
        }
        Ok(pack)
    }

    /// A data set by its name.
    pub fn set(&self, name: &str) -> Option<&DataSet> {
        self.sets.iter().find(|set| set.name == name)
    }
}

impl ReleaseFacts {
    fn of(publication: &Publication, source: &Source) -> Self {
        let of = &publication.description;
        Self {
            id: publication.id.clone(),
            name: of.name.clone(),
            title: of.title.clone(),
            about: of.about.clone(),
            words: of.words.clone(),
            demonstration: of.demonstration,
            epsilon: of.epsilon.clone(),
            delta: of.delta.clone(),
            participations: of.participations,
            interval: of.interval.clone(),
            series: SeriesFacts::of(publication),
            made: source.made(),
            earlier: source.earlier(),
            formats: of.formats.clone(),
        }
    }

    /// Of what moment its numbers are, in a word: the day on which they were made, or the id where that is not known.
    pub fn vintage(&self) -> String {
        self.made.map_or_else(|| self.id.chars().take(8).collect(), Moment::day)
    }
}

impl SeriesFacts {
    /// From when to when: `2021-Q1–2021-Q4`, or the one period that is shown.
    pub fn span(&self) -> String {
        if self.first == self.last { self.first.clone() } else { format!("{}–{}", self.first, self.last) }
    }

    fn of(publication: &Publication) -> Option<Self> {
        let of = publication.description.series.as_ref()?;
        let keys = publication.tables.iter().flat_map(|table| &table.description.keys);
        let codes = keys.filter(|key| key.name == series::PERIOD).flat_map(|key| &key.codes);
        let shown: BTreeSet<Period> = codes.filter_map(|code| Period::parse(&code.code)).collect();
        let end = of.last.as_deref().and_then(Period::parse);
        let next = shown.last().map(|last| last.next()).filter(|next| end.is_none_or(|end| *next <= end));
        Some(Self {
            first: shown.first().map_or_else(|| of.first.clone(), Period::to_string),
            last: shown.last().map_or_else(|| of.period.clone(), Period::to_string),
            lag: of.lag,
            vintage: of.vintage,
            next: next.map(|next| (next.to_string(), next.complete_from(of.lag).to_string())),
        })
    }
}
