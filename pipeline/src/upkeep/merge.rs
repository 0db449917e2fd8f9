//! Two numbers that turn out to be one person's: what landed under the old one becomes the person's, with numbers above
//! those that the person has. Numbers may rise, never fall.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Pending, Unit, Work, rewrite};
use crate::crash;
use crate::error::Error;
use crate::key::{Aliases, Key};
use crate::land::cluster::{self, Units};
use crate::land::identity::Identity;
use crate::land::pseudonymise::{Pseudonym, Pseudonymiser};
use crate::schema::{Catalogue, TableSchema};
use crate::store::{Change, Pinned, Store};

/// A merge that is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// What is added to the aliases: the generation, the old pseudonym, the person's.
    aliases: Vec<(usize, Unit, Unit)>,
    /// The old pseudonym, the person's, and what is added to the old one's contributions and entries.
    people: Vec<Joined>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Joined {
    old: Unit,
    person: Unit,
    above: [i32; 2],
}

/// Says that old numbers were replaced by others, and merges what has landed under both.
///
/// # Errors
/// When the store or the key zone cannot be read or written; running again is safe.
pub async fn merge(store: &Store, catalogue: &Catalogue, key: &Key, pairs: &[(Identity, Identity)]) -> Result<(), Error> {
    let alone = super::alone(store, catalogue, key).await?;
    let mut aliases = store.aliases()?;
    let pseudonyms = Pseudonymiser::new(key, store.domain(), Aliases::default());
    let newest = pseudonyms.generation();
    let own = |identity: &Identity| pseudonyms.generations(identity).pop().unwrap_or(Pseudonym([0; 16]));
    // Where the rows of the old numbers lie: with whom they were said to be before.
    let olds: BTreeSet<Pseudonym> = pairs.iter().map(|(old, _)| aliases.canonical(newest, own(old))).collect();
    let mut added = Vec::new();
    for (old, new) in pairs {
        for (generation, (old, new)) in pseudonyms.generations(old).into_iter().zip(pseudonyms.generations(new)).enumerate() {
            aliases.add(generation, old, new);
            added.push((generation, Unit(old), Unit(new)));
        }
    }
    let joined = olds.into_iter().map(|old| (old, aliases.canonical(newest, old))).filter(|(old, person)| old != person);
    let joined: Vec<(Pseudonym, Pseudonym)> = joined.collect();
    let mut of: HashSet<Pseudonym> = joined.iter().flat_map(|(old, person)| [*old, *person]).collect();
    // What stays of whom was erased lies under a tag; those numbers were given too.
    let joining = Pseudonymiser::new(key, store.domain(), aliases.clone());
    let tags: Vec<(Pseudonym, Vec<Pseudonym>)> = pairs.iter().map(|(_, new)| (joining.person(new), joining.tags(new))).collect();
    of.extend(tags.iter().flat_map(|(_, tags)| tags));
    let mut highest = highest(store, catalogue, &of).await?;
    for (person, tag) in tags.iter().flat_map(|(person, tags)| tags.iter().map(move |tag| (person, tag))) {
        let erased = highest.get(tag).copied().unwrap_or_default();
        let known = highest.entry(*person).or_default();
        *known = [known[0].max(erased[0]), known[1].max(erased[1])];
    }
    let people = joined.iter().map(|(old, person)| {
        let of_old = highest.get(old).copied().unwrap_or_default();
        // One person may have had several old numbers: each goes above the one before it.
        let known = highest.entry(*person).or_default();
        let above = *known;
        *known = [known[0].saturating_add(of_old[0]), known[1].saturating_add(of_old[1])];
        Joined { old: Unit(*old), person: Unit(*person), above }
    });
    let people = people.collect();
    Pending::begin_alone(store, Work::Merge(Merge { aliases: added, people }))?;
    drop(alone);
    super::resume(store, catalogue).await.map(|_| ())
}

/// The highest contribution and entry of some people, in every state.
async fn highest(store: &Store, catalogue: &Catalogue, of: &HashSet<Pseudonym>) -> Result<HashMap<Pseudonym, [i32; 2]>, Error> {
    let mut found: HashMap<Pseudonym, [i32; 2]> = HashMap::new();
    for table in catalogue.private_tables().into_iter().filter(|table| table.parent.is_none()) {
        let Some(pinned) = store.pin(table).await? else { continue };
        for file in &pinned.stored {
            rewrite::named(table, &pinned, file, |unit, [a, b]| {
                if of.contains(&unit) {
                    let known = found.entry(unit).or_default();
                    *known = [known[0].max(a), known[1].max(b)];
                }
            })?;
        }
    }
    Ok(found)
}

impl Merge {
    pub(super) async fn run(&self, store: &Store, catalogue: &Catalogue, mark: &str) -> Result<(), Error> {
        let mut aliases = store.aliases()?;
        self.aliases.iter().for_each(|(generation, old, person)| aliases.add(*generation, old.0, person.0));
        store.set_aliases(&aliases)?;
        crash::point("aliased");
        for table in catalogue.private_tables() {
            rewrite::commit(store, table, (mark, rewrite::Gone::Now), |pinned| self.table(table, pinned)).await?;
        }
        Ok(())
    }

    fn table(&self, table: &TableSchema, pinned: &Pinned) -> Result<Change, Error> {
        let joined: HashMap<Pseudonym, &Joined> = self.people.iter().map(|joined| (joined.old.0, joined)).collect();
        let mut change = Change::default();
        let olds: Units = joined.keys().copied().collect();
        for file in &pinned.stored {
            if !cluster::holds(table, pinned, file, &olds)? {
                continue;
            }
            let rows = rewrite::load(table, pinned, file)?;
            let mut units = rewrite::units(table, &rows);
            let [mut first, mut second] = rewrite::numbers(table, &rows);
            for ((unit, a), b) in units.iter_mut().zip(&mut first).zip(&mut second) {
                let Some(joined) = joined.get(unit) else { continue };
                *unit = joined.person.0;
                *a = a.saturating_add(joined.above[0]);
                // The entries of a participation rise too; the rows within it keep theirs.
                *b = b.saturating_add(if table.parent.is_none() { joined.above[1] } else { 0 });
            }
            let rows = rewrite::with(table, &rows, &units, [first, second])?;
            change.removed.push(file.clone());
            change.added.push(rewrite::save(table, pinned, (&file.state, file.project), &rows)?);
            change.counts = true;
        }
        Ok(change)
    }
}
