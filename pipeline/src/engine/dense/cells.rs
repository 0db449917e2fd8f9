//! How the combinations of a table's columns are numbered, and the number of each row: for each of its columns a code, times how far
//! apart the codes of that column lie.

use super::coder::{BEYOND, Coder};
use super::column::{Column, Small};
use super::tally::ScanColumn;

/// How the combinations of one table's columns are numbered.
#[derive(Debug)]
pub(super) struct Cells<'t> {
    columns: &'t [ScanColumn],
    /// Per column, which of those that are read it is, and how far apart its codes lie.
    read: Vec<Option<(usize, u32)>>,
    /// How many there are.
    pub(super) number: usize,
}

impl<'t> Cells<'t> {
    /// Numbers them, of the columns that are read under these names.
    pub(super) fn new(columns: &'t [ScanColumn], names: &[String]) -> Self {
        let mut stride = 1_u32;
        let read = columns.iter().map(|column| {
            let at = names.iter().position(|name| *name == column.name && column.coder != Coder::Unused)?;
            let own = stride;
            stride = stride.saturating_mul(column.coder.codes());
            Some((at, own))
        });
        Self { columns, read: read.collect(), number: usize::try_from(stride).unwrap_or(usize::MAX) }
    }

    /// Each column that is read, how it is coded, and how far apart its codes lie.
    fn each<'c>(&self, columns: &'c [Column]) -> impl Iterator<Item = (&'c Column, &'t Coder, u32)> {
        let each = self.read.iter().zip(self.columns);
        each.filter_map(|(read, of)| read.and_then(|(at, stride)| Some((columns.get(at)?, &of.coder, stride))))
    }

    /// Whether every row has a cell, and sixteen bits tell them apart.
    pub(super) fn are_few(&self, columns: &[Column]) -> bool {
        self.number <= 1 << 16 && self.each(columns).all(|(column, coder, _)| column.fits(coder))
    }

    /// The cell of each row from `first` on, as many as there is room for; [`BEYOND`] or more where a value has no code.
    pub(super) fn of(&self, columns: &[Column], first: usize, cells: &mut [u32]) {
        cells.fill(0);
        self.each(columns).for_each(|(column, coder, stride)| match column.fits(coder) {
            true => column.add(coder, stride, first, cells),
            false => column.add_or_beyond(coder, stride, first, cells),
        });
    }

    /// The same where they [are few](Self::are_few).
    pub(super) fn of_few(&self, columns: &[Column], first: usize, cells: &mut [u16]) {
        cells.fill(0);
        self.each(columns).for_each(|(column, coder, stride)| column.add(coder, stride, first, cells));
    }

    /// The values of a row; none of columns that do not matter. Of one that is only compared, one of which the same is true.
    pub(super) fn values(&self, columns: &[Column], row: usize) -> Vec<Option<i64>> {
        let value = |(read, of): (&Option<(usize, u32)>, &ScanColumn)| {
            let value = columns.get(read.as_ref()?.0)?.value(row);
            match &of.coder {
                Coder::Cuts(_) => of.coder.value(of.coder.code(value)?),
                Coder::Values { .. } | Coder::Unused => value,
            }
        };
        self.read.iter().zip(self.columns).map(value).collect()
    }
}

/// The number of a cell. Of sixteen bits a processor adds twice as many at a time as of thirty-two; sums are modulo their range, as
/// negative summands need it.
pub(super) trait Cell: Copy {
    fn of_byte(byte: u8) -> Self;
    fn of(number: u32) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// Its place in an array.
    fn place(self) -> usize;
}

impl Cell for u16 {
    fn of_byte(byte: u8) -> Self {
        byte.into()
    }

    fn of(number: u32) -> Self {
        let [low, high, ..] = number.to_le_bytes();
        Self::from_le_bytes([low, high])
    }

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }

    fn place(self) -> usize {
        self.into()
    }
}

impl Cell for u32 {
    fn of_byte(byte: u8) -> Self {
        byte.into()
    }

    fn of(number: u32) -> Self {
        number
    }

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }

    fn place(self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

impl Column {
    /// Whether the value of every row has a code.
    fn fits(&self, coder: &Coder) -> bool {
        match (self, coder) {
            (_, Coder::Unused | Coder::Cuts(_)) | (Self::Absent, _) => true,
            (Self::Same(value, _), coder) => coder.code(Some(*value)).is_some(),
            (Self::Small(small), Coder::Values { .. }) => {
                coder.code(Some(small.from)).is_some() && coder.code(Some(small.greatest())).is_some()
            }
            (Self::Wide(..), Coder::Values { .. }) => false,
        }
    }

    /// Adds `stride` times the code of each row from `first` on to `cells`; every one has a code.
    fn add<C: Cell>(&self, coder: &Coder, stride: u32, first: usize, cells: &mut [C]) {
        let rows = first..first.saturating_add(cells.len());
        match self {
            Self::Absent => {}
            Self::Same(value, mask) => {
                let worth = C::of(coder.code(Some(*value)).unwrap_or_default().wrapping_mul(stride));
                match part(mask, &rows) {
                    None => cells.iter_mut().for_each(|cell| *cell = cell.plus(worth)),
                    Some(mask) => {
                        let each = cells.iter_mut().zip(mask);
                        each.for_each(|(cell, one)| *cell = cell.plus(worth.times(C::of_byte(*one))));
                    }
                }
            }
            Self::Small(small) => add_small(small, &rows, (coder, stride), cells),
            Self::Wide(values, mask) => {
                let Coder::Cuts(cuts) = coder else { return };
                let (values, mask) = (values.get(rows.clone()).unwrap_or_default(), part(mask, &rows));
                for (at, (cell, value)) in cells.iter_mut().zip(values).enumerate() {
                    let code = cuts.iter().fold(1_u32, |code, cut| code + u32::from(cut <= value));
                    if mask.is_none_or(|mask| mask.get(at) == Some(&1)) {
                        *cell = cell.plus(C::of(code.wrapping_mul(stride)));
                    }
                }
            }
        }
    }

    /// The same, with [`BEYOND`] for a value without a code.
    fn add_or_beyond(&self, coder: &Coder, stride: u32, first: usize, cells: &mut [u32]) {
        for (row, cell) in (first..).zip(cells) {
            let code = self.value(row).map(|value| coder.code(Some(value)).map_or(BEYOND, |code| code.wrapping_mul(stride)));
            *cell = cell.wrapping_add(code.unwrap_or_default());
        }
    }
}

/// The mask of some rows.
fn part<'m>(mask: &'m Option<Vec<u8>>, rows: &std::ops::Range<usize>) -> Option<&'m [u8]> {
    mask.as_ref().map(|mask| mask.get(rows.clone()).unwrap_or_default())
}

