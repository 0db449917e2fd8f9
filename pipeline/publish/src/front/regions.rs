//! Regions of Sweden as a map of tiles: one square for each, where it lies. It is drawn by ourselves, so that no licence comes with it,
//! and small regions have as much room for their number as large ones.

use maud::{Markup, html};

use super::Site;
use super::shown::ShownPages;
use super::strip::{Axis, ink, strip};
use crate::dataset::comparison::{REGIONS, RegionFacts};
use crate::dataset::place::PlaceFacts;
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use utfall_ground::text::{Lang, Text};

/// The first map of a site, if it has one.
pub(super) fn first<'s>(site: &'s Site<'_>) -> Option<(&'s ShownPages, &'s RegionFacts)> {
    site.releases.iter().find_map(|release| Some((release, release.outline.as_ref()?.regions.first()?)))
}

/// All maps of a release.
pub(super) fn of(release: &ShownPages) -> &[RegionFacts] {
    release.outline.as_ref().map_or(&[], |outline| outline.regions.as_slice())
}

/// The map, in the order in which one reads: from the north to the south. A list to those who hear it.
pub(super) fn map(lang: Lang, facts: &RegionFacts) -> Markup {
    let axis = Axis::over(facts.places.iter().map(|place| &place.number));
    let place = |code: &str| facts.places.iter().find(|place| place.code == code);
    html! {
        ul.tiles {
            @for code in REGIONS.iter().rev() {
                @match place(code) {
                    Some(place) => li class=(format!("{code} {}", ink(place.grade))) { (tile(lang, axis, place)) },
                    None => li class=(format!("{code} none")) {
                        span.region { (name(code).get(lang)) }
                        " " span.small { (lang.pick("ingen uppgift", "no number")) }
                    },
                }
            }
        }
        p.small.soft { (legend(lang)) }
    }
}

fn tile(lang: Lang, axis: Axis, place: &PlaceFacts) -> Markup {
    let mark = place.grade.and_then(|grade| Some((marks::symbol(grade)?, marks::short(lang, grade)?)));
    html! {
        span.region { (place.label.get(lang)) } " "
        span.value {
            @if let Some((symbol, means)) = mark { span.mark role="img" aria-label=(means) title=(means) { (symbol) } " " }
            strong { (place.number.text.get(lang)) }
        }
        @if let Some(between) = &place.number.between { " " span.small { (between.get(lang)) } }
        (strip(axis, &place.number, place.grade, None))
    }
}

/// What the shades mean: how far a number can be relied on, and not how large it is.
fn legend(lang: Lang) -> String {
    let [rough, open] = [Grade::Rough, Grade::Open].map(|grade| marks::symbol(grade).unwrap_or_default());
    match lang {
        Lang::Sv => format!(
            "Färgen säger hur säkert talet är, inte hur stort det är: starkt färgad ruta, läs talet som det står; svagt färgad \
             ruta och {rough}, läs intervallet; ofärgad ruta och {open}, talet säger ingenting. Linjerna har samma skala. Rutorna ligger ungefär där regionerna ligger."
        ),
        Lang::En => format!(
            "The colour says how sure a number is, not how large: in a strongly coloured square read the number as it stands; in a faint one \
             with {rough} read the interval; in one without colour and with {open} the number says nothing. The lines have one scale. The squares lie \
             about where the regions lie."
        ),
    }
}

/// The names of the regions, for those that have no number.
fn name(code: &str) -> Text {
    let (sv, en) = match code {
        "SE11" => ("Stockholm", "Stockholm"),
        "SE12" => ("Östra Mellansverige", "East Middle Sweden"),
        "SE21" => ("Småland med öarna", "Småland and the islands"),
        "SE22" => ("Sydsverige", "South Sweden"),
        "SE23" => ("Västsverige", "West Sweden"),
        "SE31" => ("Norra Mellansverige", "North Middle Sweden"),
        "SE32" => ("Mellersta Norrland", "Middle Norrland"),
        "SE33" => ("Övre Norrland", "Upper Norrland"),
        other => (other, other),
    };
    Text { sv: sv.to_owned(), en: en.to_owned() }
}
