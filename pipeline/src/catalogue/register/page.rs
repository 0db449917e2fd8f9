//! A project-bank page saved as text, or a CSV, read into the columns of the register.
//!
//! Contact persons are never kept and never echoed: what might be one of their particulars is named by its line alone, also
//! where the layout of a page is broken.

mod form;
mod value;

use std::path::Path;

use self::value::{Meaning, blank, crowded, expected, heading, people, period, quotable, value};
use crate::catalogue::schema::{Catalogue, normalise};
use utfall_ground::error::{Error, system};
use utfall_ground::redact;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;
use utfall_ground::untrusted;

pub use self::value::{PERIODS, is_slug};

/// A page is a few thousand bytes, a CSV of all projects of a programme less than this.
const LIMIT: u64 = 1 << 20;

/// What a file says of one project.
#[derive(Debug, Default)]
pub struct Found {
    /// The line on which it begins.
    pub line: usize,
    /// The values that fit the register.
    pub fields: Vec<Field>,
    /// What was not read; holds no value that could be a person's.
    pub unread: Vec<Unread>,
    /// Lines and labels of contact particulars, which are left where they are.
    pub redacted: Vec<(usize, String)>,
    /// Contact persons as the file spells them, so that no other field carries one along; emptied by [`Found::finish`].
    persons: Vec<String>,
    /// Columns that two lines give different values.
    disputed: Vec<String>,
}

/// One value as the register writes it.
#[derive(Debug)]
pub struct Field {
    /// The register's column.
    pub column: String,
    /// The value.
    pub value: String,
    /// The line it came from.
    pub line: usize,
}

/// Something that was not read, in words that quote nothing that could be a person's.
#[derive(Debug)]
pub struct Unread {
    line: usize,
    /// Its label, where that is certain to be one.
    label: Option<String>,
    why: Why,
}

#[derive(Debug)]
enum Why {
    /// The label is not known.
    Unknown,
    /// The register takes no such thing from a file.
    Untaken,
    /// A line without a label.
    Stray,
    /// What was expected, and the value if it is certain to be public.
    Misfit(Message, Option<String>),
    /// Several entries, or a contact particular, in one value.
    Crowded,
    /// The value may belong to the label of a contact particular.
    Displaced,
    /// An earlier line gives the column another value.
    Differs(usize),
    /// The end is before the start.
    Backwards,
    /// A form besides the one that was read.
    Second,
}

/// A label with what stands below or behind it.
#[derive(Debug)]
struct Item<'a> {
    line: usize,
    label: &'a str,
    meaning: Meaning<'a>,
    value: Option<&'a str>,
    value_line: usize,
    /// Whether label and value share a line, so that no value can have slipped from one label to the next.
    same_line: bool,
}

/// Reads a file: a page tells of one project, a CSV of one per row.
///
/// # Errors
/// When the file cannot be read as text, or a row of a CSV does not fit its headings.
pub fn read(path: &Path, catalogue: &Catalogue) -> Result<Vec<Found>, Error> {
    let wrong = |why: Message| Error::usage("register-page", why.map(redact::words).after(format!("{}: ", path.display())));
    let unreadable = |e| {
        let why = system(&e);
        wrong(Message::new(
            format!("kan inte läsas: {}; spara sidan som ren text i UTF-8", why.get(Sv)),
            format!("cannot be read: {}; save the page as plain text in UTF-8", why.get(En)),
        ))
    };
    let bytes = untrusted::bytes(path, LIMIT).map_err(unreadable)?;
    let text = decode(&bytes).map_err(wrong)?;
    let named = path.extension().is_some_and(|x| x.eq_ignore_ascii_case("csv"));
    match separator(&text, catalogue, named) {
        Some(separator) => rows(&text, separator, catalogue).map_err(wrong),
        None => Ok(vec![form::read(&text, catalogue)]),
    }
}

