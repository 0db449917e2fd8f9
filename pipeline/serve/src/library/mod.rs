//! The tables of all releases that a folder shows, read once, and anew when a link points elsewhere.
//!
//! Whoever answers a request holds one library to its end: it sees each release as it was or as it is now, never a part. Where a
//! release cannot be read the one that was read before stays; where there was none it has no tables here, and its pages are as they are.

pub(crate) mod codelist;
mod fit;
mod sums;
pub(crate) mod table;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use utfall_ground::untrusted;
use utfall_publish::dataset::pack::{Moment, Pack};
use utfall_publish::dataset::{DataSet, Role, Values};

use crate::pages::place;
use codelist::CodeList;
use table::Table;

/// The data sets of a release, beside its pages.
const DATA_SETS: &str = "datasets.json";

/// Why its noise is enough, beside them: it tells what was counted.
const CERTIFICATE: &str = "certificate.json";

/// The most that is read of a file, in bytes.
const MOST: u64 = 256 << 20;

/// The releases with tables, and the code lists that they can be summed by.
#[derive(Debug, Default)]
pub(crate) struct Library {
    /// In the order of their names.
    pub(crate) releases: Vec<Arc<Release>>,
    /// In the order of their file.
    pub(crate) lists: Arc<Vec<CodeList>>,
    /// The places of release and table, by the id of the table in small letters.
    tables: HashMap<String, (usize, usize)>,
    /// What the folder showed when it was read.
    seen: Seen,
}

/// A release.
#[derive(Debug)]
pub(crate) struct Release {
    /// The folder that it was read from, named by its contents.
    folder: String,
    /// When it was made, or published where its ledger did not say.
    pub(crate) updated: Moment,
    pub(crate) pack: Pack,
    pub(crate) tables: Vec<Table>,
}

/// What a folder shows: its links, and the code lists beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    links: Vec<(String, String)>,
    lists: Option<(u64, SystemTime)>,
}

impl Seen {
    /// Looks at the folder; nothing is opened.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn now(out: &Path) -> Result<Self, std::io::Error> {
        let mut links = Vec::new();
        for entry in std::fs::read_dir(out)? {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            links.extend(place::release(out, &name).map(|folder| (name, folder)));
        }
        links.sort();
        let lists = std::fs::metadata(out.join(codelist::FILE)).ok();
        Ok(Self { links, lists: lists.and_then(|of| Some((of.len(), of.modified().ok()?))) })
    }
}

impl Library {
    /// Reads what a folder shows. What is as it was `before` is not read again; what cannot be read is said on standard error.
    pub(crate) fn read(out: &Path, seen: Seen, before: &Self) -> Self {
        let read = |(name, folder): &(String, String)| {
            let known = before.releases.iter().find(|of| of.pack.release.name == *name);
            match known {
                Some(known) if known.folder == *folder => Some(Arc::clone(known)),
                _ => Release::read(out, name, folder)
                    .map(Arc::new)
                    .or_else(|why| {
                        // A release without data sets is of an earlier version, and no fault.
                        let earlier = why.kind() == std::io::ErrorKind::NotFound && out.join(".releases").join(folder).is_dir();
                        if !earlier {
                            eprintln!("utfall: {name}/{DATA_SETS}: {why}");
                        }
                        known.filter(|_| !earlier).map(Arc::clone).ok_or(why)
                    })
                    .ok(),
            }
        };
        let releases: Vec<Arc<Release>> = seen.links.iter().filter_map(read).collect();
        let lists = if seen.lists == before.seen.lists {
            Arc::clone(&before.lists)
        } else {
            codelist::read(out).map(Arc::new).unwrap_or_else(|why| {
                eprintln!("utfall: {}: {why}", codelist::FILE);
                Arc::clone(&before.lists)
            })
        };
        let mut tables = HashMap::new();
        for (place, release) in releases.iter().enumerate() {
            for (at, table) in release.tables.iter().enumerate() {
                tables.entry(table.id.to_lowercase()).or_insert((place, at));
            }
        }
        Self { releases, lists, tables, seen }
    }

    /// Whether the folder shows what it did.
    pub(crate) fn is_of(&self, seen: &Seen) -> bool {
        self.seen == *seen
    }

    /// A table by its id, in whatever case, with its release.
    pub(crate) fn table(&self, id: &str) -> Option<(&Release, &Table)> {
        let (release, table) = *self.tables.get(&id.to_lowercase())?;
        let release = self.releases.get(release)?;
        Some((release, release.tables.get(table)?))
    }

    /// All tables, with their releases.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&Release, &Table)> {
        self.releases.iter().flat_map(|release| release.tables.iter().map(|table| (&**release, table)))
    }

    /// A code list by its id, in whatever case.
    pub(crate) fn list(&self, id: &str) -> Option<&CodeList> {
        self.lists.iter().find(|list| list.id.to_lowercase() == id.to_lowercase())
    }

    /// The codes of a key that some table has: others stand in a list for what nobody reports.
    pub(crate) fn reported(&self, dimension: &str) -> HashSet<&str> {
        let sets = self.releases.iter().flat_map(|release| &release.pack.sets);
        let keys = sets.flat_map(|set| &set.columns).filter(|column| column.role == Role::Key && column.name == dimension);
        let codes = keys.filter_map(|column| match &column.values {
            Values::Codes { codes, .. } => Some(codes),
            Values::Numbers { .. } | Values::Texts(_) => None,
        });
        codes.flat_map(|codes| codes.iter().map(|code| code.code.as_str())).collect()
    }

    /// The code lists by which a dimension of a table can be read.
    pub(crate) fn lists_of<'l>(&'l self, table: &'l Table, dimension: &'l str) -> impl Iterator<Item = &'l CodeList> {
        self.lists.iter().filter(move |list| table.takes(list, dimension))
    }
}

impl Release {
    fn read(out: &Path, name: &str, folder: &str) -> Result<Self, std::io::Error> {
        let home = out.join(".releases").join(folder);
        let file = |name: &str| untrusted::below(&home, &home.join(name));
        let path = file(DATA_SETS)?;
        let invalid = |why: String| std::io::Error::new(std::io::ErrorKind::InvalidData, why);
        let pack = Pack::from_json(&untrusted::bytes(&path, MOST)?).map_err(|error| invalid(error.to_string()))?;
        if pack.format != Pack::FORMAT || pack.release.name != name || !fit::is_name(name) {
            return Err(invalid(format!(
                "format {} of {:?}; expected {} of {name:?}",
                pack.format,
                pack.release.name,
                Pack::FORMAT
            )));
        }
        let certificates = file(CERTIFICATE).and_then(|path| untrusted::bytes(&path, MOST)).ok();
        let certificates = certificates.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        let written = std::fs::metadata(&path)?.modified()?.duration_since(SystemTime::UNIX_EPOCH);
        let updated = pack.release.made.unwrap_or(Moment(written.map(|since| since.as_secs()).unwrap_or_default()));
        let mut tables = Vec::new();
        for (at, set) in pack.sets.iter().enumerate() {
            let table = fit::check(set).map(|()| Table::of(&pack.release, set, at, sums::add_up(set, &certificates)));
            match table.and_then(fit::with_numbers) {
                Ok(table) => tables.push(table),
                Err(why) => eprintln!("utfall: {name}/{DATA_SETS}: {}: {why}", set.name),
            }
        }
        Ok(Self { folder: folder.to_owned(), updated, pack, tables })
    }

    /// The data set of a table of it.
    pub(crate) fn set(&self, table: &Table) -> Option<&DataSet> {
        self.pack.sets.get(table.set)
    }
}

#[cfg(test)]
mod tests;
