//! Parquet's hybrid of run lengths and bit packing, for values of at most eight bits: a run is a value and how often it follows itself,
//! or groups of eight values in as many bits as the largest takes. Start reading at [`encode`].
//!
//! The library that writes Parquet keeps its own to itself.

/// Values that follow themselves so often are a run of their own; shorter ones cost less among the others.
const RUN: usize = 64;

/// Appends values below two to the power of `width`, of one to eight bits.
pub(crate) fn encode(values: &[u8], width: u32, into: &mut Vec<u8>) {
    let mut rest = values;
    while let Some(first) = rest.first() {
        let run = run(rest, *first);
        if run >= RUN || run == rest.len() {
            varint(run << 1, into);
            into.push(*first);
            rest = rest.get(run..).unwrap_or_default();
            continue;
        }
        let (packed, after) = rest.split_at(until_run(rest));
        varint((packed.len().div_ceil(8) << 1) | 1, into);
        let (eights, last) = packed.as_chunks::<8>();
        eights.iter().for_each(|eight| into.extend_from_slice(bytes(&pack(*eight, width), width)));
        if !last.is_empty() {
            let mut eight = [0; 8];
            eight.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
            into.extend_from_slice(bytes(&pack(eight, width), width));
        }
        rest = after;
    }
}

/// Reads so many values of zero to eight bits; `None` if they are not there.
pub(crate) fn decode(mut bytes: &[u8], width: u32, count: usize) -> Option<Vec<u8>> {
    let size = usize::try_from(width).ok().filter(|size| *size <= 8)?;
    let mut values = Vec::with_capacity(count);
    while values.len() < count {
        let header = read_varint(&mut bytes)?;
        let number = usize::try_from(header >> 1).ok()?;
        let left = count - values.len();
        if header & 1 == 0 {
            let (value, after) = bytes.split_at_checked(usize::from(width > 0))?;
            bytes = after;
            values.resize(values.len() + number.min(left), value.first().copied().unwrap_or(0));
            // A run of nothing would go on for ever.
            (number > 0).then_some(())?;
        } else {
            let (packed, after) = bytes.split_at_checked(number.checked_mul(size)?)?;
            bytes = after;
            unpack(packed, width, number, &mut values);
            values.truncate(count);
            (number > 0).then_some(())?;
        }
    }
    Some(values)
}

/// Whether the first run is of so many ones.
pub(crate) fn begins_with_ones(mut bytes: &[u8], count: usize) -> bool {
    let header = read_varint(&mut bytes);
    header.is_some_and(|header| header & 1 == 0 && usize::try_from(header >> 1).is_ok_and(|n| n >= count))
        && bytes.first() == Some(&1)
}

/// How many values at the beginning are this one.
fn run(values: &[u8], value: u8) -> usize {
    let (eights, _) = values.as_chunks::<8>();
    let whole = eights.iter().take_while(|eight| **eight == [value; 8]).count() * 8;
    whole + values.get(whole..).unwrap_or_default().iter().take_while(|other| **other == value).count()
}

/// Where the next run begins that is worth one of its own, or all values end; behind whole groups of eight.
fn until_run(values: &[u8]) -> usize {
    let (eights, _) = values.as_chunks::<8>();
    let begins = |(at, eight): (usize, &[u8; 8])| {
        let is_one = *eight == [eight[0]; 8];
        is_one && run(values.get(at * 8..).unwrap_or_default(), eight[0]) >= RUN
    };
    eights.iter().enumerate().position(begins).map_or(values.len(), |at| at * 8)
}

/// A mask with the lowest `bits` of every `lane` bits.
fn lanes(bits: u32, lane: u32) -> u64 {
    let one = if bits >= 64 { u64::MAX } else { (1_u64 << bits) - 1 };
    (0..64 / lane).fold(0, |all, at| all | one << (at * lane))
}

/// Eight values below two to the power of `width` in eight times as many bits: two neighbours, four and eight are moved together.
fn pack(eight: [u8; 8], width: u32) -> [u8; 8] {
    let x = u64::from_le_bytes(eight);
    let x = x & lanes(8, 16) | (x & !lanes(8, 16)) >> (8 - width);
    let x = x & lanes(16, 32) | (x & !lanes(16, 32)) >> (16 - 2 * width);
    (x & lanes(32, 64) | (x & !lanes(32, 64)) >> (32 - 4 * width)).to_le_bytes()
}

