//! Which releases need nothing done: they are published just as they would be now.

use std::collections::BTreeMap;

use super::{Places, landing};
use crate::catalogue::schema::Catalogue;
use crate::release::known::{Basis, Known};
use crate::store::Store;
use crate::store::ledger::FileLedger;

/// What releases were made from when this run began, and which of them are published so.
#[derive(Debug, Default)]
pub(super) struct Unchanged {
    /// By release, the id of what it is made from.
    made_from: BTreeMap<String, String>,
    /// What is known of those that need nothing done.
    known: BTreeMap<String, Known>,
}

impl Unchanged {
    /// Looks for what is known of these releases.
    pub(super) async fn find(
        places: &Places,
        (catalogue, store): (&Catalogue, &Store),
        ledger: &FileLedger,
        names: &[String],
    ) -> Self {
        if crate::upkeep::refuse_pending(store.root()).is_err() {
            // Whoever goes on to a release says so.
            return Self::default();
        }
        let made_from = ids(places, (catalogue, store), names.iter()).await;
        let mut found = BTreeMap::new();
        for (name, made_from) in &made_from {
            if let Some(known) = Known::read(&places.data, name)
                && known.holds(made_from, &places.data, ledger, landing::today())
                && utfall_publish::stands(name, &known.folder, &places.out)
            {
                found.insert(name.clone(), known);
            }
        }
        Self { made_from, known: found }
    }

    /// What is known of a release that needs nothing done.
    pub(super) fn known(&self, name: &str) -> Option<&Known> {
        self.known.get(name)
    }

    /// Notes what was published, unless what it was made from has changed since this run began: then nobody knows from which
    /// of the two it was made. What cannot be noted is done again another time.
    pub(super) async fn note(&self, places: &Places, with: (&Catalogue, &Store), made: Vec<(String, Known)>) {
        if made.is_empty() {
            return;
        }
        let now = ids(places, with, made.iter().map(|(name, _)| name)).await;
        for (name, known) in made {
            if let Some(made_from) = now.get(&name).filter(|id| self.made_from.get(&name) == Some(id)) {
                let _ = Known { made_from: made_from.clone(), ..known }.write(&places.data, &name);
            }
        }
    }
}

/// By release, the id of what it is made from now; without those of which that cannot be told.
async fn ids<'n>(
    places: &Places,
    (catalogue, store): (&Catalogue, &Store),
    names: impl Iterator<Item = &'n String>,
) -> BTreeMap<String, String> {
    let Some(basis) = Basis::now(&places.schemas(), catalogue, store).await else { return BTreeMap::new() };
    names.filter_map(|name| Some((name.clone(), basis.with(&places.queries(), name)?))).collect()
}
