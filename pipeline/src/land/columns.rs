//! Packed rows as Arrow columns, and landed columns as packed rows.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, BinaryBuilder, BooleanBuilder, Date32Builder, Int16Builder, Int32Builder, Int64Builder,
    RecordBatch,
};
use arrow::datatypes::{DataType, Date32Type, Int16Type, Int32Type, Int64Type, SchemaRef};

use super::pack::{self, Cell, Packing};
use super::person::{State, Stored};
use super::pseudonymise::Pseudonym;
use crate::error::Error;
use crate::schema::TableSchema;
use crate::store::file;

/// The columns of a file while they grow.
#[derive(Debug)]
pub struct Columns {
    schema: SchemaRef,
    builders: Vec<Builder>,
    /// The columns that a withdrawn row keeps: what names it.
    key: Vec<bool>,
    rows: usize,
}

#[derive(Debug)]
enum Builder {
    Unit(BinaryBuilder),
    Code(Int16Builder),
    Date(Date32Builder),
    Integer(Int64Builder),
    Boolean(BooleanBuilder),
    Number(Int32Builder),
}

impl Builder {
    fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Binary => Self::Unit(BinaryBuilder::new()),
            DataType::Int16 => Self::Code(Int16Builder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int32 => Self::Number(Int32Builder::new()),
            _ => Self::Integer(Int64Builder::new()),
        }
    }

    fn push(&mut self, cell: Cell) {
        match (self, cell) {
            (Self::Code(b), Cell::Code(v)) => b.append_value(v),
            (Self::Code(b), _) => b.append_null(),
            (Self::Date(b), Cell::Date(v)) => b.append_value(v),
            (Self::Date(b), _) => b.append_null(),
            (Self::Integer(b), Cell::Integer(v)) => b.append_value(v),
            (Self::Integer(b), _) => b.append_null(),
            (Self::Boolean(b), Cell::Boolean(v)) => b.append_value(v),
            (Self::Boolean(b), _) => b.append_null(),
            (Self::Unit(b), _) => b.append_null(),
            (Self::Number(b), _) => b.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Unit(b) => Arc::new(b.finish()),
            Self::Code(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Integer(b) => Arc::new(b.finish()),
            Self::Boolean(b) => Arc::new(b.finish()),
            Self::Number(b) => Arc::new(b.finish()),
        }
    }
}

impl Columns {
    /// Empty columns of a table's files.
    pub fn new(table: &TableSchema) -> Self {
        let schema = file::schema(table);
        let builders = schema.fields().iter().map(|field| Builder::new(field.data_type())).collect();
        let key = table.columns.keys().map(|name| table.primary_key.contains(name)).collect();
        Self { schema, builders, key, rows: 0 }
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
        let beside = [stored.month];
        let columns = self.key.len();
        for (i, builder) in self.builders.iter_mut().enumerate() {
            let kept = stored.state != State::Withdrawn || self.key.get(i).copied().unwrap_or(true);
            match builder {
                Builder::Unit(b) => b.append_value(pack::unit(row).0),
                builder if i < columns => builder.push(if kept { packing.get(row, i) } else { Cell::Null }),
                Builder::Number(b) => b.append_value(stored.numbers.get(i - columns).copied().unwrap_or_default()),
                Builder::Code(b) => b.append_slice(&beside),
                Builder::Date(b) => b.append_value(stored.period),
                Builder::Integer(_) | Builder::Boolean(_) => {}
            }
        }
        self.rows += 1;
    }

    /// Takes what has grown.
    ///
    /// # Errors
    /// When rows and schema do not fit, which would be a defect of this program.
    pub fn take(&mut self) -> Result<RecordBatch, Error> {
        self.rows = 0;
        let arrays = self.builders.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(Error::engine)
    }
}

/// The names of all columns of a table's files, in order.
pub fn names(table: &TableSchema) -> Vec<&str> {
    table.columns.keys().map(String::as_str).chain(table.numbers()).chain(file::BESIDE).collect()
}

/// One landed row.
#[derive(Debug)]
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
    let [first, second, month, period] = beside else { return None };
    let (first, second) = (first.as_primitive_opt::<Int32Type>()?, second.as_primitive_opt::<Int32Type>()?);
    let (month, period) = (month.as_primitive_opt::<Int16Type>()?, period.as_primitive_opt::<Date32Type>()?);
    let units = cells.get(table.columns.get_index_of(table.unit()?)?)?.as_binary_opt::<i32>()?;
    let row = |i: usize| {
        Some(Landed {
            unit: Pseudonym(units.value(i).try_into().ok()?),
            cells: cells.iter().map(|column| cell(column, i)).collect(),
            stored: Stored {
                state,
                month: if month.is_null(i) { 0 } else { month.value(i) },
                numbers: [first.value(i), second.value(i)],
                period: if period.is_null(i) { 0 } else { period.value(i) },
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
