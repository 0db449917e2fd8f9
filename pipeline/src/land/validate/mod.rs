//! From text to typed values, row by row.
//!
//! Takes lines of cells and how they are to be read; gives packed rows by person, and findings for what does not fit its schema, which
//! sets the row aside. It may not see what has landed, nor any row but the one at hand. Start reading at [`Validator`]; `plain` is
//! the same for rows in which nothing is to be said, and must give the same.

mod cache;
mod derived;
mod none;
mod plain;
mod reader;
pub mod rows;
mod who;

use std::collections::HashMap;

use cache::Cache;
use chrono::NaiveDate;
use none::Width;
pub use plain::Plain;
use reader::{Derive, Reader, yes_or_no};

use crate::catalogue::schema::{Catalogue, ProvisionalPolicy, Role, normalise};
use crate::keyzone::identity::Identifier;
use crate::keyzone::pseudonym::{Number, Pseudonym, Pseudonymiser, Resolved};
use crate::land::accept::Accepted;
use crate::land::cell::dates;
use crate::land::finding::{Severity, ValidationRule};
use crate::land::read::decode::Fields;
use crate::land::read::workbook;
use crate::land::understand::mapping::{self, Mapping};
use crate::store::codec::{self, Cell};
use crate::store::stored::Forgotten;
use utfall_ground::calendar::{Day, Days};
use utfall_ground::visible::hyphened;

/// What validation needs besides the list.
#[derive(Debug)]
pub struct Context<'a> {
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// Gives the pseudonyms.
    pub pseudonyms: &'a Pseudonymiser,
    /// People who were erased, by their tag.
    pub forgotten: &'a HashMap<Pseudonym, Forgotten>,
    /// First and last day of each project, at the place of its code.
    pub periods: &'a [Option<Days>],
    /// The project of rows that have none in the list.
    pub project: Option<i16>,
    /// What the list is accepted as.
    pub accepted: &'a Accepted,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
}

/// Whose a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// A person's.
    Person(Pseudonym),
    /// A person's who was erased before.
    Erased(Pseudonym, Box<Forgotten>),
    /// Nobody's in particular; what the number tells of them.
    Anonymous(Told),
}

/// What the number of a protected identity tells: whether it stands for a man, and the day as it is written. People share it.
pub type Told = [u8; 9];

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowVerdict {
    /// It is valid; its cells are in the scratch.
    Valid(Whose),
    /// It is a registration by mistake: what had landed of it is withdrawn. Its cells are in the scratch.
    Void(Whose),
    /// The person has withdrawn the consent in this project.
    Withdrawn(Pseudonym, i16),
    /// It does not land, and nobody need mend it.
    Dropped,
    /// It is set aside.
    SetAside,
}

/// Room for one row at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The cells in the order of the schema.
    pub cells: Vec<Cell>,
    /// The flags of [`crate::store::codec`].
    pub flags: u16,
    /// What was found in the row: the column of the schema, if one, and the rule.
    pub found: Vec<(Option<usize>, ValidationRule)>,
    /// Whether the row ends before the last column.
    pub short: bool,
    /// Who has the same ten digits in the next century, if somebody can.
    pub twin: Option<Pseudonym>,
    /// Per column the spellings of codes met so far, as they were written.
    caches: Vec<Cache>,
}

/// Validates the rows of one list.
pub struct Validator<'a> {
    context: &'a Context<'a>,
    mapping: &'a Mapping<'a>,
    readers: Vec<Reader<'a>>,
    /// The columns that a row may have something in, or must.
    read: Vec<usize>,
    derived: Vec<(usize, Derive)>,
    unit: usize,
    project: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    void: Option<(usize, Vec<String>)>,
    withdrawn: Vec<String>,
    /// What stands for a value that is missing, and for an end that has not come.
    missing: Vec<String>,
    open: Vec<String>,
    /// So many fields a row must have: the last that must have a value is among them.
    least: usize,
    /// The column of an outcome, where an end belongs to it.
    outcome: Option<usize>,
    /// Ends after this day are too recent for the follow-up.
    follow_up: Option<(u32, i32)>,
}

impl std::fmt::Debug for Validator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Validator")
    }
}

