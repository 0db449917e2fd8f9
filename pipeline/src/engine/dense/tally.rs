//! One pass over landed files for any number of tables: how often each combination of codes occurs.
//!
//! Each core takes one group of rows after the other, decodes each column once, whatever reads it, and counts for each table in an
//! array of its own. A row with a value that has no code is counted by its values.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::datatypes::DataType;
use datafusion::error::DataFusionError;

use super::cells::{Cell, Cells};
use super::coder::{BEYOND, Coder};
use super::column::{Column, Landed};

/// More combinations than this are not counted in an array.
pub(super) const MOST_CELLS: u64 = 1 << 21;
/// More rows with values that have no code are not kept apart.
const MOST_APART: usize = 1 << 18;
/// So many rows are coded at a time.
const CHUNK: usize = 4096;
/// Arrays of so few cells are counted in four at once: rows of the same cell that follow each other would wait for each other.
const FEW: usize = 2048;

/// A column of a scan.
#[derive(Debug, Clone)]
pub(super) struct ScanColumn {
    pub(super) name: String,
    pub(super) kind: DataType,
    pub(super) coder: Coder,
}

/// How many cells the combinations of some columns take.
pub(super) fn cells(columns: &[ScanColumn]) -> u64 {
    columns.iter().fold(1_u64, |cells, column| cells.saturating_mul(column.coder.codes().into()))
}

/// How often combinations occur.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted {
    /// Of combinations that have a cell: the cell, and the number of rows.
    pub(super) cells: Vec<(u32, u64)>,
    /// Of others: their values.
    pub(super) apart: Vec<(Vec<Option<i64>>, u64)>,
}

impl Counted {
    /// The values of each combination of these columns, and the number of its rows: those with a cell first.
    pub(super) fn rows(&self, columns: &[ScanColumn]) -> Vec<(Vec<Option<i64>>, u64)> {
        let values = |cell: u32| {
            let mut left = cell;
            let value = |column: &ScanColumn| {
                let code = left % column.coder.codes();
                left /= column.coder.codes();
                column.coder.value(code)
            };
            columns.iter().map(value).collect::<Vec<_>>()
        };
        let cells = self.cells.iter().map(|(cell, rows)| (values(*cell), *rows));
        cells.chain(self.apart.iter().cloned()).collect()
    }
}

/// The columns that some tables read.
pub(super) fn names(tables: &[&[ScanColumn]]) -> Vec<String> {
    let read = tables.iter().flat_map(|columns| columns.iter()).filter(|column| column.coder != Coder::Unused);
    read.map(|column| column.name.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Columns that are read, each with all the codes that it is read for.
pub(super) fn with_coders<'t>(names: &'t [String], tables: &[&'t [ScanColumn]]) -> Vec<(&'t str, Vec<&'t Coder>)> {
    let of = |name: &str| {
        tables.iter().flat_map(|table| table.iter()).filter(|column| column.name == name).map(|column| &column.coder).collect()
    };
    names.iter().map(|name| (name.as_str(), of(name))).collect()
}

/// Counts the combinations of each table's columns in these files. `None` where too many rows have values without a code.
///
/// # Errors
/// When a file is missing, has another size or cannot be read.
pub(super) fn tally(files: &[(PathBuf, u64)], tables: &[&[ScanColumn]]) -> Result<Option<Vec<Counted>>, DataFusionError> {
    let names = names(tables);
    let landed = on_all_cores(files.len(), Vec::new, |opened: &mut Vec<(usize, Landed)>, at| {
        let Some((path, size)) = files.get(at) else { return Ok(()) };
        opened.push((at, Landed::open(path, *size)?));
        Ok(())
    })?;
    let landed: Vec<Landed> = landed.into_iter().flatten().map(|(_, landed)| landed).collect();
    let groups: Vec<(&Landed, usize)> = landed.iter().flat_map(|file| (0..file.groups()).map(move |at| (file, at))).collect();
    let read = with_coders(&names, tables);
    let begun = || tables.iter().map(|columns| Counts::new(columns, &names)).collect::<Vec<_>>();
    let counted = on_all_cores(groups.len(), begun, |counts, at| {
        let Some((file, at)) = groups.get(at) else { return Ok(()) };
        let group = file.group(*at)?;
        let columns = read.iter().map(|(name, coders)| group.column(name, coders)).collect::<Result<Vec<_>, _>>()?;
        counts.iter_mut().for_each(|counts| counts.add(&columns, group.rows));
        Ok(())
    })?;
    let all = counted.into_iter().reduce(|mut all, others| {
        all.iter_mut().zip(others).for_each(|(mine, other)| mine.and(other));
        all
    });
    let all = all.unwrap_or_else(begun);
    let whole = all.iter().all(|counts| counts.apart.len() <= MOST_APART);
    Ok(whole.then(|| all.into_iter().map(Counts::counted).collect()))
}

/// Does `work` for each number below `count`, on all cores, each with a state of its own; gives these states.
pub(super) fn on_all_cores<S: Send>(
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<(), DataFusionError> + Sync,
) -> Result<Vec<S>, DataFusionError> {
    let next = AtomicUsize::new(0);
    let core = || -> Result<S, DataFusionError> {
        let mut state = state();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return Ok(state);
            }
            work(&mut state, at)?;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(core)).collect();
        let mine = core();
        let joined = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|_| Err(DataFusionError::Execution("a core that counts panicked".into()))));
        joined.chain([mine]).collect()
    })
}

