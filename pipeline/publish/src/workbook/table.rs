//! The sheet of a data set: its title, what must be known of its numbers, and its table.

use super::{Cell, Sheet, Style, Target, Value, both};
use crate::dataset::heading::Heading;
use crate::dataset::{DataSet, Number, NumberKind, Quality, Unit};
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use crate::workbook::method::said;
use utfall_ground::text::Lang;

/// Columns are as wide as what stands in them, between these.
const WIDTHS: (usize, usize) = (9, 44);

/// What is said above a table is as wide as this at least, in characters, and stands in columns of so many where the table is narrower.
const NOTE: u16 = 120;
const BESIDE: u16 = 12;

/// The sheet of the data set of this number.
pub(super) fn sheet(number: usize, set: &DataSet, name: String, demonstration: bool) -> Sheet {
    let headings = Heading::all(set, &Lang::ALL);
    let (widths, span) = widths(&headings, set.rows());
    let note = |text: String, style| vec![Cell { span, ..Cell::text(text, style) }];
    let mut rows = vec![
        vec![Cell::text(format!("{number}. {}", both(&set.title)), Style::Title)],
        note(known(Lang::Sv, set, demonstration), Style::Wrapped),
        note(known(Lang::En, set, demonstration), Style::Soft),
        vec![Cell { span, ..Cell::link("Till innehållet · To the contents", Target::Sheet(0)) }],
        headings.iter().map(|heading| Cell::text(&heading.title.en, Style::SoftHead)).collect(),
    ];
    let head = rows.len();
    rows.push(headings.iter().map(|heading| Cell::text(&heading.title.sv, Style::Head)).collect());
    rows.extend((0..set.rows()).map(|row| headings.iter().map(|heading| cell(heading, row)).collect()));
    Sheet { name, widths, rows, head: Some(head) }
}

/// The widths of the columns, and how many of them what is said above the table goes over.
fn widths(headings: &[Heading<'_>], rows: usize) -> (Vec<u16>, usize) {
    let mut widths: Vec<u16> = headings.iter().map(|heading| width(heading, rows)).collect();
    let (mut span, mut sum) = (0, 0);
    while sum < NOTE {
        if span == widths.len() {
            widths.push(BESIDE);
        }
        sum += widths.get(span).copied().unwrap_or(BESIDE);
        span += 1;
    }
    (widths, span)
}

/// What must be known of the numbers. What a word for reliability means is said once, beside how the numbers are made.
fn known(lang: Lang, set: &DataSet, demonstration: bool) -> String {
    let made_up = lang.pick("Deltagarna är påhittade.", "The participants are made up.");
    let words = lang.pick(
        "Vad orden för tillförlitlighet betyder står på det sista bladet.",
        "What the words for reliability mean is said on the last sheet.",
    );
    let parts = [demonstration.then_some(made_up), Some(set.statement.get(lang)), statuses(lang, set).map(|_| words)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What the words for observation statuses mean, if the data set has any.
pub(super) fn statuses(lang: Lang, set: &DataSet) -> Option<String> {
    set.estimates().find(|(at, _)| set.about(*at, Quality::Status).is_some())?;
    let one = |grade: Grade| {
        let (word, meaning) = (marks::short(lang, grade)?, said(&set.method["reliability"][grade.status()], lang)?);
        Some(if meaning.starts_with(word) { meaning } else { format!("{word}: {meaning}") })
    };
    let found: Vec<String> = [Grade::Rough, Grade::Open].into_iter().filter_map(one).collect();
    (!found.is_empty()).then(|| format!("{}: {}.", lang.pick("Tillförlitlighet", "Reliability"), found.join("; ")))
}

fn cell(heading: &Heading<'_>, row: usize) -> Cell {
    let Some(kind) = heading.kind() else {
        let value = heading.text(row).map_or(Value::Empty, |text| Value::Text(text.to_owned()));
        return Cell::new(value, Style::Plain);
    };
    let style = style(kind, heading.unit);
    match heading.column.number(row) {
        // A workbook would show another number.
        Some(number) if !is_exact(number) => Cell::text(number.as_str(), Style::Plain),
        Some(number) => Cell::new(Value::Number(number.clone()), style),
        None => Cell::new(Value::Empty, style),
    }
}

/// How a number looks: parts of a whole in hundredths, all others in groups.
fn style(kind: NumberKind, unit: Option<&Unit>) -> Style {
    if unit == Some(&Unit::share()) { Style::Percent(kind.decimals().saturating_sub(2)) } else { Style::Grouped(kind.decimals()) }
}

/// Whether 64 bits with a fraction, which are what workbooks have, hold a number to its last digit. Those that have an exponent were
/// computed so.
fn is_exact(number: &Number) -> bool {
    let plain = |text: &str| {
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        if text == "-0" { "0".to_owned() } else { text.to_owned() }
    };
    number.kind() == NumberKind::Double || plain(number.as_str()) == plain(&(number.to_f64() + 0.0).to_string())
}

/// So many characters as the longest word of the heading has, or the longest cell.
fn width(heading: &Heading<'_>, rows: usize) -> u16 {
    let titles = heading.title.sv.split(' ').chain(heading.title.en.split(' '));
    let cells = (0..rows).filter_map(|row| heading.text(row));
    let longest = titles.chain(cells).map(|text| text.chars().count()).max().unwrap_or_default();
    // Room for the button of the filter.
    u16::try_from((longest + 3).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or_default()
}
