//! The sentences of the pages, both languages side by side.

use super::number::{decimal, declared, integer, percent};
use crate::derive::interval::Level;
use crate::derive::{Description, Table, TableDescription};
use crate::text::Lang;

/// The mark of a number that cannot be told from zero.
pub(super) const OPEN: &str = "○";

/// That nobody in the data exists.
pub(in crate::publish) fn made_up(lang: Lang) -> &'static str {
    lang.pick(
        "Demonstration: deltagarna är påhittade. Projekten finns eller har funnits, men talen säger ingenting om dem.",
        "Demonstration: the participants are made up. The projects exist or existed, but the numbers say nothing about them.",
    )
}

/// What the noise does.
pub(super) fn noise(lang: Lang) -> &'static str {
    lang.pick(
        "Inget tal på sidan är exakt. Innan talen publicerades lades till vart och ett ett slumpmässigt tal, positivt eller \
         negativt, så att ingen av dem kan vara säker på om en viss person är med. Det kallas brus.",
        "No number on this page is exact. Before the numbers were published, a random number, positive or negative, was added \
         to each of them, so that nobody can be sure from them whether any one person is included. It is called noise.",
    )
}

/// What is promised.
pub(super) fn promise(lang: Lang, release: &Description) -> String {
    let unit = lang.pick(
        "talen på sidan är nästan lika sannolika med som utan uppgifterna om en viss person, det vill säga allt som finns om \
         personen, i alla projekt tillsammans.",
        "the numbers on this page are almost as likely with as without the data of any given person, that is, everything there \
         is about the person, in all projects taken together.",
    );
    [unit.to_owned(), odds(lang, &release.epsilon), slack(lang, &release.delta)].join(" ")
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
             inte gör det (odds 1 mot 1), kan av sidan komma till odds på högst {factor} mot 1, en sannolikhet på ungefär {chance}. \
             Faktorn {factor} är e upphöjt till ε, där ε = {shown}; ju mindre ε, desto starkare skydd."
        ),
        Lang::En => format!(
            "Even somebody who already knows everything about everybody else, and finds it as likely as not that the person \
             is included (odds of 1 to 1), can be brought by this page to odds of at most {factor} to 1, a probability of about {chance}. \
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
        "att statistiken inte säger något om en grupp. Om de flesta i ett projekt fick arbete är det troligt om var och en av \
         dem, och det hade sidan visat även utan just den personens uppgifter. Garantin gäller den här publiceringen. Den \
         gäller inte vad som har publicerats på annat håll, och inte vad de som lämnar och förvaltar uppgifterna ser.",
        "that the statistics say nothing about a group. If most people in a project found work, that is likely of each of them, \
         and the page would have shown it without that person's data too. The guarantee is for this release. It does not cover \
         what has been published elsewhere, nor what those who supply and manage the data can see.",
    )
}

