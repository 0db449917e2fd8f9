//! Axes: their ends, and the round numbers at which they have lines.

use super::panel::{Chart, Kind, Panel};

/// The ends of an axis, in the unit of the numbers: percent of shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Axis {
    /// The axis that holds every number, interval and target of some panels. Bars start from zero, and so does a line of counts; shares
    /// have all that is possible.
    pub(super) fn of<'p>(chart: &Chart<'_>, panels: impl Iterator<Item = &'p Panel<'p>>) -> Self {
        if chart.shown.is_percent() {
            return Self { low: 0.0, high: 100.0 };
        }
        let marks: Vec<_> = panels.flat_map(|panel| &panel.marks).collect();
        let numbers = marks.iter().flat_map(|mark| [mark.value, mark.ends.map(|of| of.low), mark.ends.map(|of| of.high)]);
        let goals = marks.iter().flat_map(|mark| mark.goals.iter().copied());
        let empty = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };
        let start = match chart.kind {
            Kind::Bars | Kind::Steps => Self { low: 0.0, high: 1.0 },
            Kind::Time if chart.from_zero => Self { low: 0.0, high: 1.0 },
            // What can be negative is seen beside nothing.
            Kind::Dots | Kind::Time if chart.is_signed => Self { low: 0.0, high: 0.0 },
            Kind::Dots | Kind::Time => empty,
        };
        let axis =
            numbers.flatten().chain(goals).fold(start, |axis, end| Self { low: axis.low.min(end), high: axis.high.max(end) });
        match axis.high - axis.low {
            width if width > 0.0 && width.is_finite() && (chart.kind.has_bars() || chart.from_zero) => axis,
            // A dot on the edge would be cut.
            width if width > 0.0 && width.is_finite() => Self { low: axis.low - width / 25.0, high: axis.high + width / 25.0 },
            // One number, or none: a place around it.
            _ if axis.low.is_finite() => Self { low: axis.low - 1.0, high: axis.high + 1.0 },
            _ => Self { low: 0.0, high: 1.0 },
        }
    }

    /// Where a number lies between two places.
    pub(super) fn place(self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }

    /// The round numbers within it, about so many steps apart; no finer than the numbers themselves.
    pub(super) fn ticks(self, steps: f64, finest: f64) -> Vec<f64> {
        let step = if self == (Self { low: 0.0, high: 100.0 }) {
            25.0
        } else {
            round_step(((self.high - self.low) / steps).max(finest))
        };
        let (first, last) = ((self.low / step - 1e-9).ceil() as i64, (self.high / step + 1e-9).floor() as i64);
        (first..=last).map(|index| index as f64 * step).collect()
    }
}

/// The least of ..., 0.1, 0.2, 0.5, 1, 2, 5, 10, ... that is no less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|&round| round >= step * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_steps() {
        let steps = [1.0, 1.1, 3.0, 5.5, 76.0, 100.0, 20_001.0].map(round_step);
        assert_eq!(steps, [1.0, 2.0, 5.0, 10.0, 100.0, 100.0, 50_000.0]);
        assert!(
            [(0.2, 0.2), (0.25, 0.5), (0.03, 0.05), (0.001, 0.001)]
                .iter()
                .all(|(step, round)| (round_step(*step) - round).abs() < 1e-9)
        );
    }

    #[test]
    fn a_share_has_lines_at_quarters() {
        assert_eq!(Axis { low: 0.0, high: 100.0 }.ticks(4.0, 1.0), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(Axis { low: -0.3, high: 0.9 }.ticks(4.0, 0.1), [0.0, 0.5]);
    }
}
