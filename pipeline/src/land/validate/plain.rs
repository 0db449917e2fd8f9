//! Rows as almost all are: a number of twelve digits (or a name of letters and digits, where people are told by such), spellings
//! that were met before, plain dates and whole numbers, and nothing to be said of any of it. They are packed at once, in a third of
//! the time. Whatever is otherwise goes the whole way through [`Validator::row`], which gives the same rows: a test compares the two.

use chrono::Datelike as _;
use zeroize::Zeroizing;

use super::cache::Cache;
use super::reader::{Derive, Reader};
use super::{Scratch, Validator};
use crate::catalogue::schema::{Kind, Scheme};
use crate::keyzone::pseudonym::Resolved;
use crate::land::cell::dates;
use crate::land::partition::Partitions;
use crate::land::understand::mapping;
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
    /// The day after which nobody was born yet, and the one before which the same ten digits may be somebody's a century later.
    today: CivilDate,
    oldest: CivilDate,
}

/// How one field is read.
#[derive(Debug)]
struct Step {
    column: usize,
    /// Where it is packed, and in how many bytes.
    at: usize,
    width: usize,
    what: What,
    /// Whether it may be empty without a word.
    optional: bool,
    /// In which bounds nobody is surprised at a whole number.
    usual: [i64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// No column of the table.
    Nothing,
    /// A column without a heading.
    Blank,
    Number,
    Name,
    Project,
    Outcome,
    Code,
    Start,
    End,
    Date,
    Whole,
}

/// What a row's number and start add to it.
#[derive(Debug)]
enum Fill {
    /// The sex: where it is packed, which step reads it, and the codes of women and men.
    Sex(usize, Option<usize>, [i16; 2]),
    /// The age: where it is packed, which step reads it, and in which bounds nobody is surprised.
    Age(usize, Option<usize>, [i64; 2]),
    /// The interval of a whole number: where it is packed, which step reads the number (none of an age that is filled), and the codes
    /// of the numbers from 0 on.
    Band(usize, Option<usize>, Vec<i16>),
}

/// What was read of a row, beside the value of each step.
struct Row<'l> {
    who: Option<Who<'l>>,
    project: i16,
    start: Option<(i32, CivilDate)>,
    end: Option<i32>,
    outcome: bool,
}

/// Whose the row is.
enum Who<'l> {
    /// A personal identity number.
    Number { digits: Zeroizing<[u8; 12]>, birth: CivilDate, male: bool },
    /// A name that tells nothing.
    Name(&'l str),
}

/// No code was read, and no value.
const NONE: i16 = i16::MIN;
const EMPTY: i32 = i32::MIN;
/// So many columns of a list are read here, and so many are filled.
const MOST: usize = 24;
const FILLS: usize = 3;
/// Nobody is older, so that every age has its interval in a table.
const AGES: i64 = 200;
/// Nobody who is younger has a namesake in number who was born a century before and takes part.
const OLD: i64 = 99;

impl<'v> Plain<'v> {
    /// For a list; `None` where its rows are not plain.
    pub fn new(validator: &'v Validator<'v>, packing: &'v Packing, separator: u8) -> Option<Self> {
        let (context, mapping) = (validator.context, validator.mapping);
        let constant = validator.readers.iter().any(|reader| !reader.constant.is_empty());
        let given = context.project.is_some() || constant;
        if given || !context.forgotten.is_empty() || mapping.consent.is_some() || mapping.width > MOST {
            return None;
        }
        let names = mapping.table.identity == Scheme::Opaque;
        let other = if names { What::Blank } else { What::Nothing };
        let nothing = || Step { column: usize::MAX, at: 0, width: 0, what: other, optional: true, usual: [0; 2] };
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
        if names && !validator.names_are_told(&steps) {
            return None;
        }
        let mut fills = Vec::new();
        for (column, derive) in &validator.derived {
            let known = validator.derived.get(..fills.len())?;
            fills.push((*column, Fill::new((validator, packing), (*column, derive), &steps, known)?));
        }
        let year = u32::try_from(context.today.year()).ok()?;
        let today = CivilDate::new(year, context.today.month(), context.today.day());
        let oldest = CivilDate::new(year.checked_sub(u32::try_from(OLD).ok()?)?, 0, 0);
        (fills.len() <= FILLS).then_some(Self { validator, packing, separator, steps, fills, today, oldest })
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
        let pseudonyms = self.validator.context.pseudonyms;
        let Resolved { unit, is_replaced } = match row.who.as_ref()? {
            Who::Number { digits, .. } => pseudonyms.digits(digits),
            Who::Name(name) => pseudonyms.opaque(name),
        };
        let flags = if is_replaced { flags | codec::ALIASED } else { flags };
        self.pack(&values, &filled, partitions.place(self.packing, unit, number, flags)?);
        Some((row.project, next))
    }