/// The combinations of one table's columns.
struct Counts<'t> {
    cells: Cells<'t>,
    /// Per cell; four times where they are few. Fewer than 2^32 rows are counted before they go to `sums`.
    counts: Vec<u32>,
    sums: Vec<u64>,
    rows: u64,
    apart: HashMap<Vec<Option<i64>>, u64>,
}

impl<'t> Counts<'t> {
    fn new(columns: &'t [ScanColumn], names: &[String]) -> Self {
        let cells = Cells::new(columns, names);
        let counts = vec![0; cells.number * if cells.number <= FEW { 4 } else { 1 }];
        Self { cells, counts, sums: Vec::new(), rows: 0, apart: HashMap::new() }
    }

    /// Takes in a group of rows.
    fn add(&mut self, columns: &[Column], rows: usize) {
        self.rows = self.rows.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
        if self.rows > u32::MAX.into() {
            self.sum_up();
            self.rows = u64::try_from(rows).unwrap_or(u64::MAX);
        }
        if self.cells.are_few(columns) {
            let mut cells = [0_u16; CHUNK];
            for first in (0..rows).step_by(CHUNK) {
                let Some(cells) = cells.get_mut(..CHUNK.min(rows - first)) else { continue };
                self.cells.of_few(columns, first, cells);
                self.count(cells);
            }
            return;
        }
        let mut cells = [0_u32; CHUNK];
        for first in (0..rows).step_by(CHUNK) {
            let Some(cells) = cells.get_mut(..CHUNK.min(rows - first)) else { continue };
            self.cells.of(columns, first, cells);
            if cells.iter().fold(0, |all, cell| all | *cell) >= BEYOND {
                self.apart(columns, first, cells);
            } else {
                self.count(cells);
            }
        }
    }

    fn count<C: Cell>(&mut self, cells: &[C]) {
        if self.counts.len() == self.cells.number {
            cells.iter().for_each(|cell| self.counts.get_mut(cell.place()).into_iter().for_each(|count| *count += 1));
            return;
        }
        let (a, rest) = self.counts.split_at_mut(self.cells.number);
        let (b, rest) = rest.split_at_mut(self.cells.number);
        let (c, d) = rest.split_at_mut(self.cells.number);
        let (fours, left) = cells.as_chunks::<4>();
        for [w, x, y, z] in fours {
            for (lane, cell) in [(&mut *a, w), (&mut *b, x), (&mut *c, y), (&mut *d, z)] {
                lane.get_mut(cell.place()).into_iter().for_each(|count| *count += 1);
            }
        }
        left.iter().for_each(|cell| a.get_mut(cell.place()).into_iter().for_each(|count| *count += 1));
    }

    /// Counts rows of which some have a value without a code.
    fn apart(&mut self, columns: &[Column], first: usize, cells: &[u32]) {
        for (at, cell) in cells.iter().enumerate() {
            if *cell < BEYOND {
                self.counts.get_mut(usize::try_from(*cell).unwrap_or(usize::MAX)).into_iter().for_each(|count| *count += 1);
                continue;
            }
            if self.apart.len() > MOST_APART {
                return;
            }
            *self.apart.entry(self.cells.values(columns, first + at)).or_default() += 1;
        }
    }

    fn sum_up(&mut self) {
        self.sums.resize(self.cells.number, 0);
        for lane in self.counts.chunks_mut(self.cells.number.max(1)) {
            self.sums.iter_mut().zip(lane).for_each(|(sum, count)| *sum += u64::from(std::mem::take(count)));
        }
    }

    fn and(&mut self, mut other: Self) {
        self.sum_up();
        other.sum_up();
        self.sums.iter_mut().zip(other.sums).for_each(|(mine, theirs)| *mine += theirs);
        other.apart.into_iter().for_each(|(values, rows)| *self.apart.entry(values).or_default() += rows);
    }

    fn counted(mut self) -> Counted {
        self.sum_up();
        let cells = (0_u32..).zip(self.sums).filter(|(_, rows)| *rows > 0).collect();
        Counted { cells, apart: self.apart.into_iter().collect() }
    }
}
