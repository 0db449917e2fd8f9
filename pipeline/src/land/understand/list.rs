//! From a file to its lists: a CSV is one, each sheet of a workbook may be one.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::catalogue::schema::{Catalogue, Kind, Role};
use crate::keyzone::identity;
use crate::land::accept::Accepted;
use crate::land::accept::said::Said;
use crate::land::finding::{Finding, Severity, ValidationRule, few};
use crate::land::read::decode::{Encoding, Fields, Layout, layout};
use crate::land::read::quotes;
use crate::land::read::sandbox;
use crate::land::read::source::{Form, Source, Survey, from_utf16, plain_line_ends};
use crate::land::read::workbook::seen::{Place, settle};
use crate::land::read::workbook::{self, Sheet};
use crate::land::understand::inferred::Inferred;
use crate::land::understand::mapping::{self, Mapping, Saved};
use crate::land::understand::reading::{self, Reading};
use utfall_ground::redact::masked;

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
    /// How it is to be read.
    pub reading: Reading<'a>,
    /// What it is accepted as.
    pub accepted: Accepted,
    /// What tells it from other deliveries.
    pub digest: Vec<u8>,
    /// What was found on the way here.
    pub findings: Vec<Finding>,
    /// What was inferred on the way here.
    pub inferred: Vec<Inferred>,
}

impl List<'_> {
    /// The heading of the day that does not fit, for the rules that are about it.
    pub fn day_of(&self, rule: &ValidationRule) -> Option<&str> {
        if !matches!(rule, ValidationRule::BeforeStart | ValidationRule::NoParticipation) {
            return None;
        }
        let table = self.reading.mapping.table;
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get_index_of(name));
        start.and_then(|start| self.reading.mapping.headings.get(start)).map(String::as_str)
    }
}

/// What is known before a file is opened.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The controller's mapping.
    pub saved: &'a Saved,
    /// What the controller said by options.
    pub said: &'a Said,
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
            let source = with_plain_ends(source).map_err(one)?;
            text(path, None, source, None, Vec::new(), given).map(|list| vec![list]).map_err(whole)
        }
        Form::Utf16 => {
            let text_of = from_utf16(source.bytes()).ok_or_else(|| one(Finding::of(ValidationRule::Unreadable)))?;
            let source = Source::text(text_of).map_err(one)?;
            let mut list = text(path, None, source, None, Vec::new(), given).map_err(whole)?;
            list.findings.push(Finding::of(ValidationRule::Utf16));
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
    let known = |heading: &str| mapping::is_known(heading, catalogue, saved);
    let (mut last, mut first) = (Finding::of(ValidationRule::EmptyFile), None);
    for (top, separator) in tops(path)? {
        let text = Encoding::either(&top)?;
        match layout(&text, separator, known) {
            Ok(layout) => return Ok(layout.headings),
            Err(finding) => last = finding,
        }
        first = first.or_else(|| words(&text, separator));
    }
    first.ok_or(last)
}

/// The beginning of a list, and what separates its fields where that is known.
type Top = (Vec<u8>, Option<u8>);

/// The beginnings of a file's lists.
fn tops(path: &Path) -> Result<Vec<Top>, Finding> {
    let (form, source) = Source::open(path)?;
    Ok(match form {
        Form::Text => {
            let mut top = Vec::new();
            with_plain_ends(source)?.read(0, &mut top)?;
            vec![(top, None)]
        }
        Form::Utf16 => vec![(from_utf16(source.bytes()).ok_or_else(|| Finding::of(ValidationRule::Unreadable))?, None)],
        Form::Workbook => {
            let book = sandbox::book(source.bytes())?;
            book.sheets.into_iter().map(|sheet| (sheet.lines, Some(workbook::SEPARATOR))).collect()
        }
    })
}

