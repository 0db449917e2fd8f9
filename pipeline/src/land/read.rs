//! Reads the rows of a list, on all cores: what is valid is packed by person, what is not is found.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memchr;

use super::decode::{Fields, Splitter};
use super::finding::{Finding, Rule, Severity};
use super::list::List;
use super::pack::{self, Cell, Packing};
use super::person::Forgotten;
use super::pseudonymise::{Pseudonym, Pseudonymiser};
use super::shares::Shares;
use super::validate::{Plain, Scratch, Validator, Verdict, Whose};
use super::withhold::withhold;
use crate::schema::Role;

/// What was read of a list.
pub struct Rows {
    /// How the rows are packed.
    pub packing: Packing,
    /// The valid rows.
    pub shares: Shares,
    /// How many there are.
    pub valid: usize,
    /// How many were registrations by mistake or of people who withdrew their consent.
    pub excluded: usize,
    /// How many were set aside.
    pub set_aside: usize,
    /// How many were left out for what they are, totals apart.
    pub left_out: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// People who withdrew their consent, with the project.
    pub withdrawn: Vec<(Pseudonym, i16)>,
    /// People among them who were erased before.
    pub erased: HashMap<Pseudonym, Forgotten>,
    /// The projects of the rows.
    pub projects: Vec<i16>,
    /// Per column, spellings that no code list has, and how often.
    pub misspelt: HashMap<(usize, String), usize>,
    /// Records that belong to nobody in particular: a flag, the row, what the number tells, the cells.
    anonymous: Vec<(u16, u32, [u8; 3], Vec<Cell>)>,
}

/// So many rows of one rule and column are listed for a piece; the last of them tells how many more there are.
const LISTED: usize = 500;
/// So many different misspelt values are looked at for near names.
const MISSPELT: usize = 200;

/// Reads every row. `progress` is told how many bytes were read.
///
/// # Errors
/// The findings for which the whole list is rejected.
pub fn rows(
    list: &List<'_>,
    packing: &Packing,
    validator: &Validator<'_>,
    pseudonyms: &Pseudonymiser,
    threads: usize,
    progress: &AtomicU64,
) -> Result<Rows, Vec<Finding>> {
    let mut first_rows = Vec::with_capacity(list.survey.lines.len());
    list.survey.lines.iter().fold(1_u64, |row, lines| {
        first_rows.push(row);
        row + lines
    });
    if list.survey.lines.iter().sum::<u64>() > u64::from(u32::MAX) {
        return Err(vec![Finding::of(Rule::TooManyRows)]);
    }
    let project = list.mapping.table.columns.get_index_of("project");
    let plain = Plain::new(validator, packing, list.layout.separator);
    let reader = Reader { list, packing, validator, project, plain };
    let parts = list.source.each_piece(
        threads,
        || Part::new(packing),
        |part, piece, bytes| {
            let first = first_rows.get(piece).copied().unwrap_or_default();
            let read = reader.piece(part, first, bytes);
            progress.fetch_add(u64::try_from(bytes.len()).unwrap_or_default(), Ordering::Relaxed);
            read
        },
    );
    let parts = parts.map_err(|finding| vec![open_quote(list, finding)])?;
    let mut rows = parts.into_iter().map(|part| part.rows).reduce(Rows::and).unwrap_or_else(|| Rows::new(packing));
    rows.findings.sort_by(|a, b| (a.row, a.severity, &a.column).cmp(&(b.row, b.severity, &b.column)));
    let rejected: Vec<Finding> = rows.findings.iter().filter(|f| f.severity == Severity::Rejected).cloned().collect();
    if !rejected.is_empty() {
        return Err(rejected);
    }
    rows.place_anonymous(list, packing, pseudonyms);
    rows.projects.sort_unstable();
    rows.projects.dedup();
    Ok(rows)
}

/// A quotation mark that is closed on a later row is a line break inside a cell; one that never is takes the rest in.
fn open_quote(list: &List<'_>, finding: Finding) -> Finding {
    let Some(row) = finding.row.filter(|_| finding.rule == Rule::Quote) else { return finding };
    let (mut at, mut buffer) = (1_u64, Vec::new());
    for piece in 0..list.source.pieces() {
        if list.source.read(piece, &mut buffer).is_err() {
            return finding;
        }
        for line in buffer.split_inclusive(|b| *b == b'\n') {
            if at > row && memchr(b'"', line).is_some() {
                return Finding::row(row, None, Rule::LineBreak);
            }
            at += 1;
        }
    }
    finding
}

