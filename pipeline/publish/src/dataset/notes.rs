//! What must be known of the numbers of a data set, in sentences: the notes of formats that have notes.

use serde_json::Value;

use super::DataSet;
use super::pack::ReleaseFacts;
use crate::explain;
use utfall_ground::text::Lang;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its text.
    pub text: String,
    /// Whether programs must show it beside the numbers, asked or not.
    pub mandatory: bool,
}

/// The notes of a data set: that the people are made up, if they are; how they are protected and what the numbers are; what its intervals
/// and its observation statuses mean.
pub fn notes(set: &DataSet, release: &ReleaseFacts, lang: Lang) -> Vec<Note> {
    let made_up = release.demonstration.then(|| explain::made_up(lang).to_owned());
    let must = made_up.into_iter().chain([protection(set, release, lang)]).map(|text| Note { text, mandatory: true });
    let may = [interval(set, release, lang)].into_iter().chain(reliability(set, lang));
    must.chain(may.map(|text| Note { text, mandatory: false })).collect()
}

/// Epsilon and delta of what was measured, and what they are of.
fn protection(set: &DataSet, release: &ReleaseFacts, lang: Lang) -> String {
    let of = |field: &str, release: &str| set.method[field].as_str().unwrap_or(release).to_owned();
    let (epsilon, delta) = (of("epsilon", &release.epsilon), of("delta", &release.delta));
    let begins = match lang {
        Lang::Sv => format!("Talen har brus som skyddar personer (differentiell integritet, epsilon {epsilon}, delta {delta})."),
        Lang::En => {
            format!("The numbers have noise that protects people (differential privacy, epsilon {epsilon}, delta {delta}).")
        }
    };
    let statement = said(&set.method["statement"], lang).unwrap_or_else(|| set.statement.get(lang));
    format!("{begins} {statement}")
}

/// At which level intervals hold, and what they cover.
fn interval(set: &DataSet, release: &ReleaseFacts, lang: Lang) -> String {
    let level = &release.interval;
    let begins = match lang {
        Lang::Sv => format!("Intervallens nivå är {level}."),
        Lang::En => format!("The level of the intervals is {level}."),
    };
    match said(&set.method["intervalCovers"], lang).filter(|text| !text.is_empty()) {
        Some(covers) => format!("{begins} {covers}"),
        None => begins,
    }
}

/// What each observation status means.
fn reliability(set: &DataSet, lang: Lang) -> Option<String> {
    let meanings = set.method["reliability"].as_object()?.iter();
    let meanings: Vec<String> =
        meanings.filter_map(|(status, texts)| Some(format!("{status} = {}", said(texts, lang)?))).collect();
    let begins = lang.pick("Observationsstatus:", "Observation status:");
    (!meanings.is_empty()).then(|| format!("{begins} {}.", meanings.join("; ")))
}

/// A text in one language, as JSON-LD has it.
fn said(texts: &Value, lang: Lang) -> Option<&str> {
    texts.as_array()?.iter().find(|text| text["@language"] == lang.tag())?["@value"].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::pack::Pack;
    use crate::{Source, fixture};

    #[test]
    fn notes_say_how_people_are_protected_and_how_sure_numbers_are() {
        let mut publication = fixture::publication();
        publication.description.demonstration = true;
        let pack = Pack::of(&publication, &Source::default());
        for set in &pack.sets {
            let [sv, en] = Lang::ALL.map(|lang| notes(set, &pack.release, lang));
            assert_eq!((sv.len(), en.len()), (4, 4), "{}", set.name);
            assert_eq!(en.iter().map(|note| note.mandatory).collect::<Vec<_>>(), [true, true, false, false]);
            assert!(sv[0].text.contains("påhittade") && en[0].text.contains("made up"));
            assert!(en[1].text.contains("epsilon 1, delta 1e-6") && en[1].text.contains("At most 3 participations"));
            assert!(en[1].text.contains(set.statement.get(Lang::En)), "{}", set.name);
            assert!(en[2].text.contains("0.95"));
            assert!(en[3].text.contains("e = ") && en[3].text.contains("; u = "));
        }
        publication.description.demonstration = false;
        let pack = Pack::of(&publication, &Source::default());
        assert_eq!(notes(&pack.sets[0], &pack.release, Lang::En).len(), 3);
    }
}
