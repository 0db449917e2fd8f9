//! What a release says of itself: archived beside its numbers, and public.

use datafusion::logical_expr::LogicalPlan;
use utfall_privacy::Release;

use super::headings::heading;
use super::measurements::Draw;
use super::quoted::Ids;
use super::{CheckedRelease, CheckedTable};
use crate::catalogue::differs;
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec::QuotedTable;
use crate::certify::{self, Checked, NamedEstimator, Subject};
use crate::engine::Answer;
use utfall_ground::error::Error;
use utfall_ground::text::Text;
use utfall_publish::{
    Description, Differs, Formula, Quotation, SeriesDescription, Statistic, TableDescription, VectorDescription,
};

/// What the release says of itself, as archived; public. `period` says which it is of a series.
pub(super) fn describe(
    catalogue: &Catalogue,
    checked: &CheckedRelease,
    demonstration: bool,
    period: Option<SeriesDescription>,
    quoted: &Ids,
) -> Result<Vec<u8>, Error> {
    written(&of(catalogue, checked, demonstration, period, quoted), &checked.release.name)
}

/// What a release that is no series would say of itself now, beside these on whose numbers it stands.
///
/// # Errors
/// When it contradicts itself.
pub fn declared(
    catalogue: &Catalogue,
    checked: &CheckedRelease,
    demonstration: bool,
    quoted: &[Release],
) -> Result<Description, Error> {
    let named = quoted.iter().map(|release| Ok((Description::from_json(release.description())?.name, release.id())));
    let quoted = named.collect::<Result<Ids, Error>>()?;
    // As it would be read from an archive.
    let description = of(catalogue, checked, demonstration, None, &quoted);
    Ok(Description::from_json(&written(&description, &checked.release.name)?)?)
}

fn written(description: &Description, name: &str) -> Result<Vec<u8>, Error> {
    description.to_json().map_err(|e| Error::usage("description", e.message().after(format!("queries/{name}: "))))
}

fn of(
    catalogue: &Catalogue,
    checked: &CheckedRelease,
    demonstration: bool,
    series: Option<SeriesDescription>,
    quoted: &Ids,
) -> Description {
    let release = &checked.release;
    let table = |table: &CheckedTable| {
        let quotes = table.quotes.as_ref().and_then(|of| quotation(checked, of, quoted));
        TableDescription { quotes, ..described(catalogue, table) }
    };
    Description {
        format: Description::FORMAT,
        name: release.name.clone(),
        title: release.title.clone(),
        words: catalogue.words().cloned(),
        about: release.about.clone(),
        demonstration,
        epsilon: release.budget_text.0.clone(),
        delta: release.budget_text.1.clone(),
        participations: release.bounds.participations,
        interval: release.interval.clone(),
        formats: release.formats.clone(),
        series,
        tables: checked.tables.iter().map(table).collect(),
        bases: checked.bases.iter().map(|table| described(catalogue, table)).collect(),
        families: checked.planning.families().cloned().collect(),
        computed: release.periods.is_none().then(|| checked.computed.clone()),
        asked: release.periods.is_none().then(|| checked.asked.clone()),
    }
}

/// The archived release on whose numbers a table stands.
fn quotation(checked: &CheckedRelease, QuotedTable { release, table }: &QuotedTable, quoted: &Ids) -> Option<Quotation> {
    let of = &checked.quoted.get(release)?.release;
    let ((epsilon, delta), participations) = (of.budget_text.clone(), of.bounds.participations);
    // Before there is any, none has this id.
    let id = quoted.get(release).map_or_else(|| "0".repeat(64), ToString::to_string);
    let (release, title, table) = (release.clone(), of.title.clone(), table.clone());
    let has_pages = of.formats.iter().any(|format| format == "html");
    Some(Quotation { release, title, table, id, epsilon, delta, participations, has_pages })
}

/// What one query says of itself.
pub(crate) fn described(catalogue: &Catalogue, table: &CheckedTable) -> TableDescription {
    let Answer { certified, above } = &table.answer;
    let (accepted, grid, keys) = (certified.accepted(), certified.grid(), certified.keys());
    let measures = accepted.crossing.estimators.iter().filter_map(|NamedEstimator { name, subject, estimator }| {
        let formula = formula(estimator)?;
        Some(Statistic {
            name: name.clone(),
            title: heading(&table.query, name).unwrap_or_else(|| titled(catalogue, accepted, name, subject)),
            formula,
            unit: unit(catalogue, subject),
        })
    });
    let certificates = accepted.crossing.vectors.iter().map(|of| certify::words::form::write(&of.certificate));
    let vectors = table.vectors().into_iter().zip(certificates).map(|(name, certificate)| {
        // Where nothing was paid, there is nothing to prove.
        let follows = table.follows.contains(&name);
        let certificate = if follows || table.quotes.is_some() { "null".to_owned() } else { certificate };
        VectorDescription { name, certificate, follows }
    });
    TableDescription {
        name: table.query.name.clone(),
        title: table.query.title.clone(),
        sql: table.query.text().to_owned(),
        keys: grid.keys.clone(),
        cells: grid.cells.clone(),
        private_keys: matches!(table.draw, Draw::Keys(_)),
        anonymous: table.query.anonymous,
        rows: accepted.scans.iter().filter_map(|s| Some((s.table.clone(), s.rows?))).collect(),
        public: keys.to_vec(),
        vectors: vectors.collect(),
        measures: measures.collect(),
        above: above.clone(),
        targets: table.targets.clone(),
        measured_with: table.measured_with.as_ref().map(|(_, name)| name.clone()),
        quotes: None,
        differs: table.query.differs.as_ref().and_then(|differs::Differs { from, title, has_pages, why }| {
            let (release, table) = (from.release.clone(), from.table.clone());
            Some(Differs { release, table, title: title.clone()?, why: why.clone(), has_pages: *has_pages })
        }),
    }
}

