//! How people are shown a number: a share in percent, and nothing with more digits than its interval supports. Files keep all digits.
//!
//! The rule is one of metrology: the last digit that is shown is no finer than half the interval. A share that is known to within eleven
//! points is a whole percentage; one that is known to within half a point has a decimal. A column has the digits that all its numbers
//! support, so that they stand under each other; a number that says nothing is not asked. Ends are rounded outwards, so that the interval
//! that is shown holds at least as often as the one that was computed.

use utfall_estimate::interval::Interval;

use super::number::{fixed, range};
use crate::Table;
use crate::estimate::reliability::Grade;
use crate::explain::NONE;
use utfall_ground::text::Lang;

/// How the numbers of a table are shown.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The decimals of the numbers.
    has: u32,
    /// The decimals that are shown.
    shows: u32,
    /// Whether they are parts of 1, which are shown in percent.
    is_share: bool,
}

/// Which way a number is rounded.
#[derive(Clone, Copy)]
enum Round {
    Down,
    Nearest,
    Up,
}

impl Shown {
    /// Of a table: with the digits that its numbers support.
    pub(super) fn of(table: &Table) -> Self {
        let is_share = table.measure().is_some_and(|measure| measure.formula.is_share());
        let exact = Self { has: table.decimals, shows: table.decimals, is_share: false };
        if table.is_total() || (!is_share && table.lower.iter().all(Option::is_none)) {
            return exact;
        }
        let width = |cell: crate::Cell<'_>| cell.interval.map(|Interval { low, high }| high.saturating_sub(low));
        let says = table.cells().filter(|cell| cell.grade != Some(Grade::Open)).filter_map(width).max();
        let widest = says.or_else(|| table.cells().filter_map(width).max());
        Self::alone(is_share, table.decimals, widest)
    }

    /// Of a number that stands alone, with the width of its interval.
    pub(super) fn alone(is_share: bool, decimals: u32, width: Option<i64>) -> Self {
        let most = if is_share { decimals.saturating_sub(2) } else { decimals };
        let unit = 10f64.powi(i32::try_from(most).unwrap_or_default());
        let half = width.map(|width| width as f64 / 2.0 / unit);
        Self { has: decimals, shows: half.map_or(0, |half| supported(half).min(most)), is_share }
    }

    /// Whether its numbers are percentages.
    pub(super) fn is_share(self) -> bool {
        self.is_share
    }

    /// A number, with its sign of percent; what stands where there is none.
    pub(super) fn number(self, lang: Lang, value: Option<i64>) -> String {
        let Some(value) = value else { return NONE.to_owned() };
        format!("{}{}", fixed(lang, self.scaled(value, Round::Nearest), self.shows), self.sign(lang))
    }

    /// From–to, without the sign.
    pub(super) fn range(self, lang: Lang, ends: Interval<i64>) -> String {
        range(lang, self.outwards(ends), self.shows)
    }

    /// From one end to the other in words, each with its sign.
    pub(super) fn between(self, lang: Lang, ends: Interval<i64>) -> String {
        let Interval { low, high } =
            self.outwards(ends).map(|end| format!("{}{}", fixed(lang, end, self.shows), self.sign(lang)));
        format!("{low} {} {high}", lang.pick("till", "to"))
    }

    /// Where a number lies on an axis: percent of a share.
    pub(super) fn place(self, value: i64) -> f64 {
        let unit = 10f64.powi(i32::try_from(self.has).unwrap_or_default());
        value as f64 / unit * if self.is_share { 100.0 } else { 1.0 }
    }

    /// A number in units of the last digit that is shown.
    pub(super) fn rounded(self, value: i64) -> i64 {
        self.scaled(value, Round::Nearest)
    }

    /// How many decimals are shown.
    pub(super) fn decimals(self) -> u32 {
        self.shows
    }

    /// An interval in such units, rounded outwards.
    pub(super) fn outwards(self, Interval { low, high }: Interval<i64>) -> Interval<i64> {
        Interval { low: self.scaled(low, Round::Down), high: self.scaled(high, Round::Up) }
    }

    fn sign(self, lang: Lang) -> &'static str {
        if self.is_share { lang.pick("\u{a0}%", "%") } else { "" }
    }

    /// In units of the last digit that is shown.
    fn scaled(self, value: i64, round: Round) -> i64 {
        let more = self.shows + if self.is_share { 2 } else { 0 };
        if more >= self.has {
            return value.saturating_mul(10_i64.saturating_pow(more - self.has));
        }
        let unit = 10_i64.saturating_pow(self.has - more);
        match round {
            Round::Down => value.div_euclid(unit),
            Round::Up => value.saturating_add(unit - 1).div_euclid(unit),
            Round::Nearest => (value.abs().saturating_add(unit / 2) / unit) * value.signum(),
        }
    }
}

/// How many decimals a number supports that is known to within so much.
pub(super) fn supported(half: f64) -> u32 {
    (0..9).find(|decimals| half * 10f64.powi(*decimals) >= 1.0).and_then(|decimals| u32::try_from(decimals).ok()).unwrap_or(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(shown: Shown, value: i64, ends: Interval<i64>) -> [String; 2] {
        Lang::ALL.map(|lang| format!("{} ({})", shown.number(lang, Some(value)), shown.range(lang, ends)))
    }

    #[test]
    fn a_share_has_the_digits_that_its_interval_supports() {
        let share = |value, low, high| {
            let ends = Interval::new(low, high);
            both(Shown::alone(true, 3, Some(high - low)), value, ends)
        };
        assert_eq!(share(623, 502, 734), ["62\u{a0}% (50–74)", "62% (50–74)"], "ends are rounded outwards");
        assert_eq!(share(625, 618, 633), ["62,5\u{a0}% (61,8–63,3)", "62.5% (61.8–63.3)"]);
        assert_eq!(share(0, 0, 19)[1], "0.0% (0.0–1.9)");
        assert_eq!(share(5, 0, 25)[1], "1% (0–3)");
        assert_eq!(share(341, -12, 402)[0], "34\u{a0}% (−2 till 41)");
        assert_eq!(Shown::alone(true, 3, None).number(Lang::En, Some(995)), "100%");
    }

    #[test]
    fn other_numbers_too() {
        assert_eq!(both(Shown::alone(false, 2, Some(3_100)), 13_449, Interval::new(11_900, 15_000))[1], "134 (119–150)");
        assert_eq!(both(Shown::alone(false, 2, Some(31)), 72, Interval::new(55, 86))[0], "0,7 (0,5–0,9)");
        assert_eq!(Shown::alone(false, 2, Some(31)).number(Lang::Sv, Some(-75)), "−0,8");
        assert_eq!([15.0, 1.0, 0.99, 0.05, 0.0].map(supported), [0, 0, 1, 2, 9]);
        assert_eq!(Shown::alone(false, 2, Some(31)).between(Lang::En, Interval::new(-55, 86)), "−0.6 to 0.9");
    }
}
