//! Near names: what a misspelt code may have meant. They are told per column and never per row, so that no line of a
//! fix-list says what one person's cell holds.

use std::collections::{BTreeSet, HashMap};

use super::finding::{Finding, Rule};
use super::list::List;
use crate::catalogue::schema::{Catalogue, CodeEntry, CodeList};
use utfall_ground::language::current;
use utfall_ground::text::Lang;

/// More suggestions for a column than this help nobody.
const MOST: usize = 10;

/// The near names of what was misspelt, column by column.
pub fn findings(list: &List<'_>, catalogue: &Catalogue, misspelt: &HashMap<(usize, String), usize>) -> Vec<Finding> {
    let table = list.mapping.table;
    let mut labels: BTreeSet<(usize, &str, &str)> = BTreeSet::new();
    for (column, text) in misspelt.keys() {
        let codes = table.columns.get_index(*column).and_then(|(_, c)| catalogue.codes_of(c));
        labels.extend(codes.and_then(|codes| Some((*column, codes.name.as_str(), label(nearest(codes, text)?)))));
    }
    let finding = |(column, codes, label): (usize, &str, &str)| {
        let heading = list.mapping.headings.get(column).map(String::as_str).unwrap_or_default();
        Finding::column(heading, Rule::NearCode { list: codes.to_owned(), label: label.to_owned() })
    };
    labels.into_iter().take(MOST).map(finding).collect()
}

fn label(entry: &CodeEntry) -> &str {
    match current() {
        Lang::Sv => &entry.label.sv,
        Lang::En => &entry.label.en,
    }
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
