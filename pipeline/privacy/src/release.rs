//! The door between private and public, as types.
//!
//! [`Exact`] is left of the door and cannot be read. [`Grant`] is the key, made by the ledger after the budget was
//! reserved, and fits once. [`Sealed`] is drawn noise that nobody may see yet. [`Release`] is public: the ledger opens
//! it from archived bytes whose hash it has recorded.

use std::fmt;

use rand::Rng;

use crate::archive::{Archive, NoisyTable};
use crate::certificate::Proved;
use crate::domain::Measurement;
use crate::error::Error;
use crate::mechanism::Sampler;
use crate::metric::Sensitivity;
use crate::request::{ReleaseId, Request, sha256};
use crate::sample::system_rng;
use crate::text::is_key;

/// A table's exact integers, which nothing outside this crate can read, print, copy or compare.
///
/// # Privacy
/// The type has no getter, no `Debug`, no `Display`, no `Clone` and no `PartialEq`; the only function that consumes it
/// is [`Grant::draw`]. Its sensitivity is that of a [`Proved`] certificate; that the certificate is
/// of the query that ran, the tests of every query against neighbouring tables attack.
///
/// # Checked by
/// The examples here, of which all but the first must not compile:
///
/// ```
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// # }
/// ```
/// A bare sensitivity is no proof:
/// ```compile_fail,E0308
/// # use utfall_privacy::{Exact, Sensitivity};
/// # fn table(sensitivity: Sensitivity) {
/// let exact = Exact::new(vec![12, 0, 7], &sensitivity);
/// # }
/// ```
/// A value cannot be read:
/// ```compile_fail,E0616
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// let twelve = exact.values;
/// # }
/// ```
/// nor printed:
/// ```compile_fail,E0277
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// println!("{exact:?}");
/// # }
/// ```
/// ```compile_fail,E0277
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// println!("{exact}");
/// # }
/// ```
/// nor copied:
/// ```compile_fail,E0599
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// let copy = exact.clone();
/// # }
/// ```
/// nor compared, which would answer one yes-or-no question at a time:
/// ```compile_fail,E0369
/// # use utfall_privacy::{Exact, Proved};
/// # fn table(proved: &Proved) {
/// let exact = Exact::new(vec![12, 0, 7], proved);
/// let guess = exact == Exact::new(vec![12, 0, 7], proved);
/// # }
/// ```
#[allow(missing_debug_implementations, reason = "it must not be printed")]
#[must_use]
pub struct Exact {
    values: Vec<i64>,
    /// The keys of the values, if they are private: sorted.
    keys: Option<Vec<String>>,
    sensitivity: Sensitivity,
}

impl Exact {
    /// A table's cells in their public order, and how far one person can move them. For
    /// [`Mechanism::Exponential`](crate::Mechanism) the scores of all candidates of the first cell, then of the next.
    pub fn new(values: Vec<i64>, proved: &Proved) -> Self {
        Self { values, keys: None, sensitivity: proved.sensitivity() }
    }

    /// A table whose keys are private: each key that some row has, with its number of rows.
    ///
    /// A key is 1 to 1,000 bytes of text without control characters. [`Grant::draw`] refuses other keys, a key that is there
    /// twice, and a number of rows below 1.
    pub fn keyed(mut counts: Vec<(String, i64)>, proved: &Proved) -> Self {
        counts.sort_unstable();
        let (keys, values) = counts.into_iter().unzip();
        Self { values, keys: Some(keys), sensitivity: proved.sensitivity() }
    }

    /// Why this is not the table of the measurement, if it is not.
    fn mismatch(&self, measurement: &Measurement) -> Option<&'static str> {
        if self.keys.is_some() != measurement.mechanism().has_private_keys() {
            Some("its keys are private in one and not in the other")
        } else if let Some(keys) = &self.keys
            && !(keys.iter().all(|key| is_key(key)) && keys.iter().zip(keys.iter().skip(1)).all(|(one, next)| one < next))
        {
            Some("a private key is there twice, or is no line of 1 to 1,000 bytes")
        } else if self.keys.is_some() && self.values.iter().any(|rows| *rows < 1) {
            Some("a private key has no row")
        } else if self.keys.is_none() && u64::try_from(self.values.len()) != Ok(measurement.integers()) {
            Some("its number of cells is another")
        } else if !measurement.sensitivity().covers(self.sensitivity) {
            Some("its sensitivity is greater")
        } else {
            None
        }
    }
}

