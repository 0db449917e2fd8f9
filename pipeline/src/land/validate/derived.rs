//! What follows from a row's cells together: values that the list left out and that others tell, and days that cannot be in this
//! order or outside their project.

use chrono::NaiveDate;

use super::reader::Derive;
use super::{Scratch, Validator, day, who};
use crate::land::cell::dates;
use crate::land::finding::ValidationRule;
use crate::store::codec::{self, Cell};
use utfall_ground::calendar::{Day, Days};

impl Validator<'_> {
    /// Fills what the list lacks from what it has: sex and age at start from the number, a band from its integer. Where the
    /// list says otherwise it is kept, with a warning.
    pub(super) fn derive(&self, birth: Option<NaiveDate>, male: Option<bool>, scratch: &mut Scratch) {
        let start = day(&scratch.cells, self.start);
        if birth.zip(start).is_some_and(|(birth, start)| Day::of(birth).0 > start) && self.mapping.table.parent.is_none() {
            scratch.found.push((self.start, ValidationRule::BornAfterStart));
        }
        if birth.zip(start).and_then(|(birth, start)| dates::age(birth, start)).is_some_and(|years| years > who::OLDEST) {
            scratch.found.push((Some(self.unit), ValidationRule::IdentityAge));
        }
        for (i, derive) in &self.derived {
            let (i, Some(reader)) = (*i, self.readers.get(*i)) else { continue };
            let Some(listed) = scratch.cells.get(i) else { continue };
            let told = match derive {
                Derive::Sex([female, male_code]) => male.and_then(|male| if male { *male_code } else { *female }),
                Derive::Age => match (birth, start) {
                    (Some(birth), Some(day)) => dates::age(birth, day).filter(|age| reader.fits(*age)).map(Cell::Integer),
                    _ => None,
                },
                Derive::Band(source, bands) if matches!(listed, Cell::Null) => match scratch.cells.get(*source) {
                    Some(Cell::Integer(n)) => {
                        bands.iter().find(|(low, high, _)| (low..=high).contains(&n)).map(|(.., id)| Cell::Code(*id))
                    }
                    _ => None,
                },
                Derive::Band(..) => None,
            };
            let Some(told) = told else { continue };
            match (listed, told) {
                (Cell::Null, told) => {
                    if let Some(slot) = scratch.cells.get_mut(i) {
                        *slot = told;
                    }
                    scratch.flags |= codec::derived(i);
                    scratch.found.retain(|(column, rule)| *column != Some(i) || *rule != ValidationRule::Incomplete);
                    // The list has no column for what the number tells: whoever mends it looks at the number.
                    scratch.found.extend(
                        reader.surprising(told).map(|[low, high]| (Some(self.unit), ValidationRule::UnusualAge(low, high))),
                    );
                }
                (Cell::Integer(a), Cell::Integer(b)) if (a - b).abs() > 1 => {
                    scratch.found.push((Some(i), ValidationRule::AgeContradicts))
                }
                (Cell::Code(a), Cell::Code(b)) if *a != b && matches!(derive, Derive::Sex(_)) => {
                    scratch.found.push((Some(i), ValidationRule::SexContradicts));
                }
                _ => {}
            }
        }
    }

    /// An end before its start, participations outside their project's period, outcomes without an end or too recent.
    pub(super) fn periods(&self, project: Option<i16>, scratch: &mut Scratch) {
        let (start, end) = (day(&scratch.cells, self.start), day(&scratch.cells, self.end));
        let found = &mut scratch.found;
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            found.push((self.end, ValidationRule::EndBeforeStart));
        }
        if self.mapping.table.parent.is_none()
            && let Some(Days { first, last }) =
                project.and_then(|project| self.context.periods.get(usize::try_from(project).ok()?)?.as_ref())
        {
            let outside = |day: &i32| !(first.0..=last.0).contains(day);
            found.extend(start.filter(outside).map(|_| (self.start, ValidationRule::OutsideProject)));
            found.extend(end.filter(outside).map(|_| (self.end, ValidationRule::OutsideProject)));
        }
        let outcome = self.outcome.and_then(|i| scratch.cells.get(i)).is_some_and(|cell| !matches!(cell, Cell::Null));
        if outcome && end.is_none() {
            found.push((self.end, ValidationRule::ExitWithoutDate));
        }
        if let (Some((months, since)), Some(end)) = (self.follow_up, end)
            && end > since
        {
            found.push((self.end, ValidationRule::FollowUpPending(months)));
        }
    }
}
