//! From lines to fields: the encoding, the separator and the headings of a list.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::eight::may_equal;
use super::finding::{Finding, Rule};
use super::report::Month;
use super::withhold::withhold;
use super::workbook;

/// How the bytes of a list are read. One for the whole list: a row must not change how the others are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252.
    Cp1252,
}

impl Encoding {
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
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Finding::of(Rule::MixedEncoding)),
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
    /// How many rows above the headings have text: titles.
    pub titles: u64,
    /// The month that a title names.
    pub month: Option<Month>,
}

/// In how many rows from the top the headings are looked for.
const TOP: usize = 50;
const SEPARATORS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// Finds the headings: the first row in which at least two fields are headings that `known` knows.
///
/// # Errors
/// The finding for which the list is rejected.
pub fn layout(top: &str, given: Option<u8>, known: impl Fn(&str) -> bool) -> Result<Layout, Finding> {
    let (mut told, mut titles, mut month, mut first) = (given, 0, None, None);
    let mut fields = Fields::default();
    for (row, line) in (1_u64..).zip(top.lines().take(TOP)) {
        if row == 1
            && let Some(separator @ (b';' | b',' | b'\t')) = line.trim().strip_prefix("sep=").and_then(|s| s.bytes().next())
        {
            told = Some(separator); // Excel's own first line
            continue;
        }
        if line.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || c == '\u{1f}').is_empty() {
            continue;
        }
        let candidates = told.map_or_else(|| SEPARATORS.to_vec(), |separator| vec![separator]);
        let mut fitting = candidates.into_iter().filter(|separator| {
            let split = fields.split(line.as_bytes(), *separator).is_ok();
            split && (0..fields.len()).filter(|i| known(fields.get(*i))).count() >= 2
        });
        if let Some(separator) = fitting.next() {
            if fitting.next().is_some() {
                return Err(Finding::of(Rule::Separator));
            }
            let _ = fields.split(line.as_bytes(), separator);
            let headings = (0..fields.len()).map(|i| fields.get(i).replace(char::is_control, "")).collect();
            return Ok(Layout { separator, heading_row: row, headings, titles, month });
        }
        (titles, month) = (titles + 1, month.or_else(|| Month::named(line)));
        first = first.or(Some(line));
    }
    Err(Finding::of(why_not(first, told)))
}

/// Why no row is one of headings.
fn why_not(first: Option<&str>, told: Option<u8>) -> Rule {
    let Some(first) = first else { return Rule::EmptyFile };
    let used = SEPARATORS.iter().filter(|s| memchr(**s, first.as_bytes()).is_some()).count();
    if told.is_none() && used != 1 { Rule::Separator } else { Rule::NoTable }
}

/// A quotation mark that opens a field and is not closed on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenQuote;

/// The fields of one line at a time; the room is used again.
#[derive(Default)]
pub struct Fields<'t> {
    /// What the spans are of: the lines themselves, or, if none, `unquoted`.
    text: Option<&'t [u8]>,
    /// A line without its quotation marks.
    unquoted: String,
    /// Where each field begins and ends, without outer spaces.
    spans: Vec<(u32, u32)>,
}

withhold!(Fields<'t> Splitter<'t>);

impl<'t> Fields<'t> {
    /// Splits a line.
    ///
    /// # Errors
    /// When a quotation mark is left open.
    pub fn split(&mut self, line: &'t [u8], separator: u8) -> Result<(), OpenQuote> {
        self.spans.clear();
        self.text = Some(line);
        let mut separator = separator;
        if separator != workbook::SEPARATOR && memchr(b'"', line).is_some() {
            self.text = None;
            self.unquoted.clear();
            unquote(std::str::from_utf8(line).unwrap_or(FOREIGN), separator, &mut self.unquoted)?;
            separator = workbook::SEPARATOR;
        }
        let text = self.text.unwrap_or(self.unquoted.as_bytes());
        let mut start = 0;
        for end in memchr_iter(separator, text) {
            self.spans.push(trimmed(text, start, end));
            start = end + 1;
        }
        self.spans.push(trimmed(text, start, text.len()));
        Ok(())
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
        self.text.unwrap_or(self.unquoted.as_bytes())
    }

    /// A field without outer spaces; empty if there is none.
    pub fn get(&self, i: usize) -> &str {
        std::str::from_utf8(self.bytes(i)).unwrap_or(FOREIGN)
    }

    /// The bytes of a field without outer spaces.
    #[inline]
    pub fn bytes(&self, i: usize) -> &[u8] {
        let Some((start, end)) = self.spans.get(i) else { return &[] };
        self.text().get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// Sixteen bytes from where a field begins, if there are so many, and how many of them are the field's.
    #[inline]
    pub fn window(&self, i: usize) -> Option<(&[u8; 16], usize)> {
        let (start, end) = self.spans.get(i)?;
        Some((self.text().get(*start as usize..)?.first_chunk()?, (end - start) as usize))
    }

    /// Whether no field has a value.
    pub fn is_blank(&self) -> bool {
        self.spans.iter().all(|(start, end)| start == end)
    }
}

/// What is read of a field that is not UTF-8. Every list is looked through before it is read, so it was changed since; no
/// column takes this value.
const FOREIGN: &str = "\u{FFFD}";

/// Splits lines one after the other.
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
        Self { lines, separator, quoted: memchr(b'"', lines).is_some(), at: 0 }
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

