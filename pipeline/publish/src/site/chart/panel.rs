//! What a chart shows, before it is drawn: panels of marks, each with its number, its interval and how far it can be relied on.

use std::collections::BTreeSet;

use utfall_estimate::interval::Interval;

use crate::estimate::reliability::Grade;
use crate::estimate::target::Kind as Promised;
use crate::explain::NONE;
use crate::publication::series;
use crate::site::shown::Shown;
use crate::site::view::{ShownColumn, columns};
use crate::site::words;
use crate::{Code, Formula, KeyColumn, MISSING, TOTAL, Table, View};
use utfall_ground::calendar::{Period, label};
use utfall_ground::text::Lang;

/// With more rows than this, what a query computed is left to its table.
const MOST_ROWS: usize = 60;

/// How marks are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::site) enum Kind {
    /// Bars from zero: counts and sums, of which nothing is nothing.
    Bars,
    /// Dots at their place among what is possible.
    Dots,
    /// Bars of which each is part of the one before.
    Steps,
    /// A line through time, with its intervals as a band.
    Time,
}

impl Kind {
    pub(in crate::site) fn has_bars(self) -> bool {
        matches!(self, Self::Bars | Self::Steps)
    }
}

/// How the numbers of a chart are written.
#[derive(Clone, Copy)]
pub(in crate::site) enum Written {
    /// Those of a table.
    Table(Shown),
    /// Those of a column that a query computed.
    Column(ShownColumn),
}

impl Written {
    pub(in crate::site) fn is_percent(self) -> bool {
        match self {
            Self::Table(shown) => shown.is_share(),
            Self::Column(shown) => shown.is_percent(),
        }
    }
}

/// All panels of a table.
pub(in crate::site) struct Chart<'t> {
    pub(in crate::site) name: &'t str,
    pub(in crate::site) kind: Kind,
    pub(in crate::site) shown: Written,
    /// The margin of every number, where it is one and the same.
    pub(in crate::site) margin: Option<i64>,
    /// Whether any number has an interval.
    pub(in crate::site) has_intervals: bool,
    /// Whether numbers can be negative in earnest.
    pub(super) is_signed: bool,
    /// Whether a line is drawn from zero on.
    pub(super) from_zero: bool,
    /// The finest distance that two numbers of the axis can have.
    pub(super) finest: f64,
    /// The name of the key along which the marks lie.
    pub(in crate::site) along: String,
    pub(in crate::site) panels: Vec<Panel<'t>>,
}

/// The marks of one combination of the keys that do not run along it.
pub(in crate::site) struct Panel<'t> {
    pub(super) id: String,
    /// The keys but the last one, by which panels are grouped under a heading.
    pub(super) group: String,
    /// The last key that it is of, and its code.
    pub(super) caption: Option<(String, String)>,
    pub(super) title: String,
    /// Whether it sums over one of its keys.
    pub(super) is_total: bool,
    pub(in crate::site) marks: Vec<Mark<'t>>,
}

/// One number.
pub(in crate::site) struct Mark<'t> {
    pub(in crate::site) label: &'t str,
    /// Its name on an axis, where that is shorter.
    pub(super) tick: String,
    pub(in crate::site) value: Option<f64>,
    pub(super) ends: Option<Interval>,
    pub(in crate::site) grade: Option<Grade>,
    /// The number as it is written.
    pub(in crate::site) text: String,
    /// Its interval, from–to and in words.
    pub(in crate::site) range: Option<String>,
    pub(in crate::site) between: Option<String>,
    /// What was promised of it.
    pub(super) goals: Vec<f64>,
}

