//! Charts: one small panel per combination of the leading keys, one bar or dot per code of the last key.
//!
//! Counts and sums are bars from zero; all else are dots at their place among what is possible. The panels of a table
//! share their axis, so that they can be compared. A panel of bars that are all much smaller, or of totals, gets an axis of
//! its own, and says so. A total beside its parts is left to the table, for it would flatten them.

use maud::{Markup, html};

use super::number::decimal;
use super::words;
use crate::estimate::reliability::Grade;
use crate::explain;
use crate::{Cell, Formula, MISSING, TOTAL, Table};
use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

/// More panels than this are folded away.
const OPEN_PANELS: usize = 24;
/// More panels than this are left to the table.
const MOST_PANELS: usize = 150;

const WIDTH: f64 = 340.0;
const LABELS: f64 = 118.0;
/// About as many letters fit into the width of the labels.
const LETTERS: usize = 20;
const LINE: f64 = 12.5;
const BAR: f64 = 9.0;
const AXIS: f64 = 20.0;

/// The bars or dots of one combination of the leading keys.
struct Panel<'a> {
    leading: &'a [u16],
    bars: Vec<(String, Cell<'a>)>,
}

/// The ends of an axis.
#[derive(Clone, Copy, PartialEq)]
struct Axis {
    low: f64,
    high: f64,
}

/// Whether the numbers are bars from zero: counts and sums, of which nothing is nothing.
fn has_bars(table: &Table) -> bool {
    table.is_total()
}

/// Whether the charts of a table are a single panel, which leaves room for the table beside it.
pub(super) fn is_single(lang: Lang, table: &Table) -> bool {
    panels(lang, table).len() == 1
}

/// The charts of a table, with their legend; `nested` where the table has a heading of its own below that of its query.
pub(super) fn charts(lang: Lang, table: &Table, nested: bool) -> Markup {
    let panels = panels(lang, table);
    if panels.is_empty() || panels.len() > MOST_PANELS {
        return html! {};
    }
    let shared = axis(table, panels.iter().filter(|panel| !is_total(table, panel)).flat_map(|panel| &panel.bars));
    let drawn = html! {
        @for group in panels.chunk_by(|a, b| outer(a) == outer(b)) {
            @if let Some(first) = group.first() && !outer(first).is_empty() {
                @if nested { h4 { (names(lang, table, outer(first))) } } @else { h3 { (names(lang, table, outer(first))) } }
            }
            div.panels { @for panel in group { (figure(lang, table, panel, shared)) } }
        }
    };
    html! {
        p.small {
            (words::chart(lang, table)) " "
            a.screen href=(format!("#{}-caption", table.name)) { (lang.pick("Till tabellen", "To the table")) }
        }
        @if panels.len() > OPEN_PANELS {
            details { summary { (words::show_charts(lang, panels.len())) } (drawn) }
        } @else {
            (drawn)
        }
    }
}

fn panels<'a>(lang: Lang, table: &'a Table) -> Vec<Panel<'a>> {
    let mut panels: Vec<Panel<'a>> = Vec::new();
    let mut cells: Vec<_> = table.cells().collect();
    cells.sort_by_key(|cell| cell.codes);
    for cell in cells {
        let leading = cell.codes.split_last().map_or(cell.codes, |(_, leading)| leading);
        let label = match table.description.codes(cell.codes).last() {
            Some(code) => code.label.get(lang).to_owned(),
            None => words::measure(lang, table),
        };
        match panels.last_mut() {
            Some(panel) if panel.leading == leading => panel.bars.push((label, cell)),
            _ => panels.push(Panel { leading, bars: vec![(label, cell)] }),
        }
    }
    if has_bars(table) {
        panels.iter_mut().filter(|panel| panel.bars.len() > 1).for_each(|panel| {
            panel.bars.retain(|(_, cell)| table.description.codes(cell.codes).last().is_none_or(|code| code.code != TOTAL));
        });
    }
    panels
}

/// Whether a panel sums over one of its leading keys.
fn is_total(table: &Table, panel: &Panel<'_>) -> bool {
    has_bars(table) && table.description.codes(panel.leading).any(|code| code.code == TOTAL)
}

/// All leading keys but the last: they head a group of panels.
fn outer<'a>(panel: &Panel<'a>) -> &'a [u16] {
    panel.leading.split_last().map_or(&[], |(_, outer)| outer)
}

