//! Static pages in Swedish and English: readable on a telephone, on paper and without a network.

mod chart;
mod compare;
pub(super) mod number;
mod page;
mod query;
mod silent;
mod table;
pub(super) mod target;
mod view;
pub(super) mod words;

use std::path::PathBuf;

use maud::{Markup, html};

use super::{CERTIFICATE, Edition, Format, OutputFile, PublishError, explain, front, schema_org};
use crate::estimate::interval::Level;
use crate::{Publication, Table, TableDescription, VectorNoise};
use number::{decimal, integer};
pub(super) use page::{Frame, framed, page};
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
        let files = downloads(edition);
        // Search engines know what has an address.
        let has_address = edition.settings.base.is_some();
        let json_ld = |lang| schema_org::json_ld(lang, edition.pack, None, edition.settings, &files);
        let json_ld = |lang| if has_address { json_ld(lang) } else { String::new() };
        let bytes = |lang| release(lang, &publication, level, &json_ld(lang));
        let file = |lang| OutputFile { path: PathBuf::from(page_name(lang)), bytes: bytes(lang) };
        Ok(Lang::ALL.map(file).into())
    }
}

/// The files that readers may take beside the tables.
fn downloads(edition: Edition<'_>) -> Vec<String> {
    let formats = edition.pack.release.formats.iter().filter_map(|name| crate::format(name).ok());
    formats.flat_map(|format| edition.pack.sets.iter().flat_map(|set| format.downloads(&set.name))).collect()
}

/// One page: the promise, how to read, the tables, the method.
fn release(lang: Lang, publication: &Publication, level: Level, json_ld: &str) -> Vec<u8> {
    let description = &publication.description;
    let body = html! {
        header {
            (navigation(lang))
            h1 { (description.title.get(lang)) }
            @if description.demonstration { p.made-up role="note" { strong { (explain::made_up(lang)) } } }
            @if let Some(about) = &description.about {
                @for text in about.get(lang).split("\n\n") { p { (text.trim()) } }
            }
            @if let Some(text) = words::series::periods(lang, description) { p { (text) } }
            p { (words::noise(lang)) @if words::computed(publication) { " " (words::more_noise(lang)) } }
            div.lead { (guarantee(lang, publication)) (contents(lang, publication)) }
        }
        main {
            (reading(lang, level, publication))
            @for query in publication.queries() { (query::section(lang, publication, query, level)) }
            (method(lang, publication, level))
        }
    };
    page::framed(lang, description.title.get(lang), &body, page::Frame { json_ld, ..page::Frame::default() })
}

fn navigation(lang: Lang) -> Markup {
    let other = lang.pick(Lang::En, Lang::Sv);
    html! {
        nav.bar.screen {
            a href=(format!("../{}", page_name(lang))) { (lang.pick("Alla publiceringar", "All releases")) }
            a href=(page_name(other)) lang=(other.tag()) hreflang=(other.tag()) rel="alternate" {
                (other.pick("På svenska", "In English"))
            }
        }
    }
}

fn guarantee(lang: Lang, publication: &Publication) -> Markup {
    let (yes, no) = (words::promise(lang, &publication.description), words::no_promise(lang));
    html! {
        div.promise {
            p { strong { (lang.pick("Det garanteras: ", "What is guaranteed: ")) } (yes) }
            p { strong { (lang.pick("Det garanteras inte: ", "What is not guaranteed: ")) } (no) }
        }
    }
}

fn contents(lang: Lang, publication: &Publication) -> Markup {
    html! {
        nav.screen aria-label=(lang.pick("Innehåll", "Contents")) {
            ul {
                li { a href="#reading" { (lang.pick("Så läser du talen", "How to read the numbers")) } }
                @for query in publication.queries() {
                    @if let Some(description) = query.description() {
                        li {
                            a href=(format!("#{}", description.name)) { (description.title.get(lang)) }
                            @if let ([table], None) = (query.tables, query.view) && let Some(margin) = table.margin {
                                span.soft { " (±" (integer(lang, margin)) ")" }
                            }
                        }
                    }
                }
                li { a href="#method" { (lang.pick("Metod", "Method")) } }
            }
        }
    }
}

