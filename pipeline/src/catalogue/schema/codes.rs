//! Code lists as they are written: one line per value, its spellings, and nothing that two people could read as two values.

use std::path::Path;

use super::{CodeEntry, CodeList, normalise};
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::{Message, Text};

/// Reads a code list: `id`, the code (in the column named `key`), the labels, aliases and, where given, an interval.
pub(super) fn parse_codes(path: &Path, name: String, bytes: &[u8], key: &str) -> Result<CodeList, Error> {
    let wrong = |line: usize, why: Message| {
        let (file, why) = (path.display(), why.map(redact::words));
        let why = Message::new(format!("{file}, rad {line}: {}", why.get(Sv)), format!("{file}, line {line}: {}", why.get(En)));
        Error::usage("code-list", why)
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(|e| wrong(1, unreadable(&e)))?.clone();
    let at = |column: &str| headers.iter().position(|h| h == column);
    if let Some(twice) = headers.iter().enumerate().find(|(i, h)| !h.is_empty() && at(h) != Some(*i)).map(|(_, h)| h) {
        let why = Message::new(format!("rubriken `{twice}` finns två gånger"), format!("the heading `{twice}` occurs twice"));
        return Err(wrong(1, why));
    }
    let (Some(id), Some(code)) = (at("id"), at(key)) else {
        let why = Message::new(format!("kolumnerna `id` och `{key}` behövs"), format!("columns `id` and `{key}` are needed"));
        return Err(wrong(1, why));
    };
    let (entries, spellings, codes, ids) = Default::default();
    let mut list = CodeList { name, entries, spellings, codes, ids, made: Default::default() };
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| wrong(i + 2, unreadable(&e)))?;
        // A quoted cell may hold several lines.
        let line = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(i + 2);
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or_default().trim();
        let code = cell(Some(code)).to_owned();
        let id = identifier(cell(Some(id))).map_err(|why| wrong(line, why))?;
        distinct(&list, id, &code).map_err(|why| wrong(line, why))?;
        let or = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
        let sv = or(cell(at("sv")), &or(cell(at("name")), &code));
        let en = or(cell(at("en")), &sv);
        let range = match (cell(at("minimum")).parse(), cell(at("maximum")).parse()) {
            (Ok(low), Ok(high)) => Some((low, high)),
            _ => None,
        };
        let index = list.entries.len();
        let former: Vec<String> = cell(at("former")).split('|').map(normalise).filter(|f| !f.is_empty()).collect();
        let spellings = [code.as_str(), &sv, &en].into_iter().chain(cell(at("aliases")).split('|'));
        let spellings = spellings.chain(former.iter().map(String::as_str));
        for spelling in spellings.map(normalise).filter(|s| !s.is_empty()) {
            if list.spellings.insert(spelling.clone(), index).is_some_and(|other| other != index) {
                let why = Message::new(
                    format!("`{spelling}` betyder redan ett annat värde"),
                    format!("`{spelling}` already means another entry"),
                );
                return Err(wrong(line, why));
            }
        }
        list.codes.insert(code.clone(), index);
        list.ids.insert(id, index);
        list.entries.push(CodeEntry { id, code, label: Text { sv, en }, range, former });
    }
    disjoint(&list).map_err(|why| wrong(1, why))?;
    Ok(list)
}

/// Whether no number lies in the intervals of two codes: only one of them would ever be given.
fn disjoint(list: &CodeList) -> Result<(), Message> {
    for (at, entry) in list.entries.iter().enumerate() {
        let Some((low, high)) = entry.range else { continue };
        let overlaps = |other: &&CodeEntry| other.range.is_some_and(|(from, to)| from <= high && low <= to);
        if let Some(other) = list.entries.iter().take(at).find(overlaps) {
            let (one, other) = (&other.code, &entry.code);
            return Err(Message::new(
                format!("spannen för `{one}` och `{other}` överlappar; ett tal hör till ett av dem"),
                format!("the ranges of `{one}` and `{other}` overlap; a number belongs to one of them"),
            ));
        }
    }
    Ok(())
}

/// That a line is no line of a CSV.
pub(crate) fn unreadable(error: &csv::Error) -> Message {
    Message::new("raden kan inte läsas som CSV i UTF-8, med lika många fält som rubrikraden", error.to_string())
}

/// The same, with the line: the library tells it in English alone.
pub(crate) fn unreadable_at(error: &csv::Error) -> Message {
    let why = unreadable(error);
    let line = error.position().map_or_else(String::new, |at| format!("rad {}: ", at.line()));
    Message::new(format!("{line}{}", why.get(Sv)), why.get(En))
}

/// The small integer that is stored, written in one way.
fn identifier(written: &str) -> Result<i16, Message> {
    let id: i16 = written
        .parse()
        .map_err(|_| Message::new("`id` ska vara ett heltal från 0 till 32767", "`id` must be a whole number from 0 to 32767"))?;
    if id.to_string() == written {
        return Ok(id);
    }
    Err(Message::new(format!("`id`: skriv `{id}` för `{written}`"), format!("`id`: write `{id}` for `{written}`")))
}

/// Whether an id and a code are new to the list, and mean nothing else where tables are published.
fn distinct(list: &CodeList, id: i16, code: &str) -> Result<(), Message> {
    if id < 0 || code.is_empty() || list.ids.contains_key(&id) {
        return Err(Message::new(
            "ett id förekommer en gång och är inte negativt; en kod är inte tom",
            "ids are unique and not negative; a code is not empty",
        ));
    }
    if ["missing", "total"].contains(&normalise(code).as_str()) {
        return Err(Message::new(
            "koden kan inte heta `missing` eller `total`: så heter det som saknas och totalen i publicerade tabeller; kalla den något annat",
            "the code cannot be `missing` or `total`: published tables call what is missing and the total so; give it another name",
        ));
    }
    Ok(())
}
