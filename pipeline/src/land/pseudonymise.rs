//! From an identity number to its pseudonym.

use super::identity::Identity;
use crate::key::Key;

/// HMAC-SHA-256 over the domain's label and the canonical twelve digits, cut to 16 bytes. One person has one pseudonym in
/// a domain, and unlinkable ones in two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub(crate) [u8; 16]);

impl std::fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonym(withheld)")
    }
}

/// The pseudonym of a number in a domain.
pub fn pseudonym(key: &Key, domain: &str, identity: &Identity) -> Pseudonym {
    Pseudonym(key.tag(&format!("utfall pseudonym 1 {domain}"), identity.digits.as_slice()))
}

/// The keyed hash by which a delivery is known again: HMAC of its table and its bytes.
pub fn delivery(key: &Key, domain: &str, table: &str, bytes: &[u8]) -> String {
    let label = format!("utfall delivery 1 {domain} {table}");
    format!("utfall.delivery.{}", hex::encode(key.tag(&label, bytes)))
}
