//! Two numbers that turn out to be one person's: what landed under the old one becomes the person's, with numbers above
//! those that the person has. Numbers may rise, never fall.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Pending, Unit, Work, rewrite};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::crash;
use crate::keyzone::identity::Identifier;
use crate::keyzone::pseudonym::{Number, Pseudonym, Pseudonymiser};
use crate::keyzone::{Aliases, Key, Objection};
use crate::store::persons::{self, Units};
use crate::store::{Change, Pinned, Store};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// A merge that is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// What is added to the aliases: the generation, the old pseudonym, the person's.
    aliases: Vec<(usize, Unit, Unit)>,
    /// The old pseudonym, the person's, and what is added to the old one's contributions and entries.
    people: Vec<Joined>,
    /// Of how many numbers it was said that they were replaced.
    #[serde(default)]
    said: usize,
}

/// A number that was replaced by another, as the controller says it.
#[derive(Debug)]
pub struct Replaced {
    /// The line that says so.
    pub line: u32,
    /// The number that no longer stands.
    pub old: Identifier,
    /// The one that does.
    pub new: Identifier,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Joined {
    old: Unit,
    person: Unit,
    above: [i32; 2],
}

/// Says that old numbers were replaced by others, and merges what has landed under both; gives how many were new.
///
/// # Errors
/// When a pair contradicts what was said before it; when the store or the key zone cannot be read or written, and then
/// running again is safe.
pub async fn merge(store: &Store, catalogue: &Catalogue, key: &Key, pairs: &[Replaced]) -> Result<usize, Error> {
    let alone = super::alone(store, catalogue, key).await?;
    let mut aliases = store.aliases()?;
    let pseudonyms = Pseudonymiser::new(key, store.domain(), Aliases::default());
    let newest = pseudonyms.generation();
    let own = |number: Number<'_>| pseudonyms.generations(number).pop().unwrap_or(Pseudonym([0; 16]));
    let projects = projects(store, catalogue).await?;
    let (mut olds, mut added, mut news, mut said) = (BTreeSet::new(), Vec::new(), Vec::new(), 0);
    for pair in pairs {
        let numbers = pair.numbers(&projects)?;
        let Some((old, new)) = numbers.first() else { continue };
        match aliases.may_add(newest, own(*old), own(*new)) {
            Ok(()) => said += 1,
            Err(Objection::Known) => continue,
            Err(objection) => return Err(pair.refused(objection)),
        }
        for (old, new) in numbers {
            olds.insert(own(old));
            news.push(new);
            for (generation, (old, new)) in pseudonyms.generations(old).into_iter().zip(pseudonyms.generations(new)).enumerate() {
                aliases.add(generation, old, new);
                added.push((generation, Unit(old), Unit(new)));
            }
        }
    }
    if added.is_empty() {
        return Ok(0);
    }
    let joined = olds.into_iter().map(|old| (old, aliases.canonical(newest, old))).filter(|(old, person)| old != person);
    let joined: Vec<(Pseudonym, Pseudonym)> = joined.collect();
    let mut of: HashSet<Pseudonym> = joined.iter().flat_map(|(old, person)| [*old, *person]).collect();
    // What stays of whom was erased lies under a tag; those numbers were given too.
    let joining = Pseudonymiser::new(key, store.domain(), aliases.clone());
    let person = |new: Number<'_>| aliases.canonical(newest, own(new));
    let tags: Vec<(Pseudonym, Vec<Pseudonym>)> = news.into_iter().map(|new| (person(new), joining.tags(new))).collect();
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
    Pending::begin_alone(store, Work::Merge(Merge { aliases: added, people, said }))?;
    drop(alone);
    super::resume(store, catalogue).await.map(|_| said)
}

/// Every project that the register knows, and every other one of which rows have landed.
async fn projects(store: &Store, catalogue: &Catalogue) -> Result<BTreeSet<i16>, Error> {
    let mut projects: BTreeSet<i16> =
        catalogue.codes("project").into_iter().flat_map(|list| &list.entries).map(|e| e.id).collect();
    for table in catalogue.private_tables() {
        let Some(pinned) = store.pin(table).await? else { continue };
        projects.extend(pinned.stored.iter().filter_map(|file| file.project));
        for shared in pinned.stored.iter().filter(|file| file.is_shared()) {
            rewrite::named(table, &pinned, shared, |_, _, project| projects.extend([project]))?;
        }
    }
    Ok(projects)
}

impl Replaced {
    /// What stands for what: an interim number is a person of its own in each project.
    fn numbers(&self, projects: &BTreeSet<i16>) -> Result<Vec<(Number<'_>, Number<'_>)>, Error> {
        let within = || std::iter::once(None).chain(projects.iter().copied().map(Some));
        match (&self.old, &self.new) {
            (Identifier::Number(old), Identifier::Number(new)) => Ok(vec![(Number::Identity(old), Number::Identity(new))]),
            (Identifier::Provisional(old), Identifier::Number(new)) => {
                Ok(within().map(|project| (Number::Provisional(old, project), Number::Identity(new))).collect())
            }
            (Identifier::Provisional(old), Identifier::Provisional(new)) => {
                Ok(within().map(|project| (Number::Provisional(old, project), Number::Provisional(new, project))).collect())
            }
            (Identifier::Token(old), Identifier::Token(new)) => Ok(vec![(Number::Opaque(old), Number::Opaque(new))]),
            (Identifier::Token(_), _) | (_, Identifier::Token(_)) => Err(self.wrong(
                "ett personnummer och ett namn av annat slag kan inte ersätta varandra",
                "an identity number and a name of another kind cannot replace each other",
            )),
            (Identifier::Number(_), Identifier::Provisional(_)) => Err(self.wrong(
                "ett personnummer ersätts inte av ett interims- eller reservnummer; skriv interimsnumret först och personnumret sist",
                "an identity number is not replaced by an interim or reserve number; write the interim number first, the other last",
            )),
            (Identifier::Protected { .. }, _) | (_, Identifier::Protected { .. }) => Err(self.wrong(
                "en skyddad identitet delas av flera och kan inte bli någons",
                "a protected identity is shared by several people and cannot become anybody's",
            )),
        }
    }