impl<'t> Chart<'t> {
    /// That of a table; none if it has no numbers.
    pub(super) fn of(lang: Lang, table: &'t Table) -> Option<Self> {
        let keys = &table.description.keys;
        let time = keys.iter().position(|key| series::is_period(&key.name) && key.codes.iter().all(is_period));
        let along = time.or_else(|| keys.len().checked_sub(1));
        let shown = Shown::of(table);
        let is_count = matches!(table.measure().map(|of| &of.formula), Some(Formula::Count { .. }));
        let mut panels = panels(lang, table, along, shown);
        if table.is_total() && time.is_none() {
            drop_totals(table, along, &mut panels);
        }
        let kind = match (time, along.and_then(|at| keys.get(at))) {
            (Some(_), _) => Kind::Time,
            (None, Some(key)) if is_count && is_ordered(key) && panels.iter().all(|(_, panel)| descends(panel)) => Kind::Steps,
            (None, _) if table.is_total() => Kind::Bars,
            (None, _) => Kind::Dots,
        };
        let low = match table.measure().map(|of| &of.formula) {
            Some(Formula::Split { low, .. } | Formula::Mean { low, .. }) => *low,
            _ => 0,
        };
        Some(Self {
            name: &table.name,
            kind,
            shown: Written::Table(shown),
            margin: table.margin,
            has_intervals: table.lower.iter().any(Option::is_some),
            is_signed: low < 0,
            from_zero: kind == Kind::Time && table.is_total(),
            finest: if table.is_total() || shown.is_share() { 1.0 } else { 0.0 },
            along: along.and_then(|at| keys.get(at)).map(|key| key.title.get(lang).to_owned()).unwrap_or_default(),
            panels: panels.into_iter().map(|(_, panel)| panel).collect(),
        })
        .filter(|chart| !chart.panels.is_empty())
    }

    /// That of what a query computed: the first share that has intervals, or else the first number, along the key that has the most codes.
    pub(super) fn of_view(lang: Lang, view: &'t View) -> Option<Self> {
        let columns = columns(lang, view);
        let estimates =
            || (0..columns.len()).filter(|at| columns.get(*at).is_some_and(|of| of.is_estimate) && view.has_intervals(*at));
        let is_share = |at: &usize| columns.get(*at).and_then(|of| of.shown).is_some_and(ShownColumn::is_percent);
        let at = estimates().find(is_share).or_else(|| estimates().next())?;
        let (shown, is_count) = (columns.get(at)?.shown?, columns.get(at)?.is_count);
        let keys = || (0..columns.len()).filter(|at| view.columns.get(*at).is_some_and(|of| !of.codes.is_empty()));
        let used = |key: usize| (0..view.rows.len()).filter_map(|row| view.cell(row, key)).collect::<BTreeSet<_>>().len();
        let along = keys().max_by_key(|key| (used(*key), *key))?;
        let rest: Vec<usize> = keys().filter(|key| *key != along && used(*key) > 1).collect();
        let panels = view_panels(lang, view, (at, shown), along, &rest);
        let key = view.columns.get(along)?;
        let kind = match is_count {
            true if is_ordered_named(&key.name, &key.codes) && panels.iter().all(descends) => Kind::Steps,
            true => Kind::Bars,
            false => Kind::Dots,
        };
        let lowest =
            panels.iter().flat_map(|panel| &panel.marks).filter_map(|mark| mark.ends).map(|ends| ends.low).fold(0.0, f64::min);
        let is_worth_it = panels.iter().all(|panel| panel.marks.len() > 1) && view.rows.len() <= MOST_ROWS;
        is_worth_it.then(|| Self {
            name: &view.name,
            kind,
            shown: Written::Column(shown),
            margin: None,
            has_intervals: true,
            is_signed: lowest < 0.0,
            from_zero: false,
            finest: if is_count || shown.is_percent() { 1.0 } else { 0.0 },
            along: key.title.get(lang).to_owned(),
            panels,
        })
    }

    /// Whether any number has this grade.
    pub(in crate::site) fn has(&self, grade: Grade) -> bool {
        self.panels.iter().flat_map(|panel| &panel.marks).any(|mark| mark.grade == Some(grade))
    }

    /// Whether something was promised of any number.
    pub(in crate::site) fn has_goals(&self) -> bool {
        self.panels.iter().flat_map(|panel| &panel.marks).any(|mark| !mark.goals.is_empty())
    }
}

