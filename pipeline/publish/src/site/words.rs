//! The sentences of the pages, both languages side by side.

pub(super) mod caption;
pub(super) mod charts;
pub(crate) mod comparing;
pub(super) mod quality;
mod quality_more;
mod reading;
pub(super) mod series;

use super::number::{decimal, declared, integer, percent};
use crate::{Description, Publication, Quotation, TableDescription};
pub(super) use caption::caption;
pub(crate) use caption::measure;
pub(super) use reading::{reading, sums};
use utfall_ground::text::Lang;

/// What is promised.
pub(super) fn promise(lang: Lang, release: &Description) -> String {
    let numbers = match release.quotations().next() {
        None => lang.pick("talen på sidan", "the numbers on this page"),
        // The others have been published before, under the promise of another page.
        Some(_) => lang.pick("de tal som den här publiceringen mätte", "the numbers that this release measured"),
    };
    let unit = lang.pick(
        "är nästan lika sannolika med som utan uppgifterna om en viss person, det vill säga allt som finns om personen, från alla \
         håll tillsammans.",
        "are almost as likely with as without the data of any given person, that is, everything there is about the person, from \
         all sources taken together.",
    );
    let unit = format!("{numbers} {unit}");
    [unit, odds(lang, &release.epsilon), slack(lang, &release.delta)]
        .into_iter()
        .chain(quoted(lang, release))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Epsilon as the odds of somebody who knows everything about everybody else.
fn odds(lang: Lang, epsilon: &str) -> String {
    let shown = declared(lang, epsilon);
    let Some(epsilon) = epsilon.parse::<f64>().ok().filter(|epsilon| (0.0..=12.0).contains(epsilon)) else {
        return match lang {
            Lang::Sv => format!("Skyddets styrka är ε = {shown}; ju mindre ε, desto starkare skydd."),
            Lang::En => format!("The strength of the protection is ε = {shown}; the smaller ε, the stronger it is."),
        };
    };
    let factor = epsilon.exp();
    let chance = match factor / (1.0 + factor) * 100.0 {
        chance if chance < 99.0 => percent(lang, chance, 0),
        _ => percent(lang, 100.0, 0),
    };
    // Rounded up, so that no more is promised than holds.
    let factor = decimal(lang, (factor * 100.0).ceil() / 100.0, 2);
    match lang {
        Lang::Sv => format!(
            "Även den som redan vet allt om alla andra, och håller det för lika troligt att personen finns med som att hen \
             inte gör det (odds 1 mot 1), kan av dessa tal komma till odds på högst {factor} mot 1, en sannolikhet på ungefär {chance}. \
             Faktorn {factor} är e upphöjt till ε, där ε = {shown}; ju mindre ε, desto starkare skydd."
        ),
        Lang::En => format!(
            "Even somebody who already knows everything about everybody else, and finds it as likely as not that the person \
             is included (odds of 1 to 1), can be brought by these numbers to odds of at most {factor} to 1, a probability of about {chance}. \
             The factor {factor} is e to the power of ε, with ε = {shown}; the smaller ε, the stronger the protection."
        ),
    }
}

/// Delta.
fn slack(lang: Lang, delta: &str) -> String {
    let shown = declared(lang, delta);
    let share = delta.parse::<f64>().ok().filter(|delta| (1e-18..0.5).contains(delta));
    match (share, lang) {
        (None, Lang::Sv) if shown == "0" => "Gränsen gäller utan undantag (δ = 0).".to_owned(),
        (None, Lang::En) if shown == "0" => "The limit holds without exception (δ = 0).".to_owned(),
        (None, Lang::Sv) => format!("Sannolikheten för varje utfall får dessutom vara högst δ = {shown} större än så."),
        (None, Lang::En) => format!("Beyond that, the probability of any outcome may be larger by at most δ = {shown}."),
        (Some(delta), _) => {
            let one_in = integer(lang, delta.recip().round() as i64);
            match lang {
                Lang::Sv => {
                    format!("Sannolikheten för varje utfall får dessutom vara högst en på {one_in} större än så (δ = {shown}).")
                }
                Lang::En => {
                    format!("Beyond that, the probability of any outcome may be larger by at most one in {one_in} (δ = {shown}).")
                }
            }
        }
    }
}

/// What is not promised.
pub(super) fn no_promise(lang: Lang) -> &'static str {
    lang.pick(
        "att statistiken inte säger något om en grupp. Det som gäller de flesta i en grupp är troligt om var och en av \
         dem, och det hade sidan visat även utan just den personens uppgifter. Garantin gäller den här publiceringen. Den \
         gäller inte vad som har publicerats på annat håll, och inte vad de som lämnar och förvaltar uppgifterna ser.",
        "that the statistics say nothing about a group. What is so of most people in a group is likely of each of them, \
         and the page would have shown it without that person's data too. The guarantee is for this release. It does not cover \
         what has been published elsewhere, nor what those who supply and manage the data can see.",
    )
}

