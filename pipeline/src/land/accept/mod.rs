//! Acceptance: what a delivery means. It is decided from what was **said** of it and never from what its rows hold.
//!
//! To accept a delivery is the controller's act: which table, month and projects it is about, whether it replaces what was
//! reported, adds to it or is known already, in which order deliveries are taken, and which are rejected. The guarantee
//! compares two histories in which these acts are the same and one person's lines are there or not; so an act must not hang
//! on one line. What a line can still do is to have its own list rejected, as a whole and aloud (the README's list of these
//! is complete), and to make two lists differ that would have been the same bytes.
//!
//! [`said`] reads options, titles, file names and mappings. [`record`] is what is kept of a delivery with its commit.
//! [`together`] finds the lists of one call that are one report.

pub mod record;
pub mod said;
pub mod together;

use super::finding::{Finding, Rule};
use super::month::Month;
use said::Said;

/// What a list is accepted as.
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
            return Err(Finding::of(Rule::MonthUnclear));
        }
        let sets = || all.iter().map(|said| &said.projects).filter(|projects| !projects.is_empty());
        let projects = sets().min_by_key(|projects| projects.len()).cloned().unwrap_or_default();
        if sets().any(|other| !projects.iter().all(|project| other.contains(project))) {
            return Err(Finding::of(Rule::ProjectUnclear));
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

/// Which rows of a list act, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// All of them: the list is new.
    All,
    /// The list has landed before. Rows in these ranges (first and last, as a spreadsheet counts) were set aside and are
    /// tried again; the others only keep what they reported from being withdrawn by a list beside it. Rows of these projects,
    /// whose report was replaced since, do neither.
    Open(Vec<[u32; 2]>, Vec<i16>),
}

/// How one row acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It reports, corrects, or takes back.
    Reports,
    /// It was set aside before: it reports what nobody has reported since.
    Tried,
    /// It reported before: nothing that it reported is withdrawn.
    Kept,
}

impl Trial {
    /// How a row acts.
    pub fn act(&self, row: u32) -> Act {
        match self {
            Self::All => Act::Reports,
            Self::Open(open, _) if open.iter().any(|[first, last]| (*first..=*last).contains(&row)) => Act::Tried,
            Self::Open(..) => Act::Kept,
        }
    }

    /// Whether rows of a project do nothing any more.
    pub fn is_past(&self, project: i16) -> bool {
        matches!(self, Self::Open(_, replaced) if replaced.contains(&project))
    }
}

/// The lists of one report, whose rows are numbered one list after the other.
#[derive(Debug, Clone, Default)]
pub struct Trials {
    /// Per list the number before its first row's, and how its rows act.
    lists: Vec<(u32, Trial)>,
}

impl Trials {
    /// Adds a list whose first row is numbered after `before`.
    pub fn add(&mut self, trial: Trial, before: u32) {
        self.lists.push((before, trial));
    }

    /// Of which list a row is, and which of its rows.
    pub fn list(&self, number: u32) -> (usize, u32) {
        let at = self.lists.partition_point(|(before, _)| *before < number).saturating_sub(1);
        (at, number - self.lists.get(at).map_or(0, |(before, _)| *before))
    }

    /// How a row acts.
    pub fn act(&self, number: u32) -> Act {
        let (at, row) = self.list(number);
        self.lists.get(at).map_or(Act::Reports, |(_, trial)| trial.act(row))
    }

    /// Whether every row is of a new list.
    pub fn are_new(&self) -> bool {
        self.lists.iter().all(|(_, trial)| *trial == Trial::All)
    }

    /// The first new list, which takes the place of what was reported before.
    pub fn first_new(&self) -> usize {
        self.lists.iter().position(|(_, trial)| *trial == Trial::All).unwrap_or_default()
    }

    /// How many lists there are; at least one.
    pub fn len(&self) -> usize {
        self.lists.len().max(1)
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
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
            (said(Some("2021-04"), &[]), Rule::MonthUnclear),
            (said(None, &[1]), Rule::ProjectUnclear),
            (said(None, &[1, 2]), Rule::ProjectUnclear),
        ] {
            assert_eq!(Accepted::of(&other, &none, &march, &none).unwrap_err().rule, rule);
            assert_eq!(Accepted::of(&none, &other, &march, &none).unwrap_err().rule, rule);
            assert_eq!(Accepted::of(&march, &none, &none, &other).unwrap_err().rule, rule);
        }
        for nothing in [said(Some("2021-03"), &[]), said(None, &[6]), Said { part: true, ..march.clone() }] {
            assert!(!Accepted::of(&none, &none, &nothing, &none).unwrap().replaces());
        }
    }

    #[test]
    fn rows_are_told_apart_by_list_and_act() {
        let mut trials = Trials::default();
        trials.add(Trial::All, 0);
        trials.add(Trial::Open(vec![[2, 3], [7, 7]], vec![4]), 10);
        assert_eq!([1, 10, 11, 17].map(|number| trials.list(number)), [(0, 1), (0, 10), (1, 1), (1, 7)]);
        let acts = [Act::Reports, Act::Kept, Act::Tried, Act::Tried, Act::Kept, Act::Tried];
        assert_eq!([10, 11, 12, 13, 14, 17].map(|number| trials.act(number)), acts);
        assert!(!trials.are_new());
        assert!(Trial::Open(Vec::new(), vec![4]).is_past(4) && !Trial::All.is_past(4));
    }
}