    /// Reads every field of a line; gives where the next line begins.
    #[inline(always)]
    fn read<'l>(
        &self,
        lines: &'l [u8],
        mut at: usize,
        scratch: &Scratch,
        row: &mut Row<'l>,
        values: &mut [i32; MOST],
    ) -> Option<usize> {
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
    fn field<'l>(&self, step: &Step, (text, window): (&'l [u8], &[u8; 16]), scratch: &Scratch, row: &mut Row<'l>) -> Option<i32> {
        match step.what {
            // A column without a heading must be empty; what is not read must not hide the end of the line, or more fields.
            What::Blank => None,
            What::Nothing if memchr::memchr2(b'\n', self.separator, text).is_some() => None,
            What::Nothing => Some(EMPTY),
            What::Number => {
                row.who = Some(Who::number(text, self.today)?);
                Some(EMPTY)
            }
            What::Name => {
                row.who = Some(Who::name(text)?);
                Some(EMPTY)
            }
            What::Whole => {
                let [low, high] = step.usual;
                whole(text).filter(|value| (low..=high).contains(&i64::from(*value)))
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
    fn fill(&self, row: &Row<'_>, values: &[i32; MOST], filled: &mut [i16; FILLS]) -> Option<u16> {
        let (mut flags, mut age) = (0, None);
        let listed = |step: &Option<usize>| step.and_then(|step| values.get(step)).copied().filter(|value| *value != EMPTY);
        let number = match row.who.as_ref()? {
            Who::Number { birth, male, .. } => Some((*birth, *male)),
            Who::Name(_) => None,
        };
        for ((column, fill), value) in self.fills.iter().zip(filled) {
            match (fill, number) {
                (Fill::Sex(_, step, [female, male]), Some((_, is_male))) => {
                    let told = if is_male { *male } else { *female };
                    match listed(step) {
                        None => *value = told,
                        Some(listed) if listed == i32::from(told) => continue,
                        Some(_) => return None,
                    }
                }
                (Fill::Age(_, step, [low, high]), Some((birth, _))) => {
                    let years = birth.completed(row.start?.1)?;
                    age = listed(step).map(i64::from);
                    match age {
                        None if (*low..=*high).contains(&years) => *value = i16::try_from(years).ok()?,
                        Some(listed) if listed.abs_diff(years) <= 1 => continue,
                        _ => return None,
                    }
                    age = Some(years);
                }
                (Fill::Age(_, step, _), None) => age = listed(step).map(i64::from),
                (Fill::Band(_, step, bands), _) => {
                    if let Some(whole) = if step.is_some() { listed(step).map(i64::from) } else { age } {
                        *value = *bands.get(usize::try_from(whole).ok()?)?;
                    }
                }
                (Fill::Sex(..), None) => {}
            }
            if *value != NONE {
                flags |= codec::derived(*column);
            }
        }
        Some(flags)
    }

    /// Whether nothing is to be said of a row's days.
    #[inline(always)]
    fn fits(&self, row: &Row<'_>) -> bool {
        let validator = self.validator;
        let (start, end) = (row.start.map(|(days, _)| days), row.end);
        if let Some(Who::Number { birth, .. }) = &row.who
            && (*birth < self.oldest || row.start.is_some_and(|(_, day)| birth.completed(day).is_none_or(|age| age > OLD)))
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
                usize::try_from(row.project).ok().and_then(|project| validator.context.periods.get(project))
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
            match (step.width, i16::try_from(value)) {
                (2, Ok(value)) => codec::write(packed, step.at, value.to_le_bytes()),
                (8, _) => codec::write(packed, step.at, i64::from(value).to_le_bytes()),
                _ => codec::write(packed, step.at, value.to_le_bytes()),
            }
        }
        for ((_, fill), value) in self.fills.iter().zip(*filled).filter(|(_, value)| *value != NONE) {
            let (Fill::Sex(at, ..) | Fill::Age(at, ..) | Fill::Band(at, ..)) = fill;
            codec::write(packed, *at, value.to_le_bytes());
        }
    }
}

