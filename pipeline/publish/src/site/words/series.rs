//! What a page says of a series: what a period is, when it is complete, and what becomes of what comes later.

use crate::site::number::integer;
use crate::{Description, SeriesDescription};
use utfall_ground::calendar::{Length, Period};
use utfall_ground::text::Lang;

/// The name of a period in a sentence.
struct Words {
    each: &'static str,
    the: &'static str,
    ends: &'static str,
}

fn words(lang: Lang, series: &SeriesDescription) -> Words {
    let length = Period::parse(&series.period).map_or(Length::Year, Period::length);
    let (each, the, ends) = match (length, lang) {
        (Length::Month, Lang::Sv) => ("varje månad", "den månad", "månadens"),
        (Length::Quarter, Lang::Sv) => ("varje kvartal", "det kvartal", "kvartalets"),
        (Length::Year, Lang::Sv) => ("varje år", "det år", "årets"),
        (Length::Month, Lang::En) => ("each month", "the month", "month"),
        (Length::Quarter, Lang::En) => ("each quarter", "the quarter", "quarter"),
        (Length::Year, Lang::En) => ("each year", "the year", "year"),
    };
    Words { each, the, ends }
}

/// How the periods came about; nothing of a release that is no series.
pub(crate) fn periods(lang: Lang, description: &Description) -> Option<String> {
    let series = description.series.as_ref()?;
    let participation = description.words.clone().unwrap_or_default().participation().one;
    let one = participation.get(lang);
    let Words { each, the, ends } = words(lang, series);
    let lag = integer(lang, i64::from(series.lag));
    let when = match (series.ended, lang) {
        (true, Lang::Sv) => "den sista dagen",
        (false, Lang::Sv) => "den första dagen",
        (true, Lang::En) => "ended",
        (false, Lang::En) => "began",
    };
    let later = match (series.vintage, lang) {
        (..=1, _) => "",
        (_, Lang::Sv) => " En period med ett versionsnummer är publicerad igen och visar vad som var känt då.",
        (_, Lang::En) => " A period with the number of a version was published again, and shows what was known by then.",
    };
    Some(match lang {
        Lang::Sv => format!(
            "Talen är uppdelade på perioder, och {each} publiceras en gång, {lag} dagar efter {ends} slut. Varje {one} hör till \
             {the} då {when} inföll enligt den första rapporten, även om dagen rättas senare, och allt som hör dit \
             följer med. Det som rapporteras eller rättas efter publiceringen är inte med. Summor över flera perioder är \
             summor av de publicerade talen, och deras intervall räknar med allt brus i dem.{later}"
        ),
        Lang::En => format!(
            "The numbers are divided into periods, and {each} is published once, {lag} days after the {ends} ends. Each \
             {one} belongs to {the} in which it {when} by its first report, even if the day is corrected later, and \
             what lies within it goes with it. What is reported or corrected after the publication is not \
             included. Sums over several periods are sums of the published numbers, and their intervals count all the noise in them.{later}"
        ),
    })
}

/// What all periods cost together; nothing of a release that is no series.
pub(crate) fn cost(lang: Lang, description: &Description) -> Option<String> {
    let series = description.series.as_ref()?;
    let vintage = integer(lang, i64::from(series.vintage));
    Some(match (series.vintage, lang) {
        (..=1, Lang::Sv) => "Det gäller alla perioder tillsammans, också de som kommer.".to_owned(),
        (..=1, Lang::En) => "It holds for all periods together, those to come included.".to_owned(),
        (_, Lang::Sv) => format!(
            "Det gäller alla perioder tillsammans i en version. Några perioder visas här i version {vintage}; varje version lägger \
             lika mycket till, så det som har publicerats om samma personer är {vintage} gånger så mycket."
        ),
        (_, Lang::En) => format!(
            "It holds for all periods together in one version. Some periods are shown here in version {vintage}; each version adds \
             as much again, so what has been published about the same people is {vintage} times as much."
        ),
    })
}
