//! The result of a query above its noisy numbers, as a table: rows in the order of the query, codes by their labels, NULL as a dash. Where
//! its last key has few codes, such as women and men, and there is one number, the codes become columns.

use maud::{Markup, html};

use super::number::{computed, needed};
use super::shown::supported;
use super::table::{class, mark};
use super::words;
use crate::dataset;
use crate::estimate::reliability::Grade;
use crate::explain::{NONE, marks};
use crate::{AboveColumn, Possible, View};
use utfall_ground::text::Lang;

/// The last key becomes the columns if it has at most so many codes.
const WIDEST: usize = 4;

/// How the numbers of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ShownColumn {
    decimals: u32,
    /// What a number is multiplied with: 100 of parts of a whole.
    factor: f64,
    is_percent: bool,
}

/// What a column is on the page.
pub(super) struct OfColumn<'v> {
    pub(super) title: &'v str,
    /// How its numbers are shown; none if it has codes, or something that is no number.
    pub(super) shown: Option<ShownColumn>,
    /// Whether noise is in it.
    pub(super) is_estimate: bool,
    /// Whether its numbers cannot be negative and have no highest.
    pub(super) is_count: bool,
}

impl ShownColumn {
    pub(super) fn is_percent(self) -> bool {
        self.is_percent
    }

    /// A number on an axis.
    pub(super) fn value(self, text: Option<&str>) -> Option<f64> {
        text?.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| value * self.factor)
    }

    /// A number with its sign of percent.
    pub(super) fn number(self, lang: Lang, text: &str) -> String {
        format!("{}{}", self.digits(lang, text, f64::round), self.sign(lang))
    }

    /// From–to, rounded outwards; with "to" in words where there is a minus.
    pub(super) fn range(self, lang: Lang, (low, high): (&str, &str)) -> String {
        let dash = if low.starts_with('-') { lang.pick(" till ", " to ") } else { "–" };
        format!("{}{dash}{}", self.digits(lang, low, f64::floor), self.digits(lang, high, f64::ceil))
    }

    /// The same in words, each end with its sign.
    pub(super) fn between(self, lang: Lang, (low, high): (&str, &str)) -> String {
        let (low, high) = (self.digits(lang, low, f64::floor), self.digits(lang, high, f64::ceil));
        format!("{low}{sign} {} {high}{sign}", lang.pick("till", "to"), sign = self.sign(lang))
    }

    fn sign(self, lang: Lang) -> &'static str {
        if self.is_percent { lang.pick("\u{a0}%", "%") } else { "" }
    }

    fn digits(self, lang: Lang, text: &str, round: fn(f64) -> f64) -> String {
        let unit = 10f64.powi(i32::try_from(self.decimals).unwrap_or_default());
        match self.value(Some(text)).map(|value| value * unit) {
            // A decimal fraction is not exact in binary: what is a hair from a whole number is one.
            Some(value) if (value - value.round()).abs() < 1e-6 => {
                computed(lang, &format!("{}", value.round() / unit + 0.0), self.decimals)
            }
            Some(value) => computed(lang, &format!("{}", round(value) / unit + 0.0), self.decimals),
            None => text.to_owned(),
        }
    }
}

/// The columns of a view.
pub(super) fn columns<'v>(lang: Lang, view: &'v View) -> Vec<OfColumn<'v>> {
    let grades = view.grades();
    let columns = view.columns.iter().enumerate();
    let one = |(index, column): (usize, &'v AboveColumn)| OfColumn {
        title: column.title.get(lang),
        shown: shown(view, index, column, &grades),
        is_estimate: view.has_grades(index),
        is_count: view.possible(index) == Some(Possible::COUNT),
    };
    columns.map(one).collect()
}

