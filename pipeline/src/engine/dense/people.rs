//! How many people have a row in each class of combinations: one pass over the files, which landing has sorted by person. Each core
//! takes a part of the people, and goes through it a range after the other, so that only the rows of one range, and of each file one
//! group of rows, are in memory.

use std::collections::HashMap;
use std::path::PathBuf;

use datafusion::error::DataFusionError;

use super::cells::Cells;
use super::coder::{BEYOND, Coder};
use super::column::{Column, Group, Landed};
use super::tally::{ScanColumn, names, on_all_cores, with_coders};

/// About so many rows are looked at together; in tests so few that each core has a part of them.
const RANGE: usize = if cfg!(all(test, debug_assertions)) { 16 } else { 1 << 16 };
/// No more cores than this count people.
const MOST_PARTS: usize = 8;
/// No class.
pub(super) const NONE: u32 = u32::MAX;

/// Into which class each combination falls.
#[derive(Debug, Clone, Default)]
pub(super) struct Classes {
    /// Of combinations that have a cell.
    pub(super) cells: HashMap<u32, u32>,
    /// Of others.
    pub(super) apart: HashMap<Vec<Option<i64>>, u32>,
    /// How many classes there are.
    pub(super) number: usize,
}

/// For each of some ways to class the combinations of a scan's columns, how many people have a row in each class. `None` where a file
/// is not sorted by person or a person is not named as landing names one.
///
/// # Errors
/// When a file is missing, has another size or cannot be read.
pub(super) fn people(
    files: &[(PathBuf, u64)],
    (columns, unit): (&[ScanColumn], &str),
    ways: &[Classes],
) -> Result<Option<Vec<Vec<u64>>>, DataFusionError> {
    let read = names(&[columns]);
    let cells = Cells::new(columns, &read);
    let profiles = Profiles::new(ways, &cells);
    let landed = files.iter().map(|(path, size)| Landed::open(path, *size)).collect::<Result<Vec<_>, _>>()?;
    let rows: usize = landed.iter().map(Landed::rows).sum();
    let parts = parts(&landed.iter().collect::<Vec<_>>(), RANGE);
    let Some(begins) = begins(&landed, unit, parts)? else { return Ok(None) };
    let read = with_coders(&read, &[columns]);
    let pass = Pass { landed: &landed, begins: &begins, read: &read, unit, cells: &cells, profiles: &profiles };
    let counted = on_all_cores(parts, Vec::new, |counted: &mut Vec<_>, part| {
        counted.push(pass.part(part, rows / parts)?);
        Ok(())
    })?;
    let mut counts: Vec<Vec<u64>> = ways.iter().map(|way| vec![0; way.number]).collect();
    for part in counted.into_iter().flatten() {
        let Some(part) = part else { return Ok(None) };
        counts.iter_mut().flatten().zip(part.into_iter().flatten()).for_each(|(all, own)| *all += own);
    }
    Ok(Some(counts))
}

/// In how many parts the people of some files are looked at, so that none has less than a range. Each part reads at most one group of
/// each file that another reads too, and holds one of each: of files of few groups it would be the same work again.
pub(super) fn parts(landed: &[&Landed], range: usize) -> usize {
    let rows: usize = landed.iter().map(|file| file.rows()).sum();
    let groups: usize = landed.iter().map(|file| file.groups()).sum();
    let most = (groups / landed.len().max(1) / 2 + 1).min(MOST_PARTS);
    std::thread::available_parallelism().map_or(1, usize::from).min(rows / range + 1).min(most)
}

/// The first person of a part of the people, of so many.
pub(super) fn first_of(part: usize, parts: usize) -> Option<u128> {
    let (part, parts) = (u128::try_from(part).ok()?, u128::try_from(parts).ok()?);
    if part == parts { None } else { Some(u128::MAX.checked_div(parts)?.saturating_mul(part)) }
}

