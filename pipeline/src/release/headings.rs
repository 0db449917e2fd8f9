//! What people call the columns of a query, where its author says so in the front matter: keys, measures, and columns computed
//! above the door.

use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuerySpec;
use crate::certify::Headed;
use crate::engine::Answer;
use utfall_ground::error::Error;
use utfall_ground::text::{Message, Text};
use utfall_publish::{Above, Code};

/// The title that the author gives a column.
pub(super) fn heading(query: &QuerySpec, name: &str) -> Option<Text> {
    query
        .columns
        .get(name)
        .or_else(|| query.inherited.get(name))
        .map(|heading| Text { sv: heading.sv.clone(), en: heading.en.clone() })
}

/// Gives keys and computed columns their titles, and keys that are made of constants the labels of a code list.
///
/// # Errors
/// When a heading is for no column of the query, or names no code list.
pub(super) fn headed(catalogue: &Catalogue, query: &QuerySpec, mut answer: Answer) -> Result<Answer, Error> {
    let wrong =
        |sv: String, en: String| Error::usage("columns", Message::new(sv, en).after(format!("{}: columns: ", query.file)));
    inherit(catalogue, query, &mut answer);
    for (name, heading) in &query.columns {
        let list = match &heading.codes {
            Some(list) => Some(catalogue.codes(list).ok_or_else(|| {
                wrong(format!("ingen kodlista `{list}` i schemas/codes"), format!("no code list `{list}` in schemas/codes"))
            })?),
            None => None,
        };
        let label = |code: &str| {
            let entry = list.and_then(|list| list.entry(code));
            entry.map(|entry| entry.label.clone())
        };
        let title = Text { sv: heading.sv.clone(), en: heading.en.clone() };
        let Headed { found: is_key, mut labelled } = answer.certified.head(name, &title, label);
        labelled |= list.is_none();
        let mut found = is_key || answer.certified.accepted().crossing.estimators.iter().any(|named| named.name == *name);
        for column in answer.above.iter_mut().flat_map(|above| &mut above.columns).filter(|column| column.name == *name) {
            (column.title, found) = (title.clone(), true);
            if column.codes.is_empty() {
                let all = list.iter().flat_map(|list| &list.entries);
                column.codes = all.map(|e| Code { code: e.code.clone(), label: e.label.clone() }).collect();
            }
            for code in &mut column.codes {
                if let Some(label) = label(&code.code) {
                    (code.label, labelled) = (label, true);
                }
            }
        }
        if !labelled {
            let list = heading.codes.clone().unwrap_or_default();
            return Err(wrong(
                format!("`{name}` är ingen nyckel med koder ur listan `{list}`"),
                format!("`{name}` is no key with codes of the list `{list}`"),
            ));
        }
        if !found {
            return Err(wrong(format!("frågan har ingen kolumn `{name}`"), format!("the query has no column `{name}`")));
        }
    }
    Ok(answer)
}

/// Gives keys the titles and labels that the queries which are quoted give them. What does not fit is left as it is: another query wrote it.
fn inherit(catalogue: &Catalogue, query: &QuerySpec, answer: &mut Answer) {
    for (name, heading) in &query.inherited {
        let list = heading.codes.as_ref().and_then(|list| catalogue.codes(list));
        let label = |code: &str| list?.entry(code).map(|entry| entry.label.clone());
        let title = Text { sv: heading.sv.clone(), en: heading.en.clone() };
        answer.certified.head(name, &title, label);
        // Numbers stay numbers: of computed columns only those that have codes already are labelled.
        let columns = answer.above.iter_mut().flat_map(|above| &mut above.columns);
        for column in columns.filter(|column| column.name == *name && !column.codes.is_empty()) {
            column.title = title.clone();
            column.codes.iter_mut().for_each(|code| code.label = label(&code.code).unwrap_or_else(|| code.label.clone()));
        }
    }
}

/// Whether columns that have labels have values of their code lists: a number that is taken for a code loses its interval.
///
/// # Errors
/// Names the column whose values are none of the codes.
pub(super) fn fit(query: &QuerySpec, above: &Above, rows: &[Vec<Option<String>>]) -> Result<(), Error> {
    for (at, column) in above.columns.iter().enumerate().filter(|(_, column)| query.columns.contains_key(&column.name)) {
        let mut cells = rows.iter().filter_map(|row| row.get(at)?.as_deref()).peekable();
        let coded = !column.codes.is_empty() && cells.peek().is_some();
        if coded && !cells.any(|cell| column.codes.iter().any(|code| code.code == cell)) {
            let why = Message::new(
                format!("`{}` har värden som inte är ur dess kodlista; ta bort `codes`", column.name),
                format!("`{}` has values that are not of its code list; leave `codes` out", column.name),
            );
            return Err(Error::usage("columns", why.after(format!("{}: columns: ", query.file))));
        }
    }
    Ok(())
}