impl<'a> Validator<'a> {
    /// For the columns of a mapping.
    pub fn new(mapping: &'a Mapping<'a>, context: &'a Context<'a>) -> Self {
        let table = mapping.table;
        let at = |role| table.column_with(role).and_then(|name| table.columns.get_index_of(name));
        let lowered = |spellings: &[String]| spellings.iter().map(|s| normalise(s)).collect::<Vec<_>>();
        let void = table.delivery.void.as_ref();
        let months = table.delivery.follow_up_months;
        let columns = table.columns.values().zip(&mapping.positions).zip(&mapping.constants);
        let readers: Vec<Reader<'_>> =
            columns.map(|((c, p), constant)| Reader::new(c, *p, constant, context.catalogue)).collect();
        let unit = at(Role::Unit).unwrap_or_default();
        let project = table.columns.get_index_of("project");
        let given = |i| Some(i) == project && context.project.is_some();
        let some = |i: &usize, reader: &Reader<'_>| reader.is_told() || reader.column.required || given(*i);
        Self {
            read: readers.iter().enumerate().filter(|(i, reader)| *i != unit && some(i, reader)).map(|(i, _)| i).collect(),
            derived: readers.iter().enumerate().filter_map(|(i, r)| Some((i, r.derive(table, context.catalogue)?))).collect(),
            least: least(&readers, given),
            readers,
            unit,
            project,
            start: at(Role::Start),
            end: at(Role::End),
            void: void.and_then(|v| Some((table.columns.get_index_of(&v.column)?, lowered(&v.spellings)))),
            missing: lowered(&table.delivery.missing),
            open: lowered(&table.delivery.open),
            withdrawn: table.delivery.consent.as_ref().map(|c| lowered(&c.withdrawn)).unwrap_or_default(),
            outcome: void.and_then(|v| table.columns.get_index_of(&v.column)),
            follow_up: months.and_then(|m| Some((m, Day::of(context.today.checked_sub_months(chrono::Months::new(m))?).0))),
            context,
            mapping,
        }
    }

    /// Reads one row into the scratch.
    pub fn row(&self, fields: &Fields<'_>, scratch: &mut Scratch) -> RowVerdict {
        scratch.cells.clear();
        scratch.found.clear();
        (scratch.flags, scratch.short, scratch.twin) = (0, false, None);
        scratch.caches.resize_with(self.readers.len(), Cache::default);
        match self.width(fields) {
            Width::Whole => {}
            Width::Short => scratch.short = true,
            Width::Other => {
                let none = self.none(fields);
                scratch.found.push((None, none.clone().unwrap_or(ValidationRule::FieldCount)));
                return if none.is_some() { RowVerdict::Dropped } else { RowVerdict::SetAside };
            }
        }
        if let Some(blank) = self.mapping.blank.iter().find(|blank| !fields.get(**blank).is_empty()) {
            scratch.found.push((None, ValidationRule::NoHeading(mapping::place(*blank))));
        }
        let reading = self.identity(fields, scratch);
        if self.is_doubtful(reading.as_ref())
            && let Some(none) = self.none(fields)
        {
            scratch.found.clear();
            scratch.found.push((None, none));
            return RowVerdict::Dropped;
        }
        if let Some(fault) = self.mapping.consent.and_then(|p| workbook::fault(fields.get(p))) {
            scratch.found.push((Some(self.readers.len()), fault));
        }
        if self.consent_is_unclear(fields) {
            scratch.found.push((Some(self.readers.len()), ValidationRule::Boolean));
        }
        let mut void = false;
        scratch.cells.resize(self.readers.len(), Cell::Null);
        for i in &self.read {
            let Some(reader) = self.readers.get(*i) else { continue };
            if reader.plain(fields, *i, scratch) {
                continue;
            }
            let text = reader.position.map_or(reader.constant, |p| fields.get(p));
            let cell = if self.is_void(text, *i) {
                void = true;
                Cell::Null
            } else {
                self.cell(text, *i, reader, scratch)
            };
            if let Some(slot) = scratch.cells.get_mut(*i) {
                *slot = cell;
            }
        }
        let nobody = reading.is_none();
        self.open_end(scratch);
        let verdict = self.verdict(reading, void, fields, scratch);
        if let Some(at) = scratch.found.iter().position(|(_, rule)| *rule == ValidationRule::MergedAcross).filter(|_| nobody) {
            // A heading among the rows, merged across their columns, is one thing to mend.
            scratch.found = vec![scratch.found.swap_remove(at)];
        }
        if let RowVerdict::Withdrawn(..) = verdict {
            return verdict;
        }
        if scratch.found.iter().any(|(_, rule)| rule.severity() < Severity::Warning) {
            return RowVerdict::SetAside;
        }
        verdict
    }

    fn is_void(&self, text: &str, column: usize) -> bool {
        let Some((_, spellings)) = self.void.as_ref().filter(|(of, _)| *of == column) else { return false };
        // Almost every value is a spelling of the code list, which is looked up faster.
        let known = || self.readers.get(column).is_some_and(|reader| reader.codes.contains_key(text));
        !text.is_empty() && text.len() < 64 && !known() && spellings.contains(&normalise(text))
    }

