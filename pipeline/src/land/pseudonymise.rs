//! From an identity number to its pseudonym.

use std::collections::HashMap;
use std::sync::Arc;

use super::identity::{Identity, Provisional};
use crate::key::{Aliases, Key, Tagger};

/// HMAC-SHA-256 over the domain's label and the canonical twelve digits, cut to 16 bytes. One person has one pseudonym in
/// a domain, and unlinkable ones in two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub(crate) [u8; 16]);

impl std::fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonym(withheld)")
    }
}

/// Gives pseudonyms in one domain. A key that was rotated maps the pseudonym under the parts before it, so nobody starts
/// anew: the whole chain is applied.
#[derive(Debug, Clone)]
pub struct Pseudonymiser {
    persons: Tagger,
    provisional: Tagger,
    anonymous: Tagger,
    /// Per part of the key.
    forgotten: Vec<Tagger>,
    /// Per part of the key after the first.
    rotations: Vec<Tagger>,
    aliases: Arc<Aliases>,
    /// By generation and person, the pseudonyms of replaced numbers.
    olds: Arc<HashMap<(usize, Pseudonym), Vec<Pseudonym>>>,
}

impl Pseudonymiser {
    /// For a key and a domain.
    pub fn new(key: &Key, domain: &str, aliases: Aliases) -> Self {
        let every = |what: &str| key.every(&format!("utfall {what} 1 {domain}"));
        let oldest = |what: &str| every(what).swap_remove(0);
        Self {
            persons: oldest("pseudonym"),
            provisional: oldest("provisional"),
            anonymous: oldest("anonymous"),
            forgotten: every("forgotten"),
            rotations: every("rotation").split_off(1),
            olds: Arc::new(aliases.olds()),
            aliases: Arc::new(aliases),
        }
    }

    /// How often the key was rotated: the newest generation.
    pub fn generation(&self) -> usize {
        self.rotations.len()
    }

    /// The pseudonym of a number; of the person, where the controller has said that the number was replaced by another.
    pub fn person(&self, identity: &Identity) -> Pseudonym {
        self.digits(&identity.digits).0
    }

    /// The pseudonym of the twelve digits of a number, and whether the number was replaced by another.
    #[inline]
    pub fn digits(&self, digits: &[u8; 12]) -> (Pseudonym, bool) {
        let unit = self.rotated(Pseudonym(self.persons.tag(digits)));
        let person = self.aliases.canonical(self.generation(), unit);
        (person, person != unit)
    }

    /// A number's own pseudonym in every generation, without aliases: what an alias is made of.
    pub fn generations(&self, identity: &Identity) -> Vec<Pseudonym> {
        let mut units = vec![Pseudonym(self.persons.tag(identity.digits.as_slice()))];
        for rotation in &self.rotations {
            units.extend(units.last().map(|unit| Pseudonym(rotation.tag(&unit.0))));
        }
        units
    }

    /// The unit of an interim or reserve number: never the same in two projects.
    pub fn provisional(&self, number: &Provisional, project: i16) -> Pseudonym {
        let message = [project.to_le_bytes().as_slice(), number.as_bytes()].concat();
        self.rotated(Pseudonym(self.provisional.tag(&message)))
    }

    /// The unit of a record that belongs to nobody in particular: by its project, its start, what its number tells, and
    /// which of such records in its list it is. The same list gives the same units again; no person is told by them.
    pub fn anonymous(&self, told: &[u8]) -> Pseudonym {
        self.rotated(Pseudonym(self.anonymous.tag(told)))
    }

    /// What stays of a person who is erased: a tag that only the key can tie to the pseudonym.
    pub fn forgotten(&self, unit: Pseudonym) -> Pseudonym {
        Pseudonym(self.forgotten.last().map_or([0; 16], |tagger| tagger.tag(&unit.0)))
    }

    /// The tags under which a person may have been erased, by this number or by another of theirs: one per number and
    /// generation, as rotations have mapped it since.
    pub fn tags(&self, identity: &Identity) -> Vec<Pseudonym> {
        let mut tags = Vec::new();
        for (generation, unit) in self.generations(identity).into_iter().enumerate() {
            let person = self.aliases.canonical(generation, unit);
            let olds = self.olds.get(&(generation, person)).into_iter().flatten().copied();
            for unit in [unit, person].into_iter().chain(olds) {
                let tag = Pseudonym(self.forgotten.get(generation).map_or([0; 16], |tagger| tagger.tag(&unit.0)));
                tags.push(self.rotations.iter().skip(generation).fold(tag, |tag, rotation| Pseudonym(rotation.tag(&tag.0))));
            }
        }
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    fn rotated(&self, unit: Pseudonym) -> Pseudonym {
        self.rotations.iter().fold(unit, |unit, rotation| Pseudonym(rotation.tag(&unit.0)))
    }

    /// The step that the key's newest part adds: the new pseudonym of an old one, and the new tag of an old tag.
    pub fn newest_rotation(&self) -> impl Fn(Pseudonym) -> Pseudonym + '_ {
        move |unit| self.rotations.last().map_or(unit, |rotation| Pseudonym(rotation.tag(&unit.0)))
    }
}

/// The keyed hashes by which a delivery is known again, under the newest key and under those before it: HMAC of its table,
/// its project and the digest of its bytes.
pub fn delivery(key: &Key, domain: &str, table: &str, told: &[u8]) -> Vec<String> {
    let label = format!("utfall delivery 1 {domain} {table}");
    key.every(&label).iter().rev().map(|tagger| format!("utfall.delivery.{}", hex::encode(tagger.tag(told)))).collect()
}