/// How a column is shown: with the decimals that it has, but for numbers with intervals no more than these support.
fn shown(view: &View, index: usize, column: &AboveColumn, grades: &[Vec<Option<Grade>>]) -> Option<ShownColumn> {
    let rows = 0..view.rows.len();
    let needed = rows.clone().filter_map(|row| view.cell(row, index)).map(needed).collect::<Option<Vec<u32>>>()?;
    let most = needed.into_iter().max().filter(|_| column.codes.is_empty())?;
    let unit = dataset::view_unit(view, index);
    let is_share = unit.as_ref().is_some_and(|unit| unit.code == "share") && !view.is_public(index);
    let is_percent = is_share || unit.is_some_and(|unit| unit.code == "percent");
    let (factor, most) = if is_share { (100.0, most.saturating_sub(2)) } else { (1.0, most) };
    let half = |row: usize| {
        let (low, high) = view.interval(row, index)?;
        Some((high.parse::<f64>().ok()? - low.parse::<f64>().ok()?) / 2.0 * factor)
    };
    let says = |row: &usize| grades.get(*row).and_then(|of| of.get(index)).copied().flatten() != Some(Grade::Open);
    let widest = rows.clone().filter(says).filter_map(half).reduce(f64::max).or_else(|| rows.filter_map(half).reduce(f64::max));
    Some(ShownColumn { decimals: widest.map_or(most, |half| supported(half).min(most)), factor, is_percent })
}

/// The table.
pub(super) fn view(lang: Lang, view: &View) -> Markup {
    let caption = format!("{}-caption", view.name);
    let columns = columns(lang, view);
    let grades = view.grades();
    html! {
        p.caption id=(caption) { (words::view_caption(lang)) }
        @if view.rows.is_empty() {
            p { (lang.pick("Frågan gav inga rader.", "The query gave no rows.")) }
        } @else {
            div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
                table class=[(columns.len() <= 4).then_some("few")] aria-labelledby=(caption) {
                    @match pivot(view, &columns) {
                        Some(pivot) => (turned(lang, view, &columns, &grades, &pivot)),
                        None => (plain(lang, view, &columns, &grades)),
                    }
                }
            }
            (legend(lang, view, &grades))
        }
    }
}

