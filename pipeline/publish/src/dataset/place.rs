//! A number of one place with its interval, ready to be shown beside those of other places.

use serde::{Deserialize, Serialize};

use super::Number;
use crate::estimate::reliability::Grade;
use crate::site::number::{fixed, integer};
use crate::{Table, explain};
use utfall_estimate::interval::Interval;
use utfall_ground::text::{Lang, Text};

/// A place, or any other row of a table of one key, with its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceFacts {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Text,
    /// How far its number can be relied on; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// Its number.
    pub number: Shown,
}

/// A number with its interval, to be read and to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The number; none where there is none. A share is a part of 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Number>,
    /// The ends of its interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<(Number, Number)>,
    /// The number in words: a share in percent, all else with its unit.
    pub text: Text,
    /// The interval in words: from–to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<Text>,
}

/// A text in both languages.
pub(crate) fn both(of: impl Fn(Lang) -> String) -> Text {
    Text { sv: of(Lang::Sv), en: of(Lang::En) }
}

impl Shown {
    /// A number of a table, in its units, with an interval.
    pub(crate) fn of(table: &Table, value: Option<i64>, ends: Option<Interval<i64>>) -> Self {
        let is_share = table.measure().is_some_and(|measure| measure.formula.is_share());
        let unit = table.measure().and_then(|measure| measure.unit.clone());
        let decimals = if is_share { table.decimals.saturating_sub(2) } else { table.decimals };
        let sign = |lang: Lang| match (&unit, is_share) {
            (_, true) => lang.pick("\u{a0}%", "%").to_owned(),
            (Some(unit), false) => format!("\u{a0}{}", explain::unit(lang, unit)),
            (None, false) => String::new(),
        };
        let written = |value| Number::fixed(value, table.decimals);
        Self {
            value: value.map(written),
            ends: ends.map(|of| (written(of.low), written(of.high))),
            text: both(|lang| value.map_or_else(|| explain::NONE.to_owned(), |value| fixed(lang, value, decimals) + &sign(lang))),
            between: ends.map(|Interval { low, high }| {
                both(|lang| {
                    let [low_text, high_text] = [low, high].map(|end| fixed(lang, end, decimals));
                    let dash = if low < 0 { lang.pick(" till ", " to ") } else { "–" };
                    format!("{low_text}{dash}{high_text}{}", sign(lang))
                })
            }),
        }
    }
}

/// A number of rows or pairs.
pub(crate) fn counted(lang: Lang, count: usize) -> String {
    integer(lang, i64::try_from(count).unwrap_or(i64::MAX))
}
