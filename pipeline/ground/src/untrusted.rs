//! Files that somebody else wrote: lists, queries, schemas, pages. A name says nothing of what lies behind it: a pipe waits
//! for ever, a device gives bytes without end, a link leads to the key. So only regular files are opened, without waiting,
//! and no more is read of them than a limit; and a home's files are those that really lie below it.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use crate::error;
use crate::text::Message;

/// The longest description that is read: a release, a schema, a mapping.
pub const DESCRIPTION: u64 = 512 << 10;
/// The longest table: a code list, the register, a certificate.
pub const TABLE: u64 = 64 << 20;

/// The bytes of a file of somebody's home, the folder of schemas and queries: they are those that lie below it.
///
/// # Errors
/// Wrong files: as [`below`] and [`bytes`].
pub fn bytes_of(home: &Path, path: &Path, most: u64) -> Result<Vec<u8>, error::Error> {
    below(home, path).and_then(|real| bytes(&real, most)).map_err(|e| error::Error::given(path, e))
}

/// The text of such a file.
///
/// # Errors
/// Wrong files: as [`below`] and [`text`].
pub fn text_of(home: &Path, path: &Path, most: u64) -> Result<String, error::Error> {
    below(home, path).and_then(|real| text(&real, most)).map_err(|e| error::Error::given(path, e))
}

/// Opens a regular file for reading; never waits.
///
/// # Errors
/// When there is none, it may not be read, or it is anything else than a regular file.
pub fn open(path: &Path) -> Result<File, Error> {
    // Before it is opened: to open some devices does something.
    if !std::fs::metadata(path)?.is_file() {
        return Err(no_file());
    }
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    // And after: another may have taken its place in between.
    if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
}

/// The bytes of a regular file.
///
/// # Errors
/// As [`open`], and when there are more than `most` bytes.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let (file, mut bytes) = (open(path)?, Vec::new());
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) { Ok(bytes) } else { Err(too_long(most)) }
}

/// The text of a regular file.
///
/// # Errors
/// As [`bytes`], and when it is not UTF-8.
pub fn text(path: &Path, most: u64) -> Result<String, Error> {
    let not_text =
        || Error::new(ErrorKind::InvalidData, Message::new("filen är inte text i UTF-8", "the file is not text in UTF-8"));
    String::from_utf8(bytes(path, most)?).map_err(|_| not_text())
}

/// Where a path really leads, if that is below a folder: no link leads out of it.
///
/// # Errors
/// When there is nothing, or it lies elsewhere.
pub fn below(folder: &Path, path: &Path) -> Result<PathBuf, Error> {
    let (folder, real) = (folder.canonicalize()?, path.canonicalize()?);
    if real.starts_with(&folder) {
        return Ok(real);
    }
    Err(Error::new(
        ErrorKind::PermissionDenied,
        Message::new(
            "en länk leder ut ur katalogen; lägg filen själv där",
            "a link leads out of the folder; put the file itself there",
        ),
    ))
}

fn no_file() -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        Message::new(
            "ingen vanlig fil, utan en katalog, ett rör eller en enhet",
            "not a regular file, but a folder, a pipe or a device",
        ),
    )
}

fn too_long(most: u64) -> Error {
    Error::new(
        ErrorKind::FileTooLarge,
        Message::new(format!("filen är längre än {most} byte"), format!("the file is longer than {most} bytes")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read_and_no_further_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "åtta by").unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink("/dev/zero", at("endless")).unwrap();
        std::os::unix::fs::symlink(at("pipe"), at("to the pipe")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("out")).unwrap();
        std::os::unix::fs::symlink(at("file"), at("in")).unwrap();
        for name in ["pipe", "endless", "to the pipe", "."] {
            assert_eq!(bytes(&at(name), 100).unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
        }
        assert_eq!((text(&at("file"), 8).unwrap().as_str(), text(&at("in"), 8).is_ok()), ("åtta by", true));
        assert_eq!(text(&at("file"), 7).unwrap_err().kind(), ErrorKind::FileTooLarge);
        std::fs::write(at("file"), b"\xFF").unwrap();
        assert_eq!(text(&at("file"), 7).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(below(folder.path(), &at("out")).unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert!(below(folder.path(), &at("in")).is_ok() && below(folder.path(), &at("none")).is_err());
    }
}
