//! What is archived in a data directory, by the names under which it is published.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use utfall_privacy::{Event, Release, ReleaseId};

use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::{Account, Declared, Description, Recorded, SeriesDescription, Source};

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
    let mut newest: BTreeMap<String, Named> = BTreeMap::new();
    each(data, ledger, |_, sealed, description| {
        newest.entry(description.name).or_default().take(description.series, sealed);
    })?;
    Ok(newest.into_values().filter_map(Named::newest).collect())
}

/// Every archived release with its description and when it was recorded, in the order of the ledger.
fn each(data: &Path, ledger: &FileLedger, mut take: impl FnMut(u64, Release, Description)) -> Result<(), Error> {
    let archive = Archive::new(data);
    for entry in ledger.entries() {
        if let Event::Archived { release, .. } = entry.event() {
            let bytes = archive.get(release)?.ok_or_else(|| lost(release))?;
            let sealed = ledger.release(&bytes)?;
            let description = Description::from_json(sealed.description())
                .map_err(|e| Error::storage("description-unreadable", e.message()))?;
            take(entry.time(), sealed, description);
        }
    }
    Ok(())
}

/// What a ledger has recorded of the archived releases: when each was made, and which were archived under one name.
#[derive(Debug)]
pub struct History {
    ledger: [u8; 16],
    made: HashMap<ReleaseId, u64>,
    /// By series, an archived period of it.
    series: HashMap<ReleaseId, ReleaseId>,
    /// What each archived release declares.
    declared: HashMap<ReleaseId, Declared>,
    /// By name, in the order of the ledger.
    named: BTreeMap<String, Vec<Recorded>>,
}

impl History {
    /// Reads it: the names stand in the archives.
    ///
    /// # Errors
    /// As [`archived`].
    pub fn read(data: &Path, ledger: &FileLedger) -> Result<Self, Error> {
        let (mut named, mut declared): (BTreeMap<String, Vec<Recorded>>, HashMap<_, _>) = Default::default();
        each(data, ledger, |made, sealed, description| {
            declared.insert(sealed.id(), Declared::of(&description));
            let one = Recorded { id: sealed.id(), archive: sealed.hash(), made: Some(made) };
            named.entry(description.name).or_default().push(one);
        })?;
        Ok(Self { named, declared, ..Self::without_names(ledger) })
    }

    /// The same where the archives cannot be read: no release has a name.
    pub fn without_names(ledger: &FileLedger) -> Self {
        let mut history = Self {
            ledger: ledger.head().ledger,
            made: HashMap::new(),
            series: HashMap::new(),
            declared: HashMap::new(),
            named: BTreeMap::new(),
        };
        history.update(ledger);
        history
    }

    /// What the ledger says in public: the limit, what each release cost, and how the chain ends.
    pub fn account(&self, ledger: &FileLedger) -> Account {
        Account::of(ledger.head(), ledger.entries(), ledger.account(), |id| self.declared.get(&id).cloned())
    }

    /// The name under which a release is archived; none of one that is not.
    pub fn name(&self, release: &ReleaseId) -> Option<&str> {
        self.named.iter().find(|(_, all)| all.iter().any(|of| of.id == *release)).map(|(name, _)| name.as_str())
    }

    /// The name of a series of which some period is archived.
    pub fn name_of_series(&self, series: &ReleaseId) -> Option<&str> {
        self.series.get(series).and_then(|period| self.name(period))
    }

    /// Takes in when releases were made that were recorded since. Their names are not needed: they are the newest of theirs.
    pub fn update(&mut self, ledger: &FileLedger) {
        self.made.extend(ledger.entries().iter().filter_map(|entry| match entry.event() {
            Event::Archived { release, .. } => Some((*release, entry.time())),
            _ => None,
        }));
        self.series.extend(ledger.entries().iter().filter_map(|entry| match entry.event() {
            Event::Period { release, series, .. } if self.made.contains_key(release) => Some((*series, *release)),
            _ => None,
        }));
    }

    /// Where a publication comes from that shows these releases under a name, and quotes those.
    pub fn source(&self, name: &str, own: &[Release], quoted: &[Release]) -> Source {
        let recorded = |of: &Release| Recorded { id: of.id(), archive: of.hash(), made: self.made.get(&of.id()).copied() };
        let all = |releases: &[Release]| releases.iter().map(recorded).collect::<Vec<_>>();
        let (own, quoted) = (all(own), all(quoted));
        let is_earlier = |of: &&Recorded| !own.iter().any(|shown| shown.id == of.id);
        let named = self.named.get(name).into_iter().flatten();
        let earlier: Vec<Recorded> = named.filter(is_earlier).rev().copied().collect();
        Source::of(self.ledger, &own, &quoted, &earlier)
    }
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
