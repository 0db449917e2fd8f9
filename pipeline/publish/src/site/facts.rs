//! What is to be said of a release beside its numbers: when it was made, of what time it is, by whom, and how to refer to it.

use maud::{Markup, html};

use super::page_name;
use crate::Edition;
use crate::dataset::pack::Moment;
use crate::signature::SUMS;
use utfall_ground::calendar::{self, label};
use utfall_ground::text::Lang;

/// A day that is written out: `30 november 2026`; as it stands if it is no day.
pub(super) fn day(lang: Lang, iso: &str) -> String {
    const MONTHS: [(&str, &str); 12] = [
        ("januari", "January"),
        ("februari", "February"),
        ("mars", "March"),
        ("april", "April"),
        ("maj", "May"),
        ("juni", "June"),
        ("juli", "July"),
        ("augusti", "August"),
        ("september", "September"),
        ("oktober", "October"),
        ("november", "November"),
        ("december", "December"),
    ];
    let parts: Vec<usize> = iso.split('-').filter_map(|part| part.parse().ok()).collect();
    match (calendar::iso(iso), parts.as_slice()) {
        (Some(_), [year, month, day]) => match month.checked_sub(1).and_then(|at| MONTHS.get(at)) {
            Some((sv, en)) => format!("{day}\u{a0}{} {year}", lang.pick(*sv, *en)),
            None => iso.to_owned(),
        },
        (_, _) => iso.to_owned(),
    }
}

/// A day, for people and for programs.
pub(super) fn time(lang: Lang, iso: &str) -> Markup {
    html! { time datetime=(iso) { (day(lang, iso)) } }
}

/// The number of a release as people cite it: its beginning.
pub(super) fn short(id: &str) -> String {
    format!("{}…", id.get(..8).unwrap_or(id))
}

/// Where something of the page is: absolute where the site has an address, else from the folder of pages.
pub(super) fn address(lang: Lang, edition: Edition<'_>, anchor: &str) -> String {
    let base = edition.settings.base.as_deref().unwrap_or_default();
    format!("{base}{}/{}#{anchor}", edition.publication.description.name, page_name(lang))
}

/// The address of the page itself, where the site has one.
pub(super) fn canonical(lang: Lang, edition: Edition<'_>) -> Option<String> {
    let base = edition.settings.base.as_deref()?;
    Some(format!("{base}{}/{}", edition.publication.description.name, page_name(lang)))
}

/// How to refer to a table: who, when, what, which version, where.
fn citation(lang: Lang, edition: Edition<'_>, title: &str) -> String {
    let made = edition.pack.release.made.map(Moment::day);
    let publisher = edition.settings.publisher.as_ref().map(|of| of.name.get(lang));
    let who = match (publisher, made) {
        (Some(publisher), Some(day)) => format!("{publisher} ({day}). "),
        (Some(publisher), None) => format!("{publisher}. "),
        (None, Some(day)) => format!("({day}). "),
        (None, None) => String::new(),
    };
    let release = edition.publication.description.title.get(lang);
    let whole = if release == title { release.to_owned() } else { format!("{release}: {title}") };
    // A title may end with a sign of its own.
    let stop = if whole.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{who}{whole}{stop} Version {}", short(&edition.publication.id))
}

/// The permanent address of a table, to copy, and how to refer to it.
pub(super) fn cite(lang: Lang, edition: Edition<'_>, anchor: &str, title: &str) -> Markup {
    html! {
        p.small.cite {
            span.soft { (lang.pick("Källa: ", "Source: ")) }
            (citation(lang, edition, title)) ". "
            a href=(format!("#{anchor}")) { (address(lang, edition, anchor)) }
        }
    }
}

/// The line below the title: when and by whom.
pub(super) fn byline(lang: Lang, edition: Edition<'_>) -> Markup {
    let facts = &edition.pack.release;
    let publisher = edition.settings.publisher.as_ref();
    html! {
        @if facts.made.is_some() || publisher.is_some() {
            p.byline {
                @if let Some(made) = facts.made { (lang.pick("Publicerat ", "Published ")) (time(lang, &made.day())) }
                @if let Some(publisher) = publisher {
                    @if facts.made.is_some() { " · " }
                    (publisher.name.get(lang))
                }
            }
        }
    }
}