impl Step {
    fn new(validator: &Validator<'_>, packing: &Packing, column: usize) -> Option<Self> {
        let reader = validator.readers.get(column)?;
        let what = match reader.column.kind {
            Kind::Identity if validator.unit == column && validator.mapping.table.identity == Scheme::Opaque => What::Name,
            Kind::Identity if validator.unit == column => What::Number,
            Kind::String if validator.project == Some(column) => What::Project,
            Kind::String if validator.outcome == Some(column) => What::Outcome,
            Kind::String => What::Code,
            Kind::Date if validator.start == Some(column) => What::Start,
            Kind::Date if validator.end == Some(column) => What::End,
            Kind::Date => What::Date,
            Kind::Integer if reader.column.decimals == 0 => What::Whole,
            Kind::Identity | Kind::Integer | Kind::Boolean => return None,
        };
        let optional = !reader.column.required && !reader.column.breakdown;
        let (at, width) = packing.place(column);
        Some(Self { column, at, width, what, optional, usual: usual(reader) })
    }

    /// How long a field is, if it is plain: then a stop is behind it, which the caller looks at.
    #[inline(always)]
    fn length(&self, rest: &[u8], window: &[u8; 16], stop: u8) -> Option<usize> {
        match self.what {
            What::Nothing | What::Blank => memchr::memchr(stop, rest),
            What::Number => Some(12 + usize::from(*window.get(12)? != stop)),
            What::Start | What::End | What::Date => Some(if *window.first()? == stop { 0 } else { 10 }),
            What::Name | What::Whole | What::Project | What::Outcome | What::Code => {
                digits::first(window, stop).or_else(|| memchr::memchr(stop, rest))
            }
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
        let step = |column: usize| steps.iter().position(|step| step.column == column);
        match derive {
            Derive::Sex([Some(Cell::Code(female)), Some(Cell::Code(male))]) => {
                Some(Self::Sex(at, step(column), [*female, *male]))
            }
            Derive::Age if width == 2 => Some(Self::Age(at, step(column), usual(reader))),
            Derive::Band(source, bands) if reader.position.is_none() => {
                let of = |age: i64| bands.iter().find(|(low, high, _)| (*low..=*high).contains(&age)).map_or(NONE, |b| b.2);
                let of_age = known.iter().any(|(column, derive)| column == source && matches!(derive, Derive::Age));
                let source = if of_age { None } else { step(*source) };
                // What nobody tells has no interval.
                let told = of_age || source.is_some();
                Some(Self::Band(at, source, (0..AGES).map(|age| if told { of(age) } else { NONE }).collect()))
            }
            Derive::Sex(_) | Derive::Age | Derive::Band(..) => None,
        }
    }
}

/// The whole numbers of a column of which nothing is to be said.
fn usual(reader: &Reader<'_>) -> [i64; 2] {
    let [low, high] = reader.column.usual.unwrap_or([i64::MIN, i64::MAX]);
    let (least, most) = (reader.column.minimum.unwrap_or(i64::MIN), reader.column.maximum.unwrap_or(i64::MAX));
    [low.max(least), high.min(most)]
}

/// Up to nine digits as a number.
#[inline(always)]
fn whole(text: &[u8]) -> Option<i32> {
    let digits = text.len() <= 9 && text.iter().all(u8::is_ascii_digit);
    digits.then(|| text.iter().fold(0, |number, digit| number * 10 + i32::from(digit & 15)))
}

impl Validator<'_> {
    /// Whether a plain row whose person has a name with a digit in it can be nothing but a person's row: no totals, no headings
    /// once more, no text below the table, nobody whose name says that there is none.
    fn names_are_told(&self, steps: &[Step]) -> bool {
        let missing = self.missing.iter().any(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
        // A row of headings has two at least, and none of them is a name with a digit, a day or a number.
        let headed = |spelling: &str| mapping::headed(self.mapping, spelling).is_some();
        let coded = |step: &&Step| matches!(step.what, What::Project | What::Outcome | What::Code);
        let codes = steps.iter().filter(coded).filter_map(|step| self.readers.get(step.column));
        let headed = codes.filter(|reader| reader.codes.keys().any(|spelling| headed(spelling))).count();
        !missing && headed <= 1 && steps.iter().filter(|step| !step.optional).count() >= 2
    }
}

impl<'l> Who<'l> {
    /// Reads `YYYYMMDD-NNNN` or `YYYYMMDDNNNN` of somebody born since 1880, as [`crate::keyzone::identity::parse`] does.
    #[inline(always)]
    fn number(text: &[u8], today: CivilDate) -> Option<Self> {
        let (first, serial) = match text.len() {
            13 if text.get(8) == Some(&b'-') => (text.first_chunk::<8>()?, text.last_chunk::<4>()?),
            12 => (text.first_chunk::<8>()?, text.last_chunk::<4>()?),
            _ => return None,
        };
        let (eight, four) = (digits::digits(u64::from_le_bytes(*first))?, digits::four(*serial)?);
        let birth = CivilDate::of(eight).filter(|birth| (CivilDate::new(1880, 0, 0)..=today).contains(birth))?;
        if !digits::is_checked(eight, four) {
            return None;
        }
        let mut digits = Zeroizing::new([0; 12]);
        let (to, rest) = digits.split_first_chunk_mut::<8>()?;
        *to = *first;
        rest.copy_from_slice(serial);
        Some(Self::Number { digits, birth, male: four >> 16 & 1 == 1 })
    }

