//! The data directory: landed Delta tables, the ledger's log, the archive of releases.
//!
//! Takes rows, entries and archives as bytes; gives them back as they were written, or an error. It may not see an identity number.
//! Start reading at [`Store`], then `table`.
//!
//! ```text
//! store.toml            the store's id, pseudonymisation domain and key id
//! store.lock            held while a store of the format before is taken over
//! landed/<table>/       one Delta table per private schema, a commit for the lists of a call; parted by what its rows are; copies
//!                       of old commits in _utfall/, 256 together
//! landed.lock           held while landed files are written that no commit names yet, or counted
//! release.lock          held while a release is made
//! clock.toml            that the clock was ahead, and is right again
//! pending.toml          an erasure, rotation or merge that is going on
//! receipts/             what erasures left to show
//! ledger/<index>.entry  the hash-chained log of events; of old ones 1,024 in a <first>-<last>.pack
//! ledger.lock           held while an entry is put or packed
//! unfinished.json       which reservations could not be finished
//! known/<release>.json  from what each release was published, and as what
//! renditions/<id>.json  in which words a release is shown, where they are not the archived ones
//! archived.jsonl        what each archived release is called
//! archive/<id>.release  noisy integers and their description, content-addressed
//! log/engine.log        the controller's log
//! ```
//!
//! It is a folder of this machine, or lies in a bucket ([`address`]). Of a bucket there is a folder too, a copy that is written in the bucket
//! first (`objects`, which [`utfall_ground::origin`] puts before every durable write); all rooms but that one know the folder alone.

pub mod address;
pub mod archive;
mod chain;
pub mod clock;
pub mod codec;
pub mod columns;
mod create;
mod declared;
pub mod digest;
pub mod file;
mod groups;
pub(crate) mod hybrid;
pub mod index;
pub mod ledger;
mod narrow;
pub mod numbering;
#[cfg(feature = "object-store")]
pub mod objects;
mod pack;
mod people;
pub mod persons;
pub mod place;
mod refusal;
pub mod stored;
mod table;
#[cfg(test)]
mod tests;
pub mod vacuum;
pub mod witness;

pub(crate) use refusal::landings_ahead;
pub use table::{Change, Commit, Pinned, REPORT, discard};

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::keyzone::{Aliases, Key, require_separate};
use crate::store::vacuum::LockFile;
use utfall_ground::checksum;
use utfall_ground::durable::{self, Put};
use utfall_ground::error::Error;
use utfall_ground::id::random_id;
use utfall_ground::text::Message;
use witness::Witness;

/// The format of the data directory.
const FORMAT: u32 = 6;
/// The format before it: the same, but nothing has digests of its own beside what has landed.
const UNSEALED: u32 = 5;

/// An open data directory.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    witness: Witness,
    settings: Settings,
    seen: table::Seen,
}

/// What stands beside the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    format: u32,
    store: String,
    domain: String,
    /// The id of each part of the key, the oldest first.
    keys: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    demonstration: bool,
    /// How many aliases the key zone must have at least.
    #[serde(default)]
    aliases: usize,
}

impl Settings {
    fn text(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(Error::not_encodable)
    }

    /// What `store.toml` says; that of [`UNSEALED`] has no digest.
    fn read(path: &Path) -> Result<Self, Error> {
        Self::of(&std::fs::read(path).map_err(|e| Error::reading(path, e))?, path)
    }

    /// What these bytes of it say.
    fn of(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::damaged(path))?;
        let settings: Self =
            checksum::lines(text).and_then(|lines| toml::from_str(lines).ok()).ok_or_else(|| Error::damaged(path))?;
        match settings.format {
            FORMAT if checksum::is_sealed(text) => Ok(settings),
            FORMAT => Err(Error::damaged(path)),
            UNSEALED => Ok(settings),
            other => Err(Error::storage(
                "format-unknown",
                Message::new(
                    format!("{} skrevs av en annan version av utfall (format {other})", path.display()),
                    format!("{} was written by another version of utfall (format {other})", path.display()),
                ),
            )),
        }
    }
}

impl Store {
    /// Makes a data directory for a key. What is published from a `demonstration` says that its people are made up.
    ///
    /// # Errors
    /// When one exists already or the file system refuses.
    pub fn create(root: &Path, zone: &Path, key: &Key, domain: &str, demonstration: bool) -> Result<Self, Error> {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        private_folder(root)?;
        std::fs::set_permissions(root, owner_only).map_err(|e| Error::writing(root, e))?;
        for folder in ["landed", "ledger", "archive"] {
            private_folder(&root.join(folder))?;
        }
        let settings = Settings {
            format: FORMAT,
            store: random_id()?,
            domain: domain.to_owned(),
            keys: key.ids(),
            demonstration,
            aliases: 0,
        };
        Witness::new(zone).begin()?;
        match checksum::put_if_absent(&root.join("store.toml"), &settings.text()?)? {
            Put::Done => {
                Ok(Self { root: root.to_path_buf(), witness: Witness::new(zone), settings, seen: table::Seen::default() })
            }
            Put::Exists => {
                let shown = root.display();
                Err(Error::storage(
                    "store-exists",
                    Message::new(
                        format!("{shown} är redan en datakatalog; ingenting ändrades"),
                        format!("{shown} is a data directory already; nothing was changed"),
                    ),
                ))
            }
        }
    }