fn add_small<C: Cell>(small: &Small, rows: &std::ops::Range<usize>, (coder, stride): (&Coder, u32), cells: &mut [C]) {
    let places = small.places.get(rows.clone()).unwrap_or_default();
    let mask = part(&small.mask, rows);
    let first = C::of(coder.code(Some(small.from)).unwrap_or_default().wrapping_mul(stride));
    let stride = C::of(stride);
    match coder {
        Coder::Unused => {}
        Coder::Values { .. } => add(cells, places, mask, |place| C::of_byte(place).times(stride).plus(first)),
        Coder::Cuts(cuts) => {
            add(cells, places, mask, |_| first);
            // Only those between the least and the greatest value tell any apart.
            let above = cuts.iter().filter_map(|cut| u8::try_from(cut.checked_sub(small.from)?).ok());
            let between = above.filter(|cut| (1..=small.most).contains(cut));
            between.for_each(|cut| add(cells, places, mask, |place| if place >= cut { stride } else { C::of(0) }));
        }
    }
}

/// Adds to each cell what its place is worth, and nothing where the mask has 0. Folds and zips of plain arithmetic, of which the
/// processor does many rows at once.
fn add<C: Cell>(cells: &mut [C], places: &[u8], mask: Option<&[u8]>, worth: impl Fn(u8) -> C) {
    match mask {
        None => cells.iter_mut().zip(places).for_each(|(cell, place)| *cell = cell.plus(worth(*place))),
        Some(mask) => {
            let rows = cells.iter_mut().zip(places).zip(mask);
            rows.for_each(|((cell, place), one)| *cell = cell.plus(worth(*place).times(C::of_byte(*one))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::DataType;

    /// Every column, however it is kept, gives each row the cell of its values, of sixteen bits as of thirty-two.
    #[test]
    fn a_row_has_the_cell_of_its_values() {
        let mask = || Some(vec![1, 0, 1, 1, 1, 0, 1]);
        let small = |from: i64, places: [u8; 7], mask: Option<Vec<u8>>| {
            let most = *places.iter().max().unwrap();
            Column::Small(Small { places: places.to_vec(), mask, from, most })
        };
        let columns = [
            Column::Absent,
            Column::Same(17, None),
            Column::Same(-3, mask()),
            small(0, [0, 1, 2, 3, 2, 1, 0], None),
            small(16, [0, 239, 1, 48, 0, 4, 14], None),
            small(-6, [9, 0, 8, 9, 10, 0, 9], mask()),
            Column::Wide(vec![-5, 0, 1 << 40, 7, 8, 9, i64::MIN], mask()),
        ];
        let coders = [
            Coder::Values { low: 0, size: 4 },
            Coder::Values { low: 16, size: 240 },
            Coder::Values { low: -9, size: 40 },
            Coder::Cuts(vec![0]),
            Coder::Cuts(vec![-4, 1, 9, 10, 17, 300]),
            Coder::Unused,
        ];
        let named = |coder: &Coder, at: usize| ScanColumn { name: at.to_string(), kind: DataType::Int64, coder: coder.clone() };
        for (one, other) in (0..columns.len()).flat_map(|one| (0..columns.len()).map(move |other| (one, other))) {
            for (first, second) in coders.iter().flat_map(|first| coders.iter().map(move |second| (first, second))) {
                let scanned = [named(first, one), named(second, other)];
                let names: Vec<String> = (0..columns.len()).map(|at| at.to_string()).collect();
                let cells = Cells::new(&scanned, &names);
                let mut wide = [9; 7];
                cells.of(&columns, 0, &mut wide);
                for (row, cell) in wide.iter().enumerate() {
                    let code = |column: usize, coder: &Coder| coder.code(columns[column].value(row));
                    let expected = code(one, first).zip(code(other, second)).map(|(a, b)| a + first.codes() * b);
                    assert!(
                        expected.map_or(*cell >= BEYOND, |expected| expected == *cell),
                        "{one} {first:?}, {other} {second:?}, row {row}: {expected:?} {cell}"
                    );
                }
                if cells.are_few(&columns) {
                    let mut narrow = [9; 5];
                    cells.of_few(&columns, 2, &mut narrow);
                    assert_eq!(narrow.map(u32::from), wide[2..], "{one} {first:?}, {other} {second:?}");
                } else {
                    assert!(
                        cells.number > 1 << 16
                            || wide.iter().any(|cell| *cell >= BEYOND)
                            || one == 6
                            || other == 6
                            || one == 5
                            || other == 5
                    );
                }
            }
        }
    }
}
