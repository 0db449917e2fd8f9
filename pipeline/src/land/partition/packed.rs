//! Packed rows parted by person, and sorted: ten million of them in the time in which they are written.

use crate::keyzone::pseudonym::Pseudonym;
use crate::store::codec::{Cell, Packing, unit};
use utfall_ground::redacted;

/// Rows by the first byte of their unit. Pseudonyms are uniform, so the partitions are equal, and one after the other they are
/// in the order of the whole.
pub struct Partitions {
    size: usize,
    partitions: Vec<Partition>,
}

/// One partition: blocks of packed rows, so that it grows without being copied.
#[derive(Default)]
pub struct Partition {
    /// Blocks that have no more room, or are another's.
    blocks: Vec<Vec<u8>>,
    last: Vec<u8>,
}

redacted!(Partitions Partition);

/// How many partitions there are: one for each first byte.
pub const PARTITIONS: usize = 256;
/// About how many bytes a block of a partition has.
const BLOCK: usize = 32 << 10;

impl Partitions {
    /// Empty partitions for rows of this packing.
    pub fn new(packing: &Packing) -> Self {
        Self { size: packing.size(), partitions: (0..PARTITIONS).map(|_| Partition::default()).collect() }
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
        partition.push(&packing.empty);
        let at = partition.last.len().checked_sub(self.size)?;
        let place = partition.last.get_mut(at..)?;
        packing.head(place, unit, row, flags);
        Some(place)
    }

    /// Takes all rows of others in.
    pub fn absorb(&mut self, others: Self) {
        for (mine, theirs) in self.partitions.iter_mut().zip(others.partitions) {
            mine.blocks.extend(theirs.blocks);
            mine.blocks.push(theirs.last);
        }
    }

    /// Takes out the rows that `keep` does not keep.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let size = self.size.max(1);
        for block in self.partitions.iter_mut().flat_map(|partition| partition.blocks.iter_mut().chain([&mut partition.last])) {
            let kept: Vec<u8> = block.chunks_exact(size).filter(|row| keep(row)).flatten().copied().collect();
            if kept.len() < block.len() {
                *block = kept;
            }
        }
    }

    /// Every row, partition by partition.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.partitions.iter().flat_map(|partition| partition.rows(self.size))
    }

    /// The rows of the partitions in which some people would be.
    pub fn rows_beside<'p>(&self, people: impl Iterator<Item = &'p Pseudonym>) -> impl Iterator<Item = &[u8]> {
        let mut beside = [false; PARTITIONS];
        for Pseudonym([first, ..]) in people {
            beside.get_mut(usize::from(*first)).into_iter().for_each(|is| *is = true);
        }
        let partitions = self.partitions.iter().zip(beside).filter(|(_, is)| *is);
        partitions.flat_map(|(partition, _)| partition.rows(self.size))
    }

    /// The partitions in order.
    pub fn take(self) -> Vec<Partition> {
        self.partitions
    }
}

impl Partition {
    #[inline]
    fn push(&mut self, row: &[u8]) {
        if self.last.len() + row.len() > self.last.capacity().min(BLOCK) {
            self.grow(row.len());
        }
        self.last.extend_from_slice(row);
    }

    /// Makes room for a row: begins a block, or grows the first, which is small, because most lists have a few hundred rows.
    #[cold]
    fn grow(&mut self, size: usize) {
        let room = BLOCK / size.max(1) * size;
        if self.last.len() + size > room {
            self.blocks.push(std::mem::replace(&mut self.last, Vec::with_capacity(room.max(size))));
        } else {
            let more = if self.blocks.is_empty() { self.last.len().max(size * 4).min(room - self.last.len()) } else { room };
            self.last.reserve_exact(more);
        }
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().chain(std::iter::once(&self.last)).map(Vec::as_slice)
    }

    /// Its rows, in no order.
    pub fn rows(&self, size: usize) -> impl Iterator<Item = &[u8]> {
        self.all().flat_map(move |block| block.chunks_exact(size.max(1)))
    }

    /// Its rows by person, and each person's by the lower 36 bits of what `order` says of them, then as they came.
    pub fn sorted(&self, size: usize, order: impl Fn(&[u8]) -> u64) -> Vec<&[u8]> {
        let size = size.max(1);
        let blocks: Vec<&[u8]> = self.all().collect();
        let per_block = (BLOCK / size).max(1);
        let numbered = blocks.iter().enumerate().flat_map(|(i, block)| (i * per_block..).zip(block.chunks_exact(size)));
        let keys = numbered.map(|(place, row)| (heap(row), key(place, row, order(row))));
        let count = blocks.iter().map(|block| block.len() / size).sum();
        let row = |key: u128| {
            let place = (key & ((1 << PLACE) - 1)) as usize;
            blocks.get(place / per_block).and_then(|block| block.get(place % per_block * size..)?.get(..size)).unwrap_or_default()
        };
        let mut rows: Vec<&[u8]> = sorted(keys, count).into_iter().map(row).collect();
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
            let mut partitions = [Partition::default(), Partition::default()];
            let mut state = u64::from(count);
            for i in 0..count {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let mut row = [0; SIZE];
                // Some people have their first bytes in common with others; each has several rows.
                let person = (state >> 40) % u64::from(count / 4 + 1);
                row[1..9].copy_from_slice(&(person / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
                row[9] = (person % 2) as u8;
                row[16..20].copy_from_slice(&(i ^ 0x5a5).to_le_bytes());
                partitions[(i % 3 / 2) as usize].push(&row);
            }
            let [mut all, other] = partitions;
            all.blocks.extend(other.blocks);
            all.blocks.push(other.last);
            let sorted = all.sorted(SIZE, |row| u64::from(number(row)));
            assert_eq!(sorted.len(), count as usize);
            assert!(sorted.is_sorted_by_key(|row| (unit(row), number(row))));
            let mut numbers: Vec<u32> = sorted.iter().map(|row| number(row) ^ 0x5a5).collect();
            numbers.sort_unstable();
            assert!(numbers.into_iter().eq(0..count), "each row once");
        }
    }
}
