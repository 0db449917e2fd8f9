//! Identifiers of SDMX, made of names and codes: letters without accents, digits, `_` and `-`.
//!
//! SDMX 3.0 also allows `@` and `$`, which some programs take for signs of their own.

use std::collections::BTreeSet;

/// Identifiers of one list, each its own.
#[derive(Debug, Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// A list in which some are taken.
    pub(super) fn beside(taken: &[&str]) -> Self {
        Self(taken.iter().map(|id| (*id).to_owned()).collect())
    }

    /// The identifier of a code.
    pub(super) fn code(&mut self, text: &str) -> String {
        let mut id = valid(text);
        while !self.0.insert(id.clone()) {
            id.push('_');
        }
        id
    }

    /// The identifier of a component, which begins with a letter and has large ones only.
    pub(super) fn component(&mut self, text: &str) -> String {
        self.code(&component(text))
    }
}

/// What an artefact or a component of this name is called.
pub(super) fn component(text: &str) -> String {
    let id = valid(text).to_uppercase();
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id } else { format!("X_{id}") }
}

fn valid(text: &str) -> String {
    let letter = |c: char| match c {
        'å' | 'ä' | 'à' | 'á' => 'a',
        'Å' | 'Ä' | 'À' | 'Á' => 'A',
        'ö' | 'ø' => 'o',
        'Ö' | 'Ø' => 'O',
        'é' | 'è' => 'e',
        'É' | 'È' => 'E',
        'ü' => 'u',
        'Ü' => 'U',
        c if c.is_ascii_alphanumeric() || c == '-' => c,
        _ => '_',
    };
    let id: String = text.chars().map(letter).collect();
    if id.is_empty() { "_".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_valid_and_each_its_own() {
        let mut ids = Ids::beside(&["TIME_PERIOD"]);
        let codes = ["Göteborg", "-15", "SE33", "a b", "a,b", "=HYPERLINK(\"x\")", ""].map(|code| ids.code(code));
        assert_eq!(codes, ["Goteborg", "-15", "SE33", "a_b", "a_b_", "_HYPERLINK__x__", "_"]);
        assert_eq!(
            ["exit_state", "kön", "2021", "time_period"].map(|name| ids.component(name)),
            ["EXIT_STATE", "KON", "X_2021", "TIME_PERIOD_"]
        );
    }
}
