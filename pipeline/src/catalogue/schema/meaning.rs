//! What the stored values of a table mean: which codes their small integers stand for, in what units, by what key rows are told
//! apart. It is written beside what has landed, so that a schema that would read old values otherwise is refused and one that has
//! grown is not. Sees no data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Catalogue, Column, Kind, Role, Scheme, TableSchema, normalise};
use utfall_ground::text::Message;

/// What the stored values of a table mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The columns that tell two rows apart.
    key: BTreeSet<String>,
    parent: Option<String>,
    identity: Scheme,
    columns: BTreeMap<String, ColumnMeaning>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnMeaning {
    kind: Kind,
    role: Option<Role>,
    required: bool,
    minimum: Option<i64>,
    maximum: Option<i64>,
    decimals: u32,
    /// The column that gives the value where a list has none.
    derive: Option<String>,
    /// By the stored integer.
    codes: BTreeMap<i16, CodeMeaning>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeMeaning {
    code: String,
    range: Option<(i64, i64)>,
    /// Codes by which it was known before.
    #[serde(skip)]
    former: Vec<String>,
}

impl PartialEq for CodeMeaning {
    fn eq(&self, other: &Self) -> bool {
        (&self.code, self.range) == (&other.code, other.range)
    }
}

impl Eq for CodeMeaning {}

/// How a schema differs from that of what has landed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What has come to it: landed rows mean what they did.
    pub grown: Vec<Message>,
    /// Columns that it lacks.
    pub removed: Vec<String>,
    /// What would be read otherwise than it was landed, each with a way out.
    pub contradicts: Vec<Message>,
}

impl Meaning {
    /// Of a table as it is declared.
    pub(super) fn of(catalogue: &Catalogue, table: &TableSchema) -> Self {
        let column = |column: &Column| ColumnMeaning {
            kind: column.kind,
            role: column.role,
            required: column.required,
            minimum: column.minimum,
            maximum: column.maximum,
            decimals: column.decimals,
            derive: column.derive.clone(),
            codes: catalogue.codes_of(column).into_iter().flat_map(|list| &list.entries).map(CodeMeaning::of).collect(),
        };
        Self {
            key: table.primary_key.iter().cloned().collect(),
            parent: table.parent.clone(),
            identity: table.identity,
            columns: table.columns.iter().map(|(name, of)| (name.clone(), column(of))).collect(),
        }
    }

    /// Of a table whose files say nothing but the kinds of their columns: all else is taken to be as today.
    #[must_use]
    pub fn with_columns(&self, landed: &BTreeMap<String, Kind>) -> Self {
        let bare = |kind| ColumnMeaning {
            kind,
            role: None,
            required: false,
            minimum: None,
            maximum: None,
            decimals: 0,
            derive: None,
            codes: BTreeMap::new(),
        };
        let column = |(name, kind): (&String, &Kind)| {
            let known = self.columns.get(name).cloned().unwrap_or_else(|| bare(*kind));
            (name.clone(), ColumnMeaning { kind: *kind, ..known })
        };
        Self { columns: landed.iter().map(column).collect(), ..self.clone() }
    }

    /// How today's schema differs from this, that of what has landed.
    pub fn differences(&self, today: &Self) -> Differences {
        let mut found = Differences::default();
        if (&self.key, &self.parent, self.identity) != (&today.key, &today.parent, today.identity) {
            found.contradicts.push(Message::new(
                "`primary_key`, `parent` och `identity` säger vilka landade rader som är samma; skriv dem som de var",
                "`primary_key`, `parent` and `identity` say which landed rows are the same; write them as they were",
            ));
        }
        for (name, landed) in &self.columns {
            match today.columns.get(name) {
                None => found.removed.push(name.clone()),
                Some(now) => landed.compare(name, now, &mut found),
            }
        }
        for (name, now) in today.columns.iter().filter(|(name, _)| !self.columns.contains_key(*name)) {
            if now.required {
                found.contradicts.push(Message::new(
                    format!("kolumnen `{name}` är ny och obligatorisk, men landade rader har inget värde; ta bort `required`"),
                    format!("column `{name}` is new and required, but landed rows have no value; take `required` away"),
                ));
            } else {
                found.grown.push(Message::new(format!("ny kolumn `{name}`"), format!("new column `{name}`")));
            }
        }
        found
    }
}

