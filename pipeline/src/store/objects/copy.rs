//! The copy of a bucket on which this machine works: a folder that is filled when it is opened, and whose files are written in the bucket
//! first. What is missing is fetched, what is gone there goes here; whether what came is what was written is for those who read it:
//! names tell digests of landed files, commits and entries are chained, small texts are sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::bucket::{Bucket, Conditional, Listed, PROBE};
use super::index::{EMPTIED, Index, Seen, is_derived, is_local, is_of_size, tells_its_bytes};
use super::lease::{self, Lease};
use crate::store::address::Address;
use crate::store::refusal;
use utfall_ground::durable::{self, Put};
use utfall_ground::error::Error;
use utfall_ground::origin::{Copied, Origin};

/// What a command does in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It reads: nothing is written, and nobody waits.
    Read,
    /// It writes: nobody else does meanwhile.
    Write,
    /// It makes a data directory there: whether the bucket is fit is tried first.
    Begin,
}

/// So often a bucket is listed until it is at rest.
const LOOKS: usize = 20;

/// A working copy, open.
#[derive(Debug)]
pub struct WorkingCopy {
    copied: Option<Copied>,
    truth: Arc<Truth>,
    /// Held as long as the copy is open: by one process of this machine.
    _lock: File,
}

/// The bucket as the origin of the copy.
#[derive(Debug)]
struct Truth {
    bucket: Arc<Bucket>,
    /// Of whoever writes.
    lease: Mutex<Option<Lease>>,
    root: PathBuf,
    file: PathBuf,
    index: Mutex<Index>,
    /// Held while the copy is filled.
    filling: Mutex<()>,
}

impl WorkingCopy {
    /// Where the copy of a bucket lies below a cache folder.
    pub fn place(address: &Address, cache: &Path) -> PathBuf {
        cache.join(folder_of(address)).join("data")
    }

    /// Opens the copy of a bucket below a cache folder and fills it; `waiting` is told who else is at work, if that must be waited for.
    ///
    /// # Errors
    /// When the bucket cannot be reached, denies access or is unfit, another machine does not end, or the folder cannot be written.
    pub fn open(address: &Address, cache: &Path, access: Access, waiting: impl Fn(Option<&str>)) -> Result<Self, Error> {
        let root = Self::place(address, cache);
        for folder in ["landed", "ledger", "archive"] {
            durable::create_folder(&root.join(folder))?;
        }
        let folder = durable::folder(&root).to_path_buf();
        let root = root.canonicalize().map_err(|e| Error::reading(&root, e))?;
        let path = folder.join("copy.lock");
        let lock = File::options().create(true).append(true).open(&path).map_err(|e| Error::writing(&path, e))?;
        if lock.try_lock().is_err() {
            waiting(None);
            lock.lock().map_err(|e| Error::writing(&path, e))?;
        }
        let bucket = Arc::new(Bucket::open(address)?);
        if access == Access::Begin {
            bucket.probe()?;
        }
        let lease = match access {
            Access::Read => None,
            Access::Write | Access::Begin => Some(Lease::take(&bucket, &lease::holder(&path)?, |who| waiting(Some(who)))?),
        };
        let (file, filling) = (folder.join("seen"), Mutex::default());
        let index = Mutex::new(Index::read(&file));
        let truth = Arc::new(Truth { bucket, lease: Mutex::new(lease), root: root.clone(), file, index, filling });
        truth.begin()?;
        let origin: Arc<dyn Origin> = Arc::<Truth>::clone(&truth);
        Ok(Self { copied: Some(Copied::new(&root, origin)), truth, _lock: lock })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.truth.root
    }
}

