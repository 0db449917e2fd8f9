//! What a page says where it compares the rows of a table.

use crate::Table;
use crate::estimate::interval::Level;
use crate::explain;
use crate::site::number::integer;
use crate::site::shown::Shown;
use utfall_estimate::interval::Interval;
use utfall_ground::text::Lang;

/// That no row differs from another.
pub(crate) fn nothing_differs(lang: Lang, level: Level, rows: usize) -> String {
    let inside = explain::level(lang, level);
    let rows = match (rows, lang) {
        (2, Lang::Sv) => "De två raderna går inte att skilja åt".to_owned(),
        (2, Lang::En) => "The two rows cannot be told apart".to_owned(),
        (n, Lang::Sv) => format!("Inga två av de {n} raderna går att skilja åt"),
        (n, Lang::En) => format!("No two of the {n} rows can be told apart"),
    };
    match lang {
        Lang::Sv => format!("{rows} vid det här bruset: intervall som alla gäller samtidigt med {inside} säkerhet möts."),
        Lang::En => format!("{rows} at this noise: intervals that all hold at once with a confidence of {inside} meet."),
    }
}

/// What the differences hold, and that they are no effects.
pub(crate) fn together(lang: Lang, level: Level) -> String {
    let inside = explain::level(lang, level);
    match lang {
        Lang::Sv => format!(
            "Varje skillnad står från den minsta till den största som bruset lämnar möjlig, och alla gäller samtidigt med \
             {inside} säkerhet. En skillnad är ingen effekt: det var olika människor som deltog (ålder, tid utan arbete, hälsa), \
             och det kan ensamt förklara den."
        ),
        Lang::En => format!(
            "Each difference is given from the smallest to the largest that the noise leaves possible, and all hold at once with \
             a confidence of {inside}. A difference is no effect: different people took part (age, time without work, health), \
             which alone may explain it."
        ),
    }
}

/// That one row is above another, for the noise, and where that can be told, when chance in who took part is counted too.
pub(crate) fn above(
    lang: Lang,
    table: &Table,
    (one, other): (&str, &str),
    by: Interval<i64>,
    by_chance: Option<Option<Interval<i64>>>,
) -> String {
    let (from_to, unit) = (|by| difference(lang, table, by), unit(lang, table));
    let (noise, by_chance) = (from_to(by), by_chance.map(|by| by.map(from_to)));
    let (more, chance) = match (by_chance, lang) {
        (None, _) => (String::new(), ""),
        (Some(Some(by)), Lang::Sv) => (format!("; {by}"), " med slumpen i vilka som deltog"),
        (Some(Some(by)), Lang::En) => (format!("; {by}"), " with chance in who took part"),
        (Some(None), Lang::Sv) => (String::new(), "; med slumpen i vilka som deltog går det inte att säga"),
        (Some(None), Lang::En) => (String::new(), "; with chance in who took part it cannot be told"),
    };
    match lang {
        Lang::Sv => format!("{one} ligger {noise}{unit} över {other}{more}{chance}"),
        Lang::En => format!("{one} is {noise}{unit} above {other}{more}{chance}"),
    }
}

/// From–to; that of shares in percentage points.
fn difference(lang: Lang, table: &Table, by: Interval<i64>) -> String {
    Shown::of(table).range(lang, by)
}

fn unit(lang: Lang, table: &Table) -> String {
    let unit = table.measure().and_then(|measure| measure.unit.as_deref());
    match (is_share(table), unit) {
        (true, _) => lang.pick(" procentenheter", " percentage points").to_owned(),
        (false, Some(unit)) => format!(" {}", explain::unit(lang, unit)),
        (false, None) => String::new(),
    }
}

fn is_share(table: &Table) -> bool {
    table.measure().is_some_and(|measure| measure.formula.is_share())
}

/// How many more pairs differ than are shown.
pub(crate) fn more_pairs(lang: Lang, count: usize) -> String {
    let count = integer(lang, i64::try_from(count).unwrap_or(i64::MAX));
    match lang {
        Lang::Sv => format!("och {count} par till, mindre tydligt"),
        Lang::En => format!("and {count} more pairs, less clearly"),
    }
}

/// The switch of all rows.
pub(crate) fn all_rows(lang: Lang, rows: usize) -> String {
    let rows = integer(lang, i64::try_from(rows).unwrap_or(i64::MAX));
    match lang {
        Lang::Sv => format!("Visa alla {rows} rader, var och en med dem som den inte kan skiljas från"),
        Lang::En => format!("Show all {rows} rows, each with those that it cannot be told from"),
    }
}

/// What the order of all rows is.
pub(crate) fn order(lang: Lang, sampling: bool) -> String {
    let order = lang.pick(
        "Ordningen är ingen rangordning: den beror också på bruset, och rader som inte säger något står sist.",
        "The order is no ranking: it depends on the noise too, and rows that say nothing stand last.",
    );
    let chance = match sampling {
        false => lang.pick("Slumpen i vilka som deltog ingår inte.", "Chance in who took part is not included."),
        true => lang.pick(
            "Slumpen i vilka som deltog ingår bara i den sista spalten.",
            "Chance in who took part is included in the last column only.",
        ),
    };
    format!("{order} {chance}")
}