    /// Reads letters, digits and hyphens that cannot be read as anything but a name: at least one digit; five characters, so that
    /// it is no number with an exponent; and a digit before the last letter, or too few letters for a word of totals.
    #[inline(always)]
    fn name(text: &'l [u8]) -> Option<Self> {
        if !(5..=40).contains(&text.len()) || !text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
            return None;
        }
        let digit = text.iter().position(u8::is_ascii_digit)?;
        let letter = text.iter().rposition(u8::is_ascii_alphabetic);
        if digit > 4 && letter.is_none_or(|letter| letter < digit) {
            return None;
        }
        std::str::from_utf8(text).ok().map(Self::Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyzone::identity::{Identifier, parse_as};

    #[test]
    fn a_plain_name_is_a_name_and_nothing_else() {
        for name in ["d000000001", "P-1017", "12345", "3f2b9c1e-7a5d-4e21-9b1a-0c8d7e6f5a4b", "A1-summa"] {
            assert!(matches!(Who::name(name.as_bytes()), Some(Who::Name(read)) if read == name), "{name}");
            let read = parse_as(Scheme::Opaque, name, chrono::NaiveDate::MIN);
            assert!(matches!(read, Ok(Identifier::Token(token)) if *token == name), "{name}");
        }
        for other in ["", "x", "1E5", "2e99", "summa", "summa12", "antal1", "totalt2", "vet ej 1", "a b1234", "Å12345", "1,5E+10"]
        {
            assert!(Who::name(other.as_bytes()).is_none(), "{other}");
        }
    }
}
