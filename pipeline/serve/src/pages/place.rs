//! Where the file of an address lies: below the folder of pages, behind no link but those of releases, and never what is hidden.
//!
//! Each part of an address is opened from the folder before it, without following links, so that nobody who changes the folder
//! meanwhile leads a reader out of it. The link of a release is read, not followed: it has to name a folder below `.releases`.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

use percent_encoding::percent_decode_str;
use rustix::fs::{Mode, OFlags, openat};

/// The folder of finished releases.
const STORE: &str = ".releases";

/// What an address names.
#[derive(Debug)]
pub(crate) enum Place {
    /// A file, and the folder of the release that it is of; none of those beside the releases.
    File(File, Option<String>),
    /// A folder, whose address lacks its slash.
    Folder,
}

/// The parts of an address; none if one of them is hidden, empty, or no name.
pub(crate) fn parts(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut texts = path.strip_prefix('/')?.split('/').peekable();
    while let Some(text) = texts.next() {
        let part = percent_decode_str(text).decode_utf8().ok()?;
        if part.is_empty() && texts.peek().is_none() {
            break;
        }
        let is_name = !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0']);
        if !is_name {
            return None;
        }
        parts.push(part.into_owned());
    }
    Some(parts)
}

/// The folder that the link of a release names, if it is one; no other link is any.
pub(crate) fn release(out: &Path, name: &str) -> Option<String> {
    let target = std::fs::read_link(out.join(name)).ok()?;
    let mut parts = target.components();
    let (Some(Component::Normal(store)), Some(Component::Normal(folder)), None) = (parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let folder = folder.to_str().filter(|folder| !folder.starts_with('.'))?;
    let of = folder.rsplit_once('-').is_some_and(|(of, _)| of == name);
    (store == STORE && of).then(|| folder.to_owned())
}

/// Opens what an address names.
///
/// # Errors
/// When there is nothing that may be read.
pub(crate) fn open(out: &Path, parts: &[String]) -> Result<Place, Error> {
    let mut here = OwnedFd::from(File::open(out)?);
    let folder = parts.first().and_then(|name| release(out, name));
    for (at, part) in parts.iter().enumerate() {
        here = match &folder {
            Some(folder) if at == 0 => within(&within(&here, STORE)?, folder)?,
            _ => within(&here, part)?,
        };
    }
    let file = File::from(here);
    match file.metadata()? {
        of if of.is_file() => Ok(Place::File(file, folder)),
        of if of.is_dir() => Ok(Place::Folder),
        _ => Err(ErrorKind::NotFound.into()),
    }
}

/// Opens a name in a folder: no link, and never waiting for whoever writes into a pipe.
fn within(folder: &OwnedFd, name: &str) -> Result<OwnedFd, Error> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(openat(folder, name, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn an_address_has_parts_that_are_names() {
        let of = |path: &str| parts(path).map(|parts| parts.join("|"));
        assert_eq!(of("/"), Some(String::new()));
        assert_eq!(of("/outcomes/en.html").as_deref(), Some("outcomes|en.html"));
        assert_eq!(of("/outcomes/").as_deref(), Some("outcomes"));
        assert_eq!(of("/%C3%A5r").as_deref(), Some("år"));
        for wrong in
            ["", "a", "/..", "/a/../b", "/%2e%2e/b", "/.releases/x", "/a//b", "/a%2fb", "/a%00", "/a\\b", "/%FF", "/a/./b"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_links_of_releases_are_followed() {
        let (out, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |path: &str| out.path().join(path);
        fs::create_dir_all(at(".releases/a-0123456789abcdef/inner")).unwrap();
        fs::write(at(".releases/a-0123456789abcdef/inner/x.csv"), "x").unwrap();
        fs::write(at(".releases/lock"), "").unwrap();
        fs::write(other.path().join("secret"), "s").unwrap();
        let absolute = at(".releases/a-0123456789abcdef");
        for (target, link) in [
            (Path::new(".releases/a-0123456789abcdef"), "a"),
            (Path::new(".releases/a-0123456789abcdef"), "b"),
            (absolute.as_path(), "c"),
            (other.path(), "d"),
            (Path::new(".releases/../../d-0"), "e"),
            (Path::new("/etc/passwd"), "passwd"),
            (Path::new(".releases/lock"), "lock"),
            (Path::new(".releases"), "store"),
        ] {
            symlink(target, at(link)).unwrap();
        }
        symlink("/etc/passwd", at(".releases/a-0123456789abcdef/passwd")).unwrap();
        symlink("inner", at(".releases/a-0123456789abcdef/link")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let open = |path: &str| open(out.path(), &parts(path).unwrap());
        assert!(matches!(open("/a/inner/x.csv"), Ok(Place::File(_, Some(folder))) if folder == "a-0123456789abcdef"));
        assert!(matches!(open("/a"), Ok(Place::Folder)));
        for wrong in
            ["/b/inner/x.csv", "/c/inner/x.csv", "/d/secret", "/e", "/passwd", "/lock", "/store", "/a/passwd", "/a/link/x.csv"]
        {
            assert!(open(wrong).is_err(), "{wrong}");
        }
        assert!(open("/pipe").is_err() && open("/a/none").is_err() && open("/a/inner/x.csv/y").is_err());
    }
}