    /// Whether there is a data directory here.
    ///
    /// # Errors
    /// When there can be none, it may not be read, or all that is missing of it is what tells whose it is.
    pub fn exists(root: &Path) -> Result<bool, Error> {
        placeable(root)?;
        let path = root.join("store.toml");
        utfall_ground::permissions::readable(&path)?;
        let exists = path.try_exists().map_err(|e| Error::given(&path, e))?;
        // An init that was killed has a first entry and nothing else.
        if !exists && ledger::FileLog::has_begun(root) {
            return Err(Error::storage(
                "store-incomplete",
                Message::new(
                    format!("{} saknas; återställ den från en säkerhetskopia", path.display()),
                    format!("{} is missing; restore it from a backup", path.display()),
                ),
            ));
        }
        Ok(exists)
    }

    /// Opens a data directory.
    ///
    /// # Errors
    /// When there is none, with how to make one.
    pub fn open(root: &Path, zone: &Path) -> Result<Self, Error> {
        require_separate(root, zone)?;
        let path = root.join("store.toml");
        if !Self::exists(root)? {
            return Err(Error::storage(
                "store-missing",
                Message::new(
                    format!("ingen datakatalog i {}; gör en med `utfall init`", root.display()),
                    format!("no data directory at {}; make one with `utfall init`", root.display()),
                ),
            ));
        }
        [zone, &zone.join(crate::keyzone::KEY_FILE)].into_iter().try_for_each(utfall_ground::permissions::readable)?;
        let store = Self {
            root: root.to_path_buf(),
            witness: Witness::new(zone),
            settings: Settings::read(&path)?,
            seen: table::Seen::default(),
        };
        if store.settings.format == UNSEALED { store.taken_over() } else { Ok(store) }
    }

    /// The store with digests of its own, which the format before did not have. Under a lock: who was slower would put back what
    /// a rotation has changed since.
    fn taken_over(self) -> Result<Self, Error> {
        let LockFile { file: lock, path: at } = self.lock_file("store.lock")?;
        lock.lock().map_err(|e| Error::writing(&at, e))?;
        let path = self.root.join("store.toml");
        let settings = Settings::read(&path)?;
        if settings.format != UNSEALED {
            return Ok(Self { settings, ..self });
        }
        self.witness.seal(&self.root.join("landed"))?;
        let settings = Settings { format: FORMAT, ..settings };
        checksum::replace(&path, &settings.text()?)?;
        Ok(Self { settings, ..self })
    }

    /// Refuses a key that is not this store's.
    ///
    /// # Errors
    /// When the ids differ: a second key would give everybody a second pseudonym.
    pub fn accept_key(&self, key: &Key) -> Result<(), Error> {
        if key.ids() == self.settings.keys {
            return Ok(());
        }
        Err(Error::storage(
            "key-of-another-store",
            Message::new(
                format!(
                    "nyckeln {} är inte datakatalogens nyckel {}; återställ rätt nyckel från säkerhetskopian eller ange dess katalog med --keys",
                    key.id(),
                    self.key_id()
                ),
                format!(
                    "the key {} is not this store's key {}; restore the right one from its backup or point --keys at its folder",
                    key.id(),
                    self.key_id()
                ),
            ),
        ))
    }

