//! Small texts that end with their own digest: what the key zone and the store say of themselves, so that a text which was
//! emptied, cut or changed by a bit is damage and nothing else.

use std::io::ErrorKind;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::durable::{self, Put};
use crate::error::Error;

/// What stands before the digest of the lines, in the last line; a comment where the lines are TOML.
const SUM: &str = "# sha256 ";

/// The lines, and behind them their digest.
pub fn sealed(lines: &str) -> String {
    format!("{lines}{SUM}{}\n", hex::encode(Sha256::digest(lines)))
}

/// The lines of a sealed text; `None` if it is not what was written.
pub fn opened(text: &str) -> Option<&str> {
    let (lines, sum) = text.rsplit_once(SUM)?;
    let whole = lines.is_empty() || lines.ends_with('\n');
    (whole && sum.strip_suffix('\n') == Some(&hex::encode(Sha256::digest(lines)))).then_some(lines)
}

/// Whether a text says that it has a digest.
pub fn is_sealed(text: &str) -> bool {
    text.contains(SUM)
}

/// The lines of a sealed text, or a text that an earlier version of this program wrote without a seal; `None` if it is not
/// what was written.
pub fn lines(text: &str) -> Option<&str> {
    if is_sealed(text) { opened(text) } else { Some(text) }
}

/// The lines of a sealed file; none if there is no such file.
///
/// # Errors
/// When it cannot be read, or is not what was written.
pub fn read(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let text = std::str::from_utf8(&bytes).ok().and_then(opened);
            text.map(|lines| Some(lines.to_owned())).ok_or_else(|| Error::damaged(path))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::reading(path, e)),
    }
}

/// Puts sealed lines in the place of others, durably and in one step.
///
/// # Errors
/// When the file system refuses.
pub fn replace(path: &Path, lines: &str) -> Result<(), Error> {
    durable::replace(path, sealed(lines).as_bytes())
}

/// Writes sealed lines where there must be none yet.
///
/// # Errors
/// When the file system refuses.
pub fn put_if_absent(path: &Path, lines: &str) -> Result<Put, Error> {
    durable::put_if_absent(path, sealed(lines).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        for lines in ["", "participation 3 ab\n", "a\nb\n"] {
            let text = sealed(lines);
            assert_eq!(opened(&text), Some(lines));
            assert!((0..text.len()).all(|cut| opened(&text[..cut]).is_none()));
            for bit in 0..text.len() * 8 {
                let mut bytes = text.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(std::str::from_utf8(&bytes).ok().and_then(opened).is_none(), "bit {bit}");
            }
        }
    }
}
