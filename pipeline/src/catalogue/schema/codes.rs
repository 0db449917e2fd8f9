//! Code lists as they are written: one line per value, its spellings, and nothing that two people could read as two values.

use std::collections::HashMap;
use std::path::Path;

use super::{CodeEntry, CodeList, normalise};
use utfall_ground::error::Error;
use utfall_ground::language::say;
use utfall_ground::redact;
use utfall_ground::text::Text;

/// Reads a code list: `id`, the code (in the column named `key`), the labels, aliases and, where given, an interval.
pub(super) fn parse_codes(path: &Path, name: String, bytes: &[u8], key: &str) -> Result<CodeList, Error> {
    let wrong =
        |line: usize, why: &str| Error::usage("schema", format!("{}, line {line}: {}", path.display(), redact::words(why)));
    let mut reader = csv::Reader::from_reader(bytes);
    let headers = reader.headers().map_err(|e| wrong(1, &e.to_string()))?.clone();
    let at = |column: &str| headers.iter().position(|h| h == column);
    if let Some(twice) = headers.iter().enumerate().find(|(i, h)| !h.is_empty() && at(h) != Some(*i)).map(|(_, h)| h) {
        return Err(wrong(
            1,
            &say(format!("rubriken `{twice}` finns två gånger"), format!("the heading `{twice}` occurs twice")),
        ));
    }
    let (Some(id), Some(code)) = (at("id"), at(key)) else { return Err(wrong(1, "columns `id` and `code` are needed")) };
    let mut list = CodeList { name, entries: Vec::new(), spellings: HashMap::new() };
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| wrong(i + 2, &e.to_string()))?;
        // A quoted cell may hold several lines.
        let line = record.position().and_then(|at| usize::try_from(at.line()).ok()).unwrap_or(i + 2);
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or_default().trim();
        let written = cell(Some(id));
        let id: i16 = written.parse().map_err(|_| wrong(line, "`id` must be a whole number from 0 to 32767"))?;
        let code = cell(Some(code)).to_owned();
        if id.to_string() != written {
            return Err(wrong(
                line,
                &say(format!("`id`: skriv `{id}` för `{written}`"), format!("`id`: write `{id}` for `{written}`")),
            ));
        }
        if id < 0 || code.is_empty() || list.entries.iter().any(|e| e.id == id) {
            return Err(wrong(line, "ids are unique and not negative; a code is not empty"));
        }
        if ["missing", "total"].contains(&normalise(&code).as_str()) {
            return Err(wrong(
                line,
                say(
                    "koden kan inte heta `missing` eller `total`: så heter det som saknas och totalen i publicerade tabeller; kalla den något annat",
                    "the code cannot be `missing` or `total`: published tables call what is missing and the total so; give it another name",
                ),
            ));
        }
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
                return Err(wrong(line, &format!("`{spelling}` already means another entry")));
            }
        }
        list.entries.push(CodeEntry { id, code, label: Text { sv, en }, range, former });
    }
    Ok(list)
}
