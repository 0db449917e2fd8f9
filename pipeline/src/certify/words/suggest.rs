//! What may be meant where a query names what is not there: by the names that people and their lists have for it.

use utfall_ground::text::{Message, Text};

use crate::catalogue::schema::{Catalogue, CodeList, TableSchema};

/// Names less alike than this are not suggested.
const ALIKE: f64 = 0.75;

/// No more are suggested at once.
const MOST: usize = 3;

/// What other dialects and spreadsheets write, and what is written here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("averageif", "avg(x) FILTER (WHERE …)"),
    ("convert", "date_trunc('month', start)"),
    ("countif", "count(*) FILTER (WHERE …)"),
    ("dateadd", "\"end\" - start <= 90"),
    ("datediff", "\"end\" - start"),
    ("datename", "date_part('month', start)"),
    ("datepart", "date_part('quarter', start)"),
    ("day", "date_part('day', start)"),
    ("format", "date_trunc('month', start)"),
    ("getdate", "DATE '2026-01-01'"),
    ("iif", "CASE WHEN … THEN … ELSE … END"),
    ("isnull", "coalesce(x, 'y')"),
    ("month", "date_part('month', start)"),
    ("percentile", "approx_percentile_cont(x, 0.9)"),
    ("quarter", "date_part('quarter', start)"),
    ("stdev", "stddev(x)"),
    ("sumif", "sum(x) FILTER (WHERE …)"),
    ("today", "DATE '2026-01-01'"),
    ("week", "date_part('week', start)"),
    ("year", "date_part('year', start)"),
];

/// How the planner says that it has no function of a name.
pub(super) const NO_FUNCTION: &str = "Invalid function";

/// What to write in place of what the planner does not know, by its words; none where nothing is known of it.
pub(super) fn instead(words: &str, name: Option<&str>) -> Option<Message> {
    if words.contains("found: [") {
        return Some(Message::new(
            "skriv namn med mellanslag inom citattecken, \"andel kvinnor\", eller hellre andel_kvinnor med en rubrik i filens huvud",
            "write names with spaces in quotes, \"share of women\", or better share_of_women with a heading in the front matter",
        ));
    }
    if words.contains("Substring") {
        return Some(Message::new(
            "skriv municipality LIKE '13%', eller CASE med konstanter",
            "write municipality LIKE '13%', or a CASE of constants",
        ));
    }
    let name = name.filter(|_| words.contains(NO_FUNCTION))?.to_lowercase();
    let (_, written) = ELSEWHERE.iter().find(|(known, _)| *known == name)?;
    Some(Message::new(format!("här skrivs det {written}"), format!("here it is written {written}")))
}

/// The code that a text may mean: by its label in either language, or spelled nearly so. With its label, as a query writes it.
pub(in crate::certify) fn code(list: &CodeList, text: &str) -> Option<String> {
    let rated = list.entries.iter().map(|entry| {
        let names = [entry.code.as_str(), entry.label.sv.as_str(), entry.label.en.as_str()];
        (likeness(text, &names), entry)
    });
    let (_, entry) = rated.filter(|(rate, _)| *rate >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(format!("'{}' ({})", entry.code, entry.label.sv))
}

/// The column or the table that a name may mean, as help; none where nothing is like it.
pub(crate) fn help(catalogue: &Catalogue, name: &str) -> Option<Message> {
    let mut found: Vec<(f64, String, Text)> = Vec::new();
    for table in catalogue.tables() {
        let title = &table.title;
        found.push((likeness(name, &[&table.name, &title.sv, &title.en]), table.name.clone(), title.clone()));
        found.extend(table.columns.keys().map(|column| of_column(table, column, name)));
    }
    found.retain(|(rate, ..)| *rate >= ALIKE);
    // People's own columns before those of public tables.
    let is_public = |what: &str| catalogue.table(what.split('.').next().unwrap_or(what)).is_none_or(|table| !table.is_private());
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(is_public(&a.1).cmp(&is_public(&b.1))));
    let best = found.first()?.0;
    found.retain(|(rate, ..)| rate.total_cmp(&best).is_ge());
    let said = |lang: fn(&Text) -> &String| {
        let one = |(_, what, title): &(f64, String, Text)| format!("`{what}` ({})", lang(title));
        found.iter().take(MOST).map(one).collect::<Vec<_>>()
    };
    let [sv, en] = [said(|text| &text.sv).join(" eller "), said(|text| &text.en).join(" or ")];
    Some(Message::new(
        format!("menas {sv}? `utfall check --tables` visar tabeller och kolumner"),
        format!("is {en} meant? `utfall check --tables` lists tables and columns"),
    ))
}

/// How like a name is to what a column is called: by itself, by people and in lists.
fn of_column(table: &TableSchema, column: &str, name: &str) -> (f64, String, Text) {
    let title = table.columns.get(column).and_then(|of| of.title.clone());
    let title = title.unwrap_or_else(|| Text { sv: column.to_owned(), en: column.to_owned() });
    let headings = table.delivery.headers.get(column).into_iter().flatten().map(String::as_str);
    let names: Vec<&str> = [column, &title.sv, &title.en].into_iter().chain(headings).collect();
    (likeness(name, &names), format!("{}.{column}", table.name), title.clone())
}

/// How like a text is to the likest of some names, from 0 to 1.
fn likeness(text: &str, names: &[&str]) -> f64 {
    let letters = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let text = letters(text);
    names.iter().map(|name| strsim::normalized_damerau_levenshtein(&text, &letters(name))).fold(0.0, f64::max)
}
