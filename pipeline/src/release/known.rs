//! What was published and has not changed since is known by its id: it is neither checked, nor planned, nor rendered again.
//!
//! `known/<release>.json` in the data directory says from what a publication was made and as what. It is a shortcut on which
//! nothing rests: a note that is missing, damaged or of anything else means that all is done as the first time. With or
//! without it nothing is drawn that the ledger has recorded, and the archive is held against the ledger.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utfall_privacy::ReleaseId;

use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use crate::store::{Store, private_folder};
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::untrusted;
use utfall_publish::settings;

/// What every release is made from: the program, what is declared in `schemas/`, public tables wherever they lie, and the
/// snapshots of all private tables.
#[derive(Debug, Clone)]
pub struct Basis(Sha256);

/// What was published of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownBefore {
    /// The id of what it was made from: [`Basis::with`].
    pub made_from: String,
    /// The archived releases that it shows, in hex.
    pub releases: Vec<String>,
    /// The folder that holds it: [`utfall_publish::Published::folder`].
    pub folder: String,
    /// Of a series: what comes next.
    pub series: Option<Next>,
}

/// What a series publishes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// The next period, and the day from which it is complete; none if all are published.
    pub period: Option<(String, NaiveDate)>,
}

impl Basis {
    /// What releases are made from now; none if that cannot be told, which whoever reads it for the release will say.
    pub async fn now(schemas: &Path, catalogue: &Catalogue, store: &Store) -> Option<Self> {
        let mut digest = Sha256::new();
        let program = std::env::current_exe().ok()?;
        let built = program.metadata().ok()?;
        // When the file was put there cannot be set back, as when it was built can.
        let file = [built.dev(), built.ino(), built.len()].map(|number| number.to_le_bytes()).concat();
        let times = [built.mtime(), built.mtime_nsec(), built.ctime(), built.ctime_nsec()].map(i64::to_le_bytes).concat();
        field(&mut digest, env!("CARGO_PKG_VERSION").as_bytes());
        field(&mut digest, &[file, times].concat());
        field(&mut digest, if store.is_demonstration() { b"demonstration" } else { b"" });
        tree(&mut digest, schemas)?;
        for path in catalogue.tables().filter_map(|table| table.data.as_ref()) {
            field(&mut digest, path.as_os_str().as_encoded_bytes());
            field(&mut digest, &catalogue.data(path).ok()?);
        }
        for table in catalogue.private_tables() {
            let pinned = store.newest(table).await.ok()?;
            field(&mut digest, table.name.as_bytes());
            field(&mut digest, pinned.map(|pinned| pinned.snapshot.clone()).unwrap_or_default().as_bytes());
        }
        Some(Self(digest))
    }

    /// The id of what one release is made from: the same, the files of its folder, what the site says of itself, and what it takes from
    /// others.
    /// None of what is no release's name.
    pub fn with(&self, queries: &Path, release: &str) -> Option<String> {
        let mut parts = Path::new(release).components();
        let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(name)), None) if name == release);
        if !is_name || !queries.join(release).join("release.toml").is_file() {
            return None;
        }
        let mut digest = self.0.clone();
        field(&mut digest, release.as_bytes());
        let site = untrusted::bytes(&queries.join(settings::FILE), untrusted::TABLE);
        field(&mut digest, &site.unwrap_or_default());
        Tree::of(queries).take_in(&mut digest, &queries.join(release), 0)?;
        // Whoever makes one that cannot be read says so.
        if let Ok(declared) = spec::read(queries, release) {
            let differs: Vec<_> = declared.queries.iter().filter_map(|query| query.differs.as_ref()).collect();
            // What is quoted by way of another release stands in the text alone.
            let quoting = declared.queries.iter().filter(|query| query.quotes.is_some());
            let texts: Vec<&str> = quoting.map(|query| query.sql.as_str()).collect();
            field(&mut digest, format!("{:?} {differs:?} {texts:?}", declared.quoted).as_bytes());
        }
        Some(hex::encode(digest.finalize()))
    }
}

/// Takes in a text, behind its length.
fn field(digest: &mut Sha256, bytes: &[u8]) {
    digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
    digest.update(bytes);
}

/// Files below a folder of the home, links to others of its files and folders included.
struct Tree<'a> {
    /// The home.
    home: &'a Path,
    /// How many more files and folders are looked at.
    left: usize,
}

impl<'a> Tree<'a> {
    /// With more files, or folders deeper in each other (a link may lead back up), all is done as the first time.
    const MOST: usize = 10_000;
    const DEEPEST: usize = 16;

