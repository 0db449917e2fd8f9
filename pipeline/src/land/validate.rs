//! From text to typed values, row by row: what does not fit its schema sets the row aside.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};
use foldhash::fast::RandomState;

use super::dates;
use super::decode::Fields;
use super::delivery::Mapping;
use super::finding::Rule;
use super::identity::{self, Identity, Reading};
use super::numbers;
use super::pack::{self, Cell};
use super::person::Forgotten;
use super::pseudonymise::{Pseudonym, Pseudonymiser};
use super::workbook;
use crate::schema::{Catalogue, Column, Kind, Provisional, Role, normalise};

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
    Void(Pseudonym),
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
}

/// How the cells of one column are read.
struct Reader<'a> {
    column: &'a Column,
    position: Option<usize>,
    codes: HashMap<Box<str>, (i16, bool), RandomState>,
    list: &'a str,
}

/// Validates the rows of one list.
pub struct Validator<'a> {
    context: &'a Context<'a>,
    mapping: &'a Mapping<'a>,
    readers: Vec<Reader<'a>>,
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

/// What a row of totals says somewhere.
const TOTALS: [&str; 7] = ["summa", "totalt", "total", "totalsumma", "summa:", "totalt:", "antal deltagare"];

impl<'a> Validator<'a> {
    /// For the columns of a mapping.
    pub fn new(mapping: &'a Mapping<'a>, context: &'a Context<'a>) -> Self {
        let table = mapping.table;
        let at = |role| table.column_with(role).and_then(|name| table.columns.get_index_of(name));
        let lowered = |spellings: &[String]| spellings.iter().map(|s| normalise(s)).collect::<Vec<_>>();
        let void = table.delivery.void.as_ref();
        let months = table.delivery.follow_up_months;
        Self {
            readers: table.columns.values().zip(&mapping.positions).map(|(c, p)| Reader::new(c, *p, context.catalogue)).collect(),
            unit: at(Role::Unit).unwrap_or_default(),
            project: table.columns.get_index_of("project"),
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
    pub fn row(&self, fields: &Fields, scratch: &mut Scratch) -> Verdict {
        scratch.cells.clear();
        scratch.found.clear();
        scratch.flags = 0;
        if !self.has_width(fields) {
            scratch.found.push((None, Rule::FieldCount));
            return Verdict::SetAside;
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
        let void = self.is_void(fields);
        for (i, reader) in self.readers.iter().enumerate() {
            let cell = match reader.position.map(|p| fields.get(p)).filter(|text| !text.is_empty()) {
                _ if i == self.unit || (void && self.outcome == Some(i)) => Ok(Cell::Null),
                Some(text) => reader.read(text, self.context.today, i, &mut scratch.found),
                None => self.absent(i, reader, &mut scratch.found),
            };
            scratch.cells.push(cell.unwrap_or_else(|rule| {
                scratch.found.push((Some(i), rule));
                Cell::Null
            }));
        }
        let verdict = self.verdict(reading, void, fields, scratch);
        if scratch.found.iter().any(|(_, rule)| rule.severity() < super::finding::Severity::Warning) {
            return Verdict::SetAside;
        }
        verdict
    }

    /// As many fields as headings; more may follow if they are empty, and none below an empty heading has a value.
    fn has_width(&self, fields: &Fields) -> bool {
        fields.len() == self.mapping.width
            || (fields.len() > self.mapping.width && (self.mapping.width..fields.len()).all(|i| fields.get(i).is_empty()))
    }

    fn identity(&self, fields: &Fields, scratch: &mut Scratch) -> Option<Reading> {
        let position = self.readers.get(self.unit).and_then(|reader| reader.position);
        let text = position.map_or("", |p| fields.get(p));
        let read = match text {
            "" => Err(Rule::Required),
            error if error.starts_with(workbook::ERROR) => Err(Rule::ExcelError),
            number => identity::parse(number, self.context.today),
        };
        read.map_err(|rule| scratch.found.push((Some(self.unit), rule))).ok()
    }

    fn is_void(&self, fields: &Fields) -> bool {
        let Some((column, spellings)) = &self.void else { return false };
        let Some(reader) = self.readers.get(*column) else { return false };
        let text = reader.position.map_or("", |p| fields.get(p));
        // Almost every value is a spelling of the code list, which is looked up faster.
        !text.is_empty() && text.len() < 64 && !reader.codes.contains_key(text) && spellings.contains(&normalise(text))
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
    fn verdict(&self, reading: Option<Reading>, void: bool, fields: &Fields, scratch: &mut Scratch) -> Verdict {
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
                self.whose(identity)
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
                scratch.found.push((Some(self.unit), Rule::IdentityProtected));
                if self.mapping.table.parent.is_some() || void {
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
            Whose::Person(unit) | Whose::Erased(unit, _) if void => {
                scratch.found.retain(|(_, rule)| rule.severity() < super::finding::Severity::Warning);
                scratch.found.push((None, Rule::Void));
                Verdict::Void(unit)
            }
            Whose::Person(unit) | Whose::Erased(unit, _) if self.has_withdrawn(fields) => {
                scratch.found.push((None, Rule::ConsentWithdrawn));
                project.map_or(Verdict::SetAside, |project| Verdict::Withdrawn(unit, project))
            }
            Whose::Anonymous(_) if self.has_withdrawn(fields) => {
                scratch.found.push((None, Rule::ConsentWithdrawn));
                Verdict::Dropped
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

    fn whose(&self, identity: &Identity) -> Whose {
        let unit = self.context.pseudonyms.person(identity);
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
    fn consent_is_unclear(&self, fields: &Fields) -> bool {
        let text = self.mapping.consent.map_or("", |position| fields.get(position));
        let plain = text.is_empty() || text.starts_with(workbook::ERROR);
        !plain && !["ja", "j", "yes", "x", "1", "true"].contains(&normalise(text).as_str()) && !self.has_withdrawn(fields)
    }

    fn has_withdrawn(&self, fields: &Fields) -> bool {
        let Some(position) = self.mapping.consent else { return false };
        let text = fields.get(position);
        !text.is_empty() && self.withdrawn.contains(&normalise(text))
    }

    /// Fills what the list lacks from what it has: sex and age at start from the number, a band from its integer. Where the
    /// list says otherwise it is kept, with a warning.
    fn derive(&self, birth: Option<NaiveDate>, male: Option<bool>, scratch: &mut Scratch) {
        let start = self.start.and_then(|i| scratch.cells.get(i).copied());
        for (i, reader) in self.readers.iter().enumerate() {
            let Some(source) = reader.column.derive.as_deref() else { continue };
            let listed = scratch.cells.get(i).copied().unwrap_or(Cell::Null);
            let told = match (source, reader.column.kind) {
                ("identity", Kind::String) => male.and_then(|male| reader.code(if male { "male" } else { "female" })),
                ("identity", Kind::Integer) => match (birth, start) {
                    (Some(birth), Some(Cell::Date(day))) => {
                        dates::age(birth, day).filter(|age| reader.fits(*age)).map(Cell::Integer)
                    }
                    _ => None,
                },
                (other, Kind::String) if listed == Cell::Null => self.band(other, reader, scratch),
                _ => None,
            };
            let Some(told) = told else { continue };
            match (listed, told) {
                (Cell::Null, told) => {
                    scratch.cells.get_mut(i).into_iter().for_each(|slot| *slot = told);
                    scratch.flags |= pack::derived(i);
                    scratch.found.retain(|(column, rule)| *column != Some(i) || *rule != Rule::Incomplete);
                    reader.surprise(i, told, &mut scratch.found);
                }
                (Cell::Integer(a), Cell::Integer(b)) if (a - b).abs() > 1 => scratch.found.push((Some(i), Rule::AgeContradicts)),
                (Cell::Code(a), Cell::Code(b)) if a != b && source == "identity" => {
                    scratch.found.push((Some(i), Rule::SexContradicts));
                }
                _ => {}
            }
        }
    }

    fn band(&self, source: &str, reader: &Reader<'_>, scratch: &Scratch) -> Option<Cell> {
        let at = self.mapping.table.columns.get_index_of(source)?;
        let Some(Cell::Integer(n)) = scratch.cells.get(at) else { return None };
        self.context.catalogue.codes_of(reader.column)?.band(*n).map(|entry| Cell::Code(entry.id))
    }

    /// An end before its start, participations outside their project's period, outcomes without an end or too recent.
    fn periods(&self, project: Option<i16>, scratch: &mut Scratch) {
        let day = |column: Option<usize>| match column.and_then(|i| scratch.cells.get(i)) {
            Some(Cell::Date(day)) => Some(*day),
            _ => None,
        };
        let (start, end) = (day(self.start), day(self.end));
        let mut found = Vec::new();
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            found.push((self.end, Rule::EndBeforeStart));
        }
        if self.mapping.table.parent.is_none()
            && let Some((first, last)) = project.and_then(|project| self.context.periods.get(&project))
        {
            let outside = |day: &i32| !(*first..=*last).contains(day);
            found.extend(start.filter(outside).map(|_| (self.start, Rule::OutsideProject)));
            found.extend(end.filter(outside).map(|_| (self.end, Rule::OutsideProject)));
        }
        let outcome = self.outcome.and_then(|i| scratch.cells.get(i)).is_some_and(|cell| *cell != Cell::Null);
        if outcome && end.is_none() {
            found.push((self.end, Rule::ExitWithoutDate));
        }
        if let (Some((months, since)), Some(end)) = (self.follow_up, end)
            && end > since
        {
            found.push((self.end, Rule::FollowUpPending(months)));
        }
        scratch.found.extend(found);
    }
}

impl<'a> Reader<'a> {
    fn new(column: &'a Column, position: Option<usize>, catalogue: &'a Catalogue) -> Self {
        let list = catalogue.codes_of(column);
        let mut codes = HashMap::default();
        for (spelling, entry, former) in list.into_iter().flat_map(|list| list.spellings()) {
            codes.insert(spelling.into(), (entry.id, former));
        }
        // The spellings as the list has them, so that the common ones are found without being put into lower case.
        for entry in list.into_iter().flat_map(|list| &list.entries) {
            for text in [&entry.code, &entry.label.sv, &entry.label.en] {
                codes.insert(text.as_str().into(), (entry.id, false));
            }
        }
        Self { column, position, codes, list: list.map_or("", |list| list.name.as_str()) }
    }

    /// The code of a value that no list spells: only for values of this program's own.
    fn code(&self, code: &str) -> Option<Cell> {
        self.codes.get(code).map(|(id, _)| Cell::Code(*id))
    }

    fn fits(&self, value: i64) -> bool {
        self.column.minimum.is_none_or(|m| value >= m) && self.column.maximum.is_none_or(|m| value <= m)
    }

    fn read(&self, text: &str, today: NaiveDate, at: usize, found: &mut Vec<(Option<usize>, Rule)>) -> Result<Cell, Rule> {
        if text.starts_with(workbook::ERROR) {
            return Err(Rule::ExcelError);
        }
        match self.column.kind {
            Kind::Identity => Ok(Cell::Null),
            Kind::String => self.coded(text, at, found),
            Kind::Date => dates::delivered(text, today.year()).map(Cell::Date),
            Kind::Integer => {
                let number = numbers::delivered(text, self.column.decimals)?;
                if !self.fits(number) {
                    // As people write them: stored are the smallest steps.
                    let steps = 10_i64.saturating_pow(self.column.decimals).max(1);
                    let (low, high) = (self.column.minimum.unwrap_or(i64::MIN), self.column.maximum.unwrap_or(i64::MAX));
                    return Err(Rule::Range(low / steps, high / steps));
                }
                self.surprise(at, Cell::Integer(number), found);
                Ok(Cell::Integer(number))
            }
            Kind::Boolean => match text.to_lowercase().as_str() {
                "ja" | "j" | "yes" | "true" | "1" | "x" => Ok(Cell::Boolean(true)),
                "nej" | "n" | "no" | "false" | "0" => Ok(Cell::Boolean(false)),
                _ => Err(Rule::Boolean),
            },
        }
    }

    fn coded(&self, text: &str, at: usize, found: &mut Vec<(Option<usize>, Rule)>) -> Result<Cell, Rule> {
        let known = self.codes.get(text).or_else(|| self.codes.get(normalise(text).as_str()));
        match known {
            Some((id, former)) => {
                if *former {
                    found.push((Some(at), Rule::FormerCode));
                }
                Ok(Cell::Code(*id))
            }
            None if self.column.wording => Err(Rule::Wording),
            None => Err(Rule::Code(self.list.to_owned())),
        }
    }

    fn surprise(&self, at: usize, cell: Cell, found: &mut Vec<(Option<usize>, Rule)>) {
        if let (Some([low, high]), Cell::Integer(value)) = (self.column.usual, cell)
            && !(low..=high).contains(&value)
        {
            found.push((Some(at), Rule::Unusual(low, high)));
        }
    }
}

/// Whether a row that has no identity number says that it is one of totals.
fn is_totals(fields: &Fields) -> bool {
    (0..fields.len()).map(|i| fields.get(i)).any(|field| {
        let short = field.len() <= 24 && !field.is_empty();
        short && TOTALS.contains(&normalise(field).as_str())
    })
}
