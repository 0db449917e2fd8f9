//! What the key zone remembers of the landed tables: their newest version and its random id.
//!
//! A landed table restored from yesterday would give the numbers of forgotten rows to others. So each landing leaves the
//! version in the key zone, and a table that is behind it, or beside it, is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::durable;
use crate::error::Error;
use crate::language::say;

/// The file in the key zone: per line a table, a version and the version's id.
const FILE: &str = "landed.witness";

/// The memory of one key zone.
#[derive(Debug, Clone)]
pub struct Descent {
    zone: PathBuf,
}

impl Descent {
    /// The memory in a key zone.
    pub fn new(zone: &Path) -> Self {
        Self { zone: zone.to_path_buf() }
    }

    /// Begins an empty memory, for a store on which nothing has landed.
    ///
    /// # Errors
    /// When the zone remembers another store's tables.
    pub fn begin(&self) -> Result<(), Error> {
        durable::put_if_absent(&self.path(), b"")?;
        if self.read()?.is_empty() {
            return Ok(());
        }
        Err(Error::storage(say(
            format!("{} hör till en annan datakatalog; välj en annan katalog med --keys", self.zone.display()),
            format!("{} belongs to another data directory; choose another folder with --keys", self.zone.display()),
        )))
    }

    /// The folder of the key zone.
    pub fn zone(&self) -> &Path {
        &self.zone
    }

    fn path(&self) -> PathBuf {
        self.zone.join(FILE)
    }

    fn read(&self) -> Result<BTreeMap<String, (u64, String)>, Error> {
        let path = self.path();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) => {
                return Err(Error::storage(say(
                    format!("{} saknas ({e}); återställ nyckelkatalogen från dess säkerhetskopia", path.display()),
                    format!("{} is missing ({e}); restore the key zone from its backup", path.display()),
                )));
            }
        };
        let line = |line: &str| {
            let mut fields = line.split(' ');
            let entry = (fields.next()?.to_owned(), (fields.next()?.parse().ok()?, fields.next()?.to_owned()));
            fields.next().is_none().then_some(entry)
        };
        let entries: Option<BTreeMap<_, _>> = text.lines().map(line).collect();
        entries.ok_or_else(|| Error::storage(format!("{} cannot be read; restore the key zone from its backup", path.display())))
    }

    /// What a table must descend from. Read this before the table: it only moves forward after a commit, so the table that
    /// is read then is never behind it.
    ///
    /// # Errors
    /// When the key zone cannot be read.
    pub fn of(&self, table: &str) -> Result<Ancestor, Error> {
        Ok(Ancestor { table: table.to_owned(), witnessed: self.read()?.remove(table) })
    }

    /// Remembers a version; never moves backwards.
    ///
    /// # Errors
    /// When the key zone cannot be written.
    pub fn advance(&self, table: &str, version: u64, id: &str) -> Result<(), Error> {
        let lock = self.zone.join("landed.lock");
        let _lock = File::create(&lock).and_then(|f| f.lock().map(|()| f)).map_err(|e| Error::writing(&lock, &e))?;
        let mut entries = self.read()?;
        if entries.get(table).is_some_and(|(known, _)| *known >= version) {
            return Ok(());
        }
        entries.insert(table.to_owned(), (version, id.to_owned()));
        let text: String = entries.iter().map(|(table, (version, id))| format!("{table} {version} {id}\n")).collect();
        durable::replace(&self.path(), text.as_bytes())
    }
}

/// The version that a table must descend from, if any has landed.
#[derive(Debug)]
pub struct Ancestor {
    table: String,
    witnessed: Option<(u64, String)>,
}

impl Ancestor {
    /// Refuses a table that is older than what was landed, or another one. `id_at` gives the id of one of its versions.
    ///
    /// # Errors
    /// With what to restore.
    pub fn check(self, version: Option<u64>, id_at: impl Fn(u64) -> Option<String>) -> Result<(), Error> {
        let Self { table, witnessed } = self;
        let Some((witnessed, id)) = witnessed else { return Ok(()) };
        if version.is_some_and(|version| version >= witnessed) && id_at(witnessed) == Some(id) {
            return Ok(());
        }
        Err(Error::storage(say(
            format!(
                "den landade tabellen {table} är äldre än det som landade senast, eller en annan; återställ hela datakatalogen från den nyaste säkerhetskopian"
            ),
            format!(
                "the landed table {table} is older than what landed last, or another one; restore the whole data directory from the newest backup"
            ),
        )))
    }
}
