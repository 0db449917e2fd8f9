//! The front page: what the site is, what it promises, what is published on it and what is new.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::frame::{Page, frame, name};
use super::shown::ShownPages;
use super::{Site, compare, privacy, search, targets};
use crate::dataset::headline::Headline;
use crate::dataset::place::counted;
use crate::site::number::decimal;
use utfall_ground::text::Lang;

/// So many releases are new at most.
const MOST_NEW: usize = 5;

/// The page.
pub(super) fn page(lang: Lang, site: &Site<'_>) -> Vec<u8> {
    let main = html! {
        (about(lang, site))
        (promises(lang))
        div.glance {
            (targets::glance(lang, site))
            (privacy::glance(lang, site))
            (news(lang, site))
        }
        (releases(lang, site))
        (compare::map(lang, site))
        (search::tables(lang, site))
    };
    frame(lang, site, Page::Home, name(lang, site), &main)
}

/// What the site says of itself, or what every such site can say.
fn about(lang: Lang, site: &Site<'_>) -> Markup {
    let always = lang.pick(
        "Statistik om människor som skyddar var och en av dem: till varje tal som mättes lades något slumpmässigt innan det publicerades, \
         och sidan säger hur långt från det exakta det kan ligga.",
        "Statistics about people that protect each of them: something random was added to every number that was measured before it was \
         published, and the page says how far from the exact one it may be.",
    );
    html! {
        @if let Some(about) = &site.settings.about {
            @for text in about.get(lang).split("\n\n") { p { (text.trim()) } }
        } @else {
            p { (always) }
        }
    }
}

/// The four promises, each in a line.
fn promises(lang: Lang) -> Markup {
    let all = [
        (
            lang.pick("Inga hål", "No holes"),
            lang.pick(
                "Små tal döljs inte, de skyddas av bruset. Undantag står vid sin tabell.",
                "Small numbers are not hidden, noise protects them. Exceptions are named at their table.",
            ),
        ),
        (
            lang.pick("Delarna går ihop", "Parts add up"),
            lang.pick(
                "Tabeller av samma uppgifter är avstämda mot varandra. Där de inte är det står det.",
                "Tables of the same rows are reconciled with each other. Where they are not, it says so.",
            ),
        ),
        (
            lang.pick("Filer att använda", "Files you can reuse"),
            lang.pick(
                "Varje tabell finns som öppna data, med alla siffror i alla format.",
                "Every table is there as open data, with all digits in all formats.",
            ),
        ),
        (
            lang.pick("Osäkerheten syns", "Uncertainty shown"),
            lang.pick(
                "Vid varje tal står hur säkert det är, och vad som inte går att säga.",
                "Every number comes with how sure it is, and with what cannot be told.",
            ),
        ),
    ];
    html! {
        section aria-labelledby="promises" {
            h2 #promises { (lang.pick("Fyra löften", "Four promises")) }
            ul.promises { @for (promise, means) in all { li { strong { (promise) } " " span { (means) } } } }
            p.small { a href=(Page::Before.file(lang)) { (lang.pick("Vad som var annorlunda förr", "What was different before")) } }
        }
    }
}

/// What was made last.
fn news(lang: Lang, site: &Site<'_>) -> Markup {
    let mut made: Vec<(String, &ShownPages)> = site.releases.iter().filter_map(|of| Some((of.made()?, of))).collect();
    // Of one day, in the order of their names.
    made.sort_by_key(|(day, _)| Reverse(day.clone()));
    html! {
        @if !made.is_empty() {
            section aria-labelledby="new" {
                h2 #new { (lang.pick("Nytt", "New")) }
                ul.plain {
                    @for (day, release) in made.iter().take(MOST_NEW) {
                        li { time datetime=(day) { (day) } " " a href=(release.address(lang)) { (release.title.get(lang)) } }
                    }
                }
            }
        }
    }
}

/// The releases by theme, in the order of the site; those of no theme after them.
fn releases(lang: Lang, site: &Site<'_>) -> Markup {
    let themes = &site.settings.themes;
    let of = |name: &String| site.releases.iter().find(|release| release.name == *name);
    let themed = themes.iter().map(|theme| (theme.title.get(lang), theme.releases.iter().filter_map(of).collect::<Vec<_>>()));
    let groups: Vec<_> = themed.filter(|(_, releases)| !releases.is_empty()).collect();
    let rest: Vec<&ShownPages> =
        site.releases.iter().filter(|of| !themes.iter().any(|theme| theme.releases.contains(&of.name))).collect();
    let is_grouped = !groups.is_empty();
    html! {
        section #releases {
            h2 { (lang.pick("Publiceringar", "Releases")) }
            @if site.releases.is_empty() { p { (lang.pick("Ingenting är publicerat.", "Nothing is published.")) } }
            @for (title, releases) in groups {
                h3 { (title) }
                ul.releases { @for release in releases { (card(lang, site, release, true)) } }
            }
            @if !rest.is_empty() {
                @if is_grouped { h3 { (lang.pick("Övriga", "Others")) } }
                ul.releases { @for release in rest { (card(lang, site, release, is_grouped)) } }
            }
        }
    }
}

/// One release: its title, one number of it, when it was made and when there is more.
fn card(lang: Lang, site: &Site<'_>, release: &ShownPages, nested: bool) -> Markup {
    let title = html! { a href=(release.address(lang)) { (release.title.get(lang)) } };
    let headline = release.outline.as_ref().and_then(|of| of.headline.as_ref());
    html! {
        li {
            @if nested { h4 { (title) } } @else { h3 { (title) } }
            @if let Some(of) = headline { p.headline { (sentence(lang, release, of)) } }
            p.small.soft { (facts(lang, site, release)) }
        }
    }
}

/// One number, with its interval, as a sentence.
fn sentence(lang: Lang, release: &ShownPages, of: &Headline) -> Markup {
    let level = release.outline.as_ref().and_then(|of| of.release.interval.parse::<f64>().ok()).unwrap_or(0.95) * 100.0;
    let level = decimal(lang, level, 4);
    html! {
        a href=(release.set(lang, &of.set)) { (of.what.get(lang)) }
        ": " strong { (of.number.text.get(lang)) } ". "
        @if let Some(between) = &of.number.between {
            @match lang {
                Lang::Sv => { "Det exakta talet ligger med " (level) " procents sannolikhet i intervallet " (between.get(lang)) "." }
                Lang::En => { "With a probability of " (level) " percent the exact number lies in the interval " (between.get(lang)) "." }
            }
        }
    }
}

/// When it was made, when there is more, how many tables it has, whether the people are made up.
fn facts(lang: Lang, site: &Site<'_>, release: &ShownPages) -> Markup {
    let tables = release.tables.len();
    let next = release.next(site.settings);
    html! {
        @if release.demonstration { em { (lang.pick("påhittade deltagare", "made-up participants")) } " · " }
        @if let Some(day) = release.made() { (lang.pick("gjord ", "made ")) time datetime=(day) { (day) } " · " }
        @if let Some((period, day)) = next {
            @if let Some(period) = period { (lang.pick("nästa: ", "next: ")) (period) (lang.pick(", tidigast ", ", not before ")) }
            @else { (lang.pick("nästa: ", "next: ")) }
            time datetime=(day) { (day) } " · "
        }
        (counted(lang, tables)) " " @if tables == 1 { (lang.pick("tabell", "table")) } @else { (lang.pick("tabeller", "tables")) }
    }
}