    /// Splits the next line; `None` when there is no more.
    ///
    /// # Errors
    /// When a quotation mark is left open.
    pub fn next(&mut self, fields: &mut Fields<'t>) -> Option<Result<(), OpenQuote>> {
        let rest = self.lines.get(self.at..).filter(|rest| !rest.is_empty())?;
        if self.quoted {
            let end = memchr(b'\n', rest).map_or(self.lines.len(), |end| self.at + end);
            let line = self.lines.get(self.at..end).unwrap_or_default();
            self.at = end + 1;
            return Some(fields.split(line.strip_suffix(b"\r").unwrap_or(line), self.separator));
        }
        fields.spans.clear();
        fields.text = Some(self.lines);
        self.at = self.plain(&mut fields.spans);
        Some(Ok(()))
    }

    /// Finds the fields of a line without quotation marks; gives where the next one begins. One pass, eight bytes at a time:
    /// fields are short.
    fn plain(&self, spans: &mut Vec<(u32, u32)>) -> usize {
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

/// A span without outer spaces.
#[inline]
fn trimmed(text: &[u8], start: usize, end: usize) -> (u32, u32) {
    let plain = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    if start == end || (plain(text.get(start)) && plain(text.get(end - 1))) {
        (start as u32, end as u32)
    } else {
        trimmed_slowly(text, start, end)
    }
}

#[cold]
fn trimmed_slowly(text: &[u8], start: usize, end: usize) -> (u32, u32) {
    let field = text.get(start..end).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
    let start = start + field.len() - field.trim_start().len();
    (start as u32, (start + field.trim().len()) as u32)
}

/// A line with its quotation marks taken out and its separators replaced by one that no field holds. A mark opens a field
/// only where the field starts, and a doubled one inside stands for itself.
fn unquote(line: &str, separator: u8, out: &mut String) -> Result<(), OpenQuote> {
    let (mut quoted, mut start) = (false, true);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                out.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if start => {
                (quoted, start) = (true, false);
                continue;
            }
            c if !quoted && u32::from(c) == u32::from(separator) => {
                out.push(char::from(workbook::SEPARATOR));
                start = true;
                continue;
            }
            c if u32::from(c) == u32::from(workbook::SEPARATOR) => {}
            c => out.push(c),
        }
        start = start && c == ' ';
    }
    if quoted { Err(OpenQuote) } else { Ok(()) }
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
mod tests {
    use super::*;

    fn known(heading: &str) -> bool {
        ["Kön", "Åtgärd", "Personnr"].contains(&heading)
    }

    fn split(line: &str, separator: u8) -> Vec<String> {
        let mut fields = Fields::default();
        fields.split(line.as_bytes(), separator).unwrap();
        (0..fields.len()).map(|i| fields.get(i).to_owned()).collect()
    }

    #[test]
    fn headings_are_found_below_titles_and_with_any_separator() {
        for separator in [";", "\t", ",", "|"] {
            let top =
                format!("Deltagarlista för mars 2021\n\nKön{separator} \"Åtgärd\" {separator}x\n1{separator}2{separator}3\n");
            let layout = layout(&top, None, known).unwrap_or_else(|f| panic!("{separator:?}: {f:?}"));
            assert_eq!((layout.heading_row, layout.titles, layout.separator), (3, 1, separator.as_bytes()[0]));
            assert_eq!(layout.headings, ["Kön", "Åtgärd", "x"]);
            assert_eq!(layout.month, Month::parse("2021-03"));
        }
        let told = layout("sep=,\nKön,Personnr,Åtgärd;x\n", None, known).unwrap();
        assert_eq!((told.headings, told.titles), (["Kön", "Personnr", "Åtgärd;x"].map(str::to_owned).to_vec(), 0));
    }

    #[test]
    fn what_has_no_headings_is_rejected_with_its_reason() {
        let rule = |top: &str| layout(top, None, known).unwrap_err().rule;
        assert_eq!(rule(""), Rule::EmptyFile);
        assert_eq!(rule("\n;;\n"), Rule::EmptyFile);
        assert_eq!(rule("Kön;Åtgärd,x\n"), Rule::Separator);
        assert_eq!(rule("Kön;Åtgärd;x,Kön,Åtgärd\n"), Rule::Separator);
        assert_eq!(rule("just one column\n1\n"), Rule::Separator);
        assert_eq!(rule("date;temperature\n2021-03-01;7\n"), Rule::NoTable);
    }

    #[test]
    fn fields_are_split_as_spreadsheets_write_them() {
        assert_eq!(split("1;\"2;3\";\"a \"\"b\"\"\"; 4 \u{a0};", b';'), ["1", "2;3", "a \"b\"", "4", ""]);
        assert_eq!(split("5\" pipe;2", b';'), ["5\" pipe", "2"]);
        assert_eq!(split(" \"x\" ;2", b';'), ["x", "2"]);
        assert_eq!(Fields::default().split(b"3;\"4", b';'), Err(OpenQuote));
        assert_eq!(lines("a\r\nb\n\nc").collect::<Vec<_>>(), ["a", "b", "", "c"]);
    }
}
