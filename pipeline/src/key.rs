//! The key zone: the pseudonymisation key and the witness of the ledger, in a folder outside the data directory.
//!
//! The key is never created silently: `utfall init` does it once. A missing key, or one whose id is not the store's, is
//! refused, because a second key would give everybody a second pseudonym.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::language::say;
use crate::store::durable;

/// The file of the key in the key zone.
pub const KEY_FILE: &str = "pseudonym.key";
/// The environment variable that may hold the key instead: 64 hexadecimal digits.
pub const KEY_VARIABLE: &str = "UTFALL_KEY";

/// 32 random bytes that turn identity numbers into pseudonyms. Cannot be printed; zeroed when dropped.
pub struct Key(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(withheld)")
    }
}

impl Key {
    /// Draws a key from the operating system and writes it, mode 0600, into a zone that has none.
    ///
    /// # Errors
    /// When the zone lies below the data directory, has a key already, or cannot be written.
    pub fn create(zone: &Path, data: &Path) -> Result<Self, Error> {
        apart(zone, data)?;
        let folder = |e| Error::writing(zone, &e);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(zone).map_err(folder)?;
        let mut bytes = Zeroizing::new([0_u8; 32]);
        fill(bytes.as_mut_slice())?;
        let path = zone.join(KEY_FILE);
        let text = Zeroizing::new(format!("{}\n", hex::encode(bytes.as_slice())));
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::storage(format!("{} exists already; a key is created only once", path.display()))
            }
            _ => Error::writing(&path, &e),
        })?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::writing(&path, &e))?;
        durable::sync_folder(zone)?;
        Ok(Self(bytes))
    }

    /// Reads the key from the environment or from the zone.
    ///
    /// # Errors
    /// When there is none, others may read it, or the zone lies below the data directory; the message says what to do.
    pub fn read(zone: &Path, data: &Path) -> Result<Self, Error> {
        apart(zone, data)?;
        if let Ok(text) = std::env::var(KEY_VARIABLE) {
            return Self::parse(&Zeroizing::new(text))
                .ok_or_else(|| Error::storage(format!("{KEY_VARIABLE} must hold 64 hexadecimal digits")));
        }
        let path = zone.join(KEY_FILE);
        let metadata = std::fs::metadata(&path).map_err(|e| {
            Error::storage(say(
                format!(
                    "ingen nyckel i {} ({e}); återställ den från dess säkerhetskopia eller ange dess katalog med --keys",
                    path.display()
                ),
                format!("no key at {} ({e}); restore it from its backup or point --keys at its folder", path.display()),
            ))
        })?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Error::storage(say(
                format!("andra får läsa {0}; kör: chmod 600 {0}", path.display()),
                format!("others may read {0}; run: chmod 600 {0}", path.display()),
            )));
        }
        let text = Zeroizing::new(std::fs::read_to_string(&path).map_err(|e| Error::reading(&path, &e))?);
        Self::parse(&text).ok_or_else(|| {
            Error::storage(format!("{} is not a key of 64 hexadecimal digits; restore it from its backup", path.display()))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// HMAC-SHA-256 under a label, cut to 16 bytes. The label is closed by a zero byte, so that no label is the beginning
    /// of another.
    pub fn tag(&self, label: &str, message: &[u8]) -> [u8; 16] {
        let mut tag = [0_u8; 16];
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) {
            mac.update(label.as_bytes());
            mac.update(&[0]);
            mac.update(message);
            tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        }
        tag
    }

    /// The key's public id, which stands beside the data.
    pub fn id(&self) -> String {
        hex::encode(&self.tag("utfall key id 1", b"")[..8])
    }
}

/// Fills a buffer from the operating system's generator.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    use rand::TryRng as _;
    rand::rngs::SysRng.try_fill_bytes(bytes).map_err(|e| Error::storage(format!("the operating system gives no randomness: {e}")))
}

/// Sixteen random bytes as text: ids of stores and snapshots.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn random_id() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// The key zone must not lie below the data directory, nor the other way round: a copy of one is then no copy of the other.
///
/// # Errors
/// When one lies below the other.
pub fn apart(zone: &Path, data: &Path) -> Result<(), Error> {
    let (zone, data) = (real(zone), real(data));
    if zone.starts_with(&data) || data.starts_with(&zone) {
        return Err(Error::storage(say(
            format!(
                "nycklar och data måste ligga skilda åt: {} och {}; välj en annan katalog med --keys",
                zone.display(),
                data.display()
            ),
            format!("keys and data must be apart: {} and {}; choose another folder with --keys", zone.display(), data.display()),
        )));
    }
    Ok(())
}

/// Where a path really leads, whether it exists yet or not: links are followed as far as there are any.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let mut real = PathBuf::new();
    for component in absolute.components() {
        if component == std::path::Component::ParentDir {
            real.pop();
        } else {
            real.push(component);
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real
}
