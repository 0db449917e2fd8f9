//! Packed rows as Arrow columns, and landed columns as packed rows.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, BinaryArray, BooleanBuilder, NullBufferBuilder, PrimitiveArray, RecordBatch,
    new_null_array,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Int16Type, Int32Type, Int64Type, SchemaRef};

use crate::catalogue::schema::TableSchema;
use crate::keyzone::pseudonym::Pseudonym;
use crate::store::codec::{self, Cell, Packing};
use crate::store::file;
use crate::store::stored::{Frozen, Numbers, State, Stored};
use utfall_ground::error::Error;
use utfall_ground::redacted;

/// The columns of a file while they grow: rows are kept as they come and turned into columns some hundreds at a time, which
/// takes a fraction of the time of turning each on its own.
pub struct Columns {
    schema: SchemaRef,
    columns: Vec<Column>,
    /// The columns that a withdrawn row keeps: what names it.
    key: Vec<bool>,
    /// Rows that are not in the columns yet.
    packed: Vec<u8>,
    stored: Vec<Stored>,
    rows: usize,
}

/// How many rows are turned into columns at a time.
const CHUNK: usize = 512;

enum Column {
    Unit(Vec<u8>),
    Code(Grown<Int16Type>),
    Date(Grown<Date32Type>),
    Integer(Grown<Int64Type>),
    Boolean(BooleanBuilder),
    Number(Grown<Int32Type>),
}

/// Values and which of them there are.
struct Grown<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    there: NullBufferBuilder,
    /// So many rows without a value came before the first that may have one.
    absent: usize,
}

impl<T: ArrowPrimitiveType> Default for Grown<T> {
    fn default() -> Self {
        Self { values: Vec::new(), there: NullBufferBuilder::new(0), absent: 0 }
    }
}

impl<T: ArrowPrimitiveType> Grown<T> {
    /// Appends values; `null` stands for none.
    fn extend(&mut self, values: impl Iterator<Item = T::Native>, null: T::Native) {
        self.begin();
        let from = self.values.len();
        self.values.extend(values);
        let new = self.values.get_mut(from..).unwrap_or_default();
        match new.iter().filter(|value| **value == null).count() {
            0 => self.there.append_n_non_nulls(new.len()),
            n if n == new.len() => {
                new.fill(T::default_value());
                self.there.append_n_nulls(n);
            }
            _ => {
                let there = |at: usize| new.get(at) != Some(&null);
                self.there.append_buffer(&NullBuffer::new(BooleanBuffer::collect_bool(new.len(), there)));
                new.iter_mut().filter(|value| **value == null).for_each(|value| *value = T::default_value());
            }
        }
    }

    fn extend_absent(&mut self, count: usize) {
        self.absent += count;
        if !self.values.is_empty() {
            self.begin();
        }
    }

    /// Takes in the rows without a value that were only counted.
    fn begin(&mut self) {
        // Where there are none nothing is to be told of any row.
        if self.absent > 0 {
            self.values.resize(self.values.len() + self.absent, T::default_value());
            self.there.append_n_nulls(std::mem::take(&mut self.absent));
        }
    }

    /// Appends values that are all there.
    fn extend_present(&mut self, values: impl Iterator<Item = T::Native>) {
        self.begin();
        let from = self.values.len();
        self.values.extend(values);
        self.there.append_n_non_nulls(self.values.len() - from);
    }

    fn finish(&mut self) -> ArrayRef {
        if self.absent > 0 {
            return new_null_array(&T::DATA_TYPE, std::mem::take(&mut self.absent));
        }
        // The next batch is as large.
        let room = Vec::with_capacity(self.values.len());
        let (values, there) = (std::mem::replace(&mut self.values, room), self.there.finish());
        Arc::new(PrimitiveArray::<T>::new(values.into(), there))
    }
}

