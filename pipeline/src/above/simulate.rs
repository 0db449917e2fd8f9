//! Intervals of what SQL computes above the door, by drawing the noise again.
//!
//! To each noisy integer new noise of the same distribution is added, tables are reconciled as they were, and the query's own
//! SQL is
//! computed from each draw. The middle part of what comes out, as large as the level says, is the interval of a number. For sums
//! and differences of counts, and whatever rises or falls with one of them (a cost divided by it), this is the noise interval,
//! since
//! the noise is symmetric; for other functions it is an approximation [Efron and Tibshirani 1993, chapter 13]. It reads what is
//! published and nothing else, and its seed is the release, so that it comes out the same each time.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand::distr::Distribution as _;
use rand::rngs::ChaCha20Rng;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace, Release};

use super::TextRows;
use super::carry::{DrawnColumn, NoiseEffect};
use utfall_publish::estimate::noise::Noise;
use utfall_publish::estimate::reconciliation::Reconciliation;
use utfall_publish::publication::{DRAWS, Ends, reconciled};
use utfall_publish::{DeriveError, Description, Measured, TableDescription};

/// Releases of more numbers are not drawn again; a table of more cells that stands behind a reconciliation is not made, so that the
/// numbers are rounded each for itself.
const MOST_NUMBERS: usize = 20_000;

/// Numbers of vectors by the name of their measurement.
pub type Numbers = BTreeMap<String, Vec<i64>>;

/// The whole numbers that stand for each vector, as [`utfall_publish::publication::numbers_above`] gives them, from noisy
/// integers with new
/// noise; none of a release too large for it. Vectors whose values were chosen, or shown above a threshold only, are left out.
///
/// # Errors
/// When the release cannot be read.
pub fn draws(release: &Release) -> Result<Vec<Numbers>, DeriveError> {
    let description = Description::from_json(release.description())?;
    let released: Vec<_> = release.tables().iter().map(Measured::of).collect();
    // Every draw is a whole release, and is reconciled like one.
    let follows = |table: &TableDescription| table.vectors.iter().filter(|vector| vector.follows).count();
    let others = description.tables.iter().map(|table| table.cells.len().saturating_mul(2 * follows(table)));
    if released.iter().map(|vector| vector.values.len()).chain(others).fold(0, usize::saturating_add) > MOST_NUMBERS {
        return Ok(Vec::new());
    }
    drawn(&description, &released, &release.id().to_string())
}

