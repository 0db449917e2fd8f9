//! Files that survive a power cut: written aside, synced, put in place in one step, and the folder synced.
//!
//! object_store 0.13 puts a local file in place atomically but syncs neither the file nor its folder, which is not enough
//! for a ledger. These few functions are the local side of put-if-absent. Where a folder is a copy of what an object store keeps,
//! each of them asks [`crate::origin`] first: what has not reached the store was not written.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::id::random_id;
use crate::text::Message;
use crate::{origin, untrusted};

/// What came of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The file is in place and durable.
    Done,
    /// A file of that name was there already; nothing changed.
    Exists,
}

/// Writes a file that must not exist yet, durably and in one step.
///
/// # Errors
/// When the file system refuses.
pub fn put_if_absent(path: &Path, bytes: &[u8]) -> Result<Put, Error> {
    if let Some((origin, name)) = origin::of(path) {
        let put = origin.put_if_absent(&name, bytes)?;
        return if put == Put::Done { replace_here(path, bytes).map(|()| put) } else { Ok(put) };
    }
    let aside = Aside::write(path, bytes)?;
    // A hard link fails if the name is taken and appears whole if it is not.
    match fs::hard_link(&aside.path, path) {
        Ok(()) => {
            drop(aside);
            sync_folder(folder(path))?;
            Ok(Put::Done)
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            sync_folder(folder(path))?; // whoever put it may not have come so far
            Ok(Put::Exists)
        }
        Err(e) if has_no_links(&e) => Err(without_links(folder(path))),
        Err(e) => Err(Error::writing(path, e)),
    }
}

/// Whether a hard link failed because the file system has none: FAT and exFAT, and some that are shared or in user space. Within one
/// folder, both names on one device, these errors say nothing else.
fn has_no_links(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let unfit = [Errno::PERM, Errno::OPNOTSUPP, Errno::NOSYS, Errno::XDEV];
    error.raw_os_error().is_some_and(|number| unfit.iter().any(|errno| errno.raw_os_error() == number))
}

/// What to do where a file system has no hard links.
fn without_links(folder: &Path) -> Error {
    let shown = folder.display();
    Error::storage(
        "file-system-without-links",
        Message::new(
            format!(
                "filsystemet i {shown} har inga hårda länkar, så två skrivare kunde ersätta varandras filer; lägg data och nycklar på ett som har det: ext4, XFS, Btrfs, ZFS eller NFS, inte FAT, exFAT eller SMB. Ingenting skrevs"
            ),
            format!(
                "the file system of {shown} has no hard links, so that two writers could replace each other's files; put data and keys on one that has them: ext4, XFS, Btrfs, ZFS or NFS, not FAT, exFAT or SMB. Nothing was written"
            ),
        ),
    )
}

/// Replaces a file durably and in one step.
///
/// # Errors
/// When the file system refuses.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if let Some((origin, name)) = origin::of(path) {
        origin.replace(&name, bytes)?;
    }
    replace_here(path, bytes)
}

/// Removes a file; one that is not there is removed already. The name is gone for good once its folder is synced.
///
/// # Errors
/// When the file system refuses.
pub fn remove(path: &Path) -> Result<(), Error> {
    if let Some((origin, name)) = origin::of(path) {
        origin.remove(&name)?;
    }
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::writing(path, e)),
        _ => Ok(()),
    }
}

/// What a file says now; of a folder that is a copy, what its origin says.
///
/// # Errors
/// When it cannot be read.
pub fn read_now(path: &Path) -> Result<Vec<u8>, Error> {
    if let Some((origin, name)) = origin::of(path)
        && let Some(bytes) = origin.read(&name)?
    {
        return Ok(bytes);
    }
    fs::read(path).map_err(|e| Error::reading(path, e))
}

/// Replaces a file of this machine, whatever it is a copy of.
///
/// # Errors
/// When the file system refuses.
pub fn replace_here(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let aside = Aside::write(path, bytes)?;
    fs::rename(&aside.path, path).map_err(|e| Error::writing(path, e))?;
    sync_folder(folder(path))
}

/// Makes a folder that only its owner may enter, with those above it that are missing, and the name of each durable: a file
/// in a folder whose name is lost is lost with it. One that exists keeps its mode.
///
/// # Errors
/// When the file system refuses.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder(path);
    if above != path {
        create_folder(above)?;
    }
    create_folder_for_now(path)?;
    sync_folder(above)
}

/// Makes a folder like [`create_folder`], whose name becomes durable with the files in it, by [`sync_all`].
///
/// # Errors
/// When the file system refuses.
pub fn create_folder_for_now(path: &Path) -> Result<(), Error> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| Error::writing(path, e))
}

/// Removes what killed processes left aside in a folder; files that a living process holds are left alone.
///
/// # Errors
/// When the folder cannot be read.
pub fn sweep(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|e| Error::reading(folder, e))? {
        let path = entry.map_err(|e| Error::reading(folder, e))?.path();
        let aside = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(ASIDE));
        // Locked until it is gone, so that no writer takes it for its own in between.
        if aside
            && let Ok(file) = untrusted::open(&path)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
    Ok(())
}

/// Syncs files that were written below a folder, and then the names of everything from there down to them: first what a name
/// leads to, then the name. Many at a time, since each waits for the disk.
///
/// # Errors
/// When the file system refuses.
pub fn sync_all(below: &Path, files: &[PathBuf]) -> Result<(), Error> {
    let mut folders: Vec<&Path> =
        files.iter().flat_map(|file| file.ancestors().skip(1).take_while(|folder| folder.starts_with(below))).collect();
    folders.sort_unstable();
    folders.dedup();
    side_by_side(files)?;
    side_by_side(&folders)?;
    origin::keep(below, files)
}

/// So many files are synced at a time.
const SIDE_BY_SIDE: usize = 16;

fn side_by_side(paths: &[impl AsRef<Path> + Sync]) -> Result<(), Error> {
    let part = paths.len().div_ceil(SIDE_BY_SIDE).max(1);
    let sync = |paths: &[_]| paths.iter().try_for_each(|path: &_| sync(AsRef::as_ref(path)));
    std::thread::scope(|scope| {
        let parts: Vec<_> = paths.chunks(part).map(|part| scope.spawn(move || sync(part))).collect();
        parts.into_iter().map(|part| part.join().unwrap_or_else(|_| Err(Error::panicked()))).fold(Ok(()), Result::and)
    })
}

/// Syncs the names in a folder.
///
/// # Errors
/// When the file system refuses.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    sync(folder)
}

fn sync(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::writing(path, e))
}

/// The folder of a path, also of a bare name.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How the names of files begin that are not in place yet.
pub const ASIDE: &str = ".aside-";

/// A synced file beside its future place, locked while its writer lives and removed when it is done with.
struct Aside {
    path: PathBuf,
    _lock: File,
}

impl Aside {
    /// Writes again if a sweep took the file for a dead process's before it was locked.
    fn write(target: &Path, bytes: &[u8]) -> Result<Self, Error> {
        loop {
            let aside = Self::write_once(target, bytes)?;
            if aside._lock.metadata().map_err(|e| Error::writing(target, e))?.nlink() > 0 {
                return Ok(aside);
            }
        }
    }

    fn write_once(target: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let path = folder(target).join(format!("{ASIDE}{}", random_id()?));
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| {
            file.lock()?;
            file.write_all(bytes)?;
            file.sync_all()?;
            Ok(file)
        });
        match written {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(e) => {
                let _ = fs::remove_file(&path);
                Err(Error::writing(target, e))
            }
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
