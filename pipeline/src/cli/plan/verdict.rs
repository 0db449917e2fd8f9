//! What `utfall plan` says first: which tables will say something, and what to do with the others before money is spent on them.

use super::figures::{number, short};
use super::worth::Column;
use crate::catalogue::schema::Catalogue;
use crate::cli::terminal::{Terminal, tell};
use crate::release::CheckedRelease;
use crate::release::preview::{Outlook, Prospect, Told, Way, ways};
use crate::release::sizes::{People, Size};
use utfall_ground::text::Message;

/// Prints the verdict on a release.
pub(super) fn told(prospect: &Prospect<'_>, outlooks: &[Outlook<'_>], catalogue: &Catalogue, tail: f64, terminal: Terminal) {
    let silent: Vec<&Outlook<'_>> = outlooks.iter().filter(|outlook| outlook.told() == Told::Nothing).collect();
    let (all, say, people) = (outlooks.len(), outlooks.len() - silent.len(), people(outlooks, terminal));
    let verdict = match (say, all) {
        (_, 1) if say == 1 => {
            terminal.say("dess enda tabell kommer att säga något".into(), "its only table will say something".into())
        }
        (_, 1) => terminal.say("dess enda tabell kommer inte att säga något".into(), "its only table will say nothing".into()),
        (0, _) => terminal
            .say(format!("ingen av {all} tabeller kommer att säga något"), format!("none of {all} tables will say anything")),
        (2, 2) => terminal.say("båda tabellerna kommer att säga något".into(), "both tables will say something".into()),
        _ if say == all => {
            terminal.say(format!("alla {all} tabeller kommer att säga något"), format!("all {all} tables will say something"))
        }
        _ => terminal
            .say(format!("av {all} tabeller kommer {say} att säga något"), format!("of {all} tables {say} will say something")),
    };
    if all == 0 {
        return;
    }
    tell!(terminal, "  {}: {verdict}{people}", terminal.say("UTLÅTANDE", "VERDICT"));
    if !silent.is_empty() {
        tell!(
            terminal,
            "  {}",
            terminal.say(
                "avråds, för över 80 % av talen i dem skulle märkas u (otillförlitligt):",
                "advised against, for over 80 % of their numbers would be marked u (unreliable):"
            )
        );
        let now = prospect.epsilon();
        for outlook in silent {
            let ways = ways(prospect, outlook, catalogue, tail);
            let told = ways.iter().map(|way| told_way(way, outlook, now, terminal));
            let told: Vec<String> = clamp(outlook, catalogue, terminal).into_iter().chain(told).collect();
            tell!(terminal, "    {}: {}", outlook.table.query.name, told.join(terminal.say(", eller ", ", or ")));
        }
    }
    tell!(
        terminal,
        "  {}",
        terminal.say(
            "(räknat som om alla planerade deltog, i celler som är så olika stora som slumpen gör dem)",
            "(reckoned as if all who are planned took part, in cells as unequal as chance makes them)"
        )
    );
    usual(outlooks, terminal);
}