/// The right to draw the noise of one release, once.
///
/// # Privacy
/// Only [`Ledger::reserve`](crate::Ledger::reserve) makes one, after the charge is durable. Drawing consumes it.
///
/// # Checked by
/// The examples here, of which all but the first must not compile:
///
/// ```
/// fn once(grant: utfall_privacy::Grant) {
///     let sealed = grant.draw(vec![], b"{}");
/// }
/// ```
/// It cannot be used twice:
/// ```compile_fail,E0382
/// fn twice(grant: utfall_privacy::Grant) {
///     let sealed = grant.draw(vec![], b"{}");
///     let again = grant.draw(vec![], b"{}");
/// }
/// ```
/// nor copied:
/// ```compile_fail,E0599
/// fn copy(grant: utfall_privacy::Grant) {
///     let another: utfall_privacy::Grant = grant.clone();
/// }
/// ```
/// nor made:
/// ```compile_fail,E0451
/// fn forge(request: utfall_privacy::Request) -> utfall_privacy::Grant {
///     utfall_privacy::Grant { request }
/// }
/// ```
#[derive(Debug)]
#[must_use = "the budget is reserved; draw the noise, or reserve again later to resume"]
pub struct Grant {
    request: Request,
}

impl Grant {
    /// Made by the ledger alone.
    pub(crate) fn new(request: Request) -> Self {
        Self { request }
    }

    /// The release that may be drawn.
    pub fn release(&self) -> ReleaseId {
        self.request.release()
    }

    /// The tables that [`Grant::draw`] expects, in this order.
    pub fn measurements(&self) -> &[Measurement] {
        self.request.measurements()
    }

    /// Adds the noise, or chooses: every cell its own draw of its table's mechanism.
    ///
    /// The tables must be those of the reservation in number, order, cells and sensitivity; otherwise nothing is
    /// drawn. A sum beyond 64 bits becomes the nearest integer. The description is public and is archived as it is.
    ///
    /// # Privacy
    /// The check looks at lengths and sensitivities only. Noise comes from a generator made here and seeded by the
    /// operating system, and is complete before a value is looked at: how long drawing it takes does not depend on the
    /// values; of a table with private keys it depends on their number. How long a choice takes depends on its scores ([`Exponential`](crate::Exponential)). The cost of each table is its [`Mechanism::loss`](crate::Mechanism::loss); saturating is
    /// post-processing, as the sum over the integers is what the mechanism releases.
    ///
    /// # Checked by
    /// `release::tests::tables_are_checked_before_drawing`, `release::tests::noise_is_added_to_every_cell`
    pub fn draw(self, tables: Vec<Exact>, description: &[u8]) -> Result<Sealed, Error> {
        self.draw_with(tables, description, &mut system_rng()?)
    }

    fn draw_with<R: Rng>(self, tables: Vec<Exact>, description: &[u8], rng: &mut R) -> Result<Sealed, Error> {
        let samplers = self.check(&tables)?;
        let noise: Vec<Vec<i64>> =
            samplers.iter().zip(&tables).map(|(sampler, exact)| sampler.noise(exact.values.len(), rng)).collect();
        let drawn = self.measurements().iter().zip(samplers).zip(tables).zip(noise);
        let tables: Result<Vec<NoisyTable>, Error> = drawn
            .map(|(((measurement, sampler), exact), noise)| {
                let sum = |(value, noise): (i64, i64)| value.saturating_add(noise);
                let measurement = measurement.clone();
                Ok(match sampler {
                    Sampler::Laplace(_) | Sampler::Gaussian(_) => {
                        NoisyTable::new(measurement, exact.values.into_iter().zip(noise).map(sum).collect())
                    }
                    Sampler::Exponential(choice) => NoisyTable::new(measurement, choice.choose_all(&exact.values, rng)?),
                    Sampler::Thresholded(thresholded) => {
                        let sums = exact.values.into_iter().zip(noise).map(sum);
                        let keys = exact.keys.into_iter().flatten().zip(sums);
                        NoisyTable::keyed(measurement, keys.filter(|(_, sum)| thresholded.publishes(*sum)).collect())
                    }
                })
            })
            .collect();
        let archive = Archive { release: self.release(), description: description.to_vec(), tables: tables? };
        Ok(Sealed::new(&archive))
    }

