//! From bytes to records: the encoding and the separator of a CSV delivery.

use super::finding::{Finding, Rule, Severity};

/// A decoded file: its headings and its records with their row numbers.
#[derive(Debug)]
pub struct Decoded {
    /// The headings as written.
    pub headings: Vec<String>,
    /// Each record with its row as a spreadsheet counts it (the headings are row 1).
    pub records: Vec<(u64, Vec<String>)>,
    /// What was inferred.
    pub findings: Vec<Finding>,
}

/// Decodes a delivery.
///
/// # Errors
/// The finding for which the whole file is rejected.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Finding> {
    let reject = |rule| Finding::file(rule, Severity::Rejected);
    let mut findings = Vec::new();
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(reject(Rule::Workbook));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(reject(Rule::Utf16));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // One row must not change how the others are read.
        Err(_)
            if bytes.split(|b| matches!(b, b'\n' | b'\r')).any(|line| !line.is_ascii() && std::str::from_utf8(line).is_ok()) =>
        {
            return Err(reject(Rule::MixedEncoding));
        }
        Err(_) => {
            findings.push(Finding::file(Rule::Cp1252, Severity::Warning));
            let (text, _, _) = encoding_rs::WINDOWS_1252.decode(bytes);
            text.into_owned()
        }
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains('\0') {
        return Err(reject(Rule::Unreadable));
    }
    let (text, told) = told_separator(&text);
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else { return Err(reject(Rule::EmptyFile)) };
    let separator = told.or_else(|| separator(first)).ok_or_else(|| reject(Rule::Separator))?;
    let mut rows_before = Rows::new(text.as_bytes(), separator, u64::from(told.is_some()) + 1);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| reject(Rule::Unreadable))?;
        let row = rows_before.row(record.position().map_or(0, csv::Position::byte));
        let fields: Vec<String> = record.iter().map(|f| f.trim().replace(char::is_control, "")).collect();
        if fields.iter().any(|f| !f.is_empty()) {
            rows.push((row, fields));
        }
    }
    if let Some(row) = rows_before.open_quote() {
        return Err(Finding::row(row, None, Rule::Quote, Severity::Rejected));
    }
    if let Some(row) = rows_before.broken {
        return Err(Finding::row(row, None, Rule::LineBreak, Severity::Rejected));
    }
    let mut rows = rows.into_iter();
    let Some((_, headings)) = rows.next() else { return Err(reject(Rule::EmptyFile)) };
    let mut decoded = Decoded { headings, records: rows.collect(), findings };
    decoded.drop_empty_columns();
    if decoded.records.is_empty() {
        decoded.findings.push(Finding::file(Rule::NoRows, Severity::Warning));
    }
    Ok(decoded)
}

impl Decoded {
    /// Drops columns at the end that have neither a heading nor a value: the mark of a trailing separator.
    fn drop_empty_columns(&mut self) {
        while self.headings.last().is_some_and(String::is_empty) {
            let last = self.headings.len() - 1;
            if self.records.iter().any(|(_, fields)| fields.get(last).is_some_and(|f| !f.is_empty())) {
                return;
            }
            self.headings.truncate(last);
            for (_, fields) in &mut self.records {
                if fields.len() == last + 1 {
                    fields.truncate(last);
                }
            }
        }
    }
}

/// Excel's own first line `sep=;`, if there is one, and the text after it.
fn told_separator(text: &str) -> (&str, Option<u8>) {
    let told = text.strip_prefix("sep=").and_then(|rest| rest.split_once('\n'));
    match told.map(|(line, rest)| (line.as_bytes(), rest)) {
        Some(([separator @ (b';' | b',' | b'\t')], rest)) => (rest, Some(*separator)),
        _ => (text, None),
    }
}

/// Counts rows as a spreadsheet does: blank lines are rows, line breaks inside a quoted field are not.
struct Rows<'a> {
    text: &'a [u8],
    separator: u8,
    at: usize,
    row: u64,
    field_start: bool,
    quoted: Option<u64>,
    broken: Option<u64>,
    /// Just after the quotation mark that closed a field: another one there opens it again.
    closed: Option<usize>,
}

impl<'a> Rows<'a> {
    fn new(text: &'a [u8], separator: u8, row: u64) -> Self {
        Self { text, separator, at: 0, row, field_start: true, quoted: None, broken: None, closed: None }
    }

    /// The row of the record that was read from `byte` on, which may be before blank lines.
    fn row(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while self.at < byte || (self.quoted.is_none() && self.text.get(self.at) == Some(&b'\n')) {
            self.step();
        }
        self.row
    }

    /// The row of a quotation mark that is never closed: all after it would be one field.
    fn open_quote(&mut self) -> Option<u64> {
        while self.at < self.text.len() {
            self.step();
        }
        self.quoted
    }