/// The same in one line, of those advised against alone; none where there are none.
pub(super) fn advice(checked: &CheckedRelease, outlooks: &[Outlook<'_>]) -> Option<Message> {
    let silent = outlooks.iter().filter(|outlook| outlook.told() == Told::Nothing);
    let names: Vec<&str> = silent.map(|outlook| outlook.table.query.name.as_str()).collect();
    let (release, all, few, names) = (&checked.release.name, outlooks.len(), names.len(), names.join(", "));
    (few > 0).then(|| {
        Message::new(
            format!("{release}: väntas inte säga något: {names} ({few} av {all} tabeller); utfall plan {release} säger vad som hjälper"),
            format!("{release}: expected to say nothing: {names} ({few} of {all} tables); utfall plan {release} says what helps"),
        )
    })
}

/// For how many people the verdict is.
fn people(outlooks: &[Outlook<'_>], terminal: Terminal) -> String {
    let all = |named: bool| {
        let sizes = outlooks.iter().flat_map(|outlook| &outlook.sizes.projects);
        sizes.filter(move |size| size.label.is_some() == named).map(|size| size.people.number())
    };
    let count = |number: u64| number_of(number, terminal);
    let projects = match (all(true).min(), all(true).max()) {
        (Some(low), Some(high)) if low < high => {
            let (low, high) = (count(low), count(high));
            Some(terminal.say(format!("projekt med {low}–{high} deltagare"), format!("projects of {low}–{high} participants")))
        }
        (Some(size), _) => {
            let size = count(size);
            Some(terminal.say(format!("ett projekt med {size} deltagare"), format!("a project of {size} participants")))
        }
        _ => None,
    };
    let everybody = all(false).max().map(|everybody| {
        let everybody = count(everybody);
        terminal.say(format!("{everybody} personer i allt"), format!("{everybody} people in all"))
    });
    let both: Vec<String> = projects.into_iter().chain(everybody).collect();
    match both.as_slice() {
        [] => String::new(),
        both => format!(", {} {}", terminal.say("för", "for"), both.join(terminal.say(" och ", " and "))),
    }
}

fn number_of(people: u64, terminal: Terminal) -> String {
    number(people as f64, 0, terminal)
}

/// Tells of projects that state no number, and of what is reckoned with for them.
fn usual(outlooks: &[Outlook<'_>], terminal: Terminal) {
    let mut names: Vec<&str> = Vec::new();
    let mut reckoned = None;
    for Size { label, people, .. } in outlooks.iter().flat_map(|outlook| &outlook.sizes.projects) {
        let (Some(label), People::Usual(usual)) = (label, people) else { continue };
        let name = label.get(terminal.lang());
        if !names.contains(&name) {
            names.push(name);
        }
        reckoned = Some(number_of(*usual, terminal));
    }
    if let Some(reckoned) = reckoned {
        let names = names.join(", ");
        tell!(
            terminal,
            "  {}",
            terminal.say(
                format!("{names}: planerade deltagare saknas; räknat med {reckoned}, som andra brukar ha; --assume N säger annat"),
                format!("{names}: planned participants are not stated; reckoned with {reckoned}, as others usually have; --assume N says another"),
            )
        );
    }
}

/// A way out in words.
fn told_way(way: &Way, outlook: &Outlook<'_>, epsilon: f64, terminal: Terminal) -> String {
    let name =
        |key: &usize| outlook.table.answer.certified.grid().keys.get(*key).map_or_else(String::new, |key| key.name.clone());
    match way {
        Way::Merge { key, by: Some(by), .. } => {
            let (key, by) = (name(key), by.title.get(terminal.lang()).to_lowercase());
            terminal.say(format!("ta {by} i stället för {key}"), format!("take {by} in place of {key}"))
        }
        Way::Merge { key, to: 1, .. } => {
            let key = name(key);
            terminal.say(format!("utelämna nyckeln {key}"), format!("leave the key {key} out"))
        }
        Way::Merge { key, to, .. } => {
            let key = name(key);
            terminal.say(format!("slå ihop {key} till {to} koder"), format!("merge {key} to {to} codes"))
        }
        Way::Epsilon(times) => {
            let needed = short(epsilon * times * 1.02, terminal);
            terminal.say(format!("omkring epsilon {needed}"), format!("about epsilon {needed}"))
        }
        Way::Drop => terminal.say("ta bort den", "drop it").to_owned(),
    }
}

/// What to clamp in a table whose means can be off by more than is possible.
fn clamp(outlook: &Outlook<'_>, catalogue: &Catalogue, terminal: Terminal) -> Option<String> {
    let people = outlook.people();
    let wide = outlook.statistics.iter().find(|of| of.is_wider_than_possible(people))?;
    let name = Column::of(outlook, wide, catalogue, terminal).name;
    Some(terminal.say(format!("begränsa {name} till ett snävare intervall"), format!("clamp {name} to a narrower range")))
}
