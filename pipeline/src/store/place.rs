//! A place that keeps bytes by name: a folder, which may be the copy of a bucket (`objects`); the archive lies in one. Takes names without folders;
//! gives back what was written, or nothing. Any such place must pass `conformance::store`. Start reading at [`Place`].

use std::path::{Path, PathBuf};

use utfall_ground::durable::{self, Put};
use utfall_ground::error::Error;

/// Keeps bytes by name. What a call has done outlasts a power cut.
pub trait Place: std::fmt::Debug {
    /// Writes bytes under a name that must be free, whole or not at all: of two writers one finds it taken.
    ///
    /// # Errors
    /// When the place refuses.
    fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<Put, Error>;

    /// Writes bytes under a name in the place of what was there, in one step.
    ///
    /// # Errors
    /// When the place refuses.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// What was written under a name; `None` if nothing was.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// The names under which something was written, in order; none that is half-written.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn names(&self) -> Result<Vec<String>, Error>;
}

/// A folder of the local file system.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at a path, which is there.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path, for messages.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Place for Folder {
    fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<Put, Error> {
        durable::put_if_absent(&self.0.join(name), bytes)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        durable::replace(&self.0.join(name), bytes)
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.0.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::reading(&path, e)),
        }
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        let failed = |e| Error::reading(&self.0, e);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        // What is not in place yet has a name that begins with a dot.
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        Ok(names)
    }
}

/// What any place must do.
#[cfg(test)]
pub mod conformance {
    use super::{Place, Put};

    /// Tries an empty place; of what it is on the other side it knows nothing.
    pub fn store(place: &(dyn Place + Sync)) {
        assert!(place.names().unwrap().is_empty(), "an empty place to begin with");
        assert_eq!(place.read("a").unwrap(), None);

        // A name is taken once, by nothing too, and what is there stays.
        assert_eq!(place.put_if_absent("a", b"first").unwrap(), Put::Done);
        assert_eq!(place.put_if_absent("a", b"second").unwrap(), Put::Exists);
        assert_eq!(place.read("a").unwrap().as_deref(), Some(&b"first"[..]));
        assert_eq!(place.put_if_absent("b", b"").unwrap(), Put::Done);
        assert_eq!(place.put_if_absent("b", b"second").unwrap(), Put::Exists);
        assert_eq!(place.read("b").unwrap().as_deref(), Some(&b""[..]));

        // Of many writers at once one wins, and its bytes are whole.
        let bytes: Vec<Vec<u8>> = (0..8_u8).map(|writer| vec![writer; 100_000]).collect();
        let puts: Vec<Put> = std::thread::scope(|scope| {
            let put = |bytes: &Vec<u8>| place.put_if_absent("race", bytes).unwrap();
            let writers: Vec<_> = bytes.iter().map(|bytes| scope.spawn(move || put(bytes))).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        assert_eq!(puts.iter().filter(|put| **put == Put::Done).count(), 1, "{puts:?}");
        let winner = puts.iter().position(|put| *put == Put::Done).unwrap();
        assert!(place.read("race").unwrap() == Some(bytes[winner].clone()), "another's bytes, or a part");

        // Who reads while it is replaced finds the one or the other, whole.
        place.replace("c", &bytes[0]).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..50).for_each(|i| place.replace("c", &bytes[i % 2]).unwrap()));
            for _ in 0..50 {
                let read = place.read("c").unwrap().unwrap();
                assert!(read == bytes[0] || read == bytes[1], "a part, or a mixture");
            }
        });
        place.replace("a", b"third").unwrap();
        assert_eq!(place.read("a").unwrap().as_deref(), Some(&b"third"[..]));

        assert_eq!(place.names().unwrap(), ["a", "b", "c", "race"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_bytes_as_any_place_must() {
        let folder = tempfile::tempdir().unwrap();
        conformance::store(&Folder::new(folder.path().to_path_buf()));
        // What a killed writer leaves is no name.
        std::fs::write(folder.path().join(".aside-0"), b"half").unwrap();
        assert_eq!(Folder::new(folder.path().to_path_buf()).names().unwrap().len(), 4);
    }
}
