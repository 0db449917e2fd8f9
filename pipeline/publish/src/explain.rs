//! What a table's numbers are and what its intervals cover, in words: the same on the pages and in the metadata.

pub(crate) mod marks;

use super::site::number::{decimal, integer, percent};
use crate::estimate::interval::Level;
use crate::publication::DRAWS;
use crate::{Formula, Table, TableDescription};
use utfall_ground::text::Lang;

/// That nobody in the data exists.
pub(crate) fn made_up(lang: Lang) -> &'static str {
    lang.pick(
        "Demonstration: deltagarna är påhittade. Talen säger ingenting om någon eller något som finns.",
        "Demonstration: the participants are made up. The numbers say nothing about anybody or anything that exists.",
    )
}

/// What the interval of each number of a table covers, and what it does not.
pub(super) fn interval(lang: Lang, table: &Table, level: Level) -> Vec<String> {
    let inside = decimal(lang, level.percent(), 4);
    let Some(formula) = table.measure().map(|measure| &measure.formula) else { return Vec::new() };
    let mut text = match (formula, table.margin, lang) {
        (Formula::Quantile { numerator, denominator, .. }, ..) => chosen(lang, table, (*numerator, *denominator), &inside),
        (_, Some(margin), Lang::Sv) => vec![format!(
            "{} ligger det exakta talet högst {} från det visade.",
            if table.threshold.is_some() {
                format!("Räknat innan det är känt vilka celler som visas, och med minst {inside} procents sannolikhet,")
            } else {
                format!("Med minst {inside} procents sannolikhet")
            },
            integer(lang, margin)
        )],
        (_, Some(margin), Lang::En) => vec![format!(
            "{} the exact number is at most {} from the one shown.",
            if table.threshold.is_some() {
                format!("Reckoned before it is known which cells are shown, with a probability of at least {inside} percent,")
            } else {
                format!("With a probability of at least {inside} percent")
            },
            integer(lang, margin)
        )],
        (Formula::Count { .. } | Formula::Sum { .. }, None, Lang::Sv) if table.summed => vec![format!(
            "Talet är en summa av publicerade tal. Det exakta talet ligger i brusintervallet med {inside} procents sannolikhet, räknat \
             ur allt brus som ingår i summan."
        )],
        (Formula::Count { .. } | Formula::Sum { .. }, None, Lang::En) if table.summed => vec![format!(
            "The number is a sum of published numbers. The exact number is in the noise interval with a probability of {inside} \
             percent, computed from all the noise that is in the sum."
        )],
        (Formula::Count { .. } | Formula::Sum { .. }, None, Lang::Sv) => vec![format!(
            "Det exakta talet ligger i brusintervallet med {inside} procents sannolikhet. Talet är avstämt mot de andra talen \
             av samma uppgifter, och intervallet är räknat ur allt brus som ingår i det."
        )],
        (Formula::Count { .. } | Formula::Sum { .. }, None, Lang::En) => vec![format!(
            "The exact number is in the noise interval with a probability of {inside} percent. The number was reconciled with the \
             other numbers of the same rows, and the interval was computed from all the noise that is in it."
        )],
        (Formula::Split { .. } | Formula::Mean { .. } | Formula::Variance { .. } | Formula::Deviation { .. }, None, _) => {
            vec![joint(lang, table, &inside)]
        }
        (Formula::Constant { .. }, None, _) => vec![
            lang.pick(
                "Alla värden är lika, så talet är känt; bara om det finns någon är mätt.",
                "All values are the same, so the number is known; only whether there is anybody was measured.",
            )
            .to_owned(),
        ],
        (Formula::HistogramQuantile { .. }, None, Lang::Sv) => vec![format!(
            "Det exakta värdet ligger i brusintervallet med minst {inside} procents sannolikhet: utanför det är bruset för litet för \
             att flytta fördelningen så långt. Där det brusiga antalet inte säger att det finns någon har talet inget intervall."
        )],
        (Formula::HistogramQuantile { .. }, None, Lang::En) => vec![format!(
            "The exact value is in the noise interval with a probability of at least {inside} percent: outside it, the noise is too \
             small to move the distribution that far. Where the noisy count does not say that there is anybody, the number has no \
             interval."
        )],
    };
    text.extend(table.threshold.map(|threshold| hidden(lang, threshold)));
    text
}

