//! Horizontal bars, dots and steps: a row for each mark, its label to the left, its number to the right.

use maud::{Markup, html};

use super::panel::{Chart, Kind, Mark, Panel, Written};
use super::scale::Axis;
use super::{WIDTH, frame, panel};
use crate::estimate::reliability::Grade;
use crate::site::number::decimal;
use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

const LABELS: f64 = 118.0;
/// About as many letters fit into the width of the labels.
const LETTERS: usize = 20;
const LINE: f64 = 12.5;
const BAR: f64 = 9.0;
const AXIS: f64 = 20.0;

/// One mark with its place.
struct Row<'m> {
    top: f64,
    height: f64,
    lines: Vec<String>,
    mark: &'m Mark<'m>,
}

impl Row<'_> {
    fn middle(&self) -> f64 {
        self.top + self.height / 2.0
    }
}

/// The area of the marks, from left to right.
struct Plot {
    left: f64,
    right: f64,
    axis: Axis,
}

impl Plot {
    fn x(&self, value: f64) -> f64 {
        self.axis.place(value, self.left, self.right)
    }

    /// A place on the axis, as an attribute.
    fn at(&self, value: f64) -> String {
        format!("{:.1}", self.x(value))
    }
}

pub(super) fn drawing(lang: Lang, chart: &Chart<'_>, panel: &Panel<'_>, axis: Axis) -> Markup {
    let (mut height, mut rows) = (0.0, Vec::new());
    let gap = if chart.kind == Kind::Steps { 12.0 } else { 6.0 };
    for mark in &panel.marks {
        let lines = wrap(mark.label, LETTERS);
        let row = Row { top: height, height: lines.len() as f64 * LINE + gap, lines, mark };
        height += row.height;
        rows.push(row);
    }
    let digits = chart.panels.iter().flat_map(|panel| &panel.marks).map(|mark| mark.text.chars().count()).max().unwrap_or(1);
    // The last line of a share, at 100 percent, is half as wide as its number.
    let plot = Plot { left: LABELS + 10.0, right: WIDTH - 12.0 - 6.5 * digits as f64, axis };
    let goal = shared_goal(panel);
    let within = html! {
        (ticks(lang, chart, &plot, height))
        @if chart.kind == Kind::Steps { (falls(&plot, &rows)) }
        @for row in &rows { (line(lang, chart, &plot, row)) }
        @if axis.low <= 0.0 && chart.kind != Kind::Dots { line.zero x1=(plot.at(0.0)) x2=(plot.at(0.0)) y1="0" y2=(format!("{height:.1}")) {} }
        @if let Some(goals) = goal {
            @for goal in goals { line.goal x1=(plot.at(*goal)) x2=(plot.at(*goal)) y1="-2" y2=(format!("{:.1}", height + 2.0)) {} }
        } @else {
            @for row in &rows { @for goal in &row.mark.goals {
                line.goal x1=(plot.at(*goal)) x2=(plot.at(*goal)) y1=(format!("{:.1}", row.top + 1.0)) y2=(format!("{:.1}", row.top + row.height - 1.0)) {}
            } }
        }
    };
    frame(lang, chart, panel, height + AXIS, &within)
}

/// The targets that all marks of a panel have.
fn shared_goal<'p>(panel: &'p Panel<'_>) -> Option<&'p [f64]> {
    let first = panel.marks.first()?.goals.as_slice();
    (!first.is_empty() && panel.marks.iter().all(|mark| mark.goals == first)).then_some(first)
}

/// Grid lines at round numbers, with the numbers below.
fn ticks(lang: Lang, chart: &Chart<'_>, plot: &Plot, height: f64) -> Markup {
    let ticks = plot.axis.ticks(4.0, chart.finest);
    let sign = if chart.shown.is_percent() { lang.pick("\u{a0}%", "%") } else { "" };
    html! {
        @for tick in &ticks {
            line.grid x1=(plot.at(*tick)) x2=(plot.at(*tick)) y1="0" y2=(format!("{:.1}", height + 4.0)) {}
            text.soft x=(plot.at(*tick)) y=(format!("{:.1}", height + 15.0)) text-anchor="middle" {
                (decimal(lang, *tick, 3)) @if Some(tick) == ticks.last() { (sign) }
            }
        }
    }
}

