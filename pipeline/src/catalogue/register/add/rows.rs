//! The register as text: its rows with their places, so that what is not changed keeps its bytes.

use std::collections::HashMap;
use std::ops::Range;

use crate::catalogue::schema::normalise;
use utfall_ground::text::Message;

/// The register's text with the places of its rows.
#[derive(Debug)]
pub(super) struct Register<'a> {
    pub(super) text: &'a str,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row: where its text is, without the end of the line, and its cells.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) span: Range<usize>,
    pub(super) cells: Vec<String>,
}

impl<'a> Register<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Message> {
        let wrong =
            |e: csv::Error| Message::new("registret kan inte läsas som CSV i UTF-8", format!("the register cannot be read: {e}"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().map_err(wrong)?.iter().map(|h| h.trim().to_owned()).collect();
        let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        let start = |r: &csv::StringRecord| r.position().and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(text.len());
        let ends = records.iter().skip(1).map(start).chain([text.len()]);
        let rows = records.iter().zip(ends).map(|(record, end)| {
            // The reader counts empty lines before a row, and the end of its own, as part of it.
            let span = text.get(start(record)..end).unwrap_or_default();
            let (begin, length) = (end - span.trim_start_matches(['\r', '\n']).len(), span.trim_matches(['\r', '\n']).len());
            Row { span: begin..begin + length, cells: record.iter().map(str::to_owned).collect() }
        });
        Ok(Self { text, columns, rows: rows.collect() })
    }

    pub(super) fn cell<'r>(&self, row: &'r Row, column: &str) -> &'r str {
        let at = self.columns.iter().position(|c| c == column);
        at.and_then(|i| row.cells.get(i)).map(|c| c.trim()).unwrap_or_default()
    }

    /// What lists may call the project of a row.
    pub(super) fn spellings(&self, row: &Row) -> Vec<String> {
        let lists = [self.cell(row, "aliases"), self.cell(row, "former")];
        let own =
            [self.cell(row, "project"), self.cell(row, "name")].into_iter().chain(lists.into_iter().flat_map(|l| l.split('|')));
        own.map(normalise).filter(|s| !s.is_empty()).collect()
    }

    pub(super) fn set(&self, cells: &mut [String], column: &str, value: &str) {
        let at = self.columns.iter().position(|c| c == column);
        if let Some(cell) = at.and_then(|i| cells.get_mut(i)) {
            value.clone_into(cell);
        }
    }

    /// Adds spellings to a row that it does not have yet; whether there were any.
    pub(super) fn add_aliases(&self, cells: &mut [String], more: Vec<String>) -> bool {
        let row = Row { span: 0..0, cells: cells.to_vec() };
        let mut known = self.spellings(&row);
        let mut all: Vec<String> = self.cell(&row, "aliases").split('|').filter(|a| !a.is_empty()).map(str::to_owned).collect();
        let before = all.len();
        for spelling in more {
            let plain = normalise(&spelling);
            if !plain.is_empty() && !known.contains(&plain) {
                known.push(plain);
                all.push(spelling.trim().to_owned());
            }
        }
        self.set(cells, "aliases", &all.join("|"));
        all.len() > before
    }

    /// Whether a row says what a file says: names are compared without dashes and capitals, and an owner may be said shorter.
    pub(super) fn agrees(&self, row: &Row, column: &str, new: &str) -> bool {
        let old = self.cell(row, column);
        match column {
            "name" => self.spellings(row).iter().any(|s| bare(s) == bare(new)),
            "owner" => bare(old).starts_with(&bare(new)),
            "number" => bare(old) == bare(new),
            _ => old == new,
        }
    }
}

/// Letters and digits alone: how names are compared across commas, dashes and capitals.
pub(super) fn bare(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A row as CSV, without the end of its line.
pub(super) fn line(cells: &[String]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(cells).ok().and_then(|()| writer.into_inner().ok());
    let text = String::from_utf8(written.unwrap_or_default()).unwrap_or_default();
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

/// Refuses a register in which one spelling would mean two projects, or a project would end before it starts. Reading the
/// code lists refuses the former too, but the message here names the project that is there already.
pub(super) fn sound(text: &str, slug: &str) -> Result<(), Message> {
    let register = Register::parse(text)?;
    let mut owners: HashMap<String, &str> = HashMap::new();
    for row in &register.rows {
        let own = register.cell(row, "project");
        for spelling in register.spellings(row) {
            let other = owners.insert(spelling.clone(), own).filter(|other| *other != own);
            if let Some(other) = other.map(|other| if other == slug { own } else { other }) {
                return Err(Message::new(
                    format!(
                        "`{spelling}` betyder redan projektet `{other}`; ingenting ändrades. Är det samma projekt, skriv --project {other}; annars ett annat namn i en CSV"
                    ),
                    format!(
                        "`{spelling}` already means the project `{other}`; nothing was changed. If it is the same project, say --project {other}; else write another name in a CSV"
                    ),
                ));
            }
        }
        if own == slug && register.cell(row, "start") > register.cell(row, "end") {
            return Err(Message::new(
                format!("projektet `{slug}` skulle sluta innan det börjar; ingenting ändrades. Skriv båda datumen i en CSV"),
                format!("the project `{slug}` would end before it starts; nothing was changed. Write both dates in a CSV"),
            ));
        }
    }
    Ok(())
}
