//! A line through time: the periods from left to right, their numbers as dots on a line, their intervals as a band.

use maud::{Markup, html};

use super::panel::{Chart, Mark, Panel};
use super::rows::ink;
use super::scale::Axis;
use super::{WIDTH, frame, panel};
use crate::site::number::decimal;
use utfall_ground::text::Lang;

const LEFT: f64 = 34.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 16.0;
const HEIGHT: f64 = 110.0;
const AXIS: f64 = 22.0;
/// About as wide as a letter is.
const LETTER: f64 = 6.0;

/// Where each period lies.
struct Plot {
    axis: Axis,
    periods: usize,
}

impl Plot {
    fn x(&self, at: usize) -> f64 {
        match self.periods {
            0 | 1 => f64::midpoint(LEFT, RIGHT),
            several => LEFT + 12.0 + at as f64 / (several - 1) as f64 * (RIGHT - LEFT - 24.0),
        }
    }

    fn y(&self, value: f64) -> f64 {
        self.axis.place(value, TOP + HEIGHT, TOP)
    }
}

pub(super) fn drawing(lang: Lang, chart: &Chart<'_>, panel: &Panel<'_>, axis: Axis) -> Markup {
    let plot = Plot { axis, periods: panel.marks.len() };
    let within = html! {
        (ticks(lang, chart, &plot))
        (band(&plot, &panel.marks))
        (line(&plot, &panel.marks))
        @for (at, mark) in panel.marks.iter().enumerate() {
            g {
                title { (panel::spoken(lang, mark, chart.margin)) }
                @if let Some(value) = mark.value { circle class=(ink(mark)) cx=(format!("{:.1}", plot.x(at))) cy=(format!("{:.1}", plot.y(value))) r="3.2" {} }
                @if is_labelled(&plot, &panel.marks, at) {
                    text.soft x=(format!("{:.1}", plot.x(at))) y=(format!("{:.1}", TOP + HEIGHT + 16.0)) text-anchor=(anchor(&plot, at)) { (mark.tick) }
                }
            }
        }
        (last(&plot, &panel.marks))
    };
    frame(lang, chart, panel, TOP + HEIGHT + AXIS, &within)
}

fn anchor(plot: &Plot, at: usize) -> &'static str {
    match at {
        0 if plot.periods > 2 => "start",
        at if plot.periods > 2 && at + 1 == plot.periods => "end",
        _ => "middle",
    }
}

/// The first and the last period have their names below, and as many between them as there is room for.
fn is_labelled(plot: &Plot, marks: &[Mark<'_>], at: usize) -> bool {
    let widest = marks.iter().map(|mark| mark.tick.chars().count()).max().unwrap_or(1) as f64 * LETTER + 10.0;
    let most = ((RIGHT - LEFT) / widest).floor().max(2.0) as usize;
    let last = plot.periods.saturating_sub(1);
    // The least step at which the names fit and the last one is met.
    let step = (1..=last.max(1)).find(|step| last.is_multiple_of(*step) && last / step < most).unwrap_or(last.max(1));
    at.is_multiple_of(step)
}

fn ticks(lang: Lang, chart: &Chart<'_>, plot: &Plot) -> Markup {
    let sign = if chart.shown.is_percent() { lang.pick("\u{a0}%", "%") } else { "" };
    html! {
        @for tick in plot.axis.ticks(3.0, chart.finest) {
            @let y = format!("{:.1}", plot.y(tick));
            line class=(if tick == 0.0 { "zero" } else { "grid" }) x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
            text.soft x=(LEFT - 5.0) y=(format!("{:.1}", plot.y(tick) + 3.8)) text-anchor="end" { (decimal(lang, tick, 3)) (sign) }
        }
    }
}

/// Runs of periods that have what is drawn; where one has not there is a gap.
fn runs<'m, T>(marks: &'m [Mark<'m>], of: impl Fn(&Mark<'_>) -> Option<T>) -> Vec<Vec<(usize, T)>> {
    let mut runs: Vec<Vec<(usize, T)>> = vec![Vec::new()];
    for (at, mark) in marks.iter().enumerate() {
        match (of(mark), runs.last_mut()) {
            (Some(value), Some(run)) => run.push((at, value)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            (_, _) => {}
        }
    }
    runs
}

/// From the lower ends to the upper ones and back.
fn band(plot: &Plot, marks: &[Mark<'_>]) -> Markup {
    html! {
        @for run in runs(marks, |mark| mark.ends) {
            @let there = run.iter().map(|(at, ends)| (plot.x(*at), plot.y(ends.high)));
            @let back = run.iter().rev().map(|(at, ends)| (plot.x(*at), plot.y(ends.low)));
            @let points: Vec<String> = there.chain(back).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            @if run.len() > 1 { polygon.band points=(points.join(" ")) {} }
            // The ends themselves, so that nobody reads an interval off between two periods.
            @for (at, ends) in &run {
                path.whisker.faint d=(format!("M{x:.1} {:.1}V{:.1}", plot.y(ends.low), plot.y(ends.high), x = plot.x(*at))) {}
            }
        }
    }
}

fn line(plot: &Plot, marks: &[Mark<'_>]) -> Markup {
    html! {
        @for run in runs(marks, |mark| mark.value) {
            @let points: Vec<String> = run.iter().map(|(at, value)| format!("{:.1},{:.1}", plot.x(*at), plot.y(*value))).collect();
            @if run.len() > 1 { polyline.line points=(points.join(" ")) {} }
        }
    }
}

/// The newest number stands beside its dot.
fn last(plot: &Plot, marks: &[Mark<'_>]) -> Markup {
    let newest = marks.iter().enumerate().rev().find_map(|(at, mark)| Some((at, mark.value?, mark)));
    html! {
        @if let Some((at, value, mark)) = newest {
            text.number x=(format!("{:.1}", plot.x(at))) y=(format!("{:.1}", plot.y(mark.ends.map_or(value, |ends| ends.high)) - 5.0)) text-anchor="middle" { (mark.text) }
        }
    }
}
