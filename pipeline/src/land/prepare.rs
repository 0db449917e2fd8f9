//! From a list to what is committed of it: its rows read and validated, brought together with what has landed, written to
//! files that a commit will name, and told of.

use std::collections::HashMap;
use std::path::PathBuf;

use super::cluster::{self, Settling};
use super::finding::{Finding, Rule, Severity};
use super::list::List;
use super::month::Month;
use super::pack::Packing;
use super::person::{Forgotten, Rules};
use super::pseudonymise::{Pseudonym, Pseudonymiser};
use super::report::{Difference, FileReport, Outcome};
use super::shares::Shares;
use super::validate::{Context, Validator};
use super::{Ground, Landing, near, read};
use crate::error::Error;
use crate::schema::TableSchema;
use crate::store::{Change, Pinned};

/// Lists of fewer bytes are read by one core.
const LARGE: u64 = 4 << 20;
/// So many rows of one rule are listed; the last of them tells how many more there are.
const LISTED: usize = 1_000;

/// What a settled list is to be committed with.
pub(super) struct Prepared {
    rows: read::Rows,
    pub(super) outcome: cluster::Outcome,
    replaced: Vec<i16>,
    later: Vec<Month>,
}

impl Landing<'_> {
    /// How the rows of a list are packed: on the first delivery without room for what it lacks.
    pub(super) fn packing(&self, list: &List<'_>, first: bool) -> Packing {
        let table = list.mapping.table;
        let absent = |i: usize| {
            let given = self.project.is_some() && table.columns.get_index_of("project") == Some(i);
            let derived = table.columns.get_index(i).is_some_and(|(_, column)| column.derive.is_some());
            first && !given && !derived && list.mapping.positions.get(i).copied().flatten().is_none()
        };
        Packing::without(table, absent)
    }

    pub(super) fn threads(list: &List<'_>, ground: &Ground<'_>) -> usize {
        if list.source.length() < LARGE { 1 } else { ground.threads }
    }

    /// Reads and validates the rows of a list.
    pub(super) fn read(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        forgotten: &HashMap<Pseudonym, Forgotten>,
        pseudonyms: &Pseudonymiser,
        packing: &Packing,
    ) -> Result<read::Rows, Vec<Finding>> {
        let context = Context {
            catalogue: self.catalogue,
            pseudonyms,
            forgotten,
            periods: ground.periods,
            project: self.project,
            today: self.today,
        };
        let validator = Validator::new(&list.mapping, &context);
        read::rows(list, packing, &validator, pseudonyms, Self::threads(list, ground), self.progress)
    }

    /// Brings the rows of a list together with what has landed, and writes the files that a commit will name.
    pub(super) fn settle(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        mut rows: read::Rows,
        pinned: &Pinned,
        parent: Option<(&TableSchema, &Pinned)>,
    ) -> Result<Prepared, Error> {
        let table = list.mapping.table;
        let packing = rows.packing.clone();
        let mut replaced = if list.month.is_some() { rows.projects.clone() } else { Vec::new() };
        replaced.extend(self.project.filter(|_| list.month.is_some()));
        replaced.sort_unstable();
        replaced.dedup();
        let mut shares = std::mem::replace(&mut rows.shares, Shares::new(&packing));
        let units = if pinned.stored.is_empty() { cluster::Units::default() } else { cluster::people(&shares) };
        let landed = cluster::landed(table, pinned, &packing, (&units, &replaced, &rows.projects), &mut shares)?;
        let participations = match parent {
            Some((schema, pinned)) => Some(cluster::participations(schema, pinned, &cluster::people(&shares))?),
            None => table.parent.as_ref().map(|_| cluster::Participations::default()),
        };
        let month = list.month.map_or(0, |month| i16::try_from(month.number()).unwrap_or(i16::MAX));
        let rules = Rules::new(table, &packing, month, &replaced);
        let later = landed.months_after(month, &replaced);
        let (erased, participations) = (&rows.erased, participations.as_ref());
        let settling = Settling { table, packing: &packing, rules, pinned, landed: &landed, participations, erased };
        let outcome = settling.run(shares, Self::threads(list, ground))?;
        Ok(Prepared { rows, outcome, replaced, later })
    }

    /// What the sender and the controller are told, and what is committed.
    pub(super) fn told_of(&self, list: &List<'_>, prepared: Prepared, id: String) -> (FileReport, Change) {
        let Prepared { rows, outcome, replaced, later } = prepared;
        let moves = outcome.moves();
        let mut findings = [list.findings.clone(), rows.findings, near::findings(list, self.catalogue, &rows.misspelt)].concat();
        let mut set_aside = rows.set_aside;
        for (rule, mut numbers) in outcome.found {
            set_aside += if rule.severity() == Severity::SetAside { numbers.len() } else { 0 };
            numbers.sort_unstable();
            findings.extend(listed(&rule, &numbers, list.day_of(&rule)));
        }
        if rows.valid + rows.excluded + rows.set_aside + rows.left_out == 0 {
            findings.push(Finding::of(Rule::NoRows));
        }
        if list.month.is_some() && set_aside > 0 && outcome.tally.withdrawn > 0 {
            findings.push(Finding::of(Rule::MonthIncomplete(set_aside)));
        }
        if !later.is_empty() {
            let months: Vec<String> = later.iter().map(ToString::to_string).collect();
            findings.push(Finding::of(Rule::LaterMonths(months.join(", "))));
        }
        findings.sort_by_key(|f| (f.row, f.severity));
        let tally = outcome.tally;
        let difference = Difference {
            month: list.month.filter(|_| !replaced.is_empty()),
            new: tally.new,
            changed: tally.changed,
            unchanged: tally.unchanged,
            withdrawn: tally.withdrawn,
            excluded: rows.excluded,
            set_aside,
        };
        let open = findings.iter().any(|f| f.severity < Severity::Warning);
        let report = FileReport {
            outcome: Outcome::Landed(tally.new + tally.changed),
            difference: Some(difference),
            findings,
            controller: outcome.controller.iter().flat_map(|(rule, rows)| listed(rule, rows, None)).collect(),
            ..blank(list)
        };
        let change = Change {
            added: outcome.added,
            removed: outcome.removed,
            marks: vec![(id, if open { OPEN } else { COMPLETE })],
            counts: tally.counts() && moves,
        };
        (report, change)
    }
}

