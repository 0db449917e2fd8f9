//! Charts: one small panel per combination of the leading keys, one bar per code of the last key.
//!
//! The panels of a table share their axis, so that they can be compared. A panel whose numbers are all much smaller gets
//! an axis of its own, and says so.

use maud::{Markup, html};

use super::number::integer;
use super::words;
use crate::derive::{MISSING, Table};
use crate::text::Lang;

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

/// The bars of one combination of the leading keys.
struct Panel<'a> {
    leading: &'a [u16],
    bars: Vec<(String, i64)>,
}

/// The ends of an axis.
#[derive(Clone, Copy, PartialEq)]
struct Axis {
    low: f64,
    high: f64,
}

/// The charts of a table, with their legend.
pub(super) fn charts(lang: Lang, table: &Table) -> Markup {
    let panels = panels(lang, table);
    if panels.is_empty() || panels.len() > MOST_PANELS {
        return html! {};
    }
    let drawn = html! {
        @for group in panels.chunk_by(|a, b| outer(a) == outer(b)) {
            @if let Some(first) = group.first() && !outer(first).is_empty() {
                h3 { (names(lang, table, outer(first))) }
            }
            div.panels { @for panel in group { (figure(lang, table, panel, shared(table))) } }
        }
    };
    html! {
        p.small {
            (words::chart(lang, table)) " "
            a.screen href=(format!("#{}-caption", table.description.name)) { (lang.pick("Till tabellen", "To the table")) }
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
    cells.sort();
    for (cell, value) in cells {
        let leading = cell.split_last().map_or(cell, |(_, leading)| leading);
        let label = match table.description.codes(cell).last() {
            Some(code) => code.label.get(lang),
            None => table.description.measure.title.get(lang),
        };
        let bar = (label.to_owned(), value);
        match panels.last_mut() {
            Some(panel) if panel.leading == leading => panel.bars.push(bar),
            _ => panels.push(Panel { leading, bars: vec![bar] }),
        }
    }
    panels
}

/// All leading keys but the last: they head a group of panels.
fn outer<'a>(panel: &Panel<'a>) -> &'a [u16] {
    panel.leading.split_last().map_or(&[], |(_, outer)| outer)
}

fn names(lang: Lang, table: &Table, cell: &[u16]) -> String {
    let labels: Vec<_> = table.description.codes(cell).map(|code| code.label.get(lang)).collect();
    labels.join(" · ")
}

fn axis(values: impl Iterator<Item = i64>, margin: i64) -> Axis {
    values.fold(Axis { low: 0.0, high: 1.0 }, |axis, value| Axis {
        low: axis.low.min(value.saturating_sub(margin) as f64),
        high: axis.high.max(value.saturating_add(margin) as f64),
    })
}

fn shared(table: &Table) -> Axis {
    axis(table.values.iter().copied(), table.margin)
}

fn figure(lang: Lang, table: &Table, panel: &Panel<'_>, shared: Axis) -> Markup {
    let own = axis(panel.bars.iter().map(|&(_, value)| value), table.margin);
    let small = own.high * 6.0 < shared.high;
    let axis = if small { own } else { shared };
    // The heading of the group names the outer keys already.
    let inner = table.description.codes(panel.leading).last();
    html! {
        figure {
            figcaption {
                @if let Some(code) = inner {
                    @if code.code == MISSING { i { (code.label.get(lang)) } } @else { (code.label.get(lang)) }
                }
                @if small { " " small { (lang.pick("(egen skala)", "(scale of its own)")) } }
            }
            (drawing(lang, table, panel, axis))
        }
    }
}

