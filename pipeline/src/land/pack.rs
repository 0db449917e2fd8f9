//! A valid row as a few bytes: what lies between a list and its sorted files. Ten million rows are half a gigabyte, and
//! sorting them moves eight bytes each.

use super::pseudonymise::Pseudonym;
use crate::schema::{Kind, TableSchema};

/// One typed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
const DERIVED: u32 = 3;

/// The flag that says that a column's value was derived; the first thirteen columns have one.
pub fn derived(column: usize) -> u16 {
    u32::try_from(column).ok().and_then(|column| 1_u16.checked_shl(DERIVED + column)).unwrap_or_default()
}

/// How a table's rows are packed.
#[derive(Debug, Clone)]
pub struct Packing {
    /// Per column of the schema; the unit is in the head.
    slots: Vec<Slot>,
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
        let mut size = HEAD;
        let slots = table.columns.values().map(|column| {
            let width = match column.kind {
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
            let slot = Slot { kind: column.kind, at: size, width };
            size += width;
            slot
        });
        let slots = slots.collect();
        Self { slots, size }
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
        bytes.extend_from_slice(&unit.0);
        bytes.extend_from_slice(&row.to_le_bytes());
        bytes.extend_from_slice(&flags.to_le_bytes());
        for (column, cell) in cells.iter().enumerate() {
            self.put(bytes, column, *cell);
        }
    }

    fn put(&self, bytes: &mut Vec<u8>, column: usize, cell: Cell) {
        let Some(slot) = self.slots.get(column) else { return };
        let value = match cell {
            Cell::Null => i64::MIN,
            Cell::Code(v) => v.into(),
            Cell::Date(v) => v.into(),
            Cell::Integer(v) => v,
            Cell::Boolean(v) => v.into(),
        };
        match (slot.width, cell) {
            (1, Cell::Null) => bytes.push(u8::MAX),
            (1, _) => bytes.push(u8::from(value != 0)),
            (2, _) => bytes.extend_from_slice(&i16::try_from(value).unwrap_or(i16::MIN).to_le_bytes()),
            (4, _) => bytes.extend_from_slice(&i32::try_from(value).unwrap_or(i32::MIN).to_le_bytes()),
            (8, _) => bytes.extend_from_slice(&value.to_le_bytes()),
            _ => {}
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

    /// All cells, in the order of the schema.
    pub fn cells(&self, row: &[u8]) -> Vec<Cell> {
        (0..self.slots.len()).map(|column| self.get(row, column)).collect()
    }

    /// Whether two rows hold the same values.
    pub fn same(&self, a: &[u8], b: &[u8]) -> bool {
        a.get(HEAD..) == b.get(HEAD..)
    }
}

fn widened(value: i64, null: i64) -> Option<i64> {
    (value != null).then_some(value)
}

/// The unit of a packed row.
pub fn unit(row: &[u8]) -> Pseudonym {
    row.first_chunk::<UNIT>().map_or(Pseudonym([0; UNIT]), |bytes| Pseudonym(*bytes))
}

/// The row in the list.
pub fn number(row: &[u8]) -> u32 {
    match row.get(UNIT..UNIT + 4) {
        Some([a, b, c, d]) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

/// The flags of a row.
pub fn flags(row: &[u8]) -> u16 {
    match row.get(UNIT + 4..HEAD) {
        Some([a, b]) => u16::from_le_bytes([*a, *b]),
        _ => 0,
    }
}

/// Whether a row has a flag.
pub fn has(row: &[u8], flag: u16) -> bool {
    flags(row) & flag != 0
}

/// Rows by the first byte of their unit. Pseudonyms are uniform, so the shares are equal, and one after the other they are
/// in the order of the whole.
pub struct Shares {
    size: usize,
    shares: Vec<Share>,
}

/// One share: blocks of packed rows, so that it grows without being copied.
#[derive(Default)]
pub struct Share {
    blocks: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shares(withheld)")
    }
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Share(withheld)")
    }
}

/// How many shares there are: one for each first byte.
pub const SHARES: usize = 256;
/// About how many bytes a block of a share has.
const BLOCK: usize = 32 << 10;

impl Shares {
    /// Empty shares for rows of this packing.
    pub fn new(packing: &Packing) -> Self {
        Self { size: packing.size, shares: (0..SHARES).map(|_| Share::default()).collect() }
    }

    /// Adds a row.
    pub fn push(&mut self, row: &[u8]) {
        let Some(share) = row.first().and_then(|first| self.shares.get_mut(usize::from(*first))) else { return };
        let room = BLOCK / self.size.max(1) * self.size;
        match share.blocks.last_mut().filter(|block| block.len() + self.size <= room) {
            Some(block) => block.extend_from_slice(row),
            None => {
                // The first block is small: most lists have a few hundred rows.
                let mut block = Vec::with_capacity(if share.blocks.is_empty() { self.size * 4 } else { room });
                block.extend_from_slice(row);
                share.blocks.push(block);
            }
        }
    }

    /// Takes all rows of others in.
    pub fn absorb(&mut self, others: Self) {
        for (mine, theirs) in self.shares.iter_mut().zip(others.shares) {
            mine.blocks.extend(theirs.blocks);
        }
    }

    /// Every row, share by share.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.shares.iter().flat_map(|share| share.rows(self.size))
    }

    /// The shares in order.
    pub fn take(self) -> Vec<Share> {
        self.shares
    }
}

impl Share {
    /// Its rows, in no order.
    pub fn rows(&self, size: usize) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().flat_map(move |block| block.chunks_exact(size.max(1)))
    }

    /// Its rows by person, and each person's in the order of the list.
    pub fn sorted(&self, size: usize) -> Vec<&[u8]> {
        let mut rows: Vec<(u64, &[u8])> = self.rows(size).map(|row| (leading(row), row)).collect();
        rows.sort_unstable_by(|(a, x), (b, y)| a.cmp(b).then_with(|| (unit(x), number(x)).cmp(&(unit(y), number(y)))));
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// The first eight bytes, which tell almost every two units apart.
fn leading(row: &[u8]) -> u64 {
    row.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
