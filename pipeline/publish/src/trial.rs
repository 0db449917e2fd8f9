//! Whether a folder can be published into, tried before anything is paid for: a release that nobody can see has cost as much
//! as one that everybody can.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::folder::{Shelf, at, clear, remove, sync, write};
use super::{PublishError, front};

/// Tries all that publishing these releases into a folder will do there, and leaves it as it was. A folder that does not exist
/// yet is not made: it is tried where it would be.
///
/// # Errors
/// What publishing would end with.
pub fn ready(out: &Path, names: &[String]) -> Result<(), PublishError> {
    let there = place(out)?;
    if there != out {
        let trial = there.join(format!(".utfall-{}", std::process::id()));
        return attempt(&trial, &there);
    }
    let shelf = Shelf::open(out)?;
    names.iter().try_for_each(|name| shelf.current(name).map(|_| ()))?;
    let in_the_way = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    if let Some(taken) = front::names().map(|name| out.join(name)).find(in_the_way) {
        return Err(PublishError::Taken(taken));
    }
    attempt(&shelf.temporary("trial"), out)
}

/// The folder, or the nearest above it that exists.
///
/// # Errors
/// When something else than a folder is on the way.
pub fn place(out: &Path) -> Result<PathBuf, PublishError> {
    for path in out.ancestors() {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Ok(path.to_owned()),
            Ok(_) => return Err(PublishError::NoFolder(path.to_owned())),
            // A link that leads nowhere can be no folder either.
            Err(_) if fs::symlink_metadata(path).is_ok() => return Err(PublishError::NoFolder(path.to_owned())),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(PublishError::Io(path.to_owned(), error)),
        }
    }
    Ok(out.to_owned())
}

/// Makes a folder with a file and a link, moves the link as publishing does, and removes everything.
fn attempt(trial: &Path, folder: &Path) -> Result<(), PublishError> {
    // Of a process that died, or of one of the same number.
    at(trial, clear(trial))?;
    let link = folder.join(".utfall-trial");
    let made = || -> io::Result<()> {
        fs::create_dir(trial)?;
        write(&trial.join("file"), b"utfall")?;
        sync(trial)?;
        symlink("file", trial.join("link"))?;
        fs::rename(trial.join("link"), &link)?;
        sync(folder)
    };
    let made = made();
    let _ = remove(&link);
    let _ = remove(trial);
    at(folder, made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::state;

    #[test]
    fn a_trial_leaves_a_folder_as_it_was_and_makes_none() {
        let place = tempfile::tempdir().unwrap();
        let (out, names) = (place.path().join("a/out"), ["outcomes".to_owned()]);
        ready(&out, &names).unwrap();
        assert!(state(place.path()).is_empty(), "nothing is made before there is something to publish");
        fs::create_dir_all(&out).unwrap();
        Shelf::open(&out).map(drop).unwrap();
        let paths = || state(place.path()).into_iter().map(|(path, ..)| path).collect::<Vec<_>>();
        let before = paths();
        ready(&out, &names).unwrap();
        assert_eq!(paths(), before);
    }

    #[test]
    fn what_publishing_would_end_with_is_found() {
        let place = tempfile::tempdir().unwrap();
        let (file, none, out) = (place.path().join("file"), place.path().join("none"), place.path().join("out"));
        fs::write(&file, "").unwrap();
        symlink("nowhere", &none).unwrap();
        for wrong in [file.clone(), file.join("below"), file.join("far/below"), none.clone(), none.join("below")] {
            assert!(matches!(ready(&wrong, &[]), Err(PublishError::NoFolder(at)) if at == file || at == none), "{wrong:?}");
        }
        for unwritable in ["/proc/utfall", "/proc"] {
            assert!(matches!(ready(Path::new(unwritable), &[]), Err(PublishError::Io(..))), "{unwritable}");
        }
        fs::create_dir_all(out.join("mine")).unwrap();
        assert!(matches!(ready(&out, &["other".to_owned(), "mine".to_owned()]), Err(PublishError::Taken(_))));
        ready(&out, &["other".to_owned()]).unwrap();
        fs::create_dir_all(out.join(front::PAGE)).unwrap();
        assert!(matches!(ready(&out, &[]), Err(PublishError::Taken(_))));
    }
}
