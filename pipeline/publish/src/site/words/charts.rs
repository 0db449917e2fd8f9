//! What a page says of its charts: the legend above them, and all of their numbers for those who hear it read.

use crate::estimate::reliability::Grade;
use crate::explain::marks;
use crate::site::chart::{Chart, Kind, Mark, Panel};
use crate::site::number::integer;
use utfall_ground::text::Lang;

/// The legend over the charts of a table.
pub(in crate::site) fn legend(lang: Lang, chart: &Chart<'_>) -> String {
    let goals = match (chart.has_goals(), lang) {
        (false, _) => "",
        (true, Lang::Sv) => " Den streckade linjen är målet.",
        (true, Lang::En) => " The dashed line is the target.",
    };
    format!("{}{}{}{goals}", along(lang, chart), intervals(lang, chart), ink(lang, chart))
}

/// What lies along an axis where the headings do not say so.
fn along(lang: Lang, chart: &Chart<'_>) -> String {
    let is_named = chart.panels.len() > 1 && chart.kind != Kind::Time && !chart.along.is_empty();
    match (is_named, lang) {
        (false, _) => String::new(),
        (true, Lang::Sv) => format!("Raderna: {}. ", super::caption::lower(&chart.along)),
        (true, Lang::En) => format!("The rows: {}. ", super::caption::lower(&chart.along)),
    }
}

fn intervals(lang: Lang, chart: &Chart<'_>) -> String {
    match (chart.kind, chart.margin, chart.has_intervals, lang) {
        (Kind::Time, _, _, Lang::Sv) => "Bandet är brusintervallen.".to_owned(),
        (Kind::Time, _, _, Lang::En) => "The band is the noise intervals.".to_owned(),
        (_, Some(margin), _, Lang::Sv) => format!("Strecken är brusintervall, ±{}.", integer(lang, margin)),
        (_, Some(margin), _, Lang::En) => format!("The whiskers are noise intervals, ±{}.", integer(lang, margin)),
        (Kind::Bars | Kind::Steps, None, _, _) => {
            lang.pick("Strecken är brusintervall.", "The whiskers are noise intervals.").to_owned()
        }
        (Kind::Dots, None, false, _) => lang
            .pick("Punkterna är talen; de har inga brusintervall.", "The dots are the numbers; they have no noise intervals.")
            .to_owned(),
        (Kind::Dots, None, true, _) => lang
            .pick(
                "Punkterna är talen och strecken deras brusintervall.",
                "The dots are the numbers, the whiskers their noise intervals.",
            )
            .to_owned(),
    }
}

/// What it means that some marks are faint or not filled.
fn ink(lang: Lang, chart: &Chart<'_>) -> &'static str {
    match (chart.kind.has_bars(), chart.has(Grade::Rough), chart.has(Grade::Open)) {
        (_, false, false) => "",
        (true, true, false) => lang.pick(" Svagt fyllda staplar är osäkra.", " Faint bars are uncertain."),
        (true, false, true) => {
            lang.pick(" Staplar utan fyllning kan inte skiljas från noll.", " Bars without a fill cannot be told from zero.")
        }
        (true, true, true) => lang.pick(
            " Svagt fyllda staplar är osäkra, och de utan fyllning kan inte skiljas från noll.",
            " Faint bars are uncertain, and those without a fill cannot be told from zero.",
        ),
        (false, true, false) => lang.pick(" Svagt fyllda punkter är osäkra.", " Faint dots are uncertain."),
        (false, false, true) => lang.pick(" Punkter utan fyllning säger ingenting.", " Dots without a fill say nothing."),
        (false, true, true) => lang.pick(
            " Svagt fyllda punkter är osäkra, och de utan fyllning säger ingenting.",
            " Faint dots are uncertain, and those without a fill say nothing.",
        ),
    }
}

/// One mark, in words.
pub(in crate::site) fn spoken(lang: Lang, mark: &Mark<'_>, margin: Option<i64>) -> String {
    let (label, text) = (mark.label, &mark.text);
    let number = match (margin, &mark.between) {
        (Some(margin), Some(between)) => format!("{label}: {text} ± {} ({between})", integer(lang, margin)),
        (_, Some(between)) => format!("{label}: {text} ({between})"),
        (_, None) => format!("{label}: {text}"),
    };
    match mark.grade.and_then(|grade| marks::short(lang, grade)) {
        Some(mark) => format!("{number}, {mark}"),
        None => number,
    }
}

/// All marks of a panel, in words.
pub(in crate::site) fn described(lang: Lang, chart: &Chart<'_>, panel: &Panel<'_>) -> String {
    let number = |mark: &Mark<'_>| {
        let ends = mark.range.clone().filter(|_| chart.margin.is_none());
        let said = mark.grade.and_then(|grade| marks::short(lang, grade)).map(str::to_owned);
        match ends.into_iter().chain(said).collect::<Vec<_>>().join(", ") {
            more if more.is_empty() => format!("{} {}", mark.label, mark.text),
            more => format!("{} {} ({more})", mark.label, mark.text),
        }
    };
    let numbers = panel.marks.iter().map(number).collect::<Vec<_>>().join("; ");
    let kind = match chart.kind {
        Kind::Bars => lang.pick("Liggande staplar med brusintervall", "Horizontal bars with noise intervals"),
        Kind::Steps => {
            lang.pick("Steg efter steg, liggande staplar med brusintervall", "Step by step, horizontal bars with noise intervals")
        }
        Kind::Dots => lang.pick("Punkter med brusintervall", "Dots with noise intervals"),
        Kind::Time => lang.pick("Linje genom tiden med brusintervall", "Line through time with noise intervals"),
    };
    match chart.margin {
        Some(margin) => format!("{kind}, ±{}. {numbers}.", integer(lang, margin)),
        None => format!("{kind}. {numbers}."),
    }
}

/// The switch of charts that are folded away.
pub(in crate::site) fn show(lang: Lang, count: usize) -> String {
    match lang {
        Lang::Sv => format!("Visa {count} diagram"),
        Lang::En => format!("Show {count} charts"),
    }
}
