//! A valid row as a few bytes: what lies between a list and its sorted files. Ten million rows are half a gigabyte.

use crate::catalogue::schema::{Kind, TableSchema};
use crate::keyzone::pseudonym::Pseudonym;
use utfall_ground::redacted;

/// One typed value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// No value.
    Null,
    /// A code's small integer.
    Code(i16),
    /// Days since 1970-01-01.
    Date(i32),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

redacted!(Cell);

/// The bytes before a row's cells: the unit, the row's place in its list, its flags.
const HEAD: usize = UNIT + 4 + 2;
const UNIT: usize = 16;
/// The flag of a record that belongs to nobody in particular.
pub const ANONYMOUS: u16 = 1;
/// The flag of a registration by mistake: what had landed of it is withdrawn.
pub const VOID: u16 = 2;
/// The flag of a row that has landed before; its number is its place among those.
pub const KNOWN: u16 = 4;
/// From here on, one flag per column of which the list had no value, so that it was derived.
const DERIVED: u32 = 4;
/// The flag of a row whose number was replaced by another.
pub const ALIASED: u16 = 8;

/// The flag that says that a column's value was derived; the first twelve columns have one.
#[inline]
pub fn derived(column: usize) -> u16 {
    u32::try_from(column).ok().and_then(|column| 1_u16.checked_shl(DERIVED + column)).unwrap_or_default()
}

/// How a table's rows are packed.
#[derive(Debug, Clone)]
pub struct Packing {
    /// Per column of the schema; the unit is in the head.
    slots: Vec<Slot>,
    /// A row without values.
    pub(crate) empty: Vec<u8>,
    size: usize,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    kind: Kind,
    at: usize,
    width: usize,
}

impl Packing {
    /// The packing of a table.
    pub fn of(table: &TableSchema) -> Self {
        Self::without(table, |_| false)
    }

    /// The packing of rows that have nothing in some columns of a table.
    pub fn without(table: &TableSchema, absent: impl Fn(usize) -> bool) -> Self {
        let mut size = HEAD;
        let slots = table.columns.values().enumerate().map(|(i, column)| {
            let kind = if absent(i) { Kind::Identity } else { column.kind };
            let width = match kind {
                Kind::Identity => 0,
                Kind::Boolean => 1,
                Kind::String => 2,
                Kind::Date => 4,
                Kind::Integer => {
                    let (low, high) = (column.minimum.unwrap_or(i64::MIN), column.maximum.unwrap_or(i64::MAX));
                    // The smallest value of each width stands for no value.
                    let fits = |least: i64, most: i64| low > least && high <= most;
                    if fits(i16::MIN.into(), i16::MAX.into()) {
                        2
                    } else if fits(i32::MIN.into(), i32::MAX.into()) {
                        4
                    } else {
                        8
                    }
                }
            };
            let slot = Slot { kind, at: size, width };
            size += width;
            slot
        });
        let slots: Vec<Slot> = slots.collect();
        let mut empty = vec![0; HEAD];
        for slot in &slots {
            match slot.width {
                1 => empty.push(u8::MAX),
                2 => empty.extend(i16::MIN.to_le_bytes()),
                4 => empty.extend(i32::MIN.to_le_bytes()),
                8 => empty.extend(i64::MIN.to_le_bytes()),
                _ => {}
            }
        }
        Self { slots, empty, size }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.slots.len()
    }

    /// The bytes of a row.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Packs a row: the unit, its row in the list, its flags and its cells.
    pub fn pack(&self, unit: Pseudonym, row: u32, flags: u16, cells: &[Cell], bytes: &mut Vec<u8>) {
        bytes.clear();
        bytes.extend_from_slice(&self.empty);
        self.head(bytes, unit, row, flags);
        self.fill(cells, bytes);
    }

    /// Puts the unit, the row in the list and the flags at the head of a row.
    #[inline]
    pub(crate) fn head(&self, row: &mut [u8], unit: Pseudonym, number: u32, flags: u16) {
        write(row, 0, unit.0);
        write(row, UNIT, number.to_le_bytes());
        write(row, UNIT + 4, flags.to_le_bytes());
    }

