//! From text to typed values, row by row: what does not fit its schema sets the row aside.

mod met;
mod plain;
mod reader;

use std::collections::HashMap;

use chrono::NaiveDate;
use met::Met;
pub use plain::Plain;
use reader::{Derive, Reader};

use super::dates;
use super::decode::Fields;
use super::delivery::{self, Mapping};
use super::finding::{Rule, Severity};
use super::identity::{self, Identity, Reading};
use super::pack::{self, Cell};
use super::person::Forgotten;
use super::pseudonymise::{Pseudonym, Pseudonymiser};
use super::workbook;
use crate::schema::{Catalogue, Provisional, Role, normalise};

/// What validation needs besides the list.
#[derive(Debug)]
pub struct Context<'a> {
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// Gives the pseudonyms.
    pub pseudonyms: &'a Pseudonymiser,
    /// People who were erased, by their tag.
    pub forgotten: &'a HashMap<Pseudonym, Forgotten>,
    /// First and last day of each project, by the project's code.
    pub periods: &'a HashMap<i16, (i32, i32)>,
    /// The project of lists without a project column.
    pub project: Option<i16>,
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
    Anonymous([u8; 3]),
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
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
    /// The flags of [`super::pack`].
    pub flags: u16,
    /// What was found in the row: the column of the schema, if one, and the rule.
    pub found: Vec<(Option<usize>, Rule)>,
    /// Per column the spellings of codes met so far, as they were written.
    met: Vec<Met>,
}

/// Validates the rows of one list.
pub struct Validator<'a> {
    context: &'a Context<'a>,
    mapping: &'a Mapping<'a>,
    readers: Vec<Reader<'a>>,
    /// The columns that a row may have something in, or must.
    read: Vec<usize>,
    derived: Vec<(usize, Derive)>,
    /// First and last day of each project, by its code.
    periods: Vec<Option<(i32, i32)>>,
    unit: usize,
    project: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    void: Option<(usize, Vec<String>)>,
    withdrawn: Vec<String>,
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

/// What a row of totals says somewhere, perhaps with a number behind it.
const TOTALS: [&str; 9] = [
    "summa",
    "totalt",
    "total",
    "totalsumma",
    "antal",
    "antal deltagare",
    "antal personer",
    "totalt antal",
    "totalt antal deltagare",
];

impl<'a> Validator<'a> {
    /// For the columns of a mapping.
    pub fn new(mapping: &'a Mapping<'a>, context: &'a Context<'a>) -> Self {
        let table = mapping.table;
        let at = |role| table.column_with(role).and_then(|name| table.columns.get_index_of(name));
        let lowered = |spellings: &[String]| spellings.iter().map(|s| normalise(s)).collect::<Vec<_>>();
        let void = table.delivery.void.as_ref();
        let months = table.delivery.follow_up_months;
        let readers: Vec<Reader<'_>> =
            table.columns.values().zip(&mapping.positions).map(|(c, p)| Reader::new(c, *p, context.catalogue)).collect();
        let unit = at(Role::Unit).unwrap_or_default();
        let project = table.columns.get_index_of("project");
        let given = |i| Some(i) == project && context.project.is_some();
        let some = |i: &usize, reader: &Reader<'_>| reader.position.is_some() || reader.column.required || given(*i);
        Self {
            read: readers.iter().enumerate().filter(|(i, reader)| *i != unit && some(i, reader)).map(|(i, _)| i).collect(),
            derived: readers.iter().enumerate().filter_map(|(i, r)| Some((i, r.derive(table, context.catalogue)?))).collect(),
            periods: {
                let most = context.periods.keys().copied().max().and_then(|most| usize::try_from(most).ok()).unwrap_or_default();
                (0..=most).map(|code| context.periods.get(&i16::try_from(code).ok()?).copied()).collect()
            },
            readers,
            unit,
            project,
            start: at(Role::Start),
            end: at(Role::End),
            void: void.and_then(|v| Some((table.columns.get_index_of(&v.column)?, lowered(&v.spellings)))),
            withdrawn: table.delivery.consent.as_ref().map(|c| lowered(&c.withdrawn)).unwrap_or_default(),
            outcome: void.and_then(|v| table.columns.get_index_of(&v.column)),
            follow_up: months.and_then(|m| Some((m, dates::days(context.today.checked_sub_months(chrono::Months::new(m))?)))),
            context,
            mapping,
        }
    }