    /// The value of a cell that is not [`Reader::plain`], or none and what is wrong with it.
    #[inline(never)]
    fn cell(&self, text: &str, i: usize, reader: &Reader<'_>, scratch: &mut Scratch) -> Cell {
        let cell = match text {
            "" => self.absent(i, reader, &mut scratch.found),
            text => match reader.read(text, self.context.today, i, scratch) {
                Err(rule) => self.words(text, i, reader, rule, &mut scratch.found),
                read => read,
            },
        };
        cell.unwrap_or_else(|rule| {
            scratch.found.push((Some(i), rule));
            Cell::Null
        })
    }

    fn absent(
        &self,
        i: usize,
        reader: &Reader<'_>,
        found: &mut Vec<(Option<usize>, ValidationRule)>,
    ) -> Result<Cell, ValidationRule> {
        match self.context.project {
            Some(project) if self.project == Some(i) => return Ok(Cell::Code(project)),
            _ if reader.column.required => return Err(ValidationRule::Required),
            _ => {}
        }
        // A column that the list does not have at all is told once, not in every row.
        if reader.column.breakdown && reader.position.is_some() {
            found.push((Some(i), ValidationRule::Incomplete));
        }
        Ok(Cell::Null)
    }

    /// What a cell says in words that is no value of its column: that there is none, or none yet.
    fn words(
        &self,
        text: &str,
        i: usize,
        reader: &Reader<'_>,
        rule: ValidationRule,
        found: &mut Vec<(Option<usize>, ValidationRule)>,
    ) -> Result<Cell, ValidationRule> {
        if self.end == Some(i) && rule == ValidationRule::DateFar {
            found.push((Some(i), ValidationRule::OpenEnd));
            return Ok(Cell::Null);
        }
        let words = if text.len() < 64 { normalise(&hyphened(text)) } else { String::new() };
        if self.end == Some(i) && self.open.contains(&words) {
            return Ok(Cell::Null);
        }
        if !self.missing.contains(&words) {
            return Err(rule);
        }
        let cell = self.absent(i, reader, found)?;
        // Where its absence is told anyway, or a sign fills empty cells, nothing more is to be said.
        if !reader.column.breakdown && words.contains(char::is_alphabetic) {
            found.push((Some(i), ValidationRule::ReadAsEmpty));
        }
        Ok(cell)
    }

    /// An end in a year that nobody plans for stands for none.
    fn open_end(&self, scratch: &mut Scratch) {
        if day(&scratch.cells, self.end).is_some_and(dates::is_far) {
            self.end.and_then(|end| scratch.cells.get_mut(end)).into_iter().for_each(|cell| *cell = Cell::Null);
            scratch.found.push((self.end, ValidationRule::OpenEnd));
        }
    }

    /// Whose the row is, what the number adds to it, and whether its days fit together.
    fn verdict(&self, reading: Option<Identifier>, void: bool, fields: &Fields<'_>, scratch: &mut Scratch) -> RowVerdict {
        let project =
            self.project.and_then(|i| scratch.cells.get(i)).and_then(|c| if let Cell::Code(p) = c { Some(*p) } else { None });
        let said = project.is_none_or(|project| self.is_said(project));
        if !said {
            let by_option = self.context.accepted.given.is_some();
            scratch
                .found
                .push((self.project, if by_option { ValidationRule::ProjectOtherwise } else { ValidationRule::OtherProject }));
        }
        let (born, male) = match &reading {
            Some(Identifier::Number(identity)) => (identity.birth, Some(identity.male)),
            Some(Identifier::Provisional(number)) => (number.birth, None),
            Some(Identifier::Protected { male, .. }) => (None, Some(*male)),
            Some(Identifier::Token(_)) | None => (None, None),
        };
        let Some(reading) = reading else { return RowVerdict::SetAside };
        let Some(whose) = self.owner(&reading, project, scratch) else { return RowVerdict::Dropped };
        self.derive(born, male, scratch);
        self.periods(project, scratch);
        let said = project.filter(|_| said);
        if void { self.never_was(whose, scratch) } else { self.stands(whose, said, fields, scratch) }
    }