/// The text of a file in UTF-8 or cp1252, with one kind of line end and every letter in one piece.
fn decode(bytes: &[u8]) -> Result<String, Message> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let marks: [&[u8]; 7] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0", b"%PDF", b"\xFF\xFE", b"\xFE\xFF", b"<!doctype", b"<html"];
    let begins = |mark: &&[u8]| bytes.get(..mark.len()).is_some_and(|b| b.eq_ignore_ascii_case(mark));
    if marks.iter().any(begins) || bytes.contains(&0) {
        return Err(Message::new(
            "är ingen sida som text (kanske HTML, PDF, UTF-16 eller en arbetsbok); spara sidan som ren text i UTF-8",
            "is not a page as text (perhaps HTML, PDF, UTF-16 or a workbook); save the page as plain text in UTF-8",
        ));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            // Two encodings in one file would put misread letters into a public register.
            let utf8 = |line: &[u8]| !line.is_ascii() && std::str::from_utf8(line).is_ok();
            if let Some(at) = bytes.split(|b| *b == b'\n').position(utf8) {
                return Err(Message::new(
                    format!("rad {} är UTF-8 men andra rader är det inte; spara hela filen i UTF-8", at + 1),
                    format!("line {} is UTF-8 but other lines are not; save the whole file in UTF-8", at + 1),
                ));
            }
            encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
        }
    };
    // Some programs copy ä as two characters, a and two dots; no label would be recognised.
    let pairs =
        [("a\u{30a}", "å"), ("a\u{308}", "ä"), ("o\u{308}", "ö"), ("A\u{30a}", "Å"), ("A\u{308}", "Ä"), ("O\u{308}", "Ö")];
    let text = pairs.iter().fold(text, |text, (two, one)| text.replace(two, one));
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Text without the invisible characters that could disguise it on a terminal, with plain spaces.
fn clean(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let seen = text.chars().filter(|c| *c == '\t' || !(c.is_control() || hidden(*c)));
    seen.map(|c| if c.is_whitespace() && c != '\t' { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The records of a CSV without empty lines, each with the line on which it begins, as the reader counts them.
fn records(text: &str, separator: u8) -> Vec<(usize, Vec<String>)> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let line = |r: &csv::StringRecord| r.position().and_then(|p| usize::try_from(p.line()).ok()).unwrap_or_default();
    reader.records().filter_map(Result::ok).map(|r| (line(&r), r.iter().map(clean).collect())).collect()
}

/// The separator of a CSV: the one that shows most known headings. A page is no CSV, whatever stands in it.
fn separator(text: &str, catalogue: &Catalogue, named: bool) -> Option<u8> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let known = |s: u8| records(first, s).iter().flat_map(|(_, cells)| cells).filter(|h| heading(h, catalogue).is_some()).count();
    let (count, best) = [b'\t', b',', b';'].into_iter().map(|s| (known(s), s)).max_by_key(|(count, _)| *count)?;
    (named || count >= 2).then_some(best)
}

/// The first row of a CSV.
#[derive(Debug)]
struct Headings<'a> {
    line: usize,
    labels: Vec<String>,
    meanings: Vec<Meaning<'a>>,
}

/// Reads a CSV. A record must end on its line: then every line has the number that an editor shows.
fn rows(text: &str, separator: u8, catalogue: &Catalogue) -> Result<Vec<Found>, Message> {
    let at = |line: usize, sv: &str, en: &str| Err(Message::new(format!("rad {line}: {sv}"), format!("line {line}: {en}")));
    let numbered = text.lines().enumerate().filter(|(_, line)| !clean(line).is_empty());
    let (lines, text): (Vec<usize>, Vec<&str>) = numbered.map(|(i, line)| (i + 1, line)).unzip();
    let records = records(&text.join("\n"), separator);
    let starts = records.iter().map(|(start, _)| *start).chain([text.len() + 1]);
    if let Some(open) = starts.enumerate().find(|(i, start)| i + 1 != *start).and_then(|(i, _)| lines.get(i.saturating_sub(1))) {
        return at(
            *open,
            "ett citattecken stängs inte; stäng det på samma rad",
            "a quotation mark is not closed; close it on its line",
        );
    }
    let mut rows = lines.into_iter().zip(records.into_iter().map(|(_, cells)| cells));
    let (line, labels) = rows.next().unwrap_or_default();
    let meanings = labels.iter().map(|h| heading(h, catalogue).unwrap_or(Meaning::Unknown)).collect();
    let headings = Headings { line, labels: labels.clone(), meanings };
    let mut all = Vec::new();
    for (line, cells) in rows {
        if cells.len() != labels.len() {
            return at(
                line,
                "raden har inte lika många fält som rubrikraden; sätt citattecken om värden som innehåller skiljetecknet",
                "the row does not have as many fields as the headings; put quotation marks around values that hold the separator",
            );
        }
        all.push(headings.read(line, &cells, all.is_empty(), catalogue));
    }
    if all.is_empty() {
        return Err(Message::new(
            "ingen rad under rubrikerna; skriv ett projekt per rad",
            "no row below the headings; write one project per row",
        ));
    }
    Ok(all)
}

impl Headings<'_> {
    /// Reads a row. What is wrong with the headings is told once, with the first row, and on their own line.
    fn read(&self, line: usize, cells: &[String], first: bool, catalogue: &Catalogue) -> Found {
        let private = self.meanings.iter().any(Meaning::is_private);
        let mut found = Found { line, ..Found::default() };
        for ((label, meaning), cell) in self.labels.iter().zip(&self.meanings).zip(cells) {
            let foreign = matches!(meaning, Meaning::Unknown | Meaning::Untaken);
            if (foreign && !first) || (label.is_empty() && cell.is_empty()) {
                continue;
            }
            let own = if foreign { self.line } else { line };
            let item = Item { line: own, label, meaning: *meaning, value: Some(cell), value_line: line, same_line: true };
            found.take(&item, true, !private, catalogue);
        }
        found.finish();
        found
    }
}