    fn refused(&self, objection: Objection) -> Error {
        match objection {
            Objection::Same | Objection::Known => self.wrong(
                "det gamla och det nya numret är samma nummer",
                "the old and the new number are the same number",
            ),
            Objection::Another => self.wrong(
                "det gamla numret har redan sagts vara ersatt av ett annat; har det numret i sin tur ersatts, skriv det som det gamla",
                "the old number was said to be replaced by another before; if that one has been replaced in turn, write it as the old",
            ),
            Objection::Circle => self.wrong(
                "det nya numret har redan sagts vara ersatt av det gamla; skriv det nummer som gäller sist",
                "the new number was said to be replaced by the old one before; write the number that stands last",
            ),
        }
    }

    fn wrong(&self, sv: &str, en: &str) -> Error {
        let line = self.line;
        Error::usage(
            "alias-unusable",
            Message::new(
                format!("rad {line} på standard in: {sv}; ingenting ändrades"),
                format!("line {line} of standard input: {en}; nothing was changed"),
            ),
        )
    }
}

/// The highest contribution and entry of some people, in every state.
async fn highest(store: &Store, catalogue: &Catalogue, of: &HashSet<Pseudonym>) -> Result<HashMap<Pseudonym, [i32; 2]>, Error> {
    let mut found: HashMap<Pseudonym, [i32; 2]> = HashMap::new();
    for table in catalogue.private_tables().into_iter().filter(|table| table.parent.is_none()) {
        let Some(pinned) = store.pin(table).await? else { continue };
        for file in &pinned.stored {
            rewrite::named(table, &pinned, file, |unit, [a, b], _| {
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
    /// Gives how many numbers were replaced.
    pub(super) async fn run(&self, store: &Store, catalogue: &Catalogue, mark: &str) -> Result<usize, Error> {
        let mut aliases = store.aliases()?;
        self.aliases.iter().for_each(|(generation, old, person)| aliases.add(*generation, old.0, person.0));
        store.set_aliases(&aliases)?;
        crash::point("aliased");
        for table in catalogue.private_tables() {
            rewrite::commit(store, table, (mark, rewrite::Gone::Now), |pinned| self.table(table, pinned)).await?;
        }
        Ok(self.said)
    }

    fn table(&self, table: &TableSchema, pinned: &Pinned) -> Result<Change, Error> {
        let joined: HashMap<Pseudonym, &Joined> = self.people.iter().map(|joined| (joined.old.0, joined)).collect();
        let mut change = Change::default();
        let olds: Units = joined.keys().copied().collect();
        for file in &pinned.stored {
            if !persons::holds(table, pinned, file, &olds)? {
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
