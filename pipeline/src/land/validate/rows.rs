//! Reads the rows of a list, on all cores: what is valid is packed by person, what is not is found.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

use crate::catalogue::schema::{Role, TableSchema, normalise};
use crate::keyzone::pseudonym::{Pseudonym, Pseudonymiser};
use crate::land::finding::{Finding, Severity, ValidationRule};
use crate::land::partition::{Partitions, Spill};
use crate::land::read::decode::{Fields, Splitter};
use crate::land::understand::list::List;
use crate::land::validate::{Plain, RowVerdict, Scratch, Told, Validator, Whose};
use crate::settle::{Act, Trial, Trials};
use crate::store::codec::{self, Cell, Packing};
use crate::store::stored::Forgotten;
use utfall_ground::redacted;
use utfall_ground::visible::visible;

/// What was read of the lists of a report.
pub struct Rows {
    /// How the rows are packed.
    pub packing: Packing,
    /// The valid rows.
    pub partitions: Partitions,
    /// The consents that were withdrawn.
    pub withdrawn: Vec<Withdrawal>,
    /// People among them who were erased before.
    pub erased: HashMap<Pseudonym, Forgotten>,
    /// The projects of the rows.
    pub projects: Vec<i16>,
    /// Records that belong to nobody in particular: a flag, the row, what the number tells, the cells.
    anonymous: Vec<(u16, u32, Told, Vec<Cell>)>,
    /// What there is to tell of the list.
    pub told: Heard,
}

/// What there is to tell of one list.
#[derive(Default)]
pub struct Heard {
    /// How many rows are valid.
    pub valid: usize,
    /// How many were registrations by mistake or of people who withdrew their consent.
    pub excluded: usize,
    /// The rows that were set aside.
    pub aside: Vec<u32>,
    /// How many were left out for what they are, totals apart.
    pub left_out: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Per column, spellings that no code list has, and how often.
    pub misspelt: HashMap<(usize, String), usize>,
    /// How many end before the last column.
    short: u64,
    /// Rows of people over a hundred, and who has the same ten digits a century later.
    twins: Vec<(u64, Pseudonym)>,
}

/// A consent that a row says is withdrawn.
#[derive(Clone, Copy)]
pub struct Withdrawal {
    /// Whose.
    pub unit: Pseudonym,
    /// In which project.
    pub project: i16,
    /// The first day that the row tells, if it tells one.
    pub start: Option<i32>,
    /// Whether the row's number was replaced by another.
    pub across: bool,
}

/// So many rows of one rule and column are listed for a piece; the last of them tells how many more there are.
const LISTED: usize = 500;
/// So many different misspelt values are looked at for near names.
const MISSPELT: usize = 200;

/// Reads every row of a list. They are numbered on from `before`, the number before the first row's, and act as `trial` says;
/// `progress` is told how many bytes were read.
///
/// # Errors
/// The findings for which the whole list is rejected.
pub fn rows(
    list: &List<'_>,
    (trial, before): (&Trial, u32),
    (packing, spill): (&Packing, &Arc<Spill>),
    validator: &Validator<'_>,
    threads: usize,
    progress: &AtomicU64,
) -> Result<Rows, Vec<Finding>> {
    let mut first_rows = Vec::with_capacity(list.survey.lines.len());
    list.survey.lines.iter().fold(1_u64, |row, lines| {
        first_rows.push(row);
        row + lines
    });
    if list.survey.lines.iter().sum::<u64>() > u64::from(u32::MAX - before) {
        return Err(vec![Finding::of(ValidationRule::TooManyRows)]);
    }
    let project = list.reading.mapping.table.columns.get_index_of("project");
    let plain = Plain::new(validator, packing, list.reading.separator).filter(|_| *trial == Trial::All);
    let start = list
        .reading
        .mapping
        .table
        .column_with(Role::Start)
        .and_then(|name| list.reading.mapping.table.columns.get_index_of(name));
    let reader = Reader { list, trial, before, packing, validator, project, start, plain };
    let parts = list.source.each_piece(
        threads,
        || Part::new((packing, spill)),
        |part, piece, bytes| {
            let first = first_rows.get(piece).copied().unwrap_or_default();
            let read = reader.piece(part, first, bytes);
            progress.fetch_add(u64::try_from(bytes.len()).unwrap_or_default(), Ordering::Relaxed);
            read
        },
    );
    let parts = parts.map_err(|finding| vec![finding])?;
    let mut rows = parts.into_iter().map(|part| part.rows).reduce(Rows::and).unwrap_or_else(|| Rows::new((packing, spill)));
    let findings = &mut rows.told.findings;
    findings.sort_by(|a, b| (a.row, a.severity, &a.column).cmp(&(b.row, b.severity, &b.column)));
    let rejected: Vec<Finding> = findings.iter().filter(|f| f.severity == Severity::Rejected).cloned().collect();
    if !rejected.is_empty() {
        return Err(rejected);
    }
    rows.mind_texts();
    rows.find_twins(list);
    if rows.told.short > 0 {
        rows.told.findings.push(Finding::of(ValidationRule::ShortRows(rows.told.short)));
    }
    rows.refuse_withdrawn(project, packing, before);
    rows.projects.sort_unstable();
    rows.projects.dedup();
    Ok(rows)
}

