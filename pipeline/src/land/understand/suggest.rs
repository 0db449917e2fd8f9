//! Suggestions: what a misspelt code may have meant. They are told per column and never per row, so that no line of a
//! fix-list says what one person's cell holds.

use std::collections::{BTreeSet, HashMap};

use crate::catalogue::schema::{Catalogue, CodeEntry, CodeList};
use crate::land::finding::{Finding, ValidationRule};
use crate::land::understand::list::List;
use utfall_ground::text::Text;

/// More suggestions for a column than this help nobody.
const MOST: usize = 10;

/// The near names of what was misspelt, column by column.
pub fn findings(list: &List<'_>, catalogue: &Catalogue, misspelt: &HashMap<(usize, String), usize>) -> Vec<Finding> {
    let table = list.reading.mapping.table;
    let mut near: BTreeSet<Suggestion<'_>> = BTreeSet::new();
    for (column, text) in misspelt.keys() {
        let codes = table.columns.get_index(*column).and_then(|(_, c)| catalogue.codes_of(c));
        near.extend(codes.and_then(|codes| {
            let Text { sv, en } = &nearest(codes, text)?.label;
            Some(Suggestion { column: *column, list: &codes.name, sv, en })
        }));
    }
    let finding = |Suggestion { column, list: codes, sv, en }: Suggestion<'_>| {
        let heading = list.reading.mapping.headings.get(column).map(String::as_str).unwrap_or_default();
        Finding::column(heading, ValidationRule::NearCode { list: codes.to_owned(), sv: sv.into(), en: en.into() })
    };
    near.into_iter().take(MOST).map(finding).collect()
}

/// A name near what a column has: of which code list, and what it is called.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Suggestion<'a> {
    column: usize,
    list: &'a str,
    sv: &'a str,
    en: &'a str,
}

/// The one entry that has a spelling at most two letters away, and no other entry nearer or as near.
fn nearest<'c>(codes: &'c CodeList, text: &str) -> Option<&'c CodeEntry> {
    let most = if text.chars().count() < 6 { 1 } else { 2 };
    // Another digit is another code, not a slip of the pen.
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let alike = codes.spellings().filter(|(spelling, ..)| digits(spelling) == digits(text));
    let distances = alike.map(|(spelling, entry, _)| (strsim::damerau_levenshtein(spelling, text), entry));
    let near: Vec<(usize, &CodeEntry)> = distances.filter(|(distance, _)| *distance <= most).collect();
    let least = near.iter().map(|(distance, _)| *distance).min()?;
    let mut at_least = near.into_iter().filter(|(distance, _)| *distance == least).map(|(_, entry)| entry);
    let first = at_least.next()?;
    at_least.all(|other| other.id == first.id).then_some(first)
}