struct Reader<'r> {
    list: &'r List<'r>,
    packing: &'r Packing,
    validator: &'r Validator<'r>,
    project: Option<usize>,
    plain: Option<Plain<'r>>,
}

/// What one thread has read.
struct Part {
    rows: Rows,
    scratch: Scratch,
    /// How often each rule and column was found in the piece, and where the last listed one is.
    listed: Vec<(Option<usize>, Rule, usize, usize)>,
}

impl Part {
    fn new(packing: &Packing) -> Self {
        Self { rows: Rows::new(packing), scratch: Scratch::default(), listed: Vec::new() }
    }

    fn project(&mut self, project: i16) {
        if !self.rows.projects.contains(&project) {
            self.rows.projects.push(project);
        }
    }

    /// Lists a finding, or counts it on the last one of its kind that is listed.
    fn found(&mut self, row: u64, column: Option<usize>, rule: &Rule, headings: &[String]) {
        let known = self.listed.iter_mut().find(|(c, r, ..)| *c == column && r == rule);
        if let Some((_, _, count, last)) = known {
            *count += 1;
            if *count > LISTED {
                self.rows.findings.get_mut(*last).into_iter().for_each(|finding| finding.more += 1);
                return;
            }
            *last = self.rows.findings.len();
        } else {
            self.listed.push((column, rule.clone(), 1, self.rows.findings.len()));
        }
        let heading = column.and_then(|column| headings.get(column)).map(String::as_str);
        self.rows.findings.push(Finding::row(row, heading, rule.clone()));
    }
}

impl Reader<'_> {
    fn piece(&self, part: &mut Part, first: u64, bytes: &[u8]) -> Result<(), Finding> {
        let text = self.list.encoding.utf8(bytes);
        part.listed.clear();
        let (mut fields, mut splitter) = (Fields::default(), Splitter::new(&text, self.list.layout.separator));
        let mut next = first;
        loop {
            let row = next;
            next += 1;
            let number = u32::try_from(row).unwrap_or(u32::MAX);
            if let Some(plain) = self.plain.as_ref().filter(|_| row > self.list.layout.heading_row)
                && let Some((lines, at)) = splitter.plain_lines()
                && let Some((project, at)) = plain.line(lines, at, number, &part.scratch, &mut part.rows.shares)
            {
                part.rows.valid += 1;
                part.project(project);
                splitter.go_on(at);
                continue;
            }
            let Some(split) = splitter.next(&mut fields) else { return Ok(()) };
            if row <= self.list.layout.heading_row {
                continue;
            }
            if split.is_err() {
                return Err(Finding::row(row, None, Rule::Quote));
            }
            if !fields.is_blank() {
                self.row(part, &fields, row);
            }
        }
    }

    fn row(&self, part: &mut Part, fields: &Fields<'_>, row: u64) {
        let verdict = self.validator.row(fields, &mut part.scratch);
        if !part.scratch.found.is_empty() {
            let found = std::mem::take(&mut part.scratch.found);
            for (column, rule) in &found {
                self.misspelt(part, fields, *column, rule);
                part.found(row, *column, rule, &self.list.mapping.headings);
            }
            part.scratch.found = found;
        }
        let number = u32::try_from(row).unwrap_or(u32::MAX);
        match verdict {
            Verdict::Valid(Whose::Anonymous(told)) => {
                part.rows.valid += 1;
                self.projects(part);
                part.rows.anonymous.push((0, number, told, part.scratch.cells.clone()));
            }
            Verdict::Valid(Whose::Person(unit)) => {
                part.rows.valid += 1;
                self.push(part, unit, number, 0);
            }
            Verdict::Valid(Whose::Erased(unit, forgotten)) => {
                part.rows.valid += 1;
                part.rows.erased.insert(unit, *forgotten);
                self.push(part, unit, number, 0);
            }
            Verdict::Void(Whose::Person(unit) | Whose::Erased(unit, _)) => {
                part.rows.excluded += 1;
                self.push(part, unit, number, pack::VOID);
            }
            Verdict::Void(Whose::Anonymous(told)) => {
                part.rows.excluded += 1;
                self.projects(part);
                part.rows.anonymous.push((pack::VOID, number, told, part.scratch.cells.clone()));
            }
            Verdict::Withdrawn(unit, project) => {
                part.rows.excluded += 1;
                part.rows.withdrawn.push((unit, project));
            }
            Verdict::Dropped => {
                let totals = part.scratch.found.iter().any(|(_, rule)| *rule == Rule::TotalsRow);
                part.rows.left_out += usize::from(!totals);
            }
            Verdict::SetAside => part.rows.set_aside += 1,
        }
    }

    fn push(&self, part: &mut Part, unit: Pseudonym, number: u32, flag: u16) {
        self.projects(part);
        let flags = part.scratch.flags | flag;
        part.rows.shares.add(self.packing, unit, number, flags, &part.scratch.cells);
    }

    fn projects(&self, part: &mut Part) {
        if let Some(Cell::Code(project)) = self.project.and_then(|i| part.scratch.cells.get(i)) {
            part.project(*project);
        }
    }

    fn misspelt(&self, part: &mut Part, fields: &Fields<'_>, column: Option<usize>, rule: &Rule) {
        let (Some(column), Rule::Code(_)) = (column, rule) else { return };
        let position = self.list.mapping.positions.get(column).copied().flatten();
        let text = position.map_or("", |p| fields.get(p));
        if text.len() <= 60 && part.rows.misspelt.len() < MISSPELT {
            *part.rows.misspelt.entry((column, text.to_lowercase())).or_default() += 1;
        }
    }
}