impl ColumnMeaning {
    /// How a column differs from what has landed of it.
    fn compare(&self, name: &str, now: &Self, found: &mut Differences) {
        if (self.kind, self.role, self.decimals, &self.derive) != (now.kind, now.role, now.decimals, &now.derive) {
            found.contradicts.push(Message::new(
                format!(
                    "kolumnen `{name}` har landat med annat `type`, `role`, `decimals` eller `derive`; skriv det som det var, och ge det nya ett nytt namn"
                ),
                format!(
                    "column `{name}` has landed with another `type`, `role`, `decimals` or `derive`; write it as it was, and give the new one a new name"
                ),
            ));
            return;
        }
        if now.required && !self.required {
            found.contradicts.push(Message::new(
                format!("kolumnen `{name}` har landat utan `required`, och rader utan värde kom då bort; ta bort det"),
                format!("column `{name}` has landed without `required`, and rows without a value would be lost; take it away"),
            ));
        }
        let narrower = now.minimum > self.minimum || (now.maximum.is_some() && now.maximum < self.maximum);
        if now.kind == Kind::Integer && narrower {
            found.contradicts.push(Message::new(
                format!(
                    "kolumnen `{name}` har landat med ett större spann; behåll det, och avgränsa i frågan: WHERE eller least"
                ),
                format!("column `{name}` has landed with a wider range; keep it, and narrow it in the query: WHERE or least"),
            ));
        }
        for (id, landed) in &self.codes {
            found.contradicts.extend(landed.lost(*id, name, now.codes.get(id)));
        }
        let new: Vec<&str> =
            now.codes.iter().filter(|(id, _)| !self.codes.contains_key(id)).map(|(_, of)| of.code.as_str()).collect();
        if !new.is_empty() {
            let new = new.join(", ");
            found.grown.push(Message::new(format!("nya koder i `{name}`: {new}"), format!("new codes in `{name}`: {new}")));
        }
    }
}

impl CodeMeaning {
    fn of(entry: &super::CodeEntry) -> (i16, Self) {
        (entry.id, Self { code: entry.code.clone(), range: entry.range, former: entry.former.clone() })
    }

