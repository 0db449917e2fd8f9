//! Many small files as one, so that reading what has gathered over years costs as much as its bytes: entries of the ledger, commits
//! of a table. A pack holds the very bytes of a fixed number of them, one after the other, behind a digest of its own; what they
//! mean is proved by whoever chains them.
//!
//! ```text
//! utfall pack 1 2d3c...       SHA-256 of all that follows
//! 412                         so many bytes are the first
//! utfall ledger 1 ...
//! ```

use std::path::Path;

use sha2::{Digest as _, Sha256};

use utfall_ground::error::Error;

/// How the first line begins.
const VERSION: &str = "utfall pack 1 ";

/// The pack of these parts.
pub(super) fn written(parts: &[Vec<u8>]) -> Vec<u8> {
    let part = |part: &Vec<u8>| [part.len().to_string().as_bytes(), b"\n", part, b"\n"].concat();
    let body: Vec<u8> = parts.iter().flat_map(part).collect();
    [format!("{VERSION}{}\n", hex::encode(Sha256::digest(&body))).as_bytes(), &body].concat()
}

/// The parts of a pack of so many; `None` if it is not what was written.
pub(super) fn opened(pack: &[u8], count: u64) -> Option<Vec<Vec<u8>>> {
    let (first, mut rest) = line(pack)?;
    if first.strip_prefix(VERSION)? != hex::encode(Sha256::digest(rest)) {
        return None;
    }
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (length, after) = line(rest)?;
        let (part, after) = after.split_at_checked(length.parse().ok()?)?;
        parts.push(part.to_vec());
        rest = after.strip_prefix(b"\n")?;
    }
    (u64::try_from(parts.len()).ok()? == count).then_some(parts)
}

/// Reads a pack of so many parts.
///
/// # Errors
/// When it cannot be read, or is not what was written.
pub(super) fn read(path: &Path, count: u64) -> Result<Vec<Vec<u8>>, Error> {
    let bytes = std::fs::read(path).map_err(|e| Error::reading(path, e))?;
    opened(&bytes, count).ok_or_else(|| Error::damaged(path))
}

/// The text before the first line's end, and the bytes after it.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.strip_prefix(b"\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_and_every_cut_of_a_pack_is_noticed() {
        let parts = [b"one\n".to_vec(), Vec::new(), b"3\n\n\n".to_vec(), vec![0, 255, 10]];
        let pack = written(&parts);
        assert_eq!(opened(&pack, 4).as_deref(), Some(&parts[..]));
        assert!(opened(&pack, 3).is_none() && opened(&pack, 5).is_none());
        assert!((0..pack.len()).all(|cut| opened(&pack[..cut], 4).is_none()));
        for at in 0..pack.len() {
            let mut changed = pack.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, 4).is_none(), "byte {at}");
        }
        assert!(opened(&[pack.as_slice(), b"\n"].concat(), 4).is_none());
    }
}
