//! The sentences of the quality declaration: relevance and accuracy. The other components are in [`super::quality_more`].

use std::collections::BTreeSet;

use super::caption::{list, lower};
use super::{bound, more_method};
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::publication::series;
use crate::site::number::{decimal, integer};
use crate::{Edition, Formula, MISSING, Table};
use utfall_ground::calendar::label;
use utfall_ground::text::Lang;

pub(in crate::site) use super::quality_more::*;

/// Who answers for what the program cannot know: "det svarar ... för".
pub(super) fn owner(lang: Lang, edition: Edition<'_>) -> String {
    let named = edition.settings.publisher.as_ref().map(|of| of.name.get(lang).to_owned());
    named.unwrap_or_else(|| lang.pick("den som publicerar", "the publisher").to_owned())
}

/// That something is not known here, and who answers for it.
pub(super) fn unknown(lang: Lang, edition: Edition<'_>, sv: &str, en: &str) -> String {
    let owner = owner(lang, edition);
    lang.pick(
        format!("{sv} är inte känt här; det svarar {owner} för."),
        format!("{en} is not known here; {owner} answers for it."),
    )
}

pub(super) fn one(sv: impl Into<String>, en: impl Into<String>, lang: Lang) -> Vec<String> {
    vec![lang.pick(sv.into(), en.into())]
}

fn count(lang: Lang, number: usize) -> String {
    integer(lang, i64::try_from(number).unwrap_or(i64::MAX))
}

pub(in crate::site) fn purpose(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let of = &edition.publication.description;
    let said = of.words.as_ref().and_then(|words| words.about.as_ref()).or(of.about.as_ref());
    match said {
        Some(said) => said.get(lang).split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect(),
        None => vec![
            format!("{}.", of.title.get(lang).trim_end_matches(['.', '!', '?'])),
            unknown(lang, edition, "Vad statistiken mer är till för", "What else the statistics are for"),
        ],
    }
}

pub(in crate::site) fn needs(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let targets: usize = edition.publication.tables.iter().map(|table| table.description.targets.len()).sum();
    let mut said = Vec::new();
    if targets > 0 {
        let targets = count(lang, targets);
        said.extend(one(
            format!("Användare behöver veta om det som utlovats har nåtts: talen hålls mot mål i ett offentligt register (antal mål: {targets})."),
            format!("Users need to know whether what was promised was reached: the numbers are held against targets of a public register (number of targets: {targets})."),
            lang,
        ));
    }
    said.push(unknown(lang, edition, "Vilka behov användarna mer har uttryckt", "What other needs users have stated"));
    said
}

pub(in crate::site) fn population(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let of = &edition.publication.description;
    let words = of.words.clone().unwrap_or_default();
    let (many, units) = (words.participation().many, words.unit().many);
    let (many, units) = (many.get(lang), units.get(lang));
    vec![
        lang.pick(
            format!("Objekten är {many} och {units}. Populationen är de som finns i de listor som har lämnats och som frågan under varje tabell väljer."),
            format!("The objects are {many} and {units}. The population is those in the lists that were delivered and that the query of each table selects."),
        ),
        bound(lang, of),
    ]
}

pub(in crate::site) fn variables(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let is_series = edition.publication.description.series.is_some();
    let keys = edition.publication.tables.iter().flat_map(|table| &table.description.keys);
    // Time is told under reference times.
    let keys = keys.filter(|key| !(is_series && series::is_period(&key.name)));
    let keys: BTreeSet<String> = keys.map(|key| lower(key.title.get(lang))).collect();
    let measures: BTreeSet<String> =
        edition.publication.tables.iter().filter_map(Table::measure).map(|measure| lower(measure.title.get(lang))).collect();
    let (keys, measures) = (keys.into_iter().collect::<Vec<_>>(), measures.into_iter().collect::<Vec<_>>());
    let mut said =
        one(format!("Det som mäts: {}.", list(lang, &measures)), format!("What is measured: {}.", list(lang, &measures)), lang);
    if !keys.is_empty() {
        said.extend(one(
            format!("Det delas in efter: {}.", list(lang, &keys)),
            format!("It is divided by: {}.", list(lang, &keys)),
            lang,
        ));
    }
    said
}