/// How to read the numbers: a heading and a sentence each.
pub(super) fn reading(lang: Lang, level: Level, numbers: usize) -> Vec<(&'static str, String)> {
    let outliers = integer(lang, (numbers as f64 * level.outside() / 100.0).ceil() as i64);
    let numbers = integer(lang, i64::try_from(numbers).unwrap_or(i64::MAX));
    let (inside, outside) = (decimal(lang, level.percent(), 4), decimal(lang, level.outside(), 4));
    let interval = match lang {
        Lang::Sv => format!(
            "Efter varje tal står brusintervallets marginal, ±. Det exakta talet ligger inom marginalen med minst {inside} \
             procents sannolikhet; av hundra tal väntas alltså högst {outside} avvika mer. Intervallet gäller bara bruset. Det \
             säger inget om slumpen i vilka som deltog, om fel i underlaget eller om vad projekten har åstadkommit."
        ),
        Lang::En => format!(
            "Each number is followed by the margin of its noise interval, ±. The exact number lies within the margin with a \
             probability of at least {inside} percent; of a hundred numbers, at most {outside} are expected to be further off. \
             The interval is for the noise only. It says nothing about chance in who took part, errors in what was reported, \
             or what the projects brought about."
        ),
    };
    let zero = match lang {
        Lang::Sv => {
            format!(
                "Grå tal med {OPEN} kan inte skiljas från noll: brusintervallet når ned till noll eller lägre. Sidan har {numbers} \
                 tal, och upp till ungefär {outliers} av dem väntas ligga utanför sin marginal: en enstaka fylld stapel kan vara brus."
            )
        }
        Lang::En => {
            format!(
                "Grey numbers with {OPEN} cannot be told from zero: their noise interval reaches down to zero or below. The page has \
                 {numbers} numbers, and up to about {outliers} of them are expected outside their margin: a single filled bar may be noise."
            )
        }
    };
    vec![
        (lang.pick("Brusintervall", "Noise interval"), interval),
        (lang.pick("Nära noll", "Close to zero"), zero),
        (lang.pick("Negativa tal", "Negative numbers"), negative(lang).to_owned()),
        (
            lang.pick("Jämförelser", "Comparisons"),
            lang.pick(
                "Två tal i samma tabell går att skilja åt när de skiljer sig med mer än ungefär 1,4 gånger marginalen.",
                "Two numbers of the same table can be told apart when they differ by more than about 1.4 times the margin.",
            )
            .to_owned(),
        ),
        (
            lang.pick("Summor", "Sums"),
            lang.pick(
                "Varje tal har fått sitt eget brus. Delarna i en tabell behöver därför inte summera till motsvarande \
                 tal i en annan.",
                "Each number has noise of its own. The parts in one table therefore need not sum to the corresponding \
                 number in another.",
            )
            .to_owned(),
        ),
    ]
}

/// Why there are negative numbers.
pub(super) fn negative(lang: Lang) -> &'static str {
    lang.pick(
        "Ett antal kan bli negativt av bruset. Sådana tal står kvar med flit: om de höjdes till noll skulle summor av små tal \
         bli för stora.",
        "Noise can make a count negative. Such numbers are left as they are on purpose: if they were raised to zero, sums of \
         small numbers would come out too large.",
    )
}

/// The legend under the chart of a table.
pub(super) fn chart(lang: Lang, table: &Table) -> String {
    let margin = integer(lang, table.margin);
    let mut text = match lang {
        Lang::Sv => format!("Strecken är brusintervall, ±{margin}. Staplar utan fyllning kan inte skiljas från noll."),
        Lang::En => {
            format!("The whiskers are noise intervals, ±{margin}. Bars without a fill cannot be told from zero.")
        }
    };
    if table.values.iter().any(|&value| value < 0) {
        text.push_str(lang.pick(
            " Ett negativt tal får ingen stapel: den stannar vid noll, men strecket och talet till höger visar hela värdet.",
            " A negative number has no bar: it stops at zero, while the whisker and the number on the right show the full value.",
        ));
    }
    text
}

/// How the participations of one person are limited.
pub(super) fn bound(lang: Lang, participations: u64) -> String {
    let k = integer(lang, i64::try_from(participations).unwrap_or(i64::MAX));
    match (participations, lang) {
        (1, Lang::Sv) => "Högst ett deltagande per person är med, det som registrerades först. Fler är uteslutna ur alla \
                          tal, som därför kan vara något för låga."
            .to_owned(),
        (1, Lang::En) => "At most one participation per person is included, the one registered first. Any more are left \
                          out of all numbers, which may therefore be slightly too low."
            .to_owned(),
        (_, Lang::Sv) => format!(
            "Högst {k} deltaganden per person är med, de som registrerades först. Fler är uteslutna ur alla tal, som \
             därför kan vara något för låga."
        ),
        (_, Lang::En) => format!(
            "At most {k} participations per person are included, those registered first. Any more are left out of all \
             numbers, which may therefore be slightly too low."
        ),
    }
}

/// How the rows of one participation are limited in a table that can have several.
pub(super) fn rows(lang: Lang, table: &TableDescription) -> Option<String> {
    let (title, counted) = (table.title.get(lang), table.measure.title.get(lang).to_lowercase());
    let rows = integer(lang, i64::try_from(table.rows?).unwrap_or(i64::MAX));
    Some(match lang {
        Lang::Sv => format!("I ”{title}” är högst {rows} {counted} per deltagande med, de som registrerades först."),
        Lang::En => format!("In “{title}”, at most {rows} {counted} per participation are included, those registered first."),
    })
}

