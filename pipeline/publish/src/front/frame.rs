//! The frame of the pages of the site: the name of the site, the way between its pages, who publishes.

use maud::{Markup, html};

use super::{PAGE, Site};
use crate::site::{self, Frame};
use utfall_ground::text::Lang;

/// What only these pages look like.
const STYLE: &str = include_str!("style.css");

/// A page of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// What there is.
    Home,
    /// What was promised, and what became of it.
    Targets,
    /// Which places can be told apart.
    Compare,
    /// What has been spent of the privacy of every person.
    Privacy,
    /// What is other here than elsewhere.
    Before,
}

impl Page {
    /// All of them, in the order of the navigation.
    pub(super) const ALL: [Self; 5] = [Self::Home, Self::Targets, Self::Compare, Self::Privacy, Self::Before];

    /// Its file.
    pub(super) fn file(self, lang: Lang) -> &'static str {
        match self {
            Self::Home => lang.pick(PAGE, "en.html"),
            Self::Targets => lang.pick("targets.html", "targets-en.html"),
            Self::Compare => lang.pick("compare.html", "compare-en.html"),
            Self::Privacy => lang.pick("privacy.html", "privacy-en.html"),
            Self::Before => lang.pick("before-and-now.html", "before-and-now-en.html"),
        }
    }

    /// What it is called in the navigation.
    pub(super) fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Home => lang.pick("Publiceringar", "Releases"),
            Self::Targets => lang.pick("Mål", "Targets"),
            Self::Compare => lang.pick("Jämförelser", "Comparisons"),
            Self::Privacy => lang.pick("Integritetskonto", "Privacy account"),
            Self::Before => lang.pick("Förr och nu", "Before and now"),
        }
    }
}

/// What the site is called.
pub(super) fn name<'s>(lang: Lang, site: &'s Site<'_>) -> &'s str {
    let own = site.settings.title.as_ref().map(|title| title.get(lang));
    own.unwrap_or_else(|| lang.pick("Publicerad statistik", "Published statistics"))
}

/// A whole page, with its heading.
pub(super) fn frame(lang: Lang, site: &Site<'_>, page: Page, heading: &str, main: &Markup) -> Vec<u8> {
    let name = name(lang, site);
    let title = if page == Page::Home { name.to_owned() } else { format!("{heading} – {name}") };
    let body = html! {
        a.skip href="#main" { (lang.pick("Hoppa till innehållet", "Skip to the content")) }
        header.site {
            @if page != Page::Home { p.name { a href=(Page::Home.file(lang)) { (name) } } }
            (navigation(lang, page))
        }
        main #main {
            h1 { (heading) }
            @if site.releases.iter().any(|release| release.demonstration) && page != Page::Before {
                p.made-up role="note" { strong { (made_up(lang, site)) } }
            }
            (main)
        }
        (footer(lang, site))
    };
    let script = (page == Page::Home).then_some(super::search::FILE);
    site::framed(lang, &title, &body, Frame { style: STYLE, script, ..Frame::default() })
}

/// That nobody in some of the data, or in all of it, exists.
fn made_up(lang: Lang, site: &Site<'_>) -> &'static str {
    if site.releases.iter().all(|release| release.demonstration) {
        lang.pick("Demonstration: människorna i siffrorna är påhittade.", "Demonstration: the people in the numbers are made up.")
    } else {
        lang.pick(
            "Några publiceringar är demonstrationer med påhittade människor. Det står vid dem.",
            "Some releases are demonstrations with made-up people. It says so beside them.",
        )
    }
}

fn navigation(lang: Lang, here: Page) -> Markup {
    let other = lang.pick(Lang::En, Lang::Sv);
    html! {
        nav.screen aria-label=(lang.pick("Webbplatsens sidor", "Pages of the site")) {
            ul.pages {
                @for page in Page::ALL {
                    li { a href=(page.file(lang)) aria-current=[(page == here).then_some("page")] { (page.label(lang)) } }
                }
                li.language {
                    a href=(here.file(other)) lang=(other.tag()) hreflang=(other.tag()) rel="alternate" {
                        (other.pick("På svenska", "In English"))
                    }
                }
            }
        }
    }
}

/// Who publishes, whom to ask and what readers may do with the files; nothing where the site says nothing of it.
fn footer(lang: Lang, site: &Site<'_>) -> Markup {
    let of = site.settings;
    if of.publisher.is_none() && of.contact.is_none() && of.licence.is_none() {
        return html! {};
    }
    html! {
        footer.site {
            @if let Some(publisher) = &of.publisher {
                p { (lang.pick("Utgivare: ", "Published by ")) a href=(publisher.url) { (publisher.name.get(lang)) } }
            }
            @if let Some(contact) = &of.contact {
                p {
                    (lang.pick("Frågor: ", "Questions: ")) (contact.name.get(lang)) ", "
                    a href=(format!("mailto:{}", contact.email)) { (contact.email) }
                    @if let Some(phone) = &contact.phone { ", " (phone) }
                }
            }
            @if let Some(licence) = &of.licence {
                p { (lang.pick("Licens: ", "Licence: ")) a href=(licence.url) rel="license" { (licence.name) } }
            }
        }
    }
}
