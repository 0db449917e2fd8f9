//! The section of one query: its view if it has one, its tables, its text.

use maud::{Markup, html};

use super::{chart, compare, facts, page_name, silent, table, target, view, words};
use crate::estimate::interval::Level;
use crate::explain::{self, marks};
use crate::{Edition, Formula, Publication, PublishedQuery, Table, TableDescription};
use utfall_ground::text::{Lang, Text};

/// One query under its heading: charts, then tables. With a view, the noisy tables behind it are folded away.
pub(super) fn section(lang: Lang, edition: Edition<'_>, query: PublishedQuery<'_>, level: Level) -> Markup {
    let Some(description) = query.description() else { return html! {} };
    let several = query.tables.len() > 1 || query.view.is_some();
    let tables = html! {
        @for table in query.tables {
            @if several { (part(lang, edition, table, level)) } @else { (body(lang, table, level, 3)) }
        }
    };
    let title = description.title.get(lang);
    html! {
        section.table #(description.name) {
            (headed(lang, &description.name, title, html! { h2 { (title) } }))
            (shared(lang, edition.publication, description))
            @if let Some(other) = &description.differs {
                p.small {
                    (lang.pick("Andra tal än i ", "Other numbers than in "))
                    (elsewhere(lang, other.has_pages, (&other.release, &other.table), &other.title))
                    ": " (other.why.get(lang))
                }
            }
            @if let Some(result) = query.view {
                (silent::view(lang, result, html! {
                    div class=[chart::is_single_of_view(lang, result).then_some("pair")] {
                        div { (chart::of_view(lang, result, 3)) }
                        div { (view::view(lang, result)) }
                    }
                }))
                @if result.ordered { p.small.soft { (words::ordered(lang)) } }
                @for table in query.tables { (target::targets(lang, table, 3)) }
                details {
                    summary { (words::behind(lang, query.tables.len())) }
                    p.small { (explain::view(lang)) }
                    (tables)
                }
            } @else {
                (tables)
            }
            details {
                summary { (lang.pick("Frågan till databasen (SQL)", "The query to the database (SQL)")) }
                pre tabindex="0" { code { (description.sql.trim()) } }
            }
            @if let Some(result) = query.view { (downloads(lang, edition.publication, &result.name)) }
            @else if let ([table], false) = (query.tables, several) { (downloads(lang, edition.publication, &table.name)) }
            (facts::cite(lang, edition, &description.name, title))
        }
    }
}

/// A heading with a link to itself, so that its address can be copied.
fn headed(lang: Lang, anchor: &str, title: &str, heading: Markup) -> Markup {
    html! {
        div.heading {
            (heading)
            a.anchor.screen href=(format!("#{anchor}")) aria-label=(format!("{} {title}", lang.pick("Länk till", "Link to"))) { "#" }
        }
    }
}

/// That a query stands on the numbers of another one, of this release or of another, or on finer ones that are not shown.
fn shared(lang: Lang, publication: &Publication, description: &TableDescription) -> Markup {
    let with = description.measured_with.as_ref();
    let of = with.and_then(|name| publication.description.tables.iter().find(|table| table.name == *name));
    html! {
        @if let Some(of) = &description.quotes {
            p.small.soft {
                (lang.pick("Av samma brusiga tal som i ", "Of the same noisy numbers as in "))
                (elsewhere(lang, of.has_pages, (&of.release, &of.table), &of.title))
                (lang.pick(
                    ": samma sak är samma tal, betalt en gång, där. Gränser och budget för talen står på den sidan.",
                    ": one fact is one number, paid for once, there. The bounds and the budget of the numbers are on that page.",
                ))
            }
        } @else if let Some(of) = of {
            p.small.soft {
                (lang.pick("Av samma brusiga tal som i ", "Of the same noisy numbers as in "))
                a href=(format!("#{}", of.name)) { (of.title.get(lang)) }
                (lang.pick(", så att samma sak är samma tal.", ", so that one fact is one number."))
            }
        } @else if description.vectors.iter().any(|vector| vector.follows) {
            p.small.soft {
                (lang.pick(
                    "Mättes inte för sig: talen är summor av finare tal som mättes. Bruset under Metod är deras.",
                    "It was not measured by itself: the numbers are sums of finer ones that were measured. The noise under Method is theirs.",
                ))
            }
        }
    }
}

/// A table of another release, with a link to its page if it has one.
fn elsewhere(lang: Lang, has_pages: bool, (release, table): (&str, &str), title: &Text) -> Markup {
    html! {
        @if has_pages { a href=(format!("../{release}/{}#{table}", page_name(lang))) { (title.get(lang)) } }
        @else { (title.get(lang)) " (" (release) ")" }
    }
}

/// One of several measures of a query, with a heading and files of its own.
fn part(lang: Lang, edition: Edition<'_>, table: &Table, level: Level) -> Markup {
    let title = words::measure(lang, table);
    html! {
        div.part #(table.name) {
            (headed(lang, &table.name, &format!("{}, {}", table.description.title.get(lang), words::caption::lower(&title)), html! { h3 { (title) } }))
            (body(lang, table, level, 4))
            (downloads(lang, edition.publication, &table.name))
            (facts::cite(lang, edition, &table.name, table.title.get(lang)))
        }
    }
}

/// Charts and table, with headings of this level.
fn body(lang: Lang, table: &Table, level: Level, headings: u8) -> Markup {
    html! {
        @if table.values.is_empty() {
            p { (lang.pick("Ingen cell kom över tröskeln.", "No cell came above the threshold.")) }
        } @else {
            (silent::table(lang, table, html! {
                div class=[chart::is_single(lang, table).then_some("pair")] {
                    div { (chart::charts(lang, table, headings)) }
                    div { (table::table(lang, table, level)) }
                }
            }))
        }
        (legend(lang, table, level))
        @if table.description.above.is_none() { (target::targets(lang, table, headings)) }
        (compare::comparison(lang, table, level, headings))
    }
}

/// What the marks and the intervals of a table mean, where the page has not said so for all tables.
fn legend(lang: Lang, table: &Table, level: Level) -> Markup {
    let full: usize = table.description.keys.iter().map(|key| key.codes.len()).product();
    let is_count = matches!(table.measure().map(|measure| &measure.formula), Some(Formula::Count { .. }));
    let explained = table.margin.is_none() || table.threshold.is_some();
    let marked = marks::legend(table.cells().filter_map(|cell| cell.grade), |grade| marks::meaning(lang, table, grade));
    let negative = is_count && table.cells().any(|cell| cell.is_open() && cell.value == Some(0));
    html! {
        @if !marked.is_empty() { p.small.soft { (marked) @if negative { " " (words::negative(lang)) } } }
        @if table.ordered { p.small.soft { (words::ordered(lang)) } }
        @if table.values.contains(&None) { p.small.soft { (explain::NONE) " " (words::nothing(lang)) "." } }
        @if explained {
            details.small {
                summary { (lang.pick("Vad intervallet omfattar", "What the interval covers")) }
                @for text in explain::interval(lang, table, level) { p.soft { (text) } }
            }
        }
        @if full > table.values.len() && table.threshold.is_none() {
            p.small.soft { (lang.pick("En tom ruta ingår inte i publiceringen.", "An empty cell is not part of the release.")) }
        }
    }
}

fn downloads(lang: Lang, publication: &Publication, stem: &str) -> Markup {
    let asked = publication.description.formats.iter().filter_map(|name| crate::format(name).ok());
    let files: Vec<String> = asked.flat_map(|format| format.downloads(stem)).collect();
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
