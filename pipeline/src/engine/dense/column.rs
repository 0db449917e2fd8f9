//! One column of a row group, as integers: straight from its pages where landing has written them as packed places in a dictionary
//! (`packed`) or as planes of bytes, through Arrow's reader where it has not.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use bytes::Bytes;
use datafusion::error::DataFusionError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader as _};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::coder::Coder;
use super::packed::levels;

/// The values of a column, row by row. A mask has 1 for a row with a value and 0 for NULL, whose value is 0.
#[derive(Debug)]
pub(super) enum Column {
    /// The file has no such column.
    Absent,
    /// Every value is this one, or one of which the same is true: see [`Group::column`].
    Same(i64, Option<Vec<u8>>),
    /// No two values are further apart than a byte can say.
    Small(Small),
    /// Any integers.
    Wide(Vec<i64>, Option<Vec<u8>>),
}

/// Values that lie near each other, row by row.
#[derive(Debug)]
pub(super) struct Small {
    /// How far above `from` each is.
    pub(super) places: Vec<u8>,
    pub(super) mask: Option<Vec<u8>>,
    pub(super) from: i64,
    /// None is further above.
    pub(super) most: u8,
}

impl Small {
    /// No value is greater.
    pub(super) fn greatest(&self) -> i64 {
        self.from.saturating_add(self.most.into())
    }
}

/// A landed file: what its footer says. It is opened again for each group, since there may be more files than may be open.
#[derive(Debug)]
pub(super) struct Landed {
    path: PathBuf,
    metadata: Arc<ParquetMetaData>,
}

impl Landed {
    /// Reads the footer of a file of a pinned version.
    ///
    /// # Errors
    /// When it is missing, has another size or is no Parquet.
    pub(super) fn open(path: &Path, size: u64) -> Result<Self, DataFusionError> {
        let file = File::open(path)?;
        if file.metadata()?.len() != size {
            return Err(DataFusionError::Execution(format!("{} has another size than was landed", path.display())));
        }
        let metadata = Arc::new(ParquetMetaDataReader::new().parse_and_finish(&file)?);
        Ok(Self { path: path.to_path_buf(), metadata })
    }

    /// How many groups of rows it has.
    pub(super) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.metadata.file_metadata().num_rows()).unwrap_or_default()
    }

    /// Some columns of a group as Arrow has them, without those that the file does not have, and how many rows it has.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn rows_of(&self, group: usize, names: &[&str]) -> Result<(RecordBatch, usize), DataFusionError> {
        let rows = self.group(group)?.rows;
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(&self.metadata), ArrowReaderOptions::new())?;
        let mask = ProjectionMask::columns(self.metadata.file_metadata().schema_descr(), names.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(&self.path)?, metadata);
        let mut reader = builder.with_row_groups(vec![group]).with_projection(mask).with_batch_size(rows).build()?;
        let batch = reader.next().ok_or_else(damaged)??;
        if batch.num_rows() == rows { Ok((batch, rows)) } else { Err(damaged()) }
    }

    /// One of the groups.
    ///
    /// # Errors
    /// When the file is missing.
    pub(super) fn group(&self, at: usize) -> Result<Group<'_>, DataFusionError> {
        let rows = usize::try_from(self.metadata.row_group(at).num_rows()).map_err(|_| damaged())?;
        Ok(Group { file: File::open(&self.path)?, metadata: &self.metadata, at, rows })
    }
}

/// A group of rows of a landed file.
#[derive(Debug)]
pub(super) struct Group<'f> {
    file: File,
    pub(super) metadata: &'f Arc<ParquetMetaData>,
    pub(super) at: usize,
    /// How many rows it has.
    pub(super) rows: usize,
}

