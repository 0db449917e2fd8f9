//! Rows as almost all are: a number of twelve digits, spellings that were met before, plain dates, and nothing to be said of
//! any of it. They are packed at once, in a third of the time. Whatever is otherwise goes the whole way through
//! [`Validator::row`], which gives the same rows: a test compares the two.

use chrono::Datelike as _;
use zeroize::Zeroizing;

use super::cache::Cache;
use super::reader::Derive;
use super::{Scratch, Validator};
use crate::catalogue::schema::{Kind, Scheme};
use crate::keyzone::pseudonym::Resolved;
use crate::land::cell::dates;
use crate::land::partition::Partitions;
use crate::store::codec::{self, Cell, Packing};
use utfall_ground::calendar::Days;
use utfall_ground::digits::{self, CivilDate};

/// How the plain rows of a list are read.
#[derive(Debug)]
pub struct Plain<'v> {
    validator: &'v Validator<'v>,
    packing: &'v Packing,
    separator: u8,
    /// Every field of a line, in their order.
    steps: Vec<Step>,
    /// What the number and the start add, per column.
    fills: Vec<(usize, Fill)>,
    /// Whether the age is among them.
    aged: bool,
    /// The day after which nobody was born yet.
    today: CivilDate,
}

/// How one field is read.
#[derive(Debug)]
struct Step {
    column: usize,
    /// Where it is packed.
    at: usize,
    what: What,
    /// Whether it may be empty without a word.
    optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// No column of the table.
    Nothing,
    /// A column without a heading.
    Blank,
    Number,
    Project,
    Outcome,
    Code,
    Start,
    End,
    Date,
}

/// What a row's number and start add to it.
#[derive(Debug)]
enum Fill {
    /// The sex: where it is packed, which step reads it, and the codes of women and men.
    Sex(usize, Option<usize>, [i16; 2]),
    /// The age: where it is packed and in which bounds nobody is surprised.
    Age(usize, [i64; 2]),
    /// The interval of the age: where it is packed, and the codes of the ages from 0 on.
    Band(usize, Vec<i16>),
}

/// What was read of a row, beside the value of each step.
struct Row {
    who: Option<Who>,
    project: i16,
    start: Option<(i32, CivilDate)>,
    end: Option<i32>,
    outcome: bool,
}

/// A personal identity number.
struct Who {
    digits: Zeroizing<[u8; 12]>,
    birth: CivilDate,
    male: bool,
}

/// No code was read, and no value.
const NONE: i16 = i16::MIN;
const EMPTY: i32 = i32::MIN;
/// So many columns of a list are read here, and so many are filled.
const MOST: usize = 24;
const FILLS: usize = 3;
/// Nobody is older, so that every age has its interval in a table.
const AGES: i64 = 200;

impl<'v> Plain<'v> {
    /// For a list; `None` where its rows are not plain.
    pub fn new(validator: &'v Validator<'v>, packing: &'v Packing, separator: u8) -> Option<Self> {
        let (context, mapping) = (validator.context, validator.mapping);
        let constant = validator.readers.iter().any(|reader| !reader.constant.is_empty());
        let given = context.project.is_some() || constant || mapping.table.identity != Scheme::Se;
        if given || !context.forgotten.is_empty() || mapping.consent.is_some() || mapping.width > MOST {
            return None;
        }
        let nothing = || Step { column: usize::MAX, at: 0, what: What::Nothing, optional: true };
        let mut steps: Vec<Step> = std::iter::repeat_with(nothing).take(mapping.width).collect();
        for (column, reader) in validator.readers.iter().enumerate() {
            match reader.position {
                Some(position) => *steps.get_mut(position)? = Step::new(validator, packing, column)?,
                None if reader.column.required => return None,
                None => {}
            }
        }
        for blank in &mapping.blank {
            steps.get_mut(*blank)?.what = What::Blank;
        }
        let mut fills = Vec::new();
        for (column, derive) in &validator.derived {
            let known = validator.derived.get(..fills.len())?;
            fills.push((*column, Fill::new((validator, packing), (*column, derive), &steps, known)?));
        }
        let today = CivilDate::new(u32::try_from(context.today.year()).ok()?, context.today.month(), context.today.day());
        let aged = fills.iter().any(|(_, fill)| matches!(fill, Fill::Age(..)));
        (fills.len() <= FILLS).then_some(Self { validator, packing, separator, steps, fills, aged, today })
    }