/// The panels of a column of what a query computed, along a key, one for each combination of the rest.
fn view_panels<'t>(
    lang: Lang,
    view: &'t View,
    (at, shown): (usize, ShownColumn),
    along: usize,
    rest: &[usize],
) -> Vec<Panel<'t>> {
    let grades = view.grades();
    let code = |row: usize, key: usize| {
        let of = view.columns.get(key)?;
        of.codes.iter().find(|code| Some(code.code.as_str()) == view.cell(row, key))
    };
    let mut panels: Vec<Panel<'t>> = Vec::new();
    for row in 0..view.rows.len() {
        let name = |key: &usize| Some((view.columns.get(*key)?.title.get(lang), code(row, *key)?.label.get(lang)));
        let names: Vec<(&str, &str)> = rest.iter().filter_map(name).collect();
        let (caption, group) = headed(&names);
        let ends = view.interval(row, at);
        let mark = Mark {
            label: code(row, along).map_or(NONE, |code| code.label.get(lang)),
            tick: String::new(),
            value: shown.value(view.cell(row, at)),
            ends: ends.and_then(|(low, high)| Some(Interval::new(shown.value(Some(low))?, shown.value(Some(high))?))),
            grade: grades.get(row).and_then(|of| of.get(at)).copied().flatten(),
            text: view.cell(row, at).map_or(NONE.to_owned(), |text| shown.number(lang, text)),
            range: ends.map(|ends| shown.range(lang, ends)),
            between: ends.map(|ends| shown.between(lang, ends)),
            goals: Vec::new(),
        };
        match panels.iter_mut().find(|panel| panel.caption == caption && panel.group == group) {
            Some(panel) => panel.marks.push(mark),
            None => {
                let column = view.columns.get(at).map(|of| of.title.get(lang)).unwrap_or_default();
                let labels = names.iter().map(|(_, code)| *code);
                let title = [view.title.get(lang), column].into_iter().chain(labels).collect::<Vec<_>>().join(": ");
                panels.push(Panel {
                    id: format!("view-{}", panels.len()),
                    group,
                    caption,
                    title,
                    is_total: false,
                    marks: vec![mark],
                });
            }
        }
    }
    panels
}

fn is_period(code: &Code) -> bool {
    Period::parse(&code.code).is_some()
}

/// Whether the codes of a key come one after the other: by its name, or because they are numbers that rise.
fn is_ordered(key: &KeyColumn) -> bool {
    is_ordered_named(&key.name, &key.codes)
}

fn is_ordered_named(name: &str, codes: &[Code]) -> bool {
    const NAMES: [&str; 7] = ["step", "stage", "occasion", "milestone", "rating", "round", "wave"];
    let numbers: Option<Vec<i64>> = codes.iter().map(|code| code.code.parse().ok()).collect();
    let rise = numbers.is_some_and(|numbers| numbers.is_sorted_by(|a, b| a < b));
    let whole = codes.iter().all(|code| code.code != MISSING && code.code != TOTAL);
    codes.len() > 2 && whole && (rise || NAMES.iter().any(|word| name.split('_').any(|part| part.trim_end_matches('s') == *word)))
}

/// Whether no mark is above the one before it, for all that the noise leaves possible.
fn descends(panel: &Panel<'_>) -> bool {
    let top = |mark: &Mark<'_>| mark.ends.map(|ends| ends.high).or(mark.value);
    let low = |mark: &Mark<'_>| mark.ends.map(|ends| ends.low).or(mark.value);
    panel.marks.len() > 2
        && panel.marks.windows(2).all(|pair| match pair {
            [before, after] => top(before).zip(low(after)).is_some_and(|(top, low)| low <= top),
            _ => false,
        })
        && panel.marks.first().and_then(|of| of.value) > panel.marks.last().and_then(|of| of.value)
}

/// The last key with its code, which heads a panel; the others, which head a group of panels.
fn headed(names: &[(&str, &str)]) -> (Option<(String, String)>, String) {
    let Some(((key, code), rest)) = names.split_last() else { return (None, String::new()) };
    let rest = rest.iter().map(|(key, code)| format!("{key}: {code}")).collect::<Vec<_>>();
    (Some(((*key).to_owned(), (*code).to_owned())), rest.join(" · "))
}