struct Reader<'r> {
    list: &'r List<'r>,
    trial: &'r Trial,
    before: u32,
    packing: &'r Packing,
    validator: &'r Validator<'r>,
    project: Option<usize>,
    start: Option<usize>,
    plain: Option<Plain<'r>>,
}

/// What one thread has read.
struct Part {
    rows: Rows,
    scratch: Scratch,
    /// How often each rule and column was found in the piece, and where the last listed one is.
    listed: Vec<(Option<usize>, ValidationRule, usize, usize)>,
}

impl Part {
    fn new(packing: (&Packing, &Arc<Spill>)) -> Self {
        Self { rows: Rows::new(packing), scratch: Scratch::default(), listed: Vec::new() }
    }

    fn project(&mut self, project: i16) {
        if !self.rows.projects.contains(&project) {
            self.rows.projects.push(project);
        }
    }

    /// Lists a finding, or counts it on the last one of its kind that is listed.
    fn found(&mut self, row: u64, column: Option<usize>, rule: &ValidationRule, headings: &[String]) {
        let known = self.listed.iter_mut().find(|(c, r, ..)| *c == column && r == rule);
        if let Some((_, _, count, last)) = known {
            *count += 1;
            if *count > LISTED {
                self.rows.told.findings.get_mut(*last).into_iter().for_each(|finding| finding.more += 1);
                return;
            }
            *last = self.rows.told.findings.len();
        } else {
            self.listed.push((column, rule.clone(), 1, self.rows.told.findings.len()));
        }
        let heading = column.and_then(|column| headings.get(column)).map(String::as_str);
        self.rows.told.findings.push(Finding::row(row, heading, rule.clone()));
    }
}