    /// Puts cells in their places in a row without values.
    pub(crate) fn fill(&self, cells: &[Cell], bytes: &mut [u8]) {
        for (slot, cell) in self.slots.iter().zip(cells) {
            let value = match *cell {
                Cell::Null => continue,
                Cell::Code(v) => v.into(),
                Cell::Date(v) => v.into(),
                Cell::Integer(v) => v,
                Cell::Boolean(v) => v.into(),
            };
            match slot.width {
                1 => write(bytes, slot.at, [u8::from(value != 0)]),
                2 => write(bytes, slot.at, i16::try_from(value).unwrap_or(i16::MIN).to_le_bytes()),
                4 => write(bytes, slot.at, i32::try_from(value).unwrap_or(i32::MIN).to_le_bytes()),
                8 => write(bytes, slot.at, value.to_le_bytes()),
                _ => {}
            }
        }
    }

    /// The cell of a column.
    pub fn get(&self, row: &[u8], column: usize) -> Cell {
        let Some(slot) = self.slots.get(column) else { return Cell::Null };
        let Some(bytes) = row.get(slot.at..slot.at + slot.width) else { return Cell::Null };
        let value = match bytes {
            [b] => return if *b == u8::MAX { Cell::Null } else { Cell::Boolean(*b == 1) },
            [a, b] => widened(i16::from_le_bytes([*a, *b]).into(), i16::MIN.into()),
            [a, b, c, d] => widened(i32::from_le_bytes([*a, *b, *c, *d]).into(), i32::MIN.into()),
            [a, b, c, d, e, f, g, h] => widened(i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), i64::MIN),
            _ => None,
        };
        match (slot.kind, value) {
            (Kind::String, Some(v)) => i16::try_from(v).map_or(Cell::Null, Cell::Code),
            (Kind::Date, Some(v)) => i32::try_from(v).map_or(Cell::Null, Cell::Date),
            (Kind::Integer, Some(v)) => Cell::Integer(v),
            (Kind::Identity | Kind::Boolean, Some(_)) | (_, None) => Cell::Null,
        }
    }

    /// The day of a column of dates.
    #[inline]
    pub fn day(&self, row: &[u8], column: usize) -> Option<i32> {
        let slot = self.slots.get(column).filter(|slot| slot.kind == Kind::Date)?;
        let value = i32::from_le_bytes(*row.get(slot.at..)?.first_chunk()?);
        (value != i32::MIN).then_some(value)
    }

    /// The code of a column of codes.
    #[inline]
    pub fn code(&self, row: &[u8], column: usize) -> Option<i16> {
        let slot = self.slots.get(column).filter(|slot| slot.kind == Kind::String)?;
        let value = i16::from_le_bytes(*row.get(slot.at..)?.first_chunk()?);
        (value != i16::MIN).then_some(value)
    }

    /// Where the value of a column begins in a row, and how many bytes it has.
    pub fn place(&self, column: usize) -> (usize, usize) {
        self.slots.get(column).map_or((0, 0), |slot| (slot.at, slot.width))
    }

    /// Takes the value of a column out of a row.
    pub fn blank(&self, row: &mut [u8], column: usize) {
        let Some(slot) = self.slots.get(column) else { return };
        let span = slot.at..slot.at + slot.width;
        if let (Some(bytes), Some(none)) = (row.get_mut(span.clone()), self.empty.get(span)) {
            bytes.copy_from_slice(none);
        }
    }

    /// All cells, in the order of the schema.
    pub fn cells(&self, row: &[u8]) -> Vec<Cell> {
        (0..self.slots.len()).map(|column| self.get(row, column)).collect()
    }

    /// Whether two rows hold the same values.
    #[inline]
    pub fn same(&self, a: &[u8], b: &[u8]) -> bool {
        a.get(HEAD..) == b.get(HEAD..)
    }
}

/// Puts a value in its place in a row.
#[inline]
pub fn write<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    if let Some(place) = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = value;
    }
}

fn widened(value: i64, null: i64) -> Option<i64> {
    (value != null).then_some(value)
}

/// The unit of a packed row.
#[inline]
pub fn unit(row: &[u8]) -> Pseudonym {
    row.first_chunk::<UNIT>().map_or(Pseudonym([0; UNIT]), |bytes| Pseudonym(*bytes))
}

/// The row in the list.
#[inline]
pub fn number(row: &[u8]) -> u32 {
    match row.get(UNIT..UNIT + 4) {
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

/// The flags of a row.
#[inline]
pub fn flags(row: &[u8]) -> u16 {
    match row.get(UNIT + 4..HEAD) {
        Some([a, b]) => u16::from_le_bytes([*a, *b]),
        _ => 0,
    }
}

/// Whether a row has a flag.
#[inline]
pub fn has(row: &[u8], flag: u16) -> bool {
    flags(row) & flag != 0
}
