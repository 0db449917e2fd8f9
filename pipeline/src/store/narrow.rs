//! A column of few different whole numbers, as Parquet's dictionary of the numbers from the least to the greatest and, for each row,
//! its place there in as many bits as that takes. Codes of public lists are such columns: bits that are packed take as little room as
//! compressed bytes, and a fraction of the time to write and to read.
//!
//! # Privacy
//! The dictionary holds every number between the least and the greatest, whether some row has it or not; otherwise as of any column.

use std::io::Write as _;
use std::ops::RangeInclusive;

use arrow::array::{Array as _, ArrayRef, ArrowPrimitiveType, AsArray as _, Int64Array, PrimitiveArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int16Type, Int32Type, Int64Type};
use parquet::basic::{Compression, Encoding, Type};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::file::GROUP;
use super::hybrid;

/// The greatest and the least number lie no further apart.
const SPAN: i64 = 255;

/// The numbers of a group of rows, while they come.
#[derive(Debug, Default)]
pub(super) struct Narrow {
    /// What is taken from each number.
    base: i64,
    /// Of the rows that have a number, what is left of it.
    bytes: Vec<u8>,
    /// 1 for a row that has a number, 0 for NULL; none as long as every row has one.
    there: Option<Vec<u8>>,
    rows: usize,
}

impl Narrow {
    /// Whether no row has come.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Takes in rows; false, and nothing has changed, if a number lies too far from the others or the column is of no such type.
    pub(super) fn push(&mut self, array: &ArrayRef) -> bool {
        match array.data_type() {
            DataType::Int16 => self.take(array.as_primitive::<Int16Type>()),
            DataType::Int32 => self.take(array.as_primitive::<Int32Type>()),
            DataType::Date32 => self.take(array.as_primitive::<Date32Type>()),
            DataType::Int64 => self.take(array.as_primitive::<Int64Type>()),
            _ => false,
        }
    }

