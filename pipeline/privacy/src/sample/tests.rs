use super::*;

use std::convert::Infallible;

use rand::TryRng;

/// A generator that plays back words, then zeros.
struct Words(Vec<u64>);

impl TryRng for Words {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("samplers use words of 64 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(if self.0.is_empty() { 0 } else { self.0.remove(0) })
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Infallible> {
        unreachable!("samplers use words of 64 bits")
    }
}

fn seeded(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The share of true results stays within five standard deviations of the probability.
fn assert_probability(expected: f64, draw: impl FnMut() -> bool) {
    let draws = 200_000_u32;
    let mut draw = draw;
    let share = f64::from((0..draws).map(|_| u32::from(draw())).sum::<u32>()) / f64::from(draws);
    let deviation = (expected * (1.0 - expected) / f64::from(draws)).sqrt();
    assert!((share - expected).abs() <= 5.0 * deviation, "{share} instead of {expected}");
}

/// With the first word running through all values of the masked bits, every result is hit once: by enumeration.
#[test]
fn below_is_uniform() {
    for bound in 2..=40_u128 {
        let values = bound.next_power_of_two();
        let mut hits = [0; 40];
        for word in 0..values {
            // A rejected word leads to the second, which is the marker.
            let first = u64::try_from(word).unwrap();
            let marker = 0;
            let drawn = below(bound, &mut Words(vec![first, marker]));
            let accepted = word < bound;
            if accepted {
                hits[usize::try_from(drawn).unwrap()] += 1;
            } else {
                assert_eq!(drawn, 0, "drawn again");
            }
        }
        assert!(hits.iter().take(usize::try_from(bound).unwrap()).all(|hits| *hits == 1), "{bound}");
    }
    assert_eq!((below(0, &mut Words(vec![9])), below(1, &mut Words(vec![9]))), (0, 0));
    let all = below(u128::MAX, &mut Words(vec![u64::MAX - 1, u64::MAX]));
    assert_eq!(all, u128::MAX - 1, "low word first");
}

#[test]
fn both_widths_use_the_same_words() {
    let mut bounds = seeded(1);
    for shift in 0..128_u32 {
        let bound = ((u128::from(bounds.next_u64()) << 64) | u128::from(bounds.next_u64())) >> shift;
        let (mut one, mut other) = (seeded(u64::from(shift)), seeded(u64::from(shift)));
        for _ in 0..50 {
            assert_eq!(BigInt::from(below(bound, &mut one)), below_large(&bound.into(), &mut other));
        }
        assert_eq!(one.next_u64(), other.next_u64());
    }
}

#[test]
fn beyond_128_bits_is_uniform_too() {
    let bound = BigInt::from(5) << 200_u32;
    let mut rng = seeded(2);
    for fifth in 0..5 {
        let cut = BigInt::from(fifth) << 200_u32;
        assert_probability(f64::from(fifth) / 5.0, || {
            let drawn = below_large(&bound, &mut rng);
            assert!(drawn < bound);
            drawn < cut
        });
    }
}

#[test]
fn exponentials_have_their_probability() {
    let mut rng = seeded(3);
    for (n, d) in [(0_u32, 1_u32), (1, 3), (1, 1), (7, 5), (5, 2), (6, 1)] {
        let expected = (-f64::from(n) / f64::from(d)).exp();
        let small = Fraction::Small { n: n.into(), d: d.into() };
        assert_probability(expected, || bernoulli_exp(&small, &mut rng));
        let unit = BigInt::from(1) << 150_u32;
        let large = Fraction::Large { n: n * &unit, d: d * &unit };
        assert_probability(expected, || bernoulli_exp(&large, &mut rng));
    }
}

/// A denominator that overflows when it is multiplied by k goes on in unbounded integers: 2/5, scaled up to 128 bits.
#[test]
fn overflow_in_the_middle_of_a_draw_changes_nothing() {
    let d = u128::MAX / 5 * 5;
    let fraction = Fraction::Small { n: d / 5 * 2, d };
    assert!(matches!(fraction.over(1), Fraction::Small { .. }) && matches!(fraction.over(2), Fraction::Large { .. }));
    let mut rng = seeded(4);
    assert_probability((-0.4_f64).exp(), || bernoulli_exp(&fraction, &mut rng));
}

#[test]
fn an_enormous_exponent_is_never() {
    let mut rng = seeded(5);
    let enormous = Fraction::Large { n: BigInt::from(1) << 300_u32, d: 1.into() };
    assert!((0..1000).all(|_| !bernoulli_exp(&enormous, &mut rng)));
}

/// Scale 1: P(0) = tanh(1/2), and each step away divides by e.
#[test]
fn laplace_by_hand() {
    let mut rng = seeded(6);
    let zero = 0.5_f64.tanh();
    assert_probability(zero, || laplace(1, 1, &mut rng).1 == 0);
    assert_probability(zero / 1_f64.exp(), || laplace(1, 1, &mut rng) == (true, 1));
    assert_probability(zero / 2_f64.exp(), || laplace(1, 1, &mut rng) == (false, 2));
    assert!((0..10_000).all(|_| laplace(1, 1, &mut rng) != (true, 0)), "zero has one sign");
}

#[test]
fn the_widest_scales_do_not_wrap() {
    let mut rng = seeded(7);
    for _ in 0..1000 {
        assert!(laplace(u64::MAX, 1, &mut rng).1 < u128::from(u64::MAX) * 100);
        assert_eq!(laplace(1, u64::MAX, &mut rng), (false, 0));
    }
}

#[test]
fn saturation_is_to_the_nearest() {
    assert_eq!(saturate(false, 7), 7);
    assert_eq!(saturate(true, 7), -7);
    assert_eq!(saturate(false, 1 << 63), i64::MAX);
    assert_eq!(saturate(true, 1 << 63), i64::MIN);
    assert_eq!(saturate(true, u128::MAX), i64::MIN);
}

#[test]
fn the_system_seeds_differ() {
    let words: Vec<u64> = (0..4).map(|_| system_rng().unwrap().next_u64()).collect();
    assert!(words.windows(2).all(|pair| pair[0] != pair[1]));
}
