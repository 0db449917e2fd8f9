//! Places compared by a share or a mean, and regions side by side: what the page of a release shows of them, for pages that put
//! several releases together.

use serde::{Deserialize, Serialize};

use super::place::{PlaceFacts, Shown, both};
use crate::estimate::compare::Difference;
use crate::estimate::interval::Level;
use crate::site::words::{self, comparing};
use crate::{Cell, CellIndex, MISSING, TOTAL, Table};
use utfall_estimate::interval::Interval;
use utfall_ground::text::{Lang, Text};

/// The places of a table, and which of them can be told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonFacts {
    /// The data set.
    pub set: String,
    /// What it shows.
    pub title: Text,
    /// What the places are.
    pub of: Text,
    /// What they are compared by, with its unit.
    pub measure: Text,
    /// The places in the order of their list, each with the interval that holds together with all others.
    pub places: Vec<PlaceFacts>,
    /// The pairs that differ, the clearest first.
    pub differences: Vec<DifferenceFacts>,
    /// That nothing differs, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing: Option<Text>,
    /// What the differences hold, and that they are no effects.
    pub holds: Text,
}

/// That one place is above another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferenceFacts {
    /// The code of the place that is above.
    pub above: String,
    /// That of the one below.
    pub below: String,
    /// The same in words, with by how much, and with chance in who took part where that can be told.
    pub told: Text,
}

/// A number of each of some of the regions of Sweden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFacts {
    /// The data set.
    pub set: String,
    /// What it shows.
    pub title: Text,
    /// What its numbers are, with their unit.
    pub measure: Text,
    /// The regions, each with its noise interval.
    pub places: Vec<PlaceFacts>,
}

/// The regions of Sweden at the second level of NUTS (Regulation (EC) No 1059/2003, annex I).
pub(crate) const REGIONS: [&str; 8] = ["SE11", "SE12", "SE21", "SE22", "SE23", "SE31", "SE32", "SE33"];

impl ComparisonFacts {
    /// That of a table, if it compares places.
    pub(super) fn of(table: &Table, level: Level) -> Option<Self> {
        let comparison = table.comparison.as_ref()?;
        let together = |at: usize| comparison.together.get(at).copied().flatten();
        let places: Vec<PlaceFacts> = places(table, |at, _| together(at)).collect();
        let name = |at: CellIndex, lang: Lang| places.get(at.number()).map_or("", |place| place.label.get(lang));
        let code = |at: CellIndex| places.get(at.number()).map(|place| place.code.clone()).unwrap_or_default();
        let differences = comparison.differences().into_iter().map(|Difference { above, below, by }| {
            let by_chance = comparison.sampling.is_some().then(|| comparison.by_chance(above, below));
            let told = both(|lang| comparing::above(lang, table, (name(above, lang), name(below, lang)), by, by_chance));
            DifferenceFacts { above: code(above), below: code(below), told }
        });
        let differences: Vec<DifferenceFacts> = differences.collect();
        let rows = table.values.len();
        Some(Self {
            set: table.name.clone(),
            title: table.title.clone(),
            of: table.description.keys.first()?.title.clone(),
            measure: both(|lang| words::measure(lang, table)),
            nothing: differences.is_empty().then(|| both(|lang| comparing::nothing_differs(lang, level, rows))),
            holds: both(|lang| comparing::together(lang, level)),
            places,
            differences,
        })
    }
}

impl RegionFacts {
    /// That of a table of one key whose codes are regions of Sweden, whatever else it has (a total, what is not stated).
    pub(super) fn of(table: &Table) -> Option<Self> {
        let [key] = table.description.keys.as_slice() else { return None };
        let is_region = |code: &str| REGIONS.contains(&code);
        let fits = |code: &str| is_region(code) || [MISSING, TOTAL].contains(&code);
        if !key.codes.iter().all(|code| fits(&code.code)) {
            return None;
        }
        let places: Vec<PlaceFacts> = places(table, |_, cell| cell.interval).filter(|place| is_region(&place.code)).collect();
        (places.len() > 1).then(|| Self {
            set: table.name.clone(),
            title: table.title.clone(),
            measure: both(|lang| words::measure(lang, table)),
            places,
        })
    }
}

/// The rows of a table, with an interval for each.
fn places<'t>(
    table: &'t Table,
    ends: impl Fn(usize, &Cell<'_>) -> Option<Interval<i64>> + 't,
) -> impl Iterator<Item = PlaceFacts> + 't {
    table.cells().enumerate().map(move |(at, cell)| {
        let codes: Vec<_> = table.description.codes(cell.codes).collect();
        PlaceFacts {
            code: codes.iter().map(|code| code.code.as_str()).collect::<Vec<_>>().join("/"),
            label: both(|lang| codes.iter().map(|code| code.label.get(lang)).collect::<Vec<_>>().join(" · ")),
            grade: cell.grade,
            number: Shown::of(table, cell.value, ends(at, &cell)),
        }
    })
}
