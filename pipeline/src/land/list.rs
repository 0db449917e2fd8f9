//! From a file to its lists: a CSV is one, each sheet of a workbook may be one.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::apart;
use super::decode::{Encoding, Fields, Layout, layout};
use super::delivery::{self, Mapping, Saved};
use super::finding::{Finding, Rule};
use super::report::{Inferred, Month};
use super::source::{Form, Source, Survey, from_utf16, plain_line_ends};
use super::workbook;
use crate::schema::{Catalogue, Role};

/// One list, understood but not yet read.
#[derive(Debug)]
pub struct List<'a> {
    /// Its file.
    pub path: PathBuf,
    /// Its sheet, in a workbook.
    pub sheet: Option<String>,
    /// Its bytes.
    pub source: Source,
    /// What one look at them told.
    pub survey: Survey,
    /// How they are read.
    pub encoding: Encoding,
    /// Where its headings are.
    pub layout: Layout,
    /// Which table it is.
    pub mapping: Mapping<'a>,
    /// The month that it says it reports.
    pub month: Option<Month>,
    /// What tells it from other deliveries.
    pub digest: Vec<u8>,
    /// What was found on the way here.
    pub findings: Vec<Finding>,
    /// What was inferred on the way here.
    pub inferred: Vec<Inferred>,
}

impl List<'_> {
    /// The heading of the day that does not fit, for the rules that are about it.
    pub fn day_of(&self, rule: &Rule) -> Option<&str> {
        if !matches!(rule, Rule::BeforeStart | Rule::NoParticipation) {
            return None;
        }
        let table = self.mapping.table;
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get_index_of(name));
        start.and_then(|start| self.mapping.headings.get(start)).map(String::as_str)
    }
}

/// What is known before a file is opened.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The controller's mapping.
    pub saved: &'a Saved,
    /// Whether the project need not be a column.
    pub project: bool,
    /// The month, where the controller said it.
    pub month: Option<Month>,
    /// On how many cores large files are read.
    pub threads: usize,
}

/// The findings for which a file is rejected, of a workbook sheet by sheet.
pub type Broken = Vec<(Option<String>, Vec<Finding>)>;

/// Opens a file.
///
/// # Errors
/// The findings for which it is rejected.
pub fn open<'a>(path: &Path, given: Given<'a>) -> Result<Vec<List<'a>>, Broken> {
    let whole = |findings| vec![(None, findings)];
    let one = |finding| whole(vec![finding]);
    let (form, source) = Source::open(path).map_err(one)?;
    match form {
        Form::Text => {
            let source = with_plain_ends(path, source).map_err(one)?;
            text(path, None, source, None, Vec::new(), given).map(|list| vec![list]).map_err(whole)
        }
        Form::Utf16 => {
            let text_of = from_utf16(source.bytes()).ok_or_else(|| one(Finding::of(Rule::Unreadable)))?;
            let source = Source::text(text_of).map_err(one)?;
            let mut list = text(path, None, source, None, Vec::new(), given).map_err(whole)?;
            list.findings.push(Finding::of(Rule::Utf16));
            Ok(vec![list])
        }
        Form::Workbook => sheets(path, &source, given),
    }
}

/// The headings of a file's lists as they are, whether a table knows them all or not: what a mapping is proposed from.
///
/// # Errors
/// The finding for which none can be told.
pub fn headings(path: &Path, catalogue: &Catalogue, saved: &Saved) -> Result<Vec<String>, Finding> {
    let (form, source) = Source::open(path)?;
    let known = |heading: &str| delivery::is_known(heading, catalogue, saved);
    let tops: Vec<(Vec<u8>, Option<u8>)> = match form {
        Form::Text => {
            let mut top = Vec::new();
            with_plain_ends(path, source)?.read(0, &mut top)?;
            vec![(top, None)]
        }
        Form::Utf16 => vec![(from_utf16(source.bytes()).ok_or_else(|| Finding::of(Rule::Unreadable))?, None)],
        Form::Workbook => {
            apart::sheets(source.bytes())?.into_iter().map(|(_, lines)| (lines, Some(workbook::SEPARATOR))).collect()
        }
    };
    let (mut last, mut first) = (Finding::of(Rule::EmptyFile), None);
    for (top, separator) in tops {
        let text = Encoding::Utf8.text(&top).or_else(|_| Encoding::Cp1252.text(&top))?;
        match layout(&text, separator, known) {
            Ok(layout) => return Ok(layout.headings),
            Err(finding) => last = finding,
        }
        first = first.or_else(|| words(&text, separator));
    }
    first.ok_or(last)
}

/// The first line with several fields, if all of them are words: headings that no schema knows at all. A row of somebody's
/// data has digits.
fn words(text: &str, separator: Option<u8>) -> Option<Vec<String>> {
    let count = |line: &str, separator: u8| line.bytes().filter(|b| *b == separator).count();
    let line = text.lines().find(|line| b";\t,|\x1f".iter().any(|s| count(line, *s) > 0))?;
    let separator = separator.or_else(|| b";\t,|".iter().copied().max_by_key(|s| count(line, *s)))?;
    let mut fields = Fields::default();
    fields.split(line.as_bytes(), separator).ok()?;
    let fields: Vec<String> = (0..fields.len()).map(|i| fields.get(i).to_owned()).filter(|field| !field.is_empty()).collect();
    let is_word = |field: &String| field.chars().any(char::is_alphabetic) && !field.contains(|c: char| c.is_ascii_digit());
    (fields.len() > 1 && fields.iter().all(is_word)).then_some(fields)
}