    /// Reads one row into the scratch.
    pub fn row(&self, fields: &Fields<'_>, scratch: &mut Scratch) -> Verdict {
        scratch.cells.clear();
        scratch.found.clear();
        scratch.flags = 0;
        scratch.met.resize_with(self.readers.len(), Met::default);
        if !self.has_width(fields) {
            let nobody = || (0..fields.len()).all(|i| identity::parse(fields.get(i), self.context.today).is_err());
            let totals = is_totals(fields) && nobody();
            scratch.found.push((None, if totals { Rule::TotalsRow } else { Rule::FieldCount }));
            return if totals { Verdict::Dropped } else { Verdict::SetAside };
        }
        if let Some(blank) = self.mapping.blank.iter().find(|blank| !fields.get(**blank).is_empty()) {
            scratch.found.push((None, Rule::NoHeading(delivery::place(*blank))));
        }
        let reading = self.identity(fields, scratch);
        if reading.is_none() && is_totals(fields) {
            scratch.found.clear();
            scratch.found.push((None, Rule::TotalsRow));
            return Verdict::Dropped;
        }
        if self.mapping.consent.is_some_and(|p| fields.get(p).starts_with(workbook::ERROR)) {
            scratch.found.push((Some(self.readers.len()), Rule::ExcelError));
        }
        if self.consent_is_unclear(fields) {
            scratch.found.push((Some(self.readers.len()), Rule::Boolean));
        }
        let mut void = false;
        scratch.cells.resize(self.readers.len(), Cell::Null);
        for i in &self.read {
            let Some(reader) = self.readers.get(*i) else { continue };
            if reader.plain(fields, *i, scratch) {
                continue;
            }
            let text = reader.position.map_or("", |p| fields.get(p));
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
        let verdict = self.verdict(reading, void, fields, scratch);
        if let Verdict::Withdrawn(..) = verdict {
            return verdict;
        }
        if scratch.found.iter().any(|(_, rule)| rule.severity() < Severity::Warning) {
            return Verdict::SetAside;
        }
        verdict
    }

    /// As many fields as headings; more may follow if they are empty, and none below an empty heading has a value.
    fn has_width(&self, fields: &Fields<'_>) -> bool {
        fields.len() == self.mapping.width
            || (fields.len() > self.mapping.width && (self.mapping.width..fields.len()).all(|i| fields.get(i).is_empty()))
    }

    fn identity(&self, fields: &Fields<'_>, scratch: &mut Scratch) -> Option<Reading> {
        let position = self.readers.get(self.unit).and_then(|reader| reader.position);
        let read = match position.map_or("", |p| fields.get(p)) {
            "" => Err(Rule::Required),
            error if error.starts_with(workbook::ERROR) => Err(Rule::ExcelError),
            number => identity::parse(number, self.context.today),
        };
        read.map_err(|rule| scratch.found.push((Some(self.unit), rule))).ok()
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
            text => reader.read(text, self.context.today, i, scratch),
        };
        cell.unwrap_or_else(|rule| {
            scratch.found.push((Some(i), rule));
            Cell::Null
        })
    }

    fn absent(&self, i: usize, reader: &Reader<'_>, found: &mut Vec<(Option<usize>, Rule)>) -> Result<Cell, Rule> {
        match self.context.project {
            Some(project) if self.project == Some(i) => return Ok(Cell::Code(project)),
            _ if reader.column.required => return Err(Rule::Required),
            _ => {}
        }
        // A column that the list does not have at all is told once, not in every row.
        if reader.column.breakdown && reader.position.is_some() {
            found.push((Some(i), Rule::Incomplete));
        }
        Ok(Cell::Null)
    }