impl Found {
    /// Takes one entry in, or says why not; `named` and `quote` tell whether its label and its value may be said.
    fn take(&mut self, item: &Item<'_>, named: bool, quote: bool, catalogue: &Catalogue) {
        let raw = item.value.unwrap_or_default().trim();
        // A long value may be prose.
        let told = quote && raw.chars().count() <= 60;
        let misfit = |column: &str| Why::Misfit(expected(column, catalogue), told.then(|| raw.to_owned()));
        let why = match item.meaning {
            Meaning::Private | Meaning::Person => {
                if item.meaning == Meaning::Person {
                    self.persons.extend(people(raw));
                }
                return self.redacted.push((item.line, item.label.to_owned()));
            }
            Meaning::Unknown => Why::Unknown,
            Meaning::Untaken => Why::Untaken,
            _ if blank(raw) => return,
            _ if crowded(item.meaning, raw) => Why::Crowded,
            Meaning::Period => match period(raw) {
                Some((start, end)) => {
                    self.put("start", start, item.value_line, item.label);
                    return self.put("end", end, item.value_line, item.label);
                }
                None => misfit(""),
            },
            Meaning::Column(column) => match value(column, raw, catalogue) {
                Some(value) => return self.put(column, value, item.value_line, item.label),
                None => misfit(column),
            },
        };
        let named = named && (item.meaning != Meaning::Unknown || quotable(item.label));
        self.unread.push(Unread { line: item.line, label: named.then(|| item.label.to_owned()), why });
    }

    /// Two lines that disagree leave the column empty: which of them is right cannot be guessed.
    fn put(&mut self, column: &str, value: String, line: usize, label: &str) {
        match self.fields.iter().find(|f| f.column == column) {
            None => self.fields.push(Field { column: column.to_owned(), value, line }),
            Some(first) if normalise(&first.value) == normalise(&value) => {}
            Some(first) => {
                self.disputed.push(column.to_owned());
                self.unread.push(Unread { line, label: Some(label.to_owned()), why: Why::Differs(first.line) });
            }
        }
    }

    /// What only the whole shows: lines that disagree, an end before its start, a contact person inside another field.
    fn finish(&mut self) {
        let date = |column: &str| self.fields.iter().find(|f| f.column == column);
        let backwards = date("start").zip(date("end")).filter(|(s, e)| s.value > e.value).map(|(_, e)| e.line);
        if let Some(line) = backwards {
            self.disputed.extend(["start".to_owned(), "end".to_owned()]);
            self.unread.push(Unread { line, label: None, why: Why::Backwards });
        }
        let persons = std::mem::take(&mut self.persons);
        let personal = |text: &str| {
            let text = normalise(text);
            // No project has so many contact persons: what stands under their labels is something else.
            persons.len() > 100 || persons.iter().any(|person| text.contains(person.as_str()))
        };
        for unread in &mut self.unread {
            unread.label = unread.label.take().filter(|label| !personal(label));
            if let Why::Misfit(_, quote) = &mut unread.why {
                *quote = quote.take().filter(|text| !personal(text));
            }
        }
        for field in self.fields.iter().filter(|f| personal(&f.value)) {
            self.unread.push(Unread { line: field.line, label: Some(field.column.clone()), why: Why::Displaced });
        }
        self.fields.retain(|f| !self.disputed.contains(&f.column) && !personal(&f.value));
        self.fields.sort_by_key(|f| f.line);
        self.unread.sort_by_key(|u| u.line);
        self.redacted.sort();
    }

    /// The value of a column, with the line it came from.
    pub fn get(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.column == column)
    }
}

impl Unread {
    /// The line, its label, and why it was not read.
    pub fn told(&self) -> Message {
        let label = self.label.as_ref().map(|label| format!(", {label}")).unwrap_or_default();
        let why = self.why.told();
        let line = self.line;
        Message::new(format!("rad {line}{label}: {}", why.get(Sv)), format!("line {line}{label}: {}", why.get(En)))
    }
}

impl Why {
    fn told(&self) -> Message {
        let (sv, en) = match self {
            Self::Misfit(expected, Some(value)) => {
                return Message::new(
                    format!("`{value}` är inte {}", expected.get(Sv)),
                    format!("`{value}` is not {}", expected.get(En)),
                );
            }
            Self::Misfit(expected, None) => {
                return Message::new(
                    format!("värdet är inte {}", expected.get(Sv)),
                    format!("the value is not {}", expected.get(En)),
                );
            }
            Self::Differs(first) => {
                return Message::new(
                    format!("säger annat än rad {first}; ta bort den ena"),
                    format!("says something else than line {first}; delete one of them"),
                );
            }
            Self::Unknown => ("okänd etikett", "an unknown label"),
            Self::Untaken => ("tas inte in i registret", "is not taken into the register"),
            Self::Stray => ("raden har ingen känd etikett", "the line has no known label"),
            Self::Crowded => (
                "flera uppgifter på en rad, eller kontaktuppgifter; skriv värdet i en CSV",
                "several entries on one line, or contact particulars; write the value in a CSV",
            ),
            Self::Displaced => (
                "kan höra till kontaktuppgifterna på sidan; skriv värdet i en CSV",
                "may belong to the contact particulars of the page; write the value in a CSV",
            ),
            Self::Backwards => ("slutet är före början; rätta datumen", "the end is before the start; mend the dates"),
            Self::Second => {
                ("här börjar ett andra formulär; spara en sida per fil", "a second form begins here; save one page per file")
            }
        };
        Message::new(sv, en)
    }
}
