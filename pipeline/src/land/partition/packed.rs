//! Packed rows parted by person, and sorted: ten million of them in the time in which they are written. Of more than memory has room
//! for, one partition after the other is.

use std::borrow::Cow;
use std::sync::Arc;

use crate::keyzone::pseudonym::Pseudonym;
use crate::land::partition::spill::{Block, Spill};
use crate::store::codec::{Cell, Packing, unit};
use utfall_ground::error::Error;
use utfall_ground::redacted;

/// Rows by the first byte of their unit. Pseudonyms are uniform, so the partitions are equal, and one after the other they are
/// in the order of the whole.
pub struct Partitions {
    size: usize,
    partitions: Vec<Partition>,
    spill: Arc<Spill>,
    /// Why rows that were to be looked at could not be: without them nothing lands.
    unread: Option<Error>,
}

/// One partition: blocks of packed rows, so that it grows without being copied.
#[derive(Default)]
pub struct Partition {
    /// Blocks that have no more room, or are another's.
    blocks: Vec<Block>,
    last: Vec<u8>,
}

redacted!(Partitions Partition);

/// How many partitions there are: one for each first byte.
pub const PARTITIONS: usize = 256;
/// About how many bytes a block of a partition has; in tests so few that there are several.
const BLOCK: usize = if cfg!(all(test, debug_assertions)) { 128 } else { 32 << 10 };

impl Partitions {
    /// Empty partitions for rows of this packing.
    pub fn new(packing: &Packing, spill: &Arc<Spill>) -> Self {
        let partitions = (0..PARTITIONS).map(|_| Partition::default()).collect();
        Self { size: packing.size(), partitions, spill: Arc::clone(spill), unread: None }
    }

    /// Takes all of them, and leaves none.
    #[must_use]
    pub fn replace(&mut self) -> Self {
        let (partitions, spill) = (std::mem::take(&mut self.partitions), Arc::clone(&self.spill));
        Self { size: self.size, partitions, spill, unread: self.unread.take() }
    }

    /// Packs a row and adds it.
    pub fn add(&mut self, packing: &Packing, unit: Pseudonym, row: u32, flags: u16, cells: &[Cell]) {
        if let Some(place) = self.place(packing, unit, row, flags) {
            packing.fill(cells, place);
        }
    }

    /// Adds a row without values, to be filled.
    #[inline]
    pub fn place(&mut self, packing: &Packing, unit: Pseudonym, row: u32, flags: u16) -> Option<&mut [u8]> {
        let [first, ..] = unit.0;
        let partition = self.partitions.get_mut(usize::from(first))?;
        partition.push(&packing.empty, &self.spill);
        let at = partition.last.len().checked_sub(self.size)?;
        let place = partition.last.get_mut(at..)?;
        packing.head(place, unit, row, flags);
        Some(place)
    }

    /// Takes all rows of others in.
    pub fn absorb(&mut self, others: Self) {
        for (mine, theirs) in self.partitions.iter_mut().zip(others.partitions) {
            mine.blocks.extend(theirs.blocks);
            // Those that are not full are one for each partition and core: there is always room.
            mine.blocks.push(Block::Held(theirs.last));
        }
        self.unread = self.unread.take().or(others.unread);
    }

