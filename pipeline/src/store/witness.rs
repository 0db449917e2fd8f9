//! What the key zone remembers of the landed tables: their newest version, its random id and the digest of its log.
//!
//! A landed table restored from yesterday would give the numbers of forgotten rows to others. So each landing leaves the
//! version in the key zone, and a table that is behind it, or beside it, is refused: one of two copies that both went on.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::chain::{Chain, commit_file};
use super::refusal;
use utfall_ground::checksum;
use utfall_ground::durable::Put;
use utfall_ground::error::Error;

/// The file in the key zone: per line a table, a version, the version's id and the digest of its log; then their own digest.
const FILE: &str = "landed.witness";

/// The memory of one key zone.
#[derive(Debug, Clone)]
pub struct Witness {
    zone: PathBuf,
}

/// A version as the key zone remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    number: u64,
    id: String,
    /// The digest of the log until then; none where an earlier version of this program wrote it.
    digest: Option<String>,
}

impl Witness {
    /// The memory in a key zone.
    pub fn new(zone: &Path) -> Self {
        Self { zone: zone.to_path_buf() }
    }

    /// Begins an empty memory, for a store on which nothing has landed.
    ///
    /// # Errors
    /// When the zone remembers another store's tables.
    pub fn begin(&self) -> Result<(), Error> {
        if checksum::put_if_absent(&self.path(), "")? == Put::Done || self.read()?.is_empty() {
            return Ok(());
        }
        Err(refusal::zone_of_another(&self.zone))
    }

    /// Gives the memory that an earlier version of this program wrote a digest of its own, if it remembers every table below
    /// a folder that has landed more than once: of a first landing that was killed it may not have heard.
    ///
    /// # Errors
    /// When the key zone cannot be read or written, or remembers less.
    pub fn seal(&self, landed: &Path) -> Result<(), Error> {
        let path = self.path();
        let text = std::fs::read_to_string(&path).map_err(|_| Error::damaged(&path))?;
        if checksum::is_sealed(&text) {
            return self.read().map(|_| ());
        }
        let entries = entries(&text).ok_or_else(|| Error::damaged(&path))?;
        let tables = std::fs::read_dir(landed).into_iter().flatten().flatten().filter(|t| commit_file(&t.path(), 2).exists());
        let mut names = tables.map(|table| table.file_name().to_string_lossy().into_owned());
        // That version wrote no digests of logs: where there are some, the memory has lost its own.
        if entries.values().any(|version| version.digest.is_some()) || names.any(|name| !entries.contains_key(&name)) {
            return Err(Error::damaged(&path));
        }
        checksum::replace(&path, &text)
    }

    /// The folder of the key zone.
    pub fn zone(&self) -> &Path {
        &self.zone
    }

    fn path(&self) -> PathBuf {
        self.zone.join(FILE)
    }

    fn read(&self) -> Result<BTreeMap<String, Version>, Error> {
        let path = self.path();
        let text = checksum::read(&path)?.ok_or_else(|| refusal::witness_missing(&path))?;
        entries(&text).ok_or_else(|| Error::damaged(&path))
    }

    /// What a table must descend from. Read this before the table: it only moves forward after a commit, so the table that
    /// is read then is never behind it.
    ///
    /// # Errors
    /// When the key zone cannot be read.
    pub fn of(&self, table: &str) -> Result<Ancestor, Error> {
        Ok(Ancestor { table: table.to_owned(), witnessed: self.read()?.remove(table) })
    }

    /// Remembers a version by its id and the digest of its log; never moves backwards.
    ///
    /// # Errors
    /// When the key zone cannot be written, or another copy of the table has come as far.
    pub fn advance(&self, table: &str, number: u64, (id, digest): (&str, &str)) -> Result<(), Error> {
        let known = |entries: &BTreeMap<String, Version>| entries.get(table).cloned().filter(|known| known.number >= number);
        let version = Version { number, id: id.to_owned(), digest: Some(digest.to_owned()) };
        let is_news = |known: Option<Version>| match known {
            Some(known) if known.number > number || known == version => Ok(false),
            Some(known) if known.id == version.id && known.digest.is_none() => Ok(true),
            Some(_) => Err(refusal::table_copied(table)),
            None => Ok(true),
        };
        // Whoever only reads writes nothing there.
        if !is_news(known(&self.read()?))? {
            return Ok(());
        }
        let lock = self.zone.join("landed.lock");
        let _lock = File::create(&lock).and_then(|f| f.lock().map(|()| f)).map_err(|e| Error::writing(&lock, e))?;
        let mut entries = self.read()?;
        if !is_news(known(&entries))? {
            return Ok(());
        }
        entries.insert(table.to_owned(), version);
        let line = |(table, version): (&String, &Version)| {
            let digest = version.digest.as_ref().map(|digest| format!(" {digest}")).unwrap_or_default();
            format!("{table} {} {}{digest}\n", version.number, version.id)
        };
        checksum::replace(&self.path(), &entries.iter().map(line).collect::<String>())
    }
}

/// What stands in the memory, by table; `None` if that cannot be.
fn entries(text: &str) -> Option<BTreeMap<String, Version>> {
    let line = |line: &str| {
        let mut fields = line.split(' ').map(str::to_owned);
        let (table, number, id) = (fields.next()?, fields.next()?.parse().ok()?, fields.next()?);
        let digest = fields.next();
        fields.next().is_none().then_some((table, Version { number, id, digest }))
    };
    text.lines().map(line).collect()
}

/// The version that a table must descend from, if any has landed.
#[derive(Debug)]
pub struct Ancestor {
    table: String,
    witnessed: Option<Version>,
}

impl Ancestor {
    /// Refuses a table that is older than what was landed, or another one.
    ///
    /// # Errors
    /// With what to restore.
    pub(super) fn check(self, chain: Option<&Chain>) -> Result<(), Error> {
        let Self { table, witnessed } = self;
        let Some(Version { number, id, digest }) = witnessed else { return Ok(()) };
        let told = chain.and_then(|chain| chain.told(number)?.snapshot.clone());
        if told != Some(id) {
            return Err(refusal::table_behind(&table));
        }
        match chain {
            Some(chain) if digest.is_some() && chain.digest(number) != digest => Err(Error::damaged(&chain.log())),
            _ => Ok(()),
        }
    }
}