/// The same of vectors; the name of the release is the seed.
pub(crate) fn drawn(description: &Description, released: &[Measured<'_>], id: &str) -> Result<Vec<Numbers>, DeriveError> {
    let mut rng = ChaCha20Rng::from_seed(seed(id));
    let reconciliation = Reconciliation::new(description, released)?.with_bases_of(MOST_NUMBERS);
    (0..DRAWS).map(|_| one(&reconciliation, released, &mut rng)).collect()
}

/// One draw.
fn one(reconciliation: &Reconciliation, released: &[Measured<'_>], rng: &mut ChaCha20Rng) -> Result<Numbers, DeriveError> {
    let noisier = released.iter().map(|vector| noisier(vector, rng)).collect::<Vec<_>>();
    let values = |(vector, new): (&Measured<'_>, &Option<Vec<i64>>)| new.clone().unwrap_or_else(|| vector.values.to_vec());
    let numbers: Vec<Vec<i64>> = released.iter().zip(&noisier).map(values).collect();
    let drawn: Vec<Measured<'_>> = released.iter().zip(&numbers).map(|(vector, values)| vector.again(values)).collect();
    let mut numbers = reconciled(reconciliation, &drawn)?;
    for (vector, _) in drawn.iter().zip(&noisier).filter(|(_, new)| new.is_none()) {
        numbers.remove(vector.name);
    }
    Ok(numbers)
}

/// The numbers of a vector with new noise.
fn noisier(vector: &Measured<'_>, rng: &mut ChaCha20Rng) -> Option<Vec<i64>> {
    let count = vector.values.len();
    let noise: Vec<i64> = match &**vector.noise {
        Noise::Laplace { scale } => DiscreteLaplace::new(scale.clone()).ok()?.sample_iter(rng).take(count).collect(),
        Noise::Gaussian { variance } => DiscreteGaussian::new(variance.clone()).ok()?.sample_iter(rng).take(count).collect(),
        Noise::Exponential { .. } | Noise::Thresholded { .. } => return None,
    };
    Some(vector.values.iter().zip(noise).map(|(value, noise)| value.saturating_add(noise)).collect())
}

/// The first bytes of the release's name.
fn seed(id: &str) -> [u8; 32] {
    let mut seed = [0; 32];
    seed.iter_mut().zip(id.bytes()).for_each(|(seed, byte)| *seed = byte);
    seed
}

/// The ends of each number's interval, from the rows of all draws.
///
/// A row is the same in two draws if its public columns are. Where they do not tell rows apart, its numbers have no interval,
/// and nor has what the noise moves by leaps. A draw that lacks the row or the number (it divides by zero) counts as beyond both
/// ends; where too many do, there is no interval. Nor is there one where what a number is divided by cannot be told from zero: there a
/// quotient may be anything, and draws around a noisy divisor say otherwise.
pub(super) fn ends(rows: &TextRows, columns: &[DrawnColumn], drawn: &BTreeMap<String, TextRows>, tail: f64) -> Vec<Vec<Ends>> {
    let key = |row: &[Option<String>]| -> Vec<Option<String>> {
        row.iter().zip(columns).filter(|(_, column)| column.effect == NoiseEffect::Public).map(|(cell, _)| cell.clone()).collect()
    };
    let mut times: BTreeMap<Vec<Option<String>>, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *times.entry(key(row)).or_default() += 1);
    let mut by_key: BTreeMap<Vec<Option<String>>, Vec<&[Option<String>]>> = BTreeMap::new();
    for row in drawn.values().flatten() {
        by_key.entry(key(row)).or_default().push(row);
    }
    rows.iter()
        .map(|row| {
            let key = key(row);
            let drawn = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
            let told = times.get(&key) == Some(&1) && drawn.len() <= DRAWS;
            let divided = |column: &DrawnColumn| column.divisors.iter().all(|at| is_away_from_zero(drawn, *at, tail));
            let smooth =
                |at: usize| told && columns.get(at).is_some_and(|column| column.effect == NoiseEffect::Smooth && divided(column));
            let of = |at: usize| if smooth(at) { between(row[at].as_deref()?, drawn, at, tail) } else { None };
            (0..row.len()).map(of).collect()
        })
        .collect()
}

/// Whether the middle part of the draws of a number lies on one side of zero.
fn is_away_from_zero(drawn: &[&[Option<String>]], at: usize, tail: f64) -> bool {
    let number = |row: &&[Option<String>]| row.get(at)?.as_deref()?.parse::<f64>().ok();
    let beyond = |sign: f64| drawn.iter().filter(|row| number(row).is_some_and(|n| n * sign > 0.0)).count();
    let out = ((DRAWS + 1) as f64 * tail / 2.0) as usize;
    [1.0, -1.0].into_iter().any(|sign| beyond(sign).saturating_add(out) > DRAWS)
}

/// The middle part of the draws of a number, rounded outwards to the decimals of the number.
fn between(value: &str, drawn: &[&[Option<String>]], at: usize, tail: f64) -> Ends {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let mut numbers: Vec<f64> = drawn.iter().filter_map(|row| number(row.get(at)?.as_deref()?)).collect();
    numbers.sort_by(f64::total_cmp);
    let out = ((DRAWS + 1) as f64 * tail / 2.0) as usize;
    let out = out.checked_sub(DRAWS.checked_sub(numbers.len())?)?;
    let (low, high) = (*numbers.get(out.checked_sub(1)?)?, *numbers.get(numbers.len().checked_sub(out)?)?);
    let decimals = value.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = 10f64.powi(i32::try_from(decimals).ok()?);
    let text = |number: f64| format!("{number:.decimals$}");
    // What is a whole number of units already must not move by a rounding error.
    let (down, up) = (((low * unit) + 1e-6).floor() / unit, ((high * unit) - 1e-6).ceil() / unit);
    // An interval without its own number would be of something else.
    let holds = number(value).is_some_and(|value| (down..=up).contains(&value));
    (low < high && holds).then(|| (text(down + 0.0), text(up + 0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(effects: [NoiseEffect; 3]) -> [DrawnColumn; 3] {
        effects.map(|effect| DrawnColumn { effect, divisors: Vec::new() })
    }

    const KINDS: [NoiseEffect; 3] = [NoiseEffect::Public, NoiseEffect::Smooth, NoiseEffect::Public];

    #[test]
    fn a_number_divided_by_what_may_be_zero_has_no_interval() {
        let rows = vec![row("a", 50)];
        let mut columns = kinds(KINDS);
        columns[1].divisors = vec![3];
        let drawn = |divisor: fn(i64) -> i64| -> BTreeMap<String, TextRows> {
            let with = |n: i64| row("a", n).into_iter().chain([Some(divisor(n).to_string())]).collect();
            in_one((1..=DRAWS as i64).map(with).collect())
        };
        for (divisor, is_given) in [
            ((|n| n) as fn(i64) -> i64, true),
            (|n| -n, true),
            (|n| n - 11, true),
            (|n| n - 12, false),
            (|n| n - 250, false),
            (|_| 0, false),
        ] {
            assert_eq!(ends(&rows, &columns, &drawn(divisor), 0.05)[0][1].is_some(), is_given);
        }
    }

    fn row(key: &str, number: i64) -> Vec<Option<String>> {
        vec![Some(key.into()), Some(number.to_string()), Some("30".into())]
    }

    fn in_one(rows: TextRows) -> BTreeMap<String, TextRows> {
        BTreeMap::from([("0".to_owned(), rows)])
    }

    #[test]
    fn the_middle_part_of_the_draws_is_the_interval() {
        let rows = vec![row("a", 50), row("b", -50)];
        let drawn: TextRows = (1..=DRAWS as i64).flat_map(|n| [row("a", n), row("b", -n)]).collect();
        let found = ends(&rows, &kinds(KINDS), &in_one(drawn), 0.05);
        assert_eq!(found[0], [None, Some(("12".into(), "489".into())), None], "the quota is public");
        assert_eq!(found[1][1], Some(("-489".into(), "-12".into())));
        let rough =
            ends(&rows, &kinds([NoiseEffect::Public, NoiseEffect::Rough, NoiseEffect::Public]), &in_one(vec![row("a", 1)]), 0.05);
        assert_eq!(rough[0][1], None);
        let elsewhere: TextRows = (1..=DRAWS as i64).map(|n| row("a", 100 + n)).collect();
        assert_eq!(ends(&rows, &kinds(KINDS), &in_one(elsewhere), 0.05)[0][1], None, "it does not hold its own number");
    }

    #[test]
    fn a_row_that_comes_and_goes_has_no_interval() {
        let rows = vec![row("a", 50)];
        let mostly: TextRows = (1..=DRAWS as i64 - 2).map(|n| row("a", n)).collect();
        assert_eq!(ends(&rows, &kinds(KINDS), &in_one(mostly), 0.05)[0][1], Some(("10".into(), "489".into())), "wider");
        let seldom: TextRows = (1..=DRAWS as i64 - 12).map(|n| row("a", n)).collect();
        assert_eq!(ends(&rows, &kinds(KINDS), &in_one(seldom), 0.05), [[None, None, None]]);
        let twice = vec![row("a", 50), row("a", 51)];
        let drawn: TextRows = (1..=DRAWS as i64).map(|n| row("a", n)).collect();
        assert!(ends(&twice, &kinds(KINDS), &in_one(drawn), 0.05).iter().flatten().all(Option::is_none));
    }
}