fn reading(lang: Lang, level: Level, publication: &Publication) -> Markup {
    html! {
        section #reading {
            h2 { (lang.pick("Så läser du talen", "How to read the numbers")) }
            dl.columns { @for (term, text) in words::reading(lang, level, publication) { div { dt { (term) } dd { (text) } } } }
        }
    }
}

fn method(lang: Lang, publication: &Publication, level: Level) -> Markup {
    let description = &publication.description;
    let short = publication.id.get(..16).unwrap_or(&publication.id);
    let bound = words::bound(lang, description);
    let item = |term: &str, text: &str| html! { dt { (term) } dd { (text) } };
    html! {
        section.table #method {
            h2 { (lang.pick("Metod", "Method")) }
            p { (words::method(lang)) @if publication.tables.iter().any(Table::is_reconciled) { " " (words::reconciled(lang)) }
                @if words::computed(publication) { " " (words::more_method(lang)) }
            }
            dl {
                (item(lang.pick("Vad som skyddas", "What is protected"), words::unit(lang)))
                (item(lang.pick("Skyddets styrka", "Strength of the protection"), &words::strength(lang, description)))
                @if let Some(text) = words::series::cost(lang, description) { dd { (text) } }
                @if let Some(text) = words::quoted(lang, description) { dd { (text) } }
                (item(lang.pick("Begränsning per person", "Limit per person"), &bound))
                @for rows in description.own().flat_map(|table| words::rows(lang, table)) { dd { (rows) } }
                @for text in description.tables.iter().filter_map(|table| words::anonymous(lang, table)) { dd { (text) } }
                @if publication.certificates().is_some() {
                    dt { (lang.pick("Intyg", "Certificate")) }
                    dd { (words::certificate(lang)) " " a href=(CERTIFICATE) { (CERTIFICATE) } }
                }
                dt { (lang.pick("Publiceringens nummer", "Number of the release")) }
                dd { code { (short) } }
            }
            (noises(lang, publication, level))
        }
    }
}

/// The noise of each measured vector.
fn noises(lang: Lang, publication: &Publication, level: Level) -> Markup {
    html! {
        p.caption { (lang.pick("Brus per tabell", "Noise by table")) }
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("Brus per tabell", "Noise by table")) {
            table {
                thead {
                    tr {
                        th.key scope="col" { (lang.pick("Tabell", "Table")) }
                        th.key scope="col" { (lang.pick("Brus", "Noise")) }
                        th scope="col" { (lang.pick("Parameter", "Parameter")) }
                        th scope="col" { (lang.pick("Standard\u{ad}avvikelse", "Standard deviation")) }
                        th scope="col" { (lang.pick("Brus\u{ad}marginal", "Noise margin")) " " (explain::level(lang, level)) }
                    }
                }
                tbody {
                    @for query in publication.queries() {
                        @if let Some(description) = query.description() {
                            @for noise in distinct(query.tables.iter().flat_map(|table| &table.noise)) {
                                (noise_row(lang, description, noise))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A vector once, though several measures are computed from it.
fn distinct<'a>(noises: impl Iterator<Item = &'a VectorNoise>) -> Vec<&'a VectorNoise> {
    let mut found: Vec<&VectorNoise> = Vec::new();
    for noise in noises {
        if !found.iter().any(|other| other.name == noise.name) {
            found.push(noise);
        }
    }
    found
}

fn noise_row(lang: Lang, description: &TableDescription, noise: &VectorNoise) -> Markup {
    html! {
        tr {
            th.key scope="row" {
                (description.title.get(lang))
                @if description.vectors.len() > 1 { ", " (explain::role(lang, description, &noise.name)) }
            }
            td.text { (noise.mechanism.get(lang)) }
            td { (noise.scale.get(lang)) }
            td { @if let Some(deviation) = noise.standard_deviation { (decimal(lang, deviation, 1)) } @else { (explain::NONE) } }
            @if noise.reconciled { td.text { (lang.pick("avstämd", "reconciled")) } }
            @else { td { @if let Some(margin) = noise.margin { (number::margin(lang, margin)) } @else { (explain::NONE) } } }
        }
    }
}

#[cfg(test)]
mod tests;
