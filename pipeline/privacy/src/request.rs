//! What is asked of the ledger: a release's id and the tables it will publish.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::domain::Measurement;
use crate::error::Error;
use crate::measure::Loss;
use crate::rational::Rational;
use crate::text;

/// The content address of a release: what it was computed from, not what came out.
///
/// # Privacy
/// Two requests with one id are one release: charged once, drawn once, published from one archive. The caller derives
/// the id from public text and random snapshot ids, never from values.
///
/// # Checked by
/// `request::tests::an_id_is_64_digits`, `ledger::tests::life::a_resumed_release_is_charged_once`
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(pub [u8; 32]);

impl ReleaseId {
    /// The SHA-256 of a canonical description of everything that determines the release.
    pub fn of(content: &[u8]) -> Self {
        Self(sha256(content))
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::to_hex(&self.0))
    }
}

impl fmt::Debug for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReleaseId({self})")
    }
}

impl FromStr for ReleaseId {
    type Err = Error;

    fn from_str(hex: &str) -> Result<Self, Error> {
        text::from_hex(hex)
            .map(Self)
            .ok_or(Error::Syntax { what: "a release id", why: "expected 64 lower-case hexadecimal digits" })
    }
}

/// The SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A release and its tables, in the order in which they will be drawn and archived.
///
/// # Privacy
/// The request is all that the ledger sees before the noise exists; it is public.
///
/// # Checked by
/// `request::tests::a_request_costs_the_sum_of_its_tables`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    release: ReleaseId,
    measurements: Vec<Measurement>,
}

impl Request {
    /// At least one table, no two of the same name.
    pub fn new(release: ReleaseId, measurements: Vec<Measurement>) -> Result<Self, Error> {
        if measurements.is_empty() {
            return Err(Error::Request("a release has at least one table"));
        }
        let names: BTreeSet<&str> = measurements.iter().map(Measurement::table).collect();
        if names.len() != measurements.len() {
            return Err(Error::Request("two tables of a release have one name"));
        }
        Ok(Self { release, measurements })
    }

    /// The release's id.
    pub fn release(&self) -> ReleaseId {
        self.release
    }

    /// The tables.
    pub fn measurements(&self) -> &[Measurement] {
        &self.measurements
    }

    /// What its tables cost, each in every measure, divergences in this order.
    ///
    /// # Privacy
    /// One person may be in every table, so the losses of the tables are added up as if they were separate releases.
    pub fn losses(&self, order: &Rational) -> Result<Vec<Loss>, Error> {
        self.measurements.iter().map(|of| of.mechanism().loss(of.sensitivity(), order)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(line: &str) -> Measurement {
        crate::domain::tests::measurement(line).unwrap()
    }

    #[test]
    fn a_request_costs_the_sum_of_its_tables() {
        let id = ReleaseId::of(b"a release");
        let first = measurement("a cells 2 l1 3 l2-squared 9 discrete-laplace scale 9/1");
        let second = measurement("b cells 2 l1 3 l2-squared 9 discrete-laplace scale 6/1");
        let third = measurement("c cells 2 l1 3 l2-squared 3 discrete-gaussian variance 30/1");
        let order = crate::rational::parse_decimal("2").unwrap();
        let charge = |list| Loss::told(&Request::new(id, list).unwrap().losses(&order).unwrap());
        assert_eq!(charge(vec![first.clone(), second.clone()]), "pure 5/6");
        assert_eq!(charge(vec![first.clone(), third]), "zcdp 19/180");
        assert!(Request::new(id, vec![]).is_err());
        assert!(Request::new(id, vec![first.clone(), first]).is_err());
    }

    #[test]
    fn an_id_is_64_digits() {
        let id = ReleaseId::of(b"");
        assert_eq!(id.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(id.to_string().parse::<ReleaseId>().unwrap(), id);
        assert!("e3b0".parse::<ReleaseId>().is_err() && id.to_string().to_uppercase().parse::<ReleaseId>().is_err());
    }
}