impl Reader<'_> {
    fn piece(&self, part: &mut Part, first: u64, bytes: &[u8]) -> Result<(), Finding> {
        let decoded = self.list.reading.encoding.utf8(bytes);
        // Only a list that may hide something is looked through again.
        let seen = self.list.reading.hides.then(|| std::str::from_utf8(&decoded).ok().map(visible)).flatten();
        let text = seen.as_ref().map_or(&*decoded, |seen| seen.as_bytes());
        part.listed.clear();
        let (mut fields, mut splitter) = (Fields::default(), Splitter::new(text, self.list.reading.separator));
        let mut next = first;
        loop {
            let row = next;
            next += 1;
            let number = self.number(row);
            if let Some(plain) = self.plain.as_ref().filter(|_| row > self.list.reading.heading_row)
                && let Some((lines, at)) = splitter.plain_lines()
                && let Some((project, at)) = plain.line(lines, at, number, &part.scratch, &mut part.rows.partitions)
            {
                part.rows.told.valid += 1;
                part.project(project);
                splitter.go_on(at);
                continue;
            }
            let Some(split) = splitter.next(&mut fields) else { return Ok(()) };
            if row <= self.list.reading.heading_row {
                continue;
            }
            if split.is_err() || self.validator.has_swallowed(&fields, self.list.reading.separator) {
                return Err(Finding::row(row, None, ValidationRule::Quote));
            }
            if !fields.is_blank() {
                self.row(part, &fields, row);
            }
        }
    }

    /// The number of a row among those of its report.
    fn number(&self, row: u64) -> u32 {
        u32::try_from(row).map_or(u32::MAX, |row| row.saturating_add(self.before))
    }

    fn row(&self, part: &mut Part, fields: &Fields<'_>, row: u64) {
        let verdict = self.validator.row(fields, &mut part.scratch);
        let place = u32::try_from(row).unwrap_or(u32::MAX);
        // Of a row that has done what it did nothing is told again, and nothing it says is done again.
        let kept = self.trial.act(place) == Act::Kept;
        if let Some(Cell::Code(project)) = self.project.and_then(|i| part.scratch.cells.get(i))
            && self.trial.is_past(*project)
        {
            return;
        }
        if verdict != RowVerdict::Dropped && !kept {
            part.rows.told.short += u64::from(part.scratch.short);
            part.rows.told.twins.extend(part.scratch.twin.map(|twin| (row, twin)));
        }
        if !part.scratch.found.is_empty() && !kept {
            let found = std::mem::take(&mut part.scratch.found);
            for (column, rule) in &found {
                self.misspelt(part, fields, *column, rule);
                part.found(row, *column, rule, &self.list.reading.mapping.headings);
            }
            part.scratch.found = found;
        }
        let (told, number) = (&mut part.rows.told, self.number(row));
        match verdict {
            RowVerdict::Valid(whose) => {
                told.valid += usize::from(!kept);
                self.take(part, whose, number, 0);
            }
            RowVerdict::Void(_) | RowVerdict::Withdrawn(..) if kept => {}
            RowVerdict::Void(whose) => {
                told.excluded += 1;
                self.take(part, whose, number, codec::VOID);
            }
            RowVerdict::Withdrawn(unit, project) => {
                told.excluded += 1;
                let start = match self.start.and_then(|i| part.scratch.cells.get(i)) {
                    Some(Cell::Date(day)) => Some(*day),
                    _ => None,
                };
                let across = part.scratch.flags & codec::ALIASED != 0;
                part.rows.withdrawn.push(Withdrawal { unit, project, start, across });
            }
            RowVerdict::Dropped => {
                let none = |rule: &ValidationRule| {
                    matches!(rule, ValidationRule::TotalsRow | ValidationRule::HeadingsRepeated | ValidationRule::Footer)
                };
                told.left_out += usize::from(!kept && !part.scratch.found.iter().any(|(_, rule)| none(rule)));
            }
            RowVerdict::SetAside if kept => {}
            RowVerdict::SetAside => told.aside.push(place),
        }
    }

    /// Takes in what a row says, whosever it is.
    fn take(&self, part: &mut Part, whose: Whose, number: u32, flag: u16) {
        match whose {
            Whose::Anonymous(told) => {
                self.projects(part);
                part.rows.anonymous.push((flag, number, told, part.scratch.cells.clone()));
            }
            Whose::Person(unit) => self.push(part, unit, number, flag),
            Whose::Erased(unit, forgotten) => {
                part.rows.erased.entry(unit).or_insert(*forgotten);
                self.push(part, unit, number, flag);
            }
        }
    }

    fn push(&self, part: &mut Part, unit: Pseudonym, number: u32, flag: u16) {
        self.projects(part);
        let flags = part.scratch.flags | flag;
        part.rows.partitions.add(self.packing, unit, number, flags, &part.scratch.cells);
    }

    fn projects(&self, part: &mut Part) {
        if let Some(Cell::Code(project)) = self.project.and_then(|i| part.scratch.cells.get(i)) {
            part.project(*project);
        }
    }

    fn misspelt(&self, part: &mut Part, fields: &Fields<'_>, column: Option<usize>, rule: &ValidationRule) {
        let (Some(column), ValidationRule::Code(_)) = (column, rule) else { return };
        let position = self.list.reading.mapping.positions.get(column).copied().flatten();
        let text = position.map_or("", |p| fields.get(p));
        if text.len() <= 60 && part.rows.told.misspelt.len() < MISSPELT {
            *part.rows.told.misspelt.entry((column, normalise(text))).or_default() += 1;
        }
    }
}

redacted!(Rows Heard Withdrawal);

impl Rows {
    /// Nothing read yet.
    pub fn new((packing, spill): (&Packing, &Arc<Spill>)) -> Self {
        Self {
            packing: packing.clone(),
            partitions: Partitions::new(packing, spill),
            withdrawn: Vec::new(),
            erased: HashMap::new(),
            projects: Vec::new(),
            anonymous: Vec::new(),
            told: Heard::default(),
        }
    }

