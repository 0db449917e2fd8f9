//! From lines to fields: the encoding, the separator and the headings of a list.

use crate::land::accept::said::Title;
use std::borrow::Cow;
use utfall_ground::redacted;

use memchr::{memchr, memchr_iter};

use crate::keyzone::identity;
use crate::land::finding::{Finding, ValidationRule};
use crate::land::read::quotes::{OpenQuote, unquote};
use crate::land::read::source::Survey;
use crate::land::read::workbook;
use utfall_ground::digits::may_equal;
use utfall_ground::visible::visible;

/// How the bytes of a list are read. One for the whole list: a row must not change how the others are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252.
    Cp1252,
}

impl Encoding {
    /// The encoding of a list, by what one look at all of its bytes told.
    ///
    /// # Errors
    /// When it is no text, or some of its lines are in another encoding than the others.
    pub fn of(survey: &Survey) -> Result<Self, Finding> {
        match survey {
            Survey { binary: true, .. } => Err(Finding::of(ValidationRule::Unreadable)),
            Survey { foreign: true, utf8: true, .. } => Err(Finding::of(ValidationRule::MixedEncoding)),
            Survey { foreign: true, .. } => Ok(Self::Cp1252),
            Survey { .. } => Ok(Self::Utf8),
        }
    }

    /// The text of the beginning of a list, of which no more has been looked at.
    ///
    /// # Errors
    /// When it is in neither encoding.
    pub fn either(bytes: &[u8]) -> Result<Cow<'_, str>, Finding> {
        Self::Utf8.text(bytes).or_else(|_| Self::Cp1252.text(bytes))
    }

    /// The bytes of some lines as UTF-8, which those of a list in UTF-8 are known to be.
    pub fn utf8(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 => Cow::Borrowed(bytes),
            Self::Cp1252 => match encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0 {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
        }
    }

    /// The text of some lines.
    ///
    /// # Errors
    /// When they are not UTF-8 and should be.
    pub fn text(self, bytes: &[u8]) -> Result<Cow<'_, str>, Finding> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Finding::of(ValidationRule::MixedEncoding)),
            Self::Cp1252 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
        }
    }
}

/// What separates the fields, and where the headings are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The separator.
    pub separator: u8,
    /// The row of the headings, as a spreadsheet counts.
    pub heading_row: u64,
    /// The headings as written, without control characters.
    pub headings: Vec<String>,
    /// The rows above the headings that have text.
    pub titles: Vec<Title>,
}

/// In how many rows from the top the headings are looked for.
const TOP: u64 = 50;
const SEPARATORS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Finds the headings: the first row in which at least two fields are headings that `known` knows.
///
/// # Errors
/// The finding for which the list is rejected.
pub fn layout(top: &str, given: Option<u8>, known: impl Fn(&str) -> bool) -> Result<Layout, Finding> {
    let top = visible(top);
    let told = excels(&top).or(given);
    let candidates = told.map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator]);
    let (mut first, mut fitting, mut open) = (usize::MAX, Vec::new(), None);
    for separator in candidates {
        match heading(&top, separator, &known) {
            Ok(Some(Heading { at, layout })) if at <= first => {
                if at < first {
                    (first, fitting) = (at, Vec::new());
                }
                fitting.push(layout);
            }
            Ok(_) => {}
            Err(finding) => open = open.or(Some(finding)),
        }
    }
    match fitting.pop() {
        Some(layout) if fitting.is_empty() => layout,
        Some(_) => Err(Finding::of(ValidationRule::Separator)),
        None => {
            let first = top.lines().enumerate().find(|(i, line)| !is_bare(line) && (*i > 0 || excels(line).is_none()));
            let why = || Finding::of(why_not(first.map(|(_, line)| line), told));
            Err(open.filter(|_| is_taken_in(&top, told, known)).unwrap_or_else(why))
        }
    }
}

/// Whether a quotation mark that is left open takes in what would be headings by itself.
fn is_taken_in(top: &str, told: Option<u8>, known: impl Fn(&str) -> bool) -> bool {
    let is_heading = |line: &str, separator: u8| {
        let mut fields = Fields::default();
        let split = fields.split(line.as_bytes(), separator).is_ok();
        split && (0..fields.len()).filter(|i| known(fields.get(*i))).count() >= 2
    };
    let mut lines = top.lines().take(usize::try_from(TOP).unwrap_or_default());
    lines.any(|line| SEPARATORS.iter().any(|s| told.is_none_or(|told| told == *s) && is_heading(line, *s)))
}

/// The separator that Excel's own first line tells.
fn excels(top: &str) -> Option<u8> {
    let told = top.lines().next()?.trim().strip_prefix("sep=")?.bytes().next()?;
    b";,\t".contains(&told).then_some(told)
}

/// Whether a text is spaces and signs only.
fn is_bare(text: &str) -> bool {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c == '\u{1f}').is_empty()
}

/// The row of headings, under one separator.
struct Heading {
    /// Where it begins.
    at: usize,
    /// What it tells, or what the list is rejected for.
    layout: Result<Layout, Finding>,
}