    fn take<T: ArrowPrimitiveType<Native: Into<i64> + Ord>>(&mut self, array: &PrimitiveArray<T>) -> bool {
        let mut present: Vec<T::Native> = Vec::new();
        let values: &[T::Native] = match array.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => array.values(),
            Some(nulls) => {
                present.reserve(array.len());
                let of = |(from, to): (usize, usize)| array.values().get(from..to).unwrap_or_default();
                nulls.valid_slices().for_each(|slice| present.extend_from_slice(of(slice)));
                &present
            }
        };
        if let Some(first) = values.first() {
            let both = |(least, greatest): (T::Native, T::Native), value: &T::Native| (least.min(*value), greatest.max(*value));
            let (least, greatest) = values.iter().fold((*first, *first), both);
            let Some(base) = self.base_for(least.into()..=greatest.into()) else { return false };
            self.base = base;
            if self.rows > 0 {
                // A group that is begun with more than one batch becomes a whole one.
                self.bytes.reserve(GROUP.saturating_sub(self.bytes.len()));
            }
            self.bytes.extend(values.iter().map(|value| (*value).into().wrapping_sub(base).to_le_bytes()[0]));
        }
        let before = self.rows;
        self.rows += array.len();
        match (array.nulls().filter(|nulls| nulls.null_count() > 0), &mut self.there) {
            (None, None) => {}
            (None, Some(there)) => there.resize(self.rows, 1),
            (Some(nulls), there) => {
                let there = there.get_or_insert_with(|| vec![1; before]);
                there.resize(self.rows, 0);
                let new = there.get_mut(before..).unwrap_or_default();
                nulls.valid_slices().for_each(|(from, to)| new.get_mut(from..to).unwrap_or_default().fill(1));
            }
        }
        true
    }

    /// What would be taken from each number if these come too; `None` if they lie too far apart.
    fn base_for(&self, numbers: RangeInclusive<i64>) -> Option<i64> {
        let (least, greatest) = numbers.into_inner();
        let base = match self.bytes.is_empty() {
            false => self.base,
            true if (0..=SPAN).contains(&least) && greatest <= SPAN => 0,
            // As much room below as above.
            true => least.checked_sub((SPAN - greatest.checked_sub(least).filter(|span| *span <= SPAN)?) / 2)?,
        };
        greatest.checked_sub(base).filter(|most| least >= base && *most <= SPAN).map(|_| base)
    }

    /// The rows that have come, as a column of this type: to write them otherwise.
    pub(super) fn array(self, kind: &DataType) -> Result<ArrayRef> {
        let mut numbers = self.bytes.iter().map(|byte| self.base + i64::from(*byte));
        let all: Int64Array = match &self.there {
            None => numbers.map(Some).collect(),
            Some(there) => there.iter().map(|one| if *one == 1 { numbers.next() } else { None }).collect(),
        };
        // Arrow has no cast from 64 bits to days.
        Ok(match kind {
            DataType::Date32 => cast(&cast(&all, &DataType::Int32)?, kind)?,
            _ => cast(&all, kind)?,
        })
    }

    /// The pages of the group.
    ///
    /// # Errors
    /// When the library refuses.
    pub(super) fn finish(mut self, column: ColumnDescPtr) -> Result<(Vec<u8>, ColumnCloseResult)> {
        let least = self.bytes.iter().copied().min().unwrap_or_default();
        self.bytes.iter_mut().for_each(|byte| *byte -= least);
        let greatest = self.bytes.iter().copied().max().unwrap_or_default();
        let width = (u8::BITS - greatest.leading_zeros()).max(1);
        let mut file = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut file);
        let mut size = 0;
        let mut write = |page: Page| -> Result<u64> {
            let uncompressed = page.buffer().len();
            let written = pages.write_page(CompressedPage::new(page, uncompressed))?;
            size += written.compressed_size;
            Ok(written.offset)
        };
        let is_narrow = !self.bytes.is_empty();
        let dictionary = match is_narrow {
            true => Some(write(dictionary(self.base + i64::from(least), greatest, column.physical_type()))?),
            false => None,
        };
        let data = write(self.data(&column, width)?)?;
        file.flush()?;
        let whole = |n: u64| i64::try_from(n).map_err(|e| ParquetError::External(e.into()));
        let (total, rows) = (whole(size.try_into().unwrap_or(u64::MAX))?, u64::try_from(self.rows).unwrap_or(u64::MAX));
        let encodings = if is_narrow {
            vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY]
        } else {
            vec![Encoding::PLAIN, Encoding::RLE]
        };
        let metadata = ColumnChunkMetaData::builder(column)
            .set_encodings(encodings)
            .set_compression(Compression::UNCOMPRESSED)
            .set_num_values(whole(rows)?)
            .set_total_compressed_size(total)
            .set_total_uncompressed_size(total)
            .set_dictionary_page_offset(dictionary.map(whole).transpose()?)
            .set_data_page_offset(whole(data)?)
            .build()?;
        let (bytes_written, rows_written) = (size.try_into().unwrap_or(u64::MAX), rows);
        let (bloom_filter, column_index, offset_index) = (None, None, None);
        let close = ColumnCloseResult { bytes_written, rows_written, metadata, bloom_filter, column_index, offset_index };
        Ok((file.into_inner()?, close))
    }

    /// The one data page: which rows have a number (of a column in which some may have none), and each number's place in the dictionary.
    fn data(&self, column: &ColumnDescPtr, width: u32) -> Result<Page> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        if column.max_def_level() > 0 {
            let mut levels = Vec::new();
            let ones = vec![1; if self.there.is_some() { 0 } else { self.rows }];
            hybrid::encode(self.there.as_ref().unwrap_or(&ones), 1, &mut levels);
            bytes.extend_from_slice(&u32::try_from(levels.len()).map_err(|e| ParquetError::External(e.into()))?.to_le_bytes());
            bytes.extend_from_slice(&levels);
        } else if self.there.is_some() {
            return Err(ParquetError::General("a row lacks what every row has".into()));
        }
        if !self.bytes.is_empty() {
            bytes.push(width.to_le_bytes()[0]);
            hybrid::encode(&self.bytes, width, &mut bytes);
        }
        Ok(Page::DataPage {
            buf: bytes.into(),
            num_values: u32::try_from(self.rows).map_err(|e| ParquetError::External(e.into()))?,
            encoding: if self.bytes.is_empty() { Encoding::PLAIN } else { Encoding::RLE_DICTIONARY },
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })
    }
}

/// The numbers from the least on, as many as there are places.
fn dictionary(least: i64, last: u8, kind: Type) -> Page {
    let numbers = (0..=i64::from(last)).map(|place| least + place);
    let buf: Vec<u8> = match kind {
        Type::INT64 => numbers.flat_map(i64::to_le_bytes).collect(),
        // What was taken from 32 bits has its place there.
        _ => numbers.flat_map(|number| number.to_le_bytes()[..4].to_vec()).collect(),
    };
    Page::DictionaryPage { buf: buf.into(), num_values: u32::from(last) + 1, encoding: Encoding::PLAIN, is_sorted: false }
}
