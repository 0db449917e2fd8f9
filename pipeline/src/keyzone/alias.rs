//! Aliases: people whose number changed. They lie in the key zone, because they tie two pseudonyms to one person.

use std::collections::HashMap;
use std::path::Path;

use crate::keyzone::pseudonym::Pseudonym;
use utfall_ground::checksum;
use utfall_ground::error::Error;

/// The file in the key zone: per line a generation of the key, the pseudonym of the old number and that of the person.
const FILE: &str = "aliases";

/// What speaks against an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// Both are one number.
    Same,
    /// The two are one person's already.
    Known,
    /// The old number was said to be another's.
    Another,
    /// The new number was said to be replaced by the old one.
    Circle,
}

/// Which pseudonyms stand for a person who has another, per generation of the key.
#[derive(Clone, Default)]
pub struct Aliases(HashMap<(usize, [u8; 16]), [u8; 16]>);

impl std::fmt::Debug for Aliases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Aliases(redacted)")
    }
}

impl Aliases {
    /// Reads the aliases of a key zone; none if it has none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(zone: &Path) -> Result<Self, Error> {
        let path = zone.join(FILE);
        let Some(lines) = checksum::read(&path)? else { return Ok(Self::default()) };
        let line = |line: &str| {
            let mut fields = line.split(' ');
            let generation = fields.next()?.parse().ok()?;
            let mut unit = || {
                let mut bytes = [0_u8; 16];
                hex::decode_to_slice(fields.next()?, &mut bytes).ok()?;
                Some(bytes)
            };
            Some(((generation, unit()?), unit()?))
        };
        let aliases: Option<HashMap<_, _>> = lines.lines().map(line).collect();
        aliases.map(Self).ok_or_else(|| Error::damaged(&path))
    }

    /// Writes them, durably and in one step.
    ///
    /// # Errors
    /// When the key zone cannot be written.
    pub fn write(&self, zone: &Path) -> Result<(), Error> {
        let mut lines: Vec<String> = self
            .0
            .iter()
            .map(|((generation, old), person)| format!("{generation} {} {}\n", hex::encode(old), hex::encode(person)))
            .collect();
        lines.sort_unstable();
        checksum::replace(&zone.join(FILE), &lines.concat())
    }

    /// What speaks against saying that an old number stands for the person of a new one.
    ///
    /// # Errors
    /// With what does.
    pub fn may_add(&self, generation: usize, old: Pseudonym, new: Pseudonym) -> Result<(), Objection> {
        let (of_old, of_new) = (self.canonical(generation, old), self.canonical(generation, new));
        match (of_old == of_new, of_old == old) {
            _ if old == new => Err(Objection::Same),
            (true, true) => Err(Objection::Circle),
            (true, false) => Err(Objection::Known),
            (false, false) => Err(Objection::Another),
            (false, true) => Ok(()),
        }
    }

    /// Says that a pseudonym stands for a person who has another. Chains are followed: who stood for the first stands for
    /// the second from now on.
    pub fn add(&mut self, generation: usize, old: Pseudonym, person: Pseudonym) {
        // Who was somebody else's before takes that one along.
        let before = self.canonical(generation, old);
        if before != old {
            self.add(generation, before, person);
        }
        let person = self.canonical(generation, person);
        for known in self.0.iter_mut().filter(|((g, _), known)| *g == generation && **known == old.0).map(|(_, known)| known) {
            *known = person.0;
        }
        if old != person {
            self.0.insert((generation, old.0), person.0);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whose pseudonyms stand for another, by generation and that other.
    pub fn olds(&self) -> HashMap<(usize, Pseudonym), Vec<Pseudonym>> {
        let mut olds: HashMap<_, Vec<Pseudonym>> = HashMap::new();
        for ((generation, old), person) in &self.0 {
            olds.entry((*generation, Pseudonym(*person))).or_default().push(Pseudonym(*old));
        }
        olds
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose pseudonym it is.
    pub fn canonical(&self, generation: usize, unit: Pseudonym) -> Pseudonym {
        if self.0.is_empty() { unit } else { self.0.get(&(generation, unit.0)).map_or(unit, |person| Pseudonym(*person)) }
    }

    /// The aliases of a rotation's new generation: those of the one before it, under the new part of the key.
    pub fn rotate(&mut self, newest: usize, map: impl Fn(Pseudonym) -> Pseudonym) {
        let before: Vec<_> = self.0.iter().filter(|((g, _), _)| *g + 1 == newest).map(|((_, old), to)| (*old, *to)).collect();
        for (old, person) in before {
            self.0.insert((newest, map(Pseudonym(old)).0), map(Pseudonym(person)).0);
        }
    }
}
