//! Estimates that add up, of the noisy numbers of one vector.

pub mod compare;
mod distribution;
pub mod interval;
pub mod noise;
pub mod reconciliation;
pub mod reliability;
pub mod target;

use std::sync::Arc;

use crate::estimate::distribution::Distributions;
use crate::estimate::noise::Noise;

/// The estimates of one vector, in the order of its numbers.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// The estimates.
    pub(crate) values: Vec<f64>,
    /// The same in units of 10^-`decimals`, rounded so that what adds up still does.
    pub(crate) rounded: Vec<i64>,
    /// The same in whole numbers.
    pub(crate) whole: Vec<i64>,
    /// Whether what adds up does so after rounding too.
    pub(crate) additive: bool,
    /// The decimals of `rounded`.
    pub(crate) decimals: u32,
    /// Whether it was reconciled with other vectors.
    pub(crate) reconciled: bool,
    /// How far each can be off.
    pub(crate) distributions: Arc<Distributions>,
}

/// An estimate that is added to others.
#[derive(Debug)]
pub(crate) struct Addend<'e> {
    pub(crate) estimate: &'e Estimate,
    /// Which of its numbers goes to which of the sum; one may go to several.
    pub(crate) goes: Vec<Goes>,
}

/// That a number of an estimate is in a number of a sum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goes {
    /// Its position in the estimate.
    pub(crate) from: usize,
    /// The position in the sum.
    pub(crate) to: usize,
}

impl Estimate {
    /// Numbers that were reconciled with nothing, as an estimate: to be added up.
    pub(crate) fn alone(values: &[i64], noise: &Noise) -> Option<Self> {
        Some(Self {
            values: values.iter().map(|value| *value as f64).collect(),
            rounded: values.to_vec(),
            whole: values.to_vec(),
            additive: true,
            decimals: 0,
            reconciled: false,
            distributions: Arc::new(Distributions::alone(noise, values.len())?),
        })
    }

    /// The sum of estimates whose noises have nothing to do with each other; it has so many `numbers`.
    pub(crate) fn sum(parts: &[Addend<'_>], numbers: usize) -> Option<Self> {
        let decimals = parts.iter().map(|part| part.estimate.decimals).max()?;
        let mut sum = Self {
            values: vec![0.0; numbers],
            rounded: vec![0; numbers],
            whole: vec![0; numbers],
            additive: parts.iter().all(|part| part.estimate.additive),
            decimals,
            reconciled: parts.iter().any(|part| part.estimate.reconciled),
            distributions: Arc::new(Distributions::sum(parts, numbers)?),
        };
        for Addend { estimate: part, goes } in parts {
            let unit = 10_i64.pow(decimals - part.decimals);
            for Goes { from, to } in goes {
                *sum.values.get_mut(*to)? += part.values.get(*from)?;
                *sum.rounded.get_mut(*to)? += part.rounded.get(*from)?.saturating_mul(unit);
                *sum.whole.get_mut(*to)? += part.whole.get(*from)?;
            }
        }
        Some(sum)
    }
}
