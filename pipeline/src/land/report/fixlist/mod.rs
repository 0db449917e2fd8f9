//! The fix-list of a file: a workbook for the project's office, and the same as JSON for its systems.
//!
//! It names rows, columns and rules and never a value of the list, so that it may be sent back the way the list came. It says
//! what is wrong once per rule and column with the rows in which it is, and which values a column may have. What only the
//! controller may know is not in it, nor rows that were there before and are as they were. It has an end, however much is
//! wrong: what it does not list it counts. The same report gives the same bytes.

mod allowed;
mod book;
mod json;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::catalogue::schema::Catalogue;
use crate::land::finding::{Finding, Severity, ValidationRule};
use crate::land::report::FileReport;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::redact::masked;
use utfall_ground::text::{Lang, Text};

/// What is in a fix-list.
struct FixList<'a> {
    lang: Lang,
    report: &'a FileReport,
    catalogue: &'a Catalogue,
    lines: Vec<Line<'a>>,
    allowed: Vec<allowed::Values<'a>>,
}

/// Findings of one rule in one column; or, where there are more such lines than anybody reads, of one rule in the others.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    severity: Severity,
    column: Option<&'a str>,
    rule: &'a ValidationRule,
    /// The rows that are listed, in order.
    rows: Vec<u64>,
    /// How many findings there are, listed or not.
    count: usize,
    /// How many of them are about a row.
    in_rows: usize,
    /// Of how many lines it is made, if of several, and the first and the last row that any of them lists.
    more: Option<More>,
}

/// What a line tells in the place of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct More {
    lines: usize,
    rows: Option<(u64, u64)>,
}

impl Line<'_> {
    /// In how many rows it is that are not listed.
    fn left_out(&self) -> usize {
        self.in_rows.saturating_sub(self.rows.len())
    }
}

/// So many lines of a file, with all its sheets, are written in full. Whatever a sender is told depends on its own file alone,
/// so that no other file of the call uses them up.
const LINES: usize = 1_000;
/// So many rows of one line are listed, and so many of all lines of a file: then one of each.
const ROWS: (usize, usize) = (1_000, 20_000);

/// What has been written so far in a call.
#[derive(Debug, Default)]
pub struct Written {
    /// The names: files of one name in different folders, or told apart only by what must not be shown, get a number.
    names: HashSet<String>,
    /// Of each file, how many lines and rows more are written in full.
    left: HashMap<PathBuf, Left>,
}

#[derive(Debug)]
struct Left {
    lines: usize,
    rows: usize,
}

impl Default for Left {
    fn default() -> Self {
        Self { lines: LINES, rows: ROWS.1 }
    }
}

/// Writes the fix-list of a file with findings into `folder`, as a workbook in one language and as JSON in both.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(
    folder: &Path,
    report: &FileReport,
    catalogue: &Catalogue,
    lang: Lang,
    written: &mut Written,
) -> Result<Option<[PathBuf; 2]>, Error> {
    let name = free(name(report), &mut written.names);
    let [book, json] = ["xlsx", "json"].map(|kind| folder.join(format!("{name}.fix-list.{kind}")));
    let list = FixList::of(report, catalogue, lang, written.left.entry(report.path.clone()).or_default());
    if list.lines.is_empty() {
        // What was to mend when the list came before is mended.
        [&book, &json].into_iter().for_each(|path| drop(std::fs::remove_file(path)));
        return Ok(None);
    }
    std::fs::create_dir_all(folder).map_err(|e| Error::writing(folder, e))?;
    durable::replace(&book, &list.workbook().map_err(Error::not_encodable)?)?;
    durable::replace(&json, &list.json().map_err(Error::not_encodable)?)?;
    Ok(Some([book, json]))
}

impl<'a> FixList<'a> {
    fn of(report: &'a FileReport, catalogue: &'a Catalogue, lang: Lang, left: &mut Left) -> Self {
        let lines = bounded(lines(&report.findings), left);
        let allowed = allowed::values(&lines, report, catalogue);
        Self { lang, report, catalogue, lines, allowed }
    }

