//! From the lists of a report to what is committed of them: their rows read and validated, brought together with what has
//! landed, written to files that a commit will name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::schema::TableSchema;
use crate::land::Landing;
use crate::land::accept::month::Month;
use crate::land::accept::record::Standing;
use crate::land::finding::{Finding, ValidationRule};
use crate::land::landing::Ground;
use crate::land::landing::ahead::{Against, Ahead};
use crate::land::landing::tell::{blank, in_order, refused};
use crate::land::partition::Spill;
use crate::land::partition::cluster::{self, Clustered, Clustering, Wanted};
use crate::land::report::FileReport;
use crate::land::understand::list::List;
use crate::land::understand::together::Together;
use crate::land::validate::rows::{self, Heard};
use crate::land::validate::{Context, Validator};
use crate::settle::{Report, Settling, Trial, Trials};
use crate::store::Pinned;
use crate::store::codec::Packing;
use crate::store::persons;
use utfall_ground::error::Error;

/// Lists of fewer bytes are read by one core.
pub(in crate::land) const LARGE: u64 = 4 << 20;

/// What was read of a report.
pub(in crate::land) struct Read {
    /// The rows of all its lists, numbered one list after the other.
    pub(in crate::land) rows: rows::Rows,
    pub(in crate::land) trials: Trials,
    /// Per list that was read: which one of the report it is, and what there is to tell of it.
    pub(in crate::land) lists: Vec<(usize, Heard)>,
    /// Lists that could not be read.
    pub(in crate::land) refused: BTreeMap<usize, FileReport>,
    /// The month that it reports, and the projects whose report of it is replaced.
    pub(in crate::land) month: Option<Month>,
    pub(in crate::land) replaced: Vec<i16>,
    length: u64,
}

/// What a settled report is to be committed with.
pub(in crate::land) struct SettledReport {
    pub(in crate::land) read: Read,
    pub(in crate::land) outcome: Clustered,
    pub(in crate::land) later: Vec<Month>,
}

