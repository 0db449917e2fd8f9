//! How to read the numbers of a page.

use super::negative;
use crate::estimate::interval::Level;
use crate::estimate::reliability::Grade;
use crate::explain::marks;
use crate::site::number::{decimal, integer};
use crate::{Formula, Publication, Table};
use utfall_ground::text::Lang;

/// A heading and a sentence each, for what the page has.
pub(crate) fn reading(lang: Lang, level: Level, publication: &Publication) -> Vec<(&'static str, String)> {
    let any = |has: fn(&Table) -> bool| publication.tables.iter().any(has);
    let counts = any(Table::is_total);
    let mut entries = Vec::new();
    if counts {
        entries.push((lang.pick("Brusintervall", "Noise interval"), interval(lang, level, any(Table::is_reconciled))));
        entries.push((lang.pick("Negativa tal", "Negative numbers"), negative(lang).to_owned()));
    }
    entries.push((lang.pick("Märken", "Marks"), reliability(lang, level, publication)));
    if any(|table| !table.is_total() && table.lower.iter().any(Option::is_some)) {
        entries.push((lang.pick("Medelvärden och andelar", "Means and shares"), means(lang, level)));
    }
    let chosen = |table: &Table| matches!(table.measure().map(|m| &m.formula), Some(Formula::Quantile { .. }));
    if any(chosen) {
        entries.push((lang.pick("Medianer och andra kvantiler", "Medians and other quantiles"), medians(lang).to_owned()));
    }
    if !publication.views.is_empty() {
        entries.push((lang.pick("Beräknade tabeller", "Computed tables"), views(lang).to_owned()));
    }
    if counts {
        entries.push((lang.pick("Jämförelser", "Comparisons"), comparisons(lang).to_owned()));
    }
    if counts || !publication.views.is_empty() {
        entries.push((lang.pick("Summor", "Sums"), sums(lang, publication)));
    }
    entries
}

fn interval(lang: Lang, level: Level, reconciled: bool) -> String {
    let (inside, outside) = (decimal(lang, level.percent(), 4), decimal(lang, level.outside(), 4));
    let where_it_is = match (reconciled, lang) {
        (true, Lang::Sv) => "Efter varje antal står dess brusintervall, från–till, eller dess marginal, ±.",
        (true, Lang::En) => "Each count is followed by its noise interval, from–to, or by its margin, ±.",
        (false, Lang::Sv) => "Efter varje antal står brusintervallets marginal, ±.",
        (false, Lang::En) => "Each count is followed by the margin of its noise interval, ±.",
    };
    match lang {
        Lang::Sv => format!(
            "{where_it_is} Det exakta talet ligger där med {inside} procents sannolikhet; av hundra tal väntas alltså ungefär \
             {outside} ligga utanför. Intervallet gäller bara bruset. Det säger inget om slumpen i vilka som deltog, om fel i \
             underlaget eller om vad projekten har åstadkommit."
        ),
        Lang::En => format!(
            "{where_it_is} The exact number lies there with a probability of {inside} percent; of a hundred numbers, about \
             {outside} are expected to lie outside. The interval is for the noise only. It says nothing about chance in who took \
             part, errors in what was reported, or what the projects brought about."
        ),
    }
}

/// What the marks and the ink mean, and how many counts are expected to have a wrong one.
fn reliability(lang: Lang, level: Level, publication: &Publication) -> String {
    let [rough, open] = [Grade::Rough, Grade::Open].map(|grade| marks::symbol(grade).unwrap_or_default());
    let all = match lang {
        Lang::Sv => format!(
            "Ett tal utan märke kan läsas som det står: halva brusintervallet är högst en tredjedel av talet, eller av en andel \
             högst 20 procentenheter brett. Ett tal med {rough} är osäkert: läs intervallet. Ett grått tal med {open} säger \
             ingenting: intervallet når noll, eller är av en andel bredare än 50 procentenheter. Staplar och punkter är fyllda, \
             svagt fyllda och utan fyllning på samma sätt."
        ),
        Lang::En => format!(
            "A number without a mark can be read as it stands: half its noise interval is at most a third of the number, or the \
             interval of a share at most 20 percentage points wide. A number with {rough} is uncertain: read the interval. A \
             grey number with {open} says nothing: the interval reaches zero, or that of a share is wider than 50 percentage \
             points. Bars and dots are filled, faint and without a fill likewise."
        ),
    };
    let numbers: usize = publication.tables.iter().filter(|table| table.is_total()).map(|table| table.values.len()).sum();
    if numbers == 0 {
        return all;
    }
    let outliers = integer(lang, (numbers as f64 * level.outside() / 100.0).ceil() as i64);
    let numbers = integer(lang, i64::try_from(numbers).unwrap_or(i64::MAX));
    match lang {
        Lang::Sv => format!(
            "{all} Sidan har {numbers} antal och summor, och upp till ungefär {outliers} av dem väntas ligga utanför sitt intervall: en \
             enstaka fylld stapel kan vara brus."
        ),
        Lang::En => format!(
            "{all} The page has {numbers} counts and sums, and up to about {outliers} of them are expected outside their interval: a \
             single filled bar may be noise."
        ),
    }
}

