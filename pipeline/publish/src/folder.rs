//! A folder of releases in which nothing is ever seen half written.
//!
//! ```text
//! out/index.html, out/targets.html ...   the pages of the whole site, with account.json
//! out/<name>                            link to one of the folders below, switched by rename
//! out/.releases/<name>-<hash>           one published release, named by its contents, never changed
//! out/.releases/.before-<name>          link to the one published before, kept for readers who have its page open
//! out/.releases/....tmp-<process>       being written, or left by a process that died
//! out/.releases/lock                    held while publishing, so that there is one writer
//! ```

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::{Files, PublishError};
use utfall_ground::permissions;

pub(super) const STORE: &str = ".releases";
const LOCK: &str = "lock";
const TEMPORARY: &str = ".tmp-";
const BEFORE: &str = ".before-";

/// The folder `out`, with the lock on it.
#[derive(Debug)]
pub(super) struct Shelf {
    out: PathBuf,
    store: PathBuf,
    _lock: File,
}

impl Shelf {
    /// Opens the folder, creating it if needed, and waits until no other process writes to it.
    pub(super) fn open(out: &Path) -> Result<Self, PublishError> {
        let store = out.join(STORE);
        at(&store, permissions::public_folder(&store))?;
        let path = store.join(LOCK);
        let lock = at(&path, own_file(&path))?;
        // Whoever copies the folder to where it is served copies the lock too.
        let _ = permissions::public_file(&lock);
        at(&path, lock.lock())?;
        Ok(Self { out: out.to_owned(), store, _lock: lock })
    }

    /// Makes `out/<name>` hold exactly these files. False if it does already.
    pub(super) fn put(&self, name: &str, files: &Files) -> Result<bool, PublishError> {
        let stem = format!("{name}-{}", hash(files));
        let holds = |folder: &String| stem_of(folder) == Some(stem.as_str()) && same(&self.store.join(folder), files);
        let current = self.current(name)?;
        if current.as_ref().is_some_and(holds) {
            return Ok(false);
        }
        let folder = self.folder(&stem, files)?;
        // A damaged folder of the same files is no publication that anybody should go on reading.
        if let Some(before) = current.filter(|current| stem_of(current) != Some(stem.as_str())) {
            self.link(&self.before(name), Path::new(&before))?;
        }
        self.link(&self.out.join(name), &Path::new(STORE).join(&folder))?;
        Ok(true)
    }

    /// Writes one file of `out`, if it differs. False if it does not.
    pub(super) fn write(&self, name: &Path, bytes: &[u8]) -> Result<bool, PublishError> {
        let path = self.out.join(name);
        if fs::read(&path).is_ok_and(|old| old == bytes) {
            return Ok(false);
        }
        let temporary = self.temporary(&name.display().to_string());
        at(&temporary, write(&temporary, bytes))?;
        at(&path, fs::rename(&temporary, &path).and_then(|()| sync(&self.out)))?;
        Ok(true)
    }

    /// Removes the folders of a release but the published one and the one before it, and what writers that died left behind:
    /// the lock is ours, so no other writer lives. Somebody may have a page open that was published before, and follow a link
    /// of it now.
    pub(super) fn sweep(&self, name: &str) -> Result<(), PublishError> {
        let before = fs::read_link(self.before(name)).ok().and_then(|folder| folder.to_str().map(str::to_owned));
        let kept = [self.current(name)?, before];
        for entry in at(&self.store, fs::read_dir(&self.store))? {
            let file = at(&self.store, entry)?.file_name();
            let Some(file) = file.to_str() else { continue };
            let older = stem_of(file).and_then(|stem| stem.rsplit_once('-')).is_some_and(|(of, _)| of == name);
            if file.contains(TEMPORARY) || (older && !kept.iter().flatten().any(|kept| kept == file)) {
                let path = self.store.join(file);
                at(&path, remove(&path))?;
            }
        }
        Ok(())
    }

    /// The folder that `out/<name>` links to, if there is one; anything but our link is in the way.
    pub(super) fn current(&self, name: &str) -> Result<Option<String>, PublishError> {
        linked(&self.out, name)
    }

    /// A finished folder with these files: one that is there, or a new one. A damaged one is passed over, not mended,
    /// since readers may be looking at it; it is swept after the switch.
    fn folder(&self, stem: &str, files: &Files) -> Result<String, PublishError> {
        let mut name = stem.to_owned();
        for attempt in 1.. {
            let path = self.store.join(&name);
            if fs::symlink_metadata(&path).is_err() {
                break;
            }
            if same(&path, files) {
                return Ok(name);
            }
            name = format!("{stem}.{attempt}");
        }
        let (path, temporary) = (self.store.join(&name), self.temporary(&name));
        let written =
            write_all(&temporary, files).and_then(|()| at(&path, fs::rename(&temporary, &path).and_then(|()| sync(&self.store))));
        if written.is_err() {
            // Best effort: the next writer sweeps it otherwise.
            let _ = remove(&temporary);
        }
        written.map(|()| name)
    }