/// Per part, and one more, the group of each file in which it begins: the last one whose first row is not behind its first person.
/// `None` where a person is not named as landing names one.
pub(super) fn begins(landed: &[Landed], unit: &str, parts: usize) -> Result<Option<Vec<Vec<usize>>>, DataFusionError> {
    let mut all = Vec::new();
    for part in 0..=parts {
        let mut of_part = Vec::new();
        for file in landed {
            let Some(person) = first_of(part, parts) else {
                of_part.push(file.groups());
                continue;
            };
            let (mut low, mut high) = (0, if part == 0 { 0 } else { file.groups() });
            while high.saturating_sub(low) > 1 {
                let middle = low.midpoint(high);
                let Some(units) = file.group(middle)?.units(unit)? else { return Ok(None) };
                if units.first().is_none_or(|first| *first <= person) { low = middle } else { high = middle }
            }
            of_part.push(low);
        }
        all.push(of_part);
    }
    Ok(Some(all))
}

/// What all cores count by.
struct Pass<'p> {
    landed: &'p [Landed],
    begins: &'p [Vec<usize>],
    read: &'p [(&'p str, Vec<&'p Coder>)],
    unit: &'p str,
    cells: &'p Cells<'p>,
    profiles: &'p Profiles<'p>,
}

impl Pass<'_> {
    /// Counts one part of the people, who have about so many rows.
    fn part(&self, part: usize, rows: usize) -> Result<Option<Vec<Vec<u64>>>, DataFusionError> {
        let parts = self.begins.len().saturating_sub(1);
        let (first, end) = (first_of(part, parts).unwrap_or_default(), first_of(part + 1, parts));
        let groups = self.begins.get(part).into_iter().flatten().zip(self.begins.get(part + 1).into_iter().flatten());
        let mut cursors: Vec<Cursor<'_>> =
            self.landed.iter().zip(groups).map(|(file, (from, to))| Cursor::new(file, *from..=*to)).collect();
        let mut counts: Vec<Vec<u64>> = self.profiles.ways.iter().map(|way| vec![0; way.number]).collect();
        let ranges = u128::try_from(rows / RANGE).unwrap_or_default() + 1;
        let each = (end.unwrap_or(u128::MAX) - first) / ranges;
        let mut range: Vec<(u128, u32)> = Vec::with_capacity(RANGE * 2);
        for at in 1..=ranges {
            let last = at == ranges;
            let until = if last { end } else { Some(first + each * at) };
            range.clear();
            for cursor in &mut cursors {
                let group = |group: &Group<'_>| self.profiles.of(group, self.read, self.unit, self.cells);
                if !cursor.take(until, &mut range, group)? || (last && !cursor.is_at_the_end()) {
                    return Ok(None);
                }
            }
            if !range.is_sorted() {
                range.sort_unstable();
            }
            // Those before the first person are another part's.
            let before = range.partition_point(|(unit, _)| *unit < first);
            let mine = range.get(before..).unwrap_or_default();
            mine.chunk_by(|(one, _), (other, _)| one == other).for_each(|person| self.profiles.count(person, &mut counts));
        }
        Ok(Some(counts))
    }
}

/// The classes of a combination in every way, as one number.
struct Profiles<'w> {
    ways: &'w [Classes],
    of_cell: Vec<u32>,
    known: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, u32>,
}

impl<'w> Profiles<'w> {
    fn new(ways: &'w [Classes], cells: &Cells<'_>) -> Self {
        let mut profiles = Self { ways, of_cell: vec![NONE; cells.number], known: Vec::new(), numbers: HashMap::new() };
        let met: std::collections::BTreeSet<u32> = ways.iter().flat_map(|way| way.cells.keys().copied()).collect();
        for cell in met {
            let number = profiles.number(ways.iter().map(|way| way.cells.get(&cell).copied().unwrap_or(NONE)).collect());
            if let Some(slot) = usize::try_from(cell).ok().and_then(|cell| profiles.of_cell.get_mut(cell)) {
                *slot = number;
            }
        }
        let apart: Vec<Vec<u32>> = ways
            .iter()
            .flat_map(|way| way.apart.keys())
            .map(|values| ways.iter().map(|way| way.apart.get(values).copied().unwrap_or(NONE)).collect())
            .collect();
        apart.into_iter().for_each(|profile| {
            profiles.number(profile);
        });
        profiles
    }