fn means(lang: Lang, level: Level) -> String {
    let inside = decimal(lang, level.percent(), 4);
    match lang {
        Lang::Sv => format!(
            "Under ett medelvärde, en andel eller ett spridningsmått står dess brusintervall: det exakta värdet ligger där med \
             {inside} procents sannolikhet. Ju färre personer, desto bredare intervall. Där gruppen kan vara tom säger talet \
             ingenting, och har inget intervall. Ett streck betyder att inget tal kan beräknas. En \
             andel har inte fler siffror än intervallet bär."
        ),
        Lang::En => format!(
            "Below a mean, a share or a measure of spread is its noise interval: the exact value lies there with a probability of \
             {inside} percent. The fewer people, the wider the interval. Where the group may be empty, the number says nothing \
             and has no interval. A dash means that no number can be computed. A share \
             has no more digits than its interval supports."
        ),
    }
}

fn medians(lang: Lang) -> &'static str {
    lang.pick(
        "Medianer är valda med hjälp av slump, troligast nära den exakta medianen. De har inga brusintervall; under tabellen står \
         hur många platser fel i ordningen talet kan ligga, och märkena räknas av det.",
        "Medians were chosen at random, most likely close to the exact median. They have no noise intervals; below the table it \
         says by how many places in the order a number may be off, by which they are marked.",
    )
}

fn views(lang: Lang) -> &'static str {
    lang.pick(
        "En beräknad tabell är gjord av sin fråga ur brusiga tal, som finns under den. Dess intervall är simulerade: bruset har \
         dragits om många gånger. Dess tal har samma märken som andra, och visas inte utanför vad som är möjligt. Urval och rangordning i \
         den beror också på bruset.",
        "A computed table was made by its query from noisy numbers, which are found below it. Its intervals are simulated: the \
         noise was drawn anew many times. Its numbers have the same marks as others, and are not shown beyond what is possible. What it \
         selects and how it ranks depends on the noise too.",
    )
}

fn comparisons(lang: Lang) -> &'static str {
    lang.pick(
        "Två antal i samma tabell går att skilja åt när deras brusintervall inte möts. Möts de, säger sidan inget om vilket som är störst.",
        "Two counts of the same table can be told apart when their noise intervals do not meet. Where they meet, the page does not say \
         which is larger.",
    )
}

/// Whether parts sum to their wholes.
pub(in crate::site) fn sums(lang: Lang, publication: &Publication) -> String {
    let alone = publication.tables.iter().any(|table| table.is_total() && !table.is_reconciled());
    let together = publication.tables.iter().any(Table::is_reconciled);
    let additive = publication.tables.iter().all(|table| table.additive);
    let mut text = Vec::new();
    if together && additive {
        text.push(lang.pick(
            "Tabeller av samma uppgifter är avstämda mot varandra: delarna summerar till helheten, i filerna till sista decimalen. På \
             sidan stämmer det också, utom där ett negativt tal visas som noll.",
            "Tables of the same rows are reconciled: the parts sum to the whole, in the files to the last decimal. On the page they do \
             too, except where a negative number is shown as zero.",
        ));
    } else if together {
        text.push(lang.pick(
            "Tabeller av samma uppgifter är avstämda mot varandra, men avrundade var för sig: summor kan skilja på sista siffran.",
            "Tables of the same rows are reconciled, but rounded each for itself: sums may differ in the last digit.",
        ));
    }
    if alone || !together {
        text.push(lang.pick(
            "Ett tal som inte är avstämt har fått sitt eget brus. Delar behöver därför inte summera till motsvarande tal i en annan \
             tabell, eller till totalen i samma tabell.",
            "A number that is not reconciled has noise of its own. Parts therefore need not sum to the corresponding number in another \
             table, or to the total of the same table.",
        ));
    }
    text.join(" ")
}