impl Landing<'_> {
    /// How the rows of some lists are packed: on the first delivery without room for what they lack.
    pub(in crate::land) fn packing(lists: &[List<'_>], table: &TableSchema, empty: bool) -> Packing {
        let lacks = |list: &List<'_>, i: usize| {
            let given = list.reading.project.is_some() && table.columns.get_index_of("project") == Some(i);
            let derived = table.columns.get_index(i).is_some_and(|(_, column)| column.derive.is_some());
            let constant = list.reading.mapping.constants.get(i).is_some_and(|constant| !constant.is_empty());
            !given && !derived && !constant && list.reading.mapping.positions.get(i).copied().flatten().is_none()
        };
        Packing::without(table, |i| empty && lists.iter().all(|list| lacks(list, i)))
    }

    pub(in crate::land) fn threads(length: u64, ground: &Ground<'_>) -> usize {
        if length < LARGE { 1 } else { ground.threads }
    }

    /// Reads and validates the rows of a list.
    pub(in crate::land) fn read(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        (trial, before): (&Trial, u32),
        against: &Against,
        packing: (&Packing, &Arc<Spill>),
    ) -> Result<rows::Rows, Vec<Finding>> {
        let context = Context {
            catalogue: self.catalogue,
            pseudonyms: &against.pseudonyms,
            forgotten: &against.forgotten,
            periods: ground.periods,
            project: list.reading.project,
            accepted: &list.accepted,
            today: self.today,
        };
        let validator = Validator::new(&list.reading.mapping, &context);
        let threads = Self::threads(list.source.length(), ground);
        rows::rows(list, (trial, before), packing, &validator, threads, self.progress)
    }

    /// Reads the lists of a report that are new, and those that are what was reported so far. A report that takes the place of
    /// another is taken as a whole or not at all.
    ///
    /// # Errors
    /// The reports of its lists, if it is not taken.
    pub(in crate::land) fn read_together(
        &self,
        report: &Together<'_>,
        ground: &Ground<'_>,
        standings: &[Standing],
        (against, empty): (&Against, bool),
    ) -> Result<Read, Vec<FileReport>> {
        let Some(table) = report.lists.first().map(|list| list.reading.mapping.table) else { return Err(Vec::new()) };
        let packing = Self::packing(&report.lists, table, empty);
        let (mut trials, mut before) = (Trials::default(), 0_u32);
        let packing = (&packing, &Spill::new(self.store.root()));
        let (mut rows, mut lists, mut broken) = (rows::Rows::new(packing), Vec::new(), BTreeMap::new());
        let mut lacking = report.lacking;
        let mut replaced: Vec<i16> = Vec::new();
        for (at, (list, standing)) in report.lists.iter().zip(standings).enumerate() {
            if matches!(standing, Standing::Replaced(_)) {
                continue;
            }
            let trial = standing.trial();
            match self.read(list, ground, (&trial, before), against, packing) {
                Ok(mut read) => {
                    lists.push((at, std::mem::take(&mut read.told)));
                    rows = rows.and(read);
                    trials.add(trial, before);
                    let count = list.survey.lines.iter().sum::<u64>();
                    before = u32::try_from(count).map_or(u32::MAX, |count| before.saturating_add(count));
                }
                Err(findings) => {
                    // A new list of which nobody said whose it is would only have added to the report.
                    lacking |= *standing != Standing::New || !list.accepted.projects.is_empty();
                    broken.insert(at, refused(list, findings));
                }
            }
            if *standing == Standing::New && list.accepted.replaces() {
                replaced.extend(&list.accepted.projects);
            }
        }
        if lists.is_empty() || (lacking && !replaced.is_empty()) {
            return Err(waiting(report, standings, broken));
        }
        replaced.sort_unstable();
        replaced.dedup();
        rows.place_anonymous(table, &trials, &against.pseudonyms);
        let (month, length) = (report.lists.first().and_then(|list| list.accepted.month), report.length());
        Ok(Read { rows, trials, lists, refused: broken, month, replaced, length })
    }

    /// Brings the rows of a report together with what has landed, and writes the files that a commit will name.
    pub(in crate::land) fn settle(
        &self,
        table: &TableSchema,
        ground: &Ground<'_>,
        mut read: Read,
        (pinned, parent): (&Pinned, Option<(&TableSchema, &Pinned)>),
        ahead: &mut Ahead,
    ) -> Result<SettledReport, Error> {
        let packing = read.rows.packing.clone();
        let mut partitions = read.rows.partitions.replace();
        let units = if pinned.stored.is_empty() { persons::Units::default() } else { cluster::people([&partitions])? };
        let (replaced, touched) = (&read.replaced, &read.rows.projects);
        let wanted = Wanted { units: &units, replaced, touched };
        let index = ahead.index(table, pinned)?.filter(|index| units.iter().all(|unit| index.is_of(unit)));
        let landed = cluster::landed(table, pinned, &packing, (wanted, index), &mut partitions)?;
        let participations = match parent {
            Some((schema, pinned)) => {
                let people = cluster::people([&partitions])?;
                Some(persons::participations(schema, pinned, &people, ahead.index(schema, pinned)?)?)
            }
            None => table.parent.as_ref().map(|_| persons::Participations::default()),
        };
        let month = read.month.map_or(0, |month| i16::try_from(month.number()).unwrap_or(i16::MAX));
        let settling = Settling::new(table, &packing, Report { month, replaced, trials: &read.trials });
        let later = landed.months_after(month, replaced);
        let (erased, participations) = (&read.rows.erased, participations.as_ref());
        let clustering =
            Clustering { table, packing: &packing, settling, wanted, pinned, landed: &landed, participations, erased };
        let outcome = clustering.run(partitions, Self::threads(read.length, ground))?;
        Ok(SettledReport { read, outcome, later })
    }
}

/// What is told of a report of which a list could not be read: the others wait for it, those that landed before are as they
/// were.
fn waiting(report: &Together<'_>, standings: &[Standing], broken: BTreeMap<usize, FileReport>) -> Vec<FileReport> {
    in_order(report, standings, broken, |list, standing| match standing {
        Standing::New => refused(list, vec![Finding::of(ValidationRule::ReportWaits)]),
        Standing::InEffect { .. } | Standing::Replaced(_) => blank(list),
    })
}