/// When the release is published next: what a series says itself, or what the site says of it.
pub(super) fn next(edition: Edition<'_>) -> Option<(Option<String>, String)> {
    let of_series = edition.pack.release.series.as_ref().and_then(|series| series.next.clone());
    let named = edition.settings.next.get(&edition.publication.description.name).cloned();
    of_series.map(|(period, day)| (Some(period), day)).or_else(|| named.map(|day| (None, day)))
}

/// Everything about the release in a list.
pub(super) fn facts(lang: Lang, edition: Edition<'_>) -> Markup {
    let (of, settings) = (&edition.pack.release, edition.settings);
    let unknown = lang.pick("inte angivet", "not stated");
    html! {
        section.facts #about {
            h2 { (lang.pick("Om publiceringen", "About the release")) }
            dl.facts {
                dt { (lang.pick("Publicerat", "Published")) }
                dd { @if let Some(made) = of.made { (time(lang, &made.day())) } @else { (unknown) } }
                dt { (lang.pick("Perioder", "Periods")) }
                dd {
                    @if let Some(series) = &of.series { (label(lang, &series.first)) "–" (label(lang, &series.last)) }
                    @else { (lang.pick("ingen serie: tiden framgår av tabellernas frågor", "no series: the time is told by the queries of the tables")) }
                }
                dt { "Version" }
                dd { code.id { (of.id) } }
                dt { (lang.pick("Tidigare versioner", "Earlier versions")) }
                dd { (history(lang, edition)) }
                dt { (lang.pick("Nästa publicering", "Next publication")) }
                dd {
                    @match next(edition) {
                        Some((Some(period), day)) => { (label(lang, &period)) (lang.pick(", tidigast ", ", at the earliest ")) (time(lang, &day)) }
                        Some((None, day)) => (time(lang, &day)),
                        None => (lang.pick("inte planerad", "not planned")),
                    }
                }
                dt { (lang.pick("Hela publiceringen som filer", "The whole release as files")) }
                dd { (files(lang, edition)) }
                dt { (lang.pick("Utgivare", "Publisher")) }
                dd {
                    @if let Some(publisher) = &settings.publisher { a href=(publisher.url) { (publisher.name.get(lang)) } } @else { (unknown) }
                }
                dt { (lang.pick("Kontakt", "Contact")) }
                dd {
                    @if let Some(contact) = &settings.contact {
                        (contact.name.get(lang)) ", " a href=(format!("mailto:{}", contact.email)) { (contact.email) }
                        @if let Some(phone) = &contact.phone { ", " span.phone { (phone) } }
                    } @else { (unknown) }
                }
                dt { (lang.pick("Licens", "Licence")) }
                dd { @if let Some(licence) = &settings.licence { a href=(licence.url) rel="license" { (licence.name) } } @else { (unknown) } }
            }
        }
    }
}

/// The files of the whole release, and the list by which each can be held against what was published.
fn files(lang: Lang, edition: Edition<'_>) -> Markup {
    let release = &edition.pack.release;
    let formats = release.formats.iter().filter_map(|name| crate::format(name).ok());
    let files: Vec<String> = formats.flat_map(|format| format.whole(&release.name)).collect();
    html! {
        @for file in &files { a href=(file) { (file) } " · " }
        a href=(SUMS) { (SUMS) } " (" (lang.pick("alla filers SHA-256", "the SHA-256 of all files")) ")"
    }
}

/// The versions that were published before.
pub(super) fn history(lang: Lang, edition: Edition<'_>) -> Markup {
    let earlier = &edition.pack.release.earlier;
    html! {
        @if earlier.is_empty() { (lang.pick("inga", "none")) } @else {
            ul.plain { @for of in earlier { li { (time(lang, &of.made.day())) " " code { (short(&of.id)) } } } }
        }
    }
}
