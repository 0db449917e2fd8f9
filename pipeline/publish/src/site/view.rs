//! The result of a query above its noisy numbers, as a plain table.

use maud::{Markup, html};

use super::number::{computed, needed};
use super::table::{class, mark};
use super::words;
use crate::estimate::reliability::Grade;
use crate::explain::{NONE, marks};
use crate::{AboveColumn, View};
use utfall_ground::text::Lang;

/// The table: rows in the order of the query, codes by their labels, NULL as a dash.
pub(super) fn view(lang: Lang, view: &View) -> Markup {
    let caption = format!("{}-view", view.name);
    let columns: Vec<_> =
        view.columns.iter().enumerate().map(|(index, column)| (column, decimals(view, index, column))).collect();
    let grades = view.grades();
    html! {
        p.caption id=(caption) { (words::view_caption(lang)) }
        @if view.rows.is_empty() {
            p { (lang.pick("Frågan gav inga rader.", "The query gave no rows.")) }
        } @else {
            div.scroll tabindex="0" role="region" aria-labelledby=(caption) {
                table aria-labelledby=(caption) {
                    thead { tr {
                        @for (column, decimals) in &columns {
                            th class=[decimals.is_none().then_some("key")] scope="col" { (column.title.get(lang)) }
                        }
                    } }
                    tbody { @for (at, row) in view.rows.iter().enumerate() { tr {
                        @for (index, (column, decimals)) in columns.iter().enumerate() {
                            @let number = (row.get(index).and_then(Option::as_deref), view.interval(at, index), grades[at][index]);
                            (cell(lang, index, column, *decimals, number))
                        }
                    } } }
                }
            }
            (legend(lang, view, &grades))
        }
    }
}

/// What the marks of a view mean, and that people are shown what is possible.
fn legend(lang: Lang, view: &View, grades: &[Vec<Option<Grade>>]) -> Markup {
    let mut graded =
        grades.iter().enumerate().flat_map(|(row, of)| (0..of.len()).filter(|at| of[*at].is_some()).map(move |at| (row, at)));
    let marked = marks::legend(grades.iter().flatten().flatten().copied(), |grade| marks::meaning_above(lang, grade));
    html! {
        @if !marked.is_empty() { p.small.soft { (marked) } }
        @if graded.any(|(row, column)| view.is_at_an_end(row, column)) { p.small.soft { (words::impossible(lang)) } }
    }
}

fn cell(
    lang: Lang,
    index: usize,
    column: &AboveColumn,
    decimals: Option<u32>,
    (text, interval, grade): (Option<&str>, Option<(&str, &str)>, Option<Grade>),
) -> Markup {
    let code = column.codes.iter().find(|code| Some(code.code.as_str()) == text);
    let shown = match (text, code, decimals) {
        (None, ..) => NONE.to_owned(),
        (Some(_), Some(code), _) => code.label.get(lang).to_owned(),
        (Some(text), None, Some(decimals)) => computed(lang, text, decimals),
        (Some(text), None, None) => text.to_owned(),
    };
    html! {
        @if let Some(decimals) = decimals {
            td class=[grade.and_then(|grade| class(Some(grade)))] {
                (mark(grade, |grade| marks::meaning_above(lang, grade)))
                (shown) @if let Some((low, high)) = interval { " " small.range { (between(lang, low, high, decimals)) } }
            }
        }
        @else if index == 0 { th.key scope="row" { (shown) } }
        @else { td.text { (shown) } }
    }
}

/// From–to; with "to" in words where there is a minus.
fn between(lang: Lang, low: &str, high: &str, decimals: u32) -> String {
    let one = |text: &str| computed(lang, text, decimals);
    let dash = if low.starts_with('-') { lang.pick(" till ", " to ") } else { "–" };
    format!("{}{dash}{}", one(low), one(high))
}

/// How many decimals the numbers of a column have, the same for all; none if it has codes, or something that is no number.
fn decimals(view: &View, index: usize, column: &AboveColumn) -> Option<u32> {
    let cells = view.rows.iter().filter_map(|row| row.get(index).and_then(Option::as_deref));
    let needed = cells.map(needed).collect::<Option<Vec<u32>>>()?;
    column.codes.is_empty().then(|| needed.into_iter().max().unwrap_or(0))
}
