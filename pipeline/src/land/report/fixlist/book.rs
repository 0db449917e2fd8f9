//! A fix-list as a workbook, for people. Every text is written as a string: a heading that looks like a formula stays what it
//! is.

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{FixList, Line};
use crate::land::finding::Severity;
use crate::land::report::{Inferred, Outcome, rows};
use utfall_ground::redact::masked;
use utfall_ground::text::Lang;

/// The columns of the table and their widths.
const WIDTHS: [f64; 6] = [19.0, 30.0, 8.0, 26.0, 90.0, 24.0];
/// So many rows, or stretches of rows, are written into one cell.
const STRETCHES: usize = 150;

impl FixList<'_> {
    pub(super) fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
        let sheet = book.add_worksheet().set_name(self.lang.pick("Att rätta", "To mend"))?;
        let headings = self.heading_block(sheet)?;
        self.table(sheet, headings)?;
        if !self.allowed.is_empty() {
            self.allowed(book.add_worksheet().set_name(self.lang.pick("Tillåtna värden", "Allowed values"))?)?;
        }
        self.inferred(book.add_worksheet().set_name(self.lang.pick("Tolkning", "How it was read"))?)?;
        book.save_to_buffer()
    }

    /// File, list, what happened and what to do; gives the row for the table's headings.
    fn heading_block(&self, sheet: &mut Worksheet) -> Result<u32, XlsxError> {
        let report = self.report;
        let title = if report.is_defective() {
            self.lang.pick("Att rätta", "To mend")
        } else {
            self.lang.pick("För kännedom", "For information")
        };
        sheet.write_string_with_format(0, 0, title, &Format::new().set_bold().set_font_size(14))?;
        let outcome = match report.outcome {
            Outcome::Landed(count) => format!("{} {}", rows(count, self.lang), self.lang.pick("togs emot", "taken in")),
            Outcome::Known => self
                .lang
                .pick("listan har tagits emot tidigare; inget ändrades", "the list had been taken in before; nothing changed")
                .into(),
            Outcome::Rejected => self.lang.pick("listan togs inte emot", "the list was not taken in").into(),
        };
        let waiting = self.lang.pick("väntar på rättelse", "waiting for correction");
        let counts = report.difference.map(|difference| difference.counted(self.lang, waiting));
        let left_out: usize = self.lines.iter().map(|line| stretches(line, self.lang).1).sum();
        let rest = self.lang.pick(
            format!("rader vars nummer inte står nedan, men som är med i antalen: {left_out}; rätta dem också"),
            format!("rows whose numbers do not stand below, but which are in the counts: {left_out}; mend them too"),
        );
        let lines = [
            (self.lang.pick("Fil", "File"), Some(self.file())),
            (self.lang.pick("Blad", "Sheet"), report.sheet.as_deref().map(masked)),
            (self.lang.pick("Lista", "List"), self.title().map(|title| title.get(self.lang).to_owned())),
            (self.lang.pick("Resultat", "Outcome"), Some(outcome)),
            (self.lang.pick("Rader", "Rows"), counts),
            (self.lang.pick("Att göra", "To do"), Some(self.to_do())),
            (self.lang.pick("Utelämnat", "Left out"), (left_out > 0).then_some(rest)),
        ];
        let mut row = 1;
        for (label, text) in lines {
            if let Some(text) = text {
                sheet.write_string_with_format(row, 0, label, &Format::new().set_bold())?;
                sheet.write_string(row, 1, text)?;
                row += 1;
            }
        }
        Ok(row)
    }

    fn to_do(&self) -> String {
        let what = match (self.report.outcome, self.report.is_defective()) {
            (Outcome::Rejected, _) => self.lang.pick(
                "Rätta det som står nedan i er egen lista, och skicka sedan hela listan igen: inget av den har tagits emot.",
                "Mend what stands below in your own list, then send the whole list again: none of it was taken in.",
            ),
            (_, true) => self.lang.pick(
                "Rätta raderna nedan i er egen lista, och skicka sedan hela listan igen. Radnumren är kalkylprogrammets.",
                "Mend the rows below in your own list, then send the whole list again. Row numbers are the spreadsheet's.",
            ),
            (_, false) => self.lang.pick("Inget måste rättas.", "Nothing must be mended."),
        };
        let values = self.lang.pick(
            " Vad som får stå i kolumnerna finns på bladet Tillåtna värden.",
            " What the columns may hold is on the sheet Allowed values.",
        );
        format!("{what}{}", if self.allowed.is_empty() { "" } else { values })
    }

    /// A single row and the counts are the only cells that are numbers, so that they sort as such.
    fn table(&self, sheet: &mut Worksheet, headings: u32) -> Result<(), XlsxError> {
        let titles = self.lang.pick(
            ["Allvar", "Rad", "Antal", "Kolumn", "Vad som är fel och vad man gör", "Regel"],
            ["Severity", "Row", "Count", "Column", "What is wrong and what to do", "Rule"],
        );
        headed(sheet, headings, &titles, &WIDTHS)?;
        let plain = Format::new().set_align(FormatAlign::Top);
        let wrapped = plain.clone().set_align(FormatAlign::Left).set_text_wrap();
        let mut row = headings;
        for line in &self.lines {
            row += 1;
            // The word says it too, for those who see no colours.
            let (word, colour) = severity(line.severity, self.lang);
            sheet.write_string_with_format(row, 0, word, &plain.clone().set_background_color(Color::RGB(colour)))?;
            match line.rows.as_slice() {
                [] => drop(sheet.write_string_with_format(row, 1, others(line, self.lang).0, &wrapped)?),
                [one] if line.count == 1 => drop(sheet.write_number_with_format(row, 1, number(*one), &wrapped)?),
                _ => drop(sheet.write_string_with_format(row, 1, stretches(line, self.lang).0, &wrapped)?),
            }
            if line.in_rows > 0 || line.more.is_some() {
                sheet.write_number_with_format(row, 2, number(u64::try_from(line.count).unwrap_or(u64::MAX)), &plain)?;
            }
            if let Some(column) = line.column {
                sheet.write_string_with_format(row, 3, cell(&masked(column)), &wrapped)?;
            }
            sheet.write_string_with_format(row, 4, cell(&(others(line, self.lang).1 + &line.rule.text(self.lang))), &wrapped)?;
            sheet.write_string_with_format(row, 5, line.rule.name(), &plain)?;
        }
        sheet.autofilter(headings, 0, row, 5)?;
        sheet.set_freeze_panes(headings + 1, 0)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(headings, headings)?;
        Ok(())
    }

    fn allowed(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let titles = self.lang.pick(["Kolumn", "Svenska", "Engelska", "Kod"], ["Column", "Swedish", "English", "Code"]);
        headed(sheet, 0, &titles, &[30.0, 50.0, 50.0, 30.0])?;
        let mut row = 0;
        for one in &self.allowed {
            for [code, sv, en] in one.values(|code, sv, en| [code, sv, en]) {
                row += 1;
                for (column, text) in (0..).zip([masked(one.column).as_str(), sv, en, code]) {
                    sheet.write_string(row, column, cell(text))?;
                }
            }
        }
        sheet.autofilter(0, 0, row, 3)?;
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }

    fn inferred(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        headed(sheet, 0, &self.lang.pick(["I listan", "Läst som"], ["In the list", "Read as"]), &[50.0, 40.0])?;
        for (row, one) in (1..).zip(&self.report.inferred) {
            let [what, value] = one.parts(self.lang);
            let value = match one {
                Inferred::Column { column, .. } => self.called(column).unwrap_or(value),
                Inferred::Project(code) => {
                    let project = self.catalogue.codes("project").and_then(|list| list.find(code));
                    project.map_or(value, |project| project.label.get(self.lang).to_owned())
                }
                _ => value,
            };
            sheet.write_string(row, 0, cell(&what))?;
            sheet.write_string(row, 1, cell(&value))?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }

    /// What people call a column: its title, or the heading that most lists have.
    fn called(&self, column: &str) -> Option<String> {
        let table = self.catalogue.table(self.report.table.as_deref()?)?;
        let title = table.columns.get(column).and_then(|column| column.title.as_ref()).map(|title| title.get(self.lang));
        let heading = || table.delivery.headers.get(column)?.first().map(String::as_str);
        title.or_else(heading).map(str::to_owned)
    }
}