    /// The samplers of the tables, if every table is the one of its measurement.
    fn check(&self, tables: &[Exact]) -> Result<Vec<Sampler>, Error> {
        let refuse = |table: &str, why| Error::Tables { table: table.to_owned(), why };
        let measurements = self.measurements();
        if tables.len() != measurements.len() {
            return Err(refuse("", "their number is another"));
        }
        let check = |(measurement, exact): (&Measurement, &Exact)| match exact.mismatch(measurement) {
            Some(why) => Err(refuse(measurement.table(), why)),
            None => measurement.mechanism().sampler(),
        };
        measurements.iter().zip(tables).map(check).collect()
    }
}

/// A drawn release that is not public yet: bytes to archive, and to show to nobody before the ledger has their hash.
///
/// # Privacy
/// A reservation pays for one draw. A run that dies after drawing is resumed with a second draw, so a draw that was
/// shown before its hash was recorded could be followed by another. The bytes are therefore for the archive alone;
/// what is published is the [`Release`] that the ledger opens from it.
///
/// # Checked by
/// `ledger::tests::life::only_recorded_bytes_are_a_release`, `release::tests::two_draws_differ`
#[must_use = "a drawn release must be archived and recorded"]
pub struct Sealed {
    release: ReleaseId,
    bytes: Vec<u8>,
    hash: [u8; 32],
}

impl Sealed {
    fn new(archive: &Archive) -> Self {
        let bytes = archive.encode();
        Self { release: archive.release, hash: sha256(&bytes), bytes }
    }

    /// The release's id.
    pub fn release(&self) -> ReleaseId {
        self.release
    }

    /// The archive, to be stored by put-if-absent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The SHA-256 of the archive.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("release", &self.release).finish_non_exhaustive()
    }
}

/// A public release: noisy tables whose archive the ledger has recorded.
///
/// # Privacy
/// Whatever is computed from a release is post-processing and free. That it was paid for is shown by the only way to
/// get one, [`Ledger::release`](crate::Ledger::release).
///
/// # Checked by
/// `ledger::tests::life::only_recorded_bytes_are_a_release`, and by this example, which must not compile:
///
/// ```compile_fail,E0451
/// fn forge(id: utfall_privacy::ReleaseId) -> utfall_privacy::Release {
///     utfall_privacy::Release { archive: unreachable!(), hash: [0; 32] }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    archive: Archive,
    hash: [u8; 32],
}

impl Release {
    /// Made by the ledger alone, which has compared the hash.
    pub(crate) fn new(archive: Archive, hash: [u8; 32]) -> Self {
        Self { archive, hash }
    }

    /// The release's id.
    pub fn id(&self) -> ReleaseId {
        self.archive.release
    }

    /// The caller's public description, as archived.
    pub fn description(&self) -> &[u8] {
        &self.archive.description
    }

    /// The noisy tables.
    pub fn tables(&self) -> &[NoisyTable] {
        &self.archive.tables
    }

    /// The SHA-256 of the archive.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    const LINES: [&str; 2] =
        ["a cells 3 l1 2 l2-squared 4 discrete-laplace scale 5/1", "b cells 1 l1 1 l2-squared 1 discrete-gaussian variance 7/2"];

    fn grant() -> Grant {
        let measurements = LINES.iter().map(|line| crate::domain::tests::measurement(line).unwrap()).collect();
        Grant::new(Request::new(ReleaseId::of(b"test"), measurements).unwrap())
    }

