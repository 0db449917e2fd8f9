//! Static pages in Swedish and English: readable on a telephone, on paper and without a network.

mod answer;
mod chart;
mod compare;
mod facts;
mod method;
pub(super) mod number;
mod page;
mod quality;
mod query;
mod shown;
mod silent;
mod table;
pub(super) mod target;
mod view;
pub(super) mod words;

use std::path::PathBuf;

use maud::{Markup, html};

use super::{Edition, Format, OutputFile, PublishError, explain, front, schema_org};
use crate::Publication;
use crate::estimate::interval::Level;
use page::Head;
pub(super) use page::{Frame, framed};
use utfall_ground::text::Lang;

/// The format `html`.
#[derive(Debug)]
pub(super) struct Html;

/// The page of a release in a language.
pub(super) fn page_name(lang: Lang) -> &'static str {
    lang.pick(front::PAGE, "en.html")
}

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn files(&self, edition: Edition<'_>) -> Result<Vec<OutputFile>, PublishError> {
        let publication = edition.publication.for_people();
        let level = Level::parse(&publication.description.interval)?;
        let edition = Edition { publication: &publication, ..edition };
        let file = |lang| OutputFile { path: PathBuf::from(page_name(lang)), bytes: release(lang, edition, level) };
        Ok(Lang::ALL.map(file).into())
    }
}

/// One page: the answer, then each query with its charts and tables, then what is to be said of the release, and the method folded away.
fn release(lang: Lang, edition: Edition<'_>, level: Level) -> Vec<u8> {
    let publication = edition.publication;
    let description = &publication.description;
    let (sentences, more) = answer::sentences(lang, publication);
    let body = html! {
        header {
            (navigation(lang))
            h1 { (description.title.get(lang)) }
            (facts::byline(lang, edition))
            @if description.demonstration { p.made-up { (explain::made_up(lang)) } }
        }
        main {
            (answer::answer(lang, &sentences, more))
            div.lead {
                div {
                    @if let Some(about) = &description.about {
                        @for text in about.get(lang).split("\n\n") { p { (text.trim()) } }
                    }
                    (in_short(lang))
                }
                (contents(lang, publication))
            }
            @for query in publication.queries() { (query::section(lang, edition, query, level)) }
            (facts::facts(lang, edition))
            (method::reading(lang, publication, level))
            (quality::declaration(lang, edition, level))
            (method::method(lang, edition, level))
        }
    };
    let json_ld = json_ld(lang, edition);
    page::page_with(&head(lang, edition, &sentences), &body, Frame { json_ld: &json_ld, ..Frame::default() })
}

/// What search engines are told, who know what has an address.
fn json_ld(lang: Lang, edition: Edition<'_>) -> String {
    if edition.settings.base.is_none() {
        return String::new();
    }
    schema_org::json_ld(lang, edition.pack, None, edition.settings, &downloads(edition))
}

/// The files that readers may take beside the tables.
fn downloads(edition: Edition<'_>) -> Vec<String> {
    let formats = edition.pack.release.formats.iter().filter_map(|name| crate::format(name).ok());
    formats.flat_map(|format| edition.pack.sets.iter().flat_map(|set| format.downloads(&set.name))).collect()
}

fn head(lang: Lang, edition: Edition<'_>, sentences: &[answer::Sentence]) -> Head {
    Head {
        lang,
        title: edition.publication.description.title.get(lang).to_owned(),
        description: sentences.first().map(|first| first.plain(lang)),
        site: edition.settings.title.as_ref().map(|title| title.get(lang).to_owned()),
        canonical: facts::canonical(lang, edition),
        others: Lang::ALL.into_iter().filter_map(|other| Some((other, facts::canonical(other, edition)?))).collect(),
    }
}

fn navigation(lang: Lang) -> Markup {
    let other = lang.pick(Lang::En, Lang::Sv);
    html! {
        nav.bar.screen aria-label=(lang.pick("Sidor", "Pages")) {
            a href=(format!("../{}", page_name(lang))) { (lang.pick("Alla publiceringar", "All releases")) }
            a href=(page_name(other)) lang=(other.tag()) hreflang=(other.tag()) rel="alternate" {
                (other.pick("På svenska", "In English"))
            }
        }
    }
}

/// How to read the numbers, in two lines.
fn in_short(lang: Lang) -> Markup {
    let [noise, marks] = words::in_short(lang);
    html! {
        p.reading {
            (noise) " " (marks) " "
            a href="#reading" { (lang.pick("Så läser du talen", "How to read the numbers")) }
        }
    }
}

fn contents(lang: Lang, publication: &Publication) -> Markup {
    html! {
        nav.contents.screen aria-label=(lang.pick("Innehåll", "Contents")) {
            ul {
                @for query in publication.queries() {
                    @if let Some(of) = query.description() { li { a href=(format!("#{}", of.name)) { (of.title.get(lang)) } } }
                }
                li { a href="#about" { (lang.pick("Om publiceringen", "About the release")) } }
                li { a href="#quality" { (lang.pick("Kvalitetsdeklaration", "Quality declaration")) } }
                li { a href="#method" { (lang.pick("Metod och skydd", "Method and protection")) } }
            }
        }
    }
}

/// A heading of a level that depends on where it stands; beyond the sixth there is none.
fn heading(level: u8, text: &str) -> Markup {
    match level {
        ..=2 => html! { h2 { (text) } },
        3 => html! { h3 { (text) } },
        4 => html! { h4 { (text) } },
        5 => html! { h5 { (text) } },
        6.. => html! { h6 { (text) } },
    }
}

#[cfg(test)]
mod tests;
