//! What an aggregate is about.

use crate::certify::domain::Origin;

/// What an aggregate is about, for titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Rows.
    Rows,
    /// Different people.
    People,
    /// A function's name and its argument's column, if it is one.
    Of(String, Option<Origin>),
    /// Nothing private.
    Public,
}

impl Subject {
    /// A word for an aggregate that nobody named.
    pub(in crate::certify) fn word(&self) -> &str {
        match self {
            Self::Rows => "count",
            Self::People => "people",
            Self::Of(function, _) => function.split(' ').next().unwrap_or("value"),
            Self::Public => "level",
        }
    }
}