withhold!(Rows);

impl Rows {
    fn new(packing: &Packing) -> Self {
        Self {
            packing: packing.clone(),
            shares: Shares::new(packing),
            valid: 0,
            excluded: 0,
            set_aside: 0,
            left_out: 0,
            findings: Vec::new(),
            withdrawn: Vec::new(),
            erased: HashMap::new(),
            projects: Vec::new(),
            misspelt: HashMap::new(),
            anonymous: Vec::new(),
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.shares.absorb(other.shares);
        self.valid += other.valid;
        self.excluded += other.excluded;
        self.set_aside += other.set_aside;
        self.left_out += other.left_out;
        self.findings.extend(other.findings);
        self.withdrawn.extend(other.withdrawn);
        self.erased.extend(other.erased);
        self.projects.extend(other.projects);
        for (key, count) in other.misspelt {
            *self.misspelt.entry(key).or_default() += count;
        }
        self.anonymous.extend(other.anonymous);
        self
    }

    /// Gives each anonymous record a unit of its own: by project, start, what the number tells, and which of such records
    /// in the list it is, so that the same list gives the same units.
    fn place_anonymous(&mut self, list: &List<'_>, packing: &Packing, pseudonyms: &Pseudonymiser) {
        let table = list.mapping.table;
        let start = table.column_with(Role::Start).and_then(|name| table.columns.get_index_of(name));
        let day = |cells: &[Cell]| match start.and_then(|i| cells.get(i)) {
            Some(Cell::Date(day)) => *day,
            _ => 0,
        };
        let project = table.columns.get_index_of("project");
        let code = |cells: &[Cell]| match project.and_then(|i| cells.get(i)) {
            Some(Cell::Code(project)) => *project,
            _ => 0,
        };
        let mut records = std::mem::take(&mut self.anonymous);
        // Wrong entries last: they mean the last of the records that look alike.
        records.sort_by_key(|(void, row, ..)| (*void, *row));
        let mut seen: HashMap<_, u32> = HashMap::new();
        for (void, row, told, mut cells) in records {
            let (project_code, first) = (code(&cells), day(&cells));
            let which = seen.entry((project_code, first, told)).or_default();
            let mut message = project_code.to_le_bytes().to_vec();
            message.extend(first.to_le_bytes().iter().chain(&told).chain(&which.to_le_bytes()));
            let unit = pseudonyms.anonymous(&message);
            *which += 1;
            // Only project, start and sex are kept: such a record is in no breakdown.
            let sex = table.columns.get_index_of("sex");
            for (i, cell) in cells.iter_mut().enumerate() {
                if ![project, start, sex].contains(&Some(i)) {
                    *cell = Cell::Null;
                }
            }
            self.shares.add(packing, unit, row, pack::ANONYMOUS | void, &cells);
        }
    }
}
