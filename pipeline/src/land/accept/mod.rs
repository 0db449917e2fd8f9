//! Acceptance: what a delivery means, decided from what was **said** of it (options, titles, file names, mappings) and never from
//! what its rows hold. Takes what was said and what was accepted before; gives table, month and projects, and which rows act.
//! It may not see a row. [`said`] reads what is said, [`record`] is kept of a delivery with its commit. Start at [`Accepted::of`].

pub mod month;
pub mod record;
pub mod said;

use crate::land::accept::month::Month;
use crate::land::finding::{Finding, ValidationRule};
use said::Said;

/// What a list is accepted as.
///
/// To accept a delivery is the controller's act: which table, month and projects it is about, whether it replaces what was
/// reported, adds to it or is known already, in which order deliveries are taken, and which are rejected. The guarantee
/// compares two histories in which these acts are the same and one person's lines are there or not; so an act must not hang
/// on one line. What a line can still do is to have its own list rejected, as a whole and aloud (the README's list of these
/// is complete), and to make two lists differ that would have been the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// The month that it reports.
    pub month: Option<Month>,
    /// The projects that it reports, in order; empty if nobody said. Rows of other projects are set aside.
    pub projects: Vec<i16>,
    /// The project that was said for all its rows by an option: a row that says otherwise rejects the list.
    pub given: Option<i16>,
    /// Whether it is a part of a report, so that it replaces nothing.
    pub part: bool,
}

impl Accepted {
    /// What was said by an option, by the titles above the headings, by the file's name and by the mapping, together.
    ///
    /// # Errors
    /// The finding for which the list is rejected: two of them say different months, or projects of which none holds the
    /// other.
    pub fn of(option: &Said, titles: &Said, name: &Said, mapping: &Said) -> Result<Self, Finding> {
        let all = [option, titles, name, mapping];
        let mut months = all.iter().filter_map(|said| said.month);
        let month = months.next();
        if months.any(|other| Some(other) != month) {
            return Err(Finding::of(ValidationRule::MonthUnclear));
        }
        let sets = || all.iter().map(|said| &said.projects).filter(|projects| !projects.is_empty());
        let projects = sets().min_by_key(|projects| projects.len()).cloned().unwrap_or_default();
        if sets().any(|other| !projects.iter().all(|project| other.contains(project))) {
            return Err(Finding::of(ValidationRule::ProjectUnclear));
        }
        let given = option.projects.first().copied();
        Ok(Self { month, projects, given, part: all.iter().any(|said| said.part) })
    }

    /// Whether it takes the place of what its projects reported for its month before.
    pub fn replaces(&self) -> bool {
        self.month.is_some() && !self.projects.is_empty() && !self.part
    }

    /// Whether both report a project for the same month.
    pub fn meets(&self, other: &Self) -> bool {
        self.month == other.month && self.projects.iter().any(|project| other.projects.contains(project))
    }

    /// What tells it from other meanings of the same bytes. A list without a month replaces nothing, whoever it is about: it
    /// is the same under any name. By which of several ways something was said makes no difference.
    pub fn bytes(&self) -> Vec<u8> {
        let month = self.month.map_or(0, Month::number).to_le_bytes();
        let replaced = [u8::from(self.part)].into_iter().chain(self.projects.iter().flat_map(|project| project.to_le_bytes()));
        month.into_iter().chain(replaced.filter(|_| self.month.is_some())).chain([0xFF, 0xFF]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(month: Option<&str>, projects: &[i16]) -> Said {
        Said { month: month.and_then(Month::parse), projects: projects.to_vec(), part: false }
    }

    #[test]
    fn what_is_said_in_several_places_must_agree() {
        let none = Said::default();
        let march = said(Some("2021-03"), &[6]);
        let accepted = Accepted::of(&none, &said(Some("2021-03"), &[]), &march, &said(None, &[1, 6])).unwrap();
        assert_eq!((accepted.month, accepted.projects.as_slice(), accepted.given), (Month::parse("2021-03"), &[6][..], None));
        assert!(accepted.replaces());
        for (other, rule) in [
            (said(Some("2021-04"), &[]), ValidationRule::MonthUnclear),
            (said(None, &[1]), ValidationRule::ProjectUnclear),
            (said(None, &[1, 2]), ValidationRule::ProjectUnclear),
        ] {
            assert_eq!(Accepted::of(&other, &none, &march, &none).unwrap_err().rule, rule);
            assert_eq!(Accepted::of(&none, &other, &march, &none).unwrap_err().rule, rule);
            assert_eq!(Accepted::of(&march, &none, &none, &other).unwrap_err().rule, rule);
        }
        for nothing in [said(Some("2021-03"), &[]), said(None, &[6]), Said { part: true, ..march.clone() }] {
            assert!(!Accepted::of(&none, &none, &nothing, &none).unwrap().replaces());
        }
    }
}
