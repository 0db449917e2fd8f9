//! Targets: what was promised, what became of it, and how surely that can be said.

use maud::{Markup, html};

use super::number::{fixed, integer, percent};
use crate::Table;
use crate::estimate::target::{Distance, Kind, PROBABLE, Target, Tracked, Verdict};
use crate::explain;
use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

/// The targets of a table, each with its verdict, its number, how far that is from the promise and how probable it is that it was met.
pub(super) fn targets(lang: Lang, table: &Table) -> Markup {
    let all: Vec<Tracked<'_>> = table.tracked().collect();
    if all.is_empty() {
        return html! {};
    }
    html! {
        h4 { (lang.pick("Mål", "Targets")) }
        div.scroll tabindex="0" role="region" aria-label=(lang.pick("Mål", "Targets")) {
            table {
                thead {
                    tr {
                        th.key scope="col" { (lang.pick("Mål", "Target")) }
                        th.text scope="col" { (lang.pick("Uppnått?", "Met?")) }
                        th scope="col" { (lang.pick("Utlovat", "Promised")) }
                        th scope="col" { (lang.pick("Talet", "The number")) }
                        th scope="col" { (lang.pick("Från det utlovade", "From what was promised")) }
                        th scope="col" { (lang.pick("Sannolikhet", "Probability")) }
                    }
                }
                tbody {
                    @for one in &all {
                        tr {
                            th.key scope="row" {
                                @for code in table.description.codes(one.cell.codes) { (code.label.get(lang)) ": " }
                                (one.target.title.get(lang))
                            }
                            td.text { (told(lang, one)) }
                            td { (promised(lang, one.target)) @if one.target.tolerance > 0 { " " small.range { (tolerance(lang, one.target)) } } }
                            td { (number(lang, one)) }
                            td { (distance(lang, one)) }
                            td { (one.judged.reached.map_or(explain::NONE.to_owned(), |reached| probability(lang, reached))) }
                        }
                    }
                }
            }
        }
        p.small.soft { (grades(lang, all.iter().any(|one| one.target.tolerance > 0))) }
    }
}

/// What the verdicts and the probability mean.
fn grades(lang: Lang, tolerated: bool) -> String {
    let probable = fixed(lang, (PROBABLE * 10.0).round() as i64, 1);
    let within = match (tolerated, lang) {
        (true, Lang::Sv) => " Toleransen är registrets val, inte projektets löfte: inom den räknas målet som nått.",
        (true, Lang::En) => {
            " The tolerance is the register’s choice, not the project’s promise: within it the target counts as met."
        }
        (false, _) => "",
    };
    match lang {
        Lang::Sv => format!(
            "Ja och nej sägs när hela brusintervallet ligger innanför eller utanför målet, troligen från sannolikheten {probable}. Sannolikheten \
             gäller bara bruset: var det exakta talet ligger, om alla möjliga tal var lika troliga innan det brusiga var känt. Den säger \
             inget om slumpen i vilka som deltog.{within}"
        ),
        Lang::En => format!(
            "Yes and no are said when the whole noise interval lies within or outside the target, probably from a probability of {probable}. The \
             probability is about the noise alone: where the exact number lies, if all possible numbers were as probable before the noisy one \
             was known. It says nothing about chance in who took part.{within}"
        ),
    }
}

/// Whether a target is met, in words.
pub(crate) fn told(lang: Lang, one: &Tracked<'_>) -> String {
    let within = match lang {
        _ if one.is_strict() => String::new(),
        Lang::Sv => format!(", inom {}", points(lang, one.target.kind, one.target.tolerance, 0)),
        Lang::En => format!(", within {}", points(lang, one.target.kind, one.target.tolerance, 0)),
    };
    match one.verdict {
        Verdict::Met => format!("{}{within}", lang.pick("ja", "yes")),
        Verdict::ProbablyMet => format!("{}{within}", lang.pick("troligen", "probably")),
        Verdict::CannotBeTold => lang.pick("går inte att säga", "cannot be told").to_owned(),
        Verdict::ProbablyNot => lang.pick("troligen inte", "probably not").to_owned(),
        Verdict::NotMet => lang.pick("nej", "no").to_owned(),
    }
}