/// Why there are negative numbers.
pub(super) fn negative(lang: Lang) -> &'static str {
    lang.pick(
        "Ett antal kan bli negativt av bruset. Här visas det som noll. Filerna har talet som det är: den som lägger ihop många \
         små tal ska räkna på dem, annars blir summan för stor.",
        "Noise can make a count negative. It is shown as zero here. The files have the number as it is: whoever adds up many \
         small numbers should use those, or the sum comes out too large.",
    )
}

/// That no part is shown larger than its whole.
pub(super) fn ordered(lang: Lang) -> &'static str {
    lang.pick(
        "Talen är hållna i ordning: en del som bruset gjort större än helheten visas lika stor som den. Filen har talet som det är.",
        "The numbers were kept in order: a part that noise made larger than the whole is shown as large as it. The file has the \
         number as it is.",
    )
}

/// Why a computed number is at an end of what is possible.
pub(super) fn impossible(lang: Lang) -> &'static str {
    lang.pick(
        "Bruset kan ge ett tal som inte är möjligt: ett negativt antal, en andel över 100 procent. Här visas det närmaste \
         möjliga. Filen har talet som det är.",
        "Noise can give a number that is not possible: a negative count, a share above 100 percent. The nearest that is possible \
         is shown here. The file has the number as it is.",
    )
}

/// How the participations of one person are limited in what the release measured.
pub(super) fn bound(lang: Lang, release: &Description) -> String {
    let k = integer(lang, i64::try_from(release.participations).unwrap_or(i64::MAX));
    let words = release.words.clone().unwrap_or_default();
    let (participations, unit) = (words.participation(), words.unit());
    let (participations, unit) = (participations.of(lang, release.participations), unit.one.get(lang));
    let numbers = match release.quotations().next() {
        None => lang.pick("alla tal", "all numbers"),
        Some(_) => lang.pick("alla tal som publiceringen mätte", "all numbers that this release measured"),
    };
    match lang {
        Lang::Sv => format!(
            "Högst {k} {participations} per {unit} räknas, i den ordning de registrerades. Fler är uteslutna ur {numbers}, som därför \
             kan vara något för låga."
        ),
        Lang::En => format!(
            "At most {k} {participations} per {unit} count, in the order in which they were registered. Any more are left out of \
             {numbers}, which may therefore be slightly too low."
        ),
    }
}

/// How the rows of one participation are limited in a table that can have several: a sentence per table that is read.
pub(super) fn rows(lang: Lang, release: &Description, table: &TableDescription) -> Vec<String> {
    let title = table.title.get(lang);
    let participation = release.words.clone().unwrap_or_default().participation().one;
    let one = participation.get(lang);
    let sentence = |(read, rows): (&String, &u64)| {
        let rows = integer(lang, i64::try_from(*rows).unwrap_or(i64::MAX));
        let read = match (read.is_empty(), lang) {
            (true, _) => String::new(),
            (false, Lang::Sv) => format!(" i {read}"),
            (false, Lang::En) => format!(" of {read}"),
        };
        match lang {
            Lang::Sv => format!("I ”{title}” är högst {rows} rader{read} per {one} med, de som registrerades först."),
            Lang::En => {
                format!("In “{title}”, at most {rows} rows{read} per {one} are included, those registered first.")
            }
        }
    };
    table.rows.iter().map(sentence).collect()
}

