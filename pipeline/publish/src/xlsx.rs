//! A workbook as XLSX, for Excel and all that reads its files.
//!
//! Every text is written as a string and every number as a number; there are no formulas. The file has no other time in it than that
//! at which its numbers were made.

use std::collections::HashMap;
use std::path::PathBuf;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format as Look, FormatAlign, FormatBorder, FormatUnderline, Url, Workbook as Book,
    Worksheet, XlsxError,
};

use super::{Edition, Format, OutputFile, PublishError};
use crate::workbook::{Sheet, Style, Target, Value, Workbook};

/// The grey of what is said beside.
const GREY: Color = Color::RGB(0x59_59_59);
/// The blue of links.
const BLUE: Color = Color::RGB(0x05_63_C1);
/// The ground of headings.
const GROUND: Color = Color::RGB(0xE8_EE_F4);

/// The height of a line, and the most that a row can have (Microsoft, "Excel specifications and limits"), in points.
const LINE: f64 = 15.0;
const HIGHEST: f64 = 409.0;

/// The format `xlsx`.
#[derive(Debug)]
pub(super) struct Xlsx;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let name = format!("{}.xlsx", edition.pack.release.name);
        let bytes = write(&Workbook::of(edition)).map_err(|error| PublishError::Compose(name.clone(), error.into()))?;
        Ok(vec![OutputFile { path: PathBuf::from(name), bytes }])
    }

    fn whole(&self, release: &str) -> Vec<String> {
        vec![format!("{release}.xlsx")]
    }
}

fn write(workbook: &Workbook) -> Result<Vec<u8>, XlsxError> {
    let mut book = Book::new();
    book.set_properties(&properties(workbook)?);
    let mut looks = Looks::default();
    for sheet in &workbook.sheets {
        let page = book.add_worksheet();
        page.set_name(&sheet.name)?;
        for (column, width) in (0..).zip(&sheet.widths) {
            page.set_column_width(column, *width)?;
        }
        for (row, cells) in (0..).zip(&sheet.rows) {
            let mut column = 0;
            for cell in cells {
                let last = column + u16::try_from(cell.span).map_err(|_| XlsxError::RowColumnLimitError)?.max(1) - 1;
                let look = looks.of(cell.style);
                if last > column {
                    page.merge_range(row, column, row, last, "", look)?;
                }
                match &cell.value {
                    Value::Empty => {}
                    Value::Text(text) => {
                        page.write_string_with_format(row, column, text, look)?;
                    }
                    Value::Number(number) => {
                        page.write_number_with_format(row, column, number.to_f64(), look)?;
                    }
                    Value::Link(text, target) => {
                        page.write_url_with_options(row, column, address(workbook, target), text, "", Some(look))?;
                    }
                }
                column = last + 1;
            }
            // Not all programs work out by themselves how many lines a row takes.
            let lines = sheet.lines(usize::try_from(row).unwrap_or(usize::MAX));
            if let (2.., Ok(lines)) = (lines, u32::try_from(lines)) {
                page.set_row_height(row, (f64::from(lines) * LINE).min(HIGHEST))?;
            }
        }
        arrange(page, sheet)?;
    }
    book.save_to_buffer()
}

/// Headings stay in sight, on the screen and on paper.
fn arrange(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    page.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    let Some(head) = sheet.head else { return Ok(()) };
    let number = |count: usize| u32::try_from(count).map_err(|_| XlsxError::RowColumnLimitError);
    let (head, last) = (number(head)?, number(sheet.rows.len().saturating_sub(1))?);
    let columns = u16::try_from(sheet.columns().unwrap_or_default()).map_err(|_| XlsxError::RowColumnLimitError)?;
    page.set_freeze_panes(head + 1, 0)?;
    page.set_repeat_rows(head, head)?;
    if let Some(right) = columns.checked_sub(1) {
        page.autofilter(head, 0, last, right)?;
    }
    Ok(())
}

fn address(workbook: &Workbook, target: &Target) -> Url {
    match target {
        Target::Web(address) => Url::new(address.as_str()),
        Target::Sheet(at) => {
            let name = workbook.sheets.get(*at).map(|sheet| sheet.name.as_str()).unwrap_or_default();
            Url::new(format!("internal:'{name}'!A1"))
        }
    }
}

fn properties(workbook: &Workbook) -> Result<DocProperties, XlsxError> {
    // The library would take the time of the machine.
    let made = match workbook.made {
        Some(made) => ExcelDateTime::from_timestamp(i64::try_from(made.0).unwrap_or_default())?,
        None => ExcelDateTime::from_ymd(2000, 1, 1)?,
    };
    let of = DocProperties::new().set_title(&workbook.title).set_comment(&workbook.id).set_creation_datetime(&made);
    Ok(match &workbook.publisher {
        Some(publisher) => of.set_author(publisher).set_company(publisher),
        None => of,
    })
}

/// The looks of cells, each made once.
#[derive(Default)]
struct Looks(HashMap<Style, Look>);

impl Looks {
    fn of(&mut self, style: Style) -> &Look {
        self.0.entry(style).or_insert_with(|| look(style))
    }
}

fn look(style: Style) -> Look {
    let look = Look::new();
    match style {
        Style::Plain => look,
        Style::Title => look.set_bold().set_font_size(14),
        Style::Soft => look.set_font_color(GREY).set_align(FormatAlign::Top).set_text_wrap(),
        Style::Label => look.set_bold().set_align(FormatAlign::Top).set_text_wrap(),
        Style::Wrapped => look.set_align(FormatAlign::Top).set_text_wrap(),
        Style::Head => {
            let look = look.set_bold().set_background_color(GROUND).set_border_bottom(FormatBorder::Thin);
            look.set_text_wrap().set_align(FormatAlign::Top)
        }
        Style::SoftHead => look.set_font_color(GREY).set_background_color(GROUND).set_text_wrap().set_align(FormatAlign::Top),
        Style::Link => {
            let look = look.set_font_color(BLUE).set_underline(FormatUnderline::Single);
            look.set_align(FormatAlign::Top).set_text_wrap()
        }
        Style::Grouped(decimals) => look.set_num_format(format!("#,##0{}", fraction(decimals))),
        Style::Percent(decimals) => look.set_num_format(format!("0{} %", fraction(decimals))),
    }
}

/// The decimals of a number format; there are no more than thirty.
fn fraction(decimals: u32) -> String {
    if decimals == 0 { String::new() } else { format!(".{}", "0".repeat(decimals.min(30) as usize)) }
}

#[cfg(test)]
mod tests;
