//! A release as the pages of the site show it: what its data sets say, or what its description says where there are none.

use std::fs;
use std::path::Path;

use maud::{Markup, html};

use super::Site;
use crate::dataset::outline::Outline;
use crate::{DATA_SETS, DESCRIPTION, Description, Settings, front, site};
use utfall_ground::text::{Lang, Text};

/// A release in the folder of pages.
#[derive(Debug)]
pub(super) struct ShownPages {
    /// Its name: its folder.
    pub(super) name: String,
    /// Its title.
    pub(super) title: Text,
    /// Whether the people are made up.
    pub(super) demonstration: bool,
    /// Its tables.
    pub(super) tables: Vec<ShownTable>,
    /// Its data sets in outline; none of what an earlier or a later version of this program published.
    pub(super) outline: Option<Outline>,
    /// Whether it has pages of its own.
    pages: bool,
}

/// A table of a release.
#[derive(Debug)]
pub(super) struct ShownTable {
    /// Where it stands on the page of its release.
    pub(super) anchor: String,
    /// What it shows.
    pub(super) title: Text,
}

impl ShownPages {
    /// A release that this program cannot read, one of a later version, is listed by its name.
    pub(super) fn read(out: &Path, name: String) -> Self {
        let folder = out.join(&name);
        let pages = folder.join(front::PAGE).is_file();
        let outline = fs::read(folder.join(DATA_SETS)).ok().and_then(|json| Outline::from_json(&json));
        let described = || fs::read(folder.join(DESCRIPTION)).ok().and_then(|json| Description::from_json(&json).ok());
        if let Some(outline) = outline {
            let (title, demonstration) = (outline.release.title.clone(), outline.release.demonstration);
            return Self { name, title, demonstration, tables: tables(&outline), outline: Some(outline), pages };
        }
        let (title, demonstration, tables) = match described() {
            Some(of) => {
                let table = |of: crate::TableDescription| ShownTable { anchor: of.name, title: of.title };
                (of.title, of.demonstration, of.tables.into_iter().map(table).collect())
            }
            None => (Text { sv: name.clone(), en: name.clone() }, false, Vec::new()),
        };
        Self { name, title, demonstration, tables, outline: None, pages }
    }

    /// The address of its page, from that of the site.
    pub(super) fn address(&self, lang: Lang) -> String {
        format!("{}/{}", self.name, if self.pages { site::page_name(lang) } else { "" })
    }

    /// The address of one of its tables; that of its folder if it has no pages.
    pub(super) fn table(&self, lang: Lang, anchor: &str) -> String {
        let page = self.address(lang);
        if self.pages { format!("{page}#{anchor}") } else { page }
    }

    /// The address of a data set.
    pub(super) fn set(&self, lang: Lang, set: &str) -> String {
        let anchor = self.outline.as_ref().map_or(set, |outline| outline.anchor(set));
        self.table(lang, anchor)
    }

    /// That its people are made up, where those of others are not: if all are, the page has said so.
    pub(super) fn made_up(&self, lang: Lang, site: &Site<'_>) -> Markup {
        let is_said = site.releases.iter().all(|release| release.demonstration);
        html! {
            @if self.demonstration && !is_said { p.small { em { (lang.pick("Påhittade människor.", "Made-up people.")) } } }
        }
    }

    /// The day on which its numbers were made, if that is known.
    pub(super) fn made(&self) -> Option<String> {
        Some(self.outline.as_ref()?.release.made?.day())
    }

    /// What is published next, and when: of a series the period, of another release nothing but the day that the site states.
    pub(super) fn next(&self, settings: &Settings) -> Option<(Option<String>, String)> {
        let series = self.outline.as_ref().and_then(|of| of.release.series.as_ref()?.next.clone());
        let stated = || settings.next.get(&self.name).map(|day| (None, day.clone()));
        series.map(|(period, day)| (Some(period), day)).or_else(stated)
    }
}

/// Each place on the page once: what is folded away below a computed table is no table of its own.
fn tables(outline: &Outline) -> Vec<ShownTable> {
    let mut found: Vec<ShownTable> = Vec::new();
    for set in &outline.sets {
        let anchor = outline.anchor(&set.name);
        if !found.iter().any(|table| table.anchor == anchor) {
            found.push(ShownTable { anchor: anchor.to_owned(), title: set.title.clone() });
        }
    }
    found
}
