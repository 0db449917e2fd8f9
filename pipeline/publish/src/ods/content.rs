//! The cells of a workbook, in the words of OpenDocument.

use maud::{Markup, html};

use super::{DECLARATION, style};
use crate::dataset::Number;
use crate::workbook::{Cell, Sheet, Style, Target, Value, Workbook};

/// The part with all sheets.
pub(super) fn part(workbook: &Workbook) -> Markup {
    html! {
        (DECLARATION)
        office:document-content
            xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
            xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
            xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
            xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
            xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
            xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
            xmlns:xlink="http://www.w3.org/1999/xlink"
            office:version="1.3"
        {
            office:automatic-styles { (style::used(workbook)) }
            office:body {
                office:spreadsheet {
                    @for sheet in &workbook.sheets { (table(workbook, sheet)) }
                    table:database-ranges { @for (at, sheet) in workbook.sheets.iter().enumerate() { (filter(at, sheet)) } }
                }
            }
        }
    }
}

fn table(workbook: &Workbook, sheet: &Sheet) -> Markup {
    html! {
        table:table table:name=(sheet.name) table:style-name="sheet" {
            @for width in &sheet.widths {
                table:table-column table:style-name=(style::column(*width)) table:default-cell-style-name="Default" {}
            }
            @for (at, row) in sheet.rows.iter().enumerate() {
                table:table-row table:style-name=(style::row(sheet.lines(at))) {
                    @for one in row {
                        (cell(workbook, one))
                        @for _ in 1..one.span { table:covered-table-cell {} }
                    }
                    // A row has a cell.
                    @if row.is_empty() { table:table-cell {} }
                }
            }
        }
    }
}

/// The table of a sheet, with a button to filter by at every heading.
fn filter(at: usize, sheet: &Sheet) -> Markup {
    let Some((head, right)) = sheet.head.zip(sheet.columns().and_then(|columns| columns.checked_sub(1))) else { return html! {} };
    let cell = |column: usize, row: usize| format!("'{}'.{}{}", sheet.name, letters(column), row + 1);
    let range = format!("{}:{}", cell(0, head), cell(right, sheet.rows.len().saturating_sub(1)));
    html! {
        table:database-range
            table:name={ "table" (at) } table:target-range-address=(range) table:display-filter-buttons="true" table:contains-header="true" {}
    }
}

/// The name of a column: A to Z, then AA.
fn letters(column: usize) -> String {
    let (above, last) = (column / 26, char::from(b'A' + u8::try_from(column % 26).unwrap_or_default()));
    if above == 0 { last.to_string() } else { format!("{}{last}", letters(above - 1)) }
}

fn cell(workbook: &Workbook, cell: &Cell) -> Markup {
    let style = style::name(cell.style);
    let span = (cell.span > 1).then_some(cell.span);
    html! {
        @match &cell.value {
            Value::Empty => table:table-cell table:style-name=(style) {},
            Value::Text(text) => table:table-cell table:style-name=(style) table:number-columns-spanned=[span] office:value-type="string" { (paragraphs(text)) },
            Value::Number(number) => {
                @let kind = if matches!(cell.style, Style::Percent(_)) { "percentage" } else { "float" };
                table:table-cell table:style-name=(style) office:value-type=(kind) office:value=(number.as_str()) {
                    text:p { (shown(number, cell.style)) }
                }
            }
            Value::Link(text, target) => table:table-cell table:style-name=(style) table:number-columns-spanned=[span] office:value-type="string" {
                text:p { text:a xlink:type="simple" xlink:href=(address(workbook, target)) { (allowed(text)) } }
            },
        }
    }
}

fn address(workbook: &Workbook, target: &Target) -> String {
    match target {
        Target::Web(address) => address.clone(),
        Target::Sheet(at) => format!("#'{}'.A1", workbook.sheets.get(*at).map(|sheet| sheet.name.as_str()).unwrap_or_default()),
    }
}

/// The lines of a text. OpenDocument takes several spaces for one unless it is told how many they are.
fn paragraphs(text: &str) -> Markup {
    html! { @for line in text.split('\n') { text:p { (spaced(line)) } } }
}

fn spaced(line: &str) -> Markup {
    let line = allowed(line);
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default().to_owned();
    let rest: Vec<&str> = words.collect();
    let plain = !line.starts_with(' ') && !line.contains("  ") && !line.ends_with(' ');
    html! { @if plain { (line) } @else { (first) @for word in rest { text:s {} (word) } } }
}

/// A text without what cannot stand in XML 1.0 at all (section 2.2: control characters but tab and the ends of lines); a tab is a space, as
/// OpenDocument reads it.
pub(super) fn allowed(text: &str) -> String {
    let one = |c: char| match c {
        '\t' => Some(' '),
        '\n' => Some(c),
        '\u{fffe}' | '\u{ffff}' => None,
        c if c < ' ' => None,
        c => Some(c),
    };
    text.chars().filter_map(one).collect()
}

/// A number as programs show it that do not work it out themselves.
fn shown(number: &Number, style: Style) -> String {
    let value = number.to_f64();
    let written =
        |value: f64, decimals: u32| format!("{value:.*}", usize::try_from(decimals).unwrap_or_default()).replace('.', ",");
    match style {
        Style::Percent(decimals) => format!("{} %", written(value * 100.0, decimals)),
        Style::Grouped(decimals) => grouped(&written(value, decimals)),
        _ => number.as_str().to_owned(),
    }
}

/// The digits before the comma in groups of three.
fn grouped(number: &str) -> String {
    let (whole, fraction) = number.find(',').map_or((number, ""), |at| number.split_at(at));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_as_they_are() {
        let written = |text| paragraphs(text).into_string();
        assert_eq!(written("=1+1 <b> \"å\" & x"), "<text:p>=1+1 &lt;b&gt; &quot;å&quot; &amp; x</text:p>");
        assert_eq!(written("a\r\nb\u{0}\u{1b}"), "<text:p>a</text:p><text:p>b</text:p>");
        assert_eq!(written(" a  b "), "<text:p><text:s></text:s>a<text:s></text:s><text:s></text:s>b<text:s></text:s></text:p>");
    }

    #[test]
    fn numbers_are_shown_as_in_sweden() {
        let show = |text, style| shown(&Number::parse(text).unwrap(), style);
        assert_eq!(show("0.62", Style::Percent(1)), "62,0 %");
        assert_eq!(show("-1234567.5", Style::Grouped(2)), "-1\u{a0}234\u{a0}567,50");
        assert_eq!(show("-12", Style::Grouped(0)), "-12");
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