fn names(lang: Lang, table: &Table, cell: &[u16]) -> String {
    let labels: Vec<_> = table.description.codes(cell).map(|code| code.label.get(lang)).collect();
    labels.join(" · ")
}

/// The axis that holds every number and interval; bars start from zero.
fn axis<'a>(table: &Table, bars: impl Iterator<Item = &'a (String, Cell<'a>)>) -> Axis {
    let empty = Axis { low: f64::INFINITY, high: f64::NEG_INFINITY };
    let start = if has_bars(table) { Axis { low: 0.0, high: 1.0 } } else { empty };
    let ends = bars.flat_map(|(_, cell)| [cell.value, cell.interval.map(|i| i.low), cell.interval.map(|i| i.high)]);
    let axis = ends
        .flatten()
        .map(|end| place(table, end))
        .fold(start, |axis, end| Axis { low: axis.low.min(end), high: axis.high.max(end) });
    match axis.high - axis.low {
        width if width > 0.0 && width.is_finite() && has_bars(table) => axis,
        // A dot on the edge would be cut.
        width if width > 0.0 && width.is_finite() => Axis { low: axis.low - width / 25.0, high: axis.high + width / 25.0 },
        // One number, or none: a place around it.
        _ if axis.low.is_finite() => Axis { low: axis.low - 1.0, high: axis.high + 1.0 },
        _ => Axis { low: 0.0, high: 1.0 },
    }
}

/// A number of the table where it lies on an axis.
fn place(table: &Table, value: i64) -> f64 {
    value as f64 / f64::from(10u32.pow(table.decimals))
}

fn figure(lang: Lang, table: &Table, panel: &Panel<'_>, shared: Axis) -> Markup {
    let own = axis(table, panel.bars.iter());
    let alone = is_total(table, panel) || (has_bars(table) && own.high * 6.0 < shared.high);
    let axis = if alone { own } else { shared };
    // The heading of the group names the outer keys already.
    let inner = table.description.codes(panel.leading).last();
    html! {
        figure {
            figcaption {
                @if let Some(code) = inner {
                    @if code.code == MISSING { i { (code.label.get(lang)) } } @else { (code.label.get(lang)) }
                }
                @if alone { " " small { (lang.pick("(egen skala)", "(scale of its own)")) } }
            }
            (drawing(lang, table, panel, axis))
        }
    }
}

fn drawing(lang: Lang, table: &Table, panel: &Panel<'_>, axis: Axis) -> Markup {
    let mut height = 0.0;
    let mut rows = Vec::new();
    for (label, cell) in &panel.bars {
        let lines = wrap(label, LETTERS);
        let row = Row { top: height, height: lines.len() as f64 * LINE + 6.0, lines, label, cell: *cell };
        height += row.height;
        rows.push(row);
    }
    let digits = table.values.iter().map(|&value| explain::number(lang, table, value).chars().count()).max().unwrap_or(1);
    let plot = Plot { left: LABELS + 10.0, right: WIDTH - 10.0 - 6.5 * digits as f64, axis };
    let id: Vec<String> = panel.leading.iter().map(u16::to_string).collect();
    let id = format!("{}-{}", table.name, id.join("-"));
    let title = [table.title.get(lang), &names(lang, table, panel.leading)].join(": ");
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {:.1}", height + AXIS)) role="img" aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (title.trim_end_matches(": ")) }
            desc id=(format!("{id}-d")) { (words::bars(lang, table, &panel.bars)) }
            (ticks(lang, table, &plot, height))
            @for row in &rows { (line(lang, table, &plot, row)) }
            @if has_bars(table) { line.zero x1=(plot.at(0.0)) x2=(plot.at(0.0)) y1="0" y2=(format!("{height:.1}")) {} }
        }
    }
}

/// The area of the bars, from left to right.
struct Plot {
    left: f64,
    right: f64,
    axis: Axis,
}

impl Plot {
    fn x(&self, value: f64) -> f64 {
        self.left + (value - self.axis.low) / (self.axis.high - self.axis.low) * (self.right - self.left)
    }

    /// A place on the axis, as an attribute.
    fn at(&self, value: f64) -> String {
        format!("{:.1}", self.x(value))
    }
}