impl Column {
    fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Binary => Self::Unit(Vec::new()),
            DataType::Int16 => Self::Code(Grown::default()),
            DataType::Date32 => Self::Date(Grown::default()),
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int32 => Self::Number(Grown::default()),
            _ => Self::Integer(Grown::default()),
        }
    }

    /// Appends a column of some rows of the same size.
    fn extend(&mut self, rows: &[u8], size: usize, (at, width): (usize, usize)) {
        fn each<const N: usize>(rows: &[u8], size: usize, at: usize) -> impl Iterator<Item = [u8; N]> {
            rows.chunks_exact(size).map(move |row| row.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N]))
        }
        let widened = |value: i64, null: i64| if value == null { i64::MIN } else { value };
        match self {
            Self::Code(column) if width == 0 => column.extend_absent(rows.len() / size),
            Self::Date(column) if width == 0 => column.extend_absent(rows.len() / size),
            Self::Integer(column) if width == 0 => column.extend_absent(rows.len() / size),
            Self::Boolean(column) if width == 0 => column.append_nulls(rows.len() / size),
            Self::Unit(bytes) => rows.chunks_exact(size).for_each(|row| bytes.extend_from_slice(&codec::unit(row).0)),
            Self::Code(column) => column.extend(each(rows, size, at).map(i16::from_le_bytes), i16::MIN),
            Self::Date(column) => column.extend(each(rows, size, at).map(i32::from_le_bytes), i32::MIN),
            Self::Integer(column) if width == 2 => {
                let values = each(rows, size, at).map(i16::from_le_bytes);
                column.extend(values.map(|v| widened(v.into(), i16::MIN.into())), i64::MIN);
            }
            Self::Integer(column) if width == 4 => {
                let values = each(rows, size, at).map(i32::from_le_bytes);
                column.extend(values.map(|v| widened(v.into(), i32::MIN.into())), i64::MIN);
            }
            Self::Integer(column) => column.extend(each(rows, size, at).map(i64::from_le_bytes), i64::MIN),
            Self::Boolean(column) => {
                each(rows, size, at).for_each(|[b]: [u8; 1]| column.append_option((b != u8::MAX).then_some(b == 1)));
            }
            Self::Number(_) => {}
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Unit(bytes) => {
                let room = Vec::with_capacity(bytes.len());
                let bytes = std::mem::replace(bytes, room);
                let offsets = OffsetBuffer::from_repeated_length(UNIT, bytes.len() / UNIT);
                Arc::new(BinaryArray::new(offsets, bytes.into(), None))
            }
            Self::Code(column) => column.finish(),
            Self::Date(column) => column.finish(),
            Self::Integer(column) => column.finish(),
            Self::Boolean(column) => Arc::new(column.finish()),
            Self::Number(column) => column.finish(),
        }
    }
}

/// The bytes of a unit.
const UNIT: usize = 16;

redacted!(Columns);

impl Columns {
    /// Empty columns of a table's files.
    pub fn new(table: &TableSchema) -> Self {
        let schema = file::schema(table);
        let columns = schema.fields().iter().map(|field| Column::new(field.data_type())).collect();
        let key = table.columns.keys().map(|name| table.primary_key.contains(name)).collect();
        Self { schema, columns, key, packed: Vec::new(), stored: Vec::new(), rows: 0 }
    }

    /// How many rows they hold.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether they hold none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Appends a row. Of a withdrawn one only what names it is kept.
    pub fn push(&mut self, packing: &Packing, row: &[u8], stored: &Stored) {
        let from = self.packed.len();
        self.packed.extend_from_slice(row);
        if stored.state == State::Withdrawn {
            let row = self.packed.get_mut(from..).unwrap_or_default();
            let gone = self.key.iter().enumerate().filter(|(_, kept)| !**kept);
            gone.for_each(|(column, _)| packing.blank(row, column));
        }
        self.stored.push(*stored);
        self.rows += 1;
        if self.stored.len() >= CHUNK {
            self.spread(packing);
        }
    }

