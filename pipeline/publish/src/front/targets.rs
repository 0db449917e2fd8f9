//! All targets of all releases: what was promised, what became of it, and how surely that can be said.

use maud::{Markup, html};

use super::Site;
use super::frame::{Page, frame};
use super::shown::ShownPages;
use super::strip::{Axis, Band, strip};
use crate::dataset::place::{Shown, counted};
use crate::dataset::target::TargetFacts;
use crate::estimate::reliability::Grade;
use crate::estimate::target::{Kind, PROBABLE, Verdict};
use crate::explain;
use crate::site::number::decimal;
use utfall_ground::text::{Lang, Text};

/// How many targets are reached, are not, and leave that open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    reached: usize,
    not: usize,
    open: usize,
}

impl Tally {
    fn of<'t>(targets: impl Iterator<Item = &'t TargetFacts>) -> Self {
        targets.fold(Self::default(), |mut tally, target| {
            match target.verdict {
                Verdict::Met | Verdict::ProbablyMet => tally.reached += 1,
                Verdict::NotMet | Verdict::ProbablyNot => tally.not += 1,
                Verdict::CannotBeTold => tally.open += 1,
            }
            tally
        })
    }

    fn all(self) -> usize {
        self.reached + self.not + self.open
    }
}

/// The releases that have targets, each with them.
fn tracked<'s>(site: &'s Site<'_>) -> impl Iterator<Item = (&'s ShownPages, &'s [TargetFacts])> {
    let all = site.releases.iter().filter_map(|release| Some((release, release.outline.as_ref()?.targets.as_slice())));
    all.filter(|(_, targets)| !targets.is_empty())
}

fn tally(site: &Site<'_>) -> Tally {
    Tally::of(tracked(site).flat_map(|(_, targets)| targets))
}

/// How many are reached, for the front page.
pub(super) fn glance(lang: Lang, site: &Site<'_>) -> Markup {
    let tally = tally(site);
    html! {
        @if tally.all() > 0 {
            section aria-labelledby="targets" {
                h2 #targets { (lang.pick("Mål", "Targets")) }
                (told(lang, tally))
                p.small { a href=(Page::Targets.file(lang)) { (lang.pick("Alla mål, ett för ett", "All targets, one by one")) } }
            }
        }
    }
}

/// The three counts, as a list.
fn told(lang: Lang, tally: Tally) -> Markup {
    let rows = [
        (tally.reached, Verdict::Met, lang.pick("nådda eller troligen nådda", "reached or probably reached")),
        (tally.not, Verdict::NotMet, lang.pick("inte nådda eller troligen inte", "not reached or probably not")),
        (tally.open, Verdict::CannotBeTold, lang.pick("går inte att säga", "cannot be told")),
    ];
    html! {
        ul.tally {
            @for (count, verdict, words) in rows {
                li class=(class(verdict)) {
                    span.sign aria-hidden="true" { (sign(verdict)) } " " strong { (counted(lang, count)) } " " (words)
                }
            }
        }
    }
}

/// The page.
pub(super) fn page(lang: Lang, site: &Site<'_>) -> Vec<u8> {
    let tally = tally(site);
    let main = html! {
        @if tally.all() == 0 {
            p { (lang.pick("Ingen publicering har mål att hålla sina tal mot.", "No release has targets to hold its numbers against.")) }
        } @else {
            p { (lang.pick("Vad som utlovades i det offentliga registret, och vad det blev.", "What was promised in the public register, and what became of it.")) }
            (told(lang, tally))
            p.small.soft { (how(lang)) }
            @for (release, targets) in tracked(site) { (section(lang, site, release, targets)) }
        }
    };
    frame(lang, site, Page::Targets, lang.pick("Mål: utlovat och nått", "Targets: promised and reached"), &main)
}

