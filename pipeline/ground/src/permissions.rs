//! Who may read what is written: the owner alone, whatever the umask, but for what is published; and who may not read what is
//! there.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::Mode;

use crate::error::Error;
use crate::text::Message;

/// What nobody may do with what is published: what the umask said when the program began, never less than that others may
/// not write.
static KEPT_BACK: AtomicU32 = AtomicU32::new(0o022);

/// From now on, files and folders are their owner's alone. A umask that is wider would show them to others; one that is
/// narrower would keep the program from its own.
pub fn private() {
    let given = rustix::process::umask(Mode::RWXG | Mode::RWXO).bits();
    KEPT_BACK.store((given | 0o002) & 0o077, Ordering::Relaxed);
}

/// By what is open, not by its name: another may have taken its place.
fn published(open: &File, all: u32) -> io::Result<()> {
    // A folder may hand its group on to what is made in it.
    let handed = open.metadata()?.mode() & 0o7000;
    open.set_permissions(Permissions::from_mode(handed | (all & !KEPT_BACK.load(Ordering::Relaxed))))
}

/// Lets others read a file that is published, as far as the umask lets them.
///
/// # Errors
/// When the file system refuses.
pub fn public_file(file: &File) -> io::Result<()> {
    published(file, 0o666)
}

/// Makes a folder of what is published, and those above it that are missing; one that exists keeps its mode.
///
/// # Errors
/// When the file system refuses.
pub fn public_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    path.parent().filter(|above| !above.as_os_str().is_empty()).map_or(Ok(()), public_folder)?;
    match fs::create_dir(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(e) => Err(e),
        Ok(()) => published(&File::open(path)?, 0o777),
    }
}

/// Lets others enter a folder of ours, as far as the umask lets them.
///
/// # Errors
/// When the file system refuses.
pub fn open_folder(path: &Path) -> io::Result<()> {
    published(&File::open(path)?, 0o777)
}

/// That others may enter a private folder, and how that is mended; nothing if they may not.
pub fn wide(folder: &Path) -> Option<Message> {
    let mode = fs::metadata(folder).ok()?.mode();
    (mode & 0o077 != 0).then(|| {
        let folder = folder.display();
        Message::new(
            format!("andra får öppna {folder}; kör: chmod 700 {folder}"),
            format!("others may enter {folder}; run: chmod 700 {folder}"),
        )
    })
}

/// Refuses what is there and may not be read: whoever is told that it is missing begins a new one.
///
/// # Errors
/// With whose it is, and what to do.
pub fn readable(path: &Path) -> Result<(), Error> {
    match fs::metadata(path).and_then(|is| if is.is_file() || is.is_dir() { File::open(path).map(drop) } else { Ok(()) }) {
        Err(e) if e.kind() == ErrorKind::PermissionDenied => Err(forbidden(path)),
        _ => Ok(()),
    }
}

fn forbidden(path: &Path) -> Error {
    let me = rustix::process::geteuid().as_raw();
    let owner = path.ancestors().find_map(|above| Some((above, fs::metadata(above).ok()?.uid())));
    let (mine, path) = (name(me), path.display());
    let (sv, en) = match owner {
        Some((above, owner)) if owner == me => {
            let above = above.display();
            (
                format!("{above} är spärrad för dig; kör: chmod u+rwX {above}"),
                format!("{above} is closed to you; run: chmod u+rwX {above}"),
            )
        }
        owner => {
            let owner = owner.map_or_else(|| "?".to_owned(), |(_, owner)| name(owner));
            (
                format!("den tillhör {owner}; kör som {owner}, eller ange en annan katalog med --data och --keys"),
                format!("it belongs to {owner}; run as {owner}, or name another folder with --data and --keys"),
            )
        }
    };
    Error::storage(
        "permission",
        Message::new(format!("{mine} får inte läsa {path}: {sv}"), format!("{mine} may not read {path}: {en}")),
    )
}

/// The name of a user, or the number if it has none here.
pub fn name(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let of = |line: &str| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number.parse() == Ok(user)).then(|| name.to_owned())
    };
    users.lines().find_map(of).unwrap_or_else(|| user.to_string())
}
