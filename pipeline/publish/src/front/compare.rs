//! Places side by side: what they were compared by, each with an interval, and which of them can be told apart. It ranks nothing: places
//! stand in the order of their list, and where none can be told from another that is a sentence.

use maud::{Markup, html};

use super::frame::{Page, frame};
use super::shown::ShownPages;
use super::strip::{Axis, strip};
use super::{Site, regions};
use crate::dataset::comparison::ComparisonFacts;
use crate::dataset::place::{PlaceFacts, counted};
use crate::estimate::reliability::Grade;
use crate::explain::{self, marks};
use utfall_ground::text::Lang;

/// So many pairs are shown: more are no list that anybody reads.
const MOST_PAIRS: usize = 10;

/// Comparisons of the same places in one release: one table, a column for each.
struct Matrix<'s> {
    release: &'s ShownPages,
    columns: Vec<&'s ComparisonFacts>,
}

/// The tables of a site, in the order of its releases.
fn matrices<'s>(site: &'s Site<'_>) -> Vec<Matrix<'s>> {
    let mut found: Vec<Matrix<'s>> = Vec::new();
    for release in &site.releases {
        for facts in release.outline.iter().flat_map(|outline| &outline.comparisons) {
            let is_same = |of: &&mut Matrix<'s>| of.release.name == release.name && of.has_places_of(facts);
            match found.iter_mut().find(is_same) {
                Some(matrix) => matrix.columns.push(facts),
                None => found.push(Matrix { release, columns: vec![facts] }),
            }
        }
    }
    found
}

impl Matrix<'_> {
    fn has_places_of(&self, other: &ComparisonFacts) -> bool {
        let codes = |of: &ComparisonFacts| of.places.iter().map(|place| place.code.clone()).collect::<Vec<_>>();
        self.columns.first().is_some_and(|first| first.of == other.of && codes(first) == codes(other))
    }
}

/// The map of regions on the front page, if some table has a number of each; the others are on the page of comparisons.
pub(super) fn map(lang: Lang, site: &Site<'_>) -> Markup {
    let Some((release, facts)) = regions::first(site) else { return html! {} };
    html! {
        section aria-labelledby="map" {
            h2 #map { (lang.pick("På kartan", "On the map")) }
            p { a href=(release.set(lang, &facts.set)) { (facts.title.get(lang)) } ", " (release.title.get(lang)) }
            (regions::map(lang, facts))
        }
    }
}

/// The page.
pub(super) fn page(lang: Lang, site: &Site<'_>) -> Vec<u8> {
    let matrices = matrices(site);
    let main = html! {
        @if matrices.is_empty() {
            p { (lang.pick("Ingen publicering jämför några ställen.", "No release compares any places.")) }
        } @else {
            p { (what(lang)) }
            p.promise { (no_effect(lang)) }
            @for matrix in &matrices { (section(lang, site, matrix)) }
        }
        @for release in &site.releases { @for facts in regions::of(release) { (mapped(lang, release, facts)) } }
    };
    frame(lang, site, Page::Compare, lang.pick("Vilka går att skilja åt?", "Which can be told apart?"), &main)
}

fn what(lang: Lang) -> &'static str {
    lang.pick(
        "Varje tal står med ett intervall som är så brett att alla i samma spalt gäller samtidigt. Två rader går att skilja åt när deras \
         intervall inte möts. Möts de säger sidan inte vilken som är störst. Ordningen är listornas, ingen rangordning.",
        "Every number stands with an interval so wide that all of its column hold at once. Two rows can be told apart when their intervals \
         do not meet. Where they meet the page does not say which is larger. The order is that of the lists, no ranking.",
    )
}

fn no_effect(lang: Lang) -> &'static str {
    lang.pick(
        "En skillnad är ingen effekt. Det var olika människor som räknades (ålder, hälsa, tidigare erfarenhet), och det kan ensamt \
         förklara den.",
        "A difference is no effect. Different people were counted (age, health, earlier experience), which alone may explain it.",
    )
}

