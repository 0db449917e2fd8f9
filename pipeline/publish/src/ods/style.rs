//! How cells look, in the words of OpenDocument.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::DECLARATION;
use crate::workbook::{Style, Workbook};

/// The grey of what is said beside, the blue of links and the ground of headings.
const GREY: &str = "#595959";
const BLUE: &str = "#0563c1";
const GROUND: &str = "#e8eef4";

/// What all sheets have in common: the language, by which programs choose the decimal comma.
pub(super) fn part() -> Markup {
    html! {
        (DECLARATION)
        office:document-styles
            xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
            xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
            xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
            office:version="1.3"
        {
            office:styles {
                style:default-style style:family="table-cell" {
                    style:text-properties fo:font-family="Calibri, Carlito, sans-serif" fo:font-size="11pt" fo:language="sv" fo:country="SE" {}
                }
                style:style style:name="Default" style:family="table-cell" {}
            }
            office:automatic-styles {
                style:page-layout style:name="page" {
                    // As wide as the paper, however many sheets of it there are.
                    style:page-layout-properties
                        fo:page-width="297mm" fo:page-height="210mm" style:print-orientation="landscape" fo:margin="15mm"
                        style:scale-to-X="1" style:scale-to-Y="0" {}
                }
            }
            office:master-styles { style:master-page style:name="Default" style:page-layout-name="page" {} }
        }
    }
}

/// The name of a style of cells.
pub(super) fn name(style: Style) -> String {
    match style {
        Style::Grouped(decimals) => format!("grouped{decimals}"),
        Style::Percent(decimals) => format!("percent{decimals}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The name of a style of columns.
pub(super) fn column(width: u16) -> String {
    format!("width{width}")
}

/// The name of a style of rows of so many lines.
pub(super) fn row(lines: usize) -> String {
    format!("lines{lines}")
}

/// The styles that a workbook uses.
pub(super) fn used(workbook: &Workbook) -> Markup {
    let widths: BTreeSet<u16> = workbook.sheets.iter().flat_map(|sheet| sheet.widths.iter().copied()).collect();
    let cells: BTreeSet<Style> =
        workbook.sheets.iter().flat_map(|sheet| sheet.rows.iter().flatten().map(|cell| cell.style)).collect();
    let lines: BTreeSet<usize> =
        workbook.sheets.iter().flat_map(|sheet| (0..sheet.rows.len()).map(|row| sheet.lines(row))).collect();
    html! {
        @for width in widths {
            style:style style:name=(column(width)) style:family="table-column" {
                // A character is about two millimetres wide.
                style:table-column-properties style:column-width={ (2 * width) "mm" } {}
            }
        }
        @for lines in lines {
            style:style style:name=(row(lines)) style:family="table-row" {
                @if lines == 1 { style:table-row-properties style:use-optimal-row-height="true" {} }
                @else { style:table-row-properties style:row-height={ (5 * lines) "mm" } style:use-optimal-row-height="false" {} }
            }
        }
        style:style style:name="sheet" style:family="table" style:master-page-name="Default" { style:table-properties table:display="true" {} }
        @for style in cells { (number(style)) (cell(style)) }
    }
}

/// How the numbers of a style are written.
fn number(style: Style) -> Markup {
    let format = format!("{}-number", name(style));
    html! {
        @match style {
            Style::Grouped(decimals) => number:number-style style:name=(format) number:language="sv" number:country="SE" {
                number:number number:decimal-places=(decimals) number:min-decimal-places=(decimals) number:min-integer-digits="1" number:grouping="true" {}
            },
            Style::Percent(decimals) => number:percentage-style style:name=(format) number:language="sv" number:country="SE" {
                number:number number:decimal-places=(decimals) number:min-decimal-places=(decimals) number:min-integer-digits="1" {}
                number:text { " %" }
            },
            _ => {}
        }
    }
}

fn cell(style: Style) -> Markup {
    let is_number = matches!(style, Style::Grouped(_) | Style::Percent(_));
    let headed = matches!(style, Style::Head | Style::SoftHead);
    let bold = matches!(style, Style::Title | Style::Label | Style::Head);
    let colour = match style {
        Style::Soft | Style::SoftHead => Some(GREY),
        Style::Link => Some(BLUE),
        _ => None,
    };
    let name = name(style);
    html! {
        style:style
            style:name=(name) style:family="table-cell" style:parent-style-name="Default"
            style:data-style-name=[is_number.then(|| format!("{name}-number"))]
        {
            style:table-cell-properties
                fo:wrap-option=[style.is_wrapped().then_some("wrap")] fo:background-color=[headed.then_some(GROUND)]
                fo:border-bottom=[(style == Style::Head).then_some("0.5pt solid #000000")] style:vertical-align="top" {}
            style:text-properties
                fo:font-weight=[bold.then_some("bold")] fo:font-size=[(style == Style::Title).then_some("14pt")]
                fo:color=[colour] {}
        }
    }
}