    /// Whose the row is, what the number adds to it, and whether its days fit together.
    fn verdict(&self, reading: Option<Reading>, void: bool, fields: &Fields<'_>, scratch: &mut Scratch) -> Verdict {
        let project =
            self.project.and_then(|i| scratch.cells.get(i)).and_then(|c| if let Cell::Code(p) = c { Some(*p) } else { None });
        let (born, male) = match &reading {
            Some(Reading::Number(identity)) => (identity.birth, Some(identity.male)),
            Some(Reading::Provisional(number)) => (number.birth, None),
            Some(Reading::Protected { male, .. }) => (None, Some(*male)),
            None => (None, None),
        };
        let whose = match &reading {
            Some(Reading::Number(identity)) => {
                self.told_by(identity, &mut scratch.found);
                let (unit, aliased) = self.context.pseudonyms.digits(&identity.digits);
                scratch.flags |= if aliased { pack::ALIASED } else { 0 };
                self.whose(identity, unit)
            }
            Some(Reading::Provisional(number)) => {
                let policy = self.mapping.table.delivery.provisional;
                let land = policy == Provisional::Project;
                scratch.found.push((Some(self.unit), if land { Rule::IdentityProvisional } else { Rule::IdentityInterim }));
                match project {
                    Some(project) if land => Whose::Person(self.context.pseudonyms.provisional(number, project)),
                    _ => return Verdict::Dropped,
                }
            }
            Some(Reading::Protected { male, year }) => {
                let within = self.mapping.table.parent.is_some();
                let rule = if within { Rule::IdentityProtectedWithin } else { Rule::IdentityProtected };
                scratch.found.push((Some(self.unit), rule));
                if within {
                    return Verdict::Dropped;
                }
                let [a, b] = year.unwrap_or_default().to_le_bytes();
                Whose::Anonymous([u8::from(*male), a, b])
            }
            None => return Verdict::SetAside,
        };
        self.derive(born, male, scratch);
        self.periods(project, scratch);
        match whose {
            // What a row says that never was matters no more than what names it.
            whose if void => {
                let names = [Some(self.unit), self.project, self.start];
                scratch.found.retain(|(column, rule)| match rule.severity() {
                    Severity::Rejected => true,
                    Severity::SetAside => names.contains(column),
                    Severity::Warning => false,
                });
                if scratch.found.is_empty() {
                    scratch.found.push((None, Rule::Void));
                }
                Verdict::Void(whose)
            }
            // Whatever else is wrong with the row, the person has withdrawn.
            Whose::Person(unit) | Whose::Erased(unit, _) if self.has_withdrawn(fields) => match project {
                Some(project) => {
                    scratch.found.retain(|(_, rule)| rule.severity() == Severity::Rejected);
                    scratch.found.push((None, Rule::ConsentWithdrawn));
                    Verdict::Withdrawn(unit, project)
                }
                None => Verdict::SetAside,
            },
            Whose::Anonymous(_) if self.has_withdrawn(fields) => {
                scratch.found.clear();
                scratch.found.push((None, Rule::ConsentAnonymous));
                Verdict::SetAside
            }
            whose => Verdict::Valid(whose),
        }
    }

    fn told_by(&self, identity: &Identity, found: &mut Vec<(Option<usize>, Rule)>) {
        if identity.inferred {
            found.push((Some(self.unit), Rule::CenturyInferred));
        }
        if identity.coordination && identity.birth.is_none() {
            found.push((Some(self.unit), Rule::BirthUnknown));
        }
    }

    fn whose(&self, identity: &Identity, unit: Pseudonym) -> Whose {
        if self.context.forgotten.is_empty() {
            return Whose::Person(unit);
        }
        let tags = self.context.pseudonyms.tags(identity);
        let mut erased = tags.iter().filter_map(|tag| self.context.forgotten.get(tag));
        let Some(first) = erased.next() else { return Whose::Person(unit) };
        let mut forgotten = first.clone();
        erased.for_each(|other| forgotten.and(other));
        Whose::Erased(unit, Box::new(forgotten))
    }

    /// What is neither a consent nor its withdrawal must not be taken for a consent.
    fn consent_is_unclear(&self, fields: &Fields<'_>) -> bool {
        let text = self.mapping.consent.map_or("", |position| fields.get(position));
        let plain = text.is_empty() || text.starts_with(workbook::ERROR);
        !plain && !["ja", "j", "yes", "x", "1", "true"].contains(&normalise(text).as_str()) && !self.has_withdrawn(fields)
    }

    fn has_withdrawn(&self, fields: &Fields<'_>) -> bool {
        let Some(position) = self.mapping.consent else { return false };
        let text = fields.get(position);
        !text.is_empty() && self.withdrawn.contains(&normalise(text))
    }

