//! A plan that may run on some people's rows at a time (`apart`), run on one range of people after the other: what it has to remember
//! of each of them stays in the processor's own memory, and nothing is sent from core to core. Each core takes a part of the people.
//! Landing has sorted the files by person, so that a range is a slice of each.

use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, new_null_array};
use arrow::compute::cast;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, collect};
use utfall_ground::cores;

use super::apart::{PeopleScan, on};
use super::column::Landed;
use super::people::{begins, first_of, parts};

/// About so many rows are answered together: what is remembered of their people stays near the core. In tests so few that there are
/// several ranges.
const RANGE: usize = if cfg!(all(test, debug_assertions)) { 16 } else { 1 << 15 };
/// No more ranges than this; in tests so few that the plan, which is made anew for each, is not most of their time.
const MOST_RANGES: usize = if cfg!(all(test, debug_assertions)) { 5 } else { 1 << 20 };

/// What the plan answers, range by range. `None` where a file is not sorted by person, a person is not named as landing names one, or
/// the files are too small for it to be worth anything.
///
/// # Errors
/// When a file is missing, has another size or cannot be read, or the engine fails.
pub(super) fn answer(
    plan: &Arc<dyn ExecutionPlan>,
    scans: &[PeopleScan],
    context: &Arc<TaskContext>,
) -> Result<Option<Vec<RecordBatch>>, DataFusionError> {
    let open = |scan: &PeopleScan| scan.files.iter().map(|(path, size)| Landed::open(path, *size)).collect::<Result<Vec<_>, _>>();
    let landed = scans.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<&Landed> = landed.iter().flatten().collect();
    let (parts, rows) = (parts(&all, RANGE), all.iter().map(|file| file.rows()).sum::<usize>());
    // On one core the engine's own way is as fast, of which it has several.
    if parts < 2 && !cfg!(all(test, debug_assertions)) {
        return Ok(None);
    }
    let mut of_scans = Vec::new();
    for (scan, landed) in scans.iter().zip(&landed) {
        let unit = scan.names.get(scan.unit).map_or("", String::as_str);
        let Some(begins) = begins(landed, unit, parts)? else { return Ok(None) };
        of_scans.push((scan, landed.as_slice(), begins));
    }
    let ranges = (rows / parts / RANGE + 1).min(MOST_RANGES);
    let pass = Pass { plan, scans: &of_scans, parts, ranges, context };
    let answers = cores::each((0..parts).collect(), |part| pass.part(part));
    let answers = answers.map_err(|_| DataFusionError::Execution("a core that answers panicked".into()))?;
    let answers = answers.into_iter().collect::<Result<Option<Vec<_>>, _>>()?;
    Ok(answers.map(|answers| answers.concat()))
}

/// A scan, its files, and per part the group of each in which it begins.
type Scanned<'p> = (&'p PeopleScan, &'p [Landed], Vec<Vec<usize>>);

/// What all cores answer by.
struct Pass<'p> {
    plan: &'p Arc<dyn ExecutionPlan>,
    scans: &'p [Scanned<'p>],
    parts: usize,
    /// How many ranges each part has.
    ranges: usize,
    context: &'p Arc<TaskContext>,
}

