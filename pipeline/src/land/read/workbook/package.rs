//! Which parts of an XLSX are its sheets, and what is said of its formulas: the reader of values does not tell.

use std::collections::HashMap;

use super::damaged;
use super::xml::{Event, Part, Zip, add_text, attribute, attributes, is_set, plain};
use crate::land::finding::{Finding, ValidationRule};

/// What an XLSX says of itself.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// The names of its sheets, and where in the zip each is.
    pub(super) sheets: Vec<(String, usize)>,
    /// Whether its formulas are to be calculated once it is opened: it was written by a program that does not calculate.
    pub(super) calculates_on_load: bool,
    /// Whether it says that it was saved by a spreadsheet program.
    pub(super) is_calculated: bool,
}

/// The parts of a zip by their names, whatever letters and slashes they are written with.
struct Places(HashMap<String, usize>);

impl Places {
    fn of(zip: &mut Zip<'_>) -> Result<Self, Finding> {
        let mut places = HashMap::new();
        for i in 0..zip.len() {
            let name = zip.by_index_raw(i).map_err(damaged)?.name().map_err(damaged)?.replace('\\', "/").to_ascii_lowercase();
            places.insert(name, i);
        }
        Ok(Self(places))
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.0.get(&name.to_ascii_lowercase()).copied()
    }
}

impl Package {
    /// Reads what an XLSX says; nothing if the zip is none.
    pub(super) fn of(zip: &mut Zip<'_>) -> Result<Option<Self>, Finding> {
        let places = Places::of(zip)?;
        let Some(root) = places.get("_rels/.rels") else { return Ok(None) };
        let relations = relations(zip, root)?;
        let office = relations.iter().rev().find(|relation| relation.what.ends_with("/relationships/officeDocument"));
        let Some(target) = office.map(|relation| plain(&relation.target)).transpose()? else { return Ok(None) };
        let (folder, name) = target.rsplit_once('/').map_or(("", target.as_str()), |(folder, name)| (folder, name));
        let folder = folder.strip_prefix('/').unwrap_or(folder);
        let within = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let name = if name.is_empty() { "workbook.xml" } else { name };
        let sheets = places.get(&within(&format!("_rels/{name}.rels")));
        let (Some(sheets), Some(book)) = (sheets, places.get(&within(name))) else { return Ok(None) };
        let targets: HashMap<String, String> =
            self::relations(zip, sheets)?.into_iter().map(|relation| (relation.id, relation.target)).collect();
        let mut package = Self::default();
        for (sheet, id) in package.book(Part::open(zip, book)?)? {
            let target = targets.get(&id).ok_or_else(|| Finding::of(ValidationRule::WorkbookDamaged))?;
            let path = target.strip_prefix('/').map_or_else(|| within(target), str::to_owned);
            package.sheets.push((sheet, places.get(&path).ok_or_else(|| Finding::of(ValidationRule::WorkbookDamaged))?));
        }
        if let Some(properties) = places.get("docProps/app.xml") {
            package.is_calculated = is_spreadsheet(&text_of(Part::open(zip, properties)?, "Application")?);
        }
        Ok(Some(package))
    }

    /// The sheets of the workbook's own part: name and relation.
    fn book(&mut self, mut part: Part<'_, '_>) -> Result<Vec<(String, String)>, Finding> {
        let mut sheets = Vec::new();
        loop {
            match part.next()? {
                Event::Start(e) if e.local_name().as_ref() == "sheet" => {
                    let (mut name, mut id) = (String::new(), String::new());
                    for (key, value) in attributes(&e) {
                        match key.rsplit(':').next().unwrap_or(key) {
                            "name" if key == "name" => name = plain(value)?,
                            "id" => value.clone_into(&mut id),
                            _ => {}
                        }
                    }
                    sheets.push((name, id));
                }
                Event::Start(e) if e.local_name().as_ref() == "calcPr" => {
                    self.calculates_on_load |= attribute(&e, "fullCalcOnLoad").is_some_and(is_set);
                }
                Event::Eof => return Ok(sheets),
                _ => {}
            }
        }
    }
}

/// One part's relation to another.
struct Relation {
    id: String,
    what: String,
    target: String,
}

fn relations(zip: &mut Zip<'_>, index: usize) -> Result<Vec<Relation>, Finding> {
    let (mut part, mut relations) = (Part::open(zip, index)?, Vec::new());
    loop {
        match part.next()? {
            Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                let of = |name| attribute(&e, name).unwrap_or_default().to_owned();
                relations.push(Relation { id: of("Id"), what: of("Type"), target: of("Target") });
            }
            Event::Eof => return Ok(relations),
            _ => {}
        }
    }
}

/// The text of an element.
pub(super) fn text_of(mut part: Part<'_, '_>, element: &str) -> Result<String, Finding> {
    let (mut within, mut text) = (false, String::new());
    loop {
        match part.next()? {
            Event::Start(e) if e.local_name().as_ref() == element => within = true,
            Event::End(e) if e.local_name().as_ref() == element => within = false,
            Event::Eof => return Ok(text),
            event if within => add_text(&event, &mut text),
            _ => {}
        }
    }
}

/// Whether a program calculates what it saves. Libraries that only write call themselves compatible with one.
pub(super) fn is_spreadsheet(program: &str) -> bool {
    let known = ["Microsoft Excel", "Microsoft Macintosh Excel", "MicrosoftOffice/", "LibreOffice", "OpenOffice"];
    known.iter().any(|name| program.starts_with(name)) && !program.contains("Compatible")
}
