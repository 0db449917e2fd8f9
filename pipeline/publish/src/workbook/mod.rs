//! A release as a workbook: a table of contents, a sheet per data set and a note on the method, in both languages. What stands in its
//! cells is decided here, once; [`crate::xlsx`] and [`crate::ods`] write it down.

mod contents;
mod method;
mod table;

use crate::Edition;
use crate::dataset::Number;
use crate::dataset::pack::Moment;
use utfall_ground::text::{Lang, Text};

/// Sheets in their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Workbook {
    /// Its title, in both languages.
    pub(crate) title: String,
    /// Who publishes it, if that is known.
    pub(crate) publisher: Option<String>,
    /// What stands for it: the id of the release.
    pub(crate) id: String,
    /// When its numbers were made; none where that is not known.
    pub(crate) made: Option<Moment>,
    /// Its sheets.
    pub(crate) sheets: Vec<Sheet>,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// Its name, which programs for workbooks allow and no other sheet has.
    pub(crate) name: String,
    /// The widths of its columns, in characters.
    pub(crate) widths: Vec<u16>,
    /// Its cells, row by row.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The row of the headings of its table, which is all that follows; none if it is a text.
    pub(crate) head: Option<usize>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// What stands in it.
    pub(crate) value: Value,
    /// How it looks.
    pub(crate) style: Style,
    /// Over how many columns it goes; what follows in its row stands behind them.
    pub(crate) span: usize,
}

/// What stands in a cell. There are no formulas.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Empty,
    /// A text, whatever it begins with.
    Text(String),
    /// A number that 64 bits hold to its last digit.
    Number(Number),
    /// A text that leads somewhere.
    Link(String, Target),
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// To the sheet of this place.
    Sheet(usize),
    /// To an address of the web.
    Web(String),
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Style {
    /// As any.
    Plain,
    /// The title of a sheet.
    Title,
    /// What a row is about.
    Label,
    /// In several lines, if it must.
    Wrapped,
    /// The same, of what is said beside something that matters more.
    Soft,
    /// What a column is about.
    Head,
    /// The same in the other language.
    SoftHead,
    /// A link.
    Link,
    /// A number in groups of three digits, with so many decimals.
    Grouped(u32),
    /// A part of a whole in hundredths, with so many decimals: 62,0 %.
    Percent(u32),
}

impl Workbook {
    /// The workbook of a release.
    pub(crate) fn of(edition: Edition<'_>) -> Self {
        let release = &edition.pack.release;
        let names = names(edition.pack.sets.iter().map(|set| set.title.sv.as_str()));
        let mut sheets = vec![contents::sheet(edition)];
        let sets = edition.pack.sets.iter().zip(names).enumerate();
        sheets.extend(sets.map(|(at, (set, name))| table::sheet(at + 1, set, name, release.demonstration)));
        sheets.push(method::sheet(edition.pack));
        Self {
            title: both(&release.title),
            publisher: edition.settings.publisher.as_ref().map(|of| both(&of.name)),
            id: release.id.clone(),
            made: release.made,
            sheets,
        }
    }
}

impl Sheet {
    /// How many columns its table has; none if it is a text.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.rows.get(self.head?).map(Vec::len)
    }

    /// How many lines of text a row takes.
    pub(crate) fn lines(&self, row: usize) -> usize {
        let Some(cells) = self.rows.get(row) else { return 1 };
        let (mut most, mut at) = (1, 0);
        for cell in cells {
            let width: u16 = self.widths.iter().skip(at).take(cell.span).sum();
            at += cell.span;
            if let (Value::Text(text) | Value::Link(text, _), true) = (&cell.value, cell.style.is_wrapped()) {
                // Letters are of unequal width, and a word that does not fit leaves its place empty.
                let fits = (usize::from(width) * 9 / 10).max(1);
                most = most.max(text.split('\n').map(|line| line.chars().count().div_ceil(fits).max(1)).sum());
            }
        }
        most
    }
}

impl Style {
    /// Whether a text goes on in the next line where its cell ends.
    pub(crate) fn is_wrapped(self) -> bool {
        match self {
            Self::Label | Self::Wrapped | Self::Soft | Self::Head | Self::SoftHead | Self::Link => true,
            Self::Plain | Self::Title | Self::Grouped(_) | Self::Percent(_) => false,
        }
    }
}

impl Cell {
    pub(crate) fn new(value: Value, style: Style) -> Self {
        Self { value, style, span: 1 }
    }

    fn text(text: impl Into<String>, style: Style) -> Self {
        Self::new(Value::Text(printable(text)), style)
    }

    fn link(text: impl Into<String>, target: Target) -> Self {
        Self::new(Value::Link(printable(text), target), Style::Link)
    }
}

/// Rows of three columns: what it is, in Swedish, in English.
struct Notes(Vec<Vec<Cell>>);

impl Notes {
    /// Both texts beside their label.
    fn said(&mut self, label: &str, text: Text) {
        let texts = Lang::ALL.map(|lang| Cell::text(text.get(lang), Style::Wrapped));
        self.0.push([vec![Cell::text(label, Style::Label)], texts.to_vec()].concat());
    }

    /// What is the same in both languages.
    fn same(&mut self, label: &str, text: &str) {
        self.0.push(vec![Cell::text(label, Style::Label), Cell::text(text, Style::Wrapped)]);
    }

    /// The same, as a link.
    fn web(&mut self, label: &str, text: &str, address: &str) {
        self.0.push(vec![Cell::text(label, Style::Label), Cell::link(text, Target::Web(address.to_owned()))]);
    }

    /// A title in both languages over what follows.
    fn heading(&mut self, label: &str, text: &Text) {
        self.0.push(Vec::new());
        let cells = [label, &text.sv, &text.en].map(|text| Cell::text(text, Style::Head));
        self.0.push(cells.to_vec());
    }

    fn sheet(self, name: &str) -> Sheet {
        Sheet { name: name.to_owned(), widths: vec![26, 70, 70], rows: self.0, head: None }
    }
}

/// The names of the sheets with these titles: a number, and as much of the title as there is room for.
///
/// A name has at most 31 characters, of those of 16 bits; none of `[]:*?/\`, and no apostrophe at its ends (Microsoft, "Rename a
/// worksheet"). The number makes it unlike the others.
fn names<'t>(titles: impl Iterator<Item = &'t str>) -> Vec<String> {
    titles
        .enumerate()
        .map(|(at, title)| {
            let allowed = |c: char| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c };
            let mut name = format!("{}.", at + 1);
            for word in title.chars().map(allowed).collect::<String>().split_whitespace() {
                let longer = format!("{name} {word}");
                if longer.encode_utf16().count() > 31 {
                    break;
                }
                name = longer;
            }
            name.trim_end_matches([' ', '–', '-', ',']).to_owned()
        })
        .collect()
}

/// Both languages in one line.
fn both(text: &Text) -> String {
    if text.sv == text.en { text.sv.clone() } else { format!("{} · {}", text.sv, text.en) }
}

/// A text without the characters that XML cannot hold: a title with one would make a file that nobody can open.
fn printable(text: impl Into<String>) -> String {
    let fits = |c: &char| (matches!(c, '\t' | '\n' | '\r') || !c.is_control()) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.into().chars().filter(fits).collect()
}

fn text(sv: impl Into<String>, en: impl Into<String>) -> Text {
    Text { sv: sv.into(), en: en.into() }
}

/// The name of the first sheet.
const CONTENTS: &str = "Innehåll · Contents";

/// The name of the last.
const METHOD: &str = "Metod · Method";

#[cfg(test)]
pub(crate) mod tests;