    /// The list's file as the sender knows it: the folder in which it lay is the controller's.
    fn file(&self) -> String {
        masked(&self.report.path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// What the list is called among people.
    fn title(&self) -> Option<&'a Text> {
        self.report.table.as_deref().and_then(|table| self.catalogue.table(table)).map(|table| &table.title)
    }
}

/// Equal findings as one line: what is to mend before what is to look at, each in order of rows. That a row was there and is as
/// it was is nothing to tell an office.
fn lines(findings: &[Finding]) -> Vec<Line<'_>> {
    let mut places = HashMap::new();
    let mut lines: Vec<Line<'_>> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.rule != ValidationRule::KnownRow) {
        let Finding { severity, rule, .. } = finding;
        let column = finding.column.as_deref();
        let at = *places.entry((*severity, rule, column)).or_insert(lines.len());
        if at == lines.len() {
            lines.push(Line { severity: *severity, column, rule, rows: Vec::new(), count: 0, in_rows: 0, more: None });
        }
        if let Some(line) = lines.get_mut(at) {
            line.rows.extend(finding.row);
            line.count += finding.count();
            line.in_rows += finding.row.map_or(0, |_| finding.count());
        }
    }
    lines.iter_mut().for_each(|line| line.rows.sort_unstable());
    lines.sort_by(|a, b| (a.severity, a.rows.first(), a.column).cmp(&(b.severity, b.rows.first(), b.column)));
    lines
}

/// The lines that are written: as many in full as are left, the others one by rule with how many there are.
fn bounded<'a>(mut lines: Vec<Line<'a>>, left: &mut Left) -> Vec<Line<'a>> {
    let mut others: Vec<Line<'a>> = Vec::new();
    for line in lines.drain(left.lines.min(lines.len())..) {
        let rows = line.rows.first().copied().zip(line.rows.last().copied());
        let same = |other: &&mut Line<'_>| (other.severity, other.rule.name()) == (line.severity, line.rule.name());
        match others.iter_mut().find(same) {
            Some(other) => {
                other.count += line.count;
                other.in_rows += line.in_rows;
                other.more = other.more.map(|more| more.and(rows));
            }
            None => {
                let more = Some(More { lines: 1, rows });
                others.push(Line { column: None, rows: Vec::new(), more, ..line });
            }
        }
    }
    left.lines -= lines.len();
    for line in &mut lines {
        line.rows.truncate(ROWS.0.min(left.rows.max(1)));
        left.rows = left.rows.saturating_sub(line.rows.len());
    }
    lines.extend(others);
    lines
}

impl More {
    fn and(self, rows: Option<(u64, u64)>) -> Self {
        let both = self.rows.zip(rows).map(|((first, last), (f, l))| (first.min(f), last.max(l)));
        Self { lines: self.lines + 1, rows: both.or(self.rows).or(rows) }
    }
}

/// The list's own name, and its sheet's, with what every file system takes and without what must not be shown.
fn name(report: &FileReport) -> String {
    let plain = |name: &str, bytes: usize| -> String {
        let fits = |c: char| if c.is_alphanumeric() || " -_.…()+&,".contains(c) { c } else { '_' };
        masked(name).char_indices().take_while(|(at, c)| at + c.len_utf8() <= bytes).map(|(_, c)| fits(c)).collect()
    };
    let stem = report.path.file_stem().map_or_else(|| "list".into(), |stem| stem.to_string_lossy());
    let sheet = report.sheet.as_ref().map(|sheet| format!("-{}", plain(sheet, 60)));
    // With a number and an ending, less than the 255 bytes that a name may have.
    plain(&stem, 120) + &sheet.unwrap_or_default()
}

/// The name, with a number if it has been used in any case of its letters.
fn free(name: String, names: &mut HashSet<String>) -> String {
    let (mut free, mut number) = (name.clone(), 1);
    while !names.insert(free.to_lowercase()) {
        number += 1;
        free = format!("{name}-{number}");
    }
    free
}

#[cfg(test)]
mod tests;