/// That a table counts records of protected identity too, and what that means for whoever has several.
pub(super) fn anonymous(lang: Lang, table: &TableDescription) -> Option<String> {
    let title = table.title.get(lang);
    table.anonymous.then(|| match lang {
        Lang::Sv => format!(
            "I ”{title}” räknas även poster utan identitet (skyddade personuppgifter), var och en som en egen person. Den som har r \
             sådana poster skyddas som en grupp av r: r gånger ε."
        ),
        Lang::En => format!(
            "“{title}” also counts records without an identity (protected identities), each as a person of its own. Somebody with \
             r such records is protected as a group of r: r times ε."
        ),
    })
}

/// What the result of a query above its noisy numbers is.
pub(super) fn view_caption(lang: Lang) -> &'static str {
    lang.pick("Beräknat ur brusiga tal", "Computed from noisy numbers")
}

/// How many targets are left to their tables.
pub(super) fn more_targets(lang: Lang, count: usize) -> String {
    match (count, lang) {
        (1, Lang::Sv) => "Ett mål till står vid sin tabell.".to_owned(),
        (1, Lang::En) => "One more target is told with its table.".to_owned(),
        (_, Lang::Sv) => format!("{count} mål till står vid sina tabeller."),
        (_, Lang::En) => format!("{count} more targets are told with their tables."),
    }
}

/// How to read the numbers, in two lines.
pub(super) fn in_short(lang: Lang) -> [&'static str; 2] {
    lang.pick(
        [
            "Inget tal är exakt: ett slumpmässigt brus skyddar dem som räknas. Efter ett tal står mellan vilka gränser det exakta talet ligger.",
            "◐ är osäkert: läs gränserna. ○ säger ingenting.",
        ],
        [
            "No number is exact: random noise protects those who are counted. After a number stand the limits between which the exact one lies.",
            "◐ is uncertain: read the limits. ○ says nothing.",
        ],
    )
}

/// The switch of the noisy tables behind a view.
pub(super) fn behind(lang: Lang, count: usize) -> String {
    match (count, lang) {
        (1, Lang::Sv) => "Visa de brusiga tal som tabellen är beräknad ur".to_owned(),
        (1, Lang::En) => "Show the noisy numbers that the table was computed from".to_owned(),
        (_, Lang::Sv) => format!("Visa de {count} tabeller med brusiga tal som tabellen är beräknad ur"),
        (_, Lang::En) => format!("Show the {count} tables of noisy numbers that the table was computed from"),
    }
}

/// Why there is no number.
pub(super) fn nothing(lang: Lang) -> &'static str {
    lang.pick(
        "kan inte beräknas: det brusiga antalet är noll eller lägre",
        "cannot be computed: the noisy count is zero or below",
    )
}

/// How the numbers were made.
pub(super) fn method(lang: Lang) -> &'static str {
    lang.pick(
        "Talen är framtagna med differentiell integritet. De exakta antalen räknades, heltalsbrus drogs en gång för varje tal, \
         och de exakta antalen har inte lämnat systemet. Bruset har väntevärdet noll, så talen i filerna är i genomsnitt rätt. \
         Samma publicering visar alltid samma tal.",
        "The numbers were made with differential privacy. The exact counts were taken, integer noise was drawn once for each \
         number, and the exact counts have not left the system. The noise has an expected value of zero, so the numbers in the \
         files are right on average. The same release always shows the same numbers.",
    )
}

/// That tables which belong together were reconciled.
pub(super) fn reconciled(lang: Lang) -> &'static str {
    lang.pick(
        "Tabeller som hör ihop är avstämda mot varandra: av alla brusiga tal är det för varje cell räknat ut vilket som ligger \
         närmast dem alla (minsta kvadratmetoden, vägd efter brusets storlek), så att delar summerar till helheten. Brusets parametrar nedan är de före avstämningen: \
         en tabell med stort brus är knappt mätt själv, utan följer av de andra.",
        "Tables that belong together were reconciled: for each cell, the number closest to all noisy numbers was computed (least \
         squares, weighted by the size of the noise), so that parts sum to the whole. The parameters of the \
         noise below are those before that: a table with large noise was hardly measured itself, but follows from the others.",
    )
}

