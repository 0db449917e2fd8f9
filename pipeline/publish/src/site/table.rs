//! A table of numbers with their margins.

use std::collections::HashMap;

use maud::{Markup, html};

use super::number::margin;
use super::shown::Shown;
use super::words;
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use crate::{Cell, Code, KeyColumn, MISSING, TOTAL, Table};
use utfall_ground::text::Lang;

/// The last key becomes the columns if it has at most so many codes.
const WIDEST: usize = 12;

/// So few columns have room for an interval beside each number.
const FEW: usize = 3;

/// The table: wide if its last key fits into columns, otherwise one row per number.
///
/// A row is headed by one key; the keys before it head groups of rows, so that one column of headings stays in view when
/// the table is wider than the screen.
pub(super) fn table(lang: Lang, table: &Table, level: Level) -> Markup {
    let description = &table.description;
    let caption = format!("{}-caption", table.name);
    let values: HashMap<&[u16], Cell<'_>> = table.cells().map(|cell| (cell.codes, cell)).collect();
    let columns = match description.keys.split_last() {
        Some((last, [_, ..])) if last.codes.len() <= WIDEST => Some(last),
        _ => None,
    };
    let keys = description.keys.len() - usize::from(columns.is_some());
    let shown = Shown::of(table);
    let class = match columns {
        None => Some("long"),
        Some(last) => (last.codes.len() <= FEW).then_some("few"),
    };
    html! {
        p.caption id=(caption) { (words::caption(lang, table, level)) }
        div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
            table class=[class] aria-labelledby=(caption) {
                (head(lang, table, keys, columns))
                @for group in groups(table, keys) {
                    tbody {
                        (group_head(lang, table, &group, columns.map_or(1, |last| last.codes.len())))
                        @for row in group {
                            tr {
                                (row_head(lang, table, row))
                                @for cell in cells(row, columns) { (number(lang, table, shown, values.get(cell.as_slice()))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The titles of the keys, and the codes of the last key over their columns.
fn head(lang: Lang, table: &Table, keys: usize, columns: Option<&KeyColumn>) -> Markup {
    let titles: Vec<_> = table.description.keys.iter().take(keys).map(|key| key.title.get(lang)).collect();
    html! {
        thead {
            @if let Some(last) = columns {
                tr {
                    th.key scope="col" rowspan="2" { (titles.join(" · ")) }
                    th.over scope="colgroup" colspan=(last.codes.len()) { (last.title.get(lang)) }
                }
                tr { @for code in &last.codes { th scope="col" { (label(lang, code)) } } }
            } @else {
                tr {
                    @if keys > 0 { th.key scope="col" { (titles.join(" · ")) } }
                    th scope="col" { (words::measure(lang, table)) }
                }
            }
        }
    }
}

/// The rows: the distinct beginnings of the cells, in order. Rows that differ in their last key only are together.
fn groups(table: &Table, keys: usize) -> Vec<Vec<&[u16]>> {
    let mut rows: Vec<&[u16]> = table.description.cells.iter().filter_map(|cell| cell.get(..keys)).collect();
    rows.sort();
    rows.dedup();
    let shared = |a: &&[u16], b: &&[u16]| a.split_last().map(|(_, group)| group) == b.split_last().map(|(_, group)| group);
    rows.chunk_by(shared).map(<[_]>::to_vec).collect()
}

/// The keys that a group of rows shares, if there are any.
fn group_head(lang: Lang, table: &Table, group: &[&[u16]], columns: usize) -> Markup {
    let shared = group.first().and_then(|row| row.split_last()).map_or(&[][..], |(_, shared)| shared);
    html! {
        @if !shared.is_empty() {
            tr {
                th.key.group scope="rowgroup" colspan=(columns + 1) {
                    span {
                        @for (index, code) in table.description.codes(shared).enumerate() {
                            @if index > 0 { " · " }
                            (label(lang, code))
                        }
                    }
                }
            }
        }
    }
}

fn row_head(lang: Lang, table: &Table, row: &[u16]) -> Markup {
    html! { @if let Some(code) = table.description.codes(row).last() { th.key scope="row" { (label(lang, code)) } } }
}

/// The cells of a row: one per code of the key in the columns, or the row itself.
fn cells(row: &[u16], columns: Option<&KeyColumn>) -> Vec<Vec<u16>> {
    match columns {
        Some(last) => (0..).take(last.codes.len()).map(|code| [row, &[code]].concat()).collect(),
        None => vec![row.to_vec()],
    }
}

/// A number with its mark, and its margin or its interval; nothing where the grid has no cell.
fn number(lang: Lang, table: &Table, shown: Shown, cell: Option<&Cell<'_>>) -> Markup {
    let Some(cell) = cell else { return html! { td {} } };
    let none = words::nothing(lang);
    html! {
        td class=[class(cell.grade)] {
            (mark(cell.grade, |grade| marks::meaning(lang, table, grade)))
            @if cell.value.is_some() { (shown.number(lang, cell.value)) }
            @else { span role="img" aria-label=(none) title=(none) { (explain::NONE) } }
            @if let Some(half) = table.margin { " " small { (margin(lang, half)) } }
            @else if let Some(ends) = cell.interval { " " small.range { (shown.range(lang, ends)) } }
        }
    }
}

/// The class of a cell by the grade of its number.
pub(super) fn class(grade: Option<Grade>) -> Option<&'static str> {
    match grade {
        Some(Grade::Firm) => None,
        Some(Grade::Rough) => Some("rough"),
        Some(Grade::Open) => Some("open"),
        None => Some("soft"),
    }
}

/// The mark before a number, with what it means for those who hear it and those who point at it.
pub(super) fn mark(grade: Option<Grade>, meaning: impl Fn(Grade) -> &'static str) -> Markup {
    let marked = grade.and_then(|grade| Some((marks::symbol(grade)?, meaning(grade))));
    html! { @if let Some((symbol, what)) = marked { span.mark role="img" aria-label=(what) title=(what) { (symbol) } " " } }
}

/// What is missing stands apart from the codes, and so does the total.
fn label(lang: Lang, code: &Code) -> Markup {
    html! {
        @if code.code == MISSING { i { (code.label.get(lang)) } }
        @else if code.code == TOTAL { b { (code.label.get(lang)) } }
        @else { (code.label.get(lang)) }
    }
}
