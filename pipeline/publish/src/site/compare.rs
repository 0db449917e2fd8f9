//! Which places can be told apart.

use maud::{Markup, html};

use super::number::range;
use super::words;
use crate::estimate::interval::Level;
use crate::explain;
use crate::{CellIndex, Table};
use utfall_ground::text::Lang;

/// The comparison of a table's places, the highest first, each with those that it cannot be told from.
pub(super) fn comparison(lang: Lang, table: &Table, level: Level) -> Markup {
    let Some(comparison) = &table.comparison else { return html! {} };
    let label = |at: usize| {
        let codes = table.description.cells.get(at).map(|cell| table.description.codes(cell));
        codes.into_iter().flatten().map(|code| code.label.get(lang)).collect::<Vec<_>>().join(" · ")
    };
    let mut order: Vec<usize> = (0..table.values.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(table.values.get(*at).copied().flatten()));
    let caption = format!("{}-apart", table.name);
    html! {
        h4 { (lang.pick("Vilka går att skilja åt?", "Which can be told apart?")) }
        p.small.soft { (words::together(lang, level, comparison.sampling.is_some())) }
        div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
            table aria-labelledby=(caption) {
                thead {
                    tr {
                        th.key scope="col" #(caption) { (table.description.keys.iter().map(|key| key.title.get(lang)).collect::<Vec<_>>().join(" · ")) }
                        th scope="col" { (words::measure(lang, table)) }
                        th scope="col" { (lang.pick("Intervall som gäller samtidigt", "Interval, all at once")) }
                        th.text scope="col" { (lang.pick("Kan inte skiljas från", "Cannot be told from")) }
                        @if comparison.sampling.is_some() {
                            th.text scope="col" { (lang.pick("… med slumpen i vilka som deltog", "… with chance in who took part")) }
                        }
                    }
                }
                tbody {
                    @for at in order {
                        tr {
                            th.key scope="row" { (label(at)) }
                            td { (explain::number(lang, table, table.values.get(at).copied().flatten())) }
                            td { @if let Some(ends) = comparison.together.get(at).copied().flatten() { (range(lang, ends, table.decimals)) } @else { (explain::NONE) } }
                            td.text { (others(lang, &comparison.alike(CellIndex(at)), table.values.len(), &label)) }
                            @if let Some(alike) = comparison.alike_by_chance(CellIndex(at)) {
                                td.text { (others(lang, &alike, table.values.len(), &label)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The places that one cannot be told from, in words.
fn others(lang: Lang, alike: &[CellIndex], all: usize, label: &dyn Fn(usize) -> String) -> String {
    match alike.len() {
        0 => lang.pick("skiljer sig från alla andra", "differs from all others").to_owned(),
        n if n + 1 == all => lang.pick("någon av de andra", "any of the others").to_owned(),
        _ => alike.iter().map(|at| label(at.number())).collect::<Vec<_>>().join(", "),
    }
}