impl Drop for WorkingCopy {
    /// Leaves what is known of the bucket for the next process, and lets others work there.
    fn drop(&mut self) {
        drop(self.copied.take());
        let _ = self.truth.index().write(&self.truth.file, &self.truth.root);
        drop(self.truth.lease.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// How the folder of an address is called: no two addresses have one, and people see which it is. With another server the same names are
/// another bucket.
fn folder_of(address: &Address) -> String {
    let server =
        ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ENDPOINT"]
            .map(|name| std::env::var(name).unwrap_or_default());
    let digest = hex::encode(Sha256::digest(format!("{address}\n{}", server.join("\n"))));
    format!("{}-{}", address.bucket, digest.get(..16).unwrap_or_default())
}

impl Truth {
    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses to write without a lease.
    fn may_write(&self) -> Result<(), Error> {
        let lease = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
        lease.as_ref().map_or_else(|| Err(refusal::objects_read_only(self.bucket.address())), Lease::check)
    }

    /// Makes the copy what the bucket is, whatever an earlier process left in it; whoever has no lease looks until nobody writes.
    fn begin(&self) -> Result<(), Error> {
        let mut listed = self.fill()?;
        let writes = self.lease.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        for _ in 0..LOOKS {
            if writes {
                break;
            }
            let before = std::mem::take(&mut listed);
            listed = self.fill()?;
            let same = |(a, b): (&Listed, &Listed)| a.name == b.name && a.version.is(&b.version);
            if before.len() == listed.len() && before.iter().zip(&listed).all(same) {
                break;
            }
        }
        let there: BTreeSet<&str> = listed.iter().map(|object| object.name.as_str()).collect();
        for file in files(&self.root)? {
            let Some(name) = file.strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            let is_aside = name.rsplit('/').next().is_some_and(|file| file.starts_with(durable::ASIDE));
            if is_aside || !(there.contains(name) || is_local(name)) {
                remove(&file)?;
            }
        }
        self.index().write(&self.file, &self.root)
    }

    /// Fetches what the copy lacks, and removes what it had from the bucket and is gone there. Gives what is listed.
    fn fill(&self) -> Result<Vec<Listed>, Error> {
        let _one = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..LOOKS {
            let mut listed = self.bucket.list()?;
            listed.retain(|object| object.name != lease::NAME && !object.name.starts_with(PROBE) && !is_local(&object.name));
            self.drop_derived(&listed)?;
            let wanted: Vec<Listed> = listed.iter().filter(|object| !self.has(object)).cloned().collect();
            let changed = self.bucket.fetch(&self.root, wanted.clone())?;
            if changed.is_empty() {
                self.take_over(&listed)?;
                return Ok(listed);
            }
        }
        Err(refusal::never_at_rest(self.bucket.address()))
    }

    /// Whether the copy has an object as it was listed.
    fn has(&self, object: &Listed) -> bool {
        let emptied = object.name == EMPTIED && object.size == 0;
        let is_there = is_of_size(&self.root.join(&object.name), object.size);
        let known = self.index().0.get(&object.name).map(|seen| seen.version.is(&object.version));
        emptied || is_there && known.unwrap_or_else(|| tells_its_bytes(&object.name))
    }

    /// The index is what was listed; what was in it and no longer is goes.
    fn take_over(&self, listed: &[Listed]) -> Result<(), Error> {
        let mut now = BTreeMap::new();
        let mut index = self.index();
        for object in listed {
            // What this process has put knows its digest.
            let known = index.0.get(&object.name).filter(|seen| seen.version.is(&object.version)).cloned();
            now.insert(object.name.clone(), known.unwrap_or_else(|| Seen::listed(object)));
        }
        let gone = index.0.keys().filter(|name| !now.contains_key(*name));
        let emptied = now.get(EMPTIED).filter(|seen| seen.is_emptied()).map(|_| EMPTIED);
        for name in gone.map(String::as_str).chain(emptied) {
            remove(&self.root.join(name))?;
        }
        index.0 = now;
        Ok(())
    }

    /// Removes what was made of the commits of a table, if that table is another one now.
    fn drop_derived(&self, listed: &[Listed]) -> Result<(), Error> {
        let first = |name: &str| name.ends_with("/_delta_log/00000000000000000000.json");
        let begun: BTreeSet<&str> =
            listed.iter().filter(|object| first(&object.name) && self.has(object)).map(|o| o.name.as_str()).collect();
        for file in files(&self.root)? {
            let Some(name) = file.strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            let table = name.split('/').nth(1).unwrap_or_default();
            let same = begun.contains(format!("landed/{table}/_delta_log/00000000000000000000.json").as_str());
            if is_derived(name) && !same {
                remove(&file)?;
            }
        }
        Ok(())
    }
}

impl Origin for Truth {
    fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<Put, Error> {
        if is_local(name) {
            return Ok(Put::Done);
        }
        self.may_write()?;
        let emptied = self.index().0.get(name).filter(|seen| name == EMPTIED && seen.is_emptied()).cloned();
        let put = match emptied {
            Some(seen) => self.bucket.update(name, bytes, &seen.version)?,
            None => self.bucket.create(name, bytes)?,
        };
        match put {
            Conditional::Put(version) => {
                self.index().0.insert(name.to_owned(), Seen::put(bytes, version));
                Ok(Put::Done)
            }
            // Where one other came first, more may have: what follows is decided by all that is there.
            Conditional::Lost => self.fill().map(|_| Put::Exists),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        if is_local(name) {
            return Ok(());
        }
        self.may_write()?;
        let seen = self.index().0.get(name).cloned();
        let put = match seen {
            Some(seen) => self.bucket.update(name, bytes, &seen.version)?,
            None => self.bucket.create(name, bytes)?,
        };
        match put {
            Conditional::Put(version) => {
                self.index().0.insert(name.to_owned(), Seen::put(bytes, version));
                Ok(())
            }
            Conditional::Lost => Err(refusal::changed_elsewhere(self.bucket.address(), name)),
        }
    }

    fn keep(&self, files: &[(String, PathBuf)]) -> Result<(), Error> {
        self.may_write()?;
        let versions = self.bucket.upload(files)?;
        for ((name, file), version) in files.iter().zip(versions) {
            let size = file.metadata().map_err(|e| Error::reading(file, e))?.len();
            self.index().0.insert(name.clone(), Seen::kept(size, version));
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let Some(seen) = self.index().0.get(name).cloned() else { return Ok(()) };
        self.may_write()?;
        if name != EMPTIED {
            self.bucket.remove(name)?;
            self.index().0.remove(name);
            return Ok(());
        }
        match self.bucket.update(name, b"", &seen.version)? {
            Conditional::Put(version) => {
                self.index().0.insert(name.to_owned(), Seen::kept(0, version));
                Ok(())
            }
            Conditional::Lost => Err(refusal::changed_elsewhere(self.bucket.address(), name)),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        if is_local(name) {
            return Ok(None);
        }
        Ok(self.bucket.read(name)?.map(|(bytes, _)| bytes))
    }

    fn renew(&self) -> Result<(), Error> {
        self.fill().map(|_| ())
    }
}

/// Every file below a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| Error::reading(&folder, e))? {
            let entry = entry.map_err(|e| Error::reading(&folder, e))?;
            let kind = entry.file_type().map_err(|e| Error::reading(&folder, e))?;
            if kind.is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    Ok(found)
}

/// Removes a file of this machine; one that is not there is removed already.
fn remove(file: &Path) -> Result<(), Error> {
    match std::fs::remove_file(file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::writing(file, e)),
        _ => Ok(()),
    }
}
