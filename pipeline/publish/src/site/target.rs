//! Targets: what was promised, what became of it, and how surely that can be said.

use maud::{Markup, html};

use super::number::{fixed, integer, percent};
use super::shown::Shown;
use crate::Table;
use crate::estimate::target::{Distance, Kind, PROBABLE, Target, Tracked, Verdict};
use crate::explain;
use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

/// The targets of a table, each with its verdict, its number, how far that is from the promise and how probable it is that it was met.
pub(super) fn targets(lang: Lang, table: &Table, level: u8) -> Markup {
    let all: Vec<Tracked<'_>> = table.tracked().collect();
    if all.is_empty() {
        return html! {};
    }
    html! {
        (super::heading(level, lang.pick("Mål", "Targets")))
        div.scroll tabindex="0" role="group" aria-label=(format!("{}: {}", lang.pick("Mål", "Targets"), table.title.get(lang))) {
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
        p.small.soft { a href="#targets" { (lang.pick("Så avgörs målen", "How targets are judged")) } }
    }
}

/// What the verdicts and the probability mean.
pub(super) fn judged(lang: Lang, tolerated: bool) -> String {
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

/// How the number that a target is held against is shown.
fn shown(one: &Tracked<'_>) -> Shown {
    let width = one.judged.ends.map(|Interval { low, high }| high.saturating_sub(low));
    match one.target.kind {
        Kind::Share => Shown::alone(true, one.judged.decimals, width),
        Kind::Count => Shown::alone(false, 0, None),
        Kind::Mean => Shown::alone(false, one.judged.decimals, width),
    }
}

/// The number, and its interval.
pub(super) fn parts(lang: Lang, one: &Tracked<'_>) -> (String, Option<String>) {
    let shown = shown(one);
    (shown.number(lang, one.judged.value), one.judged.value.and(one.judged.ends).map(|ends| shown.range(lang, ends)))
}

/// The number that a target is held against, with its interval.
pub(crate) fn number(lang: Lang, one: &Tracked<'_>) -> String {
    let (number, ends) = parts(lang, one);
    format!("{number}{}", ends.map(|ends| format!(" ({ends})")).unwrap_or_default())
}

/// What was promised and what became of it, in a sentence.
pub(super) fn sentence(lang: Lang, one: &Tracked<'_>) -> String {
    let promised = promised(lang, one.target);
    let within = if one.is_strict() {
        String::new()
    } else {
        let points = points(lang, one.target.kind, one.target.tolerance, 0);
        lang.pick(format!(", inom {points}"), format!(", within {points}"))
    };
    match (one.verdict, lang) {
        (Verdict::Met, Lang::Sv) => format!("Målet är {promised}: nått{within}."),
        (Verdict::ProbablyMet, Lang::Sv) => format!("Målet är {promised}: troligen nått{within}."),
        (Verdict::CannotBeTold, Lang::Sv) => format!("Målet är {promised}: går inte att säga."),
        (Verdict::ProbablyNot, Lang::Sv) => format!("Målet är {promised}: troligen inte nått."),
        (Verdict::NotMet, Lang::Sv) => format!("Målet är {promised}: inte nått."),
        (Verdict::Met, Lang::En) => format!("The target is {promised}: met{within}."),
        (Verdict::ProbablyMet, Lang::En) => format!("The target is {promised}: probably met{within}."),
        (Verdict::CannotBeTold, Lang::En) => format!("The target is {promised}: cannot be told."),
        (Verdict::ProbablyNot, Lang::En) => format!("The target is {promised}: probably not met."),
        (Verdict::NotMet, Lang::En) => format!("The target is {promised}: not met."),
    }
}

/// How far a number is from what was promised, in words, and between which distances the exact one is.
pub(crate) fn distance(lang: Lang, one: &Tracked<'_>) -> String {
    let Some(Distance { value, ends, decimals }) = one.distance() else { return explain::NONE.to_owned() };
    let width = ends.map(|Interval { low, high }| high.saturating_sub(low));
    let shown = Shown::alone(false, decimals, width);
    let (rounded, decimals) = (shown.rounded(value), shown.decimals());
    let far = points(lang, one.target.kind, rounded, decimals);
    let words = match (value, rounded) {
        (0, _) => lang.pick("enligt löftet", "as promised").to_owned(),
        (_, 0) => lang.pick("ungefär enligt löftet", "about as promised").to_owned(),
        (1.., _) => format!("{far} {}", lang.pick("över", "above")),
        (_, _) => format!("{far} {}", lang.pick("under", "short")),
    };
    let signed = |x: i64| format!("{}{}", if x > 0 { "+" } else { "" }, fixed(lang, x, decimals));
    let ends = ends.map(|ends| shown.outwards(ends));
    let ends = ends.map(|Interval { low, high }| format!(" ({} {} {})", signed(low), lang.pick("till", "to"), signed(high)));
    format!("{words}{}", ends.unwrap_or_default())
}

/// A probability with two decimals; neither none nor all of it where some is left.
pub(crate) fn probability(lang: Lang, value: f64) -> String {
    /// What floating point may add to a number that lies at a border.
    const HAIR: f64 = 1e-9;
    // Towards the middle, so that no number stands beyond the bound of the verdict beside it.
    let hundredths = if value < 0.5 { (value * 100.0 - HAIR).ceil() } else { (value * 100.0 + HAIR).floor() };
    match value {
        value if value < 0.01 - HAIR => format!("< {}", fixed(lang, 1, 2)),
        value if value > 0.99 + HAIR => format!("> {}", fixed(lang, 99, 2)),
        _ => fixed(lang, hundredths as i64, 2),
    }
}
