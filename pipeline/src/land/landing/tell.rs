//! What a report's senders and the controller are told of its lists, and what its commit keeps of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::land::Landing;
use crate::land::accept::record::{self, MonthReport, Named, Record, Standing, Taken};
use crate::land::finding::{Finding, Severity, ValidationRule, few};
use crate::land::landing::prepare::{Read, SettledReport};
use crate::land::partition::cluster::Clustered;
use crate::land::report::{Difference, FileReport, Outcome};
use crate::land::understand::list::List;
use crate::land::understand::suggest;
use crate::land::understand::together::Together;
use crate::land::validate::rows::Heard;
use crate::settle::RowOf;
use crate::store::{Change, Pinned};
use utfall_ground::error::Error;
use utfall_ground::redact::masked;

/// So many rows of one rule are listed; the last of them tells how many more there are.
const LISTED: usize = 1_000;

/// What is told of a report, and what is committed of it.
pub(in crate::land) struct Telling {
    pub(in crate::land) reports: Vec<FileReport>,
    pub(in crate::land) change: Change,
    /// What the commit keeps of its lists.
    pub(in crate::land) record: Record,
}

/// What the lists of a report are to what was accepted before, list by list.
#[derive(Debug, Clone, Copy)]
pub(in crate::land) struct Before<'s> {
    /// By which ids each is known, under the newest part of the key and under those before it.
    pub(in crate::land) ids: &'s [Vec<String>],
    /// What each is.
    pub(in crate::land) standings: &'s [Standing],
}

/// One list that was read.
struct Told<'t> {
    list: &'t List<'t>,
    standing: &'t Standing,
    /// Which of the lists that were read it is.
    place: usize,
    heard: &'t Heard,
    found: OfList,
    set_aside: usize,
}

impl Landing<'_> {
    /// What the sender and the controller are told, and what is committed.
    pub(in crate::land) fn told_of(
        &self,
        report: &Together<'_>,
        prepared: SettledReport,
        pinned: &Pinned,
        before: Before<'_>,
    ) -> Result<Telling, Error> {
        let (SettledReport { read, outcome, later }, Before { ids, standings }) = (prepared, before);
        let kept = kept(report, &read, pinned, before)?;
        let mut found = Found::of(report, &read, &outcome);
        let (mut reports, mut taken) = (BTreeMap::new(), Vec::new());
        for (place, (at, heard)) in read.lists.iter().enumerate() {
            let (Some(list), Some(standing), Some(own)) = (report.lists.get(*at), standings.get(*at), ids.get(*at)) else {
                continue;
            };
            let found = found.lists.get_mut(place).map(std::mem::take).unwrap_or_default();
            let open = record::ranges([heard.aside.as_slice(), &found.aside].concat());
            let set_aside = heard.aside.len() + found.aside.len();
            let mut told = self.list_told(&read, &outcome, Told { list, standing, place, heard, found, set_aside });
            if *standing == Standing::New {
                told.findings.extend(about(report, list, own, before));
                if place == read.trials.first_new() {
                    told.findings.extend(kept.replaces.clone());
                    told.findings.extend(later_months(&later));
                }
            }
            told.findings.sort_by_key(|f| (f.row, f.severity));
            reports.insert(*at, told);
            let known = matches!(standing, Standing::InEffect { open: before, .. } if *before == open);
            taken.extend(own.first().filter(|_| !known).map(|id| Taken { id: id.clone(), open }));
        }
        reports.extend(read.refused);
        let reports = in_order(report, standings, reports, |list, standing| unchanged(list, standing, ids));
        let record = Record { lists: taken, reports: kept.reports };
        Ok(Telling { reports, change: change(pinned, outcome, &record), record })
    }

    /// What is told of one list that was read.
    fn list_told(
        &self,
        read: &Read,
        outcome: &Clustered,
        Told { list, standing, place, heard, found, set_aside }: Told<'_>,
    ) -> FileReport {
        let is_new = *standing == Standing::New;
        let mut findings = if is_new { list.findings.clone() } else { Vec::new() };
        findings.extend(heard.findings.iter().cloned().chain(found.findings));
        findings.extend(suggest::findings(list, self.catalogue, &heard.misspelt));
        if is_new && heard.valid + heard.excluded + heard.aside.len() + heard.left_out == 0 {
            findings.push(Finding::of(ValidationRule::NoRows));
        }
        let replaces = is_new && !read.replaced.is_empty();
        if replaces && set_aside > 0 && outcome.tallies.all().withdrawn > 0 {
            findings.push(Finding::of(ValidationRule::MonthIncomplete(set_aside)));
        }
        let tally = outcome.tallies.of(place);
        let landed = tally.new + tally.changed;
        let known = !is_new && landed == 0 && set_aside == 0;
        let difference = Difference {
            month: read.month.filter(|_| replaces),
            new: tally.new,
            changed: tally.changed,
            unchanged: tally.unchanged,
            withdrawn: tally.withdrawn,
            excluded: heard.excluded,
            set_aside,
        };
        FileReport {
            outcome: if known { Outcome::Known } else { Outcome::Landed(landed) },
            difference: Some(difference).filter(|_| !known),
            findings,
            controller: found.controller,
            ..blank(list)
        }
    }
}