pub(in crate::site) fn measures(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let kind = |formula: &Formula| match formula {
        Formula::Count { .. } => lang.pick("antal", "counts"),
        Formula::Sum { .. } => lang.pick("summor av begränsade värden", "sums of bounded values"),
        formula if formula.is_share() => lang.pick("andelar i procent", "shares in percent"),
        Formula::Mean { .. } | Formula::Split { .. } => lang.pick("medelvärden", "means"),
        Formula::Variance { .. } => lang.pick("varianser", "variances"),
        Formula::Deviation { .. } => lang.pick("standardavvikelser", "standard deviations"),
        Formula::Quantile { .. } | Formula::HistogramQuantile { .. } => {
            lang.pick("medianer och andra kvantiler", "medians and other quantiles")
        }
        Formula::Constant { .. } => lang.pick("kända värden", "known values"),
    };
    let mut kinds: Vec<String> = Vec::new();
    for found in edition.publication.tables.iter().filter_map(Table::measure).map(|measure| kind(&measure.formula).to_owned()) {
        if !kinds.contains(&found) {
            kinds.push(found);
        }
    }
    if !edition.publication.views.is_empty() {
        kinds.push(lang.pick("mått som frågorna räknar ur dem", "what the queries compute from them").to_owned());
    }
    let kinds = list(lang, &kinds);
    one(
        format!("Måtten är {kinds}. Vid varje tal står dess brusintervall där det finns ett."),
        format!("The measures are {kinds}. Each number stands with its noise interval where it has one."),
        lang,
    )
}

pub(in crate::site) fn groups(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let titles: Vec<String> =
        edition.publication.queries().filter_map(|query| Some(query.description()?.title.get(lang).to_owned())).collect();
    let number = count(lang, titles.len());
    one(
        format!("Sidan har {number} avsnitt: {}.", titles.join("; ")),
        format!("The page has {number} sections: {}.", titles.join("; ")),
        lang,
    )
}

pub(in crate::site) fn reference(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    match &edition.pack.release.series {
        Some(series) => {
            let (first, last) = (label(lang, &series.first), label(lang, &series.last));
            one(format!("Från och med {first} till och med {last}."), format!("From {first} through {last}."), lang)
        }
        None => one(
            "Publiceringen är ingen serie. Vilken tid talen avser framgår av frågan under varje tabell, och av vad som var lämnat när den gjordes.",
            "The release is no series. Of what time the numbers are is told by the query of each table, and by what had been delivered when it was made.",
            lang,
        ),
    }
}

pub(in crate::site) fn overall(lang: Lang, edition: Edition<'_>, level: Level) -> Vec<String> {
    let grades: Vec<Grade> = edition.publication.tables.iter().flat_map(Table::cells).filter_map(|cell| cell.grade).collect();
    let of = |grade: Grade| count(lang, grades.iter().filter(|found| **found == grade).count());
    let (all, firm, rough, open) = (count(lang, grades.len()), of(Grade::Firm), of(Grade::Rough), of(Grade::Open));
    let level = decimal(lang, level.percent(), 4);
    one(
        format!(
            "Osäkerheten från bruset är känd: av {all} brusiga tal kan {firm} läsas som de står, {rough} är osäkra och {open} säger ingenting. \
             Intervallen håller med {level} procents sannolikhet. Osäkerheten från allt annat, nedan, är inte med i intervallen."
        ),
        format!(
            "The uncertainty from the noise is known: of {all} noisy numbers {firm} can be read as they stand, {rough} are uncertain and {open} say \
             nothing. The intervals hold with a probability of {level} percent. The uncertainty from all else, below, is not in the intervals."
        ),
        lang,
    )
}

pub(in crate::site) fn sampling(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let by_chance = edition.publication.tables.iter().any(|table| table.sampling.is_some());
    let mut said = one(
        "Inget urval görs: alla poster som har lämnats och som frågan väljer räknas.",
        "There is no sample: all records that were delivered and that the query selects are counted.",
        lang,
    );
    if by_chance {
        said.extend(one(
            "För andelar och medelvärden finns i filerna också ett intervall där slumpen i vilka som deltog är med.",
            "For shares and means the files also have an interval that includes chance in who took part.",
            lang,
        ));
    }
    said
}