    /// Points a link at a folder, in one step.
    fn link(&self, path: &Path, folder: &Path) -> Result<(), PublishError> {
        let temporary = self.temporary("link");
        at(&temporary, clear(&temporary).and_then(|()| symlink(folder, &temporary)))?;
        at(path, fs::rename(&temporary, path).and_then(|()| sync(path.parent().unwrap_or(&self.out))))
    }

    /// The link to the folder that was published before.
    fn before(&self, name: &str) -> PathBuf {
        self.store.join(format!("{BEFORE}{name}"))
    }

    pub(super) fn temporary(&self, name: &str) -> PathBuf {
        self.store.join(format!("{name}{TEMPORARY}{}", std::process::id()))
    }
}

pub(super) fn linked(out: &Path, name: &str) -> Result<Option<String>, PublishError> {
    let path = out.join(name);
    match fs::read_link(&path) {
        Ok(target) => {
            // One name below the store and nothing that leads out of it again.
            let folder = target.strip_prefix(STORE).ok().and_then(Path::to_str);
            let folder = folder.filter(|folder| Path::new(folder).file_name().and_then(OsStr::to_str) == Some(folder));
            folder.map(|folder| Some(folder.to_owned())).ok_or(PublishError::Taken(path))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(PublishError::Taken(path)),
        Err(error) => Err(PublishError::Io(path, error)),
    }
}

/// Whether `out/<name>` links to this folder, and its files are those by which it is named.
pub(super) fn holds(out: &Path, name: &str, folder: &str) -> bool {
    let is_linked = linked(out, name).is_ok_and(|found| found.as_deref() == Some(folder));
    let named = |files| stem_of(folder) == Some(format!("{name}-{}", hash(&Files(files))).as_str());
    is_linked && read_all(&out.join(STORE).join(folder)).is_ok_and(named)
}

/// `<name>-<hash>` of a finished folder, whichever attempt it was.
fn stem_of(folder: &str) -> Option<&str> {
    let stem = folder.split('.').next()?;
    let (_, hash) = stem.rsplit_once('-')?;
    (hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(stem)
}

/// The first sixteen hex digits of SHA-256 over all paths and contents, each behind its length.
pub(super) fn hash(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in &files.0 {
        for part in [path.as_os_str().as_encoded_bytes(), bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a folder holds these files and nothing else. What cannot be read is not the same.
pub(super) fn same(folder: &Path, files: &Files) -> bool {
    read_all(folder).is_ok_and(|found| found == files.0)
}

pub(super) fn read_all(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.insert(path, fs::read(entry.path())?);
            } else {
                return Err(ErrorKind::InvalidData.into());
            }
        }
    }
    Ok(found)
}

/// Opens a file of our own to be locked, and makes it if it is not there. The folder is one that others may write in: a link
/// there would lead to a file that is none of ours, and a pipe would wait for ever.
fn own_file(path: &Path) -> io::Result<File> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = File::options().create(true).append(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(ErrorKind::AlreadyExists.into()) }
}

/// Writes all files as a new folder, which appears when it is whole.
pub(super) fn write_new(folder: &Path, files: &Files) -> Result<(), PublishError> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.with_file_name(format!(".{name}{TEMPORARY}{}", std::process::id()));
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written =
        write_all(&temporary, files).and_then(|()| at(folder, fs::rename(&temporary, folder).and_then(|()| sync(parent))));
    if written.is_err() {
        let _ = remove(&temporary);
    }
    written
}

/// Writes all files below a new folder and syncs them and every folder.
pub(super) fn write_all(folder: &Path, files: &Files) -> Result<(), PublishError> {
    at(folder, clear(folder).and_then(|()| permissions::public_folder(folder)))?;
    let mut folders = std::collections::BTreeSet::from([folder.to_owned()]);
    for (path, bytes) in &files.0 {
        let path = folder.join(path);
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != folder) {
            folders.insert(parent.to_owned());
        }
        at(&path, path.parent().map_or(Ok(()), permissions::public_folder).and_then(|()| write(&path, bytes)))?;
    }
    // Inner folders first.
    folders.iter().rev().try_for_each(|folder| at(folder, sync(folder)))
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    clear(path)?;
    let mut file = File::create_new(path)?;
    permissions::public_file(&file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes a file, a link or a whole folder.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

/// Removes what a dead process of the same number may have left.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    match remove(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The releases that a folder shows: the names of our links, sorted.
pub(super) fn releases(out: &Path) -> Result<Vec<String>, PublishError> {
    let mut names = Vec::new();
    for entry in at(out, fs::read_dir(out))? {
        let entry = at(out, entry)?;
        let ours = fs::read_link(entry.path()).is_ok_and(|target| target.parent() == Some(Path::new(STORE)));
        names.extend(entry.file_name().to_str().filter(|_| ours).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Says which path an error is about.
pub(super) fn at<T>(path: impl AsRef<OsStr>, result: io::Result<T>) -> Result<T, PublishError> {
    result.map_err(|error| PublishError::Io(PathBuf::from(path.as_ref()), error))
}
