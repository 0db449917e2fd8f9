//! A number on a line: a dot where it is, a whisker from end to end of its interval, and what was promised as a band. The numbers stand
//! beside it in words, so that it is hidden from those who hear the page.

use maud::{Markup, html};

use crate::dataset::place::Shown;
use crate::estimate::reliability::Grade;

const WIDTH: f64 = 170.0;
const HEIGHT: f64 = 22.0;
/// Room for half a dot at both ends.
const EDGE: f64 = 5.0;

/// The ends of the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
}

/// From one number to another; none where nothing is promised on that side.
pub(super) type Band = (Option<f64>, Option<f64>);

impl Axis {
    /// From one number to a larger one.
    pub(super) fn new(low: f64, high: f64) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 } }
    }

    /// One for all of these numbers, and for zero.
    pub(super) fn over<'n>(numbers: impl Iterator<Item = &'n Shown>) -> Self {
        let each = numbers.flat_map(|of| {
            let ends = of.ends.iter().flat_map(|(low, high)| [low, high]);
            ends.chain(&of.value).map(|number| number.to_f64()).collect::<Vec<_>>()
        });
        let (low, high) = each.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        Self::new(low, high)
    }

    fn place(self, value: f64) -> f64 {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        EDGE + part * (WIDTH - 2.0 * EDGE)
    }
}

/// The strip of a number on an axis. A dot without an interval would look like certainty, so there is none.
pub(super) fn strip(axis: Axis, number: &Shown, grade: Option<Grade>, promised: Option<Band>) -> Markup {
    let middle = HEIGHT / 2.0;
    let x = |value: f64| format!("{:.1}", axis.place(value));
    html! {
        svg.strip viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-hidden="true" focusable="false" {
            @if let Some((least, most)) = promised {
                @let (from, to) = (axis.place(least.unwrap_or(axis.low)), axis.place(most.unwrap_or(axis.high)));
                rect.band x=(format!("{from:.1}")) y="3" width=(format!("{:.1}", (to - from).max(0.0))) height=(HEIGHT - 6.0) {}
                @for end in [least, most].into_iter().flatten() {
                    line.promise-line x1=(x(end)) x2=(x(end)) y1="1" y2=(HEIGHT - 1.0) {}
                }
            }
            line.grid x1=(EDGE) x2=(WIDTH - EDGE) y1=(middle) y2=(middle) {}
            @if let Some((low, high)) = &number.ends {
                @let (low, high) = (x(low.to_f64()), x(high.to_f64()));
                path.whisker d=(format!("M{low} {}V{}M{low} {middle}H{high}M{high} {}V{}", middle - 4.0, middle + 4.0, middle - 4.0, middle + 4.0)) {}
            }
            @if let (Some(value), Some(_)) = (&number.value, &number.ends) {
                circle class=(ink(grade)) cx=(x(value.to_f64())) cy=(middle) r="4" {}
            }
        }
    }
}

/// The ink of a number by how far it can be relied on, as in all charts.
pub(super) fn ink(grade: Option<Grade>) -> &'static str {
    match grade {
        Some(Grade::Firm) => "fill",
        Some(Grade::Rough) => "half",
        Some(Grade::Open) | None => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Number;
    use utfall_ground::text::Text;

    fn number(value: i64, low: i64, high: i64) -> Shown {
        let of = |value| Number::fixed(value, 2);
        let text = Text { sv: String::new(), en: String::new() };
        Shown { value: Some(of(value)), ends: Some((of(low), of(high))), text, between: None }
    }

    #[test]
    fn a_number_lies_where_it_is_on_the_line_and_never_outside() {
        let svg = strip(Axis::new(0.0, 1.0), &number(50, 25, 300), Some(Grade::Rough), Some((Some(0.75), None))).into_string();
        assert!(svg.contains(r#"<circle class="half" cx="85.0""#), "{svg}");
        assert!(svg.contains("M45.0 7V15M45.0 11H165.0"), "what lies beyond the end is cut there: {svg}");
        assert!(svg.contains(r#"<rect class="band" x="125.0" y="3" width="40.0""#), "from what was promised to the end: {svg}");
    }

    #[test]
    fn a_number_without_an_interval_is_not_drawn() {
        let number = Shown { ends: None, ..number(100, 0, 0) };
        assert!(!strip(Axis::new(0.0, 1.0), &number, None, None).into_string().contains("<circle"));
    }

    #[test]
    fn an_axis_holds_all_numbers_and_zero() {
        assert_eq!(Axis::over([number(50, 25, 300), number(-10, -20, 0)].iter()), Axis { low: -0.2, high: 3.0 });
        assert_eq!(Axis::over([].iter()), Axis { low: 0.0, high: 1.0 });
    }
}