impl Group<'_> {
    /// A column of a group, for these codes. Where each of them gives one code to all numbers from the least to the greatest, no value is
    /// read: a bound that no row of the group is beyond costs nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn column(&self, name: &str, coders: &[&Coder]) -> Result<Column, DataFusionError> {
        let fields = self.metadata.file_metadata().schema_descr();
        let Some(at) = (0..fields.num_columns()).find(|at| fields.column(*at).name() == name) else {
            return Ok(Column::Absent);
        };
        let column = match self.packed(at, coders)? {
            Some(column) => Some(column),
            None => self.planes(at)?,
        };
        let column = column.map_or_else(|| self.decoded(at), Ok)?;
        if column.rows().is_some_and(|rows| rows != self.rows) {
            return Err(damaged());
        }
        Ok(column)
    }

    /// The people of a group, row by row; `None` where they are not named by sixteen bytes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn units(&self, name: &str) -> Result<Option<Vec<u128>>, DataFusionError> {
        let fields = self.metadata.file_metadata().schema_descr();
        let Some(at) = (0..fields.num_columns()).find(|at| fields.column(*at).name() == name) else { return Ok(None) };
        if fields.column(at).max_def_level() > 0 {
            return Ok(None);
        }
        let mut units = Vec::with_capacity(self.rows);
        for page in self.pages(at)? {
            match page? {
                Page::DataPage { buf, encoding: Encoding::PLAIN, .. } => {
                    // Each with its length in four bytes.
                    let (named, rest) = buf.as_chunks::<20>();
                    for unit in named {
                        match unit.split_first_chunk::<4>() {
                            Some((&[16, 0, 0, 0], unit)) => units.push(u128::from_be_bytes(unit.try_into().unwrap_or_default())),
                            _ => return Ok(None),
                        }
                    }
                    if !rest.is_empty() {
                        return Ok(None);
                    }
                }
                _ => return Ok(None),
            }
        }
        if units.len() == self.rows { Ok(Some(units)) } else { Err(damaged()) }
    }

    /// The pages of a column.
    pub(super) fn pages(&self, at: usize) -> Result<SerializedPageReader<Chunk>, DataFusionError> {
        let chunk = self.metadata.row_group(self.at).column(at);
        let (first, length) = chunk.byte_range();
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        self.file.read_exact_at(&mut bytes, first)?;
        let reader = Arc::new(Chunk { first, bytes: bytes.into() });
        Ok(SerializedPageReader::new(reader, chunk, self.rows, None)?)
    }

    /// A column of integers of which the pages hold the bytes apart; `None` if it is written otherwise.
    fn planes(&self, at: usize) -> Result<Option<Column>, DataFusionError> {
        let (chunk, rows) = (self.metadata.row_group(self.at).column(at), self.rows);
        let optional = chunk.column_descr().max_def_level();
        let split = chunk.encodings().any(|e| e == Encoding::BYTE_STREAM_SPLIT);
        let width = match chunk.column_type() {
            Type::INT32 => 4,
            Type::INT64 => 8,
            _ => return Ok(None),
        };
        if !split || optional > 1 || chunk.column_descr().max_rep_level() > 0 {
            return Ok(None);
        }
        let mut pages = self.pages(at)?;
        let mut found = Found::new(width, rows);
        while let Some(page) = pages.get_next_page()? {
            let Page::DataPage { buf, num_values, encoding: Encoding::BYTE_STREAM_SPLIT, def_level_encoding, .. } = page else {
                return Ok(None);
            };
            let rows = usize::try_from(num_values).unwrap_or_default();
            if optional == 0 {
                found.add(&buf, None)?;
            } else if def_level_encoding == Encoding::RLE {
                let (mask, planes) = levels(&buf, rows).ok_or_else(damaged)?;
                found.add(planes, mask.as_deref())?;
            } else {
                return Ok(None);
            }
        }
        Ok(Some(found.column()))
    }

    /// A column by Arrow's reader.
    fn decoded(&self, at: usize) -> Result<Column, DataFusionError> {
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(self.metadata), ArrowReaderOptions::new())?;
        let mask = ProjectionMask::leaves(self.metadata.file_metadata().schema_descr(), [at]);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.try_clone()?, metadata);
        let reader = builder.with_row_groups(vec![self.at]).with_projection(mask).with_batch_size(1 << 16).build()?;
        let (mut values, mut mask) = (Vec::with_capacity(self.rows), None);
        for batch in reader {
            let batch = batch?;
            let column = batch.columns().first().ok_or_else(damaged)?;
            integers(column, &mut values, &mut mask)?;
        }
        Ok(Column::Wide(values, mask))
    }
}

