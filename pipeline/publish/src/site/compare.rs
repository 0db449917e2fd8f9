//! Which places can be told apart, and which targets are met.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::shown::Shown;
use super::table::{class, mark};
use super::words::{self, comparing};
use crate::estimate::compare::{Comparison, Difference};
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use crate::{Cell, CellIndex, Table};
use utfall_ground::text::Lang;

/// So many pairs are shown: more are no list that anybody reads.
const MOST_PAIRS: usize = 10;

/// The comparison of a table's places: the pairs that differ, the clearest first, and all places, each with those that it cannot be
/// told from. Where nothing differs, a sentence.
pub(super) fn comparison(lang: Lang, table: &Table, level: Level, below: u8) -> Markup {
    let Some(comparison) = &table.comparison else { return html! {} };
    let rows = table.values.len();
    let pairs = comparison.differences();
    html! {
        (super::heading(below, lang.pick("Vilka går att skilja åt?", "Which can be told apart?")))
        @if pairs.is_empty() {
            p.small { (comparing::nothing_differs(lang, level, rows)) }
        } @else {
            p.small.soft { (comparing::together(lang, level)) }
            ul.small {
                @for Difference { above, below, by } in pairs.iter().take(MOST_PAIRS) {
                    @let by_chance = comparison.sampling.is_some().then(|| comparison.by_chance(*above, *below));
                    li { (comparing::above(lang, table, (&label(lang, table, *above), &label(lang, table, *below)), *by, by_chance)) }
                }
                @if pairs.len() > MOST_PAIRS { li { (comparing::more_pairs(lang, pairs.len() - MOST_PAIRS)) } }
            }
            details {
                summary { (comparing::all_rows(lang, rows)) }
                p.small.soft { (comparing::order(lang, comparison.sampling.is_some())) }
                (places(lang, table, comparison))
            }
        }
    }
}

/// The name of a place.
fn label(lang: Lang, table: &Table, at: CellIndex) -> String {
    let codes = table.description.cells.get(at.number()).map(|cell| table.description.codes(cell));
    codes.into_iter().flatten().map(|code| code.label.get(lang)).collect::<Vec<_>>().join(" · ")
}

/// All places, the highest first; those whose numbers say nothing, or that have none, last.
fn places(lang: Lang, table: &Table, comparison: &Comparison) -> Markup {
    let mut order: Vec<(CellIndex, Cell<'_>)> = CellIndex::all(table.values.len()).zip(table.cells()).collect();
    order.sort_by_key(|(_, cell)| (cell.grade.is_none_or(|grade| grade == Grade::Open), Reverse(cell.value)));
    let (caption, all) = (format!("{}-apart", table.name), table.values.len());
    let (name, shown) = (|at: usize| label(lang, table, CellIndex(at)), Shown::of(table));
    html! {
        div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
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
                    @for (at, cell) in order {
                        tr {
                            th.key scope="row" { (name(at.number())) }
                            td class=[class(cell.grade)] {
                                (mark(cell.grade, |grade| marks::meaning(lang, table, grade)))
                                (shown.number(lang, cell.value))
                            }
                            td { @if let Some(ends) = comparison.together.get(at.number()).copied().flatten() { (shown.range(lang, ends)) } @else { (explain::NONE) } }
                            td.text { (others(lang, &comparison.alike(at), all, &name)) }
                            @if let Some(alike) = comparison.alike_by_chance(at) {
                                td.text { (others(lang, &alike, all, &name)) }
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
