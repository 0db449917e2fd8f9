//! Which table a file is, and which of its columns is which: by the spellings of the schemas, never by guessing.

use super::finding::{Finding, Rule, Severity};
use crate::schema::{Catalogue, TableSchema};

/// How a file's columns map to a table.
#[derive(Debug)]
pub struct Mapping<'a> {
    /// The table.
    pub table: &'a TableSchema,
    /// Per column of the schema, its position in the file.
    pub positions: Vec<Option<usize>>,
    /// Per column of the schema, its heading as written.
    pub headings: Vec<Option<String>>,
}

/// Finds the one table whose columns the headings are. `project_given` says that the project need not be a column.
///
/// # Errors
/// The findings for which the file is rejected. An unknown heading is named by its position: where a file has no
/// headings at all, its first row is somebody's data.
pub fn map<'a>(headings: &[String], catalogue: &'a Catalogue, project_given: bool) -> Result<Mapping<'a>, Vec<Finding>> {
    let candidates: Vec<(Mapping<'a>, Vec<Finding>)> =
        catalogue.private_tables().into_iter().map(|table| fit(table, headings, project_given)).collect();
    let known = |m: &Mapping<'_>| m.positions.iter().flatten().count();
    let fitting = candidates.iter().filter(|(_, findings)| findings.is_empty()).count();
    if fitting > 1 {
        return Err(vec![Finding::file(Rule::NoTable, Severity::Rejected)]);
    }
    let mut best: Option<(Mapping<'a>, Vec<Finding>)> = None;
    for (mapping, findings) in candidates {
        let better = best.as_ref().is_none_or(|(m, f)| {
            (findings.is_empty(), known(&mapping), std::cmp::Reverse(findings.len()))
                > (f.is_empty(), known(m), std::cmp::Reverse(f.len()))
        });
        if better {
            best = Some((mapping, findings));
        }
    }
    match best {
        Some((mapping, findings)) if findings.is_empty() => Ok(mapping),
        Some((mapping, findings)) if known(&mapping) > 1 => Err(findings),
        _ => Err(vec![Finding::file(Rule::NoTable, Severity::Rejected)]),
    }
}

fn fit<'a>(table: &'a TableSchema, headings: &[String], project_given: bool) -> (Mapping<'a>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut positions = vec![None; table.columns.len()];
    for (i, heading) in headings.iter().enumerate() {
        let Some(column) = column_of(table, heading) else {
            let place = place(i);
            findings.push(Finding::row(1, Some(&place), Rule::UnknownColumn, Severity::Rejected));
            continue;
        };
        match positions.get_mut(column) {
            Some(Some(_)) => findings.push(Finding::row(1, Some(heading), Rule::RepeatedColumn, Severity::Rejected)),
            Some(slot) => *slot = Some(i),
            None => {}
        }
    }
    for (position, (name, column)) in positions.iter().zip(&table.columns) {
        let given = project_given && name == "project";
        if position.is_none() && column.required && !given {
            let spelling = table.headers.get(name).and_then(|s| s.first()).unwrap_or(name);
            findings.push(Finding::file(Rule::MissingColumn(spelling.clone()), Severity::Rejected));
        }
    }
    let written = positions.iter().map(|p| p.and_then(|i| headings.get(i).cloned())).collect();
    (Mapping { table, positions, headings: written }, findings)
}

/// The column of the schema that a heading spells.
fn column_of(table: &TableSchema, heading: &str) -> Option<usize> {
    let heading = spelling(heading);
    table.columns.keys().position(|name| {
        let spellings = table.headers.get(name).map(Vec::as_slice).unwrap_or_default();
        spellings.iter().any(|s| spelling(s) == heading) || spelling(name) == heading
    })
}

/// Letters and digits in lower case: spaces and punctuation do not matter in headings.
fn spelling(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A column's position as a spreadsheet names it: A, B, … Z, AA.
fn place(index: usize) -> String {
    let mut name = String::new();
    let mut rest = index;
    loop {
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        name.insert(0, char::from(b'A' + letter));
        if rest < 26 {
            return name;
        }
        rest = rest / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(place), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