/// What a table counts, by what, and with which interval.
pub(super) fn caption(lang: Lang, table: &TableDescription, level: Level) -> String {
    let keys: Vec<_> = table.keys.iter().map(|key| key.title.get(lang).to_lowercase()).collect();
    let and = lang.pick(" och ", " and ");
    let by = match keys.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => [&rest.join(", "), and, last].concat(),
        None => String::new(),
    };
    let level = percent(lang, level.percent(), 4);
    let measure = table.measure.title.get(lang);
    match (lang, by.is_empty()) {
        (Lang::Sv, true) => format!("{measure}, ± brusintervallets marginal ({level})"),
        (Lang::Sv, false) => format!("{measure} efter {by}, ± brusintervallets marginal ({level})"),
        (Lang::En, true) => format!("{measure}, ± the margin of the noise interval ({level})"),
        (Lang::En, false) => format!("{measure} by {by}, ± the margin of the noise interval ({level})"),
    }
}

/// What the mark [`OPEN`] means.
pub(super) fn zero(lang: Lang) -> &'static str {
    lang.pick("kan inte skiljas från noll", "cannot be told from zero")
}

/// One bar, in words.
pub(super) fn bar(lang: Lang, label: &str, value: i64, margin: i64) -> String {
    let [low, high] = [value.saturating_sub(margin), value.saturating_add(margin)].map(|end| integer(lang, end));
    let (value, margin, to) = (integer(lang, value), integer(lang, margin), lang.pick("till", "to"));
    format!("{label}: {value} ± {margin} ({low} {to} {high})")
}

/// All bars of a panel, in words.
pub(super) fn bars(lang: Lang, table: &Table, bars: &[(String, i64)]) -> String {
    let bars: Vec<_> = bars.iter().map(|(label, value)| format!("{label} {}", integer(lang, *value))).collect();
    let margin = integer(lang, table.margin);
    let what = lang.pick("Liggande staplar. Brusintervallet är", "Horizontal bars. The noise interval is");
    format!("{what} ±{margin}. {}.", bars.join("; "))
}

/// The switch of charts that are folded away.
pub(super) fn show_charts(lang: Lang, count: usize) -> String {
    match lang {
        Lang::Sv => format!("Visa {count} diagram"),
        Lang::En => format!("Show {count} charts"),
    }
}

/// How the numbers were made.
pub(super) fn method(lang: Lang) -> &'static str {
    lang.pick(
        "Talen är framtagna med differentiell integritet. De exakta antalen räknades, heltalsbrus drogs en gång för varje tal, \
         och de exakta antalen har inte lämnat systemet. Bruset har väntevärdet noll, så talen är i genomsnitt rätt. De är \
         varken avrundade eller justerade. Samma publicering visar alltid samma tal.",
        "The numbers were made with differential privacy. The exact counts were taken, integer noise was drawn once for each \
         number, and the exact counts have not left the system. The noise has an expected value of zero, so the numbers are \
         right on average. They are neither rounded nor adjusted. The same release always shows the same numbers.",
    )
}

/// The privacy unit.
pub(super) fn unit(lang: Lang) -> &'static str {
    lang.pick(
        "En person: allt som finns om personen, i alla projekt och över hela tiden.",
        "A person: everything there is about the person, in all projects and over all time.",
    )
}

/// Epsilon and delta, exactly.
pub(super) fn strength(lang: Lang, release: &Description) -> String {
    let (epsilon, delta) = (declared(lang, &release.epsilon), declared(lang, &release.delta));
    match lang {
        Lang::Sv => format!(
            "ε = {epsilon} och δ = {delta} för alla tabeller på sidan tillsammans. För varje mängd S av tänkbara publiceringar \
             gäller P(S med personen) ≤ e^ε · P(S utan personen) + δ, och likaså åt andra hållet. Andra publiceringar om samma \
             personer läggs till detta."
        ),
        Lang::En => format!(
            "ε = {epsilon} and δ = {delta} for all tables on this page together. For every set S of possible releases, P(S with \
             the person) ≤ e^ε · P(S without the person) + δ, and the same the other way round. Other releases about the same \
             people add to this."
        ),
    }
}
