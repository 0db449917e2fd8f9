//! How far from its promise a result must be for a verdict, before anything is measured: from the noise that is planned and the number
//! of people that the register plans with. Public sizes only; nothing is read and nothing is spent.

use utfall_estimate::distribution::{Distribution, Single};
use utfall_estimate::reconcile::Reconciler;
use utfall_estimate::workload::NoiseBudget;
use utfall_ground::text::Text;
use utfall_publish::estimate::target::{Kind, Target};

use crate::certify::{Estimator, NamedEstimator};
use crate::release::{CheckedRelease, CheckedTable};

/// What a target's verdict asks of the result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Telling {
    /// What the target is called.
    pub(crate) title: Text,
    /// What kind of number it is for.
    pub(crate) kind: Kind,
    /// How far from the promise and its tolerance the exact number must be, in points or units, so that every second draw of the noise
    /// gives a verdict; twice as far, and nearly every one does.
    pub(crate) distance: f64,
    /// Whether *met* can be said at all: of a share that may be no more than 100 percent, only within a tolerance of that distance.
    pub(crate) can_be_met: bool,
}

/// How far from its promise the result of a target of a table must be for a verdict, if so many people are in its row (of a quota: in
/// all rows). None where nothing can be reckoned: of nobody.
///
/// The interval of a share holds every p for which (1 - p) u - p v is within its margin, so it lies wholly on one side of the promise
/// where the result is more than that margin, divided by the people, from it. A count is told at its own margin.
pub(crate) fn telling(
    checked: &CheckedRelease,
    table: &CheckedTable,
    target: &Target,
    people: f64,
    tail: f64,
) -> Option<Telling> {
    let of = table.quotes.as_ref().and_then(|of| checked.quoted.get(&of.release)).unwrap_or(checked);
    let vector = table.vectors().into_iter().next()?;
    let promised = target.promised();
    let end = promised.low.or(promised.high)?;
    let margin = margin(of, table, target, &vector, end, tail)?;
    let distance = match target.kind {
        Kind::Count => margin,
        Kind::Share => 100.0 * margin / people,
        Kind::Mean => width(table)? * margin / people,
    };
    let room = match (promised.low, promised.high) {
        // From the end that must be passed to the last that is possible, or to the other end.
        (Some(least), most) if target.kind == Kind::Share => {
            most.unwrap_or(100) - least + target.tolerance * if most.is_some() { 2 } else { 1 }
        }
        (Some(least), Some(most)) => most - least + 2 * target.tolerance,
        (None, Some(most)) => most + target.tolerance,
        _ => i64::MAX,
    };
    // Two ends must both be passed.
    let sides = if promised.low.is_some() && promised.high.is_some() { 2.0 } else { 1.0 };
    let can_be_met = room as f64 >= sides * distance;
    (people > 0.0 && distance.is_finite()).then(|| Telling {
        title: target.title.clone(),
        kind: target.kind,
        distance,
        can_be_met,
    })
}

/// The width of the values of a mean.
fn width(table: &CheckedTable) -> Option<f64> {
    let crossing = &table.answer.certified.accepted().crossing;
    let [NamedEstimator { estimator: Estimator::Split(_, range), .. }] = crossing.estimators.as_slice() else { return None };
    Some(range.high.checked_sub(range.low)? as f64)
}

/// What the noise of the balance at a promise stays within: of a share (1 - p) u - p v, of a count that of the count.
fn margin(checked: &CheckedRelease, table: &CheckedTable, target: &Target, vector: &str, end: i64, tail: f64) -> Option<f64> {
    let planning = &checked.planning;
    let unit = planning.units.iter().position(|name| name == vector)?;
    let family = planning.workload.families.iter().find(|family| family.parts.iter().any(|part| part.unit == unit))?;
    let part = family.parts.iter().find(|part| part.unit == unit)?;
    let along = |column: Option<usize>| {
        let axes = super::super::preview::axes(checked, vector);
        axes.into_iter().find(|(_, of)| *of == column).map(|(axis, _)| part.axes & !(1 << axis))
    };
    let share = match target.kind {
        Kind::Share => end as f64 / 100.0,
        Kind::Mean => {
            let crossing = &table.answer.certified.accepted().crossing;
            let [NamedEstimator { estimator: Estimator::Split(_, range), .. }] = crossing.estimators.as_slice() else {
                return None;
            };
            (i128::from(end).checked_sub(range.low)? as f64 / width(table)?).clamp(0.0, 1.0)
        }
        Kind::Count => 0.0,
    };
    let combined = match (target.kind, &target.part) {
        (Kind::Count, _) => vec![(part.axes, 1.0)],
        (_, Some(of)) => vec![(part.axes, 1.0), (along(Some(of.key))?, -share)],
        (_, None) => vec![(part.axes, 1.0), (along(None)?, -share)],
    };
    let reconciler = Reconciler::new(family.clone(), planning.planned.precisions.clone());
    let single = |unit: usize| {
        let variance = planning.planned.precisions[unit].recip();
        match planning.noise {
            NoiseBudget::Gaussian(_) if !planning.workload.units[unit].pure => Single::Gaussian(variance),
            NoiseBudget::Laplace(_) | NoiseBudget::Gaussian(_) => Single::Laplace(variance),
        }
    };
    let of = |path| Distribution::new(&reconciler.terms(&combined, path), single).margin(tail);
    family.places(part).map(of).reduce(f64::max)
}