fn plain(lang: Lang, view: &View, columns: &[OfColumn<'_>], grades: &[Vec<Option<Grade>>]) -> Markup {
    html! {
        thead { tr {
            @for column in columns { th class=[column.shown.is_none().then_some("key")] scope="col" { (column.title) } }
        } }
        tbody { @for row in 0..view.rows.len() { tr {
            @for (index, column) in columns.iter().enumerate() { (cell(lang, view, column, grades, (row, index))) }
        } } }
    }
}

/// Which key becomes the columns, and what the rows are.
struct Pivot {
    /// The key in the columns.
    over: usize,
    /// The codes in the columns, by their places in the list.
    codes: Vec<usize>,
    /// The column of the numbers.
    number: usize,
    /// The keys of the rows.
    keys: Vec<usize>,
    /// Per row of the page, the row of the view for each code.
    rows: Vec<Vec<Option<usize>>>,
}

/// One number, at least two keys of which the last one has few codes, and several of these in some row.
fn pivot(view: &View, columns: &[OfColumn<'_>]) -> Option<Pivot> {
    let (numbers, keys): (Vec<usize>, Vec<usize>) =
        (0..columns.len()).partition(|at| columns.get(*at).is_some_and(|of| of.shown.is_some()));
    let ([number], [keys @ .., over]) = (numbers.as_slice(), keys.as_slice()) else { return None };
    let list = &view.columns.get(*over)?.codes;
    let place = |row: usize| list.iter().position(|code| Some(code.code.as_str()) == view.cell(row, *over));
    let found: Vec<usize> = (0..view.rows.len()).map(place).collect::<Option<_>>()?;
    let codes: Vec<usize> = (0..list.len()).filter(|code| found.contains(code)).collect();
    if keys.is_empty() || !(2..=WIDEST).contains(&codes.len()) {
        return None;
    }
    let same = |a: usize, b: usize| keys.iter().all(|key| view.cell(a, *key) == view.cell(b, *key));
    let mut rows: Vec<Vec<Option<usize>>> = Vec::new();
    for (row, code) in found.iter().enumerate() {
        let at = codes.iter().position(|of| of == code)?;
        let own = rows.iter_mut().find(|cells| cells.iter().flatten().next().is_some_and(|first| same(*first, row)));
        match own {
            Some(cells) => match cells.get_mut(at)? {
                Some(_) => return None,
                free => *free = Some(row),
            },
            None => {
                let mut cells = vec![None; codes.len()];
                *cells.get_mut(at)? = Some(row);
                rows.push(cells);
            }
        }
    }
    let several = rows.len() < view.rows.len();
    several.then(|| Pivot { over: *over, codes, number: *number, keys: keys.to_vec(), rows })
}

/// The table with the codes of a key as its columns. A key that most rows share heads them as a group.
fn turned(lang: Lang, view: &View, columns: &[OfColumn<'_>], grades: &[Vec<Option<Grade>>], pivot: &Pivot) -> Markup {
    let Some((own, groups)) = pivot.keys.split_last() else { return html! {} };
    let first = |cells: &Vec<Option<usize>>| cells.iter().flatten().next().copied().unwrap_or_default();
    let name = |key: usize, row: usize| text(lang, view, columns, (row, key));
    let group = |cells: &Vec<Option<usize>>| groups.iter().map(|key| name(*key, first(cells))).collect::<Vec<_>>().join(" · ");
    let column = |at: usize| columns.get(at).map(|of| of.title).unwrap_or_default();
    let codes = view.columns.get(pivot.over).map(|of| of.codes.as_slice()).unwrap_or_default();
    html! {
        thead {
            tr {
                th.key scope="col" rowspan="2" { (pivot.keys.iter().map(|key| column(*key)).collect::<Vec<_>>().join(" · ")) }
                th.over scope="colgroup" colspan=(pivot.codes.len()) { (column(pivot.number)) ", " (words::caption::lower(column(pivot.over))) }
            }
            tr { @for code in pivot.codes.iter().filter_map(|at| codes.get(*at)) { th scope="col" { (code.label.get(lang)) } } }
        }
        @for rows in pivot.rows.chunk_by(|a, b| group(a) == group(b)) {
            tbody {
                @if let Some(shared) = rows.first().map(group).filter(|shared| !shared.is_empty()) {
                    tr { th.key.group scope="rowgroup" colspan=(pivot.codes.len() + 1) { span { (shared) } } }
                }
                @for cells in rows { tr {
                    th.key scope="row" { (name(*own, first(cells))) }
                    @for row in cells {
                        @match (row, columns.get(pivot.number)) {
                            (Some(row), Some(of)) => (cell(lang, view, of, grades, (*row, pivot.number))),
                            (_, _) => { td {} }
                        }
                    }
                } }
            }
        }
    }
}

/// What the marks of a view mean, and that people are shown what is possible.
fn legend(lang: Lang, view: &View, grades: &[Vec<Option<Grade>>]) -> Markup {
    let places = grades.iter().enumerate().flat_map(|(row, of)| of.iter().enumerate().map(move |(at, grade)| (row, at, grade)));
    let mut graded = places.filter(|(.., grade)| grade.is_some());
    let marked = marks::legend(grades.iter().flatten().flatten().copied(), |grade| marks::meaning_above(lang, grade));
    html! {
        @if !marked.is_empty() { p.small.soft { (marked) } }
        @if graded.any(|(row, column, _)| view.is_at_an_end(row, column)) { p.small.soft { (words::impossible(lang)) } }
    }
}

/// A cell as text: the label of its code, its number or what it is.
fn text(lang: Lang, view: &View, columns: &[OfColumn<'_>], (row, index): (usize, usize)) -> String {
    let text = view.cell(row, index);
    let code = view.columns.get(index).and_then(|of| of.codes.iter().find(|code| Some(code.code.as_str()) == text));
    match (text, code, columns.get(index).and_then(|of| of.shown)) {
        (None, ..) => NONE.to_owned(),
        (Some(_), Some(code), _) => code.label.get(lang).to_owned(),
        (Some(text), None, Some(shown)) => shown.number(lang, text),
        (Some(text), None, None) => text.to_owned(),
    }
}

fn cell(lang: Lang, view: &View, column: &OfColumn<'_>, grades: &[Vec<Option<Grade>>], (row, index): (usize, usize)) -> Markup {
    let grade = grades.get(row).and_then(|of| of.get(index)).copied().flatten();
    let shown = match column.shown {
        Some(shown) => view.cell(row, index).map_or(NONE.to_owned(), |text| shown.number(lang, text)),
        None => text(lang, view, &[], (row, index)),
    };
    html! {
        @if let Some(of) = column.shown {
            td class=[grade.and_then(|grade| class(Some(grade)))] {
                (mark(grade, |grade| marks::meaning_above(lang, grade)))
                (shown) @if let Some(ends) = view.interval(row, index) { " " small.range { (of.range(lang, ends)) } }
            }
        }
        @else if index == 0 { th.key scope="row" { (shown) } }
        @else { td.text { (shown) } }
    }
}
