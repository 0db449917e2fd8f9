//! All tables of all releases, from A to Ö, with links that stand: a list that a script narrows where it may run.

use maud::{Markup, html};

use super::Site;
use super::shown::{ShownPages, ShownTable};
use utfall_ground::text::Lang;

/// The script, in a file of its own: a page that may run nothing else cannot be made to.
pub(super) const FILE: &str = "search.js";

/// What it holds.
pub(super) const SCRIPT: &str = include_str!("search.js");

/// The list. The field to search in is shown by the script, which alone can do anything with it.
pub(super) fn tables(lang: Lang, site: &Site<'_>) -> Markup {
    let releases = site.releases.iter();
    let mut all: Vec<(&ShownPages, &ShownTable)> =
        releases.flat_map(|release| release.tables.iter().map(move |table| (release, table))).collect();
    all.sort_by_key(|(release, table)| (order(table.title.get(lang)), order(release.title.get(lang))));
    html! {
        section #tables {
            h2 { (lang.pick("Alla tabeller A–Ö", "All tables A–Z")) }
            @if all.is_empty() {
                p { (lang.pick("Ingen tabell är publicerad.", "No table is published.")) }
            } @else {
                div #search hidden {
                    label for="words" { (lang.pick("Sök bland tabellerna", "Search the tables")) }
                    " " input #words type="search" autocomplete="off";
                    " " output for="words" {}
                }
                ul.tables #table-list {
                    @for (release, table) in all {
                        li {
                            a href=(release.table(lang, &table.anchor)) { (table.title.get(lang)) }
                            " " span.soft { (release.title.get(lang)) }
                        }
                    }
                }
            }
        }
    }
}

/// What a title is sorted by: Swedish letters stand after z, in the order å, ä, ö.
fn order(title: &str) -> String {
    let letter = |c: char| match c {
        'å' => '\u{f8f0}',
        'ä' => '\u{f8f1}',
        'ö' => '\u{f8f2}',
        other => other,
    };
    title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == ' ').map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swedish_letters_stand_last_and_quotation_marks_do_not_count() {
        let mut titles = ["Östersund", "\"Zon\"", "Ängelholm", "alla", "Åre", "Borås"];
        titles.sort_by_key(|title| order(title));
        assert_eq!(titles, ["alla", "Borås", "\"Zon\"", "Åre", "Ängelholm", "Östersund"]);
    }
}
