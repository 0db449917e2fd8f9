//! One quantile of an expression is selected by the exponential mechanism; several are read from one histogram.

use utfall_privacy::certificate::{Certificate, Crossing, Measure};

use super::crossing::{CertifiedVector, CrossingAggregate, Estimator, Vector};
use super::relation::Relation;
use super::words::refusal::Violation;

/// Several quantiles of one expression are read from one histogram of counts instead of being selected one by one.
pub(super) fn histograms(relation: &Relation, table: &str, crossing: &mut CrossingAggregate) -> Result<(), Violation> {
    let mut vectors: Vec<CertifiedVector> = Vec::new();
    let mut moved = Vec::new();
    for CertifiedVector { vector, certificate } in &crossing.vectors {
        let several = |column: usize| {
            crossing.vectors.iter().filter(|of| matches!(of.vector, Vector::Scores { column: c, .. } if c == column)).count() > 1
        };
        let (vector, certificate) = match vector {
            Vector::Scores { column, low, candidates, .. } if several(*column) => {
                let crossing = Crossing::derive(certificate.crossing.sets.clone(), Measure::Count, &relation.proof);
                let crossing = crossing.map_err(|_| Violation::TooMany(table.to_owned()))?;
                let vector = Vector::Histogram { column: *column, low: *low, candidates: *candidates };
                (vector, Certificate { crossing, ..certificate.clone() })
            }
            vector => (vector.clone(), certificate.clone()),
        };
        let at = vectors.iter().position(|known| known.vector == vector).unwrap_or(vectors.len());
        if at == vectors.len() {
            vectors.push(CertifiedVector { vector, certificate });
        }
        moved.push(at);
    }
    let to = |at: usize| moved.get(at).copied().unwrap_or(at);
    for named in &mut crossing.estimators {
        match &mut named.estimator {
            Estimator::Count(v) | Estimator::Sum(v) | Estimator::Split(v, _) => *v = to(*v),
            Estimator::Mean(all, ..) => *all = all.map(to),
            Estimator::Constant { count, .. } => *count = to(*count),
            Estimator::Spread { vectors, .. } => *vectors = vectors.map(to),
            Estimator::Quantile { vector, histogram, count: _, .. } => {
                *vector = to(*vector);
                *histogram = vectors.get(*vector).is_some_and(|of| matches!(of.vector, Vector::Histogram { .. }));
            }
            Estimator::Grouping(_) => {}
        }
    }
    crossing.vectors = vectors;
    Ok(())
}