    /// Packs the row of the line that begins at `at`; gives its project and where the next line begins. `None` if it is not
    /// plain, and nothing is packed then. There must be no quotation marks.
    #[inline]
    pub fn line(
        &self,
        lines: &[u8],
        at: usize,
        number: u32,
        scratch: &Scratch,
        partitions: &mut Partitions,
    ) -> Option<(i16, usize)> {
        let (mut values, mut filled) = ([EMPTY; MOST], [NONE; FILLS]);
        let mut row = Row { who: None, project: 0, start: None, end: None, outcome: false };
        let next = self.read(lines, at, scratch, &mut row, &mut values)?;
        let flags = self.fill(&row, &values, &mut filled)?;
        if !self.fits(&row) {
            return None;
        }
        // Packed where it stays, and only now: a row that is copied right after it was put together stalls the processor.
        let Resolved { unit, is_replaced } = self.validator.context.pseudonyms.digits(&row.who.as_ref()?.digits);
        let flags = if is_replaced { flags | codec::ALIASED } else { flags };
        self.pack(&values, &filled, partitions.place(self.packing, unit, number, flags)?);
        Some((row.project, next))
    }

    /// Reads every field of a line; gives where the next line begins.
    #[inline(always)]
    fn read(&self, lines: &[u8], mut at: usize, scratch: &Scratch, row: &mut Row, values: &mut [i32; MOST]) -> Option<usize> {
        let last = self.steps.len().checked_sub(1)?;
        for (i, (step, value)) in self.steps.iter().zip(values).enumerate() {
            let rest = lines.get(at..)?;
            let stop = if i == last { b'\n' } else { self.separator };
            // Sixteen bytes are enough for every field that is read here, and for its end.
            let window = rest.first_chunk::<16>()?;
            let mut length = step.length(rest, window, stop)?;
            if *rest.get(length)? != stop {
                // Windows ends lines with two characters.
                if i < last || rest.get(length..length + 2)? != b"\r\n" {
                    return None;
                }
                at += 1;
            }
            at += length + 1;
            if i == last && length > 0 && rest.get(length - 1) == Some(&b'\r') {
                length -= 1;
            }
            if length > 0 {
                *value = self.field(step, (rest.get(..length)?, window), scratch, row)?;
            } else if !step.optional {
                return None;
            }
        }
        Some(at)
    }

    /// Reads a field that is not empty; gives its value.
    #[inline(always)]
    fn field(&self, step: &Step, (text, window): (&[u8], &[u8; 16]), scratch: &Scratch, row: &mut Row) -> Option<i32> {
        match step.what {
            // A column without a heading must be empty; what is not read must not hide the end of the line, or more fields.
            What::Blank => None,
            What::Nothing if memchr::memchr2(b'\n', self.separator, text).is_some() => None,
            What::Nothing => Some(EMPTY),
            What::Number => {
                row.who = Some(Who::read(text).filter(|who| who.birth <= self.today)?);
                Some(EMPTY)
            }
            What::Project | What::Outcome | What::Code => {
                let id = self.code(step.column, (text, window), scratch)?;
                match step.what {
                    What::Project if !self.validator.is_said(id) => return None,
                    What::Project => row.project = id,
                    What::Outcome => row.outcome = true,
                    _ => {}
                }
                Some(id.into())
            }
            What::Start | What::End | What::Date => {
                let day = CivilDate::iso(text)?;
                let days = day.days();
                match step.what {
                    What::Start => row.start = Some((days, day)),
                    What::End => row.end = Some(days),
                    _ => {}
                }
                Some(days)
            }
        }
    }