    /// Fills what the list lacks from what it has: sex and age at start from the number, a band from its integer. Where the
    /// list says otherwise it is kept, with a warning.
    fn derive(&self, birth: Option<NaiveDate>, male: Option<bool>, scratch: &mut Scratch) {
        let start = day(&scratch.cells, self.start);
        if birth.zip(start).is_some_and(|(birth, start)| dates::days(birth) > start) && self.mapping.table.parent.is_none() {
            scratch.found.push((self.start, Rule::BornAfterStart));
        }
        for (i, derive) in &self.derived {
            let (i, Some(reader)) = (*i, self.readers.get(*i)) else { continue };
            let Some(listed) = scratch.cells.get(i) else { continue };
            let told = match derive {
                Derive::Sex([female, male_code]) => male.and_then(|male| if male { *male_code } else { *female }),
                Derive::Age => match (birth, start) {
                    (Some(birth), Some(day)) => dates::age(birth, day).filter(|age| reader.fits(*age)).map(Cell::Integer),
                    _ => None,
                },
                Derive::Band(source, bands) if matches!(listed, Cell::Null) => match scratch.cells.get(*source) {
                    Some(Cell::Integer(n)) => {
                        bands.iter().find(|(low, high, _)| (low..=high).contains(&n)).map(|(.., id)| Cell::Code(*id))
                    }
                    _ => None,
                },
                Derive::Band(..) => None,
            };
            let Some(told) = told else { continue };
            match (listed, told) {
                (Cell::Null, told) => {
                    if let Some(slot) = scratch.cells.get_mut(i) {
                        *slot = told;
                    }
                    scratch.flags |= pack::derived(i);
                    scratch.found.retain(|(column, rule)| *column != Some(i) || *rule != Rule::Incomplete);
                    // The list has no column for what the number tells: whoever mends it looks at the number.
                    scratch
                        .found
                        .extend(reader.surprising(told).map(|[low, high]| (Some(self.unit), Rule::UnusualAge(low, high))));
                }
                (Cell::Integer(a), Cell::Integer(b)) if (a - b).abs() > 1 => scratch.found.push((Some(i), Rule::AgeContradicts)),
                (Cell::Code(a), Cell::Code(b)) if *a != b && matches!(derive, Derive::Sex(_)) => {
                    scratch.found.push((Some(i), Rule::SexContradicts));
                }
                _ => {}
            }
        }
    }

    /// An end before its start, participations outside their project's period, outcomes without an end or too recent.
    fn periods(&self, project: Option<i16>, scratch: &mut Scratch) {
        let (start, end) = (day(&scratch.cells, self.start), day(&scratch.cells, self.end));
        let found = &mut scratch.found;
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            found.push((self.end, Rule::EndBeforeStart));
        }
        if self.mapping.table.parent.is_none()
            && let Some((first, last)) = project.and_then(|project| self.periods.get(usize::try_from(project).ok()?)?.as_ref())
        {
            let outside = |day: &i32| !(*first..=*last).contains(day);
            found.extend(start.filter(outside).map(|_| (self.start, Rule::OutsideProject)));
            found.extend(end.filter(outside).map(|_| (self.end, Rule::OutsideProject)));
        }
        let outcome = self.outcome.and_then(|i| scratch.cells.get(i)).is_some_and(|cell| !matches!(cell, Cell::Null));
        if outcome && end.is_none() {
            found.push((self.end, Rule::ExitWithoutDate));
        }
        if let (Some((months, since)), Some(end)) = (self.follow_up, end)
            && end > since
        {
            found.push((self.end, Rule::FollowUpPending(months)));
        }
    }
}

/// The day in a column.
fn day(cells: &[Cell], column: Option<usize>) -> Option<i32> {
    if let Some(Cell::Date(day)) = column.and_then(|i| cells.get(i)) { Some(*day) } else { None }
}

/// Whether a row that has no identity number says that it is one of totals.
fn is_totals(fields: &Fields<'_>) -> bool {
    (0..fields.len()).map(|i| fields.get(i)).any(|field| {
        let short = field.len() <= 40 && !field.is_empty();
        let words = field.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || ":=.,".contains(c));
        short && TOTALS.contains(&normalise(words).as_str())
    })
}
