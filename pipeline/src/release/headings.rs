//! What people call the columns of a query, where its author says so in the front matter: keys, measures, and columns computed
//! above the door.

use crate::derive::Code;
use crate::engine::Answer;
use crate::error::Error;
use crate::query::Query;
use crate::schema::Catalogue;
use crate::text::Text;

/// The title that the author gives a column.
pub(super) fn heading(query: &Query, name: &str) -> Option<Text> {
    query.columns.get(name).map(|heading| Text { sv: heading.sv.clone(), en: heading.en.clone() })
}

/// Gives keys and computed columns their titles, and keys that are made of constants the labels of a code list.
///
/// # Errors
/// When a heading is for no column of the query, or names no code list.
pub(super) fn headed(catalogue: &Catalogue, query: &Query, mut answer: Answer) -> Result<Answer, Error> {
    let wrong = |why: String| Error::usage(format!("{}: columns: {why}", query.file));
    for (name, heading) in &query.columns {
        let list = match &heading.codes {
            Some(list) => Some(catalogue.codes(list).ok_or_else(|| wrong(format!("no code list `{list}` in schemas/codes")))?),
            None => None,
        };
        let label = |codes: &mut Vec<Code>| {
            for code in codes {
                if let Some(entry) = list.and_then(|list| list.entries.iter().find(|entry| entry.code == code.code)) {
                    code.label = entry.label.clone();
                }
            }
        };
        let title = Text { sv: heading.sv.clone(), en: heading.en.clone() };
        let mut met = answer.accepted.crossing.measures.iter().any(|(measure, ..)| measure == name);
        for key in answer.grid.keys.iter_mut().filter(|key| key.name == *name) {
            (key.title, met) = (title.clone(), true);
            label(&mut key.codes);
        }
        for column in answer.above.iter_mut().flat_map(|above| &mut above.columns).filter(|column| column.name == *name) {
            (column.title, met) = (title.clone(), true);
            if column.codes.is_empty() {
                let all = list.iter().flat_map(|list| &list.entries);
                column.codes = all.map(|e| Code { code: e.code.clone(), label: e.label.clone() }).collect();
            }
            label(&mut column.codes);
        }
        if !met {
            return Err(wrong(format!("the query has no column `{name}`")));
        }
    }
    Ok(answer)
}