    /// Writes down that the data are landed under this key from now on; who opens the store next reads it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_key(&self, key: &Key) -> Result<(), Error> {
        let settings = Settings { keys: key.ids(), ..self.again()?.settings };
        checksum::replace(&self.root.join("store.toml"), &settings.text()?)
    }

    /// The same data directory as it was before it had a key, for who brings rows of that time under it.
    #[must_use]
    pub(crate) fn before_key(&self, id: &str) -> Self {
        let mut settings = self.settings.clone();
        settings.keys.retain(|key| key != id);
        Self { root: self.root.clone(), witness: self.witness.clone(), settings, seen: table::Seen::default() }
    }

    /// Refuses to take rows for the newest that were committed under a key while another machine rotated it: a rotation that
    /// has told of its key looks for such rows afterwards, and whoever commits after that finds it told.
    ///
    /// # Errors
    /// When the key was rotated since this directory was opened.
    fn still_has_key(&self, under: &str) -> Result<(), Error> {
        let says = self.root.join("store.toml");
        let now = Settings::of(&durable::read_now(&says)?, &says)?;
        let rotated = now.keys.split_last().is_some_and(|(_, before)| before.iter().any(|key| key == under));
        if rotated { Err(refusal::rotated_meanwhile(under, now.keys.last().map_or("", String::as_str))) } else { Ok(()) }
    }

    /// The people whose number changed, from the key zone.
    ///
    /// # Errors
    /// When they cannot be read, or are fewer than the store has been told of.
    pub fn aliases(&self) -> Result<Aliases, Error> {
        let (aliases, told) = (Aliases::read(self.zone())?, self.again()?.settings.aliases);
        if aliases.len() >= told {
            return Ok(aliases);
        }
        Err(Error::storage(
            "aliases-missing",
            Message::new(
                format!("{} saknar alias för nummer som har ersatts; återställ den från säkerhetskopian", self.zone().display()),
                format!("{} lacks aliases of numbers that were replaced; restore it from its backup", self.zone().display()),
            ),
        ))
    }

    /// Writes aliases into the key zone, and in the store how many there are, so that their absence is noticed.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn set_aliases(&self, aliases: &Aliases) -> Result<(), Error> {
        aliases.write(self.zone())?;
        let settings = Settings { aliases: aliases.len(), ..self.again()?.settings };
        checksum::replace(&self.root.join("store.toml"), &settings.text()?)
    }

    /// Opens the store anew: a rotation may have changed its key.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn again(&self) -> Result<Self, Error> {
        Self::open(&self.root, self.witness.zone())
    }

    /// The folder of the store.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the key zone.
    pub fn zone(&self) -> &Path {
        self.witness.zone()
    }

    /// The id of the newest part of the key whose pseudonyms are landed here.
    pub fn key_id(&self) -> &str {
        self.settings.keys.last().map_or("", String::as_str)
    }

    /// Whether a key is one of those before the newest.
    pub(crate) fn had_key(&self, id: &str) -> bool {
        self.settings.keys.split_last().is_some_and(|(_, before)| before.iter().any(|key| key == id))
    }

    /// The id of the key with which the store began; the ledger counts persons under it, whatever rotations came after.
    pub fn first_key_id(&self) -> &str {
        self.settings.keys.first().map_or("", String::as_str)
    }

    /// The pseudonymisation domain.
    pub fn domain(&self) -> &str {
        &self.settings.domain
    }

    /// Whether its people are made up, so that everything published from it says so.
    pub fn is_demonstration(&self) -> bool {
        self.settings.demonstration
    }

    /// Removes what killed processes left half-written: a drawn release that was never archived must not lie about.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn sweep(&self) -> Result<(), Error> {
        let mut folders: Vec<PathBuf> =
            ["", "ledger", "archive", "receipts", "known", "signatures"].map(|name| self.root.join(name)).into();
        folders.push(self.witness.zone().to_path_buf());
        let tables = std::fs::read_dir(self.root.join("landed")).into_iter().flatten().flatten();
        folders.extend(tables.flat_map(|table| ["_delta_log", "_utfall"].map(|folder| table.path().join(folder))));
        folders.iter().filter(|folder| folder.is_dir()).try_for_each(|folder| durable::sweep(folder))
    }
}

/// Delta decodes a path once too often, and knows text alone: a folder whose name holds `%20` or the like, a line break or
/// bytes that are no text would not be found again. The name by which it is called counts, and where that leads.
///
/// # Errors
/// When the path is such a one.
pub fn placeable(root: &Path) -> Result<(), Error> {
    let encoded = |w: &[u8]| matches!(w, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    let wrong = |path: &Path| {
        path.to_str()
            .is_none_or(|path| path.contains(|c: char| c == '\\' || c.is_control()) || path.as_bytes().windows(3).any(encoded))
    };
    let named = std::path::absolute(root).map_err(|e| Error::given(root, e))?;
    let Some(path) = [Some(named), root.canonicalize().ok()].into_iter().flatten().find(|path| wrong(path)) else {
        return Ok(());
    };
    let path = utfall_ground::redact::shown(&path);
    Err(Error::usage(
        "path-unusable",
        Message::new(
            format!(
                "datakatalogens sökväg får inte innehålla radbrytningar, \\, % följt av två hexsiffror, eller annat än UTF-8: {path}; flytta eller döp om katalogen, eller ange en annan med --data"
            ),
            format!(
                "the data directory's path must not hold line breaks, \\, % before two hex digits, or anything but UTF-8: {path}; move or rename the folder, or name another with --data"
            ),
        ),
    ))
}

/// The ledger stands on this: a second put of the same name must fail.
///
/// # Errors
/// When it does not fail, or the file system refuses the first.
pub fn probe(root: &Path) -> Result<(), Error> {
    let path = root.join(format!("probe-{}", random_id()?));
    let twice = [durable::put_if_absent(&path, b"1")?, durable::put_if_absent(&path, b"2")?];
    durable::remove(&path)?;
    if twice == [Put::Done, Put::Exists] {
        return Ok(());
    }
    let shown = root.display();
    Err(Error::storage(
        "file-system-unfit",
        Message::new(
            format!("filsystemet i {shown} låter en fil skrivas två gånger; välj ett annat"),
            format!("the file system of {shown} lets a file be written twice; choose another"),
        ),
    ))
}

/// Makes a folder that only its owner may enter, with those above it, durably; one that exists keeps its mode.
///
/// # Errors
/// When the file system refuses.
pub fn private_folder(folder: &Path) -> Result<(), Error> {
    durable::create_folder(folder)
}