    fn exact(values: &[i64], l1: u64, l2_squared: u64) -> Exact {
        Exact::new(values.to_vec(), &Proved::assumed(l1, l2_squared))
    }

    fn values(sealed: &Sealed) -> Vec<i64> {
        let archive = Archive::parse(sealed.bytes()).unwrap();
        archive.tables.iter().flat_map(|table| table.values().to_vec()).collect()
    }

    #[test]
    fn tables_are_checked_before_drawing() {
        let cases = [
            vec![],
            vec![exact(&[1, 2, 3], 2, 4)],
            vec![exact(&[1, 2, 3], 2, 4), exact(&[1, 2], 1, 1)],
            vec![exact(&[1, 2], 2, 4), exact(&[1], 1, 1)],
            vec![exact(&[1, 2, 3], 3, 4), exact(&[1], 1, 1)],
            vec![exact(&[1, 2, 3], 3, 5), exact(&[1], 1, 1)],
            vec![exact(&[1], 1, 1), exact(&[1, 2, 3], 2, 4)],
        ];
        for tables in cases {
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            assert!(grant().draw_with(tables, b"", &mut rng).is_err());
            assert_eq!(rng.next_u64(), ChaCha20Rng::seed_from_u64(1).next_u64(), "nothing was drawn");
        }
        // What moves less than was paid for may be drawn.
        let less = vec![exact(&[1, 2, 3], 2, 2), exact(&[1], 1, 1)];
        assert!(grant().draw_with(less, b"", &mut ChaCha20Rng::seed_from_u64(1)).is_ok());
    }

    #[test]
    fn noise_is_added_to_every_cell() {
        let draw = |base: i64, seed| {
            let tables = vec![exact(&[base, base, base], 2, 4), exact(&[base], 1, 1)];
            values(&grant().draw_with(tables, b"", &mut ChaCha20Rng::seed_from_u64(seed)).unwrap())
        };
        let mut moved = [false; 4];
        for seed in 0..50 {
            let (zero, hundred) = (draw(0, seed), draw(100, seed));
            for ((noise, sum), moved) in zero.iter().zip(hundred).zip(&mut moved) {
                assert_eq!(noise + 100, sum, "the noise does not depend on the value");
                *moved |= *noise != 0;
            }
        }
        assert_eq!(moved, [true; 4]);
    }

    /// Two cells of three candidates: each choice goes by the scores of its own cell.
    #[test]
    fn every_cell_has_its_choice() {
        let line = "c cells 2 l1 1 l2-squared 1 exponential candidates 3 scale 1/1";
        let request = || Request::new(ReleaseId::of(b"test"), vec![crate::domain::tests::measurement(line).unwrap()]).unwrap();
        let draw = |scores: &[i64], seed| {
            let tables = vec![exact(scores, 1, 1)];
            Grant::new(request()).draw_with(tables, b"", &mut ChaCha20Rng::seed_from_u64(seed)).map(|sealed| values(&sealed))
        };
        for seed in 0..20 {
            assert_eq!(draw(&[0, 900, 0, 0, 0, 900], seed).unwrap(), [1, 2]);
        }
        let seen: std::collections::BTreeSet<Vec<i64>> = (0..300).map(|seed| draw(&[0; 6], seed).unwrap()).collect();
        assert_eq!(seen.len(), 9, "both cells choose, each for itself");
        for wrong in [&[0; 2][..], &[0; 3], &[0; 5], &[0; 7]] {
            assert!(draw(wrong, 0).is_err());
        }
    }

    fn keyed(counts: &[(&str, i64)]) -> Exact {
        let counts = counts.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect();
        Exact::keyed(counts, &Proved::assumed(1, 1))
    }

    fn keyed_grant() -> Grant {
        let line = "k cells 0 l1 1 l2-squared 1 thresholded-laplace scale 2/1 threshold 5";
        Grant::new(Request::new(ReleaseId::of(b"test"), vec![crate::domain::tests::measurement(line).unwrap()]).unwrap())
    }

