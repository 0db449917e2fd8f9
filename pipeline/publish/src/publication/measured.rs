//! A vector as it was released, and those that follow from what was: what tables are made of.

use std::collections::HashMap;
use std::sync::Arc;

use utfall_privacy::{Measurement, NoisyTable};

use crate::error::DeriveError;
use crate::estimate::Estimate;
use crate::estimate::noise::KnownNoise;
use crate::estimate::reconciliation::Reconciliation;

/// A vector as it was released.
#[derive(Debug, Clone)]
pub struct Measured<'a> {
    /// The name of its measurement.
    pub name: &'a str,
    /// The noisy integers.
    pub values: &'a [i64],
    /// The cells that the release names, if it does: the codes of each with [`SEPARATOR`](crate::SEPARATOR) between them.
    pub keys: Option<&'a [String]>,
    /// The noise; the same vector drawn again has the same, with what is known of it.
    pub noise: Arc<KnownNoise>,
}

/// The vectors that were measured, and those that follow from them: the numbers of these are those of the reconciliation, their noise
/// that of what they follow from.
pub fn completed<'a>(
    by: &'a Reconciliation,
    measured: &[Measured<'a>],
    estimates: &'a HashMap<String, Estimate>,
) -> Result<Vec<Measured<'a>>, DeriveError> {
    let mut all = measured.to_vec();
    for (name, from) in by.follows() {
        let noise = measured.iter().find(|vector| vector.name == from).map(|vector| Arc::clone(&vector.noise));
        let values = estimates.get(name).map(|estimate| estimate.whole.as_slice());
        let (Some(noise), Some(values)) = (noise, values) else { return Err(DeriveError::Tables) };
        all.push(Measured { name, values, keys: None, noise });
    }
    Ok(all)
}

impl<'a> Measured<'a> {
    /// The same vector drawn again.
    pub fn again<'b>(&self, values: &'b [i64]) -> Measured<'b>
    where
        'a: 'b,
    {
        Measured { values, ..self.clone() }
    }

    /// Made-up numbers of a measurement that has not been drawn.
    pub fn made_up(measurement: &'a Measurement, values: &'a [i64]) -> Self {
        let keys: Option<&[String]> = measurement.mechanism().has_private_keys().then_some(&[]);
        Self { name: measurement.table(), values, keys, noise: KnownNoise::of(measurement.mechanism()) }
    }

    /// A table of the core.
    pub fn of(noisy: &'a NoisyTable) -> Self {
        let measurement = noisy.measurement();
        let noise = KnownNoise::of(measurement.mechanism());
        Self { name: measurement.table(), values: noisy.values(), keys: noisy.keys(), noise }
    }
}
