//! The quality declaration, in the order of headings of Statistics Sweden's regulation SCB-FS 2016:17 (five main components, each with its
//! parts) and of the general information A to G that its declarations end with. Every heading is filled from what is known; where nothing
//! can be known it says so, and who answers for it.

use maud::{Markup, html};

use super::{facts, words};
use crate::Edition;
use crate::estimate::interval::Level;
use utfall_ground::text::Lang;
use words::quality as said;

/// A heading, what stands below it, and the headings within it.
struct Part {
    title: (&'static str, &'static str),
    text: Vec<String>,
    parts: Vec<Part>,
}

fn part(title: (&'static str, &'static str), text: Vec<String>) -> Part {
    Part { title, text, parts: Vec::new() }
}

fn whole(title: (&'static str, &'static str), parts: Vec<Part>) -> Part {
    Part { title, text: Vec::new(), parts }
}

/// The five components.
fn components(lang: Lang, edition: Edition<'_>, level: Level) -> Vec<Part> {
    let content = vec![
        part(("Objekt och population", "Objects and population"), said::population(lang, edition)),
        part(("Variabler", "Variables"), said::variables(lang, edition)),
        part(("Statistiska mått", "Statistical measures"), said::measures(lang, edition)),
        part(("Redovisningsgrupper", "Study domains"), said::groups(lang, edition)),
        part(("Referenstider", "Reference times"), said::reference(lang, edition)),
    ];
    let sources = vec![
        part(("Urval", "Sampling"), said::sampling(lang, edition)),
        part(("Ramtäckning", "Frame coverage"), said::frame(lang, edition)),
        part(("Mätning", "Measurement"), said::measurement(lang, edition)),
        part(("Bortfall", "Non-response"), said::non_response(lang, edition)),
        part(("Bearbetning", "Data processing"), said::processing(lang, edition)),
        part(("Modellantaganden", "Model assumptions"), said::model(lang, edition)),
    ];
    vec![
        whole(
            ("Relevans", "Relevance"),
            vec![
                whole(
                    ("Ändamål och informationsbehov", "Purpose and information needs"),
                    vec![
                        part(("Statistikens ändamål", "Purpose of the statistics"), said::purpose(lang, edition)),
                        part(("Statistikanvändares informationsbehov", "Information needs of users"), said::needs(lang, edition)),
                    ],
                ),
                whole(("Statistikens innehåll", "Contents of the statistics"), content),
            ],
        ),
        whole(
            ("Tillförlitlighet", "Accuracy"),
            vec![
                part(("Tillförlitlighet totalt", "Overall accuracy"), said::overall(lang, edition, level)),
                whole(("Osäkerhetskällor", "Sources of uncertainty"), sources),
                part(
                    ("Preliminär statistik jämförd med slutlig", "Provisional statistics compared with final"),
                    said::provisional(lang, edition),
                ),
            ],
        ),
        whole(
            ("Aktualitet och punktlighet", "Timeliness and punctuality"),
            vec![
                part(("Framställningstid", "Production time"), said::production(lang, edition)),
                part(("Frekvens", "Frequency"), said::frequency(lang, edition)),
                part(("Punktlighet", "Punctuality"), said::punctuality(lang, edition)),
            ],
        ),
        whole(
            ("Tillgänglighet och tydlighet", "Accessibility and clarity"),
            vec![
                part(("Tillgång till statistiken", "Access to the statistics"), said::access(lang, edition)),
                part(
                    ("Möjlighet till ytterligare statistik", "Possibility of additional statistics"),
                    said::additional(lang, edition),
                ),
                part(("Presentation", "Presentation"), said::presentation(lang)),
                part(("Dokumentation", "Documentation"), said::documentation(lang, edition)),
            ],
        ),
        whole(
            ("Jämförbarhet och samanvändbarhet", "Comparability and coherence"),
            vec![
                part(("Jämförbarhet över tid", "Comparability over time"), said::over_time(lang, edition)),
                part(("Jämförbarhet mellan grupper", "Comparability between groups"), said::between_groups(lang, edition)),
                part(("Samanvändbarhet i övrigt", "Coherence in general"), said::coherence(lang, edition)),
                part(("Numerisk överensstämmelse", "Numerical consistency"), vec![words::sums(lang, edition.publication)]),
            ],
        ),
    ]
}

