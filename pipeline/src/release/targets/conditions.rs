//! Who is meant, in codes of columns: the language of the register's targets, and what a plan's conditions are read as. Two who say
//! the same are equal.

use std::collections::{BTreeMap, BTreeSet};

/// A column of a table; of a table whose rows only need to be there, with an empty name.
pub(super) type Place = (String, String);

/// Who is meant: all that have one of these values in each column.
pub(super) type Conditions = BTreeMap<Place, Values>;

/// The values of a column that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// Any, but one.
    Any,
    /// One of these codes.
    Codes(BTreeSet<String>),
    /// At least so much: of rows so many of them, of what rises so far.
    AtLeast(i64),
}

/// The place of how far the last value of a column lies above the first.
pub(super) fn risen(column: &str) -> String {
    format!("+{column}")
}

impl Values {
    /// One code.
    pub(super) fn one(code: impl Into<String>) -> Self {
        Self::Codes(BTreeSet::from([code.into()]))
    }

    /// The code, if only one is meant.
    pub(super) fn single(&self) -> Option<&String> {
        match self {
            Self::Codes(codes) if codes.len() == 1 => codes.first(),
            Self::Codes(_) | Self::Any | Self::AtLeast(_) => None,
        }
    }

    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Codes(one), Self::Codes(other)) => Self::Codes(one & other),
            (Self::AtLeast(one), Self::AtLeast(other)) => Self::AtLeast(*one.max(other)),
            (Self::Any, values) | (values, Self::Any) => values.clone(),
            // No place has both.
            (Self::Codes(_), Self::AtLeast(_)) | (Self::AtLeast(_), Self::Codes(_)) => Self::Codes(BTreeSet::new()),
        }
    }

    /// Those of either.
    pub(super) fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Codes(one), Self::Codes(other)) => Self::Codes(one | other),
            (Self::AtLeast(one), Self::AtLeast(other)) => Self::AtLeast(*one.min(other)),
            _ => Self::Any,
        }
    }
}

/// Who meets the one and the other.
pub(super) fn both(mut one: Conditions, other: &Conditions) -> Conditions {
    for (place, values) in other {
        one.entry(place.clone()).and_modify(|own| *own = own.and(values)).or_insert_with(|| values.clone());
    }
    one
}

/// Who a text of the register means: `table.column=code|code&table.column=code`; `table.column=*` has a value; `table` is all its
/// rows. Of the rows that meet the other conditions on their table, `table=2+` means that there are at least two, and `table.column=+1` that
/// the last, by date, lies at least one above the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// The tables that stand alone.
    pub(super) tables: BTreeSet<String>,
    /// Who of their rows.
    pub(super) conditions: Conditions,
}

impl Rows {
    /// Reads a text; none if it is in no such words.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rows = Self { tables: BTreeSet::new(), conditions: Conditions::new() };
        for condition in text.split('&').map(str::trim).filter(|condition| !condition.is_empty()) {
            match condition.split_once('=') {
                Some((_, "")) => return None,
                Some((table, times)) if !table.contains('.') => {
                    let least = times.strip_suffix('+').and_then(|times| times.parse().ok())?;
                    rows.conditions.insert((table.to_owned(), String::new()), Values::AtLeast(least));
                }
                Some((column, rise)) if rise.starts_with('+') => {
                    let (table, column) = place(column)?;
                    rows.conditions.insert((table, risen(&column)), Values::AtLeast(rise.parse().ok()?));
                }
                Some((column, "*")) => {
                    rows.conditions.insert(place(column)?, Values::Any);
                }
                Some((column, codes)) => {
                    let codes = codes.split('|').map(str::to_owned).collect();
                    rows.conditions.insert(place(column)?, Values::Codes(codes));
                }
                None if condition.contains('.') => return None,
                None => {
                    rows.tables.insert(condition.to_owned());
                }
            }
        }
        Some(rows)
    }
}

/// What a mean is of: a column, or the days from one to another, perhaps with what lies beyond two ends put at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quantity {
    /// The column.
    pub(super) of: Place,
    /// The column that is subtracted.
    pub(super) less: Option<Place>,
    /// The ends beyond which no value is counted.
    pub(super) clamp: Option<(i64, i64)>,
}

impl Quantity {
    /// Reads `table.column`, `table.end-table.start`, `table.end-table.start[0..1100]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (columns, clamp) = match text.trim().split_once('[') {
            None => (text.trim(), None),
            Some((columns, ends)) => {
                let (low, high) = ends.strip_suffix(']')?.split_once("..")?;
                (columns, Some((low.parse().ok()?, high.parse().ok()?)))
            }
        };
        let (of, less) = match columns.split_once('-') {
            None => (place(columns)?, None),
            Some((of, less)) => (place(of)?, Some(place(less)?)),
        };
        Some(Self { of, less, clamp })
    }

    /// The columns that it is computed from.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.of).chain(&self.less)
    }
}

fn place(text: &str) -> Option<Place> {
    let (table, column) = text.trim().split_once('.')?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name(table) && is_name(column)).then(|| (table.to_owned(), column.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(table: &str, column: &str) -> Place {
        (table.to_owned(), column.to_owned())
    }

    #[test]
    fn the_words_of_the_register_are_read() {
        let rows = Rows::parse("participation&participation.exit_state=work|studies&participation.office=*").unwrap();
        assert!(rows.tables.contains("participation"));
        assert_eq!(
            rows.conditions,
            Conditions::from([
                (column("participation", "exit_state"), Values::one("work").or(&Values::one("studies"))),
                (column("participation", "office"), Values::Any),
            ])
        );
        let risen = Rows::parse("rating=2+&rating.score=+1").unwrap().conditions;
        let least = [(column("rating", ""), Values::AtLeast(2)), (column("rating", "+score"), Values::AtLeast(1))];
        assert_eq!(risen, Conditions::from(least));
        assert_eq!(Rows::parse("").unwrap().conditions, Conditions::new());
        for wrong in
            ["participation.exit_state", "exit_state=work", "participation.exit_state=", "a.b c=x", "rating=2", "rating.score=+x"]
        {
            assert_eq!(Rows::parse(wrong), None, "{wrong}");
        }
        let days = Quantity::parse("participation.end-participation.start[0..1100]").unwrap();
        assert_eq!((days.less, days.clamp), (Some(column("participation", "start")), Some((0, 1100))));
        assert_eq!(Quantity::parse("rating.score").unwrap().of, column("rating", "score"));
        for wrong in ["score", "rating.score[0..]", "rating.score[0..5", "rating.score-3"] {
            assert_eq!(Quantity::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_has_a_value_has_one_of_them() {
        let any = Conditions::from([(column("a", "b"), Values::Any)]);
        let one = Conditions::from([(column("a", "b"), Values::one("x"))]);
        assert_eq!(both(any.clone(), &one), one);
        assert_eq!(both(one.clone(), &any), one);
        assert_eq!(Values::one("x").or(&Values::Any), Values::Any);
    }
}
