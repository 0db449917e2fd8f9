//! How the numbers were made and how people are protected, folded away at the end of a page.

use maud::{Markup, html};

use super::number::{self, decimal};
use super::{target, words};
use crate::estimate::interval::Level;
use crate::{CERTIFICATE, Edition, Publication, Table, TableDescription, VectorNoise, explain};
use utfall_ground::text::Lang;

/// How to read the numbers.
pub(super) fn reading(lang: Lang, publication: &Publication, level: Level) -> Markup {
    let tolerated = publication.tables.iter().flat_map(Table::tracked).any(|one| one.target.tolerance > 0);
    html! {
        details.fold {
            summary { h2 { (lang.pick("Så läser du talen", "How to read the numbers")) } }
            dl.columns #reading {
                @for (term, text) in words::reading(lang, level, publication) { div { dt { (term) } dd { (text) } } }
                @if publication.tables.iter().any(|table| !table.judged.is_empty()) {
                    div #targets { dt { (lang.pick("Mål", "Targets")) } dd { (target::judged(lang, tolerated)) } }
                }
            }
        }
    }
}

/// What is guaranteed and what is not, and the noise.
pub(super) fn method(lang: Lang, edition: Edition<'_>, level: Level) -> Markup {
    let publication = edition.publication;
    let description = &publication.description;
    let item = |term: &str, text: &str| html! { dt { (term) } dd { (text) } };
    html! {
        details.fold {
            summary { h2 { (lang.pick("Metod och skydd", "Method and protection")) } }
            div #method {
                (guarantee(lang, publication))
                p { (words::method(lang)) @if publication.tables.iter().any(Table::is_reconciled) { " " (words::reconciled(lang)) }
                    @if words::computed(publication) { " " (words::more_method(lang)) }
                }
                @if let Some(text) = words::series::periods(lang, description) { p { (text) } }
                dl {
                    (item(lang.pick("Vad som skyddas", "What is protected"), words::unit(lang)))
                    (item(lang.pick("Skyddets styrka", "Strength of the protection"), &words::strength(lang, description)))
                    @if let Some(text) = words::series::cost(lang, description) { dd { (text) } }
                    @if let Some(text) = words::quoted(lang, description) { dd { (text) } }
                    (item(lang.pick("Begränsning per person", "Limit per person"), &words::bound(lang, description)))
                    @for rows in description.own().flat_map(|table| words::rows(lang, description, table)) { dd { (rows) } }
                    @for text in description.tables.iter().filter_map(|table| words::anonymous(lang, table)) { dd { (text) } }
                    @if publication.certificates().is_some() {
                        dt { (lang.pick("Intyg", "Certificate")) }
                        dd { (words::certificate(lang)) " " a href=(CERTIFICATE) { (CERTIFICATE) } }
                    }
                }
                (noises(lang, publication, level))
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

/// The noise of each measured vector.
fn noises(lang: Lang, publication: &Publication, level: Level) -> Markup {
    html! {
        p.caption { (lang.pick("Brus per tabell", "Noise by table")) }
        div.scroll tabindex="0" role="group" aria-label=(lang.pick("Brus per tabell", "Noise by table")) {
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