fn section(lang: Lang, site: &Site<'_>, matrix: &Matrix<'_>) -> Markup {
    let Some(first) = matrix.columns.first() else { return html! {} };
    let caption = format!("{}-{}", matrix.release.name, first.set);
    let axes: Vec<Axis> = matrix.columns.iter().map(|of| Axis::over(of.places.iter().map(|place| &place.number))).collect();
    html! {
        section {
            h2 #(caption) {
                (first.of.get(lang)) ": "
                a href=(matrix.release.address(lang)) { (matrix.release.title.get(lang)) }
            }
            (matrix.release.made_up(lang, site))
            div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
                table.compare aria-labelledby=(caption) {
                    thead {
                        tr {
                            th.key scope="col" { (first.of.get(lang)) }
                            @for of in &matrix.columns {
                                th.text scope="col" {
                                    a href=(matrix.release.set(lang, &of.set)) { (of.title.get(lang)) }
                                    " " span.soft { (of.measure.get(lang)) }
                                }
                            }
                        }
                    }
                    tbody {
                        @for (at, place) in first.places.iter().enumerate() {
                            tr {
                                th.key scope="row" { (place.label.get(lang)) }
                                @for (of, axis) in matrix.columns.iter().zip(&axes) {
                                    @if let Some(place) = of.places.get(at) { (cell(lang, *axis, place)) }
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(of) = matrix.columns.iter().find(|of| of.nothing.is_none()) { p.small.soft { (of.holds.get(lang)) } }
            @for of in &matrix.columns { (apart(lang, of, matrix.columns.len() > 1)) }
        }
    }
}

/// A number that says nothing is grey, and says so.
fn cell(lang: Lang, axis: Axis, place: &PlaceFacts) -> Markup {
    let mark = place.grade.and_then(|grade| Some((marks::symbol(grade)?, marks::short(lang, grade)?)));
    let is_open = place.grade.is_none_or(|grade| grade == Grade::Open);
    html! {
        td class=(if is_open { "text open" } else { "text" }) {
            @if let Some((symbol, means)) = mark { span.mark role="img" aria-label=(means) title=(means) { (symbol) } " " }
            @if is_open { (place.number.text.get(lang)) } @else { strong { (place.number.text.get(lang)) } }
            " " small {
                @match &place.number.between {
                    Some(between) => (between.get(lang)),
                    None => (marks::short(lang, Grade::Open).unwrap_or(explain::NONE)),
                }
            }
            (strip(axis, &place.number, place.grade, None))
        }
    }
}

/// Which places of a column can be told apart: a sentence where none can.
fn apart(lang: Lang, of: &ComparisonFacts, several: bool) -> Markup {
    html! {
        @if several { h3 { (of.title.get(lang)) } }
        @if let Some(nothing) = &of.nothing {
            p { (nothing.get(lang)) }
        } @else {
            ul {
                @for pair in of.differences.iter().take(MOST_PAIRS) { li { (pair.told.get(lang)) } }
                @if let Some(more) = of.differences.len().checked_sub(MOST_PAIRS).filter(|more| *more > 0) { li { (more_pairs(lang, more)) } }
            }
        }
    }
}

fn more_pairs(lang: Lang, more: usize) -> String {
    crate::site::words::comparing::more_pairs(lang, more)
}

fn mapped(lang: Lang, release: &ShownPages, facts: &crate::dataset::comparison::RegionFacts) -> Markup {
    let caption = format!("{}-{}-map", release.name, facts.set);
    html! {
        section {
            h2 #(caption) { (lang.pick("Regionerna: ", "The regions: ")) a href=(release.set(lang, &facts.set)) { (facts.title.get(lang)) } }
            p { (release.title.get(lang)) ". " (facts.measure.get(lang)) ". " (counted_of(lang, facts.places.len())) }
            (regions::map(lang, facts))
        }
    }
}

/// Of how many regions there is a number.
fn counted_of(lang: Lang, places: usize) -> String {
    let (places, all) = (counted(lang, places), counted(lang, crate::dataset::comparison::REGIONS.len()));
    lang.pick(format!("Tal för {places} av {all} regioner."), format!("Numbers of {places} of {all} regions."))
}