    /// What is published is exactly what is above the threshold with the noise that the seed gives, in the order of keys.
    #[test]
    fn keys_are_published_strictly_above_the_threshold() {
        let counts = [("Växjö", 6), ("Lund", 5), ("Ystad", 1), ("a b", 90)];
        let sampler = crate::DiscreteLaplace::new(crate::rational::parse_decimal("2").unwrap()).unwrap();
        let (mut at_threshold, mut unpublished) = (0, 0);
        for seed in 0..400 {
            let seeded = || ChaCha20Rng::seed_from_u64(seed);
            let sealed = keyed_grant().draw_with(vec![keyed(&counts)], b"", &mut seeded()).unwrap();
            let table = Archive::parse(sealed.bytes()).unwrap().tables.remove(0);
            let mut sorted = counts;
            sorted.sort_unstable();
            let noise: Vec<i64> = rand_distr::Distribution::sample_iter(&sampler, &mut seeded()).take(4).collect();
            let sums: Vec<(&str, i64)> = sorted.iter().zip(noise).map(|((key, count), noise)| (*key, count + noise)).collect();
            at_threshold += sums.iter().filter(|(_, sum)| *sum == 5).count();
            let expected: Vec<(&str, i64)> = sums.into_iter().filter(|(_, sum)| *sum > 5).collect();
            unpublished += 4 - expected.len();
            let published: Vec<(&str, i64)> =
                table.keys().unwrap().iter().map(String::as_str).zip(table.values().iter().copied()).collect();
            assert_eq!(published, expected);
        }
        assert!(at_threshold > 50 && unpublished > 400);
    }

    #[test]
    fn keys_are_checked_before_drawing() {
        let long = "a".repeat(1_001);
        for wrong in [
            keyed(&[("a", 1), ("b", 2), ("a", 3)]),
            keyed(&[("a", 3), ("a", 3)]),
            keyed(&[("a", 0)]),
            keyed(&[("a", 7), ("b", -7)]),
            keyed(&[("", 7)]),
            keyed(&[("a\n9 b", 7)]),
            keyed(&[(&long, 7)]),
            exact(&[], 1, 1),
            exact(&[7], 1, 1),
        ] {
            assert!(keyed_grant().draw_with(vec![wrong], b"", &mut ChaCha20Rng::seed_from_u64(1)).is_err());
        }
        assert!(keyed_grant().draw(vec![keyed(&[])], b"").is_ok() && keyed_grant().draw(vec![keyed(&[("a", 1)])], b"").is_ok());
        let plain = || vec![keyed(&[("a", 1), ("b", 1), ("c", 1)]), exact(&[1], 1, 1)];
        assert!(grant().draw(plain(), b"").is_err());
    }

    #[test]
    fn the_ends_of_the_integers_saturate() {
        for seed in 0..20 {
            let tables = vec![exact(&[i64::MAX, i64::MIN, 0], 2, 4), exact(&[i64::MAX], 1, 1)];
            let drawn = values(&grant().draw_with(tables, b"", &mut ChaCha20Rng::seed_from_u64(seed)).unwrap());
            assert!(drawn[0] > i64::MAX - 1_000 && drawn[1] < i64::MIN + 1_000);
        }
    }

    #[test]
    fn two_draws_differ() {
        let tables = || vec![exact(&[0, 0, 0], 2, 4), exact(&[0], 1, 1)];
        let draws: Vec<Sealed> = (0..8).map(|_| grant().draw(tables(), b"{}").unwrap()).collect();
        assert!(draws.windows(2).any(|pair| pair[0].hash() != pair[1].hash()));
        assert!(!format!("{:?}", draws[0]).contains("bytes"));
    }

    #[test]
    fn errors_hold_no_values() {
        let tables = vec![exact(&[424_242, 2], 2, 4), exact(&[1], 1, 1)];
        let error = grant().draw(tables, b"").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("424242"));
        assert_eq!(error, Error::Tables { table: "a".to_owned(), why: "its number of cells is another" });
    }
}
