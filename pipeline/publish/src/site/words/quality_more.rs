//! The sentences of the quality declaration: provisional numbers, time, access, comparison, and what is said of all statistics.

use super::caption::list;
use super::promise;
use super::quality::{one, owner, unknown};
use crate::CERTIFICATE;
use crate::Edition;
use crate::dataset::pack::Moment;
use crate::site::facts::{self, day};
use crate::site::number::integer;
use utfall_ground::calendar::{Period, label};
use utfall_ground::text::Lang;

pub(in crate::site) fn provisional(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    match &edition.publication.description.series {
        Some(_) => one(
            "Varje period publiceras en gång, när den är komplett, och ändras sedan inte. En ny version av en period får ett versionsnummer.",
            "Each period is published once, when it is complete, and is not changed afterwards. A new version of a period has the number of the version.",
            lang,
        ),
        None => one(
            "Talen är inte preliminära. Det som rättas i listorna efteråt kommer med först om publiceringen görs om, som en ny version.",
            "The numbers are not provisional. What is corrected in the lists afterwards is included only if the release is made again, as a new version.",
            lang,
        ),
    }
}

pub(in crate::site) fn production(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let facts = &edition.pack.release;
    let made = facts.made.map(Moment::day);
    match (&facts.series, made) {
        (Some(series), made) => {
            let (lag, when) = (integer(lang, i64::from(series.lag)), made.map(|made| day(lang, &made)));
            let mut said = one(
                format!("En period kan publiceras {lag} dagar efter sitt slut."),
                format!("A period can be published {lag} days after its end."),
                lang,
            );
            said.extend(when.map(|when| {
                lang.pick(format!("De senaste talen gjordes den {when}."), format!("The newest numbers were made on {when}."))
            }));
            said
        }
        (None, Some(made)) => {
            let when = day(lang, &made);
            let mut said = one(format!("Talen gjordes den {when}."), format!("The numbers were made on {when}."), lang);
            said.push(unknown(lang, edition, "Hur lång tid insamlingen tog", "How long collection took"));
            said
        }
        (None, None) => vec![unknown(lang, edition, "När talen gjordes", "When the numbers were made")],
    }
}

pub(in crate::site) fn frequency(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let next = facts::next(edition).map(|(_, next)| day(lang, &next));
    let period = edition.pack.release.series.as_ref().and_then(|series| Period::parse(&series.last)).map(|of| of.length().name());
    let mut said = match period {
        Some(period) => one(format!("En gång per {}.", period.sv), format!("Once a {}.", period.en), lang),
        None if next.is_some() => Vec::new(),
        None => one(
            "Ingen frekvens är angiven: publiceringen är gjord en gång, och görs om när den behövs.",
            "No frequency is stated: the release was made once, and is made again when it is needed.",
            lang,
        ),
    };
    said.extend(next.map(|next| lang.pick(format!("Nästa publicering: {next}."), format!("Next publication: {next}."))));
    said
}

pub(in crate::site) fn punctuality(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let facts = &edition.pack.release;
    let last = facts
        .series
        .as_ref()
        .and_then(|series| Some((label(lang, &series.last), Period::parse(&series.last)?.complete_from(series.lag).to_string())));
    match (last, facts.made.map(Moment::day)) {
        (Some((period, from)), Some(made)) => {
            let (from, made) = (day(lang, &from), day(lang, &made));
            one(
                format!("{period} kunde publiceras tidigast den {from}; de senaste talen gjordes den {made}."),
                format!("{period} could be published on {from} at the earliest; the newest numbers were made on {made}."),
                lang,
            )
        }
        (_, _) => vec![unknown(lang, edition, "Om någon tidpunkt var utlovad", "Whether a day had been promised")],
    }
}

pub(in crate::site) fn access(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let formats: Vec<String> = edition.publication.description.formats.clone();
    let formats = list(lang, &formats);
    let mut said = one(
        format!(
            "Sidan och dess filer kan läsas utan nät och utan skript. Formaten är {formats}; länkarna står under varje tabell."
        ),
        format!(
            "The page and its files can be read without a network and without scripts. The formats are {formats}; the links are below each table."
        ),
        lang,
    );
    said.push(match &edition.settings.licence {
        Some(licence) => lang.pick(format!("Licens: {}.", licence.name), format!("Licence: {}.", licence.name)),
        None => unknown(lang, edition, "Vad läsare får göra med filerna", "What readers may do with the files"),
    });
    said
}

pub(in crate::site) fn additional(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let owner = owner(lang, edition);
    one(
        format!(
            "Varje ny fråga om samma personer tar av ett gemensamt och begränsat utrymme för skyddet. Om det kan göras svarar {owner} på."
        ),
        format!(
            "Every new question about the same people takes from a common and limited budget of protection. {owner} tells whether it can be asked."
        ),
        lang,
    )
}

pub(in crate::site) fn presentation(lang: Lang) -> Vec<String> {
    one(
        "Svaret först, sedan diagram och tabeller, på svenska och engelska. Tal som är osäkra eller inte säger något är märkta.",
        "The answer first, then charts and tables, in Swedish and English. Numbers that are uncertain or say nothing are marked.",
        lang,
    )
}