    /// The code of a spelling, unless it is a former one.
    #[inline(always)]
    fn code(&self, column: usize, (text, window): (&[u8], &[u8; 16]), scratch: &Scratch) -> Option<i16> {
        let known = match Cache::within(window, text.len()) {
            Some(key) => scratch.caches.get(column)?.get(key)?,
            None => *self.validator.readers.get(column)?.codes.get(std::str::from_utf8(text).ok()?)?,
        };
        (!known.is_former).then_some(known.id)
    }

    /// Adds what the number and the start tell; gives the flags that say so. `None` where something is to be said of it.
    #[inline(always)]
    fn fill(&self, row: &Row, values: &[i32; MOST], filled: &mut [i16; FILLS]) -> Option<u16> {
        let (who, mut flags, mut age) = (row.who.as_ref()?, 0, None);
        for ((column, fill), value) in self.fills.iter().zip(filled) {
            match fill {
                Fill::Sex(_, step, [female, male]) => {
                    let told = if who.male { *male } else { *female };
                    match step.and_then(|step| values.get(step)).copied().unwrap_or(EMPTY) {
                        EMPTY => *value = told,
                        listed if listed == i32::from(told) => continue,
                        _ => return None,
                    }
                }
                Fill::Age(_, [low, high]) => {
                    let years = who.birth.completed(row.start?.1).filter(|years| (*low..=*high).contains(years))?;
                    *value = i16::try_from(years).ok()?;
                    age = Some(years);
                }
                Fill::Band(_, bands) => *value = *bands.get(usize::try_from(age?).ok()?)?,
            }
            if *value != NONE {
                flags |= codec::derived(*column);
            }
        }
        Some(flags)
    }

    /// Whether nothing is to be said of a row's days.
    #[inline(always)]
    fn fits(&self, row: &Row) -> bool {
        let validator = self.validator;
        let (start, end) = (row.start.map(|(days, _)| days), row.end);
        // Where no age is filled nobody has looked at it: the same ten digits may be somebody's a century later.
        if !self.aged
            && row.who.as_ref().zip(row.start).and_then(|(who, (_, day))| who.birth.completed(day)).is_none_or(|age| age > 99)
        {
            return false;
        }
        if end.is_some_and(dates::is_far) {
            return false;
        }
        if start.zip(end).is_some_and(|(start, end)| end < start) || (row.outcome && end.is_none()) {
            return false;
        }
        if validator.mapping.table.parent.is_none()
            && let Some(Some(Days { first, last })) =
                usize::try_from(row.project).ok().and_then(|project| validator.periods.get(project))
            && (start.is_some_and(|day| day < first.0 || last.0 < day) || end.is_some_and(|day| day < first.0 || last.0 < day))
        {
            return false;
        }
        validator.follow_up.zip(end).is_none_or(|((_, since), end)| end <= since)
    }

    /// Puts what was read and what was added in its place.
    #[inline(always)]
    fn pack(&self, values: &[i32; MOST], filled: &[i16; FILLS], packed: &mut [u8]) {
        for (step, value) in self.steps.iter().zip(*values).filter(|(_, value)| *value != EMPTY) {
            match (step.what, i16::try_from(value)) {
                (What::Project | What::Outcome | What::Code, Ok(code)) => codec::write(packed, step.at, code.to_le_bytes()),
                _ => codec::write(packed, step.at, value.to_le_bytes()),
            }
        }
        for ((_, fill), value) in self.fills.iter().zip(*filled).filter(|(_, value)| *value != NONE) {
            let (Fill::Sex(at, ..) | Fill::Age(at, _) | Fill::Band(at, _)) = fill;
            codec::write(packed, *at, value.to_le_bytes());
        }
    }
}