    /// Takes out the rows that `keep` does not keep.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let size = self.size.max(1);
        let mut kept = |rows: &[u8]| {
            let kept: Vec<u8> = rows.chunks_exact(size).filter(|row| keep(row)).flatten().copied().collect();
            (kept.len() < rows.len()).then_some(kept)
        };
        for partition in &mut self.partitions {
            for block in &mut partition.blocks {
                match block.rows().map(|rows| kept(&rows)) {
                    Ok(fewer) => fewer.into_iter().for_each(|fewer| *block = Block::Held(fewer)),
                    Err(error) => self.unread = Some(error),
                }
            }
            kept(&partition.last).into_iter().for_each(|fewer| partition.last = fewer);
        }
    }

    /// Shows every row, partition by partition.
    ///
    /// # Errors
    /// When those that memory has no room for cannot be read.
    pub fn each_row(&self, mut see: impl FnMut(&[u8])) -> Result<(), Error> {
        self.partitions.iter().try_for_each(|partition| partition.each_row(self.size, &mut see))
    }

    /// Shows the rows of the partitions in which some people would be.
    pub fn each_row_beside<'p>(&mut self, people: impl Iterator<Item = &'p Pseudonym>, mut see: impl FnMut(&[u8])) {
        let mut beside = [false; PARTITIONS];
        for Pseudonym([first, ..]) in people {
            beside.get_mut(usize::from(*first)).into_iter().for_each(|is| *is = true);
        }
        let mut partitions = self.partitions.iter().zip(beside).filter(|(_, is)| *is);
        if let Err(error) = partitions.try_for_each(|(partition, _)| partition.each_row(self.size, &mut see)) {
            self.unread = Some(error);
        }
    }

    /// The partitions in order.
    ///
    /// # Errors
    /// When rows that were to be looked at could not be.
    pub fn take(self) -> Result<Vec<Partition>, Error> {
        self.unread.map_or(Ok(self.partitions), Err)
    }
}

impl Partition {
    #[inline]
    fn push(&mut self, row: &[u8], spill: &Arc<Spill>) {
        if self.last.len() + row.len() > self.last.capacity().min(BLOCK) {
            self.grow(row.len(), spill);
        }
        self.last.extend_from_slice(row);
    }

    /// Makes room for a row: begins a block, or grows the first, which is small, because most lists have a few hundred rows.
    #[cold]
    fn grow(&mut self, size: usize, spill: &Arc<Spill>) {
        let room = BLOCK / size.max(1) * size;
        if self.last.len() + size > room {
            let full = std::mem::replace(&mut self.last, Vec::with_capacity(room.max(size)));
            self.blocks.push(spill.block(full));
        } else {
            let more = if self.blocks.is_empty() { self.last.len().max(size * 4).min(room - self.last.len()) } else { room };
            self.last.reserve_exact(more);
        }
    }

    /// Shows its rows, in no order.
    fn each_row(&self, size: usize, see: &mut impl FnMut(&[u8])) -> Result<(), Error> {
        for block in &self.blocks {
            block.rows()?.chunks_exact(size.max(1)).for_each(&mut *see);
        }
        self.last.chunks_exact(size.max(1)).for_each(see);
        Ok(())
    }

    /// All its blocks, in memory.
    ///
    /// # Errors
    /// When those that memory has no room for cannot be read.
    pub fn blocks(&self) -> Result<Vec<Cow<'_, [u8]>>, Error> {
        self.blocks.iter().map(Block::rows).chain([Ok(Cow::Borrowed(self.last.as_slice()))]).collect()
    }

    /// The rows of its blocks by person, and each person's by the lower 36 bits of what `order` says of them, then as they came.
    pub fn sorted<'b>(blocks: &'b [Cow<'_, [u8]>], size: usize, order: impl Fn(&[u8]) -> u64) -> Vec<&'b [u8]> {
        let size = size.max(1);
        let per_block = (BLOCK / size).max(1);
        let numbered = blocks.iter().enumerate().flat_map(|(i, block)| (i * per_block..).zip(block.chunks_exact(size)));
        let keys = numbered.map(|(place, row)| (heap(row), key(place, row, order(row))));
        let count = blocks.iter().map(|block| block.len() / size).sum();
        let row = |key: u128| {
            let place = (key & ((1 << PLACE) - 1)) as usize;
            blocks.get(place / per_block).and_then(|block| block.get(place % per_block * size..)?.get(..size)).unwrap_or_default()
        };
        let mut rows: Vec<&'b [u8]> = sorted(keys, count).into_iter().map(row).collect();
        // Two people whose units begin with the same eight bytes: there are none, but their rows must not be mixed.
        for some in rows.chunk_by_mut(|a, b| leading(a) == leading(b)) {
            if !some.is_sorted_by_key(|row| unit(row)) {
                some.sort_by_key(|row| unit(row));
            }
        }
        rows
    }
}