pub(in crate::site) fn documentation(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let certificate = edition.publication.certificates().map(|_| CERTIFICATE.to_owned());
    let files: Vec<String> =
        ["description.json".to_owned()].into_iter().chain(certificate).chain(["datasets.json".to_owned()]).collect();
    let files = list(lang, &files);
    one(
        format!("Under varje tabell står frågan i SQL; under Metod står bruset. Bredvid sidan ligger {files}."),
        format!("Below each table is its query in SQL; the noise is under Method. Beside the page are {files}."),
        lang,
    )
}

pub(in crate::site) fn over_time(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    match &edition.pack.release.series {
        Some(_) => one(
            "Perioderna är mätta på samma sätt, var och en med eget brus. Om det som rapporteras har bytt innebörd framgår inte av talen.",
            "The periods were measured in the same way, each with noise of its own. Whether what is reported has changed its meaning is not told by the numbers.",
            lang,
        ),
        None => one(
            "Publiceringen är ingen serie. En senare version kan räkna andra poster, och har nytt brus: skillnader mellan versioner är inte förändringar.",
            "The release is no series. A later version may count other records, and has new noise: differences between versions are not changes.",
            lang,
        ),
    }
}

pub(in crate::site) fn between_groups(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let compared = edition.publication.tables.iter().any(|table| table.comparison.is_some());
    let mut said = one(
        "Grupperna i en tabell är mätta på samma sätt. Två tal går att skilja åt när deras intervall inte möts. Det är olika personer i grupperna, så en skillnad är ingen effekt.",
        "The groups of a table were measured in the same way. Two numbers can be told apart when their intervals do not meet. There are different people in the groups, so a difference is no effect.",
        lang,
    );
    if compared {
        said.extend(one(
            "Där sidan jämför rader gäller jämförelsernas intervall alla samtidigt.",
            "Where the page compares rows, the intervals of the comparisons hold all at once.",
            lang,
        ));
    }
    said
}

pub(in crate::site) fn coherence(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let of = &edition.publication.description;
    let mut quoted: Vec<String> = of.quotations().map(|of| of.title.get(lang).to_owned()).collect();
    quoted.dedup();
    let mut said = match quoted.is_empty() {
        true => one("Inget tal här är hämtat från en annan publicering.", "No number here is taken from another release.", lang),
        false => one(
            format!("Tal här är hämtade från: {}. Samma sak är där samma tal.", quoted.join("; ")),
            format!("Numbers here are taken from: {}. One fact is one number there.", quoted.join("; ")),
            lang,
        ),
    };
    let differs = of.tables.iter().filter_map(|table| Some((table.title.get(lang), table.differs.as_ref()?)));
    said.extend(differs.map(|(title, other)| {
        let (other, why) = (other.title.get(lang), other.why.get(lang).trim_end_matches('.'));
        lang.pick(
            format!("”{title}” har andra tal än ”{other}”: {why}."),
            format!("“{title}” has other numbers than “{other}”: {why}."),
        )
    }));
    said
}

pub(in crate::site) fn official(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let mut said = one(
        "Talen är inte märkta som Sveriges officiella statistik.",
        "The numbers are not marked as official statistics of Sweden.",
        lang,
    );
    said.push(unknown(lang, edition, "Om de ändå räknas dit", "Whether they count as such nevertheless"));
    said
}

pub(in crate::site) fn confidentiality(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let said = promise(lang, &edition.publication.description);
    let mut letters = said.chars();
    vec![letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()]
}

pub(in crate::site) fn preservation(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let mut said = one(
        "De publicerade talen bevaras under publiceringens nummer. Uppgifter om en person kan raderas ur listorna; talen som redan är publicerade står kvar.",
        "The published numbers are kept under the number of the release. The data of a person can be erased from the lists; numbers that are published already stay.",
        lang,
    );
    said.push(unknown(lang, edition, "Hur länge listorna bevaras", "How long the lists are kept"));
    said
}

pub(in crate::site) fn obligation(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    vec![unknown(
        lang,
        edition,
        "Om den som lämnar uppgifterna är skyldig att göra det",
        "Whether those who provide the data are obliged to",
    )]
}

pub(in crate::site) fn regulation(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    vec![unknown(
        lang,
        edition,
        "Om statistiken regleras eller rapporteras inom EU",
        "Whether the statistics are regulated or reported within the EU",
    )]
}

pub(in crate::site) fn history(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let earlier = &edition.pack.release.earlier;
    if earlier.is_empty() {
        return one("Det här är den första versionen.", "This is the first version.", lang);
    }
    let all: Vec<String> = earlier.iter().map(|of| format!("{} ({})", facts::short(&of.id), day(lang, &of.made.day()))).collect();
    let all = list(lang, &all);
    one(format!("Tidigare versioner: {all}."), format!("Earlier versions: {all}."), lang)
}

pub(in crate::site) fn contact(lang: Lang, edition: Edition<'_>) -> Vec<String> {
    let settings = edition.settings;
    let named = settings.publisher.as_ref().map(|of| of.name.get(lang).to_owned());
    let whom = settings.contact.as_ref().map(|of| {
        let phone = of.phone.as_ref().map(|phone| format!(", {phone}")).unwrap_or_default();
        format!("{}, {}{phone}", of.name.get(lang), of.email)
    });
    match (named, whom) {
        (None, None) => one("Ingen kontakt är angiven.", "No contact is stated.", lang),
        (named, whom) => vec![format!("{}.", named.into_iter().chain(whom).collect::<Vec<_>>().join(". "))],
    }
}
