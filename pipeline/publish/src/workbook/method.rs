//! The last sheet: how the numbers were made and how people are protected, as the metadata of every format say it.

use serde_json::Value;

use super::table::statuses;
use super::{Cell, METHOD, Notes, Sheet, Style, Target, text};
use crate::dataset::DataSet;
use crate::dataset::method::protection;
use crate::dataset::pack::Pack;
use utfall_ground::text::{Lang, Text};

pub(super) fn sheet(pack: &Pack) -> Sheet {
    let release = &pack.release;
    let mut notes = Notes(vec![
        vec![Cell::text("Metod: hur talen är gjorda · Method: how the numbers are made", Style::Title)],
        vec![Cell::link("Till innehållet · To the contents", Target::Sheet(0))],
    ]);
    notes.heading("Skydd · Protection", &text("På svenska", "In English"));
    notes.said("Hur · How", text(
        "Talen har ett slumpmässigt brus (differentiell integritet). Det är så stort att ingen kan se på dem om en viss person är med.",
        "The numbers carry random noise (differential privacy). It is so large that nobody can see from them whether a certain person is among those counted.",
    ));
    notes.said("Vem · Whom", both(&|lang| protection(lang, release.words.as_ref(), None, release.participations)));
    notes.same("Epsilon", &release.epsilon);
    notes.same("Delta", &release.delta);
    notes.same("Deltaganden per person, högst · Participations per person, at most", &release.participations.to_string());
    notes.same("Intervallens nivå · Level of the intervals", &release.interval);
    for (at, set) in pack.sets.iter().enumerate() {
        notes.heading(&(at + 1).to_string(), &set.title);
        of_set(&mut notes, set);
    }
    notes.sheet(METHOD)
}

/// What is to be known of one data set.
fn of_set(notes: &mut Notes, set: &DataSet) {
    let method = &set.method;
    // A table that is quoted is protected by the release whose numbers it shows.
    let quoted = !method["quotes"].is_null();
    let statement =
        |lang: Lang| said(&method["statement"], lang).filter(|_| quoted).unwrap_or_else(|| set.statement.get(lang).to_owned());
    notes.said("Talen · The numbers", both(&statement));
    let covers = both(&|lang| said(&method["intervalCovers"], lang).unwrap_or_default());
    if !covers.sv.is_empty() {
        notes.said("Brusintervall · Noise interval", covers);
    }
    let words = both(&|lang| statuses(lang, set).unwrap_or_default());
    if !words.sv.is_empty() {
        notes.said("Status", words);
    }
    for vector in method["noise"].as_array().into_iter().flatten() {
        notes.said("Brus · Noise", both(&|lang| noise(vector, lang)));
    }
    let from: Vec<&str> = method["computedFrom"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !from.is_empty() {
        notes.same("Beräknad ur · Computed from", &from.join(", "));
    }
    if let Some(query) = method["query"].as_str() {
        notes.same("Fråga · Query", query);
    }
}

/// The noise of one vector, in a line.
fn noise(vector: &Value, lang: Lang) -> String {
    let of = |name: &str| said(&vector[name], lang).unwrap_or_default();
    let mut line = format!("{}: {}, {}", vector["vector"].as_str().unwrap_or_default(), of("mechanism"), of("scale"));
    if let Some(deviation) = vector["standardDeviation"].as_f64() {
        let deviation = deviation.to_string();
        let deviation = lang.pick(deviation.replace('.', ","), deviation);
        line.push_str(&format!(", {} {deviation}", lang.pick("standardavvikelse", "standard deviation")));
    }
    line
}

/// A text of a note in one language, as JSON-LD has it.
pub(super) fn said(note: &Value, lang: Lang) -> Option<String> {
    let texts = note.as_array()?;
    texts.iter().find(|text| text["@language"] == lang.tag())?["@value"].as_str().map(str::to_owned)
}

fn both(of: &dyn Fn(Lang) -> String) -> Text {
    text(of(Lang::Sv), of(Lang::En))
}