impl Step {
    fn new(validator: &Validator<'_>, packing: &Packing, column: usize) -> Option<Self> {
        let reader = validator.readers.get(column)?;
        let what = match reader.column.kind {
            Kind::Identity if validator.unit == column => What::Number,
            Kind::String if validator.project == Some(column) => What::Project,
            Kind::String if validator.outcome == Some(column) => What::Outcome,
            Kind::String => What::Code,
            Kind::Date if validator.start == Some(column) => What::Start,
            Kind::Date if validator.end == Some(column) => What::End,
            Kind::Date => What::Date,
            Kind::Identity | Kind::Integer | Kind::Boolean => return None,
        };
        let optional = !reader.column.required && !reader.column.breakdown;
        Some(Self { column, at: packing.place(column).0, what, optional })
    }

    /// How long a field is, if it is plain: then a stop is behind it, which the caller looks at.
    #[inline(always)]
    fn length(&self, rest: &[u8], window: &[u8; 16], stop: u8) -> Option<usize> {
        match self.what {
            What::Nothing | What::Blank => memchr::memchr(stop, rest),
            What::Number => Some(12 + usize::from(*window.get(12)? != stop)),
            What::Start | What::End | What::Date => Some(if *window.first()? == stop { 0 } else { 10 }),
            What::Project | What::Outcome | What::Code => digits::first(window, stop).or_else(|| memchr::memchr(stop, rest)),
        }
    }
}

impl Fill {
    /// How a derived column is filled; `known` are those before it.
    fn new(
        (validator, packing): (&Validator<'_>, &Packing),
        (column, derive): (usize, &Derive),
        steps: &[Step],
        known: &[(usize, Derive)],
    ) -> Option<Self> {
        let (at, width) = packing.place(column);
        let reader = validator.readers.get(column)?;
        match derive {
            Derive::Sex([Some(Cell::Code(female)), Some(Cell::Code(male))]) => {
                Some(Self::Sex(at, steps.iter().position(|step| step.column == column), [*female, *male]))
            }
            Derive::Age if width == 2 && reader.position.is_none() => {
                let [low, high] = reader.column.usual.unwrap_or([i64::MIN, i64::MAX]);
                let (least, most) = (reader.column.minimum.unwrap_or(i64::MIN), reader.column.maximum.unwrap_or(i64::MAX));
                Some(Self::Age(at, [low.max(least), high.min(most)]))
            }
            Derive::Band(source, bands) if reader.position.is_none() => {
                let of = |age: i64| bands.iter().find(|(low, high, _)| (*low..=*high).contains(&age)).map_or(NONE, |b| b.2);
                let of_age = known.iter().any(|(column, derive)| column == source && matches!(derive, Derive::Age));
                of_age.then(|| Self::Band(at, (0..AGES).map(of).collect()))
            }
            Derive::Sex(_) | Derive::Age | Derive::Band(..) => None,
        }
    }
}

impl Who {
    /// Reads `YYYYMMDD-NNNN` or `YYYYMMDDNNNN` of somebody born since 1880, as [`crate::keyzone::identity::parse`] does.
    #[inline(always)]
    fn read(text: &[u8]) -> Option<Self> {
        let (first, serial) = match text.len() {
            13 if text.get(8) == Some(&b'-') => (text.first_chunk::<8>()?, text.last_chunk::<4>()?),
            12 => (text.first_chunk::<8>()?, text.last_chunk::<4>()?),
            _ => return None,
        };
        let (eight, four) = (digits::digits(u64::from_le_bytes(*first))?, digits::four(*serial)?);
        let birth = CivilDate::of(eight).filter(|birth| *birth >= CivilDate::new(1880, 0, 0))?;
        if !digits::is_checked(eight, four) {
            return None;
        }
        let mut digits = Zeroizing::new([0; 12]);
        let (to, rest) = digits.split_first_chunk_mut::<8>()?;
        *to = *first;
        rest.copy_from_slice(serial);
        Some(Self { digits, birth, male: four >> 16 & 1 == 1 })
    }
}
