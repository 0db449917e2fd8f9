//! The marks of numbers that are not firm, and what they mean: the same on the pages and in the metadata.

use std::collections::BTreeSet;

use crate::estimate::reliability::Grade;
use crate::{Formula, Table};
use utfall_ground::text::Lang;

/// By what the numbers of a table are judged.
enum Judged {
    /// Counts and sums.
    Total,
    /// Measures of spread.
    Spread,
    /// Shares.
    Share,
    /// Means, and quantiles of a histogram.
    Value,
    /// Quantiles that a mechanism chose.
    Rank,
}

fn judged(table: &Table) -> Judged {
    match table.measure().map(|measure| &measure.formula) {
        Some(Formula::Quantile { .. }) => Judged::Rank,
        Some(Formula::Variance { .. } | Formula::Deviation { .. }) => Judged::Spread,
        Some(formula) if formula.is_share() => Judged::Share,
        _ if table.is_total() => Judged::Total,
        _ => Judged::Value,
    }
}

/// What stands before a number; none before one that is firm.
pub(crate) fn symbol(grade: Grade) -> Option<&'static str> {
    match grade {
        Grade::Firm => None,
        Grade::Rough => Some("◐"),
        Grade::Open => Some("○"),
    }
}

/// A grade in a word or two, for those who hear a chart read.
pub(crate) fn short(lang: Lang, grade: Grade) -> Option<&'static str> {
    match grade {
        Grade::Firm => None,
        Grade::Rough => Some(lang.pick("osäkert", "uncertain")),
        Grade::Open => Some(lang.pick("säger ingenting", "says nothing")),
    }
}

/// The legend of the marks that these numbers have: each mark with what it means, the milder first.
pub(crate) fn legend(grades: impl Iterator<Item = Grade>, meaning: impl Fn(Grade) -> &'static str) -> String {
    let found: BTreeSet<Grade> = grades.collect();
    let one = |grade: &Grade| Some(format!("{} {}.", symbol(*grade)?, meaning(*grade)));
    found.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}

/// What the mark of a grade means in a table.
pub(crate) fn meaning(lang: Lang, table: &Table, grade: Grade) -> &'static str {
    match (grade, judged(table)) {
        (Grade::Firm, _) => lang.pick("säkert nog att läsas som det står", "firm enough to be read as it stands"),
        (Grade::Rough, Judged::Total | Judged::Spread) => lang.pick(
            "osäkert: halva brusintervallet är mer än en tredjedel av talet",
            "uncertain: half the noise interval is more than a third of the number",
        ),
        (Grade::Rough, Judged::Share) => lang.pick(
            "osäkert: brusintervallet är bredare än 20 procentenheter",
            "uncertain: the noise interval is wider than 20 percentage points",
        ),
        (Grade::Rough, Judged::Value) => lang.pick(
            "osäkert: brusintervallet är mer än en femtedel av det möjliga",
            "uncertain: the noise interval is more than a fifth of what is possible",
        ),
        (Grade::Rough, Judged::Rank) => lang.pick(
            "osäkert: talet kan ligga mer än var tionde person från sin plats i ordningen, eller så är det inte känt hur många de är",
            "uncertain: the number may be more than one person in ten away from its place in the order, or it is not known how many they are",
        ),
        (Grade::Open, Judged::Total) => lang.pick("kan inte skiljas från noll", "cannot be told from zero"),
        (Grade::Open, Judged::Spread) => lang.pick(
            "säger ingenting: brusintervallet når noll eller är allt som är möjligt, eller så säger det brusiga antalet inte att \
             det finns tillräckligt många",
            "says nothing: the noise interval reaches zero or is all that is possible, or the noisy count does not say that \
             there are people enough",
        ),
        (Grade::Open, Judged::Share) => lang.pick(
            "säger ingenting: brusintervallet är bredare än 50 procentenheter, eller så säger det brusiga antalet inte att det \
             finns tillräckligt många",
            "says nothing: the noise interval is wider than 50 percentage points, or the noisy count does not say that there are \
             people enough",
        ),
        (Grade::Open, Judged::Value) => lang.pick(
            "säger ingenting: brusintervallet är mer än hälften av det möjliga, eller så säger det brusiga antalet inte att det \
             finns tillräckligt många",
            "says nothing: the noise interval is more than half of what is possible, or the noisy count does not say that there \
             are people enough",
        ),
        (Grade::Open, Judged::Rank) => lang.pick(
            "säger ingenting: det brusiga antalet säger inte att det finns någon, eller så kan talet ligga mer än var fjärde \
             person från sin plats i ordningen",
            "says nothing: the noisy count does not say that there is anybody, or the number may be more than one person in four \
             away from its place in the order",
        ),
    }
}

/// The same of what a query computed from noisy numbers.
pub(crate) fn meaning_above(lang: Lang, grade: Grade) -> &'static str {
    match grade {
        Grade::Firm => lang.pick("säkert nog att läsas som det står", "firm enough to be read as it stands"),
        Grade::Rough => lang.pick(
            "osäkert: halva brusintervallet är mer än en tredjedel av talet (av en andel: det är bredare än 20 procentenheter), \
             eller så finns inget intervall",
            "uncertain: half the noise interval is more than a third of the number (of a share: it is wider than 20 percentage \
             points), or there is no interval",
        ),
        Grade::Open => lang.pick(
            "säger ingenting: brusintervallet når noll (av en andel: det är bredare än 50 procentenheter), eller saknas för att \
             det som talet är räknat ur kan vara ingenting",
            "says nothing: the noise interval reaches zero (of a share: it is wider than 50 percentage points), or there is \
             none, since what the number is computed from may be nothing",
        ),
    }
}

/// What the observation status of a file means.
pub(crate) fn status(lang: Lang) -> &'static str {
    lang.pick(
        "Status: u om talet inte säger något (låg tillförlitlighet), e om det är osäkert (uppskattning), annars tomt",
        "Status: u if the number says nothing (low reliability), e if it is uncertain (estimate), otherwise empty",
    )
}
