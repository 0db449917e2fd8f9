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

/// The sheet of the data set of this number.
pub(super) fn sheet(number: usize, set: &DataSet, name: String, demonstration: bool) -> Sheet {
    let headings = Heading::all(set, &Lang::ALL);
    let mut rows = vec![
        vec![Cell::text(format!("{number}. {}", both(&set.title)), Style::Title)],
        vec![Cell::text(known(Lang::Sv, set, demonstration), Style::Plain)],
        vec![Cell::text(known(Lang::En, set, demonstration), Style::Soft)],
        vec![Cell::link("Till innehållet · To the contents", Target::Sheet(0))],
        headings.iter().map(|heading| Cell::text(&heading.title.en, Style::SoftHead)).collect(),
    ];
    let head = rows.len();
    rows.push(headings.iter().map(|heading| Cell::text(&heading.title.sv, Style::Head)).collect());
    rows.extend((0..set.rows()).map(|row| headings.iter().map(|heading| cell(heading, row)).collect()));
    let widths = headings.iter().map(|heading| width(heading, set.rows())).collect();
    Sheet { name, widths, rows, head: Some(head) }
}

/// What must be known of the numbers, in one line.
fn known(lang: Lang, set: &DataSet, demonstration: bool) -> String {
    let made_up = lang.pick("Deltagarna är påhittade.", "The participants are made up.");
    let first = demonstration.then(|| made_up.to_owned());
    let parts: Vec<String> = first.into_iter().chain([set.statement.get(lang).to_owned()]).chain(statuses(lang, set)).collect();
    parts.join(" ")
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