/// How many bits of a sorted number are the order of a person's row, and how many its place.
const ORDER: u32 = 36;
const PLACE: u32 = 28;
/// Into how many heaps a partition is divided to be sorted.
const HEAPS: usize = 1 << 14;

/// What stands for a row while it is sorted: the leading bytes of its unit, its order, its place.
#[inline]
fn key(place: usize, row: &[u8], order: u64) -> u128 {
    u128::from(leading(row)) << 64 | u128::from(order & ((1 << ORDER) - 1)) << PLACE | place as u128
}

/// Sorts keys. Pseudonyms are uniform, so the bits after those that tell the partition part many of them into heaps of a few.
fn sorted(keys: impl Iterator<Item = (usize, u128)> + Clone, count: usize) -> Vec<u128> {
    if count <= HEAPS / 4 {
        let mut keys: Vec<u128> = keys.map(|(_, key)| key).collect();
        keys.sort_unstable();
        return keys;
    }
    let mut ends = vec![0_usize; HEAPS + 1];
    keys.clone().for_each(|(heap, _)| ends.get_mut(heap + 1).into_iter().for_each(|end| *end += 1));
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    let mut parted = vec![0; count];
    for (heap, key) in keys {
        if let Some(end) = ends.get_mut(heap) {
            parted.get_mut(*end).into_iter().for_each(|place| *place = key);
            *end += 1;
        }
    }
    let mut from = 0;
    for to in ends {
        parted.get_mut(from..to).into_iter().for_each(<[u128]>::sort_unstable);
        from = to;
    }
    parted
}

/// The fourteen bits after those that tell the partition.
#[inline]
fn heap(row: &[u8]) -> usize {
    match row {
        [_, a, b, ..] => usize::from(*a) << 6 | usize::from(*b) >> 2,
        _ => 0,
    }
}

/// The first eight bytes, which tell almost every two units apart.
#[inline]
fn leading(row: &[u8]) -> u64 {
    row.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::codec::number;

    #[test]
    fn rows_come_by_person_and_order_however_many_there_are() {
        const SIZE: usize = 22;
        for count in [0, 1, 5, 3_000, 40_000_u32] {
            let (folder, mut partitions) = (tempfile::tempdir().unwrap(), [Partition::default(), Partition::default()]);
            let spill = Spill::new(folder.path());
            let mut state = u64::from(count);
            for i in 0..count {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let mut row = [0; SIZE];
                // Some people have their first bytes in common with others; each has several rows.
                let person = (state >> 40) % u64::from(count / 4 + 1);
                row[1..9].copy_from_slice(&(person / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
                row[9] = (person % 2) as u8;
                row[16..20].copy_from_slice(&(i ^ 0x5a5).to_le_bytes());
                partitions[(i % 3 / 2) as usize].push(&row, &spill);
            }
            let [mut all, other] = partitions;
            all.blocks.extend(other.blocks);
            all.blocks.push(Block::Held(other.last));
            assert_eq!(count > 100, all.blocks.iter().any(|block| matches!(block, Block::Spilled(..))));
            assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "what is spilled has no name");
            let blocks = all.blocks().unwrap();
            let sorted = Partition::sorted(&blocks, SIZE, |row| u64::from(number(row)));
            assert_eq!(sorted.len(), count as usize);
            assert!(sorted.is_sorted_by_key(|row| (unit(row), number(row))));
            let mut numbers: Vec<u32> = sorted.iter().map(|row| number(row) ^ 0x5a5).collect();
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..count), "each row once");
        }
    }
}
