//! The first sheet: what the workbook is, who made it, how to refer to it, and where its tables are.

use super::{CONTENTS, Cell, Notes, Sheet, Style, Target, both, text};
use crate::Edition;
use crate::dataset::pack::ReleaseFacts;
use crate::settings::Settings;
use utfall_ground::text::{Lang, Text};

pub(super) fn sheet(edition: Edition<'_>) -> Sheet {
    let (release, settings) = (&edition.pack.release, edition.settings);
    let mut notes = Notes(vec![vec![Cell::text(both(&release.title), Style::Title)], Vec::new()]);
    if release.demonstration {
        let made_up = text(
            "Deltagarna är påhittade. Talen säger ingenting om verkliga människor.",
            "The participants are made up. The numbers say nothing of real people.",
        );
        notes.said("Obs · Note", made_up);
    }
    if let Some(about) = &release.about {
        notes.said("Om · About", about.clone());
    }
    facts(&mut notes, release, settings);
    notes.heading("Tabeller · Tables", &text("På svenska", "In English"));
    for (at, set) in edition.pack.sets.iter().enumerate() {
        let link = |lang| Cell::link(set.title.get(lang), Target::Sheet(at + 1));
        notes.0.push(vec![Cell::text((at + 1).to_string(), Style::Label), link(Lang::Sv), link(Lang::En)]);
    }
    let last = edition.pack.sets.len() + 1;
    let method =
        ["Metod: hur talen är gjorda", "Method: how the numbers are made"].map(|text| Cell::link(text, Target::Sheet(last)));
    notes.0.push([vec![Cell::text("Metod · Method", Style::Label)], method.to_vec()].concat());
    notes.sheet(CONTENTS)
}

fn facts(notes: &mut Notes, release: &ReleaseFacts, settings: &Settings) {
    if let Some(publisher) = &settings.publisher {
        notes.web("Utgivare · Publisher", &both(&publisher.name), &publisher.url);
    }
    if let Some(contact) = &settings.contact {
        let phone = contact.phone.iter().map(String::as_str);
        let parts: Vec<&str> = std::iter::once(contact.email.as_str()).chain(phone).collect();
        notes.same("Kontakt · Contact", &format!("{}, {}", both(&contact.name), parts.join(", ")));
    }
    if let Some(made) = release.made {
        notes.same("Framställd · Made", &made.day());
    }
    notes.same("Version", &release.id);
    if let Some(licence) = &settings.licence {
        notes.web("Licens · Licence", &licence.name, &licence.url);
    }
    if let Some(address) = address(release, settings) {
        notes.web("Adress · Address", &address, &address);
    }
    let cited = Text { sv: cited(Lang::Sv, release, settings), en: cited(Lang::En, release, settings) };
    notes.said("Så hänvisar du · How to cite", cited);
}

/// Where the release is on the web, if the site has an address.
fn address(release: &ReleaseFacts, settings: &Settings) -> Option<String> {
    settings.base.as_ref().map(|base| format!("{base}{}/", release.name))
}

/// How to refer to the release: who, when, what, which version and where, as far as it is known.
fn cited(lang: Lang, release: &ReleaseFacts, settings: &Settings) -> String {
    let year = release.made.and_then(|made| made.day().split('-').next().map(|year| format!(" ({year})"))).unwrap_or_default();
    let title = format!("{} [{}]", release.title.get(lang), lang.pick("datamängd", "data set"));
    let id: String = release.id.chars().take(8).collect();
    let version = match release.made {
        Some(made) => format!("Version {}, {id}", made.day()),
        None => format!("Version {id}"),
    };
    let parts = match &settings.publisher {
        Some(publisher) => vec![format!("{}{year}", publisher.name.get(lang)), title, version],
        None => vec![format!("{title}{year}"), version],
    };
    let address = address(release, settings).map(|address| format!(" {address}")).unwrap_or_default();
    format!("{}.{address}", parts.join(". "))
}