impl Pass<'_> {
    fn part(&self, part: usize) -> Result<Option<Vec<RecordBatch>>, DataFusionError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (first, end) = (first_of(part, self.parts).unwrap_or_default(), first_of(part + 1, self.parts));
        let mut cursors: Vec<(&PeopleScan, Vec<Cursor<'_>>)> = Vec::new();
        for (scan, landed, begins) in self.scans {
            let groups = begins.get(part).into_iter().flatten().zip(begins.get(part + 1).into_iter().flatten());
            let of = |(file, (from, to)): (_, (&usize, &usize))| Cursor::new(file, *from..=*to, first);
            cursors.push((scan, landed.iter().zip(groups).map(of).collect()));
        }
        let ranges = u128::try_from(self.ranges).unwrap_or(1);
        let each = (end.unwrap_or(u128::MAX) - first) / ranges;
        let mut answers = Vec::new();
        for at in 1..=ranges {
            let until = if at == ranges { end } else { Some(first + each * at) };
            let mut tables = Vec::new();
            for (scan, cursors) in &mut cursors {
                let mut batches = Vec::new();
                for cursor in cursors {
                    if !cursor.take(until, scan, &mut batches)? {
                        return Ok(None);
                    }
                }
                tables.push((Arc::clone(&scan.schema), batches));
            }
            let plan = on(self.plan, &mut tables.into_iter())?;
            answers.extend(runtime.block_on(collect(plan, Arc::clone(self.context)))?);
        }
        Ok(Some(answers))
    }
}

/// How far a file was read, of the groups that a part of the people lies in: its last one is the next part's first.
struct Cursor<'f> {
    file: &'f Landed,
    groups: RangeInclusive<usize>,
    /// The rows of the group that is being read, and whose each is.
    rows: Option<(RecordBatch, Vec<u128>)>,
    at: usize,
    /// The first person of the part.
    first: u128,
    last: u128,
}

impl<'f> Cursor<'f> {
    fn new(file: &'f Landed, groups: RangeInclusive<usize>, first: u128) -> Self {
        Self { file, groups, rows: None, at: 0, first, last: 0 }
    }

    /// Takes the rows of all people before `end`; false where the file is not sorted by person, or names them otherwise.
    fn take(&mut self, end: Option<u128>, scan: &PeopleScan, into: &mut Vec<RecordBatch>) -> Result<bool, DataFusionError> {
        loop {
            if let Some((batch, units)) = &self.rows {
                let left = units.get(self.at..).unwrap_or_default();
                let mine = end.map_or(left.len(), |end| left.partition_point(|unit| *unit < end));
                if mine > 0 {
                    into.push(batch.slice(self.at, mine));
                }
                self.at += mine;
                if mine < left.len() {
                    return Ok(true);
                }
            }
            let Some(group) = self.groups.next().filter(|group| *group < self.file.groups()) else { return Ok(true) };
            let batch = read(self.file, group, scan)?;
            let Some(units) = units(batch.column(scan.unit)) else { return Ok(false) };
            if !units.is_sorted() || units.first().is_some_and(|first| *first < self.last) {
                return Ok(false);
            }
            self.last = units.last().copied().unwrap_or(self.last);
            self.at = units.partition_point(|unit| *unit < self.first);
            self.rows = Some((batch, units));
        }
    }
}

/// The rows of a group, as the scan gives them.
fn read(file: &Landed, group: usize, scan: &PeopleScan) -> Result<RecordBatch, DataFusionError> {
    let names: Vec<&str> = scan.names.iter().map(String::as_str).collect();
    let (found, rows) = file.rows_of(group, &names)?;
    let column = |(name, field): (&&str, &Arc<arrow::datatypes::Field>)| -> Result<ArrayRef, DataFusionError> {
        Ok(match found.column_by_name(name) {
            Some(column) => cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), rows),
        })
    };
    let columns = names.iter().zip(scan.schema.fields()).map(column).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(&scan.schema), columns)?)
}

/// Whose each row is; `None` where people are not named by sixteen bytes.
fn units(column: &ArrayRef) -> Option<Vec<u128>> {
    let column = column.as_binary_opt::<i32>().filter(|column| column.null_count() == 0)?;
    let sixteen = column.value_offsets().windows(2).all(|pair| matches!(pair, [from, to] if to - from == 16));
    let from = usize::try_from(*column.value_offsets().first()?).ok()?;
    let (named, _) = column.value_data().get(from..)?.as_chunks::<16>();
    sixteen.then(|| named.iter().take(column.len()).map(|unit| u128::from_be_bytes(*unit)).collect())
}
