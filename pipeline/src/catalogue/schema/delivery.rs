//! How deliveries write a table: headings, words that decide about a row or a cell, and what names people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How deliveries write a table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Per column, the headings that deliveries use for it.
    pub headers: BTreeMap<String, Vec<String>>,
    /// Headings of names, contact details and free text: never taken in.
    #[serde(default)]
    pub personal: Vec<String>,
    /// What stands in a column when the whole row is a registration by mistake.
    pub void: Option<Marks>,
    /// The column that says whether the person consents, and what it says when the consent is withdrawn.
    pub consent: Option<Consent>,
    /// What becomes of interim and reserve numbers.
    #[serde(default)]
    pub provisional: ProvisionalPolicy,
    /// How many months after the end the follow-up is due.
    pub follow_up_months: Option<u32>,
    /// What stands in a cell whose value is missing: it is read as empty.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What stands in the column of the end while there is none.
    #[serde(default)]
    pub open: Vec<String>,
}

/// What names the people of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Swedish personal identity and coordination numbers.
    #[default]
    Se,
    /// Names that tell nothing but who is the same person: each text is one.
    Opaque,
}

/// Spellings in one column that decide about their row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// The column of the schema.
    pub column: String,
    /// What stands there.
    pub spellings: Vec<String>,
}

/// Spellings of a column that is read but never stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Its headings.
    pub headers: Vec<String>,
    /// What stands there when the consent is withdrawn.
    pub withdrawn: Vec<String>,
}

/// The policy for numbers that are not final.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProvisionalPolicy {
    /// Their rows do not land.
    #[default]
    Refuse,
    /// They land as people of their project, never linked across projects.
    Project,
}