/// Whether there is more than counts and sums: numbers that are computed from noisy ones, or chosen.
pub(super) fn computed(publication: &Publication) -> bool {
    publication.tables.iter().any(|table| !table.is_total()) || !publication.views.is_empty()
}

/// How numbers that are no counts were made.
pub(super) fn more_method(lang: Lang) -> &'static str {
    lang.pick(
        "Att talen är i genomsnitt rätt gäller antal och summor som visas oavsett storlek. Medelvärden, andelar och spridningsmått \
         är räknade ur brusiga antal och summor av begränsade värden, och medianer kan vara valda med den exponentiella mekanismen. \
         De är inte väntevärdesriktiga, och de är begränsade till vad som är möjligt.",
        "That the numbers are right on average is so of counts and sums that are shown whatever their size. Means, shares and \
         measures of spread are computed from noisy counts and noisy sums of bounded values, and medians may be chosen by the \
         exponential mechanism. They are not unbiased, and they are limited to what is possible.",
    )
}

/// What the certificate is.
pub(super) fn certificate(lang: Lang) -> &'static str {
    lang.pick(
        "Varför en person inte kan flytta de exakta talen mer än bruset är avpassat för, steg för steg genom varje fråga:",
        "Why one person cannot move the exact numbers further than the noise is made for, step by step through each query:",
    )
}

/// The privacy unit.
pub(super) fn unit(lang: Lang) -> &'static str {
    lang.pick(
        "En person: allt som finns om personen, från alla håll och över hela tiden.",
        "A person: everything there is about the person, from all sources and over all time.",
    )
}

/// Whose protection that of the tables is which stand on the numbers of other releases.
pub(super) fn quoted(lang: Lang, release: &Description) -> Option<String> {
    let words = release.words.clone().unwrap_or_default();
    let (participation, unit) = (words.participation(), words.unit());
    let own = |of: &Quotation| {
        let (noun, unit) = (participation.of(lang, of.participations), unit.one.get(lang));
        let (title, epsilon, delta) = (of.title.get(lang), declared(lang, &of.epsilon), declared(lang, &of.delta));
        let k = integer(lang, i64::try_from(of.participations).unwrap_or(i64::MAX));
        match lang {
            Lang::Sv => format!("{title}: ε = {epsilon}, δ = {delta}, högst {k} {noun} per {unit}"),
            Lang::En => format!("{title}: ε = {epsilon}, δ = {delta}, at most {k} {noun} per {unit}"),
        }
    };
    let all: Vec<String> = release.quotations().map(own).collect();
    let told = all.join("; ");
    (!all.is_empty()).then(|| match lang {
        Lang::Sv => format!(
            "De tabeller på sidan som står på andra publiceringars tal skyddas av dem och räknas inom deras gränser ({told}); det \
             kostar inget att visa dem igen."
        ),
        Lang::En => format!(
            "Those tables on this page that stand on the numbers of other releases are protected by these, and counted within their \
             bounds ({told}); showing them again costs nothing."
        ),
    })
}

/// Epsilon and delta, exactly.
pub(super) fn strength(lang: Lang, release: &Description) -> String {
    let (epsilon, delta) = (declared(lang, &release.epsilon), declared(lang, &release.delta));
    match lang {
        Lang::Sv => format!(
            "ε = {epsilon} och δ = {delta} för alla tabeller som publiceringen mäter tillsammans. För varje mängd S av tänkbara publiceringar \
             gäller P(S med personen) ≤ e^ε · P(S utan personen) + δ, och likaså åt andra hållet. Andra publiceringar om samma \
             personer läggs till detta."
        ),
        Lang::En => format!(
            "ε = {epsilon} and δ = {delta} for all tables that this release measures together. For every set S of possible releases, P(S with \
             the person) ≤ e^ε · P(S without the person) + δ, and the same the other way round. Other releases about the same \
             people add to this."
        ),
    }
}
