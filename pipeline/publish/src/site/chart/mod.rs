//! Charts: drawn as SVG whose text stays text, each with a title and a description, and with the table beside it as its data.
//!
//! The cells of a table are drawn along one of its keys, a panel for each combination of the others: bars from zero for counts and sums,
//! dots for what has a place among what is possible, steps where each one is part of the one before, a line with a band where the key is
//! time. The panels of a table share their axis, so that they can be compared; a panel of bars that are all much smaller, or of totals,
//! gets an axis of its own, and says so. A total beside its parts is left to the table, for it would flatten them.

mod panel;
mod rows;
mod scale;
mod time;

use maud::{Markup, html};

use super::words::charts as words;
use crate::{Table, View};
pub(super) use panel::{Chart, Kind, Mark, Panel};
use scale::Axis;
use utfall_ground::text::Lang;

/// More panels than this are folded away.
const OPEN_PANELS: usize = 24;
/// More panels than this are left to the table.
const MOST_PANELS: usize = 150;

/// The width of a drawing, in its own units.
const WIDTH: f64 = 340.0;

/// Whether the charts of a table are a single panel, which leaves room for the table beside it.
pub(super) fn is_single(lang: Lang, table: &Table) -> bool {
    Chart::of(lang, table).is_some_and(|chart| chart.panels.len() == 1)
}

/// The same of what a query computed.
pub(super) fn is_single_of_view(lang: Lang, view: &View) -> bool {
    Chart::of_view(lang, view).is_some_and(|chart| chart.panels.len() == 1)
}

/// The charts of a table, with their legend, below headings of this level.
pub(super) fn charts(lang: Lang, table: &Table, level: u8) -> Markup {
    Chart::of(lang, table).map_or_else(|| html! {}, |chart| drawn(lang, &chart, level))
}

/// The chart of what a query computed, where it has numbers with intervals along a key.
pub(super) fn of_view(lang: Lang, view: &View, level: u8) -> Markup {
    Chart::of_view(lang, view).map_or_else(|| html! {}, |chart| drawn(lang, &chart, level))
}

fn drawn(lang: Lang, chart: &Chart<'_>, level: u8) -> Markup {
    if chart.panels.is_empty() || chart.panels.len() > MOST_PANELS {
        return html! {};
    }
    let shared = Axis::of(chart, chart.panels.iter().filter(|panel| !panel.is_total));
    let panels = html! {
        @for group in chart.panels.chunk_by(|a, b| a.group == b.group) {
            @if let Some(group) = group.first().map(|first| &first.group).filter(|group| !group.is_empty()) {
                (super::heading(level, group))
            }
            div.panels { @for panel in group { (figure(lang, chart, panel, shared)) } }
        }
    };
    html! {
        p.small.legend {
            (words::legend(lang, chart)) " "
            a.screen href=(format!("#{}-caption", chart.name)) { (lang.pick("Till tabellen", "To the table")) }
        }
        @if chart.panels.len() > OPEN_PANELS {
            details { summary { (words::show(lang, chart.panels.len())) } (panels) }
        } @else {
            (panels)
        }
    }
}

fn figure(lang: Lang, chart: &Chart<'_>, panel: &Panel<'_>, shared: Axis) -> Markup {
    let own = Axis::of(chart, std::iter::once(panel));
    let alone = panel.is_total || (chart.kind.has_bars() && own.high * 6.0 < shared.high);
    let axis = if alone { own } else { shared };
    html! {
        figure {
            @if panel.caption.is_some() || alone {
                figcaption {
                    @if let Some((key, code)) = &panel.caption { span.key { (key) ": " } (code) }
                    @if alone { " " small { (lang.pick("(egen skala)", "(scale of its own)")) } }
                }
            }
            @match chart.kind {
                Kind::Time => (time::drawing(lang, chart, panel, axis)),
                Kind::Bars | Kind::Dots | Kind::Steps => (rows::drawing(lang, chart, panel, axis)),
            }
        }
    }
}

/// The frame of a drawing: as high as it is, named by its title and described by all its numbers.
fn frame(lang: Lang, chart: &Chart<'_>, panel: &Panel<'_>, height: f64, within: &Markup) -> Markup {
    let id = format!("{}-{}", chart.name, panel.id);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height:.1}")) role="img" aria-labelledby=(format!("{id}-t {id}-d")) {
            title id=(format!("{id}-t")) { (panel.title) }
            desc id=(format!("{id}-d")) { (words::described(lang, chart, panel)) }
            (within)
        }
    }
}