/// What verdict, probability and drawing mean.
fn how(lang: Lang) -> String {
    let probable = decimal(lang, PROBABLE, 2);
    match lang {
        Lang::Sv => format!(
            "Ja och nej sägs när hela brusintervallet ligger innanför eller utanför målet, troligen från sannolikheten {probable}, och annars \
             att det inte går att säga. Sannolikheten gäller bara bruset, inte slumpen i vilka som deltog, och inget av det säger varför det \
             blev så. Punkten är talet, strecket dess brusintervall, det skuggade det som utlovades."
        ),
        Lang::En => format!(
            "Yes and no are said when the whole noise interval lies within or outside the target, probably from a probability of {probable}, \
             and otherwise that it cannot be told. The probability is about the noise alone, not about chance in who took part, and nothing \
             here says why it became so. The dot is the number, the line its noise interval, the shaded part what was promised."
        ),
    }
}

fn section(lang: Lang, site: &Site<'_>, release: &ShownPages, targets: &[TargetFacts]) -> Markup {
    let caption = format!("targets-{}", release.name);
    html! {
        section {
            h2 #(caption) { a href=(release.address(lang)) { (release.title.get(lang)) } }
            (release.made_up(lang, site))
            div.scroll tabindex="0" role="group" aria-labelledby=(caption) {
                table.targets aria-labelledby=(caption) {
                    thead {
                        tr {
                            th.key scope="col" { (lang.pick("Mål", "Target")) }
                            th.text scope="col" { (lang.pick("Uppnått?", "Met?")) }
                            th scope="col" { (lang.pick("Utlovat", "Promised")) }
                            th scope="col" { (lang.pick("Talet", "The number")) }
                            td.drawn {}
                            th scope="col" { (lang.pick("Sannolikhet", "Probability")) }
                        }
                    }
                    tbody { @for target in targets { (row(lang, release, target)) } }
                }
            }
        }
    }
}

fn row(lang: Lang, release: &ShownPages, of: &TargetFacts) -> Markup {
    let words = &of.words;
    html! {
        tr {
            th.key scope="row" {
                a href=(release.set(lang, &of.set)) { (of.target.title.get(lang)) }
                @if let Some(row) = &of.row { " " span.soft { (row.get(lang)) } }
            }
            td class=(format!("text verdict {}", class(of.verdict))) { span.sign aria-hidden="true" { (sign(of.verdict)) } " " (words.told.get(lang)) }
            td { (words.promised.get(lang)) @if let Some(within) = &words.tolerance { " " small.range { (within.get(lang)) } } }
            td { (words.number.get(lang)) }
            td.drawn { (drawn(of)) }
            td { (words.probability.as_ref().map_or(explain::NONE, |of| of.get(lang))) }
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met | Verdict::ProbablyMet => "yes",
        Verdict::NotMet | Verdict::ProbablyNot => "no",
        Verdict::CannotBeTold => "maybe",
    }
}

/// A verdict at a glance, beside the word.
fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met | Verdict::ProbablyMet => "✓",
        Verdict::NotMet | Verdict::ProbablyNot => "✗",
        Verdict::CannotBeTold => "?",
    }
}

/// The number on a line with what was promised: of shares from none to all, of all else from zero to a little beyond.
fn drawn(of: &TargetFacts) -> Markup {
    let text = || Text { sv: String::new(), en: String::new() };
    let number = Shown { value: of.value.clone(), ends: of.ends.clone(), text: text(), between: None };
    let promised = of.target.promised();
    let unit = if of.target.kind == Kind::Share { 100.0 } else { 1.0 };
    let [least, most] = [promised.low, promised.high].map(|end| end.map(|end| end as f64 / unit));
    let axis = match of.target.kind {
        Kind::Share => Axis::new(0.0, 1.0),
        Kind::Count | Kind::Mean => {
            let ends = number.ends.as_ref().map(|(low, high)| [low.to_f64(), high.to_f64()]);
            let all = ends.into_iter().flatten().chain(number.value.as_ref().map(|of| of.to_f64())).chain(least).chain(most);
            let (low, high) = all.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
            Axis::new(low, high * 1.1)
        }
    };
    // A verdict is as firm as it is said; the number itself has its grade on the page of its table.
    let grade = if of.verdict == Verdict::CannotBeTold { Grade::Rough } else { Grade::Firm };
    let band: Option<Band> = (least.is_some() || most.is_some()).then_some((least, most));
    strip(axis, &number, Some(grade), band)
}