/// A file whose only line ends are an old Macintosh's is read into memory with plain ones.
fn with_plain_ends(path: &Path, source: Source) -> Result<Source, Finding> {
    let mut first = Vec::new();
    source.read(0, &mut first)?;
    if source.pieces() != 1 || memchr::memchr(b'\n', &first).is_some() || memchr::memchr(b'\r', &first).is_none() {
        return Ok(source);
    }
    let bytes = std::fs::read(path).map_err(|_| Finding::of(Rule::Unreadable))?;
    Source::text(plain_line_ends(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).to_vec()))
}

/// The sheets that have the headings of a known table.
fn sheets<'a>(path: &Path, source: &Source, given: Given<'a>) -> Result<Vec<List<'a>>, Broken> {
    let one = |finding| vec![(None, vec![finding])];
    let sheets = apart::sheets(source.bytes()).map_err(one)?;
    let (several, digest) = (sheets.len() > 1, Sha256::digest(source.bytes()));
    if sheets.is_empty() {
        return Err(one(Finding::of(Rule::EmptyFile)));
    }
    let (mut lists, mut broken) = (Vec::new(), Vec::new());
    for (name, lines) in sheets {
        let told = [digest.as_slice(), name.as_bytes()].concat();
        let read = Source::text(lines).map_err(|finding| vec![finding]);
        match read.and_then(|source| text(path, Some(name.clone()), source, Some(workbook::SEPARATOR), told, given)) {
            Ok(list) => lists.push(list),
            // A sheet of something else beside the lists: instructions, choices, a pivot table.
            Err(findings) if several && findings.iter().all(|f| matches!(f.rule, Rule::NoTable | Rule::EmptyFile)) => {}
            Err(findings) => broken.push((Some(name), findings)),
        }
    }
    match (broken.is_empty(), lists.is_empty()) {
        (false, _) => Err(broken),
        (true, true) => Err(one(Finding::of(Rule::NoSheet))),
        (true, false) => Ok(lists),
    }
}

fn text<'a>(
    path: &Path,
    sheet: Option<String>,
    source: Source,
    separator: Option<u8>,
    digest: Vec<u8>,
    given: Given<'a>,
) -> Result<List<'a>, Vec<Finding>> {
    let one = |finding| vec![finding];
    let survey = source.survey(given.threads).map_err(one)?;
    if survey.binary {
        return Err(one(Finding::of(Rule::Unreadable)));
    }
    if survey.foreign && survey.utf8 {
        return Err(one(Finding::of(Rule::MixedEncoding)));
    }
    let encoding = if survey.foreign { Encoding::Cp1252 } else { Encoding::Utf8 };
    let mut top = Vec::new();
    source.read(0, &mut top).map_err(one)?;
    let known = |heading: &str| delivery::is_known(heading, given.catalogue, given.saved);
    let layout = layout(&encoding.text(&top).map_err(one)?, separator, known).map_err(one)?;
    let map = |saved: &Saved| delivery::map(&layout.headings, layout.heading_row, given.catalogue, saved, given.project);
    let mapping = map(given.saved).or_else(|findings| {
        // A mapping is made for one sheet of a workbook; the others are what they are.
        let free = Saved { table: None, ..given.saved.clone() };
        if sheet.is_some() && given.saved.table.is_some() { map(&free).map_err(|_| findings) } else { Err(findings) }
    })?;
    let said = layout.month.or_else(|| path.file_stem().and_then(|stem| Month::ending(&stem.to_string_lossy())));
    if given.month.is_some() && said.is_some_and(|said| Some(said) != given.month) {
        return Err(one(Finding::of(Rule::MonthUnclear)));
    }
    let mut findings = mapping.findings.clone();
    let mut inferred = Vec::new();
    if encoding == Encoding::Cp1252 {
        findings.push(Finding::of(Rule::Cp1252));
        inferred.push(Inferred::Encoding("Windows-1252"));
    }
    if layout.titles > 0 {
        findings.push(Finding::of(Rule::TitleRows(layout.titles)));
    }
    if separator.is_none() {
        inferred.push(Inferred::Separator(char::from(layout.separator)));
    }
    inferred.push(Inferred::HeadingRow(layout.heading_row));
    inferred.extend(said.filter(|_| given.month.is_none()).map(Inferred::Month));
    inferred.extend(mapping.inferred.iter().cloned());
    let digest = if digest.is_empty() { survey.digests.clone() } else { digest };
    let month = given.month.or(said);
    Ok(List { path: path.to_path_buf(), sheet, source, survey, encoding, layout, mapping, month, digest, findings, inferred })
}