/// What is said of all statistics, A to G.
fn general(lang: Lang, edition: Edition<'_>) -> Vec<Part> {
    vec![
        part(
            ("Klassificeringen Sveriges officiella statistik", "Classification as official statistics"),
            said::official(lang, edition),
        ),
        part(
            ("Sekretess och personuppgiftsbehandling", "Confidentiality and personal data"),
            said::confidentiality(lang, edition),
        ),
        part(("Bevarande och gallring", "Preservation and disposal"), said::preservation(lang, edition)),
        part(("Uppgiftsskyldighet", "Obligation to provide information"), said::obligation(lang, edition)),
        part(
            ("EU-reglering och internationell rapportering", "EU regulation and international reporting"),
            said::regulation(lang, edition),
        ),
        part(("Historik", "History"), said::history(lang, edition)),
        part(("Kontaktuppgifter", "Contact"), said::contact(lang, edition)),
    ]
}

/// The declaration, folded away.
pub(super) fn declaration(lang: Lang, edition: Edition<'_>, level: Level) -> Markup {
    let title = lang.pick("Kvalitetsdeklaration", "Quality declaration");
    html! {
        details.fold {
            summary { h2 { (title) } }
            div.declaration #quality {
                p.soft {
                    (edition.publication.description.title.get(lang)) ", version " (facts::short(&edition.publication.id))
                    (lang.pick(
                        ". Rubrikerna är de som Statistiska centralbyrån föreskriver för officiell statistik (SCB-FS 2016:17).",
                        ". The headings are those that Statistics Sweden prescribes for official statistics (SCB-FS 2016:17).",
                    ))
                }
                @for (at, of) in components(lang, edition, level).iter().enumerate() { (shown(lang, of, &(at + 1).to_string(), 3)) }
                h3 { (lang.pick("Allmänna uppgifter", "General information")) }
                @for (letter, of) in ('A'..).zip(&general(lang, edition)) { (shown(lang, of, &letter.to_string(), 4)) }
            }
        }
    }
}

/// A part under its numbered heading.
fn shown(lang: Lang, part: &Part, number: &str, level: u8) -> Markup {
    html! {
        (super::heading(level, &format!("{number} {}", lang.pick(part.title.0, part.title.1))))
        @for text in &part.text { p { (text) } }
        @for (at, of) in part.parts.iter().enumerate() { (shown(lang, of, &format!("{number}.{}", at + 1), level + 1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::pack::Pack;
    use crate::{Settings, Source, fixture};

    fn leaves<'p>(parts: &'p [Part], found: &mut Vec<&'p Part>) {
        for part in parts {
            if part.parts.is_empty() { found.push(part) } else { leaves(&part.parts, found) }
        }
    }

    /// Of a publication of which nothing more is known than itself.
    #[test]
    fn no_heading_is_empty_and_what_is_unknown_names_who_answers() {
        let publication = fixture::publication();
        let (pack, settings) = (Pack::of(&publication, &Source::default()), Settings::default());
        let edition = Edition { publication: &publication, pack: &pack, settings: &settings };
        let level = Level::parse("0.95").unwrap();
        for lang in Lang::ALL {
            let (components, general) = (components(lang, edition, level), general(lang, edition));
            let mut all = Vec::new();
            leaves(&components, &mut all);
            leaves(&general, &mut all);
            assert_eq!((components.len(), general.len(), all.len()), (5, 7, 33));
            for part in all {
                assert!(
                    !part.text.is_empty() && part.text.iter().all(|text| text.ends_with('.')),
                    "{}: {:?}",
                    part.title.1,
                    part.text
                );
            }
        }
        let answers = said::non_response(Lang::Sv, edition).join(" ");
        assert!(answers.contains("är inte känt") && answers.contains("svarar den som publicerar för"), "{answers}");
    }
}