/// A row of headings and the widths of their columns.
fn headed(sheet: &mut Worksheet, row: u32, titles: &[&str], widths: &[f64]) -> Result<(), XlsxError> {
    let heading = Format::new().set_bold().set_background_color(Color::RGB(0xD9_D9_D9)).set_border_bottom(FormatBorder::Thin);
    for ((column, title), width) in (0..).zip(titles).zip(widths) {
        sheet.write_string_with_format(row, column, *title, &heading)?;
        sheet.set_column_width(column, *width)?;
    }
    Ok(())
}

fn severity(severity: Severity, lang: Lang) -> (&'static str, u32) {
    match severity {
        Severity::Rejected => (lang.pick("avvisad", "rejected"), 0xFF_C7_CE),
        Severity::SetAside => (lang.pick("väntar på rättelse", "waiting for correction"), 0xFF_EB_9C),
        Severity::Warning => (lang.pick("varning", "warning"), 0xDD_EB_F7),
    }
}

/// The rows of a line as people write them, `3, 7, 9-14`, and how many rows are not among them.
fn stretches(line: &Line<'_>, lang: Lang) -> (String, usize) {
    let mut parts: Vec<(u64, u64)> = Vec::new();
    for row in &line.rows {
        match parts.last_mut() {
            Some((_, last)) if *row <= *last + 1 => *last = *row,
            _ => parts.push((*row, *row)),
        }
    }
    let cut = parts.split_off(STRETCHES.min(parts.len())).into_iter().map(|(first, last)| last - first + 1).sum::<u64>();
    let left_out = line.left_out() + usize::try_from(cut).unwrap_or(usize::MAX);
    let stretch = |(first, last): (u64, u64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}-{last}"),
    };
    let mut text = parts.into_iter().map(stretch).collect::<Vec<_>>().join(", ");
    if left_out > 0 {
        text.push_str(&lang.pick(format!(" och {left_out} till"), format!(" and {left_out} more")));
    }
    (text, left_out)
}

/// Of a line that stands for others: between which rows they are, and how many they are, in words.
fn others(line: &Line<'_>, lang: Lang) -> (String, String) {
    let Some(more) = line.more else { return (String::new(), String::new()) };
    let rows = match more.rows {
        Some((first, last)) if first < last => lang.pick(format!("från {first} till {last}"), format!("from {first} to {last}")),
        Some((row, _)) => row.to_string(),
        None => String::new(),
    };
    let count = more.lines;
    (rows, lang.pick(format!("{count} anmärkningar till som de ovan: "), format!("{count} more findings like those above: ")))
}

fn number(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// As much of a text as is read in a cell; a workbook refuses very long ones.
fn cell(text: &str) -> String {
    text.chars().take(500).collect()
}