/// What was promised, in words.
pub(crate) fn promised(lang: Lang, target: &Target) -> String {
    let one = |value: i64| match target.kind {
        Kind::Share => percent(lang, value as f64, 0),
        Kind::Count | Kind::Mean => integer(lang, value),
    };
    match target.promised() {
        Interval { low: Some(least), high: None } if target.kind == Kind::Share && least >= 100 => one(least),
        Interval { low: Some(least), high: None } => format!("{} {}", lang.pick("minst", "at least"), one(least)),
        Interval { low: None, high: Some(most) } => format!("{} {}", lang.pick("högst", "at most"), one(most)),
        Interval { low: Some(least), high: Some(most) } if least == most => one(least),
        Interval { low: Some(least), high: Some(most) } => format!("{}–{}", integer(lang, least), one(most)),
        Interval { low: None, high: None } => explain::NONE.to_owned(),
    }
}

/// How far from the promise the register counts it as kept.
pub(crate) fn tolerance(lang: Lang, target: &Target) -> String {
    let within = points(lang, target.kind, target.tolerance, 0);
    lang.pick(format!("tolerans {within}"), format!("tolerance {within}"))
}

/// A distance without its sign: in percentage points if it is one of shares.
fn points(lang: Lang, kind: Kind, value: i64, decimals: u32) -> String {
    let number = fixed(lang, value.saturating_abs(), decimals);
    let is_one = value.saturating_abs() == 10_i64.saturating_pow(decimals);
    match (kind, is_one) {
        (Kind::Count | Kind::Mean, _) => number,
        (Kind::Share, true) => format!("{number} {}", lang.pick("procentenhet", "point")),
        (Kind::Share, false) => format!("{number} {}", lang.pick("procentenheter", "points")),
    }
}

/// The number that a target is held against, with its interval.
pub(crate) fn number(lang: Lang, one: &Tracked<'_>) -> String {
    let Some(value) = one.judged.value else { return explain::NONE.to_owned() };
    let decimals = one.judged.decimals;
    match (one.target.kind, one.judged.ends) {
        (Kind::Share, ends) => {
            let decimals = decimals.saturating_sub(2);
            let sign = lang.pick("\u{a0}%", "%");
            let ends = ends
                .map(|Interval { low, high }| format!(" ({}–{}{sign})", fixed(lang, low, decimals), fixed(lang, high, decimals)));
            format!("{}{sign}{}", fixed(lang, value, decimals), ends.unwrap_or_default())
        }
        (Kind::Count | Kind::Mean, ends) => {
            let ends = ends.map(|ends| format!(" ({})", super::number::range(lang, ends, decimals)));
            format!("{}{}", fixed(lang, value, decimals), ends.unwrap_or_default())
        }
    }
}

/// How far a number is from what was promised, in words, and between which distances the exact one is.
pub(crate) fn distance(lang: Lang, one: &Tracked<'_>) -> String {
    let Some(Distance { value, ends, decimals }) = one.distance() else { return explain::NONE.to_owned() };
    let far = points(lang, one.target.kind, value, decimals);
    let words = match value {
        0 => lang.pick("enligt löftet", "as promised").to_owned(),
        1.. => format!("{far} {}", lang.pick("över", "above")),
        _ => format!("{far} {}", lang.pick("under", "short")),
    };
    let signed = |x: i64| format!("{}{}", if x > 0 { "+" } else { "" }, fixed(lang, x, decimals));
    let ends = ends.map(|Interval { low, high }| format!(" ({} {} {})", signed(low), lang.pick("till", "to"), signed(high)));
    format!("{words}{}", ends.unwrap_or_default())
}

/// A probability with two decimals; neither none nor all of it where some is left.
pub(crate) fn probability(lang: Lang, value: f64) -> String {
    match (value * 100.0).round() as i64 {
        ..=0 => format!("< {}", fixed(lang, 1, 2)),
        100.. => format!("> {}", fixed(lang, 99, 2)),
        hundredths => fixed(lang, hundredths, 2),
    }
}
