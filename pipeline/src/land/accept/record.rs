//! What is kept of an accepted delivery, with its commit: by which name it came, which of its rows were set aside, and of
//! which lists each report of a month is made. None of it is about a person: names of files are kept as they may be shown,
//! rows by their numbers.

use serde::{Deserialize, Serialize};

use crate::land::accept::Accepted;
use crate::land::accept::month::Month;
use crate::settle::Trial;
use crate::store::{Pinned, REPORT};
use utfall_ground::error::Error;

/// What one commit tells of the deliveries that it took in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The lists that were taken in, or of which rows were tried again.
    pub lists: Vec<Taken>,
    /// The reports that they are part of, as they are from then on.
    pub reports: Vec<MonthReport>,
}

impl Record {
    /// Takes in what is kept of later lists.
    pub fn and(&mut self, later: Self) {
        let said = |report: &MonthReport| {
            later.reports.iter().any(|other| (other.month, other.project) == (report.month, report.project))
        };
        self.reports.retain(|report| !said(report));
        self.lists.retain(|list| !later.lists.iter().any(|other| other.id == list.id));
        self.reports.extend(later.reports);
        self.lists.extend(later.lists);
    }

    /// As a commit carries it.
    ///
    /// # Errors
    /// When it cannot be encoded, which would be a defect of this program.
    pub fn text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(Error::not_encodable)
    }
}

/// A list that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The keyed hash of its bytes and of what was said of them.
    pub id: String,
    /// The rows that were set aside, in ranges: the first and the last.
    pub open: Vec<[u32; 2]>,
}

/// What a project reports for a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthReport {
    /// The month.
    pub month: Month,
    /// The project.
    pub project: i16,
    /// The lists of which it is made.
    pub lists: Vec<Named>,
}

/// A list by its id, and by the name that it came with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its file, and its sheet.
    pub name: String,
}

/// What a list is to what has been accepted before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was never accepted.
    New,
    /// It was, and still is what one of its projects reports.
    InEffect {
        /// The rows that were set aside.
        open: Vec<[u32; 2]>,
        /// The projects whose report has been replaced since.
        replaced: Vec<i16>,
        /// By which lists, where its sender is to know.
        by: Vec<Named>,
    },
    /// It was, and these have replaced it since.
    Replaced(Vec<Named>),
}

impl Standing {
    /// How its rows act where the list is not new.
    pub fn trial(&self) -> Trial {
        match self {
            Self::New => Trial::All,
            Self::InEffect { open, replaced, .. } => Trial::Open(open.clone(), replaced.clone()),
            Self::Replaced(_) => Trial::Open(Vec::new(), Vec::new()),
        }
    }

    /// As a list that landed before and is whole.
    pub fn known() -> Self {
        Self::InEffect { open: Vec::new(), replaced: Vec::new(), by: Vec::new() }
    }

    /// By which lists it was replaced, in one of its projects or in all.
    pub fn replaced_by(&self) -> &[Named] {
        match self {
            Self::New => &[],
            Self::InEffect { by, .. } | Self::Replaced(by) => by,
        }
    }
}

/// Under which mark a commit says which version last changed a report.
pub fn report_mark(month: Month, project: i16) -> String {
    format!("{REPORT}{}.{project}", month.number())
}

/// Rows as ranges.
pub fn ranges(mut rows: Vec<u32>) -> Vec<[u32; 2]> {
    rows.sort_unstable();
    rows.dedup();
    let mut ranges: Vec<[u32; 2]> = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some([_, last]) if last.checked_add(1) == Some(row) => *last = row,
            _ => ranges.push([row, row]),
        }
    }
    ranges
}

/// The report of a project for a month, as it is now; `None` if there never was one.
///
/// # Errors
/// When the log cannot be read.
pub fn report(pinned: &Pinned, month: Month, project: i16) -> Result<Option<MonthReport>, Error> {
    let Some(version) = pinned.mark(&report_mark(month, project)) else { return Ok(None) };
    let record: Record = read(pinned, version)?;
    Ok(record.reports.into_iter().find(|report| (report.month, report.project) == (month, project)))
}

/// What the version that a mark names has kept: it has, or the log is damaged.
fn read(pinned: &Pinned, version: i64) -> Result<Record, Error> {
    let told = pinned.accepted(u64::try_from(version).unwrap_or_default())?;
    told.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| pinned.damaged())
}

/// What a list is to what was accepted before, by its ids under the newest key and under those before it. `projects` are all
/// there are: in a list of a month whose projects nobody said, each is replaced as soon as it is reported for the month.
///
/// # Errors
/// When the log cannot be read.
pub fn standing(pinned: Option<&Pinned>, ids: &[String], accepted: &Accepted, projects: &[i16]) -> Result<Standing, Error> {
    let Some(pinned) = pinned else { return Ok(Standing::New) };
    let Some(version) = ids.iter().filter_map(|id| pinned.mark(id)).max() else { return Ok(Standing::New) };
    let open = read(pinned, version)?.lists.into_iter().find(|list| ids.contains(&list.id)).map(|list| list.open);
    let open = open.unwrap_or_default();
    let unsaid = accepted.projects.is_empty();
    let Some(month) = accepted.month else { return Ok(Standing::InEffect { open, replaced: Vec::new(), by: Vec::new() }) };
    let (mut replaced, mut by) = (Vec::new(), Vec::new());
    for project in if unsaid { projects } else { &accepted.projects } {
        let Some(report) = report(pinned, month, *project)? else { continue };
        let later = pinned.mark(&report_mark(month, *project)) > Some(version);
        if (later || !unsaid) && !report.lists.iter().any(|list| ids.contains(&list.id)) {
            replaced.push(*project);
            // Where nobody said whose it is, what other projects have sent is not told.
            by.extend(report.lists.into_iter().filter(|_| !unsaid));
        }
    }
    by.sort();
    by.dedup();
    let all = !unsaid && replaced.len() == accepted.projects.len();
    Ok(if all { Standing::Replaced(by) } else { Standing::InEffect { open, replaced, by } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_ranges_in_order() {
        assert_eq!(ranges(vec![9, 2, 3, 4, 4, 7]), [[2, 4], [7, 7], [9, 9]]);
        assert!(ranges(Vec::new()).is_empty());
        assert_eq!(ranges(vec![u32::MAX]), [[u32::MAX, u32::MAX]]);
    }
}