/// A report for each list, in their order: what is told of it, or what is said of a list of which nothing is.
pub(in crate::land) fn in_order(
    report: &Together<'_>,
    standings: &[Standing],
    mut told: BTreeMap<usize, FileReport>,
    other: impl Fn(&List<'_>, &Standing) -> FileReport,
) -> Vec<FileReport> {
    let lists = report.lists.iter().zip(standings).enumerate();
    lists.map(|(at, (list, standing))| told.remove(&at).unwrap_or_else(|| other(list, standing))).collect()
}

/// What is committed: the files, and by which marks the lists and reports are found again.
fn change(pinned: &Pinned, outcome: Clustered, record: &Record) -> Change {
    let counts = outcome.tallies.all().counts() && outcome.moves();
    let version = i64::try_from(pinned.next()).unwrap_or(i64::MAX);
    let mut marks: Vec<(String, i64)> = record.lists.iter().map(|list| (list.id.clone(), version)).collect();
    marks.extend(record.reports.iter().map(|report| (record::report_mark(report.month, report.project), version)));
    Change { added: outcome.added, removed: outcome.removed, marks, counts, ..Change::default() }
}

/// What is kept of the reports of a month: of which lists each is made from now on.
struct Kept {
    reports: Vec<MonthReport>,
    /// What they take the place of, by name.
    replaces: Option<Finding>,
}

fn kept(report: &Together<'_>, read: &Read, pinned: &Pinned, Before { ids, standings }: Before<'_>) -> Result<Kept, Error> {
    let mut kept = Kept { reports: Vec::new(), replaces: None };
    let Some(month) = read.month else { return Ok(kept) };
    let taken = || read.lists.iter().filter_map(|(at, _)| Some((report.lists.get(*at)?, ids.get(*at)?, standings.get(*at)?)));
    let new = taken().filter(|(.., standing)| **standing == Standing::New);
    let projects: BTreeSet<i16> = new.flat_map(|(list, ..)| &list.accepted.projects).copied().collect();
    let mut gone: Vec<Named> = Vec::new();
    for project in projects {
        let of = |list: &List<'_>| list.accepted.projects.is_empty() || list.accepted.projects.contains(&project);
        let mine = || taken().filter(|(list, ..)| of(list));
        let mut lists: Vec<Named> = mine().filter_map(|(list, ids, _)| named(list, ids)).collect();
        let before = record::report(pinned, month, project)?.map(|report| report.lists).unwrap_or_default();
        let others = before.into_iter().filter(|known| !mine().any(|(_, ids, _)| ids.contains(&known.id)));
        if read.replaced.contains(&project) {
            gone.extend(others)
        } else {
            lists.extend(others)
        }
        kept.reports.push(MonthReport { month, project, lists });
    }
    kept.replaces = names(gone).map(|names| Finding::of(ValidationRule::Replaces(names)));
    Ok(kept)
}

/// A list as it is kept. One of which nobody said whose it is has no name: whoever reports a project is not told what others
/// have sent.
fn named(list: &List<'_>, ids: &[String]) -> Option<Named> {
    let name = if list.accepted.projects.is_empty() { String::new() } else { name(list) };
    Some(Named { id: ids.first()?.clone(), name })
}

/// What is said about a new list as a whole: that nobody said its projects, or with which lists it is one report.
fn about(report: &Together<'_>, list: &List<'_>, own: &[String], Before { ids, standings }: Before<'_>) -> Option<Finding> {
    let accepted = &list.accepted;
    if accepted.month.is_some() && accepted.projects.is_empty() && !accepted.part {
        return Some(Finding::of(ValidationRule::ProjectUnsaid));
    }
    let beside = report.lists.iter().zip(ids).zip(standings).filter_map(|((other, ids), standing)| {
        let kept = matches!(standing, Standing::InEffect { .. }) && ids.as_slice() != own;
        let one = accepted.replaces() && kept && other.accepted.meets(accepted);
        one.then(|| named(other, ids)).flatten()
    });
    names(beside.collect()).map(|names| Finding::of(ValidationRule::OneReport(names)))
}

fn later_months(later: &[crate::land::accept::month::Month]) -> Option<Finding> {
    let months: Vec<String> = later.iter().map(ToString::to_string).collect();
    (!months.is_empty()).then(|| Finding::of(ValidationRule::LaterMonths(months.join(", "))))
}

/// What was found when the rows were settled, list by list.
struct Found {
    lists: Vec<OfList>,
}

#[derive(Default)]
struct OfList {
    findings: Vec<Finding>,
    controller: Vec<Finding>,
    /// Rows that are set aside.
    aside: Vec<u32>,
}

impl Found {
    fn of(report: &Together<'_>, read: &Read, outcome: &Clustered) -> Self {
        let column =
            |place: usize, rule: &ValidationRule| read.lists.get(place).and_then(|(at, _)| report.lists.get(*at))?.day_of(rule);
        let mut lists: Vec<OfList> = read.lists.iter().map(|_| OfList::default()).collect();
        let split = |numbers: &[u32]| {
            let mut split: Vec<Vec<u32>> = read.lists.iter().map(|_| Vec::new()).collect();
            for number in numbers {
                let RowOf { list, row } = read.trials.row(*number);
                split.get_mut(list).into_iter().for_each(|rows| rows.push(row));
            }
            split.iter_mut().for_each(|rows| rows.sort_unstable());
            split
        };
        for (rule, numbers) in &outcome.found {
            for (place, (list, rows)) in lists.iter_mut().zip(split(numbers)).enumerate() {
                list.findings.extend(listed(rule, &rows, column(place, rule)));
                if rule.severity() == Severity::SetAside {
                    list.aside.extend(rows);
                }
            }
        }
        for (rule, numbers) in &outcome.controller {
            lists.iter_mut().zip(split(numbers)).for_each(|(list, rows)| list.controller.extend(listed(rule, &rows, None)));
        }
        Self { lists }
    }
}

/// The reports of lists of which none is new and none has a row to be tried again.
pub(in crate::land) fn without_news(
    report: &Together<'_>,
    ids: &[Vec<String>],
    standings: &[Standing],
) -> Option<Vec<FileReport>> {
    let news = |standing: &Standing| match standing {
        Standing::New => true,
        Standing::InEffect { open, .. } => !open.is_empty(),
        Standing::Replaced(_) => false,
    };
    let told = || report.lists.iter().zip(standings).map(|(list, standing)| unchanged(list, standing, ids));
    (!standings.iter().any(news)).then(|| told().collect())
}

/// The report of a list that landed before. If lists that are not of this call (whose are `ids`) have replaced it since, its
/// sender may have sent it to mend one of them.
fn unchanged(list: &List<'_>, standing: &Standing, ids: &[Vec<String>]) -> FileReport {
    let mut report = FileReport { outcome: Outcome::Known, ..blank(list) };
    let by = standing.replaced_by();
    if !by.iter().any(|list| ids.iter().flatten().any(|id| *id == list.id)) {
        report.findings.extend(names(by.to_vec()).map(|names| Finding::of(ValidationRule::ReplacedSince(names))));
    }
    report
}

/// Findings of one rule in some rows; the last listed one tells how many more there are.
fn listed(rule: &ValidationRule, rows: &[u32], column: Option<&str>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        rows.iter().take(LISTED).map(|row| Finding::row(u64::from(*row), column, rule.clone())).collect();
    if let Some(last) = findings.last_mut() {
        last.more = u64::try_from(rows.len().saturating_sub(LISTED)).unwrap_or_default();
    }
    findings
}

/// A list's file and sheet, as they may be shown and kept.
fn name(list: &List<'_>) -> String {
    let file = masked(&list.path.file_name().unwrap_or_default().to_string_lossy());
    let sheet = list.sheet.as_ref().map(|sheet| format!(" ({})", masked(sheet)));
    file + &sheet.unwrap_or_default()
}

/// The names of some lists; a few of many.
fn names(mut lists: Vec<Named>) -> Option<String> {
    lists.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    lists.dedup();
    lists.retain(|list| !list.name.is_empty());
    // As they may be shown also where they were kept before that was known.
    let names: Vec<String> = lists.iter().map(|list| masked(&list.name)).collect();
    (!names.is_empty()).then(|| few(names))
}

/// A report of a list that says nothing yet.
pub(in crate::land) fn blank(list: &List<'_>) -> FileReport {
    FileReport {
        path: list.path.clone(),
        sheet: list.sheet.clone(),
        table: Some(list.reading.mapping.table.name.clone()),
        outcome: Outcome::Known,
        inferred: list.inferred.clone(),
        difference: None,
        findings: Vec::new(),
        controller: Vec::new(),
    }
}

/// The report of a list that is rejected.
pub(in crate::land) fn refused(list: &List<'_>, findings: Vec<Finding>) -> FileReport {
    FileReport { findings, outcome: Outcome::Rejected, inferred: Vec::new(), ..blank(list) }
}

/// The report of a file, or a sheet of one, that is no list of a table.
pub(in crate::land) fn rejected(path: PathBuf, sheet: Option<String>, findings: Vec<Finding>) -> FileReport {
    let (outcome, inferred, controller) = (Outcome::Rejected, Vec::new(), Vec::new());
    FileReport { path, sheet, table: None, outcome, inferred, difference: None, findings, controller }
}
