//! The key zone: the pseudonymisation key, the aliases of people whose number changed, and the witnesses of ledger and landed
//! tables, in a folder outside the data directory. The only room that sees an identity number and the key together: it takes what a
//! cell says and gives a pseudonym. Each of its files tells of damage. Start reading at [`pseudonym`].

mod alias;
pub mod backup;
pub mod identity;
pub mod pseudonym;
mod signing;
mod tagger;
mod zone;

pub use alias::{Aliases, Objection};
pub use signing::SigningKey;
pub use tagger::Tagger;
pub use zone::{harden, require_separate};

use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::id::fill;
use utfall_ground::text::Message;
use utfall_ground::untrusted;

/// The file of the key in the key zone: one part per line, the oldest first.
pub const KEY_FILE: &str = "pseudonym.key";
/// The environment variable that may hold the key instead: its parts of 64 hexadecimal digits, with commas between them.
pub const KEY_VARIABLE: &str = "UTFALL_KEY";

/// Parts of 32 random bytes that turn identity numbers into pseudonyms. Cannot be printed; zeroed when dropped.
///
/// It is never created silently: `utfall init` does it once. A missing key, or one whose id is not the store's, is refused,
/// because a second key would give everybody a second pseudonym. A rotation adds a part and keeps the parts before it:
/// pseudonyms are mapped from part to part, so nobody starts anew.
pub struct Key(Vec<Zeroizing<[u8; 32]>>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(redacted)")
    }
}

impl Key {
    /// Draws a key from the operating system and writes it, mode 0600, into a zone that has none.
    ///
    /// # Errors
    /// When the zone lies below the data directory, has a key already, or cannot be written.
    pub fn create(zone: &Path, data: &Path) -> Result<Self, Error> {
        require_separate(zone, data)?;
        durable::create_folder(zone)?;
        let key = Self(vec![part()?]);
        let path = zone.join(KEY_FILE);
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                let shown = path.display();
                Error::storage(
                    "key-exists",
                    Message::new(
                        format!("{shown} finns redan; en nyckel skapas bara en gång"),
                        format!("{shown} exists already; a key is created only once"),
                    ),
                )
            }
            _ => Error::writing(&path, e),
        })?;
        file.write_all(key.text().as_bytes()).and_then(|()| file.sync_all()).map_err(|e| Error::writing(&path, e))?;
        durable::sync_folder(zone)?;
        Ok(key)
    }

    /// Reads the key from the environment or from the zone.
    ///
    /// # Errors
    /// When there is none, others may read it, or the zone lies below the data directory; the message says what to do.
    pub fn read(zone: &Path, data: &Path) -> Result<Self, Error> {
        require_separate(zone, data)?;
        if let Ok(text) = std::env::var(KEY_VARIABLE) {
            return Self::parse(&Zeroizing::new(text)).ok_or_else(|| {
                Error::storage(
                    "key-malformed",
                    Message::new(
                        format!("{KEY_VARIABLE} ska innehålla 64 hexadecimala siffror per del, med komma mellan delarna"),
                        format!("{KEY_VARIABLE} must hold 64 hexadecimal digits per part, with commas between the parts"),
                    ),
                )
            });
        }
        let path = zone.join(KEY_FILE);
        zone::owner_only(&path)?;
        let text = text_of(&path).map_err(|e| Error::reading(&path, e))?;
        Self::parse(&text).ok_or_else(|| malformed(&path))
    }

    /// This key and one more part. Nothing is written.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn rotated(&self) -> Result<Self, Error> {
        let mut parts = self.0.clone();
        parts.push(part()?);
        Ok(Self(parts))
    }

    /// Writes the key over the one in the zone, durably and in one step.
    ///
    /// # Errors
    /// When the zone cannot be written.
    pub fn write(&self, zone: &Path) -> Result<(), Error> {
        durable::replace(&zone.join(KEY_FILE), self.text().as_bytes())
    }

    /// Writes the key under a name of its own, durably, unless it is taken.
    ///
    /// # Errors
    /// When the place cannot be written or the name is taken.
    pub fn write_new(&self, path: &Path) -> Result<(), Error> {
        match durable::put_if_absent(path, self.text().as_bytes())? {
            durable::Put::Done => Ok(()),
            durable::Put::Exists => Err(Error::usage(
                "name-taken",
                Message::new(
                    format!("{} finns redan; välj ett annat namn", path.display()),
                    format!("{} exists already; choose another name", path.display()),
                ),
            )),
        }
    }

    /// Reads a key from a file of [`Key::write_new`].
    ///
    /// # Errors
    /// When there is none, or others may read it.
    pub fn read_from(path: &Path) -> Result<Self, Error> {
        zone::owner_only(path)?;
        let text = text_of(path).map_err(|e| Error::reading(path, e))?;
        Self::parse(&text).ok_or_else(|| malformed(path))
    }

    fn parse(text: &str) -> Option<Self> {
        let part = |text: &str| {
            let mut bytes = Zeroizing::new([0_u8; 32]);
            hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).ok()?;
            Some(bytes)
        };
        let parts: Option<Vec<_>> = text.trim().split([',', '\n']).map(part).collect();
        parts.filter(|parts| !parts.is_empty()).map(Self)
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 65));
        for part in &self.0 {
            text.push_str(&Zeroizing::new(hex::encode(part.as_slice())));
            text.push('\n');
        }
        text
    }

    /// A tagger under each part, the oldest first.
    pub fn every(&self, label: &str) -> Vec<Tagger> {
        self.0.iter().map(|part| Tagger::new(part, label)).collect()
    }

    /// The public id of each part, the oldest first.
    pub fn ids(&self) -> Vec<String> {
        let id = |tagger: &Tagger| hex::encode(tagger.tag(b"").get(..8).unwrap_or_default());
        self.every("utfall key id 1").iter().map(id).collect()
    }

    /// The public id of the newest part, which stands beside the data.
    pub fn id(&self) -> String {
        self.ids().pop().unwrap_or_default()
    }
}

/// A file that holds no key.
fn malformed(path: &Path) -> Error {
    let shown = path.display();
    Error::storage(
        "key-malformed",
        Message::new(
            format!("{shown} är ingen nyckel; återställ den från dess säkerhetskopia"),
            format!("{shown} is not a key of 64 hexadecimal digits a line; restore it from its backup"),
        ),
    )
}

/// The text of a key's file, in a room that is not moved while it is read: what is left behind nobody would zero.
fn text_of(path: &Path) -> Result<Zeroizing<String>, std::io::Error> {
    /// A thousand rotations.
    const LONGEST: usize = 1 << 16;
    let (file, mut text) = (untrusted::open(path)?, Zeroizing::new(String::with_capacity(LONGEST)));
    file.take(u64::try_from(LONGEST).unwrap_or_default()).read_to_string(&mut text)?;
    Ok(text)
}

fn part() -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    fill(bytes.as_mut_slice())?;
    Ok(bytes)
}