    /// Takes in what was read elsewhere.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.partitions.absorb(other.partitions);
        self.withdrawn.extend(other.withdrawn);
        self.erased.extend(other.erased);
        self.projects.extend(other.projects);
        self.projects.sort_unstable();
        self.projects.dedup();
        self.anonymous.extend(other.anonymous);
        self.told.and(other.told);
        self
    }

    /// Where there is nobody, texts below the headings may be all that is left of a table: they are to be looked at.
    fn mind_texts(&mut self) {
        let Heard { valid, excluded, aside, left_out, findings, .. } = &mut self.told;
        if *valid + *excluded + aside.len() + *left_out > 0 {
            return;
        }
        for text in findings.iter_mut().filter(|finding| finding.rule == ValidationRule::Footer) {
            text.severity = Severity::SetAside;
            aside.extend(text.row.and_then(|row| u32::try_from(row).ok()));
        }
    }

    /// Tells of people whose number is in the list with another century too.
    fn find_twins(&mut self, list: &List<'_>) {
        if self.told.twins.is_empty() {
            return;
        }
        // Of few people, so that of a list of millions little is looked through and nothing kept.
        let wanted: HashSet<Pseudonym, RandomState> = self.told.twins.iter().map(|(_, twin)| *twin).collect();
        let mut there: HashSet<Pseudonym> = HashSet::new();
        self.partitions
            .each_row_beside(wanted.iter(), |row| there.extend(Some(codec::unit(row)).filter(|unit| wanted.contains(unit))));
        let unit = list.reading.mapping.table.unit().and_then(|unit| list.reading.mapping.table.columns.get_index_of(unit));
        let heading = unit.and_then(|unit| list.reading.mapping.headings.get(unit)).map(String::as_str);
        self.told.twins.sort_unstable_by_key(|(row, _)| *row);
        let twins = self.told.twins.iter().filter(|(_, twin)| there.contains(twin));
        let found: Vec<Finding> = twins.map(|(row, _)| Finding::row(*row, heading, ValidationRule::IdentityTwice)).collect();
        self.told.findings.extend(found);
    }

    /// Takes out the rows of people whose consent another row of the list withdraws: no beside yes is no, in whatever order
    /// they stand.
    fn refuse_withdrawn(&mut self, project: Option<usize>, packing: &Packing, before: u32) {
        let mut withdrawn: HashMap<(Pseudonym, i16), bool> = HashMap::new();
        for one in &self.withdrawn {
            *withdrawn.entry((one.unit, one.project)).or_default() |= one.across;
        }
        let Some(project) = project.filter(|_| !withdrawn.is_empty()) else { return };
        let Self { partitions, erased, told: Heard { findings, valid, excluded, .. }, .. } = self;
        partitions.retain(|row| {
            let unit = codec::unit(row);
            let Some(of) = packing.code(row, project) else { return true };
            let Some(across) = withdrawn.get(&(unit, of)) else { return true };
            if *across || codec::has(row, codec::ALIASED) {
                // Whoever sees the list must not learn that two of its numbers are one person's.
                erased.entry(unit).or_default().days.push((Some(of), i32::MAX));
                return true;
            }
            if !codec::has(row, codec::VOID) {
                (*valid, *excluded) = (valid.saturating_sub(1), *excluded + 1);
                findings.push(Finding::row(
                    codec::number(row).saturating_sub(before).into(),
                    None,
                    ValidationRule::ConsentRefused,
                ));
            }
            false
        });
    }

    /// Gives each anonymous record a unit of its own: by project, what the number tells, and which of such records in the
    /// report it is, so that a corrected report gives the same units, and a record whose start is corrected stays one. Rows
    /// that have reported before come first: theirs are the units that are there.
    pub fn place_anonymous(&mut self, table: &TableSchema, trials: &Trials, pseudonyms: &Pseudonymiser) {
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get_index_of(name));
        let project = table.columns.get_index_of("project");
        let code = |cells: &[Cell]| match project.and_then(|i| cells.get(i)) {
            Some(Cell::Code(project)) => *project,
            _ => 0,
        };
        let day = |cells: &[Cell]| start.and_then(|i| cells.get(i)).copied().unwrap_or(Cell::Null);
        let mut records = std::mem::take(&mut self.anonymous);
        // Wrong entries last: they mean the last of the records that look alike.
        records.sort_by_key(|(void, row, _, cells)| (*void, trials.act(*row) != Act::Kept, day(cells), *row));
        let mut seen: HashMap<_, u32> = HashMap::new();
        for (void, row, told, mut cells) in records {
            let project_code = code(&cells);
            let which = seen.entry((project_code, told)).or_default();
            let mut message = project_code.to_le_bytes().to_vec();
            message.extend(told.iter().chain(&which.to_le_bytes()));
            let unit = pseudonyms.anonymous(&message);
            *which += 1;
            // Only project, start and sex are kept: such a record is in no breakdown.
            let sex = table.columns.get_index_of("sex");
            for (i, cell) in cells.iter_mut().enumerate() {
                if ![project, start, sex].contains(&Some(i)) {
                    *cell = Cell::Null;
                }
            }
            self.partitions.add(&self.packing, unit, row, codec::ANONYMOUS | void, &cells);
        }
    }
}

impl Heard {
    fn and(&mut self, other: Self) {
        self.valid += other.valid;
        self.excluded += other.excluded;
        self.aside.extend(other.aside);
        self.left_out += other.left_out;
        self.short += other.short;
        self.twins.extend(other.twins);
        self.findings.extend(other.findings);
        for (key, count) in other.misspelt {
            *self.misspelt.entry(key).or_default() += count;
        }
    }
}