    /// What is wrong if this is what an integer has stood for and `now` what it stands for.
    fn lost(&self, id: i16, column: &str, now: Option<&Self>) -> Option<Message> {
        let code = &self.code;
        let Some(now) = now else {
            return Some(Message::new(
                format!("koden `{code}` (id {id}) i `{column}` saknas, och de som landat med den kom bort; skriv tillbaka den"),
                format!("code `{code}` (id {id}) of `{column}` is gone, and who has landed with it would be lost; put it back"),
            ));
        };
        let other = &now.code;
        if code != other && !now.former.contains(&normalise(code)) {
            return Some(Message::new(
                format!(
                    "id {id} i `{column}` är landat som `{code}` och heter nu `{other}`; ge `{other}` ett nytt id, eller skriv `{code}` i dess `former` om bara namnet är nytt"
                ),
                format!(
                    "id {id} of `{column}` has landed as `{code}` and is `{other}` now; give `{other}` a new id, or write `{code}` into its `former` if the name alone is new"
                ),
            ));
        }
        (self.range != now.range).then(|| {
            Message::new(
                format!(
                    "koden `{code}` i `{column}` har landat med ett annat spann; skriv det som det var, och de nya spannen i en ny kodlista för en ny kolumn"
                ),
                format!(
                    "code `{code}` of `{column}` has landed with another range; write it as it was, and the new ranges into a new code list of a new column"
                ),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Kind, codes: &[(i16, &str, &[&str])]) -> ColumnMeaning {
        let code = |(id, code, former): &(i16, &str, &[&str])| {
            let former = former.iter().map(|f| (*f).to_owned()).collect();
            (*id, CodeMeaning { code: (*code).to_owned(), range: None, former })
        };
        let (minimum, maximum) = if kind == Kind::Integer { (Some(0), Some(10)) } else { (None, None) };
        let codes = codes.iter().map(code).collect();
        ColumnMeaning { kind, role: None, required: false, minimum, maximum, decimals: 0, derive: None, codes }
    }

    fn table(columns: &[(&str, ColumnMeaning)]) -> Meaning {
        let columns = columns.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect();
        Meaning { key: ["a".to_owned()].into(), columns, ..Meaning::default() }
    }

    #[test]
    fn what_has_grown_is_told_and_what_contradicts_is_not_taken_for_it() {
        let state = |codes| ("state", column(Kind::String, codes));
        let days = |change: fn(&mut ColumnMeaning)| {
            let mut of = column(Kind::Integer, &[]);
            change(&mut of);
            ("days", of)
        };
        let landed = table(&[state(&[(1, "work", &[]), (2, "study", &[])]), days(|_| {})]);
        let same: &[(i16, &str, &[&str])] = &[(1, "work", &[]), (2, "study", &[])];
        let grown = [
            table(&[state(&[(1, "work", &[]), (2, "study", &[]), (3, "other", &[])]), days(|_| {})]),
            table(&[state(same), days(|_| {}), ("more", column(Kind::Boolean, &[]))]),
        ];
        for today in grown {
            let found = landed.differences(&today);
            assert!(found.grown.len() == 1 && found.contradicts.is_empty() && found.removed.is_empty(), "{found:?}");
        }
        let free = [
            table(&[state(same), days(|of| of.maximum = Some(11))]),
            table(&[state(&[(1, "job", &["work"]), (2, "study", &[])]), days(|_| {})]),
            table(&[state(&[(2, "study", &[]), (1, "work", &[])]), days(|_| {})]),
        ];
        for today in free {
            assert_eq!(landed.differences(&today), Differences::default());
        }
        let mut other_key = landed.clone();
        other_key.key.insert("b".to_owned());
        let contradicts = [
            table(&[state(&[(1, "study", &[]), (2, "work", &[])]), days(|_| {})]),
            table(&[state(&[(1, "work", &[])]), days(|_| {})]),
            table(&[state(&[(1, "job", &[]), (2, "study", &[])]), days(|_| {})]),
            table(&[state(same), days(|of| of.maximum = Some(9))]),
            table(&[state(same), days(|of| of.minimum = Some(1))]),
            table(&[state(same), days(|of| of.decimals = 1)]),
            table(&[state(same), days(|of| of.kind = Kind::Date)]),
            table(&[state(same), days(|of| of.derive = Some("other".to_owned()))]),
            table(&[state(same), days(|of| of.required = true)]),
            table(&[state(same), days(|of| of.role = Some(Role::End))]),
            table(&[state(same), days(|_| {}), ("more", ColumnMeaning { required: true, ..column(Kind::Boolean, &[]) })]),
            other_key,
        ];
        for today in contradicts {
            let found = landed.differences(&today);
            assert!(!found.contradicts.is_empty(), "{today:?}");
        }
        let found = landed.differences(&table(&[state(same)]));
        assert_eq!((found.removed.as_slice(), found.contradicts.len()), (["days".to_owned()].as_slice(), 0));
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let meaning = table(&[("state", column(Kind::String, &[(1, "work", &["job"])]))]);
        let text = serde_json::to_string(&meaning).unwrap();
        assert_eq!(serde_json::from_str::<Meaning>(&text).unwrap(), meaning);
        let kinds = BTreeMap::from([("state".to_owned(), Kind::String), ("gone".to_owned(), Kind::Date)]);
        let found = meaning.with_columns(&kinds).differences(&meaning);
        assert_eq!((found.removed.as_slice(), found.contradicts.len()), (["gone".to_owned()].as_slice(), 0));
    }
}
