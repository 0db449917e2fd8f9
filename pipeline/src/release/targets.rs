//! The targets that a query's shares are held against: those of the public register, and only where the query counts what the
//! register promises. A verdict on another share than the promised one would be worse than none.

use std::collections::{BTreeMap, BTreeSet};

use self::share::{Share, share};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuerySpec;
use crate::certify::PublicScan;
use crate::engine::{Answer, Engine};
use utfall_ground::error::Error;
use utfall_ground::text::{Lang, Message, Text};
use utfall_publish::estimate::compare::Target;

mod share;

/// Who is counted: per table and column, the codes that count.
type Conditions = BTreeMap<(String, String), BTreeSet<String>>;

const COLUMNS: [&str; 8] = ["target", "project", "name_sv", "name_en", "minimum", "maximum", "numerator", "denominator"];

/// The targets that a query names.
///
/// # Errors
/// When the register has no such target, or the query does not measure what it promises.
pub(super) async fn targets(
    engine: &Engine,
    catalogue: &Catalogue,
    query: &QuerySpec,
    answer: &Answer,
) -> Result<Vec<Target>, Error> {
    if query.targets.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |why: Message| Error::usage("targets", why.after(format!("{}: targets: ", query.file)));
    let share = share(answer, catalogue).ok_or_else(|| {
        let form = "`SELECT avg(CASE WHEN column IN ('code', …) THEN 1 ELSE 0 END) … WHERE project = 'code'`";
        wrong(Message::new(
            format!("ett mål gäller en andel av deltaganden, uppdelad på projekt eller i ett projekt: {form}"),
            format!("a target is for one share of participations, by project alone or of one project: {form}"),
        ))
    })?;
    let register = catalogue.tables().find(|t| !t.is_private() && COLUMNS.iter().all(|column| t.columns.contains_key(*column)));
    let Some(register) = register else {
        return Err(wrong(Message::new("ingen offentlig tabell har mål", "no public table has targets")));
    };
    let scan = PublicScan { table: register.name.clone(), conditions: Vec::new(), optional: false };
    let rows = engine.combinations(&scan, &COLUMNS).await?;
    let one = |name: &String| {
        let row = rows.iter().find(|row| row.first().is_some_and(|n| n.as_ref() == Some(name))).ok_or_else(|| {
            let known: Vec<&str> = rows.iter().filter_map(|row| row.first()?.as_deref()).collect();
            let known = known.join(", ");
            wrong(Message::new(
                format!("`{name}` finns inte i registret; där finns: {known}"),
                format!("`{name}` is not in the register; it has: {known}"),
            ))
        })?;
        let text = |at: usize| row.get(at).cloned().flatten().unwrap_or_default();
        let percent = |at: usize| {
            let none = || Message::new(format!("`{name}` har inga procenttal"), format!("`{name}` has no percentages"));
            text(at).parse().map_err(|_| wrong(none()))
        };
        let (counted, among) = (text(6), text(7));
        is(&share, &counted, &among).map_err(|why| {
            wrong(Message::new(
                format!("`{name}` lovar `{counted}` av `{among}`, {}", why.get(Lang::Sv)),
                format!("`{name}` promises {counted} of {among}, {why}"),
            ))
        })?;
        let (code, title) = (text(1), Text { sv: text(2), en: text(3) });
        let by_project = answer.certified.grid().keys.iter().any(|key| key.codes.iter().any(|c| c.code == code));
        let own = match &share.projects {
            Some(only) if share.row.is_some() => only.iter().eq([&code]),
            Some(only) if answer.certified.grid().keys.is_empty() => only.iter().eq([&code]),
            Some(only) => by_project && only.contains(&code),
            None => by_project,
        };
        if !own {
            return Err(wrong(Message::new(
                format!("`{name}` är ett mål för {code}, som inte har någon rad i tabellen"),
                format!("`{name}` is a target of {code}, which has no row in the table"),
            )));
        }
        Ok(Target { title, code: share.row.clone().unwrap_or(code), minimum: percent(4)?, maximum: percent(5)? })
    };
    query.targets.iter().map(one).collect()
}

/// Whether a query's share is this one, in the register's words; or why not.
fn is(share: &Share, numerator: &str, denominator: &str) -> Result<(), Message> {
    let (Some(counted), Some(among)) = (parsed(numerator), parsed(denominator)) else {
        return Err(Message::new("som ingen fråga kan jämföras med", "which no query can be compared with"));
    };
    if share.among.as_ref() != Some(&among) {
        return Err(Message::new("och frågans WHERE utelämnar andra rader", "and the query's WHERE leaves other rows out"));
    }
    if both(share.counted.clone(), &among) == both(counted, &among) {
        Ok(())
    } else {
        Err(Message::new("och frågans CASE räknar andra", "and the query's CASE counts others"))
    }
}

/// Who meets the one and the other.
fn both(mut one: Conditions, other: &Conditions) -> Conditions {
    for (place, codes) in other {
        one.entry(place.clone()).and_modify(|own| *own = &*own & codes).or_insert_with(|| codes.clone());
    }
    one
}

/// `table.column=code|code&table.column=code`, or `table` for all its rows.
fn parsed(text: &str) -> Option<Conditions> {
    let mut rows = Conditions::new();
    for condition in text.split('&') {
        match condition.split_once('=') {
            Some((place, codes)) => {
                let (table, column) = place.split_once('.')?;
                rows.insert((table.to_owned(), column.to_owned()), codes.split('|').map(str::to_owned).collect());
            }
            None if condition.contains('.') => return None,
            None => {}
        }
    }
    Some(rows)
}