/// The first `width` of eight bytes: eight packed values.
fn bytes(packed: &[u8; 8], width: u32) -> &[u8] {
    packed.get(..usize::try_from(width).unwrap_or_default()).unwrap_or_default()
}

/// Appends so many groups of eight values, as [`pack`] has put each together.
fn unpack(packed: &[u8], width: u32, groups: usize, into: &mut Vec<u8>) {
    if width == 0 {
        return into.resize(into.len() + groups * 8, 0);
    }
    let size = usize::try_from(width).unwrap_or(8);
    let (four, two, one) = (lanes(4 * width, 64), lanes(2 * width, 32), lanes(width, 16));
    let apart = |x: u64| {
        let x = x & four | (x >> (4 * width) & four) << 32;
        let x = x & two | (x & two << (2 * width)) << (16 - 2 * width);
        (x & one | (x & one << width) << (8 - width)).to_le_bytes()
    };
    let from = into.len();
    into.resize(from + groups * 8, 0);
    let (eights, _) = into.get_mut(from..).unwrap_or_default().as_chunks_mut::<8>();
    let mut next = 0;
    for eight in eights {
        // Eight bytes are read at once; what belongs to the next group is masked.
        let whole = packed.get(next..).and_then(|rest| rest.first_chunk::<8>());
        let x = whole.map_or_else(|| end(packed.get(next..next + size)), |whole| u64::from_le_bytes(*whole));
        *eight = apart(x);
        next += size;
    }
}

/// The last bytes, as the low ones of a number.
fn end(bytes: Option<&[u8]>) -> u64 {
    bytes.unwrap_or_default().iter().rev().fold(0, |x, byte| x << 8 | u64::from(*byte))
}

fn varint(mut value: usize, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    into.push(value.to_le_bytes()[0]);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        shift = shift.checked_add(7)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of a width: random, in runs, and both.
    fn values(width: u32, count: usize) -> [Vec<u8>; 3] {
        let most = u8::try_from((1_u32 << width) - 1).unwrap();
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[1] & most
        };
        let random: Vec<u8> = (0..count).map(|_| next()).collect();
        let runs: Vec<u8> = (0..count).map(|at| u8::try_from(at / 100 % 251).unwrap() & most).collect();
        let both = random.iter().enumerate().map(|(at, value)| if at / 90 % 2 == 0 { most } else { *value }).collect();
        [random, runs, both]
    }

    #[test]
    fn what_is_written_is_read_again_in_as_few_bits_as_it_takes() {
        for width in 1..=8 {
            for count in [0, 1, 7, 8, 9, 63, 64, 65, 500, 1_003] {
                for values in values(width, count) {
                    let mut written = Vec::new();
                    encode(&values, width, &mut written);
                    assert!(decode(&written, width, count).as_ref() == Some(&values), "{width} {count}");
                    assert!(written.len() <= (count + 8) * usize::try_from(width).unwrap() / 8 + 4, "{width} {count}");
                    let parts = (0..written.len()).map(|end| decode(&written[..end], width, count));
                    assert!(parts.into_iter().all(|part| part.is_none()), "{width} {count}: a part is read");
                }
            }
        }
    }

    /// The examples of the format's own documentation.
    #[test]
    fn it_is_the_format_that_others_read() {
        let mut written = Vec::new();
        encode(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut written);
        assert_eq!(written, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        written.clear();
        encode(&[4; 200], 3, &mut written);
        assert_eq!(written, [0x90, 0x03, 4]);
        assert!(begins_with_ones(&[0x90, 0x03, 1], 200) && !begins_with_ones(&[0x90, 0x03, 1], 201));
        assert!(!begins_with_ones(&[0x90, 0x03, 0], 200) && !begins_with_ones(&[], 0) && !begins_with_ones(&[0b11, 1], 1));
        for endless in [&[0_u8, 1][..], &[1], &[0x80], &[]] {
            assert_eq!(decode(endless, 1, 3), None, "{endless:?}");
        }
        assert_eq!(decode(&[6], 0, 3), Some(vec![0; 3]));
        assert_eq!(decode(&[6, 1], 9, 3), None);
    }
}
