//! How often intervals hold what they are of, over draws of the core's own noise: a table for whoever runs it with `--nocapture`.
//!
//! Counted are cells that have an interval. Where nearly all draws have one, that is the promise. Where the noise is larger than
//! the cell, the few that have one have it *because* the noise raised their count, and of those no interval could hold the
//! number as often as it promises: past any threshold, discrete Laplace noise has no memory of how many people there were. What is
//! promised there is that few cells have an interval that misses: of all draws no more than the level leaves.

use rand::SeedableRng as _;
use rand::distr::Distribution as _;
use rand::rngs::ChaCha20Rng;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace};

use crate::combination::Combination;
use crate::distribution::{Error, Single};
use crate::interval::Interval;
use crate::tail::laplace_deviation;
use crate::variance::{Moments, Variances};
use crate::{mean, share};

const TAIL: f64 = 0.05;
const DRAWS: usize = 6_000;
const PEOPLE: [usize; 6] = [1, 3, 5, 10, 30, 300];

/// A noise and draws of it.
struct Noise {
    error: Error,
    drawn: Vec<f64>,
}

/// Noise of a kind whose width is that of a count, times `factor`.
fn noise(kind: &str, width: f64, factor: f64, seed: u64) -> Noise {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let number = |size: f64| parse_decimal(&format!("{size}")).unwrap();
    let (single, drawn): (Single, Vec<i64>) = match kind {
        "Laplace" => {
            let scale = width * factor;
            let drawn = DiscreteLaplace::new(number(scale)).unwrap().sample_iter(&mut rng).take(DRAWS).collect();
            (Single::Laplace(laplace_deviation(scale).powi(2)), drawn)
        }
        _ => {
            let parameter = (width * factor).powi(2);
            let drawn = DiscreteGaussian::new(number(parameter)).unwrap().sample_iter(&mut rng).take(DRAWS).collect();
            (Single::Gaussian(parameter), drawn)
        }
    };
    Noise { error: Error::of(single), drawn: drawn.into_iter().map(|x| x as f64).collect() }
}

/// What became of the draws of one case.
#[derive(Default)]
struct Held {
    /// How many have an interval.
    have: usize,
    /// In how many of these it holds the number.
    hold: usize,
    /// How wide they are together.
    width: f64,
}

impl Held {
    fn count(&mut self, interval: Option<Interval>, exact: f64) {
        let Some(Interval { low, high }) = interval else { return };
        self.have += 1;
        self.hold += usize::from((low - 1e-9..=high + 1e-9).contains(&exact));
        self.width += high - low;
    }

    /// The share that holds among those that there are.
    fn covered(&self) -> f64 {
        self.hold as f64 / self.have as f64
    }

    /// The share of all draws that have an interval which misses.
    fn missed(&self) -> f64 {
        (self.have - self.hold) as f64 / DRAWS as f64
    }

    /// Where nearly all draws have an interval the level is reached and no more than `most`; else few miss.
    fn check(&self, what: &str, most: f64) {
        if self.have * 10 >= DRAWS * 9 {
            assert!((0.94..=most).contains(&self.covered()), "{what}: {}", self.covered());
        } else {
            assert!(self.missed() <= TAIL, "{what}: {}", self.missed());
        }
    }
}

/// A line of the table: of the same noise and number of people.
fn told(what: &str, cases: &[Held]) {
    let percent = |of: fn(&Held) -> f64| {
        let all: Vec<f64> = cases.iter().map(of).collect();
        let [least, most] = [all.iter().fold(1.0, |a: f64, b| a.min(*b)), all.iter().fold(0.0, |a: f64, b| a.max(*b))];
        format!("{:5.1} to {:5.1} %", 100.0 * least, 100.0 * most)
    };
    let width = cases.iter().map(|held| held.width / held.have as f64).sum::<f64>() / cases.len() as f64;
    let [have, hold, miss] = [percent(|held| held.have as f64 / DRAWS as f64), percent(Held::covered), percent(Held::missed)];
    println!("{what}  {have} have one,  {hold} of these hold,  {miss} of all miss,  width {width:.2}");
}

/// The values of so many people, by how they are spread between -`reach` and `reach`.
fn values(people: usize, spread: &str, reach: f64) -> Vec<f64> {
    (0..people)
        .map(|at| match spread {
            "all the same" => (0.4 * reach).round(),
            "at the ends" => reach * if at % 4 == 0 { -1.0 } else { 1.0 },
            _ => (reach * (((at * 7 + 3) % 10) as f64 / 10.0 - 0.3)).round(),
        })
        .collect()
}

const SPREADS: [&str; 3] = ["all the same", "at the ends", "here and there"];
/// Scales and standard deviations of the noise of a count: of few integers, and of many.
const WIDTHS: [f64; 3] = [0.25, 1.0, 6.0];

/// Every kind and width of noise.
fn noises() -> impl Iterator<Item = (&'static str, f64)> {
    ["Laplace", "Gaussian"].into_iter().flat_map(|kind| WIDTHS.map(|width| (kind, width)))
}

#[test]
fn intervals_of_shares_hold() {
    for (kind, width) in noises() {
        let [ones, zeros] = [(1.0, 10), (1.0, 11)].map(|(factor, seed)| noise(kind, width, factor, seed));
        let margins = share::Margins::alone(ones.error.singles[0], TAIL);
        for people in PEOPLE {
            let of = |rate: f64| {
                let u = (people as f64 * rate).round();
                let mut held = Held::default();
                for (more, most) in ones.drawn.iter().zip(&zeros.drawn) {
                    held.count(margins.interval(u + more, people as f64 - u + most, 0.0), u / people as f64);
                }
                // Of noise that is mostly none or one, half of it is a half; where all are alike, only one end can miss.
                let most = match (width <= 1.0, u == 0.0 || u == people as f64) {
                    (true, _) => 1.0,
                    (false, true) => 0.99,
                    (false, false) => 0.97,
                };
                held.check(&format!("{kind} {width}, {people} people, {rate}"), most);
                held
            };
            told(&format!("share     {kind:8} {width:4}  {people:3} people"), &[0.0, 0.2, 0.5, 0.9].map(of));
        }
    }
}

