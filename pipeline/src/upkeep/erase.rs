//! Erasure: every row of a person, in every table and every state, and the files that held them. What stays is a tag that
//! only the key can tie to the person, per project the highest numbers that were given, and the day, so that nobody gets them
//! again and what was erased does not land once more. The tag stays also of people of whom nothing had landed: a list that
//! comes later must not land what was withdrawn.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::array::BooleanArray;
use serde::{Deserialize, Serialize};

use super::receipt::Receipt;
use super::{Pending, Unit, Work, rewrite};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::crash;
use crate::keyzone::Key;
use crate::keyzone::pseudonym::{Pseudonym, Pseudonymiser};
use crate::store::file::{self, FORGOTTEN, StoredFile};
use crate::store::persons::{self, Records, Units};
use crate::store::stored::{Numbers, UNHEARD};
use crate::store::{Change, Pinned, Store};
use utfall_ground::calendar::Day;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;

/// An erasure that is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Of whom, each with the tag that stays.
    people: Vec<Erased>,
    /// Of one project only, or of all.
    project: Option<i16>,
    /// The day, counted from 1970-01-01.
    day: i32,
    /// Whether a list of the project has told of it.
    #[serde(default)]
    heard: bool,
    /// What is written when it is done; earlier versions noted none.
    receipt: Option<Receipt>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Erased {
    unit: Unit,
    tag: Unit,
}

/// Why something is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The person asked for it
    Erasure,
    /// The person withdrew the consent
    Consent,
    /// The time for which a project's rows may be kept is over
    Retention,
}

/// Somebody who is to be erased.
#[derive(Debug, Clone)]
pub struct ErasedPerson {
    /// The pseudonyms under which rows may have landed: one, or more where it is not known what kind of number is meant.
    pub units: Vec<Pseudonym>,
    /// The tags under which the person may have been erased before.
    pub tags: Vec<Pseudonym>,
}

impl From<Pseudonym> for ErasedPerson {
    fn from(unit: Pseudonym) -> Self {
        Self { units: vec![unit], tags: Vec::new() }
    }
}

/// What is to be erased.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Of whom.
    pub people: &'a [ErasedPerson],
    /// In one project, or in all.
    pub project: Option<i16>,
    /// Why.
    pub reason: Reason,
    /// What began until this day does not land again.
    pub day: Day,
}

/// Erases people, in one project or in all.
///
/// # Errors
/// When the store cannot be read or written; running again is safe.
pub async fn erase(store: &Store, catalogue: &Catalogue, key: &Key, order: Order<'_>) -> Result<Receipt, Error> {
    let Order { people, project, reason, day } = order;
    let alone = super::alone(store, catalogue, key).await?;
    let aliases = store.aliases()?;
    let pseudonyms = Pseudonymiser::new(key, store.domain(), aliases.clone());
    let own = |person: &ErasedPerson| -> BTreeSet<Pseudonym> {
        person.units.iter().map(|unit| aliases.canonical(pseudonyms.generation(), *unit)).collect()
    };
    // Somebody who is named twice is one person.
    let asked: BTreeMap<BTreeSet<Pseudonym>, &[Pseudonym]> =
        people.iter().map(|person| (own(person), person.tags.as_slice())).collect();
    let (there, gone) = (landed(store, catalogue, project).await?, covered(store, catalogue, project).await?);
    let (found, others): (Vec<_>, Vec<_>) = asked.iter().partition(|(units, _)| units.iter().any(|unit| there.contains(unit)));
    let receipt = Receipt {
        id: random_id()?,
        reason,
        asked: asked.len(),
        found: found.len(),
        before: others.iter().filter(|(_, tags)| tags.iter().any(|tag| gone.contains(tag))).count(),
        in_one: project.is_some(),
    };
    let erased = |unit: &Pseudonym| Erased { unit: Unit(*unit), tag: Unit(pseudonyms.forgotten(*unit)) };
    let people: Vec<Erased> = asked.keys().flatten().collect::<BTreeSet<_>>().into_iter().map(erased).collect();
    if people.is_empty() {
        // Of a landing that was killed, files may lie about that no table has.
        drop(alone);
        for table in catalogue.private_tables() {
            store.vacuum(table, true).await?;
        }
        receipt.write(store)?;
    } else {
        let heard = reason == Reason::Consent && project.is_some();
        let receipt = Some(receipt.clone());
        Pending::begin_alone(store, Work::Erase(Erasure { people, project, day: day.0, heard, receipt }))?;
        drop(alone);
        super::resume(store, catalogue).await?;
    }
    Ok(receipt)
}

