//! What was promised, and what became of it: the targets of a release with their verdicts, as its page says them.

use serde::{Deserialize, Serialize};

use super::Number;
use super::place::both;
use crate::Table;
use crate::estimate::target::{Target, Tracked, Verdict};
use crate::site::target as words;
use utfall_ground::text::{Lang, Text};

/// A target with the number that it is held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetFacts {
    /// The data set whose number it is.
    pub set: String,
    /// The row that it is for; none where the table has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Text>,
    /// What was promised.
    pub target: Target,
    /// Whether it is met.
    pub verdict: Verdict,
    /// The number; none where there is none. A share is a part of 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// The ends of its noise interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<(Number, Number)>,
    /// The probability that the exact number lies within the target and its tolerance, given the noise alone; none where nothing can be
    /// said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Number>,
    /// All of it in words.
    pub words: TargetWords,
}

/// A target in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetWords {
    /// Whether it is met.
    pub told: Text,
    /// What was promised.
    pub promised: Text,
    /// Within how much of it the register counts it as met; none where it has no tolerance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Text>,
    /// The number with its interval.
    pub number: Text,
    /// How far it lies from the promise.
    pub distance: Text,
    /// The probability; none where nothing can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Text>,
}

/// Decimals of a probability in files.
const PROBABILITY: usize = 4;

impl TargetFacts {
    /// Those of a table.
    pub(super) fn of(table: &Table) -> impl Iterator<Item = Self> {
        table.tracked().map(move |one| Self::one(table, &one))
    }

    fn one(table: &Table, one: &Tracked<'_>) -> Self {
        let written = |value| Number::fixed(value, one.judged.decimals);
        let labels = |lang: Lang| {
            let codes = table.description.codes(one.cell.codes);
            codes.map(|code| code.label.get(lang)).collect::<Vec<_>>().join(" · ")
        };
        let row = both(labels);
        Self {
            set: table.name.clone(),
            row: Some(row).filter(|row| !row.sv.is_empty()),
            target: one.target.clone(),
            verdict: one.verdict,
            value: one.judged.value.map(written),
            ends: one.judged.ends.map(|ends| (written(ends.low), written(ends.high))),
            reached: one.judged.reached.and_then(|reached| Number::rounded(reached, PROBABILITY)),
            words: TargetWords {
                told: both(|lang| words::told(lang, one)),
                promised: both(|lang| words::promised(lang, one.target)),
                tolerance: (one.target.tolerance > 0).then(|| both(|lang| words::tolerance(lang, one.target))),
                number: both(|lang| words::number(lang, one)),
                distance: both(|lang| words::distance(lang, one)),
                probability: one.judged.reached.map(|reached| both(|lang| words::probability(lang, reached))),
            },
        }
    }
}