/// Panels with the codes of the keys that they are of.
fn panels<'t>(lang: Lang, table: &'t Table, along: Option<usize>, shown: Shown) -> Vec<(Vec<u16>, Panel<'t>)> {
    let mut cells: Vec<_> = table.cells().zip(0..).collect();
    let others =
        |codes: &[u16]| codes.iter().enumerate().filter(|(at, _)| Some(*at) != along).map(|(_, code)| *code).collect::<Vec<_>>();
    let place = |codes: &[u16]| along.and_then(|at| codes.get(at)).copied();
    cells.sort_by_key(|(cell, _)| (others(cell.codes), place(cell.codes)));
    let keys = &table.description.keys;
    let mut panels: Vec<(Vec<u16>, Panel<'t>)> = Vec::new();
    for (cell, at) in cells {
        let rest = others(cell.codes);
        let code = |key: usize| keys.get(key)?.codes.get(usize::from(*cell.codes.get(key)?));
        let names: Vec<(usize, &Code)> =
            (0..keys.len()).filter(|key| Some(*key) != along).filter_map(|key| Some((key, code(key)?))).collect();
        let mark = Mark {
            label: along
                .and_then(code)
                .map_or_else(|| table.measure().map(|of| of.title.get(lang)).unwrap_or_default(), |code| code.label.get(lang)),
            tick: along.and_then(code).map(|code| label(lang, &code.code)).unwrap_or_default(),
            value: cell.value.map(|value| shown.place(value)),
            ends: cell.interval.map(|ends| ends.map(|end| shown.place(end))),
            grade: cell.grade,
            text: shown.number(lang, cell.value),
            range: cell.interval.map(|ends| shown.range(lang, ends)),
            between: cell.interval.map(|ends| shown.between(lang, ends)),
            goals: goals(table, at),
        };
        match panels.last_mut() {
            Some((of, panel)) if *of == rest => panel.marks.push(mark),
            _ => {
                let name = |(key, code): &(usize, &'t Code)| Some((keys.get(*key)?.title.get(lang), code.label.get(lang)));
                let all: Vec<(&str, &str)> = names.iter().filter_map(name).collect();
                let (caption, group) = headed(&all);
                let labels = names.iter().map(|(_, code)| code.label.get(lang)).collect::<Vec<_>>().join(" · ");
                let title = [table.title.get(lang), &labels].join(": ");
                let id = if rest.is_empty() {
                    "all".to_owned()
                } else {
                    rest.iter().map(u16::to_string).collect::<Vec<_>>().join("-")
                };
                let is_total = table.is_total() && names.iter().any(|(_, code)| code.code == TOTAL);
                let title = title.trim_end_matches(": ").to_owned();
                panels.push((rest, Panel { id, group, caption, title, is_total, marks: vec![mark] }));
            }
        }
    }
    panels
}

/// Leaves a total beside its parts to the table.
fn drop_totals(table: &Table, along: Option<usize>, panels: &mut [(Vec<u16>, Panel<'_>)]) {
    let key = along.and_then(|at| table.description.keys.get(at));
    let totals: Vec<&Code> = key.into_iter().flat_map(|key| &key.codes).filter(|code| code.code == TOTAL).collect();
    for (_, panel) in panels.iter_mut().filter(|(_, panel)| panel.marks.len() > 1) {
        panel.marks.retain(|mark| !totals.iter().any(|code| code.label.sv == mark.label || code.label.en == mark.label));
    }
}

/// What was promised of the number at a place, where it is of the kind that the table shows.
fn goals(table: &Table, at: usize) -> Vec<f64> {
    let own = table.tracked().filter(|one| one.judged.cell.number() == at && one.target.part.is_none());
    let fits = |kind: Promised| (kind == Promised::Share) == table.measure().is_some_and(|of| of.formula.is_share());
    let ends = own.filter(|one| fits(one.target.kind)).map(|one| one.target.promised());
    ends.flat_map(|Interval { low, high }| [low, high]).flatten().map(|goal| goal as f64).collect()
}

/// A number in words, for those who hear it.
pub(in crate::site) fn spoken(lang: Lang, mark: &Mark<'_>, margin: Option<i64>) -> String {
    words::charts::spoken(lang, mark, margin)
}