pub(in crate::site) fn frame(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let mut said = one("Ramen är de listor som har lämnats.", "The frame is the lists that were delivered.", lang);
    said.push(unknown(
        lang,
        edition,
        "Om någon saknas i listorna, eller står där utan att höra dit,",
        "Whether anybody is missing from the lists, or is there without belonging,",
    ));
    let bound = lang.pick(
        "Den som har fler poster än gränsen per person tillåter räknas bara upp till gränsen, vilket kan göra tal något för låga.",
        "Whoever has more records than the bound per person allows is counted up to the bound only, which may make numbers slightly too low.",
    );
    said.push(bound.to_owned());
    said.extend(edition.publication.description.tables.iter().filter_map(|table| super::anonymous(lang, table)));
    said
}

pub(in crate::site) fn measurement(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let mut said = one(
        "Uppgifterna är de som har registrerats i listorna. Koder och datum prövas när en lista tas emot; vad som står rätt i fel ruta syns inte då.",
        "The data are what was registered in the lists. Codes and dates are checked when a list is received; what is well formed and wrong is not seen then.",
        lang,
    );
    said.push(unknown(lang, edition, "Hur stora mätfelen är", "How large the errors of measurement are"));
    said
}

pub(in crate::site) fn non_response(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let tables = edition.publication.tables.iter();
    let has_missing = |table: &&Table| table.description.keys.iter().flat_map(|key| &key.codes).any(|code| code.code == MISSING);
    let mut said =
        vec![unknown(lang, edition, "Hur många som saknas eller inte har svarat", "How many are missing or did not answer")];
    let titles: BTreeSet<&str> = tables.filter(has_missing).map(|table| table.description.title.get(lang)).collect();
    if !titles.is_empty() {
        let titles = titles.into_iter().collect::<Vec<_>>().join("; ");
        said.extend(one(
            format!("De som är med men för vilka en uppgift saknas redovisas som en egen grupp i: {titles}."),
            format!("Those who are included but of whom something is not stated are a group of their own in: {titles}."),
            lang,
        ));
    }
    said
}

pub(in crate::site) fn processing(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let tables = || edition.publication.tables.iter();
    let mut said = one(
        "Antalen räknas exakt, poster över gränsen per person utesluts, värden begränsas till de gränser som är angivna, och till varje tal läggs heltalsbrus en gång.",
        "Counts are exact, records above the bound per person are left out, values are limited to the bounds that are stated, and integer noise is added to each number once.",
        lang,
    );
    if tables().any(Table::is_reconciled) {
        said.push(super::reconciled(lang).split(". ").next().map(|first| format!("{first}.")).unwrap_or_default());
    }
    if super::computed(edition.publication) {
        said.push(more_method(lang).to_owned());
    }
    said.extend(one(
        "På sidan visas negativa antal som noll, och tal utan fler siffror än intervallen bär; filerna har talen som de är.",
        "On the page negative counts are shown as zero, and numbers without more digits than their intervals support; the files have the numbers as they are.",
        lang,
    ));
    said
}

pub(in crate::site) fn model(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let targets = edition.publication.tables.iter().any(|table| !table.judged.is_empty());
    let mut said = one(
        "Intervallen bygger på brusets fördelning, som är vald och känd, och inte på antaganden om dem som räknas.",
        "The intervals rest on the distribution of the noise, which is chosen and known, and not on assumptions about those who are counted.",
        lang,
    );
    if targets {
        said.extend(one(
            "Sannolikheten att ett mål är nått antar att alla möjliga tal var lika troliga innan det brusiga var känt.",
            "The probability that a target is met assumes that all possible numbers were as probable before the noisy one was known.",
            lang,
        ));
    }
    if !edition.publication.views.is_empty() {
        said.extend(one(
            "Intervallen i beräknade tabeller är simulerade.",
            "The intervals of computed tables are simulated.",
            lang,
        ));
    }
    said
}
