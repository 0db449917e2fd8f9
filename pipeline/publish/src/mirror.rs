//! A copy of the site in another folder, such as the one that a web server serves, in which nothing is ever seen half written.
//!
//! ```text
//! <above>/<name>                 link to one of the folders below, switched by rename
//! <above>/.<name>.site-<hash>    one whole site, named by its contents, never changed: pages and files, and no links
//! <above>/.<name>.before         link to the one before, kept for readers who have its page open
//! <above>/.<name>.tmp-<process>  being written, or left by a process that died
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::folder::{STORE, Shelf, at, clear, hash, linked, read_all, remove, same, sync, write_all};
use super::{Files, PublishError};

/// What came of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// How many files the site has.
    pub files: usize,
    /// Whether anything differs from what was there before.
    pub changed: bool,
}

/// Copies the site of a folder of releases to `to`, which becomes a link to it.
///
/// A reader sees the site as it was or as it is, never a part of both: the files are written and synced beside, and the link is
/// switched. The site before stays until the next time. To copy the same again touches nothing.
///
/// # Errors
/// When something that is no such link is in the way, a link in the site is not one that was published, or the file system refuses.
pub fn mirror(out: &Path, to: &Path) -> Result<Mirrored, PublishError> {
    let place = Place::of(to)?;
    // Nobody publishes meanwhile.
    let _shelf = Shelf::open(out)?;
    let files = site(out)?;
    let before = place.current()?;
    let stem = place.beside(&format!("site-{}", hash(&files)));
    if before.as_ref().is_some_and(|before| before.starts_with(&stem) && same(&place.above.join(before), &files)) {
        return Ok(Mirrored { files: files.0.len(), changed: false });
    }
    let folder = place.put(&stem, &files)?;
    if let Some(before) = &before {
        place.link(&place.beside("before"), before)?;
    }
    place.switch(&folder)?;
    place.sweep([Some(&folder), before.as_ref()])?;
    Ok(Mirrored { files: files.0.len(), changed: true })
}

/// All files of a site, those of its releases where their pages are.
fn site(out: &Path) -> Result<Files, PublishError> {
    let mut files = BTreeMap::new();
    let mut add = |below: &Path, folder: &Path| {
        let found = at(folder, read_all(folder))?;
        files.extend(found.into_iter().map(|(path, bytes)| (below.join(path), bytes)));
        Ok::<(), PublishError>(())
    };
    let mut plain = Vec::new();
    for entry in at(out, fs::read_dir(out))? {
        let entry = at(out, entry)?;
        let (path, name) = (entry.path(), PathBuf::from(entry.file_name()));
        // What is hidden is the store, or of the folder's keeper: no page is.
        if name.as_os_str().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let kind = at(&path, entry.file_type())?;
        if kind.is_symlink() {
            let release = name.to_str().ok_or_else(|| PublishError::Taken(path.clone()))?;
            let folder = linked(out, release)?.ok_or_else(|| PublishError::Taken(path.clone()))?;
            add(&name, &out.join(STORE).join(folder))?;
        } else if kind.is_dir() {
            add(&name, &path)?;
        } else if kind.is_file() {
            plain.push((path, name));
        }
    }
    for (path, name) in plain {
        files.insert(name, at(&path, fs::read(&path))?);
    }
    Ok(Files(files))
}

/// Where a site is served.
struct Place {
    /// The folder above.
    above: PathBuf,
    /// The link in it.
    name: String,
}

impl Place {
    fn of(to: &Path) -> Result<Self, PublishError> {
        let name = to.file_name().and_then(|name| name.to_str()).ok_or_else(|| PublishError::Path(to.to_owned()))?;
        let above = to.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !above.is_dir() {
            return Err(PublishError::NoFolder(above.to_owned()));
        }
        Ok(Self { above: above.to_owned(), name: name.to_owned() })
    }

    fn path(&self) -> PathBuf {
        self.above.join(&self.name)
    }

    fn beside(&self, what: &str) -> String {
        format!(".{}.{what}", self.name)
    }

    /// The folder that is served now; an empty folder is nothing yet, and anything else is in the way.
    fn current(&self) -> Result<Option<String>, PublishError> {
        let path = self.path();
        let taken = || PublishError::Taken(path.clone());
        match fs::read_link(&path) {
            Ok(target) => {
                let ours = target.to_str().filter(|target| target.starts_with(&self.beside("site-")) && !target.contains('/'));
                ours.map(|target| Some(target.to_owned())).ok_or_else(taken)
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) if e.kind() == ErrorKind::InvalidInput => {
                let is_empty = fs::read_dir(&path).is_ok_and(|mut there| there.next().is_none());
                if is_empty { Ok(None) } else { Err(taken()) }
            }
            Err(e) => Err(PublishError::Io(path, e)),
        }
    }

    /// A finished folder with these files: one that is there, or a new one; what is damaged is not mended under its readers.
    fn put(&self, stem: &str, files: &Files) -> Result<String, PublishError> {
        let mut name = stem.to_owned();
        for attempt in 1.. {
            let path = self.above.join(&name);
            if fs::symlink_metadata(&path).is_err() {
                break;
            }
            if same(&path, files) {
                return Ok(name);
            }
            name = format!("{stem}.{attempt}");
        }
        let (path, temporary) = (self.above.join(&name), self.temporary());
        let written =
            write_all(&temporary, files).and_then(|()| at(&path, fs::rename(&temporary, &path).and_then(|()| sync(&self.above))));
        if written.is_err() {
            // Best effort: the next one sweeps it otherwise.
            let _ = remove(&temporary);
        }
        written.map(|()| name)
    }

