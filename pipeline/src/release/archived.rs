//! What is archived in a data directory, by the names under which it is published.

use std::collections::BTreeMap;
use std::path::Path;

use utfall_privacy::{Release, ReleaseId};

use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::{Description, SeriesDescription};

/// What is archived under one name.
#[derive(Debug)]
pub enum Archived {
    /// The newest release.
    Release(Box<Release>),
    /// The periods of the newest series, each in its newest vintage, in their order.
    Series(Vec<Release>),
}

impl Archived {
    /// Its releases.
    pub fn releases(&self) -> &[Release] {
        match self {
            Self::Release(release) => std::slice::from_ref(release),
            Self::Series(periods) => periods,
        }
    }
}

/// Everything that is archived in a data directory, the newest of each name, verified against the ledger.
///
/// # Errors
/// When an archive is missing or was changed.
pub fn archived(data: &Path, ledger: &FileLedger) -> Result<Vec<Archived>, Error> {
    let archive = Archive::new(data);
    let mut newest: BTreeMap<String, Named> = BTreeMap::new();
    for entry in ledger.entries() {
        if let utfall_privacy::Event::Archived { release, .. } = entry.event() {
            let bytes = archive.get(release)?.ok_or_else(|| lost(release))?;
            let sealed = ledger.release(&bytes)?;
            let description = Description::from_json(sealed.description())
                .map_err(|e| Error::storage("description-unreadable", e.message()))?;
            newest.entry(description.name).or_default().take(description.series, sealed);
        }
    }
    Ok(newest.into_values().filter_map(Named::newest).collect())
}

/// What is found under one name, entry by entry.
#[derive(Default)]
struct Named {
    /// The series of the newest entry; none if that is no series.
    newest: Option<String>,
    /// By series and period, the vintage and the release; a release that is no series has one.
    found: BTreeMap<Option<String>, BTreeMap<String, (u32, Release)>>,
}

impl Named {
    /// Takes in a later entry: a release that is no series takes the place of the one before it.
    fn take(&mut self, series: Option<SeriesDescription>, sealed: Release) {
        let (series, period, vintage) = match series {
            Some(of) => (Some(of.id), of.period, of.vintage),
            None => (None, String::new(), 0),
        };
        self.newest.clone_from(&series);
        let found = self.found.entry(series).or_default();
        if vintage == 0 || found.get(&period).is_none_or(|(known, _)| *known < vintage) {
            found.insert(period, (vintage, sealed));
        }
    }

    fn newest(mut self) -> Option<Archived> {
        let mut releases = self.found.remove(&self.newest)?.into_values().map(|(_, sealed)| sealed);
        Some(match self.newest {
            Some(_) => Archived::Series(releases.collect()),
            None => Archived::Release(Box::new(releases.next()?)),
        })
    }
}

/// That a recorded release has no archive.
pub(crate) fn lost(id: &ReleaseId) -> Error {
    Error::storage(
        "archive-lost",
        Message::new(
            format!(
                "release {id} står i huvudboken men dess arkiv är borta; återställ archive/{id}.release från en säkerhetskopia. Den dras inte om: det skulle kosta budget två gånger"
            ),
            format!(
                "release {id} is recorded in the ledger but its archive is gone; restore archive/{id}.release from a backup. It is not drawn again: that would spend budget twice"
            ),
        ),
    )
}