/// Appends what an array holds, as integers.
fn integers(column: &ArrayRef, values: &mut Vec<i64>, mask: &mut Option<Vec<u8>>) -> Result<(), DataFusionError> {
    let whole = match column.data_type() {
        // Arrow has no cast from days to 64 bits.
        DataType::Date32 => cast(&cast(column, &DataType::Int32)?, &DataType::Int64)?,
        _ => cast(column, &DataType::Int64)?,
    };
    let whole = whole.as_primitive_opt::<Int64Type>().ok_or_else(damaged)?;
    let before = values.len();
    if whole.null_count() == 0 {
        values.extend_from_slice(whole.values());
        mask.iter_mut().for_each(|mask| mask.resize(values.len(), 1));
    } else {
        values.extend(whole.iter().map(Option::unwrap_or_default));
        let mask = mask.get_or_insert_with(|| vec![1; before]);
        mask.extend((0..whole.len()).map(|row| u8::from(whole.is_valid(row))));
    }
    Ok(())
}

pub(super) fn damaged() -> DataFusionError {
    DataFusionError::Execution("a page of a landed file is not what landing writes".into())
}

/// A column that is being put together page by page.
struct Found {
    /// Of how many bytes its values are.
    width: usize,
    bytes: Vec<u8>,
    wide: Option<Vec<i64>>,
    mask: Option<Vec<u8>>,
}

impl Found {
    fn new(width: usize, rows: usize) -> Self {
        Self { width, bytes: Vec::with_capacity(rows), wide: None, mask: None }
    }

    fn rows(&self) -> usize {
        self.wide.as_ref().map_or(self.bytes.len(), Vec::len)
    }

    /// Takes in the planes of a page: lowest bytes of all values first.
    fn add(&mut self, planes: &[u8], mask: Option<&[u8]>) -> Result<(), DataFusionError> {
        let each = planes.len() / self.width;
        let plane = |at: usize| planes.get(each * at..each * (at + 1)).unwrap_or_default();
        let (low, before) = (plane(0), self.rows());
        let small = planes.get(each..).is_some_and(|high| high.iter().fold(0, |all, byte| all | byte) == 0);
        if !small && self.wide.is_none() {
            self.wide = Some(std::mem::take(&mut self.bytes).into_iter().map(i64::from).collect());
        }
        let present = match mask {
            None => each,
            Some(mask) => mask.iter().map(|one| usize::from(*one)).sum(),
        };
        if present != each {
            return Err(damaged());
        }
        match &mut self.wide {
            None => match mask {
                None => self.bytes.extend_from_slice(low),
                Some(mask) => self.bytes.extend(spread_bytes(low, mask)),
            },
            Some(wide) => {
                let mut whole: Vec<i64> = low.iter().map(|byte| i64::from(*byte)).collect();
                // The highest plane holds the sign, which a shift back spreads.
                let unused = 64 - 8 * u32::try_from(self.width).unwrap_or_default();
                for at in 1..self.width {
                    let shift = 8 * u32::try_from(at).unwrap_or_default();
                    whole.iter_mut().zip(plane(at)).for_each(|(value, byte)| *value |= i64::from(*byte) << shift);
                }
                whole.iter_mut().for_each(|value| *value = *value << unused >> unused);
                spread(&whole, mask, wide);
            }
        }
        let rows = self.rows();
        match (mask, &mut self.mask) {
            (None, None) => {}
            (None, Some(all)) => all.resize(rows, 1),
            (Some(mask), all) => all.get_or_insert_with(|| vec![1; before]).extend_from_slice(mask),
        }
        Ok(())
    }

    fn column(self) -> Column {
        match self.wide {
            None => {
                let most = self.bytes.iter().fold(0, |most: u8, byte| most.max(*byte));
                Column::Small(Small { places: self.bytes, mask: self.mask, from: 0, most })
            }
            Some(wide) => Column::Wide(wide, self.mask),
        }
    }
}

/// Appends values at the rows that have one, and nothing (0) at the others.
fn spread<T: Copy + Default>(values: &[T], mask: Option<&[u8]>, into: &mut Vec<T>) {
    let Some(mask) = mask else { return into.extend_from_slice(values) };
    let mut values = values.iter().copied();
    into.extend(mask.iter().map(|one| if *one == 1 { values.next().unwrap_or_default() } else { T::default() }));
}

