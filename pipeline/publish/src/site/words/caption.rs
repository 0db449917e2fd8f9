//! What tables show, in grammatical Swedish and English: measures, keys and periods put together to a caption.

use crate::estimate::interval::Level;
use crate::explain;
use crate::publication::series;
use crate::{KeyColumn, Table};
use utfall_ground::calendar::Period;
use utfall_ground::text::Lang;

/// A title within a sentence: its first letter small, unless its first word is a name in capitals, such as an abbreviation.
pub(in crate::site) fn lower(title: &str) -> String {
    let mut letters = title.chars();
    let Some(first) = letters.next() else { return String::new() };
    let word = title.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_name =
        word.chars().skip(1).any(char::is_uppercase) || word.chars().any(|c| c.is_ascii_digit()) || word.chars().count() < 2;
    if is_name { title.to_owned() } else { first.to_lowercase().chain(letters).collect() }
}

/// A list with a word before its last part.
pub(in crate::site) fn list(lang: Lang, parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {} {last}", rest.join(", "), lang.pick("och", "and")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// What the numbers of a table are, with their unit where the title does not name it.
pub(crate) fn measure(lang: Lang, table: &Table) -> String {
    let Some(measure) = table.measure() else { return String::new() };
    let title = measure.title.get(lang);
    let unit = measure.unit.as_ref().map(|unit| explain::unit(lang, unit));
    match unit.filter(|unit| !title.to_lowercase().contains(&unit.to_lowercase())) {
        Some(unit) => format!("{title} ({unit})"),
        None => title.to_owned(),
    }
}

/// What a table shows, by what, and with which interval.
pub(in crate::site) fn caption(lang: Lang, table: &Table, level: Level) -> String {
    let (time, keys): (Vec<_>, Vec<_>) = table.description.keys.iter().partition(|key| is_time(key));
    let keys: Vec<String> = keys.into_iter().map(|key| noun(lang, key)).collect();
    let measure = measure(lang, table);
    // What follows a title that has a comma itself is set off by one.
    let comma = if measure.contains(',') { "," } else { "" };
    let by = match keys.is_empty() {
        true => String::new(),
        false => format!("{comma} {} {}", lang.pick("efter", "by"), list(lang, &keys)),
    };
    let when = time.first().map(|key| format!(", {}", period(lang, key))).unwrap_or_default();
    let level = explain::level(lang, level);
    let interval = match (table.margin, table.lower.iter().any(Option::is_some), lang) {
        (Some(_), _, Lang::Sv) => format!(", ± brusintervallets marginal ({level})"),
        (Some(_), _, Lang::En) => format!(", ± the margin of the noise interval ({level})"),
        (None, true, Lang::Sv) => format!(", med brusintervall ({level})"),
        (None, true, Lang::En) => format!(", with its noise interval ({level})"),
        (None, false, _) => String::new(),
    };
    format!("{measure}{by}{when}{interval}")
}

fn is_time(key: &KeyColumn) -> bool {
    series::is_period(&key.name) && key.codes.iter().all(|code| Period::parse(&code.code).is_some())
}

/// The title of a key behind "efter" or "by". What is no plain noun (a question of yes or no, something with a comma, a preposition
/// first) is quoted: then it is right whatever it says.
fn noun(lang: Lang, key: &KeyColumn) -> String {
    const PREPOSITIONS: [&str; 14] =
        ["till", "i", "med", "av", "från", "efter", "före", "to", "in", "with", "of", "from", "after", "before"];
    let title = key.title.get(lang);
    let first = title.split_whitespace().next().unwrap_or_default().to_lowercase();
    let is_question = key.codes.iter().any(|code| matches!(code.code.as_str(), "true" | "false"));
    if is_question || title.contains([',', '(', '?']) || PREPOSITIONS.contains(&first.as_str()) {
        return lang.pick(format!("”{title}”"), format!("“{title}”"));
    }
    lower(title)
}

/// How a key of time divides: by period, until a period, by year.
fn period(lang: Lang, key: &KeyColumn) -> String {
    let length = key.codes.first().and_then(|code| Period::parse(&code.code)).map(Period::length);
    let name = length.map(|length| length.name().get(lang).to_owned()).unwrap_or_default();
    match (key.name == series::THROUGH, lang) {
        (true, Lang::Sv) => format!("ackumulerat till och med {}", the(&name)),
        (true, Lang::En) => format!("cumulative through each {name}"),
        (false, Lang::Sv) => format!("per {name}"),
        (false, Lang::En) => format!("by {name}"),
    }
}

/// A period with its article, in Swedish.
fn the(period: &str) -> &str {
    match period {
        "månad" => "månaden",
        "kvartal" => "kvartalet",
        "år" => "året",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, fixture};
    use utfall_ground::text::Text;

    fn text(of: &str) -> Text {
        Text { sv: of.to_owned(), en: of.to_owned() }
    }

    fn key(name: &str, title: &str, codes: &[&str]) -> KeyColumn {
        let codes = codes.iter().map(|code| Code { code: (*code).to_owned(), label: text(code) }).collect();
        KeyColumn { name: name.to_owned(), title: text(title), codes }
    }

    #[test]
    fn only_the_first_letter_becomes_small_and_names_stay() {
        let lowered = ["Region", "SKAPA-område", "ASAP", "Ålder", "Kartlagd (SASSAM)", "A", "", "KASAM 13"].map(lower);
        assert_eq!(lowered, ["region", "SKAPA-område", "ASAP", "ålder", "kartlagd (SASSAM)", "A", "", "KASAM 13"]);
    }

    #[test]
    fn captions_are_grammatical() {
        let mut table = fixture::publication().tables.remove(0);
        let level = Level::parse("0.95").unwrap();
        table.margin = None;
        table.lower.fill(None);
        let mut said = |keys: Vec<KeyColumn>| {
            table.description.keys = keys;
            Lang::ALL.map(|lang| caption(lang, &table, level))
        };
        let outcome = || key("outcome", "Resultat", &["work"]);
        assert_eq!(said(vec![]), ["Deltagare", "Participants"]);
        assert_eq!(said(vec![key("sex", "Kön", &["f"]), outcome()])[0], "Deltagare efter kön och resultat");
        assert_eq!(
            said(vec![key("through", "Till och med", &["2021-Q1"]), outcome()]),
            [
                "Deltagare efter resultat, ackumulerat till och med kvartalet",
                "Participants by resultat, cumulative through each quarter"
            ]
        );
        assert_eq!(said(vec![key("year", "År", &["2021"]), outcome()])[0], "Deltagare efter resultat, per år");
        assert_eq!(said(vec![key("period", "Månad", &["2021-03"])])[1], "Participants, by month");
        assert_eq!(
            said(vec![key("mapped", "Kartlagd (SASSAM)", &["true", "false"]), key("x", "Till arbete", &["a"]), outcome()])[0],
            "Deltagare efter ”Kartlagd (SASSAM)”, ”Till arbete” och resultat"
        );
    }
}
