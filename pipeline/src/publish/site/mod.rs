//! Static pages in Swedish and English: readable on a telephone, on paper and without a network.

mod chart;
mod number;
mod page;
mod table;
mod words;

use std::path::PathBuf;

use maud::{Markup, html};

use super::{Format, PublishError, front};
use crate::derive::interval::Level;
use crate::derive::{Publication, Table};
use crate::text::Lang;
use number::{decimal, integer, percent};
pub(super) use page::page;

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

    fn files(&self, publication: &Publication) -> Result<Vec<(PathBuf, Vec<u8>)>, PublishError> {
        let level = Level::parse(&publication.description.interval)?;
        let file = |lang| (PathBuf::from(page_name(lang)), release(lang, publication, level));
        Ok(Lang::ALL.map(file).into())
    }
}

/// One page: the promise, how to read, the tables, the method.
fn release(lang: Lang, publication: &Publication, level: Level) -> Vec<u8> {
    let description = &publication.description;
    let body = html! {
        header {
            (navigation(lang))
            h1 { (description.title.get(lang)) }
            @if description.demonstration { p.made-up role="note" { strong { (words::made_up(lang)) } } }
            p { (words::noise(lang)) }
            div.lead { (guarantee(lang, publication)) (contents(lang, publication)) }
        }
        main {
            (reading(lang, level, publication))
            @for table in &publication.tables { (section(lang, publication, table, level)) }
            (method(lang, publication, level))
        }
    };
    page(lang, description.title.get(lang), &body)
}

fn navigation(lang: Lang) -> Markup {
    let other = lang.pick(Lang::En, Lang::Sv);
    html! {
        nav.bar.screen {
            a href=(format!("../{}", front::PAGE)) { (lang.pick("Alla publiceringar", "All releases")) }
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
                @for table in &publication.tables {
                    li {
                        a href=(format!("#{}", table.description.name)) { (table.description.title.get(lang)) }
                        span.soft { " (±" (integer(lang, table.margin)) ")" }
                    }
                }
                li { a href="#method" { (lang.pick("Metod", "Method")) } }
            }
        }
    }
}

fn reading(lang: Lang, level: Level, publication: &Publication) -> Markup {
    let numbers = publication.tables.iter().map(|table| table.values.len()).sum();
    html! {
        section #reading {
            h2 { (lang.pick("Så läser du talen", "How to read the numbers")) }
            dl.columns { @for (term, text) in words::reading(lang, level, numbers) { div { dt { (term) } dd { (text) } } } }
        }
    }
}

fn section(lang: Lang, publication: &Publication, table: &Table, level: Level) -> Markup {
    let name = &table.description.name;
    html! {
        section.table #(name) {
            h2 { (table.description.title.get(lang)) }
            (chart::charts(lang, table))
            (table::table(lang, table, level))
            (legend(lang, table))
            details {
                summary { (lang.pick("Frågan till databasen (SQL)", "The query to the database (SQL)")) }
                pre { code { (table.description.sql.trim()) } }
            }
            (downloads(lang, publication, name))
        }
    }
}

/// What the marks of a table mean, if it has any.
fn legend(lang: Lang, table: &Table) -> Markup {
    let full: usize = table.description.keys.iter().map(|key| key.codes.len()).product();
    html! {
        @if table.values.iter().any(|&value| table.near_zero(value)) {
            p.small.soft { (words::OPEN) " " (words::zero(lang)) ". "
                @if table.values.iter().any(|&value| value < 0) { (words::negative(lang)) }
            }
        }
        @if full > table.values.len() {
            p.small.soft { (lang.pick("En tom ruta ingår inte i publiceringen.", "An empty cell is not part of the release.")) }
        }
    }
}

fn downloads(lang: Lang, publication: &Publication, table: &str) -> Markup {
    let asked = publication.description.formats.iter().filter_map(|name| super::format(name).ok());
    let files: Vec<String> = asked.flat_map(|format| format.downloads(table)).collect();
    html! {
        @if !files.is_empty() {
            p.small.screen {
                (lang.pick("Ladda ned: ", "Download: "))
                @for (index, file) in files.iter().enumerate() {
                    @if index > 0 { " · " }
                    a href=(file) download { (file) }
                }
            }
        }
    }
}

fn method(lang: Lang, publication: &Publication, level: Level) -> Markup {
    let description = &publication.description;
    let short = publication.id.get(..16).unwrap_or(&publication.id);
    let bound = words::bound(lang, description.participations);
    let item = |term: &str, text: &str| html! { dt { (term) } dd { (text) } };
    html! {
        section.table #method {
            h2 { (lang.pick("Metod", "Method")) }
            p { (words::method(lang)) }
            dl {
                (item(lang.pick("Vad som skyddas", "What is protected"), words::unit(lang)))
                (item(lang.pick("Skyddets styrka", "Strength of the protection"), &words::strength(lang, description)))
                (item(lang.pick("Begränsning per person", "Limit per person"), &bound))
                @for rows in description.tables.iter().filter_map(|table| words::rows(lang, table)) { dd { (rows) } }
                dt { (lang.pick("Publiceringens nummer", "Number of the release")) }
                dd { code { (short) } }
            }
            (noises(lang, publication, level))
        }
    }
}

/// The noise of each table.
fn noises(lang: Lang, publication: &Publication, level: Level) -> Markup {
    let level = percent(lang, level.percent(), 4);
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
                        th scope="col" { (lang.pick("Brus\u{ad}intervall", "Noise interval")) " " (level) }
                    }
                }
                tbody {
                    @for table in &publication.tables {
                        tr {
                            th.key scope="row" { (table.description.title.get(lang)) }
                            td.text { (table.mechanism.get(lang)) }
                            td { (table.scale.get(lang)) }
                            td { (decimal(lang, table.standard_deviation, 1)) }
                            td { (number::margin(lang, table.margin)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