    /// Whose a row is; nobody's of whom it may land.
    fn owner(&self, reading: &Identifier, project: Option<i16>, scratch: &mut Scratch) -> Option<Whose> {
        Some(match reading {
            Identifier::Number(identity) => {
                self.told_by(identity, scratch);
                let Resolved { unit, is_replaced } = self.context.pseudonyms.digits(&identity.digits);
                scratch.flags |= if is_replaced { codec::ALIASED } else { 0 };
                self.whose(unit, || self.context.pseudonyms.tags(Number::Identity(identity)))
            }
            Identifier::Token(name) => {
                let Resolved { unit, is_replaced } = self.context.pseudonyms.opaque(name);
                scratch.flags |= if is_replaced { codec::ALIASED } else { 0 };
                self.whose(unit, || self.context.pseudonyms.tags(Number::Opaque(name)))
            }
            Identifier::Provisional(number) => {
                let land = self.mapping.table.delivery.provisional == ProvisionalPolicy::Project;
                let rule = if land { ValidationRule::IdentityProvisional } else { ValidationRule::IdentityInterim };
                scratch.found.push((Some(self.unit), rule));
                let project = project.filter(|_| land)?;
                let Resolved { unit, is_replaced } = self.context.pseudonyms.provisional(number, project);
                scratch.flags |= if is_replaced { codec::ALIASED } else { 0 };
                self.whose(unit, || self.context.pseudonyms.tags(Number::Provisional(number, Some(project))))
            }
            Identifier::Protected { male, day } => {
                let within = self.mapping.table.parent.is_some();
                let rule = if within { ValidationRule::IdentityProtectedWithin } else { ValidationRule::IdentityProtected };
                scratch.found.push((Some(self.unit), rule));
                if within {
                    return None;
                }
                let mut told = [u8::from(*male); 9];
                told.iter_mut().skip(1).zip(day).for_each(|(to, digit)| *to = *digit);
                Whose::Anonymous(told)
            }
        })
    }

    /// Of a row that never was: what it says matters no more than what names it.
    fn never_was(&self, whose: Whose, scratch: &mut Scratch) -> RowVerdict {
        let names = [Some(self.unit), self.project, self.start];
        scratch.found.retain(|(column, rule)| match rule.severity() {
            Severity::Rejected => true,
            Severity::SetAside => names.contains(column),
            Severity::Warning => false,
        });
        if scratch.found.is_empty() {
            scratch.found.push((None, ValidationRule::Void));
        }
        RowVerdict::Void(whose)
    }

    /// Of any other row. Whatever else is wrong with it, the person may have withdrawn from a project that the list was said to be of.
    fn stands(&self, whose: Whose, said: Option<i16>, fields: &Fields<'_>, scratch: &mut Scratch) -> RowVerdict {
        match whose {
            Whose::Person(unit) | Whose::Erased(unit, _) if self.has_withdrawn(fields) => match said {
                Some(project) => {
                    scratch.found.retain(|(_, rule)| rule.severity() == Severity::Rejected);
                    scratch.found.push((None, ValidationRule::ConsentWithdrawn));
                    RowVerdict::Withdrawn(unit, project)
                }
                None => RowVerdict::SetAside,
            },
            Whose::Anonymous(_) if self.has_withdrawn(fields) => {
                scratch.found.clear();
                scratch.found.push((None, ValidationRule::ConsentAnonymous));
                RowVerdict::SetAside
            }
            whose => RowVerdict::Valid(whose),
        }
    }

    /// Whether the list was said to report a project; any, if nobody said which.
    fn is_said(&self, project: i16) -> bool {
        let projects = &self.context.accepted.projects;
        projects.is_empty() || projects.contains(&project)
    }

    /// What is neither a consent nor its withdrawal must not be taken for a consent.
    fn consent_is_unclear(&self, fields: &Fields<'_>) -> bool {
        let text = self.mapping.consent.map_or("", |position| fields.get(position));
        let plain = text.is_empty() || text.starts_with(workbook::ERROR);
        !plain && yes_or_no(text) != Some(true) && !self.has_withdrawn(fields)
    }

    fn has_withdrawn(&self, fields: &Fields<'_>) -> bool {
        let Some(position) = self.mapping.consent else { return false };
        let text = fields.get(position);
        !text.is_empty() && self.withdrawn.contains(&normalise(text))
    }
}

/// The day in a column.
fn day(cells: &[Cell], column: Option<usize>) -> Option<i32> {
    if let Some(Cell::Date(day)) = column.and_then(|i| cells.get(i)) { Some(*day) } else { None }
}

/// So many fields a row must have. Spreadsheets leave out the separators of empty cells at the end of a row.
fn least(readers: &[Reader<'_>], given: impl Fn(usize) -> bool) -> usize {
    let must = readers.iter().enumerate().filter(|(i, reader)| reader.column.required && !given(*i));
    must.filter_map(|(_, reader)| reader.position).max().map_or(0, |last| last + 1)
}