fn drawing(lang: Lang, table: &Table, panel: &Panel<'_>, axis: Axis) -> Markup {
    let mut height = 0.0;
    let mut rows = Vec::new();
    for (label, value) in &panel.bars {
        let lines = wrap(label, LETTERS);
        let row = Row { top: height, height: lines.len() as f64 * LINE + 6.0, lines, label, value: *value };
        height += row.height;
        rows.push(row);
    }
    let digits = table.values.iter().map(|&value| integer(lang, value).chars().count()).max().unwrap_or(1);
    let plot = Plot { left: LABELS + 10.0, right: WIDTH - 10.0 - 6.5 * digits as f64, axis };
    let id: Vec<String> = panel.leading.iter().map(u16::to_string).collect();
    let id = format!("{}-{}", table.description.name, id.join("-"));
    let title = [table.description.title.get(lang), &names(lang, table, panel.leading)].join(": ");
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {:.1}", height + AXIS)) role="img" aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (title.trim_end_matches(": ")) }
            desc id=(format!("{id}-d")) { (words::bars(lang, table, &panel.bars)) }
            (ticks(lang, &plot, height))
            @for row in &rows { (bar(lang, table, &plot, row)) }
            line.zero x1=(plot.at(0.0)) x2=(plot.at(0.0)) y1="0" y2=(format!("{height:.1}")) {}
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
fn ticks(lang: Lang, plot: &Plot, height: f64) -> Markup {
    let step = round_step((plot.axis.high - plot.axis.low) / 4.0);
    let first = (plot.axis.low / step).ceil() as i64;
    let last = (plot.axis.high / step).floor() as i64;
    html! {
        @for tick in (first..=last).map(|index| index as f64 * step) {
            line.grid x1=(plot.at(tick)) x2=(plot.at(tick)) y1="0" y2=(format!("{:.1}", height + 4.0)) {}
            text.soft x=(plot.at(tick)) y=(format!("{:.1}", height + 15.0)) text-anchor="middle" {
                (integer(lang, tick as i64))
            }
        }
    }
}

/// The least of 1, 2, 5, 10, 20, ... that is no less than `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(1.0).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|&round| round >= step).unwrap_or(10.0 * power)
}

/// One bar and its label.
struct Row<'a> {
    top: f64,
    height: f64,
    lines: Vec<String>,
    label: &'a str,
    value: i64,
}

fn bar(lang: Lang, table: &Table, plot: &Plot, row: &Row<'_>) -> Markup {
    let middle = row.top + row.height / 2.0;
    let (low, high) = (row.value.saturating_sub(table.margin), row.value.saturating_add(table.margin));
    let (low, high) = (plot.x(low as f64), plot.x(high as f64));
    let zero = table.near_zero(row.value);
    let cap = middle - 2.5;
    let whisker = format!("M{low:.1} {middle:.1}H{high:.1}M{low:.1} {cap:.1}v5M{high:.1} {cap:.1}v5");
    let first = middle + 3.8 - (row.lines.len() as f64 - 1.0) * LINE / 2.0;
    html! {
        g {
            title { (words::bar(lang, row.label, row.value, table.margin)) }
            @for (index, line) in row.lines.iter().enumerate() {
                text x=(LABELS) y=(format!("{:.1}", first + index as f64 * LINE)) text-anchor="end" { (line) }
            }
            @if row.value > 0 {
                rect class=(if zero { "open" } else { "fill" }) x=(plot.at(0.0)) y=(format!("{:.1}", middle - BAR / 2.0))
                    width=(format!("{:.1}", plot.x(row.value as f64) - plot.x(0.0))) height=(BAR) {}
            }
            path.whisker d=(whisker) {}
            text class=[zero.then_some("soft")] x=(WIDTH) y=(format!("{:.1}", middle + 3.8)) text-anchor="end" {
                (integer(lang, row.value))
            }
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
        let steps = [0.2, 1.0, 1.1, 3.0, 5.5, 76.0, 100.0, 20_001.0].map(round_step);
        assert_eq!(steps, [1.0, 1.0, 2.0, 5.0, 10.0, 100.0, 100.0, 50_000.0]);
    }

    #[test]
    fn labels_are_broken_not_cut() {
        assert_eq!(wrap("Pension", 20), ["Pension"]);
        assert_eq!(wrap("Språkträning eller kortare kurs", 20), ["Språkträning eller", "kortare kurs"]);
        assert_eq!(wrap("Arbetsmarknadsutbildning", 20), ["Arbetsmarknadsutbild", "ning"]);
        assert_eq!(wrap("", 20), [""]);
    }
}