#[test]
fn intervals_of_means_hold() {
    const REACH: f64 = 50.0;
    for (kind, width) in noises() {
        let (counting, summing) = (noise(kind, width, 1.0, 1), noise(kind, width, REACH, 2));
        let margins = Combination::two(&summing.error, &counting.error, TAIL).unwrap();
        let nobody = counting.error.margin(TAIL);
        for people in PEOPLE {
            let of = |spread| {
                let sum = values(people, spread, REACH).iter().sum::<f64>();
                let exact = sum / people as f64;
                let mut held = Held::default();
                for (more, most) in counting.drawn.iter().zip(&summing.drawn) {
                    let (noisy, sum) = (people as f64 + more, sum + most);
                    let of = || mean::interval(noisy, sum, Interval::new(-REACH, REACH), &margins, |_| 0.0);
                    held.count((noisy > nobody).then(of), exact);
                }
                held.check(&format!("{kind} {width}, {people} people {spread}"), if width < 1.0 { 0.98 } else { 0.96 });
                held
            };
            told(&format!("mean      {kind:8} {width:4}  {people:3} people"), &SPREADS.map(of));
        }
    }
}

/// The noises of count, sum and sum of squares of values between -`reach` and `reach`.
fn three(kind: &str, width: f64, reach: f64) -> [Noise; 3] {
    [(1.0, 3), (reach, 4), (reach * reach, 5)].map(|(factor, seed)| noise(kind, width, factor, seed))
}

#[test]
fn intervals_of_variances_hold() {
    const REACH: f64 = 10.0;
    for (kind, width) in noises() {
        let noises = three(kind, width, REACH);
        let [count, sum, squares] = [0, 1, 2].map(|at: usize| &noises[at].error);
        let of = Variances::new(count, sum, squares, TAIL).unwrap();
        let cases = [0.0, 1.0].into_iter().flat_map(|less| PEOPLE.map(|people| (people, less)));
        for (people, less) in cases.filter(|(people, less)| *people as f64 > *less) {
            let one = |spread| {
                let (held, exact) = variances(&of, &noises, less, &values(people, spread, REACH));
                // No variance is below nothing: where it is that, only one end can miss; and few are near it, on the scale of the noise.
                let wide = exact == 0.0 || width < 1.0 || (people as f64) < 20.0 * width;
                held.check(&format!("{kind} {width}, {people} people {spread}, {less}"), if wide { 0.99 } else { 0.965 });
                held
            };
            let what = if less > 0.0 { "of a sample" } else { "" };
            told(&format!("variance  {kind:8} {width:4}  {people:3} people {what:11}"), &SPREADS.map(one));
        }
    }
}

/// What became of the variance of some values, and what it is.
fn variances(of: &Variances, [counting, summing, squaring]: &[Noise; 3], less: f64, values: &[f64]) -> (Held, f64) {
    let (n, nobody) = (values.len() as f64, counting.error.margin(TAIL));
    let [sum, squares] = [1, 2].map(|power| values.iter().map(|x| x.powi(power)).sum::<f64>());
    let exact = (squares - sum * sum / n) / (n - less);
    let reach = Interval::new(-10.0, 10.0);
    let mut held = Held::default();
    for at in 0..DRAWS {
        let n = n + counting.drawn[at];
        let moments = Moments { n, sum: sum + summing.drawn[at], squares: squares + squaring.drawn[at], less };
        held.count((n > nobody + less).then(|| of.interval(moments, reach, (n - nobody).max(1.0 + less))), exact);
    }
    (held, exact)
}

/// Of people who are a few of many, the mean of the many.
#[test]
fn intervals_for_noise_and_sampling_hold() {
    const REACH: f64 = 10.0;
    // Values of which each is as likely as the others.
    let many = [-8.0, -3.0, -2.0, 0.0, 0.0, 1.0, 1.0, 2.0, 4.0, 9.0];
    let exact = many.iter().sum::<f64>() / 10.0;
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let place = rand::distr::Uniform::new(0, many.len()).unwrap();
    for (kind, width) in noises() {
        let [counting, summing, squaring] = three(kind, width, REACH);
        let margins = Combination::two(&summing.error, &counting.error, TAIL).unwrap();
        let nobody = counting.error.margin(TAIL);
        for people in [30, 100, 300] {
            let mut held = Held::default();
            for at in 0..DRAWS {
                let values: Vec<f64> = (0..people).map(|_| many[place.sample(&mut rng)]).collect();
                let [sum, squares] = [1, 2].map(|power| values.iter().map(|x| x.powi(power)).sum::<f64>());
                let (n, sum, squares) =
                    (f64::from(people) + counting.drawn[at], sum + summing.drawn[at], squares + squaring.drawn[at]);
                let range = Interval::new(-REACH, REACH);
                let chance = mean::Chance::new(n, (squares - sum * sum / n) / (n - 1.0), range, TAIL);
                let one = |chance: mean::Chance| mean::interval(n, sum, range, &margins, |mean| chance.square(mean));
                held.count(chance.filter(|_| n > nobody).map(one), exact);
            }
            held.check(&format!("{kind} {width}, {people} people"), 0.965);
            told(&format!("sampling  {kind:8} {width:4}  {people:3} people"), &[held]);
        }
    }
}