    fn of(folder: &'a Path) -> Self {
        Self { home: durable::folder(folder), left: Self::MOST }
    }

    /// Takes in every file, by name and content. None where there is anything else, or a file that nothing is made from.
    fn take_in(&mut self, digest: &mut Sha256, folder: &Path, depth: usize) -> Option<()> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).ok()?.map(|entry| Some(entry.ok()?.path())).take(self.left + 1).collect::<Option<_>>()?;
        paths.sort();
        self.left = self.left.checked_sub(paths.len())?;
        for path in paths {
            field(digest, path.as_os_str().as_encoded_bytes());
            let real = untrusted::below(self.home, &path).ok()?;
            if real.is_dir() {
                (depth < Self::DEEPEST).then(|| self.take_in(digest, &path, depth + 1))??;
            } else {
                field(digest, &untrusted::bytes(&real, untrusted::TABLE).ok()?);
            }
        }
        Some(())
    }
}

/// Takes in every file below a folder of the home, as [`Tree`] does.
pub(super) fn tree(digest: &mut Sha256, folder: &Path) -> Option<()> {
    Tree::of(folder).take_in(digest, folder, 0)
}

impl ShownBefore {
    fn path(data: &Path, release: &str) -> PathBuf {
        data.join("known").join(format!("{release}.json"))
    }

    /// What is known of a release, if anything.
    pub fn read(data: &Path, release: &str) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(data, release)).ok()?).ok()
    }

    /// Notes what was published.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(&self, data: &Path, release: &str) -> Result<(), Error> {
        private_folder(&data.join("known"))?;
        let text = serde_json::to_vec_pretty(self).map_err(Error::not_encodable)?;
        durable::replace(&Self::path(data, release), &text)
    }

    /// Forgets what was published, before something else is.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn forget(data: &Path, release: &str) -> Result<(), Error> {
        let path = Self::path(data, release);
        if !path.exists() {
            return Ok(());
        }
        durable::remove(&path)?;
        durable::sync_folder(durable::folder(&path))
    }

    /// Whether there is more to publish on a day.
    fn is_due(&self, today: NaiveDate) -> bool {
        let next = self.series.as_ref().and_then(|series| series.period.as_ref());
        next.is_some_and(|(_, from)| *from <= today)
    }

    /// Whether it is still all there is to publish: made from the same, nothing due, and the archive as the ledger has it.
    pub fn holds(&self, made_from: &str, data: &Path, ledger: &FileLedger, today: NaiveDate) -> bool {
        let archive = Archive::new(data);
        let stands = |id: &String| {
            let id = hex::decode(id).ok().and_then(|id| id.try_into().ok()).map(ReleaseId);
            let bytes = id.and_then(|id| archive.get(&id).ok().flatten());
            bytes.is_some_and(|bytes| ledger.release(&bytes).is_ok_and(|release| Some(release.id()) == id))
        };
        self.made_from == made_from && !self.is_due(today) && !self.releases.is_empty() && self.releases.iter().all(stands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_period_is_due_on_the_day_from_which_it_is_complete() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let known = |series| ShownBefore { made_from: String::new(), releases: Vec::new(), folder: String::new(), series };
        let next = || Some(Next { period: Some(("2025-Q4".to_owned(), day(2))) });
        let due = [1, 2, 3].map(|today| known(next()).is_due(day(today)));
        let never = [None, Some(Next { period: None })].map(|series| known(series).is_due(day(31)));
        assert_eq!((due, never), ([false, true, true], [false, false]));
    }

    #[test]
    fn names_and_contents_of_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let id = |files: &[(&str, &str)]| {
            let inner = folder.path().join("queries/x");
            let _ = std::fs::remove_dir_all(&inner);
            std::fs::create_dir_all(&inner).unwrap();
            let files = files.iter().chain(&[("release.toml", "")]);
            files.for_each(|(name, text)| std::fs::write(inner.join(name), text).unwrap());
            Basis(Sha256::new()).with(&folder.path().join("queries"), "x").unwrap()
        };
        let all: std::collections::BTreeSet<String> =
            [id(&[("a", "bc")]), id(&[("ab", "c")]), id(&[("a", "b"), ("c", "")]), id(&[("a", "")]), id(&[])].into();
        assert_eq!((all.len(), id(&[("a", "bc")])), (5, id(&[("a", "bc")])));
        for none in ["missing", "", "..", ".", "/", "x/", "./x", "../queries/x"] {
            assert!(Basis(Sha256::new()).with(&folder.path().join("queries"), none).is_none(), "{none}");
        }
    }
}