/// What is said of a file that cannot be read to its end, by its name and by what stands above its headings; of a workbook sheet
/// by sheet.
pub fn said(path: &Path, given: Given<'_>) -> Vec<Said> {
    let projects = given.catalogue.codes("project");
    let all = |titles: &Said| {
        let accepted = Accepted::of(given.said, titles, &Said::by_name(path, projects), &given.saved.said(given.catalogue));
        accepted.map_or_else(
            |_| Said::by_name(path, projects),
            |accepted| Said { month: accepted.month, projects: accepted.projects, part: false },
        )
    };
    let known = |heading: &str| mapping::is_known(heading, given.catalogue, given.saved);
    let titles = |(top, separator): Top| {
        let text = Encoding::either(&top).ok()?;
        let layout = layout(&text, separator, known).ok()?;
        Some(all(&Said::by_titles(&layout.titles, projects)))
    };
    let told: Vec<Said> = tops(path).unwrap_or_default().into_iter().filter_map(titles).collect();
    if told.is_empty() { vec![all(&Said::default())] } else { told }
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

/// A file whose only line ends are an old Macintosh's is held in memory with plain ones: without others it is one piece.
fn with_plain_ends(source: Source) -> Result<Source, Finding> {
    let mut first = Vec::new();
    source.read(0, &mut first)?;
    if source.pieces() != 1 || memchr::memchr(b'\n', &first).is_some() || memchr::memchr(b'\r', &first).is_none() {
        return Ok(source);
    }
    Source::text(plain_line_ends(first))
}

/// The sheets that have the headings of a known table.
fn sheets<'a>(path: &Path, source: &Source, given: Given<'a>) -> Result<Vec<List<'a>>, Broken> {
    let one = |finding| vec![(None, vec![finding])];
    let book = sandbox::book(source.bytes()).map_err(one)?;
    let (several, digest) = (book.sheets.len() + book.hidden.len() > 1, Sha256::digest(source.bytes()));
    let hidden = few(book.hidden.iter().map(|name| masked(name)).collect());
    if book.sheets.is_empty() {
        return Err(one(Finding::of(if hidden.is_empty() {
            ValidationRule::EmptyFile
        } else {
            ValidationRule::OnlyHidden(hidden)
        })));
    }
    let (mut lists, mut broken) = (Vec::new(), Vec::new());
    // What is merged is given to each of its rows: all sheets together may not become more than they may be.
    let mut room = workbook::room(source.bytes().len());
    for mut sheet in book.sheets {
        let told = [digest.as_slice(), sheet.name.as_bytes()].concat();
        let somebody = several && holds_somebody(&sheet.lines);
        let found = seen(&mut sheet, room, given);
        room = room.saturating_sub(sheet.lines.len());
        let name = sheet.name;
        let read = found.and_then(|found| {
            let source = Source::text(sheet.lines).map_err(|finding| vec![finding])?;
            let mut list = text(path, Some(name.clone()), source, Some(workbook::SEPARATOR), told, given)?;
            list.findings.extend(found);
            Ok(list)
        });
        match read {
            Ok(list) => lists.push(list),
            // A sheet of something else beside the lists: instructions, choices, a pivot table.
            Err(findings)
                if several
                    && !somebody
                    && findings.iter().all(|f| matches!(f.rule, ValidationRule::NoTable | ValidationRule::EmptyFile)) => {}
            Err(findings) => broken.push((Some(name), findings)),
        }
    }
    match (broken.is_empty(), lists.first_mut()) {
        (false, _) => {
            // Of a sheet that could have landed it is told why it has not.
            let waits = lists.into_iter().map(|list| (list.sheet, vec![Finding::of(ValidationRule::ReportWaits)]));
            Err(broken.into_iter().chain(waits).collect())
        }
        (true, None) => {
            Err(one(Finding::of(if hidden.is_empty() { ValidationRule::NoSheet } else { ValidationRule::OnlyHidden(hidden) })))
        }
        (true, Some(first)) => {
            first.findings.extend((!hidden.is_empty()).then(|| Finding::of(ValidationRule::HiddenSheets(hidden))));
            Ok(lists)
        }
    }
}

/// Whether a sheet holds somebody's number among its first cells: then it is no sheet of something else.
fn holds_somebody(lines: &[u8]) -> bool {
    const LOOKED_AT: usize = 1 << 20;
    let text = String::from_utf8_lossy(lines.get(..LOOKED_AT).unwrap_or(lines));
    text.split(|c| c == '\n' || c == char::from(workbook::SEPARATOR)).any(identity::is_one)
}