/// The same of bytes, eight rows at a time.
pub(super) fn spread_bytes(values: &[u8], mask: &[u8]) -> Vec<u8> {
    let (mut spread_out, mut next) = (vec![0; mask.len()], 0_usize);
    let (eights, last) = mask.as_chunks::<8>();
    let (rows, last_rows) = spread_out.as_chunks_mut::<8>();
    for (eight, row) in eights.iter().zip(rows) {
        let mut window = [0; 8];
        match values.get(next..).and_then(|values| values.first_chunk::<8>()) {
            Some(whole) => window = *whole,
            None => window.iter_mut().zip(values.get(next..).unwrap_or_default()).for_each(|(to, from)| *to = *from),
        }
        let (places, count) = &PLACES[bits(eight)];
        for ((to, place), one) in row.iter_mut().zip(places).zip(eight) {
            *to = window[usize::from(*place & 7)] & one.wrapping_neg();
        }
        next = next.saturating_add(usize::from(*count));
    }
    let mut values = values.get(next..).unwrap_or_default().iter();
    let left = last_rows.iter_mut().zip(last).filter(|(_, one)| **one == 1);
    left.for_each(|(to, _)| *to = values.next().copied().unwrap_or_default());
    spread_out
}

/// Eight ones and zeros as the bits of a number, the first lowest.
fn bits(mask: &[u8; 8]) -> usize {
    // Each factor moves one of the bytes to a bit of the highest.
    usize::from((u64::from_le_bytes(*mask).wrapping_mul(0x0102_0408_1020_4080) >> 56).to_le_bytes()[0])
}

/// For every mask of eight rows which value each has, and how many have one.
static PLACES: [([u8; 8], u8); 256] = {
    let mut all = [([0; 8], 0); 256];
    let mut mask = 0;
    while mask < 256 {
        let mut row = 0;
        while row < 8 {
            if mask >> row & 1 == 1 {
                all[mask].0[row] = all[mask].1;
                all[mask].1 += 1;
            }
            row += 1;
        }
        mask += 1;
    }
    all
};

impl Column {
    /// How many rows it has; `None` if the file has no such column, or one value for any number of rows.
    fn rows(&self) -> Option<usize> {
        match self {
            Self::Absent => None,
            Self::Same(_, mask) => mask.as_ref().map(Vec::len),
            Self::Small(small) => Some(small.places.len()),
            Self::Wide(values, _) => Some(values.len()),
        }
    }

    /// The value of a row.
    pub(super) fn value(&self, row: usize) -> Option<i64> {
        let is_there = |mask: &Option<Vec<u8>>| mask.as_ref().is_none_or(|mask| mask.get(row) == Some(&1));
        match self {
            Self::Absent => None,
            Self::Same(value, mask) => Some(*value).filter(|_| is_there(mask)),
            Self::Small(small) => {
                let place = small.places.get(row).filter(|_| is_there(&small.mask));
                place.map(|place| small.from.saturating_add((*place).into()))
            }
            Self::Wide(values, mask) => values.get(row).filter(|_| is_there(mask)).copied(),
        }
    }
}

/// The bytes of one column of one group, at their place in the file.
pub(super) struct Chunk {
    first: u64,
    bytes: Bytes,
}

impl Chunk {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let at = start.checked_sub(self.first).and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= self.bytes.len());
        at.map(|at| self.bytes.slice(at..)).ok_or_else(|| ParquetError::EOF("outside the column".into()))
    }
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.bytes.len()).unwrap_or(u64::MAX))
    }
}

impl ChunkReader for Chunk {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(bytes::Buf::reader(self.from(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length > bytes.len() {
            return Err(ParquetError::EOF("outside the column".into()));
        }
        Ok(bytes.slice(..length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_that_has_a_value_gets_the_next() {
        for rows in [0, 1, 7, 8, 9, 16, 63, 300] {
            for odds in [0, 1, 2, 3, 7] {
                let mask: Vec<u8> = (0..rows).map(|row: usize| u8::from(row * row % 8 >= odds)).collect();
                let present: usize = mask.iter().map(|one| usize::from(*one)).sum();
                let values: Vec<u8> = (0..present).map(|at| u8::try_from(at % 251).unwrap() + 1).collect();
                let mut next = values.iter();
                let expected: Vec<u8> = mask.iter().map(|one| if *one == 1 { *next.next().unwrap() } else { 0 }).collect();
                assert_eq!(spread_bytes(&values, &mask), expected, "{rows} {odds}");
                let mut plainly = Vec::new();
                spread(&values, Some(&mask), &mut plainly);
                assert_eq!(plainly, expected, "{rows} {odds}");
            }
        }
    }
}
