//! Rows within participations: they count only while their participation does, and in the period in which it does. When a
//! list withdraws participations, reports them again, or says for the first time when they ended, the rows within them
//! follow, with their numbers and values.

use std::collections::HashMap;

use arrow::array::{BooleanArray, Date32Array, RecordBatch};
use serde::{Deserialize, Serialize};

use super::{Pending, Unit, Work, rewrite};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::keyzone::pseudonym::Pseudonym;
use crate::store::file::ENDED;
use crate::store::persons::{self, Units};
use crate::store::stored::State;
use crate::store::{Change, Pinned, Store};
use utfall_ground::error::Error;

/// What follows a landing that withdraws participations, brings them back or ends them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The table of the participations.
    table: String,
    /// Whose they are.
    people: Vec<Unit>,
}

/// What a landing has to do with rows within participations.
#[derive(Debug)]
pub enum Announced {
    /// Nothing.
    Nothing,
    /// They follow: the caller commits, lets go of its lock, and calls [`super::resume`].
    Follows(Pending),
    /// Other work is going on; the caller finishes that and lands again.
    Busy,
}

/// Writes down, before a list is committed, that the rows within some people's participations must follow. Whether these
/// people have any is seen later: another process may be landing them against the participations as they still are.
///
/// # Errors
/// When the store cannot be written.
pub fn announce(store: &Store, catalogue: &Catalogue, table: &TableSchema, people: &[Pseudonym]) -> Result<Announced, Error> {
    if people.is_empty() || !children(catalogue, &table.name).any(|child| store.is_begun(child)) {
        return Ok(Announced::Nothing);
    }
    let people = people.iter().copied().map(Unit).collect();
    let begun = Pending::begin(store, Work::Attach(Attachment { table: table.name.clone(), people }))?;
    Ok(begun.map_or(Announced::Busy, Announced::Follows))
}

fn children<'c>(catalogue: &'c Catalogue, table: &str) -> impl Iterator<Item = &'c TableSchema> {
    catalogue.private_tables().into_iter().filter(move |child| child.parent.as_deref() == Some(table))
}

impl Attachment {
    pub(super) async fn run(&self, store: &Store, catalogue: &Catalogue, mark: &str) -> Result<(), Error> {
        // Who began before the note was there has committed now: the list itself, and lists of rows within.
        drop(store.exclusively()?);
        let Some(parent) = catalogue.table(&self.table) else { return Ok(()) };
        let Some(participations) = store.pin(parent).await? else { return Ok(()) };
        let units: Units = self.people.iter().map(|unit| unit.0).collect();
        let counting: Counting = persons::participations(parent, &participations, &units, None)?
            .into_iter()
            .flat_map(|(unit, all)| all.into_iter().map(move |p| ((unit, p.contribution), p.frozen.ended)))
            .collect();
        for child in children(catalogue, &self.table) {
            rewrite::commit(store, child, (mark, rewrite::Gone::Later), |pinned| moved(child, pinned, &units, &counting)).await?;
        }
        Ok(())
    }
}

/// The participations of some people that count, and when they ended.
type Counting = HashMap<(Pseudonym, i32), Option<i32>>;

/// The files of a table with the people's rows where they belong now.
fn moved(table: &TableSchema, pinned: &Pinned, units: &Units, counting: &Counting) -> Result<Change, Error> {
    let mut change = Change::default();
    for (from, to) in [(State::Current, State::Detached), (State::Detached, State::Current)] {
        for file in pinned.stored.iter().filter(|file| file.state == from.name()) {
            if !persons::holds(table, pinned, file, units)? {
                continue;
            }
            let rows = rewrite::load(table, pinned, file)?;
            let [contributions, _] = rewrite::numbers(table, &rows);
            let named: Vec<_> = rewrite::units(table, &rows).into_iter().zip(contributions).collect();
            let goes =
                |named: &(Pseudonym, i32)| units.contains(&named.0) && counting.contains_key(named) == (to == State::Current);
            let goes: BooleanArray = named.iter().map(|named| Some(goes(named))).collect();
            let before = rewrite::ended(&rows);
            // Rows of others, and of a participation that does not count, stay in the period in which they are.
            let after = named.iter().zip(&before).map(|(named, before)| counting.get(named).copied().flatten().or(*before));
            let after: Vec<Option<i32>> = after.collect();
            if goes.true_count() == 0 && after == before {
                continue;
            }
            let rows = rewrite::with_column(&rows, ENDED, std::sync::Arc::new(Date32Array::from(after)))?;
            let stays = arrow::compute::not(&goes).map_err(Error::engine)?;
            for (state, rows) in [(from, part(&rows, &stays)?), (to, part(&rows, &goes)?)] {
                if rows.num_rows() > 0 {
                    change.added.push(rewrite::save(table, pinned, (state.name(), file.project), &rows)?);
                }
            }
            change.removed.push(file.clone());
            // In which period a row lies is seen by series alone, and what they publish does not depend on the snapshot.
            change.counts |= goes.true_count() > 0;
        }
    }
    Ok(change)
}

fn part(rows: &RecordBatch, which: &BooleanArray) -> Result<RecordBatch, Error> {
    arrow::compute::filter_record_batch(rows, which).map_err(Error::engine)
}