/// What the interval of a mean, a share or a measure of spread covers.
fn joint(lang: Lang, table: &Table, inside: &str) -> String {
    let more = match (table.sampling.is_some(), lang) {
        (true, Lang::Sv) => " Slumpen i vilka som deltog ingår inte; filen har ett andra intervall där den gör det.",
        (true, Lang::En) => " Chance in who took part is not included; the file has a second interval that includes it.",
        (false, _) => "",
    };
    match lang {
        Lang::Sv => {
            format!(
                "Det exakta värdet ligger i brusintervallet med {inside} procents sannolikhet, räknat ur allt brus bakom det. Där det \
                 brusiga antalet inte säger att det finns tillräckligt många har talet inget intervall.{more}"
            )
        }
        Lang::En => format!(
            "The exact value is in the noise interval with a probability of {inside} percent, computed from all the noise behind it. \
             Where the noisy count does not say that there are people enough, the number has no interval.{more}"
        ),
    }
}

/// What a quantile that a mechanism chose is worth: ranks, not values.
fn chosen(lang: Lang, table: &Table, quantile: (u64, u64), inside: &str) -> Vec<String> {
    let name = match (quantile, lang) {
        ((1, 2), Lang::Sv) => "medianen".to_owned(),
        ((1, 2), Lang::En) => "the median".to_owned(),
        ((a, b), Lang::Sv) => format!("{a}/{b}-kvantilen"),
        ((a, b), Lang::En) => format!("the {a}/{b} quantile"),
    };
    let rank = table.rank.map(|rank| integer(lang, i64::try_from(rank).unwrap_or(i64::MAX)));
    let worth = match (rank, lang) {
        (Some(rank), Lang::Sv) => format!(
            " Med minst {inside} procents sannolikhet ligger det högst {rank} platser från {name} när alla ställs upp i \
             storleksordning. Hur mycket det är i talets egen enhet beror på hur tätt värdena ligger, och det \
             går inte att säga utan att avslöja mer. Därför har talen inget brusintervall."
        ),
        (Some(rank), Lang::En) => format!(
            " With a probability of at least {inside} percent it is at most {rank} places from {name} with everybody lined up in \
             order. How much that is in the number's own unit depends on how close together \
             the values lie, which cannot be told without giving away more. So the numbers have no noise interval."
        ),
        (None, _) => String::new(),
    };
    let nobody = if table.nobody.is_empty() {
        ""
    } else {
        lang.pick(
            " Också för ingen väljs något värde: därför är det brusiga antalet mätt bredvid. Där det säger att det inte finns någon \
             är talet utelämnat, och där det inte säger att det finns någon är talet märkt.",
            " For nobody some value is chosen too: so the noisy count was measured beside it. Where that says that there is nobody \
             the number is left out, and where it does not say that there is anybody the number is marked.",
        )
    };
    let worth = format!("{worth}{nobody}");
    vec![match lang {
        Lang::Sv => format!("Varje tal är valt med hjälp av slump bland alla möjliga värden, troligast nära {name}.{worth}"),
        Lang::En => format!("Each number was chosen at random among all possible values, most likely close to {name}.{worth}"),
    }]
}

/// What it means that cells below a threshold are not shown.
fn hidden(lang: Lang, threshold: i64) -> String {
    let threshold = integer(lang, threshold);
    match lang {
        Lang::Sv => format!(
            "Bara celler vars brusiga antal är större än {threshold} visas. Att en cell saknas säger därför lite: den kan vara tom, \
             liten eller ha sänkts av bruset. De som visas har oftare höjts än sänkts, så tal nära {threshold} är i genomsnitt för \
             höga, och deras intervall håller mer sällan än de andras."
        ),
        Lang::En => format!(
            "Only cells whose noisy count is above {threshold} are shown. That a cell is absent therefore says little: it may be \
             empty, small, or lowered by the noise. Those shown were raised more often than lowered, so numbers close to {threshold} \
             are too high on average, and their intervals hold less often than the others."
        ),
    }
}

/// That a view was computed from noisy numbers, and where its uncertainty is to be seen.
pub(super) fn view(lang: Lang) -> String {
    lang.pick(
        format!(
            "Tabellen är beräknad av frågan nedan ur brusiga tal, inte ur de exakta. Från–till efter ett tal är dess brusintervall, \
             som fås genom att bruset dras om {DRAWS} gånger och frågan räknas om. Där bruset väljer rader eller flyttar talet i \
             språng finns inget intervall. De brusiga talen med sina intervall finns i tabellerna som den är beräknad ur."
        ),
        format!(
            "The table was computed by the query below from noisy numbers, not from the exact ones. From–to behind a number is its \
             noise interval, found by drawing the noise anew {DRAWS} times and computing the query again. Where the noise chooses \
             rows or moves the number by leaps, there is none. The noisy numbers and their intervals are in the tables that it \
             was computed from."
        ),
    )
}