/// Makes a sheet what a person sees, once it is known where its headings are and which column is which. What is no list stays
/// as it is.
fn seen(sheet: &mut Sheet, room: usize, given: Given<'_>) -> Result<Vec<Finding>, Vec<Finding>> {
    if !sheet.told.is_telling() {
        return Ok(Vec::new());
    }
    let known = |heading: &str| mapping::is_known(heading, given.catalogue, given.saved);
    let Ok(layout) = layout(&String::from_utf8_lossy(&sheet.lines), Some(workbook::SEPARATOR), known) else {
        return Ok(Vec::new());
    };
    // Where the project is no column, whether somebody said it is looked at when the list is read.
    let Ok(mapping) = mapped(&layout, (true, true), given) else { return Ok(Vec::new()) };
    let columns = mapping.table.columns.values().zip(&mapping.positions);
    let place = Place {
        heading_row: layout.heading_row,
        identity: columns.clone().find(|(column, _)| column.kind == Kind::Identity).and_then(|(_, position)| *position),
        read: mapping.positions.iter().flatten().copied().chain(mapping.consent).collect(),
        dates: columns.filter(|(column, _)| column.kind == Kind::Date).filter_map(|(_, position)| *position).collect(),
    };
    let found = settle(sheet, &place, room).map_err(|finding| vec![finding])?;
    if found.iter().any(|finding| finding.severity == Severity::Rejected) { Err(found) } else { Ok(found) }
}

/// Which table a list is.
fn mapped<'a>(layout: &Layout, (is_sheet, one_project): (bool, bool), given: Given<'a>) -> Result<Mapping<'a>, Vec<Finding>> {
    let map = |saved: &Saved| mapping::map(&layout.headings, layout.heading_row, given.catalogue, saved, one_project);
    map(given.saved).or_else(|findings| {
        // A mapping is made for one sheet of a workbook; the others are what they are.
        let free = given.saved.of_others();
        if is_sheet && given.saved.table.is_some() { map(&free).map_err(|_| findings) } else { Err(findings) }
    })
}

fn text<'a>(
    path: &Path,
    sheet: Option<String>,
    mut source: Source,
    separator: Option<u8>,
    digest: Vec<u8>,
    given: Given<'a>,
) -> Result<List<'a>, Vec<Finding>> {
    let one = |finding| vec![finding];
    let mut survey = source.survey(given.threads).map_err(one)?;
    let encoding = Encoding::of(&survey).map_err(one)?;
    let mut top = Vec::new();
    source.read(0, &mut top).map_err(one)?;
    let known = |heading: &str| mapping::is_known(heading, given.catalogue, given.saved);
    let layout = layout(&encoding.text(&top).map_err(one)?, separator, known).map_err(one)?;
    let (accepted, told) = accepted(path, &layout, given).map_err(one)?;
    if survey.quoted && layout.separator != workbook::SEPARATOR {
        survey.lines = quotes::join(&mut source, encoding, layout.separator).map_err(one)?;
    }
    let mapping = mapped(&layout, (sheet.is_some(), accepted.projects.len() == 1), given)?;
    let mut findings = mapping.findings.clone();
    findings.extend((encoding == Encoding::Cp1252).then(|| Finding::of(ValidationRule::Cp1252)));
    findings.extend((!layout.titles.is_empty()).then(|| Finding::of(ValidationRule::TitleRows(layout.titles.len()))));
    let mut inferred = Vec::new();
    inferred.extend((encoding == Encoding::Cp1252).then_some(Inferred::Encoding("Windows-1252")));
    inferred.extend(separator.is_none().then(|| Inferred::Separator(char::from(layout.separator))));
    inferred.push(Inferred::HeadingRow(layout.heading_row));
    inferred.extend(told);
    inferred.extend(mapping.inferred.iter().cloned());
    let digest = if digest.is_empty() { survey.digests.clone() } else { digest };
    let hides = survey.hidden || encoding != Encoding::Utf8;
    let project = reading::project(&mapping, &accepted);
    let reading = Reading { encoding, hides, separator: layout.separator, heading_row: layout.heading_row, mapping, project };
    Ok(List { path: path.to_path_buf(), sheet, source, survey, reading, accepted, digest, findings, inferred })
}

/// What a list is accepted as, and what of it was told from its titles and its name.
fn accepted(path: &Path, layout: &Layout, given: Given<'_>) -> Result<(Accepted, Vec<Inferred>), Finding> {
    let projects = given.catalogue.codes("project");
    let accepted = Accepted::of(
        given.said,
        &Said::by_titles(&layout.titles, projects),
        &Said::by_name(path, projects),
        &given.saved.said(given.catalogue),
    )?;
    let mut inferred = Vec::new();
    inferred.extend(accepted.month.filter(|_| given.said.month.is_none()).map(Inferred::Month));
    let entry = |id: &i16| projects.and_then(|list| list.entry_of(*id));
    if given.said.projects.is_empty() {
        let codes: Vec<&str> = accepted.projects.iter().filter_map(entry).map(|entry| entry.code.as_str()).collect();
        inferred.extend(Some(codes.join(", ")).filter(|codes| !codes.is_empty()).map(Inferred::Project));
    }
    Ok((accepted, inferred))
}
