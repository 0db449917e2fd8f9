//! From an identity number to its pseudonym.

use std::collections::HashMap;
use std::sync::Arc;

use crate::keyzone::identity::{Identity, Provisional};
use crate::keyzone::{Aliases, Key, Tagger};

/// HMAC-SHA-256 over the domain's label and the canonical twelve digits, cut to 16 bytes. One person has one pseudonym in
/// a domain, and unlinkable ones in two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub(crate) [u8; 16]);

impl std::fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonym(redacted)")
    }
}

/// A number that tells a person.
#[derive(Clone, Copy)]
pub enum Number<'a> {
    /// A personal identity or coordination number.
    Identity(&'a Identity),
    /// An interim or reserve number: a person within one project. Without a project it stands for itself in every project of
    /// which nothing else is said: what an alias is found by in projects that are new in the register.
    Provisional(&'a Provisional, Option<i16>),
    /// An opaque name, in a table whose people are told by such.
    Opaque(&'a str),
}

impl std::fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Number(redacted)")
    }
}

/// What stands for no project in an interim number's message; codes of projects are not negative.
const NO_PROJECT: i16 = -1;

/// Gives pseudonyms in one domain. A key that was rotated maps the pseudonym under the parts before it, so nobody starts
/// anew: the whole chain is applied.
#[derive(Debug, Clone)]
pub struct Pseudonymiser {
    persons: Tagger,
    provisional: Tagger,
    anonymous: Tagger,
    opaque: Tagger,
    /// Per part of the key.
    forgotten: Vec<Tagger>,
    /// Per part of the key after the first.
    rotations: Vec<Tagger>,
    aliases: Arc<Aliases>,
    /// By generation and person, the pseudonyms of replaced numbers.
    olds: Arc<HashMap<(usize, Pseudonym), Vec<Pseudonym>>>,
}

/// Whom a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The person.
    pub unit: Pseudonym,
    /// Whether the controller has said that the number was replaced by another.
    pub is_replaced: bool,
}

impl Resolved {
    fn of(own: Pseudonym, unit: Pseudonym) -> Self {
        Self { unit, is_replaced: unit != own }
    }
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
            opaque: oldest("opaque"),
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
        self.digits(&identity.digits).unit
    }

    /// Whom the twelve digits of a number mean.
    #[inline]
    pub fn digits(&self, digits: &[u8; 12]) -> Resolved {
        let unit = self.rotated(Pseudonym(self.persons.tag(digits)));
        Resolved::of(unit, self.aliases.canonical(self.generation(), unit))
    }

    /// A number's own pseudonym in every generation, without aliases: what an alias is made of.
    pub fn generations(&self, number: Number<'_>) -> Vec<Pseudonym> {
        let mut units = vec![Pseudonym(match number {
            Number::Identity(identity) => self.persons.tag(identity.digits.as_slice()),
            Number::Opaque(name) => self.opaque.tag(name.as_bytes()),
            Number::Provisional(number, project) => {
                let project = project.unwrap_or(NO_PROJECT).to_le_bytes();
                self.provisional.tag(&[project.as_slice(), number.as_bytes()].concat())
            }
        })];
        for rotation in &self.rotations {
            units.extend(units.last().map(|unit| Pseudonym(rotation.tag(&unit.0))));
        }
        units
    }

    /// Whom an opaque name means.
    pub fn opaque(&self, name: &str) -> Resolved {
        let unit = self.rotated(Pseudonym(self.opaque.tag(name.as_bytes())));
        Resolved::of(unit, self.aliases.canonical(self.generation(), unit))
    }

    /// Whom an interim or reserve number means: unless it was replaced by another, never the same in two projects.
    pub fn provisional(&self, number: &Provisional, project: i16) -> Resolved {
        let number = Number::Provisional(number, Some(project));
        let unit = self.generations(number).pop().unwrap_or(Pseudonym([0; 16]));
        Resolved::of(unit, self.canonical(number, self.generation(), unit))
    }

    /// Whose pseudonym a number's own is in a generation.
    fn canonical(&self, number: Number<'_>, generation: usize, unit: Pseudonym) -> Pseudonym {
        let person = self.aliases.canonical(generation, unit);
        match number {
            Number::Provisional(number, Some(_)) if person == unit && !self.aliases.is_empty() => {
                let anywhere = self.generations(Number::Provisional(number, None)).get(generation).copied().unwrap_or(unit);
                let other = self.aliases.canonical(generation, anywhere);
                if other == anywhere { unit } else { other }
            }
            _ => person,
        }
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
    pub fn tags(&self, number: Number<'_>) -> Vec<Pseudonym> {
        let mut tags = Vec::new();
        for (generation, unit) in self.generations(number).into_iter().enumerate() {
            let person = self.canonical(number, generation, unit);
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
