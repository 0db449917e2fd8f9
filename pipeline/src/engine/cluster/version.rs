//! Which build a program is. A worker of another build might count otherwise, so it is told by the program itself: the hash of its
//! file.

use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use utfall_ground::error::Error;

/// The program that runs, however its file was replaced since.
const OWN: &str = "/proc/self/exe";

/// The version of this program and the hash of its file.
///
/// # Errors
/// When it cannot read itself.
pub(super) fn own() -> Result<String, Error> {
    static OWN_BUILD: OnceLock<String> = OnceLock::new();
    if let Some(known) = OWN_BUILD.get() {
        return Ok(known.clone());
    }
    let hash = hash(Path::new(OWN)).map_err(|e| Error::reading(Path::new(OWN), e))?;
    Ok(OWN_BUILD.get_or_init(|| format!("utfall {} {hash}", env!("CARGO_PKG_VERSION"))).clone())
}

fn hash(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut bytes)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(bytes.get(..read).unwrap_or_default());
    }
}
