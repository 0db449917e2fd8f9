//! What a release is about, in its own words: of labour-market projects, of patients or of pupils. The pages say nothing of any domain
//! by themselves.

use serde::{Deserialize, Serialize};
use utfall_ground::text::{Lang, Text};

/// The words of a domain. Each that is left out is the word of a register of participations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Whom the rows are about: a person, a patient, a pupil.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Noun>,
    /// What a person has one or several of: a participation, a visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<Noun>,
    /// What the statistics are about, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
}

/// A noun without an article, in lower case as within a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noun {
    /// One of them: `deltagande`, `participation`.
    pub one: Text,
    /// Several: `deltaganden`, `participations`.
    pub many: Text,
}

impl Noun {
    fn new((sv, svs): (&str, &str), (en, ens): (&str, &str)) -> Self {
        let text = |sv: &str, en: &str| Text { sv: sv.to_owned(), en: en.to_owned() };
        Self { one: text(sv, en), many: text(svs, ens) }
    }

    /// The form that goes with a number.
    pub fn of(&self, lang: Lang, number: u64) -> &str {
        if number == 1 { self.one.get(lang) } else { self.many.get(lang) }
    }
}

impl Words {
    /// Whom the rows are about.
    pub fn unit(&self) -> Noun {
        self.unit.clone().unwrap_or_else(|| Noun::new(("person", "personer"), ("person", "people")))
    }

    /// What a person has one or several of.
    pub fn participation(&self) -> Noun {
        self.participation
            .clone()
            .unwrap_or_else(|| Noun::new(("deltagande", "deltaganden"), ("participation", "participations")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Description;
    use crate::fixture;

    #[test]
    fn words_are_free_and_an_older_description_has_the_usual_ones() {
        let archived = fixture::description();
        let json = String::from_utf8(archived.to_json().unwrap()).unwrap();
        assert!(!json.contains("\"words\""), "what says nothing is archived as before");
        let usual = archived.words.clone().unwrap_or_default();
        assert_eq!([1, 3].map(|n| usual.participation().of(Lang::Sv, n).to_owned()), ["deltagande", "deltaganden"]);
        assert_eq!(usual.unit().of(Lang::En, 2), "people");
        let mut now = archived.clone();
        now.words = Some(Words { unit: Some(Noun::new(("patient", "patienter"), ("patient", "patients"))), ..Words::default() });
        let shown = archived.in_words_of(&now).unwrap();
        assert_eq!(shown.words, now.words, "words may change for ever");
        assert_eq!(Description::from_json(&now.to_json().unwrap()).unwrap(), now);
    }
}