    /// One byte: a quotation mark opens a field only where the field starts.
    fn step(&mut self) {
        let byte = self.text.get(self.at).copied();
        self.at += 1;
        match byte {
            Some(b'"') if self.quoted.is_some() => (self.quoted, self.closed) = (None, Some(self.at)),
            Some(b'"') if self.field_start || self.closed.is_some_and(|at| at + 1 == self.at) => self.quoted = Some(self.row),
            Some(b'\n') if self.quoted.is_some() => self.broken = self.broken.or(Some(self.row)),
            Some(b'\n') => self.row += 1,
            _ => {}
        }
        self.field_start = self.quoted.is_none() && (byte == Some(b'\n') || byte == Some(self.separator));
    }
}

/// The separator of a heading line: the only one of semicolon, tab and comma that occurs, outside quotation marks.
fn separator(line: &str) -> Option<u8> {
    let mut counts = [(b';', 0), (b'\t', 0), (b',', 0)];
    let mut quoted = false;
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(s, _)| *s == byte && !quoted) {
            *count += 1;
        }
    }
    let mut used = counts.iter().filter(|(_, count)| *count > 0);
    match (used.next(), used.next()) {
        (Some((separator, _)), None) => Some(*separator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_list_is_read_in_every_encoding_and_separator() {
        let utf8 = "Kön;Åtgärd\nMan;språkträning\n";
        let (cp1252, _, _) = encoding_rs::WINDOWS_1252.encode(utf8);
        let bom = [b"\xEF\xBB\xBF", utf8.as_bytes()].concat();
        let tabs = utf8.replace(';', "\t").replace('\n', "\r\n");
        let quoted = "\"Kön\";\"Åtgärd\"\n\"Man\";\"språkträning\"\n";
        for bytes in [utf8.as_bytes(), &cp1252, &bom, tabs.as_bytes(), quoted.as_bytes()] {
            let decoded = decode(bytes).unwrap();
            assert_eq!(decoded.headings, ["Kön", "Åtgärd"]);
            assert_eq!(decoded.records, [(2, vec!["Man".to_owned(), "språkträning".to_owned()])]);
        }
        assert_eq!(decode(&cp1252).unwrap().findings[0].rule, Rule::Cp1252);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let rows = |text: &str| decode(text.as_bytes()).unwrap().records.into_iter().map(|(row, _)| row).collect::<Vec<_>>();
        assert_eq!(rows("a;b\n1;2\n\n\n3;4\n"), [2, 5]);
        assert_eq!(rows("\r\na;b\r\n1;2\r\n;\r\n3;4\r\n"), [3, 5]);
        assert_eq!(rows("a;b\n\"1 \"\"x\"\"\";\"2\"\n3;4"), [2, 3]);
        assert_eq!(rows("a;b\nMa\"\"n;2\nMa\"n;4\n"), [2, 3]);
        assert_eq!(rows("sep=;\na;b\n5\" pipe;2\n3;4"), [3, 4]);
    }

    #[test]
    fn a_trailing_separator_makes_no_column() {
        for text in ["a;b;\n1;2;\n", "a;b;;\n1;2\n", "a;b;\n1;2\n"] {
            let decoded = decode(text.as_bytes()).unwrap();
            assert_eq!((decoded.headings.len(), decoded.records[0].1.len()), (2, 2), "{text}");
        }
        assert_eq!(decode(b"a;b;\n1;2;3\n").unwrap().headings.len(), 3);
    }

    #[test]
    fn a_file_that_cannot_be_trusted_is_rejected_with_its_reason() {
        let rule = |bytes: &[u8]| decode(bytes).unwrap_err().rule;
        assert_eq!(rule(b""), Rule::EmptyFile);
        assert_eq!(rule(b"\n \r\n"), Rule::EmptyFile);
        assert_eq!(rule(b"PK\x03\x04rest"), Rule::Workbook);
        assert_eq!(rule(b"\xFF\xFEa\0"), Rule::Utf16);
        assert_eq!(rule(b"a;b,c\n1;2,3\n"), Rule::Separator);
        assert_eq!(rule(b"just one column\n1\n"), Rule::Separator);
        assert_eq!(rule(b"a;b\n\0;1\n"), Rule::Unreadable);
        let broken = decode(b"a;b\n1;2\n3;\"4\n5\"\n").unwrap_err();
        assert_eq!((broken.rule, broken.row), (Rule::LineBreak, Some(3)));
        assert_eq!(rule("a;b\nå;1\n".bytes().chain(*b"\xE5;2\n").collect::<Vec<_>>().as_slice()), Rule::MixedEncoding);
        let open = decode(b"a;b\n1;2\n3;\"4\n5;6\n").unwrap_err();
        assert_eq!((open.rule, open.row), (Rule::Quote, Some(3)));
        assert_eq!(decode(b"a;b\n").unwrap().findings[0].rule, Rule::NoRows);
    }
}
