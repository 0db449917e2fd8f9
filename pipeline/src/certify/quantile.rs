//! One quantile of an expression is selected by the exponential mechanism; several are read from one histogram.

use utfall_privacy::certificate::{Certificate, Crossing as Proof, Measure as Kind};

use super::crossing::{Crossing, Measure, Vector};
use super::relation::Relation;
use super::words::refusal::Violation;

/// Several quantiles of one expression are read from one histogram of counts instead of being selected one by one.
pub(super) fn histograms(relation: &Relation, table: &str, crossing: &mut Crossing) -> Result<(), Violation> {
    let mut vectors: Vec<(Vector, Certificate)> = Vec::new();
    let mut moved = Vec::new();
    for (vector, certificate) in &crossing.vectors {
        let several = |column: usize| {
            crossing.vectors.iter().filter(|(v, _)| matches!(v, Vector::Scores { column: c, .. } if *c == column)).count() > 1
        };
        let (vector, certificate) = match vector {
            Vector::Scores { column, low, candidates, .. } if several(*column) => {
                let crossing = Proof::derive(certificate.crossing.sets.clone(), Kind::Count, &relation.proof);
                let crossing = crossing.map_err(|_| Violation::TooMany(table.to_owned()))?;
                let vector = Vector::Histogram { column: *column, low: *low, candidates: *candidates };
                (vector, Certificate { crossing, ..certificate.clone() })
            }
            vector => (vector.clone(), certificate.clone()),
        };
        let at = vectors.iter().position(|(v, _)| *v == vector).unwrap_or(vectors.len());
        if at == vectors.len() {
            vectors.push((vector, certificate));
        }
        moved.push(at);
    }
    let to = |at: usize| moved.get(at).copied().unwrap_or(at);
    for (_, _, measure) in &mut crossing.measures {
        match measure {
            Measure::Count(v) | Measure::Sum(v) | Measure::Split(v, _) => *v = to(*v),
            Measure::Mean(all, ..) => *all = all.map(to),
            Measure::Constant { count, .. } => *count = to(*count),
            Measure::Spread { vectors, .. } => *vectors = vectors.map(to),
            Measure::Quantile { vector, histogram, count: _, .. } => {
                *vector = to(*vector);
                *histogram = matches!(vectors.get(*vector), Some((Vector::Histogram { .. }, _)));
            }
            Measure::Grouping(_) => {}
        }
    }
    crossing.vectors = vectors;
    Ok(())
}