/// A row above the headings.
struct Above {
    row: u64,
    filled: usize,
    has_number: bool,
}

/// Where the first row begins that is one of headings if this is the separator, and what it tells or is rejected for.
///
/// # Errors
/// When a quotation mark above it is left open.
fn heading(top: &str, separator: u8, known: &impl Fn(&str) -> bool) -> Result<Option<Heading>, Finding> {
    let (mut fields, mut splitter) = (Fields::default(), Splitter::new(top.as_bytes(), separator));
    let (mut titles, mut above) = (Vec::new(), Vec::new());
    for row in 1..=TOP {
        let at = splitter.at;
        match splitter.next(&mut fields) {
            None => break,
            Some(Err(OpenQuote)) => return Err(Finding::row(row, None, ValidationRule::Quote)),
            Some(Ok(())) => {}
        }
        let cells = || (0..fields.len()).map(|i| fields.get(i));
        if cells().all(is_bare) || (row == 1 && excels(top).is_some()) {
            continue;
        }
        if cells().filter(|cell| known(cell)).count() >= 2 {
            let headings: Vec<String> = cells().map(|cell| cell.replace(char::is_control, "")).collect();
            let layout = match skipped(&above, &headings) {
                Some(finding) => Err(finding),
                None => Ok(Layout { separator, heading_row: row, headings, titles }),
            };
            return Ok(Some(Heading { at, layout }));
        }
        titles.push(Title(cells().collect::<Vec<_>>().join(" ")));
        let many = filled(cells());
        // A title has one or two cells; of more, a number that is faulty is a row's too.
        let number = cells().any(|cell| identity::is_one(cell) || (many > 2 && identity::resembles_one(cell)));
        above.push(Above { row, filled: many, has_number: number });
    }
    Ok(None)
}

/// How many cells have a value; a title that is merged over several columns may be in each of them.
fn filled<'f>(cells: impl Iterator<Item = &'f str>) -> usize {
    let mut filled: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    if filled.iter().all(|cell| filled.first() == Some(cell)) {
        filled.truncate(1);
    }
    filled.len()
}

/// What is wrong if rows above the headings are people's: with their number, or with as many values as there are headings.
fn skipped(above: &[Above], headings: &[String]) -> Option<Finding> {
    let wide = headings.iter().filter(|heading| !heading.is_empty()).count();
    let person = above.iter().find(|above| above.has_number || above.filled >= wide);
    person.map(|above| Finding::row(above.row, None, ValidationRule::RowsAbove))
}

/// Why no row is one of headings.
fn why_not(first: Option<&str>, told: Option<u8>) -> ValidationRule {
    let Some(first) = first else { return ValidationRule::EmptyFile };
    let used = SEPARATORS.iter().filter(|s| memchr(**s, first.as_bytes()).is_some()).count();
    if told.is_none() && used != 1 { ValidationRule::Separator } else { ValidationRule::NoTable }
}

/// The fields of one row at a time; the room is used again.
#[derive(Default)]
pub struct Fields<'t> {
    /// What the spans are of: the lines themselves, or, if none, `unquoted`.
    text: Option<&'t [u8]>,
    /// A row without its quotation marks.
    unquoted: Vec<u8>,
    /// Where each field begins and ends, without outer spaces.
    spans: Vec<Span>,
}

redacted!(Fields<'t> Splitter<'t>);

impl<'t> Fields<'t> {
    /// Splits a line, or lines that are one row.
    ///
    /// # Errors
    /// When a quotation mark is left open.
    pub fn split(&mut self, line: &'t [u8], separator: u8) -> Result<(), OpenQuote> {
        if separator != workbook::SEPARATOR && memchr(b'"', line).is_some() {
            return self.unquote(line, separator).map(|_| ());
        }
        self.text = Some(line);
        self.cut(separator);
        Ok(())
    }

    /// Splits the row that some lines begin with; gives how long it is.
    fn unquote(&mut self, lines: &[u8], separator: u8) -> Result<usize, OpenQuote> {
        self.text = None;
        self.unquoted.clear();
        let length = unquote(lines, separator, &mut self.unquoted)?;
        self.cut(workbook::SEPARATOR);
        Ok(length)
    }

    fn cut(&mut self, separator: u8) {
        self.spans.clear();
        let text = self.text.unwrap_or(&self.unquoted);
        let mut start = 0;
        for end in memchr_iter(separator, text) {
            self.spans.push(trimmed(text, start, end));
            start = end + 1;
        }
        self.spans.push(trimmed(text, start, text.len()));
    }