/// Findings of one rule in some rows; the last listed one tells how many more there are.
fn listed(rule: &Rule, rows: &[u32], column: Option<&str>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        rows.iter().take(LISTED).map(|row| Finding::row(u64::from(*row), column, rule.clone())).collect();
    if let Some(last) = findings.last_mut() {
        last.more = u64::try_from(rows.len().saturating_sub(LISTED)).unwrap_or_default();
    }
    findings
}

/// A report of a list that says nothing yet.
pub(super) fn blank(list: &List<'_>) -> FileReport {
    FileReport {
        path: list.path.clone(),
        sheet: list.sheet.clone(),
        table: Some(list.mapping.table.name.clone()),
        outcome: Outcome::Rejected,
        inferred: list.inferred.clone(),
        difference: None,
        findings: Vec::new(),
        controller: Vec::new(),
    }
}

/// The report of a list that is rejected.
pub(super) fn refused(list: &List<'_>, findings: Vec<Finding>) -> FileReport {
    FileReport { findings, inferred: Vec::new(), ..blank(list) }
}

/// The report of a file, or a sheet of one, that is no list of a table.
pub(super) fn rejected(path: PathBuf, sheet: Option<String>, findings: Vec<Finding>) -> FileReport {
    let (outcome, inferred, controller) = (Outcome::Rejected, Vec::new(), Vec::new());
    FileReport { path, sheet, table: None, outcome, inferred, difference: None, findings, controller }
}

/// The delivery has landed wholly; its file is a no-op from now on.
pub(super) const COMPLETE: i64 = 1;
/// Rows of the delivery were set aside.
const OPEN: i64 = 0;