/// Grid lines at round numbers, with the numbers below.
fn ticks(lang: Lang, table: &Table, plot: &Plot, height: f64) -> Markup {
    let finest = f64::from(10u32.pow(table.decimals)).recip();
    let step = round_step(((plot.axis.high - plot.axis.low) / 4.0).max(finest));
    let decimals = usize::try_from(table.decimals).unwrap_or_default();
    let first = (plot.axis.low / step).ceil() as i64;
    let last = (plot.axis.high / step).floor() as i64;
    html! {
        @for tick in (first..=last).map(|index| index as f64 * step) {
            line.grid x1=(plot.at(tick)) x2=(plot.at(tick)) y1="0" y2=(format!("{:.1}", height + 4.0)) {}
            text.soft x=(plot.at(tick)) y=(format!("{:.1}", height + 15.0)) text-anchor="middle" {
                (decimal(lang, tick, decimals))
            }
        }
    }
}

/// The least of ..., 0.1, 0.2, 0.5, 1, 2, 5, 10, ... that is no less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|&round| round >= step * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// One bar or dot and its label.
struct Row<'a> {
    top: f64,
    height: f64,
    lines: Vec<String>,
    label: &'a str,
    cell: Cell<'a>,
}

fn line(lang: Lang, table: &Table, plot: &Plot, row: &Row<'_>) -> Markup {
    let middle = row.top + row.height / 2.0;
    let first = middle + 3.8 - (row.lines.len() as f64 - 1.0) * LINE / 2.0;
    html! {
        g {
            title { (words::bar(lang, table, row.label, &row.cell)) }
            @for (index, line) in row.lines.iter().enumerate() {
                text x=(LABELS) y=(format!("{:.1}", first + index as f64 * LINE)) text-anchor="end" { (line) }
            }
            @if has_bars(table) {
                (bar(table, plot, row, middle))
                (whisker(table, plot, row, middle))
            } @else {
                (whisker(table, plot, row, middle))
                (dot(table, plot, row, middle))
            }
            text class=[row.cell.is_open().then_some("soft")] x=(WIDTH) y=(format!("{:.1}", middle + 3.8)) text-anchor="end" {
                (explain::number(lang, table, row.cell.value))
            }
        }
    }
}

/// The ink of a bar or dot: as solid as its number.
fn ink(cell: &Cell<'_>) -> &'static str {
    match cell.grade {
        Some(Grade::Firm) => "fill",
        Some(Grade::Rough) => "half",
        Some(Grade::Open) | None => "open",
    }
}

/// From zero to the number. A count below zero has no bar; a sum can be negative in earnest.
fn bar(table: &Table, plot: &Plot, row: &Row<'_>, middle: f64) -> Markup {
    let is_count = matches!(table.measure().map(|measure| &measure.formula), Some(Formula::Count { .. }));
    let value = row.cell.value.map_or(0.0, |value| place(table, value));
    let (from, to) = (plot.x(value.min(0.0)), plot.x(value.max(0.0)));
    html! {
        @if value > 0.0 || (value < 0.0 && !is_count) {
            rect class=(ink(&row.cell)) x=(format!("{from:.1}"))
                y=(format!("{:.1}", middle - BAR / 2.0)) width=(format!("{:.1}", to - from)) height=(BAR) {}
        }
    }
}

fn dot(table: &Table, plot: &Plot, row: &Row<'_>, middle: f64) -> Markup {
    html! {
        @if let Some(value) = row.cell.value {
            circle class=(ink(&row.cell)) cx=(plot.at(place(table, value)))
                cy=(format!("{middle:.1}")) r="3.6" {}
        }
    }
}

fn whisker(table: &Table, plot: &Plot, row: &Row<'_>, middle: f64) -> Markup {
    let ends = row.cell.interval.map(|ends| ends.map(|end| plot.x(place(table, end))));
    let cap = middle - 2.5;
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
    fn labels_are_broken_not_cut() {
        assert_eq!(wrap("Pension", 20), ["Pension"]);
        assert_eq!(wrap("Språkträning eller kortare kurs", 20), ["Språkträning eller", "kortare kurs"]);
        assert_eq!(wrap("Arbetsmarknadsutbildning", 20), ["Arbetsmarknadsutbild", "ning"]);
        assert_eq!(wrap("", 20), [""]);
    }
}