    /// Whether a field holds a line break.
    pub fn has_breaks(&self) -> bool {
        self.text.is_none() && memchr(b'\n', &self.unquoted).is_some()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    fn text(&self) -> &[u8] {
        self.text.unwrap_or(&self.unquoted)
    }

    /// A field without outer spaces; empty if there is none.
    pub fn get(&self, i: usize) -> &str {
        std::str::from_utf8(self.bytes(i)).unwrap_or(FOREIGN)
    }

    /// The bytes of a field without outer spaces.
    #[inline]
    pub fn bytes(&self, i: usize) -> &[u8] {
        let Some(Span { start, end }) = self.spans.get(i) else { return &[] };
        self.text().get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// Sixteen bytes from where a field begins, if there are so many, and how many of them are the field's.
    #[inline]
    pub fn window(&self, i: usize) -> Option<(&[u8; 16], usize)> {
        let Span { start, end } = self.spans.get(i)?;
        Some((self.text().get(*start as usize..)?.first_chunk()?, (end - start) as usize))
    }

    /// Whether no field has a value.
    pub fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.start == span.end)
    }
}

/// What is read of a field that is not UTF-8. Every list is looked through before it is read, so it was changed since; no
/// column takes this value.
const FOREIGN: &str = "\u{FFFD}";

/// Splits rows one after the other.
#[derive(Clone, Copy)]
pub struct Splitter<'t> {
    lines: &'t [u8],
    separator: u8,
    /// Whether there is a quotation mark in any line.
    quoted: bool,
    at: usize,
}

impl<'t> Splitter<'t> {
    /// For some lines, of less than four gigabytes.
    pub fn new(lines: &'t [u8], separator: u8) -> Self {
        Self { lines, separator, quoted: separator != workbook::SEPARATOR && memchr(b'"', lines).is_some(), at: 0 }
    }

    /// The lines that are left to read plainly: all of them and where the next one begins; `None` if a field may be quoted.
    #[inline]
    pub fn plain_lines(&self) -> Option<(&'t [u8], usize)> {
        (!self.quoted).then_some((self.lines, self.at))
    }

    /// Goes on at the beginning of a later line.
    #[inline]
    pub fn go_on(&mut self, at: usize) {
        self.at = at;
    }

    /// Splits the next row; `None` when there is no more. A line break within quotation marks is part of its field.
    ///
    /// # Errors
    /// When a quotation mark is left open.
    pub fn next(&mut self, fields: &mut Fields<'t>) -> Option<Result<(), OpenQuote>> {
        let rest = self.lines.get(self.at..).filter(|rest| !rest.is_empty())?;
        if self.quoted {
            let line = rest.get(..memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
            if memchr(b'"', line).is_none() {
                self.at += line.len() + 1;
                return Some(fields.split(line.strip_suffix(b"\r").unwrap_or(line), self.separator));
            }
            let length = fields.unquote(rest, self.separator);
            self.at += length.unwrap_or(rest.len()) + 1;
            return Some(length.map(|_| ()));
        }
        fields.spans.clear();
        fields.text = Some(self.lines);
        self.at = self.plain(&mut fields.spans);
        Some(Ok(()))
    }

    /// Finds the fields of a line without quotation marks; gives where the next one begins. One pass, eight bytes at a time:
    /// fields are short.
    fn plain(&self, spans: &mut Vec<Span>) -> usize {
        let bytes = self.lines;
        let (mut start, mut from) = (self.at, self.at);
        while let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) {
            let word = rest.first_chunk().copied().unwrap_or_else(|| {
                let mut last = [0; 8];
                last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
                last
            });
            let word = u64::from_le_bytes(word);
            let mut marks = may_equal(word, self.separator) | may_equal(word, b'\n');
            while marks != 0 {
                let here = from + (marks.trailing_zeros() / 8) as usize;
                marks &= marks - 1;
                let byte = bytes.get(here).copied().unwrap_or_default();
                if byte == self.separator {
                    spans.push(trimmed(bytes, start, here));
                    start = here + 1;
                } else if byte == b'\n' {
                    let returns = usize::from(here > start && bytes.get(here - 1) == Some(&b'\r'));
                    spans.push(trimmed(bytes, start, here - returns));
                    return here + 1;
                }
            }
            from += 8;
        }
        let returns = usize::from(bytes.len() > start && bytes.ends_with(b"\r"));
        spans.push(trimmed(bytes, start, bytes.len() - returns));
        bytes.len()
    }
}

/// Where a field begins and ends.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// A span without outer spaces.
#[inline]
fn trimmed(text: &[u8], start: usize, end: usize) -> Span {
    let plain = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    if start == end || (plain(text.get(start)) && plain(text.get(end - 1))) {
        Span { start: start as u32, end: end as u32 }
    } else {
        trimmed_slowly(text, start, end)
    }
}

#[cold]
fn trimmed_slowly(text: &[u8], start: usize, end: usize) -> Span {
    let field = text.get(start..end).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
    let start = start + field.len() - field.trim_start().len();
    Span { start: start as u32, end: (start + field.trim().len()) as u32 }
}

/// The lines of some bytes without their ends.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    let ends = memchr_iter(b'\n', text.as_bytes()).chain((!text.ends_with('\n') && !text.is_empty()).then_some(text.len()));
    ends.map(move |end| {
        let line = text.get(start..end).unwrap_or_default();
        start = end + 1;
        line.strip_suffix('\r').unwrap_or(line)
    })
}

#[cfg(test)]
mod tests;
