//! The headings by which deliveries know a table, by their letters: looked for in every list, so put in order once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use indexmap::IndexMap;

use super::{Column, Delivery};
use utfall_ground::visible::visible;

/// What a heading is to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// A column, by its place.
    Column(usize),
    /// Several columns: without their marks the headings of two may be the same.
    Several,
    /// Whether the person consents.
    Consent,
    /// What is never taken in.
    Personal,
}

/// The headings that a table knows.
#[derive(Debug, Default)]
pub struct Headings {
    /// By their letters.
    exact: HashMap<String, Heading>,
    /// By their letters without marks.
    plain: HashMap<String, Heading>,
}

impl Headings {
    /// Of a table's columns and of how deliveries write them.
    pub fn new(columns: &IndexMap<String, Column>, delivery: &Delivery) -> Self {
        let mut headings = Self::default();
        for (i, name) in columns.keys().enumerate() {
            let spellings = delivery.headers.get(name).into_iter().flatten();
            std::iter::once(name).chain(spellings).for_each(|text| headings.add(text, Heading::Column(i)));
        }
        let consent = delivery.consent.iter().flat_map(|consent| &consent.headers);
        consent.for_each(|text| headings.add(text, Heading::Consent));
        delivery.personal.iter().for_each(|text| headings.add(text, Heading::Personal));
        headings
    }

    fn add(&mut self, text: &str, heading: Heading) {
        for (map, letters) in [(&mut self.exact, letters(text)), (&mut self.plain, plain_letters(text))] {
            match map.entry(letters) {
                Entry::Vacant(slot) => drop(slot.insert(heading)),
                Entry::Occupied(mut slot) => {
                    if let (Heading::Column(one), Heading::Column(other)) = (*slot.get(), heading)
                        && one != other
                    {
                        slot.insert(Heading::Several);
                    }
                }
            }
        }
    }

    /// What is known by these letters.
    pub fn exact(&self, letters: &str) -> Option<Heading> {
        self.exact.get(letters).copied()
    }

    /// What is known by these letters without marks.
    pub fn plain(&self, letters: &str) -> Option<Heading> {
        self.plain.get(letters).copied()
    }
}

/// Letters and digits in lower case, as a person sees them: spaces and punctuation do not matter in headings.
pub fn letters(text: &str) -> String {
    visible(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The same with the letters of ASCII only.
pub fn plain_letters(text: &str) -> String {
    let plain = |c| match c {
        'å' | 'ä' | 'à' | 'á' => 'a',
        'ö' | 'ó' => 'o',
        'é' | 'è' => 'e',
        'ü' => 'u',
        c => c,
    };
    letters(text).chars().map(plain).collect()
}