    /// Turns the rows that wait into columns.
    fn spread(&mut self, packing: &Packing) {
        let size = packing.size();
        let (columns, beside) = self.columns.split_at_mut(self.key.len());
        for (i, column) in columns.iter_mut().enumerate() {
            column.extend(&self.packed, size, packing.place(i));
        }
        // The two numbers, the month, and the two days.
        let beside_began = 3;
        for (i, column) in beside.iter_mut().enumerate() {
            match column {
                Column::Number(column) if i == 0 => {
                    column.extend_present(self.stored.iter().map(|s| s.numbers.contribution));
                }
                Column::Number(column) => column.extend_present(self.stored.iter().map(|s| s.numbers.second)),
                Column::Code(column) => column.extend_present(self.stored.iter().map(|s| s.month)),
                Column::Date(column) if i == beside_began => column.extend_present(self.stored.iter().map(|s| s.frozen.began)),
                Column::Date(column) => {
                    column.extend(self.stored.iter().map(|s| s.frozen.ended.unwrap_or(i32::MIN)), i32::MIN);
                }
                Column::Unit(_) | Column::Integer(_) | Column::Boolean(_) => {}
            }
        }
        self.packed.clear();
        self.stored.clear();
    }

    /// Takes what has grown.
    ///
    /// # Errors
    /// When rows and schema do not fit, which would be a defect of this program.
    pub fn take(&mut self, packing: &Packing) -> Result<RecordBatch, Error> {
        self.spread(packing);
        self.rows = 0;
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::engine)
    }
}

/// The names of all columns of a table's files, in order.
pub fn names(table: &TableSchema) -> Vec<&str> {
    table.columns.keys().map(String::as_str).chain(table.numbers()).chain(file::BESIDE).collect()
}

/// One landed row.
#[derive(Debug, Clone)]
pub struct Landed {
    /// Its unit.
    pub unit: Pseudonym,
    /// Its cells, in the order of the schema.
    pub cells: Vec<Cell>,
    /// What is stored with it.
    pub stored: Stored,
}

/// The rows of a batch whose columns are [`names`]; `None` if it is not what landing writes.
pub fn rows(table: &TableSchema, state: State, batch: &RecordBatch) -> Option<Vec<Landed>> {
    let columns: Vec<&ArrayRef> = batch.columns().iter().collect();
    let (cells, beside) = columns.split_at_checked(table.columns.len())?;
    let [first, second, month, began, ended] = beside else { return None };
    let (first, second) = (first.as_primitive_opt::<Int32Type>()?, second.as_primitive_opt::<Int32Type>()?);
    let month = month.as_primitive_opt::<Int16Type>()?;
    let (began, ended) = (began.as_primitive_opt::<Date32Type>()?, ended.as_primitive_opt::<Date32Type>()?);
    let units = cells.get(table.columns.get_index_of(table.unit()?)?)?.as_binary_opt::<i32>()?;
    let row = |i: usize| {
        Some(Landed {
            unit: Pseudonym(units.value(i).try_into().ok()?),
            cells: cells.iter().map(|column| cell(column, i)).collect(),
            stored: Stored {
                state,
                month: if month.is_null(i) { 0 } else { month.value(i) },
                numbers: Numbers { contribution: first.value(i), second: second.value(i) },
                frozen: Frozen {
                    began: if began.is_null(i) { 0 } else { began.value(i) },
                    ended: (!ended.is_null(i)).then(|| ended.value(i)),
                },
            },
        })
    };
    (0..batch.num_rows()).map(row).collect()
}

fn cell(array: &ArrayRef, i: usize) -> Cell {
    if array.is_null(i) {
        return Cell::Null;
    }
    match array.data_type() {
        DataType::Int16 => Cell::Code(array.as_primitive::<Int16Type>().value(i)),
        DataType::Date32 => Cell::Date(array.as_primitive::<Date32Type>().value(i)),
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(i)),
        DataType::Int64 => Cell::Integer(array.as_primitive::<Int64Type>().value(i)),
        _ => Cell::Null,
    }
}