    fn number(&mut self, profile: Vec<u32>) -> u32 {
        let next = u32::try_from(self.known.len()).unwrap_or(NONE);
        *self.numbers.entry(profile).or_insert_with_key(|profile| {
            self.known.push(profile.clone());
            next
        })
    }

    /// People and profiles of a group of rows; `None` where people are named otherwise.
    fn of(
        &self,
        group: &Group<'_>,
        read: &[(&str, Vec<&Coder>)],
        unit: &str,
        cells: &Cells<'_>,
    ) -> Result<Option<Vec<(u128, u32)>>, DataFusionError> {
        let Some(units) = group.units(unit)? else { return Ok(None) };
        let columns = read.iter().map(|(name, coders)| group.column(name, coders)).collect::<Result<Vec<Column>, _>>()?;
        let mut own = vec![0; group.rows];
        cells.of(&columns, 0, &mut own);
        let profile = |(row, cell): (usize, &u32)| {
            if *cell < BEYOND {
                return usize::try_from(*cell).ok().and_then(|cell| self.of_cell.get(cell)).copied().unwrap_or(NONE);
            }
            let values = cells.values(&columns, row);
            let profile: Vec<u32> = self.ways.iter().map(|way| way.apart.get(&values).copied().unwrap_or(NONE)).collect();
            self.numbers.get(&profile).copied().unwrap_or(NONE)
        };
        Ok(Some(units.into_iter().zip(own.iter().enumerate().map(profile)).collect()))
    }

    /// Adds one person, with her rows.
    fn count(&self, rows: &[(u128, u32)], counts: &mut [Vec<u64>]) {
        let profile = |number: u32| usize::try_from(number).ok().and_then(|number| self.known.get(number));
        for (way, counts) in counts.iter_mut().enumerate() {
            let class = |(_, number): &(u128, u32)| profile(*number)?.get(way).copied().filter(|class| *class != NONE);
            for (at, row) in rows.iter().enumerate() {
                let Some(own) = class(row) else { continue };
                let before = rows.get(..at).unwrap_or_default();
                if before.iter().all(|row| class(row) != Some(own)) {
                    usize::try_from(own).ok().and_then(|own| counts.get_mut(own)).into_iter().for_each(|count| *count += 1);
                }
            }
        }
    }
}

/// How far a file was read, of the groups that a part of the people lies in: its last one is the next part's first. Each group is
/// read by a part from its beginning to its end, so that one that is not sorted does not go unnoticed.
struct Cursor<'f> {
    file: &'f Landed,
    groups: std::ops::RangeInclusive<usize>,
    rows: std::iter::Peekable<std::vec::IntoIter<(u128, u32)>>,
    last: u128,
}

impl<'f> Cursor<'f> {
    fn new(file: &'f Landed, groups: std::ops::RangeInclusive<usize>) -> Self {
        Self { file, groups, rows: Vec::new().into_iter().peekable(), last: 0 }
    }

    /// Takes the rows of all people before `end`; false where the file is not sorted by person.
    fn take(
        &mut self,
        end: Option<u128>,
        range: &mut Vec<(u128, u32)>,
        read: impl Fn(&Group<'_>) -> Result<Option<Vec<(u128, u32)>>, DataFusionError>,
    ) -> Result<bool, DataFusionError> {
        loop {
            while let Some((unit, profile)) = self.rows.next_if(|(unit, _)| end.is_none_or(|end| *unit < end)) {
                if unit < self.last {
                    return Ok(false);
                }
                self.last = unit;
                if profile != NONE {
                    range.push((unit, profile));
                }
            }
            if self.rows.peek().is_some() {
                return Ok(true);
            }
            let Some(group) = self.groups.next().filter(|group| *group < self.file.groups()) else { return Ok(true) };
            let Some(rows) = read(&self.file.group(group)?)? else { return Ok(false) };
            self.rows = rows.into_iter().peekable();
        }
    }

    /// Whether nothing is left but rows of the next part, in order.
    fn is_at_the_end(&mut self) -> bool {
        let left = self.groups.clone().any(|group| group < self.file.groups());
        !left && std::iter::once(self.last).chain(self.rows.by_ref().map(|(unit, _)| unit)).is_sorted()
    }
}
