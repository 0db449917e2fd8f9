//! Landing: from the lists as they are to pseudonymised, numbered Parquet; one commit per delivery.
//!
//! ```text
//! source    the bytes, in pieces of whole lines         validate  text to typed values, row by row (plain rows: eight)
//! workbook  sheets as lines of text                     read      all rows, on all cores, packed by person (pack, shares)
//! list      encoding, separator, headings, month        person    what becomes of one person's rows: corrections, numbers
//! delivery  which table, which column is which          cluster   brings rows together with what has landed; writes files
//! ```
//!
//! After acceptance everything here is row-local or person-local: one person's rows change no other person's.

pub mod apart;
pub mod cluster;
pub mod columns;
pub mod dates;
pub mod decode;
pub mod delivery;
pub mod eight;
pub mod finding;
pub mod fixlist;
pub mod identity;
pub mod list;
pub mod month;
pub mod near;
pub mod numbers;
pub mod pack;
pub mod person;
pub mod pseudonymise;
pub mod read;
pub mod report;
pub mod rule;
pub mod shares;
pub mod source;
pub mod validate;
pub mod workbook;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use chrono::NaiveDate;

use crate::error::Error;
use crate::key::Key;
use crate::language::say;
use crate::schema::{Catalogue, TableSchema};
use crate::store::vacuum::Writing;
use crate::store::{Change, Commit, Pinned, Store};
use crate::upkeep;
use crate::upkeep::attach::Announced;
use cluster::Settling;
use delivery::Saved;
use finding::{Finding, Rule, Severity};
use list::{Given, List};
use month::Month;
use pack::Packing;
use person::Rules;
use pseudonymise::Pseudonymiser;
use report::Difference;
pub use report::{FileReport, Outcome};
use validate::{Context, Validator};

/// How often a landing numbers again when others commit at the same time.
const TRIES: usize = 50;
/// Lists of fewer bytes are read by one core.
const LARGE: u64 = 4 << 20;
/// So many rows of one rule are listed; the last of them tells how many more there are.
const LISTED: usize = 1_000;

/// What a landing tells while it goes on.
#[derive(Debug)]
pub enum Step<'a> {
    /// A file is about to land.
    Begins(&'a Path),
    /// A file is done with.
    Done(&'a FileReport),
}

/// Lands files: participations before their child rows, each list one commit. Lists are independent; a rejected one does
/// not stop the others, and running again completes what a killed run left.
#[derive(Debug)]
pub struct Landing<'a> {
    /// Where to.
    pub store: &'a Store,
    /// The key, already accepted by the store.
    pub key: &'a Key,
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The controller's mapping.
    pub saved: Saved,
    /// The project of lists without a project column.
    pub project: Option<i16>,
    /// The month that the lists report.
    pub month: Option<Month>,
    /// Whether a list lands that has landed before: to go back to what another has replaced.
    pub again: bool,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
    /// How many bytes have been read, for whoever watches.
    pub progress: &'a AtomicU64,
}

/// Where the bytes are counted that nobody watches.
static UNWATCHED: AtomicU64 = AtomicU64::new(0);

impl<'a> Landing<'a> {
    /// Lists as they are, without a mapping, a project or a month.
    pub fn new(store: &'a Store, key: &'a Key, catalogue: &'a Catalogue, today: NaiveDate) -> Self {
        Self {
            store,
            key,
            catalogue,
            saved: Saved::default(),
            project: None,
            month: None,
            again: false,
            today,
            progress: &UNWATCHED,
        }
    }
}

/// What does not change while lists land.
struct Ground<'g> {
    periods: &'g HashMap<i16, (i32, i32)>,
    threads: usize,
}

/// What came of trying to land a list.
enum Attempt {
    /// It is done with.
    Done(Box<FileReport>),
    /// These people's rows are to be erased first: they withdrew their consent in these projects.
    Erase(Vec<(pseudonymise::Pseudonym, i16)>),
    /// Others were first.
    Again,
}

impl Attempt {
    fn done(report: FileReport) -> Self {
        Self::Done(Box::new(report))
    }
}

/// With which mark a delivery was committed last, under the newest key or those before it.
async fn last_mark(pinned: Option<&Pinned>, ids: &[String]) -> Result<Option<i64>, Error> {
    let (Some(pinned), mut last) = (pinned, None) else { return Ok(None) };
    for id in ids {
        last = last.max(pinned.mark(id).await?);
    }
    Ok(last)
}

/// What a settled list is to be committed with.
struct Prepared {
    rows: read::Rows,
    outcome: cluster::Outcome,
    replaced: Vec<i16>,
    later: Vec<Month>,
}

