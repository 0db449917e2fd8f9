//! What is archived in a data directory, by the names under which it is published.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use utfall_privacy::{Event, Release, ReleaseId};

use super::contents::{Contents, contents, opened};
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::{Account, Declared, Recorded, Source};

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
    for Contents { id, says, .. } in contents(data, ledger)? {
        newest.entry(says.declared.name).or_default().take(says.series, id);
    }
    newest.into_values().filter_map(|named| named.newest(|id| opened(data, ledger, &id)).transpose()).collect()
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
        for Contents { id, hash, made, says } in contents(data, ledger)? {
            named.entry(says.declared.name.clone()).or_default().push(Recorded { id, archive: hash, made: Some(made) });
            declared.insert(id, says.declared);
        }
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
    found: BTreeMap<Option<String>, BTreeMap<String, (u32, ReleaseId)>>,
}

impl Named {
    /// Takes in a later entry: a release that is no series takes the place of the one before it.
    fn take(&mut self, series: Option<(String, u32, String)>, id: ReleaseId) {
        let (series, vintage, period) = match series {
            Some((series, vintage, period)) => (Some(series), vintage, period),
            None => (None, 0, String::new()),
        };
        self.newest.clone_from(&series);
        let found = self.found.entry(series).or_default();
        if vintage == 0 || found.get(&period).is_none_or(|(known, _)| *known < vintage) {
            found.insert(period, (vintage, id));
        }
    }

    fn newest(mut self, open: impl Fn(ReleaseId) -> Result<Release, Error>) -> Result<Option<Archived>, Error> {
        let Some(found) = self.found.remove(&self.newest) else { return Ok(None) };
        let mut releases = found.into_values().map(|(_, id)| open(id));
        Ok(match self.newest {
            Some(_) => Some(Archived::Series(releases.collect::<Result<_, _>>()?)),
            None => releases.next().transpose()?.map(|release| Archived::Release(Box::new(release))),
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