fn line(lang: Lang, chart: &Chart<'_>, plot: &Plot, row: &Row<'_>) -> Markup {
    let middle = row.middle();
    let first = middle + 3.8 - (row.lines.len() as f64 - 1.0) * LINE / 2.0;
    html! {
        g {
            title { (panel::spoken(lang, row.mark, chart.margin)) }
            @for (index, line) in row.lines.iter().enumerate() {
                text x=(LABELS) y=(format!("{:.1}", first + index as f64 * LINE)) text-anchor="end" { (line) }
            }
            @if chart.kind.has_bars() {
                (bar(plot, row, if chart.kind == Kind::Steps { row.height - 12.0 } else { BAR }, chart.is_signed || !is_count(chart)))
                (whisker(plot, row))
            } @else {
                @if chart.is_signed { (stem(plot, row)) }
                (whisker(plot, row))
                (dot(plot, row))
            }
            text.number.soft[row.mark.grade == Some(Grade::Open)] x=(WIDTH) y=(format!("{:.1}", middle + 3.8)) text-anchor="end" { (row.mark.text) }
        }
    }
}

/// Whether less than nothing is impossible.
fn is_count(chart: &Chart<'_>) -> bool {
    matches!(chart.shown, Written::Table(_)) && !chart.is_signed
}

/// The ink of a mark: as solid as its number.
pub(super) fn ink(mark: &Mark<'_>) -> &'static str {
    match mark.grade {
        Some(Grade::Firm) => "fill",
        Some(Grade::Rough) => "half",
        Some(Grade::Open) | None => "open",
    }
}

/// From zero to the number. A count below zero has no bar; a sum can be negative in earnest.
fn bar(plot: &Plot, row: &Row<'_>, height: f64, can_be_negative: bool) -> Markup {
    let value = row.mark.value.unwrap_or(0.0);
    let (from, to) = (plot.x(value.min(0.0)), plot.x(value.max(0.0)));
    html! {
        @if value > 0.0 || (value < 0.0 && can_be_negative) {
            rect class=(ink(row.mark)) x=(format!("{from:.1}"))
                y=(format!("{:.1}", row.middle() - height / 2.0)) width=(format!("{:.1}", to - from)) height=(format!("{height:.1}")) {}
        }
    }
}

/// What lies between a step and the next: how many fall away.
fn falls(plot: &Plot, rows: &[Row<'_>]) -> Markup {
    html! {
        @for pair in rows.windows(2) {
            @if let [above, below] = pair && let (Some(upper), Some(lower)) = (above.mark.value, below.mark.value) {
                polygon.fall points=(format!(
                    "{zero:.1},{top:.1} {upper:.1},{top:.1} {lower:.1},{bottom:.1} {zero:.1},{bottom:.1}",
                    zero = plot.x(0.0), upper = plot.x(upper.max(0.0)), lower = plot.x(lower.max(0.0)),
                    top = above.middle() + (above.height - 12.0) / 2.0, bottom = below.middle() - (below.height - 12.0) / 2.0,
                )) {}
            }
        }
    }
}

fn dot(plot: &Plot, row: &Row<'_>) -> Markup {
    html! {
        @if let Some(value) = row.mark.value {
            circle class=(ink(row.mark)) cx=(plot.at(value)) cy=(format!("{:.1}", row.middle())) r="3.6" {}
        }
    }
}

/// From no change to the number.
fn stem(plot: &Plot, row: &Row<'_>) -> Markup {
    let middle = format!("{:.1}", row.middle());
    html! {
        @if let Some(value) = row.mark.value {
            line.stem x1=(plot.at(0.0)) x2=(plot.at(value)) y1=(middle) y2=(middle) {}
        }
    }
}

fn whisker(plot: &Plot, row: &Row<'_>) -> Markup {
    let ends = row.mark.ends.map(|ends| ends.map(|end| plot.x(end)));
    let (middle, cap) = (row.middle(), row.middle() - 2.5);
    html! {
        @if let Some(Interval { low, high }) = ends {
            path.whisker d=(format!("M{low:.1} {middle:.1}H{high:.1}M{low:.1} {cap:.1}v5M{high:.1} {cap:.1}v5")) {}
        }
    }
}

/// Breaks a label into lines at spaces, and within words that are too long.
fn wrap(label: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in label.split_whitespace() {
        let chars: Vec<char> = word.chars().collect();
        for (index, piece) in chars.chunks(letters).enumerate() {
            let piece: String = piece.iter().collect();
            match lines.last_mut() {
                Some(line) if line.is_empty() => *line = piece,
                Some(line) if index == 0 && line.chars().count() + 1 + piece.chars().count() <= letters => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_broken_not_cut() {
        assert_eq!(wrap("Pension", 20), ["Pension"]);
        assert_eq!(wrap("Språkträning eller kortare kurs", 20), ["Språkträning eller", "kortare kurs"]);
        assert_eq!(wrap("Arbetsmarknadsutbildning", 20), ["Arbetsmarknadsutbild", "ning"]);
        assert_eq!(wrap("", 20), [""]);
    }
}
