//! Which releases need nothing done: they are published just as they would be now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::release::known::{Basis, ShownBefore};
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::clock::today;
use utfall_publish::Signer;

/// Where releases are made and shown.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The data directory.
    pub data: PathBuf,
    /// Schemas, code lists and registers.
    pub schemas: PathBuf,
    /// Releases and their queries.
    pub queries: PathBuf,
    /// The pages.
    pub out: PathBuf,
}

/// What releases were made from when this run began, and which of them are published so.
#[derive(Debug, Default)]
pub struct Unchanged {
    /// By release, the id of what it is made from.
    made_from: BTreeMap<String, String>,
    /// What is known of those that need nothing done.
    known: BTreeMap<String, ShownBefore>,
}

impl Unchanged {
    /// Looks for what is known of these releases.
    pub async fn find(
        folders: &Folders,
        (catalogue, store): (&Catalogue, &Store),
        ledger: &FileLedger,
        names: &[String],
        signer: Option<&dyn Signer>,
    ) -> Self {
        if crate::upkeep::refuse_pending(store.root()).is_err() {
            // Whoever goes on to a release says so.
            return Self::default();
        }
        let quotes: BTreeMap<&String, BTreeSet<String>> =
            names.iter().map(|name| (name, spec::quoted_by(&folders.queries, name))).collect();
        let all: BTreeSet<&String> = names.iter().chain(quotes.values().flatten()).collect();
        let made_from = ids(folders, (catalogue, store), all.into_iter()).await;
        let mut found = BTreeMap::new();
        for (name, made_from) in &made_from {
            if let Some(known) = ShownBefore::read(&folders.data, name)
                && known.holds(made_from, &folders.data, ledger, today())
                && utfall_publish::stands(name, &known.folder, signer, &folders.out)
            {
                found.insert(name.clone(), known);
            }
        }
        // What stands on the numbers of another release stands as long as that does.
        let shows = |name: &String, of: &String| match (found.get(name), found.get(of)) {
            // Its own is the first; what it quotes itself is no matter of those that quote it.
            (Some(known), Some(quoted)) => quoted.releases.first().is_some_and(|id| known.releases.contains(id)),
            _ => false,
        };
        let stands = |name: &String| quotes.get(name).is_none_or(|quoted| quoted.iter().all(|of| shows(name, of)));
        let known = found.iter().filter(|(name, _)| stands(name)).map(|(name, known)| (name.clone(), known.clone())).collect();
        Self { made_from, known }
    }

    /// What is known of a release that needs nothing done.
    pub fn known(&self, name: &str) -> Option<&ShownBefore> {
        self.known.get(name)
    }

    /// Notes what was published, unless what it was made from has changed since this run began: then nobody knows from which
    /// of the two it was made. What cannot be noted is done again another time.
    pub async fn note(&self, folders: &Folders, with: (&Catalogue, &Store), made: Vec<(String, ShownBefore)>) {
        if made.is_empty() {
            return;
        }
        let now = ids(folders, with, made.iter().map(|(name, _)| name)).await;
        for (name, known) in made {
            if let Some(made_from) = now.get(&name).filter(|id| self.made_from.get(&name) == Some(id)) {
                let _ = ShownBefore { made_from: made_from.clone(), ..known }.write(&folders.data, &name);
            }
        }
    }
}

/// By release, the id of what it is made from now; without those of which that cannot be told.
async fn ids<'n>(
    folders: &Folders,
    (catalogue, store): (&Catalogue, &Store),
    names: impl Iterator<Item = &'n String>,
) -> BTreeMap<String, String> {
    let Some(basis) = Basis::now(&folders.schemas, catalogue, store).await else { return BTreeMap::new() };
    names.filter_map(|name| Some((name.clone(), basis.with(&folders.queries, name)?))).collect()
}