    fn switch(&self, folder: &str) -> Result<(), PublishError> {
        let path = self.path();
        // An empty folder that was made for it; a link takes the place of a link alone.
        if fs::symlink_metadata(&path).is_ok_and(|is| is.is_dir()) {
            at(&path, fs::remove_dir(&path))?;
        }
        self.link(&self.name, folder)
    }

    /// Points a link at a folder, in one step.
    fn link(&self, name: &str, folder: &str) -> Result<(), PublishError> {
        let (path, temporary) = (self.above.join(name), self.temporary());
        at(&temporary, clear(&temporary).and_then(|()| symlink(folder, &temporary)))?;
        at(&path, fs::rename(&temporary, &path).and_then(|()| sync(&self.above)))
    }

    /// Removes the sites before the last two, and what died half-way.
    fn sweep(&self, kept: [Option<&String>; 2]) -> Result<(), PublishError> {
        let (sites, temporary) = (self.beside("site-"), self.beside("tmp-"));
        for entry in at(&self.above, fs::read_dir(&self.above))? {
            let file = at(&self.above, entry)?.file_name();
            let Some(file) = file.to_str() else { continue };
            let is_old = file.starts_with(&sites) && !kept.iter().flatten().any(|kept| *kept == file);
            if is_old || file.starts_with(&temporary) {
                let path = self.above.join(file);
                at(&path, clear(&path))?;
            }
        }
        Ok(())
    }

    fn temporary(&self) -> PathBuf {
        self.above.join(self.beside(&format!("tmp-{}", std::process::id())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of releases with one page, as they are laid out, and a place to copy it to.
    fn world(page: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (out, to) = (folder.path().join("out"), folder.path().join("www/site"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        written(&out, page);
        (folder, out, to)
    }

    fn written(out: &Path, page: &str) {
        let shelf = Shelf::open(out).unwrap();
        let mut files = Files::default();
        files.add("index.html".into(), page.into()).unwrap();
        files.add("data/a.csv".into(), page.into()).unwrap();
        shelf.put("outcomes", &files).unwrap();
        shelf.write(Path::new("index.html"), b"front").unwrap();
    }

    fn read(to: &Path, path: &str) -> String {
        fs::read_to_string(to.join(path)).unwrap()
    }

    #[test]
    fn the_whole_site_is_there_without_links_and_the_same_again_touches_nothing() {
        let (_folder, out, to) = world("one");
        assert_eq!(mirror(&out, &to).unwrap(), Mirrored { files: 3, changed: true });
        assert_eq!(
            [read(&to, "index.html"), read(&to, "outcomes/index.html"), read(&to, "outcomes/data/a.csv")],
            ["front", "one", "one"]
        );
        assert!(!to.join("outcomes").is_symlink() && !to.join(STORE).exists());
        let link = fs::read_link(&to).unwrap();
        assert_eq!(mirror(&out, &to).unwrap(), Mirrored { files: 3, changed: false });
        assert_eq!(fs::read_link(&to).unwrap(), link);
    }

    #[test]
    fn a_reader_of_the_site_before_can_go_on_and_older_ones_are_gone() {
        let (_folder, out, to) = world("one");
        mirror(&out, &to).unwrap();
        let first = to.canonicalize().unwrap();
        written(&out, "two");
        fs::write(to.parent().unwrap().join(".site.tmp-1"), "left by one that died").unwrap();
        mirror(&out, &to).unwrap();
        assert_eq!([read(&to, "outcomes/index.html"), read(&first, "outcomes/index.html")], ["two", "one"]);
        written(&out, "three");
        mirror(&out, &to).unwrap();
        let there = fs::read_dir(to.parent().unwrap()).unwrap().count();
        assert_eq!((read(&to, "outcomes/index.html").as_str(), first.exists(), there), ("three", false, 4));
    }

    #[test]
    fn a_damaged_copy_is_made_again() {
        let (_folder, out, to) = world("one");
        mirror(&out, &to).unwrap();
        fs::write(to.join("outcomes/index.html"), "changed").unwrap();
        assert!(mirror(&out, &to).unwrap().changed);
        assert_eq!(read(&to, "outcomes/index.html"), "one");
    }

    #[test]
    fn what_utfall_did_not_make_is_left_as_it_is() {
        let (folder, out, to) = world("one");
        fs::create_dir(&to).unwrap();
        assert!(mirror(&out, &to).unwrap().changed, "an empty folder was made for it");
        let full = folder.path().join("www/full");
        fs::create_dir(&full).unwrap();
        fs::write(full.join("a"), "theirs").unwrap();
        assert!(matches!(mirror(&out, &full), Err(PublishError::Taken(_))));
        let link = folder.path().join("www/link");
        symlink("/etc", &link).unwrap();
        assert!(matches!(mirror(&out, &link), Err(PublishError::Taken(_))));
        assert_eq!((read(&full, "a").as_str(), fs::read_link(&link).unwrap()), ("theirs", PathBuf::from("/etc")));
        assert!(matches!(mirror(&out, &folder.path().join("none/site")), Err(PublishError::NoFolder(_))));
        fs::write(out.join(".keys"), "of the keeper").unwrap();
        mirror(&out, &to).unwrap();
        assert!(!to.join(".keys").exists());
        let stray = out.join("stray");
        for outside in ["/etc", ".releases/../../www/full", ".releases/..", ".releases/a/b", ".releases"] {
            symlink(outside, &stray).unwrap();
            assert!(matches!(mirror(&out, &to), Err(PublishError::Taken(_))), "no link leads out of the site: {outside}");
            fs::remove_file(&stray).unwrap();
        }
    }
}