impl Landing<'_> {
    /// Lands the files, participations first, and tells `watch` of each as soon as it is done: what landed is known even
    /// if a later file fails.
    ///
    /// # Errors
    /// When the store cannot be read or written. What landed before stays; running again is safe.
    pub async fn land(&self, files: &[PathBuf], mut watch: impl FnMut(Step<'_>)) -> Result<Vec<FileReport>, Error> {
        let periods = crate::register::periods(self.catalogue)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let ground = Ground { periods: &periods, threads };
        let (catalogue, saved) = (self.catalogue, &self.saved);
        let given = Given { catalogue, saved, project: self.project.is_some(), month: self.month, threads };
        let (mut lists, mut reports) = (Vec::new(), Vec::new());
        for path in files {
            match list::open(path, given) {
                Ok(opened) => lists.extend(opened),
                Err(broken) => {
                    for (sheet, findings) in broken {
                        let report = rejected(path.clone(), sheet, None, findings);
                        watch(Step::Done(&report));
                        reports.push(report);
                    }
                }
            }
        }
        lists.sort_by_key(|list| list.mapping.table.parent.is_some());
        let mut pins = HashMap::new();
        for list in &lists {
            watch(Step::Begins(&list.path));
            let report = self.land_one(list, &ground, &mut pins).await?;
            watch(Step::Done(&report));
            reports.push(report);
        }
        Ok(reports)
    }

    async fn land_one(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        pins: &mut HashMap<String, Pinned>,
    ) -> Result<FileReport, Error> {
        let ids = pseudonymise::delivery(self.key, self.store.domain(), &list.mapping.table.name, &self.told(list));
        let mut erased = false;
        for _ in 0..TRIES {
            match self.attempt(list, ground, pins, &ids, erased).await? {
                Attempt::Done(report) => return Ok(*report),
                Attempt::Erase(people) => {
                    // Before the list lands, so that it is done again if this is as far as we get.
                    self.withdraw(&people).await?;
                    erased = true;
                }
                Attempt::Again => {}
            }
            // Others committed first: what was read is old, and the numbers given against it are void.
            pins.clear();
        }
        Err(Error::storage(say(
            format!("{} kunde inte landa: andra landningar hann före; kör igen", finding::shown(&list.path)),
            format!("{} could not land: other landings kept committing first; run again", finding::shown(&list.path)),
        )))
    }

    /// Lands a list against what has landed now, unless others commit first.
    async fn attempt(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        pins: &mut HashMap<String, Pinned>,
        ids: &[String],
        erased: bool,
    ) -> Result<Attempt, Error> {
        let table = list.mapping.table;
        if list.month.is_some_and(|month| month > Month::at(self.today)) {
            let (path, sheet, table) = (list.path.clone(), list.sheet.clone(), Some(table.name.clone()));
            return Ok(Attempt::done(rejected(path, sheet, table, vec![Finding::of(Rule::MonthAhead)])));
        }
        let writing = self.store.writing()?;
        if upkeep::is_pending(self.store.root()) {
            drop(writing);
            upkeep::resume(self.store, self.catalogue).await?;
            return Ok(Attempt::Again);
        }
        upkeep::same_key(self.store, self.key)?;
        let parent = self.parent(table)?;
        for table in [Some(table), parent].into_iter().flatten() {
            self.pin(table, pins).await?;
        }
        let state = last_mark(pins.get(&table.name), ids).await?;
        if state == Some(COMPLETE) && !self.again {
            return Ok(Attempt::done(FileReport { outcome: Outcome::Known, ..report(list) }));
        }
        let root = parent.unwrap_or(table);
        let forgotten = pins.get(&root.name).map_or(Ok(HashMap::new()), |pinned| cluster::forgotten(root, pinned))?;
        let first = pins.get(&table.name).is_none_or(|pinned| pinned.stored.is_empty());
        // Under the lock that keeps others from adding aliases.
        let pseudonyms = Pseudonymiser::new(self.key, self.store.domain(), self.store.aliases()?);
        let rows = match self.read(list, ground, &forgotten, &pseudonyms, &self.packing(list, first)) {
            Ok(rows) if !erased && !rows.withdrawn.is_empty() => return Ok(Attempt::Erase(rows.withdrawn)),
            Ok(rows) => rows,
            Err(findings) => {
                let (path, sheet, table) = (list.path.clone(), list.sheet.clone(), Some(table.name.clone()));
                return Ok(Attempt::done(rejected(path, sheet, table, findings)));
            }
        };
        let mut pinned = match pins.remove(&table.name) {
            Some(pinned) => pinned,
            None => self.store.pin_or_create(table).await?,
        };
        if first && !pinned.stored.is_empty() {
            // Somebody landed in between, and what they landed has columns that these rows have no room for.
            return Ok(Attempt::Again);
        }
        let of_parent = parent.and_then(|parent| Some((parent, pins.get(&parent.name)?)));
        let mut prepared = self.settle(list, ground, rows, &pinned, of_parent)?;
        let first: BTreeMap<_, _> = prepared
            .outcome
            .first
            .iter()
            .map(|(unit, project)| ((pseudonyms.forgotten(*unit), Some(*project)), [0, 0]))
            .collect();
        if !first.is_empty() {
            // Its sender is told next time what it would be told of rows that had landed.
            prepared.outcome.added.push(cluster::remember(table, &pinned, &first, i32::MIN)?);
        }
        let turned = prepared.outcome.turned.clone();
        let (report, change) = self.told_of(list, prepared, ids.first().cloned().unwrap_or_default());
        // A row that was set aside may fit later (its participation lands, its code is added to a list), and its
        // sender must hear of it until then: the delivery stays open to be run again.
        let unchanged = change.added.is_empty() && change.removed.is_empty();
        let stays = report.is_defective() && state.is_some() && unchanged;
        if stays || self.commit((table, &mut pinned), change, &turned, writing).await? == Commit::Done {
            pins.insert(table.name.clone(), pinned);
            return Ok(Attempt::done(report));
        }
        Ok(Attempt::Again)
    }

    /// Commits a list, and lets the rows within the participations of the people who `turned` follow.
    async fn commit(
        &self,
        (table, pinned): (&TableSchema, &mut Pinned),
        change: Change,
        turned: &[pseudonymise::Pseudonym],
        writing: Writing,
    ) -> Result<Commit, Error> {
        let announced = upkeep::attach::announce(self.store, self.catalogue, table, turned)?;
        if let Announced::Busy = announced {
            return Ok(Commit::Conflict);
        }
        let committed = self.store.commit(table, pinned, change).await?;
        drop(writing);
        match (announced, committed) {
            (Announced::Follows(_), Commit::Done) => upkeep::resume(self.store, self.catalogue).await.map(|_| Commit::Done),
            (Announced::Follows(pending), Commit::Conflict) => pending.end(self.store).map(|()| Commit::Conflict),
            (Announced::Nothing | Announced::Busy, committed) => Ok(committed),
        }
    }

    /// Erases people in the projects in which they have withdrawn their consent.
    async fn withdraw(&self, withdrawn: &[(pseudonymise::Pseudonym, i16)]) -> Result<(), Error> {
        let mut by_project: HashMap<i16, Vec<pseudonymise::Pseudonym>> = HashMap::new();
        for (unit, project) in withdrawn {
            by_project.entry(*project).or_default().push(*unit);
        }
        let day = dates::days(self.today);
        for (project, people) in by_project {
            let whom = (people.as_slice(), Some(project));
            upkeep::erase::erase(self.store, self.catalogue, self.key, whom, (upkeep::erase::Reason::Consent, day)).await?;
        }
        Ok(())
    }

    /// What tells a delivery from others: its bytes, and what was said beside them.
    fn told(&self, list: &List<'_>) -> Vec<u8> {
        let saved = toml::to_string(&self.saved).unwrap_or_default();
        let project = self.project.unwrap_or(-1).to_le_bytes();
        let month = list.month.map_or(0, Month::number).to_le_bytes();
        [project.as_slice(), month.as_slice(), saved.as_bytes(), &[0], &list.digest].concat()
    }

    /// Pins the newest version of a table, if anything has landed on it: what was read before is kept while it is that.
    async fn pin(&self, table: &TableSchema, pins: &mut HashMap<String, Pinned>) -> Result<(), Error> {
        pins.retain(|_, pinned| pinned.is_newest());
        if !pins.contains_key(&table.name)
            && let Some(pinned) = self.store.pin(table).await?
        {
            pins.insert(table.name.clone(), pinned);
        }
        Ok(())
    }

    fn parent(&self, table: &TableSchema) -> Result<Option<&TableSchema>, Error> {
        let Some(name) = &table.parent else { return Ok(None) };
        let parent = self.catalogue.table(name);
        parent.map(Some).ok_or_else(|| Error::usage(format!("schemas/{}.toml: no parent table `{name}`", table.name)))
    }

    /// How the rows of a list are packed: on the first delivery without room for what it lacks.
    fn packing(&self, list: &List<'_>, first: bool) -> Packing {
        let table = list.mapping.table;
        let absent = |i: usize| {
            let given = self.project.is_some() && table.columns.get_index_of("project") == Some(i);
            let derived = table.columns.get_index(i).is_some_and(|(_, column)| column.derive.is_some());
            first && !given && !derived && list.mapping.positions.get(i).copied().flatten().is_none()
        };
        Packing::without(table, absent)
    }

    fn threads(list: &List<'_>, ground: &Ground<'_>) -> usize {
        if list.source.length() < LARGE { 1 } else { ground.threads }
    }

    /// Reads and validates the rows of a list.
    fn read(
        &self,
        list: &List<'_>,
        ground: &Ground<'_>,
        forgotten: &HashMap<pseudonymise::Pseudonym, person::Forgotten>,
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
    fn settle(
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
        let mut shares = std::mem::replace(&mut rows.shares, shares::Shares::new(&packing));
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
    fn told_of(&self, list: &List<'_>, prepared: Prepared, id: String) -> (FileReport, Change) {
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
            ..report(list)
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

fn report(list: &List<'_>) -> FileReport {
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

fn rejected(path: PathBuf, sheet: Option<String>, table: Option<String>, findings: Vec<Finding>) -> FileReport {
    let (outcome, inferred, controller) = (Outcome::Rejected, Vec::new(), Vec::new());
    FileReport { path, sheet, table, outcome, inferred, difference: None, findings, controller }
}

/// The delivery has landed wholly; its file is a no-op from now on.
const COMPLETE: i64 = 1;
/// Rows of the delivery were set aside.
const OPEN: i64 = 0;

#[cfg(test)]
mod tests {
    mod bench;
    mod plain;
}