/// What a vector holds, by the part that it plays in the measures of its query.
pub(super) fn role(lang: Lang, table: &TableDescription, vector: &str) -> &'static str {
    let index = table.vectors.iter().position(|described| described.name == vector);
    let plays = |formula: &Formula| match *formula {
        Formula::Count { vector } if Some(vector) == index => Some(("antal", "count")),
        Formula::Sum { vector } if Some(vector) == index => Some(("summa", "sum")),
        Formula::Split { vector, .. } if Some(vector) == index => Some(("avstånd till ändpunkterna", "distances from the ends")),
        Formula::Mean { count, .. } | Formula::Variance { count, .. } | Formula::Deviation { count, .. }
            if Some(count) == index =>
        {
            Some(("antal", "count"))
        }
        Formula::Mean { sum, .. } | Formula::Variance { sum, .. } | Formula::Deviation { sum, .. } if Some(sum) == index => {
            Some(("summa", "sum"))
        }
        Formula::Variance { squares, .. } | Formula::Deviation { squares, .. } if Some(squares) == index => {
            Some(("kvadratsumma", "sum of squares"))
        }
        Formula::Quantile { vector, .. } if Some(vector) == index => Some(("valda värden", "chosen values")),
        Formula::Quantile { count, .. } if count.is_some() && count == index => Some(("antal", "count")),
        Formula::HistogramQuantile { vector, .. } if Some(vector) == index => Some(("histogram", "histogram")),
        _ => None,
    };
    let (sv, en) = table.measures.iter().find_map(|measure| plays(&measure.formula)).unwrap_or(("antal", "count"));
    lang.pick(sv, en)
}

/// A unit of a schema in the reader's language; one that is not known here as it stands.
pub fn unit(lang: Lang, unit: &str) -> &str {
    match unit {
        "days" => lang.pick("dagar", "days"),
        "weeks" => lang.pick("veckor", "weeks"),
        "months" => lang.pick("månader", "months"),
        "years" => lang.pick("år", "years"),
        "hours" => lang.pick("timmar", "hours"),
        "persons" => lang.pick("personer", "persons"),
        "scale points" => lang.pick("skalsteg", "scale points"),
        "points" => lang.pick("poäng", "points"),
        "percent" => lang.pick("procent", "percent"),
        other => other,
    }
}

/// The level of the intervals, such as `95 %`.
pub(super) fn level(lang: Lang, level: Level) -> String {
    percent(lang, level.percent(), 4)
}

/// What stands where a number cannot be computed.
pub(super) const NONE: &str = "–";

/// That the numbers of a view are not moved to what is possible.
pub(super) fn as_computed(lang: Lang) -> &'static str {
    lang.pick(
        "Talen är som de räknades och kan vara omöjliga (ett negativt antal); av andelar är intervallen begränsade till det möjliga.",
        "The numbers are as they were computed and may be impossible (a negative count); the intervals of shares are limited to what \
         is possible.",
    )
}

/// What is to be known of the numbers of a table.
pub(super) fn statement(lang: Lang, table: &Table) -> &'static str {
    match (table.margin, table.threshold) {
        (None, None) if table.is_reconciled() && table.additive => lang.pick(
            "Talen är väntevärdesriktiga och kan vara negativa. De är avstämda mot de andra tabellerna av samma uppgifter: delar \
             summerar till helheten, till sista decimalen. Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers are unbiased and may be negative. They are reconciled with the other tables of the same rows: parts sum to \
             the whole, to the last decimal. The noise interval covers the uncertainty from the noise only.",
        ),
        (Some(_), None) => lang.pick(
            "Talen är väntevärdesriktiga och kan vara negativa. Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers are unbiased and may be negative. The noise interval covers the uncertainty from the noise only.",
        ),
        (Some(_), Some(_)) => lang.pick(
            "Bara tal över en tröskel visas. Brusintervallet omfattar bara osäkerheten från bruset.",
            "Only numbers above a threshold are shown. The noise interval covers the uncertainty from the noise only.",
        ),
        (None, _) => lang.pick(
            "Talen är beräknade ur brusiga heltal eller valda med hjälp av slump. Ett tomt fält betyder att inget kan beräknas. \
             Brusintervallet omfattar bara osäkerheten från bruset.",
            "The numbers were computed from noisy integers or chosen at random. An empty field means that nothing can be \
             computed. The noise interval covers the uncertainty from the noise only.",
        ),
    }
}