/// The arithmetic of an aggregate, as it is archived; `None` for what is public.
fn formula(estimator: &certify::Estimator) -> Option<Formula> {
    let ends = |range: certify::ValueRange| {
        (i64::try_from(range.low).unwrap_or(i64::MIN), i64::try_from(range.high).unwrap_or(i64::MAX))
    };
    Some(match *estimator {
        certify::Estimator::Count(vector) => Formula::Count { vector },
        certify::Estimator::Sum(vector) => Formula::Sum { vector },
        certify::Estimator::Split(vector, range) => {
            let (low, high) = ends(range);
            Formula::Split { vector, low, high }
        }
        certify::Estimator::Mean([count, sum], centre, range) => {
            let (low, high) = ends(range);
            Formula::Mean { count, sum, centre, low, high }
        }
        certify::Estimator::Spread { vectors: [count, sum, squares], centre, range, sample, root } => {
            let (low, high) = ends(range);
            if root {
                Formula::Deviation { count, sum, squares, sample, low, high, centre }
            } else {
                Formula::Variance { count, sum, squares, sample, low, high, centre }
            }
        }
        certify::Estimator::Constant { count, value, least } => Formula::Constant { count, value, least },
        certify::Estimator::Quantile { vector, range, numerator, denominator, histogram, count, ends: by_ends } => {
            let (low, bins) = (ends(range).0, usize::try_from(range.high - range.low + 1).unwrap_or(usize::MAX));
            if histogram {
                Formula::HistogramQuantile { vector, low, bins, numerator, denominator }
            } else {
                Formula::Quantile { vector, low, numerator, denominator, count, ends: by_ends }
            }
        }
        certify::Estimator::Grouping(_) => return None,
    })
}

/// What a measure is called: what its rows are counted as, people, or the function and its column.
fn titled(catalogue: &Catalogue, accepted: &Checked, name: &str, subject: &Subject) -> Text {
    let text = |sv: &str, en: &str| Text { sv: sv.to_owned(), en: en.to_owned() };
    match subject {
        Subject::People => text("Personer", "People"),
        Subject::Rows | Subject::Public => {
            let single = if let [scan] = accepted.scans.as_slice() { catalogue.table(&scan.table) } else { None };
            let counts = accepted.crossing.estimators.iter().filter(|named| named.subject == Subject::Rows).count();
            let plain = accepted.crossing.aggregates.len() == 1 && !groups(&accepted.crossing.input);
            let counted = single.filter(|_| counts == 1 && plain).and_then(|t| t.counted.clone());
            counted.unwrap_or_else(|| text(name, name))
        }
        Subject::Of(function, origin) => {
            let column = origin.as_ref().and_then(|o| catalogue.table(&o.table)?.columns.get(&o.column)?.title.clone());
            let Some(column) = column else { return text(name, name) };
            let (sv, en) = match function.as_str() {
                "sum" => ("summa", "sum"),
                "avg" => ("medelvärde", "mean"),
                "var" => ("varians", "variance"),
                "stddev" => ("standardavvikelse", "standard deviation"),
                "median" => ("median", "median"),
                other => (other, other),
            };
            text(&format!("{}, {}", column.sv, sv.replace("quantile", "kvantil")), &format!("{}, {en}", column.en))
        }
    }
}

/// Whether the rows that are counted are made of several: then they are not those of a table.
fn groups(plan: &LogicalPlan) -> bool {
    let grouped = matches!(plan, LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) | LogicalPlan::Union(_));
    grouped || plan.inputs().into_iter().any(groups)
}

/// The unit of measure of the column that a measure is about.
fn unit(catalogue: &Catalogue, subject: &Subject) -> Option<String> {
    let Subject::Of(function, Some(origin)) = subject else { return None };
    let unit = catalogue.table(&origin.table)?.columns.get(&origin.column)?.unit.clone()?;
    Some(if function == "var" { format!("({unit})²") } else { unit })
}