/// The tags of everybody whom an earlier erasure covers in a project, or in all.
async fn covered(store: &Store, catalogue: &Catalogue, project: Option<i16>) -> Result<HashSet<Pseudonym>, Error> {
    let mut found = HashSet::new();
    for table in catalogue.private_tables().into_iter().filter(|table| table.parent.is_none()) {
        let Some(pinned) = store.pin(table).await? else { continue };
        let covers = |days: &[(Option<i16>, i32)]| days.iter().any(|(of, _)| of.is_none() || *of == project);
        let forgotten = persons::forgotten(table, &pinned)?;
        found.extend(forgotten.into_iter().filter(|(_, forgotten)| covers(&forgotten.days)).map(|(tag, _)| tag));
    }
    Ok(found)
}

/// Everybody of whom something has landed in a project, or in any.
///
/// # Errors
/// When the store cannot be read.
pub async fn landed(store: &Store, catalogue: &Catalogue, project: Option<i16>) -> Result<HashSet<Pseudonym>, Error> {
    let mut found = HashSet::new();
    for table in catalogue.private_tables() {
        let Some(pinned) = store.pin(table).await? else { continue };
        for file in pinned.stored.iter().filter(|file| is_of(file, project)) {
            rewrite::named(table, &pinned, file, |unit, _, of| found.extend(Some(unit).filter(|_| is_one(of, project))))?;
        }
    }
    Ok(found)
}

fn is_of(file: &StoredFile, project: Option<i16>) -> bool {
    file.state != FORGOTTEN && file.may_hold(project)
}

/// Whether a row of a project is one of those that are meant: of a project, or of all.
fn is_one(of: i16, project: Option<i16>) -> bool {
    project.is_none_or(|project| of == project)
}

impl Erasure {
    /// The tables that belong to participations first: the highest numbers are read from the participations.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) async fn run(&self, store: &Store, catalogue: &Catalogue, mark: &str) -> Result<Option<Receipt>, Error> {
        for table in catalogue.private_tables().into_iter().rev() {
            if table.parent.is_none() {
                // A tag must have a place also where nothing has landed yet.
                store.pin_or_create(table).await?;
            }
            rewrite::commit(store, table, (mark, rewrite::Gone::Now), |pinned| self.table(table, pinned)).await?;
        }
        crash::point("erased");
        if let Some(receipt) = &self.receipt {
            receipt.write(store)?;
            crash::point("receipted");
        }
        Ok(self.receipt.clone())
    }

    fn table(&self, table: &TableSchema, pinned: &Pinned) -> Result<Change, Error> {
        let tags: HashMap<Pseudonym, Pseudonym> = self.people.iter().map(|e| (e.unit.0, e.tag.0)).collect();
        let mut highest: Records = BTreeMap::new();
        let mut change = Change::default();
        let units: Units = tags.keys().copied().collect();
        for stored in pinned.stored.iter().filter(|file| is_of(file, self.project)) {
            if !persons::holds(table, pinned, stored, &units)? {
                continue;
            }
            let rows = rewrite::load(table, pinned, stored)?;
            let units = rewrite::units(table, &rows);
            let projects = file::projects(table, &rows, &pinned.folder.join(&stored.path))?;
            let [first, second] = rewrite::numbers(table, &rows);
            let goes = |unit: &Pseudonym, of: i16| tags.get(unit).filter(|_| is_one(of, self.project));
            for (((unit, of), a), b) in units.iter().zip(&projects).zip(first).zip(second) {
                let Some(tag) = goes(unit, *of) else { continue };
                let known = highest.entry((*tag, Some(*of))).or_default();
                *known = known.or(Numbers { contribution: a, second: b });
                if self.project.is_none() {
                    let known = highest.entry((*tag, None)).or_default();
                    *known = known.or(Numbers { contribution: a, second: 0 });
                }
            }
            let kept: BooleanArray = units.iter().zip(&projects).map(|(unit, of)| Some(goes(unit, *of).is_none())).collect();
            if kept.false_count() == 0 {
                continue;
            }
            change.removed.push(stored.clone());
            let kept = arrow::compute::filter_record_batch(&rows, &kept).map_err(Error::engine)?;
            if kept.num_rows() > 0 {
                change.added.push(rewrite::save(table, pinned, (&stored.state, stored.project), &kept)?);
            }
        }
        change.counts = !change.removed.is_empty();
        if table.parent.is_none() {
            let known = persons::forgotten(table, pinned)?;
            let entry = if self.heard || self.project.is_none() { 0 } else { UNHEARD };
            for tag in self.people.iter().map(|erased| erased.tag.0) {
                if !known.get(&tag).is_some_and(|forgotten| forgotten.spans(self.project, self.day, self.heard)) {
                    highest.entry((tag, self.project)).or_insert(Numbers { contribution: 0, second: entry });
                }
            }
        }
        if table.parent.is_none() && !highest.is_empty() {
            change.added.push(persons::remember(table, pinned, &highest, self.day)?);
        }
        Ok(change)
    }
}
